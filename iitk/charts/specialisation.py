"""What the area does more of than others: bars of location quotients."""

from __future__ import annotations

from functools import partial
from typing import Any, Unpack

import pandas as pd

from iitk.charts.bars import Bar, Reference, bar_chart, listed
from iitk.charts.checks import need_columns, short_names
from iitk.charts.figure import Credits, Figure, make
from iitk.charts.tables import headed
from iitk.words import capitalise, count, in_prose, in_sentence, is_missing, number, times


def specialisation_bars(
    table: pd.DataFrame,
    *,
    area: str,
    comparator: str = "UK",
    period: str,
    band: str = "",
    top: int = 10,
    by: str = "lq",
    **credit: Unpack[Credits],
) -> Figure:
    """Draw the industries that weigh most here against their weight in the comparator.

    Parameters
    ----------
    table
        One row for each industry: `industry` (name in full), `lq` (location quotient, a ratio; NaN where it cannot
        be had). Optional: `short_name`, `lower` and `upper` (range of doubt), `reason` (why lq is missing), and
        any of `current_gbp_m` (value added, £m), `jobs`.
    area, comparator
        Their names.
    period
        The year, or years, of the figures: "2023".
    band
        What the range of doubt is: "range 2019 to 2023".
    top
        How many industries are shown, from the highest quotient down.
    by
        Another column whose largest figures decide which industries are shown, and in which order.

    Returns
    -------
    Figure
        Bars from 0, a dashed line at 1 (the comparator's share), the doubt as a grey line with caps.

    Raises
    ------
    MissingColumnsError
        If `industry` or `lq` is absent.
    """
    need_columns(table, ("industry", "lq"), "specialisation")
    known = table.dropna(subset=["lq"]).nlargest(top, by, keep="first")
    missing = int(table["lq"].isna().sum())
    which = "highest" if by == "lq" else "largest"
    title = f"{capitalise(in_prose(area))} cannot be compared with {in_prose(comparator)}: no figures are available"
    draw, alt_text = None, ""
    if len(known):
        among = "" if by == "lq" else f"Of its {count(len(known), 'largest industry', 'largest industries')}, "
        title = _title(known.nlargest(1, "lq"), area, comparator, among)
        bars = [_bar(row, name) for row, name in zip(known.to_dict("records"), short_names(known), strict=True)]
        draw = partial(bar_chart, bars, reference=Reference(1.0, f"{comparator} = 1"))
        alt_text = (
            f"Bar chart of location quotients in {in_prose(area)}, {period}, where 1 is the share in "
            f"{in_prose(comparator)}: {listed(bars)}."
        )
    return make(
        credit,
        key="specialisation",
        title=title,
        measure=_measure(known, area=area, comparator=comparator, period=period, band=band, which=which),
        draw=draw,
        alt_text=alt_text,
        table=headed(table.sort_values(by, ascending=False, na_position="last"), _heads(comparator)),
        notes=f"{count(missing, 'industry', 'industries')} could not be compared: see the numbers." if missing else "",
    )


def _bar(row: dict[Any, Any], name: str) -> Bar:
    return Bar(name, row["lq"], number(row["lq"], 2), lower=row.get("lower"), upper=row.get("upper"))


def _title(highest: pd.DataFrame, area: str, comparator: str, among: str) -> str:
    """Say the highest quotient among those shown, and whether its doubt reaches below the comparator's share."""
    lead, industry, other = highest.iloc[0], in_sentence(short_names(highest)[0]), in_prose(comparator)
    here = f"{among}{in_prose(area)}" if among else capitalise(in_prose(area))
    if lead["lq"] < 1.05:
        return f"{here} is no more specialised than {other} in any{'' if among else ' industry'}"
    says = f"{here} is {times(lead['lq'])} as specialised in {industry} as {other}"
    if among:
        says = f"{here} is most specialised in {industry}: {times(lead['lq'])} as much as {other}"
    below = not is_missing(lead.get("lower")) and lead["lower"] < 1
    return says + (", though its range reaches below 1" if below else "")


def _measure(known: pd.DataFrame, *, area: str, comparator: str, period: str, band: str, which: str) -> str:
    ranged = {"lower", "upper"} <= set(known) and known[["lower", "upper"]].notna().any().all()
    doubt = f" Grey line: {band or 'range of doubt'}." if ranged else ""
    many = f"{len(known)} {which} industries" if len(known) > 1 else "one industry"
    return f"Location quotient of value added (GVA), {many}, {area}, {period}; {comparator} = 1.{doubt}"


def _heads(comparator: str) -> dict[str, str]:
    """Return the heads of the table, with their units."""
    return {
        "industry": "Industry",
        "lq": f"Location quotient ({comparator} = 1)",
        "lower": "Lowest in the range",
        "upper": "Highest in the range",
        "current_gbp_m": "Value added (£m, current prices)",
        "jobs": "Jobs",
        "reason": "reason",
    }
