"""The choices of stage 1: titles and alternative texts follow them, and what is not chosen stays as it is."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from iitk.stages import activity, economy
from iitk.views import economy as views
from iitk.views import show
from iitk.views.state import OneOf, Whole, kinds, with_value

CELLS = {
    "specialisation": views.specialisation, "shift_share": views.growth, "local_effects": views.local_effects,
    "recovery": views.recovery, "standing": views.standing,
}  # fmt: skip


@pytest.fixture(scope="module")
def leeds():
    return economy.prepare("Leeds")


@pytest.fixture
def page(leeds, monkeypatch):
    """A view of Leeds as an app shows it."""

    def open_(cell, query="", stage=leeds):
        monkeypatch.setenv(show.APP, "1")
        monkeypatch.setenv(show.QUERY, query)
        return cell(stage)

    return open_


def titles(screen):
    return re.findall(r"<h3>(.*?)</h3>", screen.figure.value)


def alt_texts(screen):
    return re.findall(r'<svg [^>]*?aria-label="([^"]*)"', screen.figure.value)


def status(screen):
    return re.search(r'data-status="([^"]*)"', screen.figure.value)[1]


@pytest.mark.parametrize("name", CELLS)
def test_outside_an_app_each_cell_shows_the_stage_s_own_figure(leeds, name, monkeypatch):
    monkeypatch.delenv(show.APP, raising=False)
    assert CELLS[name](leeds) is leeds.figures[name]


def test_outside_an_app_no_widget_is_imported():
    code = (
        "import sys\nsys.modules['anywidget'] = None  # which Altair would import, and with it the widgets\n"
        "from iitk.stages import economy\nfrom iitk.views import economy as views\n"
        "stage = economy.prepare('York')\n"
        "cells = (views.specialisation, views.growth, views.local_effects, views.recovery, views.standing)\n"
        "shown = [cell(stage) for cell in cells]\n"
        "print(len(shown), 'ipywidgets' in sys.modules, 'ipykernel' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["5", "False", "False"]


def test_the_notebook_shows_these_views():
    notebook = json.loads((Path(__file__).parents[2] / "notebooks" / "01_economy.ipynb").read_text(encoding="utf-8"))
    code = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    for cell in CELLS.values():
        assert f"views.{cell.__name__}(stage)" in code


def test_each_key_of_a_link_belongs_to_one_view():
    keys = [name for states in views.VIEWS for name in kinds(states)]
    assert len(keys) == len(set(keys))
    assert not {"area", "comparator", "stage"} & set(keys)
    assert all(re.fullmatch("[a-z]+", key) for key in keys)


def test_how_many_industries(page, leeds):
    screen = page(views.specialisation)
    before = alt_texts(screen)[0]
    screen.controls["industries"].value = 5
    assert "5 highest industries" in screen.figure.value
    fifth, sixth = leeds.tables["industries"].nlargest(6, "lq")["short_name"].iloc[4:]
    assert fifth in alt_texts(screen)[0]
    assert sixth in before
    assert sixth not in alt_texts(screen)[0]
    assert status(screen) == "The 5 most concentrated industries are shown, with the range of the last 5 years."


def test_the_largest_industries_have_another_finding(page, leeds):
    screen = page(views.specialisation, "order=size&industries=6")
    rows = leeds.tables["industries"].nlargest(6, "current_gbp_m")
    lead = rows.nlargest(1, "lq").iloc[0]
    (title,) = titles(screen)
    assert title.startswith("Of its 6 largest industries, Leeds is most specialised in ")
    assert f"{lead['lq']:.1f} times as much as the UK" in title
    assert "6 largest industries, Leeds" in screen.figure.value
    listed = alt_texts(screen)[0]
    assert all(name in listed for name in rows["short_name"])
    numbers = screen.made.draw(screen.state)[0].table  # in the same order
    assert list(numbers["Industry"][:6]) == list(rows["industry"])


@pytest.mark.parametrize("years", [3, 10])
def test_the_range_of_doubt_is_that_of_the_years_chosen(page, leeds, years):
    drawn = page(views.specialisation).made.draw(with_value(views.Specialisation(), "doubt", years))[0]
    last = activity.of(leeds.area).year
    assert f"Grey line: range {last - years + 1} to {last}." in drawn.measure
    usual = leeds.figures["specialisation"].table.set_index("Industry")
    table = drawn.table.set_index("Industry").loc[usual.index]
    low, high = "Lowest in the range", "Highest in the range"
    width, before = (one[high] - one[low] for one in (table, usual))
    assert ((width <= before + 1e-12) if years == 3 else (width >= before - 1e-12)).all()
    assert (width != before).any()


def test_the_range_of_the_usual_years_is_the_usual_one(leeds):
    from iitk.stages import measures

    rows = leeds.tables["industries"]
    again = measures.with_doubt(rows, leeds.area, leeds.comparator, measures.DOUBT_YEARS)
    assert (again[["lower", "upper"]] == rows[["lower", "upper"]]).all(axis=None)


def test_growth_since_another_year_takes_the_local_effects_with_it(page):
    screen = page(views.growth)
    assert len(titles(screen)) == 2
    screen.controls["since"].value = 2019
    assert screen.figure.value.count("2019 to 2023") >= 4  # two figures, each in its measure and alternative text
    assert "2013 to 2023" not in screen.figure.value
    assert all("2019 to 2023" in text for text in alt_texts(screen))
    assert status(screen).startswith("Growth from 2019 to 2023 is shown")
    screen.controls["ends"].value = 3
    assert alt_texts(screen)[-1].count("£") == 6


def test_growth_since_a_year_adds_up_to_the_change_since_then(page, leeds):
    whole, _ = page(views.growth).made.draw(with_value(page(views.growth).made.states(), "since", 2007))
    change = whole.table.set_index("Effect")["Change (£m)"]
    own = activity.of(leeds.area)
    codes = [*activity.leaves(), activity.IMPUTED_RENT]
    assert change["Change in all"] == pytest.approx((own.row(2023, codes) - own.row(2007, codes)).sum())
    assert change[["National", "Mix", "Local"]].sum() == pytest.approx(change["Change in all"])


def test_in_an_app_growth_shows_the_local_effects_and_their_own_cell_nothing(page, leeds):
    assert page(views.local_effects) is None
    usual = page(views.growth).figure.value
    assert leeds.figures["shift_share"].title in usual
    assert leeds.figures["local_effects"].title in usual


def test_years_are_those_of_the_figures_newest_first(page):
    screen = page(views.growth)
    years = list(screen.controls["since"].options)
    assert [year for _, year in years] == list(range(2022, 1997, -1))
    assert dict(years)["2019, before the pandemic"] == 2019
    assert screen.controls["since"].value == 2013


def test_recovery_since_the_pandemic_without_peers(page):
    screen = page(views.recovery, "base=2019&peers=no")
    (title,) = titles(screen)
    assert "than in 2019" in title
    assert "2019 = 100, Leeds and UK" in screen.figure.value
    assert status(screen) == ""
    screen.controls["peers"].value = True
    assert "Leeds and 6 other places" in screen.figure.value
    assert status(screen) == "2019 is 100, and the area is shown with places like it."


def test_one_theme_shows_all_of_its_indicators(page):
    screen = page(views.standing, "theme=people")
    assert "No qualifications" in screen.figure.value  # not among the few
    assert "High growth businesses" not in screen.figure.value
    screen.controls["theme"].value = "business"
    assert "High growth businesses" in screen.figure.value
    assert status(screen) == "All of “business and enterprise” is shown: 9 indicators."
    screen.controls["theme"].value = "few"
    assert status(screen) == "A few indicators of each theme are shown."


def every_choice(states):
    """Every field at each of its ends and in its middle, the others as usual."""
    for name, kind in kinds(states).items():
        ends = [kind.least, kind.most] if isinstance(kind, Whole) else [False, True]
        found = list(kind.options) if isinstance(kind, OneOf) else ends
        for value in dict.fromkeys([found[0], found[len(found) // 2], found[-1]]):
            yield with_value(states(), name, value)


@pytest.mark.parametrize("place", ["City of London", "Leeds + Bradford", "Wales", "Isles of Scilly", "UK"])
def test_any_choice_can_be_shown_of_any_kind_of_area(place, page):
    """Missing figures, several districts, a country, the smallest place, and the comparator itself."""
    stage = economy.prepare(place)
    for cell in (views.specialisation, views.growth, views.recovery, views.standing):
        made = page(cell, stage=stage).made
        shown = [(made.draw(state), made.say(state)) for state in itertools.islice(every_choice(made.states), 9)]
        for figures, said in shown:
            for figure in figures:
                assert figure._repr_html_().startswith('<figure class="figure"')
                assert "nan" not in f" {figure.title} {figure.alt_text} {figure.measure} ".lower().split()
            assert said.endswith(".")
