"""What an auditor would ask of a choice, each question with how it stands, what was seen, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iitk.model import Badge
from iitk.words.format import count, escape, join
from iitk.words.pieces import marks, paragraph

STATES = {"fails": "Fails", "look": "Look", "holds": "Holds"}  # what needs most attention first


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """A question, and how it stands."""

    question: str
    state: str  # one of STATES
    seen: str
    advice: str = ""  # empty where it holds

    @property
    def html(self) -> str:
        """The check as an item of a list."""
        state = f'<p class="tag">{STATES[self.state]}</p>'
        said = f"<h3>{escape(self.question)}</h3><p>{escape(self.seen)}</p>{paragraph(self.advice, 'advice')}"
        return f'<li class="{self.state}">{state}<div>{said}</div></li>'


@dataclass(frozen=True, slots=True)
class AuditChecks:
    """The checks of a choice: what fails first, then what to look at, then what holds."""

    checks: Sequence[AuditCheck]
    badge: Badge
    source: str = ""
    period: str = ""

    @property
    def sentence(self) -> str:
        """How many hold, how many are to be looked at, and how many fail.

        >>> AuditChecks([AuditCheck("a", "holds", ""), AuditCheck("b", "look", "")], Badge.MODELLED).sentence
        'Of 2 checks 1 holds and 1 asks for a look; none fails.'
        """
        of = {state: sum(one.state == state for one in self.checks) for state in STATES}
        said = [count(of["holds"], "holds", "hold"), count(of["look"], "asks for a look", "ask for a look")]
        fails = count(of["fails"], "fails", "fail") if of["fails"] else "none fails"
        return f"Of {count(len(self.checks), 'check')} {join(said)}; {fails}."

    def _repr_html_(self) -> str:
        items = "".join(one.html for state in STATES for one in self.checks if one.state == state)
        head, foot = f'<p class="sum">{escape(self.sentence)}</p>', marks(self.badge, self.source, self.period)
        return f'<div class="audit paper broad">{head}<ul>{items}</ul>{foot}</div>'
