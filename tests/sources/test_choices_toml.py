"""choice.toml: budget, factors, criteria, scenarios, limits and promises, alone and against the options."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from iitk.sources import choices, choices_schema
from tests.sources.choosing import change, copied, faults, only

PROMISED = 'promised = ["Shared export desk with neighbours"]'
LAST_LIMIT = 'underpinning = "infrastructure"\nmost_pounds = 28500000'


@pytest.fixture
def folder(tmp_path):
    return copied(tmp_path / "leeds")


def promise(*names):
    return PROMISED, f"promised = {list(names)!r}".replace("'", '"')


@pytest.mark.parametrize(
    ("old", "new", "key", "wrong", "fix"),
    [
        # keys, and kinds of values
        ("question = ", "# question = ", "question", "missing", 'question = "Which measures'),
        ("question = ", "queston = ", "queston", "No such key", "Rename it to question"),
        ('question = "Which', 'question = " " # "Which', "question", "empty", "few words"),
        ("base_year = 2026 ", "base_year = true ", "base_year", "true or false, not a number", "digits"),
        ("base_year = 2026 ", "base_year = 26 ", "base_year", "not a year", "such as 2026"),
        ("base_year = 2026 ", "base_year = 2026-04-01 ", "base_year", "a date, not a number", "digits"),
        ("most_priorities = 5", "most_priorities = 2.5", "most_priorities", "no whole number", "whole"),
        ("most_priorities = 5", "most_priorities = -1", "most_priorities", "not between 0", "sign"),
        ('"green-book-2026"', '"green-book-2062"', "vintage", "not in the list", "Write 'green-book-2026'"),
        ('"green-book-2026"', "2026", "vintage", "a number, not text", "quotation marks"),
        ("[decision]", "[decisions]", "decisions", "No such key", "Rename it to [decision]"),
        ("[decision]", "[decision]\nvintage = 1", "decision.vintage", "No such key", "above the first line that has"),
        ("[decision]", "[decision]\ncolour = 1", "decision.colour", "No such key", "write one of: outcome, conditions"),
        ('outcome = "proposed"', 'outcome = "agreed"', "decision.outcome", "not in the list", "Write '"),
        ("2028-03-31", '"2028-03-31"', "decision.review_date", "not a date", "without quotation marks: 2028-03-31"),
        ("2028-03-31", "2028-03-31T10:00:00", "decision.review_date", "a time, not a date", "2028-03-31"),
        ("dissent = [", "dissent = 3 # [", "decision.dissent", "not a list", '["one", "another"]'),
        ("dissent = [", "dissent = [3,", "decision.dissent", "not text", "quotation marks"),
        # repeated tables
        ('key = "fit"', 'key = "Strategic fit"', "factor 1, key", "no key", "Write 'strategic-fit'"),
        ('name = "Strategic fit"', 'name = "Legal powers"', "factor, name", "stands twice", "own"),
        ('measure = "net_jobs"', 'measure = "npsv"', "criterion, measure", "stands twice", "own"),
        ('measure = "net_jobs"', 'measure = "jobs"', "criterion 2, measure", "not in the list", "net_jobs"),
        ('key = "slow-growth"', 'key = "expected"', "scenario, key", "stands twice", "own"),
        # scenarios
        ("capital_cost = 1.25", "capital_cost = -1", "scenario 3, capital_cost", "not between 0", "sign"),
        ("capital_cost = 1.25", "capital_cost = 125", "scenario 3, capital_cost", "more than 10 times", "write 1.25"),
        ("capital_cost = 1.25", "capital_cost = inf", "scenario 3, capital_cost", "not between 0", "digits"),
        ("capital_cost = 1.25", "capital_costs = 1.25", "scenario 3, capital_costs", "No such key", "capital_cost"),
        ("all = 0.8", "all = 80", "scenario 4, outcomes.all", "more than 10 times", "write 0.8"),
        ('"business support" = 0', '"business suport" = 0', "scenario 4, outcomes", "no underpinning", "'business"),
        ("[scenario.outcomes]\nall = 0.8\n", "outcomes = 0.8\n#", "scenario 4, outcomes", "not a table", "outcomes"),
        # budget
        ("2029 = 15000000", "2029 = 15000", "budget.capital.2029", "other years have about £6,000,000", "or 0"),
        ("2029 = 15000000", "2029 = 150000", "", "", ""),  # little, but not impossible
        ("2029 = 15000000", "2029 = 15", "budget.capital.2029", "perhaps in thousands", "whole pounds: 15000; or 0"),
        ("2029 = 15000000", "2029 = -15000000", "budget.capital.2029", "not between 0", "sign"),
        ("2029 = 15000000", '2029 = "15,000,000"', "budget.capital.2029", "thousands", "Write 15000000."),
        ("2029 = 15000000", '2029 = "£15m"', "budget.capital.2029", "in full", "Write 15000000."),
        ("2029 = 15000000", '2029 = "15000000"', "budget.capital.2029", "in quotation marks", "without"),
        ("2029 = 15000000\n", "", "budget.capital.2029", "Options have costs in it, but it has no budget", "Add 2029"),
        ("2029 = 15000000", "2029 = 15000000\n2032 = 0", "budget.capital.2032", "2027 to 2031", "options' years"),
        ("2029 = 15000000", "2029 = 15000000\n29 = 0", "budget.capital.29", "not a year", "such as 2026"),
        ("price_year = 2026", "price_year = 2024", "price_year", "of 2024, the options in those of 2026", "2026"),
        ("base_year = 2026 ", "base_year = 2028 ", "base_year", "after the first costs, which are of 2027", "2027"),
        ("base_year = 2026 ", "base_year = 2020 ", "base_year", "more than 5 years before", "2026"),
        ("pounds = 9000", "pounds = 9", "job_value.pounds", "in thousands", "9000"),
        ("source = ", "# ", "job_value.source", "missing", "source = "),
        # promises
        (*promise("Shared export desk"), "promised", "No option is called", "Write 'Shared export desk with"),
        (*promise("Shared export desk with neighbours", "shared EXPORT desk with neighbours"), "promised",
         "stands twice", "once"),
        (*promise("Shared export desk with neighbours", "Machine tool export mission"), "promised",
         "exclude each other", "only one"),
        (*promise("Grid connection queue desk"), "promised", "fails 'Legal powers'", "mend factors.csv"),
        # limits
        (LAST_LIMIT, 'underpinning = "infrastructur"', "limit 4, underpinning", "not in the list", "'infrastructure'"),
        (LAST_LIMIT, 'underpinning = "business support"', "limit, underpinning", "stands twice", "own"),
        (LAST_LIMIT, f"{LAST_LIMIT}\nleast_pounds = 30000000", "limit 4, least_pounds",
         "At least £30,000,000, but at most £28,500,000", "raise the ceiling"),
        (LAST_LIMIT, f"{LAST_LIMIT}\nfewest = 3\nmost = 1", "limit 4, fewest",
         "At least 3 options, but at most 1 option", "Lower"),
        (LAST_LIMIT, f"{LAST_LIMIT}\nfewest = 7", "limit 4, fewest", "come to 6 options", "Lower the floor"),
        ('"business support"\nfewest = 1', '"business support"\nmost = 0', "limit 3, most",
         "At most 0 options, but what is promised comes to 1 option", "Raise"),
        ('"business support"\nfewest = 1', '"business support"\nmost_pounds = 900000', "limit 3, most_pounds",
         "promised comes to £950,000", "Raise"),
        ('"planning and regulation"\nfewest = 1', '"planning and regulation"\nleast_pounds = 90000000',
         "limit 2, least_pounds", "come to £", "Lower the floor"),
    ],
)  # fmt: skip
def test_a_bad_key_is_named_with_what_to_write(folder, old, new, key, wrong, fix):
    change(folder, "choice.toml", old, new)
    if not key:
        assert choices.read(folder).budget
        return
    file, fault = next(one for one in faults(folder) if one[1].column == key)
    assert (file, fault.row) == ("choice.toml", None)
    assert wrong in fault.wrong
    assert fix in fault.fix
    assert str(fault).startswith(f"{key}: ")


def test_what_stands_alone_and_what_does_not_fit_is_told_together_and_nothing_twice(folder):
    for old, new in (("2029 = 15000000", "2029 = 15"), ("2030 = 8000000", "2033 = 8000000"),
                     ("capital_cost = 1.25", "capital_cots = 1.25"), ("[decision]", "[decison]"),
                     ('"business support" = 0', '"busines support" = 0')):  # fmt: skip
        change(folder, "choice.toml", old, new)
    assert [fault.column for _, fault in faults(folder)] == [
        "decison", "budget.capital.2029", "scenario 3, capital_cots", "scenario 4, outcomes", "budget.capital.2030",
        "budget.capital.2033",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("question = ", "question ", "at line 4"),
        ('question = "', "question = ", "no TOML"),
        ("2027 = 6000000", "2027 = 6,000,000", "at line 13"),
        ("2028 = 14000000", "2027 = 14000000", "no TOML"),  # a year twice
        ("base_year = 2026 ", "base_year = 2026-13-01 ", "no TOML"),
        ("promised = [", "promised = [" * 5_000, "no TOML"),
        ("base_year = 2026 ", f"base_year = {'9' * 6_000} ", "no TOML"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(folder, old, new, wrong):
    file, fault = only(change(folder, "choice.toml", old, new))
    assert (file, fault.column, wrong in fault.wrong) == ("choice.toml", "", True), fault
    assert "quotation marks" in fault.fix


@pytest.mark.parametrize("content", [b'question = "Stra\xdfe"', b"# " + b"x" * 1_000_001])
def test_other_letters_and_far_too_much(folder, content):
    (folder / "choice.toml").write_bytes(content)
    file, fault = only(folder)
    assert (file, "UTF-8" in fault.wrong or "1 MB" in fault.wrong) == ("choice.toml", True)


def test_a_byte_order_mark_and_other_line_ends_do_not_matter(folder):
    text = (folder / "choice.toml").read_text(encoding="utf-8")
    (folder / "choice.toml").write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert choices.read(folder).question == choices.example().question


@pytest.mark.parametrize(("old", "new"), [("[[factor]]", "[factor]"), ("[budget.capital]", "[[budget.capital]]")])
def test_brackets_that_are_one_too_many_or_too_few(folder, old, new):
    text = (folder / "choice.toml").read_text(encoding="utf-8")
    start, _, rest = text.partition("# What an option must pass")
    factors, _, end = rest.partition("# What options are compared by")
    kept = start + "#" + "[[factor]]".join(factors.split("[[factor]]")[:2]) + "#" + end  # one factor
    (folder / "choice.toml").write_text(kept.replace(old, new), encoding="utf-8")
    found = [fault for file, fault in faults(folder) if file == "choice.toml"]
    assert any("in two brackets" in one.fix or "not a table" in one.wrong for one in found), found


def test_a_budget_in_thousands_as_a_whole(folder):
    text = (folder / "choice.toml").read_text(encoding="utf-8")
    start, middle, end = text.partition("[budget.capital]")
    budget, factor, rest = end.partition("# What an option must pass")
    thousand = re.sub(r"000$", "", budget, flags=re.MULTILINE)
    plain = PROMISED, "promised = []"
    (folder / "choice.toml").write_text(start.replace(*plain) + middle + thousand + factor + rest, encoding="utf-8")
    found = {fault.column: fault.wrong for _, fault in faults(folder)}
    assert set(found) == {"budget.capital", "budget.revenue"}
    assert all("perhaps in thousands" in wrong for wrong in found.values())


def test_what_is_promised_must_fit_the_budget_with_its_optimism_bias(folder):
    """£14 million of works, non-standard buildings, 10% mitigated: 51% x 0.9 = 45.9% on top."""
    change(folder, "choice.toml", *promise("Health technology proving ground"))
    option = next(one for one in choices.example().options.options if one.name == "Health technology proving ground")
    spent = sum(one.amount for one in option.costs if (one.kind, one.year) == ("capital", 2028))
    assert choices.read(folder).promised == (option.name,)
    change(folder, "choice.toml", "2028 = 14000000", f"2028 = {spent * 1.459 + 1:.2f}")
    assert choices.read(folder).promised == (option.name,)
    change(folder, "choice.toml", f"2028 = {spent * 1.459 + 1:.2f}", f"2028 = {spent * 1.459 - 1:.2f}")
    file, fault = only(folder)
    assert (file, fault.column) == ("choice.toml", "promised")
    assert f"takes £{spent * 1.459:,.0f} of capital in 2028, with optimism bias: more than there is" in fault.wrong


def test_what_is_promised_brings_what_it_needs(folder):
    """The proving ground needs the data trust: where that fails, the promise cannot be kept."""
    change(folder, "choice.toml", *promise("Health technology proving ground"))
    change(folder, "factors.csv", "Health data trust,pass,,unknown", "Health data trust,pass,,fail")
    _, fault = only(folder)
    assert "'Health data trust' is promised, or needed by what is promised, but fails 'Legal powers'" in fault.wrong


def test_money_of_private_funders_takes_nothing_from_the_budget(folder):
    change(folder, "choice.toml", *promise("Regional growth equity fund"))
    assert "more than there is" in faults(folder)[0][1].wrong
    path = folder / "options.csv"
    header, rest = path.read_text(encoding="utf-8-sig").split("\n", 1)
    for funder in ("council", "combined_authority", "government"):
        header = re.sub(rf"(capital_\d{{4}})_{funder}\b", rf"\1_private_{funder}", header)
    path.write_text(f"{header}\n{rest}", encoding="utf-8")
    assert choices.read(folder).promised == ("Regional growth equity fund",)


def test_scenarios_name_things_as_the_options_do(folder):
    change(folder, "choice.toml", '"business support" = 0.875', '"Business  SUPPORT" = 0.875\nBUILD = 1.1')
    assert choices.read(folder).scenarios[3].outcomes == (("all", 0.8), ("business support", 0.875), ("build", 1.1))


def test_the_guide_says_what_the_schema_says():
    guide = (Path(__file__).parents[2] / "docs" / "how-to" / "prepare-a-choice.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| `(\w+)` \| (.+?)( \(may be left out\))? \| (.+) \|$", guide, re.MULTILINE)
    told = [(table.strip("[]").replace("at the top", ""), key, about, not left) for table, key, about, left, _ in rows]
    assert told == [
        (table, key.name, key.about, key.required) for table, keys in choices_schema.TABLES.items() for key in keys
    ]
    columns = re.findall(r"^\| `(\w+)\.csv` \| (.+?) \| (.+?) \|$", guide, re.MULTILINE)
    assert columns[3:] == [  # the first three say what each file is for
        (file, column, about) for file, some in choices_schema.FILES.items() for column, about in some
    ]
