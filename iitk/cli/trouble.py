"""What a user sees when something goes wrong: a line or two, and a status that a script can read."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from iitk.errors import IitkError, UsageError

WORK_FAILED, WRONG_ARGUMENTS, INTERRUPTED = 1, 2, 130


def report(error: Exception) -> int:
    """Show an error and return the exit status: advice for what the user can mend, a reference number for a bug."""
    if os.environ.get("IITK_DEBUG") == "1":
        traceback.print_exception(error)
    elif isinstance(error, IitkError):
        _say(str(error))
    else:
        number, log = _log(error)
        _say(f"Something went wrong that is not your fault ({type(error).__name__}, reference {number}).\n"
             f"Details for whoever mends it are in {log}")  # fmt: skip
    return WRONG_ARGUMENTS if isinstance(error, UsageError) else WORK_FAILED


def stopped() -> int:
    """Say what Ctrl-C leaves behind."""
    _say("\nStopped. What is finished stays; the same command continues from there.", sign="")
    return INTERRUPTED


@contextlib.contextmanager
def two_presses() -> Iterator[None]:
    """Let the first Ctrl-C (or SIGTERM) stop the work in order, and the second end the process at once.

    What the work started notices that its process has gone, and ends too.
    """
    if threading.current_thread() is not threading.main_thread():  # somebody else minds the signals
        yield
        return
    pressed = 0

    def press(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        nonlocal pressed
        pressed += 1
        if pressed > 1:
            os.write(2, b"\nEnded at once. What is finished stays; the same command continues from there.\n")
            os._exit(INTERRUPTED)
        os.write(2, b"\nStopping: what runs is being ended. Press Ctrl-C again to end at once.\n")
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # whoever started us in the background wants no Ctrl-C
            signal.signal(number, press)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def reader_left() -> int:
    """End quietly when whoever read our output has gone, as in `iitk areas leeds | head -1`."""
    # Python would complain once more when it flushes at its end: give it somewhere to write.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _say(text: str, sign: str = "iitk: ") -> None:
    print(f"{sign}{text}", file=sys.stderr)


def _log(error: Exception) -> tuple[str, Path]:
    """Write the traceback to a file of this user's and return (reference number, file)."""
    number = secrets.token_hex(3)
    when = datetime.now(UTC).isoformat(timespec="seconds")
    text = f"{when} reference {number}\n{''.join(traceback.format_exception(error))}\n"
    for folder in _log_folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{number}.log"
            path.write_text(text, encoding="utf-8")
        except OSError:
            continue
        return number, path
    sys.stderr.write(text)
    return number, Path("the lines above")


def _log_folders() -> list[Path]:
    from platformdirs import user_log_path

    return [user_log_path("iitk", appauthor=False), Path(tempfile.gettempdir()) / "iitk-log"]
