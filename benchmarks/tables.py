"""Work on the official tables: ours beside the plain pandas way from the publishers' long file."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

import iitk.sources.tables  # the library itself is no part of the measurement
from benchmarks.task import Prepare, Setting, Task

LONG_FILE = "ons/RGVA_LAD.parquet"
CURRENT = "GVA Current Prices £m"
LEAVES = (
    "AB (1-9)", "CA-CB (10-15)", "CC (16-18)", "CD-CG (19-23)", "CH (24-25)", "CI-CL (26-30)", "CM (31-33)",
    "DE (35-39)",
    "41", "42", "43", "45", "46", "47", "49-51", "52-53", "I (55-56)", "58-60", "61-63", "K (64-66)", "68IMP", "68",
    "69",
    "70", "71", "72-75", "77", "78-80", "81", "82", "O (84)", "P (85)", "Q (86-88)", "R (90-93)", "94-95", "96",
    "T (97-98)",
)  # fmt: skip


def load_ours(_setting: Setting) -> Task:
    """The whole-UK table as a cube, checked against its record."""
    return Task([iitk.sources.tables.gva])


def load_pandas(setting: Setting) -> Task:
    """The publishers' long file, read and pivoted."""

    def work() -> object:
        long = pd.read_parquet(setting.shared / LONG_FILE)
        current = long[long["variable.name"] == CURRENT]
        year = pd.to_datetime(current["dates.date"]).dt.year
        return current.assign(year=year).pivot_table(
            index="geography.code", columns=["industry.code", "year"], values="value"
        )

    return Task([work])


def _cube() -> tuple[np.ndarray, np.ndarray]:
    from iitk.sources import industries

    cube = iitk.sources.tables.gva()
    leaves = cube.industries.get_indexer(pd.Index(industries.leaves("gva_lad")))
    total = cube.industries.get_loc("Total")
    return cube.current[:, leaves, :], cube.current[:, total, :]


def quotients_ours(_setting: Setting) -> Task:
    """Every district x leaf industry x year at once."""
    from iitk.analysis.specialisation import location_quotient_cube

    parts, totals = _cube()
    reference, whole = np.nansum(parts, axis=0), totals.sum(axis=0)
    return Task([lambda: location_quotient_cube(parts, reference, totals, whole)])


def quotients_pandas(setting: Setting) -> Task:
    """The same from the long table: group, merge, divide."""
    columns = ["geography.code", "industry.code", "dates.date", "variable.name", "value"]
    long = pq.read_table(setting.shared / LONG_FILE, columns=columns).to_pandas()
    long = long[long["variable.name"] == CURRENT].rename(
        columns={"geography.code": "area", "industry.code": "industry", "dates.date": "year"}
    )
    return Task([_from_long(long)])


def _from_long(long: pd.DataFrame) -> Callable[[], object]:
    def work() -> object:
        parts = long[long["industry"].isin(LEAVES)]
        totals = long[long["industry"] == "Total"][["area", "year", "value"]].rename(columns={"value": "total"})
        reference = (
            parts.groupby(["industry", "year"], as_index=False)["value"].sum().rename(columns={"value": "there"})
        )
        whole = totals.groupby("year", as_index=False)["total"].sum().rename(columns={"total": "whole"})
        joined = (
            parts.merge(totals, on=["area", "year"]).merge(reference, on=["industry", "year"]).merge(whole, on="year")
        )
        return (joined["value"] / joined["total"]) / (joined["there"] / joined["whole"])

    return work


WORK: dict[str, Prepare] = {
    "load_ours": load_ours, "load_pandas": load_pandas,
    "quotients_ours": quotients_ours, "quotients_pandas": quotients_pandas,
}  # fmt: skip
