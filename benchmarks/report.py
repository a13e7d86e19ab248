"""Measurements in words: a table for people, a record for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.catalogue import Entry, Goal
from benchmarks.measuring import Way

HEAD = ("What", "Ours", "Beside it", "Ours is", "Goal", "Reached")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Ours beside one other way in one measure, with a goal for it or without."""

    measure: str
    ours: float
    against: str
    theirs: float | None
    goal: Goal | None

    @property
    def share(self) -> float | None:
        """Ours as a share of theirs."""
        return None if self.theirs is None else self.ours / max(self.theirs, 1e-12)

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        return (self.ours if self.share is None else self.share) <= self.goal.most


def verdicts(entry: Entry, ways: Mapping[str, Way], *, judge: bool) -> list[Verdict]:
    """Each goal, and the seconds beside each way that has no goal. Without `judge` no goal counts."""
    ours, goals = ways["ours"], entry.goals if judge else ()
    found = [
        Verdict(
            goal.measure, ours.middle(goal.measure), goal.against,
            ways[goal.against].middle(goal.measure) if goal.against else None, goal,
        )
        for goal in goals
    ]  # fmt: skip
    judged = {goal.against for goal in goals if goal.measure == "seconds"}
    for name, way in ways.items():
        if name not in judged and name != "ours":
            found.append(Verdict("seconds", ours.middle("seconds"), name, way.middle("seconds"), None))
    return found or [Verdict("seconds", ours.middle("seconds"), "", None, None)]


def disagreement(entry: Entry, ways: Mapping[str, Way]) -> list[str]:
    """Say where another way's answer is not ours: then the times compare different work."""
    if entry.tolerance is None:
        return []
    ours, said = ways["ours"].rounds[0]["answer"], []
    for name, way in ways.items():
        for what, theirs in way.rounds[0]["answer"].items():
            if abs(theirs - ours[what]) > entry.tolerance * max(abs(ours[what]), abs(theirs)):
                said.append(f"{name} answers otherwise: {what} is {theirs:.6g}, ours {ours[what]:.6g}")
    return said


def luck(entry: Entry, ways: Mapping[str, Way]) -> list[str]:
    """Say where a goal would be missed beside the fastest round of another way, and whether anyone could reach it."""
    said, ours = [], ways["ours"].middle("seconds")
    for goal in entry.goals:
        if not goal.against or goal.measure != "seconds":
            continue
        rounds = [one["seconds"] for one in ways[goal.against].rounds]
        best = min(rounds)
        if ours <= goal.most * best:
            continue
        words = (
            f"{goal.against} took {best:.3g} to {max(rounds):.3g} s; beside its fastest round ours is "
            f"{_ratio(ours / best, 'seconds')}, short of the goal of {_ratio(goal.most, 'seconds')}"
        )
        floor = ways[entry.floor].middle("seconds") if entry.floor else 0.0
        if goal.against != entry.floor and goal.most * best < floor:
            words += f", which would be {goal.most * best:.3g} s, less than the {entry.floor} alone ({floor:.3g} s)"
        said.append(words)
    return said


def notes(entry: Entry, ways: Mapping[str, Way], *, judge: bool = True) -> list[str]:
    """What belongs under the rows: several instances, whether answers agree, quality."""
    ours, said = ways["ours"], disagreement(entry, ways)
    if entry.tolerance is not None and not said:
        said.append(f"the answers agree (largest relative difference allowed: {entry.tolerance:g})")
    said += luck(entry, ways) if judge else []
    if ours.rounds[0]["parts"] > 1:
        said.append(f"median of {ours.rounds[0]['parts']} instances; the slowest takes {ours.middle('slowest'):.2f} s")
    if entry.note:
        said.append(entry.note({name: way.rounds[0]["answer"] for name, way in ways.items()}))
    if entry.rounds:
        said.append(f"rounds: {len(ours.rounds)}")
    few = [f"{name} {len(way.rounds)}" for name, way in ways.items() if len(way.rounds) < len(ours.rounds)]
    return [*said, f"slow ways are run fewer rounds: {', '.join(few)}"] if few else said


def table(measured: Sequence[tuple[Entry, Mapping[str, Way]]], *, judge: bool) -> str:
    """Rows under their piece of work, notes below."""
    lines = []
    for entry, ways in measured:
        lines.append(entry.label)
        lines.extend(_line(("", *cells)) for cells in map(_cells, verdicts(entry, ways, judge=judge)))
        lines.extend(f"    {note}" for note in notes(entry, ways, judge=judge))
    return "\n".join([_line(HEAD), *lines])


def record(entry: Entry, ways: Mapping[str, Way], *, judge: bool) -> dict[str, Any]:
    """What is kept of one piece of work."""
    return {
        "label": entry.label,
        "ways": {name: way.record() for name, way in ways.items()},
        "compared": [
            {
                "measure": one.measure, "against": one.against, "ours": one.ours, "theirs": one.theirs,
                "share": one.share, "goal": one.goal.most if one.goal else None, "reached": one.reached,
            }
            for one in verdicts(entry, ways, judge=judge)
        ],
        "notes": notes(entry, ways, judge=judge),
    }  # fmt: skip


def _line(cells: Sequence[str]) -> str:
    widths = (4, 10, 38, 18, 18, 7)
    return " ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cells(verdict: Verdict) -> tuple[str, ...]:
    """Ours, beside it, ratio, goal, reached."""
    beside = "" if verdict.theirs is None else f"{verdict.against} {_amount(verdict.theirs, verdict.measure)}"
    share, goal = verdict.share, verdict.goal
    ratio = "" if share is None else _ratio(share, verdict.measure)
    if goal is None:
        aim = ""
    elif goal.against:
        aim = _ratio(goal.most, goal.measure)
    else:
        aim = f"under {_amount(goal.most, goal.measure)}"
    reached = "" if verdict.reached is None else ("yes" if verdict.reached else "NO")
    return _amount(verdict.ours, verdict.measure), beside, ratio, aim, reached


def _amount(value: float, measure: str) -> str:
    return f"{value:.0f} MB" if measure == "mb" else f"{value:.3g} s"


def _ratio(share: float, measure: str) -> str:
    """For example: 91 x as fast, 2.5 x the time, 0.25 of the memory."""
    if measure == "mb":
        return f"{share:.2g} of the memory"
    return f"{1 / share:.3g} x as fast" if share <= 1 else f"{share:.3g} x the time"
