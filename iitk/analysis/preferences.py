"""Choosing among options on several criteria: scores to rankings, and the door to weights and acceptability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from iitk.analysis.acceptability import RankAcceptability, rank_acceptability
from iitk.analysis.checks import Floats, Table, Vector, choice, floats, listed, mapping, ratio, row_sums
from iitk.analysis.criteria import NORMALISATIONS, Senses, normalised, options, scaled_weights, thresholds
from iitk.analysis.weighting import PairwiseWeights, pairwise_weights, swing_weights
from iitk.errors import MethodError

__all__ = [
    "PairwiseWeights",
    "RankAcceptability",
    "dominance",
    "pairwise_weights",
    "promethee_ii",
    "rank_acceptability",
    "swing_weights",
    "topsis",
    "weighted_sum",
]

Functions = str | int | Mapping[str, str | int] | Sequence[str | int] | pd.Series
_FUNCTIONS = ("linear", "usual", "u-shape", "v-shape", "level", "gaussian")
_TYPES = ("usual", "u-shape", "v-shape", "level", "linear", "gaussian")  # I to VI of Brans and Vincke


def weighted_sum(
    scores: Table, weights: Vector, *, senses: Senses | None = None, normalisation: str = "min-max"
) -> pd.Series:
    """
    Weighted mean of the normalised scores of each option: v_o = sum_c w_c x_oc, with weights scaled to add to 1.

    Parameters
    ----------
    scores
        Options x criteria, no gaps.
    weights
        By criterion, or a list in their order; none negative. Shares that add to 1, percentages that add to 100 (both
        to within 2%, for rounding), or points such as 3 and 1, or 100, 60 and 40; all are scaled to add to 1. Refused
        are weights that look like shares (at most 1, not whole) or percentages (adding to 80 up to 120, none of 100)
        and do not add up: `swing_weights` makes weights of any points. A weight means: how much the step from the worst
        to the best option on it is worth.
    senses
        "max" or "min" by criterion, or a list in the order of the criteria; "max" where not given. 1 and -1, "benefit"
        and "cost" mean the same.
    normalisation
        "min-max" (default): 0 for the worst option, 1 for the best; "none": scores are already on one scale, more is
        better, and those of "min" criteria count negative. "vector": x / root of the sum of squares, and "max": x /
        largest (for "min" criteria 1 less that); "sum": x / sum ("min": of 1/x); "ratio": x / largest ("min": smallest
        / x).

    Returns
    -------
    Value by option, in the order given. With "min-max" a criterion on which all options are alike gives 0, so that a
    single option has the value 0: compare two or more.

    Raises
    ------
    MethodError
        Gaps, criteria that differ, weights that are negative, all zero or do not add up, an unknown sense or
        normalisation; scores of 0 or less where "sum" or "ratio" must divide by them.

    Notes
    -----
    Not where bad on one criterion must not be bought off with good on another: screen for that first. With "min-max" an
    added option can change the order of the others. Source: Department for Communities and Local Government (2009),
    Multi-criteria analysis.

    Examples
    --------
    >>> import pandas as pd
    >>> options = pd.DataFrame({"jobs": [100, 300], "cost": [2, 4]}, index=["hub", "tram"])
    >>> weighted_sum(options, {"jobs": 3, "cost": 1}, senses={"cost": "min"}).to_dict()
    {'hub': 0.25, 'tram': 0.75}
    """
    choice(normalisation, NORMALISATIONS, "normalisation")
    table, signs = options(scores, senses)
    values = normalised(floats(table, "scores"), signs, normalisation, table.columns)
    return pd.Series(values @ scaled_weights(weights, table.columns), index=table.index, name="value")


def topsis(scores: Table, weights: Vector, *, senses: Senses | None = None, normalisation: str = "vector") -> pd.Series:
    """
    Closeness of each option to the best on everything: d- / (d+ + d-), 0 to 1.

    d+ and d- are the (Euclidean) distances of the weighted, normalised scores to the best and to the worst value of
    each criterion.

    Parameters
    ----------
    scores, weights, senses
        As in `weighted_sum`.
    normalisation
        "vector" (default): divided by the criterion's root sum of squares; the others as in `weighted_sum`.

    Returns
    -------
    Closeness by option, no unit; missing where all options are alike.

    Raises
    ------
    MethodError
        As `weighted_sum`.

    Notes
    -----
    An added option can change the order of the others, and closeness has no meaning outside the set of options: not
    for judging one option by itself. Source: Hwang and Yoon (1981); Tzeng and Huang (2011).

    Examples
    --------
    >>> import pandas as pd
    >>> topsis(pd.DataFrame({"a": [1, 0], "b": [0, 1]}), {"a": 1, "b": 1}).tolist()
    [0.5, 0.5]
    """
    choice(normalisation, NORMALISATIONS, "normalisation")
    table, signs = options(scores, senses)
    values = normalised(floats(table, "scores"), signs, normalisation, table.columns)
    values = values * scaled_weights(weights, table.columns)
    to_best = np.sqrt(row_sums((values - values.max(axis=0)) ** 2))
    to_worst = np.sqrt(row_sums((values - values.min(axis=0)) ** 2))
    return pd.Series(ratio(to_worst, to_best + to_worst), index=table.index, name="closeness")


def promethee_ii(
    scores: Table,
    weights: Vector,
    *,
    senses: Senses | None = None,
    indifference: Vector | float | None = None,
    preference: Vector | float | None = None,
    function: Functions = "linear",
) -> pd.DataFrame:
    """
    Net outranking flow: how much, on average, an option is preferred to each other, less the reverse. -1 to 1.

    On one criterion the preference for a over b grows with the lead d of a over b, from 0 to 1. It is weighted over
    criteria; positive = mean over the other options, negative = their mean preference over this one, net = positive -
    negative.

    Parameters
    ----------
    scores, weights, senses
        As in `weighted_sum`; no normalisation is needed.
    indifference, preference
        Thresholds q and p by criterion in its own unit (or a list in the order of the criteria, or one for all), 0
        where not given; p must not be below q, and is q where only q is given.
    function
        One for all, by criterion ("linear" where not named), or a list in the order of the criteria:

        - "linear" (default): 0 up to q, (d - q) / (p - q), 1 from p. Without thresholds any lead counts in full.
        - "usual": 1 for any lead; "u-shape": 1 above q; "v-shape": d / p up to p. Each takes no other threshold.
        - "level": 0 up to q, 1/2 up to p, then 1.
        - "gaussian": 1 - exp(-d^2 / 2 p^2), p being the turning point s.

        The types 1 to 6 of the source are "usual", "u-shape", "v-shape", "level", "linear" and "gaussian".

    Returns
    -------
    Options x (positive, negative, net). The net flows add to 0.

    Raises
    ------
    MethodError
        As `weighted_sum`; thresholds that are negative or the wrong way round; an unknown function; "gaussian" or
        "v-shape" without p; a single option.

    Notes
    -----
    Not for judging one option by itself: an added option can change the order of the others. Where positive and
    negative flows disagree (PROMETHEE I), two options are hard to compare, and the net flow hides it: look at both.
    Source: Brans and Vincke (1985), Management Science 31.

    Examples
    --------
    >>> import pandas as pd
    >>> promethee_ii(pd.DataFrame({"jobs": [5, 3, 1]}, index=["a", "b", "c"]), {"jobs": 1})["net"].tolist()
    [1.0, 0.0, -1.0]
    """
    table, signs = options(scores, senses)
    if len(table) < 2:
        raise MethodError("promethee_ii needs two options or more.")
    names = _functions(function, table.columns)
    q, p = thresholds(indifference, table.columns, "indifference"), thresholds(preference, table.columns, "preference")
    p = np.where(p == 0, np.maximum(p, q), p)
    if (p < q).any():
        raise MethodError(f"preference must not be below indifference: see {listed(table.columns[p < q])}.")
    values = floats(table, "scores") * signs
    outranks, share = np.zeros((len(table), len(table))), scaled_weights(weights, table.columns)
    for column, name in enumerate(names):
        lead = values[:, None, column] - values[None, :, column]
        outranks += share[column] * _degree(lead, name, q[column], p[column])
    others = len(table) - 1
    positive, negative = outranks.sum(axis=1) / others, outranks.sum(axis=0) / others
    return pd.DataFrame({"positive": positive, "negative": negative, "net": positive - negative}, index=table.index)


def dominance(scores: Table, *, senses: Senses | None = None) -> pd.DataFrame:
    """
    Options x options: True where the row is at least as good on every criterion and better on one.

    A dominated option is never best whatever the weights; one that dominates no other may still be last. Not for scores
    with doubt: the smallest lead counts. Raises MethodError as `weighted_sum`. Source: Department for Communities and
    Local Government (2009), Multi-criteria analysis, 5.5.

    Examples
    --------
    >>> import pandas as pd
    >>> dominance(pd.DataFrame({"jobs": [5, 3], "reach": [2, 2]}, index=["a", "b"])).loc["a"].to_dict()
    {'a': False, 'b': True}
    """
    table, signs = options(scores, senses)
    values = floats(table, "scores") * signs
    lead = values[:, None, :] - values[None, :, :]
    found = np.logical_and((lead >= 0).all(axis=2), (lead > 0).any(axis=2))
    return pd.DataFrame(np.asarray(found), index=table.index, columns=table.index)


def _functions(function: Functions, criteria: pd.Index) -> list[str]:
    """Preference function of each criterion."""
    if isinstance(function, (str, int)):
        return [_named(function, "function")] * len(criteria)
    if isinstance(function, pd.Series):
        function = mapping(function, "function")
    if not isinstance(function, Mapping):
        if np.ndim(function) != 1 or len(function) != len(criteria):
            raise MethodError(f"function must name the criteria, or be a list of {len(criteria)}, one for each.")
        function = dict(zip(criteria, function, strict=True))
    if unknown := [name for name in function if name not in criteria]:
        raise MethodError(f"function names {listed(unknown)}, which scores does not have.")
    return [_named(function.get(name, "linear"), f"the function of {name!r}") for name in criteria]


def _named(function: object, argument: str) -> str:
    """A preference function by its name or by the number of its type."""
    if isinstance(function, (int, np.integer)) and 1 <= function <= len(_TYPES):
        return _TYPES[int(function) - 1]
    return choice(str(function), _FUNCTIONS, argument)


def _degree(lead: Floats, function: str, q: float, p: float) -> Floats:
    """Preference from 0 to 1 for each lead, on one criterion."""
    if function in ("gaussian", "v-shape") and not p > 0:
        what = "its turning point" if function == "gaussian" else "where it is full; without one take 'usual'"
        raise MethodError(f"function {function!r} needs a preference threshold above 0: {what}.")
    if function == "gaussian":
        return np.where(lead > 0, 1 - np.exp(-(lead**2) / (2 * p**2)), 0.0)
    if function == "level":
        return np.where(lead > p, 1.0, np.where(lead > q, 0.5, 0.0))
    q = 0.0 if function in ("usual", "v-shape") else q
    p = q if function in ("usual", "u-shape") else p
    return np.clip((lead - q) / (p - q), 0.0, 1.0) if p > q else (lead > q).astype(np.float64)
