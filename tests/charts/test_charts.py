"""What each chart says and draws, checked against figures worked out by hand."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from iitk.charts import (
    comparison_lines,
    country_map,
    growth_against_specialisation,
    indicator_strip,
    lens_bars,
    local_effect_bars,
    productivity_gap_bars,
    record_bars,
    shift_share_waterfall,
    specialisation_bars,
)
from iitk.charts.strips import with_unit
from iitk.errors import MissingColumnsError
from iitk.model import Badge

AREA = {"area": "Ham & Eggs", "source": "Regional accounts from the Office for National Statistics"}
BLUE, ORANGE, INK, QUIET = "#12436D", "#F46A25", "#1B1F23", "#7F8A93"
SVG = "{http://www.w3.org/2000/svg}"


def elements(svg: str, tag: str) -> Iterator[ET.Element]:
    return ET.fromstring(svg).iter(SVG + tag)  # noqa: S314 (our own drawing)


def bars(svg: str, fill: str) -> list[tuple[float, float]]:
    """Left end and length of every filled bar of one colour."""
    found = []
    for path in elements(svg, "path"):
        shape = re.fullmatch(r"M([-\d.]+),([-\d.]+)h([\d.]+)v([\d.]+)h.*", path.get("d", ""))
        if shape and path.get("fill") == fill:
            found.append((float(shape[1]), float(shape[3])))
    return found


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in elements(svg, "text")]


def rules(svg: str, stroke: str) -> list[tuple[float, float]]:
    """Left end and width of the straight lines of one colour."""
    found = []
    for line in elements(svg, "line"):
        if line.get("stroke") == stroke:
            x = float(re.search(r"translate\(([-\d.]+)", line.get("transform"))[1])
            found.append((x, float(line.get("x2", "0"))))
    return found


# Specialisation


def test_bars_start_at_zero_and_the_dashed_line_stands_at_one(industries):
    svg = specialisation_bars(industries, period="2023", **AREA).svg()
    found = bars(svg, BLUE)
    assert len(found) == 7
    starts = {start for start, _ in found}
    assert len(starts) == 1
    per_unit = found[0][1] / 2.41
    assert [length / per_unit for _, length in found] == pytest.approx(
        [2.41, 1.62, 1.18, 1.05, 0.97, 0.55, 0.31], abs=0.01
    )
    (line,) = {x for x, _ in rules(svg, ORANGE)}
    assert line == pytest.approx(starts.pop() + per_unit, abs=0.3)


def test_the_finding_names_the_highest_quotient(industries):
    figure = specialisation_bars(industries, period="2023", **AREA)
    assert figure.title == ("Ham & Eggs is 2.4 times as specialised in research & development <labs> as the UK")
    assert "1 industry could not be compared" in figure.notes
    assert figure.table["Industry"].iloc[-1] == "Mining"
    assert figure.badge is Badge.OBSERVED


def test_a_finding_says_when_its_doubt_reaches_below_one(industries):
    figure = specialisation_bars(industries.iloc[[1, 2]], period="2023", **AREA)
    assert figure.title.endswith("as the UK, though its range reaches below 1")


def test_nothing_stands_out(industries):
    figure = specialisation_bars(industries.iloc[[3, 4]], period="2023", **AREA)
    assert figure.title == "Ham & Eggs is no more specialised than the UK in any industry"


def test_one_bar_and_no_bar(industries):
    one = specialisation_bars(industries.iloc[[2]], period="2023", **AREA)
    assert len(bars(one.svg(), BLUE)) == 1
    none = specialisation_bars(industries.iloc[[7]], period="2023", **AREA)
    assert none.title == "Ham & Eggs cannot be compared with the UK: no figures are available"
    assert bars(none.svg(), BLUE) == []
    assert "not available (too few firms to publish)" in none._repr_html_()


def test_a_missing_column_is_named(industries):
    with pytest.raises(MissingColumnsError, match="'specialisation' has no column 'lq'"):
        specialisation_bars(industries.drop(columns="lq"), period="2023", **AREA)


# Shift-share


EFFECTS = pd.DataFrame([{"national": 340.0, "mix": -40.0, "local": 100.0}])


def test_the_waterfall_adds_up_by_eye():
    svg = shift_share_waterfall(EFFECTS, period="2013 to 2023", **AREA).svg()
    (zero, national), (mix_left, mix) = sorted(bars(svg, QUIET), key=lambda bar: -bar[1])
    ((local_left, local),) = bars(svg, BLUE)
    ((total_left, total),) = bars(svg, INK)
    per_unit = national / 340
    assert mix / per_unit == pytest.approx(40, abs=1)
    assert local / per_unit == pytest.approx(100, abs=1)
    assert total / per_unit == pytest.approx(400, abs=1)
    # The mix takes away from the end of the national part; the local part starts where the mix ends.
    assert total_left == zero
    assert mix_left == pytest.approx(zero + 300 * per_unit, abs=0.3)
    assert local_left == pytest.approx(mix_left, abs=0.3)


def test_the_waterfall_says_what_is_left_to_explain():
    figure = shift_share_waterfall(EFFECTS, period="2013 to 2023", **AREA)
    assert figure.title == "Ham & Eggs grew £100m more than the UK’s pace and its mix of industries explain"
    assert {"+£340m", "−£40m", "+£100m", "+£400m"} <= set(texts(figure.svg()))


def test_a_shrinking_area():
    effects = pd.DataFrame([{"national": -1200, "mix": 100, "local": -400}])
    figure = shift_share_waterfall(effects, period="2015 to 2021", **AREA)
    assert figure.title == "Ham & Eggs grew £400m less than the UK’s pace and its mix of industries explain"
    assert "−£1.5bn" in texts(figure.svg())


def test_effects_that_do_not_close_are_refused():
    with pytest.raises(ValueError, match=r"add up to 400.000, but the change is 500.000"):
        shift_share_waterfall(EFFECTS.assign(change=500.0), period="2013 to 2023", **AREA)
    with pytest.raises(MissingColumnsError, match="'local'"):
        shift_share_waterfall(EFFECTS.drop(columns="local"), period="2013 to 2023", **AREA)


def test_a_table_of_industries_is_summed():
    table = pd.DataFrame({"national": [300.0, 40.0], "mix": [-50.0, 10.0], "local": [120.0, -20.0]})
    by_table = shift_share_waterfall(table, period="2013 to 2023", **AREA)
    assert by_table.svg() == shift_share_waterfall(EFFECTS, period="2013 to 2023", **AREA).svg()


def test_an_industry_with_a_gap_is_left_out_of_all_sums_and_said():
    table = pd.DataFrame(
        {"national": [340.0, 7.0], "mix": [-40.0, np.nan], "local": [100.0, np.nan], "change": [400, np.nan]}
    )
    figure = shift_share_waterfall(table, period="2013 to 2023", **AREA)
    assert "+£400m" in texts(figure.svg())
    assert figure.notes.endswith("1 industry could not be split.")
    none = shift_share_waterfall(table.iloc[[1]], period="2013 to 2023", **AREA)
    assert "no figures are available" in none.title


def test_local_effects_show_both_ends():
    table = pd.DataFrame({"industry": list("abcdef"), "local": [9.0, -7.0, 3.0, -1.0, np.nan, 5.0]})
    figure = local_effect_bars(table, period="2013 to 2023", top=2, **AREA)
    assert figure.title.endswith("Ham & Eggs gained most in a and lost most in b")
    assert {"+£9.0m", "+£5.0m", "−£1.0m", "−£7.0m"} <= set(texts(figure.svg()))
    assert "1 industry could not be split" in figure.notes


# Growth against specialisation


def test_quarters_are_counted_and_bubbles_scaled_by_area(industries):
    figure = growth_against_specialisation(industries, pace=0.01, period="2023", **AREA)
    # Quotient of 1 or more: labs +4.1%, fine goods -1.2%, finance +0.8%, IT +6.2%; two grew faster than 1%.
    assert figure.title == (
        "2 of Ham & Eggs’ 4 strengths grew faster than its whole economy; the largest is research & development <labs>"
    )
    areas = sorted(
        {
            round(float(re.search(r"A([\d.]+),", path.get("d"))[1]), 1)
            for path in elements(figure.svg(), "path")
            if path.get("fill") == BLUE
        },
        reverse=True,
    )
    # Radii go with the square root of value added: 940 to 505 is 32 to 23.5 px.
    assert areas[:2] == pytest.approx([32, 32 * (505 / 940) ** 0.5], abs=0.1)
    assert "1 industry could not be placed" in figure.notes


def test_what_grew_from_nothing_is_drawn_on_the_edge_and_said():
    steady = pd.DataFrame(
        {"industry": [f"i{i}" for i in range(40)], "lq": 1.1, "growth": np.linspace(0, 0.04, 40), "current_gbp_m": 50.0}
    )
    table = pd.concat([steady, steady.iloc[[0]].assign(industry="Vaccines", growth=0.9)])
    figure = growth_against_specialisation(table, pace=0.01, **AREA)
    assert "Drawn on the edge, though further out: Vaccines (+90.0% a year)." in figure.notes
    ticks = [text for text in texts(figure.svg()) if re.fullmatch(r"[−\d]+%", text)]
    assert max(int(tick.strip("%")) for tick in ticks if "−" not in tick) <= 6


def test_growth_chart_without_figures(industries):
    figure = growth_against_specialisation(industries.iloc[[7]], pace=0.01, **AREA)
    assert "no figures are available" in figure.title
    assert figure.svg()


# Series


def test_a_missing_year_breaks_the_line(series):
    figure = comparison_lines(series, base=100, **AREA)
    grey = [path.get("d") for path in elements(figure.svg(), "path") if path.get("stroke") == QUIET]
    assert [line.count("M") for line in grey] == [2]


def test_the_area_s_own_line_is_the_heaviest_and_named_in_bold(series):
    svg = comparison_lines(series, base=100, **AREA).svg()
    widths = {path.get("stroke"): float(path.get("stroke-width", "1")) for path in elements(svg, "path")}
    assert widths[BLUE] == 3.5
    assert widths[BLUE] > 2 * widths[QUIET]
    bold = [element.text for element in elements(svg, "text") if element.get("font-weight") == "600"]
    assert bold == ["Ham & Eggs 104"]


def test_growth_since_the_base_year_and_the_rank(series):
    figure = comparison_lines(series, base=100, **AREA)
    assert figure.title == "Ham & Eggs’ economy was 4% larger in 2012 than in 2007, 2nd of 3 compared here"
    assert "lowest 92 in 2009" in figure.alt_text


def test_a_level_is_said_with_its_unit(series):
    money = series.assign(value=series["value"] * 0.4 + 0.02)
    figure = comparison_lines(money, unit="£ an hour", of="Value added per hour worked", **AREA)
    assert figure.title == "Ham & Eggs stood at £41.62 an hour in 2012, 2nd of 3 compared here"


def test_a_shrinking_economy(series):
    shrunk = series.assign(value=series["value"].where(series["year"] < 2012, 80.0))
    assert comparison_lines(shrunk, base=100, **AREA).title.startswith("Ham & Eggs’ economy was 20% smaller in 2012")


def test_lines_without_any_figure(series):
    figure = comparison_lines(series.assign(value=np.nan), base=100, **AREA)
    assert "no figures are available" in figure.title
    assert figure.svg(narrow=True)


def test_a_turning_point_is_marked(series):
    svg = comparison_lines(series, base=100, marks={2009: "trough", 1990: "out of reach"}, **AREA).svg()
    assert "trough" in texts(svg)
    assert "out of reach" not in texts(svg)


def test_many_places_are_named_only_where_there_is_room():
    places = ["Ham & Eggs", *(f"Place {i}" for i in range(30))]
    table = pd.DataFrame([(p, y, 100 + i + y - 2007) for i, p in enumerate(places) for y in (2007, 2008)])
    figure = comparison_lines(table.set_axis(["place", "year", "value"], axis=1), **AREA)
    heights = sorted(
        float(re.search(r",([-\d.]+)\)", element.get("transform"))[1])
        for element in elements(figure.svg(), "text")
        if (element.text or "").startswith(("Place", "Ham"))
    )
    assert 2 <= len(heights) <= 12
    assert min(np.diff(heights)) >= 19.9


# Lenses, indicators, productivity


LENSES = pd.DataFrame(
    {
        "name": ["Life sciences", "Digital and technologies", "Clean energy"],
        "share": [0.02, 0.08, np.nan],
        "least": [0.01, 0.08, np.nan],
        "most": [0.05, 0.08, np.nan],
        "reference_share": [0.01, 0.07, 0.02],
    }
)


def test_a_lens_says_what_it_cannot_see():
    figure = lens_bars(LENSES, **AREA)
    assert figure.title == (
        "Digital and technologies is 8% of the economy of Ham & Eggs; life sciences stands out most, "
        "at 2.0 times its share in the UK"
    )
    assert figure.badge is Badge.MODELLED
    solid = bars(figure.svg(), BLUE)
    # Digital is known wholly (8%), life sciences half of it (1% of 2%).
    assert solid[0][1] / solid[1][1] == pytest.approx(8, abs=0.1)
    dashed = [path for path in elements(figure.svg(), "path") if path.get("stroke-dasharray")]
    assert len(dashed) == 1
    assert "not available (UK 2.0%)" in texts(figure.svg())
    assert "do not add them up" in figure.notes


def test_indicators_point_right_for_better():
    table = pd.DataFrame(
        {
            "indicator": ["pay", "emissions"],
            "label": ["Weekly pay", "Emissions per head"],
            "unit": ["£ per week", "tonnes of CO2 equivalent per head"],
            "value": [700.0, 2.0],
            "better": ["higher", "lower"],
            "rank": [2, 4],
            "of": [4, 4],
            "year": [2023, 2022],
        }
    )
    others = pd.DataFrame({"pay": [500.0, 600, 700, 800], "emissions": [2.0, 4, 6, 8]}, index=list("abcd"))
    figure = indicator_strip(table, others, among="towns", own_codes=["x"], **AREA)
    # Emissions rank 4th from the highest of 4, which is 1st from the lowest.
    assert figure.title == "Ham & Eggs stands best in emissions per head (1st of 4) and worst in weekly pay (2nd of 4)"
    dots = [e for e in elements(figure.svg(), "path") if e.get("fill") == BLUE]
    x = [float(re.search(r"translate\(([-\d.]+)", dot.get("transform"))[1]) for dot in dots]
    assert x[1] > x[0]
    assert {"£700", "2.0 tonnes"} <= set(texts(figure.svg()))


def test_an_indicator_without_a_figure_says_why():
    table = pd.DataFrame(
        {
            "indicator": ["pay"], "label": ["Weekly pay"], "unit": ["£ per week"], "value": [np.nan],
            "better": ["higher"], "rank": [np.nan], "of": [0], "status": ["suppressed"],
        }
    )  # fmt: skip
    figure = indicator_strip(table, pd.DataFrame(), among="towns", **AREA)
    assert figure.title == "No indicators of Ham & Eggs are available"
    assert {"not available", "suppressed"} <= set(texts(figure.svg()))
    assert not [e for e in elements(figure.svg(), "path") if e.get("fill") == BLUE]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (38.2, "£ per hour", "£38.20"),
        (21694, "£ per head, gross disposable", "£21,694"),
        (76.14, "% of people aged 16 to 64", "76.1%"),
        (6.7, "ratio", "6.7"),
        (4.26, "tonnes of CO2 equivalent per head", "4.3 tonnes"),
        (512, "£ million", "£512m"),
        (None, "%", "not available"),
    ],
)
def test_values_carry_their_unit(value, unit, text):
    assert with_unit(value, unit) == text


def test_the_productivity_gap_is_said_with_its_larger_part():
    table = pd.DataFrame(
        {"industry": ["a", "b"], "mix": [-800.0, 900.0], "within": [-2000.0, -100.0], "total": [-2800.0, 800.0]}
    )
    figure = productivity_gap_bars(table, period="2021", **AREA)
    assert figure.title == "A job in Ham & Eggs produces £2,000 less than in the UK, mostly within industries"
    assert {"−£2,000", "+£100", "−£2,100", "+£800", "−£2,800"} <= set(texts(figure.svg()))


# Maps


def test_the_map_marks_the_area_its_peers_and_its_neighbours(squares):
    figure = country_map(
        squares,
        area_codes=["E04"],
        neighbour_codes=["E01", "E03", "E05", "E07"],
        peer_codes=["E00", "ZZ9"],
        area="Part 4",
    )
    assert figure.title == "Places like Part 4: Bristol"
    assert "No outline is available for ZZ9" in figure.notes
    assert figure.table["Shown as"].value_counts().to_dict() == {"next door": 4, "the area": 1, "like it": 1}
    assert {"Part 4", "Part 1", "Bristol"} <= set(texts(figure.svg()))
    filled = [path.get("fill") for path in elements(figure.svg(), "path")]
    assert filled.count(BLUE) == 2  # on the country, and close up


def test_two_districts_that_make_one_area(squares):
    figure = country_map(squares, area_codes=["E04", "E05"], area="Part 4 + Part 5")
    assert figure.title == "Part 4 + Part 5 is made of 2 districts"
    assert {"Part 4", "Part 5"} <= set(texts(figure.svg(narrow=True)))


def test_the_whole_country_has_no_close_up(squares):
    figure = country_map(squares, area_codes=[f"E0{i}" for i in range(9)], area="UK")
    assert ORANGE not in figure.svg()


def test_an_area_without_an_outline(squares):
    figure = country_map(squares, area_codes=["ZZ9"], area="Nowhere")
    assert texts(figure.svg()) == ["No outline of Nowhere is available."]


def test_projection_against_published_figures():
    from iitk.charts.geometry import project

    # On the central meridian northing grows as the angle does; a degree apart is pi / 180 of the radius.
    x, y = project(-2.0, 53.0)
    assert x == pytest.approx(0, abs=1e-12)
    assert project(-2.0, 52.0)[1] - y == pytest.approx(np.pi / 180)
    # Snyder (1987), p. 268, numerical example on the sphere of radius 1: centre 75 W, point 40 30' N 73 30' W,
    # x = 0.0199077. Our centre is 2 W, so the same point lies 1.5 degrees east of it.
    assert project(-0.5, 40.5)[0] == pytest.approx(0.0199077, abs=1e-7)


def test_clipping_keeps_what_lies_inside():
    from iitk.charts.geometry import clip
    from iitk.charts.place import Box

    square = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)]
    assert set(clip(square, Box(2, 2, 9, 9))) == {(2.0, 2.0), (4.0, 2.0), (4.0, 4.0), (2.0, 4.0)}
    assert clip(square, Box(5, 5, 9, 9)) == []


def test_simplifying_keeps_corners_and_drops_what_bends_little():
    from iitk.charts.geometry import simplify

    ring = [(0.0, 0.0), (5.0, 0.2), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)]
    assert simplify(ring, 0.7) == [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
    assert simplify([(0.0, 0.0), (0.1, 0.0), (0.0, 0.1), (0.0, 0.0)], 0.7) == []


def test_a_name_finds_the_roomy_part_of_a_horseshoe():
    from iitk.charts.geometry import place_for_name

    horseshoe = [(0.0, 0.0), (10.0, 0.0), (10.0, 4.0), (9.0, 4.0), (9.0, 3.0), (1.0, 3.0), (1.0, 10.0), (0.0, 10.0)]
    x, y = place_for_name([[horseshoe]])
    assert 0 < y < 3
    assert 1 < x < 10


def the_record(**change):
    rows = [
        ("nearness", 0.81, 0.78, 0.84, False, True, "better than the best naive score"),
        ("starting quotient", 0.79, 0.76, 0.83, True, False, "naive"),
        ("relatedness", 0.6, 0.58, 0.63, False, False, "worse than the best naive score"),
    ]
    table = pd.DataFrame(rows, columns=["score", "auc", "lower", "upper", "naive", "shown", "verdict"])
    table.loc[0, list(change)] = list(change.values())
    said = {"event": "became a specialisation", "years": "2006 to 2023", "cases": 86749, "horizon": 5}
    return record_bars(table, **said, source=AREA["source"], badge=Badge.MODELLED)


def test_the_record_says_who_beat_the_simple_score():
    figure = the_record()
    assert figure.title == (
        "Nearness told which industry became a specialisation in 81 of 100 pairs, the starting quotient alone in 79"
    )
    assert "86,749 cases, 2006 to 2023" in figure.measure
    assert "Nearness 81" in figure.alt_text
    assert len(bars(figure.svg(), BLUE)) == 2
    assert len(bars(figure.svg(), QUIET)) == 1
    assert figure.table["Verdict"].tolist()[1] == "naive"


def test_the_record_says_when_nothing_did():
    figure = the_record(verdict="no better than the best naive score")
    assert figure.title == (
        "Nearness did no better than the starting quotient alone at telling which industry became a specialisation"
    )


def test_a_record_without_its_columns_is_refused():
    with pytest.raises(MissingColumnsError, match="verdict"):
        record_bars(pd.DataFrame({"score": ["a"]}), event="came", years="", cases=1, horizon=5, source="x")
