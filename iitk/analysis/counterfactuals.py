"""What would have happened without it: difference in differences, synthetic control, synthetic DiD."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from iitk.analysis.checks import Floats, choice, floats, listed, ratio, whole
from iitk.analysis.checks import unbounded_frame as frame
from iitk.analysis.forecasts import confidence_level
from iitk.analysis.treated import treated_rows
from iitk.errors import MethodError

_ERRORS = ("auto", "cr2", "cr1", "pooled")
_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Effect:
    """
    What a policy changed, beside what would have happened without it.

    `estimate` is the mean over treated areas and the years from `start` on, in the unit of the panel. `p_value` and the
    interval come from the standard error; `placebo_p` is the share of placebo policies (the actual one counted) that
    stand out as much, and can never fall below `smallest_placebo_p`.
    """

    method: str
    estimate: float
    standard_error: float  # missing where the method has none for so few areas
    lower: float
    upper: float
    level: float
    p_value: float
    placebo_p: float
    smallest_placebo_p: float
    inference: str  # how the standard error and placebo_p were obtained, in a sentence
    start: Any
    treated: tuple[Any, ...]
    comparison: tuple[Any, ...]
    left_out: tuple[Any, ...]  # comparison areas with a gap
    path: pd.DataFrame  # by period: actual, counterfactual, effect, after (True from start on)
    area_weights: pd.Series  # of the comparison areas, adding to 1
    year_weights: pd.Series  # of the periods before start, adding to 1; empty for synthetic control
    fit_before: float  # root mean square of the effect before start (RMSPE), in the unit of the panel
    fit_ratio: float  # the same from start on, divided by fit_before
    placebos: pd.DataFrame  # one row a placebo: effect (and fit_before, fit_ratio for synthetic control)
    leads: pd.DataFrame  # by period, against the last before start: effect, standard_error, lower, upper (DiD only)
    pre_trend_p: float  # share of placebos whose path before start strays as far (DiD only)
    robustness: pd.Series  # estimate without each comparison area that carries weight (synthetic control only)


@dataclass(frozen=True, slots=True)
class _Panel:
    """A checked panel; `before` is the number of periods before the start."""

    periods: pd.Index
    treated: pd.DataFrame
    comparison: pd.DataFrame
    left_out: tuple[Any, ...]
    before: int
    start: Any


def difference_in_differences(
    panel: pd.DataFrame, treated: object, start: object, *, errors: str = "auto", level: float = 0.95,
    permutations: int = 9999, seed: int = 0,
) -> Effect:  # fmt: skip
    """
    Change in the treated areas less the change in the comparison areas.

    estimate = (mean after - mean before, treated) - (mean after - mean before, comparison), every area and period
    with the same weight: the coefficient of a regression with area and period effects.

    Parameters
    ----------
    panel
        Areas (rows) x periods (columns, rising), in the unit in which the effect is wanted; logs for growth. A
        comparison area with a gap (or an infinity: the log of 0) is left out and named in the result.
    treated
        Label of the treated area, a list of labels, or true and false by area. All other rows are comparison areas:
        choose them before.
    start
        First period (a column) with treatment, the same for all treated areas.
    errors
        Standard error clustered by area. "cr2" (bias-reduced: Welch's t-test of the areas' changes, with its degrees of
        freedom) needs two treated and two comparison areas; "cr1": the usual G/(G-1) x (N-1)/(N-K), area effects not
        counted in K, t with G-1; "pooled": the changes of all areas vary alike, t with G-2, the only one that can serve
        a single treated area. "auto" (default): cr2 where possible, else pooled, else none.
    level
        Of the confidence interval, 0.95.
    permutations, seed
        Placebo policies: every choice of as many areas is tried if there are no more than this, else so many at
        random; the same seed gives the same answer.

    Returns
    -------
    `Effect` with equal `area_weights`, `leads` (near 0 before the start if trends were parallel) and `pre_trend_p`.

    Raises
    ------
    MethodError
        An unknown treated area, none or all treated, a start outside the second to last period, periods out of order, a
        gap in a treated area, too few areas for the `errors` asked, a percentage as level.

    Notes
    -----
    Rests on parallel trends, which the past can contradict but not prove. Not for areas treated at different times
    (compare with areas never treated, one start at a time), nor where comparison areas gain or lose from the policy.
    With one treated area the standard error takes its luck to vary like any other area's: prefer `placebo_p`.
    Sources: Card and Krueger (1994), American Economic Review 84; Bertrand, Duflo and Mullainathan (2004), Quarterly
    Journal of Economics 119; CR2: Bell and McCaffrey (2002), Survey Methodology 28.

    Examples
    --------
    >>> jobs = pd.DataFrame({2019: [20.44, 23.33], 2020: [21.03, 21.17]}, index=["New Jersey", "Pennsylvania"])
    >>> round(difference_in_differences(jobs, "New Jersey", 2020).estimate, 2)
    2.75
    """
    choice(errors, _ERRORS, "errors")
    confidence_level(level, "level")
    permutations = whole(permutations, "permutations", 2)
    data = _prepare(panel, treated, start)
    here, there = floats(data.treated, "panel"), floats(data.comparison, "panel")
    every = np.vstack([here, there])
    kind = _which_errors(errors, len(here), len(there))
    change = every[:, data.before :].mean(axis=1) - every[:, : data.before].mean(axis=1)
    estimate, error, freedom = _contrast(change[:, None], len(here), kind, every.shape[1], 1)
    placebo, placebo_p, stray = _permute(change, every[:, : data.before], len(here), permutations, seed)
    shift = here[:, : data.before].mean() - there[:, : data.before].mean()
    return _effect(
        data, "difference in differences", there.mean(axis=0) + shift, estimate[0], error[0], level,
        freedom=freedom[0], placebo_p=placebo_p, smallest_placebo_p=1 / (len(placebo) + 1),
        inference=f"{_SAID[kind]} placebo_p from {len(placebo)} other choices of treated areas.",
        area_weights=np.full(len(there), 1 / len(there)), year_weights=np.full(data.before, 1 / data.before),
        placebos=pd.DataFrame({"effect": placebo}), pre_trend_p=stray,
        leads=_lead_table(every, data, kind, level),
    )  # fmt: skip


def synthetic_control(
    panel: pd.DataFrame, treated: object, start: object, *, level: float = 0.95, placebos: int = 200, seed: int = 0
) -> Effect:
    """
    Compare the treated area with the weighted mix of comparison areas that was most like it before.

    Weights of at least 0 that add to 1 minimise the squared gaps before the start, every period alike and nothing but
    the outcome itself; the effect is the mean gap from the start on. Several treated areas are averaged into one.

    Parameters
    ----------
    panel, treated, start, level
        As `difference_in_differences`; at least 2 periods before the start and 2 comparison areas.
    placebos, seed
        Standard error: the spread of the effects found when comparison areas are treated in turn, all of them or so
        many chosen at random. With several treated areas it is too wide, because single areas vary more.

    Returns
    -------
    `Effect`. `placebo_p` is the rank of the treated area's `fit_ratio` (RMSPE from the start on / before) among all
    areas, each against all others: 1/(areas) at the least. `placebos` holds every comparison area's `fit_before` and
    `fit_ratio`, and the `effect` of those drawn; `robustness` the estimate without each area that carries weight.

    Raises
    ------
    MethodError
        As `difference_in_differences`; the extra `iitk[eval]` is not installed.

    Notes
    -----
    Look at `fit_before` and the path first: where the mix does not follow the area before, there is no result. Not
    for an area at the edge of all others, nor for few years before. The estimator and the placebo ranking are those of
    the package diff-diff. Sources: Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical
    Association 105; standard error: Arkhangelsky and others (2021), algorithm 4, the treated area kept in the pool.

    Examples
    --------
    >>> rows = {"a": [3, 5, 4, 9, 8], "b": [2, 4, 2, 3, 2], "c": [4, 6, 6, 7, 8], "d": [9, 9, 8, 9, 9]}
    >>> found = synthetic_control(pd.DataFrame.from_dict(rows, orient="index"), "a", 3)
    >>> round(found.estimate, 3), found.area_weights.round(3).tolist()
    (3.5, [0.5, 0.5, 0.0])
    """
    confidence_level(level, "level")
    data = _prepare(panel, treated, start, periods=2, areas=2)
    placebos = whole(placebos, "placebos", 2)
    here, there = floats(data.treated, "panel").mean(axis=0), floats(data.comparison, "panel")
    every = np.vstack([here, there])
    fit = _fit_control(every, 0, data.before)
    ranked = _asked(fit.in_space_placebo)
    drawn = np.random.default_rng(seed).permutation(len(there))[:placebos] + 1
    effects = pd.Series({area: _fit_control(every, area, data.before).att for area in sorted(drawn.tolist())})
    others, names = range(1, len(every)), data.comparison.index
    table = ranked.set_index("unit").reindex(others).astype({"pre_mspe": float, "rmspe_ratio": float})
    spread = {"effect": effects.reindex(others), "fit_before": table["pre_mspe"] ** 0.5}
    dropped = _asked(fit.leave_one_out).query("status == 'loo'")
    return _effect(
        data, "synthetic control", here - np.array([fit.gap_path[period] for period in range(every.shape[1])]),
        fit.att, effects.std(ddof=0), level,
        placebo_p=float(fit.placebo_p_value), smallest_placebo_p=1 / (fit.n_placebos + 1),
        inference=f"Normal interval, standard error from the effects of {len(drawn)} placebo areas; placebo_p is the "
        f"rank of fit_ratio among {fit.n_placebos + 1} areas.",
        area_weights=_weights(fit.donor_weights, others), year_weights=None,
        placebos=pd.DataFrame({**spread, "fit_ratio": table["rmspe_ratio"]}).set_axis(names),
        fit_ratio=float(fit.rmspe_ratio),
        robustness=dropped["att"].astype(float).set_axis(names[dropped["dropped_unit"].astype(int) - 1]),
    )  # fmt: skip


def synthetic_did(
    panel: pd.DataFrame, treated: object, start: object, *, inference: str = "placebo", level: float = 0.95,
    replications: int = 200, seed: int = 0,
) -> Effect:  # fmt: skip
    """
    Difference in differences against the areas and the years that were most like what is judged.

    Areas are weighted so that their mix moves like the treated areas before the start (a constant distance is
    allowed), years so that they stand for the time after. estimate = (treated after - weighted before) - (mix after
    - mix weighted before).

    Parameters
    ----------
    panel, treated, start, level
        As `difference_in_differences`; at least 2 periods before the start.
    inference
        "placebo" (default): comparison areas treated at random, weights found anew; takes treated areas to vary like
        them, and needs more comparison than treated areas. "jackknife": each area left out, weights kept; needs two
        treated areas and two with weight, errs on the wide side.
    replications, seed
        Number of random placebos; the same seed gives the same answer.

    Returns
    -------
    `Effect` with `area_weights`, `year_weights` and, for placebo, `placebo_p` and the placebo effects. One treated area
    has only as many different placebos as comparison areas: `placebo_p` is then not below 1/(areas).

    Raises
    ------
    MethodError
        As `difference_in_differences`; too few areas for the inference; the extra `iitk[eval]` is not installed.

    Notes
    -----
    The intercept shift makes levels unimportant: look at the path of changes. Not for areas treated at different
    times. Estimator and inference are those of the package diff-diff. Source: Arkhangelsky, Athey, Hirshberg, Imbens
    and Wager (2021), American Economic Review 111, algorithms 1, 3 and 4.

    Examples
    --------
    >>> rows = {"a": [3, 5, 4, 9, 8], "b": [2, 4, 3, 4, 3], "c": [4, 6, 5, 6, 5], "d": [9, 11, 10, 11, 10]}
    >>> round(synthetic_did(pd.DataFrame.from_dict(rows, orient="index"), "a", 3).estimate, 3)
    4.0
    """
    choice(inference, ("placebo", "jackknife"), "inference")
    confidence_level(level, "level")
    replications = whole(replications, "replications", 2)
    data = _prepare(panel, treated, start, periods=2, areas=2)
    here, there = floats(data.treated, "panel"), floats(data.comparison, "panel")
    count = len(here)
    _enough(inference, count, len(there))
    model = _package().SyntheticDiD(variance_method=inference, n_bootstrap=replications, seed=seed, alpha=1 - level)
    long, after = _long(np.vstack([here, there]), count, data.before)
    fit = _asked(lambda: model.fit(long, "outcome", "ever", "area", "period", post_periods=after))
    if not np.isfinite(fit.se):
        raise MethodError("inference='jackknife' fails: one comparison area carries all the weight. Use 'placebo'.")
    areas = _weights(fit.unit_weights, range(count, count + len(there)))
    years = _weights(fit.time_weights, range(data.before))
    mix = areas @ there
    shift = years @ (here.mean(axis=0) - mix)[: data.before]
    placebo = np.asarray(fit.variance_effects, dtype=np.float64)
    smallest, placebo_p, said = _NAN, _NAN, "Normal interval, standard error by jackknife over areas, weights kept."
    if inference == "placebo":
        different = min(len(placebo), comb(len(there), count))
        smallest = 1 / (different + 1)
        placebo_p = (1 + different * float(_at_least(placebo, fit.att).mean())) / (different + 1)
        said = f"Normal interval, standard error and placebo_p from {len(placebo)} placebos, {different} different."
    return _effect(
        data, "synthetic difference in differences", mix + shift, fit.att, fit.se, level,
        placebo_p=placebo_p, smallest_placebo_p=smallest, inference=said, area_weights=areas, year_weights=years,
        placebos=pd.DataFrame({"effect": placebo if inference == "placebo" else []}, dtype=np.float64),
    )  # fmt: skip


_SAID = {
    "cr2": "Standard error clustered by area (CR2, Welch's degrees of freedom);",
    "cr1": "Standard error clustered by area (CR1, t with areas - 1 degrees of freedom);",
    "pooled": "Standard error takes the changes of all areas to vary alike (t with areas - 2 degrees of freedom);",
    "none": "No standard error: fewer than three areas;",
}


def _prepare(panel: pd.DataFrame, treated: object, start: object, *, periods: int = 1, areas: int = 1) -> _Panel:
    """Check and split a panel; `periods` and `areas` say how many before the start and for comparison are needed."""
    table = frame(panel, "panel").replace([np.inf, -np.inf], np.nan)
    labels = treated_rows(table, treated)
    if not table.columns.is_monotonic_increasing:
        raise MethodError("panel must have its periods (columns) in rising order. Sort them: panel.sort_index(axis=1).")
    if start not in table.columns:
        raise MethodError(
            f"start {str(start)!r} is not a period of the panel, which runs from {table.columns[0]} to "
            f"{table.columns[-1]}. Give the first period with treatment."
        )
    before = int(table.columns.get_indexer(pd.Index([start]))[0])
    if before < periods:
        raise MethodError(
            f"start {str(start)!r} leaves {before} period(s) before treatment, and at least {periods} are needed. "
            "Give a later start, or a panel that begins earlier."
        )
    here, there = table.loc[labels], table.drop(index=labels)
    for label, row in here[here.isna().any(axis=1)].iterrows():
        raise MethodError(
            f"The treated area {str(label)!r} has no figure for {listed(row.index[row.isna()])}. "
            "Fill the gap from its source, shorten the panel, or leave the area out of treated."
        )
    gaps = there.isna().any(axis=1)
    if int((~gaps).sum()) < areas:
        without = f" ({int(gaps.sum())} left out because of gaps)" if gaps.any() else ""
        raise MethodError(f"There are {int((~gaps).sum())} comparison areas{without}, and at least {areas} are needed.")
    return _Panel(table.columns, here, there[~gaps], tuple(there.index[gaps]), before, start)


def _effect(
    data: _Panel, method: str, without: Floats, estimate: float, error: float, level: float, *,
    area_weights: Floats, year_weights: Floats | None, freedom: float = np.inf, **found: Any,
) -> Effect:  # fmt: skip
    """Put together a result; `without` is the counterfactual by period."""
    interval = _interval(np.array([estimate]), np.array([error]), np.array([freedom]), level)
    lower, upper, p_value = (float(values[0]) for values in interval)
    actual = floats(data.treated, "panel").mean(axis=0)
    gap = actual - without
    after = np.arange(len(gap)) >= data.before
    path = pd.DataFrame({"actual": actual, "counterfactual": without, "effect": gap, "after": after}, data.periods)
    before, since = (float(np.sqrt((gap[rows] ** 2).mean())) for rows in (~after, after))
    years = pd.Series(dtype=np.float64) if year_weights is None else pd.Series(year_weights, data.periods[~after])
    rest: dict[str, Any] = {
        "fit_ratio": float(ratio(since, before)), "leads": pd.DataFrame(), "pre_trend_p": _NAN,
        "robustness": pd.Series(dtype=np.float64), **found,
    }  # fmt: skip
    return Effect(
        method=method, estimate=float(estimate), standard_error=float(error), lower=lower, upper=upper, level=level,
        p_value=p_value, start=data.start, treated=tuple(data.treated.index), comparison=tuple(data.comparison.index),
        left_out=data.left_out, path=path, area_weights=pd.Series(area_weights, data.comparison.index),
        year_weights=years, fit_before=before, **rest,
    )  # fmt: skip


def _enough(inference: str, treated: int, comparison: int) -> None:
    """Refuse the inference of synthetic DiD that so few areas cannot carry."""
    if inference == "placebo" and comparison <= treated:
        counts = f"{comparison} comparison and {treated} treated areas"
        raise MethodError(f"{counts}: inference='placebo' needs more of the first. Add areas or use 'jackknife'.")
    if inference == "jackknife" and treated < 2:
        raise MethodError("inference='jackknife' needs at least two treated areas. Use 'placebo' for one.")


def _which_errors(asked: str, treated: int, comparison: int) -> str:
    """Choose the kind of standard error; refuse one that so few areas cannot carry."""
    possible = {"cr2": min(treated, comparison) >= 2, "pooled": treated + comparison >= 3}
    if asked == "auto":
        return next((kind for kind, can in possible.items() if can), "none")
    if not possible["pooled" if asked == "pooled" else "cr2"]:
        needs = "at least three areas" if asked == "pooled" else "two treated and two comparison areas or more"
        raise MethodError(
            f"errors={asked!r} needs {needs}; there are {treated} treated and {comparison} for comparison. "
            "Use errors='auto' and read placebo_p."
        )
    return asked


def _contrast(values: Floats, treated: int, kind: str, periods: int, coefficients: int) -> tuple[Floats, ...]:
    """Difference of the means of the first `treated` rows and the rest, with standard error and degrees of freedom."""
    here, there = values[:treated], values[treated:]
    difference = here.mean(axis=0) - there.mean(axis=0)
    areas, first, second = len(values), len(here), len(there)
    squares = [((part - part.mean(axis=0)) ** 2).sum(axis=0) for part in (here, there)]
    if kind == "none":
        return difference, difference * _NAN, difference * _NAN
    if kind == "pooled":
        pooled = (squares[0] + squares[1]) / (areas - 2) * (1 / first + 1 / second)
        return difference, np.sqrt(pooled), np.full_like(difference, areas - 2)
    if kind == "cr1":
        factor = areas / (areas - 1) * (areas * periods - 1) / (areas * periods - periods - coefficients)
        robust = factor * (squares[0] / first**2 + squares[1] / second**2)
        return difference, np.sqrt(robust), np.full_like(difference, areas - 1)
    one, two = squares[0] / (first - 1) / first, squares[1] / (second - 1) / second
    return difference, np.sqrt(one + two), ratio((one + two) ** 2, one**2 / (first - 1) + two**2 / (second - 1))


def _interval(estimate: Floats, error: Floats, freedom: Floats, level: float) -> tuple[Floats, ...]:
    """Confidence interval and two-sided p-value; infinite degrees of freedom mean the normal distribution."""
    half = stats.t.ppf(0.5 + level / 2, freedom) * error
    return estimate - half, estimate + half, 2 * stats.t.sf(np.abs(ratio(estimate, error)), freedom)


def _lead_table(every: Floats, data: _Panel, kind: str, level: float) -> pd.DataFrame:
    """Effect of every period against the last before the start, which is 0 by definition."""
    periods = every.shape[1]
    change = every - every[:, [data.before - 1]]
    estimate, error, freedom = _contrast(change, len(data.treated), kind, periods, periods - 1)
    lower, upper, _ = _interval(estimate, error, freedom, level)
    table = pd.DataFrame({"effect": estimate, "standard_error": error, "lower": lower, "upper": upper}, data.periods)
    table.iloc[data.before - 1] = 0.0
    return table


def _permute(change: Floats, before: Floats, treated: int, permutations: int, seed: int) -> tuple[Floats, float, float]:
    """Randomisation inference: effects of the placebo choices, p of the actual one, and p of its straying before."""
    areas = len(change)
    if comb(areas, treated) <= permutations:
        picks = np.array(list(combinations(range(areas), treated)), dtype=np.intp)[1:]  # the first is the actual one
    else:
        order = np.random.default_rng(seed).random((permutations, areas))
        picks = np.argpartition(order, treated, axis=1)[:, :treated]
    chosen = np.zeros((len(picks) + 1, areas))
    chosen[0, :treated] = 1
    np.put_along_axis(chosen[1:], picks, 1, axis=1)
    contrast = chosen / treated - (1 - chosen) / (areas - treated)
    effects = contrast @ change
    paths = contrast @ before
    stray = ((paths - paths.mean(axis=1, keepdims=True)) ** 2).mean(axis=1)
    p_stray = float(_at_least(stray, stray[0]).mean()) if before.shape[1] > 1 else _NAN
    return effects[1:], float(_at_least(effects, effects[0]).mean()), p_stray


def _at_least(values: Floats, actual: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which values are as far from 0 as the actual one; a tie counts, whatever the rounding of sums."""
    return np.asarray(np.abs(values) >= abs(actual) * (1 - 1e-9))


def _fit_control(every: Floats, treated: int, before: int) -> Any:
    """Synthetic control of one row by all the others, every period before the start with the same weight."""
    model = _package().SyntheticControl(v_method="custom", custom_v=np.ones(before), standardize="none", seed=0)
    long, _ = _long(every, 1, before)
    long["policy"] = ((long["area"] == treated) & (long["period"] >= before)).astype(int)
    return _asked(lambda: model.fit(long, "outcome", "policy", "area", "period", treated_unit=treated))


def _long(every: Floats, treated: int, before: int) -> tuple[pd.DataFrame, list[int]]:
    """Long form with numbers for areas and periods, the first `treated` rows marked; and the periods after."""
    areas, periods = every.shape
    area = np.repeat(np.arange(areas), periods)
    columns = {"area": area, "period": np.tile(np.arange(periods), areas), "ever": (area < treated).astype(int)}
    return pd.DataFrame({**columns, "outcome": every.ravel()}), list(range(before, periods))


def _weights(given: dict[Any, float], labels: range) -> Floats:
    """Weights in the order of the labels, adding to 1: those under a millionth are not reported and count as 0."""
    found = np.array([float(given.get(label, 0.0)) for label in labels])
    return np.asarray(found / found.sum(), dtype=np.float64)


def _package() -> Any:
    """Import diff-diff where it is used: it is an extra, and loading it takes seconds."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module("diff_diff")
    except ImportError as problem:
        raise MethodError('Synthetic control needs an extra. Install it with: pip install "iitk[eval]"') from problem


def _asked(call: Callable[[], Any]) -> Any:
    """Ask diff-diff; what it warns of stands in the result, and what it refuses becomes advice."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return call()
    except (ValueError, ArithmeticError, np.linalg.LinAlgError) as problem:
        raise MethodError(f"The counterfactual cannot be computed from this panel: {problem}") from problem
