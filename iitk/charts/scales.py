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


def year_steps(first: int, last: int, *, most: int) -> list[int]:
    """Return years to write under a line: the first, the last and round ones between, none too close to an end."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if (last - first) / step <= most - 1)
    inner = [
        year for year in range(first, last + 1) if year % step == 0 and min(year - first, last - year) * 1.6 > step
    ]
    return sorted({first, last, *inner})
