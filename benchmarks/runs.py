"""Notebooks for one area and for many, as a user has them run: ours, and papermill as pip brings it.

Stock is an environment of its own (`make stock`): the newest papermill and Voila with all that pip brings along, and
this checkout of iitk, byte-compiled. Both sides run the same notebooks for the same areas.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psutil

from benchmarks.task import Prepare, Setting, Task, Told

ROOT = Path(__file__).resolve().parents[1]
STOCK = ROOT / ".venv-stock"
OURS = (sys.executable, "-m")
STAGES = sorted((ROOT / "notebooks").glob("*.ipynb"))
ECONOMY = next(stage for stage in STAGES if stage.stem.startswith("01"))
COHORT, SAMPLE = 20, 6  # areas of a cohort; areas of the whole country that are run once more, alone
WORKERS = 4
LOOK = 0.5  # seconds between two looks at memory
#: What differs whenever a notebook is run again: times, and the numbers that the drawing engine gives its clippings.
_VARIES = re.compile(r'"generated": "[^"]*"|"seconds": [\d.]+|"attempts": \[[^\]]*\]|f[0-9a-f]+-clip\d+')

AT_END = contextlib.ExitStack()
atexit.register(AT_END.close)

Command = Sequence[str | Path]


def scratch() -> Path:
    """A folder that is gone when this process ends."""
    return Path(AT_END.enter_context(tempfile.TemporaryDirectory(prefix="iitk-bench-")))


def areas(count: int) -> list[str]:
    """Codes of districts from all over the country; with 361 or more, of all."""
    from iitk.sources import geography

    codes = geography.lads()["code"].tolist()
    return codes[:: max(1, len(codes) // count)][:count]


def call(command: Command, folder: Path) -> None:
    """Run a command to its end, in a folder where Python finds no checkout."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, encoding="utf-8")
    if done.returncode:
        sys.exit(f"{done.stdout}\n{done.stderr}")


def outputs(notebooks: Iterable[Path]) -> Mapping[str, float]:
    """How many outputs executed notebooks hold, and how long the pages in them are together."""
    cells = [cell for path in notebooks for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    found = [output for cell in cells for output in cell.get("outputs", ())]
    pages = [output.get("data", {}).get("text/html", "") for output in found]
    return {"outputs": float(len(found)), "characters of HTML": float(sum(len("".join(page)) for page in pages))}


# One notebook, for several areas one after the other.


def _by_command(*papermill: str | Path) -> Prepare:
    def prepare(setting: Setting) -> Task:
        folder = scratch()

        def execute(area: str) -> Path:
            made = folder / f"{area}.ipynb"
            call([*papermill, ECONOMY, made, "-p", "area", area, "--no-progress-bar"], folder)
            return made

        return Task([partial(execute, area) for area in areas(1 if setting.small else 3)], outputs)

    return prepare


def warm(setting: Setting) -> Task:
    """papermill with the engine `iitk`, after one notebook: as within a run, all is imported and the parent ready."""
    import papermill

    from iitk.runs.warm import engine

    folder = scratch()

    def execute(area: str) -> Path:
        made = folder / f"{area}.ipynb"
        papermill.execute_notebook(ECONOMY, made, {"area": area}, engine_name=engine.NAME, progress_bar=False)
        return made

    execute("Leeds")
    return Task([partial(execute, area) for area in areas(1 if setting.small else 3)], outputs)


def cells(setting: Setting) -> Task:
    """What the cells of the same notebooks take by papermill's own account, which stands in them."""

    def timed(execute: Callable[[], Path]) -> Told:
        made = execute()
        found = [cell["metadata"]["papermill"] for cell in json.loads(made.read_text(encoding="utf-8"))["cells"]]
        return Told(made, seconds=sum(cell["duration"] or 0 for cell in found))

    task = warm(setting)
    return Task([partial(timed, execute) for execute in task.parts], task.answer)


# A cohort, and all districts: every stage there is.


def iitk_run(chosen: Sequence[str], out: Path, *options: str) -> list[str | Path]:
    """The command that a user gives."""
    return [*OURS, "iitk", "run", *chosen, "--out", out, "--quiet", *options]


def cohort(*options: str) -> Prepare:
    """Everything from the start of the command to its end."""

    def prepare(setting: Setting) -> Task:
        folder = scratch()
        command = iitk_run(areas(2 if setting.small else COHORT), folder / "out", "--force", *options)
        return Task([partial(call, command, folder)], lambda _: outputs(folder.glob("out/*/*/notebook.ipynb")))

    return prepare


def stock_cohort(setting: Setting) -> Task:
    """Stock papermill, two notebooks at a time."""
    folder, papermill = scratch(), STOCK / "bin" / "papermill"
    wanted = [(area, stage) for area in areas(2 if setting.small else COHORT) for stage in STAGES]

    def execute(one: tuple[str, Path]) -> Path:
        area, stage = one
        made = folder / f"{area}-{stage.name}"
        call([papermill, stage, made, "-p", "area", area, "--no-progress-bar"], folder)
        return made

    def all_of_them() -> list[Path]:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(execute, wanted))

    return Task([all_of_them], lambda results: outputs(results[0]))


def on_cluster(setting: Setting) -> Task:
    """The same cohort on a Dask cluster of four workers, on this machine; they have run something before."""
    folder = scratch()
    place = folder / "scheduler.json"

    def start(kind: str, *options: str) -> None:
        command = [*OURS, f"distributed.cli.dask_{kind}", "--scheduler-file", place, "--host", "127.0.0.1",
                   "--no-dashboard", *options]  # fmt: skip
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        AT_END.callback(process.wait)
        AT_END.callback(process.terminate)

    start("scheduler", "--port", "0")
    while not place.exists():
        time.sleep(0.1)
    for _ in range(WORKERS):
        start("worker", "--no-nanny", "--nthreads", "1")
    address = json.loads(place.read_text(encoding="utf-8"))["address"]
    for _ in range(2):  # the first may find fewer workers than there will be
        call(iitk_run(areas(2 * WORKERS), folder / "before", "--force", "--dask", address), folder)
    return cohort("--dask", address)(setting)


def unchanged(setting: Setting) -> Task:
    """The same run again, when all results are there."""
    folder = scratch()
    command = iitk_run(areas(2 if setting.small else COHORT), folder / "out")
    call(command, folder)
    return Task([partial(call, command, folder)] * (1 if setting.small else 5))


def everywhere(setting: Setting) -> Task:
    """All 361 districts in one run; afterwards some of them once more, each in a run of its own."""
    folder, chosen = scratch(), areas(2 if setting.small else 1000)

    def run() -> Told:
        return Told(mb=watch(iitk_run(chosen, folder / "out"), folder))

    def answer(_: Sequence[object]) -> Mapping[str, float]:
        some = chosen[:1] if setting.small else chosen[:: len(chosen) // SAMPLE][:SAMPLE]
        for area in some:
            call(iitk_run([area], folder / "alone" / area), folder)
        files = sorted(folder.glob("alone/*/*/*/*.*"))  # area's code, its folder, stage: its page, record and notebook
        files = [path for path in files if path.name in ("page.html", "record.json")]
        different = [path for path in files if not _same(path, folder / "out" / Path(*path.parts[-3:]))]
        return {
            "stages": float(len([*folder.glob("out/*/*/record.json")])), "areas run alone, too": float(len(some)),
            "their files": float(len(files)), "that differ": float(len(different)),
        }  # fmt: skip

    return Task([run], answer)


def _same(one: Path, other: Path) -> bool:
    first, second = (_VARIES.sub("", path.read_text(encoding="utf-8")) for path in (one, other))
    return first == second


def watch(command: Command, folder: Path) -> float:
    """Run a command to its end; the highest, in MB, of what it and all that it started held together."""
    highest, errors = 0.0, folder / "errors.txt"
    with errors.open("w") as said:
        process = psutil.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=said)
    while process.poll() is None:
        highest = max(highest, held(process))
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(LOOK)
    if process.returncode:
        sys.exit(errors.read_text())
    return highest


def held(process: psutil.Process) -> float:
    """MB that a process and all that it started hold. What several share is counted once (PSS, on Linux)."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            memory = one.memory_full_info()
            total += getattr(memory, "pss", memory.uss)
    return total / 2**20


WORK: dict[str, Prepare] = {
    "notebook_warm": warm, "notebook_cells": cells, "notebook_stock": _by_command(STOCK / "bin" / "papermill"),
    "notebook_stock_here": _by_command(*OURS, "papermill"),
    "cohort_ours": cohort(), "cohort_two": cohort("--jobs", "2"), "cohort_dask": on_cluster,
    "cohort_stock": stock_cohort, "cohort_unchanged": unchanged, "everywhere": everywhere,
}  # fmt: skip
