from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from iitk.analysis.specialisation import location_quotient_interval, rounding_band, rounding_half_width
from iitk.errors import MethodError

TOTALS = {"activity_total": 60_000, "reference_total": 30_000_000}


def one(jobs, reference, **options):
    return location_quotient_interval(pd.Series({"i": float(jobs)}), {"i": reference}, **options).loc["i"]


def test_half_widths_follow_the_published_steps():
    # ../shared/data/README.md: to 5 up to 50, 25 up to 250, 50 up to 500, 100 up to 1,000; above that the table shows.
    assert rounding_half_width([0, 5, 50, 75, 250, 300, 500, 600, 1000, 1250, 2500, 3000, 5000, 8000]).tolist() == [
        2.5, 2.5, 2.5, 12.5, 12.5, 25, 25, 50, 50, 125, 125, 250, 250, 500,
    ]  # fmt: skip
    assert np.isnan(rounding_half_width([np.nan])).all()


def test_every_published_count_is_a_multiple_of_its_step(shared):
    counts = pd.read_csv(shared / "nomis/bres_nuts2_division_2015_2021.csv")["COUNT"]
    steps = 2 * rounding_half_width(counts.to_numpy())
    assert len(counts) == 24_640
    assert (counts.to_numpy() % steps == 0).all()
    assert (counts[counts > 5000] % 2000 != 0).any()  # no wider step would do


@given(st.integers(0, 20_000))
def test_every_true_count_lies_in_the_band_of_its_published_count(true):
    steps = ((50, 5), (250, 25), (500, 50), (1000, 100), (2500, 250), (5000, 500), (math.inf, 1000))
    step = next(step for limit, step in steps if true <= limit)
    published = step * math.floor(true / step + 0.5)
    lower, upper = rounding_band([published])
    assert lower[0] <= true <= upper[0]


def test_the_sampling_band_by_hand():
    # 1,200 of 60,000 against 350,000 of 30m: LQ 0.02 / 0.0116667 = 1.714;
    # se of its log sqrt(0.98/1200 + 0.98833/350000) = 0.02863; x exp(-+1.96 x 0.02863) = 1.621 to 1.813.
    found = one(1200, 350_000, method="sampling", **TOTALS)
    assert found[["lower", "lq", "upper"]].tolist() == pytest.approx([1.621, 1.714, 1.813], abs=5e-4)


def test_the_rounding_band_by_hand_is_the_sampling_band_from_both_ends_of_the_rounding():
    # 1,200 stands for 1,075 to 1,325.
    def limit(e, sign):
        p, big_p = e / 60_000, 350_000 / 30_000_000
        return p / big_p * math.exp(sign * 1.96 * math.sqrt((1 - p) / e + (1 - big_p) / 350_000))

    found = one(1200, 350_000, **TOTALS)
    assert found["lower"] == pytest.approx(limit(1075, -1))
    assert found["upper"] == pytest.approx(limit(1325, 1))
    assert found["lq"] == pytest.approx(1.714286, abs=1e-6)


def test_no_jobs_give_a_band_from_zero_to_the_exact_poisson_limit():
    # With a mean of 3.689, none is seen in exp(-3.689) = 2.5% of samples.
    found = one(0, 350_000, method="sampling", **TOTALS)
    assert found[["lower", "lq"]].tolist() == [0, 0]
    assert found["upper"] == pytest.approx((-math.log(0.025) / 60_000) / (350_000 / 30e6), rel=1e-3)
    assert one(0, 350_000, **TOTALS)["upper"] > found["upper"]  # 0 may be 2.5 jobs as well


def test_sums_of_rounded_counts_carry_the_sum_of_their_half_widths():
    jobs, width = pd.Series({"i": 100.0}), pd.Series({"i": 40.0})
    wide = location_quotient_interval(jobs, {"i": 350_000}, half_width=width, **TOTALS).loc["i"]
    narrow = one(100, 350_000, **TOTALS)
    assert wide["lower"] < narrow["lower"] < narrow["lq"] < narrow["upper"] < wide["upper"]
    # A gap of exactly one and a half hundred jobs at the lower end: 60 jobs.
    by_hand = (
        (60 / 60_000)
        / (350_000 / 30e6)
        * math.exp(-1.96 * math.sqrt((1 - 60 / 60_000) / 60 + (1 - 350_000 / 30e6) / 350_000))
    )
    assert wide["lower"] == pytest.approx(by_hand)


def test_small_cells_get_no_quotient_and_say_so():
    found = one(5, 350_000, min_activity=10, **TOTALS)
    assert found[["lower", "lq", "upper"]].isna().all()
    assert found["reason"] == "less than 10, too small to compare"
    assert one(10, 350_000, min_activity=10, **TOTALS)["reason"] == ""


@given(st.integers(0, 50_000), st.integers(1, 29_000_000), st.sampled_from(["rounding", "sampling"]))
def test_the_band_holds_the_quotient(jobs, reference, method):
    found = one(jobs, reference, method=method, **TOTALS)
    assert 0 <= found["lower"] <= found["lq"] <= found["upper"]


def test_a_table_of_areas_gives_a_row_for_each_area_and_industry():
    table = pd.DataFrame({"i": [100.0, np.nan], "j": [900.0, 50.0]}, index=["A", "B"])
    found = location_quotient_interval(table, {"i": 10_000, "j": 90_000}, activity_total={"A": 1000, "B": 500})
    assert found.index.tolist() == [("A", "i"), ("A", "j"), ("B", "i"), ("B", "j")]
    assert found.loc[("A", "i"), "lq"] == pytest.approx(1.0)
    assert found.loc[("B", "i"), "reason"] == "no figure"
    assert found.loc[("B", "i"), ["lower", "lq", "upper"]].isna().all()


def test_the_range_is_of_the_last_five_years_and_the_middle_is_the_latest():
    # Shares of the area 10, 50, 20, 30, 40, 25 (%) against 20% throughout: 0.5, 2.5, 1, 1.5, 2, 1.25.
    shares = dict(zip(range(2018, 2024), (10, 50, 20, 30, 40, 25), strict=True))
    activity = {year: pd.Series({"i": float(part), "rest": 100.0 - part}) for year, part in shares.items()}
    reference = {year: {"i": 20, "rest": 80} for year in shares}
    found = location_quotient_interval(activity, reference, method="range").loc["i"]
    assert found[["lower", "lq", "upper"]].tolist() == pytest.approx([1.0, 1.25, 2.5])
    three = location_quotient_interval(activity, reference, method="range", years=3).loc["i"]
    assert three[["lower", "upper"]].tolist() == pytest.approx([1.25, 2.0])


def test_the_range_skips_missing_years_but_not_a_missing_latest_year():
    activity = {
        2022: pd.Series({"i": 10.0, "j": np.nan}),
        2023: pd.Series({"i": np.nan, "j": 30.0}),
    }
    reference = {year: {"i": 20, "j": 80} for year in activity}
    found = location_quotient_interval(activity, reference, activity_total={2022: 100, 2023: 100}, method="range")
    assert found.loc["i", ["lower", "lq", "upper"]].isna().all()
    assert found.loc["i", "reason"] == "no figure"
    assert found.loc["j", ["lower", "lq", "upper"]].tolist() == pytest.approx([0.375, 0.375, 0.375])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "bootstrap"}, "one of 'rounding', 'sampling', 'range'"),
        ({"method": "range"}, "figures by year"),
        ({"activity_total": 5, "reference_total": 100}, "less than its industry"),
        ({"half_width": pd.Series({"other": 2.0})}, "half_width must have the rows and columns"),
    ],
)
def test_errors_say_what_is_needed(options, words):
    with pytest.raises(MethodError, match=words):
        location_quotient_interval(pd.Series({"i": 10.0}), {"i": 10}, **options)


def test_the_range_needs_every_year_of_the_reference_and_at_least_one_year():
    with pytest.raises(MethodError, match="reference has no figures for 2023"):
        location_quotient_interval({2023: pd.Series({"i": 1.0})}, {2022: {"i": 1}}, method="range")
    with pytest.raises(MethodError, match="no year to work with"):
        location_quotient_interval({}, {}, method="range")
    with pytest.raises(MethodError, match="figures of one year"):
        location_quotient_interval({2023: pd.Series({"i": 1.0})}, {2023: {"i": 1}})


def test_negative_counts_are_refused_by_the_rounding_of_jobs():
    with pytest.raises(MethodError, match="cannot be negative"):
        rounding_half_width([-5])


@given(st.integers(1, 400), st.integers(401, 9000), st.integers(5000, 90_000), st.integers(100_000, 900_000))
def test_the_band_of_chance_is_that_of_a_relative_risk_in_scipy(jobs, of_jobs, there, of_there):
    # A quotient is a ratio of two shares, which is what epidemiologists call a relative risk (Katz's method there too).
    risk = scipy.stats.contingency.relative_risk(jobs, of_jobs, there, of_there)
    band = location_quotient_interval(
        pd.Series({"i": float(jobs)}), {"i": there}, activity_total=of_jobs, reference_total=of_there, method="sampling"
    ).loc["i"]
    wanted = risk.confidence_interval(0.95)
    assert band[["lower", "lq", "upper"]].tolist() == pytest.approx(
        [wanted.low, risk.relative_risk, wanted.high],
        rel=2e-4,  # 1.96 for 1.959964
    )


def test_an_area_without_anything_has_no_band_and_makes_no_noise():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = location_quotient_interval(pd.Series([0, 0]), [1, 1])
    assert found[["lower", "lq", "upper"]].isna().all(axis=None)
    assert set(found["reason"]) == {"total of the area is not positive"}


def test_one_area_as_a_list_or_a_mapping():
    wanted = location_quotient_interval(pd.Series({"a": 100, "b": 300}), [1000, 9000])
    pd.testing.assert_frame_equal(location_quotient_interval({"a": 100, "b": 300}, [1000, 9000]), wanted)
    np.testing.assert_array_equal(location_quotient_interval([100, 300], [1000, 9000])["lq"], wanted["lq"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: location_quotient_interval([1], [1], min_activity="5"), "min_activity must be a number"),
        (
            lambda: location_quotient_interval({"2021": [1], "2022": [1]}, {"2021": [1], "2022": [1]}, method="range"),
            "activity has '2021', '2022' as years",
        ),
        (lambda: rounding_half_width(["x"]), "jobs holds something that is not a number"),
    ],
)
def test_text_for_numbers_and_years_is_refused(call, words):
    with pytest.raises(MethodError, match=words):
        call()


def test_no_areas_have_no_bands_in_the_same_columns():
    table = pd.DataFrame({"a": [10.0], "b": [5.0]})
    some, none = location_quotient_interval(table, [10, 5]), location_quotient_interval(table.iloc[:0], [10, 5])
    assert none.empty
    assert none.dtypes.equals(some.dtypes)
