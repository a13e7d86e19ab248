from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from iitk.analysis.agreement import (
    cut_line_stability,
    kendalls_w,
    krippendorff_alpha,
    ordinal_agreement,
    polarisation,
)
from iitk.errors import MethodError

NA = np.nan
# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: 4 observers, 12 units, gaps.
KRIPPENDORFF = pd.DataFrame(
    {
        "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, NA, NA, NA],
        "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NA, 3],
        "C": [NA, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NA],
        "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NA],
    }
)
HAND = pd.DataFrame(
    {"Ann": [9.0, 5, 4, 1], "Bob": [8.0, 3, 5, 2], "Cem": [9.0, 6, 4, NA]}, index=["tram", "hub", "park", "fair"]
)  # fmt: skip


def test_kendalls_w_of_the_anxiety_ratings(case):
    """c21: 20 subjects and 3 raters, R package irr 0.84.1."""
    found = case("c21")
    ratings, wanted = pd.DataFrame(found["inputs"]["anxiety"]), found["expected"]
    for correct, ending in ((True, "t"), (False, "u")):
        mine = kendalls_w(ratings, correct_ties=correct)
        name = "W_tie_corrected" if correct else "W_uncorrected"
        assert mine.w == pytest.approx(wanted[name], rel=1e-9)
        assert mine.chi_squared == pytest.approx(wanted[f"chisq_{ending}"], rel=1e-9)
        assert mine.p_value == pytest.approx(wanted[f"p_{ending}"], rel=1e-9)
        assert mine.degrees_of_freedom == wanted["subjects"] - 1
        assert float(mine) == mine.w


def test_friedmans_test_is_the_same_test():
    rng = np.random.default_rng(4)
    table = pd.DataFrame(rng.integers(1, 6, (9, 6)).astype(float))
    friedman = scipy.stats.friedmanchisquare(*table.to_numpy())
    mine = kendalls_w(table)
    assert mine.chi_squared == pytest.approx(friedman.statistic)
    assert mine.p_value == pytest.approx(friedman.pvalue)


def test_permutations_agree_with_chi_squared_and_repeat():
    table = pd.DataFrame(np.random.default_rng(8).normal(size=(12, 5)))
    table = table.add(np.linspace(0, 0.8, 12), axis=0)
    found = kendalls_w(table, permutations=2000, seed=3)
    assert found.p_permutation == pytest.approx(found.p_value, abs=0.05)
    assert found == kendalls_w(table, permutations=2000, seed=3)
    alike = pd.DataFrame({n: range(6) for n in range(4)})
    assert kendalls_w(alike, permutations=199).p_permutation == pytest.approx(1 / 200)
    assert kendalls_w(alike).w == pytest.approx(1)


@given(st.lists(st.lists(st.integers(1, 5), min_size=4, max_size=4), min_size=3, max_size=8))
def test_w_is_a_share_and_only_order_matters(rows):
    table = pd.DataFrame(rows, dtype=float)
    try:
        found = kendalls_w(table).w
    except MethodError:
        assert (table.nunique() == 1).all()
        return
    assert -1e-12 <= found <= 1 + 1e-12
    assert kendalls_w(table**3).w == pytest.approx(found)


@pytest.mark.parametrize(
    ("level", "wanted"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_of_the_source(level, wanted):
    assert krippendorff_alpha(KRIPPENDORFF, level=level) == pytest.approx(wanted, abs=5e-4)


@pytest.mark.parametrize(("level", "wanted"), [("nominal", 0.691358), ("interval", 0.810845)])
def test_alpha_of_the_encyclopedias_example(level, wanted):
    """Wikipedia, Krippendorff's alpha: three coders, fifteen units, many gaps; as in the tests of krippendorff 0.8."""
    coders = {
        "A": [NA, NA, NA, NA, NA, 3, 4, 1, 2, 1, 1, 3, 3, NA, 3],
        "B": [1, NA, 2, 1, 3, 3, 4, 3, NA, NA, NA, NA, NA, NA, NA],
        "C": [NA, NA, 2, 1, 3, 4, 4, NA, 2, 1, 1, 3, 3, NA, 4],
    }
    assert krippendorff_alpha(pd.DataFrame(coders), level=level) == pytest.approx(wanted, abs=5e-7)


def test_alpha_of_words():
    """From the tests of the package krippendorff 0.8: 0.722222 for text with a gap."""
    said = {"A": ["pos", "neg", "neu", None], "B": ["pos", "neg", "neu", "pos"], "C": ["pos", "neg", "pos", "pos"]}
    assert krippendorff_alpha(pd.DataFrame(said), level="nominal") == pytest.approx(0.722222, abs=5e-7)
    with pytest.raises(MethodError, match="not a number"):
        krippendorff_alpha(pd.DataFrame(said))


def test_agreement_of_the_package_agrmt():
    """Its documented example: agreement(c(30, 40, 210, 130, 530, 50, 10)) is 0.6113333."""
    assert ordinal_agreement([30, 40, 210, 130, 530, 50, 10]) == pytest.approx(0.6113333, abs=5e-8)
    assert polarisation([30, 40, 210, 130, 530, 50, 10]) == pytest.approx((1 - 0.6113333) / 2, abs=5e-8)


@given(st.permutations(range(4)), st.floats(0.5, 9), st.floats(-5, 5))
def test_alpha_knows_no_order_of_people_and_no_unit(order, scale, shift):
    table = KRIPPENDORFF.iloc[:, list(order)] * scale + shift
    for level in ("nominal", "ordinal", "interval"):
        assert krippendorff_alpha(table, level=level) == pytest.approx(krippendorff_alpha(KRIPPENDORFF, level=level))


def test_alpha_at_the_ends():
    assert krippendorff_alpha(pd.DataFrame({"A": [1, 2, 3], "B": [1, 2, 3]})) == 1
    assert np.isnan(krippendorff_alpha(pd.DataFrame({"A": [2, 2], "B": [2, 2]})))
    assert krippendorff_alpha(pd.DataFrame({"A": [1, 5], "B": [5, 1]}), level="interval") < 0


def test_agreement_of_van_der_eijk_by_hand():
    assert ordinal_agreement([0, 7, 0, 0, 0]) == 1
    assert ordinal_agreement([3, 3, 3, 3]) == 0
    assert ordinal_agreement([5, 0, 0, 0, 5]) == pytest.approx(-1)
    # Two neighbours of five, alike: no double peak, U = 1, A = 1 - 1/4.
    assert ordinal_agreement([0, 4, 4, 0, 0]) == pytest.approx(0.75)
    # 2 2 6 0 0 of 10: a layer of 3 categories with 6 (A = 1 - 2/4), then 4 in one category (A = 1).
    assert ordinal_agreement([2, 2, 6, 0, 0]) == pytest.approx(0.6 * 0.5 + 0.4)
    assert polarisation([0, 7, 0]) == 0
    assert polarisation([5, 0, 0, 5]) == pytest.approx(1)


@given(st.lists(st.integers(0, 30), min_size=3, max_size=7).filter(any), st.integers(2, 9))
def test_agreement_lies_between_its_ends_and_knows_no_direction_or_size(counts, k):
    found = ordinal_agreement(counts)
    assert -1 - 1e-9 <= found <= 1 + 1e-9
    assert ordinal_agreement(counts[::-1]) == pytest.approx(found, abs=1e-9)
    assert ordinal_agreement([count * k for count in counts]) == pytest.approx(found, abs=1e-9)


def test_the_cut_line_by_hand():
    # Means 8.67, 4.67, 4.33, 1.5. Without Ann: hub 4.5 and park 4.5 tie; without Bob hub 5.5 and park 4;
    # without Cem: 4 and 4.5, park goes before hub.
    found = cut_line_stability(HAND, places=2)
    assert found.index.tolist() == ["tram", "hub", "park", "fair"]
    assert found["chosen"].tolist() == [1, 1, 0, 0]
    assert found["leave_one_out"].tolist() == pytest.approx([1, 0.5, 0.5, 0])
    assert found["holds"].tolist() == ["in", "borderline", "borderline", "out"]


def test_the_bootstrap_agrees_with_all_its_possible_draws():
    draws = np.stack(np.meshgrid(*[range(3)] * 3)).reshape(3, -1).T
    chosen = []
    for draw in draws:
        means = HAND.iloc[:, draw].mean(axis=1)
        hub, park = means["hub"], means["park"]
        chosen.append(1.0 if hub > park + 1e-9 else 0.5 if abs(hub - park) < 1e-9 else 0.0)
    found = cut_line_stability(HAND, places=2, resamples=20_000, seed=1)
    assert found.loc["hub", "bootstrap"] == pytest.approx(np.mean(chosen), abs=0.015)


@given(st.integers(1, 3), st.integers(0, 99))
def test_the_shares_add_to_the_places_and_repeat(places, seed):
    found = cut_line_stability(HAND, places=places, resamples=50, seed=seed)
    for column in ("chosen", "bootstrap", "leave_one_out"):
        assert found[column].sum() == pytest.approx(places)
    pd.testing.assert_frame_equal(found, cut_line_stability(HAND, places=places, resamples=50, seed=seed))


def test_a_tie_at_the_line_is_said():
    tied = pd.DataFrame({"Ann": [5.0, 3, 3], "Bob": [5.0, 3, 3]}, index=["x", "z", "y"])
    found = cut_line_stability(tied, places=2, resamples=10)
    assert found.index.tolist() == ["x", "y", "z"]
    assert found["rank"].tolist() == [1, 2, 2]
    assert found["chosen"].tolist() == [1, 0.5, 0.5]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: kendalls_w(HAND), "gaps for 'Cem'.*krippendorff_alpha"),
        (lambda: kendalls_w(HAND[["Ann"]]), "two items and two people"),
        (lambda: kendalls_w(pd.DataFrame({"A": [1, 1], "B": [2, 2]})), "no ranking to agree on"),
        (lambda: krippendorff_alpha(pd.DataFrame({"A": [1, NA], "B": [NA, 2]})), "No item has two ratings"),
        (lambda: krippendorff_alpha(HAND, level="polar"), "one of 'nominal', 'ordinal', 'interval', 'ratio'"),
        (lambda: krippendorff_alpha(-KRIPPENDORFF, level="ratio"), "must not be negative.*use 'interval'"),
        (lambda: krippendorff_alpha(pd.concat([KRIPPENDORFF, KRIPPENDORFF])), "more than once"),
        (lambda: kendalls_w(HAND.assign(Cem="x")), "not a number"),
        (lambda: ordinal_agreement([5, NA, 1]), "three or more ordered categories"),
        (lambda: ordinal_agreement([1, 2]), "three or more ordered categories"),
        (lambda: ordinal_agreement([0, 0, 0]), "three or more ordered categories"),
        (lambda: cut_line_stability(HAND, places=4), "from 1 to 3"),
        (lambda: cut_line_stability(HAND[["Ann"]], places=1), "two people or more"),
        (
            lambda: cut_line_stability(HAND[["Cem", "Cem"]].set_axis(["a", "b"], axis=1), places=1),
            "Nobody scored 'fair'",
        ),
    ],
)
def test_errors_name_the_argument_and_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()
