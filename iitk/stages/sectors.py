"""What a national sector list weighs in an area, with bounds for what the industry level cannot resolve."""

from __future__ import annotations

import math
from dataclasses import dataclass

from iitk.model import Area
from iitk.sources import lenses
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


def read(list_name: str, area: Area, comparator: Area) -> list[LensReading]:
    """Return every lens of a list ("2010" or "2025") for the area, in the order of the list."""
    own, other = activity.of(area), activity.of(comparator)
    return [_one(lens, own, other) for lens in lenses.load(list_name)]


def _one(lens: Lens, own: activity.Activity, other: activity.Activity) -> LensReading:
    cover = lenses.coverage(lens, SCHEME)
    touched, whole = list(cover.index), list(cover.index[cover["coverage"] == "whole"])
    seen = bool((cover["low"] > 0).any())
    row, total = own.row(own.year, touched), float(own.total[own.year])
    value = float((row * cover["low"]).sum(skipna=False)) if seen else float("nan")
    elsewhere, there = other.row(own.year, touched), float(other.total[own.year])
    return LensReading(
        lens, own.year, value, value / total,
        float((row * cover["high"]).sum(skipna=False)) / total if touched else float("nan"),
        own.share(whole) if whole else 0.0, own.share(touched) if touched else float("nan"),
        float((elsewhere * cover["low"]).sum(skipna=False)) / there if seen else float("nan"),
        float((elsewhere * cover["high"]).sum(skipna=False)) / there if touched else float("nan"),
        activity.missing_in(row),
    )  # fmt: skip
