"""Writes the template of options to fill in, and tables as the readers of this package take them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from iitk.errors import UsageError
from iitk.sources import files
from iitk.sources.files import FORMULA
from iitk.sources.options import SHEET
from iitk.sources.options_schema import (
    COLUMNS,
    FUNDER,
    KINDS,
    MEASURES,
    POINTS,
    choices,
    cost_column,
    headings,
    outcome_column,
)
from iitk.sources.sheets import guarded, plain

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

Value = str | float
_LAST = 2_500  # row down to which the lists can be dropped down

_BOUNDS: Mapping[str, Mapping[str, str]] = {  # of cells, by kind of column
    "share": {"type": "decimal", "operator": "between", "formula1": "0", "formula2": "1",
              "error": "Write a share from 0 to 1: for 25% write 0.25."},
    "years": {"type": "whole", "operator": "between", "formula1": "0", "formula2": "60",
              "error": "Write a whole number of years from 0 to 60."},
    "amount": {"type": "decimal", "operator": "greaterThanOrEqual", "formula1": "0",
               "error": "Write a number of 0 or more, in full."},
}  # fmt: skip


def template(path: Path, *, years: Sequence[int], funders: Sequence[str]) -> list[str]:
    """
    Write a file to fill in, with one example, and return its headings; outcomes are for the years of the costs.

    Raises `UsageError` if the file is there already (it may hold somebody's work), or its name has another ending.
    """
    if path.exists():
        raise UsageError(f"{path} is there already, and is left as it is. Name another file, or move it away.")
    if wrong := [one for one in funders if not FUNDER.fullmatch(one)]:
        raise UsageError(f"{wrong[0]!r} cannot be a funder in a heading: use letters, digits and _, such as council.")
    names = headings(years, years, list(dict.fromkeys(funders)))
    example: dict[str, Value] = {column.name: column.example for column in COLUMNS}
    example |= {column.name: float(column.example) for column in COLUMNS
                if column.kind in ("share", "multiplier", "year", "years")}  # fmt: skip
    example |= {name: 0.0 for name in names if name.startswith(KINDS)}
    example |= {cost_column("capital", years[0], funders[0]): 900_000.0}
    example |= {cost_column("revenue", year, funders[-1]): 120_000.0 for year in years}
    for place, year in enumerate(years):
        jobs = 20.0 * place
        points = (jobs * 0.5, jobs, jobs * 1.4)
        example |= {outcome_column("jobs", year, point): value for point, value in zip(POINTS, points, strict=True)}
    save(path, names, [example])
    return names


def save(path: Path, names: Sequence[str], rows: Sequence[Mapping[str, Value]]) -> Path:
    """Write a table, .csv or .xlsx, as `iitk.sources.sheets.read` takes it: text like a formula stays text."""
    kind = path.suffix.lower()
    if kind not in (".csv", ".xlsx"):
        raise UsageError(f"{path.name or path} must end in .csv or .xlsx.")
    return files.write_bytes(path, _csv(names, rows) if kind == ".csv" else _excel(names, rows))


def _csv(names: Sequence[str], rows: Sequence[Mapping[str, Value]]) -> bytes:
    """As CSV in UTF-8 with a byte order mark, by which Excel knows the letters."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        cells = (row.get(name, "") for name in names)
        writer.writerow([guarded(cell) if isinstance(cell, str) else plain(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def _excel(names: Sequence[str], rows: Sequence[Mapping[str, Value]]) -> bytes:
    """As a workbook: the options, what each column means, and the lists that drop down."""
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    page.title = SHEET
    _fill(page, names, rows)
    _lists(book, page, names)
    about = book.create_sheet("columns")
    keys = ("column", "what to write", "example")
    _fill(about, keys, [dict(zip(keys, (one.name, one.about, one.example), strict=True)) for one in COLUMNS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(page: Worksheet, names: Sequence[str], rows: Sequence[Mapping[str, Value]]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for place, name in enumerate(names, start=1):
        heading = page.cell(1, place, name)
        heading.font, heading.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        page.column_dimensions[get_column_letter(place)].width = 14 if name[-1:].isdigit() else 24
        for number, row in enumerate(rows, start=2):
            value = row.get(name, "")
            if value == "":
                continue
            cell = page.cell(number, place)
            cell.value = int(value) if isinstance(value, float) and value.is_integer() else value
            if isinstance(value, str):
                cell.data_type = "s"  # text stays text, whatever it begins with
                cell.quotePrefix = value.startswith(FORMULA)
    page.freeze_panes = "B2"


def _lists(book: Workbook, page: Worksheet, names: Sequence[str]) -> None:
    """Drop-down lists, and bounds for shares and amounts, down to row 2,500."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    kinds = {column.name: column.kind for column in COLUMNS}
    lists, known = book.create_sheet("lists"), choices()
    _fill(lists, list(known), [])
    for place, name in enumerate(known, start=1):
        for row, one in enumerate(known[name], start=2):
            lists.cell(row, place, str(one)).data_type = "s"
    for place, name in enumerate(names, start=1):
        if name in known:
            letter = get_column_letter(list(known).index(name) + 1)
            rule: Mapping[str, str] = {
                "type": "list", "formula1": f"lists!${letter}$2:${letter}${len(known[name]) + 1}",
                "error": "Choose one from the list.",
            }  # fmt: skip
        elif not (rule := _BOUNDS.get("amount" if name.startswith((*KINDS, *MEASURES)) else kinds.get(name, ""), {})):
            continue
        check = DataValidation(**rule, showErrorMessage=True, allow_blank=True)
        letter = get_column_letter(place)
        check.add(f"{letter}2:{letter}{_LAST}")
        page.add_data_validation(check)
