"""Runs of tiny notebooks by the real papermill and real kernels."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from iitk.errors import OutputError, UnknownAreaError, UnknownStageError
from iitk.runs import pages, series
from iitk.runs.kernels import Limits
from iitk.runs.report import Lines, RunReport, StageRun, summary

SAVES = """
import json, sys
from pathlib import Path
folder = Path(save_to)
(folder / "tables").mkdir()
(folder / "tables" / "jobs.csv").write_text("industry,jobs\\nC,12300\\n")
print("made by", sys.executable)
"""
FAILS_FOR_BRADFORD = """
from iitk.errors import DataMissingError
if area == "E08000032":
    raise DataMissingError("jobs.parquet")
"""


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory):
    from tests.runs.conftest import write_notebook

    folder = tmp_path_factory.mktemp("note{books}")  # papermill would take the braces for a placeholder
    write_notebook(folder / "00_first.ipynb", SAVES)
    write_notebook(folder / "01_second.ipynb", FAILS_FOR_BRADFORD)
    return folder


@pytest.fixture(scope="module")
def plan(notebooks, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "results {here}"
    return series.Plan(areas=["Leeds", "E08000032"], out=out, notebooks=notebooks, cohort="Two places")


@pytest.fixture(scope="module")
def first(plan, tmp_path_factory):
    """The first run, with a rival kernel of the same name that must not be picked."""
    rival = tmp_path_factory.mktemp("rival") / "kernels" / "python3"
    rival.mkdir(parents=True)
    spec = {"argv": ["/bin/false"], "display_name": "rival", "language": "python"}
    (rival / "kernel.json").write_text(json.dumps(spec))
    log = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(rival.parents[1]))
        report = series.run(plan, Lines(log, every=0))
    return report, log.getvalue()


def record(plan, stage, area="leeds"):
    return json.loads((plan.out / area / stage / "record.json").read_text())


def states(report):
    return [(run.area, run.stage, run.status) for run in report.stages]


@pytest.mark.slow
class TestFirstRun:
    def test_one_failure_stops_nothing_else(self, first):
        report, _ = first
        assert states(report) == [
            ("Leeds", "00_first", "done"), ("Leeds", "01_second", "done"),
            ("Bradford", "00_first", "done"), ("Bradford", "01_second", "failed"),
        ]  # fmt: skip
        assert report.counts() == {"done": 3, "kept": 0, "failed": 1, "waiting": 0}

    def test_each_stage_leaves_its_four_things(self, plan, first):
        for area in ("leeds", "bradford"):
            for stage in ("00_first", "01_second"):
                there = {path.name for path in (plan.out / area / stage).iterdir()}
                assert {"notebook.ipynb", "page.html", "record.json"} <= there
        assert (plan.out / "leeds/00_first/tables/jobs.csv").read_text() == "industry,jobs\nC,12300\n"

    def test_nothing_half_made_is_left(self, plan, first):
        assert list(plan.out.rglob(".*")) == []

    def test_the_kernel_is_this_python(self, plan, first):
        text = (plan.out / "leeds/00_first/notebook.ipynb").read_text()
        assert f"made by {sys.executable}" in text

    def test_parameters_were_given_and_no_path_of_this_machine_was_kept(self, plan, first):
        notebook = nbformat.read(plan.out / "leeds/00_first/notebook.ipynb", as_version=4)
        given = next(cell.source for cell in notebook.cells if "injected-parameters" in cell.metadata.get("tags", []))
        assert 'area = "E08000035"' in given
        assert 'save_to = "."' in given
        assert str(plan.out) not in json.dumps(notebook.metadata)
        for name in ("page.html", "record.json"):
            assert str(plan.out.parent) not in (plan.out / "leeds/00_first" / name).read_text()

    def test_a_failure_speaks_to_the_leader_and_to_the_analyst(self, plan, first):
        failed = record(plan, "01_second", "bradford")
        assert failed["status"] == "failed"
        assert failed["message"].startswith("This part could not be made for Bradford. The table jobs.parquet is mis")
        assert failed["error"].startswith("DataMissingError: The table jobs.parquet is missing.")
        assert "01_second.ipynb" in failed["error"]
        page = (plan.out / "bradford/01_second/page.html").read_text()
        assert "Traceback" not in page

    def test_the_record_says_what_it_was_made_from(self, plan, first):
        made = record(plan, "00_first")
        assert made["area"]["code"] == "E08000035"
        assert made["run"]["parameters"] == {"area": "E08000035", "comparator": made["comparator"]["code"]}
        assert len(made["inputs_hash"]) == 64
        assert {"iitk", "pandas", "altair"} <= set(made["run"]["versions"])

    def test_the_manifest_and_the_index_cover_the_run(self, plan, first):
        manifest = json.loads((plan.out / "run.json").read_text())
        assert manifest == json.loads(json.dumps(first[0].as_dict()))
        assert manifest["status"] == "failed"
        assert manifest["started"] <= manifest["finished"]
        assert manifest["plan"] == {
            "areas": ["Leeds", "E08000032"], "stages": [], "comparator": "UK", "vintage": "", "reference": "",
            "cohort": "Two places", "jobs": 2, "force": False, "dask": False, "timeout": 600, "retries": 1, "memory": 0,
        }  # fmt: skip
        assert [area["folder"] for area in manifest["areas"]] == ["leeds", "bradford"]
        failed = manifest["stages"][-1]
        assert failed["message"].startswith("DataMissingError")
        assert len(failed["attempts"]) == 1  # a cell that fails is not tried again
        assert failed["seconds"] >= failed["attempts"][0]
        assert failed["inputs_hash"] == record(plan, "01_second", "bradford")["inputs_hash"]
        index = (plan.out / "index.html").read_text()
        assert "leeds/00_first/page.html" in index
        assert "Two places" in index
        assert "This part could not be made for Bradford." in index

    def test_progress_counts_and_names(self, first):
        lines = first[1].splitlines()
        assert [re.search(r"\d of 4 stages", line)[0] for line in lines] == [f"{n} of 4 stages" for n in range(1, 5)]
        assert sum("FAILED" in line for line in lines) == 1
        assert re.search(r"about \d+ s left\)$", lines[0])
        assert lines[-1].endswith("(2 of 2 areas, 4 of 4 stages, 1 failed)")


@pytest.mark.slow
class TestSecondRun:
    """In the order in which they stand: each starts from what the one before left."""

    def test_only_what_failed_is_run_again(self, plan, first):
        before = (plan.out / "leeds/00_first/page.html").stat().st_mtime_ns
        report = series.run(plan)
        assert [status for *_, status in states(report)] == ["kept", "kept", "kept", "failed"]
        assert (plan.out / "leeds/00_first/page.html").stat().st_mtime_ns == before

    def test_other_parameters_run_again(self, plan, first):
        from dataclasses import replace

        other = replace(plan, areas=["Leeds"], stages=["00"], comparator="Bradford")
        assert states(series.run(other)) == [("Leeds", "00_first", "done")]
        assert record(plan, "00_first")["run"]["parameters"]["comparator"] == "E08000032"

    def test_force_runs_again(self, plan, first):
        from dataclasses import replace

        again = replace(plan, areas=["Leeds"], stages=["first"], comparator="Bradford", force=True)
        assert states(series.run(again)) == [("Leeds", "00_first", "done")]

    def test_pages_learn_of_stages_made_since(self, plan, notebooks, first, tmp_path):
        from dataclasses import replace

        alone = replace(plan, areas=["Leeds"], stages=["00"], out=tmp_path)
        series.run(alone)
        page = tmp_path / "leeds/00_first/page.html"
        assert pages.refresh(tmp_path / "leeds", plan.cohort) == []
        assert record(alone, "00_first")["run"]["page"]["stages"] == ["00_first"]
        before = page.read_text()
        assert [status for *_, status in states(series.run(replace(alone, stages=["00", "01"])))] == ["kept", "done"]
        assert record(alone, "00_first")["run"]["page"]["stages"] == ["00_first", "01_second"]
        assert len(page.read_text()) >= len(before)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("import os; os._exit(1)", "ended early"),
        ("import time; time.sleep(60)", "took longer than 3 s and was ended"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def", "SyntaxError"),
    ],
)
def test_whatever_a_notebook_does_becomes_a_record(cell, said, tmp_path, notebook):
    notebook(tmp_path / "books" / "00_bad.ipynb", cell)
    plan = series.Plan(areas=["Leeds"], out=tmp_path / "out", notebooks=tmp_path / "books", limits=Limits(3, retries=0))
    (run,) = series.run(plan).stages
    assert run.status == "failed"
    assert said in run.message
    kept = record(plan, "00_bad")
    assert "The fault is in the toolkit, not in the place." in kept["message"]
    assert (tmp_path / "out/leeds/00_bad/page.html").exists()


def test_wrong_wishes_are_refused_before_anything_is_written(plan, tmp_path):
    from dataclasses import replace

    out = tmp_path / "out"
    for wish, error in (({"areas": ["Leedz"]}, UnknownAreaError), ({"stages": ["77"]}, UnknownStageError)):
        with pytest.raises(error):
            series.run(replace(plan, out=out, **wish))
    assert not out.exists()
    out.write_text("a file")
    with pytest.raises(OutputError):
        series.run(replace(plan, out=out))


def test_a_disk_that_is_full_is_said_to_be_full_whatever_is_written_first(plan, tmp_path, monkeypatch):
    def full(path, _content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left on device. What was finished before is whole: make room"):
        series.run(replace(plan, out=tmp_path / "full"))


def test_the_same_area_twice_is_run_once_and_an_area_of_the_past_keeps_its_name():
    areas = series.resolve_areas(["Leeds", "E08000035", "North Yorkshire", "Craven"])
    assert [area.name for area in areas] == ["Leeds", "North Yorkshire"]
    assert [series.hand_on(area) for area in areas] == ["E08000035", "Craven"]


def test_the_reference_of_a_cohort_is_run_last_and_keeps_its_own_name():
    plan = series.Plan(areas=["Leeds"], reference="Our reference = Cambridge + South Cambridgeshire", stages=["01"])
    steps = [steps[0] for steps in series._jobs(plan)]
    assert [step.area.name for step in steps] == ["Leeds", "Our reference"]
    assert steps[1].parameters["area"] == "Our reference = Cambridge + South Cambridgeshire"


def test_the_summary_counts_and_says_where_to_look():
    ended = enumerate(["done", "kept", "done"])
    stages = [StageRun("Leeds", "E08000035", f"0{n}_x", status, 1.0, "") for n, status in ended]
    assert summary(RunReport(Path("outputs"), tuple(stages), 12.4)) == (
        f"3 stages for 1 area in 12 s: 2 made, 1 unchanged and kept.\nOpen {Path('outputs/index.html')}"
    )
