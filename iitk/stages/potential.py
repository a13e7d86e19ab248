"""Stage 3: where growth could come from, and what any score of it has been worth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from iitk.charts import lenses as lens_charts
from iitk.charts.figure import Figure
from iitk.errors import UsageError
from iitk.model import Area, Badge, Finding
from iitk.sources import industries, lenses, tables
from iitk.stages import activity, base, measures, outlook, quadrants, sectors
from iitk.stages.base import Stage
from iitk.stages.sectors import LensReading
from iitk.stages.track_record import MADE_FROM
from iitk.words import blocks
from iitk.words import format as say

KEY = "03_potential"
LISTS = {"2025": "the eight sectors of the industrial strategy of 2025", "2010": "the four emerging sectors of 2010"}


def prepare(area: str, comparator: str = "UK") -> Stage:
    """Bring together what `03_potential` shows of an area.

    Raises
    ------
    UnknownAreaError, AreaOverlapError, EndedAreaError
        If one of the two names is not an area that the figures cover.
    """
    place, other = base.pick(area, comparator)
    found = quadrants.sort(place, other)
    industry, ranked = found.industry, found.ranked
    seen = {name: lens_list(name, place, other) for name in LISTS}
    ahead = outlook.of(place)
    figures = {
        "quadrants": quadrants.figure(found), "record": outlook.figure("entry"),
        "record_of_losses": outlook.figure("exit"),
    }  # fmt: skip
    shown: dict[str, Any] = {
        "industries": quadrants.block(found), "record": outlook.record_table(),
        "record_in_words": outlook.record_points(), "step_up": outlook.nearest_block(ahead, "entry"),
        "could_lose": outlook.nearest_block(ahead, "exit"),
    }  # fmt: skip
    for name, its in seen.items():
        figures[f"lenses_{name}"], shown[f"lenses_{name}"] = its.figure, its.cards
    findings = {"opportunities": _findings(ranked, industry, place, other)}
    return Stage(
        info=base.info(KEY), area=place, comparator=other,
        lead=" ".join([_lead(ranked, seen["2025"].readings, place, other), *outlook.lead(ahead)]),
        findings=findings, figures=figures, blocks=shown,
        tables={"industries": ranked.copy(deep=False), "outlook": ahead.rows, "record": outlook.record_rows(),
                **{f"lenses_{name}": its.table for name, its in seen.items()}},
        sources=base.sources_of([activity.of(place).table, activity.of(other).table, *MADE_FROM]),
        notes=base.area_notes(place, other, activity.of(place)),
        parameters={"growth_years": measures.GROWTH_YEARS, "doubt_years": measures.DOUBT_YEARS,
                    "small_gbp_m": measures.SMALL_GBP_M, "wide_band": measures.WIDE_BAND},
    )  # fmt: skip


def _lead(ranked: pd.DataFrame, readings: list[LensReading], area: Area, comparator: Area) -> str:
    best = ranked[ranked["group"] == "build on"].head(3)
    watch = ranked[ranked["group"] == "watch"].head(2)
    here, there = say.in_prose(area.name), say.in_prose(comparator.name)
    parts = []
    ahead = "growing faster than the economy as a whole"
    if len(best):
        names = say.capitalise(measures.spoken_list(best["short_name"]))
        parts.append(f"{names}: larger in {here} than in {there}, and {ahead}.")
    else:
        parts.append(f"No industry with figures to trust is both stronger in {here} than in {there} and {ahead}.")
    if len(watch):
        parts.append(f"Worth watching: {measures.spoken_list(watch['short_name'])}.")
    seen = [r for r in readings if r.known and r.reference_share and _resolved(r) >= lens_charts.RESOLVED]
    if seen:
        top = max(seen, key=lambda r: r.share / r.reference_share)
        stands_out = top.share > 1.1 * top.reference_share
        fits = f"{say.in_sentence(top.lens.name)} fits best" if stands_out else "none stands out"
        parts.append(f"Of the {len(seen)} national sectors that the figures mostly show, {fits}.")
    return " ".join(parts)


@dataclass(frozen=True, slots=True, eq=False)
class LensList:
    """A national sector list in an area: what each sector weighs, drawn, and a card for each."""

    readings: list[LensReading]
    table: pd.DataFrame
    figure: Figure
    cards: blocks.LensCards


def lens_list(name: str, area: Area, comparator: Area) -> LensList:
    """
    Look at the area through one of `LISTS`.

    Raises
    ------
    UsageError
        If there is no such list.
    """
    if name not in LISTS:
        raise UsageError(f"There is no sector list {name!r}. Lists: {say.join(LISTS)}.")
    readings = sectors.read(name, area, comparator)
    table = _lens_table(readings)
    cards = blocks.LensCards([_lens_card(one, area, comparator) for one in readings])
    return LensList(readings, table, _lens_figure(name, table, area, comparator), cards)


def _lens_table(readings: list[LensReading]) -> pd.DataFrame:
    return pd.DataFrame([
        {"lens": r.lens.key, "name": r.lens.name, "gbp_m": r.gbp_m, "share": r.share, "share_high": r.share_high,
         "least": r.least, "most": r.most, "reference_share": r.reference_share,
         "resolved_share": lenses.resolution(r.lens, sectors.SCHEME).resolved_share,
         "missing_industries": "; ".join(map(industries.short_name, r.missing)), "year": r.year}
        for r in readings
    ])  # fmt: skip


def _lens_figure(name: str, table: pd.DataFrame, area: Area, comparator: Area) -> Figure:
    key = activity.of(area).table
    return lens_charts.lens_bars(
        table, area=area.name, comparator=comparator.name, title_list=LISTS[name], key=f"lenses-{name}",
        source=tables.source(key).cite(),
        provenance=base.provenance(key, activity.of(comparator).table, method=sectors.METHOD),
    )  # fmt: skip


def _lens_card(r: LensReading, area: Area, comparator: Area) -> blocks.LensCard:
    seen = lenses.resolution(r.lens, sectors.SCHEME)
    return blocks.LensCard(
        name=r.lens.name, headline=_lens_headline(r), label="of value added" if r.known else "",
        sentence=_lens_sentence(r, area, comparator), definition=r.lens.definition, resolved=seen.resolved_share,
        resolution=seen.statement, badge=Badge.MODELLED,
        source=f"{tables.source(activity.of(area).table).cite()}; definition: {r.lens.source}", period=str(r.year),
        values={"share": r.share, "share_at_most_by_uk_split": r.share_high, "least": r.least, "most": r.most,
                "share_comparator": r.reference_share},
    )  # fmt: skip


def _resolved(r: LensReading) -> float:
    return lenses.resolution(r.lens, sectors.SCHEME).resolved_share


def _lens_headline(r: LensReading) -> str:
    return _span(r.share, r.share_high) if r.known else "not visible"


def _lens_sentence(r: LensReading, area: Area, comparator: Area) -> str:
    place = say.in_prose(area.name)
    if r.missing:
        return f"Not published for {place}: {measures.spoken_list(map(industries.short_name, r.missing))}."
    if math.isnan(r.most):
        return "No industry code stands for any part of this sector, so these figures cannot show it."
    if not r.known:
        return (
            f"The industry groups cannot tell this sector from its neighbours in {place}: it is somewhere "
            f"between nothing and {say.percent(r.most, 1)} of value added."
        )
    text = f"Against {_span(r.reference_share, r.reference_high)} in {say.in_prose(comparator.name)}."
    if r.least == r.most:
        return text
    bounds = f"at least {say.percent(r.least, 1)}, at most" if r.least else "at most"
    return (
        f"{text} Without assuming that groups split here as they do in the UK: {bounds} "
        f"{say.percent(r.most, 1)}, because "
        "some lie only partly in this sector."
    )


def _span(low: float, high: float) -> str:
    ends = say.percent(low, 1), say.percent(high, 1)
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def _findings(ranked: pd.DataFrame, industry: measures.IndustryTable, area: Area, comparator: Area) -> list[Finding]:
    return [
        Finding(
            key=str(row.group), headline=say.times(row.lq, sign=True), label=say.in_sentence(row.short_name),
            sentence=(
                f"{say.capitalise(row.short_name)}: {say.times(row.lq, 2)} its share in "
                f"{say.in_prose(comparator.name)}, real growth {say.per_year(row.growth)}, "
                f"{say.money_gbp(row.current_gbp_m)} in {industry.year}. "
                f"Confidence {row.confidence}: {row.confidence_reason}."
            ),
            badge=Badge.MODELLED, source=tables.source(activity.of(area).table).cite(),
            unit="location quotient; real growth a year", period=say.years(industry.first_year, industry.year),
            values={"location_quotient": row.lq, "growth": row.growth, "gbp_m": row.current_gbp_m, "code": row.code},
        )
        for row in measures.each(ranked)
    ]  # fmt: skip
