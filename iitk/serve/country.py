"""A calm map of the country whose districts are links: a shortcut for those who point, beside the search."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from iitk.charts.geometry import Polygons, View, extent_of, projected
from iitk.charts.place import Box
from iitk.sources import geography
from iitk.sources.kept import kept
from iitk.words import place_name
from iitk.words.format import escape

# In tenths of what the page shows, so that whole numbers will do.
SHEET = Box(0, 0, 4000, 6000)
_LAND = Box(20, 20, 3980, 5980)
_LONDON = Box(2700, 1960, 3960, 3000)  # over the North Sea, where there is room
_LONDON_CODES = "E09"
_FINE = 4.5  # how far a line may be off


@dataclass(frozen=True, slots=True)
class District:
    """One district as it is drawn: its name, and the outlines on the country and, in London, close up."""

    name: str
    path: str
    close_up: str = ""


@kept
def districts() -> Mapping[str, District]:
    """The districts by code, drawn once for each edition of the figures."""
    features = geography.outlines()["features"]
    shapes = {str(one["properties"]["code"]): projected(one["geometry"]) for one in features}
    names = {str(one["properties"]["code"]): place_name(str(one["properties"]["name"])) for one in features}
    land = View(extent_of(polygon for shape in shapes.values() for polygon in shape), _LAND)
    london = [polygon for code, shape in shapes.items() if code.startswith(_LONDON_CODES) for polygon in shape]
    close = View(extent_of(london), _LONDON)
    return {
        code: District(
            names[code],
            _path(land.drawn(shape, fine=_FINE)),
            _path(close.drawn(shape, fine=_FINE)) if code.startswith(_LONDON_CODES) else "",
        )
        for code, shape in shapes.items()
    }


def draw(address: str, *, chosen: Collection[str] = (), worked: Collection[str] = ()) -> Markup:
    """The map as SVG. `address` is what a link begins with; the code of the district follows it.

    Hidden from screen readers and from the keyboard: 361 stops on the way would help nobody, and the search says it
    all. What is chosen comes last, so that no neighbour covers its edge.
    """
    found = districts()
    order = sorted(found, key=lambda code: (code in chosen, code))
    marks = {code: "chosen" if code in chosen else "worked" if code in worked else "" for code in order}
    link = escape(address)
    country = "".join(_link(link, code, found[code].name, found[code].path, marks[code]) for code in order)
    close = "".join(
        _link(link, code, found[code].name, found[code].close_up, marks[code]) for code in order if found[code].close_up
    )
    box = f"{SHEET.left:g} {SHEET.top:g} {SHEET.right:g} {SHEET.bottom:g}"
    return Markup(  # noqa: S704 (names and address are escaped, the rest are our own numbers)
        f'<svg class="country" viewBox="{box}" aria-hidden="true" focusable="false">{country}'
        f'<text x="{_LONDON.left:g}" y="{_LONDON.top - 70:g}">London, closer</text>{close}</svg>'
    )


def _link(address: str, code: str, name: str, path: str, mark: str) -> str:
    kind = f' class="{mark}"' if mark else ""
    return f'<a href="{address}{code}" tabindex="-1"{kind}><title>{escape(name)}</title><path d="{path}"/></a>'


def _path(polygons: Polygons) -> str:
    """Outlines as the data of an SVG path: each ring starts at a place, and goes on by steps, in whole numbers."""
    return "".join(_ring([(round(x), round(y)) for x, y in ring]) for polygon in polygons for ring in polygon)


def _ring(ring: list[tuple[int, int]]) -> str:
    steps = " ".join(f"{x2 - x1} {y2 - y1}" for (x1, y1), (x2, y2) in pairwise(ring))
    return f"M{ring[0][0]} {ring[0][1]}l{steps.replace(' -', '-')}z"
