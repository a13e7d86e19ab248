"""How well a score tells what happened from what did not, and how sure that is when cases come in groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit

from iitk.analysis.checks import Floats, array, listed, share, whole
from iitk.errors import MethodError

Codes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval; `influence` holds what each case adds to its error (they add to 0)."""

    value: float
    lower: float
    upper: float
    influence: Floats

    def minus(self, other: Estimate, groups: Sequence[Codes], level: float) -> Estimate:
        """The difference from another estimate on the same cases: shared ups and downs cancel."""
        return interval(self.value - other.value, self.influence - other.influence, groups, level)


def auc(score: npt.ArrayLike, event: npt.ArrayLike, *, within: npt.ArrayLike | None = None) -> float:
    """
    Area under the ROC curve: how often a case with the event scores higher than one without, ties counted half.

    A = sum over pairs of [s_i > s_j] + 0.5 [s_i = s_j], over the number of pairs (i with the event, j without). 0.5 is
    chance, 1 perfect, below 0.5 wrong way round. It tells rank, not calibration, and ignores how rare the event is:
    show `precision_at` and the rate of events beside it.

    Parameters
    ----------
    score
        One figure a case; only the order matters.
    event
        1 (or True) where it happened, 0 where not.
    within
        Group of each case: only pairs within a group are compared. Without it: all pairs.

    Returns
    -------
    Share of pairs, 0 to 1. Missing where no group has both an event and a case without.

    Raises
    ------
    MethodError
        Lengths that differ, gaps, events other than 0 and 1.

    Notes
    -----
    Source: Hanley and McNeil (1982), Radiology 143.

    Examples
    --------
    >>> auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75
    """
    return _concordance(*_cases(score, event, within))[0]


def auc_estimate(
    score: npt.ArrayLike,
    event: npt.ArrayLike,
    groups: Sequence[npt.ArrayLike] = (),
    *,
    within: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """
    Area under the ROC curve with an interval that allows for cases that are alike.

    With each case a group of its own this is DeLong's interval. The same area appears under many industries and years,
    and each industry under many areas, so their errors are alike: pass both as `groups`, and the variance is the sum of
    those by each group less that by their intersection. The interval is t-based, with the smaller number of groups less
    one as degrees of freedom.

    Parameters
    ----------
    score, event, within
        As in `auc`.
    groups
        None, one or two labels for each case within which errors may be alike.
    level
        Of the interval, as a share.

    Returns
    -------
    Estimate. The interval is cut to 0 and 1.

    Raises
    ------
    MethodError
        As `auc`; more than two groupings, a percentage for a level.

    Notes
    -----
    Not for few groups (under about 20): the interval is then too short. Source: DeLong, DeLong and Clarke-Pearson
    (1988), Biometrics 44; Obuchowski (1997), Biometrics 53; Cameron, Gelbach and Miller (2011), JBES 29.

    Examples
    --------
    >>> found = auc_estimate([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    >>> found.value, bool(found.lower < 0.75 <= found.upper)
    (0.75, True)
    """
    cases = _cases(score, event, within)
    value, influence = _concordance(*cases)
    found = interval(value, influence, [codes(group, len(cases[0])) for group in groups], level)
    return Estimate(value, max(found.lower, 0.0), min(found.upper, 1.0), influence)


def precision_at(score: npt.ArrayLike, event: npt.ArrayLike, groups: npt.ArrayLike, *, top: int = 10) -> pd.DataFrame:
    """
    Share of events among the highest-scored cases of each group: of the ten that we would name, how many come true.

    Parameters
    ----------
    score, event
        As in `auc`.
    groups
        Group of each case, such as its area: the highest are taken in each.
    top
        How many are taken. Groups with no more cases than that are left out, because there is nothing to choose. Of
        equal scores the first in the given order count.

    Returns
    -------
    Groups x (precision, rate): share of events among the highest, and among all cases of the group.

    Raises
    ------
    MethodError
        As `auc`; a top below one.

    Examples
    --------
    >>> precision_at([3, 2, 1], [1, 0, 0], ["Leeds"] * 3, top=1).loc["Leeds"].round(2).to_dict()
    {'precision': 1.0, 'rate': 0.33}
    """
    top = whole(top, "top", 1)
    values, happened, _ = _cases(score, event, None)
    table = pd.DataFrame({"group": groups, "score": values, "event": happened.astype(np.float64)})
    ordered = table.sort_values("score", ascending=False, kind="stable").groupby("group", sort=True)
    first, size = ordered.head(top), ordered.size()
    found = pd.DataFrame({
        "precision": first.groupby("group")["event"].mean(), "rate": ordered["event"].mean(),
    })  # fmt: skip
    return found[size > top]


def interval(value: float, influence: Floats, groups: Sequence[Codes], level: float) -> Estimate:
    """Interval from the influence of each case, with no, one or two groupings (see `auc_estimate`)."""
    share(level, "level")
    if len(groups) > 2:
        raise MethodError(f"Pass two groupings at most, not {len(groups)}.")
    variances = [_variance(influence, group) for group in groups]
    if len(groups) == 2:
        both = codes(groups[0] * (int(groups[1].max(initial=0)) + 1) + groups[1], len(influence))
        # The sum can fall below either by chance; the larger is then the safe one.
        variances = [max(variances[0] + variances[1] - _variance(influence, both), *variances)]
    variance = variances[0] if variances else _variance(influence, np.arange(len(influence)))
    fewest = min((int(group.max(initial=0)) + 1 for group in groups), default=len(influence))
    reach = float(stdtrit(max(fewest - 1, 1), 0.5 + level / 2)) * float(np.sqrt(variance))
    return Estimate(value, value - reach, value + reach, influence)


def codes(labels: npt.ArrayLike, length: int) -> Codes:
    """Number the groups 0, 1, 2 ..., one number a case."""
    found, _ = pd.factorize(np.asarray(labels))
    if len(found) != length or (found < 0).any():
        raise MethodError(f"A grouping must name a group for each of the {length} cases, without gaps.")
    return np.asarray(found, dtype=np.intp)


def _variance(influence: Floats, group: Codes) -> float:
    """Variance by groups, with the usual small-sample factor G / (G - 1)."""
    sums = np.bincount(group, influence)
    count = len(sums)
    return float(sums @ sums) * count / max(count - 1, 1)


def _cases(score: npt.ArrayLike, event: npt.ArrayLike, within: npt.ArrayLike | None) -> tuple[Floats, Floats, Codes]:
    values, happened = array(score, "score"), array(event, "event")
    if values.ndim != 1 or values.shape != happened.shape:
        raise MethodError(f"score and event must be lists of equal length, not {values.shape} and {happened.shape}.")
    if np.isnan(values).any():
        raise MethodError(f"score has no figure for case {listed(list(np.flatnonzero(np.isnan(values))))}.")
    if not np.isin(happened, (0.0, 1.0)).all():
        raise MethodError("event must be 1 where it happened and 0 where not, without gaps.")
    strata = np.zeros(len(values), dtype=np.intp) if within is None else codes(within, len(values))
    return values, happened, strata


def _concordance(values: Floats, happened: Floats, strata: Codes) -> tuple[float, Floats]:
    """Share of pairs in order, and what each case adds to it: its own pairs in order, less the average."""
    positives, totals = np.bincount(strata, happened), np.bincount(strata)
    against = np.where(happened > 0, (totals - positives)[strata], positives[strata])
    pairs = float(positives @ (totals - positives))
    if not pairs:
        return np.nan, np.full(len(values), np.nan)
    below = _opposite_below(values, happened, strata)
    won = np.where(happened > 0, below, against - below)  # a case without the event wins from below
    value = float(won[happened > 0].sum()) / pairs
    return value, np.asarray((won - value * against) / pairs, dtype=np.float64)


def _opposite_below(values: Floats, happened: Floats, strata: Codes) -> Floats:
    """For each case, how many of the other kind in its group score lower, ties counted half."""
    order = np.lexsort((values, strata))
    ranked, group = values[order], strata[order]
    block = np.concatenate([[0], np.cumsum((np.diff(ranked) != 0) | (np.diff(group) != 0))])
    other = np.empty(len(values))
    for kind in (0.0, 1.0):
        inside = np.bincount(block, happened[order] != kind)
        lower = np.concatenate([[0.0], np.cumsum(inside)[:-1]])
        start = np.searchsorted(group, group)  # of each group, to take off what stands before it
        before = np.concatenate([[0.0], np.cumsum(happened[order] != kind)])[start]
        counts = lower[block] + inside[block] / 2 - before
        mine = happened[order] == kind
        other[order[mine]] = counts[mine]
    return other
