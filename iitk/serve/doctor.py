"""Is everything here that the pages need? Each check says what it found and, where something is wrong, the remedy."""

from __future__ import annotations

import contextlib
import fnmatch
import os
import re
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from iitk.errors import IitkError, UsageError

if TYPE_CHECKING:
    from iitk.runs.warm.kernel import Forker

State = Literal["ok", "advice", "failed"]
Found = tuple[State, str, str]  # state, message, remedy

_HERE = "127.0.0.1"
INSTALL = "Install the toolkit again: pip install --force-reinstall iitk (in a checkout: make env)"
PATIENCE = 30  # seconds for a kernel: one that is well takes three
VISITOR_MB, KEPT_MB = 60, 400  # of memory: for each visitor, and for the server with the parent of its kernels
LEAST_DISK_MB, GOOD_DISK_MB = 100, 1000
_ELSEWHERE = re.compile(r"""(?:url\(\s*|@import\s+|\bfetch\(\s*|\bsrc\s*=\s*)["'`]?(?:https?:|wss?:)?//""")
_FONTS = {
    "source-sans-3-latin-400-normal.woff2": b"wOF2", "source-sans-3-latin-600-normal.woff2": b"wOF2",
    "source-serif-4-latin-600-normal.woff2": b"wOF2", "chart-sans-400.ttf": b"\0\1\0\0",
    "chart-sans-600.ttf": b"\0\1\0\0", "widths.json": b"{",
}  # fmt: skip
_BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "firefox", "microsoft-edge",
    "msedge", "brave-browser",
)  # fmt: skip
_BROWSER_PLACES = (
    "/Applications/Safari.app", "/Applications/Google Chrome.app", "/Applications/Firefox.app",
    "/Applications/Microsoft Edge.app", "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe", "C:/Program Files/Mozilla Firefox/firefox.exe",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, and how it is: "ok", "advice" (works, but could be better) or "failed"."""

    key: str
    title: str
    state: State
    message: str
    remedy: str = ""


def examine(
    *, port: int = 8866, outputs: Path = Path("outputs"), visitors: int | None = None, only: Collection[str] = ()
) -> list[Check]:
    """Look at everything (or `only` at what these keys name), side by side.

    Memory is reckoned for so many visitors, else for as many as `iitk serve` lets in.

    Raises `UsageError` for a port or a number of visitors that cannot be meant.
    """
    if visitors is None:
        from iitk.serve import capacity

        visitors = capacity.limit()
    if not 0 <= port <= 65535:
        raise UsageError(f"A port is a number from 0 to 65535, not {port}.")
    if visitors < 1:
        raise UsageError(f"--visitors must be 1 or more, not {visitors}.")
    looks: list[tuple[str, str, Callable[[], Found]]] = [
        ("python", "Python", _python),
        ("packages", "Packages", _packages),
        ("kernel", "Kernel", _kernel),
        ("figures", "Official figures", _figures),
        ("texts", "Texts and assumptions", _texts),
        ("notebooks", "Notebooks", _notebooks),
        ("port", f"Port {port}", partial(_port, port)),
        ("outputs", "Folder for results", partial(_outputs, outputs)),
        ("fonts", "Fonts", _fonts),
        ("drawing", "Drawing without a network", _drawing),
        ("offline", "Page parts without a network", _offline),
        ("browser", "Browser", _browser),
        ("memory", f"Memory for {visitors} visitors", partial(_memory, visitors)),
    ]
    chosen = [look for look in looks if not only or look[0] in only]
    with ThreadPoolExecutor(len(looks)) as pool:
        return list(pool.map(lambda look: _checked(*look), chosen))


def _checked(key: str, title: str, look: Callable[[], Found]) -> Check:
    try:
        return Check(key, title, *look())
    except IitkError as error:  # its first line says what is wrong, the rest what to do
        message, _, remedy = str(error).partition("\n")
        return Check(key, title, "failed", message, remedy or INSTALL)
    except Exception as error:  # noqa: BLE001 (a broken installation breaks in any way)
        why = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return Check(key, title, "failed", f"This could not be looked at: {why}", INSTALL)


def _python() -> Found:
    from packaging.specifiers import SpecifierSet

    here = ".".join(map(str, sys.version_info[:3]))
    wanted = metadata.metadata("iitk")["Requires-Python"]
    if here in SpecifierSet(wanted):
        return "ok", f"{here}.", ""
    return "failed", f"{here} is not {wanted}.", f"Install Python {wanted}, and the toolkit with it."


def _packages() -> Found:
    from packaging.requirements import Requirement

    asked = [Requirement(line) for line in metadata.requires("iitk") or ()]
    needed = [one for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = []
    for one in needed:
        try:
            if (version := metadata.version(one.name)) not in one.specifier:
                wrong.append(f"{one.name} is {version}, not {one.specifier}")
        except metadata.PackageNotFoundError:
            wrong.append(f"{one.name} is missing")
    if wrong:
        return "failed", f"{'; '.join(wrong)}.", INSTALL
    return "ok", f"{len(needed)} packages, each as asked for.", ""


def _kernel() -> Found:
    """Execute a cell, and ask whether visitors get kernels that need not start."""
    from iitk.runs.warm import provisioner, wire

    answer = _run_a_cell("import sys; print(6 * 7, 'warm' if 'iitk.runs.warm.parent' in sys.modules else 'afresh')")
    if answer not in {"42 warm", "42 afresh"}:
        said = f"answered {answer!r}" if answer else f"did not answer within {PATIENCE} s"
        return "failed", f"A kernel {said}.", INSTALL
    if not wire.SUPPORTED:
        return "ok", "A kernel of Jupyter's own answered. Kernels that need not start are for Linux only.", ""
    if answer == "42 afresh":
        remedy = "Pages work, but open slowly. To see why, run again with IITK_DEBUG=1."
        return "advice", "A kernel of Jupyter's own answered; the warm parent, which forks kernels, did not.", remedy
    if not metadata.entry_points(group="jupyter_client.kernel_provisioners", name=provisioner.NAME):
        return "advice", "A warm kernel answered, but Jupyter does not know of such: pages open slowly.", INSTALL
    return "ok", "A warm kernel answered, forked from a parent that has everything loaded.", ""


def _run_a_cell(code: str) -> str:
    """What a cell prints, executed as a run does it; empty if it takes too long."""
    from iitk.runs.warm import kernel, wire

    with contextlib.ExitStack() as at_end:
        parent = kernel.Forker() if wire.SUPPORTED else None  # it gets ready while we import the rest
        if parent:
            at_end.callback(parent.close)
        folder = Path(at_end.enter_context(tempfile.TemporaryDirectory(prefix="iitk-doctor-")))
        return _execute(code, folder, parent)


def _execute(code: str, folder: Path, parent: Forker | None) -> str:
    import nbformat
    from jupyter_core.utils import ensure_event_loop
    from nbformat.v4 import new_code_cell, new_notebook

    from iitk.runs.kernels import Kernels, Limits, Stopped

    asked, answered = folder / "asked.ipynb", folder / "answered.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(code)]), asked)
    with contextlib.closing(Kernels(Limits(retries=0), parent=parent)) as kernels:
        late = threading.Timer(PATIENCE, kernels.stop)
        late.start()
        try:
            kernels.execute(asked, answered, {})
        except Stopped:
            return ""
        finally:
            late.cancel()
            late.join()
            ensure_event_loop().close()  # the one that Jupyter's client made for this thread
    (cell,) = nbformat.read(answered, as_version=4).cells
    return "".join(output.get("text", "") for output in cell.outputs).strip()


def _figures() -> Found:
    from iitk.sources import tables

    tables.verify_all()
    return "ok", f"{len(tables.all_sources())} tables, each as its record says.", ""


def _texts() -> Found:
    from iitk.sources import glossary, lenses, parameters, paths, prompts

    stages, editions = (
        sorted(path.stem for path in (paths.data_dir() / name).glob("*.toml")) for name in ("prompts", "lenses")
    )
    counts = (
        f"{sum(len(prompts.load(stage)) for stage in stages)} prompts for {len(stages)} stages",
        f"{len(glossary.load())} words explained",
        f"{sum(len(lenses.load(edition)) for edition in editions)} sector lists",
        f"{len(parameters.load())} assumptions",
    )
    return "ok", f"{', '.join(counts)}.", ""


def _notebooks() -> Found:
    from iitk.runs import notebooks

    found = notebooks.find()
    for one in found:
        one.parameters()
    return "ok", f"{len(found)} stages: {', '.join(one.key for one in found)}.", ""


def _port(port: int) -> Found:
    why = _in_use(port)
    if not why:
        return "ok", "Free.", ""
    remedy = "End it, if it is an earlier `iitk serve`, or take another port: iitk serve --port 0 finds a free one."
    return "failed", f"{why}{_holder(port)}.", remedy


def _in_use(port: int) -> str:
    """Why a port cannot be used; empty if it can. Some systems let two listen at one, so it is also called."""
    with socket.socket() as caller:
        if port and caller.connect_ex((_HERE, port)) == 0:
            return "It is in use"
    with socket.socket() as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HERE, port))
        except OSError as error:
            return error.strerror or str(error)
    return ""


def _holder(port: int) -> str:
    """Who listens there, where the system tells."""
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        for one in psutil.net_connections("tcp"):
            if one.pid and one.status == psutil.CONN_LISTEN and one.laddr.port == port:
                return f": {psutil.Process(one.pid).name()}, process {one.pid}, listens there"
    return ""


def _outputs(folder: Path) -> Found:
    from iitk.runs import folders

    new = not folder.exists()
    folders.check_writable(folder)
    free = shutil.disk_usage(folder).free >> 20
    if new:
        with contextlib.suppress(OSError):
            folder.rmdir()
    remedy = "Make room, or name a folder on another disk with --out FOLDER."
    if free < LEAST_DISK_MB:
        return "failed", f"Only {free:,} MB are free in {folder}.", remedy
    if free < GOOD_DISK_MB:
        return "advice", f"{free:,} MB are free in {folder}: enough for some areas, not for all.", remedy
    return "ok", f"{folder} can be written; {free / 1000:,.0f} GB are free.", ""


def _fonts() -> Found:
    from iitk.charts import fonts

    folder = fonts.folder()
    wrong = [name for name, start in _FONTS.items() if not _starts(folder / name, start)]
    if wrong:
        return "failed", f"Missing or damaged in {folder}: {', '.join(wrong)}.", INSTALL
    return "ok", f"{len(_FONTS)} files that ship with the toolkit.", ""


def _starts(path: Path, start: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(start)) == start
    except OSError:
        return False


def _drawing() -> Found:
    from iitk.charts import svg, theme

    mark = {"mark": "text", "data": {"values": [{}]}, "encoding": {"text": {"value": "Leeds"}}}
    if "Leeds</text>" not in svg.by_engine(mark, theme.config()):
        return "failed", "The drawing engine leaves out text.", INSTALL
    return "ok", "A chart was drawn here, by this machine alone.", ""


def _offline() -> Found:
    """What a page asks this server for must be here, and what is ours must ask nobody else."""
    from iitk.serve import assets

    every = assets.all_assets()
    wanted = ("static/style-*.css", "static/page-*.js", "voila/static/voila.js", "voila/labextensions/*remoteEntry*.js")
    missing = [one for one in wanted if not fnmatch.filter(every, one)]
    empty = [name for name, one in every.items() if not (one.path.stat().st_size if one.path else one.text)]
    if missing or empty:
        return "failed", f"Missing or empty: {', '.join([*missing, *empty][:5])}.", INSTALL
    ours = {name: one.read().decode("utf-8", "replace") for name, one in every.items() if name.startswith("static/")}
    if outside := [name for name, text in ours.items() if _ELSEWHERE.search(text)]:
        return "failed", f"These ask another server for something: {', '.join(outside)}.", INSTALL
    return "ok", f"{len(every)} files of Voila and ours are here; ours ask no other server.", ""


def _browser() -> Found:
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    found = found or next((place for place in _BROWSER_PLACES if Path(place).exists()), None)
    if found:
        return "ok", f"{Path(found).stem} is here.", ""
    return "advice", "No browser was found on this machine.", "Visitors with devices of their own need none here."


def _memory(visitors: int) -> Found:
    import psutil

    there, needed = psutil.virtual_memory().available >> 20, KEPT_MB + visitors * VISITOR_MB
    if there >= needed:
        return "ok", f"{there:,} MB are free, {needed:,} are needed.", ""
    places = max(0, (there - KEPT_MB) // VISITOR_MB)
    remedy = f"Close other programs, or serve fewer at a time: iitk serve --visitors {max(1, places)}"
    state: State = "advice" if places else "failed"
    return state, f"{there:,} MB are free, {needed:,} are needed: room for about {places}.", remedy
