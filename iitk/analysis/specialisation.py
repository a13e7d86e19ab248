"""What an area is specialised in, how much, and how sure that is: the door to quotients and concentration indices."""

from __future__ import annotations

from iitk.analysis.concentration import (
    concentration_reasons,
    entropy,
    gini_index,
    herfindahl_index,
    hoover_index,
    krugman_index,
    theil_index,
)
from iitk.analysis.intervals import location_quotient_interval, rounding_band, rounding_half_width
from iitk.analysis.quotients import location_quotient, location_quotient_cube, quotient_reasons
from iitk.analysis.spatial import (
    cluster_index,
    ellison_glaeser_index,
    locational_gini,
    related_variety,
    specialisation_gini,
)

__all__ = [
    "cluster_index",
    "concentration_reasons",
    "ellison_glaeser_index",
    "entropy",
    "gini_index",
    "herfindahl_index",
    "hoover_index",
    "krugman_index",
    "location_quotient",
    "location_quotient_cube",
    "location_quotient_interval",
    "locational_gini",
    "quotient_reasons",
    "related_variety",
    "rounding_band",
    "rounding_half_width",
    "specialisation_gini",
    "theil_index",
]
