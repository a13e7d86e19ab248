"""What a result depends on, as hashes: a finished stage is run again only when one of them changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import iitk
from iitk.errors import IitkError
from iitk.sources import area_files, geography
from iitk.sources.paths import PACKAGE, data_dir

_LIBRARIES = ("altair", "nbconvert", "numpy", "pandas", "pyarrow", "scipy", "vl-convert-python")
_CODE = ("*.py", "*.css", "*.html", "*.j2", "*.json")
_FIGURES = ("*.parquet", "*.toml", "*.json", "*.csv")


def inputs(notebook: Path, parameters: Mapping[str, str]) -> dict[str, str]:
    """SHA-256 of each thing that a result is made from: notebook, parameters, code, figures, files, packages."""
    return {
        "notebook": hashlib.sha256(notebook.read_bytes()).hexdigest(),
        "parameters": _of(sorted(parameters.items())),
        "code": _of_files(PACKAGE, _CODE),
        "figures": _of_files(data_dir(), _FIGURES),
        "the area's own files": _of(_own_files(parameters.get("area", ""))),
        "versions of packages": _of(versions()),
    }


def inputs_hash(inputs: Mapping[str, str]) -> str:
    """One hash for all of them."""
    return _of(sorted(inputs.items()))


def _of(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _own_files(area: str) -> list[tuple[str, str]]:
    """What a team keeps for its area, by name and hash; nothing where it keeps nothing."""
    try:
        folder = area_files.folder(geography.resolve(area)) if area else None
    except IitkError:  # no area of this name, or no figures: the notebook will say so
        return []
    files = sorted(path for path in folder.iterdir() if path.is_file()) if folder else []
    return [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]


@cache
def versions() -> dict[str, str]:
    """Versions of the packages that shape a result."""
    found = {"iitk": iitk.__version__}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


@cache
def _of_files(root: Path, patterns: tuple[str, ...]) -> str:
    """Hash of the files of these kinds, with their names; read once, because they do not change under a run."""
    digest = hashlib.sha256()
    files = {path for pattern in patterns for path in root.rglob(pattern) if not _apart(path, root)}
    for path in sorted(files):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _apart(path: Path, root: Path) -> bool:
    """Whether the file cannot change a stage: the bundled copy (hashed as data), lists of areas, facts for building."""
    return path.relative_to(root).parts[0] in {"_bundled", "cohorts", "importer"}
