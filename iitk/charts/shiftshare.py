"""What growth came from: the three effects of a shift-share analysis, and the industries behind the local one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Unpack

import pandas as pd

from iitk.charts import theme
from iitk.charts.bars import Bar, bar_chart, listed
from iitk.charts.checks import need_columns, short_names
from iitk.charts.figure import Credits, Figure, make
from iitk.charts.tables import headed
from iitk.words import capitalise, count, in_prose, in_sentence, is_missing, money_gbp, possessive

_NOTE = "The local part is what the other two do not explain: it is a question to ask, not a cause."
_EFFECTS = ("national", "mix", "local")
_HEADS = {
    "industry": "Industry",
    "change": "Change (£m)",
    "national": "National effect (£m)",
    "mix": "Mix effect (£m)",
    "local": "Local effect (£m)",
    "reason": "reason",
}
_signed = partial(money_gbp, signed=True)


def shift_share_waterfall(
    effects: pd.DataFrame,
    *,
    area: str,
    comparator: str = "UK",
    period: str,
    of: str = "value added in real terms",
    **credit: Unpack[Credits],
) -> Figure:
    """Draw how an area's change adds up: growth at the comparator's pace, its mix of industries, and the rest, local.

    Parameters
    ----------
    effects
        One row for each industry, in £m: `national`, `mix` and `local`, and optionally `change`, which must be their
        sum. The sums over all industries are drawn; one that lacks a figure is left out of all of them, or they would
        not close.
    of
        What changed.

    Raises
    ------
    MissingColumnsError
        If an effect is absent.
    ValueError
        If the effects do not add up to the change (to a thousandth).
    """
    need_columns(effects, _EFFECTS, "shift-share effects")
    whole = effects[[*_EFFECTS, *(["change"] if "change" in effects else [])]].dropna()
    sums = {name: float(whole[name].sum(min_count=1)) for name in whole.columns}
    parts = {name: sums[name] for name in _EFFECTS}
    change, left_out = sum(parts.values()), len(effects) - len(whole)
    stated = sums.get("change", change)
    if abs(stated - change) > 1e-3 * max(1.0, *map(abs, parts.values())):
        raise ValueError(f"The effects add up to {change:,.3f}, but the change is {stated:,.3f}: pass all industries.")
    title = f"What the growth of {in_prose(area)} came from cannot be said: no figures are available"
    draw = None
    if not is_missing(change):
        title = _title(parts["local"], area, comparator)
        draw = partial(bar_chart, _steps(parts, change, comparator), joined=True)
    written = {name: _signed(part) for name, part in parts.items()}
    return make(
        credit,
        key="shift-share",
        title=title,
        measure=f"Change in {of} (£m), {area}, {period}; shift-share against {in_prose(comparator)}.",
        draw=draw,
        alt_text=f"Waterfall chart of the change in {of} in {in_prose(area)}, {period}: at {possessive(comparator)} "
        f"pace {written['national']}, from its mix of industries {written['mix']}, from local differences "
        f"{written['local']}, together {_signed(change)}.",
        table=_table(parts, change, comparator),
        notes=_NOTE + (f" {count(left_out, 'industry', 'industries')} could not be split." if left_out else ""),
    )


def _title(local: float, area: str, comparator: str) -> str:
    if local == 0:
        return f"{capitalise(in_prose(area))} grew just as its industries did in {in_prose(comparator)}"
    size = money_gbp(abs(local))
    word = "more" if local > 0 else "less"
    here, pace = capitalise(in_prose(area)), possessive(comparator)
    return f"{here} grew {size} {word} than {pace} pace and its mix of industries explain"


def _steps(parts: Mapping[str, float], change: float, comparator: str) -> list[Bar]:
    """Return the waterfall: each effect begins where the one before ended; the last bar is the whole change."""
    first, second = parts["national"], parts["national"] + parts["mix"]
    return [
        Bar(f"At {possessive(comparator)} pace", first, _signed(first), tone=theme.QUIET),
        Bar("Its mix of industries", second, _signed(parts["mix"]), start=first, tone=theme.QUIET),
        Bar("Local differences", change, _signed(parts["local"]), start=second, tone=theme.BLUE),
        Bar("Change in all", change, _signed(change), tone=theme.INK),
    ]


def _table(parts: Mapping[str, float], change: float, comparator: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Effect": ["National", "Mix", "Local", "Change in all"],
            "What it is": [
                f"Change if every industry here had grown as {possessive(comparator)} whole economy did",
                f"Because the industries here grew faster or slower in {in_prose(comparator)} than its whole economy",
                "Because industries here grew faster or slower than the same industries there",
                "The three together",
            ],
            "Change (£m)": [parts["national"], parts["mix"], parts["local"], change],
        }
    )


def local_effect_bars(
    table: pd.DataFrame,
    *,
    area: str,
    comparator: str = "UK",
    period: str,
    of: str = "value added in real terms",
    top: int = 5,
    **credit: Unpack[Credits],
) -> Figure:
    """Draw the industries whose local effect was largest, up and down.

    Parameters
    ----------
    table
        One row for each industry: `industry`, `local` (in £m; NaN where missing). Optional: `short_name`,
        `change`, `national`, `mix`, `reason`.
    top
        How many industries are shown at each end.
    """
    need_columns(table, ("industry", "local"), "local effects")
    known = table.dropna(subset=["local"]).sort_values("local", ascending=False, kind="stable")
    gains, losses = known[known["local"] > 0].head(top), known[known["local"] < 0].tail(top)
    shown = pd.concat([gains, losses])
    title = f"Local effects by industry in {in_prose(area)}: no figures are available"
    draw, alt_text = None, ""
    if len(shown):
        title = _local_title(gains, losses, area, comparator)
        bars = [
            Bar(name, value, _signed(value), tone=theme.BLUE if value > 0 else theme.QUIET)
            for name, value in zip(short_names(shown), shown["local"], strict=True)
        ]
        draw = partial(bar_chart, bars)
        alt_text = f"Bar chart of local effects in {in_prose(area)}, {period}: {listed(bars)}."
    missing = int(table["local"].isna().sum())
    return make(
        credit,
        key="local-effects",
        title=title,
        measure=f"Local effect on the change in {of} (£m), largest up and down, {area}, {period}; shift-share "
        f"against {in_prose(comparator)}.",
        draw=draw,
        alt_text=alt_text,
        table=headed(table.sort_values("local", ascending=False, na_position="last", kind="stable"), _HEADS),
        notes=f"{count(missing, 'industry', 'industries')} could not be split: see the numbers." if missing else "",
    )


def _local_title(gains: pd.DataFrame, losses: pd.DataFrame, area: str, comparator: str) -> str:
    """Name the industry that did best and the one that did worst against itself in the comparator."""
    best = in_sentence(short_names(gains)[0]) if len(gains) else ""
    worst = in_sentence(short_names(losses)[-1]) if len(losses) else ""
    here = f"Against the same industries in {in_prose(comparator)}, {in_prose(area)}"
    if best:
        return f"{here} gained most in {best} and lost {f'most in {worst}' if worst else 'in none'}"
    return f"{here} lost most in {worst} and gained in none"
