"""The contracts bite: a module on the wrong floor fails `lint-imports`, which `make test` runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def house(tmp_path):
    """A copy of the house to break."""
    shutil.copytree(ROOT / "iitk", tmp_path / "iitk", ignore=shutil.ignore_patterns("__pycache__", "_bundled"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def contracts(folder):
    code = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as run; run()"
    command = [sys.executable, "-c", code, "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("analysis/naughty.py", "from iitk.sources import tables", "The methods are pure"),
        ("analysis/naughty.py", "import pathlib", "The methods are pure"),
        ("sources/naughty.py", "from iitk.analysis import specialisation", "Each floor imports only"),
        ("charts/naughty.py", "import ipywidgets", "Widgets live in the views"),
        ("model.py", "from iitk import runs", "Each floor imports only"),
    ],
)
def test_a_module_on_the_wrong_floor_is_found(house, module, line, contract):
    with (house / "iitk" / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    said = contracts(house)
    assert said.returncode == 1, said.stdout + said.stderr
    broken = [row for row in said.stdout.splitlines() if "BROKEN" in row]
    assert any(row.startswith(contract) for row in broken), said.stdout
