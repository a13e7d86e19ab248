"""What published evidence says of kinds of measures: content that people edit, kept in `data/evidence`.

Each finding is one intervention and one outcome, in our own words, with its source and how far it was checked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast

import pandas as pd

from iitk.errors import UsageError, WorkError
from iitk.model import Badge
from iitk.sources import paths
from iitk.sources.kept import kept_of_file

DIRECTIONS = ("positive", "mixed", "no effect found", "negative", "no evidence found")
STRENGTHS = ("consistent", "divided", "thin", "not stated")
STATUSES = ("verified", "from memory, to be confirmed")
ENOUGH = 5  # with fewer studies the evidence is thin, whatever they say
_Entry = TypeVar("_Entry", "Intervention", "EvidenceSource", "EvidenceFinding")


@dataclass(frozen=True, slots=True)
class Intervention:
    """A kind of measure, and other names that people give it."""

    key: str
    name: str
    what: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceSource:
    """A publication: `url` is its page, `read` the page where its words were read, if another."""

    key: str
    publisher: str
    title: str
    edition: str
    kind: str
    url: str
    read: str = ""
    year: int | None = None
    missing: Mapping[str, str] = field(default_factory=dict, hash=False)

    def cite(self) -> str:
        """One line for the foot of a table: "[publication] from the [organisation]"."""
        return f"{self.title} from the {self.publisher}" + (f" ({self.year})" if self.year else "")


@dataclass(frozen=True, slots=True)
class EvidenceFinding:
    """What a publication found of one intervention and one outcome."""

    intervention: Intervention
    outcome: str  # key of an outcome
    direction: str  # one of DIRECTIONS
    strength: str  # one of STRENGTHS: how much the studies agree
    words: str
    source: EvidenceSource
    status: str  # one of STATUSES
    studies: int | None = None  # None: `missing` says why
    positive: int | None = None  # how many of them found a gain
    missing: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def badge(self) -> Badge:
        """Observed if it was read in the source, else judgement."""
        return Badge.OBSERVED if self.status == "verified" else Badge.JUDGEMENT


@dataclass(frozen=True, slots=True)
class Library:
    """All that the files hold: interventions and outcomes by key, findings in the order of the file."""

    looked_up: date
    interventions: Mapping[str, Intervention]
    outcomes: Mapping[str, str]
    grades: Mapping[int, str]
    findings: tuple[EvidenceFinding, ...]


def load() -> Library:
    """Read the library.

    Raises
    ------
    WorkError
        If the file is missing or is not TOML, or an entry is not as it should be: says which, and what to do.
    """
    return _read(paths.data_dir() / "evidence" / "interventions.toml")


def intervention(asked: str) -> Intervention:
    """One kind of measure by its key, its name or another name. `UsageError` with those like it if there is none."""
    known = load().interventions
    names = {_plain(name): one for one in known.values() for name in (one.key, one.name, *one.also)}
    return names[_known(asked, names, known, "intervention")]


def find(type: str | None = None, outcome: str | None = None) -> tuple[EvidenceFinding, ...]:  # noqa: A002
    """Findings of an intervention, on an outcome, or both; without either, all. No findings is an answer too.

    `type` and `outcome` are keys, names or, for interventions, other names, in capitals or not. Raises `UsageError`
    with those like it for one that does not exist.
    """
    library = load()
    wanted = None if type is None else intervention(type)
    names = {_plain(name): key for key, label in library.outcomes.items() for name in (key, label)}
    of = None if outcome is None else names[_known(outcome, names, library.outcomes, "outcome")]
    chosen = (one for one in library.findings if wanted in (None, one.intervention))
    return tuple(one for one in chosen if of in (None, one.outcome))


def table(findings: tuple[EvidenceFinding, ...] | None = None) -> pd.DataFrame:
    """Findings as a table for people; by default all. A missing count is an empty cell, and `found` has the reason."""
    outcomes = load().outcomes
    rows = [
        {
            "intervention": one.intervention.name,
            "outcome": outcomes[one.outcome],
            "direction": one.direction,
            "strength": one.strength,
            "studies": one.studies,
            "found": one.words + (f" (No number of studies: {why}.)" if (why := one.missing.get("studies")) else ""),
            "source": one.source.cite(),
            "url": one.source.url,
            "status": one.status,
        }
        for one in (load().findings if findings is None else findings)
    ]
    return pd.DataFrame(rows).astype({"studies": "Int64"}) if rows else pd.DataFrame()


def grade_meaning(grade: int) -> str:
    """What a grade of the Maryland Scientific Methods Scale, 1 (weakest) to 5, says of a study."""
    grades = load().grades
    if isinstance(grade, bool) or grade not in grades:
        raise UsageError(f"A grade of the Maryland scale is a whole number from 1 to 5, not {grade!r}.")
    return grades[grade]


def _plain(name: object) -> str:
    return " ".join(str(name).lower().replace("-", " ").split())


def _known(asked: object, names: Mapping[str, object], keys: Mapping[str, object], what: str) -> str:
    """`asked` as `names` has it, or an error with what is like it."""
    plain = _plain(asked)
    if isinstance(asked, str) and plain in names:
        return plain
    near = get_close_matches(plain, names, n=3, cutoff=0.5)
    like = f"Those like it: {', '.join(near)}." if near else f"There are: {', '.join(keys)}."
    raise UsageError(f"The evidence library has no {what} called {asked!r}. {like}")


@kept_of_file
def _read(path: Path) -> Library:
    try:
        return _library(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise WorkError(f"The evidence library is missing: no file {path}.\nPut back the last good copy.") from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        why = f"The evidence library {path} cannot be read: {error}."
        raise WorkError(f"{why}\nPut back the last good copy.") from error
    except _Fault as fault:
        raise WorkError(f"In the evidence library {path}, {fault}") from None


class _Fault(ValueError):  # noqa: N818  never leaves this module
    """What is wrong with an entry, and the remedy."""

    def __init__(self, where: str, what: str, remedy: str) -> None:
        super().__init__(f"{where} {what}.\n{remedy}")


def _library(content: dict[str, Any]) -> Library:
    for name, kind in {"looked_up": date, "outcomes": dict, "grades": dict, "sources": dict, "types": dict}.items():
        if not isinstance(content.get(name), kind):
            raise _Fault("the file", f"has no {name}", f"Put back {name} from the last good copy.")
    if sorted(content["grades"]) != list("12345"):
        raise _Fault("[grades]", "has not the grades 1 to 5", "Give each of 1, 2, 3, 4 and 5 one line.")
    sources = {
        key: _entry(EvidenceSource, entry, f"[sources.{key}]", key=key) for key, entry in content["sources"].items()
    }
    found: list[EvidenceFinding] = []
    types: dict[str, Intervention] = {}
    for key, whole in content["types"].items():
        where = f"[types.{key}]"
        own = {name: value for name, value in whole.items() if name != "findings"} if isinstance(whole, dict) else whole
        types[key] = _entry(Intervention, own, where, key=key)
        if not (entries := whole.get("findings")):
            fix = f'Add one, if only "no evidence found", below a line [[types.{key}.findings]].'
            raise _Fault(where, "has no findings", fix)
        for number, entry in enumerate(entries, 1):
            found.append(_finding(entry, f"{where} finding {number}", types[key], sources, content["outcomes"]))
    grades = {int(number): str(text) for number, text in content["grades"].items()}
    kept, outcomes = MappingProxyType(types), MappingProxyType(dict(content["outcomes"]))
    return Library(content["looked_up"], kept, outcomes, MappingProxyType(grades), tuple(found))


def _finding(
    entry: Any, where: str, of: Intervention, sources: dict[str, EvidenceSource], outcomes: dict[str, str]
) -> EvidenceFinding:  # fmt: skip
    one = _entry(EvidenceFinding, entry, where, intervention=of)
    allowed = {
        "outcome": outcomes, "direction": DIRECTIONS, "strength": STRENGTHS, "status": STATUSES, "source": sources
    }  # fmt: skip
    for name, choices in allowed.items():
        if entry[name] not in choices:
            near = get_close_matches(entry[name], choices, n=1)
            fix = f'Write {name} = "{near[0]}".' if near else f"There are: {', '.join(choices)}."
            raise _Fault(where, f"has an unknown {name}: {entry[name]!r}", fix)
    _agree(one, where)
    return replace(one, source=sources[entry["source"]])


def _agree(one: EvidenceFinding, where: str) -> None:
    """Counts decide direction and strength: two thirds with a gain are positive, from five studies on consistent."""
    if one.positive is None:
        return
    if not one.studies or not 0 <= one.positive <= one.studies:
        raise _Fault(where, f"has {one.positive} positive of {one.studies} studies", "Correct the two counts.")
    share = one.positive / one.studies
    direction = "positive" if share >= 2 / 3 else "mixed" if share > 0 else "no effect found"
    strength = "thin" if one.studies < ENOUGH else "consistent" if direction != "mixed" else "divided"
    for name, right in (("direction", direction), ("strength", strength)):
        if getattr(one, name) != right:
            said = f"says {name} = {getattr(one, name)!r}, but {one.positive} of {one.studies} studies found a gain"
            raise _Fault(where, said, f'Write {name} = "{right}".')


def _entry(kind: type[_Entry], entry: Any, where: str, **given: object) -> _Entry:
    """An entry as a dataclass: every field there, of the right type, and a reason for every figure left out."""
    if not isinstance(entry, dict):
        raise _Fault(where, "is not a group of lines", f"Write its lines below {where}.")
    allowed = {one.name: one for one in fields(kind) if one.name not in given}
    needed = [one.name for one in allowed.values() if one.default is MISSING and one.default_factory is MISSING]
    if absent := [name for name in needed if name not in entry]:
        raise _Fault(where, f"lacks {', '.join(absent)}", f'Add a line: {absent[0]} = "..."')
    if extra := [name for name in entry if name not in allowed]:
        raise _Fault(where, f"has unknown {', '.join(extra)}", f"It may have: {', '.join(allowed)}.")
    for name, value in entry.items():
        _right_type(name, value, where)
    for name in {"studies", "year"} & allowed.keys():
        if (name in entry) == (name in entry.get("missing", {})):
            fix = f'Write {name} = NUMBER if the page gives it, else missing = {{ {name} = "the reason" }}.'
            raise _Fault(where, f"needs either {name} or the reason why it is missing", fix)
    make: Any = kind  # every field was looked at above
    lists = {name: tuple(value) for name, value in entry.items() if isinstance(value, list)}
    return cast("_Entry", make(**given, **entry | lists))


def _right_type(name: str, value: object, where: str) -> None:
    wanted, example = _TYPES.get(name, (str, '"..."'))
    inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    empty = value == "" or not all(isinstance(one, str) and one for one in inside)
    if not isinstance(value, wanted) or isinstance(value, bool) or empty:
        raise _Fault(where, f"has {value!r} as its {name}", f"Write it like this: {name} = {example}")
    if isinstance(value, int) and value < 0:
        raise _Fault(where, f"has {value} as its {name}", "A count cannot be below 0.")


_TYPES: Mapping[str, tuple[type, str]] = {
    "also": (list, '["another name"]'),
    "studies": (int, "12"),
    "positive": (int, "7"),
    "year": (int, "2015"),
    "missing": (dict, '{ studies = "the reason" }'),
}
