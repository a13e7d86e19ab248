"""Which options to fund together: the best portfolio under several budgets, and how well it stands up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from iitk.analysis.checks import (
    Floats,
    Table,
    as_table,
    choice,
    complete,
    floats,
    frame,
    listed,
    number,
    series,
    share,
    whole,
)
from iitk.analysis.criteria import Senses
from iitk.analysis.equalshares import equal_shares, of_options
from iitk.analysis.knapsack import (
    NODES,
    SLACK,
    Budget,
    Marks,
    Portfolio,
    Problem,
    best_of,
    fits,
    optima,
    optimum,
    portfolio_of,
    pose,
    required,
)
from iitk.analysis.preferences import weighted_sum
from iitk.analysis.rules import FREE, Label, Rules, as_rules, limit, marks
from iitk.errors import MethodError

__all__ = [
    "FREE",
    "Budget",
    "Portfolio",
    "Rules",
    "choose",
    "choose_each",
    "core_sets",
    "cut_test",
    "equal_shares",
    "frontier",
    "greedy",
    "not_now",
    "value_draws",
]

AnyRules = Rules | Mapping[str, Any] | None


def choose(
    options: pd.DataFrame,
    budget: Budget,
    *,
    value: str = "value",
    rules: AnyRules = FREE,
    ties: int = 5,
    nodes: int = NODES,
    **more: Any,
) -> Portfolio:
    """
    Options that give the most value within every budget and rule: max sum_o value_o x_o, x_o 0 or 1.

    Subject to sum_o cost_ob x_o <= budget_b for each budget b, and to `rules`. Of equal portfolios the cheapest is
    taken, then the first by name; the others are said in `ties`. Neither row order nor chance changes the answer.

    Parameters
    ----------
    options
        Options x columns: the value (any unit in which values add up) and a cost for each budget (>= 0).
    budget
        Money by the name of its cost column: a year, or a year and kind ({"2026 capital": 5, "2026 revenue": 1}). One
        number is the budget of the column "cost". Costs and budgets are in the prices of one year: say it in
        `price_years` to have it checked.
    value
        Column of `options` that holds the value.
    rules
        Dependencies, exclusions, minimum and maximum by group, promises already made: `Rules`, or a mapping of those.
    ties
        How many equal portfolios to look for, at most.
    nodes
        Where the search stops: `proven` is then False. A count, not a clock, so that the answer stays the same.
    more
        Rules by name: choose(..., requires={"tram": "hub"}) for choose(..., rules=Rules(requires={"tram": "hub"})).

    Returns
    -------
    Portfolio, with the options' own labels. Values within a billionth of the largest value of an option are equal.

    Raises
    ------
    MethodError
        Columns or names that do not exist, gaps, negative costs, rules and budgets that no portfolio can keep (the
        message names a smallest set of them that conflict).

    Notes
    -----
    Not for values that depend on what else is chosen, other than through dependencies; nor for values whose doubt is
    wider than the differences between them, unless `core_sets` stands beside it. HiGHS (`scipy.optimize.milp`) proposes
    a portfolio, and all that are as good are listed (`iitk.analysis.listing`); where that list would be too long, HiGHS
    proves the best and finds each tie. Source: Kellerer, Pferschy and Pisinger (2004), Knapsack Problems.

    Examples
    --------
    >>> options = pd.DataFrame({"value": [6, 5, 4], "cost": [6, 5, 4]}, index=["tram", "hub", "lab"])
    >>> choose(options, 9).chosen
    ('hub', 'lab')
    >>> choose(options, 10, excludes=[["hub", "lab"]]).chosen
    ('tram', 'lab')
    """
    ties, nodes = whole(ties, "ties"), whole(nodes, "nodes", 1)
    return best_of(pose(options, budget, value, as_rules(rules, more)), ties, nodes)


def choose_each(
    options: pd.DataFrame, budget: Budget, values: Sequence[str], *, rules: AnyRules = FREE, ties: int = 1
) -> dict[str, Portfolio]:  # fmt: skip
    """
    Best portfolio for each of several columns of value, under the same money and rules: `choose` for each of them.

    What is given is checked and put in order once, so that many opinions take little longer than their solutions.
    Arguments and errors as `choose`. Returns portfolios by column, in the order of `values`. Not for one column.
    Source: ours; `choose`.

    Examples
    --------
    >>> options = pd.DataFrame({"jobs": [6, 5, 4], "worth": [1, 1, 9], "cost": [6, 5, 4]}, index=["tram", "hub", "lab"])
    >>> {name: found.chosen for name, found in choose_each(options, 6, ["jobs", "worth"]).items()}
    {'jobs': ('tram',), 'worth': ('lab',)}
    """
    if not values:
        raise MethodError("values is empty: name a column of value at least.")
    found, ties = as_table(options, "options"), whole(ties, "ties")
    money = [name for name in found.columns if name not in set(values)]
    if absent := [name for name in values if name not in found.columns]:
        raise MethodError(f"options has no column {listed(absent)}.")
    first = pose(found[[*money, values[0]]], budget, values[0], rules)
    chosen = {}
    for name in values:
        column = series(found[name], f"options[{name!r}]").reindex(list(first.names))
        complete(column, f"options[{name!r}]", "Estimate it, or leave the option out and say so.")
        chosen[name] = best_of(replace(first, values=floats(column, "options")), ties, NODES)
    return chosen


def greedy(
    options: pd.DataFrame, budget: Budget, *, value: str = "value", rules: AnyRules = FREE, by: str = "ratio"
) -> Portfolio:
    """
    Rule of thumb beside `choose`: take options in order while they fit, each with what it requires.

    Parameters
    ----------
    options, budget, value, rules
        As in `choose`. Options without value are left out unless promised. Minimums are not aimed at: those that it
        misses are in `unmet`.
    by
        The order: "ratio" (default), value per pound over all budgets; or "value", as where cities fund what has most
        votes, whatever it costs. Of equals the first by name.

    Returns
    -------
    Portfolio, never `proven`. With one budget and no rules, "ratio" or the one dearest option that fits, whichever is
    better, gives at least half of the best value; by itself it can be far off.

    Raises
    ------
    MethodError
        As `choose`; promises that do not fit; an unknown order.

    Notes
    -----
    Not to decide with where `choose` answers in time: show it to say what a simple rule would have done.
    Source: Kellerer, Pferschy and Pisinger (2004), Knapsack Problems, section 2.1.

    Examples
    --------
    >>> options = pd.DataFrame({"value": [7, 5, 5], "cost": [6, 5, 5]}, index=["tram", "hub", "lab"])
    >>> greedy(options, 10).chosen, choose(options, 10).chosen
    (('tram',), ('hub', 'lab'))
    """
    choice(by, ("ratio", "value"), "by")
    problem = pose(options, budget, value, rules)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = problem.values / (problem.cost if by == "ratio" else 1.0)
    worth = np.where(problem.values > 0, ratio, -1.0)
    taken = _promised(problem)
    for option in np.argsort(-worth, kind="stable"):
        wider = taken | _bundle(problem, [problem.names[option]])
        if worth[option] > 0 and fits(problem, wider):
            taken = wider
    return portfolio_of(problem, taken)


def cut_test(
    options: pd.DataFrame,
    budget: Budget,
    *,
    cuts: Sequence[float] = (0.0, 0.1, 0.25, 0.5),
    value: str = "value",
    rules: AnyRules = FREE,
) -> pd.DataFrame:
    """
    What is left if every budget is cut by these shares: 0.1 means 10% less.

    Returns a table by cut of `value` and `cost` (missing where no portfolio keeps to the rules), `chosen`, `lost` and
    `gained` (options out and in, against the uncut portfolio). Other arguments and errors as `choose`; `cuts` are
    shares. Each cut is chosen afresh: not for a cut in mid-programme, when money is spent (promise those options:
    `include`). Source: ours; `choose` at each budget.

    Examples
    --------
    >>> options = pd.DataFrame({"value": [6, 5, 4], "cost": [6, 5, 4]}, index=["tram", "hub", "lab"])
    >>> cut_test(options, 9, cuts=[0.25])["chosen"].tolist()
    [('tram',)]
    """
    problem = pose(options, budget, value, rules)
    before = set(best_of(problem, 1, NODES).chosen)
    given = [cuts] if np.isscalar(cuts) else list(cuts)
    if not given:
        raise MethodError("cuts is empty: give shares, such as [0.1, 0.25].")
    shares = [share(number(cut, "a cut"), "a cut") for cut in given]
    rows = []
    for cut in shares:
        less = pose(options, problem.budget * (1 - cut), value, rules)
        found, _ = optimum(less, NODES)
        now = None if found is None else portfolio_of(less, found)
        kept = () if now is None else now.chosen
        lost = tuple(name for name in problem.given if name in before and name not in kept)
        rows.append(
            {
                "value": np.nan if now is None else now.value,
                "cost": np.nan if now is None else now.cost,
                "chosen": kept,
                "lost": lost,
                "gained": tuple(name for name in kept if name not in before),
            }
        )
    return pd.DataFrame(rows, index=pd.Index(shares, name="cut", dtype=float))


def frontier(
    options: pd.DataFrame, budget: Budget, *, value: str = "value", rules: AnyRules = FREE, step: float = 0.0
) -> pd.DataFrame:
    """
    Every efficient portfolio: none gives as much value for less, or more for as much. Where "the same for less" is.

    Returns a table of `cost`, `value` and `chosen`, the cheapest first; one portfolio for each pair of cost and value.
    All keep to budgets and rules. `step` is the least saving (money) from one to the next: 0, the default, gives all of
    them (down to savings of a hundred-thousandth of the dearest option), which may be thousands for 40 options.
    Other arguments and errors as `choose`.

    Not to read off a value for money: a portfolio on the frontier may hold options that cost more than they are worth.
    Source: the epsilon-constraint method; Ehrgott (2005), Multicriteria Optimization, chapter 4.

    Examples
    --------
    >>> options = pd.DataFrame({"value": [6, 5, 1], "cost": [4, 5, 2]}, index=["tram", "hub", "lab"])
    >>> frontier(options, 9)[["cost", "value"]].to_numpy().tolist()
    [[0.0, 0.0], [2.0, 1.0], [4.0, 6.0], [6.0, 7.0], [9.0, 11.0]]
    """
    if number(step, "step") < 0:
        raise MethodError(f"step must be 0 or more, got {step:g}: the least saving from one portfolio to the next.")
    problem = pose(options, budget, value, rules)
    found: Floats | None = required(problem, NODES)[0]
    # The solver takes 0.999999 of an option for the whole: a smaller saving could be none at all.
    least = max(step, 1e-5 * float(problem.cost.max(initial=0.0)))
    rows = []
    while found is not None:
        one = portfolio_of(problem, found)
        rows.append({"cost": one.cost, "value": one.value, "chosen": one.chosen})
        cheaper = limit("a lower cost", problem.cost, high=one.cost - least)
        found = optimum(problem, NODES, cheaper)[0] if one.cost >= least > 0 else None
    return pd.DataFrame(rows[::-1])


def not_now(options: pd.DataFrame, budget: Budget, *, value: str = "value", rules: AnyRules = FREE) -> pd.DataFrame:
    """
    Why each option that was left out is out: how much value would be lost if it had to be in.

    Returns a table by option left out of `loss` (unit of value; 0: an equal portfolio has it; missing: no portfolio
    that keeps to budgets and rules can have it) and `replaces`, the chosen options that would go. The smallest loss
    comes first. Arguments and errors as `choose`. Not for adding up: each loss is that of one option by itself.
    Source: ours; the value of `choose` less that of `choose` with the option promised.

    Examples
    --------
    >>> options = pd.DataFrame({"value": [6, 5, 4], "cost": [6, 5, 4]}, index=["tram", "hub", "lab"])
    >>> not_now(options, 9).loc["tram"].to_dict()
    {'loss': 3.0, 'replaces': ('hub', 'lab')}
    """
    start = pose(options, budget, value, rules)
    best = best_of(start, 1, NODES)
    rows: dict[Label, dict[str, object]] = {}
    for name in best.not_now:
        wider = replace(start.rules, include=list(dict.fromkeys([*start.rules.include, name])))
        problem = pose(options, budget, value, wider)
        found, _ = optimum(problem, NODES)
        with_it = None if found is None else portfolio_of(problem, found)
        gone = () if with_it is None else tuple(other for other in best.chosen if other not in with_it.chosen)
        rows[name] = {"loss": np.nan if with_it is None else best.value - with_it.value, "replaces": gone}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["loss", "replaces"])
    return table.sort_values("loss", kind="stable")


def core_sets(
    options: pd.DataFrame,
    budget: Budget,
    values: Table,
    *,
    rules: AnyRules = FREE,
    core: float = 1.0,
    within: float = 0.0,
) -> pd.DataFrame:
    """
    Which options are funded whatever the doubt: the share of draws in whose best portfolio each one is.

    Parameters
    ----------
    options, budget, rules
        As in `choose`; `options` needs the costs only.
    values
        Draws x options, such as those of `value_draws` (weights and scores in doubt) or of a Monte Carlo.
    core
        Share of draws from which on an option is core: 1, the default, is all of them.
    within
        How far below its best, as a share, a draw's portfolio may be: 0 (default) is exact. With 0.01 a draw may keep
        the portfolio of another draw that is proven to be at most 1% worse for it, which is many times faster, and
        well inside what the values are known to. Shares of funding then differ by a few in a hundred.

    Returns
    -------
    Table by option of `share` (0 to 1) and `set`: "core" (in at least the share `core`), "never" (in at most
    1 - core), else "borderline". Where a draw's portfolios tie, the cheapest counts, then the first by name.

    Raises
    ------
    MethodError
        As `choose`; draws that are none, have gaps or lack an option; shares that are not from 0 to 1.

    Notes
    -----
    Not a probability that an option is worth its money: it says how far the choice hangs on the doubt that was drawn.
    Source: the core index of Liesio, Mild and Salo (2007), European Journal of Operational Research 181, on draws.

    Examples
    --------
    >>> options = pd.DataFrame({"cost": [2, 2, 2]}, index=["tram", "hub", "lab"])
    >>> draws = pd.DataFrame({"tram": [9, 9], "hub": [5, 2], "lab": [3, 3]})
    >>> core_sets(options, 4, draws)["set"].tolist()
    ['core', 'borderline', 'borderline']
    """
    options, drawn = as_table(options, "options"), frame(values, "values")
    if drawn.empty:
        raise MethodError("values has no draws: pass draws x options, for instance from value_draws.")
    if not isinstance(values, pd.DataFrame) and drawn.shape[1] == len(options):
        drawn.columns = options.index
    drawn = of_options(drawn, options.index, "values")
    problem = pose(options.assign(value=floats(drawn.iloc[0], "values")), budget, "value", rules)
    table = drawn[list(problem.names)]
    for name in table.columns:
        complete(table[name], f"values of {name!r}", "Every draw needs a value of every option.")
    share(number(core, "core"), "core")
    share(number(within, "within"), "within")
    different, times = np.unique(floats(table, "values"), axis=0, return_counts=True)
    counts = times @ optima(problem, different, NODES, within)
    shares = pd.Series(counts / len(table), index=list(problem.names)).reindex(list(problem.given))
    kinds = np.select([shares >= core, shares <= 1 - core], ["core", "never"], "borderline")
    return pd.DataFrame({"share": shares, "set": kinds})


def value_draws(
    scores: pd.DataFrame,
    *,
    senses: Senses | None = None,
    spread: float = 0.0,
    draws: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """
    Draws x options: values when nobody knows the weights: sum_c w_c score_oc, with w drawn evenly from all weights.

    Scores are min-max normalised and directed by `senses` as in `preferences.weighted_sum` (so is what is refused).
    `spread` is the standard deviation of each value, as a share of the scale from worst to best (normal, independent).
    The same seed gives the same draws. Raises MethodError as `weighted_sum`, for a spread that is not a share, and for
    fewer than one draw. Not where the group has agreed on weights: draw around those instead. Source: evenly drawn
    weights as in SMAA-2, Lahdelma and Salminen (2001), Operations Research 49.

    Examples
    --------
    >>> scores = pd.DataFrame({"jobs": [5, 1, 0], "cost": [2, 1, 3]}, index=["tram", "hub", "lab"])
    >>> value_draws(scores, senses={"cost": "min"}, draws=500).mean().round(1).to_dict()
    {'tram': 0.8, 'hub': 0.6, 'lab': 0.0}
    """
    share(number(spread, "spread"), "spread")
    draws, scores = whole(draws, "draws", 1), frame(scores, "scores")
    if scores.empty:
        raise MethodError("scores has no options or no criteria.")
    alone = [
        weighted_sum(scores, pd.Series(scores.columns == name, index=scores.columns), senses=senses)
        for name in scores.columns
    ]
    rng = np.random.default_rng(whole(seed, "seed"))
    weights = rng.dirichlet(np.ones(len(alone)), size=draws)
    values = weights @ np.array([one.to_numpy() for one in alone])
    return pd.DataFrame(values + spread * rng.standard_normal(values.shape), columns=scores.index)


def _bundle(problem: Problem, wanted: Sequence[Label]) -> Marks:
    """The options wanted with all that they require, and what those require."""
    found: set[Label] = set()
    queue = list(wanted)
    while queue:
        if (name := queue.pop()) not in found:
            found.add(name)
            queue += dict(problem.rules.requires).get(name, ())
    return marks(problem.names, found) > 0


def _promised(problem: Problem) -> Marks:
    taken = _bundle(problem, problem.rules.include)
    broken = [one.name for one in problem.limits if float(one.row @ taken) > one.high + SLACK]
    if broken:
        raise MethodError(f"What is promised (include) breaks {'; '.join(broken)}. Loosen that, or promise less.")
    return taken
