"""Location quotients: how concentrated an industry is in an area, and how sure that is."""

from __future__ import annotations

from typing import overload

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.analysis.checks import Floats, Vector, floats, frame, listed, matched, ratio, series
from iitk.errors import MethodError

_SLACK = 0.01  # rounding by which one part may exceed its published total


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
    activity: pd.Series,
    reference: Vector | None = None,
    *,
    activity_total: Vector | float | None = None,
    reference_total: float | None = None,
) -> pd.Series: ...
def location_quotient(
    activity: pd.DataFrame | pd.Series,
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
        Areas x industries (DataFrame), or the industries of one area (Series): jobs, or GVA in current prices (£m),
        all of one year, one classification and one level of it.
    reference
        The same industries for the comparator (a bare list is taken to be in the same order). Without it: the sum of
        those areas in `activity` that have every figure (an area with a gap is measured against the others, and
        leaves their quotients unharmed).
    activity_total
        Published total by area (or one figure for a Series). Without it: the sum of the area's industries, and an
        area with a gap among them gets no quotients at all, because the sum of the rest would overstate each.
    reference_total
        Published total of the reference. Without it: the sum of `reference`.

    Returns
    -------
    The quotients (ratio, no unit) in the shape of `activity`. 0 where the area has none of the industry. Missing, never
    0, where a figure is missing or negative (negative value added is no share of anything), where the reference
    has none, and for an area whose total is unknown or zero; `quotient_reasons` says which.

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
    table, parts = prepare(activity, reference, activity_total, reference_total)
    quotients = quotient(*parts)
    if isinstance(activity, pd.Series):
        return pd.Series(quotients[0], index=activity.index, name=activity.name)
    return pd.DataFrame(quotients, index=table.index, columns=table.columns, copy=False)


def quotient_reasons(
    activity: pd.DataFrame | pd.Series,
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
    table, (values, total, compared, compared_total) = prepare(activity, reference, activity_total, reference_total)
    reasons = np.full(values.shape, "", dtype=object)
    # From the weakest reason to the strongest: the last one written stands.
    reasons[np.broadcast_to(np.isnan(compared_total), values.shape)] = "total of the reference unknown"
    reasons[np.broadcast_to(np.isnan(compared), values.shape)] = "no figure in the reference"
    reasons[np.broadcast_to(compared < 0, values.shape)] = "negative figure in the reference"
    reasons[np.broadcast_to(compared == 0, values.shape)] = "none in the reference"
    reasons[np.broadcast_to(np.isnan(total)[:, None], values.shape)] = "total of the area unknown"
    reasons[np.broadcast_to((total <= 0)[:, None], values.shape)] = "total of the area is not positive"
    reasons[values < 0] = "negative figure"
    reasons[np.isnan(values)] = "no figure"
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
    cube, compared = np.asarray(activity, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    totals, whole = np.asarray(activity_total, dtype=np.float64), np.asarray(reference_total, dtype=np.float64)
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
    # One weight an area and year, one an industry and year: the cube itself is touched by two products only.
    by_area = ratio(1.0, np.where(totals > 0, totals, np.nan))
    by_industry = ratio(np.where(whole > 0, whole, np.nan), np.where(compared > 0, compared, np.nan))
    quotients = cube * by_area[:, None, :]
    quotients *= by_industry[None, :, :]
    quotients[cube < 0] = np.nan
    return quotients


def quotient(values: Floats, total: Floats, compared: Floats, compared_total: float) -> Floats:
    """Quotients of areas x industries of figures from `prepare`, missing by the documented rules; the caller's own."""
    cube = location_quotient_cube(
        values[:, :, None], compared[:, None], total[:, None], np.array([compared_total], dtype=np.float64)
    )
    return cube[:, :, 0]


def prepare(
    activity: pd.DataFrame | pd.Series,
    reference: Vector | None,
    activity_total: Vector | float | None,
    reference_total: float | None,
) -> tuple[pd.DataFrame, tuple[Floats, Floats, Floats, float]]:
    """Check and align the figures of a quotient: the table, then its cells, totals, reference and reference total."""
    if isinstance(activity, pd.Series):
        if reference is None:
            raise MethodError("One area alone has no comparator: pass reference (the same industries of, say, the UK).")
        table = series(activity, "activity").to_frame().T
    else:
        table = frame(activity, "activity")
    total = _area_totals(table, activity_total)
    known = table.notna().all(axis=1) & total.notna()
    if reference is None:
        # All areas are known as a rule: then nothing need be picked out, which would copy the table.
        whole_areas = table if known.all() else table[known]
        compared = whole_areas.sum() if known.any() else table.sum(min_count=len(table) or 1)
        whole = float(total[known].sum()) if known.any() else np.nan
    else:
        compared = matched(reference, table.columns, "reference", "activity")
        whole = float(compared.sum(skipna=False))
    if reference_total is not None:
        whole = _positive_total(reference_total, "reference_total", compared)
    return table, (
        floats(table, "activity"), floats(total, "activity_total"), floats(compared, "reference"), whole,
    )  # fmt: skip


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


def _positive_total(total: float, argument: str, parts: pd.Series) -> float:
    """Return the published total of the reference, checked."""
    if not np.isfinite(total) or total <= 0:
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
