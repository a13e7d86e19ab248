"""The budget game's form: a tick an option, under its underpinning; short links that know their list."""

from __future__ import annotations

import re
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from iitk.stages import game as games
from iitk.views import game as views
from iitk.views import show
from iitk.views.show import Screen
from iitk.views.state import from_query, groups, kinds, to_query

NAMES = ["tram", "hub", "lab", "coaching"]
WORTH = pd.DataFrame(
    {"net_jobs": [100.0, 60, 1, np.nan], "npsv": [5e6, -1e6, 2e6, np.nan],
     "underpinning": ["infrastructure", "skills", "infrastructure", "support"]},
    index=NAMES,
)  # fmt: skip
SPEND = pd.DataFrame({"capital 2027": [4e6, 1e6, 2e6, 0], "revenue 2027": [0, 5e5, 1e5, 3e5]}, index=NAMES)
BUDGET = {"capital 2027": 6e6, "revenue 2027": 8e5}


class Said:
    def __init__(self, text):
        self.text = text

    def _repr_html_(self):
        return f"<p>{self.text}</p>"


def board(game, hand, best):
    assert isinstance(game, games.Game)
    return [Said(f"{', '.join(hand.chosen)} at {hand.share:g}"), *([Said("the best")] if best else [])]


def start(**rules):
    return games.start(WORTH, SPEND, BUDGET, rules)


@pytest.fixture
def open_(monkeypatch):
    def open_(query="", **rules):
        monkeypatch.setenv(show.APP, "1")
        monkeypatch.setenv(show.QUERY, query)
        page = views.play(start(**rules), board)
        assert isinstance(page, Screen)
        return page

    return open_


def marks(page):
    return dict(re.findall(r'data-(\w+)="([^"]*)"', page.figure.value))


def test_every_option_has_a_tick_under_its_underpinning_with_what_it_costs_and_brings():
    made = views.states(start(include=["hub"]))
    assert groups(made) == [
        ("", ["less", "best"]), ("Infrastructure", ["o01", "o03"]), ("Skills", ["o02"]), ("Support", ["o04"]),
    ]  # fmt: skip
    found = kinds(made)
    assert [found[key].label for key in ("o01", "o02", "o03", "o04")] == NAMES
    assert [found[key].help for key in ("o01", "o03", "o04")] == [
        "£4.0m, 100 net jobs", "£2.1m, 1 net job", "£300,000, net jobs not known",
    ]  # fmt: skip
    assert [getattr(made(), key) for key in ("o01", "o02", "o03", "o04")] == [False, True, False, False]


def test_a_choice_is_shown_said_and_put_into_a_short_link(open_):
    page = open_()
    page.controls["o03"].value = True
    page.controls["best"].value = True
    assert re.fullmatch(r"best=yes&amp;o03=yes&amp;game=[0-9a-f]{6}", marks(page)["query"])
    assert marks(page)["status"].startswith("1 option: £2.1m of £6.8m spent, 1 net job. The same money could bring 159")
    assert page.figure.value.endswith("<p>lab at 1</p><p>the best</p></div>")


def test_what_does_not_fit_is_refused_with_the_reason(open_):
    page = open_()
    for key in ("o01", "o03"):
        page.controls[key].value = True
    page.controls["o02"].value = True
    assert marks(page)["status"].startswith("“hub” would spend £1.0m more than there is for capital in 2027")
    assert page.controls["o02"].value is False
    page.controls["less"].value = 50  # a cut is never refused: what it costs is said
    assert marks(page)["status"].endswith("There is £3.0m too little for capital in 2027.")
    page.controls["o01"].value = False
    assert page.figure.value.endswith("<p>lab at 0.5</p></div>")


def test_a_link_shows_what_was_seen_even_after_a_cut(open_):
    page = open_()
    page.controls["o01"].value = True
    page.controls["o03"].value = True
    page.controls["less"].value = 50
    again = open_(marks(page)["query"].replace("&amp;", "&"))
    assert asdict(again.state) == asdict(page.state)
    assert again.figure.value.endswith("<p>tram, lab at 0.5</p></div>")


def test_a_link_to_what_never_fitted_shows_the_start_and_says_why(open_):
    made = views.states(start())
    page = open_(to_query(made(o01=True, o02=True, o03=True)))
    assert "would spend £1.0m more" in marks(page)["status"]
    assert page.figure.value.endswith("<p> at 1</p></div>")


def test_a_link_made_for_other_options_is_recognised():
    other = views.states(games.start(WORTH.rename(index={"lab": "dock"}), SPEND.rename(index={"lab": "dock"}), BUDGET))
    state, said = from_query(views.states(start()), to_query(other(o03=True)))
    assert asdict(state) == asdict(views.states(start())())
    assert "made for another list" in said


def test_in_a_notebook_it_is_the_board_as_it_starts(monkeypatch):
    monkeypatch.delenv(show.APP, raising=False)
    assert views.play(start(include=["hub"]), board)._repr_html_() == "<p>hub at 1</p>"
