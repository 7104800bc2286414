import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.nn.schedules import SCHEDULES, Cosine, Exponential, Step, WarmUp


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_factor_stays_between_zero_and_one(name):
    schedule = SCHEDULES[name]()
    factors = [schedule.factor(now / 10, 0.1) for now in range(5000)]
    assert min(factors) >= 0
    assert max(factors) <= 1


@pytest.mark.parametrize("name", SCHEDULES)
@given(st.floats(0.5, 20), st.floats(0, 1))
def test_a_warm_up_rises_in_a_line_in_front_of_every_schedule(name, length, place):
    plain, warm = SCHEDULES[name](warmup_epochs=0.0), SCHEDULES[name](warmup_epochs=length)
    now = place * length
    assert warm.factor(now, 0.01) == pytest.approx(min(1, (now + 0.01) / length) * plain.factor(now, 0.01))


def test_the_first_update_of_a_warm_up_moves():
    assert WarmUp().factor(0.0, 1 / 17) == pytest.approx(1 / 17 / 5)


def test_the_shapes_are_those_of_their_formulas():
    assert [Step(gamma=0.5, every=10).shape(now) for now in (0, 9.99, 10, 25)] == [1, 1, 0.5, 0.25]
    assert Exponential(gamma=0.9).shape(2) == pytest.approx(0.81)
    assert [Cosine(epochs=10, end=0.2).shape(now) for now in (0, 5, 10, 50)] == pytest.approx([1, 0.6, 0.2, 0.2])
