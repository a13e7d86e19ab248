"""What every method asks of its figures: plain numbers, labels that match, one row a label, shares from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.errors import MethodError

_FORMS = "must be a Series, a mapping of label to figure, or a list of figures"
Vector = pd.Series | Mapping[str, float] | Sequence[float] | npt.NDArray[np.float64]
Table = pd.DataFrame | Mapping[str, Sequence[float]] | Sequence[Sequence[float]] | npt.NDArray[np.float64]
Floats = npt.NDArray[np.float64]


def listed(labels: Sequence[object] | pd.Index, *, most: int = 5) -> str:
    """Write the first labels as text, and how many more there are."""
    shown = ", ".join(repr(str(label)) for label in list(labels)[:most])
    return shown if len(labels) <= most else f"{shown} and {len(labels) - most} more"


def floats(values: pd.Series | pd.DataFrame, argument: str) -> Floats:
    """Return the figures as floats (NaN where missing); text, dates and complex numbers among them are refused."""
    for column in [values] if isinstance(values, pd.Series) else _doubtful(values):
        _figures(column, argument)
    try:
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as problem:
        raise MethodError(
            f"{argument} holds something that is not a number ({problem}). Convert or remove it; a gap means missing."
        ) from problem


def _doubtful(values: pd.DataFrame) -> list[pd.Series]:
    """Columns that hold something else than whole numbers, floats, or true and false."""
    return [values.iloc[:, n] for n, kind in enumerate(values.dtypes) if getattr(kind, "kind", "O") not in "iufb"]


def _figures(values: pd.Series, argument: str) -> None:
    """Refuse what Python or numpy would turn into a figure in silence."""
    kind = getattr(values.dtype, "kind", "O")
    if kind in "iufb":
        return
    objects = () if kind in "Mmc" else values.dropna().to_numpy(dtype=object)
    held = [one for one in objects if not isinstance(one, (int, float))]
    if kind == "M" or any(map(is_date, held)):
        raise MethodError(f"{argument} holds dates: write them as figures, such as 2026.5 for the middle of 2026.")
    if kind == "m" or any(map(_is_span, held)):
        raise MethodError(f"{argument} holds lengths of time: write them as figures of one unit, such as days.")
    if kind == "c" or any(isinstance(one, (complex, np.complexfloating)) for one in held):
        raise MethodError(f"{argument} holds complex numbers: pass plain figures.")
    if text := [one for one in held if isinstance(one, (str, bytes))]:
        raise MethodError(
            f"{argument} holds something that is not a number ({text[0]!r} is text). "
            "Convert or remove it; a gap means missing."
        )


class Day(Protocol):
    """A day or a moment, of Python, numpy or pandas."""

    def isoformat(self) -> str:
        """Year, month and day."""


def is_date(value: object) -> bool:
    """Whether it is a day or a moment: of Python, numpy or pandas."""
    return isinstance(value, (np.datetime64, pd.Period)) or hasattr(value, "isoformat")


def _is_span(value: object) -> bool:
    return isinstance(value, np.timedelta64) or hasattr(value, "total_seconds")


def unique(labels: pd.Index, argument: str) -> None:
    """Refuse a label that stands twice: figures under it would count double."""
    if labels.has_duplicates:
        twice = labels[labels.duplicated()].unique()
        raise MethodError(f"{argument} has {listed(twice)} more than once. Add those rows together or drop one.")


def series(values: object, argument: str) -> pd.Series:
    """Return a checked Series of floats with unique labels; a list or array is labelled 0, 1, 2 ..."""
    if isinstance(values, pd.DataFrame):
        raise MethodError(f"{argument} must hold one figure a label, not a table. Pick a row, such as table.loc[area].")
    if not isinstance(values, pd.Series):
        if values is None or np.isscalar(values) or _nested(values):
            raise MethodError(f"{argument} {_FORMS}, not {values!r}.")
        try:
            values = pd.Series(cast("Mapping[str, float]", values))
        except (TypeError, ValueError) as problem:
            raise MethodError(f"{argument} {_FORMS}, not {type(values).__name__}.") from problem
    unique(values.index, argument)
    figures = floats(values, argument)
    _finite(figures, values.index, argument)
    return pd.Series(figures, index=values.index, name=values.name)


def _nested(values: object) -> bool:
    """Whether a list holds lists (of any lengths), or an array has rows."""
    if isinstance(values, (list, tuple)):
        return any(isinstance(one, (list, tuple, np.ndarray)) for one in values)
    return getattr(values, "ndim", 1) != 1


def frame(values: object, argument: str) -> pd.DataFrame:
    """Return a checked table of floats with unique rows and columns; gaps stay, infinity is refused with its rows.

    Rows of figures will do (see `as_table`). A table of floats is not copied: pandas copies it when it is first written
    to, here or by the caller.
    """
    table = unbounded_frame(values, argument)
    _finite(floats(table, argument), table.index, argument, table.columns)
    return table


def unbounded_frame(values: object, argument: str) -> pd.DataFrame:
    """As `frame`, with infinity let through, for a method with a rule of its own for it (the log of 0)."""
    values = as_table(values, argument)
    unique(values.index, f"{argument} (rows)")
    unique(values.columns, f"{argument} (columns)")
    if (values.dtypes == np.float64).all():
        return pd.DataFrame(values, copy=False)  # this leaves the caller's .attrs behind
    return pd.DataFrame(floats(values, argument), index=values.index, columns=values.columns)


def as_table(values: object, argument: str) -> pd.DataFrame:
    """Return a table; rows of figures (list or array) are labelled 0, 1, 2 ..., a mapping holds columns by name."""
    if isinstance(values, pd.DataFrame):
        return values
    try:
        if isinstance(values, Mapping) or np.ndim(cast("npt.ArrayLike", values)) == 2:
            return pd.DataFrame(cast("Any", values))
    except (TypeError, ValueError) as problem:
        raise MethodError(f"{argument} must be a table (DataFrame) or rows of the same length: {problem}.") from problem
    raise MethodError(f"{argument} must be a table (DataFrame) or rows of figures, not {type(values).__name__}.")


def _finite(figures: Floats, labels: pd.Index, argument: str, columns: pd.Index | None = None) -> None:
    """Refuse infinity; a gap may be known to a method, infinity to none."""
    with np.errstate(invalid="ignore", over="ignore"):
        if np.isfinite(figures.sum()):  # one pass settles most tables
            return
    rows, places = np.nonzero(np.isinf(figures).reshape(len(labels), -1))
    if len(rows):
        where = "" if columns is None else f" in {listed(columns[np.unique(places)])}"
        raise MethodError(
            f"{argument} holds infinity for {listed(labels[np.unique(rows)])}{where}. "
            "Give a figure, or (where the method allows gaps) a gap if it is not known."
        )


def array(values: object, argument: str) -> Floats:
    """Return figures of any shape as floats; gaps stay, text and infinity are refused."""
    try:
        given = np.asarray(values)
        if given.dtype.kind not in "iufb":
            _figures(pd.Series(given.ravel()), argument)
        figures = given.astype(np.float64, copy=False)
    except MethodError:
        raise
    except (TypeError, ValueError) as problem:
        raise MethodError(f"{argument} must hold figures, in rows of one length: {problem}.") from problem
    _finite(figures.reshape(-1, 1), pd.RangeIndex(figures.size), argument)
    return figures


def number(value: object, argument: str) -> float:
    """Return a plain number; text, true or false, nothing, a gap or infinity is refused."""
    try:
        found = float(cast("float", value))
    except (TypeError, ValueError, OverflowError):
        found = float("nan")
    if not np.isfinite(found) or isinstance(value, (str, bytes, bool, np.bool_)) or is_date(value) or _is_span(value):
        raise MethodError(f"{argument} must be a number, got {value!r}. Leave out what is not known.")
    return found


def whole(value: object, argument: str, least: int = 0) -> int:
    """Return a whole number of at least so much, as for draws, places and seeds."""
    found = number(value, argument)
    if found != int(found) or found < least:
        raise MethodError(f"{argument} must be a whole number, {least} or more, got {value!r}.")
    return int(found)


def mapping(values: object, argument: str) -> dict[Any, Any]:
    """Return what is given by label as a dict, from a mapping or a Series; nothing is an empty one."""
    if values is None:
        return {}
    if isinstance(values, pd.Series):
        unique(values.index, argument)
        return dict(zip(values.index, values.to_list(), strict=True))
    if isinstance(values, Mapping):
        return dict(values)
    raise MethodError(f"{argument} must be a mapping or a Series, by label, not {type(values).__name__}.")


def kinds(values: object, labels: pd.Index, argument: str, other: str) -> pd.Series:
    """Return a kind (text or whatever) for each label, from a Series, a mapping or a list in the labels' order."""
    if isinstance(values, (pd.Series, Mapping)):
        found = mapping(values, argument)
        if absent := [label for label in labels if label not in found]:
            raise MethodError(f"{other} has {listed(absent)}, but {argument} does not. Give each its kind.")
        return pd.Series([found[label] for label in labels], index=labels)
    listed_kinds = [] if np.ndim(cast("npt.ArrayLike", values)) != 1 else list(cast("Sequence[object]", values))
    if len(listed_kinds) != len(labels):
        raise MethodError(
            f"{argument} must hold one kind for each of the {len(labels)} of {other}: a Series, a mapping or a list."
        )
    return pd.Series(listed_kinds, index=labels)


def aligned(values: pd.Series, labels: pd.Index, argument: str, other: str) -> pd.Series:
    """Put `values` in the order of `labels`; both must hold the same labels."""
    if values.index.equals(labels):
        return values
    absent, extra = labels.difference(values.index), values.index.difference(labels)
    if len(absent) or len(extra):
        words = [f"{argument} and {other} do not have the same labels."]
        if len(absent):
            words.append(f"Only {other} has {listed(absent)}.")
        if len(extra):
            words.append(f"Only {argument} has {listed(extra)}.")
        if len(absent) and set(map(str, labels)) == set(map(str, values.index)):
            words.append("One side holds numbers, the other text.")
        raise MethodError(" ".join([*words, "Use the same labels on both sides."]))
    return values.reindex(labels)


def matched(values: object, labels: pd.Index, argument: str, other: str) -> pd.Series:
    """Return checked figures in the order of `labels`; a bare list or array of that length is taken to be in it."""
    figures = series(values, argument)
    if isinstance(values, (pd.Series, Mapping)):
        return aligned(figures, labels, argument, other)
    if len(figures) != len(labels):
        raise MethodError(
            f"{argument} has {len(figures)} figures, but {other} has {len(labels)} labels. Give one for each, in order."
        )
    return figures.set_axis(labels)


def complete(values: pd.Series, argument: str, why: str) -> None:
    """Refuse missing figures where one gap would spoil every result."""
    if values.isna().any():
        gaps = values.index[values.isna()]
        raise MethodError(f"{argument} has no figure for {listed(gaps)}. {why}")


def share(value: float, argument: str) -> float:
    """Return a share from 0 to 1; a percentage is refused with the fix."""
    if not 0 <= number(value, argument) <= 1:
        fix = f" For {value:g}% write {value / 100:g}." if 1 < value <= 100 else ""
        raise MethodError(f"{argument} must be a share from 0 to 1, got {value:g}.{fix}")
    return float(value)


def choice(value: str, options: Sequence[str], argument: str) -> str:
    """Return one of the named conventions, or say which there are."""
    if value not in options:
        raise MethodError(f"{argument} must be one of {', '.join(map(repr, options))}, got {value!r}.")
    return value


def ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> Floats:
    """Divide; NaN (never infinity) where the denominator is zero or either is missing."""
    top, bottom = np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return cast("Floats", np.where(bottom != 0, top / bottom, np.nan))


def row_sums(values: Floats) -> Floats:
    """Sum of each row; NaN where a part is."""
    return np.asarray(values.sum(axis=1), dtype=np.float64)
