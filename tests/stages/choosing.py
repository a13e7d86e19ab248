"""The choice of a folder worked out again by loops over its files, and a place where nobody else's files are read.

Nothing of `iitk` stands on this side: the files are read with csv and tomllib, and the arithmetic is written out.
"""

from __future__ import annotations

import contextlib
import csv
import random
import tomllib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from statistics import median

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "examples" / "west-yorkshire"
YEARS = range(2027, 2032)
BIAS = {  # upper and lower bound of capital, read off the table of Mott MacDonald (2002)
    "none": (0.0, 0.0), "standard buildings": (0.24, 0.02), "non-standard buildings": (0.51, 0.04),
    "standard civil engineering": (0.44, 0.03), "non-standard civil engineering": (0.66, 0.06),
    "equipment and development": (2.0, 0.1),
}  # fmt: skip
SHARES = ("deadweight", "leakage", "displacement", "substitution")
FUNDERS = ("combined_authority", "council", "government")


@contextlib.contextmanager
def apart(folder: Path) -> Iterator[Path]:
    """Own files are looked for in `folder`/areas, and long results kept in `folder`/kept: both are empty at first."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IITK_AREAS", str(folder / "areas"))
        patch.setenv("IITK_CACHE", str(folder / "kept"))
        patch.delenv("IITK_APP", raising=False)
        patch.delenv("QUERY_STRING", raising=False)
        yield folder / "areas"


def read(name: str, folder: Path = EXAMPLE) -> list[dict[str, str]]:
    """The rows of a table."""
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def listed(cell: str) -> list[str]:
    """The names in a cell."""
    return [name.strip() for name in cell.split(";") if name.strip()]


class Hand:
    """What a folder says, in one scenario. Money in pounds; None is what nobody has estimated."""

    def __init__(self, scenario: str = "expected", rate: float = 0.035, folder: Path = EXAMPLE) -> None:
        self.rate = rate  # every year of the example lies before the 31st, when the rate would change
        self.rows = {row["name"]: row for row in read("options", folder)}
        self.factors, self.points, self.scored = (read(name, folder) for name in ("factors", "weights", "scores"))
        self.said = tomllib.loads((folder / "choice.toml").read_text(encoding="utf-8"))
        self.coming = next(one for one in self.said["scenario"] if one["key"] == scenario)

    # Each option

    def costs(self, name: str) -> dict[tuple[str, int, str], float]:
        """Pounds with optimism bias by kind, year and funder."""
        row = self.rows[name]
        upper, lower = BIAS[row["bias_class"]]
        uplift = max(upper * (1 - float(row["bias_mitigation"])), lower)
        found = {}
        for kind, times in (("capital", 1 + uplift), ("revenue", 1.0)):
            for year in YEARS:
                for funder in FUNDERS:
                    written = float(row[f"{kind}_{year}_{funder}"])
                    found[kind, year, funder] = written * times * self.coming.get(f"{kind}_cost", 1.0)
        return found

    def cost(self, name: str) -> float:
        """Over all years and funders."""
        return sum(self.costs(name).values())

    def spend(self, name: str) -> dict[str, float]:
        """Pounds by budget."""
        found = {f"{kind} {year}": 0.0 for kind in ("capital", "revenue") for year in YEARS}
        for (kind, year, _), pounds in self.costs(name).items():
            found[f"{kind} {year}"] += pounds
        return found

    def kept(self, name: str) -> float:
        """The share of gross that is left, in this scenario."""
        row, left = self.rows[name], 1.0
        for share in SHARES:
            left *= 1 - float(row[share])
        for what, times in self.coming.get("outcomes", {}).items():
            if what in ("all", row["underpinning"], row["lever"], row["opportunity"]):
                left *= times
        return left

    def net_jobs(self, name: str) -> float | None:
        row = self.rows[name]
        if not row["jobs_2031_central"]:
            return None
        return float(row["jobs_2031_central"]) * self.kept(name) * float(row["multiplier"])

    def discount(self, year: int) -> float:
        return (1 + self.rate) ** -(year - 2026)

    def pv_cost(self, name: str) -> float:
        return sum(pounds * self.discount(year) for (_, year, _), pounds in self.costs(name).items())

    def pv_benefit(self, name: str) -> float | None:
        row = self.rows[name]
        if not row["benefit_2031_central"]:
            return None
        gross = sum(float(row[f"benefit_{year}_central"]) * self.discount(year) for year in YEARS)
        last = float(row["benefit_2031_central"])
        for after in range(1, int(row["persistence_years"]) + 1):
            gross += last * (1 - float(row["decay"])) ** after * self.discount(2031 + after)
        return gross * self.kept(name)

    def npsv(self, name: str) -> float | None:
        benefit = self.pv_benefit(name)
        return None if benefit is None else benefit - self.pv_cost(name)

    def counted(self, name: str) -> float:
        """What an option counts in the worth of a portfolio: without estimated benefits, its costs."""
        worth = self.npsv(name)
        return -self.pv_cost(name) if worth is None else worth

    # People

    @cached_property
    def dropped(self) -> dict[str, tuple[str, str]]:
        """The first success factor that an option fails, by its name, and the reason."""
        found = {}
        for row in self.factors:
            for factor in self.said["factor"]:
                if row[factor["key"]] == "fail" and row["option"] not in found:
                    found[row["option"]] = (factor["name"], row[f"{factor['key']}_reason"])
        return found

    @cached_property
    def short(self) -> list[str]:
        """Names that no success factor drops; in the example none of them needs a dropped one."""
        return [name for name in self.rows if name not in self.dropped]

    def weights(self, member: str = "") -> dict[str, float]:
        """A member's weights, or the group's: medians, brought to a sum of 1."""
        rows = [row for row in self.points if member in ("", row["member"])]
        found = {one["key"]: median(float(row[one["key"]]) for row in rows) for one in self.said["criterion"]}
        return {key: value / sum(found.values()) for key, value in found.items()}

    def score(self, name: str, criterion: str, member: str = "") -> float | None:
        """A member's score; where they do not know, and for the group, the median of those who do."""
        rows = [row for row in self.scored if row["option"] == name and row[criterion] != "don't know"]
        own = [float(row[criterion]) for row in rows if row["member"] == member]
        known = own or [float(row[criterion]) for row in rows]
        return median(known) if known else None

    @cached_property
    def tops(self) -> dict[str, float]:
        """The most of each measure on the short list."""
        return {"npsv": max(v for name in self.short if (v := self.npsv(name)) is not None),
                "net_jobs": max(v for name in self.short if (v := self.net_jobs(name)) is not None)}  # fmt: skip

    def value(self, name: str, member: str = "") -> float:
        """What an option is worth to a member, or to the group: 0 to 100."""
        total, weights = 0.0, self.weights(member)
        for one in self.said["criterion"]:
            if one.get("measure"):
                figure = {"npsv": self.npsv, "net_jobs": self.net_jobs}[one["measure"]](name)
                part = None if figure is None else figure / self.tops[one["measure"]]
            else:
                score = self.score(name, one["key"], member)
                part = None if score is None else score / 5
            total += weights[one["key"]] * (part or 0.0)
        return 100 * total

    # Portfolios

    def money(self, percent: float = 100) -> dict[str, float]:
        """The budget in pounds, by kind and year."""
        return {f"{kind} {year}": self.said["budget"][kind][str(year)] * self.coming.get(f"{kind}_budget", 1.0)
                * percent / 100 for kind in ("capital", "revenue") for year in YEARS}  # fmt: skip

    @cached_property
    def facts(self) -> dict[str, tuple[dict[str, float], float, str, list[str], list[str]]]:
        """What a check needs of each option on the short list."""
        return {name: (self.spend(name), self.cost(name), self.rows[name]["underpinning"],
                       listed(self.rows[name]["needs"]), listed(self.rows[name]["excludes"]))
                for name in self.short}  # fmt: skip

    def over(self, names: set[str], percent: float = 100) -> list[str]:
        """What a portfolio has too much of: money, ceilings, what excludes each other."""
        broken = []
        for column, most in self.money(percent).items():
            if sum(self.facts[name][0][column] for name in names) > most + 1:
                broken.append(f"money for {column}")
        for name in names:
            broken += [f"{name} beside {other}" for other in self.facts[name][4] if other in names]
        for limit in self.said["limit"]:
            inside = [name for name in names if self.facts[name][2] == limit["underpinning"]]
            if len(inside) > limit.get("most", 99):
                broken.append(f"too many for {limit['underpinning']}")
            if sum(self.facts[name][1] for name in inside) > limit.get("most_pounds", 1e12) + 1:
                broken.append(f"too dear for {limit['underpinning']}")
        return broken

    def lacking(self, names: set[str]) -> list[str]:
        """What a portfolio has too little of: promises, needs, floors."""
        broken = [f"promised: {name}" for name in self.said["promised"] if name not in names]
        for name in names:
            broken += [f"{name} without {need}" for need in self.facts[name][3] if need not in names]
        for limit in self.said["limit"]:
            inside = [name for name in names if self.facts[name][2] == limit["underpinning"]]
            if len(inside) < limit.get("fewest", 0):
                broken.append(f"too few for {limit['underpinning']}")
            if sum(self.facts[name][1] for name in inside) < limit.get("least_pounds", 0) - 1:
                broken.append(f"too cheap for {limit['underpinning']}")
        return broken

    def by_chance(self, many: int, percent: float = 100, seed: int = 1) -> list[set[str]]:
        """Portfolios that keep to everything: options taken in a random order while they fit."""
        chance, found = random.Random(seed), []  # noqa: S311
        while len(found) < many:
            names = set(self.said["promised"])
            for name in chance.sample(self.short, len(self.short)):
                needs = {name, *self.facts[name][3]}
                needs |= {other for need in needs for other in self.facts[need][3]}
                if not self.over(names | needs, percent):
                    names |= needs
            if not self.lacking(names):
                found.append(names)
        return found
