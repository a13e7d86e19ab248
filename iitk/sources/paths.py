"""Where the figures are: one place that knows the folders."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def data_dir() -> Path:
    """Folder of the project's data.

    The environment variable `IITK_DATA` overrides; else `data` beside the package in a checkout; else
    the copy inside an installed wheel.
    """
    if named := os.environ.get("IITK_DATA"):
        return Path(named).expanduser()
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


def shared_default() -> Path:
    """Folder that the importer reads when none is named: `../shared/data`, or `IITK_SHARED`."""
    return Path(os.environ.get("IITK_SHARED", "../shared/data")).expanduser()
