"""Stage 6: every option once, every drop with its reason, and every trace back to figures that are really there."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from functools import cache

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from iitk.errors import FaultyFolderError, UsageError
from iitk.model import Badge
from iitk.publish import record
from iitk.sources import choices, geography
from iitk.stages import choose, options, selection
from tests.sources.choosing import change, copied
from tests.stages.choosing import EXAMPLE, Hand, listed

pytestmark = pytest.mark.usefixtures("own")

OFFICIAL = EXAMPLE.parents[1] / "official"


@pytest.fixture(scope="module")
def stage(own):
    return options.prepare("West Yorkshire")


@pytest.fixture
def real(own):
    """Own files of Leeds whose options are marked as the team's own figures."""
    folder = copied(own / "leeds")
    yield as_modelled(folder)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def as_modelled(folder):
    path = folder / "options.csv"
    text = path.read_bytes().decode("utf-8-sig")
    path.write_text(text.replace(",illustrative,", ",modelled,"), encoding="utf-8", newline="")
    return folder


# The long list and the short list


def test_every_option_of_the_file_is_on_exactly_one_card(stage, hand):
    cards = {card.name: card for card in stage.blocks["long_list"].options}
    assert list(cards) == list(hand.rows)
    assert len(stage.blocks["long_list"].options) == len(cards) == 25
    page = stage.blocks["long_list"]._repr_html_()
    assert Counter(re.findall(r"<h4>(.*?)</h4>", page)) == Counter(name.replace("'", "&#x27;") for name in hand.rows)
    for name, card in cards.items():
        row = hand.rows[name]
        written = {kind: sum(float(value) for key, value in row.items() if key.startswith(f"{kind}_2"))
                   for kind in ("capital", "revenue")}  # fmt: skip
        assert (card.capital, card.revenue) == pytest.approx((written["capital"], written["revenue"]))
        assert card.net_jobs == pytest.approx(hand.net_jobs(name))
        assert (card.lever, card.underpinning, card.owner) == (row["lever"], row["underpinning"], row["owner"])
        assert card.evidence_grade == (None if row["evidence_grade"] == "none" else int(row["evidence_grade"]))
        assert (card.badge, card.trace.option) == (Badge.ILLUSTRATIVE, name)


def test_every_drop_has_the_factor_and_the_reason_of_the_file(stage, hand):
    block = stage.blocks["short_list"]
    assert len(hand.dropped) == 4
    assert {one.option: (one.factor, one.reason) for one in block.dropped} == hand.dropped
    assert {one.option: one.who for one in block.dropped} == {name: hand.rows[name]["owner"] for name in hand.dropped}
    assert [one.option for one in block.kept] == hand.short
    assert {one.name: one.dropped for one in stage.blocks["long_list"].options if one.dropped} == {
        name: f"{factor}: {reason}" for name, (factor, reason) in hand.dropped.items()
    }
    open_ = [(row["option"], factor["name"], row[f"{factor['key']}_reason"]) for row in hand.factors
             for factor in hand.said["factor"] if row[factor["key"]] == "unknown"]  # fmt: skip
    assert [(one.option, one.factor, one.reason) for one in block.unknown] == open_
    assert {one[0] for one in open_} <= set(hand.short)  # what nobody knows drops nothing


def test_the_counts_of_each_factor_add_up_to_the_options(stage, hand):
    frame = stage.blocks["factors"].frame.set_index("Success factor")
    for factor in hand.said["factor"]:
        said = Counter(row[factor["key"]] for row in hand.factors)
        assert list(frame.loc[factor["name"], ["Pass", "Fail", "Not known"]]) == [
            said["pass"], said["fail"], said["unknown"],
        ]  # fmt: skip
        assert said.total() == 25


def test_what_needs_a_dropped_option_is_dropped_for_that_reason():
    """Faster decisions fail; three options need them, and one of these is needed by nothing else."""
    files = choices.example()
    needed = "Faster decisions on employment land"
    verdicts = tuple(replace(one, passed=False, reason="No power to") if (one.option, one.factor) == (needed, "powers")
                     else one for one in files.verdicts)  # fmt: skip
    found = replace(selection.of(geography.resolve("West Yorkshire")), files=replace(files, verdicts=verdicts))
    drops = {one.option: one for one in found.dropped}
    assert drops[needed].reason == "No power to"
    direct = {one.name for one in files.options.options if needed in one.needs}
    through = {one.name for one in files.options.options if direct & set(one.needs)}
    assert len(direct) == 3
    for name in (direct | through) - set(Hand().dropped):
        assert drops[name].factor == ""
        assert re.fullmatch(r"It needs “.*”, which is dropped\.", drops[name].reason)
    assert needed in drops[next(iter(direct))].reason
    assert not direct & set(found.short)
    assert len(drops) == len(found.dropped)


# Traces


@cache
def figures(area):
    """£ million by industry in the latest year, from the official table."""
    rows = pq.read_table(OFFICIAL / "gva_itl.parquet", filters=pc.field("area_code") == area).to_pylist()
    year = max(row["year"] for row in rows)
    return year, {row["industry_code"]: row["current_gbp_m"] for row in rows if row["year"] == year}


def in_million(text):
    return float(text.strip("£bnm")) * (1000 if text.endswith("bn") else 1)


@pytest.mark.parametrize("name", ["Machine tool export mission", "Legal technology sandbox"])
def test_the_facts_of_a_trace_are_those_of_the_official_table(stage, hand, name):
    """One serves two industries of making, the other finance, law and information: some are sums of published ones."""
    parts = {"61-63": ["61", "62", "63"], "CI-CL (26-30)": ["CI (26)", "CJ (27)", "CK (28)", "CL (29-30)"]}
    (year, here), (_, there) = figures("TLE4"), figures("UKX")
    codes = listed(hand.rows[name]["industries"])
    assert len(codes) > 1
    trace = next(card.trace for card in stage.blocks["long_list"].options if card.name == name)
    for code, step in zip(codes, trace.steps, strict=False):
        ours, theirs = (sum(table[part] for part in parts.get(code, [code])) for table in (here, there))
        wanted = r" in West Yorkshire: (£[\d.]+(?:bn|m)) of value added in (\d+), ([\d.]+) times"
        said = re.search(wanted, step.sentence)
        assert in_million(said[1]) == pytest.approx(ours, rel=0.04)
        assert said[2] == str(year)
        assert float(said[3]) == pytest.approx((ours / here["Total"]) / (theirs / there["Total"]), abs=0.051)
        assert (step.kind, step.badge) == ("fact", Badge.OBSERVED)
        assert "Office for National Statistics" in step.source


def test_every_trace_has_every_kind_of_step_and_says_what_is_missing(stage, hand):
    kinds = {"fact", "gap", "opportunity", "vote", "assumption", "cost", "evidence"}
    for card in stage.blocks["long_list"].options:
        row, steps = hand.rows[card.name], card.trace.steps
        assert {step.kind for step in steps} == kinds
        lacking = {step.missing for step in steps if step.missing}
        assert ("no industry is named for its opportunity" in lacking) is (not row["industries"])
        assert ("the evidence library knows nothing like it" in lacking) is (not row["intervention"])
        for step in steps:
            assert bool(step.sentence) is not bool(step.missing)
            assert step.who if step.missing else (step.badge and step.source)
        cost = next(step.sentence for step in steps if step.kind == "cost")
        assert in_million(re.search(r"£[\d.,]+(?:bn|m)?", cost)[0].replace(",", "")) == pytest.approx(
            hand.cost(card.name) / (1 if "m in all" not in cost else 1e6), rel=0.06)  # fmt: skip
        votes = [step.sentence for step in steps if step.kind == "vote"]
        passed = sum(next(one for one in hand.factors if one["option"] == card.name)[factor["key"]] == "pass"
                     for factor in hand.said["factor"])  # fmt: skip
        assert f"Passes {passed} of 5 success factors." in votes[0]
        assert len(votes) == (2 if card.name in hand.short else 1)


def test_the_votes_of_a_trace_are_the_medians_of_those_who_know(stage, hand):
    name = "Health data trust"
    trace = next(card.trace for card in stage.blocks["long_list"].options if card.name == name)
    said = [step.sentence for step in trace.steps if step.kind == "vote"][1]
    for one in hand.said["criterion"]:
        if not one.get("measure"):
            many = sum(row["option"] == name and row[one["key"]] != "don't know" for row in hand.scored)
            assert f"{one['name'].lower()} {hand.score(name, one['key']):g} of 5" in said
            assert f"{many} of 7 scored" in said


def test_what_an_area_does_not_have_is_said_as_missing():
    """The Isles of Scilly have no figure for most of making: no quotient is made up for them."""
    traces = options.prepare("Isles of Scilly").tables["traces"]
    facts = traces[(traces["step"] == "fact") & (traces["option"] == "Machine tool export mission")]
    assert facts["sentence"].str.startswith("missing: no figure is published for industry").any()
    assert "West Yorkshire:" not in " ".join(traces["sentence"])


def test_the_logic_model_of_an_unknown_option_is_refused():
    with pytest.raises(UsageError, match="no option called 'Moon base'"):
        options.logic(selection.of(geography.resolve("Leeds")), "Moon base")


# Tables and record


def test_the_tables_say_what_the_page_says(stage, hand):
    table = stage.tables["options"].set_index("option")
    assert list(table.index) == list(hand.rows)
    assert list(table.index[table["short_list"]]) == hand.short
    for name in hand.rows:
        assert table["net_jobs"][name] == pytest.approx(hand.net_jobs(name))
        npsv = hand.npsv(name)
        assert table["npsv"].isna()[name] if npsv is None else table["npsv"][name] == pytest.approx(npsv)
    assert table["npsv"].isna().sum() == 1  # nobody has estimated it: missing, and not 0
    verdicts = stage.tables["short_list"]
    assert len(verdicts) == 25 * 5
    assert Counter(verdicts["verdict"]) == Counter(
        {"pass": "pass", "fail": "fail", "unknown": "not known"}[row[factor["key"]]]
        for row in hand.factors for factor in hand.said["factor"]
    )  # fmt: skip


def test_the_record_keeps_to_its_schema(stage):
    found = stage.record()
    assert record.faults(json.loads(json.dumps(found))) == []
    assert {one["key"]: one["values"]["options"] for one in found["findings"]} == {
        "long-list": 25, "short-list": 21, "without-evaluation": 5,
    }  # fmt: skip
    assert set(found["parameters"]["files"]) == {
        "options.csv", "factors.csv", "weights.csv", "scores.csv", "choice.toml",
    }  # fmt: skip


# A team's own files


def test_the_example_says_that_it_is_one_wherever_it_is_shown(stage):
    for one in (stage, options.prepare("Cornwall")):
        assert any(note.startswith("No options have been written for") for note in one.notes)
        assert "made up to show how choosing works" in one.opening()._repr_html_()


def test_own_files_take_the_place_of_the_example(real):
    change(real, "choice.toml", "Which few measures should we fund first", "What first for Leeds")
    text = (real / "options.csv").read_bytes().decode("utf-8")
    (real / "options.csv").write_text(text.replace("Shared textile pilot line,", "Cloth hall,"), encoding="utf-8")
    change(real, "factors.csv", "Shared textile pilot line,", "Cloth hall,")
    scored = (real / "scores.csv").read_bytes().decode("utf-8-sig").replace("Shared textile pilot line", "Cloth hall")
    (real / "scores.csv").write_text(scored, encoding="utf-8")
    for module in (options, choose):
        stage = module.prepare("Leeds") if module is options else module.prepare("Leeds", draws=0)
        assert not [note for note in stage.notes if "made up" in note or "illustrative" in note]
        assert stage.parameters["folder"] == "areas/leeds"
        shown = "".join(block._repr_html_() for block in stage.blocks.values())
        assert "Cloth hall" in shown
        assert "Shared textile pilot line" not in shown
        assert 'class="badge illustrative"' not in shown.replace(stage_vintages(stage), "")
        assert {figure.badge for figure in stage.figures.values()} <= {Badge.MODELLED, Badge.JUDGEMENT}
        assert {one["badge"] for one in stage.record()["findings"]} == {"modelled"}
    assert "No options have been written for Bradford" in " ".join(options.prepare("Bradford").notes)


def stage_vintages(stage):
    """The table of other rules holds a what-if, which is illustrative whoever wrote the options."""
    return stage.blocks["vintages"]._repr_html_() if "vintages" in stage.blocks else ""


def test_own_options_that_are_still_illustrative_are_called_so_but_not_the_example(real):
    change(real, "options.csv", ",modelled,", ",illustrative,")
    stage = options.prepare("Leeds")
    assert stage.notes[0].startswith("1 option of areas/leeds is marked as illustrative, so that all")
    assert not [note for note in stage.notes if "No options have been written" in note]
    assert {card.badge for card in stage.blocks["long_list"].options} == {Badge.ILLUSTRATIVE}


def test_a_faulty_own_file_gives_every_fault_and_no_half_result(real):
    change(real, "choice.toml", "base_year = 2026", "base_year = 2040")
    change(real, "factors.csv", "Technician bootcamps,pass", "Technician bootcamps,perhaps")
    change(real, "weights.csv", "Leader of a city council,25", "Leader of a city council,5")
    for prepare in (options.prepare, choose.prepare):
        with pytest.raises(FaultyFolderError) as failed:
            prepare("Leeds")
        assert {one.file for one in failed.value.files} == {"choice.toml", "factors.csv", "weights.csv"}
        for said in ("2040 lies after the first costs", "perhaps", "add up to 80, not to 100"):
            assert said in str(failed.value)
    assert options.prepare("Bradford").parameters["folder"] == choices.EXAMPLE
