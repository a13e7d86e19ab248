"""Worth of options: what must hold whatever the figures."""

from __future__ import annotations

import numpy as np
import pytest

from iitk.analysis.appraisal import BIAS_BOUNDS
from iitk.analysis.worth import Assumptions, appraise, draw
from iitk.sources.options import example

USUAL = Assumptions("green-book", BIAS_BOUNDS, 2026)


def test_spend_and_funders_add_up_to_the_cost():
    found = appraise(example(), USUAL)
    assert found.spend.sum(axis=1).tolist() == pytest.approx(found.table["cost"].tolist())
    assert found.funders.sum(axis=1).tolist() == pytest.approx((found.table["cost"] + found.table["private"]).tolist())


def test_the_same_seed_gives_the_same_draws():
    first, again, other = (draw(example(), USUAL, draws=64, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.npsv, again.npsv)
    assert (first.npsv != other.npsv).any()
