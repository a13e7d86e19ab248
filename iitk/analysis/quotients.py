"""Location quotients: how concentrated an industry is in an area, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import overload

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.analysis.checks import Floats, Vector, array, floats, frame, listed, matched, number, ratio, series
from iitk.errors import MethodError

_SLACK = 0.01  # rounding by which one part may exceed its published total
_TIE = 1e-12  # relative distance from a threshold within which a quotient is taken to be at it

Parts = tuple[Floats, Floats, Floats, float]  # cells, totals of areas, the reference, its total
Marked = npt.NDArray[np.bool_]


@overload
def location_quotient(
    activity: pd.DataFrame,
    reference: Vector | None = None,
    *,
    activity_total: Vector | float | None = None,
    reference_total: float | None = None,
) -> pd.DataFrame: ...
@overload
def location_quotient(
    activity: Vector,
    reference: Vector | None = None,
    *,
    activity_total: Vector | float | None = None,
    reference_total: float | None = None,
) -> pd.Series: ...
def location_quotient(
    activity: pd.DataFrame | Vector,
    reference: Vector | None = None,
    *,
    activity_total: Vector | float | None = None,
    reference_total: float | None = None,
) -> pd.DataFrame | pd.Series:
    """
    Compare each industry's share of an area with its share of the reference.

    LQ = (local industry / local total) / (reference industry / reference total). A quotient of 2 means twice as large
    a part of the area's activity as of the reference's. It measures concentration, not growth, size or productivity,
    and is unstable where figures are small: show `location_quotient_interval` beside it.

    Parameters
    ----------
    activity
        Areas x industries (a table, or rows of figures), or the industries of one area (a Series, a mapping or a list):
        jobs, or GVA in current prices (£m), all of one year, one classification and one level of it.
    reference
        The same industries for the comparator (a bare list is taken to be in the same order). Without it: the sum of
        those areas in `activity` that have every figure and none that is negative (an area with a gap or a loss is
        measured against the others, and leaves their quotients unharmed).
    activity_total
        Published total by area (or one figure for a Series). Without it: the sum of the area's industries, and an
        area with a gap among them gets no quotients at all, because the sum of the rest would overstate each.
    reference_total
        Published total of the reference. Without it: the sum of `reference`.

    Returns
    -------
    The quotients (ratio, no unit) in the shape of `activity`. 0 where the area has none of the industry. Missing, never
    0, where a figure is missing or negative (negative value added is no share of anything), where the reference
    has none, and for an area whose total is unknown or not positive; `quotient_reasons` says which, cell by cell, and
    `.attrs["missing"]` why an area or an industry has none at all. An area's total is net of its losses, so beside a
    large one its other quotients are high: look at the figures before making anything of them.

    Raises
    ------
    MethodError
        Industries or areas that differ between the arguments, labels that stand twice, a total that is not
        positive or is smaller than one of its parts, a single area without a reference.

    Notes
    -----
    Source: Florence (1939); Miller and Blair, Input-Output Analysis (2009), 8.2. Weighted by the reference's
    shares, the quotients of an area average 1 when totals are the sums of the parts.

    Examples
    --------
    >>> import pandas as pd
    >>> jobs = pd.Series({"Metals": 20, "Other": 80})
    >>> location_quotient(jobs, {"Metals": 100, "Other": 900}).round(2).to_dict()
    {'Metals': 2.0, 'Other': 0.89}
    """
    activity = areas_or_one(activity)
    table, parts = prepare(activity, reference, activity_total, reference_total)
    quotients, gaps = quotient(*parts)
    return labelled(quotients, activity, table, parts, gaps)


def quotient_reasons(
    activity: pd.DataFrame | Vector,
    reference: Vector | None = None,
    *,
    activity_total: Vector | float | None = None,
    reference_total: float | None = None,
) -> pd.DataFrame | pd.Series:
    """
    Say why a location quotient is missing: the same arguments and shape as `location_quotient`, text as cells.

    An empty text means that there is a quotient. Where several reasons hold, the strongest is named: the cell itself,
    then the area's total, then the reference. Errors as `location_quotient`. Not for indices of a whole area:
    `concentration_reasons`.

    Examples
    --------
    >>> import pandas as pd
    >>> gva = pd.Series({"Farming": -2.0, "Boats": None, "Other": 90.0})
    >>> quotient_reasons(gva, {"Farming": 5, "Boats": 5, "Other": 90}, activity_total=100).to_dict()
    {'Farming': 'negative figure', 'Boats': 'no figure', 'Other': ''}
    """
    activity = areas_or_one(activity)
    table, parts = prepare(activity, reference, activity_total, reference_total)
    reasons = _why(parts)
    if isinstance(activity, pd.Series):
        return pd.Series(reasons[0], index=activity.index, name=activity.name, dtype=str)
    return pd.DataFrame(reasons, index=table.index, columns=table.columns, dtype=str)


def location_quotient_cube(
    activity: npt.ArrayLike,
    reference: npt.ArrayLike,
    activity_total: npt.ArrayLike,
    reference_total: npt.ArrayLike,
) -> Floats:
    """
    Work out location quotients for all areas, industries and years at once.

    Shapes: activity (A, I, Y), reference (I, Y), activity_total (A, Y), reference_total (Y); the result is (A, I, Y).
    Missing by the rules of `location_quotient`; totals that are not positive give missing, because one bad year must
    not stop the others. Not for figures whose labels have not been matched: arrays have none, so only shapes are
    checked. Raises MethodError for shapes that do not fit. Source: as `location_quotient`.

    Examples
    --------
    >>> import numpy as np
    >>> location_quotient_cube(np.array([[[20.0]]]), [[100.0]], [[100.0]], [1000.0]).tolist()
    [[[2.0]]]
    """
    cube, compared = array(activity, "activity"), array(reference, "reference")
    totals, whole = array(activity_total, "activity_total"), array(reference_total, "reference_total")
    if cube.ndim != 3:
        raise MethodError(f"activity must have areas x industries x years, not {cube.ndim} dimension(s).")
    areas, industries, years = cube.shape
    for name, found, wanted in (
        ("reference", compared.shape, (industries, years)),
        ("activity_total", totals.shape, (areas, years)),
        ("reference_total", whole.shape, (years,)),
    ):
        if found != wanted:
            raise MethodError(f"{name} must have the shape {wanted} to fit activity {cube.shape}, not {found}.")
    return _shares_compared(cube, totals[:, None, :], compared, whole)[0]


def quotient(values: Floats, total: Floats, compared: Floats, compared_total: float) -> tuple[Floats, Marked | None]:
    """Quotients of areas x industries of figures from `prepare`, the caller's own, and where they are missing.

    Missing by the documented rules; nothing in place of the second if none is.
    """
    return _shares_compared(values, total[:, None], compared, np.float64(compared_total))


def _shares_compared(
    values: Floats, totals: Floats, compared: Floats, whole: npt.ArrayLike
) -> tuple[Floats, Marked | None]:  # fmt: skip
    """Shares of areas over shares of the reference, for shapes that fit, and where they are missing, if any is."""
    # Shares are divided, not multiplied by reciprocals: equal shares then give a quotient of exactly 1.
    quotients = values / _if_positive(totals)
    quotients /= ratio(_if_positive(compared), _if_positive(whole))
    if quotients.min(initial=0.0) >= 0:  # neither a loss nor, as the least of figures with a gap is a gap, a gap
        return quotients, None
    quotients[values < 0] = np.nan
    return quotients, np.isnan(quotients)


def _if_positive(values: npt.ArrayLike) -> Floats:
    return np.where(np.asarray(values) > 0, values, np.nan)


def reaches(quotients: Floats, threshold: float, *, strict: bool = False) -> Marked:
    """Whether quotients are at or above a threshold (`strict`: above), ties judged as in exact arithmetic.

    6/17 of 33/51 may be a hair off its true value, and a hair must not decide: within 1e-12 of it a quotient is at the
    threshold. False where a quotient is missing.
    """
    if strict:
        return np.asarray(quotients > threshold * (1 + _TIE), dtype=np.bool_)
    return np.asarray(quotients >= threshold * (1 - _TIE), dtype=np.bool_)


def areas_or_one(activity: object) -> pd.DataFrame | pd.Series:
    """Areas x industries as a table, or the industries of one area (a mapping or list of figures) as a Series."""
    if isinstance(activity, (pd.DataFrame, pd.Series)):
        return activity
    if isinstance(activity, Mapping):
        plain = all(np.ndim(one) == 0 for one in activity.values())
    else:
        plain = isinstance(activity, (list, tuple, np.ndarray)) and not any(np.ndim(one) for one in activity)
    return series(activity, "activity") if plain else frame(activity, "activity")


def labelled(
    values: Floats, activity: pd.DataFrame | pd.Series, table: pd.DataFrame, parts: Parts, gaps: Marked | None
) -> pd.DataFrame | pd.Series:
    """Give quotients (or marks) the shape of the activity, and say why an area or industry has none at all."""
    if isinstance(activity, pd.Series):
        one = pd.Series(values[0], index=activity.index, name=activity.name)
        why = {} if gaps is None else dict(zip(activity.index, _why(parts)[0], strict=True))
        note_missing(one, {label: text for label, text in why.items() if text})
        return one
    found = pd.DataFrame(values, index=table.index, columns=table.columns, copy=False)
    note_missing(found, {} if gaps is None else _all_missing(table, parts, gaps))
    return found


def note_missing(result: pd.DataFrame | pd.Series, missing: dict[object, str]) -> None:
    """Keep the reasons with the result, if there are any: pandas copies what is kept in every step that follows."""
    if missing:
        result.attrs["missing"] = missing


def _all_missing(table: pd.DataFrame, parts: Parts, gaps: Marked) -> dict[object, str]:
    """Why an area has no quotient at all, and why an industry has none in the areas that have any."""
    values, total, compared, whole = parts
    rows = np.asarray(gaps.all(axis=1), dtype=np.bool_)
    columns = np.asarray(gaps[~rows].all(axis=0) & ~rows.all(), dtype=np.bool_)
    by_area = _why((values[rows], total[rows], compared, whole))
    by_industry = _why((values[np.ix_(~rows, columns)], total[~rows], compared[columns], whole)).T
    missing: dict[object, str] = {}
    for labels, texts in ((table.index[rows], by_area), (table.columns[columns], by_industry)):
        for label, why in zip(labels, texts, strict=True):
            text = "; ".join(dict.fromkeys(why))
            missing[label] = f"{missing[label]}; as an industry: {text}" if label in missing else text
    return missing


def _why(parts: Parts) -> npt.NDArray[np.object_]:
    """Reason of every cell without a quotient, "" where there is one."""
    values, total, compared, whole = parts
    reasons = np.full(values.shape, "", dtype=object)
    # From the weakest reason to the strongest: the last one written stands.
    for where, text in (
        (np.asarray(np.isnan(whole)), "total of the reference unknown"),
        (np.asarray(whole <= 0), "total of the reference is not positive"),
        (np.isnan(compared), "no figure in the reference"),
        (compared < 0, "negative figure in the reference"),
        (compared == 0, "none in the reference"),
        (np.isnan(total)[:, None], "total of the area unknown"),
        ((total <= 0)[:, None], "total of the area is not positive"),
        (values < 0, "negative figure"),
        (np.isnan(values), "no figure"),
    ):
        reasons[np.broadcast_to(where, values.shape)] = text
    return reasons


def prepare(
    activity: pd.DataFrame | pd.Series,
    reference: Vector | None,
    activity_total: Vector | float | None,
    reference_total: float | None,
) -> tuple[pd.DataFrame, Parts]:
    """Check and align the figures of a quotient: the table, then its cells, totals, reference and reference total."""
    if isinstance(activity, pd.Series):
        if reference is None:
            raise MethodError("One area alone has no comparator: pass reference (the same industries of, say, the UK).")
        table = series(activity, "activity").to_frame().T
    else:
        table = frame(activity, "activity")
    values, total = floats(table, "activity"), _area_totals(table, activity_total)
    if reference is None:
        # A loss would be taken off everybody's reference; a gap would leave it unknown.
        known = (values.min(axis=1, initial=np.inf) >= 0) & total.notna()
        # All areas are known as a rule: then nothing need be picked out, which would copy the table.
        whole_areas = table if known.all() else table[known]
        compared = whole_areas.sum(skipna=False) if known.any() else table.sum(min_count=len(table) or 1)
        whole = float(total[known].sum()) if known.any() else np.nan
    else:
        compared = matched(reference, table.columns, "reference", "activity")
        whole = float(compared.sum(skipna=False))
    if reference_total is not None:
        whole = _positive_total(reference_total, "reference_total", compared)
    return table, (values, floats(total, "activity_total"), floats(compared, "reference"), whole)


def _area_totals(table: pd.DataFrame, totals: Vector | float | None) -> pd.Series:
    """Total of each area: the published one, or the sum if no part is missing."""
    if totals is None:
        return table.sum(axis=1, skipna=False)
    if isinstance(totals, (int, float, np.integer, np.floating)):
        if len(table) != 1:
            raise MethodError(f"activity_total must hold one total for each of the {len(table)} areas, not one figure.")
        total = series(pd.Series([float(totals)], index=table.index), "activity_total")
    else:
        total = matched(totals, table.index, "activity_total", "activity (rows)")
    wrong = (total < 0) | ((total == 0) & (table != 0).any(axis=1))
    if wrong.any():
        raise MethodError(
            f"activity_total must be above zero; it is not for {listed(total.index[wrong])}. "
            "Leave a gap where the published total is missing."
        )
    _covers(total, table, "activity_total")
    return total


def _positive_total(given: float, argument: str, parts: pd.Series) -> float:
    """Return the published total of the reference, checked."""
    if (total := number(given, argument)) <= 0:
        raise MethodError(f"{argument} must be a figure above zero, got {total:g}.")
    _covers(pd.Series({"the reference": float(total)}), parts.to_frame("the reference").T, argument)
    return float(total)


def _covers(total: pd.Series, table: pd.DataFrame, argument: str) -> None:
    """Refuse a total that is smaller than one of its parts: it is in another unit, or of another area."""
    # Negative parts can leave a true total below its largest part, so they count in the total's favour.
    room = total - table.where(table < 0).sum(axis=1)
    short = table.max(axis=1) > room * (1 + _SLACK)
    if short.any():
        area = total.index[short][0]
        industry = table.loc[area].idxmax()
        raise MethodError(
            f"{argument} of {area} is {total[area]:g}, less than its industry {industry!r} "
            f"({table.loc[area].max():g}). "
            "Check that both are in the same unit and of the same area."
        )
