"""Industries: how ONS's groups nest, one exact partition of each scheme, and the SIC 2007 divisions behind each."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from iitk.errors import DataCheckError
from iitk.model import Source
from iitk.sources.importer.base import OGL, ONS, ONS_ATTRIBUTION, BuiltTable, shared_file
from iitk.sources.importer.industry_names import DIVISIONS, GROUPS, IN_GVA, SECTIONS
from iitk.sources.importer.itl_membership import CURRENT

LAD_FILE, ITL_FILE = "ons/RGVA_LAD.parquet", "ons/RGVA.parquet"
BRES, SIC = "nomis/bres_nuts2_division_2015_2021.csv", "lookups/SIClookup.csv"
Row = dict[str, Any]
COLUMNS = [
    "code", "name", "short_name", "scheme", "level", "parent", "is_leaf", "sic_divisions", "published_for", "imputed",
    "public", "tradable", "order",
]  # fmt: skip
# Judgement, not a statistic: divisions whose customers mostly come from outside the area. Farming, mining, making,
# wholesale, air and sea transport, warehousing, information, finance, most professional services, leasing, travel
# agents and office support. Utilities, building, retail, food, property, care and personal services serve people near.
TRADABLE = frozenset(
    f"{number:02d}" for number in (*range(1, 34), 46, 50, 51, 52, *range(58, 67), *range(69, 75), 77, 79, 82)
)
MOSTLY_TRADABLE = frozenset({"72-75", "74-75"})  # vets (75) are a small part of them
PUBLIC = frozenset({"84", "85", "86", "87", "88"})  # administration, education, health, care: sections O, P and Q
WIDE = {"A-E": range(1, 40), "G-T": range(45, 99), "Total": range(1, 99)}


def build(shared: Path) -> list[BuiltTable]:
    """The table `industries`: one row for each code of each scheme, in the order of the classification."""
    names = _division_names(shared)
    lad, itl = _published(shared, LAD_FILE), _published(shared, ITL_FILE)
    rows = [*_gva("gva_lad", lad, names), *_gva("gva_itl", itl, names), *_divisions(names), *_sections(names)]
    frame = pd.DataFrame([*rows, *_subclasses(shared)])
    frame["level"] = frame["level"].astype("int16")
    frame["order"] = np.arange(len(frame), dtype="int16")
    check_leaves(shared, frame)
    return [BuiltTable("industries", _source(), frame=frame[COLUMNS])]


def divisions_of(code: str, every: tuple[str, ...]) -> tuple[str, ...]:
    """SIC 2007 divisions in an ONS industry code such as "CA-CB (10-15)", "72-75", "68IMP" or "A-E"."""
    if code in WIDE:
        span = set(WIDE[code])
    else:
        found = re.search(r"(\d+)(?:-(\d+))?\)?(?:IMP)?$", code)
        if found is None:
            raise DataCheckError(f"The industry code {code!r} names no SIC division.")
        first, last = int(found[1]), int(found[2] or found[1])
        span = set(range(first, last + 1))
    return tuple(division for division in every if int(division) in span)


def _published(shared: Path, file: str) -> pd.DataFrame:
    """Industry codes of a GVA file with their names, and the levels of area that have each ("LAD", "ITL3" ...)."""
    columns = ["geography.code", "industry.code", "industry.name"]
    if "LAD" not in file:
        columns.append("geography.type")
    rows = pq.read_table(shared_file(shared, file), columns=columns).to_pandas().drop_duplicates()
    level = rows.get("geography.type", pd.Series("LAD", index=rows.index)).replace({"ctry": "UK"})
    grouped = rows.assign(level=level).groupby(["industry.code", "industry.name"], sort=False)["level"]
    table: pd.DataFrame = grouped.agg(lambda values: ",".join(sorted(set(values)))).reset_index()
    return table.rename(columns={"industry.code": "code", "industry.name": "name"})


def _division_names(shared: Path) -> dict[str, str]:
    """Official names of the divisions that BRES counts, 01 to 99."""
    rows = pd.read_csv(shared_file(shared, BRES), dtype=str, usecols=["INDUSTRY_CODE", "INDUSTRY_NAME"])
    rows = rows.drop_duplicates().sort_values("INDUSTRY_CODE")
    names = dict(zip(rows["INDUSTRY_CODE"], rows["INDUSTRY_NAME"].str.partition(" : ")[2], strict=True))
    return {code: name.split(". This division")[0].replace(";m", "; m").strip() for code, name in names.items()}


def _gva(scheme: str, published: pd.DataFrame, names: dict[str, str]) -> list[Row]:
    """The groups of one GVA scheme, outermost first; leaves are those of the finest level that every area has."""
    every = tuple(names)
    sets = {code: divisions_of(code, every) for code in published["code"]}
    refuse_crossing(sets)
    finest = "LAD" if scheme == "gva_lad" else "ITL3"
    leaves = finest_of([c for c, has in published[["code", "level"]].to_numpy() if finest in has], sets)
    rows = []
    for code, name, has in published[["code", "name", "level"]].to_numpy():
        short = IN_GVA.get(code) or GROUPS.get(code) or DIVISIONS[code]
        row = _row(code, name, short, scheme, parent_of(code, sets), sets[code])
        rows.append(row | {"is_leaf": code in leaves, "published_for": has, "level": _depth(code, sets)})
    return sorted(rows, key=lambda row: _place(row["code"], sets))


def _row(code: str, name: str, short: str, scheme: str, parent: str, divisions: tuple[str, ...]) -> Row:
    if len(short) > 28:
        raise DataCheckError(f"The short name {short!r} has more than 28 characters.")
    inside = frozenset(divisions)
    return {
        "code": code, "name": name, "short_name": short, "scheme": scheme, "parent": parent,
        "sic_divisions": ",".join(divisions), "imputed": code == "68IMP", "public": inside <= PUBLIC,
        "tradable": (inside <= TRADABLE or code in MOSTLY_TRADABLE) and code != "68IMP",
    }  # fmt: skip


def parent_of(code: str, sets: dict[str, tuple[str, ...]]) -> str:
    """The smallest other group that holds all of this one; "" for the whole. L (68) holds 68 and 68IMP."""
    if code in {"68", "68IMP"}:
        return "L (68)"
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
    every = tuple(names)
    section = {division: letter for letter in SECTIONS for division in _section_divisions(letter, every)}
    extra = {"is_leaf": True, "published_for": "NUTS2", "level": 2}
    rows = [_row(code, name, DIVISIONS[code], "sic_division", section[code], (code,)) for code, name in names.items()]
    return [row | extra for row in rows]


def _sections(names: dict[str, str]) -> list[Row]:
    rows = []
    for letter, (name, group) in SECTIONS.items():
        short = GROUPS.get(group) or DIVISIONS[group]
        row = _row(letter, name, short, "sic_section", "", _section_divisions(letter, tuple(names)))
        rows.append(row | {"is_leaf": True, "published_for": "LAD", "level": 1})
    return rows


def _section_divisions(letter: str, every: tuple[str, ...]) -> tuple[str, ...]:
    return divisions_of(SECTIONS[letter][1], every)


def _subclasses(shared: Path) -> list[Row]:
    """The 5-digit subclasses of SIC 2007: needed to tell whether a lens holds a division whole."""
    columns = ["SIC_5DIGIT_CODE", "SIC_5DIGIT_NAME"]
    rows = pd.read_csv(shared_file(shared, SIC), dtype=str, usecols=columns, encoding="cp1252")
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
    itl = ("gva_itl", ITL_FILE, ("ITL3", "ITL2", "ITL1", "UK"))
    for scheme, file, levels in (("gva_lad", LAD_FILE, ("LAD",)), itl):
        rows = frame[frame["scheme"] == scheme]
        sets = {code: tuple(text.split(",")) for code, text in zip(rows["code"], rows["sic_divisions"], strict=True)}
        wide = _wide(shared, file)
        for level in levels:
            codes = list(rows.loc[rows["published_for"].str.contains(level), "code"])
            leaves = sorted(finest_of(codes, sets))
            whole = wide.dropna(subset=leaves)
            gap = (whole[leaves].sum(axis=1) - whole["Total"]).abs().max()
            if not gap <= 0.5 * (len(leaves) + 1):
                raise DataCheckError(f"The leaf industries of {scheme} miss the published total by up to {gap:g}.")


def _wide(shared: Path, file: str) -> pd.DataFrame:
    """GVA in current prices: one row for each area and year, one column for each industry code."""
    columns = ["dates.date", "geography.code", "variable.name", "industry.code", "value"]
    rows = pq.read_table(shared_file(shared, file), columns=columns, filters=[("variable.name", "in", CURRENT)])
    frame = rows.to_pandas()
    wide: pd.DataFrame = frame.pivot(index=["geography.code", "dates.date"], columns="industry.code", values="value")
    return wide


def _source() -> Source:
    return Source(
        key="industries", publisher=ONS, title="Industry groups of regional GVA and SIC 2007", edition="2025",
        licence=OGL, attribution=ONS_ATTRIBUTION, unit="industries", vintage="SIC 2007",
        files=(LAD_FILE, ITL_FILE, BRES, SIC),
        caveats=(
            "Short names are this project's. Codes nest: add up leaves only.",
            "In GVA, the code 68 leaves owner-occupiers' imputed rent (68IMP) out; in jobs, 68 is all real estate.",
            "Which industries are tradable is this project's judgement, by division.",
        ),
    )  # fmt: skip
