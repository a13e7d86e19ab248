from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.analysis.appraisal import (
    BIAS_BOUNDS,
    benefit_cost_ratio,
    discount_factors,
    equivalent_annual_cost,
    net_present_value,
    optimism_bias,
    present_value,
    switching_value,
)
from iitk.errors import MethodError


@pytest.fixture
def book(case):
    """c16: the R package greenbook 0.1.1 (MIT), with closed-form checks in its tests."""
    return case("c16")["expected"]


@pytest.mark.parametrize(("schedule", "column"), [("green-book", "standard"), ("green-book-health", "health")])
def test_discount_factors_of_another_implementation(book, schedule, column):
    wanted = book["discount_factors"]
    found = discount_factors(wanted["years"], schedule)
    assert found.index.tolist() == wanted["years"]
    assert found.tolist() == pytest.approx(wanted[column], rel=1e-9)


def test_discount_factors_as_published():
    # HM Treasury, Green Book, cumulative factors: year 10, 30, 31, 60.
    assert discount_factors([10, 30, 31, 60]).round(4).tolist() == [0.7089, 0.3563, 0.3459, 0.1468]
    assert discount_factors(3).index.tolist() == [0, 1, 2, 3]
    assert discount_factors([2], 0.1).tolist() == pytest.approx([1 / 1.21])
    assert discount_factors([3], [(1, 0.1), (3, 0.0)]).tolist() == pytest.approx([1 / 1.21])


def test_annuity_of_a_hundred_years(book):
    assert discount_factors(range(1, 101)).sum() == pytest.approx(book["annuity100"], rel=1e-9)


def test_an_appraisal_with_optimism_bias_and_the_cost_of_taxes(book):
    given_ = book["appraise_ob_metb"]
    # Bias of 20%, half of it mitigated, and a marginal excess burden of taxes of 20% (its author's option).
    costs = [cost * (1 + given_["ob"] * (1 - given_["ob_mitigation"])) * 1.2 for cost in given_["costs"]]
    assert present_value(costs) == pytest.approx(given_["pv_costs"], rel=1e-9)
    assert present_value(given_["benefits"]) == pytest.approx(given_["pv_benefits"], rel=1e-9)
    assert net_present_value(given_["benefits"], costs) == pytest.approx(given_["npv"], rel=1e-9)
    assert benefit_cost_ratio(given_["benefits"], costs) == pytest.approx(given_["bcr"], rel=1e-9)


def test_a_plain_appraisal_and_its_yearly_equivalent(book):
    plain = book["appraise_plain"]
    assert net_present_value(plain["benefits"], plain["costs"]) == pytest.approx(plain["npv"], rel=1e-9)
    assert benefit_cost_ratio(plain["benefits"], plain["costs"]) == pytest.approx(plain["bcr"], rel=1e-9)
    other = book["npv_30x5"]
    assert net_present_value(other["cashflow"]) == pytest.approx(other["npv"], rel=1e-9)
    assert equivalent_annual_cost(other["cashflow"]) == pytest.approx(other["eanc_5y"], rel=1e-9)


def test_net_present_cost_of_the_northern_ireland_guide(case):
    """c15: Northern Ireland Guide to Expenditure Appraisal, table A4.6; the table rounds each year to 0.1."""
    found = case("c15")
    given_, wanted = found["inputs"], found["expected"]
    npc = {}
    for name in ("A", "B"):
        option = given_[name]
        flows = [option["capital_y0"], *[option["revenue_y1_4"]] * 4]
        yearly = [flow * factor for flow, factor in zip(flows, discount_factors(4), strict=True)]
        assert yearly == pytest.approx(wanted[f"{name}_pv"], abs=0.06)
        npc[name] = present_value(flows)
        assert npc[name] == pytest.approx(wanted[f"{name}_npc"], abs=0.07)
    assert min(npc, key=npc.get) == wanted["preferred"]
    assert discount_factors(4).tolist() == pytest.approx(wanted["discount_factors_y0_4"], abs=6e-5)


def test_equivalent_annual_cost_of_the_encyclopedias_machines():
    """Wikipedia, Equivalent annual cost: at 5%, $31,360 for machine A (3 years) and $30,708 for B (8 years)."""
    assert equivalent_annual_cost([50_000, *[13_000] * 3], schedule=0.05) == pytest.approx(31_360, abs=0.5)
    assert equivalent_annual_cost([150_000, *[7_500] * 8], schedule=0.05) == pytest.approx(30_708, abs=0.5)


def test_an_even_cost_at_the_start_of_the_year_is_worth_more():
    # PV of 1 a year at 3.5%: 8.3166 over years 1 to 10, 8.6077 over years 0 to 9 (Green Book annuity factors).
    assert discount_factors(range(1, 11)).sum() == pytest.approx(8.3166, abs=5e-5)
    assert discount_factors(range(10)).sum() == pytest.approx(8.6077, abs=5e-5)
    assert equivalent_annual_cost([8.6077], years=10, timing="start") == pytest.approx(1, abs=1e-5)
    assert equivalent_annual_cost([8.3166], years=10) == pytest.approx(1, abs=1e-5)


def test_more_published_factors():
    # HM Treasury's tables to four places: years 1, 5, 20, 75 and 76; a flat 3.5% would give 0.3442 in year 31.
    assert discount_factors([1, 5, 20, 75, 76]).round(4).tolist() == [0.9662, 0.8420, 0.5026, 0.0942, 0.0919]
    assert discount_factors([31], 0.035).round(4).tolist() == [0.3442]


def test_types_of_project_are_known_by_other_spellings():
    plain = optimism_bias({"standard buildings": 1})
    for name in ("Standard_Buildings", "standard-buildings", "STANDARD BUILDINGS"):
        assert optimism_bias({name: 1}) == optimism_bias(name) == plain
    assert optimism_bias("equipment/development", "lower").capital == 0.10
    assert optimism_bias("non_standard_buildings").capital == 0.51


def test_optimism_bias_of_a_mix(book):
    # 0.3 x 51% + 0.7 x 24% = 32.1%; duration 0.3 x 39% + 0.7 x 4% = 14.5%.
    mix = {"non-standard buildings": 0.3, "standard buildings": 0.7}
    found = optimism_bias(mix)
    assert (found.capital, found.duration) == (pytest.approx(0.321), pytest.approx(0.145))
    assert optimism_bias(mix, "lower").capital == pytest.approx(0.3 * 0.04 + 0.7 * 0.02)
    assert optimism_bias(mix, mitigation=0.5).capital == pytest.approx(0.1605)
    assert optimism_bias(mix, mitigation=1).capital == pytest.approx(0.026)  # never below the lower bound
    assert optimism_bias({"outsourcing": 1}).duration is None
    names = {
        "standard_buildings": "standard buildings", "non_standard_buildings": "non-standard buildings",
        "standard_civil_engineering": "standard civil engineering",
        "equipment_development": "equipment and development",
        "non_standard_civil_engineering": "non-standard civil engineering", "outsourcing": "outsourcing",
    }  # fmt: skip
    for row in book["optimism"]:
        assert BIAS_BOUNDS[names[row["category"]]].capital_upper == row["capex_upper"]
        if names[row["category"]] != "outsourcing":
            assert BIAS_BOUNDS[names[row["category"]]].duration_upper == row["duration_upper"]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.floats(-10, 10))
def test_present_value_is_linear_and_a_first_year_is_worth_itself(flows, k):
    assert present_value([flow * k for flow in flows]) == pytest.approx(k * present_value(flows), rel=1e-9, abs=1e-3)
    later = pd.Series(flows, index=range(1, len(flows) + 1))
    assert present_value(later, 0.035) == pytest.approx(present_value(flows, 0.035) / 1.035, rel=1e-9, abs=1e-6)
    assert present_value(flows[:1]) == flows[0]


@given(st.floats(1, 1e6), st.integers(1, 80))
def test_the_yearly_equivalent_has_the_same_present_value(cost, life):
    even = equivalent_annual_cost([cost], years=life)
    assert present_value([0, *[even] * life]) == pytest.approx(cost)


def test_switching_values_bring_the_net_present_value_to_zero():
    parts = {"rents": 80.0, "jobs": 45.0, "works": -100.0, "nothing": 0.0}
    table = switching_value(parts)
    for name in ("rents", "jobs", "works"):
        changed = {**parts, name: parts[name] * (1 + table.loc[name, "change"])}
        assert sum(changed.values()) == pytest.approx(0, abs=1e-9)
    assert table.index.tolist() == ["works", "rents", "jobs", "nothing"]
    assert np.isnan(table.loc["nothing", "change"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: discount_factors([-1]), "whole and count from the start"),
        (lambda: discount_factors([2025, 2026]), "For calendar years take the first one off"),
        (lambda: discount_factors([1], 3.5), "For 3.5% write 0.035"),
        (lambda: discount_factors([1], "treasury"), "one of 'green-book', 'green-book-health'"),
        (lambda: discount_factors([1], [(5, 0.01)]), "must start with year 1"),
        (lambda: present_value([1, None]), "flows has no figure for '1'. Write 0"),
        (lambda: present_value({"soon": 1}), "labelled by years"),
        (lambda: benefit_cost_ratio([1], [-1]), "costs above zero"),
        (lambda: equivalent_annual_cost([1, 1, 1], years=1), "cover the flows, which end in year 2"),
        (lambda: optimism_bias({"bridges": 1}), "a type in mix must be one of"),
        (lambda: optimism_bias({"standard buildings": 70, "outsourcing": 30}), r"For 70% write 0\.7"),
        (lambda: equivalent_annual_cost([1, 1], timing="middle"), "timing must be one of 'end', 'start'"),
        (lambda: optimism_bias({"standard buildings": 0.5, "Standard_Buildings": 0.5}), "twice. Add the two shares"),
        (lambda: optimism_bias({"standard buildings": 1}, mitigation=50), r"For 50% write 0\.5"),
        (lambda: discount_factors([1.5]), "Years must be whole"),
        (lambda: present_value(pd.Series([1, 2], index=[0, 0])), "more than once"),
        (lambda: optimism_bias({"standard buildings": 0.7}), "must add to 1, they add to 0.7"),
        (lambda: optimism_bias({"standard buildings": 1}, "final"), "one of 'upper', 'lower'"),
        (lambda: switching_value({}), "components is empty"),
    ],
)
def test_errors_name_the_argument_and_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()
