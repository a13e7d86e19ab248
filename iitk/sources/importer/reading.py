"""One reader for the importer's facts: a TOML file as the dataclass that says what it holds.

What is missing, unknown or of another type is refused, with the file and the entry. In a file with `[[group]]`, an
entry takes from its group what it does not say itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from iitk.errors import DataDamagedError
from iitk.sources import paths
from iitk.sources.kept import kept_of_file

_T = TypeVar("_T")
_WORDS = {dict: "a table", list: "a list", str: "text", int: "a whole number"}


def read(kind: type[_T], name: str) -> _T:
    """The content of `data/importer/NAME.toml` as `kind`; raises DataDamagedError with the file and the entry."""
    made: _T = _read(place(name), kind)
    return made


def pick(table: Mapping[str, _T], key: str, name: str, where: str) -> _T:
    """An entry that the importer needs, from the part `where` of the file `NAME.toml`."""
    if key not in table:
        raise DataDamagedError(place(name), f"{where} lacks {key}")
    return table[key]


def place(name: str) -> Path:
    """Where a file is: with the figures, else (they may yet have to be built) with the toolkit's own."""
    own = (paths.PACKAGE.parent / "data", paths.PACKAGE / "_bundled" / "data")
    folders = [data / "importer" for data in (paths.data_dir(), *own)]
    return next((folder for folder in folders if folder.is_dir()), folders[0]) / f"{name}.toml"


@kept_of_file
def _read(path: Path, kind: Any) -> Any:
    if not path.is_file():
        raise DataDamagedError(path, "it is not there")
    try:
        return _record(kind, _spread(tomllib.loads(path.read_text(encoding="utf-8"))), "")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataDamagedError(path, f"it cannot be read ({error})") from error
    except ValueError as error:
        raise DataDamagedError(path, str(error)) from error


def _spread(content: dict[str, Any]) -> dict[str, Any]:
    """Put the entries of all groups in one table, each with what it takes from its group."""
    if "group" not in content:
        return content
    entries: dict[str, Any] = {}
    for group in _expect(list, content["group"], "group"):
        own = _expect(dict, _expect(dict, group, "group").get("entries"), "group.entries")
        shared = {name: value for name, value in group.items() if name != "entries"}
        if twice := own.keys() & entries:
            raise ValueError(f"entries.{min(twice)} is given twice")
        entries |= {key: shared | _expect(dict, entry, f"entries.{key}") for key, entry in own.items()}
    return {name: value for name, value in content.items() if name != "group"} | {"entries": entries}


def _made(kind: Any, value: Any, where: str) -> Any:
    """A value of TOML as the type that a dataclass wants of it."""
    if is_dataclass(kind):
        return _record(kind, value, where)
    inside = get_args(kind)
    if get_origin(kind) is dict:
        return {key: _made(inside[1], one, f"{where}.{key}") for key, one in _expect(dict, value, where).items()}
    if get_origin(kind) is tuple:
        return tuple(_made(inside[0], one, f"{where}.{n}") for n, one in enumerate(_expect(list, value, where), 1))
    return _expect(kind, value, where)


def _record(kind: Any, value: Any, where: str) -> Any:
    given, hints = _expect(dict, value, where), get_type_hints(kind)
    needed = {one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING}
    for what, names in (("lacks", needed - given.keys()), ("has the unknown", given.keys() - hints.keys())):
        if names:
            raise ValueError(f"{where or 'the file'} {what} {', '.join(sorted(names))}")
    made = {name: _made(hints[name], one, f"{where}.{name}".lstrip(".")) for name, one in given.items()}
    try:
        return kind(**made)
    except (ValueError, LookupError) as error:
        raise ValueError(f"{where} {error}".lstrip()) from error


def _expect(kind: Any, value: Any, where: str) -> Any:
    if type(value) is not kind:
        raise ValueError(f"{where} is not {_WORDS[kind]}: {value!r}")
    return value
