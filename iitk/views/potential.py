"""What a room can choose in stage 3: what counts as strong and as growing, and through which sector list to look."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from iitk.stages import activity, measures, quadrants
from iitk.stages import potential as stages
from iitk.stages.base import Stage
from iitk.stages.quadrants import FEWEST_YEARS, Rule
from iitk.views.follow import Shared
from iitk.views.show import View, in_app
from iitk.views.state import OneOf, State, Whole, choice, fitted
from iitk.words import format as say

_STRONG = {f"{least:g}": f"at least {least:g}" for least in quadrants.STRONG}
_SIZES = {0: "any size", **{least: f"£{least} million and more" for least in (5, 25, 50, 100, 250, 500)}}
_USUAL_LIST = "2025"


@dataclass(frozen=True)
class Sorting(State):
    """What counts as strong and as growing, how large an industry must be, and over how long growth is measured."""

    strong: str = choice(OneOf("Strong means a quotient of", _STRONG), "1")
    growing: str = choice(OneOf("Growing means", dict.fromkeys(quadrants.PACES, "")), quadrants.PACES[0])
    smallest: int = choice(OneOf("Which industries?", _SIZES), 0)
    years: int = choice(Whole("Growth over the last", FEWEST_YEARS, 25, unit="years"), measures.GROWTH_YEARS)

    @property
    def rule(self) -> Rule:
        """The same for the stage."""
        return Rule(float(self.strong), self.growing, self.smallest, self.years)


@dataclass(frozen=True)
class Lenses(State):
    """A national sector list."""

    list: str = choice(
        OneOf(
            "Which sector list?", {name: say.capitalise(what) for name, what in stages.LISTS.items()},
            help="The four of 2010 have no official definition in industry codes: this one is ours, and approximate.",
        ),
        _USUAL_LIST,
    )  # fmt: skip


VIEWS = (Sorting, Lenses)


def strength_and_growth(stage: Stage) -> Any:
    """The industries by strength and growth; in an app, with what counts as strong and as growing."""
    return _sorting(stage).screen if in_app() else stage.figures["quadrants"]


def industries(stage: Stage) -> Any:
    """The same industries as a list; in an app, it follows the choices of the figure."""
    return _sorting(stage).places["industries"] if in_app() else stage.blocks["industries"]


def lenses(stage: Stage) -> Any:
    """The sectors of a national list; in an app, of either list."""
    return _lenses(stage).screen if in_app() else stage.figures[f"lenses_{_USUAL_LIST}"]


def lens_cards(stage: Stage) -> Any:
    """A card for each of these sectors; in an app, they follow the choice of the list."""
    return _lenses(stage).places["cards"] if in_app() else stage.blocks[f"lenses_{_USUAL_LIST}"]


@lru_cache(maxsize=2)
def _sorting(stage: Stage) -> Shared[Sorting]:
    area, comparator = stage.area, stage.comparator

    def sorted_by(state: Sorting) -> quadrants.Sorting:
        return quadrants.sort(area, comparator, state.rule)

    def draw(state: Sorting) -> list[Any]:
        return [quadrants.figure(sorted_by(state))]

    def follow(state: Sorting) -> dict[str, Any]:
        return {"industries": quadrants.block(sorted_by(state))}

    def words(state: Sorting) -> str:
        return f"Industries are sorted again: {quadrants.sentence(sorted_by(state))}"

    made = View("quadrants", _states(stage), stage.figures["quadrants"], draw, words)
    return Shared(made, {"industries": stage.blocks["industries"]}, follow)


def _states(stage: Stage) -> type[Sorting]:
    """The choices with the names of the places, and as many years as there are figures for."""
    total, usual = activity.of(stage.area).total, Sorting()
    paces = {
        "area": f"faster than the whole economy of {say.in_prose(stage.area.name)}",
        "comparator": f"faster than the whole economy of {say.in_prose(stage.comparator.name)}",
        "zero": "growing at all",
    }
    most = int(total.index[-1]) - int(total.index[0])
    return fitted(
        Sorting, growing=(OneOf("Growing means", paces), usual.growing),
        years=(Whole("Growth over the last", FEWEST_YEARS, most, unit="years"), usual.years),
    )  # fmt: skip


@lru_cache(maxsize=2)
def _lenses(stage: Stage) -> Shared[Lenses]:
    def seen(state: Lenses) -> stages.LensList:
        return stages.lens_list(state.list, stage.area, stage.comparator)

    made = View(
        "lenses", Lenses, stage.figures[f"lenses_{_USUAL_LIST}"], lambda state: [seen(state).figure],
        lambda state: f"{say.capitalise(stages.LISTS[state.list])} are shown.",
    )  # fmt: skip
    return Shared(made, {"cards": stage.blocks[f"lenses_{_USUAL_LIST}"]}, lambda state: {"cards": seen(state).cards})
