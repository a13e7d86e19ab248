"""The help page: it says what a room needs, explains every word, and can be used by everybody."""

from __future__ import annotations

import re

import pytest

from iitk.serve import help as help_page
from iitk.sources import glossary
from iitk.words import escape
from tests.accessible import violations


def test_every_word_has_an_address_an_explanation_and_a_warning():
    html = help_page.page("/")
    entries = dict(re.findall(r'<div id="([a-z0-9-]+)">\s*(<dt>.*?)</div>', html, re.DOTALL))
    assert list(entries) == [one.key for one in glossary.load()]
    for one in glossary.load():
        said = entries[one.key].replace("&#39;", "&#x27;")
        assert escape(one.means) in said
        assert escape(one.beware) in said
        assert all(escape(spelling) in said for spelling in one.also)


def test_every_link_within_the_page_leads_somewhere():
    html = help_page.page("/")
    there = re.findall(r'\bid="([^"]+)"', html)
    assert len(there) == len(set(there))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(there)


def test_it_lives_behind_a_proxy():
    html = help_page.page("/toolkit/")
    own = [link for link in re.findall(r'(?:href|src)="([^"#]+)"', html) if not link.startswith("data:")]
    assert own
    assert all(link.startswith("/toolkit/") for link in own)


@pytest.fixture
def visit(browser, server):
    """Open the help page of a real server at a width; nothing may be asked of anybody else, nor complained of."""
    opened, elsewhere, said = [], [], []

    def open_page(width: int, word: str = ""):
        page = browser.new_page(viewport={"width": width, "height": 900})
        opened.append(page)
        page.on("request", lambda one: one.url.startswith(server.url) or elsewhere.append(one.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{server.url}help{word}")
        page.get_by_role("heading", level=1, name="How do these pages work?").wait_for()
        return page

    yield open_page
    for page in opened:
        page.close()
    assert [one for one in elsewhere if not one.startswith("data:")] == []
    assert said == []


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
def test_no_violation_and_nothing_beyond_the_edge(visit, width):
    page = visit(width)
    for name in ("In a room", "What the badges mean", "When something is in the way", "Accessibility", "Glossary"):
        assert page.get_by_role("heading", name=name, exact=True).is_visible()
    assert page.get_by_text("All places are taken").is_visible()
    assert violations(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
@pytest.mark.slow
def test_a_word_has_a_link_of_its_own(visit):
    page = visit(390, "#shift-share")
    assert page.locator("#shift-share").bounding_box()["y"] >= 0
    page.locator("#shift-share:target").wait_for()
    assert page.get_by_text("Splits an area's growth").is_visible()
    narrow = visit(320)
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 320
