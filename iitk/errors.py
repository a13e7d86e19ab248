"""Errors that say what is wrong, where, and what to do next.

Everything that a user can cause or mend is an `IitkError`: its text is shown as it is, without a
traceback. Anything else that escapes is a bug.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple


class IitkError(Exception):
    """Base of every error that is meant for the user. Its text is advice."""


class UsageError(IitkError):
    """What was asked for does not exist or does not fit: the command ends with status 2."""


class WorkError(IitkError):
    """What was asked for was sound, but could not be done: the command ends with status 1."""


class UnknownAreaError(UsageError):
    """No area has this name or code."""

    def __init__(self, asked: str, nearest: Sequence[str]) -> None:
        self.asked, self.nearest = asked, tuple(nearest)
        near = f" Nearest names: {', '.join(nearest)}." if nearest else ""
        super().__init__(f"No area is called {asked!r}.{near}\nSearch with: iitk areas WORD")


class AreaOverlapError(UsageError):
    """An area was written so that a place would count twice."""


class EndedAreaError(UsageError):
    """An area that has been merged or renamed was asked for where only today's areas can be used."""


class UnknownStageError(UsageError):
    """No such stage."""

    def __init__(self, asked: str, stages: Sequence[str]) -> None:
        super().__init__(f"No stage is called {asked!r}. Stages that exist: {', '.join(stages)}.")


class MissingColumnsError(IitkError, ValueError):
    """A table lacks columns that a measure needs."""

    def __init__(self, missing: Iterable[str], present: Iterable[str], *, table: str) -> None:
        missing, present = list(missing), [str(name) for name in present]
        lines = [f"The table '{table}' has no column {', '.join(map(repr, missing))}."]
        for name in missing:
            if near := get_close_matches(name, present, n=1):
                lines.append(f"It has {near[0]!r}: rename that to {name!r} if it means the same.")
        lines.append(f"Columns found: {', '.join(map(repr, present))}.")
        super().__init__("\n".join(lines))


class MethodError(IitkError, ValueError):
    """A method was given figures that it cannot use."""


class DataMissingError(WorkError):
    """A table of official figures is not there."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"The table {path} is missing.\nRebuild it with: iitk data build --from ../shared/data")


class DataDamagedError(WorkError):
    """A table of official figures is not the one that its record describes."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"The table {path} is damaged: {why}.\nRebuild it with: iitk data build --from ../shared/data")


class DataCheckError(WorkError):
    """A check of the data failed."""


class OutputError(WorkError):
    """A file or folder for results could not be written."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"Cannot write to {path}: {why}.\nChoose another folder with --out FOLDER.")


class Fault(NamedTuple):
    """One thing that is wrong in a file that people fill in: where it is, what is wrong, and what to do."""

    row: int | None  # as a spreadsheet counts them: the headings are row 1; None: the file as a whole
    column: str
    wrong: str
    fix: str

    def __str__(self) -> str:
        places = (f"row {self.row}" if self.row else "", f"column {self.column}" if self.column else "")
        where = ", ".join(place for place in places if place)
        return f"{where}{': ' if where else ''}{self.wrong}. {self.fix}"


class FaultyFileError(UsageError):
    """A file that people fill in has faults. Nothing of it was taken over; `faults` holds every one."""

    SHOWN = 40

    def __init__(self, file: str, faults: Iterable[Fault]) -> None:
        self.file = file
        self.faults = tuple(sorted(faults, key=lambda fault: fault.row or 0))
        super().__init__(self.told())

    def told(self, *, every: bool = False) -> str:
        """Faults as lines; unless `every` is wanted, no more than a person reads."""
        shown = len(self.faults) if every else self.SHOWN
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults):,} faults"
        lines = [f"{self.file}: {count}; nothing was taken over.", *map(str, self.faults[:shown])]
        if (more := len(self.faults) - shown) > 0:
            lines.append(f"... and {more:,} more.")
        return "\n".join(lines)


class KeyFault(Fault):
    """A fault of a key in a TOML file, where there are no rows and columns; `column` holds the key."""

    __slots__ = ()

    def __str__(self) -> str:
        where = f"{self.column}: " if self.column else ""
        return f"{where}{self.wrong}. {self.fix}"


class FaultyFolderError(UsageError):
    """Files that belong together have faults, alone or beside each other. Nothing of any was taken over."""

    def __init__(self, folder: str, files: Iterable[FaultyFileError]) -> None:
        self.folder, self.files = folder, tuple(files)
        super().__init__("\n".join(error.told() for error in self.files))

    def told(self, *, every: bool = False) -> str:
        """Faults of each file as lines; unless `every` is wanted, no more of one file than a person reads."""
        return "\n".join(error.told(every=every) for error in self.files)
