from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import gmean, rankdata

from iitk.analysis.relatedness import (
    complexity,
    opportunities,
    presence,
    proximity,
    relatedness_density,
)
from iitk.analysis.specialisation import location_quotient
from iitk.errors import MethodError


@pytest.fixture
def jobs():
    rng = np.random.default_rng(11)
    now = pd.DataFrame(rng.lognormal(5, 1.2, (30, 12)).round(), [f"A{n}" for n in range(30)], list("abcdefghijkl"))
    return now, (now * rng.lognormal(0, 0.3, now.shape)).round()


def test_parts_and_score_are_those_of_their_definitions(jobs):
    now, before = jobs
    found = opportunities(now, before, years=5)
    here = presence(now)
    area = found.loc["A3"]
    lq = location_quotient(now).loc["A3"]
    growth = (now.loc["A3"] / before.loc["A3"]) ** 0.2 - 1
    density = relatedness_density(here, proximity(here, diagonal=0)).loc["A3"]
    pci = complexity(here).pci
    for mine, theirs in (("strength", lq), ("growth", growth), ("relatedness", density), ("complexity", pci)):
        np.testing.assert_allclose(area[mine], theirs, rtol=1e-9)
    ranks = [(rankdata(part) - 0.5) / 12 for part in (lq, growth, density, pci)]
    np.testing.assert_allclose(area["score"], gmean(ranks, axis=0), rtol=1e-9)


def test_one_weight_alone_ranks_by_that_part(jobs):
    now, before = jobs
    found = opportunities(now, before, years=5, weights={"growth": 2})
    for _, area in found.groupby(level=0):
        assert area["score"].rank().tolist() == area["growth"].rank().tolist()


def test_small_cells_are_pulled_to_the_average_and_large_ones_hardly(jobs):
    now, before = jobs
    raw, pulled = (opportunities(now, before, years=5, shrinkage=k) for k in (0.0, 100.0))
    assert (pulled["strength"] - 1).abs().le((raw["strength"] - 1).abs() + 1e-12).all()
    # (x + k) / (E + k) by hand, for one cell
    share = now.sum() / now.sum().sum()
    expected = now.loc["A1"].sum() * share["b"]
    assert pulled.loc[("A1", "b"), "strength"] == pytest.approx((now.loc["A1", "b"] + 100) / (expected + 100))
    assert pulled.loc[("A1", "b"), "growth"] == pytest.approx(
        ((now.loc["A1", "b"] + 100) / (before.loc["A1", "b"] + 100)) ** 0.2 - 1
    )


def test_too_small_is_not_scored_and_says_so(jobs):
    now, before = jobs
    found = opportunities(now, before, years=5, minimum_size=200)
    small = found["activity"] < 200
    assert found.loc[small, "score"].isna().all()
    assert set(found.loc[small, "reason"]) == {"smaller than the minimum size of 200"}
    assert found.loc[~small, "score"].notna().all()
    large = found["activity"] >= 2000
    assert set(found.loc[large, "confidence"]) == {"high"}
    assert set(found.loc[~small & (found["activity"] < 600), "confidence"]) == {"low"}


def test_a_gap_harms_its_own_area_only(jobs):
    now, before = jobs
    now = now.copy()
    totals = now.sum(axis=1)
    now.loc["A4", "c"] = np.nan
    found = opportunities(now, before, years=5, activity_total=totals)
    assert found.loc[("A4", "c"), ["score", "reason"]].tolist()[1] == "no figure"
    assert found["score"].drop("A4", level=0).notna().all()


def test_better_growth_can_be_brought_along(jobs):
    now, before = jobs
    real = pd.DataFrame(0.01, now.index, now.columns)
    assert set(opportunities(now, before, years=5, growth=real)["growth"]) == {0.01}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"years": 0}, "years must be 1 or more"),
        ({"minimum_size": -1}, "must not be negative"),
        ({"weights": {"luck": 1}}, "the parts are strength, growth"),
        ({"weights": {"growth": 0}}, "one at least must be above zero"),
    ],
)
def test_bad_settings_are_refused(jobs, change, words):
    with pytest.raises(MethodError, match=words):
        opportunities(*jobs, **{"years": 5, **change})


def test_labels_that_differ_are_named(jobs):
    now, before = jobs
    with pytest.raises(MethodError, match=r"Only activity \(columns\) has 'b'"):
        opportunities(now, before.drop(columns="b"), years=5)


def test_a_missing_score_has_the_reason_of_its_quotient(jobs):
    now, before = jobs
    now = now.copy()
    now.loc["A4", "c"], now.loc["A5"] = -3.0, 0.0
    found = opportunities(now, before, years=5)
    assert found.loc[("A4", "c"), "reason"] == "negative figure"
    assert set(found.loc["A5", "reason"]) == {"total of the area is not positive"}
    assert found["score"].drop(["A4", "A5"], level=0).notna().all()


def test_growth_in_percent_is_refused(jobs):
    now, before = jobs
    with pytest.raises(MethodError, match=r"For 3% write 0.03"):
        opportunities(now, before, years=5, growth=pd.DataFrame(3.0, now.index, now.columns))


@pytest.mark.parametrize("change", [{"years": "5"}, {"minimum_size": "3"}, {"shrinkage": np.inf}])
def test_settings_that_are_no_numbers_are_refused(jobs, change):
    with pytest.raises(MethodError, match="must be a number"):
        opportunities(*jobs, **{"years": 5, **change})
