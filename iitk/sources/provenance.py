"""Where each table comes from: reading and writing `data/sources.toml`."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iitk.errors import DataDamagedError, DataMissingError
from iitk.model import Source
from iitk.sources.files import write_text

HEADER = "# Where each table of data/official comes from. Written by: iitk data build\n"
PLAIN = ("publisher", "title", "edition", "licence", "attribution", "unit", "vintage", "sha256")
LISTS = ("caveats", "checks")


def read(path: Path) -> dict[str, Source]:
    """All entries of a sources file, by table key."""
    return {key: _source(key, entry, path) for key, entry in _entries(path).items()}


def read_inputs(path: Path) -> dict[str, str]:
    """Hash of each file of the shared folder that the tables were built from, by its path there."""
    inputs: dict[str, str] = {}
    for entry in _entries(path).values():
        inputs.update({item["path"]: item["sha256"] for item in entry.get("files", [])})
    return inputs


def write(path: Path, sources: Mapping[str, Source], inputs: Mapping[str, str]) -> Path:
    """Write a sources file; `inputs` gives the hash of every file that a source names."""
    blocks = [_block(sources[key], inputs) for key in sorted(sources)]
    return write_text(path, HEADER + "\n" + "\n".join(blocks))


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _entries(path: Path) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        raise DataMissingError(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataDamagedError(path, f"it cannot be read ({error})") from error


def _source(key: str, entry: Mapping[str, Any], path: Path) -> Source:
    if lacking := [name for name in PLAIN if name not in entry]:
        raise DataDamagedError(path, f"the entry [{key}] lacks {', '.join(lacking)}")
    texts: dict[str, Any] = {name: str(entry[name]) for name in PLAIN}
    lists: dict[str, Any] = {name: tuple(entry.get(name, ())) for name in LISTS}
    files = tuple(item["path"] for item in entry.get("files", []))
    return Source(key=key, **texts, **lists, files=files)


def _block(source: Source, inputs: Mapping[str, str]) -> str:
    lines = [f"[{source.key}]"]
    lines += [f"{name} = {_quoted(getattr(source, name))}" for name in PLAIN]
    lines += [_list(name, [_quoted(text) for text in getattr(source, name)]) for name in LISTS]
    files = [f"{{ path = {_quoted(name)}, sha256 = {_quoted(inputs[name])} }}" for name in source.files]
    return "\n".join([*lines, _list("files", files)]) + "\n"


def _list(name: str, items: list[str]) -> str:
    return f"{name} = [" + "".join(f"\n    {item}," for item in items) + ("\n]" if items else "]")


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
