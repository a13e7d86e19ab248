"""The page on methods names every function as it is, and the page on the record says what the record says."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import os
import re
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest

from iitk.analysis.backtests import BASELINES
from iitk.analysis.relatedness import Marks
from iitk.stages import track_record
from iitk.stages.track_record import JOBS, VALUE_ADDED, Case

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/methods.md").read_text(encoding="utf-8")
RECORD = (ROOT / "docs/explanation/record-of-potential.md").read_text(encoding="utf-8")
TESTS = ROOT / "tests/analysis"
DOORS = (
    "specialisation", "growth", "relatedness", "inputoutput", "benchmarking", "appraisal", "additionality", "worth",
    "preferences", "agreement", "portfolio", "robustness", "evaluation", "roadmap",
)  # fmt: skip
COLUMNS = [
    "function", "what it answers", "formula", "default and options", "source", "proven against", "not for",
]  # fmt: skip


def tables(page, heading):
    """The tables under a heading, each a list of rows, the heads first."""
    section = re.split(rf"^## {re.escape(heading)}$", page, flags=re.MULTILINE)[1]
    section = re.split(r"^## ", section, flags=re.MULTILINE)[0]
    found = [[]]
    for line in section.splitlines():
        if line.startswith("|"):
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        elif found[-1]:
            found.append([])
    return [[table[0], *table[2:]] for table in found if table]


def public(door):
    """Everything that a door shows, functions and others apart."""
    module = importlib.import_module(f"iitk.analysis.{door}")
    names = getattr(module, "__all__", None) or [
        name for name, found in vars(module).items()
        if not name.startswith("_") and getattr(found, "__module__", None) == module.__name__
    ]  # fmt: skip
    functions = {name: getattr(module, name) for name in names if inspect.isfunction(getattr(module, name))}
    return functions, set(names) - set(functions)


ROWS = {door: tables(PAGE, f"`iitk.analysis.{door}`")[0][1:] for door in DOORS}
EVERY = [pytest.param(door, row, id=row[0].strip("`")) for door, rows in ROWS.items() for row in rows]


@pytest.mark.parametrize("door", DOORS)
def test_every_function_has_its_row_and_every_row_its_function(door):
    assert tables(PAGE, f"`iitk.analysis.{door}`")[0][0] == COLUMNS
    assert sorted(row[0].strip("`") for row in ROWS[door]) == sorted(public(door)[0])


def test_every_other_name_is_listed():
    rows = tables(PAGE, "What the methods take and give")[0][1:]
    listed = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[1])) for row in rows}
    assert listed == {door: others for door in DOORS if (others := public(door)[1])}


@pytest.mark.parametrize(("door", "row"), EVERY)
def test_a_row_is_whole_and_its_defaults_are_those_of_the_signature(door, row):
    assert len(row) == len(COLUMNS)
    assert all(row)
    found = getattr(importlib.import_module(f"iitk.analysis.{door}"), row[0].strip("`"))
    defaults = {
        name: one.default for name, one in inspect.signature(found).parameters.items()
        if one.default is not inspect.Parameter.empty
    }  # fmt: skip
    said = dict(re.findall(r"`(\w+)=([^`]+)`", row[3]))
    for name, text in said.items():
        value = float(Fraction(text)) if re.fullmatch(r"\d/\d", text) else ast.literal_eval(text)
        assert defaults[name] == value, f"{name}={text}"
    borrowed = "as `" in row[3]
    unsaid = [name for name, value in defaults.items() if isinstance(value, str) and name not in said]
    assert borrowed or not unsaid
    source = Path(inspect.getsourcefile(found)).read_text(encoding="utf-8")
    options = re.findall(r'"([\w-]+)"', row[3])
    assert [option for option in options if f'"{option}"' not in source] == []


@pytest.mark.parametrize(("door", "row"), EVERY)
def test_what_a_row_is_proven_against_is_a_test_that_uses_it(door, row):
    """Each test file that is named holds the function, or the function through which it is said to be proven."""
    named = re.findall(r"`(test_\w+)`", row[5])
    assert named
    wanted = [row[0].strip("`"), *re.findall(r"through `(\w+)`", row[5])]
    for file in named:
        text = (TESTS / f"{file}.py").read_text(encoding="utf-8")
        assert any(re.search(rf"\b{name}\b", text) for name in wanted), file
    for case in re.findall(r"\bc\d\d\b", row[5]):
        assert any(f'case("{case}")' in (TESTS / f"{file}.py").read_text(encoding="utf-8") for file in named), case


def test_every_worked_example_is_named_and_used():
    shared = Path(os.environ.get("IITK_SHARED", ROOT.parent / "shared" / "data")).parent / "cases"
    cases = {folder.name.split("_")[0] for folder in shared.glob("c[0-9][0-9]_*")}
    if not cases:
        pytest.skip(f"No cases in {shared}: set IITK_SHARED to the data folder that has cases/ beside it.")
    read = " ".join(file.read_text(encoding="utf-8") for file in TESTS.glob("test_*.py"))
    used = set(re.findall(r'case\("(c\d\d)"\)', read))
    assert cases - used == set(), "No test reads these."
    proven = {case for rows in ROWS.values() for row in rows for case in re.findall(r"\bc\d\d\b", row[5])}
    assert cases - proven == set(), "The page does not say what these prove."
    assert proven - cases == set(), "These do not exist."


def test_the_status_of_every_parameter_is_that_of_the_file():
    groups = tomllib.loads((ROOT / "data/parameters.toml").read_text(encoding="utf-8"))["group"]
    said = []
    for names, _, status in tables(PAGE, "Assumptions that are data")[0][1:]:
        keys = [name for name in re.findall(r"`([\w.-]+)`", names) if name != "review-2026"]
        said += [(key, status) for key in keys]
    for group in groups:
        assert any(group["key"].startswith(key) and group["status"] == status for key, status in said), group["key"]
    for key, status in said:
        assert any(group["key"].startswith(key) and group["status"] == status for group in groups), key


def test_the_example_of_the_readme_runs():
    found = doctest.testfile(
        str(ROOT / "README.md"), module_relative=False, encoding="utf-8", optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert found.attempted >= 4
    assert found.failed == 0


# --- the record of potential ------------------------------------------------------------------------------------------

TITLES = {
    "entry, 5 years": Case(VALUE_ADDED, "entry", 5, "years"),
    "entry, 10 years": Case(VALUE_ADDED, "entry", 10, "years"),
    "exit, 5 years": Case(VALUE_ADDED, "exit", 5, "years"),
    "exit, 10 years": Case(VALUE_ADDED, "exit", 10, "years"),
    "entry, 5 years, jobs": Case(JOBS, "entry", 5, "areas"),
    "exit, 5 years, jobs": Case(JOBS, "exit", 5, "areas"),
}
RECORDS = {title: track_record.of(case) for title, case in TITLES.items()}


def interval(scores, name, score, digits=2, times=1.0):
    """A figure with its interval, as the page writes it."""
    row = scores.loc[score]
    value, low, high = (times * float(row[key]) for key in (name, f"{name}_lower", f"{name}_upper"))
    return f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def of_100(band):
    """A plain frequency with its interval, of 100 cases; rounded as people do, not as binary fractions."""
    value, low, high = (round(100 * float(band[name]), 2) for name in ("rate", "lower", "upper"))
    return f"{value:.1f} ({low:.1f} to {high:.1f})"


def test_the_scores_are_those_of_the_record():
    (head, *rows), (_, *counts) = tables(RECORD, "Which scores have power")
    assert head == ["score", *TITLES]
    scores = next(iter(RECORDS.values())).scores.index
    assert [row[0] for row in rows] == [track_record.NAMES[name] for name in scores]
    for name, row in zip(scores, rows, strict=True):
        assert row[1:] == [interval(one.scores, "auc", name) for one in RECORDS.values()], name
    assert counts == [
        [title, f"{one.count:,}", f"{int(one.windows['events'].sum()):,}", f"{len(one.windows)}",
         f"{one.years[0]} to {one.years[1]}"]
        for title, one in RECORDS.items()
    ]  # fmt: skip


def test_the_margins_are_those_of_the_record():
    rows = tables(RECORD, "Does nearness beat the best naive score?")[0][1:]
    assert rows == [
        [title, track_record.NAMES[one.baseline], interval(one.scores, "margin", "nearness", 3),
         "yes" if one.beats_baseline("nearness") else "no"]
        for title, one in RECORDS.items()
    ]  # fmt: skip


def test_one_area_and_one_industry_are_as_in_the_record():
    within, named = tables(RECORD, "In one area, and in one industry")
    columns = ("within_area", "within_industry")
    assert within[1:] == [
        [title, *(interval(one.scores, name, "nearness") for name in columns)] for title, one in RECORDS.items()
    ]  # fmt: skip
    assert named[1:] == [
        [title, *(interval(one.scores, "precision", name, 1, 100) for name in ("nearness", "quotient", "density")),
         f"{100 * float(one.scores['rate']['nearness']):.1f}"]
        for title, one in RECORDS.items()
    ]  # fmt: skip
    assert all(one.scores["precision_upper"].max() < 0.5 for one in RECORDS.values())  # wrong about most


def test_whether_chances_came_true_is_as_in_the_record():
    ratios, bands = tables(RECORD, "Did the chances come true?")
    wanted = []
    for title, case in TITLES.items():
        if case.figures == VALUE_ADDED:
            ways = [Case(case.figures, case.event, case.horizon, way) for way in ("years", "areas", "industries")]
            found = [track_record.of(way) for way in ways]
            wanted.append([title, *(interval(one.scores, "ratio", "nearness") for one in found)])
            assert [one.calibrated("nearness") for one in found] == [False, True, True]
    assert ratios[1:] == wanted
    soon, later = RECORDS["entry, 5 years"].bands, RECORDS["entry, 10 years"].bands
    assert bands[1:] == [
        [f"{soon['low'][n]:.1f} to {soon['high'][n]:.1f}",
         *(of_100(one.loc[n]) for one in (soon, later))]
        for n in soon.index
    ]  # fmt: skip


def test_the_moves_are_those_of_the_record():
    moves = track_record.median_moves()
    rows = tables(RECORD, "The figures themselves changed")[0][1:]
    for years, said in rows:
        first, last = map(int, years.split(" to "))
        assert f"{100 * moves.loc[first:last].median():.1f}" == said, years
    assert [row[0] for row in rows][:2] == [f"{moves.index.min()} to 2011", f"2012 to {moves.index.max()}"]
    assert 1.7 < moves.loc[2012:].median() / moves.loc[:2011].median() < 2  # "nearly doubled"
    assert moves.loc[2012:].min() > moves.loc[:2011].max()


def test_the_words_are_borne_out_by_the_record():
    entry, later = RECORDS["entry, 5 years"], RECORDS["entry, 10 years"]
    words = " ".join(RECORD.split())
    auc = {title: one.scores["auc"] for title, one in RECORDS.items()}
    for sentence in (
        f"relatedness reaches {auc['entry, 5 years']['density']:.2f} at both horizons;",
        f"the starting quotient alone {auc['entry, 5 years']['quotient']:.2f} at five years and",
        f"at five years and {auc['entry, 10 years']['quotient']:.2f} at ten.",
        f"under {Marks().below} at the start and over {Marks().above} some years later",
        f"{Marks().below} and {Marks().above} are ours",
        f"at ten years rest on {len(later.windows)} windows that share most of their years,",
        f"those on jobs on {len(RECORDS['exit, 5 years, jobs'].windows)}.",
    ):
        assert sentence in words, sentence
    assert f"{auc['entry, 10 years']['density']:.2f}" == f"{auc['entry, 5 years']['density']:.2f}"
    for title, one in RECORDS.items():
        trend = one.scores.loc["trend"]
        if title.startswith("entry"):
            assert trend["auc_lower"] <= 0.5 <= trend["auc_upper"]
            assert one.verdict("trend") == "no predictive power"
        else:
            assert trend["auc_lower"] <= 0.5
    assert RECORDS["exit, 5 years, jobs"].verdict("trend") == "points the wrong way"
    for title in ("exit, 5 years", "exit, 10 years", "exit, 5 years, jobs"):
        assert auc[title]["density x complexity"] > auc[title]["density"]
    for one in (entry, later):
        better = one.scores["auc"]
        assert one.scores.loc["density", "margin_upper"] < 0
        assert better["density x complexity"] < better["density"] + 0.005
        assert better["density"] < better["opportunity"] < better["quotient"]
        assert one.baseline in BASELINES


def test_no_number_on_the_page_of_the_record_stands_outside_what_is_checked():
    """Decimals stand in tables and in the sentences above; elsewhere only the marks, chance, and whole numbers."""
    prose = "\n".join(line for line in RECORD.splitlines() if not line.startswith("|"))
    rest = " ".join(prose.split())
    loose = set(re.findall(r"\d+\.\d+", rest)) - {f"{Marks().below}", f"{Marks().above}", "0.5"}
    scores = RECORDS["entry, 5 years"].scores["auc"], RECORDS["entry, 10 years"].scores["auc"]
    said = {f"{one[name]:.2f}" for one in scores for name in ("density", "quotient")}
    assert loose == said
