"""What every page carries within itself: style sheet, fonts, and the two Jinja environments' templates."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from iitk.model import Badge
from iitk.words.blocks import BADGE_MEANINGS, style_sheet

# Nothing may be fetched or run: style and fonts are inline, a chart is inline SVG, and there is no script.
CONTENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; base-uri 'none'; form-action 'none'"
)


def template_folder() -> Path:
    """Folder of the page templates; nbconvert finds its own one, `iitk`, inside it."""
    return Path(str(files("iitk.publish").joinpath("templates")))


@cache
def page_css() -> str:
    """The whole style sheet of a page: fonts, blocks, figures, then the page around them."""
    # Late: the charts bring Altair, two seconds that a command without a page should not wait for.
    from iitk.charts.figure import STYLE as FIGURE_STYLE
    from iitk.charts.fonts import font_face_css

    around = files("iitk.publish").joinpath("assets", "page.css").read_text(encoding="utf-8")
    return f"{font_face_css()}\n{style_sheet()}\n{FIGURE_STYLE}\n{around}"


def on_screen(day: date) -> str:
    """A date as people read it: "23 November 2026"."""
    return f"{day.day} {day:%B %Y}"


@cache
def environment() -> Environment:
    """Templates of the shell and the landing page. Everything that they are given is escaped."""
    made = Environment(
        loader=FileSystemLoader(template_folder()), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["on_screen"] = on_screen
    made.globals.update(
        css=Markup(page_css().replace("</", "<\\/")),  # noqa: S704 (our own files, and no tag can end early)
        content_policy=CONTENT_POLICY,
        badge_meanings=[(badge.value, BADGE_MEANINGS[badge]) for badge in Badge],
    )
    return made
