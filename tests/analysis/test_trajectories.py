from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.analysis.growth import chain_index, compound_growth, peak_trough_now, shares_change
from iitk.errors import MethodError


def path(first, *values):
    return pd.Series(values, index=range(first, first + len(values)), dtype=float)


def test_a_crisis_by_hand():
    found = peak_trough_now(path(2005, 90, 95, 100, 98, 92, 94, 97, 101, 105))
    assert (found.peak_year, found.peak) == (2007, 100)
    assert (found.trough_year, found.trough) == (2009, 92)
    assert found.recovered_year == 2012
    assert found.years_to_recover == 5
    assert (found.now_year, found.now) == (2013, 105)
    assert found.fall == pytest.approx(-0.08)
    assert found.change_peak_now == pytest.approx(0.05)


def test_not_recovered_yet():
    found = peak_trough_now(path(2007, 100, 99, 90, 85, 88, 95))
    assert (found.trough_year, found.recovered_year, found.years_to_recover) == (2010, None, None)
    assert found.change_peak_now == pytest.approx(-0.05)


def test_no_fall_has_no_trough_and_the_peak_is_the_end_of_the_window():
    found = peak_trough_now(path(2005, 90, 95, 100, 105, 110, 115))
    assert (found.peak_year, found.trough, found.trough_year, found.recovered_year) == (2009, None, None, 2010)
    assert found.fall == 0


def test_the_deepest_fall_wins_over_the_highest_year():
    # A dip of 20% after 2006, then a rise to a 2009 that fell by 1% only.
    found = peak_trough_now(path(2005, 90, 100, 80, 101, 110, 109, 120))
    assert (found.peak_year, found.trough_year, found.recovered_year) == (2006, 2007, 2008)


def test_the_pandemic_has_its_own_window():
    found = peak_trough_now(path(2017, 95, 98, 100, 88, 94, 101, 102), window=(2018, 2020))
    assert (found.peak_year, found.trough_year, found.recovered_year) == (2019, 2020, 2022)


def test_equals_take_the_latest_peak_the_first_trough_and_count_as_recovered():
    found = peak_trough_now(path(2006, 100, 100, 90, 90, 100, 99))
    assert (found.peak_year, found.trough_year, found.recovered_year) == (2007, 2008, 2010)


def test_gaps_are_skipped_and_named():
    series = path(2007, 100, np.nan, 90, 95, np.nan, 101)[::-1]
    found = peak_trough_now(series)
    assert found.missing_years == (2008, 2011)
    assert (found.peak_year, found.trough_year, found.recovered_year) == (2007, 2009, 2012)


@given(st.lists(st.floats(1, 1e6), min_size=5, max_size=25), st.floats(0.5, 50))
def test_scale_changes_no_year_and_the_trough_lies_between(values, k):
    found, scaled = peak_trough_now(path(2005, *values)), peak_trough_now(path(2005, *values) * k)
    assert found.peak_year in range(2005, 2010)
    assert scaled.fall == pytest.approx(found.fall)
    if found.trough_year is not None:
        assert found.peak_year < found.trough_year < (found.recovered_year or 9999)
        assert found.trough < found.peak
    if found.recovered_year is None:
        assert all(value < found.peak for value in values[found.peak_year - 2005 + 1 :])


@pytest.mark.parametrize(
    ("series", "words"),
    [
        (path(1998, 1, 2, 3), "no figure from 2005 to 2009"),
        (path(2005, 1, -2, 3), "not above zero in '2006'"),
        (pd.Series([1.0, 2.0], index=[2007, 2007]), "'2007' more than once"),
        (pd.Series([1.0], index=["last year"]), "must be years"),
    ],
)
def test_errors_of_the_path(series, words):
    with pytest.raises(MethodError, match=words):
        peak_trough_now(series)


def test_a_chain_by_hand():
    current = pd.DataFrame({"a": [60.0, 70.0, 90.0], "b": [40.0, 30.0, 10.0]}, index=[2020, 2021, 2022])
    index = pd.DataFrame({"a": [100.0, 110.0, 121.0], "b": [200.0, 180.0, 90.0]}, index=[2020, 2021, 2022])
    # 2021: 0.6 x 1.1 + 0.4 x 0.9 = 1.02. 2022: 0.7 x 1.1 + 0.3 x 0.5 = 0.92. Chained: 102, 93.84.
    assert chain_index(current, index, 2020).tolist() == pytest.approx([100, 102, 93.84])
    assert chain_index(current, index, 2022).tolist() == pytest.approx([10000 / 93.84, 10200 / 93.84, 100])


indices = st.lists(st.tuples(st.floats(1, 1e4), st.floats(20, 300)), min_size=2, max_size=10)


@given(indices)
def test_one_part_gives_its_own_index_back(rows):
    years = range(2000, 2000 + len(rows))
    current = pd.DataFrame({"a": [row[0] for row in rows]}, index=years)
    index = pd.DataFrame({"a": [row[1] for row in rows]}, index=years)
    found = chain_index(current, index, 2000)
    np.testing.assert_allclose(found, index["a"] / index.loc[2000, "a"] * 100, rtol=1e-9)


@given(indices, st.lists(st.floats(0.1, 9), min_size=3, max_size=3))
def test_parts_that_move_alike_give_that_movement_whatever_their_weights(rows, scales):
    years = range(2000, 2000 + len(rows))
    current = pd.DataFrame(
        {k: [(row[0] + k * 7) * scale for row in rows] for k, scale in enumerate(scales)}, index=years
    )
    index = pd.DataFrame({k: [row[1] * scale for row in rows] for k, scale in enumerate(scales)}, index=years)
    found = chain_index(current, index, 2000)
    alone = np.array([row[1] for row in rows]) / rows[0][1] * 100
    np.testing.assert_allclose(found, alone, rtol=1e-9)


def test_a_gap_breaks_the_chain_there_unless_skipped():
    years = [2019, 2020, 2021, 2022]
    current = pd.DataFrame({"a": [50.0, 50, 50, 50], "b": [50.0, np.nan, 50, 50]}, index=years)
    index = pd.DataFrame({"a": [100.0, 110, 121, 121], "b": [100.0, 100, 100, 200]}, index=years)
    found = chain_index(current, index, 2022)
    # The link 2020-21 lacks b's weight; 2021-22 is 0.5 x 1 + 0.5 x 2 = 1.5.
    assert found.isna().tolist() == [True, True, False, False]
    assert found[2021] == pytest.approx(100 / 1.5)
    skipped = chain_index(current, index, 2019, skip_missing=True)
    assert skipped.tolist() == pytest.approx([100, 105, 105 * 1.1, 105 * 1.1 * 1.5])


def test_a_part_that_starts_later_breaks_nothing():
    current = pd.DataFrame({"a": [10.0, 10, 10], "new": [0.0, 5, 10]}, index=[2020, 2021, 2022])
    index = pd.DataFrame({"a": [100.0, 110, 110], "new": [np.nan, 100, 130]}, index=[2020, 2021, 2022])
    assert chain_index(current, index, 2020).tolist() == pytest.approx([100, 110, 110 * (2 / 3 + 1.3 / 3)])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"base_year": 1999}, "base_year 1999 is not among the years 2020 to 2022"),
        ({"index": pd.DataFrame({"a": [1.0, 1]}, index=[2020, 2021])}, "Only current .years. has '2022'"),
        ({"index": pd.DataFrame({"b": [1.0, 1, 1]}, index=[2020, 2021, 2022])}, "Only index .parts. has 'b'"),
    ],
)
def test_errors_of_the_chain(change, words):
    figures = pd.DataFrame({"a": [1.0, 2, 3]}, index=[2020, 2021, 2022])
    with pytest.raises(MethodError, match=words):
        chain_index(**{"current": figures, "index": figures, "base_year": 2020, **change})
    gappy = figures.loc[[2020, 2022]]
    with pytest.raises(MethodError, match="No rows for '2021'"):
        chain_index(gappy, gappy, 2020)


def test_shares_by_hand():
    table = shares_change({"a": 20, "b": 80}, {"b": 150, "a": 50})
    assert table.loc["a"].tolist() == pytest.approx([0.2, 0.25, 0.05])
    assert table["change"].sum() == pytest.approx(0)
    published = shares_change({"a": 20, "b": np.nan}, {"a": 50, "b": 1}, start_total=100, end_total=500)
    assert published.loc["a"].tolist() == pytest.approx([0.2, 0.1, -0.1])
    assert np.isnan(published.loc["b", "change"])
    assert shares_change({"a": 20, "b": np.nan}, {"a": 50, "b": 1})["start_share"].isna().all()
    with pytest.raises(MethodError, match="total of start must be above zero"):
        shares_change({"a": 0}, {"a": 1})


@given(st.floats(1, 1e6), st.floats(-0.5, 0.5), st.integers(1, 40))
def test_compound_growth_undoes_compounding(start, rate, years):
    assert compound_growth(start, start * (1 + rate) ** years, years) == pytest.approx(rate, abs=1e-9)


def test_compound_growth_has_no_meaning_from_nothing():
    start, end = pd.Series({"a": 0.0, "b": -5.0, "c": 100.0, "d": 100.0}), pd.Series({"a": 5, "b": 5, "c": 0, "d": 400})
    found = compound_growth(start, end, 2)
    assert found.isna().tolist() == [True, True, False, False]
    assert found[["c", "d"]].tolist() == pytest.approx([-1, 1])
    with pytest.raises(MethodError, match="years must be above zero"):
        compound_growth(1.0, 2.0, 0)
    with pytest.raises(MethodError, match="both be Series"):
        compound_growth(start, 2.0, 1)


def test_a_negative_index_breaks_the_chain_as_a_gap_does():
    current = pd.DataFrame({"a": [60.0, 66, 70], "b": [40.0, 50, 50]}, index=[2021, 2022, 2023])
    index = pd.DataFrame({"a": [100.0, 110, 121], "b": [50.0, -60, 60]}, index=[2021, 2022, 2023])
    for skip in (False, True):
        pd.testing.assert_series_equal(
            chain_index(current, index, 2021, skip_missing=skip),
            chain_index(current, index.replace(-60.0, np.nan), 2021, skip_missing=skip),
        )


def test_a_loss_has_no_share_and_the_others_keep_theirs():
    found = shares_change({"a": 60, "loss": -10, "b": 50}, {"a": 50, "loss": 10, "b": 40})
    assert found.loc["a"].tolist() == pytest.approx([0.6, 0.5, -0.1])
    assert np.isnan(found.loc["loss", "start_share"])
    assert found.loc["loss", "end_share"] == pytest.approx(0.1)
    assert np.isnan(found.loc["loss", "change"])


def test_growth_of_lists_is_that_of_their_figures():
    assert compound_growth([100, 4], [121, 9], 2).tolist() == pytest.approx([0.1, 0.5])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: compound_growth(1, np.inf, 3), "infinity"),
        (lambda: compound_growth([1, 2], 3, 3), "both be Series"),
        (lambda: compound_growth(1, 2, "3"), "years must be a number"),
        (lambda: compound_growth("1", 2, 3), "not a number"),
    ],
)
def test_growth_of_what_is_no_figure_is_refused(call, words):
    with pytest.raises(MethodError, match=words):
        call()
