"""The fonts that ship with the toolkit, and how wide a text is in them.

The folder `fonts` holds three WOFF2 files for pages and two TrueType files that vl-convert measures and draws with
(all under the SIL Open Font License, see `fonts/OFL.txt`). Widths come from `fonts/widths.json`, so that labels can be
placed and wrapped without drawing first; kerning is left out, which makes a text at most 2% wider than drawn.
"""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path

SANS = "Source Sans 3"
SERIF = "Source Serif 4"
DRAWN = "Chart Sans"  # the family name of the two drawing fonts
SANS_STACK = "'Source Sans 3','Segoe UI','Helvetica Neue',Arial,sans-serif"

_PAGE_FONTS = (
    (SANS, 400, "source-sans-3-latin-400-normal.woff2"),
    (SANS, 600, "source-sans-3-latin-600-normal.woff2"),
    (SERIF, 600, "source-serif-4-latin-600-normal.woff2"),
)


def folder() -> Path:
    """Return the folder of the font files, inside the package."""
    return Path(__file__).parent / "fonts"


@cache
def font_face_css() -> str:
    """Return the @font-face rules with the fonts inside them (71 kB), for a page that asks nobody for anything."""
    rules = []
    for family, weight, name in _PAGE_FONTS:
        data = base64.b64encode((folder() / name).read_bytes()).decode("ascii")
        rules.append(
            f'@font-face{{font-family:"{family}";font-style:normal;font-weight:{weight};font-display:swap;'
            f'src:url("data:font/woff2;base64,{data}") format("woff2")}}'
        )
    return "\n".join(rules)


@cache
def _widths() -> dict[str, dict[str, int]]:
    """Advance widths by weight and character, in thousandths of the font size."""
    widths: dict[str, dict[str, int]] = json.loads((folder() / "widths.json").read_text(encoding="utf-8"))
    return widths


@cache
def text_width(text: str, size: float = 16, *, bold: bool = False) -> float:
    """Return how wide one line of text is drawn, in px. A character that the font lacks counts as wide as an m."""
    widths = _widths()["600" if bold else "400"]
    return sum(widths.get(letter, widths["m"]) for letter in text) * size / 1000


def shorten(text: str, width: float, size: float = 16, *, bold: bool = False) -> str:
    """Cut a text so that it fits `width` px, with an ellipsis where something was cut."""
    if text_width(text, size, bold=bold) <= width:
        return text
    while text and text_width(text.rstrip(" ,;") + "…", size, bold=bold) > width:
        text = text[:-1]
    return text.rstrip(" ,;") + "…"


def wrap(text: str, width: float, size: float = 16, *, bold: bool = False, lines: int = 2) -> tuple[str, ...]:
    """Break a text between words into at most `lines` lines of `width` px; the last one is cut if need be."""
    words, broken = str(text).split(), [""]
    for place, word in enumerate(words):
        longer = f"{broken[-1]} {word}".strip()
        if text_width(longer, size, bold=bold) <= width or not broken[-1]:
            broken[-1] = longer
        elif len(broken) < lines:
            broken.append(word)
        else:
            broken[-1] = " ".join([broken[-1], *words[place:]])
            break
    return tuple(shorten(line, width, size, bold=bold) for line in broken)
