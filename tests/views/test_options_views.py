"""The one choice of stage 6: whose logic model is on the screen."""

from __future__ import annotations

import html
import re
from pathlib import Path

import nbformat
import pytest

from iitk.stages import options as stages
from iitk.views import guard
from iitk.views import options as views
from iitk.views.state import from_query, kinds
from tests.stages.choosing import Hand

pytestmark = pytest.mark.usefixtures("own")

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def stage(own):
    return stages.prepare("West Yorkshire")


@pytest.fixture
def app(stage, monkeypatch):
    """The logic model on a page of the app with this link's choices."""

    def opened(query=""):
        monkeypatch.setenv("IITK_APP", "1")
        monkeypatch.setenv("QUERY_STRING", query)
        return views.logic(stage)

    return opened


def marks(page: str) -> dict[str, str]:
    return {name: html.unescape(text) for name, text in re.findall(r'data-(\w+)="([^"]*)"', page.split(">", 1)[0])}


def test_outside_an_app_it_is_the_figure_of_the_stage(stage):
    assert views.logic(stage) is stage.figures["logic"]


def test_every_option_can_be_shown_and_the_first_of_the_short_list_is(app, stage):
    screen, names = app(), list(Hand().rows)
    assert list(kinds(screen.state)["logic"].options.values()) == names
    assert names[screen.state.logic] == Hand().short[0]
    assert stage.figures["logic"]._repr_html_() in screen.figure.value
    for at in (6, 24):  # a dropped one too
        screen.controls["logic"].value = at
        row = Hand().rows[names[at]]
        shown = html.unescape(re.sub(r"<[^>]+>", " ", screen.figure.value))
        assert row["assumptions"][:20] in shown
        assert marks(screen.figure.value)["query"] == f"logic={at}"
        assert marks(screen.figure.value)["status"] == f"The logic model of {say(names[at])} is shown."


def say(name):
    return name[0].lower() + name[1:]


def test_a_link_shows_what_was_seen(app, stage):
    found = stages.selection.of(stage.area)
    assert stages.logic(found, "Health data trust")._repr_html_() in app("area=Leeds&logic=5").figure.value


@pytest.mark.parametrize("query", ["logic=25", "logic=-1", "logic=%3Cimg%3E", "logic=0x1", "logic="])
def test_a_link_to_no_option_shows_the_usual_and_says_so(app, stage, query):
    screen = app(query)
    assert "The link asks for something else" in marks(screen.figure.value)["status"]
    assert stage.figures["logic"]._repr_html_() in screen.figure.value
    assert from_query(type(screen.state), query)[0] == type(screen.state)()


def test_forged_values_are_refused(app):
    screen = app()
    trait, check = guard._fields[screen.controls["logic"].model_id]
    assert trait == "index"
    assert [check(value) for value in (0, 24, 25, -1, "0", True, None, 1.0)] == [True, True, *[False] * 6]
    assert screen.figure.model_id not in guard._fields


def test_the_notebook_shows_this_view_and_no_key_stands_twice():
    book = nbformat.read(ROOT / "notebooks" / "06_options.ipynb", as_version=4)
    code = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")
    assert "views.logic(stage)" in code
    keys = [name for states in views.VIEWS for name in kinds(states)]
    assert len(keys) == len(set(keys)) == 1
