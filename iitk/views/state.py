"""What can be chosen on a page, as plain values: checked, written into a link and read back. No widgets here.

A State is a frozen dataclass whose fields are made by `choice`. Its defaults are the page as the notebook shows it.

>>> @dataclass(frozen=True)
... class Longest(State):
...     industries: int = choice(Whole("How many industries?", least=5, most=30), 10)
>>> with_value(Longest(), "industries", 12)
Longest(industries=12)
>>> to_query(_)
'industries=12'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, make_dataclass, replace
from itertools import groupby
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qsl, urlencode

from iitk.errors import UsageError

_LONGEST_QUERY = 4_000  # characters of an address; nothing of ours is a tenth of it
_KIND, _GROUP = "kind", "group"


@dataclass(frozen=True, slots=True)
class State:
    """Base of every State.

    `made_for` is for choices that count on a list, such as the options of a file: a key and a mark of that list, which
    links then carry. A link with another mark was made for another list, and its choices would mean other things here.
    """

    made_for: ClassVar[tuple[str, str]] = ("", "")


Chosen = TypeVar("Chosen", bound=State)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within limits."""

    label: str  # the question, as it stands beside the control
    least: int
    most: int
    step: int = 1
    unit: str = ""
    help: str = ""
    slider: bool = False  # on a page a slider with its value in words; in a notebook a number box all the same

    @property
    def after(self) -> str:
        """What stands after a number to make words of it: "% of the money", " years"."""
        return self.unit if self.unit[:1] in ("", "%") else f" {self.unit}"

    def check(self, value: object) -> int:
        """Return `value` if it can be chosen. Raises a `UsageError` that says what can."""
        if type(value) is int and self.least <= value <= self.most and (value - self.least) % self.step == 0:
            return value
        steps = f" in steps of {self.step}" if self.step > 1 else ""
        unit = f" ({self.unit})" if self.unit else ""
        raise UsageError(f"“{self.label}” takes a whole number{unit} from {self.least} to {self.most}{steps}.")

    def read(self, text: str) -> int:
        """Return the value that a link means by `text`."""
        return self.check(int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None)

    def write(self, value: Any) -> str:
        """Return what a link says for `value`."""
        return str(value)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few values (texts or whole numbers), each with the words that stand for it."""

    label: str
    options: Mapping[Any, str]
    help: str = ""

    def check(self, value: object) -> Any:
        """Return `value` if it is one of the options. Raises a `UsageError` that names them."""
        for one in self.options:
            if type(one) is type(value) and one == value:
                return one
        names = list(self.options.values())
        listed = "; ".join(names if len(names) <= 8 else [*names[:3], "…", names[-1]])
        raise UsageError(f"“{self.label}” takes one of: {listed}.")

    def read(self, text: str) -> Any:
        """Return the value that a link means by `text`."""
        return self.check(next((one for one in self.options if str(one) == text), None))

    def write(self, value: Any) -> str:
        """Return what a link says for `value`."""
        return str(value)


@dataclass(frozen=True, slots=True)
class YesNo:
    """Something to show, or not."""

    label: str
    help: str = ""

    def check(self, value: object) -> bool:
        """Return `value` if it is true or false. Raises a `UsageError` if not."""
        if isinstance(value, bool):
            return value
        raise UsageError(f"“{self.label}” is either yes or no.")

    def read(self, text: str) -> bool:
        """Return the value that a link means by `text`."""
        return self.check({"yes": True, "no": False}.get(text))

    def write(self, value: Any) -> str:
        """Return what a link says for `value`."""
        return "yes" if value else "no"


Kind = Whole | OneOf | YesNo


def choice(kind: Kind, default: Any, group: str = "") -> Any:
    """Return a field of a State. Its name is its key in links: one short word, used by one view of a page only.

    Neighbours with the same `group` stand together under that name.
    """
    return field(default=kind.check(default), metadata={_KIND: kind, _GROUP: group})


def kinds(state: State | type[State]) -> dict[str, Kind]:
    """Return what each field of a State takes, by name."""
    return {one.name: one.metadata[_KIND] for one in fields(state)}


def groups(state: State | type[State]) -> list[tuple[str, list[str]]]:
    """Return the fields of a State as they stand together: the name of each group, "" for none, and its fields."""
    parts = groupby(fields(state), lambda one: one.metadata[_GROUP])
    return [(group, [one.name for one in members]) for group, members in parts]


def keys(state: State | type[State]) -> list[str]:
    """Return every key that a link may hold for a State."""
    return [one for one in (*kinds(state), state.made_for[0]) if one]


def fitted(states: type[Chosen], **changed: tuple[Kind, Any]) -> type[Chosen]:
    """Return the same State with another kind and default for some fields: those that depend on area or figures."""
    made = [
        (one.name, one.type, choice(*changed[one.name], one.metadata[_GROUP]))
        for one in fields(states) if one.name in changed
    ]  # fmt: skip
    return make_dataclass(states.__name__, made, bases=(states,), frozen=True)


def with_value(state: Chosen, name: str, value: object) -> Chosen:
    """Return `state` with one field changed. Raises a `UsageError` for what cannot be chosen."""
    found = kinds(state)
    if name not in found:
        raise UsageError(f"There is no choice called {name!r} here. There are: {', '.join(found)}.")
    return replace(state, **{name: found[name].check(value)})


def to_query(state: State) -> str:
    """Return the choices that are not as the notebook shows them, as part of a link."""
    found, (key, mark) = kinds(state), state.made_for
    chosen = {
        one.name: found[one.name].write(getattr(state, one.name))
        for one in fields(state) if getattr(state, one.name) != one.default
    }  # fmt: skip
    return urlencode({**chosen, key: mark} if chosen and key else chosen)


def from_query(states: type[Chosen], query: str) -> tuple[Chosen, str]:
    """Return the State that a link asks for, and what to say of choices in it that do not exist.

    Keys of other views, and of the page itself, are passed over; of a key that comes twice, the last counts.
    """
    found, state, said = kinds(states), states(), ""
    given = dict(parse_qsl(query[:_LONGEST_QUERY].lstrip("?"), keep_blank_values=True, errors="replace"))
    key, mark = states.made_for
    if key and given.get(key) != mark and given.keys() & found.keys():
        return state, "The link was made for another list, or for an older one: its choices are not shown."
    for name, kind in found.items():
        try:
            state = with_value(state, name, kind.read(given[name])) if name in given else state
        except UsageError as error:
            said += f"{' ' if said else ''}{error} The link asks for something else, so the usual choice is shown."
    return state, said
