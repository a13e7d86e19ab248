"""What all methods with several criteria share: options without gaps, senses, weights, scores on one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.analysis.checks import Floats, Vector, choice, complete, floats, listed, matched, ratio
from iitk.analysis.checks import unbounded_frame as frame
from iitk.errors import MethodError

Flags = npt.NDArray[np.bool_]
Senses = Mapping[str, str] | Sequence[str]
NORMALISATIONS = ("min-max", "none", "vector", "sum", "max", "ratio")


def options(scores: pd.DataFrame, senses: Senses | None) -> tuple[pd.DataFrame, Floats]:
    """Options x criteria without gaps, and 1 or -1 by criterion."""
    table = frame(scores, "scores")
    if table.empty:
        raise MethodError("scores has no options or no criteria.")
    whole: Flags = np.asarray(np.isfinite(floats(table, "scores")).all(axis=1))
    if not whole.all():
        gaps = table.index[~whole]
        raise MethodError(f"scores has gaps for {listed(gaps)}: score them, or leave them out and say so.")
    given = _senses(senses, table.columns)
    return table, np.array([-1.0 if given.get(name, "max") == "min" else 1.0 for name in table.columns])


def _senses(senses: Senses | None, criteria: pd.Index) -> Mapping[str, str]:
    """Sense by criterion; a bare list is in the order of the criteria."""
    if senses is not None and not isinstance(senses, Mapping):
        if isinstance(senses, str) or len(senses) != len(criteria):
            raise MethodError(f"senses must name the criteria, or be a list of {len(criteria)} of 'max' and 'min'.")
        senses = dict(zip(criteria, senses, strict=True))
    given = senses or {}
    if unknown := [name for name in given if name not in criteria]:
        raise MethodError(f"senses names {listed(unknown)}, which scores does not have.")
    for name, sense in given.items():
        choice(sense, ("max", "min"), f"the sense of {name!r}")
    return given


def scaled_weights(weights: Vector, criteria: pd.Index) -> Floats:
    """Weights in the order of the criteria, scaled to add to 1."""
    found = matched(weights, criteria, "weights", "scores (criteria)")
    complete(found, "weights", "Use 0 to leave a criterion out.")
    if (found < 0).any() or not 0 < found.sum() < np.inf:
        raise MethodError(
            "weights must not be negative and must add up to more than zero. Use senses for 'less is better'."
        )
    return floats(found / found.sum(), "weights")


def thresholds(given: Vector | None, criteria: pd.Index, argument: str) -> Floats:
    """Thresholds by criterion, 0 where not given; a bare list is in the order of the criteria."""
    if given is None:
        return np.zeros(len(criteria))
    if not isinstance(given, (pd.Series, Mapping)):
        given = matched(given, criteria, argument, "scores (criteria)")
    wanted = pd.Series(dict(given), dtype=float)
    if unknown := [name for name in wanted.index if name not in criteria]:
        raise MethodError(f"{argument} names {listed(unknown)}, which scores does not have.")
    if not ((wanted >= 0) & (wanted < np.inf)).all():
        raise MethodError(f"{argument} must not be negative or missing: see {listed(wanted.index[~(wanted >= 0)])}.")
    return floats(wanted.reindex(criteria).fillna(0.0), argument)


def normalised(values: Floats, signs: Floats, how: str, criteria: pd.Index) -> Floats:
    """Scores on one scale on which more is better; `weighted_sum` says what each way does."""
    least = signs < 0
    if how == "none":
        return values * signs
    if how == "min-max":
        return min_max(values * signs)
    if how in ("sum", "ratio"):
        bad = _undividable(values, least | (how == "ratio"))
        if bad.any():
            wrong = criteria[bad]
            raise MethodError(f"normalisation={how!r} needs scores above 0: not so for {listed(wrong)}. Use 'min-max'.")
    if how == "vector":
        shares = np.nan_to_num(ratio(values, np.sqrt((values**2).sum(axis=0))))
        return np.where(least, 1 - shares, shares)
    if how == "max":
        shares = np.nan_to_num(ratio(values, values.max(axis=0)))
        return np.where(least, 1 - shares, shares)
    if how == "ratio":
        return np.asarray(np.where(least, values.min(axis=0) / values, values / values.max(axis=0)), dtype=np.float64)
    turned = np.where(least, ratio(1.0, values), values)
    return np.asarray(turned / turned.sum(axis=0), dtype=np.float64)


def min_max(values: Floats) -> Floats:
    """0 for the worst and 1 for the best; 0 throughout where all are equal."""
    return np.nan_to_num(ratio(values - values.min(axis=0), np.ptp(values, axis=0)))


def _undividable(values: Floats, inverted: Flags) -> Flags:
    """Criteria whose scores cannot be taken as shares of their sum, or (where `inverted`) be divided by."""
    lowest = values.min(axis=0)
    return np.asarray((lowest < 0) | (values.sum(axis=0) <= 0) | (inverted & (lowest == 0)), dtype=np.bool_)
