"""The ledger of an option: the same figures as `appraise` by another way, and by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from iitk.analysis.appraisal import BIAS_BOUNDS, BiasBounds
from iitk.analysis.ledger import ledger
from iitk.analysis.worth import Assumptions, appraise
from iitk.errors import MethodError
from iitk.model import Adjustments, Cost, OptionList, Outcome, Scenario
from iitk.sources import parameters
from iitk.sources.options import example

HARD = Scenario("hard", "Hard", "Hard times.", capital_cost=1.2, revenue_cost=1.1,
                outcomes=(("all", 0.8), ("build", 0.5)))  # fmt: skip
SUMS = ("capital", "revenue", "cost", "pv_cost", "private", "pv_private")


def assumptions(vintage: str = "") -> Assumptions:
    edition = parameters.vintage(vintage or parameters.vintages()[0])
    bounds = {kind: BiasBounds(**one) for kind, one in edition.optimism_bias.items()}
    return Assumptions(edition.discount, bounds, 2026)


@pytest.mark.parametrize("scenario", [None, HARD], ids=["expected", "hard"])
@pytest.mark.parametrize("vintage", parameters.vintages())
def test_its_sums_are_what_the_appraisal_says_of_every_option(vintage, scenario):
    options, given = example(), assumptions(vintage)
    table = appraise(options, given, scenario).table
    last = max(options.outcome_years)
    for one in options.options:
        found, row = ledger(one, given, scenario), table.loc[one.name]
        sums = found.sum(skipna=False)
        for name in SUMS:
            assert sums[name] == pytest.approx(row[name], rel=1e-12, abs=1e-6)
        assert sums["capital_bias"] + sums["revenue_bias"] == pytest.approx(row["bias_pounds"], rel=1e-12, abs=1e-6)
        npsv = sums["pv_benefit"] - sums["pv_cost"] - sums["pv_private"]
        np.testing.assert_allclose([sums["pv_benefit"], npsv], row[["pv_benefit", "npsv"]].astype(float), rtol=1e-10)
        jobs = found.loc[last, ["gross_jobs", "net_jobs"]]
        np.testing.assert_allclose(jobs, row[["gross_jobs", "net_jobs"]].astype(float), rtol=1e-12)


def lab(**changes):
    """An option of plain numbers: 100 a year of capital for two years, 40 jobs and 90 of benefit in the second."""
    plain = {
        "adjustments": Adjustments(0.5, 0, 0.2, 0, 1.25), "bias_class": "standard buildings", "bias_mitigation": 0.0,
        "persistence_years": 2, "decay": 0.5,
        "costs": (Cost("capital", 2026, "council", 100.0), Cost("capital", 2027, "private_mill", 100.0)),
        "outcomes": (Outcome("benefit", 2027, 50, 90, 100), Outcome("jobs", 2027, 30, 40, 50)),
    }  # fmt: skip
    return replace(example().options[0], **{**plain, **changes})


def test_every_line_by_hand():
    found = ledger(lab(), Assumptions(0.25, BIAS_BOUNDS, 2026))
    assert found.index.tolist() == [2026, 2027, 2028, 2029]
    assert found["factor"].tolist() == pytest.approx([1, 0.8, 0.64, 0.512])
    assert found["capital_bias"].tolist() == pytest.approx([24, 0, 0, 0])  # upper bound of standard buildings: 24%
    assert found["cost"].tolist() == pytest.approx([124, 0, 0, 0])
    assert found["pv_private"].tolist() == pytest.approx([0, 124 * 0.8, 0, 0])
    assert found["net_benefit"].tolist() == pytest.approx([0, 36, 18, 9])  # 90 x 0.5 x 0.8, then half each year
    assert found["pv_benefit"].tolist() == pytest.approx([0, 28.8, 11.52, 4.608])
    assert found["net_jobs"].tolist() == pytest.approx([0, 20, 10, 5])


def test_what_nobody_has_estimated_is_missing_and_not_0():
    found = ledger(lab(outcomes=(Outcome("jobs", 2027, 30, 40, 50),)), Assumptions(0.25, BIAS_BOUNDS, 2026))
    assert found[["gross_benefit", "net_benefit", "pv_benefit"]].isna().all(axis=None)
    assert found["gross_jobs"].tolist() == [0, 40, 20, 10]
    bare = ledger(lab(outcomes=()), Assumptions(0.25, BIAS_BOUNDS, 2026))
    assert bare.index.tolist() == [2026, 2027]
    assert bare["net_jobs"].isna().all()


def test_bias_of_outsourcing_is_of_revenue_and_mitigation_stops_at_the_lower_bound():
    paid = (Cost("revenue", 2026, "council", 100.0), Cost("capital", 2026, "council", 100.0))
    hired = ledger(lab(costs=paid, bias_class="outsourcing"), Assumptions(0.25, BIAS_BOUNDS, 2026))
    biases = hired.loc[2026, ["capital_bias", "revenue_bias"]].tolist()
    assert biases == pytest.approx([0, 41])  # upper bound of outsourcing, of operating cost
    managed = ledger(lab(bias_mitigation=1.0), Assumptions(0.25, BIAS_BOUNDS, 2026))
    assert managed.loc[2026, "capital_bias"] == pytest.approx(2)  # never under the lower bound
    none = ledger(lab(bias_class="none"), Assumptions(0.25, BIAS_BOUNDS, 2026))
    assert none["capital_bias"].tolist() == [0, 0, 0, 0]


def test_what_cannot_be_written_down():
    with pytest.raises(MethodError, match="figures for 2026, before the base year 2027"):
        ledger(lab(), Assumptions(0.25, BIAS_BOUNDS, 2027))
    with pytest.raises(MethodError, match="figures for 2027, before the base year 2028"):
        ledger(lab(costs=()), Assumptions(0.25, BIAS_BOUNDS, 2028))
    with pytest.raises(MethodError, match="bridges"):
        ledger(lab(bias_class="bridges"), Assumptions(0.25, BIAS_BOUNDS, 2026))


def test_a_list_of_one_closes_too():
    one = lab()
    row = appraise(OptionList((one,), 2026, "GBP", (2026, 2027), (2027,)), Assumptions(0.25, BIAS_BOUNDS, 2026)).table
    found = ledger(one, Assumptions(0.25, BIAS_BOUNDS, 2026)).sum()
    assert row["npsv"].iloc[0] == pytest.approx(found["pv_benefit"] - found["pv_cost"] - found["pv_private"])
