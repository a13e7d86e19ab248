"""What a file of options holds: its columns, what may stand in them, and an example of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import product

from iitk.errors import Fault
from iitk.model import Badge
from iitk.sources import evidence, parameters

UNDERPINNINGS = (
    "skills, employment and labour productivity", "infrastructure", "planning and regulation",
    "markets through public procurement", "business support",
)  # fmt: skip
LEVERS = ("fund", "build", "regulate", "buy", "convene", "stop")
GRADES = ("none", "1", "2", "3", "4", "5")
RISKS = ("low", "medium", "high")
COST_SIZE = "cost size"
KINDS = ("capital", "revenue")
MEASURES = ("jobs", "benefit")
POINTS = ("low", "central", "high")

FUNDER = re.compile("[a-z][a-z0-9_]*")

_COST = re.compile(rf"(capital|revenue)_(20[0-9]{{2}})_({FUNDER.pattern})")
_OUTCOME = re.compile(r"(jobs|benefit)_(20[0-9]{2})_(low|central|high)")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `kind`: text, choice, share, multiplier, year, years, unit, codes, keys, or names (of options)."""

    name: str
    kind: str
    about: str
    example: str
    required: bool = True  # else a cell may stay empty
    newer: bool = False  # files from before it came do not have it


def bias_classes() -> tuple[str, ...]:
    """Types of works whose optimism bias the parameters know, and "none" for options without works."""
    return (*parameters.vintage().optimism_bias, "none")


def choices() -> dict[str, tuple[str, ...]]:
    """What may stand in each column with a list."""
    return {
        "badge": tuple(Badge), "underpinning": UNDERPINNINGS, "lever": LEVERS, "money_unit": ("GBP",),
        "bias_class": bias_classes(), "evidence_grade": GRADES, "risk_level": RISKS, "confirmed": (COST_SIZE,),
        "intervention": tuple(evidence.load().interventions),
    }  # fmt: skip


COLUMNS = (
    Column("name", "text", "Short, and unlike any other name", "Example: shared textile pilot line"),
    Column("badge", "choice", "Where its figures come from", "illustrative"),
    Column("underpinning", "choice", "The public underpinning that it strengthens", "infrastructure"),
    Column("lever", "choice", "What public bodies would do", "build"),
    Column("opportunity", "text", "The opportunity of stage 3 that it serves", "Technical textiles"),
    Column("owner", "text", "The role that answers for it: not a person's name", "Director of economy"),
    Column("inputs", "text", "Logic model: what goes in", "Money, a vacant mill floor, two technicians"),
    Column("activities", "text", "Logic model: what is done with it", "Equip the floor and rent it by the day"),
    Column("outputs", "text", "Logic model: what comes out at once", "200 days of trials a year for 40 firms"),
    Column("outcomes", "text", "Logic model: what changes for people and firms", "New products, and jobs to make them"),
    Column("impacts", "text", "Logic model: what that adds up to", "Higher pay in textile towns"),
    Column("assumptions", "text", "What must hold for one step to lead to the next", "Firms lack tools, not orders"),
    Column("price_year", "year", "Year of the prices: the same in every row", "2026"),
    Column("money_unit", "unit", "Always GBP: whole pounds, never thousands", "GBP"),
    Column("deadweight", "share", "Share of the gross outcome that would happen anyway", "0.3"),
    Column("leakage", "share", "Share that goes to people outside the place", "0.1"),
    Column("displacement", "share", "Share taken from others in the place", "0.25"),
    Column("substitution", "share", "Share where one activity replaces another in a firm", "0"),
    Column("multiplier", "multiplier", "1 plus the effect through suppliers and spending", "1.25"),
    Column("bias_class", "choice", "Optimism bias: the type of works; none only without capital", "standard buildings"),
    Column("bias_mitigation", "share", "Share of the optimism bias that is shown to be managed", "0"),
    Column("intervention", "choice", "The like in the evidence library, by its key", "science-parks", False),
    Column("evidence_grade", "choice", "Maryland scale of the best evaluation of the like, 1 to 5, or none", "2"),
    Column("evidence_reference", "text", "Where to read it: needed with a grade", "Illustrative: no real study", False),
    Column("needs", "names", "Names of options that it cannot do without, with ; between them", "", False),
    Column("excludes", "names", "Names of options that it cannot be done with, with ; between them", "", False),
    Column("risk_level", "choice", "The worst of its risks", "medium"),
    Column("risks", "text", "What could go wrong", "Too few firms book; works cost more"),
    Column("confirmed", "choice", f"'{COST_SIZE}' says that costs unlike the others' are meant", "", False),
    Column("persistence_years", "years", "Years for which the last year's outcomes go on after it", "10", False, True),
    Column("decay", "share", "Share of them that is lost in each of those years", "0.1", False, True),
    Column("supply_side", "text", "Why jobs here raise what the nation can make; empty: no such case", "", False, True),
    Column("industries", "codes", "Industries that it serves, by their codes in the official figures, with ; between",
           "CA-CB (10-15)", False, True),
    Column("rests_on", "keys", "Keys of the findings of stage 1 that it answers, with ; between them",
           "manufacturing-share", False, True),
)  # fmt: skip


@dataclass(slots=True)
class Layout:
    """The wide columns of a file: (kind, year, funder) of each cost, and (measure, year) of each outcome."""

    costs: list[tuple[str, int, str]] = field(default_factory=list)
    outcomes: list[tuple[str, int]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def years(self) -> tuple[int, ...]:
        """Years with costs."""
        return tuple(sorted({year for _, year, _ in self.costs}))


def cost_column(kind: str, year: int, funder: str) -> str:
    """Heading of a cost: capital_2027_council."""
    return f"{kind}_{year}_{funder}"


def outcome_column(measure: str, year: int, point: str) -> str:
    """Heading of an outcome: jobs_2028_low."""
    return f"{measure}_{year}_{point}"


def headings(years: Sequence[int], outcome_years: Sequence[int], funders: Sequence[str]) -> list[str]:
    """Every heading of a file, in its order."""
    costs = [cost_column(*one) for one in product(KINDS, years, funders)]
    outcomes = [outcome_column(*one) for one in product(MEASURES, outcome_years, POINTS)]
    return [*(column.name for column in COLUMNS), *costs, *outcomes]


def layout(header: Sequence[str]) -> Layout:
    """Understand the headings of a file; what is missing, unknown or has a gap becomes a fault."""
    found, fixed = Layout(), [column.name for column in COLUMNS]
    for name in filter(None, dict.fromkeys(header)):
        if match := _OUTCOME.fullmatch(name):
            if (one := (match[1], int(match[2]))) not in found.outcomes:
                found.outcomes.append(one)
        elif match := _COST.fullmatch(name):
            found.costs.append((match[1], int(match[2]), match[3]))
        elif name not in fixed:
            found.faults.append(_unknown(name, fixed))
    missing = [column.name for column in COLUMNS if column.name not in header and not column.newer]
    found.faults += [Fault(1, name, "The column is missing", "Add it: see iitk new options.") for name in missing]
    found.faults += _gaps(found, header)
    return found


def _unknown(name: str, known: Sequence[str]) -> Fault:
    like = "Years look like capital_2027_council, revenue_2027_grant, jobs_2028_low, benefit_2028_central"
    near = get_close_matches(name, known, n=1, cutoff=0.75)
    return Fault(1, name, "No such column is known", f"Rename it to {near[0]}." if near else f"{like}; or remove it.")


def _gaps(found: Layout, header: Sequence[str]) -> list[Fault]:
    """Columns without which a year would go missing in silence."""
    if not found.costs or "jobs" not in {measure for measure, _ in found.outcomes}:
        what = "costs" if not found.costs else "jobs"
        like = "capital_2027_council" if not found.costs else "jobs_2028_low, jobs_2028_central, jobs_2028_high"
        return [Fault(1, "", f"There are no columns for {what}", f"Add some, such as {like}.")]
    span = range(found.years[0], found.years[-1] + 1)
    series = dict.fromkeys((kind, funder) for kind, _, funder in found.costs)
    wanted = [cost_column(kind, year, funder) for kind, funder in series for year in span]
    for measure in dict.fromkeys(measure for measure, _ in found.outcomes):
        years = [year for one, year in found.outcomes if one == measure]
        wanted += [outcome_column(*one) for one in product([measure], range(min(years), max(years) + 1), POINTS)]
    return [
        Fault(1, name, "The column is missing: the years have a gap", "Add it, with 0 where there is nothing.")
        for name in wanted
        if name not in header
    ]
