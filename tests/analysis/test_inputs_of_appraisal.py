"""Appraisal and additionality take what people bring, and refuse what would be nonsense."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from iitk.analysis.additionality import ReferenceCase, cost_per_net_job, net_additional
from iitk.analysis.appraisal import (
    BiasBounds,
    benefit_cost_ratio,
    discount_factors,
    equivalent_annual_cost,
    net_present_value,
    optimism_bias,
    present_value,
    switching_point,
    switching_value,
)
from iitk.errors import MethodError

STEPS = [(1, 0.035), (31, 0.03)]


@pytest.mark.parametrize(
    "schedule",
    [STEPS, dict(STEPS), dict(reversed(STEPS)), [[1, 0.035], [31, 0.03]], pd.Series(dict(STEPS)), np.array(STEPS)],
)
def test_rates_by_first_year_in_any_form(schedule):
    assert discount_factors(60, schedule).tolist() == discount_factors(60, "green-book").tolist()


def test_one_rate_of_any_kind_of_number_and_the_names_of_the_parameters():
    for rate in (0.035, np.float32(0.035), Decimal("0.035"), np.float64(0.035)):
        assert discount_factors(9, rate).tolist() == pytest.approx([1.035**-n for n in range(10)])
    assert discount_factors(2, np.int64(0)).tolist() == discount_factors(2, 0).tolist() == [1, 1, 1]
    assert discount_factors(40, "standard").equals(discount_factors(40, "green-book"))
    assert discount_factors(40, "health").equals(discount_factors(40, "green-book-health"))


def test_one_number_of_years_stands_for_all_up_to_it_whatever_its_type():
    for years in (5, 5.0, np.int64(5), np.float64(5), np.array(5)):
        assert discount_factors(years).index.tolist() == [0, 1, 2, 3, 4, 5]
    for years in ([5], (5,), np.array([5]), pd.Index([5]), pd.Series([5]), range(5, 6)):
        assert discount_factors(years).index.tolist() == [5]


def test_a_frozen_range_of_a_model_is_searched_for_the_switch():
    # 80 a year for 10 years at 3.5% against x: the annuity factor is (1 - 1.035^-10) / 0.035.
    switch = switching_point(lambda x: net_present_value([0, *[80] * 10], [x], 0.035), 0, 5000)
    assert switch == pytest.approx(80 * (1 - 1.035**-10) / 0.035)
    assert switching_point(lambda x: x - 3, 3, 5) == 3  # at the end of the range
    assert str(switching_value({"b": 100, "c": -100})["change"].tolist()) == "[0.0, 0.0]"


@pytest.mark.parametrize(
    ("stage", "same"), [("SOC", "upper"), ("UPPER", "upper"), ("Full business case", "lower"), ("fbc", "lower")]
)
def test_business_cases_by_their_names(stage, same):
    assert optimism_bias("standard buildings", stage) == optimism_bias("standard buildings", same)


def test_net_additional_takes_its_reference_case_as_a_mapping():
    full = net_additional(1000, leakage=0.1, reference=ReferenceCase(300, leakage=0.2))
    for given in ({"gross": 300, "leakage": 0.2}, pd.Series({"gross": 300, "leakage": 0.2})):
        assert net_additional(1000, leakage=0.1, reference=given) == full == pytest.approx(900 - 240)
    assert full.steps["net"].iloc[-1] == full


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: discount_factors(-1), "Years must be whole and count from the start"),
        (lambda: discount_factors(10**9), "below 1000, got '1e.09'"),
        (lambda: discount_factors(2.5), "Years must be whole"),
        (lambda: discount_factors(float("nan")), "Years must be whole"),
        (lambda: discount_factors(True), "years must be whole numbers"),
        (lambda: discount_factors("5"), "years must be whole numbers from 0, or the last year, got '5'"),
        (lambda: discount_factors(None), "years must be whole"),
        (lambda: discount_factors(3, [(1, 0.03), (1, 0.035)]), "schedule gives a year twice"),
        (lambda: discount_factors(3, True), "schedule must be a name"),
        (lambda: discount_factors(3, None), "schedule must be a name"),
        (lambda: discount_factors(3, [0.035, 0.03]), "pairs of first year and rate"),
        (lambda: discount_factors(3, [("a", 0.03)]), "a first year of schedule must be a number, got 'a'"),
        (lambda: discount_factors(3, [(1, "x")]), "a rate of schedule must be a number"),
        (lambda: discount_factors(3, {1: 3.5}), r"schedule .a discount rate. .*For 3.5% write 0.035"),
        (lambda: discount_factors(3, float("nan")), "schedule must be a number"),
        (lambda: present_value(None), "flows must be yearly amounts"),
        (lambda: present_value([]), "flows is empty: give an amount for each year"),
        (lambda: present_value(["100"]), "flows holds something that is not a number"),
        (lambda: present_value([1j]), "flows holds complex numbers"),
        (lambda: present_value(pd.Series([1.0], index=pd.DatetimeIndex(["2026-01-01"]))), "0, 1, 2"),
        (lambda: present_value([1e308] * 3), "flows are too large to add up"),
        (lambda: net_present_value(None, [100]), "benefits must be yearly amounts"),
        (lambda: net_present_value([100], 0.035), "costs must be yearly amounts, .* got 0.035 .see schedule="),
        (lambda: net_present_value([100], []), "costs is empty"),
        (lambda: benefit_cost_ratio([1, None], [1]), "benefits has no figure for '1'. Write 0"),
        (lambda: benefit_cost_ratio([1], [None]), "costs has no figure"),
        (lambda: equivalent_annual_cost([1], years=10**9), "below 1000"),
        (lambda: equivalent_annual_cost([1], years="5"), "years must be a number"),
        (lambda: equivalent_annual_cost([1], years=float("nan")), "years must be a number"),
        (lambda: equivalent_annual_cost([], years=5), "flows is empty"),
        (
            lambda: optimism_bias({"standard buildings": 0.5, "outsourcing": 0.5}),
            "operating, not capital, cost: appraise it",
        ),
        (lambda: optimism_bias(["standard buildings"]), "mix must be a mapping"),
        (lambda: optimism_bias(None), "The shares of mix must add to 1"),
        (lambda: optimism_bias({1: 1.0}), "a type in mix must be one of"),
        (lambda: optimism_bias("standard buildings", "OBC"), "starts from 'upper', less the mitigation"),
        (lambda: optimism_bias("standard buildings", 3), "stage must be one of 'upper', 'lower'"),
        (lambda: optimism_bias("x", bounds={"x": (0.5, 0.1)}), "bounds of 'x' must be BiasBounds"),
        (
            lambda: switching_point(lambda x: x + 1, 0, 5),
            "must change its sign from low to high, got 1 at 0 and 6 at 5",
        ),
        (lambda: switching_point({"b": 1}, 0, 5), "model must be a function of one number"),
        (lambda: switching_point(lambda x: "a", 0, 5), "the result of model at 0 must be a number"),
        (lambda: net_additional(5, multiplier=125), "multiplier must be 10 or less, got 125. For 125% write 1.25"),
        (lambda: net_additional("200"), "gross must be a number, got '200'"),
        (lambda: net_additional([100, 200]), "gross must be one number: take one scheme at a time"),
        (lambda: net_additional(5, reference={"leakage": 0.2}), "reference must name gross, and may name leakage"),
        (lambda: net_additional(5, reference={"gross": 1, "leak": 0.2}), "reference must name gross"),
        (lambda: net_additional(5, reference=ReferenceCase("60")), "reference case's gross must be a number, got '60'"),
        (lambda: net_additional(5, reference="60"), "reference .a gross effect, or a ReferenceCase. must be a number"),
        (lambda: net_additional(5, deadweight=""), "deadweight must be a number"),
        (lambda: cost_per_net_job(1e300, 1e-300), "cost / net_jobs .* must be a number"),
        (lambda: cost_per_net_job(pd.Series([1, 2]), 3), "cost must be one number"),
    ],
)
def test_nonsense_is_refused_and_the_argument_named(call, words):
    with pytest.raises(MethodError, match=words):
        call()


def test_a_life_in_years_may_be_a_float_and_bounds_ones_own():
    assert equivalent_annual_cost([100], years=5.0) == equivalent_annual_cost([100], years=5)
    assert optimism_bias("x", bounds={"x": BiasBounds(0.5, 0.1)}).capital == 0.5
