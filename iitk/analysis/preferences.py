"""Choosing among options on several criteria: scores to rankings, and how far they rest on the weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd

from iitk.analysis.checks import (
    Floats,
    Vector,
    choice,
    complete,
    floats,
    frame,
    listed,
    matched,
    ratio,
    row_sums,
    series,
)
from iitk.errors import MethodError

# Saaty (1980): mean consistency index of random comparison matrices, by number of criteria.
_RANDOM_INDEX = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)


@dataclass(frozen=True, slots=True)
class PairwiseWeights:
    """Weights from comparisons of pairs (adding to 1), and how consistent these were.

    `consistency_ratio` up to 0.1 is usual; `intransitive` lists circles such as a over b over c over a.
    """

    weights: pd.Series
    consistency_ratio: float
    intransitive: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class RankAcceptability:
    """What all weights together say of the options.

    `acceptability`: options x ranks, the share of weights (and scores) that give the option that rank.
    `central_weights`: options x criteria, the mean of the weights that put it first; missing if none does.
    `confidence`: how often it is first with those.
    """

    acceptability: pd.DataFrame
    central_weights: pd.DataFrame
    confidence: pd.Series


def weighted_sum(
    scores: pd.DataFrame, weights: Vector, *, senses: Mapping[str, str] | None = None, normalisation: str = "min-max"
) -> pd.Series:
    """
    Weighted mean of the normalised scores of each option: v_o = sum_c w_c x_oc, with weights scaled to add to 1.

    Parameters
    ----------
    scores
        Options x criteria, no gaps.
    weights
        By criterion, none negative. A weight means: how much the step from the worst to the best option on it is worth.
    senses
        "max" or "min" by criterion; "max" where not given.
    normalisation
        "min-max" (default): 0 for the worst option, 1 for the best; "none": scores are already on one scale, more is
        better, and those of "min" criteria count negative.

    Returns
    -------
    Value by option, in the order given.

    Raises
    ------
    MethodError
        Gaps, criteria that differ, weights that are negative or all zero, an unknown sense or normalisation.

    Notes
    -----
    Bad on one criterion can be bought off with good on another: screen first what must not be. With "min-max" an added
    option can change the order of the others. Source: Department for Communities and Local Government (2009),
    Multi-criteria analysis.

    Examples
    --------
    >>> import pandas as pd
    >>> options = pd.DataFrame({"jobs": [100, 300], "cost": [2, 4]}, index=["hub", "tram"])
    >>> weighted_sum(options, {"jobs": 3, "cost": 1}, senses={"cost": "min"}).to_dict()
    {'hub': 0.25, 'tram': 0.75}
    """
    choice(normalisation, ("min-max", "none"), "normalisation")
    table, signs = _options(scores, senses)
    values = floats(table, "scores") * signs
    if normalisation == "min-max":
        values = _min_max(values)
    return pd.Series(values @ _weights(weights, table.columns), index=table.index, name="value")


def topsis(
    scores: pd.DataFrame, weights: Vector, *, senses: Mapping[str, str] | None = None, normalisation: str = "vector"
) -> pd.Series:
    """
    Closeness of each option to the best on everything: d- / (d+ + d-), 0 to 1.

    Scores are normalised ("vector", default: divided by the criterion's root sum of squares; "min-max": 0 to 1) and
    weighted; d+ and d- are the distances to the best and to the worst value of each criterion.

    Returns the closeness by option; missing where all options are alike. Arguments and errors as `weighted_sum`.
    An added option can change the order of the others. Source: Hwang and Yoon (1981); Tzeng and Huang (2011).

    Examples
    --------
    >>> import pandas as pd
    >>> topsis(pd.DataFrame({"a": [1, 0], "b": [0, 1]}), {"a": 1, "b": 1}).tolist()
    [0.5, 0.5]
    """
    choice(normalisation, ("vector", "min-max"), "normalisation")
    table, signs = _options(scores, senses)
    values = floats(table, "scores")
    if normalisation == "vector":
        values = np.nan_to_num(ratio(values, np.sqrt((values**2).sum(axis=0)))) * signs
    else:
        values = _min_max(values * signs)
    values = values * _weights(weights, table.columns)
    to_best = np.sqrt(row_sums((values - values.max(axis=0)) ** 2))
    to_worst = np.sqrt(row_sums((values - values.min(axis=0)) ** 2))
    return pd.Series(ratio(to_worst, to_best + to_worst), index=table.index, name="closeness")


def promethee_ii(
    scores: pd.DataFrame,
    weights: Vector,
    *,
    senses: Mapping[str, str] | None = None,
    indifference: Mapping[str, float] | None = None,
    preference: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """
    Net outranking flow: how much, on average, an option is preferred to each other, less the reverse. -1 to 1.

    On one criterion the preference for a over b grows from 0 at a lead of `indifference` to 1 at a lead of
    `preference`, linearly (both 0, the default, is the "usual" criterion: any lead counts in full). It is weighted over
    criteria; positive = mean over the other options, negative = their mean preference over this one, net = positive -
    negative.

    Parameters
    ----------
    scores, weights, senses
        As in `weighted_sum`; no normalisation is needed.
    indifference, preference
        Thresholds by criterion in its own unit, 0 where not given, preference not below indifference.

    Returns
    -------
    Options x (positive, negative, net). The net flows add to 0.

    Raises
    ------
    MethodError
        As `weighted_sum`; thresholds that are negative or the wrong way round; a single option.

    Notes
    -----
    Source: Brans and Vincke (1985), Management Science 31.

    Examples
    --------
    >>> import pandas as pd
    >>> promethee_ii(pd.DataFrame({"jobs": [5, 3, 1]}, index=["a", "b", "c"]), {"jobs": 1})["net"].tolist()
    [1.0, 0.0, -1.0]
    """
    table, signs = _options(scores, senses)
    if len(table) < 2:
        raise MethodError("promethee_ii needs two options or more.")
    q, p = _threshold(indifference, table.columns, "indifference"), _threshold(preference, table.columns, "preference")
    p = np.maximum(p, q) if preference is None else p
    if (p < q).any():
        raise MethodError(f"preference must not be below indifference: see {listed(table.columns[p < q])}.")
    values = floats(table, "scores") * signs
    lead = values[:, None, :] - values[None, :, :]
    width = np.where(p > q, p - q, 1.0)
    degree = np.where(p > q, np.clip((lead - q) / width, 0.0, 1.0), (lead > q).astype(float))
    outranks = degree @ _weights(weights, table.columns)
    others = len(table) - 1
    positive, negative = outranks.sum(axis=1) / others, outranks.sum(axis=0) / others
    return pd.DataFrame({"positive": positive, "negative": negative, "net": positive - negative}, index=table.index)


def dominance(scores: pd.DataFrame, *, senses: Mapping[str, str] | None = None) -> pd.DataFrame:
    """
    Options x options: True where the row is at least as good on every criterion and better on one.

    A dominated option is never best whatever the weights. Errors as `weighted_sum`.

    Examples
    --------
    >>> import pandas as pd
    >>> dominance(pd.DataFrame({"jobs": [5, 3], "reach": [2, 2]}, index=["a", "b"])).loc["a"].to_dict()
    {'a': False, 'b': True}
    """
    table, signs = _options(scores, senses)
    values = floats(table, "scores") * signs
    lead = values[:, None, :] - values[None, :, :]
    found = np.logical_and((lead >= 0).all(axis=2), (lead > 0).any(axis=2))
    return pd.DataFrame(np.asarray(found), index=table.index, columns=table.index)


def swing_weights(points: Vector) -> pd.Series:
    """
    Turn swing points into weights that add to 1.

    People give 100 to the criterion whose swing from worst to best matters most, and less to the others.
    Raises MethodError for gaps, negative points or none at all.

    Examples
    --------
    >>> swing_weights({"jobs": 100, "cost": 60, "reach": 40}).to_dict()
    {'jobs': 0.5, 'cost': 0.3, 'reach': 0.2}
    """
    given = series(points, "points")
    return pd.Series(_weights(given, given.index), index=given.index, name="weight")


def pairwise_weights(comparisons: pd.DataFrame) -> PairwiseWeights:
    """
    Weights from comparisons of every two criteria: the principal eigenvector of the table of ratios.

    Parameters
    ----------
    comparisons
        Criteria x criteria: how many times the row matters as much as the column (1/9 to 9 on Saaty's scale); the lower
        half is the inverse of the upper, the diagonal 1.

    Returns
    -------
    PairwiseWeights. The consistency ratio is (lambda - n) / (n - 1) over that of random answers; missing above ten
    criteria.

    Raises
    ------
    MethodError
        A table that is not square, complete, positive or reciprocal; the message names a wrong pair.

    Notes
    -----
    Source: Saaty (1980), The Analytic Hierarchy Process.

    Examples
    --------
    >>> import pandas as pd
    >>> names = ["jobs", "cost"]
    >>> pairwise_weights(pd.DataFrame([[1, 3], [1 / 3, 1]], index=names, columns=names)).weights.round(2).to_dict()
    {'jobs': 0.75, 'cost': 0.25}
    """
    table = frame(comparisons, "comparisons")
    matched(pd.Series(0.0, table.index), table.columns, "comparisons (rows)", "comparisons (columns)")
    table = table.loc[table.columns]
    values = floats(table, "comparisons")
    # A gap fails the test too: nothing times a gap is 1.
    wrong = ~((values > 0) & np.isclose(values * values.T, 1.0, rtol=1e-2))
    if wrong.any():
        row, column = (table.columns[n] for n in np.argwhere(wrong)[0])
        raise MethodError(
            f"comparisons of {row!r} and {column!r} must be positive and the inverse of each other (3 and 1/3)."
        )
    roots, vectors = np.linalg.eig(values)
    first = int(np.argmax(roots.real))
    weights = np.abs(vectors[:, first].real)
    n = len(values)
    index = (float(roots[first].real) - n) / (n - 1) if n > 2 else 0.0
    random = _RANDOM_INDEX[n] if n < len(_RANDOM_INDEX) else float("nan")
    return PairwiseWeights(
        weights=pd.Series(weights / weights.sum(), index=table.columns, name="weight"),
        consistency_ratio=max(index, 0.0) / random if n > 2 else 0.0,
        intransitive=_circles(values, [str(name) for name in table.columns]),
    )


def rank_acceptability(
    scores: pd.DataFrame,
    *,
    senses: Mapping[str, str] | None = None,
    spread: pd.DataFrame | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> RankAcceptability:
    """
    Stochastic multicriteria acceptability (SMAA-2): which options do well whatever the weights.

    Weights are drawn evenly from all that add to 1; options are ranked by the weighted sum of min-max normalised
    scores. Options that tie share their ranks.

    Parameters
    ----------
    scores, senses
        As in `weighted_sum`.
    spread
        Standard deviations of the scores, options x criteria (normal, independent). Without it scores are certain, and
        an option's confidence is 1 or 0 (or its share of a tie).
    draws, seed
        Number of draws, and their seed: the same seed gives the same answer. 10,000 draws are right to about 0.01.

    Returns
    -------
    RankAcceptability.

    Raises
    ------
    MethodError
        As `weighted_sum`; a spread that does not fit or is negative; no draws.

    Notes
    -----
    Source: Lahdelma and Salminen (2001), Operations Research 49.

    Examples
    --------
    >>> import pandas as pd
    >>> options = pd.DataFrame({"jobs": [5, 1, 0], "reach": [0, 1, 5]}, index=["a", "b", "c"])
    >>> rank_acceptability(options).acceptability[1].round(1).to_dict()
    {'a': 0.5, 'b': 0.0, 'c': 0.5}
    """
    if draws < 1:
        raise MethodError(f"draws must be 1 or more, got {draws}.")
    table, signs = _options(scores, senses)
    values, names = floats(table, "scores") * signs, table.columns
    # The scale is that of the certain scores, so that a draw moves options and not the scale.
    least, step = values.min(axis=0), np.ptp(values, axis=0)
    unit = np.where(step > 0, step, 1.0)
    certain, rng = (values - least) / unit, np.random.default_rng(seed)
    doubt = None if spread is None else _spread(spread, table) / unit
    weights = rng.exponential(size=(draws, len(names)))
    weights /= weights.sum(axis=1, keepdims=True)
    drawn = _drawn(certain, doubt, weights, rng)
    first = _first(drawn)
    central = ratio(first.T @ weights, first.sum(axis=0)[:, None])
    confidence = _confidence(certain, doubt, central, rng, draws)
    ranks = pd.Index(range(1, len(table) + 1), name="rank")
    return RankAcceptability(
        acceptability=pd.DataFrame(_acceptability(drawn), index=table.index, columns=ranks),
        central_weights=pd.DataFrame(central, index=table.index, columns=names),
        confidence=pd.Series(confidence, index=table.index, name="confidence"),
    )


def _options(scores: pd.DataFrame, senses: Mapping[str, str] | None) -> tuple[pd.DataFrame, Floats]:
    """Options x criteria without gaps, and 1 or -1 by criterion."""
    table = frame(scores, "scores")
    if table.empty:
        raise MethodError("scores has no options or no criteria.")
    if table.isna().any(axis=None):
        gaps = table.index[table.isna().any(axis=1)]
        raise MethodError(f"scores has gaps for {listed(gaps)}: score them, or leave them out and say so.")
    given = senses or {}
    if unknown := [name for name in given if name not in table.columns]:
        raise MethodError(f"senses names {listed(unknown)}, which scores does not have.")
    for name, sense in given.items():
        choice(sense, ("max", "min"), f"the sense of {name!r}")
    return table, np.array([-1.0 if given.get(name, "max") == "min" else 1.0 for name in table.columns])


def _weights(weights: Vector, criteria: pd.Index) -> Floats:
    """Weights in the order of the criteria, scaled to add to 1."""
    found = matched(weights, criteria, "weights", "scores (criteria)")
    complete(found, "weights", "Use 0 to leave a criterion out.")
    if (found < 0).any() or found.sum() <= 0:
        raise MethodError(
            "weights must not be negative and must add up to more than zero. Use senses for 'less is better'."
        )
    return floats(found / found.sum(), "weights")


def _min_max(values: Floats) -> Floats:
    """0 for the worst and 1 for the best; 0 throughout where all are equal."""
    return np.nan_to_num(ratio(values - values.min(axis=0), np.ptp(values, axis=0)))


def _threshold(given: Mapping[str, float] | None, criteria: pd.Index, argument: str) -> Floats:
    """Thresholds by criterion, 0 where not given."""
    wanted = pd.Series(dict(given or {}), dtype=float)
    if unknown := [name for name in wanted.index if name not in criteria]:
        raise MethodError(f"{argument} names {listed(unknown)}, which scores does not have.")
    if not (wanted >= 0).all():
        raise MethodError(f"{argument} must not be negative or missing: see {listed(wanted.index[~(wanted >= 0)])}.")
    return floats(wanted.reindex(criteria).fillna(0.0), argument)


def _circles(values: Floats, names: list[str]) -> tuple[tuple[str, str, str], ...]:
    """Find triples a over b over c over a; each circle once, starting from its first name."""
    over = values > 1 + 1e-9
    return tuple(
        (names[a], names[b], names[c])
        for a, b, c in permutations(range(len(names)), 3)
        if a < min(b, c) and over[a, b] and over[b, c] and over[c, a]
    )


def _spread(spread: pd.DataFrame, table: pd.DataFrame) -> Floats:
    found = frame(spread, "spread")
    if set(found.index) != set(table.index) or set(found.columns) != set(table.columns):
        raise MethodError("spread must have the options and criteria of scores.")
    found = found.loc[table.index, table.columns]
    if not (found >= 0).all(axis=None):
        raise MethodError("spread must not be negative or missing: use 0 for a score that is certain.")
    return floats(found, "spread")


def _drawn(certain: Floats, doubt: Floats | None, weights: Floats, rng: np.random.Generator) -> Floats:
    """Draws x options: weighted values, of certain or of drawn scores."""
    values = weights @ certain.T
    if doubt is not None:
        # A weighted sum of independent normal errors is normal: one draw an option is enough.
        values = values + rng.standard_normal(values.shape) * np.sqrt(weights**2 @ (doubt**2).T)
    return np.asarray(values, dtype=np.float64)


def _acceptability(values: Floats) -> Floats:
    """Options x ranks: the share of draws that give the option that rank; options that tie share their ranks evenly."""
    draws, options = values.shape
    rounded = np.round(values, 12)
    order = np.argsort(-rounded, axis=1, kind="stable")
    ordered = np.take_along_axis(rounded, order, axis=1)
    tied = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
    cells = (order[~tied] * options + np.arange(options)).ravel()
    counts = np.bincount(cells, minlength=options * options).reshape(options, options).astype(np.float64)
    for draw in np.flatnonzero(tied):
        same = rounded[draw][:, None] == rounded[draw][None, :]
        counts += (same / same.sum(axis=1, keepdims=True))[:, order[draw]]
    return np.asarray(counts / draws, dtype=np.float64)


def _first(values: Floats) -> Floats:
    """Draws x options: 1 for the best, an equal share where several are."""
    rounded = np.round(values, 12)
    best = rounded == rounded.max(axis=1, keepdims=True)
    return np.asarray(best / best.sum(axis=1, keepdims=True), dtype=np.float64)


def _confidence(
    certain: Floats, doubt: Floats | None, central: Floats, rng: np.random.Generator, draws: int
) -> Floats:  # fmt: skip
    """How often each option is first with its own central weights."""
    found = np.full(len(certain), np.nan)
    # The same errors serve every option: only the weights differ.
    errors = np.zeros((1, len(certain))) if doubt is None else rng.standard_normal((draws, len(certain)))
    for option in np.flatnonzero(~np.isnan(central).any(axis=1)):
        size = 0.0 if doubt is None else np.sqrt(doubt**2 @ central[option] ** 2)
        values = np.round(certain @ central[option] + errors * size, 12)
        best = values == values.max(axis=1, keepdims=True)
        found[option] = (best[:, option] / best.sum(axis=1)).mean()
    return found
