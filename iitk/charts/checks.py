"""What the chart functions ask of the tables they are given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from iitk.errors import MissingColumnsError


def need_columns(table: pd.DataFrame, needed: Iterable[str], name: str) -> None:
    """Refuse a table that lacks columns, saying which."""
    if missing := [column for column in needed if column not in table.columns]:
        raise MissingColumnsError(missing, table.columns, table=name)


def optional(table: pd.DataFrame, column: str) -> bool:
    """Tell whether a column is there and holds anything."""
    return column in table.columns and bool(table[column].notna().any())


def short_names(table: pd.DataFrame) -> list[str]:
    """Return the names to draw: `short_name` where there is one, else the name in full."""
    if "short_name" not in table.columns:
        return [str(name) for name in table["industry"]]
    return [
        str(short) if isinstance(short, str) and short else str(full)
        for short, full in zip(table["short_name"], table["industry"], strict=True)
    ]


def short_name(row: pd.Series[Any]) -> str:
    """Return one row's name to draw or to say."""
    short = row.get("short_name")
    return short if isinstance(short, str) and short else str(row["industry"])
