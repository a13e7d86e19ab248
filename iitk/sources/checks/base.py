"""What every check shares: the data under check, and its result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from iitk.model import AreaKind, Source
from iitk.sources import provenance, tables


@dataclass(frozen=True)
class CheckResult:
    """What a check found, in plain words; `details` are the cases, at most a screenful."""

    key: str
    passed: bool
    message: str
    details: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Data:
    """A folder of data under check: it reads what it holds, with no cache beyond itself.

    `shared` is the folder of the publishers' files, where it is at hand.
    """

    folder: Path
    shared: Path | None = None
    _kept: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def official(self) -> Path:
        """The folder of tables."""
        return self.folder / "official"

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The record of the tables."""
        return provenance.read(self.folder / "sources.toml")

    def frame(self, key: str) -> pd.DataFrame:
        """One table; the same frame each time."""
        if key not in self._kept:
            self._kept[key] = tables.read_frame(self.official / f"{key}.parquet")
        return self._kept[key]

    def cells(self, key: str, value: str = "current_gbp_m") -> pd.DataFrame:
        """A table of area, industry and year as (area, year) x industry, 64-bit numbers."""
        name = f"{key} by cell: {value}"
        if name not in self._kept:
            indexed = self.frame(key).set_index(["area_code", "year", "industry_code"])[value].astype("float64")
            self._kept[name] = indexed.unstack("industry_code")
        return self._kept[name]

    @cached_property
    def districts(self) -> set[str]:
        """Codes of today's districts."""
        areas = self.frame("areas")
        return set(areas.loc[areas["kind"] == AreaKind.LAD, "code"])

    def industries(self, scheme: str) -> pd.DataFrame:
        """The industries of one scheme, by code."""
        frame = self.frame("industries")
        return frame[frame["scheme"] == scheme].set_index("code")


def cases(figures: pd.Series) -> list[tuple[Any, float]]:
    """The entries of a series as plain pairs of key and figure."""
    return list(zip(figures.index.tolist(), figures.tolist(), strict=True))


SCREENFUL = 20


@dataclass(frozen=True)
class Found:
    """What a look at the data found: faults, and what to say if there are none. `notes` are details in either case."""

    faults: Sequence[str]
    good: str
    notes: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()  # where the check does not name them itself


@dataclass(frozen=True)
class Check:
    """One check of the data: it passes if its look finds no faults. `bad` may name their number as {n}."""

    key: str
    bad: str
    tables: tuple[str, ...]
    look: Callable[[Data], Found]

    def __call__(self, data: Data) -> CheckResult:
        """Look, and say what was found."""
        found = self.look(data)
        faults = list(found.faults)
        message = self.bad.format(n=f"{len(faults):,}") + ": " + "; ".join(faults[:3]) if faults else found.good
        shown = faults[:SCREENFUL]
        if len(faults) > SCREENFUL:
            shown.append(f"and {len(faults) - SCREENFUL:,} more")
        return CheckResult(self.key, not faults, message, (*shown, *found.notes), self.tables or found.tables)


def check(bad: str, *tables: str) -> Callable[[Callable[[Data], Found]], Check]:
    """Make a check of a function that looks at the data; its key is the function's name."""
    return lambda look: Check(look.__name__.replace("_", "-"), bad, tables, look)
