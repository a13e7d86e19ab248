from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Case = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="session")
def case() -> Case:
    """Read a worked example of ../shared/cases by the start of its folder's name."""
    data = Path(os.environ.get("IITK_SHARED", Path(__file__).parents[3] / "shared" / "data"))
    folder = data.parent / "cases"

    def read(key: str) -> dict[str, Any]:
        found = sorted(folder.glob(f"{key}_*/case.json"))
        if not found:
            pytest.skip(f"No case {key} in {folder}: set IITK_SHARED to the data folder that has cases/ beside it.")
        return json.loads(found[0].read_text(encoding="utf-8"))

    return read
