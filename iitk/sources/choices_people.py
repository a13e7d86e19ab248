"""Success factors, weights and scores as people fill them in: the three tables beside `choice.toml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from iitk.errors import Fault
from iitk.model import Member, SuccessFactor, Verdict
from iitk.sources import cells
from iitk.sources.cells import BadCellError, same
from iitk.sources.choices_schema import BEST_SCORE, KEY, UNSURE, VERDICTS
from iitk.sources.sheets import Sheet, plain

WHOLE = 100.0  # points that each member gives away
_CLOSE = 0.005

Weight = tuple[str, str, float]
Score = tuple[str, str, str, float | None]
Row = tuple[int, dict[str, str | None]]


class _Table(cells.Reader):
    """One sheet: looks its cells up and collects faults."""

    def __init__(self, sheet: Sheet, wanted: Sequence[str]) -> None:
        super().__init__(sheet.faults)
        header = [name for name in sheet.header if name]
        for name in dict.fromkeys(header):
            if name not in wanted:
                near = get_close_matches(name, [one for one in wanted if one not in header], n=1)
                fix = f"Rename it to {near[0]}." if near else f"Remove it; known are: {', '.join(wanted)}."
                self.fault(1, name, "No such column is known", fix)
        for name in [name for name in wanted if name not in header]:
            self.fault(1, name, "The column is missing", "Add it.")
        self.whole = not self.faults or set(wanted) <= set(header)

    def cell(self, row: Row, column: str, parse: Callable[[str], Any]) -> Any:
        """The value of a cell; None where it has a fault."""
        text = row[1].get(column)
        return None if text is None else self.value(row[0], column, text, parse)

    def once(self, row: Row, seen: dict[Any, int], what: Any, column: str) -> bool:
        """Whether nothing before said the same; else it is a fault."""
        if what in seen:
            self.fault(row[0], column, f"It is already in row {seen[what]}", "Keep one of the two.")
        return seen.setdefault(what, row[0]) == row[0]


def verdicts(
    sheet: Sheet, factors: Sequence[str], names: Mapping[str, str] | None
) -> tuple[tuple[Verdict, ...], list[Fault]]:
    """How each option stands to each success factor; `names` as they compare, None where the options have faults."""
    table = _Table(sheet, ["option", *(name for key in factors for name in (key, f"{key}_reason"))])
    found: list[Verdict] = []
    seen: dict[Any, int] = {}
    for row in sheet.rows if table.whole else ():
        option = table.cell(row, "option", _one_of(names, "option"))
        if option is None or not table.once(row, seen, option, "option"):
            continue
        for key in factors:
            word = table.cell(row, key, lambda text: cells.choice(text, VERDICTS))
            reason = row[1].get(f"{key}_reason")
            if word == "fail" and reason == "":
                table.fault(row[0], f"{key}_reason", "It fails without a reason", "Say in a few words why.")
            found.append(Verdict(option, key, {"pass": True, "fail": False}.get(word or ""), reason or ""))
    if names is not None and table.whole and not table.faults:
        for name in [name for name in names.values() if name not in seen]:
            table.fault(None, "option", f"The option {name!r} has no row", "Add one, with unknown where nobody knows.")
    return tuple(found), table.faults


def members(sheet: Sheet, criteria: Sequence[str]) -> tuple[tuple[Member, ...], tuple[Weight, ...], list[Fault]]:
    """Who weighs, and how many of 100 points they give to each criterion."""
    table = _Table(sheet, ["member", "role", *criteria])
    people: list[Member] = []
    weights: list[Weight] = []
    seen: dict[Any, int] = {}
    for row in sheet.rows if table.whole else ():
        key, role = table.cell(row, "member", _key), table.cell(row, "role", cells.filled)
        points = {one: table.cell(row, one, _points) for one in criteria}
        total = sum(value for value in points.values() if value is not None)
        if None not in points.values() and abs(total - WHOLE) > _CLOSE:
            table.fault(row[0], "", f"The weights add up to {plain(round(total, 2))}, not to 100", _balance(total))
        if key is not None and role is not None and table.once(row, seen, key, "member"):
            people.append(Member(key, role))
            weights += [(key, one, value) for one, value in points.items() if value is not None]
    if table.whole and not table.faults and not people:
        table.fault(None, "", "There is no member in it", "Fill in one row for each member.")
    return tuple(people), tuple(weights), table.faults


def scores(
    sheet: Sheet, criteria: Sequence[str], people: Sequence[str] | None, names: Mapping[str, str] | None
) -> tuple[tuple[Score, ...], list[Fault]]:
    """What members gave to options: None where they don't know, which is never 0."""
    table = _Table(sheet, ["member", "option", *criteria])
    known = None if people is None else {same(one): one for one in people}
    found: list[Score] = []
    seen: dict[Any, int] = {}
    for row in sheet.rows if table.whole else ():
        member = table.cell(row, "member", _one_of(known, "member"))
        option = table.cell(row, "option", _one_of(names, "option"))
        if member is None or option is None or not table.once(row, seen, (member, option), "option"):
            continue
        found += [(member, option, one, table.cell(row, one, _score)) for one in criteria]
    return tuple(found), table.faults


def failed(found: Sequence[Verdict], factors: Sequence[SuccessFactor]) -> dict[str, str]:
    """Options that fail a success factor, with the name of the first that they fail."""
    named = {one.key: one.name for one in factors}
    return {one.option: named.get(one.factor, one.factor) for one in reversed(found) if one.passed is False}


def _one_of(known: Mapping[str, str] | None, what: str) -> Callable[[str], str]:
    """A parser that finds the name as its own file writes it; anything goes where that file has faults."""

    def parse(text: str) -> str:
        if known is None:
            return cells.filled(text)
        if same(text) in known:
            return known[same(text)]
        near = cells.nearest(text, known)
        where = "the options" if what == "option" else "weights.csv"
        fix = f"Write {near!r}." if near else f"Write a name of {where}."
        raise BadCellError(f"No {what} is called {text[:80]!r}" if text else "The cell is empty", fix)

    return parse


def _key(text: str) -> str:
    if not KEY.fullmatch(text):
        what = f"{text[:40]!r} is no short name" if text else "The cell is empty"
        raise BadCellError(what, "Write small letters, digits and - only, such as council or youth-panel.")
    return text


def _points(text: str) -> float:
    if text.endswith("%"):
        raise BadCellError(f"{text!r} is a percentage", f"Write {text.removesuffix('%').strip()}.")
    return cells.amount(text)


def _balance(total: float) -> str:
    if abs(total - 1) <= _CLOSE:
        return "They look like shares: write points out of 100, 25 and not 0.25."
    off = plain(round(abs(WHOLE - total), 2))
    return f"Give {off} more." if total < WHOLE else f"Take {off} away."


def _score(text: str) -> float | None:
    """From 0 to 5; None where somebody does not know."""
    if same(text) in UNSURE:
        return None
    value = cells.amount(text)
    if value > BEST_SCORE:
        raise BadCellError(f"{text} is more than {BEST_SCORE}", "Write 0 to 5, or don't know.")
    return value
