"""Find room for labels: along one edge, and around dots. Pure arithmetic on rectangles in px."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from iitk.charts.fonts import text_width
from iitk.charts.theme import LINE, SIZE


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in px, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Tell whether the two share any inside point."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def within(self, other: Box) -> bool:
        """Tell whether this lies wholly in the other."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True, slots=True)
class Dot:
    """Something round that may carry a label; the dots that come first are labelled first."""

    x: float
    y: float
    radius: float
    text: str = ""
    bold: bool = False
    centred: bool = False  # the label may stand on the dot itself, as a name stands on its land


@dataclass(frozen=True, slots=True)
class Label:
    """A label that found its place. (x, y) is the left end of the text's middle line."""

    text: str
    x: float
    y: float
    box: Box
    dot: Dot
    leader: tuple[float, float, float, float] | None  # from the dot's edge to the text, where the text stands apart


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move positions apart along a line as little as possible, so that neighbours are at least `gap` apart.

    Places that are too close are pooled and set around their common middle. The answer keeps the order of `wanted`
    and lies within low..high; where there is no room for all, the gap is made as even as the room allows.
    """
    if not wanted:
        return []
    gap = min(gap, (high - low) / max(1, len(wanted) - 1))
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    groups: list[list[float]] = []  # [sum of wanted places less their offsets, how many]
    for i, place in enumerate(order):
        groups.append([wanted[place] - i * gap, 1])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] > groups[-1][0] / groups[-1][1]:
            total, many = groups.pop()
            groups[-1][0] += total
            groups[-1][1] += many
    placed = [0.0] * len(wanted)
    levels = [total / many for total, many in groups for _ in range(int(many))]
    for i, (place, level) in enumerate(zip(order, levels, strict=True)):
        placed[place] = min(max(level, low), high - (len(wanted) - 1) * gap) + i * gap
    return placed


def label_dots(dots: Iterable[Dot], inside: Box, taken: Iterable[Box] = (), *, most: int = 8) -> list[Label]:
    """Place up to `most` labels beside their dots, none over another label, a dot or a box that is taken.

    Each dot with a text tries its right, left, above, below and the corners, first close by, then further away with
    a leader line. A dot that finds no room goes without: the table under the chart names it all the same.
    """
    dots = list(dots)
    bodies = [_body(dot) for dot in dots]
    blocked = list(taken)
    labels: list[Label] = []
    for i, dot in enumerate(dots):
        if len(labels) == most or not dot.text:
            continue
        others, things = dots[:i] + dots[i + 1 :], [*blocked, *bodies[:i], *bodies[i + 1 :]]
        label = next((c for c in _candidates(dot) if _free(c, inside, things, others)), None)
        if label is not None:
            labels.append(label)
            blocked.append(label.box)
            if label.leader:
                blocked.extend(_along(label.leader))
    return labels


def _candidates(dot: Dot) -> Iterable[Label]:
    """Yield the places for a dot's label, the best first."""
    width = text_width(dot.text, SIZE, bold=dot.bold)
    half = LINE / 2
    for shift in (0.0, -14.0, 14.0, -26.0, 26.0) if dot.centred else ():
        box = Box(dot.x - width / 2 - 2, dot.y + shift - half, dot.x + width / 2 + 2, dot.y + shift + half)
        yield Label(dot.text, dot.x - width / 2, dot.y + shift, box, dot, None)
    if dot.centred:
        return
    for apart in (4.0, 14.0, 26.0, 40.0, 58.0, 80.0):
        reach = dot.radius + apart
        slant = reach * 0.71
        for dx, dy, anchor in (
            (reach, 0.0, 0.0),
            (-reach, 0.0, 1.0),
            (0.0, -reach - half, 0.5),
            (0.0, reach + half, 0.5),
            (slant, -slant - half / 2, 0.0),
            (slant, slant + half / 2, 0.0),
            (-slant, -slant - half / 2, 1.0),
            (-slant, slant + half / 2, 1.0),
        ):
            left, middle = dot.x + dx - anchor * width, dot.y + dy
            box = Box(left - 2, middle - half, left + width + 2, middle + half)
            yield Label(dot.text, left, middle, box, dot, _leader(dot, box) if apart > 10 else None)


def _leader(dot: Dot, box: Box) -> tuple[float, float, float, float]:
    """Line from the edge of a dot to the nearest point of its label."""
    x, y = min(max(dot.x, box.left), box.right), min(max(dot.y, box.top), box.bottom)
    away = max(((x - dot.x) ** 2 + (y - dot.y) ** 2) ** 0.5, 1e-6)
    share = min(1.0, dot.radius / away)
    return dot.x + (x - dot.x) * share, dot.y + (y - dot.y) * share, x, y


def _along(line: tuple[float, float, float, float]) -> list[Box]:
    """Small boxes along a leader line, so that no later label lies on it."""
    x1, y1, x2, y2 = line
    steps = max(2, round(((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 / 4))
    points = [(x1 + (x2 - x1) * k / steps, y1 + (y2 - y1) * k / steps) for k in range(1, steps)]
    return [Box(x - 1, y - 1, x + 1, y + 1) for x, y in points]


def _free(label: Label, inside: Box, things: Sequence[Box], others: Sequence[Dot]) -> bool:
    """Tell whether a label lies inside the plot and on nothing else, and so does its leader line.

    A label without a leader must also be nearer to its own dot than to any other, or it would name the wrong one.
    """
    if not label.box.within(inside) or any(label.box.overlaps(thing) for thing in things):
        return False
    if label.leader is None:
        own = _apart(label.box, label.dot)
        return label.dot.centred or all(_apart(label.box, dot) > own for dot in others)
    return not any(step.overlaps(thing) for step in _along(label.leader) for thing in things)


def _body(dot: Dot) -> Box:
    """Return the square around a dot."""
    return Box(dot.x - dot.radius, dot.y - dot.radius, dot.x + dot.radius, dot.y + dot.radius)


def _apart(box: Box, dot: Dot) -> float:
    """Return the distance from a box to the edge of a dot."""
    x, y = min(max(dot.x, box.left), box.right), min(max(dot.y, box.top), box.bottom)
    return math.hypot(x - dot.x, y - dot.y) - dot.radius
