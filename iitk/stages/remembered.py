"""Results that are asked for again and again while somebody chooses: worked out once for the same arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Found = TypeVar("Found")


def remembered(most: int) -> Callable[[Callable[Given, Found]], Callable[Given, Found]]:
    """
    Keep the `most` latest results of a function or method.

    As `functools.lru_cache`, but an argument left out is the same as its default: `best()` and `best("group", 100)`
    are one question. Results must not be changed.
    """

    def decorate(function: Callable[Given, Found]) -> Callable[Given, Found]:
        signature, keep = inspect.signature(function), lru_cache(maxsize=most)(function)

        @wraps(function)
        def wrapper(*args: Given.args, **named: Given.kwargs) -> Found:
            bound = signature.bind(*args, **named)
            bound.apply_defaults()
            return keep(*bound.args, **bound.kwargs)

        wrapper.cache_clear = keep.cache_clear  # type: ignore[attr-defined]
        return wrapper

    return decorate
