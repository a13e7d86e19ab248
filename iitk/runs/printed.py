"""What a notebook prints, cut where nobody would read on. This part works inside the kernel."""

from __future__ import annotations

import sys
from collections.abc import Callable

from ipykernel.iostream import OutStream
from IPython import get_ipython

LIMIT = 100_000  # characters that one cell may print: some forty sheets of paper
ASKED = "__import__('iitk.runs.printed').runs.printed.bound()"  # what the kernel is told before the first cell


class Bounded(OutStream):
    """A stream of the kernel's that passes on so much of each cell, and only counts the rest."""

    printed = 0

    @property
    def write(self) -> Callable[[str], int]:
        """Write what there is room for."""
        return self._write_some

    @write.setter
    def write(self, _: object) -> None:
        """Stay as it is: IPython would keep a copy of all that is printed, and put back the `write` that it found."""

    def _write_some(self, string: str) -> int:
        room = max(0, LIMIT - self.printed)
        self.printed += len(string)
        if len(string) <= room:
            return self._pass_on(string)
        if room:
            self._pass_on(f"{string[:room]}\n[Cut here]\n")
        return len(string)

    def _pass_on(self, string: str) -> int:
        return OutStream.write(self, string) or 0

    def begin(self, *_: object) -> None:
        """A new cell may print as much again."""
        self.printed = 0

    def end(self, *_: object) -> None:
        """Say how much of the cell's output is missing."""
        more, self.printed = self.printed - LIMIT, 0
        if more > 0:
            self._pass_on(f"[{more:,} more characters were printed]\n")


def bound() -> None:
    """Let each cell of this kernel print so much to each of its streams."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, OutStream):
            stream.__class__ = Bounded
            get_ipython().events.register("pre_run_cell", stream.begin)  # type: ignore[attr-defined]
            get_ipython().events.register("post_run_cell", stream.end)  # type: ignore[attr-defined]
