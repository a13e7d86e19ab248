"""Reads `choice.toml` key by key against its schema; what is wrong, missing or unknown becomes a fault."""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from iitk.errors import Fault, KeyFault
from iitk.sources import cells, parameters
from iitk.sources.cells import BadCellError
from iitk.sources.choices_schema import KEY, MANY, MEASURES, NEEDED, OUTCOMES, TABLES, Key
from iitk.sources.options_schema import UNDERPINNINGS
from iitk.sources.sheets import plain

MAX_BYTES = 1_000_000
LARGEST_FACTOR = 10
LEAST_POUNDS = 1_000  # less, but more than nothing, is rather an amount in thousands
_UNIQUE = {"factor": ("key", "name"), "criterion": ("key", "name", "measure"), "scenario": ("key", "name"),
           "limit": ("underpinning",)}  # fmt: skip

Content = dict[str, Any]


def read(path: Path) -> tuple[Content, list[Fault], set[str]]:
    """
    Values by table and key (lists of them where a table may be repeated), faults, and the tables that have some.

    A key that may be left out and is, is absent. Where the file as a whole cannot be read, every table is spoilt.
    """
    try:
        content = _parsed(path)
    except BadCellError as error:
        return {}, [Fault(None, "", error.wrong, error.fix)], set(TABLES)
    reader = _Reader({
        "vintage": parameters.vintages(), "measure": MEASURES, "outcome": OUTCOMES,
        "underpinning": UNDERPINNINGS,
    })  # fmt: skip
    found = reader.content(content)
    return found, reader.faults, reader.spoilt


def _parsed(path: Path) -> Content:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadCellError("It is larger than 1 MB", "Begin again from the template: iitk new area NAME")
        return tomllib.loads(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except OSError as error:
        raise BadCellError(f"It cannot be read: {error.strerror or error}", "See: iitk new area NAME") from None
    except UnicodeDecodeError:
        raise BadCellError("Its letters are not in UTF-8", "Save it again as UTF-8.") from None
    except (ValueError, RecursionError) as error:
        told = str(error).rstrip(".") or type(error).__name__
        fix = "Text stands in quotation marks, numbers without commas, and each key once."
        raise BadCellError(f"It is no TOML: {told}", fix) from None


class _Reader(cells.Reader):
    """Turns parsed TOML into values, collecting every fault on the way."""

    def __init__(self, lists: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__()
        self.lists = lists
        self.spoilt: set[str] = set()
        self._table = ""

    def content(self, content: Content) -> Content:
        found: Content = {}
        own = {name: value for name, value in content.items() if name not in TABLES or not name}
        found |= self.table("", "", own)
        for name in filter(None, TABLES):
            self._table = name
            if name in MANY:
                found[name] = self._many(name, content.get(name, []))
            elif name in content or name in NEEDED:
                found[name] = self._one(name, content.get(name, {}))
        return found

    def _one(self, name: str, value: Any) -> Content:
        if isinstance(value, dict):
            return self.table(name, f"{name}.", value)
        self.fault(None, name, f"It is {_told(value)}, not a table", f"Begin it with a line [{name}].")
        return {}

    def _many(self, name: str, value: Any) -> list[Content]:
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.fault(None, name, f"It is {_told(value)}", f"Begin each with a line [[{name}]], in two brackets.")
            return []
        found = [self.table(name, f"{name} {place}, ", one) for place, one in enumerate(value, start=1)]
        for key in _UNIQUE[name]:
            counted = Counter(cells.same(str(one[key])) for one in found if key in one)
            for text in (text for text, times in counted.items() if times > 1):
                self.fault(None, f"{name}, {key}", f"{text!r} stands twice", "Give each its own.")
        return found

    def table(self, name: str, place: str, content: Content) -> Content:
        """Values of one table, without those that have a fault."""
        keys, found = {key.name: key for key in TABLES[name]}, dict[str, Any]()
        for unknown in [one for one in content if one not in keys]:
            self.fault(None, f"{place}{unknown}", "No such key is known", _meant(unknown, name))
        for key in keys.values():
            if key.name in content:
                value = self._value(f"{place}{key.name}", key, content[key.name])
                found |= {} if value is None else {key.name: value}
            elif key.required:
                self.fault(None, f"{place}{key.name}", "The key is missing", f"Add a line: {key.name} = {key.example}")
        return found

    def _value(self, place: str, key: Key, value: Any) -> Any:
        if key.kind in ("years", "factors"):
            return self._inner(place, key, value)
        if key.kind == "choice":
            return self.value(None, place, value, lambda text: cells.choice(_text(text), self.lists[key.name]))
        return self.value(None, place, value, _KINDS[key.kind])

    def _inner(self, place: str, key: Key, value: Any) -> Any:
        """A table within: pounds by year, or factors by name."""
        if not isinstance(value, dict):
            self.fault(None, place, f"It is {_told(value)}, not a table", f"Begin it with a line [{place}].")
            return None

        def parse(name: str) -> dict[Any, float]:
            return {cells.year(name): _pounds(value[name])} if key.kind == "years" else {name: _factor(value[name])}

        found: dict[Any, float] = {}
        for name in value:
            found |= self.value(None, f"{place}.{name}", name, parse) or {}
        return found

    def fault(self, row: int | None, column: str, wrong: str, fix: str) -> None:
        self.faults.append(KeyFault(row, column, wrong, fix))
        self.spoilt.add(self._table)


def _meant(unknown: str, table: str) -> str:
    """What to write instead of a key that is not known in a table."""
    here = [key.name for key in TABLES[table]]
    if table and unknown in {key.name for key in TABLES[""]}:
        return "Write it above the first line that has brackets."
    tables = {name: f"[[{name}]]" if name in MANY else f"[{name}]" for name in TABLES if name}
    known = {name: name for name in here} | ({} if table else tables)
    near = get_close_matches(unknown, known, n=1, cutoff=0.7)
    return f"Rename it to {known[near[0]]}." if near else f"Remove it, or write one of: {', '.join(known.values())}."


def _told(value: Any) -> str:
    kinds = {bool: "true or false", str: "text", list: "a list", dict: "a table", datetime: "a time", date: "a date"}
    return next((words for kind, words in kinds.items() if isinstance(value, kind)), "a number")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadCellError(f"It is {_told(value)}, not text", "Write text in quotation marks.")
    text = value.strip()
    if not text:
        raise BadCellError("It is empty", "Write a few words, or take the line away if it may be left out.")
    if len(text) > 5_000 or any(ord(letter) < 32 and letter not in "\n\t" for letter in text):
        raise BadCellError("The text is too long, or holds characters that cannot be shown", "Type it again.")
    return text


def _key(value: Any) -> str:
    text = _text(value)
    if not KEY.fullmatch(text):
        like = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-0123456789")[:40] or "fairness"
        raise BadCellError(f"{text[:60]!r} is no key: small letters, digits and - only", f"Write {like!r}.")
    return text


def _number(value: Any) -> float:
    """A number that is written as one."""
    if isinstance(value, str):
        cells.amount(value.strip())  # says what to write instead of "£1.2m"
        raise BadCellError(f"{value!r} is in quotation marks", "Write the number without them.")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadCellError(f"It is {_told(value)}, not a number", "Write digits only.")
    if not math.isfinite(value) or not 0 <= value <= cells.LARGEST:
        raise BadCellError(f"{value:g} is not between 0 and {cells.LARGEST:,.0f}", "Check the sign and the digits.")
    return float(value)


def _whole(value: Any) -> int:
    number = _number(value)
    if number % 1 or number > 10_000:
        raise BadCellError(f"{number:g} is no whole number up to 10,000", "Write a whole number.")
    return int(number)


def _year(value: Any) -> int:
    return cells.year(plain(_number(value)))


def _pounds(value: Any) -> float:
    number = _number(value)
    if 0 < number < LEAST_POUNDS:
        raise BadCellError(f"£{plain(number)} is very little: perhaps in thousands",
                           f"Write whole pounds: {plain(number * 1000)}; or 0 if there is nothing.")  # fmt: skip
    return number


def _factor(value: Any) -> float:
    number = _number(value)
    if number > LARGEST_FACTOR:
        raise BadCellError(f"{number:g} is more than {LARGEST_FACTOR} times",
                           f"For {number:g}% write {plain(number / 100)}.")  # fmt: skip
    return number


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise BadCellError(f"It is {_told(value)}, not a list", 'Write ["one", "another"], or [] for none.')
    return tuple(_text(one) for one in value)


def _date(value: Any) -> str:
    if isinstance(value, datetime) or not isinstance(value, date):
        said = f"{value!r} is {_told(value)}" if isinstance(value, str) else f"It is {_told(value)}"
        raise BadCellError(f"{said}, not a date", "Write year, month and day without quotation marks: 2028-03-31")
    return value.isoformat()


_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "text": _text, "key": _key, "year": _year, "whole": _whole, "pounds": _pounds, "factor": _factor, "words": _words,
    "date": _date,
}  # fmt: skip
