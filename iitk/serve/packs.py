"""An area's results as one download: the files in its own folder, of the kinds that we write, and nothing else.

In front of them stands a first page, which the saved pages link to.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from iitk.errors import UsageError, WorkError
from iitk.publish.index import INDEX_NAME, index_page
from iitk.serve import finished

KINDS = frozenset({".html", ".ipynb", ".csv", ".json", ".parquet", ".pdf", ".docx", ".pptx", ".xlsx"})
MOST = 200_000_000  # bytes before packing; a whole journey of one area has about 10 million
_NOT_FOLLOWED = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class NoPackError(UsageError):
    """No area has this name, or its folder holds nothing to take away."""


class PackTooLargeError(WorkError):
    """A folder holds more than one download should."""


@dataclass(frozen=True, slots=True)
class Pack:
    """What a download holds, before it is packed."""

    slug: str
    files: int
    size: int  # bytes, unpacked


@dataclass(frozen=True, slots=True)
class _File:
    """One file of a pack: where it is, and its name within the archive."""

    path: str
    name: str
    size: int


def available(outputs: Path) -> list[Pack]:
    """Packs that there are, by the name of their folder."""
    return [made for slug in finished.folders(outputs) if (made := describe(outputs, slug))]


def describe(outputs: Path, slug: str) -> Pack | None:
    """How many files a pack has and how large they are; None if there is nothing to take away."""
    folder = finished.folders(outputs).get(slug)
    held = list(_files(folder, slug)) if folder else []
    return Pack(slug, len(held) + 1, sum(one.size for one in held)) if held else None  # and the first page


def pack(outputs: Path, slug: str) -> bytes:
    """
    The files of an area as a ZIP archive; the same files always make the same archive.

    Raises
    ------
    NoPackError
        If no area's folder is called that, or it is being made anew just now.
    PackTooLargeError
        If its files are larger than `MOST` together.
    """
    folder = finished.folders(outputs).get(slug)
    held = list(_files(folder, slug)) if folder else []
    if not held:
        raise NoPackError("There is no pack of this name. Choose one on the first page.")
    if (size := sum(one.size for one in held)) > MOST:
        raise PackTooLargeError(
            f"This pack would hold {size / 1e6:,.0f} million bytes, more than the {MOST / 1e6:,.0f} million that one "
            "download may have. Ask whoever runs this server for the folder itself."
        )
    try:
        return _packed(held, index_page(outputs, only=slug))
    except OSError as error:
        raise NoPackError("These results are being made anew just now. Try again in a minute.") from error


def _packed(held: list[_File], first_page: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(_entry(INDEX_NAME), first_page)
        for one in held:
            archive.writestr(_entry(one.name), _content(one))
    return made.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    """A file's place in the archive. Its day is in 1980: when it was packed is of no interest."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    return entry


def _content(one: _File) -> bytes:
    """A file's bytes: not of a link that took its place meanwhile, and no more than were counted."""
    with os.fdopen(os.open(one.path, os.O_RDONLY | _NOT_FOLLOWED), "rb") as file:
        return file.read(one.size)


def _files(folder: Path, inside: str) -> Iterator[_File]:
    """Plain files of known kinds, by name. Links are not followed, and what is hidden stays where it is."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        name = f"{inside}/{entry.name}"
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path), name)
        elif Path(entry.name).suffix.lower() in KINDS:
            state = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(state.st_mode):
                yield _File(entry.path, name, state.st_size)
