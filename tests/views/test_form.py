"""A form from a State's fields, and what becomes of a choice: shown, or said why not."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

import ipywidgets as widgets
import pytest

from iitk.errors import UsageError
from iitk.views import form, show
from iitk.views.show import Screen, View, view
from iitk.views.state import OneOf, State, Whole, YesNo, choice


@dataclass(frozen=True)
class Chosen(State):
    count: int = choice(Whole("How many?", 5, 30, step=5, unit="rows", help="More <b>take</b> longer."), 10)
    order: str = choice(OneOf("Which first?", {"size": "The largest", "name": "By <i>name</i>"}), "size")
    all: bool = choice(YesNo("Show all"), default=False)


class Said:
    def __init__(self, text):
        self.text = text

    def _repr_html_(self):
        return f"<p>{self.text}</p>"


USUAL = Said("as usual")


def draw(state):
    if state.count == 25:
        raise UsageError("There are only <20> rows.")
    if state.count == 30:
        raise RuntimeError("a bug with a secret in it")
    return [Said(f"{state.count} by {state.order}"), Said(f"all {state.all}")]


def made(**changed):
    given = {"name": "chosen", "states": Chosen, "shown": USUAL, "draw": draw, "say": lambda state: f"{state.count}!"}
    return View(**(given | changed))


@pytest.fixture
def screen(monkeypatch):
    def open_(query="", **changed):
        monkeypatch.setenv(show.QUERY, query)
        return Screen(made(**changed))

    return open_


def shown(screen):
    """The marks of the figure's frame, and what is in it."""
    found = re.fullmatch(r'<div class="([\w ]+)"((?: data-[\w]+="[^"<>]*")*)>(.*)</div>', screen.figure.value)
    marks = dict(re.findall(r'data-(\w+)="([^"]*)"', found[2]))
    return found[1], marks, found[3]


def test_every_field_has_its_question_in_sight(screen):
    page = screen()
    number, help_, choices, tick = page.form.children
    assert isinstance(number, widgets.BoundedIntText)
    assert number.description == "How many? (rows, 5 to 30)"
    assert (number.min, number.max, number.step, number.value) == (5, 30, 5, 10)
    assert help_.value == '<p class="field-help">More &lt;b&gt;take&lt;/b&gt; longer.</p>'
    assert isinstance(choices, widgets.Dropdown)
    assert choices.description == "Which first?"
    assert choices.options == (("The largest", "size"), ("By <i>name</i>", "name"))
    assert isinstance(tick, widgets.Checkbox)
    assert tick.description == "Show all"
    assert not any(one.description_allow_html for one in (number, choices, tick))
    assert {name: one.value for name, one in page.controls.items()} == {"count": 10, "order": "size", "all": False}


def test_outside_an_app_a_view_is_the_figure_itself(monkeypatch):
    monkeypatch.delenv(show.APP, raising=False)
    assert view(made()) is USUAL
    monkeypatch.setenv(show.APP, "1")
    page = view(made())
    assert isinstance(page, Screen)
    assert page.box.children == (page.form, page.figure)
    assert page.figure.value.endswith("<p>as usual</p></div>")


def test_at_first_the_page_is_as_the_notebook_shows_it(screen):
    page = screen("area=E08000035", also=[Said("and this")])
    marks = {"view": "chosen", "keys": "count,order,all", "query": "", "status": ""}
    assert shown(page) == ("view", marks, "<p>as usual</p><p>and this</p>")


def test_a_choice_is_shown_said_and_put_into_the_link(screen):
    page, values = screen(), []
    page.figure.observe(lambda change: values.append(change["new"]), "value")
    page.controls["count"].value = 15
    page.controls["order"].value = "name"
    kind, marks, inside = shown(page)
    assert (kind, inside) == ("view", "<p>15 by name</p><p>all False</p>")
    assert marks == {
        "view": "chosen", "keys": "count,order,all", "query": "count=15&amp;order=name", "status": "15!",
    }  # fmt: skip
    assert len(values) == 2  # each choice sets the figure once: no flicker
    assert page.state == Chosen(count=15, order="name")


def test_back_to_usual_is_the_notebook_s_own_figure(screen):
    page = screen("count=20", also=[Said("and this")])
    page.controls["count"].value = 10
    assert shown(page)[2] == "<p>as usual</p><p>and this</p>"


def test_a_link_is_shown_as_it_was_seen(screen):
    page = screen("area=E08000035&all=yes&count=20")
    assert shown(page)[1]["query"] == "count=20&amp;all=yes"
    assert shown(page)[1]["status"] == ""
    assert shown(page)[2] == "<p>20 by size</p><p>all True</p>"
    assert page.controls["all"].value is True


def test_a_wrong_link_is_said(screen):
    page = screen("count=<script>&order=name")
    _, marks, inside = shown(page)
    assert marks["query"] == "order=name"
    assert marks["status"].startswith("“How many?” takes a whole number (rows) from 5 to 30 in steps of 5.")
    assert inside == "<p>10 by name</p><p>all False</p>"


def test_advice_is_said_and_the_page_stays_as_it_was(screen):
    page = screen()
    page.controls["count"].value = 15
    page.controls["count"].value = 25
    kind, marks, inside = shown(page)
    assert kind == "view fault"
    assert marks["fault"] == "true"
    assert marks["status"] == "There are only &lt;20&gt; rows."
    assert marks["query"] == "count=15"
    assert inside == "<p>15 by size</p><p>all False</p>"
    assert page.controls["count"].value == 15  # the control says what is shown
    page.controls["count"].value = 20
    assert "fault" not in page.figure.value


def test_what_is_between_the_steps_is_refused_with_advice(screen):
    page = screen()
    page.controls["count"].value = 12
    assert shown(page)[1]["status"].endswith("from 5 to 30 in steps of 5.")
    assert page.controls["count"].value == 10


def test_a_bug_has_a_reference_and_is_logged(screen, tmp_path, monkeypatch):
    log = tmp_path / "app.log"
    log.write_text("before\n")
    monkeypatch.setenv(show.LOG, str(log))
    page = screen()
    page.controls["count"].value = 30
    kind, marks, inside = shown(page)
    assert (kind, inside) == ("view fault", "<p>as usual</p>")
    said = re.fullmatch(
        r"Something went wrong here \(reference ([0-9a-f]{6})\). What you see is as it was before.", marks["status"]
    )
    told = log.read_text()
    assert told.startswith("before\n")
    assert f"reference {said[1]}, chosen: Chosen(count=30, order='size', all=False)" in told
    assert "RuntimeError: a bug with a secret in it" in told
    assert "secret" not in page.figure.value
    assert page.controls["count"].value == 10


@pytest.mark.parametrize("where", [None, "no/such/folder/app.log"])
def test_without_a_log_file_a_bug_goes_to_the_logger(screen, where, tmp_path, monkeypatch, caplog):
    monkeypatch.delenv(show.LOG, raising=False)
    if where:
        monkeypatch.setenv(show.LOG, str(tmp_path / where))
    with caplog.at_level(logging.ERROR, "iitk.views"):
        page = screen("count=30")
    assert "a bug with a secret in it" in caplog.text
    assert shown(page)[1]["status"].startswith("Something went wrong here (reference ")
    assert shown(page)[2] == "<p>as usual</p>"
    assert page.controls["count"].value == 10


def test_changes_are_told_by_name():
    seen = []
    _, controls = form.build(Chosen(), lambda name, value: seen.append((name, value)))
    controls["all"].value = True
    controls["order"].value = "name"
    assert seen == [("all", True), ("order", "name")]
