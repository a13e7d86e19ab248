"""Forecast scores against published figures, scikit-learn, scipy and identities."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.analysis.evaluation import brier_score, calibration, interval_coverage, log_score, pinball_loss
from iitk.errors import MethodError

# Wilks (2011), Statistical Methods in the Atmospheric Sciences, table 8.2 (7.3 of the second edition): 12,402 forecasts
# of the probability of precipitation in the United States; how often each was used, and how often it then rained.
# The columns were read in a reprint; three of its cells are misprinted (0.0245, 0.0203 and 0.799 here) and were not
# seen in the book. The decomposition is worked out from these columns: nothing rests on their being the book's.
STATED = [0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
USED = [0.4112, 0.0671, 0.1833, 0.0986, 0.0616, 0.0366, 0.0303, 0.0275, 0.0245, 0.0220, 0.0170, 0.0203]
RAINED = [0.006, 0.019, 0.059, 0.150, 0.277, 0.377, 0.511, 0.587, 0.723, 0.799, 0.934, 0.933]

events = st.lists(
    st.tuples(st.integers(0, 20).map(lambda step: step / 20), st.integers(0, 1)), min_size=2, max_size=60
)  # fmt: skip


@pytest.fixture
def rain():
    """The table unrolled to single forecasts."""
    forecast, outcome = [], []
    for stated, used, rained in zip(STATED, USED, RAINED, strict=True):
        days = round(12402 * used)
        wet = round(days * rained)
        forecast += [stated] * days
        outcome += [1] * wet + [0] * (days - wet)
    return pd.Series(forecast), pd.Series(outcome)


def test_brier_1950_in_its_half_form():
    # A forecast of 70% scores 0.09 if it rains and 0.49 if it does not; 100% and wrong scores 1.
    assert brier_score([0.7], [1]).score == pytest.approx(0.09)
    assert brier_score([0.7], [0]).score == pytest.approx(0.49)
    assert brier_score([1.0], [0]).score == 1
    assert float(brier_score([0.5, 0.5], [1, 0])) == 0.25


def test_murphy_decomposition_of_the_rain_forecasts_of_wilks(rain):
    found = brier_score(*rain)
    assert found.base_rate == pytest.approx(0.162, abs=5e-4)  # printed under the table
    # By his equation 8.37, from the printed columns.
    used, stated, rained = np.array(USED), np.array(STATED), np.array(RAINED)
    assert found.reliability == pytest.approx((used * (stated - rained) ** 2).sum(), abs=5e-5)
    assert found.resolution == pytest.approx((used * (rained - 0.162) ** 2).sum(), abs=2e-4)
    assert found.uncertainty == pytest.approx(0.162 * 0.838, abs=4e-4)
    assert found.score == pytest.approx(found.reliability - found.resolution + found.uncertainty)
    assert found.skill == pytest.approx((found.resolution - found.reliability) / found.uncertainty)
    assert found.within == 0


def test_calibration_gives_the_table_back(rain):
    edges = [0, *[(low + high) / 2 for low, high in pairwise(STATED)], 1]
    found = calibration(*rain, bins=edges)
    np.testing.assert_allclose(found["mean_forecast"], STATED, atol=1e-12)
    np.testing.assert_allclose(found["observed"], RAINED, atol=2.5e-3)
    np.testing.assert_allclose(found["forecasts"] / 12402, USED, atol=1e-4)
    # He reads the figure as calibrated but for slight overforecasting of the high probabilities.
    assert found["observed_lower"].iloc[-1] < RAINED[-1] < found["observed_upper"].iloc[-1] < 1.0


@given(events)
def test_the_score_is_that_of_scikit_learn_and_the_parts_add_up(pairs):
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn comes with the oracles")
    forecast, outcome = map(list, zip(*pairs, strict=True))
    found = brier_score(forecast, outcome)
    assert found.score == pytest.approx(metrics.brier_score_loss(outcome, forecast, pos_label=1))
    assert found.score == pytest.approx(found.reliability - found.resolution + found.uncertainty, abs=1e-12)
    assert -1e-12 <= found.resolution <= found.uncertainty + 1e-12
    grouped = brier_score(forecast, outcome, bins=4)
    parts = grouped.reliability - grouped.resolution + grouped.uncertainty + grouped.within
    assert grouped.score == pytest.approx(parts, abs=1e-12)


@given(events)
def test_the_within_bin_part_is_that_of_stephenson_and_others(pairs):
    # Their equation 9: within-bin variance of the forecasts less twice the within-bin covariance with the outcomes.
    forecast, outcome = (np.array(part, dtype=float) for part in zip(*pairs, strict=True))
    step = np.minimum((forecast * 5 + 1e-9).astype(int), 4)
    total = 0.0
    for number in set(step):
        f, o = forecast[step == number], outcome[step == number]
        total += ((f - f.mean()) ** 2).sum() - 2 * ((f - f.mean()) * (o - o.mean())).sum()
    assert brier_score(forecast, outcome, bins=5).within == pytest.approx(total / len(forecast), abs=1e-12)


@given(events)
def test_calibration_counts_every_forecast_once_and_agrees_with_scikit_learn(pairs):
    curve = pytest.importorskip("sklearn.calibration", reason="scikit-learn comes with the oracles").calibration_curve
    forecast, outcome = map(list, zip(*pairs, strict=True))
    found = calibration(forecast, outcome, bins=3)
    assert found["forecasts"].sum() == len(pairs)
    if len(set(outcome)) == 2:
        observed, stated = curve(outcome, forecast, n_bins=3)
        used = found[found["forecasts"] > 0]
        np.testing.assert_allclose(used["observed"], observed)
        np.testing.assert_allclose(used["mean_forecast"], stated)
    even = calibration(forecast, outcome, bins=3, by="count")
    assert even["forecasts"].sum() == len(pairs)
    assert even["from"].iloc[0] == 0
    assert even["to"].iloc[-1] == 1


@given(events)
def test_the_log_score_is_that_of_scikit_learn(pairs):
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn comes with the oracles")
    forecast, outcome = map(list, zip(*pairs, strict=True))
    inside = [min(max(value, 0.01), 0.99) for value in forecast]
    assert log_score(inside, outcome) == pytest.approx(metrics.log_loss(outcome, inside, labels=[0, 1]))


def test_the_log_score_never_forgives_the_impossible():
    assert log_score([0.0, 0.9], [1, 1]) == np.inf
    assert log_score([0.0, 1.0], [0, 1]) == 0
    assert log_score([0.5], [1]) == pytest.approx(np.log(2))


def test_skill_against_the_base_rate_and_against_an_earlier_one():
    outcome = [1, 0, 0, 0]
    assert brier_score([0.25] * 4, outcome).skill == pytest.approx(0)
    assert brier_score(outcome, outcome).skill == 1
    assert brier_score([0.25] * 4, outcome, base_rate=0.5).skill == pytest.approx(0.25)  # 1 - 0.1875 / 0.25
    assert np.isnan(brier_score([0.9, 0.8], [1, 1]).skill)  # the base rate of what always happened cannot be beaten


@pytest.mark.parametrize(
    ("inside", "of", "wilson", "exact"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table I.
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_intervals_of_newcombe(inside, of, wilson, exact):
    outcome = [0.5] * inside + [2.0] * (of - inside)
    ends = [0.0] * of, [1.0] * of
    found = interval_coverage(*ends, outcome, level=0.8)
    assert (found.lower, found.upper) == pytest.approx(exact, abs=6e-5)
    found = interval_coverage(*ends, outcome, level=0.8, interval="wilson")
    assert (found.lower, found.upper) == pytest.approx(wilson, abs=6e-5)
    assert found.observed == pytest.approx(inside / of)


def test_seedlings_of_conover():
    # 5 of 25: 95% limits 0.068 and 0.407 in Conover's (1999) tables.
    found = interval_coverage([0] * 25, [1] * 25, [0.5] * 5 + [-1] * 20, level=0.5)
    assert (found.lower, found.upper) == pytest.approx((0.068, 0.407), abs=5e-4)
    assert (found.below, found.above) == (20, 0)


def test_interval_score_by_hand():
    # 80% ranges: a miss costs 2 / 0.2 = 10 times its distance. Widths 10, 4, 6; misses 0, 2 under, 1 over.
    found = interval_coverage([0, 10, 20], [10, 14, 26], [10, 8, 27], level=0.8)
    assert found.score == pytest.approx((10 + (4 + 20) + (6 + 10)) / 3)
    assert found.mean_width == pytest.approx(20 / 3)
    assert (found.observed, found.below, found.above) == (pytest.approx(1 / 3), 1, 1)  # an end counts as inside
    # Exact binomial: P(at most 1 of 3 inside at 0.8) = 0.2^3 + 3 x 0.8 x 0.2^2; no outcome above is as unlikely.
    assert found.p_value == pytest.approx(0.104)


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(0, 9), st.floats(-20, 20)), min_size=1, max_size=20))
def test_the_interval_score_is_the_sum_of_two_pinball_losses(rows):
    # Gneiting and Raftery (2007), section 6.2: interval score = 2/a x (loss at a/2 + loss at 1 - a/2).
    low = [row[0] for row in rows]
    high = [row[0] + row[1] for row in rows]
    truth = [row[2] for row in rows]
    losses = pinball_loss(low, truth, quantile=0.1) + pinball_loss(high, truth, quantile=0.9)
    assert interval_coverage(low, high, truth, level=0.8).score == pytest.approx(losses * 2 / 0.2, abs=1e-9)


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=1, max_size=20), st.floats(0.05, 0.95))
def test_the_pinball_loss_is_that_of_scikit_learn(pairs, quantile):
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn comes with the oracles")
    forecast, outcome = map(list, zip(*pairs, strict=True))
    other = metrics.mean_pinball_loss(outcome, forecast, alpha=quantile)
    assert pinball_loss(forecast, outcome, quantile=quantile) == pytest.approx(other, abs=1e-12)


def test_honest_forecasts_score_best():
    # Proper: with true odds of 0.3, the expected score over both outcomes is least at 0.3.
    outcome = [1] * 3 + [0] * 7
    for score in (lambda p: brier_score([p] * 10, outcome).score, lambda p: log_score([p] * 10, outcome)):
        scores = {p: score(p) for p in (0.1, 0.2, 0.3, 0.4, 0.9)}
        assert min(scores, key=scores.get) == 0.3


def test_gaps_are_left_out_and_counted():
    forecast, outcome = [0.9, np.nan, 0.4, 0.2], [1, 1, np.nan, 0]
    found = brier_score(forecast, outcome)
    assert (found.forecasts, found.left_out) == (2, 2)
    assert found.score == brier_score([0.9, 0.2], [1, 0]).score == pytest.approx(0.025)
    assert calibration(forecast, outcome).attrs["left_out"] == 2
    held = interval_coverage([0, np.nan, 0], [1, 1, 1], [0.5, 0.5, np.nan], level=0.9)
    assert (held.forecasts, held.left_out) == (1, 2)


def test_series_are_matched_by_label_and_lists_by_position():
    outcome = pd.Series({"mill": 1, "port": 0})
    turned = pd.Series({"port": 0.2, "mill": 0.9})
    assert brier_score(turned, outcome).score == brier_score([0.9, 0.2], outcome).score == pytest.approx(0.025)
    with pytest.raises(MethodError, match=r"Only outcome has 'mill'.*Only forecast has 'mine'"):
        brier_score(pd.Series({"port": 0.2, "mine": 0.9}), outcome)
    with pytest.raises(MethodError, match="outcome has 'mill' more than once"):
        brier_score([0.9, 0.2], pd.Series([1, 0], index=["mill", "mill"]))


@pytest.mark.parametrize("score", [brier_score, log_score, calibration])
def test_bad_events(score):
    with pytest.raises(MethodError, match=r"forecast of '0' must be a share.*For 70% write 0\.7"):
        score([70, 0.3], [1, 0])
    with pytest.raises(MethodError, match=r"outcome must be 1 .* got 2 for '1'"):
        score([0.7, 0.3], [1, 2])
    with pytest.raises(MethodError, match="nothing can be scored"):
        score([0.7, np.nan], [np.nan, 1])
    with pytest.raises(MethodError, match="do not have the same labels"):
        score([0.7], [1, 0])


def test_bad_options():
    with pytest.raises(MethodError, match=r"For 80% write 0\.8"):
        interval_coverage([0], [1], [0.5], level=80)
    with pytest.raises(MethodError, match="above 0 and below 1"):
        interval_coverage([0], [1], [0.5], level=1)
    with pytest.raises(MethodError, match="lower is above upper for '1'"):
        interval_coverage([0, 3], [1, 2], [0.5, 0.5], level=0.8)
    with pytest.raises(MethodError, match="interval must be one of 'clopper-pearson', 'wilson'"):
        interval_coverage([0], [1], [0.5], level=0.8, interval="wald")
    with pytest.raises(MethodError, match="nothing can be scored"):
        interval_coverage([0], [1], [np.nan], level=0.8)
    with pytest.raises(MethodError, match="nothing can be scored"):
        pinball_loss([0], [np.nan], quantile=0.5)
    with pytest.raises(MethodError, match=r"For 50% write 0\.5"):
        pinball_loss([0], [1], quantile=50)
    with pytest.raises(MethodError, match=r"base_rate must be a share"):
        brier_score([0.5], [1], base_rate=30)
    for bins in (0, [0.1, 1], [0, 0.5, 0.5, 1]):
        with pytest.raises(MethodError, match="bins must be"):
            calibration([0.5], [1], bins=bins)
    with pytest.raises(MethodError, match="by must be one of 'width', 'count'"):
        calibration([0.5], [1], by="depth")
    with pytest.raises(MethodError, match="confidence must be a share"):
        calibration([0.5], [1], confidence=95)


def test_a_forecast_on_an_edge_belongs_to_the_step_above():
    # 0.3 is a rounding error below 3 x 0.1.
    found = calibration([0.3, 0.7, 1.0, 0.0], [0, 1, 1, 0])
    assert found.index[found["forecasts"] > 0].tolist() == [0, 3, 7, 9]
    assert found.loc[1, ["mean_forecast", "observed", "observed_lower"]].isna().all()


def test_the_brier_score_is_a_number_with_parts():
    found = brier_score([0.1, 0.9, 0.8, 0.3], [0, 1, 1, 0])
    assert found == pytest.approx(0.0375)  # the example of scikit-learn's brier_score_loss
    assert found == found.score == float(found)
    assert found < brier_score([0.5], [1])
    assert copy.deepcopy(found).resolution == found.resolution
    assert f"{found:.4f}" == "0.0375"
    with pytest.raises(FrozenInstanceError):
        found.score = 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: brier_score([0.1], [0], bins="ten"), "bins"),
        (lambda: brier_score([0.1], [0], base_rate="half"), "base_rate must be a number"),
        (lambda: pinball_loss([1], [1], quantile="0.5"), "quantile must be a number"),
    ],
)
def test_text_for_settings_is_refused(call, words):
    with pytest.raises(MethodError, match=words):
        call()
