"""The parts add up to the published totals.

Every cell is rounded, so a sum of n parts may be off by half a unit for each part and for the total.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from iitk.model import BRES_ROUNDING
from iitk.sources.checks.base import Data, Found, cases, check

DIVISION_TOTALS = "nomis/bres_gb_division_2015_2021.csv"
SECTION_TOTALS = "nomis/bres_gb_section_2015_2021.csv"
SECTION = re.compile(r"^(AB|C|DE|[F-T]) \(")  # the sections, as this table groups them
LIMITS = np.array([limit for limit, _ in BRES_ROUNDING[:-1]])
STEPS = np.array([step for _, step in BRES_ROUNDING])
KNOWN = {("UKE2", "D", 2015): -375}  # the publisher's two tables differ here by more than rounding
HALF = 0.5  # £ million: half of the rounding unit of value added
NATIONS_AND_REGIONS = [f"TL{letter}" for letter in "CDEFGHIJKLMN"]
GREAT_BRITAIN = {2015: 29_754_055, 2021: 31_341_585}  # jobs, as published with the files


def misses(gap: pd.Series, parts: int, place: str = "{}") -> list[str]:
    """Gaps between a figure and the sum of its parts that rounding cannot explain; `place` puts their keys in words."""
    return [
        f"{place.format(*(key if isinstance(key, tuple) else (key,)))}: {value:+,.0f}"
        for key, value in cases(gap)
        if not abs(value) <= HALF * (parts + 1)
    ]


@check("In {n} years the districts do not add up to the UK", "gva_lad", "gva_itl")
def districts_make_the_uk(data: Data) -> Found:
    """The 361 districts add up to the UK less extra-regio, each year."""
    districts = data.cells("gva_lad")["Total"].unstack("year")
    uk = data.cells("gva_itl")["Total"].unstack("year").loc["UKX"]
    gap = districts.sum(skipna=False) - uk.reindex(districts.columns)
    latest = int(districts.columns.max())
    good = (
        f"{len(districts)} districts add up to the United Kingdom less extra-regio in every year, within rounding "
        f"({latest}: {districts[latest].sum():,.0f} against {uk[latest]:,.0f} £ million)."
    )
    return Found(misses(gap, len(districts)), good)


@check("{n} totals are not the sum of their leaves, and no cell is missing", "gva_lad", "industries")
def leaves_make_totals(data: Data) -> Found:
    """The leaf industries add up to each area's published total, or the missing cells are named."""
    cells, industries = data.cells("gva_lad"), data.industries("gva_lad")
    leaves = cells[industries.index[industries["is_leaf"]]]
    missing = leaves.isna()
    gap = cells["Total"] - leaves.sum(axis=1)
    within = gap.abs() <= HALF * (leaves.shape[1] + 1)
    faults = misses(gap[~missing.any(axis=1) | cells["Total"].isna()], leaves.shape[1], "{} {}")
    short = ~within & missing.any(axis=1)
    notes = tuple(_short_of_total(data, cells, missing, gap, short))
    good = (
        f"{int(within.sum()):,} of {len(cells):,} totals are the sum of their {leaves.shape[1]} leaf industries within "
        f"rounding; the other {int(short.sum())} are short because cells are missing, in {len(notes)} areas."
    )
    return Found(faults, good, notes)


def _short_of_total(
    data: Data, cells: pd.DataFrame, missing: pd.DataFrame, gap: pd.Series, short: pd.Series
) -> Iterator[str]:
    """One line an area: which cells are missing, and what of its total they leave out in its last short year."""
    sections = [code for code in cells.columns if SECTION.match(code)]
    names = data.frame("areas").drop_duplicates("code").set_index("code")["name"]
    for area in cells.index[short].get_level_values(0).unique():
        year = int(short[area].index[short[area]].max())
        codes = ", ".join(missing.columns[missing.loc[(area, year)]])
        known = cells["Total"][area, year] - gap[area, year]
        yield (
            f"{names.get(area, area)} ({area}) {year}: of a published total of {cells['Total'][area, year]:,.0f} the "
            f"sections sum to {cells.loc[(area, year), sections].sum():,.0f} and the leaves to {known:,.0f}; "
            f"missing leaves: {codes}"
        )


@check("{n} parent industries are not the sum of their parts", "gva_lad", "industries")
def children_make_parents(data: Data) -> Found:
    """Each industry with parts is the sum of its parts, wherever all of them are published."""
    cells, industries = data.cells("gva_lad"), data.industries("gva_lad")
    faults, tested = [], 0
    for parent, parts in industries[industries["parent"] != ""].groupby("parent"):
        complete = cells[[parent, *parts.index]].notna().all(axis=1)
        gap = (cells[parent] - cells[list(parts.index)].sum(axis=1))[complete]
        tested += len(gap)
        faults += misses(gap, len(parts), f"{parent} in {{}} {{}}")
    return Found(faults, f"{tested:,} parent industries are the sum of their parts within rounding.")


@check("{n} figures are not the sum of their regions", "gva_itl")
def regions_make_the_uk(data: Data) -> Found:
    """ITL1 areas add up to the UK less extra-regio for every industry; with extra-regio, to the UK."""
    cells = data.cells("gva_itl")
    by_area = pd.Series(cells.stack()).unstack("area_code")
    regions = by_area[NATIONS_AND_REGIONS]
    tests = {
        "UKX": (regions.sum(axis=1, skipna=False), len(NATIONS_AND_REGIONS)),
        "UK": (by_area["UKX"] + by_area["TLZ"], 2),
        "TLB": (by_area[NATIONS_AND_REGIONS[:9]].sum(axis=1, skipna=False), 9),
    }
    faults, tested = [], 0
    for whole, (total, parts) in tests.items():
        gap = (by_area[whole] - total).dropna()
        tested += len(gap)
        faults += misses(gap, parts, f"{whole} {{1}} {{0}}")
    return Found(faults, f"{tested:,} figures of the UK and of England are the sum of their regions within rounding.")


@check("{n} ITL totals are not the sum of the areas one level down", "gva_itl")
def itl_levels_nest(data: Data) -> Found:
    """ITL3 areas add up to their ITL2 area, and ITL2 areas to their ITL1 area, in total."""
    totals = data.cells("gva_itl")["Total"].unstack("year")
    codes = totals.index.to_series()
    regional = totals[codes.str.match(r"^TL[C-N]")]
    faults, tested = [], 0
    for length in (5, 4):
        lower = regional[regional.index.str.len() == length]
        groups = lower.groupby(lower.index.str[: length - 1])
        gap = totals.loc[list(groups.groups)] - groups.sum()
        tested += gap.size
        for area, parts in cases(groups.size()):
            faults += misses(gap.loc[area], int(parts), f"{area} {{}}")
    return Found(faults, f"{tested:,} ITL totals are the sum of the areas one level down within rounding.")


@check("{n} figures of jobs do not add up to Great Britain", "jobs_nuts2_division")
def jobs_make_great_britain(data: Data) -> Found:
    """The NUTS2 areas add up to the jobs of Great Britain, in total and (with the files) for each division."""
    jobs = data.frame("jobs_nuts2_division")
    by_year = jobs.groupby("year")["jobs"].sum()
    faults = [
        f"{year}: {by_year.get(year, 0):,} jobs, not {jobs_then:,}"
        for year, jobs_then in GREAT_BRITAIN.items()
        if by_year.get(year, 0) != jobs_then
    ]
    good = f"Jobs add up to Great Britain ({', '.join(f'{v:,} in {y}' for y, v in GREAT_BRITAIN.items())})."
    if data.shared is not None:
        faults += _faults_against(jobs, data.shared / DIVISION_TOTALS, "INDUSTRY_CODE")
        faults += _faults_against(_by_section(jobs, data), data.shared / SECTION_TOTALS, "SECTION")
        good = good.removesuffix(".") + ", and each division and section to its published figure."
    return Found(faults, good)


def _by_section(jobs: pd.DataFrame, data: Data) -> pd.DataFrame:
    division = data.industries("sic_division")["parent"]
    return jobs.assign(industry_code=jobs["industry_code"].map(division))


def _faults_against(jobs: pd.DataFrame, file: Path, code: str) -> list[str]:
    read = pd.read_csv(file, dtype={code: str})
    published = read.set_index([code, "DATE"])["COUNT"].rename_axis(["industry_code", "year"])
    gap = jobs.groupby(["industry_code", "year"])["jobs"].sum() - published  # missing on one side: not 0, a fault
    return [f"{who} {year}: {value:+,.0f}" for (who, year), value in cases(gap) if value != 0]


@check(
    "{n} figures of jobs by section differ between districts and NUTS2 areas", "jobs_lad_section", "jobs_nuts2_division"
)
def section_jobs_agree(data: Data) -> Found:
    """The districts' sections are close to the divisions of the NUTS2 area that they make up.

    West Yorkshire (UKE4) and North Yorkshire (UKE2) are whole in both tables: the sum of districts and the sum of
    divisions may differ by the rounding of each cell only.
    """
    wholes = {
        "UKE4": ["E08000032", "E08000033", "E08000034", "E08000035", "E08000036"],
        "UKE2": ["E06000014", *(f"E070001{n}" for n in range(63, 70))],
    }
    districts, areas = data.frame("jobs_lad_section"), _by_section(data.frame("jobs_nuts2_division"), data)
    faults, tested = [], 0
    for area, members in wholes.items():
        own = districts[districts["area_code"].isin(members)]
        low = own.groupby(["industry_code", "year"])["jobs"].agg(["sum", "count"])
        slack = own.assign(half=rounding_half_width(own["jobs"])).groupby(["industry_code", "year"])["half"].sum()
        there = areas[areas["area_code"] == area]
        high = there.groupby(["industry_code", "year"])["jobs"].sum()
        slack += there.assign(half=rounding_half_width(there["jobs"])).groupby(["industry_code", "year"])["half"].sum()
        gap = (low["sum"] - high).dropna()
        tested += len(gap)
        beyond = {(area, *key): value for key, value in cases(gap) if abs(value) > slack[key]}
        faults += [f"{a} {code} {y}: {v:+,.0f}" for (a, code, y), v in beyond.items() if KNOWN.get((a, code, y)) != v]
    good = (
        f"{tested} figures of jobs by section agree between districts and NUTS2 areas within rounding, but for "
        f"{len(KNOWN)} that the publisher's files themselves hold (UKE2, section D, 2015)."
    )
    return Found(faults, good)


def rounding_half_width(jobs: pd.Series) -> pd.Series:
    """Half the rounding step of a published count of jobs, as the tables themselves show it."""
    places = np.searchsorted(LIMITS, jobs.to_numpy(), side="right")  # a count at a limit may come from above it
    return pd.Series(STEPS[places] / 2, index=jobs.index)
