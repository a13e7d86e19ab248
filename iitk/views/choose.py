"""What leaders can choose in stage 7: one slider, the money, and one selector, the scenario; and what follows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from iitk.stages import appraisal, audit, decisions, members, not_now, portfolios, stress
from iitk.stages.appraisal import DRAWS
from iitk.stages.choose import ChooseStage
from iitk.stages.game import of as game_of
from iitk.stages.selection import Selection
from iitk.views import game as games
from iitk.views.follow import Shared
from iitk.views.show import Screen, View, in_app, view
from iitk.views.state import OneOf, State, Whole, choice, fitted
from iitk.words import escape
from iitk.words import format as say

_MONEY, _SCENARIO, _OPTION = "How much money is there?", "What if ...", "Which option?"
_TEST = {0: "not yet", 1000: "against 1,000 draws", DRAWS: f"against {DRAWS:,} draws"}
_SHOWN = {**_TEST, 0: "as it is shown"}  # where a result is there already


@dataclass(frozen=True)
class Money(State):
    """The money, in per cent of the budget, and a scenario, by its key in the file."""

    money: int = choice(Whole(_MONEY, 40, 150, step=5, unit="% of the budget", slider=True), 100)
    scenario: str = choice(OneOf(_SCENARIO, {"expected": "As expected"}), "expected")


@dataclass(frozen=True)
class Net(State):
    """An option, by its place in the file."""

    net: int = choice(OneOf(_OPTION, {0: ""}), 0)


@dataclass(frozen=True)
class Books(State):
    """An option whose ledger is open, by its place in the file."""

    ledger: int = choice(OneOf(_OPTION, {0: ""}), 0)


@dataclass(frozen=True)
class Doubt(State):
    """Whether the choice is tested, and against how many draws."""

    test: int = choice(OneOf("Test the choice", _TEST), 0)


VIEWS = (Money, Net, Books, Doubt)
Part = Callable[[Selection, int, str], Any]
# What stands in other cells and follows the money and the scenario, by name.
FOLLOWERS: Mapping[str, Part] = {
    "guard_rails": decisions.warnings, "cut_cards": stress.cut_cards, "cut_grid": stress.cut_grid,
    "scenarios": lambda found, percent, _scenario: stress.scenario_grid(found, percent), "frontier": stress.frontier,
    "not_now": not_now.left_out, "members": members.portfolios, "minority": members.minority,
    "audit": audit.checks, "record": decisions.sheet,
}  # fmt: skip


def draws() -> int:
    """How many draws a page is made with: none where people can ask for them, all in a batch run."""
    return 0 if in_app() else DRAWS


def portfolios_shown(stage: ChooseStage) -> list[Any]:
    """What the choice of money shows: the portfolios, what is spent when, and who pays."""
    coming = _Said(stage.selection.scenario().sentence)
    return [coming, stage.blocks["portfolios"], stage.figures["spending"], stage.figures["funders"]]


def portfolio_cards(stage: ChooseStage) -> Any:
    """The three portfolios; in an app, with the slider and the selector."""
    return _money(stage).screen if in_app() else stage.blocks["portfolios"]


def follows(stage: ChooseStage, name: str) -> Any:
    """A part that follows the money and the scenario, wherever it stands."""
    return _money(stage).places[name] if in_app() else _usual(stage)[name]


def net(stage: ChooseStage) -> Any:
    """The way from gross to net jobs of an option; in an app, of any."""
    found = stage.selection
    names = list(found.options)
    states = fitted(Net, net=(OneOf(_OPTION, dict(enumerate(names))), names.index(found.first)))
    return view(View(
        "net", states, stage.figures["net"], lambda state: [appraisal.net(found, names[state.net])],
        lambda state: f"From gross to net: {say.in_sentence(names[state.net])}.",
    ))  # fmt: skip


def arithmetic(stage: ChooseStage) -> Any:
    """The ledger of an option, year by year; in an app, of any on the short list."""
    found = stage.selection
    names = list(found.options)
    kept = {place: name for place, name in enumerate(names) if name in found.short}
    states = fitted(Books, ledger=(OneOf(_OPTION, kept), names.index(found.first)))
    return view(View(
        "ledger", states, stage.blocks["arithmetic"], lambda state: [audit.arithmetic(found, names[state.ledger])],
        lambda state: f"The arithmetic of {say.in_sentence(names[state.ledger])}.",
    ))  # fmt: skip


def game(stage: ChooseStage) -> Any:
    """The budget game: an empty board; in an app, to be played."""
    return games.play(game_of(stage.selection))


def robust(stage: ChooseStage) -> Any:
    """What is chosen whatever the doubt; in an app, worked out when it is asked for, for the money chosen by then."""
    found, there = stage.selection, stage.figures.get("robust")

    def draw(state: Doubt, told: stress.Told) -> list[Any]:
        money = _money(stage).screen.state
        result = stress.robust(found, *_case(found, money), draws=state.test, told=told)
        return [stress.robust_figure(found, result)]

    waiting = _Said("Choose a test, for the money and the scenario that are chosen at the top by then: a thousand "
                    "draws take about a second, five thousand a few.")  # fmt: skip
    states = fitted(Doubt, test=(OneOf("Test the choice", _SHOWN if there else _TEST), 0))
    made = View("doubt", states, there or waiting, draw, _tested, slow=True)
    if not in_app():
        return view(made)
    _money(stage).stale = shown = Screen(made)
    return shown


def _tested(state: Doubt) -> str:
    return f"Tested {_TEST[state.test]}." if state.test else "No test is asked for."


@dataclass(frozen=True, slots=True)
class _Said:
    text: str

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.text)}</p>"


def _usual(stage: ChooseStage) -> dict[str, Any]:
    names = {"guard_rails": "guard_rails", "cut_cards": "cuts", "not_now": "not_now", "minority": "minority",
             "audit": "audit", "record": "record"}  # fmt: skip
    drawn = {"cut_grid": stage.figures["cuts"],
             **{name: stage.figures[name] for name in ("scenarios", "frontier", "members")}}  # fmt: skip
    shown = {**{name: stage.blocks[block] for name, block in names.items()}, **drawn}
    return {name: shown[name] for name in FOLLOWERS}


@lru_cache(maxsize=2)
def _money(stage: ChooseStage) -> Shared[Money]:
    found = stage.selection

    def case(state: Money) -> tuple[Selection, int, str]:
        return found, *_case(found, state)

    def draw(state: Money, *, asked: bool = True) -> list[Any]:
        coming = _Said(found.scenario(state.scenario).sentence)
        return [coming, portfolios.side_by_side(*case(state), asked=asked), portfolios.spending(*case(state)),
                portfolios.funders(*case(state))]  # fmt: skip

    def words(state: Money) -> str:
        return portfolios.sentence(*case(state))

    def follow(state: Money) -> dict[str, Any]:
        return {name: part(*case(state)) for name, part in FOLLOWERS.items()}

    shown, *also = portfolios_shown(stage)
    made = View("money", _states(found), shown, draw, words, also, soon=lambda state: draw(state, asked=False))
    return Shared(made, _usual(stage), follow)


def _case(found: Selection, state: Money) -> tuple[int, str]:
    """The money in per cent, and the scenario where it is not the one expected."""
    return state.money, "" if state.scenario == found.scenario().key else state.scenario


def _states(found: Selection) -> type[Money]:
    """The choices with the sum that 100% stands for, and the scenarios of the file."""
    whole, usual = say.money_gbp(float(found.budget().sum()), ""), found.scenario()
    named = {one.key: one.name for one in found.files.scenarios}
    return fitted(
        Money, money=(Whole(_MONEY, 40, 150, step=5, unit=f"% of {whole}", slider=True), 100),
        scenario=(OneOf(_SCENARIO, named), usual.key),
    )  # fmt: skip
