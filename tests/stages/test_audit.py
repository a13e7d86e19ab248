"""What an auditor asks of a choice: each question holds where it should, and asks for a look where something is odd."""

from __future__ import annotations

from dataclasses import replace

import pytest

from iitk.model import Adjustments, Cost
from iitk.sources import geography
from iitk.stages import audit, choose, decisions, selection
from tests.stages.choosing import YEARS

pytestmark = pytest.mark.usefixtures("own")

ADDS_UP, MONEY, PRICES, BIAS, NET, WORTH, TWICE, BUILDERS, ESTIMATED, EVIDENCE, PARAMETERS = (
    "Do the figures add up?", "Is the money of every year enough?", "Are prices and discounting of one kind?",
    "Is optimism bias in every cost of works?", "Is every claim made net?", "Are jobs counted as worth too?",
    "Is the same gain claimed twice?", "Are builders counted as lasting jobs?", "Has everything been estimated?",
    "Does it rest on evaluations?", "Are the parameters confirmed?",
)  # fmt: skip


def asked(found, *case):
    return {one.question: one for one in audit.checks(found, *case).checks}


def with_options(found, change):
    """The same choice, with every option changed."""
    every = found.files.options
    return replace(found, files=replace(found.files, options=replace(
        every, options=tuple(change(one) for one in every.options))))  # fmt: skip


def sound(one):
    """An option that raises no question."""
    return replace(
        one, adjustments=Adjustments(0.3, 0.1, 0.2, 0.0, 1.1), evidence_grade=3, evidence_reference="A report (2020)",
        supply_side="", opportunity=one.name, bias_class="standard buildings", bias_mitigation=0.0,
        costs=tuple(cost for cost in one.costs if (cost.kind, cost.year) != ("capital", 2031)),
        outcomes=one.outcomes if {out.measure for out in one.outcomes} == {"jobs", "benefit"} else PLAIN,
    )  # fmt: skip


PLAIN = tuple(one for one in selection.of(geography.resolve("Leeds")).files.options.options[0].outcomes)


def gains(row):
    """Whether a row of the file claims jobs or benefits in any year."""
    return any(float(row[f"{what}_{year}_central"] or 0) > 0 for what in ("jobs", "benefit") for year in YEARS)


# Each question of the example, counted from its files


def test_the_example_is_asked_everything_and_what_is_odd_is_named(found, hand):
    chosen, said = list(found.best().chosen), asked(found)
    assert list(said) == [ADDS_UP, MONEY, PRICES, BIAS, NET, WORTH, TWICE, BUILDERS, ESTIMATED, EVIDENCE, PARAMETERS]
    rows = {name: hand.rows[name] for name in chosen}
    names = {
        BIAS: [n for n, row in rows.items() if float(row["bias_mitigation"]) > 0 and row["bias_class"] != "none"],
        NET: [n for n, row in rows.items()
              if not any(float(row[share]) for share in ("deadweight", "leakage", "displacement", "substitution"))
              and gains(row)],
        WORTH: [n for n, row in rows.items() if row["supply_side"]],
        ESTIMATED: [n for n, row in rows.items() if not row["benefit_2031_central"]],
        EVIDENCE: [n for n, row in rows.items() if row["evidence_grade"] == "none"],
    }  # fmt: skip
    for question, odd in names.items():
        assert odd, question
        assert said[question].state == "look"
        assert {name for name in chosen if f"“{name}”" in said[question].seen} == set(odd)
    assert [said[one].state for one in (ADDS_UP, MONEY, PRICES, BUILDERS)] == ["holds"] * 4
    assert "of 21 options" in said[ADDS_UP].seen
    assert said[PARAMETERS].seen.startswith(f"{len(found.vintage.unconfirmed)} values")


def test_the_tightest_budget_is_what_the_files_leave(found, hand):
    chosen = found.best().chosen
    left = {column: money - sum(hand.spend(name)[column] for name in chosen) for column, money in hand.money().items()}
    tightest = min(left, key=lambda column: left[column])
    assert f"Tightest: {tightest}, with £{round(left[tightest])} left." in asked(found)[MONEY].seen


def test_options_for_one_opportunity_are_named_with_their_jobs_together(found, hand):
    chosen, seen = found.best().chosen, asked(found)[TWICE].seen
    groups = {}
    for name in chosen:
        groups.setdefault(hand.rows[name]["opportunity"], []).extend([name] if gains(hand.rows[name]) else [])
    for opportunity, names in groups.items():
        assert (f"{opportunity}: “" in seen) == (len(names) > 1)
        if len(names) > 1:
            assert f"{sum(hand.net_jobs(name) or 0 for name in names):.0f} net jobs together" in seen


# What holds, and what one change does


def test_where_nothing_is_odd_only_the_parameters_are_left(found):
    clean = with_options(found, sound)
    assert [one for one, check in asked(clean).items() if check.state != "holds"] == [PARAMETERS]
    sure = {name: {key: replace(one, status="verified") for key, one in getattr(clean.vintage, name).items()}
            for name in ("parameters", "conventions")}  # fmt: skip
    confirmed = replace(clean, vintage=replace(clean.vintage, **sure))
    assert audit.checks(confirmed).sentence == "Of 11 checks 11 hold and 0 ask for a look; none fails."


@pytest.mark.parametrize(("question", "told", "change"), [
    (BIAS, "Capital without any: ", lambda one: replace(one, bias_class="none")),
    (BIAS, "Capital without any: ", lambda one: replace(one, bias_class="outsourcing")),  # its uplift is of revenue
    (BIAS, "up to 35%, is said to be managed", lambda one: replace(one, bias_mitigation=0.35)),
    (NET, "Nothing is taken off for", lambda one: replace(one, adjustments=Adjustments(0, 0, 0, 0, 1))),
    (NET, "A multiplier, and nothing taken", lambda one: replace(one, adjustments=Adjustments(0.4, 0, 0, 0, 1.2))),
    (WORTH, "In a second ratio for", lambda one: replace(one, supply_side="Labour is short everywhere.")),
    (TWICE, "All of it: ", lambda one: replace(one, opportunity="All of it")),
    (BUILDERS, "Works go on in 2031, whose jobs count: ", lambda one: replace(
        one, costs=(*one.costs, Cost("capital", 2031, "council", 1)))),
    (ESTIMATED, "No benefits: ", lambda one: replace(one, outcomes=tuple(
        out for out in one.outcomes if out.measure == "jobs"))),
    (ESTIMATED, "No jobs: ", lambda one: replace(one, outcomes=tuple(
        out for out in one.outcomes if out.measure == "benefit"))),
    (EVIDENCE, "No evaluation is known of", lambda one: replace(one, evidence_grade=None)),
    (EVIDENCE, "A grade without saying whose", lambda one: replace(one, evidence_reference=" ")),
])  # fmt: skip
def test_one_thing_that_is_odd_asks_for_one_look_and_says_what_to_do(found, question, told, change):
    odd = asked(with_options(found, lambda one: change(sound(one))))
    assert {one for one, check in odd.items() if check.state != "holds"} == {question, PARAMETERS}
    assert told in odd[question].seen
    assert odd[question].advice


def test_present_values_of_another_year_than_prices_ask_for_a_look(found):
    other = replace(found, files=replace(found.files, base_year=2025))
    assert (asked(other)[PRICES].state, "year 0 is 2025" in asked(other)[PRICES].seen) == ("look", True)


# What must never be


def test_figures_that_do_not_agree_fail_and_name_the_option(found, monkeypatch):
    first = found.short[0]
    books = {name: lines.copy() for name, lines in audit.books(found).items()}
    books[first].loc[2028, "cost"] += 2.0
    monkeypatch.setattr(audit, "books", lambda *_: books)
    check = asked(found)[ADDS_UP]
    assert (check.state, f"“{first}”" in check.seen) == ("fails", True)
    assert "1 fails" in audit.checks(found).sentence
    books[first].loc[2028, "cost"] -= 1.5  # half a pound is rounding
    assert asked(found)[ADDS_UP].state == "holds"
    books[first].loc[2031, "net_jobs"] += 0.01
    assert asked(found)[ADDS_UP].state == "fails"


def test_a_year_that_is_over_fails_and_says_by_how_much(found, monkeypatch):
    books = {name: lines.copy() for name, lines in audit.books(found).items()}
    books[found.best().chosen[0]].loc[2031, "revenue"] += 500_000
    monkeypatch.setattr(audit, "books", lambda *_: books)
    check = asked(found)[MONEY]
    assert check.state == "fails"
    assert "revenue 2031 by £" in check.seen


# Where it stands


def test_the_checks_are_of_the_money_and_the_scenario_that_are_shown(found):
    less = audit.checks(found, 50, found.files.scenarios[1].key)
    assert less.period.startswith(f"{len(found.best('group', 50, found.files.scenarios[1].key).chosen)} options")
    assert less.period.endswith("50% of the budget")
    assert asked(found, 50, found.files.scenarios[1].key)[ADDS_UP].state == "holds"


def test_the_record_and_the_sheet_carry_them(found):
    kept = decisions.record(found)["checks"]
    assert [one["question"] for one in kept] == list(asked(found))
    assert decisions.sheet(found).checks == audit.checks(found).sentence


def test_a_run_leaves_the_ledger_of_every_option(own, hand):
    table = choose.prepare("West Yorkshire", draws=0).tables["ledger"]
    sums = table.groupby("option")[["cost", "pv_cost", "pv_benefit"]].sum(min_count=1)
    assert set(sums.index) == set(hand.short)
    for name in hand.short:
        assert sums.loc[name, "cost"] == pytest.approx(hand.cost(name))
        assert sums.loc[name, "pv_cost"] == pytest.approx(hand.pv_cost(name))
        benefit = hand.pv_benefit(name)
        assert sums.loc[name, "pv_benefit"] == (pytest.approx(benefit, nan_ok=True) if benefit is not None else
                                                pytest.approx(float("nan"), nan_ok=True))  # fmt: skip


def test_the_arithmetic_of_an_option_says_its_sum_to_the_pound(found, hand):
    for name in (found.first, "Regional growth equity fund"):
        shown = audit.arithmetic(found, name)
        assert f"£{hand.npsv(name):,.0f}".replace("£-", "−£") in shown.period
        assert name in shown.caption
    bare = next(name for name in hand.short if hand.pv_benefit(name) is None)
    assert "is net worth not available" in audit.arithmetic(found, bare).period
    assert 'class="missing"' in audit.arithmetic(found, bare)._repr_html_()


# Little to ask


def test_of_an_empty_choice_only_the_figures_the_money_and_the_parameters_are_asked(found):
    pound = tuple((kind, year, 1.0) for kind, year, _ in found.files.budget)
    poor = replace(found, files=replace(found.files, budget=pound, promised=(), limits=()))
    assert list(asked(poor)) == [ADDS_UP, MONEY, PRICES, PARAMETERS]
    assert audit.checks(poor).period.startswith("0 options")


def test_options_without_any_claim_are_not_said_to_be_made_net_and_have_no_jobs_together(found):
    bare = asked(with_options(found, lambda one: replace(one, outcomes=())))
    assert (bare[NET].state, bare[NET].seen) == ("holds", "Nothing that is chosen claims jobs or benefits.")
    assert bare[TWICE].state == "holds"
    gains_only = asked(with_options(found, lambda one: replace(one, outcomes=tuple(
        out for out in one.outcomes if out.measure == "benefit"))))  # fmt: skip
    assert "net jobs" not in gains_only[TWICE].seen


# What looks odd and is not


def test_a_year_without_a_budget_and_without_costs_is_not_the_tightest(found):
    every = found.files.options
    early = replace(found, files=replace(
        found.files, promised=(), limits=(), options=replace(every, options=tuple(
            replace(one, costs=tuple(cost for cost in one.costs if cost.year < 2031)) for one in every.options)),
        budget=tuple((kind, year, 0.0 if year == 2031 else money * 2) for kind, year, money in found.files.budget),
    ))  # fmt: skip
    assert "2031" not in asked(early)[MONEY].seen
    assert "Tightest: " in asked(early)[MONEY].seen


def test_jobs_that_are_gone_by_the_last_year_are_no_builders_that_count(found):
    def gone(one):
        return replace(sound(one), outcomes=tuple(
            replace(out, low=0.0, central=0.0, high=0.0) if (out.measure, out.year) == ("jobs", 2031) else out
            for out in sound(one).outcomes), costs=one.costs)  # fmt: skip

    check = asked(with_options(found, gone))[BUILDERS]
    assert (check.state, check.seen) == ("holds", "No jobs are claimed.")


def test_without_a_value_of_a_job_there_is_no_second_ratio_to_count_twice_in(found):
    assert asked(found)[WORTH].state == "look"
    check = asked(replace(found, files=replace(found.files, job_value=None)))[WORTH]
    assert (check.state, "no ratio of benefits" in check.seen) == ("holds", True)


def test_jobs_together_are_said_to_be_as_far_as_known(found):
    names = found.best().chosen
    half = with_options(found, lambda one: replace(
        sound(one), opportunity="All of it", outcomes=tuple(
            out for out in sound(one).outcomes if out.measure == "benefit" or one.name != names[0])))  # fmt: skip
    assert names[0] in half.best().chosen
    assert "together as far as estimated" in asked(half)[TWICE].seen
    assert "together." in asked(with_options(found, lambda one: replace(sound(one), opportunity="All")))[TWICE].seen


def test_a_name_of_a_scenario_keeps_its_capitals(found):
    first, *others = found.files.scenarios
    named = replace(found, files=replace(found.files, scenarios=(replace(first, name="As the UK expects"), *others)))
    assert "as the UK expects" in audit.checks(named).period
