"""How concentrated an area's activity is over industries, and how unlike the reference's: one number an area.

All take areas x industries (one result an area, as a Series) or the figures of one area (one number), and return an
index without a unit. An area with a missing or negative figure, or with nothing at all, gets no index (NaN), because
its shares are unknown; the others are unharmed, and `.attrs["missing"]` and `concentration_reasons` say why. All raise
MethodError for labels that stand twice, text among the figures, no industries, and labels that differ between the
arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import overload

import numpy as np
import pandas as pd

from iitk.analysis.checks import (
    Floats,
    Vector,
    choice,
    complete,
    floats,
    frame,
    matched,
    number,
    ratio,
    row_sums,
    series,
)
from iitk.analysis.quotients import note_missing
from iitk.errors import MethodError

Result = float | pd.Series


@overload
def herfindahl_index(activity: pd.DataFrame, *, normalised: bool = False) -> pd.Series: ...
@overload
def herfindahl_index(activity: Vector, *, normalised: bool = False) -> float: ...
def herfindahl_index(activity: pd.DataFrame | Vector, *, normalised: bool = False) -> Result:
    """
    Add up the squared shares: from 1/n (all n industries equal) to 1 (one industry only).

    H = sum s_i^2. `normalised`: (H - 1/n) / (1 - 1/n), from 0 to 1. 1/H is the number of equal industries that would be
    as concentrated. Do not compare areas on different lists: it depends on how finely industries are split. Nor does it
    say whether an area differs from the nation: see `krugman_index`. Missing for an area with a gap, a negative figure
    or nothing. Raises MethodError for labels that stand twice.

    Source: Herfindahl (1950); Farhauer and Kroell (2013), Standorttheorien.

    Examples
    --------
    >>> round(herfindahl_index([20, 50, 20, 10]), 2), round(herfindahl_index([20, 50, 20, 10], normalised=True), 2)
    (0.34, 0.12)
    """

    def index(shares: Floats) -> Floats:
        raw, least = row_sums(shares**2), 1 / shares.shape[1]
        return _rescaled(raw, least, 1.0) if normalised else raw

    return _by_area(activity, index)


@overload
def entropy(activity: pd.DataFrame, *, base: float | None = None, normalised: bool = False) -> pd.Series: ...
@overload
def entropy(activity: Vector, *, base: float | None = None, normalised: bool = False) -> float: ...
def entropy(activity: pd.DataFrame | Vector, *, base: float | None = None, normalised: bool = False) -> Result:
    """
    Shannon entropy of the shares: 0 for one industry only, log n for n equal ones. High means diverse.

    E = -sum s_i log s_i, where 0 log 0 = 0. `base` of the logarithm: natural (None, the default) or 2 for bits (the R
    package EconGeo's, and the default of `related_variety`, whose total is therefore `entropy(activity, base=2)`).
    `normalised` divides by log n, so that 1 is the most diverse; the base then does not matter. Not for lists of
    different length, unless normalised, nor to tell related from unrelated variety: see `related_variety`. Missing for
    an area with a gap, a negative figure or nothing. Raises MethodError for labels that stand twice or a base that is
    not positive or is 1.

    Source: Shannon (1948); Attaran (1986) for regional diversity.

    Examples
    --------
    >>> entropy([25, 25, 25, 25], base=2), entropy([100, 0, 0, 0])
    (2.0, 0.0)
    """
    if base is not None and (number(base, "base") <= 0 or base == 1):
        raise MethodError(
            f"base must be positive and not 1, got {base:g}. Use None for natural logarithms, 2 for bits."
        )

    def index(shares: Floats) -> Floats:
        nats = 0.0 - row_sums(_x_log_x(shares))
        if normalised:
            return nats / np.log(shares.shape[1]) if shares.shape[1] > 1 else nats
        return nats if base is None else nats / np.log(base)

    return _by_area(activity, index)


@overload
def gini_index(
    activity: pd.DataFrame, *, weights: Vector | None = None, normalised: bool = False
) -> pd.Series: ...  # fmt: skip
@overload
def gini_index(activity: Vector, *, weights: Vector | None = None, normalised: bool = False) -> float: ...
def gini_index(
    activity: pd.DataFrame | Vector, *, weights: Vector | None = None, normalised: bool = False
) -> Result:  # fmt: skip
    """
    Gini coefficient: 0 when all figures are equal, 1 - 1/n when one holds everything.

    G = sum_ij w_i w_j |x_i - x_j| / (2 W^2 mean), W = sum w. `weights` (default 1 each) says how many units stand
    behind each figure, for instance people in an income class; the figures are then per unit. `normalised` multiplies
    by n / (n - 1), so that 1 is the most unequal; it needs equal weights.

    Not to compare an area with a reference: that is `specialisation_gini`; nor for where an industry is, with areas of
    different size: `locational_gini`. Missing for an area with a gap, a negative figure or nothing. Raises MethodError
    for weights that are negative, incomplete or of other labels, and for `normalised` with weights.
    Source: Doersam (2004), Wirtschaftsstatistik anschaulich; Farhauer and Kroell (2013).

    Examples
    --------
    >>> round(gini_index([20, 50, 20, 10]), 2), round(gini_index([20, 50, 20, 10], normalised=True), 2)
    (0.3, 0.4)
    """
    if normalised and weights is not None:
        raise MethodError("normalised needs equal weights: n / (n - 1) means nothing when figures count unequally.")
    units = None if weights is None else _weights(weights, activity)

    def index(shares: Floats) -> Floats:
        raw = gini_of_rows(shares, np.ones(shares.shape[1]) if units is None else units)
        return raw * _ratio_n(shares.shape[1]) if normalised else raw

    return _by_area(activity, index)


@overload
def theil_index(
    activity: pd.DataFrame, *, weights: Vector | None = None, variant: str = "T", normalised: bool = False
) -> pd.Series: ...
@overload
def theil_index(
    activity: Vector, *, weights: Vector | None = None, variant: str = "T", normalised: bool = False
) -> float: ...
def theil_index(
    activity: pd.DataFrame | Vector, *, weights: Vector | None = None, variant: str = "T", normalised: bool = False
) -> Result:
    """
    Theil's measure of inequality: 0 when all figures are equal. Natural logarithms.

    variant "T" (default): sum w_i (x_i / m) ln(x_i / m) / W, with m the mean; at most ln n; a zero adds nothing.
    variant "L", the mean logarithmic deviation: sum w_i ln(m / x_i) / W; undefined, so missing, if any figure is zero.
    German textbooks and the R package REAT call L "Theil index". `weights` as in `gini_index`. `normalised` divides T
    by ln n, so that 1 is the most unequal (L has no upper end); it needs equal weights.

    T of groups weighted by their size, plus the mean T within them weighted by what they hold, is T of all. Not for
    figures that may be negative, and L not for figures that may be zero: use T or `gini_index`. Missing for an area
    with a gap, a negative figure or nothing. Raises MethodError for weights as in `gini_index`, an unknown variant, and
    `normalised` where ln n is not the largest value.
    Source: Theil (1967), Economics and Information Theory.

    Examples
    --------
    >>> round(theil_index([10, 10, 10, 20, 50], variant="L"), 4), round(theil_index([10, 10, 10, 20, 50]), 4)
    (0.2326, 0.2502)
    """
    choice(variant, ("T", "L"), "variant")
    if normalised and (variant == "L" or weights is not None):
        raise MethodError("normalised needs variant 'T' and equal weights: only then is ln n the largest value.")
    units = None if weights is None else _weights(weights, activity)

    def index(shares: Floats) -> Floats:
        unit = np.ones(shares.shape[1]) if units is None else units
        unit = unit / unit.sum()
        relative = shares / (shares @ unit)[:, None]
        if variant == "T":
            found = row_sums(_x_log_x(relative) * unit)
            return ratio(found, np.log(shares.shape[1])) if normalised else found
        return 0.0 - row_sums(np.log(np.where(relative > 0, relative, np.nan)) * unit)

    return _by_area(activity, index)


@overload
def hoover_index(activity: pd.DataFrame, reference: Vector | None = None) -> pd.Series: ...
@overload
def hoover_index(activity: Vector, reference: Vector | None = None) -> float: ...
def hoover_index(activity: pd.DataFrame | Vector, reference: Vector | None = None) -> Result:
    """
    Share of the activity that would have to move for the area to look like the reference: 0 to 1.

    H = 0.5 sum |s_i - r_i|. Without `reference` every industry's share is 1/n. Half of `krugman_index`, and for areas
    against their sum what others call Hoover's coefficient of specialisation. For where one industry is, pass its
    figures by area and, say, people as `reference` (the R package EconGeo gives that times 100). It sees only how far
    shares differ, not in which industries: do not use it to say what an area is specialised in. Missing for an area
    with a gap, a negative figure or nothing. Raises MethodError for a reference of other industries, with gaps or
    negative figures.

    Source: Hoover (1941), Review of Economics and Statistics 18; Farhauer and Kroell (2013).

    Examples
    --------
    >>> round(hoover_index([60, 40], [50, 50]), 2)
    0.1
    """
    compared = None if reference is None else _reference_shares(reference, activity)

    def index(shares: Floats) -> Floats:
        others = np.full(shares.shape[1], 1 / shares.shape[1]) if compared is None else compared
        return row_sums(np.abs(shares - others)) / 2

    return _by_area(activity, index)


@overload
def krugman_index(
    activity: pd.DataFrame, reference: Vector | None = None, *, normalised: bool = False
) -> pd.Series: ...  # fmt: skip
@overload
def krugman_index(activity: Vector, reference: Vector | None = None, *, normalised: bool = False) -> float: ...
def krugman_index(
    activity: pd.DataFrame | Vector, reference: Vector | None = None, *, normalised: bool = False
) -> Result:  # fmt: skip
    """
    Krugman's index of specialisation: how unlike the reference's the area's industries are, 0 (alike) to 2.

    K = sum |s_i - r_i|. 2 means not one industry in common. `normalised` halves it, so that 1 is the most unlike (some
    authors' convention, and then the same as `hoover_index`). An area inside the reference is part of both sides, so
    the larger it is the lower its index: to compare large areas with small ones, leave the area out of its reference.

    `reference`: the same industries of the comparator. Without it: the sum of the areas in `activity` that have an
    index (the R package EconGeo's convention). For the mean structure of several places (Farhauer and Kroell), pass the
    mean of their shares. For where an industry is, against another, pass figures by area on both sides. Do not use it
    to say in what an area is specialised: that is `location_quotient`. Missing for an area with a gap, a negative
    figure or nothing. Raises MethodError for a reference of other industries, with gaps or negative figures, or none
    for one area alone.

    Source: Krugman (1991), Geography and Trade, p. 76.

    Examples
    --------
    >>> round(krugman_index([20, 10, 70, 0, 0], [0, 0, 0, 60, 40]), 9)
    2.0
    """
    if reference is None:
        reference = _sum_of_sound_areas(activity)
    compared = _reference_shares(reference, activity)

    def index(shares: Floats) -> Floats:
        return row_sums(np.abs(shares - compared)) / (2 if normalised else 1)

    return _by_area(activity, index)


def concentration_reasons(activity: pd.DataFrame) -> pd.Series:
    """
    Say for each area why it has no concentration index: "" where it has one.

    Areas x industries in, text by area out. Raises MethodError for labels that stand twice. For industries, as in
    `locational_gini`, pass the table turned round. Not for quotients, which a gap spoils less: `quotient_reasons`.

    Examples
    --------
    >>> import pandas as pd
    >>> concentration_reasons(pd.DataFrame({"i": [1, None], "j": [2, 3]}, index=["A", "B"])).to_dict()
    {'A': '', 'B': "no figure for 'i'"}
    """
    table = frame(activity, "activity")

    def reason(row: pd.Series) -> str:
        if row.isna().any():
            return f"no figure for {', '.join(repr(str(name)) for name in row.index[row.isna()])}"
        if (row < 0).any():
            return f"negative figure for {', '.join(repr(str(name)) for name in row.index[row < 0])}"
        return "" if row.sum() > 0 else "no activity at all"

    return pd.Series([reason(row) for _, row in table.iterrows()], index=table.index, dtype=str)


def reasons_of_rows(table: pd.DataFrame) -> dict[object, str]:
    """Say why a row has no result, for those that have none."""
    return {label: why for label, why in concentration_reasons(table).items() if why}


def gini_of_rows(values: Floats, weights: Floats) -> Floats:
    """Weighted Gini of each row: twice the area between the Lorenz curve and the diagonal."""
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    weight = weights[order] / weights.sum()
    mass = ordered * weight
    with np.errstate(divide="ignore", invalid="ignore"):
        mass = mass / mass.sum(axis=1, keepdims=True)
    below = np.cumsum(mass, axis=1) - mass / 2  # height of the Lorenz curve in the middle of each step
    return 1 - 2 * row_sums(below * weight)


def shares_of_rows(table: pd.DataFrame) -> Floats:
    """Shares of each area; NaN for an area with a gap, a negative figure or nothing at all."""
    values = floats(table, "activity")
    total = values.sum(axis=1)
    sound = (values >= 0).all(axis=1) & (total > 0)
    return values / np.where(sound, total, np.nan)[:, None]


def _by_area(activity: pd.DataFrame | Vector, index: Callable[[Floats], Floats]) -> Result:
    """Apply an index of shares to each area, or to the one area."""
    if isinstance(activity, pd.DataFrame):
        table = frame(activity, "activity")
        _some(table.shape[1])
        found = pd.Series(index(shares_of_rows(table)), index=table.index)
        if (gaps := found.isna()).any():
            note_missing(found, reasons_of_rows(table[gaps]))
        return found
    one = series(activity, "activity")
    _some(len(one))
    return float(index(shares_of_rows(one.to_frame().T))[0])


def _some(industries: int) -> None:
    if industries == 0:
        raise MethodError("activity has no industries. Pass at least one column (or one figure).")


def _labels(activity: pd.DataFrame | Vector) -> pd.Index:
    """Industries of the activity."""
    return activity.columns if isinstance(activity, pd.DataFrame) else series(activity, "activity").index


def _sum_of_sound_areas(activity: pd.DataFrame | Vector) -> pd.Series:
    """Sum of the areas whose figures are all known and none negative."""
    if not isinstance(activity, pd.DataFrame):
        raise MethodError("One area alone has no comparator: pass reference (the same industries of, say, the UK).")
    table = frame(activity, "activity")
    sound = table[(table >= 0).all(axis=1)].sum()
    if sound.sum() <= 0:
        raise MethodError("No area of activity has every figure and none that is negative: pass reference.")
    return sound


def _reference_shares(reference: Vector, activity: pd.DataFrame | Vector) -> Floats:
    """Shares of the reference in the order of the activity's industries."""
    compared = matched(reference, _labels(activity), "reference", "activity")
    complete(compared, "reference", "Every share depends on it: leave that industry out on both sides.")
    if (compared < 0).any() or compared.sum() <= 0:
        raise MethodError("reference must not be negative and must add up to more than zero.")
    return floats(compared / compared.sum(), "reference")


def _weights(weights: Vector, activity: pd.DataFrame | Vector) -> Floats:
    """Weights in the order of the activity's industries, none negative."""
    found = matched(weights, _labels(activity), "weights", "activity")
    complete(found, "weights", "Use 0 for a figure that should not count.")
    if (found < 0).any() or found.sum() <= 0:
        raise MethodError("weights must not be negative and must add up to more than zero.")
    return floats(found, "weights")


def _x_log_x(shares: Floats) -> Floats:
    """Multiply each figure by its log, 0 at 0; NaN stays NaN."""
    return shares * np.log(np.where(shares == 0, 1.0, shares))


def _rescaled(raw: Floats, least: float, most: float) -> Floats:
    """Stretch from [least, most] to [0, 1]; a single industry has no scale."""
    return (raw - least) / (most - least) if most > least else np.full_like(raw, np.nan)


def _ratio_n(n: int) -> float:
    """Return n / (n - 1), which makes a Gini of n figures reach 1."""
    return n / (n - 1) if n > 1 else np.nan
