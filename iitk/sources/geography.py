"""Areas: what people write becomes one or more of the 361 local authority districts of December 2023.

An area is a district, a combined authority, an ITL area, a region, a country, the United Kingdom, or a functional
area written as a sum: "Leeds + Bradford", or with a name of its own: "Cambridge sub-region = Cambridge + South
Cambridgeshire". An area that has ended (Craven) is understood as what it became, and the note says so.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from iitk.errors import (
    AreaOverlapError,
    DataDamagedError,
    DataMissingError,
    EndedAreaError,
    UnknownAreaError,
    UsageError,
)
from iitk.model import Area, AreaKind, Cohort
from iitk.sources import area_search as search
from iitk.sources import paths, tables
from iitk.sources.kept import kept, kept_of_file

PARENT_KINDS = (
    AreaKind.COMBINED_AUTHORITY, AreaKind.ITL3, AreaKind.ITL2, AreaKind.ITL1, AreaKind.REGION, AreaKind.COUNTRY,
    AreaKind.UK,
)  # fmt: skip
LONGEST_TEXT = 10_000
LONGEST_OWN_NAME = 80


@dataclass(frozen=True, slots=True)
class AreaMatch:
    """An area found by a search: how alike (0 to 100) and why."""

    area: Area
    score: float
    why: str


def find(text: str, limit: int = 10) -> list[AreaMatch]:
    """Areas whose code or name is like `text`, best first; tolerates spelling. An ended area shows as its successor."""
    found: dict[str, AreaMatch] = {}
    matches = search.matches(_clean(text))
    # Who writes a name right does not look for names that are only spelt like it.
    least = search.WORD if matches and matches[0][1] >= search.EXACT else 0.0
    for code, score, why in matches:
        if score < least or len(found) >= limit:
            break
        if code in search.index().areas:
            found.setdefault(code, AreaMatch(_area(code), score, why))
        else:
            old = search.index().ended[code]
            for row in old.became:
                match = AreaMatch(_after(old, row), score, why)
                found.setdefault(match.area.code, match)
    return list(found.values())[:limit]


def resolve(text: str) -> Area:
    """
    The area that a text names: a code, a name, or a sum of them; upper or lower case, "&" or "and".

    A name that several areas have means the district, then the combined authority, country, region and ITL area; the
    note names the others where their extent differs, and a kind can be added: "West Midlands region". Spelling must
    be right: nothing is guessed.

    Raises
    ------
    UnknownAreaError
        If no area has this name or code; it gives the three nearest.
    AreaOverlapError
        If a district would count twice ("Leeds + West Yorkshire").
    EndedAreaError
        If the area was divided between several of today's.
    """
    clean = _clean(text)
    if len(clean) > LONGEST_TEXT:
        raise UnknownAreaError(clean[:60] + "…", ())
    return replace(_understood(clean), asked=clean)


def _understood(clean: str) -> Area:
    own_name, equals, members = clean.partition("=")
    parts = [part.strip() for part in (members if equals else clean).split("+")]
    if len(parts) == 1 and not equals:
        return _one(parts[0])
    if "" in parts:
        raise UsageError(f"A name is missing beside '+' or '=' in {clean!r}.\nWrite for instance: Leeds + Bradford")
    return _sum(parts, own_name.strip() if equals else "", written=clean)


def parents(area: Area) -> tuple[tuple[AreaKind, str, str], ...]:
    """Areas that hold all districts of this one: (kind, code, name), from combined authority to United Kingdom."""
    every, own = search.index(), set(area.lads)
    around = [
        (AreaKind(row["kind"]), code, row["name"])
        for code, row in every.areas.items()
        if row["kind"] in PARENT_KINDS
        and code != area.code
        and own <= set(every.lads[code])
        and not _below(row["kind"], area)
    ]
    return tuple(sorted(around, key=lambda one: (PARENT_KINDS.index(one[0]), one[1])))


@kept
def lads() -> pd.DataFrame:
    """
    The 361 districts: code, name, district_type, region_code, region_name, country_code, country.

    `district_type` is unitary, metropolitan, London borough, non-metropolitan, Scottish, Welsh or NI. Outside
    England the region is the country.
    """
    areas = tables.load("areas")
    names = areas.set_index("code")["name"]
    own = areas.loc[areas["kind"] == AreaKind.LAD, ["code", "name", "district_type", "region_code", "country_code"]]
    own = own.assign(region_name=own["region_code"].map(names), country=own["country_code"].map(names))
    columns = ["code", "name", "district_type", "region_code", "region_name", "country_code", "country"]
    return own[columns].sort_values("code").reset_index(drop=True)


def name_of(code: str) -> str:
    """Name of an area by its code, today's or ended; the code itself if it is not known."""
    every = search.index()
    if row := every.areas.get(code):
        return row["name"]
    return every.ended[code].name if code in every.ended else code


def itl_code(area: Area) -> str:
    """Code of the ITL area of the same extent, whose published figures have finer industries; "" if there is none.

    For the United Kingdom it is UKX (without extra-regio, as the districts), for England TLB.
    """
    row = search.index().areas.get(area.code)
    return row["itl_code"] if row else ""


def neighbours(area: Area | str) -> list[str]:
    """Codes of the districts that share a boundary with an area, longest first; links over water do not count."""
    return list(_neighbours((area if isinstance(area, Area) else resolve(area)).lads))


@kept
def _neighbours(own: tuple[str, ...]) -> tuple[str, ...]:
    table = tables.load("lad_neighbours")
    touching = table[table["lad_code"].isin(own) & ~table["neighbour_code"].isin(own)]
    length = touching.groupby("neighbour_code")["shared_km"].sum()
    return tuple(str(code) for code in length.sort_values(ascending=False, kind="stable").index)


def outlines() -> dict[str, Any]:
    """Outlines of the 361 districts as GeoJSON (WGS84; properties code, name). Outside rings run clockwise for Vega."""
    return _outlines(paths.official("outlines.json"))


def load_cohort(path_or_name: str | Path) -> Cohort:
    """
    Read a cohort: a TOML file, or the name of one in the folder `cohorts` of the data ("west-yorkshire").

    The file has `name`, `areas` (a list of areas as `resolve` takes them) and, if wanted, `reference` (one area).
    Raises `UsageError` that names the file and line.
    """
    path = _cohort_file(path_or_name)
    try:
        content = tomllib.loads(text := path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}.\nMend that line and try again.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The cohort file {path} cannot be read: {error}.") from None
    name, written = content.get("name"), content.get("areas")
    if not (isinstance(name, str) and name.strip()):
        raise UsageError(f'{path} has no name.\nAdd a line such as: name = "West Yorkshire"')
    if not (isinstance(written, list) and written and all(isinstance(one, str) for one in written)):
        raise UsageError(f'{path} has no list of areas.\nAdd a line such as: areas = ["Leeds", "Bradford"]')
    areas = tuple(_in_file(one, path, text) for one in written)
    _refuse_twice(areas, path, text)
    reference = content.get("reference")
    if reference is not None and not isinstance(reference, str):
        raise UsageError(f"{path}: reference must be one area as a text.")
    return Cohort(name.strip(), areas, _in_file(reference, path, text) if reference else None)


def cohorts() -> list[str]:
    """Names of the cohorts that come with the data."""
    return sorted(path.stem for path in (paths.data_dir() / "cohorts").glob("*.toml"))


def _clean(text: str) -> str:
    """One line without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())


def _below(kind: str, area: Area) -> bool:
    """Whether a parent of this kind would be a part: an ITL3 area is no parent of an ITL2 area of the same extent."""
    if area.kind not in PARENT_KINDS:
        return False
    return PARENT_KINDS.index(AreaKind(kind)) <= PARENT_KINDS.index(area.kind)


@kept
def _area(code: str, note: str = "") -> Area:
    row = search.index().areas[code]
    notes = " ".join(filter(None, (note, row["note"])))
    kind = AreaKind(row["kind"])
    area = Area(code, row["name"], kind, search.index().lads[code], vintage=row["vintage"], note=notes)
    return replace(area, parents=parents(area))


def _one(text: str) -> Area:
    """One area, not a sum."""
    if len(text) > search.LONGEST_NAME:
        raise UnknownAreaError(text[:60] + "…", ())
    if (both := re.fullmatch(r"(.+?)\s*\(([A-Za-z]\w+)\)", text)) and _is_code(both[2]):
        return _checked(both[1], both[2])
    if codes := search.candidates(text):
        return _area(codes[0], _also(text, codes))
    if old := search.ended(text):
        return _successor(old)
    raise UnknownAreaError(text, search.nearest(text))


def _is_code(text: str) -> bool:
    return text.upper() in search.index().areas or text.upper() in search.index().ended


def _checked(name: str, code: str) -> Area:
    """An area written with name and code: they must belong together."""
    area = _one(code)
    known = {*search.candidates(name), old.code if (old := search.ended(name)) else ""}
    if code.upper() in known or area.code in known:
        return area
    told = f"{code.upper()} is the code of {name_of(code.upper())}, not of {name!r}."
    raise UsageError(f"{told}\nMend the name or the code.")


def _also(text: str, codes: tuple[str, ...]) -> str:
    """Say what else has this name, where it is a different extent."""
    every, first = search.index(), codes[0]
    others = [code for code in codes[1:] if every.lads[code] != every.lads[first]]
    if not others or text.strip().upper() == first:
        return ""
    said = [f"the {every.areas[code]['kind']} ({code}, {_districts(len(every.lads[code]))})" for code in others]
    kind = every.areas[first]["kind"]
    return f"{every.areas[first]['name']} is read as the {kind} ({first}). Also called that: {'; '.join(said)}."


def _districts(count: int) -> str:
    return "1 district" if count == 1 else f"{count} districts"


def _successor(old: search.Ended) -> Area:
    """Today's area that an ended one became; an error that names the choice if it was divided."""
    main = [row for row in old.became if row["share"] != "part"]
    if len(main) == 1:
        return _after(old, main[0])
    places = [f"{row['new_name']} ({row['new_code']})" for row in old.became]
    when = f" on {_day(old.became[0]['date'])}" if old.became[0]["date"] else ""
    together = " + ".join(row["new_name"] for row in old.became)
    raise EndedAreaError(
        f"{old.name} ended{when} and was divided between {' and '.join(places)}.\n"
        f"Name one of these, or all of them: {together}"
    )


def _after(old: search.Ended, row: dict[str, str]) -> Area:
    """The successor, with a note that says what became of the old area and which tables still hold it."""
    new, when = f"{row['new_name']} ({row['new_code']})", f" on {_day(row['date'])}" if row["date"] else ""
    if row["share"] == "code":
        since = f"the code{' since ' + _day(row['date'])}" if row["date"] >= "2024" else "a former code"
        said = f"{old.code} is {since} of {row['new_name']}; the figures here use {row['new_code']}."
        return _area(row["new_code"], said)
    how = {"whole": "became part of", "most": "became, for the most part, part of"}.get(row["share"], "became partly")
    known = old.name if old.code.startswith("NIR-") else f"{old.name} ({old.code})"  # not a code of ONS
    parts = [f"{known} {how} {new}{when}.", row["note"], f"The figures here are for {row['new_name']}."]
    if row["still_in"]:
        parts.append(f"{row['still_in']} still hold {old.name} on its own.")
    return _area(row["new_code"], " ".join(filter(None, parts)))


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"


def _sum(parts: list[str], own_name: str, *, written: str) -> Area:
    """A functional area from its parts, none of which may overlap."""
    if len(own_name) > LONGEST_OWN_NAME:
        raise UsageError(f"The name before '=' has {len(own_name)} characters: use at most {LONGEST_OWN_NAME}.")
    if "=" in written and not own_name:
        raise UsageError(f"A name is missing before '=' in {written!r}.\nWrite: Our area = Leeds + Bradford")
    members = [_one(part) for part in parts]
    _refuse_overlap(parts, members)
    name = own_name or " + ".join(member.name for member in members)
    codes = "+".join(member.code for member in members)
    inside = tuple(sorted(lad for member in members for lad in member.lads))
    notes = " ".join(dict.fromkeys(member.note for member in members if member.note))
    area = Area(codes, name, AreaKind.FUNCTIONAL, inside, note=notes)
    return replace(area, parents=parents(area))


def _refuse_overlap(parts: list[str], members: list[Area]) -> None:
    seen: dict[str, str] = {}
    for part, member in zip(parts, members, strict=True):
        if twice := [lad for lad in member.lads if lad in seen]:
            other = seen[twice[0]]
            places = ", ".join(f"{name_of(lad)} ({lad})" for lad in twice[:3])
            more = f" and {len(twice) - 3} more" if len(twice) > 3 else ""
            raise AreaOverlapError(
                f"{other!r} and {part!r} overlap: both hold {places}{more}.\n"
                "Leave one of the two out: a place counts once."
            )
        seen |= dict.fromkeys(member.lads, part)


@kept_of_file
def _outlines(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataMissingError(path) from None
    except ValueError as error:
        raise DataDamagedError(path, f"it is not JSON ({error})") from None
    return content


def _cohort_file(path_or_name: str | Path) -> Path:
    path = Path(path_or_name)
    if path.is_file():
        return path
    if re.fullmatch(r"[\w-]+", str(path_or_name)):
        shipped = paths.data_dir() / "cohorts" / f"{path_or_name}.toml"
        if shipped.is_file():
            return shipped
    known = f" Cohorts that come with the data: {', '.join(cohorts())}." if cohorts() else ""
    raise UsageError(f"There is no cohort file {str(path_or_name)!r}.{known}\nName a TOML file or one of these.")


def _in_file(written: str, path: Path, text: str) -> Area:
    try:
        return resolve(written)
    except UsageError as error:
        error.args = (f"{path}, line {_line_of(written, text)}: {error}",)  # the same kind of error
        raise


def _line_of(written: str, text: str) -> int:
    return next((number for number, line in enumerate(text.splitlines(), 1) if written in line), 1)


def _refuse_twice(areas: tuple[Area, ...], path: Path, text: str) -> None:
    seen: dict[str, Area] = {}
    for area in areas:
        for lad in area.lads:
            if lad in seen:
                where, place = f"{path}, line {_line_of(area.name, text)}", f"{name_of(lad)} ({lad})"
                told = f"{area.name} and {seen[lad].name} overlap: both hold {place}."
                raise AreaOverlapError(f"{where}: {told}\nLeave one of the two out.")
            seen[lad] = area
