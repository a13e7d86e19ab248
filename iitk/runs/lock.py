"""One run at a time in an output folder, by a lock of the system's: it goes with its process, however that ends."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from iitk.errors import OutputError, WorkError

NAME = ".iitk-run.lock"
_WITHOUT_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)  # some network folders know none
_BEYOND = 1 << 30  # a place after the text, because Windows lets nobody read what is locked


class BusyError(WorkError):
    """Another run is writing to the same folder."""

    def __init__(self, out: Path, held_by: str) -> None:
        super().__init__(
            f"Another run is writing to {out}: {held_by}.\n"
            "Wait until it has ended, stop it with Ctrl-C where it runs, or choose another folder with --out FOLDER."
        )


@contextlib.contextmanager
def held(out: Path) -> Iterator[None]:
    """Hold the folder, which must exist, for this run; raises `BusyError` at once when another run holds it."""
    path = out / NAME
    file = _locked(path, out)
    try:
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        with contextlib.suppress(OSError):  # on a full disk nobody learns who holds it, but it is held
            file.truncate(0)
            file.write(json.dumps({"process": os.getpid(), "since": now}).encode())
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows removes no open file: there it stays, unlocked
            path.unlink()
        file.close()


def _locked(path: Path, out: Path) -> IO[bytes]:
    while True:
        try:
            file = path.open("a+b", buffering=0)
        except OSError as error:
            raise OutputError(out, error.strerror or str(error)) from error
        try:
            _lock(file)
        except OSError as error:
            if error.errno not in _WITHOUT_LOCKS:
                file.close()
                raise BusyError(out, _holder(path)) from None
        if _still_there(file, path):
            return file
        file.close()  # the run that held it removed it between our opening and our locking: take the one there is now


def _still_there(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _holder(path: Path) -> str:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        since = datetime.fromisoformat(held["since"])
        return f"process {held['process']}, since {since:%H:%M} on {since:%Y-%m-%d}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it has just started"


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(_BEYOND)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
