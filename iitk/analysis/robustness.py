"""How well a portfolio stands up: the best in thousands of draws of values and costs, and where budgets bend."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from iitk.analysis.checks import Floats, Table, array, complete, floats, frame, listed, mapping, number, share, whole
from iitk.analysis.equalshares import of_options
from iitk.analysis.knapsack import NODES, SLACK, Budget, Marks, Problem, optimum, portfolio_of, pose, solve
from iitk.analysis.neighbourhood import Draws, Picks, Search, step_in
from iitk.analysis.portfolio import AnyRules
from iitk.analysis.rules import FREE, SCALE, Label, Limit, Rules, marks, rule_limits
from iitk.errors import MethodError

Told = Callable[[float, str], None]
SAMPLE = 600  # draws that find good portfolios for all the others
AT_ONCE = 8  # draws without a portfolio that are solved before what they found is offered to the rest
FEW = 14  # options; so many make 16,384 portfolios, and each draw can be offered all of them
WORK = 8e8  # portfolios x draws x budgets, up to which it is: a second or two


@dataclass(frozen=True, slots=True)
class Check:
    """Draws taken by chance and solved exactly: in how many the search had found the same value."""

    draws: int
    same: int  # to a billionth
    shortfall: float  # the largest, as a share of the best value


@dataclass(frozen=True, slots=True)
class Drawn:
    """The best portfolio found in each draw."""

    chosen: pd.DataFrame  # draws x options
    values: pd.Series  # of each draw; missing where no portfolio keeps to budgets and rules
    exact: bool  # every portfolio was offered to every draw, or every draw was solved
    check: Check  # of what stands here
    first: Check  # before what the first check had found was shared with the other draws

    @property
    def impossible(self) -> int:
        """Draws in which no portfolio keeps to budgets and rules."""
        return int(self.values.isna().sum())

    @property
    def words(self) -> str:
        """How far to trust this, for the page."""
        found = f"Best portfolio in {len(self.values):,} draws of values and costs."
        if self.impossible:
            found += f" In {self.impossible:,} of them no portfolio keeps to budgets and rules."
        if self.exact:
            return f"{found} Each is exact."
        if not self.check.draws:
            return f"{found} Found by search, and not checked."
        found += f" Found by search; of {self.check.draws:,} draws checked by an exact solver "
        if self.check.same == self.check.draws:
            return f"{found}all had the same value."
        short = math.ceil(1000 * self.check.shortfall - 1e-9) / 1000  # what none was more than: never rounded down
        return f"{found}{self.check.same:,} had the same value, and none was more than {short:.1%} short of it."


@dataclass(slots=True)
class _Progress:
    """Shares of the work done, never going back."""

    told: Told | None
    done: float = 0.0

    def part(self, start: float, end: float, words: str) -> Callable[[float], None]:
        """What tells of a piece of work that takes it from one share to another."""

        def step(share_done: float) -> None:
            self.done = max(self.done, start + (end - start) * min(share_done, 1.0))
            if self.told is not None:
                self.told(self.done, words)

        step(0.0)
        return step


def best_in_draws(
    values: Table,
    costs: Table | Mapping[str, Table],
    budget: Budget | Mapping[str, Any],
    *,
    rules: AnyRules = FREE,
    checks: int | None = None,
    seed: int = 0,
    told: Told | None = None,
) -> Drawn:
    """
    Best portfolio in each of thousands of draws of values and costs: as `portfolio.choose`, draw by draw.

    Parameters
    ----------
    values
        Draws x options. Every option needs a value in every draw.
    costs
        Draws x options for each budget, by its name ({"2026 capital": table, ...}); one table stands for the budget
        "cost". The draws of a row belong together.
    budget
        As in `choose`: one number, or money by name; in place of a number there may be one for each draw.
    rules
        As in `choose`. Money of a group (`spend`) is that of the draw.
    checks
        Draws taken by chance that are solved exactly, to say how near the search came; it is done twice, see Notes.
        None (default) is 40, or 12 of more than 30 options, which take the solver a tenth of a second each.
    seed
        Of that chance. The same seed gives the same answer, whatever the order of draws and options.
    told
        Called with the share done (0 to 1) and words for it, several times a second; it may raise to stop.

    Returns
    -------
    Drawn. Of equal portfolios the cheaper is taken.

    Raises
    ------
    MethodError
        As `choose`, but for draws that no portfolio satisfies: they are counted in `impossible`.

    Notes
    -----
    Exact where every portfolio can be offered to every draw (5,000 draws: 13 options), or for no more draws than
    `checks`. Else a search: each draw gives up as many as two options (three of up to 18 in all) and takes in as many,
    as long as that gains, and what it finds is offered to all (`iitk.analysis.neighbourhood`).
    Where the first check finds draws that fell short, the exact portfolios are shared, and other draws are checked.
    Not for a decision on one set of figures: `choose` proves its answer. Source: local search as in Kellerer, Pferschy
    and Pisinger (2004), Knapsack Problems, chapter 9; sharing between draws is ours.

    Examples
    --------
    >>> values = pd.DataFrame({"tram": [6, 6], "hub": [5, 5], "lab": [4, 1]})
    >>> costs = pd.DataFrame({"tram": [6, 6], "hub": [5, 3], "lab": [4, 4]})
    >>> best_in_draws(values, costs, 9).chosen.to_numpy().tolist()
    [[False, True, True], [True, True, False]]
    """
    given = _given(values, costs, budget, rules)
    usual = 40 if len(given.problem.names) <= 30 else 12
    checks, progress = usual if checks is None else whole(checks, "checks"), _Progress(told)
    rng = np.random.default_rng(whole(seed, "seed"))
    search, possible = Search(given.draws), np.ones(len(given.draws.values), dtype=bool)
    exact = _first_portfolios(given, search, possible, checks, progress)
    first = last = Check(0, 0, 0.0)
    if not exact:
        by_chance = rng.permutation(np.flatnonzero(possible))
        _searched(search, rng, progress.part(0.1, 0.7, "searching"))
        first = last = _checked(given, search, by_chance[:checks], progress.part(0.7, 0.85, "checking"))
        if first.same < first.draws:
            last = _checked(given, search, by_chance[checks : 2 * checks], progress.part(0.85, 1.0, "checking again"))
    progress.part(1.0, 1.0, "done")
    return given.drawn(search, possible, exact, first, last)


def sets(drawn: Drawn, *, core: float = 0.8, never: float = 0.05) -> pd.DataFrame:
    """
    Which options are funded whatever the doubt: the share of draws in whose best portfolio each one is.

    Returns a table by option of `share` (0 to 1, of the draws that have a portfolio), `error` (its standard error from
    drawing at random, sqrt(s (1 - s) / n)) and `set`: "core" from the share `core` up, "never" down from `never`, else
    "conditional"; missing where no draw has a portfolio. Raises MethodError for shares that are not from 0 to 1, or
    with `never` not below `core`. Not the chance that an option is worth its money. Source: the core index of Liesio,
    Mild and Salo (2007), European Journal of Operational Research 181, on draws.

    Examples
    --------
    >>> values = pd.DataFrame({"tram": [9, 9], "hub": [5, 2], "lab": [3, 3]})
    >>> drawn = best_in_draws(values, pd.DataFrame(2, range(2), values.columns), 4)
    >>> sets(drawn)["set"].tolist()
    ['core', 'conditional', 'conditional']
    """
    if not share(number(never, "never"), "never") < share(number(core, "core"), "core"):
        raise MethodError(f"never must be below core, got {never:g} and {core:g}.")
    draws = len(drawn.values) - drawn.impossible
    shares = drawn.chosen.sum() / draws if draws else drawn.chosen.sum() * np.nan
    kinds = np.select([shares >= core, shares <= never], ["core", "never"], "conditional")
    error = np.sqrt(shares * (1 - shares) / max(draws, 1))
    return pd.DataFrame({"share": shares, "error": error, "set": pd.Series(kinds, shares.index).where(shares.notna())})


def knee(frontier: pd.DataFrame) -> Label | None:
    """
    Where a frontier bends: the row after which more money buys clearly less; None where it nowhere bends.

    `frontier` holds `cost` and `value`, as `portfolio.frontier` gives it, in any order. Both are brought to 0 to 1; the
    knee is the row farthest above the line from first to last (of equals the cheapest). None for fewer than three
    rows, and for a line or a curve below it. Raises MethodError for missing columns and gaps. A hint for the eye, not a
    budget: it moves with the range of costs looked at. Source: Satopaa et al. (2011), Finding a "kneedle" in a
    haystack, without its smoothing and its threshold.

    Examples
    --------
    >>> knee(pd.DataFrame({"cost": [0, 1, 2, 9], "value": [0, 6, 7, 8]}, index=["none", "a", "b", "all"]))
    'b'
    """
    curve = _curve(frontier)
    spread = curve.max() - curve.min()
    if len(curve) < 3 or not (spread > 0).all():
        return None
    above = ((curve - curve.min()) / spread).pipe(lambda one: one["value"] - one["cost"])
    return above.idxmax() if above.max() > 1e-9 else None


def same_for_less(frontier: pd.DataFrame, value: str = "value", part: float = 0.9) -> Label | None:
    """
    The cheapest row of a frontier with at least this part of the most: "90% of the jobs for 75% of the money".

    `frontier` as in `knee`, with its column of what counts named by `value`; `part` is a share of the largest of it.
    None for a frontier without rows. Raises MethodError for missing columns, gaps, and a part that is not from 0 to 1.
    Not a saving that is there for the taking: another portfolio serves other places and people. Source: ours.

    Examples
    --------
    >>> same_for_less(pd.DataFrame({"cost": [0, 6, 10], "value": [0, 9, 10]}), part=0.9)
    1
    """
    share(number(part, "part"), "part")
    curve = _curve(frontier, value)
    most = float(curve["value"].max()) if len(curve) else 0.0
    enough = curve.index[curve["value"] >= part * most - 1e-9 * abs(most)]
    return enough[0] if len(enough) else None


def ladder(
    options: pd.DataFrame, budget: Budget, shares: Sequence[float], *, value: str = "value", rules: AnyRules = FREE
) -> pd.DataFrame:
    """
    What is chosen at each share of the budget: shares x options, true where chosen; `entry` reads it.

    Every budget is multiplied by the share (0.5: half of the money; above 1: more than there is). Rows of shares at
    which nothing keeps to the rules are missing. Arguments and errors as `portfolio.choose`. Not a plan for a cut in
    mid-programme: each share is chosen afresh. Source: `choose` at each budget.

    Examples
    --------
    >>> options = pd.DataFrame({"value": [6, 5, 4], "cost": [6, 5, 4]}, index=["tram", "hub", "lab"])
    >>> ladder(options, 9, [0.7, 1])["tram"].tolist()
    [True, False]
    """
    steps = sorted({number(one, "a share of the budget") for one in np.atleast_1d(np.asarray(shares, dtype=object))})
    if not steps or steps[0] < 0:
        raise MethodError("shares must hold shares of the budget of 0 or more, such as [0.5, 0.75, 1].")
    whole_budget = pose(options, budget, value, rules).budget
    rows = {}
    for step in steps:
        found = _chosen_at(options, whole_budget * step, value, rules)
        rows[step] = [None] * len(options) if found is None else options.index.isin(found)
    return pd.DataFrame.from_dict(rows, orient="index", columns=options.index).rename_axis("share")


def entry(rungs: pd.DataFrame) -> pd.DataFrame:
    """
    From which share of the budget on each option is chosen, read off a `ladder`.

    Returns a table by option of `least` (the smallest share at which it is chosen), `steady` (the smallest from which
    on it stays) and `in_and_out` (true where it is chosen, dropped and chosen again, or dropped at the top). Missing
    where it is never chosen, or does not stay. Shares between the rungs were not looked at. Source: ours.

    Examples
    --------
    >>> options = pd.DataFrame({"value": [6, 5, 4], "cost": [6, 5, 4]}, index=["tram", "hub", "lab"])
    >>> entry(ladder(options, 9, [0.5, 0.7, 1]))["in_and_out"].to_dict()
    {'tram': True, 'hub': False, 'lab': True}
    """
    possible = rungs.dropna(how="all").astype(bool)
    stays = possible[::-1].cummin()[::-1]
    table = pd.DataFrame({
        "least": possible.idxmax().where(possible.any()) if len(possible) else np.nan,
        "steady": stays.idxmax().where(stays.any()) if len(possible) else np.nan,
    }, index=rungs.columns)  # fmt: skip
    table["in_and_out"] = table["least"].notna() & (table["least"] != table["steady"])
    return table


def _chosen_at(options: pd.DataFrame, budget: pd.Series, value: str, rules: AnyRules) -> tuple[Label, ...] | None:
    problem = pose(options, budget, value, rules)
    found, _ = optimum(problem, NODES)
    return None if found is None else portfolio_of(problem, found).chosen


def _curve(frontier: pd.DataFrame, value: str = "value") -> pd.DataFrame:
    """Cost and value, the cheapest first."""
    if absent := [name for name in ("cost", value) if name not in frontier.columns]:
        raise MethodError(f"frontier has no column {listed(absent)}: pass what portfolio.frontier gives.")
    curve = frame(frontier[["cost", value]], "frontier").set_axis(["cost", "value"], axis=1)
    for name in curve.columns:
        complete(curve[name], f"frontier, {name}", "Drop the row.")
    return curve.sort_values(["cost", "value"], ascending=[True, False], kind="stable")


@dataclass(frozen=True, slots=True)
class _Given:
    """What was asked, in an order that depends on neither the order of rows nor that of options."""

    problem: Problem  # of the first draw: names in order, rules
    index: pd.Index  # of the draws, as given
    order: Picks  # of the draws here, among those given
    values: Floats  # as given, draws x options
    cost: Floats  # over all budgets, draws x options
    draws: Draws

    def best(self, draw: int) -> Marks | None:
        """The exact answer of one draw; None where no portfolio keeps to budgets and rules."""
        one = self.draws.only(np.array([draw]))
        rows = [*zip(one.money[:, 0], one.floors[:, 0], one.tops[:, 0], strict=True)]
        rows += zip(one.rules, one.lows, one.highs, strict=True)
        limits = tuple(Limit("", row, low, high) for row, low, high in rows)
        found, _ = solve(one.values[0], limits, NODES)
        return None if found is None else found > 0.5

    def drawn(self, search: Search, possible: Marks, exact: bool, first: Check, last: Check) -> Drawn:
        """The answer, with draws and options as they were given."""
        back = np.argsort(self.order)
        chosen = pd.DataFrame((search.held & possible[:, None])[back], self.index, list(self.problem.names))
        worth = np.where(possible, (self.values * search.held).sum(axis=1), np.nan)[back]
        return Drawn(chosen[list(self.problem.given)], pd.Series(worth, self.index), exact, last, first)


def _given(
    values: Table, costs: Table | Mapping[str, Table], budget: Budget | Mapping[str, Any], rules: AnyRules
) -> _Given:
    """Check what was given, bring it in order and to the solver's scale."""
    drawn = frame(values, "values")
    if drawn.empty:
        raise MethodError("values has no draws: pass draws x options.")
    tables: dict[Any, Any] = dict(costs) if isinstance(costs, Mapping) else {"cost": costs}
    heads = dict(budget) if isinstance(budget, (Mapping, pd.Series)) else {"cost": budget}
    if absent := [name for name in heads if name not in tables]:
        raise MethodError(f"costs has no table for {listed(absent)}: give draws x options for every budget.")
    money = {name: _of_draws(tables[name], drawn, f"costs of {name!r}") for name in heads}
    _filled(drawn, "values")
    most = {name: _for_draws(heads[name], len(drawn), f"budget {name!r}") for name in heads}
    for name, one in money.items():
        _filled(one, f"costs of {name!r}", least=0.0)
    first = pd.DataFrame({"the value": drawn.iloc[0], **{name: one.iloc[0] for name, one in money.items()}})
    problem = pose(first, {name: float(one[0]) for name, one in most.items()}, "the value", rules)
    names = list(problem.names)
    worth, spent = floats(drawn[names], "values"), np.array([floats(one[names], "costs") for one in money.values()])
    order = np.lexsort(np.column_stack([spent.sum(axis=0), worth]).T)
    worth, spent = worth[order], spent[:, order]
    draws = _draws(problem, worth, spent, np.array([*most.values()])[:, order])
    return _Given(problem, drawn.index, order, worth, spent.sum(axis=0), draws)


def _of_draws(table: Table, drawn: pd.DataFrame, argument: str) -> pd.DataFrame:
    """A table of the same draws and options as the values."""
    found = frame(table, argument)
    if not isinstance(table, pd.DataFrame) and found.shape == drawn.shape:
        return found.set_axis(drawn.columns, axis=1)
    if len(found) != len(drawn):
        raise MethodError(f"{argument} has {len(found):,} draws, values has {len(drawn):,}. Pass the same draws.")
    return of_options(found, drawn.columns, argument)


def _for_draws(given: object, draws: int, argument: str) -> Floats:
    """A budget for each draw."""
    if np.ndim(given) == 0:  # type: ignore[arg-type]
        return np.full(draws, number(given, argument))
    found = array(given, argument)
    if found.shape != (draws,) or not (found >= 0).all():
        raise MethodError(f"{argument} must be one number, or one of 0 or more for each of the {draws:,} draws.")
    return found


def _filled(table: pd.DataFrame, argument: str, least: float = -np.inf) -> None:
    """Refuse gaps and negative costs."""
    for name in table.columns[table.isna().any()]:
        complete(table[name], f"{argument}, {name!r}", "Every draw needs a figure of every option.")
    if (table < least).any(axis=None):
        raise MethodError(f"{argument} must not be negative: count income as value, or add it to the budget.")


def _draws(problem: Problem, worth: Floats, spent: Floats, most: Floats) -> Draws:
    """On the solver's scale; a trace of the cost is taken off the value, so that of equals the cheaper is taken."""
    cost, names, keep = spent.sum(axis=0), problem.names, problem.rules
    trace = cost / np.maximum(cost.sum(axis=1, keepdims=True), 1e-300)
    scale = SCALE / np.maximum(np.abs(worth).max(axis=1, keepdims=True), 1e-300)
    ends, groups = mapping(keep.spend, "spend"), mapping(keep.groups, "groups")
    inside = np.array([marks(names, groups[group]) for group in ends]).reshape(len(ends), 1, len(names))
    money = np.concatenate([spent, cost * inside])
    open_ended = np.broadcast_to(np.array([*ends.values()]).reshape(len(ends), 2, 1), (len(ends), 2, len(worth)))
    tops = np.concatenate([most, open_ended[:, 1]])
    floors = np.concatenate([np.full(most.shape, -np.inf), open_ended[:, 0]])
    floors[floors <= 0] = -np.inf  # nobody spends less than nothing
    size = SCALE / np.where(money.max(axis=2) > 0, money.max(axis=2), SCALE)
    fixed = rule_limits(replace(keep, spend={}), names, cost[0])
    rows = np.array([one.row for one in fixed]).reshape(len(fixed), len(names))
    return Draws(
        values=worth * scale - SLACK * trace,
        money=money * size[:, :, None],
        tops=tops * size,
        floors=floors * size,
        rules=rows,
        lows=np.array([one.low for one in fixed]),
        highs=np.array([one.high for one in fixed]),
    )


def _first_portfolios(given: _Given, search: Search, possible: Marks, checks: int, progress: _Progress) -> bool:
    """Give every draw a portfolio that keeps to its limits, or mark it as impossible; whether all are exact."""
    budgets, draws, options = given.draws.money.shape
    step = progress.part(0.0, 0.1, "first portfolios")
    if options <= FEW and 2**options * draws * budgets <= WORK:
        every = (np.arange(2**options)[:, None] >> np.arange(options) & 1).astype(bool)
        search.offer(every[given.draws.lawful(every)], progress.part(0.0, 1.0, "every portfolio"))
        possible[:] = search.has
        return True
    if draws <= checks:
        _solved(given, search, possible, np.arange(draws), progress.part(0.0, 1.0, "solving"))
        return True
    promised = _promised(given.problem.rules, given.problem.names)
    possible[(given.draws.money @ promised > given.draws.tops + SLACK).any(axis=0)] = False
    if given.draws.lawful(promised[None, :])[0]:
        search.offer(promised[None, :])
    while len(without := np.flatnonzero(possible & ~search.has)):
        some = without[np.linspace(0, len(without) - 1, min(AT_ONCE, len(without))).astype(int)]
        search.offer(_solved(given, search, possible, some, lambda _: None))
        step(1 - len(without) / draws)
    return False


def _promised(rules: Rules, names: Sequence[Label]) -> Marks:
    """What every portfolio must hold: the options promised, with all that they require."""
    found, queue, needs = set(), list(rules.include), dict(rules.requires)
    while queue:
        if (name := queue.pop()) not in found:
            found.add(name)
            queue += needs.get(name, [])
    return marks(names, found) > 0.5


def _solved(given: _Given, search: Search, possible: Marks, some: Picks, step: Callable[[float], None]) -> Marks:
    """Solve some draws exactly; the portfolios found."""
    found = []
    for done, draw in enumerate(some, start=1):
        best = given.best(int(draw))
        if best is None:
            possible[draw] = False
        else:
            search.held[draw], search.has[draw] = best, True
            found.append(best)
        step(done / len(some))
    return np.array(found, dtype=bool).reshape(len(found), search.held.shape[1])


def _searched(search: Search, rng: np.random.Generator, step: Callable[[float], None]) -> None:
    """Search from a sample of draws, and with what it finds from all."""
    some = np.flatnonzero(search.has)
    sample = np.sort(rng.choice(some, min(SAMPLE, len(some)), replace=False))
    few = Search(search.draws.only(sample))
    few.held, few.has = search.held[sample], search.has[sample]
    few.settle(np.arange(len(sample)), step_in(step, 0.0, 0.2))
    search.offer(few.held, step_in(step, 0.2, 0.3))
    search.settle(some, step_in(step, 0.3, 1.0))


def _checked(given: _Given, search: Search, some: Picks, step: Callable[[float], None]) -> Check:
    """Compare some draws with their exact answers, which are then shared with all."""
    before = (given.values[some] * search.held[some]).sum(axis=1)
    pool = _solved(given, search, np.ones(len(search.held), dtype=bool), some, step_in(step, 0.0, 0.9))
    best = (given.values[some] * search.held[some]).sum(axis=1)
    short = np.maximum(best - before, 0) / np.maximum(np.abs(best), 1e-300)
    search.settle(search.offer(pool))
    return Check(len(some), int((short <= 1e-9).sum()), float(short.max(initial=0.0)))
