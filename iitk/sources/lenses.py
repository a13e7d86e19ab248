"""Sector lenses: policy sectors as sets of SIC 2007 codes, and what the figures can show of each.

A lens is data (`data/lenses/*.toml`). The figures know coarser industries than a lens does: an industry lies in
a lens whole, in part, or not at all. Nothing is split by guess: where an industry lies in a lens in part, its share is
the one of the United Kingdom, from the finer industries published there, as a range; codes below the 2-digit level
cannot be seen at all, and `resolution` says so.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from iitk.errors import DataDamagedError, UsageError
from iitk.sources import industries, paths, tables
from iitk.sources.kept import kept, kept_of_file


@dataclass(frozen=True, slots=True)
class SicRange:
    """A SIC 2007 code of 2 to 5 digits: all that begins with it."""

    code: str
    name: str
    why: str = ""
    frontier: str = ""  # the frontier industry that the code stands for, if one


@dataclass(frozen=True, slots=True)
class Lens:
    """A policy sector and its definition. `unresolved` names industries of the sector that have no SIC code."""

    key: str
    name: str
    definition: str
    source: str
    note: str
    sic: tuple[SicRange, ...]
    unresolved: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes without repetition: a code inside another code of the lens counts once."""
        every = sorted({one.code for one in self.sic})
        return tuple(code for code in every if not any(code != other and code.startswith(other) for other in every))


@dataclass(frozen=True, slots=True)
class LensResolution:
    """What a scheme of industries can see of a lens. Shares are of UK value added in `year`, from 0 to 1."""

    resolved_share: float  # in industries that lie whole in the lens, of all that the lens touches: at least so much
    whole: tuple[str, ...]  # industries that lie whole in the lens
    part: tuple[str, ...]  # industries that lie in it in part
    codes: int  # distinct SIC codes of the lens
    codes_seen: int  # of them, those in industries that lie whole in the lens
    low_gbp_m: float  # UK value added of the lens, GBP m: what is certain
    high_gbp_m: float  # and what it is at most
    year: int
    unseen: tuple[str, ...]  # industries of the sector without any SIC code
    statement: str


def load(edition: str) -> list[Lens]:
    """
    Read the lenses of an edition: "2010" (four, our approximation) or "2025" (the eight of the industrial strategy).

    Any other file of `data/lenses` works the same way. Raises `UsageError` if there is no such edition.
    """
    path = paths.data_dir() / "lenses" / f"{edition}.toml"
    known = sorted(one.stem for one in path.parent.glob("*.toml"))
    if edition not in known:
        raise UsageError(f"No edition of lenses is called {edition!r}. Editions: {', '.join(known)}.")
    return list(_read(path))


@kept_of_file
def _read(path: Path) -> tuple[Lens, ...]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return tuple(_lens(key, entry) for key, entry in content.items())
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise DataDamagedError(path, f"a lens cannot be read ({error})") from None


def _lens(key: str, entry: dict[str, Any]) -> Lens:
    sic = tuple(SicRange(**one) for one in entry["sic"])
    if bad := [one.code for one in sic if not (one.code.isdigit() and 2 <= len(one.code) <= 5)]:
        raise TypeError(f"{key}: {', '.join(bad)} is not a SIC code of 2 to 5 digits")
    words = (entry["name"], entry["definition"], entry["source"], entry.get("note", ""))
    return Lens(key, *words, sic, tuple(entry.get("unresolved", ())))


def division_cover(lens: Lens) -> dict[str, str]:
    """
    Divisions that the lens touches: "whole" if all of it is in the lens, else "part".

    A division is whole if the lens names it, or if it names every one of its 5-digit subclasses by longer codes.
    """
    subclasses = industries.tree("sic_subclass").index
    codes, cover = lens.codes, {}
    for division in sorted({code[:2] for code in codes}):
        own = [code for code in subclasses if code.startswith(division)]
        inside = division in codes or (bool(own) and all(sub.startswith(codes) for sub in own))
        cover[division] = "whole" if inside else "part"
    return cover


@kept
def coverage(lens: Lens, scheme: str) -> pd.DataFrame:
    """
    Leaf industries of a scheme that the lens touches: columns coverage ("whole" or "part"), low and high.

    Low and high bound the share of the industry that lies in the lens (0 to 1): both 1 for "whole"; for "part" the
    share in UK value added, latest year, of what certainly is, and of what at most may be, in the lens.
    """
    cover, blocks, rows = division_cover(lens), _uk_blocks(), {}
    divisions = industries.tree(scheme)["sic_divisions"].str.split(",").to_dict()
    for code in industries.leaves(scheme, imputed=False):
        its = divisions[code]
        kinds = {cover.get(division, "none") for division in its}
        if kinds == {"none"}:
            continue
        low, high = (1.0, 1.0) if kinds == {"whole"} else _shares(frozenset(its), cover, blocks)
        rows[code] = ("whole" if kinds == {"whole"} else "part", low, high)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["coverage", "low", "high"]).rename_axis("code")


@kept
def resolution(lens: Lens, scheme: str) -> LensResolution:
    """What a scheme can see of a lens: how much lies in industries that are whole in it, and what no code shows."""
    table = coverage(lens, scheme)
    whole, part = (tuple(table.index[table["coverage"] == kind]) for kind in ("whole", "part"))
    seen_divisions = {division for code in whole for division in industries.divisions(code, scheme)}
    low, high, seen = 0.0, 0.0, 0.0
    cover = division_cover(lens)
    for divisions, value in _uk_blocks().items():
        least, most = _block_share(divisions, cover)
        low, high = low + least * value, high + most * value
        seen += value if divisions <= seen_divisions else 0.0
    codes_seen = sum(code[:2] in seen_divisions for code in lens.codes)
    share = seen / high if high else 0.0
    year = int(tables.gva_itl().years[-1])
    statement = _statement(lens, scheme, share, whole, part, codes_seen, year)
    return LensResolution(
        share, whole, part, len(lens.codes), codes_seen, low, high, year, lens.unresolved, statement
    )  # fmt: skip


def _block_share(divisions: frozenset[str], cover: dict[str, str]) -> tuple[float, float]:
    """Least and greatest share of a published UK industry that lies in the lens: known only if all or none does."""
    kinds = {cover.get(division, "none") for division in divisions}
    return (1.0, 1.0) if kinds == {"whole"} else (0.0, 0.0) if kinds == {"none"} else (0.0, 1.0)


def _shares(
    divisions: frozenset[str], cover: dict[str, str], blocks: dict[frozenset[str], float]
) -> tuple[float, float]:
    """Least and greatest share of a leaf industry in the lens, by the UK value added of the finer industries in it."""
    inside = {block: value for block, value in blocks.items() if block <= divisions}
    if frozenset().union(*inside) != divisions or not sum(inside.values()):
        return _block_share(divisions, cover)
    total = sum(inside.values())
    bounds = [(value, *_block_share(block, cover)) for block, value in inside.items()]
    return sum(v * low for v, low, _ in bounds) / total, sum(v * high for v, _, high in bounds) / total


def _uk_blocks() -> dict[frozenset[str], float]:
    """Value added (GBP m, latest year) of the finest industries published for the UK less extra-regio."""
    cube = tables.gva_itl()
    values = cube.wide(int(cube.years[-1]), leaf=False, areas=["UKX"]).iloc[0]
    codes = industries.leaves("gva_itl", level="UK", imputed=False)
    divisions = industries.tree("gva_itl")["sic_divisions"].str.split(",").to_dict()
    return {frozenset(divisions[code]): float(values[code]) for code in codes}


def _statement(
    lens: Lens, scheme: str, share: float, whole: tuple[str, ...], part: tuple[str, ...], seen: int, year: int
) -> str:
    """What can and cannot be seen, in two or three sentences."""
    names = "; ".join(industries.short_name(code, scheme) for code in whole)
    count = f"All {seen}" if seen == len(lens.codes) else f"{seen} of the {len(lens.codes)}"
    said = [f"No industry of these figures lies whole in {lens.name}."]
    if names:
        of = "all" if share > 0.9999 else f"at least {share:.0%}"
        lie = f"{count} SIC codes of {lens.name} lie in industries that are whole in it ({names})"
        said = [f"{lie}: {of} of the UK value added that the sector touches ({year})."]
    if part:
        mixed = "; ".join(industries.short_name(code, scheme) for code in part)
        said.append(f"Mixed with other industries: {mixed}.")
    if lens.unresolved:
        said.append(f"No SIC code shows: {'; '.join(lens.unresolved)}.")
    return " ".join(said)
