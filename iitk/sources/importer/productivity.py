"""Labour productivity: the table `productivity_lad`.

GVA per hour worked and per filled job, in pounds, and with the United Kingdom less extra-regio = 100. One
edition only (to 2023): the edition to 2022 differs from it by revision, so the two are never mixed; it serves
as a check instead.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from iitk.model import Source
from iitk.sources.importer import els
from iitk.sources.importer.base import OGL, ONS, ONS_ATTRIBUTION, BuiltTable, shared_file

NEWER = "els/gross-value-added.csv"
OLDER = "ons/PROD_LAD.parquet"
MEASURES = {
    "Gross value added per hour worked": "gva_per_hour_gbp",
    "Gross value added per filled job": "gva_per_job_gbp",
}
OLDER_MEASURES = {"GVA per hour worked (£)": "gva_per_hour_gbp", "GVA per job (£)": "gva_per_job_gbp"}


def build(shared: Path) -> list[BuiltTable]:
    """The table of productivity by district."""
    frame = _tidy(els.read(shared, NEWER))
    revision = _revision(frame, older_edition(shared))
    source = Source(
        key="productivity_lad",
        publisher=ONS,
        title="Subregional productivity: labour productivity by local authority",
        edition="2002 to 2023 (per hour from 2004)",
        licence=OGL,
        attribution=ONS_ATTRIBUTION,
        unit="£ per hour worked; £ per filled job; current prices; *_uk100: UK less extra-regio = 100",
        vintage="LAD December 2023",
        caveats=(
            "All years are of one edition (to 2023, Explore Local Statistics). " + revision,
            "The *_uk100 columns are our division of the area's published pounds by those of UKX in the same year.",
            "Per job is not published for Northern Ireland's districts in 2023: missing, not zero.",
            "Small districts move a lot from year to year: read several years together.",
        ),
        files=(NEWER, OLDER),
    )
    return [BuiltTable("productivity_lad", source, frame=frame)]


def older_edition(shared: Path) -> pd.DataFrame:
    """The edition to 2022: area_code, year and the two measures in pounds."""
    raw = pd.read_parquet(shared_file(shared, OLDER))
    raw = raw[raw["variable.name"].isin(list(OLDER_MEASURES))]
    raw = raw.assign(year=pd.to_datetime(raw["dates.date"]).dt.year, column=raw["variable.name"].map(OLDER_MEASURES))
    return raw.set_index(["geography.code", "year", "column"])["value"].unstack("column")


def _tidy(raw: pd.DataFrame) -> pd.DataFrame:
    rows = els.one_row_a_place(raw)
    rows = rows.assign(area_code=rows["areacd"].replace({"K99000002": "UKX"}))
    rows = rows[(rows["areacd"].map(els.area_kind) == "local authority") | (rows["area_code"] == "UKX")]
    rows = rows.assign(year=rows["period"].str[:4].astype("int16"), value=pd.to_numeric(rows["observation"]))
    wide = rows.set_index(["area_code", "year", "indicator"])["value"].unstack("indicator").rename(columns=MEASURES)
    frame = wide.sort_index().rename_axis(columns=None).reset_index()
    for column in MEASURES.values():
        uk = frame[frame["area_code"] == "UKX"].set_index("year")[column]
        frame[column.replace("_gbp", "_uk100")] = frame[column] / frame["year"].map(uk) * 100
    order = ["gva_per_hour_gbp", "gva_per_job_gbp", "gva_per_hour_uk100", "gva_per_job_uk100"]
    return frame[["area_code", "year", *order]].astype(dict.fromkeys(order, "float32") | {"year": "int16"})


def _revision(frame: pd.DataFrame, older: pd.DataFrame) -> str:
    """How far the older edition is from this one, in a sentence."""
    newer = frame.set_index(["area_code", "year"])
    both = newer[list(MEASURES.values())].reindex(older.index)
    change = (both / older[list(MEASURES.values())] - 1).abs()
    per_hour = change["gva_per_hour_gbp"].dropna()
    latest = per_hour[per_hour.index.get_level_values(1) == 2022].median()
    return (
        f"The edition to 2022 differs by revision (median difference per hour {per_hour.median():.1%} over all years, "
        f"{latest:.1%} in 2022), so the two are not mixed."
    )
