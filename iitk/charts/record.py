"""How well scores foretold what came: how often each told an event from a case without, beside chance."""

from __future__ import annotations

from functools import partial
from typing import Unpack

import pandas as pd

from iitk.charts import theme
from iitk.charts.bars import Bar, Reference, bar_chart, listed
from iitk.charts.checks import need_columns
from iitk.charts.figure import Credits, Figure, make
from iitk.words import capitalise, count

CHANCE = 50.0


def record_bars(
    table: pd.DataFrame, *, event: str, years: str, cases: int, horizon: int, **credit: Unpack[Credits]
) -> Figure:
    """Draw how often each score put a case with the event above one without, of 100 pairs.

    Parameters
    ----------
    table
        One row for each score: `score` (its name), `auc`, `lower` and `upper` (shares, 0 to 1), `naive` (whether it is
        one of the simple ones that others must beat), `shown` (whether the page ranks by it), `verdict`.
    event
        What was to be foretold, as in "became a specialisation".
    years
        From the first start to the last outcome: "2006 to 2023".
    cases
        How many cases were tested.
    horizon
        Years ahead.
    """
    need_columns(table, ("score", "auc", "lower", "upper", "naive", "shown", "verdict"), "record")
    ranked = table.sort_values("auc", ascending=False, kind="stable")
    bars = [
        Bar(
            capitalise(str(row["score"])), 100 * row["auc"], f"{100 * row['auc']:.0f}", lower=100 * row["lower"],
            upper=100 * row["upper"], tone=theme.QUIET if row["naive"] else theme.BLUE,
        )
        for row in ranked.to_dict("records")
    ]  # fmt: skip
    return make(
        credit,
        key="record",
        title=_title(ranked, event),
        measure=(
            f"Of 100 pairs of an industry that {event} within {count(horizon, 'year', 'years')} and one that did not, "
            f"how many each score had in the right order. {cases:,} cases, {years}. Grey bars: naive scores. "
            "Grey line: 95% interval."
        ),
        draw=partial(bar_chart, bars, reference=Reference(CHANCE, "chance = 50")),
        alt_text="Bar chart of how many of 100 pairs each score had in the right order, where chance is 50: "
        f"{listed(bars)}.",
        table=_numbers(ranked),
    )


def _title(ranked: pd.DataFrame, event: str) -> str:
    """Say whether the score that the page ranks by beat the best of the simple ones."""
    naive, shown = ranked[ranked["naive"]].iloc[0], ranked[ranked["shown"]].iloc[0]
    floor = f"the {naive['score']} alone"
    if not str(shown["verdict"]).startswith("better"):
        return f"{capitalise(str(shown['score']))} did no better than {floor} at telling which industry {event}"
    right, least = (f"{100 * row['auc']:.0f}" for row in (shown, naive))
    return f"{capitalise(str(shown['score']))} told which industry {event} in {right} of 100 pairs, {floor} in {least}"


def _numbers(ranked: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Score": ranked["score"].map(capitalise),
        "Pairs in the right order (of 100)": (100 * ranked["auc"]).round(1),
        "Lowest": (100 * ranked["lower"]).round(1),
        "Highest": (100 * ranked["upper"]).round(1),
        "Verdict": ranked["verdict"],
    })  # fmt: skip
