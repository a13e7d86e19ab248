"""Each member beside the group: weights, values, the portfolio of their own, and who would choose otherwise."""

from __future__ import annotations

import pandas as pd

from iitk.charts import choosing_grid, choosing_people
from iitk.charts.figure import Figure
from iitk.model import Member
from iitk.stages.selection import Selection
from iitk.words import choosing
from iitk.words import format as say

REPORTED = 3  # members in the minority report
GROUP = "Group"
WEIGHTS = (
    "Each member shares 100 points among the criteria, as swing weights: how much the step from doing nothing to the "
    "best option matters. The group’s weight is the median, brought to a sum of 100."
)
VALUES = (
    "Value = 100 × sum over criteria of weight × part. The part of a measured criterion is the option’s share of the "
    "best option; of a judged one, the member’s score ÷ 5, or the group’s median where the member does not know. Net "
    "present social value and jobs are worked out, not scored."
)
OWN = "Each column: the best portfolio by that member’s own weights and scores, for the same money and rules."


def weights(found: Selection) -> Figure:
    """What each member gives to each criterion: the spread before the middle."""
    people = found.people
    names = {one.key: one.name for one in people.criteria}
    roles = {one.key: one.role for one in people.members}
    table = (100 * people.weights).rename(index=roles, columns=names).reset_index(names="member")
    long = table.melt("member", var_name="criterion", value_name="points")
    return choosing_people.weights_spread(
        long, source=found.source, badge=found.judgement, key="weights",
        provenance=(WEIGHTS,),
    )  # fmt: skip


def values(found: Selection) -> Figure:
    """What each option is worth to each member."""
    people = found.people
    roles = {one.key: one.role for one in people.members}
    table = found.members_values().rename(columns=roles).reset_index(names="option")
    long = table.melt("option", var_name="member", value_name="value")
    return choosing_people.value_spread(
        long, source=found.source, badge=found.judgement, key="values",
        provenance=(VALUES,),
    )  # fmt: skip


def portfolios(found: Selection, percent: int = 100, scenario: str = "") -> Figure:
    """What each member's own weights and scores would fund, beside the group's choice."""
    best = found.best("group", percent, scenario)
    columns: dict[str, list[bool]] = {GROUP: [name in best.chosen for name in found.short]}
    for member in found.people.members:
        own = set(found.own(percent, scenario)[member.key].chosen)
        columns[member.role] = [name in own for name in found.short]
    table = pd.DataFrame({"option": list(found.short), **columns})
    table["group"] = [found.options[name].underpinning for name in found.short]
    return choosing_grid.choice_grid(
        table, list(columns), of="members", source=found.source, badge=found.judgement, key="members",
        provenance=(OWN,),
    )  # fmt: skip


def minority(found: Selection, percent: int = 100, scenario: str = "") -> choosing.MinorityReport:
    """The members whose own portfolios share least money with the group's, with what lies behind it."""
    best = set(found.best("group", percent, scenario).chosen)
    cost = found.worth(scenario).table["cost"]
    apart = []
    for member in found.people.members:
        own = found.own(percent, scenario)[member.key].chosen
        alike = float(cost[[name for name in own if name in best]].sum()) / max(float(cost[list(own)].sum()), 1.0)
        if set(own) != best:
            apart.append((alike, member, own))
    apart.sort(key=lambda one: one[0])
    rows = [_report(found, member, own, best) for _, member, own in apart[:REPORTED]]
    return choosing.MinorityReport(rows, found.source, found.judgement)


def _report(found: Selection, member: Member, own: tuple[str, ...], best: set[str]) -> choosing.Minority:
    return choosing.Minority(
        member.role, [name for name in own if name not in best],
        [name for name in found.short if name in best and name not in own], _why(found, member),
    )  # fmt: skip


def _why(found: Selection, member: Member) -> str:
    """The two criteria in which the member's weights differ most from the group's median."""
    people = found.people
    names = {one.key: one.name for one in people.criteria}
    middle = people.weights.median()
    own = people.weights.T[member.key].to_dict()
    usual = middle.to_dict()
    widest = sorted(own, key=lambda key: -abs(own[key] - usual[key]))[:2]
    said = [
        f"{say.number(100 * own[key])} of 100 points to {say.in_sentence(names[str(key)])} "
        f"(the middle of the group: {say.number(100 * usual[key])})"
        for key in widest if own[key] != usual[key]
    ]  # fmt: skip
    if not said:
        return "Weighs as the group does; the difference is in the scores."
    return f"Gives {say.join(said)}."
