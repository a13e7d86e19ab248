"""Weights from people's judgements: swings from worst to best, and comparisons of pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations
from types import MappingProxyType

import numpy as np
import pandas as pd

from iitk.analysis.checks import Floats, Table, Vector, choice, complete, floats, frame, matched, number, ratio, series
from iitk.errors import MethodError

# Mean consistency index of random comparison matrices, from three criteria up.
RANDOM_INDICES: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "saaty-1980": (0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59),
        "saaty-2008": (0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45, 1.49),
        "alonso-lamata": (0.5245, 0.8815, 1.1086, 1.2479, 1.3417, 1.4056, 1.4499, 1.4854),
    }
)
ROUNDED = 0.00667  # half a unit in the second decimal and a little: 1/8 is printed as .13 and .12, 1/6 as .17 and .16


@dataclass(frozen=True, slots=True)
class PairwiseWeights:
    """Weights from comparisons of pairs (adding to 1), and how consistent these were.

    `consistency_ratio` up to 0.1 is usual; `intransitive` lists circles such as a over b over c over a.
    `largest_eigenvalue` is lambda, `consistency_index` (lambda - n) / (n - 1).
    """

    weights: pd.Series
    consistency_ratio: float
    intransitive: tuple[tuple[str, str, str], ...]
    largest_eigenvalue: float
    consistency_index: float


def swing_weights(points: Vector) -> pd.Series:
    """
    Turn swing points into weights that add to 1.

    `points` is labelled by criterion. People give 100 to the criterion whose swing from worst to best matters most, and
    less to the others. w_c = points_c / sum of points, by criterion, no unit. Raises MethodError for gaps, negative
    points or none at all. Not for points given to criteria as such, without their swings in sight: "cost" matters only
    as far as the options differ in it. Source: von Winterfeldt and Edwards (1986), Decision Analysis and Behavioral
    Research.

    Examples
    --------
    >>> swing_weights({"jobs": 100, "cost": 60, "reach": 40}).to_dict()
    {'jobs': 0.5, 'cost': 0.3, 'reach': 0.2}
    """
    given = series(points, "points")
    complete(given, "points", "Use 0 to leave a criterion out.")
    if (given < 0).any() or not 0 < given.sum() < np.inf:
        raise MethodError("points must not be negative and must add up to more than zero.")
    return (given / given.sum()).rename("weight")


def pairwise_weights(
    comparisons: Table,
    *,
    method: str = "eigenvector",
    random_index: str | float = "saaty-1980",
    reciprocal: str = "check",
) -> PairwiseWeights:
    """
    Weights from comparisons of every two criteria: the principal eigenvector of the table of ratios.

    Parameters
    ----------
    comparisons
        Criteria x criteria: how many times the row matters as much as the column (1/9 to 9 on Saaty's scale), the
        diagonal 1. A figure below 1 may be rounded to two decimals, as printed tables are (0.14 for 1/7).
    method
        "eigenvector" (default); "geometric": geometric mean of each row; "columns": mean of the columns, each scaled to
        add to 1 (the short-cut of many textbooks). All three are the same where answers are consistent.
    random_index
        What the consistency index is held against: "saaty-1980" (default, 0.58 for three criteria, up to fifteen),
        "saaty-2008" (0.52) or "alonso-lamata" (0.5245, the largest samples), both up to ten; or a figure of one's own.
    reciprocal
        "check" (default): the half below the diagonal must be the inverse of the half above; it is used as it stands.
        "upper": it may be empty or rounded, and is filled from the half above.

    Returns
    -------
    PairwiseWeights. Consistency index (lambda - n) / (n - 1), ratio: over the random index; missing where the table of
    random indices ends. Lambda is the largest eigenvalue; with the other two methods the mean of (A w)_i / w_i.

    Raises
    ------
    MethodError
        A table that is not square, complete, positive or reciprocal (the message names a wrong pair); an unknown
        method or random index.

    Notes
    -----
    Not for many criteria: n of them need n (n - 1) / 2 answers, and people tire. An inconsistent table gives weights
    too: look at the ratio and the circles first. Sources: Saaty (1980), The Analytic Hierarchy Process; Crawford and
    Williams (1985) for "geometric"; Alonso and Lamata (2006), International Journal of Uncertainty, Fuzziness and
    Knowledge-Based Systems 14.

    Examples
    --------
    >>> import pandas as pd
    >>> names = ["jobs", "cost"]
    >>> pairwise_weights(pd.DataFrame([[1, 3], [1 / 3, 1]], index=names, columns=names)).weights.round(2).to_dict()
    {'jobs': 0.75, 'cost': 0.25}
    """
    choice(method, ("eigenvector", "geometric", "columns"), "method")
    table = _ratios(comparisons, choice(reciprocal, ("check", "upper"), "reciprocal"))
    n = len(table)
    beside, values = _random(random_index, n), floats(table, "comparisons")
    weights, largest = _priorities(values, method)
    index = max((largest - n) / (n - 1), 0.0) if n > 2 else 0.0
    return PairwiseWeights(
        weights=pd.Series(weights, index=table.columns, name="weight"),
        consistency_ratio=index / beside if n > 2 else 0.0,
        intransitive=_circles(values, [str(name) for name in table.columns]),
        largest_eigenvalue=largest,
        consistency_index=index,
    )


def _random(random_index: str | float, n: int) -> float:
    """Consistency index of random answers on n criteria; missing where the named table ends."""
    if isinstance(random_index, str):
        table = RANDOM_INDICES[choice(random_index, tuple(RANDOM_INDICES), "random_index")]
        return table[n - 3] if 2 < n < len(table) + 3 else float("nan")
    if not number(random_index, "random_index") > 0:
        raise MethodError(f"random_index must be above 0 or one of {', '.join(RANDOM_INDICES)}; got {random_index:g}.")
    return float(random_index)


def _ratios(comparisons: object, reciprocal: str) -> pd.DataFrame:
    """Criteria x criteria in one order, positive and reciprocal."""
    table = frame(comparisons, "comparisons")
    if table.empty:
        raise MethodError("comparisons has no criteria.")
    if table.shape[0] == table.shape[1] and table.index.equals(pd.RangeIndex(len(table))):
        table.index = table.columns  # rows without names are in the order of the columns
    matched(pd.Series(0.0, table.index), table.columns, "comparisons (rows)", "comparisons (columns)")
    values = floats(table.loc[table.columns], "comparisons").copy()
    if reciprocal == "upper":
        above = np.triu(values, 1)
        values = np.where(np.tri(len(values), dtype=bool), ratio(1.0, above.T), values)
        np.fill_diagonal(values, 1.0)
    # A gap fails the test too: nothing times a gap is 1.
    inverse = np.isclose(values * values.T, 1.0, rtol=1e-2)
    smaller, larger = np.minimum(values, values.T), np.maximum(values, values.T)
    printed = np.isclose(smaller, np.round(smaller, 2)) & (np.abs(smaller - ratio(1.0, larger)) <= ROUNDED)
    wrong = ~((values > 0) & (inverse | printed))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise MethodError(
            f"comparisons of {str(table.columns[row])!r} and {str(table.columns[column])!r} must be positive and the "
            f"inverse of each other (3 and 1/3), got {values[row, column]:g} and {values[column, row]:g}. "
            "Mend one, or fill the lower half from the upper: reciprocal='upper'."
        )
    return pd.DataFrame(values, index=table.columns, columns=table.columns)


def _priorities(values: Floats, method: str) -> tuple[Floats, float]:
    """Weights that add to 1, and lambda."""
    if method == "eigenvector":
        roots, vectors = np.linalg.eig(values)
        first = int(np.argmax(roots.real))
        weights = np.abs(vectors[:, first].real)
        return weights / weights.sum(), float(roots[first].real)
    if method == "geometric":
        weights = np.exp(np.log(values).mean(axis=1))
    else:
        weights = (values / values.sum(axis=0)).mean(axis=1)
    weights = weights / weights.sum()
    return weights, float((values @ weights / weights).mean())


def _circles(values: Floats, names: list[str]) -> tuple[tuple[str, str, str], ...]:
    """Find triples a over b over c over a; each circle once, starting from its first name."""
    over = values > 1 + 1e-9
    return tuple(
        (names[a], names[b], names[c])
        for a, b, c in permutations(range(len(names)), 3)
        if a < min(b, c) and over[a, b] and over[b, c] and over[c, a]
    )
