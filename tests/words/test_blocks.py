"""The blocks say what they are given, escape it, and never turn missing into zero."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from iitk.model import Badge, Finding, Prompt
from iitk.words import blocks

NASTY = '<script>alert(1)</script> & "Kings\' Lynn"'


def finding(**changes) -> Finding:
    plain = {
        "key": "largest-specialisation",
        "headline": "1.7×",
        "label": "the UK share",
        "sentence": "It weighs more.",
        "badge": Badge.OBSERVED,
        "source": "A table from the ONS",
        "unit": "ratio",
        "period": "2023",
    }
    return Finding(**(plain | changes))


def prompt(**changes) -> Prompt:
    plain = {
        "key": "k",
        "title": "Which strengths?",
        "purpose": "Claims.",
        "minutes": 15,
        "grouping": "threes",
        "question": "Which?",
        "steps": ("*Alone, 2 minutes.* Mark one.",),
        "record": "claim",
        "if_stalled": "Ask.",
        "if_one_voice": "Go round.",
        "change_our_minds": "A figure below 1.2.",
    }
    return Prompt(**(plain | changes))


class Outline(HTMLParser):
    """Collects elements, and complains about tags that do not close in order."""

    VOID = frozenset({"br", "hr", "img", "meta", "link"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag, _attrs):
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def every_block(text: str) -> list[object]:
    told = finding(
        **dict.fromkeys(
            ("key", "headline", "label", "sentence", "source", "unit", "period", "theme", "question"), text
        ),
        values={text: text},
    )
    asked = prompt(
        **dict.fromkeys(
            ("title", "purpose", "grouping", "question", "record", "if_stalled", "if_one_voice", "change_our_minds"),
            text,
        ),
        steps=(text,),
    )
    table = pd.DataFrame({text: [text], "n": [1.5]})
    return [
        blocks.Lead(text),
        blocks.StageHeader(1, 45, text, text, text),
        blocks.FactCards([told], text),
        blocks.Puzzles([told], text),
        blocks.Gaps([told], text),
        blocks.Talk(asked),
        blocks.MandateCard({text: text}, text),
        blocks.AreaNote(text),
        blocks.PeersTable([blocks.Peer(text, 1.0, (text,), (text,))], text, text, text),
        blocks.LensCards(
            [blocks.LensCard(text, text, text, text, text, 0.5, text, source=text, period=text, values={text: 1})], text
        ),
        blocks.Decision(text, text, text, "high", text, text, text),
        blocks.Numbers(table, text, {text: text}, text, Badge.OBSERVED, text),
        blocks.Points([text], text, Badge.MODELLED, text),
    ]


@pytest.mark.parametrize("block", every_block(NASTY), ids=lambda block: type(block).__name__)
def test_every_block_escapes_what_it_is_given_and_closes_its_tags(block):
    html = block._repr_html_()
    assert "<script" not in html.lower()
    assert NASTY in Outline(html).text


def test_blocks_of_every_kind_are_tested():
    kinds = {
        name
        for name, kind in vars(blocks).items()
        if isinstance(kind, type) and hasattr(kind, "_repr_html_") and kind.__module__ == blocks.__name__
    }
    assert kinds == {type(block).__name__ for block in every_block("x")}


@pytest.mark.parametrize(("count", "wide"), [(10, 2), (8, 0), (9, 3), (7, 1), (4, 0)])
def test_rows_of_four_cards_come_out_even(count, wide):
    html = blocks.FactCards([finding()] * count)._repr_html_()
    assert html.count("wide-card") == wide
    assert (count + html.count("wide-card")) % 4 == 0  # a wide card takes two places of four


def test_a_card_carries_badge_period_source_and_the_figures_behind_it():
    html = blocks.FactCards([finding(values={"lq_2023": 1.7412, "base_year": 2007, "upper": None})])._repr_html_()
    text = Outline(html).text
    for expected in (
        "observed",
        "2023",
        "Source: A table from the ONS",
        "Where does this number come from?",
        "1.7412",
        "2007",
        "missing",
    ):
        assert expected in text
    assert "2,007" not in text
    assert Outline(html).seen.count("h3") == 1


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        (None, "x", "missing"),
        (float("nan"), "x", "missing"),
        (0, "x", "0"),
        (0.0, "x", "0"),
        (36612.4, "gva", "36,612.4"),
        (2007, "peak_year", "2007"),
        (2007.0, "year", "2007"),
        (2007, "jobs", "2,007"),
        (-0.25, "change", "\N{MINUS SIGN}0.25"),
        (0.0000123, "share", "1.23e-05"),
        ("E08000035", "code", "E08000035"),
    ],
)
def test_a_figure_behind_a_sentence_is_exact_and_missing_is_not_zero(value, name, expected):
    assert blocks.plain_value(value, name) == expected


def test_counts_in_words():
    said = [blocks.count_in_words(n, "fact", "facts") for n in (0, 1, 5, 13)]
    assert said == ["No facts", "One fact", "Five facts", "13 facts"]


def test_headings_follow_the_number_of_findings_and_can_be_left_to_the_notebook():
    assert "<h2>Three puzzles</h2>" in blocks.Puzzles([finding()] * 3)._repr_html_()
    assert "<h2>One gap</h2>" in blocks.Gaps([finding()])._repr_html_()
    assert "<h2" not in blocks.FactCards([finding()], heading=None)._repr_html_()


def test_a_talk_has_everything_a_facilitator_needs():
    text = Outline(blocks.Talk(prompt())._repr_html_()).text
    for expected in (
        "15 minutes, threes",
        "Which strengths?",
        "Write down",
        "If it stalls",
        "If one voice leads",
        "What would change our minds?",
    ):
        assert expected in text
    assert "<em>Alone, 2 minutes.</em> Mark one." in blocks.Talk(prompt())._repr_html_()


def test_open_fields_are_ruled_and_filled_fields_are_shown():
    empty, filled = (
        blocks.Decision()._repr_html_(),
        blocks.Decision(claim="We build on print.", confidence="high")._repr_html_(),
    )
    assert "We build on print." in filled
    assert filled.count('class="ruled"') == empty.count('class="ruled"') - 2
    assert "chosen" in filled
    assert "chosen" not in empty
    assert "<input" not in empty  # a dead form would promise to save


def test_a_table_keeps_missing_zero_and_words_apart():
    frame = pd.DataFrame(
        {"Industry": ["Fishing", "Metals"], "GVA": [float("nan"), -0.04], "Jobs": [0, 12300], "LQ": [0.0, 1.256]}
    )
    html = blocks.Numbers(frame, "Two industries", {"GVA": "£ million"}, decimals={"GVA": 2, "LQ": 2})._repr_html_()
    cells = re.findall(r"<td[^>]*>(.*?)</td>", html)
    assert cells == ['<i class="missing">missing</i>', "0", "0.00", "\N{MINUS SIGN}0.04", "12,300", "1.26"]
    assert 'tabindex="0"' in html
    assert "<figcaption>Two industries</figcaption>" in html
    assert '<table class="figures" aria-label="Two industries">' in html
    assert 'scope="row">Fishing' in html


def test_a_named_index_becomes_the_first_column():
    frame = pd.DataFrame({"LQ": [1.5]}, index=pd.Index(["Metals"], name="Industry"))
    html = blocks.Numbers(frame, "One")._repr_html_()
    assert 'scope="row">Metals' in html
    assert ">Industry<" in html


def test_only_an_area_with_something_to_say_gets_a_note():
    assert blocks.AreaNote("")._repr_html_() == ""
    assert 'role="note"' in blocks.AreaNote("Craven joined North Yorkshire in 2023.")._repr_html_()


def test_an_unknown_badge_is_refused():
    with pytest.raises(ValueError, match="guess"):
        blocks.badge("guess")
