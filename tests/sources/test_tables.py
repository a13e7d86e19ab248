"""Loading: the figures are the publisher's, the hash is checked, missing stays missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from iitk.errors import DataDamagedError, DataMissingError, UnknownAreaError, UsageError
from iitk.sources import paths, tables
from tests.sources import planting

LEEDS, CORNWALL = "E08000035", "E06000052"


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the shipped figures that the library reads instead of them."""
    monkeypatch.setenv("IITK_DATA", str(tmp_path))
    return planting.copy_of_shipped(tmp_path)


@pytest.fixture(scope="module")
def published(shared):
    """The publisher's long file of value added, current prices, by area, industry and year."""
    table = pq.read_table(shared / "ons" / "RGVA_LAD.parquet", use_threads=False).to_pandas()
    table["year"] = table["dates.date"].map(lambda day: day.year)
    return table.set_index(["variable.name", "geography.code", "industry.code", "year"])["value"]


def test_published_figures_of_leeds_and_cornwall():
    cube = tables.gva()
    assert cube.current.shape == (361, 49, 26)
    assert cube.series(CORNWALL)["current_gbp_m"][2023] == 14384  # as published
    assert cube.total(2023).sum() == 2_434_400  # the notes on the publisher's file
    assert tables.gva_itl().series("UKX")["current_gbp_m"][2023] == 2_434_407


def test_five_hundred_cells_are_the_publishers(published):
    cube = tables.gva()
    rng = np.random.default_rng(1998)
    for _ in range(500):
        area, industry, year = (rng.integers(size) for size in cube.current.shape)
        key = (cube.areas[area], cube.industries[industry], int(cube.years[year]))
        for measure, values in (("GVA Current Prices £m", cube.current), ("CVM Index", cube.index)):
            expected = published.get((measure, *key), np.nan)
            assert np.float32(expected) == values[area, industry, year] or np.isnan(expected), key
            assert np.isnan(expected) == np.isnan(values[area, industry, year]), key


def test_missing_zero_and_negative_are_kept_apart(published):
    current = published["GVA Current Prices £m"]
    cube = tables.gva().current
    assert np.isnan(cube).sum() == 3432
    assert (cube == 0).sum() == (current == 0).sum() == 1198
    assert (cube < 0).sum() == (current < 0).sum() == 1


def test_itl_cube_holds_every_figure_and_nothing_else(shared):
    raw = pq.read_table(shared / "ons" / "RGVA.parquet", use_threads=False).to_pandas()
    raw = raw[raw["variable.name"] == "Current prices"]
    cube = tables.gva_itl()
    assert np.isfinite(cube.current).sum() == raw["value"].notna().sum()
    assert np.nansum(cube.current.astype("float64")) == raw["value"].sum()
    assert np.isnan(cube.series("TLC31", "29")["current_gbp_m"]).all()  # division 29 is not published at ITL3


def test_wide_gives_leaves_that_add_up_to_the_total():
    cube = tables.gva()
    leaves = cube.wide(2023, areas=[LEEDS])
    assert "Total" not in leaves.columns
    assert "C (10-33)" not in leaves.columns
    assert leaves.sum(axis=1)[LEEDS] == pytest.approx(cube.total(2023)[LEEDS], abs=0.5 * (leaves.shape[1] + 1))
    assert list(cube.wide(2023, leaf=False).columns) == list(cube.industries)


def test_cube_is_kept_and_cannot_be_changed():
    cube = tables.gva()
    assert tables.gva() is cube
    with pytest.raises(ValueError, match="read-only"):
        cube.current[0, 0, 0] = 1


def test_a_loaded_table_is_the_callers_own():
    first = tables.load("jobs_lad_section")
    first["jobs"] = 0
    first.loc[0, "area_code"] = "nowhere"
    again = tables.load("jobs_lad_section")
    assert again["jobs"].sum() > 0
    assert "nowhere" not in set(again["area_code"])


def test_unknown_area_industry_and_year_say_what_there_is():
    cube = tables.gva()
    with pytest.raises(UnknownAreaError, match="Nearest names: E08"):
        cube.series("E08000099")
    with pytest.raises(UsageError, match=r"C \(10-33\)"):
        cube.series(LEEDS, "C (10-32)")
    with pytest.raises(UsageError, match="1998 to 2023, not 2024"):
        cube.wide(2024)


def test_jobs_of_leeds_and_of_great_britain(shared):
    nomis = pd.read_csv(shared / "nomis" / "bres_lad_section_2015_2021.csv")
    expected = nomis.query("GEOGRAPHY_NAME == 'Leeds' and DATE == 2021 and INDUSTRY_CODE == 'J'")["OBS_VALUE"].item()
    jobs = tables.jobs_lad().query(f"area_code == '{LEEDS}' and year == 2021 and industry_code == 'J'")
    assert jobs["jobs"].item() == expected
    assert tables.jobs_nuts2().groupby("year")["jobs"].sum()[2015] == 29_754_055
    assert "01" in set(tables.jobs_nuts2()["industry_code"])


def test_productivity_is_one_edition_and_its_index_is_that_of_the_uk(shared):
    frame = tables.productivity().set_index(["area_code", "year"])
    els = pd.read_csv(shared / "els" / "gross-value-added.csv", dtype=str, encoding="utf-8-sig")
    hour = (
        els[els["indicator"].str.contains("hour") & els["period"].str.startswith("2023")]
        .set_index("areacd")["observation"]
        .astype(float)
    )
    assert frame.loc[(LEEDS, 2023), "gva_per_hour_gbp"] == pytest.approx(hour[LEEDS], rel=1e-6)
    expected = hour[LEEDS] / hour["K99000002"] * 100
    assert frame.loc[(LEEDS, 2023), "gva_per_hour_uk100"] == pytest.approx(expected, rel=1e-6)
    assert np.isnan(frame.loc[("N09000003", 2023), "gva_per_job_gbp"])  # Belfast: "Data not available"
    assert np.isfinite(frame.loc[("N09000003", 2023), "gva_per_hour_gbp"])


def test_index_of_productivity_agrees_with_the_published_one(shared):
    """Our division by the UK, done on the earlier edition, gives that edition's own published index."""
    old = pq.read_table(shared / "ons" / "PROD_LAD.parquet", use_threads=False).to_pandas()
    old["year"] = old["dates.date"].map(lambda day: day.year)
    wide = old.pivot(index=["geography.code", "year"], columns="variable.name", values="value")
    uk = wide.loc["UKX", "GVA per job (£)"]
    computed = wide["GVA per job (£)"] / wide.index.get_level_values("year").map(uk) * 100
    assert (computed - wide["GVA per job (UKX = 100)"]).abs().max() <= 0.051


def test_indicator_rows_are_the_files(shared):
    els = pd.read_csv(shared / "els" / "gross-median-weekly-pay.csv", dtype=str, encoding="utf-8-sig")
    leeds = els[(els["areacd"] == LEEDS) & (els["period"] == "2024-04-17")].iloc[0]
    pay = tables.indicator("median_weekly_pay")
    row = pay[(pay["area_code"] == LEEDS) & (pay["period"] == "2024-04-17")].iloc[0]
    assert row["value"] == float(leeds["observation"])
    assert (row["lower_95"], row["upper_95"]) == (float(leeds["lci_95"]), float(leeds["uci_95"]))


def test_latest_has_each_area_once_and_no_area_that_has_ended():
    births = tables.indicator("business_births", latest=True)
    assert not births["area_code"].duplicated().any()
    assert (births["area_kind"] == "local authority").sum() == 361
    assert "E07000163" not in set(births["area_code"])  # Craven
    assert "E07000163" in set(tables.indicator("business_births", ended=True)["area_code"])


def test_renumbered_districts_stand_under_their_code_of_2023():
    gigabit = set(tables.indicator("gigabit", latest=True)["area_code"])
    assert {"E08000016", "E08000019"} <= gigabit
    assert not {"E08000038", "E08000039"} & gigabit


def test_employment_covers_northern_ireland_and_great_britain():
    latest = tables.indicator("employment_rate", latest=True)
    districts = latest[latest["area_kind"] == "local authority"]
    assert len(districts) == 361
    assert districts.set_index("area_code").loc["N09000001", "value"] == 78.5  # Antrim and Newtownabbey, 2023


def test_statuses_stay_apart():
    exports = tables.indicator("exports", ended=True)
    assert exports.loc[exports["status"] == "suppressed", "value"].isna().all()
    assert (exports["status"] == "suppressed").sum() > 0
    none = tables.indicator("no_qualifications")
    assert none.loc[none["status"] == "unreliable", "value"].notna().any()
    assert none.loc[none["status"] == "missing", "value"].isna().all()


def test_housing_ratio_is_no_percentage():
    meta = tables.indicators_meta().set_index("indicator")
    assert meta.loc["housing_affordability", "unit"] == "ratio"
    assert set(meta["better"]) == {"higher", "lower", ""}
    assert meta["theme"].nunique() == 5


def test_unknown_indicator_names_the_nearest():
    with pytest.raises(UsageError, match="employment_rate"):
        tables.indicator("employement_rate")


def test_missing_table_says_how_to_rebuild(copy):
    (copy / "official" / "gva_lad.parquet").unlink()
    with pytest.raises(DataMissingError, match=r"gva_lad\.parquet is missing(.|\n)*iitk data build"):
        tables.gva()


def test_missing_record_says_how_to_rebuild(copy):
    (copy / "sources.toml").unlink()
    with pytest.raises(DataMissingError, match=r"sources\.toml"):
        tables.load("areas")


def test_one_changed_byte_is_noticed(copy):
    path = copy / "official" / "productivity_lad.parquet"
    tables.productivity()
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataDamagedError, match=r"productivity_lad\.parquet is damaged(.|\n)*iitk data build"):
        tables.productivity()


def test_half_a_file_is_noticed(copy):
    path = copy / "official" / "gva_lad.parquet"
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(DataDamagedError, match="gva_lad"):
        tables.gva()


def test_broken_record_is_noticed(copy):
    (copy / "sources.toml").write_text("[gva_lad\n", encoding="utf-8")
    with pytest.raises(DataDamagedError, match=r"sources\.toml"):
        tables.gva()


def test_a_new_file_with_a_new_record_is_read_again(copy):
    before = tables.jobs_lad()["jobs"].sum()
    planting.plant(copy, "jobs_lad_section", lambda frame: frame.assign(jobs=frame["jobs"] * 2))
    assert tables.jobs_lad()["jobs"].sum() == 2 * before


def test_source_cites_the_publisher():
    source = tables.source("gva_lad")
    assert source.cite().endswith("from the Office for National Statistics")
    assert "Open Government Licence" in source.attribution
    assert source.files == ("ons/RGVA_LAD.parquet",)
    assert tables.all_sources().keys() >= {"areas", "industries", "indicators", "outlines"}


def test_every_shipped_table_can_be_loaded():
    for path in paths.official("").glob("*.parquet"):
        assert len(tables.load(path.stem)) > 0


def test_every_entry_names_the_checks_that_its_table_passed():
    assert [key for key, source in tables.all_sources().items() if not source.checks] == []
