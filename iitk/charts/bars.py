"""Horizontal bars from 0, with names, values, a range of doubt, a reference line and a comparator's mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

from iitk.charts import theme
from iitk.charts.canvas import Canvas, across, rect, sheet_width, upright
from iitk.charts.fonts import text_width, wrap
from iitk.words import NOT_AVAILABLE, is_missing, join

ROW = 36.0  # px from bar to bar, wide
NARROW_ROW = 54.0  # narrow: the name stands above its bar
BAR = 20.0
HEAD = 30.0  # room for the reference line's label
GAP = 8.0
_NAMES = 250.0  # widest column of names


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `value` None draws no bar and says "not available"."""

    name: str
    value: float | None
    text: str  # the value as written at the bar's end
    start: float = 0.0  # where the bar begins; other than 0 only in a waterfall
    lower: float | None = None  # range of doubt
    upper: float | None = None
    solid: float | None = None  # the part from 0 that is known; the rest is drawn as a dashed outline
    mark: float | None = None  # the comparator's value, a tick across the bar
    tone: str = theme.BLUE
    above: float = 0.0  # px of air over the bar, to set groups apart

    @property
    def reach(self) -> list[float]:
        """All positions that the drawing must show."""
        marks = (self.start, self.value, self.lower, self.upper, self.mark)
        return [float(mark) for mark in marks if not is_missing(mark)]  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Reference:
    """The dashed orange line, with its label."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where things go on the sheet, in px."""

    width: float
    height: float
    low: float
    high: float
    left: float  # px of `low`
    right: float  # px of `high`
    names: float  # width of the column of names; 0 where names stand above
    row: float
    tops: tuple[float, ...]  # px of the top of each bar's row
    head: float

    def x(self, value: float) -> float:
        """Return the px of a value."""
        return self.left + (value - self.low) / (self.high - self.low) * (self.right - self.left)

    def middle(self, place: int) -> float:
        """Return the px of the middle of a bar."""
        return self.tops[place] + (self.row / 2 if self.names else self.row - BAR / 2 - 6)

    def sides(self, place: int) -> tuple[float, float]:
        """Return the px of the top and the bottom of a bar."""
        return self.middle(place) - BAR / 2, self.middle(place) + BAR / 2


def bar_chart(
    bars: Sequence[Bar], *, narrow: bool, reference: Reference | None = None, joined: bool = False
) -> Canvas:
    """Draw the bars in the order given. `joined` draws the thin lines of a waterfall from bar to bar."""
    frame = _frame(bars, narrow=narrow, reference=reference)
    sheet = Canvas(frame.width, frame.height)
    _draw_bars(sheet, frame, bars)
    if joined:
        _draw_joins(sheet, frame, bars)
    _draw_zero(sheet, frame)
    if reference is not None:
        x = frame.x(reference.value)
        line = upright(x, frame.head - 6, frame.height, value=reference.value)
        sheet.guide(x, [line], reference.text, y=11, dash=(6, 4))
    _draw_doubt(sheet, frame, bars)
    _draw_marks(sheet, frame, bars)
    _draw_names(sheet, frame, bars)
    _draw_values(sheet, frame, bars)
    return sheet


def listed(bars: Sequence[Bar]) -> str:
    """Say what the bars show, for those who do not see them."""
    return join(f"{bar.name} {bar.text}" for bar in bars)


def _frame(bars: Sequence[Bar], *, narrow: bool, reference: Reference | None) -> _Frame:
    """Work out the sheet: names to the left (wide) or above (narrow), room for values at both ends."""
    reach = [0.0, *(v for bar in bars for v in bar.reach), *([reference.value] if reference else [])]
    low, high = min(reach), max(reach)
    high = high if high > low else low + 1
    width = sheet_width(narrow)
    widest = max((text_width(line) for bar in bars for line in wrap(bar.name, _NAMES)), default=0)
    names = 0.0 if narrow else widest + 14
    row = NARROW_ROW if narrow else ROW
    head = HEAD if reference else 4.0
    tops = list(accumulate((bar.above + row for bar in bars), initial=head))
    starts = tuple(top + bar.above for top, bar in zip(tops, bars, strict=False))
    frame = _Frame(width, tops[-1] + 6, low, high, names + 1, width - 1, names, row, starts, head)
    for _ in range(4):  # moving one end moves all values: a few rounds settle it
        frame = _make_room(frame, bars)
    return frame


def _make_room(frame: _Frame, bars: Sequence[Bar]) -> _Frame:
    """Move the ends of the scale inwards by as much as the values written beyond the bars overrun the sheet."""
    over_left = over_right = 0.0
    for bar in bars:
        x, align = _end(frame, bar)
        room = text_width(bar.text, bold=True) + 3
        if align == "right":
            over_left = max(over_left, frame.names - (x - room))
        else:
            over_right = max(over_right, x + room - frame.width)
    return replace(frame, left=frame.left + over_left, right=frame.right - over_right)


def _end(frame: _Frame, bar: Bar) -> tuple[float, str]:
    """Return the px beyond a bar and its range where its value is written, and how the text is aligned there."""
    if bar.value is None or is_missing(bar.value):
        return frame.x(max(0.0, *bar.reach)) + GAP, "left"
    if bar.value < bar.start:
        return frame.x(min(bar.reach)) - GAP, "right"
    return frame.x(max(bar.reach)) + GAP, "left"


def _known(bars: Sequence[Bar]) -> list[tuple[int, Bar, float]]:
    """Return the bars that have a value, with their place."""
    values = [(i, bar, bar.value) for i, bar in enumerate(bars)]
    return [(i, bar, float(value)) for i, bar, value in values if value is not None and not is_missing(value)]


def _draw_bars(sheet: Canvas, frame: _Frame, bars: Sequence[Bar]) -> None:
    """Draw filled bars, one layer for each colour, and the dashed outline of what the data cannot resolve."""
    filled: dict[str, list[dict[str, Any]]] = {bar.tone: [] for bar in bars}
    outlines = []
    for i, bar, value in _known(bars):
        figures: dict[str, Any] = {"name": bar.name, "value": value}
        end = value if bar.solid is None else bar.solid
        if end != bar.start:
            filled[bar.tone].append(_span(frame, i, bar.start, end, **figures))
        if end < value:
            outlines.append(_span(frame, i, end, value, inset=1.0, **figures))
    for tone, rows in filled.items():
        sheet.rects(rows, fill=tone)
    sheet.rects(outlines, fill=theme.PAPER, stroke=theme.BLUE, strokeWidth=2, strokeDash=[5, 3])


def _span(
    frame: _Frame, place: int, start: float, end: float, *, inset: float = 0.0, **figures: Any
) -> dict[str, Any]:
    """Return one bar as a rectangle; at least 1 px long, so that a small figure is not taken for none."""
    x, x2 = frame.x(min(start, end)), frame.x(max(start, end))
    top, bottom = frame.sides(place)
    return rect(x + inset, max(x2 - inset, x + 1), top + inset, bottom - inset, **figures)


def _draw_joins(sheet: Canvas, frame: _Frame, bars: Sequence[Bar]) -> None:
    """Join the end of each bar with the beginning of the next."""
    rows = [upright(frame.x(value), frame.sides(i)[1], frame.sides(j)[0])
            for (i, _, value), (j, _, _) in pairwise(_known(bars))]  # fmt: skip
    sheet.rules(rows, stroke=theme.QUIET, width=1.5)
    if not frame.names:  # no line runs through a name that stands above its bar
        sheet.rects([_room_of_name(frame, i, bar) for i, bar in enumerate(bars)], fill=theme.PAPER)


def _room_of_name(frame: _Frame, place: int, bar: Bar) -> dict[str, float]:
    bottom = frame.sides(place)[0] - 2
    return rect(0, min(text_width(bar.name) + 4, frame.width), bottom - theme.LINE, bottom)


def _draw_zero(sheet: Canvas, frame: _Frame) -> None:
    """Draw the line that all bars start from."""
    if frame.names or frame.low < 0:  # else names stand on the same edge, and the bars' own ends show it
        sheet.rules([upright(frame.x(0), frame.head, frame.height)], stroke=theme.SOFT)


def _draw_marks(sheet: Canvas, frame: _Frame, bars: Sequence[Bar]) -> None:
    """Draw the comparator as an orange tick that stands out above and below the bar."""
    rows = []
    for i, bar in enumerate(bars):
        if bar.mark is not None and not is_missing(bar.mark):
            top, bottom = frame.sides(i)
            rows.append(upright(frame.x(bar.mark), top - 4, bottom + 4, value=bar.mark))
    sheet.rules(rows, stroke=theme.PAPER, width=6)
    sheet.rules(rows, stroke=theme.ORANGE, width=3)


def _draw_doubt(sheet: Canvas, frame: _Frame, bars: Sequence[Bar]) -> None:
    """Draw ranges as a grey line with caps on a white casing, which shows on the bar as well as beside it."""
    spans, caps = [], []
    for i, bar in enumerate(bars):
        if is_missing(bar.lower) or is_missing(bar.upper):
            continue
        low, high, middle = frame.x(float(bar.lower or 0)), frame.x(float(bar.upper or 0)), frame.middle(i)
        spans.append(across(low, high, middle, lower=bar.lower, upper=bar.upper))
        caps += [upright(x, middle - 5, middle + 5) for x in (low, high)]
    sheet.rules([*spans, *caps], stroke=theme.PAPER, width=5)
    sheet.rules(spans, stroke=theme.DOUBT, width=2.5)
    sheet.rules(caps, stroke=theme.DOUBT, width=2.5)


def _draw_names(sheet: Canvas, frame: _Frame, bars: Sequence[Bar]) -> None:
    if frame.names:
        rows = [{"x": frame.names - 12, "y": frame.middle(i), "text": wrap(bar.name, _NAMES)}
                for i, bar in enumerate(bars)]  # fmt: skip
        sheet.texts(rows, align="right")
        return
    rows = [{"x": 1, "y": frame.sides(i)[0] - theme.LINE / 2 - 2, "text": wrap(bar.name, frame.width - 4, lines=1)}
            for i, bar in enumerate(bars)]  # fmt: skip
    sheet.texts(rows, halo=theme.PAPER)


def _draw_values(sheet: Canvas, frame: _Frame, bars: Sequence[Bar]) -> None:
    """Write each value beyond the end of its bar and of its range."""
    sides: dict[str, list[dict[str, Any]]] = {"left": [], "right": []}
    missing: list[dict[str, Any]] = []
    for i, bar in enumerate(bars):
        x, align = _end(frame, bar)
        absent = is_missing(bar.value)
        text = bar.text or NOT_AVAILABLE if absent else bar.text
        (missing if absent else sides[align]).append({"x": x, "y": frame.middle(i), "text": text})
    for align, rows in sides.items():
        sheet.texts(rows, align=align, bold=True, fill=theme.BLUE, halo=theme.PAPER)
    sheet.texts(missing, fill=theme.SOFT, halo=theme.PAPER)
