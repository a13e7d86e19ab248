"""What could be done: the long list as cards, why each option is on it, and the short list.

Blocks as in `iitk.words.blocks`; headings start at level 3, under a question of the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from iitk.model import Badge
from iitk.words.format import count, escape, is_missing, join, number
from iitk.words.pieces import Range, evidence_steps, marks, pairs, paragraph, pounds, span

STEP_LABELS = {
    "fact": "Fact", "gap": "Gap", "opportunity": "Opportunity", "vote": "Vote", "assumption": "Assumption",
    "cost": "Cost", "evidence": "Evidence",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One thing that an option rests on; or, with `missing`, what is not there and who could supply it."""

    kind: str  # fact, gap, opportunity, vote, assumption, cost, evidence; or words of your own
    sentence: str = ""
    badge: Badge | None = None
    source: str = ""
    missing: str = ""
    who: str = ""  # could supply what is missing

    @property
    def html(self) -> str:
        """The step as an item of a list."""
        label = f'<b class="step-kind">{escape(STEP_LABELS.get(self.kind, self.kind))}</b>'
        if self.sentence:
            return f"<li>{label}<div><p>{escape(self.sentence)}</p>{marks(self.badge, self.source)}</div></li>"
        lack = f"<b>Missing:</b> {escape(self.missing or 'nothing is written down')}"
        who = f" Who could tell: {escape(self.who)}." if self.who else ""
        return f'<li class="lacking">{label}<div><p>{lack}.{who}</p></div></li>'


@dataclass(frozen=True, slots=True)
class Trace:
    """Why an option is here: from the fact and the gap to the opportunity, the vote, the assumption and the cost."""

    option: str
    steps: Sequence[TraceStep]

    @property
    def steps_html(self) -> str:
        """The steps alone, in their order."""
        return f'<ol class="steps">{"".join(step.html for step in self.steps)}</ol>'

    def _repr_html_(self) -> str:
        return f'<div class="trace paper"><h3>Why is “{escape(self.option)}” here?</h3>{self.steps_html}</div>'


@dataclass(frozen=True, slots=True)
class OptionCard:
    """One option of the long list. Money in pounds; what nobody has estimated is None."""

    name: str
    underpinning: str
    lever: str  # fund, build, regulate, buy, convene or stop
    opportunity: str
    owner: str  # a role
    capital: float | None
    revenue: float | None
    net_jobs: float | None
    evidence_grade: int | None  # Maryland scale, 1 to 5; None: no evaluation is known
    risk_level: str
    net_jobs_range: Range | None = None
    evidence: str = ""  # what the grade rests on, in words; empty: what the grade means
    risks: str = ""
    needs: Sequence[str] = ()
    excludes: Sequence[str] = ()
    dropped: str = ""  # why; empty: it is on the short list
    undecided: bool = False  # before the success factors: neither kept nor dropped
    trace: Trace | None = None
    badge: Badge = Badge.ILLUSTRATIVE
    source: str = ""

    def card(self, shared: str = "") -> str:
        """The option as a card of a list; a source that is shared is not said again."""
        off = " off" if self.dropped else ""
        head = (
            f'<p class="labels"><span class="tag">{escape(self.lever)}</span>{self._status()}</p>'
            f"<h4>{escape(self.name)}</h4>{paragraph(f'Serves: {self.opportunity}', 'theme')}"
        )
        why = f"<p class=dropped><b>Dropped:</b> {escape(self.dropped)}</p>" if self.dropped else ""
        say = f'<div class="say">{head}{why}{self._facts()}</div>'
        return f'<li class="card option{off}">{say}{self._foot(shared)}</li>'

    def _status(self) -> str:
        said = "" if self.undecided else "dropped" if self.dropped else "short list"
        return f'<span class="status">{said}</span>' if said else ""

    def _facts(self) -> str:
        whole = None if is_missing(self.capital) or is_missing(self.revenue) else self.capital + self.revenue  # type: ignore[operator]
        parts = (
            f'<span class="span">capital {pounds(self.capital)},</span> '
            f'<span class="span">revenue {pounds(self.revenue)}</span>'
        )
        risk = f"<b>{escape(self.risk_level)}</b>{': ' + escape(self.risks) if self.risks else ''}"
        return pairs([
            ("Cost", f"<b>{pounds(whole)}</b> {parts}"),
            ("Net jobs", f"<b>{escape(number(self.net_jobs))}</b>{span(self.net_jobs_range)}"),
            ("Evidence", evidence_steps(self.evidence_grade, self.evidence)),
            ("Risk", risk),
            ("Needs", escape(join(self.needs))),
            ("Excludes", escape(join(self.excludes))),
            ("Owner", escape(self.owner)),
        ])

    def _foot(self, shared: str) -> str:
        about = f'<span class="unseen">: {escape(self.name)}</span>'
        why = f"<summary>Why is this here?{about}</summary>{self.trace.steps_html}" if self.trace else ""
        source = "" if self.source == shared else self.source
        return marks(self.badge, source, more=f'<details class="why">{why}</details>' if why else "")


@dataclass(frozen=True, slots=True)
class OptionCards:
    """The long list by underpinning, each with its number of options and the mix of levers."""

    options: Sequence[OptionCard]
    source: str = ""  # of all; else that of the cards, if they share one
    period: str = ""  # price year, and what the ranges are

    def _repr_html_(self) -> str:
        names = dict.fromkeys(option.underpinning for option in self.options)
        sources = {option.source for option in self.options}
        shared = self.source or (sources.pop() if len(sources) == 1 else "")
        groups = "".join(self._group(name, shared) for name in names)
        return f'<div class="options broad">{groups}{marks(None, shared, self.period)}</div>'

    def _group(self, underpinning: str, shared: str) -> str:
        inside = [option for option in self.options if option.underpinning == underpinning]
        mix = ", ".join(f"{many} {lever}" for lever, many in Counter(one.lever for one in inside).most_common())
        said = f"{count(len(inside), 'option')}: {mix}"
        cards = "".join(option.card(shared) for option in inside)
        name = escape(underpinning[:1].upper() + underpinning[1:])
        return f'<h3>{name} <small>{escape(said)}</small></h3><ul class="cards">{cards}</ul>'


@dataclass(frozen=True, slots=True)
class Kept:
    """An option on the short list, and what carries it."""

    option: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """An option that failed a success factor: which, why, and who could change that."""

    option: str
    factor: str
    reason: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class NotKnown:
    """What nobody could say yet of an option: it drops nothing, and somebody finds out."""

    option: str
    factor: str
    reason: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class ShortList:
    """What was kept and what was dropped, side by side, with the reason for every drop."""

    kept: Sequence[Kept]
    dropped: Sequence[Dropped]
    unknown: Sequence[NotKnown] = ()
    badge: Badge = Badge.JUDGEMENT
    source: str = ""

    def _repr_html_(self) -> str:
        kept = "".join(f'<li><b class="own">{escape(one.option)}</b>{paragraph(one.because)}</li>' for one in self.kept)
        dropped = "".join(_verdict(one, "Fails", "Who could change this") for one in self.dropped)
        open_ = "".join(_verdict(one, "Not known yet", "Who could tell") for one in self.unknown)
        columns = (
            _column(f"Kept: {len(self.kept)}", kept, "Nothing was kept.")
            + _column(f"Dropped: {len(self.dropped)}", dropped, "Nothing: a test that all pass chooses nothing.")
            + (_column(f"Not known yet: {len(self.unknown)}", open_, "", kind=" lacking") if open_ else "")
        )
        return f'<div class="shortlist broad"><div class="sides">{columns}</div>{marks(self.badge, self.source)}</div>'


def _column(heading: str, items: str, none: str, kind: str = "") -> str:
    inside = f"<ul>{items}</ul>" if items else paragraph(none, "none")
    return f'<div class="side paper{kind}"><h3>{escape(heading)}</h3>{inside}</div>'


def _verdict(one: Dropped | NotKnown, verb: str, ask: str) -> str:
    rows = pairs([(verb, escape(one.factor)), ("Why", escape(one.reason)), (ask, escape(one.who))])
    return f"<li><b>{escape(one.option)}</b>{rows}</li>"
