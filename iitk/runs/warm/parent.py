"""The warm parent: a process with one thread that has imported everything once, and forks a kernel when asked.

It is given the number of its control connection. When that closes, for whatever reason, it ends every kernel and
itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import numpy as np

from iitk.charts import svg
from iitk.errors import IitkError
from iitk.runs.warm import wire
from iitk.runs.warm.press import Pen, Press

# What every notebook of ours imports, and what its kernel does: imported before the first fork, drawn with only after.
PRELOADED = (
    "debugpy", "ipykernel.debugger", "ipykernel.kernelapp", "ipykernel.zmqshell", "ipykernel.displayhook",
    "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.oinspect", "IPython.extensions.storemagic",
    "faulthandler", "psutil", "sqlite3", "tornado.platform.asyncio", "matplotlib_inline", "ipywidgets", "numpy",
    "pandas", "altair", "vl_convert", "pyarrow.parquet", "iitk.runs.warm.child",
    "iitk.runs.warm.launcher", "iitk.stages.mandate", "iitk.stages.economy", "iitk.stages.potential",
    "iitk.stages.options", "iitk.stages.choose", "iitk.views.mandate", "iitk.views.economy", "iitk.views.potential",
    "iitk.views.options", "iitk.views.choose", "iitk.views.guard", "comm",
)  # fmt: skip
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


class Parent:
    """Forks kernels on request and tells when they end."""

    def __init__(self, control: socket.socket, press: Press) -> None:
        self._control, self._press = control, press
        self._kernels: set[int] = set()
        self._woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Answer until the other side goes."""
        wire.ask(self._control, {"told": "ready", "pid": os.getpid(), "threads": _threads()})
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._control, selectors.EVENT_READ)
            waiting.register(self._woken, selectors.EVENT_READ)
            while True:
                for key, _ in waiting.select():
                    if key.fileobj is self._control:
                        if not self._answer():
                            return
                    else:
                        with contextlib.suppress(BlockingIOError):
                            os.read(self._woken, 4096)
                        self._reap()

    def end(self) -> None:
        """End every kernel with all that it started."""
        for pid in self._kernels:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while self._kernels:
                self._kernels.discard(os.waitpid(-1, 0)[0])
        self._end_strays()
        self._press.close()

    def _answer(self) -> bool:
        try:
            request, descriptors = wire.told(self._control)
        except OSError:
            return False
        if request is None:
            return False
        if request["ask"] == "fork":
            self._fork(request, descriptors)
        elif request["ask"] == "signal" and request["pid"] in self._kernels:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(request["pid"], request["signal"])
        return True

    def _fork(self, request: dict[str, Any], descriptors: list[int]) -> None:
        drawing = self._connection_to_press()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                self._leave()
                if drawing is not None:
                    svg.draw_with(Pen(drawing))
                from iitk.runs.warm import child, launcher

                with_ports = "argv" in request
                status = launcher.main(descriptors, request) if with_ports else child.main(descriptors[0], request)
            finally:
                os._exit(status)
        for descriptor in descriptors:
            os.close(descriptor)
        if drawing is not None:
            drawing.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpgid(pid, pid)  # in both, so that neither waits for the other
        self._kernels.add(pid)
        wire.ask(self._control, {"told": "forked", "name": request["name"], "pid": pid})

    def _connection_to_press(self) -> socket.socket | None:
        """For the next kernel. A press that has ended is replaced for the one after it."""
        connection = self._press.connect()
        if connection is None:
            self._press.close()
            self._press = Press()
        return connection

    def _leave(self) -> None:
        """In the child: let go of what belongs to the parent, and end when it does."""
        with contextlib.suppress(PermissionError):
            os.setsid()
        parent = os.getppid()
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            _adopt()
        if os.getppid() != parent:
            os._exit(1)  # it ended before it could be watched
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        np.random.seed()  # noqa: NPY002 (chance of its own, in the way that notebooks still use)
        self._control.close()
        self._press.let_go()
        os.close(self._woken)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._kernels.discard(pid)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)  # what it started and did not end
            with contextlib.suppress(OSError):
                wire.ask(self._control, {"told": "ended", "pid": pid, "status": os.waitstatus_to_exitcode(status)})
            self._end_strays()

    def _end_strays(self) -> None:
        """End what kernels that have ended started in sessions of its own: it has come to us."""
        with contextlib.suppress(OSError):  # where the system lists no children
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
            for pid in set(map(int, children)) - self._kernels - {self._press.pid}:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def preload(modules: tuple[str, ...] = PRELOADED) -> None:
    """Import what kernels need, work out what is the same for every area, and keep the collector off all of it."""
    for name in modules:
        with contextlib.suppress(ImportError):  # not everybody has what some of them need: matplotlib, for one
            importlib.import_module(name)
    from iitk.stages import economy, mandate, options, potential

    for stage in (mandate, economy, potential, options):  # nor choose: the solver starts threads, which forks lose
        with contextlib.suppress(IitkError):  # what is wrong with the figures is for the notebook to say
            stage.prepare("Leeds")  # fills what is kept for all areas; nothing is drawn
    gc.collect()
    gc.freeze()


def _adopt() -> None:
    """Become the parent of what one's children leave behind: each kernel of its own, and we of what kernels leave."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _threads() -> int:
    try:
        return len(list(Path("/proc/self/task").iterdir()))
    except OSError:
        return 0


def main(descriptor: int) -> None:
    """Preload, then serve the connection of that number."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started this
    control = socket.socket(fileno=descriptor)
    os.set_inheritable(descriptor, False)
    press = Press()  # gets ready meanwhile
    preload()
    _adopt()
    parent = Parent(control, press)
    try:
        parent.serve()
    finally:
        parent.end()
    os._exit(0)  # taking down all that was imported would take longer than the rest
