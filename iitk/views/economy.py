"""What a room can choose in stage 1: which industries, since when, and among which places and themes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from iitk.stages import activity, economy_figures, facts, measures, peers
from iitk.stages import standing as indicators
from iitk.stages.base import Stage
from iitk.views import show
from iitk.views.show import View, view
from iitk.views.state import OneOf, State, Whole, YesNo, choice, fitted
from iitk.words import format as say

_TURNS = {2007: "2007, before the crisis", 2019: "2019, before the pandemic"}
_FEW = "few"
_THEMES = {theme.replace(",", "").split()[0]: theme for theme in facts.THEMES}  # by a word fit for a link


@dataclass(frozen=True)
class Specialisation(State):
    """Which industries are shown, and how far back their doubt is looked for."""

    industries: int = choice(Whole("How many industries?", 5, 30), 10)
    order: str = choice(OneOf("Which ones?", {"quotient": "The most concentrated", "size": "The largest"}), "quotient")
    doubt: int = choice(
        OneOf("Grey line: the range of the last", {3: "3 years", 5: "5 years", 10: "10 years"}), measures.DOUBT_YEARS
    )


@dataclass(frozen=True)
class Growth(State):
    """Since when growth is taken apart, and how many industries are named at each end."""

    since: int = choice(OneOf("Since which year?", {2013: "2013"}), 2013)
    ends: int = choice(Whole("Industries at each end", 3, 12), 5)


@dataclass(frozen=True)
class Recovery(State):
    """The year that is 100, and who is shown beside the area."""

    base: int = choice(OneOf("Which year is 100?", {facts.CRISIS_BASE: str(facts.CRISIS_BASE)}), facts.CRISIS_BASE)
    peers: bool = choice(YesNo("Show places like us"), default=True)


@dataclass(frozen=True)
class Standing(State):
    """A few indicators of every theme, or all of one."""

    theme: str = choice(OneOf("Which theme?", {_FEW: "A few of each"}), _FEW)


def specialisation(stage: Stage) -> Any:
    """The industries that weigh most here; in an app, how many, which, and with how much doubt."""

    def draw(state: Specialisation) -> list[Any]:
        return [economy_figures.specialised(
            stage.area, stage.comparator, stage.tables["industries"], top=state.industries,
            doubt_years=state.doubt, largest=state.order == "size",
        )]  # fmt: skip

    def words(state: Specialisation) -> str:
        which = "largest" if state.order == "size" else "most concentrated"
        shown = min(state.industries, int(stage.tables["industries"]["lq"].notna().sum()))
        return f"The {shown} {which} industries are shown, with the range of the last {state.doubt} years."

    return view(View("specialisation", Specialisation, stage.figures["specialisation"], draw, words))


def growth(stage: Stage) -> Any:
    """What growth came from; in an app, since when, with the industries behind the local part."""
    years = _years(stage)
    usual = years[-1] - measures.GROWTH_YEARS

    def draw(state: Growth) -> list[Any]:
        split = measures.shift_share(stage.area, stage.comparator, state.since, years[-1])
        return list(economy_figures.growth(stage.area, stage.comparator, split, state.since, ends=state.ends).values())

    def words(state: Growth) -> str:
        return (
            f"Growth from {state.since} to {years[-1]} is shown, with the {state.ends} industries that gained and "
            "lost most against their own kind."
        )

    states = fitted(Growth, since=(_year_choice("Since which year?", years), usual))
    also = [stage.figures["local_effects"]]
    return view(View("growth", states, stage.figures["shift_share"], draw, words, also))


def local_effects(stage: Stage) -> Any:
    """The industries behind the local part of growth; in an app `growth` shows them, as they follow its choices."""
    return None if show.in_app() else stage.figures["local_effects"]


def recovery(stage: Stage) -> Any:
    """Real growth since a crisis; in an app, since any year, with or without places like us."""

    def draw(state: Recovery) -> list[Any]:
        beside = peers.of(stage.area).areas if state.peers else ()
        return [economy_figures.recovery(stage.area, stage.comparator, beside, base=state.base)]

    def words(state: Recovery) -> str:
        beside = "with" if state.peers else "without"
        return f"{state.base} is 100, and the area is shown {beside} places like it."

    states = fitted(Recovery, base=(_year_choice("Which year is 100?", _years(stage)), facts.CRISIS_BASE))
    return view(View("recovery", states, stage.figures["recovery"], draw, words))


def standing(stage: Stage) -> Any:
    """Where the area stands among its kind; in an app, on a few indicators of every theme or on all of one."""
    area, comparator = stage.area, stage.comparator

    def draw(state: Standing) -> list[Any]:
        few = state.theme == _FEW
        slugs = indicators.SHOWN if few else indicators.of_theme(area, comparator, _THEMES[state.theme])
        return [indicators.figure(area, comparator, slugs)]

    def words(state: Standing) -> str:
        if state.theme == _FEW:
            return "A few indicators of each theme are shown."
        theme = _THEMES[state.theme]
        shown = len(indicators.of_theme(area, comparator, theme))
        return f"All of “{theme}” is shown: {say.count(shown, 'indicator', 'indicators')}."

    known = {key: say.capitalise(one) for key, one in _THEMES.items() if indicators.of_theme(area, comparator, one)}
    states = fitted(Standing, theme=(OneOf("Which theme?", {_FEW: "A few of each", **known}), _FEW))
    return view(View("standing", states, stage.figures["standing"], draw, words))


VIEWS = (Specialisation, Growth, Recovery, Standing)


def _years(stage: Stage) -> list[int]:
    return [int(year) for year in activity.of(stage.area).total.index]


def _year_choice(label: str, years: list[int]) -> OneOf:
    """Every year but the latest, newest first."""
    return OneOf(label, {year: _TURNS.get(year, str(year)) for year in reversed(years[:-1])})
