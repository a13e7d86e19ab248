"""The stages hold for every kind of area: complete in shape, each number with its marks, nothing missing as zero."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from iitk.errors import AreaOverlapError, UnknownAreaError
from iitk.model import Badge
from iitk.sources import geography
from iitk.stages import activity, base, economy, jobs, local, mandate, peers, potential

AREAS = [
    "Leeds", "Cornwall", "Isles of Scilly", "City of London", "Belfast", "Glasgow City", "Na h-Eileanan Siar", "Craven",
    "Cotswold", "Leeds + Bradford", "Cambridge sub-region = Cambridge + South Cambridgeshire", "Greater Manchester",
    "Yorkshire and The Humber", "TLM20", "Scotland", "UK",
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
        assert counts["facts"] >= 5
        assert counts["gaps"] == 3
    elif name == "Isles of Scilly":  # 29 of its industries are not published
        assert counts["facts"] == 10
        assert counts["gaps"] == 3
    else:
        assert counts == wanted


@pytest.mark.parametrize("name", AREAS)
@pytest.mark.parametrize("module", STAGES, ids=lambda m: m.KEY)
def test_every_number_carries_its_marks(name: str, module: object) -> None:
    stage = stage_of(name, module)
    for group, rows in stage.findings.items():
        for finding in rows:
            assert all([finding.source, finding.unit, finding.period, finding.sentence]), (group, finding.key)
    for figure in stage.figures.values():
        assert all([figure.source, figure.measure, figure.alt_text, figure.title])


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
    assert "£14.4bn" in gap.sentence
    assert "missing, not zero" in gap.sentence
    rows = stage.tables["industries"]
    absent = rows["current_gbp_m"].isna()
    assert absent.any()
    assert rows.loc[absent, ["share", "lq", "lower", "upper", "growth"]].isna().all(axis=None)
    assert set(rows.loc[absent, "confidence"]) == {"none"}


def test_craven_is_explained() -> None:
    stage = stage_of("Craven", mandate)
    assert stage.area.name == "North Yorkshire"
    assert "Craven" in stage.notes[0]
    assert "1 April 2023" in stage.notes[0]


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


def test_an_area_names_its_own_table() -> None:
    """Figures of ITL areas come from another table than those of districts."""
    itl, lad = "ITL regions", "local authorities"
    by_rule = {"quotient-moved", "strong-but-falling", "weak-but-rising", "apart-from-peers", "missing-cells"}
    for name, own, other in (("Scotland", itl, lad), ("TLM20", itl, lad), ("Leeds", lad, itl)):
        findings = [f for rows in stage_of(name, economy).findings.values() for f in rows if f.key in by_rule]
        assert findings
        assert all(own in f.source and other not in f.source for f in findings), name


def test_places_like_an_itl_area_are_not_credited_to_the_districts_tables() -> None:
    stage = stage_of("TLM20", mandate)
    only = "Regional GVA (balanced) by industry: ITL regions from the Office for National Statistics"
    for finding in stage.findings["peers"]:
        assert finding.source == only
        assert finding.period == "2023"
    assert "Explore Local Statistics" in stage_of("Leeds", mandate).findings["peers"][0].source


def test_growth_that_was_chained_here_is_modelled() -> None:
    """The index of the UK is published for construction of buildings (41), not for all land transport (49-51)."""
    uk, leeds, pair = (activity.of(geography.resolve(name)) for name in ("UK", "Leeds", "Leeds + Bradford"))
    assert activity.index_badge([leeds, uk], "41") is Badge.OBSERVED
    assert activity.index_badge([leeds, uk], "49-51") is Badge.MODELLED
    assert activity.index_badge([leeds], "49-51") is Badge.OBSERVED
    assert activity.index_badge([leeds, uk]) is Badge.OBSERVED  # the total is published for both
    assert activity.index_badge([pair, uk]) is Badge.MODELLED
    against_a_pair = economy.prepare("Leeds", "Bradford + Wakefield")
    growth = next(f for f in against_a_pair.findings["facts"] if f.key == "real-growth")
    assert growth.badge is Badge.MODELLED


def test_growth_drawn_for_several_districts_is_modelled() -> None:
    assert stage_of("Leeds", potential).figures["quadrants"].badge is Badge.OBSERVED
    assert stage_of("Leeds + Bradford", potential).figures["quadrants"].badge is Badge.MODELLED


def test_superlatives_keep_to_what_is_published() -> None:
    """With industries missing, no fact says what is true only of all of them."""
    facts = {name: stage_of(name, economy).findings["facts"] for name in ("Leeds", "Cornwall")}
    said = {name: {fact.key: fact.sentence for fact in rows} for name, rows in facts.items()}
    assert said["Leeds"]["largest-gain"].startswith("No industry added more")
    assert said["Cornwall"]["largest-gain"].startswith("No industry with figures added more")
    assert said["Leeds"]["largest-specialisation"].startswith("The most concentrated industry:")
    assert "whose figures can be trusted" in said["Cornwall"]["largest-specialisation"]


def test_sources_are_those_of_the_figures_shown() -> None:
    """Productivity comes with the other indicators; the map and its neighbours have sources too."""
    assert [s.key for s in stage_of("Leeds", economy).sources] == [
        "gva_lad", "gva_itl", "indicators", "jobs_lad_section", "jobs_nuts2_division",
    ]  # fmt: skip
    assert {"outlines", "lad_neighbours"} <= {s.key for s in stage_of("Leeds", mandate).sources}
    hour = stage_of("Leeds + Bradford", economy).figures["productivity"]
    assert "local authorities" in hour.source  # the hours are worked out from value added


def test_nothing_lies_outside_the_whole_country() -> None:
    found = peers.of(geography.resolve("Everywhere = England + Scotland + Wales + Northern Ireland"))
    assert found.areas == ()
    assert found.why_none == "No place of a like kind lies outside Everywhere."


def test_jobs_that_are_missing_stay_missing() -> None:
    letters = [letter for _, sections in jobs.SECTIONS.values() for letter in sections]
    wide = pd.DataFrame([dict.fromkeys(letters, 10.0)]).assign(E=float("nan"))
    grouped = jobs._grouped(wide).iloc[0]
    assert pd.isna(grouped["DE"])
    assert grouped["AB"] == 20


def test_a_place_is_counted_from_the_nearer_end() -> None:
    def reading(rank: int, of: int) -> local.Reading:
        return local.Reading(
            "x", "X", "%", "", "higher", 2023, 1.0, None, None, "", None, "", rank, of + 1 - rank, of, None
        )  # fmt: skip

    assert [local.place(reading(rank, 33)) for rank in (1, 2, 32, 33)] == [
        "highest", "2nd highest", "2nd lowest", "lowest",
    ]  # fmt: skip


def test_no_sector_is_called_the_best_fit_on_figures_that_do_not_show_it() -> None:
    """Nothing of life sciences can be told from its neighbours at this level, wherever its estimate is high."""
    for name in ("Kirklees", "Cambridge sub-region = Cambridge + South Cambridgeshire"):
        stage = potential.prepare(name)
        assert "life sciences fits best" not in stage.lead
        assert "life sciences stands out" not in stage.figures["lenses_2025"].title.lower()


def test_a_place_with_few_businesses_is_not_judged_by_their_rates() -> None:
    keys = {f.key for f in stage_of("Isles of Scilly", economy).findings["facts"]}
    assert not {f"indicator-{slug}" for slug in local.BUSINESS_RATES} & keys
    assert "missing" in stage_of("Isles of Scilly", economy).findings["gaps"][0].sentence


def test_an_area_compared_with_itself_gets_no_superlatives() -> None:
    lead = stage_of("UK", economy).lead
    assert "weigh" not in lead
    assert "shortfall" not in lead


def test_published_indices_keep_their_one_decimal() -> None:
    index = stage_of("Leeds", economy).tables["total"]["cvm_index_2022_100"]
    assert [float(f"{value:.1f}") for value in index] == index.tolist()


def test_the_places_like_us_say_how_they_were_chosen() -> None:
    shown = stage_of("Leeds", mandate).blocks["peers"]._repr_html_()
    assert "How were they chosen?" in shown
    assert "Chosen from 153 single-tier councils" in shown
    assert "median weekly pay" in shown
