from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.analysis.preferences import (
    dominance,
    pairwise_weights,
    promethee_ii,
    rank_acceptability,
    swing_weights,
    topsis,
    weighted_sum,
)
from iitk.errors import MethodError

OPTIONS = pd.DataFrame(
    {"jobs": [100.0, 300, 200], "cost": [2.0, 4, 5]}, index=["hub", "tram", "fair"]
)  # fmt: skip
EVEN = {"jobs": 1, "cost": 1}
CHEAP = {"cost": "min"}
tables = st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=2, max_size=6)


def frame(rows):
    return pd.DataFrame(rows, columns=["p", "q", "r"], index=[f"o{n}" for n in range(len(rows))], dtype=float)


def test_topsis_of_tzeng_and_huang(case):
    """c17: Tzeng and Huang (2011), as in the tests of scikit-criteria and reproduced with pymcdm 1.4.0."""
    found = case("c17")
    given_, wanted = found["inputs"], found["expected"]
    closeness = topsis(pd.DataFrame(given_["matrix"]), given_["weights"])
    assert closeness.tolist() == pytest.approx(wanted["similarity_full"], abs=1e-7)
    assert closeness.rank(ascending=False).tolist() == wanted["rank"]


def test_a_weighted_sum_by_hand():
    # Jobs 0, 1, 1/2; cost (less is better) 1, 1/3, 0. Weights 3 to 1: 0.25, 0.75 + 1/12, 0.375.
    found = weighted_sum(OPTIONS, {"jobs": 3, "cost": 1}, senses=CHEAP)
    assert found.tolist() == pytest.approx([0.25, 0.75 + 1 / 12, 0.375])
    plain = weighted_sum(OPTIONS / 100, EVEN, senses=CHEAP, normalisation="none")
    assert plain.tolist() == pytest.approx([0.49, 1.48, 0.975])


def test_promethee_by_hand():
    # Jobs: lead of 100 counts (100 - 50) / (150 - 50) = 0.5, of 200 in full. Cost: any lead in full.
    found = promethee_ii(
        OPTIONS, EVEN, senses=CHEAP, indifference={"jobs": 50}, preference={"jobs": 150, "cost": 0}
    )  # fmt: skip
    # hub over tram 0.5 (cost), over fair 0.5 (cost); tram over hub 0.5, over fair 0.25 + 0.5; fair over hub 0.25.
    assert found["positive"].tolist() == pytest.approx([0.5, 0.625, 0.125])
    assert found["negative"].tolist() == pytest.approx([0.375, 0.25, 0.625])
    assert found["net"].tolist() == pytest.approx([0.125, 0.375, -0.5])


@given(tables)
def test_a_dominating_option_is_never_behind_whatever_the_method(rows):
    table = frame(rows)
    weights = {"p": 2, "q": 1, "r": 1}
    better = dominance(table)
    for values in (weighted_sum(table, weights), promethee_ii(table, weights)["net"], topsis(table, weights)):
        for one in table.index:
            for other in table.index:
                if better.loc[one, other] and not values.isna().any():
                    assert values[one] >= values[other] - 1e-12
    assert promethee_ii(table, weights)["net"].sum() == pytest.approx(0, abs=1e-12)
    assert not (better & better.T).any(axis=None)


@given(tables, st.floats(0.1, 50), st.floats(-20, 20))
def test_units_do_not_matter(rows, scale, shift):
    table = frame(rows)
    other = table.assign(q=table["q"] * scale + shift)
    for method in (weighted_sum, promethee_ii):
        before, after = method(table, [1, 1, 1]), method(other, [1, 1, 1])
        np.testing.assert_allclose(before, after, atol=1e-9)


def test_pairwise_weights_by_hand_and_from_the_handbooks():
    # A consistent table gives its ratios back: 4 : 2 : 1.
    names = ["a", "b", "c"]
    exact = pairwise_weights(pd.DataFrame([[1, 2, 4], [1 / 2, 1, 2], [1 / 4, 1 / 2, 1]], names, names))
    assert exact.weights.tolist() == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert exact.consistency_ratio == pytest.approx(0, abs=1e-9)
    # For three criteria the eigenvector is the geometric mean of the rows, and lambda follows from it.
    table = np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]])
    found = pairwise_weights(pd.DataFrame(table, names, names))
    geometric = np.prod(table, axis=1) ** (1 / 3)
    assert found.weights.tolist() == pytest.approx(geometric / geometric.sum())
    share = geometric / geometric.sum()
    lam = ((table @ share) / share).mean()
    assert found.consistency_ratio == pytest.approx((lam - 3) / 2 / 0.58)
    assert found.intransitive == ()


def test_circles_are_named_once():
    names = ["a", "b", "c", "d"]
    table = pd.DataFrame(np.ones((4, 4)), names, names)
    for over, under in (("a", "b"), ("b", "c"), ("c", "a")):
        table.loc[over, under], table.loc[under, over] = 3, 1 / 3
    found = pairwise_weights(table)
    assert found.intransitive == (("a", "b", "c"),)
    assert found.consistency_ratio > 0.1


def test_two_criteria_have_closed_form_acceptabilities():
    # Values a: w, b: 1 - w, c: 0.4. a is first for w > 1/2; c is last for 0.4 < w < 0.6 and second elsewhere.
    table = pd.DataFrame({"p": [1.0, 0, 0.4], "q": [0.0, 1, 0.4]}, index=list("abc"))
    found = rank_acceptability(table, draws=40_000, seed=2)
    wanted = [[0.5, 0.1, 0.4], [0.5, 0.1, 0.4], [0, 0.8, 0.2]]
    np.testing.assert_allclose(found.acceptability, wanted, atol=0.01)
    np.testing.assert_allclose(found.central_weights.loc["a"], [0.75, 0.25], atol=0.01)
    assert found.central_weights.loc["c"].isna().all()
    assert found.confidence[["a", "b"]].tolist() == [1, 1]
    assert np.isnan(found.confidence["c"])


def test_confidence_falls_with_the_spread_of_the_scores():
    # One criterion, two options 1 apart, each with a standard deviation of 1: P(N(1, 2) > 0) = 0.760.
    table = pd.DataFrame({"p": [1.0, 0.0]}, index=["a", "b"])
    spread = pd.DataFrame({"p": [1.0, 1.0]}, index=["b", "a"])
    found = rank_acceptability(table, spread=spread, draws=40_000)
    assert found.confidence["a"] == pytest.approx(0.760, abs=0.01)
    assert found.acceptability.loc["a", 1] == pytest.approx(0.760, abs=0.01)


@given(tables, st.integers(0, 50))
def test_ranks_are_shared_out_in_full_and_repeat(rows, seed):
    table = frame(rows)
    found = rank_acceptability(table, draws=60, seed=seed)
    np.testing.assert_allclose(found.acceptability.sum(axis=0), 1)
    np.testing.assert_allclose(found.acceptability.sum(axis=1), 1)
    pd.testing.assert_frame_equal(found.acceptability, rank_acceptability(table, draws=60, seed=seed).acceptability)
    twins = pd.concat([table, table.iloc[:1].set_axis(["twin"])])
    both = rank_acceptability(twins, draws=60, seed=seed).acceptability
    np.testing.assert_allclose(both.loc["twin"], both.iloc[0])


def test_swing_weights_add_to_one():
    assert swing_weights([100, 60, 40]).tolist() == pytest.approx([0.5, 0.3, 0.2])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: weighted_sum(OPTIONS, {"jobs": 1}), "Only scores .criteria. has 'cost'"),
        (lambda: weighted_sum(OPTIONS, [1, -1]), "Use senses for"),
        (lambda: weighted_sum(OPTIONS, EVEN, senses={"price": "min"}), "senses names 'price'"),
        (
            lambda: weighted_sum(OPTIONS, EVEN, senses={"cost": "low"}),
            "the sense of 'cost' must be one of 'max', 'min'",
        ),
        (lambda: weighted_sum(OPTIONS.replace(2.0, np.nan), EVEN), "scores has gaps for 'hub'"),
        (lambda: weighted_sum(OPTIONS, EVEN, normalisation="z"), "one of 'min-max', 'none'"),
        (lambda: topsis(OPTIONS.iloc[:0], EVEN), "no options"),
        (lambda: promethee_ii(OPTIONS.iloc[:1], EVEN), "two options or more"),
        (lambda: promethee_ii(OPTIONS, EVEN, indifference={"jobs": 5}, preference={"jobs": 2}), "below indifference"),
        (lambda: promethee_ii(OPTIONS, EVEN, indifference={"price": 5}), "indifference names 'price'"),
        (lambda: promethee_ii(OPTIONS, EVEN, indifference={"jobs": -5}), "must not be negative"),
        (lambda: swing_weights([0, 0]), "add up to more than zero"),
        (lambda: pairwise_weights(pd.DataFrame([[1, 3], [3, 1]])), "inverse of each other"),
        (lambda: rank_acceptability(OPTIONS, draws=0), "draws must be 1 or more"),
        (lambda: rank_acceptability(OPTIONS, spread=OPTIONS[["jobs"]]), "options and criteria of scores"),
        (lambda: rank_acceptability(OPTIONS, spread=-OPTIONS), "spread must not be negative"),
    ],
)
def test_errors_name_the_argument_and_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()
