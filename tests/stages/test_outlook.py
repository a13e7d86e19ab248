"""What is within reach and what could slip away, and the shipped record beside it."""

from __future__ import annotations

import json
import math
import statistics
from itertools import pairwise

import numpy as np
import pytest

from iitk.errors import WorkError
from iitk.sources import geography, records, tables
from iitk.stages import base, outlook, potential, track_record
from iitk.stages.track_record import JOBS, VALUE_ADDED, Case


@pytest.fixture(scope="module")
def leeds():
    return outlook.of(geography.resolve("Leeds"))


def test_the_shipped_record_is_what_the_figures_give():
    """The quickest of value added and of jobs, worked out again; the rest is made by the same command."""
    for case in (Case(VALUE_ADDED, "exit", 10, "years"), Case(JOBS, "entry", 5, "areas")):
        again, shipped = track_record.run(case), track_record.of(case)
        for name in ("auc", "auc_lower", "precision", "margin_lower", "ratio", "within_area", "within_industry"):
            np.testing.assert_allclose(
                shipped.scores[name].astype(float), again.scores[name].astype(float), atol=2e-3, err_msg=name
            )
        assert shipped.scores["verdict"].tolist() == again.scores["verdict"].tolist()
        assert shipped.windows["events"].tolist() == again.windows["events"].tolist()
        assert (shipped.baseline, shipped.count) == (again.baseline, int(again.windows["cases"].sum()))
        for score in shipped.scores.index:
            assert shipped.calibrated(score) == again.calibrated(score)


def test_the_record_holds_every_test_and_is_of_these_figures():
    content = records.read()
    assert len(content["tests"]) == len(list(track_record.cases())) == 16
    assert content["made_from"] == {key: tables.source(key).sha256 for key in track_record.MADE_FROM}


def test_usual_moves_and_nearness_of_one_industry_by_hand(leeds):
    """Architecture and engineering in Leeds, from the cube, with plain loops."""
    cube, uk = tables.gva(), tables.gva_itl()
    at = list(cube.industries).index("71")
    whole, uk_row = list(cube.industries).index("Total"), list(uk.areas).index("UKX")
    uk_at, uk_whole = list(uk.industries).index("71"), list(uk.industries).index("Total")

    def log_quotients(row):
        there = uk.current[uk_row, uk_at] / uk.current[uk_row, uk_whole]
        return [
            math.log(max(float(x) / float(total) / float(t), 0.01)) if x >= 0 and not math.isnan(x) else math.nan
            for x, total, t in zip(cube.current[row, at], cube.current[row, whole], there, strict=True)
        ]

    def root_mean_square(logs):
        steps = [max(-1.0, min(1.0, b - a)) for a, b in pairwise(logs)]
        steps = [step for step in steps if not math.isnan(step)]
        return max(math.sqrt(sum(step * step for step in steps) / len(steps)), 0.001) if steps else math.nan

    rows = range(len(cube.areas))
    every = [root_mean_square(log_quotients(row)) for row in rows]
    place = list(cube.areas).index("E08000035")
    usual = math.sqrt(every[place] * statistics.median(one for one in every if not math.isnan(one)))
    now = log_quotients(place)[-1]
    row = leeds.rows.set_index("code").loc["71"]
    assert row["quotient"] == pytest.approx(math.exp(now), rel=2e-3)  # the cube keeps single precision
    assert row["usual_move"] == pytest.approx(usual, rel=5e-3)
    assert row["entry"] == pytest.approx((now - math.log(1.1)) / usual, rel=2e-2)
    assert np.isnan(row["exit"])


def test_what_happened_is_the_plain_count_of_its_band(leeds):
    shown = outlook.numbers(leeds, "entry").frame
    band = track_record.of(Case(VALUE_ADDED, "entry", 10, "years")).bands
    first = shown.iloc[0]
    mine = band[(band["low"] <= first["Quotient"]) & (first["Quotient"] < band["high"])].iloc[0]
    assert first["It happened"].startswith(f"{100 * mine['events'] / mine['cases']:.0f} (")


def test_each_score_carries_its_record(leeds):
    for event in ("entry", "exit"):
        block = outlook.numbers(leeds, event)
        scores = track_record.of(Case(VALUE_ADDED, event, 5, "years")).scores["auc"]
        for column, score in (("Quotient", "quotient"), ("Away", "nearness"), ("Relatedness", "density"),
                              ("All four", "opportunity")):  # fmt: skip
            assert f"record {100 * scores[score]:.0f}" in block.units[column]


def test_the_page_says_what_has_no_power_and_that_chances_did_not_come_true():
    text = " ".join(outlook.sentences())
    assert "No power to foretell entries: trend of the quotient." in text
    assert "gives no chances" in text
    assert "nothing is sure to beat the starting quotient" in text  # ten years ahead


def test_an_area_of_several_districts_is_measured_like_one():
    both = outlook.of(geography.resolve("Leeds + Bradford"))
    assert both.rows["quotient"].notna().all()
    assert both.rows["usual_move"].notna().all()
    # Value added of the two districts adds up.
    apart = [outlook.of(geography.resolve(name)).rows["current_gbp_m"] for name in ("Leeds", "Bradford")]
    np.testing.assert_allclose(both.rows["current_gbp_m"], apart[0] + apart[1])


def test_the_country_has_nothing_to_enter_or_lose_against_itself():
    country = outlook.of(base.pick("UK", "UK")[0])
    assert country.nearest("entry").empty
    assert country.nearest("exit").empty
    assert outlook.lead(country) == []
    for event, side in (("entry", "under 0.9"), ("exit", "over 1.1")):
        said = outlook.nearest_block(country, event).lines
        assert said == [(f"No industry of the UK with a figure of £25 million or more stands {side} times its share in "
                        "the UK, so none is listed here.")]  # fmt: skip


def test_small_industries_and_gaps_are_left_out():
    found = outlook.of(geography.resolve("Isles of Scilly"))
    assert found.nearest("entry").empty
    assert found.rows["quotient"].isna().any()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "is missing"),
        ("{", "is damaged"),
        ('{"made_from": {}}', "is damaged"),
        ('{"made_from": [], "moves": {}, "tests": []}', "is not in its form"),
        ('{"made_from": {"gva_lad": "0"}, "moves": {}, "tests": []}', "another edition of gva_lad"),
    ],
)
def test_a_record_that_cannot_be_used_says_how_to_make_it(tmp_path, monkeypatch, content, words):
    target = tmp_path / "potential.json"
    if content is not None:
        target.write_text(content, encoding="utf-8")
    monkeypatch.setattr(records, "path", lambda: target)
    with pytest.raises(WorkError, match=words) as caught:
        records.read()
    assert "iitk data record" in str(caught.value)


def test_a_written_record_reads_back(tmp_path, monkeypatch):
    target = tmp_path / "potential.json"
    monkeypatch.setattr(records, "path", lambda: target)
    records.write([{"figures": "jobs"}], {2020: 0.15}, ["gva_lad"])
    assert json.loads(target.read_text(encoding="utf-8")) == records.read()
    assert records.read()["moves"] == {"2020": 0.15}


def test_the_stage_ships_outlook_and_record_as_tables():
    stage = potential.prepare("Leeds")
    assert {"outlook", "record"} <= set(stage.tables)
    assert len(stage.tables["record"]) == 16 * 9


def test_what_a_notebook_keeps_of_a_stage_beside_its_parts_is_short():
    from iitk.stages import potential

    stage = potential.prepare("York")
    assert repr(stage) == "<Stage 03_potential: York>"
    assert len(repr(stage.opening())) < 80
    assert all(len(repr(block)) < 20_000 for block in stage.blocks.values())
