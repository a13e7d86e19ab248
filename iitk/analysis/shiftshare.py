"""Shift-share: how much of an area's change is the nation's growth, its industries' growth, and its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.analysis.checks import Floats, Vector, choice, floats, matched, ratio, series
from iitk.errors import MethodError

_VARIANTS = ("dunn", "esteban-marquillas", "gerfin")
_EFFECTS = ["change", "national", "mix", "local"]


@dataclass(frozen=True, slots=True)
class _Ends:
    """Aligned figures of the area and of the reference at both ends, and the reference's totals."""

    labels: pd.Index
    start: Floats
    end: Floats
    reference_start: Floats
    reference_end: Floats
    totals: tuple[float, float]
    missing: dict[object, str]


def shift_share(
    start: Vector,
    end: Vector,
    reference_start: Vector,
    reference_end: Vector,
    *,
    variant: str = "dunn",
    reference_totals: tuple[float, float] | None = None,
    total: bool = False,
) -> pd.DataFrame:
    """
    Split each industry's change in an area into national, mix and local effects.

    With e0, e1 the area's industry at start and end, n0, n1 the reference's, N0, N1 its totals, g = N1/N0 - 1 and
    g_i = n1/n0 - 1:

    - "dunn" (default): national = e0 g; mix = e0 (g_i - g); local = e1 - e0 (1 + g_i). They add up to the change.
    - "esteban-marquillas": splits local with e' = E0 n0/N0 (what the area would have with the reference's mix):
      competitive = e' (e1/e0 - 1 - g_i); allocation = local - competitive, which is (e0 - e') (e1/e0 - 1 - g_i).
    - "gerfin": ratios in place of sums. change = e1/e0; national = N1/N0; mix = (n1/n0) / (N1/N0);
      local = (e1/e0) / (n1/n0). They multiply to the change. Missing where a base is zero.

    Parameters
    ----------
    start, end
        The area's industries: jobs, or GVA (say whether in current prices: then growth includes inflation).
    reference_start, reference_end
        The same industries of the reference.
    reference_totals
        Published totals of the reference at start and end. Without them: the sums over the industries that the
        reference has at both ends. Needed if its industries do not cover everything.
    total
        Add a row "Total": the sums, or for "gerfin" the area's own factors (mix = sum e0 (n1/n0) / E0 / (N1/N0)).

    Returns
    -------
    Industries x (change, national, mix, local), in the unit of `start`; with "esteban-marquillas" also
    competitive and allocation. The residual form closes exactly where the area had none of the industry at the
    start: all of it is local (and allocation). Where the reference had none of it at the start, its growth is unknown:
    mix is 0 and what the nation's growth does not explain is local. An industry with a missing or negative figure
    (growth from a negative figure has no meaning) has a missing row, named with the reason in `.attrs["missing"]`, and
    is not part of "Total"; the others are unharmed. The sums of the reference keep a negative figure: they are real.

    Raises
    ------
    MethodError
        Industries that differ between the four, labels that stand twice, a reference that is not positive at the start,
        an unknown variant.

    Notes
    -----
    Not a cause: the effects say where change differs from the reference, not why. The result depends on how finely
    industries are split and on the two years. Sources: Dunn (1960); Esteban-Marquillas (1972); Gerfin (1964);
    Farhauer and Kroell (2013).

    Examples
    --------
    >>> table = shift_share({"a": 90, "b": 20}, {"a": 100, "b": 40}, {"a": 400, "b": 150}, {"a": 440, "b": 210})
    >>> table.round(2).loc["a"].tolist()
    [10.0, 16.36, -7.36, 1.0]
    """
    choice(variant, _VARIANTS, "variant")
    ends = _ends(start, end, reference_start, reference_end, reference_totals)
    table = _gerfin(ends) if variant == "gerfin" else _dunn(ends)
    if variant == "esteban-marquillas":
        table["competitive"] = _competitive(ends)
        table["allocation"] = table["local"] - table["competitive"]
    table.loc[[label in ends.missing for label in table.index]] = np.nan
    if total:
        _refuse_total_row(table)
        table.loc["Total"] = _gerfin_total(ends) if variant == "gerfin" else table.sum(min_count=1)
    table.attrs["missing"] = ends.missing
    return table


def shift_share_cube(
    start: npt.ArrayLike, end: npt.ArrayLike, reference_start: npt.ArrayLike, reference_end: npt.ArrayLike
) -> dict[str, Floats]:
    """
    Dunn's shift-share for many areas and years at once, by the rules of `shift_share`.

    Shapes: start and end (A, I, Y), the references (I, Y). Returns change, national, mix and local, each (A, I, Y), in
    the unit of `start`; missing where a figure is missing or negative. For one area, `shift_share` also says why.

    Raises MethodError for shapes that do not fit. Source: Dunn (1960).

    Examples
    --------
    >>> effects = shift_share_cube([[[90.0]]], [[[100.0]]], [[400.0]], [[440.0]])
    >>> [round(float(effects[name].item()), 6) for name in ("change", "national", "mix", "local")]
    [10.0, 9.0, 0.0, 1.0]
    """
    e0, e1 = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    n0, n1 = np.asarray(reference_start, dtype=np.float64), np.asarray(reference_end, dtype=np.float64)
    if e0.ndim != 3 or e0.shape != e1.shape or n0.shape != e0.shape[1:] or n1.shape != n0.shape:
        raise MethodError(
            "start and end must be areas x industries x years, the references industries x years; "
            f"got {e0.shape}, {e1.shape}, {n0.shape} and {n1.shape}."
        )
    both = ~np.isnan(n0) & ~np.isnan(n1)
    growth = ratio(np.where(both, n1, 0).sum(axis=0), np.where(both, n0, 0).sum(axis=0)) - 1
    e0, e1, n0, n1 = (_without_negatives(side) for side in (e0, e1, n0, n1))
    return _effects(e0, e1, _industry_growth(n0, n1, growth), growth)


def dynamic_shift_share(
    activity: pd.DataFrame,
    reference: pd.DataFrame,
    *,
    reference_total: Vector | None = None,
    variant: str = "dunn",
    by: str = "period",
    combine: str = "product",
) -> pd.DataFrame:
    """
    Add up yearly shift-shares, so that the base moves with the economy.

    A shift-share over many years holds the first year's mix fixed. Here every pair of neighbouring rows is split by
    `shift_share` and the effects are added over the pairs.

    Parameters
    ----------
    activity, reference
        Years x industries, rows in order of time, the same years and industries on both sides.
    reference_total
        Published totals of the reference by year. Without it: sums, as in `shift_share`.
    variant
        As in `shift_share`; "gerfin" gives the area's own factors in each pair of years.
    by
        "period" (default): one row a pair of years, over all industries. "industry": one row an industry, over all
        pairs; then an industry with a gap in some year has no row of its own (missing), and is not in "Total".
    combine
        For "gerfin", how the pairs become one row: "product" (default: the factors of the whole time, which multiply to
        its change), or "mean" or "sum", as the R package REAT offers.

    Returns
    -------
    Pairs of years (or industries) x (change, national, mix, local), with a last row "Total"; with "esteban-marquillas"
    also competitive and allocation. The effects add up (gerfin: multiply, unless combined otherwise) to the change in
    every row. An industry that is missing in a year is left out of the two pairs that touch it; `.attrs["missing"]`
    names it by pair.

    Raises
    ------
    MethodError
        As in `shift_share`; years that differ, fewer than two, or not in order; an unknown option.

    Notes
    -----
    Not for two years that lie apart with none between: that is `shift_share`.
    Source: Barff and Knight (1988), Growth and Change 19; Farhauer and Kroell (2013).

    Examples
    --------
    >>> import pandas as pd
    >>> area = pd.DataFrame({"a": [10, 12, 15]}, index=[2020, 2021, 2022])
    >>> nation = pd.DataFrame({"a": [100, 110, 121]}, index=[2020, 2021, 2022])
    >>> dynamic_shift_share(area, nation)["national"].round(2).tolist()
    [1.0, 1.2, 2.2]
    """
    if not activity.index.equals(reference.index):
        raise MethodError("activity and reference must have the same years (rows), in the same order.")
    if len(activity) < 2:
        raise MethodError(f"dynamic_shift_share needs two years or more, got {len(activity)}.")
    if not activity.index.is_monotonic_increasing or activity.index.has_duplicates:
        raise MethodError("The years (rows) of activity must rise, each once. Sort the table by year.")
    choice(variant, _VARIANTS, "variant")
    choice(by, ("period", "industry"), "by")
    choice(combine, ("product", "mean", "sum"), "combine")
    totals = (
        None if reference_total is None else matched(reference_total, activity.index, "reference_total", "activity")
    )
    pairs = {}
    for past, now in zip(activity.index[:-1], activity.index[1:], strict=True):
        ends = None if totals is None else (float(totals[past]), float(totals[now]))
        sides = (activity.loc[past], activity.loc[now], reference.loc[past], reference.loc[now])
        pairs[f"{past}-{now}"] = shift_share(*sides, variant=variant, reference_totals=ends, total=True)
    additive = variant != "gerfin"
    over = "sum" if additive else combine
    table = _by_period(pairs, over) if by == "period" else _by_industry(pairs, over, additive=additive)
    table.attrs["missing"] = {pair: one.attrs["missing"] for pair, one in pairs.items() if one.attrs["missing"]}
    return table


def shift_share_forecast(
    start: Vector,
    end: Vector,
    reference_start: Vector,
    reference_end: Vector,
    reference_future: Vector,
    *,
    lead: str = "area",
) -> pd.Series:
    """
    Carry an area's industries forward with a forecast of the reference's: a reference case, not a prediction.

    forecast = e1 x (nf / n1) x lead: each industry grows as the reference's is expected to (nf is `reference_future`),
    times the lead or lag over the reference that the area had from start to end. Choose a past step about as long as
    the step ahead, because the lead is carried whole.

    `lead` "area" (default) uses one factor for all industries, Gerfin's local factor of the whole area; "industry" uses
    each industry's own, (e1 / e0) / (n1 / n0), which small industries make wild.

    Returns the forecast by industry, in the unit of `end`; missing where a figure that it needs is missing or negative,
    or a base zero. An industry that lacks a figure is not part of the area's lead. Raises MethodError as `shift_share`.
    Not for a time in which the area's lead is known to end.
    Source: Spiekermann and Wegener (2008); Farhauer and Kroell (2013).

    Examples
    --------
    >>> shift_share_forecast([1000], [1100], [5000], [5000], [6000]).round(6).tolist()
    [1452.0]
    """
    choice(lead, ("area", "industry"), "lead")
    ends = _ends(start, end, reference_start, reference_end, None)
    future = floats(matched(reference_future, ends.labels, "reference_future", "start"), "reference_future")
    factor = _gerfin(ends)["local"].to_numpy() if lead == "industry" else _gerfin_total(ends)[3]
    values = ends.end * ratio(_without_negatives(future), ends.reference_end) * factor
    return pd.Series(values, index=ends.labels, name="forecast")


def _ends(
    start: Vector, end: Vector, reference_start: Vector, reference_end: Vector, totals: Sequence[float] | None
) -> _Ends:
    """Check and align the four sets of figures, and find the reference's totals."""
    first = series(start, "start")
    others = {"end": end, "reference_start": reference_start, "reference_end": reference_end}
    e1, n0, n1 = (
        floats(matched(values, first.index, name, "start"), name) for name, values in others.items()
    )  # fmt: skip
    if totals is None:
        both = ~np.isnan(n0) & ~np.isnan(n1)
        totals = (float(n0[both].sum()), float(n1[both].sum()))
    if len(totals) != 2 or not np.isfinite(totals).all() or totals[0] <= 0:
        raise MethodError(
            "The reference needs a total at the start (above zero) and at the end; "
            f"got {', '.join(f'{figure:g}' for figure in totals)}. Check reference_start or pass reference_totals."
        )
    found = _Ends(first.index, floats(first, "start"), e1, n0, n1, (float(totals[0]), float(totals[1])), {})
    sides = {name: getattr(found, name) for name in ("start", "end", "reference_start", "reference_end")}
    e0, e1, n0, n1 = (_without_negatives(side) for side in sides.values())
    missing = _missing(found.labels, sides)
    return replace(found, start=e0, end=e1, reference_start=n0, reference_end=n1, missing=missing)


def _without_negatives(values: Floats) -> Floats:
    """Blank negative figures: growth from or to them has no meaning."""
    return np.where(values < 0, np.nan, values) if (values < 0).any() else values


def _by_period(pairs: dict[str, pd.DataFrame], over: str) -> pd.DataFrame:
    """One row a pair of years, over all industries."""
    table = pd.DataFrame({pair: one.loc["Total"] for pair, one in pairs.items()}).T
    table.loc["Total"] = _combined(table, over, skipna=over == "sum")
    return table


def _by_industry(pairs: dict[str, pd.DataFrame], over: str, *, additive: bool) -> pd.DataFrame:
    """One row an industry, over all pairs of years; missing where a pair is."""
    stacked = pd.concat(pairs, names=["pair", "industry"])
    labels = next(iter(pairs.values())).index
    rows = {
        label: _combined(stacked[stacked.index.get_level_values("industry") == label], over, skipna=False)
        for label in labels
    }
    table = pd.DataFrame(rows).T
    if additive:
        table.loc["Total"] = table.drop("Total").sum(min_count=1)
    return table


def _combined(table: pd.DataFrame, over: str, *, skipna: bool) -> pd.Series:
    """Bring the pairs of years together, column by column."""
    if over == "product":
        return table.prod(skipna=skipna, min_count=1)
    return table.mean(skipna=skipna) if over == "mean" else table.sum(skipna=skipna, min_count=1)


def _effects(e0: Floats, e1: Floats, industry: Floats, growth: Floats | float) -> dict[str, Floats]:
    """Dunn's effects; local is the residual, so they close whatever the growth rates are."""
    national, mix = e0 * growth, e0 * (industry - growth)
    change = e1 - e0
    effects = {"change": change, "national": national, "mix": mix, "local": change - national - mix}
    gap = np.isnan(effects["local"])  # one figure missing leaves nothing to split
    return {name: np.where(gap, np.nan, effect) for name, effect in effects.items()} if gap.any() else effects


def _industry_growth(n0: Floats, n1: Floats, growth: Floats | float) -> Floats:
    """Growth of each industry of the reference; the whole economy's where it had none of it at the start."""
    return np.where(n0 == 0, np.where(np.isnan(n1), np.nan, growth), ratio(n1, n0) - 1)


def _dunn(ends: _Ends) -> pd.DataFrame:
    growth = ends.totals[1] / ends.totals[0] - 1
    industry = _industry_growth(ends.reference_start, ends.reference_end, growth)
    return pd.DataFrame(_effects(ends.start, ends.end, industry, growth), index=ends.labels)[_EFFECTS]


def _competitive(ends: _Ends) -> Floats:
    """Return what the area's own growth would have added to the reference's mix of industries; 0 at a zero base."""
    growth = ends.totals[1] / ends.totals[0] - 1
    industry = _industry_growth(ends.reference_start, ends.reference_end, growth)
    known = ~np.isnan(ends.start)
    homothetic = ends.start[known].sum() * ends.reference_start / ends.totals[0]
    own = np.where(ends.start == 0, industry, ratio(ends.end, ends.start) - 1)
    return np.asarray(homothetic * (own - industry), dtype=np.float64)


def _gerfin(ends: _Ends) -> pd.DataFrame:
    national = ends.totals[1] / ends.totals[0]
    own, industry = ratio(ends.end, ends.start), ratio(ends.reference_end, ends.reference_start)
    table = {"change": own, "national": national, "mix": industry / national, "local": ratio(own, industry)}
    return pd.DataFrame(table, index=ends.labels)


def _gerfin_total(ends: _Ends) -> list[float]:
    """Return the area's own factors, over the industries that it had at the start and whose figures are all known."""
    known = ~np.isnan(ends.start + ends.end + ends.reference_start + ends.reference_end)
    national = ends.totals[1] / ends.totals[0]
    industry = _industry_growth(ends.reference_start, ends.reference_end, national - 1)[known] + 1
    base, expected = ends.start[known].sum(), (ends.start[known] * industry).sum()
    change, mix = (float(part) for part in ratio([ends.end[known].sum(), expected], [base, base]))
    return [change, national, mix / national, float(ratio(change, mix))]


def _missing(labels: pd.Index, sides: dict[str, Floats]) -> dict[object, str]:
    """Say which figure of each industry is missing or negative."""
    found: dict[object, str] = {}
    sound = np.all([side >= 0 for side in sides.values()], axis=0)
    for row in np.flatnonzero(~sound):
        label = labels[int(row)]
        gaps = [name for name, side in sides.items() if np.isnan(side[row])]
        below = [name for name, side in sides.items() if side[row] < 0]
        words = [f"{what} in {' and '.join(names)}" for what, names in
                 (("no figure", gaps), ("negative figure", below)) if names]  # fmt: skip
        found[label] = "; ".join(words)
    return found


def _refuse_total_row(table: pd.DataFrame) -> None:
    if "Total" in table.index:
        raise MethodError("An industry is called 'Total': leave it out, because it would count everything twice.")
