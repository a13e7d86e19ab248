"""What growth came from: the three effects of a shift-share analysis, and the industries behind the local one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

import pandas as pd

from iitk.charts import theme
from iitk.charts.bars import Bar, bar_chart, empty_chart
from iitk.charts.checks import need_columns, short_name, short_names
from iitk.charts.figure import Credits, Figure, make
from iitk.errors import MissingColumnsError
from iitk.words import capitalise, count, in_prose, in_sentence, is_missing, join, money_gbp, number, possessive

_NOTE = "The local part is what the other two do not explain: it is a question to ask, not a cause."
_EFFECTS = ("national", "mix", "local")


def amount(value: float | None, unit: str) -> str:
    """Write a change in money ("£m", "£", "£bn") or in a count ("jobs"), with its sign."""
    if unit.startswith("£"):
        return money_gbp(value, unit[1:], signed=True)
    return f"{number(value, signed=True)} {unit}" if not is_missing(value) else number(value)


def shift_share_waterfall(
    effects: pd.DataFrame | pd.Series[float] | Mapping[str, float],
    *,
    area: str,
    comparator: str = "UK",
    period: str,
    unit: str = "£m",
    of: str = "value added in real terms",
    **credit: Unpack[Credits],
) -> Figure:
    """Draw how an area's change adds up: growth at the comparator's pace, its mix of industries, and the rest, local.

    Parameters
    ----------
    effects
        `national`, `mix` and `local`, and optionally `change`, which must be their sum; either one figure for each,
        or a table with one row for each industry and these columns, whose sums are drawn.
    unit
        "£m" (as the GVA tables), "£", "£bn", or a noun such as "jobs".
    of
        What changed.

    Raises
    ------
    MissingColumnsError
        If an effect is absent.
    ValueError
        If the effects do not add up to the change (to a thousandth).
    """
    parts, stated, left_out = _sums(effects)
    change = sum(parts.values())
    if (
        stated is not None
        and not is_missing(change)
        and abs(stated - change) > 1e-3 * max(1.0, *(abs(part) for part in parts.values()))
    ):
        raise ValueError(f"The effects add up to {change:,.3f}, but the change is {stated:,.3f}: pass all industries.")
    if is_missing(change):
        title = f"What the growth of {in_prose(area)} came from cannot be said: no figures are available"
        drawn = [empty_chart(title + ".", narrow=narrow) for narrow in (False, True)]
    else:
        title = _title(parts["local"], area, comparator, unit)
        bars = _steps(parts, change, comparator, unit)
        drawn = [bar_chart(bars, narrow=narrow, joined=True) for narrow in (False, True)]
    written = {name: amount(part, unit) for name, part in parts.items()}
    alt_text = (
        f"Waterfall chart of the change in {of} in {in_prose(area)}, {period}: at {possessive(comparator)} pace "
        f"{written['national']}, from its mix of industries {written['mix']}, from local differences "
        f"{written['local']}, together {amount(change, unit)}."
    )
    return make(
        credit,
        key="shift-share",
        title=title,
        measure=f"Change in {of} ({unit}), {area}, {period}; shift-share against {in_prose(comparator)}.",
        chart=drawn[0],
        narrow=drawn[1],
        alt_text=alt_text,
        table=_table(parts, change, comparator, unit),
        notes=_NOTE + (f" {count(left_out, 'industry', 'industries')} could not be split." if left_out else ""),
    )


def _sums(effects: pd.DataFrame | pd.Series[float] | Mapping[str, float]) -> tuple[dict[str, float], float | None, int]:
    """Return the three effects, the change if it was given, and how many industries had to be left out.

    In a table, an industry that lacks one of its figures is left out of all sums, or they would not close.
    """
    if missing := [name for name in _EFFECTS if name not in effects]:
        raise MissingColumnsError(missing, list(effects.keys()), table="shift-share effects")
    columns = [*_EFFECTS, *(["change"] if "change" in effects else [])]
    if not isinstance(effects, pd.DataFrame):
        given = {name: float(effects[name]) for name in columns}
        return {name: given[name] for name in _EFFECTS}, given.get("change"), 0
    whole = effects[columns].dropna()
    sums = {name: float(whole[name].sum(min_count=1)) for name in columns}
    return {name: sums[name] for name in _EFFECTS}, sums.get("change"), len(effects) - len(whole)


def _title(local: float, area: str, comparator: str, unit: str) -> str:
    if local == 0:
        return f"{capitalise(in_prose(area))} grew just as its industries did in {in_prose(comparator)}"
    size = amount(abs(local), unit).removeprefix("+")
    word = "more" if local > 0 else "less"
    here, pace = capitalise(in_prose(area)), possessive(comparator)
    return f"{here} grew {size} {word} than {pace} pace and its mix of industries explain"


def _steps(parts: Mapping[str, float], change: float, comparator: str, unit: str) -> list[Bar]:
    """Return the waterfall: each effect begins where the one before ended; the last bar is the whole change."""
    first, second = parts["national"], parts["national"] + parts["mix"]
    return [
        Bar(f"At {possessive(comparator)} pace", first, amount(first, unit), tone=theme.QUIET),
        Bar("Its mix of industries", second, amount(parts["mix"], unit), start=first, tone=theme.QUIET),
        Bar("Local differences", change, amount(parts["local"], unit), start=second, tone=theme.BLUE),
        Bar("Change in all", change, amount(change, unit), tone=theme.INK),
    ]


def _table(parts: Mapping[str, float], change: float, comparator: str, unit: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Effect": ["National", "Mix", "Local", "Change in all"],
            "What it is": [
                f"Change if every industry here had grown as {possessive(comparator)} whole economy did",
                f"Because the industries here grew faster or slower in {in_prose(comparator)} than its whole economy",
                "Because industries here grew faster or slower than the same industries there",
                "The three together",
            ],
            f"Change ({unit})": [parts["national"], parts["mix"], parts["local"], change],
        }
    )


def local_effect_bars(
    table: pd.DataFrame,
    *,
    area: str,
    comparator: str = "UK",
    period: str,
    unit: str = "£m",
    of: str = "value added in real terms",
    top: int = 5,
    **credit: Unpack[Credits],
) -> Figure:
    """Draw the industries whose local effect was largest, up and down.

    Parameters
    ----------
    table
        One row for each industry: `industry`, `local` (in `unit`; NaN where missing). Optional: `short_name`,
        `change`, `national`, `mix`, `reason`.
    top
        How many industries are shown at each end.
    """
    need_columns(table, ("industry", "local"), "local effects")
    known = table.dropna(subset=["local"]).sort_values("local", ascending=False, kind="stable")
    gains, losses = known[known["local"] > 0].head(top), known[known["local"] < 0].tail(top)
    shown = pd.concat([gains, losses])
    if shown.empty:
        title = f"Local effects by industry in {in_prose(area)}: no figures are available"
        drawn = [empty_chart(title + ".", narrow=narrow) for narrow in (False, True)]
        alt_text = title + "."
    else:
        bars = [
            Bar(name, value, amount(value, unit), tone=theme.BLUE if value > 0 else theme.QUIET)
            for name, value in zip(short_names(shown), shown["local"], strict=True)
        ]
        title = _local_title(gains, losses, area, comparator)
        drawn = [bar_chart(bars, narrow=narrow) for narrow in (False, True)]
        listed = join(f"{bar.name} {bar.text}" for bar in bars)
        alt_text = f"Bar chart of local effects in {in_prose(area)}, {period}: {listed}."
    missing = int(table["local"].isna().sum())
    return make(
        credit,
        key="local-effects",
        title=title,
        measure=f"Local effect on the change in {of} ({unit}), largest up and down, {area}, {period}; shift-share "
        f"against {in_prose(comparator)}.",
        chart=drawn[0],
        narrow=drawn[1],
        alt_text=alt_text,
        table=_local_table(table, unit),
        notes=f"{count(missing, 'industry', 'industries')} could not be split: see the numbers." if missing else "",
    )


def _local_title(gains: pd.DataFrame, losses: pd.DataFrame, area: str, comparator: str) -> str:
    """Name the industry that did best and the one that did worst against itself in the comparator."""
    best = in_sentence(short_name(gains.iloc[0])) if len(gains) else ""
    worst = in_sentence(short_name(losses.iloc[-1])) if len(losses) else ""
    here, there = in_prose(area), in_prose(comparator)
    if best and worst:
        return f"Against the same industries in {there}, {here} gained most in {best} and lost most in {worst}"
    if best:
        return f"Against the same industries in {there}, {here} gained most in {best} and lost in none"
    return f"Against the same industries in {there}, {here} lost most in {worst} and gained in none"


def _local_table(table: pd.DataFrame, unit: str) -> pd.DataFrame:
    heads = {
        "industry": "Industry",
        "change": f"Change ({unit})",
        "national": f"National effect ({unit})",
        "mix": f"Mix effect ({unit})",
        "local": f"Local effect ({unit})",
        "reason": "reason",
    }
    ordered = table.sort_values("local", ascending=False, na_position="last", kind="stable")
    return ordered[[name for name in heads if name in ordered.columns]].rename(columns=heads)
