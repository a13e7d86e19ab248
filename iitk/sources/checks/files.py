"""The files are there, whole, and as small as they should be."""

from __future__ import annotations

import json

from iitk.sources.checks.base import Data, Found, check
from iitk.sources.provenance import read_inputs, sha256_of

LIMIT_ALL = 8_000_000  # bytes
LIMIT_OUTLINES = 500_000
REQUIRED = ("publisher", "title", "edition", "licence", "attribution", "unit", "files")


@check("{n} files do not match sources.toml")
def files_match_record(data: Data) -> Found:
    """Every recorded table is there with the recorded hash, and no table is there without a record."""
    present = {path.stem: path for path in sorted(data.official.glob("*")) if not path.name.startswith(".")}
    faults = [f"{key} is missing" for key in data.sources if key not in present]
    for key, path in present.items():
        if key not in data.sources:
            faults.append(f"{path.name} has no entry in sources.toml")
        elif sha256_of(path) != data.sources[key].sha256:
            faults.append(f"{path.name} is not the file that was recorded")
    good = f"{len(present)} tables are there, each with the hash that sources.toml records."
    return Found(faults, good)


@check("{n} gaps in sources.toml")
def record_is_complete(data: Data) -> Found:
    """Each entry of the record says publisher, title, edition, licence, attribution, unit and files."""
    faults = [
        f"{key} has no {name}" for key, source in data.sources.items() for name in REQUIRED if not getattr(source, name)
    ]
    good = f"{len(data.sources)} entries of sources.toml are complete."
    return Found(faults, good)


@check("{n} sizes are too large")
def files_are_small(data: Data) -> Found:
    """All tables together are at most 8 MB, and the outlines under 500 KB."""
    sizes = {path.name: path.stat().st_size for path in data.official.glob("*") if path.is_file()}
    total = sum(sizes.values())
    faults = [f"all tables take {total:,} bytes, more than {LIMIT_ALL:,}"] if total > LIMIT_ALL else []
    if (outlines := sizes.get("outlines.json", 0)) >= LIMIT_OUTLINES:
        faults.append(f"outlines.json takes {outlines:,} bytes, not under {LIMIT_OUTLINES:,}")
    good = f"The tables take {total / 1e6:.1f} MB of 8 MB; the outlines {outlines / 1e3:,.0f} KB of 500 KB."
    return Found(faults, good)


@check("{n} faults in the outlines", "outlines", "areas")
def outlines_are_readable(data: Data) -> Found:
    """The outlines are GeoJSON in degrees, one shape for each of today's districts."""
    content = json.loads((data.official / "outlines.json").read_text(encoding="utf-8"))
    codes = {feature["properties"]["code"] for feature in content["features"]}
    faults = [f"{code} has no outline" for code in sorted(data.districts - codes)]
    faults += [f"{code} has an outline but is no district" for code in sorted(codes - data.districts)]
    return Found(faults, f"{len(codes)} districts have an outline.")


@check("{n} files of the publishers differ")
def inputs_unchanged(data: Data) -> Found:
    """The publishers' files, where they are at hand, are those that the tables were built from."""
    if data.shared is None:
        return Found((), "Not checked: the publishers' files are not at hand.")
    inputs = read_inputs(data.folder / "sources.toml")
    faults = []
    for name, recorded in inputs.items():
        path = data.shared / name
        if not path.is_file():
            faults.append(f"{name} is missing")
        elif sha256_of(path) != recorded:
            faults.append(f"{name} is not the file that the tables were built from")
    good = f"{len(inputs)} files of the publishers are those that the tables were built from."
    return Found(faults, good)
