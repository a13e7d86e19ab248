"""Outlines on a flat sheet: project, fit, simplify and clip the coordinates of GeoJSON polygons."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from iitk.charts.place import Box

Ring = list[tuple[float, float]]
Polygons = list[list[Ring]]  # outer ring first, then holes

_CENTRE = math.radians(-2.0)  # the meridian of the British national grid


def project(longitude: float, latitude: float) -> tuple[float, float]:
    """Return x (east) and y (south) of a place by the transverse Mercator projection of a sphere of radius 1.

    x = artanh(B), y = -arctan(tan(latitude) / cos(l)), where l is the longitude less 2 degrees west and
    B = cos(latitude) sin(l). (J. P. Snyder, Map Projections: A Working Manual, USGS 1395, 1987, equations 8-1 to 8-3.)
    """
    away, up = math.radians(longitude) - _CENTRE, math.radians(latitude)
    return math.atanh(math.cos(up) * math.sin(away)), -math.atan2(math.tan(up), math.cos(away))


def projected(geometry: Mapping[str, Any] | None) -> Polygons:
    """Return the polygons of a GeoJSON geometry, projected."""
    if not geometry:
        return []
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[[project(*point[:2]) for point in ring] for ring in polygon] for polygon in polygons]


@dataclass(frozen=True, slots=True)
class View:
    """Fits a projected extent into a box of the sheet, keeping proportions, in its middle."""

    extent: Box
    box: Box

    @property
    def scale(self) -> float:
        """Return px for one projected unit."""
        across = (self.box.right - self.box.left) / max(self.extent.right - self.extent.left, 1e-9)
        return min(across, (self.box.bottom - self.box.top) / max(self.extent.bottom - self.extent.top, 1e-9))

    def px(self, point: tuple[float, float]) -> tuple[float, float]:
        """Return the px of a projected point."""
        x = (point[0] - (self.extent.left + self.extent.right) / 2) * self.scale
        y = (point[1] - (self.extent.top + self.extent.bottom) / 2) * self.scale
        return x + (self.box.left + self.box.right) / 2, y + (self.box.top + self.box.bottom) / 2

    def covers(self) -> Box:
        """Return the projected extent that fills the whole box, as wide or tall as the box allows."""
        x, y = (self.extent.left + self.extent.right) / 2, (self.extent.top + self.extent.bottom) / 2
        half_x = (self.box.right - self.box.left) / 2 / self.scale
        half_y = (self.box.bottom - self.box.top) / 2 / self.scale
        return Box(x - half_x, y - half_y, x + half_x, y + half_y)

    def drawn(self, polygons: Iterable[list[Ring]], *, fine: float, within: Box | None = None) -> Polygons:
        """Return polygons in px, cut at the edges of a projected box and simplified to `fine` px."""
        found = []
        for polygon in polygons:
            cut = [clip(ring, within) for ring in polygon] if within else polygon
            rings = [ring for piece in cut if (ring := simplify([self.px(point) for point in piece], fine))]
            if rings:
                found.append(rings)
        return found


def extent_of(polygons: Iterable[list[Ring]], margin: float = 0.0) -> Box:
    """Return the smallest box around the outer rings, widened by a share of its size on each side."""
    points = [point for polygon in polygons for point in polygon[0]]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    room = max(right - left, bottom - top) * margin
    return Box(left - room, top - room, right + room, bottom + room)


def simplify(ring: Sequence[tuple[float, float]], fine: float) -> Ring:
    """Leave out the points of a ring that bend it by less than `fine` px (Douglas and Peucker 1973).

    A ring that would shrink to less than a triangle is dropped. Points are rounded to 0.1 px.
    """
    if len(ring) < 3:
        return []
    kept = {0, len(ring) - 1}
    spans = [(0, len(ring) - 1)]
    while spans:
        first, last = spans.pop()
        far, distance = _farthest(ring, first, last)
        if distance > fine:
            kept.add(far)
            spans += [(first, far), (far, last)]
    points = list(dict.fromkeys((round(ring[i][0], 1), round(ring[i][1], 1)) for i in sorted(kept)))
    return points if len(points) > 2 else []


def _farthest(ring: Sequence[tuple[float, float]], first: int, last: int) -> tuple[int, float]:
    """Return which point between two lies farthest from the line through them, and how far."""
    (x1, y1), (x2, y2) = ring[first], ring[last]
    dx, dy = x2 - x1, y2 - y1
    length = math.hypot(dx, dy)
    best, far = 0.0, first
    for i in range(first + 1, last):
        x, y = ring[i]
        away = abs(dx * (y1 - y) - dy * (x1 - x)) / length if length > 1e-9 else math.hypot(x - x1, y - y1)
        if away > best:
            best, far = away, i
    return far, best


def clip(ring: Ring, box: Box) -> Ring:
    """Cut a ring at the edges of a box (Sutherland and Hodgman 1974)."""
    for axis, limit, sign in ((0, box.left, 1), (0, box.right, -1), (1, box.top, 1), (1, box.bottom, -1)):
        kept: Ring = []
        for i, point in enumerate(ring):
            before = ring[i - 1]
            inside, was_inside = (sign * (p[axis] - limit) >= 0 for p in (point, before))
            if inside != was_inside:
                share = (limit - before[axis]) / (point[axis] - before[axis])
                x = before[0] + share * (point[0] - before[0])
                y = before[1] + share * (point[1] - before[1])
                kept.append((x, y))
            if inside:
                kept.append(point)
        ring = kept
        if not ring:
            return []
    return ring


def place_for_name(polygons: Iterable[list[Ring]]) -> tuple[float, float] | None:
    """Return the point inside the largest outer ring that has most room around it for a name, or None.

    The best of a grid of 15 x 15 points, by distance to the nearest border; heights count double, since a name is
    wider than it is tall. Falls back to the middle of the ring where no grid point lies inside (a sliver).
    """
    outer = [polygon[0] for polygon in polygons if len(polygon[0]) > 2]
    if not outer:
        return None
    ring = np.asarray(max(outer, key=lambda points: abs(_area(points))))
    low, high = ring.min(axis=0), ring.max(axis=0)
    steps = (np.arange(15) + 0.5) / 15
    grid = np.stack(np.meshgrid(*(low[k] + steps * (high[k] - low[k]) for k in (0, 1))), axis=-1).reshape(-1, 2)
    inside = grid[_inside(grid, ring)]
    if not len(inside):
        middle = ring.mean(axis=0)
        return float(middle[0]), float(middle[1])
    best = inside[_room(inside * (1, 2), ring * (1, 2)).argmax()]
    return float(best[0]), float(best[1])


def _area(ring: Ring) -> float:
    """Return the signed area of a ring (shoelace formula)."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True)) / 2


def _inside(points: np.ndarray, ring: np.ndarray) -> np.ndarray:
    """Tell which points lie inside a ring: a ray to the right crosses its border an odd number of times."""
    a, b = ring, np.roll(ring, -1, axis=0)
    x, y = points[:, :1], points[:, 1:]
    spans = (a[:, 1] > y) != (b[:, 1] > y)
    rise = np.where(b[:, 1] == a[:, 1], 1.0, b[:, 1] - a[:, 1])
    crosses = spans & (x < a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / rise)
    odd: np.ndarray = crosses.sum(axis=1) % 2 == 1
    return odd


def _room(points: np.ndarray, ring: np.ndarray) -> np.ndarray:
    """Return each point's distance to the nearest side of a ring."""
    a, side = ring, np.roll(ring, -1, axis=0) - ring
    length = np.maximum((side**2).sum(axis=1), 1e-18)
    away = points[:, None, :] - a[None]
    share = np.clip((away * side).sum(axis=2) / length, 0, 1)
    nearest: np.ndarray = np.linalg.norm(away - share[..., None] * side, axis=2).min(axis=1)
    return nearest
