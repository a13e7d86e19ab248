"""Gross value added by industry: the tables `gva_lad` and `gva_itl`.

Source: ONS, Regional gross value added (balanced). Current prices are whole millions of pounds; the chained
volume measure is an index with one decimal, 2022 = 100. Missing cells stay missing; zeros stay zeros.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from iitk.model import Source
from iitk.sources.importer.base import OGL, ONS, ONS_ATTRIBUTION, BuiltTable, shared_file

KEYS = ["area_code", "industry_code", "year"]
COLUMNS = [*KEYS, "current_gbp_m", "cvm_index"]
UNIT = "current_gbp_m: £ million, current prices; cvm_index: chained volume measure, 2022 = 100"
COMMON_CAVEATS = (
    "Industry codes nest (Total, A-E, C (10-33), CA-CB (10-15)): use one level, never add levels.",
    "Totals are the published totals. Cells are rounded to whole £ million, so parts differ a little from totals.",
    "Zeros and a few negative cells are real; an empty cell is missing, not zero.",
    "Chained volumes do not add up: combine areas or industries only by chain-linking.",
    "L (68) contains owner-occupiers' imputed rental (68IMP): leave it out of productivity.",
)


def build(shared: Path) -> list[BuiltTable]:
    """Both tables of value added."""
    return [_by_lad(shared), _by_itl(shared)]


def _by_lad(shared: Path) -> BuiltTable:
    name = "ons/RGVA_LAD.parquet"
    frame = tidy(shared_file(shared, name), current="GVA Current Prices £m")
    missing = frame[frame["current_gbp_m"].isna()]
    caveat = f"{len(missing):,} cells are missing in current prices, in {missing['area_code'].nunique()} districts."
    source = _source("gva_lad", "Regional GVA (balanced) by industry: local authorities", "LAD December 2023", name)
    return BuiltTable("gva_lad", _with_caveat(source, caveat), frame=frame)


def _by_itl(shared: Path) -> BuiltTable:
    name = "ons/RGVA.parquet"
    frame = tidy(shared_file(shared, name), current="Current prices")
    source = _source("gva_itl", "Regional GVA (balanced) by industry: ITL regions", "ITL January 2025", name)
    caveat = (
        "Industry detail differs by level (63 codes at ITL3, 99 at ITL2, 108 at ITL1): an industry not published "
        "at a level has no row. UKX is the United Kingdom less extra-regio; TLZ is extra-regio; TLB is England."
    )
    return BuiltTable("gva_itl", _with_caveat(source, caveat), frame=frame)


def tidy(path: Path, *, current: str) -> pd.DataFrame:
    """The long file of four measures as one row per area, industry and year with two measures."""
    raw = pd.read_parquet(
        path,
        columns=["geography.code", "industry.code", "dates.date", "variable.name", "value"],
        filters=[("variable.name", "in", [current, "CVM Index"])],
    )
    raw["year"] = pd.to_datetime(raw["dates.date"]).dt.year.astype("int16")
    raw = raw.rename(columns={"geography.code": "area_code", "industry.code": "industry_code"})
    indexed = raw.set_index([*KEYS, "variable.name"])["value"]
    wide = indexed.unstack("variable.name")  # raises if a cell appears twice
    wide = wide.rename(columns={current: "current_gbp_m", "CVM Index": "cvm_index"}).sort_index()
    frame = wide.rename_axis(columns=None).reset_index()[COLUMNS]
    return frame.astype({"year": "int16", "current_gbp_m": np.float32, "cvm_index": np.float32})


def _source(key: str, title: str, vintage: str, name: str) -> Source:
    return Source(
        key=key,
        publisher=ONS,
        title=title,
        edition="1998 to 2023",
        licence=OGL,
        attribution=ONS_ATTRIBUTION,
        unit=UNIT,
        vintage=vintage,
        caveats=COMMON_CAVEATS,
        files=(name,),
    )


def _with_caveat(source: Source, caveat: str) -> Source:
    return replace(source, caveats=(caveat, *source.caveats))
