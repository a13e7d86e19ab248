"""What the charts of options say and draw, checked against figures worked out by hand."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from iitk.analysis import worth
from iitk.charts.choosing_frontier import frontier
from iitk.charts.choosing_grid import choice_grid
from iitk.charts.choosing_logic import logic_model
from iitk.charts.choosing_money import money_by_funder, spending
from iitk.charts.choosing_net import gross_to_net
from iitk.charts.choosing_people import value_spread, weights_spread
from iitk.charts.choosing_ranges import cost_ranges, worth_ranges
from iitk.charts.choosing_robust import robust_bars
from iitk.errors import MissingColumnsError
from iitk.model import Badge
from iitk.sources import options
from iitk.words import number

FROM = {"source": "Options written by a team"}
BLUE, INK, QUIET, PINK, ORANGE, DOUBT = "#12436D", "#1B1F23", "#7F8A93", "#801650", "#F46A25", "#5C6770"
SVG = "{http://www.w3.org/2000/svg}"


def texts(figure, narrow: bool = False) -> list[str]:
    root = ET.fromstring(figure.svg(narrow))  # noqa: S314 (our own drawing)
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def marks(figure, mark: str, narrow: bool = False) -> list[dict]:
    """Data rows of every layer with one kind of mark, with the layer's look."""
    spec = (figure.narrow if narrow else figure.chart).to_dict(validate=False)
    return [{**row, "look": layer["mark"]} for layer in spec["layer"] if layer["mark"]["type"] == mark
            for row in spec["datasets"][layer["data"]["name"]]]  # fmt: skip


# From gross to net


def steps(rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["step", "change", "after"])


# 100 gross; 40% would come anyway; 10% leak; a quarter displaced; multiplier 1.2: 60, 54, 40.5, 40.5, 48.6.
NET = steps([("gross", 0, 100), ("deadweight", -40, 60), ("leakage", -6, 54), ("displacement", -13.5, 40.5),
             ("substitution", 0, 40.5), ("multiplier", 8.1, 48.6), ("net", 0, 48.6)])  # fmt: skip


def test_the_waterfall_closes_and_says_what_is_additional():
    figure = gross_to_net(NET, option="Tram", area="Leeds", period="in 2031", **FROM)
    assert figure.title == "Of 100 gross jobs, 49 are additional to Leeds"
    assert {"100", "−40", "−6", "−14", "+8", "49", "0"} <= set(texts(figure))
    bars = [row for row in marks(figure, "rect") if "value" in row]
    (gross,) = [row for row in bars if row["look"]["fill"] == INK]
    (net,) = [row for row in bars if row["look"]["fill"] == BLUE]
    per = (gross["x2"] - gross["x"]) / 100
    assert net["x2"] - net["x"] == pytest.approx(48.6 * per)
    dead = next(row for row in bars if row["name"] == "Would happen anyway")
    assert (dead["x2"], dead["x2"] - dead["x"]) == pytest.approx((gross["x2"], 40 * per))
    assert figure.badge is Badge.MODELLED


def test_the_steps_of_an_option_are_drawn_as_they_are_worked_out():
    option = options.example().options[0]
    found = worth.steps(option)
    figure = gross_to_net(found, option=option.name, **FROM)
    assert figure.table["Called"].tolist() == list(found.index)
    assert number(found.loc["net", "after"]) in texts(figure)


@pytest.mark.parametrize(
    ("gross", "net", "title"),
    [
        (100, 118, "100 gross jobs become 118 net: suppliers and spending add more than is taken away"),
        (8, 3.25, "Of 8.0 gross jobs, 3.3 are additional to the place"),
        (10, 1, "Of 10 gross jobs, 1 is additional to the place"),
        (10, 0, "Of 10 gross jobs, none is additional to the place"),
        (-40, -23, "−40 gross jobs become −23 net jobs"),
    ],
)
def test_the_sentence_fits_the_result(gross, net, title):
    figure = gross_to_net(steps([("gross", 0, gross), ("net", 0, net)]), option="Tram", **FROM)
    assert figure.title == title


def test_jobs_that_nobody_has_estimated_are_not_none():
    figure = gross_to_net(steps([("gross", None, None), ("net", None, None)]), option="Tram", **FROM)
    assert figure.title == "Net jobs of Tram cannot be said: nobody has estimated them"
    assert not marks(figure, "rect")


# Worth, and cost per net job


RANGES = pd.DataFrame({
    "name": ["Hub", "Tram", "Lab", "Desk"], "low": [-3.0, 2.0, np.nan, -9.0], "central": [1.0, 5.0, np.nan, -4.0],
    "high": [4.0, 30.0, np.nan, -1.0], "chosen": [True, False, False, False],
    "reason": ["", "", "no benefit known", ""],
})  # fmt: skip


def test_worth_is_sorted_and_counted():
    figure = worth_ranges(RANGES, **FROM)
    assert figure.title == "2 of 3 options are worth more than they cost, 1 over the whole range"
    assert figure.table["Option"].tolist() == ["Tram", "Hub", "Desk", "Lab"]
    assert "not available (no benefit known)" in texts(figure)
    dots = [row for row in marks(figure, "point") if row["look"].get("shape") is None]
    assert {row["value"]: row["look"]["fill"] for row in dots} == {1.0: BLUE, 5.0: "#FFFFFF", -4.0: "#FFFFFF"}
    zero = next(row["x"] for row in marks(figure, "rule") if row["look"]["stroke"] == INK)
    spots = {row["value"]: row["x"] - zero for row in dots}
    assert spots[-4.0] == pytest.approx(-4 * spots[1.0])
    assert "Full dot and bold name: chosen. Ring: not." in figure.measure
    assert "not chosen" in set(figure.table["Chosen"])


def test_a_range_beyond_the_cap_gets_an_arrow_and_its_end_in_figures():
    figure = worth_ranges(RANGES, cap=10, **FROM)
    (arrow,) = [row for row in marks(figure, "point") if row["look"].get("shape") == "triangle-up"]
    assert (arrow["value"], arrow["look"]["angle"]) == (30.0, 90)
    assert "to £30m" in texts(figure)
    assert "The scale ends at £10m" in figure.notes
    assert "The scale ends" not in worth_ranges(RANGES, **FROM).notes


@pytest.mark.parametrize(
    ("central", "title"),
    [
        ([1, 2], "2 of 2 options are worth more than they cost, all over the whole range"),
        ([1, -2], "1 of 2 options is worth more than it costs, over its whole range"),
        ([0, -2], "None of 2 options are worth more than they cost"),
        ([3], "Hub is worth more than it costs"),
        ([0], "Hub is worth no more than it costs"),
    ],
)
def test_worth_in_words(central, title):
    table = pd.DataFrame({"name": ["Hub", "Tram"][: len(central)], "low": central, "central": central, "high": central})
    assert worth_ranges(table.astype({"low": float}), **FROM).title == title


def test_cost_per_job_names_the_cheapest_and_the_dearest():
    central = [21_234, 50_000, np.nan, 310_499]
    table = RANGES.assign(low=[9e3, 2e4, np.nan, 1e5], central=central, high=[3e4, 6e4, np.nan, 9e5])
    figure = cost_ranges(table.drop(columns="chosen"), cap=100_000, **FROM)
    assert figure.title == "A net job costs from £21,200 (hub) to £310,000 (desk)"
    assert figure.table["Option"].tolist() == ["Hub", "Tram", "Desk", "Lab"]
    assert figure.table["Central (£)"].tolist()[2] == 310_499
    assert 310_499 not in [row.get("value") for row in marks(figure, "point") if row["look"].get("shape") is None]
    assert "Chosen" not in figure.table.columns


def test_a_few_very_dear_options_do_not_squeeze_the_others():
    def costs(last: float) -> pd.DataFrame:
        each = [20e3, 25e3, 30e3, 35e3, last]
        return pd.DataFrame({"name": list("abcde"), "low": each, "central": each, "high": each})

    # Four times the middle option is £120,000, rounded up to £200,000; £170,000 is not far beyond the £120,000.
    assert "The scale ends at £200,000" in cost_ranges(costs(2e6), **FROM).notes
    assert not cost_ranges(costs(170e3), **FROM).notes
    assert not cost_ranges(costs(2e6), cap=float("inf"), **FROM).notes


# Money


def test_spend_within_and_over_the_budget():
    table = pd.DataFrame({
        "kind": ["capital", "capital", "capital", "revenue"], "year": [2027, 2028, 2029, 2027],
        "budget": [10.0, 10.0, 0.0, np.nan], "spend": [8.0, 13.1, 0.0, 2.0],
    })  # fmt: skip
    figure = spending(table, price_year=2026, **FROM)
    assert figure.title == "Over budget: capital in 2028 by £3.1m"
    assert {"£2.0m left", "£3.1m over", "no money", "£2.0m, budget not available", "£21m of £20m"} <= set(texts(figure))
    (over,) = [row for row in marks(figure, "rect") if row["look"].get("stroke") == PINK]
    outline = next(row for row in marks(figure, "rect") if row.get("budget") is None and row.get("value") == 10.0)
    assert over["x2"] - over["x"] == pytest.approx(0.31 * (outline["x2"] - outline["x"]))
    assert figure.table["Left or over"].tolist()[1] == "£3.1m over"
    kept = spending(table.iloc[:1], **FROM)
    assert kept.title == "Every year’s budget is kept; £2.0m is left in all"
    assert not marks(kept, "geoshape")


def test_rounding_is_not_over_the_budget():
    table = pd.DataFrame({"kind": ["capital"], "year": [2027], "budget": [10.0], "spend": [10.0000001]})
    assert spending(table, **FROM).title == "Every year’s budget is kept; nothing is left in all"


def test_hatches_stay_inside_what_is_over():
    table = pd.DataFrame({"kind": ["capital"], "year": [2027], "budget": [10.0], "spend": [12.0]})
    figure = spending(table, **FROM)
    (over,) = [row for row in marks(figure, "rect") if row["look"].get("stroke") == PINK]
    strokes = [point for row in marks(figure, "geoshape") for line in row["geometry"]["coordinates"] for point in line]
    assert strokes
    for x, y in strokes:
        assert over["x"] - 1e-6 <= x <= over["x2"] + 1e-6
        assert over["y"] - 1e-6 <= y <= over["y2"] + 1e-6


def test_who_pays_is_said_for_each_portfolio():
    paid = {"council": [1.0, 5.0], "combined_authority": [3.0, 5.0], "nobody": [0.0, 0.0]}
    figure = money_by_funder(pd.DataFrame(paid, index=["A", "B"]), **FROM)
    assert figure.title == "Combined authority pays 50% to 75% of the 2 portfolios"
    assert {"combined authority £3.0m", "council £1.0m", "£4.0m", "£10m"} <= set(texts(figure))
    assert not any("nobody" in text for text in texts(figure))
    parts = [row for row in marks(figure, "rect") if row.get("value") == 3.0]
    whole = [row for row in marks(figure, "rect") if row.get("value") == 5.0]
    assert parts[0]["x2"] - parts[0]["x"] + 2 == pytest.approx(0.6 * (whole[0]["x2"] - whole[0]["x"] + 2))


def test_sums_inside_bars_can_be_read():
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    paid = pd.DataFrame({f"f{i}": [10.0] for i in range(5)}, index=["A"])
    figure = money_by_funder(paid, **FROM)
    bars = [row for row in marks(figure, "rect") if "value" in row]
    root = ET.fromstring(figure.svg())  # noqa: S314 (our own drawing)
    inks = [element.get("fill") for element in root.iter(f"{SVG}text") if element.text == "£10m"]
    assert len(bars) == len(inks) == 5
    for bar, ink in zip(bars, inks, strict=True):
        dark, pale = sorted((light(bar["look"]["fill"]), light(ink)))
        assert (pale + 0.05) / (dark + 0.05) >= 4.5


def test_small_funders_of_many_are_one():
    paid = pd.DataFrame({f"f{i}": [10.0 - i] for i in range(8)}, index=["A"])
    figure = money_by_funder(paid, **FROM)
    assert "4 others £18m" in texts(figure)  # 6 + 5 + 4 + 3
    assert figure.table["Together (£m)"].tolist() == [52.0]


# Choices


CUTS = pd.DataFrame({"option": ["Hub", "Tram", "Lab"], "whole": [True, True, False], "less": [True, False, True]})


def test_what_is_lost_and_gained_is_drawn_and_said():
    figure = choice_grid(CUTS, ["whole", "less"], of="cuts", **FROM)
    assert figure.title == "1 of the 2 options funded in “whole” stays in “less”"
    assert figure.table["less"].tolist() == ["funded", "lost", "gained"]
    assert figure.table["whole"].tolist() == ["funded", "funded", "not funded"]
    shapes = [row["look"].get("shape", "circle") for row in marks(figure, "point")]
    assert shapes.count("square") == 4  # three funded, one gained
    assert shapes.count("circle") == 1
    assert sum(shape.startswith("M-1,-1") for shape in shapes) == 1
    assert sum(shape.startswith("M-1,0") for shape in shapes) == 1
    alone = choice_grid(CUTS, ["less"], **FROM)
    assert alone.table["less"].tolist() == ["funded", "not funded", "funded"]
    assert alone.title == "2 of 3 options are funded"


@pytest.mark.parametrize(
    ("less", "least", "title"),
    [
        ([True, True, False], [True, True, True], "All that is funded in “whole” stays in the 2 others"),
        ([True, True, False], [False, False, True], "None of the 2 options funded in “whole” stay in all 2 others"),
    ],
)
def test_what_stays_is_counted_against_the_first(less, least, title):
    table = CUTS.assign(less=less, least=least)
    assert choice_grid(table, ["whole", "less", "least"], **FROM).title == title
    empty = choice_grid(table.assign(whole=False), ["whole", "less"], **FROM)
    assert empty.title == "No option is funded in “whole”"


def test_heads_without_room_become_letters_with_a_key():
    names = [f"Representative number {i}" for i in range(8)]
    figure = choice_grid(CUTS.assign(**dict.fromkeys(names, True)), names, of="members’ portfolios", **FROM)
    assert "A = Representative number 0" in texts(figure, narrow=True)
    assert figure.title == "All that is funded in “Representative number 0” stays in the 7 others"


def test_a_choice_that_is_not_known_is_no_refusal():
    table = CUTS.assign(less=pd.Series([None, True, False], dtype=object))
    figure = choice_grid(table, ["whole", "less"], **FROM)
    assert figure.table["less"].tolist() == ["not available", "funded", "not funded"]
    assert "?" in texts(figure)


# Frontier


POINTS = pd.DataFrame({"cost": [20.0, 5.0, 10.0, 15.0], "value": [100.0, 50.0, 80.0, 96.0]})


def test_same_for_less_is_worked_out_against_the_most_there_is():
    figure = frontier(POINTS, enough=(15.0, 90.0), **FROM)
    assert figure.title == "90% of the net jobs can be had for 75% of the cost"
    assert "90% of the net jobs for 75% of the cost" in texts(figure)
    assert figure.table["Cost (£m)"].tolist() == [5, 10, 15, 20]


def test_the_knee_alone_and_nothing():
    bend = frontier(POINTS, knee=10, **FROM)
    assert bend.title == "The first £10m bring 80 net jobs; after that, each pound brings less"
    assert frontier(POINTS, **FROM).title == "£20m can bring 100 net jobs at most"
    assert "knee" in texts(frontier(POINTS, knee=10, here=(12.0, 60.0), **FROM), narrow=True)


def test_steps_rise_only_where_a_portfolio_is():
    rows = marks(frontier(POINTS, **FROM), "line")
    corners = [(row["x"], row["y"]) for row in sorted(rows, key=lambda row: row["step"])]
    assert len(corners) == 7
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(corners))


# Draws


def test_core_conditional_and_never_stand_under_their_heads():
    table = pd.DataFrame({"option": ["Hub", "Tram", "Lab", "Desk"], "share": [0.9, 0.5, 0.004, 1.0],
                          "set": ["core", "conditional", "never", "core"]})  # fmt: skip
    figure = robust_bars(table, **FROM)
    assert figure.title == (
        "2 options are in the best portfolio in at least 80% of 5,000 draws; 1 depends on what comes"
    )
    assert figure.table["Option"].tolist() == ["Desk", "Hub", "Tram", "Lab"]
    assert {"100%", "90%", "50%", "under 1%", "5%", "80%", "Core: in 80% of draws or more"} <= set(texts(figure))
    bars = {row["value"]: row["x2"] - row["x"] for row in marks(figure, "rect")}
    assert bars[0.5] == pytest.approx(0.5 * bars[1.0])
    assert {row["look"]["stroke"] for row in marks(figure, "rule")} >= {ORANGE}


# People


def test_weights_show_the_spread_before_the_middle():
    rows = [("Jobs", "a", 10), ("Jobs", "b", 20), ("Jobs", "c", 60), ("Worth", "a", 40), ("Worth", "b", 40),
            ("Worth", "c", 30)]  # fmt: skip
    figure = weights_spread(pd.DataFrame(rows, columns=["criterion", "member", "points"]), **FROM)
    assert figure.title == "Members differ most on jobs: from 10 to 60 points"
    assert figure.table["Criterion"].tolist() == ["Worth", "Jobs"]
    jobs = figure.table.iloc[1]
    assert jobs["Median (points)"] == 20
    assert jobs["Lower quartile (points)"] == 15  # halfway from 10 to 20
    assert jobs["Upper quartile (points)"] == 40  # halfway from 20 to 60
    assert figure.badge is Badge.JUDGEMENT
    dots = marks(figure, "point")
    assert sorted(row["value"] for row in dots) == [10, 20, 30, 40, 40, 60]
    assert len({(row["x"], row["y"]) for row in dots}) == 6  # two members alike are two dots


def values(**said: list[float]) -> pd.DataFrame:
    rows = [(name, f"m{i}", value) for name, given in said.items() for i, value in enumerate(given)]
    return pd.DataFrame(rows, columns=["option", "member", "value"])


def test_members_at_both_ends_are_split_and_members_far_apart_are_not():
    figure = value_spread(values(Hub=[10, 20, 80, 90], Tram=[10, 50, 55, 60], Lab=[70, 75, 80, np.nan]), **FROM)
    assert figure.title == "Members are split over hub"
    flags = dict(zip(figure.table["Option"], figure.table["Split"], strict=True))
    assert flags == {"Lab": "", "Tram": "", "Hub": "split"}
    assert texts(figure).count("split") == 1
    assert figure.table["Members who said"].tolist()[0] == "3 of 4"
    agreed = value_spread(values(Hub=[10, 20], Tram=[50, 90]), **FROM)
    assert agreed.title == "Members are split over no option; they differ most on tram"


def test_options_worse_than_doing_nothing_stay_on_the_sheet():
    figure = value_spread(values(Hub=[-40, -5, 20], Tram=[10, 50, 90]), **FROM)
    for narrow in (False, True):
        places = {row["value"]: row["x"] for row in marks(figure, "point", narrow)}
        assert min(places.values()) >= 5
        assert places[20] - places[-40] == pytest.approx(2 * (places[50] - places[20]))


# Logic models


def test_a_logic_model_reads_as_a_chain_and_is_in_the_table():
    option = options.example().options[0]
    figure = logic_model(option, **FROM)
    assert figure.title == "“Shared textile pilot line” works only if firms lack equipment, not orders"
    assert "inputs (A vacant mill floor" in figure.alt_text
    assert figure.alt_text.index("activities (") < figure.alt_text.index("impacts (")
    assert figure.table["Step"].tolist() == ["Inputs", "Activities", "Outputs", "Outcomes", "Impacts", "Assumptions"]
    assert len([row for row in marks(figure, "point") if row["look"]["shape"] == "triangle"]) == 4
    assert figure.badge is option.badge


def test_several_assumptions_stay_out_of_the_title():
    option = options.example().options[0]
    many = replace(option, logic=replace(option.logic, assumptions="Firms come. They stay."))
    assert logic_model(many, **FROM).title == "How “Shared textile pilot line” should work"


# All


@pytest.mark.parametrize(
    ("chart", "column"),
    [
        (lambda table: worth_ranges(table, **FROM), "central"),
        (lambda table: spending(table, **FROM), "budget"),
        (lambda table: choice_grid(table, ["whole"], **FROM), "whole"),
        (lambda table: frontier(table, **FROM), "value"),
        (lambda table: robust_bars(table, **FROM), "share"),
        (lambda table: value_spread(table, **FROM), "member"),
        (lambda table: gross_to_net(table, option="Tram", **FROM), "after"),
    ],
)
def test_a_table_without_its_columns_is_refused_by_name(chart, column):
    with pytest.raises(MissingColumnsError, match=re.escape(repr(column))):
        chart(pd.DataFrame({"option": ["Hub"]}))


def test_specs_are_valid_vega_lite():
    for figure in (worth_ranges(RANGES, **FROM), choice_grid(CUTS, ["whole", "less"], **FROM)):
        assert figure.chart.to_dict(validate=True)["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
