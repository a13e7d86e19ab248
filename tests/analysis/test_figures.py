"""What is no figure is refused with its name and place: infinity, text and nothing, by every method of choice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from iitk.analysis import additionality, agreement, appraisal, benchmarking, inputoutput, preferences
from iitk.errors import MethodError

TREE = {"a": "I", "b": "I"}


def table(value):
    return pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, value, 2]}, index=list("xyz"))


def square(value):
    return pd.DataFrame([[0.1, 0.2], [value, 0.1]], index=list("ab"), columns=list("ab"))


TABLES = {
    "weighted_sum": lambda v: preferences.weighted_sum(table(v), [1, 1]),
    "topsis": lambda v: preferences.topsis(table(v), [1, 1]),
    "promethee_ii": lambda v: preferences.promethee_ii(table(v), [1, 1]),
    "rank_acceptability": lambda v: preferences.rank_acceptability(table(1.0), spread=table(v), draws=9),
    "weights of rank_acceptability": lambda v: preferences.rank_acceptability(table(1.0), weights=table(v)),
    "kendalls_w": lambda v: agreement.kendalls_w(table(v)),
    "krippendorff_alpha": lambda v: agreement.krippendorff_alpha(table(v), level="interval"),
    "cut_line_stability": lambda v: agreement.cut_line_stability(table(v), places=1, resamples=5),
    "technical_coefficients": lambda v: inputoutput.technical_coefficients(square(v), [10, 10]),
    "leontief_inverse": lambda v: inputoutput.leontief_inverse(square(v)),
    "regional_coefficients": lambda v: inputoutput.regional_coefficients(square(0.1), [1, v], [10, 20]),
    "output": lambda v: inputoutput.technical_coefficients(square(1.0), [10, v]),
    "effect_multipliers": lambda v: inputoutput.effect_multipliers(square(0.1), [1, v]),
    "households": lambda v: inputoutput.output_multipliers(
        square(0.1), households=inputoutput.Households([0.1, v], [0.1, 0.1])
    ),
    "normalise": lambda v: benchmarking.normalise(table(v)),
    "aggregate": lambda v: benchmarking.aggregate(table(v), TREE),
    "denominate": lambda v: benchmarking.denominate(table(1.0), table(v), {"a": "b"}),
    "cronbach_alpha": lambda v: benchmarking.cronbach_alpha(table(v)),
    "nearest_neighbours": lambda v: benchmarking.nearest_neighbours(table(v), "x"),
    "weights of nearest_neighbours": lambda v: benchmarking.nearest_neighbours(table(1.0), "x", weights=[1, v]),
    "present_value": lambda v: appraisal.present_value([1, v]),
    "equivalent_annual_cost": lambda v: appraisal.equivalent_annual_cost([1, v]),
    "switching_value": lambda v: appraisal.switching_value({"a": 1, "b": v}),
    "ordinal_agreement": lambda v: agreement.ordinal_agreement([1, 2, v]),
}
NUMBERS = {
    "gross": additionality.net_additional,
    "leakage": lambda v: additionality.net_additional(10, leakage=v),
    "multiplier": lambda v: additionality.net_additional(10, multiplier=v),
    "reference": lambda v: additionality.net_additional(10, reference=additionality.ReferenceCase(v)),
    "cost": lambda v: additionality.cost_per_net_job(v, 1),
    "net_jobs": lambda v: additionality.cost_per_net_job(1, v),
    "mitigation": lambda v: appraisal.optimism_bias("outsourcing", mitigation=v),
    "outsourcing": lambda v: appraisal.optimism_bias({"outsourcing": v}),
    "weight of 'a'": lambda v: benchmarking.aggregate(table(1.0), TREE, weights={"a": v}),
}


@pytest.mark.parametrize("value", [np.inf, -np.inf, "x"])
@pytest.mark.parametrize("method", TABLES)
def test_infinity_and_text_are_refused_by_every_method(method, value):
    with pytest.raises(MethodError):
        TABLES[method](value)


@pytest.mark.parametrize("value", [np.inf, np.nan, None, "x"])
@pytest.mark.parametrize("name", NUMBERS)
def test_what_is_no_number_is_named(name, value):
    with pytest.raises(MethodError, match=f"{name}.* must be a number"):
        NUMBERS[name](value)


def test_the_place_of_an_infinite_figure_is_named():
    with pytest.raises(MethodError, match="indicators is infinite for 'y'. Leave a gap instead"):
        benchmarking.normalise(table(np.inf))
    with pytest.raises(MethodError, match="flows is infinite for '1'"):
        appraisal.present_value([1, np.inf])
