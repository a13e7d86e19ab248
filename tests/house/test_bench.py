from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import __main__ as bench
from benchmarks import forty, measuring, report
from benchmarks.catalogue import ENTRIES, Entry, Goal
from benchmarks.measuring import Way
from benchmarks.runs import STOCK
from benchmarks.task import Setting, Task, Told
from benchmarks.work import WORK, measure
from iitk.sources import choices, geography
from iitk.stages import selection

SMALL = Setting(Path(), small=True)

ROOT = Path(__file__).resolve().parents[2]


def command(*arguments):
    given = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(given, cwd=ROOT, capture_output=True, text=True, timeout=300, encoding="utf-8")


def way(seconds, mb=1.0, **answer):
    return Way("", [{"seconds": seconds, "slowest": seconds, "parts": 1, "mb": mb, "answer": answer}])


def test_a_small_selection_is_really_measured_and_kept(tmp_path):
    out = tmp_path / "new" / "bench.json"
    done = command("--only", "shift", "--rounds", "1", "--small", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "round 1 of 1" in done.stderr
    assert "the answers agree" in done.stdout
    assert "no goal is judged" in done.stdout
    kept = json.loads(out.read_text(encoding="utf-8"))
    assert set(kept["work"]) == {"shift-share", "shift-share-cube"}
    for one in kept["work"].values():
        assert set(one["ways"]) == {"ours", "pandas"}
        for found in one["ways"].values():
            assert found["seconds"] > 0
            assert len(found["rounds"]) == 1


def test_json_on_the_screen_is_the_record_that_is_kept(tmp_path):
    out = tmp_path / "bench.json"
    done = command("--only", "smaa-uncertain", "--rounds", "2", "--small", "--json", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(out.read_text(encoding="utf-8"))
    assert len(json.loads(done.stdout)["work"]["smaa-uncertain"]["ways"]["ours"]["rounds"]) == 2


def test_every_piece_of_work_in_the_catalogue_exists_and_ours_comes_first():
    for entry in ENTRIES:
        assert next(iter(entry.ways)) == "ours"
        assert set(entry.ways.values()) <= set(WORK)
        assert {goal.against for goal in entry.goals} <= {"", *entry.ways}
    assert len({entry.key for entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("package", ["ecomplexity", "econcomplex"])
def test_other_packages_get_the_same_work_and_give_the_same_answer(package):
    pytest.importorskip(package, reason=f"{package} is not installed: make oracles")
    setting = Setting(Path(), small=True)
    mine, other = (WORK[f"complexity_{name}"](setting) for name in ("ours", package))
    wanted = mine.answer([part() for part in mine.parts])
    assert dict(other.answer([part() for part in other.parts])) == pytest.approx(dict(wanted), rel=1e-9)


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux can set the peak of memory back")
def test_memory_added_is_what_the_work_holds_at_its_highest_not_what_the_input_held():
    size = 40 * 2**20
    before = np.ones(2 * size // 8)  # a higher peak than that of the work, gone when the clock starts
    del before
    found = measure(Task([lambda: np.ones(size // 8)], lambda results: {"length": len(results[0])}))
    assert 35 <= found["mb"] <= 60
    assert found["answer"] == {"length": size // 8}


def test_what_a_part_says_of_itself_counts_instead_of_the_clock_and_the_memory_of_this_process():
    parts = [lambda: Told(7, seconds=2.0, mb=5.0), lambda: Told(8, seconds=4.0)]
    found = measure(Task(parts, lambda values: {"sum": sum(values)}))
    assert (found["seconds"], found["slowest"], found["mb"], found["answer"]) == (3.0, 4.0, 5.0, {"sum": 15})


@pytest.mark.slow
def test_a_notebook_has_the_same_outputs_on_a_warm_kernel_as_by_papermill_itself_and_its_cells_tell_their_time():
    ours, stock = (measuring.once(f"notebook_{name}", SMALL) for name in ("cells", "stock_here"))
    assert ours["answer"]["outputs"] > 10
    assert ours["answer"] == pytest.approx(stock["answer"], rel=1e-3)
    assert ours["seconds"] > 0


@pytest.mark.slow
def test_a_run_of_all_areas_gives_what_runs_of_single_areas_give():
    found = measuring.once("everywhere", SMALL)
    stages = len(list((ROOT / "notebooks").glob("*.ipynb")))
    assert found["answer"] == {
        "stages": 2 * stages, "areas run alone, too": 1, "their files": 2 * stages, "that differ": 0,
    }  # fmt: skip
    assert found["mb"] > 100  # of the command, the warm parent and the kernels together


@pytest.mark.slow
def test_visitors_get_whole_pages_and_their_memory_is_that_of_their_kernels():
    found = measuring.once("visitors_ours", SMALL)
    assert found["answer"]["figures in a page"] > 1
    assert found["mb"] > 5


@pytest.mark.parametrize("seed", [0, 4])
def test_the_forty_options_are_files_that_the_check_finds_sound_and_forty_are_on_the_short_list(
    seed, monkeypatch, tmp_path
):
    folder = forty.write(tmp_path, seed)
    done = subprocess.run(
        [sys.executable, "-m", "iitk", "check", str(folder), "--json"],
        capture_output=True, text=True, timeout=120, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    monkeypatch.setenv("IITK_AREAS", str(tmp_path))
    found = selection.of(geography.resolve(forty.AREA))
    assert len(found.short) == 40
    assert found.files.folder != choices.example().folder


def test_the_forty_options_hang_on_the_seed_alone(tmp_path):
    one, again, other = (forty.write(tmp_path / str(n), seed) for n, seed in enumerate((1, 1, 2)))
    texts = [(folder / "options.csv").read_text(encoding="utf-8") for folder in (one, again, other)]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


@pytest.mark.parametrize("work", ["cuts", "sample"])
def test_scipy_gets_the_same_money_rules_and_draws_and_finds_portfolios_of_the_same_value(work):
    ours, theirs = (measuring.once(f"choose_{work}_{way}", SMALL)["answer"] for way in ("ours", "scipy"))
    assert next(iter(ours.values())) > 0
    assert ours == pytest.approx(theirs, rel=1e-3)


def test_the_draws_that_were_kept_are_those_that_were_worked_out():
    first, kept = (measuring.once(name, SMALL)["answer"] for name in ("choose_draws", "choose_draws_kept"))
    assert first["sum of shares"] > 1
    assert first == kept


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("work", ["choose_ours", "choose_stock"])
def test_the_slider_is_moved_in_a_browser_and_the_page_says_what_is_funded(work, chromium, monkeypatch, tmp_path):
    if work == "choose_stock" and not STOCK.is_dir():
        pytest.skip("there is no stock environment: make stock")
    monkeypatch.setenv("IITK_CHROMIUM", chromium)
    found = measuring.once(work, SMALL)
    forty.write(tmp_path)
    monkeypatch.setenv("IITK_AREAS", str(tmp_path))
    there = selection.of(geography.resolve(forty.AREA))
    wanted = [there.best("group", percent).chosen for percent in (40, 45)]
    assert found["parts"] == found["answer"]["sums of money"] == 2
    assert found["answer"]["options funded"] == sum(map(len, wanted))


def test_what_takes_very_long_is_measured_only_when_it_is_named_or_all_is_asked_for():
    usual, every = bench.selected([]), bench.selected([], everything=True)
    assert [one.key for one in every if one not in usual] == ["all-areas"]
    assert [one.key for one in bench.selected(["all-areas"])] == ["all-areas"]


def test_an_entry_may_ask_for_fewer_rounds(monkeypatch):
    monkeypatch.setattr(
        measuring, "once", lambda *_: {"seconds": 1.0, "slowest": 1, "mb": 1, "parts": 1, "answer": {}}
    )
    entry = Entry("key", "", {"ours": "x"}, rounds=2)
    found = measuring.measure(entry, 5, None, lambda _: None)
    assert len(found["ours"].rounds) == 2
    assert "rounds: 2" in report.notes(entry, found)
    assert len(measuring.measure(entry, 1, None, lambda _: None)["ours"].rounds) == 1


def test_slow_ways_are_run_three_times_at_most(monkeypatch):
    slow = {"quick": 1.0, "slow": 11.0}
    monkeypatch.setattr(
        measuring, "once", lambda work, _: {"seconds": slow[work], "slowest": 1, "mb": 1, "parts": 1, "answer": {}}
    )
    said = []
    found = measuring.measure(Entry("key", "", {"ours": "quick", "theirs": "slow"}), 5, None, said.append)
    assert [len(found[name].rounds) for name in ("ours", "theirs")] == [5, 3]
    assert said[-2:] == ["key: ours, round 4 of 5, 1 s last time", "key: ours, round 5 of 5, 1 s last time"]


@pytest.mark.parametrize(
    ("goal", "reached"),
    [
        (Goal(1.0), True), (Goal(0.4), False),
        (Goal(1 / 100, "theirs"), True), (Goal(1 / 101, "theirs"), False),
        (Goal(1 / 4, "theirs", "mb"), True), (Goal(1 / 5, "theirs", "mb"), False),
    ],
)  # fmt: skip
def test_a_goal_is_judged_on_ours_alone_or_on_its_share_of_theirs(goal, reached):
    entry = Entry("key", "Work", {}, goals=(goal,))
    ways = {"ours": way(0.5, 10.0), "theirs": way(50.0, 40.0)}
    judged = [one for one in report.verdicts(entry, ways, judge=True) if one.goal]
    assert [one.reached for one in judged] == [reached]
    assert ("yes" if reached else "NO") in report.table([(entry, ways)], judge=True)
    assert not [one for one in report.verdicts(entry, ways, judge=False) if one.goal]


def test_answers_that_differ_are_said():
    entry = Entry("key", "Work", {}, tolerance=0.01)
    said = report.notes(entry, {"ours": way(1, eci=2.0), "good": way(1, eci=2.01), "bad": way(1, eci=-2.0)})
    assert said == ["bad answers otherwise: eci is -2, ours 2"]


def several(*seconds):
    return Way("", [way(one).rounds[0] for one in seconds])


def test_a_goal_that_the_others_best_round_would_miss_is_said_with_what_the_arithmetic_takes():
    goals = (Goal(1 / 100, "theirs"), Goal(1 / 100, "steady"), Goal(1 / 4, "theirs", "mb"), Goal(2.5, "floor"))
    entry = Entry("key", "Work", {}, goals=goals, floor="floor")
    ways = {"ours": several(0.3), "theirs": several(50.0, 12.0, 61.0), "steady": several(47.0), "floor": several(0.2)}
    assert [one.reached for one in report.verdicts(entry, ways, judge=True)] == [True, True, False, True]
    short = "theirs took 12 to 61 s; beside its fastest round ours is 40 x as fast, short of the goal of 100 x as fast"
    assert report.luck(entry, ways) == [f"{short}, which would be 0.12 s, less than the floor alone (0.2 s)"]
    within_reach = {**ways, "floor": several(0.05)}
    assert report.luck(entry, within_reach) == [
        short,
        "floor took 0.05 to 0.05 s; beside its fastest round ours is 6 x the time, short of the goal of 2.5 x the time",
    ]
    assert short in report.table([(entry, ways)], judge=True)
    assert short not in report.table([(entry, ways)], judge=False)
    assert report.luck(Entry("key", "Work", {}, goals=(Goal(0.1),)), ways) == []


def test_the_record_is_every_back_test_and_small_is_the_first():
    from iitk.stages import track_record

    task = WORK["record"](Setting(Path(), small=True))
    answer = dict(task.answer([part() for part in task.parts]))
    assert answer["back-tests"] == 1
    kept = track_record.of(next(track_record.cases())).scores["auc"]["nearness"]
    assert next(value for name, value in answer.items() if name.startswith("AUC")) == pytest.approx(kept, abs=1e-4)


def test_a_missed_goal_is_said_and_counts_only_with_strict(monkeypatch, tmp_path, capsys):
    entry = Entry("key", "Work", {"ours": "x"}, goals=(Goal(1.0),))
    monkeypatch.setattr(bench, "ENTRIES", (entry,))
    monkeypatch.setattr(bench, "measure", lambda *_: {"ours": way(2.0)})
    out = ["--out", str(tmp_path / "bench.json")]
    assert (bench.main(out), bench.main([*out, "--strict"])) == (0, 1)
    assert capsys.readouterr().out.count("Goals reached: 0 of 1.") == 2


def test_what_is_missing_is_named_with_the_remedy_before_anything_is_measured(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda name: None if name == "pymcdm" else SimpleNamespace())
    assert bench.main(["--only", "smaa", "--only", "load the", "--shared", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "--shared FOLDER" in said
    assert "Not installed: pymcdm. Add the packages to compare with: make oracles" in said
    assert "measured without: --only smaa-uncertain" in said


def test_without_the_stock_environment_it_is_said_how_to_make_it(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench, "STOCK", tmp_path / "none")
    assert bench.main(["--only", "cohort"]) == 1
    said = capsys.readouterr().err
    assert "make stock" in said
    assert "measured without: --only cohort-unchanged" in said


def test_a_failing_piece_of_work_is_named(monkeypatch, tmp_path, capsys):
    entry = Entry("key", "Work", {"ours": "no such work"})
    monkeypatch.setattr(bench, "ENTRIES", (entry,))
    assert bench.main(["--out", str(tmp_path / "bench.json")]) == 1
    assert "KeyError: 'no such work'" in capsys.readouterr().err
    assert not (tmp_path / "bench.json").exists()


def test_help_has_examples_and_statuses_and_list_measures_nothing(capsys):
    with pytest.raises(SystemExit) as ended:
        bench.main(["--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert "examples:" in said
    assert "--strict" in said
    assert "status: 0" in said
    assert bench.main(["--list", "--only", "portfolio"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "portfolio-40", "portfolio-cuts", "portfolio-300",
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [["--only", "nothing like it"], ["--rounds", "0"]])
def test_wrong_use_ends_with_two(wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        bench.main(wrong)
    assert ended.value.code == 2
    assert "shift-share" in capsys.readouterr().err or wrong[0] == "--rounds"
