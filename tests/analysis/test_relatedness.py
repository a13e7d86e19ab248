from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from iitk.analysis.presence import pair_relatedness
from iitk.analysis.relatedness import (
    complexity,
    cooccurrence_relatedness,
    fitness,
    presence,
    proximity,
    reflections,
    relatedness_density,
    revealed_comparative_advantage,
)
from iitk.analysis.specialisation import location_quotient
from iitk.errors import MethodError

HAND = pd.DataFrame(
    [[1, 1, 0, 1], [1, 0, 1, 0], [1, 1, 0, 0]], index=["A", "B", "C"], columns=["p", "q", "r", "s"], dtype=float
)  # fmt: skip
matrices = st.integers(3, 8).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 1), min_size=n, max_size=n), min_size=3, max_size=9)
)


def random_presence(areas, industries, seed=5):
    rng = np.random.default_rng(seed)
    odds = rng.normal(0, 1, areas)[:, None] - rng.normal(0.7, 1, industries)[None, :]
    return pd.DataFrame((rng.random((areas, industries)) < 1 / (1 + np.exp(-2 * odds))).astype(float))


@pytest.fixture
def network(case):
    """c09: Hidalgo and Hausmann (2009), figure S4, run again in EconGeo 1.3."""
    found = case("c09")
    mat = found["inputs"]["mat"]
    return pd.DataFrame(mat["values"], index=mat["rows"], columns=mat["cols"]), found["expected"]


def test_reflections_of_the_source(network):
    table, wanted = network
    found = reflections(table, iterations=4)
    for step in range(3):
        assert found.areas[step].to_dict() == pytest.approx(wanted[f"MORc_{step}"], rel=1e-9)
        assert found.industries[step].to_dict() == pytest.approx(wanted[f"MORt_{step}"], rel=1e-9)
    # From step 3 EconGeo rescales to 0-100.
    for step in (3, 4):
        for mine, name in ((found.areas[step], "MORc"), (found.industries[step], "MORt")):
            scaled = (mine - mine.min()) / (mine.max() - mine.min()) * 100
            assert scaled.to_dict() == pytest.approx(wanted[f"{name}_{step}"], rel=1e-9, abs=1e-9)


def test_complexity_of_the_source(network):
    # EconGeo's KCI is the same eigenvector in another scale (it divides by the sum, after rounding to 4 decimals).
    table, wanted = network
    found = complexity(table)
    for mine, theirs in ((found.eci, wanted["KCI"]), (found.pci, wanted["TCI"])):
        other = (np.array(theirs) - np.mean(theirs)) / np.std(theirs)
        sign = np.sign(other @ mine.to_numpy())
        np.testing.assert_allclose(mine, sign * other, atol=1e-3)


@pytest.mark.parametrize("shape", [(30, 12), (12, 30)])
def test_complexity_agrees_with_the_eigenvector_of_its_definition(shape):
    table = random_presence(*shape)
    m = table.to_numpy()
    m = m[m.sum(axis=1) > 0][:, m.sum(axis=0) > 0]
    d, u = m.sum(axis=1), m.sum(axis=0)
    values, vectors = np.linalg.eig((m / d[:, None]) @ (m / u).T)
    order = np.argsort(-values.real)
    eci = vectors[:, order[1]].real
    eci = (eci - eci.mean()) / eci.std() * np.sign(np.corrcoef(eci, d)[0, 1])
    found = complexity(table)
    np.testing.assert_allclose(found.eci.dropna(), eci, atol=1e-8)
    assert found.spectral_gap == pytest.approx(values.real[order[1]] - values.real[order[2]])
    mean_of_areas = m.T @ eci / u
    np.testing.assert_allclose(complexity(table, pci_scale="eci").pci.dropna(), mean_of_areas, atol=1e-8)
    assert found.pci.std(ddof=0) == pytest.approx(1)
    assert complexity(table, ddof=1).eci.std(ddof=1) == pytest.approx(1)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("block", [np.ones((3, 3)) - np.eye(3), np.tril(np.ones((3, 3))), np.ones((3, 3))])
def test_two_groups_with_nothing_in_common_have_no_spectral_gap_and_are_all_that_is_told_apart(block, wide):
    table = pd.DataFrame(np.kron(np.eye(2), block))
    table = table.T if wide else table
    table = pd.concat([table, table.iloc[:1].set_axis([6])])  # one group more than the other
    with np.errstate(all="raise"):
        found = complexity(table)
    assert found.spectral_gap == 0
    groups = found.eci.round(9).groupby([0, 0, 0, 1, 1, 1, 0])
    assert groups.nunique().tolist() == [1, 1]
    assert found.eci.iloc[0] * found.eci.iloc[3] < 0


@pytest.mark.parametrize(
    "table", [np.eye(4), np.kron(np.eye(3), np.tril(np.ones((3, 3)))), (np.ones((4, 4)) - np.eye(4))[:, ::-1]]
)
def test_a_ranking_that_the_figures_do_not_single_out_is_missing_with_the_reason(table):
    found = complexity(pd.DataFrame(table))
    assert found.spectral_gap == 0
    for side in (found.eci, found.pci):
        assert side.isna().all()
        assert set(side.attrs["missing"]) == set(side.index)
        assert all(text.startswith("not determined") for text in side.attrs["missing"].values())


def test_empty_areas_and_industries_are_missing_and_harm_no_others():
    table = random_presence(12, 9)
    bigger = table.assign(nowhere=0.0)
    bigger.loc["nothing"] = 0.0
    bigger.loc["gap"] = [np.nan, *[1.0] * 9]
    bigger.loc["gap", "nowhere"] = 0.0
    found, alone = complexity(bigger), complexity(table)
    assert found.eci[["nothing", "gap"]].isna().all()
    assert np.isnan(found.pci["nowhere"])
    np.testing.assert_allclose(found.eci[table.index], alone.eci)
    np.testing.assert_allclose(proximity(bigger).loc[table.columns, table.columns], proximity(table))
    assert proximity(bigger)["nowhere"].isna().all()
    assert fitness(bigger).fitness[["nothing", "gap"]].isna().all()


def test_rca_is_the_location_quotient_and_presence_its_threshold():
    activity = pd.DataFrame({"a": [30.0, 10, 0], "b": [10.0, 30, 0]}, index=["A", "B", "empty"])
    pd.testing.assert_frame_equal(revealed_comparative_advantage(activity), location_quotient(activity))
    assert presence(activity).loc["A"].tolist() == [1, 0]
    assert presence(activity).loc["empty"].isna().all()
    assert presence(activity, threshold=0.5).loc["A"].tolist() == [1, 1]
    assert presence(pd.DataFrame({"a": [1, 1], "b": [1, 1]})).to_numpy().all()  # exactly 1 counts


def test_proximity_by_hand():
    found = proximity(HAND)
    # p is in 3 areas, q in 2 of them: 2 / 3. q and s share one area, q is in two: 1 / 2.
    assert found.loc["p", "q"] == pytest.approx(2 / 3)
    assert found.loc["q", "s"] == pytest.approx(1 / 2)
    assert found.loc["q", "r"] == 0
    assert proximity(HAND, diagonal=0).to_numpy().diagonal().tolist() == [0] * 4


def test_cooccurrence_by_hand():
    # p in 3 of 3 areas, q in 2, both in 2.
    assert cooccurrence_relatedness(HAND).loc["p", "q"] == pytest.approx(3 * 2 / (3 * 2))
    assert cooccurrence_relatedness(HAND, normalisation="cosine").loc["p", "q"] == pytest.approx(2 / np.sqrt(6))
    assert cooccurrence_relatedness(HAND, normalisation="jaccard").loc["p", "q"] == pytest.approx(2 / 3)


@given(matrices)
def test_proximity_is_the_lower_conditional_probability(rows):
    table = pd.DataFrame(rows, dtype=float)
    assume(table.to_numpy().any())
    found, m = proximity(table), np.array(rows)
    np.testing.assert_array_equal(found, found.T)
    for i in range(m.shape[1]):
        for j in range(m.shape[1]):
            if m[:, i].any() and m[:, j].any():
                both = (m[:, i] & m[:, j]).sum()
                assert found.iloc[i, j] == pytest.approx(min(both / m[:, i].sum(), both / m[:, j].sum()))
            else:
                assert np.isnan(found.iloc[i, j])


@given(matrices)
def test_density_is_a_share_and_is_one_for_an_area_that_has_everything(rows):
    table = pd.DataFrame([*rows, [1] * len(rows[0])], dtype=float)
    density = relatedness_density(table, proximity(table))
    assert ((density >= 0) & (density <= 1 + 1e-12)).all(axis=None)
    np.testing.assert_allclose(density.iloc[-1], 1)


def test_density_by_hand_with_and_without_its_own_presence():
    near = pd.DataFrame([[1, 0.5, 0.25], [0.5, 1, 0], [0.25, 0, 1]], index=list("pqr"), columns=list("pqr"))
    table = pd.DataFrame([[1, 0, 1]], columns=list("pqr"), dtype=float)
    assert relatedness_density(table, near).iloc[0].tolist() == pytest.approx([1.25 / 1.75, 0.5 / 1.5, 1])
    off = near - np.eye(3)
    assert relatedness_density(table, off).iloc[0].tolist() == pytest.approx([0.25 / 0.75, 1, 1])
    gap = table.assign(q=np.nan)
    assert relatedness_density(gap, near).iloc[0].isna().all()


def test_fitness_by_hand_two_steps():
    # Step 1: F = 3, 2, 2 over 7/3; Q from F = 1: 1/3, 1/2, 1, 1 over their mean 17/24.
    one = fitness(HAND, iterations=1)
    assert one.fitness.tolist() == pytest.approx([9 / 7, 6 / 7, 6 / 7])
    q = np.array([1 / 3, 1 / 2, 1, 1]) / (17 / 24)
    assert one.complexity.tolist() == pytest.approx(q)
    two = fitness(HAND, iterations=2)
    f = np.array([q[0] + q[1] + q[3], q[0] + q[2], q[0] + q[1]])
    assert two.fitness.tolist() == pytest.approx(f / f.mean())
    # Sequential: Q of step 1 uses its F (9/7, 6/7, 6/7).
    a, b = 7 / 9, 7 / 6
    raw = 1 / np.array([a + b + b, a + b, b, a])
    assert fitness(HAND, iterations=1, update="sequential").complexity.tolist() == pytest.approx(raw / raw.mean())


LAYOUTS = {
    "by row": lambda values: pd.DataFrame(np.ascontiguousarray(values)),
    "by column": lambda values: pd.DataFrame(np.asfortranarray(values)),
    "with holes": lambda values: pd.DataFrame(np.repeat(values, 2, axis=1)[:, ::2]),
    "column after column": lambda values: pd.DataFrame({k: column.copy() for k, column in enumerate(values.T)}),
    "whole numbers": lambda values: pd.DataFrame(values.astype(int)),
}


@pytest.mark.parametrize("shape", [(40, 15), (15, 40)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_products_are_those_of_the_formulas_however_the_table_lies_in_memory(layout, shape):
    values = random_presence(*shape, seed=11).to_numpy()
    values = values[values.sum(axis=1) > 0][:, values.sum(axis=0) > 0]
    table = LAYOUTS[layout](values)
    both = np.einsum("ai,aj->ij", values, values)
    near = both / np.maximum.outer(both.diagonal(), both.diagonal())
    found = proximity(table)
    assert found.to_numpy().tolist() == near.tolist()
    np.testing.assert_allclose(
        relatedness_density(table, found), np.einsum("ai,ij->aj", values, near) / near.sum(axis=0), rtol=1e-13
    )
    jaccard = both / (np.add.outer(both.diagonal(), both.diagonal()) - both)
    np.testing.assert_allclose(cooccurrence_relatedness(table, normalisation="jaccard"), jaccard, rtol=1e-13)
    d, u = values.sum(axis=1), values.sum(axis=0)
    left, singular, _ = np.linalg.svd(values / np.sqrt(np.outer(d, u)))
    eci = left[:, 1] / np.sqrt(d)
    eci = (eci - eci.mean()) / eci.std() * np.sign(eci @ (d - d.mean()))
    index = complexity(table)
    np.testing.assert_allclose(index.eci, eci, atol=1e-10)
    assert index.spectral_gap == pytest.approx(singular[1] ** 2 - singular[2] ** 2, rel=1e-9)


def test_one_area_has_presences_too_beside_a_reference():
    one = pd.Series({"a": 30.0, "b": 10.0, "c": np.nan}, name="A")
    found = presence(one, reference={"a": 50, "b": 50, "c": 50}, activity_total=100)
    assert found.tolist()[:2] == [0.0, 0.0]
    assert np.isnan(found["c"])
    assert presence(one, reference={"a": 10, "b": 50, "c": 50}, activity_total=100)["a"] == 1
    assert found.name == "A"


def test_a_gap_changes_no_count_of_what_it_does_not_touch():
    table = random_presence(30, 8)
    with_gap = table.copy()
    with_gap.iloc[4, 2] = np.nan
    pd.testing.assert_frame_equal(proximity(with_gap), proximity(table.drop(index=4)))
    pd.testing.assert_series_equal(complexity(with_gap).eci.drop(4), complexity(table.drop(index=4)).eci)


@given(st.permutations(range(12)), st.permutations(range(9)))
def test_the_order_of_areas_and_industries_does_not_matter(rows, columns):
    table = random_presence(12, 9)
    moved = table.iloc[list(rows), list(columns)]
    here, there = complexity(table), complexity(moved)
    np.testing.assert_allclose(there.eci[table.index], here.eci, atol=1e-8)
    np.testing.assert_allclose(there.pci[table.columns], here.pci, atol=1e-8)
    assert there.spectral_gap == pytest.approx(here.spectral_gap, abs=1e-9)


def test_an_areas_index_is_the_mean_of_its_industries_on_the_scale_of_means():
    table = random_presence(20, 14)
    for ddof in (0, 1):
        found = complexity(table, pci_scale="mean", ddof=ddof)
        there = table * found.pci.fillna(0)
        np.testing.assert_allclose((there.sum(axis=1) / table.sum(axis=1)).dropna(), found.eci.dropna(), atol=1e-9)
        assert found.eci.equals(complexity(table, ddof=ddof).eci)


def test_a_strict_threshold_leaves_out_what_only_reaches_it():
    same = pd.DataFrame({"a": [1.0, 1, 4], "b": [1.0, 1, 4]})
    assert presence(same).to_numpy().all()
    assert not presence(same, strict=True).to_numpy().any()


def test_density_without_its_own_presence_is_that_of_a_proximity_without_a_diagonal():
    table = random_presence(20, 14)
    left = relatedness_density(table, proximity(table), own_presence=False)
    pd.testing.assert_frame_equal(left, relatedness_density(table, proximity(table, diagonal=0)))
    related = cooccurrence_relatedness(table, counts="pairs")  # any relatedness will do
    assert relatedness_density(table, related).max(axis=None) <= 1 + 1e-12
    assert proximity(table).to_numpy().diagonal().all()  # not written to


@pytest.mark.parametrize("bad", [np.nan, -3.0])
def test_a_gap_or_a_loss_in_the_activity_spoils_only_what_it_touches(bad):
    rng = np.random.default_rng(4)
    activity = pd.DataFrame(rng.gamma(0.5, 100, (15, 8)))
    activity.iloc[3, 2] = bad
    found = presence(activity)
    assert np.isnan(found.iloc[3, 2])
    assert found.drop(index=3).notna().all(axis=None)
    index, density = complexity(found), relatedness_density(found, proximity(found))
    assert index.eci.index[index.eci.isna()].tolist() == [3]
    assert index.pci.notna().all()
    assert density.drop(index=3).notna().all(axis=None)
    np.testing.assert_allclose(proximity(found), proximity(found.drop(index=3)))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: proximity(HAND * 2), "0 and 1 only.*presence.activity."),
        (lambda: proximity(HAND * 0), "No industry is present"),
        (lambda: proximity(HAND, diagonal=0.5), "diagonal must be 1 or 0"),
        (lambda: presence(HAND, threshold=0), "threshold must be above zero"),
        (
            lambda: cooccurrence_relatedness(HAND, normalisation="x"),
            "one of 'association', 'cosine', 'jaccard', 'probability'",
        ),
        (lambda: relatedness_density(HAND, proximity(HAND[["p", "q"]])), "Only presence .columns. has 'r', 's'"),
        (lambda: relatedness_density(HAND, -proximity(HAND)), "proximity must not be negative"),
        (lambda: complexity(HAND.iloc[:2]), "three areas and three industries"),
        (lambda: complexity(pd.DataFrame(np.ones((4, 4)))), "same complexity"),
        (lambda: complexity(HAND, pci_scale="x"), "one of 'own', 'eci', 'mean'"),
        (lambda: fitness(HAND, iterations=0), "iterations must be a whole number, 1 or more"),
        (lambda: fitness(HAND, extremality=0), "extremality must be above zero"),
        (lambda: cooccurrence_relatedness(HAND, counts="x"), "one of 'areas', 'pairs'"),
        (lambda: pair_relatedness(pd.DataFrame([[0, 1], [2, 0]])), "symmetric, without gaps or negatives"),
        (lambda: pair_relatedness(HAND), "do not have the same labels"),
        (lambda: fitness(HAND, update="x"), "one of 'simultaneous', 'sequential'"),
        (lambda: reflections(HAND, iterations=-1), "iterations must be a whole number, 0 or more"),
    ],
)
def test_errors_name_the_argument_and_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()


def exact_presence(table, threshold=1, strict=False):
    """Marks by fractions: no rounding anywhere."""
    rows, columns, whole = table.sum(axis=1), table.sum(axis=0), int(table.to_numpy().sum())
    marks = [
        [Fraction(int(x) * whole, int(rows[a]) * int(columns[i])) for i, x in row.items()]
        for a, row in table.iterrows()
    ]
    return [[float(lq > threshold if strict else lq >= threshold) for lq in row] for row in marks]


@given(
    st.lists(st.lists(st.integers(1, 6), min_size=4, max_size=4), min_size=3, max_size=3),
    st.sampled_from([Fraction(1), Fraction(3, 2), Fraction(11, 10), Fraction(2, 3)]),
    st.booleans(),
)
def test_ties_are_judged_as_by_fractions(rows, threshold, strict):
    table = pd.DataFrame(rows)
    found = presence(table, threshold=float(threshold), strict=strict)
    assert found.to_numpy().tolist() == exact_presence(table, threshold, strict)


def test_ties_that_rounding_used_to_break():
    proportional = pd.DataFrame([[672, 512, 416, 224], [126, 96, 78, 42], [168, 128, 104, 56]])
    assert (presence(proportional) == 1).all(axis=None)
    assert (presence(proportional, strict=True) == 0).all(axis=None)
    assert presence(pd.DataFrame([[6, 5, 5, 5], [3, 6, 1, 1], [3, 3, 3, 3]])).iloc[1, 0] == 1  # 3 x 44 / (11 x 12)
    assert presence(pd.DataFrame([[90 / 7, 45 / 7, 165 / 7]]), reference=[30, 15, 55]).iloc[0].tolist() == [1, 1, 1]


def test_what_is_missing_says_why_in_every_result():
    jobs = pd.DataFrame(
        [[9.0, 1, 5, 0, 1], [1, 9, 4, 0, 2], [4, 4, 1, 0, 9], [2, 1, 2, 0, np.nan], [0, 0, 0, 0, 0]],
        ["A", "B", "C", "gap", "idle"],
        list("vwxyz"),
    )
    here = presence(jobs)
    why = {"gap": "total of the area unknown; no figure", "idle": "total of the area is not positive"}
    assert here.attrs["missing"] == why | {"y": "none in the reference"}
    areas, industries = dict.fromkeys(["gap", "idle"], "no figure"), {"y": "no figure in any area"}
    near = proximity(here)
    assert near.attrs["missing"] == cooccurrence_relatedness(here).attrs["missing"] == industries
    found, fit, steps = complexity(here), fitness(here), reflections(here)
    assert found.eci.attrs["missing"] == fit.fitness.attrs["missing"] == steps.areas.attrs["missing"] == areas
    assert found.pci.attrs["missing"] == fit.complexity.attrs["missing"] == industries
    assert steps.industries.attrs["missing"] == industries
    density = relatedness_density(here, near).attrs["missing"]
    assert density == dict.fromkeys(["gap", "idle"], "no figure for 'v', 'w', 'x', 'z'") | {
        "y": "no proximity to any industry"
    }
    assert set(found.eci.index[found.eci.isna()]) == set(areas)
    assert set(near.index[near.isna().all(axis=1)]) == set(industries)


def test_an_area_or_industry_that_is_left_out_is_told_from_one_without_figures():
    here = pd.DataFrame(
        [[1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 1, 0], [0, 0, 0, 0], [1, np.nan, 0, 1.0]],
        ["A", "B", "C", "none", "gap"], list("wxyz"),
    )  # fmt: skip
    found = fitness(here)
    assert found.fitness.attrs["missing"] == {"none": "has none of the industries", "gap": "no figure for 'x'"}
    assert found.complexity.attrs["missing"] == {"z": "present only in areas that are left out"}
    assert proximity(here.drop("gap")).attrs["missing"] == {"z": "present in no area"}
    # Nothing related is there: its density is none, not unknown.
    assert relatedness_density(here.drop("gap"), proximity(here.drop("gap"))).loc["none", "x"] == 0


def test_rows_of_figures_are_tables_too():
    rows = [[1, 1, 1], [1, 1, 0], [1, 0, 0]]
    pd.testing.assert_series_equal(complexity(rows).eci, complexity(pd.DataFrame(rows)).eci)
    near = proximity(np.array(rows))
    pd.testing.assert_frame_equal(near, proximity(pd.DataFrame(rows)))
    assert relatedness_density(rows, near).shape == (3, 3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: presence(HAND, threshold="1"), "threshold must be a number"),
        (lambda: proximity(HAND, diagonal="one"), "diagonal must be 1 or 0, got 'one'"),
        (lambda: proximity(HAND, diagonal=None), "diagonal must be 1 or 0, got None"),
        (lambda: fitness(HAND, iterations="20"), "iterations must be a number"),
        (lambda: reflections(HAND, iterations=2.5), "iterations must be a whole number"),
        (lambda: complexity(HAND, ddof=8), "ddof must be 0 or 1, got 8"),
        (lambda: complexity("table"), "presence must be a table"),
    ],
)
def test_settings_of_the_wrong_kind_are_refused(call, words):
    with pytest.raises(MethodError, match=words):
        call()


def test_a_whole_number_written_with_a_point_is_one():
    pd.testing.assert_series_equal(fitness(HAND, iterations=20.0).fitness, fitness(HAND).fitness)
