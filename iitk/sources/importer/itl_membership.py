"""Which districts make up each ITL area of 2025: derived from figures, because no official lookup is at hand.

A district belongs to an ITL3 area if the area's published GVA is the sum of its districts' GVA in all 26 years.
Candidates come from the ITL3 boundaries of 2021; what changed since then is solved as an exact assignment. ITL2 and
ITL1 codes are the first four and three characters of an ITL3 code.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from iitk.errors import DataCheckError
from iitk.sources.importer import facts, geometry, gva

BY_BOUNDARY = "inside the ITL3 boundary of 2021; GVA totals of all 26 years add up"
BY_SUMS = "the only assignment in which the GVA totals of all 26 years add up"
BY_PREFIX = "first characters of the code of its ITL3 area"
APART = "counted whole; the official boundary cuts through North Ayrshire"


@dataclass(frozen=True)
class ItlMembership:
    """ITL3 code and how it is known, by district; and what the ITL areas that cut through a council leave over."""

    itl3: pd.Series  # LAD code -> ITL3 code
    basis: pd.Series  # LAD code -> how we know
    cut_gbp_m: float  # GVA of the part of North Ayrshire that ITL counts elsewhere, latest year
    year: int


def derive(shared: Path) -> ItlMembership:
    """Find the ITL3 area of every district and confirm it; raises `DataCheckError` where the sums do not add up."""
    lads, itl = (gva.current(shared, name)["Total"].unstack("year") for name in ("gva_lad", "gva_itl"))
    cut = facts.areas().cut
    itl3 = itl[itl.index.str.len() == 5].drop(index="TLZZZ", errors="ignore")
    known = _cut_pair(lads, itl3, cut)
    known |= _unchanged(lads, itl3.drop(index=list(cut)), _itl3_2021(shared), apart=set(known))
    left = {code: place for code, place in _by_sums(lads, itl3, known).items() if code not in known}
    places = pd.Series(known | left).sort_index()
    basis = pd.Series({code: BY_SUMS if code in left else BY_BOUNDARY for code in places.index})
    basis[places.isin(list(cut))] = APART
    _confirm(lads, itl, places, list(cut))
    first, members = next(iter(cut.items()))
    rest = itl3.loc[first].to_numpy() - lads.loc[list(members)].to_numpy().sum(axis=0)
    return ItlMembership(places, basis, float(rest[-1]), int(itl.columns[-1]))


def adds_up(parts: pd.DataFrame, whole: pd.Series | pd.DataFrame) -> bool:
    """Whether parts sum to the whole within rounding in every year: each figure is rounded to 1, so 0.5 each."""
    gap = np.abs(parts.to_numpy().sum(axis=0) - whole.to_numpy())
    return bool((gap <= 0.5 * (len(parts) + 1)).all())


def _cut_pair(lads: pd.DataFrame, itl3: pd.DataFrame, cut: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """The pair of areas that cuts through North Ayrshire: exact only together."""
    area_of = {lad: area for area, its in cut.items() for lad in its}
    if not adds_up(lads.loc[list(area_of)], itl3.loc[list(cut)].sum()):
        raise DataCheckError(f"The districts of {' and '.join(cut)} together do not add up to the published GVA.")
    return area_of


def _itl3_2021(shared: Path) -> dict[str, list[str]]:
    """ITL3 code of 2021 -> districts whose reference point lies inside."""
    rings = geometry.itl3_2021_rings(shared)
    found: dict[str, list[str]] = {}
    for feature in geometry.lad_features(shared):
        at = feature["properties"]
        for code, shape in rings.items():
            if geometry.contains(shape, at["BNG_E"], at["BNG_N"]):
                found.setdefault(code, []).append(at["LAD23CD"])
    return found


def _unchanged(
    lads: pd.DataFrame, itl3: pd.DataFrame, groups: dict[str, list[str]], *, apart: set[str]
) -> dict[str, str]:
    """Groups of districts of 2021, without those `apart`, that add up to exactly one ITL3 area of 2025."""
    wholes, codes = itl3.to_numpy(), itl3.index.to_numpy()
    known: dict[str, str] = {}
    for members in groups.values():
        gap = np.abs(lads.loc[members].to_numpy().sum(axis=0) - wholes).max(axis=1)
        fits = codes[gap <= 0.5 * (len(members) + 1)]
        if len(fits) == 1 and not apart & set(members):
            known |= dict.fromkeys(members, str(fits[0]))
    return known


def _by_sums(lads: pd.DataFrame, itl3: pd.DataFrame, known: dict[str, str]) -> dict[str, str]:
    """Assign the districts left over, one ITL2 area at a time."""
    open_lads = [code for code in lads.index if code not in known]
    open_areas = [code for code in itl3.index if code not in set(known.values())]
    found: dict[str, str] = {}
    for region in sorted({code[:4] for code in open_areas}):
        areas = [code for code in open_areas if code.startswith(region)]
        found |= assign(lads.loc[[code for code in open_lads if code not in found]], itl3.loc[areas])
    return found


def assign(parts: pd.DataFrame, wholes: pd.DataFrame) -> dict[str, str]:
    """
    Find the only way in which parts make up wholes, so that every column adds up within rounding.

    A feasibility problem in zeros and ones: each part is in at most one whole. Returns part -> whole for the
    parts used; raises `DataCheckError` if there is no solution or a second one.
    """
    count, places = len(parts), len(wholes)
    value, target = parts.to_numpy(), wholes.to_numpy()
    rows, low, high = [np.kron(np.eye(count), np.ones(places))], [np.zeros(count)], [np.ones(count)]
    for place in range(places):
        choice = np.zeros((1, places))
        choice[0, place] = 1
        for half, lower, upper in ((-0.5, -np.inf, 0.5), (0.5, -0.5, np.inf)):  # sum -/+ 0.5 n within target +/- 0.5
            rows.append(np.kron((value + half).T, choice))
            low.append(target[place] + lower)
            high.append(target[place] + upper)
    limits = LinearConstraint(np.vstack(rows), np.concatenate(low), np.concatenate(high))
    chosen = _solve(limits)
    if chosen is None:
        raise DataCheckError(f"No districts add up to the published GVA of {', '.join(map(str, wholes.index))}.")
    if _solve(limits, other_than=chosen) is not None:
        raise DataCheckError(f"More than one set of districts adds up to {', '.join(map(str, wholes.index))}.")
    pairs = zip(*np.nonzero(chosen.reshape(count, places)), strict=True)
    return {str(parts.index[i]): str(wholes.index[j]) for i, j in pairs}


def _solve(limits: LinearConstraint, *, other_than: np.ndarray | None = None) -> np.ndarray | None:
    """A choice of zeros and ones within the limits, other than the one given; none if there is none."""
    size = limits.A.shape[1]
    rules = [limits]
    if other_than is not None:  # at least one zero or one must differ
        flips = np.where(other_than, -1.0, 1.0)
        rules.append(LinearConstraint(flips[np.newaxis], 1 - other_than.sum(), np.inf))
    result = milp(np.zeros(size), constraints=rules, integrality=np.ones(size), bounds=Bounds(0, 1))
    return None if result.x is None else result.x > 0.5


def _confirm(lads: pd.DataFrame, itl: pd.DataFrame, places: pd.Series, apart: list[str]) -> None:
    """Every district has one ITL3 area, and ITL1, ITL2 and ITL3 totals add up in all years (the cut pair apart)."""
    if missing := sorted(set(lads.index) - set(places.index)):
        raise DataCheckError(f"No ITL3 area was found for {', '.join(missing)}.")
    cut = {code[:width] for code in apart for width in (4, 5)}
    for width in (3, 4, 5):
        for code, members in places.groupby(places.str[:width]):
            if code not in cut and not adds_up(lads.loc[members.index], itl.loc[str(code)]):
                raise DataCheckError(f"The districts of {code} do not add up to its published GVA.")
