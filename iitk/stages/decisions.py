"""What is put to a board: the warnings, the record to sign, and the same as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from iitk.model import Option
from iitk.sources import cached, tables
from iitk.stages import audit, not_now, portfolios
from iitk.stages.selection import Selection
from iitk.words import choosing
from iitk.words import format as say

LONG = 50  # years
MOST_UNGRADED = 0.5  # share of chosen options without any evaluation, from which it is worth a warning


def warnings(found: Selection, percent: int = 100, scenario: str = "") -> choosing.GuardRails:
    """What a good choice should not raise: too many priorities, nothing rejected, no evidence."""
    best = found.best("group", percent, scenario)
    options = [found.options[name] for name in best.chosen]
    rails = []
    if len(options) > found.files.most_priorities:
        rails.append(choosing.GuardRail(
            f"{len(options)} options are chosen: more than {found.files.most_priorities} are hard to deliver.",
            "Say which are the priorities and which only follow from them, or move the slider.",
        ))  # fmt: skip
    if not found.dropped and not best.not_now:
        rails.append(choosing.GuardRail("Nothing was rejected.", "A choice that leaves nothing out chooses nothing: "
                                        "look again at the long list and at the success factors."))  # fmt: skip
    if options and sum(one.evidence_grade is None for one in options) > MOST_UNGRADED * len(options):
        rails.append(choosing.GuardRail("Most of what is chosen rests on no evaluation.",
                                        "Plan one from the start, with a comparison group."))  # fmt: skip
    losses = [one.name for one in options if (found.known(one.name, "npsv", scenario) or 0) < 0]
    if losses:
        rails.append(choosing.GuardRail(
            f"Worth less than they cost, on these figures: {say.quoted(losses)}.",
            "Say what they are for that the benefits leave out, or let them go.",
        ))  # fmt: skip
    if not found.people.members:
        rails.append(choosing.GuardRail("Nobody has weighed criteria yet: the group’s portfolio goes by net present "
                                        "social value alone.", "Let each member weigh them."))  # fmt: skip
    if best.ties:
        rails.append(choosing.GuardRail("Another portfolio is exactly as good.", "Look at both before you decide."))
    rails += _odd(found, options)
    checked = "number of priorities, what was rejected, evaluations, worth against cost, ties, supply-side cases"
    return choosing.GuardRails(rails, checked)


def _odd(found: Selection, chosen: Sequence[Option]) -> list[choosing.GuardRail]:
    """What is counted apart, or not at all, so that a board knows."""
    rails = []
    if cases := [one.name for one in chosen if one.supply_side]:
        rails.append(choosing.GuardRail(
            f"A supply-side case is claimed for {say.quoted(cases)}.",
            "Their jobs count in a second ratio, beside the first. Net worth leaves all local jobs out.",
        ))  # fmt: skip
    last = max((*found.files.options.years, *found.files.options.outcome_years)) - found.files.base_year
    if long := [one.name for one in chosen if last + one.persistence_years > LONG]:
        rails.append(choosing.GuardRail(
            f"Benefits are counted for more than {LONG} years: {say.quoted(long)}.",
            "The Green Book of 2026 asks for a second test with lower rates, which is not made here.",
        ))  # fmt: skip
    return rails


def evidence_hash(found: Selection, percent: int = 100, scenario: str = "") -> str:
    """SHA-256 over everything that the decision rests on: files, parameters, official tables, money and scenario."""
    return cached.key({
        "files": sorted(found.files.files), "vintage": found.vintage.name, "parameters": _parameters(found),
        "percent": percent, "scenario": found.scenario(scenario).key,
        "tables": sorted((key, one.sha256) for key, one in tables.all_sources().items()),
    })  # fmt: skip


def _parameters(found: Selection) -> list[list[str]]:
    rows = found.vintage.table()
    return [[str(value) for value in row] for row in rows[["key", "value", "status"]].itertuples(index=False)]


def sheet(found: Selection, percent: int = 100, scenario: str = "") -> choosing.DecisionRecord:
    """The decision on one page, with lines to sign on."""
    best, draft = found.best("group", percent, scenario), found.files.decision
    chosen = [choosing.ChosenOption(name, found.known(name, "cost", scenario), found.options[name].owner)
              for name in best.chosen]  # fmt: skip
    unknown = [f"{one.option}: {names}" for one in found.files.verdicts if one.passed is None
               and one.option in best.chosen for names in [_factor(found, one.factor)]]  # fmt: skip
    vintage = found.vintage
    return choosing.DecisionRecord(
        question=found.files.question, considered=len(found.options), short_listed=len(found.short), chosen=chosen,
        result=f"{portfolios.sentence(found, percent, scenario)} {_case(found, percent, scenario)}",
        conditions=draft.conditions, dissent=draft.dissent,
        not_now=[one.option for one in not_now.left_out(found, percent, scenario).options], unknown=unknown,
        owner=draft.owner, review=_day(draft.review_date), outcome=draft.outcome, signed_by=draft.signed_by,
        evidence_hash=evidence_hash(found, percent, scenario), vintage=vintage.title,
        vintage_status=f"{len(vintage.unconfirmed)} of its values are not confirmed at source",
        files=found.files.files, badge=found.badge, checks=audit.checks(found, percent, scenario).sentence,
        money=f"prices of {found.files.options.price_year}, with optimism bias",
    )  # fmt: skip


def _case(found: Selection, percent: int, scenario: str) -> str:
    """Which case is decided on: others have another record."""
    return f"Scenario: {say.in_sentence(found.scenario(scenario).name)}. Money: {percent}% of the budget."


def _factor(found: Selection, key: str) -> str:
    return next((one.name for one in found.files.factors if one.key == key), key)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def record(found: Selection) -> dict[str, Any]:
    """The decision as plain values, for `record.json`."""
    best, draft = found.best(), found.files.decision
    left = not_now.left_out(found)
    return {
        "text": portfolios.sentence(found), "question": found.files.question, "outcome": draft.outcome,
        "owner": draft.owner, "date": "", "review_date": draft.review_date, "badge": str(found.badge),
        "options": list(found.options), "short_list": list(found.short), "chosen": list(best.chosen),
        "not_now": [{"option": one.option, "reason": one.reason, "sentence": one.sentence, "change": one.change}
                    for one in left.options],
        "checks": [{"question": one.question, "state": one.state, "seen": one.seen, "advice": one.advice}
                   for one in audit.checks(found).checks],
        "conditions": list(draft.conditions), "dissent": list(draft.dissent), "signed_by": list(draft.signed_by),
        "scenario": found.scenario().key, "percent": 100, "evidence_hash": evidence_hash(found),
        "vintage": found.vintage.name,
        "files": [{"name": name, "sha256": mark} for name, mark in found.files.files],
    }  # fmt: skip
