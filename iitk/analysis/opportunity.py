"""Opportunities of an area: strength, growth, relatedness and complexity in one score, with its confidence."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from iitk.analysis.checks import Vector, aligned, frame, number, ratio, series
from iitk.analysis.complexity import complexity
from iitk.analysis.presence import proximity, relatedness_density
from iitk.analysis.quotients import location_quotient, prepare, quotient_reasons, reaches
from iitk.errors import MethodError

PARTS = ("strength", "growth", "relatedness", "complexity")
# Multiples of the minimum size from which a cell is trusted: a judgement, to be confirmed.
MEDIUM, HIGH = 3.0, 10.0


def opportunities(
    activity: pd.DataFrame,
    before: pd.DataFrame,
    *,
    years: int,
    reference: Vector | None = None,
    activity_total: Vector | None = None,
    growth: pd.DataFrame | None = None,
    minimum_size: float = 0.0,
    shrinkage: float | None = None,
    weights: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """
    Rank the industries of each area by strength x growth x relatedness x complexity.

    score = prod_k p_k^(w_k / sum w): the weighted geometric mean of the four parts, each as a rank from 0 to 1 among
    the industries of the same area. It compares industries within an area, never areas with each other.

    Parameters
    ----------
    activity, before
        Areas x industries now and `years` ago: jobs, or GVA (£m). Same labels.
    years
        Between the two, 1 or more.
    reference, activity_total
        As in `location_quotient`, for now.
    growth
        Growth a year as a share (0.03 for 3%) where a better one is known, such as that of chained volumes. Without it:
        that of `activity`, shrunk. If half of it is beyond 1 either way it is taken for percentages, and refused.
    minimum_size
        Least activity, in the unit of `activity`: a smaller cell gets no score. 0, the default, lets accidents win.
    shrinkage
        Activity k that is added to both sides, so that small cells are pulled to the average: strength = (x + k) /
        (E + k), where E is what the area would have at the reference's share; growth = ((x + k) / (x0 + k))^(1 / years)
        - 1. By default `minimum_size`.
    weights
        Of the four parts; those not named weigh nothing. By default all weigh the same.

    Returns
    -------
    One row for each (area, industry): activity, quotient, the four parts (strength as a ratio, growth as a share a
    year, relatedness density 0 to 1 with the own presence left out, complexity in standard deviations), score (0 to 1),
    confidence (low, medium, high) and reason. Missing scores say why in `reason`: in the words of `quotient_reasons`
    where the quotient is missing.

    Raises
    ------
    MethodError
        Labels that differ, years below one, negative sizes or weights, an unknown part, and as `location_quotient`.

    Notes
    -----
    An aid to conversation, not a forecast: see `backtest` for how well such a score, and each part of it, foretold what
    came. Sources: shrinkage: Clayton and Kaldor (1987), Biometrics 43 (a gamma prior with mean 1 and weight k). Parts:
    Balland, Boschma, Crespo and Rigby (2019), Regional Studies 53.

    Examples
    --------
    >>> now = pd.DataFrame([[9, 5, 1], [5, 5, 1], [1, 1, 8]], ["A", "B", "C"], ["x", "y", "z"], dtype=float)
    >>> found = opportunities(now, now / 2, years=5, minimum_size=1)
    >>> found.loc["A", "score"].idxmax()
    'x'
    """
    now, then = frame(activity, "activity"), frame(before, "before")
    then = _as(then, now, "before")
    if number(years, "years") < 1:
        raise MethodError(f"years must be 1 or more, got {years}.")
    prior = number(minimum_size if shrinkage is None else shrinkage, "shrinkage")
    if number(minimum_size, "minimum_size") < 0 or prior < 0:
        raise MethodError("minimum_size and shrinkage must not be negative.")
    quotients = location_quotient(now, reference, activity_total=activity_total)
    pace = _growth(now, then, years, prior) if growth is None else _given_growth(growth, now)
    parts = {"strength": _shrunk(now, reference, activity_total, prior), "growth": pace, **_capabilities(quotients)}
    wide = {"activity": now, "quotient": quotients, **parts}
    table = pd.DataFrame({name: part.stack(future_stack=True) for name, part in wide.items()})
    table["score"] = composite({k: table[k] for k in PARTS}, table.index.get_level_values(0), weights)
    why = quotient_reasons(now, reference, activity_total=activity_total)
    return _confidence(table, minimum_size, pd.Series(pd.DataFrame(why).stack(future_stack=True)))


def composite(parts: Mapping[str, pd.Series], areas: pd.Index, weights: Mapping[str, float] | None = None) -> pd.Series:
    """Weighted geometric mean of ranks within areas (mid-ranks, so that none is 0); missing where a part is."""
    wanted = series(dict.fromkeys(PARTS, 1.0) if weights is None else weights, "weights")
    if unknown := [name for name in wanted.index if name not in PARTS]:
        raise MethodError(f"weights names {unknown}; the parts are {', '.join(PARTS)}.")
    if not ((wanted >= 0).all() and wanted.sum() > 0):
        raise MethodError("weights must not be negative or missing, and one at least must be above zero.")
    logs = pd.Series(0.0, index=areas)
    for name in wanted.index[wanted > 0]:
        by_area = pd.Series(parts[name].to_numpy(), index=areas).groupby(level=0)
        middle = (by_area.rank() - 0.5) / by_area.transform("count")
        logs = logs + (wanted[name] / wanted.sum()) * np.log(middle)
    return pd.Series(np.exp(logs.to_numpy()), index=parts[PARTS[0]].index)


def _as(table: pd.DataFrame, like: pd.DataFrame, argument: str) -> pd.DataFrame:
    for labels, wanted, kind in ((table.index, like.index, "rows"), (table.columns, like.columns, "columns")):
        aligned(pd.Series(0.0, labels), wanted, f"{argument} ({kind})", f"activity ({kind})")
    return table.reindex(index=like.index, columns=like.columns)


def _shrunk(
    now: pd.DataFrame, reference: Vector | None, activity_total: Vector | None, prior: float
) -> pd.DataFrame:  # fmt: skip
    """(x + k) / (E + k); missing where there is no expected activity to compare with."""
    _, (here, total, compared, whole) = prepare(now, reference, activity_total, None)
    expected = total[:, None] * ratio(np.where(compared > 0, compared, np.nan), whole)
    strength = ratio(np.where(here >= 0, here, np.nan) + prior, expected + prior)
    return pd.DataFrame(strength, index=now.index, columns=now.columns)


def _given_growth(growth: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Growth by the caller, as shares."""
    found = _as(frame(growth, "growth"), now, "growth")
    usual = float(np.nanmedian(found.abs())) if found.notna().any(axis=None) else 0.0
    if usual > 1:
        raise MethodError(f"growth is {usual:g} a year in the middle: write shares, not percent. For 3% write 0.03.")
    return found


def _growth(now: pd.DataFrame, then: pd.DataFrame, years: int, prior: float) -> pd.DataFrame:
    change = ratio(now.where(now >= 0) + prior, then.where(then >= 0) + prior)
    return pd.DataFrame(change ** (1 / years) - 1, index=now.index, columns=now.columns)


def _capabilities(quotients: pd.DataFrame) -> dict[str, pd.DataFrame]:
    here = pd.DataFrame(reaches(quotients.to_numpy(), 1.0), quotients.index, quotients.columns)
    here = here.astype(float).where(quotients.notna())
    pci = complexity(here).pci
    spread = pd.DataFrame(np.tile(pci.to_numpy(), (len(here), 1)), index=here.index, columns=here.columns)
    return {"relatedness": relatedness_density(here, proximity(here, diagonal=0)), "complexity": spread}


def _confidence(table: pd.DataFrame, minimum: float, why: pd.Series) -> pd.DataFrame:
    size = table["activity"]
    small = (size >= 0) & (size < minimum)
    table.loc[small, "score"] = np.nan
    table["confidence"] = np.select([size >= HIGH * minimum, size >= MEDIUM * minimum], ["high", "medium"], "low")
    table["reason"] = (size / minimum).round(1).map("{:g} times the minimum size".format) if minimum else ""
    if not minimum:
        table["confidence"], table["reason"] = "low", "no minimum size was set"
    lacking = table[list(PARTS)].isna()
    for part in PARTS:
        table.loc[lacking[part], "reason"] = f"no figure for {part}"
    table.loc[small, "reason"] = f"smaller than the minimum size of {minimum:g}"
    table.loc[why != "", "reason"] = why[why != ""]
    table.loc[table["score"].isna(), "confidence"] = "low"
    return table


