from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.analysis.discrimination import auc, auc_estimate, codes, interval, precision_at
from iitk.analysis.logit import calibration_slope, fit_logit, observed_to_expected
from iitk.errors import MethodError

cases = st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 3)), min_size=2, max_size=40)


def by_pairs(score, event, within):
    """The definition, pair by pair."""
    won, pairs = 0.0, 0
    for i in range(len(score)):
        for j in range(len(score)):
            if event[i] and not event[j] and within[i] == within[j]:
                pairs += 1
                won += (score[i] > score[j]) + 0.5 * (score[i] == score[j])
    return won / pairs if pairs else np.nan


@given(cases)
def test_auc_is_the_share_of_pairs_in_order(rows):
    score, event, within = map(np.array, zip(*rows, strict=True))
    assert auc(score, event) == pytest.approx(by_pairs(score, event, np.zeros(len(rows))), nan_ok=True)
    assert auc(score, event, within=within) == pytest.approx(by_pairs(score, event, within), nan_ok=True)


def made(n=400, seed=3, groups=40):
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, n)
    shock = rng.normal(0, 1, groups)[group]
    score = rng.normal(0, 1, n) + shock
    event = (rng.random(n) < 1 / (1 + np.exp(1.5 - score - shock))).astype(float)
    return score, event, group


def test_auc_equals_that_of_scikit_learn(oracle):
    metrics = oracle("sklearn.metrics")
    score, event, _ = made()
    assert auc(score, event) == pytest.approx(metrics.roc_auc_score(event, score), abs=1e-12)
    coarse = np.round(score)
    assert auc(coarse, event) == pytest.approx(metrics.roc_auc_score(event, coarse), abs=1e-12)


def test_alone_the_variance_is_delongs():
    """DeLong (1988): S10 / m + S01 / n from the structural components, written here from the pairs."""
    score, event, _ = made(150)
    x, y = score[event == 1], score[event == 0]
    psi = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
    delong = psi.mean(axis=1).var(ddof=1) / len(x) + psi.mean(axis=0).var(ddof=1) / len(y)
    found = auc_estimate(score, event)
    ours = ((found.upper - found.lower) / 2 / 1.976) ** 2  # t with 149 degrees of freedom
    assert ours == pytest.approx(delong, rel=0.02)  # they differ in the small-sample factor


def test_the_interval_by_groups_is_that_of_drawing_whole_groups_again():
    score, event, group = made(1500, groups=60)
    rng = np.random.default_rng(1)
    members = [np.flatnonzero(group == one) for one in range(60)]
    draws = []
    for _ in range(600):
        rows = np.concatenate([members[one] for one in rng.integers(0, 60, 60)])
        draws.append(auc(score[rows], event[rows]))
    found, alone = auc_estimate(score, event, [group]), auc_estimate(score, event)
    assert (found.upper - found.lower) / 4 == pytest.approx(np.std(draws), rel=0.15)
    assert found.upper - found.lower > 1.2 * (alone.upper - alone.lower)


def test_two_groupings_never_give_less_than_either():
    score, event, group = made(900)
    other = np.arange(900) % 25
    both, first, second = (auc_estimate(score, event, g) for g in ([group, other], [group], [other]))
    assert both.upper - both.lower >= max(first.upper - first.lower, 0.98 * (second.upper - second.lower)) * 0.98


def test_influences_add_to_nothing_and_differences_of_equal_scores_are_sure():
    score, event, group = made()
    found = auc_estimate(score, event, [group])
    assert found.influence.sum() == pytest.approx(0, abs=1e-12)
    none = found.minus(auc_estimate(2 * score + 1, event, [group]), [codes(group, 400)], 0.95)
    assert (none.value, none.lower, none.upper) == (0, 0, 0)


def test_precision_counts_the_highest_of_each_group():
    found = precision_at([5, 4, 3, 2, 9], [1, 0, 1, 0, 1], ["a", "a", "a", "a", "b"], top=2)
    assert found.to_dict("index") == {"a": {"precision": 0.5, "rate": 0.5}}  # b has nothing to choose from


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"score": [1, np.nan]}, "score has no figure for case '1'"),
        ({"event": [0, 2]}, "event must be 1 where it happened"),
        ({"event": [0, 1, 1]}, "equal length"),
        ({"within": ["a", None]}, "without gaps"),
    ],
)
def test_bad_cases_are_refused(change, words):
    with pytest.raises(MethodError, match=words):
        auc(**{"score": [1, 2], "event": [0, 1], **change})


def test_a_level_in_percent_is_refused():
    with pytest.raises(MethodError, match=r"For 95% write 0\.95"):
        auc_estimate([1, 2], [0, 1], level=95)
    with pytest.raises(MethodError, match="two groupings"):
        interval(0.5, np.zeros(2), [np.arange(2)] * 3, 0.95)


def test_logistic_regression_equals_that_of_scikit_learn(oracle):
    linear = oracle("sklearn.linear_model")
    rng = np.random.default_rng(2)
    x = rng.normal(0, [1, 5], (500, 2)) + np.array([3, -1])
    y = (rng.random(500) < 1 / (1 + np.exp(2 - x[:, 0] - 0.2 * x[:, 1]))).astype(float)
    free = linear.LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(x, y)
    ours = fit_logit(x, y, ridge=0)
    assert [ours.intercept, *ours.slopes] == pytest.approx([*free.intercept_, *free.coef_[0]], rel=1e-5)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    bound = linear.LogisticRegression(C=1 / 30, tol=1e-10, max_iter=1000).fit(z, y)
    assert fit_logit(x, y, ridge=30).chance(x) == pytest.approx(bound.predict_proba(z)[:, 1], abs=1e-5)


def test_the_average_chance_is_the_rate_it_was_fitted_on():
    score, event, group = made()
    chance = fit_logit(score, event, ridge=5).chance(score)
    assert chance.mean() == pytest.approx(event.mean(), abs=1e-9)
    whole = observed_to_expected(chance, event, [codes(group, 400)])
    assert whole.value == pytest.approx(1, abs=1e-9)
    assert whole.lower < 1 < whole.upper


def test_forecasts_too_far_apart_have_a_slope_below_one():
    score, event, _ = made(3000)
    chance = fit_logit(score, event, ridge=0).chance(score)
    assert calibration_slope(chance, event).value == pytest.approx(1, abs=1e-6)
    odds = np.log(chance / (1 - chance))
    wild = 1 / (1 + np.exp(-2 * odds))
    assert calibration_slope(wild, event).value == pytest.approx(0.5, abs=1e-3)  # chances near 0 and 1 are capped


def test_what_cannot_be_fitted_is_said():
    with pytest.raises(MethodError, match="nothing to learn"):
        fit_logit([1, 2], [0, 0])
    with pytest.raises(MethodError, match="Set ridge above 0"):
        fit_logit([1, 2, 3, 4], [0, 0, 1, 1], ridge=0)
    with pytest.raises(MethodError, match="repeats another"):
        fit_logit([[1, 1], [2, 2], [3, 3]], [0, 1, 0], ridge=0)
    with pytest.raises(MethodError, match="without gaps"):
        fit_logit([1, np.nan], [0, 1])
    with pytest.raises(MethodError, match="nothing was expected"):
        observed_to_expected([0, 0], [0, 1])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: auc(["high"], [1]), "score holds something that is not a number"),
        (lambda: auc([1, 2], ["yes", "no"]), "event holds something that is not a number"),
        (lambda: precision_at([1, 2], [1, 0], [1, 1], top=1.5), "top must be a whole number, 1 or more"),
        (lambda: fit_logit(["a", "b"], [0, 1]), "scores holds something that is not a number"),
        (lambda: fit_logit([1, 2], [0, 1], ridge="1"), "ridge must be a number"),
        (lambda: observed_to_expected(["a"], [1]), "forecast holds something that is not a number"),
        (lambda: calibration_slope(["a"], [1]), "forecast holds something that is not a number"),
    ],
)
def test_text_and_halves_are_refused(call, words):
    with pytest.raises(MethodError, match=words):
        call()
