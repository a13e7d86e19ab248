"""Warm kernels for Jupyter servers, Voila and nbclient: chosen by the kernelspec `iitk`, managed as any other kernel.

All kernels of one server are forked from one warm parent. What cannot be forked as it was asked for starts afresh, as
if this module did not exist: on other systems than Linux, with another Python, or when the parent has ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakSet

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from tornado.web import HTTPError
from traitlets import Integer, default

from iitk.errors import UsageError, WorkError
from iitk.runs.warm import wire
from iitk.runs.warm.kernel import START_TIMEOUT, Forked, Forker, forker

NAME = "iitk-warm"
LIMIT = "IITK_MAX_KERNELS"
_LAUNCHER = ["-m", "ipykernel_launcher"]
_UNDERSTOOD = {"cwd", "env", "stdin", "stdout", "stderr", "kernel_id", "extra_arguments", "independent"}


def get_ready() -> None:
    """Start the warm parent before the first kernel is wanted."""
    if wire.SUPPORTED:
        forker()


class KernelsFullError(HTTPError, WorkError):
    """The server runs as many kernels as it may. A server answers with status 503 and this sentence."""

    def __init__(self, limit: int) -> None:
        sentence = (
            f"All places for kernels are taken ({limit} of {limit}). Close a page or notebook that is no longer used, "
            f"or try again in a few minutes. Whoever runs this server sets how many there are ({LIMIT})."
        )
        super().__init__(503, sentence, reason=sentence)  # an API shows the first, a page the second

    def __str__(self) -> str:
        return str(self.log_message)


class _Process:
    """A forked kernel with what a `LocalProvisioner` uses of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, parent: Forker, kernel: Forked) -> None:
        self._parent, self._kernel = parent, kernel
        self.pid = kernel.pid

    def poll(self) -> int | None:
        return self._kernel.status

    def wait(self) -> int | None:
        self._kernel.ended.wait()
        return self._kernel.status

    def send_signal(self, number: int) -> None:
        """To the kernel and all that it started. Its parent sends it, who knows whether the number is still theirs."""
        with contextlib.suppress(OSError):  # the parent has ended, and the kernel with it
            self._parent.signal(self._kernel, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class WarmProvisioner(LocalProvisioner):
    """Forks a kernel from the server's warm parent; else starts it as any other."""

    max_kernels = Integer(help="How many kernels one server may run at once.", config=True)
    _holding: ClassVar[WeakSet[WarmProvisioner]] = WeakSet()  # those who have a place, also while they start

    @default("max_kernels")
    def _as_the_environment_says(self) -> int:
        wanted = os.environ.get(LIMIT, "40")
        if not wanted.isdecimal():
            raise UsageError(f"{LIMIT} is a whole number of kernels, not {wanted!r}.")
        return int(wanted)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Take a place, or raise KernelsFullError; then as for any kernel."""
        others = [other for other in self._holding if other is not self and other.alive]
        if len(others) >= self.max_kernels:
            raise KernelsFullError(self.max_kernels)
        self._holding.add(self)
        with self._place_lost_on_failure():
            return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork, or start afresh."""
        with self._place_lost_on_failure():
            process = await _forked(cmd, kwargs)
            if process is None:
                return await super().launch_kernel(cmd, **kwargs)
        self.process = process  # type: ignore[assignment]  # what it is used for, a `_Process` can
        self.pid, self.cwd = process.pid, kwargs.get("cwd", Path.cwd())
        self.pgid = None  # signals go by way of the parent
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:
        """Give the place back, unless the kernel is only restarted."""
        if not restart:
            self._holding.discard(self)
        await super().cleanup(restart=restart)

    @property
    def alive(self) -> bool:
        """Whether its kernel runs, or is about to."""
        return self.process is None or self.process.poll() is None

    @contextlib.contextmanager
    def _place_lost_on_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._holding.discard(self)
            raise


async def _forked(cmd: list[str], options: dict[str, Any]) -> _Process | None:
    """A kernel from the warm parent of this process; None where it must start afresh."""
    if not (wire.SUPPORTED and cmd[0] == sys.executable and cmd[1:3] == _LAUNCHER and _forkable(options)):
        return None
    parent = forker()
    if not await _in_time(lambda: parent.answered):
        return None
    with contextlib.ExitStack() as opened:
        streams = [_stream(options.get(name), number) for number, name in enumerate(("stdin", "stdout", "stderr"))]
        for stream in streams:
            opened.callback(os.close, stream)
        env = {**options["env"], "JPY_PARENT_PID": str(os.getpid())}
        try:
            kernel = parent.launch(cmd[3:], str(options.get("cwd") or Path.cwd()), env, streams)
        except (WorkError, ValueError):  # it has ended; the surroundings are too long to be sent
            return None
    try:
        await _in_time(kernel.started.is_set)
    finally:
        if not kernel.pid:  # it has ended, does not answer, or nobody waits any longer
            parent.give_up(kernel)
    return _Process(parent, kernel) if kernel.pid else None


def _forkable(options: dict[str, Any]) -> bool:
    """Whether a kernel with these options can do without a Python and a life of its own."""
    folder, env = options.get("cwd"), options["env"]
    ours, theirs = ({key: value for key, value in one.items() if key.startswith("PYTHON")} for one in (os.environ, env))
    return (
        set(options) <= _UNDERSTOOD
        and not options.get("independent")
        and not {options.get(name) for name in ("stdin", "stdout", "stderr")} & {subprocess.PIPE, subprocess.STDOUT}
        and (folder is None or Path(folder).is_dir())
        and ours == theirs  # these change Python itself
    )


def _stream(asked: Any, number: int) -> int:
    """Descriptor for a standard stream, to be closed: what was asked for, else no input and the server's own output."""
    if asked is None and number > 0:
        asked = number
    if asked not in (None, subprocess.DEVNULL):
        with contextlib.suppress(OSError):  # the server may have closed its own
            return os.dup(asked if isinstance(asked, int) else asked.fileno())
    return os.open(os.devnull, os.O_RDWR)


async def _in_time(done: Callable[[], bool]) -> bool:
    """Wait without holding up the server; whether it came about."""
    clock = asyncio.get_running_loop().time
    until = clock() + START_TIMEOUT
    while not done() and clock() < until:  # noqa: ASYNC110 (a thread tells, not the loop)
        await asyncio.sleep(0.002)
    return done()
