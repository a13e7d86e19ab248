"""Stages made by the workers of a Dask cluster: sent out as data, come back as files.

A worker runs the same `stage.run` as this machine would, in a folder of its own, and needs neither our folders nor our
notebooks. It does need the same code and figures, which each task checks. Whoever asked writes what comes back.

What is sent is plain bytes and a function without a module: the scheduler need not know us, and a worker that does not
know us, or another version of us, can say so. (One that could not read a task would end.)
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_event_loop

from iitk.errors import IitkError, UsageError, WorkError
from iitk.runs import folders, stage
from iitk.runs.fingerprint import inputs, inputs_hash, versions
from iitk.runs.kernels import DiedError, Kernels, Limits, Stopped
from iitk.runs.notebooks import Notebook
from iitk.runs.report import KEPT, StageRun

CONNECT = 5.0  # seconds that a scheduler has to answer
PATIENCE = 30.0  # seconds without any worker, until a run gives up: one that was restarted is back before
IDLE = 600.0  # seconds after a run, until a worker ends kernels that no other has used since
_LOOK = 1.0  # seconds between two looks whether there are workers
_FETCH = 60.0  # seconds that fetching a result may take before that is looked at, too
LOST = "Each worker that ran it has ended, which may be its doing: see what it needs, and the logs of the workers"
_TLS = ", ".join(f"DASK_DISTRIBUTED__COMM__TLS__{name}" for name in ("CA_FILE", "CLIENT__CERT", "CLIENT__KEY"))
_SAME = "Install the same iitk with the same figures on every worker, and start the workers again."
_AGAIN = "What was finished before is whole; the same command continues from there."


@dataclass(frozen=True, slots=True)
class _Task:
    """All that a worker needs to make one stage."""

    run: str  # one name for all tasks of a run
    step: stage.Step
    notebook: bytes
    made_from: Mapping[str, str]  # hashes, by which a worker knows whether it would make the same
    versions: Mapping[str, str]
    limits: Limits


@dataclass(frozen=True, slots=True)
class _Made:
    """What a worker made: files by their path inside the stage's folder; None for a folder."""

    ended: StageRun
    files: Mapping[str, bytes | None]


class Cluster:
    """The workers of a cluster, for one run. Any thread may ask; after `stop` each gets `Stopped`."""

    def __init__(self, address: str, limits: Limits | None = None) -> None:
        self._address, self._limits, self._run = address, limits or Limits(), secrets.token_hex(4)
        self._client = _connect(address)
        self._waiting: set[Any] = set()
        self._stopped, self._lock = False, threading.Lock()
        self._looked = self._seen = time.monotonic()
        self.at_a_time = max(1, sum(self._client.nthreads().values()))

    def run(self, step: stage.Step, out: Path, *, force: bool = False) -> StageRun:
        """Run one step into `out`/<area>/<stage>/, as `stage.run` does and with the same result.

        Raises also a `WorkError` when a worker has other code or figures, or when no worker is left.
        """
        folder = out / step.folder
        made_from = inputs(step.notebook.path, step.parameters)
        if not force and not folders.why_again(folder, made_from):
            return step.ended(KEPT, inputs_hash=inputs_hash(made_from))
        sent = replace(
            step,
            notebook=Notebook(Path(step.notebook.path.name)),
            siblings=(*step.siblings, *(path.parent.name for path in folder.parent.glob("[0-9][0-9]_*/record.json"))),
        )
        task = _Task(self._run, sent, step.notebook.path.read_bytes(), made_from, versions(), self._limits)
        try:
            made = self._made(task)
        except DiedError as error:
            return stage.run(step, out, _Lost(error), force=True)
        with folders.made_beside(folder) as part:
            _unpack(made.files, part)
        return made.ended

    def stop(self) -> None:
        """Take back what has not been made. The workers go on, for others."""
        with self._lock:
            self._stopped = True
            waiting = list(self._waiting)
        with contextlib.suppress(OSError, CancelledError):  # the scheduler may have gone
            self._client.cancel(waiting, reason="the run was stopped")

    def close(self) -> None:
        """End what this run may still be doing on the workers, and the connection."""
        with contextlib.suppress(OSError, CancelledError, ValueError):
            self._client.run(_elsewhere("end"), self._run, on_error="ignore")
        with contextlib.suppress(OSError):
            self._client.close(timeout=CONNECT)

    def _made(self, task: _Task) -> _Made:
        from distributed.scheduler import KilledWorker

        key = f"{task.step.notebook.key}-{task.step.slug}-{task.run}"
        with self._lock:
            if self._stopped:
                raise Stopped
            future = self._client.submit(_elsewhere("answer"), pickle.dumps(task), key=key, pure=False)
            self._waiting.add(future)
        try:
            made: _Made | WorkError = pickle.loads(self._answer(future))  # noqa: S301 (from our own worker)
        except KilledWorker as error:
            raise DiedError(LOST) from error
        except CancelledError as error:
            if self._stopped:
                raise Stopped from error
            raise WorkError(f"The connection to the cluster at {self._address} was lost. {_AGAIN}") from error
        except (ImportError, AttributeError) as error:
            raise WorkError(f"A worker of {self._address} could not go on: {error}.\n{_SAME}") from error
        finally:
            self._waiting.discard(future)
        if isinstance(made, WorkError):
            raise made
        return made

    def _answer(self, future: Any) -> bytes:
        done = threading.Event()
        future.add_done_callback(lambda _: done.set())
        while True:
            if done.wait(_LOOK) or future.done():
                try:
                    answer: bytes = future.result(timeout=_FETCH)
                except TimeoutError:  # it was lost with its worker and is being made again, or it is large
                    if future.status == "error":
                        raise
                else:
                    return answer
            self._expect_workers()

    def _expect_workers(self) -> None:
        """Raise a `WorkError` when there has been no worker for a while."""
        with self._lock:
            now = time.monotonic()
            if now - self._looked < _LOOK:
                return
            self._looked = now
            with contextlib.suppress(OSError, CancelledError):  # connection lost: the tasks learn it by themselves
                if self._client.nthreads():
                    self._seen = now
            if now - self._seen > PATIENCE:
                raise WorkError(
                    f"The cluster at {self._address} has had no worker for {PATIENCE:.0f} s. "
                    f"Start some with: dask worker {self._address}\n{_AGAIN}"
                )


class _Lost(Kernels):
    """In place of kernels for a notebook that could not be run to its end: makes the page that says so."""

    def __init__(self, why: DiedError) -> None:
        super().__init__(Limits(retries=0))
        self._why = why

    def execute(self, notebook: Path, target: Path, parameters: dict[str, str]) -> None:  # noqa: ARG002
        """Fail for the reason given."""
        raise self._why


def _connect(address: str) -> Any:
    try:
        from distributed import Client
        from distributed.security import Security
    except ImportError as error:
        raise WorkError('--dask needs an extra. Install it with: pip install "iitk[dask]"') from error
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # what it says, we say in a sentence
    if address.startswith("tls:") and not Security().get_connection_args("client").get("ssl_context"):
        raise UsageError(f"--dask {address}: TLS needs certificates. Tell Dask where they are, such as by\n{_TLS}")
    try:
        return Client(address, timeout=CONNECT, set_as_default=False, name="iitk")
    except ValueError as error:
        raise UsageError(f"--dask {address}: {error}. Write it as in: --dask tcp://10.0.0.5:8786") from error
    except OSError as error:
        raise WorkError(
            f"No Dask scheduler answers at {address}. Start one with: dask scheduler\n"
            "If it runs there, see whether a firewall stands between, and whether it wants TLS (tls://...)."
        ) from error


def _elsewhere(name: str) -> Callable[..., Any]:
    """A function of this module, called where it is sent; inside another function, it is sent as code."""

    def call(*sent: Any) -> Any:
        from importlib import import_module

        return getattr(import_module("iitk.runs.cluster"), name)(*sent)

    return call


def _unpack(files: Mapping[str, bytes | None], folder: Path) -> None:
    for name, content in files.items():
        path = folder / name
        if content is None:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


# ---- What follows happens on the workers.


@dataclass(slots=True)
class _Lent:
    kernels: Kernels
    users: list[str] = field(default_factory=list)  # the run of each task that works with them now
    since: float = field(default_factory=time.monotonic)  # when they were lent or given back last


class _Desk:
    """Lends tasks the kernels of this worker process, which stay warm from one run to the next."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lent: dict[Limits, _Lent] = {}
        self._ended: set[str] = set()

    @contextlib.contextmanager
    def kernels(self, run: str, limits: Limits) -> Iterator[Kernels]:
        """Kernels for the time of one task; raises `Stopped` after the end of its run."""
        with self._lock:
            if run in self._ended:
                raise Stopped
            lent = self._lent.setdefault(limits, _Lent(Kernels(limits)))
            lent.users.append(run)
        try:
            yield lent.kernels
        finally:
            ensure_event_loop().close()  # the one that Jupyter's client made for this task
            with self._lock:
                lent.users.remove(run)
                lent.since = time.monotonic()

    def end(self, run: str) -> None:
        """End what a run is still doing here. Beside a task of another run it goes on to its own end, for nobody."""
        with self._lock:
            self._ended.add(run)
            ours = [limits for limits, lent in self._lent.items() if set(lent.users) == {run}]
            ending = [self._lent.pop(limits) for limits in ours]
        for lent in ending:
            lent.kernels.stop()

    def clear(self) -> None:
        """End kernels that nobody has used for a while."""
        with self._lock:
            idle = [
                limits for limits, lent in self._lent.items()
                if not lent.users and time.monotonic() - lent.since >= IDLE
            ]  # fmt: skip
            ending = [self._lent.pop(limits) for limits in idle]
        for lent in ending:
            lent.kernels.close()


_desk = _Desk()


def end(run: str) -> None:
    """End what a run is still doing on this worker, and in a while what it leaves warm."""
    _desk.end(run)
    asyncio.get_running_loop().call_later(IDLE, _desk.clear)


def answer(sent: bytes) -> bytes:
    """Make the stage that was asked for; the answer is what was made, or a `WorkError`, both pickled."""
    from distributed import get_worker

    worker = get_worker()
    try:
        task = _read(sent)
        with tempfile.TemporaryDirectory(dir=worker.local_directory, ignore_cleanup_errors=True) as scratch:
            return pickle.dumps(_make(task, Path(scratch)))
    except (IitkError, OSError) as error:
        return pickle.dumps(WorkError(f"The worker at {worker.address} could not go on. {error}"))


def _read(sent: bytes) -> _Task:
    try:
        task: _Task = pickle.loads(sent)  # noqa: S301 (whoever may send us tasks may run anything here)
    except Exception as error:  # written by another version of this module
        raise WorkError(f"It has another version of iitk.\n{_SAME}") from error
    return task


def _make(task: _Task, scratch: Path) -> _Made:
    notebook = Notebook(scratch / "notebooks" / task.step.notebook.path.name)
    notebook.path.parent.mkdir()
    notebook.path.write_bytes(task.notebook)
    _check_same(task, notebook)
    with _desk.kernels(task.run, task.limits) as kernels:
        ended = stage.run(replace(task.step, notebook=notebook), scratch / "out", kernels)
    return _Made(ended, _packed(scratch / "out" / task.step.folder))


def _check_same(task: _Task, notebook: Notebook) -> None:
    """Refuse to make what the caller would make otherwise."""
    here = inputs(notebook.path, task.step.parameters)
    other = [name for name, value in task.made_from.items() if here.get(name) != value]
    if other:
        there = versions()
        differ = "; ".join(
            f"{name} is {there.get(name, 'absent')} there, {version} here"
            for name, version in task.versions.items()
            if there.get(name) != version
        )
        raise WorkError(
            f"It has other {' and '.join(other)} than this machine{f' ({differ})' if differ else ''}, so its results "
            f"would differ.\n{_SAME}"
        )


def _packed(folder: Path) -> dict[str, bytes | None]:
    return {
        path.relative_to(folder).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
    }
