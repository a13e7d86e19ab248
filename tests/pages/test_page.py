"""An executed notebook becomes a page: what shows, what does not, and in which order."""

from __future__ import annotations

import copy
import re
from html.parser import HTMLParser
from itertools import pairwise

import nbformat
import pandas as pd
import pytest

from iitk.publish.page import JOURNEY, build_page, journey
from iitk.words import blocks


class Page(HTMLParser):
    """The page as a list of (tag, attributes), its headings and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[str, str]] = []
        self.words: list[str] = []
        self._silent = self._in_heading = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._silent = tag in {"style", "script"}
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append((tag, ""))
            self._in_heading = True

    def handle_endtag(self, tag):
        self._silent = False
        if re.fullmatch(r"h[1-6]", tag):
            level, said = self.headings[-1]
            self.headings[-1] = (level, " ".join(said.split()))
            self._in_heading = False

    def handle_data(self, data):
        if self._silent:
            return
        self.words.append(data)
        if self._in_heading:
            level, said = self.headings[-1]
            self.headings[-1] = (level, said + data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def notebook(*cells) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=list(cells))


def code(*outputs, source: str = "run_me()", tags: tuple[str, ...] = ()) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def output(kind: str, **more) -> nbformat.NotebookNode:
    return nbformat.v4.new_output(kind, **more)


@pytest.fixture(scope="module")
def html(real) -> str:
    return build_page(real.economy(), real.context())


@pytest.fixture(scope="module")
def page(html) -> Page:
    return Page(html)


def test_the_page_says_what_where_and_against_whom(page, html):
    assert "<title>What is our economy? Leeds - Industrial Innovation Toolkit</title>" in html
    assert page.all("html") == [{"lang": "en-GB"}]
    for expected in (
        "compared with the UK",
        "All areas of West Yorkshire",
        "Open Government Licence v3.0",
        "23 November 2026",
        "Contains public sector information",
        "LAD December 2023",
        "April 2025",
        "Cite as:",
        "iitk 0.1.0",
    ):
        assert expected in page.text


def test_headings_go_down_one_level_at_a_time(page):
    levels = [int(tag[1]) for tag, _ in page.headings]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_stage_line_stands_before_the_title(html):
    assert html.index('class="stage"') < html.index("<h1>") < html.index('class="lead"')


def test_an_opening_in_one_output_is_cut_so_that_only_its_first_line_stands_above_the_title(real):
    parts = [
        blocks.StageHeader(1, 90, "ten facts", "Leeds", "UK"),
        blocks.Lead("The answer."),
        blocks.AreaNote("A note."),
    ]
    opening = real.Html("".join(part._repr_html_() for part in parts))
    title = "# Who are we?\n\n- **Time:** 90 minutes\n- **You need first:** a name\n- **You leave with:** ten facts"
    html = build_page(notebook(real.text(title), real.shown(opening)), real.context())
    assert html.index('class="stage"') < html.index("<h1>") < html.index('class="lead"') < html.index('class="note"')
    said = Page(html).text
    assert said.count("90 minutes") == 1  # the list under the title says it again, and gives way
    assert "a name" in said


def test_a_talk_stands_beside_the_evidence_before_it_and_cards_keep_their_width(html):
    row = html[html.index('<div class="beside">') : html.index("Have we recovered?</h2>")]
    assert (
        row.index('class="figure"')
        < row.index("concentration")
        < row.index('class="beside-talk"')
        < row.index('class="talk"')
    )
    assert html.count('<div class="beside">') == 1
    assert html.index('class="facts"') < html.index('<div class="beside">')


def test_each_question_is_a_section_that_the_contents_lead_to(page):
    sections = {a["id"]: a["aria-label"] for a in page.all("section") if a.get("id")}
    links = [a["href"][1:] for a in page.all("a") if (a.get("href") or "").startswith("#part-")]
    assert links == list(sections)
    assert list(sections.values())[:4] == [
        "Ten facts",
        "What are we unusually good at?",
        "Have we recovered?",
        "Three puzzles",
    ]


def test_the_journey_has_eleven_steps_and_links_only_pages_that_exist(page, html):
    steps = html[html.index('class="journey wrap"') : html.index("</ol>")]
    assert steps.count("<li") == 11
    assert re.findall(r'href="([^"]+)"', steps) == ["../00_mandate/page.html", "#main", "../03_potential/page.html"]
    assert steps.count('aria-current="page"') == 1
    assert "Economy" in steps.split('aria-current="page"')[1][:120]


def test_steps_know_what_is_done():
    states = {key: state for _, key, _, _, state in journey("03_potential", {"01_economy": "x"}, done={"00_mandate"})}
    assert (states["00_mandate"], states["01_economy"], states["03_potential"]) == ("done", "todo", "now")
    assert [number for number, _, _ in JOURNEY] == list(range(11))


def test_nothing_comes_from_elsewhere(page, html):
    assert not {"script", "img", "iframe", "form", "input", "object"} & {tag for tag, _ in page.tags}
    assert all(a.get("href") == "data:," for a in page.all("link"))
    assert all(
        "url(" not in part or "data:" in part[:40] for part in html.split("url(")[1:] for part in ["url(" + part]
    )
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy  # so default-src forbids every script
    assert len(html.encode()) < 400_000


def test_the_same_notebook_makes_the_same_page_and_stays_as_it_was(real):
    made = real.economy()
    before = copy.deepcopy(made)
    assert build_page(made, real.context()) == build_page(made, real.context())
    assert made == before


def test_a_page_can_be_made_from_the_file(real, html, tmp_path):
    path = tmp_path / "01_economy.ipynb"
    nbformat.write(real.economy(), path)
    assert build_page(path, real.context()) == html


def test_code_warnings_and_widgets_are_hidden(page, real):
    assert "stage.show()" not in page.text
    assert "secret warning" not in page.text
    widget = output(
        "display_data", data={"application/vnd.jupyter.widget-view+json": {}, "text/plain": "Dropdown(value=1)"}
    )
    value = output("execute_result", data={"text/plain": "'Saved the record.'"}, execution_count=1)
    built = build_page(
        notebook(code(widget), code(value), code(output("stream", name="stdout", text="3 < 4 rows"))), real.context()
    )
    assert "Dropdown" not in built
    assert "Saved the record" not in built
    assert "<pre>3 &lt; 4 rows</pre>" in built
    assert "run_me" not in built


def test_code_shows_only_where_the_cell_asks_for_it(real):
    built = build_page(
        notebook(code(source="lq = a < b", tags=("show-code",)), code(source="hidden()")), real.context()
    )
    assert "<summary>Show the code</summary><pre><code>lq = a &lt; b</code></pre>" in built
    assert "hidden()" not in built


def test_a_cell_can_be_left_out_and_papermills_banner_is(real):
    cells = [
        real.text("## Notes for the analyst", "no-page"),
        real.text("<span>An Exception</span>", "papermill-error-cell-tag"),
    ]
    built = build_page(notebook(real.text("# Q?"), *cells), real.context())
    assert "analyst" not in built
    assert "An Exception" not in built


def test_a_failed_cell_is_one_sentence_with_a_reference(real):
    error = output("error", ename="KeyError", evalue="'secret_column'", traceback=["Traceback: /home/me/secret.py"])
    built = build_page(notebook(code(error)), real.context())
    assert "secret" not in built
    found = re.findall(r'<p class="fault">(.*?)</p>', built)
    assert len(found) == 1
    assert re.fullmatch(
        r"This part could not be worked out\. The run's log says why, under reference [0-9a-f]{6}\.", found[0]
    )
    other = output("error", ename="KeyError", evalue="'another'", traceback=[])
    assert found[0] not in build_page(notebook(code(other)), real.context())


def test_after_a_failure_the_page_does_not_ask_questions_without_evidence(real):
    error = output("error", ename="KeyError", evalue="'x'", traceback=[])
    later = output("error", ename="NameError", evalue="name 'stage' is not defined", traceback=[])
    cells = [
        real.text("# Q?"),
        code(error),
        code(later),
        real.text("## Ten facts\n\nChosen by rule."),
        code(later),
        real.text("## Who?"),
    ]
    shown = [real.text("## What we decided"), real.shown(blocks.Decision())]
    built = build_page(notebook(*cells, *shown), real.context())
    assert built.count('class="fault"') == 1
    assert ("h2", "Ten facts") not in Page(built).headings
    assert ("h2", "Who?") not in Page(built).headings
    assert ("h2", "What we decided") in Page(built).headings


def test_our_own_errors_give_their_advice(real):
    error = output("error", ename="DataMissingError", evalue="The table <gva> is missing.", traceback=["Traceback"])
    built = build_page(notebook(code(error)), real.context())
    assert "The table &lt;gva&gt; is missing. (reference" in built
    assert "Traceback" not in built


def test_html_of_others_is_not_shown_but_its_plain_text_is(real):
    foreign = output(
        "display_data", data={"text/html": '<div class="widget">hello<b>x</b></div>', "text/plain": "hello x"}
    )
    built = build_page(notebook(code(foreign)), real.context())
    assert "<pre>hello x</pre>" in built
    assert "hello<b>" not in built


@pytest.mark.parametrize("where", ["area", "comparator", "cohort", "markdown", "block", "figure", "title"])
def test_a_script_in_any_text_stays_text(real, where):
    nasty = real.SCRIPT
    changes = {
        "area": {"area_name": nasty},
        "comparator": {"comparator": nasty},
        "cohort": {"cohort_name": nasty},
        "title": {"title": nasty},
    }
    cells = {
        "markdown": real.text(f"## {nasty}\n\n{nasty}"),
        "block": real.shown(blocks.FactCards([real.finding(nasty, nasty, nasty)], nasty)),
        "figure": real.shown(real.Html(f'<figure class="figure">{nasty}<h3 onclick="x()">Title</h3></figure>')),
    }
    page = Page(build_page(notebook(cells.get(where, real.text("Leeds"))), real.context(**changes.get(where, {}))))
    assert not {"script", "img"} & {tag for tag, _ in page.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_a_notebook_without_a_title_gets_the_stages(real):
    assert ("h1", "What is our economy?") in Page(build_page(notebook(real.text("Hello.")), real.context())).headings


def test_an_empty_notebook_still_makes_a_page(real):
    assert ("h1", "What is our economy?") in Page(build_page(notebook(), real.context())).headings


def test_one_text_with_two_questions_makes_two_sections_but_not_within_code(real):
    built = build_page(
        notebook(real.text("# Q?\n\nHello.\n\n## One & two\n\nText.\n\n## Three\n\n```\n## not a heading\n```")),
        real.context(),
    )
    sections = [a["aria-label"] for a in Page(built).all("section") if a.get("id")]
    assert sections == ["One & two", "Three"]
    assert built.count("<h1") == 1


def test_outputs_of_one_cell_are_arranged_one_by_one(real):
    both = code(*[real.shown(block).outputs[0] for block in (real.Html(real.FIGURE), blocks.Talk(real.PROMPT))])
    built = build_page(notebook(real.text("# Q?"), real.text("## Who?"), both), real.context())
    assert built.count('<div class="beside">') == 1
    assert built.count('<div class="beside-talk">') == 1


def test_a_talk_after_text_alone_or_after_a_broad_table_takes_the_whole_width(real):
    broad = blocks.Numbers(pd.DataFrame([range(6)], columns=list("abcdef")), "Six columns")
    slim = blocks.Numbers(pd.DataFrame([range(5)], columns=list("abcde")), "Five columns")
    talk = real.shown(blocks.Talk(real.PROMPT))
    for before, beside in ((real.text("Words."), 0), (real.shown(broad), 0), (real.shown(slim), 1)):
        built = build_page(notebook(real.text("## Who?"), before, talk), real.context())
        assert built.count('<div class="beside">') == beside


def test_a_talk_without_evidence_before_it_takes_the_whole_width(real):
    built = build_page(notebook(real.text("## Who?"), real.shown(blocks.Talk(real.PROMPT))), real.context())
    assert '<div class="beside">' not in built
