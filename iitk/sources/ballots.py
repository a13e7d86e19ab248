"""Votes of participatory budgeting, as cities publish them: files in the `.pb` format of Pabulib.

The format (pabulib.org/format): UTF-8 text of three sections, META, PROJECTS and VOTES, each with a line of headings
and then lines of values separated by semicolons. All of a file is in, or a list of its faults.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from iitk.errors import Fault, FaultyFileError, UsageError
from iitk.sources import cells
from iitk.sources.sheets import refuse

MAX_BYTES = 60_000_000
MAX_CELLS = 40_000_000  # voters x projects, of 8 bytes each; the votes of Warsaw take 9 million
MAX_FAULTS = 200  # a file of another kind would have one a line
SECTIONS = ("META", "PROJECTS", "VOTES")
KINDS = ("approval", "choose-1", "ordinal", "cumulative", "scoring")
_AGAIN = "The file is cut, or was changed: download it again."

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Ballots:
    """One vote on projects under a budget."""

    meta: Mapping[str, str]  # as the file has it
    kind: str  # of KINDS
    budget: float
    projects: pd.DataFrame  # by project: name, cost, votes (counted here), points, selected (missing: not published)
    points: pd.DataFrame  # voters x projects: 0 is no support

    @property
    def rule(self) -> str:
        """By what rule the city says it chose; "" where it does not say."""
        return self.meta.get("rule", "")

    @property
    def winners(self) -> tuple[str, ...]:
        """The projects that the city funded under its rule, in the file's order; those marked 2 or more are others."""
        return tuple(self.projects.index[self.projects["selected"].fillna(0) == 1])


def read_pb(path: Path | str) -> Ballots:
    """
    Read and check a `.pb` file.

    Points: 1 for a project approved; what the voter gave, in a cumulative or scoring vote; in an ordinal vote Borda's
    (the last of `max_length` places gets 1, each place before it 1 more). Raises `FaultyFileError` with every fault
    (line, column, what is wrong, fix): nothing is taken over by halves; `UsageError` if there is no such file.
    """
    path = Path(path)
    return _Reader(path.name, _text(path)).ballots()


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            refuse(path.name, f"It is larger than {MAX_BYTES // 1_000_000} MB", "Take the votes of one district.")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}. Check the name of the file.") from None
    except UnicodeDecodeError:
        refuse(path.name, "It is not text in UTF-8", "Download it again, or save it as UTF-8.")


class _Reader(cells.Reader):
    """Goes through the sections, collecting every fault on the way."""

    def __init__(self, file: str, text: str) -> None:
        super().__init__()
        self.file = file
        self.found: dict[str, list[tuple[int, Row]]] = {}
        self._read(text)

    def ballots(self) -> Ballots:
        """The vote, or all faults."""
        if absent := [name for name in SECTIONS if name not in self.found]:
            fault = Fault(None, "", f"There is no section {' and no section '.join(absent)}", _AGAIN)
            raise FaultyFileError(self.file, [*self.faults, fault])
        meta = {row["key"].lower(): row["value"] for _, row in self.found["META"] if "key" in row and "value" in row}
        kind = meta.get("vote_type", "").lower()
        if kind not in KINDS:
            self.fault(None, "vote_type", f"{kind!r} is no kind of vote", f"Known are: {', '.join(KINDS)}.")
        budget = self.value(None, "budget", meta.get("budget", ""), cells.amount)
        projects = self._projects()
        for name, held in (("num_projects", self.found["PROJECTS"]), ("num_votes", self.found["VOTES"])):
            if meta.get(name, "").isdecimal() and int(meta[name]) != len(held):
                self.fault(None, name, f"It says {meta[name]}, but {len(held)} are in the file", _AGAIN)
        if len(projects) * len(self.found["VOTES"]) > MAX_CELLS:
            refuse(self.file, f"Voters x projects are more than {MAX_CELLS:,}", "Take the votes of one district.")
        points = self._points(kind, projects.index, meta.get("max_length", ""))
        if self.faults:
            raise FaultyFileError(self.file, self.faults)
        projects["votes"] = (points != 0).sum()
        projects["points"] = points.sum()
        return Ballots(meta, kind, budget or 0.0, projects[["name", "cost", "votes", "points", "selected"]], points)

    def _read(self, text: str) -> None:
        section, heads = "", list[str]()
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            fields = _fields(line)
            if len(fields) == 1 and fields[0].upper() in SECTIONS:
                section, heads = fields[0].upper(), []
                if section in self.found:
                    self.fault(number, section, "The section is there twice", _AGAIN)
                self.found[section] = []
            elif len(fields) == 1 and fields[0].isupper() and fields[0].isalpha():
                known = ", ".join(SECTIONS)
                self.fault(number, fields[0], "There is no such section", f"A file has the sections {known}.")
            elif not section:
                refuse(self.file, "It does not begin with META", "Take a file in Pabulib's format (.pb).")
            elif not heads:
                heads = [name.lower() for name in fields]
            else:
                self._row(section, number, heads, fields)

    def _row(self, section: str, number: int, heads: list[str], fields: list[str]) -> None:
        if section == "META" and len(fields) > 2:
            fields = [fields[0], "; ".join(fields[1:])]  # a comment may hold semicolons
        while len(fields) > len(heads) and not fields[-1]:
            fields.pop()
        if len(fields) != len(heads):
            self.fault(number, section, f"It has {len(fields)} values, the headings are {len(heads)}", _AGAIN)
        else:
            self.found[section].append((number, dict(zip(heads, fields, strict=True))))

    def fault(self, row: int | None, column: str, wrong: str, fix: str) -> None:
        super().fault(row, column, wrong, fix)
        if len(self.faults) > MAX_FAULTS:
            raise FaultyFileError(self.file, self.faults)

    def _projects(self) -> pd.DataFrame:
        rows: dict[str, tuple[str, float, float]] = {}
        for number, row in self.found["PROJECTS"]:
            name = row.get("project_id", "")
            if not name or name in rows:
                wrong = f"{name!r} is there twice" if name else "The project has no project_id"
                self.fault(number, "project_id", wrong, "Every project needs one of its own.")
            selected = row.get("selected", "")
            if selected and not selected.isdecimal():
                self.fault(number, "selected", f"{selected!r} is no whole number", "Write 1 if funded, 0 if not.")
                selected = ""
            cost = self.value(number, "cost", row.get("cost", ""), cells.amount)
            rows[name] = (row.get("name", "") or name, cost or 0.0, float(selected) if selected else np.nan)
        if not rows:
            self.fault(None, "PROJECTS", "There is no project in it", _AGAIN)
        table = pd.DataFrame.from_dict(rows, orient="index", columns=["name", "cost", "selected"])
        return table.rename_axis("project").astype({"selected": "Int64"})

    def _points(self, kind: str, projects: pd.Index, places: str) -> pd.DataFrame:
        """Voters x projects."""
        at = {name: place for place, name in enumerate(projects)}
        figures = np.zeros((len(self.found["VOTES"]), len(at)))
        most = int(places) if places.isdecimal() else len(at)
        voters: dict[str, int] = {}
        for line, (number, row) in enumerate(self.found["VOTES"]):
            voter = row.get("voter_id", "")
            if not voter or voter in voters:
                wrong = f"{voter!r} voted on line {voters[voter]} already" if voter else "The voter has no voter_id"
                self.fault(number, "voter_id", wrong, "Every voter needs one of their own, and one line.")
            voters[voter] = number
            chosen = _listed(row.get("vote", ""))
            if unknown := [name for name in chosen if name not in at]:
                self.fault(number, "vote", f"{', '.join(unknown)}: there is no such project", _AGAIN)
            elif kind in ("approval", "choose-1"):
                figures[line, [at[name] for name in chosen]] = 1
            elif (given := self._given(kind, number, row, chosen, most)) is not None:
                figures[line, [at[name] for name in chosen]] = given
        names = pd.Index([*voters], name="voter") if len(voters) == len(figures) else None  # else there are faults
        return pd.DataFrame(figures, names, projects)

    def _given(self, kind: str, number: int, row: Row, chosen: list[str], most: int) -> list[float] | None:
        """The points of a vote that ranks or weighs."""
        if len(set(chosen)) < len(chosen):
            self.fault(number, "vote", "A project is there twice", "Name each once.")
            return None
        if kind == "ordinal":
            if len(chosen) > most:
                self.fault(number, "vote", f"It ranks {len(chosen)}, more than max_length ({most})", _AGAIN)
            return [float(most - place) for place in range(len(chosen))]
        points = _listed(row.get("points", ""))
        try:
            given = [float(one) for one in points]
        except ValueError:
            given = []
        if len(given) != len(chosen) or not np.isfinite(given).all():
            wrong = f"{len(chosen)} projects, but the points are {row.get('points', '')!r}"
            self.fault(number, "points", wrong, "Give one number for each project of the vote, in its order.")
            return None
        return given


def _fields(line: str) -> list[str]:
    """The values of a line; a quotation mark that is not closed spoils its own line only."""
    found = next(iter(csv.reader([line], delimiter=";"))) if '"' in line else line.split(";")
    return [one.strip() for one in found]


def _listed(text: str) -> list[str]:
    return [name for one in text.split(",") if (name := one.strip())]
