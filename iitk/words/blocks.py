"""What a notebook cell shows between its charts, as HTML that a page can keep.

Each block is a frozen dataclass with `_repr_html_`: a notebook cell names it and the page shows it. A block draws
text; it computes nothing. Every word that comes from outside passes through `escape`.

Order of headings: the notebook's title is level 1, a question is level 2, what stands under it is level 3.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from numbers import Integral, Real

import pandas as pd

from iitk.model import Badge, Finding, Prompt
from iitk.words.format import MINUS, escape, in_prose

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
BADGE_MEANINGS = {
    Badge.OBSERVED: "An official figure, or plain arithmetic on official figures.",
    Badge.MODELLED: "Computed under assumptions. Areas are never ranked on it.",
    Badge.ILLUSTRATIVE: "An example, to show how something works.",
    Badge.JUDGEMENT: "What people scored or decided.",
}
BESIDE_A_TALK = 5  # columns of a table that still fit into two thirds of a page
RULED = '<span class="ruled" aria-hidden="true"></span>'


@cache
def style_sheet() -> str:
    """CSS of the blocks and of figures, without fonts: the same for notebooks, apps and pages."""
    folder = files("iitk.words")
    return "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in ("blocks.css", "choosing.css"))


def standalone_style() -> str:
    """`<style>` element for a notebook or an app, where no page carries the CSS. Pages drop it."""
    return f"<style>{style_sheet()}</style>"


def count_in_words(count: int, one: str, many: str) -> str:
    """"Ten facts", "One fact", "13 facts": words up to twelve, then figures."""
    word = NUMBER_WORDS[count] if 0 <= count < len(NUMBER_WORDS) else str(count)
    return f"{word} {one if count == 1 else many}".capitalize()


def badge(kind: Badge | str) -> str:
    """The badge of a number: its meaning is its text, so colour is never alone."""
    kind = Badge(kind)
    return f'<span class="badge {kind.value}" title="{escape(BADGE_MEANINGS[kind])}">{kind.value}</span>'


def plain_value(value: object, name: str = "") -> str:
    """A figure behind a sentence, exact enough to check by hand; years without a comma, missing said as such."""
    if _is_missing(value):
        return "missing"
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    figure = float(value)
    if figure.is_integer():
        is_year = "year" in name.lower() and 1800 <= figure <= 2200
        return _minus(f"{figure:.0f}" if is_year else f"{figure:,.0f}")
    digits = max(0, 6 - len(str(int(abs(figure)))))
    return _minus(f"{figure:,.{digits}f}".rstrip("0").rstrip(".") if abs(figure) >= 1e-4 else f"{figure:.3g}")


def _is_missing(value: object) -> bool:
    """None, NaN and pandas' NA: no number, as against zero."""
    return value is None or value is pd.NA or (isinstance(value, Real) and math.isnan(value))


def _minus(text: str) -> str:
    return MINUS + text[1:] if text.startswith("-") else text


_SPELLED = {
    r"\bgva\b": "GVA", r"\bof uk\b": "of the UK", r"\buk\b": "UK", r"\blq\b": "location quotient",
    r"^gbp m\b": "£ million", r" gbp m\b": ", £ million",
    r"\b(lower|upper) 95\b": r"\1 end of the 95% interval", r" comparator$": " of the comparator",
}  # fmt: skip


def _in_words(name: str) -> str:
    """A code name as a label.

    >>> _in_words("largest-specialisation"), _in_words("uk_gva_gbp_m")
    ('Largest specialisation', 'UK GVA, £ million')
    """
    words = re.sub(r"[-_]+", " ", name).strip()
    for code, spelled in _SPELLED.items():
        words = re.sub(code, spelled, words)
    return words[:1].upper() + words[1:]


def _emphasis(text: str) -> str:
    """Escaped text in which *words between asterisks* stand out: prompts are written that way."""
    return re.sub(r"\*([^*\n]+)\*", r"<em>\1</em>", escape(text))


def _heading(text: str | None, level: int = 2) -> str:
    return f"<h{level}>{escape(text)}</h{level}>" if text else ""


def _pairs(pairs: Sequence[tuple[str, str]]) -> str:
    """Name and value pairs as a description list; pairs without a value are left out."""
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in pairs if value)
    return f"<dl>{rows}</dl>"


def provenance(finding: Finding, ask: str = "Where does this number come from?") -> str:
    """"Where does this number come from?": source, unit, period, rule, and the figures behind it."""
    facts = _pairs([
        ("Source", finding.source), ("Unit", finding.unit), ("Period", finding.period),
        ("Rule", _in_words(finding.key)),
    ])
    rows = "".join(
        f'<tr><th scope="row">{escape(_in_words(name))}</th><td>{escape(plain_value(value, name))}</td></tr>'
        for name, value in finding.values.items()
    )
    behind = f"<table><caption>The figures behind it</caption><tbody>{rows}</tbody></table>" if rows else ""
    about = f'<span class="unseen">: {escape(finding.headline)} {escape(finding.label)}</span>'
    summary = f"<summary>{escape(ask)}{about}</summary>"
    return f'<details class="provenance">{summary}{facts}{behind}</details>'


def _foot(finding: Finding, ask: str = "Where does this number come from?") -> str:
    """Badge, period and source: what every number carries."""
    period = f'<span class="period">{escape(finding.period)}</span>' if finding.period else ""
    source = f'<p class="source">Source: {escape(finding.source)}</p>' if finding.source else ""
    marks = f'<p class="marks">{badge(finding.badge)}{period}</p>'
    return f'<div class="foot">{marks}{source}{provenance(finding, ask)}</div>'


@dataclass(frozen=True, slots=True)
class Lead:
    """The paragraph that answers the page's question."""

    text: str

    def _repr_html_(self) -> str:
        return f'<p class="lead">{escape(self.text)}</p>'


@dataclass(frozen=True, slots=True)
class StageHeader:
    """Which stage this is, how long it takes and what people leave with.

    In a notebook or an app it also brings the CSS of the blocks, which the finished page has of its own.
    """

    number: int
    minutes: int
    leave_with: str
    area: str
    comparator: str

    def _repr_html_(self) -> str:
        words = [
            f"<b>Stage {self.number}</b>",
            f"<span>{escape(self.area)}, compared with {escape(in_prose(self.comparator))}</span>",
            f"<span>{self.minutes} minutes</span>",
            f"<span>you leave with {escape(self.leave_with)}</span>",
        ]
        return f'{standalone_style()}<p class="stage">{" ".join(words)}</p>'


@dataclass(frozen=True, slots=True)
class FactCards:
    """Findings as cards: the number first and large, then what it is, then the sentence.

    The first cards are drawn wide so that rows of four always come out even.
    """

    findings: Sequence[Finding]
    heading: str | None = "Ten facts"

    def _repr_html_(self) -> str:
        wide = -len(self.findings) % 4
        cards = "".join(self._card(finding, wide=at < wide) for at, finding in enumerate(self.findings))
        return f'<div class="facts">{_heading(self.heading)}<ul class="cards">{cards}</ul></div>'

    def _card(self, finding: Finding, *, wide: bool) -> str:
        size = " long" if len(finding.headline) > 9 else ""
        theme = f'<p class="theme">{escape(_in_words(finding.theme))}</p>' if finding.theme else ""
        title = f'<span class="big{size}">{escape(finding.headline)}</span> {escape(finding.label)}'
        words = f'<div class="say">{theme}<h3>{title}</h3><p>{escape(finding.sentence)}</p></div>'
        return f'<li class="card{" wide-card" if wide else ""}">{words}{_foot(finding)}</li>'


@dataclass(frozen=True, slots=True)
class Puzzles:
    """Findings that the figures raise and cannot settle, each with its question for the room."""

    findings: Sequence[Finding]
    heading: str | None = ""

    def _repr_html_(self) -> str:
        heading = count_in_words(len(self.findings), "puzzle", "puzzles") if self.heading == "" else self.heading
        items = "".join(
            f"<li><h3>{escape(f.sentence)}</h3>"
            f'{f"<p class=ask>{escape(f.question)}</p>" if f.question else ""}{_foot(f)}</li>'
            for f in self.findings
        )
        return f'<div class="puzzles">{_heading(heading)}<ol>{items}</ol></div>'


@dataclass(frozen=True, slots=True)
class Gaps:
    """What the figures do not show, and who could tell."""

    findings: Sequence[Finding]
    heading: str | None = ""

    def _repr_html_(self) -> str:
        heading = count_in_words(len(self.findings), "gap", "gaps") if self.heading == "" else self.heading
        items = "".join(
            f"<li><h3>{escape(f.label or f.headline)}</h3><p>{escape(f.sentence)}</p>"
            f"{_tell(f.question)}{_foot(f, 'How do we know?')}</li>"
            for f in self.findings
        )
        return f'<div class="gaps">{_heading(heading)}<ul>{items}</ul></div>'


def _tell(who: str) -> str:
    return f'<p class="tell"><b>Who could tell?</b> {escape(who)}</p>' if who else ""


@dataclass(frozen=True, slots=True)
class Talk:
    """A prompt to talk, which stands beside the evidence that can move it."""

    prompt: Prompt

    def _repr_html_(self) -> str:
        p = self.prompt
        when = ", ".join(part for part in (f"{p.minutes} minutes", p.grouping) if part)
        steps = "".join(f"<li>{_emphasis(step)}</li>" for step in p.steps)
        return (
            f'<section class="talk"><p class="kicker">Talk about it <span>{escape(when)}</span></p>'
            f'<h3>{escape(p.title)}</h3><p class="ask">{_emphasis(p.question)}</p>{_paragraph(p.purpose, "purpose")}'
            f"<ol>{steps}</ol>{self._minds()}{self._record()}{self._nudges()}</section>"
        )

    def _minds(self) -> str:
        text = self.prompt.change_our_minds
        return f"<h4>What would change our minds?</h4><p>{_emphasis(text)}</p>" if text else ""

    def _record(self) -> str:
        text = self.prompt.record
        return f'<div class="record"><h4>Write down</h4><p>{_emphasis(text)}</p>{RULED * 3}</div>' if text else ""

    def _nudges(self) -> str:
        nudges = [("If it stalls", self.prompt.if_stalled), ("If one voice leads", self.prompt.if_one_voice)]
        return f'<details class="nudges"><summary>For the facilitator</summary>{_pairs(nudges)}</details>'


def _paragraph(text: str, kind: str) -> str:
    return f'<p class="{kind}">{escape(text)}</p>' if text else ""


@dataclass(frozen=True, slots=True)
class MandateCard:
    """Who we are and what we may decide: a card with its open fields ruled, to be filled in by hand."""

    fields: Mapping[str, str]
    heading: str | None = "Our mandate"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<div><dt>{escape(name)}</dt><dd>{escape(value) if value else _open_field()}</dd></div>"
            for name, value in self.fields.items()
        )
        return f'<div class="mandate paper">{_heading(self.heading, 3)}<dl>{rows}</dl></div>'


def _open_field() -> str:
    return f'<span class="unseen">to be filled in</span>{RULED}'


@dataclass(frozen=True, slots=True)
class AreaNote:
    """What a reader should know of the area's figures: a merger, or cells that are missing."""

    text: str

    def _repr_html_(self) -> str:
        if not self.text:
            return ""
        return f'<div class="note" role="note"><p><b>About this area.</b> {escape(self.text)}</p></div>'


@dataclass(frozen=True, slots=True)
class Peer:
    """A place like the area, and why: in what it is most alike and most different."""

    name: str
    distance: float
    alike: Sequence[str] = ()
    different: Sequence[str] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class PeersTable:
    """Places like the area with the reasons. `distance` has no unit: 0 is identical on every indicator."""

    rows: Sequence[Peer]
    area: str
    caption: str = ""
    source: str = ""
    badge: Badge = Badge.MODELLED
    method: str = ""  # how they were chosen, one tap away

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row">{escape(p.name)}</th><td class="words">{_listed(p.alike)}</td>'
            f'<td class="words">{_listed(p.different)}</td><td>{escape(f"{p.distance:.2f}")}</td></tr>'
            for p in self.rows
        )
        heads = (
            '<th scope="col">Place</th><th scope="col" class="words">Most alike in</th>'
            '<th scope="col" class="words">Most different in</th>'
            '<th scope="col">Distance<small>0 = identical</small></th>'
        )
        caption = self.caption or f"Places like {self.area}, nearest first"
        body = f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>"
        how = f"<summary>How were they chosen?</summary><p>{escape(self.method)}</p>" if self.method else ""
        foot = f'<details class="provenance">{how}</details>' if how else ""
        return _table(caption, body, "peers", self.badge, self.source, foot=foot)


def _listed(items: Sequence[str]) -> str:
    return escape("; ".join(items)) if items else "missing"


def _table(
    caption: str, rows: str, kind: str, mark: Badge | None, source: str, period: str = "", foot: str = "", ask: str = ""
) -> str:
    """A table that scrolls by itself on a narrow screen and can be reached with the keyboard, with its marks.

    With `ask` it is one tap away, behind these words.
    """
    name = escape(caption)
    table = f'<table class="{kind}" aria-label="{name}">{rows}</table>'
    # The caption stands outside, so that it stays in view while a wide table scrolls under it.
    scroll = f'<div class="scroll" role="group" tabindex="0" aria-label="{name}">{table}</div>'
    if ask:
        about = f'<span class="unseen">: {name}</span>'
        scroll = f'<details class="provenance"><summary>{escape(ask)}{about}</summary>{scroll}</details>'
    when = f'<span class="period">{escape(period)}</span>' if period else ""
    said = f'<span class="source">Source: {escape(source)}</span>' if source else ""
    marks = f'<p class="marks">{badge(mark) if mark else ""}{when}{said}</p>' if mark or source or period else ""
    broad = " broad" if rows.count('scope="col"') > BESIDE_A_TALK else ""
    return f'<figure class="numbers paper{broad}"><figcaption>{name}</figcaption>{scroll}{marks}{foot}</figure>'


@dataclass(frozen=True, slots=True)
class Points:
    """Sentences one under the other, with the marks that their numbers share."""

    lines: Sequence[str]
    source: str
    badge: Badge
    period: str

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{escape(line)}</li>" for line in self.lines)
        marks = f'{badge(self.badge)}<span class="period">{escape(self.period)}</span>'
        source = f'<p class="source">Source: {escape(self.source)}</p>'
        foot = f'<div class="foot"><p class="marks">{marks}</p>{source}</div>'
        return f'<div class="points paper"><ul>{items}</ul>{foot}</div>'


@dataclass(frozen=True, slots=True)
class LensCard:
    """One sector lens in one area: what it is, what it weighs here, and how much of it the figures can see."""

    name: str
    headline: str  # the number, large
    label: str  # what the number is
    sentence: str
    definition: str = ""
    resolved: float | None = None  # share of the lens, 0 to 1, that the industry level can resolve
    resolution: str = ""  # the same, in a sentence
    badge: Badge = Badge.MODELLED
    source: str = ""
    period: str = ""
    values: Mapping[str, float | str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LensCards:
    """Sector lenses side by side. A bar says which share of the lens the figures can see."""

    lenses: Sequence[LensCard]
    heading: str | None = None

    def _repr_html_(self) -> str:
        cards = "".join(map(self._card, self.lenses))
        return f'<div class="lenses">{_heading(self.heading)}<ul class="cards">{cards}</ul></div>'

    def _card(self, lens: LensCard) -> str:
        finding = Finding(
            key=lens.name, headline=lens.headline, label=lens.label, sentence=lens.sentence, badge=lens.badge,
            source=lens.source, unit="", period=lens.period, values=dict(lens.values),
        )
        return (
            f'<li class="card"><div class="say"><h3>{escape(lens.name)}</h3>'
            f'<p class="number"><span class="big">{escape(lens.headline)}</span> {escape(lens.label)}</p>'
            f"<p>{escape(lens.sentence)}</p>{_resolved(lens)}{_paragraph(lens.definition, 'definition')}</div>"
            f"{_foot(finding)}</li>"
        )


def _resolved(lens: LensCard) -> str:
    """A bar and the same in words: the share of the lens that the industry level of the figures resolves."""
    if lens.resolved is None:
        return _paragraph(lens.resolution, "resolution")
    share = min(max(lens.resolved, 0.0), 1.0)
    words = lens.resolution or f"The figures resolve {share:.0%} of this lens."
    bar = (
        '<svg class="meter" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="all" width="100" height="4"></rect>'
        f'<rect class="seen" width="{share * 100:.1f}" height="4"></rect></svg>'
    )
    return f'<div class="resolution">{bar}<p>{escape(words)}</p></div>'


@dataclass(frozen=True, slots=True)
class Decision:
    """What the group claims or decides, to be written by hand on the printed page; filled fields are shown."""

    heading: str = "What we decided"
    claim: str = ""
    evidence: str = ""
    confidence: str = ""  # "low", "medium" or "high"
    who: str = ""
    by_when: str = ""
    dissent: str = ""

    def _repr_html_(self) -> str:
        rows = [
            ("Our claim", self.claim, 2), ("The evidence for it", self.evidence, 2),
            ("Who sees it differently, and why", self.dissent, 2),
            ("Who will check it", self.who, 1), ("By when", self.by_when, 1),
        ]
        fields = [_ruled_row(label, value, lines) for label, value, lines in rows]
        fields.insert(2, self._confidence())
        return f'<div class="decision paper"><h3>{escape(self.heading)}</h3><dl>{"".join(fields)}</dl></div>'

    def _confidence(self) -> str:
        boxes = "".join(
            f'<span class="choice{" chosen" if level == self.confidence.lower() else ""}">{level}'
            f'{"<span class=unseen> (chosen)</span>" if level == self.confidence.lower() else ""}</span> '
            for level in ("low", "medium", "high")
        )
        return f"<div><dt>Confidence</dt><dd>{boxes}</dd></div>"


def _ruled_row(label: str, value: str, lines: int) -> str:
    empty = f'<span class="unseen">to be filled in</span>{RULED * lines}'
    kind = ' class="short"' if lines == 1 else ""
    return f"<div{kind}><dt>{escape(label)}</dt><dd>{escape(value) if value else empty}</dd></div>"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A table of figures with caption and units. Missing cells say "missing"; they are never 0.

    `units` names the unit of a column ("£ million"). `decimals` counts the places of numbers that are not whole,
    for all columns or by column (1 where a column is not named). The frame's index is shown when it has a name.
    """

    frame: pd.DataFrame = field(repr=False)
    caption: str
    units: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    badge: Badge | None = None
    period: str = ""
    decimals: int | Mapping[str, int] = 1
    ask: str = ""  # words behind which the table is one tap away; empty: it is in sight

    def _repr_html_(self) -> str:
        frame = self.frame.reset_index() if self.frame.index.name is not None else self.frame
        heads = "".join(self._head(str(name), is_words=not _is_number(frame[name])) for name in frame)
        rows = "".join(f"<tr>{self._row(frame, row)}</tr>" for row in frame.itertuples(index=False, name=None))
        body = f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>"
        return _table(self.caption, body, "figures", self.badge, self.source, self.period, ask=self.ask)

    def _head(self, name: str, *, is_words: bool) -> str:
        unit = f"<small>{escape(self.units[name])}</small>" if name in self.units else ""
        return f'<th scope="col"{" class=words" if is_words else ""}>{escape(name)}{unit}</th>'

    def _row(self, frame: pd.DataFrame, row: tuple[object, ...]) -> str:
        first, *rest = (self._cell(value, str(name)) for name, value in zip(frame, row, strict=True))
        cells = "".join(f"<td{_words_class(text) if words else ''}>{text}</td>" for text, words in rest)
        return f'<th scope="row">{first[0]}</th>{cells}'

    def _cell(self, value: object, name: str) -> tuple[str, bool]:
        """The cell's text, escaped, and whether it is words rather than a number."""
        if _is_missing(value):
            return '<i class="missing">missing</i>', False
        if isinstance(value, bool) or not isinstance(value, Real):
            return escape(str(value)), True
        if isinstance(value, Integral):
            return escape(plain_value(value, name)), False
        places = self.decimals if isinstance(self.decimals, int) else self.decimals.get(name, 1)
        return escape(_minus(f"{float(value):,.{places}f}")), False


def _words_class(text: str) -> str:
    """Words stand left; a sentence gets room enough not to become a tower."""
    return ' class="words sentence"' if len(text) > 24 else ' class="words"'


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
