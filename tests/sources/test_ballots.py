"""Files of participatory budgeting: read as they are, refused with every fault, and counted as the cities did."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from iitk.analysis.portfolio import equal_shares, greedy
from iitk.errors import FaultyFileError, UsageError
from iitk.sources import ballots
from iitk.sources.ballots import read_pb

# The example of the description of the format (pabulib.org/format), with its spaces after the semicolons.
EXAMPLE = """META
key; value
description; Municipal PB in Wieliczka
country; Poland
unit; Wieliczka
instance; 2020
num_projects; 5
num_votes; 10
budget; 2500
rule; greedy
vote_type; approval
min_length; 1
max_length; 3
PROJECTS
project_id; cost; category
1; 600; culture, education
2; 800; sport
4; 1400; culture
5; 1000; health, sport
7; 1200; education
VOTES
voter_id; age; sex; vote
1; 34; f; 1,2,4
2; 51; m; 1,2
3; 23; m; 2,4,5
4; 19; f; 5,7
5; 62; f; 1,4,7
6; 54; m; 1,7
7; 49; m; 5
8; 27; f; 4
9; 39; f; 2,4,5
10; 44; m; 4,5
"""
RANKED = """META
key;value
budget;10
vote_type;{kind}
max_length;3
comment;#1: first; #2: second
PROJECTS
project_id;cost;name;selected
a;4.5;"Path ""II""; part 1";1
b;3;Gym;0
c;9;;2
VOTES
voter_id;vote{points}
x;b,a{first}
y;c{second}
"""


def write(folder, text, name="vote.pb"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def options(found):
    return found.projects[["cost", "points"]].rename(columns={"points": "value"})


def test_the_example_of_the_format(tmp_path):
    found = read_pb(write(tmp_path, EXAMPLE))
    assert (found.kind, found.budget, found.rule) == ("approval", 2500, "greedy")
    assert found.projects["cost"].to_dict() == {"1": 600, "2": 800, "4": 1400, "5": 1000, "7": 1200}
    assert found.projects["votes"].to_dict() == {"1": 4, "2": 4, "4": 6, "5": 5, "7": 3}  # counted by hand
    assert found.points.loc["5"].to_dict() == {"1": 1, "2": 0, "4": 1, "5": 0, "7": 1}
    assert found.projects["selected"].isna().all()
    assert found.winners == ()


def test_its_outcomes_by_hand(tmp_path):
    """By votes: 4 (1,400) and 5 (1,000); nothing else fits in the 100 left.

    Equal shares: purses of 250. Utility "cost": six pay for 4 at 1,400 / 6 each, then no supporters have enough.
    Utility "cardinality": four pay 150 each for 1, the least a head; five pay 200 each for 5; then 700 stand behind 2.
    """
    found = read_pb(write(tmp_path, EXAMPLE))
    assert greedy(options(found), found.budget, by="value").chosen == ("4", "5")
    assert equal_shares(options(found), found.budget, found.points, utility="cost").chosen == ("4",)
    assert equal_shares(options(found), found.budget, found.points).chosen == ("1", "5")


@pytest.mark.parametrize("change", [
    lambda text: ("\ufeff" + text).encode("utf-8"),
    lambda text: text.replace("\n", "\r\n").encode("utf-8"),
    lambda text: text.replace("META", "meta").replace("VOTES", "\nvotes").encode("utf-8"),
    lambda text: text.replace("; ", ";").encode("utf-8"),
])  # fmt: skip
def test_marks_line_ends_and_spaces_do_not_matter(tmp_path, change):
    plain, other = read_pb(write(tmp_path, EXAMPLE)), read_pb(write(tmp_path, change(EXAMPLE), "other.pb"))
    assert other.meta == plain.meta
    assert other.projects.equals(plain.projects)
    assert other.points.equals(plain.points)


def test_ranks_points_quotes_and_what_a_city_selected(tmp_path):
    ranked = read_pb(write(tmp_path, RANKED.format(kind="ordinal", points="", first="", second="")))
    assert ranked.points.to_numpy().tolist() == [[2, 3, 0], [0, 0, 3]]  # Borda: 3 places
    assert ranked.projects["name"].tolist() == ['Path "II"; part 1', "Gym", "c"]
    assert ranked.meta["comment"] == "#1: first; #2: second"
    assert ranked.winners == ("a",)  # "2" is a case that the file's comment explains
    given = read_pb(write(tmp_path, RANKED.format(kind="cumulative", points=";points", first=";1,4", second=";2.5")))
    assert given.points.to_numpy().tolist() == [[4, 1, 0], [0, 0, 2.5]]
    assert given.projects["points"].tolist() == [4, 1, 2.5]
    assert given.projects["votes"].tolist() == [1, 1, 1]


@pytest.mark.parametrize(("change", "told"), [
    (("budget; 2500\n", ""), ["column budget: The cell is empty"]),
    (("budget; 2500", "budget; 2 500 zl"), ["column budget", "2 500 zl"]),
    (("vote_type; approval", "vote_type; veto"), ["'veto' is no kind of vote", "approval, choose-1, ordinal"]),
    (("2; 800; sport", "2; 80O; sport"), ["row 17, column cost", "80O"]),
    (("2; 800; sport", "2; -800; sport"), ["row 17, column cost: -800 is negative"]),
    (("2; 800; sport", "1; 800; sport"), ["row 17, column project_id: '1' is there twice"]),
    (("7; 49; m; 5\n", "7; 49; m; 6\n"), ["row 29, column vote: 6: there is no such project"]),
    (("7; 49; m; 5\n", "6; 49; m; 5\n"), ["row 29, column voter_id: '6' voted on line 28 already"]),
    (("7; 49; m; 5\n8; 27; f; 4\n9; 39; f; 2,4,5\n10; 44; m; 4,5\n", "7; 4"),
     ["row 29, column VOTES: It has 2 values, the headings are 4", "It says 10, but 6 are in the file", "is cut"]),
    (("VOTES\n", "BALLOTS\n"), ["row 21, column BALLOTS: There is no such section", "META, PROJECTS, VOTES"]),
    (("10; 44; m; 4,5\n", "10; 44; m; 4,5\nVOTES\n"), ["The section is there twice"]),
    (("META\n", ""), ["It does not begin with META"]),
])  # fmt: skip
def test_faults_are_named_with_line_column_and_remedy(tmp_path, change, told):
    before, after = change
    assert before in EXAMPLE
    with pytest.raises(FaultyFileError) as caught:
        read_pb(write(tmp_path, EXAMPLE.replace(before, after, 1)))
    for words in ["nothing was taken over", *told]:
        assert words in str(caught.value)


@pytest.mark.parametrize(("kind", "points", "first", "told"), [
    ("scoring", ";points", ";1", "2 projects, but the points are '1'"),
    ("scoring", ";points", ";1,many", "2 projects, but the points are '1,many'"),
    ("scoring", ";points", ";1,inf", "2 projects, but the points are '1,inf'"),
    ("cumulative", "", "", "the points are ''"),
])  # fmt: skip
def test_points_must_be_one_for_each_project(tmp_path, kind, points, first, told):
    text = RANKED.format(kind=kind, points=points, first=first, second=";3" if points else "")
    with pytest.raises(FaultyFileError, match=told):
        read_pb(write(tmp_path, text))


def test_a_rank_given_twice_and_more_ranks_than_places(tmp_path):
    text = RANKED.format(kind="ordinal", points="", first="", second="")
    with pytest.raises(FaultyFileError, match="A project is there twice"):
        read_pb(write(tmp_path, text.replace("x;b,a", "x;b,b")))
    with pytest.raises(FaultyFileError, match="ranks 2, more than max_length"):
        read_pb(write(tmp_path, text.replace("max_length;3", "max_length;1")))


def test_files_of_another_kind_and_huge_ones_are_refused(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="cannot be read"):
        read_pb(tmp_path / "none.pb")
    with pytest.raises(FaultyFileError, match="not text in UTF-8"):
        read_pb(write(tmp_path, "META\nkey;value\nunit;Łódź\n".encode("iso-8859-2")))
    with pytest.raises(FaultyFileError, match="There is no section META and no section PROJECTS and no section VOTES"):
        read_pb(write(tmp_path, ""))
    with pytest.raises(FaultyFileError, match="does not begin with META"):
        read_pb(write(tmp_path, "option,cost\ntram,5\n"))
    with pytest.raises(FaultyFileError) as caught:
        read_pb(write(tmp_path, EXAMPLE + "11; 30; f\n" * 5_000))
    assert len(caught.value.faults) == ballots.MAX_FAULTS + 1
    monkeypatch.setattr(ballots, "MAX_CELLS", 49)
    with pytest.raises(FaultyFileError, match="more than 49"):
        read_pb(write(tmp_path, EXAMPLE))
    monkeypatch.setattr(ballots, "MAX_BYTES", 100)
    with pytest.raises(FaultyFileError, match="larger than 0 MB"):
        read_pb(write(tmp_path, EXAMPLE))


REAL = Path(os.environ.get("IITK_BALLOTS", "no-such-folder"))
# Votes whose file says that the outcome is the rule's, and where no rule beside it (thresholds, sites wanted twice).
BY_VOTES = ("lodz_2024_", "warszawa_2024_bemowo", "warszawa_2024_mokotow", "warszawa_2024_praga-poludnie",
            "warszawa_2024_ursynow")  # fmt: skip


@pytest.mark.skipif(not REAL.is_dir(), reason="IITK_BALLOTS names no folder of files from pabulib.org")
@pytest.mark.parametrize("place", BY_VOTES)
def test_the_published_winners_of_cities_that_fund_by_votes(place):
    found = read_pb(REAL / f"poland_{place}.pb")
    assert found.rule == "greedy"
    assert set(greedy(options(found), found.budget, by="value").chosen) == set(found.winners)


@pytest.mark.skipif(not REAL.is_dir(), reason="IITK_BALLOTS names no folder of files from pabulib.org")
def test_the_published_winners_of_wieliczka_2023_by_equal_shares():
    """64 projects, 6,586 voters, the first city to use the method; it let the purses grow until money ran out."""
    found = read_pb(REAL / "poland_wieliczka_2023_green-budget.pb")
    assert found.rule == "equalshares/add1"
    for start in ("exact", "whole"):
        chosen = equal_shares(options(found), found.budget, found.points, utility="cost", completion="add1",
                              stop="overspent", start=start)  # fmt: skip
        assert set(chosen.chosen) == set(found.winners)
    assert chosen.cost == 995_079
