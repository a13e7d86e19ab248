"""Where results go: made beside and then renamed, so that nobody meets half a result."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

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
    try:
        out.exists()
    except OSError as error:
        raise OutputError(out, error.strerror or str(error)) from error


def why_again(folder: Path, inputs: Mapping[str, str]) -> str:
    """Why a stage has to be made (again): "never made", "figures changed", ...; empty where it stands as it should.

    `inputs` are the hashes of what it would be made from, as `fingerprint.inputs` gives them.
    """
    if not folder.is_dir():
        return "never made"
    try:
        record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
        status, made_from, files = record["status"], record["run"].get("inputs", {}), record.get("files", [])
        lost = [name for name in (*_NEEDED, *files) if not _whole(folder / name)]
        if status != "done":
            return "failed last time"
        if not made_from:
            return "made by an earlier version"
        changed = [name for name, value in inputs.items() if made_from.get(name) != value]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "damaged: record.json cannot be read"
    if lost:
        return f"damaged: {lost[0]} is missing"
    return f"{', '.join(changed)} changed" if changed else ""


def _whole(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def seconds_taken(folder: Path) -> float | None:
    """How long the stage took when it was last made; None where that cannot be known."""
    try:
        record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
        return float(record["run"]["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextlib.contextmanager
def made_beside(folder: Path) -> Iterator[Path]:
    """Give a new folder to work in; it takes the place of `folder` if the work ends well, else it disappears.

    An error of the system's on the way (a full disk, say) becomes an `OutputError`.
    """
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    try:
        with as_output_error(folder):
            part.mkdir(parents=True)
            yield part
            _replace(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def empty(folder: Path) -> None:
    """Take away all that is in the folder."""
    shutil.rmtree(folder)
    folder.mkdir()


def tidy(out: Path) -> None:
    """Clear away what a run that was killed left half made, and put back what it was about to replace.

    Only for whoever holds the folder (`lock.held`): no other run is at work in it then.
    """
    for old in out.glob("*/.[0-9][0-9]_*.old"):
        folder = old.with_name(old.name[1:].rsplit(".", 2)[0])
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(folder)
    for pattern in (".run.json.*.part", ".index.html.*.part", "*/.[0-9][0-9]_*.part", "*/[0-9][0-9]_*/.*.part"):
        for part in out.glob(pattern):
            if part.is_dir():
                shutil.rmtree(part, ignore_errors=True)
            else:
                part.unlink(missing_ok=True)


@contextlib.contextmanager
def as_output_error(folder: Path) -> Iterator[None]:
    """Say of what cannot be written here what that means for the run."""
    try:
        yield
    except OSError as error:
        raise _cannot_write(folder, error.strerror or str(error)) from error
    except OutputError as error:  # it names a file inside, which nobody will find
        if isinstance(error.__cause__, OSError):
            raise _cannot_write(folder, error.__cause__.strerror or str(error.__cause__)) from error
        raise


def _cannot_write(folder: Path, why: str) -> OutputError:
    """Return the error for a folder that takes no more, with what that means for the run."""
    return OutputError(
        folder, f"{why}. What was finished before is whole: make room, and the same command continues from there"
    )


def _taken(folder: Path, code: str) -> bool:
    """Whether another area's results stand in this folder."""
    for path in folder.glob("*/record.json"):
        try:
            return bool(json.loads(path.read_text(encoding="utf-8"))["area"]["code"] != code)
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return False


def _replace(part: Path, folder: Path) -> None:
    old = part.with_suffix(".old")
    if folder.exists():
        folder.rename(old)
    try:
        part.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _code_slug(code: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in code.lower())[:80]
