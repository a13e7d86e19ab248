from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.analysis.inputoutput import (
    Households,
    effect_multipliers,
    leontief_inverse,
    output_multipliers,
    regional_coefficients,
    technical_coefficients,
)
from iitk.errors import MethodError

A = pd.DataFrame([[0.15, 0.25], [0.2, 0.05]], index=["a", "b"], columns=["a", "b"])


def test_miller_and_blair_two_sectors(case):
    """c14: Miller and Blair (2009), tables 2.3 and 2.4."""
    found = case("c14")
    given_, wanted = found["inputs"], found["expected"]
    flows = pd.DataFrame(given_["Z"])
    output = flows.sum(axis=1) + given_["final_demand"]
    assert output.tolist() == wanted["x"]
    a = technical_coefficients(flows, output)
    np.testing.assert_allclose(a, wanted["A"], rtol=1e-12)
    inverse = leontief_inverse(a)
    np.testing.assert_allclose(inverse, wanted["L"], atol=1e-6)
    new = inverse @ given_["new_final_demand"]
    assert new.tolist() == pytest.approx(wanted["x_new"], abs=0.05)
    assert (new * given_["labour_coefficients"]).tolist() == pytest.approx(wanted["labour_new"], abs=0.05)
    assert output_multipliers(a).tolist() == pytest.approx(wanted["output_multipliers"], abs=1e-6)


def test_miller_and_blair_closed_to_households():
    # Miller and Blair (2009), 2.5 and 6.2: households earn 0.3 and 0.25, spend 0.05 and 0.4, and 0.05 on one another.
    # Inverse: 1.365 0.425 / 0.527 1.348; truncated output multipliers 1.892 and 1.773.
    households = Households(income=[0.3, 0.25], spending=[0.05, 0.4], own=0.05)
    assert output_multipliers(A, households=households).tolist() == pytest.approx([1.892, 1.773], abs=1.1e-3)
    with_more = output_multipliers(A, households=Households([0.3, 0.25], [0.05, 0.4]))
    assert (with_more < output_multipliers(A, households=households)).all()  # what they pay one another comes round
    # Type I: 0.3 x 1.254 + 0.25 x 0.264 = 0.442, or 1.47 for each direct one.
    assert effect_multipliers(A, [0.3, 0.25], form="effect").tolist() == pytest.approx([0.442, 0.380], abs=5e-4)
    assert effect_multipliers(A, [0.3, 0.25]).tolist() == pytest.approx([1.47, 1.52], abs=5e-3)
    # With income counted as output too, the total output multipliers 2.462 and 2.262 (1985 edition, as in the notes of
    # MIT 11.481, spring 2009, which give this inverse in full); the total income effects are its last row.
    total = output_multipliers(A, households=households, truncated=False)
    assert total.tolist() == pytest.approx([2.462, 2.262], abs=5e-4)
    income = effect_multipliers(A, [0.3, 0.25], households=households, form="effect", of_households=0.05)
    assert income.tolist() == pytest.approx([0.570, 0.489], abs=5e-4)
    # Type II income is income's row of the closed inverse: 0.570 and 0.489 (times 1 - 0.05, without own payments).
    two = effect_multipliers(A, [0.3, 0.25], households=households, form="effect")
    assert two.tolist() == pytest.approx([0.570 * 0.95, 0.489 * 0.95], abs=1e-3)


@given(st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=4, max_size=4))
def test_the_inverse_is_the_sum_of_all_rounds(rows):
    a = pd.DataFrame(np.array(rows) / 5)
    total, power = np.eye(4), np.eye(4)
    for _ in range(300):
        power = power @ a.to_numpy()
        total = total + power
    np.testing.assert_allclose(leontief_inverse(a), total, rtol=1e-9, atol=1e-9)
    assert (output_multipliers(a) >= 1).all()


def test_simple_quotients_by_hand():
    # Half of national a's share, one and a half of b's: rows of a halve, b is capped.
    jobs, nation = {"a": 5, "b": 15}, {"a": 100, "b": 100}
    found = regional_coefficients(A, jobs, nation)
    np.testing.assert_allclose(found, [[0.075, 0.125], [0.2, 0.05]])
    uncapped = regional_coefficients(A, jobs, nation, cap=False)
    np.testing.assert_allclose(uncapped, [[0.075, 0.125], [0.3, 0.075]])


def test_flegg_quotients_by_hand():
    jobs, nation = {"a": 5, "b": 15}, {"a": 100, "b": 100}
    # SLQ 0.5 and 1.5. Cross quotients: a to b 1/3, b to a 3. Size 20/200: log2(1.1)^0.3 = 0.55...
    size = np.log2(1.1) ** 0.3
    cilq = regional_coefficients(A, jobs, nation, method="cilq")
    np.testing.assert_allclose(cilq, [[0.15 * 0.5, 0.25 / 3], [0.2, 0.05]])
    ones = regional_coefficients(A, jobs, nation, method="cilq", diagonal="cilq")
    np.testing.assert_allclose(ones, [[0.15, 0.25 / 3], [0.2, 0.05]])
    flq = regional_coefficients(A, jobs, nation, method="flq")
    wanted = [[0.15 * 0.5 * size, 0.25 / 3 * size], [0.2 * min(1, 3 * size), 0.05 * min(1, 1.5 * size)]]
    np.testing.assert_allclose(flq, wanted)
    aflq = regional_coefficients(A, jobs, nation, method="aflq")
    more = np.log2(2.5)
    wanted = [
        [0.15 * 0.5 * size, 0.25 * min(1, size / 3 * more)],
        [0.2 * min(1, 3 * size), 0.05 * min(1, 1.5 * size * more)],
    ]
    np.testing.assert_allclose(aflq, wanted)
    plain = regional_coefficients(A, jobs, nation, method="flq", delta=0)
    np.testing.assert_allclose(plain, cilq)


@given(st.integers(1, 60), st.integers(1, 60), st.floats(0, 1))
def test_flegg_webber_and_their_cousins_are_bound_together(one, other, delta):
    """Flegg and Webber (1997): FLQ = CILQ at delta 0 and for the whole nation, and falls as delta rises."""
    jobs, nation = [one, other], [100, 100]
    cilq = regional_coefficients(A, jobs, nation, method="cilq")
    flq = regional_coefficients(A, jobs, nation, method="flq", delta=delta)
    assert (flq <= cilq + 1e-12).all(axis=None)
    assert (regional_coefficients(A, jobs, nation, method="aflq", delta=delta) >= flq - 1e-12).all(axis=None)
    stricter = regional_coefficients(A, jobs, nation, method="flq", delta=min(1, delta + 0.1))
    assert (stricter <= flq + 1e-12).all(axis=None)


@given(
    st.lists(st.integers(0, 100), min_size=2, max_size=2).filter(any), st.sampled_from(["slq", "cilq", "flq", "aflq"])
)
def test_local_coefficients_are_never_above_national_ones_and_absent_industries_do_not_trade(jobs, method):
    found = regional_coefficients(A, jobs, [100, 100], method=method)
    assert ((found >= 0) & (found <= A + 1e-12)).all(axis=None)
    for name, count in zip("ab", jobs, strict=True):
        if count == 0:
            assert (found[name] == 0).all()
            assert (found.loc[name] == 0).all()


def test_the_nation_is_its_own_region():
    whole = {"a": 60, "b": 40}
    for method in ("slq", "cilq", "flq", "aflq"):
        np.testing.assert_allclose(regional_coefficients(A, whole, whole, method=method), A)


def test_rows_are_matched_to_columns_by_label():
    pd.testing.assert_frame_equal(leontief_inverse(A.loc[["b", "a"]]), leontief_inverse(A))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: technical_coefficients(A, [1, 0]), "output is 0 but flows has inputs for 'b'"),
        (lambda: technical_coefficients(A, {"a": 1, "c": 1}), "Only output has 'c'"),
        (lambda: leontief_inverse(A * 9), "largest eigenvalue"),
        (lambda: leontief_inverse(pd.concat([A, A])), "more than once"),
        (lambda: technical_coefficients(A, [1, np.nan]), "output has no figure for 'b'"),
        (lambda: regional_coefficients(A, {"a": 1, "c": 2}, [9, 9]), "Only national has 'b'. Only local_jobs has 'c'"),
        (lambda: regional_coefficients(A, [-1, 2], [10, 10]), "local_jobs must not be negative"),
        (lambda: effect_multipliers(A, [1, np.nan]), "per_output has no figure for 'b'"),
        (lambda: leontief_inverse(A[["a"]]), "Only coefficients .rows. has 'b'"),
        (lambda: leontief_inverse(A.replace(0.05, np.nan)), "gaps in the columns 'b'"),
        (lambda: regional_coefficients(A, [1, 2], [10, 10], method="rlq"), "one of 'slq', 'cilq', 'flq', 'aflq'"),
        (lambda: regional_coefficients(A, [1, 2], [10, 1]), "above national_jobs for 'b'.*other way round"),
        (lambda: regional_coefficients(A, [1, 2], [10, 10], delta=30), "delta must be a share from 0 to 1"),
        (lambda: regional_coefficients(A, [1, np.nan], [10, 10]), "local_jobs has no figure for 'b'"),
        (lambda: effect_multipliers(A, [1, 1], form="x"), "one of 'ratio', 'effect'"),
        (lambda: output_multipliers(A, households=Households([1], [1, 1])), "households.income"),
    ],
)
def test_errors_name_the_argument_and_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()


def test_the_diagonal_of_flegg_quotients_with_and_without_the_size_factor():
    # Shares of jobs 1/4 and 3/4 against 1/2 each: SLQ 0.5 and 1.5; s = 0.1, lambda = log2(1.1)^0.3.
    jobs, nation = {"a": 5, "b": 15}, {"a": 100, "b": 100}
    size = np.log2(1.1) ** 0.3
    local = {
        name: regional_coefficients(A, jobs, nation, method="flq", diagonal=name)
        for name in ("slq", "cilq", "slq-unscaled")
    }
    assert local["slq"].loc["a", "a"] == pytest.approx(0.15 * 0.5 * size)
    assert local["cilq"].loc["a", "a"] == pytest.approx(0.15 * size)
    assert local["slq-unscaled"].loc["a", "a"] == pytest.approx(0.15 * 0.5)
    for name in ("cilq", "slq-unscaled"):
        assert local[name].loc["a", "b"] == local["slq"].loc["a", "b"] == pytest.approx(0.25 / 3 * size)


def test_households_by_name_and_tables_as_rows_of_figures():
    by_name = {"income": [0.3, 0.25], "spending": [0.05, 0.4], "own": 0.05}
    wanted = output_multipliers(A, households=Households(**by_name))
    assert output_multipliers(A, households=by_name).equals(wanted)
    assert leontief_inverse(A.to_numpy()).to_numpy().tolist() == leontief_inverse(A).to_numpy().tolist()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: technical_coefficients(A * 100, {"a": 1000, "b": -5}), "output must not be negative; it is for 'b'"),
        (lambda: technical_coefficients(-A, [10, 10]), "flows has negative figures in the columns 'a', 'b'"),
        (lambda: leontief_inverse(-A), "coefficients has negative figures"),
        (lambda: leontief_inverse(A * 100), "divide them by 100"),
        (lambda: leontief_inverse(pd.DataFrame()), "coefficients is empty"),
        (lambda: regional_coefficients(A * 100, [1, 2], [20, 30]), "divide them by 100"),
        (lambda: regional_coefficients(A, [1, 2], [20, 30], method="flq", delta=30), "For 30% write 0.3"),
        (lambda: regional_coefficients(A, [1, 2], [20, 30], delta="0.3"), "delta must be a number"),
        (lambda: regional_coefficients(A, [1, 2], [20, 30], delta=None), "delta must be a number"),
        (lambda: output_multipliers(A, households=([1, 1], [1, 1])), "households must be Households"),
        (lambda: output_multipliers(A, households={"income": [0.1, 0.1]}), "households must be Households"),
        (lambda: output_multipliers(A, households=Households([0.1, 0.1], [0.1, 0.1], "x")), "households.own must be"),
        (
            lambda: output_multipliers(A, households=Households([0.1, 0.1], [0.1, 0.1], float("nan"))),
            "households.own must be a number",
        ),
        (lambda: output_multipliers(A, households=Households([0.1, -0.1], [0.1, 0.1])), "income must not be negative"),
        (lambda: effect_multipliers(A, [0.3, 0.2], of_households="a"), "of_households must be a number"),
    ],
)
def test_negatives_percentages_and_other_slips_are_refused_with_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()
