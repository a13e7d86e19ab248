"""How long the rest of a run takes: from what its notebooks have taken so far, and in earlier runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median


class Pace:
    """Seconds that each stage takes: as in this run, else as in earlier ones, else as the other stages do."""

    def __init__(self, earlier: Iterable[tuple[str, float]] = ()) -> None:
        self._earlier, self._now = _by_stage(earlier), _by_stage(())

    def note(self, stage: str, seconds: float) -> None:
        """Take note of what a stage took in this run."""
        self._now[stage].append(seconds)

    def of(self, stage: str) -> float | None:
        """Seconds that a stage is likely to take; None while nothing has been seen."""
        known = self._now.get(stage) or self._earlier.get(stage)
        if known:
            return median(known)
        every = [median(seconds) for seconds in ({**self._earlier, **self._now}).values()]
        return median(every) if every else None

    def left(self, areas: Iterable[Sequence[str]], jobs: int, spent: Mapping[int, float] | None = None) -> float | None:
        """Seconds until all stages of these areas have been made, `jobs` areas at a time.

        `spent` has the seconds that the first stage of an area (by its place) has been running.
        """
        waits = []
        for place, stages in enumerate(areas):
            each = [self.of(stage) for stage in stages]
            if None in each:
                return None
            known = [seconds for seconds in each if seconds is not None]
            if known and spent:
                known[0] = max(0.0, known[0] - spent.get(place, 0.0))
            waits.append(sum(known))
        return max(max(waits, default=0.0), sum(waits) / jobs)


def _by_stage(seen: Iterable[tuple[str, float]]) -> defaultdict[str, list[float]]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for stage, seconds in seen:
        found[stage].append(seconds)
    return found


def in_words(seconds: float) -> str:
    """Return "8 s", "3 min" or "1 h 20 min"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
