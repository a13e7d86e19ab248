"""Plain geometry for the importer: rings in metres on the British National Grid (EPSG:27700).

Only what the outlines and the membership of ITL areas need; no figure of the toolkit rests on a shape alone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import shapefile  # pyshp

from iitk.sources.importer import facts

Feature = dict[str, Any]  # of GeoJSON
Ring = list[tuple[float, float]]
Polygon = list[Ring]  # the outside ring first, then the holes


def lad_features(shared: Path) -> list[Feature]:
    """Features of the LAD boundaries of December 2023, as the file holds them."""
    features: list[Feature] = json.loads(facts.file(shared, "lad_boundaries").read_text(encoding="utf-8"))["features"]
    return features


def polygons(feature: Feature) -> list[Polygon]:
    """Polygons of one GeoJSON feature, with points as tuples so that shared points compare equal."""
    geometry = feature["geometry"]
    many = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[[(x, y) for x, y, *_ in ring] for ring in polygon] for polygon in many]


def itl3_2021_rings(shared: Path) -> dict[str, list[np.ndarray]]:
    """ITL3 code of January 2021 -> its rings as arrays of x, y in metres."""
    reader = shapefile.Reader(str(facts.file(shared, "itl3_boundaries")))
    rings = {}
    for item in reader.iterShapeRecords():
        points = np.asarray(item.shape.points)
        rings[item.record["ITL321CD"]] = np.split(points, list(item.shape.parts)[1:])
    return rings


def contains(rings: list[np.ndarray], x: float, y: float) -> bool:
    """Whether a point lies inside: it does if a line going right from it crosses the rings an odd number of times."""
    inside = False
    for ring in rings:
        start, end = ring, np.roll(ring, -1, axis=0)
        crosses = (start[:, 1] > y) != (end[:, 1] > y)
        rise = np.where(end[:, 1] == start[:, 1], 1.0, end[:, 1] - start[:, 1])
        at = (end[:, 0] - start[:, 0]) * (y - start[:, 1]) / rise + start[:, 0]
        inside ^= bool((crosses & (x < at)).sum() % 2)
    return inside


def ring_area(ring: Ring) -> float:
    """Signed area by the shoelace formula: positive when the ring runs anticlockwise (y up)."""
    points = np.asarray(ring)
    x, y = points[:, 0] - points[0, 0], points[:, 1] - points[0, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def polygon_area(polygon: Polygon) -> float:
    """Area inside the outside ring less the holes."""
    return abs(ring_area(polygon[0])) - sum(abs(ring_area(hole)) for hole in polygon[1:])
