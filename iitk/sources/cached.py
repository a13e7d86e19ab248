"""Results that take long, kept between runs under the hash of what they were worked out from.

Only a help: whatever cannot be read or written is worked out again. `IITK_CACHE` names another folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from iitk.errors import OutputError
from iitk.sources import files

MOST = 200  # results of one kind; the oldest go first


def folder() -> Path:
    """Where results are kept: `IITK_CACHE`, else the system's place for such things."""
    if named := os.environ.get("IITK_CACHE"):
        return Path(named).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "iitk" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "iitk"


def key(inputs: Any) -> str:
    """SHA-256 of plain values, whatever the order of their names."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def read(kind: str, key: str) -> dict[str, Any] | None:
    """Return a result that was kept, None where there is none that can be read."""
    try:
        content = json.loads((folder() / kind / f"{key}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def write(kind: str, key: str, content: dict[str, Any]) -> None:
    """Keep a result; where that cannot be, nothing is lost."""
    try:
        files.write_json(folder() / kind / f"{key}.json", content)
        kept = sorted((folder() / kind).glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        for old in kept[:-MOST]:
            old.unlink(missing_ok=True)
    except (OSError, OutputError):
        return
