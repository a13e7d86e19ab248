"""Read and write `record.json`: what a stage leaves for the stages, pages and people that come after it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from iitk.errors import WorkError
from iitk.sources.files import write_text

SCHEMA_VERSION = 1
FILE_NAME = "record.json"


class RecordError(WorkError):
    """A record is not there, cannot be read, or does not have the shape that its schema describes."""


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema of a record, from the file that ships beside this module."""
    text = files("iitk.publish").joinpath("record.schema.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def faults(record: object) -> list[str]:
    """What is wrong with a record, one line a fault and at most five; an empty list when it is sound."""
    if _is_sound(record):
        return []
    # nbformat brings it; late, because its import takes a tenth of a second.
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

    found = sorted(Draft202012Validator(schema()).iter_errors(record), key=lambda fault: list(map(str, fault.path)))
    return [f"{'.'.join(map(str, fault.absolute_path)) or 'record'}: {fault.message[:160]}" for fault in found[:5]]


def _is_sound(record: object) -> bool:
    from fastjsonschema import JsonSchemaException

    try:
        _checker()(record)
    except JsonSchemaException:
        return False
    return True


@cache
def _checker() -> Callable[[object], object]:
    """The schema as code, which takes a fifteenth of the time; it stops at the first fault, and says less of it."""
    import fastjsonschema  # nbformat brings it

    checker: Callable[[object], object] = fastjsonschema.compile(schema(), use_default=False)
    return checker


def write_record(path: Path, record: dict[str, Any]) -> Path:
    """Check a record against the schema and write it to `path` (a file, or the folder of a stage).

    Raises `RecordError` when it does not fit (nothing is written), `OutputError` when it cannot be written.
    """
    path = _file(path)
    _refuse_faults(record, path, advice="")
    # NaN is not JSON: a missing value must be written as null, and this says so early.
    try:
        text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        message = f"The record {path} holds a number that JSON lacks ({error}). Write missing as null."
        raise RecordError(message) from error
    return write_text(path, text + "\n")


def read_record(path: Path) -> dict[str, Any]:
    """Read and check the record at `path` (a file, or the folder of a stage). Raises `RecordError`."""
    path = _file(path)
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        why = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({error})"
        raise RecordError(f"The record {path} {why}.{_again(path)}") from error
    _refuse_faults(record, path, advice=_again(path))
    return record  # type: ignore[no-any-return]


def _again(path: Path) -> str:
    return f"\nRun the stage again: iitk run AREA --stages {path.parent.name}"


def _file(path: Path) -> Path:
    path = Path(path)
    return path if path.suffix == ".json" else path / FILE_NAME


def _refuse_faults(record: object, path: Path, *, advice: str) -> None:
    if found := faults(record):
        raise RecordError(f"The record {path} does not fit its schema: {'; '.join(found)}.{advice}")
