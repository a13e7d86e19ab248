"""Messages between processes of one machine: frames of bytes on a stream socket, and file descriptors beside them."""

from __future__ import annotations

import json
import socket
import struct
import sys
from collections.abc import Iterator, Sequence
from typing import Any

# Forking a process that has drawn on Apple's or Windows' own libraries is not safe, or not possible.
SUPPORTED = sys.platform == "linux"
SHELL, CONTROL, IOPUB = "shell", "control", "iopub"
_HEAD = struct.Struct("!cI")  # channel, count of parts
_SIZE = struct.Struct("!Q")
_CODES = {SHELL: b"s", CONTROL: b"c", IOPUB: b"i"}
_NAMES = {code: name for name, code in _CODES.items()}
_ASKED = 65_536  # bytes of one request or notice, at most


def packed(channel: str, parts: Sequence[Any]) -> bytes:
    """One message as bytes: its channel, the count of its parts, then each part's size and content."""
    views = [memoryview(part).cast("B") for part in parts]
    whole = [_HEAD.pack(_CODES[channel], len(views))]
    for view in views:
        whole += [_SIZE.pack(len(view)), bytes(view)]
    return b"".join(whole)


class Unpacker:
    """Collects bytes as they come and gives back whole messages."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, more: bytes) -> Iterator[tuple[str, list[bytes]]]:
        """Take in some bytes; yields (channel, parts) for each message that is whole now."""
        self._bytes += more
        while (found := self._first()) is not None:
            channel, parts, end = found
            del self._bytes[:end]
            yield channel, parts

    def _first(self) -> tuple[str, list[bytes], int] | None:
        at = _HEAD.size
        if len(self._bytes) < at:
            return None
        code, count = _HEAD.unpack_from(self._bytes)
        parts = []
        for _ in range(count):
            if len(self._bytes) < at + _SIZE.size:
                return None
            (size,) = _SIZE.unpack_from(self._bytes, at)
            at += _SIZE.size
            if len(self._bytes) < at + size:
                return None
            parts.append(bytes(self._bytes[at : at + size]))
            at += size
        return _NAMES[code], parts, at


def ask(control: socket.socket, request: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send a request or notice, with descriptors that the other side then holds too."""
    content = json.dumps(request).encode() + b"\n"
    if len(content) > _ASKED:
        raise ValueError(f"A request of {len(content)} bytes is too long.")
    socket.send_fds(control, [content], list(descriptors))


def told(control: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """Receive one request or notice; None when the other side has gone. Sockets keep their boundaries (SEQPACKET)."""
    content, descriptors, _, _ = socket.recv_fds(control, _ASKED, 4)
    return (json.loads(content) if content else None), list(descriptors)


def pair() -> tuple[socket.socket, socket.socket]:
    """Two ends of a control connection that keeps the boundaries of what is sent."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
