"""The blocks of stages 6 and 7 say what they are given, escape it, and never turn missing into zero."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from datetime import date
from html.parser import HTMLParser

import pytest

from iitk.model import Badge
from iitk.words import choosing
from iitk.words.audit import STATES, AuditCheck, AuditChecks

NASTY = '<script>alert(1)</script> & "Kings\' Lynn"'
HASH = "9f2c41d07be85a6630c1f4e2aa97d15b8c3e60f7d2194ab5c8e07f36d91b24ac"


class Outline(HTMLParser):
    """Collects elements, headings and words, and complains about tags that do not close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: Counter[str] = Counter()
        self.words: list[str] = []
        self.headings: list[str] = []
        self.attributes: list[dict[str, str | None]] = []
        self.feed(html)
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.seen[tag] += 1
        self.attributes.append({"tag": tag, **dict(attrs)})
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag
        if tag in {"p", "li", "dt", "dd", "td", "th", "h3", "h4", "summary"}:
            self.words.append(" ")

    def handle_data(self, data):
        self.words.append(data)
        if self.open and self.open[-1] in {"h2", "h3", "h4"}:
            self.headings.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def option(text: str = "Pilot line", **changes) -> choosing.OptionCard:
    made = choosing.OptionCard(
        text, "infrastructure", "build", text, text, 4_500_000, 1_400_000, 49, 2, "medium",
        net_jobs_range=(31, 66), risks=text, needs=(text,), excludes=(text,), source=text,
    )  # fmt: skip
    return replace(made, **changes)


def trace(text: str = "Pilot line") -> choosing.Trace:
    steps = [
        choosing.TraceStep("fact", text, Badge.OBSERVED, text), choosing.TraceStep("gap", missing=text, who=text),
        choosing.TraceStep(text, text),
    ]  # fmt: skip
    return choosing.Trace(text, steps)


def portfolio(text: str = "Most jobs", **changes) -> choosing.Portfolio:
    made = choosing.Portfolio(
        text, text, 612, -2_150_000, 38_600_000, [text], [text], [(text, 21_400_000)], 9, 2, 0.87, [text],
        is_ours=True, net_jobs_range=(410, 790), net_worth_range=(-1e6, 3e6),
    )  # fmt: skip
    return replace(made, **changes)


def sheet(text: str = "Which?", **changes) -> choosing.DecisionRecord:
    made = choosing.DecisionRecord(
        text, 25, 18, [choosing.ChosenOption(text, 5_900_000, text)], text, [text], [text], [text], [text], text,
        date(2028, 11, 30), "approved", [text], HASH, text, text, text, [(text, HASH)], text,
    )  # fmt: skip
    return replace(made, **changes)


def every_block(text: str) -> list[object]:
    return [
        choosing.OptionCards([option(text, trace=trace(text)), option(text, dropped=text)], text, text),
        trace(text),
        choosing.ShortList(
            [choosing.Kept(text, text)], [choosing.Dropped(text, text, text, text)],
            [choosing.NotKnown(text, text, text, text)], source=text,
        ),
        choosing.Portfolios([portfolio(text)] * 3, source=text, period=text),
        choosing.NotNow([choosing.LeftOut(text, text, text, text, text)], source=text, period=text),
        choosing.CutTest([choosing.Cut(0.1, 8, 585, 39_900_000, text, [text], [text])], source=text, period=text),
        choosing.GameBoard(
            [choosing.GameRow(text, text, 5_900_000, 20, is_in=True)], [choosing.Meter(text, 6_200_000, 5_000_000)],
            [text], 203, 11_900_000, text, source=text, period=text,
        ),
        choosing.Assumptions([choosing.Assumption(text, text, text, text, text, text)], text, text),
        choosing.GuardRails([choosing.GuardRail(text, text)]),
        choosing.MinorityReport([choosing.Minority(text, [text], [text], text, [text])], text),
        sheet(text),
        AuditChecks([AuditCheck(text, state, text, text) for state in STATES], Badge.MODELLED, text, text),
    ]  # fmt: skip


def said(block) -> str:
    return Outline(block._repr_html_()).text


@pytest.mark.parametrize("block", every_block(NASTY), ids=lambda block: type(block).__name__)
def test_every_block_escapes_what_it_is_given_and_closes_its_tags(block):
    html = block._repr_html_()
    assert "<script" not in html.lower()
    assert NASTY in Outline(html).text


@pytest.mark.parametrize("block", every_block("Mark 7"), ids=lambda block: type(block).__name__)
def test_every_text_that_a_block_is_given_is_said(block):
    """Each field that holds a text is changed in turn: what is shown must change with it."""
    plain = block._repr_html_()
    kept = ("badge", "outcome", "evidence_hash", "checked")
    names = [one.name for one in fields(block) if isinstance(getattr(block, one.name), str) and one.name not in kept]
    for name in names:
        changed = replace(block, **{name: "another word"})._repr_html_()
        assert changed != plain, name
        assert "another word" in changed


def test_blocks_of_every_kind_are_tested():
    kinds = {name for name in choosing.__all__ if hasattr(getattr(choosing, name), "_repr_html_")}
    assert kinds == {type(block).__name__ for block in every_block("x")}
    assert len(kinds) == 12


@pytest.mark.parametrize("block", every_block("Mark 7"), ids=lambda block: type(block).__name__)
def test_headings_stand_under_the_question_of_the_page(block):
    seen = Outline(block._repr_html_()).seen
    assert not seen["h1"]
    assert not seen["h2"]
    assert seen["h3"] or not seen["h4"]


@pytest.mark.parametrize("block", every_block("Mark 7"), ids=lambda block: type(block).__name__)
def test_drawings_are_silent_because_the_words_say_the_same(block):
    found = Outline(block._repr_html_())
    assert all(one.get("aria-hidden") == "true" for one in found.attributes if one["tag"] == "svg")
    assert all(one.get("scope") for one in found.attributes if one["tag"] == "th")
    assert found.seen["details"] == found.seen["summary"]


def test_the_long_list_counts_by_underpinning_and_lever():
    cards = [option(), option(lever="fund"), option(lever="fund"), option(underpinning="business support")]
    found = Outline(choosing.OptionCards(cards)._repr_html_())
    assert "Infrastructure 3 options: 2 fund, 1 build" in found.text
    assert "Business support 1 option: 1 build" in found.text
    assert found.seen["h4"] == 4


def test_a_source_that_all_options_share_is_said_once():
    both = said(choosing.OptionCards([option(source="File A"), option(source="File A")]))
    assert both.count("Source: File A") == 1
    apart = said(choosing.OptionCards([option(source="File A"), option(source="File B")], "File A"))
    assert apart.count("Source: File A") == 1
    assert apart.count("Source: File B") == 1
    assert said(choosing.OptionCards([option(source="File A"), option(source="File B")])).count("Source:") == 2


def test_an_option_says_cost_jobs_evidence_and_risk():
    text = said(choosing.OptionCards([option()]))
    for expected in (
        "£5.9m capital £4.5m, revenue £1.4m", "49 31 to 66", "2 of 5 on the Maryland scale: the same, allowing for",
        "medium: Pilot line", "short list", "Serves: Pilot line",
    ):  # fmt: skip
        assert expected in text
    own = said(choosing.OptionCards([option(evidence="a matched comparison of 40 firms")]))
    assert "2 of 5 on the Maryland scale: a matched comparison of 40 firms" in own


def test_evidence_is_five_steps_filled_up_to_the_grade():
    for grade in range(1, 6):
        html = choosing.OptionCards([option(evidence_grade=grade)])._repr_html_()
        assert (html.count('class="seen"'), html.count('class="all"')) == (grade, 5 - grade)
    html = choosing.OptionCards([option(evidence_grade=None)])._repr_html_()
    assert html.count('class="all"') == 5
    assert "No evaluation is known" in html
    assert "Maryland" not in html


def test_what_nobody_estimated_is_not_zero():
    text = said(choosing.OptionCards([option(revenue=None, net_jobs=None, net_jobs_range=None)]))
    assert "Cost not available capital £4.5m, revenue not available" in text
    assert "Net jobs not available" in text
    unknown = portfolio(net_jobs=None, net_worth=None, net_worth_range=None, payers=[("Councils", None)],
                        affordable=float("nan"), disagree=None)  # fmt: skip
    text = said(choosing.Portfolios([unknown]))
    assert "not available net jobs" in text
    assert "not available net worth" in text
    assert "Councils not available" in text
    assert "How often the money is enough has not been worked out." in text
    assert "no member has weighed the criteria yet" in text
    assert "£0" not in text


def test_a_dropped_option_says_so_with_the_reason_in_words():
    html = choosing.OptionCards([option(dropped="Fails “may we do it”.")])._repr_html_()
    assert "Dropped: Fails “may we do it”." in Outline(html).text
    assert "short list" not in html
    before = choosing.OptionCards([option(undecided=True)])._repr_html_()
    assert "short list" not in before
    assert "dropped" not in before.lower()


def test_a_trace_keeps_its_order_and_says_what_is_missing_and_who_could_tell():
    steps = [
        choosing.TraceStep("fact", "Textiles weigh 5.1 times.", Badge.OBSERVED, "BRES, 2024"),
        choosing.TraceStep("gap", missing="nobody counted", who="the chamber"),
        choosing.TraceStep("vote", "Seven of nine.", Badge.JUDGEMENT),
        choosing.TraceStep("evidence"),
    ]
    html = choosing.Trace("Pilot line", steps)._repr_html_()
    text = Outline(html).text
    places = [text.index(word) for word in ("Fact", "Source: BRES, 2024", "Gap", "Vote", "Evidence")]
    assert places == sorted(places)
    assert "Missing: nobody counted. Who could tell: the chamber." in text
    assert "Missing: nothing is written down." in text
    assert html.count('class="lacking"') == 2
    inside = choosing.OptionCards([option(trace=choosing.Trace("Pilot line", steps))])._repr_html_()
    assert inside.count("<details") == 1
    assert "Missing: nobody counted" in Outline(inside).text
    assert "<details" not in choosing.OptionCards([option()])._repr_html_()


def test_every_drop_has_factor_reason_and_who_could_change_it():
    block = choosing.ShortList(
        [choosing.Kept("A")],
        [choosing.Dropped("B", "Start in time", "No grid", "The network")],
        [choosing.NotKnown("C", "Owners agree", who="The trusts")],
    )
    found = Outline(block._repr_html_())
    assert found.headings == ["Kept: 1", "Dropped: 1", "Not known yet: 1"]
    for word in ("Start in time", "No grid", "Who could change this", "The network", "Who could tell", "The trusts"):
        assert word in found.text
    assert "a test that all pass chooses nothing" in said(choosing.ShortList([choosing.Kept("A")], []))
    assert "Not known yet" not in said(choosing.ShortList([], []))


def test_portfolios_stand_side_by_side_row_by_row():
    block = choosing.Portfolios([portfolio("One"), portfolio("Two", is_ours=False), portfolio("Three", is_ours=False)])
    html = block._repr_html_()
    found = Outline(html)
    assert "of-3" in html
    assert found.text.count("The group’s choice") == 1
    assert found.text.count("For comparison") == 2
    heads = ["What you get", "What you don’t", "Who pays", "How sure it is", "Who disagrees"]
    assert found.headings == [word for name in ("One", "Two", "Three") for word in (name, *heads)]
    for expected in ("410 to 790", "−£2.2m", "−£1.0m to £3.0m", "£38.6m", "2 of 9 options carry a high risk", "87% of"):
        assert expected in found.text
    nobody = said(choosing.Portfolios([portfolio(high_risk=0, disagree=[], misses=[])]))
    for expected in ("No option carries a high risk.", "No member’s own portfolio is far from it.", "Nothing is left"):
        assert expected in nobody


def test_what_is_not_now_is_grouped_by_reason_in_one_order():
    made = [
        choosing.LeftOut("Heat", "money", "Too dear in 2028.", "More money.", "31 jobs fewer"),
        choosing.LeftOut("Odd", "the mayor said no", "So it is.", "Another mayor."),
        choosing.LeftOut("Gas", "fails", "No grid.", "A grid."),
        choosing.LeftOut("Lab", "money", "Too dear in 2029.", "More money."),
    ]
    found = Outline(choosing.NotNow(made)._repr_html_())
    assert [word for word in found.headings if word in {"Heat", "Odd", "Gas", "Lab"}] == ["Gas", "Heat", "Lab", "Odd"]
    assert "There is no money or no room for it 2 options" in found.text
    assert "the mayor said no 1 option" in found.text
    assert found.text.count("If it were in") == 1
    assert "nothing is left for later" in said(choosing.NotNow([]))


def test_cuts_say_what_is_lost_and_what_comes_in():
    cuts = [choosing.Cut(0.0, 9, 612, 41_300_000), choosing.Cut(0.25, 1, 541, None, lost=["Lab"], gained=["Desk"]),
            choosing.Cut(0.1, 9, 612, 41_300_000)]  # fmt: skip
    found = Outline(choosing.CutTest(cuts)._repr_html_())
    assert found.headings == ["All the money", "25% less money", "Lost", "New", "10% less money"]
    assert found.text.count("Nothing is lost.") == 1
    assert "9 options" in found.text
    assert "1 option " in found.text
    assert "not available" in found.text


@pytest.mark.parametrize(
    ("spent", "budget", "words", "bars"),
    [
        (2_300_000, 5_000_000, "£2.3m of £5.0m, £2.7m left", {"all": 100.0, "seen": 46.0}),
        (6_200_000, 5_000_000, "£6.2m of £5.0m, £1.2m over", {"all": 80.6, "seen": 80.6, "more": 19.4}),
        (100_000, 0, "£0.1m of £0, £0.1m over", {"more": 100.0}),
        (0, 0, "£0 of £0, £0 left", {}),
        (3_000_000, 3_000_000, "£3.0m of £3.0m, £0 left", {"all": 100.0, "seen": 100.0}),
    ],
)
def test_a_meter_says_in_words_what_it_draws(spent, budget, words, bars):
    found = Outline(choosing.Meter("Capital 2027", spent, budget).html)
    assert f"Capital 2027 {words}" in found.text
    drawn = {one["class"]: float(one["width"]) for one in found.attributes if one["tag"] == "rect"}
    assert drawn == bars


def test_the_game_says_the_state_of_every_option_and_what_breaks():
    rows = [choosing.GameRow("Lab", "in", 5_900_000, 20, is_in=True), choosing.GameRow("Desk", "out", None, None)]
    html = choosing.GameBoard(rows, [], ["Lab needs the desk."], 20, 1e6)._repr_html_()
    found = Outline(html)
    assert found.text.startswith("1 option 20 net jobs £1.0m net worth to society Lab needs the desk.")
    assert "Lab in £5.9m 20 Desk out not available not available" in found.text
    assert html.count("<tr class=in>") == 1
    assert 'role="note"' in html
    assert 'role="note"' not in choosing.GameBoard(rows, [])._repr_html_()


def test_guard_rails_say_what_to_do_or_what_was_checked():
    html = choosing.GuardRails([choosing.GuardRail("Nothing was rejected.", "Ask why.")] * 2, "x")._repr_html_()
    assert 'role="note"' in html
    assert "2 warnings before you decide" in Outline(html).text
    assert "Nothing was rejected. Ask why." in Outline(html).text
    assert "No warning. Checked: priorities." in said(choosing.GuardRails([], "priorities"))
    assert choosing.GuardRails([])._repr_html_() == ""


def test_assumptions_name_source_and_status_of_each():
    one = choosing.Assumption("Discount rate", "3.5%", "a year", "Green Book (2022)", "verified", "Present values")
    text = said(choosing.Assumptions([one], "green-book-2026"))
    for word in ("Discount rate", "3.5%", "a year", "Green Book (2022)", "Verified", "Present values",
                 "green-book-2026"):  # fmt: skip
        assert word in text


def test_assumptions_stand_under_the_source_and_status_that_they_share():
    one = choosing.Assumption
    rows = [one("A", "1", "", "Book", "verified", "x"), one("B", "2", "", "Guess", "illustrative", "y"),
            one("C", "3", "", "Book", "verified", "z"), one("D", "in words", "", "Book", "doubtful", "z")]
    html = choosing.Assumptions(rows, "green-book-2026")._repr_html_()
    found = Outline(html)
    assert found.seen["tbody"] == 3
    places = [found.text.index(word) for word in ("Verified", "A 1", "C 3", "Illustrative", "B 2", "Doubtful", "D in")]
    assert places == sorted(places)


def test_a_minority_report_leaves_room_and_says_when_nobody_differs():
    assert choosing.MinorityReport([])._repr_html_().count("ruled") == 3
    assert "No member’s own portfolio is far from the group’s." in said(choosing.MinorityReport([]))
    text = said(choosing.MinorityReport([choosing.Minority("Mayor", [], [], "Gives 40 of 100 points to fairness.")]))
    assert "Gives 40 of 100 points to fairness." in text
    assert "Nothing else." in text


def test_a_record_shows_the_outcome_and_rules_what_is_empty():
    html = sheet()._repr_html_()
    assert html.count("choice chosen") == 1
    assert "approve (chosen)" in Outline(html).text
    assert "30 November 2028" in html
    assert f'title="{HASH}"' in html
    assert f">{HASH[:12]}<" in html
    assert html.count(f"<dd>{HASH}</dd>") == 2  # of all and of the one file, one tap away
    assert "own run" not in html
    long = sheet(not_now=[f"Option {at}" for at in range(17)])._repr_html_()
    assert long.count("own run") == 1
    assert "Option 3 Option 4" in Outline(long).text.replace("  ", " ")
    empty = choosing.DecisionRecord("Which?", 25, 18, [])._repr_html_()
    text = Outline(empty).text
    assert "Nothing is chosen" in text
    assert "choice chosen" not in empty
    assert text.count("to be filled in") == 6  # four lists, who sees it through, and when it is reviewed
    assert empty.count('class="sign-here"') == 8  # two people: role, name, signature, date
    assert "Hashes in full" not in text


# What an auditor asks


def test_checks_stand_in_the_order_of_how_much_attention_they_need():
    asked = [AuditCheck(f"Q{at}", state, "seen") for at, state in enumerate(("holds", "look", "fails", "holds"))]
    text = said(AuditChecks(asked, Badge.MODELLED))
    assert [text.index(f"Q{at}") for at in (2, 1, 0, 3)] == sorted(text.index(f"Q{at}") for at in range(4))
    assert "Of 4 checks 2 hold and 1 asks for a look; 1 fails." in text
    assert text.count("Look") == text.count("Fails") == 1  # in words, not by colour alone
