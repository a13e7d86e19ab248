"""Kernels of this very environment, all of which can be ended at once."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import papermill
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

from iitk.errors import WorkError
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


class Stopped(Exception):  # noqa: N818
    """The run was told to stop before this notebook had finished."""


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

    def kill(self) -> None:
        """End the kernel's process from any thread; the thread that runs it sees that and cleans up."""
        process = getattr(self.provisioner, "process", None)
        if process is not None:
            with contextlib.suppress(OSError):  # it has just ended by itself
                process.kill()


class Kernels:
    """The kernels of a run. After `stop` none starts, and those that ran have ended.

    On Linux they come from a warm parent, else each starts afresh; so too with `warm` false.
    """

    def __init__(self, *, warm: bool = True) -> None:
        self._lock = threading.Lock()
        self._started: list[_Manager] = []
        self._stopped = False
        self._manager_class = type("_ManagerOfThisRun", (_Manager,), {"kernels": self})
        self._warm = warm and wire.SUPPORTED
        self._forker: Forker | None = None

    def execute(self, notebook: Path, target: Path, parameters: dict[str, str], *, timeout: int = 600) -> None:
        """Execute `notebook` with `parameters` into the file `target`, in whose folder its kernel works.

        Raises `papermill.PapermillExecutionError` when a cell fails (`target` then shows it), `Stopped` after `stop`,
        and `WorkError` when the kernel died or a cell took longer than `timeout` seconds.
        """
        try:
            forker = self._warm_parent()
            try:
                self._execute(notebook, target, parameters, timeout, forker)
            except papermill.PapermillExecutionError:
                raise
            except Exception:
                if forker is None or forker.alive or self._stopped:
                    raise
                self._execute(notebook, target, parameters, timeout, None)  # the parent itself ended: start afresh
        except (papermill.PapermillExecutionError, Stopped):
            raise
        except Exception as error:
            if self._stopped:
                raise Stopped from error
            why = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise WorkError(f"The kernel of {notebook.name} ended early: {why}") from error

    def _execute(
        self, notebook: Path, target: Path, parameters: dict[str, str], timeout: int, forker: Forker | None
    ) -> None:
        kind: dict[str, Any] = {"kernel_manager_class": self._manager_class}
        if forker is not None:
            kind = {"engine_name": engine.NAME, "forker": forker}
        _papermill(
            notebook, target, parameters, execution_timeout=timeout,
            resources={"metadata": {"path": str(target.parent)}}, **kind,
        )  # fmt: skip

    def _warm_parent(self) -> Forker | None:
        """The parent of this run's kernels, started with the first of them, and again should it end."""
        with self._lock:
            if self._stopped:
                raise Stopped
            if self._warm and (self._forker is None or not self._forker.alive):
                self._forker = Forker()
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
