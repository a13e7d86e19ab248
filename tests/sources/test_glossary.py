"""The glossary is content: whole, plain, in step with the methods' page, and a broken file is said in a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from iitk.errors import WorkError
from iitk.model import Badge
from iitk.sources import glossary, paths

ROOT = Path(__file__).parents[2]
GOOD = 'term = "a word"\nmeans = "What it is."\nbeware = "What it is not."\n'


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write a glossary, which is then the one in use."""
    monkeypatch.setattr(paths, "data_dir", lambda: tmp_path)

    def write(text: str) -> Path:
        (tmp_path / "glossary.toml").write_text(text, encoding="utf-8")
        return tmp_path / "glossary.toml"

    return write


def test_it_explains_what_the_pages_say_in_order_of_the_words():
    terms = glossary.load()
    words = [one.term for one in terms]
    assert words == sorted(words, key=str.lower)
    assert len(terms) >= 35
    assert {
        "location quotient", "value added", "shift-share", "mix effect", "local effect", "comparator", "chained volume",
        "productivity", "relatedness", "complexity", "percentile",
    } <= set(words)  # fmt: skip
    assert {badge.value for badge in Badge} <= set(words)


@pytest.mark.parametrize("one", glossary.load(), ids=lambda one: one.key)
def test_each_is_plain_and_short(one):
    for text in (one.means, one.beware):
        assert text.endswith(".")
        assert text[0].isupper()
        assert "<" not in text
        assert len(text.split()) <= 45
    assert 1 <= len(re.findall(r"[.](?=\s|$)", one.means)) <= 2
    assert len(re.findall(r"[.](?=\s|$)", one.beware)) == 1


def test_methods_named_are_headings_of_the_methods_page():
    page = (ROOT / "docs" / "reference" / "methods.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^## `(.+)`$", page, re.MULTILINE))
    named = {one.method for one in glossary.load() if one.method}
    assert named
    assert named <= headings


def test_an_edited_file_is_read_again(written):
    written(f"[one]\n{GOOD}")
    assert [one.key for one in glossary.load()] == ["one"]
    written(f'[one]\n{GOOD}also = ["wordage"]\n\n[two]\n{GOOD.replace("a word", "a longer word")}')
    assert [one.spellings for one in glossary.load()] == [("a longer word",), ("a word", "wordage")]


@pytest.mark.parametrize(
    ("text", "said", "remedy"),
    [
        ("[a\n", "cannot be read", "last good copy"),
        ('term = "x"\n', r"\[term\].*outside any entry", r"\[location-quotient\]"),
        (f"[A_b]\n{GOOD}", r"\[A_b\].*other signs", r"\[location-quotient\]"),
        ('[a]\nterm = "x"\n', r"\[a\].*lacks beware, means", 'Add a line: beware = "..."'),
        (f"[a]\n{GOOD}colour = 1\n", r"\[a\].*unknown colour", "also, beware, means, method, term"),
        ('[a]\nterm = "x"\nmeans = ""\nbeware = "y"\n', r"\[a\].*no text as its means", 'means = "..."'),
        ('[a]\nterm = "x"\nmeans = 3\nbeware = "y"\n', r"\[a\].*no text as its means", 'means = "..."'),
        (f'[a]\n{GOOD}also = "LQ"\n', r"\[a\].*no list", r'also = \["LQ"'),
        (f"[a]\n{GOOD}\n[b]\n{GOOD.replace('a w', 'A  W')}", r"two entries, \[a\] and \[b\]", "the one that is meant"),
    ],
)
def test_a_fault_names_file_and_entry_and_what_to_do(written, text, said, remedy):
    path = written(text)
    with pytest.raises(WorkError, match=f"(?s){said}.*{remedy}") as raised:
        glossary.load()
    assert str(path) in str(raised.value)


def test_a_missing_file_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "data_dir", lambda: tmp_path)
    with pytest.raises(WorkError, match=r"(?s)missing.*glossary\.toml"):
        glossary.load()
