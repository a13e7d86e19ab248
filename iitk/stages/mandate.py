"""Stage 0: who we are, which places are like us, and what the group may decide."""

from __future__ import annotations

import pandas as pd

from iitk.charts import maps
from iitk.charts.figure import Figure
from iitk.model import Area, AreaKind, Badge, Finding
from iitk.sources import geography
from iitk.stages import activity, base, measures, peers, standing
from iitk.stages.base import Stage
from iitk.stages.peers import Peers
from iitk.words import blocks
from iitk.words import format as say

KEY = "00_mandate"


def prepare(area: str, comparator: str = "UK") -> Stage:
    """Bring together what `00_mandate` shows of an area.

    Raises
    ------
    UnknownAreaError, AreaOverlapError, EndedAreaError
        If one of the two names is not an area that the figures cover.
    """
    place, other = base.pick(area, comparator)
    figures, like_us = activity.of(place), peers.of(place)
    mandate = card(place, other, like_us)
    return Stage(
        info=base.info(KEY), area=place, comparator=other, lead=_lead(place, like_us, figures),
        findings={"peers": _findings(like_us, place)},
        figures={"map": map_figure(place, like_us), "standing": standing.figure(place, other)},
        blocks={"peers": peers_block(like_us, place), "mandate": blocks.MandateCard(mandate)},
        tables={"peers": like_us.table.copy(deep=False),
                "mandate": pd.DataFrame({"field": mandate.keys(), "value": mandate.values()}),
                "standing": standing.table(place, other)},
        sources=base.sources_of(
            [figures.table, *like_us.sources, "indicators", "areas", "outlines", "lad_neighbours"]
        ),
        notes=base.area_notes(place, other, figures),
        parameters={"peers": [a.code for a in like_us.areas], "peer_indicators": list(like_us.indicators)},
    )  # fmt: skip


def _lead(area: Area, like_us: Peers, figures: activity.Activity) -> str:
    what = {
        AreaKind.LAD: "is one local authority",
        AreaKind.UK: "is the whole country",
        AreaKind.COUNTRY: "is a country of the UK",
    }.get(area.kind, f"is {say.count(len(area.lads), 'local authority', 'local authorities')} together")
    size = f"producing {say.money_gbp(float(figures.total[figures.year]))} of value in {figures.year}"
    text = f"{say.capitalise(say.in_prose(area.name))} {what}, {size}."
    if like_us.areas:
        nearest = say.join(say.place_name(a.name) for a in like_us.areas)
        text += f" Among {like_us.pool}, the figures find it most like {nearest}."
    return text


def card(area: Area, comparator: Area, like_us: Peers) -> dict[str, str]:
    """Fill in the mandate card as far as figures can: the rest is for the room."""
    figures = activity.of(area)
    names = geography.lads().set_index("code")["name"]
    deciding = (AreaKind.COMBINED_AUTHORITY, AreaKind.REGION, AreaKind.COUNTRY)
    parents = [f"{name} ({kind})" for kind, _, name in area.parents if kind in deciding]
    return {
        "Area": f"{area.name}, {area.kind}, boundaries of {area.vintage}",
        "Districts": say.join(names[code] for code in area.lads)
        if len(area.lads) <= 12
        else f"{len(area.lads)} local authorities",
        "Part of": "; ".join(parents) or "none",
        "Size": f"{say.money_gbp(float(figures.total[figures.year]))} of value added in {figures.year}",
        "Compared with": comparator.name,
        "Places like us": say.join(say.place_name(a.name) for a in like_us.areas) or "to be chosen by the room",
        "Stages planned": ", ".join(f"{stage.number} {stage.label}" for stage in base.STAGES),
        "What this group may decide": "",
        "Money that can still be moved, by year, capital and revenue": "",
        "Decision needed by": "",
        "Who signs": "",
    }


def peers_block(like_us: Peers, area: Area) -> blocks.PeersTable | blocks.AreaNote:
    """List the places like the area with the reasons; where there are none, say why."""
    if not like_us.areas:
        return blocks.AreaNote(like_us.why_none)
    rows = [
        blocks.Peer(name=row.name, code=row.code, distance=row.distance, alike=row.alike, different=row.unlike)
        for row in measures.each(like_us.table)
    ]
    method = (
        f"Chosen from {like_us.pool}: the nearest on {say.join(like_us.indicators)}. Each indicator is standardised; "
        "the distance is the root mean square difference over those that both places have, so 1 is one standard "
        "deviation apart on the average indicator. What a strategy is to change (growth, productivity, new "
        "businesses) is left out."
    )
    caption = f"Places like {say.in_prose(area.name)}, nearest first of {like_us.pool}"
    return blocks.PeersTable(rows, area.name, caption, source=_peer_source(like_us), method=method)


def _peer_source(like_us: Peers) -> str:
    return "; ".join(source.cite() for source in base.sources_of(like_us.sources))


def _findings(like_us: Peers, area: Area) -> list[Finding]:
    return [
        Finding(
            key="place-like-us", headline=f"{row.distance:.2f}", label=row.name,
            sentence=f"{row.name} is like {area.name} in {say.join(row.alike)}, and unlike in {say.join(row.unlike)}.",
            badge=Badge.MODELLED, source=_peer_source(like_us), unit="standardised distance", period=like_us.period,
            values={"code": row.code, "distance": float(row.distance)},
        )
        for row in measures.each(like_us.table)
    ]  # fmt: skip


def map_figure(area: Area, like_us: Peers) -> Figure:
    """Draw where the area is, what is next door, and the places like it."""
    near = [] if area.kind in {AreaKind.UK, AreaKind.COUNTRY} else sorted(geography.neighbours(area))
    far = [a.code for a in like_us.areas if a.kind is AreaKind.LAD]
    return maps.country_map(
        geography.outlines(), area_codes=list(area.lads), neighbour_codes=near, peer_codes=far, area=area.name,
    )  # fmt: skip
