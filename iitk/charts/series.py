"""How things went over the years: one line for each place, the area's own the heaviest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Unpack

import pandas as pd

from iitk.charts import theme
from iitk.charts.canvas import Canvas, across, sheet_width
from iitk.charts.checks import need_columns
from iitk.charts.figure import Credits, Figure, make
from iitk.charts.fonts import shorten, text_width
from iitk.charts.place import Box, spread
from iitk.charts.scales import Plot, nice_steps, year_steps
from iitk.words import (
    capitalise,
    in_prose,
    is_missing,
    join,
    money_gbp,
    number,
    percent,
    place_name,
    possessive,
    rank,
    years,
)


def comparison_lines(
    table: pd.DataFrame,
    *,
    area: str,
    comparator: str = "UK",
    unit: str = "2007 = 100",
    of: str = "Real value added (chained volumes)",
    base: float | None = None,
    marks: Mapping[int, str] | None = None,
    **credit: Unpack[Credits],
) -> Figure:
    """Draw the area's series among other places', each line named at its end.

    Parameters
    ----------
    table
        One row for each place and year: `place` (name), `year`, `value` (in `unit`). A year without a row, or with a
        missing value, breaks the line: nothing is drawn between. `area` is one of the places.
    comparator
        The place whose line is dashed, if it is among them.
    unit, of
        The unit ("2007 = 100", "£ an hour") and what is measured.
    base
        Value of the dashed orange line, 100 for an index. The finding is then said as growth of the economy since the
        year in which the area stood at that value.
    marks
        Years of the area to point out, with a word or two: {2008: "peak"}.
    """
    wide = _in_order(table, area)
    span = years(int(wide.index.min()), int(wide.index.max())) if len(wide) else ""
    own = wide[area].dropna()
    title = f"{of} of {in_prose(area)}: no figures are available"
    draw, alt_text = None, ""
    if len(own):
        title = _title(wide, area, unit=unit, base=base)
        draw = partial(_draw, wide, area, comparator, unit=unit, base=base, marks=marks or {})
        alt_text = _alt_text(wide, area, of, unit)
    numbers = wide.rename(columns={name: f"{name} ({unit})" for name in wide.columns}).reset_index(names="Year")
    return make(
        credit,
        key="comparison-lines",
        title=title,
        measure=f"{of}, {unit}, {_places(wide, area)}, {span}.",
        draw=draw,
        alt_text=alt_text,
        table=numbers.sort_values("Year", ascending=False),
    )


def _in_order(table: pd.DataFrame, area: str) -> pd.DataFrame:
    """Turn a table of `place`, `year`, `value` into years x places, every year present, the area first.

    Places without any figure are left out, unless it is the area itself.
    """
    need_columns(table, ("place", "year", "value"), "series")
    if table.empty:
        return pd.DataFrame({area: pd.Series(dtype=float)})
    wide = table.pivot(index="year", columns="place", values="value").astype(float)
    wide = wide.reindex(range(int(wide.index.min()), int(wide.index.max()) + 1)).dropna(axis="columns", how="all")
    wide.columns = wide.columns.astype(str)
    if area not in wide.columns:
        wide[area] = float("nan")
    return wide[[area, *(name for name in wide.columns if name != area)]]


def _places(wide: pd.DataFrame, area: str) -> str:
    """Name the places where they are few."""
    others = [place_name(str(name)) for name in wide.columns if name != area]
    return join([place_name(area), *others]) if len(others) <= 3 else f"{area} and {len(others)} other places"


def _title(wide: pd.DataFrame, area: str, *, unit: str, base: float | None) -> str:
    """Say where the area stands in its latest year, and its place among those that have a figure then."""
    own = wide[area].dropna()
    last, value = own.index[-1], float(own.iloc[-1])
    peers = wide.loc[last].dropna()
    place = rank(int((peers > value).sum()) + 1, len(peers))
    among = f", {place} compared here" if len(peers) > 1 else ""
    if base is None:
        return f"{capitalise(in_prose(area))} stood at {_with_unit(value, unit)} in {last}{among}"
    start = own.index[(own - base).abs() < 1e-6 * abs(base)]
    since = f" than in {start[0]}" if len(start) and start[0] != last else f" than {number(base)} ({unit})"
    change = value / base - 1
    size = "as large" if abs(change) < 0.005 else f"{percent(abs(change))} {'larger' if change > 0 else 'smaller'}"
    since = since.replace(" than", " as", 1) if abs(change) < 0.005 else since
    return f"{capitalise(possessive(area))} economy was {size} in {last}{since}{among}"


def _with_unit(value: float, unit: str) -> str:
    """Write a value with its unit where that reads as one: "£41.50 an hour", "102.3 (2015 = 100)"."""
    if unit.startswith("£ ") and not unit.startswith(("£ m", "£ b")):
        return f"{money_gbp(value, unit='')} {unit.removeprefix('£ ')}"
    return f"{number(value, 0 if abs(value) >= 1000 else 1)} ({unit})"


def _plot(wide: pd.DataFrame, base: float | None, *, narrow: bool, room: float) -> Plot:
    """Choose the edges; lines need not start at 0, and the axis says where it starts."""
    values = [float(wide.min().min()), float(wide.max().max()), *([base] if base is not None else [])]
    low, high = min(values), max(values)
    margin = (high - low) * 0.06 or 1.0
    box = Box(46, 28, sheet_width(narrow) - room, (400.0 if narrow else 430.0) - 34)
    return Plot(box, int(wide.index.min()), int(wide.index.max()), low - margin, high + margin)


def _draw(
    wide: pd.DataFrame,
    area: str,
    comparator: str,
    *,
    unit: str,
    base: float | None,
    marks: Mapping[int, str],
    narrow: bool,
) -> Canvas:
    ends = _ends(wide, area, comparator, narrow=narrow)
    room = max(text_width(text, bold=name == area) for name, _, _, text in ends) + 16
    plot = _plot(wide, base, narrow=narrow, room=room)
    sheet = Canvas(sheet_width(narrow), plot.box.bottom + 34)
    _draw_grid(sheet, plot, unit=unit)
    if base is not None:
        line = across(plot.box.left, plot.box.right, plot.y(base), value=base)
        sheet.rules([line], stroke=theme.ORANGE, width=2, strokeDash=[6, 4])
    others = [name for name in wide.columns if name not in (area, comparator)]
    sheet.lines([row for name in others for row in _points(plot, wide, name)], stroke=theme.QUIET, width=1.6)
    if comparator in wide.columns and comparator != area:
        sheet.lines(_points(plot, wide, comparator), stroke=theme.SOFT, width=2, strokeDash=[7, 4])
    sheet.lines(_points(plot, wide, area), stroke=theme.PAPER, width=5.5)
    sheet.lines(_points(plot, wide, area), stroke=theme.BLUE, width=3.5)
    _draw_lonely(sheet, plot, wide, area)
    _draw_marks(sheet, plot, wide[area], marks)
    _draw_ends(sheet, plot, ends, area)
    return sheet


def _points(plot: Plot, wide: pd.DataFrame, name: str) -> list[dict[str, Any]]:
    """Return the points of one line; a missing year breaks it."""
    return [
        {"x": plot.x(year), "y": None if is_missing(value) else plot.y(value), "step": i, "line": name,
         "value": None if is_missing(value) else value}
        for i, (year, value) in enumerate(zip(wide.index.tolist(), wide[name].tolist(), strict=True))
    ]  # fmt: skip


def _draw_grid(sheet: Canvas, plot: Plot, *, unit: str) -> None:
    """Draw quiet lines with their values at the left, the years below, and the unit above."""
    box, steps = plot.box, nice_steps(plot.low, plot.high, most=6)
    sheet.rules([across(box.left, box.right, plot.y(v), value=v) for v in steps], stroke=theme.GRID)
    decimals = max((len(f"{v:.6f}".rstrip("0").split(".")[1]) for v in steps), default=0)
    values = [{"x": box.left - 8, "y": plot.y(v), "text": number(v, decimals)} for v in steps]
    sheet.texts(values, align="right", fill=theme.SOFT)
    sheet.write(1, 11, unit, fill=theme.SOFT)
    ticks = year_steps(int(plot.left), int(plot.right), width=box.right - box.left)
    written = [{"x": plot.x(year), "y": box.bottom + 18, "text": str(year)} for year in ticks]
    sheet.texts(written, align="center", fill=theme.SOFT)


def _ends(wide: pd.DataFrame, area: str, comparator: str, *, narrow: bool) -> list[tuple[str, int, float, str]]:
    """Return name, last year, last value and label of the lines to be named at their ends.

    Up to twelve are named (eight on the narrow drawing): the area, the comparator, then the highest and lowest.
    """
    last = {name: line.dropna() for name, line in wide.items()}
    most = 8 if narrow else 12
    by_value = sorted(last, key=lambda name: -float(last[name].iloc[-1]) if len(last[name]) else 0.0)
    outer = [name for pair in zip(by_value, reversed(by_value), strict=True) for name in pair]
    named = list(dict.fromkeys([area, *([comparator] if comparator in last else []), *outer]))[:most]
    widest = 84.0 if narrow else 190.0
    found = []
    for name in named:
        if len(last[str(name)]):
            value = float(last[str(name)].iloc[-1])
            written = number(value, 0 if abs(value) >= 100 else 1)
            label = f"{shorten(place_name(str(name)), widest, bold=name == area)} {written}"
            found.append((str(name), int(last[str(name)].index[-1]), value, label))
    return found


def _draw_lonely(sheet: Canvas, plot: Plot, wide: pd.DataFrame, area: str) -> None:
    """Draw a dot for a figure with no neighbour on either side, which a line cannot show."""
    for name, line in wide.items():
        known = line.notna()
        alone = known & ~known.shift(1, fill_value=False) & ~known.shift(-1, fill_value=False)
        rows = [{"x": plot.x(year), "y": plot.y(line[year]), "r": 4 if name == area else 2.5}
                for year in line.index[alone].tolist()]  # fmt: skip
        sheet.dots(rows, fill=theme.BLUE if name == area else theme.QUIET, strokeWidth=0)


def _draw_marks(sheet: Canvas, plot: Plot, own: pd.Series[float], marks: Mapping[int, str]) -> None:
    """Draw a ring on the area's line at each year to point out, with its words above or, at a low, below."""
    known = {year: text for year, text in marks.items() if year in own.index and not is_missing(own[year])}
    rings = [{"x": plot.x(year), "y": plot.y(float(own[year])), "r": 5.5} for year in known]
    sheet.dots(rings, fill=theme.PAPER, stroke=theme.BLUE, strokeWidth=2.5)
    rows = []
    for year, text in known.items():
        around = own.reindex([year - 1, year + 1]).mean()
        below = not is_missing(around) and float(own[year]) < float(around)
        rows.append({"x": plot.x(year), "y": plot.y(float(own[year])) + (20 if below else -20), "text": text})
    sheet.texts(rows, align="center", bold=True, fill=theme.BLUE, halo=theme.PAPER)


def _draw_ends(sheet: Canvas, plot: Plot, ends: Sequence[tuple[str, int, float, str]], area: str) -> None:
    """Write the names at the right, moved apart where they would touch, a thin line to those that were moved."""
    places = spread([plot.y(value) for _, _, value, _ in ends], theme.LINE, plot.box.top - 8, plot.box.bottom + 4)
    at = plot.box.right + 14
    leaders = [
        {"x": plot.x(year) + 2, "x2": at - 3, "y": plot.y(value), "y2": place}
        for (_, year, value, _), place in zip(ends, places, strict=True)
    ]
    sheet.rules(leaders, stroke=theme.GRID)
    for bold in (False, True):
        rows = [
            {"x": at, "y": place, "text": text, "value": value}
            for (name, _, value, text), place in zip(ends, places, strict=True)
            if (name == area) == bold
        ]
        sheet.texts(rows, bold=bold, fill=theme.BLUE if bold else theme.SOFT)


def _alt_text(wide: pd.DataFrame, area: str, of: str, unit: str) -> str:
    """Say the first, lowest, highest and last figure of the area, and the last of every other place."""
    own = wide[area].dropna()
    decimals = 0 if own.abs().max() >= 100 else 1
    figures: dict[Any, float] = own.to_dict()
    turns = (min(figures), min(figures, key=figures.__getitem__), max(figures, key=figures.__getitem__), max(figures))
    first, lowest, highest, last = (f"{number(figures[year], decimals)} in {year}" for year in turns)
    story = (
        f"Line chart of {of[:1].lower()}{of[1:]} ({unit}). {capitalise(in_prose(area))}: {first}, lowest {lowest}, "
        f"highest {highest}, {last}."
    )
    latest = wide.loc[own.index[-1]].drop(area).sort_values(ascending=False)
    said = join(f"{name} {number(value, decimals)}" for name, value in latest.items())
    return story + (f" In {own.index[-1]}: {said}." if len(latest) else "")
