"""Where the figures are: one place that knows the folders."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
Stamp = tuple[str, int, int, int]  # a file as it was: path, inode, time of change, size
Vintage = tuple[Stamp | None, ...]


def data_dir() -> Path:
    """Folder of the project's data.

    The environment variable `IITK_DATA` overrides; else `data` beside the package in a checkout; else
    the copy inside an installed wheel.
    """
    if named := os.environ.get("IITK_DATA"):
        return Path(named).expanduser()
    return _own_data()


@cache
def _own_data() -> Path:
    checkout = PACKAGE.parent / "data"
    bundled = PACKAGE / "_bundled" / "data"
    in_checkout = (PACKAGE.parent / "pyproject.toml").exists() or not bundled.exists()
    return checkout if in_checkout else bundled


def official(name: str) -> Path:
    """File `name` in the folder of official figures, for instance `official("gva_lad.parquet")`."""
    return data_dir() / "official" / name


def sources_file() -> Path:
    """The record of where each table of official figures comes from."""
    return data_dir() / "sources.toml"


def record_file() -> Path:
    """The record of potential: back-tests of the figures."""
    return data_dir() / "records" / "potential.json"


def vintage() -> Vintage:
    """The edition of the figures at hand: `sources.toml` holds the hash of every table, and they have one record."""
    return stamp(sources_file()), stamp(record_file())


def stamp(path: Path) -> Stamp | None:
    """A file as it is now, None if it is not there; any change of it is another stamp."""
    try:
        state = path.stat()
    except OSError:
        return None
    return str(path), state.st_ino, state.st_mtime_ns, state.st_size


def shared_default() -> Path:
    """Folder that the importer reads when none is named: `../shared/data`, or `IITK_SHARED`."""
    return Path(os.environ.get("IITK_SHARED", "../shared/data")).expanduser()
