"""The worth of one option as a ledger, a year at a time, in plain arithmetic: a second way to the same figures.

Made apart from `iitk.analysis.worth` and without arrays, so that an auditor can read it, add it up in a spreadsheet,
and hold the one against the other.
"""

from __future__ import annotations

import pandas as pd

from iitk.analysis.appraisal import discount_factors, optimism_bias
from iitk.analysis.worth_figures import Assumptions, is_private, not_before
from iitk.model import Option, Scenario

COLUMNS = (
    "factor", "capital", "revenue", "capital_bias", "revenue_bias", "cost", "pv_cost", "private", "pv_private",
    "gross_benefit", "net_benefit", "pv_benefit", "gross_jobs", "net_jobs",
)  # fmt: skip


def ledger(option: Option, assumptions: Assumptions, scenario: Scenario | None = None) -> pd.DataFrame:
    """
    Write down what an option costs and brings in each year, from the base year to the last that anything counts in.

    cost = capital x (1 + uplift) + revenue (of outsourcing the uplift is of revenue); net benefit = gross benefit x
    (1 - deadweight)(1 - leakage)(1 - displacement)(1 - substitution); net jobs = gross jobs x the same x multiplier;
    each pv = the amount x factor of its year. After its last year in the file an outcome keeps 1 - decay a year.

    Arguments as in `appraise`.

    Returns
    -------
    Table by year, in pounds of the options' price year, jobs in place: factor; capital, revenue (public, as written, or
    as the scenario has them); capital_bias, revenue_bias (what optimism bias adds), cost (sum of the four), pv_cost;
    private, pv_private (with bias); gross_benefit, net_benefit, pv_benefit; gross_jobs, net_jobs. What nobody has
    estimated is missing in every year, and an outcome is 0 in years before its first and after its last.

    Raises
    ------
    MethodError
        A year before the base year; an unknown type of works.

    Notes
    -----
    Not for many options at once, nor for draws: `appraise` and `draw` do these. Jobs of different years are the same
    jobs, still in place: do not add them up. Source: as `appraise`.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from iitk.analysis.appraisal import BIAS_BOUNDS
    >>> from iitk.model import Adjustments, Cost, Outcome
    >>> from iitk.sources.options import example
    >>> lab = replace(
    ...     example().options[0], adjustments=Adjustments(0.2, 0, 0, 0, 1), persistence_years=1, decay=0.5,
    ...     costs=(Cost("revenue", 2026, "council", 100.0),), outcomes=(Outcome("benefit", 2027, 100, 250, 300),),
    ... )
    >>> ledger(lab, Assumptions(0.25, BIAS_BOUNDS, 2026))[["factor", "cost", "net_benefit", "pv_benefit"]]
          factor   cost  net_benefit  pv_benefit
    year
    2026    1.00  100.0          0.0         0.0
    2027    0.80    0.0        200.0       160.0
    2028    0.64    0.0        100.0        64.0
    """
    outcomes = {measure: _outcomes(option, measure, scenario) for measure in ("benefit", "jobs")}
    base = assumptions.base_year
    known = [base, *(cost.year for cost in option.costs), *(year for found in outcomes.values() for year in found)]
    not_before(base, known)
    years = range(base, max(known) + 1)
    factors = discount_factors([year - base for year in years], assumptions.schedule).tolist()
    uplift, paid = _uplift(option, assumptions), _paid(option, scenario)
    adjust = option.adjustments
    kept = (1 - adjust.deadweight) * (1 - adjust.leakage) * (1 - adjust.displacement) * (1 - adjust.substitution)
    rows = []
    for year, factor in zip(years, factors, strict=True):
        public, firms = ({kind: paid.get((kind, year, by_firms), 0.0) for kind in uplift} for by_firms in (False, True))
        bias = {kind: public[kind] * uplift[kind] for kind in uplift}
        cost = sum(public.values()) + sum(bias.values())
        private = sum(firms[kind] * (1 + uplift[kind]) for kind in uplift)
        benefit, jobs = (_in(outcomes[measure], year) for measure in ("benefit", "jobs"))
        rows.append((
            factor, *public.values(), *bias.values(), cost, cost * factor, private, private * factor,
            benefit, benefit * kept, benefit * kept * factor, jobs, jobs * kept * adjust.multiplier,
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS), index=pd.Index(years, name="year"))


def _uplift(option: Option, assumptions: Assumptions) -> dict[str, float]:
    """What optimism bias adds to a pound of each kind of cost."""
    found = {"capital": 0.0, "revenue": 0.0}
    if option.bias_class != "none":
        managed = optimism_bias(option.bias_class, mitigation=option.bias_mitigation, bounds=assumptions.bounds)
        found["revenue" if option.bias_class == "outsourcing" else "capital"] = managed.capital
    return found


def _paid(option: Option, scenario: Scenario | None) -> dict[tuple[str, int, bool], float]:
    """What is paid before optimism bias, by kind, year, and whether firms pay it."""
    times = {"capital": 1.0, "revenue": 1.0}
    if scenario is not None:
        times = {"capital": scenario.capital_cost, "revenue": scenario.revenue_cost}
    found: dict[tuple[str, int, bool], float] = {}
    for one in option.costs:
        place = one.kind, one.year, is_private(one.funder)
        found[place] = found.get(place, 0.0) + times[one.kind] * one.amount
    return found


def _outcomes(option: Option, measure: str, scenario: Scenario | None) -> dict[int, float]:
    """Gross outcome by year, with the years that it goes on for after the last of the file; empty: not estimated."""
    times = 1.0
    for name, factor in () if scenario is None else scenario.outcomes:
        if name in ("all", option.underpinning, option.lever, option.opportunity):
            times *= factor
    found = {one.year: times * one.central for one in option.outcomes if one.measure == measure}
    for _ in range(option.persistence_years if found else 0):
        last = max(found)
        found[last + 1] = found[last] * (1 - option.decay)
    return found


def _in(found: dict[int, float], year: int) -> float:
    return found.get(year, 0.0) if found else float("nan")
