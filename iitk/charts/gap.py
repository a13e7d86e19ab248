"""What a productivity gap is made of: the mix of industries, and how productive each of them is."""

from __future__ import annotations

from functools import partial
from typing import Unpack

import pandas as pd

from iitk.charts import theme
from iitk.charts.bars import Bar, bar_chart, listed
from iitk.charts.checks import need_columns, short_names
from iitk.charts.figure import Credits, Figure, make
from iitk.charts.tables import headed
from iitk.words import capitalise, in_prose, money_gbp

_TOP = 5  # industries shown at each end, under the three sums
_OF = "value added a job"
_HEADS = {
    "industry": "Industry",
    "mix": "From the mix (£ a job)",
    "within": "From within (£ a job)",
    "total": "Both (£ a job)",
    "reason": "reason",
}


def productivity_gap_bars(
    table: pd.DataFrame, *, area: str, comparator: str = "UK", period: str, **credit: Unpack[Credits]
) -> Figure:
    """Draw which industries make an area's productivity differ from the comparator's.

    Parameters
    ----------
    table
        One row for each industry: `industry`, and in £ a job `mix` (because the industry has more or fewer of the
        jobs), `within` (because its jobs produce more or less) and `total` (both). Optional: `short_name`, `reason`.
        The sum of `total` is the whole gap.
    """
    need_columns(table, ("industry", "mix", "within", "total"), "productivity gap")
    known = table.dropna(subset=["total"]).sort_values("total", ascending=False, kind="stable")
    sums = {name: float(known[name].sum()) for name in ("mix", "within", "total")}
    title = f"What {in_prose(area)} produces a job cannot be compared: no figures are available"
    draw, alt_text = None, ""
    if len(known):
        title = _title(sums, area, comparator)
        bars = _bars(known, sums)
        draw = partial(bar_chart, bars)
        places = f"{in_prose(area)} and {in_prose(comparator)}"
        alt_text = f"Bar chart of the difference in {_OF} between {places}: {listed(bars)}."
    return make(
        credit,
        key="productivity-gap",
        title=title,
        measure=f"Difference in {_OF} (£), {area} less {comparator}, {period}: in all, its two parts, industries.",
        draw=draw,
        alt_text=alt_text,
        table=headed(table.sort_values("total", na_position="last", kind="stable"), _HEADS),
    )


def _bars(known: pd.DataFrame, sums: dict[str, float]) -> list[Bar]:
    """Return the three sums, then the industries that add and take away most."""
    heads = {"total": "Difference in all", "mix": "Mix of industries", "within": "Within industries"}
    bars = [
        Bar(name, sums[key], _pounds(sums[key]), tone=theme.INK if key == "total" else theme.BLUE)
        for key, name in heads.items()
    ]
    shown = pd.concat([known[known["total"] > 0].head(_TOP), known[known["total"] < 0].tail(_TOP)])
    industries = [
        Bar(name, float(value), _pounds(float(value)), tone=theme.QUIET, above=18.0 if place == 0 else 0.0)
        for place, (name, value) in enumerate(zip(short_names(shown), shown["total"], strict=True))
    ]
    return bars + industries


def _pounds(value: float) -> str:
    """Write a difference in whole pounds."""
    return money_gbp(round(value), unit="", signed=True)


def _title(sums: dict[str, float], area: str, comparator: str) -> str:
    """Say the gap and which of its parts weighs more."""
    size = money_gbp(abs(round(sums["total"])), unit="")
    if round(sums["total"]) == 0:
        return f"A job in {in_prose(area)} produces as much as one in {in_prose(comparator)}"
    word = "more" if sums["total"] > 0 else "less"
    part = "within" if abs(sums["within"]) >= abs(sums["mix"]) else "mix"
    where = "within industries" if part == "within" else "from the mix of industries"
    same = sums[part] * sums["total"] > 0
    said = f"A job in {in_prose(area)} produces {size} {word} than in {in_prose(comparator)}"
    return capitalise(said + (f", mostly {where}" if same else ""))
