"""The one place that writes files: beside, then renamed, so that a reader never meets half a file."""

from __future__ import annotations

import json
import math
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from iitk.errors import OutputError

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would take for a formula


def write_bytes(path: Path, content: bytes) -> Path:
    """Write `content` to `path`, making its folder; the old file stays whole until the new one is complete."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):  # where even that is refused, the first error is the one worth reporting
            beside.unlink(missing_ok=True)
        raise OutputError(path, error.strerror or str(error)) from error
    return path


def write_text(path: Path, content: str) -> Path:
    """Write text as UTF-8 with plain line ends."""
    return write_bytes(path, content.encode("utf-8"))


def write_json(path: Path, content: Any) -> Path:
    """Write JSON that a person can read; a missing number becomes null, never NaN."""
    return write_text(path, json.dumps(_finite(content), ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def write_csv(path: Path, table: pd.DataFrame) -> Path:
    """Write a table as CSV that a spreadsheet opens safely: text that looks like a formula stays text."""
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = safe[name].map(_as_text, na_action="ignore")
    return write_text(path, safe.to_csv(index=False, lineterminator="\n"))


def _as_text(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
