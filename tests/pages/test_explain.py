"""Words of the glossary on a page: marked where they help, nowhere else, without harm, and usable by everybody."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.publish.clean import safe_html
from iitk.publish.explain import explain, style
from iitk.sources import glossary
from tests.accessible import violations

_BUTTON = re.compile(r'<button type="button" class="term" popovertarget="term-([a-z0-9-]+)">([^<]*)</button>')
_CARD = re.compile(r'<dialog popover id="term-([a-z0-9-]+)".*?</dialog>', re.DOTALL)


def marked(html: str, **options: str) -> list[str]:
    """The words that were made to tap, as the page says them."""
    return [said for _, said in _BUTTON.findall(explain(html, **options))]


def without(html: str) -> str:
    """An explained page as it was."""
    return _BUTTON.sub(r"\2", _CARD.sub("", html))


class Reader(HTMLParser):
    """Lists what a browser would meet."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.met: list[object] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.met.append((tag, attrs))

    def handle_endtag(self, tag):
        self.met.append(tag)


def test_the_first_use_in_each_part_is_marked_with_one_card_for_all():
    page = explain("<p>The quotient. A Quotient.</p><h2>Two</h2><p>Location\n quotients &amp; LQ, shift-share</p>")
    assert _BUTTON.findall(page) == [
        ("location-quotient", "quotient"), ("location-quotient", "Location\n quotients"),
        ("shift-share", "shift-share"),
    ]  # fmt: skip
    assert _CARD.findall(page) == ["location-quotient", "shift-share"]
    one = next(one for one in glossary.load() if one.key == "location-quotient")
    assert f"<p>{one.means.replace(chr(39), '&#x27;')}</p>" in page
    assert one.beware in page


def test_what_is_quoted_is_a_name_or_a_word_of_somebody_else():
    assert marked("<p>“Export desk with shift-share”, lens, “a quotient</p><p>quotient” shift-share</p>") == [
        "lens", "quotient", "shift-share"]  # fmt: skip


def test_the_longest_spelling_wins_and_only_whole_words_count():
    assert marked("<p>value added per hour worked</p>") == ["value added per hour worked"]
    assert marked("<p>relatednessx xlens lens-like mis-lens &lens; prelocal effects</p>") == []
    assert marked("<p>(lens), ‘lenses’ lens’s</p>") == ["lens"]


@pytest.mark.parametrize(
    "quiet",
    [
        "<h1>{}</h1>", "<h2>{}</h2>", '<h3>1 <span class="big">{}</span></h3>', '<a href="#">{}</a>',
        "<button>{}</button>", "<svg><g><text>{}</text></g></svg>", "<svg><svg></svg><text>{}</text></svg>",
        "<code>{}</code>", "<details><summary>{}</summary></details>",
        "<table><thead><tr><th>{}</th></tr></thead></table>",
        "<figure><figcaption><h3>{}</h3></figcaption></figure>", "<nav><p>{}</p></nav>", "<dl><dt>{}</dt></dl>",
        '<span class="unseen">{}</span>', '<p class="a source">{}</p>', '<p aria-hidden="true"><b>{}</b></p>',
        '<div role="img" title="{}">{}</div>', '<footer class="foot-page"><p>{}</p></footer>', '<p title="{}">x</p>',
        "<style>{}</style>", "<!-- {} -->", "<p aria-label='{}'>x</p>",
    ],
)  # fmt: skip
def test_what_is_no_running_text_stays_as_it_is(quiet):
    html = quiet.replace("{}", "shift-share")
    assert explain(html) == html
    assert marked(f"{html}<p>then shift-share</p>") == ["shift-share"]


def test_what_can_be_unfolded_does_not_use_up_a_word_and_does_not_repeat_one():
    inside = "<details><summary>More</summary><p>lens, shift-share, shift-share</p></details>"
    assert marked(f"<p>lens</p>{inside}<p>shift-share</p>") == ["lens", "shift-share", "shift-share"]


def test_a_mark_in_a_list_a_note_or_a_badge():
    badge = '<span class="badge observed">observed</span>'
    assert marked(f'<ul><li>a <em>lens</em></li></ul><p class="notes">shift-share</p>{badge}') == [
        "lens", "shift-share", "observed",
    ]  # fmt: skip


def test_cards_stand_at_the_end_of_the_body():
    page = explain('<html><body><p title="</body>">A lens.</p>\n</body></html>')
    assert re.search(r"</p>\n<dialog .*</dialog></body></html>$", page, re.DOTALL)
    assert explain("<p>A lens.</p>").endswith("</dialog>")


def test_a_page_explained_twice_is_the_same():
    once = explain("<body><p>A lens and shift-share. A lens.</p><h2>x</h2><p>A lens, a quotient.</p></body>")
    assert explain(once) == once


def test_where_there_is_a_whole_glossary_each_card_leads_to_its_word():
    page = explain("<p>A lens.</p>", glossary_href='/a"b/help')
    assert '<a href="/a&quot;b/help#lens">All words</a>' in page
    assert "<a " not in explain("<p>A lens.</p>")


def test_what_people_wrote_into_the_glossary_is_text(tmp_path, monkeypatch):
    hostile = "<script>alert(1)</script>"
    (tmp_path / "glossary.toml").write_text(
        f"[a]\nterm = 'a \"{hostile}'\nmeans = '{hostile}'\nbeware = '{hostile}\"'\nalso = ['plain (word']\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("IITK_DATA", str(tmp_path))
    page = explain("<p>A plain (word here.</p>")
    assert _BUTTON.findall(page) == [("a", "plain (word")]
    assert "<script" not in page
    assert page.count("&lt;script") == 4


_PIECES = st.sampled_from([
    "shift-share", "lens", '"', "'", ">", "<", "</svg>", "</table>", "</p>", "<svg>", "<!--", "-->", "</body>",
    "&quot;", " ", "=", "onerror=alert(1)", "&", "<p>", "<a title='", "<b>", "\n", "<details>", "</details>", "<h2>",
])  # fmt: skip
_WORDS = st.lists(_PIECES, max_size=6).map("".join)


@given(_WORDS, _WORDS, _WORDS, _WORDS)
def test_nothing_but_text_is_touched_whatever_people_wrote(title, drawn, text, rest):
    """Quotes and tags within attributes and texts never become attributes and tags of ours, or end one."""
    attribute = title.replace('"', "&quot;")  # < and > may stand in one, if not from our cleaner
    text, drawn, rest = safe_html(text), safe_html(drawn), safe_html(rest)
    html = f'<p title="{attribute}">{text}</p><svg aria-label="{attribute}"><text>{drawn}</text></svg>{rest}<p>lens</p>'
    page = explain(html)
    assert without(page) == html
    kept = [one for one in Reader(_CARD.sub("", page)).met if one != "button" and one[0] != "button"]
    assert kept == Reader(html).met


@pytest.fixture
def explained(outputs, tmp_path) -> Path:
    """A page of a run, with its words explained."""
    html = (outputs / "leeds" / "01_economy" / "page.html").read_text(encoding="utf-8")
    page = explain(html, glossary_href="#main").replace("</style>", f"{style()}</style>", 1)
    assert without(page).replace(style(), "") == html
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    return tmp_path / "page.html"


@pytest.fixture
def visit(browser, explained):
    """Open the explained page at a width; all that its console said must be nothing."""
    opened = []

    def open_page(width: int, part: str = ""):
        page = browser.new_page(viewport={"width": width, "height": 900})
        opened.append(page)
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(explained.as_uri() + part)
        page.get_by_role("heading", level=1).wait_for()
        return page

    yield open_page
    for page in opened:
        page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_no_violation_with_all_closed_and_with_a_card_open(visit, width):
    page = visit(width, "#main")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.locator("button.term:visible").count() >= 10
    assert violations(page) == {}
    page.locator("button.term", has_text="quotient").first.click()
    assert page.get_by_role("dialog", name="Location quotient").is_visible()
    assert violations(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.said == []


@pytest.mark.browser
def test_with_the_keyboard_a_card_opens_closes_and_gives_the_focus_back(visit):
    page = visit(1280)
    term = page.locator("button.term", has_text="quotient").first
    card = page.get_by_role("dialog", name="Location quotient")
    for opening in ("Enter", "Space"):
        term.focus()
        page.keyboard.press(opening)
        card.wait_for()
        assert card.evaluate("e => e.contains(document.activeElement)")
        assert "divided by its share" in card.inner_text()
        page.keyboard.press("Escape")
        card.wait_for(state="hidden")
        assert term.evaluate("e => e === document.activeElement")
    page.keyboard.press("Enter")
    card.get_by_role("button", name="Close").press("Enter")
    card.wait_for(state="hidden")
    assert term.evaluate("e => e === document.activeElement")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_a_card_is_whole_on_the_screen_and_leaves_its_word_in_sight(visit, width):
    page = visit(width)
    for term in page.locator("button.term:visible").all()[:6]:
        term.click()
        card, word = page.locator("dialog:popover-open").bounding_box(), term.bounding_box()
        assert card["x"] >= 0
        assert card["x"] + card["width"] <= width
        assert card["y"] >= 0
        assert card["y"] + card["height"] <= 900
        assert word["height"] >= 18
        if width == 1280:
            assert card["y"] >= word["y"] + word["height"] or card["y"] + card["height"] <= word["y"]
        page.keyboard.press("Escape")


@pytest.mark.browser
def test_paper_shows_the_words_plainly(visit):
    page = visit(720)
    term = page.locator("button.term:visible").first
    term.click()
    page.emulate_media(media="print")
    assert term.is_visible()
    assert term.evaluate("e => getComputedStyle(e).textDecorationLine") == "none"
    assert page.locator("dialog:visible").count() == 0


@pytest.mark.parametrize("broken", ["<h2" * 5000, "<table>" * 5000, "<p a='" * 500, "<table><tr>" * 5000 + "</table>"])
def test_what_is_no_html_is_passed_over_without_trying_it_twice(broken):
    assert explain(broken) == broken  # hangs if each character can be taken in more than one way
