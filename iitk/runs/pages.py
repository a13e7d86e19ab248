"""The page of a stage in its place: which area, which sources, and the way to the area's other stages."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any

from iitk.publish.page import PageContext, build_page, journey
from iitk.publish.record import read_record
from iitk.sources import files, tables


def write_page(folder: Path, stage: str, siblings: Collection[str], cohort: str = "") -> None:
    """Write page.html beside the executed notebook and the record in `folder`.

    `siblings` are the stages of the same area that have a page, or will have one when the run ends; what the page says
    of them is kept in the record, so that `refresh` knows when it has gone stale.
    """
    record = read_record(folder)
    around = _around(siblings, cohort)
    page = build_page(folder / "notebook.ipynb", _context(record, stage, around))
    files.write_text(folder / "page.html", page)
    record.setdefault("run", {})["page"] = around
    files.write_json(folder / "record.json", record)


def refresh(area: Path, cohort: str = "") -> list[str]:
    """Make the pages of an area afresh that lack the way to a stage made since, and return the stages concerned."""
    there = sorted(path.parent.name for path in area.glob("[0-9][0-9]_*/record.json"))
    stale = [key for key in there if read_record(area / key).get("run", {}).get("page") != _around(there, cohort)]
    for key in stale:
        write_page(area / key, key, there, cohort)
    return stale


def _around(siblings: Collection[str], cohort: str) -> dict[str, Any]:
    return {"stages": sorted(siblings), "cohort": cohort}


def _context(record: dict[str, Any], stage: str, around: dict[str, Any]) -> PageContext:
    known = tables.all_sources() if record["sources"] else {}
    return PageContext(
        area_name=record["area"]["name"],
        comparator=record["comparator"]["name"],
        stage_number=record["stage"]["number"],
        stage_key=stage,
        title=record["stage"]["title"],
        stages=journey(stage, {key: f"../{key}/page.html" for key in around["stages"]}),
        sources=tuple(known[source["key"]] for source in record["sources"] if source["key"] in known),
        generated=date.fromisoformat(record["generated"][:10]),
        version=record["iitk_version"],
        cohort_name=around["cohort"],
        index_href="../../index.html",
    )
