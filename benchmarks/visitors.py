"""Visitors of an app: `iitk serve`, and Voila as pip brings it. Both serve the same notebook for the same area."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from benchmarks.runs import AT_END, ECONOMY, OURS, STOCK, held, scratch
from benchmarks.task import Prepare, Setting, Task, Told

VISITORS, BROWSED = 20, 5
LAST = "Next: where could growth come from here?"
START = 60  # seconds that a server has to come up

Server = Callable[[], contextlib.AbstractContextManager[tuple[str, int]]]  # its address and process number


@contextlib.contextmanager
def ours(stage: Path = ECONOMY, query: str = "area=E08000035") -> Iterator[tuple[str, int]]:
    """The page of a stage as `iitk serve` shows it."""
    command = [*OURS, "iitk", "serve", "--port", "0", "--json"]
    process = subprocess.Popen(command, cwd=scratch(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        told = process.stdout.readline() if process.stdout else ""
        if not told:
            sys.exit("The server did not come up.")
        yield f"{json.loads(told)['address']}stage/{stage.stem}?{query}", process.pid
    finally:
        process.terminate()  # it ends its kernels
        process.communicate(timeout=START)


@contextlib.contextmanager
def stock(notebook: Path = ECONOMY) -> Iterator[tuple[str, int]]:
    """Stock Voila, serving a notebook as it is: the area of stage 1 is Leeds."""
    folder = scratch()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [STOCK / "bin" / "voila", notebook, "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"]
    surroundings = {**os.environ, "JUPYTER_RUNTIME_DIR": str(folder), "IITK_APP": "1"}  # with the same choices as ours
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
    """A page as a browser gets it. The notebook runs meanwhile, on a kernel for this visitor alone."""
    with urllib.request.urlopen(url, timeout=600) as answer:  # noqa: S310 (our own server)
        page: str = answer.read().decode()
    if LAST not in page:
        sys.exit(f"The page of {url} lacks its last heading.")
    return page


def _charts(pages: Sequence[str]) -> Mapping[str, float]:
    found = sum(page.count("<figure ") + page.count("\\u003cfigure ") for page in pages)
    return {"figures in a page": found / len(pages)}


def browser() -> Any:
    """A window of Chromium without a screen."""
    from playwright.sync_api import sync_playwright

    found = os.environ.get("IITK_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        sys.exit("Chromium is missing: run tools/install-chromium.sh, or set IITK_CHROMIUM.")
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    playwright = AT_END.enter_context(sync_playwright())
    started = playwright.chromium.launch(executable_path=found, args=arguments)
    AT_END.callback(started.close)
    return started.new_context(viewport={"width": 1280, "height": 900})


def open_page(page: Any, url: str, control: str) -> Any:
    """Go to a page until its first control is there, and its connection too.

    Ours says so (`html.ready`); stock Voila makes controls only then.
    """
    page.goto(url, wait_until="commit")
    page.wait_for_function("control => document.querySelector(control) !== null", arg=control, timeout=60_000)
    return page


def in_a_browser(server: Server, control: str, *, change: bool = False) -> Prepare:
    """A page in Chromium until it can be worked with (when one has been there before), or a choice until it shows."""

    def prepare(setting: Setting) -> Task:
        url, _ = AT_END.enter_context(server())
        visits = browser()

        def visit() -> Told:
            page, began = visits.new_page(), time.perf_counter()
            open_page(page, url, control)
            seconds = time.perf_counter() - began
            chosen = float(page.locator(control).first.input_value())
            page.close()
            return Told(chosen, seconds=seconds)

        visit()
        if not change:
            return Task([visit] * (1 if setting.small else BROWSED), lambda told: {"chosen at first": told[-1]})
        page = open_page(visits.new_page(), url, control)
        steps = [partial(_choose, page, control, many) for many in range(6, 8 if setting.small else 26)]
        return Task(steps, lambda told: {"industries in the last figure": told[-1]})

    return prepare


def _choose(page: Any, control: str, many: int) -> Told:
    """Choose how many industries are shown; the clock runs in the page, from the choice to the next picture."""
    milliseconds, rows = page.evaluate(_CHANGE, [control, many])
    return Told(rows, seconds=milliseconds / 1000)


_CHANGE = """async ([name, many]) => {
  const control = document.querySelector(name);
  const view = document.querySelector(".view[data-view='specialisation']");
  const place = view.closest(".live-shown, .jupyter-widgets");
  const drawn = new Promise((done) => new MutationObserver((_, watcher) => {
    if (place.querySelector(`.view[data-query*="industries=${many}"]`) || many === 10) { watcher.disconnect(); done(); }
  }).observe(place, { childList: true, subtree: true }));
  const began = performance.now();
  control.value = String(many);
  for (const kind of ["input", "change"]) { control.dispatchEvent(new Event(kind, { bubbles: true })); }
  await drawn;
  await new Promise(requestAnimationFrame);
  const took = performance.now() - began;
  return [took, place.querySelectorAll(".view table tbody tr").length];
}"""


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


_OURS, _STOCK = 'html.ready .live input[type="number"]', '.view-box input[type="number"]'
WORK: dict[str, Prepare] = {
    "page_ours": in_a_browser(ours, _OURS), "page_stock": in_a_browser(stock, _STOCK),
    "change_ours": in_a_browser(ours, _OURS, change=True), "change_stock": in_a_browser(stock, _STOCK, change=True),
    "visitors_ours": at_once(ours), "visitors_stock": at_once(stock),
}  # fmt: skip
