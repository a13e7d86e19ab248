"""What every chart of options owes its reader, whatever the options: nothing cut, nothing over anything else."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest

from iitk.charts.choosing_frontier import frontier
from iitk.charts.choosing_grid import choice_grid
from iitk.charts.choosing_logic import logic_model
from iitk.charts.choosing_money import money_by_funder, spending
from iitk.charts.choosing_net import gross_to_net
from iitk.charts.choosing_people import value_spread, weights_spread
from iitk.charts.choosing_ranges import cost_ranges, worth_ranges
from iitk.charts.choosing_robust import robust_bars
from iitk.charts.choosing_rows import lines_of, millions, pounds
from iitk.charts.figure import Figure
from iitk.charts.fonts import text_width
from iitk.charts.place import Box
from iitk.charts.theme import NARROW, WIDE
from iitk.model import Adjustments, Badge, LogicModel, Option

SVG = "{http://www.w3.org/2000/svg}"
CREDIT = {"source": "Options written by a team", "badge": Badge.ILLUSTRATIVE}
LONG = ("A shared line for trials of <technical> textiles & coatings, with room for firms from both valleys and a "
        "Donaudampfschifffahrtsgesellschaftskapitänsmütze")  # fmt: skip


def names(many: int) -> list[str]:
    known = ["Tram", LONG, "Technician bootcamps", "Heat network for the southern valley", '<b>Lab</b> & "hub"']
    return [*known, *(f"Option number {i}" for i in range(many))][:many]


def numbers(many: int, missing: bool) -> np.ndarray:
    values = np.random.default_rng(many).normal(4, 20, many)
    return np.full(many, np.nan) if missing else np.where(np.arange(many) == 2, 0.0, values)


def of_ranges(chart: Callable[..., Figure], many: int, missing: bool) -> Figure:
    middle = numbers(many, missing) * (1 if chart is worth_ranges else 3000)
    chosen = [None if missing else i % 2 == 0 for i in range(many)]
    table = pd.DataFrame({"name": names(many), "low": middle - abs(middle), "central": middle,
                          "high": middle + abs(middle), "chosen": chosen, "reason": "not estimated"})  # fmt: skip
    return chart(table, cap=20 if chart is worth_ranges else 50_000, period="2026 prices", **CREDIT)


def of_net(many: int, missing: bool) -> Figure:
    steps = ["gross", "deadweight", "leakage", "displacement", "substitution", "multiplier", "net"]
    after = [float("nan")] * 7 if missing else [float(many), 0.7 * many, 0.6 * many, 0.4 * many, 0.4 * many, many, many]
    change = [0.0, *(b - a for a, b in pairwise(after))]
    return gross_to_net(pd.DataFrame({"step": steps, "change": change, "after": after}), option=LONG, **CREDIT)


def of_spending(many: int, missing: bool) -> Figure:
    spend = abs(numbers(many, missing))
    budget = np.where(np.arange(many) % 3 == 1, 0.0, np.full(many, np.nan) if missing else 12.0)
    kinds = ["capital" if i % 2 else "revenue" for i in range(many)]
    years = [2027 + i // 2 for i in range(many)]
    return spending(pd.DataFrame({"kind": kinds, "year": years, "budget": budget, "spend": spend}), **CREDIT)


def of_funders(many: int, missing: bool) -> Figure:
    paid = {f"funder_{i}": abs(numbers(many, missing)) / (1 + i) for i in range(7)}
    return money_by_funder(pd.DataFrame(paid, index=names(many)), price_year=2026, **CREDIT)


def of_grid(many: int, missing: bool) -> Figure:
    heads = ["As planned", "Cut of 10%", "Voluntary sector representative", LONG, "E", "F", "G", "H"]
    table = pd.DataFrame({"option": names(many), "group": [("One & <two>", "Three")[i % 2] for i in range(many)]})
    for k, head in enumerate(heads):
        table[head] = pd.Series([None if missing else bool((i * k) % 3) for i in range(many)], dtype=object)
    return choice_grid(table, heads, **CREDIT)


def of_frontier(many: int, missing: bool) -> Figure:
    values = abs(numbers(many, missing)).cumsum()
    table = pd.DataFrame({"cost": np.arange(1.0, many + 1), "value": values})
    middle = (many / 2, float(values[many // 2]) * 0.8)
    return frontier(table, knee=many / 2, here=None if missing else middle,
                    enough=None if missing else (many / 2 + 0.5, float(values[many // 2])), **CREDIT)  # fmt: skip


def of_draws(many: int, missing: bool) -> Figure:
    share = np.full(many, np.nan) if missing else np.linspace(0, 1, many)
    sets = np.select([share >= 0.8, share <= 0.05, share >= 0], ["core", "never", "conditional"], "")
    return robust_bars(pd.DataFrame({"option": names(many), "share": share, "set": sets}), **CREDIT)


def of_people(chart: Callable[..., Figure], many: int, missing: bool) -> Figure:
    what, value = ("criterion", "points") if chart is weights_spread else ("option", "value")
    rows = [(name, f"m{m}", np.nan if missing else (i * 7 + m * m * 9) % 101)
            for i, name in enumerate(names(many)) for m in range(9)]  # fmt: skip
    return chart(pd.DataFrame(rows, columns=[what, "member", value]), **CREDIT)


def of_logic(many: int, missing: bool) -> Figure:
    words = "" if missing else " ".join(names(min(many, 5)))
    logic = LogicModel(words, "do it", words, "x" * 60, "<script>alert(1)</script>", words)
    return logic_model(Option(
        name=LONG, underpinning="infrastructure", lever="build", opportunity="", logic=logic, costs=(), outcomes=(),
        adjustments=Adjustments(0, 0, 0, 0, 1), bias_class="none", bias_mitigation=0, evidence_grade=None,
        evidence_reference="", needs=(), excludes=(), risk_level="low", risks="", owner="a role",
        badge=Badge.ILLUSTRATIVE,
    ), source="a team")  # fmt: skip


CHARTS: dict[str, Callable[[int, bool], Figure]] = {
    "worth": lambda many, missing: of_ranges(worth_ranges, many, missing),
    "cost": lambda many, missing: of_ranges(cost_ranges, many, missing),
    "weights": lambda many, missing: of_people(weights_spread, many, missing),
    "values": lambda many, missing: of_people(value_spread, many, missing),
    "net": of_net,
    "spending": of_spending,
    "funders": of_funders,
    "grid": of_grid,
    "frontier": of_frontier,
    "draws": of_draws,
    "logic": of_logic,
}


def written(svg: str) -> list[tuple[str, Box]]:
    """Each text of a drawing with the room it takes; the halo under a text is the same text."""
    found = {}
    for one in ET.fromstring(svg).iter(f"{SVG}text"):  # noqa: S314 (our own drawing)
        x, y = map(float, re.search(r"translate\(([-\d.]+),([-\d.]+)", one.get("transform")).groups())
        wide = text_width(one.text or "", 16, bold=one.get("font-weight") == "600")
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[one.get("text-anchor")]
        found[one.text, x, y] = (one.text, Box(left, y - 12, left + wide, y + 3))
    return list(found.values())


@pytest.fixture(scope="module", params=[(1, False), (5, False), (5, True), (40, False)],
                ids=["one row", "awkward names", "all missing", "40 rows"])  # fmt: skip
def size(request) -> tuple[int, bool]:
    return request.param


@pytest.mark.parametrize("name", CHARTS)
def test_words_lie_on_the_sheet_and_not_on_each_other(name, size):
    figure = CHARTS[name](*size)
    for narrow, width in ((False, WIDE), (True, NARROW)):
        svg = figure.svg(narrow)
        height = float(ET.fromstring(svg).get("viewBox").split()[3])  # noqa: S314 (our own drawing)
        texts = written(svg)
        assert texts
        for text, box in texts:
            assert box.within(Box(-0.5, -1, width + 0.5, height + 1)), (text, box)
        for (text, one), (other_text, other) in combinations(texts, 2):
            shrunk = Box(other.left + 1, other.top + 1, other.right - 1, other.bottom - 1)
            assert not one.overlaps(shrunk), (text, other_text, narrow)


@pytest.mark.parametrize("name", CHARTS)
def test_what_people_wrote_cannot_break_out_and_text_keeps_its_size(name, size):
    figure = CHARTS[name](*size)
    html = figure._repr_html_()
    assert "<script" not in html
    assert "<b>" not in html
    assert "<technical>" not in html
    sizes = re.findall(r'font-size="([\d.]+)px"', figure.svg() + figure.svg(narrow=True))
    assert sizes
    assert min(map(float, sizes)) >= 16
    assert "nan" not in re.sub(r"<[^>]*>", "", html).lower().split()
    assert figure.title
    assert not figure.title.endswith(".")


@pytest.mark.parametrize("name", CHARTS)
def test_all_missing_is_said_and_never_drawn_as_nought(name):
    figure = CHARTS[name](3, True)
    if name not in ("logic", "grid", "draws"):
        assert re.search("cannot be said", figure.title)
    html = figure._repr_html_()
    assert "not available" in html or "cannot be said" in html
    assert "£0" not in figure.title


@pytest.mark.parametrize("name", ["worth", "draws", "values", "grid", "funders"])
def test_a_long_name_is_never_cut(name):
    svg = CHARTS[name](5, False).svg(narrow=True)
    words = "".join(text for text, _ in written(svg)).replace(" ", "")
    assert "…" not in words
    assert LONG.replace(" ", "") in words


@pytest.mark.parametrize("name", CHARTS)
def test_few_layers_are_drawn(name):
    figure = CHARTS[name](40, False)
    for chart in (figure.chart, figure.narrow):
        spec = chart.to_dict(validate=False)
        assert len(spec["layer"]) <= 20
        assert spec["width"] in (WIDE, NARROW)


def test_lines_break_between_words_and_inside_only_what_is_longer_than_a_line():
    assert lines_of("one two three", 60) == ("one two", "three")
    broken = lines_of("Donaudampfschifffahrtsgesellschaft ends", 100)
    assert "".join(broken[:-1]) + broken[-1].split(" ")[0] in "Donaudampfschifffahrtsgesellschaftends"
    assert all(text_width(line) <= 100 for line in broken)
    assert lines_of("", 50) == ("",)


@pytest.mark.parametrize(
    ("value", "text"), [(12.0, "£12m"), (-0.073844, "−£0.07m"), (0.004, "£0.004m"), (0, "£0"), (1234, "£1.2bn")]
)
def test_millions_keep_one_unit(value, text):
    assert millions(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(279_296, "£279,000"), (5_866, "£5,870"), (0, "£0"), (-12_345, "−£12,300")]
)
def test_pounds_are_written_to_three_figures(value, text):
    assert pounds(value) == text
