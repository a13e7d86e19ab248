"""What a board signs, and what those say who would have chosen otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from iitk.model import Badge
from iitk.words.blocks import RULED
from iitk.words.format import count, escape, number, plain_date
from iitk.words.pieces import bullets, marks, pairs, paragraph, pounds

OUTCOMES = {"approved": "approve", "amended": "amend", "deferred": "defer"}
FEW = 5  # lines of a list on a sheet; more run on
TO_FILL = '<span class="unseen">to be filled in</span>'


@dataclass(frozen=True, slots=True)
class Minority:
    """A member, by a role, whose own portfolio differs most from the group's."""

    role: str
    instead: Sequence[str]  # what they would fund that the group does not
    without: Sequence[str]  # what they would leave out
    why: str  # in weights: "gives 40 of 100 points to fairness; the group's median is 15"
    dissent: Sequence[str] = ()  # in their words


@dataclass(frozen=True, slots=True)
class MinorityReport:
    """Who would choose otherwise, what, and why; with room to write."""

    members: Sequence[Minority]
    source: str = ""
    badge: Badge = Badge.JUDGEMENT

    def _repr_html_(self) -> str:
        cards = "".join(map(self._card, self.members))
        nobody = paragraph("No member’s own portfolio is far from the group’s.", "none")
        inside = f"<ul>{cards}</ul>" if cards else nobody
        room = f'<div class="room"><h4>What this report leaves out</h4>{RULED * 3}</div>'
        return f'<div class="minority paper broad">{inside}{marks(self.badge, self.source)}{room}</div>'

    def _card(self, one: Minority) -> str:
        said = "".join(f"<p class=dissent>“{escape(line)}”</p>" for line in one.dissent)
        return (
            f"<li><h3>{escape(one.role)}</h3>{paragraph(one.why)}{said}"
            f"<h4>Would fund instead</h4>{bullets(one.instead, 'Nothing else.')}"
            f"<h4>Would leave out</h4>{bullets(one.without, 'Nothing.')}</li>"
        )


@dataclass(frozen=True, slots=True)
class ChosenOption:
    """What is to be done, at what cost, and which role answers for it."""

    option: str
    cost: float | None  # pounds, of all years and funders
    owner: str


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """The decision on one sheet: question, result, conditions, dissent, evidence, and lines to sign on.

    What is empty is ruled, to be filled in by hand. Hashes are shortened; in full they are one tap away.
    """

    question: str
    considered: int  # options of the long list
    short_listed: int
    chosen: Sequence[ChosenOption]
    result: str = ""  # what the choice brings, in a sentence
    conditions: Sequence[str] = ()
    dissent: Sequence[str] = ()
    not_now: Sequence[str] = ()
    unknown: Sequence[str] = ()  # what was not known when this was decided
    owner: str = ""  # a role
    review: date | None = None
    outcome: str = "proposed"  # proposed, approved, amended or deferred
    signed_by: Sequence[str] = ()  # roles
    evidence_hash: str = ""
    vintage: str = ""  # of the parameters
    vintage_status: str = ""
    checks: str = ""  # how many checks of an auditor hold, and how many do not
    files: Sequence[tuple[str, str]] = ()  # (name, hash)
    money: str = ""  # what the pounds are: price year, with optimism bias
    badge: Badge = Badge.ILLUSTRATIVE

    def _repr_html_(self) -> str:
        parts = [
            f'<p class="kicker">Decision record <span>{self._considered()}</span></p>',
            f"<h3>{escape(self.question)}</h3>", self._chosen(), self._said(), self._sign(), self._evidence(),
        ]
        return f'<div class="record-sheet paper broad">{"".join(parts)}</div>'

    def _considered(self) -> str:
        return f"{count(self.considered, 'option')} considered, {number(self.short_listed)} on the short list"

    def _chosen(self) -> str:
        rows = "".join(
            f'<tr><th scope="row">{escape(one.option)}</th><td>{pounds(one.cost)}</td>'
            f'<td class="words">{escape(one.owner)}</td></tr>' for one in self.chosen
        ) or '<tr><th scope="row">Nothing is chosen</th><td></td><td></td></tr>'
        heads = (
            '<th scope="col" class="words">We will do</th><th scope="col">Cost</th>'
            '<th scope="col" class="words">Who answers for it</th>'
        )
        table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        return f"{table}{paragraph(self.result, 'result')}{marks(self.badge, period=self.money)}"

    def _said(self) -> str:
        parts = (("On condition that", self.conditions), ("Who sees it differently, and why", self.dissent),
                 ("What we did not know", self.unknown), ("Not now", self.not_now))  # fmt: skip
        inside = "".join(
            f"<div{' class=whole' if len(lines) > FEW else ''}><h4>{head}</h4>"
            f"{bullets(lines, most=FEW) or TO_FILL + RULED * 2}</div>" for head, lines in parts
        )
        return f'<div class="said">{inside}</div>'

    def _sign(self) -> str:
        boxes = "".join(
            f'<span class="choice{" chosen" if key == self.outcome else ""}">{word}'
            f'{"<span class=unseen> (chosen)</span>" if key == self.outcome else ""}</span> '
            for key, word in OUTCOMES.items()
        )
        when = plain_date(self.review) if self.review else ""
        facts = pairs([
            ("Outcome", boxes), ("Who sees it through", escape(self.owner) or TO_FILL + RULED),
            ("Review on", escape(when) or TO_FILL + RULED),
        ], "facts-line")
        lines = "".join(
            f'<li>{f"<span class=role>{escape(role)}</span>" if role else _line("Role")}'
            f"{_line('Name')}{_line('Signature')}{_line('Date')}</li>"
            for role in self.signed_by or ("", "")
        )
        return f'{facts}<ul class="signatures">{lines}</ul>'

    def _evidence(self) -> str:
        rests = [("Evidence", _short(self.evidence_hash)), ("Parameters", escape(self.vintage)),
                 ("Their status", escape(self.vintage_status))]  # fmt: skip
        checks = ("Checks", escape(self.checks))
        files = pairs([checks, ("Files", ", ".join(f"{escape(name)} {_short(mark)}" for name, mark in self.files))])
        whole = pairs([(name, escape(mark)) for name, mark in (("All of it", self.evidence_hash), *self.files)])
        ask = "<summary>Hashes in full (SHA-256)</summary>"
        more = f'<details class="provenance">{ask}{whole}</details>' if whole else ""
        return f'<div class="rests"><h4>What this rests on</h4>{pairs(rests, "facts-line")}{files}{more}</div>'


def _short(mark: str) -> str:
    """The first characters of a hash; whoever points at it sees all."""
    return f'<abbr title="{escape(mark)}">{escape(mark[:12])}</abbr>' if mark else ""


def _line(what: str) -> str:
    return f'<span class="sign-here">{RULED}<small>{what}</small></span>'
