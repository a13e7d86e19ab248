"""Areas that enter and leave specialisations: a panel of quotients through the years, and scores at each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.analysis.checks import Floats, Vector, choice, floats, frame, listed, mapping, number
from iitk.analysis.complexity import complexity
from iitk.analysis.presence import proximity, relatedness_density
from iitk.analysis.quotients import location_quotient, reaches
from iitk.errors import MethodError

Marked = npt.NDArray[np.bool_]
EVENTS = ("entry", "exit")
LEAST_QUOTIENT = 0.01  # a smaller one counts as this: the log of 0 is no number
WILDEST_MOVE = 1.0  # a yearly change of the log quotient beyond this (times 2.7) counts as this
LEAST_MOVE = 0.001  # a quotient that never moved counts as moving by a tenth of a percent a year


@dataclass(frozen=True, slots=True)
class Marks:
    """A quotient under `below` is no specialisation, one over `above` is; between them nothing is decided."""

    below: float = 0.9
    above: float = 1.1

    def __post_init__(self) -> None:
        if not 0 < number(self.below, "marks.below") <= number(self.above, "marks.above"):
            raise MethodError(f"marks must be above zero, the lower one first, got {self.below:g} and {self.above:g}.")


@dataclass(frozen=True, slots=True)
class Panel:
    """Activity and location quotients of the same areas and industries in years that follow one another."""

    years: tuple[int, ...]
    areas: pd.Index
    industries: pd.Index
    activity: Floats  # years x areas x industries
    quotients: Floats

    @property
    def logs(self) -> Floats:
        """Natural logs of the quotients."""
        return np.asarray(np.log(np.maximum(self.quotients, LEAST_QUOTIENT)), dtype=np.float64)

    def under(self, limits: Marks, year: int) -> Marked:
        """Which quotients of a year are below the lower mark."""
        quotients = self.quotients[self.at(year)]
        return np.asarray(np.isfinite(quotients) & ~reaches(quotients, limits.below), dtype=np.bool_)

    def over(self, limits: Marks, year: int) -> Marked:
        """Which quotients of a year are above the upper mark."""
        return reaches(self.quotients[self.at(year)], limits.above, strict=True)

    def at(self, year: int) -> int:
        """Place of a year among the years."""
        if year not in self.years:
            raise MethodError(f"activity has no year {year}: it covers {self.years[0]} to {self.years[-1]}.")
        return self.years.index(year)


def panel(
    activity: Mapping[int, pd.DataFrame],
    totals: Mapping[int, Vector] | None = None,
    references: Mapping[int, Vector] | None = None,
    reference_totals: Mapping[int, float] | None = None,
) -> Panel:
    """
    Bring yearly tables together and work out their location quotients.

    `activity` holds areas x industries by year; `totals` published totals by area, `references` the comparator's
    industries and `reference_totals` its published total, all by year and as in `location_quotient`. Every year must
    hold the same labels, and years must follow one another, because usual moves are yearly.

    Quotients are years x areas x industries, no unit. Not for areas or industries whose boundaries changed on the way:
    the change would show as a move. Raises MethodError for missing years, labels that differ (which, and in which
    year), and as `location_quotient`. Source: ours; the quotients are those of `location_quotient`.

    Examples
    --------
    >>> jobs = pd.DataFrame({"a": [3.0, 1.0], "b": [1.0, 3.0]})
    >>> panel({2020: jobs, 2021: jobs}).quotients[0, 0].tolist()
    [1.5, 0.5]
    """
    years = _years(activity)
    extra = {"totals": totals, "references": references, "reference_totals": reference_totals}
    by_year = {name: _of_years(figures, years, name) for name, figures in extra.items()}
    if gaps := [year for year in range(years[0], years[-1] + 1) if year not in activity]:
        raise MethodError(f"activity has no table for {listed(gaps)}: usual moves need years that follow one another.")
    first = frame(activity[years[0]], f"activity of {years[0]}")
    tables, quotients = [], []
    for year in years:
        table = _alike(frame(activity[year], f"activity of {year}"), first, year)
        tables.append(table.to_numpy())
        found = location_quotient(
            table, by_year["references"].get(year), activity_total=by_year["totals"].get(year),
            reference_total=by_year["reference_totals"].get(year),
        )  # fmt: skip
        quotients.append(found.to_numpy())
    return Panel(years, first.index, first.columns, np.stack(tables), np.stack(quotients))


def yearly_moves(moves: Panel) -> Floats:
    """
    Changes of the log quotients from year to year: years less one x areas x industries.

    m_t = ln LQ_t - ln LQ_t-1, no unit (0.05 is about 5% up), of the quotients in `moves`. Beyond -1 and 1 they count as
    that, and a quotient under 0.01 as 0.01, so that an industry that comes from nothing is not all that counts. Missing
    where a quotient is. Not for saying what an industry did: rounding and revisions move quotients too. It raises
    nothing of its own; what could be wrong raises MethodError in `panel`. Source: ours.

    Examples
    --------
    >>> before, after = pd.DataFrame({"a": [3.0, 1.0], "b": [1.0, 3.0]}), pd.DataFrame({"a": [2.0] * 2, "b": [2.0] * 2})
    >>> yearly_moves(panel({2020: before, 2021: after})).round(2).tolist()
    [[[-0.41, 0.69], [0.69, -0.41]]]
    """
    return np.asarray(np.clip(np.diff(moves.logs, axis=0), -WILDEST_MOVE, WILDEST_MOVE), dtype=np.float64)


def usual_move(moves: Panel, year: int) -> Floats:
    """
    How far a quotient usually moves in a year, areas x industries, as a share (0.05: about 5% up or down).

    v_ai = sqrt(m_ai m_i): m_ai is the root mean square of the yearly changes of ln LQ in the area, up to `year`; m_i
    the median of m_ai over areas. The industry's own figure steadies that of a single cell. Missing where the cell has
    no change to look at. Not a standard error: it holds true change as well as noise. Raises MethodError for a year
    without an earlier one. Source: ours; a square-root compromise between the two, not estimated.

    Examples
    --------
    >>> jobs = {year: pd.DataFrame({"a": [3.0 + year % 2, 1.0], "b": [1.0, 3.0]}) for year in range(2019, 2022)}
    >>> usual_move(panel(jobs), 2021).round(2).tolist()
    [[0.05, 0.11], [0.09, 0.11]]
    """
    last = moves.at(year)
    if last == 0:
        raise MethodError(f"{year} is the first year: a usual move needs an earlier one.")
    steps = yearly_moves(moves)[:last]
    known = np.isfinite(steps)
    with np.errstate(invalid="ignore"):
        cell = np.sqrt((np.where(known, steps, 0.0) ** 2).sum(axis=0) / known.sum(axis=0))
    cell = np.maximum(cell, LEAST_MOVE)
    industry = pd.DataFrame(cell).median(axis=0).to_numpy()
    return np.asarray(np.sqrt(cell * industry), dtype=np.float64)


def nearness(moves: Panel, year: int, *, event: str = "entry", marks: Marks | None = None) -> Floats:
    """
    How near a quotient is to the other mark, in its own usual moves: 0 is there, -3 is three usual years away.

    Entry: (ln LQ - ln above) / v; exit: (ln below - ln LQ) / v; v is `usual_move`. Areas x industries; the higher,
    the more likely. It takes no view on why: it says that a small step is easier than a large one, and that a
    restless industry steps further than a steady one. Not a probability, nor a reason to back an industry: see
    `backtest` for how often it was right. `marks`: 0.9 and 1.1 by default. Errors as `usual_move`; another event is
    refused. Source: ours; what it is worth was tested by `backtest`.

    Examples
    --------
    >>> jobs = {year: pd.DataFrame({"a": [3.0 + year % 2, 1.0], "b": [1.0, 3.0]}) for year in range(2019, 2022)}
    >>> nearness(panel(jobs), 2021).round(1).tolist()
    [[4.9, -8.2], [-10.2, 3.7]]
    """
    choice(event, EVENTS, "event")
    limits = marks or Marks()
    logs, move = moves.logs[moves.at(year)], usual_move(moves, year)
    ahead = logs - np.log(limits.above) if event == "entry" else np.log(limits.below) - logs
    return np.asarray(ahead / move, dtype=np.float64)


def relatedness_at(moves: Panel, year: int) -> tuple[Floats, Floats]:
    """Density (areas x industries, own presence left out) and complexity of industries as a rank from 0 to 1."""
    quotients = moves.quotients[moves.at(year)]
    here = pd.DataFrame(
        np.where(np.isfinite(quotients), reaches(quotients, 1.0), np.nan), index=moves.areas, columns=moves.industries
    )
    density = relatedness_density(here, proximity(here, diagonal=0))
    return floats(density, "density"), floats(complexity(here).pci.rank(pct=True), "complexity")


def _alike(table: pd.DataFrame, first: pd.DataFrame, year: int) -> pd.DataFrame:
    for kind, found, wanted in (("areas", table.index, first.index), ("industries", table.columns, first.columns)):
        sides = {f"Only {year} has": found.difference(wanted), "Only the first year has": wanted.difference(found)}
        odd = [f"{words} {listed(labels)}." for words, labels in sides.items() if len(labels)]
        if odd:
            raise MethodError(
                f"activity of {year} and of the first year have different {kind}. {' '.join(odd)} "
                "Use one set of boundaries and one classification throughout."
            )
    return table.reindex(index=first.index, columns=first.columns)


def _years(activity: object) -> tuple[int, ...]:
    """Years of the tables, in order; anything but tables by whole years is refused."""
    if not isinstance(activity, Mapping):
        raise MethodError(
            "activity must hold a table of areas x industries for each year, such as {2022: ..., 2023: ...}, "
            f"not {type(activity).__name__}."
        )
    if not activity:
        raise MethodError("activity is empty: pass a table of areas x industries for each year.")
    if odd := [year for year in activity if not isinstance(year, (int, np.integer)) or isinstance(year, bool)]:
        raise MethodError(f"activity has {listed(odd)} as years: write them as whole numbers, such as 2023.")
    return tuple(sorted(activity))


def _of_years(figures: object, years: tuple[int, ...], argument: str) -> dict[int, Any]:
    """Figures by year, nothing where none are given; a year that is absent is refused."""
    if figures is None:
        return {}
    found = mapping(figures, argument)
    if gaps := [year for year in years if year not in found]:
        raise MethodError(f"{argument} has no figures for {listed(gaps)}: give them for every year of activity.")
    return found
