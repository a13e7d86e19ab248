"""Jobs by industry, where they are published for districts, and the productivity gap that they allow to be split."""

from __future__ import annotations

import pandas as pd

from iitk.analysis.growth import productivity_gap
from iitk.model import Area
from iitk.sources import geography, industries, tables
from iitk.sources.kept import kept
from iitk.stages import activity

# Industries that both the jobs and the value added resolve, as SIC sections. Households (T) have no jobs to count.
SECTIONS = {
    "AB": ("Farming and mining", ("A", "B")), "C": ("Manufacturing", ("C",)),
    "DE": ("Energy, water, waste", ("D", "E")),
    "F": ("Construction", ("F",)), "G": ("Wholesale and retail", ("G",)), "H": ("Transport and storage", ("H",)),
    "I": ("Hotels and restaurants", ("I",)), "J": ("Information, communication", ("J",)),
    "K": ("Finance and insurance", ("K",)), "L": ("Real estate", ("L",)), "M": ("Professional, scientific", ("M",)),
    "N": ("Administrative, support", ("N",)), "O": ("Public administration", ("O",)), "P": ("Education", ("P",)),
    "Q": ("Health and social work", ("Q",)), "R": ("Arts and recreation", ("R",)), "S": ("Other services", ("S",)),
}  # fmt: skip


def published_for(area: Area) -> bool:
    """Whether jobs by industry are published for each district of the area, or for the districts that became it."""
    return _districts() >= set(area.lads)


def of(area: Area) -> pd.DataFrame | None:
    """Jobs by year (rows) and section group (columns) in the area; None where they are not published."""
    if not published_for(area):
        return None
    rows = _jobs_by_district().loc[list(area.lads)]
    return _grouped(rows.groupby(level="year").sum(skipna=False))


@kept
def of_great_britain() -> pd.DataFrame:
    """Jobs in Great Britain by year and section group: the sum of the 40 areas that make it up."""
    table = tables.load("jobs_nuts2_division")
    section = industries.tree("sic_division")["parent"]
    sections = table["industry_code"].astype(str).map(section).rename("section")
    wide = table.groupby([table["year"], sections], observed=True)["jobs"].sum().unstack("section")
    return _grouped(wide)


def gap(area: Area) -> pd.DataFrame | None:
    """Split the gap in value added a job between the area and Great Britain, in the last year that has jobs.

    Rows: section groups; columns as `iitk.analysis.growth.productivity_gap`, in GBP a job. None without jobs.
    """
    local_jobs, all_jobs = of(area), of_great_britain()
    if local_jobs is None:
        return None
    year = int(local_jobs.index[-1])
    output = _output(activity.of(area), year)
    if output.isna().any():
        return None
    table = productivity_gap(
        output * 1e6, local_jobs.loc[[year]].iloc[0], _output_of_great_britain(year) * 1e6, all_jobs.loc[[year]].iloc[0]
    )
    return table.assign(name=[SECTIONS[code][0] for code in table.index], year=year)


@kept
def _output_of_great_britain(year: int) -> pd.Series:
    uk, ni = (_output(activity.of(geography.resolve(name)), year) for name in ("UK", "Northern Ireland"))
    return uk - ni


def _output(figures: activity.Activity, year: int) -> pd.Series:
    """Value added by section group (GBP million), without imputed rent."""
    row = figures.row(year, activity.leaves())
    return pd.Series({code: row[list(leaves)].sum(skipna=False) for code, leaves in _leaves_by_section().items()})


@kept
def _leaves_by_section() -> dict[str, tuple[str, ...]]:
    section = industries.tree("sic_division")["parent"].astype(str)
    first = {leaf: section[industries.divisions(leaf)[0]] for leaf in activity.leaves()}
    return {
        code: tuple(leaf for leaf, its in first.items() if its in sections) for code, (_, sections) in SECTIONS.items()
    }


def _grouped(wide: pd.DataFrame) -> pd.DataFrame:
    sums = {code: wide[list(sections)].sum(axis=1, skipna=False) for code, (_, sections) in SECTIONS.items()}
    return pd.DataFrame(sums)


@kept
def _districts() -> frozenset[str]:
    return frozenset(_jobs_by_district().index.get_level_values("lad"))


@kept
def _jobs_by_district() -> pd.DataFrame:
    """Jobs by (today's district, year) and section; districts that were merged are added up, whole ones only."""
    table = tables.load("jobs_lad_section")
    moves = tables.load("area_successions")
    whole = (
        moves[moves["share"].astype(str) == "whole"]
        .drop_duplicates("old_code")
        .set_index("old_code")["new_code"]
        .astype(str)
    )
    code = table["area_code"].astype(str)
    today = set(geography.lads()["code"])
    lad = code.where(code.isin(today), code.map(whole)).rename("lad")
    complete = _complete(lad, code, moves)
    keyed = table.assign(lad=lad)[lad.isin(complete)]
    return keyed.pivot_table(
        index=["lad", "year"], columns="industry_code", values="jobs", aggfunc="sum", observed=True
    )


def _complete(lad: pd.Series, code: pd.Series, moves: pd.DataFrame) -> set[str]:
    """Districts that the table holds, or all of whose predecessors it holds: half of a county is no county."""
    held = set(code)
    old, new = moves["old_code"].astype(str), moves["new_code"].astype(str)
    districts = old[~old.str.startswith("E10")]  # county councils stand over districts, which are counted already
    before = {target: set(rows) for target, rows in districts.groupby(new)}
    return {str(target) for target in lad.dropna().unique() if target in held or before[target] <= held}
