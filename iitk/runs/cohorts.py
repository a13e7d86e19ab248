"""Cohort files: the areas that learn together, and the reference that they look at.

A cohort file is TOML with `name = "West Yorkshire"`, `areas = ["Leeds", "Bradford"]` and, where there is one,
`reference = "Cambridge + South Cambridgeshire"`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iitk.errors import UsageError
from iitk.sources import geography

_KEYS = {"name", "areas", "reference"}


@dataclass(frozen=True, slots=True)
class CohortFile:
    """What a cohort file says, each area as it is written there: its own words may say more than a code."""

    name: str
    areas: tuple[str, ...]
    reference: str = ""


def read_cohort(path: Path) -> CohortFile:
    """Read a cohort file; a `UsageError` says what in it is missing or wrong, or which area nobody knows."""
    content = _read_toml(path)
    if unknown := sorted(set(content) - _KEYS):
        raise UsageError(f"The cohort file {path} has {', '.join(unknown)}, which means nothing here.\n"
                         f"It may have: {', '.join(sorted(_KEYS))}.")  # fmt: skip
    name, areas, reference = content.get("name"), content.get("areas"), content.get("reference", "")
    if not isinstance(name, str) or not name.strip():
        raise UsageError(f'The cohort file {path} has no name. Add a line such as: name = "West Yorkshire"')
    if not isinstance(areas, list) or not areas or not all(isinstance(area, str) for area in areas):
        raise UsageError(f'The cohort file {path} lists no areas. Add a line such as: areas = ["Leeds", "Bradford"]')
    if not isinstance(reference, str):
        raise UsageError(f'The reference in {path} must be one area in quotes, such as: reference = "Cambridge"')
    for text in (*areas, *filter(None, [reference])):
        geography.resolve(text)
    return CohortFile(name, tuple(areas), reference)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"The cohort file {path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"The cohort file {path} is not plain text in UTF-8. Save it again as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"The cohort file {path} is not valid TOML: {error}.") from error
