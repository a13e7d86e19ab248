"""What a result depends on, as one hash: a finished stage is run again only when this changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import iitk
from iitk.sources.paths import PACKAGE, data_dir

_LIBRARIES = ("altair", "nbconvert", "numpy", "pandas", "pyarrow", "scipy", "vl-convert-python")
_CODE = ("*.py", "*.css", "*.html", "*.j2", "*.json")
_FIGURES = ("*.parquet", "*.toml", "*.json")


def inputs_hash(notebook: Path, parameters: Mapping[str, str]) -> str:
    """SHA-256 of the notebook, its parameters, the library's code and version, the figures and the packages used."""
    digest = hashlib.sha256(notebook.read_bytes())
    digest.update(json.dumps(sorted(parameters.items())).encode())
    digest.update(_surroundings(data_dir()).encode())
    return digest.hexdigest()


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
def _surroundings(data: Path) -> str:
    """Hash of what every stage of one run shares; read once a run, because code and figures do not change under it."""
    digest = hashlib.sha256(json.dumps(versions()).encode())
    for root, patterns in ((PACKAGE, _CODE), (data, _FIGURES)):
        files = {path for pattern in patterns for path in root.rglob(pattern) if not _apart(path, root)}
        for path in sorted(files):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _apart(path: Path, root: Path) -> bool:
    """Whether the file cannot change a stage: the bundled copy (hashed as data), lists of areas, facts for building."""
    return path.relative_to(root).parts[0] in {"_bundled", "cohorts", "importer"}
