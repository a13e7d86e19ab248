"""Writes the files of a choice for a team to fill in, each with one example; together they can be read as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from iitk.errors import UsageError
from iitk.sources import files, options_template
from iitk.sources.choices_schema import MANY, TABLES, TOML, Key, present
from iitk.sources.options_schema import COLUMNS
from iitk.sources.options_template import Value

_BUDGET = {"capital": 2_000_000, "revenue": 500_000}
_WORTH = {"key": '"worth"', "name": '"Worth to society"', "measure": '"npsv"',
          "question": '"How much more is it worth to society than it costs?"'}  # fmt: skip
_SHRINK = {"key": '"grants-shrink"', "name": '"National grants shrink"', "capital_budget": "0.7",
           "sentence": '"Capital grants fall by three tenths."'}  # fmt: skip
_MORE: Mapping[str, Sequence[Mapping[str, str]]] = {"criterion": [_WORTH], "scenario": [_SHRINK]}
_ABOUT = {
    "": "What a team brings to choosing. What stands behind a # is a note, or may be left out",
    "budget": "Money from all public funders together. It has to carry costs with optimism bias, year by year",
    "factor": "What an option must pass before it is compared with others; the verdicts are in factors.csv",
    "criterion": "What options are compared by; weights in weights.csv, scores (0 to 5) in scores.csv",
    "scenario": "What could come; the first is what is expected",
    "limit": "Floors and ceilings of an underpinning, in options and in pounds with optimism bias",
    "job_value": "Only for options that make the supply-side case; take it away if none does",
    "decision": "What a board makes of it; what is left out is blank on the printed record",
}


def write(folder: Path, *, years: Sequence[int], funders: Sequence[str]) -> list[Path]:
    """
    Write the five files into a folder: options.xlsx, choice.toml, factors.csv, weights.csv and scores.csv.

    Raises `UsageError` if one of them is there already, under either ending: nothing is written then.
    """
    if there := present(folder):
        told = ", ".join(path.name for path in there)
        raise UsageError(f"{folder} has {told} already, and is left as it is. Move the files away for fresh ones.")
    options_template.template(folder / "options.xlsx", years=years, funders=funders)
    files.write_text(folder / TOML, toml(years))
    option = next(column.example for column in COLUMNS if column.name == "name")
    rows: dict[str, dict[str, Value]] = {
        "factors": {"option": option, "powers": "pass", "powers_reason": ""},
        "weights": {"member": "council", "role": "Director of economy", "fairness": 40.0, "worth": 60.0},
        "scores": {"member": "council", "option": option, "fairness": 3.0},
    }
    tables = [options_template.save(folder / f"{name}.csv", list(row), [row]) for name, row in rows.items()]
    return [folder / "options.xlsx", folder / TOML, *tables]


def toml(years: Sequence[int]) -> str:
    """`choice.toml` with what each key means, and an example of each; what may be left out is a note."""
    lines: list[str] = []
    for table, keys in TABLES.items():
        lines += [f"# {_ABOUT[table]}."]
        if table == "budget":
            lines += [line for key in keys for line in _by_year(key, years)]
            continue
        heading = [f"[[{table}]]" if table in MANY else f"[{table}]"] if table else []
        lines += [*heading, *(_line(key) for key in keys), ""]
        for more in _MORE.get(table, ()):
            lines += [*heading, *(f"{name} = {value}" for name, value in more.items()), ""]
    return "\n".join(lines)


def _line(key: Key) -> str:
    line = f"{key.name} = {key.example}"
    return f"{line}  # {key.about}" if key.required else f"# {line}  # {key.about}"


def _by_year(key: Key, years: Sequence[int]) -> list[str]:
    return [f"[budget.{key.name}]  # {key.about}", *(f"{year} = {_BUDGET[key.name]}" for year in years), ""]
