"""Run the series of notebooks for some areas, several areas at a time.

Each area's stages run in order. What has finished stays whatever happens later; a stage whose inputs have not changed
is kept; one that fails leaves a page that says so, and does not stop the others.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from jupyter_core.utils import ensure_event_loop

import iitk
from iitk.errors import UsageError
from iitk.model import Area, AreaKind
from iitk.publish import index
from iitk.runs import folders, notebooks, pages, stage
from iitk.runs.kernels import Kernels, Stopped
from iitk.runs.report import Progress, RunReport, Silent, StageRun
from iitk.sources import files, geography, tables


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is asked to do. Areas, comparator and reference are names or codes; the reference is run last."""

    areas: Sequence[str]
    stages: Sequence[str] = ()  # all where none is named
    out: Path = Path("outputs")
    comparator: str = "UK"
    reference: str = ""
    jobs: int = 2
    force: bool = False
    notebooks: Path | None = None
    cohort: str = ""  # its name, for the landing page
    timeout: int = 600  # seconds that one cell may take


@dataclass(slots=True)
class _Work:
    """The run while it runs."""

    plan: Plan
    progress: Progress
    kernels: Kernels = field(default_factory=Kernels)
    ended: list[StageRun] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, run: StageRun) -> None:
        """Keep what one stage came to, and show it."""
        with self.lock:
            self.ended.append(run)
            self.progress.finished(run)


def run(plan: Plan, progress: Progress | None = None) -> RunReport:
    """Run the plan and return what became of each stage.

    Raises before any work a `UsageError` (unknown area or stage), an `OutputError` (folder that cannot be written) or
    an error that names the table of figures that is missing or damaged; `KeyboardInterrupt` when stopped: the kernels
    have ended then, what had finished stands, `run.json` says so.
    """
    began = time.monotonic()
    tables.verify_all()
    folders.check_name(plan.out)
    jobs = _jobs(plan)
    folders.check_writable(plan.out)
    folders.tidy(plan.out)
    work = _Work(plan, progress or Silent())
    work.progress.start(sum(len(steps) for steps in jobs))
    try:
        _run_all(work, jobs)
    except BaseException:
        _finish(work, jobs, began, stopped=True)
        raise
    finally:
        work.progress.close()
    return _finish(work, jobs, began, stopped=False)


def resolve_areas(names: Sequence[str]) -> list[Area]:
    """Return the area of each name, each area once; the name that has to be explained wins."""
    found: dict[str, Area] = {}
    for area in map(geography.resolve, names):
        if area.code not in found or area.note:
            found[area.code] = area
    return list(found.values())


def hand_on(area: Area) -> str:
    """Return what a notebook is told of an area: its code, or the words that were used where these say more.

    "Craven" is today North Yorkshire, and the pages should explain that; a functional area has only the name that
    people gave it.
    """
    return area.asked if area.note or area.kind is AreaKind.FUNCTIONAL else area.code


def _jobs(plan: Plan) -> list[list[stage.Step]]:
    """Work out every step of the run, one list an area, before anything is written."""
    if not plan.areas:
        raise UsageError("No area was named. For instance: iitk run Leeds\nSearch for one with: iitk areas WORD")
    if plan.jobs < 1:
        raise UsageError(f"--jobs must be 1 or more, not {plan.jobs}.")
    chosen = notebooks.find(plan.stages, plan.notebooks)
    areas = resolve_areas([*plan.areas, *filter(None, [plan.reference])])
    comparator = geography.resolve(plan.comparator)
    names = folders.slugs(areas, plan.out)
    keys = tuple(notebook.key for notebook in chosen)
    declared = {notebook.key: notebook.parameters() for notebook in chosen}

    def step(notebook: notebooks.Notebook, area: Area) -> stage.Step:
        wanted = {"area": hand_on(area), "comparator": hand_on(comparator)}
        given = {name: value for name, value in wanted.items() if name in declared[notebook.key]}
        return stage.Step(notebook, area, names[area.code], given, comparator, keys, plan.cohort)

    return [[step(notebook, area) for notebook in chosen] for area in areas]


def _run_all(work: _Work, jobs: Sequence[Sequence[stage.Step]]) -> None:
    with ThreadPoolExecutor(max_workers=work.plan.jobs, thread_name_prefix="area") as pool:
        waiting = {pool.submit(_run_area, work, steps) for steps in jobs}
        try:
            _wait(waiting)
        except BaseException:
            for future in waiting:
                future.cancel()
            work.kernels.stop()
            raise
        finally:
            work.kernels.close()


def _wait(waiting: set[Future[None]]) -> None:
    while waiting:
        # The half second lets Ctrl-C through on Windows, where a wait without end cannot be interrupted.
        finished, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
        for future in finished:
            future.result()


def _run_area(work: _Work, steps: Sequence[stage.Step]) -> None:
    plan = work.plan
    try:
        for step in steps:
            work.note(stage.run(step, plan.out, work.kernels, force=plan.force, timeout=plan.timeout))
        for step in steps[:1]:
            pages.refresh(plan.out / step.slug, plan.cohort)
    except Stopped:
        return
    finally:
        ensure_event_loop().close()  # the one that Jupyter's client made for this thread


def _finish(work: _Work, jobs: Sequence[Sequence[stage.Step]], began: float, *, stopped: bool) -> RunReport:
    place = {(step.area.code, step.notebook.key): at for at, step in enumerate(chain(*jobs))}
    ended = sorted(work.ended, key=lambda run: place[run.area_code, run.stage])
    report = RunReport(work.plan.out, tuple(ended), time.monotonic() - began, stopped)
    files.write_json(work.plan.out / "run.json", _manifest(work.plan, jobs, report))
    order = [steps[0].slug for steps in jobs if steps]
    reference = order[-1] if work.plan.reference and order else ""
    index.write_index(work.plan.out, cohort_name=work.plan.cohort, order=order, reference=reference)
    return report


def _manifest(plan: Plan, jobs: Sequence[Sequence[stage.Step]], report: RunReport) -> dict[str, object]:
    first = [steps[0] for steps in jobs if steps]
    return {
        "iitk_version": iitk.__version__,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "cohort": plan.cohort,
        "comparator": plan.comparator,
        "reference": plan.reference,
        "areas": [{"code": step.area.code, "name": step.area.name, "folder": step.slug} for step in first],
        **report.as_dict(),
    }
