"""What an auditor would ask of the choice: whether figures add up, what is counted twice, what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from iitk.analysis.ledger import ledger
from iitk.model import Option
from iitk.stages.remembered import remembered
from iitk.stages.selection import Selection
from iitk.words import blocks
from iitk.words import format as say
from iitk.words.audit import AuditCheck, AuditChecks

POUND, JOB = 1.0, 1e-6  # two ways to the same figure may differ by rounding alone
SHARES = ("deadweight", "leakage", "displacement", "substitution")
SHOWN = 4  # names in a sentence; more are counted
_HOLDS, _LOOK, _FAILS = "holds", "look", "fails"


def checks(found: Selection, percent: int = 100, scenario: str = "") -> AuditChecks:
    """Ask everything of the group's choice, for some money in some scenario; of no options there is less to ask."""
    names = found.best("group", percent, scenario).chosen
    chosen = [found.options[name] for name in names]
    asked = [_adds_up(found, scenario), _within_money(found, names, percent, scenario), _prices(found, chosen)]
    if chosen:
        asked += [
            _bias(chosen), _made_net(chosen), _jobs_as_worth(found, chosen, scenario),
            _claimed_twice(found, chosen, scenario), _builders(chosen, _last_jobs(found)), _estimated(chosen),
            _evidence(chosen),
        ]  # fmt: skip
    asked.append(_parameters(found))
    case = f"{say.count(len(chosen), 'option')} of the group’s choice; {say.in_sentence(found.scenario(scenario).name)}"
    return AuditChecks(asked, found.badge, found.source, f"{case}; {percent}% of the budget")


def ledgers(found: Selection) -> pd.DataFrame:
    """The ledgers of all options on the short list as one table, as expected."""
    return pd.concat(books(found), names=["option"]).reset_index()


@remembered(8)
def books(found: Selection, scenario: str = "") -> Mapping[str, pd.DataFrame]:
    """The ledger of every option on the short list."""
    coming = found.scenario(scenario)
    return {name: ledger(found.options[name], found.assumptions, coming) for name in found.short}


def arithmetic(found: Selection, name: str) -> blocks.Numbers:
    """The ledger of an option as expected, to be added up again."""
    lines = ledger(found.options[name], found.assumptions, found.scenario())
    lines = lines.assign(bias=lines["capital_bias"] + lines["revenue_bias"])
    columns = {
        "Capital": "capital", "Revenue": "revenue", "Optimism bias": "bias", "Cost, present": "pv_cost",
        "Private, present": "pv_private", "Net benefit": "net_benefit", "Net benefit, present": "pv_benefit",
    }  # fmt: skip
    if not lines["pv_private"].any():
        del columns["Private, present"]
    pounds = pd.DataFrame({head: lines[column] / 1000 for head, column in columns.items()})
    frame = pd.concat([lines["factor"].rename("Discount factor"), pounds, lines["net_jobs"].rename("Net jobs")], axis=1)
    sums = lines.sum(skipna=False)
    worth = sums["pv_benefit"] - sums["pv_cost"] - sums["pv_private"]
    parts = [("present benefit", "pv_benefit"), ("less present cost", "pv_cost"), ("less private", "pv_private")]
    shown = [f"{word} {_pounds(sums[column])}" for word, column in parts if column in columns.values()]
    adds_up = f"{' '.join(shown)} is net worth {_pounds(worth)}; as expected"
    units = {**dict.fromkeys(columns, "£ thousand"), "Net jobs": "in place"}
    return blocks.Numbers(frame.rename_axis("Year"), f"{name}, year by year", units, found.source, found.badge,
                          adds_up, {"Discount factor": 4}, ask="Show every year")  # fmt: skip


def _adds_up(found: Selection, scenario: str) -> AuditCheck:
    """Every figure of every option against its ledger, which comes to it by another way."""
    question = "Do the figures add up?"
    table, funders = found.worth(scenario).table, found.worth(scenario).funders.sum(axis=1)
    last, wrong, furthest = _last_jobs(found), [], 0.0
    for name, lines in books(found, scenario).items():
        sums, row = lines.sum(skipna=False), table.loc[name]
        npsv = sums["pv_benefit"] - sums["pv_cost"] - sums["pv_private"]
        ours = [sums["cost"], sums["pv_cost"], npsv, sums["cost"] + sums["private"]]
        theirs = [row["cost"], row["pv_cost"], row["npsv"], funders[name]]
        off = max(_apart(*both) for both in zip(ours, theirs, strict=True))
        furthest = max(furthest, off)
        if off > POUND or _apart(lines["net_jobs"].get(last, float("nan")), row["net_jobs"]) > JOB:
            wrong.append(found.options[name])
    if wrong:
        return AuditCheck(question, _FAILS, f"Two ways to the same figures differ for {_names(wrong)}.",
                          "Do not decide on these figures: tell whoever keeps the toolkit.")  # fmt: skip
    return AuditCheck(question, _HOLDS, f"Cost, worth and net jobs of {say.count(len(found.short), 'option')} were "
                      f"worked out a second time, a year at a time. Largest difference: £{furthest:.2f}.")  # fmt: skip


def _apart(one: Any, other: Any) -> float:
    """How far two figures are apart; not at all where both are missing, without end where one is."""
    if say.is_missing(one) or say.is_missing(other):
        return 0.0 if say.is_missing(one) and say.is_missing(other) else float("inf")
    return abs(float(one) - float(other))


def _within_money(found: Selection, names: Sequence[str], percent: int, scenario: str) -> AuditCheck:
    """What the ledgers say is paid in each year, beside the money."""
    question, lines = "Is the money of every year enough?", books(found, scenario)
    left, tight = {}, {}
    for column, money in found.budget(percent, scenario).to_dict().items():
        kind, year = str(column).split()
        spent = sum(float(lines[name][part].get(int(year), 0.0)) for name in names for part in (kind, f"{kind}_bias"))
        left[column] = money - spent
        if money > 0:
            tight[column] = left[column] / money
    if over := [f"{column} by {say.money_gbp(-rest, '')}" for column, rest in left.items() if rest < -POUND]:
        return AuditCheck(question, _FAILS, f"Over the budget: {say.join(over)}.", "Take something out.")
    seen = "Every budget is kept, capital and revenue apart, with optimism bias."
    if tight:
        least = min(tight, key=lambda column: tight[column])
        seen += f" Tightest: {least}, with {say.money_gbp(max(left[least], 0.0), '')} left."
    return AuditCheck(question, _HOLDS, seen)


def _prices(found: Selection, chosen: Sequence[Option]) -> AuditCheck:
    """Prices of one year, discounted from the same."""
    question, files = "Are prices and discounting of one kind?", found.files
    last = max(books(found)[one.name].index[-1] for one in chosen) if chosen else files.base_year
    rate = say.percent(dict(found.vintage.discount)[1], 1)
    seen = (
        f"Pounds of {files.options.price_year} without inflation; year 0 is {files.base_year}; {rate} a year at first; "
        f"the last year that counts is {last}."
    )
    if files.options.price_year == files.base_year:
        return AuditCheck(question, _HOLDS, seen)
    return AuditCheck(question, _LOOK, seen, "Prices and present values are of two years: say both with each figure.")


def _bias(chosen: Sequence[Option]) -> AuditCheck:
    """Optimism bias in all works, and how much of it is said to be managed."""
    question = "Is optimism bias in every cost of works?"
    works = [one for one in chosen if any(cost.kind == "capital" and cost.amount for cost in one.costs)]
    bare = [one for one in works if one.bias_class in ("none", "outsourcing")]  # outsourcing: of revenue alone
    managed = [one for one in chosen if one.bias_class != "none" and one.bias_mitigation > 0]
    seen, advice = [], []
    if bare:
        seen.append(f"Capital without any: {_names(bare)}.")
        advice.append("Name a type of works in options.csv, or say why costs cannot rise.")
    if managed:
        share = max(one.bias_mitigation for one in managed)
        seen.append(f"Part of it, up to {say.percent(share)}, is said to be managed for {_names(managed)}.")
        advice.append("Keep the proof of what is managed with the record.")
    if seen:
        return AuditCheck(question, _LOOK, " ".join(seen), " ".join(advice))
    return AuditCheck(question, _HOLDS, "In all capital that is spent." if works else "No capital is spent.")


def _made_net(chosen: Sequence[Option]) -> AuditCheck:
    """Claims that were not made net, or grow on the way."""
    question = "Is every claim made net?"
    claims = [one for one in chosen if any(out.central > 0 for out in one.outcomes)]
    gross = [one for one in claims if not any(getattr(one.adjustments, share) for share in SHARES)]
    grows = [one for one in claims if one.adjustments.multiplier > 1 and not one.adjustments.displacement]
    seen = [f"Nothing is taken off for {_names(gross)}."] if gross else []
    if grows:
        seen.append(f"A multiplier, and nothing taken from others here: {_names(grows)}.")
    if seen:
        return AuditCheck(question, _LOOK, " ".join(seen), "Ask what would have happened anyway, and to whom.")
    if not claims:
        return AuditCheck(question, _HOLDS, "Nothing that is chosen claims jobs or benefits.")
    return AuditCheck(question, _HOLDS, "Deadweight, leakage, displacement or substitution is taken off each claim.")


def _jobs_as_worth(found: Selection, chosen: Sequence[Option], scenario: str) -> AuditCheck:
    """Jobs in a ratio beside benefits that may hold the same wages."""
    question = "Are jobs counted as worth too?"
    if claimed := [one for one in chosen if found.known(one.name, "supply_side_ratio", scenario) is not None]:
        return AuditCheck(
            question, _LOOK, f"Not in net worth. In a second ratio for {_names(claimed)}, beside their benefits.",
            "If those benefits hold the pay or profit of the same jobs, the second ratio counts them twice.",
        )  # fmt: skip
    return AuditCheck(question, _HOLDS, "Local jobs are in no net worth, and in no ratio of benefits to cost.")


def _claimed_twice(found: Selection, chosen: Sequence[Option], scenario: str) -> AuditCheck:
    """Options for one opportunity, which may claim the jobs and benefits of the same firms."""
    question, seen = "Is the same gain claimed twice?", []
    with_gain = [one for one in chosen if any(out.central > 0 for out in one.outcomes)]
    for opportunity in dict.fromkeys(one.opportunity for one in with_gain):
        same = [one for one in with_gain if one.opportunity == opportunity]
        if len(same) > 1:
            known = [found.known(one.name, "net_jobs", scenario) for one in same]
            jobs = [value for value in known if value is not None]
            together = f", {say.count(round(sum(jobs)), 'net job')} together" if jobs else ""
            some = " as far as estimated" if 0 < len(jobs) < len(same) else ""
            seen.append(f"{opportunity}: {_names(same)}{together}{some}.")
    if seen:
        seen.insert(0, "These serve one opportunity, and their gains are added up.")
        return AuditCheck(question, _LOOK, " ".join(seen),
                          "If they help the same firms or people, count the gain at one of them.")  # fmt: skip
    return AuditCheck(question, _HOLDS, "No two options that claim something serve the same opportunity.")


def _builders(chosen: Sequence[Option], last: int | None) -> AuditCheck:
    """Jobs of the last year of the file, where works are still being paid for by then."""
    question = "Are builders counted as lasting jobs?"
    with_jobs = [one for one in chosen if any(
        (out.measure, out.year) == ("jobs", last) and out.central > 0 for out in one.outcomes)]  # fmt: skip
    if last is None or not with_jobs:
        return AuditCheck(question, _HOLDS, "No jobs are claimed.")
    still = [one for one in with_jobs
             if any(cost.kind == "capital" and cost.amount and cost.year >= last for cost in one.costs)]  # fmt: skip
    if still:
        return AuditCheck(question, _LOOK, f"Works go on in {last}, whose jobs count: {_names(still)}.",
                          "Leave jobs out that end with the works: their pay is in the capital cost.")  # fmt: skip
    return AuditCheck(question, _HOLDS, f"Jobs are those of {last}, when no works are paid for any more.")


def _last_jobs(found: Selection) -> int | None:
    """The year whose jobs count: the last of the file that has any written."""
    years = [out.year for one in found.options.values() for out in one.outcomes if out.measure == "jobs"]
    return max(years, default=None)


def _estimated(chosen: Sequence[Option]) -> AuditCheck:
    """What nobody has estimated: costs count, gains do not."""
    question, seen = "Has everything been estimated?", []
    for measure, name in (("benefit", "benefits"), ("jobs", "jobs")):
        if bare := [one for one in chosen if not any(out.measure == measure for out in one.outcomes)]:
            seen.append(f"No {name}: {_names(bare)}.")
    if seen:
        return AuditCheck(question, _LOOK, f"{' '.join(seen)} Costs count; what is missing adds nothing.",
                          "Estimate them, or say in the record that they are not known.")  # fmt: skip
    return AuditCheck(question, _HOLDS, "Benefits and jobs of all that is chosen.")


def _evidence(chosen: Sequence[Option]) -> AuditCheck:
    """What rests on an evaluation, and where it can be read."""
    question = "Does it rest on evaluations?"
    without = [one for one in chosen if one.evidence_grade is None]
    unnamed = [one for one in chosen if one.evidence_grade is not None and not one.evidence_reference.strip()]
    seen = [f"No evaluation is known of {_names(without)}."] if without else []
    if unnamed:
        seen.append(f"A grade without saying whose: {_names(unnamed)}.")
    if seen:
        return AuditCheck(question, _LOOK, " ".join(seen), "Find one, or plan one, with a comparison group.")
    return AuditCheck(question, _HOLDS, "Each has a grade and says where it comes from.")


def _parameters(found: Selection) -> AuditCheck:
    """How far the parameters were confirmed at their source."""
    question, open_ = "Are the parameters confirmed?", len(found.vintage.unconfirmed)
    if open_:
        return AuditCheck(question, _LOOK, f"{say.count(open_, 'value')} of {found.vintage.title} "
                          f"{'is' if open_ == 1 else 'are'} not confirmed at source.",
                          "The table above says which of them are used here, and where they bite.")  # fmt: skip
    return AuditCheck(question, _HOLDS, f"All values of {found.vintage.title}, at their source.")


def _pounds(value: Any) -> str:
    """To the pound, so that it can be added up again."""
    return say.number(value) if say.is_missing(value) else f"£{value:,.0f}".replace("£-", "−£")


def _names(options: Iterable[Option]) -> str:
    return say.quoted((one.name for one in options), SHOWN)
