"""The apps in a real browser: whole, accessible, quiet, offline, and workable with a keyboard alone.

A picture of each page is kept in outputs/pictures/ for whoever reviews them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.accessible import open_all, sideways, violations
from tests.runs.conftest import write_notebook
from tests.serve.conftest import serving

pytestmark = pytest.mark.browser
PICTURES = Path(os.environ.get("IITK_PICTURES", Path(__file__).parents[2] / "outputs" / "pictures"))
STAGES = {
    "00_mandate": "Who are we, and what may we decide?",
    "01_economy": "What is our economy, compared with places like us?",
    "03_potential": "Where could growth come from here?",
}
PAGES = {
    "landing": ("", "Which place are you?"),
    "area": ("?area=E08000035", "Leeds"),
    "unknown": ("?area=Atlantis", "Atlantis"),
    "help": ("help", "Location quotient"),
    "nothing": ("nowhere", "There is nothing at this address"),
    **{key: (f"stage/{key}?area=E08000035", asked) for key, asked in STAGES.items()},
    "sum": ("stage/01_economy?area=Leeds%20%2B%20Bradford&comparator=England", "Leeds + Bradford"),
}


@pytest.fixture
def visit(browser, server):
    """Open a page at a width; returns it, with its requests to elsewhere and what its console said."""
    opened = []

    def open_page(path: str, width: int = 1280, height: int = 900, url: str = ""):
        page = browser.new_page(viewport={"width": width, "height": height})
        opened.append(page)
        page.elsewhere, page.said = [], []
        ours = (url or server.url, (url or server.url).replace("http", "ws", 1), "data:")
        page.route(lambda address: not address.startswith(ours), lambda route: route.abort())  # there is no network
        page.on("request", lambda one: page.elsewhere.append(one.url) if not one.url.startswith(ours) else None)
        page.on("websocket", lambda one: page.elsewhere.append(one.url) if not one.url.startswith(ours) else None)
        page.on("console", lambda one: page.said.append(one.text))
        page.on("pageerror", lambda one: page.said.append(str(one)))
        page.goto((url or server.url) + path)
        page.get_by_role("heading", level=1).first.wait_for()
        if page.locator(".live").count():
            page.locator("html.ready").wait_for()
        return page

    yield open_page
    for page in opened:
        page.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_whole_accessible_quiet_and_offline(visit, name, width):
    path, text = PAGES[name]
    page = visit(path, width)
    assert page.get_by_text(text).count() > 0  # an empty page has no faults either
    assert violations(page) == {}
    open_all(page)
    assert violations(page) == {}
    assert not sideways(page)
    assert page.elsewhere == []
    expected = ["Failed to load resource: the server responded with a status of 404 (Not Found)"]
    assert page.said == (expected if name == "nothing" else [])
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = false)")
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)


PHONE = "stage/01_economy?area=E08000035"


def parts_shown(page) -> list[bool]:
    """Of each part of the page, whether more than its heading is in sight."""
    return [part.locator(":scope > :not(.is-heading)").first.is_visible()
            for part in page.locator("main section:has(> .is-heading > h2 > .fold)").all()]  # fmt: skip


def test_on_a_phone_the_parts_are_folded_under_their_headings(visit):
    page = visit(PHONE, 390)
    shown = parts_shown(page)
    assert len(shown) > 5
    assert shown == [True] + [False] * (len(shown) - 1)
    assert page.locator("main").bounding_box()["height"] < visit(PHONE).locator("main").bounding_box()["height"]
    second = page.locator("h2 > .fold").nth(1)
    assert second.get_attribute("aria-expanded") == "false"
    second.press("Enter")
    assert (second.get_attribute("aria-expanded"), parts_shown(page)[1]) == ("true", True)
    second.click()
    assert not parts_shown(page)[1]
    page.get_by_role("button", name="Open all parts").click()
    assert all(parts_shown(page))
    page.get_by_role("button", name="Fold all parts").click()
    assert not any(parts_shown(page))
    page.emulate_media(media="print")
    assert all(parts_shown(page))
    assert page.said == []


def test_a_link_to_nothing_harms_no_page(visit):
    page = visit(f"{PHONE}#%E0%A4%A", 390)
    assert parts_shown(page)[:2] == [True, False]
    page.get_by_role("button", name="Copy link").wait_for()  # what comes after the folds is there
    assert page.said == []


def test_a_link_to_a_folded_part_opens_it_and_turning_the_phone_keeps_what_is_open(visit):
    page = visit(f"{PHONE}#part-4", 390)
    assert [at for at, shown in enumerate(parts_shown(page)) if shown] == [0, 3]
    page.evaluate("location.hash = 'part-3'")
    page.wait_for_function("!document.querySelector('#part-3').classList.contains('folded')")
    opened, heading = parts_shown(page), page.locator("#part-3 h2 > .fold")
    heading.focus()
    for width, height in ((844, 390), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        assert parts_shown(page) == opened
        assert heading.evaluate("e => e === document.activeElement")
    assert page.said == []
    wide = visit(f"{PHONE}#part-4")
    assert wide.locator(".fold, .fold-all, .folded").count() == 0


@pytest.mark.parametrize("key", STAGES)
def test_figures_are_there_before_any_script(browser, server, key):
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{server.url}stage/{key}?area=E08000035")
    assert page.get_by_role("heading", level=1).inner_text().replace("\n", " ") == STAGES[key]
    assert page.get_by_role("img").count() >= 2
    assert page.locator(".working").is_hidden()
    page.close()


@pytest.mark.parametrize("key", STAGES)
def test_at_twice_the_size_nothing_is_lost(visit, key):
    page = visit(f"stage/{key}?area=E08000035", 640, 450)
    assert not sideways(page)
    for control in page.locator(".field select, .field input").all():
        box = control.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 640


def test_from_the_landing_page_to_an_answer_with_the_keyboard_alone(visit):
    page = visit("")

    def tab_to(role, name):
        target = page.get_by_role(role, name=name).first
        for _ in range(60):
            if target.evaluate("one => one === document.activeElement"):
                return target
            page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {name}")

    tab_to("combobox", "Which place are you?")
    page.keyboard.type("leeds")
    page.get_by_role("option", name="Leeds").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?area=E08000035*")
    tab_to("link", "Where could growth come from here?")
    page.keyboard.press("Enter")
    page.locator("html.ready").wait_for()
    assert page.get_by_role("heading", level=1).inner_text().replace("\n", " ") == STAGES["03_potential"]
    assert page.get_by_text("Leeds").count() > 0
    control = page.locator(".field select").first
    tab_to("combobox", page.locator(f"label[for={control.get_attribute('id')}]").inner_text())
    before = page.locator(".live-shown").first.inner_html()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("before => document.querySelector('.live-shown').innerHTML !== before", arg=before)
    assert page.get_by_role("status").inner_text()
    assert control.evaluate("one => one === document.activeElement")  # the focus stays where it was


class TestChoices:
    def test_a_choice_changes_the_figure_its_words_the_status_and_the_address(self, visit):
        page = visit("stage/01_economy?area=E08000035")
        view = page.locator(".live").first
        many = page.get_by_label("How many industries?").first
        many.fill("20")
        many.press("Enter")
        page.wait_for_url("**industries=20**")
        assert "20 highest industries" in view.inner_text()
        assert page.get_by_role("status").inner_text().startswith("The 20 most concentrated industries are shown")
        assert view.locator("svg").first.get_attribute("aria-label")

    def test_a_link_opens_the_page_as_it_was_seen(self, visit):
        page = visit("stage/01_economy?area=E08000035&industries=7")
        assert page.get_by_label("How many industries?").first.input_value() == "7"
        assert "7 highest industries" in page.locator(".live").first.inner_text()

    def test_a_link_with_nonsense_shows_the_usual_and_says_so(self, visit):
        page = visit("stage/01_economy?area=E08000035&industries=%3Cb%3E")
        assert page.get_by_label("How many industries?").first.input_value() == "10"
        assert "from 5 to 30" in page.get_by_role("status").inner_text()

    def test_a_number_outside_its_limits_is_refused_with_a_sentence(self, visit):
        page = visit("stage/01_economy?area=E08000035")
        many = page.get_by_label("How many industries?").first
        many.fill("99")
        many.press("Enter")
        page.locator("#status.fault").wait_for()
        assert "30" in page.get_by_role("status").inner_text()
        assert "10 highest industries" in page.locator(".live").first.inner_text()
        assert "industries=" not in page.url

    def test_what_was_unfolded_stays_so(self, visit):
        page = visit("stage/01_economy?area=E08000035")
        view = page.locator(".live").first
        view.get_by_text("Show the numbers").click()
        page.get_by_label("How many industries?").first.fill("12")
        page.get_by_label("How many industries?").first.press("Enter")
        page.wait_for_url("**industries=12**")
        assert view.get_by_role("table").first.is_visible()

    def test_words_are_explained_in_the_new_figure_too(self, visit):
        page = visit("stage/01_economy?area=E08000035")
        view = page.locator(".live").first
        before = sorted(view.locator("button.term").all_text_contents())
        page.get_by_label("How many industries?").first.fill("12")
        page.get_by_label("How many industries?").first.press("Enter")
        page.wait_for_url("**industries=12**")
        assert before
        assert sorted(view.locator("button.term").all_text_contents()) == before
        view.locator("button.term").filter(visible=True).first.click()
        assert page.locator("[popover]:popover-open").count() == 1

    def test_another_comparator_keeps_the_other_choices(self, visit):
        page = visit("stage/01_economy?area=E08000035&industries=7")
        page.get_by_label("compared with").select_option(label="England")
        page.get_by_role("button", name="Compare").click()
        page.wait_for_url("**comparator=E92000001**")
        assert "industries=7" in page.url
        assert page.get_by_label("How many industries?").first.input_value() == "7"


class TestTools:
    def test_the_large_screen_is_remembered_in_the_link(self, visit):
        page = visit("stage/01_economy?area=E08000035")
        size = "document.querySelector('.talk li').getBoundingClientRect().height"
        before = page.evaluate(size)
        page.get_by_role("button", name="Large screen").click()
        assert page.evaluate(size) > 1.2 * before
        assert "screen=large" in page.url
        again = visit(page.url.partition("/stage/")[1].lstrip("/") + page.url.partition("/stage/")[2])
        assert again.evaluate(size) > 1.2 * before
        assert again.get_by_role("button", name="Large screen").get_attribute("aria-pressed") == "true"
        assert not sideways(again)

    def test_a_word_is_explained_by_a_tap(self, visit):
        page = visit("stage/01_economy?area=E08000035", 390)
        word = page.locator("button.term").filter(visible=True).first
        word.click()
        card = page.locator(f"#{word.get_attribute('popovertarget')}")
        assert card.is_visible()
        page.keyboard.press("Escape")
        assert card.is_hidden()

    def test_printed_it_has_no_tools_and_no_choices(self, visit):
        page = visit("stage/01_economy?area=E08000035")
        page.emulate_media(media="print")
        for gone in (".view-form", ".tools", ".journey-bar", "#status", ".compare select"):
            assert page.locator(gone).first.is_hidden()
        assert page.get_by_role("img").first.is_visible()


class TestTheEndOfAKernel:
    def test_a_page_that_fell_asleep_says_so_and_carries_on_with_its_choices(self, visit, server):
        page = visit("stage/01_economy?area=E08000035&industries=7")
        kernel = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
        server.get(f"voila/api/shutdown/{kernel}", method="POST", data=b"")
        page.get_by_label("Which ones?").first.select_option(index=1)
        page.get_by_role("alert").wait_for()
        assert "gone to sleep" in page.get_by_role("alert").inner_text()
        assert violations(page) == {}
        page.get_by_role("button", name="Carry on").click()
        page.locator("html.ready").wait_for()
        assert page.get_by_label("How many industries?").first.input_value() == "7"
        assert page.get_by_role("alert").count() == 0

    def test_a_page_whose_server_has_gone_says_so_and_stays(self, visit):
        with serving() as other:
            page = visit("stage/01_economy?area=E08000035", url=other.url)
        page.get_by_role("alert").wait_for()
        assert "connection to the toolkit is lost" in page.get_by_role("alert").inner_text()
        assert page.get_by_role("img").first.is_visible()

    def test_a_page_that_is_closed_gives_its_kernel_back(self, visit, server):
        page = visit("stage/01_economy?area=E08000035")
        kernel = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
        watcher = visit("help")
        assert server.get(f"api/kernels/{kernel}")[0] == 200
        page.goto(f"{server.url}help")
        watcher.wait_for_function(
            "async address => (await fetch(address)).status === 404", arg=f"{server.url}api/kernels/{kernel}"
        )

    def test_a_full_server_lets_in_by_itself_who_waits(self, visit):
        with serving("--visitors", "1") as small:
            first = visit("stage/01_economy?area=E08000035", url=small.url)
            second = visit("stage/01_economy?area=York", url=small.url)
            assert second.get_by_role("heading", name="All places are taken").is_visible()
            assert violations(second) == {}
            first.goto(f"{small.url}help")
            second.locator("html.ready").wait_for()
            assert second.get_by_text("York").count() > 0


WIDGET = """
import ipywidgets as widgets
from iitk.views import guard
many, twice = widgets.IntText(value=3, description="Many"), widgets.Label("none")
many.observe(lambda change: setattr(twice, "value", f"twice: {2 * change['new']}"), "value")
guard.allow(many.model_id, "value", lambda sent: type(sent) is int)
widgets.VBox([many, twice])
"""


def test_an_analysts_own_widgets_work_once_they_are_allowed(visit, tmp_path):
    write_notebook(tmp_path / "01_economy.ipynb", WIDGET)
    with serving(IITK_NOTEBOOKS=str(tmp_path)) as other:
        page = visit("stage/01_economy?area=Leeds", url=other.url)
        page.get_by_label("Many").fill("21")
        page.get_by_label("Many").press("Enter")
        page.get_by_text("twice: 42").wait_for()
        assert page.elsewhere == []  # what Voila's script says of its own parts on the console is not ours
