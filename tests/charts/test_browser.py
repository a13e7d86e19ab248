"""The charts in a real browser: legible at every width, no word on another, nothing for axe to find."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iitk.charts import (
    comparison_lines,
    country_map,
    growth_against_specialisation,
    indicator_strip,
    lens_bars,
    local_effect_bars,
    productivity_gap_bars,
    shift_share_waterfall,
    specialisation_bars,
)
from iitk.charts.fonts import font_face_css
from tests.accessible import violations

pytestmark = pytest.mark.browser
AREA = {"area": "Ham & Eggs", "source": "Regional accounts from the Office for National Statistics"}

SHOWN = """() => [...document.querySelectorAll('.drawing')].map(drawing => {
  const shown = [...drawing.querySelectorAll('svg')].filter(svg => svg.getBoundingClientRect().width > 0);
  const words = shown.flatMap(svg => [...svg.querySelectorAll('text')].map(text => {
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const box = text.getBoundingClientRect(), air = box.height * 0.2;
    return {text: text.textContent, size: scale * parseFloat(getComputedStyle(text).fontSize),
            box: [box.left + 1, box.top + air, box.right - 1, box.bottom - air]};
  }));
  const edge = shown[0].getBoundingClientRect();
  return {shown: shown.length, words, right: edge.right, left: edge.left};
})"""


@pytest.fixture
def page(browser, industries, series, squares):
    """A page of all charts, in a column as wide as the window less 16 px."""
    effects = pd.DataFrame([{"national": 340.0, "mix": -40.0, "local": -345.0}])
    split = industries.assign(local=[90.0, -60, 30, -20, 10, 5, -400, np.nan])
    gap = industries.assign(mix=[90.0, -60, 30, -20, 10, 5, -400, np.nan], within=1.0).assign(
        total=lambda t: t["mix"] + 1
    )
    lenses = pd.DataFrame(
        {"name": ["Life sciences", "Defence"], "share": [0.02, np.nan], "least": [0.01, np.nan],
         "most": [0.05, np.nan], "reference_share": [0.01, 0.02]}
    )  # fmt: skip
    ranks = pd.DataFrame(
        {"indicator": ["pay", "co2"], "label": ["Weekly pay", "Greenhouse gas emissions per head of population"],
         "unit": ["£ per week", "tonnes per head"], "value": [700.0, np.nan], "better": ["higher", ""],
         "rank": [2, np.nan], "of": [4, 0]}
    )  # fmt: skip
    others = pd.DataFrame({"pay": [500.0, 600, 700, 800], "co2": [2.0, 4, 6, 8]})
    figures = [
        specialisation_bars(industries, period="2023", **AREA),
        shift_share_waterfall(effects, period="2013 to 2023", **AREA),
        local_effect_bars(split, period="2013 to 2023", **AREA),
        growth_against_specialisation(industries, pace=0.01, **AREA),
        comparison_lines(series, base=100, **AREA),
        lens_bars(lenses, **AREA),
        indicator_strip(ranks, others, among="towns", **AREA),
        productivity_gap_bars(gap, period="2021", **AREA),
        country_map(squares, area_codes=["E04"], neighbour_codes=["E01", "E03"], peer_codes=["E00"], area="Part 4"),
    ]
    body = "".join(figure._repr_html_() for figure in figures)
    opened = browser.new_page()
    opened.elsewhere = []
    opened.on("request", lambda request: opened.elsewhere.append(request.url))
    opened.set_content(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>All charts</title>'
        f"<style>{font_face_css()} body{{margin:8px;font-family:'Source Sans 3'}} .figure{{margin:0}}</style>"
        f"<main><h1>All charts</h1><h2>Nine</h2>{body}</main></html>"
    )
    opened.evaluate("document.fonts.ready.then(() => true)")
    yield opened
    opened.close()


@pytest.mark.parametrize("width", [1280, 680, 640, 620, 390, 320, 296])
def test_each_chart_is_legible_and_whole_at_every_width(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    drawings = page.evaluate(SHOWN)
    assert len(drawings) == 9
    for drawing in drawings:
        assert drawing["shown"] == 1
        assert drawing["left"] >= 0
        assert drawing["right"] <= width
        assert drawing["words"], "a drawing without words shows nothing"
        smallest = min(drawing["words"], key=lambda word: word["size"])
        assert smallest["size"] >= 13, smallest
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 390])
def test_no_word_stands_on_another(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    for drawing in page.evaluate(SHOWN):
        # A word with a halo is drawn twice in the same place.
        words = list({(word["text"], *map(round, word["box"])): word for word in drawing["words"]}.values())
        for i, one in enumerate(words):
            for other in words[:i]:
                (l1, t1, r1, b1), (l2, t2, r2, b2) = one["box"], other["box"]
                apart = r1 <= l2 or r2 <= l1 or b1 <= t2 or b2 <= t1
                assert apart, (one["text"], other["text"])


def test_axe_finds_nothing_and_nothing_is_fetched(page):
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert violations(page) == {}
    assert [url for url in page.elsewhere if not url.startswith("data:")] == []
