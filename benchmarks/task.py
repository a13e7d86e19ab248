"""What a piece of work is: parts to be timed, and what to remember of their answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the publishers' files are, and whether sizes are small (to try the benchmark, not to judge)."""

    shared: Path
    small: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A part's own word for what it took, where the clock around it or this process's memory would be wrong."""

    value: object = None
    seconds: float | None = None
    mb: float | None = None


def _nothing(_results: Sequence[object]) -> Mapping[str, float]:
    return {}


@dataclass(frozen=True, slots=True)
class Task:
    """Parts that are timed one by one (one, or several instances of a problem); `answer` is read after the clock."""

    parts: Sequence[Callable[[], object]]
    answer: Callable[[Sequence[object]], Mapping[str, float]] = _nothing


Prepare = Callable[[Setting], Task]
