"""Checks of `choice.toml` against the options: budget, prices, limits, promises and scenarios."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from iitk.errors import Fault, KeyFault
from iitk.model import Option, OptionList
from iitk.sources import parameters
from iitk.sources.cells import nearest, same
from iitk.sources.options_schema import KINDS

OLDEST_BASE = 5  # years that present values may lie before the prices
_TOO_LITTLE = 20  # times: a budget so far below one usual option is rather in thousands
_OTHER_SIZE = 200  # times: a year so far below the usual one is rather in thousands
_SLACK = 1 + 1e-9

Spend = dict[tuple[str, int], float]  # by kind and year
Spending = Mapping[str, Spend]  # by option
Content = Mapping[str, Any]


def check(
    content: Content, found: OptionList, failed: Mapping[str, str], spoilt: Collection[str], told: Collection[str]
) -> list[Fault]:
    """
    Every fault between choice.toml and the options.

    `failed` are the options that a success factor drops, `spoilt` the tables and `told` the keys that have a fault
    already: of them nothing is said again.
    """
    faults = [*_years(content, found), *_scenarios(content["scenario"], found), *_promised_names(content, found)]
    for one in _budget(content["budget"], found):
        if not {"budget", one.column.rpartition(".")[0], one.column} & set(told):
            faults.append(one)
    if not {"", "budget", "limit"} & set(spoilt):
        spend = _spending(found, parameters.vintage(content["vintage"]).optimism_bias)
        sure, there = _with_needs(content, found), [one for one in found.options if one.name not in failed]
        faults += _promises(sure, failed, content["budget"], spend)
        faults += _limits(content["limit"], there, sure, spend)
    return faults


def names(found: OptionList) -> dict[str, str]:
    """Names of options by how they compare."""
    return {same(one.name): one.name for one in found.options}


def as_written(text: str, found: OptionList) -> str:
    """An underpinning, lever or opportunity as the options write it; "all" for all of them."""
    return _groups(found).get(same(text), text)


def promised(content: Content, found: OptionList) -> tuple[str, ...]:
    """Names of the promised options, as the options write them."""
    known = names(found)
    return tuple(known[same(text)] for text in content.get("promised", ()) if same(text) in known)


def _fault(place: str, wrong: str, fix: str) -> Fault:
    return KeyFault(None, place, wrong, fix)


def _years(content: Content, found: OptionList) -> Iterable[Fault]:
    price, base = content.get("price_year"), content.get("base_year")
    if price is not None and price != found.price_year:
        yield _fault("price_year", f"The budget is in prices of {price}, the options in those of {found.price_year}",
                     f"Bring the budget to the options' prices, then write {found.price_year}.")  # fmt: skip
    if base is not None and base > found.years[0]:
        yield _fault("base_year", f"{base} lies after the first costs, which are of {found.years[0]}",
                     f"Write {found.years[0]} or an earlier year.")  # fmt: skip
    elif base is not None and base < found.price_year - OLDEST_BASE:
        yield _fault("base_year", f"{base} lies more than {OLDEST_BASE} years before the prices, of {found.price_year}",
                     f"Write {found.price_year}.")  # fmt: skip


def _budget(budget: Mapping[str, Mapping[int, float]], found: OptionList) -> Iterable[Fault]:
    """Years that are missing or too many, and sums of another size than the options'."""
    for kind in KINDS:
        money = budget.get(kind, {})
        spent = {cost.year for one in found.options for cost in one.costs if cost.kind == kind and cost.amount}
        for year in sorted({*money, *spent}):
            if year not in money:
                yield _fault(f"budget.{kind}.{year}", "Options have costs in it, but it has no budget",
                             f"Add {year}, with 0 if there is none.")  # fmt: skip
            elif year not in found.years:
                wrong = f"The options are of {found.years[0]} to {found.years[-1]}"
                yield _fault(f"budget.{kind}.{year}", wrong, "Use the options' years.")
    for kind in KINDS:
        each = [sum(one.amount for one in option.costs if one.kind == kind) for option in found.options]
        usual, total = median([cost for cost in each if cost] or [0.0]), sum(budget.get(kind, {}).values())
        if 0 < total * _TOO_LITTLE < usual:
            yield _fault(f"budget.{kind}", f"£{total:,.0f} in all, where an option takes about £{usual:,.0f}: "
                         "perhaps in thousands", "Write whole pounds.")  # fmt: skip
        yield from _odd_years(kind, budget.get(kind, {}))


def _odd_years(kind: str, money: Mapping[int, float]) -> Iterable[Fault]:
    """Single years of another size than the others."""
    usual = median([amount for amount in money.values() if amount > 0] or [0.0])
    for year, amount in money.items():
        if 0 < amount * _OTHER_SIZE < usual:
            wrong = f"£{amount:,.0f}, where other years have about £{usual:,.0f}: perhaps in thousands"
            yield _fault(f"budget.{kind}.{year}", wrong, "Write whole pounds, or 0 if there is nothing to speak of.")


def _groups(found: OptionList) -> dict[str, str]:
    every = (word for one in found.options for word in (one.underpinning, one.lever, one.opportunity))
    return {"all": "all"} | {same(word): word for word in every}


def _scenarios(scenarios: Sequence[Content], found: OptionList) -> Iterable[Fault]:
    """Outcomes of something that no option is."""
    known = _groups(found)
    for place, one in enumerate(scenarios, start=1):
        for text in one.get("outcomes", {}):
            if same(text) not in known:
                near = nearest(text, known)
                fix = f"Write {near!r}." if near else "Write all, or what an option is or serves."
                wrong = f"{text!r} is no underpinning, lever or opportunity of any option"
                yield _fault(f"scenario {place}, outcomes", wrong, fix)


def _spending(found: OptionList, bounds: Mapping[str, Mapping[str, float]]) -> dict[str, Spend]:
    """What each option takes from the budgets, by kind and year: public cost with optimism bias, not discounted."""
    spend: dict[str, Spend] = {}
    for option in found.options:
        its: Spend = defaultdict(float)
        bias = bounds.get(option.bias_class)
        uplift = max(bias["capital_upper"] * (1 - option.bias_mitigation), bias["capital_lower"]) if bias else 0.0
        lifted = "revenue" if option.bias_class == "outsourcing" else "capital"
        for cost in option.costs:
            if cost.funder != "private" and not cost.funder.startswith("private_"):
                its[cost.kind, cost.year] += cost.amount * (1 + uplift * (cost.kind == lifted))
        spend[option.name] = dict(its)
    return spend


def _promised_names(content: Content, found: OptionList) -> Iterable[Fault]:
    """Promised options that are unknown or named twice."""
    known, seen = names(found), set()
    for text in map(same, content.get("promised", ())):
        if text not in known:
            near = nearest(text, known)
            fix = f"Write {near!r}." if near else "Write the name of an option."
            yield _fault("promised", f"No option is called {text!r}", fix)
        elif text in seen:
            yield _fault("promised", f"{known[text]!r} stands twice", "Name it once.")
        seen.add(text)


def _promises(sure: Sequence[Option], failed: Mapping[str, str], budget: Content, spend: Spending) -> Iterable[Fault]:
    """Promised options, with all that they need, that are dropped, at odds with each other, or too dear."""
    for one in sure:
        if one.name in failed:
            wrong = f"{one.name!r} is promised, or needed by what is promised, but fails {failed[one.name]!r}"
            yield _fault("promised", wrong, "Take the promise back, or mend factors.csv.")
        for other in sure:
            if other.name in one.excludes:
                wrong = f"{one.name!r} and {other.name!r} are promised, or needed by what is, but exclude each other"
                yield _fault("promised", wrong, "Promise only one of them, or mend the options.")
    for (kind, year), amount in _total(sure, spend).items():
        if amount > budget.get(kind, {}).get(year, 0.0) * _SLACK:
            wrong = f"What is promised takes £{amount:,.0f} of {kind} in {year}, with optimism bias: more than there is"
            yield _fault("promised", wrong, "Take a promise back, or raise the budget of that year.")


def _with_needs(content: Content, found: OptionList) -> list[Option]:
    """Promised options and all that they need, directly or through others."""
    by_name, every, ahead = {one.name: one for one in found.options}, dict[str, Option](), [*promised(content, found)]
    while ahead:
        if (name := ahead.pop()) not in every:
            every[name] = by_name[name]
            ahead += by_name[name].needs
    return [one for one in found.options if one.name in every]


def _total(options: Iterable[Option], spend: Mapping[str, Spend]) -> Spend:
    total: Spend = defaultdict(float)
    for one in options:
        for column, amount in spend[one.name].items():
            total[column] += amount
    return total


def _limits(limits: Sequence[Content], there: Sequence[Option], sure: Sequence[Option], spend: Spending
            ) -> Iterable[Fault]:  # fmt: skip
    """Floors above ceilings, or above all that is `there`; ceilings below what is `sure`."""
    for place, limit in enumerate(limits, start=1):
        has, least = ([one for one in some if same(one.underpinning) == same(limit["underpinning"])]
                      for some in (there, sure))  # fmt: skip
        for low, high, size, say in (
            ("fewest", "most", len, lambda many: f"{many:,.0f} option{'s' * (many != 1)}"),
            ("least_pounds", "most_pounds", lambda some: sum(_total(some, spend).values()), "£{:,.0f}".format),
        ):
            floor, ceiling = limit.get(low, 0), limit.get(high, float("inf"))
            if floor > ceiling:
                yield _fault(f"limit {place}, {low}", f"At least {say(floor)}, but at most {say(ceiling)}",
                             "Lower the floor or raise the ceiling.")  # fmt: skip
            elif floor > size(has) * _SLACK:
                yield _fault(f"limit {place}, {low}", f"At least {say(floor)}, but all that no success factor drops "
                             f"come to {say(size(has))}", "Lower the floor, or add options.")  # fmt: skip
            if size(least) > ceiling * _SLACK:
                yield _fault(f"limit {place}, {high}", f"At most {say(ceiling)}, but what is promised comes to "
                             f"{say(size(least))}", "Raise the ceiling, or take a promise back.")  # fmt: skip
