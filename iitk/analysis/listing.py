"""Every choice whose value comes near the best, listed: what proves that a portfolio has no equal, or finds them all.

A whole-number solver proves an optimum; to show that nothing else is as good it must search anew, which takes as long.
The prices of the limits (the duals of the problem with fractions allowed) give the proof sooner. With prices y >= 0,
any choice x that keeps to rows x <= tops has

    gains x = bound - sum_j |r_j| [x_j is not where r_j wants it] - sum_i y_i (tops_i - rows_i x),

with r = gains - y rows and bound = y tops + sum_j max(r_j, 0). So a choice that reaches `floor` can deviate by at most
bound - floor in all. The choices that do so are few: they are listed option by option, the dearest deviation first, for
many draws of the gains side by side. Source: Balas and Zemel (1980), Operations Research 28, carried to its end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog

from iitk.analysis.checks import Floats

Picks = npt.NDArray[np.int64]
WIDE = 150_000  # part-made choices held at once; a list that would need more is given up
LOOSE = 3e-6  # what a sum may be over its top, on the solver's scale; callers check to the point
NOISE = 1e-7  # rounding of sums of figures up to a thousand
_TOGETHER = 32  # draws relaxed in one call: most of a small call's time is overhead


@dataclass(frozen=True, slots=True)
class Relaxed:
    """Draws of gains under the limits rows x <= tops, with fractions allowed: what the limits are worth."""

    gains: Floats  # draws x options
    rows: Floats  # limits x options
    tops: Floats
    prices: Floats  # draws x limits, at least 0

    @property
    def reduced(self) -> Floats:
        """What an option gains beyond the price of the limits that it uses."""
        return self.gains - self.prices @ self.rows

    @property
    def bound(self) -> Floats:
        """No choice of a draw gains more."""
        return np.asarray(self.prices @ self.tops + np.maximum(self.reduced, 0).sum(axis=1), dtype=np.float64)

    def only(self, draws: npt.NDArray[np.int64]) -> Relaxed:
        """The same for some of the draws."""
        return Relaxed(self.gains[draws], self.rows, self.tops, self.prices[draws])


def relax(gains: Floats, rows: Floats, tops: Floats) -> Relaxed | None:
    """Price the limits for each draw (draws x options); None if they cannot be kept even by fractions."""
    prices = []
    for start in range(0, len(gains), _TOGETHER):
        some = gains[start : start + _TOGETHER]
        solved = linprog(
            -some.ravel(),
            A_ub=sparse.kron(sparse.eye(len(some)), rows, format="csr"),
            b_ub=np.tile(tops, len(some)),
            bounds=(0, 1),
            method="highs",
        )
        if solved.status != 0:
            return None
        prices.append(np.maximum(-solved.ineqlin.marginals, 0).reshape(len(some), len(rows)))
    return Relaxed(gains, rows, tops, np.concatenate(prices))


def within_reach(relaxed: Relaxed, floors: Floats) -> tuple[Picks, Floats] | None:
    """
    List the choices of each draw that gain `floors` or more: (draw, choice) line by line; None if they are too many.

    Right up to LOOSE in a limit and NOISE in the gain, never short of a choice: check what is near the edge.
    """
    reduced, prices = relaxed.reduced, relaxed.prices
    reach = relaxed.bound - floors + NOISE
    order = np.argsort(-np.abs(reduced), axis=1, kind="stable")
    forgone = np.take_along_axis(np.abs(reduced), order, axis=1)
    start = np.take_along_axis(reduced, order, axis=1) > 0
    # What turning option t of the order round does to the room under each limit, and the most and least still to come.
    turn = np.where(start, 1.0, -1.0)[:, :, None] * relaxed.rows.T[order]
    most, least = _still_to_come(np.maximum(turn, 0)), _still_to_come(np.minimum(turn, 0))
    draw = np.flatnonzero(reach >= 0)
    room = relaxed.tops - np.einsum("dt,dtl->dl", start.astype(float), relaxed.rows.T[order])[draw]
    lost = np.zeros(len(draw))
    steps: list[tuple[Picks, npt.NDArray[np.bool_]]] = []
    settled = int((forgone > reach[:, None]).sum(axis=1).min(initial=order.shape[1]))  # the same for every choice
    for t in range(settled, order.shape[1]):
        turned = np.flatnonzero(lost + forgone[draw, t] <= reach[draw])
        came = np.concatenate([np.arange(len(draw)), turned])
        flips = np.arange(len(came)) >= len(draw)
        other = draw[turned]
        room = np.concatenate([room, room[turned] + turn[other, t]])
        lost = np.concatenate([lost, lost[turned] + forgone[other, t]])
        draw = draw[came]
        idle = np.maximum(room + least[draw, t + 1], 0)  # money that is bound to be left over costs its price
        keep = (lost + (idle * prices[draw]).sum(axis=1) <= reach[draw]) & (
            (room + most[draw, t + 1]).min(axis=1) >= -LOOSE
        )
        draw, room, lost = draw[keep], room[keep], lost[keep]
        steps.append((came[keep], flips[keep]))
        if len(draw) > WIDE:
            return None
    return draw, _retraced(draw, start, order, steps, settled)


def _still_to_come(turn: Floats) -> Floats:
    """Sum from each option of the order to the last, and nothing after it."""
    sums = np.cumsum(turn[:, ::-1], axis=1)[:, ::-1]
    return np.concatenate([sums, np.zeros_like(sums[:, :1])], axis=1)


def _retraced(
    draw: Picks,
    start: npt.NDArray[np.bool_],
    order: Picks,
    steps: list[tuple[Picks, npt.NDArray[np.bool_]]],
    settled: int,
) -> Floats:
    """Choices (lines x options) from the steps that led to them, told backwards."""
    ordered, line = start[draw].copy(), np.arange(len(draw))
    for t in range(len(steps) - 1, -1, -1):
        came, flips = steps[t]
        ordered[:, settled + t] ^= flips[line]
        line = came[line]
    picks = np.zeros(ordered.shape)
    np.put_along_axis(picks, order[draw], ordered.astype(float), axis=1)
    return picks
