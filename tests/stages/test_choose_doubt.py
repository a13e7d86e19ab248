"""What is not now and would have to change, other rules, and thousands of draws that are worked out once."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from iitk.analysis import portfolio, robustness
from iitk.errors import MethodError, UsageError
from iitk.publish import record
from iitk.sources import cached, choices, geography, parameters
from iitk.stages import appraisal, choose, not_now, options, portfolios, selection, stress
from tests.sources.choosing import change, copied
from tests.stages.choosing import Hand

pytestmark = pytest.mark.usefixtures("own")

FEW = 40  # draws: so few are each solved exactly


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A place for results in which nothing is kept yet."""
    monkeypatch.setenv("IITK_CACHE", str(tmp_path))
    return tmp_path


# Not now


@pytest.mark.parametrize(("percent", "scenario"), [(100, "expected"), (60, "slow-growth"), (150, "expected")])
def test_every_option_not_chosen_is_not_now_exactly_once(found, hand, percent, scenario):
    rows = not_now.left_out(found, percent, scenario).options
    chosen = set(found.best("group", percent, scenario).chosen)
    assert Counter(row.option for row in rows) == Counter(name for name in hand.rows if name not in chosen)
    for row in rows:
        assert row.sentence
        assert row.change
        assert (row.reason in {"fails", "needs"}) or row.option in hand.short


def test_its_loss_is_what_a_fresh_choice_with_the_option_loses(found):
    table, best = found.table(), found.best()
    rows = {row.option: row for row in not_now.left_out(found).options}
    for name in set(found.short) - set(best.chosen):
        rules = replace(found.rules, include=[*found.rules.include, name])
        try:
            forced = portfolio.choose(table, found.money(), value="group", rules=rules)
        except MethodError:
            assert rows[name].loss == ""
            continue
        share = (best.value - forced.value) / best.value
        assert rows[name].loss.startswith(f"{100 * share:.1f}% less value in all; out would go ")
        gone = [one for one in best.chosen if one not in forced.chosen]
        assert all(one in rows[name].loss for one in gone)


def without(found, name):
    """What an option needs, and what that needs, that is not chosen."""
    ahead, needs = list(found.options[name].needs), []
    while ahead:
        one = ahead.pop()
        if one not in needs and one not in found.best().chosen:
            needs.append(one)
        ahead += found.options[one].needs
    return needs


def listed_needs(found, name):
    """All that an option needs, directly or not."""
    needs = list(found.options[name].needs)
    return [*needs, *(more for need in needs for more in listed_needs(found, need))]


def test_what_an_option_would_have_to_bring_more_really_ties(found):
    table, best = found.table(), found.best()
    losses = portfolio.not_now(table, found.money(), value="group", rules=found.rules)["loss"]
    seen = 0
    for row in not_now.left_out(found).options:
        said = re.search(r"would have to bring (\d+)% more", row.change)
        if said is None:
            continue
        seen += 1
        together = [row.option, *without(found, row.option)]
        more = losses[row.option] / table["group"][together].sum()
        assert said[1] == f"{100 * more:.0f}"
        assert ("Together they" in row.change) is (len(together) > 1)

        def with_value(times, names=together):
            changed = table.assign(group=table["group"] * np.where(table.index.isin(names), times, 1.0))
            return portfolio.choose(changed, found.money(), value="group", rules=found.rules, ties=3)

        tie = with_value(1 + more)
        assert tie.value == pytest.approx(best.value, rel=1e-9)
        every = [set(tie.chosen), *map(set, tie.ties)]
        assert any(row.option in one for one in every)
        assert any(row.option not in one for one in every)
        assert row.option in with_value(1 + more * 1.01).chosen
        assert row.option not in with_value(1 + more * 0.99).chosen
    assert seen >= 6


def test_what_alone_costs_more_than_there_is_names_the_years(found, hand):
    rows = {row.option: row for row in not_now.left_out(found).options}
    for name in set(hand.short) - set(found.best().chosen):
        over = [column for column, most in hand.money().items() if hand.spend(name)[column] > most]
        assert all(column in rows[name].sentence for column in over)
        assert (rows[name].reason == "money") is bool(over)


def test_a_rival_of_what_is_promised_is_told_so(found):
    row = next(row for row in not_now.left_out(found).options if row.option == "Machine tool export mission")
    assert (row.reason, row.sentence) == ("excluded", "It cannot stand beside “Shared export desk with neighbours”.")
    assert row.change == "The promise to fund “Shared export desk with neighbours” would have to be given up."


# Other rules


def test_each_vintage_is_worked_out_anew(found):
    frame = appraisal.vintages(found).frame.set_index("Parameters")
    titles = {name: parameters.vintage(name).title for name in parameters.vintages()}
    assert list(frame.index) == [title + (" (used here)" if name == found.vintage.name else "")
                                 for name, title in titles.items()]  # fmt: skip
    for (title, row), rate in zip(frame.iterrows(), (0.035, 0.035, 0.03), strict=True):
        hand = Hand(rate=rate)
        worths = [hand.npsv(name) for name in hand.short]
        assert row["Worth more than cost"] == sum(worth is not None and worth > 0 for worth in worths), title
        vintage = next(name for name, said in titles.items() if title.startswith(said))
        chosen = selection.under(found, vintage).best().chosen
        assert row["Net worth chosen"] == pytest.approx(sum(map(hand.counted, chosen)) / 1e6)
        assert row["Net jobs chosen"] == pytest.approx(sum(hand.net_jobs(name) or 0 for name in chosen))
        assert row["Not confirmed"] == len(parameters.vintage(vintage).unconfirmed)


def test_the_row_used_here_is_what_the_page_says(found):
    frame = appraisal.vintages(found).frame
    row = frame[frame["Parameters"].str.endswith("(used here)")].iloc[0]
    card = portfolios.side_by_side(found).portfolios[0]
    assert row["Net worth chosen"] == pytest.approx(card.net_worth / 1e6)
    assert row["Net jobs chosen"] == pytest.approx(card.net_jobs)
    assert row["Choice"] == "the same options"
    what_if = selection.under(found, "review-2026")
    frame = appraisal.vintages(what_if).frame
    assert list(frame["Parameters"].str.endswith("(used here)")) == [False, False, True]
    assert frame["Choice"].iloc[2] == "the same options"


def test_a_lower_rate_raises_the_present_value_of_every_benefit(found):
    usual, low = found.worth().table, selection.under(found, "review-2026").worth().table
    known = usual["pv_benefit"].notna()
    assert known.sum() == 24
    assert (low["pv_benefit"][known] > usual["pv_benefit"][known]).all()
    assert (low["cost"] == usual["cost"]).all()
    hand = Hand(rate=0.03)
    for name in hand.rows:
        if hand.npsv(name) is not None:
            assert low["npsv"][name] == pytest.approx(hand.npsv(name))


def test_the_vintage_that_is_asked_for_is_the_one_of_the_page(own):
    stage = choose.prepare("Leeds", vintage="review-2026", draws=0)
    assert stage.parameters["vintage"] == "review-2026"
    assert "3.0% flat" in stage.blocks["assumptions"]._repr_html_()
    assert stage.record()["decisions"][0]["vintage"] == "review-2026"
    assert stage.tables["options"]["npsv"].sum() > choose.prepare("Leeds", draws=0).tables["options"]["npsv"].sum()


def test_where_every_option_is_dropped_there_is_nothing_to_choose_and_that_is_said(own):
    folder = copied(own / "devon")
    table = (folder / "factors.csv").read_bytes().decode("utf-8-sig").splitlines()
    rows = [f"{row.split(',')[0]},fail,no,pass,,pass,,pass,,pass," for row in table[1:]]
    (folder / "factors.csv").write_text("\n".join([table[0], *rows]) + "\n", encoding="utf-8")
    text = (folder / "choice.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?s)\[\[limit\]\].*?(?=\n# Worth of)", "", re.sub(r"promised = \[.*?\]", "promised = []", text))
    (folder / "choice.toml").write_text(text, encoding="utf-8")
    for draws in (0, FEW):
        with pytest.raises(UsageError, match="Nothing is on the short list"):
            choose.prepare("Devon", draws=draws)
    assert len(options.prepare("Devon").blocks["short_list"].dropped) == 25


def test_a_single_option_is_talked_of_as_one(own):
    """The smallest choice there is: one option, nothing promised, no limits."""
    folder, name = copied(own / "kent"), "Technician bootcamps"
    for file in ("options.csv", "factors.csv", "scores.csv"):
        head, *rows = (folder / file).read_bytes().decode("utf-8-sig").splitlines()
        mine = [row for row in rows if name in row.split(",")[:2]]
        (folder / file).write_text("\n".join([head, *mine]) + "\n", encoding="utf-8")
    text = (folder / "choice.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?s)\[\[scenario\]\].*?(?=\n# Worth of)", "", re.sub(r"promised = \[.*?\]", "promised = []", text))
    (folder / "choice.toml").write_text(text, encoding="utf-8")
    stage = choose.prepare("Kent", draws=FEW)
    assert stage.lead.startswith("With £64m the group would fund 1 option: 40 net jobs")
    assert stage.lead.endswith(f"{name} is chosen in at least 80% of all draws. No option is left for later.")
    assert "Nothing was rejected." in stage.blocks["guard_rails"]._repr_html_()
    assert "Everything is chosen: nothing is left for later." in stage.blocks["not_now"]._repr_html_()
    assert list(stage.robust.table["share"]) == [1.0]
    assert options.prepare("Kent").lead.startswith("1 option is on the long list; none is dropped")
    assert record.faults(json.loads(json.dumps(stage.record()))) == []


# Ranges and draws


def test_the_numbers_of_every_option_are_those_worked_out_by_hand(found, hand):
    frame = appraisal.appraised(found).frame.set_index("Option")
    assert sorted(frame.index) == sorted(hand.short)
    assert frame["Net worth"].dropna().is_monotonic_decreasing
    for name in hand.short:
        row, npsv = frame.loc[name], hand.npsv(name)
        assert row["Net jobs"] == pytest.approx(hand.net_jobs(name))
        assert row["Cost"] == pytest.approx(hand.cost(name) / 1e6)
        if hand.net_jobs(name) > 0:
            assert row["Cost of a net job"] == pytest.approx(hand.pv_cost(name) / hand.net_jobs(name) / 1e3)
        else:
            assert np.isnan(row["Cost of a net job"])
        if npsv is None:
            assert np.isnan(row["Net worth"])
            assert row["Benefits ÷ cost"] == "missing"
        else:
            assert row["Net worth"] == pytest.approx(npsv / 1e6)
            ratio = hand.pv_benefit(name) / hand.pv_cost(name)
            assert row["Benefits ÷ cost"].startswith(f"{ratio:.2f}")
        assert (hand.rows[name]["supply_side"] != "") is ("with jobs" in row["Benefits ÷ cost"])


def test_draws_at_the_centre_and_the_values_of_the_page_agree(found):
    """Where every member is the group, and nothing is drawn away from the centre, the values are the page's."""
    files = choices.example()
    one = files.members[0].key
    alone = replace(files, members=files.members[:1], weights=tuple(w for w in files.weights if w[0] == one),
                    scores=tuple(s for s in files.scores if s[0] == one))  # fmt: skip
    single = replace(found, files=alone)
    values, costs = stress.value_draws(single, draws=5000)
    assert values.shape == (5000, 21)
    middle, table = values.median(), single.table()
    assert middle.corr(table["group"]) > 0.98
    for column, drawn in costs.items():
        assert (drawn.to_numpy() >= 0).all()
        assert list(drawn.columns) == list(found.short)
        assert ((drawn == 0).all() == (table[column] == 0)).all()


def test_the_sets_add_up_and_the_promise_is_always_kept(found, empty):
    result = stress.robust(found, draws=FEW)
    table = result.table.set_index("option")
    assert list(table.index) == list(found.short)
    assert table["share"].between(0, 1).all()
    assert table["share"]["Shared export desk with neighbours"] == 1
    assert table["share"]["Machine tool export mission"] == 0  # it excludes what is promised
    expected = np.select([table["share"] >= 0.8, table["share"] <= 0.05], ["core", "never"], "conditional")
    assert list(table["set"]) == list(expected)
    floors = [name for name in found.short if found.options[name].underpinning == "planning and regulation"]
    assert table["share"][floors].sum() >= 1  # one at least in each draw
    needs = [(name, need) for name in found.short for need in found.options[name].needs]
    assert all(table["share"][name] <= table["share"][need] for name, need in needs)
    assert 4 < table["share"].sum() < 16


def test_the_result_is_the_same_twice_and_worked_out_once(found, empty, monkeypatch):
    first = stress.robust(found, draws=FEW)
    assert stress.is_kept(found, draws=FEW)
    again = cached.folder() / "robustness"
    for file in again.iterdir():
        file.unlink()
    second = stress.robust(found, draws=FEW)
    assert first.table.equals(second.table)
    assert first.words == second.words
    monkeypatch.setattr(robustness, "best_in_draws", lambda *_, **__: pytest.fail("it is drawn again"))
    third = stress.robust(found, draws=FEW)
    assert third.table.equals(first.table)
    assert (third.words, third.draws) == (first.words, FEW)


def test_whoever_waits_hears_how_far_it_is(found, empty):
    heard = []
    stress.robust(found, draws=FEW, told=lambda share, words: heard.append((share, words)))
    shares = [share for share, _ in heard]
    assert len(heard) > 3
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1
    assert all(words for _, words in heard)


def test_another_file_money_scenario_vintage_or_number_of_draws_has_another_key(found, own, empty):
    folder = copied(own / "bradford")
    change(folder, "weights.csv", "council-leader,Leader of a city council,25,35",
           "council-leader,Leader of a city council,35,25")  # fmt: skip
    other = selection.of(geography.resolve("Bradford"))
    keys = [
        stress._key(found, 100, "", FEW), stress._key(found, 95, "", FEW), stress._key(found, 100, "slow-growth", FEW),
        stress._key(found, 100, "", FEW + 1), stress._key(other, 100, "", FEW),
        stress._key(selection.under(found, "review-2026"), 100, "", FEW),
    ]  # fmt: skip
    assert len(set(keys)) == len(keys)
    assert stress._key(found, 100, "expected", FEW) == keys[0]  # the scenario that is expected has two names
    assert stress._key(selection.of(geography.resolve("Leeds")), 100, "", FEW) == keys[0]  # the same example
    stress.robust(found, draws=FEW)
    assert [stress.is_kept(found, draws=FEW), stress.is_kept(found, 95, draws=FEW), stress.is_kept(other, draws=FEW)
            ] == [True, False, False]  # fmt: skip


def test_code_that_says_what_is_drawn_is_part_of_the_key(found, monkeypatch, tmp_path):
    """A result of another method is never shown: modules of the analysis and of the values are hashed."""
    read = stress.Path.read_bytes
    seen = []
    monkeypatch.setattr(stress.Path, "read_bytes", lambda path: (seen.append(path.name), read(path))[1])
    stress._method.__wrapped__()
    assert {"portfolio.py", "knapsack.py", "neighbourhood.py", "robustness.py", "worth_figures.py", "worth_draws.py",
            "people.py", "selection.py", "stress.py"} <= set(seen)  # fmt: skip


def test_a_broken_file_of_results_is_worked_out_again(found, empty):
    first = stress.robust(found, draws=FEW)
    file = next((empty / "robustness").glob("*.json"))
    whole = file.read_text(encoding="utf-8")
    for broken in (
        "", "{", "[]", "{}", "null", '{"rows": [], "words": "x"}', '{"rows": 5, "words": "x"}', '{"rows": [[1]]}',
        '{"rows": [["Moon base", 1.0, "core"]], "words": "x"}', whole[: len(whole) // 2],
    ):  # fmt: skip
        file.write_text(broken, encoding="utf-8")
        assert not stress.is_kept(found, draws=FEW), broken
    assert stress.robust(found, draws=FEW).table.equals(first.table)
    assert file.read_text(encoding="utf-8") == whole


def test_a_place_that_cannot_be_written_loses_nothing(found, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("IITK_CACHE", str(tmp_path / "file"))
    assert len(stress.robust(found, draws=FEW).table) == 21
    assert not stress.is_kept(found, draws=FEW)


def test_a_page_shows_what_a_run_has_kept_and_else_nothing_of_draws(found, empty, monkeypatch):
    assert "robust" not in choose.prepare("West Yorkshire", draws=0).figures
    monkeypatch.setattr(appraisal, "DRAWS", FEW)
    monkeypatch.setattr(stress.is_kept, "__defaults__", (100, "", FEW))
    appraisal.drawn.cache_clear()
    ran = choose.prepare("West Yorkshire", draws=FEW)
    kept = choose.prepare("West Yorkshire", draws=0)
    appraisal.drawn.cache_clear()
    assert kept.robust.table.equals(ran.robust.table)
    assert "robust" in kept.figures
    assert "of all draws" in kept.lead


# The same for less


def test_the_frontier_is_efficient_and_keeps_to_the_rules(found, hand):
    rows = stress.efficient(found)
    assert rows["cost"].is_monotonic_increasing
    assert rows["value"].is_monotonic_increasing
    for row in rows.to_dict("records"):
        names = set(row["chosen"])
        assert hand.over(names) == hand.lacking(names) == []
        assert row["cost"] == pytest.approx(sum(map(hand.cost, names)))
        assert row["value"] == pytest.approx(sum(hand.net_jobs(name) for name in names))
    most = found.best("net_jobs")
    assert rows["value"].iloc[-1] == pytest.approx(most.value)
    for names in hand.by_chance(500):
        cost, jobs = sum(map(hand.cost, names)), sum(hand.net_jobs(name) for name in names)
        step = sum(hand.money().values()) / 200
        assert rows["value"][rows["cost"] <= cost + step].max() >= jobs - 1e-6
