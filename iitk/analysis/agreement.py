"""How far people agree: on rankings, on ratings, on one question, and on where the line is cut."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.stats
from pandas.api.types import is_numeric_dtype

from iitk.analysis.checks import Floats, Table, Vector, as_table, choice, floats, listed, ratio, whole
from iitk.analysis.checks import frame as finite_table
from iitk.analysis.checks import series as finite_series
from iitk.errors import MethodError

_LEVELS = ("nominal", "ordinal", "interval", "ratio")


@dataclass(frozen=True, slots=True)
class Concordance:
    """Kendall's W, from 0 (no agreement on the ranking) to 1 (the same ranking), with its tests.

    `p_permutation` is None where no permutations were asked for.
    """

    w: float
    chi_squared: float
    degrees_of_freedom: int
    p_value: float
    p_permutation: float | None = None

    def __float__(self) -> float:
        """W, where a plain number is wanted."""
        return self.w


def kendalls_w(
    ranks: Table, *, correct_ties: bool = True, permutations: int = 1999, seed: int = 0, people: str = "columns"
) -> Concordance:  # fmt: skip
    """
    Kendall's coefficient of concordance: how far people rank the same items alike.

    With m people, n items, R_i the sum of item i's ranks and S = sum (R_i - mean R)^2:
    W = 12 S / (m^2 (n^3 - n) - m T), T = sum over people and tied groups of (t^3 - t); T = 0 if ties are not corrected.

    Parameters
    ----------
    ranks
        Items x people: ranks or scores (each person's are ranked, equal ones get their mean rank).
    correct_ties
        True (default): ties do not lower W. On the same data this can be .540 against .502, so say which was used.
    permutations
        Number of random reorderings of everyone's ranks for a p-value that needs no large sample (fewer than about 8
        items): 1,999 by default. 0: none.
    seed
        Of the permutations; the same seed gives the same answer.
    people
        "columns" (default), or "rows" for a table of people x items, as other packages take it.

    Returns
    -------
    Concordance with chi_squared = m (n - 1) W on n - 1 degrees of freedom.

    Raises
    ------
    MethodError
        Gaps (use `krippendorff_alpha`), fewer than two people or items, no one who tells any items apart.

    Notes
    -----
    Not a measure of truth: people can agree on an error. Source: Kendall and Babington Smith (1939); Siegel and
    Castellan (1988), 9.7.

    Examples
    --------
    >>> import pandas as pd
    >>> kendalls_w(pd.DataFrame({"Ann": [1, 2, 3], "Bob": [1, 2, 3], "Cem": [2, 1, 3]})).w.__round__(3)
    0.778
    """
    table = _turned(finite_table(ranks, "ranks"), people)
    permutations, seed = whole(permutations, "permutations"), whole(seed, "seed")
    if table.isna().any(axis=None):
        gaps = table.columns[table.isna().any()]
        raise MethodError(
            f"ranks has gaps for {listed(gaps)}: leave them out, or use krippendorff_alpha, which allows gaps."
        )
    items, people_count = table.shape
    if items < 2 or people_count < 2:
        raise MethodError(f"ranks needs two items and two people or more, got {items} and {people_count}.")
    ranked = scipy.stats.rankdata(floats(table, "ranks"), axis=0)
    ties = sum(float(((t := np.unique(column, return_counts=True)[1]) ** 3 - t).sum()) for column in ranked.T)
    most = people_count**2 * (items**3 - items) - (people_count * ties if correct_ties else 0)
    if most <= 0:
        raise MethodError("Everyone gives all items the same rank, so there is no ranking to agree on.")
    w = 12 * _spread(ranked) / most
    chi = people_count * (items - 1) * w
    p = float(scipy.stats.chi2.sf(chi, items - 1))
    return Concordance(w, chi, items - 1, p, _permuted(ranked, permutations, seed) if permutations else None)


def krippendorff_alpha(ratings: Table, *, level: str = "ordinal", people: str = "columns") -> float:
    """
    Krippendorff's alpha: agreement beyond chance on ratings, gaps allowed. 1 is full agreement, 0 what chance gives.

    alpha = 1 - observed / expected disagreement, over all pairs of ratings of the same item by different people, and
    over all pairs of ratings whatever.

    Parameters
    ----------
    ratings
        Items x people, numbers or ordered categories; gaps where someone did not rate ("don't know" is a gap, not 0).
        Items with fewer than two ratings do not count. For "nominal", text will do (1 and "1" are then different).
    level
        "nominal": different is different; "ordinal" (default): by how many ratings lie between; "interval": squared
        difference; "ratio": squared difference over sum, for figures from 0 up such as costs. Other packages have other
        defaults ("interval", "nominal"): name the level.
    people
        "columns" (default), or "rows" for a table of people x items, as other packages take it.

    Returns
    -------
    Alpha; negative if people disagree more than by chance; missing if all ratings are the same (nothing to tell apart).

    Raises
    ------
    MethodError
        No item with two ratings, an unknown level, text at any level but "nominal", negative ratings at "ratio".

    Notes
    -----
    Not for whether people are right, and low where nearly all ratings are the same, however well they agree. Source:
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability. Krippendorff asks for 0.8, and 0.667 for tentative
    conclusions.

    Examples
    --------
    >>> import pandas as pd
    >>> krippendorff_alpha(pd.DataFrame({"Ann": [1, 2, 3], "Bob": [1, 2, 3], "Cem": [1, 2, None]}))
    1.0
    """
    choice(level, _LEVELS, "level")
    values = _ratings(_turned(_coded(as_table(ratings, "ratings")), people), level)
    values = values[(~np.isnan(values)).sum(axis=1) >= 2]
    if not len(values):
        raise MethodError("No item has two ratings, so there is nothing to compare.")
    scale = np.unique(values[~np.isnan(values)])
    counts = np.array([[(row == value).sum() for value in scale] for row in values], dtype=np.float64)
    weights = 1 / (counts.sum(axis=1) - 1)
    pairs = (counts * weights[:, None]).T @ counts
    pairs[np.diag_indices_from(pairs)] -= weights @ counts
    totals = pairs.sum(axis=1)
    chance = np.multiply.outer(totals, totals) - np.diag(totals)
    distance = _distances(scale, totals, level)
    expected = float((chance * distance).sum() / (totals.sum() - 1))
    return 1 - float((pairs * distance).sum()) / expected if expected > 0 else float("nan")


def ordinal_agreement(counts: Vector) -> float:
    """
    Van der Eijk's agreement A of one ordered question: 1 all in one category, 0 evenly over all, -1 half at each end.

    `counts`: how many chose each category, in a list, a mapping or a Series, in the order of the categories, the empty
    ones included ("don't know" left out). The distribution is taken apart into layers of equal height; each has
    A = U (1 - (S - 1)/(K - 1)), with S of K categories filled and U its unimodality from triples, and A is their mean
    by weight.

    Not for questions whose categories have no order, nor for few answers: five people can look split by chance.

    Raises MethodError for fewer than three categories, gaps or negatives, and no answers.
    Source: van der Eijk (2001), Quality and Quantity 35.

    Examples
    --------
    >>> ordinal_agreement([0, 0, 20, 0, 0]), ordinal_agreement([4, 4, 4, 4, 4]), ordinal_agreement([10, 0, 0, 0, 10])
    (1.0, 0.0, -1.0)
    """
    left = floats(finite_series(counts, "counts"), "counts").copy()
    if left.ndim != 1 or len(left) < 3 or not (left >= 0).all() or not 0 < left.sum() < np.inf:
        raise MethodError("counts must hold how many chose each of three or more ordered categories, 0 where none did.")
    whole, found = left.sum(), 0.0
    while (filled := left > 1e-12 * whole).any():
        height = left[filled].min()
        found += height * filled.sum() / whole * _layer(filled)
        left = np.where(filled, left - height, 0.0)
    return float(found)


def polarisation(counts: Vector) -> float:
    """
    How split a group is on one ordered question: 0 all in one category, 0.5 evenly spread, 1 half at each end.

    (1 - A) / 2, with A of `ordinal_agreement`; raises MethodError as `ordinal_agreement`. Not for few people, whose
    split can be chance: show the distribution beside it. Source: van der Eijk (2001), Quality and Quantity 35; the
    scale of 0 to 1 is that of the R package agrmt.

    Examples
    --------
    >>> polarisation([10, 0, 0, 0, 10])
    1.0
    """
    return (1 - ordinal_agreement(counts)) / 2


def cut_line_stability(
    scores: Table, *, places: int, resamples: int = 2000, seed: int = 0
) -> pd.DataFrame:  # fmt: skip
    """
    Does the cut line hold? How often each item would still be chosen if other people like these had scored.

    Items are ranked by their mean score. `bootstrap`: share of resamples of the people (drawn with replacement) in
    which the item is among the first `places`. `leave_one_out`: the same share when each person in turn is left out.
    Items that tie for the last places share them equally.

    Parameters
    ----------
    scores
        Items x people, higher is better; a gap is no answer, never 0. An item that nobody in a resample scored comes
        last.
    places
        How many items are chosen.
    resamples, seed
        Number of resamples, and their seed: the same seed gives the same answer.

    Returns
    -------
    Items, best first, equal means by label: `mean`, `rank` (equal means share the better one), `chosen` (1, 0, or the
    share of a tied place), `bootstrap`, `leave_one_out`, and `holds`: "in" or "out" where bootstrap is at least 0.9 or
    at most 0.1, else "borderline".

    Raises
    ------
    MethodError
        Fewer than two people, an item that nobody scored, places that do not fit.

    Notes
    -----
    It shows how much the choice rests on who was in the room, not whether it is right. Source: Efron (1979), Annals of
    Statistics 7.

    Examples
    --------
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"Ann": [9, 5, 1], "Bob": [8, 4, 5], "Cem": [9, 5, 2]}, index=["tram", "hub", "fair"])
    >>> cut_line_stability(scores, places=1)["holds"].to_dict()
    {'tram': 'in', 'hub': 'out', 'fair': 'out'}
    """
    table = finite_table(scores, "scores")
    items, people = table.shape
    if people < 2:
        raise MethodError(f"scores needs two people or more, got {people}.")
    places, resamples = whole(places, "places"), whole(resamples, "resamples", 1)
    if not 1 <= places < items:
        raise MethodError(f"places must be from 1 to {items - 1}, one less than there are items; got {places}.")
    if table.isna().all(axis=1).any():
        raise MethodError(f"Nobody scored {listed(table.index[table.isna().all(axis=1)])}. Leave such items out first.")
    values = floats(table, "scores")
    draws = np.random.default_rng(whole(seed, "seed")).integers(0, people, (resamples, people))
    weights = np.stack([np.bincount(draw, minlength=people) for draw in draws]).astype(np.float64)
    without = 1.0 - np.eye(people)
    found = table.mean(axis=1).to_frame("mean")
    found["rank"] = found["mean"].round(12).rank(ascending=False, method="min").astype(int)
    found["chosen"] = _in_cut(values, np.ones((1, people)), places)[0]
    found["bootstrap"] = _in_cut(values, weights, places).mean(axis=0)
    found["leave_one_out"] = _in_cut(values, without, places).mean(axis=0)
    found["holds"] = np.select([found["bootstrap"] >= 0.9, found["bootstrap"] <= 0.1], ["in", "out"], "borderline")
    order = found.assign(label=found.index.astype(str)).sort_values(["rank", "label"]).index
    return found.loc[order]


def _spread(ranked: Floats) -> float:
    sums = ranked.sum(axis=1)
    return float(((sums - sums.mean()) ** 2).sum())


def _permuted(ranked: Floats, permutations: int, seed: int) -> float:
    """Share of random reorderings that agree at least as much, the real one included."""
    rng = np.random.default_rng(seed)
    real = _spread(ranked) * (1 - 1e-12)
    more = sum(_spread(rng.permuted(ranked, axis=0)) >= real for _ in range(permutations))
    return (more + 1) / (permutations + 1)


def _turned(table: pd.DataFrame, people: str) -> pd.DataFrame:
    """Items x people."""
    return table.T if choice(people, ("columns", "rows"), "people") == "rows" else table


def _coded(table: pd.DataFrame) -> pd.DataFrame:
    """Ordered categories as 0, 1, 2 ...; all columns must have the same ones in the same order."""
    kinds = [kind for kind in table.dtypes if isinstance(kind, pd.CategoricalDtype) and kind.ordered]
    if not kinds or len(kinds) < table.shape[1]:
        return table
    if any(not kind.categories.equals(kinds[0].categories) for kind in kinds):
        raise MethodError("ratings has columns of different categories. Give all the same ones in the same order.")
    codes = {name: table[name].cat.codes.where(table[name].notna()).astype(np.float64) for name in table.columns}
    return pd.DataFrame(codes, index=table.index)


def _ratings(ratings: pd.DataFrame, level: str) -> Floats:
    """Items x people as numbers; at the nominal level text gets a number for each word."""
    kinds = getattr(ratings, "dtypes", pd.Series(dtype=object))
    if level == "nominal" and not all(map(is_numeric_dtype, kinds)):
        codes, _ = pd.factorize(ratings.to_numpy(dtype=object).ravel())
        numbered = np.where(codes < 0, np.nan, codes).reshape(ratings.shape)
        ratings = pd.DataFrame(numbered, index=ratings.index, columns=ratings.columns)
    values = floats(finite_table(ratings, "ratings"), "ratings")
    if level == "ratio" and (values < 0).any():
        raise MethodError("ratings must not be negative at the level 'ratio': use 'interval'.")
    return values


def _distances(scale: Floats, totals: Floats, level: str) -> Floats:
    """Squared distance between each two values of the scale."""
    if level == "nominal":
        return 1.0 - np.eye(len(scale))
    scale = scale / (np.abs(scale).max() or 1.0)  # the unit does not matter, and squares of huge figures would overflow
    if level == "interval":
        return np.asarray(np.subtract.outer(scale, scale) ** 2, dtype=np.float64)
    if level == "ratio":
        return np.nan_to_num(ratio(np.subtract.outer(scale, scale), np.add.outer(scale, scale)) ** 2)
    middle = np.cumsum(totals) - totals / 2  # half of a value's ratings lie below its middle
    return np.asarray(np.subtract.outer(middle, middle) ** 2, dtype=np.float64)


def _layer(filled: npt.NDArray[np.bool_]) -> float:
    """Agreement of a layer of equal height: unimodality from all triples, less for every category filled."""
    size, used = len(filled), int(filled.sum())
    if used == 1:
        return 1.0
    triples = [(bool(a), bool(b), bool(c)) for a, b, c in combinations(filled, 3)]
    single = sum(triple in {(True, True, False), (False, True, True)} for triple in triples)
    double = sum(triple == (True, False, True) for triple in triples)
    if single + double == 0:
        return 0.0  # every category is filled
    unimodal = ((size - 2) * single - (size - 1) * double) / ((size - 2) * (single + double))
    return unimodal * (1 - (used - 1) / (size - 1))


def _in_cut(values: Floats, weights: Floats, places: int) -> Floats:
    """Draws x items: 1 above the line, 0 below, and an equal share of the places left to those that tie at it."""
    known = ~np.isnan(values)
    answers = weights @ known.T
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.round((weights @ np.where(known, values, 0.0).T) / answers, 12)
    means = np.where(answers > 0, means, -np.inf)
    line = -np.sort(-means, axis=1)[:, [places - 1]]
    above, at = means > line, means == line
    left = (places - above.sum(axis=1, keepdims=True)) / at.sum(axis=1, keepdims=True)
    return np.asarray(above + at * left, dtype=np.float64)
