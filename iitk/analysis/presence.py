"""Which industries are present where, and which industries are found together: the base of all relatedness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from iitk.analysis.checks import Floats, Vector, aligned, choice, floats, frame, listed, ratio, unique
from iitk.analysis.quotients import location_quotient
from iitk.errors import MethodError

_NORMALISATIONS = ("association", "cosine", "jaccard")


@dataclass(frozen=True, slots=True)
class Known:
    """The part of a presence table that can be counted, as a matrix of 0 and 1.

    Left out: industries that are present nowhere or wholly missing, then areas with a gap or without any industry.
    """

    matrix: Floats
    areas: pd.Index
    industries: pd.Index


def revealed_comparative_advantage(
    activity: pd.DataFrame, reference: Vector | None = None, *, activity_total: Vector | None = None,
    reference_total: float | None = None,
) -> pd.DataFrame:  # fmt: skip
    """
    Balassa's index: the share of an industry in an area over its share in the reference.

    It is the same number as `location_quotient`, under the name that the complexity literature uses; the same
    arguments, gaps and errors. Source: Balassa (1965), Manchester School 33.

    Examples
    --------
    >>> import pandas as pd
    >>> revealed_comparative_advantage(pd.DataFrame({"a": [3, 1], "b": [1, 3]})).loc[0].tolist()
    [1.5, 0.5]
    """
    return location_quotient(activity, reference, activity_total=activity_total, reference_total=reference_total)


def presence(
    activity: pd.DataFrame, *, threshold: float = 1.0, reference: Vector | None = None,
    activity_total: Vector | None = None, reference_total: float | None = None,
) -> pd.DataFrame:  # fmt: skip
    """
    Mark the industries in which an area is specialised: 1 where the quotient reaches the threshold, else 0.

    Areas x industries in, the same out. A quotient of exactly `threshold` counts (1.0 by default). A missing quotient
    gives a missing presence, not 0; the methods that take presences say what they do with those. The other arguments
    are those of `location_quotient`. Very small areas are "specialised" by the accident of one plant: drop them first.

    Raises MethodError as `location_quotient`, and for a threshold that is not above zero.

    Examples
    --------
    >>> import pandas as pd
    >>> presence(pd.DataFrame({"a": [3, 1], "b": [1, 3]})).loc[0].tolist()
    [1.0, 0.0]
    """
    if not threshold > 0:
        raise MethodError(f"threshold must be above zero, got {threshold:g}. 1 means: as important here as there.")
    quotients = location_quotient(activity, reference, activity_total=activity_total, reference_total=reference_total)
    return (quotients >= threshold).astype(float).where(quotients.notna())


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
    Industries x industries, symmetric. Missing for an industry that is present nowhere.

    Raises
    ------
    MethodError
        Figures other than 0 and 1, nothing present anywhere, another diagonal.

    Notes
    -----
    Source: Hidalgo, Klinger, Barabasi and Hausmann (2007), Science 317.

    Examples
    --------
    >>> import pandas as pd
    >>> proximity(pd.DataFrame({"a": [1, 1, 0], "b": [1, 0, 0]})).loc["a"].tolist()
    [1.0, 0.5]
    """
    if diagonal not in (0, 1):
        raise MethodError(f"diagonal must be 1 or 0, got {diagonal:g}.")
    known = countable(presence)
    both = known.matrix.T @ known.matrix
    count = both.diagonal().copy()
    both /= np.maximum.outer(count, count)
    np.fill_diagonal(both, diagonal)
    return _square(both, known.industries, presence.columns)


def cooccurrence_relatedness(presence: pd.DataFrame, *, normalisation: str = "association") -> pd.DataFrame:
    """
    How much two industries are found together, given how common each is.

    With c_ij the areas that have both, u_i those that have i, and n all areas:

    - "association" (default): n c_ij / (u_i u_j): 1 if independent, above 1 if found together more than by chance;
    - "cosine": c_ij / sqrt(u_i u_j), 0 to 1;
    - "jaccard": c_ij / (u_i + u_j - c_ij), 0 to 1.

    Returns industries x industries, symmetric, with 1 on the diagonal of cosine and jaccard and n / u_i on that of
    association. Missing for an industry that is present nowhere. Errors as `proximity`.
    Source: van Eck and Waltman (2009), Journal of the American Society for Information Science 60.

    Examples
    --------
    >>> import pandas as pd
    >>> cooccurrence_relatedness(pd.DataFrame({"a": [1, 1, 0], "b": [1, 0, 0]}), normalisation="jaccard").loc["a", "b"]
    np.float64(0.5)
    """
    choice(normalisation, _NORMALISATIONS, "normalisation")
    known = countable(presence)
    both = known.matrix.T @ known.matrix
    count = both.diagonal().copy()
    if normalisation == "association":
        both *= len(known.areas) / np.multiply.outer(count, count)
    elif normalisation == "cosine":
        both /= np.sqrt(np.multiply.outer(count, count))
    else:
        both = both / (np.add.outer(count, count) - both)
    return _square(both, known.industries, presence.columns)


def relatedness_density(presence: pd.DataFrame, proximity: pd.DataFrame) -> pd.DataFrame:
    """
    How much of what is related to an industry an area already has, 0 to 1.

    d_ai = sum_j M_aj phi_ij / sum_j phi_ij.

    Parameters
    ----------
    presence
        Areas x industries of 0 and 1.
    proximity
        Industries x industries; with 1 on its diagonal an industry's own presence counts towards its density (the
        original definition), with 0 not.

    Returns
    -------
    Areas x industries. Missing for an industry without proximities, and for an area with a gap in its presences among
    the industries that have them. An industry missing from `proximity` adds nothing to others.

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
    here, phi = _binary(presence), frame(proximity, "proximity")
    for labels in (phi.index, phi.columns):
        aligned(pd.Series(0.0, labels), presence.columns, "proximity", "presence (columns)")
    if not (phi.index.equals(presence.columns) and phi.columns.equals(presence.columns)):
        phi = phi.loc[presence.columns, presence.columns]
    near = floats(phi, "proximity")
    if (near < 0).any():
        raise MethodError("proximity must not be negative.")
    gaps = np.isnan(near)
    if gaps.any():
        here, near = np.where(gaps.all(axis=0), 0.0, here), np.where(gaps, 0.0, near)
    density = here @ near
    density *= ratio(1.0, near.sum(axis=0))
    return pd.DataFrame(density, index=presence.index, columns=presence.columns)


def countable(presence: pd.DataFrame) -> Known:
    """Find the part of a presence table that can be counted (see `Known`)."""
    values = _binary(presence)
    areas, industries = presence.index, presence.columns
    gaps = np.isnan(values)
    if gaps.any():
        some = np.asarray(~gaps.all(axis=0) & (np.nansum(values, axis=0) > 0))
        whole = np.asarray(~gaps[:, some].any(axis=1))
        values, areas, industries = values[np.ix_(whole, some)], areas[whole], industries[some]
    # Leaving out areas with gaps can leave an industry with no area.
    there, here = np.asarray(values.sum(axis=0) > 0), np.asarray(values.sum(axis=1) > 0)
    if not there.any():
        raise MethodError("No industry is present in any area without gaps: lower the threshold or fill the gaps.")
    if not (there.all() and here.all()):
        values, areas, industries = values[np.ix_(here, there)], areas[here], industries[there]
    return Known(values, areas, industries)


def _binary(presence: pd.DataFrame) -> Floats:
    """Return a checked table of 0, 1 and gaps as floats (not to be written to: it may be the table's own memory)."""
    if not isinstance(presence, pd.DataFrame):
        raise MethodError(f"presence must be a table (DataFrame), not {type(presence).__name__}.")
    unique(presence.index, "presence (rows)")
    unique(presence.columns, "presence (columns)")
    values = floats(presence, "presence")
    # x (x - 1) is 0 for 0 and 1 only, and NaN for a gap.
    other = np.nan_to_num(values * (values - 1.0)) != 0
    if other.any():
        columns = presence.columns[np.asarray(other.any(axis=0))]
        raise MethodError(f"presence must hold 0 and 1 only; see {listed(columns)}. Make it with presence(activity).")
    return values


def _square(values: Floats, labels: pd.Index, everything: pd.Index) -> pd.DataFrame:
    """Put a square back among all industries, missing where there was nothing to count."""
    table = pd.DataFrame(values, index=labels, columns=labels)
    return table if labels.equals(everything) else table.reindex(index=everything, columns=everything)
