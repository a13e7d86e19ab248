from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from iitk.analysis.benchmarking import distance_matrix, nearest_neighbours
from iitk.errors import MethodError

# Means 3 and 20; standard deviations (ddof 0) sqrt(2) and 10.
HAND = pd.DataFrame(
    {"skills": [1.0, 2, 3, 4, 5], "age": [10.0, 30, 10, 30, 20]}, index=["A", "B", "C", "D", "E"]
)  # fmt: skip
cell = st.one_of(st.floats(-1000, 1000), st.just(np.nan))
tables = st.integers(3, 8).flatmap(
    lambda rows: st.lists(st.lists(cell, min_size=3, max_size=3), min_size=rows, max_size=rows)
)


def frame(rows):
    return pd.DataFrame(rows, columns=["p", "q", "r"], index=[f"E{row:02}" for row in range(len(rows))], dtype=float)


def test_distances_by_hand():
    sd = np.std([10, 30, 10, 30, 20])
    found = nearest_neighbours(HAND, "A", k=4).set_index("code")["distance"]
    assert found["C"] == pytest.approx(np.sqrt((2 / np.sqrt(2)) ** 2 / 2))  # 1.0: two skills apart, same age
    assert found["B"] == pytest.approx(np.sqrt(((1 / np.sqrt(2)) ** 2 + (20 / sd) ** 2) / 2))
    assert found.index.tolist() == ["C", "B", "E", "D"]


def test_distances_agree_with_scipy():
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.normal(5, 3, (40, 6)))
    z = (table - table.mean()) / table.std(ddof=1)
    wanted = cdist(z, z) / np.sqrt(6)
    np.testing.assert_allclose(distance_matrix(table, ddof=1), wanted, atol=1e-12)


def test_reasons_name_the_most_alike_and_the_most_different_with_signs():
    first = nearest_neighbours(HAND, "A", k=1).loc[0]
    assert first["most_alike"] == (("age", 0.0),)
    assert first["most_different"] == (("skills", 1.414),)
    assert first["reasons"] == "Most alike: age (+0.0). Most different: skills (+1.4)."
    rng = np.random.default_rng(1)
    wide = pd.DataFrame(rng.normal(size=(9, 7)), columns=list("abcdefg"))
    one = nearest_neighbours(wide, 0, k=1).loc[0]
    z = (wide - wide.mean()) / wide.std(ddof=0)
    gaps = (z.loc[one["code"]] - z.loc[0]).abs().sort_values()
    assert [name for name, _ in one["most_alike"]] == gaps.index[:3].tolist()
    assert [name for name, _ in one["most_different"]] == gaps.index[:-4:-1].tolist()


@given(tables)
def test_distances_are_symmetric_and_nobody_is_their_own_neighbour(rows):
    table = frame(rows)
    try:
        distances = distance_matrix(table)
        found = nearest_neighbours(table, "E00", k=99)
    except MethodError:
        return
    np.testing.assert_allclose(distances, distances.T, equal_nan=True)
    assert "E00" not in set(found["code"])
    assert found["distance"].is_monotonic_increasing or np.allclose(np.diff(found["distance"]).clip(max=0), 0)
    for _, row in found.iterrows():
        assert row["distance"] == pytest.approx(distances.loc["E00", row["code"]])


@given(tables, st.floats(0.01, 100), st.floats(-50, 50))
def test_units_do_not_matter(rows, scale, shift):
    table = frame(rows).round(3)
    other = table.assign(q=table["q"] * scale + shift)
    try:
        before, after = distance_matrix(table), distance_matrix(other)
    except MethodError:
        return
    np.testing.assert_allclose(before, after, atol=1e-6, equal_nan=True)


def test_equal_distances_go_by_code():
    table = pd.DataFrame({"x": [0.0, 1, -1, 1, 5]}, index=["M", "Z", "B", "A", "Q"])
    assert nearest_neighbours(table, "M", k=3)["code"].tolist() == ["A", "B", "Z"]


def test_only_the_same_kind_is_considered_but_all_areas_set_the_scale():
    kinds = pd.Series({"A": "city", "B": "county", "C": "county", "D": "city", "E": "city"})
    found = nearest_neighbours(HAND, "A", same_kind=kinds)
    assert found["code"].tolist() == ["E", "D"]
    everyone = nearest_neighbours(HAND, "A").set_index("code")["distance"]
    assert found["distance"].tolist() == pytest.approx(everyone[["E", "D"]].tolist())


def test_gaps_scale_by_the_indicators_in_use_and_too_many_leave_an_area_out():
    table = HAND.assign(size=[1.0, 2, 3, 4, 5])
    table.loc["C", "size"] = np.nan
    table.loc["B", ["size", "age"]] = np.nan
    found = nearest_neighbours(table, "A", k=9).set_index("code")
    assert found.loc["C", "indicators"] == 2
    z = (table - table.mean()) / table.std(ddof=0)
    gap = (z.loc["C"] - z.loc["A"])[["skills", "age"]]
    assert found.loc["C", "distance"] == pytest.approx(np.sqrt((gap**2).mean()))
    assert "B" not in found.index
    assert "B" in set(nearest_neighbours(table, "A", k=9, min_indicators=1)["code"])


def test_weights_and_unused_indicators():
    table = HAND.assign(flat=7.0)
    found = nearest_neighbours(table, "A", k=4, weights={"skills": 0, "age": 1, "flat": 1})
    assert found["code"].tolist() == ["C", "E", "B", "D"]
    assert found.attrs["unused"] == ["skills", "flat"]
    heavy = nearest_neighbours(HAND, "A", k=1, weights={"skills": 3, "age": 1}).loc[0]
    sd = np.std([10, 30, 10, 30, 20])
    assert heavy["code"] == "C"
    assert heavy["distance"] == pytest.approx(np.sqrt(3 * 2 / 4))
    assert nearest_neighbours(HAND, "A", k=4, weights={"skills": 1, "age": 3}).set_index("code").loc[
        "B", "distance"
    ] == pytest.approx(np.sqrt((0.5 + 3 * (20 / sd) ** 2) / 4))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: nearest_neighbours(HAND, "X"), "'X' is not a row"),
        (lambda: nearest_neighbours(HAND, "A", k=0), "k must be a whole number, 1 or more"),
        (lambda: nearest_neighbours(HAND, "A", weights={"skills": 1}), "Only indicators has 'age'"),
        (lambda: nearest_neighbours(HAND, "A", weights={"skills": -1, "age": 1}), "must not be negative: 'skills'"),
        (lambda: nearest_neighbours(HAND * 0, "A"), "No indicator can tell"),
        (
            lambda: nearest_neighbours(HAND, "A", same_kind=pd.Series({"A": "x"})),
            "has 'B', 'C', 'D', 'E', but same_kind does not",
        ),
        (lambda: nearest_neighbours(HAND, "A", same_kind=pd.Series(None, HAND.index, object)), "no kind for 'A'"),
        (
            lambda: nearest_neighbours(HAND.assign(age=np.nan, skills=[np.nan, 1, 2, 3, 4]), "A"),
            "has 0 of 1 indicators",
        ),
        (lambda: distance_matrix(pd.concat([HAND, HAND])), "more than once"),
        (lambda: nearest_neighbours(HAND, "A", weights={"skills": 1, "age": np.nan}), "no figure for 'age'"),
        (lambda: nearest_neighbours(HAND, "A", weights={"skills": 0, "age": 0}), "No indicator can tell"),
        (lambda: nearest_neighbours(HAND.assign(age="x"), "A"), "not a number"),
        (lambda: nearest_neighbours(HAND, "A", scaling="rank"), "scaling must be one of 'z-score'"),
        (lambda: distance_matrix(HAND, form="max"), "form must be one of 'mean', 'sum'"),
    ],
)
def test_errors_name_the_argument_and_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()
