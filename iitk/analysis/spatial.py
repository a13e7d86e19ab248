"""Variety within an area, and where industries gather over areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import pandas as pd

from iitk.analysis.checks import (
    Floats,
    Vector,
    choice,
    complete,
    floats,
    frame,
    kinds,
    listed,
    matched,
    number,
    ratio,
    row_sums,
    series,
)
from iitk.analysis.concentration import entropy, gini_of_rows, reasons_of_rows
from iitk.analysis.quotients import note_missing
from iitk.errors import MethodError

_GINIS = ("weighted", "unweighted", "krugman")


def related_variety(
    activity: pd.DataFrame | pd.Series, groups: Mapping[str, str] | pd.Series | Sequence[str], *, base: float = 2.0
) -> pd.DataFrame:
    """
    Split an area's variety into variety between unrelated groups and variety within related ones.

    With p_i an industry's share and P_g a group's: unrelated = sum_g P_g log(1 / P_g), the entropy between groups;
    related = sum_g P_g H_g, H_g = sum_{i in g} (p_i / P_g) log(P_g / p_i), the mean entropy within them. They add up to
    `total`, the entropy of all industries. Related variety goes with learning between neighbouring trades, unrelated
    variety with resilience to shocks; both rise with the number of industries, so compare only on one list.

    Parameters
    ----------
    activity
        Areas x industries (one row each), or one area.
    groups
        Group of every industry, for instance the 2-digit division of each 5-digit class. A bare list is taken to be in
        the order of the industries.
    base
        Of the logarithm: 2 (default, bits, as in the source). `entropy` is natural by default: with base=2 it is
        `total`.

    Returns
    -------
    Areas x (related, unrelated, total). Missing for an area with a missing or negative figure, or with nothing;
    `.attrs["missing"]` names it with the reason. The others are unharmed.

    Raises
    ------
    MethodError
        An industry without a group, a group for an industry that is not there, a base that is not above 0 or is 1.

    Notes
    -----
    Source: Frenken, van Oort and Verburg (2007), Regional Studies 41, equations 2 to 4.

    Examples
    --------
    >>> import pandas as pd
    >>> area = pd.Series({"cars": 25, "vans": 25, "films": 50})
    >>> related_variety(area, {"cars": "vehicles", "vans": "vehicles", "films": "media"}).iloc[0].tolist()
    [0.5, 1.0, 1.5]
    """
    if isinstance(activity, pd.Series):
        activity = series(activity, "activity").to_frame().T
    table = frame(activity, "activity")
    of = _groups(groups, table.columns)
    total = entropy(table, base=base)
    # A group with a gap must leave the area missing, so its sum must not skip it.
    between = entropy(table.T.groupby(of.to_numpy()).sum(skipna=False).T.where(total.notna(), axis=0), base=base)
    found = pd.DataFrame({"related": total - between, "unrelated": between, "total": total})
    found.attrs["missing"] = reasons_of_rows(table)
    return found


def specialisation_gini(
    activity: pd.DataFrame | pd.Series, reference: Vector, *, variant: str = "weighted", normalised: bool = False
) -> pd.Series | float:
    """
    Gini coefficient of an area's specialisation: how unevenly its industries weigh against the reference's.

    Industries are ordered by location quotient. Variants:

    - "weighted" (default): the Lorenz curve of the area's shares over the reference's shares; 0 for the same mix, near
      1 for an area that has only what is almost nowhere else.
    - "unweighted": the Gini of the quotients, each industry counting once whatever its size (Farhauer and Kroell's).
    - "krugman": the area between curve and diagonal, half of "weighted": 0 to 0.5.

    `normalised` multiplies the unweighted one by n / (n - 1), so that it can reach 1 (n: industries of the reference).

    Returns one number an area (a float for one area); missing where the area has a missing or negative figure or
    nothing (`concentration_reasons` says which), and where it has some of an industry of which the reference has none.
    An industry that neither has changes nothing. Do not compare areas on lists of different detail.

    Raises MethodError for industries that differ, a reference with gaps or negatives, an unknown variant, `normalised`
    with another variant than "unweighted".
    Sources: Krugman (1991), Geography and Trade; Farhauer and Kroell (2013).

    Examples
    --------
    >>> import pandas as pd
    >>> area = pd.Series([700, 600, 500, 10000, 40000])
    >>> round(specialisation_gini(area, [30000, 15000, 10000, 60000, 50000], variant="unweighted"), 4)
    0.6222
    """
    if isinstance(activity, pd.Series):
        table = series(activity, "activity").to_frame().T
        return float(_gini_of_shares(table, _whole(reference, table.columns, "reference"), variant, normalised)[0])
    table = frame(activity, "activity")
    found = pd.Series(
        _gini_of_shares(table, _whole(reference, table.columns, "reference"), variant, normalised), index=table.index
    )
    if (gaps := found.isna()).any():
        stray = dict.fromkeys(table.index[gaps], "has some of an industry of which the reference has none")
        note_missing(found, stray | reasons_of_rows(table[gaps]))
    return found


def locational_gini(
    activity: pd.DataFrame | pd.Series, *, area_total: Vector | None = None, variant: str = "weighted",
    normalised: bool = False,
) -> pd.Series | float:  # fmt: skip
    """
    Gini coefficient of each industry's location: 0 if it is spread as all activity is, towards 1 if it is in one place.

    Areas are ordered by location quotient; variants and `normalised` as in `specialisation_gini` ("krugman" is what the
    R package EconGeo calls the locational Gini, 0 to 0.5; "unweighted" is REAT's gini.conc; "weighted" with people as
    `area_total` is EconGeo's Hoover Gini). It does not know whether one plant or a hundred make the concentration: see
    `ellison_glaeser_index`. It depends on how areas are drawn.

    Parameters
    ----------
    activity
        Areas x industries, or one industry by area (a Series); the areas should cover the whole country.
    area_total
        All activity of each area, published; needed for one industry. Without it: the sum of the industries that have
        every figure.

    Returns
    -------
    One number an industry (a float for a Series); missing for an industry with a missing or negative figure, or with
    nothing at all, and named with the reason in `.attrs["missing"]`. The others are unharmed. Also missing where an
    industry is in an area whose `area_total` is 0; an area with nothing changes nothing.

    Raises
    ------
    MethodError
        Areas that differ, totals missing or not positive, an unknown variant.

    Notes
    -----
    Sources: Krugman (1991), Geography and Trade, p. 56; Farhauer and Kroell (2013).

    Examples
    --------
    >>> import pandas as pd
    >>> jobs = pd.DataFrame({"i": [500, 500, 1000, 7000, 1000]})
    >>> locational_gini(jobs, area_total=[20000, 15000, 20000, 40000, 5000], variant="unweighted").round(4).tolist()
    [0.4069]
    """
    if isinstance(activity, pd.Series):
        table = _alone(activity, area_total)
        return float(_gini_of_shares(table.T, _totals(table, area_total), variant, normalised)[0])
    table = frame(activity, "activity")
    found = pd.Series(_gini_of_shares(table.T, _totals(table, area_total), variant, normalised), index=table.columns)
    found.attrs["missing"] = reasons_of_rows(table.T)
    return found


def ellison_glaeser_index(
    activity: pd.DataFrame | pd.Series, plant_herfindahl: Vector | float, *, area_total: Vector | None = None
) -> pd.Series | float:  # fmt: skip
    """
    Concentration of each industry beyond what a few large plants would make by chance.

    gamma = (G - (1 - X) H) / ((1 - X)(1 - H)), with s the industry's and x all activity's share of each area,
    G = sum (s - x)^2, X = sum x^2, and H the Herfindahl index of plant sizes in the industry. 0: as if plants had
    chosen places at random; above 0.05 strongly gathered, below 0.02 weakly (the authors' reading); negative: spread
    out.

    Parameters
    ----------
    activity
        Areas x industries, or one industry by area (a Series), jobs; the areas should cover the whole country.
    plant_herfindahl
        Per industry (one figure for a Series), from 0 to 1: the sum of squared shares of its plants in its jobs.
    area_total
        All jobs of each area, published; needed for one industry. Without it: the sum of the industries that have every
        figure.

    Returns
    -------
    gamma by industry (a float for a Series), no unit; missing for an industry with a missing or negative figure,
    nothing at all, no H, or one plant only (H = 1), and named with the reason in `.attrs["missing"]`. The others are
    unharmed.

    Raises
    ------
    MethodError
        Industries or areas that differ, H outside 0 to 1, all activity in a single area.

    Notes
    -----
    Not for areas so small that one plant fills them, nor with H of firms in place of plants.
    Source: Ellison and Glaeser (1997), Journal of Political Economy 105, equation 5.

    Examples
    --------
    >>> import pandas as pd
    >>> jobs = pd.DataFrame({"i": [13000, 32000, 25000]}, index=["Wien", "Linz", "Graz"])
    >>> ellison_glaeser_index(jobs, {"i": 0.25}, area_total=[500000, 400000, 100000]).round(3).tolist()
    [0.053]
    """
    if isinstance(activity, pd.Series):
        h = [number(plant_herfindahl, "plant_herfindahl")]
        one = ellison_glaeser_index(_alone(activity, area_total), h, area_total=area_total)
        return float(cast("pd.Series", one).iloc[0])
    table = frame(activity, "activity")
    plants = matched(cast("Vector", plant_herfindahl), table.columns, "plant_herfindahl", "activity")
    if ((plants < 0) | (plants > 1)).any():
        raise MethodError("plant_herfindahl must be from 0 to 1. If shares were in %, divide by 10,000.")
    everything = _totals(table, area_total)
    x = everything / everything.sum()
    room = 1 - float((x**2).sum())
    if room <= 0:
        raise MethodError("All activity is in one area: concentration over areas has no meaning there.")
    raw = row_sums((_shares_of_industries(table) - x) ** 2)
    sizes = floats(plants, "plant_herfindahl")
    found = pd.Series(ratio(raw - room * sizes, room * (1 - sizes)), index=table.columns)
    unknown = dict.fromkeys(table.columns[np.isnan(sizes)], "no plant Herfindahl")
    single = dict.fromkeys(table.columns[sizes == 1], "one plant only")
    found.attrs["missing"] = single | unknown | reasons_of_rows(table.T)
    return found


def cluster_index(jobs: pd.DataFrame, plants: pd.DataFrame, land: Vector, population: Vector) -> pd.DataFrame:
    """
    Litzenberger and Sternberg's cluster index: dense, large for the place, and made of many plants.

    CI = (job density) x (jobs a head) / (jobs a plant), each relative to all areas together:
    CI_ij = (e_ij / e_i)(b_ij / b_i) / ((a_j / a)(p_j / p)), with e jobs, b plants, a land and p population. 1 is the
    average over all areas; the authors call 4 and more a cluster. It has no upper limit and grows as areas get smaller.

    Parameters
    ----------
    jobs, plants
        Areas x industries, the same rows and columns; the areas should cover the whole country.
    land, population
        By area: land in any unit (km2), people.

    Returns
    -------
    Areas x industries, no unit. Missing for an industry with a gap or a negative figure anywhere (its total is then
    unknown) or with nothing, and named with the reason in `.attrs["missing"]`; the others are unharmed. 0 where the
    area has no jobs or no plants in it.

    Raises
    ------
    MethodError
        Rows or columns that differ, land or population that is missing or not positive.

    Notes
    -----
    Not to compare countries, or lists of areas of different size: the value depends on how many areas there are.
    Source: Litzenberger and Sternberg (2006), Geographische Zeitschrift 94; Farhauer and Kroell (2014).

    Examples
    --------
    >>> import pandas as pd
    >>> jobs, plants = pd.DataFrame({"i": [1743, 3997]}), pd.DataFrame({"i": [35, 18]})
    >>> cluster_index(jobs, plants, [50, 526], [488, 4133]).round(3)["i"].tolist()
    [21.875, 0.29]
    """
    table, units = frame(jobs, "jobs"), frame(plants, "plants")
    matched(pd.Series(0.0, units.index), table.index, "plants (rows)", "jobs (rows)")
    matched(pd.Series(0.0, units.columns), table.columns, "plants (columns)", "jobs (columns)")
    units = units.loc[table.index, table.columns]
    space, people = (
        _whole(one, table.index, name, "jobs (rows)") for one, name in ((land, "land"), (population, "population"))
    )
    if (space == 0).any() or (people == 0).any():
        raise MethodError("land and population must be above zero in every area.")
    top = _shares_of_industries(table) * _shares_of_industries(units)
    found = pd.DataFrame((top / (space / space.sum() * people / people.sum())).T, table.index, table.columns)
    sides = {"jobs": table, "plants": units}
    found.attrs["missing"] = {
        label: f"{name}: {why}" for name, side in sides.items() for label, why in reasons_of_rows(side.T).items()
    }
    return found


def _groups(groups: object, industries: pd.Index) -> pd.Series:
    """Group of each industry, in the order of the table."""
    if isinstance(groups, (pd.Series, Mapping)):
        of = groups if isinstance(groups, pd.Series) else pd.Series(groups, dtype=object)
    else:
        of = kinds(groups, industries, "groups", "activity (columns)")
    absent, extra = industries.difference(of.index), of.index.difference(industries)
    if len(absent) or len(extra) or of.index.has_duplicates or of.isna().any():
        wrong = absent if len(absent) else extra if len(extra) else of.index[of.index.duplicated() | of.isna()]
        raise MethodError(f"groups must give one group to each industry of activity and no other; see {listed(wrong)}.")
    return of.reindex(industries)


def _alone(industry: pd.Series, area_total: object) -> pd.DataFrame:
    """One industry as a table of one column."""
    if area_total is None:
        raise MethodError("One industry alone has no comparator: pass area_total (all activity of each area).")
    return series(industry, "activity").to_frame()


def _whole(values: Vector, labels: pd.Index, argument: str, other: str = "activity") -> Floats:
    """Figures that every share rests on: all known, none negative, not all zero."""
    found = matched(values, labels, argument, other)
    complete(found, argument, "Every share rests on it: fill the gap or leave that label out on both sides.")
    if (found < 0).any() or found.sum() <= 0:
        raise MethodError(f"{argument} must not be negative and must add up to more than zero.")
    return floats(found, argument)


def _totals(table: pd.DataFrame, area_total: Vector | None) -> Floats:
    """All activity of each area: published, or the sum of the industries that have every figure."""
    if area_total is not None:
        return _whole(area_total, table.index, "area_total")
    # An industry with a gap is left out everywhere: else the area with the gap would look smaller than it is.
    if table.empty:
        raise MethodError("activity is empty: pass a table of areas x industries.")
    sound = (table >= 0).all(axis=0)
    if not (table > 0).any(axis=None):
        raise MethodError("activity has nothing above zero: there is no concentration of nothing.")
    if not sound.any():
        bad = table.index[~(table >= 0).all(axis=1)]
        raise MethodError(f"Every industry has a gap or a negative figure; see {listed(bad)}. Pass area_total.")
    return _whole(table.loc[:, sound].sum(axis=1), table.index, "the sum of activity")


def _shares_of_industries(table: pd.DataFrame) -> Floats:
    """Industries x areas: each area's share; NaN for an industry with a gap, a negative figure or nothing."""
    values = floats(table, "activity").T
    total = values.sum(axis=1)
    sound = (values >= 0).all(axis=1) & (total > 0)
    return values / np.where(sound, total, np.nan)[:, None]


def _gini_of_shares(table: pd.DataFrame, base: Floats, variant: str, normalised: bool) -> Floats:
    """Gini of each row of shares against the base's shares, ordered by their ratio."""
    choice(variant, _GINIS, "variant")
    if normalised and variant != "unweighted":
        raise MethodError("normalised needs variant='unweighted': n / (n - 1) is for labels that count equally.")
    shares = _shares_of_industries(table.T)
    there = base > 0
    # Where the base has nothing there is no quotient: of no matter if the row has nothing there either.
    stray = (shares[:, ~there] > 0).any(axis=1)
    weights = base[there] / base.sum()
    n = len(weights)
    found = gini_of_rows(shares[:, there] / weights, np.ones(n) if variant == "unweighted" else weights)
    factor = 0.5 if variant == "krugman" else ratio(n, n - 1) if normalised else 1.0
    return np.where(stray, np.nan, found * factor)
