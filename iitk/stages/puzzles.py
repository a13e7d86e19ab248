"""Five puzzles (figures that do not sit well together) and three gaps (what the figures cannot show)."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator

from iitk.model import Area, AreaKind, Badge, Finding
from iitk.sources import geography, tables
from iitk.stages import activity, facts, jobs, local, measures
from iitk.stages.activity import Activity
from iitk.stages.facts import CRISIS_BASE, PRODUCTIVITY
from iitk.words import format as say

PUZZLES, GAPS = 5, 3
MOST_OF_A_RULE = 2
_STRONG, _WEAK = 1.25, 0.8
_WORTH_A_PUZZLE = 0.004  # share of the economy
_APART = 0.01  # real growth a year, against the same industry in the comparator
_FAR_APART = 35  # percentile points between two indicators that usually go together
_APART_FROM_PEERS = 0.03  # real growth since the crisis, against the middle of the places like us
_MOVED = 1.1  # a quotient that rose or fell by a tenth in the doubt years

# Pairs that usually go together, and what to ask where they do not.
_PAIRS = (
    (PRODUCTIVITY, "median_weekly_pay", "If the hour is worth this much, who earns it, and where do they live?"),
    ("level_3_plus", PRODUCTIVITY, "What do people with these skills do here, and is there work that needs them?"),
    ("business_births", "survival_5yr", "What happens to new firms in their first five years?"),
    ("employment_rate", "gdhi_per_head", "Is it the number of people in work, or what the work pays?"),
    ("high_growth", PRODUCTIVITY, "Are the firms that grow fast the ones that produce much an hour?"),
    ("gigabit", "business_births",
     "The cables are there or they are not: has it mattered to anyone who starts a firm?"),
)
Scored = tuple[float, Finding]  # how much of a surprise, and what it is


def choose(area: Area, comparator: Area, industry: measures.IndustryTable, peers: tuple[Area, ...]) -> list[Finding]:
    """Return the five strongest puzzles, at most two of one rule unless there are too few."""
    own, other = activity.of(area), activity.of(comparator)
    found = [*_moved(industry, own, other), *_against_the_tide(industry, own, other), *_mismatches(area, comparator),
             *_apart_from_peers(own, peers)]  # fmt: skip
    ranked = sorted(found, key=lambda pair: (-pair[0], pair[1].key, pair[1].label))
    chosen: list[Finding] = []
    used: Counter[str] = Counter()
    for _, finding in ranked:
        if len(chosen) < PUZZLES and used[finding.key] < MOST_OF_A_RULE:
            chosen.append(finding)
            used[finding.key] += 1
    spare = [finding for _, finding in ranked if finding not in chosen]
    return (chosen + spare)[:PUZZLES]


def gaps(area: Area, own: Activity) -> list[Finding]:
    """Return the three gaps that matter most: cells that are missing first, then what is not measured here at all."""
    found = [*_missing_cells(own), *_weak_readings(area), *_always(area)]
    return found[:GAPS]


def _puzzle(
    key: str,
    table: str,
    *,
    label: str,
    sentence: str,
    question: str,
    unit: str,
    period: str,
    values: dict[str, float | str | None],
    badge: Badge = Badge.OBSERVED,
) -> Finding:
    return Finding(
        key=key, headline="", label=label, sentence=sentence, badge=badge, source=tables.source(table).cite(),
        unit=unit, period=period, values=values, question=question,
    )  # fmt: skip


def _moved(industry: measures.IndustryTable, own: Activity, other: Activity) -> Iterator[Scored]:
    rows = industry.rows.dropna(subset=["lq", "lq_before"])
    rows = rows[(rows["share"] >= _WORTH_A_PUZZLE) & (rows["lq_before"] > 0)]
    for row in measures.each(rows):
        ratio = max(row.lq / row.lq_before, row.lq_before / row.lq) if row.lq > 0 else 1.0
        if ratio < _MOVED:
            continue
        verb = "rose" if row.lq > row.lq_before else "fell"
        yield 40 * (ratio - 1) * min(1.0, 20 * row.share), _puzzle(
            "quotient-moved", own.table, label=row.short_name,
            sentence=(
                f"{say.capitalise(measures.spoken(row.short_name))} {verb} from {say.number(row.lq_before, 2)} "
                f"to {say.number(row.lq, 2)} times the share in {say.in_prose(other.area.name)} "
                f"in {measures.DOUBT_YEARS - 1} years."
            ),
            question="Did the work itself change, or only where it is booked: one office, one site, one owner?",
            unit="location quotient (ratio)", period=say.years(industry.doubt_from, industry.year),
            values={"before": row.lq_before, "now": row.lq, "industry": row.industry},
        )  # fmt: skip


def _against_the_tide(industry: measures.IndustryTable, own: Activity, other: Activity) -> Iterator[Scored]:
    rows = industry.rows.dropna(subset=["lq", "growth", "reference_growth"])
    for row in measures.each(rows[(rows["share"] >= _WORTH_A_PUZZLE) & (rows["confidence"] != "low")]):
        gap = row.growth - row.reference_growth
        strong_falling = row.lq >= _STRONG and gap < -_APART
        weak_rising = row.lq <= _WEAK and gap > _APART
        if not (strong_falling or weak_rising):
            continue
        link = "but" if strong_falling else "and yet"
        yield 300 * abs(gap) * min(1.0, 20 * row.share), _puzzle(
            "strong-but-falling" if strong_falling else "weak-but-rising", own.table, label=row.short_name,
            badge=activity.index_badge((own, other), row.code),
            sentence=(
                f"{say.capitalise(measures.spoken(row.short_name))} weighs {say.number(row.lq, 2)} times what it does "
                f"in {say.in_prose(other.area.name)}, {link} its real growth was {say.per_year(row.growth)} here, "
                f"against {say.per_year(row.reference_growth)} there."
            ),
            question=(
                "Are we losing a strength, or is it moving somewhere the figures file under another name?"
                if strong_falling else "Who is growing from so small a base, and what brought them here?"
            ),
            unit="location quotient; real growth a year", period=say.years(industry.first_year, industry.year),
            values={"location_quotient": row.lq, "growth": row.growth, "growth_comparator": row.reference_growth,
                    "industry": row.industry},
        )  # fmt: skip


def _mismatches(area: Area, comparator: Area) -> Iterator[Scored]:
    left_out = local.too_few_businesses(area, comparator)
    readings = {slug: one for slug, one in local.readings(area, comparator).items() if slug not in left_out}
    for first, second, question in _PAIRS:
        a, b = readings.get(first), readings.get(second)
        if a is None or b is None or a.percentile is None or b.percentile is None or a.rank is None or b.rank is None:
            continue
        apart = abs(a.percentile - b.percentile)
        if apart < _FAR_APART:
            continue
        kind = local.plural(str(local.district_groups()[area.code]))
        yield apart / 2.2, _puzzle(
            "pair-apart", "indicators", label=a.label,
            sentence=(
                f"{a.label}: {local.place(a)} of {a.of} {kind} ({facts.written(a.value, a.unit)}). "
                f"{b.label}: {local.place(b)} of {b.of} ({facts.written(b.value, b.unit)})."
            ),
            question=question, unit=f"{a.unit}; {b.unit}", period=say.join(dict.fromkeys([str(a.year), str(b.year)])),
            values={a.label: a.value, f"{a.label}, rank": a.rank, b.label: b.value, f"{b.label}, rank": b.rank},
        )  # fmt: skip


def _apart_from_peers(own: Activity, peers: tuple[Area, ...]) -> Iterator[Scored]:
    if not peers:
        return
    figures = [activity.of(peer) for peer in peers]
    here = _since_crisis(own)
    others = {peer.area.name: _since_crisis(peer) for peer in figures}
    middle = statistics.median(others.values())
    if abs(here - middle) < _APART_FROM_PEERS:
        return
    ahead = here > middle
    other = (min if ahead else max)(others, key=others.__getitem__)
    name = say.place_name(other)
    yield 100 * abs(here - middle), _puzzle(
        "apart-from-peers", own.table, badge=activity.index_badge([own, *figures]),
        label=f"Real growth since {CRISIS_BASE}",
        sentence=(
            f"Real growth since {CRISIS_BASE}: {say.percent(here, signed=True)} here, "
            f"{say.percent(middle, signed=True)} in the middle of the places like us, "
            f"{say.percent(others[other], signed=True)} in {name}."
        ),
        question=f"What did {'we' if ahead else name} have, or do, that {name if ahead else 'we'} did not?",
        unit="change in chained-volume index", period=say.years(CRISIS_BASE, own.year),
        values={"here": here, "median_of_peers": middle, **others},
    )  # fmt: skip


def _since_crisis(figures: Activity) -> float:
    index = figures.total_index
    return float(index.iloc[-1] / index[CRISIS_BASE] - 1)


def _gap(key: str, label: str, sentence: str, who: str, table: str) -> Finding:
    source = tables.source(table)
    return Finding(
        key=key, headline="", label=label, sentence=sentence, badge=Badge.OBSERVED, source=source.cite(),
        unit=source.unit, period=source.edition, question=who,
    )  # fmt: skip


def _missing_cells(own: Activity) -> Iterator[Finding]:
    if not own.missing:
        return
    names = measures.names()["short_name"]
    known = [measures.spoken(str(names[code])) for code in own.missing if code in names.index]
    yield _gap(
        "missing-cells", f"{len(own.missing)} industries have no figure",
        f"The published total for {own.year} is {say.money_gbp(float(own.total[own.year]))}, but the industries that "
        f"are published for {say.in_prose(own.area.name)} add up to {say.percent(own.shown)} of it. Not published: "
        f"{'; '.join([*known[:6], f'and {len(known) - 6} more'] if len(known) > 7 else known)}. They are "
        "missing, not zero.",
        f"{_wider(own.area)}The area's largest employers in these industries.", own.table,
    )  # fmt: skip


def _wider(area: Area) -> str:
    """Where the missing industries are published: the smallest area around that has them all."""
    for kind, code, name in area.parents:
        if kind in (AreaKind.ITL3, AreaKind.ITL2) and not activity.of(geography.resolve(code)).missing:
            return f"{name} ({code}) has a figure for every industry: iitk run {code}. "
    return ""


def _weak_readings(area: Area) -> Iterator[Finding]:
    found = local.readings(area, geography.resolve("UK"))
    weak = [r.label for r in found.values() if r.status]
    if weak:
        yield _gap(
            "weak-readings", "Some figures rest on few people",
            f"The publisher withholds these for {say.in_prose(area.name)}, or warns that they are unreliable: "
            f"{'; '.join(weak)}.",
            "Local surveys, Jobcentre Plus and the colleges.", "indicators",
        )  # fmt: skip
    absent = [label for slug, label in local.expected().items() if slug not in found]
    if absent:
        yield _gap(
            "not-covered", "Some measures have no figure here",
            f"No figure for {say.in_prose(area.name)} in the latest year: {'; '.join(absent)}. The nation may not "
            "publish it, the council may be too new, or only an older year may be known.",
            "The publisher of each measure, for older years; the nation's own statistics office.", "indicators",
        )  # fmt: skip


def _always(area: Area) -> Iterator[Finding]:
    if not jobs.published_for(area):
        yield _gap(
            "jobs-by-industry", "Jobs by industry are not on this page",
            "The toolkit holds jobs by industry for the districts of West and North Yorkshire and for 40 larger areas "
            "of Great Britain, up to 2021; these pages use the districts' alone. For "
            f"{say.in_prose(area.name)} strength is measured in value added, so firms that employ many and book "
            "little look small.",
            "The analyst, with a table of employees by industry from the business register.", "jobs_nuts2_division",
        )  # fmt: skip
    yield _gap(
        "exports", "What is sold abroad is known only for wider areas",
        "Exports are published for ITL areas and some combined authorities, without industries at this level.",
        "The chamber of commerce, and the ten largest exporters.", "indicators",
    )  # fmt: skip
    yield _gap(
        "research", "Research and development is known only by region",
        "Business spending on research is published for regions and nations; one laboratory can be most of it.",
        "The universities, and the firms that claim tax relief for research.", "indicators",
    )  # fmt: skip
    yield _gap(
        "inside-industries", "The groups of industries are wide",
        "District figures join industries that have little in common, such as employment agencies with travel and "
        "security. The firms that matter most may be hidden inside a group.",
        "Anyone who knows the largest firms by name.", "gva_lad",
    )  # fmt: skip
