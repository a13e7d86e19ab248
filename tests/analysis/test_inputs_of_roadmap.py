"""Roadmaps take dates, numbered tasks and Series; what cannot be true is refused."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from iitk.analysis.roadmap import (
    circles,
    critical_path,
    date_conflicts,
    dependency_order,
    load_per_year,
    schedule,
    spend_per_year,
)
from iitk.errors import MethodError

T = pd.Timestamp


@pytest.mark.parametrize("day", [T, dt.date.fromisoformat, dt.datetime.fromisoformat, np.datetime64])
def test_dates_are_decimal_years(day):
    found = date_conflicts(
        {"a": day("2026-01-01"), "b": day("2026-07-02")}, {"a": day("2027-01-01"), "b": day("2028-01-01")}, {"b": ["a"]}
    )
    # From 2 July to the end of a year are 183 of 365 days.
    assert found.to_dict("records") == [
        {"task": "b", "other": "a", "conflict": "starts too soon", "gap": pytest.approx(183 / 365)}
    ]
    spend = spend_per_year({"a": day("2026-07-02")}, {"a": day("2028-01-01")}, {"a": 548})  # 183 days and a year
    assert spend["a"].round(0).to_dict() == {2026: 183, 2027: 365}
    years = schedule(
        {"a": 1}, {}, start=day("2026-01-01"), not_before={"a": day("2026-07-02")}, deadline=day("2028-01-01")
    )
    assert years.loc["a", ["earliest_start", "latest_finish"]].tolist() == pytest.approx([2026 + 182 / 365, 2028])


def test_dates_in_series_and_lists_and_gaps_among_them():
    start = pd.Series([T("2026-01-01"), pd.NaT], index=["a", "b"])
    found = date_conflicts(
        start, {"a": T("2027-01-01"), "b": None}, {"b": ["a"]}, due=pd.Series({"a": T("2026-07-02")})
    )
    assert found["conflict"].tolist() == ["ends too late", "no date"]
    assert load_per_year([T("2026-01-01")], [T("2027-01-01", tz="UTC")], [3])[0].to_dict() == {2026: 3}


def test_textbook_networks_are_numbered():
    needs = {2: [1], 10: [2], 3: [1], 4: [10, 3]}
    assert dependency_order(needs) == [1, 2, 3, 10, 4]
    table = schedule({1: 3, 2: 4, 3: 1, 10: 2, 4: 5}, needs)
    assert critical_path(table, needs) == [1, 2, 10, 4]
    assert table.loc[4, "earliest_finish"] == 14
    assert circles({1: [2], 2: [1]}) == [(1, 2)]
    assert dependency_order({"b": [1], 1: []}) == [1, "b"]
    assert schedule([1, 2], {1: [0]})["earliest_start"].tolist() == [0, 1]
    with pytest.raises(MethodError, match="1 needs 2 needs 1"):
        dependency_order({1: [2], 2: [1]})


def test_needs_and_dates_as_series():
    needs = pd.Series({"c": ["a", "b"]})
    table = schedule({"a": 3, "b": 1, "c": 2}, needs, not_before=pd.Series({"b": 4}))
    assert table.loc["c", "earliest_start"] == 5
    assert critical_path(table, needs) == ["b", "c"]


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: dependency_order(None), "needs must say for each task what it needs"),
        (lambda: dependency_order([("a", "b")]), "needs must say"),
        (lambda: dependency_order(pd.DataFrame({"a": [1]})), "needs must say"),
        (lambda: dependency_order({"b": None}), "needs of 'b' must be a list of tasks"),
        (lambda: dependency_order({"b": [np.nan]}), "a task without a name"),
        (lambda: schedule({"a": 1}, None), "needs must say"),
        (lambda: schedule({"a": 1}, {}, start="2026"), "start must be a number, got '2026'"),
        (lambda: schedule({"a": 1}, {}, deadline="2026"), "deadline must be a number"),
        (lambda: schedule({"b": 1}, {"b": ["a"]}), "needs has 'a', but there is no duration for it.*Add it"),
        (lambda: schedule({"a": pd.Timedelta(days=3)}, {}), "durations holds lengths of time"),
        (lambda: schedule({"a": 1}, {}, not_before=[1]), "not_before must be a mapping or a Series"),
        (lambda: critical_path({"a": 1}, {}), "timetable must be the table"),
        (lambda: critical_path(pd.DataFrame({"a": [1]}), {}), "timetable must be the table"),
        (
            lambda: critical_path(schedule({"a": 1, "b": 2}, {}), {"a": ["b"]}),
            "'a' starts before what it needs is finished",
        ),
        (lambda: critical_path(schedule({"a": 1, "b": 2}, {}), {"a": ["b"], "b": ["a"]}), "circle"),
        (
            lambda: load_per_year({"a": 20260101}, {"a": 20270101}, {"a": 1}),
            "more than 1,000 years. Write decimal",
        ),
        (lambda: spend_per_year({"a": 2026}, {"a": 2027}, {"a": -1}), "cost must be 0 or more: wrong for 'a'"),
        (lambda: load_per_year({"a": 2026}, {"a": 2027}, {"a": -1}), "people must be 0 or more"),
        (lambda: spend_per_year({"a": "2026"}, {"a": 2027}, {"a": 1}), "start holds something that is not a number"),
    ],
)
def test_what_cannot_be_used_is_said_with_the_remedy(attempt, words):
    with pytest.raises(MethodError, match=words):
        attempt()
