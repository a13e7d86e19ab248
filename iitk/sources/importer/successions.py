"""Areas that ended and what became of them: the register of local authorities, and facts that it lacks.

The register names a successor for 48 of the 73 authorities that ended in 2009 to 2025. Added here, as facts: the
districts of England that ended on 1 April 2009 (Structural Changes Orders made under the Local Government and Public
Involvement in Health Act 2007), those of Northern Ireland that ended on 1 April 2015 (Local Government (Boundaries)
Order (Northern Ireland) 2012) and codes that changed while the place went on.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from iitk.errors import DataCheckError
from iitk.sources.importer.base import shared_file

REGISTER = "lookups/uk_local_authorities.csv"
BRES_SECTION = "nomis/bres_lad_section_2015_2021.csv"
Row = tuple[str, ...]
COLUMNS = ["old_code", "old_name", "new_code", "new_name", "date", "share", "note", "still_in"]

# New code -> code and name of each district that became a whole part of it on 1 April 2009.
ENGLAND_2009: dict[str, dict[str, str]] = {
    "E06000047": {
        "E07000054": "Chester-le-Street", "E07000055": "Derwentside", "E07000056": "Durham", "E07000057": "Easington",
        "E07000058": "Sedgefield", "E07000059": "Teesdale", "E07000060": "Wear Valley",
    },
    "E06000049": {"E07000014": "Congleton", "E07000015": "Crewe and Nantwich", "E07000017": "Macclesfield"},
    "E06000050": {"E07000013": "Chester", "E07000016": "Ellesmere Port and Neston", "E07000018": "Vale Royal"},
    "E06000051": {
        "E07000182": "Bridgnorth", "E07000183": "North Shropshire", "E07000184": "Oswestry",
        "E07000185": "Shrewsbury and Atcham", "E07000186": "South Shropshire",
    },
    "E06000052": {
        "E07000019": "Caradon", "E07000020": "Carrick", "E07000021": "Kerrier", "E07000022": "North Cornwall",
        "E07000023": "Penwith", "E07000024": "Restormel",
    },
    "E06000054": {
        "E07000230": "Kennet", "E07000231": "North Wiltshire", "E07000232": "Salisbury", "E07000233": "West Wiltshire",
    },
    "E06000055": {"E07000002": "Bedford"},
    "E06000056": {"E07000001": "Mid Bedfordshire", "E07000003": "South Bedfordshire"},
    "E06000057": {
        "E07000157": "Alnwick", "E07000158": "Berwick-upon-Tweed", "E07000159": "Blyth Valley",
        "E07000160": "Castle Morpeth", "E07000161": "Tynedale", "E07000162": "Wansbeck",
    },
}  # fmt: skip

# New code -> the districts of Northern Ireland (by their letter in the register) that became part of it in 2015.
NI_2015: dict[str, str] = {
    "N09000001": "TU",  # Antrim and Newtownabbey
    "N09000002": "NOQ",  # Armagh City, Banbridge and Craigavon
    "N09000004": "BCDE",  # Causeway Coast and Glens
    "N09000005": "AJ",  # Derry City and Strabane
    "N09000006": "KL",  # Fermanagh and Omagh
    "N09000007": "SY",  # Lisburn and Castlereagh
    "N09000008": "FGV",  # Mid and East Antrim
    "N09000009": "HIM",  # Mid Ulster
    "N09000010": "PR",  # Newry, Mourne and Down
    "N09000011": "WX",  # Ards and North Down
}
PARTLY_BELFAST = {"S": "part", "Y": "part", "W": "most"}  # Lisburn, Castlereagh, North Down: what the rest became

MOSTLY = {"E10000009": "Christchurch went to Bournemouth, Christchurch and Poole."}  # the county of Dorset

# Barnsley and Sheffield took new codes when their common boundary moved on 1 April 2025: the figures use the older.
RECODED_2025 = {"E08000038": "E08000016", "E08000039": "E08000019"}


def build(shared: Path, names: dict[str, str]) -> pd.DataFrame:
    """
    Table of successions: one row for each old area and each area of December 2023 that it became (part of).

    `names` gives the name of each district of December 2023. `share` is "whole", "most", "part" or "code"
    (only the code changed). `date` is the first day of the new area, empty where the register does not say.
    `still_in` names tables of figures that still hold the old area on its own.
    """
    register = pd.read_csv(shared_file(shared, REGISTER), dtype=str, keep_default_na=False)
    rows = [*_from_register(register), *_england_2009(), *_northern_ireland(register), *_recoded(register)]
    table = pd.DataFrame(rows, columns=["old_code", "old_name", "new_code", "date", "share", "note"])
    table["new_name"] = table["new_code"].map(names)
    if (unknown := table[table["new_name"].isna()]).size:
        raise DataCheckError(f"A succession leads to {', '.join(unknown['new_code'])}, not a district of 2023.")
    table["still_in"] = table["old_code"].map(_still_in(shared)).fillna("")
    return table[COLUMNS].sort_values(["old_code", "new_code"]).reset_index(drop=True)


def _from_register(register: pd.DataFrame) -> list[Row]:
    """Areas whose successor the register names, followed to the areas of today (Taunton Deane via 2019 to Somerset)."""
    by_key = {one["local-authority-code"]: one for one in register.to_dict("records")}
    rows: list[Row] = []
    for one in by_key.values():
        if one["replaced-by"] == "" or one["gss-code"] == "":
            continue
        successors = one["replaced-by"].split(",")
        for successor in successors:
            new, day, note = successor, _first_day(one["end-date"]), MOSTLY.get(one["gss-code"], "")
            if then := by_key[successor]["replaced-by"]:
                note = f"It was first, from {day[:4]}, part of {by_key[successor]['nice-name']}."
                new, day = then, _first_day(by_key[successor]["end-date"])
            share = "part" if len(successors) > 1 else "most" if one["gss-code"] in MOSTLY else "whole"
            rows.append((one["gss-code"], one["nice-name"], by_key[new]["gss-code"], day, share, note))
    return rows


def _name(register: pd.DataFrame, key: str) -> str:
    return str(register.loc[register["local-authority-code"] == key, "nice-name"].iloc[0])


def _first_day(end: str) -> str:
    """First day of the new area: the register gives the old one's last day (31 March) or the day after it (1 April)."""
    day = date.fromisoformat(end)
    return (day + timedelta(days=1) if day.day == 31 else day).isoformat()


def _england_2009() -> list[Row]:
    rows: list[Row] = []
    for new, old in ENGLAND_2009.items():
        share = "code" if len(old) == 1 else "whole"
        rows += [(code, name, new, "2009-04-01", share, "") for code, name in old.items()]
    return rows


def _northern_ireland(register: pd.DataFrame) -> list[Row]:
    """The register holds no ONS code of these districts: its own code (NIR-A to NIR-Z) stands in."""
    note = "Small changes of boundary apart."
    rows: list[Row] = []
    for new, letters in NI_2015.items():
        for letter in letters:
            share = PARTLY_BELFAST.get(letter, "whole")
            old = (f"NIR-{letter}", _name(register, f"NIR-{letter}"))
            rows.append((*old, new, "2015-04-01", share, note))
            if letter in PARTLY_BELFAST:
                rows.append((*old, "N09000003", "2015-04-01", "part", note))
    return rows


def _recoded(register: pd.DataFrame) -> list[Row]:
    """Codes that changed while the place, small changes of boundary apart, went on."""
    names = dict(zip(register["gss-code"], register["nice-name"], strict=True))
    rows: list[Row] = []
    for one in register[register["former-gss-codes"] != ""].to_dict("records"):
        if one["gss-code"].startswith("E47"):  # combined authorities come from their own lookup
            continue
        same = (one["nice-name"], one["gss-code"], "", "code", "The register gives no date.")
        rows += [(former, *same) for former in one["former-gss-codes"].split(",")]
    later = "The new code of 2025; the figures here use the code of December 2023."
    rows += [(new, names.get(old, ""), old, "2025-04-01", "code", later) for new, old in RECODED_2025.items()]
    return rows


def _still_in(shared: Path) -> dict[str, str]:
    """Old code -> the tables of figures that still hold it."""
    bres = pd.read_csv(shared_file(shared, BRES_SECTION), dtype=str, usecols=["GEOGRAPHY_CODE", "DATE"])
    years = f"{bres['DATE'].min()}-{bres['DATE'].max()}"
    return dict.fromkeys(bres["GEOGRAPHY_CODE"].unique(), f"BRES jobs by section {years}")
