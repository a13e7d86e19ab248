"""Charts: figures in, a `Figure` out: a drawing with its finding, its words, its numbers and its source."""

from __future__ import annotations

from iitk.charts.figure import Credits, Figure
from iitk.charts.gap import productivity_gap_bars
from iitk.charts.growth import growth_against_specialisation
from iitk.charts.lenses import lens_bars
from iitk.charts.maps import country_map
from iitk.charts.record import record_bars
from iitk.charts.series import comparison_lines
from iitk.charts.shiftshare import local_effect_bars, shift_share_waterfall
from iitk.charts.specialisation import specialisation_bars
from iitk.charts.strips import indicator_strip

__all__ = [
    "Credits",
    "Figure",
    "comparison_lines",
    "country_map",
    "growth_against_specialisation",
    "indicator_strip",
    "lens_bars",
    "local_effect_bars",
    "productivity_gap_bars",
    "record_bars",
    "shift_share_waterfall",
    "specialisation_bars",
]
