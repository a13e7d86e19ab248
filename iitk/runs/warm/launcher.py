"""The kernel in the forked child as ipykernel's own launcher starts it: with ports, heartbeat and connection file."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from typing import Any

import ipykernel_launcher
from ipykernel.kernelapp import IPKernelApp


def main(streams: Sequence[int], request: dict[str, Any]) -> int:
    """Be a kernel with these standard streams, in the folder and surroundings asked for; returns the exit status."""
    for descriptor, stream in enumerate(streams):
        os.dup2(stream, descriptor)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    sys.argv = [ipykernel_launcher.__file__, *request["argv"]]
    status = _run(request["argv"])
    _finish()
    return status


def _run(argv: list[str]) -> int:
    try:
        # Its parent is not the server, whose number ipykernel would look for.
        IPKernelApp.launch_instance(argv, parent_handle=os.getppid())
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:  # noqa: BLE001 (what any Python does at its end)
        traceback.print_exc(file=sys.__stderr__)
        return 1
    return 0


def _finish() -> None:
    """End as any Python does: wait for threads, do what was left for the end, send on what was printed."""
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 (as multiprocessing's children do)
    atexit._run_exitfuncs()  # noqa: SLF001
    for stream in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()  # type: ignore[union-attr]
