import random
import statistics

import pytest

from p2pkit.core import LocalProtocolError
from p2pkit.faults import (
    Constant,
    Exponential,
    LogNormal,
    Normal,
    Pareto,
    Uniform,
)
from p2pkit.faults.latency import LONGEST_S

DRAWS = 20_000


def draws(latency):
    rng = random.Random("latency")
    return [latency.sample(rng) for _ in range(DRAWS)]


@pytest.mark.parametrize(
    ("latency", "mean_s", "least_s"),
    [
        (Constant(0.05), 0.05, 0.05),
        (Uniform(0.02, 0.06), 0.04, 0.02),
        (Normal(0.05, 0.01), 0.05, 0.0),
        (Exponential(0.03, least_s=0.01), 0.04, 0.01),
        (Pareto(0.03, shape=4.0), 0.04, 0.03),
        (LogNormal(0.05, 0.5), 0.05 * 1.1331, 0.0),
    ],
)
def test_means_are_the_textbooks(latency, mean_s, least_s):
    sampled = draws(latency)

    # A heavy tail's mean settles slowly: 3 % is five standard errors of the widest.
    assert statistics.fmean(sampled) == pytest.approx(mean_s, rel=0.03)
    assert min(sampled) >= least_s


def test_half_of_a_log_normal_is_below_its_median():
    sampled = draws(LogNormal(0.05))

    assert statistics.median(sampled) == pytest.approx(0.05, rel=0.03)


@pytest.mark.parametrize(
    "latency", [Pareto(30.0, shape=0.1), Exponential(50.0), LogNormal(50.0, 3.0)]
)
def test_no_tail_outlasts_the_longest_delay(latency):
    assert max(draws(latency)) == LONGEST_S


@pytest.mark.parametrize(
    "make",
    [
        lambda: Constant(-1.0),
        lambda: Constant(61.0),
        lambda: Uniform(0.2, 0.1),
        lambda: Normal(0.1, -0.1),
        lambda: Exponential(0.0),
        lambda: Pareto(0.1, shape=0.0),
        lambda: LogNormal(0.0),
    ],
)
def test_what_is_no_latency_is_refused_with_its_bounds(make):
    with pytest.raises(LocalProtocolError, match="in seconds"):
        make()
