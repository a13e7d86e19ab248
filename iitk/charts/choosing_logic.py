"""The logic model of an option as a picture: from what goes in to what it adds up to, and what must hold on the way."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Unpack

import pandas as pd

from iitk.charts import theme
from iitk.charts.canvas import Canvas, across, upright
from iitk.charts.choosing_rows import lines_of
from iitk.charts.figure import Credits, Figure, make
from iitk.model import Option
from iitk.words import NOT_AVAILABLE, capitalise, in_sentence

STEPS = ("inputs", "activities", "outputs", "outcomes", "impacts")
_PAD, _GAP = 9.0, 24.0  # px inside a box, and between boxes
_IF = "Only if"


def logic_model(option: Option, **credit: Unpack[Credits]) -> Figure:
    """Draw why an option should work: five boxes joined by arrows, and under them what the arrows rest on.

    Side by side on a wide sheet, under each other on a narrow one. Boxes grow with their words: nothing is cut. The
    badge is the option's unless said.
    """
    words = {step: str(getattr(option.logic, step)).strip() or NOT_AVAILABLE for step in STEPS}
    assumptions = option.logic.assumptions.strip() or NOT_AVAILABLE
    chain = ", which leads to ".join(f"{step} ({words[step]})" for step in STEPS)
    return make(
        credit,
        key="logic-model",
        title=_title(option.name, assumptions),
        measure=f"Logic model, {option.name}: each step leads to the next if the assumptions hold.",
        draw=partial(_draw, words, assumptions),
        alt_text=f"Logic model of {option.name}: {chain}. Only if: {assumptions}",
        table=pd.DataFrame({
            "Step": [*map(capitalise, STEPS), "Assumptions"],
            "What is written": [*words.values(), assumptions],
        }),
        badge=option.badge,
    )  # fmt: skip


def _title(name: str, assumptions: str) -> str:
    """Say what the option rests on; several sentences are too many for a title."""
    one = assumptions.rstrip(".")
    if assumptions == NOT_AVAILABLE or ". " in one or len(one) > 90:
        return f"How “{name}” should work"
    return f"“{name}” works only if {in_sentence(one)}"


def _boxes(sheet: Canvas, places: Sequence[tuple[float, float, float, float]]) -> None:
    rows = [{"x": x, "x2": x2, "y": y, "y2": y2} for x, y, x2, y2 in places]
    sheet.rects(rows, fill="#F6F4EF", stroke=theme.BLUE, strokeWidth=1.5, cornerRadius=3)


def _write(sheet: Canvas, heads: Sequence[tuple[str, float, float]], texts: Sequence[Sequence[str]]) -> None:
    """Write each box's head at its (x, y), and its lines under it."""
    sheet.texts([{"x": x, "y": y, "text": capitalise(head)} for head, x, y in heads], bold=True, fill=theme.BLUE)
    sheet.texts([{"x": x, "y": y + theme.LINE * (len(lines) + 1) / 2, "text": lines}
                 for (_, x, y), lines in zip(heads, texts, strict=True)])  # fmt: skip


def _arrows(sheet: Canvas, ends: Sequence[tuple[float, float, float, float]], turn: float) -> None:
    """Draw arrows from (x, y) to (x2, y2), whose heads are turned by `turn` degrees from upwards."""
    sheet.rules([{"x": x, "y": y, "x2": x2, "y2": y2} for x, y, x2, y2 in ends], stroke=theme.SOFT, width=2)
    heads = [{"x": x2, "y": y2, "r": 5} for _, _, x2, y2 in ends]
    sheet.dots(heads, fill=theme.SOFT, stroke=theme.SOFT, shape="triangle", angle=turn)


def _draw(words: dict[str, str], assumptions: str, *, narrow: bool) -> Canvas:
    return _under_each_other(words, assumptions) if narrow else _side_by_side(words, assumptions)


def _side_by_side(words: dict[str, str], assumptions: str) -> Canvas:
    wide = (theme.WIDE - 2 - _GAP * (len(STEPS) - 1)) / len(STEPS)
    texts = [lines_of(text, wide - 2 * _PAD) for text in words.values()]
    bottom = 2 * _PAD + theme.LINE * (1 + max(map(len, texts))) + 1
    foot = lines_of(assumptions, theme.WIDE - 70)
    sheet = Canvas(theme.WIDE, bottom + 26 + theme.LINE * len(foot) + 4)
    lefts = [1 + i * (wide + _GAP) for i in range(len(STEPS))]
    _boxes(sheet, [(x, 1, x + wide, bottom) for x in lefts])
    _write(sheet, [(step, x + _PAD, 1 + _PAD + theme.LINE / 2) for step, x in zip(STEPS, lefts, strict=True)], texts)
    middle, rail = 1 + _PAD + theme.LINE / 2, bottom + 14
    _arrows(sheet, [(x - _GAP + 3, middle, x - 7, middle) for x in lefts[1:]], 90)
    joints = [x - _GAP / 2 for x in lefts[1:]]
    lines = [upright(x, middle + 8, rail) for x in joints]
    sheet.rules([*lines, across(1, joints[-1], rail)], stroke=theme.QUIET, width=1.5, strokeDash=[3, 3])
    y = rail + 12
    sheet.write(1, y + theme.LINE / 2, _IF, bold=True)
    sheet.write(66, y + theme.LINE * len(foot) / 2, foot)
    return sheet


def _under_each_other(words: dict[str, str], assumptions: str) -> Canvas:
    width = theme.NARROW
    texts = [lines_of(text, width - 2 - 2 * _PAD) for text in words.values()]
    heights = [2 * _PAD + theme.LINE * (1 + len(lines)) for lines in texts]
    tops = [1 + sum(heights[:i]) + _GAP * i for i in range(len(STEPS))]
    bottom = tops[-1] + heights[-1]
    foot = lines_of(assumptions, width - 4)
    sheet = Canvas(width, bottom + 20 + theme.LINE * (len(foot) + 1) + 4)
    _boxes(sheet, [(1, y, width - 1, y + high) for y, high in zip(tops, heights, strict=True)])
    _write(sheet, [(step, 1 + _PAD, y + _PAD + theme.LINE / 2) for step, y in zip(STEPS, tops, strict=True)], texts)
    _arrows(sheet, [(width / 2, y - _GAP + 3, width / 2, y - 7) for y in tops[1:]], 180)
    rail = bottom + 13
    sheet.rules([across(1, width - 1, rail)], stroke=theme.QUIET, width=1.5, strokeDash=[3, 3])
    sheet.write(1, rail + 8 + theme.LINE / 2, _IF, bold=True)
    sheet.write(1, rail + 8 + theme.LINE + theme.LINE * len(foot) / 2, foot)
    return sheet
