"""What the worth of options is worked out from, as arrays; one function makes it for the centre and for every draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iitk.analysis.appraisal import BiasBounds, Schedule, discount_factors, optimism_bias
from iitk.analysis.checks import Floats, listed, number, share, whole
from iitk.errors import MethodError
from iitk.model import Option, OptionList, Scenario

Marks = npt.NDArray[np.bool_]
KINDS = ("capital", "revenue")
SHARES = ("deadweight", "leakage", "displacement", "substitution")
LONGEST = 60  # years that outcomes may last: the longest appraisal in the Green Book, of buildings and infrastructure
_OPERATING = "outsourcing"  # its optimism bias is of operating cost: revenue


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What an appraisal takes for granted. Shares are from 0 to 1; money is in pounds of the options' price year."""

    schedule: Schedule  # as `discount_factors` takes it
    bounds: Mapping[str, BiasBounds]  # of optimism bias, by type of works
    base_year: int  # present values are of this year, which is year 0
    job_value: float | None = None  # pounds a net job a year, where a supply-side case is made
    share_range: float = 0.1  # shares of additionality may be so much lower or higher: judgement
    revenue_low: float = 0.9  # revenue may cost this many times the estimate, or `revenue_high` times: judgement
    revenue_high: float = 1.2

    def __post_init__(self) -> None:
        whole(self.base_year, "base_year")
        share(self.share_range, "share_range")
        low, high = number(self.revenue_low, "revenue_low"), number(self.revenue_high, "revenue_high")
        if not 0 <= low <= 1 <= high:
            raise MethodError(
                f"revenue_low and revenue_high must lie around 1, the estimate itself; got {low:g} and {high:g}. "
                "For 10% below and 20% above write 0.9 and 1.2."
            )


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything about a list of options that worth needs, in one scenario. Points are low, central, high."""

    options: tuple[Option, ...]
    years: tuple[int, ...]  # with costs
    funders: tuple[str, ...]
    costs: Floats  # options x kinds x years x funders: before optimism bias
    public: Marks  # funders
    factors: Floats  # years: what a pound is worth in the base year
    overrun: Floats  # kinds x points x options: times the cost as written; the central one carries the optimism bias
    benefit: Floats  # points x options: present value, gross
    last_benefit: Floats  # options: gross, in the last year
    tails: Floats  # options x years after the last (0, 1 ...): what a pound a year then adds to present value
    jobs: Floats  # points x options: gross, in the last year
    job_years: Floats  # options: gross
    present_job_years: Floats  # options: the same, discounted
    shares: Floats  # 4 x options
    multiplier: Floats  # options

    def present_cost(self, payers: Marks) -> Floats:
        """Kinds x options: present value of what these funders pay, before optimism bias."""
        paid = self.costs[..., payers].sum(axis=3)  # options x kinds x years
        return np.asarray((paid @ self.factors).T, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What may be in doubt: each an array of options, or of draws x options; `overrun` and `shares` a row for each."""

    benefit: Floats  # present value, gross
    jobs: Floats  # gross, in the last year
    overrun: Sequence[Floats]  # of each kind of cost
    shares: Sequence[Floats]


@dataclass(frozen=True, slots=True)
class Result:
    """What follows from inputs, in their shape."""

    kept: Floats  # share of gross that is left when deadweight, leakage, displacement and substitution are off
    pv_cost: Floats  # to public funders
    pv_private: Floats
    pv_benefit: Floats  # net
    npsv: Floats
    net_jobs: Floats


def worked_out(figures: Figures, inputs: Inputs) -> Result:
    """The one place where worth is worked out: for the centre, for a scenario and for draws."""
    kept = np.ones(())
    for one in inputs.shares:
        kept = kept * (1 - one)
    public, private = figures.present_cost(figures.public), figures.present_cost(~figures.public)
    capital, revenue = inputs.overrun
    pv_cost = capital * public[0] + revenue * public[1]
    pv_private = capital * private[0] + revenue * private[1]
    pv_benefit = inputs.benefit * kept
    npsv = pv_benefit - pv_cost - pv_private
    return Result(kept, pv_cost, pv_private, pv_benefit, npsv, inputs.jobs * kept * figures.multiplier)


def central(figures: Figures) -> Inputs:
    """The inputs as the file has them."""
    return Inputs(figures.benefit[1], figures.jobs[1], list(figures.overrun[:, 1]), list(figures.shares))


def gather(options: OptionList, assumptions: Assumptions, scenario: Scenario | None = None) -> Figures:
    """Put the options of a list into arrays, with the factors of a scenario; what cannot be used is refused."""
    every = options.options
    _distinct(every)
    years = tuple(sorted({*options.years, *(cost.year for one in every for cost in one.costs)}))
    funders = tuple(sorted({cost.funder for one in every for cost in one.costs}))
    times = _outcome_factors(every, scenario)
    benefit_years, benefit = _outcomes(every, "benefit", assumptions.base_year)
    job_years, jobs = _outcomes(every, "jobs", assumptions.base_year)
    not_before(assumptions.base_year, [*years, *benefit_years, *job_years])
    benefit, jobs = benefit * times, jobs * times
    tails = _tails(every, benefit_years[-1], assumptions)
    lasting = np.array([one.persistence_years for one in every], dtype=np.int64)
    rows = np.arange(len(every))
    after_jobs = _tails(every, job_years[-1], assumptions)[rows, lasting]
    simply = _tails(every, job_years[-1], None)[rows, lasting]
    discounts = _factors(benefit_years, assumptions)
    return Figures(
        options=every,
        years=years,
        funders=funders,
        costs=_costs(every, years, funders, scenario),
        public=np.array([not is_private(name) for name in funders], dtype=np.bool_),
        factors=_factors(years, assumptions),
        overrun=_overrun(every, assumptions),
        benefit=_over_time(benefit, discounts, tails[rows, lasting]),
        last_benefit=benefit[-1, 1],
        tails=tails,
        jobs=jobs[-1],
        job_years=_over_time(jobs, np.ones(len(job_years)), simply)[1],
        present_job_years=_over_time(jobs, _factors(job_years, assumptions), after_jobs)[1],
        shares=_shares(every),
        multiplier=np.array([one.adjustments.multiplier for one in every], dtype=np.float64),
    )


def is_private(funder: str) -> bool:
    """Whether a funder is a firm's own money: it is called private, or private_ and more."""
    return funder == "private" or funder.startswith("private_")


def _distinct(options: Sequence[Option]) -> None:
    names = [one.name for one in options]
    if twice := sorted({name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ()):
        raise MethodError(f"options has {listed(twice)} more than once. Give each option a name of its own.")


def not_before(base_year: int, years: Sequence[int]) -> None:
    """Refuse figures of years before the base year."""
    if (first := min(years)) < base_year:
        raise MethodError(
            f"The options have figures for {first}, before the base year {base_year}. "
            f"Take a base year of {first} or before."
        )


def _factors(years: Sequence[int], assumptions: Assumptions) -> Floats:
    """What a pound in each year is worth in the base year."""
    after = [year - assumptions.base_year for year in years]
    return np.asarray(discount_factors(after, assumptions.schedule), dtype=np.float64)


def _costs(
    options: Sequence[Option], years: Sequence[int], funders: Sequence[str], scenario: Scenario | None
) -> Floats:  # fmt: skip
    """Options x kinds x years x funders, times the factors of the scenario."""
    kind, year, funder = ({name: n for n, name in enumerate(names)} for names in (KINDS, years, funders))
    found = np.zeros((len(options), len(KINDS), len(years), len(funders)))
    for row, one in enumerate(options):
        for cost in one.costs:
            found[row, kind[cost.kind], year[cost.year], funder[cost.funder]] += cost.amount
    if scenario is None:
        return found
    factors = np.array([scenario.capital_cost, scenario.revenue_cost], dtype=np.float64)
    return found * factors[:, np.newaxis, np.newaxis]


def _outcome_factors(options: Sequence[Option], scenario: Scenario | None) -> Floats:
    """What a scenario multiplies the outcomes of each option by: all of its factors that the option answers to."""
    factors = () if scenario is None else scenario.outcomes
    answers = [{"all", one.underpinning, one.lever, one.opportunity} for one in options]
    return np.array([np.prod([by for name, by in factors if name in known]) for known in answers], dtype=np.float64)


def _outcomes(options: Sequence[Option], measure: str, base_year: int) -> tuple[list[int], Floats]:
    """Years of a measure, and years x points x options; missing where nobody has estimated it."""
    years = sorted({out.year for one in options for out in one.outcomes if out.measure == measure}) or [base_year]
    place = {year: n for n, year in enumerate(years)}
    found = np.full((len(years), 3, len(options)), np.nan)
    for column, one in enumerate(options):
        for out in one.outcomes:
            if out.measure == measure:
                found[place[out.year], :, column] = out.low, out.central, out.high
    gaps = np.isnan(found[:, 1])
    some = gaps.any(axis=0) & ~gaps.all(axis=0)
    if partly := [one.name for one, gap in zip(options, some, strict=True) if gap]:
        raise MethodError(
            f"{listed(partly)}: {measure} is estimated for some years only, of {years[0]} to {years[-1]}. "
            "Write 0 for a year without any."
        )
    return years, found


def _tails(options: Sequence[Option], last: int, assumptions: Assumptions | None) -> Floats:
    """Options x 0, 1 ... years after the last: worth of all those years for a pound in the last; undiscounted if None.

    Each year keeps 1 - decay of the year before.
    """
    lasting = [whole(one.persistence_years, f"persistence_years of {one.name!r}") for one in options]
    left = np.array([[1 - share(one.decay, f"decay of {one.name!r}")] for one in options]).reshape(-1, 1)
    after = np.arange(1, max([LONGEST, *lasting]) + 1)
    factors = np.ones(len(after)) if assumptions is None else _factors([last + int(n) for n in after], assumptions)
    return np.hstack([np.zeros((len(options), 1)), np.cumsum(left**after * factors, axis=1)])


def _over_time(values: Floats, factors: Floats, tail: Floats) -> Floats:
    """Points x options: years of the file times their factors, and what comes after the last."""
    return np.asarray(np.tensordot(factors, values, axes=1) + values[-1] * tail, dtype=np.float64)


def _shares(options: Sequence[Option]) -> Floats:
    found = [
        [share(getattr(one.adjustments, name), f"{name} of {one.name!r}") for one in options] for name in SHARES
    ]  # fmt: skip
    return np.array(found, dtype=np.float64)


def _overrun(options: Sequence[Option], assumptions: Assumptions) -> Floats:
    """Kinds x points x options: what the cost as written is multiplied by.

    What the type of works speaks of runs from its lower to its upper bound, with the managed uplift in the centre.
    """
    points = [assumptions.revenue_low, 1.0, assumptions.revenue_high]
    found = np.repeat(np.array(points)[np.newaxis, :, np.newaxis], len(options), axis=2).repeat(len(KINDS), axis=0)
    for column, one in enumerate(options):
        if one.bias_class != "none":
            kind = KINDS.index("revenue" if one.bias_class == _OPERATING else "capital")
            found[kind, :, column] = _bias(one, assumptions.bounds)
    return found


def _bias(option: Option, bounds: Mapping[str, BiasBounds]) -> tuple[float, float, float]:
    """Cost over its estimate at the lower bound, with what is managed taken off, and at the upper bound."""
    lower, upper = (optimism_bias(option.bias_class, stage, bounds=bounds).capital for stage in ("lower", "upper"))
    managed = optimism_bias(option.bias_class, mitigation=option.bias_mitigation, bounds=bounds).capital
    return 1 + lower, 1 + managed, 1 + upper
