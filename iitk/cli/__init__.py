"""The command `iitk`: thin, quick to start, and no traceback for anything that a user can cause or mend.

Exit status: 0 all fine, 1 work failed, 2 wrong arguments, 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import contextlib
import io
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import NoReturn

from iitk.cli import trouble
from iitk.cli.parser import build_parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without £ shows ? instead of failing
    arguments = build_parser().parse_args(argv)
    try:
        with _terminated_like_interrupted():
            status: int = arguments.command(arguments)
            sys.stdout.flush()
            return status
    except BrokenPipeError:
        return trouble.reader_left()
    except KeyboardInterrupt:
        return trouble.stopped()
    except Exception as error:  # noqa: BLE001  the last line of defence: nobody in a room sees a traceback
        return trouble.report(error)


@contextlib.contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let a polite request to end (SIGTERM) clean up as Ctrl-C does."""

    def end(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # not in the main thread: somebody else minds the signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
