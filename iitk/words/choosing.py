"""What people read while they choose: portfolios, cuts, the budget game, what is not now, and warnings.

Blocks as in `iitk.words.blocks`, for stage 7. They draw what they are given and work nothing out. Money is in pounds;
what nobody has estimated is None and is written "not available". Headings start at level 3, because each block stands
under a question of its page. The blocks of the options and of the decision can be had from here as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iitk.model import Badge
from iitk.words.audit import AuditCheck, AuditChecks
from iitk.words.format import capitalise, count, escape, is_missing, number, percent
from iitk.words.options import Dropped, Kept, NotKnown, OptionCard, OptionCards, ShortList, Trace, TraceStep
from iitk.words.pieces import Range, bullets, marks, pairs, paragraph, pounds, span
from iitk.words.record import ChosenOption, DecisionRecord, Minority, MinorityReport

__all__ = [
    "Assumption", "Assumptions", "AuditCheck", "AuditChecks", "ChosenOption", "Cut", "CutTest", "DecisionRecord",
    "Dropped", "GameBoard", "GameRow", "GuardRail", "GuardRails", "Kept", "LeftOut", "Meter", "Minority",
    "MinorityReport", "NotKnown", "NotNow", "OptionCard", "OptionCards", "Portfolio", "Portfolios", "ShortList",
    "Trace", "TraceStep",
]  # fmt: skip

REASONS = {
    "fails": "Fails a test that an option must pass",
    "worth": "Adds nothing by the group’s values",
    "excluded": "Cannot stand beside something that is chosen",
    "needs": "Needs something that is not chosen",
    "money": "There is no money or no room for it",
    "others": "Others do more for the same money",
    "unknown": "Not known well enough to choose",
}


@dataclass(frozen=True, slots=True)
class Portfolio:
    """One portfolio: what it brings and does not, who pays, how sure it is, and who would choose another."""

    name: str
    sentence: str  # what it is best at
    net_jobs: float | None
    net_worth: float | None  # pounds, present value
    cost: float | None  # pounds, of all years and funders
    gets: Sequence[str]
    misses: Sequence[str]
    payers: Sequence[tuple[str, float | None]]  # (funder, pounds)
    options: int
    high_risk: int  # of them
    affordable: float | None = None  # share of draws in which it stays within the money
    disagree: Sequence[str] | None = None  # roles; None: nobody has been asked
    is_ours: bool = False  # the one that the group proposes
    net_jobs_range: Range | None = None
    net_worth_range: Range | None = None

    @property
    def html(self) -> str:
        """The portfolio as a card whose eight rows stand level with those of its neighbours."""
        which = "The group’s choice" if self.is_ours else "For comparison"
        parts = [
            f'<div><p class="labels"><span class="tag">{which}</span></p><h3>{escape(self.name)}</h3></div>',
            f"<p>{escape(self.sentence)}</p>",
            f'<div class="headlines">{self._numbers()}</div>',
            f"<div><h4>What you get</h4>{bullets(self.gets, 'Nothing.')}</div>",
            f"<div><h4>What you don’t</h4>{bullets(self.misses, 'Nothing is left out.')}</div>",
            f"<div><h4>Who pays</h4>{self._payers()}</div>",
            f"<div><h4>How sure it is</h4>{self._risk()}</div>",
            f"<div><h4>Who disagrees</h4>{self._disagree()}</div>",
        ]
        return f'<li class="card portfolio{" ours" if self.is_ours else ""}">{"".join(parts)}</li>'

    def _numbers(self) -> str:
        rows = [
            (number(self.net_jobs), "net jobs", span(self.net_jobs_range)),
            (pounds(self.net_worth), "net worth to society", span(self.net_worth_range, money=True)),
            (pounds(self.cost), "cost in all", ""),
        ]
        return "".join(
            f'<p class="figure-line"><span class="big{" long" if len(said) > 9 else ""}">{said}</span> '
            f'<span class="what">{what}</span>{between}</p>' for said, what, between in rows
        )

    def _payers(self) -> str:
        rows = ((funder, pounds(amount)) for funder, amount in self.payers)
        return pairs(rows, "pairs ends") or paragraph("Not known.", "none")

    def _risk(self) -> str:
        sure = "How often the money is enough has not been worked out."
        if not is_missing(self.affordable):
            sure = f"It stays within the money in {percent(self.affordable)} of the draws."
        many = f"{number(self.high_risk)} of {count(self.options, 'option')}" if self.high_risk else "No option"
        return bullets([f"{many} {'carries' if self.high_risk < 2 else 'carry'} a high risk.", sure])

    def _disagree(self) -> str:
        if self.disagree is None:
            return paragraph("Not known: no member has weighed the criteria yet.", "none")
        return bullets(self.disagree, "No member’s own portfolio is far from it.")


@dataclass(frozen=True, slots=True)
class Portfolios:
    """Two to four portfolios side by side, row level with row."""

    portfolios: Sequence[Portfolio]
    badge: Badge = Badge.ILLUSTRATIVE
    source: str = ""
    period: str = ""  # price year, and what ranges and draws are

    def _repr_html_(self) -> str:
        cards = "".join(one.html for one in self.portfolios)
        many = f"of-{min(len(self.portfolios), 4)}"
        foot = marks(self.badge, self.source, self.period)
        return f'<div class="portfolios broad"><ul class="cards {many}">{cards}</ul>{foot}</div>'


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An option that is not now: why, what would have to change, and what it would cost to have it all the same."""

    option: str
    reason: str  # a key of REASONS, or words of your own
    sentence: str
    change: str  # what would have to change
    loss: str = ""  # in words, if it were in: "45 net jobs fewer"


@dataclass(frozen=True, slots=True)
class NotNow:
    """Everything that is not chosen, by the kind of reason."""

    options: Sequence[LeftOut]
    badge: Badge = Badge.ILLUSTRATIVE
    source: str = ""
    period: str = ""

    def _repr_html_(self) -> str:
        order = {key: at for at, key in enumerate(REASONS)}
        reasons = sorted(dict.fromkeys(one.reason for one in self.options), key=lambda key: order.get(key, len(order)))
        groups = "".join(map(self._group, reasons)) or paragraph("Everything is chosen: nothing is left for later.")
        return f'<div class="notnow paper broad">{groups}{marks(self.badge, self.source, self.period)}</div>'

    def _group(self, reason: str) -> str:
        inside = [one for one in self.options if one.reason == reason]
        items = "".join(
            f"<li><div><h4>{escape(one.option)}</h4><p>{escape(one.sentence)}</p></div>"
            + pairs([("What would have to change", escape(one.change)), ("If it were in", escape(one.loss))]) + "</li>"
            for one in inside
        )
        heading = f"{escape(REASONS.get(reason, reason))} <small>{count(len(inside), 'option')}</small>"
        return f"<h3>{heading}</h3><ul>{items}</ul>"


@dataclass(frozen=True, slots=True)
class Cut:
    """The best portfolio with a share of the money gone: 0.1 is 10% less."""

    share: float
    kept: int
    net_jobs: float | None
    net_worth: float | None  # pounds
    sentence: str = ""
    lost: Sequence[str] = ()  # options that all the money would have bought
    gained: Sequence[str] = ()  # options that come in only now

    @property
    def html(self) -> str:
        """The cut as a card of a list."""
        name = f"{percent(self.share)} less money" if self.share else "All the money"
        gone = "Nothing is lost." if self.share else ""
        lists = "".join(
            f"<h4>{head}</h4>{bullets(items)}" for head, items in (("Lost", self.lost), ("New", self.gained)) if items
        ) or paragraph(gone, "none")
        figures = pairs([("Net jobs", f"<b>{escape(number(self.net_jobs))}</b>"),
                         ("Net worth", f"<b>{pounds(self.net_worth)}</b>")])  # fmt: skip
        options = "option" if self.kept == 1 else "options"
        kept = f'<p class="number"><span class="big">{number(self.kept)}</span> {options}</p>'
        return f'<li class="card"><h3>{name}</h3>{kept}{figures}{paragraph(self.sentence)}{lists}</li>'


@dataclass(frozen=True, slots=True)
class CutTest:
    """What is left when money goes: the same choice at all the money, and at shares of it."""

    cuts: Sequence[Cut]
    badge: Badge = Badge.ILLUSTRATIVE
    source: str = ""
    period: str = ""

    def _repr_html_(self) -> str:
        cards = "".join(one.html for one in self.cuts)
        foot = marks(self.badge, self.source, self.period)
        return f'<div class="cuts broad"><ul class="cards">{cards}</ul>{foot}</div>'


@dataclass(frozen=True, slots=True)
class GuardRail:
    """A warning, and what to do about it."""

    sentence: str
    advice: str


@dataclass(frozen=True, slots=True)
class GuardRails:
    """Warnings that a good choice should not raise; without any, what was checked."""

    warnings: Sequence[GuardRail]
    checked: str = ""  # what was looked at: "number of priorities, options rejected"

    def _repr_html_(self) -> str:
        if not self.warnings:
            said = f"No warning. Checked: {escape(self.checked)}." if self.checked else ""
            return f'<div class="rails quiet" role="note"><p>{said}</p></div>' if said else ""
        lines = "".join(f"<li><b>{escape(one.sentence)}</b> {escape(one.advice)}</li>" for one in self.warnings)
        head = f"{count(len(self.warnings), 'warning')} before you decide"
        return f'<div class="rails" role="note" aria-label="{head}"><p class="kicker">{head}</p><ul>{lines}</ul></div>'


@dataclass(frozen=True, slots=True)
class GameRow:
    """An option of the budget game as it stands now."""

    option: str
    state: str  # in words: "in", "out", "in: promised", "out: needs the bootcamps"
    cost: float | None  # pounds, of all years
    net_jobs: float | None
    is_in: bool = False


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of a budget is spent: "Capital 2027", in pounds."""

    label: str
    spent: float
    budget: float

    @property
    def html(self) -> str:
        """The meter as an item of a list: words first, then the same as a bar."""
        over = self.spent > self.budget
        gap = f"<b>{pounds(abs(self.budget - self.spent))} {'over' if over else 'left'}</b>"
        words = f"<p>{escape(self.label)} <span>{pounds(self.spent)} of {pounds(self.budget)}, {gap}</span></p>"
        return f'<li{" class=over" if over else ""}>{words}{self._bar()}</li>'

    def _bar(self) -> str:
        whole = max(self.spent, self.budget) or 1.0
        budget, spent = 100 * self.budget / whole, 100 * self.spent / whole
        parts = [("all", 0, budget), ("seen", 0, min(budget, spent)), ("more", budget, spent - budget)]
        bars = "".join(
            f'<rect class="{kind}" x="{start:.1f}" width="{width:.1f}" height="4"></rect>'
            for kind, start, width in parts if width > 0
        )
        return f'<svg class="meter" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>'


@dataclass(frozen=True, slots=True)
class GameBoard:
    """Where a choice by hand stands: what it brings, the money year by year, what breaks, and every option."""

    rows: Sequence[GameRow]
    meters: Sequence[Meter]
    messages: Sequence[str] = ()  # what breaks a rule or a budget
    net_jobs: float | None = None
    net_worth: float | None = None  # pounds
    best: str = ""  # what the same money could bring, once it is revealed
    badge: Badge = Badge.ILLUSTRATIVE
    source: str = ""
    period: str = ""

    def _repr_html_(self) -> str:
        inside = self._totals() + self._messages() + self._meters() + self._options()
        return f'<div class="game paper broad">{inside}{marks(self.badge, self.source, self.period)}</div>'

    def _totals(self) -> str:
        chosen = sum(row.is_in for row in self.rows)
        told = ((number(chosen), "option" if chosen == 1 else "options"), (number(self.net_jobs), "net jobs"),
                (pounds(self.net_worth), "net worth to society"))  # fmt: skip
        return '<div class="totals">' + "".join(
            f'<p><span class="big{" long" if len(said) > 9 else ""}">{said}</span> {what}</p>'
            for said, what in told
        ) + f"</div>{paragraph(self.best, 'best')}"

    def _messages(self) -> str:
        lines = "".join(f"<li>{escape(line)}</li>" for line in self.messages)
        return f'<div class="rails" role="note" aria-label="What does not fit"><ul>{lines}</ul></div>' if lines else ""

    def _meters(self) -> str:
        return f'<h3>The money</h3><ul class="meters">{"".join(meter.html for meter in self.meters)}</ul>'

    def _options(self) -> str:
        rows = "".join(
            f'<tr{" class=in" if row.is_in else ""}><th scope="row">{escape(row.option)}</th>'
            f'<td class="words">{escape(row.state)}</td><td>{pounds(row.cost)}</td>'
            f"<td>{escape(number(row.net_jobs))}</td></tr>" for row in self.rows
        )
        heads = (
            '<th scope="col" class="words">Option</th><th scope="col" class="words">Now</th>'
            '<th scope="col">Cost</th><th scope="col">Net jobs</th>'
        )
        return f"<h3>The options</h3><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


@dataclass(frozen=True, slots=True)
class Assumption:
    """A parameter as it was used: how far it was verified, and where it bites."""

    what: str
    value: str
    unit: str
    source: str
    status: str  # "verified", "judgement, to be confirmed"
    bites: str


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The parameters that a result rests on, each with its source and how far it was verified."""

    rows: Sequence[Assumption]
    vintage: str
    caption: str = "The assumptions that this rests on"

    def _repr_html_(self) -> str:
        heads = (
            '<th scope="col">Assumption</th><th scope="col" class="words">Value</th>'
            '<th scope="col" class="words">Where it bites</th>'
        )
        origins = dict.fromkeys((one.status, one.source) for one in self.rows)
        name, groups = escape(self.caption), "".join(self._group(*origin) for origin in origins)
        table = f'<table aria-label="{name}"><thead><tr>{heads}</tr></thead>{groups}</table>'
        foot = marks(None, period=self.vintage)
        return f'<figure class="assumptions numbers paper"><figcaption>{name}</figcaption>{table}{foot}</figure>'

    def _group(self, status: str, source: str) -> str:
        """What comes from one source with one status, under both."""
        said = f"<b>{escape(capitalise(status))}</b>Source: {escape(source)}"
        rows = "".join(
            f'<tr><th scope="row">{escape(one.what)}</th><td class="words">{escape(one.value)} '
            f'<small>{escape(one.unit)}</small></td><td class="words">{escape(one.bites)}</td></tr>'
            for one in self.rows if (one.status, one.source) == (status, source)
        )
        return f'<tbody><tr><th scope="rowgroup" colspan="3">{said}</th></tr>{rows}</tbody>'
