"""Results that many areas share: worked out once for each vintage of the figures, or of a file, and kept.

A process that has worked them out hands them to whatever it forks. Another folder of data, or another edition in the
same folder, has another vintage: its results are its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar, cast

import pandas as pd

from iitk.sources import paths

Given = ParamSpec("Given")
Found = TypeVar("Found")
MOST = 512  # results of one function, the latest used: enough for every district


def kept(function: Callable[Given, Found]) -> Callable[Given, Found]:
    """Keep what `function` found for the same arguments, until the figures change.

    A table is handed out as a frame of its own: changing it changes nothing else. Other results must not be changed.
    """

    @lru_cache(maxsize=MOST)
    def of_vintage(_vintage: paths.Vintage, *args: object, **named: object) -> object:
        return function(*args, **named)  # type: ignore[arg-type]

    @wraps(function)
    def wrapper(*args: Given.args, **named: Given.kwargs) -> Found:
        found = of_vintage(paths.vintage(), *args, **named)  # type: ignore[arg-type]
        if isinstance(found, pd.DataFrame | pd.Series):
            found = found.copy(deep=False)
        return cast("Found", found)

    return wrapper


def kept_of_file(function: Callable[Concatenate[Path, Given], Found]) -> Callable[Concatenate[Path, Given], Found]:
    """Keep what `function` read in a file until the file changes; where there is no file, it is asked each time."""

    @lru_cache(maxsize=32)
    def of_stamp(_stamp: paths.Stamp, path: Path, *args: object, **named: object) -> object:
        return function(path, *args, **named)  # type: ignore[arg-type]

    @wraps(function)
    def wrapper(path: Path, /, *args: Given.args, **named: Given.kwargs) -> Found:
        stamp = paths.stamp(path)
        found = of_stamp(stamp, path, *args, **named) if stamp else function(path, *args, **named)  # type: ignore[arg-type]
        return cast("Found", found)

    return wrapper
