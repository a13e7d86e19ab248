"""The commands: read what was typed, call the library, say the result. Results go to stdout, progress to stderr."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from iitk.cli import trouble
from iitk.errors import UsageError
from iitk.sources import area_files, paths

if TYPE_CHECKING:
    from iitk.runs import series
    from iitk.runs.warm.kernel import Forker

OK, FAILED = 0, 1


def run(arguments: argparse.Namespace) -> int:
    """Run the notebooks for the areas named, or say what that would do."""
    area_files.pin()
    with contextlib.ExitStack() as at_end:
        parent = _start_early(arguments, at_end)
        from iitk.runs import report, series

        plan = _plan(arguments)
        if arguments.dry_run:
            outlook = series.look(plan)
            _tell(arguments, outlook.as_dict(), outlook.text())
            return OK
        with trouble.two_presses():
            result = series.run(plan, report.for_stream(quiet=arguments.quiet), parent=parent)
    if arguments.json:
        print(_json(result.as_dict()))
    elif not arguments.quiet:
        print(report.summary(result))
    for failed in result.failed:
        _say(f"{_loud('failed')}: {failed.area}, {failed.stage}: {failed.message}")
    return FAILED if result.failed else OK


def _start_early(arguments: argparse.Namespace, at_end: contextlib.ExitStack) -> Forker | None:
    """Have the parent of kernels get ready while we do, where there is certainly something for it to do."""
    from iitk.runs.warm import kernel, wire

    try:
        new = arguments.force or not (Path(arguments.out) / "run.json").exists()
    except OSError:  # no folder to write to, which will be said
        new = False
    if not new or arguments.dry_run or arguments.dask is not None or not wire.SUPPORTED:
        return None
    parent = kernel.Forker()
    at_end.callback(parent.close)
    return parent


def _plan(arguments: argparse.Namespace) -> series.Plan:
    from iitk.runs import kernels, series
    from iitk.sources import geography

    if not str(arguments.out).strip():
        raise UsageError("--out is empty. Name a folder, such as: --out outputs")
    if arguments.stages is not None and not arguments.stages.strip(", "):
        raise UsageError("--stages is empty. Name stages, such as: --stages 00,01 (or leave it out for all)")
    if arguments.dask is not None and not arguments.dask.strip():
        raise UsageError("--dask is empty. Name the scheduler of a cluster, such as: --dask tcp://10.0.0.5:8786")
    cohort = geography.load_cohort(arguments.cohort) if arguments.cohort else None
    limits = {"timeout": arguments.timeout, "retries": arguments.retry, "memory": arguments.memory}
    return series.Plan(
        areas=[*(area.asked for area in (cohort.areas if cohort else ())), *arguments.areas],
        stages=[name for name in (arguments.stages or "").split(",") if name.strip()],
        out=Path(arguments.out),
        comparator=arguments.comparator,
        vintage=arguments.vintage or "",
        reference=cohort.reference.asked if cohort and cohort.reference else "",
        jobs=series.at_a_time() if arguments.jobs is None else arguments.jobs,
        force=arguments.force,
        cohort=cohort.name if cohort else "",
        dask=arguments.dask or "",
        limits=kernels.Limits(**{name: value for name, value in limits.items() if value is not None}),
    )


def areas(arguments: argparse.Namespace) -> int:
    """Find areas by name or code."""
    from iitk.sources import geography

    text = " ".join(arguments.words)
    found = geography.find(text, limit=arguments.limit)
    if arguments.json:
        print(_json([{**asdict(match.area), "score": match.score, "why": match.why} for match in found]))
    elif not found:
        raise UsageError(f"No area is called anything like {text!r}. Try a part of its name, or its ONS code.")
    else:
        rows = [(m.area.code, m.area.name, str(m.area.kind), _parents(m.area.parents)) for m in found]
        print("\n".join(_columns(rows)))
        notes = dict.fromkeys(match.area.note for match in found if match.area.note)
        print("".join(f"\n{note}" for note in notes), end="\n" if notes else "")
    return OK


def new_options(arguments: argparse.Namespace) -> int:
    """Write a template of options."""
    from iitk.sources import options_template

    years, funders = _years(arguments.years), [one.strip().lower() for one in arguments.funders.split(",")]
    columns = options_template.template(arguments.file, years=years, funders=funders)
    _tell(arguments, {"file": arguments.file, "years": years, "funders": funders, "columns": columns},
          f"Wrote {arguments.file}: {len(columns)} columns, and an example in row 2 to replace by your own.")
    return OK


def new_area(arguments: argparse.Namespace) -> int:
    """Make a folder with everything that a team brings to choosing."""
    from iitk.sources import choices_template, geography

    area = geography.resolve(arguments.name)
    folder = (arguments.folder or area_files.root()) / area.slug
    made = choices_template.write(folder, years=_years(None), funders=["council", "grant", "private"])
    names = [path.name for path in made]
    _tell(arguments, {"area": {"code": area.code, "name": area.name}, "folder": folder, "files": names},
          f"Wrote {', '.join(names)} in {folder}, each with an example to replace by your own.\n"
          f"Look whether they are sound with: iitk check {folder}")  # fmt: skip
    return OK


def check(arguments: argparse.Namespace) -> int:
    """List every fault of a file of options, or of all files of a folder together; or what is in it."""
    from iitk.errors import FaultyFileError, FaultyFolderError
    from iitk.sources.choices_schema import FILES, TOML

    path: Path = arguments.file
    folder = path if path.is_dir() or not (path.suffix or path.exists()) else None
    if path.name == TOML or path.stem in FILES:
        folder = folder or path.parent
    what = {"folder": folder} if folder else {"file": path}
    try:
        said, words = _in_folder(folder) if folder else _in_file(path)
    except FaultyFileError as error:
        _tell(arguments, {**what, "faults": [fault._asdict() for fault in error.faults]}, error.told(every=True))
        return FAILED
    except FaultyFolderError as error:
        faults = [{"file": one.file, **fault._asdict()} for one in error.files for fault in one.faults]
        _tell(arguments, {**what, "faults": faults}, error.told(every=True))
        return FAILED
    _tell(arguments, {**what, "faults": [], **said}, words)
    return OK


def _in_file(path: Path) -> tuple[dict[str, Any], str]:
    """What a sound file of options holds, as figures and in words."""
    from iitk.sources import options

    found = options.read(path)
    years, total = [found.years[0], found.years[-1]], sum(cost.amount for one in found.options for cost in one.costs)
    count = len(found.options)
    words = (f"{path} is sound: {count:,} option{'s' * (count != 1)} that would together cost "
             f"£{total:,.0f} from {years[0]} to {years[1]}, in prices of {found.price_year}.")  # fmt: skip
    return {"options": count, "price_year": found.price_year, "years": years, "cost_gbp": total}, words


def _in_folder(folder: Path) -> tuple[dict[str, Any], str]:
    """What a sound folder of a choice holds, as figures and in words."""
    from iitk.sources import choices

    found = choices.read(folder)
    said = {
        "options": len(found.options.options),
        "dropped": len({one.option for one in found.verdicts if one.passed is False}),
        "criteria": len(found.criteria), "members": len(found.members), "scenarios": len(found.scenarios),
        "vintage": found.vintage, "budget_gbp": sum(amount for *_, amount in found.budget),
    }  # fmt: skip
    return said, (
        f"{folder} is sound. Options: {said['options']:,}, of which {said['dropped']} fail a success factor; "
        f"criteria: {said['criteria']}; members: {said['members']}; scenarios: {said['scenarios']}; "
        f"budget: £{said['budget_gbp']:,.0f}."
    )


def _years(asked: str | None) -> list[int]:
    """Years from "2027-2031"; without a wish five, from next year."""
    if asked is None:
        first = datetime.now(UTC).year + 1
        return list(range(first, first + 5))
    match = re.fullmatch(r"(20\d\d)-(20\d\d)", asked.strip())
    if not match or not 0 <= int(match[2]) - int(match[1]) < 30:
        raise UsageError(f"--years is {asked!r}. Write first and last year, at most 30, such as: --years 2027-2031")
    return list(range(int(match[1]), int(match[2]) + 1))


def data_build(arguments: argparse.Namespace) -> int:
    """Write the official figures from the publishers' files."""
    from iitk.sources import importer

    shared, out = arguments.shared or paths.shared_default(), arguments.out or paths.data_dir()
    if not shared.is_dir():
        raise UsageError(f"There is no folder {shared}. Name the publishers' files with --from DIR.")
    print(importer.build(shared, out, progress=_say))
    return OK


def data_check(arguments: argparse.Namespace) -> int:
    """Run every check of the figures."""
    from iitk.sources import checks

    if arguments.shared and not arguments.shared.is_dir():
        raise UsageError(f"There is no folder {arguments.shared}. Name the publishers' files with --from DIR.")
    results = checks.run_all(paths.data_dir(), shared=arguments.shared)
    passed = sum(result.passed for result in results)
    lines = [f"{'ok    ' if one.passed else _loud('FAILED')} {one.key}: {one.message}" for one in results]
    _tell(arguments, [asdict(one) for one in results],
          "\n".join([*lines, f"{passed} of {len(results)} checks passed."]))  # fmt: skip
    return OK if passed == len(results) else FAILED


def data_record(arguments: argparse.Namespace) -> int:
    """Work out the record of potential again."""
    from iitk.stages import track_record

    print(track_record.build(progress=None if arguments.quiet else _say))
    return OK


def serve(arguments: argparse.Namespace) -> int:
    """Serve the pages until Ctrl-C."""
    from iitk.serve import app

    area_files.pin()
    options = app.Options(
        port=arguments.port, ip=arguments.ip, names=tuple(arguments.name or ()),
        token=os.environ.get("IITK_TOKEN") if arguments.token is None else arguments.token,
        base=arguments.base, outputs=Path(arguments.out), visitors=arguments.visitors or 0,
        idle=app.IDLE if arguments.idle is None else arguments.idle,
    )  # fmt: skip
    first = app.address(arguments.stage or "", arguments.area or "", arguments.comparator)

    def ready(own: str, token: str) -> None:
        key = f"{'&' if '?' in first else '?'}token={quote(token)}" if token else ""
        if arguments.json:
            print(json.dumps({"address": own, "open": f"{own}{first}{key}", "token": token}), flush=True)
        else:
            print(f"Open {own}{first}{key}\nStop with Ctrl-C.", flush=True)

    with contextlib.suppress(KeyboardInterrupt):
        app.serve(options, ready)
    _say("Stopped.")
    return OK


def doctor(arguments: argparse.Namespace) -> int:
    """Look at everything that the pages need."""
    from iitk.serve import doctor

    checks = doctor.examine(port=arguments.port, outputs=Path(arguments.out), visitors=arguments.visitors)
    wrong = sum(check.state == "failed" for check in checks)
    lines = [f"{_loud(*_SIGNS[check.state])} {check.title}: {check.message}"
             + (f"\n       {check.remedy}" if check.remedy else "") for check in checks]  # fmt: skip
    lines.append(f"\n{len(checks) - wrong} of {len(checks)} are well." if wrong else "\nAll is well.")
    _tell(arguments, [asdict(check) for check in checks], "\n".join(lines))
    return FAILED if wrong else OK


def _say(*parts: object) -> None:
    print(*parts, file=sys.stderr, flush=True)


def _tell(arguments: argparse.Namespace, content: Any, words: str) -> None:
    """Print a result: as JSON where that is wanted, else in words."""
    print(_json(content) if arguments.json else words)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: object) -> object:
    if hasattr(value, "tolist"):
        return value.tolist()  # numpy's numbers and arrays
    if isinstance(value, set | frozenset):
        return sorted(value)
    return value.as_posix() if isinstance(value, Path) else str(value)


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Pad the cells of a small table; its first column is cut only where codes of many areas are joined."""
    short = [tuple(cell if len(cell) <= 40 else f"{cell[:37]}..." for cell in row[:-1]) + row[-1:] for row in rows]
    widths = [max(len(row[place]) for row in short) for place in range(len(short[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in short]


def _parents(parents: Sequence[tuple[Any, str, str]]) -> str:
    return "in " + ", ".join(dict.fromkeys(name for _, _, name in parents)) if parents else ""


_RED, _GREEN, _YELLOW = 31, 32, 33
_SIGNS = {"ok": ("ok    ", _GREEN), "advice": ("advice", _YELLOW), "failed": ("FAILED", _RED)}


def _loud(text: str, colour: int = _RED) -> str:
    """Text in a colour, where a person at a colour terminal reads it."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty()
    return text if plain else f"\x1b[{colour}m{text}\x1b[0m"
