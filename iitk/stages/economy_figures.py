"""The figures of stage 1."""

from __future__ import annotations

from typing import TypedDict

import pandas as pd

from iitk.charts import series, shiftshare, specialisation
from iitk.charts.figure import Credits, Figure
from iitk.model import Area, Badge
from iitk.sources import geography, tables
from iitk.stages import activity, crises, local, measures, standing
from iitk.stages.activity import Activity
from iitk.stages.base import provenance
from iitk.stages.facts import CRISIS_BASE, PRODUCTIVITY
from iitk.words import format as say

INDEX_METHOD = (
    "Chained-volume index with {base} as 100. For an area of several districts without an index of its own, the "
    "districts' indices are chained, each year weighted by the value added of the year before."
)
MEASURE = "value added in current prices"
COMBINED_METHOD = (
    "Value added of the districts together over their hours together. Hours are not published: they are each "
    "district's value added over its published value added an hour."
)
PUBLISHED_METHOD = "As published, in current prices."
SPLIT_METHOD = (
    "Shift-share (Dunn): national = start x growth of all industries in the comparator; mix = start x (growth of the "
    "industry there less growth of all); local = the rest. Current prices, because parts of chained volumes do not add "
    "up: inflation is inside the national part."
)
LOCAL_METHOD = "The local part of the shift-share, industry by industry."
LQ_METHOD = "Share of the published total here over the share in the comparator."
WHOLE = 0.98  # rounding takes a little; below this, cells are missing


class Title(TypedDict, total=False):
    """A title in place of the chart's own, or nothing."""

    title: str


def draw(
    area: Area, comparator: Area, peers: tuple[Area, ...], industry: measures.IndustryTable, split: pd.DataFrame
) -> dict[str, Figure]:
    """Draw every figure of the stage, by name."""
    return {
        "specialisation": specialised(area, comparator, industry.rows),
        **growth(area, comparator, split, industry.first_year),
        "recovery": recovery(area, comparator, peers),
        "productivity": _productivity(area, comparator, peers),
        "standing": standing.figure(area, comparator),
    }


def specialised(
    area: Area,
    comparator: Area,
    rows: pd.DataFrame,
    *,
    top: int = 10,
    doubt_years: int = measures.DOUBT_YEARS,
    largest: bool = False,
) -> Figure:
    """Draw the `top` industries of an `IndustryTable`: those with the highest quotients, or the largest ones."""
    own, other = activity.of(area), activity.of(comparator)
    if doubt_years != measures.DOUBT_YEARS:
        rows = measures.with_doubt(rows, area, comparator, doubt_years)
    return specialisation.specialisation_bars(
        rows if largest else rows.rename(columns={"current_gbp_m": "gva"}), area=area.name, comparator=comparator.name,
        period=str(own.year), band=f"range {say.years(own.year - doubt_years + 1, own.year)}", top=top,
        by="current_gbp_m" if largest else "lq",
        source=tables.source(own.table).cite(), provenance=provenance(own.table, other.table, method=LQ_METHOD),
    )  # fmt: skip


def growth(area: Area, comparator: Area, split: pd.DataFrame, first: int, *, ends: int = 5) -> dict[str, Figure]:
    """Draw the change since `first` split into its parts, as a whole and for the `ends` best and worst industries."""
    own, other = activity.of(area), activity.of(comparator)
    effects = split.join(measures.names()).rename(columns={"name": "industry"})
    whole = _split_credit(own, other, SPLIT_METHOD)
    if own.shown <= WHOLE:
        whole["title"] = _partial_title(own)
    span = say.years(first, own.year)
    return {
        "shift_share": shiftshare.shift_share_waterfall(
            split, area=area.name, comparator=comparator.name, period=span, of=MEASURE, **whole
        ),
        "local_effects": shiftshare.local_effect_bars(
            effects.drop(index=activity.IMPUTED_RENT), area=area.name, comparator=comparator.name,
            period=span, of=MEASURE, top=ends, **_split_credit(own, other, LOCAL_METHOD),
        ),
    }  # fmt: skip


def _split_credit(own: Activity, other: Activity, method: str) -> Credits:
    return {
        "source": tables.source(own.table).cite(),
        "badge": Badge.MODELLED,
        "provenance": provenance(own.table, other.table, method=method),
    }


def _partial_title(own: Activity) -> str:
    """Says so where the published industries are only a part of the economy."""
    return (
        f"Only {say.percent(own.shown)} of the value added of {say.in_prose(own.area.name)} is published by industry: "
        "this splits that part"
    )


def recovery(area: Area, comparator: Area, peers: tuple[Area, ...], *, base: int = CRISIS_BASE) -> Figure:
    """Draw real value added with the year `base` as 100, beside the comparator and `peers`."""
    own, other = activity.of(area), activity.of(comparator)
    places = [own, *(activity.of(peer) for peer in peers), other]
    table = pd.DataFrame({one.area.name: 100 * one.total_index / one.total_index[base] for one in places})
    return series.comparison_lines(
        _long(table), area=area.name, comparator=comparator.name, unit=f"{base} = 100", base=100.0,
        of="Real value added (chained volumes)", badge=activity.index_badge(places), key="recovery",
        marks=crises.marks(own), notes=f"{area.name}: {crises.sentence(own)}",
        source=tables.source(own.table).cite(),
        provenance=provenance(*(one.table for one in places), method=INDEX_METHOD.format(base=base)),
    )  # fmt: skip


def _productivity(area: Area, comparator: Area, peers: tuple[Area, ...]) -> Figure:
    own, keys, method, badge = local.series(PRODUCTIVITY, area), ["indicators"], PUBLISHED_METHOD, Badge.OBSERVED
    if own.empty and len(area.lads) > 1:
        own, keys = _combined_per_hour(area), ["indicators", "gva_lad"]
        method, badge = COMBINED_METHOD, Badge.MODELLED
    lines = {place.name: local.series(PRODUCTIVITY, place) for place in (*peers, comparator)}
    return series.comparison_lines(
        _long(pd.DataFrame({area.name: own, **lines})), area=area.name, comparator=comparator.name,
        unit="£ an hour", of="Value added per hour worked", key="productivity", badge=badge,
        source="; ".join(tables.source(key).cite() for key in keys), provenance=provenance(*keys, method=method),
        **_against(area, comparator, own, lines[comparator.name]),
    )  # fmt: skip


def _against(area: Area, comparator: Area, own: pd.Series, other: pd.Series) -> Title:
    """Both values in the area's last year, where both are known."""
    if own.empty or own.index[-1] not in other.index:
        return {}
    year = int(own.index[-1])
    here, there = (say.money_gbp(float(values.loc[year]), unit="") for values in (own, other))
    return {
        "title": f"An hour of work in {say.in_prose(area.name)} produced {here} in {year}, "
        f"against {there} in {say.in_prose(comparator.name)}"
    }


def _combined_per_hour(area: Area) -> pd.Series:
    """Value added over hours of several districts; hours are each district's value added over its value an hour."""
    rates = pd.DataFrame({code: local.series(PRODUCTIVITY, geography.resolve(code)) for code in area.lads})
    output = pd.DataFrame({code: activity.of(geography.resolve(code)).total for code in area.lads}).reindex(rates.index)
    return (output.sum(axis=1, skipna=False) / (output / rates).sum(axis=1, skipna=False)).dropna()


def _long(wide: pd.DataFrame) -> pd.DataFrame:
    """One row a place and year: columns place, year, value."""
    return wide.rename_axis("year").reset_index().melt("year", var_name="place", value_name="value").dropna()
