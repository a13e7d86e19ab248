"""Visitors of an app: `iitk serve`, and Voila as pip brings it. Both serve the same notebook for the same area."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import psutil

from benchmarks.runs import AT_END, ECONOMY, STOCK, held, scratch
from benchmarks.task import Prepare, Setting, Task, Told

VISITORS, ALONE = 20, 3
LAST = "Not saved: this notebook was opened by hand."  # what the last cell with an output says
START = 60  # seconds that a server has to come up

Server = Callable[[], contextlib.AbstractContextManager[tuple[str, int]]]  # its address and process number


@contextlib.contextmanager
def ours() -> Iterator[tuple[str, int]]:
    """What `iitk serve` starts."""
    from iitk.serve import app

    with app.serve("01", "Leeds", port=0) as served:
        yield served.url, served.process.pid


@contextlib.contextmanager
def stock() -> Iterator[tuple[str, int]]:
    """Stock Voila, serving the notebook as it is: its area is Leeds."""
    folder = scratch()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [STOCK / "bin" / "voila", ECONOMY, "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"]
    surroundings = {**os.environ, "JUPYTER_RUNTIME_DIR": str(folder)}
    with (folder / "voila.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=surroundings, stdout=log, stderr=log)
    try:
        _wait_until_up(process, port)
        yield f"http://127.0.0.1:{port}/", process.pid
    finally:
        process.terminate()  # Voila ends its kernels
        process.wait(START)


def _wait_until_up(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    sys.exit("Voila did not come up.")


def visit(url: str) -> str:
    """A page as a browser gets it. Voila runs the notebook meanwhile, on a kernel for this visitor alone."""
    with urllib.request.urlopen(url, timeout=600) as answer:  # noqa: S310 (our own server)
        page = answer.read().decode()
    if LAST not in page:
        sys.exit(f"The page of {url} lacks what the last cell says.")
    return page


def _charts(pages: Sequence[str]) -> Mapping[str, float]:
    return {"charts in a page": sum(page.count("<svg") + page.count("\\u003csvg") for page in pages) / len(pages)}


def one_by_one(server: Server) -> Prepare:
    """Visitors one after the other, when one has been there before."""

    def prepare(setting: Setting) -> Task:
        url, _ = AT_END.enter_context(server())
        visit(url)
        return Task([lambda: visit(url)] * (1 if setting.small else ALONE), _charts)

    return prepare


def at_once(server: Server) -> Prepare:
    """All visitors at once, until the last has the page; the memory is what each adds to the server and its kernels."""

    def prepare(setting: Setting) -> Task:
        url, pid = AT_END.enter_context(server())
        visit(url)
        count, process = 2 if setting.small else VISITORS, psutil.Process(pid)
        before = held(process)

        def visits() -> Told:
            began = time.perf_counter()
            with ThreadPoolExecutor(count) as pool:
                pages = list(pool.map(visit, [url] * count))
            seconds = time.perf_counter() - began
            return Told(pages, seconds=seconds, mb=(held(process) - before) / count)

        return Task([visits], lambda results: _charts(results[0]))

    return prepare


WORK: dict[str, Prepare] = {
    "page_ours": one_by_one(ours), "page_stock": one_by_one(stock),
    "visitors_ours": at_once(ours), "visitors_stock": at_once(stock),
}  # fmt: skip
