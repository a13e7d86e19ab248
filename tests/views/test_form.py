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


@dataclass(frozen=True)
class Game(State):
    budget: int = choice(Whole("Budget", 50, 100, step=5, unit="% of it", slider=True), 100)
    hub: bool = choice(YesNo("A <hub>", help="£3 & more"), False, "Skills & jobs")
    lab: bool = choice(YesNo("A laboratory"), False, "Skills & jobs")
    bridge: bool = choice(YesNo("A bridge"), False, "Infrastructure")


def game(**changed):
    given = {"states": Game, "draw": lambda state: [Said(f"{state.budget}")], "say": lambda state: "Done."}
    return made(**(given | changed))


def html(page):
    return page._repr_mimebundle_()["text/html"]


def test_a_slider_is_a_number_box_where_there_is_no_page(screen):
    control = Screen(game()).controls["budget"]
    assert isinstance(control, widgets.BoundedIntText)
    assert control.description == "Budget (% of it, 50 to 100)"


def test_on_a_page_a_slider_has_its_words_and_two_buttons(screen):
    page = Screen(game())
    key = page.controls["budget"].model_id
    assert (
        f'<label for="field-{key}">Budget</label><div class="slide">'
        '<button type="button" data-step="-1" aria-label="Less: Budget">\u2212</button>'
        f'<input type="range" id="field-{key}" data-field="{key}" data-trait="value" min="50" max="100" step="5" '
        'value="100" data-after="% of it" aria-valuetext="100% of it">'
        '<button type="button" data-step="1" aria-label="More: Budget">+</button><span class="value">100% of it</span>'
    ) in html(page)


def test_a_group_stands_in_a_frame_with_its_name(screen):
    page = Screen(game())
    groups = re.findall(r'<fieldset class="group"><legend>(.*?)</legend>(.*?)</fieldset>', html(page))
    assert [(name, inside.count("checkbox")) for name, inside in groups] == [
        ("Skills &amp; jobs", 2), ("Infrastructure", 1),
    ]  # fmt: skip
    assert "A &lt;hub&gt;</label>" in groups[0][1]
    told = re.search(r'aria-describedby="(help-\w+)"', groups[0][1])[1]
    assert f'id="{told}">£3 &amp; more</p>' in groups[0][1]
    said = [one.value for one in page.form.children if type(one) is widgets.HTML]
    assert said[0] == '<p class="group">Skills &amp; jobs</p>'


def only_the_bridge(before, after):
    if after.hub and after.bridge:
        raise UsageError(f"{len([before])} bridge is enough.")


def test_what_is_not_allowed_is_said_and_the_control_goes_back(screen):
    page, drawn = Screen(game(allow=only_the_bridge)), []
    page.controls["bridge"].value = True
    page.figure.observe(lambda change: drawn.append(change["new"]), "value")
    page.controls["hub"].value = True
    kind, marks, inside = shown(page)
    assert (kind, marks["status"], marks["query"]) == ("view fault", "1 bridge is enough.", "bridge=yes")
    assert inside == "<p>100</p>"
    assert page.controls["hub"].value is False
    assert page.state == Game(bridge=True)
    assert len(drawn) == 1


def test_what_is_not_allowed_is_not_drawn(screen):
    seen = []
    page = Screen(game(allow=only_the_bridge, draw=lambda state: seen.append(state) or [Said("drawn")]))
    page.controls["bridge"].value = True
    page.controls["hub"].value = True
    assert seen == [Game(bridge=True)]


def test_a_link_to_what_is_not_allowed_shows_the_usual(screen):
    page = screen("hub=yes&bridge=yes", states=Game, allow=only_the_bridge)
    kind, marks, inside = shown(page)
    assert (kind, marks["status"], marks["query"]) == ("view fault", "1 bridge is enough.", "")
    assert inside == "<p>as usual</p>"


def slowly(state, told):
    for share, words in ((0, "Starting"), (0.25, "A <quarter>"), (0.251, "A <quarter>"), (7, "Nearly")):
        told(share, words)
    if state.budget == 50:
        raise UsageError("Too little.")
    return [Said(f"{state.budget}")]


def test_what_takes_long_says_how_far_it_is(screen):
    page, told = Screen(game(draw=slowly, slow=True)), []
    page.progress.observe(lambda change: told.append((change["new"], page.figure.value)), "value")
    before = page.figure.value
    page.controls["budget"].value = 90
    said = [re.findall(r'value="([\d.]+)" aria-label="([^"]+)"', one) for one, _ in told]
    assert said == [[("0", "Starting")], [("0.25", "A &lt;quarter&gt;")], [("1", "Nearly")], []]
    assert {figure for _, figure in told} == {before}  # what was there stays until the new one is
    assert shown(page)[2] == "<p>90</p>"
    assert f'<div class="live-progress" data-model="{page.progress.model_id}"></div>' in html(page)
    assert page.box.children == (page.form, page.progress, page.figure)


def test_after_a_fault_nothing_goes_on_saying_how_far_it_is(screen):
    page = Screen(game(draw=slowly, slow=True))
    page.controls["budget"].value = 50
    assert page.progress.value == ""
    assert shown(page)[1]["status"] == "Too little."


def test_a_link_to_what_takes_long_is_shown_at_once(screen):
    page = screen("budget=80", states=Game, draw=slowly, slow=True)
    assert page.progress.value == ""
    assert shown(page)[2] == "<p>80</p>"


# What is there at once, and the rest


def soon(state):
    if state.count == 15:
        raise UsageError("There is nothing to show soon.")
    return [Said(f"soon {state.count}")]


def told(screen):
    """Everything that the figure comes to show."""
    seen = []
    screen.figure.observe(lambda change: seen.append(change["new"]), "value")
    return seen


def test_what_is_there_at_once_is_shown_until_the_rest_is(screen):
    one = screen(soon=soon)
    seen, after = told(one), []
    one.then = lambda: after.append(len(seen))
    one.controls["count"].value = 20
    assert [re.search(r"<p>([^<]*)</p>", page)[1] for page in seen] == ["soon 20", "20 by size"]
    assert {re.search('data-status="([^"]*)"', page)[1] for page in seen} == {"20!"}
    assert after == [2]  # whoever follows comes last


def test_the_usual_choice_and_a_page_that_is_being_made_wait_for_nothing(screen):
    made_by_link = screen("count=20", soon=soon)
    assert "20 by size" in made_by_link.figure.value
    seen = told(made_by_link)
    made_by_link.controls["count"].value = 10
    assert len(seen) == 1
    assert USUAL.text in seen[0]


@pytest.mark.parametrize(("count", "sentence"), [(25, "There are only &lt;20&gt; rows."), (30, "reference"),
                                                 (15, "There is nothing to show soon.")])  # fmt: skip
def test_where_the_rest_fails_the_page_is_as_it_was(screen, count, sentence):
    one = screen(soon=soon)
    before = one.figure.value
    one.controls["count"].value = count
    assert one.state == Chosen()
    assert one.controls["count"].value == 10
    assert USUAL.text in one.figure.value
    assert sentence in one.figure.value
    assert "soon" not in one.figure.value.partition(">")[2]
    assert before != one.figure.value
