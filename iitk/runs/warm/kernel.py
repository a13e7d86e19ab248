"""A warm kernel as nbclient knows kernels: a manager that starts and ends it, a client that talks to it."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import itertools
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.session import Session

from iitk.errors import WorkError
from iitk.runs.warm import wire

# One thread only, also in the background: what forks must not hold another thread's lock.
_SINGLE_THREADED = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "ARROW_DEFAULT_MEMORY_POOL": "system", "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
# Not with -P, which the kernels would take over: without the working folder on their path.
_START = "import sys; sys.path.remove(''); from iitk.runs.warm import parent; parent.main(int(sys.argv[1]))"
_ENDED = "The process that starts notebooks has ended. Run the same command again."
START_TIMEOUT = 60.0
GRACE = 2.0  # seconds that a kernel has to end by itself


@dataclass(eq=False, kw_only=True)
class Forked:
    """A kernel's process, as the side that asked for it sees it."""

    name: str
    started: threading.Event = field(default_factory=threading.Event)
    pid: int = 0
    status: int | None = None  # as `subprocess` gives it: below 0 for a signal
    ended: threading.Event = field(default_factory=threading.Event)
    unwanted: bool = False


@dataclass(eq=False, kw_only=True)
class Connected(Forked):
    """A kernel that talks over a socket of its own instead of ports."""

    connection: socket.socket


class Forker:
    """The connection to a warm parent: asks it for kernels. Any thread may ask."""

    def __init__(self, command: list[str] | None = None) -> None:
        ours, theirs = wire.pair()
        self._control, self._lock, self._names = ours, threading.Lock(), itertools.count(1)
        self._kernels: dict[str, Forked] = {}
        self.threads = 0
        try:
            self._process = subprocess.Popen(  # noqa: S603 (ourselves)
                command or [sys.executable, "-c", _START, str(theirs.fileno())],
                pass_fds=[theirs.fileno()], env={**os.environ, **_SINGLE_THREADED}, stdin=subprocess.DEVNULL,
                stderr=None if os.environ.get("IITK_DEBUG") else subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        finally:
            theirs.close()
        self._ready, self._gone = threading.Event(), threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True, name="warm-parent")
        self._listener.start()

    @property
    def alive(self) -> bool:
        """Whether it can still fork. It hangs up before its process has ended, so both are asked."""
        return not self._gone.is_set() and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process number of the parent."""
        return self._process.pid

    @property
    def running(self) -> int:
        """How many kernels have not ended."""
        return len(self._kernels)

    @property
    def answered(self) -> bool:
        """Whether it can be asked for kernels, or has ended without."""
        return self._ready.is_set()

    def fork(self, cwd: str | None = None, env: dict[str, str] | None = None) -> Connected:
        """Ask for a kernel; raises WorkError where the parent has ended or does not answer."""
        ours, theirs = socket.socketpair()
        kernel = Connected(name=str(next(self._names)), connection=ours)
        try:
            surroundings = {"cwd": str(cwd or Path.cwd()), "env": {**os.environ, **(env or {}), **_SINGLE_THREADED}}
            self._ask_for(kernel, surroundings, [theirs.fileno()])
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return kernel

    def launch(self, argv: list[str], cwd: str, env: dict[str, str], streams: Sequence[int]) -> Forked:
        """Ask for a kernel as ipykernel's launcher starts it, with ports; its three standard streams are handed on."""
        kernel = Forked(name=str(next(self._names)))
        self._ask_for(kernel, {"argv": argv, "cwd": cwd, "env": env}, streams)
        return kernel

    def _ask_for(self, kernel: Forked, request: dict[str, Any], descriptors: Sequence[int]) -> None:
        if not (self._ready.wait(START_TIMEOUT) and self.alive):
            raise WorkError(_ENDED)
        with self._lock:
            self._kernels[kernel.name] = kernel
            try:
                wire.ask(self._control, {"ask": "fork", "name": kernel.name, **request}, descriptors)
            except OSError as error:
                self._gone.set()
                self._kernels.pop(kernel.name, None)
                raise WorkError(_ENDED) from error
            except ValueError:
                self._kernels.pop(kernel.name, None)
                raise

    def signal(self, kernel: Forked, number: int) -> None:
        """Send a signal to a kernel and all that it started."""
        kernel.started.wait(START_TIMEOUT)
        if kernel.status is None:
            with self._lock:
                wire.ask(self._control, {"ask": "signal", "pid": kernel.pid, "signal": int(number)})

    def give_up(self, kernel: Forked) -> None:
        """End a kernel even if it has not started yet."""
        kernel.unwanted = True
        if kernel.started.is_set():
            with contextlib.suppress(OSError):  # the parent has ended, and the kernel with it
                self.signal(kernel, signal.SIGKILL)

    def leave(self) -> None:
        """In a process forked from this one: let go of the connection, which would else outlive its owner."""
        self._control.close()

    def close(self) -> None:
        """End the parent and every kernel, with what it started."""
        self._kill_all()
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)  # both sides read the end of it
        if self.threads:  # it serves, so it reads that, and ends also what kernels started in sessions of their own
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE)
        self._process.kill()
        self._process.wait()
        self._listener.join(GRACE)
        self._control.close()

    def _listen(self) -> None:
        while True:
            try:
                told, _ = wire.told(self._control)
            except OSError:
                told = None
            if told is None:
                break
            self._note(told)
        self._gone.set()
        self._ready.set()
        self._kill_all()
        for kernel in list(self._kernels.values()):
            self._end(kernel, -signal.SIGKILL)

    def _kill_all(self) -> None:
        for kernel in list(self._kernels.values()):
            if kernel.pid:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(kernel.pid, signal.SIGKILL)

    def _note(self, told: dict[str, Any]) -> None:
        if told["told"] == "ready":
            self.threads = told["threads"]
            self._ready.set()
        elif told["told"] == "forked":
            kernel = self._kernels[told["name"]]
            kernel.pid = told["pid"]
            kernel.started.set()
            if kernel.unwanted:
                self.give_up(kernel)
        else:
            for kernel in list(self._kernels.values()):
                if kernel.pid == told["pid"]:
                    self._end(kernel, told["status"])

    def _end(self, kernel: Forked, status: int) -> None:
        if kernel.status is None:
            kernel.status = status
        kernel.started.set()
        kernel.ended.set()
        self._kernels.pop(kernel.name, None)


_shared_lock = threading.Lock()
_shared: Forker | None = None


def forker() -> Forker:
    """The warm parent of this process, started when it is first needed (or again, when it has ended).

    One that could not even get ready is not tried again.
    """
    global _shared  # noqa: PLW0603 (one for each process, whoever asks)
    with _shared_lock:
        if _shared is None or (_shared.threads and not _shared.alive):
            if _shared is not None:
                atexit.unregister(_shared.close)
                _shared.close()
            _shared = Forker()
            atexit.register(_shared.close)
        return _shared


def _forget() -> None:
    global _shared, _shared_lock  # noqa: PLW0603
    _shared_lock = threading.Lock()
    if _shared is not None:
        atexit.unregister(_shared.close)
        _shared.leave()
        _shared = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


class _Inbox:
    """Messages of one channel, for whoever awaits them; and the way to send on it."""

    def __init__(self, send: Callable[[dict[str, Any]], str]) -> None:
        self._messages: deque[dict[str, Any]] = deque()
        self._arrived = asyncio.Event()
        self.send = send

    def put(self, message: dict[str, Any]) -> None:
        self._messages.append(message)
        self._arrived.set()

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:  # noqa: ASYNC109 (nbclient's way)
        """Next message; `queue.Empty` if none came in time."""
        while not self._messages:
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), timeout)
            except TimeoutError:
                raise queue.Empty from None
        return self._messages.popleft()


class WarmClient:
    """Talks to one kernel in Jupyter's messages. Used from one event loop."""

    allow_stdin = False

    def __init__(self, kernel: Connected) -> None:
        self._kernel = kernel
        self.session = Session(key=b"")
        self.shell_channel, self.iopub_channel = _Inbox(self._send), _Inbox(self._send)
        self._unpacker = wire.Unpacker()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start_channels(self) -> None:
        """Begin to listen."""
        self._loop = asyncio.get_running_loop()
        self._kernel.connection.setblocking(False)
        self._loop.add_reader(self._kernel.connection.fileno(), self._take)

    async def stop_channels(self) -> None:
        """Stop listening."""
        if self._loop is not None:
            self._loop.remove_reader(self._kernel.connection.fileno())
        self._kernel.connection.close()

    async def wait_for_ready(self, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Wait for the kernel's first answer; raises RuntimeError, as jupyter_client does."""
        wanted = self.kernel_info()
        while True:
            try:
                reply = await self.shell_channel.get_msg(timeout)
            except queue.Empty:
                raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds") from None
            if reply["parent_header"].get("msg_id") == wanted:
                return

    def kernel_info(self) -> str:
        """Ask what kernel it is."""
        return self._send(self.session.msg("kernel_info_request", {}))

    def execute(
        self, code: str, *, silent: bool = False, store_history: bool = True,
        user_expressions: dict[str, str] | None = None, allow_stdin: bool | None = None, stop_on_error: bool = True,
    ) -> str:  # fmt: skip
        """Ask to execute code; returns the message's id."""
        content = {"code": code, "silent": silent, "store_history": store_history, "stop_on_error": stop_on_error,
                   "user_expressions": user_expressions or {}, "allow_stdin": bool(allow_stdin)}  # fmt: skip
        return self._send(self.session.msg("execute_request", content))

    async def is_alive(self) -> bool:
        """Whether the kernel's process has not ended."""
        return self._kernel.status is None

    def _send(self, message: dict[str, Any]) -> str:
        left = memoryview(wire.packed(wire.SHELL, self.session.serialize(message)))
        connection = self._kernel.connection  # it does not block, because the loop reads from it
        while left:
            select.select([], [connection], [])
            left = left[connection.send(left) :]
        return str(message["header"]["msg_id"])

    def _take(self) -> None:
        try:
            more = self._kernel.connection.recv(1 << 18)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            more = b""
        if not more and self._loop is not None:
            self._loop.remove_reader(self._kernel.connection.fileno())
        for channel, parts in self._unpacker.feed(more):
            _, frames = self.session.feed_identities(parts)
            message = self.session.deserialize(frames)
            (self.iopub_channel if channel == wire.IOPUB else self.shell_channel).put(message)


class WarmManager:
    """Starts and ends one kernel, with the methods that nbclient asks of a kernel manager."""

    ipykernel = True
    kernel_name = "python3"

    def __init__(self, forker: Forker) -> None:
        self._forker = forker
        self._kernel: Connected | None = None

    @property
    def has_kernel(self) -> bool:
        """Whether one was started."""
        return self._kernel is not None

    async def start_kernel(self, *, cwd: str | None = None, env: dict[str, str] | None = None, **_: Any) -> None:
        """Fork one."""
        self._kernel = self._forker.fork(cwd, env)

    def client(self) -> WarmClient:
        """A client for the kernel."""
        if self._kernel is None:
            raise RuntimeError("No kernel was started.")
        return WarmClient(self._kernel)

    async def is_alive(self) -> bool:
        """Whether the kernel runs."""
        return self._kernel is not None and self._kernel.status is None

    async def interrupt_kernel(self) -> None:
        """Ctrl-C."""
        if self._kernel is not None:
            self._forker.signal(self._kernel, signal.SIGINT)

    async def shutdown_kernel(self, *, now: bool = False, **_: Any) -> None:
        """Hang up, upon which it ends by itself; at once, or if it does not in time, by force."""
        if self._kernel is None:
            return
        if not now:
            with contextlib.suppress(OSError):
                self._kernel.connection.shutdown(socket.SHUT_WR)
            await asyncio.to_thread(self._kernel.ended.wait, GRACE)
        self._forker.signal(self._kernel, signal.SIGKILL)  # what it started ends too
        await asyncio.to_thread(self._kernel.ended.wait, GRACE)

    async def cleanup_resources(self) -> None:
        """Nothing is left."""
