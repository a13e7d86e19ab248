"""Where the area stands among places of its kind, indicator by indicator."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Unpack

import numpy as np
import pandas as pd

from iitk.charts import theme
from iitk.charts.canvas import Canvas, rect, sheet_width, upright
from iitk.charts.checks import need_columns
from iitk.charts.figure import Credits, Figure, make
from iitk.charts.fonts import text_width, wrap
from iitk.words import (
    NOT_AVAILABLE,
    capitalise,
    in_prose,
    in_sentence,
    is_missing,
    join,
    money_gbp,
    number,
    percent,
    rank,
)

_NAMES = 210.0  # px, widest column of names
_HOLLOW = "Hollow dots: neither end is better; to the right is higher."


@dataclass(frozen=True, slots=True)
class _Strip:
    """One indicator: what is written, and where the marks lie from 0 (left) to 1 (right)."""

    label: str
    value: str
    place: str  # "72nd of 309", or why there is none
    own: float  # NaN where missing
    compared: float
    others: Sequence[float]
    directed: bool  # whether one end is better


def indicator_strip(
    table: pd.DataFrame,
    others: pd.DataFrame,
    *,
    area: str,
    comparator: str = "UK",
    among: str = "local authorities",
    own_codes: Collection[str] = (),
    **credit: Unpack[Credits],
) -> Figure:
    """Draw the area's value of each indicator among the values of all places of its kind.

    Parameters
    ----------
    table
        One row for each indicator: `indicator` (key, a column of `others`), `label`, `unit`, `value` (NaN where
        missing), `better` ("higher", "lower" or ""), `rank` (1 = highest) and `of` (how many were ranked). Optional:
        `year`, `lower_95` and `upper_95`, `comparator` (the comparator's value), `status` (why a value is missing).
    others
        Places (rows, by code) x indicators (columns): the values of the places to stand among.
    among
        What these places are called, in the plural.
    own_codes
        Codes of the area's own districts, which are not drawn among the others.

    Returns
    -------
    Figure
        One strip for each indicator: a tick for each place, a large blue dot for the area, an orange tick for the
        comparator. To the right is better; where neither end is, the dot is hollow and to the right is higher. The
        ends are the 2nd and 98th hundredth of the places: beyond them, marks lie on the end.
    """
    need_columns(table, ("indicator", "label", "unit", "value", "better", "rank", "of"), "indicators")
    rows = table.to_dict("records")
    strips = [_strip(row, others, own_codes) for row in rows]
    found = not all(is_missing(strip.own) for strip in strips)
    said = join(f"{strip.label} {strip.value} ({strip.place})" for strip in strips)
    return make(
        credit,
        key="indicators",
        title=_title(rows, area, among) if found else f"No indicators of {in_prose(area)} are available",
        measure=f"Latest figure of each indicator, {area} (blue dot) among {among} (grey); orange tick: {comparator}.",
        draw=partial(_draw, strips) if strips else None,
        alt_text=(
            f"Strips of indicators, {in_prose(area)} among {among}; rank 1 is the best, or the highest where neither "
            f"end is better: {said}."
        ),
        table=_numbers(table, comparator),
        notes="" if all(strip.directed for strip in strips) else _HOLLOW,
    )


def with_unit(value: float | None, unit: str) -> str:
    """Write an indicator's value with the short form of its unit: "£38.20", "76.1%", "5.4 tonnes"."""
    if is_missing(value):
        return NOT_AVAILABLE
    figure = float(value)  # type: ignore[arg-type]
    if unit.startswith("£ million"):
        return money_gbp(figure)
    if unit.startswith("£"):
        return money_gbp(figure, unit="")
    if unit.startswith("%"):
        return percent(figure / 100, 1)
    decimals = 0 if abs(figure) >= 1000 else 1
    noun = unit.split(" ", maxsplit=1)[0]
    return number(figure, decimals) + ("" if noun in ("ratio", "") else f" {noun}")


def _strip(row: dict[Any, Any], others: pd.DataFrame, own_codes: Collection[str]) -> _Strip:
    """Turn one indicator into positions from worse (0) to better (1)."""
    crowd = others.get(row["indicator"], pd.Series(dtype=float)).drop(list(own_codes), errors="ignore").dropna()
    low, high = np.quantile(crowd, (0.02, 0.98)) if len(crowd) else (0.0, 0.0)
    missing = is_missing(row["value"])
    if not high > low:  # all places have the same value, or there are none but the area
        middle = low if missing else row["value"]
        low, high = min(low, middle) - 1, max(high, middle) + 1
    marks = [row["value"], row.get("comparator"), *crowd]
    places = ((np.array(marks, dtype=float) - low) / (high - low)).clip(0, 1)
    own, compared, *rest = (1 - places if row["better"] == "lower" else places).tolist()
    place = str(row.get("status") or "no figure for this area") if missing else "not ranked"
    if not (missing or is_missing(row["rank"])):
        place = rank(_best_first(row), int(row["of"]))
    return _Strip(
        str(row["label"]), with_unit(row["value"], str(row["unit"])), place, own, compared, rest,
        directed=row["better"] in ("higher", "lower"),
    )  # fmt: skip


def _best_first(row: dict[Any, Any]) -> int:
    """Return the rank counted from the better end, or from the highest where neither is better."""
    place = int(row["rank"])
    return int(row["of"]) - place + 1 if row["better"] == "lower" else place


def _title(rows: list[dict[Any, Any]], area: str, among: str) -> str:
    """Name the indicators in which the area stands best and worst."""
    placed = [row for row in rows if row["better"] and not is_missing(row["rank"]) and int(row["of"]) > 1]
    if not placed:
        return f"{capitalise(in_prose(area))} among {among}"
    placed.sort(key=lambda row: (_best_first(row) - 1) / (int(row["of"]) - 1))
    best, worst = placed[0], placed[-1]
    high, low = (f"{in_sentence(row['label'])} ({rank(_best_first(row), int(row['of']))})" for row in (best, worst))
    said = f"{capitalise(in_prose(area))} stands best in {high}"
    return f"{said} among {among}" if worst is best else f"{said} and worst in {low}"


def _draw(strips: list[_Strip], *, narrow: bool) -> Canvas:
    width = sheet_width(narrow)
    row, head = (78.0 if narrow else 50.0), 32.0
    left = 10.0 if narrow else max(text_width(line) for s in strips for line in wrap(s.label, _NAMES)) + 26
    right = width - (10.0 if narrow else max(text_width(s.place) for s in strips) + 22)
    sheet = Canvas(width, head + row * len(strips) + 4)
    rows = [(strip, head + row * i + (row - 16 if narrow else row / 2)) for i, strip in enumerate(strips)]
    sheet.write(left - 8, 12, "← worse", fill=theme.SOFT)
    sheet.write(right + 8, 12, "better →", align="right", fill=theme.SOFT)
    _draw_marks(sheet, rows, left, right)
    if narrow:
        _write_above(sheet, rows)
    else:
        _write_beside(sheet, rows, left, right)
    return sheet


def _draw_marks(sheet: Canvas, rows: list[tuple[_Strip, float]], left: float, right: float) -> None:
    """Draw a pale track, a thin tick for each place, the comparator's orange tick and the area's dot.

    The dot is full where one end is better, hollow where neither is.
    """

    def x(place: float) -> float:
        return left + place * (right - left)

    tracks = [rect(left - 8, right + 8, y - 11, y + 11) for _, y in rows]
    sheet.rects(tracks, fill="#F1EEE7", cornerRadius=3)
    ticks = [upright(x(place), y - 8, y + 8) for strip, y in rows for place in strip.others]
    sheet.comb(ticks, stroke=theme.QUIET, width=1.2, opacity=0.55)
    compared = [upright(x(strip.compared), y - 14, y + 14) for strip, y in rows if not is_missing(strip.compared)]
    sheet.rules(compared, stroke=theme.PAPER, width=6)
    sheet.rules(compared, stroke=theme.ORANGE, width=3)
    dots: dict[bool, list[dict[str, float]]] = {True: [], False: []}
    for strip, y in rows:
        if not is_missing(strip.own):
            dots[strip.directed].append({"x": x(strip.own), "y": y, "r": 8})
    sheet.dots(dots[True], fill=theme.BLUE, stroke=theme.PAPER, strokeWidth=2)
    sheet.dots(dots[False], fill=theme.PAPER, stroke=theme.BLUE, strokeWidth=3)


def _write_beside(sheet: Canvas, rows: list[tuple[_Strip, float]], left: float, right: float) -> None:
    """Write names at the left, values and ranks at the right."""
    sheet.texts([{"x": left - 18, "y": y, "text": wrap(s.label, _NAMES)} for s, y in rows], align="right")
    values = [{"x": right + 20, "y": y - 10, "text": s.value} for s, y in rows]
    sheet.texts(values, bold=True, fill=theme.BLUE)
    sheet.texts([{"x": right + 20, "y": y + 10, "text": s.place} for s, y in rows], fill=theme.SOFT)


def _write_above(sheet: Canvas, rows: list[tuple[_Strip, float]]) -> None:
    """Write the name above its strip, and on the next line the value and the rank."""
    sheet.texts([{"x": 1, "y": y - 46, "text": wrap(s.label, sheet.width - 4, lines=1)} for s, y in rows])
    sheet.texts([{"x": 1, "y": y - 25, "text": s.value} for s, y in rows], bold=True, fill=theme.BLUE)
    places = [{"x": text_width(s.value, bold=True) + 9, "y": y - 25, "text": s.place} for s, y in rows]
    sheet.texts(places, fill=theme.SOFT)


def _numbers(table: pd.DataFrame, comparator: str) -> pd.DataFrame:
    """Return the figures with their units; why one is missing stands beside it."""
    shown = pd.DataFrame({"Indicator": table["label"], "Unit": table["unit"]})
    if "year" in table.columns:
        shown["Year"] = table["year"]
    shown["Value"] = table["value"].astype(float)
    extra = {"lower_95": "Lower 95% limit", "upper_95": "Upper 95% limit", "comparator": f"Value in {comparator}"}
    for column, head in extra.items():
        if column in table.columns and table[column].notna().any():
            shown[head] = table[column].astype(float)
    shown["Rank from the highest"] = pd.array(table["rank"].astype(float).tolist(), dtype="Float64").astype("Int64")
    shown["Ranked"] = table["of"]
    shown["reason"] = table["status"].fillna("") if "status" in table.columns else ""
    return shown
