"""Codes right for their vintage, each place there once, and missing kept apart from zero."""

from __future__ import annotations

import re

import pandas as pd
import pyarrow.parquet as pq

from iitk.sources.checks.base import Data, Found, check
from iitk.sources.ended import successors

PATTERNS = {  # table -> what every area code in it must look like
    "gva_lad": r"(E0[6789]|W06|S12|N09)\d{6}",
    "productivity_lad": r"(E0[6789]|W06|S12|N09)\d{6}|UKX",
    "gva_itl": r"UK|UKX|TLZ|TLB|TL[C-N][0-9A-Z]{0,2}",
    "jobs_nuts2_division": r"UK[C-M]\d",
    "jobs_lad_section": r"E0[6789]\d{6}",
    "indicators": r"[EWSNK]\d{8}|TL[B-N][0-9A-Z]{0,2}",
    "innovation": r"UK[C-NZ][0-9A-Z]{1,2}|E37\d{6}",
}
KEYS = {
    "gva_lad": ["area_code", "industry_code", "year"],
    "gva_itl": ["area_code", "industry_code", "year"],
    "jobs_nuts2_division": ["area_code", "industry_code", "year"],
    "jobs_lad_section": ["area_code", "industry_code", "year"],
    "productivity_lad": ["area_code", "year"],
    "indicators": ["indicator", "area_code", "period"],
    "innovation": ["indicator", "area_level", "area_code", "year"],
    "indicators_meta": ["indicator"],
    "innovation_meta": ["indicator"],
    "areas": ["code"],
    "area_members": ["parent_code", "lad_code"],
    "area_successions": ["old_code", "new_code"],
    "lad_neighbours": ["lad_code", "neighbour_code"],
    "industries": ["scheme", "code"],
}
SCHEMES = {
    "gva_lad": "gva_lad",
    "gva_itl": "gva_itl",
    "jobs_nuts2_division": "sic_division",
    "jobs_lad_section": "sic_section",
}
RECODED = ("gva_lad", "productivity_lad", "jobs_lad_section", "indicators")  # tables over changes of code
STATUSES = {"", "missing", "suppressed", "unreliable"}


@check("{n} columns of codes are not text")
def codes_are_text(data: Data) -> Found:
    """Every column of codes is text, so that no leading zero is lost."""
    faults, tested, tables = [], 0, []
    for path in sorted(data.official.glob("*.parquet")):
        for field in pq.read_schema(path):
            if field.name == "code" or field.name.endswith("_code"):
                tested += 1
                tables.append(path.stem)
                faults += [] if str(field.type) == "string" else [f"{path.stem}.{field.name} is {field.type}"]
    return Found(faults, f"{tested} columns of codes are text.", tables=tuple(dict.fromkeys(tables)))


@check("{n} area codes do not fit", *PATTERNS)
def area_codes_fit_vintage(data: Data) -> Found:
    """Area codes have the form of their edition, and today's tables hold exactly today's districts."""
    faults = []
    for key, pattern in PATTERNS.items():
        wrong = [code for code in data.frame(key)["area_code"].unique() if not re.fullmatch(pattern, code)]
        faults += [f"{key} holds {code!r}" for code in wrong]
    districts, local = data.districts, data.frame("indicators")
    current = local[(local["area_kind"] == "local authority") & (local["vintage"] == "current")]
    for key, codes in {
        "gva_lad": set(data.frame("gva_lad")["area_code"]),
        "productivity_lad": set(data.frame("productivity_lad")["area_code"]) - {"UKX"},
    }.items():
        faults += [f"{key} lacks {code}" for code in sorted(districts - codes)]
        faults += [f"{key} holds {code}, no district of 2023" for code in sorted(codes - districts)]
    faults += [f"indicators hold {code}, no district of 2023" for code in sorted(set(current["area_code"]) - districts)]
    good = f"Area codes fit their editions; value added and productivity hold the {len(districts)} districts of 2023."
    return Found(faults, good)


@check("{n} industry codes are unknown", *SCHEMES, "industries")
def industry_codes_known(data: Data) -> Found:
    """Every industry code of a table stands in the industries table under the table's scheme."""
    faults = []
    for key, scheme in SCHEMES.items():
        known = set(data.industries(scheme).index)
        faults += [f"{key} holds {code!r}" for code in sorted(set(data.frame(key)["industry_code"]) - known)]
    return Found(faults, "Every industry code is in the table of industries.")


@check("{n} tables have cells twice or cut", *KEYS)
def each_cell_once(data: Data) -> Found:
    """No cell stands twice, and the table of the 361 districts is complete: every area, industry and year."""
    faults = []
    for key, columns in KEYS.items():
        double = data.frame(key).duplicated(columns)
        if double.any():
            first = data.frame(key)[double].iloc[0]
            faults.append(f"{key} holds {' '.join(str(first[name]) for name in columns)} twice")
    for key in ("gva_lad", "jobs_nuts2_division", "jobs_lad_section"):
        frame = data.frame(key)
        expected = frame["area_code"].nunique() * frame["industry_code"].nunique() * frame["year"].nunique()
        if len(frame) != expected:
            faults.append(f"{key} has {len(frame):,} rows, not {expected:,}: rows were cut")
    return Found(faults, "Every cell stands once, and no rows are cut.")


@check("{n} places stand twice, under an old and a new code", *RECODED)
def no_area_with_successor(data: Data) -> Found:
    """No area stands together with its successor in the same table and year (and indicator)."""
    moves = data.frame("area_successions")[["old_code", "new_code"]]
    faults = []
    for key in RECODED:
        frame = data.frame(key)
        by = [name for name in ("indicator", "period", "year") if name in frame]
        cells = frame[["area_code", *by]].drop_duplicates()
        pairs = moves if key != "indicators" else pd.concat([moves, _noted(frame)]).drop_duplicates()
        both = cells.merge(pairs, left_on="area_code", right_on="old_code")
        both = both.merge(cells, left_on=["new_code", *by], right_on=["area_code", *by])
        both = both[both["old_code"] != both["new_code"]]
        shown = both[["old_code", "new_code", "year", *(["indicator"] if "indicator" in by else [])]].drop_duplicates()
        faults += [f"{key}: {' '.join(str(value) for value in row)}" for row in shown.itertuples(index=False)]
    return Found(faults, "No area stands beside its successor for the same year.")


def _noted(indicators: pd.DataFrame) -> pd.DataFrame:
    """Successions that the publisher's own notes state; an area split in several counts only with all of them."""
    ended = indicators.loc[indicators["vintage"] == "ended", ["area_code", "note"]].drop_duplicates()
    rows = [
        (code, new)
        for code, note in ended.itertuples(index=False)
        if len(successors(note)) == 1
        for new in successors(note)
    ]
    return pd.DataFrame(rows, columns=["old_code", "new_code"])


@check("{n} values mix up missing and given", "indicators", "gva_lad")
def missing_is_not_zero(data: Data) -> Found:
    """A figure that is missing or suppressed is empty, and one that is empty says why."""
    rows = data.frame("indicators")
    faults = [f"the status {status!r} is unknown" for status in sorted(set(rows["status"]) - STATUSES)]
    hidden = rows["status"].isin(["missing", "suppressed"]) & rows["value"].notna()
    silent = (rows["status"] == "") & rows["value"].isna()
    for mask, words in ((hidden, "has a value although it is not given"), (silent, "is empty without a reason")):
        faults += [f"{r.indicator} {r.area_code} {r.period} {words}" for r in rows[mask].itertuples()]
    gva = data.frame("gva_lad")["current_gbp_m"]
    zero, below = int((gva == 0).sum()), int((gva < 0).sum())
    good = (
        f"{int(rows['value'].isna().sum()):,} indicator values are empty, each with its reason; in value added "
        f"{int(gva.isna().sum()):,} cells are missing, {zero:,} are zero, {below} negative."
    )
    return Found(faults, good)
