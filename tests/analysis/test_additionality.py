from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iitk.analysis.additionality import ReferenceCase, cost_per_net_job, net_additional
from iitk.errors import MethodError

part = st.floats(0, 1)


def test_net_additional_by_hand():
    # 100 gross jobs, 40 would come anyway; 10% leak, 25% displaced, multiplier 1.2:
    # (100 - 40) x 0.9 x 0.75 x 1.2 = 48.6
    net = net_additional(100, reference=40, leakage=0.10, displacement=0.25, multiplier=1.2)
    assert net == pytest.approx(48.6)
    assert net.additionality == pytest.approx(0.486)


def test_the_guides_example():
    # 200 gross jobs, 30% deadweight, leakage 10%, displacement 25%, multiplier 1.25: (200 - 60) x 0.9 x 0.75 x 1.25.
    net = net_additional(200, deadweight=0.3, leakage=0.1, displacement=0.25, multiplier=1.25)
    assert net == pytest.approx(118.125)
    assert net.steps["intervention"].tolist() == pytest.approx([200, 180, 135, 135, 168.75])
    assert net.steps["reference"].tolist() == pytest.approx([60, 54, 40.5, 40.5, 50.625])
    assert net.steps["net"].iloc[-1] == net


def test_a_reference_case_with_its_own_adjustments():
    # 100 x 0.8 x 0.5 x 1.5 = 60, less 50 x 0.6 x 1 = 30.
    reference = ReferenceCase(50, leakage=0.4)
    net = net_additional(100, leakage=0.2, displacement=0.5, multiplier=1.5, reference=reference)
    assert net == pytest.approx(30)
    assert net_additional(10, reference=20) == pytest.approx(-10)


@given(st.floats(0, 1e6), part, part, part, part, st.floats(1, 3))
def test_deadweight_is_a_share_of_the_rest(gross, deadweight, leakage, displacement, substitution, multiplier):
    options = {
        "leakage": leakage, "displacement": displacement, "substitution": substitution, "multiplier": multiplier,
    }  # fmt: skip
    net = net_additional(gross, deadweight=deadweight, **options)
    alone = net_additional(gross, **options)
    assert net == pytest.approx(alone * (1 - deadweight), rel=1e-9, abs=1e-6)
    wanted = gross * (1 - leakage) * (1 - displacement) * (1 - substitution) * multiplier
    assert alone == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    assert net_additional(gross, reference=gross * deadweight, **options) == pytest.approx(net)


def test_cost_per_net_job():
    # £3m for 200 gross jobs of which 118.125 are net: £25,397 a net job, against £15,000 a gross one.
    net = net_additional(200, deadweight=0.3, leakage=0.1, displacement=0.25, multiplier=1.25)
    assert cost_per_net_job(3_000_000, net) == pytest.approx(25_396.83, abs=0.01)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: net_additional(100, displacement=25), r"For 25% write 0\.25"),
        (lambda: net_additional(100, deadweight=30), r"deadweight must be a share.*write 0\.3"),
        (lambda: net_additional(100, leakage=float("nan")), "leakage must be a number, got nan"),
        (lambda: net_additional(100, multiplier=0.25), r"write 1\.25"),
        (lambda: net_additional(100, substitution=1.5), "substitution must be a share.*For 1.5% write 0.015"),
        (lambda: net_additional(float("nan")), "gross must be a number, got nan"),
        (lambda: net_additional(100, multiplier=0.0), "multiplier must be 1 or more"),
        (lambda: cost_per_net_job(float("nan"), 10), "cost must be a number, got nan"),
        (lambda: net_additional(-1), "gross must not be negative"),
        (lambda: net_additional(100, deadweight=0.1, reference=10), "not both"),
        (lambda: net_additional(100, reference=ReferenceCase(10, leakage=5)), "the reference case's leakage"),
        (lambda: cost_per_net_job(1000, 0), "no net additional jobs"),
        (lambda: cost_per_net_job(-5, 10), "cost must not be negative"),
    ],
)
def test_errors_name_the_argument_and_the_remedy(call, words):
    with pytest.raises(MethodError, match=words):
        call()
