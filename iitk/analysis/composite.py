"""One number from many indicators, every step in view: what was divided, filled, dropped, tamed, scaled and averaged.

The order is denominate, impute, screen, treat, normalise, aggregate, and at the end how far the ranks rest on it all.
Source of the order and the words: OECD and JRC (2008), Handbook on Constructing Composite Indicators; the conventions
are those of Becker et al. (2022), COINr, Journal of Open Source Software 7(78), unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from iitk.analysis.checks import Floats, Table, choice, floats, kinds, listed, mapping, number, ratio, share, whole
from iitk.analysis.checks import frame as finite_table
from iitk.analysis.criteria import sound
from iitk.analysis.scaling import known, normalise
from iitk.errors import MethodError

Kinds = pd.Series | Mapping[Any, Any] | Sequence[Any]
_Tree = list[tuple[Any, list[Any]]]
_METHODS = ("arithmetic", "geometric")


@dataclass(frozen=True, slots=True)
class Screened:
    """`kept`: areas x indicators. `dropped`: by area that was left out, the reason."""

    kept: pd.DataFrame
    dropped: pd.Series


@dataclass(frozen=True, slots=True)
class Treated:
    """What became of the outliers.

    `values`: areas x indicators. `record`, by indicator: `passed`, `skew` and `kurtosis` as it came, `treatment` ("",
    "winsorised" or "logged"), `moved` (how many figures were pulled in), and the first three again, `..._after`.
    """

    values: pd.DataFrame
    record: pd.DataFrame


@dataclass(frozen=True, slots=True)
class RankUncertainty:
    """How firm the ranks are (1 is best).

    `summary`, by area: `rank` (nominal: first variant, weights as given), `median`, `lower` and `upper` (the middle 90%
    of draws). `frequency`: areas x ranks, the share of draws that give the area that rank.
    """

    summary: pd.DataFrame
    frequency: pd.DataFrame


def denominate(indicators: Table, denominators: Table, by: Mapping[Any, Any] | pd.Series) -> pd.DataFrame:
    """
    Divide indicators by the size of the place, such as patents by population: x / d.

    `denominators` is areas x sizes; `by` names the size for each indicator to be divided; the others stay as they are.
    Missing where either is missing or the size is zero. Units: those of the indicator per unit of the size. Not for
    what is a rate already. Source: OECD and JRC (2008), step 5.

    Raises MethodError for unknown names, areas without a row of denominators, and negative sizes.

    Examples
    --------
    >>> import pandas as pd
    >>> table, size = pd.DataFrame({"patents": [30.0, 8]}, ["A", "B"]), pd.DataFrame({"people": [10.0, 4]}, ["A", "B"])
    >>> denominate(table, size, {"patents": "people"})["patents"].tolist()
    [3.0, 2.0]
    """
    table, sizes = finite_table(indicators, "indicators"), finite_table(denominators, "denominators")
    by = mapping(by, "by")
    known(by, table.columns, "by", "indicators")
    known(by.values(), sizes.columns, "by", "denominators")
    known(table.index, sizes.index, "indicators", "denominators (rows)")
    sizes = sizes.loc[table.index, list(dict.fromkeys(by.values()))]
    if (negative := sizes.columns[(sizes < 0).any()]).size:
        raise MethodError(f"denominators has negative sizes under {listed(negative)}. Nothing is per minus one.")
    for name, size in by.items():
        table[name] = ratio(table[name], sizes[size])
    return table


def impute(indicators: Table, *, method: str = "mean", groups: Kinds | None = None) -> pd.DataFrame:
    """
    Fill each gap with the "mean" (default) or "median" of its indicator, over all areas or over the area's group.

    Areas x indicators in and out, in their units; `groups` holds a group for each area (a Series, a mapping or a list).
    A gap stays one where the group has no figure at all. What was filled is `indicators.isna() & filled.notna()`: show
    it as modelled, never as observed. Do not impute what was suppressed because it is small: its mean is not that of
    the places that were published. Source: OECD and JRC (2008), step 3.

    Raises MethodError for an unknown method or an area without a group.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"pay": [10.0, 20, None, 60]}, index=["A", "B", "C", "D"])
    >>> impute(table, groups=pd.Series({"A": "city", "B": "city", "C": "city", "D": "shire"})).loc["C", "pay"]
    np.float64(15.0)
    """
    table = finite_table(indicators, "indicators")
    choice(method, ("mean", "median"), "method")
    own = pd.Series("all", table.index) if groups is None else kinds(groups, table.index, "groups", "indicators")
    if own.isna().any():
        raise MethodError(
            f"indicators has {listed(own.index[own.isna()])}, but groups does not. Give each area a group."
        )
    grouped = table.groupby(own)
    return table.where(table.notna(), grouped.transform("mean" if method == "mean" else "median"))


def screen(indicators: Table, *, present: float = 2 / 3, nonzero: float = 0.0) -> Screened:
    """
    Leave out areas with too few figures, or with too few that are not zero.

    `indicators` is areas x indicators. `present` is the least share of them that an area must have (2/3 by default);
    `nonzero` the least share of its figures that must not be zero (0 by default: zeros are figures too). Screen before
    `impute` to judge what was published; after it, only gaps that could not be filled count. Not for gaps that are no
    accident: leaving out the smallest places, whose figures are suppressed, tilts what is left. Source: Becker et al.
    (2022).

    Raises MethodError for a share outside 0 to 1.

    Examples
    --------
    >>> import pandas as pd
    >>> screen(pd.DataFrame({"p": [1.0, None], "q": [2.0, 3.0]}, index=["A", "B"])).dropped.to_dict()
    {'B': '1 of 2 indicators present'}
    """
    table = finite_table(indicators, "indicators")
    share(number(present, "present"), "present")
    share(number(nonzero, "nonzero"), "nonzero")
    present_in, filled, every = table.notna().sum(axis=1), (table.fillna(0) != 0).sum(axis=1), table.shape[1]
    few = present_in < present * every - 1e-9
    empty = ~few & (filled < nonzero * present_in - 1e-9)
    why = {area: f"{present_in[area]} of {every} indicators present" for area in table.index[few]}
    why |= {area: f"{filled[area]} of {present_in[area]} figures not zero" for area in table.index[empty]}
    return Screened(table[~few & ~empty], pd.Series(why, dtype=str).reindex(table.index[few | empty]))


def treat(indicators: Table, *, skew: float = 2.0, kurtosis: float = 3.5, most: int = 5, log: bool = True) -> Treated:
    """
    Pull in outliers, which would otherwise decide the scale for all others, and record what was done.

    An indicator fails if |skewness| > `skew` and excess kurtosis > `kurtosis` (both as in Excel: unbiased). One that
    fails is winsorised: its most extreme figure, on the side of the skew, is given the value of the next, again and
    again until it passes or `most` figures have moved (tied figures move together). If it still fails and `log` is
    true, the figures as they came are logged instead: ln(x - min + r/100), r = max - min; for a tail to the left
    mirrored, -ln(max - x + r/100), so that order and direction stay. An indicator of two different figures is left as
    it is (`passed_after` says so): pulling one in would leave nothing. Gaps stay gaps. Returns Treated, in the units of
    the indicators (logged: none). Not where the outlier is the finding, such as the one city with the exports.

    Raises MethodError for text or duplicate labels, and limits below 0. Source: Becker et al. (2022); Groeneveld and
    Meeden (1984) for the limits of 2 and 3.5.

    Examples
    --------
    >>> import pandas as pd
    >>> found = treat(pd.DataFrame({"flights": [*range(1, 11), 100.0]}))
    >>> found.values["flights"].tolist()[-2:], found.record.loc["flights", "treatment"]
    ([10.0, 10.0], 'winsorised')
    """
    table = finite_table(indicators, "indicators")
    if min(number(skew, "skew"), number(kurtosis, "kurtosis")) < 0:
        raise MethodError(f"skew and kurtosis must be limits of 0 or more, got {skew:g} and {kurtosis:g}.")
    most = whole(most, "most")
    rows = []
    for name in table.columns:
        before, after, how = table[name], table[name], ""
        passed = _passes(before, skew, kurtosis)
        if not passed:
            after = _winsorised(before, skew, kurtosis, most)
            how = "" if after.equals(before) else "winsorised"
            if log and before.nunique() > 2 and not _passes(after, skew, kurtosis):
                after, how = _logged(before), "logged"
        table[name] = after
        moved = int((after != before)[before.notna()].sum()) if how == "winsorised" else 0
        passed_after = _passes(after, skew, kurtosis)
        rows.append((passed, before.skew(), before.kurt(), how, moved, passed_after, after.skew(), after.kurt()))
    columns = ["passed", "skew", "kurtosis", "treatment", "moved", "passed_after", "skew_after", "kurtosis_after"]
    return Treated(table, pd.DataFrame(rows, index=table.columns, columns=columns))


def aggregate(
    normalised: Table,
    hierarchy: Mapping[Any, Any] | pd.Series,
    *,
    weights: Mapping[Any, float] | pd.Series | None = None,
    method: str | Mapping[Any, str] | pd.Series = "arithmetic",
    present: float = 1.0,
) -> pd.DataFrame:
    """
    Average indicators into sub-indices and these into the index, from the bottom up.

    Parameters
    ----------
    normalised
        Areas x indicators on one scale on which more is better.
    hierarchy
        For each indicator and sub-index what it belongs to; the index itself belongs to nothing.
    weights
        By indicator or sub-index, 1 where not named; within each group they are scaled to add to 1.
    method
        "arithmetic": sum w x; "geometric": exp(sum w ln x), in which strength makes up less for weakness and which
        needs figures above 0, for instance `normalise(..., scale=(1, 100))`. One for all, or by sub-index (arithmetic
        where not named).
    present
        The least share of a group's weight that must have figures; 1 (default): one gap and the average is missing.
        Below that the others share its weight, as if the gap were the average of the rest.

    Returns
    -------
    Areas x sub-indices, the index last, on the scale of the indicators. Not a fact about a place: other weights give
    other ranks (`rank_uncertainty`). Source: OECD and JRC (2008), step 6.

    Raises
    ------
    MethodError
        Unknown names, a circle in the hierarchy, negative weights or none above 0, a geometric mean of figures of 0 or
        less, a percentage for `present`.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"pay": [1.0], "jobs": [100.0]}, index=["A"])
    >>> tree = {"pay": "Index", "jobs": "Index"}
    >>> aggregate(table, tree).loc["A", "Index"], aggregate(table, tree, method="geometric").loc["A", "Index"].round(9)
    (np.float64(50.5), np.float64(10.0))
    """
    table, least = finite_table(normalised, "normalised"), share(number(present, "present"), "present")
    tree = _tree(hierarchy, table.columns)
    parents = [parent for parent, _ in tree]
    named = dict.fromkeys(parents, method) if isinstance(method, str) else mapping(method, "method")
    known(named, parents, "method", "hierarchy")
    methods = {parent: str(named.get(parent, "arithmetic")) for parent in parents}
    for parent, how in methods.items():
        choice(how, _METHODS, f"method of {parent!r}")
    columns = {name: floats(table[name], "normalised") for name in table.columns}
    _roll_up(columns, tree, _weights(weights, tree), methods, least)
    return pd.DataFrame({parent: columns[parent] for parent in parents}, index=table.index)


def rank_uncertainty(
    indicators: Table,
    hierarchy: Mapping[Any, Any] | pd.Series,
    *,
    weights: Mapping[Any, float] | pd.Series | None = None,
    senses: Mapping[Any, str | int] | pd.Series | None = None,
    spread: float = 0.25,
    variants: Sequence[tuple[str, str]] = (("min-max", "arithmetic"), ("min-max", "geometric"), ("rank", "arithmetic")),
    draws: int = 1000,
    seed: int = 0,
) -> RankUncertainty:
    """
    Rank the areas under many weights and methods that could as well have been chosen.

    Each draw takes one of `variants` (normalisation, mean) at random and multiplies every weight, at every level, by
    its own factor, uniform from 1 - `spread` to 1 + `spread`. Min-max is to 1..100, so that a geometric mean exists.
    Equal scores share the better rank. `draws` is their number; the same `seed` gives the same answer.

    The interval says how far the ranks rest on these choices, not how well the indicators are measured. Source:
    Saisana, Saltelli and Tarantola (2005), Journal of the Royal Statistical Society A 168.

    Raises MethodError for gaps (impute or screen first), fewer than one draw or variant, a hierarchy with more than one
    index, and what `normalise` and `aggregate` refuse.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"pay": [1.0, 2, 9], "jobs": [1.0, 3, 5]}, index=["A", "B", "C"])
    >>> rank_uncertainty(table, {"pay": "Index", "jobs": "Index"}, draws=50).summary["upper"].to_dict()
    {'A': 3.0, 'B': 2.0, 'C': 1.0}
    """
    table, draws, variants = finite_table(indicators, "indicators"), whole(draws, "draws", 1), _variants(variants)
    _sure(table, hierarchy)
    tree, rng = _tree(hierarchy, table.columns), np.random.default_rng(whole(seed, "seed"))
    nominal, loose = _weights(weights, tree), share(number(spread, "spread"), "spread")
    scales = {how: normalise(table, method=how, senses=senses, scale=(1, 100)) for how, _ in variants}

    def ranks(variant: tuple[str, str], weight: dict[Any, float]) -> Floats:
        columns = {name: floats(figures, "indicators") for name, figures in scales[variant[0]].items()}
        how = choice(variant[1], _METHODS, "variants")
        _roll_up(columns, tree, weight, dict.fromkeys((parent for parent, _ in tree), how), 1.0)
        score = columns[tree[-1][0]].round(10)  # equal scores must not differ in the last bit
        return np.asarray(1 + (score[None, :] > score[:, None]).sum(axis=1), dtype=np.float64)

    drawn = np.empty((draws, len(table)))
    for draw, pick in enumerate(rng.integers(len(variants), size=draws)):
        factors = rng.uniform(1 - loose, 1 + loose, size=len(nominal))
        drawn[draw] = ranks(variants[pick], dict(zip(nominal, np.array([*nominal.values()]) * factors, strict=True)))
    lower, median, upper = np.quantile(drawn, [0.05, 0.5, 0.95], axis=0)
    summary = {"rank": ranks(variants[0], nominal), "median": median, "lower": lower, "upper": upper}
    places = np.arange(1, len(table) + 1)
    frequency = np.column_stack([(drawn == place).mean(axis=0) for place in places])
    return RankUncertainty(
        pd.DataFrame(summary, index=table.index), pd.DataFrame(frequency, index=table.index, columns=places)
    )


def cronbach_alpha(indicators: Table) -> float:
    """
    Internal consistency of the indicators of one group: k / (k - 1) (1 - sum of variances / sum of all covariances).

    Areas x indicators in, one number without unit out: 1 if all say the same, about 0 if they have nothing in common;
    it depends on their units, so normalise first if these differ. Covariances over the areas that both indicators have.
    Not a pass mark: a group can be worth having though it is low, for indicators of different causes need not agree.
    Source: Cronbach (1951), Psychometrika 16.

    Raises MethodError for fewer than two indicators or areas. NaN if the covariances add to 0.

    Examples
    --------
    >>> import pandas as pd
    >>> round(cronbach_alpha(pd.DataFrame({"p": [1.0, 2, 3], "q": [2.0, 3, 4]})), 9)
    1.0
    """
    table = finite_table(indicators, "indicators")
    k = table.shape[1]
    if k < 2:
        raise MethodError(f"indicators must have two columns or more to agree with each other, got {k}.")
    if len(table) < 2:
        raise MethodError(f"indicators must have two areas or more to vary over, got {len(table)}.")
    covariance = floats(table.cov(), "indicators")
    return float(k / (k - 1) * (1 - ratio(np.trace(covariance), covariance.sum())))


def _passes(values: pd.Series, skew: float, kurtosis: float) -> bool:
    """Whether the figures have no outliers to speak of; too few to tell pass."""
    return not (abs(cast("float", values.skew())) > skew and cast("float", values.kurt()) > kurtosis)


def _winsorised(values: pd.Series, skew: float, kurtosis: float, most: int) -> pd.Series:
    """Give the extreme figure the value of the next until the indicator passes or `most` have moved."""
    found = values
    # The last two different figures stay: made equal, they would tell nothing.
    while found.nunique() > 2 and not _passes(found, skew, kurtosis) and (found != values)[values.notna()].sum() < most:
        high = cast("float", found.skew()) >= 0
        edge = found == (found.max() if high else found.min())
        found = found.mask(edge, found[~edge].max() if high else found[~edge].min())
    return found


def _logged(values: pd.Series) -> pd.Series:
    """Log the figures, shifted off zero by a hundredth of their range; a tail to the left is mirrored."""
    sign = 1 if cast("float", values.skew()) >= 0 else -1
    turned = values * sign
    above = floats(turned - turned.min(), "indicators")
    return pd.Series(sign * np.log(above + 0.01 * np.nanmax(above)), index=values.index)


def _parents(hierarchy: object) -> dict[Any, Any]:
    """What each belongs to; the index belongs to nothing (it may be named with nothing beside it)."""
    return {child: parent for child, parent in mapping(hierarchy, "hierarchy").items() if not pd.isna(parent)}


def _tree(hierarchy: object, indicators: pd.Index) -> _Tree:
    """Groups with their members, each after its members."""
    given = _parents(hierarchy)
    known(indicators, list(given), "normalised", "hierarchy")
    waiting: dict[Any, list[Any]] = {}
    for child, parent in given.items():
        waiting.setdefault(parent, []).append(child)
    known(given, [*indicators, *waiting], "hierarchy", "the table of indicators")
    if both := [name for name in indicators if name in waiting]:
        raise MethodError(f"hierarchy puts something under {listed(both)}, which is an indicator. Rename one of them.")
    ranked: set[Any] = set(indicators)
    tree: _Tree = []
    while waiting:
        ready = [parent for parent, children in waiting.items() if ranked.issuperset(children)]
        if not ready:
            raise MethodError(f"hierarchy goes round in a circle among {listed(list(waiting))}. Break it.")
        tree += [(parent, waiting.pop(parent)) for parent in ready]
        ranked.update(ready)
    return tree


def _weights(weights: object, tree: _Tree) -> dict[Any, float]:
    """Weight of every member, 1 where not named; each group must have some."""
    own = dict.fromkeys((child for _, children in tree for child in children), 1.0)
    given = mapping(weights, "weights")
    known(given, list(own), "weights", "hierarchy")
    own |= {name: number(weight, f"the weight of {name!r}") for name, weight in given.items()}
    if wrong := [name for name, weight in own.items() if weight < 0]:
        raise MethodError(f"weights must be 0 or more: wrong for {listed(wrong)}. Use 0 to leave one out.")
    for parent, children in tree:
        if sum(own[child] for child in children) == 0:
            raise MethodError(f"weights are all 0 under {parent!r}. Give one of {listed(children)} a weight.")
        if len(children) > 1 and all(child in given for child in children):
            sound(np.array([own[child] for child in children]), f"weights under {parent!r}")
    return own


def _roll_up(
    columns: dict[Any, Floats], tree: _Tree, weights: dict[Any, float], methods: Mapping[Any, str], least: float
) -> None:
    """Add each group's average to the columns, from the bottom up."""
    for parent, children in tree:
        values = np.column_stack([columns[child] for child in children])
        weight = np.array([weights[child] for child in children])
        geometric = methods[parent] == "geometric"
        if geometric and (values <= 0).any():
            wrong = [child for child in children if (columns[child] <= 0).any()]
            raise MethodError(
                f"A geometric mean ({parent!r}) needs figures above 0: not so in {listed(wrong)}. "
                "Normalise with scale=(1, 100), or take the arithmetic mean."
            )
        there = ~np.isnan(values)
        carried = there @ weight
        terms = np.where(there, np.log(values) if geometric else values, 0.0)
        mean = ratio(terms @ weight, carried)
        enough = carried >= least * weight.sum() - 1e-12
        columns[parent] = np.where(enough, np.exp(mean) if geometric else mean, np.nan)


def _variants(variants: object) -> list[tuple[str, str]]:
    """Pairs of normalisation and mean."""
    found = [variants] if isinstance(variants, tuple) and variants and isinstance(variants[0], str) else variants
    pairs = list(found) if isinstance(found, (list, tuple)) else []
    if not pairs or any(isinstance(pair, str) or np.ndim(pair) != 1 or len(pair) != 2 for pair in pairs):
        raise MethodError("variants must be at least one pair of normalisation and mean: [('min-max', 'arithmetic')].")
    return [(str(how), str(mean)) for how, mean in pairs]


def _sure(table: pd.DataFrame, hierarchy: object) -> None:
    """Refuse what would leave an area without a rank."""
    if (gaps := table.index[table.isna().any(axis=1)]).size:
        raise MethodError(f"indicators has gaps for {listed(gaps)}. Impute them or screen those areas out first.")
    given = _parents(hierarchy)
    if len(roots := set(given.values()) - set(given)) > 1:
        raise MethodError(
            f"hierarchy has more than one index: {listed(sorted(map(str, roots)))}. Join them or rank one."
        )
