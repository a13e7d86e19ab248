"""Words of the glossary, explained where they stand: a tap opens a card, without any script.

The first use of a word in each part of a page becomes a button that opens a popover of the browser's own; Escape, a
tap beside it or its button closes it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files

from iitk.sources import glossary
from iitk.sources.glossary import Term
from iitk.words import capitalise, escape

# What is no running text, or has a use of its own when it is tapped.
_APART = (
    "svg", "table", "h1", "h2", "h3", "h4", "h5", "h6", "a", "button", "summary", "nav", "header", "dt", "code", "pre",
    "label", "legend", "select", "textarea", "style", "script", "title",
)  # fmt: skip
# Written so that each character can be taken in one way only: a page is read once. (Possessive patterns would say the
# same, but early releases of Python 3.11 get them wrong.)
_INSIDE = r"""[^"'<>]*(?:"[^"]*"[^"'<>]*|'[^']*'[^"'<>]*)*"""
_PART = re.compile(
    r"<!--.*?-->"
    r"|<(?P<raw>style|script)\b" + _INSIDE + r">.*?</(?P=raw)\s*>"
    r"|<(?P<apart>" + "|".join(_APART) + r")\b" + _INSIDE
    + r">[^<]*(?:<(?!/?(?P=apart)\b)" + _INSIDE + r">[^<]*)*</(?P=apart)\s*>"
    r"|<(?P<name>/?[a-zA-Z][^\s/<>]*)(?P<inside>" + _INSIDE + r")>",
    re.DOTALL,
)  # fmt: skip
# Hidden from some or all readers, or the small print of a figure and the foot of a page.
_QUIET = re.compile(
    r'aria-hidden="true"|role="img"|\shidden\b|class="(?:[^"]*\s)?(?:unseen|source|field-help|foot-page|own|skip|term-card)[\s"]'
)
_QUOTED = re.compile("(“[^”]*”)")
_CARD = re.compile(r'id="term-([a-z0-9-]+)"')
_EMPTY = frozenset(("br", "hr", "img", "input", "wbr", "meta", "link", "col", "source"))


@cache
def style() -> str:
    """The style sheet of words and cards."""
    return files("iitk.publish").joinpath("assets", "explain.css").read_text(encoding="utf-8")


def explain(html: str, *, glossary_href: str = "") -> str:
    """Return cleaned HTML with the words of the glossary made to tap, and their cards at the end of its body.

    A word is marked where it first stands in a part (from one `h2` to the next; what can be unfolded counts by itself),
    never in headings, links, buttons, drawings, tables, code or “quotations”. `glossary_href` is the address of the
    whole glossary, if there is one. A page that has been explained is left as it is.
    """
    marker = _Marker(html)
    pieces, at, end = [], 0, len(html)
    for part in _PART.finditer(html):
        start = part.start()
        if start > at:
            pieces.append(marker.text(html[at:start]))
        pieces.append(part[0])
        at = part.end()
        if marker.pass_by(part) == "/body":
            end = len(pieces) - 1
    pieces.append(marker.text(html[at:]))
    pieces.insert(min(end, len(pieces)), "".join(_card(one, glossary_href) for one in marker.used.values()))
    return "".join(pieces)


class _Marker:
    """Reads a page from its beginning, knowing where it is and which words this part has had."""

    def __init__(self, html: str) -> None:
        pattern, owners = _search(glossary.load())
        self._pattern = pattern
        there = set(_CARD.findall(html))
        self._owners = {said: one for said, one in owners.items() if one.key not in there}
        self._seen: list[set[str]] = [set()]  # of the part, then of what is unfolded within it
        self._apart, self._depth = "", 0  # the element that is left out, and how often it stands within itself
        self.used: dict[str, Term] = {}

    def text(self, text: str) -> str:
        """A text between two tags, with its new words marked; one that we do not understand stays as it is."""
        if self._apart or "<" in text or text.isspace():
            return text
        apart = _QUOTED.split(text) if "“" in text else [text]  # what is quoted is somebody else's word, or a name
        return "".join(part if part.startswith("“") else self._pattern.sub(self._mark, part) for part in apart)

    def _mark(self, found: re.Match[str]) -> str:
        said = " ".join(found[0].lower().split())
        one = self._owners.get(said) or self._owners.get(said.removesuffix("s"))
        if one is None or one.key in self._seen[-1]:
            return found[0]
        self._seen[-1].add(one.key)
        self.used[one.key] = one
        return f'<button type="button" class="term" popovertarget="{_id(one)}">{found[0]}</button>'

    def pass_by(self, part: re.Match[str]) -> str:
        """Note a tag, or an element that is left out whole; returns the tag's name, "/p" for the end of a "p"."""
        if self._apart:
            return self._pass_in(part["name"] or "")
        name = part["name"] or ""
        if part["apart"] == "h2":
            self._seen[-1].clear()
        elif name == "details":
            self._seen.append(set(self._seen[-1]))
        elif name == "/details" and len(self._seen) > 1:
            self._seen.pop()
        inside = part["inside"]
        if name in _APART or (inside and name not in _EMPTY and _QUIET.search(inside)):
            self._apart, self._depth = name, 1
        return name

    def _pass_in(self, name: str) -> str:
        """Count the element that is left out until it ends."""
        self._depth += (name == self._apart) - (name == f"/{self._apart}")
        if not self._depth:
            self._apart = ""
        return name


def _id(one: Term) -> str:
    return f"term-{one.key}"


@lru_cache(maxsize=4)
def _search(terms: Sequence[Term]) -> tuple[re.Pattern[str], dict[str, Term]]:
    """A pattern that finds any spelling, the longest first, and whose each is."""
    owners = {" ".join(spelling.lower().split()): one for one in terms for spelling in one.spellings}
    first: dict[str, list[str]] = {}
    for spelling in sorted(owners, key=len, reverse=True):
        first.setdefault(spelling[0], []).append(r"\s+".join(map(re.escape, spelling[1:].split())))
    every = "|".join(f"{re.escape(letter)}(?:{'|'.join(rest)})" for letter, rest in first.items())
    return re.compile(rf"(?<![\w&#-])(?:{every})s?(?![\w-])", re.IGNORECASE), owners


def _card(one: Term, glossary_href: str) -> str:
    name, more = escape(capitalise(one.term)), ""
    if glossary_href:
        more = f'<a href="{escape(glossary_href)}#{one.key}">All words</a>'
    # A dialog, so that the browser moves into it, and back to the word when it closes.
    return (
        f'<dialog popover id="{_id(one)}" class="term-card" aria-label="{name}" aria-describedby="{_id(one)}-means">'
        f'<p class="term-name">{name}</p><div id="{_id(one)}-means"><p>{escape(one.means)}</p>'
        f'<p class="term-beware"><b>Beware:</b> {escape(one.beware)}</p></div><p class="term-foot">'
        f'<button type="button" popovertarget="{_id(one)}" popovertargetaction="hide">Close</button>{more}</p></dialog>'
    )
