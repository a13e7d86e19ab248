"""From gross to net: what of an option's jobs is left when what would happen anyway is taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

import pandas as pd

from iitk.charts import theme
from iitk.charts.bars import Bar, bar_chart, empty_chart
from iitk.charts.checks import need_columns
from iitk.charts.figure import Credits, Figure, make
from iitk.model import Badge
from iitk.words import capitalise, is_missing, join, number

FEW = 10  # fewer gross and net jobs than this are written with a decimal, so that the steps can be added up
_SAID = {
    "gross": "Gross {what}",
    "deadweight": "Would happen anyway",
    "leakage": "Go to people elsewhere",
    "displacement": "Taken from others here",
    "substitution": "Replace other work",
    "multiplier": "Added by suppliers and spending",
    "net": "Net {what}",
}


def gross_to_net(
    steps: pd.DataFrame,
    *,
    option: str,
    area: str = "the place",
    what: str = "jobs",
    period: str = "",
    **credit: Unpack[Credits],
) -> Figure:
    """Draw how an option's gross jobs become net ones, step by step.

    Parameters
    ----------
    steps
        One row for each step, in order: `step` (a column, or the name of the index: gross, deadweight, leakage,
        displacement, substitution, multiplier, net), `change` (what the step adds, below 0 where it takes away) and
        `after` (what is left after it), in `what`; NaN where nobody has estimated it. For gross and net, `change` is
        not read.
    what
        What is counted, in the plural.
    period
        When: "in 2031".

    Returns
    -------
    Figure
        A waterfall. Its badge is "modelled" unless said.
    """
    steps = steps.reset_index() if steps.index.name == "step" else steps
    need_columns(steps, ("step", "change", "after"), "steps from gross to net")
    rows = steps.to_dict("records")
    known = {str(row["step"]): float(row["after"]) for row in rows if not is_missing(row["after"])}
    few = 0 < max((abs(after) for after in known.values()), default=0.0) < FEW
    bars = [_bar(str(row["step"]), row["change"], row["after"], what, int(few)) for row in rows]
    if "gross" in known and "net" in known:
        title = _title(number(known["gross"], int(few)), number(known["net"], int(few)), known, area, what)
        drawn = [bar_chart(bars, narrow=narrow, joined=True) for narrow in (False, True)]
        alt_text = f"Waterfall chart of {what}: {join(f'{bar.name} {bar.text}' for bar in bars)}."
    else:
        title = f"Net {what} of {option} cannot be said: nobody has estimated them"
        drawn = [empty_chart(title + ".", narrow=narrow) for narrow in (False, True)]
        alt_text = title + "."
    credit.setdefault("badge", Badge.MODELLED)
    return make(
        credit,
        key="gross-to-net",
        title=title,
        measure=f"{capitalise(what)} in place{f' {period}' if period else ''}, {option}: from gross to net, central "
        "estimate.",
        chart=drawn[0],
        narrow=drawn[1],
        alt_text=alt_text,
        table=_numbers(steps, what),
    )


def _name(step: str, what: str) -> str:
    return _SAID.get(step, capitalise(step)).format(what=what)


def _bar(step: str, change: float, after: float, what: str, decimals: int) -> Bar:
    """Return one step: gross and net stand on 0, each change begins where the step before it ended."""
    if is_missing(after):
        return Bar(_name(step, what), None, "")
    if step in ("gross", "net"):
        tone = theme.BLUE if step == "net" else theme.INK
        return Bar(_name(step, what), float(after), number(after, decimals), tone=tone)
    moved = 0.0 if is_missing(change) else float(change)
    return Bar(_name(step, what), float(after), number(moved, decimals, signed=True), start=float(after) - moved,
               tone=theme.QUIET)  # fmt: skip


def _title(before: str, after: str, known: Mapping[str, float], area: str, what: str) -> str:
    gross, net = known["gross"], known["net"]
    if gross <= 0 or net < 0:
        return f"{before} gross {what} become {after} net {what}"
    if net > gross:
        return f"{before} gross {what} become {after} net: suppliers and spending add more than is taken away"
    if net == 0:
        return f"Of {before} gross {what}, none is additional to {area}"
    return f"Of {before} gross {what}, {after} {'is' if after == '1' else 'are'} additional to {area}"


def _numbers(steps: pd.DataFrame, what: str) -> pd.DataFrame:
    whole = [str(step) in ("gross", "net") for step in steps["step"]]
    return pd.DataFrame({
        "Step": [_name(str(step), what) for step in steps["step"]],
        "Called": [str(step) for step in steps["step"]],
        f"Change ({what})": steps["change"].astype(float).mask(pd.Series(whole, index=steps.index)),
        f"After the step ({what})": steps["after"].astype(float),
        "reason": ["not a change" if one else "" for one in whole],
    })  # fmt: skip
