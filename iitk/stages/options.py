"""Stage 6: what public bodies could do, why it should work, and what stays on the short list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pandas as pd

from iitk.charts import choosing_logic
from iitk.charts.figure import Figure
from iitk.errors import UsageError
from iitk.model import Badge, Finding, Option
from iitk.sources import choices, evidence
from iitk.stages import base, economy, measures, selection, tracing
from iitk.stages.base import Stage
from iitk.stages.selection import Selection
from iitk.words import blocks, options
from iitk.words import format as say

KEY = "06_options"
SOUND = 3  # Maryland grade from which the What Works Centre counts a study
ABOUT = "logic models are the judgement of whoever wrote the option"


def prepare(area: str, comparator: str = "UK", vintage: str = "") -> Stage:
    """
    Bring together what `06_options` shows of an area.

    Raises
    ------
    UnknownAreaError, AreaOverlapError, EndedAreaError
        If one of the two names is not an area that the figures cover.
    FaultyFileError, FaultyFolderError
        If the area's own files have faults: with every one of them.
    UsageError
        If there is no such vintage of the parameters.
    """
    place, other = base.pick(area, comparator)
    found = selection.of(place, vintage)
    local = economy.prepare(area, comparator)
    traces = tracing.traces(found, measures.of(place, other), local.findings)
    cards = {name: _card(option, found, traces[name]) for name, option in found.options.items()}
    return Stage(
        info=base.info(KEY), area=place, comparator=other, lead=_lead(found),
        findings={"options": _findings(found)},
        figures={"logic": logic(found, found.short[0] if found.short else next(iter(found.options)))},
        blocks={"long_list": options.OptionCards(list(cards.values())), "short_list": _short_list(found),
                "factors": _factors(found), "evidence": _evidence(found)},
        tables={"options": _table(found), "short_list": _verdicts(found), "traces": _trace_rows(traces)},
        sources=local.sources, notes=[*base_notes(found), *local.notes],
        parameters={"vintage": found.vintage.name, "files": dict(found.files.files), "folder": found.files.folder},
    )  # fmt: skip


def base_notes(found: Selection) -> list[str]:
    """What a reader should know of where the options come from."""
    if found.files.badge is not Badge.ILLUSTRATIVE:
        return []
    if found.files.folder != choices.EXAMPLE:
        made_up = sum(one.badge is Badge.ILLUSTRATIVE for one in found.options.values())
        marked = f"{say.count(made_up, 'option')} of {found.files.folder} {'is' if made_up == 1 else 'are'} marked as"
        told = (
            f"{marked} illustrative, so that all that is worked out here is illustrative too. Mark them otherwise once "
            "they are real: column badge of the options."
        )
        return [told]
    here = say.in_prose(found.area.name)
    said = (
        f"No options have been written for {here} yet. What you see is {found.files.folder}, made up to show how "
        "choosing works: no option, cost, score or member in it is real. Facts beside it are real figures of "
        f"{here}. To begin with your own: iitk new area “{found.area.name}”"
    )
    return [said]


def logic(found: Selection, name: str) -> Figure:
    """The logic model of an option as a picture. Raises `UsageError` if there is no such option."""
    if name not in found.options:
        raise UsageError(f"There is no option called {name!r}.")
    return choosing_logic.logic_model(
        found.options[name], source=found.source, badge=found.judgement, key="logic-model",
        provenance=(f"Words: {found.source}; {ABOUT}.",),
    )  # fmt: skip


def _lead(found: Selection) -> str:
    every, short = len(found.options), len(found.short)
    levers = Counter(option.lever for option in found.options.values())
    free = sum(count for lever, count in levers.items() if lever in {"regulate", "convene", "stop"})
    graded = sum((option.evidence_grade or 0) >= SOUND for option in found.options.values())
    dropped = "none is dropped"
    if every > short:
        dropped = f"{say.count(every - short, 'option is', 'options are')} dropped"
    return (
        f"{say.count(every, 'option is', 'options are')} on the long list; {dropped}, so that {short} can be compared. "
        f"{free} of the {every} work by rules, convening or stopping rather than money. {graded} rest on an "
        "evaluation of Maryland grade 3 or better."
    )


def _findings(found: Selection) -> list[Finding]:
    """The counts of the lead, as findings for the record."""
    every = len(found.options)
    unknown = sum(option.evidence_grade is None for option in found.options.values())
    rows = (
        ("long-list", every, "options on the long list", "All that was written down, whatever its lever."),
        ("short-list", len(found.short), "options on the short list", "They pass every success factor that is known."),
        ("without-evaluation", unknown, "options without any evaluation", "No evaluation of the like is known."),
    )
    year = str(found.files.options.price_year)
    return [Finding(key=key, headline=str(value), label=label, sentence=sentence, badge=found.badge,
                    source=found.source, unit="options", period=year, values={"options": float(value)})
            for key, value, label, sentence in rows]  # fmt: skip


def _card(option: Option, found: Selection, trace: options.Trace) -> options.OptionCard:
    drop = next((one for one in found.dropped if one.option == option.name), None)
    factor = f"{drop.factor}: " if drop and drop.factor else ""
    return options.OptionCard(
        name=option.name, underpinning=option.underpinning, lever=option.lever, opportunity=option.opportunity,
        owner=option.owner, capital=found.known(option.name, "capital"),
        revenue=found.known(option.name, "revenue"), net_jobs=found.known(option.name, "net_jobs"),
        evidence_grade=option.evidence_grade, risk_level=option.risk_level,
        risks=option.risks, needs=option.needs, excludes=option.excludes,
        dropped=f"{factor}{drop.reason}" if drop else "", trace=trace, badge=found.badge,
        source=f"{found.source}; costs as written, in prices of {found.files.options.price_year}",
    )  # fmt: skip


def _short_list(found: Selection) -> options.ShortList:
    names = {one.key: one.name for one in found.files.factors}
    dropped = [options.Dropped(one.option, one.factor or "What it needs", one.reason, found.options[one.option].owner)
               for one in found.dropped]  # fmt: skip
    unknown = [options.NotKnown(one.option, names[one.factor], one.reason, found.options[one.option].owner)
               for one in found.files.verdicts if one.passed is None and one.option in found.short]  # fmt: skip
    kept = [options.Kept(name, _because(found, name)) for name in found.short]
    return options.ShortList(kept, dropped, unknown, found.judgement, found.source)


def _because(found: Selection, name: str) -> str:
    """What carries an option: cost, jobs and grade, and whether anything is open."""
    option, jobs = found.options[name], found.known(name, "net_jobs")
    open_ = sum(one.passed is None for one in found.files.verdicts if one.option == name)
    said = [
        say.money_gbp(found.known(name, "cost"), ""),
        "jobs not estimated" if jobs is None else say.count(jobs, "net job"),
        f"grade {option.evidence_grade} of 5" if option.evidence_grade else "no evaluation",
        *([f"{say.count(open_, 'success factor')} not known yet"] if open_ else []),
    ]  # fmt: skip
    return ", ".join(said)


def _factors(found: Selection) -> blocks.Numbers:
    """The success factors with how many options pass each."""
    judged = found.files.verdicts
    count = {one.key: Counter(v.passed for v in judged if v.factor == one.key) for one in found.files.factors}
    frame = pd.DataFrame(
        [(one.name, one.question, count[one.key][True], count[one.key][False], count[one.key][None])
         for one in found.files.factors],
        columns=["Success factor", "Question", "Pass", "Fail", "Not known"],
    )  # fmt: skip
    units = dict.fromkeys(("Pass", "Fail", "Not known"), "options")
    return blocks.Numbers(frame, "What every option must pass", units, found.source, found.judgement)


def _evidence(found: Selection) -> blocks.Numbers:
    """What published reviews say of options like these: a row for each kind of measure and outcome."""
    outcomes = evidence.load().outcomes
    like: dict[str, list[str]] = {}
    for option in found.options.values():
        if option.intervention:
            like.setdefault(option.intervention, []).append(option.name)
    rows = [(one.intervention.name, "; ".join(names), outcomes[one.outcome], _found(one), one.studies,
             one.source.cite()) for key, names in like.items() for one in evidence.find(type=key)]  # fmt: skip
    columns = ["Kind of measure", "Options like it", "Outcome", "Found", "Studies", "Source"]
    frame = pd.DataFrame(rows, columns=columns).astype({"Studies": "Int64"})
    source = f"published reviews, looked up on {say.plain_date(evidence.load().looked_up)}; each row names its own"
    caption = "What published evidence says of measures like these"
    return blocks.Numbers(frame, caption, {}, source, Badge.OBSERVED, ask="Show what reviews found, measure by measure")


def _found(one: evidence.EvidenceFinding) -> str:
    """Direction and strength, and whether somebody has read it there."""
    unread = "" if one.badge is Badge.OBSERVED else " (from memory, to be confirmed)"
    return f"{one.direction}, {one.strength}{unread}"


def _table(found: Selection) -> pd.DataFrame:
    """The long list with its costs and what each comes to."""
    rows = found.worth().table.copy()
    rows.insert(0, "short_list", [name in found.short for name in rows.index])
    return rows.reset_index(names="option")


def _verdicts(found: Selection) -> pd.DataFrame:
    words = {True: "pass", False: "fail", None: "not known"}
    rows = [(one.option, one.factor, words[one.passed], one.reason) for one in found.files.verdicts]
    return pd.DataFrame(rows, columns=["option", "success_factor", "verdict", "reason"])


def _trace_rows(traces: Mapping[str, options.Trace]) -> pd.DataFrame:
    rows = [(name, step.kind, step.sentence or f"missing: {step.missing}", step.badge or "", step.source)
            for name, trace in traces.items() for step in trace.steps]  # fmt: skip
    return pd.DataFrame(rows, columns=["option", "step", "sentence", "badge", "source"])
