"""What a team brings to choosing: a folder is taken over whole, or every fault says its file, place and fix."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest

from iitk.errors import FaultyFolderError, UsageError
from iitk.model import Badge, DecisionDraft, GroupLimit
from iitk.sources import area_files, choices, geography, industries, options
from tests.sources import filling
from tests.sources.choosing import change, copied, faults, only


@pytest.fixture
def folder(tmp_path):
    return copied(tmp_path / "areas" / "leeds")


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def save(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


# The example


def test_the_example_is_consistent():
    found = choices.example()
    names = {one.name for one in found.options.options}
    assert (found.badge, found.folder, len(names)) == (Badge.ILLUSTRATIVE, "the example of West Yorkshire", 25)
    assert [year for kind, year, _ in found.budget if kind == "capital"] == list(found.options.years)
    assert {(one.option, one.factor) for one in found.verdicts} == {
        (name, factor.key) for name in names for factor in found.factors
    }
    assert all(one.reason for one in found.verdicts if one.passed is not True)
    dropped = {one.option for one in found.verdicts if one.passed is False}
    assert len(dropped) == 4
    assert sum(one.passed is None for one in found.verdicts) == 2
    members, criteria = {one.key for one in found.members}, {one.key for one in found.criteria}
    assert (len(members), [one.measure for one in found.criteria]) == (7, ["npsv", "net_jobs", "", "", ""])
    assert {(member, criterion) for member, criterion, _ in found.weights} == {
        (member, criterion) for member in members for criterion in criteria
    }
    for member in members:
        assert sum(points for one, _, points in found.weights if one == member) == pytest.approx(100)
    assert {option for _, option, *_ in found.scores} == names - dropped
    assert {score for *_, score in found.scores} == {None, 0, 1, 2, 3, 4, 5}
    assert found.scenarios[0].outcomes == ()
    assert [one.key for one in found.scenarios] == [
        "expected", "grants-shrink", "dear-building", "slow-growth", "health-decade",
    ]  # fmt: skip
    assert set(found.promised) <= names - dropped
    assert [name for name, _ in found.files] == [
        "options.csv", "factors.csv", "weights.csv", "scores.csv", "choice.toml",
    ]  # fmt: skip


def test_its_members_really_differ():
    """Somewhere members sit at both ends, and no two weigh alike."""
    found = choices.example()
    weights = {tuple(points for one, _, points in found.weights if one == member.key) for member in found.members}
    assert len(weights) == len(found.members)
    by_cell = {}
    for _, option, criterion, score in found.scores:
        by_cell.setdefault((option, criterion), []).append(score)
    known = [[score for score in cell if score is not None] for cell in by_cell.values()]
    assert sum(max(cell) - min(cell) >= 4 for cell in known) >= 4


def test_its_options_say_how_long_they_last_and_what_they_rest_on():
    every = choices.example().options.options
    assert sum(one.persistence_years >= 15 for one in every) >= 5
    assert sum(bool(one.supply_side) for one in every) == 2
    assert sum(bool(one.rests_on) for one in every) >= 20
    known = industries.tree("gva_lad").index
    assert {code for one in every for code in one.industries} <= set(known)
    assert sum(bool(one.industries) for one in every) >= 15
    unestimated = [one.name for one in every if not any(two.measure == "benefit" for two in one.outcomes)]
    assert unestimated == ["Close the duplicate business directories"]


def present_worth(option, bias):
    """Present value of net benefits, and of costs, in plain arithmetic at 3.5% a year."""
    one = option.adjustments
    keep = (1 - one.deadweight) * (1 - one.leakage) * (1 - one.displacement) * (1 - one.substitution)
    by_year = {two.year: two.central for two in option.outcomes if two.measure == "benefit"}
    last = max(by_year)
    for after in range(1, option.persistence_years + 1):
        by_year[last + after] = by_year[last] * (1 - option.decay) ** after
    benefit = sum(keep * value / 1.035 ** (year - 2026) for year, value in by_year.items())
    uplift = 0 if option.bias_class == "none" else bias[option.bias_class] * (1 - option.bias_mitigation)
    cost = sum(
        two.amount * (1 + uplift * (two.kind == "capital")) / 1.035 ** (two.year - 2026) for two in option.costs
    )
    return benefit, cost


def test_its_options_are_of_good_middling_and_poor_worth():
    bias = {"standard buildings": 0.24, "non-standard buildings": 0.51, "standard civil engineering": 0.44,
            "non-standard civil engineering": 0.66, "equipment and development": 2.0}  # fmt: skip
    ratios = []
    for option in choices.example().options.options:
        if any(one.measure == "benefit" for one in option.outcomes):
            benefit, cost = present_worth(option, bias)
            ratios.append(benefit / cost)
    assert len(ratios) == 24
    assert 0.3 < min(ratios) < 0.5
    assert 2.5 < max(ratios) < 3.5
    assert 12 <= sum(ratio > 1.05 for ratio in ratios) <= 16
    assert sum(0.95 <= ratio <= 1.05 for ratio in ratios) == 2


# Whose folder


def test_an_area_without_files_of_its_own_sees_the_example(tmp_path, monkeypatch):
    monkeypatch.delenv("IITK_AREAS", raising=False)
    monkeypatch.chdir(tmp_path)
    leeds = geography.resolve("Leeds")
    assert choices.load(leeds) is choices.example()
    (tmp_path / "areas" / "leeds").mkdir(parents=True)
    (tmp_path / "areas" / "leeds" / "assets.csv").write_text("name\n", encoding="utf-8")
    assert choices.load(leeds) is choices.example()  # a folder for other things


@pytest.mark.parametrize("name", ["leeds", "E08000035", "e08000035"])
@pytest.mark.parametrize("named", [False, True])
def test_a_folder_by_name_or_code_comes_before_the_example(tmp_path, monkeypatch, name, named):
    if named:
        monkeypatch.setenv("IITK_AREAS", str(tmp_path / "areas"))
    else:
        monkeypatch.delenv("IITK_AREAS", raising=False)
        monkeypatch.chdir(tmp_path)
    copied(tmp_path / "areas" / name)
    found = choices.load(geography.resolve("Leeds"))
    assert found.folder == f"areas/{name}"
    assert replace(found, folder=choices.example().folder) == choices.example()
    assert choices.load(geography.resolve("Bradford")) is choices.example()


def test_a_folder_without_its_options_is_a_fault_and_never_the_example(tmp_path, monkeypatch):
    monkeypatch.setenv("IITK_AREAS", str(tmp_path))
    folder = copied(tmp_path / "leeds")
    (folder / "options.csv").rename(folder / "option.csv")
    with pytest.raises(FaultyFolderError) as error:
        choices.load(geography.resolve("Leeds"))
    assert str(error.value).startswith("options.csv: 1 fault; nothing was taken over.\nThe file is missing.")


def test_a_link_out_of_the_folder_of_areas_is_not_followed(tmp_path, monkeypatch):
    monkeypatch.setenv("IITK_AREAS", str(tmp_path / "areas"))
    (tmp_path / "areas").mkdir()
    (tmp_path / "areas" / "leeds").symlink_to(copied(tmp_path / "elsewhere"), target_is_directory=True)
    with pytest.raises(UsageError, match="leads out of"):
        choices.load(geography.resolve("Leeds"))


def test_the_codes_of_many_areas_are_no_name_of_a_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("IITK_AREAS", str(tmp_path))
    wide = replace(geography.resolve("Leeds"), code="+".join(["E08000035"] * 361))
    assert area_files.folder(wide) is None


def test_what_a_team_did_not_make_up_is_modelled_and_not_illustrative(folder):
    assert choices.read(folder).badge is Badge.ILLUSTRATIVE
    every = options.read(folder / "options.csv")
    own = tuple(replace(one, badge=Badge.JUDGEMENT) for one in every.options)
    filling.write(folder / "options.csv", replace(every, options=own))
    assert choices.read(folder).badge is Badge.MODELLED


def test_a_change_of_any_file_is_seen(folder):
    first = choices.read(folder)
    assert choices.read(folder) is first
    second = choices.read(change(folder, "weights.csv", ",25,35,10,10,20", ",20,40,10,10,20"))
    assert ("council-leader", "jobs", 40.0) in second.weights
    assert first.files[2] != second.files[2]
    change(folder, "weights.csv", ",20,40,10,10,20", ",20,41,10,10,20")
    assert "add up to 101" in only(folder)[1].wrong


def test_excel_and_csv_are_the_same(folder):
    for name in ("factors", "weights", "scores"):
        header, *rows = rows_of(folder / f"{name}.csv")
        filling.save(folder / f"{name}.xlsx", [dict(zip(header, row, strict=True)) for row in rows])
        (folder / f"{name}.csv").unlink()
    filling.write(folder / "options.xlsx", options.read(folder / "options.csv"))
    (folder / "options.csv").unlink()
    found = choices.read(folder)
    assert replace(found, folder="", files=()) == replace(choices.example(), folder="", files=())


def test_what_may_be_left_out_has_its_usual_value(folder):
    for old in ('promised = ["Shared export desk with neighbours"] # agreed with the neighbouring authority\n',
                "most_priorities = 5         # the page warns above so many\n"):  # fmt: skip
        change(folder, "choice.toml", old, "")
    text = (folder / "choice.toml").read_text(encoding="utf-8")
    kept, _, _ = text.partition("# What could come")
    (folder / "choice.toml").write_text(kept, encoding="utf-8")
    found = choices.read(folder)
    assert (found.most_priorities, found.promised, found.limits, found.job_value) == (5, (), (), None)
    assert ([one.key for one in found.scenarios], found.decision) == (["expected"], DecisionDraft())


def test_without_factors_and_criteria_their_tables_are_not_needed(folder):
    text = (folder / "choice.toml").read_text(encoding="utf-8")
    start, _, rest = text.partition("# What an option must pass")
    end = rest.partition("# What could come")[2]
    (folder / "choice.toml").write_text(start + "# " + end, encoding="utf-8")
    columns = {file: fault.wrong for file, fault in faults(folder)}
    assert set(columns) == {"factors.csv", "weights.csv", "scores.csv"}  # their columns mean nothing now
    for name in ("factors", "weights", "scores"):
        (folder / f"{name}.csv").unlink()
    found = choices.read(folder)
    assert (found.factors, found.verdicts, found.criteria, found.members, found.scores) == ((), (), (), (), ())


def test_limits_are_read_as_they_were_written():
    assert choices.example().limits[3] == GroupLimit("infrastructure", most_pounds=28_500_000.0)


# Faults of files


def test_every_fault_of_every_file_is_told_at_once(folder):
    change(folder, "options.csv", "Hydrogen trial network,illustrative", "Hydrogen trial network,guess")
    change(folder, "choice.toml", "base_year = 2026", 'base_year = "2026"')
    change(folder, "weights.csv", ",45,30,15,5,5", ",45,30,15,5,50")
    change(folder, "scores.csv", "council-leader,Technician bootcamps,", "council-leader,Technician bootcamps,7")
    found = faults(folder)
    assert [file for file, _ in found] == ["options.csv", "choice.toml", "weights.csv", "scores.csv"]
    with pytest.raises(FaultyFolderError) as error:
        choices.read(folder)
    told = str(error.value).splitlines()
    assert told[0] == "options.csv: 1 fault; nothing was taken over."
    assert told[3].startswith("base_year: '2026' is in quotation marks. Write the number")
    assert "row 3: The weights add up to 145, not to 100. Take 45 away." in told


def test_a_file_that_is_missing_twice_or_empty(folder):
    (folder / "scores.csv").unlink()
    file, fault = only(folder)
    assert (file, fault.wrong) == ("scores.csv", "The file is missing")
    assert "iitk new area NAME" in fault.fix
    (folder / "scores.csv").write_bytes(b"")
    assert only(folder)[1].wrong == "It is empty"
    assert "iitk new area NAME" in only(folder)[1].fix
    (folder / "scores.xlsx").write_bytes(b"")
    assert "as .csv and as .xlsx" in only(folder)[1].wrong


def test_no_folder_and_an_empty_one(tmp_path):
    with pytest.raises(UsageError, match="iitk new area NAME"):
        choices.read(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    assert [file for file, _ in faults(tmp_path / "empty")] == ["options.csv", "choice.toml"]


@pytest.mark.parametrize(
    ("file", "old", "new", "row", "column", "wrong", "fix"),
    [
        ("factors.csv", "Health data trust", "Health data thrust", 7, "option", "No option is called",
         "Write 'Health data trust'"),
        ("factors.csv", "\r\nHealth data trust", "\r\n", 7, "option", "empty", "a name of the options"),
        ("factors.csv", "\r\nHealth data trust", "\r\nHeat network for the southern valley", 9, "option",
         "already in row 7", "Keep one"),
        ("factors.csv", ",pass,", ",maybe,", 2, "fit", "'maybe' is not in the list", "pass; fail; unknown"),
        ("factors.csv", ",pass,", ",,", 2, "fit", "empty", "pass; fail; unknown"),
        ("factors.csv", ",pass,", ",fail,", 2, "fit_reason", "fails without a reason", "why"),
        ("factors.csv", ",match,", ",matching,", 1, "matching", "No such column", "Rename it to match"),
        ("factors.csv", "option,", "options,", 1, "options", "No such column", "Rename it to option"),
        ("weights.csv", ",25,35,", ",25,34,", 2, "", "add up to 99, not to 100", "Give 1 more"),
        ("weights.csv", ",25,35,", ",25,-35,", 2, "jobs", "negative", "0 or more"),
        ("weights.csv", ",25,35,10,10,20", ",0.25,0.35,0.1,0.1,0.2", 2, "", "add up to 1, not to 100", "shares"),
        ("weights.csv", ",25,35,", ",25,,", 2, "jobs", "missing is not 0", "0 if there is none"),
        ("weights.csv", ",25,35,", ",25,35%,", 2, "jobs", "percentage", "Write 35."),
        ("weights.csv", "\r\nchamber", "\r\nuniversity", 4, "member", "already in row 3", "Keep one"),
        ("weights.csv", "\r\nchamber", "\r\nThe Chamber", 3, "member", "no short name", "small letters"),
        ("weights.csv", "Leader of a city council", "", 2, "role", "empty", "few words"),
        ("weights.csv", ",climate,", ",clima,", 1, "clima", "No such column", "Rename it to climate"),
        ("scores.csv", "\r\nchamber,", "\r\nchambers,", 23, "member", "No member is called", "Write 'chamber'"),
        ("scores.csv", "college,Health data trust", "college,Health tryst", 70, "option", "No option is called",
         "Write"),
        ("scores.csv", "college,Health data trust", "college,Technician bootcamps", 70, "option", "already in row 66",
         "Keep one"),
        ("scores.csv", "member,option,", "member,option,npsv,", 1, "npsv", "No such column", "Remove it"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named_with_file_row_column_and_fix(folder, file, old, new, row, column, wrong, fix):
    found = faults(change(folder, file, old, new))
    (name, fault), others = found[0], found[1:]
    assert (name, fault.row, fault.column) == (file, row, column), fault
    assert wrong in fault.wrong
    assert fix in fault.fix
    follow = {"options", "matching", "clima", "npsv", "university", "The Chamber"}
    assert not others or any(one in new for one in follow), others


@pytest.mark.parametrize(
    ("cell", "score"),
    [("", None), ("don't know", None), ("Don’t  know", None), ("?", None), ("0", 0.0), ("5", 5.0), ("2.5", 2.5)],
)
def test_a_score_that_nobody_knows_is_missing_and_never_zero(folder, cell, score):
    rows = rows_of(folder / "scores.csv")
    rows[1][2] = cell
    save(folder / "scores.csv", rows)
    assert choices.read(folder).scores[0] == ("council-leader", rows[1][1], "evidence", score)


@pytest.mark.parametrize(("cell", "wrong"), [("6", "more than 5"), ("-1", "negative"), ("high", "not a number"),
                                             ("3/5", "not a number"), ("4,5", "comma")])  # fmt: skip
def test_scores_out_of_bounds(folder, cell, wrong):
    rows = rows_of(folder / "scores.csv")
    rows[1][2] = cell
    save(folder / "scores.csv", rows)
    file, fault = only(folder)
    assert (file, fault.row, fault.column, wrong in fault.wrong) == ("scores.csv", 2, "evidence", True)


def test_an_option_without_a_verdict_is_asked_for(folder):
    rows = rows_of(folder / "factors.csv")
    save(folder / "factors.csv", rows[:3] + rows[4:])
    file, fault = only(folder)
    assert (file, fault.wrong) == ("factors.csv", f"The option {rows[3][0]!r} has no row")


def test_the_options_own_faults_come_with_the_folder(folder):
    every = rows_of(folder / "options.csv")
    place = every[0].index("capital_2028_council")
    every[1][place] = "2,500"
    save(folder / "options.csv", every)
    file, fault = only(folder)
    assert (file, fault.row, fault.column, fault.fix) == ("options.csv", 2, "capital_2028_council", "Write 2500.")


def test_a_long_list_is_read_whole_and_is_no_reason_to_doubt_the_budget(folder):
    every = options.read(folder / "options.csv")
    names = [f"Option {number}" for number in range(200)]
    copies = every.options * 8
    many = tuple(replace(one, name=name, needs=(), excludes=()) for one, name in zip(copies, names, strict=True))
    filling.write(folder / "options.csv", replace(every, options=many))
    for file in ("factors", "scores"):
        header, *rows = rows_of(folder / f"{file}.csv")
        place = header.index("option")
        wide = [[*row[:place], name, *row[place + 1 :]] for name in names for row in (rows[0],)]
        save(folder / f"{file}.csv", [header, *wide])
    change(folder, "choice.toml", '["Shared export desk with neighbours"]', '["option 7"]')
    found = choices.read(folder)
    assert (len(found.options.options), len(found.verdicts), len(found.scores)) == (200, 1_000, 600)
    assert found.promised == ("Option 7",)
    change(folder, "scores.csv", "Option 7,", "Optoin 7,")
    assert only(folder)[1].fix.startswith("Write 'Option")
