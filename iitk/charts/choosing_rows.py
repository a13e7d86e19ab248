"""Rows under each other, each with a name that is never cut: the frame that the charts of options share.

The name stands left of its row (wide) or above it (narrow); what a chart draws lies between `left` and `right`, and
what it writes at a row's end stands right of that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from iitk.charts import theme
from iitk.charts.canvas import Canvas, across, fit, sheet_width, upright
from iitk.charts.fonts import text_width, wrap
from iitk.words import is_missing, money_gbp, number

NAMES = 270.0  # px, widest column of names
AIR = 12.0  # px between names, drawing and values


@dataclass(frozen=True, slots=True)
class Entry:
    """One row, or the head of a group of rows."""

    name: str
    bold: bool = False
    head: bool = False
    mark: float = 26.0  # px that its drawing is high
    bare: bool = False  # words stand in place of a drawing: no line of the axis runs through them


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where rows go on the sheet, in px."""

    width: float
    height: float
    left: float
    right: float
    narrow: bool
    entries: tuple[Entry, ...]
    names: tuple[tuple[str, ...], ...]  # each name's lines
    tops: tuple[float, ...]  # of the rows
    bottoms: tuple[float, ...]
    middles: tuple[float, ...]  # of what is drawn in the rows

    def scale(self, low: float, high: float, pad: float = 0.0) -> Callable[[float], float]:
        """Return what turns values into px from left to right, with `pad` px kept free at either end."""
        return lambda value: self.left + pad + (value - low) / (high - low) * (self.right - self.left - 2 * pad)

    def uprights(self, x: float) -> list[dict[str, Any]]:
        """A line down through what is drawn in the rows, past the names; wide, its parts touch each other."""
        found = []
        for entry, top, bottom, middle in zip(self.entries, self.tops, self.bottoms, self.middles, strict=True):
            if not (entry.head or entry.bare):
                half = entry.mark / 2
                found.append(upright(x, middle - half, middle + half) if self.narrow else upright(x, top, bottom))
        return found


def lines_of(text: str, width: float, *, bold: bool = False) -> tuple[str, ...]:
    """Break a text into lines of `width` px, as many as it takes; a word longer than a line is broken inside."""
    pieces = [piece for word in str(text).split() for piece in _pieces(word, width, bold)]
    return wrap(" ".join(pieces), width, bold=bold, lines=max(1, len(pieces)))


def _pieces(word: str, width: float, bold: bool) -> list[str]:
    if text_width(word, bold=bold) <= width:
        return [word]
    found = [""]
    for letter in word:
        if found[-1] and text_width(found[-1] + letter, bold=bold) > width:
            found.append("")
        found[-1] += letter
    return found


def lay(entries: Sequence[Entry], *, narrow: bool, top: float, values: float, least: float = 0.0) -> Ledger:
    """Lay rows out under `top` px, keeping `values` px free at their right; names have `least` px or more."""
    width = sheet_width(narrow)
    most = width - 2 if narrow else NAMES
    names = tuple(lines_of(one.name, width - 2 if one.head else most, bold=one.bold or one.head) for one in entries)
    widest = max([least, *(text_width(line, bold=one.bold) for one, lines in zip(entries, names, strict=True)
                           for line in lines if not one.head)])  # fmt: skip
    heights = [_height(one, len(lines), narrow=narrow, first=i == 0)
               for i, (one, lines) in enumerate(zip(entries, names, strict=True))]  # fmt: skip
    tops = list(accumulate(heights, initial=top))
    middles = tuple(
        bottom - one.mark / 2 - 4 if narrow else (start + bottom) / 2
        for one, (start, bottom) in zip(entries, pairwise(tops), strict=True)
    )
    left = 1.0 if narrow else widest + AIR + 2
    right = width - values - 1
    return Ledger(width, tops[-1] + 4, left, right, narrow, tuple(entries), names, tuple(tops[:-1]), tuple(tops[1:]),
                  middles)  # fmt: skip


def _height(entry: Entry, lines: int, *, narrow: bool, first: bool) -> float:
    if entry.head:
        return lines * theme.LINE + (8 if first else 26)
    return lines * theme.LINE + entry.mark + 8 if narrow else max(lines * theme.LINE + 8, entry.mark + 4)


def write_names(sheet: Canvas, ledger: Ledger) -> None:
    """Write the names, the heads of groups in bold over a line, and a hairline between the rows."""
    texts: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    hairs, lines = [], []
    rows = zip(ledger.entries, ledger.names, ledger.tops, ledger.bottoms, strict=True)
    for i, (entry, name, top, bottom) in enumerate(rows):
        if entry.head:
            y = bottom - 6 - len(name) * theme.LINE / 2
            lines.append(across(0.0, ledger.width, bottom - 2))
        else:
            y = top + 4 + len(name) * theme.LINE / 2 if ledger.narrow else (top + bottom) / 2
            if i and not ledger.entries[i - 1].head:
                hairs.append(across(0.0, ledger.width, top))
        texts[entry.head or entry.bold].append({"x": 1, "y": y, "text": name})
    sheet.rules(hairs, stroke=theme.GRID)
    sheet.rules(lines, stroke=theme.SOFT)
    sheet.texts(texts[False])
    sheet.texts(texts[True], bold=True)


def write_ticks(sheet: Canvas, ledger: Ledger, ticks: Sequence[tuple[float, str]], *, y: float) -> None:
    """Write an axis over the rows, and its pale lines through them; a label that has no room is left out."""
    rows, end = [], -1e9
    for x, text in ticks:
        half, middle = text_width(text) / 2, fit(x, text, ledger.width)
        if middle - half > end:
            rows.append({"x": middle, "y": y, "text": text})
            end = middle + half + 10
    sheet.rules([line for x, _ in ticks for line in ledger.uprights(x)], stroke=theme.GRID)
    sheet.texts(rows, align="center", fill=theme.SOFT)


def millions(value: float | None, *, signed: bool = False) -> str:
    """Write £ million; what is less than 0.1 keeps its first digits, so that a column keeps one unit."""
    if not is_missing(value) and 0 < abs(float(value)) < 0.095:  # type: ignore[arg-type]
        sign, figure = money_gbp(value, signed=signed).split("£")[0], abs(float(value))  # type: ignore[arg-type]
        return f"{sign}£{number(figure, 2)}m"
    return money_gbp(value, signed=signed)


def unit(price_year: int | None) -> str:
    """Write the unit of money for a measure: "£m, 2026 prices"."""
    return "£m" if price_year is None else f"£m, {price_year} prices"


def pounds(value: float | None) -> str:
    """Write pounds to three figures: more would feign what nobody knows."""
    if is_missing(value) or not value:
        return money_gbp(value, "")
    return money_gbp(float(f"{value:.3g}"), "")
