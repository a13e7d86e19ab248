"""How much each further pound brings: the most that can be had for the money, and where it bends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Unpack

import pandas as pd

from iitk.charts import theme
from iitk.charts.canvas import Canvas, across, fit, sheet_width, upright
from iitk.charts.checks import need_columns
from iitk.charts.choosing_rows import millions, unit
from iitk.charts.figure import Credits, Figure, make
from iitk.charts.fonts import text_width
from iitk.charts.place import Box, Dot, Label, label_dots
from iitk.charts.scales import Plot, nice_steps
from iitk.model import Badge
from iitk.words import count, number, percent

Point = tuple[float, float]  # cost in £ million, and net jobs


@dataclass(frozen=True, slots=True)
class _Scene:
    """All that is drawn, in £ million and in net jobs."""

    points: tuple[Point, ...]  # efficient portfolios, the cheapest first
    knee: Point | None
    here: Point | None
    enough: Point | None

    @property
    def marks(self) -> list[Point]:
        return [mark for mark in (self.knee, self.here, self.enough) if mark]

    @property
    def shares(self) -> tuple[str, str] | None:
        """What `enough` brings of the most that can be had, "90% of the net jobs", and for what: "75% of the cost"."""
        if not self.enough or not self.points or min(self.points[-1]) <= 0:
            return None
        money, value = (part / whole for part, whole in zip(self.enough, self.points[-1], strict=True))
        return f"{percent(value)} of the net jobs", f"{percent(money)} of the cost"


def frontier(
    table: pd.DataFrame,
    *,
    knee: float | None = None,
    here: Point | None = None,
    enough: Point | None = None,
    price_year: int | None = None,
    **credit: Unpack[Credits],
) -> Figure:
    """Draw the most net jobs that can be had for each sum of money.

    Parameters
    ----------
    table
        One row for each efficient portfolio: `cost` (£ million) and `value` (net jobs), in any order.
    knee
        Cost in £ million after which each further pound brings less.
    here
        Cost and value of the portfolio under discussion.
    enough
        Cost and value of a portfolio that brings nearly as much for less than the dearest: both shares become the
        title.

    Returns
    -------
    Figure
        Steps from portfolio to portfolio, as only whole options can be had. Its badge is "modelled" unless said.
    """
    need_columns(table, ("cost", "value"), "frontier")
    known = table.dropna(subset=["cost", "value"]).sort_values(["cost", "value"], kind="stable")
    points = tuple((float(cost), float(value)) for cost, value in zip(known["cost"], known["value"], strict=True))
    bend = [point for point in points if knee is not None and point[0] <= knee + 1e-9]
    scene = _Scene(points, bend[-1] if bend else None, here, enough)
    return make(
        credit,
        key="frontier",
        title=_title(scene),
        measure=f"Most net jobs by cost of the portfolio with optimism bias ({unit(price_year)}). Each dot: a "
        "portfolio that no other beats for its money.",
        draw=partial(_draw, scene) if points else None,
        alt_text=_alt_text(scene) if points else "",
        table=pd.DataFrame({
            "Portfolio": [f"{place} of {len(points)}" for place in range(1, len(points) + 1)],
            "Cost (£m)": pd.Series([cost for cost, _ in points], dtype=float),
            "Net jobs": pd.Series([value for _, value in points], dtype=float),
        }),
        badge=Badge.MODELLED,
    )  # fmt: skip


def _had(point: Point) -> str:
    return f"{number(point[1])} net jobs"


def _title(scene: _Scene) -> str:
    if not scene.points:
        return "What the money could bring cannot be said: no portfolio is known"
    if scene.shares:
        return " can be had for ".join(scene.shares)
    if scene.knee:
        return f"The first {millions(scene.knee[0])} bring {_had(scene.knee)}; after that, each pound brings less"
    return f"{millions(scene.points[-1][0])} can bring {_had(scene.points[-1])} at most"


def _alt_text(scene: _Scene) -> str:
    first, last = (f"{_had(point)} for {millions(point[0])}" for point in (scene.points[0], scene.points[-1]))
    said = {"Knee": scene.knee, "Portfolio under discussion": scene.here, "Nearly as much for less": scene.enough}
    marks = "".join(f" {name}: {_had(at)} for {millions(at[0])}." for name, at in said.items() if at)
    return f"Steps of {count(len(scene.points), 'portfolio')}, from {first} to {last}.{marks}"


def _draw(scene: _Scene, *, narrow: bool) -> Canvas:
    sheet = Canvas(sheet_width(narrow), 330.0 if narrow else 400.0)
    costs, values = zip((1e-9, 0.0), *scene.points, *scene.marks, strict=True)
    low, high = min(values), max(values) if max(values) > min(values) else min(values) + 1
    steps = nice_steps(low, high, most=6)
    box = Box(max(text_width(number(step)) for step in steps) + 12, 58, sheet.width - 4, sheet.height - 30)
    plot = Plot(box, 0.0, 1.04 * max(costs), low, high + (high - low) * 0.06)
    _draw_axes(sheet, plot, steps)
    if scene.enough:  # lines from the portfolio that is nearly as good to both axes
        x, y = plot.x(scene.enough[0]), plot.y(scene.enough[1])
        lines = [across(box.left, x, y), upright(x, y, plot.y(0))]
        sheet.rules(lines, stroke=theme.ORANGE, width=2, strokeDash=[2, 4])
    _draw_steps(sheet, scene, plot)
    _draw_marks(sheet, scene, plot, narrow=narrow)
    return sheet


def _draw_axes(sheet: Canvas, plot: Plot, steps: Sequence[float]) -> None:
    box = plot.box
    sheet.rules([across(box.left, box.right, plot.y(step)) for step in steps], stroke=theme.GRID)
    sheet.rules([across(box.left, box.right, plot.y(0))], stroke=theme.SOFT)
    ups = [{"x": box.left - 8, "y": plot.y(step), "text": number(step)} for step in steps]
    sheet.texts(ups, align="right", fill=theme.SOFT)
    sheet.write(1, 36, "Net jobs", fill=theme.SOFT)
    most = max(2, int((box.right - box.left) / 60))
    costs = [(plot.x(tick), millions(tick)) for tick in nice_steps(0, plot.right, most=most)]
    rows = [{"x": fit(x, text, sheet.width), "y": box.bottom + 18, "text": text} for x, text in costs]
    sheet.texts(rows, align="center", fill=theme.SOFT)


def _corners(scene: _Scene) -> list[Point]:
    """Corners of the steps: between two portfolios, more money brings nothing more."""
    corners: list[Point] = []
    for cost, value in scene.points:
        if corners:
            corners.append((cost, corners[-1][1]))
        corners.append((cost, value))
    return corners


def _lines(scene: _Scene, plot: Plot) -> list[Box]:
    """Thin boxes along all lines of the plot, on which no label may lie."""
    ways = list(pairwise(_corners(scene)))
    if scene.enough:
        cost, value = scene.enough
        ways += [((0.0, value), scene.enough), ((cost, 0.0), scene.enough)]
    ends = [sorted((plot.x(cost), plot.y(value)) for cost, value in way) for way in ways]
    return [Box(x - 2, min(y, y2) - 2, x2 + 2, max(y, y2) + 2) for (x, y), (x2, y2) in ends]


def _draw_steps(sheet: Canvas, scene: _Scene, plot: Plot) -> None:
    rows = [{"x": plot.x(cost), "y": plot.y(value), "line": "most", "step": i}
            for i, (cost, value) in enumerate(_corners(scene))]  # fmt: skip
    sheet.lines(rows, stroke=theme.BLUE, width=2)
    radius = 4.0 if len(scene.points) <= 60 else 2.0
    dots = [{"x": plot.x(cost), "y": plot.y(value), "r": radius, "cost": cost, "value": value}
            for cost, value in scene.points]  # fmt: skip
    sheet.dots(dots, fill=theme.BLUE, stroke=theme.BLUE)


def _draw_marks(sheet: Canvas, scene: _Scene, plot: Plot, *, narrow: bool) -> None:
    """Draw and name the knee, the portfolio under discussion and the one that is nearly as good."""
    looks = (
        (scene.here, "yours", {"shape": "circle", "fill": theme.ORANGE, "stroke": theme.INK}),
        (scene.knee, "knee", {"shape": "diamond", "fill": theme.INK, "stroke": theme.PAPER}),
        (scene.enough, "nearly as much", {"shape": "square", "fill": theme.PAPER, "stroke": theme.INK}),
    )
    names: list[tuple[Dot, str]] = []  # with the words for it where there is room
    for at, name, look in looks:
        if at:
            spot = {"x": plot.x(at[0]), "y": plot.y(at[1]), "r": 7.0, "cost": at[0], "value": at[1]}
            sheet.dots([spot], strokeWidth=2, **look)
            words = f"{name}: {_had(at)} for {millions(at[0])}"
            if at is scene.enough and scene.shares:
                words = " for ".join(scene.shares)
            names.append((Dot(spot["x"], spot["y"], 10.0, name, bold=True), name if narrow else words))
    labels = _named(names, scene, plot, sheet.width)
    sheet.leaders(labels)
    sheet.labels(labels, bold=True, halo=theme.PAPER)


def _named(names: Sequence[tuple[Dot, str]], scene: _Scene, plot: Plot, width: float) -> list[Label]:
    """Find places for the names: in full, else short, else over a line of the plot rather than not at all."""
    own = {(dot.x, dot.y) for dot, _ in names}
    spots = [(plot.x(cost), plot.y(value)) for cost, value in scene.points]
    others = [Dot(x, y, 3.0) for x, y in spots if (x, y) not in own]
    inside = Box(plot.box.left + 4, 26, width, plot.box.bottom - 2)
    dots, lines = [replace(dot, text=words) for dot, words in names], _lines(scene, plot)
    for _ in names:
        labels = label_dots([*dots, *others], inside, lines)
        placed = [any(label.dot is dot for label in labels) for dot in dots]
        shorter = [dot if there else short for dot, there, (short, _) in zip(dots, placed, names, strict=True)]
        if all(placed):
            return labels
        if shorter == dots:
            break
        dots = shorter
    return label_dots([*dots, *others], inside)
