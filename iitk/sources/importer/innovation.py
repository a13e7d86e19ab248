"""Innovation indicators: the tables `innovation` (figures) and `innovation_meta` (what each one is).

Gathered by Nesta for the UK government from the publishers named in the meta table. Several files carry
misleading names or units; what was found, by adding the regions up and comparing with the published national
figure, is corrected here and said in the indicator's caveat.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from iitk.model import Source
from iitk.sources.importer.base import BuiltTable, shared_file
from iitk.sources.importer.innovation_kinds import KINDS, Kind

# NUTS2 areas that were redrawn: an old code is dropped where one of its successors stands for the same year.
REDRAWN = {
    "UKI1": ("UKI3", "UKI4"),
    "UKI2": ("UKI5", "UKI6", "UKI7"),
    "UKD2": ("UKD6",),
    "UKD5": ("UKD7",),
    "UKM2": ("UKM7",),
    "UKM3": ("UKM8", "UKM9"),
}


LEFT_OUT = (
    "Left out: total_ukri_funding (its NUTS2 and LEP files are not sums of its NUTS3 file), learner days (a factor "
    "that cannot be settled), travel_time_to_rail by LEP (identical to airports), house_price_normalised (infinite), "
    "employment in culture by NUTS3 and LEP (years repeated with other figures), economic_complexity_index (a model, "
    "not a figure)."
)


def build(shared: Path) -> list[BuiltTable]:
    """The figures and the description of the innovation indicators."""
    read = [(kind, level, _path(shared, kind, level)) for kind in KINDS for level in kind.levels]
    files = tuple(path.relative_to(shared).as_posix() for _, _, path in read)
    frame = pd.concat([_tidy(path, kind, level) for kind, level, path in read], ignore_index=True)
    frame = frame.sort_values(["indicator", "area_level", "area_code", "year"], ignore_index=True)
    meta = pd.DataFrame([asdict(kind) for kind in KINDS]).drop(columns=["factor", "levels"])
    meta = meta.rename(columns={"stem": "source_file"})
    meta["source_file"] = "innovation/" + meta["source_file"]
    return [
        BuiltTable("innovation", _source("innovation", "Indicators of innovation and its drivers", files), frame=frame),
        BuiltTable(
            "innovation_meta", _source("innovation_meta", "Indicators of innovation: what they are", files), frame=meta
        ),
    ]


def _path(shared: Path, kind: Kind, level: str) -> Path:
    """File of an indicator at a level; some NUTS2 files have no level in their name."""
    plain = f"innovation/{kind.stem}.csv"
    if (shared / plain).is_file():
        return shared_file(shared, plain)
    return shared_file(shared, f"innovation/{kind.stem}.{level}.csv")


def _tidy(path: Path, kind: Kind, level: str) -> pd.DataFrame:
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    year, code, vintage, value = raw.columns
    number = pd.to_numeric(raw[value].where(raw[value] != "")).astype("float64") * kind.factor
    frame = pd.DataFrame(
        {
            "indicator": kind.indicator,
            "area_code": raw[code],
            "area_level": level,
            "nuts_vintage": raw[vintage].str.replace("-2014", "before 2014", regex=False),
            "year": raw[year].astype("int16"),
            "value": number.where(np.isfinite(number)),
            "unit": kind.unit,
        }
    )
    return without_redrawn(frame)


def without_redrawn(frame: pd.DataFrame) -> pd.DataFrame:
    """Drop an area of an old NUTS edition where its successor stands beside it in the same year."""
    present = set(zip(frame["area_code"], frame["year"], strict=True))
    doubled = [
        any((successor, year) in present for successor in REDRAWN.get(code, ()))
        for code, year in zip(frame["area_code"], frame["year"], strict=True)
    ]
    return frame[~np.array(doubled, dtype=bool)]


def _source(key: str, title: str, files: tuple[str, ...]) -> Source:
    return Source(
        key=key,
        publisher="Nesta, from the publishers named in innovation_meta",
        title=title,
        edition="2020 and 2021",
        licence="MIT (compilation by Nesta)",
        attribution="Copyright (c) 2021, Nesta. Compiled from public sources; MIT licence.",
        unit="one unit for each indicator: see the column unit",
        vintage="NUTS of several editions (nuts_vintage); LEPs",
        caveats=(
            "nuts_vintage names the NUTS edition of each row: do not join years across a redrawn area.",
            "Older figures: most end between 2012 and 2020.",
            LEFT_OUT,
        ),
        files=files,
    )
