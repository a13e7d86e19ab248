"""One name selects every assumption of an appraisal, and another name reruns it."""

from __future__ import annotations

import dataclasses

import pytest

from iitk.analysis.additionality import cost_per_net_job, net_additional
from iitk.analysis.appraisal import (
    BIAS_BOUNDS,
    BiasBounds,
    discount_factors,
    net_present_value,
    optimism_bias,
    present_value,
)
from iitk.errors import DataDamagedError, UsageError
from iitk.model import Badge
from iitk.sources import parameters

NAMES = parameters.vintages()
UNCHANGED = "assumed unchanged, to be confirmed"


def bias(vintage, mix):
    return optimism_bias(mix, bounds={kind: BiasBounds(**one) for kind, one in vintage.optimism_bias.items()})


def net_jobs(vintage, multiplier):
    bands = vintage.additionality
    return net_additional(
        200,
        deadweight=0.3,
        leakage=bands["leakage"]["low"],
        displacement=bands["displacement"]["low"],
        multiplier=multiplier,
    )


def appraised(vintage):
    """One option under one vintage: works for 10 now, benefits of 0.9 a year over the longer appraisal period."""
    uplift = bias(vintage, {"non-standard buildings": 0.3, "standard buildings": 0.7}).capital
    years = int(vintage.bands("horizon")["buildings-and-infrastructure"])
    costs, benefits = [10 * (1 + uplift)], [0, *[0.9] * years]
    jobs = net_jobs(vintage, vintage.additionality["multiplier.local"]["average"])
    return {
        "npsv": net_present_value(benefits, costs, vintage.discount),
        "cost per net job": cost_per_net_job(present_value(costs, vintage.discount), jobs),
    }


# --- known values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["green-book-2022", "green-book-2026"])
def test_discount_factors_of_both_editions(name):
    factors = discount_factors([10, 30, 31, 60], parameters.vintage(name).discount)
    assert factors.round(4).tolist() == [0.7089, 0.3563, 0.3459, 0.1468]


@pytest.mark.parametrize("name", NAMES)
def test_optimism_bias_of_a_mix(name):
    mixed = bias(parameters.vintage(name), {"non-standard buildings": 0.3, "standard buildings": 0.7})
    assert (mixed.capital, mixed.duration) == (pytest.approx(0.321), pytest.approx(0.145))
    assert {kind: BiasBounds(**one) for kind, one in parameters.vintage(name).optimism_bias.items()} == BIAS_BOUNDS


@pytest.mark.parametrize("name", NAMES)
def test_net_jobs_of_the_worked_example(name):
    # 200 x (1 - 0.30) x (1 - 0.10) x (1 - 0.25) x 1.25
    assert net_jobs(parameters.vintage(name), 1.25) == pytest.approx(118.125)


@pytest.mark.parametrize(("capital", "running", "published"), [(100, 35, 228.6), (75, 47, 247.7)])
def test_net_present_costs_of_the_guide_of_northern_ireland(capital, running, published):
    """Guide to Expenditure Appraisal, A4.6: the guide rounds each year to one decimal before it adds."""
    vintage = parameters.vintage("green-book-2022")
    flows = [capital, *[running] * 4]
    assert present_value(flows, vintage.discount) == pytest.approx(capital + running * (1 - 1.035**-4) / 0.035)
    factors = discount_factors(4, vintage.discount)
    yearly = [round(flow * factor, 1) for flow, factor in zip(flows, factors, strict=True)]
    assert sum(yearly) == pytest.approx(published)


def test_the_lower_rates_of_2026_as_the_department_quotes_them():
    vintage = parameters.vintage("green-book-2026")
    rates = dict(parameters.schedule("sensitivity", vintage.name))
    assert rates == {1: 0.03, 31: 0.0257, 76: 0.0214, 126: 0.0171, 201: 0.0129, 301: 0.0086}
    assert discount_factors([60], list(rates.items()))[60] == pytest.approx(1.03**-30 * 1.0257**-30)
    assert "50 years" in vintage.conventions["long-horizon"].text
    with pytest.raises(UsageError, match="no discount rates called 'sensitivity'"):
        parameters.schedule("sensitivity", "green-book-2022")


# --- one switch -------------------------------------------------------------------------------------------------------


def test_one_name_reruns_an_appraisal():
    before, now, what_if = (appraised(parameters.vintage(name)) for name in NAMES)
    assert before == now  # the edition of 2026 kept the rates
    # 60 years of 0.9 at a flat 3.0%, less 10 of works with 32.1%: an annuity by hand.
    assert what_if["npsv"] == pytest.approx(0.9 * (1 - 1.03**-60) / 0.03 - 13.21)
    assert what_if["npsv"] > now["npsv"] > 0
    assert what_if["cost per net job"] == now["cost per net job"]  # all spent in year 0


def test_a_what_if_is_marked_as_one_under_either_name():
    review = parameters.vintage("review-2026-3.0%")
    assert review == parameters.vintage("review-2026")
    assert (review.name, review.what_if, review.badge) == ("review-2026", True, Badge.ILLUSTRATIVE)
    assert "not in force" in review.title
    assert {one.badge for one in map(parameters.vintage, NAMES[:2])} == {Badge.MODELLED}
    assert parameters.vintage() == parameters.vintage("green-book-2026")


def test_a_vintage_cannot_be_changed():
    vintage = parameters.vintage()
    with pytest.raises(dataclasses.FrozenInstanceError):
        vintage.name = "ours"
    for held in (vintage.parameters, vintage.conventions, vintage.additionality, vintage.additionality["leakage"]):
        with pytest.raises(TypeError):
            held["low"] = 0.0


# --- status -----------------------------------------------------------------------------------------------------------


def test_what_2026_takes_over_is_assumed_unchanged_and_says_how_far_it_was_checked():
    before, now = parameters.vintage("green-book-2022"), parameters.vintage("green-book-2026")
    own = {key for key in now.parameters if key.startswith("discount.")}
    assert {now.parameters[key].status for key in own} == {"verified"}
    for kind in ("parameters", "conventions"):
        for key, one in getattr(before, kind).items():
            if key not in own:
                taken = getattr(now, kind)[key]
                assert taken.status == UNCHANGED
                assert f"In green-book-2022: {one.status}." in taken.note
                assert taken.source == one.source
    assert set(now.unconfirmed) == {*now.parameters, *now.conventions} - own - {"long-horizon"}


@pytest.mark.parametrize("name", NAMES)
def test_each_value_is_listed_with_source_place_and_status(name):
    vintage = parameters.vintage(name)
    table = vintage.table().set_index("key")
    assert set(table.index) == {*vintage.parameters, *vintage.conventions}
    assert table[["value", "unit", "status", "source"]].notna().all(axis=None)
    assert (table["status"].eq("verified") | table.index.isin(vintage.unconfirmed)).all()
    bias_row = table.loc["optimism-bias.standard-buildings.capital-upper"]
    assert (bias_row["value"], bias_row["unit"]) == (0.24, "share of the estimate")
    assert bias_row["source"].endswith("table of recommended adjustment ranges")


@pytest.mark.parametrize("name", NAMES)
def test_every_convention_has_text_source_and_status(name):
    found = parameters.vintage(name).conventions
    assert {"prices", "ratio", "local-jobs"} <= set(found)
    for one in found.values():
        assert one.text.endswith(".")
        assert ", " in one.source
        assert one.status


def test_what_differs_between_editions_is_a_table():
    table = parameters.compare("green-book-2022", "green-book-2026").set_index("key")
    assert set(table["differs"]) == {"status", "only in green-book-2026"}
    assert set(table.index[table["differs"] != "status"]) == {
        "long-horizon", "cost-of-taxation", *(f"discount.sensitivity.{year}" for year in (1, 31, 76, 126, 201, 301))
    }  # fmt: skip
    assert table.loc["leakage.low", "second_status"] == UNCHANGED
    assert "discount.standard.1" not in table.index  # verified in both
    assert parameters.compare("review-2026", "review-2026-3.0%").empty


def test_what_differs_in_a_what_if_is_the_rate():
    table = parameters.compare("green-book-2026", "review-2026").set_index("key")
    first = table.loc["discount.standard.1"]
    assert (first["differs"], first["first"], first["second"]) == ("value", 0.035, 0.03)
    assert first["source"].startswith("Freeman and Groom")
    assert table.loc["discount.health.1", "differs"] == "only in green-book-2026"
    assert table.loc["discount.health.1", "second"] is None
    assert table.index.str.startswith("discount.").all()


# --- faults -----------------------------------------------------------------------------------------------------------


def test_unknown_names_are_said_with_what_there_is():
    with pytest.raises(UsageError, match="'green-book-1997'.*green-book-2022"):
        parameters.vintage("green-book-1997")
    with pytest.raises(UsageError, match="no values called 'horizons'.* horizon,"):
        parameters.vintage().bands("horizons")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('key = "prices"\ntext = "Real', 'key = "prices"\ntext = ""\nwas = "Real'),
        ('key = "long-horizon"', 'key = ""'),
        ('vintage = "green-book-2026"\nkey = "long', 'vintage = "green-book-1997"\nkey = "long'),
    ],
)
def test_a_broken_convention_is_refused(tmp_path, monkeypatch, before, after):
    text = (parameters.paths.data_dir() / "parameters.toml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "parameters.toml").write_text(text.replace(before, after, 1), encoding="utf-8")
    monkeypatch.setenv("IITK_DATA", str(tmp_path))
    with pytest.raises(DataDamagedError, match="convention .* lacks a key, text, source"):
        parameters.vintage()
