"""Industries: they nest, their leaves are the whole, and names fit on a chart."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from iitk.errors import DataCheckError, UsageError
from iitk.sources import industries, tables
from iitk.sources.importer import industries as importer


def test_leaves_add_up_to_the_total_in_every_complete_district_and_year():
    cube = tables.gva()
    leaves = industries.leaves("gva_lad")
    values = cube.current[:, cube.industries.get_indexer(leaves)].astype(float)
    totals = cube.current[:, cube.industries.get_loc("Total")].astype(float)
    gap = np.abs(values.sum(axis=1) - totals)
    complete = ~np.isnan(gap)
    assert complete.mean() > 0.95
    assert gap[complete].max() <= 0.5 * (len(leaves) + 1)


@pytest.mark.parametrize(("level", "area"), [("ITL3", "TLE42"), ("ITL2", "TLE4"), ("ITL1", "TLE"), ("UK", "UK")])
def test_the_finest_partition_of_each_level_adds_up(level, area):
    cube = tables.gva_itl()
    leaves = industries.leaves("gva_itl", level=level)
    row = cube.wide(2023, leaf=False, areas=[area]).iloc[0]
    assert abs(row[leaves].sum() - row["Total"]) <= 0.5 * (len(leaves) + 1)


def test_leaves_hold_each_division_once():
    for scheme in ("gva_lad", "gva_itl"):
        leaves = industries.leaves(scheme, imputed=False)
        held = [division for code in leaves for division in industries.divisions(code)]
        assert len(held) == len(set(held)) == 87  # the 88 divisions that BRES counts, without 99


def test_divisions_behind_codes_by_hand():
    assert industries.divisions("CA-CB (10-15)") == ("10", "11", "12", "13", "14", "15")
    assert industries.divisions("72-75") == ("72", "73", "74", "75")
    assert industries.divisions("AB (1-9)") == ("01", "02", "03", "05", "06", "07", "08", "09")
    assert industries.divisions("68IMP") == ("68",)
    assert industries.divisions("T (97-98)") == ("97", "98")
    assert importer.divisions_of("A-E", ("35", "39", "41")) == ("35", "39")
    with pytest.raises(DataCheckError):
        importer.divisions_of("Everything", ("01",))


def test_sections_of_divisions_agree_with_the_published_lookup(shared):
    path = shared / "lookups/2digitSICcodes_w_sections.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        published = {row["SIC_2DIGIT_CODE"]: row["SIC_SECTION"] for row in csv.DictReader(file)}
    ours = industries.tree("sic_division")["parent"].to_dict()
    assert {code: ours[code] for code in published if code in ours} == published


@pytest.mark.parametrize("scheme", ["gva_lad", "gva_itl"])
def test_parents_hold_their_children(scheme):
    tree = industries.tree(scheme)
    for code, parent in tree["parent"].items():
        if parent:
            assert set(industries.divisions(code, scheme)) <= set(industries.divisions(parent, scheme))
            assert tree.at[code, "level"] == tree.at[parent, "level"] + 1
    assert (tree["parent"] == "").sum() == 1
    assert tree.index[0] == "Total"


def test_groups_that_cross_are_refused():
    with pytest.raises(DataCheckError, match="cross"):
        importer.refuse_crossing({"one": ("01", "02"), "other": ("02", "03")})


def test_names_fit_on_a_chart_and_differ():
    for scheme in ("gva_lad", "gva_itl", "sic_division", "sic_section"):
        leaves = industries.tree(scheme).loc[industries.leaves(scheme), "short_name"]
        assert leaves.str.len().max() <= 28
        assert leaves.is_unique
    assert industries.short_name("77") == "Rental and leasing"
    assert industries.short_name("61-63") == "Telecoms and IT"


def test_flags():
    tree = industries.tree("gva_lad")
    assert list(tree.index[tree["imputed"]]) == ["68IMP"]
    assert "68IMP" not in industries.leaves("gva_lad", imputed=False)
    assert list(tree.index[tree["public"]]) == ["O (84)", "P (85)", "Q (86-88)"]
    assert not (tree["tradable"] & tree["public"]).any()
    assert not tree.at["68IMP", "tradable"]


def test_unknown_codes_and_schemes_say_what_there_is():
    with pytest.raises(UsageError, match=r"Nearest codes: .*CA"):
        industries.short_name("CA-CB")
    with pytest.raises(UsageError, match="gva_lad, gva_itl"):
        industries.tree("nace")
    with pytest.raises(UsageError, match="ITL3"):
        industries.leaves("gva_itl", level="county")
