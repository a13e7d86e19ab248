"""The same choice as an analyst writes it: scipy's solver on tables, and a notebook with a slider for stock Voila.

Nothing of iitk is used: this very file is the notebook's cell. Its page has fewer parts than ours (no ranges, no
members who disagree, nothing that follows in other places); its charts are drawn by the same engine.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

Floats = npt.NDArray[np.float64]
AIMS = ("group", "npsv", "net_jobs")
MILLION = 1e6


def best(values: Floats, costs: Floats, money: Floats, limits: tuple[Floats, Floats, Floats]) -> npt.NDArray[np.bool_]:
    """Which options bring most value within the money (by kind and year) and the limits; none if nothing fits."""
    rules = [LinearConstraint(costs.T, ub=money), LinearConstraint(*limits)]
    found = milp(-values, integrality=np.ones(len(values)), bounds=Bounds(0, 1), constraints=rules)
    return np.zeros(len(values), dtype=bool) if found.x is None else np.asarray(found.x > 0.5)


def app(folder: Path) -> None:
    """A slider for the money; below it three portfolios, what is spent when, and who pays."""
    import altair as alt
    import ipywidgets as widgets
    from IPython.display import HTML, display

    alt.renderers.enable("svg")
    options = pd.read_csv(folder / "options.csv", index_col="option")
    money = pd.read_csv(folder / "money.csv", index_col="budget")["pounds"]
    rules = pd.read_csv(folder / "limits.csv")
    payers = [name for name in options.columns if name not in (*AIMS, *money.index)]
    limits = rules[list(options.index)].to_numpy(), rules["low"].to_numpy(), rules["high"].to_numpy()

    def draw(percent: int) -> None:
        there = money * percent / 100
        chosen = {
            aim: best(options[aim].to_numpy(), options[list(money.index)].to_numpy(), there.to_numpy(), limits)
            for aim in AIMS
        }
        ours = options[chosen["group"]]
        sums = pd.DataFrame({aim: options.loc[funded, list(AIMS)].sum() for aim, funded in chosen.items()}).T
        names = pd.Series({aim: ", ".join(options.index[funded]) for aim, funded in chosen.items()}, name="options")
        said = f"{len(ours)} options: {ours['net_jobs'].sum():,.0f} net jobs"
        display(HTML(f'<p class="said" data-money="{percent}">{said}</p>'), sums.round(1).join(names))  # type: ignore[no-untyped-call]
        display(spending(ours, there), funders(options, chosen, payers))  # type: ignore[no-untyped-call]

    def spending(ours: pd.DataFrame, there: pd.Series) -> Any:
        spent = ours[there.index].sum()
        rows = pd.DataFrame({"spend": spent / MILLION, "money": there / MILLION}).reset_index(names="of")
        rows[["kind", "year"]] = rows["of"].str.split(expand=True)
        bars = alt.Chart(rows).mark_bar().encode(x="year:O", y=alt.Y("spend:Q", title="£ million"))
        marks = alt.Chart(rows).mark_tick(color="black", width=20).encode(x="year:O", y="money:Q")
        return (bars + marks).facet("kind:N")

    def funders(options: pd.DataFrame, chosen: dict[str, Any], payers: list[str]) -> Any:
        rows = pd.DataFrame({aim: options.loc[funded, payers].sum() / MILLION for aim, funded in chosen.items()})
        long = rows.rename_axis("payer").reset_index().melt("payer", var_name="portfolio", value_name="pounds")
        shown = alt.X("pounds:Q", title="£ million")
        return alt.Chart(long).mark_bar().encode(x=shown, y="portfolio:N", color="payer:N")

    slider = widgets.IntSlider(100, 40, 150, 5, description="Money, %", continuous_update=False)
    widgets.interact(draw, percent=slider)
