"""The methods on the publishers' own figures, where another publication of the same office gives the answer."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from iitk.analysis.growth import chain_index, shift_share
from iitk.analysis.specialisation import location_quotient

WEST_YORKSHIRE = ["E08000032", "E08000033", "E08000034", "E08000035", "E08000036"]
CURRENT = "Current prices"  # one table calls it "GVA Current Prices £m"
pytestmark = pytest.mark.shared


def read(name: str, industries: list[str] | None, areas: list[str] | None) -> pd.DataFrame:
    data = Path(os.environ.get("IITK_SHARED", Path(__file__).parents[3] / "shared" / "data"))
    path = data / "ons" / name
    if not path.exists():
        pytest.skip(f"{path} is absent: set IITK_SHARED to the folder of the publishers' files.")
    wanted = [("industry.code", "in", industries)] if industries else []
    wanted += [("geography.code", "in", areas)] if areas else []
    table = pd.read_parquet(path, filters=wanted or None)
    table["variable.name"] = table["variable.name"].replace({"GVA Current Prices £m": CURRENT})
    return table.assign(year=pd.to_datetime(table["dates.date"]).dt.year)


def wide(table: pd.DataFrame, measure: str, columns: str, rows: str = "year") -> pd.DataFrame:
    return table[table["variable.name"] == measure].pivot(index=rows, columns=columns, values="value")


def test_the_chain_of_five_districts_follows_the_index_of_west_yorkshire():
    lads = read("RGVA_LAD.parquet", ["Total"], WEST_YORKSHIRE)
    found = chain_index(wide(lads, CURRENT, "geography.code"), wide(lads, "CVM Index", "geography.code"), 2022)
    itl = read("RGVA.parquet", ["Total"], ["TLE4"])
    published = wide(itl, "CVM Index", "geography.code")["TLE4"].reindex(found.index)
    assert published.notna().all()
    # The ONS estimates volumes of districts and of ITL areas separately, so links differ by up to half a point
    # (its own constant-price figures of the five differ from West Yorkshire's by as much).
    assert (found.pct_change() - published.pct_change()).abs().max() < 0.005
    assert (found / published - 1).abs().max() < 0.021


def test_weighted_by_industry_the_quotients_of_all_districts_average_one():
    table = read("RGVA_LAD.parquet", ["C (10-33)", "Total"], None)
    table = table[(table["year"] == 2023) & (table["variable.name"] == CURRENT)]
    gva = table.pivot(index="geography.code", columns="industry.code", values="value")
    known = gva.dropna()
    lq = location_quotient(
        known[["C (10-33)"]],
        known[["C (10-33)"]].sum(),
        activity_total=known["Total"],
        reference_total=known["Total"].sum(),
    )
    assert len(lq) > 340
    weighted = (lq["C (10-33)"] * known["Total"] / known["Total"].sum()).sum()
    assert weighted == pytest.approx(1.0)


def test_shift_share_of_leeds_closes_on_the_change_of_its_published_total():
    sections = ["A-E", "F (41-43)", "G-T"]
    table = read("RGVA_LAD.parquet", [*sections, "Total"], ["E08000035"])
    nation = read("RGVA.parquet", [*sections, "Total"], ["UK"])
    leeds = wide(table, CURRENT, "industry.code")
    uk = wide(nation, CURRENT, "industry.code")
    found = shift_share(
        leeds.loc[2013, sections], leeds.loc[2023, sections], uk.loc[2013, sections], uk.loc[2023, sections],
        total=True, reference_totals=(uk.loc[2013, "Total"], uk.loc[2023, "Total"]),
    ).loc["Total"]  # fmt: skip
    change = leeds.loc[2023, "Total"] - leeds.loc[2013, "Total"]
    assert found["change"] == pytest.approx(change, abs=3)  # parts and totals are rounded to £1m
    assert found[["national", "mix", "local"]].sum() == pytest.approx(found["change"])
