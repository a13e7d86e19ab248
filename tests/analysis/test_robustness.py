"""The best portfolio in thousands of draws, and where budgets bend: against full enumeration and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iitk.analysis import neighbourhood, robustness
from iitk.analysis.portfolio import choose, frontier
from iitk.analysis.robustness import best_in_draws, entry, knee, ladder, same_for_less, sets
from iitk.errors import MethodError

HEADS = ["2026 capital", "2026 revenue", "2027 capital"]


def instance(seed, least=8, most=13, draws=20):
    """A random problem with rules of every kind, and draws of its values and costs."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(least, most + 1))
    names = [f"o{i}" for i in rng.permutation(n)]
    a, b, c, d, e, f = rng.choice(names, 6, replace=False)
    east, west = list(names[: n // 2]), list(names[n // 2 :])
    base = rng.integers(0, 10, (len(HEADS), n)) * (rng.random((len(HEADS), n)) < 0.8)
    costs = base[:, None, :] * np.exp(rng.normal(0, 0.2, (len(HEADS), draws, n)))
    values = np.where(rng.random(n) < 0.1, -1.0, 1.0) * rng.uniform(1, 12, n) * np.exp(rng.normal(0, 0.3, (draws, n)))
    budget = {head: float(base[k].sum() * rng.uniform(0.3, 0.6)) for k, head in enumerate(HEADS)}
    total, low = float(base.sum()), None if seed % 4 else 0.23 if seed % 8 else 0.27
    rules = {
        "requires": {a: b} if seed % 2 else {a: [b, c]},
        "excludes": [[c, d]] if seed % 3 else [[e, f], [d, f]],
        "groups": {"east": east, "west": west},
        "counts": {"east": (1, 3)} if seed % 5 else {},
        "spend": {"west": (low and low * total, 0.4 * total)} if seed % 4 < 2 else {},
        "include": [e] if seed % 7 == 0 else [],
    }
    tables = {head: pd.DataFrame(costs[k], columns=names) for k, head in enumerate(HEADS)}
    return pd.DataFrame(values, columns=names), tables, budget, rules


def best_by_enumeration(values, costs, budget, rules):
    """The best value of each draw among all 2^n portfolios; missing where none keeps to the rules."""
    names = list(values.columns)
    every = (np.arange(2 ** len(names))[:, None] >> np.arange(len(names)) & 1).astype(float)
    at = {name: every[:, column] for column, name in enumerate(names)}
    lawful = np.ones(len(every), dtype=bool)
    for name, needed in rules["requires"].items():
        for other in [needed] if isinstance(needed, str) else needed:
            lawful &= at[name] <= at[other]
    for members in rules["excludes"]:
        lawful &= sum(at[name] for name in members) <= 1
    for group, (low, high) in rules["counts"].items():
        inside = sum(at[name] for name in rules["groups"][group])
        lawful &= (low <= inside) & (inside <= high)
    for name in rules["include"]:
        lawful &= at[name] == 1
    best = []
    for draw in range(len(values)):
        spent = np.array([costs[head].to_numpy()[draw] for head in budget])
        kept = lawful.copy()
        for row, most in zip(spent, budget.values(), strict=True):
            kept &= every @ row <= most + 1e-9
        for group, (low, high) in rules["spend"].items():
            inside = every @ (spent.sum(axis=0) * np.isin(names, rules["groups"][group]))
            kept &= (inside >= (low or 0) - 1e-9) & (inside <= high + 1e-9)
        best.append((every @ values.to_numpy()[draw])[kept].max() if kept.any() else np.nan)
    return np.array(best)


def test_every_draw_is_that_of_full_enumeration():
    impossible = 0
    for seed in range(60):
        values, costs, budget, rules = instance(seed)
        found = best_in_draws(values, costs, budget, rules=rules, checks=1, seed=seed)
        wanted = best_by_enumeration(values, costs, budget, rules)
        np.testing.assert_allclose(found.values, wanted, rtol=1e-9, err_msg=str(seed))
        assert found.exact
        assert found.impossible == np.isnan(wanted).sum()
        worth = (values * found.chosen).sum(axis=1).where(found.values.notna())
        np.testing.assert_allclose(worth, found.values)
        impossible += found.impossible
    assert 20 < impossible < 600  # both kinds were met


def test_the_search_keeps_every_rule_is_never_above_and_hardly_below_the_best():
    missed = impossible = 0
    for seed in range(16):
        values, costs, budget, rules = instance(seed, 15, 16, draws=60)
        found = best_in_draws(values, costs, budget, rules=rules, checks=6, seed=seed)
        wanted = best_by_enumeration(values, costs, budget, rules)
        assert not found.exact
        short = 1 - found.values.to_numpy() / wanted
        assert found.impossible == np.isnan(wanted).sum() == np.isnan(short).sum()
        assert np.nanmin(short, initial=0) > -1e-9, seed  # above the best: a rule would be broken
        assert np.nanmax(short, initial=0) < 0.08, seed
        missed += (short > 1e-9).sum()
        impossible += found.impossible
        assert found.check.draws == 6
    assert missed <= 0.01 * 16 * 60
    assert impossible > 5


def test_what_a_check_says_is_what_the_search_had_missed(monkeypatch):
    """A search that never moves holds the empty portfolio: the check must say so."""
    monkeypatch.setattr(neighbourhood.Search, "settle", lambda *_: None)
    values, costs, budget, _ = instance(11, 16, 16, draws=30)
    found = best_in_draws(values, costs, budget, checks=10)
    assert found.first == robustness.Check(10, 0, 1.0)
    assert found.check.draws == 10
    assert "10 draws checked" in found.words


def test_few_draws_are_each_solved():
    values, costs, budget, rules = instance(3, 18, 18, draws=4)
    found = best_in_draws(values, costs, budget, rules=rules)
    assert found.exact
    assert found.words == "Best portfolio in 4 draws of values and costs. Each is exact."
    for draw in range(4):
        table = pd.DataFrame({"value": values.loc[draw], **{head: costs[head].loc[draw] for head in HEADS}})
        best = choose(table, budget, rules=rules)
        assert set(found.chosen.columns[found.chosen.loc[draw]]) == set(best.chosen)


def test_the_order_of_draws_and_options_does_not_matter():
    values, costs, budget, rules = instance(9, 22, 22, draws=150)
    found = best_in_draws(values, costs, budget, rules=rules, checks=5)
    rng = np.random.default_rng(1)
    rows, columns = rng.permutation(len(values)), list(rng.permutation(values.columns))
    mixed = {head: table.loc[rows, columns] for head, table in costs.items()}
    again = best_in_draws(values.loc[rows, columns], mixed, budget, rules=rules, checks=5)
    assert list(again.chosen.columns) == columns
    assert again.chosen.index.tolist() == rows.tolist()
    pd.testing.assert_frame_equal(again.chosen.loc[values.index, values.columns], found.chosen)
    assert again.check == found.check


def test_a_budget_may_differ_from_draw_to_draw_and_equal_values_take_the_cheaper():
    values = pd.DataFrame({"tram": [5.0, 5, 5], "hub": [5.0, 5, 5]})
    costs = {"a": pd.DataFrame({"tram": [4.0, 4, 4], "hub": [3.0, 5, 3]})}
    found = best_in_draws(values, costs, {"a": [4, 4, 2]})
    assert found.chosen.to_numpy().tolist() == [[False, True], [True, False], [False, False]]
    assert found.values.tolist() == [5, 5, 0]


def test_draws_that_nothing_satisfies_are_counted_and_said():
    values = pd.DataFrame(1.0, range(3), ["tram", "hub"])
    costs = pd.DataFrame({"tram": [1.0, 5, 1], "hub": [1.0, 1, 1]})
    found = best_in_draws(values, costs, 3, rules={"include": ["tram"]})
    assert found.values.isna().tolist() == [False, True, False]
    assert not found.chosen.loc[1].any()
    assert "In 1 of them no portfolio keeps to budgets and rules." in found.words
    table = sets(found)
    assert table["share"].tolist() == [1, 1]  # of the two draws that have one
    none = best_in_draws(values, costs, 0.5, rules={"include": ["tram"]})
    assert sets(none)[["share", "set"]].isna().all(axis=None)


def test_shares_their_errors_and_sets_by_hand():
    values = pd.DataFrame({"tram": [9.0] * 20, "hub": [5.0] * 17 + [2.0] * 3, "lab": [3.0] * 20, "spa": [0.1] * 20})
    table = sets(best_in_draws(values, pd.DataFrame(2.0, range(20), values.columns), 4))
    assert table["share"].round(6).tolist() == [1, 0.85, 0.15, 0]
    assert table["set"].tolist() == ["core", "core", "conditional", "never"]
    assert table["error"].tolist() == pytest.approx([0, (0.85 * 0.15 / 20) ** 0.5, (0.85 * 0.15 / 20) ** 0.5, 0])
    narrow = sets(best_in_draws(values, pd.DataFrame(2.0, range(20), values.columns), 4), core=0.9, never=0.2)
    assert narrow["set"].tolist() == ["core", "conditional", "never", "never"]


def test_progress_is_told_to_the_end_and_stopping_leaves_nothing_behind():
    values, costs, budget, rules = instance(5, 20, 20, draws=300)
    heard = []
    found = best_in_draws(values, costs, budget, rules=rules, checks=3, told=lambda *one: heard.append(one))
    shares = [one[0] for one in heard]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(heard) > 10
    assert {"searching", "checking"} <= {one[1] for one in heard}

    def stop(done, _):
        if done > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        best_in_draws(values, costs, budget, rules=rules, checks=3, told=stop)
    again = best_in_draws(values, costs, budget, rules=rules, checks=3)
    pd.testing.assert_frame_equal(again.chosen, found.chosen)


V = pd.DataFrame({"tram": [6.0, 6], "hub": [5.0, 5]})
C = pd.DataFrame({"tram": [6.0, 6], "hub": [5.0, 5]})


@pytest.mark.parametrize(("call", "words"), [
    (lambda: best_in_draws(V.iloc[:0], C.iloc[:0], 9), "values has no draws"),
    (lambda: best_in_draws(V, C.iloc[:1], 9), "Pass the same draws"),
    (lambda: best_in_draws(V, C[["tram"]], 9), "costs of 'cost' has no column for 'hub'"),
    (lambda: best_in_draws(V, {"a": C}, {"b": 9}), "costs has no table for 'b'"),
    (lambda: best_in_draws(V, -C, 9), "must not be negative"),
    (lambda: best_in_draws(V, C.where(C > 5), 9), "Every draw needs a figure of every option"),
    (lambda: best_in_draws(V.where(V > 5), C, 9), "has no figure"),
    (lambda: best_in_draws(V, C, {"cost": [9, 9, 9]}), "one of 0 or more for each of the 2 draws"),
    (lambda: best_in_draws(V, C, -1), "must not be negative"),
    (lambda: best_in_draws(V, C, 9, rules={"include": ["spa"]}), "'spa'"),
    (lambda: best_in_draws(V, C, 9, checks=-1), "checks"),
    (lambda: sets(best_in_draws(V, C, 9), core=80), "For 80% write 0.8"),
    (lambda: sets(best_in_draws(V, C, 9), core=0.2, never=0.3), "never must be below core"),
    (lambda: knee(pd.DataFrame({"cost": [1]})), "no column 'value'"),
    (lambda: same_for_less(pd.DataFrame({"cost": [1], "value": [np.nan]})), "Drop the row"),
    (lambda: same_for_less(pd.DataFrame({"cost": [1], "value": [1]}), part=90), "For 90% write 0.9"),
    (lambda: ladder(pd.DataFrame({"value": [1], "cost": [1]}), 1, []), "shares must hold"),
    (lambda: ladder(pd.DataFrame({"value": [1], "cost": [1]}), 1, [-1]), "shares must hold"),
])  # fmt: skip
def test_bad_input_is_refused_with_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()


def test_the_knee_of_satopaa_and_others():
    """The example of their section III: f(x) = -1 / x + 5 on 0.1 to 1 bends where x = sqrt(0.1 x 1) = 0.3162..."""
    x = np.linspace(0.1, 1, 1001)
    curve = pd.DataFrame({"cost": x, "value": -1 / x + 5}, index=x)
    assert knee(curve) == pytest.approx(0.1**0.5, abs=1e-3)
    assert knee(curve.sample(frac=1, random_state=0)) == knee(curve)


@pytest.mark.parametrize("value", [[1, 2, 3], [0, 1, 4], [2, 2, 2]])
def test_a_line_and_a_hollow_curve_have_no_knee(value):
    assert knee(pd.DataFrame({"cost": [1, 2, 3], "value": value})) is None
    assert knee(pd.DataFrame({"cost": [1, 2], "value": [1, 2]})) is None


def test_the_same_for_less_on_a_frontier():
    options = pd.DataFrame({"value": [50, 40, 10], "cost": [30, 45, 25]}, index=["tram", "hub", "lab"])
    rows = frontier(options, 100)
    row = rows.loc[same_for_less(rows, part=0.9)]
    assert (row["cost"], row["value"], row["chosen"]) == (75, 90, ("tram", "hub"))  # 90% for 75% of the money
    assert same_for_less(rows.rename(columns={"value": "jobs"}), "jobs", part=1.0) == rows.index[-1]
    assert same_for_less(rows.iloc[:0]) is None


def test_a_ladder_by_hand():
    options = pd.DataFrame({"value": [6.0, 5, 4], "cost": [6.0, 5, 4]}, index=["tram", "hub", "lab"])
    rungs = ladder(options, 9, [1, 5 / 3, 0.7, 0.5])  # 9, 15, 6.3 and 4.5
    assert rungs.index.tolist() == [0.5, 0.7, 1, 5 / 3]
    assert rungs["tram"].tolist() == [False, True, False, True]
    assert rungs["lab"].tolist() == [True, False, True, True]
    table = entry(rungs)
    assert table["least"].to_dict() == {"tram": 0.7, "hub": 1, "lab": 0.5}
    assert table["steady"].tolist() == pytest.approx([5 / 3, 1, 1])
    assert table["in_and_out"].tolist() == [True, False, True]


def test_rungs_without_a_portfolio_are_missing():
    options = pd.DataFrame({"value": [6.0, 5], "cost": [6.0, 5]}, index=["tram", "hub"])
    rungs = ladder(options, 10, [0.5, 1], rules={"include": ["tram"]})
    assert rungs.loc[0.5].isna().all()
    assert entry(rungs)["least"].to_dict() == pytest.approx({"tram": 1.0, "hub": np.nan}, nan_ok=True)
    nothing = ladder(options, 10, [0.1], rules={"include": ["tram"]})
    assert entry(nothing)[["least", "steady"]].isna().all(axis=None)


@pytest.mark.parametrize(("exact", "check", "ends"), [
    (True, (0, 0, 0.0), "1 of them no portfolio keeps to budgets and rules. Each is exact."),
    (False, (0, 0, 0.0), "Found by search, and not checked."),
    (False, (40, 40, 0.0), "of 40 draws checked by an exact solver all had the same value."),
    (False, (40, 38, 0.0123), "38 had the same value, and none was more than 1.3% short of it."),
    (False, (40, 39, 0.0002), "39 had the same value, and none was more than 0.1% short of it."),
])  # fmt: skip
def test_it_says_how_far_to_trust_it(exact, check, ends):
    chosen, found = pd.DataFrame({"hub": [True, False]}), robustness.Check(*check)
    drawn = robustness.Drawn(chosen, pd.Series([5.0, np.nan]), exact=exact, check=found, first=found)
    assert drawn.words.startswith("Best portfolio in 2 draws of values and costs. In 1 of them no portfolio")
    assert drawn.words.endswith(ends)
