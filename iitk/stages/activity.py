"""Value added of any area, from a single district to the country, on one list of industries.

Districts come from the table by local authority. Regions, countries, ITL areas and the UK come from the
table by ITL, where a group of the district table (such as agriculture with mining) is the sum of the
published industries that make it up. Everything else is the sum of its districts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import pandas as pd

from iitk.analysis.growth import chain_index
from iitk.model import Area, AreaKind, Badge
from iitk.sources import geography, industries, tables
from iitk.sources.kept import kept
from iitk.sources.tables import GvaCube

TOTAL = "Total"
IMPUTED_RENT = "68IMP"
MANUFACTURING = "C (10-33)"
BASE_YEAR = 2022  # the reference year of the chained volumes as published


@dataclass(frozen=True, eq=False)
class Activity:
    """Value added of one area.

    `current` and `index` have one row a year and one column a leaf industry: GBP million in current prices,
    and the chained-volume index (2022 = 100). `total` and `total_index` are the published totals where a total
    is published, which may exceed the sum of the parts where parts are missing. `chained` names the industries (or
    `TOTAL`) whose index is not published for the area: it is worked out here from the published indices of its parts.
    """

    area: Area
    table: str  # key of the table that the figures come from
    current: pd.DataFrame
    total: pd.Series
    chained: frozenset[str]
    # The indices are worked out when they are first asked for.
    indexed: Callable[[], pd.DataFrame]
    total_indexed: Callable[[], pd.Series]

    @cached_property
    def index(self) -> pd.DataFrame:
        """Chained-volume index by year and leaf industry, 2022 = 100."""
        return self.indexed()

    @cached_property
    def total_index(self) -> pd.Series:
        """Chained-volume index of the whole economy by year, 2022 = 100."""
        return self.total_indexed()

    @property
    def year(self) -> int:
        """Latest year."""
        return int(self.total.index[-1])

    @property
    def missing(self) -> tuple[str, ...]:
        """Leaf industries without a figure in the latest year."""
        return missing_in(self.row(self.year))

    @property
    def shown(self) -> float:
        """Share of the latest published total that the published leaf industries add up to."""
        return float(self.row(self.year).sum() / self.total[self.year])

    def row(self, year: int, codes: Iterable[str] | None = None) -> pd.Series:
        """Value added of one year (GBP million, current prices) by leaf industry: of `codes` in their order, or all."""
        return _row(self.current, year, codes)

    def index_row(self, year: int, codes: Iterable[str] | None = None) -> pd.Series:
        """Chained-volume index of one year (2022 = 100) by leaf industry: of `codes` in their order, or all."""
        return _row(self.index, year, codes)

    def share(self, codes: Iterable[str], year: int | None = None) -> float:
        """Share of the published total (0 to 1) that the leaf industries `codes` make; missing if one of them is."""
        year = year or self.year
        return float(self.row(year, codes).sum(skipna=False) / self.total[year])


@kept
def of(area: Area) -> Activity:
    """Return the value added of `area`."""
    if area.kind is AreaKind.LAD:
        return _from_lad(area)
    if code := geography.itl_code(area):
        return _from_itl(area, code)
    return _from_many(area)


def index_badge(several: Iterable[Activity], code: str = TOTAL) -> Badge:
    """Badge of what rests on these areas' index of one industry: modelled if any of them had to be chained here."""
    return Badge.MODELLED if any(code in figures.chained for figures in several) else Badge.OBSERVED


def missing_in(row: pd.Series) -> tuple[str, ...]:
    """Codes of the industries that have no figure in `row`."""
    return tuple(str(code) for code, absent in row.isna().items() if absent)


def leaves() -> list[str]:
    """Codes of the leaf industries, without the imputed rent of owner-occupiers, which no firm earns."""
    return industries.leaves("gva_lad", imputed=False)


@kept
def leaf_codes_within(group: str) -> tuple[str, ...]:
    """Leaf industries whose SIC divisions all lie within the industry group `group`."""
    return tuple(leaf for leaf in leaves() if _divisions(leaf) <= _divisions(group))


def _from_lad(area: Area) -> Activity:
    wanted = industries.leaves("gva_lad")
    current, index = _frames(tables.gva(), area.code)
    return Activity(
        area, "gva_lad", current[wanted], current[TOTAL], frozenset(), lambda: index[wanted], lambda: index[TOTAL]
    )


def _from_itl(area: Area, code: str) -> Activity:
    current, index = _frames(tables.gva_itl(), code)
    parts = _recipes(frozenset(current.columns[current.notna().any()]))

    def indexed() -> pd.DataFrame:
        return pd.DataFrame({leaf: _chained(current, index, codes) for leaf, codes in parts.items()})

    chained = frozenset(leaf for leaf, codes in parts.items() if len(codes) > 1)
    return Activity(area, "gva_itl", _summed(current, parts), current[TOTAL], chained, indexed, lambda: index[TOTAL])


def _from_many(area: Area) -> Activity:
    cube, wanted = tables.gva(), industries.leaves("gva_lad")
    rows = cube.areas.get_indexer(pd.Index(area.lads))
    by_code = {code: n for n, code in enumerate(cube.industries)}

    def parts(values: np.ndarray, code: str) -> pd.DataFrame:
        return pd.DataFrame(_as_published(values[rows, by_code[code]]), index=cube.years, columns=list(area.lads))

    def chained(code: str) -> pd.Series:
        return chain_index(parts(cube.current, code), parts(cube.index, code), BASE_YEAR)

    def indexed() -> pd.DataFrame:
        return pd.DataFrame({code: chained(code) for code in wanted})

    current = pd.DataFrame({code: parts(cube.current, code).sum(axis=1, skipna=False) for code in wanted})
    total = parts(cube.current, TOTAL).sum(axis=1, skipna=False)
    return Activity(area, "gva_lad", current, total, frozenset([*wanted, TOTAL]), indexed, lambda: chained(TOTAL))


def _row(table: pd.DataFrame, year: int, codes: Iterable[str] | None) -> pd.Series:
    row = cast("pd.Series", table.loc[year])
    return row if codes is None else row.loc[list(codes)]


def _as_published(values: np.ndarray) -> np.ndarray:
    """Years first, in double precision, without the traces of the single precision in which the tables are kept."""
    return values.T.astype(float).round(1)


def _frames(cube: GvaCube, code: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Current prices and index of one area, years x published codes."""
    row = cube.areas.get_loc(code)
    current, index = (
        pd.DataFrame(_as_published(values[row]), index=cube.years, columns=cube.industries)
        for values in (cube.current, cube.index)
    )
    return current, index


@kept
def _divisions(code: str) -> frozenset[str]:
    return frozenset(industries.divisions(code))


@kept
def _recipes(available: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Published codes that together are exactly each leaf: itself, or the fewest that cover its divisions; or none."""
    parts = {code: _divisions(code) for code in available - {TOTAL}}
    widest_first = sorted(parts, key=lambda code: (-len(parts[code]), code))
    return {leaf: _recipe(leaf, {code: parts[code] for code in widest_first}) for leaf in industries.leaves("gva_lad")}


def _recipe(leaf: str, parts: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    if leaf in parts:
        return (leaf,)
    left = set(_divisions(leaf))
    chosen: list[str] = []
    for code, part in parts.items():
        if part and part <= left:
            chosen.append(code)
            left -= part
    return tuple(chosen) if not left else ()


def _summed(current: pd.DataFrame, parts: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """The leaves as the sums of their parts; missing where a part is, or where there is none."""
    values, places = current.to_numpy(), {code: place for place, code in enumerate(current.columns)}
    sums = [
        values[:, [places[code] for code in codes]].sum(axis=1) if codes else np.full(len(values), np.nan)
        for codes in parts.values()
    ]
    return pd.DataFrame(np.column_stack(sums), index=current.index, columns=pd.Index(parts))


def _chained(current: pd.DataFrame, index: pd.DataFrame, codes: tuple[str, ...]) -> pd.Series:
    if not codes:
        return pd.Series(np.nan, index=current.index)
    if len(codes) == 1:
        return index[codes[0]]
    return chain_index(current[list(codes)], index[list(codes)], BASE_YEAR)
