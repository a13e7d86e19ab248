"""Tiny notebooks, so that the runner is tested in seconds and without the real stages."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

# Commands in place of the warm parent, of which no kernel can be had.
BROKEN_PARENTS = {
    "never starts": [sys.executable, "-c", "raise SystemExit(1)"],
    "hangs up and lives on": [sys.executable, "-c", "import os, time; os.closerange(3, 256); time.sleep(60)"],
}
PARAMETERS = 'area = "Leeds"\ncomparator = "UK"\nsave_to = ""\n'


def write_notebook(path: Path, *cells: str, parameters: str | None = PARAMETERS) -> Path:
    """Write a notebook of these code cells, after a cell tagged `parameters`."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells.append(nbformat.v4.new_markdown_cell(f"# {path.stem}: what is here?"))
    if parameters is not None:
        notebook.cells.append(nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    notebook.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def notebook() -> Callable[..., Path]:
    return write_notebook
