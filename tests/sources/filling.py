"""Files of options as people fill them: sound ones, and ones with a fault planted."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl

from iitk.errors import FaultyFileError
from iitk.sources import options, options_template

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
