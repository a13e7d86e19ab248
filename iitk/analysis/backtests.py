"""The record of potential: how well each score foretold which industries entered or left a specialisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.analysis.checks import Floats, Vector, choice, whole
from iitk.analysis.discrimination import Codes, Estimate, auc_estimate, interval, precision_at
from iitk.analysis.forecasts import brier_score
from iitk.analysis.logit import Logit, calibration_slope, fit_logit, observed_to_expected
from iitk.analysis.opportunity import PARTS, composite
from iitk.analysis.quotients import reaches
from iitk.analysis.transitions import EVENTS, Marks, Panel, nearness, panel, relatedness_at
from iitk.errors import MethodError

Marked = npt.NDArray[np.bool_]
BASELINES = ("quotient", "size", "trend", "industry rate")
ALONE = ("quotient", "size", "trend", "density", "density x complexity", "opportunity", "nearness")
SCORES = (*ALONE, "industry rate", "together")
HELD_OUT = ("years", "areas", "industries")
_BANDS = (0.3, 0.5, 0.6, 0.7, 0.8, 1.2, 1.4, 1.7, 2.2, 3.0)  # of the starting quotient, round and about equally full
_PRIOR = 10.0  # cases at the overall rate that are added to each industry's own, so that few cases do not decide


@dataclass(frozen=True, slots=True)
class Backtest:
    """How each score did on cases that it had not seen: tables by score, window, band, tenth, industry and area."""

    event: str
    horizon: int
    held_out: str
    scores: pd.DataFrame
    windows: pd.DataFrame
    bands: pd.DataFrame
    calibration: pd.DataFrame
    industries: pd.DataFrame
    areas: pd.DataFrame
    baseline: str  # the naive score that did best
    left_out: int  # cases without every score

    @property
    def best(self) -> str:
        """The score, other than a baseline, that ranks best."""
        return str(self.scores.drop(index=list(BASELINES))["auc"].idxmax())

    def beats_baseline(self, score: str) -> bool:
        """Whether a score ranks better than the best naive one by more than the doubt about the difference."""
        return float(self.scores["margin_lower"][score]) > 0

    def calibrated(self, score: str) -> bool:
        """Whether its chances came true: both 1s lie within the intervals of ratio and slope."""
        return all(
            float(self.scores[f"{name}_lower"][score]) <= 1 <= float(self.scores[f"{name}_upper"][score])
            for name in ("ratio", "slope")
        )


@dataclass(frozen=True, slots=True)
class _Cases:
    """One row a case: an area and industry on one side of the marks in a start year."""

    start: Codes
    area: Codes
    industry: Codes
    quotient: Floats
    event: Marked
    scores: Floats  # cases x ALONE

    def __len__(self) -> int:
        return len(self.start)

    def take(self, rows: Marked) -> _Cases:
        return _Cases(
            self.start[rows], self.area[rows], self.industry[rows], self.quotient[rows], self.event[rows],
            self.scores[rows],
        )  # fmt: skip


def backtest(
    activity: Mapping[int, pd.DataFrame],
    *,
    totals: Mapping[int, Vector] | None = None,
    references: Mapping[int, Vector] | None = None,
    reference_totals: Mapping[int, float] | None = None,
    horizon: int = 10,
    event: str = "entry",
    marks: Marks | None = None,
    lookback: int = 3,
    held_out: str = "years",
    folds: int = 10,
    top: int = 10,
    level: float = 0.95,
) -> Backtest:
    """
    How well each score at year t foretold which industries entered or left a specialisation by t + horizon.

    Entry: of the (area, industry) whose quotient is under `marks.below` at t, those over `marks.above` at t + horizon.
    Exit: the other way round. Every t that the panel allows counts. Scores, each known at t:

    - naive: "quotient" (ln LQ), "size" (rank of activity among all cells), "trend" (yearly change of ln LQ over
      `lookback` years), "industry rate" (how often the industry's cases came true in the cases learned from);
    - "density": relatedness density at presence LQ >= 1, own presence left out; "density x complexity": times the rank
      of the industry's complexity;
    - "opportunity": the product of strength, growth, relatedness and complexity of `opportunities`, without shrinkage;
    - "nearness": distance to the other mark in the quotient's own usual yearly moves;
    - "together": logistic regression on all of them but the rate and the product.

    For exits those that should protect (all but nearness and the rate) count the other way round.

    Parameters
    ----------
    activity, totals, references, reference_totals
        Areas x industries by year, as in `transitions.panel`.
    horizon
        Years ahead.
    event
        "entry" or "exit".
    marks
        By default 0.9 and 1.1.
    lookback
        Years that trend and growth look back; the first start is that much after the first year.
    held_out
        What the fitted scores and all chances have not seen: "years" (default): they learn only from windows that had
        ended when the tested one began, as a real forecast would; "areas" or "industries": they learn from the other
        nine tenths of them, all years. Short panels allow only the latter two.
    folds
        Parts into which areas or industries are dealt.
    top
        How many industries of each area are named for `precision`.
    level
        Of the intervals, as a share.

    Returns
    -------
    Backtest. `scores` has for each score: `auc` within start years with interval; `within_area` and `within_industry`
    (pairs of one area, or of one industry, only) with intervals; `precision` among the `top` of each area and start,
    with interval, beside `rate`, the share among all of the same areas; `margin` of `auc` over the best naive score
    with interval; `brier_skill` against the overall rate; `ratio` of events observed to expected and calibration
    `slope`, with intervals; `verdict`. `bands` has the plain frequencies by starting quotient; `windows` events and
    those expected from nearness by start; `calibration` nearness by tenth; `industries` and `areas` events, expected
    and AUC of nearness for each.

    Raises
    ------
    MethodError
        As `transitions.panel`; an unknown event or way to hold out; a panel too short for the horizon; no event.

    Notes
    -----
    Intervals allow for cases of one area, and of one industry, being alike; they cannot allow for shocks to all areas
    in one year, of which a panel has few, so read `windows` beside `ratio`. A quotient moves for reasons of measurement
    too, and `nearness` foretells those moves as well. Marks, lookback and the definition of nearness were chosen by us
    on UK value added, before its intervals were worked out: a test on other figures (BRES jobs) is the fairer one.
    Not for choosing among many scores until one wins: the winner of many is partly lucky. Sources: the test is ours;
    density: Hidalgo and others (2007), Science 317; testing it so: Li and Neffke (2024), Research Policy 53.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> steps = np.cumsum(rng.normal(0, 0.1, (12, 30, 8)), axis=0)
    >>> jobs = {2000 + t: pd.DataFrame(np.exp(steps[t])) for t in range(12)}
    >>> found = backtest(jobs, horizon=3, top=2)
    >>> bool(found.scores.loc["quotient", "auc"] > 0.5), found.baseline in BASELINES
    (True, True)
    """
    choice(event, EVENTS, "event")
    choice(held_out, HELD_OUT, "held_out")
    horizon, lookback = whole(horizon, "horizon", 1), whole(lookback, "lookback", 1)
    folds, top = whole(folds, "folds", 2), whole(top, "top", 1)
    if marks is not None and not isinstance(marks, Marks):
        raise MethodError(f"marks must be Marks(below, above), such as Marks(0.9, 1.1), not {marks!r}.")
    moves, limits = panel(activity, totals, references, reference_totals), marks or Marks()
    cases, left_out = _all_cases(moves, horizon, event, limits, lookback)
    chances, tested = _forecasts(cases, _splits(cases, held_out, horizon, folds))
    seen = cases.take(tested)
    shown = {name: seen.scores[:, place] for place, name in enumerate(ALONE)}
    shown |= {name: chances[name][tested] for name in ("industry rate", "together")}
    forecasts = {name: chance[tested] for name, chance in chances.items()}
    scores, baseline = _marks_of(shown, forecasts, seen, top, level)
    expected = forecasts["nearness"]
    return Backtest(
        event, horizon, held_out, scores, _windows(seen, expected, horizon), _bands(seen, event, limits, level),
        _tenths(expected, seen.event), _each(seen, seen.industry, moves.industries, expected),
        _each(seen, seen.area, moves.areas, expected), baseline, left_out,
    )  # fmt: skip


def _events(moves: Panel, start: int, horizon: int, event: str, limits: Marks) -> tuple[Marked, Marked]:
    """Who could, and who did; unknown at the end means that it does not count."""
    known = np.isfinite(moves.quotients[moves.at(start + horizon)])
    if event == "entry":
        return moves.under(limits, start) & known, moves.over(limits, start + horizon)
    return moves.over(limits, start) & known, moves.under(limits, start + horizon)


def _all_cases(moves: Panel, horizon: int, event: str, limits: Marks, lookback: int) -> tuple[_Cases, int]:
    starts = [year for year in moves.years if moves.years[0] + lookback <= year <= moves.years[-1] - horizon]
    if not starts:
        raise MethodError(
            f"activity covers {moves.years[0]} to {moves.years[-1]}: too short to look {lookback} years back and "
            f"{horizon} ahead. Use a shorter horizon or lookback."
        )
    parts, left_out = [], 0
    for start in starts:
        candidates, came = _events(moves, start, horizon, event, limits)
        scores = _scores(moves, start, event, limits, lookback)
        known = candidates & np.isfinite(scores).all(axis=2)
        left_out += int((candidates & ~known).sum())
        area, industry = np.nonzero(known)
        quotient = moves.quotients[moves.at(start)][known]
        parts.append(_Cases(np.full(len(area), start), area, industry, quotient, came[known], scores[known]))
    cases = _Cases(*(np.concatenate([getattr(part, name) for part in parts]) for name in _Cases.__slots__))
    if not cases.event.any() or cases.event.all():
        raise MethodError(f"Of {len(cases)} cases none (or each) saw an {event}: there is nothing to foretell.")
    return cases, left_out


def _scores(moves: Panel, start: int, event: str, limits: Marks, lookback: int) -> Floats:
    """Areas x industries x ALONE, each so that higher means likelier."""
    now = moves.at(start)
    density, complex_rank = relatedness_at(moves, start)
    trend = (moves.logs[now] - moves.logs[now - lookback]) / lookback
    size = pd.Series(moves.activity[now].ravel()).rank(pct=True).to_numpy().reshape(density.shape)
    guard = 1.0 if event == "entry" else -1.0
    found = {
        "quotient": moves.logs[now], "size": size, "trend": trend, "density": density,
        "density x complexity": density * complex_rank,
        "opportunity": _opportunity(moves, now, lookback, density, complex_rank),
    }  # fmt: skip
    near = nearness(moves, start, event=event, marks=limits)
    return np.stack([*(guard * found[name] for name in ALONE[:-1]), near], axis=2)


def _opportunity(moves: Panel, now: int, lookback: int, density: Floats, complex_rank: Floats) -> Floats:
    """The score of `opportunities` from what is at hand: only ranks within an area matter."""
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.log(moves.activity[now] / moves.activity[now - lookback])
    values = (moves.quotients[now], np.where(np.isfinite(growth), growth, np.nan), density,
              np.broadcast_to(complex_rank, density.shape))  # fmt: skip
    rows = pd.MultiIndex.from_product([moves.areas, moves.industries])
    parts = {name: pd.Series(value.ravel(), index=rows) for name, value in zip(PARTS, values, strict=True)}
    return composite(parts, rows.get_level_values(0)).to_numpy().reshape(density.shape)


def _splits(cases: _Cases, held_out: str, horizon: int, folds: int) -> list[tuple[Marked, Marked]]:
    """Pairs of cases to learn from and to test on."""
    if held_out == "years":
        pairs = [(cases.start + horizon <= year, cases.start == year) for year in np.unique(cases.start)]
        pairs = [(learn, test) for learn, test in pairs if cases.event[learn].any()]
        if not pairs:
            raise MethodError(
                "No window had ended when another began, so nothing could be learned: use a shorter horizon, or "
                "held_out='areas'."
            )
        return pairs
    part = (cases.area if held_out == "areas" else cases.industry) % folds
    return [(part != one, part == one) for one in np.unique(part)]


def _forecasts(cases: _Cases, splits: Sequence[tuple[Marked, Marked]]) -> tuple[dict[str, Floats], Marked]:
    """Chances from each score of the cases not learned from, and which cases those are."""
    chances = {name: np.full(len(cases), np.nan) for name in SCORES}
    tested = np.zeros(len(cases), dtype=bool)
    combined = [place for place, name in enumerate(ALONE) if name != "opportunity"]
    for learn, test in splits:
        seen, new = cases.take(learn), cases.take(test)
        fits: dict[str, Logit] = {}
        for place, name in enumerate(ALONE):
            fits[name] = fit_logit(seen.scores[:, place], seen.event)
            chances[name][test] = fits[name].chance(new.scores[:, place])
        together = fit_logit(seen.scores[:, combined], seen.event)
        chances["together"][test] = together.chance(new.scores[:, combined])
        chances["industry rate"][test] = _rates(seen, int(cases.industry.max()) + 1)[new.industry]
        tested |= test
    return chances, tested


def _rates(seen: _Cases, industries: int) -> Floats:
    came = np.bincount(seen.industry, seen.event, minlength=industries)
    count = np.bincount(seen.industry, minlength=industries)
    return np.asarray((came + _PRIOR * seen.event.mean()) / (count + _PRIOR), dtype=np.float64)


def _marks_of(
    shown: Mapping[str, Floats], forecasts: Mapping[str, Floats], seen: _Cases, top: int, level: float
) -> tuple[pd.DataFrame, str]:
    """The table of scores, and the best of the naive ones."""
    groups = [seen.area, seen.industry]
    whole = {name: auc_estimate(shown[name], seen.event, groups, within=seen.start, level=level) for name in SCORES}
    baseline = max(BASELINES, key=lambda name: whole[name].value)
    by_area = _pairs(seen.start, seen.area)
    rows = {}
    for name in SCORES:
        score, chance = shown[name], forecasts[name]
        columns = {
            "auc": whole[name],
            "within_area": auc_estimate(score, seen.event, groups, within=by_area, level=level),
            "within_industry": auc_estimate(
                score, seen.event, groups, within=_pairs(seen.start, seen.industry), level=level
            ),
            "precision": _precision(score, seen, by_area, top, level),
            "margin": whole[name].minus(whole[baseline], groups, level),
            "ratio": observed_to_expected(chance, seen.event, groups, level=level),
            "slope": calibration_slope(chance, seen.event, groups, level=level),
        }  # fmt: skip
        row: dict[str, object] = {}
        for key, found in columns.items():
            row |= {key: found.value, f"{key}_lower": found.lower, f"{key}_upper": found.upper}
        row["rate"] = float(precision_at(score, seen.event, by_area, top=top)["rate"].mean())
        row["brier_skill"] = brier_score(chance, seen.event.astype(np.float64)).skill
        row["verdict"] = _verdict(name, whole[name], columns["margin"])
        rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index"), baseline


def _pairs(first: Codes, second: Codes) -> Codes:
    return np.asarray(first * (int(second.max()) + 1) + second, dtype=np.intp)


def _precision(score: Floats, seen: _Cases, groups: Codes, top: int, level: float) -> Estimate:
    """Mean over areas and starts; the areas are what is drawn."""
    found = precision_at(score, seen.event, groups, top=top)["precision"]
    if found.empty:
        return Estimate(np.nan, np.nan, np.nan, np.array([]))
    area = pd.factorize(found.index.to_numpy() % (int(seen.area.max()) + 1))[0]
    return interval(float(found.mean()), (found.to_numpy() - found.mean()) / len(found), [area], level)


def _verdict(name: str, found: Estimate, margin: Estimate) -> str:
    if found.upper < 0.5:
        return "points the wrong way"
    if found.lower <= 0.5:
        return "no predictive power"
    if name in BASELINES:
        return "naive"
    if margin.lower > 0:
        return "better than the best naive score"
    return "worse than the best naive score" if margin.upper < 0 else "no better than the best naive score"


def _windows(seen: _Cases, expected: Floats, horizon: int) -> pd.DataFrame:
    table = pd.DataFrame({"start": seen.start, "event": seen.event, "expected": expected})
    found = table.groupby("start").agg(cases=("event", "size"), events=("event", "sum"), expected=("expected", "sum"))
    found.insert(0, "end", found.index + horizon)
    return found


def _bands(seen: _Cases, event: str, limits: Marks, level: float) -> pd.DataFrame:
    """Plain frequencies by starting quotient: the baseline in the words of a bookmaker."""
    if event == "entry":
        edges = [0.0, *(edge for edge in _BANDS if edge < limits.below), limits.below]
    else:
        edges = [limits.above, *(edge for edge in _BANDS if edge > limits.above), np.inf]
    rows = []
    for low, high in pairwise(edges):
        inside = reaches(seen.quotient, low) & ~reaches(seen.quotient, high)
        if inside.any():
            came = seen.event[inside].astype(np.float64)
            influence = (came - came.mean()) / len(came)
            found = interval(float(came.mean()), influence, [
                pd.factorize(seen.area[inside])[0], pd.factorize(seen.industry[inside])[0]], level)  # fmt: skip
            rows.append({"low": low, "high": high, "cases": int(inside.sum()), "events": int(came.sum()),
                         "rate": found.value, "lower": max(found.lower, 0.0), "upper": min(found.upper, 1.0)})
    return pd.DataFrame(rows)


def _tenths(expected: Floats, event: Marked) -> pd.DataFrame:
    """Forecast and outcome by tenth of the forecast."""
    part = pd.qcut(pd.Series(expected), 10, labels=False, duplicates="drop")
    table = pd.DataFrame({"tenth": part, "expected": expected, "observed": event.astype(float)})
    return table.groupby("tenth").agg(
        cases=("observed", "size"), expected=("expected", "mean"), observed=("observed", "mean")
    )


def _each(seen: _Cases, group: Codes, labels: pd.Index, expected: Floats) -> pd.DataFrame:
    """Cases, events, expected and AUC of nearness for each industry (or area)."""
    near = seen.scores[:, ALONE.index("nearness")]
    rows = {}
    for one in np.unique(group):
        mine = group == one
        found = auc_estimate(near[mine], seen.event[mine], within=seen.start[mine])
        rows[labels[one]] = {"cases": int(mine.sum()), "events": int(seen.event[mine].sum()),
                             "expected": float(expected[mine].sum()), "auc": found.value}  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")
