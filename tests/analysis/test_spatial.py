from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.analysis.specialisation import (
    cluster_index,
    ellison_glaeser_index,
    entropy,
    herfindahl_index,
    locational_gini,
    related_variety,
    specialisation_gini,
)
from iitk.errors import MethodError

shares = st.lists(st.integers(0, 5000), min_size=4, max_size=4).filter(any)


def test_ginis_of_the_textbook(case):
    """c04: Farhauer and Kroell (2013), run again in REAT 3.0.3 (gini.spec and gini.conc count every unit once)."""
    given_, wanted = case("c04")["inputs"], case("c04")["expected"]
    spec, conc = given_["gini_spec"], given_["gini_conc"]
    found = specialisation_gini(pd.Series(spec["E_ij"]), spec["E_i"], variant="unweighted")
    assert found == pytest.approx(wanted["gini_spec"], rel=1e-9)
    found = locational_gini(pd.DataFrame({"i": conc["E_ij"]}), area_total=conc["E_j"], variant="unweighted")
    assert found["i"] == pytest.approx(wanted["gini_conc"], rel=1e-9)


def test_an_industry_in_one_area_only_by_hand():
    # The example of EconGeo 2.0's locational_gini: five areas of 100 jobs each, I1 in the first only.
    jobs = pd.DataFrame(
        [[100, 0, 0, 0, 0], [0, 15, 5, 70, 10], [0, 20, 10, 20, 50], [0, 25, 30, 5, 40], [0, 40, 55, 5, 0]],
        columns=["I1", "I2", "I3", "I4", "I5"],
    )
    # The curve stays at 0 until the last fifth of all jobs: the area under it is a triangle of 0.2 x 1 / 2 = 0.1.
    assert locational_gini(jobs, variant="krugman")["I1"] == pytest.approx(0.5 - 0.1)
    assert locational_gini(jobs)["I1"] == pytest.approx(0.8)
    # Equal areas: weighing changes nothing.
    pd.testing.assert_series_equal(locational_gini(jobs), locational_gini(jobs, variant="unweighted"))


@given(shares, st.sampled_from(["weighted", "unweighted", "krugman"]))
def test_the_same_mix_has_no_specialisation(values, variant):
    reference = [value + 1 for value in values]
    assert specialisation_gini(pd.Series(reference) * 3, reference, variant=variant) == pytest.approx(0, abs=1e-12)
    found = specialisation_gini(pd.Series(values), reference, variant=variant)
    assert -1e-12 <= found <= (0.5 if variant == "krugman" else 1)


@given(shares)
def test_splitting_an_area_in_two_alike_changes_only_the_unweighted_gini(values):
    totals = [value + 100 for value in values]
    whole = locational_gini(pd.DataFrame({"i": values}), area_total=totals)
    halves = locational_gini(
        pd.DataFrame({"i": [values[0] / 2, values[0] / 2, *values[1:]]}),
        area_total=[totals[0] / 2, totals[0] / 2, *totals[1:]],
    )
    assert halves["i"] == pytest.approx(whole["i"], abs=1e-9)


def test_ellison_glaeser_of_the_textbook():
    # Farhauer and Kroell (2014), the example of ellison.a in REAT 3.0.3 (man/ellison.a.Rd): 0.05990628.
    plants = {"Wien": [200, 650, 12000, 100, 50], "Linz": [16000, 13000, 1500, 1500], "Graz": [25000]}
    jobs = pd.DataFrame({"i": {place: float(sum(sizes)) for place, sizes in plants.items()}})
    sizes = [size for place in plants.values() for size in place]
    found = ellison_glaeser_index(
        jobs, {"i": herfindahl_index(sizes)}, area_total={"Wien": 500_000, "Linz": 400_000, "Graz": 100_000}
    )
    assert found["i"] == pytest.approx(0.05990628, abs=5e-9)


def test_plants_that_chose_at_random_have_an_index_of_zero_on_average():
    rng = np.random.default_rng(11)
    x, sizes = np.array([0.5, 0.3, 0.2]), np.array([30.0, 20, 20, 10, 10, 5, 5])
    draws = rng.choice(3, size=(4000, len(sizes)), p=x)
    jobs = pd.DataFrame([[sizes[row == area].sum() for row in draws] for area in range(3)])
    found = ellison_glaeser_index(jobs, [herfindahl_index(sizes)] * 4000, area_total=x)
    assert abs(found.mean()) < 4 * found.std() / np.sqrt(4000)


def test_one_plant_only_and_industries_with_gaps_have_no_index_and_harm_no_others():
    jobs = pd.DataFrame({"one": [5.0, 0], "gap": [np.nan, 3], "none": [0.0, 0], "fine": [10.0, 1]}, index=["A", "B"])
    found = ellison_glaeser_index(jobs, {"one": 1, "gap": 0.1, "none": 0.1, "fine": 0.2}, area_total={"A": 50, "B": 50})
    assert found.isna().tolist() == [True, True, True, False]
    # G = 2 (10/11 - 1/2)^2, X = 1/2.
    g = 2 * (10 / 11 - 0.5) ** 2
    assert found["fine"] == pytest.approx((g - 0.5 * 0.2) / (0.5 * 0.8))


def test_cluster_index_of_the_textbook():
    # Farhauer and Kroell (2014), the example of litzenberger in REAT 3.0.3 (man/litzenberger.Rd): 21.87491.
    # Its second row here is what remains of the country: 5,740 jobs, 53 plants, 576 of land, 4,621 people.
    jobs, plants = pd.DataFrame({"i": [1743, 5740 - 1743]}), pd.DataFrame({"i": [35, 53 - 35]})
    found = cluster_index(jobs, plants, [50, 576 - 50], [488, 4621 - 488])
    assert found.loc[0, "i"] == pytest.approx(21.87491, abs=5e-6)


def test_an_even_country_has_no_clusters_and_a_gap_spoils_only_its_industry():
    jobs = pd.DataFrame({"even": [10.0, 20], "gap": [1.0, np.nan], "absent": [0.0, 9]}, index=["A", "B"])
    plants = pd.DataFrame({"even": [1.0, 2], "gap": [1.0, 1], "absent": [0.0, 3]}, index=["A", "B"])
    found = cluster_index(jobs, plants, {"A": 100, "B": 200}, {"B": 8000, "A": 4000})
    assert found["even"].tolist() == pytest.approx([1, 1])
    assert found["gap"].isna().all()
    assert found.loc["A", "absent"] == 0


def test_variety_by_hand():
    # Groups of one half each: 1 bit between. Within: half of 1 bit (two equal), half of 0 (one only).
    area = pd.Series({"cars": 25, "vans": 25, "films": 50})
    groups = {"cars": "v", "vans": "v", "films": "m"}
    assert related_variety(area, groups).iloc[0].tolist() == pytest.approx([0.5, 1.0, 1.5])
    assert related_variety(area, groups, base=np.e).iloc[0, 1] == pytest.approx(np.log(2))


@given(shares)
def test_variety_agrees_with_the_formula_of_the_source(values):
    groups = dict(zip(range(4), "ggha", strict=True))
    p = np.array(values) / sum(values)
    big = {g: sum(p[i] for i in range(4) if groups[i] == g) for g in "gha"}
    related = sum(p[i] * np.log2(big[groups[i]] / p[i]) for i in range(4) if p[i] > 0)
    unrelated = sum(-share * np.log2(share) for share in big.values() if share > 0)
    found = related_variety(pd.Series(values, dtype=float), groups).iloc[0]
    assert found.tolist() == pytest.approx([related, unrelated, entropy(values, base=2)], abs=1e-9)


def test_variety_is_missing_for_bad_areas_only():
    table = pd.DataFrame(
        {"a": [1.0, np.nan, -1, 0, 5], "b": [1.0, 1, 3, 0, 5], "c": [2.0, 1, 1, 0, 10]}, index=list("PQRST")
    )
    found = related_variety(table, {"a": "x", "b": "x", "c": "y"})
    assert found.loc[["Q", "R", "S"]].isna().all().all()
    assert found.loc["P"].tolist() == pytest.approx([0.5, 1, 1.5])
    assert found.loc["T"].tolist() == pytest.approx([0.5, 1, 1.5])


JOBS = pd.DataFrame({"i": [1.0, 2]}, index=["A", "B"])


TABLE = pd.DataFrame(
    {"a": [10.0, 20, 8, 30], "b": [5.0, 5, 15, 30], "c": [1.0, 4, 2, 9]}, index=["W", "X", "Y", "Z"]
)  # fmt: skip
BY_INDUSTRY = {
    "gini": locational_gini,
    "unweighted gini": lambda jobs: locational_gini(jobs, variant="unweighted", normalised=True),
    "ellison-glaeser": lambda jobs: ellison_glaeser_index(jobs, dict.fromkeys(jobs.columns, 0.1)),
}


@pytest.mark.parametrize("name", BY_INDUSTRY)
def test_an_area_or_industry_with_nothing_changes_nothing_for_the_others(name):
    index = BY_INDUSTRY[name]
    bigger = TABLE.assign(nothing=0.0)
    bigger.loc["Empty"] = 0.0
    found = index(bigger)
    assert found[TABLE.columns].tolist() == pytest.approx(index(TABLE).tolist())
    assert np.isnan(found["nothing"])
    assert found.attrs["missing"] == {"nothing": "no activity at all"}


@pytest.mark.parametrize(("bad", "why"), [(np.nan, "no figure for 'X'"), (-3.0, "negative figure for 'X'")])
@pytest.mark.parametrize("name", BY_INDUSTRY)
def test_a_gap_or_a_loss_leaves_its_industry_missing_and_the_others_as_if_it_were_not_there(name, bad, why):
    index = BY_INDUSTRY[name]
    jobs = TABLE.copy()
    jobs.loc["X", "b"] = bad
    found = index(jobs)
    assert np.isnan(found["b"])
    assert found.attrs["missing"] == {"b": why}
    assert found[["a", "c"]].tolist() == pytest.approx(index(TABLE[["a", "c"]]).tolist())


def test_published_totals_keep_a_gap_from_changing_anything_for_the_others():
    jobs, totals = TABLE.copy(), [100, 90, 80, 200]
    jobs.loc["X", "b"] = -3.0
    found, whole = (locational_gini(table, area_total=totals) for table in (jobs, TABLE))
    assert found[["a", "c"]].tolist() == whole[["a", "c"]].tolist()
    # An industry in an area that is said to have nothing has no quotient there.
    assert np.isnan(locational_gini(TABLE, area_total=[0, 90, 80, 200])["a"])


def test_one_plant_or_an_unknown_herfindahl_is_named():
    found = ellison_glaeser_index(TABLE, {"a": 1.0, "b": np.nan, "c": 0.2})
    assert found.attrs["missing"] == {"a": "one plant only", "b": "no plant Herfindahl"}


def test_an_industry_that_neither_side_has_changes_no_specialisation():
    reference = TABLE.sum()
    for variant in ("weighted", "unweighted", "krugman"):
        found = specialisation_gini(
            TABLE.assign(none=0.0), pd.concat([reference, pd.Series({"none": 0.0})]), variant=variant
        )
        np.testing.assert_allclose(found, specialisation_gini(TABLE, reference, variant=variant))
    stray = specialisation_gini(TABLE.assign(none=[0, 2.0, 0, 0]), pd.concat([reference, pd.Series({"none": 0.0})]))
    assert stray.isna().tolist() == [False, True, False, False]


def test_the_unweighted_gini_can_be_made_to_reach_one():
    jobs = pd.DataFrame({"i": [0.0, 0, 0, 5]})
    assert locational_gini(jobs, area_total=[1, 1, 1, 1], variant="unweighted")["i"] == pytest.approx(3 / 4)
    assert locational_gini(jobs, area_total=[1, 1, 1, 1], variant="unweighted", normalised=True)["i"] == pytest.approx(
        1
    )


def test_a_loss_in_jobs_or_plants_spoils_only_its_industry_of_the_cluster_index():
    plants = (TABLE / 2).round() + 1
    jobs = TABLE.copy()
    jobs.loc["Y", "a"], plants.loc["W", "c"] = -1.0, np.nan
    found = cluster_index(jobs, plants, [1, 2, 3, 4], [10, 20, 10, 40])
    assert found[["a", "c"]].isna().all(axis=None)
    assert found.attrs["missing"] == {"a": "jobs: negative figure for 'Y'", "c": "plants: no figure for 'W'"}
    pd.testing.assert_frame_equal(
        found[["b"]], cluster_index(jobs[["b"]], plants[["b"]], [1, 2, 3, 4], [10, 20, 10, 40])
    )


@given(st.lists(st.lists(st.integers(0, 90), min_size=5, max_size=5), min_size=1, max_size=5))
def test_related_and_unrelated_variety_add_up_to_the_entropy_and_none_is_negative(rows):
    table = pd.DataFrame(rows, columns=list("abcde"), dtype=float)
    found = related_variety(table, dict(zip("abcde", "xxyyz", strict=True)))
    np.testing.assert_allclose(found["related"] + found["unrelated"], entropy(table, base=2), atol=1e-12)
    assert (found.dropna() >= -1e-12).all(axis=None)
    assert set(found.attrs["missing"]) == set(table.index[table.sum(axis=1) == 0])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: related_variety(JOBS, {}), "one group to each industry.*'i'"),
        (lambda: related_variety(JOBS, {"i": "g", "j": "g"}), "no other; see 'j'"),
        (lambda: locational_gini(JOBS, area_total={"A": 1}), "Only activity has 'B'"),
        (lambda: locational_gini(JOBS.replace(1.0, np.nan)), "Every industry has a gap.*'A'.*Pass area_total"),
        (lambda: locational_gini(JOBS, normalised=True), "normalised needs variant='unweighted'"),
        (lambda: locational_gini(JOBS, variant="x"), "one of 'weighted', 'unweighted', 'krugman'"),
        (lambda: specialisation_gini(JOBS, {"i": np.nan}), "reference has no figure for 'i'"),
        (lambda: ellison_glaeser_index(JOBS, {"i": 2500}), "from 0 to 1. If shares were in %"),
        (lambda: ellison_glaeser_index(JOBS, {"i": 0.1}, area_total={"A": 5, "B": 0}), "All activity is in one area"),
        (lambda: cluster_index(JOBS, JOBS, {"A": 1, "B": 0}, {"A": 1, "B": 1}), "above zero in every area"),
        (lambda: cluster_index(JOBS, JOBS.rename(columns={"i": "j"}), [1, 1], [1, 1]), "Only plants .columns. has 'j'"),
    ],
)
def test_errors_name_the_argument_and_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()


def test_groups_as_a_list_are_in_the_order_of_the_industries_and_bits_are_the_base():
    table = pd.DataFrame({"cars": [25, 1], "vans": [25, 2], "films": [50, 3]})
    found = related_variety(table, ["vehicles", "vehicles", "media"])
    wanted = related_variety(table, {"cars": "vehicles", "vans": "vehicles", "films": "media"})
    pd.testing.assert_frame_equal(found, wanted)
    assert found["total"].tolist() == pytest.approx(entropy(table, base=2).tolist())


def test_one_industry_alone_is_that_industry_of_a_table():
    jobs = pd.DataFrame({"i": [13000, 32000, 25000], "j": [5, 5, 5]}, index=["Wien", "Linz", "Graz"])
    totals = [500000, 400000, 100000]
    alone = ellison_glaeser_index(jobs["i"], 0.25, area_total=totals)
    assert alone == ellison_glaeser_index(jobs, [0.25, 0.1], area_total=totals)["i"]
    assert locational_gini(jobs["i"], area_total=totals) == locational_gini(jobs, area_total=totals)["i"]


def test_a_gini_of_specialisation_that_is_missing_says_why():
    table = pd.DataFrame([[1.0, 2, 0], [1, 2, 3], [np.nan, 1, 0]], list("ABC"), list("ijk"))
    found = specialisation_gini(table, [5, 5, 0])
    assert found.attrs["missing"] == {
        "B": "has some of an industry of which the reference has none",
        "C": "no figure for 'i'",
    }


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: related_variety(pd.DataFrame({"a": [1]}), pd.DataFrame({"a": ["g"]})), "groups must hold one kind"),
        (lambda: related_variety(pd.DataFrame({"a": [1]}), ["g", "h"]), "groups must hold one kind"),
        (lambda: cluster_index(pd.DataFrame({"i": [1, 2]}), pd.DataFrame(), [1, 2], [1, 2]), "plants .rows. and jobs"),
        (
            lambda: cluster_index(*[pd.DataFrame({"i": [1, 2]})] * 2, [1, 2], [3]),
            "population has 1 figures, but jobs .rows. has 2",
        ),
        (lambda: locational_gini(pd.DataFrame()), "activity is empty"),
        (lambda: locational_gini(pd.Series([1, 2])), "pass area_total"),
        (lambda: ellison_glaeser_index(pd.DataFrame({"i": [0, 0]}), [0.1]), "nothing above zero"),
        (lambda: ellison_glaeser_index(pd.Series([1, 2]), "a", area_total=[3, 4]), "plant_herfindahl must be a number"),
    ],
)
def test_empty_and_ill_fitting_tables_are_refused_in_their_own_words(call, words):
    with pytest.raises(MethodError, match=words):
        call()
