"""The importer: from the files of `../shared/data` to the project's own tidy tables.

Each part reads some files and hands back built tables; `build` writes them all, with their record, or nothing.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from iitk.errors import DataCheckError, OutputError, WorkError
from iitk.model import Source
from iitk.sources import checks, provenance
from iitk.sources.importer.base import write_table
from iitk.sources.provenance import sha256_of

PARTS = ("areas", "outlines", "industries", "gva", "jobs", "productivity", "indicators", "innovation")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class BuildReport:
    """What a build wrote."""

    official: Path
    sizes: dict[str, int]  # file name -> bytes
    checks: tuple[checks.CheckResult, ...]

    @property
    def total_bytes(self) -> int:
        """Size of all tables together."""
        return sum(self.sizes.values())

    def __str__(self) -> str:
        size = f"{self.total_bytes / 1e6:.1f} MB"
        return f"{len(self.sizes)} tables, {size}, in {self.official}. {len(self.checks)} checks passed."


def build(shared: Path, out: Path, *, progress: Progress | None = None, parts: Sequence[str] = PARTS) -> BuildReport:
    """Build every table from `shared` into `out/official`, and their record into `out/sources.toml`.

    All or nothing: the tables are written and checked aside, and take the place of the old ones only when every
    part and every check has passed. The same files always give the same bytes. Raises WorkError if a file is
    missing, DataCheckError if a check fails, OutputError if `out` cannot be written.
    """
    say = progress or (lambda _: None)
    if not shared.is_dir():
        raise WorkError(f"There is no folder {shared}.\nName the folder of files: iitk data build --from FOLDER")
    aside = _aside(out)
    try:
        sources = _write_parts(shared, aside, parts, say)
        say("checks")
        results = _record(sources, shared, aside)
        _swap(aside, out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    sizes = {path.name: path.stat().st_size for path in sorted((out / "official").iterdir())}
    return BuildReport(out / "official", sizes, tuple(results))


def _aside(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=".build-", dir=out))
    except OSError as error:
        raise OutputError(out, error.strerror or str(error)) from error


def _write_parts(shared: Path, aside: Path, parts: Sequence[str], say: Progress) -> dict[str, Source]:
    """Build and write part after part; return where each table comes from, with its hash."""
    done: dict[str, Source] = {}
    for part in parts:
        say(part)
        for table in import_module(f"iitk.sources.importer.{part}").build(shared):
            path = write_table(table, aside / "official")
            done[table.source.key] = replace(table.source, sha256=sha256_of(path))
    return done


def _record(sources: dict[str, Source], shared: Path, aside: Path) -> list[checks.CheckResult]:
    """Write the record, run the checks on what was written, and write the record again with what they said."""
    inputs = {name: sha256_of(shared / name) for source in sources.values() for name in source.files}
    provenance.write(aside / "sources.toml", sources, inputs)
    results = checks.run_all(aside, shared=shared)
    if failed := [result for result in results if not result.passed]:
        lines = [f"{result.key}: {result.message}" for result in failed]
        raise DataCheckError("The new tables did not pass, and the old ones stay.\n" + "\n".join(lines))
    passed = {key: tuple(f"{one.key}: {one.message}" for one in results if key in one.tables) for key in sources}
    said = {key: replace(source, checks=passed[key]) for key, source in sources.items()}
    provenance.write(aside / "sources.toml", said, inputs)
    return results


def _swap(aside: Path, out: Path) -> None:
    """Put the new folder and record in the place of the old; the old folder comes back if that fails."""
    official, old = out / "official", aside / "old"
    try:
        if official.exists():
            official.rename(old)
        try:
            (aside / "official").rename(official)
        except OSError:
            if old.exists():
                old.rename(official)
            raise
        (aside / "sources.toml").replace(out / "sources.toml")
    except OSError as error:
        raise OutputError(out, error.strerror or str(error)) from error
