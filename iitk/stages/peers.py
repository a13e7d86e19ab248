"""Places like us: statistical nearest neighbours on a documented list of indicators, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from iitk.analysis.benchmarking import nearest_neighbours
from iitk.errors import MethodError, UsageError
from iitk.model import Area, AreaKind
from iitk.sources import geography, tables
from iitk.sources.kept import kept
from iitk.stages import activity, local
from iitk.words import format as say

# What makes a place like another: its size, what it makes, and who lives there. Outcomes that a strategy is to
# change (growth, productivity, births) are left out, or every comparison would flatter.
STRUCTURE = {
    "size": "size (GVA)",
    "making": "share of manufacturing",
    "building": "share of construction",
    "trade": "share of trade, transport and hotels",
    "finance": "share of finance",
    "knowledge": "share of information and professional services",
    "public": "share of public services",
    "breadth": "breadth of industries",
}
PEOPLE = {
    "employment_rate": "employment rate",
    "level_3_plus": "level 3+ qualifications",
    "median_weekly_pay": "median weekly pay",
    "housing_affordability": "house prices against pay",
    "active_businesses": "number of businesses",
}
_GROUPS = {
    "making": ("C (10-33)",), "building": ("F (41-43)",), "trade": ("G (45-47)", "H (49-53)", "I (55-56)"),
    "finance": ("K (64-66)",), "knowledge": ("J (58-63)", "M (69-75)"), "public": ("O (84)", "P (85)", "Q (86-88)"),
}  # fmt: skip
AMONG = ("kind", "nation", "uk")  # what districts are chosen from: those with the same duties, of their nation, or all
EVERYTHING, WITHOUT = "all", "without-"
SETS = {EVERYTHING: {**STRUCTURE, **PEOPLE}, "structure": STRUCTURE, "people": PEOPLE}
LARGE_GBP_M = 20_000  # functional areas of this size are set beside ITL2 areas, smaller ones beside ITL3 areas


@dataclass(frozen=True, slots=True)
class Likeness:
    """How many places, from among which, and on which indicators: "all", a set, or "without-" one of them."""

    most: int = 5
    among: str = AMONG[0]
    on: str = EVERYTHING


@dataclass(frozen=True, slots=True, eq=False)
class Peers:
    """The nearest places, nearest first, and how they were chosen."""

    table: pd.DataFrame  # code, name, distance, alike, unlike
    areas: tuple[Area, ...]
    pool: str  # what they were chosen from: "122 single-tier councils"
    indicators: tuple[str, ...]
    sources: tuple[str, ...] = ()  # keys of the tables that the indicators come from
    period: str = ""  # the years of the indicators
    why_none: str = ""  # a sentence, where no place can be named


_NONE = pd.DataFrame(columns=["code", "name", "distance", "alike", "unlike"])


@kept
def of(area: Area, how: Likeness = Likeness()) -> Peers:
    """
    Return the places most like `area`, of its own kind unless said; none for a country.

    Raises
    ------
    UsageError
        If places cannot be chosen in this way.
    """
    names = _chosen(area, how)
    if area.kind in {AreaKind.COUNTRY, AreaKind.UK}:
        return _nobody(f"{area.name} is a country: it has no places of its own kind here.")
    try:
        return _nearest(area, how, names)
    except MethodError:
        return _nobody(f"Too few of the figures that make a place like another are published for {area.name}.")


def choices(area: Area) -> dict[str, str]:
    """Name the sets of indicators that places like `area` can be chosen on: all, parts, and all but one."""
    names = _indicators(area)
    found = {EVERYTHING: f"all {len(names)} indicators"}
    if area.kind is AreaKind.LAD:
        found |= {"structure": "only size and industries", "people": "only work, skills, pay, housing and businesses"}
    return found | {WITHOUT + name: f"all but {_label(name)}" for name in names}


def _indicators(area: Area) -> list[str]:
    """Indicators that are published for areas of this kind: those of people for districts alone."""
    return list(SETS[EVERYTHING] if area.kind is AreaKind.LAD else STRUCTURE)


def _chosen(area: Area, how: Likeness) -> list[str]:
    if how.on not in choices(area):
        raise UsageError(f"No indicators are called {how.on!r} here. There are: {', '.join(choices(area))}.")
    if how.among not in (AMONG if area.kind is AreaKind.LAD else AMONG[:1]):
        raise UsageError(f"Places like {area.name} cannot be chosen from among {how.among!r}.")
    wanted = SETS.get(how.on, SETS[EVERYTHING])
    return [name for name in _indicators(area) if name in wanted and how.on != WITHOUT + name]


def _nobody(why: str) -> Peers:
    return Peers(_NONE, (), "", (), why_none=why)


def _nearest(area: Area, how: Likeness, names: list[str]) -> Peers:
    if area.kind is AreaKind.LAD:
        return _nearest_district(area, how, names)
    candidates = _same_kind(area)
    if not candidates:
        return _nobody(f"No place of a like kind lies outside {area.name}.")
    table = pd.DataFrame({a.code: _structure(a) for a in (*candidates, area)}).T[names].dropna(axis=1, how="all")
    found = nearest_neighbours(table, area.code, k=how.most)
    figures = [activity.of(a) for a in (area, *candidates)]
    return _named(
        found, table, pool=f"{len(candidates)} {local.plural(str(candidates[0].kind))} made of other districts",
        sources=tuple(dict.fromkeys(one.table for one in figures)), period=str(figures[0].year),
    )  # fmt: skip


def _nearest_district(area: Area, how: Likeness, names: list[str]) -> Peers:
    table = district_features()[names]
    groups, pool = _pool(area, how.among)
    found = nearest_neighbours(table, area.code, k=how.most, same_kind=groups.reindex(table.index))
    people = [name for name in names if name in PEOPLE]
    years = [*([activity.of(area).year] if len(people) < len(names) else []),
             *(local.latest_years()[slug] for slug in people)]  # fmt: skip
    return _named(
        found, table, pool=f"{int((groups == groups[area.code]).sum())} {pool}",
        sources=(*(["gva_lad"] if len(people) < len(names) else []), *(["indicators"] if people else [])),
        period=say.years(min(years), max(years)),
    )  # fmt: skip


def _pool(area: Area, among: str) -> tuple[pd.Series, str]:
    """The group of each district, and what the members of the area's own group are."""
    if among == "kind":
        groups = local.district_groups()
        return groups, local.plural(str(groups[area.code]))
    districts = geography.lads().set_index("code")
    nations = districts["country"]
    if among == "nation":
        return nations, f"local authorities of {say.in_prose(str(nations[area.code]))}"
    return pd.Series("UK", districts.index), "local authorities of the UK"


@kept
def district_features() -> pd.DataFrame:
    """Features of the 361 districts (rows: code; columns: `STRUCTURE` and `PEOPLE`), not yet standardised."""
    cube = tables.gva()
    features = _features(cube.wide(int(cube.years[-1]), leaf=False))
    people = local.latest_by_district().reindex(columns=list(PEOPLE))
    people["active_businesses"] = np.log(people["active_businesses"].where(people["active_businesses"] > 0))
    return features.join(people)


def _features(latest: pd.DataFrame) -> pd.DataFrame:
    total = latest["Total"]
    shares = {key: latest[list(codes)].sum(axis=1, skipna=False) / total for key, codes in _GROUPS.items()}
    parts = latest[activity.leaves()].clip(lower=0)
    share = parts.div(parts.sum(axis=1), axis=0)
    breadth = -(share * np.log(share.where(share > 0))).sum(axis=1).where(parts.notna().all(axis=1))
    return pd.DataFrame({"size": np.log(total), **shares, "breadth": breadth})[list(STRUCTURE)]


@kept
def _structure(area: Area) -> pd.Series:
    figures = activity.of(area)
    row = figures.row(figures.year)
    for codes in _GROUPS.values():
        for code in codes:
            if code not in row.index:
                row[code] = row[list(activity.leaf_codes_within(code))].sum(skipna=False)
    row["Total"] = figures.total[figures.year]
    return _features(row.to_frame().T.astype(float)).iloc[0]


def _same_kind(area: Area) -> list[Area]:
    """Areas of the same kind that share no district; for a functional area, ITL areas of several districts."""
    kind = area.kind
    if kind is AreaKind.FUNCTIONAL:
        figures = activity.of(area)
        kind = AreaKind.ITL2 if figures.total[figures.year] >= LARGE_GBP_M else AreaKind.ITL3
    own = set(area.lads)
    areas = tables.load("areas")
    others = [a for a in map(geography.resolve, areas["code"][areas["kind"] == kind.value]) if not own & set(a.lads)]
    return [a for a in others if len(a.lads) > 1] if area.kind is AreaKind.FUNCTIONAL else others


def _named(
    found: pd.DataFrame, features: pd.DataFrame, *, pool: str, sources: tuple[str, ...], period: str
) -> Peers:
    areas = tuple(geography.resolve(str(code)) for code in found["code"])
    table = pd.DataFrame({
        "code": found["code"].astype(str), "name": [area.name for area in areas], "distance": found["distance"],
        "alike": [tuple(_label(name) for name, _ in pairs) for pairs in found["most_alike"]],
        "unlike": [tuple(_direction(name, z) for name, z in pairs) for pairs in found["most_different"]],
    })  # fmt: skip
    used = tuple(_label(name) for name in features.columns if name not in found.attrs.get("unused", ()))
    return Peers(table, areas, pool, used, sources, period)


def _label(name: str) -> str:
    return {**STRUCTURE, **PEOPLE}[name]


def _direction(name: str, z: float) -> str:
    return f"{_label(name)} ({'higher' if z > 0 else 'lower'} there)"
