"""What the chart functions ask of the tables they are given."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from iitk.errors import MissingColumnsError


def need_columns(table: pd.DataFrame, needed: Iterable[str], name: str) -> None:
    """Refuse a table that lacks columns, saying which."""
    if missing := [column for column in needed if column not in table.columns]:
        raise MissingColumnsError(missing, table.columns, table=name)


def short_names(table: pd.DataFrame) -> list[str]:
    """Return the names of industries to draw or to say: `short_name` where there is one, else the name in full."""
    names = [str(name) for name in table["industry"]]
    if "short_name" not in table.columns:
        return names
    return [short if isinstance(short, str) and short else name
            for short, name in zip(table["short_name"], names, strict=True)]  # fmt: skip
