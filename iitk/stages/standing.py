"""Where an area stands among districts of its kind, indicator by indicator, over the five themes of an assessment."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from iitk.charts import strips
from iitk.charts.figure import Figure
from iitk.model import Area
from iitk.sources import tables
from iitk.stages import local
from iitk.stages.base import provenance

# Two or three a theme: enough for a picture, few enough to talk about.
SHOWN = (
    "gva_per_hour", "business_births", "survival_5yr", "high_growth", "employment_rate", "level_3_plus",
    "median_weekly_pay", "gdhi_per_head", "ghg_per_head", "gigabit",
    "housing_affordability",
)  # fmt: skip


def table(area: Area, comparator: Area, shown: Sequence[str] = SHOWN) -> pd.DataFrame:
    """One row an indicator: label, theme, unit, year, value, comparator's value, rank, of, percentile, status."""
    found = local.readings(area, comparator)
    rows = [found[slug] for slug in shown if slug in found]
    return pd.DataFrame([
        {"indicator": r.slug, "label": r.label, "theme": r.theme, "unit": r.unit, "year": r.year, "value": r.value,
         "lower_95": r.lower_95, "upper_95": r.upper_95, "comparator": r.compared, "comparator_name": r.compared_name,
         "rank": r.rank, "of": r.of, "percentile": r.percentile, "status": r.status, "better": r.better}
        for r in rows
    ])  # fmt: skip


def others(area: Area, shown: Sequence[str] = SHOWN) -> pd.DataFrame:
    """Values of the same indicators for the districts to stand among: those of the area's kind, or all of them."""
    groups = local.district_groups()
    codes = groups.index[groups == groups[area.code]] if area.code in groups.index else groups.index
    values = local.latest_by_district()
    return values.loc[values.index.intersection(codes), [slug for slug in shown if slug in values.columns]]


def of_theme(area: Area, comparator: Area, theme: str) -> tuple[str, ...]:
    """Return every indicator of one theme that the area has."""
    return tuple(slug for slug, reading in local.readings(area, comparator).items() if reading.theme == theme)


def figure(area: Area, comparator: Area, shown: Sequence[str] = SHOWN) -> Figure:
    """Draw the area's place in each indicator."""
    groups = local.district_groups()
    kind = local.plural(str(groups[area.code])) if area.code in groups.index else "local authorities"
    return strips.indicator_strip(
        table(area, comparator, shown), others(area, shown), area=area.name, comparator=comparator.name, among=kind,
        own_codes=list(area.lads), source=tables.source("indicators").cite(),
        provenance=provenance("indicators", method="Latest year of each indicator; each mark is one district."),
    )  # fmt: skip
