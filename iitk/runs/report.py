"""What a run did, and how it says so while it runs."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol, TextIO

from iitk.runs.pace import in_words

DONE, KEPT, FAILED, WAITING = "done", "kept", "failed", "waiting"


@dataclass(frozen=True, slots=True)
class StageRun:
    """One stage of one area."""

    area: str
    area_code: str
    stage: str
    status: str  # "done" now, "kept" from an earlier run, "failed", or "waiting" for its turn or its end
    seconds: float = 0.0
    folder: str = ""  # inside the output folder
    message: str = ""
    attempts: tuple[float, ...] = ()  # seconds of each
    inputs_hash: str = ""

    def line(self) -> str:
        """One line for a log: "Leeds, 01_economy: done in 4.1 s"."""
        if self.status == FAILED:
            return f"{self.area}, {self.stage}: FAILED. {self.message}"
        again = f", after {len(self.attempts)} attempts" if len(self.attempts) > 1 else ""
        return f"{self.area}, {self.stage}: " + (
            "kept from an earlier run" if self.status == KEPT else f"done in {self.seconds:.1f} s{again}"
        )


@dataclass(frozen=True, slots=True)
class RunReport:
    """The whole run, or as much of it as there is."""

    out: Path
    stages: tuple[StageRun, ...]
    seconds: float
    status: str = DONE  # "done", "failed" (in parts), "stopped", or "unfinished": it goes on, or was killed
    about: dict[str, Any] = field(default_factory=dict)  # version, plan, areas, start and end

    @property
    def failed(self) -> tuple[StageRun, ...]:
        """The stages that could not be made."""
        return tuple(stage for stage in self.stages if stage.status == FAILED)

    @property
    def index(self) -> Path:
        """The page to open first."""
        return self.out / "index.html"

    def counts(self) -> dict[str, int]:
        """How many stages ended in which way."""
        return {
            status: sum(stage.status == status for stage in self.stages) for status in (DONE, KEPT, FAILED, WAITING)
        }

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for `run.json` and `--json`."""
        return {
            **self.about,
            "status": self.status,
            "seconds": round(self.seconds, 2),
            "counts": self.counts(),
            "stages": [asdict(stage) for stage in self.stages],
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a run has come."""

    areas: int
    areas_ended: int
    stages: int
    stages_ended: int
    failed: int = 0
    left: float | None = None  # seconds; None where that cannot be known yet

    def text(self) -> str:
        """Return "1 of 6 areas, 5 of 18 stages, 1 failed, about 40 s left"."""
        said = [f"{self.areas_ended} of {self.areas} areas", f"{self.stages_ended} of {self.stages} stages"]
        said += [f"{self.failed} failed"] if self.failed else []
        if self.left is not None and self.stages_ended < self.stages:
            said.append(f"about {in_words(self.left)} left")
        return ", ".join(said)


class Progress(Protocol):
    """Told of each step of a run."""

    def finished(self, stage: StageRun, standing: Standing) -> None:
        """Take note that one stage has ended."""

    def stands(self, standing: Standing) -> None:
        """Take note of how far the run has come; told twice a second."""

    def close(self) -> None:
        """Take note that nothing follows."""


class Silent:
    """Says nothing."""

    def finished(self, stage: StageRun, standing: Standing) -> None:
        """Say nothing."""

    def stands(self, standing: Standing) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Say nothing."""


class OneLine:
    """A line that is drawn again and again, for a person at a terminal; each failure gets a line of its own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._last = stream, ""

    def finished(self, stage: StageRun, standing: Standing) -> None:
        """Draw the line; a failure stays above it."""
        if stage.status == FAILED:
            self._draw("")
            print(f"\r{stage.line()}", file=self._stream)
        self._last = f"; last: {stage.area}, {stage.stage}"
        self.stands(standing)

    def stands(self, standing: Standing) -> None:
        """Draw the line."""
        self._draw(f"{standing.text()}{self._last}")

    def close(self) -> None:
        """Leave the line as it stands."""
        print(file=self._stream, flush=True)

    def _draw(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        print(f"\r{text[:width]:<{width}}", end="", file=self._stream, flush=True)


class Lines:
    """Plain lines now and then, for logs and pipes: the first and last stage, every failure, and what ends between."""

    def __init__(self, stream: TextIO, every: float = 10.0) -> None:
        self._stream, self._every, self._said = stream, every, float("-inf")

    def finished(self, stage: StageRun, standing: Standing) -> None:
        """Say what has ended, and how far the run has come, unless that was said a moment ago."""
        now = time.monotonic()
        last = standing.stages_ended == standing.stages
        if stage.status == FAILED or last or now - self._said >= self._every:
            self._said = now
            print(f"{stage.line()} ({standing.text()})", file=self._stream, flush=True)

    def stands(self, standing: Standing) -> None:
        """Say nothing: nothing has ended."""

    def close(self) -> None:
        """Say nothing more."""


def for_stream(stream: TextIO | None = None, *, quiet: bool = False) -> Progress:
    """Return one line for a terminal, lines for anything else, silence if wished."""
    stream = stream or sys.stderr
    return Silent() if quiet else OneLine(stream) if stream.isatty() else Lines(stream)


def summary(report: RunReport) -> str:
    """Say in a sentence or two what the run did and where to look."""
    counts = report.counts()
    parts = [f"{counts[DONE]} made", f"{counts[KEPT]} unchanged and kept", f"{counts[FAILED]} failed"]
    said = ", ".join(part for part in parts if not part.startswith("0 ")) or "nothing to do"
    areas, stages = len({stage.area_code for stage in report.stages}), len(report.stages)
    what = f"{stages} stage{'s' * (stages != 1)} for {areas} area{'s' * (areas != 1)}"
    return f"{what} in {in_words(report.seconds)}: {said}.\nOpen {report.index}"
