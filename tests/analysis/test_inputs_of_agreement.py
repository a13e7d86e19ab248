"""Agreement takes arrays, counts by category, ordered categories and tables of people x items."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest

from iitk.analysis.agreement import (
    cut_line_stability,
    kendalls_w,
    krippendorff_alpha,
    ordinal_agreement,
    polarisation,
)
from iitk.errors import MethodError

RANKS = pd.DataFrame({"Ann": [1, 2, 3], "Bob": [1, 2, 3], "Cem": [2, 1, 3]})


def test_rows_or_columns_may_be_people():
    for turned in (RANKS.T, RANKS.to_numpy().T, RANKS.to_numpy().T.tolist()):
        assert kendalls_w(turned, people="rows") == kendalls_w(RANKS)
        assert krippendorff_alpha(turned, people="rows") == krippendorff_alpha(RANKS)
    with pytest.raises(MethodError, match="people must be one of 'columns', 'rows'"):
        kendalls_w(RANKS, people="raters")


def test_the_permutation_p_is_there_by_default_and_near_full_enumeration():
    def spread(orders):
        return np.var(np.sum(orders, axis=0))

    every = [spread(orders) for orders in product(permutations([1, 2, 3]), repeat=3)]
    exact = np.mean([one >= spread(RANKS.to_numpy().T) - 1e-9 for one in every])
    assert kendalls_w(RANKS).p_permutation == pytest.approx(exact, abs=0.03)
    assert kendalls_w(RANKS, permutations=0).p_permutation is None


def test_ordered_categories_are_ratings():
    kind = pd.CategoricalDtype(["low", "medium", "high"], ordered=True)
    words = pd.DataFrame({"Ann": ["low", "medium", "high", None], "Bob": ["low", "high", "high", "low"]}).astype(kind)
    codes = pd.DataFrame({"Ann": [0, 1, 2, None], "Bob": [0, 2, 2, 0]})
    assert krippendorff_alpha(words) == krippendorff_alpha(codes)
    assert krippendorff_alpha(words, level="nominal") == krippendorff_alpha(codes, level="nominal")
    mixed = words.assign(Bob=words["Bob"].cat.reorder_categories(["high", "medium", "low"]))
    with pytest.raises(MethodError, match="columns of different categories"):
        krippendorff_alpha(mixed)


@pytest.mark.parametrize("level", ["ordinal", "interval", "ratio"])
def test_the_unit_of_huge_figures_does_not_matter(level):
    huge = krippendorff_alpha(RANKS * 1e200, level=level)
    assert huge == pytest.approx(krippendorff_alpha(RANKS, level=level))


def test_counts_by_category_in_a_mapping():
    # Van der Eijk (2001), the distribution of the R package agrmt: A = 0.6113333.
    counts = [30, 40, 210, 130, 530, 50, 10]
    named = dict(zip("abcdefg", counts, strict=True))
    for given in (counts, np.array(counts), named, pd.Series(named)):
        assert ordinal_agreement(given) == pytest.approx(0.6113333, abs=1e-6)
        assert polarisation(given) == pytest.approx((1 - 0.6113333) / 2, abs=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: kendalls_w(RANKS, permutations=-5), "permutations must be a whole number, 0 or more, got -5"),
        (lambda: kendalls_w(RANKS, permutations=1.5), "permutations must be a whole number"),
        (lambda: kendalls_w(RANKS, permutations=True), "permutations must be a number"),
        (lambda: kendalls_w(RANKS, permutations="exact"), "permutations must be a number"),
        (lambda: cut_line_stability(RANKS, places=1.5), "places must be a whole number"),
        (lambda: cut_line_stability(RANKS, places="a"), "places must be a number"),
        (lambda: cut_line_stability(RANKS, places=1, resamples=0), "resamples must be a whole number, 1 or more"),
        (lambda: cut_line_stability(RANKS, places=1, seed=-1), "seed must be a whole number, 0 or more"),
        (lambda: ordinal_agreement(["1", "2", "3"]), "counts holds something that is not a number"),
        (lambda: ordinal_agreement([[1, 2], [3, 4]]), "counts must be a Series, a mapping"),
        (lambda: krippendorff_alpha([1, 2]), "ratings must be a table"),
    ],
)
def test_what_cannot_be_used_is_said_with_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()
