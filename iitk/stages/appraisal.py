"""What each option is worth and how sure that is: net jobs, ranges, switching values, other rules."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from iitk.analysis import worth
from iitk.analysis.worth import Draws
from iitk.charts import choosing_net, choosing_ranges
from iitk.charts.figure import Figure
from iitk.errors import UsageError
from iitk.sources import parameters
from iitk.stages import selection
from iitk.stages.remembered import remembered
from iitk.stages.selection import Selection
from iitk.words import blocks, choosing
from iitk.words import format as say

DRAWS = 5000
NET = "Net jobs = gross × (1 − deadweight)(1 − leakage)(1 − displacement)(1 − substitution) × multiplier"
MILLION = 1e6


@remembered(8)
def drawn(found: Selection, scenario: str = "") -> Draws:
    """Quasi-random draws of what every option comes to in a scenario."""
    return worth.draw(found.files.options, found.assumptions, found.scenario(scenario), draws=DRAWS)


def net(found: Selection, name: str) -> Figure:
    """The way from gross to net jobs of an option. Raises `UsageError` if there is no such option."""
    if name not in found.options:
        raise UsageError(f"There is no option called {name!r}.")
    option = found.options[name]
    years = [one.year for one in option.outcomes if one.measure == "jobs"]
    return choosing_net.gross_to_net(
        worth.steps(option).reset_index(), option=name, period=f"in {max(years)}" if years else "",
        area=say.in_prose(found.area.name), source=found.source, badge=found.badge, key="net",
        provenance=(
            f"{NET}: Homes and Communities Agency, Additionality Guide, 4th edition (2014).",
            f"Shares and jobs: {found.source}. They are the judgement of whoever wrote the option.",
        ),
    )  # fmt: skip


def ranges(found: Selection) -> tuple[Figure, Figure]:
    """What each option on the short list is worth, and what a net job costs, each with the range of the draws."""
    table = worth.ranges(drawn(found)).loc[list(found.short)]
    chosen = set(found.best().chosen)
    common = {"name": list(table.index), "chosen": [name in chosen for name in table.index]}
    period = f"prices of {found.files.options.price_year}, present value of {found.files.base_year}"
    credit = {"source": found.source, "badge": found.badge}
    value = pd.DataFrame({**common, **_three(found, table, "npsv", MILLION),
                          "reason": "nobody has estimated its benefits"})  # fmt: skip
    each = pd.DataFrame({**common, **_three(found, table, "cost_per_net_job"),
                         "reason": "it brings no net jobs in more than one draw in ten"})  # fmt: skip
    return (
        choosing_ranges.worth_ranges(value, period=period, key="worth", provenance=_how(found), **credit),  # type: ignore[arg-type]
        choosing_ranges.cost_ranges(each, period=period, key="cost-per-net-job", provenance=_how(found), **credit),  # type: ignore[arg-type]
    )


def _three(found: Selection, table: pd.DataFrame, name: str, unit: float = 1.0) -> dict[str, list[float]]:
    """The central estimate between what one draw in ten is below and above; missing where the draws say nothing."""
    centre = found.worth().table[name].reindex(table.index).where(table[f"{name}_50"].notna())
    ends = {"low": table[f"{name}_10"], "central": centre, "high": table[f"{name}_90"]}
    return {end: (values / unit).tolist() for end, values in ends.items()}


def _how(found: Selection) -> tuple[str, ...]:
    doubt = found.assumptions
    what = (
        "Net present social value = present value of net benefits less that of costs with optimism bias, public and "
        "private. Jobs are not in it."
    )
    ranges_of = (
        f"Ranges: 10% and 90% of {DRAWS:,} quasi-random draws (Latin hypercube) of outcomes between low and high, "
        "of capital cost between the bounds of optimism bias of the class, of revenue cost between "
        f"{doubt.revenue_low:g} and {doubt.revenue_high:g} times, and of each share of additionality by "
        f"{doubt.share_range:g} either way (judgement, to be confirmed)."
    )
    return what, ranges_of, f"Discounting and optimism bias: {found.vintage.title}."


def appraised(found: Selection) -> blocks.Numbers:
    """Every option of the short list in numbers: worth first, then jobs, then the ratio as a footnote."""
    rows = found.worth().table.loc[list(found.short)]
    wide = worth.ranges(drawn(found)).loc[list(found.short)]
    ratios = zip(rows["bcr"], wide["bcr_10"], wide["bcr_90"], rows["supply_side_ratio"], strict=True)
    frame = pd.DataFrame({
        "Option": rows.index, "Net worth": rows["npsv"] / MILLION, "Chance of a loss": 100 * wide["chance_below_0"],
        "Cost": rows["cost"] / MILLION, "of it bias": rows["bias_pounds"] / MILLION, "Net jobs": rows["net_jobs"],
        "Cost of a net job": rows["cost_per_net_job"] / 1000,
        "Benefits ÷ cost": [_ratio(*one) for one in ratios],
    }).sort_values("Net worth", ascending=False, na_position="last", kind="stable").reset_index(drop=True)  # fmt: skip
    units = {
        "Net worth": "£ million, present", "Chance of a loss": "% of draws", "Cost": "£ million, with bias",
        "of it bias": "£ million", "Net jobs": "jobs", "Cost of a net job": "£ thousand, present",
        "Benefits ÷ cost": "a footnote, no pass mark",
    }  # fmt: skip
    period = f"prices of {found.files.options.price_year}, present values of {found.files.base_year}"
    places = {"Net worth": 2, "Net jobs": 0, "Chance of a loss": 0, "Cost of a net job": 0}
    caption = "Options by net present social value"
    ask = "Show every option in numbers"
    return blocks.Numbers(frame, caption, units, found.source, found.badge, period, places, ask)


def _ratio(centre: float, low: float, high: float, with_jobs: float) -> str:
    """Benefits over cost with its range, and the ratio with local jobs where a supply-side case is made."""
    if say.is_missing(centre):
        return "missing"
    more = "" if say.is_missing(with_jobs) else f"; with jobs {say.number(with_jobs, 2)}"
    return f"{say.number(centre, 2)} ({say.number(low, 2)} to {say.number(high, 2)}){more}"


def switching(found: Selection) -> blocks.Numbers:
    """What would have to change for each option on the short list to be worth exactly what it costs."""
    table = worth.switching(found.files.options, found.assumptions).reset_index()
    cells = {(row["option"], row["input"]): row for row in table.to_dict("records")}
    rows = [(name, *(_switch(cells[name, one]) for one in _INPUTS)) for name in found.short]
    frame = pd.DataFrame(rows, columns=["Option", *_INPUTS.values()])
    period = "one input at a time; “cannot” where no value does it"
    caption = "What would make each option worth just what it costs"
    return blocks.Numbers(frame, caption, {}, found.source, found.badge, period, ask="Show the switching values")


_INPUTS = {
    "benefits": "Benefits", "capital cost": "Capital cost", "revenue cost": "Revenue cost",
    "deadweight": "Deadweight", "persistence": "Years it lasts",
}  # fmt: skip


def _switch(row: Mapping[Hashable, Any]) -> str:
    """One switching value in words."""
    if say.is_missing(row["now"]):
        return "not estimated"
    if row["cannot"]:
        return "cannot"
    if row["unit"] == "share":
        return f"{say.percent(row['value'])} (now {say.percent(row['now'])})"
    if row["unit"] == "years":
        return f"{say.number(row['value'], 1)} (now {say.number(row['now'])})"
    return say.percent(row["change"], signed=True)


def vintages(found: Selection) -> blocks.Numbers:
    """What the same options come to under every vintage of the parameters: one switch reruns everything."""
    rows = []
    first = set(found.best().chosen)
    for name in parameters.vintages():
        other = found if name == found.vintage.name else selection.under(found, name)
        best = other.best()
        table = other.table().loc[list(best.chosen)]
        changed = [*(f"+ {one}" for one in best.chosen if one not in first),
                   *(f"− {one}" for one in sorted(first - set(best.chosen)))]  # fmt: skip
        above = int((other.worth().table.loc[list(found.short), "npsv"] > 0).sum())
        rows.append((other.vintage.title + (" (used here)" if other is found else ""), above,
                     table["npsv"].sum() / MILLION, table["net_jobs"].sum(), "; ".join(changed) or "the same options",
                     len(other.vintage.unconfirmed)))  # fmt: skip
    columns = ["Parameters", "Worth more than cost", "Net worth chosen", "Net jobs chosen", "Choice", "Not confirmed"]
    units = {"Worth more than cost": "options", "Net worth chosen": "£ million", "Net jobs chosen": "jobs",
             "Not confirmed": "values"}  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    return blocks.Numbers(frame, "The same options under other rules", units, found.source, found.badge,
                          "the group’s portfolio, worked out anew", {"Net jobs chosen": 0})  # fmt: skip


def assumptions(found: Selection) -> choosing.Assumptions:
    """Every parameter that the figures of this stage rest on: value, source, status, and where it bites."""
    classes = {one.bias_class for one in found.options.values()}
    horizon = _horizon(found)
    rows = [
        choosing.Assumption(_CONVENTIONS.get(str(row["key"]), str(row["what"])), _value(row), _unit(row),
                            str(row["source"]), str(row["status"]), _bites(str(row["key"]), found))
        for _, row in found.vintage.table().iterrows() if _used(str(row["key"]), classes, horizon)
    ]  # fmt: skip
    if found.files.job_value is not None:
        rows.append(choosing.Assumption(
            "Worth of a net job where a supply-side case is made", say.money_gbp(found.files.job_value, ""), "a year",
            found.files.job_value_source, str(found.files.badge), "the second ratio only",
        ))  # fmt: skip
    return choosing.Assumptions(rows, found.vintage.title)


_CONVENTIONS = {"prices": "Prices", "local-jobs": "Local jobs", "ratio": "Benefits over costs"}


def _unit(row: pd.Series) -> str:
    return "" if row["unit"] == "words" else str(row["unit"])


def _value(row: pd.Series) -> str:
    value = row["value"]
    return str(value) if isinstance(value, str) else f"{value:g}"


def _horizon(found: Selection) -> int:
    """Years from the base year to the last in which anything is counted."""
    last = max((*found.files.options.years, *found.files.options.outcome_years))
    return last + max(one.persistence_years for one in found.options.values()) - found.files.base_year


def _used(key: str, classes: set[str], horizon: int) -> bool:
    group, _, rest = key.partition(".")
    if key.startswith("discount.standard."):
        return int(key.rpartition(".")[2]) <= horizon
    if group == "optimism-bias":
        return "duration" not in rest and any(rest.startswith(f"{one.replace(' ', '-')}.") for one in classes)
    return group in {"doubt", "prices", "local-jobs", "ratio"}


def _bites(key: str, found: Selection) -> str:
    """Which options and figures hang on a parameter."""
    group, _, rest = key.partition(".")
    if group == "optimism-bias":
        hit = [one.name for one in found.options.values() if rest.startswith(f"{one.bias_class.replace(' ', '-')}.")]
        return f"cost of {say.count(len(hit), 'option')}"
    return {"discount": "every present value", "doubt": "every range", "prices": "every amount",
            "local-jobs": "jobs stay outside net worth", "ratio": "the ratio is a footnote"}[group]  # fmt: skip
