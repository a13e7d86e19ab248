from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from iitk.analysis.growth import productivity_decomposition, productivity_gap
from iitk.errors import MethodError

quads = st.lists(st.tuples(*[st.integers(0, 900)] * 4), min_size=1, max_size=10)


def columns(rows):
    sides = [[float(value) for value in side] for side in zip(*rows, strict=True)]
    assume(sum(sides[1]) > 0)
    assume(sum(sides[3]) > 0)
    return sides


def test_a_gap_by_hand():
    # Here 30 of 100 jobs make 3,000 and 70 make 2,800 (100 and 40 a job): 58 a job.
    # There 600 of 1,000 make 72,000 and 400 make 20,000 (120 and 50 a job): 92 a job. Gap -34.
    # Mix: (0.3 - 0.6)(120 - 92) + (0.7 - 0.4)(50 - 92) = -8.4 - 12.6 = -21.
    # Within: 0.3 (100 - 120) + 0.7 (40 - 50) = -6 - 7 = -13.
    table = productivity_gap(
        {"Tech": 3000, "Care": 2800},
        {"Tech": 30, "Care": 70},
        {"Tech": 72_000, "Care": 20_000},
        {"Tech": 600, "Care": 400},
    )
    assert table["mix"].tolist() == pytest.approx([-8.4, -12.6])
    assert table["within"].tolist() == pytest.approx([-6, -7])
    assert table["total"].sum() == pytest.approx(58 - 92)


@given(quads)
def test_the_gap_closes_exactly_industries_without_jobs_included(rows):
    y, jobs, z, others = columns(rows)
    table = productivity_gap(y, jobs, z, others)
    assert table.notna().all().all()
    assert table["total"].sum() == pytest.approx(sum(y) / sum(jobs) - sum(z) / sum(others), rel=1e-9, abs=1e-7)


@given(quads)
def test_the_same_mix_has_no_mix_effect_and_the_same_yields_no_within_effect(rows):
    y, jobs, z, others = columns(rows)
    same_mix = productivity_gap(y, [2 * n for n in others], z, others)
    assert same_mix["mix"].abs().max() == pytest.approx(0, abs=1e-7)
    assume(all(others))
    same_yield = productivity_gap([n * a / b for n, a, b in zip(jobs, z, others, strict=True)], jobs, z, others)
    assert same_yield["within"].abs().max() == pytest.approx(0, abs=1e-7)


def test_a_missing_industry_is_named_and_left_out_on_all_sides():
    table = productivity_gap({"a": 10, "b": np.nan}, {"a": 2, "b": 9}, {"a": 40, "b": 90}, {"a": 5, "b": 9})
    assert table.attrs["missing"] == {"b": "no figure in area_output"}
    assert table.loc["b"].isna().all()
    assert table.loc["a", "total"] == pytest.approx(10 / 2 - 40 / 5)


def test_a_change_by_hand():
    # Jobs 50:50 to 40:60; output a job 10 and 20 to 12 and 30. From 15 to 0.4 x 12 + 0.6 x 30 = 22.8.
    # Within 0.5 x 2 + 0.5 x 10 = 6; between -0.1 x (10 - 15) + 0.1 x (20 - 15) = 1;
    # interaction -0.1 x 2 + 0.1 x 10 = 0.8.
    table = productivity_decomposition([500, 1000], [50, 50], [480, 1800], [40, 60])
    assert table["within"].tolist() == pytest.approx([1, 5])
    assert table["between"].tolist() == pytest.approx([0.5, 0.5])
    assert table["interaction"].tolist() == pytest.approx([-0.2, 1.0])
    assert table["total"].sum() == pytest.approx(7.8)
    # Griliches and Regev: within 0.45 x 2 + 0.55 x 10 = 6.4; between -0.1 x (11 - 18.9) + 0.1 x (25 - 18.9) = 1.4.
    other = productivity_decomposition([500, 1000], [50, 50], [480, 1800], [40, 60], variant="griliches-regev")
    assert other.sum().tolist() == pytest.approx([6.4, 1.4, 0, 7.8])


def test_between_by_industry_under_the_published_conventions():
    # Jobs 5:5 to 8:4, output a job 20 and 8 to 25 and 8. Fabricant: 1/6 x 20 and -1/6 x 8; McMillan and Rodrik at the
    # end's output a job, 1/6 x 25 and -1/6 x 8; Foster, Haltiwanger and Krizan less the 14 of all.
    sides = ([100, 40], [5, 5], [200, 32], [8, 4])
    plain = productivity_decomposition(*sides, variant="fabricant")
    assert plain["between"].tolist() == pytest.approx([20 / 6, -8 / 6])
    two = productivity_decomposition(*sides, variant="mcmillan-rodrik")
    assert two["between"].tolist() == pytest.approx([25 / 6, -8 / 6])
    assert two["interaction"].tolist() == [0, 0]
    default = productivity_decomposition(*sides)
    assert default["between"].tolist() == pytest.approx([1, 1])
    assert default.sum().tolist() == pytest.approx(plain.sum().tolist())
    assert two["between"].sum() == pytest.approx(default[["between", "interaction"]].sum().sum())


@given(
    quads,
    st.sampled_from(["foster-haltiwanger-krizan", "fabricant", "mcmillan-rodrik", "griliches-regev"]),
)
def test_the_change_closes_exactly_industries_that_come_and_go_included(rows, variant):
    y0, l0, y1, l1 = columns(rows)
    table = productivity_decomposition(y0, l0, y1, l1, variant=variant)
    assert table.notna().all().all()
    assert table["total"].sum() == pytest.approx(sum(y1) / sum(l1) - sum(y0) / sum(l0), rel=1e-9, abs=1e-7)


def test_an_industry_that_comes_is_between_only():
    table = productivity_decomposition(
        {"a": 100, "new": 0}, {"a": 10, "new": 0}, {"a": 100, "new": 300}, {"a": 10, "new": 10}
    )
    assert table.loc["new", ["within", "interaction"]].tolist() == [0, 0]
    assert table.loc["new", "between"] == pytest.approx(0.5 * (30 - 10))


def test_negative_jobs_are_missing_for_that_industry_only_and_negative_output_is_kept():
    table = productivity_gap([50, 9, -5], [5, -2, 1], [400, 40, 60], [40, 4, 2])
    assert table.loc[1].isna().all()
    assert table.attrs["missing"] == {1: "negative figure in area_jobs"}
    alone = productivity_gap([50, -5], [5, 1], [400, 60], [40, 2])
    np.testing.assert_allclose(table.loc[[0, 2]], alone)
    assert alone["total"].sum() == pytest.approx(45 / 6 - 460 / 42)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: productivity_gap([1], [-1], [1], [1]), "area_jobs adds up to nothing"),
        (lambda: productivity_gap([1], [1], [1], [0]), "reference_jobs adds up to nothing"),
        (lambda: productivity_gap({"a": 1}, {"b": 1}, {"a": 1}, {"a": 1}), "Only area_jobs has 'b'"),
        (
            lambda: productivity_decomposition([1], [1], [1], [1], variant="x"),
            "one of 'foster-haltiwanger-krizan', 'fabricant', 'mcmillan-rodrik', 'griliches-regev'",
        ),
        (lambda: productivity_gap(pd.DataFrame({"a": [1]}), [1], [1], [1]), "Pick a row"),
    ],
)
def test_errors_name_the_argument_and_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()
