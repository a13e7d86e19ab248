"""Arrange the cells of an executed notebook as a page: opening, sections, and talk beside its evidence.

A notebook is a list of cells; a page has sections. Each cell comes out with one thing to show and, in
`metadata.page`, the HTML that opens and closes what surrounds it. The template then only walks the cells.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from nbformat import NotebookNode

from iitk import errors
from iitk.publish.clean import safe_markdown
from iitk.words.format import escape

OPENING = frozenset({"stage", "lead", "note"})
LIVE, LIVE_ACROSS = "live", "live broad"  # what follows choices, for pages that are served
ACROSS = frozenset({LIVE_ACROSS, "broad", "facts", "lenses", "decision"})  # no room for a talk beside them
BLOCKS = OPENING | ACROSS | {
    LIVE, "figure", "puzzles", "gaps", "talk", "numbers", "points", "mandate", "rails", "trace",
}  # fmt: skip
HIDDEN_TAGS = frozenset({"no-page", "remove-cell", "papermill-error-cell-tag"})
NO_APP = "no-app"  # what a served page shows by a choice, and another page beside it
WIDGET = "application/vnd.jupyter.widget-view+json"
_FIRST_CLASS = re.compile(r'\s*(?:<style>.*?</style>\s*)?<\w+[^>]*?\bclass="([\w -]+)"', re.DOTALL)
_SHOWN_CLASS = re.compile(r'class="view[" ][^>]*>\s*(?:<style>.*?</style>\s*)?<\w+[^>]*?\bclass="([\w -]+)"', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_H2 = re.compile(r"<h2[^>]*>(.*?)</h2>", re.DOTALL)
_STAGE_LINE = re.compile(r'\s*(?:<style>.*?</style>\s*)?<p class="stage">.*?</p>', re.DOTALL)
_SAID_ABOVE = re.compile(r"(?m)^[-*] \*\*(Time|You leave with):\*\*.*$\n?")
_SECTION_START = re.compile(r"(?m)^(?=## )")
_FENCE = re.compile(r"(?ms)^(```|~~~).*?^\1\s*$")


@dataclass(slots=True)
class Item:
    """One thing to show: its cell, what kind of thing it is, and the level-2 heading that it starts, if any."""

    cell: NotebookNode
    kind: str
    heading: str = ""

    def surround(self, before: str = "", after: str = "") -> None:
        """Open something ahead of the item, or close something behind it; what is nearest the item comes first."""
        page = self.cell.metadata["page"]
        page["before"] = before + page["before"]
        page["after"] += after


def arrange(notebook: NotebookNode, *, title: str, live: bool = False) -> NotebookNode:
    """Return a new notebook whose cells are the page's items in order, each with its surroundings.

    With `live` the page is served, to those who can choose: widgets stay. Else they are left out.
    """
    items = list(_items(notebook, live=live))
    later = (at for at, item in enumerate(items) if item.heading or item.kind not in OPENING | {"prose"})
    first = next(later, len(items))
    opening = _opening(items[:first], title)
    sections = _without_hollow(_sections(items[first:]))
    contents = _contents([(_lay_out(section, f"part-{at}"), f"part-{at}") for at, section in enumerate(sections, 1)])
    opening[0].surround(before='<div class="hero"><div class="hero-words">')
    opening[-1].surround(after=f"</div>{contents}</div>")
    shown = opening + [item for section in sections for item in section]
    for at, item in enumerate(shown):
        item.cell["id"] = f"item-{at}"
    return NotebookNode(cells=[item.cell for item in shown], metadata=notebook.metadata, nbformat=4, nbformat_minor=5)


def _items(notebook: NotebookNode, *, live: bool) -> Iterator[Item]:
    hidden = HIDDEN_TAGS | {NO_APP} if live else HIDDEN_TAGS
    for at, cell in enumerate(notebook.cells):
        if hidden & set(cell.metadata.get("tags", ())):
            continue
        if cell.cell_type == "markdown":
            yield from _texts(cell)
        elif cell.cell_type == "code":
            yield from _outputs(cell, at, live=live)


def _texts(cell: NotebookNode) -> Iterator[Item]:
    """A markdown cell, cut where a level-2 heading begins, so that each section starts its own."""
    fenced = [match.span() for match in _FENCE.finditer(cell.source)]
    starts = [m.start() for m in _SECTION_START.finditer(cell.source) if not any(a < m.start() < b for a, b in fenced)]
    edges = sorted({0, *starts, len(cell.source)})
    for start, end in pairwise(edges):
        part = cell.source[start:end].strip()
        if part:
            heading = _plain(found[1]) if (found := _H2.search(safe_markdown(part))) and start in starts else ""
            yield _item(_text_cell(part), "heading" if heading else "prose", heading=heading)


def _outputs(cell: NotebookNode, at: int, *, live: bool) -> Iterator[Item]:
    """Each output that is worth showing as a cell of its own; the code itself only where the cell asks for it."""
    show_code = "show-code" in cell.metadata.get("tags", ())
    shown = [
        (part, kind) for output in deepcopy(cell.outputs) for part in _parts(output) if (kind := _kind(part, live=live))
    ]
    if show_code and not shown:
        yield _item(_code_cell(cell.source, []), "code-only", show_code=True)
    for place, (output, kind) in enumerate(shown):
        if output.output_type == "error":
            output.reference = reference(at, output)
        found = _H2.search(output.get("data", {}).get("text/html", "")) if kind in BLOCKS else None
        made = _code_cell(cell.source, [output])
        yield _item(made, kind, show_code=show_code and place == 0, heading=_plain(found[1]) if found else "")


def _parts(output: NotebookNode) -> list[NotebookNode]:
    """The output itself; the opening of a stage in two, because its first line belongs above the page's title."""
    found = _STAGE_LINE.match(output.get("data", {}).get("text/html", ""))
    if not found:
        return [output]
    line, rest = deepcopy(output), output
    line.data["text/html"], rest.data["text/html"] = found[0], output.data["text/html"][found.end():]
    return [line, rest] if rest.data["text/html"].strip() else [line]


def _code_cell(source: str, outputs: list[NotebookNode]) -> NotebookNode:
    # Made plainly, not by nbformat, which would check each cell against its schema; nbconvert checks them once.
    return NotebookNode(
        cell_type="code", source=source, outputs=outputs, metadata=NotebookNode(), execution_count=None, id="",
    )


def _text_cell(source: str) -> NotebookNode:
    return NotebookNode(cell_type="markdown", source=source, metadata=NotebookNode(), id="")


def _item(cell: NotebookNode, kind: str, *, show_code: bool = False, heading: str = "") -> Item:
    cell.metadata["page"] = NotebookNode(before="", after="", kind=kind, show_code=show_code)
    return Item(cell, kind, heading)


def _kind(output: NotebookNode, *, live: bool) -> str:
    """What an output is, or "" when it is not for the page (warnings, widgets that are nothing else, nothing).

    HTML is shown only when a block or a figure of ours made it; of anything else the plain text is shown.
    """
    if output.output_type == "error":
        return "error"
    if output.output_type == "stream":
        return "stdout" if output.name == "stdout" and output.text.strip() else ""
    data = output.data
    widget = data.pop(WIDGET, None)
    match = _FIRST_CLASS.match(data.get("text/html", ""))
    ours = [name for name in match[1].split() if name in BLOCKS] if match else []
    if ours:
        return _block_kind(ours, data["text/html"], live=live)
    if widget is not None:
        output.data = NotebookNode({WIDGET: widget}) if live else NotebookNode()
        return "widget" if live else ""
    foreign = data.pop("text/html", None)
    if output.output_type == "execute_result" and set(data) == {"text/plain"} and not foreign:
        return ""  # how Python writes a value: for whoever runs the notebook
    return "output" if any(str(value).strip() for value in data.values()) else ""


def _block_kind(ours: Sequence[str], html: str, *, live: bool) -> str:
    """What a block of ours is. Whether one with choices may share a row with a talk is for what it shows to say."""
    if ours[0] != LIVE:
        return "broad" if "broad" in ours else ours[0]
    shown = _SHOWN_CLASS.search(html)
    across = shown and ACROSS & set(shown[1].split())
    return "" if not live else LIVE_ACROSS if across else LIVE


def reference(at: int, output: NotebookNode) -> str:
    """Six characters by which a failed cell can be found again in the log."""
    told = f"{at}:{output.get('ename', '')}:{output.get('evalue', '')}"
    return hashlib.sha256(told.encode()).hexdigest()[:6]


def fault(output: NotebookNode) -> str:
    """One sentence for a cell that failed, escaped: advice from our own errors, a reference for anything else."""
    kind: Any = getattr(errors, output.get("ename", ""), None)
    if isinstance(kind, type) and issubclass(kind, errors.IitkError):
        return f"{escape(output.evalue)} (reference {output.reference})"
    return f"This part could not be worked out. The run's log says why, under reference {output.reference}."


def _plain(html: str) -> str:
    """The text of a heading, still escaped."""
    return " ".join(_TAG.sub("", html).split())


def _opening(items: list[Item], title: str) -> list[Item]:
    """The stage line first, then the title (the notebook's own, else the stage's), then the rest as it stands."""
    stage = [item for item in items if item.kind == "stage"]
    rest = [item for item in items if item.kind != "stage"]
    titles = [item for item in rest if item.kind == "prose" and item.cell.source.startswith("# ")]
    if not titles:
        rest.insert(0, _item(_text_cell(f"# {title}"), "prose"))
    for item in titles if stage else ():
        # The notebook lists time and results under its title for those who read it as a notebook.
        item.cell.source = _SAID_ABOVE.sub("", item.cell.source)
    return stage + rest


def _sections(items: Sequence[Item]) -> list[list[Item]]:
    """Cut before each level-2 heading, whether a text or a block brings it.

    A block that brings its own heading right under a text's heading stays in that text's section.
    """
    sections: list[list[Item]] = []
    for item in items:
        if item.heading or not sections:
            sections.append([])
        sections[-1].append(item)
    return sections


def _without_hollow(sections: list[list[Item]]) -> list[list[Item]]:
    """After a failed cell, leave out the names that it never defined and the questions that got no evidence."""
    failed, kept = False, []
    for section in sections:
        failed_before, told = failed, []
        for item in section:
            if not (failed and _follows_a_fault(item)):
                told.append(item)
            failed = failed or item.kind == "error"
        if not failed_before or {item.kind for item in told} - {"heading", "prose", "talk"}:
            kept.append(told)
    return kept


def _follows_a_fault(item: Item) -> bool:
    return item.kind == "error" and item.cell.outputs[0].ename == "NameError"


def _lay_out(section: list[Item], anchor: str) -> str:
    """Open and close the section, put each talk beside the evidence before it, and return the heading."""
    run: list[Item] = []
    for item in section:
        if item.kind == "talk" and any(other.kind != "prose" for other in run):
            run[0].surround(before='<div class="beside"><div class="beside-main">')
            run[-1].surround(after="</div>")
            item.surround(before='<div class="beside-talk">', after="</div></div>")
        run = [] if item.kind in ACROSS | {"talk", "heading"} else [*run, item]
    heading = section[0].heading
    name = f' aria-label="{heading}"' if heading else ""
    section[0].surround(before=f'<section id="{anchor}"{name}>')
    section[-1].surround(after="</section>")
    return heading


def _contents(parts: Sequence[tuple[str, str]]) -> str:
    """"On this page": worth its room from three headings."""
    links = [f'<li><a href="#{anchor}">{heading}</a></li>' for heading, anchor in parts if heading]
    if len(links) < 3:
        return ""
    return f'<nav class="contents" aria-label="On this page"><p>On this page</p><ol>{"".join(links)}</ol></nav>'
