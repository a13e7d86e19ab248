"""Which industries are present where, and which industries are found together: the base of all relatedness."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, cast

import numpy as np
import pandas as pd
from scipy.linalg import blas

from iitk.analysis.checks import (
    Floats,
    Vector,
    aligned,
    as_table,
    choice,
    floats,
    frame,
    listed,
    number,
    ratio,
    unique,
)
from iitk.analysis.quotients import (
    areas_or_one,
    labelled,
    location_quotient,
    note_missing,
    prepare,
    quotient,
    reaches,
)
from iitk.errors import MethodError

Table = TypeVar("Table", pd.DataFrame, pd.Series)
_WHOLE_IN_FLOAT32 = 2**24  # whole numbers up to here are exact in 32 bits
_NORMALISATIONS = ("association", "cosine", "jaccard", "probability")


@dataclass(frozen=True, slots=True)
class Known:
    """The part of a presence table that can be counted, as a matrix of 0 and 1, and its sums.

    Left out: industries that are present nowhere or wholly missing, then areas with a gap or without any industry;
    `no_areas` and `no_industries` name them with the reason.
    """

    matrix: Floats
    diversity: Floats  # how many industries each area has
    ubiquity: Floats  # how many areas each industry is present in
    areas: pd.Index
    industries: pd.Index
    no_areas: dict[object, str] = field(default_factory=dict)
    no_industries: dict[object, str] = field(default_factory=dict)


def revealed_comparative_advantage(
    activity: pd.DataFrame, reference: Vector | None = None, *, activity_total: Vector | None = None,
    reference_total: float | None = None,
) -> pd.DataFrame:  # fmt: skip
    """
    Balassa's index: the share of an industry in an area over its share in the reference.

    It is the same number as `location_quotient`, under the name that the complexity literature uses; the same
    arguments, shapes, gaps and errors, and the same warning: not for small figures without a band of doubt. Other
    packages (EconGeo, econcomplex) write 0 where it is missing here. Raises MethodError as `location_quotient`. Source:
    Balassa (1965), Manchester School 33.

    Examples
    --------
    >>> import pandas as pd
    >>> revealed_comparative_advantage(pd.DataFrame({"a": [3, 1], "b": [1, 3]})).loc[0].tolist()
    [1.5, 0.5]
    """
    return location_quotient(activity, reference, activity_total=activity_total, reference_total=reference_total)


def presence(
    activity: Table, *, threshold: float = 1.0, strict: bool = False, reference: Vector | None = None,
    activity_total: Vector | float | None = None, reference_total: float | None = None,
) -> Table:  # fmt: skip
    """
    Mark the industries in which an area is specialised: 1 where the quotient reaches the threshold, else 0.

    Areas x industries in (or one area, with a reference), the same out. A quotient of exactly `threshold` counts (1.0
    by default) unless `strict`; within a millionth of a millionth it is taken to be exactly that, so that rounding in
    the computer decides nothing. A missing quotient gives a missing presence, not 0 (`.attrs["missing"]` says why an
    area or industry has none); the methods that take presences say what they do with those. The other arguments are
    those of `location_quotient`. Very small areas are "specialised" by the accident of one plant: drop them first. Not
    a measure of size: half of all activity may be in industries that are not "present".

    Source: Hidalgo, Klinger, Barabasi and Hausmann (2007), Science 317 (a quotient of 1 or more).

    Raises MethodError as `location_quotient`, and for a threshold that is not above zero.

    Examples
    --------
    >>> import pandas as pd
    >>> presence(pd.DataFrame({"a": [3, 1], "b": [1, 3]})).loc[0].tolist()
    [1.0, 0.0]
    """
    if number(threshold, "threshold") <= 0:
        raise MethodError(f"threshold must be above zero, got {threshold:g}. 1 means: as important here as there.")
    given = areas_or_one(activity)
    table, parts = prepare(given, reference, activity_total, reference_total)
    marks, gaps = quotient(*parts)
    marks[...] = reaches(marks, threshold, strict=strict)  # one table of floats in memory, not three
    if gaps is not None:
        marks[gaps] = np.nan
    return cast("Table", labelled(marks, given, table, parts, gaps))


def proximity(presence: pd.DataFrame, *, diagonal: float = 1.0) -> pd.DataFrame:
    """
    How often two industries are found in the same areas: the lower of the two conditional probabilities, 0 to 1.

    phi_ij = (areas with both) / max(areas with i, areas with j).

    Parameters
    ----------
    presence
        Areas x industries of 0 and 1. Areas with a gap are left out of the count.
    diagonal
        Proximity of an industry to itself: 1 (default, what the formula gives) or 0, so that an industry's own presence
        adds nothing to its density.

    Returns
    -------
    Industries x industries, symmetric. Missing for an industry that is present nowhere (`.attrs["missing"]` says why).

    Raises
    ------
    MethodError
        Figures other than 0 and 1, nothing present anywhere, another diagonal.

    Notes
    -----
    Proximity of areas to each other: pass the table turned round. Not for few areas (under about 30 the counts are too
    small), nor where most areas have most industries: then all proximities are near 1.
    Source: Hidalgo, Klinger, Barabasi and Hausmann (2007), Science 317.

    Examples
    --------
    >>> import pandas as pd
    >>> proximity(pd.DataFrame({"a": [1, 1, 0], "b": [1, 0, 0]})).loc["a"].tolist()
    [1.0, 0.5]
    """
    if diagonal not in (0, 1):
        raise MethodError(f"diagonal must be 1 or 0, got {diagonal!r}.")
    presence = as_table(presence, "presence")
    known = countable(presence)
    both = _together(known.matrix)
    count = both.diagonal().copy()
    both /= np.maximum.outer(count, count)
    np.fill_diagonal(both, diagonal)
    return _square(both, known, presence)


def cooccurrence_relatedness(
    presence: pd.DataFrame, *, normalisation: str = "association", counts: str = "areas"
) -> pd.DataFrame:  # fmt: skip
    """
    How much two industries are found together, given how common each is.

    With c_ij the areas that have both, u_i how common i is, and n the sum that u is part of:

    - "association" (default): n c_ij / (u_i u_j): 1 if independent, above 1 if found together more than by chance;
    - "cosine": c_ij / sqrt(u_i u_j), 0 to 1;
    - "jaccard": c_ij / (u_i + u_j - c_ij), 0 to 1;
    - "probability": c_ij over what chance gives if an industry is not paired with itself,
      (u_i u_j / n) (1 / (n - u_i) + 1 / (n - u_j)) n / 2. Missing where it would divide by zero.

    Parameters
    ----------
    presence
        Areas x industries of 0 and 1. Areas with a gap are left out of the count.
    normalisation
        One of the four.
    counts
        "areas" (default): u_i is the number of areas that have i, n that of all areas, the diagonal what the formula
        gives (1 for cosine and jaccard). "pairs": u_i is the sum of c_ij over the other industries, n the sum of u, and
        the diagonal 0 (the R package EconGeo's way).

    Returns
    -------
    Industries x industries, symmetric, no unit. Missing for an industry that is present nowhere; with "pairs" 0 for one
    that is never found with another.

    Raises
    ------
    MethodError
        As `proximity`; an unknown normalisation or way to count.

    Notes
    -----
    Association and probability are wild for rare industries: one shared area can make them the most related of all.
    Sources: van Eck and Waltman (2009), Journal of the American Society for Information Science 60; Steijn (2017).

    Examples
    --------
    >>> import pandas as pd
    >>> cooccurrence_relatedness(pd.DataFrame({"a": [1, 1, 0], "b": [1, 0, 0]}), normalisation="jaccard").loc["a", "b"]
    np.float64(0.5)
    """
    choice(normalisation, _NORMALISATIONS, "normalisation")
    choice(counts, ("areas", "pairs"), "counts")
    presence = as_table(presence, "presence")
    known = countable(presence)
    both = _together(known.matrix)
    count, whole = both.diagonal().copy(), float(len(known.areas))
    if counts == "pairs":
        np.fill_diagonal(both, 0.0)
        count = both.sum(axis=0)
        whole = float(count.sum())
    related = ratio(both, _by_chance(both, count, whole, normalisation))
    if counts == "pairs":
        related = np.where(both == 0, 0.0, related)
    return _square(related, known, presence)


def pair_relatedness(pairs: pd.DataFrame, *, normalisation: str = "association") -> pd.DataFrame:
    """
    How much two industries go together by counts of pairs that are known as such: patents, moves between jobs.

    As `cooccurrence_relatedness` with counts="pairs", where c_ij is the figure given for i and j. The diagonal is left
    out. Industries x industries in (symmetric, none negative) and out; 0 where two are never found together.

    Raises MethodError for rows and columns that differ, a gap or a negative figure, a table that is not symmetric. For
    moves, which have a direction, add the table to its transpose first. Not for presences: use
    `cooccurrence_relatedness`. Source: van Eck and Waltman (2009), Journal of the American Society for Information
    Science 60.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame([[0, 2, 1], [2, 0, 3], [1, 3, 0]])
    >>> pair_relatedness(pairs, normalisation="jaccard").loc[0, 1].round(3)  # 2 / (3 + 5 - 2)
    np.float64(0.333)
    """
    choice(normalisation, _NORMALISATIONS, "normalisation")
    table = frame(pairs, "pairs")
    aligned(pd.Series(0.0, table.columns), table.index, "pairs (columns)", "pairs (rows)")
    both = floats(table[table.index], "pairs").copy()
    np.fill_diagonal(both, 0.0)
    if np.isnan(both).any() or (both < 0).any() or not np.allclose(both, both.T):
        raise MethodError("pairs must be symmetric, without gaps or negatives. Add a one-way table to its transpose.")
    count = both.sum(axis=0)
    related = ratio(both, _by_chance(both, count, float(count.sum()), normalisation))
    return pd.DataFrame(np.where(both == 0, 0.0, related), index=table.index, columns=table.index)


def relatedness_density(
    presence: pd.DataFrame, proximity: pd.DataFrame, *, own_presence: bool = True
) -> pd.DataFrame:  # fmt: skip
    """
    How much of what is related to an industry an area already has, 0 to 1.

    d_ai = sum_j M_aj phi_ij / sum_j phi_ij. Times 100 it is the R package EconGeo's; 1 - d is the "distance" of others.

    Parameters
    ----------
    presence
        Areas x industries of 0 and 1.
    proximity
        Industries x industries: from `proximity` or `cooccurrence_relatedness`, or any other that is not negative. With
        1 on its diagonal an industry's own presence counts towards its density (the original definition), with 0 not.
    own_presence
        False leaves the diagonal out whatever it holds, so that an area's density in what it has can be compared with
        that in what it has not.

    Returns
    -------
    Areas x industries, a share. For the industries that an area has or lacks only: `.where(presence == 1)` or `== 0`.
    Missing for an industry without proximities, and for an area with a gap in its presences among the industries that
    have them; `.attrs["missing"]` says why. An industry missing from `proximity` adds nothing to others. An area whose
    figures are all known and that has none of the industries has 0, unlike its complexity: nothing related is there,
    and nothing is divided by how much it has.

    Raises
    ------
    MethodError
        Figures other than 0 and 1, industries that differ, a negative proximity.

    Notes
    -----
    Potential, not destiny: on 25 years of UK data the starting quotient foretells entry better than density does.
    Source: Hidalgo, Klinger, Barabasi and Hausmann (2007), Science 317.

    Examples
    --------
    >>> import pandas as pd
    >>> here = pd.DataFrame({"a": [1, 1, 0], "b": [1, 0, 0]})
    >>> relatedness_density(here, proximity(here)).round(3).loc[1].tolist()
    [0.667, 0.333]
    """
    presence = as_table(presence, "presence")
    here, phi = _binary(presence), frame(proximity, "proximity")
    for labels in (phi.index, phi.columns):
        aligned(pd.Series(0.0, labels), presence.columns, "proximity", "presence (columns)")
    if not (phi.index.equals(presence.columns) and phi.columns.equals(presence.columns)):
        phi = phi.loc[presence.columns, presence.columns]
    near = floats(phi, "proximity")
    if (near < 0).any():
        raise MethodError("proximity must not be negative. Make it with proximity(presence).")
    if not own_presence:
        near = near.copy()
        np.fill_diagonal(near, np.where(np.isnan(near.diagonal()), np.nan, 0.0))
    gaps = np.isnan(near)
    if gaps.any():
        here, near = np.where(gaps.all(axis=0), 0.0, here), np.where(gaps, 0.0, near)
    density = _product(here, near * ratio(1.0, near.sum(axis=0)))
    found = pd.DataFrame(density, index=presence.index, columns=presence.columns, copy=False)
    if np.isnan(density[:1]).any() or np.isnan(density[:, :1]).any():  # what is missing is so all along its line
        note_missing(found, _without_density(here, near, presence))
    return found


def _without_density(here: Floats, near: Floats, presence: pd.DataFrame) -> dict[object, str]:
    """Why an area or an industry has no density."""
    alone = presence.columns[near.sum(axis=0) == 0]
    missing: dict[object, str] = dict.fromkeys(alone, "no proximity to any industry")
    for row in np.flatnonzero(np.isnan(here).any(axis=1)).tolist():
        label, text = presence.index[row], f"no figure for {listed(presence.columns[np.isnan(here[row])])}"
        missing[label] = f"{text}; as an industry: {missing[label]}" if label in missing else text
    return missing


def _by_chance(both: Floats, count: Floats, whole: float, normalisation: str) -> Floats:
    """What each normalisation divides the shared counts by."""
    product = np.multiply.outer(count, count)
    if normalisation == "cosine":
        return np.asarray(np.sqrt(product), dtype=np.float64)
    if normalisation == "jaccard":
        return np.asarray(np.add.outer(count, count) - both, dtype=np.float64)
    if normalisation == "association":
        return np.asarray(product / whole, dtype=np.float64)
    rest = ratio(1.0, whole - count)
    return np.asarray(product / 2 * np.add.outer(rest, rest), dtype=np.float64)


def gram(matrix: Floats) -> Floats:
    """Lower triangle of the matrix turned round times itself, 0 above the diagonal.

    By scipy's copy of BLAS, as all large products here: the threads of numpy's copy, which wait busily for more, would
    slow the eigenvectors that scipy finds next. It makes half of the product, and asks for columns in one piece.
    """
    upright = matrix.flags.f_contiguous
    product = blas.ssyrk if matrix.dtype == np.float32 else blas.dsyrk
    return np.asarray(product(1.0, matrix if upright else matrix.T, trans=int(upright), lower=1), dtype=np.float64)


def _together(matrix: Floats) -> Floats:
    """How often each two columns of 0 and 1 are 1 in the same row: whole numbers, exact."""
    # Half as many bytes take half the time, and hold whole numbers exactly as far as the number of areas can go.
    half = gram(matrix.astype(np.float32) if len(matrix) <= _WHOLE_IN_FLOAT32 else matrix)
    both = half + half.T
    np.fill_diagonal(both, half.diagonal())
    return both


def _product(left: Floats, right: Floats) -> Floats:
    """Matrix product by scipy's BLAS (see `gram`), in the order of memory of `left`, so that nothing is copied."""
    turned = right.flags.c_contiguous
    right = right.T if turned else right
    if left.flags.f_contiguous:
        return np.asarray(blas.dgemm(1.0, left, right, trans_b=turned), dtype=np.float64)
    return np.asarray(blas.dgemm(1.0, right, left.T, trans_a=not turned).T, dtype=np.float64)


def times(matrix: Floats, vector: Floats) -> Floats:
    """Matrix times vector by scipy's BLAS (see `gram`), read as it lies in memory."""
    if matrix.flags.f_contiguous:
        return np.asarray(blas.dgemv(1.0, matrix, vector), dtype=np.float64)
    return np.asarray(blas.dgemv(1.0, matrix.T, vector, trans=1), dtype=np.float64)


def countable(presence: pd.DataFrame) -> Known:
    """Find the part of a presence table that can be counted (see `Known`)."""
    values = given = _binary(presence)
    areas, industries = presence.index, presence.columns
    ubiquity = values.sum(axis=0)
    if np.isnan(ubiquity).any():
        gaps = np.isnan(values)
        some = np.asarray(~gaps.all(axis=0) & (np.nansum(values, axis=0) > 0))
        whole = np.asarray(~gaps[:, some].any(axis=1))
        values, areas, industries = values[np.ix_(whole, some)], areas[whole], industries[some]
        ubiquity = values.sum(axis=0)
    diversity = values.sum(axis=1)
    # Leaving out areas with gaps can leave an industry with no area. What is left out here has nothing to be summed.
    there, here = ubiquity > 0, diversity > 0
    if not there.any():
        raise MethodError("No industry is present in any area without gaps: lower the threshold or fill the gaps.")
    if not (there.all() and here.all()):
        values, areas, industries = values[np.ix_(here, there)], areas[here], industries[there]
        diversity, ubiquity = diversity[here], ubiquity[there]
    left_out = ({}, {}) if values is given else _left_out(given, presence, areas, industries)
    return Known(values, diversity, ubiquity, areas, industries, *left_out)


def _left_out(
    values: Floats, presence: pd.DataFrame, areas: pd.Index, industries: pd.Index
) -> tuple[dict[object, str], dict[object, str]]:
    """Say why areas and industries are not counted."""
    gaps, found = np.isnan(values), np.nansum(values, axis=0) > 0
    no_industries: dict[object, str] = {}
    for place in np.flatnonzero(~presence.columns.isin(industries)).tolist():
        text = "present only in areas that are left out" if found[place] else "present in no area"
        no_industries[presence.columns[place]] = "no figure in any area" if gaps[:, place].all() else text
    no_areas: dict[object, str] = {}
    for row in np.flatnonzero(~presence.index.isin(areas)).tolist():
        lacking = presence.columns[gaps[row] & found]
        text = f"no figure for {listed(lacking)}" if len(lacking) else "has none of the industries"
        no_areas[presence.index[row]] = "no figure" if gaps[row].all() else text
    return no_areas, no_industries


def _binary(presence: pd.DataFrame) -> Floats:
    """Return a checked table of 0, 1 and gaps as floats (not to be written to: it may be the table's own memory)."""
    unique(presence.index, "presence (rows)")
    unique(presence.columns, "presence (columns)")
    values = floats(presence, "presence")
    # In parts that the processor's cache can hold: the second look at each does not wait for memory.
    lines = values.T if values.flags.f_contiguous else values
    if all(((part == 0) | (part == 1)).all() for part in np.array_split(lines, values.size // 2**16 + 1)):
        return values
    # x (x - 1) is 0 for 0 and 1 only, and NaN for a gap.
    other = np.nan_to_num(values * (values - 1.0)) != 0
    if other.any():
        columns = presence.columns[np.asarray(other.any(axis=0))]
        raise MethodError(f"presence must hold 0 and 1 only; see {listed(columns)}. Make it with presence(activity).")
    return values


def _square(values: Floats, known: Known, presence: pd.DataFrame) -> pd.DataFrame:
    """Put a square back among all industries, missing where there was nothing to count."""
    labels, everything = known.industries, presence.columns
    table = pd.DataFrame(values, index=labels, columns=labels, copy=False)
    table = table if labels.equals(everything) else table.reindex(index=everything, columns=everything)
    note_missing(table, known.no_industries)
    return table
