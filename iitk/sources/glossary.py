"""The words of the pages, explained: content that people edit, kept in `data/glossary.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from iitk.errors import WorkError
from iitk.sources import paths
from iitk.sources.kept import kept_of_file

_SHORT_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Term:
    """One word: what it means, what it does not, how else it is spelt, and where its method is explained."""

    key: str
    term: str
    means: str
    beware: str
    also: tuple[str, ...] = ()
    method: str = ""  # heading of docs/reference/methods.md

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every way in which it is written."""
        return (self.term, *self.also)


_FIELDS = {field.name for field in fields(Term)} - {"key"}
_NEEDED = {field.name for field in fields(Term) if field.default is MISSING} - {"key"}


def load() -> tuple[Term, ...]:
    """Return the words of the glossary in the order of their names.

    Raises
    ------
    WorkError
        If the file is missing or is not TOML, or an entry is not as it should be: says which, and what to do.
    """
    return _read(paths.data_dir() / "glossary.toml")


@kept_of_file
def _read(path: Path) -> tuple[Term, ...]:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WorkError(f"The glossary is missing: no file {path}.\nPut back the last good copy.") from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkError(f"The glossary in {path} cannot be read: {error}.\nPut back the last good copy.") from error
    terms = [_term(key, entry, path) for key, entry in entries.items()]
    _refuse_doubles(terms, path)
    return tuple(sorted(terms, key=lambda one: one.term.lower()))


def _term(key: str, entry: Any, path: Path) -> Term:
    wrong = _wrong(key, entry)
    if wrong:
        what, remedy = wrong
        raise WorkError(f"Entry [{key}] of the glossary in {path} {what}.\n{remedy}")
    return Term(key=key, **{**entry, "also": tuple(entry.get("also", ()))})


def _wrong(key: str, entry: Any) -> tuple[str, str] | None:
    """What is wrong with an entry, and the remedy; None if nothing is."""
    if not isinstance(entry, dict):
        return "stands outside any entry", "Move it below a line such as [location-quotient]."
    if not _SHORT_NAME.fullmatch(key):
        return "has a name with other signs than a-z, 0-9 and -", "Write its name like [location-quotient]."
    if missing := _NEEDED - entry.keys():
        return f"lacks {', '.join(sorted(missing))}", f'Add a line: {min(missing)} = "..."'
    if extra := entry.keys() - _FIELDS:
        return f"has unknown {', '.join(sorted(extra))}", f"An entry has only: {', '.join(sorted(_FIELDS))}."
    return _wrong_text(entry)


def _wrong_text(entry: dict[str, Any]) -> tuple[str, str] | None:
    for name, value in entry.items():
        if name == "also":
            if not (isinstance(value, list) and all(_is_text(one) for one in value)):
                return "has no list of texts as its also", 'Write it like this: also = ["LQ", "quotient"]'
        elif not _is_text(value):
            return f"has no text as its {name}", f'Write it between quotation marks: {name} = "..."'
    return None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _refuse_doubles(terms: list[Term], path: Path) -> None:
    """Each spelling belongs to one entry: a page could not know which is meant."""
    owner: dict[str, str] = {}
    for one in terms:
        for spelling in one.spellings:
            first = owner.setdefault(" ".join(spelling.lower().split()), one.key)
            if first != one.key:
                raise WorkError(
                    f"The glossary in {path} has {spelling!r} in two entries, [{first}] and [{one.key}].\n"
                    "Leave it in the one that is meant."
                )
