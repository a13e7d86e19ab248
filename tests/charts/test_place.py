"""Labels never lie on each other, on a dot, or off the sheet."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.charts.fonts import shorten, text_width, wrap
from iitk.charts.place import Box, Dot, label_dots, spread
from iitk.charts.scales import nice_steps, year_steps

SHEET = Box(0, 0, 700, 500)
names = st.sampled_from(["Metals", "Finance and insurance", "IT", "Wood, paper, printing", "Energy, water, waste"])
dots = st.lists(
    st.builds(Dot, x=st.floats(0, 700), y=st.floats(0, 500), radius=st.floats(3, 35), text=names), max_size=30
)


def test_a_box_overlaps_only_where_insides_meet():
    assert Box(0, 0, 10, 10).overlaps(Box(9, 9, 20, 20))
    assert not Box(0, 0, 10, 10).overlaps(Box(10, 0, 20, 10))


@given(dots)
def test_labels_never_overlap_labels_dots_or_edges(found):
    labels = label_dots(found, SHEET, [Box(0, 0, 150, 25)], most=9)
    assert len(labels) <= 9
    for one, other in combinations(labels, 2):
        assert not one.box.overlaps(other.box)
    for label in labels:
        assert label.box.within(SHEET)
        assert not label.box.overlaps(Box(0, 0, 150, 25))
        for dot in found:
            if dot is not label.dot:
                square = Box(dot.x - dot.radius, dot.y - dot.radius, dot.x + dot.radius, dot.y + dot.radius)
                assert not label.box.overlaps(square)


def test_a_lone_dot_is_labelled_at_its_right():
    (label,) = label_dots([Dot(100, 100, 10, "Metals")], SHEET)
    assert (label.x, label.y) == (114, 100)
    assert label.leader is None


def test_a_dot_at_the_edge_is_labelled_inwards():
    (label,) = label_dots([Dot(690, 100, 10, "Metals")], SHEET)
    assert label.box.right < 690


def test_a_name_on_its_land_stands_in_the_middle():
    (label,) = label_dots([Dot(300, 200, 0, "Leeds", centred=True)], SHEET)
    assert label.x == pytest.approx(300 - text_width("Leeds") / 2)


@given(st.lists(st.floats(0, 400), max_size=18), st.floats(1, 25))
def test_spread_keeps_order_gap_and_limits(wanted, gap):
    placed = spread(wanted, gap, 0, 400)
    if not wanted:
        assert placed == []
        return
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    true_gap = min(gap, 400 / max(1, len(wanted) - 1))
    for a, b in pairwise(order):
        assert placed[b] - placed[a] >= true_gap - 1e-6
    assert min(placed) >= -1e-6
    assert max(placed) <= 400 + 1e-6


def test_spread_moves_two_close_labels_apart_evenly():
    # 100 and 104 want to be 20 apart: both give way by 8.
    assert spread([100, 104], 20, 0, 400) == pytest.approx([92, 112])
    assert spread([10, 200, 390], 20, 0, 400) == pytest.approx([10, 200, 390])


def test_text_is_as_wide_as_the_font_says():
    # Advance widths of Source Sans 3 Regular, in thousandths: every digit is 497 (tabular), the space 200.
    assert text_width("2023", 10) == pytest.approx(4 * 4.97)
    assert text_width("1", 16) == text_width("8", 16)
    assert text_width("1 1", 10) - 2 * text_width("1", 10) == pytest.approx(2.0)
    assert text_width("Leeds", bold=True) > text_width("Leeds")


@given(st.text(alphabet="abcdefghij ", max_size=80), st.floats(60, 300))
def test_wrapped_lines_fit(text, width):
    lines = wrap(text, width)
    assert len(lines) <= 2
    assert all(text_width(line) <= width for line in lines)


def test_wrapping_breaks_between_words_and_says_what_was_cut():
    assert wrap("Wood, paper and printing", 100) == ("Wood, paper", "and printing")
    assert shorten("Finance and insurance", 70).endswith("…")
    assert wrap("", 100) == ("",)


def test_axis_steps_are_round():
    assert nice_steps(0, 10) == [0, 2, 4, 6, 8, 10]
    assert nice_steps(61, 166) == [75, 100, 125, 150]
    assert nice_steps(-0.031, 0.166, most=6) == [0, 0.05, 0.1, 0.15]
    assert nice_steps(5, 5) == [5]


@given(st.integers(1990, 2020), st.integers(0, 40), st.floats(150, 700))
def test_years_under_a_line_never_touch(first, span, width):
    steps = year_steps(first, first + span, width=width)
    assert steps[0] == first
    assert steps[-1] == first + span
    inner = steps[:-1] if len(steps) > 2 else steps[:1]
    for a, b in pairwise([*inner, steps[-1]] if len(steps) > 2 else steps):
        if len(steps) > 2:
            assert (b - a) * width / max(1, span) >= 51.9
