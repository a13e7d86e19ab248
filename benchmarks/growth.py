"""Shift-share of every district, year by year: ours beside an analyst's pandas on a long table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.task import Prepare, Setting, Task

EFFECTS = ("national", "mix", "local")


def _panel(setting: Setting) -> tuple[np.ndarray, pd.Index, pd.Index, pd.Index]:
    """GVA (areas x leaf industries x years) and its labels."""
    from iitk.sources import industries, tables

    cube = tables.gva()
    labels = pd.Index(industries.leaves("gva_lad"))
    leaves = cube.current[:, cube.industries.get_indexer(labels), :].astype(np.float64)
    years, areas = pd.Index(cube.years), pd.Index(cube.areas)
    return (leaves[:20, :, :5], areas[:20], labels, years[:5]) if setting.small else (leaves, areas, labels, years)


def _size(effects: npt.ArrayLike) -> float:
    """How large one effect of all areas is, gains and losses alike (over all areas mix and local add up to 0)."""
    return float(np.abs(effects).sum())


def one_by_one(setting: Setting) -> Task:
    """`dynamic_shift_share` for one area after the other, as a notebook would."""
    from iitk.analysis.growth import dynamic_shift_share

    values, areas, industries, years = _panel(setting)
    tables = {area: pd.DataFrame(one.T, years, industries) for area, one in zip(areas, values, strict=True)}
    reference = pd.DataFrame(np.nansum(values, axis=0).T, years, industries)

    def work() -> Mapping[str, pd.DataFrame]:
        return {area: dynamic_shift_share(table, reference) for area, table in tables.items()}

    def answer(results: Sequence[Any]) -> Mapping[str, float]:
        return {name: _size([table.loc["Total", name] for table in results[0].values()]) for name in EFFECTS}

    return Task([work], answer)


def at_once(setting: Setting) -> Task:
    """`shift_share_cube` on all areas and years, summed over industries and years."""
    from iitk.analysis.shiftshare import shift_share_cube

    values, _, _, _ = _panel(setting)
    reference = np.nansum(values, axis=0)

    def work() -> Mapping[str, np.ndarray]:
        effects = shift_share_cube(values[..., :-1], values[..., 1:], reference[..., :-1], reference[..., 1:])
        return {name: np.nansum(effect, axis=(1, 2)) for name, effect in effects.items()}

    return Task([work], lambda results: {name: _size(results[0][name]) for name in EFFECTS})  # type: ignore[index]


def by_pandas(setting: Setting) -> Task:
    """From the long table: shift by a year, group for the growth rates, merge, multiply, add up by area and year."""
    values, areas, industries, years = _panel(setting)
    labels = pd.MultiIndex.from_product([areas, industries, years], names=["area", "industry", "year"])
    long = pd.Series(values.ravel(), labels, name="gva").reset_index()

    def work() -> pd.DataFrame:
        table = long.sort_values(["area", "industry", "year"])
        table["before"] = table.groupby(["area", "industry"])["gva"].shift()
        nation = long.groupby(["industry", "year"], as_index=False)["gva"].sum()
        nation["growth"] = nation.groupby("industry")["gva"].pct_change()
        whole = long.groupby("year", as_index=False)["gva"].sum()
        whole["all_growth"] = whole["gva"].pct_change()
        table = table.merge(nation.drop(columns="gva"), on=["industry", "year"])
        table = table.merge(whole.drop(columns="gva"), on="year")
        table = table[(table["gva"] >= 0) & (table["before"] >= 0)].copy()  # no growth from or to a gap or a loss
        table["national"] = table["before"] * table["all_growth"]
        table["mix"] = table["before"] * (table["growth"] - table["all_growth"])
        table["local"] = table["gva"] - table["before"] * (1 + table["growth"])
        return table.groupby(["area", "year"])[list(EFFECTS)].sum()

    def answer(results: Sequence[Any]) -> Mapping[str, float]:
        areas = results[0].groupby("area").sum()
        return {name: _size(areas[name]) for name in EFFECTS}

    return Task([work], answer)


WORK: dict[str, Prepare] = {
    "shift_one_by_one": one_by_one, "shift_at_once": at_once, "shift_pandas": by_pandas,
}  # fmt: skip
