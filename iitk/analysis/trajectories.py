"""Paths through time: a crisis and the recovery from it, chained volumes, shares, growth a year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import numpy as np
import pandas as pd

from iitk.analysis.checks import Floats, Vector, aligned, floats, frame, listed, matched, number, ratio, series
from iitk.errors import MethodError


@dataclass(frozen=True, slots=True)
class PeakTroughNow:
    """A crisis in three figures, in the unit of the series.

    `trough` is None if nothing fell after the peak; `recovered_year` is None if the peak has not been reached again.
    """

    peak_year: int
    peak: float
    trough_year: int | None
    trough: float | None
    recovered_year: int | None
    now_year: int
    now: float
    missing_years: tuple[int, ...] = ()

    @property
    def fall(self) -> float:
        """Change from peak to trough as a share of the peak: -0.07 is a fall of 7%; 0 if nothing fell."""
        return 0.0 if self.trough is None else self.trough / self.peak - 1

    @property
    def change_peak_now(self) -> float:
        """Change from the peak to the latest year as a share of the peak."""
        return self.now / self.peak - 1

    @property
    def years_to_recover(self) -> int | None:
        """Years from the peak until it was reached again; None if it has not been."""
        return None if self.recovered_year is None else self.recovered_year - self.peak_year


def peak_trough_now(series_by_year: pd.Series, *, window: tuple[int, int] = (2005, 2009)) -> PeakTroughNow:
    """
    Find the peak before a crisis, the trough after it, when the peak was reached again, and where things stand now.

    - peak: the year of `window` after which the series fell furthest (as a share of it) before reaching it again. If it
      fell after none of them, the highest year of the window (the latest of equals).
    - trough: the lowest year after the peak and before recovery (the first of equals); none if nothing fell.
    - recovered: the first year after the peak that is at or above it; none if that has not happened.
    - now: the last year with a figure.

    Parameters
    ----------
    series_by_year
        Figures above zero by year (jobs, or GVA as a chained volume: in current prices inflation hides the fall). Gaps
        are skipped and named in `missing_years`; a gap can hide the true peak or trough.
    window
        First and last year in which the peak may lie: (2005, 2009) for the crisis of 2008 (the default), (2018, 2020)
        for the pandemic.

    Raises
    ------
    MethodError
        Years that are not whole numbers or stand twice, no figure in the window, a figure that is not above zero.

    Notes
    -----
    Source: dating by peak and trough of the level, as classical business cycle dating does (Burns and Mitchell, 1946;
    Harding and Pagan, 2002, Journal of Monetary Economics 49), on yearly figures. Not a cause: what fell after a year
    need not have fallen because of it, and yearly figures hide a short slump.

    Examples
    --------
    >>> import pandas as pd
    >>> found = peak_trough_now(pd.Series({2007: 100.0, 2008: 104.0, 2009: 95.0, 2010: 99.0, 2011: 105.0, 2012: 110.0}))
    >>> found.peak_year, found.trough_year, found.recovered_year, round(found.fall, 3), round(found.change_peak_now, 3)
    (2008, 2009, 2011, -0.087, 0.058)
    """
    years, values, missing = _path(series_by_year)
    inside = [row for row, year in enumerate(years) if window[0] <= year <= window[1]]
    if not inside:
        raise MethodError(f"The series has no figure from {window[0]} to {window[1]}. Choose another window.")
    peak = max(inside, key=lambda row: (-_depth(values, row), values[row], row))
    recovered, trough = _after(values, peak)
    return PeakTroughNow(
        peak_year=years[peak],
        peak=float(values[peak]),
        trough_year=None if trough is None else years[trough],
        trough=None if trough is None else float(values[trough]),
        recovered_year=None if recovered is None else years[recovered],
        now_year=years[-1],
        now=float(values[-1]),
        missing_years=missing,
    )


def chain_index(
    current: pd.DataFrame, index: pd.DataFrame, base_year: int, *, skip_missing: bool = False
) -> pd.Series:  # fmt: skip
    """
    Combine the chained-volume indices of parts (districts, industries) into one for their sum.

    The link from year t-1 to t is sum_i w_i I_i,t / I_i,t-1, with w_i the part's share of the sum in the current prices
    of t-1; links multiply, and `base_year` is 100. Chained volumes themselves must not be added: that is right only in
    the year of their prices.

    Parameters
    ----------
    current, index
        Years x parts: current prices (£m) and the volume index of each part (any base). Same years and parts; each year
        from first to last.
    skip_missing
        False (default): a part that lacks a figure breaks the chain there, and the years beyond the break, seen from
        `base_year`, are missing. True: each link uses the parts that have all they need, as if the others moved like
        them.

    Returns
    -------
    Index by year, base year = 100. A part with nothing in t-1 adds nothing to the link, even if it appears in t. A
    negative index is taken as missing; negative current prices (a loss) are kept, because the sum has them too.

    Raises
    ------
    MethodError
        Different years or parts on the two sides, a year left out, a base year without a row.

    Notes
    -----
    Do not chain parts that change their boundaries or classification on the way.
    Source: annually chained Laspeyres volume, as the ONS chains regional GVA (ESA 2010, chapter 10). Where the sum of
    the parts has a published index of its own, use that: the ONS estimates each level apart, and the chain of West
    Yorkshire's five districts differs from its published index by up to half a point in a year and 2% over 24 years.

    Examples
    --------
    >>> import pandas as pd
    >>> current = pd.DataFrame({"a": [60.0, 66.0], "b": [40.0, 50.0]}, index=[2021, 2022])
    >>> index = pd.DataFrame({"a": [100.0, 110.0], "b": [50.0, 60.0]}, index=[2021, 2022])
    >>> chain_index(current, index, 2021).round(6).tolist()  # 0.6 x 1.1 + 0.4 x 1.2
    [100.0, 114.0]
    """
    weights, volumes = frame(current, "current"), frame(index, "index")
    aligned(volumes.iloc[:, 0], weights.index, "index (years)", "current (years)")
    volumes = volumes.reindex(index=weights.index)
    aligned(pd.Series(0.0, volumes.columns), weights.columns, "index (parts)", "current (parts)")
    weights, volumes = weights.sort_index(), volumes[weights.columns].sort_index()
    _every_year(weights.index, base_year)
    links = _links(floats(weights, "current"), floats(volumes.where(volumes >= 0), "index"), skip_missing=skip_missing)
    base = list(weights.index).index(base_year)
    # Forwards from the base year links multiply, backwards they divide; a missing link leaves all beyond it missing.
    forward = np.cumprod(links[base:])
    backward = np.cumprod(ratio(1.0, links[:base][::-1]))[::-1]
    chained = 100 * np.concatenate([backward, [1.0], forward])
    return pd.Series(chained, index=weights.index, name="index")


def shares_change(
    start: Vector, end: Vector, *, start_total: float | None = None, end_total: float | None = None
) -> pd.DataFrame:
    """
    Each industry's share of an area at two times, and the change between them.

    `start` and `end`: the industries. Returns industries x (start_share, end_share, change), as shares (0.05 is 5%);
    `change` is in the same unit, so 0.01 is one percentage point. `start_total` and `end_total` are the published ones,
    by default sums; without them a gap leaves all shares of its year missing, because their base is unknown. A negative
    figure is no share of anything: that industry's share is missing, the others are unharmed (a total summed here keeps
    it).

    Raises MethodError for industries that differ, or a total that is not above zero. Not for growth: a share falls
    when all else grows faster, so a falling one is no decline; see `compound_growth`. Source: plain
    arithmetic, as in the ONS's shares of industries.

    Examples
    --------
    >>> shares_change({"a": 20, "b": 80}, {"a": 30, "b": 70})["change"].round(2).to_dict()
    {'a': 0.1, 'b': -0.1}
    """
    first = series(start, "start")
    last = matched(end, first.index, "end", "start")
    past = first.where(~(first < 0)) / _total(first, start_total, "start")
    now = last.where(~(last < 0)) / _total(last, end_total, "end")
    return pd.DataFrame({"start_share": past, "end_share": now, "change": now - past})


@overload
def compound_growth(start: float, end: float, years: float) -> float: ...
@overload
def compound_growth(start: Vector, end: Vector, years: float) -> pd.Series: ...
def compound_growth(start: float | Vector, end: float | Vector, years: float) -> float | pd.Series:
    """
    Even yearly growth that leads from `start` to `end`: (end / start)^(1 / years) - 1, as a share a year.

    Missing where the start is not above zero, the end is negative, or either is missing. -1 where the end is zero. It
    tells nothing of the path between, and depends much on the two years chosen.

    Raises MethodError if `years` is not above zero or Series have different labels. Source: the usual geometric mean of
    yearly growth. Not for current prices, where inflation counts as growth.

    Examples
    --------
    >>> round(compound_growth(100.0, 121.0, 2), 6)
    0.1
    """
    if not number(years, "years") > 0:
        raise MethodError(
            f"years must be above zero, got {years}. Count from the first year to the last: 2013-2023 is 10."
        )
    if _one(start) != _one(end):
        raise MethodError("start and end must both be Series (or lists), or both single figures.")
    if not _one(start):
        first = series(start, "start")
        last = matched(end, first.index, "end", "start")
        return pd.Series(_compound(floats(first, "start"), floats(last, "end"), years), index=first.index)
    both = series([start, end], "start and end").to_numpy()
    return float(_compound(both[0], both[1], years))


def _one(value: object) -> bool:
    """Whether it is a single figure (or a gap)."""
    return value is None or bool(np.isscalar(value)) or value is pd.NA


def _compound(start: Floats, end: Floats, years: float) -> Floats:
    growth = ratio(end, np.where(start > 0, start, np.nan))
    return np.asarray(np.where(growth >= 0, growth, np.nan) ** (1 / years) - 1, dtype=np.float64)


def _path(figures: pd.Series) -> tuple[list[int], Floats, tuple[int, ...]]:
    """Years with figures, the figures, and the years without."""
    path = series(figures, "series").sort_index()
    try:
        years = [int(year) for year in path.index]
    except (TypeError, ValueError) as problem:
        raise MethodError("The labels of the series must be years, such as 2008.") from problem
    values = floats(path, "series")
    known = ~np.isnan(values)
    if (values[known] <= 0).any():
        bad = path.index[known][values[known] <= 0]
        raise MethodError(
            f"The series is not above zero in {listed(bad)}: a fall from there has no meaning as a share."
        )
    gaps = tuple(year for year, there in zip(years, known, strict=True) if not there)
    return [year for year, there in zip(years, known, strict=True) if there], values[known], gaps


def _after(values: Floats, peak: int) -> tuple[int | None, int | None]:
    """Rows of the recovery from `peak` and of the trough before it."""
    later = np.flatnonzero(values[peak + 1 :] >= values[peak])
    recovered = int(later[0]) + peak + 1 if len(later) else None
    below = values[peak + 1 : recovered]
    return recovered, (int(np.argmin(below)) + peak + 1 if len(below) else None)


def _depth(values: Floats, peak: int) -> float:
    """How far the series stood at its lowest below `peak` before recovery: 0 or negative, as a share."""
    _, trough = _after(values, peak)
    return 0.0 if trough is None else float(values[trough] / values[peak] - 1)


def _links(current: Floats, index: Floats, *, skip_missing: bool) -> Floats:
    """Growth of the sum from each year to the next."""
    weight, growth = current[:-1], ratio(index[1:], index[:-1])
    # What is not there in t-1 has no volume to grow: its weight is zero whatever its index says.
    growth = np.where(weight == 0, 1.0, growth)
    known = ~np.isnan(weight) & ~np.isnan(growth)
    if not skip_missing:
        weight = np.where(known.all(axis=1, keepdims=True), weight, np.nan)
    weight, growth = np.where(known, weight, 0.0 if skip_missing else np.nan), np.where(known, growth, 0.0)
    total = weight.sum(axis=1)
    return ratio((weight * growth).sum(axis=1), np.where(total > 0, total, np.nan))


def _every_year(years: pd.Index, base_year: int) -> None:
    """Refuse a base year without a row, and years left out: a link must span one year."""
    if base_year not in years:
        raise MethodError(f"base_year {base_year} is not among the years {years.min()} to {years.max()}.")
    left_out = sorted(set(range(int(years.min()), int(years.max()) + 1)) - {int(year) for year in years})
    if left_out:
        raise MethodError(f"No rows for {listed(left_out)}: a chain needs every year, because each link spans one.")


def _total(values: pd.Series, published: float | None, argument: str) -> float:
    """Return the published total, or the sum if nothing is missing."""
    total = float(values.sum(skipna=False)) if published is None else float(published)
    if total <= 0:
        raise MethodError(f"The total of {argument} must be above zero, got {total:g}.")
    return total
