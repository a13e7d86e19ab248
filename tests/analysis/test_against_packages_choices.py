"""Ours beside other people's packages, on random tables: choosing (pymcdm), input-output (pymrio), and the rest."""

from __future__ import annotations

import importlib
import os
from itertools import product

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from iitk.analysis import inputoutput
from iitk.analysis.agreement import kendalls_w
from iitk.analysis.benchmarking import distance_matrix, nearest_neighbours, normalise
from iitk.analysis.preferences import pairwise_weights, promethee_ii, rank_acceptability, topsis, weighted_sum
from iitk.analysis.uncertainty import sobol_indices, uniform

# pymcdm warns of options that are best or worst on everything; random tables have them, and its answers stand.
pytestmark = pytest.mark.filterwarnings("ignore:Alternatives with indices:UserWarning")


def oracle(name):
    """Another package. In CI it must be there; elsewhere its absence skips the test."""
    if os.environ.get("CI"):
        return importlib.import_module(name)
    return pytest.importorskip(name, reason="run: make oracles")


def options(low=1, high=9):
    """Options x criteria of small whole numbers (so that there are ties), their weights and senses."""
    shape = st.tuples(st.integers(2, 7), st.integers(1, 5))

    def filled(size):
        rows, columns = size
        cell = st.lists(st.integers(low, high), min_size=columns, max_size=columns)
        return st.tuples(
            st.lists(cell, min_size=rows, max_size=rows),
            st.lists(st.integers(1, 9), min_size=columns, max_size=columns),
            st.lists(st.sampled_from(["max", "min"]), min_size=columns, max_size=columns),
        )

    return shape.flatmap(filled)


def ready(drawn):
    rows, weights, senses = drawn
    names = [f"c{n}" for n in range(len(weights))]
    table = pd.DataFrame(rows, columns=names, index=[f"o{n}" for n in range(len(rows))], dtype=float)
    types = np.array([1 if sense == "max" else -1 for sense in senses])
    return table, pd.Series(weights, names, dtype=float), dict(zip(names, senses, strict=True)), types


NORMALISATIONS = {
    "vector": "vector_normalization", "min-max": "minmax_normalization", "sum": "sum_normalization",
    "max": "max_normalization", "ratio": "linear_normalization",
}  # fmt: skip


@pytest.mark.parametrize("ours", NORMALISATIONS)
@given(drawn=options())
@settings(max_examples=40)
def test_topsis_and_weighted_sum_of_pymcdm(ours, drawn):
    methods, normalizations = oracle("pymcdm.methods"), oracle("pymcdm.normalizations")
    table, weights, senses, types = ready(drawn)
    # Where all options are alike on a criterion pymcdm's min-max gives 1, ours 0: no option is ahead in either.
    assume(ours != "min-max" or (np.ptp(table.to_numpy(), axis=0) > 0).all())
    share, theirs = (weights / weights.sum()).to_numpy(), getattr(normalizations, NORMALISATIONS[ours])
    wanted = methods.WSM(theirs)(table.to_numpy(), share, types)
    found = weighted_sum(table, weights, senses=senses, normalisation=ours)
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    closeness = topsis(table, weights, senses=senses, normalisation=ours)
    assume(len(table.drop_duplicates()) > 1)  # all alike: missing here, a division by zero there
    np.testing.assert_allclose(closeness, methods.TOPSIS(theirs)(table.to_numpy(), share, types), atol=1e-9)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("usual", "usual"), ("u-shape", "ushape"), ("v-shape", "vshape"), ("level", "level"), ("linear", "vshape_2")],
)
@given(drawn=options(), thresholds=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=5, max_size=5))
@settings(max_examples=40)
def test_promethee_ii_of_pymcdm(ours, theirs, drawn, thresholds):
    method = oracle("pymcdm.methods").PROMETHEE_II
    table, weights, senses, types = ready(drawn)
    q = [float(low) for low, _ in thresholds][: table.shape[1]]
    p = [float(low + step) for low, step in thresholds][: table.shape[1]]
    share = (weights / weights.sum()).to_numpy()
    wanted = method(theirs, p=p, q=q)(table.to_numpy(), share, types)
    found = promethee_ii(table, weights, senses=senses, indifference=q, preference=p, function=ours)
    np.testing.assert_allclose(found["net"], wanted, atol=1e-12)


@given(st.lists(st.sampled_from([1 / 9, 1 / 5, 1 / 3, 1 / 2, 1, 2, 3, 5, 9]), min_size=6, max_size=6))
def test_pairwise_weights_of_pymcdm(answers):
    ahp = oracle("pymcdm.weights.subjective").AHP
    table = np.ones((4, 4))
    table[np.triu_indices(4, 1)] = answers
    table[np.tril_indices(4, -1)] = (1 / table.T)[np.tril_indices(4, -1)]
    found = pairwise_weights(pd.DataFrame(table))
    theirs = ahp(matrix=table)
    np.testing.assert_allclose(found.weights, np.real(theirs()), atol=1e-9)
    # They hold the same consistency index against another table of random ones: 0.8921 for four.
    assert found.consistency_index == pytest.approx(max(float(np.real(theirs.get_cr())) * 0.8921, 0), abs=1e-9)
    assert found.consistency_ratio == pytest.approx(found.consistency_index / 0.90)


def test_acceptability_is_the_share_of_pymcdms_rankings():
    """The same weights, ranked one by one by another package."""
    methods, normalizations = oracle("pymcdm.methods"), oracle("pymcdm.normalizations")
    rng = np.random.default_rng(7)
    table = pd.DataFrame(rng.random((6, 4)), columns=list("abcd"))
    weights = pd.DataFrame(rng.dirichlet(np.ones(4), 300), columns=list("abcd"))
    found = rank_acceptability(table, weights=weights, senses={"b": "min"})
    method = methods.WSM(normalizations.minmax_normalization)
    ranks = np.array(
        [
            scipy.stats.rankdata(-method(table.to_numpy(), row, np.array([1, -1, 1, 1])))
            for row in weights.to_numpy()
        ]
    )  # fmt: skip
    for rank in range(1, 7):
        np.testing.assert_allclose(found.acceptability[rank], (ranks == rank).mean(axis=0), atol=1e-12)
    for option in range(6):
        if (first := ranks[:, option] == 1).any():
            np.testing.assert_allclose(found.central_weights.loc[option], weights[first].mean(), atol=1e-12)


def test_input_output_of_pymrio_on_its_own_world():
    """Six regions of eight sectors, from pymrio's test system, which ships with it."""
    pymrio = oracle("pymrio")
    world = pymrio.load_test()
    world.calc_all()
    flows, output = world.Z, world.x["indout"]
    plain = pd.DataFrame(flows.to_numpy())
    a = inputoutput.technical_coefficients(plain, output.to_numpy())
    np.testing.assert_allclose(a, world.A.to_numpy(), rtol=1e-10, atol=1e-14)
    inverse = inputoutput.leontief_inverse(a)
    np.testing.assert_allclose(inverse, world.L.to_numpy(), rtol=1e-8, atol=1e-12)
    jobs = world.factor_inputs.F.iloc[0].to_numpy()
    per_output = jobs / output.to_numpy()
    found = inputoutput.effect_multipliers(a, per_output, form="effect")
    np.testing.assert_allclose(found, world.factor_inputs.M.iloc[0].to_numpy(), rtol=1e-8)
    # Labelled by region and sector, as pymrio has them, the figures are the same.
    labelled = inputoutput.technical_coefficients(flows, output)
    np.testing.assert_allclose(labelled, a)


@given(st.integers(2, 6), st.integers(0, 999))
@settings(max_examples=30)
def test_input_output_of_pymrio_on_random_tables(size, seed):
    iomath = oracle("pymrio.tools.iomath")
    rng = np.random.default_rng(seed)
    flows = pd.DataFrame(rng.integers(0, 50, (size, size)).astype(float))
    output = flows.sum(axis=1) + flows.sum() + rng.integers(1, 60, size)
    a = inputoutput.technical_coefficients(flows, output)
    np.testing.assert_allclose(a, iomath.calc_A(flows, output.to_frame("indout")))
    wanted = iomath.calc_L(a)
    np.testing.assert_allclose(inputoutput.leontief_inverse(a), wanted, rtol=1e-9)
    np.testing.assert_allclose(inputoutput.output_multipliers(a), wanted.sum(), rtol=1e-9)


def test_neighbours_of_scikit_learn():
    neighbors, preprocessing = oracle("sklearn.neighbors"), oracle("sklearn.preprocessing")
    table = pd.DataFrame(np.random.default_rng(5).normal(9, 4, (40, 5)), index=[f"E{n:02}" for n in range(40)])
    scaled = preprocessing.StandardScaler().fit_transform(table.to_numpy())
    model = neighbors.NearestNeighbors(n_neighbors=7).fit(scaled)
    distances, places = model.kneighbors(scaled[:1])
    found = nearest_neighbours(table, "E00", k=6)
    assert found["code"].tolist() == table.index[places[0, 1:]].tolist()
    np.testing.assert_allclose(found["distance"], distances[0, 1:] / np.sqrt(5))
    plain = nearest_neighbours(table, "E00", k=6, form="sum")
    np.testing.assert_allclose(plain["distance"], distances[0, 1:])
    ranged = preprocessing.MinMaxScaler().fit_transform(table.to_numpy())
    pairs = oracle("sklearn.metrics.pairwise").euclidean_distances(ranged)
    np.testing.assert_allclose(distance_matrix(table, scaling="min-max", form="sum"), pairs, atol=1e-7)
    # With a gap: scikit-learn scales the squares up to all indicators, ours is their mean over those in use.
    pairwise = oracle("sklearn.metrics.pairwise")
    table.iloc[3, 1] = np.nan
    z = (table - table.mean()) / table.std(ddof=0)
    np.testing.assert_allclose(distance_matrix(table), pairwise.nan_euclidean_distances(z) / np.sqrt(5), atol=1e-7)
    np.testing.assert_allclose(distance_matrix(table, form="sum"), pairwise.nan_euclidean_distances(z), atol=1e-7)


@given(drawn=options(low=-9))
def test_scales_of_scikit_learn(drawn):
    preprocessing = oracle("sklearn.preprocessing")
    table, *_ = ready(drawn)
    assume((np.ptp(table.to_numpy(), axis=0) > 0).all())
    wanted = preprocessing.MinMaxScaler((0, 100)).fit_transform(table.to_numpy())
    np.testing.assert_allclose(normalise(table), wanted, atol=1e-9)
    wanted = preprocessing.StandardScaler().fit_transform(table.to_numpy())
    np.testing.assert_allclose(normalise(table, method="z-score", ddof=0), wanted, atol=1e-9)


@given(st.integers(2, 6), st.integers(3, 8), st.integers(0, 999))
def test_kendalls_w_is_the_mean_rank_correlation_of_scipy(people, items, seed):
    """W = ((m - 1) r + 1) / m, with r the mean of Spearman's correlations over all pairs (Kendall 1948)."""
    ranks = np.random.default_rng(seed).permuted(np.tile(np.arange(items), (people, 1)), axis=1).T
    pairs = [scipy.stats.spearmanr(ranks[:, a], ranks[:, b]).statistic for a in range(people) for b in range(a)]
    wanted = ((people - 1) * np.mean(pairs) + 1) / people
    assert kendalls_w(pd.DataFrame(ranks)).w == pytest.approx(wanted, abs=1e-12)
    if people >= 3:
        friedman = scipy.stats.friedmanchisquare(*ranks)
        assert kendalls_w(pd.DataFrame(ranks)).chi_squared == pytest.approx(friedman.statistic)


def test_sobol_indices_of_scipy():
    """scipy's own estimator on the same function, and the closed form of Sobol's G function that both must meet."""
    a = np.array([0, 1, 4.5, 9, 99])

    def g(x):
        return np.prod((np.abs(4 * x - 2) + a[:, None]) / (1 + a[:, None]), axis=0)

    partial = 1 / (3 * (1 + a) ** 2)
    variance = np.prod(1 + partial) - 1
    first = partial / variance
    total = partial * np.prod(1 + partial) / (1 + partial) / variance
    inputs = {f"x{n}": uniform(0, 1) for n in range(5)}
    found = sobol_indices(lambda table: g(table.to_numpy().T), inputs)
    assert found["first"].tolist() == pytest.approx(first.tolist(), abs=0.005)
    assert found["total"].tolist() == pytest.approx(total.tolist(), abs=0.005)
    theirs = scipy.stats.sobol_indices(func=g, n=4096, dists=[scipy.stats.uniform()] * 5, rng=np.random.default_rng(1))
    assert found["first"].tolist() == pytest.approx(theirs.first_order.ravel().tolist(), abs=0.02)
    assert found["total"].tolist() == pytest.approx(theirs.total_order.ravel().tolist(), abs=0.02)


def test_every_normalisation_agrees_with_the_others_on_the_best_of_two():
    """With two options and one criterion there is only one answer, whatever the scale."""
    for how, sense in product(NORMALISATIONS, ("max", "min")):
        found = weighted_sum(pd.DataFrame({"c": [2.0, 5.0]}), [1], senses={"c": sense}, normalisation=how)
        assert found.idxmax() == (1 if sense == "max" else 0)
