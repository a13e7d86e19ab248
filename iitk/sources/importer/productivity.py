"""Labour productivity: the table `productivity_lad`.

GVA per hour worked and per filled job, in pounds, and with the United Kingdom less extra-regio = 100. One
edition only (to 2023): the edition to 2022 differs from it by revision, so the two are never mixed; it serves
as a check instead.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from iitk.sources.importer import els, facts
from iitk.sources.importer.base import BuiltTable


def build(shared: Path) -> list[BuiltTable]:
    """The table of productivity by district."""
    frame = _tidy(els.read(facts.file(shared, "productivity")), facts.measures("productivity"))
    every, latest = _revision(frame, older_edition(shared))
    source = facts.source("productivity_lad", every=every, latest=latest)
    return [BuiltTable(source, frame)]


def older_edition(shared: Path) -> pd.DataFrame:
    """The edition to 2022: area_code, year and the two measures in pounds."""
    measures = facts.measures("productivity_to_2022")
    raw = pd.read_parquet(facts.file(shared, "productivity_to_2022"))
    raw = raw[raw["variable.name"].isin(list(measures))]
    raw = raw.assign(year=pd.to_datetime(raw["dates.date"]).dt.year, column=raw["variable.name"].map(measures))
    return raw.set_index(["geography.code", "year", "column"])["value"].unstack("column")


def _tidy(raw: pd.DataFrame, measures: dict[str, str]) -> pd.DataFrame:
    rows = els.one_row_a_place(raw)
    rows = rows.assign(area_code=rows["areacd"].replace({"K99000002": "UKX"}))
    rows = rows[(els.area_kinds(rows["areacd"]) == "local authority") | (rows["area_code"] == "UKX")]
    rows = rows.assign(year=rows["period"].str[:4].astype("int16"), value=pd.to_numeric(rows["observation"]))
    wide = rows.set_index(["area_code", "year", "indicator"])["value"].unstack("indicator").rename(columns=measures)
    frame = wide.sort_index().rename_axis(columns=None).reset_index()
    pounds = list(measures.values())
    uk = frame[frame["area_code"] == "UKX"].set_index("year")
    relative = [column.replace("_gbp", "_uk100") for column in pounds]
    for column, name in zip(pounds, relative, strict=True):
        frame[name] = frame[column] / frame["year"].map(uk[column]) * 100
    order = [*pounds, *relative]
    return frame[["area_code", "year", *order]].astype(dict.fromkeys(order, "float32") | {"year": "int16"})


def _revision(frame: pd.DataFrame, older: pd.DataFrame) -> tuple[float, float]:
    """How far the older edition is from this one: median difference per hour over every year, and in the latest."""
    newer = frame.set_index(["area_code", "year"])["gva_per_hour_gbp"].reindex(older.index)
    change = (newer / older["gva_per_hour_gbp"] - 1).abs().dropna()
    latest = change[change.index.get_level_values(1) == 2022]
    return float(change.median()), float(latest.median())
