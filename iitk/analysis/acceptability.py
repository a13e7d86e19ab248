"""Which options do well whatever the weights: stochastic multicriteria acceptability analysis (SMAA-2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from iitk.analysis.checks import Floats, Table, aligned, choice, floats, listed, ratio, whole
from iitk.analysis.checks import frame as finite_table
from iitk.analysis.criteria import Senses, options, sound
from iitk.errors import MethodError


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


def rank_acceptability(
    scores: Table,
    *,
    senses: Senses | None = None,
    weights: Table | None = None,
    importance: Sequence[str] | None = None,
    normalisation: str = "min-max",
    spread: Table | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> RankAcceptability:
    """
    Stochastic multicriteria acceptability (SMAA-2): which options do well whatever the weights.

    Weights are drawn evenly from all that add to 1 (a flat Dirichlet distribution); options are ranked by the weighted
    sum of normalised scores. Options that tie share their ranks. b_or = share of draws in which o has rank r; central
    weight of o = mean of the weights in the draws where it is first.

    Parameters
    ----------
    scores, senses
        As in `weighted_sum`.
    weights
        Draws x criteria, to use instead of even draws: for instance the weights of the people in the room, each row as
        in `weighted_sum`. They are scaled to add to 1, and `draws` is their number.
    importance
        Criteria from the most to the least important: only weights in that order are drawn. Those not named are less
        important than the last named, in no order.
    normalisation
        "min-max" (default) or "none": as in `weighted_sum`; "none" keeps the scores' own scale, for values that people
        have put on one scale already.
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
        As `weighted_sum`; a spread that does not fit or is negative; no draws; weights together with importance.

    Notes
    -----
    Not a ranking: a first-rank share of 30% may belong to the best compromise, or to an extreme option. Where the
    group does agree on weights, `weighted_sum` says more. Source: Lahdelma and Salminen (2001), Operations Research 49.

    Examples
    --------
    >>> import pandas as pd
    >>> options = pd.DataFrame({"jobs": [5, 1, 0], "reach": [0, 1, 5]}, index=["a", "b", "c"])
    >>> rank_acceptability(options).acceptability[1].round(1).to_dict()
    {'a': 0.5, 'b': 0.0, 'c': 0.5}
    """
    draws, seed = whole(draws, "draws", 1), whole(seed, "seed")
    choice(normalisation, ("min-max", "none"), "normalisation")
    table, signs = options(scores, senses)
    values, names = floats(table, "scores") * signs, table.columns
    # The scale is that of the certain scores, so that a draw moves options and not the scale.
    least, step = values.min(axis=0), np.ptp(values, axis=0)
    unit = np.where((step > 0) & (normalisation == "min-max"), step, 1.0)
    certain, rng = (values if normalisation == "none" else (values - least) / unit), np.random.default_rng(seed)
    doubt = None if spread is None else _spread(spread, table) / unit
    drawn_weights = _drawn_weights(weights, importance, names, draws, rng)
    drawn = _drawn(certain, doubt, drawn_weights, rng)
    first = _first(drawn)
    central = ratio(first.T @ drawn_weights, first.sum(axis=0)[:, None])
    confidence = _confidence(certain, doubt, central, rng, len(drawn_weights))
    ranks = pd.Index(range(1, len(table) + 1), name="rank")
    return RankAcceptability(
        acceptability=pd.DataFrame(_acceptability(drawn), index=table.index, columns=ranks),
        central_weights=pd.DataFrame(central, index=table.index, columns=names),
        confidence=pd.Series(confidence, index=table.index, name="confidence"),
    )


def _drawn_weights(
    given: Table | None, importance: Sequence[str] | None, names: pd.Index, draws: int, rng: np.random.Generator
) -> Floats:  # fmt: skip
    """Draws x criteria, each adding to 1."""
    if given is not None:
        if importance is not None:
            raise MethodError("Give weights or importance, not both: importance is about weights that are drawn.")
        return _given_weights(given, names)
    weights = rng.exponential(size=(draws, len(names)))
    weights /= weights.sum(axis=1, keepdims=True)
    order = list(importance or ())
    if not order:
        return weights
    if len(set(order)) != len(order) or isinstance(importance, str) or set(order) - set(names):
        raise MethodError(f"importance must name criteria of scores once each: {listed(names)}.")
    descending = -np.sort(-weights, axis=1)
    rest = [place for place, name in enumerate(names) if name not in order]
    weights[:, [list(names).index(name) for name in order]] = descending[:, : len(order)]
    weights[:, rest] = rng.permuted(descending[:, len(order) :], axis=1)
    return weights


def _given_weights(given: Table, names: pd.Index) -> Floats:
    """Weights that the user drew, in the order of the criteria."""
    table = finite_table(given, "weights")
    if not isinstance(given, pd.DataFrame) and table.shape[1] == len(names):
        table.columns = names
    aligned(pd.Series(0.0, table.columns), names, "weights (columns)", "scores (criteria)")
    values = floats(table[names], "weights")
    sums = values.sum(axis=1, keepdims=True)
    if not len(values) or not ((values >= 0).all() and (sums > 0).all()):
        raise MethodError("weights must hold one row or more, none negative or missing, each with a sum above zero.")
    for label, row in zip(table.index, values, strict=True):
        sound(row, f"the weights of {str(label)!r}")
    return np.asarray(values / sums, dtype=np.float64)


def _spread(spread: Table, table: pd.DataFrame) -> Floats:
    found = finite_table(spread, "spread")
    if not isinstance(spread, pd.DataFrame) and found.shape == table.shape:
        found = pd.DataFrame(floats(found, "spread"), table.index, table.columns)
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
