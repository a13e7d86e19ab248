"""What areas share is worked out once for each vintage of the figures, and is then what it would be afresh."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iitk.analysis import relatedness
from iitk.sources import geography, industries, paths
from iitk.sources.kept import kept
from iitk.stages import activity, economy, local, outlook, sectors, track_record
from tests.sources import planting
from tests.stages import saying
from tests.stages.saying import STAGES, said

AREAS = ("York", "Cornwall", "Leeds + Bradford", "Wales")


@pytest.fixture(scope="module")
def warm() -> dict[str, dict[str, str]]:
    """What is said of each area in a process that has already looked at all of them."""
    for area in AREAS:
        for module in STAGES:
            module.prepare(area)
    return {area: said(area) for area in AREAS}


@pytest.mark.parametrize("area", AREAS)
def test_kept_results_are_what_they_would_be_afresh(warm, area, monkeypatch):
    """In a vintage that nobody has seen, nothing is kept."""
    monkeypatch.setattr(paths, "vintage", lambda: ((area, 0, 0, 0),))
    assert said(area) == warm[area]


def test_a_process_of_its_own_says_the_same(warm):
    command = [sys.executable, str(Path(saying.__file__)), "Cornwall"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == warm["Cornwall"]


def test_every_folder_and_edition_of_the_figures_has_its_own_results(warm, tmp_path, monkeypatch):
    def doubled(rows: pd.DataFrame) -> pd.DataFrame:
        its = (rows["indicator"] == "gva_per_hour") & (rows["area_code"] == "E06000014")
        return rows.assign(value=rows["value"].where(~its, 2 * rows["value"]))

    def hour() -> float:
        return local.readings(geography.resolve("York"), geography.resolve("UK"))["gva_per_hour"].value

    shipped = hour()
    shutil.copytree(planting.SHIPPED, tmp_path / "data")
    monkeypatch.setenv("IITK_DATA", str(tmp_path / "data"))
    for times in (2, 4):  # two editions in one folder
        planting.plant(tmp_path / "data", "indicators", doubled)
        assert hour() == pytest.approx(times * shipped)
        facts = {fact.key: fact for fact in economy.prepare("York").findings["facts"]}
        assert facts["indicator-gva_per_hour"].values["value"] == pytest.approx(times * shipped)
    monkeypatch.delenv("IITK_DATA")
    assert hour() == shipped
    assert said("York") == warm["York"]


def test_an_edited_list_of_sectors_counts_at_once(tmp_path, monkeypatch):
    york, uk = geography.resolve("York"), geography.resolve("UK")
    shipped = sectors.read("2010", york, uk)
    shutil.copytree(planting.SHIPPED, tmp_path / "data")
    monkeypatch.setenv("IITK_DATA", str(tmp_path / "data"))
    assert sectors.read("2010", york, uk) == shipped
    file = tmp_path / "data" / "lenses" / "2010.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('code = "35"', 'code = "01"'), encoding="utf-8")
    energy = sectors.read("2010", york, uk)[0]
    assert energy.lens.key == shipped[0].lens.key
    assert energy.most > shipped[0].most  # farming is in the lens now, and waste still is


def test_a_result_is_worked_out_once_for_each_vintage_and_arguments(monkeypatch):
    asked = []

    @kept
    def twice(number: int) -> int:
        asked.append(number)
        return 2 * number

    assert [twice(1), twice(1), twice(2), twice(1)] == [2, 2, 4, 2]
    assert asked == [1, 2]
    monkeypatch.setattr(paths, "vintage", lambda: (("another", 0, 0, 0),))
    assert twice(1) == 2
    assert asked == [1, 2, 1]


def test_an_error_is_not_kept():
    tries = []

    @kept
    def second_time() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("not yet")
        return "done"

    with pytest.raises(ValueError, match="not yet"):
        second_time()
    assert second_time() == "done"


@pytest.mark.parametrize(
    "table",
    [
        geography.lads, local.district_groups, local.latest_by_district, outlook.record_rows,
        lambda: industries.tree("gva_lad"),
        lambda: local.series("gva_per_hour", geography.resolve("Leeds")),
    ],
)  # fmt: skip
def test_who_changes_a_table_that_was_handed_out_changes_only_their_own(table):
    before = table().to_csv()
    mine = table()
    mine.iloc[0] = mine.iloc[1]
    mine.index = pd.RangeIndex(len(mine))
    assert mine.to_csv() != before
    assert table().to_csv() == before


@pytest.mark.parametrize("area", ["York", "Leeds + Bradford"])
def test_who_changes_the_tables_of_a_stage_changes_no_other(warm, area):
    for module in STAGES:
        for table in module.prepare(area).tables.values():
            table.iloc[0] = table.iloc[-1]
            table.columns = pd.RangeIndex(table.shape[1])
    assert said(area) == warm[area]


def test_a_place_more_is_measured_as_the_districts_are():
    """The quotients of Leeds with Bradford, added to the districts' at once, are those of all worked out together."""
    place, figures = activity.of(geography.resolve("Leeds + Bradford")), track_record.value_added()
    code = place.area.code
    together = relatedness.panel(
        {year: pd.concat([table, place.row(year, table.columns).rename(code).to_frame().T])
         for year, table in figures.activity.items()},
        {year: pd.concat([total, pd.Series({code: place.total[year]})]) for year, total in figures.totals.items()},
        figures.references, figures.reference_totals,
    )  # fmt: skip
    found = track_record.moves_with(place)
    assert list(found.areas) == list(together.areas)
    np.testing.assert_array_equal(found.activity, together.activity)
    np.testing.assert_array_equal(found.quotients, together.quotients)
