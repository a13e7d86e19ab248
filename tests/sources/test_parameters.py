"""Dated assumptions: each says where it is from and how far it was checked, and the methods use the same ones."""

from __future__ import annotations

from datetime import date

import pytest

from iitk.analysis import appraisal
from iitk.analysis.appraisal import BIAS_BOUNDS, SCHEDULES, discount_factors
from iitk.errors import DataDamagedError, UsageError
from iitk.sources import parameters

BIAS_KEYS = {"capital_upper", "capital_lower", "duration_upper", "duration_lower"}


def test_the_vintages_that_there_are():
    assert parameters.vintages() == ("green-book-2022", "green-book-2026", "review-2026")
    assert dict(parameters.load()) == dict(parameters.load("green-book-2026"))


@pytest.mark.parametrize("vintage", parameters.vintages())
def test_every_value_has_unit_source_date_and_status(vintage):
    found = parameters.load(vintage)
    assert len(found) > 40
    for key, one in found.items():
        assert one.key == key
        assert all((one.label, one.unit, one.source, one.status))
        assert [day for day, _ in one.values] == sorted(day for day, _ in one.values)
        if one.unit.startswith("share"):
            assert all(0 <= value <= 2 for _, value in one.values)  # 200% is the highest: a share, never a percentage


def test_only_what_was_read_in_the_source_is_called_verified():
    verified = {key for key, one in parameters.load("green-book-2022").items() if one.status == "verified"}
    prefixes = {key.rpartition(".")[0] for key in verified}
    assert prefixes == {"discount.standard", *(f"optimism-bias.{kind.replace(' ', '-')}" for kind in BIAS_BOUNDS)}
    assert {key for key in verified if key.startswith("discount")} == {f"discount.standard.{n}" for n in (1, 31, 76)}
    statuses = {one.status for one in parameters.load("review-2026").values() if one.key.startswith("discount")}
    assert statuses == {"recommendation only, to be confirmed"}


@pytest.mark.parametrize(
    ("schedule", "name", "vintage"),
    [
        ("green-book", "standard", None),
        ("green-book-health", "health", None),
        ("green-book-2022", "standard", "green-book-2022"),
        ("green-book-health-2022", "health", "green-book-2022"),
        ("green-book-2026", "standard", "green-book-2026"),
        ("green-book-health-2026", "health", "green-book-2026"),
        ("review-2026", "standard", "review-2026"),
    ],
)
def test_the_methods_discount_as_the_file_says(schedule, name, vintage):
    steps = parameters.schedule(name, vintage)
    assert discount_factors(400, schedule).tolist() == pytest.approx(discount_factors(400, steps).tolist(), rel=1e-15)
    assert schedule in SCHEDULES


def test_every_schedule_of_the_methods_is_in_the_file():
    tested = {"green-book", "green-book-health", "review-2026"}
    tested |= {f"green-book-{kind}{year}" for kind in ("", "health-") for year in (2022, 2026)}
    assert set(SCHEDULES) == tested


def test_the_bounds_of_optimism_bias_are_those_of_the_file():
    found = parameters.load()
    for kind, bounds in BIAS_BOUNDS.items():
        for name in BIAS_KEYS:
            key, used = f"optimism-bias.{kind.replace(' ', '-')}.{name.replace('_', '-')}", getattr(bounds, name)
            assert (key in found) == (used is not None)
            if used is not None:
                assert found[key].values[-1][1] == used


def test_a_review_is_a_what_if_from_its_own_day_and_without_rates_for_health():
    rate = parameters.parameter("discount.standard.1", "review-2026")
    assert rate.at(date(2026, 6, 29)) == 0.035
    assert rate.at(date(2026, 6, 30)) == 0.03
    assert parameters.parameter("discount.standard.1").at(date(2026, 11, 23)) == 0.035
    with pytest.raises(UsageError, match="no discount rates called 'health'. It has: standard"):
        parameters.schedule("health", "review-2026")
    assert appraisal.present_value([0] * 40 + [1], "review-2026") == pytest.approx(1.03**-40)


def test_what_does_not_exist_is_said_with_what_does():
    with pytest.raises(UsageError, match="'green-book-1997'.*green-book-2022, green-book-2026, review-2026"):
        parameters.load("green-book-1997")
    with pytest.raises(UsageError, match=r"'leakage\.lo'.*leakage\.low"):
        parameters.parameter("leakage.lo")
    for nothing in (["green-book-2022"], 2022):
        with pytest.raises(UsageError, match="No vintage of parameters is called .*green-book-2022"):
            parameters.load(nothing)
    for nothing in (None, 3, ["leakage.low"]):
        with pytest.raises(UsageError, match="A parameter is asked for by its key, such as"):
            parameters.parameter(nothing)
    with pytest.raises(ValueError, match="one of 'green-book', .*'review-2026'.* got 'green-book-1997'"):
        discount_factors(3, "green-book-1997")


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ('status = "verified"', 'status = "sure"', "known status"),
        ('vintage = "review-2026"', 'vintage = "review-2027"', "or vintage"),
        ("low = 0.10, medium = 0.25", 'low = "10%", medium = 0.25', "leakage.low is not a number"),
        ('in_force = "green-book-2026"', 'in_force = "green-book-2030"', "which is no vintage"),
        ('based_on = "green-book-2022"', 'based_on = "green-book-2030"', "does not come before it"),
        ('based_on = "green-book-2022"', 'based_on = "green-book-2026"', "does not come before it"),  # on itself
        ("126 = 0.020", "76 = 0.020", r"discount\.standard\.76 is given twice"),
        ("[vintages.green-book-2022]", "[vintages.green-book-2022", "cannot be read"),
    ],
)
def test_a_damaged_file_is_said_to_be_damaged(tmp_path, monkeypatch, before, after, why):
    text = (parameters.paths.data_dir() / "parameters.toml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "parameters.toml").write_text(text.replace(before, after, 1), encoding="utf-8")
    monkeypatch.setenv("IITK_DATA", str(tmp_path))
    with pytest.raises(DataDamagedError, match=why):
        parameters.load()


def test_a_missing_file_is_said_to_be_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("IITK_DATA", str(tmp_path))
    with pytest.raises(DataDamagedError, match="it is not there"):
        parameters.load()


def test_an_analyst_adds_an_edition_as_data(tmp_path, monkeypatch):
    text = (parameters.paths.data_dir() / "parameters.toml").read_text(encoding="utf-8")
    added = """
[vintages.ours]
based_on = "green-book-2026"
title = "Our own evaluation"

[[group]]
vintage = "ours"
date = 2026-11-01
key = "leakage"
label = "Leakage, ready reckoner"
unit = "share of gross"
source = "Our survey of 40 firms (2026)"
place = "table 3"
status = "judgement, to be confirmed"
values = { low = 0.15 }
"""
    head, rest = text.split("# Discount rates, real", 1)
    path = tmp_path / "parameters.toml"
    path.write_text(head + added + "# Discount rates, real" + rest, encoding="utf-8")
    monkeypatch.setenv("IITK_DATA", str(tmp_path))
    low = parameters.parameter("leakage.low", "ours")
    assert low.values == ((date(2014, 1, 1), 0.10), (date(2026, 11, 1), 0.15))
    assert low.source == "Our survey of 40 firms (2026), table 3"
    assert parameters.parameter("leakage.low").values[-1][1] == 0.10


@pytest.mark.parametrize(("day", "words"), [(date(1900, 1, 1), "no value before"), ("2026-11-23", "such as date")])
def test_a_day_without_a_value_is_said(day, words):
    with pytest.raises(UsageError, match=words):
        parameters.parameter("discount.standard.1").at(day)
