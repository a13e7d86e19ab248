"""Jobs by industry: the tables `jobs_nuts2_division` and `jobs_lad_section`.

Source: ONS, Business Register and Employment Survey (BRES), measure "Employment", as Nomis gives it.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from iitk.model import Source
from iitk.sources.importer.base import OGL, ONS, ONS_ATTRIBUTION, BuiltTable, shared_file

ROUNDING = (
    "Counts are rounded, as the figures themselves show: to 5 up to 50, 25 up to 250, 50 up to 500, 100 up to 1,000, "
    "250 up to 2,500, 500 up to 5,000, and 1,000 above. Zero may mean a few jobs."
)
SURVEY = "BRES is a sample survey: small cells carry sampling error that the table does not give."


def build(shared: Path) -> list[BuiltTable]:
    """Both tables of jobs."""
    return [_nuts2(shared), _lad(shared)]


def _nuts2(shared: Path) -> BuiltTable:
    name = "nomis/bres_nuts2_division_2015_2021.csv"
    frame = _tidy(shared_file(shared, name), "COUNT")
    caveats = (
        ROUNDING,
        SURVEY,
        "Great Britain only: no Northern Ireland. The 40 areas add up to Great Britain.",
        "Areas are NUTS2 of 2016, which differ from the ITL2 regions of the value added table.",
    )
    title = "Business Register and Employment Survey: jobs by NUTS2 area and division"
    source = _source("jobs_nuts2_division", title, "NUTS2 2016", caveats, name)
    return BuiltTable(source.key, source, frame=frame)


def _lad(shared: Path) -> BuiltTable:
    name = "nomis/bres_lad_section_2015_2021.csv"
    frame = _tidy(shared_file(shared, name), "OBS_VALUE")
    caveats = (
        ROUNDING,
        SURVEY,
        "Only 13 districts of West and North Yorkshire.",
        "Seven of them (E07000163 to E07000169) became North Yorkshire (E06000065) in 2023: add them for its jobs.",
    )
    title = "Business Register and Employment Survey: jobs by local authority and section"
    source = _source("jobs_lad_section", title, "LAD 2021", caveats, name)
    return BuiltTable(source.key, source, frame=frame)


def _tidy(path: Path, count: str) -> pd.DataFrame:
    raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    frame = pd.DataFrame(
        {
            "area_code": raw["GEOGRAPHY_CODE"],
            "industry_code": raw["INDUSTRY_CODE"],
            "year": raw["DATE"].astype("int16"),
            "jobs": pd.to_numeric(raw[count]).astype("int32"),
        }
    )
    return frame.sort_values(["area_code", "industry_code", "year"], ignore_index=True)


def _source(key: str, title: str, vintage: str, caveats: tuple[str, ...], name: str) -> Source:
    return Source(
        key=key,
        publisher=ONS,
        title=title,
        edition="2015 to 2021, from Nomis",
        licence=OGL,
        attribution=ONS_ATTRIBUTION,
        unit="jobs (employees and working owners)",
        vintage=vintage,
        caveats=caveats,
        files=(name,),
    )
