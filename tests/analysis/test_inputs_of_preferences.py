"""Preferences take what people bring: arrays, lists, Series, printed tables; and refuse weights that miss their sum."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

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

TYPES = [*enumerate(["usual", "u-shape", "v-shape", "level", "linear", "gaussian"], 1)]
OPTIONS = pd.DataFrame({"jobs": [100.0, 300, 200], "cost": [2.0, 4, 3]}, index=["hub", "tram", "lab"])
NAMES = ["drop", "range", "load"]


@pytest.mark.parametrize(
    "weights",
    [
        {"jobs": 0.75, "cost": 0.25},
        {"jobs": 75, "cost": 25},
        {"jobs": 3, "cost": 1},
        {"jobs": 300, "cost": 100},
        pd.Series({"cost": 0.25, "jobs": 0.75}),
        [0.75, 0.25],
        np.array([75, 25]),
        swing_weights({"jobs": 100, "cost": 100 / 3}),
    ],
)
def test_shares_percentages_and_points_are_the_same_weights(weights):
    # hub: worst on jobs, best on cost.
    found = weighted_sum(OPTIONS, weights, senses={"cost": "min"})
    assert found.to_dict() == pytest.approx({"hub": 0.25, "tram": 0.75, "lab": 0.5})
    drawn = rank_acceptability(OPTIONS, weights=pd.DataFrame([dict(zip(OPTIONS, pd.Series(weights), strict=True))]))
    assert drawn.central_weights.notna().any(axis=None)


def test_published_weights_rounded_to_two_decimals_are_taken_and_scaled():
    thirds = pd.DataFrame(np.eye(3), columns=list("abc"))
    assert weighted_sum(thirds, [0.33, 0.33, 0.33]).tolist() == pytest.approx([1 / 3] * 3)
    assert weighted_sum(thirds, [33, 33, 33]).tolist() == pytest.approx([1 / 3] * 3)
    assert weighted_sum(thirds, [1, 1, 1]).tolist() == pytest.approx([1 / 3] * 3)
    assert weighted_sum(thirds, [0, 0, 1]).tolist() == [0, 0, 1]
    assert weighted_sum(thirds, [100, 60, 40]).tolist() == pytest.approx([0.5, 0.3, 0.2])


@pytest.mark.parametrize("method", [weighted_sum, topsis, promethee_ii])
@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([0.5, 0.4], "weights add to 0.9: shares must add to 1, so mend or divide them. Or scale points of any sum by"),
        ({"jobs": 0.6, "cost": 0.6}, "weights add to 1.2: shares must add to 1"),
        ([1, 0.5], "weights add to 1.5: shares must add to 1"),
        ([0.2, 0.2], "weights add to 0.4: shares"),
        ([60, 30], "weights add to 90: percentages must add to 100"),
        ({"jobs": 60, "cost": 0.4}, "weights have 0.4 beside 60: .* For 60% write 0.6"),
        ([1, 2, 3], "weights has 3 figures, but scores .criteria. has 2 labels"),
        (["3", "1"], "weights holds something that is not a number"),
    ],
)
def test_weights_that_do_not_sum_are_refused_with_the_remedy(method, weights, words):
    with pytest.raises(MethodError, match=words):
        method(OPTIONS, weights)


def test_people_whose_weights_do_not_sum_are_named():
    people = pd.DataFrame({"jobs": [0.7, 0.7], "cost": [0.3, 0.2]}, index=["Ann", "Bob"])
    with pytest.raises(MethodError, match="the weights of 'Bob' add to 0.9: shares must add to 1"):
        rank_acceptability(OPTIONS, weights=people)


def test_points_of_any_sum_become_weights():
    assert swing_weights([0.5, 0.4]).sum() == pytest.approx(1)
    assert swing_weights({"jobs": 60, "cost": 30})["jobs"] == pytest.approx(2 / 3)
    with pytest.raises(MethodError, match="points must not be negative"):
        swing_weights([5, -1])


def test_arrays_and_lists_of_rows_are_tables():
    # Hwang and Yoon need no labels: rows and columns are then 0, 1, 2 ...
    labelled = topsis(OPTIONS, [3, 1], senses=["max", "min"])
    for rows in (OPTIONS.to_numpy(), OPTIONS.to_numpy().tolist()):
        assert topsis(rows, [3, 1], senses=["max", "min"]).tolist() == labelled.tolist()
        assert topsis(rows, {0: 3, 1: 1}, senses={1: "min"}).tolist() == labelled.tolist()
        assert dominance(rows).shape == (3, 3)
        assert promethee_ii(rows, [3, 1])["net"].sum() == pytest.approx(0)
    again = rank_acceptability(OPTIONS.to_numpy(), weights=[[3, 1]], spread=np.zeros((3, 2)))
    assert again.acceptability.loc[1, 1] == 1


@pytest.mark.parametrize(
    "senses", [["max", "min"], [1, -1], np.array([1, -1]), {"cost": "cost"}, pd.Series({"cost": "MIN"})]
)
def test_senses_by_their_other_names(senses):
    assert weighted_sum(OPTIONS, [1, 1], senses=senses).tolist() == [0.5, 0.5, 0.5]


def test_one_threshold_for_all_and_functions_as_a_series():
    table = pd.DataFrame({"a": [4.0, 2], "b": [1.0, 0]})
    one, each = (promethee_ii(table, [1, 1], preference=p, function="v-shape")["net"].tolist() for p in (4, [4, 4]))
    assert one == each == [pytest.approx(0.375), pytest.approx(-0.375)]  # (2/4 + 1/4) / 2
    by_name = promethee_ii(table, [1, 1], preference=4, function=pd.Series({"a": "v-shape", "b": "v-shape"}))
    assert by_name["net"].tolist() == one
    refused = (
        ({"a": "q"}, "preference of 'a' must be a"),
        ([np.inf, 1], "preference of 'a' must"),
        ("q", "preference must"),
    )
    for wrong, words in refused:
        with pytest.raises(MethodError, match=words):
            promethee_ii(table, [1, 1], preference=wrong)
    with pytest.raises(MethodError, match="function 'v-shape' needs a preference threshold above 0: where it is full"):
        promethee_ii(table, [1, 1], function="v-shape")
    for function in (7, "t1"):
        with pytest.raises(MethodError, match="function must be one of"):
            promethee_ii(table, [1, 1], function=function)
    with pytest.raises(MethodError, match="function must name the criteria"):
        promethee_ii(table, [1, 1], function=None)


@pytest.mark.parametrize(("number", "name"), TYPES)
def test_preference_functions_by_the_number_of_their_type(number, name):
    table = pd.DataFrame({"a": [4.0, 2, 1], "b": [1.0, 0, 5]})
    given, named = (
        promethee_ii(table, [1, 1], indifference=1, preference=3, function=function)
        for function in ([number, number], {"a": name, "b": name})
    )
    assert given.equals(named)


def test_the_unit_of_huge_figures_does_not_matter():
    table = pd.DataFrame({"a": [3.0, 1, 2], "b": [1.0, 5, 2]})
    assert topsis(table * 1e200, [1, 1]).tolist() == pytest.approx(topsis(table, [1, 1]).tolist())


def test_saaty_tables_as_they_are_printed():
    exact = pd.DataFrame([[1, 7, 8], [1 / 7, 1, 6], [1 / 8, 1 / 6, 1]], NAMES, NAMES)
    weights = pairwise_weights(exact).weights.to_numpy()
    for printed in ([0.14, 0.13, 0.17], [0.14, 0.12, 0.16], [0.143, 0.125, 0.167]):
        rounded = exact.copy()
        rounded.iloc[1, 0], rounded.iloc[2, 0], rounded.iloc[2, 1] = printed
        np.testing.assert_allclose(pairwise_weights(rounded).weights, weights, atol=0.005)
        np.testing.assert_allclose(pairwise_weights(rounded, reciprocal="upper").weights, weights)


def test_the_upper_half_is_enough_if_one_says_so():
    exact = np.array([[1, 7, 8], [1 / 7, 1, 6], [1 / 8, 1 / 6, 1]])
    upper = np.where(np.tri(3, k=-1, dtype=bool), np.nan, exact)
    wanted = pairwise_weights(exact)
    named = pd.DataFrame(upper, NAMES, NAMES)
    for given in (upper, upper.tolist(), np.triu(exact, 1), named, named.reset_index(drop=True)):
        found = pairwise_weights(given, reciprocal="upper")
        np.testing.assert_allclose(found.weights.to_numpy(), wanted.weights.to_numpy())
        assert found.consistency_ratio == pytest.approx(wanted.consistency_ratio)
    with pytest.raises(MethodError, match="'drop' and 'range' .* got 7 and nan. Mend one, or .* reciprocal='upper'"):
        pairwise_weights(pd.DataFrame(upper, NAMES, NAMES))
    with pytest.raises(MethodError, match="got 2 and 0.33"):
        pairwise_weights([[1, 2], [0.33, 1]])
    with pytest.raises(MethodError, match="reciprocal must be one of"):
        pairwise_weights(exact, reciprocal="lower")
    with pytest.raises(MethodError, match="random_index must be a number"):
        pairwise_weights(exact, random_index=None)


@pytest.mark.parametrize("wrong", [{"draws": 1.5}, {"draws": "a"}, {"seed": -1}, {"draws": True}])
def test_draws_and_seeds_are_whole(wrong):
    with pytest.raises(MethodError, match=f"{next(iter(wrong))} must be a"):
        rank_acceptability(OPTIONS, **wrong)
