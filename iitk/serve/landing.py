"""The way in: which place, compared with what; its journey with what is done; results to take away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from iitk.errors import IitkError, UnknownAreaError
from iitk.model import Area, AreaKind, Cohort
from iitk.publish.page import JOURNEY
from iitk.serve import country, finished, packs
from iitk.serve.finished import Finished, Members, Worked
from iitk.serve.shell import render
from iitk.sources import area_search, geography
from iitk.stages.base import STAGES
from iitk.words import capitalise, count, in_prose, join, place_name

ANSWERS = "03_potential"  # the stage whose headline answers the question of this page
MOST_SHOWN = 12  # results with their headline; the others are named
LONGEST = 10_000  # characters of an area: more than all districts' codes together
_CODES = re.compile(r"[A-Z]\d{8}( [A-Z]\d{8})+")
_SHOWN_PARENTS = (AreaKind.COMBINED_AUTHORITY, AreaKind.REGION, AreaKind.COUNTRY)
_COMPARATORS = (
    ("Countries", AreaKind.COUNTRY), ("Regions", AreaKind.REGION),
    ("Combined authorities", AreaKind.COMBINED_AUTHORITY),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """A place to choose: its name, its address, and which kind of place it is."""

    name: str
    href: str
    about: str = ""
    code: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One of the eleven stages on the page: where it leads, and what was found there."""

    number: int
    label: str
    question: str = ""
    minutes: int = 0
    leave_with: str = ""
    href: str = ""
    found: Finished | None = None
    otherwise: str = ""  # the comparator of what was saved, where it is not the one chosen
    next: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What the visitor has chosen, as far as it could be understood."""

    base: str
    comparator: Area | None
    area: Area | None = None
    said: str = ""  # what is wrong with it
    near: tuple[Link, ...] = ()

    def href(self, code: str, at: str = "") -> str:
        """Address of a page for an area, with the comparator that is chosen now."""
        return f"{self.base}{at}?{urlencode({'area': code, 'comparator': self.compared})}"

    @property
    def compared(self) -> str:
        """How the comparator is written in an address."""
        return "UK" if self.comparator is None or self.comparator.kind is AreaKind.UK else self.comparator.code


def page(
    outputs: Path, *, area: str = "", comparator: str = "UK", query: str = "", cohort: Path | None = None,
    base: str = "/",
) -> str:  # fmt: skip
    """The whole page as HTML. Whatever is asked for, there is a page: what cannot be understood is said on it."""
    results = finished.worked(outputs)
    members = _cohort(outputs, cohort)
    choice = _choose(area or query, comparator, base)
    choice = replace(choice, area=_own_name(choice.area, members))
    own = next((one for one in results if _is_of(one, choice.area)), None)
    others = _cohort_first([one for one in results if one is not own], members.areas)
    return render(
        "landing.html.j2", base=base, choice=choice, own=own, others=others[:MOST_SHOWN],
        more=sorted(others[MOST_SHOWN:], key=lambda one: one.name), map=_map(choice, results),
        comparators=_comparators(choice), cohort_name=members.name, cohort=_members(members, choice),
        written="" if choice.area else (query or area)[:200], **_about_area(choice, own), **_about_pack(outputs, own),
    )  # fmt: skip


def _about_area(choice: Choice, own: Worked | None) -> dict[str, object]:
    """What the template says of the area that is chosen."""
    area, steps = choice.area, _steps(choice, own)
    last = own.stages.get(ANSWERS) if own else None
    answer = last.headline if last and _same(last, choice) else ""
    return {
        "area": area, "here": _short(area) if area else "", "kind": _kind(area) if area else "", "steps": steps,
        "in_here": in_prose(_short(area)) if area else "your place", "parents": _parents(choice), "answer": answer,
        "tally": _tally(steps), "in_comparator": in_prose(_short(choice.comparator)),
    }  # fmt: skip


def _tally(steps: Iterable[Step]) -> str:
    done = sum(1 for step in steps if step.found and not step.found.problem)
    saved = f"{capitalise(count(done, 'step is', 'steps are'))} saved. " if done else "Nothing is saved yet. "
    return f"{saved}Any step can be opened: it is worked out while you wait."


def _about_pack(outputs: Path, own: Worked | None) -> dict[str, object]:
    pack = packs.describe(outputs, own.slug) if own else None
    return {"pack": pack, "pack_size": f"{pack.size / 1e6:,.1f} MB" if pack else ""}


def _is_of(one: Worked, area: Area | None) -> bool:
    """Whether these are the results of an area; a sum is the same in whichever order it is written."""
    if area is None:
        return False
    return one.code == area.code or (area.kind is AreaKind.FUNCTIONAL and "+" in one.code and one.lads == area.lads)


def _cohort_first(results: Iterable[Worked], members: Iterable[tuple[str, str]]) -> list[Worked]:
    """Results of our own cohort in its order, then the others, the latest first."""
    place = {code: at for at, (code, _) in enumerate(members)}
    latest = sorted(results, key=lambda one: one.day or date.min, reverse=True)
    return sorted(latest, key=lambda one: place.get(one.code, len(place)))


def search(text: str, limit: int = 12, *, base: str = "/") -> list[dict[str, object]]:
    """Areas for what somebody types, best first: code, name, kind, parents and address of each."""
    return [
        {"code": area.code, "name": _short(area), "kind": _kind(area), "parents": _parent_names(area),
         "href": f"{base}?{urlencode({'area': area.code})}"}
        for area in _found(text, limit)
    ]  # fmt: skip


def _found(text: str, limit: int) -> list[Area]:
    """Areas like a text, each extent once; a sum of areas is one of them where it can be understood."""
    if "+" in text:
        try:
            return [geography.resolve(text[:LONGEST])]
        except IitkError:
            text = text.rpartition("+")[2]
    seen: dict[tuple[str, tuple[str, ...]], Area] = {}
    try:
        for match in geography.find(text[:200], limit * 3):
            seen.setdefault((match.area.name, match.area.lads), match.area)
    except IitkError:  # the figures are missing: `iitk doctor` says so
        return []
    return list(seen.values())[:limit]


def _choose(area: str, comparator: str, base: str) -> Choice:
    """Understand what was asked for; what cannot be understood becomes a sentence, with places that are near."""
    said = ""
    try:
        other = _resolved(comparator) if comparator.strip() else None
    except IitkError as error:
        other, said = None, f"{_why(error)} The UK is compared with instead."
    choice = Choice(base, other or _uk(), said=said)
    if not area.strip():
        return choice
    try:
        return replace(choice, area=_resolved(area))
    except IitkError as error:
        near = tuple(_near(area, error, choice))
        more = "Is it one of these?" if near else "Try a part of its name, or its official code."
        return replace(choice, said=f"{said} {_why(error)} {more}".strip(), near=near)


def _resolved(text: str) -> Area:
    """An area from an address, where "+" between codes may have become a space."""
    text = " ".join(text[: LONGEST + 1].split())
    return geography.resolve(text.replace(" ", "+") if _CODES.fullmatch(text) else text)


def _uk() -> Area | None:
    try:
        return geography.resolve("UK")
    except IitkError:  # no figures at hand
        return None


def _why(error: IitkError) -> str:
    """What was wrong, without the advice that is meant for the command line."""
    if isinstance(error, UnknownAreaError):
        return f"No place that we know is called \u201c{error.asked[:80]}\u201d."
    told = str(error).splitlines()[0]
    return told if told.endswith(".") else f"{told}."


def _near(asked: str, error: IitkError, choice: Choice) -> Iterator[Link]:
    """Places that may have been meant."""
    found = _found(asked, 12)
    if not found and isinstance(error, UnknownAreaError):
        found = [area for name in error.nearest for area in _found(name, 1)]
    for area in found:
        yield Link(_short(area), choice.href(area.code), _about(area), area.code)


def _cohort(outputs: Path, file: Path | None) -> Members:
    """The cohort to switch within: the one asked for, else the last that was run, else the one that we ship."""
    if file is None and (last := finished.last_cohort(outputs)).name:
        return last
    try:
        names = geography.cohorts()
        if file is None and not names:
            return Members()
        found: Cohort = geography.load_cohort(names[0] if file is None else file)
    except IitkError:
        return Members()
    areas = (*found.areas, found.reference) if found.reference else found.areas
    reference = found.reference.asked if found.reference else ""
    return Members(found.name, tuple((area.code, area.name) for area in areas), reference)


def _members(cohort: Members, choice: Choice) -> list[Link]:
    """Links to the cohort's areas; the one to look at says so."""
    try:
        reference = geography.resolve(cohort.reference).code if cohort.reference else ""
    except IitkError:
        reference = ""
    here = choice.area.code if choice.area else ""
    return [
        Link(place_name(name), choice.href(code), "to learn from" if code == reference else "", code, here=code == here)
        for code, name in cohort.areas
    ]


def _own_name(area: Area | None, cohort: Members) -> Area | None:
    """Call a sum of areas what the cohort calls it: its code cannot say."""
    if area is None or area.kind is not AreaKind.FUNCTIONAL:
        return area
    return replace(area, name=dict(cohort.areas).get(area.code, area.name))


def _short(area: Area | None) -> str:
    """A name that fits a heading."""
    if area is None or area.kind is AreaKind.UK:
        return "UK"
    parts = area.name.split(" + ")
    return place_name(area.name) if len(parts) <= 4 else join([*parts[:3], f"{len(parts) - 3} more"])


def _kind(area: Area) -> str:
    return "four countries" if area.kind is AreaKind.UK else str(area.kind)


def _parent_names(area: Area) -> list[str]:
    return list(dict.fromkeys(name for kind, _, name in area.parents if kind in _SHOWN_PARENTS))


def _about(area: Area) -> str:
    return capitalise(", ".join([_kind(area), *_parent_names(area)]))


def _parents(choice: Choice) -> list[Link]:
    """The areas around the chosen one, by whose own pages one may go on."""
    around = choice.area.parents if choice.area else ()
    named = {name: code for kind, code, name in reversed(around) if kind in _SHOWN_PARENTS}
    return [Link(name, choice.href(code)) for name, code in reversed(named.items())]


def _comparators(choice: Choice) -> list[tuple[str, list[Link]]]:
    """What one may compare with, in groups; what an address asked for besides is the first."""
    groups: list[tuple[str, list[Link]]] = [("", [Link("UK", "", code="UK", here=choice.compared == "UK")])]
    for title, kind in _COMPARATORS:
        areas = _of_kind(kind)
        groups.append((title, [Link(name, "", code=code, here=code == choice.compared) for name, code in areas]))
    if not any(link.here for _, links in groups for link in links):
        groups[0][1].append(Link(_short(choice.comparator), "", code=choice.compared, here=True))
    return groups


def _of_kind(kind: AreaKind) -> list[tuple[str, str]]:
    try:
        every = area_search.index().areas.values()
    except IitkError:  # no figures at hand
        return []
    return sorted((row["name"], row["code"]) for row in every if row["kind"] == kind)


def _steps(choice: Choice, own: Worked | None) -> list[Step]:
    """The eleven stages in order; the first that is not done is the next, where any is."""
    steps = [_step(number, key, label, choice, own) for number, key, label in JOURNEY]
    open_ones = [at for at, step in enumerate(steps) if step.href and not step.found]
    return [replace(step, next=at == min(open_ones, default=-1)) for at, step in enumerate(steps)]


def _step(number: int, key: str, label: str, choice: Choice, own: Worked | None) -> Step:
    """One stage: where it exists it leads to its page, else it is to come."""
    built = next((info for info in STAGES if info.key == key), None)
    if built is None:
        return Step(number, label)
    found = own.stages.get(key) if own else None
    return Step(
        number, label, built.question, built.minutes, built.leave_with,
        href=choice.href(choice.area.code, f"stage/{key}") if choice.area else "", found=found,
        otherwise=in_prose(found.comparator) if found and not _same(found, choice) else "",
    )  # fmt: skip


def _same(found: Finished, choice: Choice) -> bool:
    return choice.comparator is None or found.comparator_code == choice.comparator.code


def _map(choice: Choice, results: Iterable[Worked]) -> str:
    try:
        shown = {code for one in results for code in one.code.split("+")}
        address = f"{choice.base}?{urlencode({'comparator': choice.compared})}&area="
        return country.draw(address, chosen=choice.area.lads if choice.area else (), worked=shown)
    except IitkError:  # the outlines are missing: the search does without
        return ""
