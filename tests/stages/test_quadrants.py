"""Sorting industries by a rule that a room can change: strong, growing, how large, over how many years."""

from __future__ import annotations

import dataclasses
import math
import re

import pytest

from iitk.errors import UsageError
from iitk.sources import tables
from iitk.stages import activity, base, measures, potential, quadrants
from iitk.stages.quadrants import Rule
from iitk.stages.track_record import NOT_OPPORTUNITIES

LEEDS, UK = base.pick("Leeds", "UK")


def by_hand(rule: Rule) -> dict[str, str]:
    """Group of each industry, by plain comparisons of the industry table."""
    industry = measures.of(LEEDS, UK, years=rule.years)
    whole = {"area": LEEDS, "comparator": UK}.get(rule.growing)
    pace = 0.0
    if whole:
        index = activity.of(whole).total_index
        pace = (index[2023] / index[2023 - rule.years]) ** (1 / rule.years) - 1
    groups = {}
    for row in industry.rows.to_dict("records"):
        known = not math.isnan(row["lq"]) and not math.isnan(row["growth"])
        if row["code"] in NOT_OPPORTUNITIES or not known or row["current_gbp_m"] < rule.smallest:
            continue
        growing = row["growth"] >= pace if whole else row["growth"] > 0
        if row["lq"] >= rule.strong:
            group = ("watch" if row["confidence"] == "low" else "build on") if growing else "renew"
        else:
            group = "watch" if growing else "leave"
        groups[row["code"]] = group
    return groups


@pytest.mark.parametrize(
    "rule",
    [
        Rule(), Rule(strong=1.25), Rule(strong=1.5, growing="zero"), Rule(growing="comparator"), Rule(smallest=100),
        Rule(years=5), Rule(1.25, "comparator", 50, 20),
    ],
    ids=str,
)  # fmt: skip
def test_industries_are_sorted_by_the_rule(rule):
    ranked = quadrants.sort(LEEDS, UK, rule).ranked
    assert dict(zip(ranked["code"], ranked["group"].astype(str), strict=True)) == by_hand(rule)
    order = [(quadrants.GROUPS.index(g), -v) for g, v in zip(ranked["group"], ranked["current_gbp_m"], strict=True)]
    assert order == sorted(order)


def test_the_usual_rule_is_the_stage_as_it_is_printed():
    stage, found = potential.prepare("Leeds"), quadrants.sort(LEEDS, UK)
    assert quadrants.figure(found)._repr_html_() == stage.figures["quadrants"]._repr_html_()
    assert quadrants.block(found)._repr_html_() == stage.blocks["industries"]._repr_html_()


def test_the_stage_s_table_is_its_own():
    own = potential.prepare("Leeds").tables["industries"]
    own["group"] = "spoilt"
    assert set(quadrants.sort(LEEDS, UK).ranked["group"]) <= set(quadrants.GROUPS)


def test_a_share_the_same_as_elsewhere_is_strong_whatever_the_last_bit_says():
    found = quadrants.sort(LEEDS, UK)
    rows = found.industry.rows.assign(lq=1 - 2**-53, confidence="high", growth=1.0)
    tied = dataclasses.replace(found, industry=dataclasses.replace(found.industry, rows=rows))
    assert set(tied.ranked["group"]) == {"build on"}


def test_figure_list_and_sentence_follow_the_rule():
    found = quadrants.sort(LEEDS, UK, Rule(1.25, "zero", 25, 15))
    figure, listed = quadrants.figure(found), quadrants.block(found)
    assert "Up: real growth, % a year, 2008 to 2023." in figure.measure
    assert "Dashed lines: 1.25 times UK, and no growth. Industries under £25m are left out." in figure.notes
    assert listed.caption == (
        "Industries of Leeds by strength and growth: strong from 1.25, growing if it grew at all, from £25m"
    )
    assert len(listed.frame) == len(figure.table) == len(found.ranked)
    assert listed.frame["Value added"].min() >= 25
    assert "2008 to 2023" in listed.units["Real growth"]
    counts = [int(number) for number in re.findall(r"\d+", quadrants.sentence(found))]
    assert counts == list(found.counts().values())
    assert sum(counts) == len(found.ranked)


def test_no_industry_of_that_size_is_a_sentence():
    area, other = base.pick("Isles of Scilly", "UK")
    found = quadrants.sort(area, other, Rule(smallest=500))
    nothing = "No industry of the Isles of Scilly has a figure of £500m or more"
    assert quadrants.figure(found).title == nothing
    assert quadrants.block(found).lines == [f"{nothing}, so none is listed here."]


def test_growth_held_against_a_sum_of_places_is_modelled():
    """The index of two districts together is worked out here; that of Leeds is published."""
    pair = base.pick("Bradford + Wakefield", "UK")[0]
    assert quadrants.figure(quadrants.sort(LEEDS, pair)).badge == "observed"
    assert quadrants.figure(quadrants.sort(LEEDS, pair, Rule(growing="comparator"))).badge == "modelled"


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (Rule(growing="sideways"), "area, comparator or zero"),
        (Rule(strong=0), "above 0"),
        (Rule(smallest=-1), "0 or more"),
        (Rule(years=2), "3 to 25 years, not over 2"),
        (Rule(years=26), "3 to 25 years, not over 26"),
    ],
)
def test_rules_that_the_figures_cannot_follow_are_refused(rule, says):
    with pytest.raises(UsageError, match=says):
        quadrants.sort(LEEDS, UK, rule)


@pytest.mark.parametrize("name", ["Isles of Scilly", "Cornwall", "Scotland", "UK"])
def test_every_rule_can_be_shown_for_awkward_places(name):
    area, other = base.pick(name, "UK")
    last = int(tables.gva().years[-1]) - int(tables.gva().years[0])
    for rule in (Rule(1.5, "comparator", 50, last), Rule(1.25, "zero", 10_000, 3)):
        found = quadrants.sort(area, other, rule)
        for html in (quadrants.figure(found)._repr_html_(), quadrants.block(found)._repr_html_()):
            assert not re.search(r"\b(nan|NaN|inf|<NA>)\b", re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL))


def test_sector_lists_are_the_stage_s_own_and_others_are_refused():
    stage = potential.prepare("Leeds")
    for name in potential.LISTS:
        seen = potential.lens_list(name, LEEDS, UK)
        assert seen.figure._repr_html_() == stage.figures[f"lenses_{name}"]._repr_html_()
        assert seen.cards._repr_html_() == stage.blocks[f"lenses_{name}"]._repr_html_()
    with pytest.raises(UsageError, match="2025 and 2010"):
        potential.lens_list("1997", LEEDS, UK)
