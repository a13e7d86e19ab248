"""From an Altair chart to an SVG that can stand inside a page: one label, no inner roles, short and clean."""

from __future__ import annotations

import hashlib
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from iitk.charts import fonts, theme
from iitk.words import escape

if TYPE_CHECKING:
    import altair as alt

Pen = Callable[[dict[str, Any], dict[str, Any]], str | None]
_pen_of_another: Pen | None = None

_SVG = "{http://www.w3.org/2000/svg}"
_DROPPED = {"role", "aria-roledescription", "aria-label", "aria-hidden", "class", "pointer-events"}
_NUMBER = re.compile(r"-?\d+\.\d(?:\d+(?:e-?\d+)?|e-?\d+)")  # with more than the one place that is kept
_ID = re.compile(r'(\bid="|url\(#|href="#)([^")]+)')
_LONG_NUMBERS = ("d", "transform", "x", "y", "x2", "y2", "width", "height")


@cache
def _first_drawn_in() -> int:
    """Return the process that drew first: vl-convert's thread lives there, and does not survive a fork."""
    return os.getpid()


@cache
def _pen() -> Any:
    """Import vl-convert and give it the shipped fonts, once per process and only when something is drawn."""
    import vl_convert

    vl_convert.register_font_directory(str(fonts.folder()))
    return vl_convert


def by_engine(spec: dict[str, Any], config: dict[str, Any]) -> str:
    """Draw a Vega-Lite chart as SVG in this process, refusing to do so where a fork has broken the engine."""
    if _first_drawn_in() != os.getpid():
        raise RuntimeError(
            "A chart was drawn before this process was forked, and the drawing engine does not survive that. "
            "Import iitk.charts before forking, but draw only afterwards."
        )
    drawn: str = _pen().vegalite_to_svg(spec, config=config)
    return drawn


def png(chart: alt.TopLevelMixin, *, scale: float = 2) -> bytes:
    """Draw a chart as PNG on white, for documents and slides."""
    config = {**theme.config(), "background": theme.PAPER}
    drawn: bytes = _pen().vegalite_to_png(chart.to_dict(validate=False), config=config, scale=scale)
    return drawn


def draw_with(pen: Pen | None) -> None:
    """Have charts of this process drawn by another, whose engine runs already; where it gives none, draw here."""
    global _pen_of_another  # noqa: PLW0603 (one for each process)
    _pen_of_another = pen


def draw(chart: alt.TopLevelMixin, *, label: str) -> str:
    """Draw a chart as inline SVG with role="img" and `label` as its only accessible name.

    Vega's own roles and labels are removed, so that a screen reader hears one sentence and not a hundred marks;
    ids get a prefix made from the drawing, so that several drawings can share a page; numbers are rounded to 0.1 px.

    Raises
    ------
    RuntimeError
        In a process forked from one that had already drawn: without this it would wait for ever.
    """
    spec, texts = _without_words(chart.to_dict(validate=False))
    config = theme.config()
    raw = _numbered((_pen_of_another and _pen_of_another(spec, config)) or by_engine(spec, config))
    root = ET.fromstring(raw)  # noqa: S314 (our own drawing, not someone's file)
    _write_words(root, texts)
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    _prefix_ids(root, hashlib.sha256("\n".join([raw, *texts]).encode()).hexdigest()[:8])
    _tidy(root)
    body = "".join(ET.tostring(part, encoding="unicode") for part in root)
    body = body.replace(' xmlns:ns0="http://www.w3.org/2000/svg"', "").replace("ns0:", "")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}" focusable="false" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="{fonts.SANS_STACK}" font-size="{theme.SIZE:g}px">'
        f"{body}</svg>"
    )


def _without_words(spec: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the chart with empty texts, and the texts in the order in which they are drawn.

    Nearly all of the drawing's time would go into measuring them, and on a sheet laid out in px nothing depends on it.
    """
    if spec.get("autosize") != "none":
        return spec, []
    emptied: dict[str, list[dict[str, Any]]] = {}
    texts: list[str] = []
    for layer in spec.get("layer", ()):
        if layer["mark"]["type"] == "text":
            name = layer.get("data", spec.get("data"))["name"]  # Altair moves up what all layers share
            texts += [str(row["text"]).strip() for row in spec["datasets"][name]]  # Vega trims, too
            emptied[name] = [{**row, "text": ""} for row in spec["datasets"][name]]
    return {**spec, "datasets": {**spec.get("datasets", {}), **emptied}}, texts


def _write_words(root: ET.Element, texts: list[str]) -> None:
    if texts:
        for element, text in zip(root.iter(f"{_SVG}text"), texts, strict=True):
            element.text = text


def _numbered(raw: str) -> str:
    """Number the ids from 1: the engine counts on from drawing to drawing, and on its past nothing may depend."""
    names: dict[str, str] = {}
    return _ID.sub(lambda found: found[1] + names.setdefault(found[2], str(len(names) + 1)), raw)


def _prefix_ids(root: ET.Element, prefix: str) -> None:
    """Give every id, and every reference to one, a prefix of its own drawing."""
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "id":
                element.set(name, f"f{prefix}-{value}")
            elif "url(#" in value:
                element.set(name, value.replace("url(#", f"url(#f{prefix}-"))
            elif name.endswith("href") and value.startswith("#"):
                element.set(name, f"#f{prefix}-{value[1:]}")


def _tidy(element: ET.Element) -> None:
    """Drop what says nothing (roles, empty paths, hidden frames) and shorten what is left."""
    for child in list(element):
        frame = child.get("class") in ("background", "foreground")
        _tidy(child)
        empty = child.tag in (f"{_SVG}g", f"{_SVG}defs") and not len(child)
        if frame or empty or (child.tag == f"{_SVG}path" and not child.get("d")):
            element.remove(child)
    for name in _DROPPED & element.attrib.keys():
        del element.attrib[name]
    if element.get("opacity") == "1":
        del element.attrib["opacity"]
    if element.get("font-family", "").strip("'\"") == fonts.DRAWN:
        del element.attrib["font-family"]
    if element.get("font-size") == f"{theme.SIZE:g}px":
        del element.attrib["font-size"]
    for name in _LONG_NUMBERS:
        if value := element.get(name):
            element.set(name, _NUMBER.sub(_shorter, value))


def _shorter(found: re.Match[str]) -> str:
    """Round one number of a path to 0.1 px."""
    return f"{round(float(found.group()), 1):g}".replace("-0", "0") if "." in found.group() else found.group()
