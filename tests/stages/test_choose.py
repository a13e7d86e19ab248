"""Stage 7 of the example by hand: values, portfolios and their sums, and that nothing better keeps to the rules."""

from __future__ import annotations

import itertools
from dataclasses import replace
from statistics import median

import numpy as np
import pytest

from iitk.analysis import portfolio
from iitk.errors import MethodError
from iitk.model import Badge, Criterion
from iitk.sources import choices, geography
from iitk.stages import decisions, members, portfolios, selection, stress
from iitk.stages import game as games
from iitk.stages.selection import AIMS
from tests.stages.choosing import FUNDERS, YEARS, Hand

pytestmark = pytest.mark.usefixtures("own")

SCENARIOS = ("expected", "grants-shrink", "dear-building", "slow-growth", "health-decade")
SHARES = (60, 75, 100, 125)
MEMBERS = ("council-leader", "chamber", "university", "college", "voluntary", "authority-director", "youth-panel")
THREE = ("Health data trust", "Retrofit and heat pump academy", "Regional growth equity fund")


@pytest.fixture(scope="module")
def hands():
    return {key: Hand(key) for key in SCENARIOS}


@pytest.fixture(scope="module")
def hand(hands):
    return hands["expected"]


@pytest.fixture(scope="module")
def by_chance(hands):
    """2,000 portfolios that keep to everything, in two scenarios."""
    return {key: hands[key].by_chance(2000) for key in ("expected", "grants-shrink")}


def aim(hand, key):
    """What an option counts for an aim."""
    return {"group": hand.value, "npsv": hand.counted, "net_jobs": lambda name: hand.net_jobs(name) or 0.0}[key]


# What each option is worth to whom


def test_the_weights_of_the_group_are_medians_brought_to_a_whole(found, hand):
    for one in hand.said["criterion"]:
        given = [float(row[one["key"]]) for row in hand.points]
        assert 100 * found.people.weights[one["key"]].median() == pytest.approx(median(given))
    assert found.people.group_weights.to_dict() == pytest.approx(hand.weights())
    assert found.people.group_weights["npsv"] == pytest.approx(25 / 95)  # medians: 25, 25, 15, 10 and 20


@pytest.mark.parametrize("name", THREE)
def test_the_value_of_an_option_to_the_group(found, hand, name):
    parts = {"npsv": hand.npsv(name) / hand.tops["npsv"], "jobs": hand.net_jobs(name) / hand.tops["net_jobs"]}
    for key in ("evidence", "climate", "fairness"):
        known = [float(row[key]) for row in hand.scored if row["option"] == name and row[key] != "don't know"]
        parts[key] = median(known) / 5
    value = sum(hand.weights()[key] * part for key, part in parts.items())
    assert found.table()["group"][name] == pytest.approx(100 * value, abs=1e-9)
    assert 0 < value < 1


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_value_in_every_scenario(found, hands, scenario):
    hand, table = hands[scenario], found.table(scenario)
    assert list(table.index) == hand.short
    for name in hand.short:
        for key in AIMS:
            assert table[key][name] == pytest.approx(aim(hand, key)(name), abs=1e-6)
        for column, pounds in hand.spend(name).items():
            assert table[column][name] == pytest.approx(pounds)


@pytest.mark.parametrize("member", MEMBERS)
def test_the_values_of_a_member(found, hand, member):
    values = found.people.value(member, found.worth().table)
    assert values.to_dict() == pytest.approx({name: hand.value(name, member) for name in hand.short})


def test_where_a_member_does_not_know_the_group_stands_in(found, hand):
    name = "Retrofit and heat pump academy"
    row = next(r for r in hand.scored if (r["member"], r["option"]) == ("council-leader", name))
    assert row["climate"] == "don't know"
    others = [float(r["climate"]) for r in hand.scored if r["option"] == name and r["climate"] != "don't know"]
    assert found.people.judged_by("council-leader")["climate"][name] == median(others)


def test_members_who_share_no_criterion_still_have_a_middle():
    """Each gives all points to something else: every median is 0, so the mean counts."""
    files = choices.example()
    keys = [one.key for one in files.criteria]
    wants = dict(zip([one.key for one in files.members], [*keys, keys[0], keys[1]], strict=True))
    weights = tuple((member, key, 100.0 * (key == want)) for member, want in wants.items() for key in keys)
    found = replace(selection.of(geography.resolve("Leeds")), files=replace(files, weights=weights))
    assert found.people.group_weights.to_dict() == pytest.approx(
        {"npsv": 2 / 7, "jobs": 2 / 7, "evidence": 1 / 7, "climate": 1 / 7, "fairness": 1 / 7}
    )
    assert len(found.best().chosen) > 5


def test_without_criteria_the_worth_to_society_counts_and_the_page_says_so():
    files = replace(choices.example(), criteria=(), members=(), weights=(), scores=())
    found = replace(selection.of(geography.resolve("Leeds")), files=files)
    assert [one.measure for one in found.people.criteria] == ["npsv"]
    best = {name for name in found.best().chosen if found.table()["npsv"][name] > 0}
    assert best == {name for name in found.best("npsv").chosen if found.table()["npsv"][name] > 0}
    assert found.table()["npsv"].loc[list(found.best().chosen)].sum() > 20e6
    values, _ = stress.value_draws(found, draws=50)
    assert (values.std() > 0).sum() > 15
    assert any("Nobody has weighed" in one.sentence for one in decisions.warnings(found).warnings)
    assert portfolios.side_by_side(found).portfolios[0].disagree is None


# Portfolios


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("percent", SHARES)
def test_every_portfolio_keeps_to_money_needs_exclusions_floors_and_ceilings(found, hands, scenario, percent):
    hand = hands[scenario]
    chosen = {key: found.best(key, percent, scenario).chosen for key in AIMS}
    chosen |= {member: one.chosen for member, one in found.own(percent, scenario).items()}
    assert set(chosen) == {*AIMS, *MEMBERS}
    for names in chosen.values():
        assert hand.over(set(names), percent) == []
        assert hand.lacking(set(names)) == []
        assert len(set(names)) == len(names)


def test_the_check_itself_sees_what_is_broken(hand):
    every = set(hand.short)
    assert {one.split(" for ")[0] for one in hand.over(every)} >= {"money", "too dear"}
    assert any(" beside " in one for one in hand.over(every))
    assert len(hand.lacking(set())) == 4
    assert all("few" in one or "promised" in one for one in hand.lacking(set()))
    assert hand.lacking({"Shared textile pilot line"})[1] == (
        "Shared textile pilot line without Technician bootcamps"
    )


@pytest.mark.parametrize("scenario", ["expected", "grants-shrink"])
@pytest.mark.parametrize("key", AIMS)
def test_each_portfolio_is_best_by_its_own_aim(found, hands, by_chance, key, scenario):
    hand = hands[scenario]
    value = {name: aim(hand, key)(name) for name in hand.short}
    best = sum(value[name] for name in found.best(key, 100, scenario).chosen)
    others = [set(found.best(other, 100, scenario).chosen) for other in AIMS]
    others += [set(one.chosen) for one in found.own(100, scenario).values()]
    for names in [*others, *by_chance[scenario]]:
        assert sum(value[name] for name in names) <= best + 1e-6 * max(value.values())


def test_no_swap_of_one_or_two_options_makes_the_group_better_off(found, hand):
    chosen = set(found.best().chosen)
    best, seen = sum(map(hand.value, chosen)), 0
    value = {name: hand.value(name) for name in hand.short}
    out = [set(), *({one} for one in chosen), *map(set, itertools.combinations(chosen, 2))]
    missing = [name for name in hand.short if name not in chosen]
    comes = [{one} for one in missing] + [set(pair) for pair in itertools.combinations(missing, 2)]
    for gone, new in itertools.product(out, comes):
        names = chosen - gone | new
        if not hand.over(names) and not hand.lacking(names):
            seen += 1
            assert sum(value[name] for name in names) <= best + 1e-9
    assert seen > 50


@pytest.mark.parametrize("member", MEMBERS)
def test_a_members_own_portfolio_is_best_by_their_own_values(found, hand, by_chance, member):
    value = {name: hand.value(name, member) for name in hand.short}
    own = found.own()[member]
    best = sum(value[name] for name in own.chosen)
    assert own.value == pytest.approx(best)
    library = [set(found.best(key).chosen) for key in AIMS] + [set(one.chosen) for one in found.own().values()]
    for names in [*library, *by_chance["expected"]]:
        assert sum(value[name] for name in names) <= best + 1e-9


def test_more_money_is_never_worse(found):
    for key in AIMS:
        values = [found.best(key, percent).value for percent in range(40, 155, 10)]
        assert values == sorted(values)
        assert values[0] < values[-1]


def test_money_that_is_too_little_for_the_rules_is_refused_with_those_that_conflict(found):
    with pytest.raises(MethodError, match="'Shared export desk with neighbours' is promised"):
        found.best("group", 40, "grants-shrink")


# The cards


@pytest.mark.parametrize(("percent", "scenario"), [(100, "expected"), (75, "dear-building"), (125, "slow-growth")])
def test_the_sums_on_the_cards(found, hands, percent, scenario):
    hand, cards = hands[scenario], portfolios.side_by_side(found, percent, scenario)
    assert [card.name for card in cards.portfolios] == list(AIMS.values())
    assert [card.is_ours for card in cards.portfolios] == [True, False, False]
    for key, card in zip(AIMS, cards.portfolios, strict=True):
        names = found.best(key, percent, scenario).chosen
        assert tuple(card.gets) == names
        assert card.options == len(names)
        assert card.cost == pytest.approx(sum(map(hand.cost, names)))
        assert card.net_jobs == pytest.approx(sum(hand.net_jobs(name) or 0 for name in names))
        assert card.net_worth == pytest.approx(sum(map(hand.counted, names)))
        payers = dict(card.payers)
        assert sum(payers.values()) == pytest.approx(card.cost)
        for funder in FUNDERS:
            paid = sum(pounds for name in names for (_, _, who), pounds in hand.costs(name).items() if who == funder)
            assert payers[funder.replace("_", " ").capitalize()] == pytest.approx(paid)
        assert card.high_risk == sum(hand.rows[name]["risk_level"] == "high" for name in names)
        assert card.net_jobs_range[0] < card.net_jobs_range[1]
        assert card.net_worth_range[0] < card.net_worth_range[1]
        assert 0 <= card.affordable <= 1
        missed = sorted(set(hand.short) - set(names), key=lambda name: -aim(hand, key)(name))
        shown = [name for name in card.misses if name in hand.rows]
        assert [aim(hand, key)(name) for name in shown] == pytest.approx([aim(hand, key)(name) for name in missed[:6]])
        assert (card.misses[-1] == f"and {len(missed) - 6} more") is (len(missed) > 6)


def test_who_disagrees_is_who_gets_less_than_four_fifths_of_their_own(found, hand):
    for key, card in zip(AIMS, portfolios.side_by_side(found).portfolios, strict=True):
        names, expected = found.best(key).chosen, []
        for row in hand.points:
            member = row["member"]
            own = sum(hand.value(name, member) for name in found.own()[member].chosen)
            if (share := sum(hand.value(name, member) for name in names) / own) < 0.8:
                expected.append((row["role"], share))
        assert [line.split(":")[0] for line in card.disagree] == [role for role, _ in expected]
        for line, (_, share) in zip(card.disagree, expected, strict=True):
            assert f"{100 * share:.0f}%" in line
    assert any(card.disagree for card in portfolios.side_by_side(found).portfolios)


def test_how_often_the_money_is_enough_is_what_the_draws_say(found, hand):
    """Counted draw by draw and budget by budget."""
    drawn, best = portfolios.doubt(found), found.best()
    enough = 0
    for row in range(len(drawn.npsv)):
        ok = True
        for column, most in hand.money().items():
            factor = drawn.capital_factor if column.startswith("capital") else drawn.revenue_factor
            total = sum(hand.facts[name][0][column] * factor[row, drawn.names.index(name)] for name in best.chosen)
            ok = ok and total <= most + 1
        enough += ok
    assert portfolios.affordable(found, best) == pytest.approx(enough / len(drawn.npsv))


@pytest.mark.parametrize(("percent", "scenario"), [(100, "expected"), (60, "grants-shrink")])
def test_the_cost_of_each_year_beside_its_budget(found, hands, percent, scenario):
    hand, names = hands[scenario], found.best("group", percent, scenario).chosen
    table = portfolios.spending(found, percent, scenario).table
    said = {(str(row["Kind"]).lower(), int(row["Year"])): row for _, row in table.iterrows()}
    money = hand.money(percent)
    for kind, year in itertools.product(("capital", "revenue"), YEARS):
        spent = sum(hand.facts[name][0][f"{kind} {year}"] for name in names) / 1e6
        numbers = [float(value) for value in said[kind, year].to_list() if isinstance(value, (int, float))]
        assert any(value == pytest.approx(spent, abs=0.06) for value in numbers)
        assert any(value == pytest.approx(money[f"{kind} {year}"] / 1e6, abs=0.06) for value in numbers)
        assert spent <= money[f"{kind} {year}"] / 1e6 + 1e-6


def test_the_sentence_of_a_portfolio(found, hand):
    names = found.best().chosen
    said = portfolios.sentence(found)
    assert f"With £{sum(hand.money().values()) / 1e6:.0f}m the group would fund {len(names)} options" in said
    assert f"{sum(hand.net_jobs(name) for name in names):.0f} net jobs" in said
    assert f"worth £{sum(map(hand.counted, names)) / 1e6:.0f}m more than it costs" in said


def test_what_nobody_has_estimated_is_missing_and_counts_with_its_costs(found, hand):
    unknown = [name for name in hand.rows if hand.npsv(name) is None]
    assert len(unknown) == 1
    alone = portfolios.sums(found, unknown)
    assert np.isnan(found.worth().table["npsv"][unknown[0]])
    assert alone.npsv == pytest.approx(-hand.pv_cost(unknown[0]))
    assert alone.cost == pytest.approx(hand.cost(unknown[0]))
    assert unknown[0] in found.best().chosen
    assert "that nobody has estimated bring nothing, costs count" in portfolios.side_by_side(found).period
    assert portfolios.sums(found, []).npsv == 0.0


# Members


def test_the_minority_report_names_those_with_least_money_in_common(found, hand):
    best = set(found.best().chosen)
    alike = {}
    for row in hand.points:
        own = found.own()[row["member"]].chosen
        both = sum(hand.cost(name) for name in own if name in best)
        if set(own) != best:
            alike[row["role"]] = both / sum(map(hand.cost, own))
    report = members.minority(found)
    assert len(alike) > 3
    assert [one.role for one in report.members] == sorted(alike, key=alike.__getitem__)[:3]
    for one in report.members:
        member = next(row["member"] for row in hand.points if row["role"] == one.role)
        own = set(found.own()[member].chosen)
        assert (set(one.instead), set(one.without)) == (own - best, best - own)


def test_what_the_minority_gives_its_points_to(found, hand):
    for one in members.minority(found).members:
        row = next(row for row in hand.points if row["role"] == one.role)
        keys = [criterion["key"] for criterion in hand.said["criterion"]]
        apart_by = {key: abs(float(row[key]) - median(float(other[key]) for other in hand.points)) for key in keys}
        for key in sorted(keys, key=lambda key: -apart_by[key])[:1]:
            assert f"{float(row[key]):.0f} of 100 points" in one.why


def test_a_group_of_one_has_no_minority():
    files = choices.example()
    one = files.members[0]
    alone = replace(files, members=(one,), weights=tuple(w for w in files.weights if w[0] == one.key),
                    scores=tuple(s for s in files.scores if s[0] == one.key))  # fmt: skip
    found = replace(selection.of(geography.resolve("Leeds")), files=alone)
    assert members.minority(found).members == []
    assert found.own()[one.key].chosen == found.best().chosen


def test_an_option_that_all_are_unsure_of_has_no_score_and_not_0():
    files = choices.example()
    name = "Health data trust"
    scores = tuple((m, o, c, None if o == name else s) for m, o, c, s in files.scores)
    found = replace(selection.of(geography.resolve("Leeds")), files=replace(files, scores=scores))
    assert found.people.group_scores.loc[name].isna().all()
    assert found.table()["group"].notna().all()


def test_a_measure_that_nothing_has_any_of_weighs_nothing():
    files = replace(choices.example(), criteria=(Criterion("npsv", "Worth", "?", "npsv"),))
    found = replace(selection.of(geography.resolve("Leeds")), files=files)
    rows = found.worth().table.loc[list(found.short)].assign(npsv=-1.0)
    assert (found.people.parts(rows, found.people.group_scores)["npsv"] == 0).all()


def test_cut_0_is_the_portfolio_itself_and_each_cut_the_best_for_its_money(found, hand):
    table = stress.cut(found)
    assert list(table.index) == [0.0, 0.1, 0.25, 0.5]
    assert tuple(table.loc[0.0, "chosen"]) == found.best().chosen
    assert table.loc[0.0, "lost"] == table.loc[0.0, "gained"] == ()
    for share, row in table.iterrows():
        percent = 100 * (1 - share)
        again = portfolio.choose(found.table(), found.money() * (1 - share), value="group", rules=found.rules)
        assert set(row["chosen"]) == set(again.chosen)
        assert hand.over(set(row["chosen"]), percent) == hand.lacking(set(row["chosen"])) == []
        assert set(row["lost"]) == set(found.best().chosen) - set(row["chosen"])
        assert set(row["gained"]) == set(row["chosen"]) - set(found.best().chosen)
    for card, (_, row) in zip(stress.cut_cards(found).cuts, table.iterrows(), strict=True):
        assert card.kept == len(row["chosen"])
        assert card.net_jobs == pytest.approx(sum(hand.net_jobs(name) or 0 for name in row["chosen"]))
        assert card.net_worth == pytest.approx(sum(map(hand.counted, row["chosen"])))


def test_a_cut_that_no_portfolio_survives_says_so(found):
    cards = stress.cut_cards(found, 60).cuts
    assert [card.kept > 0 for card in cards] == [True, True, True, False]
    assert cards[-1].sentence == "No portfolio keeps to the rules for so little money."
    assert (cards[-1].net_jobs, cards[-1].net_worth) == (None, None)
    assert "not available" in stress.cut_cards(found, 60)._repr_html_()
    assert stress.cut_grid(found, 60).badge is Badge.ILLUSTRATIVE


def test_the_grid_of_scenarios_shows_the_choice_of_each(found):
    table = stress.scenario_grid(found).table.set_index("Option")
    for one in found.files.scenarios:
        funded = {name for name in table.index if table[one.name][name] in ("funded", "gained")}
        assert funded == set(found.best("group", 100, one.key).chosen)


def test_a_scenario_in_which_nothing_keeps_to_the_rules_hides_no_other(found):
    table = stress.scenario_grid(found, 40).table
    assert "National grants shrink: no portfolio keeps to the rules" in table.columns
    assert set(table["National grants shrink: no portfolio keeps to the rules"]) == {"not available"}
    assert (table["Slow growth"] == "funded").any()


def test_the_game_counts_as_the_cards_do(found):
    for aim in AIMS:
        chosen = found.best(aim).chosen
        hand, card = games.play(games.of(found), chosen), portfolios.sums(found, chosen)
        assert (hand.jobs, hand.worth) == pytest.approx((card.net_jobs, card.npsv))
        assert sum(one.spend for one in hand.money) == pytest.approx(card.cost)
        assert hand.breaks == ()
    assert "Close the duplicate business directories" in games.play(games.of(found), found.best().chosen).guessed
