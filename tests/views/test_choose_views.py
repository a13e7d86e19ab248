"""What leaders can choose in stage 7, without a browser: the slider, the scenario, and all that follows them."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from iitk.errors import MethodError
from iitk.stages import appraisal, choose, portfolios, stress
from iitk.views import choose as views
from iitk.views import guard
from iitk.views.state import from_query, kinds, to_query
from tests.stages.choosing import Hand

pytestmark = pytest.mark.usefixtures("own")

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def stage(own):
    return choose.prepare("West Yorkshire", draws=0)


@pytest.fixture
def app(stage, monkeypatch):
    """The page of the app with this link's choices: the cards with slider and selector."""

    def opened(query=""):
        views._money.cache_clear()
        monkeypatch.setenv("IITK_APP", "1")
        monkeypatch.setenv("QUERY_STRING", query)
        return views.portfolio_cards(stage)

    yield opened
    views._money.cache_clear()


def marks(page: str) -> dict[str, str]:
    return {name: html.unescape(text) for name, text in re.findall(r'data-(\w+)="([^"]*)"', page.split(">", 1)[0])}


def usual(stage):
    """What every part shows before anybody chooses."""
    return {"guard_rails": stage.blocks["guard_rails"], "cut_cards": stage.blocks["cuts"],
            "cut_grid": stage.figures["cuts"], "scenarios": stage.figures["scenarios"],
            "frontier": stage.figures["frontier"], "not_now": stage.blocks["not_now"],
            "members": stage.figures["members"], "minority": stage.blocks["minority"], "audit": stage.blocks["audit"],
            "record": stage.blocks["record"]}  # fmt: skip


# In a notebook


def test_outside_an_app_every_part_is_what_the_stage_made(stage):
    assert views.portfolio_cards(stage) is stage.blocks["portfolios"]
    for name, part in usual(stage).items():
        assert views.follows(stage, name) is part
    assert views.net(stage) is stage.figures["net"]
    assert stage.selection.options.keys() >= {row.option for row in views.game(stage)._parts[0].rows}


def test_a_run_draws_and_a_page_waits_until_it_is_asked(monkeypatch):
    assert views.draws() == appraisal.DRAWS == 5000
    monkeypatch.setenv("IITK_APP", "1")
    assert views.draws() == 0


def test_the_notebook_shows_every_view_and_no_key_stands_twice(stage):
    book = nbformat.read(ROOT / "notebooks" / "07_choose.ipynb", as_version=4)
    code = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")
    for name in ("portfolio_cards", "net", "arithmetic", "game", "robust"):
        assert f"views.{name}(stage)" in code
    for name in views.FOLLOWERS:
        assert f'views.follows(stage, "{name}")' in code
    for name in re.findall(r'stage\.(?:figures|blocks)\["(\w+)"\]', code):
        assert name in stage.figures or name in stage.blocks
    keys = [name for states in views.VIEWS for name in kinds(states)]
    assert keys == ["money", "scenario", "net", "ledger", "test"]


# The slider and the selector


def test_the_slider_says_what_a_hundred_per_cent_is_and_the_selector_every_scenario(app):
    hand, found = Hand(), kinds(app().state)
    assert found["money"].unit == f"% of £{sum(hand.money().values()) / 1e6:.0f}m"
    assert found["money"].slider
    assert [found["money"].least, found["money"].most, found["money"].step] == [40, 150, 5]
    said = list(found["scenario"].options.values())
    assert all(one["name"] in words for one, words in zip(hand.said["scenario"], said, strict=True))


@pytest.mark.parametrize(("money", "scenario"), [(75, "expected"), (100, "dear-building"), (125, "grants-shrink"),
                                                  (60, "slow-growth")])  # fmt: skip
def test_all_that_follows_is_what_a_fresh_call_gives(app, stage, money, scenario):
    screen, found = app(), stage.selection
    if money != 100:
        screen.controls["money"].value = money
    if scenario != "expected":
        screen.controls["scenario"].value = scenario
    for part in (portfolios.side_by_side, portfolios.spending, portfolios.funders):
        assert part(found, money, scenario)._repr_html_() in screen.figure.value
    for name, part in views.FOLLOWERS.items():
        assert views.follows(stage, name).html == part(found, money, scenario)._repr_html_()
        assert marks(views.follows(stage, name).figure.value).get("fault") is None
    told = marks(screen.figure.value)
    assert told["status"] == portfolios.sentence(found, money, scenario)
    asked = {**({"money": money} if money != 100 else {}), **({"scenario": scenario} if scenario != "expected" else {})}
    assert told["query"] == "&".join(f"{key}={value}" for key, value in asked.items())
    again = app(told["query"])  # the link shows the same
    assert (again.state.money, again.state.scenario) == (money, scenario)
    assert portfolios.side_by_side(found, money, scenario)._repr_html_() in again.figure.value
    for name, part in views.FOLLOWERS.items():
        assert views.follows(stage, name).html == part(found, money, scenario)._repr_html_()


def test_the_portfolios_are_there_before_it_is_known_who_disagrees(app, stage):
    screen, seen = app(), []
    screen.figure.observe(lambda change: seen.append(change["new"]), "value")
    screen.controls["money"].value = 85
    first, last = seen
    whole = portfolios.side_by_side(stage.selection, 85)._repr_html_()
    assert portfolios.ASKING in first
    assert whole not in first
    assert portfolios.side_by_side(stage.selection, 85, asked=False)._repr_html_() in first
    assert portfolios.ASKING not in last
    assert whole in last
    assert portfolios.spending(stage.selection, 85)._repr_html_() in first


def test_the_parts_really_change_with_the_money(app, stage):
    screen = app()
    before = {name: views.follows(stage, name).html for name in views.FOLLOWERS}
    screen.controls["money"].value = 60
    assert all(views.follows(stage, name).html != page for name, page in before.items())
    screen.controls["money"].value = 100
    assert {name: views.follows(stage, name).html for name in views.FOLLOWERS} == before
    assert before == {name: part._repr_html_() for name, part in usual(stage).items()}
    assert stage.blocks["portfolios"]._repr_html_() in screen.figure.value


def test_money_that_is_too_little_for_the_rules_is_said_and_the_control_goes_back(app, stage):
    screen = app()
    screen.controls["scenario"].value = "grants-shrink"
    before = screen.figure.value.split(">", 1)[1], {name: views.follows(stage, name).html for name in views.FOLLOWERS}
    screen.controls["money"].value = 40
    told = marks(screen.figure.value)
    assert told["fault"] == "true"
    assert told["status"].startswith("No portfolio keeps to all of these: ")
    assert told["status"].endswith("Loosen one of them.")
    assert screen.controls["money"].value == 100
    assert (screen.state.money, screen.state.scenario) == (100, "grants-shrink")
    assert told["query"] == "scenario=grants-shrink"
    after = screen.figure.value.split(">", 1)[1], {name: views.follows(stage, name).html for name in views.FOLLOWERS}
    assert after == before


def test_a_link_to_what_no_portfolio_keeps_shows_the_usual_and_says_why(app, stage):
    screen = app("money=40&scenario=grants-shrink")
    assert marks(screen.figure.value)["status"].startswith("No portfolio keeps to all of these: ")
    assert (screen.state.money, screen.state.scenario) == (100, "expected")
    assert stage.blocks["portfolios"]._repr_html_() in screen.figure.value
    assert views.follows(stage, "record").html == stage.blocks["record"]._repr_html_()


@pytest.mark.parametrize("query", ["money=41", "money=39", "money=155", "money=1e2", "scenario=5", "scenario=boom",
                                   "scenario=%3Cimg+src%3Dx%3E", "money=", "money=٧٥"])  # fmt: skip
def test_a_choice_that_does_not_exist_falls_back_and_says_so(app, stage, query):
    screen = app(query)
    assert "The link asks for something else" in marks(screen.figure.value)["status"]
    assert screen.state == type(screen.state)()
    assert stage.blocks["portfolios"]._repr_html_() in screen.figure.value
    assert "<img" not in screen.figure.value


def test_forged_values_are_refused(app, stage):
    screen = app()
    money, scenario = (guard._fields[screen.controls[name].model_id] for name in ("money", "scenario"))
    assert [money[1](value) for value in (40, 150, 75, 39, 41, 155, "75", 75.0, True, None, [75])] == [
        True, True, True, *[False] * 8,
    ]  # fmt: skip
    assert [scenario[1](value) for value in (0, 4, 5, -1, "0", True, None)] == [True, True, *[False] * 5]
    for one in (screen.figure, screen.box, screen.form, *(views.follows(stage, name).figure for name in usual(stage))):
        assert one.model_id not in guard._fields


def test_a_part_that_fails_keeps_what_was_there_and_is_logged(app, stage, monkeypatch, tmp_path):
    screen = app()
    monkeypatch.setenv("IITK_APP_LOG", str(tmp_path / "app.log"))
    monkeypatch.setattr(views, "FOLLOWERS", {**views.FOLLOWERS, "record": lambda *_: 1 / 0})
    screen.controls["money"].value = 75
    told = marks(views.follows(stage, "record").figure.value)
    assert told["fault"] == "true"
    assert stage.blocks["record"]._repr_html_() in views.follows(stage, "record").figure.value
    assert re.search(r"reference (\w+)", told["status"])[1] in (tmp_path / "app.log").read_text(encoding="utf-8")


# The other choices


def test_the_way_to_net_jobs_of_any_option(app, stage):
    app()
    screen, names = views.net(stage), list(Hand().rows)
    assert list(kinds(screen.state)["net"].options.values()) == names
    assert names[screen.state.net] == stage.selection.best().chosen[0]
    for name in ("Inward investment grants", "Regional growth equity fund"):
        screen.controls["net"].value = names.index(name)
        assert appraisal.net(stage.selection, name)._repr_html_() in screen.figure.value
        assert marks(screen.figure.value)["status"] == f"From gross to net: {name[0].lower()}{name[1:]}."
    trait, check = guard._fields[screen.controls["net"].model_id]
    assert (trait, check(24), check(25), check("1")) == ("index", True, False, False)
    assert marks(app("net=99").figure.value)["status"] == ""  # another view's key is not its business
    assert "The link asks for something else" in marks(views.net(stage).figure.value)["status"]


def test_the_ledger_of_any_option_on_the_short_list(app, stage):
    app()
    screen, hand = views.arithmetic(stage), Hand()
    assert list(kinds(screen.state)["ledger"].options.values()) == hand.short
    for name in ("Technician bootcamps", hand.short[-1]):
        screen.controls["ledger"].value = list(hand.rows).index(name)
        assert f"{name}, year by year" in html.unescape(screen.figure.value)
    app(f"ledger={list(hand.rows).index('Hydrogen trial network')}")  # dropped: it has no ledger here
    assert "The link asks for something else" in marks(views.arithmetic(stage).figure.value)["status"]


@pytest.mark.parametrize("name", ["Technician bootcamps", "Health campus on the station site"])
def test_the_way_to_net_jobs_ends_where_arithmetic_does(stage, name):
    hand = Hand()
    table = appraisal.net(stage.selection, name).table
    numbers = [value for column in table for value in table[column] if isinstance(value, (int, float))]
    assert any(value == pytest.approx(hand.net_jobs(name), abs=0.51) for value in numbers)
    assert any(value == pytest.approx(float(hand.rows[name]["jobs_2031_central"])) for value in numbers)


def test_the_test_against_doubt_runs_when_it_is_asked_for_and_says_how_far_it_is(app, stage, tmp_path, monkeypatch):
    monkeypatch.setenv("IITK_CACHE", str(tmp_path))
    app()
    screen, heard = views.robust(stage), []
    assert "Choose a test" in screen.figure.value
    screen.progress.observe(lambda change: heard.append(change["new"]), "value")
    screen.controls["test"].value = 1000
    result = stress.robust(stage.selection, draws=1000)  # kept by now
    assert stress.robust_figure(stage.selection, result)._repr_html_() in screen.figure.value
    assert marks(screen.figure.value)["status"] == "Tested against 1,000 draws."
    shares = [float(found[1]) for one in heard if (found := re.search(r'<progress[^>]* value="([\d.]+)"', one))]
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert heard[-1] == screen.progress.value == ""
    assert "For 100% of the budget; as expected." in screen.figure.value
    screen.controls["test"].value = 0
    assert "Choose a test" in screen.figure.value
    trait, check = guard._fields[screen.controls["test"].model_id]
    assert (trait, [check(value) for value in (0, 2, 3, 1000)]) == ("index", [True, True, False, False])


def test_the_test_against_doubt_is_of_the_money_and_scenario_chosen_by_then(app, stage, tmp_path, monkeypatch):
    monkeypatch.setenv("IITK_CACHE", str(tmp_path))
    money, screen, dear = app(), views.robust(stage), stage.selection.files.scenarios[2]
    money.controls["money"].value = 60
    money.controls["scenario"].value = dear.key
    screen.controls["test"].value = 1000
    found = stress.robust(stage.selection, 60, dear.key, draws=1000)
    assert stress.robust_figure(stage.selection, found)._repr_html_() in screen.figure.value
    assert f"For 60% of the budget; {dear.name[0].lower()}{dear.name[1:]}." in screen.figure.value
    assert found.table["share"].tolist() != stress.robust(stage.selection, draws=1000).table["share"].tolist()
    money.controls["money"].value = 70  # what was tested is no longer what is chosen
    assert (screen.state.test, screen.controls["test"].value) == (0, 0)
    assert "Choose a test" in screen.figure.value
    assert marks(screen.figure.value)["status"].startswith("With £")
    screen.controls["test"].value = 1000  # the same test, asked for again
    assert "For 70% of the budget" in screen.figure.value
    assert "For 60%" in marks_of_link(app, stage, f"test=1000&money=60&scenario={dear.key}")


def marks_of_link(app, stage, query):
    app(query)
    return views.robust(stage).figure.value


def test_a_result_that_is_there_is_shown_and_another_can_be_asked_for(app, own, tmp_path, monkeypatch):
    monkeypatch.setenv("IITK_CACHE", str(tmp_path))
    ran = choose.prepare("West Yorkshire", draws=5000)
    app()
    screen = views.robust(ran)
    assert ran.figures["robust"]._repr_html_() in screen.figure.value
    assert kinds(screen.state)["test"].options[0] == "as it is shown"
    screen.controls["test"].value = 1000
    assert "1,000 draws" in screen.figure.value
    screen.controls["test"].value = 0
    assert ran.figures["robust"]._repr_html_() in screen.figure.value


def test_where_the_whole_budget_is_not_enough_for_the_rules_everything_else_still_follows(app, stage):
    files = stage.selection.files
    poor = replace(files, budget=tuple((kind, year, pounds * 0.25) for kind, year, pounds in files.budget))
    found = replace(stage.selection, files=poor)
    with pytest.raises(MethodError):
        found.best("group", 100)
    assert found.best("group", 150).chosen
    figure = stress.frontier(found, 150)
    assert figure.title == "What the money could bring cannot be said: no portfolio is known"


def test_the_budget_game_has_a_tick_for_every_option_of_the_short_list(app, stage):
    app()
    screen = views.game(stage)
    found = kinds(screen.state)
    labels = {one.label for key, one in found.items() if re.fullmatch(r"o\d\d", key)}
    assert labels == set(Hand().short)
    promised = next(key for key, one in found.items() if one.label == "Shared export desk with neighbours")
    assert getattr(screen.state, promised) is True
    rival = next(key for key, one in found.items() if one.label == "Machine tool export mission")
    screen.controls[rival].value = True
    assert marks(screen.figure.value)["fault"] == "true"
    assert "Shared export desk with neighbours" in marks(screen.figure.value)["status"]
    assert screen.controls[rival].value is False
    cheap = next(key for key, one in found.items() if one.label == "Close the duplicate business directories")
    screen.controls[cheap].value = True
    state, said = from_query(type(screen.state), to_query(screen.state))
    assert (state, said) == (screen.state, "")
    assert not {"money", "scenario", "net", "test", "area", "comparator", "vintage"} & set(found)
