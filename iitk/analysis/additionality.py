"""From gross to net: what an intervention adds to a place beyond what would have happened anyway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from iitk.analysis.checks import listed, mapping, number, share
from iitk.errors import MethodError

_STRONGEST = 10.0  # no multiplier of jobs comes near: beyond it stands a percentage
_LARGEST = 1e308


@dataclass(frozen=True, slots=True)
class ReferenceCase:
    """What would happen without the intervention: its gross effect, with its own adjustments (shares from 0 to 1)."""

    gross: float
    leakage: float = 0.0
    displacement: float = 0.0
    substitution: float = 0.0
    multiplier: float = 1.0


class NetAdditional(float):
    """A net additional effect: a number that carries its steps.

    `steps`: a table of step, adjustment, intervention, reference. `additionality`: net over gross.
    """

    steps: pd.DataFrame
    additionality: float


def net_additional(
    gross: float,
    *,
    deadweight: float | None = None,
    leakage: float = 0.0,
    displacement: float = 0.0,
    substitution: float = 0.0,
    multiplier: float = 1.0,
    reference: ReferenceCase | Mapping[str, float] | float | None = None,
) -> NetAdditional:
    """
    Net additional effect of an intervention on a place, step by step.

    AI = GI (1 - L)(1 - Dp)(1 - S) M - GI* (1 - L*)(1 - Dp*)(1 - S*) M*, with the reference case marked *.

    Parameters
    ----------
    gross
        Gross effect, for instance jobs on the site (GI).
    deadweight
        Share of it that would happen anyway: the reference case is gross x deadweight with the same adjustments. 0 if
        neither this nor `reference` is given; giving both is refused.
    leakage
        Share that goes to people outside the place (L).
    displacement
        Share taken from others in the place (Dp).
    substitution
        Share where one activity only replaces another in the same firm (S).
    multiplier
        1 plus the effect through suppliers and spending (M), from 1 to 10.
    reference
        The reference case: its gross effect (then the same adjustments apply), or a `ReferenceCase` with its own; a
        mapping such as {"gross": 60, "leakage": 0.2} will do.

    Returns
    -------
    NetAdditional: a number in the unit of `gross`, with `.steps` (a table, whose last row of `net` is that number) and
    `.additionality` (net / gross). It is negative if the reference case is better.

    Raises
    ------
    MethodError
        A share outside 0 to 1 (percentages with the fix), a multiplier below 1, a negative gross effect, both
        deadweight and reference.

    Notes
    -----
    Not for effects that nobody can take away from somebody else, such as carbon saved: they have no leakage or
    displacement. It is about the place, not the nation: since 2016 the Treasury's default is that jobs do not raise
    national employment. Source: Homes and Communities Agency, Additionality Guide, 4th edition (2014), 2.3.

    Examples
    --------
    >>> net = net_additional(200, deadweight=0.3, leakage=0.1, displacement=0.25, multiplier=1.25)
    >>> round(net, 3), round(net.additionality, 3)
    (118.125, 0.591)
    """
    _one_scheme(gross, "gross")
    own = _checked(ReferenceCase(gross, leakage, displacement, substitution, multiplier), "")
    other = _reference_case(own, deadweight, reference)
    steps = pd.DataFrame(
        {
            "step": ["gross", "after leakage", "after displacement", "after substitution", "after multiplier"],
            "intervention_adjustment": _adjustments(own),
            "intervention": _path(own),
            "reference_adjustment": _adjustments(other),
            "reference": _path(other),
        }
    )
    steps["net"] = steps["intervention"] - steps["reference"]
    net = NetAdditional(steps["net"].iloc[-1])
    net.steps = steps
    net.additionality = float(net) / own.gross if own.gross else float("nan")
    return net


def cost_per_net_job(cost: float, net_jobs: float) -> float:
    """
    Public cost for each net additional job, cost / net_jobs, in the unit of `cost` (state its price year).

    Not a measure of value: a job may be short or ill paid. Compare only options with jobs of like length and quality,
    and costs over the same years.

    Raises MethodError for no net jobs (the cost buys none) and for a negative cost. Source: National Audit Office
    (2012), The Regional Growth Fund, which compares bids by it.

    Examples
    --------
    >>> cost_per_net_job(3_300_000, 100)
    33000.0
    """
    _one_scheme(cost, "cost")
    cost, net_jobs = number(cost, "cost"), number(net_jobs, "net_jobs")
    if cost < 0:
        raise MethodError(f"cost must not be negative, got {cost:g}.")
    if net_jobs <= 0:
        raise MethodError(
            f"There are no net additional jobs ({net_jobs:g}), so no cost for each: say that it adds none."
        )
    found = cost / net_jobs if net_jobs >= cost / _LARGEST else float("inf")
    return number(found, f"cost / net_jobs ({cost:g} / {net_jobs:g})")


def _reference_case(
    own: ReferenceCase, deadweight: float | None, reference: ReferenceCase | Mapping[str, float] | float | None
) -> ReferenceCase:  # fmt: skip
    """The reference case, from a share of the gross effect, a gross effect, or in full."""
    if deadweight is not None and reference is not None:
        raise MethodError(
            "Give deadweight or reference, not both: deadweight is the reference case as a share of gross."
        )
    if isinstance(reference, (Mapping, pd.Series)):
        reference = _from_names(mapping(reference, "reference"))
    if isinstance(reference, ReferenceCase):
        return _checked(reference, "the reference case's ")
    if reference is None:
        anyway = own.gross * share(number(0.0 if deadweight is None else deadweight, "deadweight"), "deadweight")
    else:
        anyway = number(reference, "reference (a gross effect, or a ReferenceCase)")
    return _checked(
        ReferenceCase(anyway, own.leakage, own.displacement, own.substitution, own.multiplier), "the reference case's "
    )


def _from_names(given: Mapping[str, float]) -> ReferenceCase:
    """A reference case from a mapping of its parts."""
    parts = [one.name for one in fields(ReferenceCase)]
    unknown = [name for name in given if name not in parts]
    if unknown or "gross" not in given:
        raise MethodError(
            f"reference must name gross, and may name {', '.join(parts[1:])} (as ReferenceCase does); "
            f"got {listed(list(given))}."
        )
    return ReferenceCase(**given)


def _one_scheme(value: object, argument: str) -> None:
    """Say of a column of schemes what to do with it."""
    if np.ndim(value) > 0:  # type: ignore[arg-type]
        raise MethodError(
            f"{argument} must be one number: take one scheme at a time, for instance in a loop over the schemes."
        )


def _checked(case: ReferenceCase, whose: str) -> ReferenceCase:
    """The same in plain numbers; shares outside 0 to 1, multipliers below 1 and negative effects are refused."""
    plain = {one.name: number(getattr(case, one.name), f"{whose}{one.name}") for one in fields(ReferenceCase)}
    if plain["gross"] < 0:
        raise MethodError(f"{whose}gross must not be negative, got {plain['gross']:g}.")
    for name in ("leakage", "displacement", "substitution"):
        share(plain[name], f"{whose}{name}")
    if (multiplier := plain["multiplier"]) < 1:
        fix = f" For an added effect of {multiplier:g} write {1 + multiplier:g}." if multiplier > 0 else ""
        raise MethodError(f"{whose}multiplier must be 1 or more, got {multiplier:g}.{fix}")
    if multiplier > _STRONGEST:
        raise MethodError(
            f"{whose}multiplier must be {_STRONGEST:g} or less, got {multiplier:g}. "
            f"For {multiplier:g}% write {multiplier / 100:g}."
        )
    return ReferenceCase(**plain)


def _adjustments(case: ReferenceCase) -> list[float]:
    """What each step multiplies by."""
    return [1.0, 1 - case.leakage, 1 - case.displacement, 1 - case.substitution, case.multiplier]


def _path(case: ReferenceCase) -> list[float]:
    """The effect after each step."""
    return list(case.gross * pd.Series(_adjustments(case)).cumprod())
