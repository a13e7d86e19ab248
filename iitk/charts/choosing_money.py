"""Money: what a portfolio spends each year against its budget, and who pays for each portfolio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import Any, Unpack

import numpy as np
import pandas as pd

from iitk.charts import theme
from iitk.charts.canvas import Canvas, across, rect, sheet_width
from iitk.charts.checks import need_columns
from iitk.charts.choosing_rows import lines_of, millions, unit
from iitk.charts.figure import Credits, Figure, make
from iitk.charts.fonts import text_width
from iitk.model import Badge
from iitk.words import NOT_AVAILABLE, capitalise, count, is_missing, join

_ROW, _BAR, _HEAD = 34.0, 20.0, 34.0
_LEAST = 5e-4  # £ million: less than this over or left is rounding


@dataclass(frozen=True, slots=True)
class _Year:
    """One kind of money in one year, in £ million; None is not available."""

    kind: str
    year: int
    budget: float | None
    spend: float | None

    @property
    def over(self) -> float:
        """By how much the budget is overspent; 0 where it is kept."""
        if self.budget is None or self.spend is None or self.spend - self.budget <= _LEAST:
            return 0.0
        return self.spend - self.budget

    @property
    def text(self) -> str:
        if self.spend is None:
            return f"spend {NOT_AVAILABLE}"
        if self.budget is None:
            return f"{millions(self.spend)}, budget {NOT_AVAILABLE}"
        if self.over:
            return f"{millions(self.over)} over"
        left = self.budget - self.spend
        return f"{millions(left)} left" if left > _LEAST else "none left" if self.budget else "no money"


def spending(
    table: pd.DataFrame, *, portfolio: str = "", price_year: int | None = None, **credit: Unpack[Credits]
) -> Figure:
    """Draw what is spent each year against the budget of that year, capital and revenue apart.

    Parameters
    ----------
    table
        One row for each kind and year: `kind` (capital or revenue), `year`, and in £ million `budget` and `spend`
        (with optimism bias, undiscounted; NaN where missing).
    portfolio
        Whose spend it is: "the group's portfolio".

    Returns
    -------
    Figure
        An outline for each budget, filled by the spend; what is over is hatched and written. One scale for all.
    """
    need_columns(table, ("kind", "year", "budget", "spend"), "spending")
    found = [_year(row) for row in table.sort_values(["kind", "year"], kind="stable").to_dict("records")]
    known = any(one.spend is not None or one.budget is not None for one in found)
    said = join(f"{one.kind} {one.year} {millions(one.spend)} of {millions(one.budget)}, {one.text}" for one in found)
    return make(
        credit,
        key="spending",
        title=_spending_title(found),
        measure=f"Spend{f' of {portfolio}' if portfolio else ''} with optimism bias ({unit(price_year)}). Outline: the "
        "budget of the year. Hatched: over it.",
        draw=partial(_draw_spending, found) if known else None,
        alt_text=f"Bars of spend against budget: {said}." if found else "",
        table=pd.DataFrame({
            "Kind": [capitalise(one.kind) for one in found],
            "Year": [one.year for one in found],
            "Budget (£m)": pd.Series([one.budget for one in found], dtype=float),
            "Spend (£m)": pd.Series([one.spend for one in found], dtype=float),
            "Left or over": [one.text for one in found],
        }),
        badge=Badge.MODELLED,
    )  # fmt: skip


def _year(row: dict[Any, Any]) -> _Year:
    budget, spend = (None if is_missing(row[key]) else float(row[key]) for key in ("budget", "spend"))
    return _Year(str(row["kind"]), int(row["year"]), budget, spend)


def _spending_title(found: Sequence[_Year]) -> str:
    known = [one for one in found if one.spend is not None and one.budget is not None]
    if not known:
        return "Whether the money suffices cannot be said: no figures are available"
    over = sorted((one for one in known if one.over), key=lambda one: -one.over)
    if not over:
        left = sum((one.budget or 0) - (one.spend or 0) for one in known)
        return f"Every year’s budget is kept; {millions(left) if left > _LEAST else 'nothing'} is left in all"
    if len(over) > 2:
        worst = over[0]
        return f"Over budget {len(over)} times, most in {worst.year}: {worst.kind} by {millions(worst.over)}"
    return "Over budget: " + join(f"{one.kind} in {one.year} by {millions(one.over)}" for one in over)


def _draw_spending(found: Sequence[_Year], *, narrow: bool) -> Canvas:
    """Draw a panel for each kind: side by side (wide) or under each other."""
    kinds = list(dict.fromkeys(one.kind for one in found))
    rows = {kind: [one for one in found if one.kind == kind] for kind in kinds}
    gap = 36.0
    width = sheet_width(narrow) if narrow else (sheet_width(narrow) - gap * (len(kinds) - 1)) / len(kinds)
    heights = [_HEAD + _ROW * len(rows[kind]) + 16 for kind in kinds]
    sheet = Canvas(sheet_width(narrow), sum(heights) if narrow else max(heights))
    left = max(text_width(str(one.year)) for one in found) + 10
    per = min(((width - left - text_width(one.text, bold=True) - 12) / max(one.budget or 0, one.spend or 0)
               for one in found if one.budget or one.spend), default=1.0)  # fmt: skip
    marks: list[tuple[_Year, float, float]] = []  # with the px of its bar's left end and middle
    for i, kind in enumerate(kinds):
        x, y = (0.0, sum(heights[:i])) if narrow else ((width + gap) * i, 0.0)
        _write_head(sheet, kind, rows[kind], x, x + width, y + 12)
        marks += [(one, x + left, y + _HEAD + _ROW * (k + 0.5)) for k, one in enumerate(rows[kind])]
    _draw_years(sheet, marks, per)
    return sheet


def _write_head(sheet: Canvas, kind: str, rows: Sequence[_Year], left: float, right: float, y: float) -> None:
    """Write the kind, and what is spent and there to spend over all years."""
    sheet.write(left + 1, y, capitalise(kind), bold=True)
    if all(one.spend is not None and one.budget is not None for one in rows):
        spend, budget = (sum(getattr(one, key) for one in rows) for key in ("spend", "budget"))
        sheet.write(right - 1, y, f"{millions(spend)} of {millions(budget)}", align="right", fill=theme.SOFT)
    sheet.rules([across(left, right, y + 14)], stroke=theme.SOFT)


def _draw_years(sheet: Canvas, marks: Sequence[tuple[_Year, float, float]], per: float) -> None:
    """Draw each year's spend within the outline of its budget; `per` px stand for £1 million."""
    filled, hatched, strokes, outlines, years = [], [], [], [], []
    texts: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for one, x, y in marks:
        spend, budget = one.spend or 0.0, one.budget or 0.0
        top, bottom, within = y - _BAR / 2, y + _BAR / 2, x + per * (spend - one.over)
        if within > x:
            filled.append(rect(x, max(within, x + 1), top, bottom, value=spend))
        if one.over:
            end = max(x + per * spend, within + 2)
            hatched.append(rect(within, end, top, bottom, value=one.over))
            strokes += _hatches(within, end, top, bottom)
        if budget:
            outlines.append(rect(x, x + per * budget, top - 3, bottom + 3, value=budget))
        years.append({"x": x - 10, "y": y, "text": str(one.year)})
        end = x + per * max(spend, budget)
        texts[bool(one.over)].append({"x": end + 9, "y": y, "text": one.text})
    sheet.rects(filled, fill=theme.BLUE)
    sheet.comb(strokes, stroke=theme.PINK, width=2)
    sheet.rects(hatched, fill=None, stroke=theme.PINK, strokeWidth=2)
    sheet.rects(outlines, fill=None, stroke=theme.INK, strokeWidth=1.5)
    sheet.texts(years, align="right", fill=theme.SOFT)
    sheet.texts(texts[False], fill=theme.SOFT)
    sheet.texts(texts[True], bold=True, fill=theme.PINK)


def _hatches(left: float, right: float, top: float, bottom: float) -> list[dict[str, float]]:
    """Slanting lines inside a rectangle, 6 px apart."""
    high = bottom - top
    found = []
    for start in np.arange(left - high + 6, right, 6).tolist():
        # The line runs from (start, bottom) up to (start + high, top); only what lies within is kept.
        x, x2 = max(start, left), min(start + high, right)
        found.append(rect(x, x2, bottom - (x - start), bottom - (x2 - start)))
    return found


FUNDERS = 5  # named; the others are drawn as one
_TONES = ((theme.BLUE, theme.PAPER), (theme.TURQUOISE, theme.INK), (theme.PINK, theme.PAPER), (theme.QUIET, theme.INK),
          (theme.INK, theme.PAPER))  # fmt: skip
_SWATCH, _APART = 13.0, 18.0  # px of a square of the key, and between its items


@dataclass(frozen=True, slots=True)
class _Part:
    """One funder's part of a bar, with its place in the key under the bar."""

    place: int  # of the funder
    amount: float
    x: float
    x2: float
    text: str
    left: float
    line: int


def money_by_funder(
    table: pd.DataFrame, *, price_year: int | None = None, **credit: Unpack[Credits]
) -> Figure:
    """Draw who pays for each portfolio.

    Parameters
    ----------
    table
        Portfolios (index, in the order to draw) x funders: £ million with optimism bias, undiscounted, all years
        together; NaN where missing. Up to five funders are named, the largest first; the rest of more are one.

    Returns
    -------
    Figure
        A bar for each portfolio on one scale, cut into its funders, with names and sums under it in the same order.
    """
    wide = _largest_first(table)
    known = wide.notna().to_numpy().any()
    said = ". ".join(f"{name}: {_said(row)}" for name, row in wide.iterrows())
    shown = wide.rename(columns=lambda name: f"{capitalise(name)} (£m)")
    return make(
        credit,
        key="money-by-funder",
        title=_funder_title(wide),
        measure=f"Cost with optimism bias by funder ({unit(price_year)}), all years together, each portfolio.",
        draw=partial(_draw_funders, wide) if known else None,
        alt_text=f"Stacked bars of who pays. {said}." if len(wide) else "",
        table=shown.assign(**{"Together (£m)": _sums(wide)}).reset_index(names="Portfolio"),
        badge=Badge.MODELLED,
    )


def _largest_first(table: pd.DataFrame) -> pd.DataFrame:
    """Return the funders that pay most first; the small ones of many as one."""
    wide = table[table.sum().sort_values(ascending=False, kind="stable").index].astype(float)
    wide.columns = pd.Index([str(name).replace("_", " ") for name in wide.columns])
    if wide.shape[1] <= FUNDERS:
        return wide
    rest = wide.iloc[:, FUNDERS - 1 :]
    return wide.iloc[:, : FUNDERS - 1].assign(**{f"{rest.shape[1]} others": _sums(rest)})


def _sums(wide: pd.DataFrame) -> pd.Series[float]:
    return wide.sum(axis=1, min_count=1)


def _said(row: pd.Series[float]) -> str:
    paid = [f"{name} {millions(value)}" for name, value in row.items() if not is_missing(value) and value]
    return join(paid) or (NOT_AVAILABLE if row.isna().all() else "no cost")


def _funder_title(wide: pd.DataFrame) -> str:
    sums = _sums(wide)
    known = wide[sums > 0]
    if known.empty:
        return "Who pays cannot be said: no figures are available"
    lead = str(known.columns[0])
    shares = [round(100 * share) for share in known[lead].fillna(0) / sums[sums > 0]]
    low, high = min(shares), max(shares)
    where = "each portfolio" if low == high else f"the {count(len(known), 'portfolio')}"
    where = "the portfolio" if len(known) == 1 else where
    return f"{capitalise(lead)} pays {low}%{f' to {high}%' if high > low else ''} of {where}"


def _draw_funders(wide: pd.DataFrame, *, narrow: bool) -> Canvas:
    width = sheet_width(narrow)
    per = (width - 2) / (float(wide.clip(lower=0).sum(axis=1).max()) or 1.0)
    plans = [_plan(row.tolist(), list(wide.columns), per, width) for _, row in wide.iterrows()]
    heads = [lines_of(str(name), width - 90, bold=True) for name in wide.index]
    heights = [theme.LINE * len(head) + 60 + theme.LINE * max((one.line + 1 for one in plan), default=0)
               for head, plan in zip(heads, plans, strict=True)]  # fmt: skip
    tops = list(accumulate(heights, initial=0.0))
    sheet = Canvas(width, tops[-1] - 10)
    bars = [top + theme.LINE * len(head) + 5 for head, top in zip(heads, tops, strict=False)]
    _draw_parts(sheet, [(one, bar) for plan, bar in zip(plans, bars, strict=True) for one in plan])
    names, sums, missing = [], [], []
    for head, total, plan, top, bar in zip(heads, _sums(wide), plans, tops, bars, strict=False):
        names.append({"x": 1, "y": top + theme.LINE * len(head) / 2, "text": head})
        sums.append({"x": width - 1, "y": top + theme.LINE / 2, "text": "" if is_missing(total) else millions(total)})
        if not plan:
            missing.append({"x": 1, "y": bar + 12, "text": NOT_AVAILABLE if is_missing(total) else "no cost"})
    sheet.texts(names, bold=True)
    sheet.texts(sums, align="right", bold=True, fill=theme.BLUE)
    sheet.texts(missing, fill=theme.SOFT)
    return sheet


def _plan(amounts: Sequence[float], names: Sequence[str], per: float, width: float) -> list[_Part]:
    """Cut a bar into its parts, and set the items of its key one after the other, on as many lines as they take."""
    parts: list[_Part] = []
    x, left, line = 1.0, 1.0, 0
    for place, (amount, name) in enumerate(zip(amounts, names, strict=True)):
        if is_missing(amount) or amount <= 0:
            continue
        text = f"{name} {millions(amount)}"
        wide = _SWATCH + 6 + text_width(text)
        if left > 1 and left + wide > width:
            left, line = 1.0, line + 1
        parts.append(_Part(place, amount, x, x + amount * per, text, left, line))
        x, left = x + amount * per, left + wide + _APART
    return parts


def _draw_parts(sheet: Canvas, parts: Sequence[tuple[_Part, float]]) -> None:
    """Draw parts, each with the top of its bar: one layer for each funder, sums where there is room, and the key."""
    for place, (tone, ink) in enumerate(_TONES):
        own = [(one, y) for one, y in parts if one.place == place]
        boxes = [rect(one.x, max(one.x2 - 2, one.x + 1), y, y + 24, value=one.amount) for one, y in own]
        keys = [(one.left, y + 33 + theme.LINE * one.line) for one, y in own]
        sheet.rects(boxes + [rect(x, x + _SWATCH, y, y + _SWATCH) for x, y in keys], fill=tone)
        texts = [{"x": (one.x + one.x2) / 2 - 1, "y": y + 12, "text": millions(one.amount)} for one, y in own
                 if text_width(millions(one.amount)) + 10 < one.x2 - one.x]  # fmt: skip
        sheet.texts(texts, align="center", fill=ink)
    sheet.texts([{"x": one.left + _SWATCH + 6, "y": y + 40 + theme.LINE * one.line, "text": one.text}
                 for one, y in parts])  # fmt: skip
