"""Facilitation prompts: content that facilitators edit, kept in `data/prompts/STAGE.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

from iitk.errors import WorkError
from iitk.model import Prompt
from iitk.sources import paths
from iitk.sources.kept import kept_of_file

_FIELDS = {field.name for field in fields(Prompt)} - {"key"}


def load(stage: str) -> dict[str, Prompt]:
    """Return the prompts of a stage (for instance ``"01_economy"``) by key, in the order of the file.

    Raises
    ------
    WorkError
        If the file is missing, is not TOML, or a prompt lacks a field or has one too many.
    """
    path = paths.data_dir() / "prompts" / f"{stage}.toml"
    return dict(_read(path))


@kept_of_file
def _read(path: Path) -> dict[str, Prompt]:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WorkError(f"The prompts of stage {path.stem!r} are missing: no file {path}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkError(f"The prompts in {path} cannot be read: {error}.\nPut back the last good copy.") from error
    return {key: _prompt(key, entry, str(path)) for key, entry in entries.items()}


def _prompt(key: str, entry: dict[str, object], path: str) -> Prompt:
    missing, extra = _FIELDS - entry.keys(), entry.keys() - _FIELDS
    if missing or extra:
        what = [f"lacks {', '.join(sorted(missing))}"] * bool(missing)
        what += [f"has unknown {', '.join(sorted(extra))}"] * bool(extra)
        raise WorkError(f"Prompt [{key}] in {path} {' and '.join(what)}.")
    return Prompt(key=key, **{**entry, "steps": tuple(entry["steps"])})  # type: ignore[arg-type]
