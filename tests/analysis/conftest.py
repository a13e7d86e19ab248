from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
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


@pytest.fixture(scope="session")
def oracle() -> Callable[[str], ModuleType]:
    """Import another implementation to compare with. Without it CI fails, and elsewhere the test is skipped."""

    def load(name: str) -> ModuleType:
        try:
            return importlib.import_module(name)
        except ImportError:
            advice = f"{name} is missing, so nothing was compared with it: run make oracles."
            if os.environ.get("CI"):
                pytest.fail(advice)
            pytest.skip(advice)

    return load
