"""What the importer knows beyond the publishers' files: names, units, caveats, lists of codes, names of files.

They are data (`data/importer/*.toml`), so that an analyst can mend or add one without touching code. Each class below
says what a file, or a part of one, holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from iitk.errors import DataDamagedError
from iitk.model import AreaKind, Source
from iitk.sources.importer.base import BuiltTable, shared_file
from iitk.sources.importer.reading import pick, place, read

_SHARES = ("whole", "most", "part", "code")


@dataclass(frozen=True)
class Areas:
    """`areas.toml`: kinds of area by the start of their codes, and what the official lists of areas do not say."""

    districts: int
    district_types: dict[str, str]
    kinds: dict[str, str]
    countries: dict[str, str]  # code -> name
    uk_code: str
    uk_name: str
    itl_codes: dict[str, str]
    vintages: dict[str, str]
    cut: dict[str, tuple[str, ...]]  # ITL3 code -> districts
    cut_notes: dict[str, str]
    aliases: dict[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        if missing := set(AreaKind) - {AreaKind.FUNCTIONAL} - self.vintages.keys():
            raise ValueError(f"vintages lacks {', '.join(sorted(missing))}")
        if {code[:1] for code in self.countries} != set("EWSN"):
            raise ValueError("countries are not one each whose code begins with E, W, S and N")
        if not self.cut or self.cut_notes.keys() - self.cut.keys():
            raise ValueError("cut is empty, or cut_notes speak of other areas")
        for note in self.cut_notes.values():
            note.format(told="")  # raises if it asks for anything else


@dataclass(frozen=True)
class Reform:
    """Old areas that became new ones (or part of them) on a day: new code -> old codes."""

    date: str
    share: str
    became: dict[str, tuple[str, ...]]
    note: str = ""

    def __post_init__(self) -> None:
        if self.share not in _SHARES:
            raise ValueError(f"has the share {self.share!r}, not one of {', '.join(_SHARES)}")
        date.fromisoformat(self.date)


@dataclass(frozen=True)
class Successions:
    """`successions.toml`: what the register of local authorities does not say."""

    reform: tuple[Reform, ...]
    mostly: dict[str, str]
    names: dict[str, str]


@dataclass(frozen=True)
class Section:
    """A section of SIC 2007 and the group of regional GVA that means the same."""

    name: str
    group: str


@dataclass(frozen=True)
class Industries:
    """`industries.toml`: short names of industries by code, and what kind they are."""

    groups: dict[str, str]
    divisions: dict[str, str]
    in_gva: dict[str, str]
    sections: dict[str, Section]
    wide: dict[str, tuple[str, ...]]  # first and last division
    inside: dict[str, str]
    tradable: tuple[str, ...]
    mostly_tradable: tuple[str, ...]
    public: tuple[str, ...]
    imputed: str

    def __post_init__(self) -> None:
        if odd := [code for code, ends in self.wide.items() if len(ends) != 2 or not "".join(ends).isdigit()]:
            raise ValueError(f"wide.{odd[0]} is not a first and a last division")

    def short(self, code: str) -> str:
        """Short name of a group or division."""
        return self.groups.get(code) or pick(self.divisions, code, "industries", "divisions")


@dataclass(frozen=True)
class Indicator:
    """What a local indicator is, and the publisher's name of it in its file."""

    label: str
    unit: str
    theme: str
    source_file: str
    caveat: str
    published: str
    better: str = ""  # "" where neither more nor less is plainly better

    def __post_init__(self) -> None:
        if self.better not in ("higher", "lower", ""):
            raise ValueError(f"says that {self.better!r} is better: only higher, lower or nothing")


@dataclass(frozen=True)
class Indicators:
    """`indicators.toml`: the local indicators, letters for their status, and files that complete others."""

    entries: dict[str, Indicator]
    statuses: dict[str, str]
    unreliable_note: str
    also: dict[str, dict[str, str]]


@dataclass(frozen=True)
class Innovation:
    """What an innovation indicator is, and its file, without level and ending."""

    label: str
    unit: str
    publisher: str
    source_file: str
    caveat: str = ""
    levels: tuple[str, ...] = ("nuts2", "nuts3", "lep")


@dataclass(frozen=True)
class Innovations:
    """`innovation.toml`: the innovation indicators, and NUTS2 areas that were redrawn with their successors."""

    entries: dict[str, Innovation]
    redrawn: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Publisher:
    """Who publishes figures, and on what terms."""

    publisher: str
    licence: str
    attribution: str


@dataclass(frozen=True)
class About:
    """What a table is: its record, but for what the importer works out."""

    by: str
    title: str
    edition: str
    unit: str
    vintage: str
    files: tuple[str, ...] = ()
    caveats_before: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    caveats_after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tables:
    """`tables.toml`: the tables, their publishers, the publishers' files, and what measures are called there."""

    entries: dict[str, About]
    publishers: dict[str, Publisher]
    files: dict[str, str]
    measures: dict[str, dict[str, str]]


def areas() -> Areas:
    """Kinds, names and vintages of areas."""
    return read(Areas, "areas")


def successions() -> Successions:
    """What became of areas that ended."""
    return read(Successions, "successions")


def industries() -> Industries:
    """Names and kinds of industries."""
    return read(Industries, "industries")


def indicators() -> Indicators:
    """What the local indicators are."""
    return read(Indicators, "indicators")


def innovation() -> Innovations:
    """What the innovation indicators are."""
    return read(Innovations, "innovation")


def source(key: str, *, files: Sequence[str] = (), **figures: float) -> Source:
    """The record of a table, with the `figures` that its caveats speak of; `files` where its entry names none."""
    tables = read(Tables, "tables")
    about = pick(tables.entries, key, "tables", "entries")
    by = pick(tables.publishers, about.by, "tables", "publishers")
    texts = (*about.caveats_before, *about.caveats, *about.caveats_after)
    try:
        caveats = tuple(text.format_map(figures) for text in texts)
    except (LookupError, ValueError) as error:
        raise DataDamagedError(place("tables"), f"a caveat of entries.{key} cannot be filled in ({error})") from error
    return Source(
        key=key, publisher=by.publisher, title=about.title, edition=about.edition, licence=by.licence,
        attribution=by.attribution, unit=about.unit, vintage=about.vintage, caveats=caveats,
        files=tuple(files) or tuple(pick(tables.files, name, "tables", "files") for name in about.files),
    )  # fmt: skip


def file(shared: Path, name: str) -> Path:
    """One of the publishers' files, by its name in `tables.toml`; raises WorkError if it is not in the folder."""
    return shared_file(shared, pick(read(Tables, "tables").files, name, "tables", "files"))


def measures(name: str) -> dict[str, str]:
    """What a file calls its measures -> the columns that they become."""
    return pick(read(Tables, "tables").measures, name, "tables", "measures")


def with_meta(
    key: str, frame: pd.DataFrame, entries: Mapping[str, object], columns: Sequence[str], files: Sequence[str]
) -> list[BuiltTable]:
    """A table of indicators, and the table of what each one is: `columns` of their entries, in their order."""
    rows = [{"indicator": name} | {column: getattr(one, column) for column in columns} for name, one in entries.items()]
    tables = {key: frame, f"{key}_meta": pd.DataFrame(rows)}
    return [BuiltTable(source(name, files=files), its) for name, its in tables.items()]
