"""What there is to choose from in an area, and by what: options, money, rules and values, worked out once.

Both stages of choosing, their views and the budget game ask here, so that they cannot differ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import pandas as pd

from iitk.analysis import portfolio, worth
from iitk.analysis.appraisal import BiasBounds
from iitk.analysis.portfolio import Portfolio
from iitk.analysis.rules import Rules
from iitk.analysis.worth import Assumptions, Worth
from iitk.errors import UsageError
from iitk.model import Area, Badge, ChoiceFiles, Option, Scenario
from iitk.sources import choices, parameters, paths
from iitk.stages.people import People
from iitk.stages.remembered import remembered

AIMS = {
    "group": "What the group values",
    "npsv": "Most worth to society",
    "net_jobs": "Most jobs for the place",
}
CUTS = (0.0, 0.1, 0.25, 0.5)
MOST = 60  # options of a short list
CORE, NEVER = 0.8, 0.05  # shares of draws: from the first on an option is core, up to the second it never is


@dataclass(frozen=True, slots=True)
class Drop:
    """An option that is not on the short list, and why."""

    option: str
    factor: str  # name of the success factor that it fails; empty: it needs an option that is dropped
    reason: str


@dataclass(frozen=True, eq=False)
class Selection:
    """The options of an area under one vintage of the parameters."""

    area: Area
    files: ChoiceFiles
    vintage: parameters.Vintage

    @property
    def badge(self) -> Badge:
        """Badge of what is worked out from the files: the example stays illustrative."""
        return Badge.ILLUSTRATIVE if Badge.ILLUSTRATIVE in (self.files.badge, self.vintage.badge) else Badge.MODELLED

    @property
    def judgement(self) -> Badge:
        """Badge of people's weights and scores: those of the example are made up."""
        return Badge.ILLUSTRATIVE if self.files.badge is Badge.ILLUSTRATIVE else Badge.JUDGEMENT

    @property
    def source(self) -> str:
        """Where the options come from, for the foot of a figure."""
        return f"options, weights and scores from {self.files.folder}"

    @cached_property
    def options(self) -> Mapping[str, Option]:
        """Every option by name, in the order of the file."""
        return {one.name: one for one in self.files.options.options}

    @cached_property
    def dropped(self) -> tuple[Drop, ...]:
        """What fails a success factor, or needs what does; each option once, with its first reason."""
        names = {one.key: one.name for one in self.files.factors}
        found: dict[str, Drop] = {}
        for verdict in self.files.verdicts:
            if verdict.passed is False and verdict.option not in found:
                found[verdict.option] = Drop(verdict.option, names[verdict.factor], verdict.reason)
        while more := [(one, need) for one in self.options.values() for need in one.needs
                       if one.name not in found and need in found]:  # fmt: skip
            for one, need in more:
                found[one.name] = Drop(one.name, "", f"It needs “{need}”, which is dropped.")
        return tuple(found[name] for name in self.options if name in found)

    @cached_property
    def short(self) -> tuple[str, ...]:
        """Names on the short list, in the order of the file."""
        out = {one.option for one in self.dropped}
        return tuple(name for name in self.options if name not in out)

    def check_length(self) -> None:
        """Raise `UsageError` where the short list is empty, or too long for people to weigh."""
        if not self.short:
            raise UsageError(
                "Nothing is on the short list: every option fails a success factor, or needs one that does. "
                "Stage 6 has the reasons; mend factors.csv, or add options."
            )
        if len(self.short) > MOST:
            raise UsageError(
                f"The short list has {len(self.short):,} options: nobody can weigh more than {MOST}. Drop more with "
                "success factors (factors.csv), or put the like of them together."
            )

    @property
    def first(self) -> str:
        """The option to begin with where one is to be looked at: the first that the group would choose."""
        return str(next(iter((*self.best().chosen, *self.short))))

    @cached_property
    def assumptions(self) -> Assumptions:
        """The vintage's parameters as the appraisal takes them."""
        doubt = self.vintage.bands("doubt")
        return Assumptions(
            schedule=self.vintage.discount,
            bounds={kind: BiasBounds(**one) for kind, one in self.vintage.optimism_bias.items()},
            base_year=self.files.base_year,
            job_value=self.files.job_value,
            share_range=doubt["additionality-share.range"], revenue_low=doubt["revenue.low"],
            revenue_high=doubt["revenue.high"],
        )  # fmt: skip

    @cached_property
    def people(self) -> People:
        """The members with their weights and scores."""
        return People(self.files, self.short)

    def scenario(self, key: str = "") -> Scenario:
        """Return a scenario by its key; without one, what is expected. Raises `UsageError` for an unknown key."""
        known = {one.key: one for one in self.files.scenarios}
        if key and key not in known:
            raise UsageError(f"There is no scenario {key!r}. Scenarios: {', '.join(known)}.")
        return known[key] if key else self.files.scenarios[0]

    @cached_property
    def rules(self) -> Rules:
        """Needs, exclusions, floors and ceilings, and promises, of the options on the short list."""
        short = set(self.short)
        by_underpinning: dict[str, list[str]] = {}
        for name in self.short:
            by_underpinning.setdefault(self.options[name].underpinning, []).append(name)
        limits = [one for one in self.files.limits if one.underpinning in by_underpinning]
        return Rules(
            requires={name: list(self.options[name].needs) for name in self.short if self.options[name].needs},
            excludes=[[name, other] for name in self.short for other in self.options[name].excludes if other in short],
            groups=by_underpinning,
            counts={one.underpinning: (one.fewest, one.most) for one in limits
                    if (one.fewest, one.most) != (None, None)},
            spend={one.underpinning: (one.least_pounds, one.most_pounds) for one in limits
                   if (one.least_pounds, one.most_pounds) != (None, None)},
            include=[name for name in self.files.promised if name in short],
        )  # fmt: skip

    @remembered(256)
    def money(self, percent: int = 100, scenario: str = "") -> pd.Series:
        """Return the budget in pounds by its column ("capital 2027"), at a percentage and in a scenario."""
        coming = self.scenario(scenario)
        factor = {"capital": coming.capital_budget, "revenue": coming.revenue_budget}
        return pd.Series({
            f"{kind} {year}": pounds * factor[kind] * percent / 100 for kind, year, pounds in self.files.budget
        })  # fmt: skip

    @remembered(16)
    def worth(self, scenario: str = "") -> Worth:
        """What every option is worth in a scenario."""
        return worth.appraise(self.files.options, self.assumptions, self.scenario(scenario))

    def known(self, name: str, column: str, scenario: str = "") -> float | None:
        """Return what one option comes to; None where nobody has estimated it."""
        value = float(self.worth(scenario).table[column].to_dict()[name])
        return None if math.isnan(value) else value

    @remembered(16)
    def table(self, scenario: str = "") -> pd.DataFrame:
        """
        The short list as `iitk.analysis.portfolio` takes it: a column for each aim, and the money by kind and year.

        What nobody has estimated adds nothing: an option without benefits is worth minus what it costs, one without
        jobs brings none. Whoever shows it says so.
        """
        found = self.worth(scenario)
        rows = found.table.loc[list(self.short)]
        columns = [name for name in self.money().index if name in found.spend.columns]
        return found.spend.loc[list(self.short), columns].assign(
            npsv=rows["npsv"].fillna(-rows["pv_cost"] - rows["pv_private"]), net_jobs=rows["net_jobs"].fillna(0.0),
            group=self.people.group_value(rows),
        )  # fmt: skip

    @remembered(16)
    def members_values(self, scenario: str = "") -> pd.DataFrame:
        """What each option of the short list is worth to each member: options x members' keys."""
        return self.people.values(self.worth(scenario).table.loc[list(self.short)])

    def budget(self, percent: int = 100, scenario: str = "") -> pd.Series:
        """The same as `money`, for the columns in which options cost something."""
        money = self.money(percent, scenario)
        return money[[name for name in self.table(scenario).columns if name in money.index]]

    @remembered(512)
    def best(self, aim: str = "group", percent: int = 100, scenario: str = "") -> Portfolio:
        """Return the best portfolio for an aim. Raises `MethodError` where rules and money cannot all be kept."""
        table, budget = self.table(scenario), self.budget(percent, scenario)
        return portfolio.choose(table[[*budget.index, aim]], budget, value=aim, rules=self.rules, ties=1)

    @remembered(256)
    def own(self, percent: int = 100, scenario: str = "") -> Mapping[str, Portfolio]:
        """Return what each member's own weights and scores would fund, by the member's key."""
        values, budget = self.members_values(scenario), self.budget(percent, scenario)
        if values.empty or not len(values.columns):
            return {}
        table = self.table(scenario)[list(budget.index)].join(values)
        return portfolio.choose_each(table, budget, list(values.columns), rules=self.rules, ties=1)


def of(area: Area, vintage: str = "") -> Selection:
    """
    Return what there is to choose from in `area`: a team's own files, or the example.

    Raises `FaultyFileError` or `FaultyFolderError` with every fault of the files, `UsageError` for an unknown vintage.
    """
    edition = paths.stamp(paths.data_dir() / "parameters.toml")
    return _of(area, choices.load(area), vintage, edition)


@lru_cache(maxsize=64)
def _of(area: Area, files: ChoiceFiles, vintage: str, _edition: paths.Stamp | None) -> Selection:
    return Selection(area, files, parameters.vintage(vintage or files.vintage))


def under(selection: Selection, vintage: str) -> Selection:
    """The same options under another vintage: every figure is worked out anew."""
    return replace(selection, vintage=parameters.vintage(vintage))
