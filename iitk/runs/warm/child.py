"""The kernel in the forked child: IPython's own, with one socket in place of five ports."""

from __future__ import annotations

import asyncio
import atexit
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import traitlets
import zmq
from ipykernel import ipkernel
from ipykernel.iostream import IOPubThread
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from tornado import ioloop
from traitlets.config import Config

from iitk.runs.warm import wire


class _Channel:
    """What the kernel takes for a zmq socket: sends one channel's messages on the shared connection."""

    def __init__(
        self, name: str, connection: socket.socket, turn: threading.Lock, context: zmq.Context[Any]
    ) -> None:  # fmt: skip
        self._name, self._connection, self._turn = name, connection, turn
        self.context = context  # the thread of the outputs wakes itself through it

    def send_multipart(self, parts: Sequence[Any], *_: Any, **__: Any) -> None:
        """Send one message whole; the other channels wait meanwhile."""
        with self._turn:
            self._connection.sendall(wire.packed(self._name, [getattr(part, "bytes", part) for part in parts]))

    def flush(self, *_: Any) -> None:
        """Nothing waits here."""

    def on_recv(self, *_: Any, **__: Any) -> None:
        """Messages are brought by `WarmApp.start`."""


class _Outputs(IOPubThread):
    """Sends what a cell shows at once. Only what it prints needs the thread, which then gathers lines to send."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)  # type: ignore[no-untyped-call]
        self._starting = threading.Lock()

    def schedule(self, f: Any) -> None:
        """Do this in the thread, which starts with the first of it; a process that a cell forked has none."""
        with self._starting:
            if self._is_master_process() and not (self._stopped or self.thread.is_alive()):  # type: ignore[no-untyped-call]
                self.start()  # type: ignore[no-untyped-call]
        super().schedule(f)  # type: ignore[no-untyped-call]

    def send_multipart(self, *arguments: Any, **options: Any) -> None:
        """Send after all that was scheduled."""
        send = super().send_multipart if self.thread.is_alive() else self._really_send
        send(*arguments, **options)  # type: ignore[no-untyped-call]


class _NoThread:
    """In place of ipykernel's thread for subshells, of which it asks only whose child it is."""

    parent_thread = threading.main_thread()

    def __bool__(self) -> bool:
        return False


class WarmKernel(IPythonKernel):
    """IPython's kernel, which otherwise insists on zmq streams, and on a thread for each."""

    shell_stream = traitlets.Instance(_Channel, allow_none=True)  # type: ignore[assignment]
    control_stream = traitlets.Instance(_Channel, allow_none=True)  # type: ignore[assignment]
    _supports_kernel_subshells = False

    def __init__(self, **options: Any) -> None:
        # It lists the files of all modules for its debugger, which nobody attaches to a notebook that runs by itself:
        # looking at each of two thousand modules would copy the memory that they share with the parent.
        without_modules = ModuleType("sys")
        vars(without_modules).update(vars(sys), modules={})
        vars(ipkernel)["sys"] = without_modules
        try:
            super().__init__(**options)  # type: ignore[no-untyped-call]
        finally:
            vars(ipkernel)["sys"] = sys


class WarmApp(IPKernelApp):
    """ipykernel's application without command line, ports, connection file, heartbeat and poller."""

    def __init__(self, connection: socket.socket, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        self._connection = connection

    def parse_command_line(self, argv: Any = None) -> None:
        """There is none."""

    def init_connection_file(self) -> None:
        """Nobody needs to find this kernel."""

    def init_poller(self) -> None:
        """It ends with its parent in any case."""

    def init_heartbeat(self) -> None:
        """The connection itself shows whether it lives."""

    def write_connection_file(self, **_: Any) -> None:
        """As `init_connection_file`."""

    def log_connection_info(self) -> None:
        """As `init_connection_file`."""

    def init_sockets(self) -> None:
        """Give the kernel its channels."""
        self.session.key = b""  # the connection is private: nothing needs to be signed
        turn, context = threading.Lock(), zmq.Context()
        self._shell, self._control, iopub = (
            _Channel(name, self._connection, turn, context) for name in (wire.SHELL, wire.CONTROL, wire.IOPUB)
        )
        self.iopub_thread = _Outputs(iopub, session=self.session)
        self.iopub_socket = self.iopub_thread.background_socket
        self.configure_tornado_logger()  # type: ignore[no-untyped-call]

    def init_kernel(self) -> None:
        """Make the kernel as ipykernel does, without threads for channels."""
        kernel = WarmKernel.instance(
            parent=self, session=self.session, shell_stream=self._shell, control_stream=self._control,
            iopub_thread=self.iopub_thread, iopub_socket=self.iopub_socket, stdin_socket=None, log=self.log,
            shell_channel_thread=_NoThread(), profile_dir=self.profile_dir, user_ns=self.user_ns,
        )  # fmt: skip
        kernel.record_ports({})  # type: ignore[no-untyped-call]
        self.kernel = kernel
        self.displayhook.get_execution_count = lambda: kernel.execution_count

    def start(self) -> None:
        """Serve the connection until it closes."""
        self.kernel.start()
        self.io_loop = ioloop.IOLoop.current()
        self._loop, self._unpacker, self._running = asyncio.get_event_loop(), wire.Unpacker(), set[Any]()
        self._process = os.getpid()
        self._loop.add_reader(self._connection.fileno(), self._take)
        self.io_loop.start()

    def _take(self) -> None:
        """Hand what has come to the kernel, which answers one request after the other."""
        if os.getpid() != self._process:  # a copy that a cell forked: it has done its work, and must take no other's
            os._exit(0)
        more = self._connection.recv(1 << 16)
        if not more:
            self.io_loop.stop()
        for channel, parts in self._unpacker.feed(more):
            frames = [zmq.Message(part) for part in parts]
            shell = channel == wire.SHELL
            handled = self.kernel.shell_main(None, frames) if shell else self.kernel.dispatch_control(frames)
            task = self._loop.create_task(handled)
            self._running.add(task)
            task.add_done_callback(self._running.discard)


def main(channel: int, request: dict[str, Any]) -> int:
    """Be a kernel on this connection, in the folder and surroundings asked for; returns the exit status."""
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.set_event_loop(asyncio.new_event_loop())
    sys.argv = ["ipykernel_launcher"]
    gc.set_threshold(50_000)  # it ends before there is much to collect
    app = WarmApp(socket.socket(fileno=channel), config=Config(HistoryManager={"enabled": False}))
    app.initialize([])  # type: ignore[no-untyped-call]
    app.start()
    atexit._run_exitfuncs()  # noqa: SLF001 (as at the end of any Python: notebooks may have left some)
    return 0
