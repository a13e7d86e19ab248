"""From gross to net: what of an option's jobs is left when what would happen anyway is taken away."""

from __future__ import annotations

from functools import partial
from typing import Unpack

import pandas as pd

from iitk.charts import theme
from iitk.charts.bars import Bar, bar_chart, listed
from iitk.charts.checks import need_columns
from iitk.charts.figure import Credits, Figure, make
from iitk.model import Badge
from iitk.words import is_missing, number

FEW = 10  # fewer gross and net jobs than this are written with a decimal, so that the steps can be added up
_SAID = {
    "gross": "Gross jobs",
    "deadweight": "Would happen anyway",
    "leakage": "Go to people elsewhere",
    "displacement": "Taken from others here",
    "substitution": "Replace other work",
    "multiplier": "Added by suppliers and spending",
    "net": "Net jobs",
}


def gross_to_net(
    steps: pd.DataFrame,
    *,
    option: str,
    area: str = "the place",
    period: str = "",
    **credit: Unpack[Credits],
) -> Figure:
    """Draw how an option's gross jobs become net ones, step by step.

    Parameters
    ----------
    steps
        One row for each step, in order: `step` (a column, or the name of the index: gross, deadweight, leakage,
        displacement, substitution, multiplier, net), `change` (what the step adds, below 0 where it takes away) and
        `after` (what is left after it); NaN where nobody has estimated it. For gross and net, `change` is not read.
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
    bars = [_bar(str(row["step"]), row["change"], row["after"], int(few)) for row in rows]
    title = f"Net jobs of {option} cannot be said: nobody has estimated them"
    draw, alt_text = None, ""
    if "gross" in known and "net" in known:
        title = _title(known["gross"], known["net"], int(few), area)
        draw = partial(bar_chart, bars, joined=True)
        alt_text = f"Waterfall chart of jobs: {listed(bars)}."
    return make(
        credit,
        key="gross-to-net",
        title=title,
        measure=f"Jobs in place{f' {period}' if period else ''}, {option}: from gross to net, central estimate.",
        draw=draw,
        alt_text=alt_text,
        table=_numbers(steps),
        badge=Badge.MODELLED,
    )


def _bar(step: str, change: float, after: float, decimals: int) -> Bar:
    """Return one step: gross and net stand on 0, each change begins where the step before it ended."""
    if is_missing(after):
        return Bar(_SAID[step], None, "")
    if step in ("gross", "net"):
        tone = theme.BLUE if step == "net" else theme.INK
        return Bar(_SAID[step], float(after), number(after, decimals), tone=tone)
    moved = 0.0 if is_missing(change) else float(change)
    return Bar(_SAID[step], float(after), number(moved, decimals, signed=True), start=float(after) - moved,
               tone=theme.QUIET)  # fmt: skip


def _title(gross: float, net: float, decimals: int, area: str) -> str:
    before, after = (number(value, decimals) for value in (gross, net))
    if gross <= 0 or net < 0:
        return f"{before} gross jobs become {after} net jobs"
    if net > gross:
        return f"{before} gross jobs become {after} net: suppliers and spending add more than is taken away"
    if net == 0:
        return f"Of {before} gross jobs, none is additional to {area}"
    return f"Of {before} gross jobs, {after} {'is' if after == '1' else 'are'} additional to {area}"


def _numbers(steps: pd.DataFrame) -> pd.DataFrame:
    whole = [str(step) in ("gross", "net") for step in steps["step"]]
    return pd.DataFrame({
        "Step": [_SAID[str(step)] for step in steps["step"]],
        "Called": [str(step) for step in steps["step"]],
        "Change (jobs)": steps["change"].astype(float).mask(pd.Series(whole, index=steps.index)),
        "After the step (jobs)": steps["after"].astype(float),
        "reason": ["not a change" if one else "" for one in whole],
    })  # fmt: skip
