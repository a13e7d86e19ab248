"""Figures that can be reckoned with: plain numbers, and tables without infinity (a gap is another matter)."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd

from iitk.analysis.checks import floats, frame, listed, series
from iitk.errors import MethodError


def number(value: object, argument: str) -> float:
    """Return a plain number; text, nothing, a gap or infinity is refused."""
    try:
        found = float(cast("float", value))
    except (TypeError, ValueError):
        found = float("nan")
    if not np.isfinite(found):
        raise MethodError(f"{argument} must be a number, got {value!r}. Leave out what is not known.")
    return found


def finite_table(values: pd.DataFrame, argument: str) -> pd.DataFrame:
    """Return a checked table of floats; gaps stay, infinity is refused with its rows."""
    table = frame(values, argument)
    endless = np.asarray(np.isinf(floats(table, argument)).any(axis=1), dtype=np.bool_)
    if endless.any():
        raise MethodError(f"{argument} is infinite for {listed(table.index[endless])}. Leave a gap instead.")
    return table


def finite_series(values: object, argument: str) -> pd.Series:
    """Return checked figures by label; gaps stay, infinity is refused with its labels."""
    found = series(values, argument)
    endless = np.asarray(np.isinf(floats(found, argument)), dtype=np.bool_)
    if endless.any():
        raise MethodError(f"{argument} is infinite for {listed(found.index[endless])}. Leave a gap instead.")
    return found
