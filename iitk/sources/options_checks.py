"""Checks across options: names, what needs and excludes what, prices, and costs of a suspicious size."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from statistics import median
from typing import NamedTuple

from rapidfuzz import fuzz, process

from iitk.errors import Fault
from iitk.model import Cost, Option
from iitk.sources import industries
from iitk.sources.cells import nearest, same
from iitk.sources.options_schema import COST_SIZE, Column, cost_column

UNLIKE = 200  # times: thousands among pounds are 1,000 times too small, and options rarely differ so much
WITHIN = 500  # times, among the years of one option
_CIRCLES = 20
_KEY = re.compile(r"[a-z][a-z0-9_-]*")


class Linked(NamedTuple):
    """What a row says of other options; known even where other cells of it have faults."""

    row: int
    name: str
    needs: tuple[str, ...]
    excludes: tuple[str, ...]


def names(rows: Sequence[tuple[int, str]]) -> tuple[dict[str, str], list[Fault]]:
    """Names by how they compare, and a fault for each that stands twice: capitals and spaces make no difference."""
    first: dict[str, tuple[int, str]] = {}
    faults = []
    for row, name in rows:
        if not name:
            continue
        if same(name) in first:
            before, other = first[same(name)]
            alike = "" if other == name else f" (as {other!r})"
            faults.append(Fault(row, "name", f"{name!r} is already in row {before}{alike}", "Give each its own name."))
        else:
            first[same(name)] = (row, name)
    return {key: name for key, (_, name) in first.items()}, faults


def linked(row: int, column: str, text: str, own: str, known: Mapping[str, str]) -> tuple[tuple[str, ...], list[Fault]]:
    """Names of other options in a cell, as those write themselves."""
    found: dict[str, None] = {}
    faults = []
    for part in filter(None, map(str.strip, text.split(";"))):
        if same(part) == same(own):
            faults.append(Fault(row, column, "The option names itself", "Remove it."))
        elif same(part) in known:
            found[known[same(part)]] = None
        else:
            faults.append(Fault(row, column, f"No option is called {part!r}", _meant(part, known)))
    return tuple(found), faults


def listed(row: int, column: Column, text: str) -> tuple[tuple[str, ...], list[Fault]]:
    """Codes of industries, or keys of findings, in a cell."""
    parts = tuple(dict.fromkeys(filter(None, map(str.strip, text.split(";")))))
    if column.kind == "codes":
        wrong = {part: _industry_meant(part) for part in parts if part not in _industries()}
    else:
        wrong = {part: "Write keys such as real-growth: small letters with - between, and ; between several."
                 for part in parts if not _KEY.fullmatch(part)}  # fmt: skip
    what = "No industry has the code" if column.kind == "codes" else "No key of a finding looks like"
    return parts, [Fault(row, column.name, f"{what} {part[:60]!r}", fix) for part, fix in wrong.items()]


def _industries() -> dict[str, str]:
    """Short names by code, of the industries that are known for every area."""
    return {str(code): str(name) for code, name in industries.tree("gva_lad")["short_name"].drop("Total").items()}


def _industry_meant(part: str) -> str:
    """The industry whose code or name is nearest."""
    known = _industries()
    every = {same(word): code for code, name in known.items() for word in (code, name, f"{code} {name}")}
    near = process.extract(same(part), every.keys(), scorer=fuzz.WRatio, limit=8)
    codes = list(dict.fromkeys(every[word] for word, *_ in near))[:3]
    return f"Nearest: {', '.join(f'{code!r} ({known[code]})' for code in codes)}."


def _meant(part: str, known: Mapping[str, str]) -> str:
    """What to write instead of a name that no option has."""
    if all(same(one) in known for one in part.split(",")):
        return f"Write {part.replace(',', ';')!r}: between names stands a ; and not a comma."
    near = nearest(part, known)
    return f"Write {near!r}." if near else "Write a name of this file, with ; between several."


def links(rows: Sequence[Linked]) -> list[Fault]:
    """Circles of needs; where there are none, options that exclude what they need."""
    named = list({one.name: one for one in reversed(rows) if one.name}.values())[::-1]
    return _circles(named) or _at_odds(named)


def mixed_prices(price_years: Sequence[tuple[int, int]]) -> list[Fault]:
    """Rows with another price year than most have."""
    counted = Counter(year for _, year in price_years)
    if len(counted) < 2:
        return []
    usual = max(counted, key=lambda year: (counted[year], year))
    return [
        Fault(row, "price_year", f"Prices of {year}, where most rows have {usual}",
              f"Bring its amounts to the prices of {usual}, then write {usual}.")
        for row, year in price_years if year != usual
    ]  # fmt: skip


def sizes(options: Sequence[Option]) -> list[Fault]:
    """Costs so unlike the others that they may be in thousands, or in pence."""
    peaks = [max((cost.amount for cost in option.costs), default=0.0) for option in options]
    ranked, faults = sorted(peak for peak in peaks if peak), []
    meant = f"Write whole pounds; if they are meant, write '{COST_SIZE}' in the column confirmed."
    for option, peak in zip(options, peaks, strict=True):
        if not peak or option.confirmed == COST_SIZE:
            continue
        column = next(_column(cost) for cost in option.costs if cost.amount == peak)
        place = ranked.index(peak) if len(ranked) <= 50 else 0  # in a long file the option hardly moves the median
        others = ranked[:place] + ranked[place + 1 :] if len(ranked) <= 50 else ranked
        usual = median(others) if others else peak
        if peak * UNLIKE <= usual or peak >= usual * UNLIKE:
            how = "in thousands" if peak < usual else "in pence, or the others in thousands"
            wrong = f"At most £{peak:,.0f} a year, where others have about £{usual:,.0f}: perhaps {how}"
            faults.append(Fault(option.row, column, wrong, meant))
        elif small := _small_among_its_own(option):
            faults.append(Fault(option.row, small, "The amount is tiny beside the option's own: "
                                "perhaps in thousands", meant))  # fmt: skip
    return faults


def _column(cost: Cost) -> str:
    return cost_column(cost.kind, cost.year, cost.funder)


def _small_among_its_own(option: Option) -> str:
    """Column of an amount that is hundreds of times below the largest of its kind and funder."""
    for cost in option.costs:
        like = max(one.amount for one in option.costs if (one.kind, one.funder) == (cost.kind, cost.funder))
        if cost.amount and cost.amount * WITHIN <= like:
            return _column(cost)
    return ""


def _circles(options: Sequence[Linked]) -> list[Fault]:
    """Options that need each other in a circle, in order; the first twenty circles."""
    needs, rows = {one.name: set(one.needs) for one in options}, {one.name: one.row for one in options}
    faults: list[Fault] = []
    while len(faults) < _CIRCLES:
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            circle = list(reversed(error.args[1]))
            start = min(range(len(circle) - 1), key=lambda place: rows[circle[place]])
            circle = [*circle[start:-1], *circle[:start], circle[start]]
            told = " needs ".join(map(repr, circle))
            faults.append(Fault(rows[circle[0]], "needs", f"They need each other in a circle: {told}",
                                "Take one of these needs away."))  # fmt: skip
            needs[circle[-2]].discard(circle[-1])
        else:
            break
    return faults


def _at_odds(options: Sequence[Linked]) -> list[Fault]:
    """Options that need, directly or through others, what they exclude, or two that exclude each other."""
    bit = {one.name: 1 << place for place, one in enumerate(options)}
    needs = {one.name: one.needs for one in options}
    order = list(TopologicalSorter(needs).static_order())
    users = dict(bit)  # of each option: itself and all that need it
    for name in reversed(order):
        for needed in needs[name]:
            users[needed] |= users[name]
    told = 0  # bits of the options that have their fault
    faults = []
    place = {name: number for number, name in enumerate(order)}
    pairs = {tuple(sorted((one.name, other), key=place.__getitem__)) for one in options for other in one.excludes}
    for one, other in sorted(pairs, key=lambda pair: (place[pair[0]], place[pair[1]])):
        both = users[one] & users[other]
        if not both & ~told:
            continue
        for option in options:
            inherited = any(both & bit[needed] for needed in option.needs)
            if both & ~told & bit[option.name] and not inherited:
                told |= bit[option.name]
                faults.append(_odds(option, one, other))
    return faults


def _odds(option: Linked, one: str, other: str) -> Fault:
    fix = "Take away the need or the exclusion."
    if option.name not in (one, other):
        return Fault(option.row, "needs", f"It needs both {one!r} and {other!r}, which exclude each other", fix)
    needed = other if option.name == one else one
    column = "excludes" if needed in option.excludes else "needs"
    said = "It excludes" if column == "excludes" else f"{needed!r} excludes it, but it needs"
    tail = f"{needed!r}, which it needs" if column == "excludes" else "that"
    return Fault(option.row, column, f"{said} {tail}", fix)
