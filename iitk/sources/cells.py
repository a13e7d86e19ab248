"""Cells that people typed, as values: what is no plain number is refused with what to write instead, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import TypeVar

from rapidfuzz import fuzz, process

from iitk.errors import Fault
from iitk.sources.sheets import plain

Given = TypeVar("Given")
Found = TypeVar("Found")
LARGEST = 1e12  # pounds: beyond the spending of a state

_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_TIMES = {"k": 10**3, "m": 10**6, "bn": 10**9, "thousand": 10**3, "million": 10**6, "billion": 10**9}

Advice = tuple[re.Pattern[str], str, Callable[[re.Match[str]], str]]
# What people write for a number, tried in this order: what to say of it, and the fix.
_ADVICE: tuple[Advice, ...] = (
    (re.compile(r"=.*", re.DOTALL), "is a formula",
     lambda _: "Write the number itself: copy the cells and paste them as values."),
    (re.compile(r"([0-9]+(?:\.[0-9]+)?)%"), "is a percentage",
     lambda found: f"Write {plain(float(Decimal(found[1]) / 100))}."),
    (re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(k|m|bn|thousand|million|billion)", re.IGNORECASE), "is not written in full",
     lambda found: f"Write {plain(float(Decimal(found[1]) * _TIMES[found[2].lower()]))}."),
    (re.compile(r"-?[0-9]{1,3}([, \u00a0\u202f'][0-9]{3})+(\.[0-9]+)?"), "has separators between its thousands",
     lambda found: f"Write {re.sub('[^0-9.-]', '', found[0])}."),
    (re.compile(r"([0-9]+),([0-9]+)"), "has a comma",
     lambda found: f"Write {found[1]}.{found[2]} if it is a decimal comma."),
    (re.compile(r"[+-]?[0-9.]+[eE][+-]?[0-9]+"), "is in scientific form: digits may be lost",
     lambda _: "Format the column as a number and write it in full."),
    (_PLAIN, "has a sign of money or spaces", lambda found: f"Write {found[0]}."),
    (re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}.*|[0-9]{1,2}[-/ ]?[A-Za-z]{3,9}([-/ ]?[0-9]{2,4})?|"
                r"[A-Za-z]{3,9}[-/ ][0-9]{2,4}"), "looks like a date",
     lambda _: "Format the cell as a number and write the number again."),
)  # fmt: skip


class BadCellError(Exception):
    """A cell that cannot be used: what is wrong, and the fix."""

    def __init__(self, wrong: str, fix: str) -> None:
        super().__init__(wrong, fix)
        self.wrong, self.fix = wrong, fix


class Reader:
    """What the readers of filled-in files share: cell after cell, collecting every fault on the way."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.faults = list(faults)

    def fault(self, row: int | None, column: str, wrong: str, fix: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(row, column, wrong, fix))

    def value(self, row: int | None, column: str, cell: Given, parse: Callable[[Given], Found]) -> Found | None:
        """What `parse` makes of a cell; None where that has a fault, which is noted."""
        try:
            return parse(cell)
        except BadCellError as error:
            self.fault(row, column, error.wrong, error.fix)
            return None


def same(text: str) -> str:
    """Text for comparing: capitals and spaces do not matter."""
    return " ".join(text.casefold().split())


def nearest(text: str, known: Mapping[str, str]) -> str | None:
    """What is likely meant by a text that is none of the `known`, which are by how they compare."""
    near = process.extractOne(same(text), known.keys(), scorer=fuzz.ratio, score_cutoff=60)
    return known[near[0]] if near else None


def amount(text: str) -> float:
    """A number of 0 or more, written with digits and at most one point."""
    if not text:
        raise BadCellError("The cell is empty: missing is not 0", "Write an estimate, or 0 if there is none.")
    if not _PLAIN.fullmatch(text):
        raise BadCellError(*_not_plain(text))
    value = float(text) + 0.0
    if value < 0:
        raise BadCellError(f"{text} is negative", "Write 0 or more: a saving is an outcome (a benefit), not a cost.")
    if value > LARGEST:
        raise BadCellError(f"{text} is more than {LARGEST:,.0f}", "Check the digits.")
    return value


def share(text: str) -> float:
    """A share from 0 to 1."""
    value = amount(text)
    if value > 1:
        fix = f"For {text}% write {plain(value / 100)}." if value <= 100 else "Write a number from 0 to 1."
        raise BadCellError(f"{text} is not a share from 0 to 1", fix)
    return value


def multiplier(text: str) -> float:
    """A multiplier from 1 to 10."""
    value = amount(text)
    if value < 1:
        raise BadCellError(f"{text} is less than 1", f"For an added effect of {text} write {plain(1 + value)}.")
    if value > 10:
        raise BadCellError(f"{text} is more than 10", f"For {text}% write {plain(value / 100)}.")
    return value


def year(text: str) -> int:
    """A year from 2000 to 2100."""
    if not re.fullmatch(r"20[0-9]{2}|2100", text):
        what = f"{text!r} is not a year" if text else "The year is missing"
        raise BadCellError(what, "Write four digits, such as 2026.")
    return int(text)


def span(text: str) -> int:
    """A number of years, from 0 to 60."""
    value = amount(text)
    if value > 60 or value % 1:
        raise BadCellError(f"{text} is no whole number of years from 0 to 60", "Write for how long, not until when.")
    return int(value)


def choice(text: str, choices: Iterable[str]) -> str:
    """One of a list; capitals and spaces do not matter."""
    known = {same(one): one for one in choices}
    if same(text) in known:
        return known[same(text)]
    near = get_close_matches(same(text), known, n=1)
    fix = f"Write {known[near[0]]!r}" if near else f"Choose one of: {'; '.join(known.values())}"
    raise BadCellError(f"{text!r} is not in the list" if text else "The cell is empty", f"{fix}.")


def filled(text: str) -> str:
    """Any words."""
    if not text:
        raise BadCellError("The cell is empty", "Write a few words.")
    return text


def pounds(text: str) -> str:
    """The unit GBP; whoever wrote another must change the amounts, too."""
    if same(text) != "gbp":
        what = f"{text!r} is not GBP" if text else "The cell is empty"
        raise BadCellError(what, "Write every amount in whole pounds, then GBP here.")
    return "GBP"


def _not_plain(text: str) -> tuple[str, str]:
    """What is wrong with a text that should be a number, and what to write."""
    bare = re.sub(r"[£$€\s]|GBP", "", text)
    for pattern, wrong, fix in _ADVICE:
        if match := pattern.fullmatch(text) or pattern.fullmatch(bare):
            return f"{text[:40]!r} {wrong}", fix(match)
    return f"{text[:40]!r} is not a number", "Write digits only; if it is not known, an estimate: missing is not 0."
