"""How good the forecasts were that a decision rested on: stored when it was made, scored at the review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self, cast

import numpy as np
import pandas as pd

from iitk.analysis.checks import Floats, Vector, aligned, array, choice, series, share
from iitk.errors import MethodError

_INTERVALS = {"clopper-pearson": "exact", "wilson": "wilson"}
_CUTS = ("width", "count")


@dataclass(frozen=True, eq=False)
class Brier(float):
    """
    The Brier score, a number like any other, and what it is made of (see `brier_score`).

    score = reliability - resolution + uncertainty + within. Lower is better: 0 is perfect, 1 is always surely wrong.
    """

    score: float
    reliability: float  # how far the forecasts lie from what then happened: 0 is best
    resolution: float  # how well they tell one case from another: more is better, at most the uncertainty
    uncertainty: float  # how hard the cases were: the score of always forecasting the observed base rate
    within: float  # what is lost by grouping into bins: 0 where every distinct forecast is its own group
    skill: float  # 1 perfect, 0 no better than the base rate, negative worse; missing where that cannot be beaten
    base_rate: float  # the rate that `skill` compares with
    forecasts: int  # how many were scored
    left_out: int  # how many had no forecast or no outcome

    def __new__(cls, score: float, *_parts: float, **_named: float) -> Self:
        """Make the number that the score is."""
        return super().__new__(cls, score)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often the truth fell inside the stated ranges (see `interval_coverage`)."""

    observed: float  # share of outcomes inside, ends included
    lower: float  # confidence interval of `observed`
    upper: float
    level: float  # what was promised
    p_value: float  # exact binomial test that the ranges keep their promise
    below: int  # outcomes under the range: forecasts too high
    above: int  # outcomes over the range: forecasts too low
    mean_width: float  # in the unit of the outcome
    score: float  # interval (Winkler) score, in the unit of the outcome: lower is better
    forecasts: int
    left_out: int


def brier_score(
    forecast: Vector, outcome: Vector, *, bins: int | None = None, base_rate: float | None = None
) -> Brier:  # fmt: skip
    """
    Score probabilities given to events that then did or did not happen, and say why the score is what it is.

    BS = mean (f - o)^2 = reliability - resolution + uncertainty (+ within), over groups k of like forecasts:
    reliability = sum n_k (f_k - o_k)^2 / n, resolution = sum n_k (o_k - o)^2 / n, uncertainty = o (1 - o).

    Parameters
    ----------
    forecast
        Probabilities, 0 to 1, by event; matched to `outcome` by label, lists by position.
    outcome
        1 (it happened), 0 (it did not), missing (not known yet). A pair with a gap is left out and counted.
    bins
        None (default): every distinct forecast is a group and the parts add up exactly, as in Murphy. A number: that
        many equal steps from 0 to 1 (a step holds its lower end), each with the mean of its forecasts; `within` is
        then what the grouping leaves over.
    base_rate
        The rate that a forecaster without knowledge would have given every time. Default: that of these outcomes,
        which nobody knew beforehand; give an earlier one where there is one.

    Raises
    ------
    MethodError
        A percentage, an outcome other than 0 and 1, labels that differ, nothing to score.

    Notes
    -----
    Do not rank forecasters on different events by it: easy events score well. With few events and many distinct
    forecasts, reliability and resolution are both too large (each group is one event): use `bins`, or the score alone.
    Sources: Brier (1950), Monthly Weather Review 78; Murphy (1973), Journal of Applied Meteorology 12; within-bin part
    Stephenson, Coelho and Jolliffe (2008), Weather and Forecasting 23.

    Examples
    --------
    >>> found = brier_score([0.9, 0.9, 0.1, 0.1], [1, 1, 0, 1])
    >>> round(found.score, 2), round(found.reliability, 3), round(found.resolution, 4), round(found.uncertainty, 4)
    (0.21, 0.085, 0.0625, 0.1875)
    """
    given, happened, left_out = _events(forecast, outcome)
    group = _steps(given, bins) if bins is not None else np.unique(given, return_inverse=True)[1]
    count = np.bincount(group)
    used = count > 0
    size = count[used]
    stated = np.bincount(group, given)[used] / size
    observed = np.bincount(group, happened)[used] / size
    rate = float(happened.mean())
    score = float(((given - happened) ** 2).mean())
    reliability = float(size @ (stated - observed) ** 2) / len(given)
    resolution = float(size @ (observed - rate) ** 2) / len(given)
    uncertainty = rate * (1 - rate)
    reference = rate if base_rate is None else share(base_rate, "base_rate")
    naive = float(((reference - happened) ** 2).mean())
    return Brier(
        score, reliability, resolution, uncertainty,
        within=0.0 if bins is None else score - (reliability - resolution + uncertainty),
        skill=1 - score / naive if naive > 0 else float("nan"),
        base_rate=reference, forecasts=len(given), left_out=left_out,
    )  # fmt: skip


def log_score(forecast: Vector, outcome: Vector) -> float:
    """
    Mean of -ln(probability given to what happened): 0 is perfect, ln 2 = 0.693 is a coin, lower is better.

    Harsher than the Brier score on the overconfident: an event that was called impossible and happened makes it
    infinite. Inputs, gaps and errors as `brier_score`. Do not use it where 0% and 100% are round figures for "hardly"
    and "nearly". Source: Good (1952), Journal of the Royal Statistical Society B 14.

    Examples
    --------
    >>> round(log_score([0.5, 0.8], [1, 1]), 4)
    0.4581
    """
    given, happened, _ = _events(forecast, outcome)
    with np.errstate(divide="ignore"):
        return float(-np.log(np.where(happened == 1, given, 1 - given)).mean()) + 0.0


def calibration(
    forecast: Vector, outcome: Vector, *, bins: int | Sequence[float] = 10, by: str = "width", confidence: float = 0.95
) -> pd.DataFrame:
    """
    Table of what was forecast and what happened, by step of the forecast.

    Of what was called 70% likely, did 70% happen?

    Parameters
    ----------
    forecast, outcome
        As `brier_score`; pairs with a gap are left out (their number is in `attrs["left_out"]`).
    bins
        How many steps (10), or their edges from 0 to 1.
    by
        "width" (default): equal steps from 0 to 1; "count": steps with about equally many forecasts.
    confidence
        Of the Wilson interval of the observed share, 0.95.

    Returns
    -------
    One row a step: `from`, `to` (the upper end belongs to the next step, 1 to the last), `forecasts` (how many),
    `mean_forecast`, `observed` (share that happened), `observed_lower`, `observed_upper`. Empty steps hold 0 and
    missing shares. A step is at odds with its forecasts where `mean_forecast` lies outside the interval.

    Raises
    ------
    MethodError
        As `brier_score`, and for bins or edges that do not rise from 0 to 1.

    Notes
    -----
    Not for a handful: with fewer than about 20 forecasts a step the intervals are too wide to say much. Source: Wilks
    (2011), Statistical Methods in the Atmospheric Sciences, 3rd edition, section 8.4; interval Wilson (1927).

    Examples
    --------
    >>> calibration([0.2, 0.2, 0.8, 0.8], [0, 1, 1, 1], bins=2)[["forecasts", "mean_forecast", "observed"]].to_numpy()
    array([[2. , 0.2, 0.5],
           [2. , 0.8, 1. ]])
    """
    confidence_level(confidence)
    given, happened, left_out = _events(forecast, outcome)
    edges = _edges(given, bins, choice(by, _CUTS, "by"))
    step = np.clip(np.searchsorted(edges, given, side="right") - 1, 0, len(edges) - 2)
    rows = []
    for number in range(len(edges) - 1):
        here = step == number
        size, events = int(here.sum()), int(happened[here].sum())
        row = [edges[number], edges[number + 1], size, *[float("nan")] * 4]
        if size:
            band = _binomial_test(events, size).proportion_ci(confidence, method="wilson")
            row[3:] = [given[here].mean(), events / size, float(band.low), float(band.high)]
        rows.append(row)
    names = ["from", "to", "forecasts", "mean_forecast", "observed", "observed_lower", "observed_upper"]
    table = pd.DataFrame(rows, columns=pd.Index(names))
    table.attrs["left_out"] = left_out
    return table


def interval_coverage(
    lower: Vector, upper: Vector, outcome: Vector, *, level: float, interval: str = "clopper-pearson",
    confidence: float = 0.95,
) -> Coverage:  # fmt: skip
    """
    How often the truth fell within the ranges that were given, against how often it was promised to.

    Interval score of one forecast, with a = 1 - level: (u - l) + (2/a) (l - y) if y < l, + (2/a) (y - u) if y > u. It
    rewards narrow ranges and punishes misses; only honest ranges do best. Given as the mean.

    Parameters
    ----------
    lower, upper
        Ends of each range, in the unit of the outcome; matched to `outcome` by label, lists by position.
    outcome
        What happened. A forecast with a gap in any of the three is left out and counted.
    level
        Share of outcomes that the ranges promised to hold: 0.8 for 80% ranges.
    interval
        Of the observed share: "clopper-pearson" (default: exact, never too narrow) or "wilson".
    confidence
        Of that interval, 0.95.

    Raises
    ------
    MethodError
        A percentage as `level`, a lower end above its upper end (which), labels that differ, nothing to score.

    Notes
    -----
    Takes the forecasts as independent: errors of one year or one area move together, so real doubt is larger. Do not
    judge on a handful: 3 of 5 is no evidence against 80%. Sources: Winkler (1972), Journal of the American Statistical
    Association 67; Gneiting and Raftery (2007), same journal 102, equation 43; Clopper and Pearson (1934), Biometrika.

    Examples
    --------
    >>> found = interval_coverage([0, 0, 0, 0], [10, 10, 10, 10], [1, 5, 9, 12], level=0.8)
    >>> found.observed, found.above, round(found.score, 6)
    (0.75, 1, 15.0)
    """
    confidence_level(level, "level")
    confidence_level(confidence)
    choice(interval, tuple(_INTERVALS), "interval")
    truth = series(outcome, "outcome")
    low, high = (_matched(ends, truth, outcome, name) for ends, name in ((lower, "lower"), (upper, "upper")))
    crossed = (low > high).to_numpy()
    if crossed.any():
        where = ", ".join(repr(str(label)) for label in truth.index[crossed][:5])
        raise MethodError(f"lower is above upper for {where}. Swap the two ends or correct them.")
    known = (truth.notna() & low.notna() & high.notna()).to_numpy()
    if not known.any():
        raise MethodError("outcome and the ranges have no complete forecast in common: nothing can be scored.")
    least, most, found = (values.to_numpy()[known] for values in (low, high, truth))
    under, over = np.maximum(least - found, 0), np.maximum(found - most, 0)
    inside = int(((under == 0) & (over == 0)).sum())
    test = _binomial_test(inside, len(found), level)
    band = test.proportion_ci(confidence, method=_INTERVALS[interval])
    return Coverage(
        observed=inside / len(found), lower=float(band.low), upper=float(band.high), level=level,
        p_value=float(test.pvalue), below=int((under > 0).sum()), above=int((over > 0).sum()),
        mean_width=float((most - least).mean()),
        score=float((most - least + 2 / (1 - level) * (under + over)).mean()),
        forecasts=len(found), left_out=int((~known).sum()),
    )  # fmt: skip


def pinball_loss(forecast: Vector, outcome: Vector, *, quantile: float) -> float:
    """
    Score forecasts of one quantile: the mean of q (y - f) where the outcome is above and (1 - q) (f - y) where below.

    Lower is better, in the unit of the outcome; at the median it is half the mean absolute error. Pairs with a gap are
    left out. Raises MethodError for a quantile that is not between 0 and 1, labels that differ, nothing to score. Do
    not use it on probabilities of events: that is `brier_score`. Source: Koenker and Bassett (1978), Econometrica 46.

    Examples
    --------
    >>> pinball_loss([10, 10], [14, 8], quantile=0.5)
    1.5
    """
    confidence_level(quantile, "quantile")
    truth = series(outcome, "outcome")
    error = (truth - _matched(forecast, truth, outcome, "forecast")).dropna().to_numpy()
    if not len(error):
        raise MethodError("forecast and outcome have no complete pair: nothing can be scored.")
    return float(np.maximum(quantile * error, (quantile - 1) * error).mean())


def _events(forecast: Vector, outcome: Vector) -> tuple[Floats, Floats, int]:
    """Check probabilities against outcomes of 0 and 1; give the complete pairs and how many were not."""
    happened = series(outcome, "outcome")
    given = _matched(forecast, happened, outcome, "forecast")
    for label, value in given.items():
        if not np.isnan(value):
            share(value, f"forecast of {str(label)!r}")
    known = given.notna() & happened.notna()
    odd = happened[happened.notna() & ~happened.isin([0, 1])]
    if len(odd):
        raise MethodError(
            f"outcome must be 1 (it happened) or 0 (it did not), got {odd.iloc[0]:g} for {str(odd.index[0])!r}. "
            "Leave it missing where it is not known yet."
        )
    if not known.any():
        raise MethodError("forecast and outcome have no complete pair: nothing can be scored yet.")
    return given[known].to_numpy(), happened[known].to_numpy(), int((~known).sum())


def _matched(values: Vector, target: pd.Series, given: Vector, argument: str) -> pd.Series:
    """Put figures in the order of the outcomes: by label, or by position where either is a bare list."""
    found = series(values, argument)
    bare = not all(isinstance(one, (pd.Series, dict)) for one in (values, given))
    if bare and len(found) == len(target):
        return found.set_axis(target.index)
    return aligned(found, target.index, argument, "outcome")


def _steps(given: Floats, bins: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Number of the equal step from 0 to 1 that each forecast falls in."""
    edges = _edges(given, bins, "width")
    step = np.searchsorted(edges, given, side="right") - 1
    return cast("np.ndarray[tuple[int], np.dtype[np.int64]]", np.clip(step, 0, bins - 1))


def _edges(given: Floats, bins: int | Sequence[float], by: str) -> Floats:
    """Edges of the steps; steps of equal count lose repeated edges."""
    if isinstance(bins, (int, np.integer)):
        if bins < 1:
            raise MethodError(f"bins must be at least 1, got {bins}. 10 is usual; fewer where forecasts are few.")
        # Rounded, because 0.1 * 3 is above 0.3 and a forecast of 0.3 would fall a step too low.
        even = np.linspace(0, 1, int(bins) + 1).round(12)
        return even if by == "width" else np.unique(np.concatenate([[0.0], np.quantile(given, even[1:-1]), [1.0]]))
    edges = array(bins, "bins")
    if edges.ndim != 1 or len(edges) < 2 or edges[0] != 0 or edges[-1] != 1 or not (np.diff(edges) > 0).all():
        raise MethodError(f"bins must be a number of steps, or edges that rise from 0 to 1, got {bins!r}.")
    return edges


def confidence_level(value: float, argument: str = "confidence") -> None:
    """Refuse a level of 0 or 1, and a percentage with the fix."""
    if share(value, argument) in (0, 1):
        raise MethodError(f"{argument} must be above 0 and below 1, got {value:g}. For 95% write 0.95.")


def _binomial_test(hits: int, size: int, chance: float = 0.5) -> Any:
    from scipy.stats import binomtest  # takes longer to import than all the rest: only where a test is made

    return binomtest(hits, size, chance)
