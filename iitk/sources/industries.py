"""Industries: ONS's groups of regional GVA and SIC 2007, how they nest, and one exact partition of each scheme."""

from __future__ import annotations

from difflib import get_close_matches

import pandas as pd

from iitk.errors import UsageError
from iitk.sources import tables
from iitk.sources.kept import kept

SCHEMES = ("gva_lad", "gva_itl", "sic_division", "sic_section", "sic_subclass")
LEVELS = ("LAD", "ITL3", "ITL2", "ITL1", "UK")


def tree(scheme: str) -> pd.DataFrame:
    """
    All codes of a scheme in the order of the classification, one row each, with index `code`.

    Columns: name, short_name (at most 28 characters), level (0 is the whole), parent, is_leaf, sic_divisions (comma
    separated), published_for (levels of area), imputed (owner-occupiers' imputed rent: leave it out of
    productivity and specialisation), public (administration, education, health and care), tradable (judgement: serves
    mostly customers from elsewhere). The leaves add up to the whole; other codes nest and must not be added.
    """
    if scheme not in SCHEMES:
        raise UsageError(f"No classification is called {scheme!r}. Classifications: {', '.join(SCHEMES)}.")
    return _trees()[scheme].copy(deep=False)


@kept
def _trees() -> dict[str, pd.DataFrame]:
    """The table cut into its schemes."""
    rows = tables.load("industries").sort_values("order").drop(columns="order")
    return {str(one): its.drop(columns="scheme").set_index("code") for one, its in rows.groupby("scheme")}


def leaves(scheme: str, *, level: str | None = None, imputed: bool = True) -> list[str]:
    """
    Codes of the exact leaf partition, in order: together they are the whole, each industry once.

    For "gva_itl" that is the finest partition which every ITL3 area has; `level` "ITL2", "ITL1" or "UK" gives the
    finer one of those areas. With `imputed` false, owner-occupiers' imputed rent (68IMP) is left out.
    """
    return list(_leaves(scheme, level, imputed))


@kept
def _leaves(scheme: str, level: str | None, imputed: bool) -> tuple[str, ...]:
    rows = tree(scheme)
    chosen = rows.index[rows["is_leaf"]] if level is None else _finest(rows, level)
    return tuple(code for code in chosen if imputed or not rows.at[code, "imputed"])


def _finest(rows: pd.DataFrame, level: str) -> list[str]:
    """Codes published for a level that hold no other code published for it."""
    if level not in LEVELS:
        raise UsageError(f"No level of areas is called {level!r}. Levels: {', '.join(LEVELS)}.")
    have = rows[rows["published_for"].str.split(",").apply(lambda levels: level in levels)]
    sets = {code: frozenset(text.split(",")) for code, text in have["sic_divisions"].items()}
    split = {code for code, its in sets.items() for other in sets.values() if other < its}
    return [code for code in have.index if code not in split and code != "L (68)"]  # L (68) is 68 and 68IMP


def short_name(code: str, scheme: str | None = None) -> str:
    """Plain name for charts, at most 28 characters: "Telecoms and IT"."""
    return str(_tree_with(code, scheme).at[code, "short_name"])


def name(code: str, scheme: str | None = None) -> str:
    """Official name: "Telecommunications; information technology"."""
    return str(_tree_with(code, scheme).at[code, "name"])


def divisions(code: str, scheme: str | None = None) -> tuple[str, ...]:
    """SIC 2007 divisions (two digits) behind a code."""
    return tuple(str(_tree_with(code, scheme).at[code, "sic_divisions"]).split(","))


def _tree_with(code: str, scheme: str | None) -> pd.DataFrame:
    """The scheme, or else the first one, that has the code."""
    if scheme is not None and scheme not in SCHEMES:
        tree(scheme)  # says which schemes there are
    trees = _trees()
    for one in SCHEMES if scheme is None else (scheme,):
        if code in trees[one].index:
            return trees[one]
    known = [other for one in trees.values() for other in one.index]
    near = ", ".join(get_close_matches(str(code), known, n=3, cutoff=0.3))
    raise UsageError(f"No industry has the code {code!r}. Nearest codes: {near}.")
