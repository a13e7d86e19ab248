"""The three stages hold for every kind of area: complete in shape, each number with its marks, nothing missing as zero."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from iitk.errors import AreaOverlapError, UnknownAreaError
from iitk.stages import base, economy, mandate, potential

AREAS = [
    "Leeds", "Cornwall", "Isles of Scilly", "City of London", "Belfast", "Glasgow City", "Na h-Eileanan Siar", "Craven", "Cotswold",
    "Leeds + Bradford", "Cambridge sub-region = Cambridge + South Cambridgeshire", "Greater Manchester", "Yorkshire and The Humber",
    "TLM20", "Scotland", "UK",
]  # fmt: skip
STAGES = (mandate, economy, potential)
_cache: dict[tuple[str, str], base.Stage] = {}


def stage_of(name: str, module: object) -> base.Stage:
    key = (name, module.KEY)  # type: ignore[attr-defined]
    if key not in _cache:
        _cache[key] = module.prepare(name)  # type: ignore[attr-defined]
    return _cache[key]


@pytest.mark.parametrize("name", AREAS)
def test_ten_facts_five_puzzles_three_gaps(name: str) -> None:
    stage = stage_of(name, economy)
    counts = {group: len(rows) for group, rows in stage.findings.items()}
    wanted = {"facts": 10, "puzzles": 5, "gaps": 3}
    if name == "UK":  # compared with itself, nothing can stand out
        assert counts["facts"] >= 5 and counts["gaps"] == 3
    elif name in {"Isles of Scilly"}:  # 29 of its industries are not published
        assert counts["facts"] == 10 and counts["gaps"] == 3
    else:
        assert counts == wanted


@pytest.mark.parametrize("name", AREAS)
@pytest.mark.parametrize("module", STAGES, ids=lambda m: m.KEY)
def test_every_number_carries_its_marks(name: str, module: object) -> None:
    stage = stage_of(name, module)
    for group, rows in stage.findings.items():
        for finding in rows:
            assert finding.source and finding.unit and finding.period and finding.sentence, (group, finding.key)
    for figure in stage.figures.values():
        assert figure.source and figure.measure and figure.alt_text and figure.title


@pytest.mark.parametrize("name", AREAS)
@pytest.mark.parametrize("module", STAGES, ids=lambda m: m.KEY)
def test_no_missing_number_is_written_as_a_number(name: str, module: object) -> None:
    stage = stage_of(name, module)
    texts = [stage.lead, *stage.notes, *(f.sentence for rows in stage.findings.values() for f in rows)]
    texts += [f"{f.title} {f.measure} {f.alt_text} {f.notes}" for f in stage.figures.values()]
    shown = [*stage.blocks.values(), *stage.figures.values(), stage.opening()]
    texts += [re.sub(r"<svg.*?</svg>", "", block._repr_html_(), flags=re.DOTALL) for block in shown]
    for text in texts:
        assert not re.search(r"\b(nan|NaN|None|inf|<NA>)\b", text), text[:400]


@pytest.mark.parametrize("name", ["Leeds", "Cornwall", "UK"])
@pytest.mark.parametrize("module", STAGES, ids=lambda m: m.KEY)
def test_the_record_is_plain_json(name: str, module: object, tmp_path) -> None:
    stage = stage_of(name, module)
    stage.save(tmp_path)
    record = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    assert record["area"]["name"] == stage.area.name
    for file in record["files"]:
        assert len(pd.read_csv(tmp_path / file, dtype=str).columns) > 1


def test_cornwall_says_what_is_missing_and_divides_by_the_published_total() -> None:
    stage = stage_of("Cornwall", economy)
    gap = stage.findings["gaps"][0]
    assert gap.key == "missing-cells"
    assert "£14.4bn" in gap.sentence and "missing, not zero" in gap.sentence
    rows = stage.tables["industries"]
    assert rows["lq"].isna().any() and not (rows["lq"].fillna(1) == 0).all()


def test_craven_is_explained() -> None:
    stage = stage_of("Craven", mandate)
    assert stage.area.name == "North Yorkshire"
    assert "Craven" in stage.notes[0] and "1 April 2023" in stage.notes[0]


def test_shift_share_closes_for_a_functional_area() -> None:
    split = stage_of("Leeds + Bradford", economy).tables["shift_share"]
    assert split[["national", "mix", "local"]].sum().sum() == pytest.approx(split["change"].sum(), abs=1e-6)


def test_bounds_of_a_sector_hold_its_share() -> None:
    for name in ("Leeds", "Cambridge sub-region = Cambridge + South Cambridgeshire", "Scotland"):
        for table in ("lenses_2025", "lenses_2010"):
            rows = stage_of(name, potential).tables[table].dropna(subset=["share"])
            assert ((rows["least"] <= rows["share"] + 1e-12) & (rows["share"] <= rows["most"] + 1e-12)).all()


def test_the_productivity_gap_closes_where_it_can_be_split() -> None:
    gap = stage_of("Leeds", economy).tables["productivity_gap"]
    assert gap["mix"].sum() + gap["within"].sum() == pytest.approx(gap["total"].sum())
    assert "productivity_gap" not in stage_of("Glasgow City", economy).tables


@pytest.mark.parametrize("module", STAGES, ids=lambda m: m.KEY)
def test_bad_areas_are_refused_with_advice(module: object) -> None:
    with pytest.raises(UnknownAreaError, match="Nearest names"):
        module.prepare("Leedz")  # type: ignore[attr-defined]
    with pytest.raises(AreaOverlapError, match="Leeds"):
        module.prepare("Leeds + West Yorkshire")  # type: ignore[attr-defined]
