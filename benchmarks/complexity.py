"""Balassa's index, proximity, density and complexity of 3,200 areas x 1,200 industries: ours, others', the floor."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.linalg
from scipy.linalg import blas

from benchmarks.task import Prepare, Setting, Task


def activity(setting: Setting) -> pd.DataFrame:
    """Made-up jobs, two cells in five above zero: able areas have more industries, rare ones among them."""
    areas, industries = (160, 60) if setting.small else (3200, 1200)
    rng = np.random.default_rng(1)
    odds = rng.normal(0.0, 1.0, areas)[:, None] - rng.normal(0.7, 1.0, industries)[None, :]
    jobs = rng.gamma(0.6, 100.0, odds.shape) * np.exp(rng.normal(0.0, 1.2, odds.shape) + 0.8 * odds)
    jobs[rng.random(odds.shape) > 1 / (1 + np.exp(-1.5 * odds - 0.5))] = 0
    return pd.DataFrame(
        jobs.round(),
        index=pd.Index([f"area {number}" for number in range(areas)], name="area"),
        columns=pd.Index([f"industry {number}" for number in range(industries)], name="industry"),
    )


def _answer(density: pd.DataFrame, eci: pd.Series) -> Mapping[str, float]:
    """What all implementations must agree on."""
    return {"mean density": float(density.to_numpy().mean())} | {
        f"eci of {area}": float(eci[area]) for area in ("area 0", "area 1", "area 2")
    }


def ours(setting: Setting) -> Task:
    """Four public functions, one after the other, on a table of areas x industries."""
    from iitk.analysis import relatedness

    table = activity(setting)

    def work() -> tuple[Any, ...]:
        quotients = relatedness.revealed_comparative_advantage(table)
        present = relatedness.presence(table)
        near = relatedness.proximity(present)
        return quotients, near, relatedness.relatedness_density(present, near), relatedness.complexity(present)

    return Task([work], lambda results: _answer(results[0][2], results[0][3].eci))


def ecomplexity(setting: Setting) -> Task:
    """Its one public function, on the long table that it asks for, without its optional test of supermodularity.

    It cannot be kept from working out the outlook index and gain as well, which takes under a twentieth of its time
    (its proximities take three quarters).
    """
    from ecomplexity import ecomplexity as public

    long = activity(setting).stack().rename("jobs").reset_index().assign(year=2026)
    columns = {"time": "year", "loc": "area", "prod": "industry", "val": "jobs"}

    def work() -> pd.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return public(long, columns, check_logsupermodularity=False, verbose=False)

    def answer(results: Sequence[Any]) -> Mapping[str, float]:
        return _answer(results[0][["density"]], results[0].groupby("area")["eci"].first())

    return Task([work], answer)


def econcomplex(setting: Setting) -> Task:
    """Its public functions on tables, and only the four that are asked for (its pipeline does more)."""
    import econcomplex as public

    table = activity(setting)

    counted = {"use_rca": False, "threshold": 0.5}

    def work() -> tuple[Any, ...]:
        quotients = public.rca(table)
        present = (quotients >= 1).astype(float)
        near = public.proximity(present, compute="product", **counted)["product"]
        density = public.relatedness_density(present, phi=near, **counted)
        return quotients, near, density, public.eci_pci(present, **counted)

    def answer(results: Sequence[Any]) -> Mapping[str, float]:
        quotients, near, density, (eci, _) = results[0]
        # Its density is a percentage, and leaves out an industry's own presence: put into our convention.
        others = near.sum(axis=0)
        return _answer((density / 100 * others + (quotients >= 1)) / (others + 1), eci)

    return Task([work], answer)


def econcomplex_pipeline(setting: Setting) -> Task:
    """Its entry point, as its users call it: on a long table, with what it works out besides (outlook, distance)."""
    from econcomplex import compute_complexity

    long = activity(setting).stack().rename("jobs").reset_index()
    columns = {"loc": "area", "act": "industry", "val": "jobs"}

    def work() -> pd.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compute_complexity(long, columns)

    return Task([work])


def _present(setting: Setting) -> np.ndarray:
    jobs = activity(setting).to_numpy()
    return np.where(jobs * jobs.sum() >= np.outer(jobs.sum(axis=1), jobs.sum(axis=0)), 1.0, 0.0)


def bare(setting: Setting) -> Task:
    """The floor: two products of a matrix with itself (half of each), one general product, three eigenvectors.

    All by scipy's copy of BLAS: after numpy's copy, its waiting threads slow the other down.
    """
    present = np.asfortranarray(_present(setting))
    size = present.shape[1]

    def work() -> tuple[Any, ...]:
        both = blas.dsyrk(1.0, present, trans=1, lower=1)
        density = blas.dgemm(1.0, present, both)
        gram = blas.dsyrk(1.0, present, trans=1, lower=1)
        most = (size - 3, size - 1)
        return both, density, scipy.linalg.eigh(gram, subset_by_index=most, overwrite_a=True, check_finite=False)

    return Task([work])


def bare_numpy(setting: Setting) -> Task:
    """The same in plain numpy, which can only find all eigenvectors."""
    present = _present(setting)

    def work() -> tuple[Any, ...]:
        both = present.T @ present
        return both, present @ both, np.linalg.eigh(present.T @ present)

    return Task([work])


WORK: dict[str, Prepare] = {
    "complexity_ours": ours, "complexity_ecomplexity": ecomplexity, "complexity_econcomplex": econcomplex,
    "complexity_econcomplex_pipeline": econcomplex_pipeline,
    "complexity_bare": bare, "complexity_bare_numpy": bare_numpy,
}  # fmt: skip
