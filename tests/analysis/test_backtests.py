"""The record of potential: on made worlds whose truth is known, by hand, and on the real figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iitk.analysis.backtests import BASELINES, SCORES, backtest
from iitk.analysis.discrimination import auc
from iitk.analysis.relatedness import Marks, nearness, panel, proximity, relatedness_density, usual_move
from iitk.analysis.specialisation import location_quotient
from iitk.errors import MethodError


def tables(logs):
    """Activity from log quotients: every area and industry about the same size, so the quotients are about exp(log)."""
    areas, industries = logs.shape[1:]
    labels = [f"A{n:03}" for n in range(areas)], [f"i{n:02}" for n in range(industries)]
    return {2000 + t: pd.DataFrame(np.exp(one), *labels) for t, one in enumerate(logs)}


def random_walks(seed=0, years=14, step=0.08, restless=1.0, areas=80, industries=16):
    """Quotients that wander; the last half of the industries `restless` times as far a year."""
    rng = np.random.default_rng(seed)
    sizes = step * np.where(np.arange(industries) < industries / 2, 1.0, restless)
    start = rng.normal(0, 0.6, (1, areas, industries))
    steps = rng.normal(0, 1, (years - 1, areas, industries)) * sizes
    return tables(np.concatenate([start, start + np.cumsum(steps, axis=0)]))


@pytest.fixture(scope="module")
def restless():
    return backtest(random_walks(restless=3.0, areas=150, industries=40), horizon=4)


def test_where_industries_are_unequally_restless_their_own_moves_tell_more(restless):
    """In a world of random walks nearness is the right answer, up to the walk's length."""
    assert restless.best in ("nearness", "together")
    assert restless.beats_baseline("nearness")
    assert restless.scores.loc["nearness", "verdict"] == "better than the best naive score"


def test_what_has_no_power_is_said_to_have_none(restless):
    """Steps do not depend on the past, so neither trend nor relatedness can foretell them beyond the level."""
    found = backtest(random_walks(seed=4), horizon=4).scores
    assert found.loc["trend", "verdict"] in ("no predictive power", "points the wrong way")
    assert found.loc["density", "margin_upper"] < 0
    assert restless.scores.loc["density x complexity", "margin_upper"] < 0


def related_world(seed=1):
    """Areas drift towards what is near to what they have: four families of industries."""
    rng = np.random.default_rng(seed)
    family = np.arange(16) // 4
    logs = [rng.normal(0, 0.7, (80, 16)) + rng.normal(0, 0.5, (80, 4))[:, family]]
    for _ in range(13):
        last = logs[-1]
        near = np.stack([(last[:, family == one] > 0).mean(axis=1) for one in range(4)], axis=1)[:, family]
        logs.append(0.93 * last + 0.3 * (near - 0.5) + rng.normal(0, 0.1, last.shape))
    return tables(np.stack(logs))


def test_a_world_driven_by_relatedness_is_seen_to_be_one():
    related, unrelated = backtest(related_world(), horizon=4).scores, backtest(random_walks(), horizon=4).scores
    assert related.loc["density", "auc_lower"] > 0.7
    assert unrelated.loc["density", "verdict"] == "no predictive power"


def test_cases_and_events_are_those_counted_by_hand():
    data = random_walks(seed=2, years=9, step=0.2)
    found = backtest(data, horizon=3, lookback=2, marks=Marks(0.8, 1.2))
    quotients = {year: location_quotient(table) for year, table in data.items()}
    for start, row in found.windows.iterrows():
        low = quotients[start] < 0.8
        came = low & (quotients[start + 3] > 1.2)
        assert (row["end"], row["cases"], row["events"]) == (start + 3, low.sum().sum(), came.sum().sum())
    # 2002 is the first start with two years behind it; 2005 the first when a window (2002 to 2005) had ended.
    assert found.windows.index.tolist() == [2005]
    assert found.left_out == 0


def test_exit_is_counted_the_other_way_round():
    data = random_walks(seed=2, years=9)
    found = backtest(data, horizon=3, lookback=2, event="exit")
    quotients = {year: location_quotient(table) for year, table in data.items()}
    high = quotients[2005] > 1.1
    assert found.windows.loc[2005, "cases"] == high.sum().sum()
    assert found.windows.loc[2005, "events"] == (high & (quotients[2008] < 0.9)).sum().sum()
    assert found.scores.loc["quotient", "auc"] > 0.5  # a smaller quotient is likelier to leave


def test_the_table_of_scores_is_that_of_the_definitions():
    data = random_walks(seed=3, years=9)
    found = backtest(data, horizon=3, lookback=2)
    now, later = (location_quotient(data[year]).to_numpy() for year in (2005, 2008))
    low = now < 0.9
    came = (later > 1.1)[low]
    here = pd.DataFrame((now >= 1).astype(float))
    density = relatedness_density(here, proximity(here, diagonal=0)).to_numpy()
    assert found.scores.loc["quotient", "auc"] == pytest.approx(auc(now[low], came))
    assert found.scores.loc["density", "auc"] == pytest.approx(auc(density[low], came))
    areas = np.nonzero(low)[0]
    assert found.scores.loc["quotient", "within_area"] == pytest.approx(auc(now[low], came, within=areas))
    top = [came[areas == a][np.argsort(-now[a][low[a]], kind="stable")[:3]].mean() for a in range(80)
           if low[a].sum() > 3]  # fmt: skip
    three = backtest(data, horizon=3, lookback=2, top=3).scores
    assert three.loc["quotient", "precision"] == pytest.approx(np.mean(top))


def test_forecasts_do_not_look_ahead():
    """What happens after a start year must not change what was expected at it."""
    data = random_walks(seed=5, years=12)
    before = backtest(data, horizon=3, lookback=2).windows
    later = {year: table if year <= 2006 else table.iloc[::-1].set_axis(table.index) for year, table in data.items()}
    after = backtest(later, horizon=3, lookback=2).windows
    assert after.loc[2006, "expected"] == pytest.approx(before.loc[2006, "expected"])
    assert after.loc[2006, "events"] != before.loc[2006, "events"]
    assert after.loc[2008, "expected"] != pytest.approx(before.loc[2008, "expected"])


@pytest.mark.parametrize("held_out", ["areas", "industries"])
def test_held_out_areas_and_industries_test_every_window(held_out):
    found = backtest(random_walks(seed=6, years=9), horizon=3, lookback=2, held_out=held_out)
    assert found.windows.index.tolist() == [2002, 2003, 2004, 2005]
    assert found.scores.loc["nearness", "ratio"] == pytest.approx(1, abs=0.1)


def test_scale_and_order_change_nothing():
    data = random_walks(seed=7, years=9)
    once = backtest(data, horizon=3, lookback=2).scores
    rng = np.random.default_rng(0)
    areas, industries = rng.permutation(data[2000].index), rng.permutation(data[2000].columns)
    again = backtest({y: 1000 * t.loc[areas, industries] for y, t in data.items()}, horizon=3, lookback=2).scores
    pd.testing.assert_series_equal(once["auc"], again["auc"])


def test_a_gap_leaves_out_its_area_and_is_counted():
    data = {year: table.copy() for year, table in random_walks(seed=8, years=9).items()}
    whole = backtest(data, horizon=3, lookback=2)
    totals = {year: table.sum(axis=1) for year, table in data.items()}
    data[2005].loc["A000", "i00"] = np.nan
    found = backtest(data, totals=totals, horizon=3, lookback=2)
    assert found.left_out > 0
    assert found.windows.loc[2005, "cases"] < whole.windows.loc[2005, "cases"]
    assert "A000" not in found.areas.index


def test_usual_moves_are_root_mean_squares_steadied_by_the_industry():
    table = {year: pd.DataFrame({"a": [2.0, 1.0, 1.0], "b": [1.0, 2.0, 1.0]}) for year in (2000, 2001)}
    table[2001] = pd.DataFrame({"a": [3.0, 1.0, 1.0], "b": [1.0, 2.0, 1.0]})
    moves = panel(table)
    steps = np.abs(np.diff(np.log(moves.quotients), axis=0)[0])
    by_hand = np.sqrt(steps * np.median(steps, axis=0))
    np.testing.assert_allclose(usual_move(moves, 2001), by_hand)
    expected = (np.log(moves.quotients[1]) - np.log(1.1)) / by_hand
    np.testing.assert_allclose(nearness(moves, 2001), expected)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"event": "arrival"}, "event must be one of 'entry', 'exit'"),
        ({"held_out": "decades"}, "held_out must be one of"),
        ({"horizon": 0}, "horizon must be a whole number, 1 or more"),
        ({"horizon": 2.5}, "horizon must be a whole number"),
        ({"horizon": "3"}, "horizon must be a number"),
        ({"marks": (0.9, 1.1)}, r"such as Marks\(0.9, 1.1\)"),
        ({"held_out": "areas", "folds": 0}, "folds must be a whole number, 2 or more"),
        ({"horizon": 8}, "too short to look 3 years back and 8 ahead"),
        ({"horizon": 5}, "held_out='areas'"),
    ],
)
def test_what_cannot_be_tested_is_said(change, words):
    with pytest.raises(MethodError, match=words):
        backtest(random_walks(years=9), **{"horizon": 3, **change})


def test_bad_panels_are_refused():
    data = random_walks(years=9)
    with pytest.raises(MethodError, match=r"no table for '2003'"):
        backtest({year: table for year, table in data.items() if year != 2003})
    with pytest.raises(MethodError, match=r"of 2004 .* have different areas. Only the first year has 'A007'"):
        backtest({**data, 2004: data[2004].drop(index="A007")})
    with pytest.raises(MethodError, match="the lower one first"):
        Marks(1.1, 0.9)
    with pytest.raises(MethodError, match="first year"):
        usual_move(panel(data), 2000)
    still = dict.fromkeys(data, data[2000])
    with pytest.raises(MethodError, match="nothing to foretell"):
        backtest(still, horizon=3)


@pytest.fixture(scope="module")
def value_added():
    from iitk.sources import tables as official

    cube = official.gva()
    years = [int(year) for year in cube.years]
    return {year: cube.wide(year) for year in years}, {year: cube.total(year) for year in years}


def test_on_the_real_panel_the_first_look_holds(value_added):
    """
    The first look at these figures, made elsewhere: AUC 0.58 to 0.62 for density, 0.74 to 0.81 for the quotient.

    It took entry as a quotient under 0.9 that is over 1.1 ten years later, in three start years.
    """
    activity, totals = value_added
    whole = backtest(activity, totals=totals, held_out="areas")
    assert 0.57 < whole.scores.loc["density", "auc"] < 0.62
    assert 0.74 < whole.scores.loc["quotient", "auc"] < 0.81
    assert whole.windows.index.tolist() == list(range(2001, 2014))


def test_on_the_real_panel_nearness_beats_the_best_naive_score_but_its_chances_run_low(value_added):
    activity, totals = value_added
    found = backtest(activity, totals=totals, horizon=5)
    assert found.baseline == "quotient"
    assert set(found.scores.index) == set(SCORES)
    assert found.beats_baseline("nearness")
    assert not found.calibrated("nearness")
    assert (found.scores.loc[list(BASELINES), "verdict"] != "better than the best naive score").all()
    assert found.scores.loc["trend", "verdict"] == "no predictive power"
    assert found.scores.loc["density", "margin_upper"] < 0


def test_on_jobs_in_other_areas_and_industries_it_is_sure_of_exits_only():
    """BRES jobs of 40 NUTS2 areas by division, on which nothing was chosen."""
    from iitk.sources import tables as official

    jobs = official.jobs_nuts2()
    wide = {int(y): d.pivot(index="area_code", columns="industry_code", values="jobs").astype(float)
            for y, d in jobs.groupby("year")}  # fmt: skip
    short = {"horizon": 5, "lookback": 1, "held_out": "areas"}
    exits, entries = (backtest(wide, event=event, **short) for event in ("exit", "entry"))
    assert exits.beats_baseline("nearness")
    assert not entries.beats_baseline("nearness")
    assert exits.windows.index.tolist() == [2016]


@pytest.mark.parametrize(
    ("activity", "words"),
    [
        ([pd.DataFrame([[1.0]])], "a table of areas x industries for each year"),
        (pd.DataFrame([[1.0]]), "a table of areas x industries for each year"),
        ({"2020": pd.DataFrame([[1.0]])}, "activity has '2020' as years"),
        ({}, "activity is empty"),
    ],
)
def test_tables_that_are_not_by_whole_years_are_refused(activity, words):
    with pytest.raises(MethodError, match=words):
        backtest(activity)


def test_a_year_without_reference_is_named():
    data = random_walks(years=9)
    references = {year: table.sum() for year, table in data.items() if year != 2003}
    with pytest.raises(MethodError, match="references has no figures for '2003'"):
        backtest(data, references=references)


def test_a_quotient_at_a_mark_is_neither_below_nor_above_it():
    # Every quotient is 1 in exact arithmetic; a seventh of each column keeps none of them whole in the computer.
    jobs = pd.DataFrame(np.outer([3, 7, 11, 13], [90, 45, 165, 56]) / 7)
    moves = panel({2020: jobs})
    at = Marks(1, 1)
    assert not moves.under(at, 2020).any()
    assert not moves.over(at, 2020).any()
