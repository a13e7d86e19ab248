"""The budget game of an area: what is played with, and the board that shows where a choice by hand stands."""

from __future__ import annotations

from functools import lru_cache

from iitk.stages import game as games
from iitk.stages.game import Game, Hand
from iitk.stages.selection import Selection
from iitk.words import choosing
from iitk.words import format as say


@lru_cache(maxsize=8)
def of(found: Selection) -> Game:
    """Return the game with the short list, the money and the rules of an area."""
    at, short = found.worth(), list(found.short)
    spend = at.spend.loc[short]
    return games.start(
        at.table.loc[short], spend, found.money(), found.rules, badge=found.badge, source=found.source
    )  # fmt: skip


def board(game: Game, hand: Hand, reveal: bool) -> list[choosing.GameBoard]:
    """Show a choice: what it brings, the money, what it breaks, and with `reveal` the best for the same money."""
    rows = [
        choosing.GameRow(
            name, games.state_of(game, hand, name), float(cost), None if say.is_missing(jobs) else float(jobs),
            is_in=name in hand.chosen,
        )
        for name, cost, jobs in zip(game.names, game.costs.sum(axis=1), game.jobs, strict=True)
    ]  # fmt: skip
    meters = [choosing.Meter(say.capitalise(one.name), one.spend, one.budget) for one in hand.money]
    best = games.beside_best(game, hand) if reveal else ""
    return [choosing.GameBoard(rows, meters, hand.breaks, hand.jobs, hand.worth, best, game.badge, game.source)]
