"""The commands that make a folder for a team and check it, and what random slips of the hand do to one."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iitk import cli
from iitk.cli.parser import build_parser
from iitk.errors import FaultyFolderError
from iitk.model import Badge, ChoiceFiles
from iitk.sources import choices, choices_schema, choices_template, geography
from tests.sources.choosing import change, copied

FILES = ["options.xlsx", "choice.toml", "factors.csv", "weights.csv", "scores.csv"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.delenv("IITK_AREAS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_new_area_is_sound_as_it_is_and_read_in_place_of_the_example(home, capsys):
    leeds = geography.resolve("Leeds")
    assert choices.load(leeds) is choices.example()
    assert cli.main(["new", "area", "E08000035"]) == 0
    said = capsys.readouterr().out
    folder = Path("areas") / "leeds"
    assert f"Wrote {', '.join(FILES)} in {folder}" in said
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert cli.main(["check", re.search("iitk check (.+)", said)[1]]) == 0
    assert "is sound. Options: 1, of which 0 fail a success factor; criteria: 2; members: 1" in capsys.readouterr().out
    found = choices.load(leeds)
    year = datetime.now(UTC).year
    assert (found.folder, found.badge, found.options.years[0]) == ("areas/leeds", Badge.ILLUSTRATIVE, year + 1)
    assert [one.measure for one in found.criteria] == ["", "npsv"]
    assert found.scores == (("council", found.options.options[0].name, "fairness", 3.0),)
    assert [one.key for one in found.scenarios] == ["expected", "grants-shrink"]


@pytest.mark.parametrize("there", [*FILES, "options.csv", "scores.xlsx"])
def test_nothing_of_a_team_is_ever_overwritten(home, capsys, there):
    folder = home / "areas" / "leeds"
    folder.mkdir(parents=True)
    (folder / there).write_bytes(b"somebody's work")
    assert cli.main(["new", "area", "Leeds"]) == 2
    assert f"has {there} already, and is left as it is" in capsys.readouterr().err
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [(there, b"somebody's work")]


def test_the_folder_of_areas_can_be_named(home, monkeypatch, capsys):
    assert cli.main(["new", "area", "Leeds + Bradford", "--folder", "ours", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["folder"], said["files"]) == (f"ours/{geography.resolve('Leeds + Bradford').slug}", FILES)
    monkeypatch.setenv("IITK_AREAS", "elsewhere")
    assert cli.main(["new", "area", "Leeds", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["folder"] == "elsewhere/leeds"
    assert cli.main(["new", "area", "Leedz"]) == 2
    assert "Nearest names: Leeds" in capsys.readouterr().err


@pytest.mark.parametrize("asked", ["", "choice.toml", "scores.csv"])
def test_a_folder_is_checked_by_its_name_or_a_file_of_it(home, capsys, asked):
    folder = copied(home / "areas" / "west-yorkshire")
    assert cli.main(["check", str(folder / asked), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {key: said[key] for key in ("faults", "options", "dropped", "criteria", "members", "scenarios")} == {
        "faults": [], "options": 25, "dropped": 4, "criteria": 5, "members": 7, "scenarios": 5,
    }  # fmt: skip
    assert said["budget_gbp"] == 63_700_000


def test_the_faults_of_a_folder_are_told_with_status_1(home, capsys):
    folder = copied(home / "areas" / "leeds")
    change(folder, "weights.csv", ",45,30,", ",45,31,")
    change(folder, "choice.toml", "base_year = 2026 ", "base_year = 2031 ")
    assert cli.main(["check", "areas/leeds"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "weights.csv: 1 fault; nothing was taken over.",
        "row 3: The weights add up to 101, not to 100. Take 1 away.",
        "choice.toml: 1 fault; nothing was taken over.",
        "base_year: 2031 lies after the first costs, which are of 2027. Write 2027 or an earlier year.",
    ]
    assert cli.main(["check", "areas/leeds", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)["faults"]
    assert said[0] == {"file": "weights.csv", "row": 3, "column": "", "fix": "Take 1 away.",
                       "wrong": "The weights add up to 101, not to 100"}  # fmt: skip
    assert (said[1]["file"], said[1]["row"], said[1]["column"]) == ("choice.toml", None, "base_year")
    assert cli.main(["check", "areas/nobody"]) == 2
    assert "iitk new area NAME" in capsys.readouterr().err


def test_the_template_shows_every_key_and_its_notes_can_be_taken_over(tmp_path):
    choices_template.write(tmp_path / "all", years=range(2027, 2032), funders=["council"])
    path = tmp_path / "all" / "choice.toml"
    every = re.sub(r"^# (\w+ = )", r"\1", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    content = tomllib.loads(every)
    for table, keys in choices_schema.TABLES.items():
        found = content[table] if table else content
        assert {key.name for key in keys} <= set(found[0] if isinstance(found, list) else found), table
    path.write_text(every.replace('measure = "npsv"', '# measure = "npsv"', 1), encoding="utf-8")  # the second has it
    found = choices.read(tmp_path / "all")
    assert (found.decision.review_date, found.limits[0].most) == ("2028-03-31", 3)
    assert found.scenarios[0].outcomes == (("infrastructure", 0.9),)


def test_the_commands_of_the_guide_can_be_typed():
    guide = (Path(__file__).parents[2] / "docs" / "how-to" / "prepare-a-choice.md").read_text(encoding="utf-8")
    commands = re.findall(r"^\$ iitk (.+)$", guide, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        assert build_parser().parse_args(command.split()).command


# Slips of the hand

SLIPS = st.sampled_from([
    "", "0", "-1", "25", "25%", "1e9", "nan", "=A1", "£1m", "don't know", "pass", "fail", "unknown", "all", "[]", "{}",
    "''", '"', "2027-01-01", "true", "council", "npsv", "Technician bootcamps", ",", "\n", "#", "x" * 6_000,
    "é\u202e", "\x00",
]) | st.text(max_size=8)  # fmt: skip


def taken(folder):
    """What a folder holds, or None where its faults were told, each with a file and what to do."""
    try:
        return choices.read(folder)
    except FaultyFolderError as error:
        assert error.files
        for one in error.files:
            assert one.faults
            assert all(fault.wrong and fault.fix and str(fault) for fault in one.faults)
        return None


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(file=st.sampled_from(["options", "factors", "weights", "scores"]), data=st.data())
def test_any_other_cell_is_read_or_its_faults_are_told(tmp_path_factory, file, data):
    folder = tmp_path_factory.getbasetemp() / "slip"
    if not folder.exists():
        copied(folder)
    path = folder / f"{file}.csv"
    before = path.read_bytes()
    with path.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened))
    row = data.draw(st.integers(0, min(len(rows) - 1, 6)))
    column = data.draw(st.integers(0, len(rows[0]) - 1))
    rows[row][column] = data.draw(SLIPS)
    with path.open("w", encoding="utf-8", errors="replace", newline="") as opened:
        csv.writer(opened).writerows(rows)
    try:
        assert isinstance(taken(folder), ChoiceFiles | None)
    finally:
        path.write_bytes(before)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_any_other_value_of_a_key_is_read_or_its_faults_are_told(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp() / "slip-toml"
    if not folder.exists():
        copied(folder)
    path = folder / "choice.toml"
    before = path.read_bytes()
    lines = before.decode("utf-8").split("\n")
    line = data.draw(st.sampled_from([place for place, text in enumerate(lines) if text and not text.startswith("#")]))
    name, equals, _ = lines[line].partition(" = ")
    slip = data.draw(SLIPS)
    kinds = [slip, f"{name}{equals}{slip}", f"{name} = {json.dumps(slip)}", f"{name} = [{json.dumps(slip)}]",
             f"{slip} = 1", f"{name} = 2027-01-01", f"{name} = {{}}", f"{name} = 1e400", f"[{slip}]"]  # fmt: skip
    lines[line] = data.draw(st.sampled_from(kinds))
    path.write_bytes("\n".join(lines).encode("utf-8", errors="replace"))
    try:
        assert isinstance(taken(folder), ChoiceFiles | None)
    finally:
        path.write_bytes(before)
