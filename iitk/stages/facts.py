"""Ten facts of an area's economy, chosen by rule: its size and shape first, then what is furthest from its kind."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from iitk.analysis import specialisation
from iitk.model import Area, AreaKind, Badge, Finding
from iitk.sources import geography, industries, tables
from iitk.stages import activity, local, measures
from iitk.stages.activity import MANUFACTURING, Activity
from iitk.stages.local import Reading
from iitk.words import format as say

WANTED = 10
PRODUCTIVITY = "gva_per_hour"
CRISIS_BASE = 2007  # the last year before the crisis of 2008
STRUCTURE_THEME = "business and enterprise"
TREND_THEME = "economic and spatial trends"
THEMES = (
    "people and communities", "environment", "land, buildings and infrastructure", STRUCTURE_THEME, TREND_THEME,
)  # fmt: skip


def choose(area: Area, comparator: Area, industry: measures.IndustryTable) -> list[Finding]:
    """Return ten facts: up to six of structure, then one indicator a theme, then the most unusual that are left."""
    own, other = activity.of(area), activity.of(comparator)
    structure = [
        _size(own), _specialisation(industry, area, comparator), _manufacturing(own, other), _real_growth(own, other),
        _breadth(own, other), _largest_gain(own),
    ]  # fmt: skip
    facts = [fact for fact in structure if fact is not None]
    unusual = sorted(local.readings(area, comparator).values(), key=lambda r: (-_unusual(r), r.slug))
    left_out = _NOT_FACTS | local.too_few_businesses(area, comparator)
    indicators = [r for r in unusual if r.slug not in left_out and (r.known or r.members)]
    hours = [r for r in indicators if r.slug == PRODUCTIVITY]
    chosen = hours + _one_a_theme(r for r in indicators if r.slug != PRODUCTIVITY)
    chosen += [r for r in indicators if r not in chosen] + [r for r in unusual if r.slug in _SPARE]
    return (facts + [of_reading(r, area) for r in chosen])[:WANTED]


# Taken only where too little else is published.
_SPARE = {"coverage_4g", "active_businesses", "premises_below_30mbps"}
# Shown elsewhere, or the same thing measured twice.
_NOT_FACTS = {"gva_per_job", "economically_inactive", "coverage_4g", "active_businesses", "no_qualifications",
              "survival_1yr", "survival_2yr", "survival_3yr", "survival_4yr", "business_deaths",
              "premises_below_30mbps", "exports", "fdi_inward", "fdi_outward", "business_rd", "public_rd"}  # fmt: skip


def of_reading(reading: Reading, area: Area) -> Finding:
    """Turn an indicator into a fact: its value, its comparator, its place among districts of the same kind."""
    label = say.in_sentence(reading.label)
    if reading.known:
        headline = _written(reading, reading.value)
        sentence = f"{_against(reading)}{_ranked(reading, area)}{_doubt(reading)}"
    else:
        low, high = min(reading.members, key=lambda m: m[1]), max(reading.members, key=lambda m: m[1])
        ends = (_written(reading, low[1]), _written(reading, high[1]))
        headline = ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
        sentence = (
            f"From {_written(reading, low[1])} in {low[0]} to {_written(reading, high[1])} in {high[0]}; "
            f"no figure is published for {say.in_prose(area.name)} as a whole.{_against_if_known(reading)}"
        )
    return Finding(
        key=f"indicator-{reading.slug}", headline=headline, label=label, sentence=sentence, badge=Badge.OBSERVED,
        source=tables.source("indicators").cite(), unit=reading.unit, period=str(reading.year), theme=reading.theme,
        values={"value": reading.value, "lower_95": reading.lower_95, "upper_95": reading.upper_95,
                reading.compared_name: reading.compared, "rank": reading.rank, "of": reading.of or None},
    )  # fmt: skip


def _one_a_theme(readings: Iterable[Reading]) -> list[Reading]:
    first: dict[str, Reading] = {}
    for reading in readings:
        first.setdefault(reading.theme, reading)
    return [first[theme] for theme in THEMES if theme in first]


def _unusual(reading: Reading) -> float:
    """How far from the middle of its kind (0 to 50); by the difference from the comparator where it has no place."""
    if reading.percentile is not None:
        return abs(reading.percentile - 50)
    if reading.value is not None and reading.compared:
        return min(50.0, 100 * abs(reading.value / reading.compared - 1))
    return 0.0


def _written(reading: Reading, value: float | None) -> str:
    return written(value, reading.unit)


def written(value: float | None, unit: str) -> str:
    """Write an indicator's value with its unit."""
    if value is None:
        return say.NOT_AVAILABLE
    if unit.startswith("%"):
        return say.percent(value / 100, 1 if abs(value) < 20 else 0)
    if unit == "£ million":
        return say.money_gbp(value)
    if unit.startswith("£"):
        return say.money_gbp(value, unit="")
    small = abs(value) < 100 and not float(value).is_integer()
    return say.number(value, 1 if small else 0) + (" tonnes" if unit.startswith("tonnes") else "")


def _against(reading: Reading) -> str:
    if reading.compared is None:
        return f"No figure to compare with is published for {reading.compared_name}."
    return f"Against {_written(reading, reading.compared)} in {say.in_prose(reading.compared_name)}."


def _against_if_known(reading: Reading) -> str:
    return "" if reading.compared is None else f" {_against(reading)}"


def _ranked(reading: Reading, area: Area) -> str:
    if not (place := local.place(reading)):
        return ""
    kind = local.plural(str(local.district_groups()[area.code]))
    return f" {say.capitalise(place)} of {reading.of} {kind} with a figure."


def _doubt(reading: Reading) -> str:
    if reading.status == "unreliable":
        return " The publisher marks it as unreliable: few people were asked."
    if reading.lower_95 is None or reading.upper_95 is None:
        return ""
    low, high = _written(reading, reading.lower_95), _written(reading, reading.upper_95)
    return f" The survey's doubt runs from {low} to {high}."


def _gva(
    key: str,
    own: Activity,
    *,
    headline: str,
    label: str,
    sentence: str,
    values: dict[str, float | str | None],
    unit: str = "GBP million, current prices",
    period: str = "",
    theme: str = STRUCTURE_THEME,
    badge: Badge = Badge.OBSERVED,
) -> Finding:
    """A fact of value added, of the latest year unless another period is said."""
    return Finding(
        key=key, headline=headline, label=label, sentence=sentence, badge=badge,
        source=tables.source(own.table).cite(), unit=unit, period=period or str(own.year), theme=theme, values=values,
    )  # fmt: skip


def _size(own: Activity) -> Finding:
    value, year = float(own.total[own.year]), own.year
    uk = activity.of(geography.resolve("UK"))
    share = value / float(uk.total[year])
    place = ""
    if own.area.kind is AreaKind.LAD:
        totals = tables.gva().total(year)
        place = f", {say.ordinal(int((totals > value).sum()) + 1)} of the {len(totals)} local authorities"
    return _gva(
        "size", own, headline=say.money_gbp(value), label=f"of value added in {year}",
        sentence=f"{say.percent(share, 1)} of what the UK produces{place}.",
        values={"gva_gbp_m": value, "uk_gva_gbp_m": float(uk.total[year]), "share_of_uk": share},
    )  # fmt: skip


def _specialisation(industry: measures.IndustryTable, area: Area, comparator: Area) -> Finding | None:
    rows = industry.rows[(industry.rows["confidence"] == "high") | (industry.rows["confidence"] == "medium")]
    if rows.empty:
        return None
    top = next(measures.each(rows.nlargest(1, "lq")))
    every = industry.rows["lq"]
    first = bool(every.notna().all() and top.lq == every.max())
    most = "The most concentrated industry" if first else "The most concentrated industry whose figures can be trusted"
    return _gva(
        "largest-specialisation", activity.of(area), unit="location quotient (ratio)",
        headline=say.times(top.lq, sign=True), label=measures.spoken(top.short_name),
        sentence=(
            f"{most}: {say.times(top.lq)} its share in {say.in_prose(comparator.name)}, "
            f"between {say.number(top.lower, 1)} and {say.number(top.upper, 1)} in the last "
            f"{measures.DOUBT_YEARS} years."
        ),
        values={"location_quotient": top.lq, "lowest": top.lower, "highest": top.upper, "industry": top.industry},
    )  # fmt: skip


def _manufacturing(own: Activity, other: Activity) -> Finding | None:
    first = int(own.total.index[0])
    codes = activity.leaf_codes_within(MANUFACTURING)
    now, then, there = own.share(codes), own.share(codes, first), other.share(codes, own.year)
    if any(pd.isna(value) for value in (now, then, there)):
        return None
    return _gva(
        "manufacturing-share", own, headline=say.percent(now), label="of value added is made in manufacturing",
        unit="share of value added", period=say.years(first, own.year),
        sentence=f"{say.compare_shares(now, there, other.area.name)}. In {first} it was {say.percent(then)} here.",
        values={"share": now, f"share_{first}": then, "share_comparator": there},
    )  # fmt: skip


def _real_growth(own: Activity, other: Activity) -> Finding:
    here = float(own.total_index[own.year] / own.total_index[CRISIS_BASE] - 1)
    there = float(other.total_index[own.year] / other.total_index[CRISIS_BASE] - 1)
    return _gva(
        "real-growth", own, headline=say.percent(here, signed=True), label=f"real growth since {CRISIS_BASE}",
        unit="change in chained-volume index", period=say.years(CRISIS_BASE, own.year), theme=TREND_THEME,
        badge=activity.index_badge((own, other)),
        sentence=(
            f"With prices taken out. {say.capitalise(say.in_prose(other.area.name))}: "
            f"{say.percent(there, signed=True)}."
        ),
        values={"change": here, "change_comparator": there},
    )  # fmt: skip


def _breadth(own: Activity, other: Activity) -> Finding | None:
    codes, year = activity.leaves(), own.year
    here, there = own.row(year, codes), other.row(year, codes)
    if here.isna().any() or there.isna().any() or (here < 0).any():
        return None
    index = specialisation.krugman_index(here, there)
    entropy = math.exp(specialisation.entropy(here))
    return _gva(
        "structure-difference", own, headline=say.percent(index / 2),
        label=f"would have to move to match {say.in_prose(other.area.name)}", unit="half the Krugman index (share)",
        sentence=(
            f"That share of value added sits in industries that weigh more here than there. The spread is as wide as "
            f"{say.number(entropy)} industries of equal size."
        ),
        values={"krugman_index": index, "equal_sized_industries": entropy},
    )  # fmt: skip


def _largest_gain(own: Activity) -> Finding | None:
    last, first = own.year, own.year - measures.GROWTH_YEARS
    codes = activity.leaves()
    gains = own.row(last, codes) - own.row(first, codes)
    gain, whole = float(gains.max()), float(own.total[last] - own.total[first])
    if math.isnan(gain) or gain <= 0 or whole <= 0:
        return None
    code = str(gains.idxmax())
    none = "No industry with figures" if gains.isna().any() else "No industry"
    return _gva(
        "largest-gain", own, headline=say.money_gbp(gain, signed=True),
        label=f"more from {measures.spoken(industries.short_name(code, measures.SCHEME))} than in {first}",
        theme=TREND_THEME, period=say.years(first, last),
        sentence=f"{none} added more: {say.percent(gain / whole)} of the increase, before inflation.",
        values={"gain_gbp_m": gain, "whole_gain_gbp_m": whole, "industry": industries.name(code, measures.SCHEME)},
    )  # fmt: skip
