"""The published indicators of an area beside its comparator and the districts of its kind."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from iitk.model import Area, AreaKind
from iitk.sources import geography, tables
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


@lru_cache(maxsize=1)
def district_groups() -> pd.Series:
    """Kind of each of the 361 districts, by code."""
    lads = geography.lads().set_index("code")
    return lads["district_type"].map(DISTRICT_GROUPS)


@lru_cache(maxsize=1)
def latest_by_district() -> pd.DataFrame:
    """Latest value of each indicator for each district (rows: code; columns: indicator), one year an indicator."""
    rows = _latest(tables.load("indicators"))
    rows = rows[rows["area_code"].isin(geography.lads()["code"])]
    return rows.pivot_table(index="area_code", columns="indicator", values="value", observed=True)


@lru_cache(maxsize=32)
def readings(area: Area, comparator: Area) -> dict[str, Reading]:
    """Return every indicator that the area, or at least one of its districts, has, by slug."""
    meta = tables.load("indicators_meta").set_index("indicator")
    rows = _latest(tables.load("indicators"))
    found = {}
    for slug, group in rows.groupby("indicator", observed=True):
        values = group.drop_duplicates("area_code").set_index("area_code")
        reading = _reading(str(slug), meta, values, area, comparator)
        if reading is not None:
            found[reading.slug] = reading
    return found


def series(slug: str, area: Area) -> pd.Series:
    """One published indicator of one area by year; empty where there is none for the area itself."""
    rows = tables.indicator(slug)
    for code in _codes(area):
        own = rows[rows["area_code"] == code].dropna(subset=["value"])
        if len(own):
            return own.set_index(own["year"].astype(int))["value"].astype(float).sort_index()
    return pd.Series(dtype=float)


@lru_cache(maxsize=1)
def latest_years() -> dict[str, int]:
    """Year of the latest value of each indicator, by slug."""
    rows = _latest(tables.load("indicators"))
    return {str(slug): int(years.iloc[0]) for slug, years in rows.groupby("indicator", observed=True)["year"]}


@lru_cache(maxsize=1)
def expected() -> dict[str, str]:
    """Labels of the indicators that are published for districts somewhere in the UK, by slug."""
    meta = tables.load("indicators_meta").set_index("indicator")["label"]
    return {str(slug): str(meta[slug]) for slug in latest_by_district().columns}


def _latest(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep, for each indicator, the latest period that at least half of its usual areas report; today's areas only."""
    rows = rows[rows["vintage"].astype(str) == "current"]
    counts = rows.groupby(["indicator", "period"], observed=True)["value"].count().unstack("period")
    enough = counts.ge(counts.max(axis=1) / 2, axis=0)
    last = enough.apply(lambda row: row.index[row][-1] if row.any() else None, axis=1)
    return rows[rows["period"].astype(str) == rows["indicator"].astype(str).map(last).astype(str)]


def _reading(slug: str, meta: pd.DataFrame, values: pd.DataFrame, area: Area, comparator: Area) -> Reading | None:
    code = next((code for code in _codes(area) if code in values.index), None)
    members = _members(values, area) if code is None else ()
    if code is None and not members:
        return None
    compared, name = _compared(values, comparator)
    ranked = code is not None and area.kind is AreaKind.LAD
    rank, from_lowest, of, percentile = _place(values, area.code) if ranked else _NOWHERE
    label, unit, theme, better = (_text(meta, slug, name) for name in ("label", "unit", "theme", "better"))
    return Reading(
        slug, label, unit, theme, better, int(values["year"].iloc[0]),  # all rows are of one period
        _number(values, code, "value"), _number(values, code, "lower_95"), _number(values, code, "upper_95"),
        _text(values, code, "status"), compared, name, rank, from_lowest, of, percentile, members,
    )  # fmt: skip


def _codes(area: Area) -> tuple[str, ...]:
    """Codes under which a publisher may give a figure for the very same place."""
    return (area.code, _UK_LESS_EXTRA_REGIO) if area.code == _UK else (area.code, geography.itl_code(area))


def _number(values: pd.DataFrame, code: str | None, name: str) -> float | None:
    """One cell; None where the area has no row, or its row no number."""
    value = float("nan") if code is None else float(values[name].loc[code])
    return None if math.isnan(value) else value


def _text(values: pd.DataFrame, code: str | None, name: str) -> str:
    return "" if code is None else str(values[name].loc[code])


def _members(values: pd.DataFrame, area: Area) -> tuple[tuple[str, float], ...]:
    names = geography.lads().set_index("code")["name"]
    inside = values.loc[values.index.intersection(list(area.lads)), "value"].dropna()
    return tuple((str(names[code]), float(value)) for code, value in inside.items())


def _compared(values: pd.DataFrame, comparator: Area) -> tuple[float | None, str]:
    for code in (*_codes(comparator), *_WIDER.get(comparator.code, ())):
        value = _number(values, code, "value") if code in values.index else None
        if value is not None:
            return value, _NAMES.get(code, comparator.name)
    return None, comparator.name


_NOWHERE = (None, None, 0, None)


def _place(values: pd.DataFrame, code: str) -> tuple[int | None, int | None, int, float | None]:
    """Rank from the highest and from the lowest, how many were ranked, and the percentile, among the area's kind."""
    groups = district_groups()
    same = groups.index[groups == groups[code]]
    column = values.loc[values.index.intersection(same), "value"].dropna()
    if code not in column.index or len(column) < 5:
        return _NOWHERE
    above, below, same_value = (
        int(compare.sum()) for compare in (column > column[code], column < column[code], column == column[code])
    )
    return above + 1, below + 1, len(column), 100 * (below + (same_value - 1) / 2) / (len(column) - 1)


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
