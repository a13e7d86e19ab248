"""What every figure owes its reader: one label, numbers in a table, a source, and a page it cannot break."""

from __future__ import annotations

import html.parser
import os
import pickle
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import altair as alt
import pandas as pd
import pytest
import vl_convert

from iitk.charts import specialisation_bars, svg, theme
from iitk.charts.canvas import Canvas
from iitk.charts.tables import table_html
from iitk.model import Badge

SVG = "{http://www.w3.org/2000/svg}"
CREDIT = {"source": "Regional accounts from the Office for National Statistics"}


def draw(industries, **extra):
    return specialisation_bars(
        industries, area="Ham & Eggs", comparator="UK", period="2023", band="range 2019 to 2023", **CREDIT | extra
    )


def tree(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 (our own drawing)


class Outline(html.parser.HTMLParser):
    """Checks that HTML is balanced, and collects its tags and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict]] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_screen_reader_hears_one_sentence_for_each_drawing(industries):
    figure = draw(industries)
    for narrow in (False, True):
        root = tree(figure.svg(narrow))
        assert root.get("role") == "img"
        assert root.get("aria-label") == figure.alt_text
        inner = [name for element in root.iter() for name in element.attrib if element is not root]
        assert not [name for name in inner if name.startswith("aria-") or name == "role"]


def test_names_from_data_cannot_break_out_of_the_page(industries):
    table = industries.assign(industry=industries["industry"].replace("Farming", "<script>alert(1)</script>"))
    text = draw(table, notes="<b>bold</b>", provenance=["<img src=x onerror=alert(1)>"])._repr_html_()
    assert "<script" not in text
    assert "<img" not in text
    assert "<b>" not in text
    assert "Research &amp; development &lt;labs&gt;" in text
    Outline().feed(text)


def test_html_is_balanced_and_its_parts_are_there(industries):
    page = Outline()
    page.feed(draw(industries, badge=Badge.MODELLED)._repr_html_())
    assert page.open == []
    tags = [tag for tag, _ in page.seen]
    assert [tags.count(name) for name in ("figure", "figcaption", "h3", "svg", "details", "table")] == [
        1,
        1,
        1,
        2,
        2,
        1,
    ]
    regions = [attrs for _, attrs in page.seen if attrs.get("class") == "scroll"]
    assert [(r["tabindex"], r["role"], bool(r["aria-label"])) for r in regions] == [("0", "region", True)]
    assert ("span", {"class": "badge modelled"}) in page.seen


def test_drawings_share_a_page_without_sharing_ids(industries):
    first, second = draw(industries), draw(industries.assign(lq=industries["lq"] * 1.1))
    ids = [set(re.findall(r'\bid="([^"]+)"', figure.svg())) for figure in (first, second)]
    assert not ids[0] & ids[1]


def test_ids_and_their_references_get_the_same_prefix():
    from iitk.charts.svg import _prefix_ids

    root = tree(
        '<svg xmlns:xlink="http://www.w3.org/1999/xlink"><clipPath id="clip0"/><g clip-path="url(#clip0)"/>'
        '<use xlink:href="#clip0"/></svg>'
    )
    _prefix_ids(root, "ab12")
    assert root[0].get("id") == "fab12-clip0"
    assert root[1].get("clip-path") == "url(#fab12-clip0)"
    assert root[2].get("{http://www.w3.org/1999/xlink}href") == "#fab12-clip0"


def test_the_drawing_keeps_its_proportions_and_asks_nobody_for_anything(industries):
    for narrow, width in ((False, "760"), (True, "340")):
        svg = draw(industries).svg(narrow)
        root = tree(svg)
        assert root.get("viewBox").split()[2] == width
        assert root.get("width") is None
        assert root.get("height") is None
        assert "http" not in svg.replace("http://www.w3.org/", "")


def test_text_is_never_under_16_px_in_a_drawing(industries):
    for narrow in (False, True):
        root = tree(draw(industries).svg(narrow))
        sizes = {element.get("font-size") for element in root.iter() if element.get("font-size")}
        assert min(float(size.removesuffix("px")) for size in sizes) >= 16


def test_all_text_lies_on_the_sheet(industries):
    from iitk.charts.fonts import text_width

    for narrow, width in ((False, 760), (True, 340)):
        for element in tree(draw(industries).svg(narrow)).iter("{http://www.w3.org/2000/svg}text"):
            x = float(re.search(r"translate\(([-\d.]+)", element.get("transform"))[1])
            wide = text_width(element.text, 16, bold=element.get("font-weight") == "600")
            left = x - {"start": 0, "middle": wide / 2, "end": wide}[element.get("text-anchor")]
            assert left >= -0.5, element.text
            assert left + wide <= width + 0.5, element.text


def test_a_figure_survives_pickling(industries):
    figure = draw(industries)
    svg = figure.svg()
    again = pickle.loads(pickle.dumps(figure))  # noqa: S301 (our own bytes)
    assert again.svg() == svg
    assert again.svg(narrow=True) == figure.svg(narrow=True)
    assert again._repr_html_() == figure._repr_html_()


def test_the_drawing_is_made_once(industries):
    figure = draw(industries)
    assert figure.svg() is figure.svg()


def test_words_written_after_drawing_stand_where_vega_would_have_written_them():
    sheet = Canvas(300, 120)
    sheet.rects([{"x": 0, "y": 0, "x2": 300, "y2": 120}], fill="#eee")
    rows = [{"x": 9, "y": 20, "text": " Ham & <Eggs> “now” "}, {"x": 9, "y": 60, "text": ["two", "lines"]}]
    sheet.texts(rows, halo="#fff")
    sheet.dots([{"x": 50, "y": 50, "r": 4}], fill="red")
    sheet.texts([{"x": 290, "y": 100, "text": "1,250.5"}, {"x": 9, "y": 100, "text": ""}], align="right", bold=True)
    alone = Canvas(80, 20)
    alone.texts([{"x": 4, "y": 10, "text": "one layer"}])
    for chart in (sheet.chart(), alone.chart()):
        by_vega, drawn = (
            [(each.get("transform"), each.get("fill"), each.text) for each in tree(whole).iter(f"{SVG}text")]
            for whole in (vl_convert.vegalite_to_svg(chart.to_dict(), config=theme.config()), svg.draw(chart, label=""))
        )
        assert len(drawn) in (1, 8)
        assert drawn == by_vega


def test_a_chart_of_any_kind_is_drawn_with_its_words():
    chart = alt.Chart(alt.InlineData(values=[{"a": "Leeds"}])).mark_text().encode(text="a:N")
    assert "Leeds" in svg.draw(chart, label="")


def test_a_drawing_does_not_depend_on_those_before_it():
    chart = alt.Chart(alt.InlineData(values=[{"a": 1}, {"a": 2}])).mark_line(clip=True).encode(x="a:Q", y="a:Q")
    first = svg.draw(chart, label="")
    assert "url(#" in first
    assert svg.draw(chart, label="") == first


def test_importing_the_charts_does_not_load_the_drawing_engine():
    code = "import sys, iitk.charts; print('vl_convert' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_drawing_after_a_fork_is_refused_rather_than_waiting_for_ever():
    code = """
import os, altair as alt
from iitk.charts.svg import draw
chart = alt.Chart(alt.InlineData(values=[{"a": 1}])).mark_point().encode(x="a:Q")
before = os.fork()
if before == 0:
    draw(chart, label="x")
    os._exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(before, 0)[1]))
draw(chart, label="x")
after = os.fork()
if after == 0:
    try:
        draw(chart, label="x")
    except RuntimeError:
        os._exit(4)
print(os.waitstatus_to_exitcode(os.waitpid(after, 0)[1]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["3", "4"]


def test_specs_are_valid_vega_lite(industries):
    figure = draw(industries)
    for chart in (figure.chart, figure.narrow):
        assert chart.to_dict(validate=True)["$schema"].startswith("https://vega.github.io/schema/vega-lite/")


def test_png_for_slides(industries):
    assert draw(industries).png(scale=1)[:8] == b"\x89PNG\r\n\x1a\n"


def test_missing_suppressed_and_zero_stay_three_different_things():
    table = pd.DataFrame(
        {"Place": ["a", "b", "c"], "Jobs": [0.0, None, None], "reason": ["", "suppressed: fewer than 5 firms", ""]}
    )
    text = table_html(table, label="Numbers")
    cells = re.findall(r'<td class="number">(.*?)</td>', text)
    assert cells == ["0", "not available (suppressed: fewer than 5 firms)", "not available"]
    assert "reason" not in re.findall(r"<th[^>]*>(.*?)</th>", text)


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([12300, 450], ["12,300", "450"]),
        ([1.743, 0.5], ["1.74", "0.50"]),
        ([36612.4, 0.04], ["36,612", "0.04"]),
        ([-120.44, 3.0], ["−120.4", "3.0"]),
    ],
)
def test_numbers_in_tables(values, written):
    text = table_html(pd.DataFrame({"Place": ["a", "b"], "Value (£m)": values}), label="Numbers")
    assert re.findall(r'<td class="number">(.*?)</td>', text) == written


def test_years_have_no_thousands_separator():
    table = pd.DataFrame({"Place": ["a"], "Year": [2023], "Value (£m)": [2023]})
    assert re.findall(r'<td class="number">(.*?)</td>', table_html(table, label="x")) == ["2023", "2,023"]


def test_what_a_notebook_keeps_beside_the_drawing_is_one_line(industries):
    figure = draw(industries)
    assert repr(figure) == f"<Figure {figure.key}: {figure.title}>"
