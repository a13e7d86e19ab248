"""What the local indicators are: words, unit, theme, file, caveat."""

from __future__ import annotations

from dataclasses import dataclass

BUSINESS = "business and enterprise"
PEOPLE = "people and communities"
ENVIRONMENT = "environment"
LAND = "land, buildings and infrastructure"
TRENDS = "economic and spatial trends"


@dataclass(frozen=True)
class Kind:
    """What an indicator is, and the publisher's name of it (`published`) in `source_file`."""

    indicator: str
    label: str
    unit: str
    better: str  # "higher", "lower", or "" where neither is plainly better
    theme: str
    source_file: str
    caveat: str
    published: str


_BD = "business-demography"
_BIRTHS_CAVEAT = "Share of active businesses in the year; counted where the business is registered."
_SURVIVAL = "Share of the businesses born in the year of the row that were alive so many years later."
_APS = "Annual Population Survey, people aged 16 to 64; a sample, so use the 95% interval."
_NI = " Northern Ireland's districts come from a separate file, for 2023 only."
_CONNECTED = "Ofcom, Connected Nations; figures of regions and combined authorities are added up by the ONS."
_PAY = "Annual Survey of Hours and Earnings, full and part time employees; a sample, so use the 95% interval."
_PRODUCTIVITY = "Current prices; the same edition as the table productivity_lad."
_FDI = "Stock at the end of the year. City regions of Scotland have no code in the file and are left out."


_SURVIVAL_KINDS = tuple(
    Kind(
        f"survival_{n}yr",
        f"Businesses that survive {word}",
        "%",
        "higher",
        BUSINESS,
        _BD,
        _SURVIVAL,
        f"{pub} survival rate",
    )
    for n, word, pub in (
        (1, "one year", "One-year"),
        (2, "two years", "Two-year"),
        (3, "three years", "Three-year"),
        (4, "four years", "Four-year"),
        (5, "five years", "Five-year"),
    )
)

KINDS: tuple[Kind, ...] = (
    Kind(
        "business_births",
        "New businesses",
        "% of active businesses",
        "higher",
        BUSINESS,
        _BD,
        _BIRTHS_CAVEAT,
        "Business births",
    ),
    Kind(
        "business_deaths",
        "Businesses that closed",
        "% of active businesses",
        "",
        BUSINESS,
        _BD,
        _BIRTHS_CAVEAT,
        "Business deaths",
    ),
    Kind(
        "high_growth",
        "High growth businesses",
        "%",
        "higher",
        BUSINESS,
        _BD,
        "Share of businesses with ten or more employees that grew fast for three years; few in small districts.",
        "High growth businesses",
    ),
    Kind(
        "active_businesses",
        "Active businesses",
        "businesses",
        "",
        BUSINESS,
        _BD,
        "A count, not a rate: compare only per head or over time.",
        "Active businesses",
    ),
    *_SURVIVAL_KINDS,
    Kind(
        "employment_rate",
        "Employment rate",
        "% of people aged 16 to 64",
        "higher",
        PEOPLE,
        "employment-rate",
        _APS + _NI,
        "Employment rate",
    ),
    Kind(
        "economically_inactive",
        "Economically inactive",
        "% of people aged 16 to 64",
        "lower",
        PEOPLE,
        "employment-rate",
        _APS + _NI,
        "Economically inactive",
    ),
    Kind(
        "median_weekly_pay",
        "Median weekly pay",
        "£ per week, gross",
        "higher",
        PEOPLE,
        "gross-median-weekly-pay",
        _PAY,
        "Gross median weekly pay",
    ),
    Kind(
        "level_3_plus",
        "Qualified to level 3 or above",
        "% of people aged 16 to 64",
        "higher",
        PEOPLE,
        "qualifications-level-3-or-above",
        _APS + " Great Britain only.",
        "Level 3 or above qualifications (Great Britain)",
    ),
    Kind(
        "no_qualifications",
        "No qualifications",
        "% of people aged 16 to 64",
        "lower",
        PEOPLE,
        "qualifications-none-gb",
        _APS + " Great Britain only; many small districts are unreliable or missing.",
        "No qualifications",
    ),
    Kind(
        "gdhi_per_head",
        "Household income per head",
        "£ per head, gross disposable",
        "higher",
        PEOPLE,
        "gross-disposable-household-income-per-head",
        "Current prices. An ITL region that is a combined authority stands under its E47 code.",
        "Gross disposable household income",
    ),
    Kind(
        "housing_affordability",
        "House price to earnings ratio",
        "ratio",
        "lower",
        LAND,
        "housing-affordability-ratio",
        "Median house price over yearly earnings of residents; the file says %, it is a ratio. England and Wales only.",
        "Housing affordability ratio (residence-based)",
    ),
    Kind(
        "gigabit",
        "Gigabit capable broadband",
        "% of premises",
        "higher",
        LAND,
        "gigabit-capable-broadband",
        _CONNECTED,
        "Gigabit capable broadband",
    ),
    Kind("coverage_4g", "4G coverage", "%", "higher", LAND, "network-coverage-4g", _CONNECTED, "4G coverage"),
    Kind("coverage_5g", "5G coverage", "%", "higher", LAND, "network-coverage-5g", _CONNECTED, "5G coverage"),
    Kind(
        "premises_below_30mbps",
        "Premises below 30 Mbit/s",
        "% of premises",
        "lower",
        LAND,
        "premises-below-30",
        _CONNECTED,
        "Premises below 30Mbps",
    ),
    Kind(
        "ghg_per_head",
        "Greenhouse gas emissions per head",
        "tonnes of CO2 equivalent per head",
        "lower",
        ENVIRONMENT,
        "greenhouse-gas-emissions",
        "Territorial emissions within the area's boundary.",
        "Greenhouse gas emissions",
    ),
    Kind(
        "gva_per_hour",
        "Value added per hour worked",
        "£ per hour",
        "higher",
        TRENDS,
        "gross-value-added",
        _PRODUCTIVITY,
        "Gross value added per hour worked",
    ),
    Kind(
        "gva_per_job",
        "Value added per job",
        "£ per filled job",
        "higher",
        TRENDS,
        "gross-value-added",
        _PRODUCTIVITY,
        "Gross value added per filled job",
    ),
    Kind(
        "exports",
        "Exports of goods and services",
        "£ million",
        "",
        TRENDS,
        "total-value-of-uk-exports",
        "ITL regions and combined authorities, not districts; a total, not a rate. Codes that ended in 2025 stay only "
        "where their successors have no figure.",
        "Value of UK exports",
    ),
    Kind(
        "fdi_inward",
        "Inward foreign direct investment",
        "£ million",
        "",
        TRENDS,
        "foreign-direct-investment",
        _FDI,
        "Inward foreign direct investment",
    ),
    Kind(
        "fdi_outward",
        "Outward foreign direct investment",
        "£ million",
        "",
        TRENDS,
        "foreign-direct-investment",
        _FDI,
        "Outward foreign direct investment",
    ),
    Kind(
        "business_rd",
        "Business spending on research and development",
        "£ million",
        "",
        BUSINESS,
        "research-and-development-business",
        "Regions and countries only; a total, not a rate.",
        "Business expenditure on research and development",
    ),
    Kind(
        "public_rd",
        "Publicly funded research and development",
        "£ million",
        "",
        BUSINESS,
        "research-and-development-public-funded",
        "Regions and countries only; a total, not a rate; financial years that start in April.",
        "Public-funded expenditure on research and development",
    ),
)
