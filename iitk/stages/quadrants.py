"""Which industries are strong, and which are growing: sorted by a rule that can be changed, as a figure and a list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from iitk.charts import growth as growth_charts
from iitk.charts.figure import Figure
from iitk.charts.growth import Lines
from iitk.errors import UsageError
from iitk.model import Area, Badge
from iitk.sources import tables
from iitk.sources.kept import kept
from iitk.stages import activity, base, measures, outlook
from iitk.stages.activity import Activity
from iitk.stages.track_record import NOT_OPPORTUNITIES
from iitk.words import blocks
from iitk.words import format as say

GROUPS = ("build on", "renew", "watch", "leave")
PACES = ("area", "comparator", "zero")  # whose economy "growing" is measured against; zero: any growth
STRONG = (1.0, 1.25, 1.5)  # quotients from which an industry may be called strong
FEWEST_YEARS = 3  # fewer are not a trend


@dataclass(frozen=True, slots=True)
class Rule:
    """What counts as strong and as growing, and which industries are sorted at all."""

    strong: float = STRONG[0]  # least location quotient
    growing: str = PACES[0]
    smallest: int = 0  # least value added, £ million
    years: int = measures.GROWTH_YEARS  # over which growth is measured


@dataclass(frozen=True, eq=False)
class Sorting:
    """The industries of an area with the lines that sort them."""

    area: Area
    comparator: Area
    rule: Rule
    industry: measures.IndustryTable
    lines: Lines

    @cached_property
    def ranked(self) -> pd.DataFrame:
        """The industries by group, the largest first.

        Strong and growing is "build on"; strong only is "renew"; growing only is "watch"; neither is "leave". Low
        confidence turns "build on" into "watch". Public services and households are left out, and so is what has no
        figure, or one below the smallest.
        """
        rows = self.possible
        rows = rows[~(rows["current_gbp_m"] < self.rule.smallest)] if self.rule.smallest else rows
        strong, growing = self.lines.is_strong(rows["lq"]), self.lines.is_growing(rows["growth"])
        groups = pd.Series("leave", rows.index)
        groups[growing] = "watch"
        groups[strong & ~growing] = "renew"
        groups[strong & growing & (rows["confidence"] != "low").to_numpy()] = "build on"
        rows = rows.assign(group=pd.Categorical(groups, GROUPS, ordered=True))
        return rows.sort_values(["group", "current_gbp_m"], ascending=[True, False]).reset_index(drop=True)

    @property
    def possible(self) -> pd.DataFrame:
        """Industries that could be opportunities and have figures."""
        rows = self.industry.rows
        return rows[~rows["code"].isin(NOT_OPPORTUNITIES)].dropna(subset=["lq", "growth"])

    def counts(self) -> dict[str, int]:
        """How many industries are in each group."""
        return {group: int((self.ranked["group"] == group).sum()) for group in GROUPS}


@kept
def sort(area: Area, comparator: Area, rule: Rule = Rule()) -> Sorting:
    """
    Sort the industries of `area` by a rule.

    Raises
    ------
    UsageError
        If the rule is not one that the figures can follow.
    """
    _check(rule, activity.of(area))
    industry = _measured(area, comparator, rule.years)
    return Sorting(area, comparator, rule, industry, _lines(area, comparator, rule, industry))


@kept
def _measured(area: Area, comparator: Area, years: int) -> measures.IndustryTable:
    """The figures themselves, which only the years change."""
    return measures.of(area, comparator, years=years)


def _check(rule: Rule, figures: Activity) -> None:
    if rule.growing not in PACES:
        raise UsageError(f"Growing can be measured against {say.join(PACES, 'or')}, not against {rule.growing!r}.")
    if not rule.strong > 0 or rule.smallest < 0:
        raise UsageError("The least quotient must be above 0, and the smallest industry 0 or more.")
    most = figures.year - int(figures.total.index[0])
    if not FEWEST_YEARS <= rule.years <= most:
        raise UsageError(f"Growth can be measured over {FEWEST_YEARS} to {most} years, not over {rule.years}.")


def _lines(area: Area, comparator: Area, rule: Rule, industry: measures.IndustryTable) -> Lines:
    if rule.growing == "zero":
        return Lines(None, strong=rule.strong)
    whose = area if rule.growing == "area" else comparator
    pace = measures.total_growth(activity.of(whose), industry.first_year, industry.year)
    return Lines(pace, "" if whose is area else whose.name, rule.strong)


def figure(found: Sorting) -> Figure:
    """Draw the industries by strength and growth."""
    area, rule, industry, own = found.area, found.rule, found.industry, activity.of(found.area)
    return growth_charts.growth_against_specialisation(
        found.possible, area=area.name, comparator=found.comparator.name, pace=found.lines.pace,
        pace_name=found.lines.economy, strong=rule.strong, smallest=rule.smallest, period=str(industry.year),
        key="quadrants", growth_period=say.years(industry.first_year, industry.year),
        source=tables.source(own.table).cite(), badge=_badge(found),
        provenance=base.provenance(own.table, activity.of(found.comparator).table, method=(
            "Across: location quotient of value added. Up: yearly growth of the chained-volume index. Public "
            "services and households are left out."
        )),
    )  # fmt: skip


def _badge(found: Sorting) -> Badge:
    """Modelled where an index, of an industry or of the economy that it is held against, is not a published one."""
    own, other = activity.of(found.area), activity.of(found.comparator)
    wanted = {*found.possible["code"], *({activity.TOTAL} if found.rule.growing == "area" else ())}
    against = other.chained & {activity.TOTAL} if found.rule.growing == "comparator" else frozenset()
    return Badge.MODELLED if own.chained & wanted or against else Badge.OBSERVED


def block(found: Sorting) -> blocks.Numbers | blocks.Points:
    """The same industries as a list; where there is none, the sentence that says so."""
    if found.rule.smallest and found.ranked.empty:
        return _nothing(found)
    ranked, industry, area = found.ranked, found.industry, found.area
    table = pd.DataFrame({
        "Industry": ranked["short_name"], "Group": ranked["group"].astype(str),
        "Value added": ranked["current_gbp_m"].round().astype("Int64"), "Quotient": ranked["lq"].round(2),
        "Lowest": ranked["lower"].round(2), "Highest": ranked["upper"].round(2),
        "Real growth": (100 * ranked["growth"]).round(1), "Confidence": ranked["confidence"],
        "Why": ranked["confidence_reason"].where(ranked["confidence"] != "high", ""),
    })  # fmt: skip
    return blocks.Numbers(
        table, f"Industries of {area.name} by strength and growth{_by_rule(found)}",
        units={"Value added": f"£ million, {industry.year}",
               "Quotient": f"comparator = 1, {industry.year}; record {outlook.mark('quotient')}",
               "Lowest": f"since {industry.doubt_from}", "Highest": f"since {industry.doubt_from}",
               "Real growth": f"% a year, {say.years(industry.first_year, industry.year)}; record of the trend "
                              f"{outlook.mark('trend')}"},
        source=tables.source(activity.of(area).table).cite(), badge=Badge.MODELLED,
        period=say.years(industry.first_year, industry.year),
        decimals={"Quotient": 2, "Lowest": 2, "Highest": 2, "Real growth": 1},
    )  # fmt: skip


def _nothing(found: Sorting) -> blocks.Points:
    line = (
        f"No industry of {say.in_prose(found.area.name)} has a figure of {say.money_gbp(found.rule.smallest)} or more, "
        "so none is listed here."
    )
    return blocks.Points(
        [line], tables.source(activity.of(found.area).table).cite(), Badge.OBSERVED, str(found.industry.year)
    )  # fmt: skip


def _by_rule(found: Sorting) -> str:
    """What is not as usual in the rule, to end a caption: ": strong from 1.25, growing if it grew"."""
    rule, usual = found.rule, Rule()
    parts = [f"strong from {rule.strong:g}"] if rule.strong != usual.strong else []
    if rule.growing != usual.growing:
        parts.append(f"growing if it {found.lines.grew()}{' at all' if rule.growing == 'zero' else ''}")
    if rule.smallest:
        parts.append(f"from {say.money_gbp(rule.smallest)}")
    return f": {', '.join(parts)}" if parts else ""


def sentence(found: Sorting) -> str:
    """How many industries are in each group, as a sentence: "5 to build on, 7 to renew, 9 to watch, 8 to leave."."""
    return ", ".join(f"{many} to {group}" for group, many in found.counts().items()) + "."
