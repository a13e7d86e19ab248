"""Portfolios side by side for some money in some scenario: what each brings and leaves, who pays, who disagrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from iitk.analysis import worth
from iitk.analysis.portfolio import Portfolio
from iitk.analysis.worth import Draws
from iitk.charts import choosing_money
from iitk.charts.figure import Figure
from iitk.stages.appraisal import NET
from iitk.stages.remembered import remembered
from iitk.stages.selection import AIMS, Selection
from iitk.words import choosing
from iitk.words import format as say

AGREES = 0.8  # a member whose own values rate a portfolio at less than this share of their own best one disagrees
RANGE_DRAWS = 1024
SENTENCES = {
    "group": "The most value by the group’s weights and scores.",
    "npsv": "The most net present social value: what people gain less what it costs.",
    "net_jobs": "The most net additional jobs in place at the end.",
}
MISSES_SHOWN = 6
ASKING = "Working it out…"
_WHOSE = {"group": "the group’s portfolio", "npsv": "the portfolio of most worth",
          "net_jobs": "the portfolio of most jobs"}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What options come to together in a scenario; money in pounds of the price year."""

    net_jobs: float
    npsv: float  # an option whose benefits nobody has estimated counts with its costs
    cost: float  # with optimism bias, undiscounted, all public funders
    funders: pd.Series
    high_risk: int


def sums(found: Selection, names: Sequence[str], scenario: str = "") -> Result:
    """Add up what options come to: jobs and benefits that nobody has estimated bring nothing, costs count."""
    at, values = found.worth(scenario), found.table(scenario).loc[list(names)]
    return Result(
        float(values["net_jobs"].sum()), float(values["npsv"].sum()), float(at.table["cost"].loc[list(names)].sum()),
        at.funders.loc[list(names)].sum(),
        sum(found.options[name].risk_level == "high" for name in names),
    )  # fmt: skip


@remembered(32)
def doubt(found: Selection, scenario: str = "") -> Draws:
    """Draws of what the options come to, for the ranges of a scenario."""
    coming = found.scenario(scenario)
    return worth.draw(found.files.options, found.assumptions, coming, draws=RANGE_DRAWS)


def affordable(found: Selection, portfolio: Portfolio, percent: int = 100, scenario: str = "") -> float:
    """Share of draws in which the money is enough in every year and kind."""
    drawn, budget = doubt(found, scenario), found.budget(percent, scenario)
    spend = found.table(scenario).loc[list(portfolio.chosen), list(budget.index)].to_numpy()
    at = [drawn.names.index(name) for name in portfolio.chosen]
    factors = {"capital": drawn.capital_factor[:, at], "revenue": drawn.revenue_factor[:, at]}
    enough = [factors[str(column).split()[0]] @ spend[:, n] <= money + 1
              for n, (column, money) in enumerate(budget.to_dict().items())]  # fmt: skip
    return float(np.all(enough, axis=0).mean())


def disagreeing(found: Selection, portfolio: Portfolio, percent: int = 100, scenario: str = "") -> list[str]:
    """Members for whom the portfolio is worth much less than their own best one for the same money, with how much."""
    values, own = found.members_values(scenario), found.own(percent, scenario)
    got = values.loc[list(portfolio.chosen)].sum().to_dict()
    said = []
    for member in found.people.members:
        best = own[member.key].value
        share = float(got[member.key]) / best if best > 0 else 1.0
        if share < AGREES:
            said.append(f"{member.role}: it brings {say.percent(share)} of what their own portfolio would")
    return said


def side_by_side(
    found: Selection, percent: int = 100, scenario: str = "", *, asked: bool = True
) -> choosing.Portfolios:  # fmt: skip
    """
    The three portfolios as cards: the group's first.

    Who disagrees takes as long as all the rest: without `asked` it is left for later, and the cards say so.

    Raises `MethodError` where rules and money cannot all be kept, with a smallest set of those that conflict.
    """
    cards = [_card(found, aim, percent, scenario, asked=asked) for aim in AIMS]
    year = found.files.options.price_year
    period = (
        f"prices of {year}; present values of {found.files.base_year}; costs with optimism bias; ranges hold 80% of "
        f"{RANGE_DRAWS:,} draws; benefits and jobs that nobody has estimated bring nothing, costs count; "
        f"{say.in_sentence(found.scenario(scenario).name)}"
    )
    return choosing.Portfolios(cards, found.badge, found.source, period)


def _card(found: Selection, aim: str, percent: int, scenario: str, *, asked: bool) -> choosing.Portfolio:
    best = found.best(aim, percent, scenario)
    got = sums(found, best.chosen, scenario)
    drawn = doubt(found, scenario)
    at = [drawn.names.index(name) for name in best.chosen]
    worth_it = np.where(np.isnan(drawn.npsv), -drawn.pv_cost, drawn.npsv)[:, at]
    missed = [name for name in _by_value(found, aim, scenario) if name not in best.chosen]
    more = len(missed) - MISSES_SHOWN
    return choosing.Portfolio(
        name=AIMS[aim], sentence=SENTENCES[aim], net_jobs=got.net_jobs, net_worth=got.npsv, cost=got.cost,
        gets=best.chosen, misses=[*missed[:MISSES_SHOWN], *([f"and {more} more"] if more > 0 else [])],
        payers=[(_funder(name), float(pounds)) for name, pounds in got.funders.items() if pounds],
        options=len(best.chosen), high_risk=got.high_risk, affordable=affordable(found, best, percent, scenario),
        disagree=_disagree(found, best, percent, scenario, asked=asked), is_ours=aim == "group",
        net_jobs_range=_range(np.nansum(drawn.net_jobs[:, at], axis=1)),
        net_worth_range=_range(worth_it.sum(axis=1)),
    )  # fmt: skip


def _disagree(
    found: Selection, best: Portfolio, percent: int, scenario: str, *, asked: bool
) -> list[str] | None:  # fmt: skip
    """Who disagrees; None where there is nobody to ask."""
    if not found.people.members:
        return None
    return disagreeing(found, best, percent, scenario) if asked else [ASKING]


def _by_value(found: Selection, aim: str, scenario: str) -> Sequence[str]:
    """The short list, what counts most for the aim first."""
    return list(found.table(scenario)[aim].sort_values(ascending=False, kind="stable").index)


def _range(sums: object) -> tuple[float, float]:
    low, high = pd.Series(sums).quantile([0.1, 0.9])
    return float(low), float(high)


def _funder(name: object) -> str:
    return say.capitalise(str(name).replace("_", " "))


@remembered(32)
def spending(found: Selection, percent: int = 100, scenario: str = "", aim: str = "group") -> Figure:
    """What a portfolio spends in each year beside the money there is."""
    best = found.best(aim, percent, scenario)
    rows = [(*str(column).split(), row["spend"] / 1e6, row["budget"] / 1e6) for column, row in best.spend.iterrows()]
    table = pd.DataFrame(rows, columns=["kind", "year", "spend", "budget"]).astype({"year": int})
    return choosing_money.spending(
        table, portfolio=_WHOSE[aim], price_year=found.files.options.price_year, source=found.source, badge=found.badge,
        key="spending", provenance=provenance(found),
    )  # fmt: skip


@remembered(32)
def funders(found: Selection, percent: int = 100, scenario: str = "") -> Figure:
    """Who pays for each of the three portfolios."""
    rows = {AIMS[aim]: sums(found, found.best(aim, percent, scenario).chosen, scenario).funders / 1e6 for aim in AIMS}
    return choosing_money.money_by_funder(
        pd.DataFrame(rows).T.rename(columns=_funder), price_year=found.files.options.price_year, source=found.source,
        badge=found.badge, key="funders", provenance=provenance(found),
    )  # fmt: skip


def sentence(found: Selection, percent: int = 100, scenario: str = "") -> str:
    """The group's portfolio in one sentence, for a status line and for the top of the page."""
    chosen = found.best("group", percent, scenario).chosen
    got = sums(found, chosen, scenario)
    more = "more" if got.npsv >= 0 else "less"
    money = float(found.budget(percent, scenario).sum())
    return (
        f"With {say.money_gbp(money, '')} the group would fund {say.count(len(chosen), 'option')}: "
        f"{say.number(got.net_jobs)} net jobs, worth {say.money_gbp(abs(got.npsv), '')} {more} than it costs."
    )


def provenance(found: Selection) -> tuple[str, ...]:
    """Where figures of a portfolio come from."""
    vintage = found.vintage
    cost = (
        "Cost: as written, plus optimism bias of the class of works, less what is shown to be managed. Money: by year "
        "and kind, all public funders together."
    )
    return (
        f"Options, costs and outcomes: {found.source}, prices of {found.files.options.price_year}.",
        cost,
        f"{NET}. They are a gain of the place and stay outside net worth and ratios.",
        f"Parameters: {vintage.title}; {len(vintage.unconfirmed)} of its values are not confirmed at source.",
        "Choice: the best of all portfolios that keep to money, needs, exclusions, floors and ceilings (HiGHS).",
    )
