"""What every part of the importer shares: the built table, and the one writer of tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from iitk.errors import DataCheckError, WorkError
from iitk.model import Source
from iitk.sources.files import write_bytes


@dataclass(frozen=True)
class BuiltTable:
    """One table that a part of the importer has made, with where it comes from.

    A frame becomes `KEY.parquet`, a text `KEY.json`. The part fills everything of `source` but `sha256` and `checks`;
    `source.files` are paths inside the shared folder.
    """

    source: Source
    content: pd.DataFrame | str


def shared_file(shared: Path, name: str) -> Path:
    """Path of a file of the shared folder; says what to do if it is not there."""
    path = shared / name
    if not path.is_file():
        raise WorkError(
            f"The file {name} is not in {shared}.\nName the folder that holds it: iitk data build --from FOLDER"
        )
    return path


def write_table(table: BuiltTable, folder: Path) -> Path:
    """Write one built table into `folder`; the same table always gives the same bytes."""
    key, content = table.source.key, table.content
    if isinstance(content, str):
        return write_bytes(folder / f"{key}.json", content.encode("utf-8"))
    return write_bytes(folder / f"{key}.parquet", parquet_bytes(content))


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as Parquet: zstd, dictionary codes for text, one row group, no pandas metadata."""
    _refuse_awkward_columns(frame)
    table = _plain_text(pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None))
    text = [field.name for field in table.schema if pa.types.is_string(field.type)]
    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    sink = pa.BufferOutputStream()
    pq.write_table(
        table, sink, compression="zstd", compression_level=19, row_group_size=max(len(frame), 1), version="2.6",
        use_dictionary=text + floats, dictionary_pagesize_limit=4 << 20, write_statistics=False, store_schema=False,
    )  # fmt: skip
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _plain_text(table: pa.Table) -> pa.Table:
    """Large strings and dictionaries of strings become plain strings, so that readers see one type."""
    for place, column in enumerate(table.schema):
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if pa.types.is_large_string(kind) or pa.types.is_dictionary(column.type):
            table = table.set_column(place, column.name, table.column(place).cast(pa.string()))
    return table


def _refuse_awkward_columns(frame: pd.DataFrame) -> None:
    """Codes are text, always: a column called code (or ending in _code) that is not text is refused."""
    for name in frame.columns:
        is_code = str(name) == "code" or str(name).endswith("_code")
        dtype = frame[name].dtype
        kind = dtype.categories.dtype if isinstance(dtype, pd.CategoricalDtype) else dtype
        if is_code and not pd.api.types.is_string_dtype(kind):
            raise DataCheckError(f"The column {name!r} holds codes and must be text, not {frame[name].dtype}.")
