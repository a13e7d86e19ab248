"""How much of the area's economy each sector lens holds, and how much of that the industries can show."""

from __future__ import annotations

from functools import partial
from typing import Any, Unpack

import pandas as pd

from iitk.charts.bars import Bar, bar_chart, listed
from iitk.charts.checks import need_columns
from iitk.charts.figure import Credits, Figure, make
from iitk.model import Badge
from iitk.words import capitalise, count, in_prose, in_sentence, is_missing, percent, times

_OF = "value added (GVA)"
RESOLVED = 0.5  # share of a lens that the industries must show before it is said to stand out


def lens_bars(
    table: pd.DataFrame,
    *,
    area: str,
    comparator: str = "UK",
    title_list: str = "the sector lenses",
    **credit: Unpack[Credits],
) -> Figure:
    """Draw the share of each sector lens in the area's economy beside its share in the comparator.

    Parameters
    ----------
    table
        One row for each lens: `name`, `share` and `reference_share` (shares of the published total, 0 to 1, in the
        area and in the comparator; NaN where missing). Optional: `least` (share of the industries that lie wholly in
        the lens) and `most` (share of all industries that it touches), between which the truth lies; `gbp_m`;
        `resolved_share` (part of the lens that the industries can show at all, 0 to 1); `missing_industries` (text);
        `year`.
    title_list
        Which list of lenses this is, for the measure.

    Returns
    -------
    Figure
        Solid bar: certain. Dashed outline: estimated by how these industries split in the UK. Grey line: from the
        least to the most that it can be. Orange tick: the comparator. Its badge is "modelled" unless said.
    """
    need_columns(table, ("name", "share", "reference_share"), "sector lenses")
    shown = table.sort_values("share", ascending=False, na_position="last", kind="stable")
    bars = [_bar(row, comparator) for row in shown.to_dict("records")]
    known = shown.dropna(subset=["share"])
    title = f"How much of {_economy(area)} lies in {title_list} cannot be said: no figures are available"
    if len(known):
        title = _title(known, area, comparator)
    when = _year(table)
    places = f"{in_prose(area)} and {in_prose(comparator)}"
    return make(
        credit,
        key="lenses",
        title=title,
        measure=f"Share of {_OF} in {title_list}, {area}{f', {when}' if when else ''}. Orange tick: {comparator}.",
        draw=partial(bar_chart, bars) if len(known) else None,
        alt_text=f"Bar chart of the share of {_OF} in {title_list}, {places}: {listed(bars)}.",
        table=_numbers(shown, area, comparator),
        notes=_notes(shown),
        badge=Badge.MODELLED,
    )


def _economy(area: str) -> str:
    """Write "the economy of Leeds"."""
    return f"the economy of {in_prose(area)}"


def _bar(row: dict[Any, Any], comparator: str) -> Bar:
    """Return one lens as a bar; shares are drawn in %."""
    share, least, most = row["share"], row.get("least"), row.get("most")
    text = percent(share, 1)
    mark = None
    if not is_missing(row["reference_share"]):
        mark = 100 * float(row["reference_share"])
        text += f" ({comparator} {percent(row['reference_share'], 1)})"
    if is_missing(share):
        return Bar(str(row["name"]), None, text, mark=mark)
    known = not (is_missing(least) or is_missing(most))
    return Bar(
        str(row["name"]),
        100 * float(share),
        text,
        solid=100 * float(least) if known else None,  # type: ignore[arg-type]
        lower=100 * float(least) if known else None,  # type: ignore[arg-type]
        upper=100 * float(most) if known else None,  # type: ignore[arg-type]
        mark=mark,
    )


def _title(known: pd.DataFrame, area: str, comparator: str) -> str:
    """Name the largest lens, and the one that stands out most of those that the figures resolve by half or more."""
    largest = known.iloc[0]
    says = f"{capitalise(in_sentence(str(largest['name'])))} is {percent(largest['share'])} of {_economy(area)}"
    against = known[known["reference_share"] > 0]
    if "resolved_share" in against:
        against = against[against["resolved_share"] >= RESOLVED]
    if against.empty:
        return says
    ratio = against["share"] / against["reference_share"]
    lead = against.iloc[int(ratio.to_numpy().argmax())]
    if ratio.max() < 1.1:
        return f"{says}; no lens stands out against {in_prose(comparator)}"
    size = f"{times(ratio.max())} its share in {in_prose(comparator)}"
    if lead["name"] == largest["name"]:
        return f"{says}, {size}"
    return f"{says}; {in_sentence(str(lead['name']))} stands out most, at {size}"


def _notes(table: pd.DataFrame) -> str:
    """Explain how the bar is drawn, and how much of the lenses no industry group can show."""
    parts = []
    if {"least", "most"} <= set(table.columns):
        parts.append(
            "Solid: industries wholly inside the lens. Dashed: estimated from how mixed industries split in the UK. "
            "Grey line: the least and the most that it can be."
        )
    if missing := int(table["share"].isna().sum()):
        parts.append(f"{capitalise(count(missing, 'lens', 'lenses'))} could not be measured: see the numbers.")
    parts.append("Lenses overlap: do not add them up.")
    return " ".join(parts)


def _year(table: pd.DataFrame) -> str:
    """Return the year of the figures where the table has one."""
    found = sorted({int(year) for year in table["year"].dropna()}) if "year" in table.columns else []
    return f"{found[0]}" if len(found) == 1 else f"{found[0]} to {found[-1]}" if found else ""


def _numbers(table: pd.DataFrame, area: str, comparator: str) -> pd.DataFrame:
    shares = {
        f"Share in {area} (%)": "share",
        "At least (%)": "least",
        "At most (%)": "most",
        f"Share in {comparator} (%)": "reference_share",  # the only one where the area is its own comparator
        "Part of the lens that the industries can show (%)": "resolved_share",
    }
    shown = pd.DataFrame({"Lens": table["name"]})
    shown = shown.assign(**{head: table[name] * 100 for head, name in shares.items() if name in table.columns})
    if "gbp_m" in table.columns:
        shown["Value added (£m, current prices)"] = table["gbp_m"]
    if "missing_industries" in table.columns:
        shown["reason"] = [f"missing: {text}" if text else "" for text in table["missing_industries"].fillna("")]
    return shown
