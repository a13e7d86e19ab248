"""Run each way several times, in turn, each in a fresh process, and keep medians."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.catalogue import Entry
from benchmarks.task import Setting

ROOT = Path(__file__).resolve().parents[1]
SLOW, FEW = 10.0, 3  # a way whose first round takes more than 10 s is run three times at most


class WorkFailedError(Exception):
    """A piece of work ended with an error: its last lines are the text."""


@dataclass(slots=True)
class Way:
    """All rounds of one way of doing a piece of work."""

    work: str
    rounds: list[dict[str, Any]] = field(default_factory=list)
    most: int = 0  # rounds; 0: as many as are asked for

    def middle(self, measure: str) -> float:
        """Median over the rounds of `seconds`, `slowest` (part of a round) or `mb`."""
        return statistics.median(one[measure] for one in self.rounds)

    def wanted(self, rounds: int) -> int:
        """How many rounds this way gets."""
        rounds = min(rounds, self.most or rounds)
        return min(rounds, FEW) if self.rounds and self.rounds[0]["seconds"] > SLOW else rounds

    def record(self) -> dict[str, Any]:
        """What is kept: medians, and each round's seconds."""
        return {
            "seconds": self.middle("seconds"), "slowest_part": self.middle("slowest"), "mb": self.middle("mb"),
            "parts": self.rounds[0]["parts"], "rounds": [one["seconds"] for one in self.rounds],
            "answer": self.rounds[0]["answer"],
        }  # fmt: skip


def once(work: str, setting: Setting) -> dict[str, Any]:
    """One piece of work in a fresh process: seconds, MB added, and its answer."""
    command = [sys.executable, "-m", "benchmarks.work", work, str(setting.shared), *["small"] * setting.small]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # this checkout is to be byte-compiled, as all the others are
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise WorkFailedError(f"{work}: " + "\n".join(done.stderr.strip().splitlines()[-3:]))
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure(entry: Entry, rounds: int, setting: Setting, say: Callable[[str], None]) -> Mapping[str, Way]:
    """All ways of one entry, in turn, so that a busy spell of the machine touches all of them."""
    ways = {name: Way(work, most=entry.rounds) for name, work in entry.ways.items()}
    for turn in range(rounds):
        for name, way in ways.items():
            if turn < way.wanted(rounds):
                last = f", {way.rounds[-1]['seconds']:.3g} s last time" if way.rounds else ""
                say(f"{entry.key}: {name}, round {turn + 1} of {way.wanted(rounds)}{last}")
                way.rounds.append(once(way.work, setting))
    return ways
