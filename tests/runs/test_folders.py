from __future__ import annotations

import json
import os

import pytest

from iitk.errors import OutputError
from iitk.model import Area, AreaKind
from iitk.runs import folders


def area(code, name, kind=AreaKind.LAD):
    return Area(code=code, name=name, kind=kind, lads=(code,))


def test_the_same_name_twice_gives_two_folders(tmp_path):
    two = [area("E47000003", "West Yorkshire"), area("TLE4", "West Yorkshire"), area("E08000035", "Leeds")]
    assert folders.slugs(two, tmp_path) == {
        "E47000003": "west-yorkshire-e47000003", "TLE4": "west-yorkshire-tle4", "E08000035": "leeds",
    }  # fmt: skip


def test_another_areas_results_are_not_written_over(tmp_path):
    record = tmp_path / "west-yorkshire" / "00_mandate" / "record.json"
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"area": {"code": "TLE4"}}))
    assert folders.slugs([area("TLE4", "West Yorkshire")], tmp_path) == {"TLE4": "west-yorkshire"}
    assert folders.slugs([area("E47000003", "West Yorkshire")], tmp_path) == {"E47000003": "west-yorkshire-e47000003"}


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError, match=r"--out FOLDER"):
        folders.check_writable(tmp_path / "out")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere; the test above refuses too")
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        folders.check_writable(tmp_path / "out")


def test_work_that_fails_leaves_the_old_result_whole(tmp_path):
    folder = tmp_path / "leeds" / "00_mandate"
    with folders.made_beside(folder) as part:
        (part / "page.html").write_text("first")

    def fail():
        with folders.made_beside(folder) as part:
            (part / "page.html").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [path.name for path in (tmp_path / "leeds").iterdir()] == ["00_mandate"]
    assert (folder / "page.html").read_text() == "first"


def test_a_killed_run_is_tidied_away(tmp_path):
    home = tmp_path / "leeds"
    for name in (".00_mandate.999999999.part", ".01_economy.999999999.old", f".03_potential.{os.getpid()}.part"):
        (home / name).mkdir(parents=True)
        (home / name / "page.html").write_text(name)
    folders.tidy(tmp_path)
    # What it was replacing is back, its half result is gone, and the half result of a run that lives is left alone.
    assert sorted(path.name for path in home.iterdir()) == [f".03_potential.{os.getpid()}.part", "01_economy"]


def finished(folder, **record):
    folder.mkdir()
    for name in ("page.html", "notebook.ipynb"):
        (folder / name).write_text("")
    (folder / "record.json").write_text(json.dumps({"status": "done", "inputs_hash": "abc", "files": []} | record))
    return folder


def test_a_finished_stage_is_known_by_its_inputs(tmp_path):
    assert folders.finished_record(finished(tmp_path / "same"), "abc")
    assert folders.finished_record(tmp_path / "same", "other") is None
    assert folders.finished_record(finished(tmp_path / "failed", status="failed"), "abc") is None
    assert folders.finished_record(finished(tmp_path / "lost", files=["tables/jobs.csv"]), "abc") is None


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "3"])
def test_a_damaged_record_counts_as_not_finished(tmp_path, content):
    (finished(tmp_path / "a") / "record.json").write_text(content)
    assert folders.finished_record(tmp_path / "a", "abc") is None
