"""Tables of official figures: read, checked against their record, and kept for the process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from iitk.errors import DataDamagedError, DataMissingError, UnknownAreaError, UsageError
from iitk.model import Source
from iitk.sources import paths, provenance
from iitk.sources.kept import kept_of_file

_sources = kept_of_file(provenance.read)
FloatCube = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class GvaCube:
    """Value added of areas by industry and year: two cubes over the same axes.

    `current` is £ million in current prices, `index` the chained volume measure (2022 = 100); both have the shape
    (areas, industries, years) and are read-only. A cell that is missing, or not published at the area's level, is NaN.
    """

    areas: pd.Index
    industries: pd.Index
    years: npt.NDArray[np.int16]
    current: FloatCube
    index: FloatCube
    scheme: str  # of the industries table: "gva_lad" or "gva_itl"

    def wide(self, year: int, *, leaf: bool = True, areas: Iterable[str] | None = None) -> pd.DataFrame:
        """Current £ million of one year, areas x industries.

        With `leaf` only the industries of the exact leaf partition, which never overlap; else every published
        code, which nest and must not be added.
        """
        rows = self._areas_at(areas)
        names = self._leaves() if leaf else self.industries
        columns = self.industries.get_indexer(names)
        values = self.current[:, :, self._year_at(year)][np.ix_(rows, columns)].astype("float64")
        return pd.DataFrame(values, index=self.areas[rows], columns=pd.Index(names, name="industry_code"))

    def series(self, area_code: str, industry: str = "Total") -> pd.DataFrame:
        """One area and industry over the years: columns `current_gbp_m` and `cvm_index`, index `year`."""
        row, column = self._areas_at([area_code])[0], self._industry_at(industry)
        columns = {"current_gbp_m": self.current[row, column], "cvm_index": self.index[row, column]}
        return pd.DataFrame(columns, index=pd.Index(self.years, name="year")).astype("float64")

    def total(self, year: int) -> pd.Series:
        """The published totals of one year, current £ million by area."""
        values = self.current[:, self._industry_at("Total"), self._year_at(year)].astype("float64")
        return pd.Series(values, index=self.areas, name="Total")

    def _leaves(self) -> pd.Index:
        industries = load("industries")
        leaf = (industries["scheme"] == self.scheme) & industries["is_leaf"]
        leaves: pd.Index = pd.Index(industries["code"][leaf].tolist(), dtype="str")
        return leaves

    def _areas_at(self, areas: Iterable[str] | None) -> npt.NDArray[np.intp]:
        if areas is None:
            return np.arange(len(self.areas))
        codes = list(areas)
        places = self.areas.get_indexer(pd.Index(codes))
        for code, place in zip(codes, places, strict=True):
            if place < 0:
                raise UnknownAreaError(code, get_close_matches(code, list(self.areas), n=3))
        return places

    def _industry_at(self, industry: str) -> int:
        if industry not in self.industries:
            near = ", ".join(get_close_matches(industry, list(self.industries), n=3, cutoff=0.3))
            raise UsageError(f"No industry has the code {industry!r} in this table. Nearest codes: {near}.")
        return int(self.industries.get_indexer(pd.Index([industry]))[0])

    def _year_at(self, year: int) -> int:
        at = np.flatnonzero(self.years == year)
        if not at.size:
            raise UsageError(f"The table holds {self.years[0]} to {self.years[-1]}, not {year}.")
        return int(at[0])


def all_sources() -> dict[str, Source]:
    """Where every table comes from, by key."""
    return dict(_sources(paths.sources_file()))


def source(key: str) -> Source:
    """Where one table comes from."""
    entries = _sources(paths.sources_file())
    if key not in entries:
        raise DataDamagedError(paths.sources_file(), f"it has no entry [{key}]")
    return entries[key]


def verify_all() -> None:
    """Compare every table with its record; raises DataMissingError or DataDamagedError for the first that differs."""
    for key in all_sources():
        _verified(key, "parquet" if key != "outlines" else "json")


def load(key: str) -> pd.DataFrame:
    """One table of official figures as a frame of its own: changing it changes nothing else.

    The file's hash is compared with its record once per process and file. Raises DataMissingError or
    DataDamagedError, which say how to rebuild.
    """
    return _frame(_verified(key, "parquet")).copy(deep=False)


def gva() -> GvaCube:
    """Value added of the 361 local authorities by industry, 1998 to 2023. Kept for the process."""
    return _cube(_verified("gva_lad", "parquet"), "gva_lad")


def gva_itl() -> GvaCube:
    """Value added of ITL areas, England, the UK (UK, UKX) and extra-regio by industry. Kept for the process."""
    return _cube(_verified("gva_itl", "parquet"), "gva_itl")


def productivity() -> pd.DataFrame:
    """GVA per hour and per job by local authority and year; UKX is the United Kingdom less extra-regio."""
    return load("productivity_lad")


def jobs_nuts2() -> pd.DataFrame:
    """Jobs by NUTS2 (2016) area, division and year, Great Britain only; counts are rounded."""
    return load("jobs_nuts2_division")


def jobs_lad() -> pd.DataFrame:
    """Jobs by local authority (as of 2021), section and year: 13 districts of West and North Yorkshire."""
    return load("jobs_lad_section")


def indicators_meta() -> pd.DataFrame:
    """What each local indicator is: label, unit, which way is better, theme, file, caveat."""
    return load("indicators_meta")


def indicator(slug: str, *, latest: bool = False, ended: bool = False) -> pd.DataFrame:
    """Rows of one local indicator, all periods, or with `latest` the last period of each area.

    Areas that have ended are left out unless `ended`, so that no place is counted twice. A missing, suppressed
    or unreliable value says so in `status`; the last period may have no value.
    """
    meta = indicators_meta()["indicator"].tolist()
    if slug not in meta:
        near = get_close_matches(slug, meta, n=3, cutoff=0.4) or meta
        raise UsageError(f"No indicator is called {slug!r}. Nearest names: {', '.join(near)}.")
    rows = _by_indicator(_verified("indicators", "parquet"))[slug]
    if not ended:
        rows = rows[rows["vintage"] != "ended"]
    if latest:
        rows = rows[~rows.duplicated("area_code", keep="last")]  # rows are sorted by area, then period
    return rows.reset_index(drop=True)


def _stamp(path: Path) -> paths.Stamp:
    """The file as it is now; a change of it is a different stamp."""
    if (stamp := paths.stamp(path)) is None:
        raise DataMissingError(path)
    return stamp


def _verified(key: str, ending: str) -> paths.Stamp:
    stamp = _stamp(paths.official(f"{key}.{ending}"))
    _check_hash(stamp, source(key).sha256)
    return stamp


@lru_cache(maxsize=128)
def _check_hash(stamp: paths.Stamp, expected: str) -> None:
    """Compare a file with its record; remembered for the process when it agrees."""
    path = Path(stamp[0])
    if provenance.sha256_of(path) != expected:
        raise DataDamagedError(path, "its hash is not the one recorded in sources.toml")


@lru_cache(maxsize=32)
def _frame(stamp: paths.Stamp) -> pd.DataFrame:
    return read_frame(Path(stamp[0]))


def read_frame(path: Path) -> pd.DataFrame:
    """A Parquet file as a frame, whatever its record says; raises DataMissingError or DataDamagedError."""
    if not path.is_file():
        raise DataMissingError(path)
    frame: pd.DataFrame = _read(path).to_pandas(use_threads=False)
    return frame


@lru_cache(maxsize=2)
def _by_indicator(stamp: paths.Stamp) -> dict[str, pd.DataFrame]:
    return {str(slug): rows for slug, rows in _frame(stamp).groupby("indicator", sort=False)}


def _read(path: Path, text_as_codes: tuple[str, ...] = ()) -> pa.Table:
    """A Parquet file as an Arrow table, read without further threads: the files are small, and processes fork."""
    try:
        # ParquetFile and not read_table, which first imports the machinery for many files.
        with pq.ParquetFile(path, read_dictionary=list(text_as_codes), memory_map=True, pre_buffer=False) as file:
            return file.read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise DataDamagedError(path, f"it cannot be read ({error})") from error


@lru_cache(maxsize=4)
def _cube(stamp: paths.Stamp, scheme: str) -> GvaCube:
    table = _read(Path(stamp[0]), ("area_code", "industry_code"))
    areas, at_area = _axis(table, "area_code")
    industries, at_industry = _axis(table, "industry_code")
    years, at_year = _year_axis(table["year"].to_numpy())
    shape = (len(areas), len(industries), len(years))
    place = (at_area * shape[1] + at_industry) * shape[2] + at_year
    if np.bincount(place).max() > 1:
        raise DataDamagedError(Path(stamp[0]), "a cell stands in it twice")
    return GvaCube(
        areas=areas,
        industries=industries,
        years=years,
        current=_fill(table["current_gbp_m"], place, shape),
        index=_fill(table["cvm_index"], place, shape),
        scheme=scheme,
    )


def _axis(table: pa.Table, name: str) -> tuple[pd.Index, npt.NDArray[np.int64]]:
    """The sorted distinct values of a text column, and each row's place among them."""
    codes = table[name].unify_dictionaries().combine_chunks()
    codes = codes.chunk(0) if isinstance(codes, pa.ChunkedArray) else codes
    values = np.array(codes.dictionary.to_pylist(), dtype=object)
    order = np.argsort(values)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return pd.Index(values[order], dtype="str", name=name), rank[codes.indices.to_numpy(zero_copy_only=False)]


def _year_axis(of_rows: npt.NDArray[np.int16]) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int64]]:
    """The sorted distinct years, and each row's place among them; by counting, which is faster than sorting."""
    offsets = of_rows.astype(np.int64) - int(of_rows.min())
    present = np.bincount(offsets) > 0
    years = (np.flatnonzero(present) + int(of_rows.min())).astype(np.int16)
    return years, (np.cumsum(present) - 1)[offsets]


def _fill(column: pa.ChunkedArray, place: npt.NDArray[np.int64], shape: tuple[int, int, int]) -> FloatCube:
    """Values at their places in a cube that is otherwise missing; read-only."""
    cube = np.full(shape, np.nan, dtype=np.float32)
    cube.reshape(-1)[place] = column.to_numpy()
    cube.flags.writeable = False
    return cube
