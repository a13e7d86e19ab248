"""One stage of one area: execute its notebook, make its page, put both in their place."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import papermill

import iitk
from iitk import errors
from iitk.errors import IitkError
from iitk.model import Area
from iitk.runs import folders, pages
from iitk.runs.fingerprint import inputs_hash, versions
from iitk.runs.kernels import Kernels, prepare
from iitk.runs.notebooks import Notebook
from iitk.runs.report import DONE, FAILED, KEPT, StageRun
from iitk.sources import files

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of one area, to be run."""

    notebook: Notebook
    area: Area
    slug: str
    parameters: Mapping[str, str]  # those that the notebook declares
    comparator: Area
    siblings: tuple[str, ...] = ()  # stages of the same area that this run makes
    cohort: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a stage could not be made: a sentence for the leader, the error for the analyst."""

    sentence: str
    error: str


def run(step: Step, out: Path, kernels: Kernels, *, force: bool = False, timeout: int = 600) -> StageRun:
    """Run one step into `out`/<area>/<stage>/. Never raises for a failing notebook: the record and the page say it.

    Raises `Stopped` when the run was stopped, and `OutputError` when the result cannot be written.
    """
    began = time.monotonic()
    folder = out / step.slug / step.notebook.key
    fingerprint = inputs_hash(step.notebook.path, step.parameters)
    if not force and folders.finished_record(folder, fingerprint):
        return _ended(step, KEPT, 0.0)
    with folders.made_beside(folder) as part:
        failure = _execute(step, part, kernels, timeout)
        _write_record(step, part, fingerprint, failure, time.monotonic() - began)
        pages.write_page(part, step.notebook.key, _siblings(step, folder.parent), step.cohort)
    seconds = time.monotonic() - began
    return _ended(step, FAILED, seconds, failure.error) if failure else _ended(step, DONE, seconds)


def _siblings(step: Step, area: Path) -> set[str]:
    """Stages of the area that have a page, or will have one when this run ends."""
    return {*step.siblings, step.notebook.key, *(path.parent.name for path in area.glob("[0-9][0-9]_*/record.json"))}


def _execute(step: Step, part: Path, kernels: Kernels, timeout: int) -> Failure | None:
    """Execute the notebook into `part`, where its kernel works and saves; return why that failed, if it did."""
    target = part / "notebook.ipynb"
    # The kernel works in this folder, so "." is all that the notebook needs to know: no path of this machine is kept.
    given = {**step.parameters, "save_to": "."} if "save_to" in step.notebook.parameters() else dict(step.parameters)
    failure: Failure | None = None
    try:
        kernels.execute(step.notebook.path, target, given, timeout=timeout)
    except papermill.PapermillExecutionError as error:
        failure = _failure_of_cell(step, error)
    except IitkError as error:
        prepare(step.notebook.path, target, given)
        failure = Failure(_sentence(step, ""), str(error))
    _forget_machine(target, step.notebook.path.name)
    return failure


def _failure_of_cell(step: Step, error: papermill.PapermillExecutionError) -> Failure:
    text = _COLOUR.sub("", str(error.evalue)).strip()
    kind = getattr(errors, error.ename, None)
    advice = text if isinstance(kind, type) and issubclass(kind, IitkError) else ""
    first = (text.splitlines() or [""])[0]
    where = f"cell {error.exec_count} of {step.notebook.path.name}"
    return Failure(_sentence(step, advice), f"{error.ename}: {first} ({where})")


def _sentence(step: Step, advice: str) -> str:
    why = f" {advice}" if advice else " The fault is in the toolkit, not in the place."
    return f"This part could not be made for {step.area.name}.{why} The other parts are not affected."


def _write_record(step: Step, part: Path, fingerprint: str, failure: Failure | None, seconds: float) -> None:
    """Complete the record that the notebook saved, or write one where it saved none."""
    path = part / "record.json"
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() and failure is None else _bare_record(step)
    if failure:
        record |= {"status": FAILED, "message": failure.sentence, "error": failure.error}
    record |= {
        "inputs_hash": fingerprint,
        "run": {"parameters": dict(step.parameters), "notebook": step.notebook.path.name, "seconds": round(seconds, 2),
                "versions": versions()},
    }  # fmt: skip
    record["area"] = {**record.get("area", {}), "slug": step.slug}
    files.write_json(path, record)


def _bare_record(step: Step) -> dict[str, Any]:
    area, key = step.area, step.notebook.key
    return {
        "schema_version": 1,
        "stage": {"number": int(key[:2]), "key": key, "title": key[3:].replace("_", " ").capitalize()},
        "area": {"code": area.code, "name": area.name, "kind": str(area.kind), "lads": list(area.lads)},
        "comparator": {"code": step.comparator.code, "name": step.comparator.name},
        "status": "done",
        "message": "",
        "headline": "",
        "notes": [],
        "findings": [],
        "files": [],
        "sources": [],
        "parameters": dict(step.parameters),
        "iitk_version": iitk.__version__,
        "generated": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _forget_machine(target: Path, name: str) -> None:
    """Take the paths of this machine out of the executed notebook's metadata: results are handed on."""
    content = nbformat.read(target, as_version=4)
    content.metadata.setdefault("papermill", {}).update(input_path=name, output_path=target.name)
    content.metadata["papermill"].get("parameters", {}).pop("save_to", None)
    nbformat.write(content, target)


def _ended(step: Step, status: str, seconds: float, message: str = "") -> StageRun:
    return StageRun(
        area=step.area.name,
        area_code=step.area.code,
        stage=step.notebook.key,
        status=status,
        seconds=round(seconds, 2),
        folder=f"{step.slug}/{step.notebook.key}",
        message=message,
    )
