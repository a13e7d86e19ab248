"""`choose` against every one of the 2^n portfolios, on 200 problems with budgets and rules of every kind at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iitk.analysis.portfolio import choose
from iitk.errors import MethodError

YEARS = ["2026 capital", "2026 revenue", "2027 capital", "2027 revenue"]


def problem(seed):
    """8 to 13 options under 2 to 4 budgets, in whole numbers so that sums are exact."""
    rng = np.random.default_rng(1_000 + seed)
    n, years = int(rng.integers(8, 14)), YEARS[: int(rng.integers(2, 5))]
    costs = rng.integers(0, 12, (n, len(years))) * (rng.random((n, len(years))) < 0.7)
    values = rng.integers(-2, 20, n)
    budget = (costs.sum(axis=0) * rng.uniform(0.2, 0.7, len(years))).round()
    pick = rng.permutation(n)
    west = np.sort(rng.choice(n, n // 2, replace=False))
    money = int(costs[west].sum())
    return values, costs, years, budget, {
        "requires": [(pick[0], pick[1]), (pick[1], pick[2]), (pick[3], pick[2])][: rng.integers(0, 4)],
        "excludes": [pick[[2, 4, 5]], pick[[6, 7]]][: rng.integers(0, 3)],
        "counts": (int(rng.integers(0, 4)), int(rng.integers(3, 7))),
        "west": west,
        "spend": (round(money * rng.uniform(0, 0.45)), round(money * rng.uniform(0.45, 0.8))),
        "include": pick[8:][: rng.integers(0, 2)] if seed % 3 == 0 else [],
    }  # fmt: skip


def lawful(values, costs, budget, rules):
    """All portfolios that keep to everything, as rows of 0 and 1."""
    every = np.arange(2 ** len(values))[:, None] >> np.arange(len(values)) & 1
    kept = (every @ costs <= budget).all(axis=1)
    for one, other in rules["requires"]:
        kept &= every[:, one] <= every[:, other]
    for members in rules["excludes"]:
        kept &= every[:, members].sum(axis=1) <= 1
    for one in rules["include"]:
        kept &= every[:, one] == 1
    held, spent = every[:, rules["west"]].sum(axis=1), every[:, rules["west"]] @ costs[rules["west"]].sum(axis=1)
    kept &= (rules["counts"][0] <= held) & (held <= rules["counts"][1])
    kept &= (rules["spend"][0] <= spent) & (spent <= rules["spend"][1])
    return every[kept]


def asked(values, costs, years, budget, rules):
    """The same problem as a user writes it."""
    names = np.array([f"o{n:02}" for n in range(len(values))])
    options = pd.DataFrame(costs.astype(float), index=names, columns=years).assign(value=values.astype(float))
    written = {
        "requires": [(names[one], names[other]) for one, other in rules["requires"]],
        "excludes": [list(names[members]) for members in rules["excludes"]],
        "groups": {"west": list(names[rules["west"]])},
        "counts": {"west": rules["counts"]},
        "spend": {"west": rules["spend"]},
        "include": list(names[np.array(rules["include"], dtype=int)]),
    }
    return options, dict(zip(years, budget, strict=True)), written


def test_the_optimum_is_that_of_full_enumeration_on_200_problems():
    impossible = 0
    for seed in range(200):
        values, costs, years, budget, rules = problem(seed)
        options, money, written = asked(values, costs, years, budget, rules)
        portfolios = lawful(values, costs, budget, rules)
        if not len(portfolios):
            impossible += 1
            with pytest.raises(MethodError, match="No portfolio keeps to all of these"):
                choose(options, money, rules=written)
            continue
        worth, cost = portfolios @ values, portfolios @ costs.sum(axis=1)
        found = choose(options, money, rules=written)
        assert (found.value, found.cost) == (worth.max(), cost[worth == worth.max()].min()), seed
        assert found.proven, seed
        marks = options.index.isin(found.chosen).astype(int)
        assert (portfolios == marks).all(axis=1).any(), seed  # it keeps every rule
        assert found.spend["spend"].tolist() == (marks @ costs).tolist(), seed
    assert 10 < impossible < 100  # both kinds were met
