"""Worth over time: discounting, net present value, benefits to costs, optimism bias, switching values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from iitk.analysis.checks import Floats, Vector, choice, complete, floats, listed, mapping, number, share, whole
from iitk.analysis.checks import series as finite_series
from iitk.analysis.uncertainty import (
    Marginal,
    Simulation,
    lognormal,
    monte_carlo,
    normal,
    pert,
    pert_sd,
    sample,
    sobol_indices,
    tornado,
    triangular,
    uniform,
)
from iitk.errors import MethodError

__all__ = [
    "BIAS_BOUNDS",
    "SCHEDULES",
    "BiasBounds",
    "Marginal",
    "OptimismBias",
    "Schedule",
    "Simulation",
    "benefit_cost_ratio",
    "discount_factors",
    "equivalent_annual_cost",
    "lognormal",
    "monte_carlo",
    "net_present_value",
    "normal",
    "optimism_bias",
    "pert",
    "pert_sd",
    "present_value",
    "sample",
    "sobol_indices",
    "switching_point",
    "switching_value",
    "tornado",
    "triangular",
    "uniform",
]

Schedule = str | float | Sequence[tuple[int, float]] | Mapping[int, float]
_NAMES = MappingProxyType({"standard": "green-book", "health": "green-book-health"})  # as iitk.sources.parameters says
# Business cases by the bound that they start from: risks are not managed yet, or are.
_STAGES = MappingProxyType(
    {
        "upper": "upper",
        "lower": "lower",
        "soc": "upper",
        "strategic outline": "upper",
        "strategic outline case": "upper",
        "fbc": "lower",
        "full": "lower",
        "full business case": "lower",
    }
)

_MOST = 1000  # years; a calendar year is over it

_STANDARD = ((1, 0.035), (31, 0.030), (76, 0.025), (126, 0.020), (201, 0.015), (301, 0.010))
_HEALTH = ((1, 0.015), (31, 0.0129), (76, 0.0107), (126, 0.0086), (201, 0.0064), (301, 0.0043))

# First year of each rate, and the rate a year. HM Treasury, The Green Book (2022), annex 6, tables 7 and 8: the rates
# in force. A test holds them against data/parameters.toml, which says how far each is verified.
SCHEDULES: Mapping[str, tuple[tuple[int, float], ...]] = MappingProxyType(
    {
        "green-book": _STANDARD,
        "green-book-health": _HEALTH,
        "green-book-2022": _STANDARD,
        "green-book-health-2022": _HEALTH,
        "green-book-2026": _STANDARD,
        "green-book-health-2026": _HEALTH,
        # Freeman and Groom (30 June 2026): a recommendation only, not in force; its headline, taken as flat.
        "review-2026": ((1, 0.030),),
    }
)


@dataclass(frozen=True, slots=True)
class BiasBounds:
    """Optimism bias of one type of project, as shares: how far cost and time overran in past projects."""

    capital_upper: float
    capital_lower: float
    duration_upper: float | None = None  # None: the source gives none
    duration_lower: float | None = None


# Mott MacDonald, Review of Large Public Procurement in the UK (2002), as given in HM Treasury's supplementary guidance.
BIAS_BOUNDS: Mapping[str, BiasBounds] = MappingProxyType(
    {
        "standard buildings": BiasBounds(0.24, 0.02, 0.04, 0.01),
        "non-standard buildings": BiasBounds(0.51, 0.04, 0.39, 0.02),
        "standard civil engineering": BiasBounds(0.44, 0.03, 0.20, 0.01),
        "non-standard civil engineering": BiasBounds(0.66, 0.06, 0.25, 0.03),
        "equipment and development": BiasBounds(2.00, 0.10, 0.54, 0.10),
        "outsourcing": BiasBounds(0.41, 0.00),  # of operating, not capital, cost
    }
)


@dataclass(frozen=True, slots=True)
class OptimismBias:
    """
    Uplift of cost and of works duration, as shares; `duration` is None where a type in the mix has none.

    `capital` is of capital cost, for outsourcing (which stands alone) of operating cost.
    """

    capital: float
    duration: float | None


def discount_factors(years: int | Sequence[int] | pd.Index, schedule: Schedule = "green-book") -> pd.Series:
    """
    Value today of one pound in each year: 1 in year 0, falling with the rates of the years passed.

    factor_t = prod_{k=1..t} 1 / (1 + rate_k). Rates are real: use figures in the prices of one year.

    Parameters
    ----------
    years
        Whole years from 0; one number n stands for 0, 1 ... n (n + 1 factors: year 0 is today).
    schedule
        "green-book" (default): 3.5% for years 1-30, 3.0% for 31-75, 2.5% for 76-125, then 2.0%, 1.5%, 1.0%.
        "green-book-health": 1.5%, 1.29%, 1.07%, 0.86%, 0.64%, 0.43% for the same years. Both are those in force
        (November 2026); an edition is named by its year, such as "green-book-2022". "review-2026": 3.0% flat, what a
        review recommends and nobody has decided, for a what-if. A single rate as a share (0.035), or pairs of first
        year and rate (a list or a mapping), starting with year 1. "standard" and "health" are short for the first two.

    Returns
    -------
    Factors, labelled by year, in the order asked.

    Raises
    ------
    MethodError
        Years that are negative or not whole, an unknown schedule (those that exist are listed), a percentage for a
        rate.

    Notes
    -----
    Not for cash prices, nor for what a firm's own money costs it. Source: HM Treasury, The Green Book (2022), annex 6.

    Examples
    --------
    >>> discount_factors([0, 10, 30, 31]).round(4).tolist()
    [1.0, 0.7089, 0.3563, 0.3459]
    """
    wanted = _years(years)
    last = int(wanted.max()) if len(wanted) else 0
    cumulative = np.concatenate([[1.0], np.cumprod(1 / (1 + _rates(schedule, last)))])
    return pd.Series(cumulative[wanted], index=pd.Index(wanted, name="year"), name="factor")


def present_value(flows: Vector, schedule: Schedule = "green-book") -> float:
    """
    Sum of yearly amounts in today's value: sum_t flow_t x factor_t.

    `flows` is labelled by year from 0 (a bare list starts with year 0), in real terms of one price year. Years without
    a row are zero; a missing amount in a row is refused, because a gap is not a zero. Not for flows of mixed price
    years: deflate them first. Source: HM Treasury, The Green Book (2022), annex 6.

    Raises MethodError for missing amounts and as `discount_factors`.

    Examples
    --------
    >>> round(present_value([100, 35, 35, 35, 35]), 3)
    228.558
    """
    return _present(flows, schedule, "flows")


def net_present_value(benefits: Vector, costs: Vector | None = None, schedule: Schedule = "green-book") -> float:
    """
    Present value of benefits less that of costs (both as positive amounts); without `costs`, of net flows.

    sum_t (benefit_t - cost_t) x factor_t, in the unit of the flows. With social benefits and costs this is the net
    present social value, which comes before any ratio. Not for ranking under
    a budget, because it favours large options: look at the ratio too.
    Source: HM Treasury, The Green Book (2022), chapter 5.

    Raises MethodError as `present_value`.

    Examples
    --------
    >>> round(net_present_value([0, 30, 30, 30, 30, 30], [100]), 4)
    35.4516
    """
    gained = _present(benefits, schedule, "benefits")
    return gained - (0.0 if costs is None else _present(costs, schedule, "costs"))


def benefit_cost_ratio(benefits: Vector, costs: Vector, schedule: Schedule = "green-book") -> float:
    """
    Present value of benefits over that of costs (both positive amounts), no unit.

    It depends on what is booked as a cost and what as a negative benefit, and says nothing of size: show the net
    present value first. Costs here are those to the public budget that is being asked for. Not for ranking unlike
    projects, and no pass mark. Source: HM Treasury, The Green Book (2022), chapter 5.

    Raises MethodError as `present_value`, and where the costs have no positive present value.

    Examples
    --------
    >>> round(benefit_cost_ratio([0, 60, 60], [100]), 3)
    1.14
    """
    cost = _present(costs, schedule, "costs")
    if cost <= 0:
        raise MethodError(
            f"costs have a present value of {cost:g}: a ratio needs costs above zero, as positive amounts."
        )
    return _present(benefits, schedule, "benefits") / cost


def equivalent_annual_cost(
    flows: Vector, *, years: int | None = None, schedule: Schedule = "green-book", timing: str = "end"
) -> float:  # fmt: skip
    """
    Even yearly amount over n years with the same present value: PV / sum_{t=1..n} factor_t.

    For comparing options of different lives that would be renewed; not for one that would not. `years` is n; by default
    the last year of `flows`. `timing`: paid at the "end" of each year (default, years 1 to n) or at its "start" (years
    0 to n - 1). In the unit of the flows, a year. Source: HM Treasury, The Green Book (2022), annex 6; Brealey, Myers
    and Allen, Principles of Corporate Finance.

    Raises MethodError as `present_value`, for fewer years than one or than `flows` has, and an unknown timing.

    Examples
    --------
    >>> round(equivalent_annual_cost([100, 0, 0, 0, 0, 0]), 2)  # 100 now as five equal yearly sums
    22.15
    """
    values = _flows(flows, "flows")
    last = int(_years(values.index).max())
    life = last if years is None else whole(years, "years")
    if not max(last, 1) <= life < _MOST:
        raise MethodError(
            f"years must be 1 or more, below {_MOST}, and cover the flows, which end in year {last}; got {life}."
        )
    first = 1 if choice(timing, ("end", "start"), "timing") == "end" else 0
    return present_value(values, schedule) / float(discount_factors(range(first, life + first), schedule).sum())


def optimism_bias(
    mix: Mapping[str, float] | str,
    stage: str = "upper",
    *,
    mitigation: float = 0.0,
    bounds: Mapping[str, BiasBounds] = BIAS_BOUNDS,
) -> OptimismBias:
    """
    Uplift for the habit of underestimating: the bounds of the types of project, weighted by their share of cost.

    Parameters
    ----------
    mix
        Share of cost by type, adding to 1: {"non-standard buildings": 0.3, "standard buildings": 0.7}; or one type.
        Types are the keys of `bounds`; capitals, hyphens and underscores do not matter.
    stage
        "upper" at strategic outline ("SOC"), before risks are managed; "lower" at full business case ("FBC"), if they
        are. Between the two (outline business case) it is "upper" with the `mitigation` that is shown.
    mitigation
        Share of the upper bound that is shown to be managed, 0 to 1: upper x (1 - mitigation), never below the lower
        bound.
    bounds
        Bounds by type, as shares; by default those of Mott MacDonald (2002).

    Returns
    -------
    OptimismBias: multiply cost by 1 + capital, works duration by 1 + duration. For outsourcing the uplift is of
    operating cost, so that it must be appraised by itself: mixed with works it is refused.

    Raises
    ------
    MethodError
        An unknown type or stage, shares that do not add to 1, percentages.

    Notes
    -----
    The shares weigh cost and duration alike; where works differ in time, weigh duration by a call of its own.
    Upper and lower are starting values, not extremes. Not for programmes without works, such as business support, which
    the sample does not hold; nor where the body has its own record of overruns: use that. Source: HM Treasury,
    Supplementary Green Book guidance: optimism bias (2013).

    Examples
    --------
    >>> bias = optimism_bias({"non-standard buildings": 0.3, "standard buildings": 0.7})
    >>> round(bias.capital, 3), round(bias.duration, 3)
    (0.321, 0.145)
    """
    end = _stage(stage)
    managed = share(number(mitigation, "mitigation"), "mitigation")
    bounds = _sound_bounds(bounds)
    mix = _mix({mix: 1.0} if isinstance(mix, str) else mapping(mix, "mix"), bounds)
    if "outsourcing" in mix and 0 < mix["outsourcing"] < 1:
        raise MethodError("The uplift of outsourcing is of operating, not capital, cost: appraise it by itself.")

    def uplift(upper: float, lower: float) -> float:
        return lower if end == "lower" else max(lower, upper * (1 - managed))

    capital = sum(w * uplift(bounds[kind].capital_upper, bounds[kind].capital_lower) for kind, w in mix.items())
    times = [(w, bounds[kind].duration_upper, bounds[kind].duration_lower) for kind, w in mix.items() if w > 0]
    known = [w * uplift(upper, lower) for w, upper, lower in times if upper is not None and lower is not None]
    return OptimismBias(float(capital), float(sum(known)) if len(known) == len(times) else None)


def switching_value(components: Vector) -> pd.DataFrame:
    """
    How far each part of a net present value would have to change, alone, to bring it to zero.

    change = -NPV / part. `components` holds present values by name, benefits positive and costs negative; their sum is
    the NPV. Returns a table by name of `present_value` and `change` (share: -0.2 means 20% smaller; missing for a part
    of 0), the most sensitive first. Not for parts that move together, because one is moved at a time:
    `monte_carlo` says more.
    Raises MethodError for a missing value or an empty mapping. For the value of an input of a model at which the
    result is zero see `switching_point`.

    Source: HM Treasury, The Green Book (2022), 5.58.

    Examples
    --------
    >>> switching_value({"benefits": 125.0, "costs": -100.0})["change"].to_dict()
    {'benefits': -0.2, 'costs': 0.25}
    """
    parts = finite_series(components, "components")
    if parts.empty:
        raise MethodError("components is empty. Pass present values by name, such as {'benefits': 125, 'costs': -100}.")
    complete(parts, "components", "Every part of the net present value must be known.")
    change = (-parts.sum() / parts.where(parts != 0)).rename("change") + 0.0  # never minus nought
    table = pd.DataFrame({"present_value": parts, "change": change})
    return table.loc[change.abs().sort_values(kind="stable").index]


def switching_point(model: Callable[[float], float], low: float, high: float) -> float:
    """
    Value of an input at which a result, such as a net present value, is zero: model(x) = 0 between `low` and `high`.

    `model` turns one number into one number; `low`, `high` and the answer are in the unit of the input. Of several
    zeros it finds one: not for a result that turns round between the ends, so plot it first.

    Raises MethodError for a result that is no number, or has the same sign at both ends. Source: HM Treasury, The Green
    Book (2022), 5.58; Brent (1973), Algorithms for Minimization without Derivatives, chapter 4.

    Examples
    --------
    >>> round(switching_point(lambda rent: 4 * rent - 100, 0, 50), 6)
    25.0
    """
    ends = number(low, "low"), number(high, "high")
    at = [_result(model, end) for end in ends]
    if ends[0] >= ends[1] or min(at) > 0 or max(at) < 0:
        raise MethodError(
            f"The result must change its sign from low to high, got {at[0]:g} at {ends[0]:g} and {at[1]:g} at "
            f"{ends[1]:g}. Widen the range; if it never does, no value of this input switches the result."
        )
    return float(brentq(lambda x: _result(model, x), *ends))


def _result(model: Callable[[float], float], value: float) -> float:
    if not callable(model):
        raise MethodError("model must be a function of one number, such as lambda rent: 4 * rent - 100.")
    return number(model(value), f"the result of model at {value:g}")


def _flows(flows: Any, argument: str) -> pd.Series:
    """Yearly amounts, at least one and none missing."""
    if flows is None or isinstance(flows, (int, float, np.number)):
        raise MethodError(f"{argument} must be yearly amounts, in a list or by year, got {flows!r} (see schedule=).")
    values = finite_series(flows, argument)
    if values.empty:
        raise MethodError(f"{argument} is empty: give an amount for each year, such as [100, 35, 35].")
    complete(values, argument, "Write 0 where nothing is spent or gained in that year.")
    return values


def _present(flows: Vector, schedule: Schedule, argument: str) -> float:
    """Present value of flows that an error calls by the name of their argument."""
    values = _flows(flows, argument)
    with np.errstate(over="ignore", invalid="ignore"):
        found = float(floats(values, argument) @ discount_factors(values.index, schedule).to_numpy())
    if not np.isfinite(found):
        raise MethodError(f"{argument} are too large to add up. Write them in millions.")
    return found


def _stage(stage: object) -> str:
    """The bound to start from, by its own name or by that of the business case."""
    plain = _plain(stage) if isinstance(stage, str) else ""
    if plain in ("obc", "outline", "outline business case"):
        raise MethodError("stage: an outline business case starts from 'upper', less the mitigation that is shown.")
    if plain not in _STAGES:
        raise MethodError(f"stage must be one of 'upper', 'lower' (or 'SOC', 'FBC'), got {stage!r}.")
    return _STAGES[plain]


def _sound_bounds(bounds: Mapping[str, BiasBounds]) -> Mapping[str, BiasBounds]:
    """Bounds by type, each a BiasBounds."""
    given = mapping(bounds, "bounds")
    if wrong := [kind for kind, one in given.items() if not isinstance(one, BiasBounds) or not isinstance(kind, str)]:
        raise MethodError(f"bounds of {listed(wrong)} must be BiasBounds(capital_upper, capital_lower), by type.")
    return given


def _mix(mix: Mapping[str, float], bounds: Mapping[str, BiasBounds]) -> dict[str, float]:
    """Shares by type as `bounds` names it, adding to 1."""
    plain = {_plain(kind): kind for kind in bounds}
    found: dict[str, float] = {}
    for kind, weight in mix.items():
        known = plain.get(_plain(kind)) or choice(str(kind), tuple(bounds), "a type in mix")
        if known in found:
            raise MethodError(f"mix names {known!r} twice. Add the two shares together.")
        found[known] = share(number(weight, f"the share of {kind!r} in mix"), f"the share of {kind!r} in mix")
    if not np.isclose(total := sum(found.values()), 1, atol=1e-6):
        raise MethodError(f"The shares of mix must add to 1, they add to {total:g}.")
    return found


def _plain(kind: object) -> str:
    return str(kind).lower().replace("_", " ").replace("-", " ").replace("/", " and ")


def _years(years: int | Sequence[int] | pd.Index) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Whole years from 0; one number stands for all up to it."""
    if isinstance(years, (str, bytes, bool, np.bool_)) or years is None:
        raise MethodError(f"years must be whole numbers from 0, or the last year, got {years!r}.")
    try:
        given = np.asarray(years)
        given = (given if given.dtype.kind in "iuf" else np.asarray(list(given), dtype=object)).astype(np.float64)
    except (TypeError, ValueError) as problem:
        raise MethodError("Flows must be labelled by years from the start: 0, 1, 2 ...") from problem
    whole_years = (given >= 0) & (given == np.floor(given)) & (given < _MOST)
    if not whole_years.all():
        found = listed([f"{year:g}" for year in np.atleast_1d(given)[~np.atleast_1d(whole_years)]])
        raise MethodError(
            f"Years must be whole and count from the start (0, 1, 2 ...), below {_MOST}, got {found}. "
            "For calendar years take the first one off."
        )
    return (np.arange(int(given) + 1) if given.ndim == 0 else given.ravel()).astype(np.int64)


def _rates(schedule: Schedule, last: int) -> Floats:
    """Rate of each year from 1 to the last."""
    steps = _steps(schedule)
    starts, rates = np.array([first for first, _ in steps]), np.array([rate for _, rate in steps])
    return np.asarray(rates[np.searchsorted(starts, np.arange(1, last + 1), side="right") - 1], dtype=np.float64)


def _steps(schedule: Any) -> Sequence[tuple[int, float]]:
    """First year of each rate, and the rate."""
    if isinstance(schedule, str):
        known = _NAMES.get(schedule, schedule)
        return SCHEDULES[choice(known, tuple(SCHEDULES), "schedule")]
    if isinstance(schedule, (Real, Decimal)) and str(schedule) not in ("True", "False"):
        return ((1, share(number(schedule, "schedule"), "schedule (a discount rate)")),)
    try:
        pairs = [*schedule.items()] if isinstance(schedule, (Mapping, pd.Series)) else [(a, b) for a, b in schedule]
    except (TypeError, ValueError):
        raise MethodError(
            f"schedule must be a name ({', '.join(SCHEDULES)}), a rate such as 0.035, or pairs of first year and rate "
            f"such as [(1, 0.035), (31, 0.03)]; got {schedule!r}."
        ) from None
    steps = sorted(
        (whole(first, "a first year of schedule"), number(rate, "a rate of schedule")) for first, rate in pairs
    )
    if not steps or steps[0][0] != 1:
        raise MethodError("schedule must start with year 1, for instance [(1, 0.035), (31, 0.03)].")
    if len({first for first, _ in steps}) < len(steps):
        raise MethodError(f"schedule gives a year twice: {listed([str(first) for first, _ in steps])}. Drop one rate.")
    return [(first, share(rate, "schedule (a discount rate)")) for first, rate in steps]
