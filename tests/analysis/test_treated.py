from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iitk.analysis.evaluation import difference_in_differences
from iitk.errors import MethodError


def test_treated_areas_may_be_marked():
    jobs = pd.DataFrame({2019: [20.44, 23.33, 9], 2020: [21.03, 21.17, 8]}, index=["NJ", "PA", "DE"])
    wanted = difference_in_differences(jobs, ["NJ", "DE"], 2020).estimate
    mask = pd.Series([True, True, False], ["DE", "NJ", "PA"])  # by label, in another order
    for treated in (mask, np.array([True, False, True]), [True, False, True], pd.Series(["NJ", "DE"])):
        assert difference_in_differences(jobs, treated, 2020).estimate == wanted
    for wrong in (mask.drop("DE"), [True, False]):
        with pytest.raises(MethodError, match="treated marks other areas"):
            difference_in_differences(jobs, wrong, 2020)


@pytest.mark.parametrize(
    ("change", "words"), [({"level": "95"}, "level must be a number"), ({"permutations": "9"}, "permutations must")]
)
def test_settings_of_an_effect_that_are_no_numbers_are_refused(change, words):
    jobs = pd.DataFrame({2019: [20.44, 23.33], 2020: [21.03, 21.17]}, index=["NJ", "PA"])
    with pytest.raises(MethodError, match=words):
        difference_in_differences(jobs, "NJ", 2020, **change)
