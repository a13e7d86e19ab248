"""Specialisation, growth and relatedness against other people's packages, run here or read from what they publish.

Run here (packages for tests only, `make oracles`):

- ecomplexity 0.5.3, the Growth Lab's. Right where every figure is known; under pandas 3 a single gap leaves every index
  missing, because its filling of gaps works on a copy (a test below says so).
- econcomplex 1.0.1. Right where it is told use_rca=False; its pipeline takes the quotients of the matrix of presences
  that it was given, so its indices are those of another matrix (a test below says so).

Not used: economic-complexity 0.3.0. Its quotients and complexity are right (the method of reflections, step 18 for
areas and 19 for industries, sample standard deviation: `reflections` gives the same), but under pandas 3 its proximity,
and all that rests on it, ends in "underlying array is read-only".

Read: the vignette of the R package economiccomplexity (Apache 2.0; 13 February 2021), on the trade file of ../shared;
the manuals of the R packages REAT 3.0.3 and EconGeo 2.0. Numbers only.
"""

from __future__ import annotations

import importlib
import os
import warnings

import numpy as np
import pandas as pd
import pytest

from iitk.analysis import complexity as complexities
from iitk.analysis.presence import pair_relatedness
from iitk.analysis.relatedness import (
    complexity,
    cooccurrence_relatedness,
    fitness,
    presence,
    proximity,
    reflections,
    relatedness_density,
    revealed_comparative_advantage,
)
from iitk.analysis.specialisation import (
    cluster_index,
    ellison_glaeser_index,
    entropy,
    gini_index,
    herfindahl_index,
    hoover_index,
    krugman_index,
    location_quotient,
    locational_gini,
)

COLUMNS = {"time": "time", "loc": "area", "prod": "industry", "val": "value"}


def oracle(name):
    """Import a package that only tests use: CI must have it, elsewhere a test without it says that it was skipped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if os.environ.get("CI") == "true":
            return importlib.import_module(name)
        return pytest.importorskip(name, reason="run: make oracles")


@pytest.fixture
def growth_lab():
    """The Growth Lab's package, as a function from a table (activity, or presences) to wide results by name."""
    package = oracle("ecomplexity")

    def run(table, **options):
        long = table.rename_axis("area").reset_index().melt("area", var_name="industry", value_name="value")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = package.ecomplexity(
                long.assign(time=1), COLUMNS, verbose=False, check_logsupermodularity=False, **options
            )
        sides = {name: found.drop_duplicates("area").set_index("area")[name] for name in ("diversity", "eci")}
        sides |= {name: found.drop_duplicates("industry").set_index("industry")[name] for name in ("ubiquity", "pci")}
        wide = {name: found.pivot(index="area", columns="industry", values=name) for name in ("rca", "mcp", "density")}
        return sides | wide

    return run


@pytest.fixture
def econcomplex():
    return oracle("econcomplex")


def random_activity(areas=40, industries=25, seed=3):
    rng = np.random.default_rng(seed)
    skill = rng.normal(0, 1, areas)[:, None] - rng.normal(0, 1, industries)[None, :]
    figures = rng.gamma(0.5, 100, (areas, industries)) * (
        rng.random((areas, industries)) < 1 / (1 + np.exp(-2 * skill))
    )
    labels = [f"a{n:02}" for n in range(areas)], [f"i{n:02}" for n in range(industries)]
    table = pd.DataFrame(figures, *labels)
    return table.loc[table.sum(axis=1) > 0, table.sum() > 0]


@pytest.fixture(scope="module")
def trade(shared):
    """Exports of 226 countries in 785 products, averages of 1998 to 2000."""
    path = shared / "trade" / "world_trade_avg_1998_to_2000.csv"
    if not path.exists():
        pytest.skip(f"{path} is absent: set IITK_SHARED to the folder of the publishers' files.")
    long = pd.read_csv(path, dtype={"product": str}, keep_default_na=False)
    return long.pivot(index="country", columns="product", values="value").astype(float).fillna(0.0)


@pytest.fixture(scope="module")
def big_traders(trade):
    """The 60 largest exporters and 120 largest products: small enough for the slow packages."""
    rows, columns = trade.sum(axis=1).nlargest(60).index.sort_values(), trade.sum().nlargest(120).index.sort_values()
    return trade.loc[rows, columns]


@pytest.fixture(params=["random", "tall", "trade"])
def activity(request):
    if request.param == "trade":
        return request.getfixturevalue("big_traders")
    return random_activity() if request.param == "random" else random_activity(18, 60, seed=4)


# --- ecomplexity ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("large", [600, 3])  # the number of places from which on large tables' solver is asked
def test_the_growth_labs_package_agrees_from_quotients_to_complexity(growth_lab, activity, large, monkeypatch):
    monkeypatch.setattr(complexities, "_LARGE", large)
    theirs = growth_lab(activity)
    found = presence(activity)
    close = {"rtol": 1e-9, "atol": 1e-9}
    np.testing.assert_allclose(revealed_comparative_advantage(activity), theirs["rca"], **close)
    np.testing.assert_array_equal(found, theirs["mcp"])
    np.testing.assert_array_equal(reflections(found, iterations=0).areas[0], theirs["diversity"])
    np.testing.assert_array_equal(reflections(found, iterations=0).industries[0], theirs["ubiquity"])
    np.testing.assert_allclose(relatedness_density(found, proximity(found)), theirs["density"], **close)
    # Its conventions: population standard deviation, and an area's ECI is the mean PCI of its industries.
    index = complexity(found, pci_scale="mean")
    np.testing.assert_allclose(index.eci, theirs["eci"], rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(index.pci, theirs["pci"], rtol=1e-7, atol=1e-7)


def test_the_growth_labs_proximity_agrees(activity):
    package = oracle("ecomplexity")
    long = activity.rename_axis("area").reset_index().melt("area", var_name="industry", value_name="value")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = package.proximity(long.assign(time=1), COLUMNS)
    wide = theirs.pivot(index="industry_1", columns="industry_2", values="proximity")
    np.testing.assert_allclose(proximity(presence(activity)), wide, rtol=1e-12)


def test_the_growth_labs_package_loses_every_index_to_one_gap_and_ours_one_area(growth_lab):
    table = presence(random_activity())
    table.iloc[0, 0] = np.nan
    assert growth_lab(table, presence_test="manual")["eci"].isna().all()
    ours, alone = complexity(table).eci, complexity(table.iloc[1:]).eci
    assert ours.index[ours.isna()].tolist() == ["a00"]
    np.testing.assert_allclose(ours.iloc[1:], alone)


# --- econcomplex ------------------------------------------------------------------------------------------------------


def test_econcomplex_agrees_where_it_uses_the_matrix_that_it_is_given(econcomplex, activity):
    found = presence(activity)
    given = {"use_rca": False}
    np.testing.assert_allclose(revealed_comparative_advantage(activity), econcomplex.rca(activity), atol=1e-12)
    np.testing.assert_array_equal(found, econcomplex.mcp(activity))
    near = proximity(found, diagonal=0)  # its diagonal
    np.testing.assert_allclose(near, econcomplex.proximity(found, **given)["product"], atol=1e-12)
    np.testing.assert_allclose(
        relatedness_density(found, near) * 100, econcomplex.relatedness_density(found, **given), atol=1e-9
    )
    by_area = proximity(found.T, diagonal=0)
    np.testing.assert_allclose(by_area, econcomplex.proximity(found, **given)["location"], atol=1e-12)


def test_econcomplex_agrees_on_complexity_and_fitness(econcomplex, activity):
    found = presence(activity)
    eci, pci = econcomplex.eci_pci(found, use_rca=False)
    ours = complexity(found)  # population standard deviation, each side by itself
    np.testing.assert_allclose(ours.eci, eci, atol=1e-7)
    # It turns the PCI against ubiquity, whatever the ECI does; ours follows the ECI.
    np.testing.assert_allclose(ours.pci * np.sign(ours.pci @ pci), pci, atol=1e-7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for extremality in (1.0, 2.0):
            fit, hard = econcomplex.fitness_complexity(
                found, use_rca=False, iterations=12, tol=0, extremality=extremality
            )
            mine = fitness(found, iterations=12, update="sequential", extremality=extremality)
            np.testing.assert_allclose(mine.fitness, fit, rtol=1e-9)
            np.testing.assert_allclose(mine.complexity, hard, rtol=1e-9)


def test_econcomplex_ignores_the_presences_that_its_pipeline_is_given_and_ours_does_not(econcomplex):
    rng = np.random.default_rng(1)
    skill = rng.normal(1, 1, 14)[:, None] - rng.normal(-0.5, 1, 9)[None, :]
    here = pd.DataFrame((rng.random((14, 9)) < 1 / (1 + np.exp(-2 * skill))).astype(float))
    here.index, here.columns = [f"a{n:02}" for n in range(14)], [f"i{n}" for n in range(9)]
    long = here.rename_axis("area").reset_index().melt("area", var_name="industry", value_name="value")
    names = {"loc": "area", "act": "industry", "val": "value"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = econcomplex.compute_complexity(long, names, presence_test="manual")
    theirs = result.drop_duplicates("area").set_index("area")["eci"].sort_index()
    # What it gives is the index of the quotients of the presences ...
    np.testing.assert_allclose(complexity(presence(here)).eci.dropna(), theirs.dropna(), atol=1e-7)
    # ... not of the presences, of which its own function for a matrix gives what ours does.
    right, _ = econcomplex.eci_pci(here, use_rca=False)
    np.testing.assert_allclose(complexity(here).eci, right, atol=1e-7)
    assert (theirs - complexity(here).eci).abs().max() > 1


@pytest.mark.parametrize("name", ["association", "cosine", "jaccard", "probability"])
def test_econcomplex_agrees_on_cooccurrence(econcomplex, name, activity):
    found = presence(activity)
    theirs = econcomplex.relatedness_index(found, method=name).to_numpy()
    ours = cooccurrence_relatedness(found, normalisation=name).to_numpy()
    off = ~np.eye(len(ours), dtype=bool)
    if name == "probability":
        # Where an industry is in every area ours is missing and its is 0.
        off &= np.isfinite(ours)
    np.testing.assert_allclose(ours[off], theirs[off], rtol=1e-9, atol=1e-12)


def test_econcomplex_agrees_on_specialisation_and_concentration(econcomplex, activity):
    close = {"rtol": 1e-9, "atol": 1e-12}
    np.testing.assert_allclose(herfindahl_index(activity), econcomplex.herfindahl(activity, normalize=False), **close)
    np.testing.assert_allclose(herfindahl_index(activity, normalised=True), econcomplex.herfindahl(activity), **close)
    np.testing.assert_allclose(entropy(activity, base=2), econcomplex.shannon_entropy(activity), **close)
    np.testing.assert_allclose(krugman_index(activity), econcomplex.krugman_index(activity), **close)
    np.testing.assert_allclose(krugman_index(activity, activity.sum()), econcomplex.krugman_index(activity), **close)
    half = econcomplex.specialization_coefficient(activity)
    np.testing.assert_allclose(hoover_index(activity, activity.sum()), half, **close)
    np.testing.assert_allclose(krugman_index(activity, normalised=True), half, **close)
    np.testing.assert_allclose(gini_index(activity.T), econcomplex.gini(activity), **close)
    np.testing.assert_allclose(
        locational_gini(activity, variant="krugman"), econcomplex.locational_gini(activity), **close
    )
    people = np.random.default_rng(8).uniform(1, 9, len(activity))
    np.testing.assert_allclose(
        locational_gini(activity, area_total=people), econcomplex.hoover_gini(activity, people), **close
    )
    np.testing.assert_allclose(
        hoover_index(activity.T, people) * 100, econcomplex.hoover_index(activity, people), **close
    )


# --- economiccomplexity (R), published --------------------------------------------------------------------------------

FIRST = ["afg", "ago", "aia", "alb", "and"]
PRODUCTS = ["0011", "0012", "0013", "0014", "0015"]


@pytest.mark.shared
def test_quotients_of_world_trade_are_those_published(trade):
    assert trade.shape == (226, 785)
    found = revealed_comparative_advantage(trade).loc[FIRST, PRODUCTS]
    wanted = [
        [0.2312238, 0.285438688, 0, 0, 0], [0.1777917, 0.087436319, 0.002076625, 0.00139056, 0.001106041],
        [0, 0.002581853, 0, 0, 0], [0, 0, 0, 0.01582754, 0.073011368],
        [2.4825815, 0.550954168, 0, 0.48208017, 3.815013019],
    ]  # fmt: skip
    np.testing.assert_allclose(found, wanted, rtol=2e-7, atol=6e-9)
    # The file's README: a quotient of 1 or more 31,951 times; none is exactly 1.
    assert presence(trade).to_numpy().sum() == 31_951
    assert presence(trade, strict=True).to_numpy().sum() == 31_951


@pytest.mark.shared
def test_proximity_of_world_trade_is_that_published(trade):
    found = presence(trade)
    products = [
        [1, 0.3658537, 0.1707317, 0.2439024, 0.2682927], [0.3658537, 1, 0.25, 0.225, 0.25],
        [0.1707317, 0.25, 1, 0.25, 0.12], [0.2439024, 0.225, 0.25, 1, 0.225], [0.2682927, 0.25, 0.12, 0.225, 1],
    ]  # fmt: skip
    np.testing.assert_allclose(proximity(found).loc[PRODUCTS, PRODUCTS], products, atol=5e-8)
    countries = [
        [1, 0.015873016, 0.181818182, 0.19689119, 0.192513369], [0.015873016, 1, 0.006993007, 0.01554404, 0.005347594],
        [0.181818182, 0.006993007, 1, 0.16580311, 0.251336898], [0.19689119, 0.01554404, 0.16580311, 1, 0.31088083],
        [0.192513369, 0.005347594, 0.251336898, 0.31088083, 1],
    ]  # fmt: skip
    np.testing.assert_allclose(proximity(found.T).loc[FIRST, FIRST], countries, atol=5e-9)


@pytest.mark.shared
@pytest.mark.parametrize("large", [600, 3])  # the number of places from which on large tables' solver is asked
def test_complexity_of_world_trade_is_that_published(trade, large, monkeypatch):
    monkeypatch.setattr(complexities, "_LARGE", large)
    # Sample standard deviation; each side standardised by itself.
    found = complexity(presence(trade), ddof=1)
    assert found.eci[FIRST].tolist() == pytest.approx(
        [-0.5764283, -1.7770752, 1.4090414, -0.1732606, 1.0772452], abs=5e-8
    )
    wanted = [-0.66657613, -1.62657599, -0.08149436, 0.19917280, 0.14935653]
    assert found.pci[PRODUCTS].tolist() == pytest.approx(wanted, abs=5e-9)


@pytest.mark.shared
def test_reflections_of_world_trade_are_those_published(trade):
    # Its 20 columns are steps 0 to 19; it takes the last but one for countries and the last for products.
    found = reflections(presence(trade), iterations=19)
    countries, products = ((side - side.mean()) / side.std() for side in (found.areas[18], found.industries[19]))
    assert countries[FIRST].tolist() == pytest.approx(
        [-0.5788151, -1.7710696, 1.4074821, -0.1754989, 1.0738736], abs=5e-8
    )
    # Late steps differ by little, so the scaling shows rounding in the eighth place.
    wanted = [-0.66255107, -1.62169899, -0.07449487, 0.20554720, 0.15848845]
    assert products[PRODUCTS].tolist() == pytest.approx(wanted, abs=5e-8)


@pytest.mark.shared
def test_fitness_of_world_trade_is_that_published(trade):
    # Its 20 iterations count the start, so they are 19 steps; simultaneous, extremality 1.
    found = fitness(presence(trade), iterations=19)
    wanted = [0.78605655, 0.03999516, 1.05645538, 1.24261128, 1.37321261]
    assert found.fitness[FIRST].tolist() == pytest.approx(wanted, abs=5e-9)
    wanted = [0.7538883, 0.7491391, 2.3018690, 0.9903918, 1.3120378]
    assert found.complexity[PRODUCTS].tolist() == pytest.approx(wanted, abs=5e-8)


@pytest.mark.shared
def test_density_of_world_trade_gives_the_published_outlook(trade):
    # The outlook index is the sum over the products a country lacks of density times (there: fitness) complexity, so
    # a published outlook proves the density; proximity with 1 on its diagonal.
    found = presence(trade)
    density = relatedness_density(found, proximity(found))
    outlook = (density * (1 - found)) @ fitness(found, iterations=19).complexity
    wanted = [103.948610, 9.962401, 122.311158, 152.107317, 151.295380]
    assert outlook[FIRST].tolist() == pytest.approx(wanted, abs=5e-7)


# --- REAT and EconGeo (R), published ----------------------------------------------------------------------------------


def test_krugman_against_several_places_and_industries_of_the_textbook():
    """Farhauer and Kroell (2013), the examples of REAT's krugman.spec2 (0.1595) and krugman.conc2 (0.8619)."""
    sweden = [45000, 15000, 32000, 10000, 30000]
    others = pd.DataFrame([
        [35000, 12000, 30000, 8000, 22000], [40000, 10000, 25000, 9000, 18000],
        [30000, 11000, 18000, 3000, 13000], [40000, 6000, 11000, 2000, 12000],
    ])  # fmt: skip
    mean_shares = others.div(others.sum(axis=1), axis=0).mean()
    assert krugman_index(sweden, mean_shares.tolist()) == pytest.approx(0.1595, abs=5e-5)
    mining = [4320, 7811, 3900, 2300, 47560]
    others = pd.DataFrame([
        [20000, 11000, 31000, 8000, 20000], [40000, 10000, 25000, 9000, 16000],
        [10000, 11000, 14000, 14000, 13000], [7000, 7500, 11000, 1500, 36000],
    ])  # fmt: skip
    mean_shares = others.div(others.sum(axis=1), axis=0).mean()
    assert krugman_index(mining, mean_shares.tolist()) == pytest.approx(0.8619, abs=5e-5)


def test_an_industry_halved_everywhere_has_the_same_structure():
    # REAT's example of krugman.conc.
    jobs = np.array([4388.0, 37489, 129423, 60941])
    assert krugman_index(jobs, jobs / 2) == pytest.approx(0, abs=1e-15)


def test_hoover_and_lorenz_examples_of_econgeo():
    """EconGeo 2.0, the examples of hoover_gini, hoover_index and gini, whose manual says what each shows."""
    people = [10, 15, 20, 25, 30]
    table = pd.DataFrame({
        "I1": [0, 0, 0, 0, 0], "I2": [10, 15, 20, 25, 30], "I3": [0, 0, 0, 0, 1], "I4": [0, 0, 0, 1, 1],
    })  # fmt: skip
    found = locational_gini(table, area_total=people)
    assert np.isnan(found["I1"])
    assert found["I2"] == pytest.approx(0, abs=1e-12)  # "perfectly proportional to population"
    assert found["I3"] == pytest.approx(0.7)  # "30% of the pop. produces 100% of the output": 1 - 0.3
    # "55% of the pop. produces 100%": per head the 30% come before the 25%, each with half of the output, so the area
    # under the curve is 0.30 x 0.5 / 2 + 0.25 x (0.5 + 1) / 2 = 0.2625.
    assert found["I4"] == pytest.approx(1 - 2 * 0.2625)
    assert hoover_index(table.T, people)["I3"] == pytest.approx(0.7)
    assert hoover_index(table.T, people)["I4"] == pytest.approx(0.45)
    # Shares 0, .1, .1, .3, .5 against people's .1, .15, .2, .25, .3: they differ by .1, .05, .1, .05, .2.
    assert hoover_index([0, 10, 10, 30, 50], people) == pytest.approx(0.25)
    # "max Gini = (5 - 1) / 5" for an industry in one of five areas.
    assert gini_index(table["I3"].to_numpy()) == pytest.approx(4 / 5)


def test_quotients_of_econgeo_by_hand():
    # The example of location_quotient: five areas of 100 jobs; industry sums 100, 100, 100, 100, 100.
    table = pd.DataFrame(
        [[100, 0, 0, 0, 0], [0, 15, 5, 70, 10], [0, 20, 10, 20, 50], [0, 25, 30, 5, 40], [0, 40, 55, 5, 0]]
    )
    np.testing.assert_allclose(location_quotient(table), table / 100 / (1 / 5))
    # Its average quotient of an area: shares times quotients.
    assert (table.loc[1] / 100 @ location_quotient(table).loc[1]) == pytest.approx(
        5 * (0.15**2 + 0.05**2 + 0.7**2 + 0.1**2)
    )


@pytest.mark.parametrize("name", ["association", "cosine", "jaccard", "probability"])
def test_relatedness_by_pairs_as_econgeo_counts_them(name):
    """EconGeo's relatedness(): pair counts without the diagonal, their row sums, and the sum of all."""
    here = presence(random_activity(12, 7, seed=6))
    c = (here.T @ here).to_numpy().copy()
    np.fill_diagonal(c, 0)
    s, t = c.sum(axis=0), c.sum()
    ours = cooccurrence_relatedness(here, normalisation=name, counts="pairs")
    np.testing.assert_allclose(ours, pair_relatedness(pd.DataFrame(c), normalisation=name), rtol=1e-12)
    for i in range(7):
        assert ours.iloc[i, i] == 0
        for j in range(7):
            wanted = {
                "association": (c[i, j] / t) / (s[i] / t * (s[j] / t)),
                "cosine": c[i, j] / np.sqrt(s[i] * s[j]),
                "jaccard": c[i, j] / (s[i] + s[j] - c[i, j]),
                "probability": c[i, j] / (t / 2 * (s[i] / t * s[j] / (t - s[i]) + s[j] / t * s[i] / (t - s[j]))),
            }[name]
            assert ours.iloc[i, j] == pytest.approx(wanted)


def test_cluster_and_agglomeration_indices_of_several_industries_equal_those_of_each():
    """REAT's litzenberger2 and ellison.a2 run the one-industry functions in turn; so must a table give."""
    rng = np.random.default_rng(9)
    jobs, plants = pd.DataFrame(rng.integers(1, 900, (6, 4))), pd.DataFrame(rng.integers(1, 30, (6, 4)))
    land, people, everyone = rng.uniform(10, 90, 6), rng.uniform(100, 900, 6), rng.uniform(5e3, 9e3, 6)
    herfindahl = rng.uniform(0.02, 0.3, 4)
    clusters, gathered = (
        cluster_index(jobs, plants, land, people),
        ellison_glaeser_index(jobs, herfindahl, area_total=everyone),
    )
    for i in range(4):
        e, b, s, x = jobs[i], plants[i], jobs[i] / jobs[i].sum(), everyone / everyone.sum()
        dense = (e / e.sum()) / (land / land.sum())
        rest = (e / e.sum()) / (people / people.sum()) / ((e / b) / (e.sum() / b.sum()))
        np.testing.assert_allclose(clusters[i], dense * rest)
        room = 1 - (x**2).sum()
        wanted = (((s - x) ** 2).sum() / room - herfindahl[i]) / (1 - herfindahl[i])
        assert gathered[i] == pytest.approx(wanted)
