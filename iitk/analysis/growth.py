"""How an area changes: shift-share, paths through a crisis, shares, chained volumes, productivity: the door to them."""

from __future__ import annotations

from iitk.analysis.productivity import productivity_decomposition, productivity_gap
from iitk.analysis.shiftshare import dynamic_shift_share, shift_share, shift_share_cube, shift_share_forecast
from iitk.analysis.trajectories import (
    PeakTroughNow,
    chain_index,
    compound_growth,
    peak_trough_now,
    shares_change,
)

__all__ = [
    "PeakTroughNow",
    "chain_index",
    "compound_growth",
    "dynamic_shift_share",
    "peak_trough_now",
    "productivity_decomposition",
    "productivity_gap",
    "shares_change",
    "shift_share",
    "shift_share_cube",
    "shift_share_forecast",
]
