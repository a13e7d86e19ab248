"""The look of the charts: colours of the house, sizes of text, and the Vega-Lite configuration that carries them.

Contrast on white, measured by the WCAG formula: text colours at least 4.5 to 1, shapes at least 3 to 1.
"""

from __future__ import annotations

from typing import Any

from iitk.charts.fonts import DRAWN

BLUE = "#12436D"  # the area, and structure: 10.3 to 1
TURQUOISE = "#28A197"  # peers, as shapes only: 3.2 to 1
TURQUOISE_TEXT = "#136860"  # peers, as text
ORANGE = "#F46A25"  # "you are here" and reference lines, as shapes only: 3.0 to 1
ORANGE_TEXT = "#9A3D0C"
PINK = "#801650"
INK = "#1B1F23"
SOFT = "#4A545C"  # axis labels and quiet text: 7.7 to 1
DOUBT = "#5C6770"  # the line that shows a range
QUIET = "#7F8A93"  # other places' lines and dots: 3.5 to 1
GRID = "#E3DFD6"
PALE = "#E9E5DC"  # land and tracks behind the figures
PAPER = "#FFFFFF"

SIZE = 16.0  # px, every text in a chart; the page shows a wide chart at 82% or more, so never under 13 px
LINE = 20.0  # px from one line of text to the next
WIDE = 760.0
NARROW = 340.0
BOLD = 600


def config() -> dict[str, Any]:
    """Return the Vega-Lite configuration: the shipped font, no frame, no background."""
    return {
        "font": DRAWN,
        "background": None,
        "view": {"stroke": None},
        "text": {"font": DRAWN, "fontSize": SIZE, "fill": INK, "lineHeight": LINE},
        "aria": False,
    }
