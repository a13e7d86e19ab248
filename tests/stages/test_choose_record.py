"""What a board signs: the record, its hash, the warnings, and tables that say what the page says."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

from iitk.model import Adjustments, Badge
from iitk.publish import record
from iitk.sources import choices, geography, parameters, paths, tables
from iitk.stages import choose, decisions, selection
from tests.sources import planting
from tests.sources.choosing import change, copied

pytestmark = pytest.mark.usefixtures("own")


@pytest.fixture(scope="module")
def stage(own):
    return choose.prepare("West Yorkshire", draws=40)


@pytest.fixture(scope="module")
def found(stage):
    return stage.selection


@pytest.fixture
def changed(own):
    """The choice of Leeds with one text of one file changed."""
    def make(*change_of):
        folder = copied(own / "leeds")
        if change_of:
            change(folder, *change_of)
        return selection.of(geography.resolve("Leeds"))

    yield make
    shutil.rmtree(own / "leeds", ignore_errors=True)


# The record


def test_the_sheet_says_what_is_chosen_for_how_much_and_who_answers(found, hand):
    sheet = decisions.sheet(found)
    assert [one.option for one in sheet.chosen] == list(found.best().chosen)
    for one in sheet.chosen:
        assert one.cost == pytest.approx(hand.cost(one.option))
        assert one.owner == hand.rows[one.option]["owner"]
    assert (sheet.considered, sheet.short_listed, sheet.question) == (25, 21, hand.said["question"])
    assert set(sheet.not_now) == set(hand.rows) - set(found.best().chosen)
    assert sheet.unknown == ["Health data trust: Legal powers"]
    decision = hand.said["decision"]
    assert (list(sheet.conditions), list(sheet.dissent)) == (decision["conditions"], decision["dissent"])
    assert (sheet.owner, sheet.review, sheet.outcome) == (decision["owner"], decision["review_date"], "proposed")
    vintage = parameters.vintage("green-book-2026")
    assert sheet.vintage == vintage.title
    assert sheet.vintage_status.startswith(f"{len(vintage.unconfirmed)} of its values")
    assert sheet.badge is Badge.ILLUSTRATIVE


def test_the_record_carries_the_decision_and_keeps_to_its_schema(stage, found):
    written = json.loads(json.dumps(stage.record()))
    assert record.faults(written) == []
    (one,) = written["decisions"]
    assert one["chosen"] == list(found.best().chosen)
    assert {row["option"] for row in one["not_now"]} | set(one["chosen"]) == set(one["options"])
    assert not {row["option"] for row in one["not_now"]} & set(one["chosen"])
    assert all(row["reason"] and row["sentence"] and row["change"] for row in one["not_now"])
    assert one["evidence_hash"] == decisions.evidence_hash(found)
    assert re.fullmatch(r"[0-9a-f]{64}", one["evidence_hash"])
    assert {file["name"]: file["sha256"] for file in one["files"]} == dict(found.files.files)
    assert one["evidence_hash"] in stage.blocks["record"]._repr_html_()
    for spoilt in ({"outcome": "perhaps"}, {"evidence_hash": "1"}, {"chosen": [1]}, {"not_now": [{"option": "A"}]}):
        assert record.faults({**written, "decisions": [{**one, **spoilt}]})


def test_saved_and_read_again_it_is_the_same(stage, tmp_path):
    assert stage.save(tmp_path).startswith("Saved the record and")
    again = record.read_record(tmp_path / "record.json")
    assert again["decisions"] == json.loads(json.dumps(stage.record()["decisions"]))
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == sorted(
        name.removeprefix("tables/") for name in again["files"]
    )


def test_the_findings_are_those_of_the_group(stage, found, hand):
    names = found.best().chosen
    values = {one["key"]: next(iter(one["values"].values())) for one in stage.record()["findings"]}
    assert values == pytest.approx({
        "chosen": len(names), "net-jobs": sum(map(hand.net_jobs, names)), "cost": sum(map(hand.cost, names)),
        "net-worth": sum(map(hand.counted, names)),
    })  # fmt: skip


# The hash of the evidence


def test_the_hash_stays_where_nothing_of_the_evidence_changes(found, changed):
    usual = decisions.evidence_hash(found)
    assert decisions.evidence_hash(changed()) == usual  # the same files elsewhere
    assert decisions.evidence_hash(selection.of(geography.resolve("Cornwall"))) == usual
    again = replace(found, files=replace(found.files, files=tuple(reversed(found.files.files))))
    assert decisions.evidence_hash(again) == usual
    assert decisions.sheet(found).evidence_hash == decisions.record(found)["evidence_hash"] == usual


@pytest.mark.parametrize(("file", "old", "new"), [
    ("options.csv", "A vacant mill floor", "An empty mill floor"),
    ("factors.csv", "take until 2033 at best", "take until 2034 at best"),
    ("weights.csv", "Leader of a city council", "Leader of the city council"),
    ("scores.csv", "council-leader,Technician bootcamps,4", "council-leader,Technician bootcamps,5"),
    ("choice.toml", "2027 = 6000000", "2027 = 6000001"),
])  # fmt: skip
def test_the_hash_changes_with_every_file(found, changed, file, old, new):
    assert decisions.evidence_hash(changed(file, old, new)) != decisions.evidence_hash(found)


def test_every_case_that_can_be_put_to_a_board_has_a_hash_and_says_which_case_it_is(found):
    cases = [(100, ""), (75, ""), (100, "slow-growth"), (75, "slow-growth")]
    sheets = [decisions.sheet(found, *case) for case in cases]
    assert len({sheet.evidence_hash for sheet in sheets}) == 4
    assert "Scenario: slow growth. Money: 75% of the budget." in sheets[3].result
    assert decisions.sheet(found, 100, "expected").evidence_hash == sheets[0].evidence_hash


def test_the_hash_changes_with_the_vintage(found):
    hashes = {decisions.evidence_hash(selection.under(found, name)) for name in parameters.vintages()}
    assert len(hashes) == 3


def test_a_parameter_that_is_changed_counts_at_once_and_changes_the_hash(tmp_path, monkeypatch):
    shutil.copytree(planting.SHIPPED, tmp_path / "data")
    monkeypatch.setenv("IITK_DATA", str(tmp_path / "data"))
    before = selection.of(geography.resolve("West Yorkshire"))
    usual, worth = decisions.evidence_hash(before), before.worth().table["npsv"].sum()
    file = tmp_path / "data" / "parameters.toml"
    text = file.read_text(encoding="utf-8")
    start = text.index('[[group]]\nvintage = "green-book-2026"')
    file.write_text(text[:start] + text[start:].replace("1 = 0.035", "1 = 0.050", 1), encoding="utf-8")
    after = selection.of(geography.resolve("West Yorkshire"))
    assert after.vintage.discount[0] == (1, 0.05)
    assert after.worth().table["npsv"].sum() < worth
    assert decisions.evidence_hash(after) != usual


def test_the_hash_changes_with_an_official_table(tmp_path, monkeypatch):
    usual = decisions.evidence_hash(selection.of(geography.resolve("West Yorkshire")))
    shutil.copytree(planting.SHIPPED, tmp_path / "data")
    monkeypatch.setenv("IITK_DATA", str(tmp_path / "data"))
    same = selection.of(geography.resolve("West Yorkshire"))
    assert decisions.evidence_hash(same) == usual
    file = paths.sources_file()
    mark = tables.all_sources()["gva_lad"].sha256
    file.write_text(file.read_text(encoding="utf-8").replace(mark, "0" * 64), encoding="utf-8")
    assert decisions.evidence_hash(same) != usual


# Warnings


def said(found, percent=100, scenario=""):
    return " ".join(one.sentence for one in decisions.warnings(found, percent, scenario).warnings)


def test_more_than_five_priorities_are_warned_of_and_five_are_not(found):
    counts = {percent: len(found.best("group", percent).chosen) for percent in (40, 45, 50, 100)}
    assert counts[40] <= 5 < counts[100]
    assert f"{counts[100]} options are chosen: more than 5" in said(found)
    assert "hard to deliver" not in said(found, 40)
    many = replace(found, files=replace(found.files, most_priorities=counts[100]))
    assert "hard to deliver" not in said(many)


def with_options(found, **by_name):
    """The same choice with some fields of some options changed."""
    options = tuple(replace(one, **by_name.get(one.name, by_name.get("every", {}))) for one in
                    found.files.options.options)  # fmt: skip
    return replace(found, files=replace(found.files, options=replace(found.files.options, options=options)))


def test_that_nothing_was_rejected_is_said_only_then(found):
    assert "Nothing was rejected" not in said(found)
    few = tuple(one for one in found.files.options.options if one.name in
                ("Shared export desk with neighbours", "Technician bootcamps", "Legal technology sandbox"))  # fmt: skip
    files = replace(found.files, options=replace(found.files.options, options=few), verdicts=(),
                    limits=())  # fmt: skip
    whole = replace(found, files=files)
    assert len(whole.best().chosen) == 3
    assert "Nothing was rejected." in said(whole)
    dropped = replace(whole, files=replace(files, verdicts=tuple(
        replace(one, passed=False, reason="no") for one in found.files.verdicts
        if (one.option, one.factor) == ("Legal technology sandbox", "fit"))))  # fmt: skip
    assert "Nothing was rejected" not in said(dropped)


def test_choosing_without_evaluations_is_warned_of_only_where_most_have_none(found):
    assert "rests on no evaluation" not in said(found)
    graded = [name for name in found.best().chosen if found.options[name].evidence_grade is not None]
    assert len(graded) > len(found.best().chosen) / 2
    assert "Most of what is chosen rests on no evaluation." in said(
        with_options(found, every={"evidence_grade": None})
    )
    half = len(found.best().chosen) // 2
    exactly = {name: {"evidence_grade": None if at < half else 3} for at, name in enumerate(found.best().chosen)}
    assert "rests on no evaluation" not in said(with_options(found, **exactly))


def test_what_is_worth_less_than_it_costs_is_named(found, hand):
    for percent in (75, 100, 150):
        names = found.best("group", percent).chosen
        losses = [name for name in names if (hand.npsv(name) or 0) < 0]
        rail = next((one.sentence for one in decisions.warnings(found, percent).warnings
                     if one.sentence.startswith("Worth less")), "")  # fmt: skip
        assert bool(rail) is bool(losses)
        for name in names:
            assert (name in rail) is (name in losses)


def test_a_tie_is_said_and_only_then(found):
    assert "exactly as good" not in said(found)
    name, other = "Machine tool export mission", "Shared export desk with neighbours"
    one = found.options[other]
    twin = replace(one, name=name, excludes=(other,))
    options = tuple(twin if each.name == name else each for each in found.files.options.options)
    options = tuple(replace(each, excludes=(name,)) if each.name == other else each for each in options)
    scores = tuple(s for s in found.files.scores if s[1] != name)
    scores += tuple((m, name, c, s) for m, o, c, s in scores if o == other)
    files = replace(found.files, options=replace(found.files.options, options=options), scores=scores, promised=())
    tied = replace(found, files=files)
    assert tied.table()["group"][name] == pytest.approx(tied.table()["group"][other])
    assert {name, other} & set(tied.best().chosen)
    assert "Another portfolio is exactly as good." in said(tied)


def test_a_supply_side_case_is_said_only_where_one_is_made(found, hand):
    cases = [name for name in found.best().chosen if hand.rows[name]["supply_side"]]
    assert cases
    rail = next(one for one in decisions.warnings(found).warnings if "supply-side" in one.sentence)
    assert [name in rail.sentence for name in hand.rows] == [name in cases for name in hand.rows]
    assert "supply-side" not in said(with_options(found, every={"supply_side": ""}))


def test_without_a_warning_the_page_says_what_was_checked(found):
    all_new = Adjustments(0, 0, 0, 0, 1)
    quiet = with_options(found, every={"supply_side": "", "persistence_years": 40, "adjustments": all_new})
    quiet = replace(quiet, files=replace(quiet.files, most_priorities=25))
    assert decisions.warnings(quiet).warnings == []
    assert "No warning. Checked: number of priorities" in decisions.warnings(quiet)._repr_html_()


# Tables


def test_the_tables_have_no_gap_where_the_page_has_a_number_and_the_other_way_round(stage, found, hand):
    table = stage.tables["options"].set_index("option")
    assert list(table.index) == list(hand.rows)
    assert list(table.index[table["chosen"]]) == [name for name in hand.rows if name in found.best().chosen]
    assert list(table.index[table["short_list"]]) == hand.short
    for name in hand.rows:
        assert np.isnan(table["group_value"][name]) == (name not in hand.short)
        assert np.isnan(table["npsv"][name]) == (hand.npsv(name) is None)
        assert table["net_jobs"][name] == pytest.approx(hand.net_jobs(name))
        assert np.isnan(table["cost_per_net_job"][name]) == (hand.net_jobs(name) <= 0)
    for name in ("spending", "cuts", "frontier", "weights", "robust"):
        assert stage.tables[name].notna().all(axis=None), name
    whole = stage.tables["cuts"].set_index("cut").loc[0.0]
    assert whole["chosen"] == "; ".join(found.best().chosen)
    assert whole["value"] == pytest.approx(sum(map(hand.value, found.best().chosen)))
    assert stage.tables["weights"].set_index("member").sum(axis=1).to_numpy() == pytest.approx(1)
    spending = stage.tables["spending"].set_index("budget_of")
    for column, most in hand.money().items():
        assert spending["budget"][column] == pytest.approx(most)
        assert spending["spend"][column] == pytest.approx(sum(hand.spend(name)[column] for name in found.best().chosen))


def test_the_parameters_of_the_record_name_every_file_by_its_hash(stage):
    assert stage.parameters["files"] == dict(choices.example().files)
    assert stage.parameters["vintage"] == "green-book-2026"
