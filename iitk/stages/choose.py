"""Stage 7: which few measures are worth the money, and how the choice stands up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from iitk.model import Finding
from iitk.stages import appraisal, audit, base, decisions, members, not_now, options, portfolios, selection, stress
from iitk.stages.base import Stage
from iitk.stages.selection import Selection
from iitk.words import format as say

KEY = "07_choose"
FEW = 3  # names that a sentence can hold


@dataclass(eq=False, repr=False)
class ChooseStage(Stage):
    """Stage 7 with what there is to choose from, which its views ask again for other money and scenarios."""

    selection: Selection = field(kw_only=True)
    robust: stress.Robust | None = field(kw_only=True)

    def record(self) -> dict[str, Any]:
        """Return the record, with the decision that is proposed."""
        return {**Stage.record(self), "decisions": [decisions.record(self.selection)]}


def prepare(area: str, comparator: str = "UK", vintage: str = "", *, draws: int = appraisal.DRAWS) -> ChooseStage:
    """
    Bring together what `07_choose` shows of an area. `draws` 0 leaves the test against doubt for later.

    Raises
    ------
    UnknownAreaError, AreaOverlapError, EndedAreaError
        If one of the two names is not an area that the figures cover.
    FaultyFileError, FaultyFolderError
        If the area's own files have faults: with every one of them.
    MethodError
        If rules and money cannot all be kept: with a smallest set of those that conflict.
    UsageError
        If there is no such vintage of the parameters, or the short list is too long for people to weigh.
    """
    place, other = base.pick(area, comparator)
    found = selection.of(place, vintage)
    found.check_length()
    robust = stress.robust(found, draws=draws or appraisal.DRAWS) if draws or stress.is_kept(found) else None
    worth_figure, cost_figure = appraisal.ranges(found)
    figures = {
        "spending": portfolios.spending(found), "funders": portfolios.funders(found),
        "net": appraisal.net(found, found.first),
        "worth": worth_figure, "cost_per_net_job": cost_figure, "weights": members.weights(found),
        "values": members.values(found), "cuts": stress.cut_grid(found), "scenarios": stress.scenario_grid(found),
        "frontier": stress.frontier(found), "members": members.portfolios(found),
    }  # fmt: skip
    if robust is not None:
        figures["robust"] = stress.robust_figure(found, robust)
    return ChooseStage(
        info=base.info(KEY), area=place, comparator=other, lead=_lead(found, robust),
        findings={"choice": _findings(found)}, figures=figures, blocks=_blocks(found),
        tables=_tables(found, robust), sources=[], notes=options.base_notes(found),
        parameters={"vintage": found.vintage.name, "files": dict(found.files.files), "folder": found.files.folder},
        selection=found, robust=robust,
    )  # fmt: skip


def _blocks(found: Selection) -> Mapping[str, Any]:
    return {
        "portfolios": portfolios.side_by_side(found), "guard_rails": decisions.warnings(found),
        "appraised": appraisal.appraised(found), "switching": appraisal.switching(found),
        "vintages": appraisal.vintages(found), "assumptions": appraisal.assumptions(found),
        "cuts": stress.cut_cards(found), "not_now": not_now.left_out(found), "minority": members.minority(found),
        "audit": audit.checks(found), "arithmetic": audit.arithmetic(found, found.first),
        "record": decisions.sheet(found),
    }  # fmt: skip


def _lead(found: Selection, robust: stress.Robust | None) -> str:
    less = stress.cut(found).loc[0.25]
    kept = len(less["chosen"])
    parts = [portfolios.sentence(found)]
    if not say.is_missing(less["value"]):
        parts.append(f"With a quarter less money {kept} would be left.")
    if robust is not None:
        core = robust.table[robust.table["set"] == "core"]["option"]
        names = say.join(core) if 0 < len(core) <= FEW else say.count(len(core), "of them is", "of them are")
        verb = "" if not 0 < len(core) <= FEW else " is" if len(core) == 1 else " are"
        parts.append(f"{say.capitalise(names)}{verb} chosen in at least {say.percent(selection.CORE)} of all draws.")
    left = len(found.options) - len(found.best().chosen)
    parts.append(f"{say.count(left, 'option is', 'options are')} not now, each with its reason." if left
                 else "No option is left for later.")  # fmt: skip
    return " ".join(parts)


def _findings(found: Selection) -> list[Finding]:
    """What is chosen, in numbers, for the record and the cohort."""
    chosen = found.best().chosen
    got = portfolios.sums(found, chosen)
    year = str(found.files.options.price_year)
    rows = [("chosen", say.number(len(chosen)), "options chosen", len(chosen), "options"),
            ("net-jobs", say.number(got.net_jobs), "net additional jobs", got.net_jobs, "jobs"),
            ("cost", say.money_gbp(got.cost, ""), "cost with optimism bias", got.cost, "pounds")]  # fmt: skip
    rows.append(("net-worth", say.money_gbp(got.npsv, ""), "net present social value", got.npsv, "pounds"))
    return [
        Finding(key=key, headline=headline, label=label, sentence=portfolios.sentence(found), badge=found.badge,
                source=found.source, unit=unit, period=year, values={label: float(value)})
        for key, headline, label, value, unit in rows
    ]  # fmt: skip


def _tables(found: Selection, robust: stress.Robust | None) -> dict[str, pd.DataFrame]:
    best = found.best()
    rows = found.worth().table.assign(
        short_list=[name in found.short for name in found.options],
        chosen=[name in best.chosen for name in found.options], group_value=found.table()["group"],
    )  # fmt: skip
    cuts = stress.cut(found).reset_index()
    for name in ("chosen", "lost", "gained"):
        cuts[name] = cuts[name].map("; ".join)
    front = stress.efficient(found).assign(chosen=lambda table: table["chosen"].map("; ".join))
    made = {"options": rows.reset_index(names="option"), "spending": best.spend.reset_index(names="budget_of"),
            "cuts": cuts, "frontier": front, "ledger": audit.ledgers(found),
            "weights": found.people.weights.rename_axis("member").reset_index()}  # fmt: skip
    return {**made, "robust": robust.table} if robust is not None else made
