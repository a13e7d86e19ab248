"""Files of options as people fill them: sound ones, and ones with a fault planted."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl

from iitk.errors import FaultyFileError
from iitk.sources import options, options_template
from iitk.sources.options_schema import COLUMNS, POINTS, cost_column, outcome_column

YEARS, FUNDERS = range(2027, 2030), ["council", "grant"]


def table(folder, names=("Alpha", "Beta", "Gamma", "Delta")):
    """Rows of text by heading, from the template's own example: one for each name."""
    path = folder / "template.csv"
    if not path.exists():
        options_template.template(path, years=YEARS, funders=FUNDERS)
    with path.open(encoding="utf-8-sig", newline="") as file:
        (example,) = csv.DictReader(file)
    return [{**example, "name": name} for name in names]


def save(path: Path, rows, header=None):
    """Write cells as they are given: .csv as text, .xlsx as Excel would hold what was typed."""
    header = header or list(rows[0])
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerows([header, *([row[name] for name in header] for row in rows)])
        return path
    book = openpyxl.Workbook()
    book.active.append(header)
    for row in rows:
        book.active.append([row[name] for name in header])
    book.save(path)
    return path


def write(path, options):
    """Options that were read, as a file again, .csv or .xlsx."""
    every = [cost for option in options.options for cost in option.costs]
    costs = sorted({(cost.kind, cost.year, cost.funder) for cost in every})
    measured = sorted({(one.measure, one.year) for option in options.options for one in option.outcomes})
    if "jobs" not in {measure for measure, _ in measured}:
        measured += [("jobs", year) for year in options.years]  # every file has them, if only empty
    names = [
        *(column.name for column in COLUMNS),
        *(cost_column(*one) for one in costs),
        *(outcome_column(*one, point) for one in measured for point in POINTS),
    ]
    return options_template.save(path, names, [_row(one, options) for one in options.options])


def _row(option, of):
    """An option as cells by heading."""
    parts = (option, option.logic, option.adjustments)
    row = {
        column.name: getattr(part, column.name) for column in COLUMNS for part in parts if hasattr(part, column.name)
    }
    row |= {"price_year": float(of.price_year), "money_unit": of.money_unit}
    row |= {name: "; ".join(getattr(option, name)) for name in ("needs", "excludes", "industries", "rests_on")}
    row["evidence_grade"] = "none" if option.evidence_grade is None else str(option.evidence_grade)
    row |= {cost_column(cost.kind, cost.year, cost.funder): cost.amount for cost in option.costs}
    for one in option.outcomes:
        row |= {outcome_column(one.measure, one.year, point): getattr(one, point) for point in POINTS}
    return row


def faults(path):
    """Every fault of a file, which must have some."""
    try:
        options.read(path)
    except FaultyFileError as error:
        assert str(error).startswith(f"{path.name}: {len(error.faults)} fault")
        return error.faults
    raise AssertionError(f"{path} was taken over")


def only(path):
    """The one fault of a file."""
    found = faults(path)
    assert len(found) == 1, found
    return found[0]
