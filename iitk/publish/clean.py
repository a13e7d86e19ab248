"""Let through only the HTML that a page needs: an allow list, applied to every output and every text.

The blocks and figures escape what they are given. This is the second lock: a script in an area's name, a table or
a notebook from elsewhere cannot reach the page. The page's content policy is the third.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import nh3

HTML_TAGS = (
    "a abbr article aside b blockquote br caption code col colgroup dd details div dl dt em figcaption figure footer "
    "h1 h2 h3 h4 h5 h6 header hr i li ol p pre q s section small span strong sub summary sup table tbody td tfoot th "
    "thead time tr u ul"
)
SVG_TAGS = "svg g defs desc clipPath path rect line circle ellipse polygon polyline text tspan linearGradient stop"
HTML_ATTRIBUTES = (
    "class id href title role tabindex open lang scope colspan rowspan start datetime aria-label aria-labelledby "
    "aria-describedby aria-hidden aria-roledescription aria-level data-figure"
)
SVG_ATTRIBUTES = (
    "x y x1 x2 y1 y2 cx cy r rx ry dx dy d points width height viewBox preserveAspectRatio transform offset "
    "fill fill-opacity stroke stroke-width stroke-opacity stroke-dasharray stroke-dashoffset stroke-linecap "
    "stroke-linejoin stroke-miterlimit opacity font-family font-size font-weight font-style text-anchor "
    "dominant-baseline letter-spacing clip-path clip-rule fill-rule stop-color stop-opacity display focusable "
    "pointer-events xmlns version style paint-order"
)
FORM_TAGS = "label select option input fieldset legend button"
FORM_ATTRIBUTES = "for name type value min max step selected checked aria-valuetext"
STYLES = (
    "fill", "stroke", "stroke-width", "opacity", "color", "width", "max-width", "text-anchor", "text-align",
    "font-size", "font-weight", "font-family", "font-style", "letter-spacing",
)
_TAGS = frozenset(HTML_TAGS.split() + SVG_TAGS.split())
_ATTRIBUTES = frozenset(HTML_ATTRIBUTES.split() + SVG_ATTRIBUTES.split())
_UNSPOKEN = frozenset(("script", "style", "template", "noscript", "iframe", "object", "title"))
# What asks for something from elsewhere; a backslash could spell "url" in a way that this does not see.
_ELSEWHERE = re.compile(r"url\s*\(\s*(?:['\"]|&quot;)?(?!#)|\\", re.IGNORECASE)


def safe_html(html: str) -> str:
    """Return `html` with all but the allowed elements and attributes removed: no script, style, form or image."""
    cleaned = _cleaner().clean(html)
    # Asking about each attribute takes longer than all the rest: only where there is something to ask.
    return _cleaner(_at_home).clean(html) if _ELSEWHERE.search(cleaned) else cleaned


def safe_live(html: str) -> str:
    """As `safe_html`, for a figure with choices: its form's controls and what our script reads stay too."""
    return _live_cleaner().clean(html)


@cache
def _live_cleaner() -> nh3.Cleaner:
    return _made({*_TAGS, *FORM_TAGS.split()}, {*_ATTRIBUTES, *FORM_ATTRIBUTES.split()}, _at_home, {"data-"})


@cache
def _cleaner(attribute_filter: Callable[[str, str, str], str | None] | None = None) -> nh3.Cleaner:
    return _made(set(_TAGS), set(_ATTRIBUTES), attribute_filter)


def _made(
    tags: set[str], attributes: set[str], attribute_filter: Callable[[str, str, str], str | None] | None = None,
    prefixes: set[str] | None = None,
) -> nh3.Cleaner:  # fmt: skip
    return nh3.Cleaner(
        tags=tags, attributes={"*": attributes, "a": {"href"}}, generic_attribute_prefixes=prefixes,
        clean_content_tags=set(_UNSPOKEN), filter_style_properties=set(STYLES), attribute_filter=attribute_filter,
        url_schemes={"http", "https", "mailto"}, link_rel=None, strip_comments=True,
    )  # fmt: skip


def _at_home(_tag: str, name: str, value: str) -> str | None:
    return value if name == "href" or not _ELSEWHERE.search(value) else None


def safe_markdown(source: str) -> str:
    """Markdown as HTML; HTML inside the markdown is shown as text, not obeyed."""
    return safe_html(str(_markdown()(source)))


@cache
def _markdown() -> Callable[[str], object]:
    import mistune  # nbconvert brings it

    return mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])
