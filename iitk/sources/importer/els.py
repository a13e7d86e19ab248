"""How a file of the ONS Explore Local Statistics service is read, and its area codes understood."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from iitk.errors import WorkError
from iitk.model import AreaKind
from iitk.sources.ended import ENDED, successors
from iitk.sources.importer.base import shared_file

SCHEMA = (
    "areacd",
    "areanm",
    "geography",
    "indicator",
    "period",
    "observation",
    "measure",
    "unit",
    "lci_95",
    "uci_95",
    "status",
    "notes",
)

# Barnsley and Sheffield got new codes in 2025 for a small exchange of land; the project's areas are those of 2023.
RECODED = {"E08000038": "E08000016", "E08000039": "E08000019"}
COUNTRIES = {"E92000001", "W92000004", "S92000003", "N92000002"}
GROUPS_OF_COUNTRIES = "group of countries"  # Great Britain; England and Wales

_DISTRICT = re.compile(r"^(E0[6789]|W06|S12|N09)\d{6}$")


def read(shared: Path, name: str) -> pd.DataFrame:
    """One file of the service, all text, its columns checked."""
    frame = pd.read_csv(shared_file(shared, name), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    if tuple(frame.columns) != SCHEMA:
        raise WorkError(f"The file {name} has the columns {', '.join(frame.columns)}; expected {', '.join(SCHEMA)}.")
    return frame


def area_kind(code: str) -> str:
    """Kind of area that a code names; empty for kinds that the toolkit leaves out (counties, city regions)."""
    if _DISTRICT.match(code):
        return AreaKind.LAD.value
    by_start = {"E12": AreaKind.REGION, "E47": AreaKind.COMBINED_AUTHORITY, "K02": AreaKind.UK}
    if code[:3] in by_start:
        return by_start[code[:3]].value
    if code in COUNTRIES or code == "TLB":
        return AreaKind.COUNTRY.value
    if code in {"UKX", "K99000002"}:
        return AreaKind.UK.value
    if code in {"K03000001", "K04000001"}:
        return GROUPS_OF_COUNTRIES
    by_length = {3: AreaKind.ITL1, 4: AreaKind.ITL2, 5: AreaKind.ITL3}
    return by_length[len(code)].value if code.startswith("TL") and len(code) in by_length else ""


def one_row_a_place(frame: pd.DataFrame) -> pd.DataFrame:
    """Each place once for each indicator and period, under the code that the project uses.

    The 2025 codes of Barnsley and Sheffield become those of 2023 (where both are given the older row stays).
    An area that has ended is dropped where all its successors have a row for the same indicator and period,
    and kept with its note, as `vintage` "ended", where they have none.
    """
    frame = frame[frame["areacd"].map(area_kind) != ""]
    frame = _recode(frame)
    key = ["indicator", "period"]
    present = set(zip(frame["areacd"], *(frame[name] for name in key), strict=True))
    ended = frame["notes"].str.startswith(ENDED)
    replaced = [
        is_ended and all((code, indicator, period) in present for code in successors(note))
        for is_ended, note, indicator, period in zip(ended, frame["notes"], *(frame[n] for n in key), strict=True)
    ]
    kept = frame[~np.array(replaced, dtype=bool)].copy()
    kept["vintage"] = kept["notes"].str.startswith(ENDED).map({True: "ended", False: "current"})
    return kept


def _recode(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.copy()
    recoded = frame["areacd"].isin(list(RECODED))
    frame.loc[recoded, "areacd"] = frame.loc[recoded, "areacd"].map(RECODED)
    still_here = frame["areacd"].isin(list(RECODED.values()))
    frame.loc[still_here & frame["notes"].str.startswith(ENDED), "notes"] = ""
    order = recoded.astype(int)
    frame = frame.assign(_order=order).sort_values("_order", kind="stable")
    return frame.drop_duplicates(["areacd", "indicator", "period"]).drop(columns="_order").sort_index()
