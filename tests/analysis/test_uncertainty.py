from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iitk.analysis import appraisal
from iitk.analysis.uncertainty import (
    lognormal,
    monte_carlo,
    normal,
    pert,
    sample,
    sobol_indices,
    tornado,
    triangular,
    uniform,
)
from iitk.errors import MethodError

NORMALS = {"a": normal(1, 3), "b": normal(2, 4), "c": normal(-3, 12)}


def total(table):
    return table.sum(axis=1)


def test_the_function_of_ishigami(case):
    """c29: closed form of first-order and total indices."""
    found = case("c29")
    a, b = found["inputs"]["a"], found["inputs"]["b"]
    inputs = {name: uniform(-np.pi, np.pi) for name in "xyz"}
    table = sobol_indices(
        lambda t: np.sin(t["x"]) + a * np.sin(t["y"]) ** 2 + b * t["z"] ** 4 * np.sin(t["x"]), inputs
    )  # fmt: skip
    assert table["first"].tolist() == pytest.approx(found["expected"]["S1"], abs=0.005)
    assert table["total"].tolist() == pytest.approx(found["expected"]["ST"], abs=0.005)
    assert (table[["first_error", "total_error"]] < 0.01).all(axis=None)


def test_indices_of_a_sum_are_its_shares_of_variance():
    # Variances 9, 16 and 144 of 169; nothing interacts. Far from 0 the shares stay the same.
    for shift in (0, 1e6):
        table = sobol_indices(lambda t, shift=shift: total(t) + shift, NORMALS)
        assert table["first"].tolist() == pytest.approx([9 / 169, 16 / 169, 144 / 169], abs=0.005)
        assert table["total"].tolist() == pytest.approx([9 / 169, 16 / 169, 144 / 169], abs=0.005)


def test_indices_of_a_product_are_all_interaction():
    # Var(ab) = 1 for standard normals, and E(ab | a) = 0: first order 0, total 1.
    table = sobol_indices(lambda t: t["a"] * t["b"], {"a": normal(0, 1), "b": normal(0, 1)}, draws=2048)
    assert table["first"].tolist() == pytest.approx([0, 0], abs=0.02)
    assert table["total"].tolist() == pytest.approx([1, 1], abs=0.02)


def test_a_sum_of_normals_is_normal():
    found = monte_carlo(total, NORMALS)
    assert found.mean == pytest.approx(0, abs=0.01)
    assert found.sd == pytest.approx(13, rel=0.003)
    assert found.quantiles[0.95] == pytest.approx(1.6449 * 13, rel=0.01)
    assert found.chance_below(13) == pytest.approx(0.8413, abs=0.005)
    assert found.error < 0.02  # plain random draws: 13 / sqrt(8192) = 0.14


def test_a_sum_of_correlated_normals_has_their_covariance():
    # Rank correlation 6/pi asin(0.25) = 0.4826 between normals is a correlation of 0.5: 9 + 16 + 2 x 0.5 x 12 = 37.
    rank = 6 / np.pi * np.arcsin(0.25)
    joined = pd.DataFrame([[1, rank], [rank, 1]], index=["a", "b"], columns=["a", "b"])
    inputs = {"c": uniform(0, 1), "a": normal(0, 3), "b": normal(0, 4)}
    found = monte_carlo(lambda t: t["a"] + t["b"], inputs, correlation=joined)
    assert found.sd**2 == pytest.approx(37, rel=0.01)
    assert abs(found.draws["a"].corr(found.draws["c"])) < 0.02


@pytest.mark.parametrize("rank", [-0.9, -0.3, 0.6, 0.95])
def test_rank_correlation_holds_whatever_the_marginals(rank):
    joined = pd.DataFrame([[1, rank], [rank, 1]], index=["cost", "delay"], columns=["cost", "delay"])
    table = sample({"cost": lognormal(5, 9), "delay": triangular(0, 1, 9)}, draws=8192, correlation=joined)
    assert table["cost"].rank().corr(table["delay"].rank()) == pytest.approx(rank, abs=0.01)


@pytest.mark.parametrize(
    ("marginal", "mean", "variance"),
    [
        (uniform(2, 8), 5, 36 / 12),
        (triangular(0, 3, 6), 3, 36 / 24),
        (triangular(1, 1, 4), 2, 9 / 18),
        (pert(0, 2, 10), 18 / 6, 3 * 7 / 7),  # (mean - low)(high - mean) / 7
        (pert(0, 2, 10, weight=8), 26 / 10, 2.6 * 7.4 / 11),  # (mean - low)(high - mean) / (weight + 3)
        (pert(0, 2, 10, weight=0), 5, 100 / 12),  # then uniform
        (normal(4, 2), 4, 4),
        (lognormal(5, 2), 5, 4),
    ],
)
def test_marginals_have_their_textbook_mean_and_variance(marginal, mean, variance):
    found = sample({"x": marginal}, draws=2**14)["x"]
    assert found.mean() == pytest.approx(mean, rel=1e-3)
    assert found.var() == pytest.approx(variance, rel=0.01)


def test_a_tornado_by_hand():
    inputs = {"small": uniform(0, 1), "down": uniform(0, 10), "odd": triangular(0, 0, 1)}
    table = tornado(lambda t: t["small"] - t["down"], inputs)
    assert table.index.tolist() == ["down", "small", "odd"]
    assert table.loc["down"].tolist() == pytest.approx([1, 9, 0.5 - 1, 0.5 - 9, 8])
    assert table.loc["odd", "swing"] == 0


def test_the_seed_decides_the_draws():
    pd.testing.assert_frame_equal(sample(NORMALS, seed=3), sample(NORMALS, seed=3))
    assert not sample(NORMALS, seed=3).equals(sample(NORMALS, seed=4))
    assert len(sample(NORMALS, draws=1000)) == 1024


def test_they_are_also_found_with_appraisal():
    assert appraisal.monte_carlo is monte_carlo
    assert appraisal.sobol_indices is sobol_indices


def joined(values, names=("a", "b")):
    return pd.DataFrame(values, index=list(names), columns=list(names))


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: uniform(3, 3), "low < high"),
        (lambda: triangular(0, 9, 5), "low <= mode <= high"),
        (lambda: normal(1, 0), "sd > 0"),
        (lambda: pert(0, 1, 2, weight=-1), "weight of 0 or more"),
        (lambda: uniform(float("nan"), 3), "low must be a number, got nan"),
        (lambda: sample(NORMALS, correlation=joined([[1, np.nan], [np.nan, 1]])), "no gaps"),
        (lambda: lognormal(-1, 2), "mean > 0"),
        (lambda: sample({}), "one input at least"),
        (lambda: sample(NORMALS, correlation=joined([[1, 0.5], [0.2, 1]])), "must be symmetric"),
        (lambda: sample(NORMALS, correlation=joined([[1, 2], [2, 1]])), "from -1 to 1"),
        (lambda: sample(NORMALS, correlation=joined([[1, 0], [0, 1]], ("a", "z"))), "names 'z'"),
        (
            lambda: sample(NORMALS, correlation=joined([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]], "abc")),
            "cannot all hold at once",
        ),
        (lambda: monte_carlo(lambda t: 1.0, NORMALS), "one finite result a draw"),
        (lambda: monte_carlo(lambda t: t["a"] * np.nan, NORMALS), "1024 are not finite"),
        (lambda: sobol_indices(lambda t: t["a"] * 0, NORMALS), "no variance"),
        (lambda: tornado(total, NORMALS, low=0.9, high=0.1), "0 < low < high < 1"),
    ],
)
def test_bad_input_is_refused_with_the_remedy(run, words):
    with pytest.raises(MethodError, match=words):
        run()
