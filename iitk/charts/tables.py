"""The table under a figure: the same figures as the chart, for those who read rather than look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from iitk.words import NOT_AVAILABLE, escape, is_missing, number

REASON = "reason"  # a column of this name says why a row's cells are missing; it is not shown as a column


def headed(table: pd.DataFrame, heads: Mapping[str, str]) -> pd.DataFrame:
    """Return those columns that have a head and are there, in the order of the heads and under them."""
    return table[[name for name in heads if name in table.columns]].rename(columns=dict(heads))


def table_html(table: pd.DataFrame, *, label: str, caption: str = "") -> str:
    """Write a table as HTML inside a region that scrolls sideways and can be reached by keyboard.

    Numbers are aligned right with thousands separators; units belong in the column names. A missing number reads
    "not available", with the row's `reason` where the table has that column. The first column heads its row.
    """
    names = [name for name in table.columns if name != REASON]
    numeric = [pd.api.types.is_numeric_dtype(table.dtypes[name]) for name in names]
    columns = [table[name].tolist() for name in names]  # cell by cell, plain lists are many times faster than pandas
    decimals = [_decimals(name, values) if is_number else None for name, values, is_number in
                zip(names, columns, numeric, strict=True)]  # fmt: skip
    reasons = table[REASON].tolist() if REASON in table.columns else [""] * len(table)
    headed = zip(names, numeric, strict=True)
    head = "".join(f'<th scope="col"{_class(is_number)}>{escape(name)}</th>' for name, is_number in headed)
    rows = []
    for values, reason in zip(zip(*columns, strict=True), reasons, strict=True):
        cells = [
            _cell(_text(value, places, reason), first=i == 0, is_number=is_number)
            for i, (value, places, is_number) in enumerate(zip(values, decimals, numeric, strict=True))
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    named = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}"><table>{named}'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _decimals(name: object, values: Sequence[object]) -> int | None:
    """Return how many decimals a column needs for about three figures; None for years and other names of things."""
    if str(name).lower().startswith("year"):
        return None
    known = [abs(float(value)) for value in values if not is_missing(value)]  # type: ignore[arg-type]
    if all(value.is_integer() for value in known):
        return 0
    return 0 if max(known) >= 1000 else 1 if max(known) >= 20 else 2


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
