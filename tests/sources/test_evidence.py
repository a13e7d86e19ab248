"""The evidence library is content: honest about what was read, whole, and a broken file is said in a sentence."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlparse

import pandas as pd
import pytest

from iitk.errors import UsageError, WorkError
from iitk.model import Badge
from iitk.sources import evidence, paths

ROOT = Path(__file__).parents[2]
FILE = ROOT / "data" / "evidence" / "interventions.toml"
LIBRARY = evidence.load()
STEAM = "[types.steam]\nname = 'Steam'\nwhat = 'Engines.'\n"
NAMES = [f"{one.intervention.key}-{one.outcome}-{one.source.key}" for one in LIBRARY.findings]


@pytest.fixture
def edited(tmp_path, monkeypatch):
    """Change the library in one place; that copy is then the one in use."""
    monkeypatch.setattr(paths, "data_dir", lambda: tmp_path)

    def edit(before: str, after: str) -> Path:
        text = FILE.read_text(encoding="utf-8")
        assert before in text
        (tmp_path / "evidence").mkdir()
        path = tmp_path / "evidence" / "interventions.toml"
        path.write_text(text.replace(before, after, 1), encoding="utf-8")
        return path

    return edit


# --- content ----------------------------------------------------------------------------------------------------------


def test_it_has_the_measures_that_leaders_consider():
    assert len(LIBRARY.interventions) >= 25
    for name in (
        "business advice", "access to finance", "innovation grants", "apprenticeships", "employment training",
        "broadband", "roads", "area programmes", "enterprise zones", "estate renewal", "science parks", "incubators",
        "cluster programmes", "inward investment", "innovation procurement", "loan guarantees", "export support",
        "skills bootcamps", "retrofit",
    ):  # fmt: skip
        assert evidence.find(name), name
    assert {one.outcome for one in LIBRARY.findings} == set(LIBRARY.outcomes)  # no outcome that nothing speaks of
    listed = re.findall(r"^\[sources\.([\w-]+)\]$", FILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {one.source.key for one in LIBRARY.findings} == set(listed)


@pytest.mark.parametrize("one", LIBRARY.findings, ids=NAMES)
def test_each_finding_is_plain_sourced_and_whole(one):
    assert one.words.endswith(".")
    assert len(one.words.split()) <= 35
    assert "<" not in one.words
    for url in filter(None, (one.source.url, one.source.read)):
        assert urlparse(url).scheme in {"http", "https"}
    assert one.source.title
    assert one.source.year is None or 2010 <= one.source.year <= LIBRARY.looked_up.year
    assert (one.studies is None) == ("studies" in one.missing)
    assert one.badge is (Badge.OBSERVED if one.status == "verified" else Badge.JUDGEMENT)


def test_no_evidence_is_a_finding_and_not_an_effect_of_zero():
    gaps = [one for one in LIBRARY.findings if one.direction == "no evidence found"]
    assert {"skills-bootcamps", "local-transport"} <= {one.intervention.key for one in gaps}
    assert {one.strength for one in gaps} == {"thin"}
    assert not any(one.studies for one in gaps)


def test_what_was_not_looked_up_is_shown_as_judgement():
    memory = [one for one in LIBRARY.findings if one.status != "verified"]
    assert {one.status for one in memory} <= {"from memory, to be confirmed"}
    assert {one.intervention.key for one in memory} == {"regional-investment-grants"}


def test_counts_of_published_reviews():
    """As the pages state them: What Works Centre (2014, 2014, 2015, 2015)."""
    counts = {
        ("business-advice", "firm-performance"): (23, 17, "positive", "consistent"),
        ("access-to-finance", "employment"): (11, 6, "mixed", "divided"),
        ("innovation-grants", "firm-performance"): (16, 7, "mixed", "divided"),
        ("apprenticeships", "employment"): (9, 7, "positive", "consistent"),
        ("rd-tax-credits", "rd-spending"): (17, 10, "mixed", "divided"),
    }
    for asked, said in counts.items():
        (one,) = evidence.find(*asked)
        assert (one.studies, one.positive, one.direction, one.strength) == said


def test_the_reference_page_has_the_same_table():
    page = (ROOT / "docs" / "reference" / "evidence.md").read_text(encoding="utf-8")
    lines = page.split("## What it says\n")[1].split("\n## ")[0].split("\n")
    shown = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")][2:]
    table = evidence.table()
    studies = ["" if pd.isna(count) else str(count) for count in table["studies"]]
    sources = [f"[{source}]({url})" for source, url in zip(table["source"], table["url"], strict=True)]
    parts = (table["intervention"], table["outcome"], table["direction"], table["strength"], studies)
    assert shown == [list(row) for row in zip(*parts, table["found"], sources, table["status"], strict=True)]
    for grade, meaning in LIBRARY.grades.items():
        assert f"| {grade} | {meaning} |" in page


# --- asking -----------------------------------------------------------------------------------------------------------


def test_it_is_asked_by_key_name_or_another_name():
    (zone,) = evidence.find("Freeport", "employment")
    assert zone.intervention.name == "Enterprise zones"
    assert evidence.find("enterprise-zones", "Employment") == (zone,)
    jobs = evidence.find(outcome="employment")
    assert {one.outcome for one in jobs} == {"employment"}
    assert set(evidence.find("rail")) < set(evidence.find())
    assert evidence.find("rail", "poverty") == ()
    assert evidence.find() == LIBRARY.findings
    assert evidence.table(()).empty


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("busines advice",), "no intervention called 'busines advice'.*business advice"),
        ((None, "productivty"), "no outcome called 'productivty'.*productivity"),
        ((None, "zzz"), "There are: employment, "),
        ((7,), "no intervention called 7"),
    ],
)
def test_what_does_not_exist_is_said_with_what_is_like_it(asked, said):
    with pytest.raises(UsageError, match=said):
        evidence.find(*asked)


def test_grades_are_explained():
    assert "lottery" in evidence.grade_meaning(5)
    assert "difference in differences" in evidence.grade_meaning(3)
    for wrong in (0, 6, True, "3"):
        with pytest.raises(UsageError, match="whole number from 1 to 5"):
            evidence.grade_meaning(wrong)


# --- faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "said", "remedy"),
    [
        ("[outcomes]", "[outcomes", "cannot be read", "last good copy"),
        ("looked_up = 2026-11-23", "looked = 1", "no looked_up", "last good copy"),
        ('5 = "A lottery', '6 = "A lottery', r"\[grades\] has not the grades", "each of 1, 2, 3, 4 and 5"),
        ('direction = "positive"', 'direction = "positiv"', "advice\\] finding 1 has an unknown dir", '= "positive"'),
        ('strength = "consistent"', 'strength = "huge"', "unknown strength: 'huge'", "There are: consistent"),
        ('source = "wwg-business-advice"', 'source = "wwg"', "unknown source: 'wwg'", "There are|Write source"),
        ('status = "verified"', 'status = "sure"', "unknown status: 'sure'", "There are: verified"),
        ("studies = 23\n", "", "finding 1 needs either studies or the reason", "missing = {"),
        ("studies = 23\n", 'studies = "23"\n', "has '23' as its studies", "studies = 12"),
        ("studies = 23\n", "studies = -23\n", "has -23 as its studies", "below 0"),
        ("positive = 17\n", "positive = 24\n", "has 24 positive of 23", "Correct the two counts"),
        ("positive = 17\n", "positive = 9\n", "says direction = 'positive', but 9 of 23", 'direction = "mixed"'),
        ('words = "17', 'word = "17', "lacks words", 'Add a line: words = "..."'),
        ("studies = 23\n", "studies = 23\ncolour = 1\n", "has unknown colour", "It may have: outcome, direction"),
        ("year = 2014\n", "", r"\[sources\.wwg-business-advice\] needs either year", "missing = { year = "),
        ('name = "Rail"', 'name = ""', r"\[types\.rail\] has '' as its name", 'name = "..."'),
        ('also = ["SBRI", ', "also = [3, ", "as its also", 'also = \\["another name"\\]'),
        ("[types.rail]", f"{STEAM}[types.rail]", r"steam\] has no findings", "Add one"),
        ("[types.rail]", f"{STEAM}findings = [1]\n[types.rail]", "finding 1 is not a group", "below"),
        ("[types.business-a", "[types]\nsteam = 1\n[types.business-a", r"steam\] is not a group", "below"),
    ],
)  # fmt: skip
def test_a_fault_names_file_entry_field_and_fix(edited, before, after, said, remedy):
    path = edited(before, after)
    with pytest.raises(WorkError, match=f"(?s){said}.*({remedy})") as raised:
        evidence.load()
    assert str(path) in str(raised.value)


def test_a_missing_file_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "data_dir", lambda: tmp_path)
    with pytest.raises(WorkError, match=r"(?s)missing.*interventions\.toml"):
        evidence.load()


def test_an_edited_file_is_read_again(edited):
    edited('words = "17 of 23', 'words = "Seventeen of 23')
    assert evidence.find("business-advice")[0].words.startswith("Seventeen")
