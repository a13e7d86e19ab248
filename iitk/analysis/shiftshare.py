"""Shift-share: how much of an area's change is the nation's growth, its industries' growth, and its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.analysis.checks import Floats, Vector, aligned, array, choice, floats, frame, matched, ratio, series
from iitk.errors import MethodError

_SLACK = 0.01  # rounding by which one part may exceed its published total
_BASES = ("start", "reference_start", "reference_end")  # what ratios divide by
_VARIANTS = ("dunn", "esteban-marquillas", "gerfin")


@dataclass(frozen=True, slots=True)
class _Ends:
    """Figures of the area and of the reference at both ends, without negatives, and the reference's totals.

    Industries are last; for several pairs of years at once, the pairs are before them. Totals are columns of one.
    """

    start: Floats
    end: Floats
    reference_start: Floats
    reference_end: Floats
    totals: tuple[Floats, Floats]

    @property
    def gap(self) -> npt.NDArray[np.bool_]:
        """Where a figure is missing or negative, so that there is nothing to split."""
        return np.isnan(self.start + self.end + self.reference_start + self.reference_end)


def shift_share(
    start: Vector | pd.DataFrame,
    end: Vector | pd.DataFrame,
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
        The area's industries: jobs, or GVA (say whether in current prices: then growth includes inflation). Or tables
        of areas x industries, each area of which is split by itself.
    reference_start, reference_end
        The same industries of the reference.
    reference_totals
        Published totals of the reference at start and end. Without them: the sums over the industries that the
        reference has at both ends. Needed if its industries do not cover everything.
    total
        Add a row "Total" (to each area): the sums, or for "gerfin" the area's own factors
        (mix = sum e0 (n1/n0) / E0 / (N1/N0)).

    Returns
    -------
    Industries x (change, national, mix, local), in the unit of `start`; with "esteban-marquillas" also competitive and
    allocation. Of tables: a row for each (area, industry). The residual form closes exactly where the area had none of
    the industry at the start: all of it is local (and allocation). Where the reference had none of it at the start, its
    growth is unknown: mix is 0 and what the nation's growth does not explain is local. An industry with a missing or
    negative figure (growth from a negative figure has no meaning) has a missing row, named with the reason in
    `.attrs["missing"]`, and is not part of "Total"; the others are unharmed. With "gerfin" a zero base is named there
    too. The sums of the reference keep a negative figure: they are real.

    Raises
    ------
    MethodError
        Industries that differ between the four, labels that stand twice, a reference that is not positive at the start,
        reference's totals that are smaller than one of its industries, an unknown variant.

    Notes
    -----
    Some handbooks print a "national share" e0 N1/N0 that includes the base e0: it is `national` plus `start`.
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
    areas, labels, sides = _sides(start, end, reference_start, reference_end)
    if total:
        _refuse_total(labels)
    ends = _ends(sides, None if reference_totals is None else list(_two(reference_totals)))
    effects = _split(ends, variant)
    rows = _rows(areas, labels)
    columns = {name: np.broadcast_to(effect, ends.start.shape) for name, effect in effects.items()}
    missing = _missing(rows, sides, variant)
    if total:
        wholes, shape = _whole(ends, effects, variant), (*ends.start.shape[:-1], 1)
        columns = {
            name: np.concatenate([effect, np.broadcast_to(np.asarray(wholes[name])[..., None], shape)], axis=-1)
            for name, effect in columns.items()
        }
        rows = _rows(areas, _with_total(labels))
    table = pd.DataFrame({name: effect.ravel() for name, effect in columns.items()}, index=rows)
    table.attrs["missing"] = missing
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
    e0, e1 = array(start, "start"), array(end, "end")
    n0, n1 = array(reference_start, "reference_start"), array(reference_end, "reference_end")
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
    choice(variant, _VARIANTS, "variant")
    choice(by, ("period", "industry"), "by")
    choice(combine, ("product", "mean", "sum"), "combine")
    activity = frame(activity, "activity")
    labels, pairs, sides = _neighbours(activity, frame(reference, "reference"))
    totals = None
    if reference_total is not None:
        yearly = matched(reference_total, activity.index, "reference_total", "activity (rows)").to_numpy()
        totals = (yearly[:-1], yearly[1:])
    ends = _ends(sides, totals, pairs)
    effects = _split(ends, variant)
    table = _joined(effects, _whole(ends, effects, variant), by, combine if variant == "gerfin" else None)
    table.index = pd.Index([*(pairs if by == "period" else labels), "Total"])
    table.attrs["missing"] = {
        pairs[row]: _missing(labels, {name: side[row] for name, side in sides.items()}, variant)
        for row in np.flatnonzero(~_sound(sides, variant).all(axis=1))
    }
    return table


def shift_share_forecast(
    start: Vector | pd.DataFrame,
    end: Vector | pd.DataFrame,
    reference_start: Vector,
    reference_end: Vector,
    reference_future: Vector,
    *,
    lead: str = "area",
) -> pd.Series | pd.DataFrame:
    """
    Carry an area's industries forward with a forecast of the reference's: a reference case, not a prediction.

    forecast = e1 x (nf / n1) x lead: each industry grows as the reference's is expected to (nf is `reference_future`),
    times the lead or lag over the reference that the area had from start to end. Choose a past step about as long as
    the step ahead, because the lead is carried whole.

    `lead` "area" (default) uses one factor for all industries, Gerfin's local factor of the whole area; "industry" uses
    each industry's own, (e1 / e0) / (n1 / n0), which small industries make wild.

    Returns the forecast by industry (of tables: areas x industries), in the unit of `end`; missing where a figure that
    it needs is missing or negative, or a base zero. An industry that lacks a figure is not part of the area's lead.
    Raises MethodError as `shift_share`. Not for a time in which the area's lead is known to end.
    Source: Spiekermann and Wegener (2008); Farhauer and Kroell (2013).

    Examples
    --------
    >>> shift_share_forecast([1000], [1100], [5000], [5000], [6000]).round(6).tolist()
    [1452.0]
    """
    choice(lead, ("area", "industry"), "lead")
    areas, labels, sides = _sides(start, end, reference_start, reference_end)
    ends = _ends(sides, None)
    future = floats(matched(reference_future, labels, "reference_future", "start"), "reference_future")
    effects = _split(ends, "gerfin")
    own = effects["local"]
    factor = own if lead == "industry" else np.asarray(_whole(ends, effects, "gerfin")["local"])[..., None]
    values = ends.end * ratio(_without_negatives(future), ends.reference_end) * factor
    if areas is not None:
        return pd.DataFrame(values, index=areas, columns=labels)
    return pd.Series(values, index=labels, name="forecast")


def _sides(
    start: Vector | pd.DataFrame, end: Vector | pd.DataFrame, reference_start: Vector, reference_end: Vector
) -> tuple[pd.Index | None, pd.Index, dict[str, Floats]]:
    """Check the four sets of figures and put them in one order: areas (none for one area), industries, figures."""
    others: dict[str, Vector] = {"reference_start": reference_start, "reference_end": reference_end}
    if getattr(start, "ndim", 1) == 2:
        table, last = frame(start, "start"), frame(end, "end")
        for there, here, kind in ((last.index, table.index, "rows"), (last.columns, table.columns, "columns")):
            aligned(pd.Series(0.0, there), here, f"end ({kind})", f"start ({kind})")
        areas, labels = table.index, table.columns
        own = {"start": floats(table, "start"), "end": floats(last.reindex(index=areas, columns=labels), "end")}
    else:
        first = series(start, "start")
        areas, labels, own = None, first.index, {"start": floats(first, "start")}
        others = {"end": cast("Vector", end), **others}
    return areas, labels, own | {
        name: floats(matched(values, labels, name, "start"), name) for name, values in others.items()
    }


def _rows(areas: pd.Index | None, labels: pd.Index) -> pd.Index:
    """Rows of a result: industries, or each area's."""
    return labels if areas is None else pd.MultiIndex.from_product([areas, labels], names=["area", "industry"])


def _with_total(labels: pd.Index) -> pd.Index:
    """Industries and, last, "Total"; where industries have several levels, in the first."""
    if isinstance(labels, pd.MultiIndex):
        last = ("Total", *[""] * (labels.nlevels - 1))
        return pd.MultiIndex.from_tuples([*labels, last], names=labels.names)
    return pd.Index([*labels, "Total"], name=labels.name)


def _two(totals: object) -> Floats:
    """Totals of the reference at start and end."""
    found = None if isinstance(totals, (Mapping, str)) else array(totals, "reference_totals")
    if found is None or found.shape != (2,):
        raise MethodError(
            f"reference_totals must be two figures, at the start and at the end, such as (900, 950), not {totals!r}."
        )
    return found


def _neighbours(activity: pd.DataFrame, reference: pd.DataFrame) -> tuple[pd.Index, list[str], dict[str, Floats]]:
    """Industries, names of the pairs of neighbouring years, and the figures at both ends of all pairs at once."""
    years = activity.index
    if not years.equals(reference.index):
        raise MethodError("activity and reference must have the same years (rows), in the same order.")
    if len(years) < 2:
        raise MethodError(f"dynamic_shift_share needs two years or more, got {len(years)}.")
    if not years.is_monotonic_increasing:
        raise MethodError("The years (rows) of activity must rise, each once. Sort the table by year.")
    _refuse_total(activity.columns)
    if not reference.columns.equals(activity.columns):
        aligned(pd.Series(0.0, reference.columns), activity.columns, "reference (columns)", "activity (columns)")
        reference = reference[activity.columns]
    own, other = floats(activity, "activity"), floats(reference, "reference")
    pairs = [f"{past}-{now}" for past, now in pairwise(years)]
    sides = {"start": own[:-1], "end": own[1:], "reference_start": other[:-1], "reference_end": other[1:]}
    return activity.columns, pairs, sides


def _ends(
    sides: dict[str, Floats], totals: Sequence[float | Floats] | None, pairs: Sequence[str] | None = None
) -> _Ends:  # fmt: skip
    """Blank negative figures, and find the reference's totals."""
    if totals is None:
        n0, n1 = sides["reference_start"], sides["reference_end"]
        both = ~np.isnan(n0) & ~np.isnan(n1)
        totals = [np.where(both, side, 0.0).sum(axis=-1) for side in (n0, n1)]
    found = np.atleast_2d(np.asarray(totals, dtype=np.float64).T)  # a row of two totals for every pair of years
    sound = np.isfinite(found).all(axis=1) & (found[:, 0] > 0) if found.shape[1] == 2 else np.zeros(1, dtype=np.bool_)
    if not sound.all():
        row = int(np.flatnonzero(~sound)[0])
        where = f" of {pairs[row]}" if pairs else ""
        raise MethodError(
            f"The reference needs a total at the start{where} (above zero) and at the end; "
            f"got {', '.join(f'{figure:g}' for figure in found[row]) or 'none'}. "
            f"Check {'reference' if pairs else 'reference_start'} or pass reference_total{'' if pairs else 's'}."
        )
    t0, t1 = (found[:, [end]] if pairs else found[0, [end]] for end in (0, 1))
    for name, whole in (("reference_start", t0), ("reference_end", t1)):
        losses = np.where(sides[name] < 0, sides[name], 0.0).sum(axis=-1, keepdims=True)
        if (sides[name] > (whole - losses) * (1 + _SLACK)).any():
            raise MethodError(
                f"{name if not pairs else 'reference'} has an industry that is larger than the published total. "
                "Check that both are in the same unit and of the same place."
            )
    return _Ends(**{name: _without_negatives(side) for name, side in sides.items()}, totals=(t0, t1))


def _without_negatives(values: Floats) -> Floats:
    """Blank negative figures: growth from or to them has no meaning."""
    return np.where(values < 0, np.nan, values) if (values < 0).any() else values


def _joined(effects: dict[str, Floats], wholes: dict[str, Floats], by: str, combine: str | None) -> pd.DataFrame:
    """Bring pairs of years together: a row a pair or an industry, and the last for all; `combine` is for factors."""
    if by == "period":
        gaps_count = combine not in (None, "sum")
        rows = {
            name: np.append(values, _combined(values, combine, gaps_count=gaps_count))
            for name, values in wholes.items()
        }  # fmt: skip
        return pd.DataFrame(rows)
    rows = {}
    for name, values in effects.items():
        own = _combined(values, combine, gaps_count=True)
        last = _added(own) if combine is None else _combined(wholes[name], combine, gaps_count=True)
        rows[name] = np.append(own, last)
    return pd.DataFrame(rows)


def _combined(values: Floats, combine: str | None, *, gaps_count: bool) -> Floats:
    """Combine over pairs of years; with `gaps_count` a gap in one leaves nothing."""
    if not gaps_count:
        return _added(values.T)
    if combine == "product":
        return np.asarray(values.prod(axis=0), dtype=np.float64)
    return np.asarray(values.mean(axis=0) if combine == "mean" else values.sum(axis=0), dtype=np.float64)


def _added(values: Floats) -> Floats:
    """Sum over the last axis without its gaps; NaN where nothing else is there."""
    gaps = np.isnan(values)
    return np.where(gaps.all(axis=-1), np.nan, np.where(gaps, 0.0, values).sum(axis=-1))


def _split(ends: _Ends, variant: str) -> dict[str, Floats]:
    """Effects of every industry (and pair of years); missing where a figure is."""
    if variant == "gerfin":
        effects = _gerfin(ends)
    else:
        growth = ends.totals[1] / ends.totals[0] - 1
        industry = _industry_growth(ends.reference_start, ends.reference_end, growth)
        effects = _effects(ends.start, ends.end, industry, growth)
        if variant == "esteban-marquillas":
            effects["competitive"] = _competitive(ends, industry)
            effects["allocation"] = effects["local"] - effects["competitive"]
    gap = ends.gap
    return {name: np.where(gap, np.nan, effect) for name, effect in effects.items()} if gap.any() else effects


def _whole(ends: _Ends, effects: dict[str, Floats], variant: str) -> dict[str, Floats]:
    """The same over all industries."""
    if variant == "gerfin":
        return _gerfin_whole(ends)
    return {name: _added(effect) for name, effect in effects.items()}


def _effects(e0: Floats, e1: Floats, industry: Floats, growth: Floats | float) -> dict[str, Floats]:
    """Dunn's effects; local is the residual, so they close whatever the growth rates are."""
    national, mix = e0 * growth, e0 * (industry - growth) + 0.0  # no minus zero
    change = e1 - e0
    effects = {"change": change, "national": national, "mix": mix, "local": change - national - mix}
    gap = np.isnan(effects["local"])  # one figure missing leaves nothing to split
    return {name: np.where(gap, np.nan, effect) for name, effect in effects.items()} if gap.any() else effects


def _industry_growth(n0: Floats, n1: Floats, growth: Floats | float) -> Floats:
    """Growth of each industry of the reference; the whole economy's where it had none of it at the start."""
    return np.where(n0 == 0, np.where(np.isnan(n1), np.nan, growth), ratio(n1, n0) - 1)


def _competitive(ends: _Ends, industry: Floats) -> Floats:
    """Return what the area's own growth would have added to the reference's mix of industries; 0 at a zero base."""
    known = np.where(np.isnan(ends.start), 0.0, ends.start)
    homothetic = known.sum(axis=-1, keepdims=True) * ends.reference_start / ends.totals[0]
    own = np.where(ends.start == 0, industry, ratio(ends.end, ends.start) - 1)
    return np.asarray(homothetic * (own - industry), dtype=np.float64)


def _gerfin(ends: _Ends) -> dict[str, Floats]:
    """Gerfin's factors of every industry."""
    national = np.broadcast_to(ends.totals[1] / ends.totals[0], ends.start.shape)
    own, industry = ratio(ends.end, ends.start), ratio(ends.reference_end, ends.reference_start)
    return {"change": own, "national": national, "mix": ratio(industry, national), "local": ratio(own, industry)}


def _gerfin_whole(ends: _Ends) -> dict[str, Floats]:
    """Return the area's own factors, over the industries that it had at the start and whose figures are all known."""
    known = ~ends.gap
    national = ends.totals[1] / ends.totals[0]
    industry = _industry_growth(ends.reference_start, ends.reference_end, national - 1) + 1
    base, after, expected = (
        np.where(known, figures, 0.0).sum(axis=-1) for figures in (ends.start, ends.end, ends.start * industry)
    )
    change, mix, national = ratio(after, base), ratio(expected, base), national[..., 0]
    return {"change": change, "national": national, "mix": ratio(mix, national), "local": ratio(change, mix)}


def _sound(sides: dict[str, Floats], variant: str) -> npt.NDArray[np.bool_]:
    """Where nothing is missing or negative, nor (for ratios) a base zero."""
    sound = np.ones((), dtype=np.bool_)
    for name, side in sides.items():
        sound = sound & ((side > 0) if variant == "gerfin" and name in _BASES else (side >= 0))
    return np.asarray(sound, dtype=np.bool_)


def _missing(labels: pd.Index, sides: dict[str, Floats], variant: str) -> dict[object, str]:
    """Say which figure of each row is missing or negative, or (for ratios) a base of zero."""
    found: dict[object, str] = {}
    sound = _sound(sides, variant)
    if sound.all():
        return found
    flat = {name: np.broadcast_to(side, sound.shape).ravel() for name, side in sides.items()}
    for row in np.flatnonzero(~sound.ravel()).tolist():
        kinds = {
            "no figure": [name for name, side in flat.items() if np.isnan(side[row])],
            "negative figure": [name for name, side in flat.items() if side[row] < 0],
            "zero": [name for name in _BASES if flat[name][row] == 0] if variant == "gerfin" else [],
        }
        found[labels[row]] = "; ".join(f"{what} in {' and '.join(names)}" for what, names in kinds.items() if names)
    return found


def _refuse_total(industries: pd.Index) -> None:
    if "Total" in industries:
        raise MethodError("An industry is called 'Total': leave it out, because it would count everything twice.")
