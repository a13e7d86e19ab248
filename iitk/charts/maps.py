"""Where the area is: a calm map of the country with the area and places like it, and the area with its neighbours."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import pandas as pd

from iitk.charts import theme
from iitk.charts.canvas import Canvas, empty_chart, rect, sheet_width
from iitk.charts.figure import Figure, make
from iitk.charts.geometry import Polygons, View, extent_of, place_for_name, projected
from iitk.charts.place import Box, Dot, label_dots
from iitk.words import capitalise, count, in_prose, join, place_name

SOURCE = "Local Authority Districts (December 2023) boundaries from the Office for National Statistics"
NEXT_DOOR = "#BFD0DF"
SEA = "#F4F7FA"
COUNTRY = Box(4, 4, 336, 496)  # where the country is drawn, in px


def country_map(
    outlines: Mapping[str, Any],
    *,
    area_codes: Collection[str],
    neighbour_codes: Collection[str] = (),
    peer_codes: Sequence[str] = (),
    area: str,
) -> Figure:
    """Draw the country with the area in dark blue and its peers in turquoise, and the area close up.

    Parameters
    ----------
    outlines
        GeoJSON FeatureCollection in WGS84, whose features have the properties `code` and `name`.
    area_codes, neighbour_codes, peer_codes
        Codes of the districts that make the area, of those next door (named in the close-up), and of places like it
        (named on the country). Codes without an outline are left out of the drawing and said in the notes.
    area
        The area's name.

    Returns
    -------
    Figure
        The drawing has no close-up where the area is half the country or more.
    """
    land = _land(_Key(outlines))
    own = land.named(area_codes)
    others = (land.named(code for code in codes if code not in own) for codes in (neighbour_codes, peer_codes))
    places = _Places(own, *others)
    absent = [code for code in (*area_codes, *peer_codes) if code not in land.shapes]
    draw = partial(_draw, land, places, place_name(area))
    return make(
        {"source": SOURCE},
        key="map",
        title=_title(area, places),
        measure=f"{area} in dark blue{', places like it in turquoise' if places.peers else ''}. "
        "Districts of December 2023.",
        draw=draw if own else partial(empty_chart, f"No outline of {in_prose(area)} is available."),
        alt_text=_alt_text(area, places),
        table=_table(places),
        notes=f"No outline is available for {join(absent)}." if absent else "",
    )


class _Key:
    """Outlines as a key to what was computed from them: the same object gives the same answer."""

    def __init__(self, outlines: Mapping[str, Any]) -> None:
        self.outlines = outlines

    def __hash__(self) -> int:
        return id(self.outlines)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.outlines is self.outlines


@dataclass(frozen=True, eq=False)
class _Land:
    """The districts by code: projected, with their extent, and as they are drawn on the country's map."""

    shapes: dict[str, Polygons]
    extents: dict[str, Box]
    view: View
    small: dict[str, Polygons]
    names: dict[str, str]

    def named(self, codes: Iterable[str]) -> dict[str, str]:
        """Return those districts that have an outline, with their names."""
        return {code: self.names[code] for code in codes if code in self.shapes}


@lru_cache(maxsize=2)
def _land(key: _Key) -> _Land:
    """Project and simplify all outlines, once for each set of them."""
    features = key.outlines["features"]
    shapes = {str(f["properties"]["code"]): found for f in features if (found := projected(f["geometry"]))}
    view = View(extent_of(polygon for polygons in shapes.values() for polygon in polygons), COUNTRY)
    return _Land(
        shapes=shapes,
        extents={code: extent_of(polygons) for code, polygons in shapes.items()},
        view=view,
        small={code: view.drawn(polygons, fine=0.7) for code, polygons in shapes.items()},
        names={str(f["properties"]["code"]): place_name(str(f["properties"]["name"])) for f in features},
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """Which districts are shown as what: their names by code."""

    own: Mapping[str, str]
    near: Mapping[str, str]
    peers: Mapping[str, str]

    def tone(self, code: str) -> str:
        """Return the colour of a district."""
        if code in self.own:
            return theme.BLUE
        if code in self.peers:
            return theme.TURQUOISE
        return NEXT_DOOR if code in self.near else theme.PALE


def _draw(land: _Land, places: _Places, area: str, *, narrow: bool) -> Canvas:
    """Draw the country at the left (wide) or above (narrow), the close-up at the right or below."""
    close = len(places.own) < len(land.shapes) / 2
    inset = Box(2, 512, 338, 812) if narrow else Box(352, 60, 756, 440)
    sheet = Canvas(sheet_width(narrow), inset.bottom + 4 if narrow and close else 500)
    zoom = View(extent_of([polygon for code in places.own for polygon in land.shapes[code]], 0.35), inset)
    country = _Places(places.own, {}, places.peers)
    _draw_land(sheet, land.small, country, edge=None)
    if close:
        _draw_frame(sheet, land.view, zoom)
    _draw_peer_names(sheet, land, places, area if close else "")
    if close:
        _draw_close_up(sheet, zoom, land, places)
    return sheet


def _draw_land(sheet: Canvas, drawn: Mapping[str, Polygons], places: _Places, *, edge: str | None) -> None:
    """Draw districts in four layers, the area on top. Without an edge, districts of one colour flow together."""
    groups: dict[str, Polygons] = {theme.PALE: [], NEXT_DOOR: [], theme.TURQUOISE: [], theme.BLUE: []}
    for code, polygons in drawn.items():
        groups[places.tone(code)].extend(polygons)
    for tone, polygons in groups.items():
        closed = [[[*ring, ring[0]] for ring in polygon] for polygon in polygons]
        feature = {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": closed}}
        sheet.shapes([feature] if closed else [], fill=tone, stroke=edge or tone, strokeWidth=1)


def _draw_frame(sheet: Canvas, whole: View, zoom: View) -> None:
    """Draw on the country the orange frame of what the close-up shows: you are here."""
    seen = zoom.covers()
    (x, y), (x2, y2) = whole.px((seen.left, seen.top)), whole.px((seen.right, seen.bottom))
    sheet.rects([rect(max(x, 2), min(x2, 338), max(y, 2), min(y2, 498))], fill=None, stroke=theme.ORANGE, strokeWidth=2)


def _draw_peer_names(sheet: Canvas, land: _Land, places: _Places, area: str) -> None:
    """Write the names of the area and its peers beside them, with a dot for each peer however small."""
    dots = []
    middle = _place(land, tuple(places.own))
    if middle is not None and area:
        dots.append(Dot(*land.view.px(middle), 9, area, bold=True))
    found = ((name, _place(land, (code,))) for code, name in places.peers.items())
    dots.extend(Dot(*land.view.px(place), 6, name) for name, place in found if place is not None)
    peers = [{"x": dot.x, "y": dot.y, "r": 4.5} for dot in dots if not dot.bold]
    sheet.dots(peers, fill=theme.TURQUOISE, stroke=theme.PAPER, strokeWidth=1.5)
    labels = label_dots(dots, land.view.box, most=len(dots))
    sheet.leaders(labels)
    for bold, tone in ((False, theme.TURQUOISE_TEXT), (True, theme.BLUE)):
        some = [label for label in labels if label.dot.bold == bold]
        sheet.labels(some, bold=bold, fill=tone, halo=theme.PAPER)


def _draw_close_up(sheet: Canvas, view: View, land: _Land, places: _Places) -> None:
    """Draw the area and what lies around it in a frame, with the names that find room on their land."""
    shown, box, names = _in_sight(land, view), view.box, {**places.own, **places.near}
    frame = [rect(box.left, box.right, box.top, box.bottom)]
    sheet.rects(frame, fill=SEA)
    _draw_land(sheet, shown, places, edge=theme.PAPER)
    sheet.rects(frame, fill=None, stroke=theme.ORANGE, strokeWidth=2)
    dots = [
        Dot(*place, 0, name, bold=code in places.own, centred=True)
        for code, name in names.items()
        if (place := place_for_name(shown.get(code, []))) is not None
    ]
    labels = label_dots(dots, Box(box.left + 4, box.top + 4, box.right - 4, box.bottom - 4), most=14)
    tones = {name: places.tone(code) for code, name in names.items()}
    for tone in dict.fromkeys(tones.values()):
        some, own = [label for label in labels if tones[label.text] == tone], tone == theme.BLUE
        halo = theme.PAPER if tone == theme.TURQUOISE else tone
        sheet.labels(some, bold=own, fill=theme.PAPER if own else theme.INK, halo=halo)


@lru_cache(maxsize=4)
def _in_sight(land: _Land, view: View) -> dict[str, Polygons]:
    """The districts of a close-up, ready to draw: the same, whichever places are like the area."""
    seen = view.covers()
    return {
        code: view.drawn(polygons, fine=0.4, within=seen)
        for code, polygons in land.shapes.items()
        if land.extents[code].overlaps(seen)
    }


@lru_cache(maxsize=512)
def _place(land: _Land, codes: tuple[str, ...]) -> tuple[float, float] | None:
    """Where on the country the name of a district, or of several as one, has most room."""
    return place_for_name([polygon for code in codes for polygon in land.shapes[code]])


def _listed(districts: Mapping[str, str], most: int = 12) -> str:
    """Name districts, the first `most` of them in full."""
    found = list(districts.values())
    extra = len(found) - most
    return join(found) if extra <= 0 else join([*found[:most], f"{extra} more"])


def _title(area: str, places: _Places) -> str:
    """Say what the area is made of or who is next door, and who is like it."""
    here = capitalise(in_prose(area))
    if places.peers:
        return f"Places like {in_prose(area)}: {_listed(places.peers, 5)}"
    if places.near:
        return f"{here} has {count(len(places.near), 'neighbour')}"
    return f"{here} is made of {count(len(places.own), 'district')}"


def _alt_text(area: str, places: _Places) -> str:
    parts = [f"Map of the United Kingdom with {in_prose(area)} marked"]
    if places.near:
        parts.append(f"Next door: {_listed(places.near)}")
    if places.peers:
        parts.append(f"Places like it: {_listed(places.peers)}")
    return ". ".join(parts) + "."


def _table(places: _Places) -> pd.DataFrame:
    groups = (("the area", places.own), ("like it", places.peers), ("next door", places.near))
    rows = [(name, code, role) for role, districts in groups for code, name in districts.items()]
    return pd.DataFrame(rows, columns=["District", "Code", "Shown as"])
