"""The record of potential: every back-test on the official panels, as the pages show it. There is no other package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from benchmarks.task import Prepare, Setting, Task


def whole(setting: Setting) -> Task:
    """All back-tests of the record one after the other (small: the first), from the tables on disk to the verdicts."""
    from iitk.stages import track_record

    wanted = list(islice(track_record.cases(), 1 if setting.small else None))

    def work() -> Sequence[Any]:
        return [track_record.run(case) for case in wanted]

    def answer(results: Sequence[Any]) -> Mapping[str, float]:
        found = results[0]
        return {"back-tests": len(found), "scored": float(sum(len(one.scores) for one in found))} | {
            f"AUC of nearness, {case.event} within {case.horizon} years, unseen {case.held_out}, {case.figures}": float(
                one.scores["auc"]["nearness"]
            )
            for case, one in zip(wanted, found, strict=True)
        }

    return Task([work], answer)


WORK: dict[str, Prepare] = {"record": whole}
