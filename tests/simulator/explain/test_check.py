import dataclasses

import numpy as np
import pytest

from simulator.errors import ConfigError
from simulator.explain import explain, place_of
from simulator.explain.check import Checks, check, check_all
from simulator.progress import Cancelled, Progress
from simulator.spec import LayerSpec, NetworkSpec, Rule


def test_one_weight_is_proved(started):
    explained = explain(started(l2=0.2).moment())
    found = check(explained, 5)
    assert found.agrees
    assert found.explained == explained.backward.gradient[5] + explained.update.penalty[5]
    assert found.measured == pytest.approx(found.explained, rel=1e-6)
    assert found.error < 1e-6


def test_a_wrong_gradient_is_found_out(started):
    explained = explain(started().moment())
    wrong = explained.backward.gradient.copy()
    place = int(np.abs(wrong).argmax())
    wrong[place] *= 1.001
    vars(explained)["backward"] = dataclasses.replace(explained.backward, gradient=wrong)
    found = check(explained, place)
    assert not found.agrees
    assert found.error == pytest.approx(1e-3, rel=0.01)
    checks = check_all(explained)
    assert not checks.agree
    assert checks.places[checks.worst] == place
    assert checks.places[checks.differing].tolist() == [place]


def test_all_parameters_are_checked_in_their_order(started):
    explained = explain(started().moment())
    checks = check_all(explained)
    assert checks.places.tolist() == list(range(53))
    assert np.array_equal(checks.explained, explained.backward.gradient)
    assert checks.agree


def test_a_few_can_be_asked_for(started):
    checks = check_all(explain(started().moment()), places=[7, 3])
    assert checks.places.tolist() == [7, 3]


def test_parts_are_joined_to_one(started):
    explained = explain(started().moment())
    whole = check_all(explained)
    joined = Checks.joined([check_all(explained, range(20)), check_all(explained, range(20, 53))])
    assert joined.places.tolist() == whole.places.tolist()
    assert np.array_equal(joined.errors, whole.errors)
    assert joined.worst == whole.worst
    assert not joined.differing.any()


def test_none_are_asked_for(started):
    checks = check_all(explain(started().moment()), places=[])
    assert checks.worst == -1
    assert checks.agree


def test_a_corner_between_the_two_sides_is_told(started):
    network = NetworkSpec(1, (LayerSpec(1, "relu"),), 1, "linear")
    moment = started(network, loss=Rule("mse"), batch_size=22).moment()
    at_the_corner = dataclasses.replace(moment, parameters=np.array([1.0, 0.0, 1.0, 0.5])).showing([[0.0]], [[2.0]])
    found = check(explain(at_the_corner), place_of(network, 0, None, 0))
    assert found.kinked
    assert not found.agrees
    checks = check_all(explain(at_the_corner))
    assert checks.kinked.tolist() == [False, True, False, False]
    assert checks.agree, "what cannot be proved at a corner is not held against the others"


def test_the_corner_of_the_l1_penalty_is_told(started):
    moment = started(l1=0.1).moment()
    values = moment.parameters.copy()
    values[2] = 0.0
    assert check(explain(dataclasses.replace(moment, parameters=values)), 2).kinked


def test_a_long_check_reports_and_can_be_cancelled(started):
    network = NetworkSpec(3, (LayerSpec(30),), 2)
    said = []
    progress = Progress(lambda fraction, text: said.append((fraction, text)))
    check_all(explain(started(network).moment()), progress=progress)
    assert said[0] == (0.0, "0 of 182 gradients checked")
    assert said[-1] == (1.0, "182 gradients checked")
    progress.cancel()
    with pytest.raises(Cancelled):
        check_all(explain(started(network).moment()), progress=progress)


@pytest.mark.parametrize("place", [-1, 53])
def test_a_parameter_that_does_not_exist_is_refused(started, place):
    with pytest.raises(ConfigError, match=f"no parameter {place}"):
        check(explain(started().moment()), place)
