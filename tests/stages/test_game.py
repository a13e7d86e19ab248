"""The budget game, without a page: what a choice by hand costs, breaks and brings, and what is refused."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.errors import MethodError, UsageError
from iitk.stages import game as games

MONEY = {"capital 2027": 6e6, "capital 2028": 4e6, "revenue 2027": 1e6}
NAMES = ["tram", "hub", "lab", "coaching"]
WORTH = pd.DataFrame(
    {"net_jobs": [100.0, 60, 45, np.nan], "npsv": [5e6, -1e6, 2e6, np.nan],
     "underpinning": ["infrastructure", "skills", "infrastructure", "support"]},
    index=NAMES,
)  # fmt: skip
SPEND = pd.DataFrame(
    {"capital 2027": [4e6, 1e6, 2e6, 0], "capital 2028": [2e6, 1e6, 2e6, 0], "revenue 2027": [0, 5e5, 1e5, 6e5]},
    index=NAMES,
)  # fmt: skip


def start(costs=SPEND, budget=MONEY, **rules):
    return games.start(WORTH, costs, budget, rules)


class TestAHand:
    def test_it_adds_up_by_kind_and_year(self):
        hand = games.play(start(), {"lab", "tram"})
        assert hand.chosen == ("tram", "lab")
        assert [(one.name, one.budget, one.spend) for one in hand.money] == [
            ("capital 2027", 6e6, 6e6), ("capital 2028", 4e6, 4e6), ("revenue 2027", 1e6, 1e5),
        ]  # fmt: skip
        assert (hand.jobs, hand.worth, hand.breaks) == (145, 7e6, ())

    def test_with_less_money_what_is_over_is_said_year_by_year(self):
        hand = games.play(start(), {"lab", "tram"}, 0.75)
        assert [one.over for one in hand.money] == [1.5e6, 1e6, 0]
        assert hand.breaks == (
            "There is £1.5m too little for capital in 2027.", "There is £1.0m too little for capital in 2028.",
        )  # fmt: skip

    def test_what_nobody_has_estimated_counts_with_its_cost_only_and_is_named(self):
        hand = games.play(start(), {"hub", "coaching"})
        assert (hand.jobs, hand.worth, hand.guessed) == (60, -1e6, ("coaching",))
        assert hand.breaks == ("There is £100,000 too little for revenue in 2027.",)

    def test_nothing_is_a_hand_too(self):
        hand = games.play(start(), ())
        assert (hand.chosen, hand.jobs, hand.worth, hand.breaks) == ((), 0, 0, ())

    def test_an_unknown_option_is_refused(self):
        with pytest.raises(UsageError, match="no option called 'ship'"):
            games.play(start(), {"ship"})

    @pytest.mark.parametrize(
        ("rules", "chosen", "said"),
        [
            ({"requires": {"lab": "hub"}}, {"lab"}, "“lab” needs “hub”."),
            ({"excludes": [["hub", "lab"]]}, {"lab", "hub"}, "“hub” and “lab” cannot stand beside each other."),
            ({"include": ["tram"]}, set(), "“tram” is promised."),
            ({"include": ["tram", "lab"]}, {"hub"}, "“tram” and “lab” are promised."),
            ({"groups": {"skills": ["hub"]}, "counts": {"skills": (1, None)}}, {"lab"},
             "“skills” has 0 options: its floor is 1."),
            ({"groups": {"works": ["tram", "lab"]}, "counts": {"works": (0, 1)}}, {"tram", "lab"},
             "“works” has 2 options: its ceiling is 1."),
            ({"groups": {"works": ["tram", "lab"]}, "spend": {"works": (5e6, 9e6)}}, {"lab"},
             "“works” has £4.1m: its floor is £5.0m."),
            ({"groups": {"works": ["tram", "lab"]}, "spend": {"works": (None, 9e6)}}, {"lab", "tram"},
             "“works” has £10m: its ceiling is £9.0m."),
        ],
    )  # fmt: skip
    def test_what_breaks_a_rule_is_said(self, rules, chosen, said):
        assert games.play(start(**rules), chosen).breaks == (said,)


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("rules", "before", "added", "share", "said"),
        [
            ({}, {"tram"}, "lab", 0.75,
             ("“lab” would spend £1.5m more than there is for capital in 2027, and too much in 1 other budget: "
              "take something out first.")),
            ({}, {"hub"}, "coaching", 1,
             "“coaching” would spend £100,000 more than there is for revenue in 2027: take something out first."),
            ({"requires": {"lab": "hub"}}, {"tram"}, "lab", 1, "“lab” needs “hub”: choose that first."),
            ({"excludes": [["hub", "lab"]]}, {"lab"}, "hub", 1,
             "“hub” cannot stand beside “lab”: take that out first."),
            ({"excludes": {"hub": "lab"}}, {"hub"}, "lab", 1, "“lab” cannot stand beside “hub”: take that out first."),
            ({"groups": {"works": ["tram", "lab"]}, "counts": {"works": (0, 1)}}, {"tram"}, "lab", 1,
             "“lab” would bring “works” to 2 options, over its ceiling of 1: take one out first."),
            ({"groups": {"works": ["tram", "lab"]}, "spend": {"works": (0, 9e6)}}, {"tram"}, "lab", 1,
             "“lab” would bring “works” to £10m, over its ceiling of £9.0m: take one out first."),
        ],
    )  # fmt: skip
    def test_what_does_not_fit_is_not_added(self, rules, before, added, share, said):
        made = start(**rules)
        with pytest.raises(UsageError) as refused:
            games.check(made, before, before | {added}, share)
        assert str(refused.value) == said
        assert games.state_of(made, games.play(made, before, share), added).startswith(
            f"out: {said.split('” ', 1)[1].partition(':')[0]}"
        )

    def test_to_take_out_is_always_allowed_and_what_needs_it_is_named(self):
        made = start(requires={"lab": "hub"}, include=["hub"])
        games.check(made, {"hub", "lab"}, {"lab"})
        assert games.play(made, {"lab"}).breaks == ("“lab” needs “hub”.", "“hub” is promised.")

    def test_a_cut_refuses_nothing_but_more_of_what_is_short(self):
        made = start()
        games.check(made, {"tram", "lab"}, {"tram", "lab"}, 0.5)
        games.check(made, {"tram", "lab"}, {"tram", "lab", "coaching"}, 0.75)  # costs nothing where money is short
        with pytest.raises(UsageError, match="“hub” would spend"):
            games.check(made, {"tram", "lab"}, {"tram", "lab", "hub"}, 0.75)

    def test_a_link_may_show_what_can_be_reached(self):
        made = start(requires={"lab": "hub"})
        games.check(made, set(), {"lab", "tram"})  # the hub was taken out
        with pytest.raises(UsageError, match="would spend"):
            games.check(made, set(), {"lab", "tram", "hub"})


class TestTheBestForTheSameMoney:
    def test_it_is_named_with_what_it_would_take(self):
        made = start()
        hand = games.play(made, {"hub", "lab"})
        assert games.best(made, 1.0).chosen == ("tram", "hub")
        assert games.beside_best(made, hand) == (
            "The same money could bring 55 more net jobs (160 in all), with “tram” in place of “lab”."
        )

    def test_the_best_itself_is_said_to_be_that(self):
        made = start()
        assert games.beside_best(made, games.play(made, {"tram", "hub"})) == (
            "No choice brings more net jobs for this money."
        )

    def test_too_dear_a_choice_is_not_praised(self):
        made = start()
        assert "do not keep to the money" in games.beside_best(made, games.play(made, {"tram", "lab"}, 0.7))

    def test_where_nothing_keeps_to_the_rules_that_is_said(self):
        made = start(include=["tram"])
        assert "no choice keeps to every floor and promise" in games.beside_best(made, games.play(made, (), 0.5))

    def test_the_line_says_where_the_choice_stands(self):
        made = start()
        hand = games.play(made, {"hub", "lab"})
        line = "2 options: £6.6m of £11m spent, 105 net jobs."
        assert games.sentence(made, hand) == line
        assert games.sentence(made, hand, reveal=True) == f"{line} {games.beside_best(made, hand)}"
        assert games.sentence(made, games.play(made, {"tram"}, 0.5)).endswith(
            "There is £1.0m too little for capital in 2027."
        )

    @given(st.sets(st.sampled_from(NAMES)), st.sampled_from([1.0, 0.9, 0.75, 0.5]))
    def test_no_hand_that_breaks_nothing_beats_it(self, chosen, share):
        made = PLAYED
        hand = games.play(made, chosen, share)
        if not hand.breaks:
            assert hand.jobs <= games.best(made, share).value + 1e-6
        assert games.play(made, games.best(made, share).chosen, share).breaks == ()


class TestTheBoard:
    def test_it_holds_what_was_worked_out(self):
        made = start(include=["hub"])
        hand = games.play(made, {"hub", "lab"})
        (board,) = games.board(made, hand)
        assert [(row.option, row.state, row.cost, row.net_jobs, row.is_in) for row in board.rows] == [
            ("tram", "out: would spend £1.0m more than there is for capital in 2027, and too much in 1 other budget",
             6e6, 100, False),
            ("hub", "in: promised", 2.5e6, 60, True),
            ("lab", "in", 4.1e6, 45, True),
            ("coaching", "out: would spend £200,000 more than there is for revenue in 2027", 6e5, None, False),
        ]  # fmt: skip
        assert [(one.label, one.spent, one.budget) for one in board.meters] == [
            ("Capital 2027", 3e6, 6e6), ("Capital 2028", 3e6, 4e6), ("Revenue 2027", 6e5, 1e6),
        ]  # fmt: skip
        assert (board.net_jobs, board.net_worth, board.best, board.messages) == (105, 1e6, "", [])

    def test_the_best_is_shown_when_it_is_asked_for(self):
        made = start()
        hand = games.play(made, {"hub"})
        assert games.board(made, hand, reveal=True)[0].best == games.beside_best(made, hand)
        assert "more net jobs" in games.board(made, hand, reveal=True)[0]._repr_html_()

    def test_what_breaks_and_what_nobody_knows_is_said(self):
        made = start()
        assert games.board(made, games.play(made, {"coaching"}, 0.5))[0].messages == [
            "There is £100,000 too little for revenue in 2027.",
            "Nobody has estimated all that “coaching” would bring: what is known counts.",
        ]


PLAYED = start(requires={"lab": "hub"}, excludes=[["coaching", "hub"]])


def test_what_may_be_added_one_by_one_breaks_nothing():
    """Every order of choosing, as far as it goes: what check lets through, the rules let through too."""
    for order in itertools.permutations(NAMES):
        chosen: set[str] = set()
        for name in order:
            try:
                games.check(PLAYED, chosen, chosen | {name})
            except UsageError:
                assert games.play(PLAYED, chosen | {name}).breaks != ()
                continue
            chosen |= {name}
            assert games.play(PLAYED, chosen).breaks == ()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"costs": SPEND.iloc[::-1]}, "same options in the same order"),
        ({"budget": {"capital 2027": 6e6}}, "no budget for 'capital 2028', 'revenue 2027'"),
        ({"costs": SPEND.where(SPEND > 0)}, "has no figure"),
        ({"costs": -SPEND}, "must not be negative"),
        ({"requires": {"lab": "ship"}}, "'ship'"),
    ],
)
def test_a_game_that_cannot_be_is_refused(changed, said):
    with pytest.raises(MethodError, match=said):
        start(**changed)


def test_a_year_in_which_nothing_costs_stays_in_sight():
    hand = games.play(start(budget=MONEY | {"capital 2029": 3e6}), {"hub"})
    assert (hand.money[-1].name, hand.money[-1].budget, hand.money[-1].spend) == ("capital 2029", 3e6, 0)
