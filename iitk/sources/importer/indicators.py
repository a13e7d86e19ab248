"""Local indicators: the tables `indicators` (figures) and `indicators_meta` (what each one is).

Source: ONS Explore Local Statistics. Each place stands once per indicator and period, under the codes of 2023;
missing, suppressed and unreliable stay three different things.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from iitk.errors import WorkError
from iitk.model import Source
from iitk.sources.importer import els
from iitk.sources.importer.base import OGL, ONS, ONS_ATTRIBUTION, BuiltTable

BUSINESS = "business and enterprise"
PEOPLE = "people and communities"
ENVIRONMENT = "environment"
LAND = "land, buildings and infrastructure"
TRENDS = "economic and spatial trends"

STATUS = {"": "", "x": "missing", "c": "suppressed", "u": "unreliable"}
UNRELIABLE_NOTE = "Estimate and confidence interval unreliable"
COLUMNS = [
    "indicator", "area_code", "area_kind", "vintage", "period", "year", "value", "lower_95", "upper_95", "status", "note",
]  # fmt: skip


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


def _rows() -> tuple[Kind, ...]:
    survival = [
        Kind(f"survival_{n}yr", f"Businesses that survive {word}", "%", "higher", BUSINESS, _BD, _SURVIVAL, f"{pub} survival rate")
        for n, word, pub in (
            (1, "one year", "One-year"), (2, "two years", "Two-year"), (3, "three years", "Three-year"),
            (4, "four years", "Four-year"), (5, "five years", "Five-year"),
        )
    ]  # fmt: skip
    return (
        Kind("business_births", "New businesses", "% of active businesses", "higher", BUSINESS, _BD, _BIRTHS_CAVEAT, "Business births"),
        Kind("business_deaths", "Businesses that closed", "% of active businesses", "", BUSINESS, _BD, _BIRTHS_CAVEAT, "Business deaths"),
        Kind("high_growth", "High growth businesses", "%", "higher", BUSINESS, _BD,
             "Share of businesses with ten or more employees that grew fast for three years; small numbers in small districts.",
             "High growth businesses"),
        Kind("active_businesses", "Active businesses", "businesses", "", BUSINESS, _BD,
             "A count, not a rate: compare only per head or over time.", "Active businesses"),
        *survival,
        Kind("employment_rate", "Employment rate", "% of people aged 16 to 64", "higher", PEOPLE, "employment-rate",
             _APS + _NI, "Employment rate"),
        Kind("economically_inactive", "Economically inactive", "% of people aged 16 to 64", "lower", PEOPLE, "employment-rate",
             _APS + _NI, "Economically inactive"),
        Kind("median_weekly_pay", "Median weekly pay", "£ per week, gross", "higher", PEOPLE, "gross-median-weekly-pay", _PAY,
             "Gross median weekly pay"),
        Kind("level_3_plus", "Qualified to level 3 or above", "% of people aged 16 to 64", "higher", PEOPLE,
             "qualifications-level-3-or-above", _APS + " Great Britain only.", "Level 3 or above qualifications (Great Britain)"),
        Kind("no_qualifications", "No qualifications", "% of people aged 16 to 64", "lower", PEOPLE, "qualifications-none-gb",
             _APS + " Great Britain only; many small districts are unreliable or missing.", "No qualifications"),
        Kind("gdhi_per_head", "Household income per head", "£ per head, gross disposable", "higher", PEOPLE,
             "gross-disposable-household-income-per-head", "Current prices. An ITL region that is a combined authority stands under its E47 code.",
             "Gross disposable household income"),
        Kind("housing_affordability", "House price to earnings ratio", "ratio", "lower", LAND, "housing-affordability-ratio",
             "Median house price over median yearly earnings of residents; the file says unit %, it is a ratio. England and Wales only.",
             "Housing affordability ratio (residence-based)"),
        Kind("gigabit", "Gigabit capable broadband", "% of premises", "higher", LAND, "gigabit-capable-broadband", _CONNECTED,
             "Gigabit capable broadband"),
        Kind("coverage_4g", "4G coverage", "%", "higher", LAND, "network-coverage-4g", _CONNECTED, "4G coverage"),
        Kind("coverage_5g", "5G coverage", "%", "higher", LAND, "network-coverage-5g", _CONNECTED, "5G coverage"),
        Kind("premises_below_30mbps", "Premises below 30 Mbit/s", "% of premises", "lower", LAND, "premises-below-30", _CONNECTED,
             "Premises below 30Mbps"),
        Kind("ghg_per_head", "Greenhouse gas emissions per head", "tonnes of CO2 equivalent per head", "lower", ENVIRONMENT,
             "greenhouse-gas-emissions", "Territorial emissions within the area's boundary.", "Greenhouse gas emissions"),
        Kind("gva_per_hour", "Value added per hour worked", "£ per hour", "higher", TRENDS, "gross-value-added", _PRODUCTIVITY,
             "Gross value added per hour worked"),
        Kind("gva_per_job", "Value added per job", "£ per filled job", "higher", TRENDS, "gross-value-added", _PRODUCTIVITY,
             "Gross value added per filled job"),
        Kind("exports", "Exports of goods and services", "£ million", "", TRENDS, "total-value-of-uk-exports",
             "ITL regions and combined authorities, not districts; a total, not a rate. Codes that ended in 2025 are kept only where "
             "their successors have no figure.", "Value of UK exports"),
        Kind("fdi_inward", "Inward foreign direct investment", "£ million", "", TRENDS, "foreign-direct-investment", _FDI,
             "Inward foreign direct investment"),
        Kind("fdi_outward", "Outward foreign direct investment", "£ million", "", TRENDS, "foreign-direct-investment", _FDI,
             "Outward foreign direct investment"),
        Kind("business_rd", "Business spending on research and development", "£ million", "", BUSINESS,
             "research-and-development-business", "Regions and countries only; a total, not a rate.",
             "Business expenditure on research and development"),
        Kind("public_rd", "Publicly funded research and development", "£ million", "", BUSINESS,
             "research-and-development-public-funded",
             "Regions and countries only; a total, not a rate; financial years that start in April.",
             "Public-funded expenditure on research and development"),
    )  # fmt: skip


KINDS = _rows()
ALSO = {  # files that complete an indicator of another file, with the publisher's name there
    "employment-rate-ni": {
        "Employment rate (Northern Ireland)": "Employment rate",
        "Economically inactive (Northern Ireland)": "Economically inactive",
    }
}


def build(shared: Path) -> list[BuiltTable]:
    """The figures and the description of the indicators."""
    files = sorted({kind.source_file for kind in KINDS})
    frame = tidy(pd.concat([_read(shared, name) for name in files], ignore_index=True))
    names = tuple(f"els/{name}.csv" for name in sorted([*files, *ALSO]))
    figures = Source(
        key="indicators", publisher=ONS, title="Explore Local Statistics", edition="downloaded in 2026", licence=OGL,
        attribution=ONS_ATTRIBUTION, unit="one unit for each indicator: see indicators_meta",
        vintage="LAD December 2023; ITL January 2025; ended areas flagged in the column vintage",
        caveats=(
            "status is empty, missing, suppressed or unreliable; a value that is not given is empty, never 0.",
            "Barnsley and Sheffield stand under their codes of 2023 (the codes of 2025 are E08000038 and E08000039).",
            "Areas that have ended (vintage 'ended', for instance Craven) have rows only for periods in which their "
            "successor has none; leave them out when counting today's areas.",
            "Counties and city regions without a code are left out; unitary authorities stand once.",
        ),
        files=names,
    )  # fmt: skip
    described = Source(
        key="indicators_meta", publisher=ONS, title="Explore Local Statistics: what the indicators are",
        edition="downloaded in 2026", licence=OGL, attribution=ONS_ATTRIBUTION, unit="text", vintage="", files=names,
        caveats=("'better' is empty where neither more nor less is plainly better. Themes are those of a local economic assessment.",),
    )  # fmt: skip
    return [
        BuiltTable("indicators", figures, frame=frame),
        BuiltTable("indicators_meta", described, frame=_meta()),
    ]


def _meta() -> pd.DataFrame:
    frame = pd.DataFrame([asdict(kind) for kind in KINDS]).drop(columns="published")
    frame["source_file"] = "els/" + frame["source_file"] + ".csv"
    return frame


def _read(shared: Path, name: str) -> pd.DataFrame:
    frame = els.read(shared, f"els/{name}.csv")
    for other, renamed in ALSO.items():
        if set(renamed.values()) <= set(frame["indicator"]):
            more = els.read(shared, f"els/{other}.csv")
            more = more.assign(indicator=more["indicator"].map(renamed))
            known = set(zip(frame["areacd"], frame["indicator"], frame["period"], strict=True))
            new = [key not in known for key in zip(more["areacd"], more["indicator"], more["period"], strict=True)]
            frame = pd.concat([frame, more[new]], ignore_index=True)
    return frame


def tidy(raw: pd.DataFrame) -> pd.DataFrame:
    """Rows of the service's schema as the project's table."""
    slugs = {kind.published: kind.indicator for kind in KINDS}
    unknown = set(raw["indicator"]) - set(slugs)
    if unknown:
        raise WorkError(f"The files hold indicators that the importer does not know: {', '.join(sorted(unknown))}.")
    rows = els.one_row_a_place(raw)
    frame = pd.DataFrame(
        {
            "indicator": rows["indicator"].map(slugs),
            "area_code": rows["areacd"],
            "area_kind": rows["areacd"].map(els.area_kind),
            "vintage": rows["vintage"],
            "period": rows["period"].str[:10],
            "year": rows["period"].str[:4].astype("int16"),
            "value": _number(rows["observation"]),
            "lower_95": _number(rows["lci_95"]),
            "upper_95": _number(rows["uci_95"]),
            "status": _status(rows),
            "note": rows["notes"],
        }
    )
    return frame.sort_values(["indicator", "area_code", "period"], ignore_index=True)[COLUMNS]


def _number(text: pd.Series) -> pd.Series:
    return pd.to_numeric(text.where(text != "")).astype("float64")


def _status(rows: pd.DataFrame) -> pd.Series:
    """The publisher's letter in words; a value that a note calls unreliable is unreliable too."""
    unknown = set(rows["status"]) - set(STATUS)
    if unknown:
        raise WorkError(f"The files hold status letters that the importer does not know: {', '.join(sorted(unknown))}.")
    status = rows["status"].map(STATUS)
    doubtful = (status == "") & rows["notes"].str.startswith(UNRELIABLE_NOTE)
    status = status.mask(doubtful, "unreliable")
    return status.mask((status == "") & (rows["observation"] == ""), "missing")
