"""What a run did, and how it says so while it runs."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO

from tqdm import tqdm

DONE, KEPT, FAILED = "done", "kept", "failed"


@dataclass(frozen=True, slots=True)
class StageRun:
    """One stage of one area."""

    area: str
    area_code: str
    stage: str
    status: str  # "done" now, "kept" from an earlier run, or "failed"
    seconds: float
    folder: str  # inside the output folder
    message: str = ""

    def line(self) -> str:
        """One line for a log: "Leeds, 01_economy: done in 4.1 s"."""
        if self.status == FAILED:
            return f"{self.area}, {self.stage}: FAILED. {self.message}"
        return f"{self.area}, {self.stage}: " + (
            "kept from an earlier run" if self.status == KEPT else f"done in {self.seconds:.1f} s"
        )


@dataclass(frozen=True, slots=True)
class RunReport:
    """The whole run."""

    out: Path
    stages: tuple[StageRun, ...]
    seconds: float
    stopped: bool = False

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
        return {status: sum(stage.status == status for stage in self.stages) for status in (DONE, KEPT, FAILED)}

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for `run.json` and `--json`."""
        status = "stopped" if self.stopped else "failed" if self.failed else "done"
        return {
            "status": status,
            "seconds": round(self.seconds, 2),
            "counts": self.counts(),
            "stages": [asdict(stage) for stage in self.stages],
        }


class Progress(Protocol):
    """Told of each step of a run."""

    def start(self, total: int) -> None:
        """`total` stages are about to run."""

    def finished(self, stage: StageRun) -> None:
        """Take note that one stage has ended."""

    def close(self) -> None:
        """Take note that nothing follows."""


class Silent:
    """Says nothing."""

    def start(self, total: int) -> None:
        """Say nothing."""

    def finished(self, stage: StageRun) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Say nothing."""


class Bar:
    """A bar with the time left, for a person at a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: tqdm[Any] | None = None

    def start(self, total: int) -> None:
        """Show an empty bar."""
        self._bar = tqdm(total=total, unit="stage", file=self._stream, dynamic_ncols=True)

    def finished(self, stage: StageRun) -> None:
        """Move the bar on; a failure gets a line of its own."""
        if self._bar is None:
            return
        if stage.status == FAILED:
            self._bar.write(stage.line(), file=self._stream)
        self._bar.set_description_str(f"{stage.area}, {stage.stage}", refresh=False)
        self._bar.update()

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()


class Lines:
    """A plain line for each stage, for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._total, self._ended, self._began = stream, 0, 0, 0.0

    def start(self, total: int) -> None:
        """Say how much there is to do."""
        self._total, self._began = total, time.monotonic()

    def finished(self, stage: StageRun) -> None:
        """Say what has ended, and how long the rest may take."""
        self._ended += 1
        left = (time.monotonic() - self._began) / self._ended * (self._total - self._ended)
        rest = f" (about {left:.0f} s left)" if self._ended < self._total else ""
        print(f"[{self._ended}/{self._total}] {stage.line()}{rest}", file=self._stream, flush=True)

    def close(self) -> None:
        """Say nothing more."""


def for_stream(stream: TextIO | None = None, *, quiet: bool = False) -> Progress:
    """Return a bar for a terminal, lines for anything else, silence if wished."""
    stream = stream or sys.stderr
    return Silent() if quiet else Bar(stream) if stream.isatty() else Lines(stream)


def summary(report: RunReport) -> str:
    """Say in a sentence or two what the run did and where to look."""
    counts = report.counts()
    parts = [f"{counts[DONE]} made", f"{counts[KEPT]} unchanged and kept", f"{counts[FAILED]} failed"]
    said = ", ".join(part for part in parts if not part.startswith("0 ")) or "nothing to do"
    areas, stages = len({stage.area_code for stage in report.stages}), len(report.stages)
    what = f"{stages} stage{'s' * (stages != 1)} for {areas} area{'s' * (areas != 1)}"
    return f"{what} in {report.seconds:.0f} s: {said}.\nOpen {report.index}"
