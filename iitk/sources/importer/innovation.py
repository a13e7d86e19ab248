"""Innovation indicators: the tables `innovation` (figures) and `innovation_meta` (what each one is).

Gathered by Nesta for the UK government from the publishers named in the meta table. Several files carry
misleading names or units; what was found, by adding the regions up and comparing with the published national
figure, is said in the indicator's caveat.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from iitk.sources.importer import facts
from iitk.sources.importer.base import BuiltTable, shared_file

META = ["label", "unit", "publisher", "source_file", "caveat"]


def build(shared: Path) -> list[BuiltTable]:
    """The figures and the description of the innovation indicators."""
    known = facts.innovation()
    parts, files = [], []
    for key, one in known.entries.items():
        for level in one.levels:
            path = _path(shared, one.source_file, level)
            files.append(path.relative_to(shared).as_posix())
            parts.append(without_redrawn(_tidy(path, key, level, one.unit), known.redrawn))
    frame = pd.concat(parts, ignore_index=True)
    frame = frame.sort_values(["indicator", "area_level", "area_code", "year"], ignore_index=True)
    return facts.with_meta("innovation", frame, known.entries, META, files)


def _path(shared: Path, stem: str, level: str) -> Path:
    """File of an indicator at a level; some NUTS2 files have no level in their name."""
    plain = f"{stem}.csv"
    return shared_file(shared, plain if (shared / plain).is_file() else f"{stem}.{level}.csv")


def _tidy(path: Path, key: str, level: str, unit: str) -> pd.DataFrame:
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    year, code, vintage, value = raw.columns
    number = pd.to_numeric(raw[value].where(raw[value] != "")).astype("float64")
    return pd.DataFrame(
        {
            "indicator": key,
            "area_code": raw[code],
            "area_level": level,
            "nuts_vintage": raw[vintage].str.replace("-2014", "before 2014", regex=False),
            "year": raw[year].astype("int16"),
            "value": number.where(np.isfinite(number)),
            "unit": unit,
        }
    )


def without_redrawn(frame: pd.DataFrame, redrawn: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    """Drop an area of an old NUTS edition where its successor stands beside it in the same year."""
    present = set(zip(frame["area_code"], frame["year"], strict=True))
    doubled = [
        any((successor, year) in present for successor in redrawn.get(code, ()))
        for code, year in zip(frame["area_code"], frame["year"], strict=True)
    ]
    return frame[~np.array(doubled, dtype=bool)]
