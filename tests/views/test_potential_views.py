"""What a room can choose in stage 3, without a browser: State, form, what follows, links, and what is refused."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from iitk.errors import UsageError
from iitk.publish.arrange import arrange
from iitk.stages import potential as stages
from iitk.stages import quadrants
from iitk.stages.quadrants import Rule
from iitk.views import guard
from iitk.views import potential as views
from iitk.views.state import from_query, kinds, to_query, with_value

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def printed():
    return stages.prepare("Leeds")


@pytest.fixture
def app(monkeypatch):
    """A page of the app with this link's choices."""

    def opened(query=""):
        monkeypatch.setenv("IITK_APP", "1")
        monkeypatch.setenv("QUERY_STRING", query)
        return stages.prepare("Leeds")

    return opened


def marks(page: str) -> dict[str, str]:
    return {name: html.unescape(text) for name, text in re.findall(r'data-(\w+)="([^"]*)"', page.split(">", 1)[0])}


def test_outside_an_app_a_view_is_what_the_stage_made(printed, monkeypatch):
    monkeypatch.delenv("IITK_APP", raising=False)
    assert views.strength_and_growth(printed) is printed.figures["quadrants"]
    assert views.industries(printed) is printed.blocks["industries"]
    assert views.lenses(printed) is printed.figures["lenses_2025"]
    assert views.lens_cards(printed) is printed.blocks["lenses_2025"]


def test_outside_an_app_no_widget_is_imported():
    code = """
import sys
sys.modules["anywidget"] = None  # which Altair would import, and with it the widgets
from iitk.stages import mandate as m, potential as p
from iitk.views import mandate, potential
one, two = m.prepare("Leeds"), p.prepare("Leeds")
shown = [mandate.where(one), mandate.like_us(one), mandate.card(one), potential.strength_and_growth(two)]
shown += [potential.industries(two), potential.lenses(two), potential.lens_cards(two)]
print(len(shown), "ipywidgets" in sys.modules)
"""
    outside = {name: value for name, value in os.environ.items() if name != "IITK_APP"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=outside, check=True)
    assert done.stdout.split() == ["7", "False"]


def test_the_usual_state_is_the_usual_rule():
    assert views.Sorting().rule == Rule()
    changed = with_value(with_value(views.Sorting(), "strong", "1.25"), "smallest", 50)
    assert changed.rule == Rule(1.25, "area", 50, 10)
    assert from_query(views.Sorting, to_query(changed)) == (changed, "")


@pytest.mark.parametrize(
    ("name", "value"),
    [("strong", 1.25), ("strong", "2"), ("growing", "sideways"), ("smallest", 7), ("years", 2), ("years", "10")],
)
def test_no_value_leads_out_of_the_schema(name, value):
    with pytest.raises(UsageError, match=kinds(views.Sorting)[name].label):
        with_value(views.Sorting(), name, value)


def test_every_field_has_a_visible_label_and_changes_what_is_shown(app):
    stage = app()
    screen = views.strength_and_growth(stage)
    page = screen._repr_mimebundle_()["text/html"]
    for name, value in {"strong": "1.25", "growing": "zero", "smallest": 50, "years": 15}.items():
        control, before = screen.controls[name], screen.figure.value
        assert control.description
        assert f'<label for="field-{control.model_id}">' in page
        control.value = value
        assert getattr(screen.state, name) == value
        assert screen.figure.value != before
    assert "faster than the whole economy of Leeds" in page
    assert marks(screen.figure.value)["query"] == "strong=1.25&growing=zero&smallest=50&years=15"


def test_figure_list_and_status_follow_one_choice(app):
    stage = app()
    screen, listed = views.strength_and_growth(stage), views.industries(stage)
    usual = listed.figure.value
    screen.controls["growing"].value = "comparator"
    screen.controls["strong"].value = "1.5"
    found = quadrants.sort(stage.area, stage.comparator, Rule(1.5, "comparator"))
    figure = quadrants.figure(found)
    for text in (figure.title, figure.alt_text, figure.notes):
        assert html.escape(text, quote=False).replace("'", "&#x27;") in screen.figure.value
    assert figure._repr_html_() in screen.figure.value
    assert quadrants.block(found)._repr_html_() in listed.figure.value
    status = f"Industries are sorted again: {quadrants.sentence(found)}"
    assert marks(screen.figure.value)["status"] == marks(listed.figure.value)["status"] == status
    screen.controls["growing"].value, screen.controls["strong"].value = "area", "1"
    assert stage.blocks["industries"]._repr_html_() in listed.figure.value
    assert marks(screen.figure.value)["query"] == marks(usual)["query"] == ""


def test_a_link_opens_the_page_as_it_was_seen(app):
    stage = app("area=E08000035&strong=1.25&years=20&list=2010")
    found = quadrants.sort(stage.area, stage.comparator, Rule(1.25, years=20))
    listed, screen = views.industries(stage), views.strength_and_growth(stage)
    assert quadrants.figure(found)._repr_html_() in screen._repr_mimebundle_()["text/html"]
    assert quadrants.block(found)._repr_html_() in listed._repr_mimebundle_()["text/html"]
    assert stage.figures["lenses_2010"]._repr_html_() in views.lenses(stage).figure.value
    assert stage.blocks["lenses_2010"]._repr_html_() in views.lens_cards(stage).figure.value
    assert [marks(one.figure.value)["status"] for one in (screen, listed)] == ["", ""]


@pytest.mark.parametrize("query", ["strong=7", "years=99", "growing=%3Cimg+src%3Dx%3E", "smallest=-1", "years=10.0"])
def test_a_choice_that_does_not_exist_falls_back_and_says_so(app, query):
    stage = app(query)
    screen = views.strength_and_growth(stage)
    told = marks(screen.figure.value)
    assert "The link asks for something else, so the usual choice is shown." in told["status"]
    assert told["query"] == ""
    assert stage.figures["quadrants"]._repr_html_() in screen.figure.value
    assert stage.blocks["industries"]._repr_html_() in views.industries(stage).figure.value
    assert "<img" not in screen.figure.value


def test_no_industry_of_that_size_is_said_where_the_list_was(monkeypatch):
    monkeypatch.setenv("IITK_APP", "1")
    monkeypatch.setenv("QUERY_STRING", "smallest=500")
    scilly = stages.prepare("Isles of Scilly")
    nothing = "No industry of the Isles of Scilly has a figure of £500m or more"
    assert nothing in views.strength_and_growth(scilly).figure.value
    assert f"{nothing}, so none is listed here." in views.industries(scilly).figure.value


def test_one_chooser_for_both_sector_lists(app):
    stage = app()
    screen, cards = views.lenses(stage), views.lens_cards(stage)
    assert screen.controls["list"].description
    screen.controls["list"].value = "2010"
    assert stage.figures["lenses_2010"]._repr_html_() in screen.figure.value
    assert stage.blocks["lenses_2010"]._repr_html_() in cards.figure.value
    assert marks(screen.figure.value) | {"view": ""} == {
        "view": "", "keys": "list", "query": "list=2010", "status": "The four emerging sectors of 2010 are shown.",
    }  # fmt: skip


def test_a_list_that_fails_keeps_what_was_there_and_is_logged(app, monkeypatch, tmp_path):
    stage = app()
    monkeypatch.setenv("IITK_APP_LOG", str(tmp_path / "app.log"))
    screen, listed = views.strength_and_growth(stage), views.industries(stage)
    monkeypatch.setattr(quadrants, "block", lambda _found: 1 / 0)
    screen.controls["strong"].value = "1.25"
    told = marks(listed.figure.value)
    reference = re.search(r"reference (\w+)", told["status"])[1]
    assert told["fault"] == "true"
    assert stage.blocks["industries"]._repr_html_() in listed.figure.value
    log = (tmp_path / "app.log").read_text(encoding="utf-8")
    assert reference in log
    assert "ZeroDivisionError" in log


def test_forged_values_are_refused(app):
    """The gate lets a browser set the fields alone, each to what it has on offer; what follows takes nothing."""
    stage = app()
    screen, listed = views.strength_and_growth(stage), views.industries(stage)
    strong, years = (guard._fields[screen.controls[name].model_id] for name in ("strong", "years"))
    assert (strong[0], years[0]) == ("index", "value")
    assert [strong[1](at) for at in (0, 2, 3, -1, True, "1", 1.0, None)] == [True, True, *[False] * 6]
    assert [years[1](value) for value in (3, 25, 2, 26, 10.0, "10", [10], None)] == [True, True, *[False] * 6]
    for one in (screen.figure, screen.box, screen.form, listed.figure):
        assert one.model_id not in guard._fields


def test_a_served_page_has_one_section_on_sector_lists_and_a_printed_page_both():
    book = nbformat.read(ROOT / "notebooks" / "03_potential.ipynb", as_version=4)

    def headings(*, live):
        cells = arrange(book, title="Where?", live=live).cells
        return [line for cell in cells for line in cell.source.splitlines() if line.startswith("## ")]

    printed, served = headings(live=False), headings(live=True)
    assert [one for one in printed if one not in served] == ["## And through the four of 2010?"]


def test_the_notebook_shows_these_views():
    book = nbformat.read(ROOT / "notebooks" / "03_potential.ipynb", as_version=4)
    code = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")
    for cell in (views.strength_and_growth, views.industries, views.lenses, views.lens_cards):
        assert f"views.{cell.__name__}(stage)" in code
    keys = [name for states in views.VIEWS for name in kinds(states)]
    assert len(keys) == len(set(keys))
