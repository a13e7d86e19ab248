"""One stage of one area: execute its notebook, make its page, put both in their place.

`run` needs nothing but a `Step`, which can be pickled, a folder and kernels: it works in any process.
"""

from __future__ import annotations

import errno
import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import papermill

import iitk
from iitk import errors
from iitk.errors import IitkError
from iitk.model import Area
from iitk.runs import folders, pages
from iitk.runs.fingerprint import inputs, inputs_hash, versions
from iitk.runs.kernels import FULL, DiedError, Kernels, LateError, prepare
from iitk.runs.notebooks import Notebook
from iitk.runs.report import DONE, FAILED, KEPT, WAITING, StageRun
from iitk.sources import files

_NOTEBOOK = "notebook.ipynb"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_FULL = re.compile(rf"\[Errno ({'|'.join(map(str, FULL))})\]")


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

    @property
    def folder(self) -> str:
        """Where its result goes, inside the output folder."""
        return f"{self.slug}/{self.notebook.key}"

    def ended(self, status: str, **more: Any) -> StageRun:
        """Return what became of it."""
        return StageRun(self.area.name, self.area.code, self.notebook.key, status, folder=self.folder, **more)

    def waiting(self) -> StageRun:
        """Return what has become of it before it is run."""
        return self.ended(WAITING)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a stage could not be made: a sentence for the leader, the error for the analyst."""

    sentence: str
    error: str


def run(step: Step, out: Path, kernels: Kernels, *, force: bool = False) -> StageRun:
    """Run one step into `out`/<area>/<stage>/. Never raises for a failing notebook: the record and the page say it.

    What a notebook may take, and how often it is tried, are the limits of `kernels`. Raises `Stopped` when the run was
    stopped, and `OutputError` when the result cannot be written.
    """
    began = time.monotonic()
    folder = out / step.folder
    made_from = inputs(step.notebook.path, step.parameters)
    if not force and not folders.why_again(folder, made_from):
        return step.ended(KEPT, inputs_hash=inputs_hash(made_from))
    with folders.made_beside(folder) as part:
        failure, attempts = _execute(step, part, kernels)
        try:
            _complete(step, folder, part, made_from, failure, attempts)
        except (errors.OutputError, OSError):
            raise
        except Exception as error:  # noqa: BLE001  what the notebook left cannot be shown, which stops no other
            failure = failure or Failure(_sentence(step, ""), f"Its page could not be made: {_first_line(error)}")
            _start_again(step, part / _NOTEBOOK)
            _complete(step, folder, part, made_from, failure, attempts)
    return step.ended(
        FAILED if failure else DONE,
        seconds=round(time.monotonic() - began, 2),
        message=failure.error if failure else "",
        attempts=attempts,
        inputs_hash=inputs_hash(made_from),
    )


def _siblings(step: Step, area: Path) -> set[str]:
    """Stages of the area that have a page, or will have one when this run ends."""
    return {*step.siblings, step.notebook.key, *(path.parent.name for path in area.glob("[0-9][0-9]_*/record.json"))}


def _complete(
    step: Step, folder: Path, part: Path, made_from: Mapping[str, str], failure: Failure | None,
    attempts: Sequence[float],
) -> None:  # fmt: skip
    """Add the record and the page to the executed notebook."""
    _forget_machine(part / _NOTEBOOK, step.notebook.path.name)
    _write_record(step, part, made_from, failure, attempts)
    pages.write_page(part, step.notebook.key, _siblings(step, folder.parent), step.cohort)


def _execute(step: Step, part: Path, kernels: Kernels) -> tuple[Failure | None, tuple[float, ...]]:
    """Execute the notebook into `part`, where its kernel works and saves, again where that may heal what went wrong.

    Returns why it failed, if it did, and the seconds of each attempt.
    """
    kernels.get_ready()
    attempts: list[float] = []
    retries = 0
    while len(attempts) <= retries:
        began = time.monotonic()
        failure, retries = _attempt(step, part / _NOTEBOOK, kernels)
        attempts.append(round(time.monotonic() - began, 2))
    return failure, tuple(attempts)


def _given(step: Step) -> dict[str, str]:
    # The kernel works in the stage's folder, so "." is all it needs to know: no path of this machine is kept.
    return {**step.parameters, "save_to": "."} if "save_to" in step.notebook.parameters() else dict(step.parameters)


def _start_again(step: Step, target: Path) -> None:
    """Leave nothing in the stage's folder but the notebook as it was before it was executed."""
    folders.empty(target.parent)
    prepare(step.notebook.path, target, _given(step))


def _attempt(step: Step, target: Path, kernels: Kernels) -> tuple[Failure | None, int]:
    """Execute once; return why that failed, if it did, and how many retries such a failure is worth."""
    allowed = kernels.limits.retries
    try:
        kernels.execute(step.notebook.path, target, _given(step))
    except papermill.PapermillExecutionError as error:
        return _failure_of_cell(step, error, kernels.limits.memory), 0
    except (DiedError, LateError) as error:
        _start_again(step, target)
        return Failure(_sentence(step, ""), str(error)), allowed if isinstance(error, DiedError) else min(allowed, 1)
    return None, 0


def _failure_of_cell(step: Step, error: papermill.PapermillExecutionError, memory: int) -> Failure:
    text = _COLOUR.sub("", str(error.evalue)).strip()
    if full := _FULL.search(text):  # no fault of the notebook's, and none of the others will fare better
        raise OSError(int(full[1]), os.strerror(int(full[1])))
    kind = getattr(errors, error.ename, None)
    if isinstance(kind, type) and issubclass(kind, errors.OutputError):
        raise OSError(errno.EIO, text.splitlines()[0].rpartition(": ")[2].rstrip("."))
    advice = text if isinstance(kind, type) and issubclass(kind, IitkError) else ""
    if error.ename == "StdinNotImplementedError":
        text = "It asks somebody to type an answer, and in a run there is nobody"
    what = ": ".join(filter(None, [error.ename, *text.splitlines()[:1]]))
    if "MemoryError" in error.ename and memory:
        what += f". It may take {memory} MB: allow more with --memory MB"
    return Failure(_sentence(step, advice), f"{what} (cell {error.exec_count} of {step.notebook.path.name})")


def _sentence(step: Step, advice: str) -> str:
    why = f" {advice}" if advice else " The fault is in the toolkit, not in the place."
    return f"This part could not be made for {step.area.name}.{why} The other parts are not affected."


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _write_record(
    step: Step, part: Path, made_from: Mapping[str, str], failure: Failure | None, attempts: Sequence[float]
) -> None:
    """Complete the record that the notebook saved, or write one where it saved none."""
    path = part / "record.json"
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() and failure is None else _bare_record(step)
    if failure:
        record |= {"status": FAILED, "message": failure.sentence, "error": failure.error}
    record |= {
        "inputs_hash": inputs_hash(made_from),
        "run": {"parameters": dict(step.parameters), "notebook": step.notebook.path.name, "inputs": dict(made_from),
                "seconds": attempts[-1], "attempts": list(attempts), "versions": versions()},
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
    content = json.loads(target.read_text(encoding="utf-8"))
    content["metadata"].setdefault("papermill", {}).update(input_path=name, output_path=target.name)
    content["metadata"]["papermill"].get("parameters", {}).pop("save_to", None)
    # Laid out as nbformat does, which has just checked and written it.
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, separators=(",", ": "))
    target.write_text(f"{text}\n", encoding="utf-8")
