"""Small multiples: one panel for each place, all on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import pandas as pd

from iitk.charts import theme
from iitk.charts.bars import empty_chart
from iitk.charts.canvas import Canvas
from iitk.charts.figure import Credits, Figure, make
from iitk.charts.fonts import shorten, text_width
from iitk.charts.lines import Plot, in_order
from iitk.charts.place import Box
from iitk.words import capitalise, in_prose, join, number, place_name, years

if TYPE_CHECKING:
    import altair as alt

PANEL = 150.0  # px, height of a panel with its name


def small_multiples(
    table: pd.DataFrame,
    *,
    area: str,
    unit: str = "2007 = 100",
    of: str = "Real value added (chained volumes)",
    base: float | None = None,
    **credit: Unpack[Credits],
) -> Figure:
    """Draw one small chart for each place of a cohort, its line over all the others', on the same scale.

    Parameters
    ----------
    table
        One row for each place and year: `place`, `year`, `value` (in `unit`); `area` is one of the places and comes
        first. Works for indicators as well as places as long as all share the unit.
    base
        Value of a dashed orange line, 100 for an index.
    """
    wide = in_order(table, area)
    if wide.dropna(how="all").empty:
        title = f"{of}: no figures are available"
        drawn = [empty_chart(title + ".", narrow=narrow) for narrow in (False, True)]
    else:
        title = _title(wide, area, unit)
        drawn = [_draw(wide, area, base, narrow=narrow) for narrow in (False, True)]
    span = years(int(wide.index.min()), int(wide.index.max())) if len(wide) else ""
    numbers = wide.rename(columns={name: f"{name} ({unit})" for name in wide.columns}).reset_index(names="Year")
    return make(
        credit,
        key="small-multiples",
        title=title,
        measure=f"{of}, {unit}, {span}. Each panel: one place in front of all the others, on the same scale.",
        chart=drawn[0],
        narrow=drawn[1],
        alt_text=_alt_text(wide, of, unit),
        table=numbers.sort_values("Year", ascending=False),
    )


def _last(line: pd.Series[float]) -> tuple[int, float] | None:
    """Return the last year with a figure, and the figure."""
    known = line.dropna()
    return (int(known.index[-1]), float(known.iloc[-1])) if len(known) else None


def _written(value: float) -> str:
    return number(value, 0 if abs(value) >= 100 else 1)


def _title(wide: pd.DataFrame, area: str, unit: str) -> str:
    """Say which place ends highest and lowest, and where the area lies."""
    ends = {str(name): end for name, line in wide.items() if (end := _last(line)) is not None}
    order = sorted(ends, key=lambda name: -ends[name][1])
    highest, lowest = (f"{in_prose(name)} ({_written(ends[name][1])})" for name in (order[0], order[-1]))
    if len(order) == 1:
        return f"{capitalise(highest)} in {ends[order[0]][0]}, {unit}"
    here = f"; {in_prose(area)} {_written(ends[area][1])}" if area in order[1:-1] else ""
    return f"{capitalise(highest)} ends highest of {len(order)} places and {lowest} lowest{here}"


def _draw(wide: pd.DataFrame, area: str, base: float | None, *, narrow: bool) -> alt.LayerChart:
    names = [str(name) for name in wide.columns]
    columns = min(len(names), 2 if narrow else 4)
    width, gap = (theme.NARROW if narrow else theme.WIDE), (16.0 if narrow else 26.0)
    panel = (width - gap * (columns - 1)) / columns if columns > 1 else min(width, 400.0)
    lines = -(-len(names) // columns)
    sheet = Canvas(width, lines * (PANEL + 26) - 4)
    values = [float(wide.min().min()), float(wide.max().max()), *([base] if base is not None else [])]
    margin = (max(values) - min(values)) * 0.05 or 1.0
    plots = {}
    for i, name in enumerate(names):
        left, top = (i % columns) * (panel + gap), (i // columns) * (PANEL + 26)
        box = Box(left + 2, top + 30, left + panel - 6, top + PANEL - 24)
        plots[name] = Plot(
            box, int(wide.index.min()), int(wide.index.max()), min(values) - margin, max(values) + margin
        )
    _draw_ground(sheet, plots, wide, base)
    for name, plot in plots.items():
        heavy = name == area
        sheet.lines(plot.rows(wide[name], name), stroke=theme.PAPER, width=6.0 if heavy else 4.5)
        sheet.lines(plot.rows(wide[name], name), stroke=theme.BLUE, width=3.5 if heavy else 2.2)
    _draw_words(sheet, plots, wide, area)
    return sheet.chart()


def _draw_ground(sheet: Canvas, plots: dict[str, Plot], wide: pd.DataFrame, base: float | None) -> None:
    """Draw in every panel the floor, the reference line, and all places as thin grey lines."""
    floor = [{"x": p.box.left, "x2": p.box.right, "y": p.box.bottom, "y2": p.box.bottom} for p in plots.values()]
    sheet.rules(floor, stroke=theme.GRID, width=1)
    rows = [
        row
        for name, plot in plots.items()
        for other in wide.columns
        if other != name
        for row in plot.rows(wide[other], f"{name}/{other}")
    ]
    sheet.lines(rows, stroke="#C4C9CD", width=1)
    if base is not None:
        marks = [{"x": p.box.left, "x2": p.box.right, "y": p.y(base), "y2": p.y(base)} for p in plots.values()]
        sheet.rules(marks, stroke=theme.ORANGE, width=1.5, strokeDash=[5, 4])


def _draw_words(sheet: Canvas, plots: dict[str, Plot], wide: pd.DataFrame, area: str) -> None:
    """Write each panel's name and last figure above it, and the first and last year below."""
    for name, plot in plots.items():
        box, end = plot.box, _last(wide[name])
        figure = _written(end[1]) if end else "no figures"
        room = box.right - box.left - text_width(figure, bold=True) - 8
        title = shorten(place_name(name), room, bold=name == area)
        sheet.texts([{"x": box.left, "y": box.top - 18, "text": title}], bold=name == area)
        sheet.texts([{"x": box.right, "y": box.top - 18, "text": figure}], align="right", bold=True, fill=theme.BLUE)
        if end:
            sheet.dots([{"x": plot.x(end[0]), "y": plot.y(end[1]), "r": 4}], fill=theme.BLUE, stroke=theme.PAPER)
        sheet.texts([{"x": box.left, "y": box.bottom + 14, "text": str(plot.first)}], fill=theme.SOFT)
        sheet.texts([{"x": box.right, "y": box.bottom + 14, "text": str(plot.last)}], align="right", fill=theme.SOFT)


def _alt_text(wide: pd.DataFrame, of: str, unit: str) -> str:
    parts = []
    for name, line in wide.items():
        known = line.dropna()
        if known.empty:
            parts.append(f"{name} no figures")
            continue
        parts.append(
            f"{name} {_written(float(known.iloc[0]))} in {known.index[0]} "
            f"to {_written(float(known.iloc[-1]))} in {known.index[-1]}"
        )
    return f"Small line charts of {of[:1].lower()}{of[1:]} ({unit}), one for each place: {join(parts)}."
