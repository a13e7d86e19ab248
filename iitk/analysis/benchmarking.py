"""Compare an area with others: the door to places like ours and to composite indicators."""

from __future__ import annotations

from iitk.analysis.composite import (
    RankUncertainty,
    Screened,
    Treated,
    aggregate,
    cronbach_alpha,
    denominate,
    impute,
    rank_uncertainty,
    screen,
    treat,
)
from iitk.analysis.neighbours import distance_matrix, nearest_neighbours
from iitk.analysis.scaling import normalise

__all__ = [
    "RankUncertainty",
    "Screened",
    "Treated",
    "aggregate",
    "cronbach_alpha",
    "denominate",
    "distance_matrix",
    "impute",
    "nearest_neighbours",
    "normalise",
    "rank_uncertainty",
    "screen",
    "treat",
]
