"""The record of potential: which scores foretold what, worked out once for the country and shown beside every score."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from iitk.analysis import relatedness
from iitk.analysis.backtests import Backtest, backtest
from iitk.analysis.relatedness import Panel
from iitk.analysis.specialisation import location_quotient_cube
from iitk.sources import geography, records, tables
from iitk.sources.kept import kept
from iitk.stages import activity
from iitk.stages.activity import Activity

# Their growth is a decision about public spending (or, for households, an accounting entry): not an opportunity.
NOT_OPPORTUNITIES = ("O (84)", "P (85)", "Q (86-88)", "T (97-98)")
MADE_FROM = ("gva_lad", "gva_itl", "jobs_nuts2_division")
VALUE_ADDED, JOBS = "value added", "jobs"
LOOKBACK = 3  # years of the trend and growth that were tested
DIGITS = 4  # what is kept of a figure: more than its interval warrants, less than processors differ by
NAMES = {
    "quotient": "starting quotient", "size": "size", "trend": "trend of the quotient",
    "industry rate": "how often the industry did", "density": "relatedness",
    "density x complexity": "relatedness × complexity", "opportunity": "score of all four",
    "nearness": "nearness", "together": "all together",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One back-test: on which figures, of which event, how far ahead, tested on what."""

    figures: str
    event: str
    horizon: int
    held_out: str

    @property
    def key(self) -> dict[str, Any]:
        """The fields by name."""
        return {"figures": self.figures, "event": self.event, "horizon": self.horizon, "held_out": self.held_out}


def cases() -> Iterator[Case]:
    """Every back-test of the record: value added as a real forecast and on unseen areas and industries; jobs."""
    for event in ("entry", "exit"):
        for horizon in (5, 10):
            for held_out in ("years", "areas", "industries"):
                yield Case(VALUE_ADDED, event, horizon, held_out)
        for held_out in ("areas", "industries"):  # seven years of jobs leave no earlier window to learn from
            yield Case(JOBS, event, 5, held_out)


@dataclass(frozen=True, slots=True)
class ValueAdded:
    """Value added by year: places x industries, the places' totals, the country's industries and its total (£m)."""

    activity: dict[int, pd.DataFrame]
    totals: dict[int, pd.Series]
    references: dict[int, pd.Series]
    reference_totals: dict[int, float]


@kept
def value_added() -> ValueAdded:
    """Value added (current prices) of the districts, 1998 on, without public services; compared with the UK."""
    cube, country = tables.gva(), activity.of(geography.resolve("UK"))
    codes = [code for code in activity.leaves() if code not in NOT_OPPORTUNITIES]
    years = [int(year) for year in cube.years]
    return ValueAdded(
        {year: cube.wide(year)[codes].astype(float).round(1) for year in years},
        {year: cube.total(year).astype(float).round(1) for year in years},
        {year: country.row(year, codes) for year in years},
        {year: float(country.total[year]) for year in years},
    )


@kept
def moves() -> Panel:
    """Quotients of the districts against the UK, year by year."""
    figures = value_added()
    return relatedness.panel(figures.activity, figures.totals, figures.references, figures.reference_totals)


def moves_with(place: Activity) -> Panel:
    """The same with one place more, which the country's figures already hold."""
    every, figures = moves(), value_added()
    years = list(every.years)
    own = np.array([place.row(year, every.industries) for year in years])
    country = np.array([figures.references[year] for year in years])
    whole = np.array([figures.reference_totals[year] for year in years])
    found = location_quotient_cube(own.T[None], country.T, place.total.loc[years].to_numpy()[None], whole)
    return replace(
        every, areas=every.areas.append(pd.Index([place.area.code])),
        activity=np.concatenate([every.activity, own[:, None]], axis=1),
        quotients=np.concatenate([every.quotients, np.moveaxis(found, -1, 0)], axis=1),
    )  # fmt: skip


def jobs() -> dict[int, pd.DataFrame]:
    """BRES jobs of 40 NUTS2 areas of Great Britain by division, 2015 to 2021."""
    return {
        int(str(year)): rows.pivot(index="area_code", columns="industry_code", values="jobs").astype(float)
        for year, rows in tables.jobs_nuts2().groupby("year")
    }


def run(case: Case) -> Backtest:
    """Work out one back-test of the record."""
    if case.figures == JOBS:
        return backtest(jobs(), horizon=case.horizon, event=case.event, held_out=case.held_out, lookback=1)
    figures = value_added()
    return backtest(
        figures.activity, totals=figures.totals, references=figures.references,
        reference_totals=figures.reference_totals, horizon=case.horizon, event=case.event, held_out=case.held_out,
        lookback=LOOKBACK,
    )  # fmt: skip


def build(progress: Callable[[str], None] | None = None) -> str:
    """Work out the whole record and keep it; returns a sentence. About a minute."""
    found, wanted = [], list(cases())
    for number, case in enumerate(wanted, 1):
        if progress:
            told = f"{case.figures}, {case.event} within {case.horizon} years, unseen {case.held_out}"
            progress(f"{number} of {len(wanted)}: {told}")
        found.append(content(case, run(case)))
    where = records.write(found, _moves(), list(MADE_FROM))
    return f"Wrote {len(found)} back-tests to {where}"


def _moves() -> dict[int, float]:
    """Median yearly move of a quotient, up or down, as a share, by year."""
    every = moves()
    medians = np.nanmedian(np.abs(relatedness.yearly_moves(every)), axis=(1, 2))
    return {year: round(float(median), DIGITS) for year, median in zip(every.years[1:], medians, strict=True)}


def median_moves() -> pd.Series:
    """Median yearly move of a quotient by year, as a share, from the record."""
    by_year = records.read()["moves"]
    return pd.Series({int(year): float(share) for year, share in by_year.items()})


def content(case: Case, result: Backtest) -> dict[str, Any]:
    """What is kept of a back-test: plain values, rounded."""
    tables_ = {"scores": result.scores, "windows": result.windows, "bands": result.bands,
               "calibration": result.calibration, "industries": result.industries}  # fmt: skip
    return {
        **case.key, "baseline": result.baseline, "left_out": result.left_out,
        **{name: json.loads(table.to_json(orient="split", double_precision=DIGITS)) for name, table in tables_.items()},
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """One back-test as it was kept."""

    case: Case
    baseline: str
    scores: pd.DataFrame
    windows: pd.DataFrame
    bands: pd.DataFrame

    @property
    def count(self) -> int:
        """How many cases were tested."""
        return int(self.windows["cases"].sum())

    @property
    def years(self) -> tuple[int, int]:
        """First start and last end of the windows tested."""
        return int(self.windows.index.min()), int(self.windows["end"].max())

    def verdict(self, score: str) -> str:
        """What the test says of one score, such as "no predictive power"."""
        return str(self.scores["verdict"][score])

    def beats_baseline(self, score: str) -> bool:
        """Whether it ranks better than the best naive score by more than the doubt about the difference."""
        return float(self.scores["margin_lower"][score]) > 0

    def calibrated(self, score: str) -> bool:
        """Whether its chances came true, on average and in their spread."""
        lowest = max(float(self.scores[f"{of}_lower"][score]) for of in ("ratio", "slope"))
        highest = min(float(self.scores[f"{of}_upper"][score]) for of in ("ratio", "slope"))
        return lowest <= 1 <= highest

    def band(self, quotient: float) -> pd.Series | None:
        """The plain frequency of cases that started with such a quotient; None outside the bands."""
        low, high = self.bands["low"].to_numpy(), self.bands["high"].to_numpy()
        inside = np.flatnonzero((low <= quotient) & ~(quotient >= high))  # the last band has no upper end
        return self.bands.iloc[inside[0]] if inside.size else None


@kept
def of(case: Case) -> Record:
    """Read one back-test of the shipped record."""
    tests = records.read()["tests"]
    found = next(test for test in tests if all(test[name] == value for name, value in case.key.items()))
    return Record(case, found["baseline"], *(pd.DataFrame(**found[name]) for name in ("scores", "windows", "bands")))
