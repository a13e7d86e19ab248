from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.analysis.specialisation import location_quotient, location_quotient_cube, quotient_reasons
from iitk.errors import MethodError

AREAS = pd.DataFrame({"Metals": [20.0, 5.0], "Care": [30.0, 45.0], "Other": [50.0, 150.0]}, index=["A", "B"])
counts = st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 9000)), min_size=2, max_size=12)


def test_one_quotient_of_the_textbook(case):
    """c04, Farhauer and Kroell (2013): 1,714 of 79,006 against 879,213 of 15,593,224."""
    given_, wanted = case("c04")["inputs"]["locq"], case("c04")["expected"]["locq"]
    found = location_quotient(
        pd.Series({"i": float(given_["e_ij"])}),
        {"i": given_["e_i"]},
        activity_total=given_["e_j"],
        reference_total=given_["e"],
    )
    assert found["i"] == pytest.approx(wanted, rel=1e-9)


def test_by_hand_against_the_sum_of_the_areas():
    # Metals: A 20 of 100, B 5 of 200, both 25 of 300. (20/100) / (25/300) = 2.4; (5/200) / (25/300) = 0.3.
    found = location_quotient(AREAS)
    assert found["Metals"].tolist() == pytest.approx([2.4, 0.3])
    assert found.shape == AREAS.shape


def test_published_totals_are_the_denominators():
    # Half of A is not broken down: its total is 200, not 100.
    found = location_quotient(
        AREAS.loc["A"], {"Metals": 10, "Care": 30, "Other": 60}, activity_total=200, reference_total=200
    )
    assert found["Metals"] == pytest.approx((20 / 200) / (10 / 200))


@given(counts, st.integers(2, 1000))
def test_scale_changes_nothing_and_the_weighted_mean_is_one(rows, k):
    local, reference = (pd.Series([row[side] for row in rows], dtype=float) for side in (0, 1))
    if local.sum() == 0:
        return
    lq = location_quotient(local, reference)
    assert (lq * reference / reference.sum()).sum() == pytest.approx(1.0)
    pd.testing.assert_series_equal(location_quotient(local * k, reference / k), lq)


def test_the_order_of_the_industries_does_not_matter():
    reference = AREAS.sum()
    pd.testing.assert_frame_equal(location_quotient(AREAS, reference[::-1]), location_quotient(AREAS, reference))
    totals = AREAS.sum(axis=1)[::-1]
    pd.testing.assert_frame_equal(location_quotient(AREAS, activity_total=totals), location_quotient(AREAS))


def test_none_is_zero_and_gaps_negatives_and_absent_industries_are_missing():
    local = pd.Series({"None here": 0.0, "Gap": np.nan, "Loss": -3.0, "Absent": 2.0, "Other": 81.0})
    reference = {"None here": 10, "Gap": 10, "Loss": 10, "Absent": 0, "Other": 70}
    totals = {"activity_total": 100, "reference_total": 100}
    lq = location_quotient(local, reference, **totals)
    assert lq["None here"] == 0
    assert lq.index[lq.isna()].tolist() == ["Gap", "Loss", "Absent"]
    assert quotient_reasons(local, reference, **totals).to_dict() == {
        "None here": "", "Gap": "no figure", "Loss": "negative figure", "Absent": "none in the reference", "Other": "",
    }  # fmt: skip


def test_an_area_with_a_gap_and_no_published_total_gets_no_quotient_and_the_others_are_unharmed():
    table = pd.concat([AREAS, pd.DataFrame({"Metals": [np.nan], "Care": [7.0], "Other": [9.0]}, index=["Gappy"])])
    lq = location_quotient(table)
    assert lq.loc["Gappy"].isna().all()
    pd.testing.assert_frame_equal(lq.loc[["A", "B"]], location_quotient(AREAS))
    assert set(quotient_reasons(table).loc["Gappy"]) == {"no figure", "total of the area unknown"}


def test_an_area_with_a_gap_and_its_published_total_keeps_its_other_quotients():
    # Cornwall 2023: sections add to 11,216 of a published 14,384 (£m). Dividing by 11,216 would overstate each by 28%.
    cornwall = pd.Series({"C": 1000.0, "Other known": 10216.0, "Missing": np.nan})
    uk = {"C": 200.0, "Other known": 1500.0, "Missing": 300.0}
    assert location_quotient(cornwall, uk).isna().all()
    lq = location_quotient(cornwall, uk, activity_total=14384)
    assert lq["C"] == pytest.approx((1000 / 14384) / 0.1)
    assert np.isnan(lq["Missing"])


def test_an_empty_area_and_an_empty_industry_are_missing_alone():
    table = AREAS.assign(Nothing=0.0)
    table.loc["Empty"] = 0.0
    lq = location_quotient(table)
    assert lq.loc["Empty"].isna().all()
    assert lq["Nothing"].isna().all()
    pd.testing.assert_frame_equal(lq.loc[["A", "B"], AREAS.columns], location_quotient(AREAS))
    assert quotient_reasons(table).loc["Empty", "Care"] == "total of the area is not positive"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: location_quotient(AREAS.loc["A"]), "no comparator: pass reference"),
        (lambda: location_quotient(AREAS, {"Metals": 1, "Care": 2}), "Only activity has 'Other'"),
        (lambda: location_quotient(AREAS, {"Metals": 1, "Care": 2, "Other": 3, "X": 4}), "Only reference has 'X'"),
        (lambda: location_quotient(AREAS, activity_total={"A": 100, "C": 200}), "Only activity_total has 'C'"),
        (lambda: location_quotient(AREAS, activity_total={"A": 100, "B": -1}), "not for 'B'"),
        (lambda: location_quotient(AREAS, activity_total=300), "one total for each of the 2 areas"),
        (lambda: location_quotient(AREAS, reference_total=0), "reference_total must be a figure above zero"),
        (lambda: location_quotient(AREAS, activity_total={"A": 100, "B": 1}), "less than its industry 'Other' .*unit"),
        (lambda: location_quotient(pd.concat([AREAS, AREAS])), "'A', 'B' more than once"),
        (lambda: location_quotient(AREAS.replace(20.0, "many")), "not a number"),
        (lambda: location_quotient(AREAS, reference=AREAS), "Pick a row"),
        (lambda: location_quotient(AREAS, reference=3), "must be a Series"),
        (lambda: location_quotient([1, 2]), "One area alone has no comparator"),
        (lambda: location_quotient("ab"), "must be a table"),
        (lambda: location_quotient_cube(np.ones((2, 3)), [1], [1], [1]), "not 2 dimension"),
        (
            lambda: location_quotient_cube(np.ones((2, 3, 4)), np.ones((3, 4)), np.ones((4, 2)), np.ones(4)),
            r"activity_total must have the shape \(2, 4\)",
        ),
    ],
)
def test_errors_name_the_argument_and_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()


def test_the_cube_equals_the_frames_year_by_year():
    rng = np.random.default_rng(2)
    cube = rng.gamma(0.8, 100, (361, 37, 26))
    cube[rng.random(cube.shape) < 0.02] = np.nan
    cube[rng.random(cube.shape) < 0.01] *= -1
    reference, totals = np.nansum(np.abs(cube), axis=0), np.nansum(np.abs(cube), axis=1) * 1.1
    whole = reference.sum(axis=0)
    quotients = location_quotient_cube(cube, reference, totals, whole)
    for year in (0, 25):
        frame = location_quotient(
            pd.DataFrame(cube[:, :, year]),
            reference[:, year],
            activity_total=totals[:, year],
            reference_total=whole[year],
        )
        np.testing.assert_allclose(quotients[:, :, year], frame, rtol=1e-12)
        # And the naive way, cell by cell.
        naive = cube[5, 7, year] / totals[5, year] / (reference[7, year] / whole[year])
        assert np.isnan(quotients[5, 7, year]) == bool(np.isnan(naive) or naive < 0)
        if naive >= 0:
            assert quotients[5, 7, year] == pytest.approx(naive)


@given(
    st.lists(st.integers(1, 999), min_size=2, max_size=6), st.lists(st.integers(1, 999), min_size=2, max_size=6)
)
def test_areas_with_the_mix_of_the_whole_have_quotients_of_exactly_one(areas, industries):
    assert (location_quotient(pd.DataFrame(np.outer(areas, industries))) == 1.0).all(axis=None)


def test_a_loss_is_left_out_of_everybody_elses_comparator():
    table = pd.DataFrame([[-500.0, 20], [10, 20], [30, 5]], list("ABC"), ["u", "v"])
    found, reasons = location_quotient(table), quotient_reasons(table)
    pd.testing.assert_frame_equal(found.loc[["B", "C"]], location_quotient(table.drop("A")))
    assert reasons.loc["A"].tolist() == ["negative figure", "total of the area is not positive"]
    assert (reasons.loc[["B", "C"]] == "").all(axis=None)
    assert found.attrs["missing"] == {"A": "negative figure; total of the area is not positive"}


def test_a_comparator_without_a_positive_total_is_named():
    jobs, nation = pd.Series({"a": 1.0, "b": 2.0}), {"a": 5.0, "b": -5.0}
    assert location_quotient(jobs, nation).isna().all()
    reasons = quotient_reasons(jobs, nation)
    assert reasons.to_dict() == {"a": "total of the reference is not positive", "b": "negative figure in the reference"}


def test_an_area_or_industry_without_any_quotient_says_why():
    table = pd.DataFrame(
        {"a": [1.0, 0, 3, 4], "b": [2.0, 0, 1, np.nan], "none": [0.0, 0, 0, 0]}, ["W", "idle", "Y", "gap"]
    )
    found = location_quotient(table, {"a": 9, "b": 9, "none": 0})
    assert found.attrs["missing"] == {
        "idle": "total of the area is not positive",
        "gap": "total of the area unknown; no figure",
        "none": "none in the reference",
    }
    assert "missing" not in location_quotient(table.loc[["W", "Y"], ["a", "b"]]).attrs
    one = location_quotient(table.loc["W"], {"a": 9, "b": 9, "none": 0})
    assert one.attrs["missing"] == {"none": "none in the reference"}
    # The same label on both sides: both reasons are kept.
    both = location_quotient(pd.DataFrame([[0.0, 0], [0, 1]]))
    assert both.attrs["missing"] == {0: "total of the area is not positive; as an industry: none in the reference"}


def test_figures_of_one_area_and_tables_come_in_any_usual_shape():
    wanted = location_quotient(pd.Series([10.0, 5, 1]), [1000, 500, 100])
    for one in ([10, 5, 1], (10, 5, 1), np.array([10, 5, 1]), {0: 10, 1: 5, 2: 1}):
        pd.testing.assert_series_equal(location_quotient(one, [1000, 500, 100]), wanted)
    rows = [[20, 30, 50], [5, 45, 150]]
    np.testing.assert_array_equal(location_quotient(rows), location_quotient(AREAS))
    np.testing.assert_array_equal(location_quotient(np.array(rows)), location_quotient(AREAS))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: location_quotient(AREAS, reference_total="1000"), "reference_total must be a number"),
        (lambda: location_quotient_cube([[["x"]]], [[1.0]], [[1.0]], [1.0]), "activity holds something that is not"),
        (lambda: location_quotient_cube([[[np.inf]]], [[1.0]], [[1.0]], [1.0]), "infinity"),
        (lambda: location_quotient_cube([[[1.0], [1, 2]]], [[1.0]], [[1.0]], [1.0]), "rows of one length"),
    ],
)
def test_text_infinity_and_ragged_figures_are_refused(call, words):
    with pytest.raises(MethodError, match=words):
        call()
