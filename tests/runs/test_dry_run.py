"""`--dry-run` says what a run would do, and the run then does that."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from iitk import cli
from iitk.runs import series
from iitk.runs.pace import Pace, in_words


def whys(plan):
    return [[intent.why for intent in intents] for intents in series.look(plan).areas]


@pytest.mark.slow
def test_it_says_why_and_in_about_what_time_and_writes_nothing(tmp_path, notebook, capsys, monkeypatch):
    books, out = tmp_path / "books", tmp_path / "out"
    for name in ("00_first", "01_second", "02_third"):
        notebook(books / f"{name}.ipynb", "1 / 0" if name == "02_third" else "1 + 1")
    plan = series.Plan(["Leeds"], out=out, notebooks=books)
    fresh = series.look(plan)
    assert whys(plan) == [["never made"] * 3]
    assert fresh.seconds is None
    assert not out.exists()

    series.run(plan)
    (out / "leeds" / "00_first" / "page.html").unlink()
    notebook(books / "01_second.ipynb", "2 + 2")
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert whys(plan) == [["damaged: page.html is missing", "notebook changed", "failed last time"]]
    assert whys(replace(plan, comparator="Bradford", stages=["01"])) == [["notebook, parameters changed"]]
    # Another area takes as long as this one did, at the same time where two are made at a time.
    alone = series.look(plan).seconds
    assert alone > 0
    both = series.look(replace(plan, areas=["Leeds", "Bradford"]))
    assert both.seconds == pytest.approx(alone)
    assert series.look(replace(plan, areas=["Leeds", "Bradford"], jobs=1)).seconds == pytest.approx(2 * alone)

    monkeypatch.setenv("IITK_NOTEBOOKS", str(books))
    assert cli.main(["run", "Leeds", "Bradford", "--out", str(out), "--dry-run", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["counts"] == {"run": 6, "keep": 0}
    assert said["stages"][0]["why"] == "damaged: page.html is missing"
    assert said["stages"][3] | {"seconds": 0} == {
        "area": "Bradford", "area_code": "E08000032", "stage": "00_first", "folder": "bradford/00_first",
        "action": "run", "why": "never made", "seconds": 0,
    }  # fmt: skip
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before

    report = series.run(plan)
    assert [stage.status for stage in report.stages] == ["done", "done", "failed"]
    assert cli.main(["run", "Leeds", "--out", str(out), "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Leeds"
    assert [line.split(None, 1)[1].split(" (about")[0] for line in lines[1:4]] == [
        "keep", "keep", "run: failed last time",
    ]  # fmt: skip
    assert lines[4].startswith("Would run 1, in about ")
    assert lines[4].endswith(f", and keep 2. Nothing was written to {out}.")
    assert [why for area in whys(replace(plan, force=True)) for why in area] == ["forced", "forced", "failed last time"]

    # Quiet says nothing but what failed.
    assert cli.main(["run", "Leeds", "--out", str(out), "--quiet"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("failed: Leeds, 02_third: ZeroDivisionError")
    assert len(said.err.splitlines()) == 1


class TestPace:
    def test_nothing_is_foretold_from_nothing(self):
        assert Pace().of("00_a") is None
        assert Pace().left([["00_a"]], jobs=1) is None
        assert Pace().left([[], []], jobs=2) == 0

    def test_this_run_counts_before_earlier_ones_and_other_stages_where_there_is_nothing_better(self):
        pace = Pace([("00_a", 10.0), ("00_a", 30.0), ("00_a", 20.0)])
        assert pace.of("00_a") == 20
        assert pace.of("01_b") == 20
        pace.note("00_a", 2.0)
        pace.note("01_b", 4.0)
        assert (pace.of("00_a"), pace.of("01_b"), pace.of("02_c")) == (2, 4, 3)

    def test_the_longest_area_or_the_work_shared_out_whichever_takes_longer(self):
        pace = Pace([("00_a", 2.0), ("01_b", 4.0)])
        assert pace.left([["00_a", "01_b"], ["00_a"]], jobs=2) == 6
        assert pace.left([["00_a", "01_b"]] * 4, jobs=2) == 12
        assert pace.left([["00_a", "01_b"]], jobs=2, spent={0: 1.5}) == 4.5
        assert pace.left([["00_a", "01_b"]], jobs=2, spent={0: 99.0}) == 4

    @pytest.mark.parametrize(("seconds", "said"), [(8.4, "8 s"), (99, "99 s"), (180, "3 min"), (7260, "2 h 1 min")])
    def test_in_words(self, seconds, said):
        assert in_words(seconds) == said
