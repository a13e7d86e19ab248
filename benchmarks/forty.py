"""Forty options to choose from: the example of West Yorkshire, and variants of its own options by a seeded rule."""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[1] / "data" / "examples" / "west-yorkshire"
AREA, FOLDER, MANY = "West Yorkshire", "west-yorkshire", 40
_MONEY, _GAINS = ("capital_2", "revenue_2"), ("jobs_2", "benefit_2")  # columns of costs, and of outcomes, by year

Row = dict[str, str]
Table = tuple[Sequence[str], list[Row]]  # columns, rows


def write(areas: Path, seed: int = 0) -> Path:
    """Write the files of the area into a folder of areas, with `MANY` options on the short list; return theirs."""
    folder, rng = areas / FOLDER, random.Random(seed)  # noqa: S311 (no secret)
    shutil.copytree(EXAMPLE, folder)
    columns, options = _read(folder / "options.csv")
    dropped = {row["option"] for row in _read(folder / "factors.csv")[1] if "fail" in row.values()}
    short = [row for row in options if row["name"] not in dropped]
    copied = rng.sample(short, MANY - len(short))
    _write(folder / "options.csv", (columns, [*options, *(_variant(row, rng) for row in copied)]))
    again = {row["name"] for row in copied}
    for name in ("factors.csv", "scores.csv"):
        columns, rows = _read(folder / name)
        more = [{**row, "option": _again(row["option"])} for row in rows if row["option"] in again]
        _write(folder / name, (columns, [*rows, *more]))
    return folder


def _again(name: str) -> str:
    return f"{name}, second site"


def _variant(row: Row, rng: random.Random) -> Row:
    """The option once more, dearer or cheaper, with more or fewer outcomes; it needs what the first one needs."""
    cost, gain = rng.uniform(0.6, 1.2), rng.uniform(0.5, 1.1)
    made = {**row, "name": _again(row["name"])}
    for column, text in row.items():
        if text and column.startswith((*_MONEY, *_GAINS)):
            made[column] = str(round(float(text) * (cost if column.startswith(_MONEY) else gain)))
    return made


def _read(path: Path) -> Table:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    return reader.fieldnames or (), rows


def _write(path: Path, table: Table) -> None:
    columns, rows = table
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
