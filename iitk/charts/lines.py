"""What line charts share: years and values on a sheet, and the quiet grid behind them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from iitk.charts import theme
from iitk.charts.canvas import Canvas
from iitk.charts.checks import need_columns
from iitk.charts.place import Box
from iitk.charts.scales import nice_steps, year_steps
from iitk.words import is_missing, number


@dataclass(frozen=True, slots=True)
class Plot:
    """A plotting area in px with its years and values."""

    box: Box
    first: int
    last: int
    low: float
    high: float

    def x(self, year: float) -> float:
        """Return the px of a year."""
        return self.box.left + (year - self.first) / max(1, self.last - self.first) * (self.box.right - self.box.left)

    def y(self, value: float) -> float:
        """Return the px of a value."""
        return self.box.bottom - (value - self.low) / (self.high - self.low) * (self.box.bottom - self.box.top)

    def rows(self, line: pd.Series[float], name: str) -> list[dict[str, object]]:
        """Return the points of one line; a missing year breaks it."""
        return [
            {
                "x": self.x(int(str(year))),
                "y": None if is_missing(value) else self.y(float(value)),
                "step": i,
                "line": name,
                "value": None if is_missing(value) else float(value),
            }
            for i, (year, value) in enumerate(line.items())
        ]


def in_order(table: pd.DataFrame, area: str) -> pd.DataFrame:
    """Turn a table of `place`, `year`, `value` into years x places, every year present, the area first.

    Places without any figure are left out, unless it is the area itself.
    """
    need_columns(table, ("place", "year", "value"), "series")
    if table.empty:
        return pd.DataFrame({area: pd.Series(dtype=float)})
    wide = table.pivot(index="year", columns="place", values="value").astype(float)
    wide = wide.reindex(range(int(wide.index.min()), int(wide.index.max()) + 1)).dropna(axis="columns", how="all")
    wide.columns = wide.columns.astype(str)
    if area not in wide.columns:
        wide[area] = float("nan")
    return wide[[area, *(name for name in wide.columns if name != area)]]


def draw_grid(sheet: Canvas, plot: Plot, *, unit: str) -> None:
    """Draw quiet lines with their values at the left, the years below, and the unit above."""
    steps = nice_steps(plot.low, plot.high, most=6)
    rows = [{"x": plot.box.left, "x2": plot.box.right, "y": plot.y(v), "y2": plot.y(v), "value": v} for v in steps]
    sheet.rules(rows, stroke=theme.GRID)
    decimals = max((len(f"{v:.6f}".rstrip("0").split(".")[1]) for v in steps), default=0)
    values = [{"x": plot.box.left - 8, "y": plot.y(v), "text": number(v, decimals)} for v in steps]
    sheet.texts(values, align="right", fill=theme.SOFT)
    sheet.texts([{"x": 1, "y": 11, "text": unit}], fill=theme.SOFT)
    ticks = year_steps(plot.first, plot.last, width=plot.box.right - plot.box.left)
    written = [{"x": plot.x(year), "y": plot.box.bottom + 18, "text": str(year)} for year in ticks]
    sheet.texts(written, align="center", fill=theme.SOFT)
