import dataclasses
import math

import numpy as np
import pytest

from simulator.data import open_dataset
from simulator.errors import DivergenceError
from simulator.progress import Cancelled, Progress
from simulator.spec import Rule
from simulator.training.defaults import default_config, default_network
from simulator.training.divergence import diagnose, round_below
from simulator.training.session import Session


def diverged(dataset, rate, hidden=(8, 8), activation="linear", optimizer="sgd"):
    config = dataclasses.replace(default_config(dataset), optimizer=Rule(optimizer, learning_rate=rate))
    session = Session(dataset, default_network(dataset, hidden, activation), config, engine="reference")
    with pytest.raises(DivergenceError):
        session.advance(40)
    return session


def diagnosis(session, progress=None):
    epoch = session.snapshot().epoch + 1
    return diagnose(session.survey(60), session.records, epoch, session.config, progress or Progress(), "reference")


@pytest.fixture(scope="module")
def diabetes():
    return open_dataset("diabetes")


def test_the_rate_that_holds_is_found_and_training_goes_on_with_the_advised_one(diabetes):
    session = diverged(diabetes, 3.0)
    found = diagnosis(session)
    assert found.cause == "rate"
    assert found.advised < found.stable < 3.0
    ends = {rate: end for rate, _, end in found.tried}
    assert math.isfinite(ends[found.stable])
    assert not math.isfinite(ends[2 * found.stable])
    assert session.records["train_loss"][found.from_epoch] < 2 * session.records["train_loss"][0]
    session.go_to(found.from_epoch)
    better = session.config.optimizer.having(learning_rate=found.advised)
    session.configure(config=dataclasses.replace(session.config, optimizer=better))
    session.advance(10)
    assert session.records["train_loss"][-1] < session.records["train_loss"][0]


def test_for_a_linear_model_the_rate_that_holds_is_near_two_over_the_largest_curvature(diabetes):
    """Full batches of a linear model under mse: plain gradient descent is stable below 2/λmax of its Hessian."""
    rows = len(diabetes.X_train)
    config = dataclasses.replace(
        default_config(diabetes), optimizer=Rule("sgd", learning_rate=5.0), batch_size=rows
    )  # fmt: skip
    network = default_network(diabetes, ())
    session = Session(diabetes, network, config, engine="reference")
    with pytest.raises(DivergenceError):
        session.advance(400)
    found = diagnosis(session)
    X = np.column_stack([diabetes.X_train, np.ones(rows)])
    limit = 2 / np.linalg.eigvalsh(2 * X.T @ X / rows).max()
    assert limit / 4 < found.stable < 2 * limit


def test_inputs_and_outliers_are_named_as_the_cause():
    found = diagnosis(diverged(open_dataset("penguins", unscaled=True), 0.1))
    assert (found.cause, found.culprit, found.size) == ("inputs", "body_mass_g", 6050.0)


def test_a_diagnosis_can_be_cancelled(diabetes):
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        diagnosis(diverged(diabetes, 3.0), progress)


@pytest.mark.parametrize(("value", "expected"), [(0.09, 0.05), (0.1, 0.1), (3.4e-6, 2e-6), (0.5, 0.5), (1.0, 1.0)])
def test_a_rate_is_rounded_down_to_one_that_people_type(value, expected):
    assert round_below(value) == pytest.approx(expected)
