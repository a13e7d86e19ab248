"""Areas that ended and what became of them: the register of local authorities, and facts that it lacks.

The facts are in `data/importer/successions.toml`: the districts of England that ended in 2009, those of Northern
Ireland that ended in 2015, and codes that changed while the place went on.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from iitk.errors import DataCheckError
from iitk.sources.importer import facts

Row = tuple[str, ...]
COLUMNS = ["old_code", "old_name", "new_code", "new_name", "date", "share", "note", "still_in"]
LATEST = "2023-12-31"  # the areas of the toolkit are those of this day


def build(shared: Path, names: dict[str, str]) -> pd.DataFrame:
    """
    Table of successions: one row for each old area and each area of December 2023 that it became (part of).

    `names` gives the name of each district of December 2023. `share` is "whole", "most", "part" or "code"
    (only the code changed). `date` is the first day of the new area, empty where the register does not say.
    `still_in` names tables of figures that still hold the old area on its own.
    """
    register = pd.read_csv(facts.file(shared, "register"), dtype=str, keep_default_na=False)
    rows = [*_from_register(register), *_former_codes(register), *_reforms(register)]
    table = pd.DataFrame(rows, columns=["old_code", "old_name", "new_code", "date", "share", "note"])
    table["new_name"] = table["new_code"].map(names)
    if (unknown := table[table["new_name"].isna()]).size:
        raise DataCheckError(f"A succession leads to {', '.join(unknown['new_code'])}, not a district of 2023.")
    table["still_in"] = table["old_code"].map(_still_in(shared)).fillna("")
    return table[COLUMNS].sort_values(["old_code", "new_code"]).reset_index(drop=True)


def recoded() -> dict[str, str]:
    """Codes that came after 2023 -> the code that the same place had then."""
    reforms = [reform for reform in facts.successions().reform if reform.date > LATEST and reform.share == "code"]
    return {code: then for reform in reforms for then, codes in reform.became.items() for code in codes}


def _from_register(register: pd.DataFrame) -> list[Row]:
    """Areas whose successor the register names, followed to the areas of today (Taunton Deane via 2019 to Somerset)."""
    mostly = facts.successions().mostly
    by_key = {one["local-authority-code"]: one for one in register.to_dict("records")}
    rows: list[Row] = []
    for one in by_key.values():
        if one["replaced-by"] == "" or one["gss-code"] == "":
            continue
        successors = one["replaced-by"].split(",")
        for successor in successors:
            new, day, note = successor, _first_day(one["end-date"]), mostly.get(one["gss-code"], "")
            if then := by_key[successor]["replaced-by"]:
                note = f"It was first, from {day[:4]}, part of {by_key[successor]['nice-name']}."
                new, day = then, _first_day(by_key[successor]["end-date"])
            share = "part" if len(successors) > 1 else "most" if one["gss-code"] in mostly else "whole"
            rows.append((one["gss-code"], one["nice-name"], by_key[new]["gss-code"], day, share, note))
    return rows


def _first_day(end: str) -> str:
    """First day of the new area: the register gives the old one's last day (31 March) or the day after it (1 April)."""
    day = date.fromisoformat(end)
    return (day + timedelta(days=1) if day.day == 31 else day).isoformat()


def _reforms(register: pd.DataFrame) -> list[Row]:
    """The facts that the register lacks, with old names from there where it knows them."""
    names = dict(zip(register["local-authority-code"], register["nice-name"], strict=True)) | facts.successions().names
    return [
        (old, names.get(old, ""), new, reform.date, reform.share, reform.note)
        for reform in facts.successions().reform
        for new, became in reform.became.items()
        for old in became
    ]


def _former_codes(register: pd.DataFrame) -> list[Row]:
    """Codes that changed while the place, small changes of boundary apart, went on."""
    rows: list[Row] = []
    for one in register[register["former-gss-codes"] != ""].to_dict("records"):
        if one["gss-code"].startswith("E47"):  # combined authorities come from their own lookup
            continue
        same = (one["nice-name"], one["gss-code"], "", "code", "The register gives no date.")
        rows += [(former, *same) for former in one["former-gss-codes"].split(",")]
    return rows


def _still_in(shared: Path) -> dict[str, str]:
    """Old code -> the tables of figures that still hold it."""
    bres = pd.read_csv(facts.file(shared, "jobs_lad"), dtype=str, usecols=["GEOGRAPHY_CODE", "DATE"])
    years = f"{bres['DATE'].min()}-{bres['DATE'].max()}"
    return dict.fromkeys(bres["GEOGRAPHY_CODE"].unique(), f"BRES jobs by section {years}")
