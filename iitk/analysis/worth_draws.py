"""What doubt in costs, outcomes and additionality does to the worth of options: draws, and the ranges they give."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pandas as pd
from scipy import special
from scipy.stats import qmc

from iitk.analysis.checks import Floats, ratio, whole
from iitk.analysis.worth_figures import KINDS, SHARES, Assumptions, Inputs, gather, worked_out
from iitk.model import OptionList, Scenario

_STEPS = 512  # of the table from which quantiles are read: off by less than 0.0001 of the range
_NONE = 0.1  # share of draws without net jobs from which a cost for each says nothing


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws x options. Pounds are present values; a factor is of the central cost with bias: spend x factor."""

    names: tuple[str, ...]  # of the options, in the order of the columns
    npsv: Floats
    pv_cost: Floats
    pv_benefit: Floats
    net_jobs: Floats
    capital_factor: Floats
    revenue_factor: Floats


def draw(
    options: OptionList,
    assumptions: Assumptions,
    scenario: Scenario | None = None,
    *,
    draws: int = 5000,
    seed: int = 0,
) -> Draws:
    """
    Draw costs, outcomes and shares of additionality of every option from their ranges, and work out what follows.

    Each input is Beta-PERT (low, likeliest, high), of mean (low + 4 likeliest + high) / 6:

    - benefits and jobs: low, central and high of the file, all years moving together, the two apart from each other;
    - capital: 1 + lower bound of the type of works, 1 + the managed uplift, 1 + upper bound (for outsourcing this is
      revenue); other costs: `revenue_low`, 1, `revenue_high`;
    - deadweight, leakage, displacement, substitution: `share_range` to either side, never below 0 or above 1.

    The multiplier stays. `options`, `assumptions` and `scenario` are as in `appraise`. Of `draws` points each input has
    one in every 1 / draws of its probability (a Latin hypercube). The points of an option hang on `seed` and on its
    name only: it keeps them whatever else is on the list and in every scenario, so that differences are not chance.

    Returns Draws: arrays of draws x options, in pounds (jobs: in jobs; factors: ratios); what is missing stays so.
    Options are drawn apart from each other: not for what hits all at once, which is a scenario. Where no bias is
    managed the centre is the upper bound: no draw of capital costs more, though works can. Raises MethodError as
    `appraise`, and for fewer than two draws. Source: McKay, Beckman and Conover (1979), Technometrics 21; Vose (2008),
    Risk Analysis.

    Examples
    --------
    >>> from iitk.analysis.appraisal import BIAS_BOUNDS
    >>> from iitk.sources.options import example
    >>> found = draw(example(), Assumptions("green-book", BIAS_BOUNDS, 2026), draws=100)
    >>> found.npsv.shape == (100, len(example().options)), bool((found.capital_factor > 0).all())
    (True, True)
    """
    draws, seed = whole(draws, "draws", 2), whole(seed, "seed")
    figures = gather(options, assumptions, scenario)
    names = tuple(one.name for one in figures.options)
    points = _points(names, draws, seed)
    low = np.clip(figures.shares - assumptions.share_range, 0, 1)
    high = np.clip(figures.shares + assumptions.share_range, 0, 1)
    shares = np.stack([low, figures.shares, high], axis=1)
    ends = np.stack([figures.benefit, figures.jobs, *figures.overrun, *shares])
    drawn = [_pert(one, *three) for one, three in zip(points, ends, strict=True)]
    overrun = drawn[2 : 2 + len(KINDS)]
    result = worked_out(figures, Inputs(drawn[0], drawn[1], overrun, drawn[2 + len(KINDS) :]))
    factors = [one / centre for one, centre in zip(overrun, figures.overrun[:, 1], strict=True)]
    return Draws(names, result.npsv, result.pv_cost, result.pv_benefit, result.net_jobs, *factors)


def ranges(draws: Draws) -> pd.DataFrame:
    """
    How wide the results of `draws` are: what one draw in ten stays below, the middle, and what one in ten is above.

    Returns a table by option: `npsv_10`, `npsv_50`, `npsv_90` (pounds), the same of `net_jobs` (jobs), of
    `cost_per_net_job` (pounds a job) and of `bcr` (ratio, as in `appraise`), and `chance_below_0` (share of draws whose
    NPSV is negative). A quantile is a value that was drawn. Cost per net job is missing where more than a tenth of the
    draws leave no net jobs; below that such a draw counts as dearer than any other. Missing stays missing.

    Not a range that holds for sure: it says what follows from the ranges that were put in. Errors as
    `draw`, whose answer it takes. Source: Hyndman and Fan (1996), The American Statistician 50, definition 1.

    Examples
    --------
    >>> table = np.array([[-1.0], [2.0], [3.0]])
    >>> found = ranges(Draws(("Lab",), table, table, table, table, table, table))
    >>> found.loc["Lab", "npsv_50"], round(found.loc["Lab", "chance_below_0"], 3)
    (np.float64(2.0), np.float64(0.333))
    """
    none = draws.net_jobs <= 0
    each = np.where(none, np.inf, ratio(draws.pv_cost, draws.net_jobs))
    each[:, none.mean(axis=0) > _NONE] = np.nan
    columns: dict[str, Floats] = {}
    bcr = ratio(draws.npsv + draws.pv_cost, draws.pv_cost)
    named = {"npsv": draws.npsv, "net_jobs": draws.net_jobs, "cost_per_net_job": each, "bcr": bcr}
    for name, values in named.items():
        quantiles = np.quantile(values, [0.1, 0.5, 0.9], axis=0, method="inverted_cdf")
        columns |= {f"{name}_{share}": row for share, row in zip((10, 50, 90), quantiles, strict=True)}
    missing = np.isnan(draws.npsv).any(axis=0)
    columns["chance_below_0"] = np.where(missing, np.nan, (draws.npsv < 0).mean(axis=0))
    return pd.DataFrame(columns, index=pd.Index(draws.names, name="option"))


def _points(names: tuple[str, ...], draws: int, seed: int) -> Floats:
    """Inputs x draws x options, from 0 to 1; each option has a stream of its own."""
    size = 2 + len(KINDS) + len(SHARES)
    found = np.empty((size, draws, len(names)))
    for column, name in enumerate(names):
        own = int.from_bytes(blake2b(name.encode(), digest_size=8).digest())
        engine = qmc.LatinHypercube(size, rng=np.random.default_rng([seed, own]))
        found[:, :, column] = engine.random(draws).T
    return found


def _pert(points: Floats, low: Floats, mode: Floats, high: Floats) -> Floats:
    """Beta-PERT quantiles of draws x options; low, mode and high by option. Without a range, the mode itself.

    Read off a table of the cumulative distribution, once for each shape: exact quantiles take ten times as long.
    """
    width = high - low
    place = np.where(width > 0, ratio(mode - low, width), 0.5)
    grid = (1 - np.cos(np.linspace(0, np.pi, _STEPS + 1))) / 2  # finer to the ends, where quantiles are steep
    found = np.empty_like(points)
    shapes, which = np.unique(place.round(12), return_inverse=True)
    for n, shape in enumerate(shapes):
        below = special.betainc(1 + 4 * shape, 5 - 4 * shape, grid)
        columns = which == n
        found[:, columns] = np.interp(points[:, columns], below, grid)
    return np.asarray(np.where(width > 0, low + width * found, mode), dtype=np.float64)
