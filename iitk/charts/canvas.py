"""A sheet of px on which a chart is laid out, drawn as layers of Altair marks.

Positions are worked out here in Python, so that labels stay clear of each other, text keeps its size and the wide and
the narrow drawing share their code. Each mark's data keep the figures they stand for beside their px.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import altair as alt
from altair.utils.schemapi import debug_mode

from iitk.charts.fonts import text_width
from iitk.charts.theme import BOLD, INK, LINE, SIZE

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
        size: float = SIZE,
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
        look: dict[str, Any] = {"type": "text", "align": align, "baseline": "middle", "fontSize": size, "dy": 1}
        if bold:
            look["fontWeight"] = BOLD
        halos: list[dict[str, Any]] = (
            [{"stroke": halo, "strokeWidth": 4, "strokeJoin": "round", "fill": halo}] if halo else []
        )
        for colours in [*halos, {"fill": fill}]:
            self._add(flat, {**look, **colours}, text={"field": "text", "type": "nominal"})

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


def fit(x: float, text: str, width: float, *, bold: bool = False, margin: float = 2.0) -> float:
    """Move the middle of a centred text so that it stays on the sheet."""
    half = text_width(text, SIZE, bold=bold) / 2 + margin
    return min(max(x, half), width - half)
