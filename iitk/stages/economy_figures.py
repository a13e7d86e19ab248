"""The figures of stage 1."""

from __future__ import annotations

from typing import Any

import pandas as pd

from iitk.charts import growth as growth_charts
from iitk.charts import series, specialisation
from iitk.charts.figure import Figure
from iitk.model import Area, Badge
from iitk.sources import geography, tables
from iitk.stages import activity, local, measures, standing
from iitk.stages.base import provenance
from iitk.stages.facts import CRISIS_BASE
from iitk.words import format as say

INDEX_METHOD = (
    "Chained-volume index with {base} as 100. For an area of several districts without an index of its own, the "
    "districts' "
    "indices are chained, each year weighted by the value added of the year before."
)


MEASURE = "value added in current prices"
COMBINED_METHOD = (
    "Value added of the districts together over their hours together. Hours are not published: they are each "
    "district's "
    "value added over its published value added an hour."
)
PUBLISHED_METHOD = "As published, in current prices."
LQ_METHOD = "Share of the published total here over the share in the comparator."
WHOLE = 0.98  # rounding takes a little; below this, cells are missing


def draw(
    area: Area, comparator: Area, peers: tuple[Area, ...], industry: measures.IndustryTable, split: pd.DataFrame
) -> dict[str, Figure]:
    """Draw every figure of the stage, by name."""
    own = activity.of(area)
    credit: dict[str, Any] = {"source": tables.source(own.table).cite()}
    span = say.years(industry.first_year, industry.year)
    effects = split.join(measures.names()).rename(columns={"name": "industry"})
    part = _partial(own)
    return {
        "specialisation": specialisation.specialisation_bars(
            industry.rows.rename(columns={"current_gbp_m": "gva"}), area=area.name, comparator=comparator.name,
            period=str(industry.year), band=f"range {say.years(industry.doubt_from, industry.year)}", **credit,
            provenance=provenance(own.table, method=LQ_METHOD),
        ),
        "shift_share": growth_charts.shift_share_waterfall(
            split, area=area.name, comparator=comparator.name, period=span, of=MEASURE, **credit,
            badge=Badge.MODELLED, **part,
            provenance=provenance(own.table, method=(
                "Shift-share (Dunn): national = start x growth of all industries in the comparator; mix = start "
                "x (growth of "
                "the industry there less growth of all); local = the rest. Current prices, because parts of chained "
                "volumes do not add up: inflation is inside the national part."
            )),
        ),
        "local_effects": growth_charts.local_effect_bars(
            effects.drop(index=activity.IMPUTED_RENT), area=area.name,
            comparator=comparator.name, period=span, of=MEASURE, **credit,
            badge=Badge.MODELLED,
            provenance=provenance(own.table, method="The local part of the shift-share, industry by industry."),
        ),
        "recovery": _recovery(area, comparator, peers, credit),
        "productivity": _productivity(area, comparator, peers),
        "standing": standing.figure(area, comparator),
    }  # fmt: skip


def _partial(own: activity.Activity) -> dict[str, str]:
    """A title that says so where the published industries are only a part of the economy."""
    if own.shown > WHOLE:
        return {}
    known = say.percent(own.shown)
    return {
        "title": f"Only {known} of the value added of {say.in_prose(own.area.name)} is published by industry: "
        "this splits that part"
    }


def _recovery(area: Area, comparator: Area, peers: tuple[Area, ...], credit: dict[str, Any]) -> Figure:
    lines = {place.name: activity.of(place).total_index for place in (area, *peers, comparator)}
    table = pd.DataFrame({name: 100 * index / index[CRISIS_BASE] for name, index in lines.items()})
    badge = Badge.MODELLED if any(activity.of(p).combined for p in (area, *peers, comparator)) else Badge.OBSERVED
    return series.comparison_lines(
        _long(table), area=area.name, comparator=comparator.name, unit=f"{CRISIS_BASE} = 100", base=100.0,
        of="Real value added (chained volumes)", badge=badge, key="recovery", **credit,
        provenance=provenance(activity.of(area).table, method=INDEX_METHOD.format(base=CRISIS_BASE)),
    )  # fmt: skip


def _productivity(area: Area, comparator: Area, peers: tuple[Area, ...]) -> Figure:
    lines = {place.name: local.series("gva_per_hour", place) for place in (*peers, comparator)}
    own, worked_out = local.series("gva_per_hour", area), False
    if own.empty and len(area.lads) > 1:
        own, worked_out = _combined_per_hour(area), True
    table = pd.DataFrame({area.name: own, **lines}).dropna(axis=1, how="all")
    title = {}
    if comparator.name in table and not own.empty:
        here, there = own.iloc[-1], table[comparator.name].loc[own.index[-1]]
        title["title"] = (
            f"An hour of work in {say.in_prose(area.name)} produced {say.money_gbp(here, unit='')} in {own.index[-1]}, "
            f"against {say.money_gbp(there, unit='')} in {say.in_prose(comparator.name)}"
        )
    return series.comparison_lines(
        _long(table.reindex(columns=[area.name, *lines]) if area.name not in table else table), area=area.name,
        comparator=comparator.name, unit="£ an hour", of="Value added per hour worked", key="productivity",
        source=tables.source("indicators").cite(), badge=Badge.MODELLED if worked_out else Badge.OBSERVED, **title,
        provenance=provenance("indicators", method=COMBINED_METHOD if worked_out else PUBLISHED_METHOD),
    )  # fmt: skip


def _combined_per_hour(area: Area) -> pd.Series:
    """Value added over hours of several districts; hours are each district's value added over its value an hour."""
    rates = pd.DataFrame({code: local.series("gva_per_hour", geography.resolve(code)) for code in area.lads})
    output = pd.DataFrame({code: activity.of(geography.resolve(code)).total for code in area.lads}).reindex(rates.index)
    return (output.sum(axis=1, skipna=False) / (output / rates).sum(axis=1, skipna=False)).dropna()


def _long(wide: pd.DataFrame) -> pd.DataFrame:
    """One row a place and year: columns place, year, value."""
    return wide.rename_axis("year").reset_index().melt("year", var_name="place", value_name="value").dropna()
