"""The published indicators of an area beside its comparator and the districts of its kind."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.model import Area, AreaKind
from iitk.sources import geography, tables
from iitk.sources.kept import kept
from iitk.words import format as say

# Some figures stand under the code of the UK without extra-regio, or under ITL codes. Where a comparator's figure for
# the whole country does not exist, the widest that does is used, and named.
_UK, _UK_LESS_EXTRA_REGIO = "K02000001", "K99000002"
_WIDER = {_UK: ("K03000001", "K04000001", "E92000001")}
_NAMES = {
    _UK: "the UK",
    _UK_LESS_EXTRA_REGIO: "the UK",
    "K03000001": "Great Britain",
    "K04000001": "England and Wales",
    "E92000001": "England",
}

# Districts with the same duties are of one kind: a county district answers for less than a unitary council.
DISTRICT_GROUPS = {
    "unitary": "single-tier council", "metropolitan": "single-tier council", "Scottish": "single-tier council",
    "Welsh": "single-tier council", "London borough": "London authority", "non-metropolitan": "county district",
    "NI": "Northern Ireland district",
}  # fmt: skip

FEWEST_TO_RANK = 5
FEW_BUSINESSES = 1_000
BUSINESS_RATES = frozenset(
    {"business_births", "business_deaths", "high_growth", *(f"survival_{years}yr" for years in range(1, 6))}
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One indicator of one area, in its latest year."""

    slug: str
    label: str
    unit: str
    theme: str
    better: str  # "higher", "lower" or "" (neither)
    year: int
    value: float | None  # missing for an area that the publisher does not cover
    lower_95: float | None
    upper_95: float | None
    status: str  # "", "suppressed", "unreliable", "missing"
    compared: float | None
    compared_name: str
    rank: int | None  # 1 = highest among the districts of its kind with a figure
    rank_from_lowest: int | None  # 1 = lowest among the same
    of: int
    percentile: float | None  # 0 (lowest) to 100 (highest) among the same
    members: tuple[tuple[str, float], ...] = ()  # (name, value) of the districts, when the area itself has none

    @property
    def known(self) -> bool:
        """Whether the publisher gives a figure for the area itself."""
        return self.value is not None


@dataclass(frozen=True, slots=True)
class _Cell:
    """One published figure; None where there is no number."""

    value: float | None = None
    lower_95: float | None = None
    upper_95: float | None = None
    status: str = ""


_NO_CELL = _Cell()
_SERIES = {"area_code": str, "year": int, "value": float}


@dataclass(frozen=True, slots=True)
class _Indicator:
    """One indicator in its latest year, wherever it is published."""

    slug: str
    label: str
    unit: str
    theme: str
    better: str
    year: int
    cells: Mapping[str, _Cell]  # by code of the area
    among: Mapping[str, npt.NDArray[np.float64]]  # the districts' values by kind, those without a number left out


@kept
def district_groups() -> pd.Series:
    """Kind of each of the 361 districts, by code."""
    lads = geography.lads().set_index("code")
    return lads["district_type"].map(DISTRICT_GROUPS)


@kept
def latest_by_district() -> pd.DataFrame:
    """Latest value of each indicator for each district (rows: code; columns: indicator), one year an indicator."""
    rows = _latest()
    rows = rows[rows["area_code"].isin(geography.lads()["code"])]
    return rows.pivot_table(index="area_code", columns="indicator", values="value", observed=True)


@kept
def readings(area: Area, comparator: Area) -> Mapping[str, Reading]:
    """Return every indicator that the area, or at least one of its districts, has, by slug."""
    own, others = _codes(area), (*_codes(comparator), *_WIDER.get(comparator.code, ()))
    found = (
        _reading(indicator, area, own, _compared(indicator, comparator.name, others)) for indicator in _indicators()
    )
    return MappingProxyType({reading.slug: reading for reading in found if reading is not None})


def series(slug: str, area: Area) -> pd.Series:
    """One published indicator of one area by year; empty where there is none for the area itself."""
    by_area = _series(slug)
    found = next((by_area[code] for code in _codes(area) if code in by_area), None)
    return pd.Series(dtype=float) if found is None else found.copy(deep=False)


@kept
def _series(slug: str) -> dict[str, pd.Series]:
    """One indicator by year, for each area that has a figure."""
    rows = tables.indicator(slug).dropna(subset=["value"])
    rows = pd.DataFrame({name: rows[name].astype(kind) for name, kind in _SERIES.items()})
    return {
        str(code): own.set_index("year")["value"].sort_index() for code, own in rows.groupby("area_code", sort=False)
    }


@kept
def latest_years() -> dict[str, int]:
    """Year of the latest value of each indicator, by slug."""
    return {indicator.slug: indicator.year for indicator in _indicators()}


@kept
def expected() -> dict[str, str]:
    """Labels of the indicators that are published for districts somewhere in the UK, by slug."""
    meta = tables.load("indicators_meta").set_index("indicator")["label"]
    return {str(slug): str(meta[slug]) for slug in latest_by_district().columns}


@kept
def _latest() -> pd.DataFrame:
    """Keep, for each indicator, the latest period that at least half of its usual areas report; today's areas only."""
    rows = tables.load("indicators")
    rows = rows[rows["vintage"].astype(str) == "current"]
    counts = rows.groupby(["indicator", "period"], observed=True)["value"].count().unstack("period")
    enough = counts.ge(counts.max(axis=1) / 2, axis=0)
    last = enough.apply(lambda row: row.index[row][-1] if row.any() else None, axis=1)
    return rows[rows["period"].astype(str) == rows["indicator"].astype(str).map(last).astype(str)]


@kept
def _indicators() -> tuple[_Indicator, ...]:
    """Every indicator in its latest year."""
    meta = {row["indicator"]: row for row in tables.load("indicators_meta").to_dict("records")}
    return tuple(
        _indicator(meta[slug], rows.drop_duplicates("area_code"))
        for slug, rows in _latest().groupby("indicator", observed=True)
    )


def _indicator(meta: Mapping[Hashable, str], rows: pd.DataFrame) -> _Indicator:
    numbers = (rows[name].tolist() for name in ("value", "lower_95", "upper_95"))
    cells = {
        code: _Cell(_number(value), _number(low), _number(high), status)
        for code, value, low, high, status in zip(rows["area_code"], *numbers, rows["status"], strict=True)
    }
    kinds = rows["area_code"].map(district_groups())
    among = {str(kind): values.dropna().to_numpy() for kind, values in rows["value"].groupby(kinds)}
    year = int(rows["year"].iloc[0])  # all rows are of one period
    return _Indicator(meta["indicator"], meta["label"], meta["unit"], meta["theme"], meta["better"], year, cells, among)


def _reading(
    indicator: _Indicator, area: Area, codes: tuple[str, ...], compared: tuple[float | None, str]
) -> Reading | None:
    cell = next((indicator.cells[code] for code in codes if code in indicator.cells), None)
    members = _members(indicator, area) if cell is None else ()
    if cell is None and not members:
        return None
    cell = cell or _NO_CELL
    rank, from_lowest, of, percentile = _place(indicator, area)
    return Reading(
        indicator.slug, indicator.label, indicator.unit, indicator.theme, indicator.better, indicator.year,
        cell.value, cell.lower_95, cell.upper_95, cell.status, *compared, rank, from_lowest, of, percentile, members,
    )  # fmt: skip


def _codes(area: Area) -> tuple[str, ...]:
    """Codes under which a publisher may give a figure for the very same place."""
    return (area.code, _UK_LESS_EXTRA_REGIO) if area.code == _UK else (area.code, geography.itl_code(area))


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _members(indicator: _Indicator, area: Area) -> tuple[tuple[str, float], ...]:
    inside = ((code, indicator.cells[code].value) for code in area.lads if code in indicator.cells)
    return tuple((geography.name_of(code), value) for code, value in inside if value is not None)


def _compared(indicator: _Indicator, name: str, codes: tuple[str, ...]) -> tuple[float | None, str]:
    """The comparator's figure under the first code that has one, and whose it is."""
    for code in codes:
        if (cell := indicator.cells.get(code)) and cell.value is not None:
            return cell.value, _NAMES.get(code, name)
    return None, name


def _place(indicator: _Indicator, area: Area) -> tuple[int | None, int | None, int, float | None]:
    """Rank from the highest and from the lowest, how many were ranked, and the percentile, among the area's kind."""
    cell = indicator.cells.get(area.code, _NO_CELL) if area.kind is AreaKind.LAD else _NO_CELL
    if (own := cell.value) is None or len(values := indicator.among[district_groups()[area.code]]) < FEWEST_TO_RANK:
        return None, None, 0, None
    above, below, same = (int(found.sum()) for found in (values > own, values < own, values == own))
    return above + 1, below + 1, len(values), 100 * (below + (same - 1) / 2) / (len(values) - 1)


def too_few_businesses(area: Area, comparator: Area) -> frozenset[str]:
    """Rates of businesses that rest on too few to say anything: they are counted in fives."""
    businesses = readings(area, comparator).get("active_businesses")
    few = businesses is not None and businesses.value is not None and businesses.value < FEW_BUSINESSES
    return BUSINESS_RATES if few else frozenset()


def place(reading: Reading) -> str:
    """The place of a reading among its kind, from the nearer end: "3rd highest", "lowest"; empty if it has none."""
    if reading.rank is None or reading.rank_from_lowest is None:
        return ""
    nearer, end = min((reading.rank, "highest"), (reading.rank_from_lowest, "lowest"), key=lambda one: one[0])
    return end if nearer == 1 else f"{say.ordinal(nearer)} {end}"


def plural(kind: str) -> str:
    """Write a kind of area in the plural: "county districts", "local authorities"."""
    return kind[:-1] + "ies" if kind.endswith("y") else kind + "s"
