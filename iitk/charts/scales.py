"""Round steps for axes."""

from __future__ import annotations

import math


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
