"""Dated assumptions of the methods: discount rates, optimism bias, additionality bands, with source and status.

They are data (`data/parameters.toml`), so that an analyst can add an edition without touching code. A vintage is an
edition of the guidance; it takes over what it does not change from the one it is based on.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from iitk.errors import DataDamagedError, UsageError
from iitk.model import Parameter
from iitk.sources import paths

_STATUSES = ("verified", "judgement, to be confirmed", "recommendation only, to be confirmed")


def vintages() -> tuple[str, ...]:
    """Name the editions that there are, oldest first."""
    return tuple(_content()["vintages"])


def load(vintage: str | None = None) -> Mapping[str, Parameter]:
    """
    Read all parameters of a vintage by key, such as "discount.standard.31"; by default the vintage in force.

    The values of each are dated, the newest last. Raises `UsageError` for an unknown vintage (it lists those that
    exist), `DataDamagedError` for a file that cannot be read.
    """
    content = _content()
    known: dict[str, Any] = content["vintages"]
    wanted = content["in_force"] if vintage is None else vintage
    if not isinstance(wanted, str) or wanted not in known:
        raise UsageError(f"No vintage of parameters is called {wanted!r}. Vintages: {', '.join(known)}.")
    base = known[wanted].get("based_on")
    found = dict(load(base)) if base else {}
    drops = tuple(f"{prefix}." for prefix in known[wanted].get("drops", ()))
    found = {key: one for key, one in found.items() if not key.startswith(drops)}
    for group in content["group"]:
        if group["vintage"] == wanted:
            for name, value in group["values"].items():
                key = f"{group['key']}.{name}"
                found[key] = _parameter(key, name, group, value, found.get(key))
    return MappingProxyType(found)


def parameter(key: str, vintage: str | None = None) -> Parameter:
    """
    One parameter of a vintage; by default of the one in force.

    `parameter("discount.standard.1").values[-1]` is its newest date and value; `.at(day)` the value in force on a day.
    Raises `UsageError` for an unknown vintage or key, with those that exist or are like it.
    """
    found = load(vintage)
    if not isinstance(key, str):
        raise UsageError(f"A parameter is asked for by its key, such as {next(iter(found))!r}, not by {key!r}.")
    if key not in found:
        near = get_close_matches(key, found, n=3, cutoff=0.4)
        like = f"Those like it: {', '.join(near)}." if near else f"Keys look like {next(iter(found))}."
        raise UsageError(f"No parameter of this vintage is called {key!r}. {like}")
    return found[key]


def schedule(name: str = "standard", vintage: str | None = None) -> tuple[tuple[int, float], ...]:
    """
    Discount rates as pairs of first year and rate a year, as `iitk.analysis.appraisal.discount_factors` takes them.

    `name` is "standard" or "health". Raises `UsageError` for an unknown vintage, or one without such rates.
    """
    prefix, found = f"discount.{name}.", load(vintage)
    steps = [(int(key.removeprefix(prefix)), one.values[-1][1]) for key, one in found.items() if key.startswith(prefix)]
    if not steps:
        names = sorted({key.split(".")[1] for key in found if key.startswith("discount.")})
        raise UsageError(f"This vintage has no discount rates called {name!r}. It has: {', '.join(names)}.")
    return tuple(sorted(steps))


def _parameter(key: str, name: str, group: Mapping[str, Any], value: float, before: Parameter | None) -> Parameter:
    """One value of a group, after the earlier values of the same key."""
    return Parameter(
        key=key,
        label=f"{group['label']}: {name.replace('-', ' ')}",
        unit=group["unit"],
        values=(*(before.values if before else ()), (group["date"], float(value))),
        source=f"{group['source']}, {group['place']}",
        status=group["status"],
        note=group.get("note", ""),
    )


def _content() -> dict[str, Any]:
    path = paths.data_dir() / "parameters.toml"
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        raise DataDamagedError(path, "it is not there") from None
    return _read(path, changed)


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        _check(content)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataDamagedError(path, f"a parameter cannot be read ({error})") from None
    return content


def _check(content: dict[str, Any]) -> None:
    """Refuse what would mislead later: unknown vintages, values that are not numbers, a key given twice."""
    earlier: list[str] = []
    for vintage, about in content["vintages"].items():
        if about.get("based_on", *earlier[:1] or [vintage]) not in (*earlier, vintage) or not about["title"]:
            raise ValueError(f"vintage {vintage} is based on one that does not come before it, or has no title")
        earlier.append(vintage)
    if content["in_force"] not in earlier:
        raise ValueError(f"in_force names {content['in_force']}, which is no vintage")
    seen: set[tuple[str, str]] = set()
    for group in content["group"]:
        words = (group["label"], group["unit"], group["source"], group["place"])
        sound = all(words) and group["status"] in _STATUSES and group["vintage"] in earlier
        if not sound or not isinstance(group["date"], date):
            raise ValueError(f"{group['key']} lacks a label, unit, source, place, date, known status or vintage")
        for name, value in group["values"].items():
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise TypeError(f"{group['key']}.{name} is not a number: {value!r}")
            cell = (group["vintage"], f"{group['key']}.{name}")
            if cell in seen:
                raise ValueError(f"{cell[1]} is given twice in {group['vintage']}")
            seen.add(cell)
