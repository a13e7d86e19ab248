"""The one place that writes result files: beside first, then renamed, so that nobody ever reads half a file."""

from __future__ import annotations

import os
from pathlib import Path

from iitk.errors import OutputError


def write_text(path: Path, text: str) -> Path:
    """Write `text` as UTF-8 to `path`, making its folder; an older file stays whole until the new one is complete.

    Raises `OutputError` where the folder or the file cannot be written.
    """
    return write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> Path:
    """Write `content` to `path` in the same way as `write_text`."""
    path = Path(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        _forget(beside)
        raise OutputError(path, error.strerror or str(error)) from error
    return path


def _forget(path: Path) -> None:
    """Remove a half-written file; where even that is refused the first error is the one worth reporting."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
