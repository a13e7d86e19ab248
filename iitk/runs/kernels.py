"""Kernels of this very environment, within limits, all of which can be ended at once."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import papermill
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from traitlets import default

from iitk.errors import WorkError
from iitk.runs import printed
from iitk.runs.warm import engine, wire
from iitk.runs.warm.kernel import Forker

#: One thread each: the run is parallel over areas already.
_SINGLE_THREADED = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def own_spec() -> KernelSpec:
    """Kernel of the Python that runs now: never one that another environment has registered under the same name."""
    return KernelSpec(
        argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        display_name="Python 3 (iitk)",
        language="python",
        metadata={"supported_encryption": ["curve"]},
        env={"PYDEVD_DISABLE_FILE_VALIDATION": "1", **_SINGLE_THREADED},
    )


class _OwnSpecs(KernelSpecManager):
    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:  # noqa: ARG002
        return own_spec()


# What these say of a kernel that was told to end is no news; what a cell did wrong comes as an error of its own.
for _name in ("traitlets", "nbclient", "papermill", "jupyter_client"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


#: What the system calls a disk that is full, a quota that is used up, a file that may not grow.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
SHOWN = 50_000_000  # characters that a notebook may hand on as tables, charts and text, all together
LEAST_MEMORY = 600  # megabytes; a kernel of ours takes some 450 before it has done anything


class Stopped(Exception):  # noqa: N818
    """The run was told to stop before this notebook had finished."""


class DiedError(WorkError):
    """A kernel ended early: it was killed, or ended itself."""


class LateError(WorkError):
    """A notebook took longer than it may."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one notebook may take."""

    timeout: int = 600  # seconds, from its first cell to its last
    retries: int = 1  # how often it is tried again when its kernel died; when it took too long, once at most
    memory: int = 0  # megabytes of its kernel; 0: as much as there is

    @staticmethod
    def memory_can_be_limited() -> bool:
        """Whether this system can hold another process to a limit."""
        return sys.platform == "linux"

    def apply(self, pid: int) -> None:
        """Hold a process, and those that it starts, each to the memory allowed."""
        if self.memory and sys.platform == "linux":
            import resource

            with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
                resource.prlimit(pid, resource.RLIMIT_DATA, (self.memory << 20, self.memory << 20))

    def seconds_left(self) -> Callable[[object], float]:
        """Return a clock for one notebook, which the first question for the time left starts."""
        ends: list[float] = []

        def left(_: object) -> float:
            if not ends:
                ends.append(time.monotonic() + self.timeout)
            return max(0.01, ends[0] - time.monotonic())

        return left


class _Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types of its own
    """papermill's client, which takes in no more than anybody would look at."""

    _room = SHOWN

    def start_new_kernel_client(self, **options: Any) -> Any:
        """Connect to the kernel, and bound what it prints."""
        client = super().start_new_kernel_client(**options)
        client.execute(printed.ASKED, silent=True, store_history=False, allow_stdin=False, stop_on_error=False)
        return client

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        """Take an output into the notebook while there is room; of others, only the size."""
        size = len(str(msg["content"]))
        self._room -= size
        if self._room >= 0 or msg["msg_type"] == "error":
            return super().output(outs, msg, display_id, cell_index)
        outs.append(new_output("stream", name="stdout", text=f"[An output of {size:,} characters was left out]\n"))
        return None


class _Manager(AsyncKernelManager):
    """Manager of one kernel, known to the `Kernels` that it belongs to.

    The asynchronous kind: only with it does nbclient notice that a kernel has died, or takes too long.
    """

    kernels: Kernels

    @default("kernel_spec_manager")
    def _own_specs(self) -> KernelSpecManager:
        return _OwnSpecs()

    @default("transport_encryption")
    def _encrypted_where_possible(self) -> str:
        return "auto"

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]  # as its asynchronous parent's is
        """Start the kernel, unless the run has been stopped."""
        self.kernels.admit(self)
        # What a kernel says to the terminal (of its own interruption, when it is told to end) is no news to anybody.
        await super().start_kernel(**{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options})
        if process := getattr(self.provisioner, "process", None):
            self.kernels.limits.apply(process.pid)

    def kill(self) -> None:
        """End the kernel, and what it started, from any thread; the thread that runs it sees that and cleans up."""
        process, group = (getattr(self.provisioner, name, None) for name in ("process", "pgid"))
        with contextlib.suppress(OSError):  # it has just ended by itself
            if group and sys.platform != "win32":
                os.killpg(group, signal.SIGKILL)
            elif process is not None:
                process.kill()


class Kernels:
    """The kernels of a run. After `stop` none starts, and those that ran have ended.

    On Linux they come from a warm parent, of its own or the one given (which then ends with it), else each starts
    afresh; so too with `warm` false.
    """

    def __init__(self, limits: Limits | None = None, *, warm: bool = True, parent: Forker | None = None) -> None:
        self.limits = limits or Limits()
        self._lock = threading.Lock()
        self._started: list[_Manager] = []
        self._stopped = False
        self._manager_class = type("_ManagerOfThisRun", (_Manager,), {"kernels": self})
        self._warm = warm and wire.SUPPORTED
        self._forker = parent if self._warm else None
        if self._forker is not None:
            self.limits.apply(self._forker.pid)

    def execute(self, notebook: Path, target: Path, parameters: dict[str, str]) -> None:
        """Execute `notebook` with `parameters` into the file `target`, in whose folder its kernel works.

        Raises `papermill.PapermillExecutionError` when a cell fails (`target` then shows it), `Stopped` after `stop`,
        `DiedError` when the kernel died, `LateError` when it took too long, `OSError` when the disk is full.
        """
        try:
            self._execute_warm_or_afresh(notebook, target, parameters)
        except (papermill.PapermillExecutionError, Stopped):
            raise
        except CellTimeoutError as error:
            raise LateError(
                f"{notebook.name} took longer than {self.limits.timeout} s and was ended. "
                "If that is too short a time, give it more with --timeout SECONDS."
            ) from error
        except Exception as error:
            if self._stopped:
                raise Stopped from error
            if getattr(error, "errno", None) in FULL:
                raise
            why = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise DiedError(f"The kernel of {notebook.name} ended early: {why}") from error
        finally:
            _settle()

    def _execute_warm_or_afresh(self, notebook: Path, target: Path, parameters: dict[str, str]) -> None:
        forker = self._warm_parent()
        try:
            self._execute(notebook, target, parameters, forker)
        except papermill.PapermillExecutionError:
            raise
        except Exception:
            if forker is None or forker.alive or self._stopped:
                raise
            self._execute(notebook, target, parameters, None)  # the parent itself ended: start afresh

    def _execute(self, notebook: Path, target: Path, parameters: dict[str, str], forker: Forker | None) -> None:
        kind = {"kernel_manager_class": self._manager_class} if forker is None else {"forker": forker}
        _papermill(
            notebook, target, parameters, engine_name=engine.NAME, client_class=_Client,
            timeout_func=self.limits.seconds_left(), execution_timeout=self.limits.timeout, iopub_timeout=60,
            resources={"metadata": {"path": str(target.parent)}}, **kind,
        )  # fmt: skip

    def get_ready(self) -> None:
        """Wait until kernels can be had at once, so that this time is not taken for the first notebook's."""
        forker = self._warm_parent()
        while forker is not None and forker.alive and not forker.answered and not self._stopped:
            time.sleep(0.02)

    def _warm_parent(self) -> Forker | None:
        """The parent of this run's kernels, started with the first of them, and again should it end."""
        with self._lock:
            if self._stopped:
                raise Stopped
            if self._warm and (self._forker is None or not self._forker.alive):
                self._forker = Forker()
                self.limits.apply(self._forker.pid)  # its kernels inherit it
            return self._forker

    def admit(self, manager: _Manager) -> None:
        """Take note of a kernel that is about to start; raises `Stopped` after `stop`."""
        with self._lock:
            if self._stopped:
                raise Stopped
            self._started.append(manager)

    def stop(self) -> None:
        """End every kernel at once; the threads that wait for them get `Stopped`."""
        with self._lock:
            self._stopped = True
            for manager in self._started:
                manager.kill()
        self.close()

    def close(self) -> None:
        """End what the run no longer needs."""
        with self._lock:
            if self._forker is not None:
                self._forker.close()


def _settle() -> None:
    """End what nbclient leaves undone in this thread's event loop when it gives a notebook up."""
    loop = ensure_event_loop()
    if not loop.is_running():
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))


def prepare(notebook: Path, target: Path, parameters: dict[str, str]) -> None:
    """Write `notebook` with its parameters to `target` without executing it."""
    _papermill(notebook, target, parameters, prepare_only=True)


def _papermill(notebook: Path, target: Path, parameters: dict[str, str], **options: Any) -> None:
    papermill.execute_notebook(
        _literal(notebook), _literal(target), parameters=parameters, kernel_name="python3", language="python",
        progress_bar=False, request_save_on_cell_execute=False, **options,
    )  # fmt: skip


def _literal(path: Path) -> str:
    """A path in which papermill finds no placeholder, even if a folder's name holds braces."""
    return os.fspath(path.resolve()).replace("{", "{{").replace("}", "}}")
