"""Simulations take ranges, scipy's distributions and numbers that are certain, and name what they cannot use."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from iitk.analysis.appraisal import (
    lognormal,
    monte_carlo,
    normal,
    pert,
    pert_sd,
    sample,
    sobol_indices,
    tornado,
    triangular,
    uniform,
)
from iitk.errors import MethodError


def total(table):
    return table["a"] + table["b"]


def test_inputs_may_be_distributions_and_numbers():
    ours = monte_carlo(total, {"a": uniform(0, 6), "b": uniform(1, 1 + 1e-12)})
    found = monte_carlo(total, {"a": stats.uniform(0, 6), "b": 1})
    assert found.mean == pytest.approx(ours.mean, abs=1e-6)
    assert found.mean == pytest.approx(4, abs=0.01)  # 3 + 1
    assert found.sd == pytest.approx(6 / 12**0.5, abs=0.01)
    assert tornado(total, {"a": uniform(0, 10), "b": 2.5})["swing"].to_dict() == pytest.approx({"a": 8, "b": 0})
    assert monte_carlo(total, pd.Series({"a": normal(1, 1), "b": normal(1, 1)}), draws=64).mean == pytest.approx(
        2, abs=0.1
    )


def test_correlations_as_rows_are_in_the_order_of_the_inputs():
    inputs, rows = {"a": normal(0, 1), "b": normal(0, 1)}, [[1, 0.8], [0.8, 1]]
    named = pd.DataFrame(rows, list("ab"), list("ab"))
    pd.testing.assert_frame_equal(sample(inputs, correlation=rows), sample(inputs, correlation=named))
    assert sample(inputs, correlation=np.array(rows)).corr("spearman").iloc[0, 1] == pytest.approx(0.8, abs=0.02)


def test_the_standard_deviation_of_a_three_point_estimate():
    # Hillier and Lieberman's Reliable Construction, task J: 3, 9, 9 weeks: variance 1.
    assert pert_sd(3, 9, 9, convention="textbook") == 1
    for low, mode, high in ((2, 5, 14), (0, 3, 6), (1, 1, 4)):
        assert pert_sd(low, mode, high) == pytest.approx(pert(low, mode, high).distribution.std())


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: monte_carlo(total, {"a": (0, 1), "b": 1}), r"inputs\['a'\] must be a range such as uniform"),
        (lambda: monte_carlo(total, {"a": stats.uniform, "b": 1}), r"inputs\['a'\] must be a range"),
        (lambda: monte_carlo(total, {"a": float("nan"), "b": 1}), r"inputs\['a'\] must be a number"),
        (lambda: monte_carlo(total, None), "inputs must name one input at least"),
        (lambda: monte_carlo(total, [1]), "inputs must be a mapping"),
        (lambda: monte_carlo(None, {"a": uniform(0, 1)}), "model must be a function of a table"),
        (
            lambda: monte_carlo(lambda a, b: a, {"a": uniform(0, 1)}),
            "model cannot be run on a table .* Take them",
        ),
        (lambda: monte_carlo(lambda t: "x", {"a": uniform(0, 1)}), "model must give one finite result a draw"),
        (lambda: monte_carlo(total, {"a": uniform(0, 1)}, draws="9"), "draws must be a number, got '9'"),
        (lambda: monte_carlo(total, {"a": uniform(0, 1)}, draws=1000.5), "draws must be a whole number"),
        (lambda: monte_carlo(total, {"a": uniform(0, 1)}, repeats=2.5), "repeats must be a whole number, 2 or more"),
        (lambda: sample({"a": uniform(0, 1)}, seed=-1), "seed must be a whole number"),
        (lambda: sobol_indices(total, {"a": 1, "b": 2}, draws=1), "draws must be a whole number, 2 or more"),
        (lambda: tornado(total, {"a": 1, "b": 2}, low=10, high=90), "0.1 for 10%., got 10 and 90"),
        (lambda: uniform("a", 1), "low must be a number, got 'a'"),
        (lambda: uniform(0, float("inf")), "high must be a number, got inf"),
        (lambda: uniform(1, 0), "uniform needs low < high, got 1 and 0"),
        (lambda: normal(float("inf"), 1), "mean must be a number"),
        (lambda: lognormal(1, None), "sd must be a number"),
        (lambda: triangular(0, 2, float("inf")), "high must be a number"),
        (lambda: pert(3, 2, 5), "pert needs low <= mode <= high, low < high, got 3, 2 and 5"),
        (lambda: pert_sd(0, 1, 2, convention="six"), "convention must be one of 'beta', 'textbook'"),
        (lambda: uniform(0, 1).quantile(2), "shares must be from 0 to 1"),
    ],
)
def test_what_cannot_be_used_is_said_without_warnings(call, words):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(MethodError, match=words):
            call()
