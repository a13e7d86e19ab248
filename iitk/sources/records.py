"""The record of potential that is shipped: results of back-tests, and the figures that they were worked out from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from iitk.errors import WorkError
from iitk.sources import files, paths, tables
from iitk.sources.kept import kept_of_file

REMEDY = "Work it out again with: iitk data record"


def path() -> Path:
    """Where the record of potential is kept."""
    return paths.record_file()


def read() -> dict[str, Any]:
    """
    Read the record of potential, as `iitk data record` wrote it.

    Raises `WorkError` with the remedy where it is missing, cannot be read, or was worked out from other figures than
    those at hand.
    """
    where = path()
    if not where.is_file():
        raise WorkError(f"The record of potential {where} is missing. {REMEDY}")
    content = _content(where)
    if stale := [key for key, sha256 in content["made_from"].items() if tables.source(key).sha256 != sha256]:
        raise WorkError(f"The record of potential was worked out from another edition of {', '.join(stale)}. {REMEDY}")
    return content


def write(tests: list[dict[str, Any]], moves: dict[int, float], made_from: list[str]) -> Path:
    """Keep back-tests and the median move of each year, with the hashes of the tables that they come from."""
    hashes = {key: tables.source(key).sha256 for key in made_from}
    return files.write_json(path(), {"made_from": hashes, "moves": moves, "tests": tests})


@kept_of_file
def _content(where: Path) -> dict[str, Any]:
    try:
        content = json.loads(where.read_text(encoding="utf-8"))
        whole = [type(content[name]) for name in ("made_from", "moves", "tests")] == [dict, dict, list]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkError(f"The record of potential {where} is damaged ({error}). {REMEDY}") from error
    if not whole:
        raise WorkError(f"The record of potential {where} is not in its form. {REMEDY}")
    return dict(content)
