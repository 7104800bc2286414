"""The range test, against sums made by hand, a quadratic bowl, and training itself."""

import dataclasses
import math

import numpy as np
import pytest

from simulator.data import open_dataset
from simulator.errors import ConfigError
from simulator.insight import rate_finder as f
from simulator.insight.rows import Rows, rows_of
from simulator.nn import parameters
from simulator.progress import Cancelled, Progress
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig
from simulator.training.defaults import default_config, default_network
from simulator.training.session import Session


@pytest.fixture(scope="module")
def penguins():
    dataset = open_dataset("penguins")
    network, config = default_network(dataset), default_config(dataset)
    rows = rows_of(dataset, network, config.dtype, len(dataset.X_train))
    return dataset, network, config, rows, parameters.start_values(network, 0)


def _test(penguins, progress=None, settings=None, **changes):
    _, network, config, rows, start = penguins
    config = dataclasses.replace(config, **changes)
    return f.range_test(network, config, start, rows, settings or f.RangeSettings(), True, 1, progress or Progress())


def test_the_smoothed_loss_is_the_corrected_mean():
    # By hand, β = 0.5: m = 2, then 2 + 0 = 2 → 2/0.75, then 1 + 3 = 4 → 4/0.875.
    assert f.smooth([4.0, 2.0, 6.0], 0.5) == pytest.approx([4.0, 2.0 / 0.75, 4.0 / 0.875])
    assert f.smooth([3.0, 3.0, 3.0], 0.9) == pytest.approx([3.0] * 3)
    assert f.smooth([3.0, 1.0], 0.0).tolist() == [3.0, 1.0]


def test_a_bowl_diverges_at_the_rate_that_its_curvature_says():
    # One weight, one input 1, target 0, squared error: L = w², w ← (1 − 2η)·w diverges from η = 1 on.
    network = NetworkSpec(1, (), 1, "linear")
    X = np.ones((4, 1))
    rows = Rows(X, 0.0 * X, 4)
    config = TrainingConfig(loss=Rule("mse"), optimizer=Rule("sgd", learning_rate=0.1), batch_size=4, dtype="float64")
    settings = f.RangeSettings(low=1e-5, high=1e3, updates=400, smoothing=0.0)
    found = f.range_test(network, config, np.array([1.0, 0.0]), rows, settings, False, 1, Progress())
    w, b = 1.0, 0.0
    for rate, loss in zip(found.rates.tolist(), found.losses.tolist(), strict=True):
        assert loss == pytest.approx((w + b) ** 2, rel=1e-6, abs=1e-300)
        w, b = w - rate * 2.0 * (w + b), b - rate * 2.0 * (w + b)
    assert found.start == 1.0
    # Weight and bias move together: the border is η = 1/2, and the smallest loss is just before it.
    assert found.suggestions["minimum"] == pytest.approx(0.05, rel=0.5)
    assert found.suggestions["steepest"] < 0.5
    assert found.ending in ("rose", "not finite", "end")


def test_the_first_updates_are_those_of_training(penguins):
    dataset, network, config, _, _ = penguins
    rate = config.optimizer
    session = Session(
        dataset, network, dataclasses.replace(config, optimizer=rate.having(learning_rate=0.01)), "reference"
    )
    found = _test(penguins, settings=f.RangeSettings(low=0.01, high=0.0100000001, updates=200, smoothing=0.0))
    session.advance(1)
    batches = -(-len(dataset.X_train) // config.batch_size)
    sizes = np.full(batches, config.batch_size)
    sizes[-1] = len(dataset.X_train) - sizes[:-1].sum()
    mean = (found.losses[:batches] * sizes).sum() / sizes.sum()
    assert session.records["train_loss"][1] == pytest.approx(mean, rel=1e-6)


def test_penguins_have_a_rate_that_learns_and_the_test_repeats(penguins):
    found, again = _test(penguins), _test(penguins)
    assert np.array_equal(found.losses, again.losses)
    assert found.rates[0] == pytest.approx(1e-7)
    assert np.diff(np.log(found.rates)) == pytest.approx(np.full(len(found.rates) - 1, math.log(1e8) / 199))
    assert 1e-4 < found.suggestions["steepest"] < 1.0
    assert 1e-4 < found.suggestions["minimum"] < 1.0
    start = penguins[4]
    assert np.array_equal(start, parameters.start_values(penguins[1], 0)), "the network that was given is untouched"


def test_a_rate_far_too_high_ends_the_test(penguins):
    found = _test(penguins, optimizer=Rule("sgd", learning_rate=0.1), settings=f.RangeSettings(high=1e30, updates=300))
    assert found.ending in ("rose", "not finite")
    assert len(found.losses) < 300
    assert np.isfinite(found.smoothed).all()


def test_where_nothing_falls_nothing_is_suggested(penguins):
    assert _test(penguins, settings=f.RangeSettings(low=1e-9, high=1e-8)).suggestions == {}
    rng = np.random.default_rng(0)
    noise = 1.0 + rng.normal(size=200)
    assert f.judged(np.geomspace(1e-7, 10, 200), noise, 1.0, "end", f.RangeSettings()).suggestions == {}


def test_rules_find_what_a_curve_of_known_shape_has():
    rates = np.geomspace(1e-6, 10.0, 400)
    x = np.log10(rates)
    # Falls as a logistic curve around 1e-3, rises from 0.1 on.
    losses = 1.0 / (1.0 + np.exp(4.0 * (x + 3.0))) + np.where(x > -1, (x + 1) ** 2, 0.0) + 0.5
    assert f.steepest(rates, losses, 40) == pytest.approx(1e-3, rel=0.1)
    assert f.below_minimum(rates, losses, 40) == pytest.approx(0.01, rel=0.15)


def test_a_test_can_be_stopped(penguins):
    progress = Progress(lambda fraction, _text: progress.cancel() if (fraction or 0) > 0.2 else None)
    with pytest.raises(Cancelled):
        _test(penguins, progress)


def test_a_range_that_falls_is_refused():
    with pytest.raises(ConfigError, match="larger"):
        f.RangeSettings(low=1.0, high=0.1)


def test_dropout_and_penalties_take_part(penguins):
    _, _, config, rows, _ = penguins
    network = NetworkSpec(rows.X.shape[1], (LayerSpec(8, "relu", 0.5),), rows.Y.shape[1])
    start = parameters.start_values(network, 0)
    config = dataclasses.replace(config, l2=0.1, clip_norm=1.0)
    found = f.range_test(network, config, start, rows, f.RangeSettings(updates=30), True, 1, Progress())
    assert found.losses[0] != pytest.approx(found.start, rel=1e-3)
