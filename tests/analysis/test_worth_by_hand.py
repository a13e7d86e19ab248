"""Worth of options redone in plain Python: loops and sums written for this test, apart from the library's own."""

from __future__ import annotations

import pytest

from iitk.analysis.additionality import net_additional
from iitk.analysis.appraisal import BIAS_BOUNDS, BiasBounds
from iitk.analysis.worth import Assumptions, appraise, steps
from iitk.model import Adjustments, Badge, Cost, LogicModel, Option, OptionList, Outcome, Scenario
from iitk.sources import parameters
from iitk.sources.options import example

USUAL = Assumptions("green-book", BIAS_BOUNDS, 2026)
LOGIC = LogicModel("money", "works", "a lab", "firms use it", "better pay", "firms want it")
PLAIN = Adjustments(0.0, 0.0, 0.0, 0.0, 1.0)


def option(name, costs, outcomes=(), adjustments=PLAIN, works="none", mitigation=0.0, **more):
    """An option of which only the figures matter."""
    return Option(
        name, more.pop("underpinning", "infrastructure"), more.pop("lever", "build"), "Textiles", LOGIC, tuple(costs),
        tuple(outcomes), adjustments, works, mitigation, None, "", (), (), "low", "None", "Head", Badge.ILLUSTRATIVE,
        **more,
    )  # fmt: skip


def listed(*options, years=(2026,)):
    return OptionList(options, 2026, "GBP", tuple(years))


def outcomes(measure, first, *central):
    return [Outcome(measure, first + n, 0.5 * amount, amount, 1.5 * amount) for n, amount in enumerate(central)]


# --- published figures ------------------------------------------------------------------------------------------------


def test_net_present_cost_of_the_northern_ireland_guide(case):
    """A: capital of 100 now, then revenue of 35 for four years; B: 75, then 47."""
    found, expected = case("c15"), case("c15")["expected"]
    both = []
    for name in ("A", "B"):
        given = found["inputs"][name]
        revenue = [Cost("revenue", 2026 + n, "council", given["revenue_y1_4"]) for n in range(1, 5)]
        both.append(option(name, [Cost("capital", 2026, "council", given["capital_y0"]), *revenue]))
    table = appraise(listed(*both, years=range(2026, 2031)), USUAL).table
    assert table.loc["A", "pv_cost"] == pytest.approx(expected["A_npc"], abs=0.06)
    assert table.loc["B", "pv_cost"] == pytest.approx(expected["B_npc"], abs=0.07)  # the guide rounds each year
    assert table["pv_cost"].idxmin() == expected["preferred"]
    assert round(table.loc["A", "pv_cost"], 1) == 228.6


def test_118_net_jobs_and_an_eighth():
    """200 gross, of which 30% anyway, 10% leak, 25% displaced, multiplier 1.25: 200 x .7 x .9 x .75 x 1.25."""
    lab = option("Lab", [Cost("revenue", 2026, "council", 1e6)], outcomes("jobs", 2028, 200),
                 Adjustments(0.3, 0.1, 0.25, 0.0, 1.25))  # fmt: skip
    found = appraise(listed(lab), USUAL).table.loc["Lab"]
    assert found["net_jobs"] == pytest.approx(118.125, rel=1e-12)
    assert found["cost_per_net_job"] == pytest.approx(1e6 / 118.125)
    assert steps(lab)["after"].tolist() == pytest.approx([200, 140, 126, 94.5, 94.5, 118.125, 118.125])
    assert steps(lab)["change"].tolist() == pytest.approx([200, -60, -14, -31.5, 0, 23.625, 0])
    own = net_additional(200, deadweight=0.3, leakage=0.1, displacement=0.25, multiplier=1.25)
    assert steps(lab)["after"].loc["net"] == pytest.approx(float(own))


@pytest.mark.parametrize(("year", "factor"), [(0, 1), (10, 0.7089), (30, 0.3563), (31, 0.3459), (60, 0.1468)])
def test_a_pound_is_worth_the_printed_factor(year, factor):
    gain = option("Gain", [], [Outcome("benefit", 2026 + year, 1e6, 1e6, 1e6)])
    assert appraise(listed(gain), USUAL).table.loc["Gain", "npsv"] == pytest.approx(1e6 * factor, abs=51)


@pytest.mark.parametrize(
    ("works", "mitigation", "kind", "uplift"),
    [
        ("non-standard buildings", 0.0, "capital", 0.51),
        ("standard buildings", 0.0, "capital", 0.24),
        ("standard buildings", 0.5, "capital", 0.12),
        ("standard civil engineering", 1.0, "capital", 0.03),  # never under the lower bound
        ("outsourcing", 0.0, "revenue", 0.41),
        ("none", 0.0, "capital", 0.0),
    ],
)
def test_only_what_the_type_of_works_speaks_of_is_uplifted(works, mitigation, kind, uplift):
    costs = [Cost("capital", 2026, "council", 1000.0), Cost("revenue", 2027, "council", 500.0)]
    found = appraise(listed(option("Hub", costs, works=works, mitigation=mitigation), years=(2026, 2027)), USUAL)
    wanted = {"capital 2026": 1000.0, "capital 2027": 0.0, "revenue 2026": 0.0, "revenue 2027": 500.0}
    wanted["capital 2026" if kind == "capital" else "revenue 2027"] *= 1 + uplift
    assert found.spend.loc["Hub"].to_dict() == pytest.approx(wanted)
    assert found.table.loc["Hub", "bias"] == pytest.approx(uplift)
    assert found.table.loc["Hub", "bias_pounds"] == pytest.approx(sum(wanted.values()) - 1500)


# --- three options with the sums written out --------------------------------------------------------------------------


def test_an_option_with_works_two_funders_and_years_after_the_file():
    """
    Lab: capital 1,000 in 2027 (half by the council), uplift 24% of which a quarter is managed: 18%. Revenue 100 a year.
    Benefit 400 in 2028 and 500 in 2029, then two years more, a tenth lost in each. Kept: 0.8 x 0.9 x 0.75 = 0.54.
    """
    costs = [Cost("capital", 2027, "council", 500), Cost("capital", 2027, "government", 500),
             Cost("revenue", 2027, "council", 100), Cost("revenue", 2028, "council", 100)]  # fmt: skip
    lab = option("Lab", costs, [*outcomes("benefit", 2028, 400, 500), *outcomes("jobs", 2028, 10, 20)],
                 Adjustments(0.2, 0.1, 0.25, 0.0, 1.1), "standard buildings", 0.25,
                 persistence_years=2, decay=0.1)  # fmt: skip
    found = appraise(listed(lab, years=(2027, 2028)), USUAL)
    row, d = found.table.loc["Lab"], 1 / 1.035
    cost = (1180 + 100) * d + 100 * d**2
    benefit = 0.54 * (400 * d**2 + 500 * d**3 + 450 * d**4 + 405 * d**5)
    assert row["pv_cost"] == pytest.approx(cost, rel=1e-12)
    assert row["pv_benefit"] == pytest.approx(benefit, rel=1e-12)
    assert row["npsv"] == pytest.approx(benefit - cost, rel=1e-12)
    assert row["bcr"] == pytest.approx(benefit / cost, rel=1e-12)
    assert row["net_jobs"] == pytest.approx(20 * 0.54 * 1.1)
    assert row["additionality"] == pytest.approx(0.594)
    assert row["job_years"] == pytest.approx(0.594 * (10 + 20 + 18 + 16.2))
    assert (row["capital"], row["revenue"], row["cost"]) == pytest.approx((1000, 200, 1380))
    assert found.funders.loc["Lab"].to_dict() == pytest.approx({"council": 590 + 200, "government": 590})


def test_private_money_is_a_cost_to_society_and_not_to_the_public():
    """Mill: the council pays 100, its owner 300 (uplift 51% on both); benefit 1,000 in the base year."""
    costs = [Cost("capital", 2026, "council", 100), Cost("capital", 2026, "private_owner", 300),
             Cost("revenue", 2026, "private", 50)]  # fmt: skip
    found = appraise(listed(option("Mill", costs, outcomes("benefit", 2026, 1000), works="non-standard buildings")),
                     USUAL)  # fmt: skip
    row = found.table.loc["Mill"]
    assert (row["capital"], row["revenue"], row["cost"], row["pv_cost"]) == pytest.approx((100, 0, 151, 151))
    assert (row["private"], row["pv_private"]) == pytest.approx((453 + 50, 453 + 50))
    assert row["npsv"] == pytest.approx(1000 - 151 - 503)
    assert row["bcr"] == pytest.approx((1000 - 503) / 151)
    assert row["leverage"] == pytest.approx(503 / 151)
    assert found.spend.loc["Mill"].to_dict() == pytest.approx({"capital 2026": 151, "revenue 2026": 0})
    assert found.funders.loc["Mill"].to_dict() == pytest.approx({"council": 151, "private": 50, "private_owner": 453})


def test_jobs_enter_a_second_ratio_only_where_a_case_is_made():
    """Two alike, 10 net jobs in 2026 and a year after, worth 5 each; only one says why they add to the nation."""
    costs = [Cost("revenue", 2026, "council", 100)]
    gains = [*outcomes("benefit", 2026, 80), *outcomes("jobs", 2026, 10)]
    silent = option("Silent", costs, gains, persistence_years=1)
    claims = option("Claims", costs, gains, persistence_years=1, supply_side="It trains people who had no work")
    valued = Assumptions("green-book", BIAS_BOUNDS, 2026, job_value=5.0)
    found = appraise(listed(silent, claims), valued).table
    assert found["bcr"].tolist() == pytest.approx([(80 + 80 / 1.035) / 100] * 2)
    assert found["supply_side_ratio"].isna().tolist() == [True, False]
    assert found.loc["Claims", "supply_side_ratio"] == pytest.approx((80 + 80 / 1.035 + 50 + 50 / 1.035) / 100)
    assert appraise(listed(silent, claims), USUAL).table["supply_side_ratio"].isna().all()


def test_a_scenario_multiplies_what_it_names():
    """Capital x 1.2, revenue x 1.1; outcomes x 0.9 for all, x 0.5 more for what is bought."""
    costs = [Cost("capital", 2026, "council", 100), Cost("revenue", 2026, "council", 10)]
    gains = [*outcomes("benefit", 2026, 1000), *outcomes("jobs", 2026, 20)]
    pair = listed(option("Build", costs, gains), option("Buy", costs, gains, lever="buy"))
    dear = Scenario("dear", "Dear", "All costs more", 1.2, 1.1, 0.5, 0.5, (("all", 0.9), ("buy", 0.5)))
    found = appraise(pair, USUAL, dear).table
    assert found["cost"].tolist() == pytest.approx([131, 131])
    assert found["pv_benefit"].tolist() == pytest.approx([900, 450])
    assert found["net_jobs"].tolist() == pytest.approx([18, 9])
    assert steps(pair.options[1], dear).loc["gross", "after"] == pytest.approx(9)


# --- the example, once more in plain arithmetic -----------------------------------------------------------------------


def plain(one, rates, bounds, base):
    """NPSV (None if nobody has estimated a benefit), net jobs and public cost of an option, a year at a time."""

    def factor(year):
        worth = 1.0
        for n in range(1, year - base + 1):
            worth /= 1 + max((first, rate) for first, rate in rates if first <= n)[1]
        return worth

    uplift = {"capital": 0.0, "revenue": 0.0}
    if one.bias_class != "none":
        of = bounds[one.bias_class]
        managed = of["capital_upper"] * (1 - one.bias_mitigation)
        uplift["revenue" if one.bias_class == "outsourcing" else "capital"] = max(managed, of["capital_lower"])
    spent, cost = 0.0, 0.0
    for paid in one.costs:
        amount = paid.amount * (1 + uplift[paid.kind])
        spent += amount * factor(paid.year)
        cost += amount if not paid.funder.startswith("private") else 0.0
    by = one.adjustments
    kept = (1 - by.deadweight) * (1 - by.leakage) * (1 - by.displacement) * (1 - by.substitution)
    gained, last, estimated = 0.0, {}, False
    for out in one.outcomes:
        last[out.measure] = max(last.get(out.measure, out), out, key=lambda each: each.year)
        if out.measure == "benefit":
            estimated, gained = True, gained + out.central * kept * factor(out.year)
    if estimated:
        amount = last["benefit"].central * kept
        for n in range(one.persistence_years):
            amount *= 1 - one.decay
            gained += amount * factor(last["benefit"].year + n + 1)
    return gained - spent if estimated else None, last["jobs"].central * kept * by.multiplier, cost


@pytest.mark.parametrize("vintage", parameters.vintages())
def test_three_options_of_the_example_and_all_others_by_plain_arithmetic(vintage):
    edition = parameters.vintage(vintage)
    bounds = {kind: BiasBounds(**one) for kind, one in edition.optimism_bias.items()}
    options, assumptions = example(), Assumptions(edition.discount, bounds, 2026)
    table = appraise(options, assumptions).table
    redone = {one.name: plain(one, edition.discount, edition.optimism_bias, 2026) for one in options.options}
    checked = {"Shared textile pilot line", "Digital adoption vouchers", "Regional growth equity fund"}
    assert checked <= set(redone)
    assert all(redone[name][0] is not None for name in checked)
    for name, (npsv, net_jobs, cost) in redone.items():
        row = table.loc[name]
        assert row["cost"] == pytest.approx(cost, rel=1e-12)
        assert row["net_jobs"] == pytest.approx(net_jobs, rel=1e-12)
        if npsv is None:
            assert row[["npsv", "bcr", "pv_benefit"]].isna().all()
        else:
            assert row["npsv"] == pytest.approx(npsv, rel=1e-10)
