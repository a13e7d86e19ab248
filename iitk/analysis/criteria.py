"""What all methods with several criteria share: options without gaps, senses, weights, scores on one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.analysis.checks import Floats, Vector, complete, floats, listed, mapping, matched, number, ratio
from iitk.analysis.checks import unbounded_frame as frame
from iitk.errors import MethodError

Flags = npt.NDArray[np.bool_]
Senses = Mapping[str, str | int] | Sequence[str | int] | pd.Series | npt.NDArray[np.int64]
NORMALISATIONS = ("min-max", "none", "vector", "sum", "max", "ratio")


SENSES = MappingProxyType(
    {"max": 1.0, "min": -1.0, "benefit": 1.0, "cost": -1.0, "1": 1.0, "-1": -1.0, "1.0": 1.0, "-1.0": -1.0}
)


def options(scores: object, senses: Senses | None) -> tuple[pd.DataFrame, Floats]:
    """Options x criteria without gaps, and 1 or -1 by criterion."""
    table = frame(scores, "scores")
    if table.empty:
        raise MethodError("scores has no options or no criteria.")
    whole: Flags = np.asarray(np.isfinite(floats(table, "scores")).all(axis=1))
    if not whole.all():
        gaps = table.index[~whole]
        raise MethodError(f"scores has gaps for {listed(gaps)}: score them, or leave them out and say so.")
    return table, _signs(senses, table.columns)


def _signs(senses: Senses | None, criteria: pd.Index) -> Floats:
    """1 or -1 by criterion; a bare list is in the order of the criteria."""
    if senses is not None and not isinstance(senses, (Mapping, pd.Series)):
        if isinstance(senses, str) or np.ndim(senses) != 1 or len(senses) != len(criteria):
            raise MethodError(f"senses must name the criteria, or be a list of {len(criteria)} of 'max' and 'min'.")
        senses = dict(zip(criteria, senses, strict=True))
    given = mapping(senses, "senses")
    if unknown := [name for name in given if name not in criteria]:
        raise MethodError(f"senses names {listed(unknown)}, which scores does not have.")
    return np.array([sign(given.get(name, "max"), f"the sense of {name!r}") for name in criteria])


def sign(sense: object, argument: str) -> float:
    """1 where more is better, -1 where less is."""
    found = SENSES.get(str(sense).lower())
    if found is None:
        raise MethodError(f"{argument} must be one of 'max', 'min' (or 1, -1, 'benefit', 'cost'), got {sense!r}.")
    return found


def scaled_weights(weights: Vector, criteria: pd.Index, argument: str = "weights") -> Floats:
    """
    Weights in the order of the criteria, scaled to add to 1.

    They are shares that add to 1, percentages that add to 100 (both to within 2%, for rounding), or points such as 3
    and 1, or 100, 60 and 40. What looks like shares or percentages and misses is refused: see `sound`.
    """
    found = matched(weights, criteria, argument, "scores (criteria)")
    complete(found, argument, "Use 0 to leave a criterion out.")
    values = floats(found, argument)
    if (values < 0).any() or not 0 < values.sum() < np.inf:
        raise MethodError(
            f"{argument} must not be negative and must add up to more than zero. Use senses for 'less is better'."
        )
    sound(values, argument)
    return np.asarray(values / values.sum(), dtype=np.float64)


def sound(values: Floats, argument: str) -> None:
    """
    Refuse weights that are meant to add to 1 or 100 and do not.

    Shares: all at most 1 and not all of them whole. Percentages: none over 99, adding to 80 up to 120. Shares beside
    percentages: some under 1, some 50 times as large.
    """
    total, remedy = float(values.sum()), "Or scale points of any sum by swing_weights."
    within = min(abs(total - 1), abs(total / 100 - 1)) <= 0.02 + 1e-9
    some = values[values > 0]
    if within or len(some) == 0:
        return
    if values.max() <= 1 and (some < 1).any():
        raise MethodError(f"{argument} add to {total:g}: shares must add to 1, so mend or divide them. {remedy}")
    if some.min() < 1 and some.max() >= 50 * some.min() and some.max() > 2:
        raise MethodError(
            f"{argument} have {some.min():g} beside {some.max():g}: write all as shares, or all as percentages. "
            f"For {some.max():g}% write {some.max() / 100:g}."
        )
    if len(some) > 1 and values.max() < 100 and 80 <= total <= 120:
        raise MethodError(f"{argument} add to {total:g}: percentages must add to 100, so mend them. {remedy}")


def thresholds(given: Vector | float | None, criteria: pd.Index, argument: str) -> Floats:
    """Thresholds by criterion, 0 where not given; one for all, or a bare list in the order of the criteria."""
    if given is None:
        return np.zeros(len(criteria))
    if isinstance(given, (int, float, np.number)):
        given = dict.fromkeys(criteria, number(given, argument))
    if not isinstance(given, (pd.Series, Mapping)) and np.ndim(given) == 1 and len(given) == len(criteria):
        given = dict(zip(criteria, given, strict=True))
    if not isinstance(given, (pd.Series, Mapping)):
        given = matched(given, criteria, argument, "scores (criteria)")
    by_name = mapping(given, argument)
    wanted = pd.Series({name: number(one, f"{argument} of {name!r}") for name, one in by_name.items()}, dtype=float)
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
        values = np.nan_to_num(ratio(values, np.abs(values).max(axis=0)))  # squares of huge figures would overflow
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
