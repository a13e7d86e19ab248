"""The best choice under limits: options, budgets and rules as a whole-number programme, and its solution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from iitk.analysis.checks import Floats, as_table, complete, floats, frame, listed, series, unique
from iitk.analysis.listing import Relaxed, relax, within_reach
from iitk.analysis.rules import (
    SCALE,
    Label,
    Limit,
    Rules,
    as_rules,
    limit,
    one_price_year,
    rule_limits,
    settled,
)
from iitk.errors import MethodError
from iitk.quiet import quiet

Budget = float | Mapping[str, float] | pd.Series
Marks = npt.NDArray[np.bool_]
NODES = 100_000
SLACK = 1e-6
NEAR = 0.02  # how close to the best (a share) the solver's proposal must come; the list takes it from there
ENDED = (0, 2)  # the solver's word for an optimum, and for none; a limit of steps is told as 1 or 4
REACHES = (20.0, 50.0, 100.0, 200.0, 400.0)  # below the bound (SCALE: the best option): floors to list from, in turn
TOGETHER = 64  # draws listed side by side


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Options chosen together, in the order in which they were given."""

    chosen: tuple[Label, ...]  # the labels of their rows
    not_now: tuple[Label, ...]
    value: float
    cost: float  # over all budgets
    spend: pd.DataFrame  # budgets x (budget, spend, left)
    ties: tuple[tuple[Label, ...], ...] = ()  # other portfolios of the same value, at no less cost
    proven: bool = False  # no portfolio is better; False for a rule of thumb, or where the search was cut short
    unmet: tuple[str, ...] = ()  # minimums that a rule of thumb did not reach


@dataclass(frozen=True, slots=True)
class Problem:
    """Options in the order of their names, so that the order of the rows does not matter."""

    given: tuple[Label, ...]
    names: tuple[Label, ...]
    values: Floats
    costs: Floats  # options x budgets
    budget: pd.Series
    limits: tuple[Limit, ...]
    rules: Rules  # settled

    @property
    def cost(self) -> Floats:
        """Cost of each option over all budgets."""
        return np.asarray(self.costs.sum(axis=1), dtype=np.float64)


def pose(options: object, budget: Budget, value: object, rules: object) -> Problem:
    """Check what was given and put it in the order of names."""
    given, heads, wishes = _rows(options), _heads(budget), as_rules(rules)
    one_price_year(wishes, heads.index)
    if value is None or isinstance(value, (list, dict, np.ndarray, pd.Series)):
        raise MethodError("value must be the name of the column of options that holds the value of each.")
    if absent := [name for name in (value, *heads.index) if name not in given.columns]:
        raise MethodError(f"options has no column {listed(absent)}: it needs {value!r} and a cost for every budget.")
    wanted = frame(given[[value, *heads.index]], "options")
    if wanted.empty:
        raise MethodError("options is empty: pass one row an option.")
    wanted = wanted.iloc[sorted(range(len(wanted)), key=lambda row: in_turn(wanted.index[row]))]
    for name in wanted.columns:
        complete(wanted[name], f"options[{name!r}]", "Estimate it, or leave the option out and say so.")
    costs, names = floats(wanted[list(heads.index)], "options"), tuple(wanted.index)
    if (costs < 0).any() or (heads < 0).any():
        raise MethodError("Costs and budgets must not be negative: count income as value, or add it to the budget.")
    keep = settled(wishes, given, names)
    limits = [
        limit(f"the budget {str(head)!r} of {most:,.12g}", cost, high=most)
        for head, most, cost in zip(heads.index, heads, costs.T, strict=True)
    ]
    limits += rule_limits(keep, names, costs.sum(axis=1))
    return Problem(tuple(given.index), names, floats(wanted[value], "options"), costs, heads, tuple(limits), keep)


def in_turn(label: Label) -> tuple[bool, float, str]:
    """Where a label stands in the order of names: numbers by size, then text by letter."""
    is_number = isinstance(label, (int, float, np.number))
    return not is_number, float(label) if is_number else 0.0, str(label)


def _rows(options: object) -> pd.DataFrame:
    """The table of options, with one plain label a row."""
    found = as_table(options, "options")
    if isinstance(found.index, pd.MultiIndex):
        raise MethodError("options has labels of several parts. Join them: options.index.map(lambda x: ' '.join(x)).")
    unique(found.index, "options")
    if found.index.hasnans:
        raise MethodError("options has a row without a label. Name every option.")
    unique(found.index.map(str), "options (labels read as text)")
    return found


def _heads(budget: object) -> pd.Series:
    """Budgets by the name of their cost column."""
    if budget is None or isinstance(budget, (str, bool, list, tuple, np.ndarray)):
        raise MethodError(
            f"budget must be one number, or money by the name of its cost column ({{'2026': 5}}), got {budget!r}."
        )
    heads = series(budget if isinstance(budget, (Mapping, pd.Series)) else {"cost": budget}, "budget")
    if heads.empty:
        raise MethodError("budget is empty: name one budget at least, such as {'cost': 9}.")
    complete(heads, "budget", "Write 0 where there is no money; leave a budget out to have no limit.")
    return heads


def solve(
    gain: Floats,
    limits: Sequence[Limit],
    nodes: int,
    bounds: Bounds | None = None,
    *,
    gap: float = 0.0,
    first: bool = True,
) -> tuple[Floats | None, bool]:
    """The choice of most gain (but for a share `gap`), None where there is none, and whether the search was ended."""
    rows = LinearConstraint(
        np.array([one.row for one in limits]), [one.low for one in limits], [one.high for one in limits]
    )
    with quiet():
        found = milp(
            -_scaled(gain),
            integrality=np.ones(len(gain)),
            bounds=bounds or Bounds(0, 1),
            constraints=rows,
            options={"mip_rel_gap": gap, "node_limit": nodes},
        )
    if found.x is None and found.status not in ENDED and first:
        raise MethodError(f"No portfolio was found within {nodes} steps: allow more nodes, or loosen the rules.")
    if found.x is None:
        return None, found.status in ENDED
    picked = np.asarray(np.round(found.x), dtype=np.float64)
    if _kept(picked[None, :], limits)[0]:
        return picked, found.status in ENDED
    # The solver takes 0.999999 of an option for the whole: made whole, it breaks a limit by a hair. Bar it.
    return solve(gain, [*limits, _bar(picked)], nodes, bounds, gap=gap, first=first)


def _kept(choices: Floats, limits: Sequence[Limit]) -> Marks:
    """Which choices (one a line) keep to every limit."""
    used = choices @ np.array([one.row for one in limits]).T
    lows, highs = np.array([one.low for one in limits]), np.array([one.high for one in limits])
    return np.asarray(((used >= lows - 2 * SLACK) & (used <= highs + 2 * SLACK)).all(axis=1))


def _bar(picked: Floats) -> Limit:
    """Any choice but this one."""
    return Limit("another one", 1 - 2 * picked, 1 - float(picked.sum()), np.inf)


def _scaled(gain: Floats) -> Floats:
    """Gains (of one draw, or draws x options) with the largest of each draw at SCALE."""
    largest = np.abs(gain).max(axis=-1, keepdims=True, initial=0.0)
    return np.asarray(gain * (SCALE / np.where(largest > 0, largest, SCALE)), dtype=np.float64)


def _relaxed(limits: Sequence[Limit], gains: Floats) -> Relaxed | None:
    """The problem with fractions allowed, for draws of gains on the solver's scale."""
    rows = [one.row for one in limits if one.high < np.inf] + [-one.row for one in limits if one.low > -np.inf]
    tops = [one.high for one in limits if one.high < np.inf] + [-one.low for one in limits if one.low > -np.inf]
    return relax(gains, np.array(rows), np.array(tops))


def _open(problem: Problem, limits: Sequence[Limit], best: Floats) -> Bounds:
    """
    Settle the options that every portfolio as good as `best` must have or cannot have: far fewer are left to search.

    If fractions were allowed, moving an option off its bound would cost at least its reduced cost; one whose reduced
    cost is over the gap between that relaxed value and `best` cannot move. Source: Balas and Zemel (1980).
    """
    gain = _scaled(problem.values)
    relaxed = _relaxed(limits, gain[None, :])
    if relaxed is None:
        return Bounds(0, 1)
    reduced = relaxed.reduced[0]
    gap = float(relaxed.bound[0] - gain @ best) + 1e-3  # well over the solver's tolerance
    return Bounds((reduced > gap).astype(float), (reduced >= -gap).astype(float))


def _as_good(limits: Sequence[Limit], gains: Floats, relaxed: Relaxed, floors: Floats) -> list[Floats] | None:
    """
    The best choices of each draw (one a line), all of them; none where no choice reaches the floor.

    None if the lists would be too long.
    """
    found = within_reach(relaxed, floors - SLACK)
    if found is None:
        return None
    kept = _kept(found[1], limits)
    draws, picks = found[0][kept], found[1][kept]
    gained = (gains[draws] * picks).sum(axis=1)
    best = np.full(len(gains), -np.inf)
    np.maximum.at(best, draws, gained)
    top = gained >= np.maximum(best, floors)[draws] - SLACK
    order = np.argsort(draws[top], kind="stable")
    return np.split(picks[top][order], np.searchsorted(draws[top][order], np.arange(1, len(gains))))


def _near(problem: Problem, limits: Sequence[Limit], first: Floats | None = None) -> list[Floats]:
    """The best choices, listed from the proposal `first` up, or from ever lower floors; none if that takes too long."""
    gains = _scaled(problem.values)[None, :]
    relaxed = _relaxed(limits, gains)
    if relaxed is None:
        return []
    floors = [relaxed.bound - reach for reach in REACHES] if first is None else [gains @ first]
    for floor in floors:
        found = _as_good(limits, gains, relaxed, floor)
        if found is None or len(found[0]):
            return [] if found is None else _in_order(problem, list(found[0]))
    return []


def _in_order(problem: Problem, equal: list[Floats]) -> list[Floats]:
    """The cheapest first, then the first by name."""
    cost = problem.cost
    return sorted(equal, key=lambda x: (round(float(cost @ x), 9), (-x).tolist()))


def optimum(problem: Problem, nodes: int, *more: Limit) -> tuple[Floats | None, bool]:
    """The best choice, the cheapest of them where several are equal, and whether that is proven."""
    limits = (*problem.limits, *more)
    if listed_ones := _near(problem, limits):
        return listed_ones[0], True
    best, proven = solve(problem.values, limits, nodes)
    if best is None:
        return None, proven
    if proven and (listed_ones := _near(problem, limits, best)):  # of equals the solver takes any
        return listed_ones[0], True
    area = _open(problem, limits, best)
    cheapest, sure = solve(-problem.cost, (*limits, _no_worse(problem, best)), nodes, area, first=False)
    return (best if cheapest is None else cheapest), proven and sure


def optima(problem: Problem, values: Floats, nodes: int, within: float = 0.0) -> Floats:
    """
    The best choice (one a line) for each draw of the values, draws x options; the cheapest where several are equal.

    What is best for some draws is a floor for the others, which shortens their lists. As `optimum`, draw by draw; with
    `within`, a draw may keep a choice of another draw that is proven to be at most that share below its own best.
    """
    gains = _scaled(values)
    relaxed = _relaxed(problem.limits, gains)
    if relaxed is None:
        raise MethodError(_conflict(problem, nodes))
    pool = np.array([required(replace(problem, values=values[0]), nodes)[0]])
    chosen, found, close = np.zeros_like(gains), np.zeros(len(gains), dtype=bool), np.zeros(len(gains), dtype=bool)
    for reach in REACHES:
        unsettled = np.flatnonzero(~(found | close))
        for some in np.array_split(unsettled, max(1, -(-len(unsettled) // TOGETHER))):
            best = (gains[some] @ pool.T).max(axis=1)
            enough = best + within * np.abs(best)
            floors = np.maximum(enough, relaxed.bound[some] - reach)
            lists = _halved(problem, gains, relaxed, some, floors)
            for draw, equal, last in zip(some, lists, floors == enough, strict=True):
                if equal:
                    chosen[draw], found[draw] = _in_order(problem, equal)[0], True
                close[draw] = last and within > 0 and equal is not None and not equal
            pool = np.unique(np.concatenate([pool, chosen[some[found[some]]]]), axis=0)
    pool = pool[np.argsort(pool @ problem.cost, kind="stable")]
    chosen[close] = pool[(gains[close] @ pool.T).argmax(axis=1)]
    for draw in np.flatnonzero(~(found | close)):
        chosen[draw] = required(replace(problem, values=values[draw]), nodes)[0]
    return chosen


def _halved(
    problem: Problem, gains: Floats, relaxed: Relaxed, some: npt.NDArray[np.int64], floors: Floats
) -> list[list[Floats] | None]:
    """The best choices of some draws; too long lists are made for half the draws, and so on: None for one too long."""
    if not len(some):
        return []
    found = _as_good(problem.limits, gains[some], relaxed.only(some), floors)
    if found is not None:
        return [list(one) for one in found]
    if len(some) == 1:
        return [None]
    middle = len(some) // 2
    first = _halved(problem, gains, relaxed, some[:middle], floors[:middle])
    return first + _halved(problem, gains, relaxed, some[middle:], floors[middle:])


def required(problem: Problem, nodes: int) -> tuple[Floats, bool]:
    """As `optimum`, but no portfolio at all is an error that names the conflict."""
    found, proven = optimum(problem, nodes)
    if found is None:
        raise MethodError(_conflict(problem, nodes))
    return found, proven


def best_of(problem: Problem, ties: int, nodes: int) -> Portfolio:
    """The best portfolio with its ties: the solver proposes one, and all that are as good are listed."""
    first, _ = solve(problem.values, problem.limits, nodes, gap=NEAR)
    if first is None:
        raise MethodError(_conflict(problem, nodes))
    equal, proven = _near(problem, problem.limits, first), True
    if not equal:  # too many to list
        equal, proven = _one_by_one(problem, first, ties, nodes)
    others = [portfolio_of(problem, x).chosen for x in equal[1 : max(ties, 0) + 1]]
    return replace(portfolio_of(problem, equal[0]), ties=tuple(others), proven=proven)


def _one_by_one(problem: Problem, near: Floats, ties: int, nodes: int) -> tuple[list[Floats], bool]:
    """The best choices found by the solver: each is barred in turn, until none of that value is left."""
    closer, _ = solve(problem.values, problem.limits, nodes, gap=NEAR / 4, first=False)
    near = near if closer is None else closer
    area = _open(problem, problem.limits, near)
    first, proven = solve(problem.values, problem.limits, nodes, area, first=False)
    if first is None or (not proven and problem.values @ first < problem.values @ near):  # cut short
        first, proven = near, False
    equal, floor, area = [first], _no_worse(problem, first), _open(problem, problem.limits, first)
    other, sure = _rival(problem, first, nodes, area)
    proven = proven and sure
    while other is not None and len(equal) <= max(ties, 1):  # one at least: the first found need not be the cheapest
        barred = [_bar(x) for x in equal]
        other, sure = solve(-problem.cost, (*problem.limits, floor, *barred), nodes, area, first=False)
        proven = proven and sure
        if other is None:
            break
        equal.append(other)
    return _in_order(problem, equal), proven


def _rival(
    problem: Problem, best: Floats, nodes: int, area: Bounds, barred: Sequence[Limit] = ()
) -> tuple[Floats | None, bool]:
    """
    Another choice as good as `best`, None where there is none, and whether the search was ended.

    One more option stands for "there is none": worth a hair less than `best`, and alone. With that in hand from the
    start the solver drops what is worse at once, and takes half as long as it does to find that nothing is left.
    """
    limits, gain = [*problem.limits, _bar(best), *barred], _scaled(problem.values)
    free = np.flatnonzero(area.ub > area.lb)
    rows = np.array([one.row for one in limits])
    used = rows @ area.lb
    lows = np.array([one.low for one in limits]) - used
    highs = np.array([one.high for one in limits]) - used
    alone = np.where(lows > 0, lows, np.where(highs < 0, highs, 0.0))
    table = np.vstack([np.column_stack([rows[:, free], alone]), np.append(np.ones(len(free)), len(free))])
    with quiet():
        found = milp(
            -np.append(gain[free], gain @ (best - area.lb) - 5 * SLACK),
            integrality=np.ones(len(free) + 1),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(table, np.append(lows, -np.inf), np.append(highs, len(free))),
            options={"mip_rel_gap": 0.0, "node_limit": nodes},
        )
    sure = found.status in ENDED
    if found.x is None or found.x[-1] > 0.5:
        return None, sure
    picked = area.lb.copy()
    picked[free] = np.round(found.x[:-1])
    if not _kept(picked[None, :], limits)[0]:  # whole, it breaks a limit by a hair: see _solve
        return _rival(problem, best, nodes, area, [*barred, _bar(picked)])
    return (picked, sure) if gain @ picked >= gain @ best - SLACK else (None, sure)


def _no_worse(problem: Problem, found: Floats) -> Limit:
    # Less the tolerance on the solver's scale, or rounding would lose the very portfolio that it comes from.
    floor = limit("as much value", problem.values, low=float(problem.values @ found))
    return replace(floor, low=floor.low - SLACK)


def _conflict(problem: Problem, nodes: int) -> str:
    """Name a smallest set of limits that cannot all be kept: drop each in turn, put back those that matter."""
    needed = list(problem.limits)
    for one in problem.limits:
        rest = [other for other in needed if other is not one]
        if rest and solve(problem.values, rest, nodes)[0] is None:
            needed = rest
    words = "; ".join(one.name for one in needed)
    return f"No portfolio keeps to all of these: {words}. Loosen one of them."


def fits(problem: Problem, taken: Marks) -> bool:
    """Whether a choice, perhaps not finished, breaks no ceiling: minimums are left for later."""
    return all(float(one.row @ taken) <= one.high + SLACK for one in problem.limits)


def portfolio_of(problem: Problem, taken: Floats | Marks) -> Portfolio:
    """Names, value and money of a choice."""
    picked = {name for name, mark in zip(problem.names, taken, strict=True) if mark > 0.5}
    spend = pd.Series(taken @ problem.costs, index=problem.budget.index)
    table = pd.DataFrame({"budget": problem.budget, "spend": spend, "left": problem.budget - spend})
    return Portfolio(
        chosen=tuple(name for name in problem.given if name in picked),
        not_now=tuple(name for name in problem.given if name not in picked),
        value=float(problem.values @ taken),
        cost=float(spend.sum()),
        spend=table,
        unmet=tuple(one.name for one in problem.limits if float(one.row @ taken) < one.low - SLACK),
    )
