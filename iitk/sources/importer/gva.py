"""Gross value added by industry: the tables `gva_lad` and `gva_itl`.

Source: ONS, Regional gross value added (balanced). Current prices are whole millions of pounds; the chained
volume measure is an index with one decimal, 2022 = 100. Missing cells stay missing; zeros stay zeros.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from iitk.sources.importer import facts
from iitk.sources.importer.base import BuiltTable

KEYS = ["area_code", "industry_code", "year"]


def build(shared: Path) -> list[BuiltTable]:
    """Both tables of value added."""
    lad, itl = tidy(shared, "gva_lad"), tidy(shared, "gva_itl")
    areas = lad.loc[lad["current_gbp_m"].isna(), "area_code"]
    source = facts.source("gva_lad", missing=len(areas), areas=areas.nunique())
    return [BuiltTable(source, lad), BuiltTable(facts.source("gva_itl"), itl)]


def tidy(shared: Path, name: str) -> pd.DataFrame:
    """A long file of four measures as one row per area, industry and year with two measures."""
    measures = facts.measures(name)
    raw = pd.read_parquet(
        facts.file(shared, name),
        columns=["geography.code", "industry.code", "dates.date", "variable.name", "value"],
        filters=[("variable.name", "in", list(measures))],
    )
    raw["year"] = pd.to_datetime(raw["dates.date"]).dt.year.astype("int16")
    raw = raw.rename(columns={"geography.code": "area_code", "industry.code": "industry_code"})
    wide = raw.set_index([*KEYS, "variable.name"])["value"].unstack("variable.name")  # raises if a cell appears twice
    frame = wide.rename(columns=measures).sort_index().rename_axis(columns=None).reset_index()
    return frame[[*KEYS, *measures.values()]].astype(dict.fromkeys(measures.values(), "float32") | {"year": "int16"})


def current(shared: Path, name: str) -> pd.DataFrame:
    """Value added in current prices, £ million: one row for each area and year, one column for each industry."""
    cells = tidy(shared, name).set_index(["area_code", "year", "industry_code"])["current_gbp_m"]
    return cells.astype("float64").unstack("industry_code")
