"""What an area could step up to and what it could lose: nearness, relatedness and complexity, each with its record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from iitk.analysis import relatedness
from iitk.analysis.backtests import BASELINES
from iitk.analysis.checks import Floats
from iitk.analysis.relatedness import Marks, Panel
from iitk.charts.figure import Figure
from iitk.charts.record import record_bars
from iitk.model import Area, Badge
from iitk.sources import tables
from iitk.sources.kept import kept
from iitk.stages import activity, base, measures, track_record
from iitk.stages.activity import Activity
from iitk.stages.track_record import JOBS, VALUE_ADDED, Case, Record
from iitk.words import blocks
from iitk.words import format as say

MARKS = Marks()
SOON, LATER = 5, 10  # years ahead
SHOWN = 10
HAPPENED = {"entry": "became a specialisation", "exit": "stopped being one"}


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """The industries of an area against the UK, in the latest year.

    Columns of `rows`: code, short_name, current_gbp_m, quotient, usual_move (share a year), entry and exit (nearness in
    usual moves; missing on the wrong side), relatedness, complexity and opportunity (ranks in the area, 1 is highest).
    """

    area: Area
    year: int
    rows: pd.DataFrame

    def nearest(self, event: str) -> pd.DataFrame:
        """Industries on the side that the event starts from, the nearest first."""
        return self.rows.dropna(subset=[event]).sort_values(event, ascending=False, kind="stable").head(SHOWN)


@dataclass(frozen=True, slots=True, eq=False)
class _Scores:
    """Every score of every place, in the latest year: arrays of places x industries, and ranks within places."""

    moves: Panel
    usual_move: Floats
    entry: Floats
    exit: Floats
    opportunities: pd.DataFrame  # by place and industry


def of(area: Area) -> Outlook:
    """Work out nearness and the other scores of every industry of `area`."""
    scores = _of_districts() if area.code in track_record.moves().areas else _with_place(activity.of(area))
    moves = scores.moves
    year, place, industries = moves.years[-1], list(moves.areas).index(area.code), list(moves.industries)
    quotients, value = moves.quotients[-1][place], moves.activity[-1][place]
    ranks = scores.opportunities.loc[[area.code]].droplevel(0)
    ranks = ranks.rank(numeric_only=True, ascending=False, method="min").reindex(moves.industries)
    rows = pd.DataFrame({
        "code": moves.industries,
        "short_name": measures.names()["short_name"].loc[industries].to_numpy(),
        "current_gbp_m": value,
        "quotient": quotients,
        "usual_move": scores.usual_move[place],
        "entry": np.where(quotients < MARKS.below, scores.entry[place], np.nan),
        "exit": np.where(quotients > MARKS.above, scores.exit[place], np.nan),
        "relatedness": ranks["relatedness"].to_numpy(),
        "complexity": ranks["complexity"].to_numpy(),
        "opportunity": ranks["score"].to_numpy(),
    })  # fmt: skip
    rows.loc[~(rows["current_gbp_m"] >= measures.SMALL_GBP_M), ["entry", "exit"]] = np.nan
    return Outlook(area, year, rows)


@kept
def _of_districts() -> _Scores:
    figures, moves = track_record.value_added(), track_record.moves()
    now, then = moves.years[-1], moves.years[-1] - track_record.LOOKBACK
    return _scores(moves, figures.activity[now], figures.activity[then], figures.totals[now])


def _with_place(place: Activity) -> _Scores:
    """Scores of the districts and of one place more: each is measured against all of them."""
    figures, moves, code = track_record.value_added(), track_record.moves_with(place), place.area.code
    now, then = moves.years[-1], moves.years[-1] - track_record.LOOKBACK

    def activity_in(year: int) -> pd.DataFrame:
        return pd.concat([figures.activity[year], place.row(year, moves.industries).rename(code).to_frame().T])

    totals = pd.concat([figures.totals[now], pd.Series({code: place.total[now]})])
    return _scores(moves, activity_in(now), activity_in(then), totals)


def _scores(moves: Panel, now: pd.DataFrame, then: pd.DataFrame, totals: pd.Series) -> _Scores:
    year = moves.years[-1]
    entry, leaving = (relatedness.nearness(moves, year, event=event, marks=MARKS) for event in ("entry", "exit"))
    found = relatedness.opportunities(
        now, then, years=track_record.LOOKBACK, reference=track_record.value_added().references[year],
        activity_total=totals,
    )  # fmt: skip
    return _Scores(moves, relatedness.usual_move(moves, year), entry, leaving, found)


def record(event: str, horizon: int) -> Record:
    """The record of value added as a real forecast: learned only from windows that had ended."""
    return track_record.of(Case(VALUE_ADDED, event, horizon, "years"))


def nearest_block(outlook: Outlook, event: str) -> blocks.Numbers | blocks.Points:
    """The industries nearest to the event; where there is none, the sentence that says so."""
    if len(outlook.nearest(event)):
        return numbers(outlook, event)
    side = f"under {MARKS.below:g}" if event == "entry" else f"over {MARKS.above:g}"
    line = (
        f"No industry of {say.in_prose(outlook.area.name)} with a figure of £{measures.SMALL_GBP_M} million or more "
        f"stands {side} times its share in the UK, so none is listed here."
    )
    return blocks.Points(
        [line], tables.source(activity.of(outlook.area).table).cite(), Badge.OBSERVED, str(outlook.year)
    )  # fmt: skip


def numbers(outlook: Outlook, event: str) -> blocks.Numbers:
    """The industries nearest to the event, with every score's record in its heading."""
    later = record(event, LATER)
    rows = outlook.nearest(event)
    frame = pd.DataFrame({
        "Industry": rows["short_name"],
        "Quotient": rows["quotient"].round(2),
        "Usual move": (100 * rows["usual_move"]).round(1),
        "Away": (-rows[event]).round(1),
        "It happened": [_frequency(later, quotient) for quotient in rows["quotient"]],
        "Relatedness": rows["relatedness"].astype("Int64"),
        "Complexity": rows["complexity"].astype("Int64"),
        "All four": rows["opportunity"].astype("Int64"),
    })  # fmt: skip
    place, goal = say.in_prose(outlook.area.name), MARKS.above if event == "entry" else MARKS.below
    caption = {"entry": f"Industries nearest to a specialisation that {place} does not have",
               "exit": f"Specialisations of {place} nearest to being lost"}[event]  # fmt: skip
    ranked = "rank here; record {}"
    return blocks.Numbers(
        frame, caption, source=tables.source(activity.of(outlook.area).table).cite(), badge=Badge.MODELLED,
        period=f"{outlook.year}; moves since 1998",
        units={"Quotient": f"UK = 1; record {mark('quotient', event)}", "Usual move": "% a year, up or down",
               "Away": f"usual moves from {goal:g}; record {mark('nearness', event)}",
               "It happened": f"of 100 like it, in {LATER} years",
               "Relatedness": ranked.format(mark("density", event)),
               "Complexity": ranked.format(mark("density x complexity", event)) + " with relatedness",
               "All four": ranked.format(mark("opportunity", event))},
        decimals={"Quotient": 2, "Usual move": 1, "Away": 1},
    )  # fmt: skip


def mark(score: str, event: str = "entry") -> str:
    """Record of a score: of 100 pairs within five years, how many it had in the right order. 50 is chance."""
    return f"{100 * float(record(event, SOON).scores['auc'][score]):.0f}"


def _frequency(one: Record, quotient: float) -> str:
    """How often the event followed such a quotient, with its interval: plain frequencies, no model."""
    band = one.band(quotient)
    if band is None:
        return "never tested"
    return f"{100 * band['rate']:.0f} ({100 * band['lower']:.0f} to {100 * band['upper']:.0f})"


@kept
def figure(event: str) -> Figure:
    """Draw how well each score foretold the event within five years."""
    found = record(event, SOON)
    scores = found.scores
    table = pd.DataFrame({
        "score": [track_record.NAMES[name] for name in scores.index],
        "auc": scores["auc"].to_numpy(),
        "lower": scores["auc_lower"].to_numpy(), "upper": scores["auc_upper"].to_numpy(),
        "naive": scores.index.isin(BASELINES), "shown": scores.index == "nearness",
        "verdict": scores["verdict"].to_numpy(),
    })  # fmt: skip
    return record_bars(
        table, event=HAPPENED[event], years=say.years(*found.years), cases=found.count, horizon=SOON,
        key=f"record-{event}", source=tables.source("gva_lad").cite(), badge=Badge.MODELLED,
        provenance=base.provenance("gva_lad", "gva_itl", method=(
            f"Back-test. Cases: districts of the UK x industries with a quotient {_side(event)}. Each score is known "
            "at the start; what is fitted learned only from windows that had ended by then. Area under the ROC curve "
            "within start years; intervals allow for cases of one district, and of one industry, being alike."
        )),
    )  # fmt: skip


def _side(event: str) -> str:
    low, high = f"under {MARKS.below:g}", f"over {MARKS.above:g}"
    return f"{low}; it came true if the quotient was {high} later" if event == "entry" else (
        f"{high}; it came true if the quotient was {low} later")  # fmt: skip


@kept
def record_table() -> blocks.Numbers:
    """Every score in every test: of 100 pairs, how many were in the right order."""
    shown = {
        f"{say.capitalise(word)}, {years} years": Case(VALUE_ADDED, event, years, "years")
        for event, word in (("entry", "entry"), ("exit", "exit")) for years in (SOON, LATER)
    } | {f"{say.capitalise(event)}, jobs": Case(JOBS, event, SOON, "areas") for event in ("entry", "exit")}  # fmt: skip
    records = {head: track_record.of(case) for head, case in shown.items()}
    order = record("entry", SOON).scores["auc"].sort_values(ascending=False).index
    frame = pd.DataFrame({
        "Score": [say.capitalise(track_record.NAMES[name]) for name in order],
        **{head: [_cell(one, name) for name in order] for head, one in records.items()},
    })  # fmt: skip
    units = {head: f"{one.count:,} cases, {say.years(*one.years)}" for head, one in records.items()}
    return blocks.Numbers(
        frame, "Of 100 pairs, how many each score had in the right order (95% interval)", units=units,
        source=f"{tables.source('gva_lad').cite()}; {tables.source('jobs_nuts2_division').cite()}",
        badge=Badge.MODELLED, period=say.years(*record("entry", SOON).years),
    )  # fmt: skip


def _cell(one: Record, score: str) -> str:
    low, value, high = (100 * float(one.scores[name][score]) for name in ("auc_lower", "auc", "auc_upper"))
    sign = " +" if one.beats_baseline(score) else ""
    return f"{value:.0f} ({low:.0f} to {high:.0f}){sign}"


@kept
def record_rows() -> pd.DataFrame:
    """Every score of every back-test in one table, for the analyst."""
    return pd.concat([
        track_record.of(case).scores.rename_axis("score").reset_index().assign(**case.key)
        for case in track_record.cases()
    ], ignore_index=True)  # fmt: skip


def lead(outlook: Outlook) -> list[str]:
    """What is nearest to be gained and to be lost, as sentences; none where nothing is on either side."""
    gain, loss = outlook.nearest("entry").head(1), outlook.nearest("exit").head(1)
    found = []
    if len(gain):
        found.append(f"Nearest to a new specialisation: {measures.spoken_list(gain['short_name'])}.")
    if len(loss):
        found.append(f"Nearest to being lost: {measures.spoken_list(loss['short_name'])}.")
    return found


@kept
def record_points() -> blocks.Points:
    """What the record says, with its marks."""
    first, last = record("entry", SOON).years
    return blocks.Points(sentences(), tables.source("gva_lad").cite(), Badge.MODELLED, say.years(first, last))


def sentences() -> list[str]:
    """What the record says, in words: who beats the naive score, whose chances came true, what has no power."""
    entry, exit_ = record("entry", SOON), record("exit", SOON)
    later = record("entry", LATER)
    useless = [track_record.NAMES[str(n)] for n, v in entry.scores["verdict"].items() if v == "no predictive power"]
    lines = [
        _comparison(entry, "entries", SOON), _comparison(later, "entries", LATER), _comparison(exit_, "losses", SOON),
    ]  # fmt: skip
    if useless:
        lines.append(f"No power to foretell entries: {say.join(useless)}.")
    if not entry.calibrated("nearness"):
        soon, late = (say.times(float(one.scores["ratio"]["nearness"])) for one in (entry, later))
        lines.append(
            f"Chances worked out from nearness did not come true: {soon} as many industries entered within five years "
            f"as expected, and {late} within ten. So this page gives no chances, only how often it happened before."
        )
    return [*lines, _restless()]


def _restless() -> str:
    """What changed in the figures themselves: from which year on quotients move more."""
    moves = track_record.median_moves()
    jumps = moves.div(moves.shift()).drop(range(2020, 2023), errors="ignore")  # the pandemic's years stand apart
    year = int(str(jumps.idxmax()))
    before, since = moves[moves.index < year].median(), moves[moves.index >= year].median()
    return (
        f"Read the record with care: the median quotient moved {say.percent(before, 1)} a year until {year - 1} and "
        f"{say.percent(since, 1)} since. Part of what looks like industries coming and going may be how the figures "
        "are made."
    )


def _comparison(one: Record, what: str, years: int) -> str:
    mine, floor = (100 * float(one.scores["auc"][score]) for score in ("nearness", one.baseline))
    low, high = (say.number(100 * float(one.scores[name]["nearness"]), 1) for name in ("margin_lower", "margin_upper"))
    name, when = track_record.NAMES[one.baseline], f"For {what} within {say.count(years, 'year', 'years')}"
    if one.beats_baseline("nearness"):
        return (
            f"{when} nearness had {mine:.0f} of 100 pairs right against {floor:.0f} for the {name} alone: "
            f"{low} to {high} more."
        )
    return (
        f"{when} nothing is sure to beat the {name} alone: nearness had {mine:.0f} of 100 pairs right against "
        f"{floor:.0f}, a difference of {low} to {high}."
    )
