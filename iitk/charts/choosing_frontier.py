"""How much each further pound brings: the most that can be had for the money, and where it bends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Unpack

import altair as alt
import pandas as pd

from iitk.charts import theme
from iitk.charts.bars import empty_chart
from iitk.charts.canvas import Canvas, fit
from iitk.charts.checks import need_columns
from iitk.charts.choosing_rows import millions, unit
from iitk.charts.figure import Credits, Figure, make
from iitk.charts.fonts import text_width
from iitk.charts.place import Box, Dot, Label, label_dots
from iitk.charts.scales import nice_steps
from iitk.model import Badge
from iitk.words import capitalise, count, number, percent

Point = tuple[float, float]  # cost in £ million, and value


@dataclass(frozen=True, slots=True)
class _Scene:
    """All that is drawn, in £ million and in what is had."""

    points: tuple[Point, ...]  # efficient portfolios, the cheapest first
    what: str
    budget: float | None
    knee: Point | None
    here: Point | None
    enough: Point | None

    @property
    def best(self) -> Point:
        """The most that the budget buys; without a budget, the most there is."""
        within = [point for point in self.points if self.budget is None or point[0] <= self.budget + 1e-9]
        return within[-1] if within else (0.0, 0.0)

    def write(self, value: float) -> str:
        return millions(value) if self.what == "£m" else f"{number(value)} {self.what}"

    @property
    def same_for_less(self) -> str:
        """What `enough` brings of the best, "90% of the net jobs for 75% of the cost"; empty where it cannot be."""
        if self.enough is None or min(self.best) <= 0:
            return ""
        money, value = (part / whole for part, whole in zip(self.enough, self.best, strict=True))
        return f"{percent(value)} of the {_noun(self.what)} for {percent(money)} of the cost"


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where things go on the sheet, in px."""

    box: Box
    cost: float  # at the right edge
    low: float
    high: float

    def x(self, cost: float) -> float:
        return self.box.left + cost / self.cost * (self.box.right - self.box.left)

    def y(self, value: float) -> float:
        return self.box.bottom - (value - self.low) / (self.high - self.low) * (self.box.bottom - self.box.top)


def frontier(
    table: pd.DataFrame,
    *,
    what: str = "net jobs",
    budget: float | None = None,
    knee: float | None = None,
    here: Point | None = None,
    enough: Point | None = None,
    price_year: int | None = None,
    **credit: Unpack[Credits],
) -> Figure:
    """Draw the most that can be had for each sum of money.

    Parameters
    ----------
    table
        One row for each efficient portfolio: `cost` (£ million) and `value` (in `what`), in any order.
    what
        What is had: "net jobs", or "£m" for net worth.
    budget
        £ million: an orange line, and what the best portfolio must keep to.
    knee
        Cost in £ million after which each further pound brings less.
    here
        Cost and value of the portfolio under discussion.
    enough
        Cost and value of a portfolio that brings nearly as much for less than the best one within the budget: both
        shares become the title.

    Returns
    -------
    Figure
        Steps from portfolio to portfolio, as only whole options can be had. Its badge is "modelled" unless said.
    """
    need_columns(table, ("cost", "value"), "frontier")
    known = table.dropna(subset=["cost", "value"]).sort_values(["cost", "value"], kind="stable")
    points = tuple((float(cost), float(value)) for cost, value in zip(known["cost"], known["value"], strict=True))
    bend = [point for point in points if knee is not None and point[0] <= knee + 1e-9]
    scene = _Scene(points, what, budget, bend[-1] if bend else None, here, enough)
    title = _title(scene)
    drawn = [_draw(scene, narrow=narrow) if points else empty_chart(title + ".", narrow=narrow)
             for narrow in (False, True)]  # fmt: skip
    credit.setdefault("badge", Badge.MODELLED)
    return make(
        credit,
        key="frontier",
        title=title,
        measure=f"Most {_noun(what)} by cost of the portfolio with optimism bias ({unit(price_year)}). Each dot: a "
        "portfolio that no other beats for its money.",
        chart=drawn[0],
        narrow=drawn[1],
        alt_text=_alt_text(scene, title),
        table=pd.DataFrame({
            "Portfolio": [f"{place} of {len(points)}" for place in range(1, len(points) + 1)],
            "Cost (£m)": pd.Series([cost for cost, _ in points], dtype=float),
            "Net worth (£m)" if what == "£m" else capitalise(what): pd.Series([v for _, v in points], dtype=float),
        }),
    )  # fmt: skip


def _noun(what: str) -> str:
    return "net worth" if what == "£m" else what


def _title(scene: _Scene) -> str:
    if not scene.points:
        return "What the money could bring cannot be said: no portfolio is known"
    if scene.same_for_less:
        had, paid = scene.same_for_less.split(" for ")
        return f"{had} can be had for {paid}"
    if scene.knee:
        cost, value = scene.knee
        return f"The first {millions(cost)} bring {scene.write(value)}; after that, each pound brings less"
    best = scene.best
    of = millions(best[0] if scene.budget is None else scene.budget)
    return f"{of} can bring {scene.write(best[1])} at most"


def _alt_text(scene: _Scene, title: str) -> str:
    if not scene.points:
        return title + "."
    (first, least), (last, most) = scene.points[0], scene.points[-1]
    said = {"Knee": scene.knee, "Portfolio under discussion": scene.here, "Nearly as much for less": scene.enough}
    marks = "".join(f" {name}: {scene.write(at[1])} for {millions(at[0])}." for name, at in said.items() if at)
    budget = "" if scene.budget is None else f" Your budget: {millions(scene.budget)}."
    return (
        f"Steps of {count(len(scene.points), 'portfolio')}, from {scene.write(least)} for {millions(first)} to "
        f"{scene.write(most)} for {millions(last)}.{marks}{budget}"
    )


def _draw(scene: _Scene, *, narrow: bool) -> alt.LayerChart:
    width, height = (theme.NARROW, 330.0) if narrow else (theme.WIDE, 400.0)
    sheet = Canvas(width, height)
    marks = [mark for mark in (scene.knee, scene.here, scene.enough) if mark]
    values = [0.0, *(value for _, value in (*scene.points, *marks))]
    cost = 1.04 * max([1e-9, *(cost for cost, _ in (*scene.points, *marks)), scene.budget or 0.0])
    low, high = min(values), max(values) if max(values) > min(values) else min(values) + 1
    steps = nice_steps(low, high, most=6)
    texts = [millions(step) if scene.what == "£m" else number(step) for step in steps]
    left = max(map(text_width, texts)) + 12
    plot = _Plot(Box(left, 58, width - 4, height - 30), cost, low, high + (high - low) * 0.06)
    _draw_axes(sheet, scene, plot, list(zip(steps, texts, strict=True)))
    _draw_enough(sheet, scene, plot)
    _draw_steps(sheet, scene, plot)
    _draw_marks(sheet, scene, plot, narrow=narrow)
    return sheet.chart()


def _draw_axes(sheet: Canvas, scene: _Scene, plot: _Plot, steps: Sequence[tuple[float, str]]) -> None:
    box = plot.box
    sheet.rules([{"x": box.left, "x2": box.right, "y": plot.y(step), "y2": plot.y(step)} for step, _ in steps],
                stroke=theme.GRID)  # fmt: skip
    zero = {"x": box.left, "x2": box.right, "y": plot.y(0), "y2": plot.y(0)}
    sheet.rules([zero], stroke=theme.SOFT)
    ups = [{"x": box.left - 8, "y": plot.y(step), "text": text} for step, text in steps]
    sheet.texts(ups, align="right", fill=theme.SOFT)
    sheet.texts([{"x": 1, "y": 36, "text": capitalise(_noun(scene.what))}], fill=theme.SOFT)
    most = max(2, int((box.right - box.left) / 60))
    costs = [(plot.x(tick), millions(tick)) for tick in nice_steps(0, plot.cost, most=most)]
    rows = [{"x": fit(x, text, sheet.width), "y": box.bottom + 18, "text": text} for x, text in costs]
    sheet.texts(rows, align="center", fill=theme.SOFT)
    if scene.budget is not None:
        x, text = plot.x(scene.budget), f"your budget {millions(scene.budget)}"
        line = {"x": x, "x2": x, "y": 24, "y2": box.bottom, "budget": scene.budget}
        sheet.rules([line], stroke=theme.ORANGE, width=2, strokeDash=[6, 4])
        label = {"x": fit(x, text, sheet.width), "y": 11, "text": text}
        sheet.texts([label], align="center", fill=theme.ORANGE_TEXT)


def _draw_enough(sheet: Canvas, scene: _Scene, plot: _Plot) -> None:
    """Draw the lines from the portfolio that is nearly as good to both axes."""
    if scene.enough:
        x, y = plot.x(scene.enough[0]), plot.y(scene.enough[1])
        lines = [{"x": plot.box.left, "x2": x, "y": y, "y2": y}, {"x": x, "x2": x, "y": y, "y2": plot.y(0)}]
        sheet.rules(lines, stroke=theme.ORANGE, width=2, strokeDash=[2, 4])


def _corners(scene: _Scene) -> list[Point]:
    """Corners of the steps: between two portfolios, more money brings nothing more."""
    corners: list[Point] = []
    for cost, value in scene.points:
        if corners:
            corners.append((cost, corners[-1][1]))
        corners.append((cost, value))
    return corners


def _lines(scene: _Scene, plot: _Plot) -> list[Box]:
    """Thin boxes along all lines of the plot, on which no label may lie."""
    ways = list(pairwise(_corners(scene)))
    if scene.enough:
        cost, value = scene.enough
        ways += [((0.0, value), scene.enough), ((cost, 0.0), scene.enough)]
    ends = [sorted((plot.x(cost), plot.y(value)) for cost, value in way) for way in ways]
    found = [Box(x - 2, min(y, y2) - 2, x2 + 2, max(y, y2) + 2) for (x, y), (x2, y2) in ends]
    if scene.budget is not None:
        x = plot.x(scene.budget)
        found.append(Box(x - 3, 0, x + 3, plot.box.bottom))
    return found


def _draw_steps(sheet: Canvas, scene: _Scene, plot: _Plot) -> None:
    rows = [{"x": plot.x(cost), "y": plot.y(value), "line": "most", "step": i}
            for i, (cost, value) in enumerate(_corners(scene))]  # fmt: skip
    sheet.lines(rows, stroke=theme.BLUE, width=2)
    radius = 4.0 if len(scene.points) <= 60 else 2.0
    dots = [{"x": plot.x(cost), "y": plot.y(value), "r": radius, "cost": cost, "value": value}
            for cost, value in scene.points]  # fmt: skip
    sheet.dots(dots, fill=theme.BLUE, stroke=theme.BLUE)


def _draw_marks(sheet: Canvas, scene: _Scene, plot: _Plot, *, narrow: bool) -> None:
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
            words = f"{name}: {scene.write(at[1])} for {millions(at[0])}"
            if at is scene.enough and scene.same_for_less:
                words = scene.same_for_less
            names.append((Dot(spot["x"], spot["y"], 10.0, name, bold=True), name if narrow else words))
    labels = _named(names, scene, plot, sheet.width)
    leaders = [{"x": x, "y": y, "x2": x2, "y2": y2} for x, y, x2, y2 in (one.leader for one in labels if one.leader)]
    sheet.rules(leaders, stroke=theme.SOFT)
    sheet.texts([{"x": one.x, "y": one.y, "text": one.text} for one in labels], bold=True, halo=theme.PAPER)


def _named(names: Sequence[tuple[Dot, str]], scene: _Scene, plot: _Plot, width: float) -> list[Label]:
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
