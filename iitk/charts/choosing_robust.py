"""In how many draws each option is worth funding: the core, what depends, and what never is."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import Any, Unpack

import pandas as pd

from iitk.charts import theme
from iitk.charts.canvas import Canvas, rect
from iitk.charts.checks import need_columns
from iitk.charts.choosing_rows import AIR, Entry, lay, write_names
from iitk.charts.figure import Credits, Figure, make
from iitk.charts.fonts import text_width
from iitk.model import Badge
from iitk.words import NOT_AVAILABLE, capitalise, count, is_missing, join, percent

SETS = ("core", "conditional", "never")
_BAR = 16.0


def robust_bars(
    table: pd.DataFrame,
    *,
    draws: int = 5000,
    core: float = 0.8,
    never: float = 0.05,
    **credit: Unpack[Credits],
) -> Figure:
    """Draw in which share of the draws the best portfolio holds each option.

    Parameters
    ----------
    table
        One row for each option: `option`, `share` (of the draws, 0 to 1; NaN where missing) and `set` (core,
        conditional or never).
    draws
        How many were made.
    core, never
        Shares from which an option is core, and up to which it is never in.

    Returns
    -------
    Figure
        Bars in three groups, the highest first, with dashed lines at both shares. Its badge is "modelled" unless said.
    """
    need_columns(table, ("option", "share", "set"), "shares of draws")
    ordered = table.sort_values("share", ascending=False, na_position="last", kind="stable").to_dict("records")
    rows = [row for name in SETS for row in ordered if row["set"] == name]
    shown = [*rows, *(row for row in ordered if row["set"] not in SETS)]
    said = ". ".join(f"{_head(name, core, never)}: {_list(rows, name)}" for name in SETS)
    return make(
        credit,
        key="robust",
        title=_title(rows, draws, core),
        measure=f"Share of {draws:,} draws of values and costs in which the best portfolio holds the option.",
        draw=partial(_draw, shown, core, never) if shown else None,
        alt_text=f"Bars of the share of {draws:,} draws. {said}." if rows else "",
        table=pd.DataFrame({
            "Option": [str(row["option"]) for row in shown],
            "Share of draws (%)": pd.Series([100 * row["share"] for row in shown], dtype=float),
            "Set": [str(row["set"]) if row["set"] in SETS else NOT_AVAILABLE for row in shown],
        }),
        badge=Badge.MODELLED,
    )  # fmt: skip


def _head(name: str, core: float, never: float) -> str:
    if name == "core":
        return f"Core: in {percent(core)} of draws or more"
    if name == "never":
        return f"Never: in {percent(never)} or less"
    return "Conditional: in between" if name == "conditional" else capitalise(NOT_AVAILABLE)


def _share(share: float) -> str:
    """Write a share of draws; only none and all of them are 0% and 100%."""
    if 0 < share < 0.01:
        return "under 1%"
    return "over 99%" if 0.99 < share < 1 else percent(share, 0)


def _list(rows: list[dict[Any, Any]], name: str) -> str:
    return join(f"{row['option']} {_share(row['share'])}" for row in rows if row["set"] == name) or "none"


def _title(rows: list[dict[Any, Any]], draws: int, core: float) -> str:
    if not rows:
        return "What stands up to doubt cannot be said: no figures are available"
    many = {name: sum(row["set"] == name for row in rows) for name in SETS}
    sure = "No option is"
    if many["core"]:
        sure = f"{count(many['core'], 'option')} {'is' if many['core'] == 1 else 'are'}"
    others = f"{many['conditional'] or 'none'} {'depends' if many['conditional'] == 1 else 'depend'} on what comes"
    return f"{sure} in the best portfolio in at least {percent(core)} of {draws:,} draws; {others}"


def _draw(rows: list[dict[Any, Any]], core: float, never: float, *, narrow: bool) -> Canvas:
    entries: list[Entry] = []
    marks: list[tuple[int, float | None]] = []
    for head, members in groupby(rows, lambda row: _head(row["set"], core, never)):
        entries.append(Entry(head, head=True))
        for row in members:
            absent = is_missing(row["share"])
            marks.append((len(entries), None if absent else float(row["share"])))
            entries.append(Entry(str(row["option"]), mark=24.0, bare=absent))
    room = max(text_width(_share(share or 0), bold=True) for _, share in marks) + AIR
    ledger = lay(entries, narrow=narrow, top=30.0, values=room)
    sheet = Canvas(ledger.width, ledger.height)
    write_names(sheet, ledger)
    x = ledger.scale(0, 1)
    bars, texts, absent_texts = [], [], []
    for place, share in marks:
        y = ledger.middles[place]
        if share is None:
            absent_texts.append({"x": ledger.left, "y": y, "text": NOT_AVAILABLE})
            continue
        end = max(x(share), x(0) + (1 if share else 0))
        bars.append(rect(x(0), end, y - _BAR / 2, y + _BAR / 2, value=share))
        texts.append({"x": ledger.width - 1, "y": y, "text": _share(share)})
    sheet.rects(bars, fill=theme.BLUE)
    sheet.rules(ledger.uprights(x(0)), stroke=theme.SOFT)
    for share in (never, core):
        sheet.guide(x(share), ledger.uprights(x(share)), percent(share), y=12, dash=(5, 3))
    sheet.texts(texts, align="right", bold=True, fill=theme.BLUE)
    sheet.texts(absent_texts, fill=theme.SOFT)
    return sheet
