"""Figures that only look like observations: interpolated series, and columns copied from others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.sources.checks.base import Data, Found, check
from iitk.sources.checks.totals import LIMITS, STEPS

LEAST_RUN = 4  # equal steps in a row
CHANCE = 0.01  # a run is refused if chance would give it less than once in a hundred such tables
EXACT = 1e-6  # relative: figures that are not rounded to a visible unit
COMPARED = ("gva_lad", "jobs_nuts2_division", "indicators", "innovation")  # tables whose columns are compared
MIN_AREAS = 12  # areas in which two columns must both have figures before they are compared


@dataclass(frozen=True)
class Series:
    """Figures to look at: rows are series, columns consecutive years; `unit` is the rounding unit of each row."""

    labels: list[str]
    values: npt.NDArray[np.float64]
    unit: npt.NDArray[np.float64]


def straight_lines(series: Series) -> list[str]:
    """Series with a run of equal, non-zero yearly steps that is too long to be chance.

    Rounded figures tie by chance: yearly steps of about k rounding units coincide with probability near
    1/(2k + 1). A run of m equal steps of k units is refused when windows x (2k + 1)^-(m - 1) < 0.01: four
    steps of +1,000 are a ruler's work, four steps of +1 are not.
    """
    steps = np.diff(series.values, axis=1)
    tolerance = np.maximum(series.unit * 1e-3, np.nanmax(np.abs(series.values), axis=1, initial=0) * EXACT)[:, None]
    same = np.abs(np.diff(steps, axis=1)) <= tolerance
    run, length = np.zeros(len(steps), dtype=int), np.zeros(len(steps), dtype=int)
    size = np.zeros(len(steps))
    windows = max(steps.size, 1)
    best = np.zeros(len(steps))  # log of the chance of the least likely run; 0 is none
    for column in range(same.shape[1]):
        run = np.where(same[:, column], run + 1, 0)
        k = np.abs(steps[:, column + 1]) / series.unit
        logs = np.where((run + 1 >= LEAST_RUN) & (k > 0.5), -run * np.log(2 * k + 1), 0.0)
        better = logs < best
        best, size, length = np.where(better, logs, best), np.where(better, k, size), np.where(better, run + 1, length)
    refused = best + np.log(windows) < np.log(CHANCE)
    return [
        f"{series.labels[row]}: {length[row]} equal steps of {size[row] * series.unit[row]:,.4g}"
        for row in np.flatnonzero(refused)
    ]


def unit_of(values: npt.NDArray[np.float64]) -> float:
    """The unit that figures are rounded to: the largest power of ten, 1 to 0.0001, that divides them all."""
    known = np.abs(values[np.isfinite(values)])
    for unit in (1.0, 0.1, 0.01, 0.001):
        if np.allclose(known / unit, np.round(known / unit), rtol=0, atol=1e-3):
            return unit
    return max(float(np.median(known)) * EXACT, 1e-9) if known.size else 1.0


@check("{n} series are straight lines, which no survey gives")
def no_straight_lines(data: Data) -> Found:
    """No series in any table is a straight line drawn between two figures."""
    faults: list[str] = []
    tested, tables = 0, []
    for key, series in _all_series(data):
        faults += [f"{key}, {fault}" for fault in straight_lines(series)]
        tested += len(series.labels)
        tables.append(key)
    return Found(
        faults,
        f"{tested:,} series over the years: none is a straight line drawn between two figures.",
        tables=tuple(dict.fromkeys(tables)),
    )


def _all_series(data: Data) -> Iterator[tuple[str, Series]]:
    for key in ("gva_lad", "gva_itl"):
        for column, unit in (("current_gbp_m", 1.0), ("cvm_index", 0.1)):
            yield key, _series(data.frame(key), ["area_code", "industry_code"], column, unit)
    for key in ("jobs_nuts2_division", "jobs_lad_section"):
        yield key, _series(data.frame(key), ["area_code", "industry_code"], "jobs", None)
    for column in ("gva_per_hour_gbp", "gva_per_job_gbp"):
        yield "productivity_lad", _series(data.frame("productivity_lad"), ["area_code"], column, unit=None)
    for key, labels in (("indicators", ["area_code"]), ("innovation", ["area_level", "area_code"])):
        for name, rows in data.frame(key).groupby("indicator"):
            yield key, _series(rows, labels, "value", unit=None, name=str(name))


def _series(frame: pd.DataFrame, labels: list[str], column: str, unit: float | None, name: str = "") -> Series:
    """Rows of a long table as series of consecutive years; a year that is missing breaks the series."""
    wide = frame.set_index([*labels, "year"])[column].astype("float64").unstack("year")
    years = range(int(wide.columns.min()), int(wide.columns.max()) + 1)
    values = wide.reindex(columns=list(years)).to_numpy()
    keys = wide.index.to_list()
    named = [" ".join([name, *([key] if isinstance(key, str) else key)]).strip() for key in keys]
    plain = np.full(len(values), unit_of(values) if unit is None else unit)
    units = _jobs_unit(values) if column == "jobs" else plain
    return Series(named, values, units)


def _jobs_unit(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Counts of jobs are rounded more coarsely the larger they are: the step at a series' largest count."""
    largest = np.nanmax(values, axis=1, initial=0)
    return np.asarray(STEPS[np.searchsorted(LIMITS, largest)], dtype="float64")


@check("{n} pairs of columns have the same ratio in every area", *COMPARED)
def no_identical_ratios(data: Data) -> Found:
    """No column is a constant multiple of another in every area: real places differ."""
    faults: list[str] = []
    tested = 0
    for name, columns, unit in _all_columns(data):
        found, pairs = constant_multiples(columns, unit)
        faults += [f"{name}: {fault}" for fault in found]
        tested += pairs
    return Found(faults, f"{tested:,} pairs of columns: none is a constant multiple of the other in every area.")


def constant_multiples(columns: pd.DataFrame, unit: float) -> tuple[list[str], int]:
    """Pairs of columns (areas down) whose ratio is the same in every area, up to rounding to `unit`.

    Compared where both have figures and at least twelve areas differ in the first. Returns the pairs, and how
    many were compared.
    """
    values = columns.to_numpy(dtype="float64")
    filled = np.nan_to_num(values)
    known = np.isfinite(values) & (filled != 0)
    enough = known.sum(axis=0) >= MIN_AREAS
    varied = np.array([len(np.unique(filled[known[:, n], n])) >= MIN_AREAS for n in range(values.shape[1])])
    use = np.flatnonzero(enough & varied)
    names = columns.columns.tolist()
    faults, pairs = [], 0
    for place, first in enumerate(use):
        others = use[place + 1 :]
        both = known[:, [first]] & known[:, others]
        a, b = np.where(both, filled[:, [first]], 0), np.where(both, filled[:, others], 0)
        squares = (a * a).sum(axis=0)
        ratio = np.divide((a * b).sum(axis=0), squares, out=np.zeros(len(others)), where=squares > 0)
        gap = np.abs(b - ratio * a)
        allowed = 0.5 * unit * (1 + np.abs(ratio)) + np.abs(b) * EXACT
        copied = (gap <= allowed).all(axis=0) & (both.sum(axis=0) >= MIN_AREAS)
        copied &= (np.abs(b).max(axis=0) > 20 * unit) & (np.abs(a).max(axis=0) > 20 * unit)  # rounding hides small ones
        faults += [f"{names[n]} = {r:.4g} x {names[first]}" for n, r in zip(others[copied], ratio[copied], strict=True)]
        pairs += len(others)
    return faults, pairs


def _all_columns(data: Data) -> Iterable[tuple[str, pd.DataFrame, float]]:
    """Sets of columns to compare: industries within a year, and indicators at their latest year."""
    for key, value in (("gva_lad", "current_gbp_m"), ("jobs_nuts2_division", "jobs")):
        cells = data.cells(key, value)
        for year in sorted(cells.index.unique("year"))[-1:]:
            yield f"{key} {year}", cells[cells.index.get_level_values("year") == year].droplevel("year"), 1.0
        by_year = data.frame(key).groupby(["area_code", "year"])[value].sum().unstack("year")
        yield f"{key} years", by_year, 1.0
    local = data.frame("indicators")
    last = local[local["area_kind"] == "local authority"].drop_duplicates(["indicator", "area_code"], keep="last")
    yield "indicators", last.set_index(["area_code", "indicator"])["value"].unstack("indicator"), 1e-9
    for level, rows in data.frame("innovation").groupby("area_level"):
        for year, of_year in rows.groupby("year"):
            wide = of_year.set_index(["area_code", "indicator"])["value"].unstack("indicator")
            yield f"innovation {level!s} {year!s}", wide, 1e-9
