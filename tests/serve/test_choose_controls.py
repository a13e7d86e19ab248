"""Sliders, many ticks, refusals and slow figures in a real browser: by keyboard alone, on a phone, and in a hurry."""

from __future__ import annotations

import nbformat
import pytest

from tests.accessible import violations
from tests.runs.conftest import write_notebook
from tests.serve.conftest import serving

pytestmark = pytest.mark.browser

NOTEBOOK = """
import time
from dataclasses import dataclass
from pathlib import Path
from iitk.errors import UsageError
from iitk.views.show import View, view
from iitk.views.state import OneOf, State, Whole, YesNo, choice

GATE = Path({gate!r})

@dataclass(frozen=True)
class Money(State):
    made_for = ("list", "ab12cd")
    budget: int = choice(Whole("Budget", 50, 120, step=5, unit="% of the money", slider=True, help="All years."), 100)
    hub: bool = choice(YesNo("Shared <hub>", help="£3.1 million"), False, "Skills")
    lab: bool = choice(YesNo("Laboratory", help="£2 million"), False, "Skills")
    tram: bool = choice(YesNo("Tram", help="£9 million"), False, "Infrastructure")

@dataclass(frozen=True)
class Steps(State):
    steps: int = choice(Whole("Steps", 1, 9, unit="steps", slider=True), 3)

class Said:
    def __init__(self, text):
        self.text = text
    def _repr_html_(self):
        return f"<p>{{self.text}}</p>"

def allow(before, after):
    if after.tram and after.budget < 100:
        raise UsageError("“Tram” would spend £2 million more than there is in 2029: take something out first.")

drawn = []
def slowly(state, told):
    drawn.append(state.steps)
    told(0.25, "A quarter is done")
    while GATE.exists():
        time.sleep(0.01)
    told(0.75, "Nearly there")
    return [Said(f"Drawn: {{drawn}}")]

view(View("money", Money, Said("all of it"), lambda state: [Said(f"now {{state.budget}}, {{state.hub}}")],
          lambda state: f"The budget is {{state.budget}}%.", allow=allow))
"""
SLOW = """
view(View("steps", Steps, Said("not drawn yet"), slowly, lambda state: "Ready.", slow=True))
"""
GAME = """
import numpy as np
import pandas as pd
from iitk.stages import game as games
from iitk.views import game as views

names = [f"Option {at} <b>" for at in range(1, 31)]
groups = ["skills", "infrastructure", "business support"]
worth = pd.DataFrame({"net_jobs": np.arange(30) * 3.0 + 2, "npsv": np.linspace(-2e6, 4e6, 30),
                      "underpinning": [groups[at // 10] for at in range(30)]}, index=names)
spend = pd.DataFrame({f"capital {year}": (np.arange(30) % 7 + 1) * 1e5 for year in range(2027, 2030)}, index=names)
rules = {"requires": {names[1]: names[0]}, "excludes": [[names[2], names[3]]]}
made = games.start(worth, spend, {one: 2e6 for one in spend}, rules, source="a test")
views.play(made)
"""
ADDRESS = "stage/01_economy?area=Leeds"
PLAY = "stage/03_potential?area=Leeds"


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    """While this file is there, the slow figure waits."""
    return tmp_path_factory.mktemp("gate") / "closed"


@pytest.fixture(scope="module")
def url(tmp_path_factory, gate):
    folder = tmp_path_factory.mktemp("books")
    write_notebook(folder / "01_economy.ipynb", NOTEBOOK.format(gate=str(gate)), SLOW)
    played = write_notebook(folder / "03_potential.ipynb", GAME)
    book = nbformat.read(played, 4)
    book.cells.insert(-1, nbformat.v4.new_markdown_cell("## What would you fund?"))
    nbformat.write(book, played)
    with serving(IITK_NOTEBOOKS=str(folder)) as running:
        yield running.url


@pytest.fixture
def visit(browser, url):
    opened = []

    def open_page(more: str = "", width: int = 1280, address: str = ADDRESS, **options):
        page = browser.new_page(viewport={"width": width, "height": 900}, **options)
        opened.append(page)
        page.said = []
        page.on("console", lambda one: page.said.append(one.text))
        page.on("pageerror", lambda one: page.said.append(str(one)))
        page.goto(f"{url}{address}{more}")
        page.locator("html.ready").wait_for()
        return page

    yield open_page
    for page in opened:
        page.close()


def tab_to(page, target):
    for _ in range(120):
        if target.evaluate("one => one === document.activeElement"):
            return target
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not reach it")


def shown(page, text):
    page.locator(".live-shown").get_by_text(text, exact=True).wait_for()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_controls_are_named_large_and_accessible(visit, width):
    page = visit(width=width)
    slider = page.get_by_role("slider", name="Budget")
    assert slider.get_attribute("aria-valuetext") == "100% of the money"
    assert page.locator(".slide .value").first.inner_text() == "100% of the money"
    skills = page.get_by_role("group", name="Skills")
    assert skills.get_by_role("checkbox").count() == 2
    hub = skills.get_by_role("checkbox", name="Shared <hub>")
    assert page.locator(f"#{hub.get_attribute('aria-describedby')}").inner_text() == "£3.1 million"
    targets = [*page.locator(".slide button").all(), *page.locator(".tick").all(), slider]
    assert len(targets) >= 8
    for target in targets:
        assert target.bounding_box()["height"] >= 44
    assert violations(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.said == []


def test_the_controls_can_be_seen_in_forced_colours(visit):
    page = visit(forced_colors="active")
    slider = page.get_by_role("slider", name="Budget")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    shown(page, "now 95, False")
    assert slider.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    colours = slider.evaluate("""one => ['::-webkit-slider-runnable-track', '::-webkit-slider-thumb'].map(
        part => getComputedStyle(one, part).backgroundColor)""")
    canvas = page.evaluate("""() => { const one = document.body.appendChild(document.createElement('p'));
        one.style.background = 'Canvas'; return getComputedStyle(one).backgroundColor; }""")
    assert canvas not in colours


def test_a_slider_is_worked_with_the_keyboard_alone(visit):
    page = visit()
    slider = tab_to(page, page.get_by_role("slider", name="Budget"))
    for key, value in (("ArrowLeft", 95), ("ArrowUp", 100), ("ArrowRight", 105), ("Home", 50), ("End", 120)):
        page.keyboard.press(key)
        assert slider.get_attribute("aria-valuetext") == f"{value}% of the money"
        shown(page, f"now {value}, False" if value != 100 else "all of it")
    page.keyboard.press("PageDown")
    assert int(slider.input_value()) < 120
    shown(page, f"now {slider.input_value()}, False")
    assert f"budget={slider.input_value()}&list=ab12cd" in page.url
    assert slider.evaluate("one => one === document.activeElement")


def test_the_two_buttons_move_by_a_step_and_stop_at_the_end(visit):
    page = visit()
    slider = page.get_by_role("slider", name="Budget")
    tab_to(page, page.get_by_role("button", name="Less: Budget"))
    page.keyboard.press("Enter")
    shown(page, "now 95, False")
    for _ in range(7):
        page.get_by_role("button", name="More: Budget").click()
    shown(page, "now 120, False")
    assert slider.input_value() == "120"
    assert page.locator(".slide .value").first.inner_text() == "120% of the money"


def test_while_it_is_dragged_only_the_words_move(visit):
    page = visit()
    slider = page.get_by_role("slider", name="Budget")
    box, frames = slider.bounding_box(), []
    page.evaluate("new MutationObserver(() => window.drawn = (window.drawn || 0) + 1)"
                  ".observe(document.querySelector('.live-shown'), {childList: true})")  # fmt: skip
    page.mouse.move(box["x"] + box["width"] * 0.714, box["y"] + box["height"] / 2)
    page.mouse.down()
    for share in (0.6, 0.5, 0.4, 0.3):
        page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
        frames.append(page.locator(".slide .value").first.inner_text())
    assert len(set(frames)) > 2
    assert page.locator(".live-shown").first.inner_text().strip() == "all of it"
    page.mouse.up()
    shown(page, f"now {slider.input_value()}, False")
    assert page.evaluate("window.drawn") == 1


def test_a_refusal_puts_the_control_back_and_says_why(visit):
    page = visit()
    tram, slider = page.get_by_role("checkbox", name="Tram"), page.get_by_role("slider", name="Budget")
    tab_to(page, tram)
    page.keyboard.press("Space")
    page.wait_for_url("**tram=yes**")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.locator("#status.fault").wait_for()
    assert "take something out first" in page.get_by_role("status").inner_text()
    page.wait_for_function("() => document.querySelector('[type=range]').value === '100'")
    assert slider.get_attribute("aria-valuetext") == "100% of the money"
    assert "budget=" not in page.url
    tram.uncheck()
    page.wait_for_function("() => !location.search.includes('tram')")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    shown(page, "now 95, False")
    tram.click()
    page.wait_for_function("() => !document.querySelectorAll('[type=checkbox]')[2].checked")
    assert "tram" not in page.url


def test_a_link_to_what_is_refused_shows_the_usual_and_says_why(visit):
    page = visit("&budget=50&tram=yes&list=ab12cd")
    assert "take something out first" in page.get_by_role("status").inner_text()
    assert page.get_by_role("slider", name="Budget").input_value() == "100"
    assert not page.get_by_role("checkbox", name="Tram").is_checked()


def test_a_link_for_another_list_is_recognised(visit):
    page = visit("&hub=yes&list=000000")
    assert "made for another list" in page.get_by_role("status").inner_text()
    assert not page.get_by_role("checkbox", name="Shared <hub>").is_checked()
    assert visit("&hub=yes&list=ab12cd").get_by_role("checkbox", name="Shared <hub>").is_checked()


def test_what_takes_long_says_how_far_it_is_and_the_newest_choice_wins(visit, gate):
    page = visit()
    slider = page.get_by_role("slider", name="Steps")
    gate.touch()
    try:
        slider.focus()
        page.keyboard.press("ArrowRight")
        bar = page.get_by_role("progressbar", name="A quarter is done")
        bar.wait_for()
        assert bar.evaluate("one => one.value") == 0.25
        page.get_by_role("status").get_by_text("A quarter is done").wait_for()
        assert "not drawn yet" in page.locator(".live-shown").last.inner_text()  # what was there stays in sight
        assert violations(page) == {}
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
        assert page.locator(".slide .value").last.inner_text() == "7 steps"
    finally:
        gate.unlink()
    shown(page, "Drawn: [4, 7]")
    assert page.get_by_role("progressbar").count() == 0
    page.locator(".live[aria-busy]").wait_for(state="detached")
    assert slider.input_value() == "7"
    assert page.get_by_role("status").inner_text() == "Ready."


def test_a_page_that_is_loaded_again_meanwhile_starts_cleanly(visit, gate):
    page = visit("&steps=5")
    shown(page, "Drawn: [5]")
    gate.touch()
    try:
        page.get_by_role("button", name="More: Steps").click()
        page.get_by_role("progressbar").wait_for()
        page.reload(wait_until="commit")
    finally:
        gate.unlink()
    page.locator("html.ready").wait_for()
    shown(page, "Drawn: [5]")
    assert page.get_by_role("progressbar").count() == 0
    page.get_by_role("button", name="More: Steps").click()
    shown(page, "Drawn: [5, 6]")


def test_a_choice_is_not_lost_when_the_line_breaks(visit):
    page, lines = visit(), []
    page.on("websocket", lambda line: lines.append(line.url))
    page.evaluate("""() => { const real = WebSocket.prototype.send;
        WebSocket.prototype.send = function () { WebSocket.prototype.send = real; this.close(); }; }""")
    page.get_by_role("button", name="Less: Budget").click()  # this message never leaves
    shown(page, "now 95, False")
    assert len(lines) == 1  # the line did break, and there is a new one
    assert page.get_by_role("slider", name="Budget").input_value() == "95"
    assert "budget=95" in page.url


@pytest.mark.parametrize("width", [1280, 390])
def test_a_game_of_thirty_options_is_accessible_and_fits(visit, width):
    page = visit(width=width, address=PLAY)
    assert page.get_by_role("group").count() == 3
    assert page.get_by_role("group", name="Business support").get_by_role("checkbox").count() == 10
    assert page.get_by_role("checkbox").count() == 31
    for tick in page.locator(".tick").all():
        assert tick.bounding_box()["height"] >= 44
    page.get_by_role("checkbox", name="Option 7 <b>").check()
    page.wait_for_url("**o07=yes**")
    assert violations(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.said == []


def test_the_game_is_played_with_the_keyboard_alone(visit):
    page = visit(address=PLAY)
    status = page.locator("#status")
    tab_to(page, page.get_by_role("checkbox", name="Option 2 <b>", exact=True))
    page.keyboard.press("Space")
    status.get_by_text("needs “Option 1 <b>”: choose that first").wait_for()
    assert page.get_by_role("checkbox", name="Option 2 <b>", exact=True).is_checked() is False
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    status.get_by_text("1 option: £300,000 of £6.0m spent, 2 net jobs.").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    status.get_by_text("2 options: £900,000").wait_for()
    for _ in range(5):
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
    status.get_by_text("would spend £400,000 more than there is").wait_for()  # options 3, 5 and 6 are in, 4 is not
    assert [box.is_checked() for box in page.get_by_role("checkbox").all()[1:8]] == [
        True, True, True, False, True, True, False,
    ]  # fmt: skip
    tab_to(page, page.get_by_label("How much money is there?"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    status.get_by_text("There is £200,000 too little for capital in 2027.").wait_for()
    assert "There is £200,000 too little" in page.get_by_role("note").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.locator(".game .best").wait_for()
    again = visit(address=page.url.split("/", 3)[3])
    assert again.locator(".game").inner_text() == page.locator(".game").inner_text()
    assert again.get_by_label("How much money is there?").input_value() == "2"


def test_on_a_wide_page_the_board_stands_beside_the_options(visit):
    page = visit(address=PLAY)
    form, board = page.locator(".view-form").bounding_box(), page.locator(".game").bounding_box()
    assert board["x"] >= form["x"] + form["width"]
    page.get_by_role("checkbox", name="Option 30 <b>").scroll_into_view_if_needed()
    assert page.locator(".game .totals").bounding_box()["y"] >= 0  # what it brings stays in sight
