"""What doubt in the inputs does to a result: Monte Carlo by quasi-random draws, tornado, Sobol indices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from iitk.analysis.checks import Floats, Table, choice, frame, listed, mapping, number, whole
from iitk.errors import MethodError

Model = Callable[[pd.DataFrame], npt.ArrayLike]


@dataclass(frozen=True, slots=True)
class Marginal:
    """How likely each value of one input is; make it with `uniform`, `triangular`, `pert`, `normal`, `lognormal`."""

    distribution: Any  # frozen, of scipy.stats

    def quantile(self, shares: npt.ArrayLike) -> Floats:
        """Values below which these shares (0 to 1) of draws lie."""
        found = np.asarray(self.distribution.ppf(shares), dtype=np.float64)
        if np.isnan(found).any():
            raise MethodError("shares must be from 0 to 1: write 0.9 for 90%.")
        return found


Inputs = Mapping[str, Any] | pd.Series  # by name a Marginal, a frozen distribution of scipy.stats, or a number


@dataclass(frozen=True, slots=True)
class Simulation:
    """Draws and what they come to; `error` is the standard error of the mean over the repeats."""

    draws: pd.DataFrame  # inputs and "result"
    mean: float
    error: float
    sd: float
    quantiles: pd.Series  # 5%, 10%, 50%, 90%, 95% of the result

    def chance_below(self, level: float = 0.0) -> float:
        """Share of draws whose result is below the level, such as a net present value below 0."""
        return float((self.draws["result"] < level).mean())


def uniform(low: float, high: float) -> Marginal:
    """
    Any value from low to high is as likely: mean (low + high) / 2, variance (high - low)^2 / 12.

    `low`, `high`: in the unit of the input. Not where the ends are guesses: they are as likely as the middle here.
    Raises MethodError unless low < high. Source: Johnson, Kotz and Balakrishnan (1995), Continuous Univariate
    Distributions 2.

    Examples
    --------
    >>> float(uniform(2, 8).quantile(0.25))
    3.5
    """
    low, high = number(low, "low"), number(high, "high")
    _ordered(low < high, f"uniform needs low < high, got {low:g} and {high:g}")
    return Marginal(stats.uniform(low, high - low))


def triangular(low: float, mode: float, high: float) -> Marginal:
    """
    Likeliest at the mode, falling evenly to none at low and high: mean (low + mode + high) / 3.

    All three in the unit of the input. Not for a range that is meant to be wide, because its tails are fat: `pert` is
    calmer. Raises MethodError unless low <= mode <= high and low < high. Source: Johnson, Kotz and Balakrishnan (1995),
    Continuous Univariate Distributions 2.

    Examples
    --------
    >>> float(triangular(0, 3, 6).quantile(0.5))
    3.0
    """
    low, mode, high = _three(low, mode, high, "triangular")
    return Marginal(stats.triang((mode - low) / (high - low), low, high - low))


def pert(low: float, mode: float, high: float, *, weight: float = 4.0) -> Marginal:
    """
    Beta-PERT: as triangular with thinner tails; mean (low + weight mode + high) / (weight + 2).

    `low`, `mode`, `high`: in the unit of the input. `weight` (4 by default) says how sure one is of the mode; 0 makes
    it uniform. Its standard deviation follows from that; the rule of the textbooks, (high - low) / 6, is `pert_sd`. Not
    where low and high are not the ends but likely values: then more should lie beyond. Raises
    MethodError as `triangular`, and for a negative weight. Source: Vose (2008), Risk Analysis; Malcolm et al. (1959),
    Operations Research 7.

    Examples
    --------
    >>> float(pert(0, 3, 6).quantile(0.5))
    3.0
    """
    low, mode, high = _three(low, mode, high, "pert")
    _ordered(number(weight, "weight") >= 0, "pert needs a weight of 0 or more; 4 is usual")
    width = high - low
    return Marginal(stats.beta(1 + weight * (mode - low) / width, 1 + weight * (high - mode) / width, low, width))


def pert_sd(low: float, mode: float, high: float, *, convention: str = "beta") -> float:
    """
    Standard deviation of a three-point estimate, in its unit.

    `convention`: "beta" (default) is that of `pert`, sqrt((m - low)(high - m) / 7) with m = (low + 4 mode + high) / 6;
    "textbook" is (high - low) / 6 whatever the mode, as networks of tasks use it: the squares of the critical path add
    up. Not for a path that others nearly equal. Raises MethodError as `triangular`. Source: Malcolm et al. (1959),
    Operations Research 7; Vose (2008), Risk Analysis.

    Examples
    --------
    >>> pert_sd(2, 5, 14, convention="textbook"), round(pert_sd(2, 5, 14), 3)
    (2.0, 2.138)
    """
    low, mode, high = _three(low, mode, high, "pert_sd")
    if choice(convention, ("beta", "textbook"), "convention") == "textbook":
        return (high - low) / 6
    mean = (low + 4 * mode + high) / 6
    return float(np.sqrt((mean - low) * (high - mean) / 7))


def normal(mean: float, sd: float) -> Marginal:
    """
    Bell curve with this mean and standard deviation. Raises MethodError unless sd > 0.

    Not for what cannot be negative, such as a cost, unless the mean is several standard deviations above 0. Both are in
    the unit of the input. Source: Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions 1.

    Examples
    --------
    >>> round(float(normal(10, 2).quantile(0.975)), 2)
    13.92
    """
    mean, sd = number(mean, "mean"), number(sd, "sd")
    _ordered(sd > 0, f"normal needs sd > 0, got {sd:g}")
    return Marginal(stats.norm(mean, sd))


def lognormal(mean: float, sd: float) -> Marginal:
    """
    Positive and skewed, with this mean and standard deviation of the figure itself (not of its logarithm).

    ln x has variance ln(1 + (sd / mean)^2). Its upper tail has no end: not for a figure with a known ceiling. Both
    are in the unit of the input. Raises MethodError unless both are above 0. Source: Johnson, Kotz and Balakrishnan
    (1994), Continuous Univariate Distributions 1.

    Examples
    --------
    >>> lognormal(5, 2).quantile([0.05, 0.5, 0.95]).round(2).tolist()
    [2.46, 4.64, 8.75]
    """
    mean, sd = number(mean, "mean"), number(sd, "sd")
    _ordered(mean > 0 and sd > 0, f"lognormal needs mean > 0 and sd > 0, got {mean:g} and {sd:g}")
    log_variance = np.log1p((sd / mean) ** 2)
    return Marginal(stats.lognorm(np.sqrt(log_variance), scale=mean / np.exp(log_variance / 2)))


def sample(
    inputs: Inputs, *, draws: int = 1024, correlation: Table | None = None, seed: int = 0
) -> pd.DataFrame:  # fmt: skip
    """
    Draws x inputs, in their units, by a scrambled Sobol sequence, joined by a Gaussian copula.

    `inputs` holds for each name a `Marginal`, a frozen distribution of scipy.stats, or a number that is certain.
    `draws` is rounded up to a power of two, as the sequence needs. `correlation` holds rank correlations (Spearman)
    between inputs (rows of figures: in their order), symmetric with 1 on its diagonal; inputs that it does not name are
    independent. The same seed gives the same draws. Not for extremes that come together (a crash): a Gaussian copula
    makes them too rare. Raises MethodError for no inputs, or a correlation that cannot be one.

    Source: Sobol (1967); r = 2 sin(pi rho / 6) from rank to normal correlation, Pearson (1907).

    Examples
    --------
    >>> sample({"cost": uniform(0, 10)}, draws=256)["cost"].mean().round(2)
    np.float64(5.0)
    """
    known, draws, seed = _inputs(inputs), whole(draws, "draws", 2), whole(seed, "seed")
    points = _points(len(known), draws, seed)
    if correlation is not None:
        normals = stats.norm.ppf(points) @ _root(correlation, list(known)).T
        points = np.asarray(stats.norm.cdf(normals), dtype=np.float64)
    return _table(known, points)


def monte_carlo(
    model: Model,
    inputs: Inputs,
    *,
    draws: int = 1024,
    repeats: int = 8,
    correlation: Table | None = None,
    seed: int = 0,
) -> Simulation:
    """
    Run a model on quasi-random draws of its inputs.

    `model` turns a table of draws x inputs into one result a draw. `repeats` independent scramblings (2 or more) of
    `draws` each give the error of the mean, which falls nearly as 1/draws for smooth models. Mean and quantiles are in
    the unit of the result. The draws say what follows from the ranges that were put in, not whether these are right.
    Raises MethodError as `sample`, and where the model does not give one finite result a draw.

    Source: Owen (1997), randomised quasi-Monte Carlo.

    Examples
    --------
    >>> found = monte_carlo(lambda t: t["gain"] - t["cost"], {"gain": normal(5, 3), "cost": normal(2, 4)})
    >>> round(found.mean, 2), round(found.sd, 2)
    (3.0, 5.0)
    """
    inputs, repeats, seed = _inputs(inputs), whole(repeats, "repeats", 2), whole(seed, "seed")
    tables = [sample(inputs, draws=draws, correlation=correlation, seed=seed + n) for n in range(repeats)]
    results = [_run(model, table) for table in tables]
    table = pd.concat(tables, ignore_index=True)
    every = np.concatenate(results)
    return Simulation(
        draws=table.assign(result=every),
        mean=float(every.mean()),
        error=_error(np.array([one.mean() for one in results])),
        sd=float(every.std(ddof=1)),
        quantiles=pd.Series(every).quantile([0.05, 0.1, 0.5, 0.9, 0.95]),
    )


def tornado(model: Model, inputs: Inputs, *, low: float = 0.1, high: float = 0.9) -> pd.DataFrame:
    """
    Move one input at a time from its low to its high quantile, with the others at their medians.

    Returns a table by input of `low`, `high` (values of the input), `result_low`, `result_high` and `swing` (the size
    of their difference), the widest first. Not for inputs that work together, for it sees no interactions: use
    `sobol_indices` for those. Raises MethodError
    as `monte_carlo`, and unless 0 < low < high < 1. Source: Eschenbach (1992), Interfaces 22.

    Examples
    --------
    >>> tornado(lambda t: 3 * t["a"] + t["b"], {"b": uniform(0, 1), "a": uniform(0, 1)})["swing"].round(3).to_dict()
    {'a': 2.4, 'b': 0.8}
    """
    inputs, low, high = _inputs(inputs), number(low, "low"), number(high, "high")
    _ordered(0 < low < high < 1, f"tornado needs 0 < low < high < 1 (shares: 0.1 for 10%), got {low:g} and {high:g}")
    size = len(inputs)
    points = np.full((2 * size, size), 0.5)
    points[np.arange(size), np.arange(size)] = low
    points[np.arange(size) + size, np.arange(size)] = high
    table = _table(inputs, points)
    results, values = _run(model, table), table.to_numpy()
    found = pd.DataFrame(
        {
            "low": np.diag(values[:size]),
            "high": np.diag(values[size:]),
            "result_low": results[:size],
            "result_high": results[size:],
            "swing": np.abs(results[size:] - results[:size]),
        },
        index=list(inputs),
    )
    return found.sort_values("swing", ascending=False, kind="stable")


def sobol_indices(
    model: Model, inputs: Inputs, *, draws: int = 1024, repeats: int = 8, seed: int = 0
) -> pd.DataFrame:  # fmt: skip
    """
    Share of the variance of the result that each input makes: alone (first order), and with its interactions (total).

    With A and B two samples, and C_i = A with input i from B, over n draws:
    first_i = mean(f(B) (f(C_i) - f(A))) / V (Saltelli 2010); total_i = mean((f(A) - f(C_i))^2) / 2V (Jansen 1999).

    Not for correlated inputs: with them the shares mean nothing. The same `seed` gives the same answer. Returns a table
    by input of `first`, `total` and their standard errors `first_error`, `total_error` over `repeats` scramblings;
    estimates near 0 may be just below it. The model runs repeats x draws x (inputs + 2) times. Raises MethodError as
    `monte_carlo`, and for a result that does not vary.

    Source: Saltelli et al. (2010), Computer Physics Communications 181.

    Examples
    --------
    >>> parts = {"a": normal(0, 2), "b": normal(0, 1)}
    >>> sobol_indices(lambda t: t["a"] + t["b"], parts)["first"].round(2).to_dict()
    {'a': 0.8, 'b': 0.2}
    """
    inputs, repeats = _inputs(inputs), whole(repeats, "repeats", 2)
    draws, seed = whole(draws, "draws", 2), whole(seed, "seed")
    found = np.array([_indices(model, inputs, draws, seed + n) for n in range(repeats)])
    mean, error = found.mean(axis=0), np.apply_along_axis(_error, 0, found)
    names = ["first", "total"]
    table = pd.DataFrame(mean.T, index=list(inputs), columns=names)
    return table.assign(first_error=error[0], total_error=error[1])


def _indices(model: Model, inputs: Mapping[str, Marginal], draws: int, seed: int) -> Floats:
    """2 x inputs: first order and total, from one scrambling."""
    size = len(inputs)
    points = _points(2 * size, draws, seed)
    a, b = points[:, :size], points[:, size:]
    at_a, at_b = _run(model, _table(inputs, a)), _run(model, _table(inputs, b))
    # The mean does not change the indices, but far from 0 it would spoil the first-order estimate.
    centre, variance = np.concatenate([at_a, at_b]).mean(), np.concatenate([at_a, at_b]).var()
    if variance <= 0:
        raise MethodError("The result is the same for every draw: there is no variance to share out.")
    at_a, at_b = at_a - centre, at_b - centre
    first, total = np.empty(size), np.empty(size)
    for i in range(size):
        mixed = a.copy()
        mixed[:, i] = b[:, i]
        at_mixed = _run(model, _table(inputs, mixed)) - centre
        first[i] = (at_b * (at_mixed - at_a)).mean() / variance
        total[i] = ((at_a - at_mixed) ** 2).mean() / 2 / variance
    return np.array([first, total])


def _points(size: int, draws: int, seed: int) -> Floats:
    """Scrambled Sobol points in the unit cube, never on its edge."""
    engine = stats.qmc.Sobol(size, scramble=True, rng=np.random.default_rng(seed))
    points = engine.random_base2(int(np.ceil(np.log2(draws))))
    return np.clip(np.asarray(points, dtype=np.float64), 2.0**-40, 1 - 2.0**-40)


def _table(inputs: Mapping[str, Marginal], points: Floats) -> pd.DataFrame:
    columns = zip(inputs.items(), points.T, strict=True)
    return pd.DataFrame({name: marginal.quantile(column) for (name, marginal), column in columns})


def _run(model: Model, table: pd.DataFrame) -> Floats:
    if not callable(model):
        raise MethodError("model must be a function of a table of draws x inputs: lambda t: t['gain'] - t['cost'].")
    try:
        given = model(table)
    except TypeError as problem:
        raise MethodError(
            f"model cannot be run on a table of draws x inputs ({problem}). "
            "Take them from it: lambda t: t['a'] + t['b']."
        ) from problem
    try:
        results = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise MethodError(f"model must give one finite result a draw, as a column of figures: {problem}.") from problem
    if results.shape != (len(table),) or not np.isfinite(results).all():
        raise MethodError(
            f"model must give one finite result a draw ({len(table)}), as a column: got shape {results.shape}, "
            f"of which {int((~np.isfinite(results)).sum())} are not finite."
        )
    return results


def _root(correlation: Table, names: list[str]) -> Floats:
    """Triangular root of the normal correlations, over all inputs."""
    given = frame(correlation, "correlation")
    if not isinstance(correlation, pd.DataFrame) and given.shape == (len(names), len(names)):
        given = given.set_axis(names, axis=0).set_axis(names, axis=1)
    if unknown := [name for name in (*given.index, *given.columns) if name not in names]:
        raise MethodError(f"correlation names {listed(unknown)}, which inputs does not have.")
    table = given.reindex(index=given.columns).to_numpy()
    sound = np.allclose(table, table.T) and np.allclose(np.diag(table), 1) and bool((np.abs(table) <= 1).all())
    if given.shape[0] != given.shape[1] or not sound:
        raise MethodError("correlation must be symmetric, from -1 to 1, with 1 on its diagonal and no gaps.")
    whole = pd.DataFrame(np.eye(len(names)), index=names, columns=names)
    whole.loc[list(given.columns), list(given.columns)] = 2 * np.sin(np.pi * table / 6)
    np.fill_diagonal(values := whole.to_numpy(copy=True), 1.0)
    try:
        return cast("Floats", np.linalg.cholesky(values))
    except np.linalg.LinAlgError as problem:
        raise MethodError(
            "These correlations cannot all hold at once (or two inputs are the same): bring them nearer to 0."
        ) from problem


def _error(values: Floats) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def _inputs(inputs: object) -> dict[Any, Marginal]:
    """A marginal by name, at least one."""
    found = {name: _marginal(one, name) for name, one in mapping(inputs, "inputs").items()}
    if not found:
        raise MethodError("inputs must name one input at least, such as {'cost': uniform(2, 8)}.")
    return found


def _marginal(one: object, name: object) -> Marginal:
    """How likely the values of an input are, from a marginal, a distribution or a number that is certain."""
    if isinstance(one, Marginal):
        return one
    if isinstance(one, (int, float, np.number)):
        return Marginal(_Certain(number(one, f"inputs[{name!r}]")))
    if callable(getattr(one, "ppf", None)) and not isinstance(one, stats.rv_continuous):
        return Marginal(one)
    raise MethodError(
        f"inputs[{name!r}] must be a range such as uniform(2, 8) or pert(2, 5, 8), a frozen distribution of "
        f"scipy.stats, or a number; got {one!r}."
    )


@dataclass(frozen=True, slots=True)
class _Certain:
    """A number that is certain, as a distribution."""

    value: float

    def ppf(self, shares: npt.ArrayLike) -> Floats:
        """The number, whatever the share."""
        return np.full(np.shape(shares), self.value)


def _three(low: float, mode: float, high: float, name: str) -> tuple[float, float, float]:
    """Ends and likeliest value in order."""
    low, mode, high = number(low, "low"), number(mode, "mode"), number(high, "high")
    sound = low <= mode <= high and low < high
    _ordered(sound, f"{name} needs low <= mode <= high, low < high, got {low:g}, {mode:g} and {high:g}")
    return low, mode, high


def _ordered(sound: bool, words: str) -> None:
    if not sound:
        raise MethodError(f"{words}.")
