"""Sector lenses: shares recomputed by hand from the publisher's file, nothing split by guess, nothing counted twice."""

from __future__ import annotations

import csv

import pandas as pd
import pyarrow.parquet as pq
import pytest

from iitk.errors import DataDamagedError, UsageError
from iitk.sources import industries, lenses, tables
from iitk.sources.lenses import Lens, SicRange

EDITIONS = ("2010", "2025")


def lens(*codes: str) -> Lens:
    return Lens("test", "Test", "", "", "", tuple(SicRange(code, code) for code in codes))


def by_key(edition: str, key: str) -> Lens:
    return next(one for one in lenses.load(edition) if one.key == key)


def weights(lens: Lens, scheme: str, *, bound: str = "low") -> pd.Series:
    """Share of each leaf industry of a scheme that lies in the lens; 0 where the lens does not touch it."""
    return lenses.coverage(lens, scheme)[bound].reindex(industries.leaves(scheme), fill_value=0.0)


@pytest.fixture(scope="module")
def uk(shared) -> pd.Series:
    """UK less extra-regio value added of 2023 by industry code, straight from the publisher's file."""
    chosen = [("geography.code", "==", "UKX"), ("variable.name", "==", "Current prices")]
    rows = pq.read_table(shared / "ons/RGVA.parquet", filters=chosen).to_pandas()
    rows = rows[pd.to_datetime(rows["dates.date"]).dt.year == 2023]
    return rows.set_index("industry.code")["value"]


def test_the_lenses_that_there_are():
    assert [one.name for one in lenses.load("2010")] == [
        "Low carbon and energy", "Advanced manufacturing", "Life sciences", "Creative and digital",
    ]  # fmt: skip
    assert len(lenses.load("2025")) == 8
    for one in lenses.load("2010"):
        assert "Our approximation" in one.source
        assert all(item.why for item in one.sic)


def test_the_eight_sectors_hold_the_codes_of_their_source(shared):
    with (shared / "lookups/is8_sic_definitions.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["sector"].startswith("Foundational")]
    for one in lenses.load("2025"):
        own = [row for row in rows if row["sector"].lower() == one.name.lower()]
        assert {item.code for item in one.sic} == {row["sic2007"] for row in own if row["sic2007"]}
        assert set(one.unresolved) == {row["frontier_name"] for row in own if not row["sic2007"]}


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_code_is_in_the_classification(edition):
    subclasses = industries.tree("sic_subclass").index
    for one in lenses.load(edition):
        for item in one.sic:
            assert any(sub.startswith(item.code) for sub in subclasses), (one.key, item.code)


def test_one_division_of_a_group_by_hand(uk):
    # Pharmaceuticals (21) are published for the UK inside "Fuel, chemicals, plastics" (19-23).
    parts = uk["CD-CE (19-20)"] + uk["CF (21)"] + uk["22"] + uk["23"]
    for bound in ("low", "high"):
        share = weights(lens("21"), "gva_lad", bound=bound)
        assert share["CD-CG (19-23)"] == pytest.approx(uk["CF (21)"] / parts)
        assert (share.drop("CD-CG (19-23)") == 0).all()


def test_codes_below_two_digits_are_a_range_not_a_guess(uk):
    # 62 is whole; 63.1 is some of 63, nobody knows how much: between nothing and all of it.
    some = lens("62", "631")
    whole = uk["61"] + uk["62"] + uk["63"]
    assert weights(some, "gva_lad")["61-63"] == pytest.approx(uk["62"] / whole)
    assert weights(some, "gva_lad", bound="high")["61-63"] == pytest.approx((uk["62"] + uk["63"]) / whole)


def test_a_group_that_even_the_uk_does_not_split_is_a_range(uk):
    # 20 is published only together with 19.
    share = lenses.coverage(lens("20"), "gva_lad").loc["CD-CG (19-23)"]
    parts = uk["CD-CE (19-20)"] + uk["CF (21)"] + uk["22"] + uk["23"]
    assert (share["low"], share["high"]) == (0, pytest.approx(uk["CD-CE (19-20)"] / parts))


def test_an_industry_of_one_division_of_which_a_lens_has_some():
    share = lenses.coverage(lens("7021"), "gva_lad").loc["70"]
    assert (share["coverage"], share["low"], share["high"]) == ("part", 0, 1)


def test_finance_is_seen_whole(uk):
    found = lenses.resolution(by_key("2025", "financial-services"), "gva_lad")
    assert found.whole == ("K (64-66)",)
    assert found.part == ()
    assert found.resolved_share == 1
    assert found.low_gbp_m == found.high_gbp_m == uk["64"] + uk["65"] + uk["66"]
    assert (found.codes, found.codes_seen) == (3, 3)
    assert "Fintech" in found.statement


def test_resolved_share_by_hand(uk):
    # Whole: 69, 70, 71, 77, 82. Mixed: 72, 73, 74 (with 75) and 78 (with 79, 80).
    found = lenses.resolution(by_key("2025", "professional-business-services"), "gva_lad")
    seen = uk[["69", "70", "71", "77", "82"]].sum()
    assert found.low_gbp_m == found.high_gbp_m == seen + uk[["72", "73", "74", "78"]].sum()
    assert found.resolved_share == pytest.approx(seen / found.high_gbp_m)
    assert (found.codes, found.codes_seen) == (9, 5)


def test_a_sector_without_codes_says_that_it_cannot_be_seen():
    found = lenses.resolution(by_key("2025", "clean-energy-industries"), "gva_lad")
    assert (found.resolved_share, found.codes, found.high_gbp_m) == (0, 0, 0)
    assert "Hydrogen" in found.unseen
    assert "No industry of these figures lies whole" in found.statement


def test_codes_inside_codes_count_once():
    nested = lens("59", "591", "58", "5821", "58")
    assert nested.codes == ("58", "59")
    pd.testing.assert_series_equal(weights(nested, "gva_lad"), weights(lens("58", "59"), "gva_lad"))


def test_all_subclasses_make_a_division_whole():
    assert lenses.division_cover(lens("591", "592")) == {"59": "whole"}
    assert lenses.division_cover(lens("591")) == {"59": "part"}


def test_two_digits_of_jobs_are_facts():
    share = weights(by_key("2025", "financial-services"), "sic_division")
    assert share.sum() == 3
    assert set(share.index[share == 1]) == {"64", "65", "66"}
    assert weights(by_key("2025", "financial-services"), "sic_section")["K"] == 1


@pytest.mark.parametrize("scheme", ["gva_lad", "gva_itl", "sic_division", "sic_section"])
@pytest.mark.parametrize("edition", EDITIONS)
def test_shares_are_shares_and_low_is_not_above_high(edition, scheme):
    for one in lenses.load(edition):
        low, high = (weights(one, scheme, bound=bound) for bound in ("low", "high"))
        assert list(low.index) == industries.leaves(scheme)
        assert ((low >= 0) & (low <= high) & (high <= 1)).all()


@pytest.mark.parametrize("edition", EDITIONS)
def test_weights_and_resolution_agree_on_the_uk(edition):
    """Sum of weight x UK value added of the leaf = the lens's UK value added: two ways to one figure."""
    cube = tables.gva_itl()
    values = cube.wide(2023, leaf=False, areas=["UKX"]).iloc[0]
    finest = {industries.divisions(code)[0]: code for code in industries.leaves("gva_itl", level="UK", imputed=False)}
    leaf = {
        code: sum(values[finest[d]] for d in industries.divisions(code, "gva_lad") if d in finest)
        for code in industries.leaves("gva_lad", imputed=False)
    }
    for one in lenses.load(edition):
        found = lenses.resolution(one, "gva_lad")
        for bound, total in (("low", found.low_gbp_m), ("high", found.high_gbp_m)):
            share = weights(one, "gva_lad", bound=bound).drop("68IMP")
            assert (share * pd.Series(leaf)).sum() == pytest.approx(total, abs=0.01)


def test_unknown_editions_and_broken_files(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="2010, 2025"):
        lenses.load("2024")
    (tmp_path / "lenses").mkdir()
    (tmp_path / "lenses/own.toml").write_text('[x]\nname = "X"\n', encoding="utf-8")
    monkeypatch.setenv("IITK_DATA", str(tmp_path))
    with pytest.raises(DataDamagedError, match=r"own\.toml"):
        lenses.load("own")
