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


def test_topsis_of_five_phones():
    """A tutorial example that many programs reproduce, price being the less the better: .534 .308 .692 .535 .401."""
    phones = pd.DataFrame(
        {"storage": [16, 16, 32, 32, 16], "camera": [12, 8, 16, 8, 16], "price": [250, 200, 300, 275, 225],
         "looks": [5, 3, 4, 4, 2]}
    )  # fmt: skip
    found = topsis(phones, [0.25] * 4, senses={"price": "min"})
    assert found.tolist() == pytest.approx([0.534277, 0.308368, 0.691632, 0.534737, 0.401046], abs=5e-7)


def test_a_weighted_sum_by_hand():
    # Jobs 0, 1, 1/2; cost (less is better) 1, 1/3, 0. Weights 3 to 1: 0.25, 0.75 + 1/12, 0.375.
    found = weighted_sum(OPTIONS, {"jobs": 3, "cost": 1}, senses=CHEAP)
    assert found.tolist() == pytest.approx([0.25, 0.75 + 1 / 12, 0.375])
    plain = weighted_sum(OPTIONS / 100, EVEN, senses=CHEAP, normalisation="none")
    assert plain.tolist() == pytest.approx([0.49, 1.48, 0.975])


def test_a_weighted_sum_of_shares_of_kracka():
    """Kracka, Brauers and Zavadskas (2010), Engineering Economics 21(4), as in the tests of scikit-criteria."""
    heating = pd.DataFrame(
        [
            [33.95, 23.78, 11.45, 39.97, 29.44, 167.10, 3.852],
            [38.9, 4.17, 6.32, 0.01, 4.29, 132.52, 25.184],
            [37.59, 9.36, 8.23, 4.35, 10.22, 136.71, 10.845],
            [30.44, 37.59, 13.91, 74.08, 45.10, 198.34, 2.186],
            [36.21, 14.79, 9.17, 17.77, 17.06, 148.3, 6.610],
            [37.8, 8.55, 7.97, 2.35, 9.25, 134.83, 11.935],
        ]
    )
    senses = ["min", "min", "min", "min", "max", "min", "max"]
    found = weighted_sum(heating, [20] * 7, senses=senses, normalisation="sum")
    wanted = [0.12040426, 0.3458235, 0.13838192, 0.12841246, 0.12346084, 0.14351701]
    assert found.tolist() == pytest.approx(wanted, abs=1e-8)


def test_promethee_of_the_documentation_of_pymcdm():
    table = pd.DataFrame([[4, 3, 2], [3, 2, 4], [5, 1, 3]], columns=list("abc"))
    found = promethee_ii(table, [0.5, 0.3, 0.2])
    assert found["positive"].tolist() == pytest.approx([0.55, 0.35, 0.6])
    assert found["negative"].tolist() == pytest.approx([0.45, 0.65, 0.4])
    assert found["net"].tolist() == pytest.approx([0.1, -0.3, 0.2])


def test_the_six_functions_by_hand():
    """Brans and Vincke (1985), table 1: one criterion, a lead of 3 over the next, q = 2 and p = 6."""
    table, limits = pd.DataFrame({"c": [3.0, 0.0]}), {"indifference": [2], "preference": [6]}
    wanted = {"usual": 1, "u-shape": 1, "v-shape": 0.5, "level": 0.5, "linear": 0.25, "gaussian": 1 - np.exp(-1 / 8)}
    for name, degree in wanted.items():
        assert promethee_ii(table, [1], function=name, **limits)["net"].tolist() == pytest.approx([degree, -degree])
    mixed = promethee_ii(
        table.assign(d=[0.0, 3.0]), {"c": 1, "d": 3}, function={"c": "level"}, indifference={"c": 2},
        preference={"c": 6, "d": 6},
    )  # fmt: skip
    assert mixed["net"].tolist() == pytest.approx([0.25 * 0.5 - 0.75 * 0.5, 0.75 * 0.5 - 0.25 * 0.5])
    alone = promethee_ii(table, [1], indifference={"c": 2})  # only q: a step at q
    assert alone["net"].tolist() == [1, -1]


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


def square(upper):
    """A reciprocal table from its upper half."""
    table = np.ones((len(upper) + 1, len(upper) + 1))
    for row, values in enumerate(upper):
        for step, value in enumerate(values, 1):
            table[row, row + step], table[row + step, row] = value, 1 / value
    names = list("abcdefgh"[: len(table)])
    return pd.DataFrame(table, names, names)


def test_choosing_a_leader():
    """Wikipedia, Analytic hierarchy process - leader example: .547 .127 .270 .056, inconsistency .044."""
    table = square([[4, 3, 7], [1 / 3, 3], [5]])
    found = pairwise_weights(table)
    assert found.weights.tolist() == pytest.approx([0.547, 0.127, 0.270, 0.056], abs=1e-3)
    assert found.consistency_ratio == pytest.approx(0.044, abs=5e-4)
    for source, index in (("saaty-1980", 0.90), ("saaty-2008", 0.89), ("alonso-lamata", 0.8815)):
        ratio = pairwise_weights(table, random_index=source).consistency_ratio
        assert ratio == pytest.approx((found.largest_eigenvalue - 4) / 3 / index)
        assert pairwise_weights(table, random_index=index).consistency_ratio == ratio


@given(st.lists(st.floats(0.2, 5), min_size=3, max_size=6))
def test_all_ways_to_weights_agree_on_consistent_answers(shares):
    table = pd.DataFrame(np.divide.outer(shares, shares))
    for method in ("eigenvector", "geometric", "columns"):
        found = pairwise_weights(table, method=method)
        assert found.weights.tolist() == pytest.approx([share / sum(shares) for share in shares])
        assert found.largest_eigenvalue == pytest.approx(len(shares))
        assert found.consistency_ratio == pytest.approx(0, abs=1e-6)


def test_the_short_cut_of_the_textbooks():
    """Mean of scaled columns, by hand: columns of 1 3 5 / 1/3 1 3 / 1/5 1/3 1 add to 23/15, 13/3 and 9."""
    found = pairwise_weights(square([[3, 5], [3]]), method="columns")
    wanted = [(15 / 23 + 9 / 13 + 5 / 9) / 3, (5 / 23 + 3 / 13 + 3 / 9) / 3, (3 / 23 + 1 / 13 + 1 / 9) / 3]
    assert found.weights.tolist() == pytest.approx(wanted)
    many = pd.DataFrame(np.ones((16, 16)))
    assert np.isnan(pairwise_weights(many).consistency_ratio)  # no random index for so many
    assert pairwise_weights(many.iloc[:15, :15]).consistency_ratio == pytest.approx(0, abs=1e-9)


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


def test_ordered_weights_have_closed_form_acceptabilities():
    # With p before q the weight of p is even on 1/2 to 1: a (w) is ahead of b (1 - w), and c (0.6) of a for w < 0.6.
    table = pd.DataFrame({"p": [1.0, 0, 0.6], "q": [0.0, 1, 0.6]}, index=list("abc"))
    found = rank_acceptability(table, importance=["p"], draws=40_000)
    assert found.acceptability.loc["a"].tolist() == pytest.approx([0.8, 0.2, 0], abs=0.01)
    assert found.acceptability.loc["b"].tolist() == [0, 0, 1]
    assert found.central_weights.loc["a"].tolist() == pytest.approx([0.8, 0.2], abs=0.01)
    # Three criteria in order: the means of the ordered weights are (1 + 1/2 + 1/3) / 3, (1/2 + 1/3) / 3, 1/9.
    alone = rank_acceptability(pd.DataFrame([[1.0, 2, 3]], columns=list("xyz")), importance=["z", "x"], draws=40_000)
    assert alone.central_weights.loc[0, ["z", "x", "y"]].tolist() == pytest.approx([11 / 18, 5 / 18, 2 / 18], abs=0.01)


def test_values_on_one_scale_are_left_as_they_are():
    # Without scaling, p counts ten times as much: a is first for 10 w > 1 - w, so for w above 1/11.
    table = pd.DataFrame({"p": [10.0, 0], "q": [0.0, 1]}, index=["a", "b"])
    found = rank_acceptability(table, normalisation="none", draws=40_000)
    assert found.acceptability.loc["a", 1] == pytest.approx(10 / 11, abs=0.01)


def test_the_weights_of_the_people_in_the_room():
    people = pd.DataFrame({"cost": [1, 3, 0], "jobs": [1, 1, 2]}, index=["Ann", "Bob", "Cem"])
    found = rank_acceptability(OPTIONS, weights=people, senses=CHEAP)
    # hub 0.5, tram 2/3, fair 1/4; then hub 3/4, tram 1/2, fair 1/8; then hub 0, tram 1, fair 1/2.
    assert found.acceptability[1].tolist() == pytest.approx([1 / 3, 2 / 3, 0])
    assert found.central_weights.loc["tram"].to_dict() == pytest.approx({"jobs": 0.75, "cost": 0.25})


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
        (lambda: promethee_ii(OPTIONS, EVEN, function="s-shape"), "function must be one of 'linear'"),
        (lambda: promethee_ii(OPTIONS, EVEN, function={"price": "usual"}), "function names 'price'"),
        (lambda: promethee_ii(OPTIONS, EVEN, function=["usual"]), "a list of 2"),
        (lambda: promethee_ii(OPTIONS, EVEN, function="gaussian"), "needs a preference threshold above 0"),
        (lambda: weighted_sum(OPTIONS, EVEN, senses=["max"]), "a list of 2 of 'max' and 'min'"),
        (lambda: weighted_sum(OPTIONS - 2, EVEN, senses=CHEAP, normalisation="sum"), "above 0: not so for 'cost'"),
        (lambda: weighted_sum(-OPTIONS, EVEN, normalisation="ratio"), "not so for 'jobs', 'cost'. Use 'min-max'"),
        (lambda: weighted_sum(pd.concat([OPTIONS, OPTIONS]), EVEN), "more than once"),
        (lambda: weighted_sum(OPTIONS.replace(2.0, np.inf), EVEN), "scores has gaps for 'hub'"),
        (lambda: weighted_sum(OPTIONS, {"jobs": 1, "cost": np.nan}), "weights has no figure for 'cost'. Use 0"),
        (lambda: weighted_sum(OPTIONS, {**EVEN, "size": 1}), "Only weights has 'size'"),
        (lambda: rank_acceptability(OPTIONS, importance=["price"]), "importance must name criteria"),
        (lambda: rank_acceptability(OPTIONS, importance=["cost", "cost"]), "once each"),
        (lambda: rank_acceptability(OPTIONS, weights=OPTIONS, importance=["cost"]), "not both"),
        (lambda: rank_acceptability(OPTIONS, weights=OPTIONS[["jobs"]]), "has 'cost'"),
        (lambda: rank_acceptability(OPTIONS, weights=-OPTIONS), "none negative"),
        (lambda: pairwise_weights(pd.DataFrame([[1.0]]), method="mean"), "one of 'eigenvector'"),
        (lambda: pairwise_weights(pd.DataFrame([[1.0]]), random_index="x"), "one of 'saaty-1980'"),
        (lambda: pairwise_weights(pd.DataFrame([[1.0]]), random_index=0), "random_index must be above 0"),
        (lambda: pairwise_weights(pd.DataFrame()), "no criteria"),
        (lambda: swing_weights({"jobs": 100, "cost": None}), "no figure for 'cost'"),
        (lambda: swing_weights([0, 0]), "add up to more than zero"),
        (lambda: pairwise_weights(pd.DataFrame([[1, 3], [3, 1]])), "inverse of each other"),
        (lambda: rank_acceptability(OPTIONS, draws=0), "draws must be a whole number, 1 or more"),
        (lambda: rank_acceptability(OPTIONS, spread=OPTIONS[["jobs"]]), "options and criteria of scores"),
        (lambda: rank_acceptability(OPTIONS, spread=-OPTIONS), "spread must not be negative"),
    ],
)
def test_errors_name_the_argument_and_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()
