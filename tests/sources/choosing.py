"""Folders of a choice as teams fill them: the illustrative one, copied, with a fault planted."""

from __future__ import annotations

import shutil

from iitk.errors import FaultyFolderError
from iitk.sources import choices, paths


def copied(folder):
    """The example of West Yorkshire as somebody's own folder."""
    return shutil.copytree(paths.data_dir() / "examples" / "west-yorkshire", folder)


def change(folder, file, old, new):
    """Replace a text of a file, which must stand in it."""
    path = folder / file
    text = path.read_bytes().decode("utf-8-sig")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")
    return folder


def faults(folder):
    """Every fault of a folder, with its file."""
    try:
        choices.read(folder)
    except FaultyFolderError as error:
        return [(one.file, fault) for one in error.files for fault in one.faults]
    raise AssertionError(f"{folder} was taken over")


def only(folder):
    """The one fault of a folder."""
    found = faults(folder)
    assert len(found) == 1, [f"{file}: {fault}" for file, fault in found]
    return found[0]
