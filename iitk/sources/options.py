"""Options as plain files: `options.csv` or `options.xlsx`, one row an option. All of it is in, or a list of faults.

How to fill it: docs/how-to/write-options.md. Its columns: `iitk.sources.options_schema`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from iitk.errors import Fault, FaultyFileError
from iitk.model import Adjustments, Badge, Cost, LogicModel, Option, OptionList, Outcome
from iitk.sources import cells, options_checks, paths, sheets
from iitk.sources.cells import BadCellError
from iitk.sources.options_schema import (
    COLUMNS,
    POINTS,
    Column,
    Layout,
    choices,
    cost_column,
    layout,
    outcome_column,
)

SHEET = "options"
_LONGEST_NAME = 120
_LOGIC = ("inputs", "activities", "outputs", "outcomes", "impacts", "assumptions")
_EMPTY = {"share": 0.0, "years": 0}  # what an empty cell means, where one may be empty
_SHARES = ("deadweight", "leakage", "displacement", "substitution", "multiplier")

Row = dict[str, str | None]


def read(path: Path | str) -> OptionList:
    """
    Read and check a file of options, .csv or .xlsx.

    Raises `FaultyFileError` with every fault (row, column, what is wrong, fix) if there is one: nothing is taken over
    by halves; `UsageError` if there is no such file.
    """
    sheet = sheets.read(Path(path), sheet=SHEET)
    wide = layout(sheet.header)
    faults = [*sheet.faults, *wide.faults]
    if not sheet.rows:
        faults.append(Fault(None, "", "There is no option in it", "Fill in one row for each option."))
    named = [(row, _name(cell)) for row, cell in sheet.rows]
    known, twice = options_checks.names(named)
    reader = _Rows(wide, choices(), known)
    found = [reader.option(row, cell) for row, cell in sheet.rows]
    options = tuple(one for one in found if one)
    faults += [*twice, *reader.faults, *options_checks.links(reader.links), *options_checks.sizes(options)]
    faults += options_checks.mixed_prices(reader.price_years)
    if faults:
        raise FaultyFileError(sheet.file, faults)
    later = sorted({outcome.year for option in options for outcome in option.outcomes})
    return OptionList(options, reader.price_years[0][1], "GBP", wide.years, tuple(later))


def example(name: str = "west-yorkshire") -> OptionList:
    """Options made up for showing the toolkit at work, from `data/examples`: every figure is illustrative."""
    return read(paths.data_dir() / "examples" / name / "options.csv")


def _name(row: Row) -> str:
    return " ".join((row.get("name") or "").split())


class _Rows(cells.Reader):
    """Turns rows into options, collecting every fault on the way."""

    def __init__(self, wide: Layout, lists: Mapping[str, tuple[str, ...]], known: Mapping[str, str]) -> None:
        super().__init__()
        self.wide, self.lists, self.known = wide, lists, known
        self.price_years: list[tuple[int, int]] = []  # (row, year)
        self.links: list[options_checks.Linked] = []

    def option(self, row: int, cell: Row) -> Option | None:
        """One option; None if anything in its row is wrong."""
        before, spoilt = len(self.faults), any(text is None for text in cell.values())  # then a fault is listed
        got = {column.name: self._column(row, cell, column) for column in COLUMNS}
        costs = tuple(sorted(self._costs(row, cell), key=lambda one: (one.year, one.kind, one.funder)))
        estimated = {measure for measure, year in self.wide.outcomes
                     if any(cell.get(outcome_column(measure, year, point), "") != "" for point in POINTS)}  # fmt: skip
        outcomes = tuple(one for measure, year in sorted(self.wide.outcomes) if measure in estimated
                         for one in self._outcome(row, cell, measure, year))  # fmt: skip
        self._together(row, got, costs, cell)
        name = self.known.get(cells.same(_name(cell)), "")
        self.links.append(options_checks.Linked(row, name, got["needs"] or (), got["excludes"] or ()))
        if spoilt or len(self.faults) > before or None in got.values():
            return None
        return _option(row, got, costs, outcomes)

    def _column(self, row: int, cell: Row, column: Column) -> Any:
        text = cell.get(column.name, "" if column.newer else None)
        if text is None:
            return None
        if column.kind in ("names", "codes", "keys"):
            return self._several(row, column, text, _name(cell))
        if not text and not column.required:
            return _EMPTY.get(column.kind, "")
        value = self.value(row, column.name, text, self._parser(column))
        if column.name == "price_year" and value is not None:
            self.price_years.append((row, value))
        return value

    def _several(self, row: int, column: Column, text: str, own: str) -> tuple[str, ...]:
        """What stands in a cell with ; between."""
        if column.kind == "names":
            found, faults = options_checks.linked(row, column.name, text, own, self.known)
        else:
            found, faults = options_checks.listed(row, column, text)
        self.faults += faults
        return found

    def _parser(self, column: Column) -> Callable[[str], Any]:
        if column.kind == "choice":
            return lambda text: cells.choice(text, self.lists[column.name])
        own = {"share": cells.share, "multiplier": cells.multiplier, "year": cells.year,
               "years": cells.span, "unit": cells.pounds}  # fmt: skip
        return own.get(column.kind, _title if column.name == "name" else cells.filled)

    def _costs(self, row: int, cell: Row) -> Iterable[Cost]:
        for one in self.wide.costs:
            text = cell.get(column := cost_column(*one))
            amount = None if text is None else self.value(row, column, text, cells.amount)
            if amount is not None:
                yield Cost(*one, amount)

    def _outcome(self, row: int, cell: Row, measure: str, year: int) -> Iterable[Outcome]:
        """The three points of a year. Where a whole measure is empty, nobody has estimated it."""
        columns = [outcome_column(measure, year, point) for point in POINTS]
        texts = [cell.get(name) for name in columns]
        points: list[float] = []
        for name, text in zip(columns, texts, strict=True):
            if text is not None and (value := self.value(row, name, text, cells.amount)) is not None:
                points.append(value)
        if len(points) < len(POINTS):
            return
        low, central, high = points
        if not low <= central <= high:
            wrong = f"The range is out of order: low {low:g}, central {central:g}, high {high:g}"
            self.fault(row, columns[1], wrong, "Write low, central and high in rising order.")
        yield Outcome(measure, year, low, central, high)

    def _together(self, row: int, got: Mapping[str, Any], costs: Sequence[Cost], cell: Row) -> None:
        """What must fit together within a row."""
        if got["bias_class"] == "none" and any(cost.amount for cost in costs if cost.kind == "capital"):
            self.fault(row, "bias_class", "There is capital, but no type of works", "Choose a type.")
        if got["evidence_grade"] not in (None, "none") and cell.get("evidence_reference") == "":
            fix = "Say where to read it, or write none as the grade."
            self.fault(row, "evidence_reference", "A grade without a reference", fix)


def _title(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise BadCellError("The option has no name", "Give it a short name.")
    if ";" in name or len(name) > _LONGEST_NAME:
        raise BadCellError(f"The name has a ; or more than {_LONGEST_NAME} characters", "Make it shorter, without a ;.")
    return name


def _option(row: int, got: Mapping[str, Any], costs: tuple[Cost, ...], outcomes: tuple[Outcome, ...]) -> Option:
    same_name = ("name", "underpinning", "lever", "opportunity", "bias_class", "bias_mitigation", "evidence_reference",
                 "needs", "excludes", "risk_level", "risks", "owner", "intervention", "confirmed",
                 "persistence_years", "decay", "supply_side", "industries", "rests_on")  # fmt: skip
    return Option(
        **{name: got[name] for name in same_name},
        logic=LogicModel(*(got[name] for name in _LOGIC)),
        costs=costs,
        outcomes=outcomes,
        adjustments=Adjustments(*(got[name] for name in _SHARES)),
        evidence_grade=None if got["evidence_grade"] == "none" else int(got["evidence_grade"]),
        badge=Badge(got["badge"]),
        row=row,
    )
