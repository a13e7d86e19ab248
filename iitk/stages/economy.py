"""Stage 1: the economy of an area compared with places like it: ten facts, five puzzles, three gaps."""

from __future__ import annotations

import pandas as pd

from iitk.charts.figure import Figure
from iitk.charts.gap import productivity_gap_bars
from iitk.model import Badge, Finding
from iitk.sources import tables
from iitk.stages import activity, base, crises, economy_figures, facts, jobs, measures, peers, puzzles, standing
from iitk.stages.base import Stage
from iitk.words import blocks
from iitk.words import format as say

KEY = "01_economy"
_ALIKE = 0.05  # a quotient so near to 1 is not worth a headline


def prepare(area: str, comparator: str = "UK") -> Stage:
    """Bring together what `01_economy` shows of an area.

    Raises
    ------
    UnknownAreaError, AreaOverlapError, EndedAreaError
        If one of the two names is not an area that the figures cover.
    """
    place, other = base.pick(area, comparator)
    own, there, like_us = activity.of(place), activity.of(other), peers.of(place)
    industry = measures.of(place, other)
    split = measures.shift_share(place, other, industry.first_year, industry.year)
    found: dict[str, list[Finding]] = {
        "facts": facts.choose(place, other, industry),
        "puzzles": puzzles.choose(place, other, industry, like_us.areas),
        "gaps": puzzles.gaps(place, own),
    }
    gap = jobs.gap(place)
    return Stage(
        info=base.info(KEY), area=place, comparator=other, lead=_lead(industry, own, there),
        findings=found,
        figures=economy_figures.draw(place, other, like_us.areas, industry, split),
        blocks={"facts": blocks.FactCards(found["facts"], None), "puzzles": blocks.Puzzles(found["puzzles"], None),
                "gaps": blocks.Gaps(found["gaps"], None), "productivity_gap": _gap_block(gap, own)},
        tables=_tables(industry, split, own, standing.table(place, other), gap),
        sources=base.sources_of([own.table, there.table, *like_us.sources, "indicators",
                                 *(["jobs_lad_section", "jobs_nuts2_division"] if gap is not None else [])]),
        notes=base.area_notes(place, other, own),
        parameters={"growth_years": measures.GROWTH_YEARS, "doubt_years": measures.DOUBT_YEARS,
                    "crisis_base": facts.CRISIS_BASE, "peers": [a.code for a in like_us.areas]},
    )  # fmt: skip


def _lead(industry: measures.IndustryTable, own: activity.Activity, there: activity.Activity) -> str:
    rows = industry.rows[industry.rows["confidence"].isin(["high", "medium"])]
    strong = rows[rows["lq"] > 1 + _ALIKE].nlargest(3, "lq")
    weak = rows[(rows["lq"] < 1 - _ALIKE) & (rows["reference_share"] > 0.01)].nsmallest(1, "lq")
    name, other = say.in_prose(own.area.name), say.in_prose(there.area.name)
    parts = []
    if len(strong):
        low, high = say.number(strong["lq"].min(), 1), say.number(strong["lq"].max(), 1)
        names = measures.spoken_list(strong["short_name"])
        span = low if low == high else f"{low} to {high}"
        among = "Of the industries that are published: " if own.missing else ""
        names = f"{among}{names}" if among else say.capitalise(names)
        verb = "weigh" if len(strong) > 1 else "weighs"
        parts.append(f"{names} {verb} {span} times as much in {name} as in {other}.")
    if len(weak):
        row = weak.iloc[0]
        parts.append(f"The largest shortfall is in {measures.spoken(row.short_name)}: {say.percent(1 - row.lq)} less.")
    pace = [measures.total_growth(figures, industry.first_year, industry.year) for figures in (own, there)]
    parts.append(
        f"Real growth of the whole economy over {measures.GROWTH_YEARS} years: {say.per_year(pace[0])}, against "
        f"{say.per_year(pace[1])} in {other}."
    )
    return " ".join(parts)


def _gap_block(gap: pd.DataFrame | None, own: activity.Activity) -> Figure | blocks.AreaNote:
    if gap is None:
        return blocks.AreaNote(
            "Whether the gap lies in the mix of industries or within each cannot be said for "
            f"{say.in_prose(own.area.name)}: jobs by industry are "
            "published here only for the districts of West and North Yorkshire."
        )
    return productivity_gap_bars(
        gap.rename(columns={"name": "industry"}), area=own.area.name, comparator="Great Britain",
        period=str(gap["year"].iloc[0]),
        badge=Badge.MODELLED, source=f"{tables.source(own.table).cite()}; {tables.source('jobs_lad_section').cite()}",
        provenance=base.provenance(own.table, "gva_itl", "jobs_lad_section", "jobs_nuts2_division", method=(
            "Value added without imputed rent, over jobs. Mix: difference in the share of jobs x the industry's "
            "value added a job in Great Britain. Within: share of jobs here x difference in value added a job. Both "
            "add up to the whole gap."
        )),
    )  # fmt: skip


def _tables(
    industry: measures.IndustryTable,
    split: pd.DataFrame,
    own: activity.Activity,
    stands: pd.DataFrame,
    gap: pd.DataFrame | None,
) -> dict[str, pd.DataFrame]:
    series = pd.DataFrame(
        {"year": own.total.index, "gva_gbp_m": own.total.to_numpy(), "cvm_index_2022_100": own.total_index.to_numpy()}
    )
    found = {
        "industries": industry.rows,
        "shift_share": split.rename_axis("code").reset_index(),
        "total": series,
        "standing": stands,
        "peak_trough_now": crises.table(own),
    }
    return found if gap is None else {**found, "productivity_gap": gap.rename_axis("section").reset_index()}
