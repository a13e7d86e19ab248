"""The pages in a real browser: accessible, complete, quiet, and whole at every width."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.accessible import violations

pytestmark = pytest.mark.browser
PAGES = ["leeds/01_economy/page.html", "index.html"]
WIDTHS = [1280, 820, 390, 320]  # 320 is 1280 at a zoom of 400%


@pytest.fixture
def visit(browser, outputs):
    """Open a page of the run at a width; returns the page, its requests to elsewhere and what its console said."""
    opened = []

    def open_page(name: str, width: int):
        page = browser.new_page(viewport={"width": width, "height": 900})
        opened.append(page)
        page.elsewhere, page.said = [], []
        page.on(
            "request",
            lambda request: (
                page.elsewhere.append(request.url) if not request.url.startswith(("file:", "data:")) else None
            ),
        )
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto((Path(outputs) / name).as_uri())
        page.get_by_role("heading", level=1).wait_for()
        return page

    yield open_page
    for page in opened:
        page.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_no_violation_with_everything_closed_and_open(visit, name, width):
    page = visit(name, width)
    assert page.get_by_text("£36.6bn").count() > 0  # an empty page has no faults either
    assert violations(page) == {}
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert violations(page) == {}
    assert page.elsewhere == []
    assert page.said == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways(visit, name, width):
    page = visit(name, width)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_content_is_there(visit):
    page = visit(PAGES[0], 1280)
    for name in (
        "What are we unusually good at?",
        "Which strengths are ours to build on?",
        "Three puzzles",
        "Two gaps",
        "What we decided",
    ):
        assert page.get_by_role("heading", name=name, exact=True).is_visible()
    assert page.get_by_role("img", name="Bar chart").first.is_visible()
    assert page.get_by_role("table", name="Places like Leeds").is_visible()
    assert page.get_by_role("navigation", name="The process").get_by_role("listitem").count() == 11


def test_the_skip_link_is_first_visible_and_works(visit):
    page = visit(PAGES[0], 1280)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    assert skip.evaluate("e => e === document.activeElement")
    box = skip.bounding_box()
    assert box["x"] >= 0
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_where_a_number_comes_from_opens_with_the_keyboard(visit):
    page = visit(PAGES[0], 390)
    summary = page.locator("summary").first
    figures = page.locator("details").first.locator("table")
    assert not figures.is_visible()
    summary.focus()
    page.keyboard.press("Enter")
    assert figures.is_visible()
    assert page.locator("details").first.get_by_text("36,612.4").is_visible()


def test_focus_can_be_seen(visit):
    page = visit(PAGES[0], 1280)
    page.locator("summary").first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    style = page.evaluate("(s => [s.outlineStyle, s.outlineWidth])(getComputedStyle(document.activeElement))")
    assert style == ["solid", "3px"]


def test_a_phone_sees_the_narrow_chart_and_all_eleven_steps(visit):
    page = visit(PAGES[0], 390)
    first = page.locator(".drawing").first
    assert first.locator(".narrow").is_visible()
    assert not first.locator(".wide").is_visible()
    for dot in page.locator(".journey .dot").all():
        box = dot.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["width"] >= 24  # WCAG 2.2, target size
    assert page.get_by_text("Step 1 of 10: Economy").is_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_text_is_large_enough_to_read(visit, width):
    page = visit(PAGES[0], width)
    sizes = page.evaluate(
        "[...document.querySelectorAll('main p, main li, main td, main th, main summary, main dd')]"
        ".filter(e => e.offsetParent && e.innerText.trim()).map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 14
    body = page.locator(".is-prose p").first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert 17 <= body <= 18


def test_the_talk_stands_beside_the_figure_on_a_desk_and_below_it_on_a_phone(visit):
    for width, beside in ((1280, True), (390, False)):
        page = visit(PAGES[0], width)
        figure, talk = (page.locator(f".beside {part}").first.bounding_box() for part in (".figure", ".talk"))
        assert (talk["x"] >= figure["x"] + figure["width"]) is beside
        assert (talk["y"] >= figure["y"] + figure["height"]) is not beside


def test_print_leaves_out_what_paper_cannot_do(visit):
    page = visit(PAGES[0], 720)
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation", name="The process").is_visible()
    assert not page.locator(".provenance").first.is_visible()
    assert page.get_by_text("If it stalls").is_visible()  # the facilitator's nudges print, though closed on the screen
    assert page.locator(".record .ruled").first.is_visible()
    assert page.get_by_text("Source: Regional").first.is_visible()


def test_a_script_that_got_into_a_page_does_not_run(visit, outputs, browser):
    html = (Path(outputs) / PAGES[0]).read_text(encoding="utf-8")
    broken = Path(outputs) / "broken.html"
    broken.write_text(html.replace("</main>", "<script>document.title = 'broken'</script></main>"), encoding="utf-8")
    page = visit("broken.html", 1280)
    broken.unlink()
    assert page.title().startswith("What is our economy?")
    assert any("Content Security Policy" in said for said in page.said)
