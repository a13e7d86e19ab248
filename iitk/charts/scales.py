"""Where values lie on a plot, and round steps for its axes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from iitk.charts.place import Box


@dataclass(frozen=True, slots=True)
class Plot:
    """A plotting area in px, with the figures that lie at its edges."""

    box: Box
    left: float
    right: float
    low: float
    high: float

    def x(self, value: float) -> float:
        """Return the px of a figure across."""
        return self.box.left + (value - self.left) / (self.right - self.left or 1) * (self.box.right - self.box.left)

    def y(self, value: float) -> float:
        """Return the px of a figure up."""
        return self.box.bottom - (value - self.low) / (self.high - self.low) * (self.box.bottom - self.box.top)


def nice_steps(low: float, high: float, *, most: int = 6) -> list[float]:
    """Return round values between low and high, at most `most` of them, a step of 1, 2, 2.5 or 5 times ten apart."""
    if not high > low:
        return [low]
    rough = (high - low) / most
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(scale * factor for factor in (1, 2, 2.5, 5, 10, 20) if (high - low) / (scale * factor) <= most - 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def year_steps(first: int, last: int, *, width: float) -> list[int]:
    """Return years to write under a line `width` px long: the first, the last and round ones, none too close."""
    span = max(1, last - first)
    needed = 52.0 / (width / span)  # years that one written year takes, with air
    step = next((step for step in (1, 2, 5, 10, 20, 50) if step >= needed), span)
    inner = [year for year in range(first + 1, last) if year % step == 0]
    return sorted({first, last, *(year for year in inner if min(year - first, last - year) >= needed)})
