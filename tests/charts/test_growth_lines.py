"""The dashed lines of growth against specialisation: where strong begins, and growing, as a room chooses."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from iitk.charts.growth import Lines, growth_against_specialisation
from iitk.charts.theme import ORANGE

AREA = {"area": "Leeds", "comparator": "UK", "period": "2023", "source": "a table from an office"}
ROWS = pd.DataFrame({
    "industry": ["Finance", "Glass", "Farming", "Law", "Boats", "Mining"],
    "lq": [1.6, 1.3, 0.4, 1.25, 0.9, 1.1],
    "growth": [0.03, -0.01, 0.02, 0.005, 0.0, 0.012],
    "current_gbp_m": [900.0, 60.0, 20.0, 300.0, 25.0, 24.9],
})  # fmt: skip


def drawn(**choices):
    return growth_against_specialisation(ROWS, **{"pace": 0.01, **AREA, **choices})


def orange(figure) -> list[str]:
    return re.findall(rf'<(?:line|path)[^>]*stroke="{ORANGE}"[^>]*>', figure.svg())


def test_a_quotient_a_hair_under_the_line_is_at_it():
    hair = (1 / 3) / (0.3 / (0.3 + 0.3 + 0.3))  # one of three like parts here, and there
    assert hair < 1
    table = pd.DataFrame({"industry": ["Tie"], "lq": [hair], "growth": [0.02], "current_gbp_m": [5.0]})
    assert growth_against_specialisation(table, pace=0.01, **AREA).title == (
        "The only strength of Leeds, tie, grew faster than its whole economy"
    )
    assert Lines(0.01).is_strong(table["lq"]).tolist() == [True]
    assert Lines(0.01, strong=1.25).is_strong(pd.Series([1.25 * hair, 1.249])).tolist() == [True, False]


def test_a_higher_line_of_strength_moves_counts_words_and_the_line():
    usual, higher = drawn(), drawn(strong=1.25)
    assert usual.title == "2 of Leeds’ 4 strengths grew faster than its whole economy; the largest is finance"
    assert higher.title == (
        "1 of Leeds’ 3 strengths of 1.25 and more grew faster than its whole economy; the largest is finance"
    )
    assert "strong from 1.25" in higher.alt_text
    assert "Strong and growing: 1 industry, the largest Finance" in higher.alt_text
    assert higher.notes.startswith("Dashed lines: 1.25 times UK, and +1.0% a year,")
    assert "1.25 times UK" in higher.svg()
    assert orange(usual) != orange(higher)


@pytest.mark.parametrize(
    ("lines", "says", "note"),
    [
        ({"pace": None}, "3 of Leeds’ 4 strengths grew; the largest is finance", "UK = 1, and no growth."),
        (
            {"pace": 0.004, "pace_name": "UK"},
            "3 of Leeds’ 4 strengths grew faster than the whole economy of the UK; the largest is finance",
            "UK = 1, and +0.4% a year, the growth of all industries in the UK.",
        ),
    ],
)
def test_growing_is_measured_against_what_was_asked(lines, says, note):
    figure = drawn(**lines)
    assert figure.title == says
    assert figure.notes == f"Dashed lines: {note}"


def test_what_stood_still_has_not_grown():
    still = pd.Series([0.0, 0.001, -0.001])
    assert Lines(None).is_growing(still).tolist() == [False, True, False]
    assert Lines(0.0).is_growing(still).tolist() == [True, True, False]  # as fast as an economy that stood still


def test_small_industries_are_left_out_and_that_is_said():
    figure = drawn(smallest=25)
    assert figure.table["Industry"].tolist() == ["Finance", "Law", "Glass", "Boats"]
    assert "Industries under £25m are left out." in figure.notes
    assert "4 industries" in figure.alt_text
    nothing = drawn(smallest=950)
    assert nothing.title == "No industry of Leeds has a figure of £950m or more"
    assert nothing.alt_text == nothing.title + "."


def test_no_strength_at_a_higher_line_is_said_with_the_line():
    weak = ROWS.assign(lq=1.2)
    title = growth_against_specialisation(weak, pace=0.01, strong=1.5, **AREA).title
    assert title == "No industry of Leeds reaches 1.5 times its share in the UK"
