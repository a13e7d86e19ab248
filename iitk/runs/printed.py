"""What a notebook prints, cut where nobody would read on. This part works inside the kernel."""

from __future__ import annotations

import sys
from typing import TextIO

from IPython import get_ipython

LIMIT = 100_000  # characters that one cell may print: some forty sheets of paper
ASKED = "__import__('iitk.runs.printed').runs.printed.bound()"  # what the kernel is told before the first cell


class _Bounded:
    """In place of a stream's `write`."""

    def __init__(self, stream: TextIO, limit: int) -> None:
        self._write, self._limit, self._printed = stream.write, limit, 0
        stream.write = self.write  # type: ignore[method-assign]

    def write(self, text: str) -> int:
        """Write what there is room for; the rest is only counted."""
        room = max(0, self._limit - self._printed)
        self._printed += len(text)
        if len(text) <= room:
            return self._write(text)
        if room:
            self._write(f"{text[:room]}\n[Cut here]\n")
        return len(text)

    def begin(self, *_: object) -> None:
        """A new cell may print as much again."""
        self._printed = 0

    def end(self, *_: object) -> None:
        """Say how much of the cell's output is missing."""
        if self._printed > self._limit:
            more, self._printed = self._printed - self._limit, 0
            self._write(f"[{more:,} more characters were printed]\n")


def bound(limit: int = LIMIT) -> None:
    """Let each cell of this kernel print at most `limit` characters to each of its streams."""
    for stream in (sys.stdout, sys.stderr):
        bounded = _Bounded(stream, limit)
        get_ipython().events.register("pre_run_cell", bounded.begin)
        get_ipython().events.register("post_run_cell", bounded.end)
