"""Pages for the tests of this folder, built once from a notebook as it comes out of a run."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def real() -> ModuleType:
    """The makers of realistic notebooks, contexts and records."""
    spec = importlib.util.spec_from_file_location("realistic_pages", Path(__file__).with_name("realistic.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def outputs(real, tmp_path_factory) -> Path:
    """Folder of a whole run: three areas, three stages, one failure, and the landing page."""
    folder = tmp_path_factory.mktemp("outputs")
    real.write_outputs(folder)
    return folder
