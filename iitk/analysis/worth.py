"""What each option is worth: costs with optimism bias, net jobs, net present social value, and their doubt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from iitk.analysis.additionality import net_additional
from iitk.analysis.checks import Floats, ratio
from iitk.analysis.ledger import ledger
from iitk.analysis.worth_draws import Draws, draw, ranges
from iitk.analysis.worth_figures import (
    KINDS,
    SHARES,
    Assumptions,
    Figures,
    Result,
    central,
    gather,
    worked_out,
)
from iitk.model import Option, OptionList, Scenario

__all__ = ["Assumptions", "Draws", "Worth", "appraise", "draw", "ledger", "ranges", "steps", "switching"]

_POUNDS, _SHARE, _YEARS = "pounds, present value", "share", "years"


@dataclass(frozen=True, slots=True)
class Worth:
    """What options are worth and who pays when. Pounds are of the options' price year; costs carry optimism bias."""

    table: pd.DataFrame  # by option
    spend: pd.DataFrame  # options x "capital 2027" ... "revenue 2031": public, undiscounted
    funders: pd.DataFrame  # options x funder, undiscounted


def appraise(options: OptionList, assumptions: Assumptions, scenario: Scenario | None = None) -> Worth:
    """
    Appraise every option: net present social value first, then net jobs, cost per net job, and the ratio as a footnote.

    cost = capital x (1 + uplift) + revenue; the uplift of outsourcing is of revenue.
    net benefit = gross x (1 - deadweight)(1 - leakage)(1 - displacement)(1 - substitution), without the multiplier;
    net jobs = the same of the gross jobs of the last year, x multiplier.
    NPSV = PV(net benefit) - PV(public cost) - PV(private cost), PV = sum_t X_t x factor_t with year 0 the base year.

    Parameters
    ----------
    options
        As the checked file has them. After the last year of the file outcomes go on for `persistence_years`, each
        year keeping 1 - `decay` of the year before.
    assumptions
        Discount rates, bounds of optimism bias, base year, and the value of a job where a case is made.
    scenario
        Its factors multiply costs, and the outcomes of options that they name; budgets are not looked at here.

    Returns
    -------
    Worth. `table`, by option (pounds unless said):

    - underpinning, lever, opportunity;
    - capital, revenue (public, as written, or as the scenario has them), bias (share), bias_pounds (what it adds), cost
      (their sum), pv_cost; private, pv_private (what funders called private, or private_ and more, pay), leverage
      (private / cost);
    - pv_benefit (net), npsv, bcr = (pv_benefit - pv_private) / pv_cost: above 1 where npsv is above 0;
    - gross_jobs, net_jobs (in the last year with jobs), additionality (net / gross), job_years (net, not discounted),
      cost_per_net_job = pv_cost / net_jobs, missing where none is left;
    - supply_side_ratio: bcr with job_value x net job-years (discounted) among the benefits, only for an option that
      makes the case (`supply_side`) and where assumptions have a job_value.

    Private money is a cost to society, but no public cost: it stays outside budgets, `spend`, cost, pv_cost.

    Raises
    ------
    MethodError
        Years before the base year, names that stand twice, an unknown type of works, shares outside 0 to 1, a measure
        that is estimated for some years only.

    Notes
    -----
    Not for choosing by the ratio, and not for adding up options that take jobs from each other. An option whose benefit
    nobody has estimated has no NPSV: missing, not 0. Source: HM Treasury, The Green Book (2022), chapter 5 and annex 6;
    Homes and Communities Agency, Additionality Guide (2014).

    Examples
    --------
    >>> from dataclasses import replace
    >>> from iitk.analysis.appraisal import BIAS_BOUNDS
    >>> from iitk.model import Adjustments, Cost, Outcome
    >>> from iitk.sources.options import example
    >>> lab = replace(
    ...     example().options[0], name="Lab", adjustments=Adjustments(0.3, 0.1, 0.25, 0, 1.25),
    ...     costs=(Cost("revenue", 2027, "council", 1_035_000),), outcomes=(Outcome("jobs", 2028, 100, 200, 300),),
    ... )
    >>> found = appraise(OptionList((lab,), 2026, "GBP", (2027,)), Assumptions("green-book", BIAS_BOUNDS, 2026))
    >>> found.table.loc["Lab", ["pv_cost", "net_jobs", "npsv"]].round(3).to_dict()
    {'pv_cost': 1000000.0, 'net_jobs': 118.125, 'npsv': nan}
    """
    figures = gather(options, assumptions, scenario)
    result = worked_out(figures, central(figures))
    with_bias = figures.costs * figures.overrun[:, 1].T[:, :, np.newaxis, np.newaxis]
    index = pd.Index([one.name for one in figures.options], name="option")
    public = with_bias[..., figures.public].sum(axis=3)
    heads = [f"{kind} {year}" for kind in KINDS for year in figures.years]
    funders = pd.DataFrame(with_bias.sum(axis=(1, 2)), index=index, columns=list(figures.funders))
    columns = {**_labels(figures), **_costs(figures, result, with_bias), **_outcomes(figures, result, assumptions)}
    return Worth(
        table=pd.DataFrame(columns, index=index),
        spend=pd.DataFrame(public.reshape(len(index), len(heads)), index=index, columns=heads),
        funders=funders,
    )


def steps(option: Option, scenario: Scenario | None = None) -> pd.DataFrame:
    """
    Take an option from gross to net jobs, step by step, in the last year of its jobs.

    after_k = after_{k-1} x (1 - share_k), and x multiplier at the end: the order of `net_additional`, with the
    deadweight first. `scenario`: its factors on outcomes count.

    Returns a table by step (gross, deadweight, leakage, displacement, substitution, multiplier, net) of `adjustment`
    (the share or multiplier; missing for gross and net), `change` (jobs) and `after` (jobs). The changes add up to net;
    that of net itself is 0. Jobs that nobody has estimated are missing throughout. Not for saying what one adjustment
    does alone: a later step is of what the steps before it left.

    Raises MethodError as `net_additional`. Source: Homes and Communities Agency, Additionality Guide (2014), 2.3.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from iitk.model import Adjustments, Outcome
    >>> from iitk.sources.options import example
    >>> lab = replace(
    ...     example().options[0], outcomes=(Outcome("jobs", 2028, 100, 200, 300),),
    ...     adjustments=Adjustments(0.3, 0.1, 0.25, 0, 1.25),
    ... )
    >>> steps(lab)["after"].round(3).tolist()
    [200.0, 140.0, 126.0, 94.5, 94.5, 118.125, 118.125]
    """
    own, names = option.adjustments, [*SHARES, "multiplier"]
    adjustments = [getattr(own, name) for name in names]
    net_additional(1.0, **dict(zip(names, adjustments, strict=True)))  # refuses what is no share
    after = [_gross_jobs(option, scenario)]
    for times in (*(1 - one for one in adjustments[:-1]), own.multiplier):
        after.append(after[-1] * times)
    change = [after[0], *np.diff(after), 0.0 * after[0]]
    return pd.DataFrame(
        {"adjustment": [np.nan, *adjustments, np.nan], "change": change, "after": [*after, after[-1]]},
        index=pd.Index(["gross", *names, "net"], name="step"),
    )


def switching(options: OptionList, assumptions: Assumptions, scenario: Scenario | None = None) -> pd.DataFrame:
    """
    Value of each input at which an option's net present social value is 0, the others staying as they are.

    Closed forms, as NPSV is linear in each: benefits = PV(costs); a cost = PV(net benefit) - PV(the other cost);
    a share s = 1 - PV(costs) / PV(net benefit before that share). In years of persistence NPSV is linear between whole
    years: 3.4 is three years and 0.4 of the fourth.

    Arguments as in `appraise`. Returns a table by option and input: benefits, capital cost, revenue cost (pounds,
    present value, with optimism bias, private money too), deadweight, displacement (shares), persistence (years). Its
    columns are `now`, `value` (at which NPSV is 0), `change` (of money as a share of now: -0.2 is 20% less; of shares
    and years value - now), `unit`, and `cannot`: True where no value of the input does it: below 0, a share over 1,
    more than 60 years (or than the longest that the file has), or a cost or benefit of nothing that would have to grow.
    All is missing where there is no NPSV.

    Not for inputs that move together: `draw` moves all. Raises MethodError as `appraise`. Source: HM Treasury, The
    Green Book (2022), 5.58.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from iitk.analysis.appraisal import BIAS_BOUNDS
    >>> from iitk.model import Adjustments, Cost, Outcome
    >>> from iitk.sources.options import example
    >>> lab = replace(
    ...     example().options[0], name="Lab", adjustments=Adjustments(0.2, 0, 0, 0, 1), persistence_years=0,
    ...     costs=(Cost("revenue", 2026, "council", 100.0),), outcomes=(Outcome("benefit", 2026, 100, 250, 300),),
    ... )
    >>> found = switching(OptionList((lab,), 2026, "GBP", (2026,)), Assumptions(0.035, BIAS_BOUNDS, 2026))
    >>> found.loc["Lab", "value"][["benefits", "revenue cost", "deadweight"]].round(6).to_dict()
    {'benefits': 100.0, 'revenue cost': 200.0, 'deadweight': 0.6}
    """
    figures = gather(options, assumptions, scenario)
    result = worked_out(figures, central(figures))
    names = [one.name for one in figures.options]
    parts = {**_money(figures, result), **_switching_shares(figures, result), **_persistence(figures, result)}
    tables = [
        pd.DataFrame({"option": names, "input": name, "now": now, "value": value, "unit": unit})
        for name, (now, value, unit) in parts.items()
    ]
    every = pd.concat(tables, ignore_index=True)
    known = np.tile(~np.isnan(result.npsv), len(parts))
    every["now"] = every["now"].where(known)
    every["cannot"] = every["value"].isna() & known
    money = every["unit"] == _POUNDS
    relative = ratio(every["value"], every["now"]) - 1
    every.insert(4, "change", np.where(money, relative, every["value"] - every["now"]))
    order = np.arange(len(every)).reshape(len(parts), -1).T.ravel()
    return every.iloc[order].set_index(["option", "input"])


def _gross_jobs(option: Option, scenario: Scenario | None) -> float:
    """Central gross jobs in the last year that has any written; missing where nobody has estimated them."""
    jobs = [one for one in option.outcomes if one.measure == "jobs"]
    if not jobs:
        return float("nan")
    known = {"all", option.underpinning, option.lever, option.opportunity}
    times = [by for name, by in (() if scenario is None else scenario.outcomes) if name in known]
    return float(max(jobs, key=lambda one: one.year).central * np.prod(times))


def _labels(figures: Figures) -> dict[str, list[str]]:
    return {
        name: [getattr(one, name) for one in figures.options] for name in ("underpinning", "lever", "opportunity")
    }  # fmt: skip


def _costs(figures: Figures, result: Result, with_bias: Floats) -> dict[str, Floats]:
    """Columns of the table on what it costs."""
    written = figures.costs[..., figures.public].sum(axis=(2, 3))
    cost = with_bias[..., figures.public].sum(axis=(1, 2, 3))
    private = with_bias[..., ~figures.public].sum(axis=(1, 2, 3))
    return {
        "capital": written[:, 0],
        "revenue": written[:, 1],
        "bias": figures.overrun[:, 1].max(axis=0) - 1,
        "bias_pounds": cost - written.sum(axis=1),
        "cost": cost,
        "pv_cost": result.pv_cost,
        "private": private,
        "pv_private": result.pv_private,
        "leverage": ratio(private, cost),
    }


def _outcomes(figures: Figures, result: Result, assumptions: Assumptions) -> dict[str, Floats]:
    """Columns of the table on what comes of it."""
    additionality = result.kept * figures.multiplier
    claimed = np.array([bool(one.supply_side) for one in figures.options], dtype=np.bool_)
    value = np.nan if assumptions.job_value is None else assumptions.job_value
    gained = result.pv_benefit - result.pv_private
    with_jobs = gained + np.where(claimed, value, np.nan) * figures.present_job_years * additionality
    return {
        "pv_benefit": result.pv_benefit,
        "npsv": result.npsv,
        "bcr": ratio(gained, result.pv_cost),
        "gross_jobs": figures.jobs[1],
        "net_jobs": result.net_jobs,
        "additionality": additionality,
        "job_years": figures.job_years * additionality,
        "cost_per_net_job": ratio(result.pv_cost, result.net_jobs),
        "supply_side_ratio": ratio(with_jobs, result.pv_cost),
    }


Switch = tuple[Floats, Floats, str]  # value now, value at which NPSV is 0 (missing: there is none), unit


def _money(figures: Figures, result: Result) -> dict[str, Switch]:
    """What has a price: the benefits, and either kind of cost."""
    everybody = np.ones_like(figures.public)
    capital, revenue = figures.present_cost(everybody) * figures.overrun[:, 1]
    values = {"benefits": (result.pv_benefit, capital + revenue)}
    values["capital cost"] = (capital, result.pv_benefit - revenue)
    values["revenue cost"] = (revenue, result.pv_benefit - capital)
    return {
        name: (now, np.where((now > 0) & (zero >= 0), zero, np.nan), _POUNDS) for name, (now, zero) in values.items()
    }  # fmt: skip


def _switching_shares(figures: Figures, result: Result) -> dict[str, Switch]:
    found: dict[str, Switch] = {}
    for name in ("deadweight", "displacement"):
        others = np.prod([1 - figures.shares[n] for n, one in enumerate(SHARES) if one != name], axis=0)
        zero = 1 - ratio(result.pv_cost + result.pv_private, figures.benefit[1] * others)
        now = figures.shares[SHARES.index(name)]
        found[name] = (now, np.where((zero >= 0) & (zero <= 1), zero, np.nan), _SHARE)
    return found


def _persistence(figures: Figures, result: Result) -> dict[str, Switch]:
    """Years after the last of the file at which NPSV passes through 0."""
    now = np.array([one.persistence_years for one in figures.options], dtype=np.int64)
    worth = (figures.last_benefit * result.kept)[:, np.newaxis] * figures.tails  # of so many years
    without = result.npsv - worth[np.arange(len(now)), now]
    zero = np.full(len(now), np.nan)
    for row in np.flatnonzero((without <= 0) & (without + worth[:, -1] >= 0) & (worth[:, -1] > 0)):
        after = int(np.searchsorted(worth[row], -without[row]))  # the first year that is enough
        gain = worth[row, after] - worth[row, after - 1] if after else 1.0
        zero[row] = after - (without[row] + worth[row, after]) / gain if after else 0.0
    return {"persistence": (now.astype(np.float64), zero, _YEARS)}
