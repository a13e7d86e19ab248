"""Places like ours: statistical nearest neighbours, with the reasons in view."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from iitk.analysis.checks import Floats, Table, Vector, choice, complete, floats, kinds, listed, matched, ratio, whole
from iitk.analysis.checks import frame as finite_table
from iitk.analysis.checks import series as finite_series
from iitk.errors import MethodError

_REASONS = 3
_COLUMNS = ["code", "distance", "indicators", "most_alike", "most_different", "reasons"]


def nearest_neighbours(
    indicators: Table,
    area: Any,
    *,
    k: int = 5,
    same_kind: pd.Series | Mapping[Any, Any] | Sequence[Any] | None = None,
    weights: Vector | None = None,
    ddof: int = 0,
    min_indicators: int | None = None,
    scaling: str = "z-score",
    form: str = "mean",
) -> pd.DataFrame:
    """
    Find the areas that are most like one area on a set of indicators, and say in what.

    Every indicator is standardised over all areas of the table, z = (x - mean) / standard deviation, so that units do
    not matter. The distance is the weighted root mean square difference over the indicators that both areas have: d =
    sqrt(sum_j w_j (z_aj - z_bj)^2 / sum_j w_j). A distance of 1 means one standard deviation apart on the average
    indicator. Dividing by the weights in use keeps areas with gaps comparable, though less surely.

    Parameters
    ----------
    indicators
        Areas x indicators, any units; gaps allowed. Choose what makes places alike in kind (size, density, industry
        mix, age, skills), not the outcome in question, or the comparison will find only places that do equally well.
        Take logs of indicators with a long tail, such as population, first.
    area
        The row to find neighbours of. It is never its own neighbour.
    k
        How many at most.
    same_kind
        Kind of each area (for instance "metropolitan"), in a Series, a mapping or a list in the order of the rows; only
        areas of the same kind as `area` are considered. The standardisation still uses all areas.
    weights
        Weight by indicator, 1 each by default; 0 leaves it out.
    ddof
        Degrees of freedom taken off in the standard deviation: 0 (default) or 1. It scales all distances alike.
    min_indicators
        How many indicators two areas must share, at least 1; more than half of those with a weight by default.
    scaling
        "z-score" (default); "min-max": (x - min) / (max - min); "none": as they are, for indicators on one scale.
    form
        "mean" (default) as above; "sum": sqrt(sum_j w_j (z_aj - z_bj)^2), the plain Euclidean distance, scaled up to
        all indicators where some are missing. Without gaps the order is the same.

    Returns
    -------
    The nearest first, equal distances in order of code: `code`, `distance`, `indicators` (how many they share),
    `most_alike` and `most_different` (up to three pairs of indicator and z difference, neighbour minus area), `reasons`
    (the same in words). `.attrs["unused"]` names the indicators that are equal or missing everywhere, or have no
    weight.

    Raises
    ------
    MethodError
        An area that is not in the table, indicators or kinds that do not match, an area with too few indicators, a
        negative weight, no usable indicator, an unknown scaling or form.

    Notes
    -----
    Like in figures is not like in history: show the reasons and let people strike places out. Source: the method of
    CIPFA's Nearest Neighbours and of the ONS "statistical nearest neighbours" of local authorities (2023): Euclidean
    distance of standardised indicators.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"density": [10, 12, 30, 50], "age": [40, 41, 35, 60]}, index=["A", "B", "C", "D"])
    >>> nearest_neighbours(table, "A", k=2)["code"].tolist()
    ['B', 'C']
    """
    table = finite_table(indicators, "indicators")
    if not isinstance(area, Hashable) or area not in table.index:
        raise MethodError(f"area {area!r} is not a row of indicators. Rows look like {listed(table.index, most=3)}.")
    k = whole(k, "k", 1)
    z, weight, unused = _standardised(table, weights, ddof, scaling)
    needed = len(weight) // 2 + 1 if min_indicators is None else whole(min_indicators, "min_indicators", 1)
    row = list(table.index).index(area)
    difference = floats(z - z.iloc[row], "indicators")
    shared = (~np.isnan(difference)).sum(axis=1)
    if shared[row] < needed:
        raise MethodError(
            f"area {area!r} has {shared[row]} of {len(weight)} indicators; at least {needed} are needed to compare it. "
            "Fill the gaps, choose other indicators or lower min_indicators."
        )
    eligible = (shared >= needed) & _of_kind(table, area, same_kind)
    eligible[row] = False
    found = pd.DataFrame({"code": table.index, "distance": _distance(difference, weight, form), "indicators": shared})
    found["row"] = range(len(found))
    # Rounding settles which of two equal distances is first by code, not by the last bit of the arithmetic.
    found["rank"] = found["distance"].round(12)
    found = found[eligible].sort_values(["rank", "code"]).head(k).reset_index(drop=True)
    return _with_reasons(found, difference, z.columns, unused)


def distance_matrix(
    indicators: Table,
    *,
    weights: Vector | None = None,
    ddof: int = 0,
    scaling: str = "z-score",
    form: str = "mean",
) -> pd.DataFrame:
    """
    Distances between all pairs of areas, as `nearest_neighbours` measures them.

    d_ab = sqrt(sum_j w_j (z_aj - z_bj)^2 / sum_j w_j), no unit. Returns areas x areas: symmetric, 0 on the diagonal,
    missing where two areas share no indicator (and on the diagonal of an area without any). Arguments as there; raises
    MethodError as there. Not for geography: it knows nothing of where places are. Source: as `nearest_neighbours`.

    Examples
    --------
    >>> import pandas as pd
    >>> distance_matrix(pd.DataFrame({"age": [40.0, 50.0]}, index=["A", "B"])).round(6).loc["A"].tolist()
    [0.0, 2.0]
    """
    table = finite_table(indicators, "indicators")
    z, weight, _ = _standardised(table, weights, ddof, scaling)
    values = floats(z, "indicators")
    distances = np.array([_distance(values - own, weight, form) for own in values])
    return pd.DataFrame(distances, index=table.index, columns=table.index)


def _standardised(
    table: pd.DataFrame, weights: Vector | None, ddof: int, scaling: str
) -> tuple[pd.DataFrame, Floats, list[str]]:  # fmt: skip
    """Scaled figures of the usable indicators, their weights, and the names of the others."""
    choice(scaling, ("z-score", "min-max", "none"), "scaling")
    own = pd.Series(1.0, table.columns) if weights is None else matched(weights, table.columns, "weights", "indicators")
    complete(finite_series(own, "weights"), "weights", "Use 0 to leave an indicator out.")
    if (own < 0).any():
        raise MethodError(f"weights must not be negative: {listed(own.index[own < 0])}. Use 0 to leave one out.")
    if whole(ddof, "ddof") >= len(table):
        raise MethodError(f"ddof must be less than the number of areas ({len(table)}), got {ddof}. Use 0 or 1.")
    spread = table.std(ddof=ddof)
    # Equal figures can differ in the last bit after a mean is taken off: below this they count as equal.
    usable = (spread > 1e-12 * table.abs().max()) & (own > 0)
    if not usable.any():
        raise MethodError(
            "No indicator can tell the areas apart: each is equal or missing everywhere, or has weight 0."
        )
    kept = table.loc[:, usable]
    one = pd.Series(1.0, kept.columns)
    units = {"z-score": spread[usable], "min-max": kept.max() - kept.min(), "none": one}
    z = (kept - kept.mean()) / units[scaling]
    return z, floats(own[usable], "weights"), [str(name) for name in table.columns[~usable]]


def _of_kind(table: pd.DataFrame, area: Any, given: object) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Rows of the same kind as the area."""
    if given is None:
        return np.ones(len(table), dtype=np.bool_)
    found = kinds(given, table.index, "same_kind", "indicators")
    own = found[area]
    if pd.isna(own):
        raise MethodError(f"same_kind has no kind for {area!r}. Give it one, or compare with all areas.")
    return np.asarray(found == own, dtype=np.bool_)


def _distance(difference: Floats, weight: Floats, form: str) -> Floats:
    """Root mean square difference of each row over the indicators that it has, or that scaled up to their sum."""
    known, up = ~np.isnan(difference), weight.sum() if choice(form, ("mean", "sum"), "form") == "sum" else 1.0
    return np.sqrt(up * ratio(np.where(known, difference, 0.0) ** 2 @ weight, known @ weight))


def _with_reasons(found: pd.DataFrame, difference: Floats, names: pd.Index, unused: list[str]) -> pd.DataFrame:
    """Add what each neighbour shares with the area and where it differs."""
    alike, unlike = [], []
    for row in found["row"]:
        pairs = [(str(name), round(float(gap), 3)) for name, gap in zip(names, difference[row], strict=True)]
        known = sorted((pair for pair in pairs if not np.isnan(pair[1])), key=lambda pair: (abs(pair[1]), pair[0]))
        # An indicator is a likeness or a difference, never both: few indicators are shared out from both ends.
        split = min(_REASONS, (len(known) + 1) // 2)
        alike.append(tuple(known[:split]))
        unlike.append(tuple(known[split:][: -_REASONS - 1 : -1]))
    found["most_alike"], found["most_different"] = pd.Series(alike, dtype=object), pd.Series(unlike, dtype=object)
    found["reasons"] = pd.Series(map(_words, alike, unlike), dtype=str)
    found = found[_COLUMNS]
    found.attrs["unused"] = unused
    return found


def _words(alike: tuple[tuple[str, float], ...], unlike: tuple[tuple[str, float], ...]) -> str:
    """Say the reasons: differences in standard deviations, with their sign."""
    near, far = (", ".join(f"{name} ({gap:+.1f})" for name, gap in pairs) for pairs in (alike, unlike))
    return f"Most alike: {near}." + (f" Most different: {far}." if far else "")
