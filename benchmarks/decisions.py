"""Rank acceptability and portfolios: ours beside loops, and beside the rule of thumb."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.task import Prepare, Setting, Task

SCENARIOS = ("growth", "inclusion", "resilience")
CUTS = (0.0, 0.1, 0.2, 0.25, 0.3, 0.5)


def _scores() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        rng.gamma(2.0, 2.0, (40, 8)),
        index=[f"option {number}" for number in range(40)],
        columns=[f"criterion {number}" for number in range(8)],
    )


def _draws(setting: Setting) -> int:
    return 300 if setting.small else 10_000


def _first_ranks(acceptability: np.ndarray) -> Mapping[str, float]:
    """How often the three options that are most often first are first; draws differ, so only about equal."""
    often = np.sort(acceptability[:, 0])[::-1]
    return {f"share of first ranks, {place}": float(often[place - 1]) for place in (1, 2, 3)}


def smaa_ours(setting: Setting) -> Task:
    """`rank_acceptability`: also central weights and confidence, which the loops leave out."""
    from iitk.analysis.preferences import rank_acceptability

    scores, draws = _scores(), _draws(setting)
    return Task(
        [lambda: rank_acceptability(scores, draws=draws)],
        lambda results: _first_ranks(results[0].acceptability.to_numpy()),  # type: ignore[attr-defined]
    )


def smaa_uncertain(setting: Setting) -> Task:
    """The same with a standard deviation on every score."""
    from iitk.analysis.preferences import rank_acceptability

    scores, draws = _scores(), _draws(setting)
    return Task([lambda: rank_acceptability(scores, spread=scores * 0 + 0.3, draws=draws)])


def _loop(setting: Setting, rank: Callable[[np.ndarray], np.ndarray]) -> Task:
    """Rank once for each draw of weights, and count."""
    draws, options = _draws(setting), 40

    def work() -> np.ndarray:
        weights = np.random.default_rng(1).dirichlet(np.ones(8), draws)
        count = np.zeros((options, options))
        for weight in weights:
            count[np.arange(options), rank(weight).astype(int) - 1] += 1
        return count / draws

    return Task([work], lambda results: _first_ranks(results[0]))  # type: ignore[arg-type]


def smaa_pymcdm(setting: Setting) -> Task:
    """pymcdm ranks by weighted sum; it has no SMAA, so a loop calls it for each draw."""
    from pymcdm.methods import WSM
    from pymcdm.normalizations import minmax_normalization

    method, scores, senses = WSM(minmax_normalization), _scores().to_numpy(), np.ones(8)
    return _loop(setting, lambda weight: method.rank(method(scores, weight, senses)))


def smaa_pandas(setting: Setting) -> Task:
    """A loop over the draws with pandas' ranks."""
    scores = _scores()
    unit = ((scores - scores.min()) / (scores.max() - scores.min())).to_numpy()
    return _loop(setting, lambda weight: pd.Series(unit @ weight).rank(ascending=False).to_numpy())


def problem(count: int, seed: int) -> tuple[pd.DataFrame, pd.Series, Any]:
    """Made-up options with five yearly costs, values by scenario, and rules: who needs whom, who excludes whom."""
    from iitk.analysis.portfolio import Rules

    rng = np.random.default_rng(seed)
    names = [f"option {number:03d}" for number in range(count)]
    costs = pd.DataFrame(rng.gamma(2.0, 2.0, (count, 5)).round(2), names, [str(year) for year in range(2027, 2032)])
    values = {name: rng.gamma(3.0, 3.0, count).round(1) for name in ("value", *SCENARIOS)}
    rules = Rules(
        requires={names[1]: names[2], names[3]: [names[4], names[5]], names[6]: names[7]},
        excludes=[[names[10], names[11]], names[12:15]],
        groups={"skills": names[20:30]},
        counts={"skills": (2, 6)},
    )
    return costs.assign(**values), costs.sum() * 0.4, rules


def _worth(results: Sequence[Any]) -> Mapping[str, float]:
    """Value of each instance's portfolio, and how many are proven to be the best."""
    values = {f"value {number}": float(one.value) for number, one in enumerate(results)}
    return values | {"proven": float(sum(one.proven for one in results))}


def _portfolios(count: int, instances: int, name: str) -> Prepare:
    """Instances of a size, chosen by the function called `name`."""

    def prepare(setting: Setting) -> Task:
        from iitk.analysis import portfolio

        way = getattr(portfolio, name)
        made = [problem(min(count, 35) if setting.small else count, seed) for seed in range(instances)]
        parts = [lambda one=one: way(one[0], one[1], rules=one[2]) for one in made]
        return Task(parts[:2] if setting.small else parts, _worth)

    return prepare


def cuts(setting: Setting) -> Task:
    """Six cuts of all budgets, and the best portfolio under three other sets of values."""
    from iitk.analysis.portfolio import choose, cut_test

    def work(seed: int) -> object:
        options, budget, rules = made[seed]
        tested = cut_test(options, budget, cuts=CUTS, rules=rules)
        return tested, [choose(options, budget, value=name, rules=rules) for name in SCENARIOS]

    made = [problem(35 if setting.small else 40, seed) for seed in range(1 if setting.small else 5)]
    return Task([lambda seed=seed: work(seed) for seed in range(len(made))])


WORK: dict[str, Prepare] = {
    "smaa_ours": smaa_ours, "smaa_uncertain": smaa_uncertain, "smaa_pymcdm": smaa_pymcdm, "smaa_pandas": smaa_pandas,
    "portfolio_40": _portfolios(40, 9, "choose"), "portfolio_40_greedy": _portfolios(40, 9, "greedy"),
    "portfolio_cuts": cuts,
    "portfolio_300": _portfolios(300, 3, "choose"), "portfolio_300_greedy": _portfolios(300, 3, "greedy"),
}  # fmt: skip
