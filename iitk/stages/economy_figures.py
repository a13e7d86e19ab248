"""The figures of stage 1."""

from __future__ import annotations

from typing import Any

import pandas as pd

from iitk.charts import growth as growth_charts
from iitk.charts import series, specialisation
from iitk.charts.figure import Figure
from iitk.model import Area, AreaKind, Badge
from iitk.sources import geography, tables
from iitk.stages import activity, measures, standing
from iitk.stages.base import provenance
from iitk.stages.facts import CRISIS_BASE
from iitk.words import format as say

INDEX_METHOD = (
    "Chained-volume index with {base} as 100. For an area of several districts without an index of its own, the districts' "
    "indices are chained, each year weighted by the value added of the year before."
)


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
            provenance=provenance(own.table, method="Share of the published total here over the share in the comparator."),
        ),
        "shift_share": growth_charts.shift_share_waterfall(
            split, area=area.name, comparator=comparator.name, period=span, of="value added in current prices", **credit,
            badge=Badge.MODELLED, **part,
            provenance=provenance(own.table, method=(
                "Shift-share (Dunn): national = start x growth of all industries in the comparator; mix = start x (growth of "
                "the industry there less growth of all); local = the rest. Current prices, because parts of chained "
                "volumes do not add up: inflation is inside the national part."
            )),
        ),
        "local_effects": growth_charts.local_effect_bars(
            effects, area=area.name, comparator=comparator.name, period=span, of="value added in current prices", **credit,
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
        "title": f"Only {known} of the value added of {say.in_prose(own.area.name)} is published by industry: this splits that part"
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
    table = tables.load("productivity_lad")
    codes = {p.code: p.name for p in (area, *peers) if p.kind is AreaKind.LAD}
    codes |= {"UKX": "UK"} if comparator.kind is AreaKind.UK else {}
    if area.kind is not AreaKind.LAD:
        codes |= {code: geography.name_of(code) for code in area.lads[:8]}
    rows = table[table["area_code"].astype(str).isin(codes)]
    wide = rows.assign(place=rows["area_code"].astype(str).map(codes)).pivot(
        index="year", columns="place", values="gva_per_hour_gbp"
    )
    return series.comparison_lines(
        _long(wide), area=area.name, comparator=comparator.name, unit="£ an hour", of="Value added per hour worked",
        key="productivity", source=tables.source("productivity_lad").cite(),
        provenance=provenance("productivity_lad", method="As published: current prices, smoothed by the publisher where it says so."),
    )  # fmt: skip


def _long(wide: pd.DataFrame) -> pd.DataFrame:
    """One row a place and year: columns place, year, value."""
    return wide.rename_axis("year").reset_index().melt("year", var_name="place", value_name="value").dropna()
