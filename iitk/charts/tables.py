"""The table under a figure: the same figures as the chart, for those who read rather than look."""

from __future__ import annotations

from typing import Any

import pandas as pd

from iitk.words import NOT_AVAILABLE, escape, is_missing, number

REASON = "reason"  # a column of this name says why a row's cells are missing; it is not shown as a column


def table_html(table: pd.DataFrame, *, label: str, caption: str = "") -> str:
    """Write a table as HTML inside a region that scrolls sideways and can be reached by keyboard.

    Numbers are aligned right with thousands separators; units belong in the column names. A missing number reads
    "not available", with the row's `reason` where the table has that column. The first column heads its row.
    """
    shown = table.drop(columns=[REASON], errors="ignore")
    numeric = {name: pd.api.types.is_numeric_dtype(shown[name]) for name in shown.columns}
    decimals = {name: decimals_for(shown[name]) for name, is_number in numeric.items() if is_number}
    reasons = table[REASON].tolist() if REASON in table.columns else [""] * len(table)
    head = "".join(f'<th scope="col"{_class(numeric[name])}>{escape(name)}</th>' for name in shown.columns)
    rows = []
    for values, reason in zip(shown.itertuples(index=False, name=None), reasons, strict=True):
        cells = [
            _cell(_text(value, decimals.get(name), reason), first=i == 0, is_number=numeric[name])
            for i, (name, value) in enumerate(zip(shown.columns, values, strict=True))
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    named = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}"><table>{named}'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def decimals_for(column: pd.Series[Any]) -> int | None:
    """Return how many decimals a column needs for about three figures; None for years and other names of things."""
    if str(column.name).lower().startswith("year"):
        return None
    known = column.dropna().astype(float).abs()
    if known.empty or (known == known.round()).all():
        return 0
    largest = known.max()
    return 0 if largest >= 1000 else 1 if largest >= 20 else 2


def _text(value: object, decimals: int | None, reason: object) -> str:
    """Write one cell."""
    if not isinstance(value, str) and is_missing(value):
        return f"{NOT_AVAILABLE} ({reason})" if isinstance(reason, str) and reason else NOT_AVAILABLE
    if decimals is None:
        return f"{value:.0f}" if isinstance(value, float) else str(value)
    return number(value, decimals)  # type: ignore[arg-type]


def _cell(text: str, *, first: bool, is_number: bool) -> str:
    return f'<th scope="row">{escape(text)}</th>' if first else f"<td{_class(is_number)}>{escape(text)}</td>"


def _class(is_number: bool) -> str:
    return ' class="number"' if is_number else ""
