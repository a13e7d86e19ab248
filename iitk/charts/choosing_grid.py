"""Which options are in, side by side: portfolios, cuts, scenarios or members as columns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from string import ascii_uppercase
from typing import Any, Unpack

import pandas as pd

from iitk.charts import theme
from iitk.charts.canvas import Canvas, across, sheet_width
from iitk.charts.checks import need_columns
from iitk.charts.choosing_rows import Entry, Ledger, lay, lines_of, write_names
from iitk.charts.figure import Credits, Figure, make
from iitk.charts.fonts import text_width
from iitk.model import Badge
from iitk.words import NOT_AVAILABLE, capitalise, count, is_missing, join

_CROSS, _PLUS = "M-1,-1L1,1M-1,1L1,-1", "M-1,0L1,0M0,-1L0,1"
_COUNTED = "Options funded"
_HALF = 8.0  # px, half a square
FUNDED, NOT, LOST, GAINED = "funded", "not funded", "lost", "gained"


def choice_grid(
    table: pd.DataFrame,
    columns: Sequence[str],
    *,
    of: str = "portfolios",
    **credit: Unpack[Credits],
) -> Figure:
    """Draw which options are funded in each of several portfolios, and how they differ from the first.

    Parameters
    ----------
    table
        One row for each option: `option`, and for each of `columns` True (funded), False (not) or None (not
        available). Optional: `group`, under whose name its options stand together.
    columns
        Names of the columns to draw, at most eight or so; the first is what others are compared with.
    of
        What the columns are, in the plural: "cuts", "scenarios", "members’ portfolios".

    Returns
    -------
    Figure
        A square where an option is funded, a ring where not; what the first column has and another lacks is a cross
        (lost), the other way round a square with a plus (gained). The table says the same in words. Its badge is
        "modelled" unless said.
    """
    need_columns(table, ("option", *columns), "choices")
    states = {name: list(map(_state, table[name], table[columns[0]])) for name in columns}
    options = table["option"].astype(str).tolist()
    group = {"Group": table["group"].astype(str).tolist()} if "group" in table.columns else {}
    shapes = "Square: funded. Ring: not funded."
    if len(columns) > 1:
        shapes += f" Against “{columns[0]}”: cross, lost; square with a plus, gained."
    return make(
        credit,
        key="choices",
        title=_title(states),
        measure=shapes,
        draw=partial(_draw, table, states) if options else None,
        alt_text=_alt_text(options, states, of),
        table=pd.DataFrame({"Option": options, **group, **states}),
        badge=Badge.MODELLED,
    )


def _state(here: Any, before: Any) -> str:
    """Say how an option stands in one column, and against the first."""
    if is_missing(here):
        return NOT_AVAILABLE
    if not is_missing(before) and bool(here) != bool(before):
        return GAINED if here else LOST
    return FUNDED if here else NOT


def _is_in(state: str) -> bool:
    return state in (FUNDED, GAINED)


def _title(states: dict[str, list[str]]) -> str:
    """Say how much of the first column stays whatever the other columns stand for."""
    first, *others = states.values()
    if not first:
        return "There is no option to choose from"
    if not others:
        many = sum(map(_is_in, first))
        return f"{many} of {count(len(first), 'option')} {'is' if many == 1 else 'are'} funded"
    funded = [row for here, *row in zip(first, *others, strict=True) if _is_in(here)]
    stay = sum(all(map(_is_in, row)) for row in funded)
    where = f"the {len(others)} others" if len(others) > 1 else "the other"
    name = next(iter(states))
    if not funded:
        return f"No option is funded in “{name}”"
    if stay == len(funded):
        return f"All that is funded in “{name}” stays in {where}"
    every = f"all {len(others)} others" if len(others) > 1 else f"“{list(states)[1]}”"
    verb = "stays" if stay == 1 else "stay"
    return f"{stay or 'None'} of the {count(len(funded), 'option')} funded in “{name}” {verb} in {every}"


def _alt_text(options: Sequence[str], states: dict[str, list[str]], of: str) -> str:
    parts = []
    for name, column in states.items():
        inside = [option for option, state in zip(options, column, strict=True) if _is_in(state)]
        parts.append(f"{name}: {join(inside)}" if inside else f"{name}: none")
    return f"Grid of {count(len(options), 'option')} by {of}, funded in each. {'. '.join(parts)}."


def _draw(table: pd.DataFrame, states: dict[str, list[str]], *, narrow: bool) -> Canvas:
    entries, places = _entries(table)
    names = list(states)
    heads, key = _heads(names, narrow=narrow)
    top = theme.LINE * len(key) + (8 if key else 0) + theme.LINE * max(len(lines) for lines in heads) + theme.LINE + 14
    ledger = lay(entries, narrow=narrow, top=top, values=0, least=text_width(_COUNTED))
    step = (ledger.right - ledger.left) / len(names)
    centres = [ledger.left + step * (i + 0.5) for i in range(len(names))]
    sheet = Canvas(ledger.width, ledger.height)
    write_names(sheet, ledger)
    _write_heads(sheet, ledger, heads, key, centres, top)
    inside = [sum(map(_is_in, column)) for column in states.values()]
    rows = [{"x": x, "y": top - 14, "text": str(many)} for x, many in zip(centres, inside, strict=True)]
    sheet.texts(rows, align="center", bold=True, fill=theme.BLUE)
    if not narrow:
        sheet.write(1, top - 14, _COUNTED, fill=theme.SOFT)
    marks = [(state, x, ledger.middles[places[i]])
             for column, x in zip(states.values(), centres, strict=True) for i, state in enumerate(column)]  # fmt: skip
    _draw_marks(sheet, marks)
    return sheet


def _entries(table: pd.DataFrame) -> tuple[list[Entry], dict[int, int]]:
    """Return the rows with the heads of their groups, and where among them each option of the table stands."""
    options = [str(name) for name in table["option"]]
    groups = [str(name) for name in table["group"]] if "group" in table.columns else [""] * len(options)
    entries: list[Entry] = []
    places = {}
    for group in dict.fromkeys(groups):
        if group:
            entries.append(Entry(capitalise(group), head=True))
        for i, (option, own) in enumerate(zip(options, groups, strict=True)):
            if own == group:
                places[i] = len(entries)
                entries.append(Entry(option))
    return entries, places


def _heads(names: Sequence[str], *, narrow: bool) -> tuple[list[tuple[str, ...]], list[str]]:
    """Return the lines of each column's head; where a word has no room, letters and the key to them."""
    width = (theme.NARROW - 2 if narrow else theme.WIDE - 284) / len(names) - 8
    heads = [lines_of(name, width) for name in names]
    if all(text_width(word) <= width for name in names for word in name.split()) and max(map(len, heads)) <= 4:
        return heads, []
    letters = ascii_uppercase[: len(names)]
    lines = [line for letter, name in zip(letters, names, strict=False)
             for line in lines_of(f"{letter} = {name}", sheet_width(narrow) - 4)]  # fmt: skip
    return [(letter,) for letter in letters], lines


def _write_heads(
    sheet: Canvas, ledger: Ledger, heads: Sequence[tuple[str, ...]], key: Sequence[str],
    centres: Sequence[float], top: float,
) -> None:  # fmt: skip
    rows = [{"x": x, "y": top - 24 - theme.LINE * len(lines) / 2 - 4, "text": lines}
            for x, lines in zip(centres, heads, strict=True)]  # fmt: skip
    sheet.texts(rows, align="center")
    sheet.texts([{"x": 1, "y": theme.LINE * (i + 0.5), "text": line} for i, line in enumerate(key)], fill=theme.SOFT)
    sheet.rules([across(0, ledger.width, top - 1)], stroke=theme.GRID)


def _draw_marks(sheet: Canvas, marks: Sequence[tuple[str, float, float]]) -> None:
    at = {wanted: [{"x": x, "y": y, "r": _HALF, "state": state} for state, x, y in marks if state == wanted]
          for wanted in (FUNDED, NOT, LOST, GAINED, NOT_AVAILABLE)}  # fmt: skip
    sheet.dots(at[FUNDED] + at[GAINED], fill=theme.BLUE, stroke=theme.BLUE, shape="square")
    sheet.dots([{**one, "r": 5} for one in at[GAINED]], fill=None, stroke=theme.PAPER, strokeWidth=2.5, shape=_PLUS)
    sheet.dots([{**one, "r": 6} for one in at[NOT]], fill=None, stroke=theme.QUIET, strokeWidth=1.5)
    sheet.dots([{**one, "r": 7} for one in at[LOST]], fill=None, stroke=theme.PINK, strokeWidth=3, shape=_CROSS)
    sheet.texts([{**one, "text": "?"} for one in at[NOT_AVAILABLE]], align="center", fill=theme.SOFT)
