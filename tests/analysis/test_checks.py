"""What is no figure is refused with its name and place, and no table is changed through a result."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from iitk.analysis import (
    additionality,
    agreement,
    appraisal,
    benchmarking,
    checks,
    growth,
    inputoutput,
    portfolio,
    preferences,
    relatedness,
    roadmap,
    specialisation,
)
from iitk.errors import MethodError

TREE = {"a": "I", "b": "I"}


def table(value):
    return pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, value, 2]}, index=list("xyz"))


def square(value):
    return pd.DataFrame([[0.1, 0.2], [value, 0.1]], index=list("ab"), columns=list("ab"))


TABLES = {
    "weighted_sum": lambda v: preferences.weighted_sum(table(v), [1, 1]),
    "topsis": lambda v: preferences.topsis(table(v), [1, 1]),
    "promethee_ii": lambda v: preferences.promethee_ii(table(v), [1, 1]),
    "rank_acceptability": lambda v: preferences.rank_acceptability(table(1.0), spread=table(v), draws=9),
    "weights of rank_acceptability": lambda v: preferences.rank_acceptability(table(1.0), weights=table(v)),
    "kendalls_w": lambda v: agreement.kendalls_w(table(v)),
    "krippendorff_alpha": lambda v: agreement.krippendorff_alpha(table(v), level="interval"),
    "cut_line_stability": lambda v: agreement.cut_line_stability(table(v), places=1, resamples=5),
    "technical_coefficients": lambda v: inputoutput.technical_coefficients(square(v), [10, 10]),
    "leontief_inverse": lambda v: inputoutput.leontief_inverse(square(v)),
    "regional_coefficients": lambda v: inputoutput.regional_coefficients(square(0.1), [1, v], [10, 20]),
    "output": lambda v: inputoutput.technical_coefficients(square(1.0), [10, v]),
    "effect_multipliers": lambda v: inputoutput.effect_multipliers(square(0.1), [1, v]),
    "households": lambda v: inputoutput.output_multipliers(
        square(0.1), households=inputoutput.Households([0.1, v], [0.1, 0.1])
    ),
    "normalise": lambda v: benchmarking.normalise(table(v)),
    "aggregate": lambda v: benchmarking.aggregate(table(v), TREE),
    "denominate": lambda v: benchmarking.denominate(table(1.0), table(v), {"a": "b"}),
    "cronbach_alpha": lambda v: benchmarking.cronbach_alpha(table(v)),
    "nearest_neighbours": lambda v: benchmarking.nearest_neighbours(table(v), "x"),
    "weights of nearest_neighbours": lambda v: benchmarking.nearest_neighbours(table(1.0), "x", weights=[1, v]),
    "present_value": lambda v: appraisal.present_value([1, v]),
    "equivalent_annual_cost": lambda v: appraisal.equivalent_annual_cost([1, v]),
    "switching_value": lambda v: appraisal.switching_value({"a": 1, "b": v}),
    "ordinal_agreement": lambda v: agreement.ordinal_agreement([1, 2, v]),
    "location_quotient": lambda v: specialisation.location_quotient(table(v)),
    "reference of location_quotient": lambda v: specialisation.location_quotient(table(1.0), [10, v]),
    "activity_total of location_quotient": lambda v: specialisation.location_quotient(
        pd.Series({"a": 1.0}), [10], activity_total=v
    ),
    "herfindahl_index": lambda v: specialisation.herfindahl_index(table(v)),
    "krugman_index": lambda v: specialisation.krugman_index(table(1.0), [1, v]),
    "related_variety": lambda v: specialisation.related_variety(table(v), TREE),
    "locational_gini": lambda v: specialisation.locational_gini(table(v)),
    "ellison_glaeser_index": lambda v: specialisation.ellison_glaeser_index(table(v), [0.1, 0.1]),
    "cluster_index": lambda v: specialisation.cluster_index(table(1.0), table(v), [1, 1, 1], [1, 1, 1]),
    "presence": lambda v: relatedness.presence(table(v)),
    "proximity": lambda v: relatedness.proximity(table(v)),
    "relatedness_density": lambda v: relatedness.relatedness_density(table(1.0)[["a"]] * 0 + 1, square(v)[["a"]]),
    "complexity": lambda v: relatedness.complexity(table(v)),
    "shift_share": lambda v: growth.shift_share([1, v], [1, 2], [3, 4], [5, 6]),
    "reference_end of shift_share": lambda v: growth.shift_share([1, 1], [1, 2], [3, 4], [5, v]),
    "dynamic_shift_share": lambda v: growth.dynamic_shift_share(table(v), table(1.0)),
    "reference of dynamic_shift_share": lambda v: growth.dynamic_shift_share(table(1.0), table(v)),
    "choose": lambda v: portfolio.choose(pd.DataFrame({"value": [1.0, v], "cost": [1.0, 1]}, index=["a", "b"]), 1),
    "spend_per_year": lambda v: roadmap.spend_per_year({"a": 2}, {"a": v}, {"a": 1}),
}
NUMBERS = {
    "gross": additionality.net_additional,
    "leakage": lambda v: additionality.net_additional(10, leakage=v),
    "multiplier": lambda v: additionality.net_additional(10, multiplier=v),
    "reference": lambda v: additionality.net_additional(10, reference=additionality.ReferenceCase(v)),
    "cost": lambda v: additionality.cost_per_net_job(v, 1),
    "net_jobs": lambda v: additionality.cost_per_net_job(1, v),
    "mitigation": lambda v: appraisal.optimism_bias("outsourcing", mitigation=v),
    "outsourcing": lambda v: appraisal.optimism_bias({"outsourcing": v}),
    "weight of 'a'": lambda v: benchmarking.aggregate(table(1.0), TREE, weights={"a": v}),
}


@pytest.mark.parametrize("value", [np.inf, -np.inf, "x"])
@pytest.mark.parametrize("method", TABLES)
def test_infinity_and_text_are_refused_by_every_method(method, value):
    with pytest.raises(MethodError):
        TABLES[method](value)


@pytest.mark.parametrize("value", [np.inf, np.nan, None, "x"])
@pytest.mark.parametrize("name", NUMBERS)
def test_what_is_no_number_is_named(name, value):
    with pytest.raises(MethodError, match=f"{name}.* must be a number"):
        NUMBERS[name](value)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_the_place_of_an_infinite_figure_is_named_with_the_remedy(value):
    with pytest.raises(MethodError, match="indicators holds infinity for 'y' in 'b'. Give a figure, or"):
        benchmarking.normalise(table(value))
    with pytest.raises(MethodError, match="flows holds infinity for '1'"):
        appraisal.present_value([1, value])
    with pytest.raises(MethodError, match="activity holds infinity for 'y'"):
        specialisation.location_quotient(table(value))
    both_ways = pd.DataFrame({"a": [np.inf, 1, -np.inf, np.nan]})  # adds up to a gap, not to infinity
    with pytest.raises(MethodError, match="t holds infinity for '0', '2'"):
        checks.frame(both_ways, "t")


def test_figures_that_add_up_to_more_than_can_be_written_are_figures():
    large = pd.DataFrame({"a": [1e308, 1e308, np.nan]})
    pd.testing.assert_frame_equal(checks.frame(large, "t"), large)
    assert checks.series(large["a"], "t").isna().tolist() == [False, False, True]


def test_infinity_is_let_through_only_where_that_is_asked_for():
    assert np.isinf(checks.unbounded_frame(table(np.inf), "t").loc["y", "b"])


KINDS = {
    "floats": lambda: pd.DataFrame({"a": [1.0, 0, 1], "b": [1.0, 1, 0]}),
    "one block": lambda: pd.DataFrame(np.array([[1.0, 1], [0, 1], [1, 0]]), columns=["a", "b"]),
    "by column": lambda: pd.DataFrame(np.asfortranarray([[1.0, 1], [0, 1], [1, 0]]), columns=["a", "b"]),
    "counts": lambda: pd.DataFrame({"a": [1, 0, 1], "b": [1, 1, 0]}),
    "one column of nullable": lambda: pd.DataFrame({"a": pd.array([1.0, 0, 1], dtype="Float64")}),
    "nullable": lambda: pd.DataFrame({"a": [1.0, 0, 1], "b": [1.0, 1, 0]}).convert_dtypes(),
}
RESULTS = {
    "frame": lambda table: checks.frame(table, "t"),
    "location_quotient": specialisation.location_quotient,
    "presence": relatedness.presence,
    "proximity": relatedness.proximity,
    "relatedness_density": lambda table: relatedness.relatedness_density(table, relatedness.proximity(table)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", RESULTS)
def test_a_table_and_a_result_made_from_it_can_each_be_written_to_without_changing_the_other(method, kind):
    given = KINDS[kind]()
    given.attrs["missing"] = {"old": "reason"}
    before, result = given.copy(), RESULTS[method](given)
    assert result.attrs.get("missing") != {"old": "reason"}
    wanted = result.copy()
    given.iloc[:, 0] = 7
    given.iloc[0, 0] = 9
    pd.testing.assert_frame_equal(result, wanted)
    given = before.copy()
    result = RESULTS[method](given)
    result.iloc[0, 0] = -3.0
    result *= 2
    pd.testing.assert_frame_equal(given, before)


@pytest.mark.parametrize("kind", KINDS)
def test_frame_gives_the_same_floats_whatever_the_kind(kind):
    given = KINDS[kind]()
    found = checks.frame(given, "t")
    assert (found.dtypes == np.float64).all()
    assert found.to_numpy().tolist() == given.astype(float).to_numpy().tolist()
    assert found.index.equals(given.index)
    assert found.columns.equals(given.columns)


def test_a_table_of_floats_is_not_copied():
    given = KINDS["one block"]()
    assert np.shares_memory(checks.frame(given, "t").to_numpy(), given.to_numpy())


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        (pd.to_datetime(["2026-01-01", "2027-01-01"]), "x holds dates: write them as figures, such as 2026.5"),
        ([dt.date(2026, 1, 1), None], "x holds dates"),
        (pd.to_timedelta([1, 2], unit="D"), "x holds lengths of time"),
        ([dt.timedelta(1), 2.0], "x holds lengths of time"),
        ([1j, 2], "x holds complex numbers"),
        (pd.Series([1j, 2], dtype=object), "x holds complex numbers"),
        (["100", "1"], "x holds something that is not a number \\('100' is text\\)"),
        ([1, "1"], "'1' is text"),
    ],
)
def test_what_only_looks_like_a_figure_is_refused(figures, words):
    with pytest.raises(MethodError, match=words):
        checks.floats(pd.Series(figures), "x")
    with pytest.raises(MethodError, match=words):
        checks.frame(pd.DataFrame({"a": 1.0, "b": figures}), "x")


def test_whole_numbers_flags_and_gaps_of_every_kind_are_figures():
    found = checks.floats(pd.Series([1, 2.5, None, pd.NA, pd.NaT, True, Decimal("0.5"), np.int8(3)], dtype=object), "x")
    np.testing.assert_array_equal(found, [1, 2.5, np.nan, np.nan, np.nan, 1, 0.5, 3])
    assert checks.floats(pd.Series([1, None], dtype="Int64"), "x")[0] == 1


def test_tables_may_be_rows_of_figures_or_columns_by_name():
    rows = [[1.0, 2], [3, 4]]
    for given in (rows, np.array(rows), tuple(map(tuple, rows))):
        found = checks.frame(given, "x")
        assert found.to_numpy().tolist() == rows
        assert [list(found.index), list(found.columns)] == [[0, 1], [0, 1]]
    assert checks.frame({"a": [1, 3], "b": [2, 4]}, "x").columns.tolist() == ["a", "b"]
    for wrong in ([1, 2], 5, "ab", None, {"a": 1}, [[1, 2], [3]], {1, 2}):
        with pytest.raises(MethodError, match="x must be a table"):
            checks.frame(wrong, "x")


@pytest.mark.parametrize("wrong", ["5", True, None, float("nan"), float("inf"), dt.date(2026, 1, 1), [5], 10**400])
def test_a_number_is_a_number(wrong):
    with pytest.raises(MethodError, match="x must be a number"):
        checks.number(wrong, "x")


def test_whole_numbers_may_come_as_floats_but_not_with_a_rest():
    assert [checks.whole(one, "x", 1) for one in (5, 5.0, np.int64(5))] == [5, 5, 5]
    for wrong in (1.5, 0, -1):
        with pytest.raises(MethodError, match="x must be a whole number, 1 or more, got"):
            checks.whole(wrong, "x", 1)


def test_entries_by_label_come_from_a_mapping_or_a_series():
    assert checks.mapping(pd.Series({"a": "min"}), "x") == checks.mapping({"a": "min"}, "x") == {"a": "min"}
    assert checks.mapping(None, "x") == {}
    with pytest.raises(MethodError, match="x must be a mapping or a Series, by label, not list"):
        checks.mapping(["min"], "x")
    labels = pd.Index(["p", "q"])
    for given in ({"q": "town", "p": "city"}, pd.Series({"p": "city", "q": "town"}), ["city", "town"]):
        assert checks.kinds(given, labels, "x", "areas").to_dict() == {"p": "city", "q": "town"}
    for wrong, words in (
        ({"p": 1}, "areas has 'q', but x does not"),
        (["city"], "one kind for each of the 2"),
        (5, "x"),
    ):
        with pytest.raises(MethodError, match=words):
            checks.kinds(wrong, labels, "x", "areas")


def test_labels_that_do_not_match_say_why():
    labels = pd.Index(["1", "2"])
    with pytest.raises(MethodError, match="One side holds numbers, the other text. Use the same labels"):
        checks.matched({1: 0.5, 2: 0.5}, labels, "weights", "scores")
    with pytest.raises(MethodError, match="weights has 3 figures, but scores has 2 labels"):
        checks.matched([1, 2, 3], labels, "weights", "scores")
