"""What a room can choose in stage 0: how many places like us, from among which, and in what they are to be like us."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from iitk.model import AreaKind
from iitk.sources import geography
from iitk.stages import local, mandate, peers
from iitk.stages.base import Stage
from iitk.stages.peers import Likeness, Peers
from iitk.views.follow import Shared
from iitk.views.show import View, in_app
from iitk.views.state import OneOf, State, Whole, choice, fitted
from iitk.words import blocks
from iitk.words import format as say

_USUAL = Likeness()
_AMONG, _ON = "From among", "Alike in"


@dataclass(frozen=True)
class Alike(State):
    """How many places like us, and in what they are like us."""

    places: int = choice(Whole("How many places?", 3, 12), _USUAL.most)
    on: str = choice(OneOf(_ON, {_USUAL.on: "all indicators"}), _USUAL.on)

    @property
    def how(self) -> Likeness:
        """The same for the stage."""
        return Likeness(self.places, getattr(self, "among", _USUAL.among), self.on)


@dataclass(frozen=True)
class AlikeDistricts(Alike):
    """For a district, also from among which districts they are chosen."""

    among: str = choice(OneOf(_AMONG, {_USUAL.among: "districts of the same kind"}), _USUAL.among)


VIEWS = (AlikeDistricts,)


def like_us(stage: Stage) -> Any:
    """The places like us with the reasons; in an app, with how they are chosen."""
    return _alike(stage).screen if _can_choose(stage) else stage.blocks["peers"]


def where(stage: Stage) -> Any:
    """The map; in an app, it follows the choice of places like us."""
    return _alike(stage).places["map"] if _can_choose(stage) else stage.figures["map"]


def card(stage: Stage) -> Any:
    """The mandate card; in an app, it follows the choice of places like us."""
    return _alike(stage).places["card"] if _can_choose(stage) else stage.blocks["mandate"]


def _can_choose(stage: Stage) -> bool:
    """Countries have no places of their own kind here, and some sums of places have none left outside them."""
    return in_app() and (stage.area.kind is AreaKind.LAD or bool(peers.of(stage.area).areas))


@lru_cache(maxsize=2)
def _alike(stage: Stage) -> Shared[Alike]:
    area = stage.area

    def draw(state: Alike) -> list[Any]:
        return [mandate.peers_block(peers.of(area, state.how), area)]

    def follow(state: Alike) -> dict[str, Any]:
        found = peers.of(area, state.how)
        filled = mandate.card(area, stage.comparator, found)
        return {"map": mandate.map_figure(area, found), "card": blocks.MandateCard(filled)}

    made = View("peers", _states(stage), stage.blocks["peers"], draw, lambda s: _words(peers.of(area, s.how), s.places))
    return Shared(made, {"map": stage.figures["map"], "card": stage.blocks["mandate"]}, follow)


def _words(found: Peers, asked: int) -> str:
    if not found.areas:
        return found.why_none
    few = "; there are no more" if len(found.areas) < asked else ""
    return f"{say.count(len(found.areas), 'place')} like us, chosen from {found.pool}{few}."


def _states(stage: Stage) -> type[Alike]:
    """The choices that there are for the area."""
    area = stage.area
    on = {name: say.capitalise(what) for name, what in peers.choices(area).items()}
    fit: dict[str, Any] = {"on": (OneOf(_ON, on), _USUAL.on)}
    if area.kind is not AreaKind.LAD:
        return fitted(Alike, **fit)
    return fitted(AlikeDistricts, among=(OneOf(_AMONG, _pools(area.code)), _USUAL.among), **fit)


def _pools(code: str) -> dict[str, str]:
    """What districts can be chosen from; those of the same kind once, where they are the whole nation."""
    kinds = local.district_groups()
    nations = geography.lads().set_index("code")["country"]
    found = {"kind": say.capitalise(local.plural(str(kinds[code])))}
    if set(kinds.index[kinds == kinds[code]]) != set(nations.index[nations == nations[code]]):
        found["nation"] = f"All local authorities of {say.in_prose(str(nations[code]))}"
    return found | {"uk": "All local authorities of the UK"}
