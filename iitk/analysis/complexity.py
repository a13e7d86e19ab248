"""Economic complexity and fitness: what an area's industries say of its capabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.linalg
from scipy.linalg import blas, lapack
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from iitk.analysis.checks import Floats, as_table, choice, number, ratio, whole
from iitk.analysis.presence import Known, countable, gram, times
from iitk.analysis.quotients import note_missing
from iitk.errors import MethodError

_ALIKE = 1e-9  # eigenvalues closer than this are one
_APART = 1e-3  # eigenvalues this far apart leave the vector between them exact to 1e-10
_ROUNDING = 1e-12  # more than rounding moves an eigenvalue
_LARGE = 600  # areas or industries, whichever are fewer: from here on the swifter method is swifter
_SAME = "All areas (or industries) have the same complexity: the figures do not tell them apart."
_UNDETERMINED = (
    "not determined: the second and third eigenvalue are equal (groups of areas with no industry in common, or a "
    "pattern that repeats), so that any mixture of their rankings would do as well"
)


@dataclass(frozen=True, slots=True)
class Complexity:
    """Complexity of areas (`eci`) and of industries (`pci`), no unit; missing where there was nothing to count.

    `spectral_gap`, 0 to 1, is how far the second eigenvalue stands apart: from the first (always 1) or from the third,
    whichever is nearer. Near 0 the ranking is not one of capabilities, or not determined by the figures at all.
    """

    eci: pd.Series
    pci: pd.Series
    spectral_gap: float


@dataclass(frozen=True, slots=True)
class Fitness:
    """Fitness of areas and complexity of industries, each with a mean of 1, no unit; missing where left out."""

    fitness: pd.Series
    complexity: pd.Series


@dataclass(frozen=True, slots=True)
class Reflections:
    """Method of reflections: one column a step, 0 the diversity of areas and the ubiquity of industries."""

    areas: pd.DataFrame
    industries: pd.DataFrame


def complexity(presence: pd.DataFrame, *, ddof: int = 0, pci_scale: str = "own") -> Complexity:
    """
    Economic complexity index of areas and product (industry) complexity index.

    With M the presences, D the areas' diversity and U the industries' ubiquity, the ECI is the eigenvector of
    D^-1 M U^-1 M' with the second largest eigenvalue, and the PCI that of U^-1 M' D^-1 M. Both come from one symmetric
    eigenproblem on the smaller side: the second singular vectors of D^-1/2 M U^-1/2. The ECI's sign is such that it
    rises with diversity; the PCI's follows from it.

    Parameters
    ----------
    presence
        Areas x industries of 0 and 1. Areas with a gap or with no industry, and industries present nowhere, are left
        out.
    ddof
        The ECI is standardised to mean 0 and standard deviation 1, with this many degrees of freedom taken off: 0 or 1.
    pci_scale
        "own" (default): the PCI is standardised by itself, as the R package economiccomplexity (with ddof=1) and
        econcomplex do. "eci": it is the mean ECI of the areas that have the industry, in the ECI's unit. "mean": an
        area's ECI is the mean PCI of its industries, as in the Growth Lab's package ecomplexity.

    Returns
    -------
    Complexity, labelled as `presence`; missing for what was left out, with the reason in `.attrs["missing"]` of `eci`
    and `pci`. The spectral gap is a flag of quality: where areas fall into two groups with no industry in common the
    second eigenvalue is 1, the gap is 0, and the index only tells the groups apart. Where the second eigenvalue equals
    the third (three such groups or more, or a pattern that repeats) the figures single out no ranking: the gap is 0 and
    all is missing, with that reason.

    Raises
    ------
    MethodError
        Figures other than 0 and 1, fewer than three areas or industries to count, all of equal complexity, an unknown
        scale.

    Notes
    -----
    Not size, wealth or value: very small areas top raw rankings, so apply a minimum size first. Do not compare values
    of different years or lists: they are standardised within one table.
    Source: Hidalgo and Hausmann (2009), PNAS 106; Mealy, Farmer and Teytelboym (2019), Science Advances 5.

    Examples
    --------
    >>> import pandas as pd
    >>> nested = pd.DataFrame([[1, 1, 1], [1, 1, 0], [1, 0, 0]], index=["A", "B", "C"])
    >>> complexity(nested).eci.sort_values().index.tolist()
    ['C', 'B', 'A']
    """
    choice(pci_scale, ("own", "eci", "mean"), "pci_scale")
    if ddof not in (0, 1):
        raise MethodError(f"ddof must be 0 or 1, got {ddof!r}.")
    presence = as_table(presence, "presence")
    known = countable(presence)
    matrix = known.matrix
    if min(matrix.shape) < 3:
        raise MethodError(f"complexity needs three areas and three industries to count, found {matrix.shape}.")
    diversity, ubiquity = known.diversity, known.ubiquity
    # Each side's eigenvector is the mean, area by area or industry by industry, of the other's: the shorter will do.
    wide = len(diversity) <= len(ubiquity)
    tall, far, near = (matrix.T, ubiquity, diversity) if wide else (matrix, diversity, ubiquity)
    first = np.sqrt(near)
    square = gram(tall * (1.0 / np.sqrt(far))[:, None])
    square /= np.multiply.outer(first, first).T  # the same turned round, but lies in memory as `square` does
    second, gap = _second(square, first)
    if second is None:
        nothing = np.full(matrix.shape[0], np.nan), np.full(matrix.shape[1], np.nan)
        return Complexity(*_both(nothing, known, presence, ("eci", "pci"), _UNDETERMINED), gap)
    raw = second / first if wide else times(tall, second / first) / far
    eci = _standardised(raw, ddof)
    sign = _sign(eci, diversity, times(matrix, ubiquity) / diversity)
    eci *= sign
    # Averages of a right eigenvector over the other side are the other side's eigenvector.
    pci = times(matrix.T, eci) / ubiquity
    if pci_scale == "own":
        pci = _standardised(pci, ddof)
    elif pci_scale == "mean":
        # The eigenvector whose mean over an area's industries is `raw`, moved and scaled as the ECI was.
        other = times(matrix.T, raw) / ubiquity
        shrink = (times(matrix, other) / diversity) @ raw / (raw @ raw)
        pci = sign * (other / shrink - raw.mean()) / raw.std(ddof=ddof)
    return Complexity(*_both((eci, pci), known, presence, ("eci", "pci")), gap)


def fitness(
    presence: pd.DataFrame, *, iterations: int = 20, update: str = "simultaneous", extremality: float = 1.0
) -> Fitness:  # fmt: skip
    """
    Fitness of areas and complexity of industries: an industry is only as complex as its least fit area allows.

    F_a = sum_i M_ai Q_i; Q_i = (sum_a M_ai F_a^-x)^(-1/x), x the `extremality`; each divided by its mean after every
    step, starting from 1.

    Parameters
    ----------
    presence
        Areas x industries of 0 and 1; what is left out as in `complexity`.
    iterations
        Number of steps. The ranking settles early; values of the least fit run to 0, so more steps do not "converge".
        The R package economiccomplexity counts the start as well: its 20 are 19 here.
    update
        "simultaneous" (default, the source's): Q of a step uses the F of the step before; "sequential": of the same
        step (econcomplex's way).
    extremality
        Above 0. 1 (default) is the source's; the larger, the more the least fit area alone decides.

    Returns
    -------
    Fitness, labelled as `presence`; missing for what was left out, with the reason in `.attrs["missing"]` of both.

    Raises
    ------
    MethodError
        Figures other than 0 and 1, no step, an unknown update, so many steps that a fitness falls to zero.

    Notes
    -----
    Not where areas fall into groups with little in common: values there depend on the number of steps.
    Sources: Tacchella, Cristelli, Caldarelli, Gabrielli and Pietronero (2012), Scientific Reports 2; Mariani, Vidmer,
    Medo and Zhang (2015), European Physical Journal B 88, for the extremality.

    Examples
    --------
    >>> import pandas as pd
    >>> nested = pd.DataFrame([[1, 1, 1], [1, 1, 0], [1, 0, 0]], index=["A", "B", "C"])
    >>> fitness(nested, iterations=1).fitness.tolist()  # 3, 2, 1 over their mean
    [1.5, 1.0, 0.5]
    """
    choice(update, ("simultaneous", "sequential"), "update")
    iterations = whole(iterations, "iterations", 1)
    if number(extremality, "extremality") <= 0:
        raise MethodError(f"extremality must be above zero, got {extremality:g}. 1 is the source's.")
    presence = as_table(presence, "presence")
    known = countable(presence)
    matrix = known.matrix
    fit, hard = np.ones(matrix.shape[0]), np.ones(matrix.shape[1])
    for step in range(iterations):
        new = matrix @ hard
        with np.errstate(divide="ignore", over="ignore"):
            base = new / new.mean() if update == "sequential" else fit
            # A power costs more than the product with a small table: spare it where it changes nothing.
            hard = 1.0 / (matrix.T @ (1.0 / base) if extremality == 1 else _power_mean(matrix, base, extremality))
        fit, hard = new / new.mean(), hard / hard.mean()
        if not (fit > 0).all():
            raise MethodError(f"A fitness fell to zero after {step + 1} iterations: use fewer.")
    return Fitness(*_both((fit, hard), known, presence, ("fitness", "complexity")))


def reflections(presence: pd.DataFrame, *, iterations: int = 18) -> Reflections:
    """
    Method of reflections: average, again and again, what the other side scored in the step before.

    k_a,0 = sum_i M_ai (diversity), k_i,0 = sum_a M_ai (ubiquity); k_a,n = sum_i M_ai k_i,n-1 / k_a,0 and the same for
    industries. Even steps of areas and odd steps of industries rank by complexity; values draw together, so rank or
    standardise late steps, or use `complexity`, which is their limit.

    Returns tables of areas x steps and industries x steps (0 to `iterations`), unscaled; missing for what is left out,
    as in `complexity`, with the reason in `.attrs["missing"]` of both. Raises MethodError for figures other than 0 and
    1 and for negative iterations. Not for more than about 20 steps, where the differences are lost in rounding. EconGeo
    rescales from step 3 on to 0-100. Source: Hidalgo and Hausmann (2009), PNAS 106, equations 3 and 4.

    Examples
    --------
    >>> import pandas as pd
    >>> reflections(pd.DataFrame([[1, 1], [1, 0]], index=["A", "B"]), iterations=1).areas.loc["A"].tolist()
    [2.0, 1.5]
    """
    iterations = whole(iterations, "iterations")
    presence = as_table(presence, "presence")
    known = countable(presence)
    matrix = known.matrix
    areas, industries = [known.diversity], [known.ubiquity]
    for _ in range(iterations):
        ahead = ratio(matrix @ industries[-1], areas[0])
        industries.append(ratio(matrix.T @ areas[-1], industries[0]))
        areas.append(ahead)
    found = Reflections(
        areas=pd.DataFrame(np.array(areas).T, index=known.areas).reindex(presence.index),
        industries=pd.DataFrame(np.array(industries).T, index=known.industries).reindex(presence.columns),
    )
    note_missing(found.areas, known.no_areas)
    note_missing(found.industries, known.no_industries)
    return found


def _both(
    values: tuple[Floats, Floats], known: Known, presence: pd.DataFrame, names: tuple[str, str], why: str = ""
) -> tuple[pd.Series, pd.Series]:
    """Results of areas and of industries, back among all of them; those that have none say why."""
    areas = pd.Series(values[0], index=known.areas, name=names[0]).reindex(presence.index)
    industries = pd.Series(values[1], index=known.industries, name=names[1]).reindex(presence.columns)
    for found, labels, left_out in (
        (areas, known.areas, known.no_areas),
        (industries, known.industries, known.no_industries),
    ):
        note_missing(found, left_out | dict.fromkeys(labels, why) if why else left_out)
    return areas, industries


def _second(square: Floats, first: Floats) -> tuple[Floats | None, float]:
    """Second eigenvector (none if it is not determined), and how far its eigenvalue is from its neighbours.

    `square` is symmetric and its lower triangle is read; `first` is its first eigenvector, of any length, with 1.
    """
    n = len(square)
    if n >= _LARGE and (found := _second_of_large(square, first)) is not None:
        return found
    values, vectors = scipy.linalg.eigh(
        square, lower=True, subset_by_index=[n - 3, n - 1], overwrite_a=True, check_finite=False
    )
    below, above = float(values[1] - values[0]), float(values[2] - values[1])
    if values[1] < _ALIKE:
        raise MethodError(_SAME)
    if below < _ALIKE:
        return None, 0.0
    second = vectors[:, 1]
    if above < _ALIKE:
        # Two groups: any two vectors of their plane may have been found. The one across the first is wanted.
        along, across = vectors[:, 1:].T @ first
        second, above = across * vectors[:, 1] - along * vectors[:, 2], 0.0
    return second, min(below, above)


def _second_of_large(square: Floats, first: Floats) -> tuple[Floats, float] | None:
    """As `_second`, by Lanczos' method, far faster for a large table; nothing where the eigenvalues are nearly equal.

    That method can pass over one of two equal eigenvalues, so its answer is put to a proof: without the first two, the
    rest must have no eigenvalue above the third, or else its distance from the third has no Cholesky factors.
    """
    # The rest, negative: the first eigenvector is known, and is taken off.
    rest = blas.dsyr(1.0 / (first @ first), first, lower=1, a=-square, overwrite_a=1)
    times_vector = LinearOperator(square.shape, lambda vector: blas.dsymv(-1.0, rest, vector, lower=1), dtype=float)
    start = np.random.default_rng(0).normal(size=len(square))  # the same each time, so that the answer is
    try:
        (third, second), vectors = eigsh(times_vector, k=2, which="LA", v0=start, tol=1e-13)
    except ArpackError:  # as where it does not converge
        return None
    gap = float(min(second - third, 1.0 - second))
    if gap < _APART:
        return None
    rest = blas.dsyr(second, vectors[:, 1], lower=1, a=rest, overwrite_a=1)
    rest[np.diag_indices_from(rest)] += third + _ROUNDING
    _, failed = lapack.dpotrf(rest, lower=1, clean=0, overwrite_a=1)
    return None if failed else (vectors[:, 1], gap)


def _power_mean(matrix: Floats, base: Floats, extremality: float) -> Floats:
    return np.asarray((matrix.T @ base**-extremality) ** (1 / extremality), dtype=np.float64)


def _sign(eci: Floats, diversity: Floats, commonness: Floats) -> float:
    """Return 1 or -1: the index rises with diversity, failing that with rarer industries, or its first is positive."""
    for direction in (diversity - diversity.mean(), commonness.mean() - commonness):
        slope = float(eci @ direction)
        if abs(slope) > 1e-9 * np.abs(direction).sum():
            return float(np.sign(slope))
    return float(np.sign(eci[np.abs(eci) > 1e-9][0]))


def _standardised(values: Floats, ddof: int) -> Floats:
    spread = float(values.std(ddof=ddof))
    if spread <= 1e-12 * max(1.0, float(np.abs(values).max())):
        raise MethodError(_SAME)
    return np.asarray((values - values.mean()) / spread, dtype=np.float64)
