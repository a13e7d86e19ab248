"""How far members agree: on what counts, and on what each option is worth to them. Spread before mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Unpack

import numpy as np
import pandas as pd

from iitk.charts import theme
from iitk.charts.canvas import Canvas, rect, upright
from iitk.charts.checks import need_columns
from iitk.charts.choosing_rows import AIR, Entry, Ledger, lay, write_names, write_ticks
from iitk.charts.figure import Credits, Figure, make
from iitk.charts.fonts import text_width
from iitk.charts.scales import nice_steps
from iitk.model import Badge
from iitk.words import NOT_AVAILABLE, count, in_sentence, join, number

_DOT = 5.0  # px, radius
_LOW, _HIGH = 100 / 3, 200 / 3  # the ends of a scale from 0 to 100
_END = 0.25  # share of members at each end that makes a split
_KEY = "A dot for each member; dark tick: the median; pale band: the middle half of the members."


@dataclass(frozen=True, slots=True)
class _Spread:
    """What members said of one thing."""

    name: str
    said: tuple[float, ...]  # by those who said anything, in rising order
    of: int  # members who were asked
    quartiles: tuple[float, float, float]  # the lower quartile, the median and the upper quartile

    @property
    def width(self) -> float:
        """How far the middle half of the members lies apart."""
        return self.quartiles[2] - self.quartiles[0] if self.said else -1.0

    @property
    def split(self) -> bool:
        """Whether a quarter of the members sit in the lowest third and a quarter in the highest, two at least."""
        ends = [sum(value <= _LOW for value in self.said), sum(value >= _HIGH for value in self.said)]
        return len(self.said) >= 3 and min(ends) >= max(1, _END * len(self.said))


def weights_spread(table: pd.DataFrame, **credit: Unpack[Credits]) -> Figure:
    """Draw how many points of 100 each member gives each criterion.

    Parameters
    ----------
    table
        One row for each member and criterion: `criterion`, `member`, `points` (NaN where none was given).

    Returns
    -------
    Figure
        A dot for each member, a band from the lower to the upper quartile, a tick at the median; the criterion with
        the highest median first. Its badge is "judgement" unless said.
    """
    need_columns(table, ("criterion", "member", "points"), "weights")
    spreads = _spreads(table, "criterion", "points")
    known = [one for one in spreads if one.said]
    title = "How members weigh the criteria cannot be said: nobody has weighed them"
    if known:
        widest = max(known, key=lambda one: (one.said[-1] - one.said[0], one.width))
        least, most = (number(end) for end in (widest.said[0], widest.said[-1]))
        title = f"Members differ most on {in_sentence(widest.name)}: from {least} to {most} points"
        if least == most:
            title = "All members weigh the criteria alike"
    measure = f"Points of 100 that each member gives a criterion. {_KEY}"
    high = max([50.0, *(one.said[-1] for one in known)])
    return _figure(spreads, credit, key="weights", title=title, measure=measure, what="Criterion", unit="points",
                   high=high, flag=False)  # fmt: skip


def value_spread(table: pd.DataFrame, **credit: Unpack[Credits]) -> Figure:
    """Draw what each option is worth to each member, by that member's own weights and scores.

    Parameters
    ----------
    table
        One row for each member and option: `option`, `member`, `value` (0: nothing beyond doing nothing, 100: the best
        there is, below 0: worse than doing nothing; NaN where it is not known).

    Returns
    -------
    Figure
        As `weights_spread`. "split" is written where at least a quarter of the members have the option in the lowest
        third of the scale and a quarter in the highest: there, a middle stands for nobody.
    """
    need_columns(table, ("option", "member", "value"), "values")
    spreads = _spreads(table, "option", "value")
    known = [one for one in spreads if one.said]
    split = sorted((one for one in known if one.split), key=lambda one: -one.width)
    if not known:
        title = "What options are worth to members cannot be said: nobody has scored them"
    elif split:
        title = f"Members are split over {count(len(split), 'option')}, most over {in_sentence(split[0].name)}"
        title = title if len(split) > 1 else f"Members are split over {in_sentence(split[0].name)}"
    else:
        widest = max(known, key=lambda one: one.width)
        title = f"Members are split over no option; they differ most on {in_sentence(widest.name)}"
    measure = (
        f"Value of each option to each member by own weights and scores (0: nothing beyond doing nothing). {_KEY}"
    )
    return _figure(spreads, credit, key="values", title=title, measure=measure, what="Option", unit="of 100",
                   high=100.0, flag=True)  # fmt: skip


def _spreads(table: pd.DataFrame, by: str, value: str) -> list[_Spread]:
    """Return the rows, the highest median first, those of which nobody said anything last."""
    found = []
    for name, rows in table.groupby(by, sort=False):
        said = tuple(sorted(float(one) for one in rows[value].dropna()))
        low, middle, high = np.quantile(said, (0.25, 0.5, 0.75)).tolist() if said else (float("nan"),) * 3
        found.append(_Spread(str(name), said, int(rows["member"].nunique()), (low, middle, high)))
    return sorted(found, key=lambda one: (not one.said, -one.quartiles[1] if one.said else 0.0))


def _figure(
    spreads: Sequence[_Spread], credit: Credits, *, key: str, title: str, measure: str, what: str, unit: str,
    high: float, flag: bool,
) -> Figure:  # fmt: skip
    known = any(one.said for one in spreads)
    said = join(_said(one, flag=flag) for one in spreads)
    return make(
        credit,
        key=key,
        title=title,
        measure=measure,
        draw=partial(_draw, spreads, high, flag=flag) if known else None,
        alt_text=f"Dots of what each member says, by median (and range): {said}." if spreads else "",
        table=_numbers(spreads, what, unit, flag=flag),
        badge=Badge.JUDGEMENT,
    )


def _said(one: _Spread, *, flag: bool) -> str:
    if not one.said:
        return f"{one.name} {NOT_AVAILABLE}"
    written = f"{one.name} {number(one.quartiles[1])} ({number(one.said[0])} to {number(one.said[-1])})"
    return f"{written}, split" if flag and one.split else written


def _draw(spreads: Sequence[_Spread], high: float, *, flag: bool, narrow: bool) -> Canvas:
    low = min([0.0, *(one.said[0] for one in spreads if one.said)])
    medians = [number(one.quartiles[1]) if one.said else "" for one in spreads]
    flagged = flag and any(one.split for one in spreads)
    column = max(text_width(text, bold=True) for text in medians) + AIR
    room = column + (text_width("split", bold=True) + AIR if flagged else 0)
    entries = [Entry(one.name, mark=34.0, bare=not one.said) for one in spreads]
    ledger = lay(entries, narrow=narrow, top=28.0, values=room)
    x = ledger.scale(low, high, 8)
    sheet = Canvas(ledger.width, ledger.height)
    write_ticks(sheet, ledger, [(x(tick), number(tick)) for tick in nice_steps(low, high, most=6)], y=12)
    sheet.rules(ledger.uprights(x(0)) if low < 0 else [], stroke=theme.SOFT)
    write_names(sheet, ledger)
    _draw_spreads(sheet, ledger, spreads, x)
    rows = [{"x": ledger.width - 1 - (room - column), "y": y, "text": text}
            for text, y in zip(medians, ledger.middles, strict=True)]  # fmt: skip
    sheet.texts(rows, align="right", bold=True, fill=theme.BLUE)
    both = list(zip(spreads, ledger.middles, strict=True))
    if flagged:
        split = [{"x": ledger.width - 1, "y": y, "text": "split"} for one, y in both if one.split]
        sheet.texts(split, align="right", bold=True, fill=theme.PINK)
    absent = [{"x": ledger.left + 8, "y": y, "text": NOT_AVAILABLE} for one, y in both if not one.said]
    sheet.texts(absent, fill=theme.SOFT)
    return sheet


def _draw_spreads(
    sheet: Canvas, ledger: Ledger, spreads: Sequence[_Spread], x: Callable[[float], float]
) -> None:
    """Draw the band of the middle half, the members' dots, and the tick of the median over them."""
    bands, ticks, dots = [], [], []
    for one, y in zip(spreads, ledger.middles, strict=True):
        if one.said:
            low, middle, high = one.quartiles
            bands.append(rect(x(low) - 3, x(high) + 3, y - 13, y + 13, low=low, high=high))
            ticks.append(upright(x(middle), y - 16, y + 16, median=middle))
            spots = _apart([x(value) for value in one.said])
            dots += [{"x": across, "y": y + down, "r": _DOT, "value": value}
                     for value, (across, down) in zip(one.said, spots, strict=True)]  # fmt: skip
    sheet.rects(bands, fill="#D5DCE3", cornerRadius=4)
    sheet.rules(ticks, stroke=theme.INK, width=3)
    sheet.dots(dots, fill=theme.BLUE, stroke=theme.PAPER, strokeWidth=1.2)


def _apart(places: Sequence[float]) -> list[tuple[float, float]]:
    """Set dots that would hide each other above and below the line, as far as the row is high."""
    found: list[tuple[float, float]] = []
    for place in places:
        free = [down for down in (0.0, -8.0, 8.0, -4.0, 4.0, -12.0, 12.0)
                if all(abs(place - x) >= 2 * _DOT - 1 or down != y for x, y in found)]  # fmt: skip
        found.append((place, free[0] if free else 0.0))
    return found


def _numbers(spreads: Sequence[_Spread], what: str, unit: str, *, flag: bool) -> pd.DataFrame:
    heads = ("Lowest", "Lower quartile", "Median", "Upper quartile", "Highest")
    rows = [(one.said[0], *one.quartiles, one.said[-1]) if one.said else (float("nan"),) * 5 for one in spreads]
    table = pd.DataFrame(rows, columns=[f"{head} ({unit})" for head in heads], dtype=float)
    table.insert(0, what, [one.name for one in spreads])
    table["Members who said"] = [f"{len(one.said)} of {one.of}" for one in spreads]
    if flag:
        table["Split"] = ["split" if one.split else "" for one in spreads]
    return table
