"""From scores to probabilities: logistic regression, and whether its chances came true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from iitk.analysis.checks import Floats, array, number
from iitk.analysis.discrimination import Codes, Estimate, interval
from iitk.errors import MethodError

_STEPS = 50
_FAR = 1e3  # a weight on standardised scores that only perfect separation reaches
_CAP = 1e-6  # a forecast of 0 or 1 has no log odds


@dataclass(frozen=True, slots=True)
class Logit:
    """A fitted logistic regression: chance = 1 / (1 + exp(-(intercept + sum_k slope_k x_k)))."""

    intercept: float
    slopes: tuple[float, ...]

    def chance(self, scores: npt.ArrayLike) -> Floats:
        """Chance of the event for cases x scores (or one score a case), 0 to 1; missing where a score is."""
        table = np.asarray(scores, dtype=np.float64)
        table = table[:, None] if table.ndim == 1 else table
        return np.asarray(expit(self.intercept + table @ np.array(self.slopes)), dtype=np.float64)


def fit_logit(scores: npt.ArrayLike, event: npt.ArrayLike, *, ridge: float = 1.0) -> Logit:
    """
    Fit a logistic regression by Newton's method.

    Maximises sum_i y_i eta_i - ln(1 + exp(eta_i)) - ridge / 2 sum_k (slope_k sd_k)^2, eta = intercept + sum_k slope_k
    x_k. The penalty is on standardised scores and never on the intercept, so the average chance always equals the rate
    of events it was fitted on; with thousands of cases it only keeps perfect separation from running away.

    Parameters
    ----------
    scores
        Cases x scores, or one score a case; any unit.
    event
        1 where it happened, 0 where not.
    ridge
        Weight of the penalty, 0 or more.

    Returns
    -------
    Logit, in the unit of the scores given.

    Raises
    ------
    MethodError
        Gaps, no event or nothing but events, a negative ridge, no convergence (perfect separation without a penalty).

    Notes
    -----
    Not for few events (under about ten a score). Source: Hosmer, Lemeshow and Sturdivant (2013), Applied Logistic
    Regression; le Cessie and van Houwelingen (1992), Applied Statistics 41, for the penalty.

    Examples
    --------
    >>> fitted = fit_logit([0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 0, 1, 1, 1], ridge=0)
    >>> fitted.chance([0, 1]).round(4).tolist()
    [0.25, 0.75]
    """
    table, happened = array(scores, "scores"), array(event, "event")
    table = table[:, None] if table.ndim == 1 else table
    if len(table) != len(happened) or np.isnan(table).any() or not np.isin(happened, (0.0, 1.0)).all():
        raise MethodError("scores and event must have one row a case without gaps, and event must be 0 or 1.")
    if not 0 < happened.sum() < len(happened):
        raise MethodError("event must hold both 0 and 1: without both there is nothing to learn.")
    if number(ridge, "ridge") < 0:
        raise MethodError(f"ridge must not be negative, got {ridge:g}.")
    mean, spread = table.mean(axis=0), table.std(axis=0)
    spread[spread == 0] = 1.0
    design = np.column_stack([np.ones(len(table)), (table - mean) / spread])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise MethodError("A score repeats another (or is the same everywhere): leave one out.")
    weights = _newton(design, happened, ridge)
    slopes = weights[1:] / spread
    return Logit(float(weights[0] - slopes @ mean), tuple(map(float, slopes)))


def observed_to_expected(
    forecast: npt.ArrayLike, event: npt.ArrayLike, groups: Sequence[Codes] = (), *, level: float = 0.95
) -> Estimate:
    """
    Events over the events that were expected: sum y / sum p. 1 is calibrated on average; 2 means twice as many.

    The interval allows for cases that are alike, as in `discrimination.auc_estimate`. Raises MethodError where nothing
    was expected. Source: Van Calster and others (2019), BMC Medicine 17.

    Examples
    --------
    >>> observed_to_expected([0.25, 0.25, 0.25, 0.25], [0, 0, 1, 1]).value
    2.0
    """
    chance, happened = array(forecast, "forecast"), array(event, "event")
    expected = float(chance.sum())
    if not expected > 0:
        raise MethodError("forecast must hold chances above zero: nothing was expected.")
    value = float(happened.sum()) / expected
    return interval(value, (happened - value * chance) / expected, groups, level)


def calibration_slope(
    forecast: npt.ArrayLike, event: npt.ArrayLike, groups: Sequence[Codes] = (), *, level: float = 0.95
) -> Estimate:
    """
    Slope of the events' log odds on the forecasts' log odds: 1 is calibrated, below 1 means forecasts too far apart.

    Interval as in `observed_to_expected`, from the regression's influence functions. Chances of 0 and 1 are taken as a
    millionth from them. Raises MethodError as `fit_logit`. Source: Cox (1958), Biometrika 45; Van Calster and others
    (2019), BMC Medicine 17.

    Examples
    --------
    >>> round(calibration_slope([0.25] * 4 + [0.75] * 4, [0, 0, 0, 1, 0, 1, 1, 1]).value, 6)
    1.0
    """
    happened = array(event, "event")
    odds = np.asarray(logit(np.clip(array(forecast, "forecast"), _CAP, 1 - _CAP)), dtype=np.float64)
    fitted = fit_logit(odds, happened, ridge=0)
    chance = fitted.chance(odds)
    design = np.column_stack([np.ones(len(odds)), odds])
    bread = np.linalg.inv((design * (chance * (1 - chance))[:, None]).T @ design)
    influence = (design * (happened - chance)[:, None]) @ bread[1]
    return interval(fitted.slopes[0], np.asarray(influence, dtype=np.float64), groups, level)


def _newton(design: Floats, happened: Floats, ridge: float) -> Floats:
    """Newton's steps, halved until they climb: far from the top a whole step can overshoot for ever."""
    penalty = ridge * np.eye(design.shape[1])
    penalty[0, 0] = 0.0
    weights = np.zeros(design.shape[1])
    weights[0] = float(logit(happened.mean()))
    height = _likelihood(design, happened, penalty, weights)
    for _ in range(_STEPS):
        chance = expit(design @ weights)
        slope = design.T @ (happened - chance) - penalty @ weights
        curve = (design * (chance * (1 - chance))[:, None]).T @ design + penalty
        try:
            step = np.linalg.solve(curve, slope)
        except np.linalg.LinAlgError:
            break  # chances of 0 and 1 only: the curve is flat
        while (higher := _likelihood(design, happened, penalty, weights + step)) < height - 1e-9 * abs(height):
            step = step / 2
        weights, height = weights + step, higher
        if np.abs(step).max() < 1e-9 * max(1.0, float(np.abs(weights).max())):
            return weights
        if np.abs(weights).max() > _FAR:
            break
    raise MethodError("No convergence: the scores tell the events apart perfectly. Set ridge above 0.")


def _likelihood(design: Floats, happened: Floats, penalty: Floats, weights: Floats) -> float:
    odds = design @ weights
    return float(happened @ odds - np.logaddexp(0.0, odds).sum() - weights @ penalty @ weights / 2)
