"""What must come first, what clashes, what decides the end, and what each year asks in money and people.

Times are figures of one unit, for instance decimal years: 2027.5 is the middle of 2027. Dates (Python's, pandas' or
numpy's) are turned into decimal years, a date being the start of its day. `needs` says for each task which others must
be finished before it starts, in a mapping or a Series; a task that needs nothing may be left out of it. Tasks are named
by text or by numbers.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from iitk.analysis.checks import (
    Day,
    Floats,
    Vector,
    complete,
    floats,
    is_date,
    listed,
    mapping,
    matched,
    number,
    series,
)
from iitk.errors import MethodError

Task = Any  # text, or a number
Needs = Mapping[Task, Sequence[Task]] | pd.Series
Times = Vector | Mapping[Task, Day] | Sequence[Day]
_SPAN = 1000  # years that a roadmap can have: beyond it a date was mistaken for a figure
_CLOSE = 1e-9  # times nearer than this are the same: decimal years do not add up to the last bit
_WHY = "Give it one, or take the task off the roadmap."


def dependency_order(needs: Needs) -> list[Task]:
    """
    Order tasks so that each comes after all that it needs; where several could be next, alphabetically.

    The order in which tasks and needs are written does not matter. Not for dates or for importance, of which
    it knows nothing: see `schedule`. Source: Kahn (1962), Communications of the ACM 5.

    Raises MethodError for a circle (each is named) and for needs that are not a list.

    Examples
    --------
    >>> dependency_order({"open": ["build", "hire"], "build": ["permit"], "hire": []})
    ['hire', 'permit', 'build', 'open']
    """
    graph = _graph(needs)
    if found := circles(needs):
        named = "; ".join(" needs ".join(map(str, [*circle, circle[0]])) for circle in found)
        raise MethodError(f"needs goes round in a circle, so nothing in it can start: {named}. Take one need away.")
    left, followers = {task: len(before) for task, before in graph.items()}, _followers(graph)
    ready = sorted((_in_turn(task), task) for task, count in left.items() if count == 0)
    order: list[Task] = []
    while ready:
        order.append(heapq.heappop(ready)[1])
        for follower in followers[order[-1]]:
            left[follower] -= 1
            if left[follower] == 0:
                heapq.heappush(ready, (_in_turn(follower), follower))
    return order


def circles(needs: Needs) -> list[tuple[Task, ...]]:
    """
    Tasks that wait for each other: each needs the next, the last needs the first; [] if there are none.

    One circle for each knot of tasks that all depend on each other: the shortest through its alphabetically first task.
    Other circles of the same knot show once that one is broken. Not a list of all circles. Raises MethodError for needs
    that are not a list. Source: Tarjan (1972), SIAM Journal on Computing 1 (knots: strongly connected components).

    Examples
    --------
    >>> circles({"permit": ["design"], "design": ["grant"], "grant": ["permit"], "hire": ["grant"]})
    [('design', 'grant', 'permit')]
    """
    graph = _graph(needs)
    place = {task: number for number, task in enumerate(graph)}
    pairs = np.array([(place[task], place[need]) for task in graph for need in graph[task]], dtype=int).reshape(-1, 2)
    matrix = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(graph), len(graph)))
    knots: dict[int, list[Task]] = {}
    for task, knot in zip(graph, connected_components(matrix, connection="strong")[1] if graph else [], strict=True):
        knots.setdefault(int(knot), []).append(task)
    found = [_circle(knot[0], graph) for knot in knots.values() if len(knot) > 1 or knot[0] in graph[knot[0]]]
    return sorted(found, key=lambda circle: [_in_turn(task) for task in circle])


def schedule(
    durations: Vector,
    needs: Needs,
    *,
    start: float | Day = 0.0,
    not_before: Mapping[Task, float | Day] | pd.Series | None = None,
    deadline: float | Day | None = None,
) -> pd.DataFrame:
    """
    Find when each task can start at the earliest and must at the latest (critical path method).

    Earliest start = max(`start`, `not_before`, earliest finishes of what it needs); latest finish = min(latest starts
    of what needs it), or the end: `deadline`, by default the earliest finish of all. Slack = latest - earliest start:
    how long the task can slip without moving the end; below zero the deadline cannot be met. Free slack = how long
    without moving any other task's earliest start or the end. Critical: the least slack of all.

    Times only, no limit on people or money: see `load_per_year`. Not for times that are guesses: the end is then later
    than the sum of the likeliest times, because any chain can become the longest (use `monte_carlo`). Source: Kelley
    and Walker (1959), Critical-Path Planning and Scheduling.

    Parameters
    ----------
    durations
        Time each task takes, 0 for a milestone, in the unit of all other times. It names the tasks.
    needs
        What must be finished before each task.
    start, not_before, deadline
        Start of all; earliest start of some tasks; time by which all should be done. With dates the durations are in
        years.

    Returns
    -------
    By task in dependency order: `duration`, `earliest_start`, `earliest_finish`, `latest_start`, `latest_finish`,
    `slack`, `free_slack`, `critical`.

    Raises
    ------
    MethodError
        A task without a duration, a negative one, unknown tasks in `needs` or `not_before`, circles.

    Examples
    --------
    >>> schedule({"a": 3, "b": 1, "c": 2}, {"c": ["a", "b"]})[["earliest_start", "slack", "critical"]].to_dict("list")
    {'earliest_start': [0.0, 0.0, 3.0], 'slack': [0.0, 2.0, 0.0], 'critical': [True, False, True]}
    """
    length, graph = _tasks(durations, needs)
    soonest = _dates(not_before, length.index, "not_before")
    first = number(_moment(start), "start")
    order, followers, takes = dependency_order(graph), _followers(graph), {k: float(v) for k, v in length.items()}
    begin: dict[Task, float] = {}
    for task in order:
        begin[task] = max([first, soonest.get(task, first), *(begin[need] + takes[need] for need in graph[task])])
    end = max((begin[task] + takes[task] for task in order), default=first)
    due, latest = end if deadline is None else number(_moment(deadline), "deadline"), dict[Task, float]()
    for task in reversed(order):
        latest[task] = min([due, *(latest[after] for after in followers[task])]) - takes[task]
    table = pd.DataFrame({"duration": takes, "earliest_start": begin}, index=order, dtype=float)
    table["earliest_finish"] = table["earliest_start"] + table["duration"]
    table["latest_start"] = pd.Series(latest, dtype=float)
    table["latest_finish"] = table["latest_start"] + table["duration"]
    table["slack"] = table["latest_start"] - table["earliest_start"]
    follows = {task: min([begin[after] for after in followers[task]] or [due]) for task in order}
    table["free_slack"] = pd.Series(follows, dtype=float) - table["earliest_finish"]
    table["critical"] = table["slack"] <= table["slack"].min() + _CLOSE
    return table


def critical_path(timetable: pd.DataFrame, needs: Needs) -> list[Task]:
    """
    Name the chain of tasks that decides the end, first to last: each starts the moment the one before is finished.

    `timetable`, the table of `schedule`, was made with the same `needs`. The chain begins with a task that waits for no
    other: it starts at the start of all or at its own `not_before`. Of several chains of equal length, the
    alphabetically first from the end. Any delay on it moves the end; a slack of 0 elsewhere marks another such chain.

    Not for times that are guesses: where other chains are nearly as long, a small delay makes them decide, so show the
    slack beside it.
    Raises MethodError for a table that `schedule` did not make, and for needs that are not those of the timetable: of
    other tasks, or of tasks that are not finished in time. Source: Kelley and Walker (1959).

    Examples
    --------
    >>> needs = {"c": ["a", "b"]}
    >>> critical_path(schedule({"a": 3, "b": 1, "c": 2}, needs), needs)
    ['a', 'c']
    """
    wanted = ["duration", "earliest_start", "earliest_finish"]
    if not set(wanted) <= set(getattr(timetable, "columns", ())):
        raise MethodError("timetable must be the table that schedule(durations, needs) returns.")
    _, graph = _tasks(timetable["duration"], needs)
    dependency_order(graph)
    begins, ends = timetable["earliest_start"].to_dict(), timetable["earliest_finish"].to_dict()
    last = [task for task, after in _followers(graph).items() if not after]  # a closing milestone belongs to the chain
    candidates = [task for task in last if ends[task] >= max(ends.values()) - _CLOSE]
    late = [task for task in graph if any(ends[need] > begins[task] + _CLOSE for need in graph[task])]
    if late:
        raise MethodError(f"In timetable {listed(late)} starts before what it needs is finished: pass the same needs.")
    path: list[Task] = []
    while candidates:
        path.append(candidates[0])
        candidates = [need for need in graph[path[-1]] if ends[need] >= begins[path[-1]] - _CLOSE]
    return path[::-1]


def date_conflicts(
    start: Times, finish: Times, needs: Needs, *, due: Mapping[Task, float | Day] | pd.Series | None = None
) -> pd.DataFrame:
    """
    Find planned dates that cannot all be true.

    Conflicts: "no date"; "ends before it starts"; "starts too soon" (before `other`, which it needs, is finished);
    "ends too late" (after `due`). A task may start the moment another ends.

    Returns one row a conflict, by task: `task`, `other` ("" if none), `conflict`, `gap` (how much time is short, in the
    unit of the figures, years for dates; missing without dates). No row: no conflict. Raises MethodError for unknown
    tasks in `needs`, `finish` or `due`. Circles: see `circles`. It finds what cannot be true, not what is unlikely: a
    plan without conflicts can still be too short. Source: the precedence conditions of Kelley and Walker (1959).

    Examples
    --------
    >>> date_conflicts({"a": 2026, "b": 2027}, {"a": 2027.5, "b": 2029}, {"b": ["a"]}).to_dict("records")
    [{'task': 'b', 'other': 'a', 'conflict': 'starts too soon', 'gap': 0.5}]
    """
    begins, graph = _tasks(start, needs, gaps=True)
    ends = matched(_moments(finish), begins.index, "finish", "start")
    latest = _dates(due, begins.index, "due")
    rows: list[tuple[Task, Task, str, float]] = []
    for task in graph:
        if np.isnan(begins[task]) or np.isnan(ends[task]):
            rows.append((task, "", "no date", np.nan))
        rows.append((task, "", "ends before it starts", begins[task] - ends[task]))
        rows += [(task, need, "starts too soon", ends[need] - begins[task]) for need in graph[task]]
        if task in latest:
            rows.append((task, "", "ends too late", ends[task] - latest[task]))
    found = [row for row in rows if row[3] > _CLOSE or row[2] == "no date"]
    return pd.DataFrame(found, columns=["task", "other", "conflict", "gap"]).astype({"gap": float})


def spend_per_year(start: Times, finish: Times, cost: Vector) -> pd.DataFrame:
    """
    Spread the cost of each task evenly over its time: years x tasks, in the unit of `cost`.

    Spend in year y = cost x (time in y) / (finish - start), with y from y.0 up to (y + 1).0. The cost of a milestone
    falls in the year of its date. Each column adds up to the cost. `.sum(axis=1)` is the spend of a year. Not for
    money that is paid on completion: enter that as a milestone. All costs in the prices of one year.

    Raises MethodError for missing or negative figures, labels that differ, a task that ends before it starts, and a
    span of more than 1,000 years. Source: plain
    arithmetic (straight-line profile).

    Examples
    --------
    >>> spend_per_year({"hub": 2026.5}, {"hub": 2028}, {"hub": 3.0})["hub"].to_dict()
    {2026: 1.0, 2027: 2.0}
    """
    begins, ends, amount, time = _by_year(start, finish, cost, "cost")
    spans = floats(ends - begins, "finish")
    years = np.asarray(time.index, dtype=np.float64)[:, None]
    at_once = (np.floor(floats(begins, "start"))[None, :] == years).astype(np.float64)
    shares = np.where(spans > 0, floats(time, "start") / np.where(spans > 0, spans, 1.0), at_once)
    return pd.DataFrame(shares * floats(amount, "cost"), index=time.index, columns=time.columns)


def load_per_year(start: Times, finish: Times, people: Vector) -> pd.DataFrame:
    """
    Work that each year asks for: people on the task x time in the year. Years x tasks, in person-years.

    Each column adds up to people x (finish - start); a milestone takes nobody's time. `.sum(axis=1)` is the average
    number of people at work in a year; within it the load can be higher. load_y = people x (time in y), y from y.0 up
    to (y + 1).0. Not for a team that grows and shrinks: enter its phases as tasks.

    Raises MethodError as `spend_per_year` does. Source: plain arithmetic.

    Examples
    --------
    >>> load_per_year({"hub": 2026.5}, {"hub": 2028}, {"hub": 4})["hub"].to_dict()
    {2026: 2.0, 2027: 4.0}
    """
    _, _, amount, time = _by_year(start, finish, people, "people")
    return time * amount


def _by_year(
    start: Times, finish: Times, amount: Vector, name: str
) -> tuple[pd.Series, pd.Series, pd.Series, pd.DataFrame]:
    """Checked starts, finishes and amounts, and the time of each task in each year (years x tasks)."""
    begins = series(_moments(start), "start")
    ends, much = (
        matched(_moments(finish), begins.index, "finish", "start"),
        matched(amount, begins.index, name, "start"),
    )
    for values, argument in ((begins, "start"), (ends, "finish"), (much, name)):
        _finite(values, argument)
    if (wrong := begins.index[ends < begins]).size:
        raise MethodError(f"{listed(wrong)} ends before it starts. Swap or mend the dates.")
    if (negative := much.index[much < 0]).size:
        raise MethodError(f"{name} must be 0 or more: wrong for {listed(negative)}. Enter income by itself.")
    if len(begins) and ends.max() - begins.min() > _SPAN:
        raise MethodError(
            f"From {begins.min():g} to {ends.max():g} are more than {_SPAN:,} years. Write decimal years, such as "
            "2026.5 for the middle of 2026, or dates."
        )
    if not len(begins):
        return begins, ends, much, pd.DataFrame(index=pd.Index([], dtype=int))
    first, last = int(np.floor(begins.min())), int(max(np.ceil(ends.max()), np.floor(begins.max()) + 1))
    years = np.arange(first, last)
    time: Floats = np.clip(
        np.minimum(floats(ends, "finish"), years[:, None] + 1) - np.maximum(floats(begins, "start"), years[:, None]),
        0,
        1,
    )
    return begins, ends, much, pd.DataFrame(time, index=years, columns=begins.index)


def _in_turn(task: Task) -> tuple[bool, float, str]:
    """Where a task stands in the order of names: numbers by size, then text by letter."""
    is_number = isinstance(task, (int, float, np.number))
    return not is_number, float(task) if is_number else 0.0, str(task)


def _graph(needs: Needs) -> dict[Task, list[Task]]:
    """What each task needs, tasks and needs in alphabetical order and once."""
    if not isinstance(needs, (Mapping, pd.Series)):
        raise MethodError("needs must say for each task what it needs: {'open': ['build']}, or {} where none does.")
    given = mapping(needs, "needs")
    if wrong := [task for task, before in given.items() if isinstance(before, str) or not isinstance(before, Iterable)]:
        raise MethodError(f"needs of {listed(wrong)} must be a list of tasks. For one write ['name'].")
    named = {task: list(before) for task, before in given.items()}
    tasks = {*named, *(need for before in named.values() for need in before)}
    if any(task is None or task is pd.NaT or str(task) == "nan" for task in tasks):
        raise MethodError("needs has a task without a name. Name every task, by text or by a number.")
    return {task: sorted(set(named.get(task, ())), key=_in_turn) for task in sorted(tasks, key=_in_turn)}


def _tasks(durations: Times, needs: Needs, *, gaps: bool = False) -> tuple[pd.Series, dict[Task, list[Task]]]:
    """Check figures that name the tasks, and what each needs."""
    length = series(_moments(durations) if gaps else durations, "start" if gaps else "durations")
    graph = _graph(needs)
    if absent := [task for task in graph if task not in length.index]:
        kind = "start" if gaps else "duration"
        words = f"needs has {listed(absent)}, but there is no {kind} for it. Tasks with one: {listed(length.index)}."
        raise MethodError(f"{words} Add it, or drop the need.")
    if not gaps:
        _finite(length, "durations")
        if negative := list(length.index[length < 0]):
            raise MethodError(f"durations must be 0 or more: wrong for {listed(negative)}. Use 0 for a milestone.")
    return length, _graph({task: graph.get(task, []) for task in length.index})


def _moment(value: object) -> object:
    """A date as a decimal year; anything else as it is."""
    if not is_date(value) or pd.isna(cast("Any", value)):
        return np.nan if value is pd.NaT else value
    day = pd.Timestamp(cast("Any", value)).tz_localize(None)
    year = pd.Timestamp(day.year, 1, 1)
    return day.year + (day - year) / (pd.Timestamp(day.year + 1, 1, 1) - year)


def _moments(values: object) -> Any:
    """Dates as decimal years, in the form in which they came."""
    if isinstance(values, pd.Series):
        return values.map(_moment) if values.dtype.kind in "MO" else values
    if isinstance(values, Mapping):
        return {task: _moment(value) for task, value in values.items()}
    if isinstance(values, (list, tuple, np.ndarray, pd.Index)) and np.ndim(values) == 1:
        return [_moment(value) for value in values]
    return values


def _known(names: Mapping[Task, object], tasks: pd.Index, argument: str) -> None:
    """Refuse names that are not tasks."""
    if absent := [name for name in names if name not in tasks]:
        raise MethodError(f"{argument} has {listed(absent)}, which is no task here. Tasks: {listed(tasks)}.")


def _dates(dates: object, tasks: pd.Index, argument: str) -> dict[Task, float]:
    """Check dates of some of the tasks."""
    given = mapping(dates, argument)
    _known(given, tasks, argument)
    found = series(_moments(given), argument)
    _finite(found, argument)
    return {task: float(when) for task, when in found.items()}


def _finite(values: pd.Series, argument: str) -> None:
    """Refuse a gap or an infinite figure."""
    complete(values.replace([np.inf, -np.inf], np.nan), argument, _WHY)


def _followers(graph: dict[Task, list[Task]]) -> dict[Task, list[Task]]:
    """Which tasks wait for each."""
    found: dict[Task, list[Task]] = {task: [] for task in graph}
    for task, before in graph.items():
        for need in before:
            found[need].append(task)
    return found


def _circle(first: Task, graph: dict[Task, list[Task]]) -> tuple[Task, ...]:
    """Find the shortest way from a task through what it needs back to itself."""
    ways: list[tuple[Task, ...]] = [(first,)]
    seen = {first}
    for way in ways:  # grows as it goes: breadth first
        for need in graph[way[-1]]:
            if need == first:
                return way
            if need not in seen:
                seen.add(need)
                ways.append((*way, need))
    raise AssertionError(first)  # pragma: no cover - a knot always leads back
