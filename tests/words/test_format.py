"""Numbers as words: expected texts are what the house style and a careful editor would write."""

from __future__ import annotations

import doctest
import math
import xml.etree.ElementTree as ET
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iitk.words.format
from iitk import words


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (36_600, "m", "£36.6bn"),
        (450, "m", "£450m"),
        (0.3, "m", "£0.3m"),
        (4.54, "m", "£4.5m"),
        (9.96, "m", "£10m"),
        (999.4, "m", "£999m"),
        (999.6, "m", "£1.0bn"),
        (1234.5, "m", "£1.2bn"),
        (243_440, "m", "£243bn"),
        (2_434_400, "m", "£2.4tn"),
        (999_600, "m", "£1.0tn"),
        (0.04, "m", "£40,000"),
        (0, "m", "£0"),
        (-120.4, "m", "−£120m"),
        (45_320, "", "£45,320"),
        (123_456, "", "£123,456"),
        (31.42, "", "£31.42"),
        (33, "k", "£33,000"),
        (2.1, "bn", "£2.1bn"),
        (None, "m", "not available"),
        (math.nan, "m", "not available"),
    ],
)
def test_money(value, unit, text):
    assert words.money_gbp(value, unit) == text


def test_money_gains_are_signed_and_an_unknown_unit_is_refused():
    assert words.money_gbp(120, signed=True) == "+£120m"
    assert words.money_gbp(0, signed=True) == "£0"
    with pytest.raises(ValueError, match='must be "", "k", "m" or "bn"'):
        words.money_gbp(1, unit="million")


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.24, "24%"), (0.005, "0.5%"), (0.0096, "1%"), (0, "0%"), (-0.351, "−35%"), (None, "not available")],
)
def test_percent(share, text):
    assert words.percent(share) == text


def test_changes_carry_their_sign_and_unit():
    assert words.percent(0.24, signed=True) == "+24%"
    assert words.per_year(0.0142) == "+1.4% a year"
    assert words.per_year(-0.003) == "−0.3% a year"
    assert words.points(0.023) == "+2.3 percentage points"
    assert words.times(1.74) == "1.7 times"
    assert words.times(1.74, sign=True) == "1.7×"


def test_counts_ranks_years_and_dates():
    assert words.count(12_300, "job") == "12,300 jobs"
    assert words.count(1, "job") == "1 job"
    assert words.count(0, "job") == "0 jobs"
    assert words.count(2, "county", "counties") == "2 counties"
    assert [words.ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 101, 111, 112, 361)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "101st", "111th", "112th", "361st",
    ]  # fmt: skip
    assert words.rank(3, 361) == "3rd of 361"
    assert words.years(1998, 2023) == "1998 to 2023"
    assert words.years(2023, 2023) == "2023"
    assert words.plain_date(date(2026, 11, 3)) == "3 November 2026"


def test_lists_are_joined_as_english_does():
    assert words.join([]) == ""
    assert words.join(["Finance"]) == "Finance"
    assert words.join(["Finance", "law"]) == "Finance and law"
    assert words.join(["Finance", "IT", "law"]) == "Finance, IT and law"
    assert words.join(["food", "wood and paper", "metals"]) == "food, wood and paper, and metals"
    assert words.join(["a", "b"], last="or") == "a or b"
    assert words.join(["fish and chips", "tea"]) == "fish and chips, and tea"
    assert words.join(["Employment, travel, security 1.7", "Metals 1.6"]) == (
        "Employment, travel, security 1.7; and Metals 1.6"
    )


def test_names_inside_a_sentence():
    assert words.in_sentence("Finance and insurance") == "finance and insurance"
    assert words.in_sentence("IT services") == "IT services"
    assert words.in_sentence("") == ""
    assert words.in_prose("UK") == "the UK"
    assert words.in_prose("Bristol, City of") == "Bristol"
    assert words.in_prose("North East") == "the North East"
    assert words.in_prose("West Yorkshire Combined Authority") == "the West Yorkshire Combined Authority"
    for place in ("Leeds", "North East Lincolnshire", "North Yorkshire", "South Tyneside", "Wales"):
        assert words.in_prose(place) == place
    assert words.possessive("Leeds") == "Leeds’"
    assert words.possessive("UK") == "the UK’s"


def test_comparisons_say_direction_and_size():
    assert words.compare(112, 100) == "12% higher than"
    assert words.compare(65, 100, less="less than") == "35% less than"
    assert words.compare(174, 100) == "1.7 times"
    assert words.compare(101, 100) == "about the same as"
    assert words.compare(5, -3) == "higher than"
    assert words.compare_shares(0.06, 0.09, "UK") == "6%, against 9% in the UK"
    assert words.compare_shares(0.061, 0.064, "UK") == "6.1%, against 6.4% in the UK"
    with pytest.raises(ValueError, match="not available"):
        words.compare(math.nan, 1)


def test_units_stay_with_their_numbers():
    assert words.keep_together("3rd of 361, 1.7 times") == "3rd of 361, 1.7\u00a0times"
    assert words.keep_together("12,300 jobs") == "12,300\u00a0jobs"


@given(st.text())
def test_escaped_text_survives_a_round_trip_through_xml(text):
    root = ET.fromstring(f'<a b="{words.escape(text)}">{words.escape(text)}</a>')  # noqa: S314 (our own text)
    # XML reads a carriage return as a line feed, and line breaks in an attribute as spaces.
    kept = "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\x7f\ufffe\uffff"))
    assert (root.text or "") == kept.replace("\r\n", "\n").replace("\r", "\n")


def test_markup_is_disarmed():
    assert words.escape('<script>"R&D"\'') == "&lt;script&gt;&quot;R&amp;D&quot;&#x27;"


@given(st.floats(-1e9, 1e9), st.integers(0, 3))
def test_what_is_not_zero_is_never_written_as_zero(value, decimals):
    if abs(value) > 1e-11:
        assert any(digit in words.number(value, decimals) for digit in "123456789")


@given(st.floats(0.001, 5e6))
def test_money_reads_back_within_its_rounding(millions):
    text = words.money_gbp(millions)[1:].replace(",", "")
    scale = {"tn": 1e6, "bn": 1e3}.get(text[-2:]) or (1 if text.endswith("m") else 1e-6)
    assert float(text.rstrip("tnbm")) * scale == pytest.approx(millions, rel=0.051, abs=0.051)


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(iitk.words.format).failed == 0
