import pytest

from simulator.benchmarks.bars import BARS, Bar, judge
from simulator.benchmarks.device_race import DEVICE_WORKLOADS
from simulator.benchmarks.device_rivals import COMPILED, EAGER, GRAPHS


def test_the_bars_are_those_that_were_set():
    assert BARS["penguins"] == (Bar(20.0, EAGER), Bar(1.5))
    assert BARS["wide"] == (Bar(0.95),)
    assert all(BARS[name] == (Bar(1.5),) for name in ("spiral", "digits", "million"))
    assert BARS.keys() <= DEVICE_WORKLOADS.keys()


@pytest.mark.parametrize(("ratio", "held"), [(20.0, True), (19.9, False), (300.0, True)])
def test_a_bar_beside_one_rival_needs_that_one_alone(ratio, held):
    verdict = judge(Bar(20.0, EAGER), {EAGER: ratio}, {})
    assert (verdict.held, verdict.ratio, verdict.rival) == (held, ratio, EAGER)


def test_the_fastest_rival_is_the_one_with_the_smallest_ratio():
    verdict = judge(Bar(1.5), {EAGER: 30.0, COMPILED: 4.0, GRAPHS: 1.6}, {})
    assert (verdict.held, verdict.ratio, verdict.rival) == (True, 1.6, GRAPHS)


def test_a_bar_is_not_held_while_a_rival_was_not_measured_that_could_be_faster():
    verdict = judge(Bar(1.5), {EAGER: 30.0, COMPILED: None, GRAPHS: 2.0}, {COMPILED: "Triton is missing"})
    assert (verdict.held, verdict.ratio, verdict.rival) == (None, 2.0, GRAPHS)
    assert verdict.reason == f"{COMPILED}: Triton is missing"


def test_a_bar_can_be_missed_whatever_was_not_measured():
    assert judge(Bar(1.5), {GRAPHS: 1.2}, {}).held is False


def test_without_any_ratio_a_bar_is_open():
    verdict = judge(Bar(0.95), {}, {EAGER: "PyTorch is not installed"})
    assert (verdict.held, verdict.ratio, verdict.rival) == (None, None, "")
    assert "not installed" in verdict.reason
