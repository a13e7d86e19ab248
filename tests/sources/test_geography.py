"""Areas: who belongs where, what ended, and what happens to whatever people type."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import pairwise
from math import cos, radians

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iitk.errors import AreaOverlapError, EndedAreaError, IitkError, UnknownAreaError, UsageError
from iitk.model import AreaKind
from iitk.sources import geography, tables
from iitk.sources.importer import itl_membership

WEST_YORKSHIRE = {"E08000032", "E08000033", "E08000034", "E08000035", "E08000036"}
CUT = {"TLM20", "TLM2", "TLM93", "TLM9"}  # ITL areas that cut through North Ayrshire


# --- who belongs where -----------------------------------------------------------------------------------------------


def test_districts_are_as_many_of_each_kind_as_official_lists_say():
    # Local government in the UK, December 2023: 36 metropolitan and 164 non-metropolitan districts, 62 unitary
    # authorities and the Isles of Scilly, 32 London boroughs and the City, 22 in Wales, 32 in Scotland, 11 in NI.
    counts = geography.lads()["district_type"].value_counts().to_dict()
    assert counts == {
        "non-metropolitan": 164, "unitary": 63, "metropolitan": 36, "London borough": 33, "Welsh": 22, "Scottish": 32,
        "NI": 11,
    }  # fmt: skip


def test_region_of_each_district_adds_up_to_the_published_region():
    """The sums of districts are the published totals of the regions in all 26 years, within rounding."""
    lad, itl = tables.gva(), tables.gva_itl()
    regions = geography.lads().set_index("code")["region_code"]
    for year in lad.years:
        sums = lad.total(year).groupby(regions).agg(["sum", "size"])
        for code, row in sums.iterrows():
            published = itl.total(year)[geography.itl_code(geography.resolve(code))]
            assert abs(row["sum"] - published) <= 0.5 * (row["size"] + 1), (code, year)


@pytest.mark.parametrize("industry", ["A-E", "C (10-33)", "F (41-43)", "G (45-47)", "K (64-66)", "P (85)", "69", "77"])
def test_itl_membership_holds_in_industries_that_did_not_decide_it(industry):
    """Membership was found from totals alone: every industry must add up too, in every ITL area and year."""
    lad, itl = tables.gva(), tables.gva_itl()
    members = tables.load("area_members")
    members = members[members["parent_kind"].str.startswith("ITL") & ~members["parent_code"].isin(CUT)]
    tried = 0
    for code, its in members.groupby("parent_code"):
        parts = lad.current[lad.areas.get_indexer(its["lad_code"]), lad.industries.get_loc(industry)].astype(float)
        whole = itl.current[itl.areas.get_loc(code), itl.industries.get_loc(industry)].astype(float)
        if np.isnan(parts).any():
            continue  # a district without the figure
        assert np.abs(parts.sum(axis=0) - whole).max() <= 0.5 * (len(its) + 1), code
        tried += 1
    assert tried > 225


@pytest.mark.parametrize(
    ("code", "members"),
    [  # ITL3 areas whose published names list their districts
        ("TLE44", {"Calderdale", "Kirklees"}),
        ("TLI35", {"Westminster", "City of London"}),
        ("TLI43", {"Haringey", "Islington"}),
        ("TLI63", {"Merton", "Kingston upon Thames", "Sutton"}),
        ("TLH61", {"Babergh", "Mid Suffolk"}),
        ("TLK52", {"Bath and North East Somerset", "South Gloucestershire"}),
        ("TLL33", {"Conwy", "Denbighshire"}),
        ("TLM01", {"Clackmannanshire", "Fife"}),
        ("TLM33", {"Inverclyde", "East Renfrewshire", "Renfrewshire"}),
        ("TLM31", {"East Dunbartonshire", "West Dunbartonshire"}),
        ("TLE33", {"Barnsley"}),
    ],
)
def test_itl3_areas_hold_the_districts_in_their_names(code, members):
    assert {geography.name_of(lad) for lad in geography.resolve(code).lads} == members


def test_every_district_is_once_in_each_level_of_itl():
    members = tables.load("area_members")
    for kind, count in ((AreaKind.ITL1, 12), (AreaKind.ITL2, 46), (AreaKind.ITL3, 182)):
        its = members[members["parent_kind"] == kind]
        assert its["parent_code"].nunique() == count
        assert its["lad_code"].nunique() == len(its) == 361


def test_areas_that_cut_through_a_council_say_so():
    assert "Arran and the Cumbraes" in geography.resolve("TLM20").note
    assert "Arran and the Cumbraes" in geography.resolve("TLM93").note
    bases = tables.load("area_members").query("parent_code == 'TLM93'")["basis"]
    assert set(bases) == {itl_membership.APART}


def test_south_yorkshire_is_found_although_its_lookup_has_the_codes_of_2025():
    area = geography.resolve("South Yorkshire")
    assert area.kind is AreaKind.COMBINED_AUTHORITY
    assert area.lads == ("E08000016", "E08000017", "E08000018", "E08000019")


def test_parents_of_leeds():
    codes = [code for _, code, _ in geography.resolve("Leeds").parents]
    assert codes == ["E47000003", "TLE42", "TLE4", "TLE", "E12000003", "E92000001", "K02000001"]


def test_assign_finds_the_only_way_and_refuses_two():
    # By hand: 5 + 7 = 12 and 11 in year one, 6 + 9 = 15 and 4 in year two.
    parts = pd.DataFrame([[5, 6], [7, 9], [11, 4]], index=["a", "b", "c"], dtype=float)
    wholes = pd.DataFrame([[12, 15], [11, 4]], index=["X", "Y"], dtype=float)
    assert itl_membership.assign(parts, wholes) == {"a": "X", "b": "X", "c": "Y"}
    twins = pd.DataFrame([[5, 6], [5, 6]], index=["a", "b"], dtype=float)
    with pytest.raises(IitkError, match="More than one"):
        itl_membership.assign(twins, pd.DataFrame([[5.0, 6.0]], index=["X"]))
    with pytest.raises(IitkError, match="No districts"):
        itl_membership.assign(twins, pd.DataFrame([[50.0, 60.0]], index=["X"]))


# --- what ended ------------------------------------------------------------------------------------------------------


def test_no_english_district_code_is_forgotten():
    """ONS numbered the districts of England without gaps: each number is a district of 2023 or one that ended."""
    known = set(tables.load("areas")["code"]) | set(tables.load("area_successions")["old_code"])
    numbers = {f"E06{n:06d}" for n in range(1, 67)} | {f"E07{n:06d}" for n in range(1, 247)}
    numbers |= {f"E08{n:06d}" for n in range(1, 40)} | {f"E09{n:06d}" for n in range(1, 34)}
    assert numbers - known == {"E07000025"}  # the Isles of Scilly, before 2009: not certain, so left out


def test_successions_lead_to_todays_districts_and_start_from_none():
    table = tables.load("area_successions")
    lads = set(geography.lads()["code"])
    assert set(table["new_code"]) <= lads
    assert not set(table["old_code"]) & lads


def test_craven_is_explained():
    area = geography.resolve("craven")
    assert (area.code, area.lads) == ("E06000065", ("E06000065",))
    assert area.note == (
        "Craven (E07000163) became part of North Yorkshire (E06000065) on 1 April 2023. The figures here are for North "
        "Yorkshire. BRES jobs by section 2015-2021 still hold Craven on its own."
    )


@pytest.mark.parametrize(
    ("ended", "successor"),
    [
        ("Selby", "North Yorkshire"), ("Allerdale", "Cumberland"), ("E07000026", "Cumberland"), ("Carrick", "Cornwall"),
        ("Taunton Deane", "Somerset"), ("Oswestry", "Shropshire"), ("Blyth Valley", "Northumberland"),
        ("Poole", "Bournemouth, Christchurch and Poole"), ("Moyle", "Causeway Coast and Glens"),
        ("North Down", "Ards and North Down"), ("E08000038", "Barnsley"), ("E07000100", "St Albans"),
        ("Macclesfield", "Cheshire East"), ("Ellesmere Port & Neston", "Cheshire West and Chester"),
    ],
)  # fmt: skip
def test_ended_areas_become_their_successor_with_a_note(ended, successor):
    area = geography.resolve(ended)
    assert area.name == successor
    assert successor in area.note


@pytest.mark.parametrize(
    ("divided", "choices"),
    [
        ("Northamptonshire", ["North Northamptonshire (E06000061)", "West Northamptonshire (E06000062)"]),
        ("Castlereagh", ["Belfast (N09000003)", "Lisburn and Castlereagh (N09000007)"]),
    ],
)
def test_an_area_that_was_divided_asks_which_part(divided, choices):
    with pytest.raises(EndedAreaError) as told:
        geography.resolve(divided)
    assert all(choice in str(told.value) for choice in choices)


# --- what people type ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Leeds", "E08000035"), ("  LEEDS ", "E08000035"), ("e08000035", "E08000035"), ("tle42", "TLE42"),
        ("City of Bristol", "E06000023"), ("Bristol", "E06000023"), ("Hull", "E06000010"), ("St Helens", "E08000013"),
        ("Saint Helens", "E08000013"), ("Newcastle-on-Tyne", "E08000021"), ("Bath & North East Somerset", "E06000022"),
        ("Durham", "E06000047"), ("Caerdydd", "W06000015"), ("Cornwall", "E06000052"), ("London", "E12000007"),
        ("City of London", "E09000001"), ("UK", "K02000001"), ("England", "E92000001"), ("TLB", "E92000001"),
        ("West Yorkshire", "E47000003"), ("West Yorkshire Combined Authority", "E47000003"),
        ("West Midlands", "E47000007"), ("West Midlands region", "E12000005"), ("North East (region)", "E12000001"),
        ("Leeds ITL3", "TLE42"), ("Leeds (E08000035)", "E08000035"), ("Kent", "TLJ4"), ("Cambridgeshire", "TLH42"),
        ("Royal Borough of Greenwich", "E09000011"), ("King's Lynn and West Norfolk", "E07000146"),
        ("Kings Lynn & West Norfolk", "E07000146"),
    ],
)  # fmt: skip
def test_names_and_codes_as_people_write_them(text, code):
    assert geography.resolve(text).code == code


def test_every_area_is_found_by_its_code_and_every_district_by_its_name():
    for code in tables.load("areas")["code"]:
        assert geography.resolve(code).code == code
    for row in geography.lads().itertuples():
        assert geography.resolve(row.name).code == row.code


def test_a_name_of_several_areas_says_which_is_meant():
    assert "the region (E12000005, 30 districts)" in geography.resolve("West Midlands").note
    assert geography.resolve("West Yorkshire").note == ""  # the ITL2 area of this name has the same extent


def test_a_misspelt_name_is_never_guessed():
    for name in geography.lads()["name"]:
        middle = len(name) // 2
        misspelt = name[:middle] + "qx" + name[middle:]
        with pytest.raises(UnknownAreaError) as told:
            geography.resolve(misspelt)
        assert name in told.value.nearest, name
        assert len(told.value.nearest) == 3


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("sheffeild", "Sheffield"), ("Middlesborough", "Middlesbrough"), ("leads", "Leeds"), ("cravn", "North Yorkshire"),
     ("Kirkless", "Kirklees"), ("midlands", "West Midlands"), ("hull", "Kingston upon Hull, City of")],
)  # fmt: skip
def test_searching_tolerates_spelling(typed, wanted):
    found = geography.find(typed)
    assert found[0].area.name == wanted or wanted in [match.area.name for match in found[:3]]
    assert len(found) <= 10
    assert all(a.score >= b.score for a, b in pairwise(found))


def test_search_shows_all_kinds_and_says_what_ended():
    kinds = {str(match.area.kind) for match in geography.find("leeds") if match.area.name == "Leeds"}
    assert kinds == {"local authority", "ITL3 area"}
    assert "Craven (E07000163) became part" in geography.find("craven")[0].area.note
    assert geography.find("") == []


def test_functional_areas():
    area = geography.resolve("Leeds + Bradford")
    assert (area.kind, area.name, area.slug) == (AreaKind.FUNCTIONAL, "Leeds + Bradford", "leeds-bradford")
    assert area.lads == ("E08000032", "E08000035")
    assert geography.resolve(area.code).lads == area.lads
    named = geography.resolve("Cambridge sub-region = Cambridge + South Cambridgeshire")
    assert (named.name, named.lads) == ("Cambridge sub-region", ("E07000008", "E07000012"))
    mixed = geography.resolve("West Yorkshire + York")
    assert set(mixed.lads) == WEST_YORKSHIRE | {"E06000014"}


@pytest.mark.parametrize("text", ["Leeds + West Yorkshire", "Leeds + leeds", "TLE4 + Leeds", "England + Leeds"])
def test_overlaps_name_the_place_that_would_count_twice(text):
    with pytest.raises(AreaOverlapError, match=r"Leeds \(E08000035\)|and 293 more"):
        geography.resolve(text)


def test_two_ended_areas_of_one_successor_overlap():
    with pytest.raises(AreaOverlapError, match=r"North Yorkshire \(E06000065\)"):
        geography.resolve("Craven + Selby")


@pytest.mark.parametrize(
    "text",
    ["", "  ", "x" * 5000, "a+" * 9000, "'; DROP TABLE areas;--", "<script>alert(1)</script>", "../../etc", "\x00"],
)
def test_hostile_or_empty_text_is_an_unknown_area(text):
    with pytest.raises(UnknownAreaError) as told:
        geography.resolve(text)
    assert len(str(told.value)) < 400


@pytest.mark.parametrize("text", ["+", "Leeds +", "= Leeds", "Us = ", "Leeds (E08000032)", "n" * 90 + " = Leeds"])
def test_half_written_areas_say_what_to_write(text):
    with pytest.raises(UsageError):
        geography.resolve(text)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40) | st.text(alphabet="Leds +=()E0835", max_size=30))
def test_any_text_is_an_area_or_advice(text):
    with suppress(IitkError):  # anything else is a bug
        assert geography.resolve(text).lads
    assert isinstance(geography.find(text), list)


# --- neighbours and outlines -----------------------------------------------------------------------------------------


def test_neighbours():
    names = {geography.name_of(code) for code in geography.neighbours("Leeds")}
    assert names == {"Bradford", "Kirklees", "Wakefield", "North Yorkshire"}
    assert geography.neighbours("Isle of Wight") == []
    assert not WEST_YORKSHIRE & set(geography.neighbours(geography.resolve("West Yorkshire")))
    table = tables.load("lad_neighbours")
    pairs = set(zip(table["lad_code"], table["neighbour_code"], strict=True))
    assert pairs == {(other, one) for one, other in pairs}


def _km2(ring: list[list[float]]) -> float:
    """Signed area on the sphere, small rings: shoelace in kilometres at the ring's middle latitude."""
    x, y = np.asarray(ring).T
    x = (x - x[0]) * 111.32 * cos(radians(float(y.mean())))
    y = (y - y[0]) * 111.2
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def _polygons(feature: dict) -> list[list[list[list[float]]]]:
    shape = feature["geometry"]
    return shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]


def test_outlines_hold_all_districts_with_rings_that_vega_draws():
    features = geography.outlines()["features"]
    assert {one["properties"]["code"] for one in features} == set(geography.lads()["code"])
    for feature in features:
        for polygon in _polygons(feature):
            assert all(ring[0] == ring[-1] for ring in polygon)
            assert _km2(polygon[0]) < 0  # clockwise
            assert all(_km2(hole) > 0 for hole in polygon[1:])


@pytest.mark.parametrize(
    ("name", "km2"),  # Standard Area Measurements (ONS): land area
    [("Leeds", 552), ("Birmingham", 268), ("Cornwall", 3546), ("Northumberland", 5014), ("County Durham", 2226)],
)
def test_outlines_have_the_published_land_area(name, km2):
    feature = next(one for one in geography.outlines()["features"] if one["properties"]["name"] == name)
    assert -sum(_km2(ring) for polygon in _polygons(feature) for ring in polygon) == pytest.approx(km2, rel=0.02)


def test_outlines_keep_the_area_of_the_boundaries_that_they_simplify(shared):
    raw = json.loads((shared / "boundaries/LADs_2023.geojson").read_text(encoding="utf-8"))
    metres = {
        one["properties"]["LAD23CD"]: sum(
            _shoelace(ring) * (1 if place == 0 else -1)
            for polygon in _polygons(one)
            for place, ring in enumerate(polygon)
        )
        for one in raw["features"]
    }
    transformer = pytest.importorskip("pyproj").Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
    for one in geography.outlines()["features"]:
        code = one["properties"]["code"]
        drawn = sum(
            _shoelace(np.column_stack(transformer.transform(*np.asarray(ring).T))) * (1 if place == 0 else -1)
            for polygon in _polygons(one)
            for place, ring in enumerate(polygon)
        )
        if metres[code] > 5e8:  # large districts; the Western Isles lose many small islands
            assert drawn == pytest.approx(metres[code], rel=0.015 if code == "S12000013" else 0.01), code


def _shoelace(ring: list[list[float]] | np.ndarray) -> float:
    x, y = (np.asarray(ring) - np.asarray(ring)[0]).T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def test_neighbours_still_meet_on_the_map():
    """Simplified and rounded, a shared boundary is still the same line on both sides."""
    edges: dict[frozenset, set[str]] = {}
    for one in geography.outlines()["features"]:
        for polygon in _polygons(one):
            for ring in polygon:
                for start, end in pairwise(ring):
                    edges.setdefault(frozenset((tuple(start), tuple(end))), set()).add(one["properties"]["code"])
    meeting = {frozenset(codes) for codes in edges.values() if len(codes) == 2}
    table = tables.load("lad_neighbours")
    long = table[table["shared_km"] > 1]
    pairs = {frozenset(pair) for pair in zip(long["lad_code"], long["neighbour_code"], strict=True)}
    assert len(pairs - meeting) <= 0.01 * len(pairs)


# --- cohorts ---------------------------------------------------------------------------------------------------------


def test_the_default_cohort():
    cohort = geography.load_cohort("west-yorkshire")
    assert {area.code for area in cohort.areas} == WEST_YORKSHIRE
    assert cohort.reference is not None
    assert len(cohort.reference.lads) == 4
    assert "west-yorkshire" in geography.cohorts()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('name = "X"\nareas = [\n"Leeds"\n"Bradford"]\n', r"not valid TOML.*line 4"),
        ('name = "X"\nareas = [\n    "Leeds",\n    "Bradfrod",\n]\n', r"line 4: No area is called 'Bradfrod'"),
        ('name = "X"\nareas = ["Leeds"]\nreference = "Lisburn"\n', r"line 3: Lisburn ended"),
        ('name = "X"\nareas = ["Leeds", "West Yorkshire"]\n', r"overlap: both hold Leeds"),
        ('areas = ["Leeds"]\n', "has no name"),
        ('name = "X"\nareas = "Leeds"\n', "no list of areas"),
        ('name = "X"\nareas = [1]\n', "no list of areas"),
        ('name = "X"\nareas = ["Leeds"]\nreference = 3\n', "reference must be one area"),
    ],
)
def test_a_cohort_file_with_a_fault_names_the_line(tmp_path, text, told):
    file = tmp_path / "cohort.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=f"(?s){told}") as error:
        geography.load_cohort(file)
    assert str(file) in str(error.value)


@pytest.mark.parametrize("name", ["nowhere", "no/such/file.toml", ""])
def test_a_cohort_that_is_not_there_lists_those_that_are(name):
    with pytest.raises(UsageError, match="west-yorkshire"):
        geography.load_cohort(name)


def test_a_name_that_is_right_finds_no_strangers_and_no_area_twice():
    for text, first in (("leeds", "E08000035"), ("City of London", "E09000001"), ("Allerdale", "E06000063")):
        codes = [match.area.code for match in geography.find(text)]
        assert codes[0] == first
        assert len(codes) == len(set(codes))
        assert "E07000063" not in codes  # Lewes is spelt like Leeds, and was not meant
    assert "E08000035" in [match.area.code for match in geography.find("Leedz")]
