"""A figure: a chart with everything that a reader may need in place of seeing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Required, TypedDict

import pandas as pd

from iitk.charts import svg, theme
from iitk.charts.canvas import Canvas, empty_chart
from iitk.charts.tables import table_html
from iitk.model import Badge
from iitk.words import escape

if TYPE_CHECKING:
    import altair as alt

# The drawing that fits the room it is given, not the window: a chart beside a prompt has less room than the page.
# From 620 px on, the wide drawing's 16 px text is shown at 13 px or more; below that the narrow one is.
STYLE = (
    ".figure .drawing{container-type:inline-size}"
    ".figure .drawing>.wide{display:none}.figure .drawing>.narrow{display:block;min-width:278px}"
    ".figure .drawing svg{display:block;width:100%;height:auto}"
    f".figure .drawing>.wide>svg{{max-width:{theme.WIDE + 60:.0f}px}}"
    f".figure .drawing>.narrow>svg{{max-width:{theme.NARROW + 60:.0f}px}}"
    "@container (min-width:620px){.figure .drawing>.wide{display:block}.figure .drawing>.narrow{display:none}}"
    ".figure .scroll{overflow-x:auto}.figure table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    ".figure table th,.figure table td{text-align:left;padding:4px 8px;vertical-align:top}"
    ".figure table .number{text-align:right}.figure caption{text-align:left}"
)


class Credits(TypedDict, total=False):
    """What every chart function takes besides its figures."""

    source: Required[str]  # "[publication] from the [organisation]"
    badge: Badge  # what the chart function says it is unless said
    notes: str  # one or two sentences under the chart
    provenance: Sequence[str]  # lines for "Where does this come from?"
    key: str  # name of the figure within its page
    title: str  # a finding to use in place of the computed one
    measure: str  # a subtitle to use in place of the computed one


@dataclass(frozen=True, eq=False, repr=False)
class Figure:
    """A chart, drawn wide and narrow, with its finding, its measure, its words, its numbers and where they come from.

    `table` holds the figures of the chart with the units in its column names; a column named "reason" says why a
    row's numbers are missing. Two figures are the same only if they are the same object.
    """

    key: str
    title: str  # the finding, as a sentence without full stop
    measure: str  # what is measured, where and when
    chart: alt.TopLevelMixin
    narrow: alt.TopLevelMixin
    alt_text: str
    table: pd.DataFrame
    source: str
    badge: Badge = Badge.OBSERVED
    notes: str = ""
    provenance: tuple[str, ...] = ()
    _drawn: dict[bool, str] = field(default_factory=dict, init=False, repr=False)

    def __repr__(self) -> str:
        """Return its name and finding: what an executed notebook keeps beside the drawing."""
        return f"<Figure {self.key}: {self.title}>"

    def svg(self, narrow: bool = False) -> str:
        """Return the drawing as inline SVG. Drawn once, then kept."""
        if narrow not in self._drawn:
            self._drawn[narrow] = svg.draw(self.narrow if narrow else self.chart, label=self.alt_text)
        return self._drawn[narrow]

    def png(self, *, narrow: bool = False, scale: float = 2) -> bytes:
        """Return the drawing as PNG on white, for documents and slides."""
        return svg.png(self.narrow if narrow else self.chart, scale=scale)

    def _repr_html_(self) -> str:
        """Return the whole figure as HTML: finding, drawing, badge, source, numbers and provenance."""
        notes = f'<p class="notes">{escape(self.notes)}</p>' if self.notes else ""
        return (
            f'<figure class="figure" data-figure="{escape(self.key)}"><figcaption><h3>{escape(self.title)}</h3>'
            f'<p class="measure">{escape(self.measure)}</p></figcaption>'
            f"{self._drawing()}{notes}"
            f'<footer><span class="badge {escape(self.badge.value)}">{escape(self.badge.value)}</span>'
            f'<span class="source">Source: {escape(self.source)}</span></footer>'
            f"{self._numbers()}{self._provenance()}</figure>"
        )

    def _drawing(self) -> str:
        inside = f'<div class="wide">{self.svg()}</div><div class="narrow">{self.svg(narrow=True)}</div>'
        return f'<div class="drawing"><style>{STYLE}</style>{inside}</div>'

    def _numbers(self) -> str:
        table = table_html(self.table, label=f"Numbers: {self.title}", caption=self.measure)
        return f'<details class="numbers"><summary>Show the numbers</summary>{table}</details>'

    def _provenance(self) -> str:
        lines = "".join(f"<li>{escape(line)}</li>" for line in (self.provenance or (self.source,)))
        return f'<details class="provenance"><summary>Where does this come from?</summary><ul>{lines}</ul></details>'


def make(
    credits_: Credits,
    *,
    key: str,
    title: str,
    measure: str,
    draw: Callable[..., Canvas] | None,
    table: pd.DataFrame,
    alt_text: str = "",
    notes: str = "",
    badge: Badge = Badge.OBSERVED,
) -> Figure:
    """Put a figure together from what a chart function computed and what its caller gave, the caller's first.

    `draw` makes the drawing when it is told whether it is to be `narrow`. None: there is nothing to draw, and the
    title, which says why, stands in its place. It also stands where there is no `alt_text`.
    """
    draw = draw or partial(empty_chart, title + ".")
    given = " ".join(part for part in (notes, credits_.get("notes", "")) if part)
    return Figure(
        key=credits_.get("key", key),
        title=credits_.get("title", title),
        measure=credits_.get("measure", measure),
        chart=draw(narrow=False).chart(),
        narrow=draw(narrow=True).chart(),
        alt_text=alt_text or title + ".",
        table=table.reset_index(drop=True),
        source=credits_["source"],
        badge=credits_.get("badge", badge),
        notes=given,
        provenance=tuple(credits_.get("provenance", ())),
    )
