"""The importer: all or nothing, the same bytes each time, and nothing known to be wrong let through."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pandas as pd
import pytest

from iitk.errors import DataCheckError, OutputError, WorkError
from iitk.model import Source
from iitk.sources import importer, provenance
from iitk.sources.checks.base import CheckResult
from iitk.sources.importer import els, gva, indicators, innovation, jobs, productivity
from iitk.sources.importer.base import parquet_bytes, write_table
from iitk.sources.provenance import sha256_of
from tests.sources import planting


def source(key: str) -> Source:
    return Source(key, "P", "T", "E", "L", "A", "U", "V")


@pytest.fixture(scope="module")
def built(shared, tmp_path_factory):
    """One whole build of today's files."""
    out = tmp_path_factory.mktemp("built")
    said: list[str] = []
    report = importer.build(shared, out, progress=said.append)
    return out, report, said


@pytest.mark.slow
def test_a_build_gives_the_shipped_figures(built):
    out, report, said = built
    for path in sorted((planting.SHIPPED / "official").glob("*.parquet")):
        pd.testing.assert_frame_equal(planting.read(out, path.stem), planting.read(planting.SHIPPED, path.stem))
    assert report.total_bytes < 8_000_000
    assert all(result.passed for result in report.checks)
    assert said == [*importer.PARTS, "checks"]


@pytest.mark.slow
def test_a_build_gives_the_shipped_record(built):
    """Titles, units, caveats, files and checks, word for word; only the packing of a table may differ by version."""
    out, _, _ = built
    shipped, new = (provenance.read(folder / "sources.toml") for folder in (planting.SHIPPED, out))
    assert {key: replace(one, sha256="") for key, one in new.items()} == {
        key: replace(one, sha256="") for key, one in shipped.items()
    }
    assert provenance.read_inputs(out / "sources.toml") == provenance.read_inputs(planting.SHIPPED / "sources.toml")


@pytest.mark.slow
def test_a_second_build_gives_the_same_bytes_and_replaces_the_first(built, shared):
    out, _, _ = built
    before = {path.name: sha256_of(path) for path in [*(out / "official").iterdir(), out / "sources.toml"]}
    importer.build(shared, out)
    after = {path.name: sha256_of(path) for path in [*(out / "official").iterdir(), out / "sources.toml"]}
    assert after == before
    assert {path.name for path in out.iterdir()} == {"official", "sources.toml"}  # nothing is left beside


@pytest.mark.slow
def test_the_record_names_hashes_files_and_checks(built, shared):
    out, _, _ = built
    record, inputs = provenance.read(out / "sources.toml"), provenance.read_inputs(out / "sources.toml")
    for key, entry in record.items():
        (path,) = (out / "official").glob(f"{key}.*")
        assert entry.sha256 == sha256_of(path)
        assert entry.files
    assert inputs["ons/RGVA_LAD.parquet"] == sha256_of(shared / "ons" / "RGVA_LAD.parquet")
    assert any(check.startswith("districts-make-the-uk") for check in record["gva_lad"].checks)


def test_nothing_changes_if_a_part_fails(shared, tmp_path, monkeypatch):
    out = planting.copy_of_shipped(tmp_path)
    before = {path: sha256_of(path) for path in out.rglob("*") if path.is_file()}

    def fail(_):
        raise WorkError("the innovation files are not there")

    monkeypatch.setattr(innovation, "build", fail)
    with pytest.raises(WorkError, match="innovation"):
        importer.build(shared, out, parts=("jobs", "innovation"))
    assert {path: sha256_of(path) for path in out.rglob("*") if path.is_file()} == before
    assert {path.name for path in out.iterdir()} == {"official", "sources.toml"}


def test_nothing_changes_if_a_check_fails(shared, tmp_path, monkeypatch):
    out = planting.copy_of_shipped(tmp_path)
    before = {path: sha256_of(path) for path in out.rglob("*") if path.is_file()}
    refusal = CheckResult("no-straight-lines", passed=False, message="Leeds is a straight line")
    monkeypatch.setattr(importer.checks, "run_all", lambda *_, **__: [refusal])
    with pytest.raises(DataCheckError, match="Leeds is a straight line"):
        importer.build(shared, out, parts=("jobs",))
    assert {path: sha256_of(path) for path in out.rglob("*") if path.is_file()} == before


def test_a_missing_folder_or_file_is_named(tmp_path):
    with pytest.raises(WorkError, match=r"no folder .*nowhere(.|\n)*--from"):
        importer.build(tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "shared").mkdir()
    with pytest.raises(WorkError, match=r"ons/RGVA_LAD\.parquet"):
        importer.build(tmp_path / "shared", tmp_path / "out", parts=("gva",))


def test_a_folder_that_cannot_be_made_is_named(shared, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        importer.build(shared, tmp_path / "file" / "out", parts=("jobs",))


def test_an_unknown_indicator_or_status_stops_the_build(shared, tmp_path):
    folder = tmp_path / "els"
    folder.mkdir()
    raw = pd.read_csv(shared / "els" / "gigabit-capable-broadband.csv", dtype=str, keep_default_na=False)
    with pytest.raises(WorkError, match="Terabit"):
        indicators.tidy(raw.assign(indicator="Terabit"))
    with pytest.raises(WorkError, match="z"):
        indicators.tidy(raw.assign(status="z"))
    raw.drop(columns="status").to_csv(folder / "cut.csv", index=False)
    with pytest.raises(WorkError, match="expected areacd"):
        els.read(folder / "cut.csv")


ROW = {"geography": "", "measure": "", "unit": "", "lci_95": "", "uci_95": "", "status": "", "observation": "1"}


def rows(*cells: tuple[str, str, str]) -> pd.DataFrame:
    made = [ROW | {"areacd": code, "areanm": code, "period": period, "notes": note} for code, period, note in cells]
    return pd.DataFrame(made).assign(indicator="Business births")


MERGED = "Obsolete code since 2023 (replaced by E06000065 North Yorkshire)"


def test_a_predecessor_goes_where_its_successor_stands_and_stays_where_not():
    kept = els.one_row_a_place(
        rows(("E07000163", "2023", MERGED), ("E07000163", "2024", MERGED), ("E06000065", "2024", ""))
    )
    assert list(zip(kept["areacd"], kept["period"], kept["vintage"], strict=True)) == [
        ("E07000163", "2023", "ended"),
        ("E06000065", "2024", "current"),
    ]


def test_a_renumbered_place_stands_once_whichever_codes_are_given():
    old = ("E08000016", "2023", "Obsolete code since 2025 (replaced by E08000038 Barnsley)")
    both = els.one_row_a_place(rows(old, ("E08000038", "2023", "")))
    assert both[["areacd", "vintage"]].to_numpy().tolist() == [["E08000016", "current"]]
    new_only = els.one_row_a_place(rows(("E08000038", "2023", "")))
    assert new_only["areacd"].tolist() == ["E08000016"]


def test_an_area_split_in_two_goes_only_where_both_parts_stand():
    note = "Obsolete code since 2025 (replaced by TLD13 Cumberland and TLD14 Westmorland and Furness)"
    one = els.one_row_a_place(rows(("TLD11", "2022", note), ("TLD13", "2022", "")))
    two = els.one_row_a_place(rows(("TLD11", "2022", note), ("TLD13", "2022", ""), ("TLD14", "2022", "")))
    assert "TLD11" in set(one["areacd"])
    assert "TLD11" not in set(two["areacd"])


def test_counties_and_places_without_a_code_are_left_out():
    assert len(els.one_row_a_place(rows(("E10000023", "2022", ""), ("na", "2022", ""), ("E11000001", "2022", "")))) == 0


def test_redrawn_nuts_areas_are_not_counted_twice(shared):
    """Eurostat's file of business research gives Scotland's areas of two editions for 2014 to 2018."""
    raw = pd.read_csv(shared / "innovation" / "eurostat" / "eurostat_berd_data.nuts2.csv")
    assert {"UKM2", "UKM7"} <= set(raw.loc[raw["year"] == 2016, "nuts_id"])
    frame = innovation.build(shared)[0].content
    ours = frame[(frame["indicator"] == "business_rd") & (frame["year"] == 2016)]
    assert not {"UKM2", "UKM3"} & set(ours["area_code"])
    assert len(ours) == 41  # the NUTS2 areas of 2016


@pytest.mark.parametrize("part", [jobs, productivity, indicators, gva])
def test_each_part_gives_the_same_bytes_twice(part, shared, tmp_path):
    for table in part.build(shared):
        first = write_table(table, tmp_path / "first")
        key = table.source.key
        again = next(other for other in part.build(shared) if other.source.key == key) if part is not gva else table
        assert first.read_bytes() == write_table(again, tmp_path / "second").read_bytes()
    shutil.rmtree(tmp_path / "first")


def test_codes_that_are_not_text_are_not_written():
    with pytest.raises(DataCheckError, match="must be text"):
        parquet_bytes(pd.DataFrame({"industry_code": [1, 2]}))


def test_the_record_survives_awkward_text(tmp_path):
    texts = ('He said "no"', "back\\slash", "tab\there", "£ and é", "line\nbreak", "\x7f", "")
    awkward = Source("a", *texts, caveats=("a, b", "]"), files=("x/y",))
    provenance.write(tmp_path / "s.toml", {"a": awkward}, {"x/y": "00"})
    assert provenance.read(tmp_path / "s.toml") == {"a": awkward}
    assert provenance.read_inputs(tmp_path / "s.toml") == {"x/y": "00"}
