"""Portfolios against other people's answers, and against every possible portfolio, by every way to the answer."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iitk.analysis import knapsack, listing
from iitk.analysis.portfolio import Rules, choose, core_sets, equal_shares, frontier, greedy, not_now
from iitk.errors import MethodError

ELECTIONS = json.loads((Path(__file__).parent / "data/equal_shares_elections.json").read_text(encoding="utf-8"))
PROJECTS = ["bike path", "outdoor gym", "new park", "new playground", "library for kids"]
COSTS = [700.0, 400, 250, 200, 100]
YEARS = ["2026", "2027"]


def ballots(*supporters):
    """Approvals of eleven voters, from the voters (1 to 11) of each project."""
    table = pd.DataFrame(0, index=range(1, 12), columns=PROJECTS)
    for name, voters in zip(PROJECTS, supporters, strict=True):
        table.loc[voters, name] = 1
    return table


FIRST = ballots([1, 2, 3, 4, 5, 6, 11], [1, 2, 3, 4, 5, 6], [2, 4, 5, 7, 10], [7, 8, 9, 10], [7, 9, 10])
SECOND = ballots([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, 11], [2, 4, 5, 7, 10], [7, 8, 9, 10], [7, 9, 10])


@pytest.mark.parametrize(
    ("votes", "winners"),
    [
        (FIRST, ("bike path", "new playground", "library for kids")),
        (SECOND, ("outdoor gym", "new park", "new playground")),
    ],
)
def test_the_two_examples_of_equalshares_net(votes, winners):
    """equalshares.net, "Explanation of the Method of Equal Shares", examples 1 and 2. Its votes count by the voter
    (effective vote count), which is utility "cost": a rate is the greatest payment over the cost."""
    options = pd.DataFrame({"value": votes.sum(), "cost": COSTS}, index=PROJECTS)
    assert equal_shares(options, 1100, votes, utility="cost").chosen == winners


def test_the_usual_method_of_cities_on_the_same_votes():
    """equalshares.net, example 1: by number of votes, the bike path and the outdoor gym."""
    options = pd.DataFrame({"value": FIRST.sum(), "cost": COSTS}, index=PROJECTS)
    assert greedy(options, 1100, by="value").chosen == ("bike path", "outdoor gym")


@pytest.mark.parametrize("number", range(len(ELECTIONS["elections"])))
def test_another_implementation_selects_the_same(number):
    """pabutools 1.2.3: both utilities, plain and with every completion; the file says how."""
    election = ELECTIONS["elections"][number]
    names = [f"p{n}" for n in range(len(election["costs"]))]
    options = pd.DataFrame({"value": 1.0, "cost": election["costs"]}, index=names)
    votes = pd.DataFrame(election["ballots"], columns=names)
    assert election["winners"]
    for way, winners in election["winners"].items():
        utility, completion = way.split("/")
        found = equal_shares(options, election["budget"], votes, utility=utility, completion=completion)
        assert sorted(found.chosen) == winners, way


def test_of_equal_rates_the_cheaper_option_comes_first_then_the_one_with_more_votes():
    """equalshares.net, "How to break ties?": lowest cost, then the highest first vote count; by hand."""
    # Purses of 2. "a": 1 point each of two voters, 2 paid by each, rate 2. "b": 5 points and 1 point: the first voter
    # pays the whole purse of 2, the second 2 at rate 2. The same rate and cost; 6 points against 2.
    alone = Rules(excludes=[["a", "b"]])
    options = pd.DataFrame({"value": 1.0, "cost": [4.0, 4]}, index=["a", "b"])
    votes = pd.DataFrame([[1, 0], [1, 0], [0, 5], [0, 1]], columns=options.index)
    assert equal_shares(options, 8, votes, rules=alone).chosen == ("b",)
    # "c" (four voters pay 1 each) and "d" (two voters pay 1 each) have a rate of 1: the cheaper comes first.
    pair = pd.DataFrame({"value": 1.0, "cost": [4.0, 2]}, index=["c", "d"])
    marks = pd.DataFrame([[1, 0]] * 4 + [[0, 1]] * 2, columns=pair.index)
    assert equal_shares(pair, 12, marks, rules=Rules(excludes=[["c", "d"]])).chosen == ("d",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"utility": "votes"}, "utility must be one of"),
        ({"completion": "add2"}, "completion must be one of"),
        ({"step": 0.0}, "step must be above 0"),
        ({"rules": Rules(include=["new park"])}, "takes no promises"),
        ({"votes": FIRST.drop(columns="new park")}, "a column for each option"),
        ({"votes": FIRST.iloc[:0]}, "at least one voter"),
        ({"votes": -FIRST}, "must not be negative or missing"),
    ],
)
def test_bad_input_of_equal_shares_is_refused_with_the_remedy(change, words):
    options = pd.DataFrame({"value": FIRST.sum(), "cost": COSTS}, index=PROJECTS)
    given_ = {"votes": FIRST, **change}
    with pytest.raises(MethodError, match=words):
        equal_shares(options, 1100, given_.pop("votes"), **given_)


def test_an_unknown_order_of_greedy_is_refused():
    with pytest.raises(MethodError, match="by must be one of"):
        greedy(pd.DataFrame({"value": [1], "cost": [1]}), 1, by="votes")


@st.composite
def problems(draw):
    """Up to seven options with two yearly budgets and rules of every kind, in whole numbers."""
    n = draw(st.integers(3, 7))
    names = [f"o{i}" for i in range(n)]
    whole = st.lists(st.integers(0, 6), min_size=n, max_size=n)
    options = pd.DataFrame(
        {"value": draw(st.lists(st.integers(-1, 5), min_size=n, max_size=n)), "2026": draw(whole), "2027": draw(whole)},
        index=names,
        dtype=float,
    )
    low = draw(st.integers(0, 2))
    least = draw(st.integers(0, 4))
    rules = Rules(
        requires={"o0": "o1"} if draw(st.booleans()) else {},
        excludes=[["o1", "o2"]] if draw(st.booleans()) else [],
        groups={"g": names[: n // 2 + 1]},
        counts={"g": (low, low + draw(st.integers(0, 2)))} if draw(st.booleans()) else {},
        spend={"g": (float(least), float(least + draw(st.integers(0, 12))))} if draw(st.booleans()) else {},
        include=[names[-1]] if draw(st.booleans()) else [],
    )
    return options, dict(zip(YEARS, draw(st.tuples(st.integers(0, 20), st.integers(0, 20))), strict=True)), rules


def every(options, budget, rules):
    """Every portfolio that keeps to budgets and rules, as (value, cost, names)."""
    found = []
    for marks in product([0, 1], repeat=len(options)):
        names = [name for name, mark in zip(options.index, marks, strict=True) if mark]
        picked, inside = options.loc[names], [name for name in names if name in rules.groups["g"]]
        spent = options.loc[inside, YEARS].to_numpy().sum()
        keeps = [
            all(picked[year].sum() <= budget[year] for year in YEARS),
            all(needed in names for name, needed in rules.requires.items() if name in names),
            all(len(set(one) & set(names)) <= 1 for one in rules.excludes),
            all(low <= len(inside) <= high for low, high in rules.counts.values()),
            all(low <= spent <= high for low, high in rules.spend.values()),
            set(rules.include) <= set(names),
        ]
        if all(keeps):
            found.append((picked["value"].sum(), picked[YEARS].to_numpy().sum(), frozenset(names)))
    return found


def assert_agrees(problem):
    options, budget, rules = problem
    all_of_them = every(options, budget, rules)
    if not all_of_them:
        with pytest.raises(MethodError, match="No portfolio keeps to all of these"):
            choose(options, budget, rules=rules)
        return
    found = choose(options, budget, rules=rules, ties=200)
    value = max(one[0] for one in all_of_them)
    equal = {one[2]: one[1] for one in all_of_them if one[0] == value}
    assert found.proven
    assert found.value == pytest.approx(value)
    assert found.cost == pytest.approx(min(equal.values()))
    assert {frozenset(one) for one in (found.chosen, *found.ties)} == set(equal)
    assert len(found.ties) == len(equal) - 1
    costs = [equal[frozenset(one)] for one in (found.chosen, *found.ties)]
    assert costs == sorted(costs)
    turned = choose(options.iloc[::-1, ::-1], budget, rules=rules, ties=200)
    assert [set(one) for one in (turned.chosen, *turned.ties)] == [set(one) for one in (found.chosen, *found.ties)]


@given(problems())
@settings(max_examples=60)
def test_the_best_and_all_its_ties_are_those_of_full_enumeration(problem):
    assert_agrees(problem)


def test_the_solver_alone_finds_the_same_where_lists_would_be_too_long(monkeypatch):
    """The way of problems too large to list: the solver proves the best, and bars each tie in turn."""
    monkeypatch.setattr(listing, "WIDE", -1)
    seen = []
    monkeypatch.setattr(knapsack, "_rival", _counted(knapsack._rival, seen))

    @given(problems())
    @settings(max_examples=40)
    def check(problem):
        assert_agrees(problem)

    check()
    assert len(seen) > 10


def test_a_search_cut_short_says_that_nothing_is_proven(monkeypatch):
    monkeypatch.setattr(listing, "WIDE", -1)
    rng = np.random.default_rng(2)
    options = pd.DataFrame(rng.gamma(2, 2, (40, 5)), columns=list("abcde"), index=[f"o{n:02d}" for n in range(40)])
    options["value"] = rng.normal(10, 1, 40)
    budget = options[list("abcde")].sum() * 0.4
    assert not choose(options, budget, nodes=50).proven


def _counted(function, seen):
    def counted(*given_, **named):
        seen.append(1)
        return function(*given_, **named)

    return counted


@given(problems())
@settings(max_examples=25)
def test_the_frontier_is_that_of_full_enumeration(problem):
    options, budget, rules = problem
    points = {one[:2] for one in every(options, budget, rules)}
    if not points:
        return
    efficient = sorted(
        (cost, value)
        for value, cost in points
        if not any(v >= value and c <= cost and (v, c) != (value, cost) for v, c in points)
    )
    found = frontier(options, budget, rules=rules)
    assert found[["cost", "value"]].to_numpy() == pytest.approx(np.array(efficient))


@given(problems(), st.integers(0, 1000))
@settings(max_examples=25)
def test_core_sets_are_those_of_full_enumeration_in_any_order_of_the_draws(problem, seed):
    options, budget, rules = problem
    if not every(options, budget, rules):
        return
    rng = np.random.default_rng(seed)
    draws = pd.DataFrame(rng.integers(-2, 9, (9, len(options))).astype(float), columns=options.index)
    times = pd.Series(0.0, index=options.index)
    for _, values in draws.iterrows():
        best = min(every(options.assign(value=values), budget, rules), key=lambda one: (-one[0], one[1], _named(one)))
        times[list(best[2])] += 1
    found = core_sets(options, budget, draws, rules=rules)
    assert found["share"].to_dict() == pytest.approx((times / len(draws)).to_dict())
    pd.testing.assert_frame_equal(found, core_sets(options, budget, draws.iloc[::-1, ::-1], rules=rules))


def _named(one):
    """First by name: the portfolio with the earliest name that the other lacks."""
    return [-(f"o{i}" in one[2]) for i in range(7)]


def test_core_sets_agree_whether_draws_are_listed_together_alone_or_solved(monkeypatch):
    rng = np.random.default_rng(8)
    names = [f"o{i:02d}" for i in range(18)]
    options = pd.DataFrame(rng.integers(1, 30, (18, 3)).astype(float), index=names, columns=["a", "b", "c"])
    rules = Rules(requires={"o01": "o02"}, excludes=[["o03", "o04"]], groups={"g": names[:6]}, counts={"g": (1, 3)})
    draws = pd.DataFrame(rng.gamma(3, 1, (30, 18)), columns=names)
    budget = options.sum() * 0.4
    together = core_sets(options, budget, draws, rules=rules)
    alone = [choose(options.assign(value=row), budget, rules=rules).chosen for _, row in draws.iterrows()]
    assert together["share"].to_dict() == {n: np.mean([n in one for one in alone]) for n in names}
    for wide in (40, -1):
        monkeypatch.setattr(listing, "WIDE", wide)
        pd.testing.assert_frame_equal(core_sets(options, budget, draws, rules=rules), together)


@given(problems(), st.integers(0, 1000), st.sampled_from([0.01, 0.1, 0.5]))
@settings(max_examples=25)
def test_a_draw_that_keeps_the_portfolio_of_another_is_within_the_share_of_its_best(problem, seed, within):
    options, budget, rules = problem
    all_of_them = every(options, budget, rules)
    if not all_of_them:
        return
    names = list(options.index)
    values = np.random.default_rng(seed).gamma(2, 1, (12, len(names)))
    posed = knapsack.pose(options, budget, "value", rules)
    portfolios = {one[2] for one in all_of_them}
    for row, picked in zip(values, knapsack.optima(posed, values, 1000, within), strict=True):
        assert frozenset(np.array(names)[picked > 0]) in portfolios
        best = max(sum(row[names.index(name)] for name in one) for one in portfolios)
        assert row @ picked >= best * (1 - within) - 1e-9


def test_core_sets_refuse_a_share_that_is_a_percentage():
    options = pd.DataFrame({"cost": [1.0]}, index=["a"])
    with pytest.raises(MethodError, match=r"within must be a share from 0 to 1, got 5\. For 5% write 0\.05"):
        core_sets(options, 1, pd.DataFrame({"a": [1.0]}), within=5)


@given(problems())
@settings(max_examples=20)
def test_what_is_lost_by_having_an_option_is_that_of_full_enumeration(problem):
    options, budget, rules = problem
    all_of_them = every(options, budget, rules)
    if not all_of_them:
        return
    best = max(one[0] for one in all_of_them)
    for name, row in not_now(options, budget, rules=rules).iterrows():
        having = [one[0] for one in all_of_them if name in one[2]]
        assert row["loss"] == pytest.approx(best - max(having)) if having else np.isnan(row["loss"])
