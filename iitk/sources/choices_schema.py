"""What `choice.toml` and the tables beside it hold: each key, what may stand there, and an example of it.

The template, the reader and the guide (docs/how-to/prepare-a-choice.md) all follow this one list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from iitk.sources import area_files

TOML = "choice.toml"
KEY = re.compile(r"[a-z][a-z0-9-]{0,39}")
MEASURES = ("npsv", "net_jobs")
OUTCOMES = ("proposed", "approved", "amended", "deferred")
VERDICTS = ("pass", "fail", "unknown")
BEST_SCORE = 5
UNSURE = ("", "don't know", "don’t know", "dont know", "?")


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `kind`: text, key, year, whole, pounds, factor, words (a list), date, choice, years or factors."""

    name: str
    kind: str
    about: str
    example: str  # as TOML
    required: bool = True


TABLES: Mapping[str, Sequence[Key]] = MappingProxyType({
    "": (
        Key("question", "text", "What is to be decided, as a question", '"Which measures do we fund first?"'),
        Key("vintage", "choice", "Edition of discount rates and optimism bias", '"green-book-2026"'),
        Key("base_year", "year", "Year that present values are of", "2026"),
        Key("price_year", "year", "Year of the prices of the budget: the options'", "2026"),
        Key("most_priorities", "whole", "Above how many chosen options the page warns", "5", False),
        Key("promised", "words", "Names of options that are in whatever else is chosen", "[]", False),
    ),
    "budget": (
        Key("capital", "years", "Pounds by year for works, land and equipment, from all funders", "{}"),
        Key("revenue", "years", "Pounds by year for people and running, from all funders", "{}"),
    ),
    "factor": (
        Key("key", "key", "Short name, as in the headings of factors.csv", '"powers"'),
        Key("name", "text", "Name on pages", '"Legal powers"'),
        Key("question", "text", "What must be true of an option, as a question", '"May we do it under today\'s law?"'),
    ),
    "criterion": (
        Key("key", "key", "Short name, as in the headings of weights.csv and scores.csv", '"fairness"'),
        Key("name", "text", "Name on pages", '"Who gains"'),
        Key("question", "text", "What is compared, as a question", '"Do those gain who have least?"'),
        Key("measure", "choice", "npsv or net_jobs where it is worked out; else members score it", '"npsv"', False),
        Key("best", "text", "What 5 means; 0 always means no more than doing nothing", '"Most of it"', False),
    ),
    "scenario": (
        Key("key", "key", "Short name", '"expected"'),
        Key("name", "text", "Name on pages", '"As expected"'),
        Key("sentence", "text", "What happens in it, in a sentence", '"Costs, money and outcomes come as written."'),
        Key("capital_cost", "factor", "Times the capital cost that the options state", "1.0", False),
        Key("revenue_cost", "factor", "Times the revenue cost", "1.0", False),
        Key("capital_budget", "factor", "Times the capital budget", "0.7", False),
        Key("revenue_budget", "factor", "Times the revenue budget", "1.0", False),
        Key("outcomes", "factors", 'Times outcomes, by "all" or an underpinning, lever or opportunity; all that fit',
            '{ "infrastructure" = 0.9 }', False),
    ),
    "limit": (
        Key("underpinning", "choice", "The underpinning that is held between bounds", '"infrastructure"'),
        Key("fewest", "whole", "At least so many of its options", "0", False),
        Key("most", "whole", "At most so many", "3", False),
        Key("least_pounds", "pounds", "At least so many pounds for it, over all years", "0", False),
        Key("most_pounds", "pounds", "At most so many", "20000000", False),
    ),
    "job_value": (
        Key("pounds", "pounds", "Worth of a net job a year to the nation, where an option makes the supply-side case",
            "10000"),
        Key("source", "text", "Where that comes from", '"Illustrative: no real study"'),
    ),
    "decision": (
        Key("outcome", "choice", "proposed, approved, amended or deferred", '"proposed"', False),
        Key("conditions", "words", "What must hold", "[]", False),
        Key("dissent", "words", "Who disagrees with what, by role", "[]", False),
        Key("owner", "text", "The role that answers for it: not a person's name", '"Director of economy"', False),
        Key("review_date", "date", "When it is looked at again, without quotation marks", "2028-03-31", False),
        Key("signed_by", "words", "Roles that signed, not people's names", "[]", False),
    ),
})  # fmt: skip

MANY = ("factor", "criterion", "scenario", "limit")  # written as [[factor]], as often as needed
NEEDED = ("", "budget")  # the other tables may be absent

FILES: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType({
    "factors": (
        ("option", "Its name, as in the options"),
        ("KEY of each factor", "pass, fail or unknown; unknown drops nothing"),
        ("KEY_reason", "Why: needed where it fails"),
    ),
    "weights": (
        ("member", "Short name of who weighs, such as council"),
        ("role", "The role, as pages say it: not a person's name"),
        ("KEY of each criterion", "Points; each row adds up to 100"),
    ),
    "scores": (
        ("member", "As in weights.csv"),
        ("option", "Its name, as in the options"),
        ("KEY of each criterion that members score", "0 to 5, or don't know; never 0 for what nobody knows"),
    ),
})  # fmt: skip


def present(folder: Path) -> list[Path]:
    """The files of a choice that are in a folder, tables under either ending."""
    tables = [path for name in ("options", *FILES) for path in area_files.find(folder, name)]
    return [*tables, *(path for path in [folder / TOML] if path.exists())]
