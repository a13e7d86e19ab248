"""Kernels of this very environment, all of which can be ended at once."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import papermill
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

from iitk.errors import WorkError

#: One thread each: the run is parallel over areas already.
_SINGLE_THREADED = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_NO_HISTORY = "--HistoryManager.hist_file=:memory:"  # nothing typed here belongs in the user's history


def own_spec() -> KernelSpec:
    """Kernel of the Python that runs now: never one that another environment has registered under the same name."""
    return KernelSpec(
        argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", _NO_HISTORY],
        display_name="Python 3 (iitk)",
        language="python",
        env={"PYDEVD_DISABLE_FILE_VALIDATION": "1", **_SINGLE_THREADED},
    )


class _OwnSpecs(KernelSpecManager):
    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:  # noqa: ARG002
        return own_spec()


class Stopped(Exception):  # noqa: N818
    """The run was told to stop before this notebook had finished."""


class Kernels:
    """The kernels that run now. After `stop` none starts and those that ran have ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[KernelManager] = set()
        self._stopped = False

    def execute(self, notebook: Path, target: Path, parameters: dict[str, str], *, timeout: int = 600) -> None:
        """Execute `notebook` with `parameters` into the file `target`, in whose folder its kernel works.

        Raises `papermill.PapermillExecutionError` when a cell fails (`target` then shows it), `Stopped` after `stop`,
        and `WorkError` when the kernel died or a cell took longer than `timeout` seconds.
        """
        with self._kernel() as manager:
            try:
                _papermill(notebook, target, parameters, km=manager, execution_timeout=timeout,
                           resources={"metadata": {"path": str(target.parent)}})  # fmt: skip
            except papermill.PapermillExecutionError:
                raise
            except Exception as error:
                if self._stopped:
                    raise Stopped from error
                raise WorkError(f"The kernel of {notebook.name} ended early: {error}") from error

    def stop(self) -> None:
        """End every kernel at once; the threads that wait for them get `Stopped`."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for manager in running:
            with contextlib.suppress(RuntimeError, OSError):  # it may be ending by itself
                manager.shutdown_kernel(now=True)

    @contextlib.contextmanager
    def _kernel(self) -> Iterator[KernelManager]:
        manager = KernelManager(kernel_name="python3", kernel_spec_manager=_OwnSpecs())
        with self._lock:
            if self._stopped:
                raise Stopped
            self._running.add(manager)
        try:
            yield manager
        finally:
            with self._lock:
                self._running.discard(manager)
            with contextlib.suppress(RuntimeError, OSError):
                manager.shutdown_kernel(now=True)


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
