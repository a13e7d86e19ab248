"""What a stage is: the findings, figures, tables and record that a notebook, an app and a pack all show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

import iitk
from iitk.charts.figure import Figure
from iitk.errors import UnknownStageError
from iitk.model import Area, AreaKind, Finding, Prompt, Source
from iitk.sources import files, geography, prompts, tables
from iitk.stages.activity import Activity
from iitk.words import format as say
from iitk.words.blocks import AreaNote, Decision, Lead, StageHeader, Talk

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class StageInfo:
    """A step of the process, as the journey shows it."""

    number: int
    key: str  # also the notebook's name
    label: str
    question: str
    minutes: int
    leave_with: str


STAGES = (
    StageInfo(0, "00_mandate", "Mandate", "Who are we, and what may we decide?", 60,
              "an agreed area, places to compare with, and a mandate card"),
    StageInfo(1, "01_economy", "Economy", "What is our economy, compared with places like us?", 90,
              "ten facts, five puzzles, three gaps"),
    StageInfo(3, "03_potential", "Potential", "Where could growth come from here?", 75,
              "industries to build on, to watch and to leave, and how far each sector list fits"),
    StageInfo(6, "06_options", "Options", "What could public bodies actually do?", 75,
              "a long list over six levers, a short list, and the reason for every drop"),
    StageInfo(7, "07_choose", "Choose", "Which few measures are worth the money?", 120,
              "a portfolio that fits the money, what is not now and why, and a record to sign"),
)  # fmt: skip


def info(key: str) -> StageInfo:
    """Return the stage with this key, number or notebook name ("01", "1", "01_economy")."""
    wanted = key.strip().lower()
    for stage in STAGES:
        if wanted in {stage.key, stage.key[:2], str(stage.number), stage.label.lower()}:
            return stage
    raise UnknownStageError(key, [stage.key for stage in STAGES])


@dataclass(eq=False, repr=False)
class Stage:
    """Everything that one stage says of one area. Notebooks show its parts; `save` writes its record."""

    info: StageInfo
    area: Area
    comparator: Area
    lead: str
    findings: Mapping[str, list[Finding]]  # by group: "facts", "puzzles", "gaps" ...
    figures: Mapping[str, Figure]
    blocks: Mapping[str, Any]  # other things to show, by name: cards, tables, mandate
    tables: Mapping[str, pd.DataFrame]
    sources: list[Source]
    notes: list[str] = field(default_factory=list)
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return which stage it is, in one line: notebooks keep it beside what is shown."""
        return f"<Stage {self.info.key}: {self.area.name}>"

    @property
    def headline(self) -> str:
        """One sentence for the landing page."""
        return self.lead

    def opening(self) -> Opening:
        """What stands at the top: stage, area, what a reader should know of the area, and the answer in a paragraph."""
        return Opening(self)

    def prompt(self, key: str) -> Prompt:
        """Facilitation prompt of this stage."""
        return prompts.load(self.info.key)[key]

    def talk(self, key: str) -> Talk:
        """A facilitation prompt, ready to show beside the evidence that can move it."""
        return Talk(self.prompt(key))

    def decision(self, heading: str) -> Decision:
        """A box for what the group decides, to be filled in by hand or on screen."""
        return Decision(heading)

    def record(self) -> dict[str, Any]:
        """Return the stage's record: plain values, ready for JSON."""
        return {
            "schema_version": SCHEMA_VERSION,
            "stage": {"number": self.info.number, "key": self.info.key, "title": self.info.question},
            "area": {"code": self.area.code, "name": self.area.name, "slug": self.area.slug,
                     "kind": str(self.area.kind), "lads": list(self.area.lads)},
            "comparator": {"code": self.comparator.code, "name": self.comparator.name},
            "status": "done",
            "message": "",
            "headline": self.headline,
            "notes": list(self.notes),
            "findings": [{"group": name, **_plain(one)} for name, rows in self.findings.items() for one in rows],
            "files": [f"tables/{name}.csv" for name in self.tables],
            "sources": [{"key": s.key, "title": s.title, "publisher": s.publisher, "edition": s.edition,
                         "vintage": s.vintage, "sha256": s.sha256} for s in self.sources],
            "parameters": dict(self.parameters),
            "inputs_hash": "",
            "iitk_version": iitk.__version__,
            "generated": datetime.now(UTC).isoformat(timespec="seconds"),
        }  # fmt: skip

    def save(self, folder: str | Path = "") -> str:
        """Write the record and the tables into `folder`; without a folder, only say so."""
        if not folder:
            return "Not saved: this notebook was opened by hand. `iitk run` saves its record and tables."
        target = Path(folder)
        for name, table in self.tables.items():
            files.write_csv(target / "tables" / f"{name}.csv", table)
        files.write_json(target / "record.json", self.record())
        return f"Saved the record and {len(self.tables)} tables."


@dataclass(frozen=True, slots=True)
class Opening:
    """The first thing that a stage shows."""

    stage: Stage

    def _repr_html_(self) -> str:
        stage, info = self.stage, self.stage.info
        head = StageHeader(info.number, info.minutes, info.leave_with, stage.area.name, stage.comparator.name)
        notes = "".join(AreaNote(note)._repr_html_() for note in stage.notes)
        return head._repr_html_() + Lead(stage.lead)._repr_html_() + notes


def area_notes(area: Area, comparator: Area, figures: Activity) -> list[str]:
    """Return what a reader should know: how the area was understood, and which of its industries have no figure."""
    notes = [area.note] if area.note else []
    if set(area.lads) == set(comparator.lads):
        notes.append(
            f"{say.capitalise(say.in_prose(area.name))} is compared with itself here, so nothing can stand out. "
            "Choose another comparator."
        )
    if figures.missing:
        notes.append(
            f"{say.count(len(figures.missing), 'industry', 'industries')} of {figures.current.shape[1]} have no "
            f"published figure for {say.in_prose(area.name)} in {figures.year}; the others add up to "
            f"{say.percent(figures.shown)} of the published total, which all shares here are shares of. "
            "Missing is missing, not zero."
        )
    return notes


def pick(area: str, comparator: str) -> tuple[Area, Area]:
    """Resolve the two names that every notebook takes."""
    return _named(geography.resolve(area)), _named(geography.resolve(comparator))


def _named(area: Area) -> Area:
    """People say UK."""
    return replace(area, name="UK") if area.kind is AreaKind.UK else area


def sources_of(keys: Iterable[str]) -> list[Source]:
    """Return the sources of these tables, each once, in order."""
    return [tables.source(key) for key in dict.fromkeys(keys)]


def provenance(*keys: str, method: str) -> tuple[str, ...]:
    """Return the lines behind "Where does this come from?"."""
    lines = [method]
    for source in sources_of(keys):
        lines.append(
            f"{source.title}, {source.publisher}, {source.edition}. Areas: {source.vintage}. {source.licence}."
        )
        lines.extend(source.caveats)
    return tuple(lines)


def _plain(finding: Finding) -> dict[str, Any]:
    return {**asdict(finding), "badge": str(finding.badge)}
