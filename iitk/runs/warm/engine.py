"""A papermill engine that executes notebooks on warm kernels: `papermill --engine iitk`, or `iitk run`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.log import logger

from iitk.runs.warm import wire
from iitk.runs.warm.kernel import WarmManager, forker

NAME = "iitk"
SAVED_EVERY = 1.0  # seconds
_PAPERMILLS = ("input_path", "timeout", "startup_timeout")  # for papermill itself, or named otherwise for nbclient


class WarmEngine(NBClientEngine):  # type: ignore[misc]  # papermill has no types of its own
    """Executes a notebook as papermill's own engine does, on a kernel forked from a warm parent."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, log_output: bool = False, stdout_file: Any = None, stderr_file: Any = None,
        start_timeout: float = 60, execution_timeout: float | None = None, **kwargs: Any,
    ) -> Any:  # fmt: skip
        """Execute the notebook; the options are those of papermill's own engine.

        `forker` is a warm parent other than this process's, `kernel_manager_class` asks for kernels that start afresh,
        and `client_class` is a client other than papermill's.
        """
        warm, client_class = kwargs.pop("forker", None), kwargs.pop("client_class", PapermillNotebookClient)
        settings = {
            **{name: value for name, value in kwargs.items() if name not in _PAPERMILLS},
            "timeout": execution_timeout or kwargs.get("timeout"), "startup_timeout": start_timeout,
            "kernel_name": kernel_name, "log": logger, "log_output": log_output, "stdout_file": stdout_file,
            "stderr_file": stderr_file,
        }  # fmt: skip
        with _saved_seldom(nb_man):
            if "kernel_manager_class" in kwargs or not (wire.SUPPORTED and _ours(nb_man.nb)):
                return client_class(nb_man, **settings).execute()
            client = client_class(nb_man, km=WarmManager(warm or forker()), **settings)
            client.owns_km = True  # the kernel ends with the notebook
            return client.execute()


papermill_engines.register(NAME, WarmEngine)


@contextlib.contextmanager
def _saved_seldom(nb_man: Any) -> Iterator[None]:
    """Save at most once in `SAVED_EVERY`, and at the end: papermill saves twice a cell, often longer than it runs."""

    def save(**notebook: Any) -> None:
        nb_man.nb = notebook.get("nb") or nb_man.nb
        if (nb_man.now() - nb_man.last_save_time).total_seconds() >= SAVED_EVERY:
            type(nb_man).save(nb_man)

    nb_man.save = save
    try:
        yield
    finally:
        del nb_man.save


def _ours(nb: Any) -> bool:
    """Whether a notebook asks for Python, which is what we can fork; any other gets a kernel of its own."""
    spec = nb.metadata.get("kernelspec", {})
    return str(spec.get("language", "python")).lower() == "python"
