"""Peak, trough and now: how an area went through the crises of 2008 and 2020."""

from __future__ import annotations

import pandas as pd

from iitk.analysis.growth import PeakTroughNow, peak_trough_now
from iitk.stages.activity import Activity
from iitk.words import format as say

# Years in which the peak before each crisis is looked for.
WINDOWS = {"2008": (2005, 2008), "2020": (2017, 2019)}


def of(figures: Activity) -> dict[str, PeakTroughNow]:
    """Return the path of real value added through each crisis."""
    index = figures.total_index.dropna()
    return {name: peak_trough_now(index, window=window) for name, window in WINDOWS.items()}


def table(figures: Activity) -> pd.DataFrame:
    """One row a crisis: years and index (2022 = 100) of peak, trough and now; empty years where nothing fell."""
    return pd.DataFrame([
        {"crisis": name, "peak_year": path.peak_year, "peak": path.peak, "trough_year": path.trough_year,
         "trough": path.trough, "fall": path.fall, "recovered_year": path.recovered_year, "now_year": path.now_year,
         "now": path.now, "change_peak_now": path.change_peak_now}
        for name, path in of(figures).items()
    ])  # fmt: skip


def marks(figures: Activity) -> dict[int, str]:
    """Years to point out on a chart: the troughs that there were."""
    return {path.trough_year: "trough" for path in of(figures).values() if path.trough_year is not None}


def sentence(figures: Activity) -> str:
    """Say both crises in words."""
    return " ".join(_one(path) for path in of(figures).values())


def _one(path: PeakTroughNow) -> str:
    if path.trough_year is None:
        return f"After {path.peak_year} it did not fall."
    fell = f"From {path.peak_year} to {path.trough_year} it fell by {say.percent(-path.fall)}"
    if path.recovered_year is None:
        return f"{fell} and had not recovered by {path.now_year}."
    return f"{fell}; it was back by {path.recovered_year}."
