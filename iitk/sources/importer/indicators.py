"""Local indicators: the tables `indicators` (figures) and `indicators_meta` (what each one is).

Source: ONS Explore Local Statistics. Each place stands once per indicator and period, under the codes of 2023;
missing, suppressed and unreliable stay three different things.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from iitk.errors import WorkError
from iitk.sources.importer import els, facts
from iitk.sources.importer.base import BuiltTable, shared_file

META = ["label", "unit", "better", "theme", "source_file", "caveat"]


def build(shared: Path) -> list[BuiltTable]:
    """The figures and the description of the indicators."""
    known = facts.indicators()
    files = sorted({one.source_file for one in known.entries.values()})
    frame = tidy(pd.concat([_read(shared, name) for name in files], ignore_index=True))
    every = sorted([*files, *known.also], key=lambda name: Path(name).stem)
    return facts.with_meta("indicators", frame, known.entries, META, every)


def _read(shared: Path, name: str) -> pd.DataFrame:
    frame = els.read(shared_file(shared, name))
    for other, renamed in facts.indicators().also.items():
        if set(renamed.values()) <= set(frame["indicator"]):
            more = els.read(shared_file(shared, other))
            frame = pd.concat([frame, more.assign(indicator=more["indicator"].map(renamed))])
            frame = frame.drop_duplicates(["areacd", "indicator", "period"], ignore_index=True)
    return frame


def tidy(raw: pd.DataFrame) -> pd.DataFrame:
    """Rows of the service's schema as the project's table."""
    slugs = {one.published: key for key, one in facts.indicators().entries.items()}
    _refuse_unknown(raw["indicator"], slugs, "indicators")
    rows = els.one_row_a_place(raw)
    frame = pd.DataFrame(
        {
            "indicator": rows["indicator"].map(slugs),
            "area_code": rows["areacd"],
            "area_kind": els.area_kinds(rows["areacd"]),
            "vintage": rows["vintage"],
            "period": rows["period"].str[:10],
            "year": rows["period"].str[:4].astype("int16"),
            "value": _number(rows["observation"]),
            "lower_95": _number(rows["lci_95"]),
            "upper_95": _number(rows["uci_95"]),
            "status": _status(rows),
            "note": rows["notes"],
        }
    )
    return frame.sort_values(["indicator", "area_code", "period"], ignore_index=True)


def _number(text: pd.Series) -> pd.Series:
    return pd.to_numeric(text.where(text != "")).astype("float64")


def _status(rows: pd.DataFrame) -> pd.Series:
    """The publisher's letter in words; a value that a note calls unreliable is unreliable too."""
    known = facts.indicators()
    _refuse_unknown(rows["status"], known.statuses, "status letters")
    status = rows["status"].map(known.statuses)
    doubtful = (status == "") & rows["notes"].str.startswith(known.unreliable_note)
    status = status.mask(doubtful, "unreliable")
    return status.mask((status == "") & (rows["observation"] == ""), "missing")


def _refuse_unknown(found: pd.Series, known: dict[str, str], what: str) -> None:
    if unknown := sorted(set(found) - known.keys()):
        raise WorkError(f"The files hold {what} that the importer does not know: {', '.join(unknown)}.")
