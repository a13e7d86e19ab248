from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st

from iitk.analysis.specialisation import (
    concentration_reasons,
    entropy,
    gini_index,
    herfindahl_index,
    hoover_index,
    krugman_index,
    theil_index,
)
from iitk.errors import MethodError

figures = st.lists(st.integers(0, 10_000), min_size=2, max_size=15).filter(any)


@pytest.fixture
def book(case):
    """c04: Doersam (2004), Stoermann (2009), Farhauer and Kroell (2013), run again in REAT 3.0.3."""
    found = case("c04")
    return found["inputs"], found["expected"]


def test_herfindahl_of_the_textbook(book):
    given_, wanted = book
    assert herfindahl_index(given_["sales"]) == pytest.approx(wanted["herf_sales"], rel=1e-9)
    assert herfindahl_index(given_["sales"], normalised=True) == pytest.approx(wanted["herf_sales_norm"], rel=1e-9)
    assert 1 / herfindahl_index(given_["sales"]) == pytest.approx(wanted["herf_sales_eq"], rel=1e-9)
    assert herfindahl_index(given_["gdp"]) == pytest.approx(wanted["herf_gdp"], rel=1e-9)


def test_gini_of_the_textbook(book):
    given_, wanted = book
    assert gini_index(given_["sales"]) == pytest.approx(wanted["gini_sales"], rel=1e-9)
    assert gini_index(given_["sales"], normalised=True) == pytest.approx(wanted["gini_sales_norm"], rel=1e-9)
    assert gini_index(given_["gdp"]) == pytest.approx(wanted["gini_gdp"], rel=1e-9)
    weighted = gini_index(given_["income"], weights=given_["sizeofclass"])
    assert weighted == pytest.approx(wanted["gini_income_weighted"], rel=1e-9)


def test_theil_hoover_and_krugman_of_the_textbook(book):
    given_, wanted = book
    # REAT's theil() is the mean logarithmic deviation, which others call L.
    assert theil_index(given_["regincome"], variant="L") == pytest.approx(wanted["theil_regincome"], rel=1e-9)
    assert hoover_index(given_["gdp"], given_["pop"]) == pytest.approx(wanted["hoover_gdp_pop"], rel=1e-9)
    assert krugman_index(given_["krugman"]["E_ij"], given_["krugman"]["E_il"]) == pytest.approx(
        wanted["krugman_spec"], rel=1e-9
    )


def test_theil_t_by_hand():
    # Mean 20: three at half of it, one at it, one at 2.5 times: (3 x 0.5 ln 0.5 + 2.5 ln 2.5) / 5 = 0.25020.
    assert theil_index([10, 10, 10, 20, 50]) == pytest.approx((1.5 * np.log(0.5) + 2.5 * np.log(2.5)) / 5)
    assert np.isnan(theil_index([0, 1, 2], variant="L"))
    assert theil_index([0, 0, 3]) == pytest.approx(np.log(3))


@given(figures)
def test_entropy_agrees_with_scipy(values):
    assert entropy(values) == pytest.approx(scipy.stats.entropy(values))
    assert entropy(values, base=2) == pytest.approx(scipy.stats.entropy(values, base=2))
    assert 0 <= entropy(values, normalised=True) <= 1 + 1e-12


@given(figures)
def test_gini_agrees_with_the_mean_difference(values):
    x = np.array(values, dtype=float)
    wanted = np.abs(x[:, None] - x[None, :]).sum() / (2 * len(x) ** 2 * x.mean())
    assert gini_index(values) == pytest.approx(wanted, abs=1e-12)


@given(figures, st.data())
def test_weights_are_the_same_as_repeating(values, data):
    repeats = data.draw(st.lists(st.integers(1, 4), min_size=len(values), max_size=len(values)))
    longhand = np.repeat(values, repeats)
    assert gini_index(values, weights=repeats) == pytest.approx(gini_index(longhand), abs=1e-9)
    assert theil_index(values, weights=repeats) == pytest.approx(theil_index(longhand), abs=1e-9)


@given(figures, st.data())
def test_krugman_runs_from_0_to_2_and_is_twice_hoover(values, data):
    other = data.draw(st.lists(st.integers(0, 500), min_size=len(values), max_size=len(values)))
    assume(any(other))
    k = krugman_index(values, other)
    assert -1e-12 <= k <= 2 + 1e-12
    assert k == pytest.approx(2 * hoover_index(values, other))
    assert k == pytest.approx(krugman_index(other, values))
    assert krugman_index(values, other, normalised=True) == pytest.approx(k / 2)
    assert krugman_index(values, values) == pytest.approx(0)


@pytest.mark.parametrize("index", [herfindahl_index, gini_index, entropy, theil_index, hoover_index])
def test_a_table_gives_each_area_what_its_row_gives_and_bad_rows_harm_no_others(index):
    table = pd.DataFrame([[1.0, 2, 3], [5, 0, 5], [1, np.nan, 2], [1, -1, 4], [0, 0, 0]], index=list("ABGNE"))
    found = index(table)
    assert found.index.tolist() == list("ABGNE")
    for area in "AB":
        assert found[area] == pytest.approx(index(table.loc[area]))
    assert found[["G", "N", "E"]].isna().all()
    assert concentration_reasons(table).tolist() == [
        "", "", "no figure for '1'", "negative figure for '1'", "no activity at all",
    ]  # fmt: skip


def test_equal_and_single_industries_are_the_ends_of_the_scale():
    assert herfindahl_index([7, 7, 7, 7]) == pytest.approx(0.25)
    assert herfindahl_index([7, 7, 7, 7], normalised=True) == pytest.approx(0)
    assert gini_index([0, 0, 9], normalised=True) == pytest.approx(1)
    assert entropy([5, 5], normalised=True) == pytest.approx(1)
    assert hoover_index([9, 0]) == pytest.approx(0.5)


def test_the_reference_is_matched_by_label():
    area = pd.Series({"i": 80.0, "j": 20.0})
    assert krugman_index(area, pd.Series({"j": 50.0, "i": 50.0})) == pytest.approx(0.6)


@given(st.lists(st.tuples(st.integers(0, 900), st.sampled_from("gha")), min_size=2, max_size=12))
def test_theil_is_what_lies_between_groups_plus_what_lies_within_them(rows):
    assume(sum(value for value, _ in rows) > 0)
    table = pd.DataFrame(rows, columns=["x", "group"])
    groups = table.groupby("group")["x"].agg(["mean", "size", "sum"])
    between = theil_index(groups["mean"], weights=groups["size"])
    held = groups["sum"] / groups["sum"].sum()
    within = sum(
        held[name] * theil_index(part["x"].tolist()) for name, part in table.groupby("group") if held[name] > 0
    )
    assert theil_index(table["x"].tolist()) == pytest.approx(between + within, abs=1e-9)


@given(figures)
def test_theil_and_entropy_are_two_sides_of_one_measure(values):
    # T = ln n - E, so the normalised ones add up to 1.
    assert theil_index(values) == pytest.approx(np.log(len(values)) - entropy(values), abs=1e-9)
    assert theil_index(values, normalised=True) == pytest.approx(1 - entropy(values, normalised=True), abs=1e-9)
    assert 0 <= theil_index(values, normalised=True) + 1e-12 <= 1 + 1e-9


def test_areas_without_a_reference_are_compared_with_the_sum_of_those_that_are_whole():
    table = pd.DataFrame({"i": [1.0, 3, np.nan, -5], "j": [3.0, 1, 9, 9]}, index=list("ABGN"))
    found = krugman_index(table)
    # The sum of A and B is half and half: |1/4 - 1/2| + |3/4 - 1/2| for both.
    assert found[["A", "B"]].tolist() == pytest.approx([0.5, 0.5])
    assert found[["G", "N"]].isna().all()


@given(figures, st.randoms(use_true_random=False))
def test_the_order_and_the_unit_of_the_industries_do_not_matter(values, shuffle):
    other = list(values)
    shuffle.shuffle(other)
    for index in (herfindahl_index, gini_index, entropy, theil_index, hoover_index):
        assert index([1000 * value for value in other]) == pytest.approx(index(values), abs=1e-9)
        assert index([*values, *values]) == pytest.approx(
            # Twice the list: half the Herfindahl, a log 2 more of entropy, the inequality as before.
            {herfindahl_index: index(values) / 2, entropy: index(values) + np.log(2)}.get(index, index(values)),
            abs=1e-9,
        )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: krugman_index(pd.Series({"i": 1}), {"j": 1}), "Only activity has 'i'"),
        (lambda: krugman_index([1, 2], [1, np.nan]), "reference has no figure for '1'.*leave that industry out"),
        (lambda: krugman_index([1, 2], [-1, 2]), "must not be negative"),
        (lambda: theil_index([1, 2], variant="L", normalised=True), "normalised needs variant 'T'"),
        (lambda: krugman_index([1, 2]), "no comparator: pass reference"),
        (lambda: theil_index([1, 2], variant="X"), "one of 'T', 'L'"),
        (lambda: entropy([1, 2], base=1), "base must be positive and not 1"),
        (lambda: gini_index([1, 2], weights=[1, 1], normalised=True), "needs equal weights"),
        (lambda: gini_index([1, 2], weights=[0, 0]), "weights must not be negative"),
        (lambda: herfindahl_index([]), "no industries"),
        (lambda: herfindahl_index("much"), "must be a Series"),
    ],
)
def test_errors_name_the_argument_and_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()


def test_an_area_without_an_index_says_why():
    table = pd.DataFrame({"i": [1.0, np.nan, 3, 0], "j": [2.0, 3, -1, 0]}, index=list("ABCD"))
    why = {"B": "no figure for 'i'", "C": "negative figure for 'j'", "D": "no activity at all"}
    for index in (herfindahl_index, entropy, gini_index, theil_index, hoover_index, krugman_index):
        assert index(table).attrs["missing"] == why
    assert "missing" not in herfindahl_index(table.loc[["A"]]).attrs


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: herfindahl_index([[1, 2], [3]]), "must be a Series"),
        (lambda: herfindahl_index(None), "must be a Series"),
        (lambda: herfindahl_index(["1", "2"]), "'1' is text"),
        (lambda: entropy([1, 2, 3], base="2"), "base must be a number"),
        (lambda: krugman_index(pd.DataFrame([[np.nan, np.nan]])), "No area of activity has every figure"),
    ],
)
def test_what_is_no_list_of_figures_is_refused(call, words):
    with pytest.raises(MethodError, match=words):
        call()
