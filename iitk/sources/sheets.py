"""Tables that people fill in, as CSV or Excel: every cell as text, a fault for all that must not be swallowed."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from iitk.errors import Fault, FaultyFileError, UsageError
from iitk.sources.files import FORMULA

MAX_BYTES = 10_000_000
MAX_UNPACKED = 30_000_000  # of an Excel file, which is a zip archive; 2,000 options take 5
MAX_MEMBERS = 500
MAX_RATIO = 60  # of one member; a sheet of 2,000 options is packed to a fourteenth
MAX_ROWS = 10_000
MAX_COLUMNS = 1_000
LONGEST = 5_000  # characters in a cell

_ODD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LOST = re.compile("\ufffd|â€|Â£|Ã[\x80-\xbf]")
_MARKUP = re.compile(rb"\s*<(!doctype|html|head|body|\?xml)", re.IGNORECASE)
_NO_VALUE = {  # Excel's kinds of cell that are not what somebody wrote
    "f": ("The cell holds a formula", "Copy the cells and paste them as values."),
    "d": ("Excel has turned the cell into a date", "Format the cell as text or number, and write it again."),
    "e": ("The cell holds an error of the spreadsheet", "Write the value itself."),
}
_SAVE_AS = "In Excel: Save as, 'CSV UTF-8 (comma delimited)', or .xlsx."


@dataclass(slots=True)
class Sheet:
    """A table as it was written. A cell of None has a fault that is already listed."""

    file: str
    header: list[str]
    rows: list[tuple[int, dict[str, str | None]]] = field(default_factory=list)  # (row of the spreadsheet, cells)
    faults: list[Fault] = field(default_factory=list)


def read(path: Path, *, sheet: str) -> Sheet:
    """
    Read a table from a .csv file or from the sheet called `sheet` (else the only one) of an .xlsx file.

    Headings are brought to lower case with underscores. Raises `FaultyFileError` where the file as a whole cannot be
    used; what is wrong with single rows and cells is in `faults` of the result.
    """
    path = Path(path)
    content = _content(path)
    grid = _excel(path.name, content, sheet) if path.suffix.lower() == ".xlsx" else _csv(path.name, content)
    if not grid or not any(_text(cell) for cell in grid[0]):
        refuse(path.name, "The first row has no headings", "Begin with: iitk new options")
    if len(grid) > MAX_ROWS or max(map(len, grid)) > MAX_COLUMNS:
        refuse(path.name, f"It has more than {MAX_ROWS:,} rows or {MAX_COLUMNS:,} columns", "Split it.")
    return _sheet(path, grid)


def plain(value: float) -> str:
    """Write a number in full, with as few digits as say it exactly: 1200, 0.25, never 1.2e+03."""
    text = f"{Decimal(repr(float(value))):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def guarded(text: str) -> str:
    """Text as CSV holds it: an apostrophe goes before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA) else text


def _content(path: Path) -> bytes:
    """Bytes of the file, once its name, its size and its first bytes fit."""
    kind = path.suffix.lower()
    if kind not in (".csv", ".xlsx"):
        raise UsageError(f"{path.name} is neither .csv nor .xlsx. Save it as one of them.")
    try:
        if path.stat().st_size > MAX_BYTES:
            refuse(path.name, f"It is larger than {MAX_BYTES // 1_000_000} MB", "Remove pictures and unused sheets.")
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror or error}.\nMake a template with: iitk new options"
        ) from None
    if not content.strip():
        refuse(path.name, "It is empty", "Begin with: iitk new options")
    if _MARKUP.match(content[:400].removeprefix(b"\xef\xbb\xbf")):
        refuse(path.name, "It is a web page, not a table: perhaps an error or sign-in page", "Download it again.")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        refuse(path.name, "It is in Excel's old format, or has a password", "Save it as .xlsx without a password.")
    if kind == ".csv" and content.startswith(b"PK\x03\x04"):
        refuse(path.name, "It is an Excel workbook, though its name ends in .csv", "Rename it to .xlsx.")
    return content


def _csv(file: str, content: bytes) -> list[list[Any]]:
    """Records of a CSV file, whatever its separator, byte order mark and line ends are."""
    text = _decoded(file, content)
    first, _, rest = text.partition("\n")
    if stated := re.fullmatch(r'"?sep=(.)"?\r?', first):
        text, separator = rest, stated[1]
    else:
        separator = max(",;\t", key=first.count)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        refuse(file, f"It is cut, or a quotation mark is not closed ({error})", f"Save it again. {_SAVE_AS}")
    return [[_unguarded(cell) for cell in record] for record in records]


def _decoded(file: str, content: bytes) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        refuse(file, f"Its letters are not in UTF-8 (line {line})", _SAVE_AS)


def _excel(file: str, content: bytes, sheet: str) -> list[list[Any]]:
    """Cells of one sheet of an Excel workbook, opened only once its size is known to be sound."""
    _packed_soundly(file, content)
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about looks that openpyxl does not know
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            names = book.sheetnames
            if sheet in names or len(names) == 1:
                page = book[sheet if sheet in names else names[0]]
                page.reset_dimensions()  # what a file says of its size may be wrong
                return _grid(page)
    except Exception as error:  # noqa: BLE001  a damaged workbook raises whatever its reader stumbles over
        refuse(file, f"The workbook is damaged ({type(error).__name__})", "Open it in Excel and save it again.")
    return refuse(file, f"It has {len(names)} sheets, none called {sheet!r}", f"Rename the right one to {sheet!r}.")


def _grid(page: Any) -> list[list[Any]]:
    """Rows down to the last that holds anything, or to one too far down or too wide, for which it will be refused."""
    grid: list[list[Any]] = []
    for number, row in enumerate(page.iter_rows(), start=1):
        if number <= MAX_ROWS or any(_text(cell) for cell in row):
            grid.append(list(row))
        if len(row) > MAX_COLUMNS or len(grid) > MAX_ROWS:
            return grid
    while grid and not any(_text(cell) for cell in grid[-1]):
        grid.pop()
    return grid


def _packed_soundly(file: str, content: bytes) -> None:
    """Refuse what is no workbook, and what would unpack to far more than it seems."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        refuse(file, "It is not an Excel workbook, or it is cut", "Save it again as .xlsx.")
    if "xl/workbook.xml" not in {member.filename for member in members}:
        refuse(file, "It is not an Excel workbook", "Save it as .xlsx, not .xlsb or .ods under another name.")
    bomb = [one for one in members if one.file_size > 1_000_000 and one.file_size > MAX_RATIO * one.compress_size]
    if bomb or len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        refuse(file, "It unpacks to far more than a table of options needs",
                "Copy the cells into a fresh template: iitk new options")  # fmt: skip


def _sheet(path: Path, grid: list[list[Any]]) -> Sheet:
    """The grid as rows of named cells; rows that are too long or cut, and cells that are no text, become faults."""
    found = Sheet(path.name, ["_".join(_text(cell).lower().split()) for cell in grid[0]])
    found.faults += _heading_faults(found.header)
    exact = path.suffix.lower() == ".csv"
    for number, record in enumerate(grid[1:], start=2):
        if not any(_text(cell) for cell in record):
            continue
        width, extra = len(found.header), [cell for cell in record[len(found.header) :] if _text(cell)]
        if extra or (exact and len(record) != width):
            found.faults.append(_length_fault(number, len(record), width, extra))
            # Its cells may stand under the wrong headings: only the first is believed, so that others may name it.
            found.rows.append((number, {**dict.fromkeys(found.header), found.header[0]: _text(record[0]).strip()}))
            continue
        padded = [*record, *[""] * (width - len(record))]
        found.rows.append((number, dict(_cells(number, zip(found.header, padded, strict=False), found.faults))))
    return found


def _length_fault(row: int, fields: int, width: int, extra: list[Any]) -> Fault:
    if fields < width:
        return Fault(row, "", f"The row is cut: {fields} fields, but {width} headings", "Complete it or save it again.")
    beyond = f" ({_text(extra[0])[:40]!r})" if extra else ""
    return Fault(row, "", f"The row is longer than the headings{beyond}: {fields} fields, but {width} headings",
                 "A text with a comma needs quotation marks round it; remove what stands beyond.")  # fmt: skip


def _heading_faults(header: list[str]) -> list[Fault]:
    twice = sorted({name for name in header if name and header.count(name) > 1})
    return [Fault(1, name, "The heading stands twice", "Remove one of the two columns.") for name in twice]


def _cells(row: int, cells: Iterable[tuple[str, Any]], faults: list[Fault]) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    for name, cell in cells:
        text = _text(cell).replace("\r\n", "\n").replace("\r", "\n").strip()
        wrong = _wrong(cell, text)
        if not name and text:
            wrong = ("There is a value, but no heading", "Give the column its heading, or clear it.")
        if wrong:
            faults.append(Fault(row, name, *wrong))
        found.append((name, None if wrong else text))
    return found


def _wrong(cell: Any, text: str) -> tuple[str, str] | None:
    """What is wrong with a cell whatever its column is, and the fix."""
    if told := _NO_VALUE.get(getattr(cell, "data_type", "")):
        return f"{told[0]} ({text[:40]})", told[1]
    if len(text) > LONGEST:
        return f"The text has {len(text):,} characters: perhaps a quotation mark is missing", "Shorten it."
    if _ODD.search(text):
        return "The text holds characters that cannot be shown", "Type it again."
    if lost := _LOST.search(text):
        return f"Letters were lost when the file was saved ({lost[0]!r})", f"Mend the text. {_SAVE_AS}"
    return None


def _text(cell: Any) -> str:
    """What stands in a cell, of CSV or Excel, in the same words."""
    value = getattr(cell, "value", cell)
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return plain(value) if isinstance(value, (int, float)) else str(value)


def refuse(file: str, wrong: str, fix: str) -> NoReturn:
    """Refuse a file as a whole."""
    raise FaultyFileError(file, [Fault(None, "", wrong, fix)])
