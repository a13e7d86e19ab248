"""The numbered notebooks: where they are, what they are called, and which parameters they take."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from iitk.errors import UnknownStageError, WorkError
from iitk.sources.paths import PACKAGE

#: Every name that a run may put into a notebook. papermill pastes names into code, so they come from here only.
PARAMETERS = ("area", "comparator", "vintage", "save_to")
_NUMBERED = re.compile(r"\d\d_[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Notebook:
    """One stage's notebook."""

    path: Path

    @property
    def key(self) -> str:
        """Name of the stage: "01_economy"."""
        return self.path.stem

    def parameters(self) -> set[str]:
        """Names that the cell tagged `parameters` sets; `WorkError` where there is no such cell."""
        try:
            content = nbformat.read(self.path, as_version=4)
            cells = [cell for cell in content.cells if cell.cell_type == "code"]
        except Exception as error:  # nbformat fails in many ways on a damaged file
            why = _first_line(error)
            raise WorkError(f"The notebook {self.path} cannot be read: {why}.\nRestore it from git.") from error
        for cell in cells:
            if "parameters" in cell.metadata.get("tags", []):
                return _assigned(cell.source) & set(PARAMETERS)
        raise WorkError(f"The notebook {self.path} has no cell tagged 'parameters', so no area can be given to it.")


def folder() -> Path:
    """Folder of the notebooks.

    The environment variable `IITK_NOTEBOOKS` overrides; else in a checkout beside the package, or inside the installed
    wheel.
    """
    if named := os.environ.get("IITK_NOTEBOOKS"):
        return Path(named).expanduser()
    checkout, bundled = PACKAGE.parent / "notebooks", PACKAGE / "_bundled" / "notebooks"
    return checkout if (PACKAGE.parent / "pyproject.toml").exists() or not bundled.exists() else bundled


def find(wanted: Sequence[str] | None = None, where: Path | None = None) -> list[Notebook]:
    """Return the notebooks of these stages ("01", "1", "economy", "01_economy"), each once; or all of them."""
    where = where or folder()
    there = [Notebook(path) for path in sorted(where.glob("*.ipynb")) if _NUMBERED.fullmatch(path.stem)]
    if not there:
        raise WorkError(f"There are no numbered notebooks in {where}.\nInstall the package again.")
    if not wanted:
        return there
    chosen = {_match(name, there).path for name in wanted}
    return [notebook for notebook in there if notebook.path in chosen]


def _match(name: str, there: Sequence[Notebook]) -> Notebook:
    asked = name.strip().lower().removesuffix(".ipynb")
    for notebook in there:
        number, _, word = notebook.key.partition("_")
        if asked in {notebook.key, number, str(int(number)), word}:
            return notebook
    raise UnknownStageError(name, [notebook.key for notebook in there])


def _assigned(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.parse(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names.update(target.id for target in targets if isinstance(target, ast.Name))
    return names


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
