"""Industries: how ONS's groups nest, one exact partition of each scheme, and the SIC 2007 divisions behind each."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from iitk.errors import DataCheckError
from iitk.sources.importer import facts, gva
from iitk.sources.importer.base import BuiltTable

FINEST = {"gva_lad": "LAD", "gva_itl": "ITL3"}  # the smallest areas of each scheme: their industries are its leaves
Row = dict[str, Any]
COLUMNS = [
    "code", "name", "short_name", "scheme", "level", "parent", "is_leaf", "sic_divisions", "published_for", "imputed",
    "public", "tradable", "order",
]  # fmt: skip


def build(shared: Path) -> list[BuiltTable]:
    """The table `industries`: one row for each code of each scheme, in the order of the classification."""
    names = _division_names(shared)
    gva_rows = [row for scheme in FINEST for row in _gva(scheme, _published(shared, scheme), names)]
    frame = pd.DataFrame([*gva_rows, *_divisions(names), *_sections(names), *_subclasses(shared)])
    frame["level"] = frame["level"].astype("int16")
    frame["order"] = np.arange(len(frame), dtype="int16")
    check_leaves(shared, frame)
    return [BuiltTable(facts.source("industries"), frame[COLUMNS])]


def divisions_of(code: str, every: tuple[str, ...]) -> tuple[str, ...]:
    """SIC 2007 divisions in an ONS industry code such as "CA-CB (10-15)", "72-75", "68IMP" or "A-E"."""
    if code in (wide := facts.industries().wide):
        first, last = wide[code]
    elif found := re.search(r"(\d+)(?:-(\d+))?\)?(?:IMP)?$", code):
        first, last = found[1], found[2] or found[1]
    else:
        raise DataCheckError(f"The industry code {code!r} names no SIC division.")
    return tuple(division for division in every if int(first) <= int(division) <= int(last))


def _published(shared: Path, scheme: str) -> pd.DataFrame:
    """Industry codes of a GVA file with their names, and the levels of area that have each ("LAD", "ITL3" ...)."""
    columns = ["geography.code", "industry.code", "industry.name"]
    if scheme == "gva_itl":
        columns.append("geography.type")
    rows = pd.read_parquet(facts.file(shared, scheme), columns=columns).drop_duplicates()
    level = rows.get("geography.type", pd.Series("LAD", index=rows.index)).replace({"ctry": "UK"})
    grouped = rows.assign(level=level).groupby(["industry.code", "industry.name"], sort=False)["level"]
    table: pd.DataFrame = grouped.agg(lambda values: ",".join(sorted(set(values)))).reset_index()
    return table.rename(columns={"industry.code": "code", "industry.name": "name"})


def _division_names(shared: Path) -> dict[str, str]:
    """Official names of the divisions that BRES counts, 01 to 99."""
    rows = pd.read_csv(facts.file(shared, "jobs_nuts2"), dtype=str, usecols=["INDUSTRY_CODE", "INDUSTRY_NAME"])
    rows = rows.drop_duplicates().sort_values("INDUSTRY_CODE")
    names = dict(zip(rows["INDUSTRY_CODE"], rows["INDUSTRY_NAME"].str.partition(" : ")[2], strict=True))
    return {code: name.split(". This division")[0].replace(";m", "; m").strip() for code, name in names.items()}


def _gva(scheme: str, published: pd.DataFrame, names: dict[str, str]) -> list[Row]:
    """The groups of one GVA scheme, outermost first; leaves are those of the finest level that every area has."""
    every = tuple(names)
    sets = {code: divisions_of(code, every) for code in published["code"]}
    refuse_crossing(sets)
    leaves = finest_of([c for c, has in published[["code", "level"]].to_numpy() if FINEST[scheme] in has], sets)
    rows = []
    for code, name, has in published[["code", "name", "level"]].to_numpy():
        short = facts.industries().in_gva.get(code) or facts.industries().short(code)
        row = _row(code, name, short, scheme, parent_of(code, sets), sets[code])
        rows.append(row | {"is_leaf": code in leaves, "published_for": has, "level": _depth(code, sets)})
    return sorted(rows, key=lambda row: _place(row["code"], sets))


def _row(code: str, name: str, short: str, scheme: str, parent: str, divisions: tuple[str, ...]) -> Row:
    if len(short) > 28:
        raise DataCheckError(f"The short name {short!r} has more than 28 characters.")
    known, inside = facts.industries(), set(divisions)
    tradable = inside <= set(known.tradable) or code in known.mostly_tradable
    return {
        "code": code, "name": name, "short_name": short, "scheme": scheme, "parent": parent,
        "sic_divisions": ",".join(divisions), "imputed": code == known.imputed,
        "public": inside <= set(known.public), "tradable": tradable and code != known.imputed,
    }  # fmt: skip


def parent_of(code: str, sets: dict[str, tuple[str, ...]]) -> str:
    """The smallest other group that holds all of this one; "" for the whole. L (68) holds 68 and 68IMP."""
    if code in (same := facts.industries().inside):
        return same[code]
    inside = set(sets[code])
    around = [other for other, divisions in sets.items() if set(divisions) > inside]
    return min(around, key=lambda other: len(sets[other]), default="")


def finest_of(codes: list[str], sets: dict[str, tuple[str, ...]]) -> set[str]:
    """Codes of a level that hold no smaller code of that level: together they are the whole, each once."""
    parents = {parent_of(code, {one: sets[one] for one in codes}) for code in codes}
    return set(codes) - parents


def refuse_crossing(sets: dict[str, tuple[str, ...]]) -> None:
    """Groups must nest: two groups either share nothing or one holds the other."""
    for one, its in sets.items():
        for other, theirs in sets.items():
            both = set(its) & set(theirs)
            if both and both != set(its) and both != set(theirs):
                raise DataCheckError(f"The industry groups {one!r} and {other!r} cross.")


def _depth(code: str, sets: dict[str, tuple[str, ...]]) -> int:
    parent = parent_of(code, sets)
    return 0 if parent == "" else 1 + _depth(parent, sets)


def _place(code: str, sets: dict[str, tuple[str, ...]]) -> tuple[int, int, int]:
    """Order of the classification: by first division, the wider group first, and L (68) before 68IMP before 68."""
    return int(sets[code][0]), -len(sets[code]), {"68IMP": 1, "68": 2}.get(code, 0)


def _divisions(names: dict[str, str]) -> list[Row]:
    known, every = facts.industries(), tuple(names)
    section = {one: letter for letter, its in known.sections.items() for one in divisions_of(its.group, every)}
    extra = {"is_leaf": True, "published_for": "NUTS2", "level": 2}
    return [
        _row(code, name, known.short(code), "sic_division", section[code], (code,)) | extra
        for code, name in names.items()
    ]


def _sections(names: dict[str, str]) -> list[Row]:
    known, every = facts.industries(), tuple(names)
    extra = {"is_leaf": True, "published_for": "LAD", "level": 1}
    return [
        _row(letter, its.name, known.short(its.group), "sic_section", "", divisions_of(its.group, every)) | extra
        for letter, its in known.sections.items()
    ]


def _subclasses(shared: Path) -> list[Row]:
    """The 5-digit subclasses of SIC 2007: needed to tell whether a lens holds a division whole."""
    columns = ["SIC_5DIGIT_CODE", "SIC_5DIGIT_NAME"]
    rows = pd.read_csv(facts.file(shared, "sic"), dtype=str, usecols=columns, encoding="cp1252")
    rows = rows[~rows["SIC_5DIGIT_NAME"].str.contains("DEFRA")].drop_duplicates().sort_values("SIC_5DIGIT_CODE")
    extra = {"is_leaf": True, "published_for": "", "level": 3}
    out = []
    for code, full in rows.to_numpy():
        name = full.partition(" : ")[2].strip().replace("Æ", "'")  # an apostrophe that the file lost
        short = textwrap.shorten(name, 28, placeholder="…") if len(name) > 28 else name
        out.append(_row(code, name, short, "sic_subclass", code[:2], (code[:2],)) | extra)
    return out


def check_leaves(shared: Path, frame: pd.DataFrame) -> None:
    """The leaves add up to the published total, within rounding, in every area and year that has all of them."""
    for scheme, levels in (("gva_lad", ("LAD",)), ("gva_itl", ("ITL3", "ITL2", "ITL1", "UK"))):
        rows = frame[frame["scheme"] == scheme]
        sets = {code: tuple(text.split(",")) for code, text in zip(rows["code"], rows["sic_divisions"], strict=True)}
        wide = gva.current(shared, scheme)
        for level in levels:
            codes = list(rows.loc[rows["published_for"].str.contains(level), "code"])
            leaves = sorted(finest_of(codes, sets))
            whole = wide.dropna(subset=leaves)
            gap = (whole[leaves].sum(axis=1) - whole["Total"]).abs().max()
            if not gap <= 0.5 * (len(leaves) + 1):
                raise DataCheckError(f"The leaf industries of {scheme} miss the published total by up to {gap:g}.")
