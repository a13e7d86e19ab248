"""Each check passes the shipped figures and refuses the fault that it is there for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from iitk.sources import checks
from iitk.sources.checks.series import Series, constant_multiples, straight_lines, unit_of
from iitk.sources.checks.totals import rounding_half_width
from tests.sources import planting

LEEDS, CORNWALL, CRAVEN, NORTH_YORKSHIRE = "E08000035", "E06000052", "E07000163", "E06000065"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return planting.copy_of_shipped(tmp_path)


def at(frame: pd.DataFrame, **cell: object) -> pd.Series:
    mask = pd.Series(data=True, index=frame.index)
    for column, value in cell.items():
        mask &= frame[column] == value
    assert mask.any(), cell
    return mask


def test_shipped_figures_pass_every_check():
    failed = [result for result in checks.run_all(planting.SHIPPED) if not result.passed]
    assert not failed, [f"{result.key}: {result.message}" for result in failed]


def test_shipped_figures_agree_with_the_publishers_totals(shared):
    for key in ("jobs-make-great-britain", "inputs-unchanged"):
        result = planting.run(key, planting.SHIPPED, shared)
        assert result.passed, result.message


def test_cornwall_is_named_with_its_sections_and_its_total():
    result = planting.run("leaves-make-totals", planting.SHIPPED)
    cornwall = [line for line in result.details if CORNWALL in line]
    assert "sections sum to 11,216" in cornwall[0]
    assert "total of 14,384" in cornwall[0]  # as the notes on the publisher's file say


def test_missing_file_is_named(data):
    (data / "official" / "gva_lad.parquet").unlink()
    results = {result.key: result for result in checks.run_all(data)}
    assert not results["files-match-record"].passed
    assert "gva_lad is missing" in results["files-match-record"].message
    assert not results["districts-make-the-uk"].passed
    assert "gva_lad.parquet is missing" in results["districts-make-the-uk"].message


def test_damaged_file_is_named(data):
    path = data / "official" / "jobs_lad_section.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    result = planting.run("files-match-record", data)
    assert not result.passed
    assert "jobs_lad_section.parquet is not the file that was recorded" in result.message


def test_half_a_file_does_not_stop_the_other_checks(data):
    path = data / "official" / "indicators.parquet"
    path.write_bytes(path.read_bytes()[:1000])
    results = {result.key: result for result in checks.run_all(data)}
    assert not results["missing-is-not-zero"].passed
    assert "damaged" in results["missing-is-not-zero"].message
    assert results["districts-make-the-uk"].passed


def test_stray_file_is_named(data):
    (data / "official" / "guesses.parquet").write_bytes(b"")
    assert "guesses.parquet has no entry" in planting.run("files-match-record", data).message


def test_cut_rows_are_refused(data):
    planting.plant(data, "gva_lad", lambda frame: frame.iloc[:-7])
    result = planting.run("each-cell-once", data)
    assert not result.passed
    assert "459,907 rows, not 459,914" in result.message


def test_cell_that_stands_twice_is_refused(data):
    planting.plant(data, "jobs_nuts2_division", lambda frame: pd.concat([frame, frame.iloc[[5]]]))
    result = planting.run("each-cell-once", data)
    assert not result.passed
    assert "twice" in result.message


def test_wrong_total_is_refused(data):
    def raise_total(frame):
        frame.loc[at(frame, area_code=LEEDS, industry_code="Total", year=2023), "current_gbp_m"] += 500
        return frame

    planting.plant(data, "gva_lad", raise_total)
    assert "2023" in planting.run("districts-make-the-uk", data).message
    leaves = planting.run("leaves-make-totals", data)
    assert not leaves.passed
    assert f"{LEEDS} 2023: +500" in leaves.message
    assert not planting.run("children-make-parents", data).passed


def test_missing_turned_into_zero_is_refused(data):
    planting.plant(data, "gva_lad", lambda frame: frame.fillna({"current_gbp_m": 0}))
    result = planting.run("leaves-make-totals", data)
    assert not result.passed
    assert CORNWALL in result.message


def test_wrong_region_is_refused(data):
    def halve(frame):
        frame.loc[at(frame, area_code="TLE", industry_code="Total", year=2010), "current_gbp_m"] /= 2
        return frame

    planting.plant(data, "gva_itl", halve)
    assert "UKX Total 2010" in planting.run("regions-make-the-uk", data).message
    assert "TLE 2010" in planting.run("itl-levels-nest", data).message


def test_lost_jobs_are_refused(data):
    def lose(frame):
        frame.loc[at(frame, area_code="UKE4", industry_code="62", year=2021), "jobs"] -= 250
        return frame

    planting.plant(data, "jobs_nuts2_division", lose)
    result = planting.run("jobs-make-great-britain", data)
    assert not result.passed
    assert "31,341,335 jobs, not 31,341,585" in result.message


def test_sections_of_districts_that_disagree_with_the_area_are_refused(data):
    def double(frame):
        frame.loc[at(frame, area_code=LEEDS, industry_code="C", year=2019), "jobs"] *= 2
        return frame

    planting.plant(data, "jobs_lad_section", double)
    assert "UKE4 C 2019" in planting.run("section-jobs-agree", data).message


def test_successor_beside_predecessor_is_refused(data):
    def add_north_yorkshire(frame):
        craven = frame[at(frame, area_code=CRAVEN, indicator="business_births", year=2022)]
        return pd.concat([frame, craven.assign(area_code=NORTH_YORKSHIRE, vintage="current", note="")])

    planting.plant(data, "indicators", add_north_yorkshire)
    result = planting.run("no-area-with-successor", data)
    assert not result.passed
    assert f"{CRAVEN} {NORTH_YORKSHIRE} 2022" in result.message


def test_new_code_beside_old_code_of_the_same_place_is_refused(data):
    def add_barnsley_again(frame):
        barnsley = frame[at(frame, area_code="E08000016", indicator="gigabit")]
        return pd.concat([frame, barnsley.assign(area_code="E08000038")])

    planting.plant(data, "indicators", add_barnsley_again)
    assert not planting.run("no-area-with-successor", data).passed
    assert "E08000038" in planting.run("area-codes-fit-vintage", data).message


def test_code_of_another_edition_is_refused(data):
    def older_edition(frame):
        return frame.assign(area_code=frame["area_code"].replace({"UKE4": "TLE4"}))

    planting.plant(data, "jobs_nuts2_division", older_edition)
    assert "'TLE4'" in planting.run("area-codes-fit-vintage", data).message


def test_unknown_industry_is_refused(data):
    planting.plant(
        data, "jobs_nuts2_division", lambda f: f.assign(industry_code=f["industry_code"].replace({"01": "1"}))
    )
    assert "'1'" in planting.run("industry-codes-known", data).message


def test_suppressed_figure_with_a_value_is_refused(data):
    def fill(frame):
        return frame.assign(value=frame["value"].mask(frame["status"] == "suppressed", 0.0))

    planting.plant(data, "indicators", fill)
    assert "has a value although it is not given" in planting.run("missing-is-not-zero", data).message


def test_empty_figure_without_reason_is_refused(data):
    planting.plant(data, "indicators", lambda frame: frame.assign(status=frame["status"].replace({"missing": ""})))
    assert "is empty without a reason" in planting.run("missing-is-not-zero", data).message


@pytest.mark.parametrize(
    ("key", "column", "cell"),
    [
        ("gva_lad", "current_gbp_m", {"area_code": LEEDS, "industry_code": "Total"}),
        ("jobs_nuts2_division", "jobs", {"area_code": "UKI3", "industry_code": "64"}),
        ("productivity_lad", "gva_per_job_gbp", {"area_code": LEEDS}),
        ("indicators", "value", {"area_code": LEEDS, "indicator": "gdhi_per_head"}),
    ],
)
def test_line_drawn_between_two_figures_is_refused(data, key, column, cell):
    def draw(frame):
        frame = frame.reset_index(drop=True)
        rows = frame[at(frame, **cell)].sort_values("year")
        first, last = rows[column].iloc[0], rows[column].iloc[-1]
        step = (last - first) / (len(rows) - 1)
        if column == "jobs":
            step = 12_000  # counts this large are rounded to 1,000: a line of few rounding units could be chance
        elif key == "gva_lad":
            step = round(step)
        frame[column] = frame[column].astype("float64")
        frame.loc[rows.index, column] = first + step * np.arange(len(rows))
        return frame

    planting.plant(data, key, draw)
    result = planting.run("no-straight-lines", data)
    assert not result.passed
    assert "equal steps" in result.message


def test_one_gap_filled_with_four_equal_steps_is_refused():
    values = np.array([[30123.0, 30950, 32200, 33450, 34700, 35950, 35021, 37410]])  # four steps of 1,250
    found = straight_lines(Series(["Leeds Total"], values, np.ones(1)))
    assert found == ["Leeds Total: 4 equal steps of 1,250"]


def test_small_rounded_figures_may_tie_by_chance():
    rng = np.random.default_rng(20231117)
    walks = np.cumsum(rng.integers(-2, 4, size=(4000, 26)), axis=1).astype(float) + 40  # £40m, steps of -2 to +3
    assert straight_lines(Series([str(n) for n in range(4000)], walks, np.ones(4000))) == []


def test_constant_series_and_series_with_gaps_pass():
    constant = np.full((1, 20), 500.0)
    gaps = np.array([[100.0, 300, np.nan, 700, 900, np.nan, 1300, 1500]])  # never four steps in a row
    assert straight_lines(Series(["constant"], constant, np.ones(1))) == []
    assert straight_lines(Series(["gaps"], gaps, np.ones(1))) == []


def test_unit_of_figures():
    assert unit_of(np.array([3.0, 17, np.nan])) == 1.0
    assert unit_of(np.array([3.2, 17.0])) == 0.1
    assert unit_of(np.array([12.38215108813049, 11.520044038930688])) < 1e-4


def test_same_ratio_in_all_areas_is_refused(data):
    def copy(frame):
        frame = frame.sort_values(["area_code", "industry_code", "year"], ignore_index=True)
        source = frame.loc[at(frame, industry_code="46", year=2023), "current_gbp_m"].to_numpy()
        frame.loc[at(frame, industry_code="47", year=2023), "current_gbp_m"] = np.round(source * 0.73)
        return frame

    planting.plant(data, "gva_lad", copy)
    result = planting.run("no-identical-ratios", data)
    assert not result.passed
    assert "gva_lad 2023: 47 = 0.7299 x 46" in result.message  # 0.73 but for rounding to whole millions


def test_copied_file_found_in_the_wild_is_refused(shared):
    """The file of travel times to rail stations by LEP repeats that of travel times to airports."""
    folder = shared / "innovation" / "travel"
    names = ("travel_time_to_airport", "travel_time_to_rail", "travel_time_to_road_junctions")
    columns = {name: pd.read_csv(folder / f"{name}.lep.csv").set_index(["lep_id", "year"])[name] for name in names}
    faults, pairs = constant_multiples(pd.DataFrame(columns), unit=1e-9)
    assert faults == ["travel_time_to_rail = 1 x travel_time_to_airport"]
    assert pairs == 3


def test_codes_that_are_numbers_are_refused(data):
    path = data / "official" / "jobs_nuts2_division.parquet"
    table = pq.read_table(path, use_threads=False)
    numbers = pa.array([int(code) for code in table["industry_code"].to_pylist()])  # "01" becomes 1
    pq.write_table(table.set_column(1, "industry_code", numbers), path)
    assert "jobs_nuts2_division.industry_code is int64" in planting.run("codes-are-text", data).message


def test_too_large_is_refused(data):
    (data / "official" / "outlines.json").write_bytes(b" " * 500_001)
    (data / "official" / "gva_lad.parquet").write_bytes(b" " * 8_000_000)
    message = planting.run("files-are-small", data).message
    assert "outlines.json takes 500,001 bytes" in message
    assert "more than 8,000,000" in message


def test_changed_input_is_named(data, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("publisher")
    result = planting.run("inputs-unchanged", data, elsewhere)
    assert not result.passed
    assert "is missing" in result.message


@pytest.mark.parametrize(
    ("jobs", "half"), [(35, 2.5), (175, 12.5), (450, 25), (700, 50), (1750, 125), (4500, 250), (31000, 500)]
)
def test_rounding_steps_are_those_of_the_figures(jobs, half):
    """Steps read off the table: 5 up to 50, 25 to 250, 50 to 500, 100 to 1,000, 250 to 2,500, 500 to 5,000, 1,000."""
    assert rounding_half_width(pd.Series([jobs])).tolist() == [half]


def test_all_published_counts_of_jobs_follow_those_steps():
    jobs = planting.read(planting.SHIPPED, "jobs_nuts2_division")["jobs"]
    bands = [(0, 50, 5), (50, 250, 25), (250, 500, 50), (500, 1000, 100), (1000, 2500, 250), (2500, 5000, 500)]
    for low, high, step in [*bands, (5000, 10**9, 1000)]:
        band = jobs[(jobs > low) & (jobs <= high)]
        assert len(band) > 500
        assert (band % step == 0).all()
