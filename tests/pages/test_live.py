"""Figures with choices on served pages: what stays of them, and that static pages have none."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from iitk.publish.clean import safe_html, safe_live
from iitk.publish.page import build_inside

WIDGET = "application/vnd.jupyter.widget-view+json"
FORM = (
    '<div class="live" data-model="m1"><div class="view-form"><div class="field"><label for="field-a">Which?</label>'
    '<select id="field-a" data-field="a" data-trait="index"><option value="0" selected>One</option></select></div>'
    '</div><div class="live-shown"><div class="view" data-view="v" data-keys="k" data-query="" data-status="">{}</div>'
    "</div></div>"
)
FIGURE = '<figure class="figure"><figcaption><h3>A finding</h3></figcaption></figure>'
CARDS = '<section class="lenses"><h3>Cards</h3></section>'


def shown(html, *, live, widget=True):
    data = {"text/plain": "Screen"} | ({"text/html": html} if html else {})
    data |= {WIDGET: {"model_id": "m"}} if widget else {}
    talk = {"text/plain": "t", "text/html": '<aside class="talk"><h3>Talk</h3></aside>'}
    cells = [new_code_cell("x", outputs=[new_output("display_data", data=one)]) for one in (data, talk)]
    return str(build_inside(new_notebook(cells=cells), title="T", live=live))


def test_a_served_page_keeps_the_form_and_what_it_shows():
    page = shown(FORM.format(FIGURE), live=True)
    assert '<select id="field-a" data-field="a" data-trait="index">' in page
    assert 'data-model="m1"' in page
    assert "A finding" in page
    assert "vnd.voila" not in page


def test_a_static_page_has_neither_form_nor_widget():
    page = shown(FORM.format(FIGURE), live=False)
    assert "select" not in page
    assert "Screen" not in page
    assert "Talk" in page


def test_a_figure_shares_its_row_with_the_talk_and_cards_do_not():
    assert 'class="beside"' in shown(FORM.format(FIGURE), live=True)
    assert 'class="beside"' not in shown(FORM.format(CARDS), live=True)


def test_any_other_widget_is_for_voilas_script_on_a_served_page_only():
    assert '<script type="application/vnd.voila.cell-output+json">' in shown("", live=True)
    assert "<script" not in shown("", live=False)
    assert "<script" not in shown("", live=True, widget=False)


def test_a_widgets_own_data_cannot_end_the_script():
    data = {WIDGET: {"model_id": "</script><img src=x onerror=alert(1)>"}, "text/plain": "w"}
    book = new_notebook(cells=[new_code_cell("x", outputs=[new_output("display_data", data=data)])])
    page = str(build_inside(book, title="T", live=True))
    assert "onerror" in page
    assert "<img" not in page
    assert page.count("</script>") == 1


@pytest.mark.parametrize(
    "bad",
    [
        '<select onchange="alert(1)" data-field="a"></select>', '<input autofocus onfocus="alert(1)">',
        "<script>1</script>", '<input type="image" src="https://elsewhere.example/x">',
        '<label style="background:url(https://e.example)">x</label>', '<option onclick="alert(1)">x</option>', '<form action="https://elsewhere.example"><input></form>',
    ],
)
def test_a_form_brings_nothing_that_acts_or_asks_elsewhere(bad):
    cleaned = safe_live(f'<div class="live">{bad}</div>')
    for gone in ("alert", "elsewhere", "e.example", "<script", "<form"):
        assert gone not in cleaned


def test_only_served_figures_may_have_controls():
    assert "<select" not in safe_html(FORM.format(FIGURE))
    assert "data-field" not in safe_html(FORM.format(FIGURE))
