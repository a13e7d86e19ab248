"""Options as plain files: what is sound is read whole, and every fault says where it is and what to do."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace

import pytest

from iitk.analysis.additionality import net_additional
from iitk.analysis.appraisal import BIAS_BOUNDS, optimism_bias
from iitk.errors import FaultyFileError, UsageError
from iitk.model import Adjustments, Badge, Cost, Outcome
from iitk.sources import evidence, options, options_schema
from tests.sources.filling import faults, only, save, table, write


@pytest.fixture(params=["csv", "xlsx"])
def file(request, tmp_path):
    return tmp_path / f"options.{request.param}"


def test_a_row_is_read_as_it_was_written(file, tmp_path):
    rows = table(tmp_path, ["Alpha", "Beta"])
    rows[1] |= {"needs": " alpha ", "evidence_grade": "none", "evidence_reference": "", "LEVER": "BUY"}
    rows[1]["lever"] = rows[1].pop("LEVER")
    found = options.read(save(file, rows))
    alpha, beta = found.options
    assert (found.price_year, found.money_unit, found.years) == (2026, "GBP", (2027, 2028, 2029))
    assert alpha.costs[0] == Cost("capital", 2027, "council", 900_000)
    assert sum(cost.amount for cost in alpha.costs) == 900_000 + 3 * 120_000
    assert alpha.outcomes == (Outcome("jobs", 2027, 0, 0, 0), Outcome("jobs", 2028, 10, 20, 28),
                              Outcome("jobs", 2029, 20, 40, 56))  # fmt: skip
    assert alpha.adjustments == Adjustments(0.3, 0.1, 0.25, 0.0, 1.25)
    assert (alpha.badge, alpha.evidence_grade, alpha.row) == (Badge.ILLUSTRATIVE, 2, 2)
    assert evidence.intervention(alpha.intervention).name == "Science and technology parks"
    assert (beta.needs, beta.lever, beta.evidence_grade, beta.row) == (("Alpha",), "buy", None, 3)


def test_an_outcome_that_nobody_estimated_is_absent_and_never_zero(file, tmp_path):
    (option,) = options.read(save(file, table(tmp_path, ["Alpha"]))).options
    assert {outcome.measure for outcome in option.outcomes} == {"jobs"}  # the template leaves benefit empty


@pytest.mark.parametrize(
    ("column", "cell", "wrong", "fix"),
    [
        ("deadweight", "25", "25 is not a share", "For 25% write 0.25"),
        ("leakage", "25%", "percentage", "Write 0.25"),
        ("displacement", "-0.1", "negative", "0 or more"),
        ("multiplier", "0.25", "less than 1", "write 1.25"),
        ("multiplier", "125", "more than 10", "write 1.25"),
        ("capital_2027_council", "1,200", "thousands", "Write 1200."),
        ("capital_2027_council", "£900 000", "sign of money or spaces", "Write 900000."),
        ("capital_2027_council", "900 000", "thousands", "Write 900000."),
        ("capital_2027_council", "1,5", "comma", "Write 1.5"),
        ("capital_2027_council", "1.2m", "in full", "Write 1200000."),
        ("capital_2027_council", "9.0E+05", "scientific", "in full"),
        ("capital_2027_council", "=A1", "formula", "values"),
        ("capital_2027_council", "2027-03-01", "date", "number"),
        ("capital_2027_council", "01-Mar", "date", "number"),
        ("capital_2027_council", "tbc", "not a number", "missing is not 0"),
        ("capital_2027_council", "nan", "not a number", "missing is not 0"),
        ("capital_2027_council", "", "missing is not 0", "or 0 if there is none"),
        ("capital_2027_council", "-900000", "negative", "0 or more"),
        ("capital_2027_council", "9" * 14, "more than", "digits"),
        ("jobs_2028_central", "", "missing is not 0", "estimate"),
        ("jobs_2028_low", "40", "out of order", "rising"),
        ("lever", "found", "not in the list", "Write 'fund'"),
        ("lever", "", "empty", "fund; build; regulate; buy; convene; stop"),
        ("underpinning", "broadband", "not in the list", "skills, employment and labour productivity"),
        ("money_unit", "GBP thousand", "is not GBP", "every amount in whole pounds"),
        ("price_year", "26", "not a year", "such as 2026"),
        ("price_year", "", "year is missing", "such as 2026"),
        ("evidence_grade", "6", "not in the list", "none; 1; 2; 3; 4; 5"),
        ("evidence_reference", "", "without a reference", "write none as the grade"),
        ("bias_class", "none", "capital, but no type", "Choose a type"),
        ("badge", "guess", "not in the list", "judgement"),
        ("name", "", "no name", "short name"),
        ("name", "Beta; or not", "a ;", "without a ;"),
        ("owner", "", "empty", "few words"),
        ("needs", "Alfa", "No option is called 'Alfa'", "Write 'Alpha'"),
        ("needs", "Beta", "names itself", "Remove"),
        ("needs", "Gamma, Delta", "No option is called", "'Gamma; Delta': between names stands a ;"),
        ("intervention", "science park", "not in the list", "Write 'science-parks'"),
        ("confirmed", "yes", "not in the list", "cost size"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named_with_row_column_and_fix(file, tmp_path, column, cell, wrong, fix):
    rows = table(tmp_path)
    rows[1][column] = cell
    found = only(save(file, rows))
    where = {"jobs_2028_low": "jobs_2028_central"}.get(column, column)
    assert (found.row, found.column) == (3, where)
    assert wrong in found.wrong or "holds a formula" in found.wrong
    assert fix in found.fix
    assert f"row 3, column {where}: " in str(found)


def test_every_fault_is_listed_at_once_and_nothing_is_taken_over(file, tmp_path):
    rows = table(tmp_path)
    rows[0]["deadweight"], rows[1]["lever"], rows[3]["revenue_2029_grant"] = "30", "print", ""
    rows[2]["needs"] = "Delta"  # which has a fault itself, but is there
    rows[3]["needs"] = "Gamma"
    assert [(one.row, one.column) for one in faults(save(file, rows))] == [
        (2, "deadweight"), (3, "lever"), (4, "needs"), (5, "revenue_2029_grant"),
    ]  # fmt: skip


def test_a_cost_in_thousands_among_pounds_must_be_confirmed(file, tmp_path):
    rows = table(tmp_path)
    rows[1] |= {"capital_2027_council": "900", **{f"revenue_{year}_grant": "120" for year in (2027, 2028, 2029)}}
    found = only(save(file, rows))
    assert (found.row, found.column) == (3, "capital_2027_council")
    assert "£900 a year, where others have about £900,000: perhaps in thousands" in found.wrong
    assert "write 'cost size' in the column confirmed" in found.fix
    rows[1]["confirmed"] = "Cost size"
    assert options.read(save(file, rows)).options[1].confirmed == "cost size"


def test_one_year_in_thousands_is_found_among_the_options_own_years(file, tmp_path):
    rows = table(tmp_path)
    rows[2]["revenue_2028_grant"] = "120"
    found = only(save(file, rows))
    assert (found.row, found.column) == (4, "revenue_2028_grant")


def test_mixed_price_years(file, tmp_path):
    rows = table(tmp_path)
    rows[3]["price_year"] = "2024"
    found = only(save(file, rows))
    assert (found.row, found.column) == (5, "price_year")
    assert "2024, where most rows have 2026" in found.wrong


@pytest.mark.parametrize("name", ["Alpha", "ALPHA", " alpha", "Al  pha"])
def test_duplicate_names_also_with_other_capitals_and_spaces(file, tmp_path, name):
    rows = table(tmp_path, ["Al pha" if "  " in name else "Alpha", "Beta", name])
    found = only(save(file, rows))
    assert (found.row, found.column) == (4, "name")
    assert "already in row 2" in found.wrong


def test_a_circle_of_needs_is_told_in_order(file, tmp_path):
    rows = table(tmp_path)
    rows[0]["needs"], rows[1]["needs"], rows[2]["needs"], rows[3]["needs"] = "Beta", "Gamma", "Alpha", "Alpha"
    found = only(save(file, rows))
    assert found.wrong == "They need each other in a circle: 'Alpha' needs 'Beta' needs 'Gamma' needs 'Alpha'"


def test_two_circles_are_two_faults(file, tmp_path):
    rows = table(tmp_path)
    for row, needed in zip(rows, ("Beta", "Alpha", "Delta", "Gamma"), strict=True):
        row["needs"] = needed
    assert len(faults(save(file, rows))) == 2


def test_an_option_that_excludes_what_it_needs(file, tmp_path):
    rows = table(tmp_path)
    rows[0] |= {"needs": "Beta", "excludes": "beta"}
    assert only(save(file, rows)).wrong == "It excludes 'Beta', which it needs"
    rows[0] |= {"needs": "Beta", "excludes": ""}
    rows[1]["excludes"] = "Alpha"
    assert only(save(file, rows)).wrong == "'Beta' excludes it, but it needs that"


def test_an_option_that_excludes_what_its_needs_need(file, tmp_path):
    rows = table(tmp_path)
    rows[0] |= {"needs": "Beta", "excludes": "Gamma"}
    rows[1]["needs"] = "Gamma"
    found = only(save(file, rows))
    assert (found.row, found.wrong) == (2, "It excludes 'Gamma', which it needs")


def test_an_option_that_needs_two_that_exclude_each_other(file, tmp_path):
    rows = table(tmp_path)
    rows[0]["needs"], rows[1]["excludes"], rows[3]["needs"] = "Beta; Gamma", "Gamma", "Alpha"
    found = only(save(file, rows))  # Delta needs Alpha: mend Alpha, and it is mended
    assert (found.row, found.column) == (2, "needs")
    assert found.wrong == "It needs both 'Beta' and 'Gamma', which exclude each other"


@pytest.mark.parametrize(
    ("change", "column", "wrong"),
    [
        (lambda header: [*header, "colour"], "colour", "No such column"),
        (lambda header: ["leaver" if name == "lever" else name for name in header], "leaver", "No such column"),
        (lambda header: [name for name in header if name != "owner"], "owner", "missing"),
        (lambda header: [name for name in header if name != "capital_2028_grant"], "capital_2028_grant", "a gap"),
        (lambda header: [name for name in header if name != "jobs_2028_high"], "jobs_2028_high", "a gap"),
        (lambda header: [name for name in header if not name.startswith("jobs")], "", "no columns for jobs"),
        (lambda header: [*header, "owner"], "owner", "stands twice"),
        (lambda header: [*header, "Owner "], "owner", "stands twice"),
    ],
)
def test_headings_that_are_wrong_missing_or_twice(file, tmp_path, change, column, wrong):
    rows = [row | {"colour": "red", "leaver": "buy", "Owner ": "x"} for row in table(tmp_path)]
    header = change([name for name in rows[0] if name not in ("colour", "leaver", "Owner ")])
    found = [one for one in faults(save(file, rows, header)) if one.row == 1]
    assert (found[0].column, wrong in found[0].wrong) == (column, True)


def test_headings_may_have_capitals_and_spaces(file, tmp_path):
    rows = table(tmp_path)
    header = [name.replace("_", " ").capitalize() for name in rows[0]]
    assert len(options.read(save(file, [dict(zip(header, row.values(), strict=True)) for row in rows])).options) == 4


def test_an_empty_table_has_no_option_in_it(file, tmp_path):
    assert only(save(file, [], list(table(tmp_path)[0]))).wrong == "There is no option in it"


def test_two_thousand_options_are_read_whole(file, tmp_path):
    names = [f"Option {number}" for number in range(2_000)]
    rows = table(tmp_path, names)
    for row, before in zip(rows[1:], names, strict=False):
        row["needs"] = before  # the longest chain that there can be
    found = options.read(save(file, rows))
    assert len(found.options) == 2_000
    assert found.options[-1].needs == ("Option 1998",)


def test_two_thousand_faults_are_all_there_and_told_in_a_screenful(file, tmp_path):
    rows = [row | {"deadweight": "30"} for row in table(tmp_path, [f"Option {n}" for n in range(2_000)])]
    with pytest.raises(FaultyFileError) as error:
        options.read(save(file, rows))
    assert len(error.value.faults) == 2_000
    assert str(error.value).endswith("... and 1,960 more.")


def test_the_types_of_works_are_those_of_the_methods():
    assert options_schema.bias_classes() == (*BIAS_BOUNDS, "none")


def test_what_is_read_is_what_the_methods_take(file, tmp_path):
    """200 gross jobs with 30% deadweight, 10% leakage, 25% displacement and a multiplier of 1.25: 118.125 net jobs."""
    rows = table(tmp_path, ["Alpha"])
    rows[0] |= {"jobs_2029_low": "150", "jobs_2029_central": "200", "jobs_2029_high": "300"}
    (option,) = options.read(save(file, rows)).options
    assert net_additional(option.outcomes[-1].central, **asdict(option.adjustments)) == pytest.approx(118.125)
    assert optimism_bias(option.bias_class, mitigation=option.bias_mitigation).capital == 0.24


def test_every_option_of_the_example_can_be_appraised():
    for option in options.example().options:
        for outcome in option.outcomes:
            net = net_additional(outcome.central, **asdict(option.adjustments))
            assert 0 <= net <= outcome.central
        if option.bias_class != "none":
            assert 0 < optimism_bias(option.bias_class, mitigation=option.bias_mitigation).capital < 2


def test_the_example_of_west_yorkshire_makes_choice_hard():
    found = options.example()
    every = found.options
    assert (len(every), found.price_year, found.years) == (25, 2026, (2027, 2028, 2029, 2030, 2031))
    assert {one.badge for one in every} == {Badge.ILLUSTRATIVE}
    assert {one.lever for one in every} == set(options_schema.LEVERS)
    assert set(Counter(one.underpinning for one in every)) == set(options_schema.UNDERPINNINGS)
    assert {one.risk_level for one in every} == set(options_schema.RISKS)
    assert {cost.funder for one in every for cost in one.costs} == {"council", "combined_authority", "government"}
    assert {cost.kind for one in every for cost in one.costs if cost.amount} == {"capital", "revenue"}
    assert sum(bool(evidence.find(one.intervention)) for one in every if one.intervention) >= 10
    assert sum(bool(one.needs) for one in every) >= 5
    assert sum(bool(one.excludes) for one in every) >= 6
    assert {one.evidence_grade for one in every} == {None, 1, 2, 3, 4}  # a grade 5 would claim a trial


def test_the_example_spans_good_and_poor_value():
    """Cost for each net job in the last year, by hand: the dearest costs 30 times the cheapest."""
    per_job = []
    for one in options.example().options:
        adjusted, jobs = one.adjustments, one.outcomes[-1].central
        net = jobs * (1 - adjusted.deadweight) * (1 - adjusted.leakage) * (1 - adjusted.displacement)
        net *= (1 - adjusted.substitution) * adjusted.multiplier
        if net:
            per_job.append(sum(cost.amount for cost in one.costs) / net)
    assert 30_000 < min(per_job) < 40_000
    assert max(per_job) > 30 * min(per_job)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_example_is_the_same_in_both_kinds_of_file(tmp_path, kind):
    every = options.example()
    assert options.read(write(tmp_path / f"again.{kind}", every)) == every


def test_no_file_and_other_endings_are_told(tmp_path):
    with pytest.raises(UsageError, match="iitk new options"):
        options.read(tmp_path / "absent.csv")
    with pytest.raises(UsageError, match=r"neither \.csv nor \.xlsx"):
        options.read(tmp_path / "options.ods")
    assert replace(options.example(), money_unit="GBP") == options.example()


# The columns that came later


def test_an_older_file_without_the_newer_columns_stays_valid(file, tmp_path):
    newer = [column.name for column in options_schema.COLUMNS if column.newer]
    assert newer == ["persistence_years", "decay", "supply_side", "industries", "rests_on"]
    rows = [{name: cell for name, cell in row.items() if name not in newer} for row in table(tmp_path)]
    for option in options.read(save(file, rows)).options:
        assert (option.persistence_years, option.decay, option.supply_side) == (0, 0.0, "")
        assert (option.industries, option.rests_on) == ((), ())


def test_the_newer_columns_are_read_and_may_be_empty(file, tmp_path):
    rows = table(tmp_path, ["Alpha", "Beta"])
    rows[0] |= {"industries": "61-63; Q (86-88);61-63", "rests_on": "real-growth; indicator-coverage_5g",
                "supply_side": "People without work train for work that nobody does"}  # fmt: skip
    rows[1] |= {"persistence_years": "", "decay": "", "industries": "", "rests_on": ""}
    alpha, beta = options.read(save(file, rows)).options
    assert (alpha.persistence_years, alpha.decay) == (10, 0.1)
    assert alpha.industries == ("61-63", "Q (86-88)")
    assert alpha.rests_on == ("real-growth", "indicator-coverage_5g")
    assert alpha.supply_side.startswith("People without work")
    assert (beta.persistence_years, beta.decay, beta.industries, beta.rests_on) == (0, 0.0, (), ())


@pytest.mark.parametrize(
    ("column", "cell", "wrong", "fix"),
    [
        ("persistence_years", "2040", "no whole number of years from 0 to 60", "not until when"),
        ("persistence_years", "2.5", "no whole number", "for how long"),
        ("persistence_years", "ten", "not a number", "digits"),
        ("decay", "10", "not a share", "For 10% write 0.1"),
        ("industries", "61-64", "No industry has the code '61-64'", "'61-63' (Telecoms and IT)"),
        ("industries", "61-63, Q (86-88)", "No industry has the code", "'Q (86-88)'"),
        ("industries", "Food, drink, textiles", "No industry has the code", "'CA-CB (10-15)' (Food, drink, textiles)"),
        ("industries", "Total", "No industry has the code", "Nearest"),
        ("rests_on", "Real growth", "No key of a finding looks like 'Real growth'", "such as real-growth"),
    ],
)
def test_a_bad_cell_of_the_newer_columns(file, tmp_path, column, cell, wrong, fix):
    rows = table(tmp_path)
    rows[1][column] = cell
    found = only(save(file, rows))
    assert (found.row, found.column) == (3, column)
    assert wrong in found.wrong
    assert fix in found.fix
