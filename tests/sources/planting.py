"""A copy of the shipped figures in which a test can plant a fault, recorded as if the importer had made it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from iitk.sources import checks, provenance
from iitk.sources.checks.base import CheckResult, Data
from iitk.sources.importer.base import parquet_bytes
from iitk.sources.provenance import sha256_of

SHIPPED = Path(__file__).resolve().parents[2] / "data"


def copy_of_shipped(folder: Path) -> Path:
    shutil.copytree(SHIPPED / "official", folder / "official")
    shutil.copy(SHIPPED / "sources.toml", folder / "sources.toml")
    return folder


def read(data: Path, key: str) -> pd.DataFrame:
    return pq.read_table(data / "official" / f"{key}.parquet", use_threads=False).to_pandas()


def plant(data: Path, key: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Change a table and record its new hash, so that only the check of its content can see the fault."""
    path = data / "official" / f"{key}.parquet"
    path.write_bytes(parquet_bytes(change(read(data, key))))
    sources, inputs = provenance.read(data / "sources.toml"), provenance.read_inputs(data / "sources.toml")
    sources[key] = replace(sources[key], sha256=sha256_of(path))
    provenance.write(data / "sources.toml", sources, inputs)


def run(key: str, data: Path, shared: Path | None = None) -> CheckResult:
    return checks._run(key, dict(checks.ALL)[key], Data(data, shared))
