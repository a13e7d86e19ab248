"""Which areas of a panel are treated: named, or marked."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from iitk.analysis.checks import listed
from iitk.errors import MethodError


def treated_rows(table: pd.DataFrame, treated: object) -> list[Any]:
    """Labels of the treated rows; an unknown one is refused with its nearest names."""
    if isinstance(treated, pd.Series) or np.asarray(treated).dtype == np.bool_:
        treated = _of_mask(table, treated)
    single = isinstance(treated, str) or not isinstance(treated, (Sequence, pd.Index, np.ndarray, set, frozenset))
    asked = list(dict.fromkeys([treated] if single else list(treated)))  # type: ignore[call-overload]
    for label in asked:
        if label not in table.index:
            if label in table.columns:
                raise MethodError(f"treated {str(label)!r} is a column. Rows must be areas: give panel.T.")
            near = get_close_matches(str(label), [str(known) for known in table.index], n=3, cutoff=0.4)
            advice = f" Nearest: {listed(near)}." if near else " Give row labels of the panel."
            raise MethodError(f"treated {str(label)!r} is not an area (row) of the panel.{advice}")
    if len(asked) in (0, len(table)):
        which = "every" if asked else "no"
        raise MethodError(f"treated names {which} area of the panel. Some must be treated and others compared with.")
    return asked


def _of_mask(table: pd.DataFrame, treated: Any) -> list[Any]:
    """Labels that a column of true and false marks; a Series of labels is taken as it is."""
    marks = treated if isinstance(treated, pd.Series) else pd.Series(np.ravel(treated))
    if marks.dtype != bool:
        return marks.tolist()
    if isinstance(treated, pd.Series) and marks.index.symmetric_difference(table.index).empty:
        marks = marks.reindex(table.index)
    elif isinstance(treated, pd.Series) or len(marks) != len(table):
        raise MethodError("treated marks other areas than the panel has: use its labels, or name the treated areas.")
    return [label for label, marked in zip(table.index, marks, strict=True) if marked]
