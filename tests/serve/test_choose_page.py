"""The two stages of choosing as people meet them: printed by a run, and served with slider, game and test of doubt."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from iitk.sources import geography
from iitk.stages import portfolios, selection
from tests.accessible import open_all, sideways, violations
from tests.serve.conftest import serving
from tests.stages.choosing import apart

pytestmark = pytest.mark.browser
ADDRESS = "stage/07_choose?area=West%20Yorkshire"
ASKED = "Which few measures are worth the money?"
FOLLOW = {"cards": ".portfolios", "rails": ".rails", "cuts": ".cuts", "not now": ".notnow", "record": ".record-sheet"}


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Nobody's own files, and nothing kept yet."""
    folder = tmp_path_factory.mktemp("alone")
    with apart(folder):
        yield folder


@pytest.fixture(scope="module")
def run(alone):
    command = [sys.executable, "-m", "iitk", "run", "West Yorkshire", "Cornwall", "--stages", "06,07"]
    done = subprocess.run([*command, "--out", str(alone / "out")], capture_output=True, text=True, timeout=300,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return alone / "out"


@pytest.fixture(scope="module")
def url(alone):
    with serving("--out", str(alone / "nothing"), IITK_CACHE=str(alone / "served")) as running:
        yield running.url


@pytest.fixture
def visit(browser):
    """Open an address; returns the page, with its requests to elsewhere and what its console said."""
    opened = []

    def open_page(address, width=1280, ours=("file:", "data:")):
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.set_default_timeout(90_000)  # against hanging only
        opened.append(page)
        page.elsewhere, page.said = [], []
        for kind in ("request", "websocket"):
            page.on(kind, lambda one: page.elsewhere.append(one.url) if not one.url.startswith(ours) else None)
        page.on("console", lambda one: page.said.append(one.text))
        page.on("pageerror", lambda one: page.said.append(str(one)))
        page.goto(address)
        page.get_by_role("heading", level=1).first.wait_for()
        return page

    yield open_page
    for page in opened:
        page.close()


@pytest.fixture
def app(visit, url):
    """Open the served page of stage 7 with more in its address."""

    def open_page(more="", width=1280):
        page = visit(f"{url}{ADDRESS}{more}", width, (url, url.replace("http", "ws", 1), "data:"))
        page.locator("html.ready").wait_for()
        return page

    return open_page


def texts(page):
    """What stands in every part that follows the money."""
    return {name: page.locator(where).first.inner_text() for name, where in FOLLOW.items()}


def status(page):
    return page.locator("#status").inner_text()


def tab_to(page, target):
    for _ in range(120):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not reach it")


def settled(page, before):
    """Wait until the last part that follows has changed."""
    page.wait_for_function("([where, before]) => document.querySelector(where).innerText !== before",
                           arg=[FOLLOW["record"], before["record"]])  # fmt: skip
    page.locator(".live[aria-busy]").wait_for(state="detached")


# Printed


@pytest.mark.parametrize(("slug", "stage", "width"), [
    ("west-yorkshire", "06_options", 390), ("west-yorkshire", "07_choose", 1280), ("west-yorkshire", "07_choose", 390),
    ("cornwall", "06_options", 1280),
])  # fmt: skip
def test_a_printed_page_is_whole_accessible_quiet_and_offline(run, visit, slug, stage, width):
    page = visit((run / slug / stage / "page.html").as_uri(), width)
    record = json.loads((run / slug / stage / "record.json").read_text(encoding="utf-8"))
    assert page.get_by_text(record["headline"]).count() == 1
    assert page.locator("figure.figure svg").count() >= (1 if stage == "06_options" else 11)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert violations(page) == {}
    assert not sideways(page)
    assert page.elsewhere == []
    assert page.said == []


def test_the_pages_of_another_area_show_its_own_facts_beside_the_example(run):
    for stage in ("06_options", "07_choose"):
        cornwall = (run / "cornwall" / stage / "page.html").read_text(encoding="utf-8")
        assert "No options have been written for Cornwall yet" in cornwall
        assert "in West Yorkshire: £" not in cornwall
    assert "in Cornwall: £" in (run / "cornwall" / "06_options" / "page.html").read_text(encoding="utf-8")


def test_a_printed_page_has_the_record_to_sign_and_the_draws(run, visit):
    page = visit((run / "west-yorkshire" / "07_choose" / "page.html").as_uri())
    (decision,) = json.loads((run / "west-yorkshire/07_choose/record.json").read_text(encoding="utf-8"))["decisions"]
    page.emulate_media(media="print")
    sheet = page.locator(".record-sheet")
    assert sheet.is_visible()
    for name in decision["chosen"]:
        assert sheet.get_by_role("rowheader", name=name, exact=True).is_visible()
    assert decision["evidence_hash"][:12] in sheet.inner_text()
    assert page.get_by_text("5,000 draws").count() > 0
    assert page.locator(".portfolios .card").count() == 3
    for card in page.locator(".portfolios .card").all():
        assert card.is_visible()


# Served


@pytest.mark.parametrize("width", [1280, 390])
def test_the_served_page_is_accessible_and_fits(app, width):
    page = app(width=width)
    assert page.get_by_role("heading", level=1).first.inner_text().replace("\n", " ") == ASKED
    slider = page.get_by_role("slider", name="How much money is there?")
    assert slider.get_attribute("aria-valuetext").startswith("100% of £64m")
    open_all(page)
    assert violations(page) == {}
    assert not sideways(page)
    assert page.elsewhere == []
    assert page.said == []


def test_slider_and_scenario_by_keyboard_move_all_that_follows_and_the_link_shows_it_again(app):
    page = app()
    slider = page.get_by_role("slider", name="How much money is there?")
    start, cards = texts(page), page.locator(".live").first.inner_text()
    tab_to(page, slider)
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.wait_for_url("**money=75**")
    settled(page, start)
    less = texts(page)
    assert all(less[name] != start[name] for name in FOLLOW)
    assert page.locator(".live").first.inner_text() != cards  # cards, and what is spent in which year
    found = selection.of(geography.resolve("West Yorkshire"))
    assert status(page) == portfolios.sentence(found, 75)
    assert f"{len(found.best('group', 75).chosen)} options are chosen" in less["rails"]
    assert slider.evaluate("one => one === document.activeElement")
    tab_to(page, page.get_by_label("What if ..."))
    page.keyboard.press("ArrowDown")
    page.wait_for_url("**scenario=grants-shrink**")
    settled(page, less)
    both = texts(page)
    assert all(both[name] != less[name] for name in ("cards", "cuts", "not now", "record"))
    assert status(page) == portfolios.sentence(found, 75, "grants-shrink")
    again = app(f"&{page.url.partition('&')[2]}")
    assert texts(again) == both
    assert again.get_by_role("slider", name="How much money is there?").input_value() == "75"
    assert again.get_by_label("What if ...").input_value() == "1"
    page.reload()
    page.locator("html.ready").wait_for()
    assert texts(page) == both
    assert page.said == []


def test_money_for_which_nothing_keeps_to_the_rules_is_refused_in_a_sentence(app):
    page = app("&scenario=grants-shrink&money=45")
    slider, before = page.get_by_role("slider", name="How much money is there?"), texts(page)
    assert slider.input_value() == "45"
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.locator("#status.fault").wait_for()
    assert "No portfolio keeps to all of these" in status(page)
    page.wait_for_function("() => document.querySelector('[type=range]').value === '45'")
    assert "money=45" in page.url
    assert texts(page) == before


def test_the_doubt_is_worked_out_while_the_page_says_how_far_it_is(app):
    page = app()
    asked = page.get_by_label("Test the choice")
    live = page.locator(".live", has_text="Choose a test")
    page.evaluate("""() => { window.heard = []; new MutationObserver(() => {
        const bar = document.querySelector('progress'); if (bar) window.heard.push(bar.value); }
        ).observe(document.body, {childList: true, subtree: true, attributes: true}); }""")
    asked.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_url("**test=1000**")
    bars = page.locator("figure.figure", has_text="1,000 draws of values and costs")
    bars.first.wait_for()
    assert bars.first.locator("svg").count() >= 1
    heard = page.evaluate("window.heard")
    assert heard
    assert heard == sorted(heard)
    page.locator("progress").wait_for(state="detached")
    assert status(page) == "Tested against 1,000 draws."
    assert live.count() == 0
    again = app("&test=1000")  # kept by now
    assert again.locator("figure.figure", has_text="1,000 draws of values and costs").first.is_visible()


def test_the_budget_game_is_played_with_the_keyboard_and_refuses_what_does_not_fit(app):
    page = app()
    board = page.locator(".game")
    promised = page.get_by_role("checkbox", name="Shared export desk with neighbours", exact=True)
    assert promised.is_checked()
    first = page.get_by_role("checkbox", name="Digital adoption vouchers", exact=True)
    tab_to(page, first)
    page.keyboard.press("Space")
    page.locator("#status").get_by_text("2 options: ").wait_for()
    assert board.locator("tr.in").count() == 2
    rival = page.get_by_role("checkbox", name="Machine tool export mission", exact=True)
    rival.focus()
    page.keyboard.press("Space")
    page.locator("#status.fault").wait_for()
    assert re.search(r"“Machine tool export mission” .*Shared export desk with neighbours", status(page))
    page.wait_for_function("one => !one.checked", arg=rival.element_handle())
    assert board.locator("tr.in").count() == 2
    best = page.get_by_role("checkbox", name="Show the best for the same money")
    best.focus()
    page.keyboard.press("Space")
    page.locator(".game .best").wait_for()
    assert "The same money could bring" in page.locator(".game .best").inner_text()
    assert "game=" in page.url
    again = app(f"&{page.url.partition('&')[2]}")
    assert again.locator(".game").inner_text() == board.inner_text()


def test_on_a_large_screen_and_on_paper_nothing_breaks(app):
    page = app("&screen=large&money=75")
    assert page.get_by_role("button", name="Large screen").get_attribute("aria-pressed") == "true"
    assert not sideways(page)
    more = page.evaluate("[...document.querySelectorAll('.portfolios .card')].map(e => e.scrollWidth - e.clientWidth)")
    assert len(more) == 3
    assert max(more) <= 0
    page.emulate_media(media="print")
    for gone in (".view-form", ".tools", "#status"):
        assert page.locator(gone).first.is_hidden()
    for there in (".portfolios", ".notnow", ".record-sheet"):
        assert page.locator(there).first.is_visible()
    pages = page.pdf(format="A4", print_background=True)
    assert pages.startswith(b"%PDF")
    assert 8 <= len(re.findall(rb"/Type /Page\b", pages)) <= 60
