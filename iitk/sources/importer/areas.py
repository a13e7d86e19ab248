"""Areas: names, codes, kinds, which districts make them up, and what became of those that ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from iitk.errors import DataCheckError
from iitk.model import AreaKind
from iitk.sources.importer import facts, geometry, itl_membership, successions
from iitk.sources.importer.base import BuiltTable

Row = dict[str, Any]
MEMBER_COLUMNS = ["parent_code", "parent_kind", "lad_code", "vintage", "basis"]


def build(shared: Path) -> list[BuiltTable]:
    """The tables `areas`, `area_members` and `area_successions`."""
    lads = _lads(shared)
    names = dict(zip(lads["code"], lads["name"], strict=True))
    itl = itl_membership.derive(shared)
    parents = pd.concat([_regions(shared, lads), _combined(shared, names), _itl_areas(shared, itl)], ignore_index=True)
    members = _members(parents)
    ended = successions.build(shared, names)
    areas = _areas(lads, parents, members, ended)
    tables = {"areas": areas, "area_members": members, "area_successions": ended}
    return [BuiltTable(facts.source(key), frame) for key, frame in tables.items()]


def _lads(shared: Path) -> pd.DataFrame:
    """The districts of December 2023, with official names in English and, in Wales, in Welsh."""
    known = facts.areas()
    rows = [feature["properties"] for feature in geometry.lad_features(shared)]
    lads = pd.DataFrame({"code": [row["LAD23CD"] for row in rows], "name": [row["LAD23NM"].strip() for row in rows]})
    lads["welsh"] = [str(row["LAD23NMW"] or "").strip() for row in rows]
    lads["country_code"] = lads["code"].str[0].map({code[0]: code for code in known.countries})
    lads["district_type"] = lads["code"].str[:3].map(known.district_types)
    if len(lads) != known.districts or lads["code"].duplicated().any() or lads["district_type"].isna().any():
        raise DataCheckError(f"The boundaries hold {len(lads)} districts, not the {known.districts} of December 2023.")
    return lads.sort_values("code").reset_index(drop=True)


def _parent(code: str, name: str, kind: AreaKind, lads: list[str], basis: str | list[str]) -> Row:
    """One area with its districts; `basis` says for all of them, or for each, how membership is known."""
    each = [basis] * len(lads) if isinstance(basis, str) else basis
    about = {"code": code, "name": name, "kind": str(kind), "vintage": facts.areas().vintages[kind], "note": ""}
    return about | {"lads": lads, "basis": each}


def _regions(shared: Path, lads: pd.DataFrame) -> pd.DataFrame:
    """The nine regions of England, the four countries and the United Kingdom."""
    known = facts.areas()
    lookup = pd.read_csv(facts.file(shared, "regions"), dtype=str, encoding="utf-8-sig")
    rows = []
    basis = "official lookup, December 2023"
    for code, its in lookup.groupby("RGN23CD"):
        name, members = str(its["RGN23NM"].iloc[0]), sorted(its["LAD23CD"])
        rows.append(_parent(str(code), name, AreaKind.REGION, members, basis))
    for country, name in known.countries.items():
        members = [lad for lad in lads["code"] if lad.startswith(country[0])]
        rows.append(_parent(country, name, AreaKind.COUNTRY, members, "first letter of the code"))
    rows.append(_parent(known.uk_code, known.uk_name, AreaKind.UK, list(lads["code"]), "all districts"))
    in_regions = {lad for row in rows[:9] for lad in row["lads"]}
    if in_regions != {lad for lad in lads["code"] if lad.startswith("E")}:
        raise DataCheckError("The lookup of regions does not hold the same districts of England as the boundaries.")
    return pd.DataFrame(rows)


def _combined(shared: Path, names: dict[str, str]) -> pd.DataFrame:
    """Combined authorities of May 2025, in the districts of December 2023."""
    lookup = pd.read_csv(facts.file(shared, "combined_authorities"), dtype=str, encoding="utf-8-sig")
    lookup["lad"] = lookup["LAD25CD"].replace(successions.recoded())
    if unknown := sorted(set(lookup["lad"]) - set(names)):
        raise DataCheckError(f"The lookup of combined authorities holds {', '.join(unknown)}, not districts of 2023.")
    rows = []
    for code, its in lookup.sort_values("lad").groupby("CAUTH25CD"):
        name = str(its["CAUTH25NM"].iloc[0])
        basis = [
            "official lookup, May 2025" + ("" if old == new else f", where its code is {new}")
            for old, new in zip(its["lad"], its["LAD25CD"], strict=True)
        ]
        rows.append(_parent(str(code), name, AreaKind.COMBINED_AUTHORITY, list(its["lad"]), basis))
    return pd.DataFrame(rows)


def _itl_areas(shared: Path, itl: itl_membership.ItlMembership) -> pd.DataFrame:
    """ITL1, ITL2 and ITL3 areas of 2025, in whole districts."""
    names = _itl_names(shared)
    rows = []
    for width, kind in ((5, AreaKind.ITL3), (4, AreaKind.ITL2), (3, AreaKind.ITL1)):
        for code, its in itl.itl3.groupby(itl.itl3.str[:width]):
            basis = list(itl.basis[its.index]) if width == 5 else itl_membership.BY_PREFIX
            rows.append(_parent(str(code), names[str(code)], kind, list(its.index), basis))
    frame = pd.DataFrame(rows)
    told = f"about £{itl.cut_gbp_m:,.0f}m of value added in {itl.year}"
    for area, note in facts.areas().cut_notes.items():  # also on the ITL2 area around
        frame.loc[frame["code"].isin([area, area[:4]]), "note"] = note.format(told=told)
    return frame


def _itl_names(shared: Path) -> dict[str, str]:
    path = facts.file(shared, "gva_itl")
    rows = pd.read_parquet(path, columns=["geography.code", "geography.name"]).drop_duplicates()
    return dict(zip(rows["geography.code"], rows["geography.name"], strict=True))


def _members(parents: pd.DataFrame) -> pd.DataFrame:
    """One row for each district of each area."""
    long = parents.explode(["lads", "basis"])
    long = long.rename(columns={"code": "parent_code", "kind": "parent_kind", "lads": "lad_code"})
    return long[MEMBER_COLUMNS].sort_values(["parent_code", "lad_code"]).reset_index(drop=True)


def _areas(lads: pd.DataFrame, parents: pd.DataFrame, members: pd.DataFrame, ended: pd.DataFrame) -> pd.DataFrame:
    """All areas in one list, with the ITL area of the same extent (which has finer figures) where there is one."""
    known = facts.areas()
    regions = members[members["parent_kind"] == AreaKind.REGION].set_index("lad_code")["parent_code"]
    own = lads.assign(
        kind=str(AreaKind.LAD), vintage=known.vintages[AreaKind.LAD], note="",
        lads=lads["code"].map(lambda code: [code]),
        region_code=lads["code"].map(regions).fillna(lads["country_code"]),
    )  # fmt: skip
    areas = pd.concat([own, parents], ignore_index=True)
    areas["lad_count"] = areas["lads"].str.len().astype("int16")
    areas["itl_code"] = _same_extent(areas)
    merged = ended[(ended["share"] == "whole") & (ended["date"] != "")].groupby("new_code")["date"].max()
    areas["start"] = areas["code"].map(merged).fillna("")
    areas["end"] = ""
    welsh = [(name,) if isinstance(name, str) and name else () for name in areas["welsh"]]
    areas["aliases"] = ["|".join(w + known.aliases.get(c, ())) for c, w in zip(areas["code"], welsh, strict=True)]
    kept = ["code", "name", "kind", "vintage", "start", "end", "note", "lad_count", "district_type", "region_code"]
    return areas[[*kept, "country_code", "itl_code", "aliases"]].fillna("").sort_values(["kind", "code"], kind="stable")


def _same_extent(areas: pd.DataFrame) -> pd.Series:
    """ITL code of 2025 with the same districts; the highest level, which has the finest industries. "" if none."""
    itl = areas[areas["code"].str.startswith("TL") & (areas["note"] == "")]
    by_extent: dict[tuple[str, ...], str] = {}
    for code, lads in zip(itl["code"], itl["lads"], strict=True):  # the shortest code is the highest level
        by_extent[tuple(lads)] = min(by_extent.get(tuple(lads), code), code, key=len)
    codes = pd.Series([by_extent.get(tuple(one), "") for one in areas["lads"]], index=areas.index)
    codes = areas["code"].map(facts.areas().itl_codes).fillna(codes)
    return codes.mask(areas["code"].str.startswith("TL"), areas["code"])
