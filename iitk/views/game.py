"""The budget game on a page: a tick an option, how much money there is, and the best for the same money."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, make_dataclass
from typing import Any

import numpy as np

from iitk.stages import game as games
from iitk.stages.game import Game, Hand
from iitk.views.show import View, view
from iitk.views.state import OneOf, State, YesNo, choice
from iitk.words import format as say

Board = Callable[[Game, Hand, bool], Sequence[Any]]  # what is shown of a choice; the best too, or not


@dataclass(frozen=True)
class Budget(State):
    """How much money there is, and whether the best is shown. `states` adds a tick for each option."""

    less: int = choice(
        OneOf("How much money is there?", {less: f"{less}% less" if less else "All of it" for less in games.LESS}), 0
    )
    best: bool = choice(YesNo("Show the best for the same money"), default=False)

    @property
    def share(self) -> float:
        """The share of the money that there is."""
        return 1 - self.less / 100


def play(game: Game, board: Board = games.board) -> Any:
    """The board as the game starts, with what is promised; in an app, with a tick for each option."""

    def hand(state: Budget) -> Hand:
        return games.play(game, chosen(game, state), state.share)

    def allow(before: Budget, after: Budget) -> None:
        # A link brings a choice and a cut together: the choice may have been made before the cut.
        games.check(game, chosen(game, before), chosen(game, after), max(before.share, after.share))

    made = states(game)
    return view(View(
        "game", made, _Together(board(game, hand(made()), made().best)),
        lambda state: board(game, hand(state), state.best),
        lambda state: games.sentence(game, hand(state), reveal=state.best), allow=allow,
    ))  # fmt: skip


class _Together:
    """Several things shown as one."""

    def __init__(self, parts: Sequence[Any]) -> None:
        self._parts = parts

    def _repr_html_(self) -> str:
        return "".join(part._repr_html_() for part in self._parts)


def states(game: Game) -> type[Budget]:
    """Return the choices of a game: a tick for each option, by its place in the list, under its underpinning."""
    order = sorted(range(len(game.names)), key=lambda at: game.groups.index(game.groups[at]))
    ticks = [
        (key(at), bool, choice(YesNo(game.names[at], _told(game, at)), game.names[at] in game.rules.include,
                               say.capitalise(game.groups[at]))) for at in order
    ]  # fmt: skip
    mark = hashlib.sha256("\n".join(game.names).encode()).hexdigest()[:6]
    return make_dataclass("Game", ticks, bases=(Budget,), namespace={"made_for": ("game", mark)}, frozen=True)


def key(at: int) -> str:
    """The key of an option in links: "o01" for the first of the list."""
    return f"o{at + 1:02d}"


def chosen(game: Game, state: Budget) -> set[str]:
    """Names of the options that are ticked."""
    return {name for at, name in enumerate(game.names) if getattr(state, key(at))}


def _told(game: Game, at: int) -> str:
    jobs = game.jobs[at]
    brings = "net jobs not known" if np.isnan(jobs) else say.count(jobs, "net job")
    return f"{say.money_gbp(float(game.costs[at].sum()), '')}, {brings}"
