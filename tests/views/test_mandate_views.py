"""What a room can choose in stage 0, without a browser: State, form, what follows, links, and what is refused."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from iitk.errors import UsageError
from iitk.stages import mandate as stages
from iitk.stages import peers
from iitk.stages.peers import Likeness
from iitk.views import guard
from iitk.views import mandate as views
from iitk.views.state import from_query, to_query, with_value


@pytest.fixture
def app(monkeypatch):
    """A page of the app with this link's choices."""

    def opened(query="", area="Leeds"):
        monkeypatch.setenv("IITK_APP", "1")
        monkeypatch.setenv("QUERY_STRING", query)
        return stages.prepare(area)

    return opened


def marks(page: str) -> dict[str, str]:
    return {name: html.unescape(text) for name, text in re.findall(r'data-(\w+)="([^"]*)"', page.split(">", 1)[0])}


def shown(how: Likeness, stage) -> tuple[str, str, str]:
    """Peers table, map and mandate card for a choice."""
    found = peers.of(stage.area, how)
    table, drawn = stages.peers_block(found, stage.area), stages.map_figure(stage.area, found)
    return table._repr_html_(), drawn._repr_html_(), stages.card(stage.area, stage.comparator, found)["Places like us"]


def test_outside_an_app_a_view_is_what_the_stage_made(monkeypatch):
    monkeypatch.delenv("IITK_APP", raising=False)
    printed = stages.prepare("Leeds")
    assert views.like_us(printed) is printed.blocks["peers"]
    assert views.where(printed) is printed.figures["map"]
    assert views.card(printed) is printed.blocks["mandate"]


def test_the_notebook_shows_these_views():
    code = (Path(__file__).parents[2] / "notebooks" / "00_mandate.ipynb").read_text(encoding="utf-8")
    for cell in (views.like_us, views.where, views.card):
        assert f"views.{cell.__name__}(stage)" in code


def test_the_usual_state_is_the_usual_choice():
    assert views.Alike().how == views.AlikeDistricts().how == Likeness()
    assert with_value(views.AlikeDistricts(), "places", 12).how == Likeness(most=12)


@pytest.mark.parametrize(("name", "value"), [("places", 2), ("places", 13), ("places", 5.0), ("on", "weather")])
def test_no_value_leads_out_of_the_schema(name, value):
    with pytest.raises(UsageError, match="takes"):
        with_value(views.AlikeDistricts(), name, value)


def test_every_field_has_a_visible_label_and_all_follows(app):
    stage = app()
    drawn, screen, card = views.where(stage), views.like_us(stage), views.card(stage)
    page = screen._repr_mimebundle_()["text/html"]
    how = Likeness()
    for name, value in {"places": 8, "among": "nation", "on": "without-size"}.items():
        control = screen.controls[name]
        assert control.description
        assert f'<label for="field-{control.model_id}">' in page
        control.value = value
        how = Likeness(**{**{f: getattr(how, f) for f in ("most", "among", "on")},
                          {"places": "most"}.get(name, name): value})  # fmt: skip
        table, map_, names = shown(how, stage)
        assert table in screen.figure.value
        assert map_ in drawn.figure.value
        assert html.escape(names) in card.figure.value
    assert marks(screen.figure.value)["query"] == "places=8&on=without-size&among=nation"
    status = "8 places like us, chosen from 296 local authorities of England."
    assert [marks(one.figure.value)["status"] for one in (screen, drawn, card)] == [status] * 3
    state = screen.state
    assert from_query(type(state), to_query(state)) == (state, "")


def test_a_link_opens_the_page_as_it_was_seen(app):
    stage = app("area=E08000035&places=3&among=uk")
    table, map_, _ = shown(Likeness(3, "uk"), stage)
    assert map_ in views.where(stage)._repr_mimebundle_()["text/html"]
    assert table in views.like_us(stage)._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("query", ["places=99", "among=planet", "on=%3Cscript%3E", "places=%FF"])
def test_a_choice_that_does_not_exist_falls_back_and_says_so(app, query):
    stage = app(query)
    screen = views.like_us(stage)
    assert "so the usual choice is shown." in marks(screen.figure.value)["status"]
    assert stage.blocks["peers"]._repr_html_() in screen.figure.value
    assert stage.figures["map"]._repr_html_() in views.where(stage).figure.value
    assert "<script" not in screen.figure.value


def test_the_choices_are_those_of_the_area(app):
    def offered(area, name):
        return list(dict(views.like_us(app(area=area)).controls[name].options).values())

    assert offered("Leeds", "among") == ["kind", "nation", "uk"]
    assert offered("Belfast", "among") == ["kind", "uk"]  # the districts of Northern Ireland are one kind
    assert {"structure", "people"} <= set(offered("Leeds", "on"))
    both = views.like_us(app("among=uk&places=9", area="Leeds + Bradford"))
    assert list(both.controls) == ["places", "on"]
    assert not {"structure", "people"} & set(dict(both.controls["on"].options).values())
    assert marks(both.figure.value)["query"] == "places=9"


def test_there_may_be_fewer_places_than_asked(app):
    screen = views.like_us(app(area="Yorkshire and The Humber"))
    screen.controls["places"].value = 12
    said = "8 places like us, chosen from 8 regions made of other districts; there are no more."
    assert marks(screen.figure.value)["status"] == said


def test_a_district_without_the_figures_says_so_and_keeps_its_map(app):
    stage = app(area="Isles of Scilly")
    screen, drawn = views.like_us(stage), views.where(stage)
    screen.controls["on"].value = "structure"
    assert "Too few of the figures" in marks(screen.figure.value)["status"]
    assert "Too few of the figures" in screen.figure.value
    assert "the Isles of Scilly" in drawn.figure.value


def test_a_country_has_nothing_to_choose(app):
    stage = app(area="Scotland")
    assert views.like_us(stage) is stage.blocks["peers"]
    assert views.where(stage) is stage.figures["map"]
    assert views.card(stage) is stage.blocks["mandate"]


def test_forged_values_are_refused(app):
    """The gate lets a browser set the fields alone, each to what it has on offer; what follows takes nothing."""
    stage = app()
    screen, drawn, card = views.like_us(stage), views.where(stage), views.card(stage)
    places, among = (guard._fields[screen.controls[name].model_id] for name in ("places", "among"))
    assert (places[0], among[0]) == ("value", "index")
    assert [places[1](value) for value in (3, 12, 2, 13, 5.0, "5", True, None)] == [True, True, *[False] * 6]
    assert [among[1](at) for at in (0, 2, 3, -1, True, "uk", 1.0)] == [True, True, *[False] * 5]
    for one in (screen.figure, screen.box, screen.form, drawn.figure, card.figure):
        assert one.model_id not in guard._fields
