"""Draws of worth: held against scipy's quantiles and the means of PERT; without doubt they are the centre."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from iitk.analysis.appraisal import BIAS_BOUNDS, pert
from iitk.analysis.worth import Assumptions, Draws, appraise, draw, ranges
from iitk.analysis.worth_draws import _pert
from iitk.errors import MethodError
from iitk.model import Adjustments, Cost, OptionList, Outcome, Scenario
from iitk.sources.options import example

USUAL = Assumptions("green-book", BIAS_BOUNDS, 2026)
CERTAIN = replace(USUAL, share_range=0.0, revenue_low=1.0, revenue_high=1.0)
ARRAYS = [one.name for one in fields(Draws) if one.name != "names"]


def lab(**changes):
    """One option with every kind of doubt: benefit 300 (0 to 900), jobs 20 (10 to 60), capital and revenue of 100."""
    costs = (Cost("capital", 2026, "council", 100.0), Cost("revenue", 2026, "council", 100.0))
    outcomes = (Outcome("benefit", 2026, 0, 300, 900), Outcome("jobs", 2026, 10, 20, 60))
    usual = {"name": "Lab", "costs": costs, "outcomes": outcomes, "adjustments": Adjustments(0.3, 0.05, 0.2, 0, 1.2),
             "bias_class": "standard buildings", "bias_mitigation": 0.5, "persistence_years": 0}  # fmt: skip
    return OptionList((replace(example().options[0], **usual | changes),), 2026, "GBP", (2026,))


def columns(found, names):
    """Arrays of draws for these options only."""
    places = [found.names.index(name) for name in names]
    return {name: getattr(found, name)[:, places] for name in ARRAYS}


@settings(max_examples=80, deadline=None)
@given(st.floats(0, 1), st.integers(0, 2**31))
def test_quantiles_are_scipys(place, seed):
    rng = np.random.default_rng(seed)
    points = np.concatenate([rng.random(500), [1e-12, 1e-6, 1e-3, 0.999, 1 - 1e-6, 1 - 1e-12]])[:, np.newaxis]
    ends = (np.array([value]) for value in (0.0, place, 1.0))
    exact = stats.beta.ppf(points, 1 + 4 * place, 5 - 4 * place)
    assert abs(_pert(points, *ends) - exact).max() < 1e-4


def test_a_range_of_nothing_is_its_value_and_missing_is_missing():
    low, mode, high = np.array([3.0, np.nan, 0.0]), np.array([3.0, np.nan, 0.0]), np.array([3.0, np.nan, 8.0])
    found = _pert(np.random.default_rng(0).random((50, 3)), low, mode, high)
    assert (found[:, 0] == 3).all()
    assert np.isnan(found[:, 1]).all()
    assert ((found[:, 2] >= 0) & (found[:, 2] <= 8)).all()


def test_each_input_has_the_mean_and_spread_of_its_pert():
    """Shares held fixed, so that what is drawn shows: benefit and jobs times what is kept, and the factors of cost."""
    found = draw(lab(), replace(USUAL, share_range=0.0), draws=4000)
    kept = 0.7 * 0.95 * 0.8
    inputs = {
        "pv_benefit": (0, 300 * kept, 900 * kept),
        "net_jobs": (10 * kept * 1.2, 20 * kept * 1.2, 60 * kept * 1.2),
        "capital_factor": (1.02 / 1.12, 1.0, 1.24 / 1.12),
        "revenue_factor": (0.9, 1.0, 1.2),
    }
    for name, (low, mode, high) in inputs.items():
        values, expected = getattr(found, name)[:, 0], pert(low, mode, high)
        assert values.mean() == pytest.approx((low + 4 * mode + high) / 6, rel=1e-3), name
        assert values.std() == pytest.approx(float(expected.distribution.std()), rel=0.01), name
        assert np.quantile(values, 0.9) == pytest.approx(float(expected.quantile(0.9)), rel=0.005), name
        assert low <= values.min() <= values.max() <= high, name


def test_shares_of_additionality_stay_shares():
    """Benefit 100 for sure, deadweight 0.95: from 0.85 to 1; nothing else in doubt."""
    sure = lab(outcomes=(Outcome("benefit", 2026, 100, 100, 100),), adjustments=Adjustments(0.95, 0.5, 0.5, 0.5, 1))
    values = draw(sure, USUAL, draws=2000).pv_benefit[:, 0]
    kept = (1 - (0.85 + 4 * 0.95 + 1) / 6) * 0.5**3  # independent: the mean of the product
    assert values.mean() == pytest.approx(100 * kept, rel=0.02)
    assert values.min() >= 0
    assert values.max() <= 100 * 0.15 * 0.6**3


@pytest.mark.parametrize("works", ["outsourcing", "none"])
def test_what_is_not_of_works_runs_as_revenue_does(works):
    found = draw(lab(bias_class=works, bias_mitigation=0.0), USUAL, draws=500)
    ends = {"none": (0.9, 1.2), "outsourcing": (1 / 1.41, 1.0)}[works]
    assert 0.9 <= found.capital_factor.min() < found.capital_factor.max() <= 1.2
    assert ends[0] <= found.revenue_factor.min() < found.revenue_factor.max() <= ends[1]


def certain(options):
    """The same list with nothing in doubt."""
    every = [
        replace(option, bias_class="none",
                outcomes=tuple(replace(out, low=out.central, high=out.central) for out in option.outcomes))
        for option in options.options
    ]  # fmt: skip
    return replace(options, options=tuple(every))


DEAR = Scenario("dear", "Dear", "All costs more", 1.3, 1.1, outcomes=(("all", 0.8), ("build", 2.0)))


@pytest.mark.parametrize("scenario", [None, DEAR])
def test_without_doubt_every_draw_is_the_centre(scenario):
    options = certain(example())
    found, table = draw(options, CERTAIN, scenario, draws=16), appraise(options, CERTAIN, scenario).table
    for name in ("npsv", "pv_cost", "pv_benefit", "net_jobs"):
        wanted = np.tile(table[name].to_numpy(), (16, 1))
        np.testing.assert_allclose(getattr(found, name), wanted, rtol=1e-12, err_msg=name)
    assert (found.capital_factor == 1).all()
    assert (found.revenue_factor == 1).all()


def test_spend_times_its_factor_is_the_cost_that_was_drawn():
    """In the base year nothing is discounted, so that present cost is capital and revenue times their factors."""
    found, spend = draw(lab(), USUAL, draws=64), appraise(lab(), USUAL).spend.iloc[0]
    drawn = spend["capital 2026"] * found.capital_factor + spend["revenue 2026"] * found.revenue_factor
    np.testing.assert_allclose(found.pv_cost, drawn, rtol=1e-12)
    np.testing.assert_allclose(found.npsv, found.pv_benefit - found.pv_cost, rtol=1e-9)


def test_the_same_seed_gives_the_same_draws_and_another_others():
    first, again, other = (draw(example(), USUAL, draws=64, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.npsv, again.npsv)
    assert (first.pv_cost != other.pv_cost).all()


def test_an_option_keeps_its_draws_whatever_else_is_on_the_list():
    options = example()
    every = draw(options, USUAL, draws=64)
    few = draw(replace(options, options=options.options[5:2:-1]), USUAL, draws=64)
    for name, values in columns(every, few.names).items():
        np.testing.assert_allclose(values, getattr(few, name), rtol=1e-12, err_msg=name)


def test_a_scenario_moves_the_same_draws():
    dear = Scenario("dear", "Dear", "Dear", 1.5, 1.5, outcomes=(("all", 0.5),))
    before, after = draw(example(), USUAL, draws=64), draw(example(), USUAL, dear, draws=64)
    np.testing.assert_allclose(after.pv_cost, 1.5 * before.pv_cost, rtol=1e-12)
    np.testing.assert_allclose(after.net_jobs, 0.5 * before.net_jobs, rtol=1e-12)
    np.testing.assert_array_equal(after.capital_factor, before.capital_factor)


def test_options_are_drawn_apart():
    found = draw(example(), USUAL, draws=2000).revenue_factor
    assert found.shape == (2000, len(example().options))
    apart = np.corrcoef(found.T) - np.eye(found.shape[1])
    assert abs(apart).max() < 0.12


def test_what_nobody_has_estimated_stays_missing_in_draws_and_ranges():
    unknown = lab(outcomes=(Outcome("jobs", 2026, 10, 20, 30),))
    found = draw(unknown, USUAL, draws=32)
    assert np.isnan(found.npsv).all()
    assert np.isfinite(found.pv_cost).all()
    row = ranges(found).loc["Lab"]
    assert row[["npsv_10", "npsv_50", "npsv_90", "chance_below_0"]].isna().all()
    assert row["cost_per_net_job_10"] < row["cost_per_net_job_50"] < row["cost_per_net_job_90"]


def test_the_ratio_of_a_draw_is_that_of_its_benefits_and_costs():
    found = draw(example(), USUAL, draws=500)  # nobody private pays in the example
    every = np.quantile(found.pv_benefit / found.pv_cost, [0.1, 0.5, 0.9], axis=0, method="inverted_cdf")
    np.testing.assert_allclose(ranges(found)[["bcr_10", "bcr_50", "bcr_90"]].T, every)


def test_ranges_by_hand():
    """Ten draws: NPSV -2 to 7, so two in ten are below 0; net jobs 0 in one draw of ten, or in two."""
    npsv, cost = np.arange(-2.0, 8.0)[:, np.newaxis], np.full((10, 1), 100.0)
    one = np.array([0.0, 1, 2, 4, 5, 10, 20, 25, 50, 100])[:, np.newaxis]
    two = np.where(one <= 1, 0.0, one)
    found = ranges(Draws(("One", "Two"), np.hstack([npsv, npsv]), np.hstack([cost, cost]), np.hstack([npsv, npsv]),
                         np.hstack([one, two]), np.ones((10, 2)), np.ones((10, 2))))  # fmt: skip
    expected = {"npsv_10": -2, "npsv_50": 2, "npsv_90": 6, "net_jobs_10": 0, "net_jobs_50": 5, "net_jobs_90": 50,
                "cost_per_net_job_10": 1, "cost_per_net_job_50": 10, "cost_per_net_job_90": 100,
                "bcr_10": 0.98, "bcr_50": 1.02, "bcr_90": 1.06, "chance_below_0": 0.2}  # fmt: skip
    assert found.loc["One"].to_dict() == pytest.approx(expected)
    assert found.loc["Two"].filter(like="cost_per").isna().all()
    pd.testing.assert_series_equal(found.loc["One"].filter(like="npsv"), found.loc["Two"].filter(like="npsv"),
                                   check_names=False)  # fmt: skip


@pytest.mark.parametrize(("given", "words"), [({"draws": 1}, "2 or more"), ({"seed": -1}, "0 or more")])
def test_draws_and_seeds_are_whole_numbers(given, words):
    with pytest.raises(MethodError, match=words):
        draw(lab(), USUAL, **given)
