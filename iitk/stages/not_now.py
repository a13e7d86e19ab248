"""What is not chosen, the reason for each, and what would have to change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from iitk.analysis import portfolio
from iitk.model import Option
from iitk.stages.remembered import remembered
from iitk.stages.selection import Selection
from iitk.words import choosing
from iitk.words import format as say

TIE = 1e-9  # a smaller loss of value is none


@remembered(64)
def left_out(found: Selection, percent: int = 100, scenario: str = "") -> choosing.NotNow:
    """Every option that the group's portfolio leaves out, dropped ones too, each with one reason and its remedy."""
    rows = [*_dropped(found), *(case.told() for case in _beaten(found, percent, scenario))]
    period = "loss: of the group’s value, if the option had to be in and the rest were chosen anew"
    return choosing.NotNow(rows, found.badge, found.source, period)


def _dropped(found: Selection) -> list[choosing.LeftOut]:
    failed = {one.option for one in found.dropped if one.factor}
    rows = []
    for one in found.dropped:
        if one.factor:
            who = say.in_sentence(found.options[one.option].owner)
            rows.append(choosing.LeftOut(one.option, "fails", f"{one.factor}: {one.reason}",
                                         f"It would have to pass. Who could change that: {who}."))  # fmt: skip
        else:
            first = [need for need in _all_needs(found, one.option) if need in failed]
            change = f"{say.join(first)} would have to pass first."
            rows.append(choosing.LeftOut(one.option, "needs", one.reason, change))
    return rows


def _all_needs(found: Selection, name: str) -> list[str]:
    """What an option needs, and what that needs, and so on; each once."""
    needs: list[str] = []
    queue = list(found.options[name].needs)
    while queue:
        if (one := queue.pop(0)) not in needs:
            needs.append(one)
            queue += found.options[one].needs
    return needs


def _beaten(found: Selection, percent: int, scenario: str) -> list[_Case]:
    """Those on the short list that lose to others."""
    table, best = found.table(scenario), found.best("group", percent, scenario)
    budget = found.budget(percent, scenario)
    losses = portfolio.not_now(table, budget, value="group", rules=found.rules)
    values, money = table["group"].to_dict(), budget.to_dict()
    cases = []
    for name, loss, gone in zip(losses.index, losses["loss"], losses["replaces"], strict=True):
        cost = table.loc[name, list(budget.index)].to_dict()
        over = [str(column) for column, most in money.items() if float(cost[column]) > most + 1]
        option = found.options[str(name)]
        rivals = [one for one in best.chosen if one in option.excludes or name in found.options[one].excludes]
        needs = [need for need in _all_needs(found, str(name)) if need not in best.chosen]
        cases.append(_Case(
            option, float(values[name]), float(sum(values[one] for one in (name, *needs))), float(loss), best.value,
            found.known(option.name, "npsv", scenario), list(gone), over, rivals, needs, found.files.promised,
        ))  # fmt: skip
    return cases


@dataclass(frozen=True, slots=True)
class _Case:
    """An option that others beat."""

    option: Option
    value: float  # the group's
    together: float  # the same with what it needs and is not chosen
    loss: float  # of value, if it had to be in; NaN: no portfolio can have it
    best: float  # value of what is chosen
    npsv: float | None
    gone: list[str]  # what would go for it
    over: list[str]  # kinds and years in which it alone costs more than there is
    rivals: list[str]  # chosen options beside which it cannot stand
    needs: list[str]  # that are not chosen
    promised: Sequence[str]

    def told(self) -> choosing.LeftOut:
        """The first reason that applies, and what would have to change."""
        if self.value <= 0:
            return self._because(
                "worth", "By the group’s weights and scores it adds nothing beyond doing nothing.",
                "Somebody would have to show benefits or jobs that the file does not have.",
            )  # fmt: skip
        if self.over:
            return self._because("money", f"By itself it costs more than there is for {say.join(self.over)}.",
                                 "It would have to cost less, take more years, or find another payer.")  # fmt: skip
        if self.rivals:
            change = self._more("It")
            if promised := [one for one in self.rivals if one in self.promised]:
                change = f"The promise to fund {say.quoted(promised)} would have to be given up."
            return self._because("excluded", f"It cannot stand beside {say.quoted(self.rivals)}.", change)
        if self.needs:
            return self._because("needs", f"It needs {say.quoted(self.needs)}, which is not chosen either.",
                                 self._more("Together they"))  # fmt: skip
        if math.isnan(self.loss):
            return self._because("money", "No portfolio that keeps to money and rules can have it.",
                                 "A limit, a promise or a budget would have to be loosened.")  # fmt: skip
        return self._because("others", f"Other options bring more for the same money.{self._loses()}", self._more("It"))

    def _because(self, reason: str, sentence: str, change: str) -> choosing.LeftOut:
        return choosing.LeftOut(self.option.name, reason, sentence, change, self._price())

    def _loses(self) -> str:
        if self.npsv is None or self.npsv >= 0:
            return ""
        return f" And it is worth {say.money_gbp(-self.npsv, '')} less than it costs, on these figures."

    def _more(self, who: str) -> str:
        """What has to be added: with the loss as more value a portfolio with it would tie with what is chosen."""
        if math.isnan(self.loss):
            return f"{who} would have to fit rules and money first."
        if self.loss <= TIE:
            return "Nothing: a portfolio with it is as good. Talk decides."
        return f"{who} would have to bring {say.percent(self.loss / self.together)} more value than now."

    def _price(self) -> str:
        if math.isnan(self.loss):
            return ""
        share = "no less value"
        if self.loss > TIE and self.best > 0:
            share = f"{say.percent(self.loss / self.best, 1)} less value in all"
        return f"{share}; out would go {say.quoted(self.gone)}" if self.gone else share
