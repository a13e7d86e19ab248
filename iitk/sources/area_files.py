"""What a team keeps for its own area: plain files in `areas/<name of the area>/`, edited in a spreadsheet."""

from __future__ import annotations

import os
from pathlib import Path

from iitk.errors import UsageError
from iitk.model import Area
from iitk.sources import paths

_LONGEST = 100  # characters of a folder's name; codes of many areas joined are longer


def root() -> Path:
    """Folder of the folders of all areas: `$IITK_AREAS`, else `areas` here, else that of the checkout if it has one."""
    if named := os.environ.get("IITK_AREAS"):
        return Path(named).expanduser()
    here, beside = Path("areas"), paths.PACKAGE.parent / "areas"
    return beside if beside.is_dir() and not here.is_dir() else here


def pin() -> None:
    """Name the folder for every process that is started from here: kernels work in folders of their own."""
    os.environ["IITK_AREAS"] = str(root().resolve())


def folder(area: Area) -> Path | None:
    """A team's folder for the area, called by its name ("west-yorkshire") or its code; None where there is none."""
    for name in dict.fromkeys((area.slug, area.code, area.code.lower())):
        if len(name) <= _LONGEST and (path := root() / name).is_dir():
            return inside(path)
    return None


def inside(path: Path) -> Path:
    """The folder itself, where it really lies in the folder of all areas; else `UsageError`."""
    if not path.resolve().is_relative_to(root().resolve()):
        raise UsageError(f"{path} leads out of {root()}. Put the files themselves there.")
    return path


def find(folder: Path, name: str) -> list[Path]:
    """Tables of this name in a folder, as .csv or .xlsx."""
    return [path for kind in ("csv", "xlsx") if (path := folder / f"{name}.{kind}").is_file()]
