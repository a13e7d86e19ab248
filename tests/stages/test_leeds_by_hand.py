"""Numbers on the three pages of Leeds, worked out again from the publishers' files by a path that shares no code.

Nothing of `iitk` is used on the side of the expected values: the files are read with pyarrow and csv, the arithmetic is
written out. Only the pages' own numbers come from the stages.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

LEEDS, UK = "E08000035", "UKX"
# Published codes of the UK that make up each industry group of the district table, read off the two code lists.
PARTS = {
    "AB (1-9)": ["A (1-3)", "B (5-9)"], "CA-CB (10-15)": ["CA (10-12)", "CB (13-15)"], "CC (16-18)": ["CC (16-18)"],
    "CD-CG (19-23)": ["CD-CE (19-20)", "CF (21)", "CG (22-23)"], "CH (24-25)": ["CH (24-25)"],
    "CI-CL (26-30)": ["CI (26)", "CJ (27)", "CK (28)", "CL (29-30)"], "CM (31-33)": ["CM (31-33)"],
    "DE (35-39)": ["D (35)", "E (36-39)"], "41": ["41"], "42": ["42"], "43": ["43"],
    "45": ["45"], "46": ["46"], "47": ["47"],
    "49-51": ["49", "50", "51"], "52-53": ["52", "53"], "I (55-56)": ["I (55-56)"], "58-60": ["58", "59", "60"],
    "61-63": ["61", "62", "63"], "K (64-66)": ["K (64-66)"], "68IMP": ["68IMP"], "68": ["68"],
    "69": ["69"], "70": ["70"], "71": ["71"], "72-75": ["72", "73", "74", "75"],
    "77": ["77"], "78-80": ["78", "79", "80"], "81": ["81"], "82": ["82"],
    "O (84)": ["O (84)"], "P (85)": ["P (85)"], "Q (86-88)": ["Q (86-88)"], "R (90-93)": ["R (90-93)"],
    "94-95": ["94", "95"], "96": ["96"], "T (97-98)": ["T (97-98)"],
}  # fmt: skip
FIRMS = [code for code in PARTS if code != "68IMP"]
MAKING = ["CA-CB (10-15)", "CC (16-18)", "CD-CG (19-23)", "CH (24-25)", "CI-CL (26-30)", "CM (31-33)"]
RENTAL = "77"


@cache
def _figures(path: Path, area: str, variable: str) -> dict[tuple[str, int], float]:
    table = pq.read_table(path, filters=(pc.field("geography.code") == area) & (pc.field("variable.name") == variable))
    columns = (table[name].to_pylist() for name in ("industry.code", "dates.date", "value"))
    return {(code, day.year): value for code, day, value in zip(*columns, strict=True)}


class Hand:
    """The publishers' figures of Leeds and the UK."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.leeds = _figures(folder / "ons/RGVA_LAD.parquet", LEEDS, "GVA Current Prices £m")
        self.leeds_index = _figures(folder / "ons/RGVA_LAD.parquet", LEEDS, "CVM Index")
        self.all_uk = _figures(folder / "ons/RGVA.parquet", UK, "Current prices")
        self.uk_index = _figures(folder / "ons/RGVA.parquet", UK, "CVM Index")

    def uk(self, code: str, year: int) -> float:
        return sum(self.all_uk[part, year] for part in PARTS[code])

    def quotient(self, code: str, year: int) -> float:
        here = self.leeds[code, year] / self.leeds["Total", year]
        return here / (self.uk(code, year) / self.all_uk["Total", year])

    def shift_share(self, first: int, last: int) -> tuple[float, float, float]:
        start, end = ({c: self.leeds[c, y] for c in PARTS} for y in (first, last))
        before, after = ({c: self.uk(c, y) for c in PARTS} for y in (first, last))
        growth = sum(after.values()) / sum(before.values()) - 1
        national = growth * sum(start.values())
        mix = sum(start[c] * (after[c] / before[c] - 1 - growth) for c in PARTS)
        return national, mix, sum(end[c] - start[c] * after[c] / before[c] for c in PARTS)

    def indicator(self, file: str, name: str, area: str = LEEDS) -> dict[str, float]:
        with (self.folder / "els" / file).open(encoding="utf-8-sig", newline="") as lines:
            rows = [
                r for r in csv.DictReader(lines) if r["areacd"] == area and r["indicator"] == name and r["observation"]
            ]
        return {row["period"][:4]: float(row["observation"]) for row in rows}


@pytest.fixture(scope="module")
def hand(shared: Path) -> Hand:
    return Hand(shared)


@pytest.fixture(scope="module")
def pages() -> dict[str, Any]:
    from iitk.stages import economy, mandate, potential

    return {module.KEY: module.prepare("Leeds") for module in (mandate, economy, potential)}


def _fact(pages: dict[str, Any], key: str) -> dict[str, Any]:
    return next(f.values for f in pages["01_economy"].findings["facts"] if f.key == key)


def _row(pages: dict[str, Any], stage: str, table: str, column: str, wanted: str) -> Any:
    rows = pages[stage].tables[table]
    return rows[rows[column] == wanted].iloc[0]


def test_size_and_share_of_the_uk(pages: dict[str, Any], hand: Hand) -> None:
    size = _fact(pages, "size")
    assert size["gva_gbp_m"] == hand.leeds["Total", 2023] == 36_554
    assert size["share_of_uk"] == pytest.approx(36_554 / hand.all_uk["Total", 2023])


def test_largest_specialisation_and_its_range(pages: dict[str, Any], hand: Hand) -> None:
    top = _fact(pages, "largest-specialisation")
    by_year = [hand.quotient(RENTAL, year) for year in range(2019, 2024)]
    assert top["industry"] == "Rental and leasing activities"
    assert top["location_quotient"] == pytest.approx(by_year[-1], rel=1e-6)
    assert (top["lowest"], top["highest"]) == pytest.approx((min(by_year), max(by_year)), rel=1e-6)


def test_manufacturing_share_now_then_and_in_the_uk(pages: dict[str, Any], hand: Hand) -> None:
    share = _fact(pages, "manufacturing-share")
    assert share["share"] == pytest.approx(sum(hand.leeds[c, 2023] for c in MAKING) / hand.leeds["Total", 2023])
    assert share["share_1998"] == pytest.approx(sum(hand.leeds[c, 1998] for c in MAKING) / hand.leeds["Total", 1998])
    assert share["share_comparator"] == pytest.approx(
        sum(hand.uk(c, 2023) for c in MAKING) / hand.all_uk["Total", 2023]
    )


def test_real_growth_since_the_crisis(pages: dict[str, Any], hand: Hand) -> None:
    growth = _fact(pages, "real-growth")
    assert growth["change"] == pytest.approx(
        hand.leeds_index["Total", 2023] / hand.leeds_index["Total", 2007] - 1, rel=1e-6
    )
    assert growth["change_comparator"] == pytest.approx(
        hand.uk_index["Total", 2023] / hand.uk_index["Total", 2007] - 1, rel=1e-6
    )


def test_the_path_through_both_crises(pages: dict[str, Any], hand: Hand) -> None:
    paths = pages["01_economy"].tables["peak_trough_now"].set_index("crisis")
    index = {year: hand.leeds_index["Total", year] for year in range(1998, 2024)}
    # Read off the published index: highest in 2007, lowest in 2009; highest in 2019, lowest in 2020.
    assert (paths.at["2008", "peak_year"], paths.at["2008", "trough_year"]) == (2007, 2009)
    assert (paths.at["2020", "peak_year"], paths.at["2020", "trough_year"]) == (2019, 2020)
    assert paths.at["2008", "fall"] == pytest.approx(index[2009] / index[2007] - 1, rel=1e-6)
    assert paths.at["2008", "recovered_year"] == next(y for y in range(2008, 2024) if index[y] >= index[2007])
    assert paths.at["2020", "recovered_year"] == next(y for y in range(2020, 2024) if index[y] >= index[2019])


def test_largest_gain(pages: dict[str, Any], hand: Hand) -> None:
    gain = _fact(pages, "largest-gain")
    gains = {code: hand.leeds[code, 2023] - hand.leeds[code, 2013] for code in FIRMS}
    assert gain["gain_gbp_m"] == max(gains.values())
    assert gain["whole_gain_gbp_m"] == hand.leeds["Total", 2023] - hand.leeds["Total", 2013]


def test_difference_in_structure(pages: dict[str, Any], hand: Hand) -> None:
    here, there = sum(hand.leeds[c, 2023] for c in FIRMS), sum(hand.uk(c, 2023) for c in FIRMS)
    krugman = sum(abs(hand.leeds[c, 2023] / here - hand.uk(c, 2023) / there) for c in FIRMS)
    assert _fact(pages, "structure-difference")["krugman_index"] == pytest.approx(krugman, rel=1e-6)


def test_shift_share_parts_and_their_sum(pages: dict[str, Any], hand: Hand) -> None:
    parts = pages["01_economy"].tables["shift_share"][["national", "mix", "local"]].sum()
    assert tuple(parts) == pytest.approx(hand.shift_share(2013, 2023), rel=1e-6)
    change = sum(hand.leeds[c, 2023] - hand.leeds[c, 2013] for c in PARTS)
    assert parts.sum() == pytest.approx(change, abs=1e-6)


@pytest.mark.parametrize(
    ("slug", "file", "name"),
    [
        ("employment_rate", "employment-rate.csv", "Employment rate"),
        ("median_weekly_pay", "gross-median-weekly-pay.csv", "Gross median weekly pay"),
        ("ghg_per_head", "greenhouse-gas-emissions.csv", "Greenhouse gas emissions"),
        ("business_births", "business-demography.csv", "Business births"),
        ("gdhi_per_head", "gross-disposable-household-income-per-head.csv", "Gross disposable household income"),
    ],
)
def test_indicators_of_the_mandate_page(pages: dict[str, Any], hand: Hand, slug: str, file: str, name: str) -> None:
    row = _row(pages, "00_mandate", "standing", "indicator", slug)
    published = hand.indicator(file, name)
    assert row["value"] == pytest.approx(published[max(published)])
    assert row["year"] == int(max(published))


def test_growth_and_strength_of_finance_on_the_potential_page(pages: dict[str, Any], hand: Hand) -> None:
    row = _row(pages, "03_potential", "industries", "code", "K (64-66)")
    assert row["current_gbp_m"] == hand.leeds["K (64-66)", 2023] == 4_939
    assert row["lq"] == pytest.approx(hand.quotient("K (64-66)", 2023), rel=1e-6)
    ratio = hand.leeds_index["K (64-66)", 2023] / hand.leeds_index["K (64-66)", 2013]
    assert row["growth"] == pytest.approx(ratio ** (1 / 10) - 1, rel=1e-6)


def test_financial_services_as_a_sector_of_2025(pages: dict[str, Any], hand: Hand) -> None:
    """Divisions 64 to 66 are the whole lens, so its share is the share of section K."""
    row = _row(pages, "03_potential", "lenses_2025", "name", "Financial services")
    assert row["gbp_m"] == pytest.approx(4_939)
    assert row["share"] == pytest.approx(4_939 / 36_554)
    assert row["reference_share"] == pytest.approx(
        hand.all_uk["K (64-66)", 2023] / hand.all_uk["Total", 2023], rel=1e-6
    )
