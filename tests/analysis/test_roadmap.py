from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

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

# Taylor, Introduction to Management Science, solutions to chapter 8: task from event to event, time, earliest start and
# finish, latest start and finish, slack.
TAYLOR = {
    "1-2": (7, 0, 7, 2, 9, 2),
    "1-3": (10, 0, 10, 0, 10, 0),
    "2-4": (6, 7, 13, 9, 15, 2),
    "3-4": (5, 10, 15, 10, 15, 0),
    "3-5": (4, 10, 14, 14, 18, 4),
    "4-5": (3, 15, 18, 15, 18, 0),
    "5-6": (2, 18, 20, 18, 20, 0),
}
FIGURES = ["duration", "earliest_start", "earliest_finish", "latest_start", "latest_finish", "slack"]
TIMES = {"a": 4.00, "b": 5.33, "c": 5.17, "d": 6.33, "e": 5.17, "f": 4.50, "g": 5.17}
NEEDS = {"c": ["a"], "d": ["a"], "e": ["b", "c"], "f": ["d"], "g": ["e"]}


@st.composite
def plans(draw):
    """Tasks t0, t1 ... with whole durations; each needs only some with a lower number, so there is no circle."""
    size = draw(st.integers(1, 7))
    needs = {f"t{n}": [f"t{m}" for m in range(n) if draw(st.booleans())] for n in range(size)}
    return {task: draw(st.integers(0, 6)) for task in needs}, needs


def chains(task, needs):
    """All chains that end in a task, by plain recursion."""
    return [[task]] if not needs[task] else [[*chain, task] for need in needs[task] for chain in chains(need, needs)]


def test_the_published_example():
    needs = {task: [other for other in TAYLOR if other[-1] == task[0]] for task in TAYLOR}
    found = schedule({task: figures[0] for task, figures in TAYLOR.items()}, needs)
    for task, figures in TAYLOR.items():
        assert found.loc[task, FIGURES].tolist() == list(figures)
    assert critical_path(found, needs) == ["1-3", "3-4", "4-5", "5-6"]


def test_a_project_of_seven_activities():
    """studylib.net 8378728, example 1, table 2: start, finish, latest start and finish, slack; the whole takes 16."""
    times = {"A": 6, "B": 2, "C": 2, "D": 3, "E": 4, "F": 2, "G": 1}
    needs = {"B": ["A"], "C": ["A"], "D": ["B"], "F": ["C"], "E": ["D", "F"], "G": ["E"]}
    wanted = {
        "A": [0, 6, 0, 6, 0], "B": [6, 8, 6, 8, 0], "D": [8, 11, 8, 11, 0], "E": [11, 15, 11, 15, 0],
        "G": [15, 16, 15, 16, 0], "C": [6, 8, 7, 9, 1], "F": [8, 10, 9, 11, 1],
    }  # fmt: skip
    found = schedule(times, needs)
    assert {task: found.loc[task, FIGURES[1:]].tolist() for task in wanted} == wanted
    assert critical_path(found, needs) == ["A", "B", "D", "E", "G"]


def test_a_project_of_eleven_activities():
    """slideplayer.com 3283910: early and late dates of a network that takes 41."""
    times = {"A": 4, "B": 6, "C": 3, "D": 6, "E": 14, "F": 5, "G": 2, "H": 2, "I": 3, "J": 4, "K": 2}
    needs = {
        "B": ["A"], "C": ["A"], "D": ["B"], "E": ["D"], "F": ["C"], "G": ["E", "F"], "H": ["G"], "I": ["G"],
        "J": ["H", "I"], "K": ["J"],
    }  # fmt: skip
    wanted = {
        "A": [0, 4, 0, 4], "B": [4, 10, 4, 10], "C": [4, 7, 22, 25], "D": [10, 16, 10, 16], "E": [16, 30, 16, 30],
        "F": [7, 12, 25, 30], "G": [30, 32, 30, 32], "H": [32, 34, 33, 35], "I": [32, 35, 32, 35],
        "J": [35, 39, 35, 39], "K": [39, 41, 39, 41],
    }  # fmt: skip
    found = schedule(times, needs)
    assert {task: found.loc[task, FIGURES[1:5]].tolist() for task in wanted} == wanted
    assert critical_path(found, needs) == ["A", "B", "D", "E", "G", "I", "J", "K"]
    assert found["free_slack"].to_dict() == {**dict.fromkeys(times, 0), "F": 18, "H": 1}


def test_an_example_by_hand():
    found = schedule(TIMES, NEEDS)
    wanted = {  # earliest start and finish, latest start and finish, slack
        "a": (0.00, 4.00, 0.00, 4.00, 0.00),
        "b": (0.00, 5.33, 3.84, 9.17, 3.84),
        "c": (4.00, 9.17, 4.00, 9.17, 0.00),
        "d": (4.00, 10.33, 8.68, 15.01, 4.68),
        "e": (9.17, 14.34, 9.17, 14.34, 0.00),
        "f": (10.33, 14.83, 15.01, 19.51, 4.68),
        "g": (14.34, 19.51, 14.34, 19.51, 0.00),
    }
    for task, figures in wanted.items():
        assert found.loc[task, FIGURES[1:]].tolist() == pytest.approx(figures, abs=1e-9)
    assert critical_path(found, NEEDS) == ["a", "c", "e", "g"]
    # d may not slip without moving f, but f may slip to the end.
    assert found["free_slack"].to_dict() == pytest.approx({**dict.fromkeys("acdeg", 0), "b": 3.84, "f": 4.68})


def test_not_before_and_a_deadline_by_hand():
    # The grant comes in 2027: building (2 years) waits for it, hiring (half a year) does not.
    found = schedule(
        {"build": 2, "hire": 0.5, "open": 0},
        {"open": ["build", "hire"]},
        start=2026,
        not_before={"build": 2027},
        deadline=2028.5,
    )
    assert found["earliest_start"].to_dict() == {"build": 2027, "hire": 2026, "open": 2029}
    assert found["slack"].to_dict() == {"build": -0.5, "hire": 2.0, "open": -0.5}
    assert found["critical"].to_dict() == {"build": True, "hire": False, "open": True}
    assert critical_path(found, {"open": ["build", "hire"]}) == ["build", "open"]


def test_every_circle_is_named():
    needs = {"a": ["b"], "b": ["c"], "c": ["a", "d"], "d": [], "x": ["y", "a"], "y": ["x"], "z": ["z"]}
    assert circles(needs) == [("a", "b", "c"), ("x", "y"), ("z",)]
    with pytest.raises(MethodError, match="a needs b needs c needs a; x needs y needs x; z needs z"):
        dependency_order(needs)


def test_no_tasks_no_work():
    assert dependency_order({}) == circles({}) == []
    assert schedule({}, {}).empty
    assert critical_path(schedule({}, {}), {}) == []
    assert spend_per_year({}, {}, {}).empty


def test_date_conflicts_by_hand():
    start = {"site": 2026.0, "build": 2026.5, "hire": 2029.0, "open": 2028.0, "idea": np.nan}
    finish = {"site": 2027.0, "build": 2028.0, "hire": 2028.5, "open": 2028.0, "idea": 2026.0}
    needs = {"build": ["site"], "open": ["build", "hire"]}
    found = date_conflicts(start, finish, needs, due={"site": 2026.75, "open": 2028.0})
    assert found.iloc[:, :3].to_records(index=False).tolist() == [
        ("build", "site", "starts too soon"),
        ("hire", "", "ends before it starts"),
        ("idea", "", "no date"),
        ("open", "hire", "starts too soon"),
        ("site", "", "ends too late"),
    ]
    assert found["gap"].tolist() == pytest.approx([0.5, 0.5, np.nan, 0.5, 0.25], nan_ok=True)


def test_spend_and_load_by_hand():
    start, finish = {"hub": 2026.75, "fair": 2027, "gift": 2028}, {"hub": 2028.75, "fair": 2027.5, "gift": 2028}
    spend = spend_per_year(start, finish, {"hub": 8, "fair": 1, "gift": 5})
    assert spend.index.tolist() == [2026, 2027, 2028]
    assert spend["hub"].tolist() == [1, 4, 3]
    assert spend.sum(axis=1).tolist() == [1, 5, 8]
    load = load_per_year(start, finish, {"hub": 4, "fair": 10, "gift": 3})
    assert load.sum(axis=1).tolist() == [1, 4 + 5, 3]
    assert load["gift"].sum() == 0


@given(plans(), st.randoms(use_true_random=False))
def test_order_respects_every_need_and_not_the_way_it_is_written(plan, luck):
    _, needs = plan
    order = dependency_order(needs)
    assert sorted(order) == sorted(needs)
    assert all(order.index(need) < order.index(task) for task in needs for need in needs[task])
    mixed = {task: luck.sample(needs[task], len(needs[task])) for task in luck.sample(list(needs), len(needs))}
    assert dependency_order(mixed) == order
    assert circles(needs) == []


@given(plans())
def test_the_end_is_the_longest_of_all_chains(plan):
    times, needs = plan
    found = schedule(times, needs)
    longest = max(sum(times[step] for step in chain) for task in needs for chain in chains(task, needs))
    assert found["earliest_finish"].max() == longest
    path = critical_path(found, needs)
    assert sum(times[step] for step in path) == longest
    assert found.loc[path, "critical"].all()
    assert (found["free_slack"] <= found["slack"]).all()
    assert (found["free_slack"] >= 0).all()


@given(plans(), st.data())
def test_a_task_can_slip_by_its_slack_and_no_more(plan, data):
    times, needs = plan
    found = schedule(times, needs)
    task = data.draw(st.sampled_from(sorted(times)))
    late = found.loc[task, "latest_start"]
    end = found["earliest_finish"].max()
    assert schedule(times, needs, not_before={task: late})["earliest_finish"].max() == end
    assert schedule(times, needs, not_before={task: late + 1})["earliest_finish"].max() == end + 1
    # Free slack moves no other task at all.
    freely = schedule(
        times, needs, not_before={task: found.loc[task, "earliest_start"] + found.loc[task, "free_slack"]}
    )
    assert freely["earliest_start"].drop(task).equals(found["earliest_start"].drop(task))


@given(plans())
def test_a_schedule_has_no_conflicts_early_or_late_and_its_money_adds_up(plan):
    times, needs = plan
    found = schedule(times, needs, start=2026.25)
    for kind in ("earliest", "latest"):
        assert date_conflicts(found[f"{kind}_start"], found[f"{kind}_finish"], needs).empty
    begins, ends = found["earliest_start"], found["earliest_finish"]
    cost = pd.Series(np.arange(1.0, len(times) + 1), index=found.index)
    np.testing.assert_allclose(spend_per_year(begins, ends, cost).sum(), cost)
    np.testing.assert_allclose(load_per_year(begins, ends, cost).sum(), cost * found["duration"])


@given(st.dictionaries(st.sampled_from("abcde"), st.lists(st.sampled_from("abcde"), max_size=3)))
def test_there_is_an_order_or_a_circle_and_never_both(needs):
    found = circles(needs)
    for circle in found:
        assert all(after in needs[task] for task, after in zip(circle, [*circle[1:], circle[0]], strict=True))
    if found:
        with pytest.raises(MethodError, match="circle"):
            dependency_order(needs)
    else:
        assert len(dependency_order(needs)) == len({*needs, *(need for before in needs.values() for need in before)})


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: dependency_order({"open": "build"}), r"must be a list of tasks. For one write \['name'\]"),
        (lambda: schedule({"a": 1}, {"a": ["b"]}), "needs has 'b', but there is no duration for it"),
        (lambda: schedule({"a": 1}, {}, not_before={"b": 1}), "not_before has 'b'"),
        (lambda: schedule({"a": 1}, {}, not_before={"a": np.nan}), "not_before has no figure for 'a'"),
        (lambda: schedule({"a": None, "b": 1}, {}), "durations has no figure for 'a'"),
        (lambda: schedule({"a": -1}, {}), "wrong for 'a'"),
        (lambda: schedule({"a": 1, "b": 1}, {"a": ["b"], "b": ["a"]}), "a needs b needs a"),
        (lambda: date_conflicts({"a": 1}, {"b": 2}, {}), "Only start has 'a'"),
        (lambda: date_conflicts({"a": 1}, {"a": 2}, {}, due={"b": 3}), "due has 'b'"),
        (lambda: spend_per_year({"a": 2}, {"a": 1}, {"a": 1}), "'a' ends before it starts"),
        (lambda: spend_per_year({"a": 2}, {"a": np.inf}, {"a": 1}), "finish holds infinity for 'a'"),
        (lambda: load_per_year({"a": 1}, {"a": 2}, {"a": None}), "people has no figure for 'a'"),
    ],
)
def test_what_cannot_be_used_is_said_with_the_remedy(attempt, words):
    with pytest.raises(MethodError, match=words):
        attempt()
