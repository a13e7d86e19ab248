"""How a file of the ONS Explore Local Statistics service is read, and its area codes understood."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from iitk.errors import WorkError
from iitk.model import AreaKind
from iitk.sources.ended import ENDED, successors
from iitk.sources.importer import facts, successions

SCHEMA = (
    "areacd", "areanm", "geography", "indicator", "period", "observation", "measure", "unit", "lci_95", "uci_95",
    "status", "notes",
)  # fmt: skip


def read(path: Path) -> pd.DataFrame:
    """One file of the service, all text, its columns checked."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    if tuple(frame.columns) != SCHEMA:
        raise WorkError(f"The file {path} has the columns {', '.join(frame.columns)}; expected {', '.join(SCHEMA)}.")
    return frame


def area_kinds(codes: pd.Series) -> pd.Series:
    """Kind of area that each code names; empty for kinds that the toolkit leaves out (counties, city regions)."""
    known = facts.areas()
    by_start = known.kinds | dict.fromkeys(known.district_types, AreaKind.LAD.value)
    by_length = {3: AreaKind.ITL1.value, 4: AreaKind.ITL2.value, 5: AreaKind.ITL3.value}
    kinds = {
        code: by_start.get(code[:3]) or (by_length.get(len(code), "") if code.startswith("TL") else "")
        for code in codes.unique()
    }
    return codes.map(kinds)


def one_row_a_place(frame: pd.DataFrame) -> pd.DataFrame:
    """Each place once for each indicator and period, under the code that the project uses.

    The 2025 codes of Barnsley and Sheffield become those of 2023 (where both are given the older row stays).
    An area that has ended is dropped where all its successors have a row for the same indicator and period,
    and kept with its note, as `vintage` "ended", where they have none.
    """
    frame = _recode(frame[area_kinds(frame["areacd"]) != ""])
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
    later = successions.recoded()
    recoded = frame["areacd"].isin(list(later))
    frame = frame.assign(areacd=frame["areacd"].replace(later), _order=recoded.astype(int))
    still_here = frame["areacd"].isin(list(later.values()))
    frame.loc[still_here & frame["notes"].str.startswith(ENDED), "notes"] = ""
    frame = frame.sort_values("_order", kind="stable")
    return frame.drop_duplicates(["areacd", "indicator", "period"]).drop(columns="_order").sort_index()
