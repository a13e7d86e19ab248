"""Which industries go together, and what that says of areas: the door to presence, relatedness and complexity."""

from __future__ import annotations

from iitk.analysis.backtests import Backtest, backtest
from iitk.analysis.complexity import Complexity, Fitness, Reflections, complexity, fitness, reflections
from iitk.analysis.opportunity import opportunities
from iitk.analysis.presence import (
    cooccurrence_relatedness,
    pair_relatedness,
    presence,
    proximity,
    relatedness_density,
    revealed_comparative_advantage,
)
from iitk.analysis.transitions import Marks, Panel, nearness, panel, usual_move, yearly_moves

__all__ = [
    "Backtest",
    "Complexity",
    "Fitness",
    "Marks",
    "Panel",
    "Reflections",
    "backtest",
    "complexity",
    "cooccurrence_relatedness",
    "fitness",
    "nearness",
    "opportunities",
    "pair_relatedness",
    "panel",
    "presence",
    "proximity",
    "reflections",
    "relatedness_density",
    "revealed_comparative_advantage",
    "usual_move",
    "yearly_moves",
]
