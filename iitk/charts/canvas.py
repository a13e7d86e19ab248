"""A sheet of px on which a chart is laid out, drawn as layers of Altair marks.

Positions are worked out here in Python, so that labels stay clear of each other, text keeps its size and the wide and
the narrow drawing share their code. Each mark's data keep the figures they stand for beside their px.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import altair as alt
from altair.utils.schemapi import debug_mode

from iitk.charts.fonts import text_width, wrap
from iitk.charts.place import Label
from iitk.charts.theme import BOLD, INK, LINE, NARROW, ORANGE, ORANGE_TEXT, SIZE, SOFT, WIDE

Row = Mapping[str, Any]


class _Ready:
    """A part of a chart that Altair hands on as it is: any other it copies and looks at value by value."""

    _schema: ClassVar[dict[str, Any]] = {"type": "object"}  # by which Altair knows that it may ask for `to_dict`

    def __init__(self, part: Any) -> None:
        self._part = part

    def to_dict(self, *_: Any, **__: Any) -> Any:
        return self._part


# Without a scale a figure is a place in px already.
_PLACE = {axis: {"field": axis, "type": "quantitative", "axis": None, "scale": None} for axis in ("x", "y")}


class Canvas:
    """Collects marks placed in px from the top left corner; `chart()` makes one Altair chart of them."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._layers: list[dict[str, Any]] = []
        self._data: dict[str, _Ready] = {}

    def _add(self, rows: Sequence[Row], mark: dict[str, Any], **encoding: dict[str, Any]) -> None:
        """Put a layer of marks on the sheet, each row's mark at its (x, y)."""
        self._layers.append({"data": self._keep(rows), "mark": mark, "encoding": {**_PLACE, **encoding}})

    def _keep(self, rows: Sequence[Row]) -> str:
        name = f"data-{len(self._data) + 1}"
        self._data[name] = _Ready([dict(row) for row in rows])
        return name

    def rects(self, rows: Sequence[Row], *, fill: str | None, **mark: Any) -> None:
        """Rectangles from (x, y) to (x2, y2)."""
        if rows:
            self._add(rows, {"type": "rect", "fill": fill, **mark}, x2={"field": "x2"}, y2={"field": "y2"})

    def rules(self, rows: Sequence[Row], *, stroke: str, width: float = 1.0, **mark: Any) -> None:
        """Straight lines from (x, y) to (x2, y2)."""
        if rows:
            look = {"type": "rule", "stroke": stroke, "strokeWidth": width, **mark}
            self._add(rows, look, x2={"field": "x2"}, y2={"field": "y2"})

    def comb(self, rows: Sequence[Row], *, stroke: str, width: float = 1.0, **mark: Any) -> None:
        """Many straight lines from (x, y) to (x2, y2) as one path, for marks that are only seen together."""
        strokes = [[[row["x"], row["y"]], [row["x2"], row["y2"]]] for row in rows]
        if strokes:
            feature = {"type": "Feature", "geometry": {"type": "MultiLineString", "coordinates": strokes}}
            self.shapes([feature], fill=None, stroke=stroke, strokeWidth=width, **mark)

    def lines(self, rows: Sequence[Row], *, stroke: str, width: float, **mark: Any) -> None:
        """Lines through (x, y), one for each value of `line`; a row whose y is None breaks its line."""
        if rows:
            look = {"type": "line", "stroke": stroke, "strokeWidth": width, "strokeJoin": "round",
                    "strokeCap": "round", "invalid": "break-paths-show-domains", **mark}  # fmt: skip
            places = {  # with scales after all: without them a missing y would be a place
                axis: {**_PLACE[axis], "scale": {"domain": [0, size], "range": [0, size], "nice": False, "zero": False}}
                for axis, size in (("x", self.width), ("y", self.height))
            }
            order = {"field": "step", "type": "quantitative"}
            self._add(rows, look, **places, detail={"field": "line", "type": "nominal"}, order=order)

    def dots(self, rows: Sequence[Row], *, fill: str | None, **mark: Any) -> None:
        """Circles at (x, y) of radius `r`, or another `shape` of that half-width."""
        if rows:
            sized = [{**row, "area": (2 * row["r"]) ** 2} for row in rows]
            look = {"type": "point", "fill": fill or "transparent", "opacity": 1, **mark}
            self._add(sized, look, size={"field": "area", "type": "quantitative", "scale": None})

    def shapes(self, features: Sequence[Row], **mark: Any) -> None:
        """GeoJSON features whose coordinates are px already."""
        if features:
            px = {"type": "identity", "reflectY": False, "scale": 1, "translate": [0, 0]}
            look = {"type": "geoshape", **mark}
            self._layers.append({"data": self._keep(features), "mark": look, "projection": px})

    def texts(
        self,
        rows: Sequence[Row],
        *,
        align: str = "left",
        bold: bool = False,
        fill: str = INK,
        halo: str | None = None,
    ) -> None:
        """Write `text` (one line, or a list of lines around the middle) with its anchor at (x, y)."""
        flat = [
            {**row, "text": line, "y": row["y"] + (i - (len(lines) - 1) / 2) * LINE}
            for row in rows
            for lines in [[row["text"]] if isinstance(row["text"], str) else list(row["text"])]
            for i, line in enumerate(lines)
        ]
        if not flat:
            return
        look: dict[str, Any] = {"type": "text", "align": align, "baseline": "middle", "fontSize": SIZE, "dy": 1}
        if bold:
            look["fontWeight"] = BOLD
        halos: list[dict[str, Any]] = (
            [{"stroke": halo, "strokeWidth": 4, "strokeJoin": "round", "fill": halo}] if halo else []
        )
        for colours in [*halos, {"fill": fill}]:
            self._add(flat, {**look, **colours}, text={"field": "text", "type": "nominal"})

    def write(self, x: float, y: float, text: str | Sequence[str], **look: Any) -> None:
        """Write one text with its anchor at (x, y); what it looks like is as for `texts`."""
        self.texts([{"x": x, "y": y, "text": text}], **look)

    def labels(self, labels: Sequence[Label], **look: Any) -> None:
        """Write labels that found their place."""
        self.texts([{"x": one.x, "y": one.y, "text": one.text} for one in labels], **look)

    def leaders(self, labels: Sequence[Label]) -> None:
        """Draw a thin line to each label that stands apart from its dot."""
        rows = [dict(zip(("x", "y", "x2", "y2"), one.leader, strict=True)) for one in labels if one.leader]
        self.rules(rows, stroke=SOFT)

    def guide(self, x: float, parts: Sequence[Row], text: str, *, y: float, dash: Sequence[int]) -> None:
        """Draw a dashed orange line down the sheet at `x`, in one or more parts, with its label at `y` above it."""
        self.rules(parts, stroke=ORANGE, width=2, strokeDash=list(dash))
        self.write(fit(x, text, self.width), y, text, align="center", fill=ORANGE_TEXT)

    def chart(self) -> alt.LayerChart:
        """Return all marks as one chart of exactly the sheet's size."""
        # Altair's check of every mark against its schema would take most of the time.
        with debug_mode(False):
            layers: Any = [_layer(**parts) for parts in self._layers]
            return alt.LayerChart(
                layer=layers, datasets=self._data, width=self.width, height=self.height, padding=0, autosize="none"
            )


class _Layer(alt.UnitSpec):
    """A layer that is never changed, so that Altair, which copies layers again and again, may keep the one."""

    def copy(self, *_: Any, **__: Any) -> _Layer:
        return self


def _layer(data: str, encoding: dict[str, Any] | None = None, **parts: Any) -> _Layer:
    channels: Any = {name: _Ready(channel) for name, channel in (encoding or {}).items()}
    ready: Any = {name: _Ready(part) for name, part in parts.items()}
    return _Layer(data=alt.NamedData(name=data), encoding=alt.Encoding(**channels), **ready)


def sheet_width(narrow: bool) -> float:
    """Return how wide a drawing is, in px."""
    return NARROW if narrow else WIDE


def empty_chart(text: str, *, narrow: bool) -> Canvas:
    """Draw the sentence that says why there is nothing to see."""
    sheet = Canvas(sheet_width(narrow), 70)
    sheet.write(2, 35, wrap(text, sheet.width - 4, lines=3), fill=SOFT)
    return sheet


def across(left: float, right: float, y: float, **figures: Any) -> dict[str, Any]:
    """A line from left to right, with the figures it stands for."""
    return {"x": left, "x2": right, "y": y, "y2": y, **figures}


def upright(x: float, top: float, bottom: float, **figures: Any) -> dict[str, Any]:
    """A line from top to bottom, with the figures it stands for."""
    return {"x": x, "x2": x, "y": top, "y2": bottom, **figures}


def rect(left: float, right: float, top: float, bottom: float, **figures: Any) -> dict[str, Any]:
    """A rectangle, with the figures it stands for."""
    return {"x": left, "x2": right, "y": top, "y2": bottom, **figures}


def fit(x: float, text: str, width: float) -> float:
    """Move the middle of a centred text so that it stays on the sheet."""
    half = text_width(text) / 2 + 2
    return min(max(x, half), width - half)
