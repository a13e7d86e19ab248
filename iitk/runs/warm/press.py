"""The press: one process that draws for all kernels of a warm parent, so that each is spared starting an engine.

A kernel that reaches no press, or gets no drawing from it, draws by itself. It is started with the number of its
control connection, over which it is handed one end of a connection for each kernel; it ends when that closes.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
from functools import lru_cache
from typing import Any

from iitk.charts import svg
from iitk.runs.warm import wire

PATIENCE = 30.0  # seconds that a drawing may take before the kernel draws by itself
KEPT = 128  # drawings, the latest used
_READ = 1 << 18


class Press:
    """The parent's side: starts the process, and hands it a connection for each kernel."""

    def __init__(self, command: list[str] | None = None) -> None:
        self._control, theirs = wire.pair()
        self._control.setblocking(False)  # the parent waits for nobody
        try:
            self._process = subprocess.Popen(  # noqa: S603 (ourselves)
                command or [sys.executable, "-P", "-m", "iitk.runs.warm.press", str(theirs.fileno())],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=None if os.environ.get("IITK_DEBUG") else subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """Process number of the press."""
        return self._process.pid

    def connect(self) -> socket.socket | None:
        """A connection for one kernel; none where the press has ended or cannot keep up."""
        ours, theirs = socket.socketpair()
        try:
            wire.ask(self._control, {"ask": "draw"}, [theirs.fileno()])
        except OSError:
            ours.close()
            return None
        finally:
            theirs.close()
        return ours

    def let_go(self) -> None:
        """Close this side's end only: for a process that was forked from the one that started the press."""
        self._control.close()

    def close(self) -> None:
        """End it."""
        self._control.close()
        self._process.kill()
        with contextlib.suppress(ChildProcessError):
            self._process.wait()


class Pen:
    """The kernel's side: asks for drawings."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        self._connection: socket.socket | None = connection
        self._lock = threading.Lock()
        self._owner = os.getpid()  # a process that it forks must not mix its words into the conversation

    def __call__(self, spec: dict[str, Any], config: dict[str, Any]) -> str | None:
        """The drawing as SVG, or none if the press gives none."""
        with self._lock:
            if self._connection is None or os.getpid() != self._owner:
                return None
            try:
                self._connection.sendall(wire.packed(wire.SHELL, [json.dumps([spec, config]).encode()]))
                return self._answer()
            except OSError:
                self._connection.close()
                self._connection = None
                return None

    def _answer(self) -> str | None:
        unpacker = wire.Unpacker()
        while self._connection is not None:
            more = self._connection.recv(_READ)
            if not more:
                raise ConnectionResetError
            for _, (drawing,) in unpacker.feed(more):
                return drawing.decode() or None
        return None


class _Server:
    """Draws what the kernels ask for, one after the other."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(control, selectors.EVENT_READ)

    def serve(self) -> None:
        """Draw until the parent goes."""
        while True:
            for key, _ in self._waiting.select():
                if key.fileobj is self._control:
                    if not self._welcome():
                        return
                else:
                    self._serve(key.fileobj, key.data)  # type: ignore[arg-type]  # a socket, registered below

    def _welcome(self) -> bool:
        try:
            told, descriptors = wire.told(self._control)
        except OSError:
            return False
        for descriptor in descriptors:
            connection = socket.socket(fileno=descriptor)
            connection.settimeout(PATIENCE / 6)  # a kernel that does not take its drawing must not hold up the others
            self._waiting.register(connection, selectors.EVENT_READ, wire.Unpacker())
        return told is not None

    def _serve(self, connection: socket.socket, unpacker: wire.Unpacker) -> None:
        try:
            more = connection.recv(_READ)
            for _, (wanted,) in unpacker.feed(more):
                connection.sendall(wire.packed(wire.SHELL, [_drawn(wanted)]))
        except OSError:
            more = b""
        if not more:
            self._waiting.unregister(connection)
            connection.close()


@lru_cache(maxsize=KEPT)
def _drawn(wanted: bytes) -> bytes:
    """The drawing asked for. Stages of one area have charts in common, and so have areas."""
    try:
        return svg.by_engine(*json.loads(wanted)).encode()
    except ValueError:
        return b""  # the kernel tries by itself, and says what is wrong


def main(descriptor: int) -> None:
    """Start the engine, then draw for the connection of that number."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started this
    control = socket.socket(fileno=descriptor)
    os.set_inheritable(descriptor, False)
    svg.by_engine({"mark": "point", "data": {"values": [{}]}}, {})
    _Server(control).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))
