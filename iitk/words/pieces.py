"""Small parts that the blocks of stages 6 and 7 share: marks, lists, pairs, amounts and evidence steps, as HTML."""

from __future__ import annotations

from collections.abc import Iterable

from iitk.model import Badge
from iitk.words.blocks import badge
from iitk.words.format import MINUS, escape, is_missing, money_gbp, number

Range = tuple[float, float]  # from low to high
GRADE_WORDS = {
    1: "before against after, or with against without",
    2: "the same, allowing for known differences",
    3: "difference in differences, or the like",
    4: "something close to chance decided who took part",
    5: "a randomised trial",
}


def marks(kind: Badge | None, source: str = "", period: str = "", more: str = "") -> str:
    """Badge, period and source, which every number carries; `more` is HTML that stands under them."""
    when = f'<span class="period">{escape(period)}</span>' if period else ""
    line = f'<p class="marks">{badge(kind) if kind else ""}{when}</p>' if kind or period else ""
    said = f'<p class="source">Source: {escape(source)}</p>' if source else ""
    return f'<div class="foot">{line}{said}{more}</div>' if line or said or more else ""


def bullets(items: Iterable[str], none: str = "", most: int = 0) -> str:
    """A list, or the sentence that says why there is none; with more than `most` items they run on in lines."""
    lines = [f"<li>{escape(item)}</li>" for item in items]
    if not lines:
        return paragraph(none, "none")
    return f'<ul class="own{" run" if 0 < most < len(lines) else ""}">{" ".join(lines)}</ul>'


def pairs(rows: Iterable[tuple[str, str]], kind: str = "pairs") -> str:
    """Names with what they are, which is HTML already; those without anything are left out."""
    shown = "".join(f"<div><dt>{escape(name)}</dt><dd>{html}</dd></div>" for name, html in rows if html)
    return f'<dl class="{kind}">{shown}</dl>' if shown else ""


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph, or nothing where there is no text."""
    named = f' class="{kind}"' if kind else ""
    return f"<p{named}>{escape(text)}</p>" if text else ""


def pounds(value: float | None) -> str:
    """An amount in pounds, escaped: in millions with one decimal, so that amounts stand beside each other and add up.

    >>> pounds(17_500_000), pounds(-850_000), pounds(4_000), pounds(0), pounds(None)
    ('£17.5m', '\u2212£0.9m', '£4,000', '£0', 'not available')
    """
    if value is None or is_missing(value) or not 50_000 <= abs(value) < 1e9:
        return escape(money_gbp(value, ""))
    return escape(f"{MINUS if value < 0 else ''}£{number(abs(value) / 1e6, 1)}m")


def span(between: Range | None, *, money: bool = False) -> str:
    """What a number may be, from low to high, beside it: nothing where no range was worked out."""
    if between is None:
        return ""
    low, high = map(pounds if money else number, between)
    return f' <span class="span">{low} to {high}</span>'


def evidence_steps(grade: int | None, words: str = "") -> str:
    """Five steps, filled up to the grade, and the same in words; without a grade, that no evaluation is known."""
    filled = grade or 0
    squares = "".join(
        f'<rect class="{"seen" if at < filled else "all"}" x="{at * 14 + 1}" y="1" width="10" height="10"></rect>'
        for at in range(5)
    )
    drawing = f'<svg class="grade" viewBox="0 0 70 12" width="70" height="12" aria-hidden="true">{squares}</svg>'
    said = "No evaluation is known"
    if grade is not None:
        said = f"<b>{escape(grade)} of 5</b> on the Maryland scale: {escape(words or GRADE_WORDS.get(grade, ''))}"
    return f"{drawing} {said}"
