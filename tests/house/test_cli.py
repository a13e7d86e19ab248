from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import iitk
from iitk import cli
from iitk.cli import trouble
from iitk.errors import OutputError, UnknownAreaError
from iitk.sources.paths import data_dir

COMMANDS = [
    ["run"], ["areas"], ["new", "options"], ["new", "area"], ["check"], ["data", "build"], ["data", "check"], ["serve"],
    ["doctor"],
]  # fmt: skip


def iitk_command(*arguments, **options):
    command = [sys.executable, "-m", "iitk", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, encoding="utf-8", **options)


def test_help_is_quick_because_it_loads_nothing_heavy():
    heavy = "[name for name in ('pandas', 'altair', 'papermill', 'jupyter_client') if name in sys.modules]"
    code = f"import sys; from iitk.cli.parser import build_parser; build_parser(); print({heavy})"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert said.stdout.strip() == "[]"
    began = time.perf_counter()
    assert iitk_command("--help").returncode == 0
    assert time.perf_counter() - began < 3  # measured at 0.04 s; a busy machine gets the benefit of the doubt


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_with_examples_and_statuses(command, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([*command, "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert f"  iitk {' '.join(command)}" in text
    assert "0 all fine, 1 work failed, 2 wrong arguments" in text


def test_the_examples_of_the_help_can_be_typed(capsys):
    """Each example parses: nobody is taught a command that does not exist."""
    import shlex

    from iitk.cli.parser import build_parser

    for command in ([], *COMMANDS):
        with pytest.raises(SystemExit):
            build_parser().parse_args([*command, "--help"])
    examples = re.findall(r"^  iitk (\S.*?)(?:   .*)?$", capsys.readouterr().out, re.MULTILINE)
    assert len(examples) >= 12
    for example in examples:
        if "--help" not in example:
            assert build_parser().parse_args(shlex.split(example)).command


def test_version():
    said = iitk_command("--version")
    assert (said.returncode, said.stdout.strip()) == (0, f"iitk {iitk.__version__}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "required"),
        (["rnu"], "rnu"),
        (["run", "--jobs", "two"], "two"),
        (["run"], "iitk areas WORD"),
        (["run", "Leeds", "--jobs", "0"], "--jobs"),
        (["run", "Leeds", "--timeout", "0"], "--timeout must be 1 second or more"),
        (["run", "Leeds", "--retry", "-1"], "--retry must be 0 or more"),
        (["run", "Leeds", "--memory", "100"], "--memory"),
        (["run", "Leedz", "--dry-run"], "Leeds"),
        (["run", "Leeds", "--stages", "77"], "00_mandate"),
        (["run", "Leeds", "--stages", ""], "--stages is empty"),
        (["run", "Leeds", "--out", ""], "--out is empty"),
        (["run", "Leedz"], "Leeds"),
        (["run", "Leeds + West Yorkshire"], "Leeds"),
        (["run", "Leeds", "--comparator", "Narnia"], "Narnia"),
        (["run", "--cohort", "absent.toml"], "absent.toml"),
        (["new"], "required"),
        (["new", "options", "options.ods"], ".csv or .xlsx"),
        (["new", "options", "--years", "27-31"], "--years 2027-2031"),
        (["new", "options", "--years", "2031-2027"], "--years 2027-2031"),
        (["new", "options", "--funders", "the council,grant"], "'the council'"),
        (["new", "options", "--funders", ""], "funder"),
        (["check"], "required"),
        (["check", "absent.xlsx"], "iitk new options"),
        (["data"], "required"),
        (["data", "build", "--from", "absent"], "absent"),
        (["data", "check", "--from", "absent"], "absent"),
        (["serve", "--port", "99999"], "65535"),
        (["serve", "--stage", "77"], "--area Leeds"),
        (["serve", "--stage", "77", "--area", "Leeds"], "00_mandate"),
        (["doctor", "--port", "99999"], "65535"),
        (["doctor", "--visitors", "0"], "--visitors must be 1 or more"),
    ],
)
def test_wrong_arguments_end_with_2_and_at_most_three_lines(arguments, words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        status = cli.main(arguments)
    except SystemExit as ended:
        status = ended.code
    said = capsys.readouterr().err
    assert status == 2, said
    assert words in said
    assert len(said.strip().splitlines()) <= 3
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []  # nothing was written


@pytest.mark.parametrize(("spoil", "word"), [(Path.unlink, "missing"), (lambda p: p.write_bytes(b"PAR1"), "damaged")])
def test_a_missing_or_damaged_table_is_named_before_any_work(spoil, word, tmp_path, capsys, monkeypatch):
    shutil.copytree(data_dir(), tmp_path / "data")
    spoil(tmp_path / "data" / "official" / "gva_lad.parquet")
    monkeypatch.setenv("IITK_DATA", str(tmp_path / "data"))
    assert cli.main(["run", "Leeds", "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err.strip()
    assert f"gva_lad.parquet is {word}" in said
    assert "iitk data build --from ../shared/data" in said
    assert len(said.splitlines()) == 2
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_ends_with_1_before_any_work(tmp_path, capsys):
    (tmp_path / "out").write_text("a file")
    assert cli.main(["run", "Leeds", "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "Cannot write to" in said
    assert "--out FOLDER" in said
    assert (tmp_path / "out").read_text() == "a file"


def test_a_folder_name_that_is_too_long_is_said(tmp_path, capsys):
    assert cli.main(["run", "Leeds", "--out", str(tmp_path / ("x" * 300))]) == 1
    assert "Cannot write to" in capsys.readouterr().err


def test_areas_as_text_and_as_json(capsys):
    assert cli.main(["areas", "leeds"]) == 0
    assert re.search(r"^E08000035\s+Leeds\s+local authority", capsys.readouterr().out, re.MULTILINE)
    assert cli.main(["areas", "leeds", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found[0]["code"] == "E08000035"
    assert found[0]["lads"] == ["E08000035"]


def test_an_area_of_the_past_is_explained(capsys):
    assert cli.main(["areas", "Craven"]) == 0
    said = capsys.readouterr().out
    assert "North Yorkshire" in said
    assert "2023" in said


def test_a_reader_that_leaves_is_no_fault():
    command = f'"{sys.executable}" -m iitk areas north --limit 50 | head -1; exit ${{PIPESTATUS[0]}}'
    said = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    assert said.returncode == 0
    assert said.stderr == ""


def test_a_terminal_without_pounds_still_gets_its_answer():
    said = iitk_command("areas", "Ynys", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert said.returncode == 0, said.stderr
    assert "W06000001" in said.stdout


class TestTrouble:
    def test_advice_is_shown_as_it_is(self, capsys, tmp_path):
        assert trouble.report(UnknownAreaError("Leedz", ["Leeds"])) == 2
        assert trouble.report(OutputError(tmp_path, "No space left on device")) == 1
        said = capsys.readouterr().err
        assert "No area is called 'Leedz'" in said
        assert "No space left" in said

    def test_a_bug_gets_a_reference_and_a_log_instead_of_a_traceback(self, capsys, tmp_path, monkeypatch):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        monkeypatch.setattr(trouble, "_log_folders", lambda: [tmp_path / "log"])
        try:
            raise KeyError("boom")
        except KeyError as error:
            assert trouble.report(error) == 1
        said = capsys.readouterr().err
        number = re.search(r"reference ([0-9a-f]{6})", said)[1]
        assert "Traceback" not in said
        assert len(said.strip().splitlines()) == 2
        assert "KeyError: 'boom'" in (tmp_path / "log" / f"{number}.log").read_text()

    def test_whoever_mends_it_can_ask_for_the_traceback(self, capsys, monkeypatch):
        monkeypatch.setenv("IITK_DEBUG", "1")
        assert trouble.report(KeyError("boom")) == 1
        assert "KeyError: 'boom'" in capsys.readouterr().err

    def test_where_no_log_can_be_written_the_details_are_shown(self, capsys, tmp_path, monkeypatch):
        (tmp_path / "file").write_text("")
        monkeypatch.setattr(trouble, "_log_folders", lambda: [tmp_path / "file" / "log"])
        assert trouble.report(KeyError("boom")) == 1
        assert "KeyError: 'boom'" in capsys.readouterr().err
