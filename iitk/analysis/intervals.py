"""How sure a location quotient is: rounding and small counts for jobs, the last years for value added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.analysis.checks import Floats, Vector, array, choice, floats, frame, listed, number, series, whole
from iitk.analysis.quotients import areas_or_one, location_quotient, prepare, quotient_reasons
from iitk.errors import MethodError
from iitk.model import BRES_ROUNDING

_METHODS = ("rounding", "sampling", "range")
_Z = 1.96  # normal deviate of a 95% band
_ZERO_COUNT = 3.689  # -ln(0.025): the largest mean that still gives a count of none in 1 of 40 samples
_LIMITS, _STEPS = [limit for limit, _ in BRES_ROUNDING[:-1]], [step for _, step in BRES_ROUNDING]

_MANY = (pd.DataFrame, pd.Series, Mapping, list, tuple, np.ndarray)

Activity = pd.DataFrame | pd.Series
Totals = Vector | float


def rounding_half_width(jobs: npt.ArrayLike) -> Floats:
    """
    Half the step to which a published BRES count was rounded, in jobs.

    Counts are rounded to 5 up to 50, 25 up to 250, 50 up to 500, 100 up to 1,000, 250 up to 2,500, 500 up to 5,000
    and 1,000 above (`iitk.model.BRES_ROUNDING`), so the true
    count lies within this many jobs of the published one. Takes figures of any shape; missing stays missing. A sum of
    published counts may be out by the sum of their half widths. Raises MethodError for a negative count.

    Source: rounding of the Business Register and Employment Survey's open data on Nomis. Do not use it for GVA.

    Examples
    --------
    >>> rounding_half_width([40, 100, 300, 700, 1200]).tolist()
    [2.5, 12.5, 25.0, 50.0, 125.0]
    """
    return _half_step(_counts(jobs), side="left")


def rounding_band(jobs: npt.ArrayLike) -> tuple[Floats, Floats]:
    """
    Lowest and highest true count behind a published BRES count, in jobs.

    At a published count where the step changes the upper side is the wider one: 50 stands for 47.5 to 62.5. Shapes,
    gaps, errors and source as `rounding_half_width`; do not use it for GVA, nor for sums of counts.

    Examples
    --------
    >>> [limit.tolist() for limit in rounding_band([0, 50, 1200])]
    [[0.0, 47.5, 1075.0], [2.5, 62.5, 1325.0]]
    """
    counts = _counts(jobs)
    lower = np.maximum(counts - _half_step(counts, side="left"), 0.0)
    return lower, counts + _half_step(counts, side="right")


def location_quotient_interval(
    activity: Activity | Mapping[int, Activity],
    reference: Vector | Mapping[int, Vector] | None = None,
    *,
    activity_total: Totals | Mapping[int, Totals] | None = None,
    reference_total: float | Mapping[int, float] | None = None,
    method: str = "rounding",
    half_width: Activity | None = None,
    min_activity: float = 0.0,
    years: int = 5,
) -> pd.DataFrame:
    """
    Location quotients with a band of doubt, as columns `lower`, `lq`, `upper` and `reason`.

    Parameters
    ----------
    activity, reference, activity_total, reference_total
        As in `location_quotient`. For method "range" each is a mapping of year to such figures.
    method
        "sampling": jobs. 95% band of counts that vary by chance,
        LQ x exp(-+1.96 sqrt((1 - p) / e + (1 - P) / E)), with e of n local and E of N reference jobs in the industry,
        p = e / n, P = E / N. Where e is 0 the band ends at the quotient of 3.7 jobs (exact Poisson limit).
        "rounding" (default): jobs. The same band, from the lowest to the highest true count that rounds to the
        published one (`rounding_band`). Totals and the reference are taken as exact: their rounding is far smaller.
        "range": value added. From the lowest to the highest quotient of the last `years` years; `lq` is the
        latest year's. It shows steadiness, not a probability: GVA is modelled and has no published sampling error.
    half_width
        For "rounding", if the counts are sums of rounded ones: how far each may be out (same shape as `activity`).
    min_activity
        Small-cell rule: an industry with less than this (jobs or £m) gets no quotient, and the reason says so.
    years
        For "range": how many years back, the latest included.

    Returns
    -------
    One row an industry (activity a Series), or one an area and industry (activity a table). `reason` is empty where
    there is a quotient. The band is missing where the quotient is.

    Raises
    ------
    MethodError
        As `location_quotient`; an unknown method; figures by year where none are wanted, or the reverse;
        counts larger than their total.

    Notes
    -----
    BRES is a stratified sample whose own confidence intervals are published for few cells only; the formula treats
    counts as if drawn one by one and so understates the doubt where a few large plants hold the jobs.
    Source: delta method for the log of a ratio of proportions (Katz et al. 1978, Biometrics 34).

    Examples
    --------
    >>> import pandas as pd
    >>> jobs, britain = pd.Series({"Metals": 1200.0}), pd.Series({"Metals": 350_000.0})
    >>> band = location_quotient_interval(
    ...     jobs, britain, activity_total=60_000, reference_total=30_000_000, method="sampling"
    ... )
    >>> band[["lower", "lq", "upper"]].round(3).loc["Metals"].tolist()
    [1.621, 1.714, 1.813]
    """
    choice(method, _METHODS, "method")
    min_activity, years = number(min_activity, "min_activity"), whole(years, "years", 1)
    by_year = isinstance(activity, Mapping) and all(isinstance(one, _MANY) for one in activity.values())
    if by_year != (method == "range"):
        wanted = "figures by year, such as {2022: ..., 2023: ...}" if method == "range" else "figures of one year"
        raise MethodError(f"method {method!r} needs {wanted} for activity and its reference and totals.")
    if by_year:
        return _range_band(
            cast("Mapping[int, Activity]", activity), reference, activity_total, reference_total, min_activity, years
        )
    figures = _one_year(areas_or_one(activity), reference, activity_total, reference_total)
    return _count_band(figures, method, half_width, min_activity)


@dataclass(frozen=True, slots=True)
class _Figures:
    """What the quotients of one year are made of."""

    activity: Activity
    reference: Vector | None
    activity_total: Totals | None
    reference_total: float | None

    def quotients(self) -> pd.DataFrame:
        """Quotient and reason, one row a cell."""
        totals = {"activity_total": self.activity_total, "reference_total": self.reference_total}
        lq = location_quotient(self.activity, self.reference, **totals)  # type: ignore[arg-type]
        reason = quotient_reasons(self.activity, self.reference, **totals)  # type: ignore[arg-type]
        return pd.DataFrame({"lq": _long(lq), "activity": _long(self.activity), "reason": _long(reason).astype(str)})


def _one_year(activity: Activity, reference: object, activity_total: object, reference_total: object) -> _Figures:
    """Gather the figures of one year; a mapping of years among them is refused by the checks of the quotient."""
    return _Figures(activity, reference, activity_total, reference_total)  # type: ignore[arg-type]


def _count_band(figures: _Figures, method: str, half_width: Activity | None, min_activity: float) -> pd.DataFrame:
    """Band of quotients of counts: chance alone, or chance at both ends of the rounding."""
    band = figures.quotients()
    table, (values, total, compared, all_of_it) = prepare(
        figures.activity, figures.reference, figures.activity_total, figures.reference_total
    )
    lowest, highest = _true_counts(table, half_width) if method == "rounding" else (values, values)
    lower = _limit(lowest, total, compared, all_of_it, -_Z)
    upper = _limit(highest, total, compared, all_of_it, _Z)
    of_none = _limit(np.full_like(values, _ZERO_COUNT), total, compared, all_of_it, 0.0)
    band["lower"], band["upper"] = lower.ravel(), np.where(highest == 0, of_none, upper).ravel()
    return _finish(band, min_activity)


def _true_counts(table: pd.DataFrame, half_width: Activity | None) -> tuple[Floats, Floats]:
    """Lowest and highest true count behind each cell; missing where the cell is missing or negative."""
    counts = floats(table.where(table >= 0), "activity")
    if half_width is None:
        return rounding_band(counts)
    widths = series(half_width, "half_width").to_frame().T if isinstance(half_width, pd.Series) else half_width
    widths = frame(widths, "half_width")
    if widths.shape != table.shape or not widths.columns.equals(table.columns):
        raise MethodError(f"half_width must have the rows and columns of activity {table.shape}, not {widths.shape}.")
    width = floats(widths, "half_width")
    return np.maximum(counts - width, 0.0), counts + width


def _limit(count: Floats, total: Floats, compared: Floats, all_of_it: float, z: float) -> Floats:
    """Quotient of `count` jobs, moved by `z` standard errors of its log; 0 for no jobs."""
    with np.errstate(divide="ignore", invalid="ignore"):
        own, other = count / total[:, None], (compared / all_of_it)[None, :]
        error = np.sqrt(np.maximum(1 - own, 0) / count + (1 - other) / compared[None, :])
        moved = own / other * np.exp(z * error)
    return np.where(count == 0, 0.0, moved)


def _range_band(
    activity: Mapping[int, Activity],
    reference: object,
    activity_total: object,
    reference_total: object,
    min_activity: float,
    years: int,
) -> pd.DataFrame:
    """Lowest to highest quotient of the last years; the latest year's quotient in the middle."""
    if not activity:
        raise MethodError("There is no year to work with: pass figures by year, such as {2022: ..., 2023: ...}.")
    if odd := [year for year in cast("Mapping[object, Activity]", activity) if not isinstance(year, (int, np.integer))]:
        raise MethodError(f"activity has {listed(odd)} as years: write them as whole numbers, such as 2023.")
    latest = max(activity)
    bands = []
    for year in sorted(year for year in activity if year > latest - years):
        parts = (_of_year(figures, year, name) for figures, name in (
            (reference, "reference"), (activity_total, "activity_total"), (reference_total, "reference_total"),
        ))  # fmt: skip
        bands.append(_one_year(areas_or_one(activity[year]), *parts).quotients())
    band = bands[-1]
    by_year = pd.concat([one["lq"] for one in bands], axis=1)
    band["lower"], band["upper"] = by_year.min(axis=1).reindex(band.index), by_year.max(axis=1).reindex(band.index)
    return _finish(band, min_activity)


def _of_year(figures: object, year: int, name: str) -> object:
    """Figures of one year; the error says which year of what is absent."""
    if figures is None:
        return None
    if not isinstance(figures, Mapping) or year not in figures:
        raise MethodError(f"{name} has no figures for {year}: with method 'range' it needs every year of activity.")
    return figures[year]


def _finish(band: pd.DataFrame, min_activity: float) -> pd.DataFrame:
    """Apply the small-cell rule, blank the band where there is no quotient, and order the columns."""
    small = (band["activity"] < min_activity) & (band["reason"] == "")
    band.loc[small, "reason"] = f"less than {min_activity:g}, too small to compare"
    band.loc[small, "lq"] = np.nan
    band.loc[band["lq"].isna(), ["lower", "upper"]] = np.nan
    return band[["lower", "lq", "upper", "reason"]]


def _long(values: Activity) -> pd.Series:
    """One value a row: as it is for one area, else by area and industry in the table's order."""
    if isinstance(values, pd.Series):
        return values
    index = pd.MultiIndex.from_product([values.index, values.columns], names=["area", "industry"])
    return pd.Series(values.to_numpy().ravel(), index=index)


def _counts(jobs: npt.ArrayLike) -> Floats:
    """Return counts as floats; negatives are refused."""
    counts = array(jobs, "jobs")
    if (counts < 0).any():
        raise MethodError("A count of jobs cannot be negative. Rounding bands are for jobs, not for value added.")
    return counts


def _half_step(counts: Floats, *, side: Literal["left", "right"]) -> Floats:
    """Half the rounding step; `side` says to which step a count on a limit belongs."""
    step = np.asarray(_STEPS)[np.searchsorted(_LIMITS, counts, side=side)]
    return np.where(np.isnan(counts), np.nan, step / 2)
