"""Where results go: made beside and then renamed, so that nobody meets half a result."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from iitk.errors import OutputError
from iitk.model import Area

_NEEDED = ("record.json", "page.html", "notebook.ipynb")


def check_writable(out: Path) -> None:
    """Make the folder for results and try it, before any work; `OutputError` if nothing can be written there."""
    probe = out / f".iitk-{os.getpid()}"
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe.write_text("", encoding="utf-8")
        probe.unlink()
    except OSError as error:
        raise OutputError(out, error.strerror or str(error)) from error


def slugs(areas: Sequence[Area], out: Path) -> dict[str, str]:
    """Folder name of each area by its code; where a name is shared or taken by another area, the code is added."""
    shared = Counter(area.slug for area in areas)
    return {
        area.code: f"{area.slug}-{_code_slug(area.code)}"
        if shared[area.slug] > 1 or _taken(out / area.slug, area.code)
        else area.slug
        for area in areas
    }


def check_name(out: Path) -> None:
    """Refuse a folder that the system cannot even look for, such as one whose name is too long."""
    with _as_output_error(out):
        out.exists()


def finished_record(folder: Path, inputs_hash: str) -> dict[str, Any] | None:
    """Return the record of a finished stage made from the same inputs, else None."""
    if not all((folder / name).is_file() for name in _NEEDED):
        return None
    try:
        record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(record, dict):
        return None
    same = record.get("status") == "done" and record.get("inputs_hash") == inputs_hash
    return record if same and all((folder / name).is_file() for name in record.get("files", [])) else None


@contextlib.contextmanager
def made_beside(folder: Path) -> Iterator[Path]:
    """Give a new folder to work in; it takes the place of `folder` if the work ends well, else it disappears."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        with _as_output_error(folder):
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
        yield part
        with _as_output_error(folder):
            _replace(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def tidy(out: Path) -> None:
    """Clear away what a run that was killed left half made, and put back what it was about to replace."""
    for old in out.glob("*/.*.old"):
        folder = old.with_name(old.name[1:].rsplit(".", 2)[0])
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(folder)
    for part in out.glob("*/.*.part"):
        pid = part.name.rsplit(".", 2)[1]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(part, ignore_errors=True)


@contextlib.contextmanager
def _as_output_error(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(folder, error.strerror or str(error)) from error


def _taken(folder: Path, code: str) -> bool:
    """Whether another area's results stand in this folder."""
    for path in folder.glob("*/record.json"):
        try:
            return bool(json.loads(path.read_text(encoding="utf-8"))["area"]["code"] != code)
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return False


def _replace(part: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    if folder.exists():
        folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _alive(pid: int) -> bool:
    if os.name == "nt":  # there os.kill would end the process: leave its folder alone
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _code_slug(code: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in code.lower())[:80]
