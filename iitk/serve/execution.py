"""Execute a notebook on a visitor's kernel, which then stays for the page."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from queue import Empty
from typing import Any

from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from voila.execute import VoilaExecutor

from iitk.errors import WorkError
from iitk.runs.notebooks import Notebook

_PATIENCE = 120  # seconds that a cell may take, or the kernel to answer
# What a browser may say to the kernel, before there is anything to talk to.
_GATE = "__import__('iitk.views.guard').views.guard.install()"


def prepared(notebook: Notebook, given: Mapping[str, str]) -> NotebookNode:
    """The notebook with what is given in place of the parameters that it declares."""
    book = deepcopy(_read(notebook.path, notebook.path.stat().st_mtime_ns))
    declared = notebook.parameters()
    made: NotebookNode = parameterize_notebook(
        book, {name: value for name, value in given.items() if name in declared}, kernel_name="python3",
        language="python", engine_name=None,
    )  # fmt: skip
    return made


@cache
def _read(path: Path, _changed: int) -> NotebookNode:
    book: NotebookNode = load_notebook_node(str(path))
    return book


async def execute(book: NotebookNode, kernel: Any) -> bool:
    """Execute cell by cell until one fails, and return whether none did; a cell that failed holds its error.

    The connection ends with it, the kernel does not.
    """
    executor = VoilaExecutor(book, km=kernel, timeout=_PATIENCE, show_tracebacks=True)
    executor.reset_execution_trackers()
    executor.kc = client = kernel.client()
    await _open(client)
    client.start_channels()
    try:
        await _heard(client)
        client.execute(_GATE, silent=True, store_history=False, allow_stdin=False)
        for at, cell in enumerate(book.cells):
            await executor.async_execute_cell(cell, at, store_history=False)
    except CellExecutionError:
        return False
    finally:
        client.stop_channels()
    return True


async def _open(client: Any) -> None:
    """Wait until the kernel's last socket is there: who knocks earlier is let in a tenth of a second later."""
    door = f"{client.ip}-{client.iopub_port}"
    clock = asyncio.get_running_loop().time
    until = clock() + 1
    while client.transport == "ipc" and not os.path.exists(door) and clock() < until:  # noqa: PTH110, ASYNC110, ASYNC240
        await asyncio.sleep(0.003)  # nothing tells when it is there, and looking takes no time


async def _heard(client: Any) -> None:
    """Wait until the kernel answers and what it shows is heard.

    As jupyter_client's own waiting, without the fifth of a second in which that listens for more. Raises a `WorkError`
    when the kernel has died or does not answer.
    """
    clock = asyncio.get_running_loop().time
    until = clock() + _PATIENCE
    while clock() < until:
        client.kernel_info()
        try:
            await client.get_iopub_msg(timeout=0.03)
        except Empty:
            if not await client.is_alive():
                break
        else:
            return
    raise WorkError("The kernel ended before it answered, or took too long to.")
