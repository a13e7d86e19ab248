"""The pages on choosing: what they name is there, what they say holds, and what they trace is worked out again.

Sums are done from the example's files with loops; of `iitk` only what is on trial stands on this side.
"""

from __future__ import annotations

import ast
import csv
import doctest
import importlib
import re
import shlex
import tomllib
from math import isnan
from pathlib import Path
from statistics import median

import pytest

from iitk.analysis import portfolio, robustness
from iitk.cli.parser import build_parser
from iitk.sources import choices, glossary, parameters
from iitk.stages import base, members, not_now, portfolios, selection, stress
from iitk.stages.selection import Selection
from iitk.words.choosing import REASONS

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "data" / "examples" / "west-yorkshire"
REFERENCE = ROOT / "docs/reference/choosing.md"
HOW_TO = [ROOT / "docs/how-to/run-the-budget-game.md", ROOT / "docs/how-to/choose-a-portfolio.md"]
PAGES = [REFERENCE, *HOW_TO]
FOUND = Selection(base.pick("West Yorkshire", "UK")[0], choices.example(), parameters.vintage("green-book-2026"))


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def rows(path: Path, mark: str) -> list[list[str]]:
    """The rows of the table after a mark, without its heads."""
    lines = text(path).partition(f"<!-- {mark}")[2].splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("|"))
    table = []
    for line in lines[first + 2 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


TRACE = rows(REFERENCE, "trace")


# --- what the pages name ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", TRACE, ids=lambda row: row[0])
def test_every_figure_has_a_function_and_a_test_that_is_there(row):
    assert len(row) == 5
    assert all(row)
    module, _, name = row[2].strip("`").rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))
    file, *names = row[3].strip("`").split("::")
    inside = ast.parse(text(ROOT / "tests" / file)).body
    for name in names:
        inside = next(one for one in inside if getattr(one, "name", "") == name).__dict__.get("body", [])
    assert any(isinstance(one, ast.Assert) for part in inside for one in ast.walk(part))


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_its_heading(page):
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text(page)) if "://" not in link]
    assert links
    for link in links:
        name, _, part = link.partition("#")
        file = page.parent / name if name else page
        assert file.exists(), link
        heads = re.findall(r"^#+ (.+)$", text(file), re.MULTILINE) if part else []
        assert not part or part in {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}, link


@pytest.mark.parametrize("page", [*HOW_TO, ROOT / "README.md"], ids=lambda page: page.name)
def test_every_command_can_be_typed(page):
    typed = re.findall(r"^\$ (?:\.venv/bin/)?iitk (.+)$", text(page), re.MULTILINE)
    assert typed
    for line in typed:
        assert build_parser().parse_args(shlex.split(line, comments=True)), line


def test_the_reasons_are_those_of_the_page():
    told = {row[1].strip("`"): row[0] for row in rows(HOW_TO[1], "reasons")}
    assert told == {key: REASONS[key] for key in told}
    assert {one.reason for one in not_now.left_out(FOUND).options} <= set(told)
    source = text(ROOT / "iitk/stages/not_now.py")
    assert set(REASONS) - set(told) == {key for key in REASONS if f'"{key}"' not in source}


def test_the_thresholds_are_those_of_the_code():
    page = text(REFERENCE)
    assert f"core from {selection.CORE:.0%} of the" in page
    assert f"never up to {selection.NEVER:.0%}" in page
    assert f"below {portfolios.AGREES:.0%} of the own best" in page
    assert f"at {stress.ENOUGH:.0%} of the jobs" in page
    assert f"share of {portfolios.RANGE_DRAWS:,} draws" in page
    assert f"At most {selection.MOST} options on the short list" in page


def test_the_status_of_each_parameter_is_its_own():
    status = dict(FOUND.vintage.table()[["key", "status"]].itertuples(index=False, name=None))
    told = re.findall(r"^\| (`[^|]*) \|[^|]*\|[^|]*\| ([^|]*) \|$", text(REFERENCE), re.MULTILINE)
    seen = 0
    for names, said in told:
        for name in re.findall(r"`([\w.-]+)`", names):
            of = {one for key, one in status.items() if key == name or key.startswith(f"{name}.")}
            if of:
                seen += 1
                assert of == {said}, name
    assert seen >= 7
    assert parameters.VERIFIED in {said for _, said in told}


def test_the_example_of_the_reference_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("IITK_AREAS", str(tmp_path))  # nobody's own files
    found = doctest.testfile(str(REFERENCE), module_relative=False, encoding="utf-8")
    assert found.attempted >= 4
    assert found.failed == 0


def test_the_words_that_a_leader_meets_are_explained():
    known = {spelling for one in glossary.load() for spelling in one.spellings}
    assert {
        "net present social value", "present value", "optimism bias", "deadweight", "leakage", "displacement",
        "substitution", "multiplier", "additionality", "net job", "switching value", "success factor", "swing weight",
        "knee", "core option", "not now", "minority report", "Maryland scale", "supply-side case", "price year",
        "logic model", "portfolio", "scenario", "evidence hash", "cost per net job", "budget game",
    } <= known  # fmt: skip


# --- what they trace --------------------------------------------------------------------------------------------------


def of_file(name: str) -> list[dict[str, str]]:
    with (EXAMPLE / name).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


CRITERIA = tomllib.loads(text(EXAMPLE / "choice.toml"))["criterion"]
WEIGHTS = {row["member"]: {one["key"]: float(row[one["key"]]) for one in CRITERIA} for row in of_file("weights.csv")}
SCORES = {(row["member"], row["option"]): row for row in of_file("scores.csv")}


def score(member: str, option: str, criterion: str) -> float | None:
    said = SCORES.get((member, option), {}).get(criterion, "")
    return float(said) if said.replace(".", "").isdecimal() else None


def middle(option: str, criterion: str) -> float:
    known = [one for member in WEIGHTS if (one := score(member, option, criterion)) is not None]
    return median(known) if known else 0.0


def value(option: str, weights: dict[str, float], member: str = "") -> float:
    """100 x sum of weight x part, in plain arithmetic; without a member by the group's scores."""
    table, added = FOUND.worth().table, 0.0
    for one in CRITERIA:
        if measure := one.get("measure"):
            figure = float(table[measure][option])
            part = 0.0 if isnan(figure) else figure / max(table[measure][list(FOUND.short)])
        else:
            own = score(member, option, one["key"]) if member else None
            part = (middle(option, one["key"]) if own is None else own) / 5
        added += weights[one["key"]] * part
    return 100 * added / sum(weights.values())


def of_group() -> dict[str, float]:
    return {one["key"]: median(own[one["key"]] for own in WEIGHTS.values()) for one in CRITERIA}


def test_the_value_to_the_group_and_to_a_member_by_hand():
    values = FOUND.members_values()
    for option in FOUND.short:
        assert float(FOUND.table()["group"][option]) == pytest.approx(value(option, of_group()))
        for member, weights in WEIGHTS.items():
            assert float(values[member][option]) == pytest.approx(value(option, weights, member))


def test_a_portfolio_adds_up_what_is_known():
    chosen = FOUND.best().chosen
    table = FOUND.worth().table.loc[list(chosen)].to_dict("index")
    got = portfolios.sums(FOUND, chosen)
    assert got.net_jobs == pytest.approx(sum(row["net_jobs"] for row in table.values()))
    assert got.cost == pytest.approx(sum(row["cost"] for row in table.values()))
    unknown = [name for name, row in table.items() if isnan(row["npsv"])]
    assert len(unknown) == 1  # it counts with its costs, as the page says
    worth = sum(-row["pv_cost"] if name in unknown else row["npsv"] for name, row in table.items())
    assert got.npsv == pytest.approx(worth)


def test_the_share_of_draws_within_the_money_by_hand():
    best, drawn = FOUND.best(), portfolios.doubt(FOUND)
    spend, enough = FOUND.worth().spend, 0
    for draw in range(portfolios.RANGE_DRAWS):
        fits = True
        for kind, year, pounds in FOUND.files.budget:
            factor = drawn.capital_factor if kind == "capital" else drawn.revenue_factor
            paid = sum(
                float(spend[f"{kind} {year}"][name]) * factor[draw, drawn.names.index(name)] for name in best.chosen
            )
            fits = fits and paid <= pounds + 1
        enough += fits
    assert 0 < enough < portfolios.RANGE_DRAWS
    assert portfolios.affordable(FOUND, best) == enough / portfolios.RANGE_DRAWS
    assert f"{enough / portfolios.RANGE_DRAWS:.0%} of the draws" in text(HOW_TO[1])


def best_of(member: str) -> tuple[float, set[str]]:
    """What a member's own values would fund, chosen without `Selection`, and what it is worth to the member."""
    money, table = FOUND.budget(), FOUND.table()
    own = table.assign(value=[value(name, WEIGHTS[member], member) for name in table.index])
    found = portfolio.choose(own, money, rules=FOUND.rules)
    return found.value, set(found.chosen)


def test_who_disagrees_by_hand():
    roles = {row["member"]: row["role"] for row in of_file("weights.csv")}
    for aim in selection.AIMS:
        best = FOUND.best(aim)
        apart = [
            roles[member] for member in WEIGHTS
            if sum(value(name, WEIGHTS[member], member) for name in best.chosen) / best_of(member)[0] < 0.8
        ]  # fmt: skip
        assert [said.partition(":")[0] for said in portfolios.disagreeing(FOUND, best)] == apart


def test_the_minority_report_by_hand():
    group, cost = set(FOUND.best().chosen), FOUND.worth().table["cost"].to_dict()
    roles = {row["member"]: row["role"] for row in of_file("weights.csv")}
    alike = {}
    for member in WEIGHTS:
        own = best_of(member)[1]
        if own != group:
            alike[roles[member]] = sum(cost[name] for name in own & group) / sum(cost[name] for name in own)
    assert [one.role for one in members.minority(FOUND).members] == sorted(alike, key=lambda role: alike[role])[:3]


def test_a_cut_is_the_choice_for_less_money():
    for less in selection.CUTS:
        fresh = portfolio.choose(FOUND.table(), FOUND.budget() * (1 - less), value="group", rules=FOUND.rules)
        row = stress.cut(FOUND).loc[less]
        assert row["chosen"] == fresh.chosen
        assert row["value"] == pytest.approx(fresh.value)


def test_what_it_would_have_to_bring_makes_it_as_good():
    table, money, best = FOUND.table(), FOUND.budget(), FOUND.best()
    losses = portfolio.not_now(table, money, value="group", rules=FOUND.rules)["loss"].dropna().to_dict()
    others = [one for one in not_now.left_out(FOUND).options if one.reason == "others"]
    assert len(others) >= 5
    for one in others:
        share = losses[one.option] / float(table["group"][one.option])
        assert f"{share:.0%} more" in one.change
        more = table["group"].where(table.index != one.option, table["group"] * (1 + share + 1e-6))
        changed = portfolio.choose(table.assign(group=more), money, value="group", rules=FOUND.rules)
        assert one.option in changed.chosen
        assert changed.value == pytest.approx(best.value, rel=1e-4)


def test_the_same_jobs_for_less_hold_no_more_than_all_the_money_buys():
    line = stress.efficient(FOUND)
    row = line.loc[robustness.same_for_less(line, "value", stress.ENOUGH)]
    assert float(line["value"].max()) == pytest.approx(FOUND.best("net_jobs").value)
    assert stress.ENOUGH * float(line["value"].max()) <= row["value"] < float(line["value"].max())
