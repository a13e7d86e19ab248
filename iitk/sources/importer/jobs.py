"""Jobs by industry: the tables `jobs_nuts2_division` and `jobs_lad_section`.

Source: ONS, Business Register and Employment Survey (BRES), measure "Employment", as Nomis gives it.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from iitk.sources.importer import facts
from iitk.sources.importer.base import BuiltTable


def build(shared: Path) -> list[BuiltTable]:
    """Both tables of jobs; their files call the count differently."""
    return [
        _table("jobs_nuts2_division", facts.file(shared, "jobs_nuts2"), "COUNT"),
        _table("jobs_lad_section", facts.file(shared, "jobs_lad"), "OBS_VALUE"),
    ]


def _table(key: str, path: Path, count: str) -> BuiltTable:
    raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    frame = pd.DataFrame(
        {
            "area_code": raw["GEOGRAPHY_CODE"],
            "industry_code": raw["INDUSTRY_CODE"],
            "year": raw["DATE"].astype("int16"),
            "jobs": pd.to_numeric(raw[count]).astype("int32"),
        }
    )
    frame = frame.sort_values(["area_code", "industry_code", "year"], ignore_index=True)
    return BuiltTable(facts.source(key), frame)
