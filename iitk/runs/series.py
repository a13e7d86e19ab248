"""Run the series of notebooks for some areas, several areas at a time.

Each area's stages run in order. What has finished stays whatever happens later; a stage whose inputs have not changed
is kept; one that fails leaves a page that says so, and does not stop the others.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_event_loop

import iitk
from iitk.errors import OutputError, UsageError
from iitk.model import Area, AreaKind
from iitk.publish import index
from iitk.runs import folders, lock, notebooks, outlook, pages, stage
from iitk.runs.cluster import Cluster
from iitk.runs.kernels import LEAST_MEMORY, Kernels, Limits, Stopped
from iitk.runs.pace import Pace
from iitk.runs.report import DONE, FAILED, Progress, RunReport, Silent, StageRun, Standing
from iitk.runs.warm.kernel import Forker
from iitk.sources import files, geography, parameters, tables

STOPPED, UNFINISHED = "stopped", "unfinished"
_TICK = 0.5  # seconds; it lets Ctrl-C through on Windows, where a wait without end cannot be interrupted


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is asked to do. Areas, comparator and reference are names or codes; the reference is run last."""

    areas: Sequence[str]
    stages: Sequence[str] = ()  # all where none is named
    out: Path = Path("outputs")
    comparator: str = "UK"
    vintage: str = ""  # of the parameters; empty: the one that each area's files name
    reference: str = ""
    jobs: int = 2
    force: bool = False
    notebooks: Path | None = None
    cohort: str = ""  # its name, for the landing page
    limits: Limits = field(default_factory=Limits)
    dask: str = ""  # address of a cluster whose workers do it; as many areas at a time as it has threads

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for `run.json`, without a path of this machine."""
        return {
            "areas": list(self.areas), "stages": list(self.stages), "comparator": self.comparator,
            "vintage": self.vintage, "reference": self.reference, "cohort": self.cohort, "jobs": self.jobs,
            "force": self.force, "dask": bool(self.dask),
            **asdict(self.limits),
        }  # fmt: skip


@dataclass(slots=True)
class _Work:
    """The run while it runs."""

    plan: Plan
    jobs: list[list[stage.Step]]
    progress: Progress
    makers: Kernels | Cluster  # who executes the notebooks
    ahead: list[list[str]]  # for each area, the stages that have to be made yet
    pace: Pace
    began: float = field(default_factory=time.monotonic)
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    ended: dict[tuple[str, str], StageRun] = field(default_factory=dict)  # by code of the area and stage
    since: dict[int, float] = field(default_factory=dict)  # when the current stage of an area began
    lock: threading.Lock = field(default_factory=threading.Lock)

    def make(self, step: stage.Step) -> StageRun:
        """Run one stage, here or on a cluster."""
        out, force = self.plan.out, self.plan.force
        if isinstance(self.makers, Cluster):
            return self.makers.run(step, out, force=force)
        return stage.run(step, out, self.makers, force=force)

    def note(self, place: int, run: StageRun) -> None:
        """Keep what one stage came to, and show it."""
        with self.lock:
            self.ended[run.area_code, run.stage] = run
            self.since[place] = time.monotonic()
            if run.stage in self.ahead[place]:
                self.ahead[place].remove(run.stage)
            if run.attempts:
                self.pace.note(run.stage, run.attempts[-1])
            self.progress.finished(run, self._standing())

    def show(self) -> None:
        """Show how far the run has come."""
        with self.lock:
            self.progress.stands(self._standing())

    def _standing(self) -> Standing:
        spent = {place: time.monotonic() - since for place, since in self.since.items()}
        return Standing(
            areas=len(self.jobs),
            areas_ended=sum((steps[-1].area.code, steps[-1].notebook.key) in self.ended for steps in self.jobs),
            stages=sum(map(len, self.jobs)),
            stages_ended=len(self.ended),
            failed=sum(run.status == FAILED for run in self.ended.values()),
            left=self.pace.left(self.ahead, self.plan.jobs, spent),
        )

    def report(self, status: str = UNFINISHED) -> RunReport:
        """Return what the run has come to, in the order of the plan."""
        with self.lock:
            ended = dict(self.ended)
        stages = tuple(
            ended.get((step.area.code, step.notebook.key)) or step.waiting() for steps in self.jobs for step in steps
        )
        first = [steps[0] for steps in self.jobs]
        now = datetime.now(UTC).isoformat(timespec="seconds")
        about = {
            "iitk_version": iitk.__version__,
            "plan": self.plan.as_dict(),
            "areas": [{"code": step.area.code, "name": step.area.name, "folder": step.slug} for step in first],
            "started": self.started,
            "finished": None if status == UNFINISHED else now,
        }
        return RunReport(self.plan.out, stages, time.monotonic() - self.began, status, about)


def run(plan: Plan, progress: Progress | None = None, *, parent: Forker | None = None) -> RunReport:
    """Run the plan and return what became of each stage; `parent` is a parent of kernels that is there already.

    Raises before any work a `UsageError` (unknown area or stage), an `OutputError` (folder that cannot be written), a
    `lock.BusyError` (another run is writing there) or an error that names the table of figures that is missing or
    damaged; later an `OutputError` when the disk is full, and `KeyboardInterrupt` when stopped. Whatever happens, the
    kernels have ended then, what had finished stands, and `run.json` says so.
    """
    jobs = _ready(plan)
    folders.check_writable(plan.out)
    with lock.held(plan.out):
        folders.tidy(plan.out)
        ahead = outlook.look(jobs, plan.out, at_a_time=plan.jobs, force=plan.force)
        makers = Cluster(plan.dask, plan.limits) if plan.dask else Kernels(plan.limits, parent=parent)
        plan = replace(plan, jobs=makers.at_a_time) if isinstance(makers, Cluster) else plan
        work = _Work(plan, jobs, progress or Silent(), makers, ahead.to_make(), ahead.pace)
        try:
            _write_manifest(work.report())
            _run_all(work)
        except BaseException:
            with contextlib.suppress(OutputError):  # on a full disk; what stopped the run is the better news
                _finish(work, STOPPED)
            raise
        finally:
            makers.close()
            work.progress.close()
        failed = any(run.status == FAILED for run in work.ended.values())
        return _finish(work, FAILED if failed else DONE)


def look(plan: Plan) -> outlook.Outlook:
    """Say what `run` would do, and why, without doing it; raises as it does before any work."""
    return outlook.look(_ready(plan), plan.out, at_a_time=plan.jobs, force=plan.force)


def _ready(plan: Plan) -> list[list[stage.Step]]:
    tables.verify_all()
    folders.check_name(plan.out)
    return _jobs(plan)


def at_a_time() -> int:
    """How many areas to run at a time on this machine: one more than it has cores, because each waits now and then."""
    return min(8, (os.cpu_count() or 1) + 1)


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
    _check(plan.limits)
    chosen = notebooks.find(plan.stages, plan.notebooks)
    areas = resolve_areas([*plan.areas, *filter(None, [plan.reference])])
    comparator = geography.resolve(plan.comparator)
    vintage = parameters.vintage(plan.vintage).name if plan.vintage else ""
    names = folders.slugs(areas, plan.out)
    keys = tuple(notebook.key for notebook in chosen)
    declared = {notebook.key: notebook.parameters() for notebook in chosen}

    def step(notebook: notebooks.Notebook, area: Area) -> stage.Step:
        wanted = {"area": hand_on(area), "comparator": hand_on(comparator)}
        wanted |= {"vintage": vintage} if vintage else {}
        given = {name: value for name, value in wanted.items() if name in declared[notebook.key]}
        return stage.Step(notebook, area, names[area.code], given, comparator, keys, plan.cohort)

    return [[step(notebook, area) for notebook in chosen] for area in areas]


def _check(limits: Limits) -> None:
    if limits.timeout < 1:
        raise UsageError(f"--timeout must be 1 second or more, not {limits.timeout}.")
    if limits.retries < 0:
        raise UsageError(f"--retry must be 0 or more, not {limits.retries}.")
    if limits.memory and not Limits.memory_can_be_limited():
        raise UsageError("--memory works on Linux only: this system cannot hold a notebook to a limit.")
    if limits.memory and limits.memory < LEAST_MEMORY:
        raise UsageError(f"--memory must be {LEAST_MEMORY} or more, which a kernel needs for itself.")


def _run_all(work: _Work) -> None:
    # A cluster is sent more than it can do at once, so that no worker ever waits and those that join find work.
    threads = work.plan.jobs + max(work.plan.jobs, 8) if work.plan.dask else work.plan.jobs
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="area") as pool:
        waiting = {pool.submit(_run_area, work, place) for place in range(len(work.jobs))}
        try:
            _wait(work, waiting)
        except BaseException:
            for future in waiting:
                future.cancel()
            work.makers.stop()
            raise


def _wait(work: _Work, waiting: set[Future[None]]) -> None:
    """Wait for all areas; meanwhile keep `run.json` and the display up to date."""
    written, cost, known = time.monotonic(), 0.0, 0
    while waiting:
        finished, waiting = wait(waiting, timeout=_TICK, return_when=FIRST_COMPLETED)
        for future in finished:
            future.result()
        work.show()
        now = time.monotonic()
        if len(work.ended) > known and now - written > 20 * cost:  # never more than a twentieth of the time
            known = len(work.ended)
            _write_manifest(work.report())
            written, cost = time.monotonic(), time.monotonic() - now


def _run_area(work: _Work, place: int) -> None:
    plan, steps = work.plan, work.jobs[place]
    work.since[place] = time.monotonic()
    try:
        for step in steps:
            work.note(place, work.make(step))
        pages.refresh(plan.out / steps[0].slug, plan.cohort)
    except Stopped:
        return
    finally:
        ensure_event_loop().close()  # the one that Jupyter's client made for this thread


def _finish(work: _Work, status: str) -> RunReport:
    report = work.report(status)
    _write_manifest(report)
    order = [steps[0].slug for steps in work.jobs]
    reference = order[-1] if work.plan.reference else ""
    index.write_index(work.plan.out, cohort_name=work.plan.cohort, order=order, reference=reference)
    return report


def _write_manifest(report: RunReport) -> None:
    with folders.as_output_error(report.out):
        files.write_json(report.out / "run.json", report.as_dict())
