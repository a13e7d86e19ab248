"""One stage of one area as an app: its notebook is executed for each visitor, on a kernel that stays for the page.

Parameters come from the address and are checked here; the notebook gets areas that exist, and nothing else.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup
from nbformat import NotebookNode
from tornado import web
from voila.utils import get_page_config

from iitk import errors
from iitk.model import Area, AreaKind
from iitk.publish import page as published
from iitk.publish.explain import explain
from iitk.publish.record import RecordError, read_record
from iitk.runs import notebooks, series
from iitk.serve import assets, capacity, execution
from iitk.serve.handlers import Page
from iitk.serve.shell import render
from iitk.sources import geography, parameters, tables
from iitk.stages import base as stages

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_HERE = Markup("<!-- the notebook -->")
COMPARATORS = ("UK", "England", "Scotland", "Wales", "Northern Ireland")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor wants to see."""

    notebook: notebooks.Notebook
    info: stages.StageInfo
    area: Area
    comparator: Area
    vintage: str = ""  # of the parameters, where the link asks for one

    @property
    def given(self) -> dict[str, str]:
        """The two areas, and the vintage asked for, as a notebook and a link are told of them."""
        given = {"area": series.hand_on(self.area), "comparator": series.hand_on(self.comparator)}
        return given | ({"vintage": self.vintage} if self.vintage else {})

    @property
    def query(self) -> str:
        """The same as a query string."""
        return urlencode(self.given, quote_via=quote)


class Stage(Page):
    """A stage's page: its frame at once, its notebook as soon as that has been executed."""

    _kernel = ""

    @web.authenticated
    async def get(self, key: str) -> None:
        """Show it for the area asked for; without one, show the way to choose."""
        asked = self._asked(key)
        if asked is None:
            self.redirect(self.base_url)
            return
        if capacity.full(self.kernel_manager):
            raise web.HTTPError(503)
        kernel_id = self._kernel = await self._start_kernel()
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        context = _context(asked, self._done(asked), self.base_url)
        before, _ = self._frame(asked, context)
        self.write(before)
        await self.flush()
        with tempfile.TemporaryDirectory(prefix="iitk-stage-") as folder:
            inside = await self._notebook(asked, kernel_id, Path(folder))
            context = _with_record(context, Path(folder))
        self.write(inside)
        lives, foreign = 'class="live"' in inside, "application/vnd.voila.cell-output+json" in inside
        if lives or foreign:
            self.write(self._configuration(kernel_id, voila=foreign))
            asyncio.get_running_loop().call_later(self.settings["iitk_unclaimed"], self._end_unclaimed)
        else:
            await self._end_kernel()
        _, after = self._frame(asked, context, voila=foreign)
        self.finish(after)

    def _asked(self, key: str) -> Asked | None:
        try:
            (notebook,) = notebooks.find([key])
            area = self.get_query_argument("area", "")
            if not area.strip():
                return None
            against = self.get_query_argument("comparator", "") or "UK"
            vintage = self.get_query_argument("vintage", "")
            known = parameters.vintage(vintage).name if vintage else ""
            return Asked(notebook, stages.info(key), _named(area), _named(against), known)
        except errors.IitkError as error:
            raise web.HTTPError(404, str(error)) from error

    async def _start_kernel(self) -> str:
        env = {**self.settings["iitk_kernel_env"], "QUERY_STRING": self.request.query, "IITK_APP": "1"}
        started: str = await self.kernel_manager.start_kernel(kernel_name="python3", env=env)
        return started

    async def _end_kernel(self) -> None:
        manager: Any = self.kernel_manager
        if self._kernel in manager:
            await manager.shutdown_kernel(self._kernel, now=True)

    def on_connection_close(self) -> None:
        """Whoever asked has gone before the page was there: its kernel is for others."""
        super().on_connection_close()
        if self._kernel:
            self._ending = asyncio.ensure_future(self._end_kernel())

    def _end_unclaimed(self) -> None:
        """A page that came for its kernel keeps it; one that never did (a program's, say) does not."""
        manager: Any = self.kernel_manager
        if self._kernel in manager and not manager.kernel_model(self._kernel)["connections"]:
            self._ending = asyncio.ensure_future(self._end_kernel())

    async def _notebook(self, asked: Asked, kernel_id: str, folder: Path) -> Markup:
        """The executed notebook as HTML."""
        try:
            book = execution.prepared(asked.notebook, {**asked.given, "save_to": str(folder)})
            if not await execution.execute(book, self.kernel_manager.get_kernel(kernel_id)):
                self._note_faults(book)
            return await asyncio.to_thread(_inside, book, asked, f"{self.base_url}help")
        except Exception as error:  # noqa: BLE001  the frame is on its way: what went wrong is said inside it
            return self._failed(asked, error)

    def _failed(self, asked: Asked, error: Exception) -> Markup:
        reference = hashlib.sha256(f"{datetime.now(UTC)}{error}".encode()).hexdigest()[:6]
        self.log.error(
            "Reference %s: %s for %s", reference, asked.notebook.key, asked.area.name, exc_info=error
        )  # fmt: skip
        return Markup(render("fault.html.j2", reference=reference, again=self.request.uri))  # noqa: S704 (escaped)

    def _note_faults(self, book: NotebookNode) -> None:
        """Log what a cell of ours got wrong, under the reference that the page shows."""
        for at, cell in enumerate(book.cells):
            for output in cell.get("outputs", ()):
                if output.output_type == "error":
                    told = published.reference(at, output)
                    how = _COLOUR.sub("", "\n".join(output.get("traceback", ())))
                    self.log.error("Reference %s: %s", told, how)

    def _done(self, asked: Asked) -> set[str]:
        """Stages that have a saved result for this area."""
        saved = self.settings["iitk_outputs"] / asked.area.slug
        return {path.parent.name for path in saved.glob("[0-9][0-9]_*/record.json")}

    def _frame(self, asked: Asked, context: published.PageContext, *, voila: bool = False) -> tuple[str, str]:
        """The page before and after its notebook."""
        whole = render(
            "stage.html.j2", **published.around(context), body=_HERE, base=self.base_url, voila=voila,
            area_asked=asked.given["area"], comparator_asked=asked.given["comparator"],
            comparators=_comparators(asked), question=asked.info.question,
        )  # fmt: skip
        before, _, after = whole.partition(str(_HERE))
        return before, after

    def _configuration(self, kernel_id: str, *, voila: bool) -> Markup:
        """What the page's script wants to know, and Voila's where that is needed, as data that nobody executes."""
        told = {**(_voilas(self) if voila else {}), "baseUrl": self.base_url, "kernelId": kernel_id}
        safe = json.dumps(told).replace("<", "\\u003c")
        return Markup(f'<script id="jupyter-config-data" type="application/json">{safe}</script>')  # noqa: S704


def _inside(book: NotebookNode, asked: Asked, glossary: str) -> Markup:
    """The executed notebook as HTML, its words explained."""
    inside = published.build_inside(book, title=asked.info.question, live=True)
    return Markup(explain(inside, glossary_href=glossary))  # noqa: S704 (cleaned cell by cell)


def _named(words: str) -> Area:
    area = geography.resolve(words)
    return replace(area, name="UK") if area.kind is AreaKind.UK else area


def _context(asked: Asked, done: set[str], base: str) -> published.PageContext:
    there = {notebook.key for notebook in notebooks.find()}
    key = asked.info.key
    return published.PageContext(
        area_name=asked.area.name, comparator=asked.comparator.name, stage_number=asked.info.number, stage_key=key,
        title=asked.info.question, sources=(), generated=datetime.now(UTC).date(), index_href=base,
        stages=published.journey(key, {name: f"{base}stage/{name}?{asked.query}" for name in there}, done),
    )  # fmt: skip


def _with_record(context: published.PageContext, folder: Path) -> published.PageContext:
    """The same with the sources that the notebook's record names."""
    try:
        keys = [source["key"] for source in read_record(folder)["sources"]]
    except RecordError:
        return context
    known = tables.all_sources()
    return replace(context, sources=tuple(known[key] for key in keys if key in known))


def _comparators(asked: Asked) -> list[tuple[str, str]]:
    """Names and what a link says of them: the one in use first, the usual ones, and what the area is part of."""
    every = {asked.comparator.name: asked.comparator}
    for words in (*COMPARATORS, *(code for _, code, _ in asked.area.parents)):
        other = _named(words)
        if other.lads != asked.area.lads:
            every.setdefault(other.name, other)
    return [(name, series.hand_on(area)) for name, area in every.items()]


def _voilas(handler: Page) -> dict[str, Any]:
    """What Voila tells its script, without what it would fetch from elsewhere."""
    found: dict[str, Any] = get_page_config(
        handler.base_url, handler.settings, handler.log, handler.settings["iitk_voila"]
    )  # fmt: skip
    known = [one for one in found["federated_extensions"] if one["name"] in assets.EXTENSIONS]
    return {**found, "federated_extensions": known, "fullMathjaxUrl": "", "jupyterLabTheme": "light",
            "disabledExtensions": ["@jupyterlab/mathjax2-extension:plugin"]}  # fmt: skip
