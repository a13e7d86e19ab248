"""Finding areas by what people write: names and codes as keys, exact first; tolerant of spelling only in a search."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
from rapidfuzz import fuzz

from iitk.model import AreaKind
from iitk.sources import tables
from iitk.sources.kept import kept

LONGEST_NAME = 120  # the longest official name has 47 characters
# Which area is meant when a name has several: the first of these kinds that has it.
KIND_ORDER = (
    AreaKind.LAD, AreaKind.COMBINED_AUTHORITY, AreaKind.COUNTRY, AreaKind.REGION, AreaKind.UK, AreaKind.ITL2,
    AreaKind.ITL3, AreaKind.ITL1,
)  # fmt: skip
RANK = {str(kind): place for place, kind in enumerate(KIND_ORDER)}
KIND_WORDS = {
    "mayoral combined authority": AreaKind.COMBINED_AUTHORITY,
    "combined county authority": AreaKind.COMBINED_AUTHORITY,
    "combined authority": AreaKind.COMBINED_AUTHORITY,
    "mca": AreaKind.COMBINED_AUTHORITY,
    "itl1 area": AreaKind.ITL1, "itl2 area": AreaKind.ITL2, "itl3 area": AreaKind.ITL3,
    "itl1": AreaKind.ITL1, "itl2": AreaKind.ITL2, "itl3": AreaKind.ITL3,
    "region": AreaKind.REGION, "country": AreaKind.COUNTRY,
    "metropolitan borough council": AreaKind.LAD, "borough council": AreaKind.LAD, "city council": AreaKind.LAD,
    "district council": AreaKind.LAD, "council": AreaKind.LAD, "local authority": AreaKind.LAD, "lad": AreaKind.LAD,
    "district": AreaKind.LAD, "borough": AreaKind.LAD,
}  # fmt: skip
_AROUND = re.compile(r"^(the|(royal|london) borough of|city of|county of|county) | (city of|county of|cc|city)$")


@dataclass(frozen=True)
class Ended:
    """An area that is no more (or a code that is no longer, or not yet, in use), and what it became."""

    code: str
    name: str
    became: tuple[dict[str, str], ...]  # rows of area_successions


@dataclass(frozen=True)
class Index:
    """All areas by code, with the keys under which they are found."""

    areas: dict[str, dict[str, str]]  # code -> row of the table `areas`
    lads: dict[str, tuple[str, ...]]  # code -> the districts that make it up
    ended: dict[str, Ended]
    exact: dict[str, tuple[str, ...]]  # normal name -> codes, in the order of KIND_ORDER
    loose: dict[str, tuple[str, ...]]
    ended_names: dict[str, tuple[str, ...]]  # normal name -> old codes


def normal(text: str) -> str:
    """Lower case, no accents or punctuation, "&" as "and", "Saint" as "st": what makes two spellings the same."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower().replace("&", " and ")
    words = re.sub(r"[^a-z0-9]+", " ", re.sub(r"['`.]", "", plain)).split()
    return " ".join("st" if word == "saint" else word for word in words)


def loosened(key: str) -> str:
    """A normal name without "city of", "county", "upon" and the like."""
    previous = ""
    while key != previous:
        previous, key = key, _AROUND.sub("", key)
    return " ".join(word for word in key.split() if word not in {"upon", "on"})


@kept
def index() -> Index:
    """The index over the tables of areas."""
    rows = {row["code"]: row for row in _records(tables.load("areas"))}
    in_order = sorted(rows.values(), key=lambda row: (RANK[row["kind"]], row["code"]))
    grouped = tables.load("area_members").groupby("parent_code")["lad_code"]
    lads = {str(code): tuple(sorted(its)) for code, its in grouped}
    lads |= {row["code"]: (row["code"],) for row in in_order if row["kind"] == AreaKind.LAD}
    named = [(normal(name), row["code"]) for row in in_order for name in _names(row)]
    became: dict[str, list[dict[str, str]]] = {}
    for row in _records(tables.load("area_successions")):
        became.setdefault(row["old_code"], []).append(row)
    ended = {code: Ended(code, its[0]["old_name"], tuple(its)) for code, its in became.items()}
    return Index(
        rows, lads, ended, _grouped(named), _grouped((loosened(name), code) for name, code in named),
        _grouped((normal(old.name), old.code) for old in ended.values()),
    )  # fmt: skip


def _names(row: dict[str, str]) -> list[str]:
    return [row["name"], *filter(None, row["aliases"].split("|"))]


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Values by key, each once, in their order."""
    found: dict[str, dict[str, None]] = {}
    for key, value in pairs:
        found.setdefault(key, {})[value] = None
    return {key: tuple(values) for key, values in found.items()}


def _records(frame: pd.DataFrame) -> list[dict[str, str]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def candidates(text: str) -> tuple[str, ...]:
    """Codes of the areas that `text` names exactly, the one that is meant first; empty if there is none.

    Tried in turn: a code; a name; a name with its kind behind it ("West Midlands region"); a name written loosely
    ("City of Bristol", "Newcastle on Tyne"). Never a guess at a misspelt name.
    """
    every = index()
    key = normal(text)
    if (code := text.strip().upper()) in every.areas:
        return (code,)
    return every.exact.get(key, ()) or _of_kind(key, every) or (every.loose.get(loosened(key), ()) if key else ())


def _of_kind(key: str, every: Index) -> tuple[str, ...]:
    for words, kind in KIND_WORDS.items():
        if key.endswith(" " + words):
            rest = key.removesuffix(" " + words)
            found = every.exact.get(rest, ()) or every.loose.get(loosened(rest), ())
            if of_kind := tuple(code for code in found if every.areas[code]["kind"] == kind):
                return of_kind
    return ()


def ended(text: str) -> Ended | None:
    """The area that is no more which `text` names, if there is one."""
    every = index()
    if old := every.ended.get(text.strip().upper()):
        return old
    codes = every.ended_names.get(normal(text), ())
    return every.ended[codes[0]] if codes else None


def nearest(text: str, limit: int = 3) -> tuple[str, ...]:
    """The names most like a text, today's and those of ended areas, best first."""
    key = normal(text[:LONGEST_NAME])
    if not key:
        return ()
    every = index()
    names = {row["name"]: None for row in every.areas.values()} | {old.name: None for old in every.ended.values()}
    ranked = sorted(names, key=lambda name: (-likeness(key, normal(name)), name))
    return tuple(ranked[:limit])


def likeness(key: str, name: str) -> float:
    """How alike two normal names are, 0 to 100: letters in order, in any order of words, or as a part of the other."""
    part = fuzz.partial_ratio(key, name) * 0.85 if min(len(key), len(name)) >= 4 else 0.0
    return max(fuzz.ratio(key, name), fuzz.token_sort_ratio(key, name) * 0.97, part)


EXACT, WORD = 96.0, 84.0  # scores from which a name is the one that was written, or holds it as a word


def matches(text: str) -> list[tuple[str, float, str]]:
    """(code, score 0 to 100, why) of areas like a text, best first; ended areas are among them."""
    if not (key := normal(text[:LONGEST_NAME])):
        return []
    every, scored = index(), {}
    for code, row in every.areas.items():
        scored[code] = max((_score(key, text, code, normal(name)) for name in _names(row)), key=lambda one: one[0])
    for code, old in every.ended.items():
        recoded = all(row["share"] == "code" for row in old.became)  # the place goes on under its name
        score, why = _score(key, text, code, "" if recoded else normal(old.name))
        scored[code] = (score - 0.5, f"{why} of an area that ended" if score < 100 else why)
    found = [(code, *one) for code, one in scored.items() if one[0] >= 70]
    return sorted(found, key=lambda one: (-one[1], RANK.get(every.areas.get(one[0], {}).get("kind", ""), 99), one[0]))


def _score(key: str, text: str, code: str, name: str) -> tuple[float, str]:
    if code == text.strip().upper():
        return 100.0, "code"
    if key == name:
        return 99.0, "name"
    if loosened(key) == loosened(name):
        return 97.0, "name, written another way"
    if f" {key} " in f" {name} ":
        return 94.0 - 10 * (1 - len(key) / len(name)), "word in the name"
    if len(key) >= 3 and name.startswith(key):
        return 90.0 - 10 * (1 - len(key) / len(name)), "start of the name"
    return min(likeness(key, name), 83.0), "spelt much like the name"
