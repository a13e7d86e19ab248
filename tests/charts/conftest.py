"""Figures of a made-up place with awkward names, small enough to check by eye."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def industries() -> pd.DataFrame:
    """Eight industries; one without figures, one shrinking, one with characters that HTML must not obey."""
    return pd.DataFrame(
        {
            "industry": [
                "Research & development <labs>",
                'Making of "fine" goods',
                "Finance and insurance",
                "Retail trade",
                "Farming",
                "IT services",
                "An industry whose name goes on and on because nobody ever thought of giving it a shorter one",
                "Mining",
            ],
            "lq": [2.41, 1.62, 1.18, 0.97, 0.55, 1.05, 0.31, np.nan],
            "lower": [1.90, 0.88, 1.10, 0.95, 0.50, 0.90, 0.28, np.nan],
            "upper": [2.60, 1.70, 1.31, 1.02, 0.61, 1.33, 0.40, np.nan],
            "growth": [0.041, -0.012, 0.008, 0.015, -0.030, 0.062, 0.001, np.nan],
            "current_gbp_m": [310.0, 120.0, 940.0, 505.0, 12.0, 288.0, 45.0, np.nan],
            "reason": ["", "", "", "", "", "", "", "too few firms to publish"],
        }
    )


@pytest.fixture
def series() -> pd.DataFrame:
    """Three places over six years; the middle place has no figure for 2010."""
    years = range(2007, 2013)
    values = {
        "Ham & Eggs": [100, 97, 92, 95, 101, 104],
        "Bristol, City of": [100, 99, 98, None, 108, 112],
        "UK": [100, 98, 95, 97, 99, 101],
    }
    rows = [(place, year, value) for place, line in values.items() for year, value in zip(years, line, strict=True)]
    return pd.DataFrame(rows, columns=["place", "year", "value"])


@pytest.fixture
def squares() -> dict:
    """Nine square districts in three rows of three around Leeds, a quarter of a degree each."""

    def square(i: int) -> dict:
        x, y = -2.0 + 0.25 * (i % 3), 53.5 + 0.25 * (i // 3)
        ring = [[x, y], [x + 0.25, y], [x + 0.25, y + 0.25], [x, y + 0.25], [x, y]]
        return {
            "type": "Feature",
            "properties": {"code": f"E0{i}", "name": f"Part {i}" if i else "Bristol, City of"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }

    return {"type": "FeatureCollection", "features": [square(i) for i in range(9)]}
