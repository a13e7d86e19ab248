"""The budget game of an area: the options, money and rules that it is played with."""

from __future__ import annotations

from functools import lru_cache

from iitk.stages import game as games
from iitk.stages.game import Game
from iitk.stages.selection import Selection


@lru_cache(maxsize=8)
def of(found: Selection) -> Game:
    """Return the game with the short list, the money and the rules of an area."""
    at, short = found.worth(), list(found.short)
    spend = at.spend.loc[short]
    return games.start(
        at.table.loc[short], spend, found.money(), found.rules, badge=found.badge, source=found.source
    )  # fmt: skip
