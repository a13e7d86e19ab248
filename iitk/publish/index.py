"""The landing page that a leader opens: each area with its headline, its stages, and what did not work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from iitk import __version__
from iitk.publish.assets import environment
from iitk.publish.page import JOURNEY
from iitk.publish.record import FILE_NAME, RecordError, read_record
from iitk.sources.files import write_text
from iitk.words import in_prose
from iitk.words.blocks import count_in_words

PAGE_NAME = "page.html"
INDEX_NAME = "index.html"
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage of one area: a link to its page, or the sentence that says why there is none."""

    number: int
    title: str
    href: str | None = None
    message: str = ""


@dataclass(slots=True)
class AreaRow:
    """One area as the landing page shows it."""

    slug: str
    name: str
    kind: str = ""
    comparator: str = ""
    reference: bool = False
    headline: str = ""
    facts: list[dict[str, str]] = field(default_factory=list)
    source: str = ""
    stages: list[StageLine] = field(default_factory=list)


def write_index(out: Path, *, cohort_name: str = "", order: Sequence[str] = (), reference: str = "") -> Path:
    """Write `out/index.html` from the records in `out/<area>/<stage>/` and return its path.

    `order` lists area slugs that come first, in that order; the others follow by name. `reference` is the slug of
    the area that a cohort looks at without being part of it. A record that is missing or damaged is named on the
    page and stops nothing.
    """
    html = index_page(out, cohort_name=cohort_name, order=order, reference=reference)
    return write_text(Path(out) / INDEX_NAME, html)


def index_page(
    out: Path, *, cohort_name: str = "", order: Sequence[str] = (), reference: str = "", only: str = ""
) -> str:
    """The page that `write_index` writes, as HTML; of one area alone, where `only` is its slug."""
    areas = only or "*"
    folders = sorted({path.parent for name in (FILE_NAME, PAGE_NAME) for path in Path(out).glob(f"{areas}/*/{name}")})
    found = [(folder, *_read(folder)) for folder in folders]
    records = [record for _, record, _ in found if record]
    rows = _rows(found)
    place = {slug: at for at, slug in enumerate(order)}
    for row in rows:
        row.reference = row.slug == reference
    rows.sort(key=lambda row: (place.get(row.slug, len(place)), row.name))
    return environment().get_template("landing.html.j2").render(
        version=__version__, rows=rows, sources=_sources(records), generated=_latest(records),
        **_opening(rows, cohort_name),
    )


def _read(folder: Path) -> tuple[Record | None, str]:
    """The record of a stage's folder, or the sentence that says why there is none."""
    try:
        return read_record(folder), ""
    except RecordError as error:
        return None, str(error).splitlines()[0]


def _rows(found: Iterable[tuple[Path, Record | None, str]]) -> list[AreaRow]:
    rows: dict[str, AreaRow] = {}
    best: dict[str, tuple[bool, int]] = {}
    for folder, record, problem in found:
        slug = folder.parent.name
        row = rows.setdefault(slug, AreaRow(slug, slug.replace("-", " ").capitalize()))
        row.stages.append(_stage_line(folder, record, problem))
        if record is None:
            continue
        row.name, row.kind = record["area"]["name"], record["area"]["kind"]
        row.comparator = in_prose(record["comparator"]["name"])
        # The economy speaks for the area; where it is not there, the earliest stage that has a headline.
        rank = (record["stage"]["number"] != 1, record["stage"]["number"])
        if record["status"] == "done" and record["headline"] and rank < best.get(slug, (True, 99)):
            best[slug] = rank
            _speak(row, record)
    return list(rows.values())


def _speak(row: AreaRow, record: Record) -> None:
    """Let a record give the area its headline and up to three numbers."""
    row.headline = record["headline"]
    row.facts = [f for f in record["findings"] if f["headline"]][:3]
    row.source = "; ".join(dict.fromkeys(f["source"] for f in row.facts if f["source"]))


def _stage_line(folder: Path, record: Record | None, problem: str) -> StageLine:
    titles = {key: (number, label) for number, key, label in JOURNEY}
    number, title = titles.get(folder.name, (0, folder.name))
    if record is None:
        return StageLine(number, title, message=problem)
    number, title = record["stage"]["number"], record["stage"]["title"]
    if record["status"] == "failed":
        return StageLine(number, title, message=record["message"])
    if not (folder / PAGE_NAME).is_file():
        return StageLine(number, title, message="its page is not there. Run the stage again.")
    return StageLine(number, title, href=f"{quote(folder.parent.name)}/{quote(folder.name)}/{PAGE_NAME}")


def _sources(records: Iterable[Record]) -> list[dict[str, str]]:
    """Each publication once, by its key and edition."""
    every = {(s["key"], s["edition"]): s for record in records for s in record["sources"]}
    return sorted(every.values(), key=lambda source: (source["publisher"], source["title"]))


def _latest(records: Iterable[Record]) -> date | None:
    days = [date.fromisoformat(record["generated"][:10]) for record in records]
    return max(days, default=None)


def _opening(rows: Sequence[AreaRow], cohort_name: str) -> dict[str, str]:
    """The words above the areas: what this is, and what to do with it; said straight when something failed."""
    pages = sum(1 for row in rows for stage in row.stages if stage.href)
    failed = sum(1 for row in rows for stage in row.stages if not stage.href)
    counts = f"{count_in_words(len(rows), 'area', 'areas')}, {count_in_words(pages, 'page', 'pages').lower()}"
    name = cohort_name or (rows[0].name if len(rows) == 1 else "Our areas")
    if not rows:
        lead = "There is nothing here yet. Run an area first: iitk run Leeds"
    else:
        lead = "Start with any area. Each page is one question, its evidence, and what to talk about."
    if failed:
        says = "it says" if failed == 1 else "each says"
        lead += f" {count_in_words(failed, 'page', 'pages')} could not be finished: {says} why."
    about = cohort_name or (rows[0].name if len(rows) == 1 else "our areas")
    return {"name": name, "question": f"What do the figures say about {about}?", "counts": counts, "lead": lead}
