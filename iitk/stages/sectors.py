"""What a national sector list weighs in an area, with bounds for what the industry level cannot resolve."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iitk.analysis.checks import Floats
from iitk.model import Area
from iitk.sources import lenses
from iitk.sources.kept import kept
from iitk.sources.lenses import Lens
from iitk.stages import activity

SCHEME = "gva_lad"
METHOD = (
    "Share of the published total. A group that lies partly in the sector is split as the UK's value added "
    "splits; the grey line runs from the groups wholly inside to every group that the sector touches, and needs no "
    "such assumption."
)


@dataclass(frozen=True, slots=True)
class LensReading:
    """One lens in one area and its comparator, as shares of the published total (0 to 1).

    `share` and `share_high` split each industry group as the UK's splits: what certainly lies in the lens there, and
    what at most does. Without that assumption the truth lies between `least` (groups wholly in the lens) and `most`
    (every group that it touches). `share` is missing where the groups cannot tell the sector from its neighbours at
    all, because nothing certainly lies in it.
    """

    lens: Lens
    year: int
    gbp_m: float
    share: float
    share_high: float
    least: float
    most: float
    reference_share: float
    reference_high: float
    missing: tuple[str, ...]  # leaf industries of the lens without a figure here

    @property
    def known(self) -> bool:
        """Whether the sector can be told from its neighbours here."""
        return not math.isnan(self.share)


@dataclass(frozen=True, slots=True, eq=False)
class _Cover:
    """The leaf industries that a lens touches: the share of each that certainly, and at most, lies in it."""

    codes: tuple[str, ...]
    low: Floats
    high: Floats
    whole: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Year:
    """Value added of one place and year: by leaf industry, and the published total."""

    by_code: Mapping[str, float]
    total: float

    def of(self, cover: _Cover) -> Floats:
        return np.array([self.by_code[code] for code in cover.codes])


def read(list_name: str, area: Area, comparator: Area) -> list[LensReading]:
    """Return every lens of a list ("2010" or "2025") for the area, in the order of the list."""
    own, other = activity.of(area), activity.of(comparator)
    here, there = (_year(figures, own.year) for figures in (own, other))
    return [_one(lens, own.year, here, there) for lens in lenses.load(list_name)]


def _year(figures: activity.Activity, year: int) -> _Year:
    row = figures.row(year)
    return _Year(dict(zip(row.index, row.to_numpy(), strict=True)), float(figures.total[year]))


@kept
def _cover(lens: Lens) -> _Cover:
    table = lenses.coverage(lens, SCHEME)
    low, high = table["low"].to_numpy(), table["high"].to_numpy()
    return _Cover(tuple(table.index), low, high, (table["coverage"] == "whole").to_numpy(dtype=bool))


def _one(lens: Lens, year: int, here: _Year, there: _Year) -> LensReading:
    cover = _cover(lens)
    touched, seen = bool(cover.codes), bool((cover.low > 0).any())
    values, elsewhere = here.of(cover), there.of(cover)
    value = float((values * cover.low).sum()) if seen else math.nan
    return LensReading(
        lens, year, value, value / here.total,
        float((values * cover.high).sum()) / here.total if touched else math.nan,
        float(values[cover.whole].sum()) / here.total,
        float(values.sum()) / here.total if touched else math.nan,
        float((elsewhere * cover.low).sum()) / there.total if seen else math.nan,
        float((elsewhere * cover.high).sum()) / there.total if touched else math.nan,
        tuple(code for code, figure in zip(cover.codes, values, strict=True) if math.isnan(figure)),
    )  # fmt: skip
