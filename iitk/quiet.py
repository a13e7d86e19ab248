"""Silence for code that writes to the terminal by itself: some releases of the solver print lines of their own."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_STDOUT = 1


@contextmanager
def quiet() -> Iterator[None]:
    """
    Send what C code prints to nowhere meanwhile; Python's own output is not touched, for it is written before.

    Without a standard output, as in a service, there is nothing to silence.
    """
    try:
        kept = os.dup(_STDOUT)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    _flush()
    os.dup2(nowhere, _STDOUT)
    try:
        yield
    finally:
        _flush()
        os.dup2(kept, _STDOUT)
        os.close(kept)
        os.close(nowhere)


def _flush() -> None:
    """Have written what is still in buffers, Python's and C's: it belongs to the output of that moment."""
    with suppress(OSError, ValueError):
        sys.__stdout__.flush() if sys.__stdout__ else None
    with suppress(OSError, AttributeError):
        (ctypes.cdll.ucrtbase if sys.platform == "win32" else ctypes.CDLL(None)).fflush(None)
