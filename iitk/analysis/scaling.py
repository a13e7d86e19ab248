"""Indicators of different units on one scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, cast

import pandas as pd

from iitk.analysis.checks import Table, choice, listed, mapping, number, whole
from iitk.analysis.checks import frame as finite_table
from iitk.analysis.criteria import sign
from iitk.errors import MethodError


def normalise(
    indicators: Table,
    *,
    method: str = "min-max",
    senses: Mapping[Any, str | int] | pd.Series | None = None,
    scale: tuple[float, float] = (0.0, 100.0),
    ties: str = "average",
    bounds: Mapping[Any, tuple[float, float]] | pd.Series | None = None,
    ddof: int = 1,
) -> pd.DataFrame:
    """
    Put all indicators on one scale on which more is better.

    Parameters
    ----------
    indicators
        Areas x indicators, any units. Gaps stay gaps.
    method
        "min-max" (default): a + (b - a) (x - min) / (max - min) with `scale` (a, b). "z-score": (x - mean) / standard
        deviation. "rank": 1 for the worst. "ratio": share of the best, x / max (where less is better min / x), for
        figures above 0.
    senses
        Names the indicators of which less is better ("min", or -1, "cost"): they are turned round first.
    scale, bounds
        Of min-max: its ends, and the lowest and highest figure by indicator where these are set and not found, as the
        Human Development Index does ("goalposts"). A figure beyond its bounds gets the end of the scale.
    ties
        Of ranks, as in pandas: "average" (default), "min", "max".
    ddof
        Degrees of freedom taken off in the standard deviation: 1 (default) or 0.

    Returns
    -------
    Areas x indicators, no unit.

    Raises
    ------
    MethodError
        An unknown method, name or sense, a scale or bounds that do not rise, bounds for another method than min-max,
        figures of 0 or less for "ratio", and an indicator that is the same (or missing) everywhere and has no bounds,
        because it has no scale.

    Notes
    -----
    Without bounds, scores move if an area is added: those of two years compare only if normalised together. Do not
    normalise figures that have a unit people know and use alone: show these. Source: OECD and JRC (2008), step 5.

    Examples
    --------
    >>> import pandas as pd
    >>> normalise(pd.DataFrame({"debt": [10.0, 20, 50]}), senses={"debt": "min"})["debt"].tolist()
    [100.0, 75.0, 0.0]
    """
    choice(method, ("min-max", "z-score", "rank", "ratio"), "method")
    choice(ties, ("average", "min", "max"), "ties")
    table = finite_table(indicators, "indicators")
    bottom, top = _rising(scale, "scale", "Use for instance (0, 100).")
    if method != "min-max" and bounds is not None:
        raise MethodError(f"bounds are of method='min-max'; method={method!r} does not use them. Leave them out.")
    given = mapping(senses, "senses")
    known(given, table.columns, "senses", "indicators")
    less = [name for name, sense in given.items() if sign(sense, f"senses[{name!r}]") < 0]
    if method == "ratio":
        return _ratios(table, less)
    signs = pd.Series({name: -1.0 if name in less else 1.0 for name in table.columns}, dtype=float)
    table *= signs
    lowest, highest = _bounds(bounds, table, signs)
    span = highest - lowest
    if (flat := span.index[~(span > 1e-12 * table.abs().max().fillna(0))]).size:
        raise MethodError(f"{listed(flat)} is the same (or missing) everywhere: it cannot tell areas apart. Drop it.")
    if method == "rank":
        return table.rank(method=cast("Literal['average', 'min', 'max']", ties))
    if method == "z-score":
        if whole(ddof, "ddof") >= table.notna().sum().min():
            raise MethodError(f"ddof must be less than the number of areas with a figure, got {ddof}. Use 0 or 1.")
        return (table - table.mean()) / table.std(ddof=ddof)
    return bottom + (top - bottom) * (table.clip(lowest, highest, axis=1) - lowest) / span


def _ratios(table: pd.DataFrame, less: Sequence[str]) -> pd.DataFrame:
    """Share of the best figure."""
    if (wrong := table.columns[(table <= 0).any()]).size:
        raise MethodError(f"method='ratio' needs figures above 0: not so for {listed(wrong)}. Use 'min-max'.")
    shares = table / table.max()
    shares[less] = table[less].min() / table[less]
    return shares


def _bounds(
    given: Mapping[Any, tuple[float, float]] | pd.Series | None, table: pd.DataFrame, signs: pd.Series
) -> tuple[pd.Series, pd.Series]:  # fmt: skip
    """Lowest and highest figure of each indicator (turned round like the table), set or found."""
    lowest, highest = table.min(), table.max()
    by_name = mapping(given, "bounds")
    known(by_name, table.columns, "bounds", "indicators")
    for name, ends in by_name.items():
        low, high = _rising(ends, f"bounds of {name!r}", "Use senses for 'less is better'.")
        lowest[name], highest[name] = sorted((low * signs[name], high * signs[name]))
    return lowest, highest


def _rising(ends: object, argument: str, remedy: str) -> tuple[float, float]:
    """A lower and a higher figure."""
    pair = list(ends) if isinstance(ends, Iterable) and not isinstance(ends, (str, Mapping)) else []
    if len(pair) != 2:
        raise MethodError(f"{argument} must be a pair of figures, the lower first, got {ends!r}.")
    low, high = number(pair[0], argument), number(pair[1], argument)
    if not low < high:
        raise MethodError(f"{argument} must rise, got {low:g}, {high:g}. {remedy}")
    return low, high


def known(names: object, labels: Sequence[str] | pd.Index, argument: str, other: str) -> None:
    """Refuse names that the other side does not have."""
    absent = pd.Index([*cast("Sequence[str]", names)], dtype=object).difference(pd.Index(labels, dtype=object))
    if len(absent):
        raise MethodError(f"{argument} has {listed(absent)}, but {other} does not. Use the same names on both sides.")
