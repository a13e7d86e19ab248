"""Is it working: the door to effects against a counterfactual and to the scoring of forecasts."""

from __future__ import annotations

from iitk.analysis.counterfactuals import Effect, difference_in_differences, synthetic_control, synthetic_did
from iitk.analysis.forecasts import (
    Brier,
    Coverage,
    brier_score,
    calibration,
    interval_coverage,
    log_score,
    pinball_loss,
)

__all__ = [
    "Brier",
    "Coverage",
    "Effect",
    "brier_score",
    "calibration",
    "difference_in_differences",
    "interval_coverage",
    "log_score",
    "pinball_loss",
    "synthetic_control",
    "synthetic_did",
]
