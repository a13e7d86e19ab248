"""What the members of a group value: weights, scores, and what these make of each option, for each and for all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from iitk.model import ChoiceFiles, Criterion, Member

HIGHEST = 5.0  # score
WORTH = Criterion("npsv", "Worth to society", "How much more is it worth to society than it costs?", "npsv")
Floats = npt.NDArray[np.float64]


class People:
    """
    Members, weights and scores for the options of a short list.

    The value of an option is the sum over criteria of weight x part, where a part is its share of the best option (a
    measured criterion: net present social value or net jobs) or score / 5 (a judged one). 0 is always what comes of
    doing nothing, so that values of options add up to the value of a portfolio. Where a team has not written any
    criteria yet, net present social value is the only one.
    """

    def __init__(self, files: ChoiceFiles, short: Sequence[str]) -> None:
        self.criteria: tuple[Criterion, ...] = files.criteria or (WORTH,)
        self.members: tuple[Member, ...] = files.members
        self.short = list(short)
        self._files = files

    @cached_property
    def weights(self) -> pd.DataFrame:
        """Members x criteria: points as shares of 1."""
        table = pd.DataFrame(0.0, [one.key for one in self.members], [one.key for one in self.criteria])
        for member, criterion, points in self._files.weights:
            table.loc[member, criterion] = points
        return table.div(table.sum(axis=1), axis=0)

    @cached_property
    def group_weights(self) -> pd.Series:
        """The median of the members' weights, brought to a sum of 1; the mean where every median is 0."""
        middle = self.weights.median()
        if not middle.sum() > 0:  # for instance where each member gives all to something else
            middle = self.weights.mean()
        return (middle / middle.sum()).fillna(1 / len(self.criteria))

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Rows of (member, option), columns of judged criteria: 0 to 5, missing where a member does not know."""
        rows = pd.DataFrame(self._files.scores, columns=["member", "option", "criterion", "score"])
        rows = rows[rows["option"].isin(self.short)].astype({"score": float})
        return rows.pivot(index=["member", "option"], columns="criterion", values="score").reindex(
            columns=[one.key for one in self.criteria if not one.measure]
        )

    @cached_property
    def group_scores(self) -> pd.DataFrame:
        """Options x judged criteria: the median of those who know; missing where nobody does."""
        return self.scores.groupby(level="option").median().reindex(self.short)

    def parts(self, rows: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
        """Options x criteria: what each option brings of each criterion, from 0 (nothing) to 1; a loss is below 0."""
        found = {}
        for one in self.criteria:
            if one.measure:
                figures = rows[one.measure].reindex(self.short)
                best = float(figures.max())
                found[one.key] = figures / best if best > 0 else figures * 0.0
            else:
                found[one.key] = judged[one.key] / HIGHEST
        return pd.DataFrame(found, index=self.short)

    def group_value(self, rows: pd.DataFrame) -> pd.Series:
        """Value of each option by the group's weights and scores, 0 to 100; what is missing adds nothing."""
        parts = self.parts(rows, self.group_scores)
        return 100 * parts.mul(self.group_weights).sum(axis=1)

    def judged_by(self, member: str) -> pd.DataFrame:
        """A member's scores, the group's where the member does not know."""
        known = self.scores.index.get_level_values("member") == member
        own = self.scores[known].droplevel("member").reindex(self.short)
        return own.fillna(self.group_scores)

    def value(self, member: str, rows: pd.DataFrame) -> pd.Series:
        """Value of each option by a member's own weights and scores, 0 to 100."""
        return 100 * self.parts(rows, self.judged_by(member)).mul(self.weights.loc[member]).sum(axis=1)

    def values(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Options x members."""
        return pd.DataFrame({one.key: self.value(one.key, rows) for one in self.members})

    def mixtures(self, draws: int, rng: np.random.Generator) -> Floats:
        """Draws x members: shares that make any compromise between the members, evenly drawn."""
        return np.asarray(rng.dirichlet(np.ones(len(self.members)), size=draws), dtype=np.float64)
