"""Compare an area with others: the door to places like ours."""

from __future__ import annotations

from iitk.analysis.neighbours import distance_matrix, nearest_neighbours

__all__ = ["distance_matrix", "nearest_neighbours"]
