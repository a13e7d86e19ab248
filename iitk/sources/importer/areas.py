"""Areas: names, codes, kinds, which districts make them up, and what became of those that ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from iitk.errors import DataCheckError
from iitk.model import AreaKind, Source
from iitk.sources.importer import geometry, itl_membership, successions
from iitk.sources.importer.base import OGL, ONS, ONS_ATTRIBUTION, BuiltTable, shared_file

REGIONS = "lookups/LADs_to_region.csv"
COMBINED = "lookups/Local_Authority_District_to_Combined_Authority_(May_2025)_Lookup_in_EN.csv"
LAD_VINTAGE, CA_VINTAGE, ITL_VINTAGE = "LAD December 2023", "Combined authorities May 2025", "ITL 2025"
DISTRICT_TYPES = {
    "E06": "unitary", "E07": "non-metropolitan", "E08": "metropolitan", "E09": "London borough",
    "S12": "Scottish", "W06": "Welsh", "N09": "NI",
}  # fmt: skip
COUNTRIES = {
    "E": ("E92000001", "England"), "W": ("W92000004", "Wales"),
    "S": ("S92000003", "Scotland"), "N": ("N92000002", "Northern Ireland"),
}  # fmt: skip
UK = ("K02000001", "United Kingdom")
ITL1_OF_COUNTRY = {"W92000004": "TLL", "S92000003": "TLM", "N92000002": "TLN"}
# Everyday names that the official lists do not hold.
ALIASES = {
    "E06000010": ("Hull",), "E06000047": ("Durham",), "E12000007": ("Greater London",), "K02000001": ("UK", "UKX"),
    "S12000013": ("Western Isles", "Outer Hebrides"), "E92000001": ("TLB",), "E06000053": ("Scilly",),
    "S12000036": ("Edinburgh",), "S12000049": ("Glasgow",), "S12000033": ("Aberdeen",), "S12000042": ("Dundee",),
    "E12000003": ("Yorkshire and Humber", "Yorkshire & the Humber"), "N09000005": ("Londonderry",),
}  # fmt: skip
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
    return [_areas_table(areas), _members_table(members), _successions_table(ended)]


def _lads(shared: Path) -> pd.DataFrame:
    """The 361 districts of December 2023, with official names in English and, in Wales, in Welsh."""
    rows = [feature["properties"] for feature in geometry.lad_features(shared)]
    lads = pd.DataFrame({"code": [row["LAD23CD"] for row in rows], "name": [row["LAD23NM"].strip() for row in rows]})
    lads["welsh"] = [str(row["LAD23NMW"] or "").strip() for row in rows]
    lads["country_code"] = [COUNTRIES[code[0]][0] for code in lads["code"]]
    lads["district_type"] = lads["code"].str[:3].map(DISTRICT_TYPES)
    if len(lads) != 361 or lads["code"].duplicated().any() or lads["district_type"].isna().any():
        raise DataCheckError(f"The boundaries hold {len(lads)} districts instead of the 361 of December 2023.")
    return lads.sort_values("code").reset_index(drop=True)


def _parent(code: str, name: str, kind: AreaKind, lads: list[str], vintage: str, basis: str | list[str]) -> Row:
    """One area with its districts; `basis` says for all of them, or for each, how membership is known."""
    each = [basis] * len(lads) if isinstance(basis, str) else basis
    return {"code": code, "name": name, "kind": str(kind), "lads": lads, "vintage": vintage, "basis": each, "note": ""}


def _regions(shared: Path, lads: pd.DataFrame) -> pd.DataFrame:
    """The nine regions of England, the four countries and the United Kingdom."""
    lookup = pd.read_csv(shared_file(shared, REGIONS), dtype=str, encoding="utf-8-sig")
    rows = []
    basis = "official lookup, December 2023"
    for code, its in lookup.groupby("RGN23CD"):
        name, members = str(its["RGN23NM"].iloc[0]), sorted(its["LAD23CD"])
        rows.append(_parent(str(code), name, AreaKind.REGION, members, LAD_VINTAGE, basis))
    for letter, (country, name) in COUNTRIES.items():
        members = [lad for lad in lads["code"] if lad.startswith(letter)]
        rows.append(_parent(country, name, AreaKind.COUNTRY, members, LAD_VINTAGE, "first letter of the code"))
    rows.append(_parent(*UK, AreaKind.UK, list(lads["code"]), LAD_VINTAGE, "all districts"))
    in_regions = {lad for row in rows[:9] for lad in row["lads"]}
    if in_regions != {lad for lad in lads["code"] if lad.startswith("E")}:
        raise DataCheckError("The lookup of regions does not hold the same districts of England as the boundaries.")
    return pd.DataFrame(rows)


def _combined(shared: Path, names: dict[str, str]) -> pd.DataFrame:
    """Combined authorities of May 2025, in the districts of December 2023."""
    lookup = pd.read_csv(shared_file(shared, COMBINED), dtype=str, encoding="utf-8-sig")
    lookup["lad"] = lookup["LAD25CD"].replace(successions.RECODED_2025)
    if unknown := sorted(set(lookup["lad"]) - set(names)):
        raise DataCheckError(f"The lookup of combined authorities holds {', '.join(unknown)}, not districts of 2023.")
    rows = []
    for code, its in lookup.sort_values("lad").groupby("CAUTH25CD"):
        name = str(its["CAUTH25NM"].iloc[0])
        basis = [
            "official lookup, May 2025" + ("" if old == new else f", where its code is {new}")
            for old, new in zip(its["lad"], its["LAD25CD"], strict=True)
        ]
        rows.append(_parent(str(code), name, AreaKind.COMBINED_AUTHORITY, list(its["lad"]), CA_VINTAGE, basis))
    return pd.DataFrame(rows)


def _itl_areas(shared: Path, itl: itl_membership.ItlMembership) -> pd.DataFrame:
    """ITL1, ITL2 and ITL3 areas of 2025, in whole districts."""
    names = _itl_names(shared)
    rows = []
    for width, kind in ((5, AreaKind.ITL3), (4, AreaKind.ITL2), (3, AreaKind.ITL1)):
        for code, its in itl.itl3.groupby(itl.itl3.str[:width]):
            basis = list(itl.basis[its.index]) if width == 5 else itl_membership.BY_PREFIX
            rows.append(_parent(str(code), names[str(code)], kind, list(its.index), ITL_VINTAGE, basis))
    frame = pd.DataFrame(rows)
    told = f"about £{itl.cut_gbp_m:,.0f}m of value added in {itl.year}"
    north = f"Published ITL figures also count Arran and the Cumbraes ({told}), part of North Ayrshire: not so here."
    south = f"Published ITL figures leave out Arran and the Cumbraes ({told}): counted here with North Ayrshire."
    frame.loc[frame["code"].isin(["TLM20", "TLM2"]), "note"] = north
    frame.loc[frame["code"].isin(["TLM93", "TLM9"]), "note"] = south
    return frame


def _itl_names(shared: Path) -> dict[str, str]:
    path = shared_file(shared, "ons/RGVA.parquet")
    rows = pd.read_parquet(path, columns=["geography.code", "geography.name"]).drop_duplicates()
    return dict(zip(rows["geography.code"], rows["geography.name"], strict=True))


def _members(parents: pd.DataFrame) -> pd.DataFrame:
    """One row for each district of each area."""
    long = parents.explode(["lads", "basis"])
    long = long.rename(columns={"code": "parent_code", "kind": "parent_kind", "lads": "lad_code"})
    return long[MEMBER_COLUMNS].sort_values(["parent_code", "lad_code"]).reset_index(drop=True)


def _areas(lads: pd.DataFrame, parents: pd.DataFrame, members: pd.DataFrame, ended: pd.DataFrame) -> pd.DataFrame:
    """All areas in one list, with the ITL area of the same extent (which has finer figures) where there is one."""
    regions = members[members["parent_kind"] == AreaKind.REGION].set_index("lad_code")["parent_code"]
    own = lads.assign(
        kind=str(AreaKind.LAD), vintage=LAD_VINTAGE, lads=lads["code"].map(lambda code: [code]), note="",
        region_code=lads["code"].map(regions).fillna(lads["country_code"]),
    )  # fmt: skip
    areas = pd.concat([own, parents], ignore_index=True)
    areas["lad_count"] = areas["lads"].str.len().astype("int16")
    areas["itl_code"] = _same_extent(areas)
    merged = ended[(ended["share"] == "whole") & (ended["date"] != "")].groupby("new_code")["date"].max()
    areas["start"] = areas["code"].map(merged).fillna("")
    areas["end"] = ""
    welsh = [(name,) if isinstance(name, str) and name else () for name in areas["welsh"]]
    areas["aliases"] = ["|".join(w + ALIASES.get(c, ())) for c, w in zip(areas["code"], welsh, strict=True)]
    kept = ["code", "name", "kind", "vintage", "start", "end", "note", "lad_count", "district_type", "region_code"]
    return areas[[*kept, "country_code", "itl_code", "aliases"]].fillna("").sort_values(["kind", "code"], kind="stable")


def _same_extent(areas: pd.DataFrame) -> pd.Series:
    """ITL code of 2025 with the same districts; the highest level, which has the finest industries. "" if none."""
    itl = areas[areas["code"].str.startswith("TL") & (areas["note"] == "")]
    by_extent: dict[tuple[str, ...], str] = {}
    for code, lads in zip(itl["code"], itl["lads"], strict=True):  # the shortest code is the highest level
        by_extent[tuple(lads)] = min(by_extent.get(tuple(lads), code), code, key=len)
    codes = pd.Series([by_extent.get(tuple(one), "") for one in areas["lads"]], index=areas.index)
    codes[areas["code"] == UK[0]] = "UKX"
    codes[areas["code"] == "E92000001"] = "TLB"
    own = areas["code"].str.startswith("TL")
    codes[own] = areas["code"][own]
    return codes


def _source(key: str, title: str, vintage: str, files: tuple[str, ...], caveats: tuple[str, ...]) -> Source:
    return Source(
        key=key, publisher=ONS, title=title, edition="December 2023 to May 2025", licence=OGL,
        attribution=ONS_ATTRIBUTION, unit="areas", vintage=vintage, caveats=caveats, files=files,
    )  # fmt: skip


def _areas_table(frame: pd.DataFrame) -> BuiltTable:
    files = (geometry.LAD_BOUNDARIES, REGIONS, COMBINED, "ons/RGVA.parquet", "ons/RGVA_LAD.parquet")
    caveats = (
        "A combined authority of 2025 is shown for all years, also those before it existed.",
        "North Ayrshire counts whole in one ITL3 area, although ITL puts Arran and the Cumbraes in another.",
    )
    source = _source("areas", "Names and codes of areas", f"{LAD_VINTAGE}; {CA_VINTAGE}; {ITL_VINTAGE}", files, caveats)
    return BuiltTable("areas", source, frame=frame.reset_index(drop=True))


def _members_table(frame: pd.DataFrame) -> BuiltTable:
    files = (REGIONS, COMBINED, "ons/RGVA.parquet", "ons/RGVA_LAD.parquet", geometry.ITL3_BOUNDARIES)
    caveats = (
        "Districts of ITL areas are derived: GVA totals of 1998-2023 add up within rounding in every year and area.",
        "Highlands and Islands (TLM20) and North Ayrshire and East Ayrshire (TLM93) add up only together.",
    )
    vintage = f"{LAD_VINTAGE}; {ITL_VINTAGE}"
    source = _source("area_members", "Districts that make up each area", vintage, files, caveats)
    return BuiltTable("area_members", source, frame=frame)


def _successions_table(frame: pd.DataFrame) -> BuiltTable:
    source = Source(
        key="area_successions", publisher="mySociety", title="Register of UK local authorities",
        edition="as of May 2025, with facts added by this project", licence="MIT",
        attribution="mySociety, uk_local_authority_names_and_codes (MIT)",
        unit="areas", vintage="2009 to May 2025, to LAD December 2023", files=(successions.REGISTER,),
        caveats=(
            "Added to the register, as facts: the reorganisations of 2009 (England) and 2015 (Northern Ireland).",
            "Districts of Northern Ireland before 2015 carry the register's code, not the one of ONS.",
            "Reorganisations are recorded by whole district; small changes of boundary are not.",
            "County councils and areas that ended before April 2009 are not complete.",
        ),
    )  # fmt: skip
    return BuiltTable("area_successions", source, frame=frame)
