"""Growth set against specialisation: which strengths grow, which fade, and what grows from little."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.analysis.quotients import reaches
from iitk.charts import theme
from iitk.charts.canvas import Canvas, across, fit, sheet_width, upright
from iitk.charts.checks import need_columns, short_names
from iitk.charts.figure import Credits, Figure, make
from iitk.charts.fonts import text_width, wrap
from iitk.charts.place import Box, Dot, label_dots
from iitk.charts.scales import nice_steps
from iitk.charts.tables import headed
from iitk.words import count, in_prose, in_sentence, join, money_gbp, number, per_year, percent, possessive

QUADRANTS = ("Small here, growing", "Strong and growing", "Small here, slower", "Strong but slower")
_ACROSS = "Location quotient, more concentrated →"
_UP = "↑ Real growth a year"
_MOST = 9  # labels on the wide drawing


@dataclass(frozen=True, slots=True)
class Lines:
    """Where strong begins and where growing begins: the dashed lines.

    `pace` is the growth a year of the whole economy that "growing" is measured against, as a share, and `economy` whose
    it is; the area's own unless said. Without a pace, whatever has grown at all is growing.
    """

    pace: float | None
    economy: str = ""
    strong: float = 1.0  # location quotient

    @property
    def rate(self) -> float:
        """Growth a year at the line."""
        return self.pace or 0.0

    def is_strong(self, quotients: pd.Series) -> npt.NDArray[np.bool_]:
        """Whether industries are at least as concentrated as the line."""
        return reaches(quotients.to_numpy(), self.strong)

    def is_growing(self, rates: pd.Series) -> npt.NDArray[np.bool_]:
        """Whether industries grow at least as fast as the line; without a pace, whether they grow."""
        return (rates > 0 if self.pace is None else rates >= self.pace).to_numpy(dtype=bool)

    def grew(self, *, at_all: bool = True) -> str:
        """Say what the growing did, or the others did not: "grew faster than its whole economy"."""
        verb = "grew" if at_all else "did not grow"
        if self.pace is None:
            return verb
        whole = f"the whole economy of {in_prose(self.economy)}" if self.economy else "its whole economy"
        return f"{verb} faster than {whole}"

    def says(self) -> str:
        """Write the pace: "+1.2% a year"."""
        return "no growth" if self.pace is None else per_year(self.pace)


@dataclass(frozen=True, slots=True)
class _Plot:
    """The plotting area in px and the figures at its edges.

    The bubbles keep to the middle of the box: a band at its top and bottom is left to the names of the quarters.
    """

    box: Box
    quotients: tuple[float, float]  # lowest and highest shown, on a logarithmic scale
    rates: tuple[float, float]  # lowest and highest growth a year shown, as shares
    band: float  # px of the bands for the names of the quarters
    largest: float  # px, the radius of the largest bubble

    def x(self, quotient: float) -> float:
        """Return the px of a quotient; beyond the ends, the px of the end."""
        low, high = (math.log(end) for end in self.quotients)
        share = (math.log(min(max(quotient, self.quotients[0]), self.quotients[1])) - low) / (high - low)
        left, right = self.box.left + self.largest, self.box.right - self.largest
        return left + share * (right - left)

    def y(self, rate: float) -> float:
        """Return the px of a growth rate; beyond the ends, the px of the end."""
        low, high = self.rates
        share = (min(max(rate, low), high) - low) / (high - low)
        inset = self.band + self.largest * 0.6
        return self.box.bottom - inset - share * (self.box.bottom - self.box.top - 2 * inset)


def growth_against_specialisation(
    table: pd.DataFrame,
    *,
    area: str,
    comparator: str = "UK",
    pace: float | None,
    pace_name: str = "",
    strong: float = 1.0,
    smallest: float = 0.0,
    period: str = "",
    growth_period: str = "",
    **credit: Unpack[Credits],
) -> Figure:
    """Draw each industry by how concentrated it is (across) and how fast it grew (up); its size is its value added.

    Parameters
    ----------
    table
        One row for each industry: `industry`, `lq` (ratio, above 0), `growth` (real growth a year, as a share: 0.02
        is 2% a year), `current_gbp_m` (current value added in £m). Optional: `short_name`, `reference_growth` (the
        industry's growth in the comparator), `reason`. Rows where one of the three is missing are counted, not drawn.
    pace
        Growth a year of the whole economy that "growing" is measured against, as a share, and `pace_name`, whose
        economy it is; the area's own unless said. None: whatever has grown at all is growing.
    strong
        The quotient from which an industry is called strong.
    smallest
        Industries with less value added (£m) are left out, which is said.
    period, growth_period
        The year of the quotients, and the years of the growth: "2023", "2013 to 2023".

    Returns
    -------
    Figure
        Bubbles with four named quarters; the lines between them are dashed and orange.
    """
    need_columns(table, ("industry", "lq", "growth", "current_gbp_m"), "growth against specialisation")
    lines = Lines(pace, pace_name, strong)
    if smallest:
        table = table[~(table["current_gbp_m"] < smallest)]
    rows = _drawable(table, lines)
    some = len(rows) > 0
    year, span = (f", {when}" if when else "" for when in (period, growth_period))
    return make(
        credit,
        key="growth-against-specialisation",
        title=_title(rows, area, comparator, lines) if some else _nothing(area, smallest),
        measure=f"Across: location quotient of value added{year}, {comparator} = 1. Up: real growth, % a year{span}. "
        f"Size of bubble: value added in £{year}. {area}.",
        draw=partial(_draw, rows, comparator, lines) if some else None,
        alt_text=_alt_text(rows, area, comparator, lines) if some else "",
        table=_numbers(table, comparator),
        notes=_notes(rows, lines, area, comparator, left_out=len(table) - len(rows), smallest=smallest),
    )


def _nothing(area: str, smallest: float) -> str:
    if smallest:
        return f"No industry of {in_prose(area)} has a figure of {money_gbp(smallest)} or more"
    return f"Growth and specialisation of {in_prose(area)} cannot be set side by side: no figures are available"


def _drawable(table: pd.DataFrame, lines: Lines) -> pd.DataFrame:
    """Return the rows that have all three figures, the most telling first: large, and far from the crossing."""
    rows = table.dropna(subset=["lq", "growth", "current_gbp_m"])
    rows = rows[(rows["lq"] > 0) & (rows["current_gbp_m"] > 0)].reset_index(drop=True)
    told = rows.assign(short_name=short_names(rows))
    spread = max(float(told["growth"].std(ddof=0)) if len(told) else 0.0, 0.01)
    away = 0.3 + told["lq"].map(lambda value: abs(math.log2(value / lines.strong)))
    away += (told["growth"] - lines.rate).abs() / spread
    order = (away * told["current_gbp_m"] ** 0.7).sort_values(ascending=False, kind="stable").index
    return told.loc[order]


def _quarters(rows: pd.DataFrame, lines: Lines) -> dict[str, pd.DataFrame]:
    """Return the industries of each quarter, the largest first."""
    ordered = rows.sort_values("current_gbp_m", ascending=False, kind="stable")
    strong, growing = lines.is_strong(ordered["lq"]), lines.is_growing(ordered["growth"])
    parts = (~strong & growing, strong & growing, ~strong & ~growing, strong & ~growing)
    return {name: ordered[part] for name, part in zip(QUADRANTS, parts, strict=True)}


def _title(rows: pd.DataFrame, area: str, comparator: str, lines: Lines) -> str:
    """Say how many strengths grow faster than the economy, and which is the largest of them."""
    quarters = _quarters(rows, lines)
    both = quarters["Strong and growing"]
    strong = len(both) + len(quarters["Strong but slower"])
    if not strong and lines.strong == 1:
        return f"No industry weighs more in {in_prose(area)} than in {in_prose(comparator)}"
    if not strong:
        return f"No industry of {in_prose(area)} reaches {lines.strong:g} times its share in {in_prose(comparator)}"
    least = "" if lines.strong == 1 else f" of {lines.strong:g} and more"
    if strong == 1:
        only, does = (both, lines.grew()) if len(both) else (quarters["Strong but slower"], lines.grew(at_all=False))
        return f"The only strength of {in_prose(area)}{least}, {in_sentence(str(only.iloc[0]['short_name']))}, {does}"
    whose = f"{possessive(area)} {strong} strengths{least}"
    if both.empty:
        return f"None of {whose} {lines.grew()}"
    largest = in_sentence(str(both.iloc[0]["short_name"]))
    return f"{len(both)} of {whose} {lines.grew()}; the largest is {largest}"


def _draw(rows: pd.DataFrame, comparator: str, lines: Lines, *, narrow: bool) -> Canvas:
    """Draw the sheet: quotients from a half to two unless some lie beyond, growth with room at both ends."""
    sheet = Canvas(sheet_width(narrow), 560.0)
    box = Box(46, 54, sheet.width - 4, sheet.height - 62)
    quotients = (max(0.1, min(0.5, rows["lq"].min() * 0.85)), min(12.0, max(2.0, rows["lq"].max() * 1.2)))
    plot = _Plot(box, quotients, _rates(rows, lines.rate), 50.0 if narrow else 28.0, 20.0 if narrow else 32.0)
    _draw_axes(sheet, plot)
    titles = _draw_quarters(sheet, plot, lines, comparator)
    dots = _dots(rows, plot)
    _draw_bubbles(sheet, dots, rows)
    inside = Box(box.left, box.top, sheet.width, box.bottom)
    labels = label_dots(dots, inside, titles, most=5 if narrow else _MOST)
    sheet.leaders(labels)
    sheet.labels(labels, halo=theme.PAPER)
    return sheet


def _rates(rows: pd.DataFrame, pace: float) -> tuple[float, float]:
    """Choose the lowest and highest growth shown.

    One industry that grew from nothing must not press all others onto a line: the ends lie at most half the span of
    the middle nine tenths beyond it, and what lies further out is drawn on the edge and said.
    """
    low, high = (float(rows["growth"].quantile(q)) for q in (0.05, 0.95))
    low, high = min(low, pace), max(high, pace)
    room = max(high - low, 0.01)
    bottom, top = max(float(rows["growth"].min()), low - room / 2), min(float(rows["growth"].max()), high + room / 2)
    return min(bottom, pace - 0.005), max(top, pace + 0.005)


def _notes(
    rows: pd.DataFrame, lines: Lines, area: str, comparator: str, *, left_out: int, smallest: float
) -> str:  # fmt: skip
    """Explain the dashed lines, and name what lies beyond the edge, was left out or could not be placed."""
    whose = f", the growth of all industries in {in_prose(lines.economy or area)}" if lines.pace is not None else ""
    parts = [f"Dashed lines: {_strength(comparator, lines)}, and {lines.says()}{whose}."]
    if smallest:
        parts.append(f"Industries under {money_gbp(smallest)} are left out.")
    if len(rows):
        low, high = _rates(rows, lines.rate)
        beyond = rows[(rows["growth"] < low) | (rows["growth"] > high)].to_dict("records")
        if beyond:
            listed = join(f"{row['short_name']} ({per_year(row['growth'])})" for row in beyond)
            parts.append(f"Drawn on the edge, though further out: {listed}.")
    if left_out:
        parts.append(f"{count(left_out, 'industry', 'industries')} could not be placed: see the numbers.")
    return " ".join(parts)


def _strength(comparator: str, lines: Lines) -> str:
    """Name the line between strong and not: "UK = 1"."""
    return f"{comparator} = 1" if lines.strong == 1 else f"{lines.strong:g} times {comparator}"


def _draw_axes(sheet: Canvas, plot: _Plot) -> None:
    """Draw a quiet grid, with growth written at the left and quotients below."""
    box = plot.box
    rates = nice_steps(*plot.rates, most=6)
    sheet.rules([across(box.left, box.right, plot.y(r)) for r in rates], stroke=theme.GRID)
    decimals = 0 if all(abs(r * 100 - round(r * 100)) < 1e-6 for r in rates) else 1
    written = [{"x": box.left - 8, "y": plot.y(r), "text": percent(r, decimals)} for r in rates]
    sheet.texts(written, align="right", fill=theme.SOFT)
    marks = [q for q in (0.1, 0.2, 0.5, 1, 2, 5, 10) if plot.quotients[0] <= q <= plot.quotients[1]]
    sheet.rules([upright(plot.x(q), box.top, box.bottom) for q in marks], stroke=theme.GRID)
    ticks = [{"x": plot.x(q), "y": box.bottom + 15, "text": f"{q:g}"} for q in marks]
    sheet.texts(ticks, align="center", fill=theme.SOFT)
    sheet.write(box.right, box.bottom + 42, _ACROSS, align="right", fill=theme.SOFT)
    sheet.write(1, 11, _UP, fill=theme.SOFT)


def _draw_quarters(sheet: Canvas, plot: _Plot, lines: Lines, comparator: str) -> list[Box]:
    """Draw the two dashed lines and name the four quarters in their corners; return the room that this takes."""
    box, x, y = plot.box, plot.x(lines.strong), plot.y(lines.rate)
    cross = [upright(x, box.top, box.bottom), across(box.left, box.right, y)]
    sheet.rules(cross, stroke=theme.ORANGE, width=2, strokeDash=[6, 4])
    room = {"left": x - box.left - 12, "right": box.right - x - 12}
    taken: list[Box] = []
    for name, align, top in zip(QUADRANTS, ("left", "right") * 2, (True, True, False, False), strict=True):
        words = wrap(name, max(60.0, room[align]), bold=True, lines=2)
        wide = max(text_width(line, bold=True) for line in words)
        at = box.left + 6 if align == "left" else box.right - 6
        half = theme.LINE * len(words) / 2
        middle = box.top + 4 + half if top else box.bottom - 4 - half
        sheet.write(at, middle, words, align=align, bold=True, fill=theme.SOFT, halo=theme.PAPER)
        left = at if align == "left" else at - wide
        taken.append(Box(left, middle - half, left + wide, middle + half))
    note = _strength(comparator, lines)
    sheet.write(fit(x, note, sheet.width), box.top - 12, note, align="center", fill=theme.ORANGE_TEXT)
    return taken


def _dots(rows: pd.DataFrame, plot: _Plot) -> list[Dot]:
    """Turn rows into bubbles whose area stands for value added."""
    largest = float(rows["current_gbp_m"].max())
    dots = []
    for row in rows.to_dict("records"):
        radius = max(3.5, plot.largest * (row["current_gbp_m"] / largest) ** 0.5)
        # What lies beyond the edge is drawn on it, with its figure written out.
        beyond = not plot.rates[0] <= row["growth"] <= plot.rates[1]
        text = f"{row['short_name']} {percent(row['growth'], signed=True)}" if beyond else str(row["short_name"])
        dots.append(Dot(plot.x(row["lq"]), plot.y(row["growth"]), radius, text))
    return dots


def _draw_bubbles(sheet: Canvas, dots: Sequence[Dot], rows: pd.DataFrame) -> None:
    """Draw the large ones first, so that no small one is hidden."""
    figures = rows[["industry", "lq", "growth"]].to_dict("records")
    marks: list[dict[Any, Any]] = [
        {"x": dot.x, "y": dot.y, "r": dot.radius, **row} for dot, row in zip(dots, figures, strict=True)
    ]
    marks.sort(key=lambda mark: -mark["r"])
    sheet.dots(marks, fill=theme.BLUE, fillOpacity=0.78, stroke=theme.PAPER, strokeWidth=1.5)


def _alt_text(rows: pd.DataFrame, area: str, comparator: str, lines: Lines) -> str:
    parts = []
    for name, part in _quarters(rows, lines).items():
        largest = part.head(3).to_dict("records")
        shown = join(f"{row['short_name']} ({number(row['lq'], 1)}, {per_year(row['growth'])})" for row in largest)
        many = count(len(part), "industry", "industries")
        parts.append(f"{name}: {many}" + (f", the largest {shown}" if shown else ""))
    least = "" if lines.strong == 1 else f"; strong from {lines.strong:g}"
    return (
        f"Bubble chart of {count(len(rows), 'industry', 'industries')} in {in_prose(area)} by location quotient "
        f"({comparator} = 1{least}) and real growth a year against {lines.says()}. {'. '.join(parts)}."
    )


def _numbers(table: pd.DataFrame, comparator: str) -> pd.DataFrame:
    """Return all industries, the largest first, growth in %."""
    ordered = table.sort_values("current_gbp_m", ascending=False, na_position="last", kind="stable")
    rates = {name: ordered[name] * 100 for name in ("growth", "reference_growth") if name in ordered.columns}
    return headed(ordered.assign(**rates), {
        "industry": "Industry",
        "lq": f"Location quotient ({comparator} = 1)",
        "growth": "Real growth (% a year)",
        "reference_growth": f"Real growth in {in_prose(comparator)} (% a year)",
        "current_gbp_m": "Value added (£m, current prices)",
        "reason": "reason",
    })  # fmt: skip
