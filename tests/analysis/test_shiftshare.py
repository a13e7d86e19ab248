from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.analysis.growth import dynamic_shift_share, shift_share, shift_share_cube, shift_share_forecast
from iitk.errors import MethodError

EFFECTS = ["national", "mix", "local"]
quads = st.lists(
    st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(0, 9000), st.integers(0, 9000)),
    min_size=1,
    max_size=12,
).filter(lambda rows: sum(row[2] for row in rows) > 0)


@pytest.fixture
def book(case):
    """c01: three regions and four industries of Farhauer and Kroell (2013), run again in REAT 3.0.3."""
    return case("c01")


def region(book, name, **options):
    given_ = book["inputs"]
    start, end = given_[f"{name}_t"], given_[f"{name}_t1"]
    return shift_share(start, end, given_["nation_t"], given_["nation_t1"], **options)


@pytest.mark.parametrize("name", ["A", "B", "C"])
def test_dunn_of_the_textbook(book, name):
    wanted = book["expected"]["Dunn"][name]
    found = region(book, name).sum()
    assert found["change"] == pytest.approx(wanted["Growth (t1-t)"], rel=1e-9)
    assert found["national"] == pytest.approx(wanted["National share"], rel=1e-9)
    assert found["mix"] == pytest.approx(wanted["Industrial mix"], rel=1e-9, abs=1e-9)
    assert found["local"] == pytest.approx(wanted["Regional share"], rel=1e-9)
    assert found["mix"] + found["local"] == pytest.approx(wanted["Net total shift"], rel=1e-9)


def test_dunn_by_industry_of_the_textbook(book):
    # The source's "National share" of one industry is at that industry's national rate: our national plus mix.
    growth, expected, local, _ = book["expected"]["industry_A"]["components.industry"]["values"]
    found = region(book, "A")
    assert found["change"].tolist() == pytest.approx(growth, rel=1e-9)
    assert (found["national"] + found["mix"]).tolist() == pytest.approx(expected, rel=1e-9)
    assert found["local"].tolist() == pytest.approx(local, rel=1e-9)


@pytest.mark.parametrize("name", ["A", "B", "C"])
def test_esteban_marquillas_of_the_textbook(book, name):
    wanted = book["expected"]["Esteban"][name]
    found = region(book, name, variant="esteban-marquillas", total=True).loc["Total"]
    assert found["competitive"] == pytest.approx(wanted["Regional share"], rel=1e-9)
    assert found["allocation"] == pytest.approx(wanted["Allocation effect"], rel=1e-9)
    assert found["local"] == pytest.approx(found["competitive"] + found["allocation"])


@pytest.mark.parametrize("name", ["A", "B", "C"])
def test_gerfin_of_the_textbook(book, name):
    wanted = book["expected"]["Gerfin"][name]
    found = region(book, name, variant="gerfin", total=True).loc["Total"]
    assert found["mix"] == pytest.approx(wanted["Industrial mix"], rel=1e-9)
    assert found["local"] == pytest.approx(wanted["Regional share"], rel=1e-9)
    assert found["mix"] * found["local"] == pytest.approx(wanted["Net total shift"], rel=1e-9)
    assert found["change"] == pytest.approx(found["national"] * found["mix"] * found["local"])


def test_dynamic_of_the_textbook(book):
    given_, wanted = book["inputs"], book["expected"]["dynamic_Dunn_A"]
    years = ["2000", "2001", "2002"]
    area = pd.DataFrame([given_[f"A_{t}"] for t in ("t", "t1", "t2")], index=years)
    nation = pd.DataFrame([given_[f"nation_{t}"] for t in ("t", "t1", "t2")], index=years)
    found = dynamic_shift_share(area, nation)
    assert found.index.tolist() == [*wanted["year"]["cols"], "Total"]
    for column, row in (("change", 0), ("national", 1), ("mix", 2), ("local", 3)):
        name = wanted["year"]["rows"][row]
        assert found[column].tolist() == pytest.approx(
            [*wanted["year"]["values"][row], wanted["components"][name]], rel=1e-9, abs=1e-9
        )


@pytest.mark.parametrize("number", [1, 2, 3])
def test_forecast_of_the_textbook(case, number):
    """c06: Spiekermann and Wegener (2008), run again in REAT 3.0.3; its lead is one factor for the whole area."""
    given_, wanted = case("c06")["inputs"], case("c06")["expected"][f"region{number}"]
    past = [given_[f"r{number}_2000"], given_[f"r{number}_2006"], given_["n2000"], given_["n2006"]]
    found = shift_share_forecast(*past, given_["n2010"])
    assert found.tolist() == pytest.approx(wanted["prog"]["values"][0], rel=1e-9)
    factors = shift_share(*past, variant="gerfin", total=True)
    own, _ = wanted["components.industry"]["values"]
    assert factors["local"].tolist()[:2] == pytest.approx(own, rel=1e-9)
    mix, regional, net = (row[0] for row in wanted["components"]["values"])
    assert factors.loc["Total", ["mix", "local"]].tolist() == pytest.approx([mix, regional], rel=1e-9)
    assert factors.loc["Total", "mix"] * factors.loc["Total", "local"] == pytest.approx(net, rel=1e-9)


def test_forecast_with_each_industrys_own_lead():
    # 100 to 120 while the nation stood still: a lead of 1.2; the nation then grows by half: 120 x 1.5 x 1.2 = 216.
    found = shift_share_forecast([100, 50], [120, 50], [10, 10], [10, 10], [15, 10], lead="industry")
    assert found.tolist() == pytest.approx([216, 50])


@given(quads)
def test_the_effects_add_up_to_the_change_zero_base_years_included(rows):
    start, end, reference_start, reference_end = (list(side) for side in zip(*rows, strict=True))
    table = shift_share(start, end, reference_start, reference_end, variant="esteban-marquillas")
    assert table.notna().all().all()
    assert table["change"].tolist() == [b - a for a, b in zip(start, end, strict=True)]
    np.testing.assert_allclose(table[EFFECTS].sum(axis=1), table["change"], atol=1e-9)
    np.testing.assert_allclose(table["competitive"] + table["allocation"], table["local"], atol=1e-9)


@given(quads)
def test_the_local_effect_is_the_residual_of_the_industrys_own_national_growth(rows):
    start, end, reference_start, reference_end = (list(side) for side in zip(*rows, strict=True))
    local = shift_share(start, end, reference_start, reference_end)["local"]
    for row, (e0, e1, n0, n1) in enumerate(rows):
        if n0:
            assert local[row] == pytest.approx(e1 - e0 * n1 / n0, abs=1e-6)


@given(quads)
def test_an_area_that_is_the_reference_has_no_mix_and_no_local_effect(rows):
    start, end = [row[2] for row in rows], [row[3] for row in rows]
    total = shift_share(start, end, start, end, total=True).loc["Total"]
    arrived = sum(row[3] for row in rows if row[2] == 0)
    # What was nowhere at the start is local by the documented rule; the growth that it brings the nation is in the mix.
    assert total["local"] == pytest.approx(arrived, abs=1e-6)
    assert total["mix"] == pytest.approx(-arrived, abs=1e-6)


def test_all_of_a_new_industry_is_local():
    row = shift_share([0, 100], [30, 110], [50, 950], [60, 1000], variant="esteban-marquillas").loc[0]
    assert row[["change", "national", "mix", "local", "competitive", "allocation"]].tolist() == [30, 0, 0, 30, 0, 30]


def test_a_missing_industry_is_missing_and_named_and_the_others_are_unharmed():
    start, end = pd.Series({"a": 10.0, "b": np.nan, "c": 5.0}), pd.Series({"a": 12.0, "b": 3.0, "c": 6.0})
    nation0, nation1 = pd.Series({"a": 100.0, "b": 50.0, "c": 50.0}), pd.Series({"a": 110.0, "b": 55.0, "c": 45.0})
    table = shift_share(start, end, nation0, nation1, total=True)
    assert table.loc["b"].isna().all()
    assert table.attrs["missing"] == {"b": "no figure in start"}
    assert table.loc["a", "national"] == pytest.approx(10 * (210 / 200 - 1))  # b still counts in the nation's growth
    assert table.loc["Total", "change"] == pytest.approx(3)
    assert table.loc["Total", EFFECTS].sum() == pytest.approx(3)


def test_a_gap_in_the_reference_leaves_its_growth_to_the_industries_known_at_both_ends():
    table = shift_share([10, 10], [11, 11], [100, np.nan], [120, 70])
    assert table.loc[0, "national"] == pytest.approx(2)
    assert table.loc[1].isna().all()
    published = shift_share([10, 10], [11, 11], [100, np.nan], [120, 70], reference_totals=(200, 210))
    assert published.loc[0, EFFECTS].tolist() == pytest.approx([0.5, 1.5, -1.0])


def test_gerfin_is_missing_at_a_zero_base_and_its_total_is_not():
    table = shift_share([0, 10], [5, 10], [10, 10], [10, 20], variant="gerfin", total=True)
    assert np.isnan(table.loc[0, "change"])
    assert table.loc["Total", "change"] == pytest.approx(1.5)


def test_the_cube_agrees_with_the_frames():
    rng = np.random.default_rng(7)
    activity = rng.gamma(0.7, 100, (361, 37, 27))
    activity[rng.random(activity.shape) < 0.03] = 0
    activity[rng.random(activity.shape) < 0.01] = np.nan
    reference = np.nansum(activity, axis=0)
    effects = shift_share_cube(activity[..., :-1], activity[..., 1:], reference[:, :-1], reference[:, 1:])
    for area, year in ((0, 0), (360, 25), (17, 9)):
        frame = shift_share(
            activity[area, :, year], activity[area, :, year + 1], reference[:, year], reference[:, year + 1]
        )
        for name in ("change", *EFFECTS):
            np.testing.assert_allclose(effects[name][area, :, year], frame[name], atol=1e-9)


@pytest.mark.parametrize("side", ["start", "end", "reference_start", "reference_end"])
@pytest.mark.parametrize("variant", ["dunn", "esteban-marquillas", "gerfin"])
def test_a_negative_figure_leaves_its_industry_missing_and_the_others_unharmed(side, variant):
    # Two districts' finance had a negative value added in 2008; growth from there has no meaning.
    sides = {
        "start": [10.0, 7, 5],
        "end": [12.0, 9, 6],
        "reference_start": [100.0, 60, 50],
        "reference_end": [110.0, 66, 45],
    }
    totals = {"reference_totals": (210, 221), "variant": variant}
    whole = shift_share(**sides, **totals)
    sides[side][1] = -4.0
    table = shift_share(**sides, **totals, total=True)
    assert table.loc[1].isna().all()
    assert table.attrs["missing"] == {1: f"negative figure in {side}"}
    effects = ["change", "national", "mix", "local"]
    np.testing.assert_allclose(table.loc[[0, 2], effects], whole.loc[[0, 2], effects])
    if variant != "gerfin":
        np.testing.assert_allclose(table.loc["Total"], table.loc[[0, 2]].sum())
    if variant == "dunn":
        cube = shift_share_cube(
            *(np.array(sides[name])[None, :, None] for name in ("start", "end")),
            *(np.array(sides[name])[:, None] for name in ("reference_start", "reference_end")),
        )
        assert [np.isnan(cube["local"][0, row, 0]) for row in range(3)] == [False, True, False]


def test_a_negative_future_is_missing_in_a_forecast():
    found = shift_share_forecast([10, 10], [11, 11], [100, 100], [110, 110], [120, -1])
    assert found.notna().tolist() == [True, False]


TWO = pd.DataFrame({"a": [1, 2]})
years = st.lists(
    st.lists(st.integers(0, 900), min_size=6, max_size=6).filter(lambda row: sum(row[3:]) > 0), min_size=2, max_size=5
)


@given(years, st.sampled_from(["dunn", "esteban-marquillas"]))
def test_the_dynamic_effects_add_up_by_period_and_by_industry(rows, variant):
    area, nation = (pd.DataFrame([row[part] for row in rows], dtype=float) for part in (slice(3), slice(3, 6)))
    nation = nation + 1  # an industry that the nation lacks between years has no growth to compare with
    periods = dynamic_shift_share(area, nation, variant=variant)
    industries = dynamic_shift_share(area, nation, variant=variant, by="industry")
    np.testing.assert_allclose(periods[EFFECTS].sum(axis=1), periods["change"], atol=1e-8)
    np.testing.assert_allclose(industries[EFFECTS].sum(axis=1), industries["change"], atol=1e-8)
    np.testing.assert_allclose(periods.loc["Total"], industries.loc["Total"], atol=1e-8)
    np.testing.assert_allclose(industries["change"].iloc[:3], area.iloc[-1] - area.iloc[0], atol=1e-8)
    if variant == "esteban-marquillas":
        np.testing.assert_allclose(periods["competitive"] + periods["allocation"], periods["local"], atol=1e-8)


def test_dynamic_by_industry_and_by_factors_on_the_textbooks_figures(book):
    given_, years_ = book["inputs"], ["2000", "2001", "2002"]
    area = pd.DataFrame([given_[f"A_{t}"] for t in ("t", "t1", "t2")], index=years_)
    nation = pd.DataFrame([given_[f"nation_{t}"] for t in ("t", "t1", "t2")], index=years_)
    wanted = book["expected"]["dynamic_Dunn_A"]["components"]
    total = dynamic_shift_share(area, nation, by="industry").loc["Total"]
    assert total["local"] == pytest.approx(wanted["Regional share"], rel=1e-9)
    # Gerfin's factors of the first pair are those of the textbook; the product over the pairs is the whole change.
    factors = dynamic_shift_share(area, nation, variant="gerfin")
    first = book["expected"]["Gerfin"]["A"]
    assert factors.iloc[0][["mix", "local"]].tolist() == pytest.approx(
        [first["Industrial mix"], first["Regional share"]]
    )
    assert factors.loc["Total", "change"] == pytest.approx(225 / 180)
    assert factors.loc["Total", EFFECTS].prod() == pytest.approx(225 / 180)
    for combine in ("mean", "sum"):
        one = dynamic_shift_share(area, nation, variant="gerfin", combine=combine)
        assert one.loc["Total", "mix"] == pytest.approx(getattr(factors["mix"].iloc[:2], combine)())
    own = dynamic_shift_share(area, nation, variant="gerfin", by="industry")
    np.testing.assert_allclose(own["change"].iloc[:4], (area.iloc[2] / area.iloc[0]))


def test_a_gap_in_one_year_leaves_the_industrys_own_row_missing_over_the_years():
    area = pd.DataFrame({"a": [10, 12, 15], "b": [5, np.nan, 7]}, index=[2020, 2021, 2022])
    nation = pd.DataFrame({"a": [100, 110, 121], "b": [50, 55, 60]}, index=[2020, 2021, 2022])
    found = dynamic_shift_share(area, nation, by="industry")
    assert found.loc["b"].isna().all()
    assert found.loc["Total", "change"] == pytest.approx(5)
    assert found.attrs["missing"] == {
        "2020-2021": {"b": "no figure in end"}, "2021-2022": {"b": "no figure in start"},
    }  # fmt: skip


cells = st.one_of(st.integers(-30, 900), st.integers(0, 900), st.just(0), st.none())
panels = st.integers(2, 4).flatmap(
    lambda industries: st.lists(
        st.lists(cells, min_size=2 * industries, max_size=2 * industries), min_size=2, max_size=4
    )
)


@given(panels, st.sampled_from(["dunn", "esteban-marquillas", "gerfin"]), st.sampled_from(["product", "mean", "sum"]))
def test_the_dynamic_table_is_that_of_the_pairs_one_by_one_gaps_and_negatives_included(rows, variant, combine):
    n = len(rows[0]) // 2
    names, index = list("abcd")[:n], list(range(2000, 2000 + len(rows)))
    area, nation = (
        pd.DataFrame([row[part] for row in rows], index, names, dtype=float) for part in (slice(n), slice(n, 2 * n))
    )
    totals = pd.Series([5000.0 + 100 * step for step in range(len(rows))], index)
    options = {"reference_total": totals, "variant": variant, "combine": combine}
    periods = dynamic_shift_share(area, nation[names[::-1]], **options)
    industries = dynamic_shift_share(area, nation, **options, by="industry")
    one_by_one = {
        f"{past}-{now}": shift_share(
            area.loc[past], area.loc[now], nation.loc[past], nation.loc[now],
            variant=variant, reference_totals=(totals[past], totals[now]), total=True,
        )
        for past, now in pairwise(index)
    }  # fmt: skip
    for pair, table in one_by_one.items():
        pd.testing.assert_series_equal(periods.loc[pair], table.loc["Total"], check_names=False, rtol=1e-9)
    over = {"product": "prod", "mean": "mean", "sum": "sum"}[combine if variant == "gerfin" else "sum"]
    for name in names:
        own = pd.DataFrame([table.loc[name] for table in one_by_one.values()])
        wanted = getattr(own, over)(skipna=False)
        pd.testing.assert_series_equal(industries.loc[name], wanted, check_names=False, rtol=1e-9)
    named = {pair: table.attrs["missing"] for pair, table in one_by_one.items() if table.attrs["missing"]}
    assert periods.attrs["missing"] == industries.attrs["missing"] == named
    if variant != "gerfin":
        wanted = periods.iloc[:-1].sum(min_count=1)
        pd.testing.assert_series_equal(periods.loc["Total"], wanted, check_names=False, rtol=1e-9, atol=1e-9)


def test_factors_of_a_reference_that_ends_at_nothing_are_missing_and_stop_nothing():
    table = shift_share([10], [5], [100], [0], variant="gerfin", total=True)
    assert table.loc["Total", ["change", "national"]].tolist() == [0.5, 0]
    assert table[["mix", "local"]].isna().all().all()
    assert shift_share_forecast([10], [5], [100], [0], [50]).isna().all()


def test_an_empty_pair_of_totals_is_refused():
    with pytest.raises(MethodError, match="reference_totals must be two figures"):
        shift_share([1], [1], [1], [1], reference_totals=())


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: shift_share([1], [1], [1], [1], variant="other"), "one of 'dunn', 'esteban-marquillas', 'gerfin'"),
        (lambda: shift_share({"a": 1}, {"b": 1}, {"a": 1}, {"a": 1}), "Only start has 'a'. Only end has 'b'"),
        (lambda: shift_share([1], [1], [0], [1]), "needs a total at the start"),
        (lambda: shift_share([1], [1], [1], [1], reference_totals=(1,)), "must be two figures"),
        (lambda: shift_share({"Total": 1}, {"Total": 1}, {"Total": 1}, {"Total": 1}, total=True), "called 'Total'"),
        (lambda: shift_share_cube([1], [1], [1], [1]), "areas x industries x years"),
        (lambda: dynamic_shift_share(pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]})), "two years or more"),
        (lambda: dynamic_shift_share(pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1]})), "the same years"),
        (
            lambda: dynamic_shift_share(*[pd.DataFrame({"a": [1, 2]}, index=[2021, 2020])] * 2),
            "Sort the table by year",
        ),
        (lambda: dynamic_shift_share(pd.DataFrame({"a": [1, 2]}, index=[1, 1]), TWO), "activity .rows. has '1' more"),
        (lambda: dynamic_shift_share([1, 2], TWO), "activity must be a table"),
        (lambda: dynamic_shift_share(TWO, pd.DataFrame({"b": [1, 2]})), "Only activity .columns. has 'a'"),
        (lambda: dynamic_shift_share(TWO, TWO, reference_total={0: 9}), "Only activity .rows. has '1'"),
        (lambda: dynamic_shift_share(TWO, TWO, reference_total=[0, 9]), "at the start of 0-1 .above zero.*got 0, 9"),
        (lambda: dynamic_shift_share(TWO, TWO * 0), "Check reference or pass reference_total"),
        (lambda: dynamic_shift_share(*[TWO.rename(columns={"a": "Total"})] * 2), "called 'Total'"),
        (lambda: dynamic_shift_share(TWO, TWO, by="year"), "one of 'period', 'industry'"),
        (lambda: shift_share_forecast([1], [1], [1], [1], [1], lead="none"), "one of 'area', 'industry'"),
    ],
)
def test_errors_name_the_argument_and_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()


AREAS = pd.DataFrame({"a": [90.0, 10, 0], "b": [20.0, 30, 5]}, index=["X", "Y", "Z"])
LATER = pd.DataFrame({"b": [4.0, 40, 25], "a": [3.0, 100, 12]}, index=["Z", "X", "Y"])  # in another order
NATION = pd.Series({"b": 150.0, "a": 400.0}), pd.Series({"a": 440.0, "b": 210.0})


@pytest.mark.parametrize("variant", ["dunn", "esteban-marquillas", "gerfin"])
@pytest.mark.parametrize("total", [False, True])
@pytest.mark.parametrize("totals", [None, (900, 1000)])
def test_a_table_is_split_as_its_areas_one_by_one(variant, total, totals):
    options = {"variant": variant, "total": total, "reference_totals": totals}
    found = shift_share(AREAS, LATER, *NATION, **options)
    assert found.index.names == ["area", "industry"]
    for area in AREAS.index:
        alone = shift_share(AREAS.loc[area], LATER.loc[area], *NATION, **options)
        pd.testing.assert_frame_equal(found.loc[area], alone, check_names=False)
        assert {key[1]: why for key, why in found.attrs["missing"].items() if key[0] == area} == alone.attrs["missing"]


def test_a_gap_in_a_table_is_named_by_area_and_industry():
    gap = AREAS.mask(AREAS == 30)
    found = shift_share(gap, LATER, *NATION)
    assert found.attrs["missing"] == {("Y", "b"): "no figure in start"}
    assert found.index[found.isna().all(axis=1)].tolist() == [("Y", "b")]


def test_arrays_are_tables_and_labels_of_tables_must_match():
    found = shift_share(AREAS.to_numpy(), LATER.loc[AREAS.index, ["a", "b"]].to_numpy(), [400, 150], [440, 210])
    np.testing.assert_array_equal(found, shift_share(AREAS, LATER, *NATION))
    with pytest.raises(MethodError, match=r"Only start \(rows\) has 'Z'"):
        shift_share(AREAS, LATER.drop("Z"), *NATION)
    with pytest.raises(MethodError, match="end must be a table"):
        shift_share(AREAS, NATION[0], *NATION)


@pytest.mark.parametrize("lead", ["area", "industry"])
def test_a_table_is_carried_forward_as_its_areas_one_by_one(lead):
    future = {"a": 500, "b": 260}
    found = shift_share_forecast(AREAS, LATER, *NATION, future, lead=lead)
    assert found.shape == AREAS.shape
    for area in AREAS.index:
        alone = shift_share_forecast(AREAS.loc[area], LATER.loc[area], *NATION, future, lead=lead)
        pd.testing.assert_series_equal(found.loc[area], alone, check_names=False)


def test_ratios_from_nothing_say_that_the_base_is_zero():
    found = shift_share([0, 5, 2], [3, 6, 1], [10, 20, 5], [12, 22, 0], variant="gerfin")
    assert found["local"].isna().tolist() == [True, False, True]
    assert found.attrs["missing"] == {0: "zero in start", 2: "zero in reference_end"}
    assert shift_share([0, 5], [3, 6], [10, 20], [12, 22]).attrs["missing"] == {}
    years = pd.DataFrame({"a": [1, 0, 2], "b": [4, 5, 6]}, index=[2020, 2021, 2022])
    moving = dynamic_shift_share(years, years + 9, variant="gerfin")
    assert moving.attrs["missing"] == {"2021-2022": {"a": "zero in start"}}


def test_the_total_of_industries_with_several_levels_keeps_them():
    labels = pd.MultiIndex.from_tuples([("A", "01"), ("A", "02")], names=["section", "division"])
    sides = [pd.Series(values, labels) for values in ([1, 2], [2, 3], [10, 20], [11, 22])]
    found = shift_share(*sides, total=True)
    assert found.index.names == ["section", "division"]
    assert found.loc[("Total", ""), "change"] == 2


def test_no_growth_makes_no_minus_zero():
    found = shift_share([0, 5], [1, 5], [10, 20], [9, 25])
    assert not np.signbit(found["mix"].iloc[0])


def test_the_share_with_the_base_in_it_is_national_plus_start():
    # Many handbooks in the United States: NS = e0 N1/N0, IM = e0 (n1/n0 - N1/N0), RS = the rest.
    found = shift_share({"a": 90, "b": 20}, {"a": 100, "b": 40}, {"a": 400, "b": 150}, {"a": 440, "b": 210})
    share = found["national"] + [90, 20]
    assert share.tolist() == pytest.approx([90 * 650 / 550, 20 * 650 / 550])
    assert (share + found["mix"] + found["local"]).tolist() == pytest.approx([100, 40])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: shift_share([1], [1], [1], [1], reference_totals=1000), "must be two figures"),
        (lambda: shift_share([1], [1], [1], [1], reference_totals=("a", "b")), "reference_totals holds something"),
        (lambda: shift_share([1], [1], [1], [1], reference_totals={"start": 1}), "must be two figures"),
        (
            lambda: shift_share([1, 1], [1, 1], [100, 5], [100, 5], reference_totals=(10, 12)),
            "reference_start has an industry that is larger than the published total",
        ),
        (lambda: shift_share([1, 2, 3], [1, 2], [1, 2], [1, 2]), "end has 2 figures, but start has 3 labels"),
        (lambda: shift_share_cube([[[np.inf]]], [[[1.0]]], [[1.0]], [[1.0]]), "infinity"),
    ],
)
def test_totals_and_arrays_of_the_wrong_kind_are_refused(call, words):
    with pytest.raises(MethodError, match=words):
        call()
