"""Measure ours beside other ways of doing the same, in one run, and say which goals are reached."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.catalogue import ENTRIES, Entry
from benchmarks.measuring import ROOT, WorkFailedError, measure
from benchmarks.runs import STOCK
from benchmarks.task import Setting

BUSY = 0.3  # share of the cores that others may take before the figures are doubtful
EPILOG = """\
Each way is run in a fresh process, in turn, and the medians are compared. The clock starts after the imports and after
the input is there in the form that the way wants. Memory is what the work adds at its highest. A way that takes more
than 10 s is run three times at most, one that takes minutes twice. All takes an estimated 40 minutes on two cores; what
only --all measures took four more.

examples:
  python -m benchmarks                                  all of it, with the publishers' files in ../shared/data
  python -m benchmarks --only portfolio --rounds 3      what has "portfolio" in its name
  python -m benchmarks --only all-areas                 what takes too long to be measured unless it is named
  python -m benchmarks --only shift --only smaa --json  two groups, as JSON
  python -m benchmarks --only complexity --small        small sizes, to see that it works: no goal is judged
  python -m benchmarks --list                           what there is

status: 0 measured (a missed goal is said); 1 something to measure with is missing or failed, or with --strict a goal
is missed; 2 wrong use
"""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        "python -m benchmarks", description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--only", action="append", default=[], metavar="WORD", help="only names or labels with this word")
    made.add_argument("--all", action="store_true", help="what takes very long, too")
    made.add_argument("--list", action="store_true", help="say what can be measured, and measure nothing")
    made.add_argument("--rounds", type=int, default=5, help="how often each way is run (default 5)")
    made.add_argument("--small", action="store_true", help="small sizes, to try it out")
    made.add_argument("--strict", action="store_true", help="end with status 1 if a goal is missed")
    made.add_argument("--json", action="store_true", help="print the record instead of the table")
    made.add_argument("--out", type=Path, default=ROOT / "outputs" / "bench.json", help="file for the record")
    made.add_argument("--shared", type=Path, default=Path("../shared/data"), help="folder of the publishers' files")
    return made


def selected(words: Sequence[str], *, everything: bool = False) -> list[Entry]:
    """Entries with one of the words in their name or label; without words all, the long ones only if asked for."""
    wanted = [word.casefold() for word in words]
    return [
        entry
        for entry in ENTRIES
        if any(word in f"{entry.key} {entry.label}".casefold() for word in wanted)
        or (not wanted and (everything or not entry.long))
    ]


def missing(entries: Sequence[Entry], shared: Path) -> list[str]:
    """What the entries need that is not there, with what to do about it."""
    files = sorted({name for entry in entries for name in entry.files if not (shared / name).is_file()})
    packages = sorted({name for entry in entries for name in entry.packages if not importlib.util.find_spec(name)})
    absent, bare = {*files, *packages}, any(entry.stock for entry in entries) and not STOCK.is_dir()
    said = [f"The publishers' file {name} is not in {shared}. Name their folder: --shared FOLDER" for name in files]
    if packages:
        said.append(f"Not installed: {', '.join(packages)}. Add the packages to compare with: make oracles")
    if bare:
        said.append("The stock environment is not there. Make it: make stock")
    if said:
        free = [
            entry.key
            for entry in entries
            if absent.isdisjoint((*entry.files, *entry.packages)) and not (bare and entry.stock)
        ]
        said.append(f"What can be measured without: {', '.join(f'--only {key}' for key in free) or 'nothing of this'}")
    return said


def teller() -> Callable[[str], None]:
    """A line of progress: written over itself on a screen, one after the other in a log."""
    began, screen = time.monotonic(), sys.stderr.isatty()

    def say(text: str) -> None:
        line = f"[{time.monotonic() - began:4.0f} s] {text}"
        print(f"\r\033[K{line}" if screen else line, end="" if screen else "\n", file=sys.stderr, flush=True)

    return say


def surroundings(rounds: int, *, small: bool) -> dict[str, Any]:
    """What the figures depend on besides the code."""
    names = {"numpy", "pandas", "scipy", *(name for entry in ENTRIES for name in entry.packages)}
    found = {name: metadata.version(name) for name in sorted(names) if importlib.util.find_spec(name)}
    return {
        "cores": os.cpu_count(), "machine": platform.machine(), "system": platform.system(),
        "python": platform.python_version(), "versions": found, "rounds": rounds, "small": small,
    }  # fmt: skip


def busy() -> float | None:
    """What others ask of the machine before anything is measured (processes wanting a core); None if unknown."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def keep(record: dict[str, Any], out: Path) -> bool:
    """Write the record; False, with the reason said, if that cannot be done."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    except OSError as problem:
        print(f"Cannot write {out}: {problem.strerror}. Name another file with --out FILE.", file=sys.stderr)
        return False
    return True


def run(entries: Sequence[Entry], options: argparse.Namespace) -> int:
    """Measure, keep the record, show it; the status of the command."""
    say, measured, judge, load, cores = teller(), [], not options.small, busy(), os.cpu_count() or 1
    if load and load > BUSY * cores:
        say(f"The machine is busy (load {load} on {cores} cores): matrix products may take many times as long.")
    for entry in entries:
        try:
            measured.append((entry, measure(entry, options.rounds, Setting(options.shared, options.small), say)))
        except WorkFailedError as problem:
            print(f"\nThis work failed, so nothing is said of it.\n{problem}", file=sys.stderr)
            return 1
    if sys.stderr.isatty():
        print(file=sys.stderr)
    record = surroundings(options.rounds, small=options.small) | {"load_before": load}
    record["work"] = {entry.key: report.record(entry, ways, judge=judge) for entry, ways in measured}
    kept = keep(record, options.out)
    about = f"Medians of {options.rounds} rounds, each in a fresh process, in turn; {cores} cores, load {load}."
    reached = [one.reached for entry, ways in measured for one in report.verdicts(entry, ways, judge=judge)]
    total = f"Goals reached: {reached.count(True)} of {len(reached) - reached.count(None)}."
    end = total if judge else "Small sizes, whatever the labels say: no goal is judged."
    words = f"{about}\n\n{report.table(measured, judge=judge)}\n\n{end}"
    print(json.dumps(record, indent=1) if options.json else words)
    return int(not kept or (options.strict and False in reached))


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the options, say what is missing, or run."""
    reader = parser()
    options = reader.parse_args(arguments)
    options.shared = options.shared.resolve()
    if options.rounds < 1:
        reader.error("--rounds must be 1 or more")
    entries = selected(options.only, everything=options.all or options.list)
    if not entries:
        reader.error(f"nothing is called {', '.join(options.only)}. There is: {', '.join(e.key for e in ENTRIES)}")
    if options.list:
        print("\n".join(f"{entry.key:<18} {entry.label} ({', '.join(entry.ways)})" for entry in entries))
        return 0
    if lacks := missing(entries, options.shared):
        print("\n".join(lacks), file=sys.stderr)
        return 1
    return run(entries, options)


if __name__ == "__main__":
    raise SystemExit(main())
