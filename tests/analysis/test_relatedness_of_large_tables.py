"""The ways that only large tables take (another solver, counts in 32 bits), against the plain ones in numpy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.linalg
from scipy.sparse.linalg import ArpackNoConvergence

from iitk.analysis import complexity as complexities
from iitk.analysis import presence as presences
from iitk.analysis.relatedness import (
    complexity,
    cooccurrence_relatedness,
    presence,
    proximity,
    relatedness_density,
)
from iitk.errors import MethodError


def by_chance(areas, industries, slope, seed=3):
    """Able areas have more industries, the rare ones among them, the more surely the steeper the slope."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(0, 1, areas)[:, None] - rng.normal(0.7, 1, industries)[None, :]
    return (rng.random((areas, industries)) < 1 / (1 + np.exp(-slope * odds))).astype(float)


def communities(areas, industries, seed=3):
    """Three groups of unequal size that rarely have each other's industries."""
    rng = np.random.default_rng(seed)
    own = np.array_split(rng.permutation(areas), [areas // 2, areas * 4 // 5])
    odds = np.full((areas, industries), 0.05)
    for group, held in zip(own, np.array_split(np.arange(industries), 3), strict=True):
        odds[np.ix_(group, held)] = 0.5
    return (rng.random((areas, industries)) < odds).astype(float)


def nested(areas, industries):
    """Each area has the industries of the next, and some more."""
    return (np.arange(areas)[:, None] / areas + np.arange(industries)[None, :] / industries < 1).astype(float)


def ring(places, width):
    """Every place has as many industries in a row, one further on than the last: eigenvalues come in pairs."""
    return ((np.arange(places)[None, :] - np.arange(places)[:, None]) % places < width).astype(float)


def by_numpy(values):
    """ECI and spectral gap from all eigenvectors, in plain numpy."""
    diversity, ubiquity = values.sum(axis=1), values.sum(axis=0)
    scaled = values / np.sqrt(np.outer(diversity, ubiquity))
    eigenvalues, vectors = np.linalg.eigh(scaled @ scaled.T)
    third, second, first = eigenvalues[-3:]
    eci = vectors[:, -2] / np.sqrt(diversity)
    eci = (eci - eci.mean()) / eci.std()
    return eci * np.sign(eci @ (diversity - diversity.mean())), min(first - second, second - third)


@pytest.fixture
def no_full_solver(monkeypatch):
    """Only the solver for large tables, at any size: the other one is not to be asked."""

    def asked(*_arguments, **_options):
        raise AssertionError("the full solver was asked")

    monkeypatch.setattr(complexities, "_LARGE", 3)
    monkeypatch.setattr(scipy.linalg, "eigh", asked)


@pytest.mark.usefixtures("no_full_solver")
@pytest.mark.parametrize(
    "values",
    [
        by_chance(250, 120, 2), by_chance(120, 250, 2), by_chance(260, 90, 0.7), communities(200, 130),
        nested(150, 100), nested(70, 140), np.tril(np.ones((5, 5))),
    ],
    ids=["tall", "wide", "nearly random", "communities", "nested", "nested and wide", "tiny"],
)  # fmt: skip
def test_the_solver_for_large_tables_finds_what_all_eigenvectors_show(values):
    values = values[values.sum(axis=1) > 0][:, values.sum(axis=0) > 0]
    found, (eci, gap) = complexity(pd.DataFrame(values)), by_numpy(values)
    np.testing.assert_allclose(found.eci, eci, atol=1e-9)
    assert found.spectral_gap == pytest.approx(gap, abs=1e-12)
    assert gap > 1e-3
    pci = values.T @ eci / values.sum(axis=0)
    np.testing.assert_allclose(found.pci, (pci - pci.mean()) / pci.std(), atol=1e-9)


def test_a_large_table_needs_no_full_solver(monkeypatch):
    values = by_chance(900, 650, 2)
    monkeypatch.setattr(scipy.linalg, "eigh", None)
    found, (eci, gap) = complexity(pd.DataFrame(values)), by_numpy(values)
    np.testing.assert_allclose(found.eci, eci, atol=1e-9)
    assert found.spectral_gap == pytest.approx(gap, abs=1e-12)


@pytest.mark.usefixtures("no_full_solver")
def test_the_same_large_table_has_the_same_answer_to_the_last_digit():
    table = pd.DataFrame(by_chance(250, 120, 2))
    one, other = complexity(table), complexity(table.copy())
    pd.testing.assert_series_equal(one.eci, other.eci, check_exact=True)
    pd.testing.assert_series_equal(one.pci, other.pci, check_exact=True)
    assert one.spectral_gap == other.spectral_gap


@pytest.mark.parametrize(
    "values",
    [ring(320, 20), ring(320, 120), np.kron(np.eye(3), by_chance(60, 40, 2, seed=8)), np.eye(40)],
    ids=["ring", "wide ring", "three groups", "each its own"],
)
def test_a_large_table_with_equal_eigenvalues_is_not_ranked(values, monkeypatch):
    # Of two equal eigenvalues the solver for large tables may find one: in the ring of 20 it takes the fourth for the
    # third, and but for the proof that none was passed over a ranking would be made of it.
    monkeypatch.setattr(complexities, "_LARGE", 3)
    values = values[values.sum(axis=1) > 0][:, values.sum(axis=0) > 0]
    found = complexity(pd.DataFrame(values))
    assert found.spectral_gap == 0
    assert found.eci.isna().all()
    assert all(text.startswith("not determined") for text in found.eci.attrs["missing"].values())


def test_one_cell_makes_a_ring_a_ranking_that_all_eigenvectors_agree_with(monkeypatch):
    monkeypatch.setattr(complexities, "_LARGE", 3)
    values = ring(320, 20)
    values[7, 100] = 1
    found, (eci, gap) = complexity(pd.DataFrame(values)), by_numpy(values)
    assert 1e-9 < gap < 1e-3  # all but equal
    assert found.spectral_gap == pytest.approx(gap, abs=1e-12)
    np.testing.assert_allclose(found.eci, eci, atol=1e-8)


@pytest.mark.parametrize("wide", [False, True])
def test_two_large_groups_with_nothing_in_common_are_all_that_is_told_apart(wide, monkeypatch):
    monkeypatch.setattr(complexities, "_LARGE", 3)
    values = np.zeros((150, 100))
    values[:90, :55], values[90:, 55:] = by_chance(90, 55, 2), by_chance(60, 45, 2, seed=4)
    values = values[values.sum(axis=1) > 0][:, values.sum(axis=0) > 0]
    groups = (values[:, :50].sum(axis=1) > 0).astype(int)
    if wide:
        values, groups = values.T, (values[:80].sum(axis=0) > 0).astype(int)
    found = complexity(pd.DataFrame(values))
    assert found.spectral_gap == 0
    assert found.eci.round(7).groupby(groups).nunique().tolist() == [1, 1]
    assert found.eci.groupby(groups).first().prod() < 0


def test_a_large_table_whose_areas_are_all_alike_is_refused_as_a_small_one_is(monkeypatch):
    monkeypatch.setattr(complexities, "_LARGE", 3)
    with pytest.raises(MethodError, match="same complexity"):
        complexity(pd.DataFrame(np.ones((50, 40))))


def test_where_the_solver_for_large_tables_does_not_converge_the_full_one_answers(monkeypatch):
    def gives_up(*_arguments, **_options):
        raise ArpackNoConvergence("no convergence", np.empty(0), np.empty((0, 0)))

    monkeypatch.setattr(complexities, "_LARGE", 3)
    monkeypatch.setattr(complexities, "eigsh", gives_up)
    values = by_chance(120, 60, 2)
    values = values[values.sum(axis=1) > 0]
    found, (eci, gap) = complexity(pd.DataFrame(values)), by_numpy(values)
    np.testing.assert_allclose(found.eci, eci, atol=1e-9)
    assert found.spectral_gap == pytest.approx(gap, abs=1e-12)


@pytest.mark.parametrize("limit", [2**24, 1000], ids=["32 bits", "64 bits"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_counts_of_very_many_areas_are_exact(limit, order, monkeypatch):
    monkeypatch.setattr(presences, "_WHOLE_IN_FLOAT32", limit)
    values = (np.random.default_rng(6).random((70_003, 5)) < [0.999, 0.7, 0.5, 0.2, 0.0001]).astype(np.int64)
    counts = values.T @ values  # whole numbers
    table = pd.DataFrame(np.array(values, dtype=float, order=order))
    assert proximity(table).to_numpy().tolist() == (counts / np.maximum.outer(*[counts.diagonal()] * 2)).tolist()
    jaccard = counts / (np.add.outer(*[counts.diagonal()] * 2) - counts)
    assert cooccurrence_relatedness(table, normalisation="jaccard").to_numpy().tolist() == jaccard.tolist()


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("here", ["C", "F", "with holes"])
def test_density_does_not_depend_on_how_presences_and_proximities_lie_in_memory(here, order):
    values = by_chance(31, 17, 1)
    near = np.random.default_rng(9).random((17, 17))  # not symmetric: to turn it round would show
    wanted = np.einsum("aj,ji->ai", values, near) / near.sum(axis=0)
    table = np.repeat(values, 2, axis=1)[:, ::2] if here == "with holes" else np.array(values, order=here)
    close = np.array(near, order=order)
    found = relatedness_density(pd.DataFrame(table, copy=False), pd.DataFrame(close, copy=False))
    np.testing.assert_allclose(found, wanted, rtol=1e-13)


@pytest.mark.parametrize("order", ["C", "F"])
def test_presences_do_not_depend_on_how_the_figures_lie_in_memory(order):
    jobs = np.random.default_rng(2).integers(0, 9, (40, 30))
    figures = np.array(jobs, dtype=float, order=order)
    # Whole numbers on both sides: exact.
    wanted = jobs * jobs.sum() >= np.outer(jobs.sum(axis=1), jobs.sum(axis=0))
    assert presence(pd.DataFrame(figures, copy=False)).to_numpy().tolist() == wanted.astype(float).tolist()
    assert figures.tolist() == jobs.tolist()  # not written to
