"""Worth of options: what must hold whatever the figures, what is missing stays so, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iitk.analysis.additionality import net_additional
from iitk.analysis.appraisal import BIAS_BOUNDS
from iitk.analysis.worth import Assumptions, appraise, steps, switching
from iitk.errors import MethodError
from iitk.model import Adjustments, Cost, OptionList, Outcome, Scenario
from iitk.sources.options import example

USUAL = Assumptions("green-book", BIAS_BOUNDS, 2026)
SAME = Scenario("same", "Same", "Nothing changes", outcomes=(("all", 1.0), ("fund", 1.0)))
NUMBERS = ["cost", "pv_cost", "pv_private", "pv_benefit", "npsv", "net_jobs", "job_years"]

money = st.floats(0, 1e8).map(lambda amount: float(round(amount)))
shares = st.integers(0, 100).map(lambda n: n / 100)


@st.composite
def lists(draw):
    """One to four options with random figures, some without any benefit, some with private money."""
    options = []
    for n in range(draw(st.integers(1, 4))):
        funders = draw(st.sampled_from([["council"], ["council", "private_firm"]]))
        costs = [Cost(kind, year, who, draw(money)) for kind in ("capital", "revenue")
                 for year in (2027, 2028) for who in funders]  # fmt: skip
        outcomes = []
        for measure in ("jobs", *(["benefit"] if draw(st.booleans()) else [])):
            for year in (2028, 2029, 2030):
                outcomes.append(Outcome(measure, year, *sorted(draw(st.tuples(money, money, money)))))
        options.append(
            replace(
                example().options[n], name=f"Option {n}", costs=tuple(costs), outcomes=tuple(outcomes),
                adjustments=Adjustments(*(draw(shares) for _ in range(4)), 1 + draw(shares)),
                bias_class=draw(st.sampled_from([*BIAS_BOUNDS, "none"])), bias_mitigation=draw(shares),
                persistence_years=draw(st.integers(0, 30)), decay=draw(shares),
            )
        )  # fmt: skip
    return OptionList(tuple(options), 2026, "GBP", (2027, 2028), (2028, 2029, 2030))


def one(**changes):
    """The first option of the example, changed."""
    return OptionList((replace(example().options[0], **changes),), 2026, "GBP", (2027,))


@settings(max_examples=60, deadline=None)
@given(lists())
def test_nothing_is_lost_between_the_tables(options):
    found = appraise(options, USUAL)
    table = found.table
    assert found.spend.sum(axis=1).tolist() == pytest.approx(table["cost"].tolist())
    assert found.funders.sum(axis=1).tolist() == pytest.approx((table["cost"] + table["private"]).tolist())
    written = table["capital"] + table["revenue"]
    assert (written + table["bias_pounds"]).tolist() == pytest.approx(table["cost"].tolist())
    costs = (table["pv_cost"] + table["pv_private"]).tolist()
    assert (table["pv_benefit"] - table["npsv"]).dropna().tolist() == pytest.approx(
        [cost for cost, gain in zip(costs, table["npsv"], strict=True) if not np.isnan(gain)], rel=1e-6, abs=1e-3
    )
    assert (table["pv_cost"] <= table["cost"] + 1e-6).all()
    both = table.dropna(subset=["bcr"])
    clear = both[abs(both["npsv"]) > 1]
    assert ((clear["bcr"] > 1) == (clear["npsv"] > 0)).all()


@settings(max_examples=40, deadline=None)
@given(lists())
def test_a_scenario_of_ones_changes_nothing(options):
    before, after = appraise(options, USUAL), appraise(options, USUAL, SAME)
    pd.testing.assert_frame_equal(before.table, after.table)
    pd.testing.assert_frame_equal(before.spend, after.spend)


@settings(max_examples=40, deadline=None)
@given(lists(), st.floats(0.1, 5))
def test_outcomes_and_costs_scale(options, by):
    scaled = Scenario("s", "S", "All scaled", by, by, outcomes=(("all", by),))
    before, after = appraise(options, USUAL).table[NUMBERS], appraise(options, USUAL, scaled).table[NUMBERS]
    pd.testing.assert_frame_equal(before * by, after, rtol=1e-9, atol=1e-3)


def test_twice_the_outcomes_are_twice_the_benefit_and_cost_the_same():
    options = example()
    doubled = Scenario("more", "More", "Twice", outcomes=(("all", 2.0),))
    before, after = appraise(options, USUAL).table, appraise(options, USUAL, doubled).table
    pd.testing.assert_series_equal(2 * before["pv_benefit"], after["pv_benefit"])
    pd.testing.assert_series_equal(before["pv_cost"], after["pv_cost"])


@pytest.mark.parametrize("key", ["underpinning", "lever", "opportunity"])
def test_a_scenario_reaches_the_options_that_answer_to_its_name_and_no_others(key):
    options = example()
    name = getattr(options.options[0], key)
    halved = appraise(options, USUAL, Scenario("half", "Half", "Half", outcomes=((name, 0.5),))).table
    change = halved["net_jobs"] / appraise(options, USUAL).table["net_jobs"]
    named = [getattr(option, key) == name for option in options.options]
    assert 0 < sum(named) < len(named)
    assert change[named].dropna().tolist() == pytest.approx([0.5] * change[named].count())
    assert (change[[not one for one in named]].dropna() == 1).all()


def test_the_order_of_options_does_not_matter():
    options = example()
    turned = replace(options, options=options.options[::-1])
    pd.testing.assert_frame_equal(appraise(options, USUAL).table, appraise(turned, USUAL).table.iloc[::-1])
    pd.testing.assert_frame_equal(appraise(options, USUAL).spend, appraise(turned, USUAL).spend.iloc[::-1])


def test_what_nobody_has_estimated_is_missing_and_the_rest_is_unharmed():
    costs = (Cost("revenue", 2027, "council", 1000.0),)
    bare = appraise(one(costs=costs, outcomes=()), USUAL).table.iloc[0]
    unknown = ["pv_benefit", "npsv", "bcr", "gross_jobs", "net_jobs", "job_years", "cost_per_net_job"]
    assert bare[unknown].isna().all()
    assert bare["pv_cost"] == pytest.approx(1000 / 1.035)
    found = appraise(one(costs=costs, outcomes=(Outcome("jobs", 2028, 0, 0, 0),)), USUAL).table.iloc[0]
    assert found["net_jobs"] == 0
    assert np.isnan(found["cost_per_net_job"])
    assert np.isnan(found["npsv"])
    everything = switching(one(costs=costs, outcomes=()), USUAL)
    assert everything[["now", "value", "change"]].isna().all(axis=None)
    assert not everything["cannot"].any()


@settings(max_examples=60, deadline=None)
@given(st.tuples(shares, shares, shares, shares), shares, money)
def test_the_steps_close_and_end_where_net_additional_does(parts, more, gross):
    own = Adjustments(*parts, 1 + more)
    outcome = Outcome("jobs", 2028, 0, gross, gross)
    found = steps(replace(example().options[0], adjustments=own, outcomes=(outcome,)))
    net = net_additional(
        gross, deadweight=own.deadweight, leakage=own.leakage, displacement=own.displacement,
        substitution=own.substitution, multiplier=own.multiplier,
    )  # fmt: skip
    assert found.loc["net", "after"] == pytest.approx(float(net), rel=1e-9, abs=1e-6)
    assert found["change"].sum() == pytest.approx(found.loc["net", "after"], rel=1e-12, abs=1e-6)
    assert found["after"].tolist() == pytest.approx(found["change"].cumsum().tolist(), rel=1e-12, abs=1e-6)
    assert list(found.index[[0, 1, -1]]) == ["gross", "deadweight", "net"]


def test_the_steps_of_every_option_end_at_its_net_jobs():
    options = example()
    table = appraise(options, USUAL).table
    for option in options.options:
        assert steps(option).loc["net", "after"] == pytest.approx(table.loc[option.name, "net_jobs"])
    assert (table["net_jobs"] > 0).sum() > 10


def test_steps_of_jobs_that_nobody_has_estimated_are_missing():
    found = steps(replace(example().options[0], outcomes=()))
    assert found[["change", "after"]].isna().all(axis=None)


def at(option, name, row):
    """The option with one input at its switching value; persistence: at the whole years around it."""
    if name in ("deadweight", "displacement"):
        return [replace(option, adjustments=replace(option.adjustments, **{name: row["value"]}))]
    if name == "persistence":
        whole = int(np.floor(row["value"]))
        return [replace(option, persistence_years=whole), replace(option, persistence_years=whole + 1)]
    times = 1 + row["change"]
    if name == "benefits":
        outcomes = [replace(out, low=out.low * times, central=out.central * times, high=out.high * times)
                    if out.measure == "benefit" else out for out in option.outcomes]  # fmt: skip
        return [replace(option, outcomes=tuple(outcomes))]
    kind = name.removesuffix(" cost")
    costs = [replace(cost, amount=cost.amount * times) if cost.kind == kind else cost for cost in option.costs]
    return [replace(option, costs=tuple(costs))]


def assert_switches(options):
    """At each switching value NPSV is 0; how many there were."""
    found, size = switching(options, USUAL), appraise(options, USUAL).table["pv_cost"].max() + 1
    count = 0
    for option in options.options:
        for name, row in found.loc[option.name].iterrows():
            if np.isnan(row["value"]):
                continue
            around = [appraise(replace(options, options=(new,)), USUAL).table["npsv"].iloc[0]
                      for new in at(option, name, row)]  # fmt: skip
            part = row["value"] % 1 if name == "persistence" else 0.0
            between = around[0] * (1 - part) + around[-1] * part
            assert between == pytest.approx(0, abs=1e-6 * max(size, abs(around[0]), abs(around[-1]))), name
            count += 1
    return count


@settings(max_examples=60, deadline=None)
@given(lists())
def test_at_the_switching_value_the_net_present_value_is_nought(options):
    assert_switches(options)


def test_the_example_switches_too():
    assert assert_switches(example()) > 40


def test_private_money_has_to_be_earned_too():
    """Council 100, firm 300, benefit 1,000: 1 - 400 / 1,000 of it may be displaced, or be there anyway."""
    costs = (Cost("revenue", 2026, "council", 100.0), Cost("revenue", 2026, "private", 300.0))
    option = one(costs=costs, outcomes=(Outcome("benefit", 2026, 0, 1000, 2000),), persistence_years=0,
                 adjustments=Adjustments(0, 0, 0, 0, 1))  # fmt: skip
    found = switching(option, USUAL).droplevel("option")["value"]
    assert found[["benefits", "revenue cost"]].tolist() == pytest.approx([400, 1000])
    assert found[["deadweight", "displacement"]].tolist() == pytest.approx([0.6, 0.6])


def test_where_no_value_switches_it_says_so():
    """Cost 1,000 once, benefit 100 of which half is additional: no share helps; enough years do."""
    costs = (Cost("revenue", 2026, "council", 1000.0),)
    option = one(
        costs=costs, outcomes=(Outcome("benefit", 2026, 0, 100, 200),), adjustments=Adjustments(0.5, 0, 0, 0, 1),
        persistence_years=5, decay=0.0,
    )  # fmt: skip
    found = switching(option, USUAL).droplevel("option")
    assert found["cannot"].to_dict() == {
        "benefits": False, "capital cost": True, "revenue cost": False, "deadweight": True, "displacement": True,
        "persistence": False,
    }  # fmt: skip
    assert found.loc["benefits", "value"] == pytest.approx(1000)
    worth, years = 50.0, 0
    while worth + 50 / 1.035 ** (years + 1) < 1000:
        years += 1
        worth += 50 / (1.035**years if years <= 30 else 1.035**30 * 1.03 ** (years - 30))
    assert years < found.loc["persistence", "value"] <= years + 1
    assert found.loc["persistence", "change"] == pytest.approx(found.loc["persistence", "value"] - 5)
    fading = replace(option, options=(replace(option.options[0], decay=1.0),))
    assert switching(fading, USUAL).droplevel("option").loc["persistence", "cannot"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (one(costs=(Cost("capital", 2025, "council", 1.0),)), r"before the base year 2026. Take a base year of 2025"),
        (one(outcomes=(Outcome("jobs", 2024, 1, 2, 3),)), r"figures for 2024, before the base year"),
        (one(bias_class="castles"), "castles"),
        (one(bias_mitigation=20), r"For 20% write 0\.2"),
        (one(adjustments=Adjustments(25, 0, 0, 0, 1)), r"deadweight of .* For 25% write 0\.25"),
        (one(decay=5), r"decay of .* For 5% write 0\.05"),
        (one(persistence_years=2.5), "persistence_years of .* whole number"),
        (OptionList(example().options[:1] * 2, 2026, "GBP", (2027,)), "more than once"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_fix(options, words):
    for method in (appraise, switching):
        with pytest.raises(MethodError, match=words):
            method(options, USUAL)


def test_a_measure_with_holes_is_refused():
    whole = replace(example().options[0], outcomes=tuple(Outcome("jobs", year, 1, 2, 3) for year in (2027, 2028)))
    holed = replace(whole, name="Holed", outcomes=(Outcome("jobs", 2027, 1, 2, 3),))
    with pytest.raises(MethodError, match=r"'Holed': jobs is estimated for some years only.*Write 0"):
        appraise(OptionList((whole, holed), 2026, "GBP", (2027,)), USUAL)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"share_range": 10}, r"For 10% write 0\.1"),
        ({"revenue_low": 1.1}, "around 1"),
        ({"revenue_high": 0.9}, r"write 0\.9 and 1\.2"),
        ({"base_year": 2026.5}, "whole number"),
    ],
)
def test_assumptions_are_checked(given, words):
    with pytest.raises(MethodError, match=words):
        replace(USUAL, **given)


def test_a_list_without_options_has_tables_without_rows():
    empty = OptionList((), 2026, "GBP", (2027,))
    found = appraise(empty, USUAL)
    assert found.table.empty
    assert list(found.spend) == ["capital 2027", "revenue 2027"]
    assert switching(empty, USUAL).empty
