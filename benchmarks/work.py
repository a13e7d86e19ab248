"""One piece of work, timed in a process of its own: `python -m benchmarks.work NAME SHARED` prints one line of JSON.

The imports that both ways share are made before the clock starts; what differs is what is measured.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

CURRENT = "GVA Current Prices £m"
LEAVES = (
    "AB (1-9)", "CA-CB (10-15)", "CC (16-18)", "CD-CG (19-23)", "CH (24-25)", "CI-CL (26-30)", "CM (31-33)",
    "DE (35-39)",
    "41", "42", "43", "45", "46", "47", "49-51", "52-53", "I (55-56)", "58-60", "61-63", "K (64-66)", "68IMP", "68",
    "69",
    "70", "71", "72-75", "77", "78-80", "81", "82", "O (84)", "P (85)", "Q (86-88)", "R (90-93)", "94-95", "96",
    "T (97-98)",
)  # fmt: skip


def load_ours(_shared: Path) -> object:
    """The whole-UK table as a cube, checked against its record."""
    from iitk.sources import tables

    return tables.gva()


def load_pandas(shared: Path) -> object:
    """The publishers' long file, read and pivoted."""
    long = pd.read_parquet(shared / "ons/RGVA_LAD.parquet")
    current = long[long["variable.name"] == CURRENT]
    year = pd.to_datetime(current["dates.date"]).dt.year
    return current.assign(year=year).pivot_table(
        index="geography.code", columns=["industry.code", "year"], values="value"
    )


def _cube() -> tuple[np.ndarray, np.ndarray]:
    from iitk.sources import industries, tables

    cube = tables.gva()
    leaves = cube.industries.get_indexer(pd.Index(industries.leaves("gva_lad")))
    total = cube.industries.get_loc("Total")
    return cube.current[:, leaves, :], cube.current[:, total, :]


def quotients_ours() -> Callable[[], object]:
    """Every district x leaf industry x year at once."""
    from iitk.analysis.specialisation import location_quotient_cube

    parts, totals = _cube()
    reference, whole = np.nansum(parts, axis=0), totals.sum(axis=0)
    return lambda: location_quotient_cube(parts, reference, totals, whole)


def quotients_pandas(shared: Path) -> Callable[[], object]:
    """The same from the long table: group, merge, divide."""
    table = pq.read_table(
        shared / "ons/RGVA_LAD.parquet",
        columns=["geography.code", "industry.code", "dates.date", "variable.name", "value"],
    )
    long = table.to_pandas()
    long = long[long["variable.name"] == CURRENT].rename(
        columns={"geography.code": "area", "industry.code": "industry", "dates.date": "year"}
    )

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


def main(name: str, shared: Path) -> None:
    """Do the work called `name` and print its seconds and the memory it added."""
    import iitk.sources.tables  # the library itself is no part of the measurement

    prepared = {"quotients_ours": quotients_ours, "quotients_pandas": lambda: quotients_pandas(shared)}
    loads = {"load_ours": load_ours, "load_pandas": load_pandas}
    work = prepared[name]() if name in prepared else lambda: loads[name](shared)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    kept = work()
    seconds = time.perf_counter() - began
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps({"seconds": seconds, "mb": memory, "kept": kept is not None and iitk.__version__}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
