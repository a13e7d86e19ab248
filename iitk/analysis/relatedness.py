"""Which industries go together, and what that says of areas: the door to presence, relatedness and complexity."""

from __future__ import annotations

from iitk.analysis.complexity import Complexity, Fitness, Reflections, complexity, fitness, reflections
from iitk.analysis.presence import (
    cooccurrence_relatedness,
    presence,
    proximity,
    relatedness_density,
    revealed_comparative_advantage,
)

__all__ = [
    "Complexity",
    "Fitness",
    "Reflections",
    "complexity",
    "cooccurrence_relatedness",
    "fitness",
    "presence",
    "proximity",
    "reflections",
    "relatedness_density",
    "revealed_comparative_advantage",
]
