"""Why an option is there: back from its cost to the assumption, the vote, the opportunity, the gap and the fact."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from iitk.model import Badge, Finding, Option
from iitk.sources import evidence, tables
from iitk.stages import activity, measures
from iitk.stages.selection import Selection
from iitk.words import format as say
from iitk.words.options import Trace, TraceStep

Rows = Mapping[str, Mapping[Hashable, Any]]  # figures of each industry, by its code
FACTS = ("facts", "puzzles")  # groups of findings of stage 1 that state a fact; its gaps are gaps


def traces(
    selection: Selection, industry: measures.IndustryTable, findings: Mapping[str, Sequence[Finding]]
) -> dict[str, Trace]:
    """
    Trace every option back, by name.

    `industry` holds the area's industries beside the comparator's, `findings` those of stage 1 by group. What an option
    does not name, or the area does not have, is said as missing, with who could supply it.
    """
    rows = {str(row["code"]): row for row in industry.rows.to_dict("records")}
    return {name: Trace(name, _steps(option, selection, rows, industry.year, findings))
            for name, option in selection.options.items()}  # fmt: skip


def _steps(
    option: Option, selection: Selection, rows: Rows, year: int, findings: Mapping[str, Sequence[Finding]]
) -> list[TraceStep]:
    steps = [*_facts(option, selection, rows, year), *_named(option, findings)]
    return [*steps, _opportunity(option, selection), *_votes(option, selection), _assumption(option, selection),
            _cost(option, selection), _evidence(option)]  # fmt: skip


def _facts(option: Option, selection: Selection, rows: Rows, year: int) -> list[TraceStep]:
    """How large and how concentrated the industries of the opportunity are here."""
    if not option.industries:
        return [TraceStep("fact", missing="no industry is named for its opportunity", who="whoever wrote the option")]
    source = tables.source(activity.of(selection.area).table).cite()
    here = say.in_prose(selection.area.name)
    steps = []
    for code in option.industries:
        row = rows.get(code)
        if row is None or say.is_missing(row["lq"]):
            steps.append(TraceStep("fact", missing=f"no figure is published for industry {code} in {here}",
                                   who="firms and their associations"))  # fmt: skip
            continue
        sentence = (
            f"{say.capitalise(row['short_name'])} in {here}: {say.money_gbp(row['current_gbp_m'])} of value added in "
            f"{year}, {say.times(row['lq'])} the comparator’s share."
        )
        steps.append(TraceStep("fact", sentence, Badge.OBSERVED, source))
    return steps


def _named(option: Option, findings: Mapping[str, Sequence[Finding]]) -> list[TraceStep]:
    """The findings of stage 1 that the option says it rests on."""
    steps = []
    for key in option.rests_on:
        found = [(group, one) for group, rows in findings.items() for one in rows if one.key == key]
        if not found:
            lack = f"the area’s economy has no finding called {key} now"
            steps.append(TraceStep("gap", missing=lack, who="the analyst, from stage 1"))
        for group, one in found[:2]:
            kind = "fact" if group in FACTS else "gap"
            said = f"{one.headline} {one.label}. {one.sentence}" if group == "facts" else one.sentence
            steps.append(TraceStep(kind, said.strip(), one.badge, one.source))
    if not any(step.kind == "gap" for step in steps):
        steps.append(TraceStep("gap", missing="no gap of stage 1 is named for it", who="whoever wrote the option"))
    return sorted(steps, key=lambda step: step.kind == "gap")


def _opportunity(option: Option, selection: Selection) -> TraceStep:
    return TraceStep("opportunity", f"Serves: {option.opportunity}.", selection.files.badge, selection.source)


def _votes(option: Option, selection: Selection) -> list[TraceStep]:
    """What the success factors said, and what the members scored."""
    steps = []
    passed = [one for one in selection.files.verdicts if one.option == option.name]
    if passed:
        good, bad = sum(one.passed is True for one in passed), [one for one in passed if one.passed is False]
        sentence = f"Passes {good} of {len(passed)} success factors."
        sentence += "".join(f" Fails: {one.reason}." for one in bad)
        steps.append(TraceStep("vote", sentence.replace("..", "."), selection.judgement, selection.source))
    if option.name in selection.people.group_scores.index and len(selection.people.scores):
        steps.append(TraceStep("vote", _scored(option.name, selection), selection.judgement, selection.source))
    return steps or [TraceStep("vote", missing="nobody has judged it yet", who="the leadership team")]


def _scored(name: str, selection: Selection) -> str:
    """The median of each judged criterion with how many knew."""
    people = selection.people
    known = people.scores[people.scores.index.get_level_values("option") == name]
    names = {one.key: one.name for one in people.criteria}
    said = []
    for key in people.scores.columns:
        given = known[key].dropna()
        middle = f"{given.median():g} of 5" if len(given) else "nobody knows"
        spread = f" (from {given.min():g} to {given.max():g})" if len(given) and given.max() - given.min() >= 3 else ""
        said.append(f"{say.in_sentence(names[key])} {middle}{spread}, {len(given)} of {len(people.members)} scored")
    return f"Median scores: {'; '.join(said)}."


def _assumption(option: Option, selection: Selection) -> TraceStep:
    chain = option.logic
    sentence = f"{chain.activities}, so that: {say.in_sentence(chain.outcomes)}. This holds if: {chain.assumptions}."
    return TraceStep("assumption", sentence, selection.judgement, selection.source)


def _cost(option: Option, selection: Selection) -> TraceStep:
    cost, more = selection.known(option.name, "cost"), selection.known(option.name, "bias_pounds")
    bias = f", of which {say.money_gbp(more, '')} for optimism bias" if more else ""
    sentence = f"Costs {say.money_gbp(cost, '')} in all{bias}; {say.in_sentence(option.owner)} answers for it."
    return TraceStep("cost", sentence, selection.badge, selection.source)


def _evidence(option: Option) -> TraceStep:
    """What the library knows of the like of it."""
    if not option.intervention:
        lack = "the evidence library knows nothing like it"
        return TraceStep("evidence", missing=lack, who="the What Works Centre for Local Economic Growth")
    like = evidence.intervention(option.intervention)
    found = evidence.find(type=like.key)
    if not found:
        lack = f"the evidence library has no finding on {say.in_sentence(like.name)}"
        return TraceStep("evidence", missing=lack, who="the What Works Centre for Local Economic Growth")
    sources = list(dict.fromkeys(one.source.cite() for one in found))
    more = f", and {say.count(len(found) - 1, 'other finding')}" if len(found) > 1 else ""
    sentence = f"On {say.in_sentence(like.name)}: {found[0].words}{more}."
    return TraceStep("evidence", sentence.replace(".,", ",").replace("..", "."), found[0].badge, "; ".join(sources[:2]))
