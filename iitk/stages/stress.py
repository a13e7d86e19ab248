"""How the choice stands up: to less money, to cheaper ways, and to thousands of draws of all that is in doubt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.analysis import portfolio, robustness
from iitk.charts import choosing_frontier, choosing_grid, choosing_robust
from iitk.charts.figure import Figure
from iitk.errors import MethodError
from iitk.sources import cached, paths
from iitk.stages import portfolios
from iitk.stages.appraisal import DRAWS, MILLION, drawn
from iitk.stages.people import HIGHEST
from iitk.stages.remembered import remembered
from iitk.stages.selection import CORE, CUTS, NEVER, Selection
from iitk.words import choosing
from iitk.words import format as say

Told = Callable[[float, str], None]
Floats = npt.NDArray[np.float64]
ENOUGH = 0.9  # "the same for less": this share of the most jobs
_KIND = "robustness"
_STAGES = ("people.py", "selection.py", "stress.py")  # they say what is drawn


@remembered(64)
def cut(found: Selection, percent: int = 100, scenario: str = "") -> pd.DataFrame:
    """The group's portfolio at shares of the money, each chosen afresh."""
    table, budget = found.table(scenario), found.budget(percent, scenario)
    return portfolio.cut_test(table, budget, cuts=CUTS, value="group", rules=found.rules)


def cut_cards(found: Selection, percent: int = 100, scenario: str = "") -> choosing.CutTest:
    """What is left at each cut: options, jobs, worth, and what is lost."""
    cards = []
    for row in cut(found, percent, scenario).reset_index().to_dict("records"):
        if say.is_missing(row["value"]):
            said = "No portfolio keeps to the rules for so little money."
            cards.append(choosing.Cut(float(row["cut"]), 0, None, None, said))
            continue
        got = portfolios.sums(found, row["chosen"], scenario)
        cards.append(choosing.Cut(
            float(row["cut"]), len(row["chosen"]), got.net_jobs, got.npsv, lost=row["lost"], gained=row["gained"],
        ))  # fmt: skip
    period = "the group’s portfolio, chosen afresh for each sum: not for a cut in mid-programme"
    return choosing.CutTest(cards, found.badge, found.source, period)


def cut_grid(found: Selection, percent: int = 100, scenario: str = "") -> Figure:
    """Which options are funded at each cut."""
    chosen = cut(found, percent, scenario)["chosen"].to_dict()
    cuts = {float(str(share)): names for share, names in chosen.items()}
    columns = {f"{say.percent(share)} less" if share else "All money": names for share, names in cuts.items()}
    return _grid(found, columns, "cuts", "cuts")


def scenario_grid(found: Selection, percent: int = 100) -> Figure:
    """Which options are funded in each scenario."""
    columns: dict[str, Any] = {}
    for at, one in enumerate(found.files.scenarios):
        try:
            columns[one.name] = found.best("group", percent, one.key if at else "").chosen
        except MethodError:  # the others can be looked at all the same
            columns[f"{one.name}: no portfolio keeps to the rules"] = None
    return _grid(found, columns, "scenarios", "scenarios")


def _grid(found: Selection, columns: dict[str, Any], of: str, key: str) -> Figure:
    table = pd.DataFrame({"option": list(found.short)})
    for name, chosen in columns.items():
        table[name] = [None if chosen is None else option in chosen for option in found.short]
    table["group"] = [found.options[name].underpinning for name in found.short]
    return choosing_grid.choice_grid(
        table, list(columns), of=of, source=found.source, badge=found.badge, key=key,
        provenance=portfolios.provenance(found),
    )  # fmt: skip


@remembered(16)
def efficient(found: Selection, scenario: str = "") -> pd.DataFrame:
    """Every portfolio that brings most net jobs for its cost, within all the money."""
    table, budget = found.table(scenario), found.budget(100, scenario)
    step = float(budget.sum()) / 200  # finer differences are far inside the doubt about costs
    return portfolio.frontier(table, budget, value="net_jobs", rules=found.rules, step=step)


def frontier(found: Selection, percent: int = 100, scenario: str = "") -> Figure:
    """The same jobs for less: where the next pound buys less than the one before."""
    try:
        rows = efficient(found, scenario)
    except MethodError:  # the rules ask for more than the whole budget of this scenario
        rows = pd.DataFrame({"cost": [], "value": []}, dtype=float)
    here = portfolios.sums(found, found.best("group", percent, scenario).chosen, scenario)
    return choosing_frontier.frontier(
        pd.DataFrame({"cost": rows["cost"] / MILLION, "value": rows["value"]}),
        knee=_place(rows, robustness.knee(rows)) if len(rows) else None, here=(here.cost / MILLION, here.net_jobs),
        enough=_point(rows, robustness.same_for_less(rows, "value", ENOUGH)) if len(rows) else None,
        price_year=found.files.options.price_year, source=found.source, badge=found.badge, key="frontier",
        notes=f"Dots: within the whole budget; {_case(found, scenario)}. Yours: for {percent}% of it.",
        provenance=portfolios.provenance(found),
    )  # fmt: skip


def _case(found: Selection, scenario: str) -> str:
    return say.in_sentence(found.scenario(scenario).name)


def _place(rows: pd.DataFrame, label: Any) -> float | None:
    """Cost of a row of the frontier, £ million; None where there is none."""
    return None if label is None else float(rows["cost"].to_dict()[label]) / MILLION


def _point(rows: pd.DataFrame, label: Any) -> tuple[float, float] | None:
    place = _place(rows, label)
    return None if place is None else (place, float(rows["value"].to_dict()[label]))


@dataclass(frozen=True, slots=True)
class Robust:
    """In how many draws each option is in the best portfolio, and how far that was checked."""

    table: pd.DataFrame  # option, share, set
    case: str  # for which money, in which scenario
    draws: int
    words: str  # how the portfolios were found, and how near to the best a check says they are


def robust(
    found: Selection, percent: int = 100, scenario: str = "", *, draws: int = DRAWS, told: Told | None = None
) -> Robust:
    """
    Choose anew in each of many draws of weights, outcomes and costs.

    Weights and scores: any compromise between the members, evenly drawn. Outcomes and costs: the draws of the ranges.
    Kept under the hash of everything that goes in: the second time it is there at once. `told` hears how far it is.
    """
    key = _key(found, percent, scenario, draws)
    kept = _kept(found, key)
    if kept is None:
        kept = _worked_out(found, percent, scenario, draws, told)
        cached.write(_KIND, key, kept)
    table = pd.DataFrame(kept["rows"], columns=["option", "share", "set"])
    return Robust(table, f"For {percent}% of the budget; {_case(found, scenario)}.", draws, str(kept["words"]))


def is_kept(found: Selection, percent: int = 100, scenario: str = "", draws: int = DRAWS) -> bool:
    """Whether the result is there at once."""
    return _kept(found, _key(found, percent, scenario, draws)) is not None


def _kept(found: Selection, key: str) -> dict[str, Any] | None:
    """What was kept, if it is whole and of these options: anybody could have changed the file."""
    kept = cached.read(_KIND, key) or {}
    try:
        whole = [name for name, _, _ in kept["rows"]] == list(found.short) and "words" in kept
    except (KeyError, TypeError, ValueError):
        return None
    return kept if whole else None


def _key(found: Selection, percent: int, scenario: str, draws: int) -> str:
    return cached.key({
        "files": sorted(found.files.files), "vintage": found.vintage.name, "percent": percent, "draws": draws,
        "scenario": found.scenario(scenario).key, "core": CORE, "never": NEVER, "method": _method(),
        "parameters": hashlib.sha256((paths.data_dir() / "parameters.toml").read_bytes()).hexdigest(),
    })  # fmt: skip


@cache
def _method() -> str:
    """Hash of the code that values, draws and chooses: with another method the result is another."""
    methods = sorted(Path(str(portfolio.__file__)).parent.glob("*.py"))
    code = b"".join(path.read_bytes() for path in (*methods, *map(Path(__file__).with_name, _STAGES)))
    return hashlib.sha256(code).hexdigest()


def _worked_out(found: Selection, percent: int, scenario: str, draws: int, told: Told | None) -> dict[str, Any]:
    values, costs = value_draws(found, scenario, draws)
    result = robustness.best_in_draws(
        values, costs, found.budget(percent, scenario), rules=found.rules, told=told
    )  # fmt: skip
    sets = robustness.sets(result, core=CORE, never=NEVER).reset_index(names="option")
    return {"rows": sets[["option", "share", "set"]].to_numpy().tolist(), "words": result.words}


def value_draws(
    found: Selection, scenario: str = "", draws: int = DRAWS, seed: int = 0
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Values of the short list (0 to 100 at the centre) and its costs by kind and year: each draws x options."""
    people, coming = found.people, drawn(found, scenario)
    at = [coming.names.index(name) for name in found.short]
    centre = found.worth(scenario).table.loc[list(found.short)]
    mixture = people.mixtures(draws, np.random.default_rng(seed))
    weights = mixture @ people.weights.to_numpy()
    if not people.members:
        weights = np.tile(people.group_weights.to_numpy(), (draws, 1))
    judged = {one.key: people.judged_by(one.key).fillna(0.0) for one in people.members}
    values = np.zeros((draws, len(at)))
    for n, one in enumerate(people.criteria):
        if one.measure:
            best = float(centre[one.measure].max())
            figures = {"npsv": coming.npsv, "net_jobs": coming.net_jobs}[one.measure][:draws, at]
            part = np.nan_to_num(figures) / best if best > 0 else np.zeros_like(values)
        else:
            scores = np.array([judged[member.key][one.key].to_numpy() for member in people.members])
            part = mixture @ scores / HIGHEST
        values += weights[:, [n]] * part
    factors = {"capital": coming.capital_factor[:draws, at], "revenue": coming.revenue_factor[:draws, at]}
    spend, short = found.table(scenario), list(found.short)
    costs = {str(column): pd.DataFrame(factors[str(column).split()[0]] * spend[column].to_numpy(), columns=short)
             for column in found.budget(100, scenario).index}  # fmt: skip
    return pd.DataFrame(100 * values, columns=short), costs


def robust_figure(found: Selection, result: Robust) -> Figure:
    """In which share of the draws each option is funded."""
    how = (
        f"{result.draws:,} draws. Weights and scores: any compromise between the members, evenly drawn. Outcomes, "
        "costs and shares of additionality: from their ranges. In each draw the best portfolio is chosen anew, with "
        "that draw’s costs against the same money."
    )
    sets = (
        f"Core: in at least {say.percent(CORE)} of the draws. Never: in at most {say.percent(NEVER)}. Not a chance "
        "that an option is worth its money: it says how far the choice hangs on what is in doubt."
    )
    return choosing_robust.robust_bars(
        result.table, draws=result.draws, core=CORE, never=NEVER, source=found.source, badge=found.badge, key="robust",
        notes=f"{result.case} {result.words}", provenance=(how, sets, *portfolios.provenance(found)),
    )  # fmt: skip
