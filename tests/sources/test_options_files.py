"""Files of options as they come: encodings, separators, cut and bloated files, Excel's ways, and back again."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iitk import cli
from iitk.cli.parser import build_parser
from iitk.errors import FaultyFileError, OutputError, UsageError
from iitk.model import Adjustments, Badge, Cost, LogicModel, Option, OptionList, Outcome
from iitk.sources import options, options_schema, options_template, sheets
from tests.sources.filling import FUNDERS, YEARS, faults, only, save, table, write


@pytest.fixture
def text(tmp_path):
    """A sound file of options as text."""
    return save(tmp_path / "sound.csv", table(tmp_path)).read_text(encoding="utf-8")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "options.csv"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_marks_of_byte_order_and_ends_of_lines_do_not_matter(text, file, encoding, ends):
    file.write_bytes(text.replace("\r\n", "\n").replace("\n", ends).replace("Alpha", "Ålpha").encode(encoding))
    assert options.read(file).options[0].name == "Ålpha"


@pytest.mark.parametrize(("separator", "first"), [(";", ""), ("\t", ""), (";", "sep=;\n"), (",", "sep=,\n")])
def test_semicolons_and_tabs_are_understood(tmp_path, text, file, separator, first):
    import csv

    records = list(csv.reader(io.StringIO(text)))
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(records)
    file.write_text(first + out.getvalue(), encoding="utf-8")
    assert options.read(file) == options.read(tmp_path / "sound.csv")


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "It is empty"),
        (b" \n\n", "It is empty"),
        (b"\n\nname,badge\n", "no headings"),
        (b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "web page"),
        (b"\xef\xbb\xbf\n<HTML><head>Sign in", "web page"),
        (b"PK\x03\x04 and so on", "Excel workbook, though its name ends in .csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on", "old format, or has a password"),
        ("name,badge\nÅlpha,illustrative\n".encode("latin-1"), r"not in UTF-8 (line 2)"),
        (b'name,badge\n"Alpha,illustrative\n', "quotation mark is not closed"),
        (b"name\n" * 10_001, "more than 10,000 rows"),
        (b"," * 1_001 + b"\nx", "no headings"),
        (b"name," * 1_001 + b"\nx", "1,000 columns"),
        (b"name,badge\n" + b"x" * 10_000_000, "larger than 10 MB"),
        (b"name,badge\n" + b"x" * 200_000, "quotation mark"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_as_a_whole(file, content, wrong):
    file.write_bytes(content)
    found = only(file)
    assert (found.row, wrong in found.wrong, bool(found.fix)) == (None, True, True), found


def test_rows_that_are_cut_or_a_field_too_long(text, file):
    lines = text.splitlines()
    lines[1] += ",surplus"
    lines[2] += ","
    lines[4] = lines[4].rpartition(",")[0]
    file.write_text("\n".join(lines), encoding="utf-8")
    long, longer, cut = faults(file)
    assert (long.row, "longer than the headings ('surplus')" in long.wrong) == (2, True)
    assert (longer.row, "longer than the headings" in longer.wrong) == (3, True)
    assert (cut.row, "The row is cut" in cut.wrong) == (5, True)


def test_the_last_row_of_a_cut_file(text, file):
    file.write_text(text[: len(text) - 60], encoding="utf-8")
    assert (only(file).row, "cut" in only(file).wrong) == (5, True)


def test_a_comma_without_quotation_marks_shifts_nothing_in_silence(text, file):
    file.write_text(text.replace("Director of economy", "Director of economy, Leeds", 1), encoding="utf-8")
    found = only(file)
    assert (found.row, found.fix.startswith("A text with a comma needs quotation marks")) == (2, True)


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        ("Caf\ufffd", "Letters were lost"),
        ("FirmsÂ£", "Letters were lost"),
        ("It isnâ€™t", "Letters were lost"),
        ("x" * 5_001, "5,001 characters"),
        ("a\x07b", "cannot be shown"),
    ],
)
def test_texts_that_were_spoilt_on_the_way(tmp_path, file, cell, wrong):
    rows = table(tmp_path)
    rows[1]["risks"] = cell
    found = only(save(file, rows))
    assert (found.row, found.column, wrong in found.wrong) == (3, "risks", True)


def test_blank_rows_and_columns_are_passed_over_and_rows_still_counted(text, file):
    lines = [f"{line},," for line in text.splitlines()]
    lines.insert(2, "," * lines[0].count(","))
    lines.insert(3, "")
    file.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
    assert [one.row for one in options.read(file).options] == [2, 5, 6, 7]


def test_a_value_under_no_heading(text, file):
    lines = [f"{line}," for line in text.splitlines()]
    lines[2] += "note"
    file.write_text("\n".join(lines), encoding="utf-8")
    assert (only(file).row, only(file).wrong) == (3, "There is a value, but no heading")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "'=", "''+", "'"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_text_that_looks_like_a_formula_stays_text(tmp_path, start, kind):
    rows = table(tmp_path, ["Alpha"])
    found = options.read(save(tmp_path / "plain.csv", rows))
    odd = replace(found.options[0], risks=f"{start}SUM(A1)", name=f"{start}cmd")
    path = write(tmp_path / f"odd.{kind}", replace(found, options=(odd,)))
    assert options.read(path).options == (odd,)
    if kind == "xlsx":
        cells = [cell for row in openpyxl.load_workbook(path)["options"] for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n"}  # no formula
    else:
        assert f",{start}SUM" not in path.read_text(encoding="utf-8-sig") or start == "'"


# Excel's ways


def workbook(tmp_path, change):
    """A sound workbook, after a change of its cells."""
    path = write(tmp_path / "options.xlsx", options.read(save(tmp_path / "s.csv", table(tmp_path))))
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def cell_of(book, column, row=3):
    page = book["options"]
    return page.cell(row, [one.value for one in page[1]].index(column) + 1)


@pytest.mark.parametrize(
    ("column", "value", "wrong"),
    [
        ("capital_2027_council", "=A1", "formula (=A1)"),
        ("capital_2027_council", "=SUM(A1:A3)", "formula"),
        ("risks", "=A1", "formula"),
        ("capital_2027_council", date(2027, 3, 1), "date (2027-03-01"),
        ("opportunity", date(2026, 5, 1), "date (2026-05-01"),
        ("evidence_grade", date(2026, 3, 2), "date"),
        ("capital_2027_council", "#REF!", "error of the spreadsheet (#REF!)"),
        ("capital_2027_council", True, "'TRUE' is not a number"),
        ("deadweight", 25, "25 is not a share"),
    ],
)
def test_what_excel_makes_of_a_cell(tmp_path, column, value, wrong):
    def change(book):
        cell_of(book, column).value = value

    found = only(workbook(tmp_path, change))
    assert (found.row, found.column, wrong in found.wrong) == (3, column, True), found


def test_a_percentage_of_excel_is_the_share_that_it_is(tmp_path):
    def change(book):
        cell_of(book, "deadweight").value, cell_of(book, "deadweight").number_format = 0.25, "0%"

    assert options.read(workbook(tmp_path, change)).options[1].adjustments.deadweight == 0.25


def test_a_value_beside_the_table_is_a_fault(tmp_path):
    def change(book):
        book["options"].cell(4, book["options"].max_column + 2, "my note")

    assert "longer than the headings ('my note')" in only(workbook(tmp_path, change)).wrong


def test_the_sheet_is_found_by_its_name_or_because_it_is_the_only_one(tmp_path):
    def rename(book):
        book["options"].title = "Sheet1"

    def alone(book):
        rename(book)
        del book["lists"], book["columns"]

    assert "3 sheets, none called 'options'" in only(workbook(tmp_path, rename)).wrong
    assert len(options.read(workbook(tmp_path, alone)).options) == 4


def test_far_away_cells_hold_nobody_up(tmp_path):
    def deep(book):
        book["options"].cell(1_048_576, 1, "x")

    def wide(book):
        book["options"].cell(3, 16_384, "x")

    assert "more than 10,000 rows" not in str(options.read(workbook(tmp_path, lambda book: None)))
    for change in (deep, wide):
        assert "more than 10,000 rows or 1,000 columns" in only(workbook(tmp_path, change)).wrong


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("members", "wrong"),
    [
        ({"xl/workbook.xml": "<x/>", "xl/worksheets/sheet1.xml": " " * 5_000_000}, "unpacks to far more"),
        ({"xl/workbook.xml": "<x/>", **{f"m{n}": "x" for n in range(501)}}, "unpacks to far more"),
        ({"xl/workbook.xml": "<x/>", **{f"m{n}": " " * 900_000 for n in range(40)}}, "unpacks to far more"),
        ({"xl/workbook.xml": "<x/>"}, "damaged"),
        ({"content.xml": "an OpenDocument file"}, "not an Excel workbook"),
    ],
)
def test_a_workbook_is_measured_before_it_is_opened(tmp_path, members, wrong):
    assert wrong in only(zipped(tmp_path / "options.xlsx", members)).wrong


@pytest.mark.parametrize("keep", [100, 2_000, -30])
def test_a_workbook_that_was_cut(tmp_path, keep):
    path = workbook(tmp_path, lambda book: None)
    path.write_bytes(path.read_bytes()[:keep])
    assert "is not an Excel workbook, or it is cut" in only(path).wrong


def test_a_csv_under_the_name_of_a_workbook(tmp_path, text):
    path = tmp_path / "options.xlsx"
    path.write_text(text, encoding="utf-8")
    assert "not an Excel workbook" in only(path).wrong


# There and back again

LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"])
TEXTS = st.text(LETTERS | st.sampled_from(",;\"'=+-@\n\t_x0"), min_size=1, max_size=40).map(str.strip).filter(
    lambda text: text and not sheets._LOST.search(text) and not sheets._ODD.search(text)
)  # fmt: skip
NAMES = TEXTS.map(lambda text: " ".join(text.replace(";", "").split())).filter(bool)
SHARES = st.floats(0, 1).map(lambda share: round(share, 6))
AMOUNTS = st.just(0.0) | st.floats(1_000, 100_000).map(lambda amount: round(amount, 2))


@st.composite
def option_lists(draw):
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique_by=lambda name: " ".join(name.casefold().split())))
    return OptionList(tuple(draw(one_option(name, names[:place])) for place, name in enumerate(names)), 2026, "GBP",
                      tuple(YEARS), tuple(YEARS))  # fmt: skip


@st.composite
def one_option(draw, name, before):
    costs = [Cost(kind, year, funder, draw(AMOUNTS))
             for year in YEARS for kind in options_schema.KINDS for funder in FUNDERS]  # fmt: skip
    points = [sorted(draw(st.lists(AMOUNTS, min_size=3, max_size=3))) for _ in YEARS]
    outcomes = [Outcome("jobs", year, *three) for year, three in zip(YEARS, points, strict=True)]
    needs = draw(st.lists(st.sampled_from(before), unique=True)) if before else []
    return Option(
        name, draw(st.sampled_from(options_schema.UNDERPINNINGS)), draw(st.sampled_from(options_schema.LEVERS)),
        draw(TEXTS), LogicModel(*(draw(TEXTS) for _ in range(6))), tuple(costs), tuple(outcomes),
        Adjustments(*(draw(SHARES) for _ in range(4)), 1.0 + draw(st.sampled_from([0.0, 0.1, 0.25, 9.0]))),
        draw(st.sampled_from(options_schema.bias_classes()[:-1])), draw(SHARES), draw(st.none() | st.integers(1, 5)),
        draw(TEXTS), tuple(needs), (), draw(st.sampled_from(options_schema.RISKS)), draw(TEXTS), draw(TEXTS),
        draw(st.sampled_from(list(Badge))),
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(every=option_lists())
def test_what_is_written_is_read_back_the_same(tmp_path_factory, kind, every):
    path = write(tmp_path_factory.getbasetemp() / f"again.{kind}", every)
    assert options.read(path) == every


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(column=st.sampled_from([column.name for column in options_schema.COLUMNS]), cell=TEXTS)
def test_whatever_stands_in_a_cell_csv_and_excel_say_the_same(tmp_path_factory, column, cell):
    folder = tmp_path_factory.getbasetemp()
    rows = table(folder, ["Alpha", "Beta"])
    rows[1][column] = cell
    found = []
    for kind in ("csv", "xlsx"):
        path = folder / f"same.{kind}"
        try:
            found.append(options.read(options_template.save(path, list(rows[0]), rows)))
        except FaultyFileError as error:
            found.append(error.faults)
    assert found[0] == found[1]


# The template and its command


def test_the_template_drops_down_lists_and_holds_one_example(tmp_path):
    path = tmp_path / "options.xlsx"
    names = options_template.template(path, years=YEARS, funders=FUNDERS)
    book = openpyxl.load_workbook(path)
    page, lists = book["options"], book["lists"]
    assert [cell.value for cell in page[1]] == names
    assert (page.max_row, page["B2"].value, page.freeze_panes) == (2, "illustrative", "B2")
    dropped = {}
    for check in page.data_validations.dataValidation:
        heading = page.cell(1, next(iter(check.sqref.ranges)).min_col).value
        if check.type == "list":
            area = check.formula1.removeprefix("lists!").replace("$", "")
            dropped[heading] = tuple(row[0].value for row in lists[area])
        elif heading == "deadweight":
            assert (check.formula1, check.formula2, "0.25" in check.error) == ("0", "1", True)
    assert dropped == {name: tuple(map(str, some)) for name, some in options_schema.choices().items()}
    (example,) = options.read(path).options
    assert (example.badge, example.name) == (Badge.ILLUSTRATIVE, "Example: shared textile pilot line")
    assert [row[0].value for row in book["columns"]][1:] == [column.name for column in options_schema.COLUMNS]


def test_the_template_is_the_same_as_csv(tmp_path):
    for kind in ("csv", "xlsx"):
        options_template.template(tmp_path / f"options.{kind}", years=YEARS, funders=FUNDERS)
    assert options.read(tmp_path / "options.csv") == options.read(tmp_path / "options.xlsx")


def test_the_command_writes_a_template_and_never_over_somebodys_work(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new", "options"]) == 0
    assert "Wrote options.xlsx: " in capsys.readouterr().out
    assert len(options.read(tmp_path / "options.xlsx").years) == 5
    (tmp_path / "options.xlsx").write_bytes(b"somebody's work")
    assert cli.main(["new", "options"]) == 2
    assert "is there already, and is left as it is" in capsys.readouterr().err
    assert (tmp_path / "options.xlsx").read_bytes() == b"somebody's work"


def test_the_command_takes_years_and_funders_and_says_them_as_json(tmp_path, capsys):
    path = tmp_path / "leeds" / "options.csv"
    assert cli.main(["new", "options", str(path), "--years", "2028-2029", "--funders", "Council, bank", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["file"], said["years"], said["funders"]) == (path.as_posix(), [2028, 2029], ["council", "bank"])
    found = options.read(path)
    assert found.years == (2028, 2029)
    assert {cost.funder for cost in found.options[0].costs} == {"council", "bank"}
    assert said["columns"][-1] == "benefit_2029_high"


def test_the_command_that_checks_says_what_is_in_a_file(tmp_path, capsys):
    path = write(tmp_path / "options.xlsx", options.example())
    total = sum(cost.amount for one in options.example().options for cost in one.costs)
    assert cli.main(["check", str(path)]) == 0
    said = capsys.readouterr().out
    assert f"25 options that would together cost £{total:,.0f} from 2027 to 2031, in prices of 2026." in said
    assert cli.main(["check", str(path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["options"], said["cost_gbp"], said["years"], said["faults"]) == (25, total, [2027, 2031], [])


def test_the_command_that_checks_lists_every_fault(tmp_path, capsys):
    rows = [row | {"deadweight": "30"} for row in table(tmp_path, [f"Option {n}" for n in range(60)])]
    path = save(tmp_path / "options.csv", rows)
    assert cli.main(["check", str(path)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 61
    assert told[60] == "row 61, column deadweight: 30 is not a share from 0 to 1. For 30% write 0.3."
    assert cli.main(["check", str(path), "--json"]) == 1
    first = json.loads(capsys.readouterr().out)["faults"][0]
    assert first == {"row": 2, "column": "deadweight", "wrong": "30 is not a share from 0 to 1",
                     "fix": "For 30% write 0.3."}  # fmt: skip


def test_where_nothing_can_be_written_it_is_said(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="Cannot write"):
        options_template.template(tmp_path / "file" / "options.csv", years=YEARS, funders=FUNDERS)
    with pytest.raises(UsageError, match=r"\.csv or \.xlsx"):
        options_template.template(tmp_path / "options", years=YEARS, funders=FUNDERS)


def test_the_guide_says_what_the_schema_says():
    guide = (Path(__file__).parents[2] / "docs" / "how-to" / "write-options.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+?)( \(may be empty\))? \|$", guide, re.MULTILINE)
    told = {name: (about, not empty) for name, about, _, empty in rows}
    columns = options_schema.COLUMNS
    assert {name: told[name] for name in told if "_20" not in name} == {
        one.name: (one.about, one.required) for one in columns
    }
    kinds = {name: kind for name, _, kind, _ in rows}
    for name, some in options_schema.choices().items():
        if name != "intervention":  # the library has a page of its own
            assert kinds[name] == "; ".join(some)
    for limit in (f"{sheets.MAX_BYTES // 10**6} MB", f"{sheets.MAX_ROWS:,} rows", f"{sheets.MAX_COLUMNS:,} columns"):
        assert limit in guide
    for command in re.findall(r"^\$ iitk (.+)$", guide, re.MULTILINE):
        assert build_parser().parse_args(command.split()).command
