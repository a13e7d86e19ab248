"""What can be chosen, without a browser and without widgets."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.errors import UsageError
from iitk.views.state import (
    OneOf,
    State,
    Whole,
    YesNo,
    choice,
    fitted,
    from_query,
    groups,
    keys,
    kinds,
    to_query,
    with_value,
)


@dataclass(frozen=True)
class Chosen(State):
    count: int = choice(Whole("How many?", 5, 30, step=5, unit="rows"), 10)
    order: str = choice(OneOf("Which first?", {"size": "The largest", "name": "By name"}), "size")
    year: int = choice(OneOf("Since when?", {2007: "2007", 2019: "2019"}), 2007)
    all: bool = choice(YesNo("Show all"), default=False)


anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(), st.binary(), st.lists(st.integers()),
    st.dictionaries(st.text(), st.integers()),
)  # fmt: skip
states = st.builds(
    Chosen, st.sampled_from(range(5, 31, 5)), st.sampled_from(["size", "name"]), st.sampled_from([2007, 2019]),
    st.booleans(),
)  # fmt: skip


def fits(state):
    return (
        type(state.count) is int and state.count in range(5, 31, 5) and state.order in {"size", "name"}
        and type(state.year) is int and state.year in {2007, 2019} and type(state.all) is bool
    )  # fmt: skip


def test_a_change_is_a_new_state():
    before = Chosen()
    after = with_value(before, "count", 15)
    assert (before.count, after.count, after.order) == (10, 15, "size")
    with pytest.raises(FrozenInstanceError):
        before.count = 20


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("count", 35, r"“How many\?” takes a whole number \(rows\) from 5 to 30 in steps of 5"),
        ("count", 12, "in steps of 5"),
        ("count", 10.0, "whole number"),
        ("count", True, "whole number"),
        ("count", "10", "whole number"),
        ("order", "colour", r"“Which first\?” takes one of: The largest; By name"),
        ("year", 2007.0, "takes one of: 2007; 2019"),
        ("year", "2007", "takes one of"),
        ("all", 1, "“Show all” is either yes or no"),
        ("colour", 1, "no choice called 'colour' here. There are: count, order, year, all"),
    ],
)
def test_what_cannot_be_chosen_is_refused_with_what_can(name, value, said):
    with pytest.raises(UsageError, match=said):
        with_value(Chosen(), name, value)


@given(st.sampled_from(["count", "order", "year", "all", "else"]), anything)
def test_no_value_leads_out_of_the_schema(name, value):
    try:
        state = with_value(Chosen(), name, value)
    except UsageError:
        return
    assert fits(state)


def test_a_default_must_be_one_of_the_values():
    with pytest.raises(UsageError, match="from 1 to 3"):
        choice(Whole("How many?", 1, 3), 4)


def test_a_link_holds_only_what_is_not_as_usual():
    assert to_query(Chosen()) == ""
    assert to_query(Chosen(count=15, all=True)) == "count=15&all=yes"


@given(states)
def test_a_link_brings_back_what_was_seen(state):
    link = f"area=E08000035&comparator=UK&{to_query(state)}&list=2010"
    assert from_query(Chosen, link) == (state, "")


def test_a_wrong_choice_in_a_link_is_said_and_the_others_count():
    state, said = from_query(Chosen, "count=99&order=name&all=maybe")
    assert state == Chosen(order="name")
    assert "“How many?” takes a whole number" in said
    assert "“Show all” is either yes or no." in said
    assert said.count("The link asks for something else, so the usual choice is shown.") == 2


@given(st.one_of(st.text(), st.lists(st.tuples(st.sampled_from(["count", "order", "year", "all"]), st.text())).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))))  # fmt: skip
def test_no_link_leads_out_of_the_schema(link):
    state, said = from_query(Chosen, link)
    assert fits(state)
    assert isinstance(said, str)


@pytest.mark.parametrize(
    "link", ["count=%FF%FE", "count=" + "9" * 10_000, "count=١٥", "count=1e1", "&" * 9_000, "count=-5", "count", "="]
)
def test_odd_links_show_the_usual(link):
    assert from_query(Chosen, link)[0] == Chosen()


def test_fitted_changes_kind_and_default_of_some_fields_only():
    fit = fitted(Chosen, year=(OneOf("Since when?", {1998: "1998", 2001: "2001"}), 2001))
    assert fit().year == 2001
    assert with_value(fit(), "year", 1998).year == 1998
    assert list(kinds(fit)) == list(kinds(Chosen))
    assert isinstance(fit(), Chosen)
    assert to_query(fit(year=1998)) == "year=1998"
    with pytest.raises(UsageError):
        with_value(fit(), "year", 2007)
    assert Chosen().year == 2007


@pytest.mark.parametrize(("unit", "words"), [("", "5"), ("% of the money", "5% of the money"), ("years", "5 years")])
def test_a_number_has_its_unit_after_it(unit, words):
    assert f"5{Whole('How much?', 0, 10, unit=unit).after}" == words


@dataclass(frozen=True)
class Listed(State):
    made_for = ("list", "ab12cd")
    less: int = choice(Whole("Less money", 0, 50, slider=True), 0)
    o01: bool = choice(YesNo("Hub"), False, "Skills")
    o02: bool = choice(YesNo("Lab"), False, "Skills")
    o03: bool = choice(YesNo("Tram"), False, "Infrastructure")


def test_neighbours_of_one_group_stand_together():
    assert groups(Listed()) == [("", ["less"]), ("Skills", ["o01", "o02"]), ("Infrastructure", ["o03"])]
    fit = fitted(Listed, o03=(YesNo("Rail"), True))
    assert groups(fit) == groups(Listed)


def test_a_link_of_choices_from_a_list_carries_its_mark():
    assert to_query(Listed()) == ""
    assert to_query(Listed(o02=True)) == "o02=yes&list=ab12cd"
    assert keys(Listed) == ["less", "o01", "o02", "o03", "list"]
    assert keys(Chosen) == ["count", "order", "year", "all"]
    assert from_query(Listed, "o02=yes&list=ab12cd&less=5") == (Listed(less=5, o02=True), "")
    assert to_query(fitted(Listed, o03=(YesNo("Rail"), True))(o03=False)) == "o03=no&list=ab12cd"


@pytest.mark.parametrize("mark", ["", "&list=", "&list=000000", "&list=AB12CD"])
def test_a_link_for_another_list_is_recognised_and_said(mark):
    state, said = from_query(Listed, f"o02=yes&less=5{mark}")
    assert state == Listed()
    assert "made for another list" in said
    assert from_query(Listed, f"area=E08000035{mark}") == (Listed(), "")  # it asks for none of these choices
