"""A newcomer follows the budget game of the README, step by step, on the served page: the words are there and work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.serve.conftest import serving

ROOT = Path(__file__).parents[2]
README = re.sub(r"\s+", " ", (ROOT / "README.md").read_text(encoding="utf-8"))
GUIDE = re.sub(r"\s+", " ", (ROOT / "docs/how-to/run-the-budget-game.md").read_text(encoding="utf-8"))
TICKS = (
    "Technician bootcamps", "Shared textile pilot line", "Health data trust", "Faster decisions on employment land",
)  # fmt: skip


@pytest.fixture
def page(browser, tmp_path):
    """The page of the README's command, where nobody has files; it may speak to its own server only."""
    address = "stage/07_choose?area=West%20Yorkshire"
    with serving("--out", str(tmp_path / "outputs"), IITK_AREAS=str(tmp_path / "areas")) as server:
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        elsewhere = []
        opened.on("request", lambda one: one.url.startswith((server.url, "data:")) or elsewhere.append(one.url))
        opened.goto(server.url + address)
        opened.locator("html.ready").wait_for()
        yield opened
        opened.close()
        assert elsewhere == []


@pytest.mark.browser
def test_the_steps_can_be_followed(page):
    for word in ("The budget game", "Large screen", "25% less", "Show the best for the same money", "Copy link"):
        assert f"*{word}*" in README
    page.get_by_role("link", name="The budget game").click()
    game = page.locator(".live", has=page.locator(".game"))
    said, totals = page.get_by_role("status"), game.locator(".totals")
    tick = game.get_by_role("checkbox", name="Shared textile pilot line")
    tick.click()
    expect(said).to_contain_text("needs “Technician bootcamps”: choose that first")
    expect(tick).not_to_be_checked()
    for many, name in enumerate(TICKS, start=2):  # one is promised
        game.get_by_role("checkbox", name=name).click()
        expect(totals).to_contain_text(re.compile(rf"^{many}\s"))
    game.get_by_role("checkbox", name="Buy innovation first in health and care").click()
    refused = re.search(r'"(“Buy innovation[^"]*)"', GUIDE)
    assert refused
    expect(said).to_contain_text(refused[1])

    game.get_by_label("How much money is there?").select_option(label="25% less")
    expect(said).to_contain_text("of £48m spent")
    game.get_by_role("checkbox", name="Show the best for the same money").click()
    expect(game.locator(".best")).to_contain_text("The same money could bring")

    board = totals.inner_text()
    page.goto(page.url)  # the link that is copied
    page.locator("html.ready").wait_for()
    assert page.locator(".game .totals").inner_text() == board
    prompt = page.get_by_text("Build your portfolio with all the money there is").first
    expect(prompt).to_contain_text("10 minutes")
