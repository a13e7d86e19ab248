"""What a run would do, said before it does it (`--dry-run`): which stages it would make and why, in about what time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from iitk.runs import folders
from iitk.runs.fingerprint import inputs
from iitk.runs.pace import Pace, in_words
from iitk.runs.stage import Step


@dataclass(frozen=True, slots=True)
class Intent:
    """What a run would do about one stage of one area."""

    step: Step
    why: str  # empty where the stage would be kept
    seconds: float | None  # that it is likely to take; None where no such stage has been made yet


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a run would do about each stage of each area."""

    out: Path
    areas: tuple[tuple[Intent, ...], ...]
    pace: Pace
    at_a_time: int

    @property
    def seconds(self) -> float | None:
        """Seconds that the run is likely to take; None where no such stage has been made yet."""
        return self.pace.left(self.to_make(), self.at_a_time)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for `--json`."""
        make, keep = self._counts()
        return {
            "status": "planned",
            "seconds": None if self.seconds is None else round(self.seconds, 1),
            "counts": {"run": make, "keep": keep},
            "stages": [_plain(intent) for intents in self.areas for intent in intents],
        }

    def text(self) -> str:
        """Return it as a person reads it."""
        lines = []
        for intents in self.areas:
            lines.append(intents[0].step.area.name)
            lines += [f"  {intent.step.notebook.key:<18} {_said(intent)}" for intent in intents]
        make, keep = self._counts()
        takes = f", in about {in_words(self.seconds)}" if make and self.seconds is not None else ""
        return "\n".join([*lines, f"Would run {make}{takes}, and keep {keep}. Nothing was written to {self.out}."])

    def to_make(self) -> list[list[str]]:
        """For each area, the stages that would be run."""
        return [[intent.step.notebook.key for intent in intents if intent.why] for intents in self.areas]

    def _counts(self) -> tuple[int, int]:
        make = sum(bool(intent.why) for intents in self.areas for intent in intents)
        return make, sum(map(len, self.areas)) - make


def look(jobs: Sequence[Sequence[Step]], out: Path, *, at_a_time: int, force: bool = False) -> Outlook:
    """Say what a run of these steps, one list an area, would do in `out`; writes nothing."""
    pace = Pace(_earlier(jobs, out))
    areas = tuple(
        tuple(Intent(step, _why(step, out, force=force), pace.of(step.notebook.key)) for step in steps)
        for steps in jobs
    )
    return Outlook(out, areas, pace, at_a_time)


def _why(step: Step, out: Path, *, force: bool) -> str:
    why = folders.why_again(out / step.folder, inputs(step.notebook.path, step.parameters))
    return why or ("forced" if force else "")


def _earlier(jobs: Sequence[Sequence[Step]], out: Path) -> Iterator[tuple[str, float]]:
    """What each stage took where it was made before; a score of places tells enough."""
    for stage in {step.notebook.key for steps in jobs for step in steps}:
        for folder in islice(sorted(out.glob(f"*/{stage}")), 20):
            if (seconds := folders.seconds_taken(folder)) is not None:
                yield stage, seconds


def _said(intent: Intent) -> str:
    if not intent.why:
        return "keep"
    return f"run: {intent.why}" + (f" (about {in_words(intent.seconds)})" if intent.seconds is not None else "")


def _plain(intent: Intent) -> dict[str, Any]:
    step = intent.step
    return {
        "area": step.area.name, "area_code": step.area.code, "stage": step.notebook.key, "folder": step.folder,
        "action": "run" if intent.why else "keep", "why": intent.why, "seconds": intent.seconds if intent.why else 0.0,
    }  # fmt: skip
