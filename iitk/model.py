"""The nouns of the toolkit, as frozen dataclasses: no files, no figures, no behaviour beyond their own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from iitk.errors import UsageError


class Badge(StrEnum):
    """Where a number comes from; each number on a page carries one."""

    OBSERVED = "observed"  # an official figure, or plain arithmetic on official figures
    MODELLED = "modelled"  # computed under assumptions
    ILLUSTRATIVE = "illustrative"  # an example
    JUDGEMENT = "judgement"  # people's scores


# Published BRES counts are rounded: (up to this many jobs, in steps of). The notes say "250 above 1,000"; the tables
# themselves show the two wider steps in every one of their 24,640 figures.
BRES_ROUNDING = ((50, 5), (250, 25), (500, 50), (1_000, 100), (2_500, 250), (5_000, 500), (float("inf"), 1_000))


class AreaKind(StrEnum):
    """The kinds of area that the toolkit knows."""

    LAD = "local authority"
    COMBINED_AUTHORITY = "combined authority"
    ITL3 = "ITL3 area"
    ITL2 = "ITL2 area"
    ITL1 = "ITL1 area"
    REGION = "region"
    COUNTRY = "country"
    UK = "United Kingdom"
    FUNCTIONAL = "functional area"


@dataclass(frozen=True, slots=True)
class Area:
    """A place under study: one or more of the 361 local authority districts of 2023.

    `code` is the official code, or the members' codes joined by "+" for a functional area.
    `lads` holds the sorted codes of the districts that make it up. `note` says what a reader should know
    of how the area was understood (for instance that Craven is now part of North Yorkshire).
    """

    code: str
    name: str
    kind: AreaKind
    lads: tuple[str, ...]
    vintage: str = "LAD December 2023"
    parents: tuple[tuple[AreaKind, str, str], ...] = ()  # (kind, code, name)
    note: str = ""
    asked: str = field(default="", compare=False)  # the words that were used, which may say more

    @property
    def slug(self) -> str:
        """Name for a folder: lower-case letters, digits and hyphens only."""
        words = "".join(c if c.isascii() and c.isalnum() else " " for c in self.name.lower().replace("'", "")).split()
        return "-".join(words)[:60].rstrip("-") or self.code.lower().replace("+", "-")


@dataclass(frozen=True, slots=True)
class Cohort:
    """Areas that learn together, and the reference that they look at."""

    name: str
    areas: tuple[Area, ...]
    reference: Area | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a table of figures comes from: one entry of `data/sources.toml`."""

    key: str  # the table's file name without its ending
    publisher: str
    title: str
    edition: str
    licence: str
    attribution: str
    unit: str
    vintage: str  # the edition of the areas, for instance "LAD December 2023"
    caveats: tuple[str, ...] = ()
    sha256: str = ""
    checks: tuple[str, ...] = ()
    files: tuple[str, ...] = ()  # files of ../shared/data that it was built from

    def cite(self) -> str:
        """One line for the foot of a chart: "[publication] from the [organisation]"."""
        return f"{self.title} from the {self.publisher}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """An assumption: dated values with unit and source."""

    key: str
    label: str
    unit: str
    values: tuple[tuple[date, float], ...]
    source: str
    status: str = "judgement, to be confirmed"
    note: str = ""

    def at(self, day: date) -> float:
        """Value in force on `day`: the latest that is not after it. `UsageError` for a day before the first."""
        if not isinstance(day, date):
            raise UsageError(f"A parameter is asked for on a day, such as date(2026, 11, 23), not {day!r}.")
        past = [value for start, value in self.values if start <= day]
        if not past:
            first = self.values[0][0].isoformat()
            raise UsageError(f"Parameter {self.key!r} has no value before {first}. Ask for that day or a later one.")
        return past[-1]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the figures say, as a sentence whose numbers come from code."""

    key: str  # which rule made it, for instance "largest-specialisation"
    headline: str  # the number, large: "£36.6bn"
    label: str  # what it is, in a few words: "of value added in 2023"
    sentence: str  # the finding in full
    badge: Badge
    source: str
    unit: str
    period: str
    theme: str = ""
    values: dict[str, float | str | None] = field(default_factory=dict)  # the figures behind the sentence
    question: str = ""  # what to ask the room (puzzles), or who could tell (gaps)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A facilitation prompt: content from `data/prompts`, editable by facilitators."""

    key: str
    title: str
    purpose: str
    minutes: int
    grouping: str
    question: str
    steps: tuple[str, ...]
    record: str
    if_stalled: str
    if_one_voice: str
    change_our_minds: str


@dataclass(frozen=True, slots=True)
class LogicModel:
    """Why an option should work: each step leads to the next if the assumptions hold."""

    inputs: str
    activities: str
    outputs: str
    outcomes: str
    impacts: str
    assumptions: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What one funder pays in one year, in pounds of the file's price year."""

    kind: str  # "capital" or "revenue"
    year: int
    funder: str
    amount: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """Gross outcome in one year, with its range: low <= central <= high."""

    measure: str  # "jobs" (in place in that year) or "benefit" (pounds of the price year, worth to society)
    year: int
    low: float
    central: float
    high: float


@dataclass(frozen=True, slots=True)
class Adjustments:
    """From gross to net: shares from 0 to 1, and a multiplier of 1 or more."""

    deadweight: float
    leakage: float
    displacement: float
    substitution: float
    multiplier: float


@dataclass(frozen=True, slots=True)
class Option:
    """Something that public bodies could do, in one version: one row of `options.csv`."""

    name: str
    underpinning: str
    lever: str  # fund, build, regulate, buy, convene or stop
    opportunity: str  # which it serves
    logic: LogicModel
    costs: tuple[Cost, ...]  # every year, kind and funder of the file; 0 is written, never missing
    outcomes: tuple[Outcome, ...]  # a measure that nobody has estimated is absent
    adjustments: Adjustments
    bias_class: str  # optimism bias: a type of works of `data/parameters.toml`, or "none"
    bias_mitigation: float  # share of it that is shown to be managed
    evidence_grade: int | None  # Maryland scale, 1 to 5; None: no evaluation is known
    evidence_reference: str
    needs: tuple[str, ...]  # names of options that it cannot do without
    excludes: tuple[str, ...]  # names of options that it cannot be done with
    risk_level: str  # low, medium or high
    risks: str
    owner: str  # a role
    badge: Badge
    intervention: str = ""  # key of the evidence library, if it knows the like
    confirmed: str = ""  # "cost size": amounts unlike the others' are meant
    persistence_years: int = 0  # how many years the outcomes of the last year of the file go on after it
    decay: float = 0.0  # share of them that is lost in each of those years
    supply_side: str = ""  # why jobs here raise what the nation can produce; empty: no such case is made
    industries: tuple[str, ...] = ()  # codes of the industries of its opportunity, as the official figures have them
    rests_on: tuple[str, ...] = ()  # findings of stage 1, by the key of their rule
    row: int = field(default=0, compare=False)  # of the file, as a spreadsheet counts


@dataclass(frozen=True, slots=True)
class OptionList:
    """The options of one checked file. Amounts are in `money_unit` at the prices of `price_year`."""

    options: tuple[Option, ...]
    price_year: int
    money_unit: str
    years: tuple[int, ...]  # years with costs, without a gap
    outcome_years: tuple[int, ...] = ()  # years with outcomes, which may reach further


@dataclass(frozen=True, slots=True)
class SuccessFactor:
    """What an option must pass before it is compared with others: pass or fail, no points."""

    key: str
    name: str
    question: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an option stands to a success factor."""

    option: str
    factor: str  # its key
    passed: bool | None  # None: not known yet, which drops nothing
    reason: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """What options are compared by. 0 always means: nothing beyond doing nothing, so that values add up."""

    key: str
    name: str
    question: str
    measure: str = ""  # "npsv" or "net_jobs": worked out, from 0 to the best option; empty: scored by members, 0 to 5
    best: str = ""  # what 5 means, in words


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who weighs and scores, by a role: never a person's name."""

    key: str
    role: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """What could come: factors on costs, on the money there is, and on outcomes."""

    key: str
    name: str
    sentence: str
    capital_cost: float = 1.0
    revenue_cost: float = 1.0
    capital_budget: float = 1.0
    revenue_budget: float = 1.0
    outcomes: tuple[tuple[str, float], ...] = ()  # ("all", or an underpinning, lever or opportunity; factor)


@dataclass(frozen=True, slots=True)
class GroupLimit:
    """Floor and ceiling of an underpinning, in options and in pounds over all years; None: open."""

    underpinning: str
    fewest: int | None = None
    most: int | None = None
    least_pounds: float | None = None
    most_pounds: float | None = None


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """What a board makes of the result; what is empty is ruled on the printed record, to be filled in by hand."""

    outcome: str = "proposed"  # proposed, approved, amended or deferred
    conditions: tuple[str, ...] = ()
    dissent: tuple[str, ...] = ()
    owner: str = ""  # a role
    review_date: str = ""  # ISO
    signed_by: tuple[str, ...] = ()  # roles


@dataclass(frozen=True, slots=True)
class ChoiceFiles:
    """Everything that a team brings to stages 6 and 7, from the checked files of one folder."""

    question: str
    options: OptionList
    budget: tuple[tuple[str, int, float], ...]  # (kind, year, pounds at the options' price year), every kind and year
    vintage: str  # of the parameters
    base_year: int  # present values are of this year
    most_priorities: int
    factors: tuple[SuccessFactor, ...]
    verdicts: tuple[Verdict, ...]
    criteria: tuple[Criterion, ...]
    members: tuple[Member, ...]
    weights: tuple[tuple[str, str, float], ...]  # (member, criterion, points of 100)
    scores: tuple[tuple[str, str, str, float | None], ...]  # (member, option, criterion, 0 to 5; None: don't know)
    limits: tuple[GroupLimit, ...]
    promised: tuple[str, ...]  # options that are in whatever else is chosen
    scenarios: tuple[Scenario, ...]  # the first is what is expected
    job_value: float | None  # pounds a net job a year where a supply-side case is made; None: none is claimed
    job_value_source: str
    decision: DecisionDraft
    badge: Badge
    folder: str  # its name, as pages say it
    files: tuple[tuple[str, str], ...]  # (name, SHA-256)
