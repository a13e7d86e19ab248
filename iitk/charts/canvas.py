"""A sheet of px on which a chart is laid out, drawn as layers of Altair marks.

Positions are worked out here in Python, so that labels stay clear of each other, text keeps its size and the wide and
the narrow drawing share their code. Each mark's data keep the figures they stand for beside their px.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import altair as alt
from altair.utils.schemapi import debug_mode

from iitk.charts.fonts import text_width
from iitk.charts.theme import BOLD, INK, LINE, SIZE

Row = Mapping[str, Any]
P = ParamSpec("P")
R = TypeVar("R")


def _unchecked(draw: Callable[P, R]) -> Callable[P, R]:
    """Draw without Altair's check of every mark against its schema, which takes most of the time."""

    @wraps(draw)
    def drawn(*args: P.args, **options: P.kwargs) -> R:
        with debug_mode(False):
            return draw(*args, **options)

    return drawn


class Canvas:
    """Collects marks placed in px from the top left corner; `chart()` makes one Altair chart of them."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._layers: list[alt.Chart] = []

    def _x(self, field: str = "x") -> alt.X:
        scale = alt.Scale(domain=[0, self.width], range=[0, self.width], nice=False, zero=False)
        return alt.X(f"{field}:Q", scale=scale, axis=None)

    def _y(self, field: str = "y") -> alt.Y:
        scale = alt.Scale(domain=[0, self.height], range=[0, self.height], nice=False, zero=False)
        return alt.Y(f"{field}:Q", scale=scale, axis=None)

    def _data(self, rows: Sequence[Row]) -> alt.InlineData:
        return alt.InlineData(values=[dict(row) for row in rows])

    @_unchecked
    def rects(self, rows: Sequence[Row], *, fill: str | None, **mark: Any) -> None:
        """Rectangles from (x, y) to (x2, y2)."""
        if rows:
            chart = alt.Chart(self._data(rows)).mark_rect(fill=fill, **mark)
            self._layers.append(chart.encode(x=self._x(), y=self._y(), x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q")))

    @_unchecked
    def rules(self, rows: Sequence[Row], *, stroke: str, width: float = 1.0, **mark: Any) -> None:
        """Straight lines from (x, y) to (x2, y2)."""
        if rows:
            chart = alt.Chart(self._data(rows)).mark_rule(stroke=stroke, strokeWidth=width, **mark)
            self._layers.append(chart.encode(x=self._x(), y=self._y(), x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q")))

    @_unchecked
    def comb(self, rows: Sequence[Row], *, stroke: str, width: float = 1.0, **mark: Any) -> None:
        """Many straight lines from (x, y) to (x2, y2) as one path, for marks that are only seen together."""
        strokes = [[[row["x"], row["y"]], [row["x2"], row["y2"]]] for row in rows]
        if strokes:
            feature = {"type": "Feature", "geometry": {"type": "MultiLineString", "coordinates": strokes}}
            self.shapes([feature], fill=None, stroke=stroke, strokeWidth=width, **mark)

    @_unchecked
    def lines(self, rows: Sequence[Row], *, stroke: str, width: float, **mark: Any) -> None:
        """Lines through (x, y), one for each value of `line`; a row whose y is None breaks its line."""
        if rows:
            chart = alt.Chart(self._data(rows)).mark_line(
                stroke=stroke,
                strokeWidth=width,
                strokeJoin="round",
                strokeCap="round",
                invalid="break-paths-show-domains",
                **mark,
            )
            order = alt.Order("step:Q")
            self._layers.append(chart.encode(x=self._x(), y=self._y(), detail=alt.Detail("line:N"), order=order))

    @_unchecked
    def dots(self, rows: Sequence[Row], *, fill: str | None, **mark: Any) -> None:
        """Circles at (x, y) of radius `r`, or another `shape` of that half-width."""
        if rows:
            sized = [{**row, "area": (2 * row["r"]) ** 2} for row in rows]
            chart = alt.Chart(self._data(sized)).mark_point(fill=fill or "transparent", opacity=1, **mark)
            self._layers.append(chart.encode(x=self._x(), y=self._y(), size=alt.Size("area:Q", scale=None)))

    @_unchecked
    def shapes(self, features: Sequence[Row], **mark: Any) -> None:
        """GeoJSON features whose coordinates are px already."""
        if features:
            chart = alt.Chart(self._data(features)).mark_geoshape(**mark)
            self._layers.append(chart.project(type="identity", reflectY=False, scale=1, translate=[0, 0]))

    @_unchecked
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
        look: dict[str, Any] = {"align": align, "baseline": "middle", "fontSize": size, "dy": 1}
        if bold:
            look["fontWeight"] = BOLD
        halos: list[dict[str, Any]] = (
            [{"stroke": halo, "strokeWidth": 4, "strokeJoin": "round", "fill": halo}] if halo else []
        )
        for colours in [*halos, {"fill": fill}]:
            chart = alt.Chart(self._data(flat)).mark_text(**look, **colours)
            self._layers.append(chart.encode(x=self._x(), y=self._y(), text=alt.Text("text:N")))

    @_unchecked
    def chart(self) -> alt.LayerChart:
        """Return all marks as one chart of exactly the sheet's size."""
        return alt.LayerChart(layer=self._layers, width=self.width, height=self.height, padding=0, autosize="none")


def fit(x: float, text: str, width: float, *, bold: bool = False, margin: float = 2.0) -> float:
    """Move the middle of a centred text so that it stays on the sheet."""
    half = text_width(text, SIZE, bold=bold) / 2 + margin
    return min(max(x, half), width - half)
