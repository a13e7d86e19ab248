"""An executed notebook as one self-contained page: no script, no outside request, readable at every width."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import nbformat
from markupsafe import Markup
from nbformat import NotebookNode

from iitk import __version__
from iitk.model import Source
from iitk.publish.arrange import arrange, fault, reference
from iitk.publish.assets import environment, on_screen, template_folder
from iitk.publish.clean import safe_html, safe_live, safe_markdown
from iitk.words import in_prose
from iitk.words.blocks import standalone_style

__all__ = ["JOURNEY", "PageContext", "build_page", "journey", "reference", "standalone_style"]

State = Literal["done", "now", "todo"]
Step = tuple[int, str, str, str | None, State]

JOURNEY: tuple[tuple[int, str, str], ...] = (
    (0, "00_mandate", "Mandate"), (1, "01_economy", "Economy"), (2, "02_drivers", "Drivers"),
    (3, "03_potential", "Potential"), (4, "04_underpinnings", "Underpinnings"), (5, "05_roadmap", "Roadmap"),
    (6, "06_options", "Options"), (7, "07_choose", "Choose"), (8, "08_deliver", "Deliver"),
    (9, "09_review", "Review"), (10, "10_learn", "Learn"),
)


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a page says around its notebook: where we are, compared with what, from which sources, made when."""

    area_name: str
    comparator: str
    stage_number: int
    stage_key: str
    title: str
    stages: tuple[Step, ...]  # number, key, short label, link or None, state
    sources: tuple[Source, ...]
    generated: date
    version: str = __version__
    cohort_name: str = ""
    index_href: str | None = None


def journey(current: str, links: Mapping[str, str], done: Collection[str] | None = None) -> tuple[Step, ...]:
    """The eleven steps for the page of stage `current`: `links` has the pages that exist, by stage key.

    `done` names the stages that are finished; without it, those that have a page.
    """
    finished = set(links if done is None else done)

    def state(key: str) -> State:
        return "now" if key == current else "done" if key in finished else "todo"

    return tuple((number, key, label, links.get(key), state(key)) for number, key, label in JOURNEY)


# The exporter, the cleaner and the markdown parser keep state while they work: two pages at once would mix their
# content.
_ONE_AT_A_TIME = Lock()


def build_page(notebook: NotebookNode | Path, context: PageContext) -> str:
    """The page of an executed notebook, as HTML text.

    Code and warnings are hidden (code shows where a cell is tagged `show-code`; cells tagged `no-page` are left out);
    a failed cell becomes one sentence with a reference. HTML comes only from the toolkit's own blocks and figures,
    and passes an allow list.
    """
    executed = nbformat.read(notebook, as_version=4) if isinstance(notebook, Path) else notebook
    inside = build_inside(executed, title=context.title)
    return environment().get_template("page.html.j2").render(**around(context), body=inside)


def around(context: PageContext) -> dict[str, Any]:
    """What the page's template is given besides the notebook."""
    return {
        "context": context, "version": context.version, "comparator": in_prose(context.comparator),
        "here": _here(context), "attributions": attributions(context.sources), "citation": citation(context),
    }  # fmt: skip


def build_inside(notebook: NotebookNode, *, title: str, live: bool = False) -> Markup:
    """The executed notebook itself, as the HTML inside a page: with `live`, for those who can choose."""
    from nbconvert import TemplateExporter

    with _ONE_AT_A_TIME:
        # What its HTML exporter adds is a second reading of the whole page, for images and parts that ours has not.
        arranged = arrange(notebook, title=title, live=live)
        inside, _ = TemplateExporter.from_notebook_node(_exporter("live" if live else "iitk"), arranged)
    return Markup(inside)  # noqa: S704 (cleaned cell by cell)


@cache
def _exporter(template: str) -> Any:
    """HTML exporter of nbconvert with our template; made once, because setting it up takes longer than a page."""
    from nbconvert import HTMLExporter  # half a second to import: only when a page is built

    made: Any = HTMLExporter  # nbconvert has no types
    folder = str(template_folder())
    # Without preprocessors, of which we need none: each has the whole notebook checked again.
    exporter = made(
        template_name=template, extra_template_basedirs=[folder], extra_template_paths=[folder],
        default_preprocessors=[],
    )  # fmt: skip
    exporter.exclude_input = exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    for name, function in (("safe_html", safe_html), ("safe_markdown", safe_markdown), ("safe_live", safe_live),
                           ("fault", fault)):  # fmt: skip
        exporter.register_filter(name, function)
    return exporter


def _here(context: PageContext) -> str:
    return next((label for _, key, label, _, _ in context.stages if key == context.stage_key), context.title)


def attributions(sources: Collection[Source]) -> list[str]:
    """The attribution lines that the sources' licences ask for, each once, in order."""
    return list(dict.fromkeys(source.attribution for source in sources if source.attribution))


def citation(context: PageContext) -> str:
    """How to cite the page: question, area, toolkit and version, day."""
    day = on_screen(context.generated)
    return f"{context.title} {context.area_name}. Industrial Innovation Toolkit {context.version}, {day}."
