"""Stages 6 and 7 as a page: every block survives, reads well at every width, and the record prints on one sheet."""

from __future__ import annotations

import importlib.util
import re
from html import unescape
from pathlib import Path

import pytest

from iitk.publish.arrange import arrange
from iitk.publish.clean import safe_html
from tests.accessible import violations


def load():
    spec = importlib.util.spec_from_file_location("choices_pages", Path(__file__).with_name("choices.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def choices():
    return load()


@pytest.fixture(scope="module")
def html(choices) -> str:
    return choices.page()


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def shown(notebook) -> list[str]:
    return [o.data["text/html"] for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]


def test_the_cleaner_keeps_every_word_class_and_drawing_of_the_blocks(choices):
    made = shown(choices.notebook())[2:]
    assert len(made) == 12
    for block in made:
        cleaned = safe_html(block)
        assert plain(cleaned) == plain(block)
        for what in ("<rect", "<details", "<abbr", 'role="note"', 'aria-hidden="true"', 'scope="'):
            assert cleaned.count(what) == block.count(what), what
        classes = [re.findall(r'class="?([\w -]+)', text) for text in (block, cleaned)]
        assert classes[0] == classes[1] or sorted(" ".join(classes[0]).split()) == sorted(" ".join(classes[1]).split())


def test_every_block_is_a_part_of_its_own_and_broad_ones_take_the_whole_width(choices):
    kinds = [cell.metadata["page"]["kind"] for cell in arrange(choices.notebook(), title="Which few?").cells]
    blocks = [kind for kind in kinds if kind not in {"heading", "prose", "stage", "lead"}]
    assert blocks == ["broad", "trace", "broad", "rails", *["broad"] * 5, "numbers", *["broad"] * 2]


def test_a_talk_may_stand_beside_a_trace_but_not_beside_portfolios(choices):
    module = choices.real()
    talk = module.shown(module.blocks.Talk(module.PROMPT))
    for made, beside in ((choices.trace(choices.options.example().options[0]), True), (choices.portfolios(), False)):
        page = arrange(
            module.nbformat.v4.new_notebook(cells=[module.text("## Which?"), module.shown(made), talk]), title="Which?"
        )
        assert any("beside-talk" in cell.metadata["page"]["before"] for cell in page.cells) is beside


def test_the_page_says_what_each_block_says(html):
    text = plain(html)
    for expected in (
        "Serves: Technical textiles and advanced materials", "Why is “Shared textile pilot line” here?",
        "Who could change this", "2 warnings before you decide", "The group’s choice", "£1.2m over", "25% less money",
        "What would have to change", "Gives 40 of 100 points to fairness", "Judgement, to be confirmed",
        "30 November 2028",
    ):  # fmt: skip
        assert expected in text


@pytest.fixture
def visit(browser, html, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(html, encoding="utf-8")
    opened = []

    def open_page(width: int):
        page = browser.new_page(viewport={"width": width, "height": 900})
        opened.append(page)
        page.goto(file.as_uri())
        page.get_by_role("heading", level=1).wait_for()
        return page

    yield open_page
    for page in opened:
        page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_no_violation_with_everything_closed_and_open(visit, width):
    page = visit(width)
    assert page.get_by_text("The group’s choice").count() == 1
    assert violations(page) == {}
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert violations(page) == {}


# The print area of a sheet, in CSS pixels: 210 by 297 mm less the margins of the page.
ACROSS_A4, DOWN_A4 = int((210 - 28) / 25.4 * 96), int((297 - 32) / 25.4 * 96)
OUTSIDE = """() => [...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll') && !e.closest('.unseen')
  && !e.matches('.unseen') && !e.closest('.journey, .contents') && e.getBoundingClientRect().width > 0
  && (e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1))
  .map(e => e.outerHTML.slice(0, 80))"""
CUT = """() => [...document.querySelectorAll('.card *, .paper *')].filter(e => !e.closest('.scroll')
  && getComputedStyle(e).display != 'inline' && !e.matches('.unseen') && !e.closest('svg')
  && e.scrollWidth > e.clientWidth + 1).map(e => e.outerHTML.slice(0, 80))"""


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 1000, 820, 390, 320])
def test_nothing_is_cut_or_scrolls_sideways(visit, width):
    page = visit(width)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(CUT) == []


@pytest.mark.browser
def test_three_portfolios_stand_level_on_a_wide_screen_and_in_a_column_on_a_phone(visit):
    tops = "() => [...document.querySelectorAll('.portfolio')].map(e => e.getBoundingClientRect().top)"
    rows = """() => [0, 1, 2, 3, 4, 5, 6, 7].map(n => new Set([...document.querySelectorAll('.portfolio')]
      .map(e => Math.round(e.children[n].getBoundingClientRect().top))).size)"""
    page = visit(1280)
    assert len(set(page.evaluate(tops))) == 1
    assert page.evaluate(rows) == [1] * 8
    page = visit(390)
    assert len(set(page.evaluate(tops))) == 3


@pytest.mark.browser
def test_nothing_is_wider_than_a_printed_sheet_nor_a_card_longer(visit):
    page = visit(1280)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": ACROSS_A4, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= ACROSS_A4
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(CUT) == []
    assert page.evaluate("document.querySelector('#part-5').offsetHeight") <= DOWN_A4  # portfolios and their marks
    whole = ".option, .portfolio, .cuts .card, .notnow li, .trace, .rails, .record-sheet"
    heights = page.evaluate(f"[...document.querySelectorAll('{whole}')].map(e => [e.offsetHeight, e.className])")
    assert len(heights) > 40
    assert max(heights)[0] <= DOWN_A4, max(heights)
    kept = page.evaluate(f"[...document.querySelectorAll('{whole}')].map(e => getComputedStyle(e).breakInside)")
    assert set(kept) == {"avoid"}


@pytest.mark.browser
def test_the_record_fits_on_one_printed_sheet(visit):
    page = visit(1280)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": ACROSS_A4, "height": 1000})
    # With its question: filled in, and with everything open.
    heights = page.evaluate("[11, 12].map(n => document.querySelector(`#part-${n}`).getBoundingClientRect().height)")
    assert 300 < min(heights) <= max(heights) <= DOWN_A4 - 30  # a little room for longer words
    ruled = page.evaluate("[...document.querySelectorAll('#part-11 .sign-here .ruled')].map(e => e.offsetHeight)")
    assert len(ruled) == 12  # four people: name, signature, date
    assert min(ruled) > 0
