"""Checks of the official figures: what must hold, and what must never be in them."""

from __future__ import annotations

from pathlib import Path

from iitk.errors import IitkError
from iitk.sources.checks import codes, files, series, totals
from iitk.sources.checks.base import Check, CheckResult, Data

__all__ = ["CheckResult", "run_all"]

ALL: tuple[tuple[str, Check], ...] = tuple(
    (one.key, one) for part in (files, codes, totals, series) for one in vars(part).values() if isinstance(one, Check)
)


def run_all(data: Path, *, shared: Path | None = None) -> list[CheckResult]:
    """Run every check on the folder `data` (it holds `official/` and `sources.toml`).

    With `shared` the checks that need the publishers' files run too. A check that meets a table that is missing
    or damaged has failed, with that as its message; the others still run.
    """
    under_check = Data(data, shared)
    return [_run(key, check, under_check) for key, check in ALL]


def _run(key: str, check: Check, data: Data) -> CheckResult:
    try:
        return check(data)
    except IitkError as error:
        return CheckResult(key, passed=False, message=str(error).splitlines()[0])
    except (OSError, ValueError, LookupError, TypeError) as error:  # a damaged table can fail a check in any way
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return CheckResult(key, passed=False, message=f"The check could not read the tables: {reason}")
