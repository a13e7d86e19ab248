"""What a portfolio must keep to besides its budgets: rules as people write them, settled against the options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from iitk.analysis.checks import Floats, listed, mapping, number
from iitk.errors import MethodError

SCALE = 1e3  # the largest figure of a row, so that the solver's tolerance (1e-6) is a billionth of it
Label = Any  # of an option: text or a number, as the table has it
_PAIR = "a pair of least and most, such as (0, 1); None leaves one open"


@dataclass(frozen=True, slots=True)
class Rules:
    """
    What a portfolio must keep to besides its budgets; where rules are asked for, a mapping of these names will do.

    Options are named by their labels; one alone needs no list. `requires`: what an option needs beside it, or pairs of
    the two. `excludes`: sets of which at most one may be chosen, or by option what it cannot stand beside. `groups`:
    the options of each group (groups may overlap), or the column of options, or a Series by option, that names its
    group. `counts`: fewest and most options of a group; `spend`: least and most money, over all budgets; None leaves
    an end open. `include`: options already promised. `price_years`: the year in whose prices each budget stands.
    """

    requires: Mapping[Label, Any] = field(default_factory=dict)
    excludes: Sequence[Sequence[Label]] | Mapping[Label, Any] = ()
    groups: Mapping[Label, Any] | pd.Series | str = field(default_factory=dict)
    counts: Mapping[Label, tuple[float | None, float | None]] = field(default_factory=dict)
    spend: Mapping[Label, tuple[float | None, float | None]] = field(default_factory=dict)
    include: Sequence[Label] = ()
    price_years: Mapping[Label, int | str] = field(default_factory=dict)


FREE = Rules()
NAMES = tuple(one.name for one in fields(Rules))


@dataclass(frozen=True, slots=True)
class Limit:
    """low <= row . x <= high, and its name in plain words."""

    name: str
    row: Floats
    low: float
    high: float


def limit(name: str, row: Floats, *, low: float = -np.inf, high: float = np.inf) -> Limit:
    """A limit on money or value, on the solver's scale."""
    scale = SCALE / (float(np.abs(row).max(initial=0.0)) or SCALE)
    return Limit(name, row * scale, low * scale, high * scale)


def as_rules(rules: object, more: Mapping[str, Any] | None = None) -> Rules:
    """Rules from Rules, a mapping of their names, or nothing; `more` are rules by name that take their place."""
    named = dict(more or {})
    if not isinstance(rules, Rules):
        named, rules = {**mapping(rules, "rules"), **named}, FREE
    if unknown := [name for name in named if name not in NAMES]:
        raise MethodError(f"There are no rules called {listed(unknown)}. Rules: {', '.join(NAMES)}.")
    return replace(rules, **named)


def settled(rules: Rules, options: pd.DataFrame, names: Sequence[Label]) -> Rules:
    """The same rules in one form, with every option under its own label; unknown ones are refused."""
    known = {**{str(name): name for name in names}, **{name: name for name in names}}

    def found(wanted: object, argument: str) -> list[Label]:
        members = _members(wanted)
        if unknown := [one for one in members if not _hashable(one) or one not in known]:
            raise MethodError(f"{argument} names {listed(unknown)}, which options does not have.")
        return [known[one] for one in members]

    requires: dict[Label, list[Label]] = {}
    for name, needed in _pairs(rules.requires, "requires"):
        requires.setdefault(found([name], "requires")[0], []).extend(found(needed, "requires"))
    groups = _groups(rules.groups, options)
    inside = {group: list(dict.fromkeys(found(members, f"group {group!r}"))) for group, members in groups.items()}
    return Rules(
        requires=requires,
        excludes=[found(members, "excludes") for members in _sets(rules.excludes)],
        groups=inside,
        counts=_bounds(rules.counts, inside, "counts"),
        spend=_bounds(rules.spend, inside, "spend"),
        include=list(dict.fromkeys(found(rules.include, "include"))),
        price_years=mapping(rules.price_years, "price_years"),
    )


def rule_limits(rules: Rules, names: Sequence[Label], cost: Floats) -> list[Limit]:
    """The limits that settled rules set."""
    limits = []
    for name, needed in mapping(rules.requires, "requires").items():
        for other in needed:
            row = marks(names, [name]) - marks(names, [other])
            limits.append(Limit(f"{name!r} requires {other!r}", row, -np.inf, 0.0))
    for members in rules.excludes:
        limits.append(Limit(f"one of {listed(members)} at most", marks(names, members), -np.inf, 1.0))
    groups = mapping(rules.groups, "groups")
    for kind, bounds, unit in (("counts", rules.counts, np.ones(len(names))), ("spend", rules.spend, cost)):
        for group, (low, high) in mapping(bounds, kind).items():
            row = unit * marks(names, groups[group])
            limits.append(limit(f"{kind} of group {group!r} {_ends(low, high)}", row, low=low, high=high))
    for name in rules.include:
        limits.append(Limit(f"{name!r} is promised", marks(names, [name]), 1.0, 1.0))
    return limits


def _ends(low: float, high: float) -> str:
    """What lies between two ends, either of which may be open, in words."""
    ends = [f"at least {low:,.12g}"] * (low > -np.inf) + [f"at most {high:,.12g}"] * (high < np.inf)
    return " and ".join(ends) or "open"


def marks(names: Sequence[Label], wanted: Iterable[Label]) -> Floats:
    """1 for the options wanted, 0 for the others."""
    members = set(wanted)
    return np.array([name in members for name in names], dtype=np.float64)


def one_price_year(rules: Rules, budgets: pd.Index) -> None:
    """Refuse budgets in the prices of different years, and price years that are known for some budgets only."""
    years = {str(name): str(year).strip().replace("-", "/") for name, year in rules.price_years.items()}
    if not years:
        return
    if len(different := sorted(set(years.values()))) > 1:
        raise MethodError(
            f"The budgets are in prices of {listed(different)}: bring budgets and costs to those of one year first."
        )
    if unknown := [name for name in years if name not in set(map(str, budgets))]:
        raise MethodError(f"price_years names {listed(unknown)}, which budget does not have.")
    if silent := [name for name in map(str, budgets) if name not in years]:
        raise MethodError(f"price_years says nothing of {listed(silent)}. Give the price year of every budget.")


def _members(wanted: object) -> list[Label]:
    """A list of labels; one label stands for a list of itself, nothing for an empty one."""
    if wanted is None:
        return []
    return [wanted] if isinstance(wanted, str) or not isinstance(wanted, Iterable) else list(wanted)


def _hashable(one: object) -> bool:
    return one.__hash__ is not None


def _pairs(given: object, argument: str) -> list[tuple[Label, object]]:
    """Option and what belongs to it, from a mapping or from pairs."""
    if given is None or isinstance(given, (Mapping, pd.Series)):
        return list(mapping(given, argument).items())
    if isinstance(given, Iterable) and not isinstance(given, str):
        pairs = [tuple(_members(one)) for one in given]
        if all(len(one) == 2 for one in pairs):
            return [(one[0], one[1]) for one in pairs]
    raise MethodError(f"{argument} must say for each option what it needs, such as {{'tram': ['hub']}}, got {given!r}.")


def _sets(given: object) -> list[list[Label]]:
    """Sets of options; a mapping holds for each option those that it cannot stand beside."""
    if isinstance(given, (Mapping, pd.Series)):
        found = [[name, other] for name, others in mapping(given, "excludes").items() for other in _members(others)]
    else:
        found = [_members(one) for one in _members(given)]
    if narrow := [one for one in found if len(set(map(str, one))) < 2]:
        raise MethodError(
            f"excludes must hold sets of two options or more, such as [['hub', 'lab']]; got {narrow[0]!r}. "
            "For one set write it in two brackets; to leave an option out, drop its row."
        )
    return found


def _groups(given: object, options: pd.DataFrame) -> dict[Label, list[Label]]:
    """Options by group."""
    if isinstance(given, str):
        if given not in options.columns:
            raise MethodError(f"groups names the column {given!r}, which options does not have.")
        given = options[given]
    if isinstance(given, pd.Series):
        by: dict[Label, list[Label]] = {}
        for name, group in given.dropna().items():
            by.setdefault(group, []).append(name)
        return by
    return {group: _members(members) for group, members in mapping(given, "groups").items()}


def _bounds(given: object, groups: Mapping[Label, object], kind: str) -> dict[Label, tuple[float, float]]:
    """Least and most by group."""
    found = {}
    for group, pair in mapping(given, kind).items():
        if group not in groups:
            raise MethodError(
                f"{kind} of {group!r} needs a group of that name: groups has {listed([*groups]) or 'none'}."
            )
        ends = _members(pair)
        if len(ends) != 2:
            raise MethodError(f"{kind} of {group!r} must be {_PAIR}; got {pair!r}.")
        low, high = (
            open_end if end is None or end == open_end else number(end, f"{kind} of {group!r}")
            for end, open_end in zip(ends, (-np.inf, np.inf), strict=True)
        )
        if low > high:
            raise MethodError(f"{kind} of {group!r} has a least of {low:g} above its most of {high:g}. Swap them.")
        found[group] = (low, high)
    return found
