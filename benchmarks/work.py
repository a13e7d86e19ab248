"""One piece of work, measured in a process of its own: `python -m benchmarks.work NAME SHARED [small]` prints JSON.

Imports and the input, in the form that each way wants, are made before the clock starts. Memory is what the work added
at its highest: the peak of resident memory less what was held just before. The peak is set back first, because making
the input may have stood higher. A part may know better, and say so (`Told`).
"""

from __future__ import annotations

import ctypes
import gc
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks import choosing, complexity, decisions, growth, record, runs, tables, visitors
from benchmarks.task import Prepare, Setting, Task, Told

WORK: dict[str, Prepare] = {
    **tables.WORK, **complexity.WORK, **growth.WORK, **decisions.WORK, **record.WORK, **runs.WORK, **visitors.WORK,
    **choosing.WORK,
}  # fmt: skip
_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def _from_status(name: str) -> float:
    """MB of one line of Linux's record of this process."""
    line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


def _highest() -> float:
    """Highest resident memory so far, in MB (macOS counts bytes, others kilobytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def _settle() -> bool:
    """Give freed memory back and set the peak to what is held now; False where the system cannot."""
    gc.collect()
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
        _FORGET.write_text("5", encoding="ascii")
    except (OSError, AttributeError):
        return False
    return True


def measure(task: Task) -> dict[str, object]:
    """Seconds (median of the parts), the slowest part, MB added, and the answer."""
    settled = _settle()
    before = _from_status("VmRSS") if settled else _highest()
    told = [_timed(part) for part in task.parts]
    added = (_from_status("VmHWM") if settled else _highest()) - before
    seconds = [one.seconds for one in told]
    return {
        "seconds": statistics.median(seconds), "slowest": max(seconds), "parts": len(seconds),
        "mb": max((one.mb for one in told if one.mb is not None), default=added),
        "answer": dict(task.answer([one.value for one in told])),
    }  # fmt: skip


def _timed(part: Callable[[], object]) -> Told:
    began = time.perf_counter()
    result = part()
    seconds = time.perf_counter() - began
    told = result if isinstance(result, Told) else Told(result)
    return told if told.seconds is not None else replace(told, seconds=seconds)


def main(name: str, shared: str, *size: str) -> None:
    """Prepare and measure the work called `name`."""
    task = WORK[name](Setting(Path(shared), small="small" in size))
    print(json.dumps(measure(task)))


if __name__ == "__main__":
    main(*sys.argv[1:])
