"""What the folder of results holds: which areas have been worked out, how far, and what was found and decided."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from iitk.model import Badge
from iitk.publish.page import JOURNEY
from iitk.publish.record import FILE_NAME, RecordError, read_record
from iitk.sources import paths

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,127}")
_SENTENCE_ENDS = re.compile(r"(?<=\.)(?<!\bSt\.) (?=[A-Z])")
_KEYS = frozenset(key for _, key, _ in JOURNEY)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a group decided, as its record has it."""

    text: str
    owner: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """What one stage left for one area; `problem` says why there is no more."""

    key: str
    area_code: str = ""
    area_name: str = ""
    lads: tuple[str, ...] = ()
    headline: str = ""
    comparator: str = ""
    comparator_code: str = ""
    day: date | None = None
    decisions: tuple[Decision, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Worked:
    """One area that has results: its folder's name, and its stages by key."""

    slug: str
    code: str
    name: str
    lads: tuple[str, ...]
    stages: Mapping[str, Finished]

    @property
    def done(self) -> list[Finished]:
        """The stages that came to their end."""
        return [stage for stage in self.stages.values() if not stage.problem]

    @property
    def headline(self) -> str:
        """What the economy says of the area; where it is not there, the earliest stage that says anything."""
        said = sorted((stage.key != "01_economy", stage.key, stage.headline) for stage in self.done if stage.headline)
        return said[0][2] if said else ""

    @property
    def first_sentence(self) -> str:
        """The first sentence of the headline, for a list."""
        return _SENTENCE_ENDS.split(self.headline)[0]

    @property
    def decisions(self) -> list[Decision]:
        """What was decided, the latest first."""
        every = [decision for stage in self.done for decision in stage.decisions]
        return sorted(every, key=lambda one: one.day or date.min, reverse=True)

    @property
    def day(self) -> date | None:
        """When it was last worked out."""
        return max((stage.day for stage in self.done if stage.day), default=None)


def folders(outputs: Path) -> dict[str, Path]:
    """Folders of areas by their name. Links to elsewhere, hidden folders and other files are not among them."""
    try:
        found = sorted(outputs.iterdir())
    except OSError:
        return {}
    return {path.name: path for path in found if SLUG.fullmatch(path.name) and path.is_dir() and not path.is_symlink()}


def worked(outputs: Path) -> list[Worked]:
    """Areas with at least one record that can be read, by name."""
    found = (_worked(folder) for folder in folders(outputs).values())
    return sorted((area for area in found if area), key=lambda area: area.name)


@dataclass(frozen=True, slots=True)
class Members:
    """Areas that learn together (code, name), and which of them they only look at."""

    name: str = ""
    areas: tuple[tuple[str, str], ...] = ()
    reference: str = ""  # as it was written


def last_cohort(outputs: Path) -> Members:
    """The cohort that was last run; one without a name if it was none."""
    try:
        run = json.loads((outputs / "run.json").read_text(encoding="utf-8"))
        areas = tuple((str(area["code"]), str(area["name"])) for area in run["areas"])
        named = isinstance(run["cohort"], str) and run["cohort"] and areas
        return Members(run["cohort"], areas, str(run.get("reference") or "")) if named else Members()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Members()


def _worked(folder: Path) -> Worked | None:
    stamps = {key: paths.stamp(folder / key / FILE_NAME) for key in sorted(_KEYS)}
    stages = {key: _read(key, stamp) for key, stamp in stamps.items() if stamp}
    named = next((stage for stage in stages.values() if stage.area_code), None)
    return Worked(folder.name, named.area_code, named.area_name, named.lads, stages) if named else None


@lru_cache(maxsize=8192)  # every district, all stages that there will be
def _read(key: str, stamp: paths.Stamp) -> Finished:
    """What a record says that the landing page shows; read once, until the file changes."""
    try:
        record = read_record(Path(stamp[0]))
    except RecordError:
        return Finished(key, problem="Its record cannot be read. Run the stage again.")
    return Finished(
        key=key, area_code=record["area"]["code"], area_name=record["area"]["name"],
        lads=tuple(sorted(record["area"]["lads"])), headline=record["headline"],
        comparator=record["comparator"]["name"], comparator_code=record["comparator"]["code"],
        day=_day(record["generated"]), decisions=_decisions(record.get("decisions")),
        problem=record["message"] if record["status"] == "failed" else "",
    )  # fmt: skip


def _decisions(found: Any) -> tuple[Decision, ...]:
    """Decisions as texts, or as texts with their owner, day and outcome; anything else is passed over.

    What the example decides is nobody's decision.
    """
    rows = [{"text": one} if isinstance(one, str) else one for one in found] if isinstance(found, list) else []
    return tuple(
        Decision(_told(row), str(row.get("owner") or ""), _day(row.get("date")))
        for row in rows
        if isinstance(row, dict) and row.get("text") and row.get("badge") != Badge.ILLUSTRATIVE
    )


def _told(row: Mapping[str, Any]) -> str:
    """The text, and what became of it where the record says so."""
    outcome = str(row.get("outcome") or "")
    return f"{outcome.capitalize()}: {row['text']}" if outcome else str(row["text"])


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
