"""Input-output: what one industry's sales set off in the others, nationally and in a place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from iitk.analysis.checks import (
    Floats,
    Vector,
    aligned,
    choice,
    complete,
    floats,
    listed,
    matched,
    number,
    ratio,
    share,
)
from iitk.analysis.checks import frame as finite_table
from iitk.analysis.checks import series as finite_series
from iitk.errors import MethodError

_METHODS = ("slq", "cilq", "flq", "aflq")
_DIAGONALS = ("slq", "cilq", "slq-unscaled")


@dataclass(frozen=True, slots=True)
class Households:
    """Households as one more industry, which closes the model (type II).

    `income`: what each industry pays them for a unit of its output; `spending`: what they buy from each industry for a
    unit of their income; `own`: what they pay one another.
    """

    income: Vector
    spending: Vector
    own: float = 0.0


def technical_coefficients(flows: pd.DataFrame, output: Vector) -> pd.DataFrame:
    """
    Inputs for a unit of output: a_ij = z_ij / x_j.

    `flows`: purchases of industry j (column) from industry i (row), one unit of money; `output`: total output of each
    industry. Returns industries x industries, no unit. A column without output must have no inputs, and is 0. Averages
    of one year: not for what one more unit needs where a plant must first be built.

    Raises MethodError for rows, columns and output that differ, gaps, negative flows or output, and inputs without
    output. Source: Leontief (1936); Miller and Blair (2009), Input-Output Analysis, 2.2.

    Examples
    --------
    >>> import pandas as pd
    >>> technical_coefficients(pd.DataFrame([[150, 500], [200, 100]]), [1000, 2000]).to_numpy().tolist()
    [[0.15, 0.25], [0.2, 0.05]]
    """
    table = _square(flows, "flows")
    totals = matched(output, table.columns, "output", "flows")
    finite_series(totals, "output")
    complete(totals, "output", "Every industry's total output is needed.")
    _not_negative(totals, "output")
    empty = totals.to_numpy() == 0
    if (table.loc[:, empty] != 0).any(axis=None):
        raise MethodError(f"output is 0 but flows has inputs for {listed(table.columns[empty])}. Check both.")
    values = np.nan_to_num(ratio(floats(table, "flows"), floats(totals, "output")[None, :]))
    return pd.DataFrame(values, index=table.index, columns=table.columns)


def leontief_inverse(coefficients: pd.DataFrame) -> pd.DataFrame:
    """
    Output of every industry that a unit of final demand calls for, directly and through suppliers: L = (I - A)^-1.

    Column j: what one unit of demand for j calls for from each industry. Output for any demand y is L @ y. It has no
    limits of capacity and no prices: not for large changes, nor for how soon they come.

    Raises MethodError for a table that is not square, is empty, has gaps or negative figures, and for coefficients that
    no economy could sustain (the largest eigenvalue of A is 1 or more: producing eats more than it yields). Source:
    Miller and Blair (2009), 2.2 to 2.4.

    Examples
    --------
    >>> import pandas as pd
    >>> leontief_inverse(pd.DataFrame([[0.15, 0.25], [0.2, 0.05]])).round(4).to_numpy().tolist()
    [[1.2541, 0.33], [0.264, 1.1221]]
    """
    table = _square(coefficients, "coefficients")
    values = floats(table, "coefficients")
    largest = float(np.abs(np.linalg.eigvals(values)).max())
    if largest >= 1:
        percent = " If they are percentages, divide them by 100." if largest < 100 and (values > 1).any() else ""
        raise MethodError(
            f"coefficients call for more input than output (largest eigenvalue {largest:.3g}, must be below 1). "
            f"Divide flows by the buying industry's output (columns), and check units.{percent}"
        )
    return pd.DataFrame(np.linalg.inv(np.eye(len(values)) - values), index=table.index, columns=table.columns)


def regional_coefficients(
    national: pd.DataFrame,
    local_jobs: Vector,
    national_jobs: Vector,
    *,
    method: str = "slq",
    delta: float = 0.3,
    diagonal: str = "slq",
    cap: bool = True,
) -> pd.DataFrame:
    """
    Estimate a place's input coefficients from national ones: the less it has of a supplier, the more it buys elsewhere.

    r_ij = a_ij x min(q_ij, 1), i the supplier and j the buyer, with SLQ the location quotient of jobs and
    s = local jobs / national jobs:

    - "slq" (default): q_ij = SLQ_i.
    - "cilq": q_ij = SLQ_i / SLQ_j.
    - "flq": q_ij = SLQ_i / SLQ_j x lambda, lambda = log2(1 + s)^delta, by which small places import more.
    - "aflq": that, x log2(1 + SLQ_j) where SLQ_j > 1: places specialised in a buyer attract its suppliers.

    Parameters
    ----------
    national
        National coefficients, industries x industries, of domestic inputs.
    local_jobs, national_jobs
        Jobs by industry, on the same list.
    delta
        Of "flq" and "aflq", 0 to 1; 0.3 is usual. The result leans on it much: show it for 0.2 and 0.4 too.
    diagonal
        What an industry buys from itself, for all but "slq": "slq" puts SLQ_i in the place of SLQ_i / SLQ_i (default,
        as Flegg and Webber advise for "flq", so that it is scaled by lambda as the rest); "cilq" leaves 1, which is
        what many texts print for plain "cilq"; "slq-unscaled" puts SLQ_i there without lambda (or log2(1 + SLQ_j)), as
        some programs do.
    cap
        Hold q_ij to 1 (default): a place does not buy more per unit than the nation.

    Returns
    -------
    Local coefficients, no unit. An industry that is not in the place neither sells nor buys there: 0.

    Raises
    ------
    MethodError
        Labels that differ, gaps, negative figures, a coefficient above 1 (a percentage), more local than national jobs,
        an unknown method, a delta outside 0 to 1.

    Notes
    -----
    An estimate, not an observation: it knows nothing of the place but its mix of jobs. The simple quotients overstate
    local multipliers, because they leave no room for buying and selling the same good (cross-hauling). Sources: Flegg,
    Webber and Elliott (1995) and Flegg and Webber (1997), Regional Studies 29 and 31; Flegg and Webber (2000) for
    "aflq".

    Examples
    --------
    >>> import pandas as pd
    >>> national = pd.DataFrame([[0.2, 0.1], [0.1, 0.2]], index=["a", "b"], columns=["a", "b"])
    >>> regional_coefficients(national, {"a": 5, "b": 15}, {"a": 100, "b": 100}).loc["a"].tolist()
    [0.1, 0.05]
    """
    choice(method, _METHODS, "method")
    choice(diagonal, _DIAGONALS, "diagonal")
    delta = share(number(delta, "delta"), "delta")
    table = _square(national, "national")
    if (above := table.columns[(table > 1).any()]).size:
        raise MethodError(
            f"national has coefficients above 1 in the columns {listed(above)}: no industry buys more of an input "
            "than it makes. If they are percentages, divide them by 100; if they are flows, use technical_coefficients."
        )
    here, there = _jobs(local_jobs, table.columns, "local_jobs"), _jobs(national_jobs, table.columns, "national_jobs")
    size = here.sum() / there.sum()
    if (here > there).any():
        more = table.columns[here > there]
        raise MethodError(f"local_jobs is above national_jobs for {listed(more)}: are they the other way round?")
    slq = np.nan_to_num(ratio(here / here.sum(), there / there.sum()))
    quotient = _quotient(slq, size, method, delta, diagonal)
    if cap:
        quotient = np.minimum(quotient, 1.0)
    return pd.DataFrame(floats(table, "national") * quotient, index=table.index, columns=table.columns)


def output_multipliers(
    coefficients: pd.DataFrame, *, households: Households | Mapping[str, Vector] | None = None, truncated: bool = True
) -> pd.Series:  # fmt: skip
    """
    Output in all industries for a unit of final demand for each: type I, or with `households` type II.

    m_j = sum_i l_ij: column sums of the Leontief inverse, in money per unit of money. Type II counts output of
    industries only (Miller and Blair's truncated total multiplier); with `truncated=False` household income is added,
    as older books do (total output multiplier). `households` may also be a mapping of the names in `Households`.

    Output counts the same value at every stage of production. Not a measure of what a place gains: for that see income
    and jobs. Type II has every household spend all of what it earns: an upper bound. Raises MethodError as
    `leontief_inverse`, and for households whose figures do not fit. Source: Miller and Blair (2009), 6.2.

    Examples
    --------
    >>> import pandas as pd
    >>> output_multipliers(pd.DataFrame([[0.15, 0.25], [0.2, 0.05]])).round(4).tolist()
    [1.5182, 1.4521]
    """
    inverse, earned = _inverse(coefficients, households)
    total = inverse.sum() if truncated else inverse.sum() + earned
    return total.rename("output_multiplier")


def effect_multipliers(
    coefficients: pd.DataFrame,
    per_output: Vector,
    *,
    households: Households | Mapping[str, Vector] | None = None,
    form: str = "ratio",
    of_households: float = 0.0,
) -> pd.Series:
    """
    Income or jobs in all industries that demand for each sets off: type I, or with `households` type II.

    With w the income (or jobs) for a unit of output: "effect": (w L)_j for a unit of demand for j; "ratio" (default):
    (w L)_j / w_j, all income (jobs) for each direct one. Missing where the industry has none itself.

    `per_output` has jobs or income by industry for a unit of output, in the unit of the flows. `of_households`: what
    households have of it for a unit of their own income, 0 (default) for jobs and for the truncated income multiplier;
    what they pay one another for the total one. Average ratios: not for a change so large that prices or techniques
    move. Raises MethodError as `leontief_inverse`, for gaps and an unknown form. Source: Miller and Blair (2009), 6.2.

    Examples
    --------
    >>> import pandas as pd
    >>> effect_multipliers(pd.DataFrame([[0.15, 0.25], [0.2, 0.05]]), [0.3, 0.25]).round(2).tolist()
    [1.47, 1.52]
    """
    choice(form, ("ratio", "effect"), "form")
    inverse, earned = _inverse(coefficients, households)
    weights = matched(per_output, inverse.columns, "per_output", "coefficients")
    finite_series(weights, "per_output")
    complete(weights, "per_output", "Use 0 for an industry without any.")
    w = floats(weights, "per_output")
    theirs = number(of_households, "of_households")
    effect = w @ floats(inverse, "inverse") + theirs * floats(earned, "households")
    return pd.Series(ratio(effect, w) if form == "ratio" else effect, index=inverse.columns, name=f"{form}_multiplier")


def _inverse(
    coefficients: pd.DataFrame, households: Households | Mapping[str, Vector] | None
) -> tuple[pd.DataFrame, pd.Series]:  # fmt: skip
    """Leontief inverse of the industries, households closed in if given, and what these earn (0 if not)."""
    table = _square(coefficients, "coefficients")
    if households is None:
        return leontief_inverse(table), pd.Series(0.0, table.columns)
    households = _households(households)
    names = {"income": households.income, "spending": households.spending}
    sides = {
        name: matched(values, table.columns, f"households.{name}", "coefficients") for name, values in names.items()
    }
    for name, side in sides.items():
        complete(finite_series(side, f"households.{name}"), f"households.{name}", "Use 0 for an industry without any.")
        _not_negative(side, f"households.{name}")
    own = share(number(households.own, "households.own"), "households.own")
    n = len(table)
    closed = np.zeros((n + 1, n + 1))
    closed[:n, :n] = floats(table, "coefficients")
    closed[n, :n], closed[:n, n] = floats(sides["income"], "income"), floats(sides["spending"], "spending")
    closed[n, n] = own
    inverse = leontief_inverse(pd.DataFrame(closed)).to_numpy()
    industries = pd.DataFrame(inverse[:n, :n], index=table.index, columns=table.columns)
    return industries, pd.Series(inverse[n, :n], table.columns)


def _quotient(slq: Floats, size: float, method: str, delta: float, diagonal: str) -> Floats:
    """What each national coefficient is multiplied by, before the cap."""
    present = slq > 0
    if method == "slq":
        across = np.repeat(slq[:, None], len(slq), axis=1)
    else:
        across = np.nan_to_num(ratio(slq[:, None], slq[None, :]))
        if diagonal == "slq":
            np.fill_diagonal(across, slq)
    if method in ("flq", "aflq"):
        across = across * np.log2(1 + size) ** delta
    if method == "aflq":
        across = across * np.where(slq > 1, np.log2(1 + slq), 1.0)[None, :]
    if method != "slq" and diagonal == "slq-unscaled":
        np.fill_diagonal(across, slq)
    return np.where(present[None, :], across, 0.0)


def _square(table: pd.DataFrame, argument: str) -> pd.DataFrame:
    """Industries x industries in one order, without gaps."""
    checked = finite_table(table, argument)
    if checked.empty:
        raise MethodError(f"{argument} is empty: pass a table of industries x industries.")
    aligned(pd.Series(0.0, checked.index), checked.columns, f"{argument} (rows)", f"{argument} (columns)")
    checked = checked.loc[checked.columns]
    if checked.isna().any(axis=None):
        gaps = checked.columns[checked.isna().any()]
        raise MethodError(
            f"{argument} has gaps in the columns {listed(gaps)}: every flow is needed, 0 where there is none."
        )
    if (below := checked.columns[(checked < 0).any()]).size:
        raise MethodError(
            f"{argument} has negative figures in the columns {listed(below)}: no industry buys less than nothing. "
            "Put such an entry where its opposite belongs, or add it to another row."
        )
    return checked


def _not_negative(values: pd.Series, argument: str) -> None:
    """Refuse figures below zero, with their labels."""
    if (below := values.index[values < 0]).size:
        raise MethodError(f"{argument} must not be negative; it is for {listed(below)}.")


def _households(given: object) -> Households:
    """Take households by name too."""
    if isinstance(given, Households):
        return given
    if isinstance(given, Mapping) and {"income", "spending"} <= set(given) <= {"income", "spending", "own"}:
        return Households(**given)
    raise MethodError(
        "households must be Households(income=..., spending=..., own=...) or a mapping of these names, "
        f"not {given!r}."
    )


def _jobs(jobs: Vector, industries: pd.Index, argument: str) -> Floats:
    """Jobs by industry, complete and not negative."""
    found = matched(jobs, industries, argument, "national")
    finite_series(found, argument)
    complete(found, argument, "Every industry's jobs are needed, 0 where there are none.")
    if (found < 0).any() or found.sum() <= 0:
        raise MethodError(f"{argument} must not be negative and must add up to more than zero.")
    return floats(found, argument)
