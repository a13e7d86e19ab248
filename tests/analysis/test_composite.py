from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iitk.analysis.benchmarking import (
    aggregate,
    cronbach_alpha,
    denominate,
    impute,
    normalise,
    rank_uncertainty,
    screen,
    treat,
)
from iitk.errors import MethodError

TREE = {"pay": "Money", "debt": "Money", "age": "People", "Money": "Index", "People": "Index"}
TABLE = pd.DataFrame(
    {"pay": [10.0, 20, 30, 40], "debt": [5.0, 1, 3, 9], "age": [40.0, 41, 35, 60]}, index=["A", "B", "C", "D"]
)
SIZES = ["Area", "Energy", "GDP", "Population"]
tables = st.lists(st.lists(st.integers(1, 50), min_size=3, max_size=3), min_size=3, max_size=7).filter(
    lambda rows: all(len(set(column)) > 1 for column in zip(*rows, strict=True))
)


def as_table(rows):
    return pd.DataFrame(rows, columns=["pay", "debt", "age"], index=[f"a{n}" for n in range(len(rows))], dtype=float)


@pytest.fixture(scope="module")
def asem(case):
    """c13: the ASEM Sustainable Connectivity example of COINr 1.1.14, each step as that package computes it."""
    found = case("c13")
    data = Path(os.environ.get("IITK_SHARED", Path(__file__).parents[3] / "shared" / "data"))
    folder = data.parent / "cases" / found["id"]

    def read(name):
        return pd.read_csv(folder / name, index_col=0)

    steps = {name.removeprefix("dset_").removesuffix(".csv"): read(name) for name in found["expected"]["steps"]}
    meta = pd.read_csv(folder / "iMeta.csv").set_index("iCode")
    return {
        **steps,
        "case": found,
        "read": read,
        "units": pd.read_csv(folder / "iData.csv", index_col="uCode").loc[steps["Raw"].index],
        "tree": meta["Parent"].dropna().to_dict(),
        "senses": dict.fromkeys(meta.index[meta["Direction"] == -1], "min"),
        "by": meta["Denominator"].dropna().to_dict(),
    }


def assert_close(found, wanted):
    assert set(found.columns) == set(wanted.columns)
    pd.testing.assert_frame_equal(
        found, wanted[found.columns].loc[found.index], rtol=1e-10, atol=1e-8, check_names=False, check_dtype=False
    )


def test_asem_denominated(asem):
    assert_close(denominate(asem["Raw"], asem["units"][SIZES], asem["by"]), asem["Denominated"])


def test_asem_imputed_by_the_mean_of_europe_or_asia(asem):
    assert_close(impute(asem["Denominated"], groups=asem["units"]["EurAsia_group"]), asem["Imputed"])


def test_asem_screened(asem):
    found = screen(asem["Imputed"], present=0.9)
    assert_close(found.kept, asem["Screened"])
    assert found.dropped.empty


def test_asem_treated_and_what_was_done_to_each(asem):
    found, wanted = treat(asem["Screened"]), asem["read"](asem["case"]["expected"]["treatment"])
    assert_close(found.values, asem["Treated"])
    record = found.record.loc[wanted.index]
    assert record["passed"].tolist() == wanted["check_SkewKurt0.Pass"].tolist()
    np.testing.assert_allclose(record["skew"], wanted["check_SkewKurt0.Skew"], atol=1e-8)
    np.testing.assert_allclose(record["kurtosis"], wanted["check_SkewKurt0.Kurt"], atol=1e-8)
    assert record["moved"].tolist() == wanted["winsorise.nwin"].fillna(0).tolist()
    failed = wanted.index[~wanted["check_SkewKurt0.Pass"]]
    assert set(record.loc[failed, "treatment"]) == {"winsorised"}
    np.testing.assert_allclose(record.loc[failed, "skew_after"], wanted.loc[failed, "check_SkewKurt1.Skew"], atol=1e-8)
    np.testing.assert_allclose(
        record.loc[failed, "kurtosis_after"], wanted.loc[failed, "check_SkewKurt1.Kurt"], atol=1e-8
    )


def test_asem_normalised(asem):
    assert_close(normalise(asem["Treated"], senses=asem["senses"]), asem["Normalised"])
    z = normalise(asem["Treated"], method="z-score", senses=asem["senses"])
    assert_close(z, asem["read"](asem["case"]["expected"]["alt_zscore"]))


def test_asem_from_the_raw_figures_to_scores_and_ranks(asem):
    divided = denominate(asem["Raw"], asem["units"][SIZES], asem["by"])
    filled = impute(divided, groups=asem["units"]["EurAsia_group"])
    scaled = normalise(treat(screen(filled, present=0.9).kept).values, senses=asem["senses"])
    found, expected = aggregate(scaled, asem["tree"]), asem["case"]["expected"]
    assert_close(scaled.join(found), asem["Aggregated"])
    assert_close(found, asem["read"](expected["scores"]).drop(columns="Rank"))
    assert_close(found.rank(ascending=False), asem["read"](expected["ranks"]))
    published = asem["case"]["documented_in_source"]
    assert found["Index"].nlargest(5).index.tolist() == published["top5"]
    for name in ("Index", "Conn", "Sust", "Physical"):
        assert found.loc["CHE", name] == pytest.approx(published["CHE"][name], abs=0.005)


def test_asem_geometric(asem):
    """COINr's alternative: min-max to 1..100, so that a geometric mean exists, at every level."""
    scaled = normalise(asem["Treated"], senses=asem["senses"], scale=(1, 100))
    wanted = asem["read"](asem["case"]["expected"]["alt_geometric"])
    found = aggregate(scaled, asem["tree"], method="geometric")
    assert_close(found, wanted.drop(columns="Rank"))
    assert found["Index"].rank(ascending=False).loc[wanted.index].tolist() == wanted["Rank"].tolist()


def test_asem_cronbach(asem):
    group = asem["Raw"][[name for name, parent in asem["tree"].items() if parent == "P2P"]]
    assert cronbach_alpha(group) == pytest.approx(asem["case"]["expected"]["cronbach_P2P_raw"], abs=1e-8)


def test_asem_ranks_under_other_weights_keep_the_nominal_rank(asem):
    found = rank_uncertainty(
        asem["Treated"], asem["tree"], senses=asem["senses"], draws=200, variants=[("min-max", "arithmetic")]
    )
    wanted = asem["read"](asem["case"]["expected"]["ranks"])["Index"]
    assert found.summary["rank"].loc[wanted.index].tolist() == wanted.tolist()
    assert (found.summary["lower"] <= found.summary["upper"]).all()
    assert found.summary.loc["CHE", "upper"] <= 3  # more than three points ahead of the next


def test_the_human_development_index():
    """
    United Nations Development Programme, Human Development Report 2014, table 1 (values of 2013).

    Goalposts and geometric mean as in its technical note 1; expected schooling above 18 years counts as 18. The inputs
    are printed rounded, so the index is met to about 0.001.
    """
    table = pd.DataFrame(
        {"life": [81.5, 82.5], "mean": [12.6, 12.8], "expected": [17.6, 19.9], "income": np.log([63_909, 41_524])},
        index=["Norway", "Australia"],
    )
    goalposts = {"life": (20, 85), "mean": (0, 15), "expected": (0, 18), "income": tuple(np.log([100, 75_000]))}
    scaled = normalise(table, bounds=goalposts, scale=(0, 1))
    assert scaled.loc["Australia", "expected"] == 1
    tree = {"mean": "Education", "expected": "Education", "life": "HDI", "income": "HDI", "Education": "HDI"}
    found = aggregate(scaled, tree, method={"HDI": "geometric"})["HDI"]
    assert found.tolist() == pytest.approx([0.944, 0.933], abs=1.2e-3)


def test_bounds_turn_round_with_the_sense_and_scores_no_longer_move_with_the_others():
    table, limits = pd.DataFrame({"debt": [10.0, 20, 90]}), {"debt": (0, 50)}
    found = normalise(table, senses={"debt": "min"}, bounds=limits)["debt"]
    assert found.tolist() == pytest.approx([80, 60, 0])  # 90 is beyond the bound
    assert normalise(table.head(1), senses={"debt": "min"}, bounds=limits)["debt"].tolist() == pytest.approx([80])


def test_shares_of_the_best_by_hand():
    table = pd.DataFrame({"pay": [10.0, 40], "debt": [2.0, 8]})
    found = normalise(table, method="ratio", senses={"debt": "min"})
    assert found.to_numpy().tolist() == [[0.25, 1.0], [1.0, 0.25]]


def test_a_size_of_zero_or_none_leaves_a_gap_and_no_infinity():
    size = pd.DataFrame({"people": [2.0, 0, np.nan, 4]}, index=TABLE.index)
    found = denominate(TABLE, size, {"pay": "people"})
    assert found["pay"].tolist() == pytest.approx([5, np.nan, np.nan, 10], nan_ok=True)
    assert found["debt"].equals(TABLE["debt"])


def test_imputation_by_hand():
    table = pd.DataFrame({"p": [1.0, 2, 9, np.nan, np.nan]}, index=list("ABCDE"))
    assert impute(table)["p"].tolist() == [1, 2, 9, 4, 4]
    groups = pd.Series({"A": "x", "B": "x", "C": "x", "D": "x", "E": "y"})
    found = impute(table, method="median", groups=groups)["p"]
    assert found.tolist() == pytest.approx([1, 2, 9, 2, np.nan], nan_ok=True)  # nobody to learn from in group y
    with pytest.raises(MethodError, match="'E', but groups does not"):
        impute(table, groups=groups.drop("E"))


def test_screening_by_hand():
    table = pd.DataFrame({"p": [1.0, 2, np.nan], "q": [0.0, 2, np.nan], "r": [0.0, np.nan, 1]}, index=list("ABC"))
    assert screen(table).dropped.to_dict() == {"C": "1 of 3 indicators present"}
    found = screen(table, nonzero=0.5)
    assert found.dropped.to_dict() == {"A": "1 of 3 figures not zero", "C": "1 of 3 indicators present"}
    assert found.kept.index.tolist() == ["B"]
    with pytest.raises(MethodError, match=r"For 66% write 0\.66"):
        screen(table, present=66)


def test_what_cannot_be_winsorised_is_logged_and_a_left_tail_mirrored():
    figures = np.exp(np.arange(40.0))
    found = treat(pd.DataFrame({"up": figures, "down": -figures}), most=1)
    assert found.record["treatment"].tolist() == ["logged", "logged"]
    low, high = figures[0], figures[-1]
    by_hand = np.log(figures - low + 0.01 * (high - low))
    np.testing.assert_allclose(found.values["up"], by_hand)
    np.testing.assert_allclose(found.values["down"], -by_hand)
    kept = treat(pd.DataFrame({"up": figures}), most=1, log=False)
    assert kept.values["up"].tolist() == [*figures[:39], figures[38]]
    assert not kept.record.loc["up", "passed_after"]


def test_treatment_leaves_gaps_and_sound_indicators_alone():
    table = pd.DataFrame({"p": [*range(12), 200, np.nan], "q": [*range(13), np.nan]}, dtype=float)
    found = treat(table)
    assert found.values["q"].equals(table["q"])
    assert found.values["p"].tolist() == pytest.approx([*range(12), 11, np.nan], nan_ok=True)
    assert found.record["moved"].tolist() == [1, 0]


def test_aggregation_by_hand_with_weights_two_means_and_a_gap():
    table = pd.DataFrame({"pay": [4.0, np.nan], "debt": [16.0, 8], "age": [2.0, 6]}, index=["A", "B"])
    # Money: (3 x 4 + 1 x 16) / 4 = 7. Index: sqrt(7 x 2).
    found = aggregate(table, TREE, weights={"pay": 3}, method={"Index": "geometric"})
    assert found.columns.tolist()[-1] == "Index"
    assert found.loc["A"].to_dict() == pytest.approx({"Money": 7, "People": 2, "Index": 14**0.5})
    assert found.loc["B", ["Money", "Index"]].isna().all()
    # With a quarter of the weight enough, debt stands for Money.
    assert aggregate(table, TREE, weights={"pay": 3}, present=0.25).loc["B", "Index"] == 7


@given(tables, st.floats(0.1, 9), st.floats(-20, 20))
def test_units_do_not_matter(rows, factor, shift):
    table = as_table(rows)
    for method in ("min-max", "z-score"):
        one, other = (normalise(each, method=method) for each in (table, table * factor + shift))
        np.testing.assert_allclose(one, other, atol=1e-6)


@given(tables)
def test_turning_an_indicator_round_mirrors_it(rows):
    table = as_table(rows)
    for method, centre in (("min-max", 100), ("z-score", 0), ("rank", len(table) + 1)):
        up, down = normalise(table, method=method), normalise(table, method=method, senses={"pay": "min"})
        np.testing.assert_allclose(up["pay"] + down["pay"], centre, atol=1e-9)
        assert up["age"].equals(down["age"])


@given(tables)
def test_a_geometric_mean_is_never_above_an_arithmetic_one_and_both_stay_within_the_parts(rows):
    table = as_table(rows)
    plain, product = aggregate(table, TREE), aggregate(table, TREE, method="geometric")
    assert (product <= plain + 1e-9).all(axis=None)
    assert (plain["Index"] <= table.max(axis=1) + 1e-9).all()
    assert (product["Index"] >= table.min(axis=1) - 1e-9).all()


@given(tables, st.integers(0, 5))
@settings(max_examples=25)
def test_an_area_that_leads_on_everything_is_first_in_every_draw(rows, seed):
    table = as_table(rows)
    table.loc["best"] = 60.0
    found = rank_uncertainty(table, TREE, draws=20, seed=seed)
    assert found.summary.loc["best"].tolist() == [1, 1, 1, 1]
    np.testing.assert_allclose(found.frequency.sum(axis=1), 1)
    assert found.frequency.equals(rank_uncertainty(table, TREE, draws=20, seed=seed).frequency)


def test_without_spread_and_with_one_variant_nothing_is_uncertain():
    found = rank_uncertainty(TABLE, TREE, spread=0, variants=[("z-score", "arithmetic")], draws=5)
    assert (found.frequency.max(axis=1) == 1).all()
    for column in ("median", "lower", "upper"):
        assert found.summary[column].equals(found.summary["rank"])


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: aggregate(TABLE, TREE | {"Index": "Money"}), "circle"),
        (lambda: aggregate(TABLE.assign(new=1.0), TREE), "'new', but hierarchy does not"),
        (lambda: aggregate(TABLE, TREE | {"size": "Money"}), "'size', but the table of indicators does not"),
        (lambda: aggregate(TABLE, {"pay": "Index", "debt": "Index", "age": "pay"}), "'pay', which is an indicator"),
        (lambda: aggregate(TABLE - 1, TREE, method="geometric"), r"not so in 'debt'.*scale=\(1, 100\)"),
        (lambda: aggregate(TABLE, TREE, weights={"pay": -1}), "wrong for 'pay'"),
        (lambda: aggregate(TABLE, TREE, weights={"pay": 0, "debt": 0}), "all 0 under 'Money'"),
        (lambda: aggregate(TABLE, TREE, weights={"wage": 1}), "'wage', but hierarchy does not"),
        (lambda: aggregate(TABLE, TREE, method="harmonic"), "must be one of 'arithmetic', 'geometric'"),
        (lambda: aggregate(TABLE, TREE, method={"Total": "geometric"}), "'Total', but hierarchy does not"),
        (lambda: normalise(TABLE.assign(age=3.0)), "'age' is the same"),
        (lambda: normalise(TABLE, bounds={"pay": (50, 0)}), "bounds of 'pay' must rise"),
        (lambda: normalise(TABLE, bounds={"wage": (0, 50)}), "bounds has 'wage', but indicators does not"),
        (lambda: normalise(TABLE - 1, method="ratio"), "above 0: not so for 'debt'"),
        (lambda: normalise(pd.concat([TABLE, TABLE])), "more than once"),
        (lambda: aggregate(TABLE, TREE, weights={"pay": float("nan")}), "weight of 'pay' must be a number"),
        (lambda: normalise(TABLE, scale=(100, 0)), "scale must rise"),
        (lambda: normalise(TABLE, senses={"pay": "less"}), r"senses\['pay'\] must be one of 'max', 'min'"),
        (lambda: denominate(TABLE, TABLE.drop("B"), {"pay": "age"}), r"'B', but denominators \(rows\) does not"),
        (lambda: denominate(TABLE, -TABLE, {"pay": "age"}), "negative sizes under 'age'"),
        (lambda: rank_uncertainty(TABLE.replace(60.0, np.nan), TREE), "gaps for 'D'"),
        (lambda: rank_uncertainty(TABLE, TREE, spread=25), r"For 25% write 0\.25"),
        (lambda: rank_uncertainty(TABLE, TREE, variants=[("z-score", "geometric")]), "figures above 0"),
        (lambda: rank_uncertainty(TABLE[["pay", "debt"]], {"pay": "X", "debt": "Y"}), "more than one index: 'X', 'Y'"),
        (lambda: rank_uncertainty(TABLE, TREE, draws=0), "draws must be a whole number, 1 or more"),
        (lambda: cronbach_alpha(TABLE[["pay"]]), "two columns or more"),
    ],
)
def test_what_cannot_be_used_is_said_with_the_remedy(attempt, words):
    with pytest.raises(MethodError, match=words):
        attempt()
