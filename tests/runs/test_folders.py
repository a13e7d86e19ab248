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


@pytest.fixture
def folder(tmp_path):
    """A stage's folder, with the result of an earlier run."""
    made = tmp_path / "leeds" / "00_mandate"
    with folders.made_beside(made) as part:
        (part / "page.html").write_text("first")
    return made


def test_work_that_fails_leaves_the_old_result_whole(folder, tmp_path):
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
    for name in (".00_mandate.12ab34cd.part", ".01_economy.12ab34cd.old", "03_potential", "notes"):
        (home / name).mkdir(parents=True)
        (home / name / "page.html").write_text(name)
    half = [tmp_path / ".run.json.77.part", tmp_path / ".index.html.77.part", home / "03_potential/.page.html.77.part"]
    foreign = [tmp_path / ".film.mp4.part", home / ".download.part", home / "notes" / ".film.mp4.part"]
    for path in (*half, *foreign):
        path.write_text("half")
    folders.tidy(tmp_path)
    # What it was replacing is back, its half results are gone, and what is not ours is left alone.
    assert sorted(path.name for path in home.iterdir()) == [".download.part", "01_economy", "03_potential", "notes"]
    assert (home / "01_economy/page.html").read_text() == ".01_economy.12ab34cd.old"
    assert not any(path.exists() for path in half)
    assert all(path.exists() for path in foreign)


def test_a_result_that_cannot_take_its_place_leaves_the_old_one(folder):
    def refuse():
        with folders.made_beside(folder) as part:
            (part / "page.html").write_text("second")
            part.rename(part.with_name("elsewhere"))  # so that it cannot be put in its place

    with pytest.raises(OutputError, match="What was finished before is whole"):
        refuse()
    assert (folder / "page.html").read_text() == "first"


INPUTS = {"notebook": "n", "parameters": "p", "code": "c", "figures": "f"}


def finished(folder, **record):
    folder.mkdir()
    for name in ("page.html", "notebook.ipynb"):
        (folder / name).write_text("content")
    made = {"status": "done", "files": [], "run": {"inputs": INPUTS, "seconds": 2.5}}
    (folder / "record.json").write_text(json.dumps(made | record))
    return folder


def test_a_finished_stage_is_known_by_its_inputs(tmp_path):
    same = finished(tmp_path / "same")
    assert folders.why_again(same, INPUTS) == ""
    assert folders.why_again(same, INPUTS | {"code": "new", "figures": "new"}) == "code, figures changed"
    assert folders.why_again(tmp_path / "absent", INPUTS) == "never made"
    assert folders.why_again(finished(tmp_path / "failed", status="failed"), INPUTS) == "failed last time"
    lost = finished(tmp_path / "lost", files=["tables/jobs.csv"])
    assert folders.why_again(lost, INPUTS) == "damaged: tables/jobs.csv is missing"
    (same / "page.html").write_text("")
    assert folders.why_again(same, INPUTS) == "damaged: page.html is missing"


def test_a_stage_that_was_made_before_inputs_were_kept_apart_is_made_again(tmp_path):
    old = finished(tmp_path / "old", run={"seconds": 1}, inputs_hash="abc")
    assert folders.why_again(old, INPUTS) == "made by an earlier version"


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "3", '{"status": "done", "run": 3}'])
def test_a_damaged_record_counts_as_not_finished(tmp_path, content):
    (finished(tmp_path / "a") / "record.json").write_text(content)
    assert folders.why_again(tmp_path / "a", INPUTS) == "damaged: record.json cannot be read"
    assert folders.seconds_taken(tmp_path / "a") is None
