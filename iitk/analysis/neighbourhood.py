"""Good portfolios for thousands of draws of values and costs at once, by exchanging a few options and by sharing.

A whole-number solver takes 10 to 100 ms a draw. Here each draw begins with a portfolio that keeps to its limits and
moves to the best one that differs by a few options given up and taken in, until there is none; what one draw finds is
then offered to all the others. Nothing is proven: `iitk.analysis.robustness` checks how near it came.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from iitk.analysis.checks import Floats
from iitk.analysis.knapsack import SLACK, Marks

Picks = npt.NDArray[np.int64]
Step = Callable[[float], None]  # told the share of a piece of work that is done
GAIN = 1e-9  # less is none, on the solver's scale
SWAPS = ((18, 3), (10_000, 2))  # up to so many options in all: how many are given up, and taken in, in one move at most
ROUNDS = 8  # of searching and sharing; from the third on hardly a draw moves
_TOGETHER = 200  # draws looked at side by side: a fraction of a tenth of a second


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws of one problem on the solver's scale: money differs from draw to draw, the other rules do not."""

    values: Floats  # draws x options
    money: Floats  # rows (budgets, then groups whose spending is limited) x draws x options; never negative
    tops: Floats  # rows x draws
    floors: Floats  # rows x draws; minus infinity where there is none
    rules: Floats  # rules x options
    lows: Floats
    highs: Floats

    def only(self, some: Picks) -> Draws:
        """The same for some of the draws."""
        money = (self.money[:, some], self.tops[:, some], self.floors[:, some])
        return Draws(self.values[some], *money, self.rules, self.lows, self.highs)

    def lawful(self, choices: Marks) -> Marks:
        """Which portfolios keep to the rules that are the same in every draw."""
        used = choices @ self.rules.T
        return np.asarray(((used >= self.lows - SLACK) & (used <= self.highs + SLACK)).all(axis=1))

    def above_floors(self, draws: Picks, choices: Marks) -> Marks:
        """Which portfolios, each in its draw, spend as much as they must."""
        kept = np.ones(len(choices), dtype=bool)
        for row in self.with_floor():
            kept &= (self.money[row, draws] * choices).sum(axis=1) >= self.floors[row, draws] - SLACK
        return kept

    def with_floor(self) -> list[int]:
        """Rows of money of which some must be spent."""
        return np.flatnonzero((self.floors > -np.inf).any(axis=1)).tolist()


class Search:
    """What each draw holds, and how it comes by something better."""

    def __init__(self, draws: Draws) -> None:
        self.draws = draws
        self.held: Marks = np.zeros(draws.values.shape, dtype=bool)
        self.has: Marks = np.zeros(len(draws.values), dtype=bool)
        self._offered: set[bytes] = set()
        self._swap = next(swap for options, swap in SWAPS if draws.values.shape[1] <= options)

    def offer(self, pool: Marks, step: Step = lambda _: None) -> Picks:
        """Each draw takes the best portfolio of the pool that it can afford, if that is better: which draws did."""
        pool = self._new(pool)
        moved = [np.zeros(0, dtype=np.int64)]
        for start in range(0, len(self.held) if len(pool) else 0, _TOGETHER):
            some = np.arange(start, min(start + _TOGETHER, len(self.held)))
            moved.append(self._taken(some, pool))
            step((start + len(some)) / len(self.held))
        return np.concatenate(moved)

    def _new(self, pool: Marks) -> Marks:
        """Portfolios that were not offered before, each once."""
        pool = np.unique(pool, axis=0)
        names = [line.tobytes() for line in np.packbits(pool, axis=1)]
        new = [name not in self._offered for name in names]
        self._offered.update(names)
        return np.asarray(pool[new])

    def _taken(self, some: Picks, pool: Marks) -> Picks:
        draws, across = self.draws.only(some), pool.T.astype(np.float64)
        worth, held = draws.values @ across, (draws.values * self.held[some]).sum(axis=1)
        good = worth > np.where(self.has[some], held + GAIN, -np.inf)[:, None]
        for money, top in zip(draws.money, draws.tops, strict=True):
            good &= money @ across <= top[:, None] + SLACK
        for row in draws.with_floor():
            good &= draws.money[row] @ across >= draws.floors[row][:, None] - SLACK
        best, better = np.where(good, worth, -np.inf).argmax(axis=1), good.any(axis=1)
        self.held[some[better]], self.has[some[better]] = pool[best[better]], True
        return some[better]

    def settle(self, todo: Picks, step: Step = lambda _: None) -> None:
        """Search from these draws, offer what is found to all, and go on with those that took it."""
        left = 1.0
        for _ in range(ROUNDS):
            for swap in range(1, self._swap + 1):  # by ones first: most of the way, at a tenth of the time
                self._climb(todo[self.has[todo]], swap, step_in(step, 1 - left, 1 - left / 2))
            todo = self.offer(self.held[self.has])
            left /= 2
            if len(todo) <= len(self.held) // 1000:
                return

    def _climb(self, todo: Picks, swap: int, step: Step) -> None:
        """Move these draws to better neighbours until they have none."""
        left = 1.0
        while len(todo):
            counts, moved, done = self.held[todo].sum(axis=1), [], 0
            for count in np.unique(counts):
                alike = todo[counts == count]
                for start in range(0, len(alike), _TOGETHER):
                    some = alike[start : start + _TOGETHER]
                    found, better = _best_moves(self.draws.only(some), self.held[some], swap)
                    self.held[some[found]] = better
                    moved.append(some[found])
                    done += len(some)
                    step(1 - left + left / 2 * done / len(todo))
            left /= 2
            todo = np.sort(np.concatenate(moved))


@dataclass(frozen=True, slots=True)
class _Moves:
    """Moves of some draws: what is given up (a set of the draw, by line), what is taken in (columns; -1: nothing)."""

    lines: Picks  # draw x sets + set
    taken: Picks  # moves x options taken in: which of the options outside
    gains: Floats


def _best_moves(draws: Draws, held: Marks, swap: int) -> tuple[Picks, Marks]:
    """The draws (all with as many options) that have a better neighbour, and the best of each."""
    count = int(held[0].sum())
    order = np.argsort(~held, axis=1, kind="stable")
    inside, outside = order[:, :count], order[:, count:]
    sets = _subsets(count, swap)
    moves = _moves(draws, held, inside, outside, sets, swap)
    own = moves.lines // len(sets)

    def made(some: Picks) -> Marks:
        new = held[own[some]].copy()
        np.put_along_axis(new, inside[own[some]], ~sets[moves.lines[some] % len(sets)], axis=1)
        for taken in moves.taken[some].T:
            there = np.flatnonzero(taken >= 0)
            new[there, outside[own[some][there], taken[there]]] = True
        return new

    return _first_kept(draws, own, moves.gains, made)


def _first_kept(
    draws: Draws, own: Picks, gains: Floats, made: Callable[[Picks], Marks]
) -> tuple[Picks, Marks]:
    """Of each draw the move of most gain that keeps to rules and floors: tried in that order, ever more at once."""
    order = np.lexsort((-gains, own))
    start = np.flatnonzero(np.diff(own[order], prepend=-1))
    end = np.append(start[1:], len(order))
    found, better = [np.zeros(0, dtype=np.int64)], [np.zeros((0, draws.values.shape[1]), dtype=bool)]
    width = 1
    while len(start):
        tried = np.minimum(end - start, width)
        line = np.repeat(np.arange(len(start)), tried)
        some = order[start[line] + np.arange(len(line)) - np.repeat(np.cumsum(tried) - tried, tried)]
        new = made(some)
        kept = np.flatnonzero(draws.lawful(new) & draws.above_floors(own[some], new))
        done, first = np.unique(line[kept], return_index=True)
        found.append(own[some[kept[first]]])
        better.append(new[kept[first]])
        left = (start + tried < end) & ~np.isin(np.arange(len(start)), done)
        start, end, width = (start + tried)[left], end[left], 2 * width
    return np.concatenate(found), np.concatenate(better)


def _subsets(count: int, most: int) -> Marks:
    """Sets of so many at most of `count` options, one a line; the empty one first."""
    sets = [one for size in range(most + 1) for one in combinations(range(count), size)]
    marks = np.zeros((len(sets), count), dtype=bool)
    for line, members in enumerate(sets):
        marks[line, list(members)] = True
    return marks


def _moves(draws: Draws, held: Marks, inside: Picks, outside: Picks, sets: Marks, swap: int) -> _Moves:
    """Every move that gains and that the budgets allow; rules and floors are for later."""
    worth, costs = np.take_along_axis(draws.values, outside, 1), np.take_along_axis(draws.money, outside[None], 2)
    lost = (np.take_along_axis(draws.values, inside, 1) @ sets.T).ravel()
    room = draws.tops + SLACK - np.einsum("rdo,do->rd", draws.money, held.astype(np.float64))
    freed = (np.take_along_axis(draws.money, inside[None], 2) @ sets.T + room[:, :, None]).reshape(len(costs), -1)
    line, item = _affordable(worth, costs, lost, freed, swap)
    draw = line // len(sets)
    value, cost = worth[draw, item], costs[:, draw, item]
    most, last = _of_line(line, value)
    empty = np.flatnonzero(lost < -GAIN)
    lines, taken, gains = [empty], [np.full((len(empty), swap), -1)], [-lost[empty]]
    sums, used, sofar = value - lost[line], cost, np.arange(len(line))[:, None]
    for size in range(1, swap + 1):
        good = np.flatnonzero(sums > GAIN)
        lines.append(line[sofar[good, -1]])
        taken.append(np.pad(item[sofar[good]], ((0, 0), (0, swap - size)), constant_values=-1))
        gains.append(sums[good])
        if size == swap:
            break
        hopeful = np.flatnonzero(sums + (swap - size) * most[sofar[:, -1]] > GAIN)
        source, added = _followers(hopeful, sofar[:, -1], last)
        fits = sums[source] + value[added] + (swap - size - 1) * most[added] > GAIN
        for row in range(len(cost)):
            source, added = source[fits], added[fits]
            fits = used[row, source] + cost[row, added] <= freed[row, line[added]]
        source, added = source[fits], added[fits]
        sums, used = sums[source] + value[added], used[:, source] + cost[:, added]
        sofar = np.column_stack([sofar[source], added])
    return _Moves(np.concatenate(lines), np.concatenate(taken), np.concatenate(gains))


def _affordable(worth: Floats, costs: Floats, lost: Floats, freed: Floats, swap: int) -> tuple[Picks, Picks]:
    """Pairs of a line (a set given up in a draw) and an option that then fits, and could be part of a gain."""
    draws, options = worth.shape
    best = (swap - 1) * worth.max(axis=1, initial=0.0)
    fits = worth[:, None, :] + (best[:, None] - lost.reshape(draws, -1))[:, :, None] > GAIN
    for cost, most in zip(costs, freed, strict=True):
        fits &= cost[:, None, :] <= most.reshape(draws, -1)[:, :, None]
    found = np.flatnonzero(fits)
    return found // max(options, 1), found % max(options, 1)


def _of_line(line: Picks, value: Floats) -> tuple[Floats, Picks]:
    """For each pair the highest value on its line (0 at least), and where its line ends."""
    starts = np.flatnonzero(np.diff(line, prepend=-1))
    lengths = np.diff(starts, append=len(line))
    highest = np.maximum.reduceat(value, starts) if len(line) else value
    return np.repeat(np.maximum(highest, 0.0), lengths), np.repeat(starts + lengths, lengths)


def _followers(some: Picks, positions: Picks, last: Picks) -> tuple[Picks, Picks]:
    """For some of the positions those after it on the same line: (which one, position)."""
    more = last[positions[some]] - positions[some] - 1
    source = np.repeat(some, more)
    return source, positions[source] + 1 + np.arange(len(source)) - np.repeat(np.cumsum(more) - more, more)


def step_in(step: Step, start: float, end: float) -> Step:
    """Tell of a part of the work as of the whole."""
    return lambda done: step(start + (end - start) * min(done, 1.0))
