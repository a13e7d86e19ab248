"""The Method of Equal Shares: every voter holds an equal part of the money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from iitk.analysis.checks import Floats, as_table, choice, floats, frame, listed, number
from iitk.analysis.knapsack import Budget, Marks, Portfolio, Problem, fits, portfolio_of, pose
from iitk.analysis.rules import FREE, Rules
from iitk.errors import MethodError

_UTILITIES = ("cardinality", "cost")
_COMPLETIONS = ("none", "greedy", "add1", "add1u")
_STOPS = ("full", "overspent")
_STARTS = ("exact", "whole")


def equal_shares(
    options: pd.DataFrame,
    budget: Budget,
    ballots: pd.DataFrame,
    *,
    value: str = "value",
    rules: Rules | Mapping[str, Any] | None = FREE,
    utility: str = "cardinality",
    completion: str = "none",
    step: float = 1.0,
    stop: str = "full",
    start: str = "exact",
) -> Portfolio:
    """
    Method of Equal Shares: each voter holds an equal part of the money, and supporters pay for an option together.

    An option of cost c is affordable at rate r if sum_i min(purse_i, r u_i) = c; the option with the lowest r is taken,
    its supporters pay, and so on until none is affordable. Money can be left over: large minorities get their share, so
    the total value is often below that of `choose`, which is the comparison to make.

    Parameters
    ----------
    options, budget, value, rules
        As in `choose`. Purses add up to all budgets; an option that breaks a budget or a rule is passed over, and one
        that requires others waits for them. Promises are not accepted. Of equal rates the cheaper option is taken,
        then the one with more points in all, then the first by name. Without a column "value" the value is the points.
    ballots
        Voters x options: points >= 0, such as 0 and 1 for approval.
    utility
        What an option is worth to a voter, u: "cardinality" (default) counts the points as they are, so that cheap
        options with many supporters come first; "cost" multiplies them by the cost, so that a pound spent on what a
        voter supports counts alike, and dear options stand a better chance.
    completion
        What becomes of money left over. "none" (default): it stays. "greedy": options are added while they fit, by
        points times utility per pound. "add1": every purse grows by `step` and all begins anew, until the next outcome
        would break a budget (see `stop`); most cities use this. "add1u": "add1", then "greedy".
    step
        What "add1" adds to every purse in one go (money; 1 in the published rule, in pounds: choose it to suit if costs
        are in millions).
    stop
        Where "add1" ends besides: "full" (default), at the first outcome beside which nothing more would fit; or
        "overspent", nowhere else, as in Wieliczka 2023, where growing on exchanged two projects for a dearer one.
    start
        Purse that "add1" begins with: "exact" (default), or "whole", rounded down to a multiple of `step`, where a city
        counts in whole units of money. The plain method, without "add1", is always exact.

    Returns
    -------
    Portfolio. `unmet` names minimums that were not reached.

    Raises
    ------
    MethodError
        As `choose`; ballots without voters, with gaps or negative points, or on other options; an unknown utility,
        completion, stop or start; a step that is not above 0.

    Notes
    -----
    Not for values that no person holds, such as jobs: it shares out influence, it does not seek the most value.
    Source: Peters, Pierczynski and Skowron (2021), Proportional participatory budgeting with additive utilities;
    completions and ties as on equalshares.net.

    Examples
    --------
    >>> options = pd.DataFrame({"value": [3, 3, 1], "cost": [6, 6, 3]}, index=["tram", "hub", "lab"])
    >>> votes = pd.DataFrame([[1, 1, 0]] * 3 + [[0, 0, 1]], columns=options.index)
    >>> equal_shares(options, 12, votes).chosen
    ('hub', 'lab')
    >>> equal_shares(options, 12, votes, utility="cost", completion="add1").chosen
    ('hub', 'lab')
    """
    choice(utility, _UTILITIES, "utility")
    choice(completion, _COMPLETIONS, "completion")
    choice(stop, _STOPS, "stop")
    choice(start, _STARTS, "start")
    if not number(step, "step") > 0:
        raise MethodError(f"step must be above 0, got {step:g}: it is the money that every purse grows by.")
    options = as_table(options, "options")
    votes = _ballots(ballots, options.index)
    if value == "value" and "value" not in options.columns:
        options = options.assign(value=votes.sum().to_numpy())
    problem = pose(options, budget, value, rules)
    if problem.rules.include:
        raise MethodError("equal_shares takes no promises (include): take their cost off the budget first.")
    points = floats(votes[list(problem.names)], "ballots")
    worth = points * problem.cost if utility == "cost" else points
    purse = float(problem.budget.sum()) / len(points)
    if start == "whole" and completion in ("add1", "add1u"):
        purse -= purse % step
    taken = _bought(problem, points, worth, purse)
    if completion in ("add1", "add1u"):
        taken = _raised(problem, points, worth, purse, step, taken, to_the_end=stop == "overspent")
    if completion in ("greedy", "add1u"):
        taken = _filled(problem, worth, taken)
    return portfolio_of(problem, taken)


def _ballots(ballots: object, names: pd.Index) -> pd.DataFrame:
    """Voters x options, under the options' own labels."""
    table = frame(ballots, "ballots")
    if not isinstance(ballots, pd.DataFrame) and table.shape[1] == len(names):
        table.columns = names
    if table.shape[1] != len(names) or table.empty:
        raise MethodError("ballots must be voters x options, with a column for each option and at least one voter.")
    table = of_options(table, names, "ballots")
    if not (table >= 0).all(axis=None):
        raise MethodError("ballots must not be negative or missing: 0 means no support.")
    return table


def of_options(table: pd.DataFrame, names: pd.Index, argument: str) -> pd.DataFrame:
    """The columns of the options in their order; labels that differ only in being text are the same."""
    known = {**{str(name): name for name in table.columns}, **{name: name for name in table.columns}}
    if unnamed := [name for name in names if name not in known and str(name) not in known]:
        raise MethodError(f"{argument} has no column for {listed(unnamed)}.")
    return table[[known.get(name, known.get(str(name))) for name in names]].set_axis(names, axis=1)


def _bought(problem: Problem, points: Floats, worth: Floats, purse: float) -> Marks:
    """What the voters buy with a purse each; options that fit no budget or rule are passed over."""
    purses, cost = np.full(len(points), purse), problem.cost
    taken = np.zeros(len(cost), dtype=bool)
    while True:
        rates = np.full(len(cost), np.inf)
        for option in np.flatnonzero(~taken):
            if fits(problem, _with(taken, option)):
                rates[option] = _rate(worth[:, option], purses, cost[option])
        if not np.isfinite(lowest := rates.min()):
            return taken
        best = np.lexsort((-points.sum(axis=0), cost, rates > lowest * (1 + 1e-9)))[0]
        purses = purses - np.minimum(purses, rates[best] * worth[:, best])
        taken[best] = True


def _raised(
    problem: Problem, points: Floats, worth: Floats, purse: float, step: float, taken: Marks, *, to_the_end: bool
) -> Marks:
    """The last outcome that keeps to the budgets while purses grow, or the first that leaves room for nothing more."""
    unlimited = replace(problem, limits=problem.limits[len(problem.budget) :])
    wanted = np.flatnonzero(points.sum(axis=0) > 0)
    while purse <= problem.cost.sum() and not taken[wanted].all():
        if not to_the_end and not any(fits(problem, _with(taken, one)) for one in wanted if not taken[one]):
            break
        purse += step
        wider = _bought(unlimited, points, worth, purse)
        if not fits(problem, wider):
            break
        taken = wider
    return taken


def _filled(problem: Problem, worth: Floats, taken: Marks) -> Marks:
    """Options added while they fit, by what they are worth to all voters for a pound; of equals the cheaper first."""
    total = worth.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(total > 0, total / problem.cost, -1.0)
    for option in np.lexsort((problem.cost, -ratio)):
        if ratio[option] > 0 and not taken[option] and fits(problem, _with(taken, option)):
            taken = _with(taken, option)
    return taken


def _with(taken: Marks, option: int | np.integer) -> Marks:
    more = taken.copy()
    more[option] = True
    return more


def _rate(points: Floats, purses: Floats, cost: float) -> float:
    """Lowest price of a point at which the supporters can pay for the option; infinite where they cannot."""
    backing = points > 0
    u, purse = points[backing], purses[backing]
    if not len(u) or purse.sum() < cost * (1 - 1e-9):
        return float("inf")
    order = np.argsort(purse / u, kind="stable")  # those whose purse is empty first pay it in full
    u, purse = u[order], purse[order]
    owed = cost - np.concatenate([[0.0], np.cumsum(purse)[:-1]])
    rates = owed / np.cumsum(u[::-1])[::-1]
    enough = rates * u <= purse * (1 + 1e-9)
    return float(rates[np.argmax(enough)]) if enough.any() else float((purse / u).max())
