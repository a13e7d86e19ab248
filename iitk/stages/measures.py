"""The measures that several stages share: strength, growth and doubt of each industry in an area."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.analysis import growth, specialisation
from iitk.model import Area
from iitk.sources import industries
from iitk.stages import activity
from iitk.words import format as say

SCHEME = "gva_lad"  # the list of industries that every area is shown on
DOUBT_YEARS = 5  # the range of the quotient over these years is its doubt band
GROWTH_YEARS = 10
TINY_GBP_M = 5  # a step of rounding is a tenth of the figure, or more
SMALL_GBP_M = 25  # figures are rounded to whole millions: below this one step moves a share by 2% or more
WIDE_BAND = 0.4  # a band wider than this share of the quotient makes it doubtful


@dataclass(frozen=True, slots=True, eq=False)
class IndustryTable:
    """One row a leaf industry.

    Columns: code, industry, short_name, current_gbp_m, share, reference_share, lq, lower, upper, lq_before,
    growth and reference_growth (real, a year, as shares), confidence and confidence_reason.
    """

    rows: pd.DataFrame
    year: int
    first_year: int
    doubt_from: int


def of(area: Area, comparator: Area, *, years: int = GROWTH_YEARS) -> IndustryTable:
    """Return strength, growth and confidence of every industry of `area` against `comparator`."""
    own, other = activity.of(area), activity.of(comparator)
    codes, now = activity.leaves(), own.year
    quotients = _quotients(own, other, codes, range(now - DOUBT_YEARS + 1, now + 1))
    labels = names().loc[codes]
    rows = pd.DataFrame({
        "code": codes,
        "industry": labels["name"].to_numpy(),
        "short_name": labels["short_name"].to_numpy(),
        "current_gbp_m": own.row(now, codes).to_numpy(),
        "share": (own.row(now, codes) / own.total[now]).to_numpy(),
        "reference_share": (other.row(now, codes) / other.total[now]).to_numpy(),
        "lq": quotients.loc[now].to_numpy(),
        "lower": quotients.min(skipna=False).to_numpy(),
        "upper": quotients.max(skipna=False).to_numpy(),
        "lq_before": quotients.iloc[0].to_numpy(),
        "growth": _growth(own, codes, now - years, now).to_numpy(),
        "reference_growth": _growth(other, codes, now - years, now).to_numpy(),
    })  # fmt: skip
    turning = _turning(own, codes, now - years, now)
    doubt = [_confidence(row, turns) for row, turns in zip(each(rows), turning, strict=True)]
    rows["confidence"], rows["confidence_reason"] = zip(*doubt, strict=True)
    return IndustryTable(rows, now, now - years, now - DOUBT_YEARS + 1)


def with_doubt(rows: pd.DataFrame, area: Area, comparator: Area, years: int) -> pd.DataFrame:
    """Return the rows of an `IndustryTable`, each with the range of its quotient over `years` years as doubt."""
    own, other = activity.of(area), activity.of(comparator)
    quotients = _quotients(own, other, list(rows["code"]), range(own.year - years + 1, own.year + 1))
    lower, upper = quotients.min(skipna=False), quotients.max(skipna=False)
    return rows.assign(lower=lower.to_numpy(), upper=upper.to_numpy())


def names() -> pd.DataFrame:
    """Names of the industries by code: columns name and short_name."""
    return industries.tree(SCHEME)[["name", "short_name"]]


def each(table: pd.DataFrame) -> Iterator[Any]:
    """The rows of a table, one after the other, columns as attributes."""
    yield from table.itertuples(index=False)


def spoken(short_name: str) -> str:
    """An industry's short name inside a sentence: "staffing, travel and security"."""
    first, comma, last = short_name.rpartition(", ")
    return say.in_sentence(f"{first} and {last}" if comma and " and " not in last else short_name)


def spoken_list(short_names: Iterable[str]) -> str:
    """Several industries in a sentence; semicolons part those whose names hold a comma or an "and"."""
    parts = [spoken(name) for name in short_names]
    if len(parts) > 1 and any("," in part or " and " in part for part in parts):
        return "; ".join(parts[:-1]) + f"; and {parts[-1]}"
    return say.join(parts)


def total_growth(figures: activity.Activity, first: int, last: int) -> float:
    """Real growth a year of the whole economy, as a share."""
    return float(growth.compound_growth(figures.total_index[first], figures.total_index[last], last - first))


def shift_share(area: Area, comparator: Area, first: int, last: int) -> pd.DataFrame:
    """Return the change in value added (GBP million, current prices) by industry: national, mix and local parts."""
    own, other = activity.of(area), activity.of(comparator)
    codes = [*activity.leaves(), activity.IMPUTED_RENT]
    return growth.shift_share(
        own.row(first, codes), own.row(last, codes), other.row(first, codes), other.row(last, codes)
    )


def _quotients(own: activity.Activity, other: activity.Activity, codes: list[str], years: range) -> pd.DataFrame:
    """Location quotients by year (rows) and industry: published totals are the denominators."""
    (here, total), (there, whole) = (
        (figures.current.loc[list(years), codes].to_numpy(), figures.total.loc[list(years)].to_numpy())
        for figures in (own, other)
    )
    found = specialisation.location_quotient_cube(here.T[None], there.T, total[None], whole)
    return pd.DataFrame(found[0].T, index=pd.Index(years), columns=codes)


def _growth(figures: activity.Activity, codes: list[str], first: int, last: int) -> pd.Series:
    return growth.compound_growth(figures.index_row(first, codes), figures.index_row(last, codes), last - first)


def _confidence(row: Any, turns: bool) -> tuple[str, str]:
    """Say how far strength and growth can be trusted: high, medium or low (none without a figure), with the reason."""
    value, lq = row.current_gbp_m, row.lq
    if pd.isna(lq):
        return "none", "not published for this area"
    reasons = []
    if value < TINY_GBP_M:
        return "low", f"tiny: under £{TINY_GBP_M}m, in figures rounded to whole millions"
    if value < SMALL_GBP_M:
        reasons.append(f"small: under £{SMALL_GBP_M}m")
    if lq > 0 and (row.upper - row.lower) / lq > WIDE_BAND:
        reasons.append("its quotient has moved a great deal in five years")
    if turns:
        reasons.append("its growth changes sign when one end year is moved by a year")
    level = ("high", "medium", "low", "low")[len(reasons)]
    return level, "; ".join(reasons) or "large enough, and steady over five years"


def _turning(figures: activity.Activity, codes: list[str], first: int, last: int) -> npt.NDArray[np.bool_]:
    """Whose growth changes sign when one end year is moved by a year."""
    ends = ((first, last), (first + 1, last), (first, last - 1))
    changes = np.array([figures.index_row(end, codes) - figures.index_row(start, codes) for start, end in ends])
    return np.asarray((changes > 0).any(axis=0) & (changes <= 0).any(axis=0), dtype=np.bool_)
