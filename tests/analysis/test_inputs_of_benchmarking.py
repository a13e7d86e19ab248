"""Benchmarking takes arrays, Series and numbered indicators, and erases nothing in silence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iitk.analysis.benchmarking import (
    aggregate,
    cronbach_alpha,
    denominate,
    distance_matrix,
    impute,
    nearest_neighbours,
    normalise,
    rank_uncertainty,
    screen,
    treat,
)
from iitk.errors import MethodError

TABLE = pd.DataFrame({"p": [1.0, 2, 3, 4], "q": [4.0, 1, 3, 2]}, index=list("ABCD"))
TREE = {"p": "I", "q": "I"}


def test_a_sparse_indicator_keeps_its_only_information():
    found = treat(pd.DataFrame({"f": [0] * 20 + [1], "g": [0] * 19 + [1, 50]}))
    assert found.values["f"].tolist() == [0] * 20 + [1]
    assert found.record.loc["f", ["treatment", "moved", "passed_after"]].tolist() == ["", 0, False]
    assert found.values["g"].nunique() > 1
    assert normalise(found.values)["f"].max() == 100
    for limits in ({"skew": -1}, {"kurtosis": -9}):
        with pytest.raises(MethodError, match="skew and kurtosis must be limits of 0 or more"):
            treat(TABLE, **limits)
    for limits, words in (({"skew": np.nan}, "skew must be a number"), ({"most": -1}, "most must be a whole number")):
        with pytest.raises(MethodError, match=words):
            treat(TABLE, **limits)


def test_numbered_indicators_and_a_root_without_parent():
    numbered = TABLE.set_axis([0, 1], axis=1)
    plain = aggregate(TABLE, TREE)["I"].tolist()
    assert aggregate(numbered, {0: "I", 1: "I"})["I"].tolist() == plain
    assert aggregate(TABLE.to_numpy(), {0: "I", 1: "I"})["I"].tolist() == plain
    for nothing in (None, np.nan):  # as the table of COINr has it
        assert aggregate(TABLE, {**TREE, "I": nothing}).columns.tolist() == ["I"]
        assert rank_uncertainty(TABLE, {**TREE, "I": nothing}, draws=5).summary["rank"].notna().all()
    named = rank_uncertainty(TABLE, TREE, draws=20).summary
    pd.testing.assert_frame_equal(rank_uncertainty(numbered, {0: "I", 1: "I"}, draws=20).summary, named)


def test_series_do_where_mappings_do():
    by_name = aggregate(TABLE, TREE, weights={"p": 0.75, "q": 0.25})
    assert aggregate(TABLE, pd.Series(TREE), weights=pd.Series({"p": 3, "q": 1})).equals(by_name)
    assert aggregate(TABLE, TREE, weights={"p": 75, "q": 25}, method=pd.Series({"I": "arithmetic"})).equals(by_name)
    assert by_name["I"].tolist() == [1.75, 1.75, 3, 3.5]
    turned = normalise(TABLE, senses={"q": "min"}, bounds={"p": (0, 8)})
    assert normalise(TABLE, senses=pd.Series({"q": "min"}), bounds=pd.Series({"p": (0, 8)})).equals(turned)
    assert normalise(TABLE, senses={"q": -1}, bounds={"p": [0, 8]}).equals(turned)
    sizes = pd.DataFrame({"d": 2.0}, index=TABLE.index)
    assert denominate(TABLE, sizes, pd.Series({"p": "d"}))["p"].tolist() == [0.5, 1, 1.5, 2]


def test_groups_and_kinds_in_any_form():
    gaps = TABLE.assign(p=[1.0, np.nan, 3, 9])
    groups = {"A": "x", "B": "x", "C": "y", "D": "y"}
    for given in (groups, pd.Series(groups), list("xxyy"), np.array(list("xxyy"))):
        assert impute(gaps, groups=given)["p"].tolist() == [1, 1, 3, 9]
        assert nearest_neighbours(TABLE, "A", same_kind=given)["code"].tolist() == ["B"]


def test_arrays_are_areas_by_indicators():
    rows = TABLE.to_numpy()
    assert normalise(rows).to_numpy().tolist() == normalise(TABLE).to_numpy().tolist()
    assert distance_matrix(rows).to_numpy().tolist() == distance_matrix(TABLE).to_numpy().tolist()
    names = dict(enumerate("ABCD"))
    assert nearest_neighbours(rows, 0)["code"].map(names).tolist() == nearest_neighbours(TABLE, "A")["code"].tolist()
    assert cronbach_alpha(rows.tolist()) == cronbach_alpha(TABLE)


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: aggregate(TABLE, TREE, weights={"p": 0.6, "q": 0.6}), "weights under 'I' add to 1.2: shares must add"),
        (lambda: aggregate(TABLE, TREE, weights={"p": 60, "q": 0.4}), "weights under 'I' have 0.4 beside 60"),
        (lambda: aggregate(TABLE, TREE, weights=[0.5, 0.5]), "weights must be a mapping or a Series"),
        (lambda: aggregate(TABLE, TREE, method=5), "method must be a mapping"),
        (lambda: normalise(TABLE, scale=(0, np.inf)), "scale must be a number, got inf"),
        (lambda: normalise(TABLE, scale=100), "scale must be a pair of figures, the lower first, got 100"),
        (lambda: normalise(TABLE, scale=("a", "b")), "scale must be a number"),
        (lambda: normalise(TABLE, bounds={"p": 10}), "bounds of 'p' must be a pair"),
        (lambda: normalise(TABLE, bounds={"p": (None, 10)}), "bounds of 'p' must be a number"),
        (lambda: normalise(TABLE, method="z-score", bounds={"p": (0, 1)}), "bounds are of method='min-max'"),
        (lambda: normalise(TABLE, method="z-score", ddof=4), "ddof must be less than the number of areas"),
        (lambda: normalise(TABLE, method="z-score", ddof="a"), "ddof must be a number"),
        (lambda: normalise(TABLE, senses=["min"]), "senses must be a mapping or a Series"),
        (lambda: nearest_neighbours(TABLE, "A", ddof=5), "ddof must be less than the number of areas .4., got 5"),
        (lambda: nearest_neighbours(TABLE, "A", min_indicators=0), "min_indicators must be a whole number, 1 or more"),
        (lambda: nearest_neighbours(TABLE, "A", k=1.5), "k must be a whole number"),
        (lambda: nearest_neighbours(TABLE, ["A"]), "area .* is not a row of indicators"),
        (lambda: nearest_neighbours(TABLE, "A", same_kind=["x"]), "same_kind must hold one kind for each of the 4"),
        (lambda: impute(TABLE, groups={"A": "x"}), "indicators has 'B', 'C', 'D', but groups does not"),
        (lambda: screen(TABLE, present="a"), "present must be a number"),
        (lambda: rank_uncertainty(TABLE, TREE, draws=1.5), "draws must be a whole number"),
        (lambda: rank_uncertainty(TABLE, TREE, seed=-1), "seed must be a whole number"),
        (lambda: rank_uncertainty(TABLE, TREE, variants=["min-max"]), "variants must be at least one pair"),
        (lambda: rank_uncertainty(TABLE, TREE, variants=[]), "variants must be at least one pair"),
        (lambda: cronbach_alpha(TABLE.iloc[:1]), "two areas or more"),
        (lambda: normalise("p"), "indicators must be a table"),
    ],
)
def test_what_cannot_be_used_is_said_with_the_remedy(attempt, words):
    with pytest.raises(MethodError, match=words):
        attempt()


def test_one_variant_alone_will_do():
    found = rank_uncertainty(TABLE, TREE, variants=("rank", "arithmetic"), draws=5)
    assert (
        found.summary["rank"].tolist()
        == rank_uncertainty(TABLE, TREE, variants=[("rank", "arithmetic")]).summary["rank"].tolist()
    )
