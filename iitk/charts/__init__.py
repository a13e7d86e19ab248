"""Charts: figures in, a `Figure` out: a drawing with its finding, its words, its numbers and its source."""

from __future__ import annotations

from iitk.charts.figure import Credits, Figure
from iitk.charts.specialisation import specialisation_bars

__all__ = ["Credits", "Figure", "specialisation_bars"]
