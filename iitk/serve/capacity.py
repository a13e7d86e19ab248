"""How many visitors there are, how many there may be, and what they take."""

from __future__ import annotations

import os
from typing import Any

import psutil

from iitk.runs.warm import provisioner


def limit() -> int:
    """How many pages with a kernel may be open at once."""
    wanted = os.environ.get(provisioner.LIMIT, "40")
    return int(wanted) if wanted.isdecimal() else 40


def full(manager: Any) -> bool:
    """Whether the next visitor has to wait."""
    return len(manager.list_kernel_ids()) >= limit()


def state(manager: Any) -> dict[str, Any]:
    """What an operator wants to know: kernels, places, and the memory of the server with all that it started."""
    return {"kernels": len(manager.list_kernel_ids()), "places": limit(), "memory_mb": _memory() >> 20}


def _memory() -> int:
    """Bytes: proportional shares where the system tells them (forked kernels share most of theirs), else resident."""
    me = psutil.Process()
    total = 0
    for process in [me, *me.children(recursive=True)]:
        try:
            told = process.memory_full_info()
        except psutil.Error:
            continue
        total += getattr(told, "pss", 0) or told.rss
    return total
