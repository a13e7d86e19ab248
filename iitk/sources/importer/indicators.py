"""Local indicators: the tables `indicators` (figures) and `indicators_meta` (what each one is).

Source: ONS Explore Local Statistics. Each place stands once per indicator and period, under the codes of 2023;
missing, suppressed and unreliable stay three different things.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pandas as pd

from iitk.errors import WorkError
from iitk.model import Source
from iitk.sources.importer import els
from iitk.sources.importer.base import OGL, ONS, ONS_ATTRIBUTION, BuiltTable
from iitk.sources.importer.indicator_kinds import KINDS

STATUS = {"": "", "x": "missing", "c": "suppressed", "u": "unreliable"}
UNRELIABLE_NOTE = "Estimate and confidence interval unreliable"
COLUMNS = [
    "indicator",
    "area_code",
    "area_kind",
    "vintage",
    "period",
    "year",
    "value",
    "lower_95",
    "upper_95",
    "status",
    "note",
]


ALSO = {  # files that complete an indicator of another file, with the publisher's name there
    "employment-rate-ni": {
        "Employment rate (Northern Ireland)": "Employment rate",
        "Economically inactive (Northern Ireland)": "Economically inactive",
    }
}


def build(shared: Path) -> list[BuiltTable]:
    """The figures and the description of the indicators."""
    files = sorted({kind.source_file for kind in KINDS})
    frame = tidy(pd.concat([_read(shared, name) for name in files], ignore_index=True))
    names = tuple(f"els/{name}.csv" for name in sorted([*files, *ALSO]))
    figures = Source(
        key="indicators",
        publisher=ONS,
        title="Explore Local Statistics",
        edition="downloaded in 2026",
        licence=OGL,
        attribution=ONS_ATTRIBUTION,
        unit="one unit for each indicator: see indicators_meta",
        vintage="LAD December 2023; ITL January 2025; ended areas flagged in the column vintage",
        caveats=(
            "status is empty, missing, suppressed or unreliable; a value that is not given is empty, never 0.",
            "Barnsley and Sheffield stand under their codes of 2023 (the codes of 2025 are E08000038 and E08000039).",
            "Areas that have ended (vintage 'ended': Craven) have rows only where their successor has none.",
            "Counties and city regions without a code are left out; unitary authorities stand once.",
        ),
        files=names,
    )
    described = Source(
        key="indicators_meta",
        publisher=ONS,
        title="Explore Local Statistics: what the indicators are",
        edition="downloaded in 2026",
        licence=OGL,
        attribution=ONS_ATTRIBUTION,
        unit="text",
        vintage="",
        files=names,
        caveats=(
            "'better' is empty where neither more nor less is plainly better. Themes: a local economic assessment.",
        ),
    )
    return [
        BuiltTable("indicators", figures, frame=frame),
        BuiltTable("indicators_meta", described, frame=_meta()),
    ]


def _meta() -> pd.DataFrame:
    frame = pd.DataFrame([asdict(kind) for kind in KINDS]).drop(columns="published")
    frame["source_file"] = "els/" + frame["source_file"] + ".csv"
    return frame


def _read(shared: Path, name: str) -> pd.DataFrame:
    frame = els.read(shared, f"els/{name}.csv")
    for other, renamed in ALSO.items():
        if set(renamed.values()) <= set(frame["indicator"]):
            more = els.read(shared, f"els/{other}.csv")
            more = more.assign(indicator=more["indicator"].map(renamed))
            known = set(zip(frame["areacd"], frame["indicator"], frame["period"], strict=True))
            new = [key not in known for key in zip(more["areacd"], more["indicator"], more["period"], strict=True)]
            frame = pd.concat([frame, more[new]], ignore_index=True)
    return frame


def tidy(raw: pd.DataFrame) -> pd.DataFrame:
    """Rows of the service's schema as the project's table."""
    slugs = {kind.published: kind.indicator for kind in KINDS}
    unknown = set(raw["indicator"]) - set(slugs)
    if unknown:
        raise WorkError(f"The files hold indicators that the importer does not know: {', '.join(sorted(unknown))}.")
    rows = els.one_row_a_place(raw)
    frame = pd.DataFrame(
        {
            "indicator": rows["indicator"].map(slugs),
            "area_code": rows["areacd"],
            "area_kind": rows["areacd"].map(els.area_kind),
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
    return frame.sort_values(["indicator", "area_code", "period"], ignore_index=True)[COLUMNS]


def _number(text: pd.Series) -> pd.Series:
    return pd.to_numeric(text.where(text != "")).astype("float64")


def _status(rows: pd.DataFrame) -> pd.Series:
    """The publisher's letter in words; a value that a note calls unreliable is unreliable too."""
    unknown = set(rows["status"]) - set(STATUS)
    if unknown:
        raise WorkError(f"The files hold status letters that the importer does not know: {', '.join(sorted(unknown))}.")
    status = rows["status"].map(STATUS)
    doubtful = (status == "") & rows["notes"].str.startswith(UNRELIABLE_NOTE)
    status = status.mask(doubtful, "unreliable")
    return status.mask((status == "") & (rows["observation"] == ""), "missing")
