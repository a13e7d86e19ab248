"""What options are worth, and what a net job costs: each with its range, on one scale."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Unpack

import pandas as pd

from iitk.charts import theme
from iitk.charts.canvas import Canvas, across
from iitk.charts.checks import need_columns
from iitk.charts.choosing_rows import AIR, Entry, Ledger, lay, lines_of, millions, pounds, write_names, write_ticks
from iitk.charts.figure import Credits, Figure, make
from iitk.charts.fonts import text_width
from iitk.charts.scales import nice_steps
from iitk.model import Badge
from iitk.words import NOT_AVAILABLE, capitalise, count, in_sentence, is_missing, join

_SIDES = ("costs more than it is worth", "worth more than it costs")
_TIMES = 4  # the middle option's cost: where the scale ends if some go far beyond it
_SHORT_SIDES = ("costs more", "worth more")


@dataclass(frozen=True, slots=True)
class _Range:
    """One option. Not known: its figures are missing, for the `reason`."""

    name: str
    low: float
    central: float
    high: float
    chosen: bool | None
    reason: str

    @property
    def known(self) -> bool:
        return not is_missing(self.central)

    @property
    def reach(self) -> tuple[float, ...]:
        return (self.low, self.central, self.high) if self.known else ()


@dataclass(frozen=True, slots=True)
class _Look:
    """How values are written and cut, and what lies on either side of 0."""

    unit: str  # £m or £
    cap: float
    sides: bool

    def write(self, value: float) -> str:
        return millions(value) if self.unit == "£m" else pounds(value)

    def cut(self, value: float) -> float:
        return min(max(value, -self.cap), self.cap)

    def beyond(self, value: float) -> bool:
        return abs(value) > self.cap


def worth_ranges(
    table: pd.DataFrame, *, period: str = "", cap: float = math.inf, **credit: Unpack[Credits]
) -> Figure:
    """Draw what each option is worth beyond its cost, with the range, the best first.

    Parameters
    ----------
    table
        One row for each option: `name`, and in £ million `low`, `central` and `high` (10%, 50% and 90% of the draws;
        all NaN where missing). Optional: `chosen` (True, False; None where nothing is chosen yet), `reason` (why the
        figures are missing).
    period
        Prices and years: "2026 prices, 2027 to 2041".
    cap
        £ million, from 0 either way, beyond which a range is cut with an arrow and its end written.

    Returns
    -------
    Figure
        A dot and a line for each option, with a line at 0. Its badge is "modelled" unless said.
    """
    rows = _read(table, dearest_last=False)
    known = [row for row in rows if row.known]
    return _figure(rows, _Look("£m", cap, sides=True), credit, key="worth", title=_worth_title(known, len(rows)),
                   of="Net present social value", period=period)  # fmt: skip


def cost_ranges(
    table: pd.DataFrame, *, period: str = "", cap: float | None = None, **credit: Unpack[Credits]
) -> Figure:
    """Draw what a net job costs in each option, with the range, the cheapest first.

    `table` is as for `worth_ranges`, but in pounds, and so is `cap`. An option without net jobs has no cost per net
    job: leave its figures missing and say why in `reason`. Where no cap is given, a few very dear options are cut so
    that the others can be told apart.
    """
    rows = _read(table, dearest_last=True)
    known = [row for row in rows if row.known]
    look = _Look("£", _where_to_cut(known) if cap is None else cap, sides=False)
    return _figure(rows, look, credit, key="cost-per-job", title=_cost_title(known, look),
                   of="Public cost of a net job", period=period)  # fmt: skip


def _read(table: pd.DataFrame, *, dearest_last: bool) -> list[_Range]:
    """Return the options in the order of their central value, those without one last."""
    need_columns(table, ("name", "low", "central", "high"), "ranges of options")
    ordered = table.sort_values("central", ascending=dearest_last, na_position="last", kind="stable")
    return [_range(row) for row in ordered.to_dict("records")]


def _where_to_cut(known: Sequence[_Range]) -> float:
    """Return a round number from four times the middle option on, if the dearest would go far beyond it."""
    usual = _TIMES * known[len(known) // 2].central if known else 0.0
    if usual <= 0 or max(max(row.reach) for row in known) < 1.5 * usual:
        return math.inf
    scale = 10.0 ** math.floor(math.log10(usual))
    return math.ceil(usual / scale) * scale


def _range(row: dict[Any, Any]) -> _Range:
    chosen = row.get("chosen")
    return _Range(str(row["name"]), row["low"], row["central"], row["high"],
                  None if is_missing(chosen) else bool(chosen), row.get("reason", ""))  # fmt: skip


def _worth_title(known: Sequence[_Range], every: int) -> str:
    if not known:
        return "What the options are worth cannot be said: no figures are available"
    above = [row for row in known if row.central > 0]
    sure = sum(row.low > 0 for row in above)
    if every == 1:
        return f"{known[0].name} is worth {'more' if above else 'no more'} than it costs"
    are = "is worth more than it costs" if len(above) == 1 else "are worth more than they cost"
    said = f"{len(above) or 'None'} of {len(known)} options {are}"
    if not above:
        return said
    if sure == len(above) == 1:
        return f"{said}, over its whole range"
    return f"{said}, {'all' if sure == len(above) else sure or 'none'} over the whole range"


def _cost_title(known: Sequence[_Range], look: _Look) -> str:
    if not known:
        return "What a net job costs cannot be said: no figures are available"
    first, last = known[0], known[-1]
    least, most = (look.write(row.central) for row in (first, last))
    if len(known) == 1:
        return f"A net job costs {least} in {in_sentence(first.name)}"
    return f"A net job costs from {least} ({in_sentence(first.name)}) to {most} ({in_sentence(last.name)})"


def _figure(
    rows: Sequence[_Range], look: _Look, credit: Credits, *, key: str, title: str, of: str, period: str
) -> Figure:
    shown = " Full dot and bold name: chosen. Ring: not." if any(row.chosen is not None for row in rows) else ""
    said = join(_said(row, look) for row in rows)
    return make(
        credit,
        key=key,
        title=title,
        measure=f"{of} ({look.unit}{f', {period}' if period else ''}). Dot: central estimate. Line: from 10% to 90% of "
        f"the draws.{shown}",
        draw=partial(_draw, rows, look) if any(row.known for row in rows) else None,
        alt_text=f"{of} of {count(len(rows), 'option')}, with ranges: {said}." if rows else "",
        table=_numbers(rows, look.unit),
        notes=_notes(rows, look),
        badge=Badge.MODELLED,
    )


def _said(row: _Range, look: _Look) -> str:
    if not row.known:
        return f"{row.name} {NOT_AVAILABLE}"
    return f"{row.name} {look.write(row.central)} ({look.write(row.low)} to {look.write(row.high)})"


def _notes(rows: Sequence[_Range], look: _Look) -> str:
    missing = sum(not row.known for row in rows)
    parts = [f"{capitalise(count(missing, 'option'))} could not be worked out: see the numbers."] if missing else []
    if any(look.beyond(value) for row in rows for value in row.reach):
        parts.append(f"The scale ends at {look.write(look.cap)}: arrows show what goes on beyond it.")
    return " ".join(parts)


def _values(row: _Range, look: _Look) -> list[str]:
    """What stands at the end of a row: the central value, and the end of a range that is cut."""
    if not row.known:
        return []
    ends = [f"to {look.write(row.high)}"] if row.high > look.cap else []
    ends += [f"from {look.write(row.low)}"] if row.low < -look.cap else []
    return [look.write(row.central), *ends]


def _draw(rows: Sequence[_Range], look: _Look, *, narrow: bool) -> Canvas:
    values = [_values(row, look) for row in rows]
    room = max(text_width(text, bold=i == 0) for lines in values for i, text in enumerate(lines)) + AIR
    top = 48.0 if look.sides else 26.0
    plot = (theme.NARROW if narrow else theme.WIDE - 284) - room - 20
    entries = [_entry(row, len(lines), plot) for row, lines in zip(rows, values, strict=True)]
    ledger = lay(entries, narrow=narrow, top=top, values=room)
    reach = [0.0, *(look.cut(value) for row in rows for value in row.reach)]
    low, high = min(reach), max(reach) if max(reach) > min(reach) else min(reach) + 1
    scale = ledger.scale(low, high, 9)  # half a dot at either end

    def x(value: float) -> float:
        return scale(look.cut(value))

    sheet = Canvas(ledger.width, ledger.height)
    ticks = nice_steps(low, high, most=4 if narrow else 6)
    write_ticks(sheet, ledger, [(x(tick), look.write(tick)) for tick in ticks], y=top - 13)
    sheet.rules(ledger.uprights(x(0)), stroke=theme.INK, width=1.5)
    if look.sides:
        _write_sides(sheet, ledger, x(0))
    write_names(sheet, ledger)
    _draw_ranges(sheet, ledger, rows, look, x)
    _write_values(sheet, ledger, rows, values)
    return sheet


def _entry(row: _Range, lines: int, plot: float) -> Entry:
    most = max(1, lines, 0 if row.known else len(lines_of(_absent(row), plot)))
    return Entry(row.name, bold=row.chosen is True, mark=6 + theme.LINE * most, bare=not row.known)


def _absent(row: _Range) -> str:
    return f"{NOT_AVAILABLE} ({row.reason})" if row.reason else NOT_AVAILABLE


def _write_sides(sheet: Canvas, ledger: Ledger, zero: float) -> None:
    """Say at the top what lies on either side of 0, as fully as there is room for."""
    rooms = (zero - ledger.left, ledger.width - zero)
    for side, room in enumerate(rooms):
        text = next((form for form in (_SIDES[side], _SHORT_SIDES[side]) if text_width(form) + 10 <= room), None)
        if text:
            sheet.write(zero + (8 if side else -8), 12, text, align="left" if side else "right", fill=theme.SOFT)


def _draw_ranges(
    sheet: Canvas, ledger: Ledger, rows: Sequence[_Range], look: _Look, x: Callable[[float], float]
) -> None:
    lines, arrows = [], []
    dots: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for row, y in zip(rows, ledger.middles, strict=True):
        if not row.known:
            continue
        lines.append(across(x(row.low), x(row.high), y, low=row.low, high=row.high))
        for end in (row.low, row.high):
            if look.beyond(end):
                arrows.append({"x": x(end), "y": y, "r": 7, "turn": 90 if end > 0 else -90, "value": end})
        if not look.beyond(row.central):
            dots[row.chosen is not False].append({"x": x(row.central), "y": y, "r": 7, "value": row.central})
    sheet.rules(lines, stroke=theme.DOUBT, width=3)
    for turn in (90, -90):
        some = [arrow for arrow in arrows if arrow["turn"] == turn]
        sheet.dots(some, fill=theme.DOUBT, stroke=theme.DOUBT, shape="triangle-up", angle=turn)
    sheet.dots(dots[True], fill=theme.BLUE, stroke=theme.PAPER, strokeWidth=1.5)
    sheet.dots(dots[False], fill=theme.PAPER, stroke=theme.BLUE, strokeWidth=2.5)


def _write_values(sheet: Canvas, ledger: Ledger, rows: Sequence[_Range], values: Sequence[Sequence[str]]) -> None:
    absent = []
    written: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for row, texts, y in zip(rows, values, ledger.middles, strict=True):
        if not row.known:
            lines = lines_of(_absent(row), ledger.right - ledger.left - 20)
            absent.append({"x": ledger.left + 9, "y": y, "text": lines})
        for i, text in enumerate(texts):
            at = {"x": ledger.width - 1, "y": y + (i - (len(texts) - 1) / 2) * theme.LINE, "text": text}
            written[i == 0].append(at)
    sheet.texts(written[True], align="right", bold=True, fill=theme.BLUE)
    sheet.texts(written[False], align="right", fill=theme.SOFT)
    sheet.texts(absent, fill=theme.SOFT)


def _numbers(rows: Sequence[_Range], unit: str) -> pd.DataFrame:
    table = pd.DataFrame({
        "Option": [row.name for row in rows],
        f"10% of draws ({unit})": pd.Series([row.low for row in rows], dtype=float),
        f"Central ({unit})": pd.Series([row.central for row in rows], dtype=float),
        f"90% of draws ({unit})": pd.Series([row.high for row in rows], dtype=float),
        "Chosen": [{True: "chosen", False: "not chosen", None: ""}[row.chosen] for row in rows],
        "reason": [row.reason for row in rows],
    })  # fmt: skip
    return table if any(row.chosen is not None for row in rows) else table.drop(columns="Chosen")
