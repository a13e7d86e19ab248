"""Write numbers the way a person would read them aloud, and escape text in one place.

Shares are 0 to 1 in code and % on screen; money is in pounds with its unit; counts are plain units. A missing
number is written "not available", never 0, and a number that is not 0 is never rounded to 0.
Minus is the true minus sign (U+2212), which no line breaks after.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable
from datetime import date

NOT_AVAILABLE = "not available"
MINUS = "\u2212"
NBSP = "\u00a0"

_POUNDS = {"": 1.0, "k": 1e3, "m": 1e6, "bn": 1e9}
# XML 1.0 forbids these even as entities.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_WITH_ARTICLE = re.compile(
    r"(UK|United Kingdom|UK less extra-regio|North East|North West|East Midlands|West Midlands|East of England|"
    r"South East|South West|West of England|City of London|Isle of Wight|Isles of Scilly|Scottish Borders|"
    r"Vale of (Glamorgan|White Horse)|.* (Combined (County )?Authority|City Region|sub-region))"
)
_GLUE = re.compile(r"(?<=\d) (?=(?:times|jobs?|of|a year|percentage|years?|hours?|firms?)\b)")


def escape(text: object) -> str:
    """Make any text safe inside HTML, SVG or a quoted attribute: & < > " and ' become entities.

    Control characters, which XML forbids, are dropped. Every text that comes from data or people passes here once.
    """
    return html.escape(_CONTROL.sub("", str(text)), quote=True)


def is_missing(value: object) -> bool:
    """Tell what has no number (None, NaN, infinity, pandas' NA) from a number that is zero."""
    if value is None:
        return True
    try:
        return not math.isfinite(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return True


def number(value: float | None, decimals: int = 0, *, signed: bool = False) -> str:
    """Write a number with thousands separators.

    A number that is not zero but would be rounded to zero gets the decimals that its first digit needs.

    >>> number(12300), number(-0.25, 1), number(0.004, 1), number(0, 1), number(None)
    ('12,300', '\u22120.3', '0.004', '0.0', 'not available')
    """
    if is_missing(value):
        return NOT_AVAILABLE
    figure = float(value)  # type: ignore[arg-type]
    if figure and _half_up(abs(figure), decimals) == 0:
        decimals = min(12, -math.floor(math.log10(abs(figure))))
    return _sign(figure, signed) + f"{_half_up(abs(figure), decimals):,.{decimals}f}"


def _sign(value: float, signed: bool) -> str:
    """Minus for what is below zero; plus too where a change is written and it is above zero."""
    return MINUS if value < 0 else "+" if signed and value > 0 else ""


def _half_up(value: float, decimals: int) -> float:
    """Round a positive number as people do (2.5 to 3), not to the even neighbour."""
    tens = float(10**decimals)
    return math.floor(value * tens + 0.5 + 1e-9) / tens


def money_gbp(value: float | None, unit: str = "m", *, signed: bool = False) -> str:
    """Write pounds at the scale that reads best.

    Parameters
    ----------
    value
        The amount, in `unit`.
    unit
        "" for pounds (written out below a million), "k" thousands, "m" millions (the unit of the GVA tables), "bn".
    signed
        Write a plus sign before a gain.

    Raises
    ------
    ValueError
        If the unit is another.

    Examples
    --------
    >>> money_gbp(36_600), money_gbp(450.2), money_gbp(0.3), money_gbp(0.04), money_gbp(0)
    ('£36.6bn', '£450m', '£0.3m', '£40,000', '£0')
    >>> money_gbp(-120.4), money_gbp(31.42, unit=""), money_gbp(123_456, unit="")
    ('\u2212£120m', '£31.42', '£123,456')
    """
    if unit not in _POUNDS:
        raise ValueError(f'The unit of money must be "", "k", "m" or "bn", got {unit!r}.')
    if is_missing(value):
        return NOT_AVAILABLE
    pounds = float(value) * _POUNDS[unit]  # type: ignore[arg-type]
    return _sign(pounds, signed) + "£" + _scaled(abs(pounds), written_out=1e6 if unit == "" else 1e5)


def _scaled(pounds: float, *, written_out: float) -> str:
    """Digits and scale of a positive amount; below `written_out` every pound is written, below £100 the pence."""
    for scale, suffix in ((1e12, "tn"), (1e9, "bn"), (1e6, "m")):
        # The scale is chosen after rounding, so that £999.6m reads £1.0bn and not £1,000m.
        if (scaled := pounds / scale) >= 0.9995:
            decimals = 0 if scaled >= 99.95 or (suffix == "m" and scaled >= 9.95) else 1
            return f"{_half_up(scaled, decimals):,.{decimals}f}{suffix}"
    if pounds >= written_out:
        return f"{_half_up(pounds / 1e6, 1):.1f}m"
    if pounds >= 100 or pounds == int(pounds):
        return f"{_half_up(pounds, 0):,.0f}"
    return number(pounds, 2)


def percent(share: float | None, decimals: int | None = None, *, signed: bool = False) -> str:
    """Write a share (0 to 1, or a change such as 0.24) in %; under 1% one decimal is kept unless `decimals` is given.

    >>> percent(0.062), percent(0.0041), percent(0.24, signed=True), percent(-0.351), percent(0.00004)
    ('6%', '0.4%', '+24%', '\u221235%', '0.004%')
    """
    if is_missing(share):
        return NOT_AVAILABLE
    figure = float(share) * 100  # type: ignore[arg-type]
    if decimals is None:
        decimals = 1 if 0 < abs(figure) < 0.95 else 0
    return number(figure, decimals, signed=signed) + "%"


def points(difference: float | None, decimals: int = 1) -> str:
    """Write the difference between two shares in percentage points, signed: 0.023 is "+2.3 percentage points"."""
    if is_missing(difference):
        return NOT_AVAILABLE
    return number(float(difference) * 100, decimals, signed=True) + " percentage points"  # type: ignore[arg-type]


def per_year(rate: float | None, decimals: int = 1) -> str:
    """Write a yearly rate of change, signed: 0.014 is "+1.4% a year"."""
    return NOT_AVAILABLE if is_missing(rate) else percent(rate, decimals, signed=True) + " a year"


def times(ratio: float | None, decimals: int = 1, *, sign: bool = False) -> str:
    """Write a ratio: "1.7 times", or "1.7×" with `sign` where space is short."""
    if is_missing(ratio):
        return NOT_AVAILABLE
    return number(ratio, decimals) + ("×" if sign else " times")


def count(value: float | None, noun: str, plural: str | None = None) -> str:
    """Write how many, with its noun: "12,300 jobs", "1 job", "0 jobs"."""
    if is_missing(value):
        return NOT_AVAILABLE
    written = number(value)
    return f"{written} {noun if written == '1' else plural or noun + 's'}"


def ordinal(place: int) -> str:
    """Write a place in an order: 1st, 2nd, 3rd, 4th, 11th, 112th."""
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place:,}{ending}"


def rank(place: float | None, out_of: int) -> str:
    """Write a rank with how many were ranked: "3rd of 361"."""
    return NOT_AVAILABLE if is_missing(place) else f"{ordinal(int(place))} of {out_of:,}"  # type: ignore[arg-type]


def years(start: int, end: int) -> str:
    """Write a span of years: "1998 to 2023", or one year when both are the same."""
    return str(start) if start == end else f"{start} to {end}"


def plain_date(day: date) -> str:
    """Write a day as people do: 23 November 2026."""
    return f"{day.day} {day:%B %Y}"


def join(parts: Iterable[object], last: str = "and") -> str:
    """Write a list: "Finance", "Finance and law", "Finance, IT and law". An empty list gives an empty text.

    Where a part itself holds " and ", a comma before the last one shows where it begins; where a part holds a comma,
    semicolons stand between the parts.

    >>> join(["Leeds", "Bournemouth, Christchurch and Poole", "Hull"])
    'Leeds; Bournemouth, Christchurch and Poole; and Hull'
    """
    texts = [str(part) for part in parts]
    if len(texts) < 2:
        return "".join(texts)
    between = "; " if any(", " in text for text in texts) else ", "
    heavy = between == "; " or any(f" {last} " in text for text in texts)
    if len(texts) == 2 and between == ", ":
        return f" {last} ".join(texts) if not heavy else f"{texts[0]}, {last} {texts[1]}"
    return f"{between.join(texts[:-1])}{between.rstrip() if heavy else ''} {last} {texts[-1]}"


def quoted(names: Iterable[str], most: int = 0) -> str:
    """Write names that people gave: each in quotation marks; more than `most` are counted.

    >>> quoted(["Hub", "Labs and data", "Tram"], most=2)
    '“Hub”, “Labs and data”, and 1 more'
    """
    said = [f"“{name}”" for name in names]
    more = len(said) - most
    return join([*said[:most], f"{more} more"] if most and more > 0 else said)


def capitalise(text: str) -> str:
    """Begin a sentence: the first letter is raised, the others are left as they are."""
    return text[:1].upper() + text[1:]


def in_sentence(name: str) -> str:
    """Write a label inside a sentence: "Finance and insurance" loses its capital, "IT services" keeps it."""
    first = name.split(" ", 1)[0]
    return name if sum(letter.isupper() for letter in first) != 1 else name[:1].lower() + name[1:]


def in_prose(place: str) -> str:
    """Write a place inside a sentence, as people say it and with an article where English wants one: "the UK"."""
    name = place_name(place)
    return f"the {name}" if _WITH_ARTICLE.fullmatch(name) else name


def place_name(official: str) -> str:
    """Write a district's official name as people say it: "Bristol, City of" is Bristol, "Herefordshire, County of" too.

    >>> place_name("Kingston upon Hull, City of"), place_name("Bournemouth, Christchurch and Poole")
    ('Kingston upon Hull', 'Bournemouth, Christchurch and Poole')
    """
    return re.sub(r", (City|County) of$", "", official)


def possessive(place: str) -> str:
    """Write what belongs to a place: "the UK\u2019s", and "Leeds\u2019" where the name ends in s."""
    name = in_prose(place)
    return name + ("\u2019" if name.endswith("s") else "\u2019s")


def keep_together(text: str) -> str:
    """Put non-breaking spaces between a number and its unit, so that a headline never breaks inside one."""
    return _GLUE.sub(NBSP, text)


def compare(value: float, reference: float, *, more: str = "higher than", less: str = "lower than") -> str:
    """Say how a value stands to a reference, to be put between "is" and the reference's name.

    Within 2% they are "about the same as"; from 1.5 times on the ratio is said; otherwise the difference in %.
    Where the reference is not above zero a ratio means nothing, and only the direction is said.

    >>> compare(112, 100), compare(1.74, 1), compare(65, 100), compare(101, 100), compare(3, 0)
    ('12% higher than', '1.7 times', '35% lower than', 'about the same as', 'higher than')
    """
    if is_missing(value) or is_missing(reference):
        raise ValueError("Only two known numbers can be compared: say 'not available' where one is missing.")
    if reference <= 0 or value < 0:
        return "the same as" if value == reference else more if value > reference else less
    ratio = value / reference
    if abs(ratio - 1) < 0.02:
        return "about the same as"
    if ratio >= 1.5:
        return times(ratio)
    return f"{percent(abs(ratio - 1))} {more if ratio > 1 else less}"


def compare_shares(share: float, reference: float, place: str) -> str:
    """Write two shares side by side: "6%, against 9% in the UK", with a decimal where they would look the same."""
    decimals = None
    if share != reference and percent(share) == percent(reference):
        decimals = 1
    return f"{percent(share, decimals)}, against {percent(reference, decimals)} in {in_prose(place)}"
