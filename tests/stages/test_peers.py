"""Places like us, as a room chooses: how many, from among which, and on which indicators."""

from __future__ import annotations

import math

import numpy as np
import pytest

from iitk.errors import UsageError
from iitk.sources import geography
from iitk.stages import local, mandate, peers
from iitk.stages.peers import Likeness

LEEDS = geography.resolve("Leeds")


def by_hand(how: Likeness, names: list[str], pool: set[str]) -> list[str]:
    """The nearest districts, by plain loops over the table of features."""
    table = peers.district_features()
    own, found = table.loc[LEEDS.code], []
    mean = {name: np.nanmean(table[name].to_numpy()) for name in names}
    spread = {n: math.sqrt(np.nanmean([(x - mean[n]) ** 2 for x in table[n]])) for n in names}
    for code, row in table.iterrows():
        gaps = [(row[n] - own[n]) / spread[n] for n in names if not (math.isnan(row[n]) or math.isnan(own[n]))]
        if code in pool - {LEEDS.code} and len(gaps) > len(names) / 2:
            found.append((math.sqrt(sum(gap * gap for gap in gaps) / len(gaps)), code))
    return [code for _, code in sorted(found)[: how.most]]


def pool_of(among: str) -> set[str]:
    groups, districts = local.district_groups(), geography.lads().set_index("code")
    if among == "kind":
        return set(groups.index[groups == groups[LEEDS.code]])
    return set(districts.index[districts["country"] == "England"] if among == "nation" else districts.index)


EVERY = [*peers.STRUCTURE, *peers.PEOPLE]


@pytest.mark.parametrize(
    ("how", "names"),
    [
        (Likeness(), EVERY),
        (Likeness(most=12), EVERY),
        (Likeness(among="nation"), EVERY),
        (Likeness(most=3, among="uk"), EVERY),
        (Likeness(on="structure"), list(peers.STRUCTURE)),
        (Likeness(7, "uk", "people"), list(peers.PEOPLE)),
        (Likeness(on="without-size"), [name for name in EVERY if name != "size"]),
    ],
    ids=str,
)
def test_the_nearest_are_those_worked_out_by_hand(how, names):
    found = peers.of(LEEDS, how)
    assert [area.code for area in found.areas] == by_hand(how, names, pool_of(how.among))
    assert list(found.indicators) == [{**peers.STRUCTURE, **peers.PEOPLE}[name] for name in names]


def test_the_words_follow_the_choice():
    found = peers.of(LEEDS, Likeness(3, "nation", "without-finance"))
    assert found.pool == "296 local authorities of England"
    block = mandate.peers_block(found, LEEDS)
    assert len(block.rows) == 3
    assert block.caption == "Places like Leeds, nearest first of 296 local authorities of England"
    assert "Chosen from 296 local authorities of England" in block.method
    assert "share of manufacturing" in block.method
    assert "share of finance" not in block.method
    figure = mandate.map_figure(LEEDS, found)
    like = figure.table.loc[figure.table["Shown as"] == "like it", "Code"]
    assert like.tolist() == [area.code for area in found.areas]
    for name in (area.name for area in found.areas):
        assert name.split(",")[0] in figure.title
        assert name.split(",")[0] in mandate.card(LEEDS, LEEDS, found)["Places like us"]


def test_sources_and_years_are_those_of_the_indicators_that_count():
    assert peers.of(LEEDS, Likeness(on="people")).sources == ("indicators",)
    only = peers.of(LEEDS, Likeness(on="structure"))
    assert (only.sources, only.period) == (("gva_lad",), "2023")


def test_one_indicator_can_be_left_out_for_areas_of_several_districts():
    both = geography.resolve("Leeds + Bradford")
    assert len(peers.choices(both)) == 1 + len(peers.STRUCTURE)
    found = peers.of(both, Likeness(most=12, on="without-public"))
    assert "share of public services" not in found.indicators
    assert len(found.areas) == 12
    usual = [area.code for area in peers.of(both, Likeness(most=12)).areas]
    assert [area.code for area in found.areas] != usual


def test_fewer_places_than_asked_are_all_there_are():
    region = geography.resolve("Yorkshire and The Humber")
    found = peers.of(region, Likeness(most=12))
    assert len(found.areas) == 8
    assert found.pool.startswith("8 regions")


def test_a_place_without_the_figures_says_so():
    scilly = geography.resolve("Isles of Scilly")
    assert "Too few of the figures" in peers.of(scilly, Likeness(on="structure")).why_none


@pytest.mark.parametrize(
    ("area", "how", "says"),
    [
        ("Leeds", Likeness(on="weather"), "No indicators are called 'weather' here"),
        ("Leeds", Likeness(among="planet"), "among 'planet'"),
        ("Leeds + Bradford", Likeness(on="people"), "No indicators are called 'people' here"),
        ("Leeds + Bradford", Likeness(among="uk"), "among 'uk'"),
    ],
)
def test_what_cannot_be_chosen_is_refused(area, how, says):
    with pytest.raises(UsageError, match=says):
        peers.of(geography.resolve(area), how)
