"""Dated assumptions of the methods: discount rates, optimism bias, additionality bands, with source and status.

They are data (`data/parameters.toml`), so that an analyst can add an edition without touching code. A vintage is an
edition of the guidance; it takes over what it does not change from the one it is based on. `vintage(name)` holds all
of one, so that one name reruns an appraisal; `compare(a, b)` says what differs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import pandas as pd

from iitk.errors import DataDamagedError, UsageError
from iitk.model import Badge, Parameter
from iitk.sources import paths
from iitk.sources.kept import kept_of_file

VERIFIED = "verified"
_STATUSES = (VERIFIED, "judgement, to be confirmed", "recommendation only, to be confirmed")
_Stated = TypeVar("_Stated", "Parameter", "Convention")
Bands = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Convention:
    """What an edition asks for in words, such as the year of prices."""

    key: str
    text: str
    source: str
    status: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Vintage:
    """Every assumption of one edition: hand it to an appraisal, and another one reruns it."""

    name: str
    title: str
    what_if: bool  # an illustration that nobody has decided
    parameters: Mapping[str, Parameter]
    conventions: Mapping[str, Convention]

    @property
    def badge(self) -> Badge:
        """Badge of what is worked out with it."""
        return Badge.ILLUSTRATIVE if self.what_if else Badge.MODELLED

    @property
    def discount(self) -> tuple[tuple[int, float], ...]:
        """Standard rates as pairs of first year and rate, as the methods of appraisal take them."""
        return _steps(self.parameters, "standard")

    @property
    def optimism_bias(self) -> Mapping[str, Bands]:
        """Upper and lower bounds by type of project, by the names of the fields of `appraisal.BiasBounds`."""
        kinds = dict.fromkeys(key.split(".")[1] for key in self.parameters if key.startswith("optimism-bias."))
        found = {kind: self.bands(f"optimism-bias.{kind}") for kind in kinds}
        plain = {kind: {name.replace("-", "_"): value for name, value in one.items()} for kind, one in found.items()}
        return MappingProxyType({kind.replace("-", " ").replace("non ", "non-"): one for kind, one in plain.items()})

    @property
    def additionality(self) -> Mapping[str, Bands]:
        """Bands to start a discussion with: leakage, displacement and the two multipliers. There is no default."""
        names = ("leakage", "displacement", "multiplier.local", "multiplier.regional")
        return MappingProxyType({name: self.bands(name) for name in names})

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """Keys of the values and conventions that were not read in the source that they name."""
        status = {key: one.status for key, one in self.parameters.items()}
        status |= {key: one.status for key, one in self.conventions.items()}
        return tuple(key for key, one in status.items() if one != VERIFIED)

    def table(self) -> pd.DataFrame:
        """Every value and convention with unit, source and status, for the foot of a page."""
        numbers = [(k, one.label, one.unit, *_stated(one), one.source, one.note) for k, one in self.parameters.items()]
        words = [(key, key, "words", *_stated(one), one.source, one.note) for key, one in self.conventions.items()]
        names = ["key", "what", "unit", "value", "status", "source", "note"]
        return pd.DataFrame([*numbers, *words], columns=names, dtype=object)

    def bands(self, key: str) -> Bands:
        """The newest values of a group by name: `bands("horizon")`, `bands("value-for-money")`."""
        found = {
            name.removeprefix(f"{key}."): one.values[-1][1]
            for name, one in self.parameters.items()
            if name.startswith(f"{key}.")
        }
        if not found:
            groups = sorted({name.rpartition(".")[0] for name in self.parameters})
            raise UsageError(f"Vintage {self.name!r} has no values called {key!r}. It has: {', '.join(groups)}.")
        return MappingProxyType(found)


def vintages() -> tuple[str, ...]:
    """Name the editions that there are, oldest first."""
    return tuple(_read(_path())["vintages"])


def load(vintage: str | None = None) -> Mapping[str, Parameter]:
    """
    Read all parameters of a vintage by key, such as "discount.standard.31"; by default the vintage in force.

    The values of each are dated, the newest last. Raises `UsageError` for an unknown vintage (it lists those that
    exist), `DataDamagedError` for a file that cannot be read.
    """
    return _edition(vintage).parameters


def vintage(name: str | None = None) -> Vintage:
    """
    All assumptions of a vintage, each with source, place and status; by default of the one in force.

    Raises `UsageError` for an unknown vintage, `DataDamagedError` for a file that cannot be read.
    """
    return _edition(name)


def _edition(name: str | None) -> Vintage:
    """An edition: all that it takes over from the one that it is based on, and what it says itself."""
    content = _read(_path())
    wanted = _named(content, name)
    about = content["vintages"][wanted]
    numbers: dict[str, Parameter] = {}
    words: dict[str, Convention] = {}
    if "based_on" in about:
        base, drops = _edition(about["based_on"]), tuple(f"{prefix}." for prefix in about.get("drops", ()))
        taken = {key: one for key, one in base.parameters.items() if not key.startswith(drops)}
        numbers = {key: _taken_over(one, base.name, about) for key, one in taken.items()}
        words = {key: _taken_over(one, base.name, about) for key, one in base.conventions.items()}
    for group in (one for one in content["group"] if one["vintage"] == wanted):
        for last, value in group["values"].items():
            key = f"{group['key']}.{last}"
            numbers[key] = _parameter(key, last, group, value, numbers.get(key))
    for one in (one for one in content.get("convention", ()) if one["vintage"] == wanted):
        source = f"{one['source']}, {one['place']}"
        words[one["key"]] = Convention(one["key"], one["text"], source, one["status"], one.get("note", ""))
    what_if = about.get("what_if", False)
    return Vintage(wanted, about["title"], what_if, MappingProxyType(numbers), MappingProxyType(words))


def compare(first: str, second: str) -> pd.DataFrame:
    """
    Say what differs between two vintages: one row for each value, status or convention that is not the same.

    Columns: key, what, unit, differs ("value", "status", "only in NAME"), then value and status of each, and the source
    of the second (of the first, if only that one has it). Raises `UsageError` for an unknown vintage.
    """
    one, other = vintage(first), vintage(second)
    rows = [*_differences(one, other, "parameters"), *_differences(one, other, "conventions")]
    names = ["key", "what", "unit", "differs", "first", "second", "first_status", "second_status", "source"]
    return pd.DataFrame(rows, columns=names, dtype=object)  # numbers, words and None side by side


def parameter(key: str, vintage: str | None = None) -> Parameter:
    """
    One parameter of a vintage; by default of the one in force.

    `parameter("discount.standard.1").values[-1]` is its newest date and value; `.at(day)` the value in force on a day.
    Raises `UsageError` for an unknown vintage or key, with those that exist or are like it.
    """
    found = load(vintage)
    if not isinstance(key, str):
        raise UsageError(f"A parameter is asked for by its key, such as {next(iter(found))!r}, not by {key!r}.")
    if key not in found:
        near = get_close_matches(key, found, n=3, cutoff=0.4)
        like = f"Those like it: {', '.join(near)}." if near else f"Keys look like {next(iter(found))}."
        raise UsageError(f"No parameter of this vintage is called {key!r}. {like}")
    return found[key]


def schedule(name: str = "standard", vintage: str | None = None) -> tuple[tuple[int, float], ...]:
    """
    Discount rates as pairs of first year and rate a year, as `iitk.analysis.appraisal.discount_factors` takes them.

    `name` is "standard" or "health". Raises `UsageError` for an unknown vintage, or one without such rates.
    """
    return _steps(load(vintage), name)


def _steps(found: Mapping[str, Parameter], name: str) -> tuple[tuple[int, float], ...]:
    prefix = f"discount.{name}."
    steps = [(int(key.removeprefix(prefix)), one.values[-1][1]) for key, one in found.items() if key.startswith(prefix)]
    if not steps:
        names = sorted({key.split(".")[1] for key in found if key.startswith("discount.")})
        raise UsageError(f"This vintage has no discount rates called {name!r}. It has: {', '.join(names)}.")
    return tuple(sorted(steps))


def _named(content: dict[str, Any], asked: str | None) -> str:
    """Name of a vintage as the file has it, for that name or another one that it goes by."""
    known: dict[str, Any] = content["vintages"]
    wanted = content["in_force"] if asked is None else asked
    for name, about in known.items():
        if isinstance(wanted, str) and wanted in (name, *about.get("also", ())):
            return name
    raise UsageError(f"No vintage of parameters is called {wanted!r}. Vintages: {', '.join(known)}.")


def _taken_over(one: _Stated, base: str, about: Mapping[str, Any]) -> _Stated:
    """A value of an earlier edition: where the later one was not read, its status says so."""
    if not (status := about.get("inherits")) or one.status == status:
        return one
    return replace(one, status=status, note=f"{one.note} In {base}: {one.status}.".strip())


def _differences(one: Vintage, other: Vintage, kind: str) -> Iterator[tuple[object, ...]]:
    """Rows of `compare` for the parameters or the conventions of two vintages."""
    mine: Mapping[str, Any] = getattr(one, kind)
    theirs: Mapping[str, Any] = getattr(other, kind)
    for key in dict.fromkeys((*mine, *theirs)):
        known = theirs.get(key, mine.get(key))
        (a, a_status), (b, b_status) = _stated(mine.get(key)), _stated(theirs.get(key))
        if key not in theirs or key not in mine:
            differs = f"only in {one.name if key in mine else other.name}"
        elif a == b and a_status == b_status:
            continue
        else:
            differs = "value" if a != b else "status"
        words = (getattr(known, "label", key), getattr(known, "unit", "words"))
        yield (key, *words, differs, a, b, a_status, b_status, getattr(known, "source", ""))


def _stated(one: Parameter | Convention | None) -> tuple[float | str | None, str | None]:
    """Newest value or text, and its status."""
    if one is None:
        return None, None
    return (one.text if isinstance(one, Convention) else one.values[-1][1]), one.status


def _parameter(key: str, name: str, group: Mapping[str, Any], value: float, before: Parameter | None) -> Parameter:
    """One value of a group, after the earlier values of the same key."""
    return Parameter(
        key=key,
        label=f"{group['label']}: {name.replace('-', ' ')}",
        unit=group["unit"],
        values=(*(before.values if before else ()), (group["date"], float(value))),
        source=f"{group['source']}, {group['place']}",
        status=group["status"],
        note=group.get("note", ""),
    )


def _path() -> Path:
    return paths.data_dir() / "parameters.toml"


@kept_of_file
def _read(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        _check(content)
    except FileNotFoundError:
        raise DataDamagedError(path, "it is not there") from None
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataDamagedError(path, f"a parameter cannot be read ({error})") from None
    return content


def _check(content: dict[str, Any]) -> None:
    """Refuse what would mislead later: unknown vintages, values that are not numbers, a key given twice."""
    earlier: list[str] = []
    for vintage, about in content["vintages"].items():
        if ("based_on" in about and about["based_on"] not in earlier) or not about["title"]:
            raise ValueError(f"vintage {vintage} is based on one that does not come before it, or has no title")
        earlier.append(vintage)
    if content["in_force"] not in earlier:
        raise ValueError(f"in_force names {content['in_force']}, which is no vintage")
    seen: set[tuple[str, str]] = set()
    for entry in content.get("convention", ()):
        _check_convention(entry, earlier)
    for group in content["group"]:
        words = (group["label"], group["unit"], group["source"], group["place"])
        sound = all(words) and group["status"] in _STATUSES and group["vintage"] in earlier
        if not sound or not isinstance(group["date"], date):
            raise ValueError(f"{group['key']} lacks a label, unit, source, place, date, known status or vintage")
        for name, value in group["values"].items():
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise TypeError(f"{group['key']}.{name} is not a number: {value!r}")
            cell = (group["vintage"], f"{group['key']}.{name}")
            if cell in seen:
                raise ValueError(f"{cell[1]} is given twice in {group['vintage']}")
            seen.add(cell)


def _check_convention(entry: Mapping[str, Any], vintages: list[str]) -> None:
    words = (entry["key"], entry["text"], entry["source"], entry["place"])
    if not all(words) or entry["status"] not in _STATUSES or entry["vintage"] not in vintages:
        raise ValueError(f"convention {entry['key']} lacks a key, text, source, place, known status or vintage")
