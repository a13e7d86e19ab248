"""The budget game: people choose by hand, and see at once what that costs, what it breaks and what it brings.

Pounds and net jobs are those of the appraisal; money is by kind and year, with optimism bias.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pandas as pd

from iitk.analysis import portfolio
from iitk.analysis.checks import Floats, listed
from iitk.analysis.knapsack import Budget, pose
from iitk.analysis.portfolio import AnyRules, Portfolio
from iitk.analysis.rules import FREE, Rules
from iitk.errors import MethodError, UsageError
from iitk.model import Badge
from iitk.stages.remembered import remembered
from iitk.stages.selection import Selection
from iitk.words import format as say
from iitk.words.choosing import GameBoard, GameRow, Meter

POUND = 1.0  # less than this is not over a budget
LESS = (0, 10, 25, 50)  # per cent


@dataclass(frozen=True, eq=False)
class Game:
    """What is played with: options, money and rules. `start` makes one."""

    names: tuple[str, ...]  # of the options, in the order of the file
    groups: tuple[str, ...]  # of each option: its underpinning, or ""
    costs: Floats  # options x budgets, pounds
    jobs: Floats  # net, of each option; NaN: nobody has estimated them
    worth: Floats  # net present social value in pounds; NaN likewise
    unknown: frozenset[str]  # options of which not all has been estimated
    budget: pd.Series  # pounds by kind and year ("capital 2027")
    rules: Rules  # settled
    badge: Badge
    source: str
    period: str

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Where each option stands in the list."""
        return {name: at for at, name in enumerate(self.names)}

    def where(self, names: Collection[str]) -> list[int]:
        """Places of these options, in order. Raises a `UsageError` for one that there is not."""
        if unknown := [name for name in names if name not in self.place]:
            raise UsageError(f"There is no option called {listed(unknown)}.")
        return sorted(self.place[name] for name in names)


@dataclass(frozen=True, slots=True)
class Money:
    """One budget, and what is spent of it, in pounds."""

    name: str
    budget: float
    spend: float

    @property
    def over(self) -> float:
        """How much more is spent than there is; 0 within the budget."""
        return self.spend - self.budget if self.spend - self.budget >= POUND else 0.0

    @property
    def words(self) -> str:
        """The budget in a sentence: "for capital in 2027"."""
        kind, _, year = self.name.rpartition(" ")
        return f"for {kind} in {year}" if kind and year.isdecimal() else f"in {self.name}"


@dataclass(frozen=True, slots=True)
class Hand:
    """A choice by hand, and where it stands."""

    chosen: tuple[str, ...]
    share: float  # of the money that there is
    money: tuple[Money, ...]
    jobs: float  # net, of the options that somebody has estimated
    worth: float  # likewise, pounds
    guessed: tuple[str, ...]  # chosen options whose jobs or worth nobody has estimated
    breaks: tuple[str, ...]  # rules and budgets that it does not keep, in sentences


def start(
    worth: pd.DataFrame, spend: pd.DataFrame, budget: Budget, rules: AnyRules = FREE, *, jobs: str = "net_jobs",
    value: str = "npsv", group: str = "underpinning", unknown: Collection[str] = (), badge: Badge = Badge.ILLUSTRATIVE,
    source: str = "", period: str = "",
) -> Game:  # fmt: skip
    """
    Return a game of these options.

    Parameters
    ----------
    worth
        By option: net jobs (column `jobs`), net present social value (column `value`), and its group if there is one.
        Gaps mean that nobody has estimated it: the option brings nothing that is known.
    spend
        By option, in the same order: pounds by kind and year ("capital 2027"), with optimism bias.
    budget
        Pounds by the same names; every column in which an option costs something needs one.
    rules
        As in `iitk.analysis.portfolio.choose`.
    unknown
        Options that somebody has yet to estimate although they have no gap: what stands there is their cost.
    badge, source, period
        Of every figure; `period` says what the pounds are.

    Raises
    ------
    MethodError
        Other options in the two tables; money spent in a year that has no budget; and as `choose`.
    """
    if not worth.index.equals(spend.index):
        raise MethodError("worth and spend must be of the same options in the same order.")
    money = pd.Series(budget, dtype=float)
    if without := [name for name in spend if name not in money.index and spend[name].any()]:
        raise MethodError(f"There is no budget for {listed(without)}, in which options cost something.")
    costs = spend.reindex(columns=money.index, fill_value=0.0)
    posed = pose(costs.assign(**{group: worth[group]} if group in worth else {}, value=worth[jobs].fillna(0.0)),
                 money, "value", rules)  # fmt: skip
    gaps = worth[[jobs, value]].isna().any(axis=1)
    return Game(
        names=tuple(map(str, worth.index)), unknown=frozenset({*map(str, worth.index[gaps]), *unknown}),
        groups=tuple(map(str, worth[group])) if group in worth else ("",) * len(worth),
        costs=costs.to_numpy(dtype=np.float64), jobs=worth[jobs].to_numpy(dtype=np.float64),
        worth=worth[value].to_numpy(dtype=np.float64), budget=money, rules=posed.rules, badge=badge, source=source,
        period=period,
    )  # fmt: skip


@remembered(8)
def of(found: Selection) -> Game:
    """Return the game of an area: its short list, money and rules, every option worth what the portfolios count."""
    rows, short = found.worth().table.loc[list(found.short)], list(found.short)
    return start(
        rows.assign(npsv=found.table()["npsv"]), found.worth().spend.loc[short], found.money(), found.rules,
        unknown=rows.index[rows["npsv"].isna()], badge=found.badge, source=found.source,
        period=f"prices of {found.files.options.price_year}, net worth of {found.files.base_year}, costs with bias",
    )  # fmt: skip


def play(game: Game, chosen: Collection[str], share: float = 1.0) -> Hand:
    """Return where a choice stands with a share of the money. Raises a `UsageError` for an unknown option."""
    at, money = game.where(chosen), _money(game, chosen, share)
    jobs, worth = game.jobs[at], game.worth[at]
    names = tuple(game.names[place] for place in at)
    return Hand(
        chosen=names, share=share, money=money, jobs=float(np.nansum(jobs)), worth=float(np.nansum(worth)),
        guessed=tuple(name for name in names if name in game.unknown),
        breaks=(*_overspent(money), *_broken(game, set(names))),
    )  # fmt: skip


def obstacle(game: Game, chosen: Collection[str], name: str, share: float = 1.0, *, alone: bool = True) -> str:
    """
    Say why an option cannot join those chosen ("needs “A”: choose that first"); nothing if it can.

    What the others break by themselves is no fault of it. Without `alone` the others come together with it, and what
    it needs may be missing, as when that was taken out later.
    """
    others = set(chosen) - {name}
    return next(_obstacles(game, others, name, share, alone=alone), "")


def check(game: Game, before: Collection[str], after: Collection[str], share: float = 1.0) -> None:
    """
    Refuse to add an option that does not fit, with a `UsageError` that says why. To take one out is always allowed.

    Several at once come by a link, which may show whatever can be reached by choosing one by one and taking out.
    """
    added = [name for name in game.names if name in after and name not in before]
    for name in added:
        if why := obstacle(game, after, name, share, alone=len(added) == 1):
            raise UsageError(f"“{name}” {why}.")


@remembered(64)
def best(game: Game, share: float = 1.0) -> Portfolio:
    """Return the options that bring most net jobs for a share of the money, within the rules.

    Raises a `MethodError` where money and rules cannot all be kept.
    """
    table = pd.DataFrame(game.costs, index=list(game.names), columns=game.budget.index)
    jobs = np.nan_to_num(game.jobs)
    return portfolio.choose(table.assign(jobs=jobs), game.budget * share, value="jobs", rules=game.rules, ties=0)


def beside_best(game: Game, hand: Hand) -> str:
    """Say what the same money could bring, and with which options."""
    try:
        found = best(game, hand.share)
    except MethodError:
        return "With so little money no choice keeps to every floor and promise at once."
    more = found.value - hand.jobs
    if more < 0.5:
        kept = " within the rules" if hand.breaks else ""
        return f"No choice{kept} brings more net jobs for this money." if more > -0.5 else (
            "These options bring more net jobs than the best choice, but they do not keep to the money and the rules."
        )  # fmt: skip
    new = [name for name in found.chosen if name not in hand.chosen]
    gone = [name for name in hand.chosen if name not in found.chosen]
    instead = f" in place of {say.quoted(gone)}" if gone else ""
    return (
        f"The same money could bring {say.count(more, 'more net job', 'more net jobs')} ({say.number(found.value)} "
        f"in all), with {say.quoted(new)}{instead}."
    )


def sentence(game: Game, hand: Hand, *, reveal: bool = False) -> str:
    """Say where a choice stands in one breath: for the status line."""
    spent, there = sum(one.spend for one in hand.money), sum(one.budget for one in hand.money)
    told = (
        f"{say.count(len(hand.chosen), 'option')}: {say.money_gbp(spent, '')} of {say.money_gbp(there, '')} spent, "
        f"{say.count(hand.jobs, 'net job')}."
    )
    after = hand.breaks[0] if hand.breaks else beside_best(game, hand) if reveal else ""
    return f"{told} {after}".rstrip()


def state_of(game: Game, hand: Hand, name: str) -> str:
    """Say in a few words where an option stands: "in", "in: promised", "out: needs “A”"."""
    if name in hand.chosen:
        return "in: promised" if name in game.rules.include else "in"
    why = obstacle(game, hand.chosen, name, hand.share).partition(":")[0]
    return f"out: {why}" if why else "out: still fits"


def board(game: Game, hand: Hand, reveal: bool = False) -> list[GameBoard]:
    """Return what is shown of a choice: what it brings, the money, what breaks, every option; on demand the best."""
    rows = [
        GameRow(name, state_of(game, hand, name), float(cost), None if np.isnan(jobs) else float(jobs),
                is_in=name in hand.chosen)
        for name, cost, jobs in zip(game.names, game.costs.sum(axis=1), game.jobs, strict=True)
    ]  # fmt: skip
    unknown = f"Nobody has estimated all that {say.quoted(hand.guessed)} would bring: what is known counts."
    return [GameBoard(
        rows, [Meter(say.capitalise(one.name), one.spend, one.budget) for one in hand.money],
        messages=[*hand.breaks, *([unknown] if hand.guessed else [])], net_jobs=hand.jobs, net_worth=hand.worth,
        best=beside_best(game, hand) if reveal else "", badge=game.badge, source=game.source,
        period=game.period,
    )]  # fmt: skip


def _money(game: Game, chosen: Collection[str], share: float) -> tuple[Money, ...]:
    spend = game.costs[game.where(chosen)].sum(axis=0)
    rows = zip(game.budget.index, game.budget * share, spend, strict=True)
    return tuple(Money(str(name), float(budget), float(spent)) for name, budget, spent in rows)


def _overspent(money: Sequence[Money]) -> Iterator[str]:
    for one in money:
        if one.over:
            yield f"There is {say.money_gbp(one.over, '')} too little {one.words}."


def _obstacles(game: Game, others: set[str], name: str, share: float, *, alone: bool) -> Iterator[str]:
    """What stands in the way of one option beside others; the first is said."""
    if alone and (missing := [one for one in _needs(game, name) if one not in others]):
        yield f"needs {say.quoted(missing)}: choose that first"
    if beside := [one for one in _excluded(game, name) if one in others]:
        yield f"cannot stand beside {say.quoted(beside)}: take that out first"
    own = game.costs[game.where({name})[0]]
    money = _money(game, others | {name}, share)
    over = sorted((one for one, cost in zip(money, own, strict=True) if one.over and cost), key=lambda one: -one.over)
    if over:
        also = f", and too much in {say.count(len(over) - 1, 'other budget')}" if len(over) > 1 else ""
        yield (
            f"would spend {say.money_gbp(over[0].over, '')} more than there is {over[0].words}{also}: "
            "take something out first"
        )
    yield from _above(game, others, name)


def _above(game: Game, others: set[str], name: str) -> Iterator[str]:
    """Ceilings of groups that an option would break."""
    for one in _limits(game, others | {name}):
        if name in one.inside and one.over:
            yield f"would bring “{one.group}” to {one.words}, over its ceiling of {one.most}: take one out first"


def _broken(game: Game, chosen: set[str]) -> Iterator[str]:
    """Rules that a choice does not keep."""
    for name in game.names:
        if name in chosen and (missing := [one for one in _needs(game, name) if one not in chosen]):
            yield f"“{name}” needs {say.quoted(missing)}."
    for members in game.rules.excludes:
        if len(both := [name for name in members if name in chosen]) > 1:
            yield f"{say.quoted(both)} cannot stand beside each other."
    if missing := [name for name in game.rules.include if name not in chosen]:
        yield f"{say.quoted(missing)} {'is' if len(missing) == 1 else 'are'} promised."
    for one in _limits(game, chosen):
        if one.under:
            yield f"“{one.group}” has {one.words}: its floor is {one.least}."
        elif one.over:
            yield f"“{one.group}” has {one.words}: its ceiling is {one.most}."


@dataclass(frozen=True, slots=True)
class _Limit:
    """Floor and ceiling of a group, and what is in it, all in words."""

    group: str
    inside: Collection[str]
    words: str
    least: str
    most: str
    under: bool
    over: bool


def _limits(game: Game, chosen: Collection[str]) -> Iterator[_Limit]:
    """Floors and ceilings of the groups, in options and in pounds."""
    groups = game.rules.groups if isinstance(game.rules.groups, Mapping) else {}
    for limits, money in ((game.rules.counts, False), (game.rules.spend, True)):
        for group, ends in limits.items():
            inside = [name for name in groups[group] if name in chosen]
            have = float(game.costs[game.where(inside)].sum()) if money else float(len(inside))
            least, most = (end if end is not None else none for end, none in zip(ends, (-np.inf, np.inf), strict=True))
            near = POUND if money else 0.0
            write = partial(say.money_gbp, unit="") if money else say.number
            words = write(have) if money else say.count(have, "option")
            under, over = have < least - near, have > most + near
            yield _Limit(str(group), inside, words, write(least), write(most), under=under, over=over)


def _needs(game: Game, name: str) -> Sequence[str]:
    requires: Mapping[str, Sequence[str]] = game.rules.requires
    return requires.get(name, ())


def _excluded(game: Game, name: str) -> list[str]:
    """What an option cannot stand beside, each once."""
    others = [other for members in game.rules.excludes if name in members for other in members if other != name]
    return list(dict.fromkeys(others))
