"""Outlines of the districts for maps, small enough for a page, and which districts share a boundary.

Lines are simplified once for both sides of a boundary, so that neighbours still meet; then reprojected from the
British National Grid to longitude and latitude (WGS84) and rounded to 0.001 degree (about 100 metres).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from itertools import pairwise
from math import hypot
from pathlib import Path

import numpy as np
import pandas as pd
from pyproj import Transformer

from iitk.errors import DataCheckError
from iitk.sources.importer import facts, geometry
from iitk.sources.importer.base import BuiltTable
from iitk.sources.importer.geometry import Polygon, Ring

TOLERANCE_M = 120.0  # a simplified line stays this close to the original
SMALLEST_ISLAND_KM2 = 2.0  # smaller islands are left out, except a district's largest
DECIMALS = 3
Shapes = dict[str, list[Polygon]]
Point = tuple[float, float]
Line = list[Point]


def build(shared: Path) -> list[BuiltTable]:
    """The outlines (GeoJSON) and the table `lad_neighbours`."""
    features = geometry.lad_features(shared)
    shapes = {feature["properties"]["LAD23CD"]: geometry.polygons(feature) for feature in features}
    names = {feature["properties"]["LAD23CD"]: feature["properties"]["LAD23NM"].strip() for feature in features}
    neighbours = BuiltTable(facts.source("lad_neighbours"), shared_borders(shapes))
    return [_outlines_table(simplify(drop_small_islands(shapes)), names), neighbours]


def drop_small_islands(shapes: Shapes) -> Shapes:
    """Leave out islands smaller than `SMALLEST_ISLAND_KM2`; every district keeps its largest polygon."""
    kept = {}
    for code, polygons in shapes.items():
        largest = max(geometry.polygon_area(polygon) for polygon in polygons)
        enough = min(SMALLEST_ISLAND_KM2 * 1e6, largest)
        kept[code] = [polygon for polygon in polygons if geometry.polygon_area(polygon) >= enough]
    return kept


def simplify(shapes: Shapes, tolerance: float = TOLERANCE_M) -> Shapes:
    """Simplify each line between two junctions once, whichever district it is drawn for (Douglas and Peucker)."""
    junctions = _junctions(shapes)
    known: dict[tuple[Point, ...], Line] = {}
    return {
        code: [[_simplify_ring(ring, junctions, known, tolerance) for ring in polygon] for polygon in polygons]
        for code, polygons in shapes.items()
    }


def _rings(shapes: Shapes) -> list[tuple[str, Ring]]:
    return [(code, ring) for code, polygons in shapes.items() for polygon in polygons for ring in polygon]


def _junctions(shapes: Shapes) -> set[Point]:
    """Points where more or fewer than two lines meet: they stay as they are."""
    edges = {frozenset(edge) for _, ring in _rings(shapes) for edge in pairwise(ring)}
    return {point for point, lines in Counter(point for edge in edges for point in edge).items() if lines != 2}


def _simplify_ring(ring: Ring, junctions: set[Point], known: dict[tuple[Point, ...], Line], tolerance: float) -> Ring:
    body = ring[:-1]
    cuts = [place for place, point in enumerate(body) if point in junctions]
    if len(cuts) < 2:  # an island, or a boundary that touches others at most once: cut it at its extremes
        cuts = sorted({body.index(min(body)), body.index(max(body)), *cuts})
    body = body[cuts[0] :] + body[: cuts[0]]
    ends = [place - cuts[0] for place in cuts] + [len(body)]
    body.append(body[0])
    out: Line = [body[0]]
    for start, end in pairwise(ends):
        out += _simplify_line(body[start : end + 1], known, tolerance)[1:]
    return out if len(out) >= 4 else ring


def _simplify_line(line: Line, known: dict[tuple[Point, ...], Line], tolerance: float) -> Line:
    """Simplify a line in one direction only, so that both of its sides get the same points."""
    forward = line if line[0] <= line[-1] else line[::-1]
    key = tuple(forward)
    if key not in known:
        known[key] = douglas_peucker(forward, tolerance)
    return known[key] if forward is line else known[key][::-1]


def douglas_peucker(line: Line, tolerance: float) -> Line:
    """Drop points that lie within `tolerance` of the line drawn without them; the two ends stay."""
    points = np.asarray(line)
    keep = np.zeros(len(line), dtype=bool)
    keep[[0, -1]] = True
    open_parts = [(0, len(line) - 1)]
    while open_parts:
        start, end = open_parts.pop()
        if end - start < 2:
            continue
        far = _distances(points[start + 1 : end], points[start], points[end])
        worst = int(far.argmax())
        if far[worst] > tolerance:
            middle = start + 1 + worst
            keep[middle] = True
            open_parts += [(start, middle), (middle, end)]
    return [point for point, kept in zip(line, keep, strict=True) if kept]


def _distances(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Distance of each point from the straight stretch between start and end."""
    along = end - start
    length2 = float(along @ along)
    share = np.clip((points - start) @ along / length2, 0, 1) if length2 else np.zeros(len(points))
    off = points - start - share[:, np.newaxis] * along
    return np.asarray(np.hypot(off[:, 0], off[:, 1]))


def _outlines_table(shapes: Shapes, names: dict[str, str]) -> BuiltTable:
    to_wgs84 = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
    features = [_feature(code, names[code], shapes[code], to_wgs84) for code in sorted(shapes)]
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > 500_000:
        raise DataCheckError(f"The outlines take {len(text.encode()):,} bytes, more than the 500,000 allowed.")
    source = facts.source("outlines", tolerance=TOLERANCE_M, island=SMALLEST_ISLAND_KM2)
    return BuiltTable(source, text)


def _feature(code: str, name: str, polygons: list[Polygon], to_wgs84: Transformer) -> geometry.Feature:
    """One district as GeoJSON: outside rings clockwise and holes anticlockwise, as d3 and Vega expect."""
    drawn = []
    for polygon in polygons:
        rings = [_rounded(ring, to_wgs84, clockwise=place == 0) for place, ring in enumerate(polygon)]
        if rings[0]:
            drawn.append([ring for ring in rings if ring])
    if not drawn:
        raise DataCheckError(f"Nothing is left of the outline of {name} ({code}).")
    kind, shape = ("Polygon", drawn[0]) if len(drawn) == 1 else ("MultiPolygon", drawn)
    where = {"type": kind, "coordinates": shape}
    return {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": where}


def _rounded(ring: Ring, to_wgs84: Transformer, *, clockwise: bool) -> list[list[float]]:
    """A ring in degrees without repeated points; empty if rounding leaves no area."""
    longitude, latitude = to_wgs84.transform(*np.asarray(ring).T)
    points = [[round(float(x), DECIMALS), round(float(y), DECIMALS)] for x, y in zip(longitude, latitude, strict=True)]
    distinct = [point for place, point in enumerate(points) if place == 0 or point != points[place - 1]]
    if len(distinct) < 4:
        return []
    area = geometry.ring_area([(x, y) for x, y in distinct])
    return [] if area == 0 else distinct[::-1] if (area > 0) == clockwise else distinct


def shared_borders(shapes: Shapes) -> pd.DataFrame:
    """Districts that share a boundary and its length in kilometres: both directions, so each is found from either."""
    owners: dict[tuple[Point, Point], set[str]] = defaultdict(set)
    for code, ring in _rings(shapes):
        for start, end in pairwise(ring):
            owners[min(start, end), max(start, end)].add(code)
    metres: dict[tuple[str, str], float] = defaultdict(float)
    for ((x0, y0), (x1, y1)), codes in owners.items():
        for one in codes:
            for other in codes - {one}:
                metres[one, other] += hypot(x1 - x0, y1 - y0)
    rows = [(one, other, round(length / 1000, 2)) for (one, other), length in sorted(metres.items())]
    return pd.DataFrame(rows, columns=["lad_code", "neighbour_code", "shared_km"])
