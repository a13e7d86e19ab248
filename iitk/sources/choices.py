"""What a team brings to choosing: options, budget, success factors, weights and scores of one folder.

All of it is in, or a list of faults: nothing is taken over by halves. How to fill it: docs/how-to/prepare-a-choice.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from iitk.errors import Fault, FaultyFileError, FaultyFolderError, UsageError
from iitk.model import (
    Area,
    Badge,
    ChoiceFiles,
    Criterion,
    DecisionDraft,
    GroupLimit,
    OptionList,
    Scenario,
    SuccessFactor,
)
from iitk.sources import area_files, choices_limits, choices_people, choices_toml, options, paths, sheets
from iitk.sources.choices_schema import TOML, present
from iitk.sources.options_schema import KINDS
from iitk.sources.sheets import Sheet

EXAMPLE = "the example of West Yorkshire"
_EXPECTED = Scenario("expected", "As expected", "Costs, money and outcomes come as they are written.")
_Given = TypeVar("_Given", SuccessFactor, Criterion, GroupLimit)


def load(area: Area) -> ChoiceFiles:
    """
    What the team of an area brings to stages 6 and 7: its own folder, or the illustrative example where it has none.

    Raises `FaultyFolderError` with every fault of every file if there is one.
    """
    own = area_files.folder(area)
    return read(own) if own and present(own) else example()


def example() -> ChoiceFiles:
    """The choice made up for West Yorkshire: every figure and every member is illustrative."""
    folder = paths.data_dir() / "examples" / "west-yorkshire"
    return _read(folder, EXAMPLE, _stamps(folder))


def read(folder: Path | str) -> ChoiceFiles:
    """
    Read and check the files of a folder together; again only once one of them, or the project's data, has changed.

    Raises `FaultyFolderError` with every fault (file, row and column or key, what is wrong, fix); `UsageError` if
    there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}. Make one with: iitk new area NAME")
    real = folder.resolve()
    return _read(real, f"{real.parent.name}/{real.name}".strip("/"), _stamps(real))


def _stamps(folder: Path) -> paths.Vintage:
    own = [paths.stamp(path) for path in present(folder)]
    return (*own, *paths.vintage(), paths.stamp(paths.data_dir() / "parameters.toml"))


@lru_cache(maxsize=16)
def _read(folder: Path, name: str, _stamps: paths.Vintage) -> ChoiceFiles:
    files = _Folder(folder)
    known = choices_limits.names(files.options) if files.options else None
    factors, criteria = files.models("factor", SuccessFactor), files.models("criterion", Criterion)
    scored = [one for one in criteria if not one.measure]
    (verdicts,) = files.table("factors", "factor", lambda sheet: choices_people.verdicts(sheet, _keys(factors), known))
    members, weights = files.table("weights", "criterion", lambda sheet: choices_people.members(sheet, _keys(criteria)))
    people = None if files.faults.get("weights") else _keys(members)
    (scores,) = files.table(
        "scores", "criterion", lambda sheet: choices_people.scores(sheet, _keys(scored), people, known)
    )
    found = files.sound(choices_people.failed(verdicts, factors))
    content = files.content
    illustrative = name == EXAMPLE or any(one.badge is Badge.ILLUSTRATIVE for one in found.options)
    about = ("question", "vintage", "base_year")
    return ChoiceFiles(
        **{key: content[key] for key in about},
        options=found,
        budget=_budget(content["budget"], found),
        most_priorities=content.get("most_priorities", 5),
        factors=factors,
        verdicts=verdicts,
        criteria=criteria,
        members=members,
        weights=weights,
        scores=scores,
        limits=files.models("limit", GroupLimit),
        promised=choices_limits.promised(content, found),
        scenarios=_scenarios(content["scenario"], found) or (_EXPECTED,),
        job_value=content.get("job_value", {}).get("pounds"),
        job_value_source=content.get("job_value", {}).get("source", ""),
        decision=DecisionDraft(**content.get("decision", {})),
        badge=Badge.ILLUSTRATIVE if illustrative else Badge.MODELLED,
        folder=name,
        files=tuple((path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in present(folder)),
    )


class _Folder:
    """Reads the files one by one, and keeps the faults of each until all are read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: dict[str, FaultyFileError] = {}  # by name of the file, without its ending
        self.options: OptionList | None = None
        if path := self._only("options", needed=True):
            self.options = self._reading("options", path, lambda: options.read(path))
        self.content, faults, self.spoilt = choices_toml.read(folder / TOML)
        self._note(TOML, TOML, faults)

    def models(self, table: str, kind: Callable[..., _Given]) -> tuple[_Given, ...]:
        """What a repeated table of choice.toml holds; nothing where it has faults."""
        return () if table in self.spoilt else tuple(kind(**one) for one in self.content[table])

    def table(self, name: str, rests_on: str, read: Callable[[Sheet], tuple[Any, ...]]) -> tuple[Any, ...]:
        """What `read` finds in one of the tables: its results without the faults, which it gives last."""
        nothing: tuple[Any, ...] = ((), ()) if name == "weights" else ((),)
        if rests_on in self.spoilt:
            return nothing
        path = self._only(name, needed=bool(self.content[rests_on]))
        sheet = path and self._reading(name, path, lambda: sheets.read(path, sheet=name))
        if not path or not sheet:
            return nothing
        *found, faults = read(sheet)
        self._note(name, path.name, faults)
        return nothing if faults else tuple(found)

    def sound(self, failed: Mapping[str, str]) -> OptionList:
        """The options, once everything fits together; else every fault."""
        if self.options and self.content:
            before = self.faults[TOML].faults if TOML in self.faults else ()
            told = {one.column for one in before}
            faults = choices_limits.check(self.content, self.options, failed, self.spoilt, told)
            self._note(TOML, TOML, [*before, *faults])
        if self.faults or not self.options:
            raise FaultyFolderError(self.folder.name, self.faults.values())
        return self.options

    def _only(self, name: str, *, needed: bool) -> Path | None:
        """The one file of this name."""
        there = area_files.find(self.folder, name)
        if len(there) > 1:
            self._note(name, name, [Fault(None, "", "It is there as .csv and as .xlsx", "Keep one of the two.")])
        elif not there and needed:
            fix = "Copy it from a template: iitk new area NAME"
            self._note(name, f"{name}.csv", [Fault(None, "", "The file is missing", fix)])
        return there[0] if len(there) == 1 else None

    def _reading(self, name: str, path: Path, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except FaultyFileError as error:
            self._note(name, path.name, error.faults)
        except UsageError as error:  # it cannot be opened
            told = str(error).partition("\n")[0].rstrip(".")
            self._note(name, path.name, [Fault(None, "", told, "See that it may be read, or copy it anew.")])
        return None

    def _note(self, name: str, file: str, faults: Iterable[Fault]) -> None:
        told = [one._replace(fix=one.fix.replace("iitk new options", "iitk new area NAME")) for one in faults]
        if told:
            self.faults[name] = FaultyFileError(file, told)


def _keys(named: Iterable[Any]) -> Sequence[str]:
    return [one.key for one in named]


def _budget(budget: Mapping[str, Mapping[int, float]], found: OptionList) -> tuple[tuple[str, int, float], ...]:
    """Every kind and year; a year that is left out has no costs, so that its budget does not matter."""
    return tuple((kind, year, budget[kind].get(year, 0.0)) for kind in KINDS for year in found.years)


def _scenarios(scenarios: Sequence[Mapping[str, Any]], found: OptionList) -> tuple[Scenario, ...]:
    outcomes = [
        tuple((choices_limits.as_written(name, found), factor) for name, factor in one.get("outcomes", {}).items())
        for one in scenarios
    ]
    return tuple(Scenario(**{**one, "outcomes": its}) for one, its in zip(scenarios, outcomes, strict=True))
