"""How layers are spread, against values worked out another way."""

import dataclasses
import types

import numpy as np
import pytest

from simulator.data import open_dataset
from simulator.insight import distributions as d
from simulator.insight.rows import how_many, rows_of
from simulator.nn import choices, parameters
from simulator.progress import Cancelled, Progress
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig
from simulator.training.defaults import default_config, default_network


@pytest.fixture(scope="module")
def moment():
    dataset = open_dataset("penguins")
    network = default_network(dataset, (6, 5))
    config = dataclasses.replace(default_config(dataset), dtype="float64")
    flat = parameters.start_values(network, 3)
    return types.SimpleNamespace(
        epoch=2, item=1, time=2.1, network=network, config=config, dataset=dataset, parameters=flat
    )


def test_gradients_are_those_of_the_loss_over_the_rows(moment):
    rows = rows_of(moment.dataset, moment.network, "float64", 40)
    found = d.values_of(moment.network, moment.config, moment.parameters, rows)
    places = [(0, 2, 3), (1, 5, 0), (2, 4, 2)]
    for layer, source, target in places:
        both = []
        for step in (1e-6, -1e-6):
            flat = moment.parameters.copy()
            parameters.layers(moment.network, flat)[layer].weight[source, target] += step
            logits = d.forward(moment.network, parameters.layers(moment.network, flat), rows.X)
            both.append(choices.loss(moment.config).rows(logits.logits[-1], logits.outputs, rows.Y).mean())
        assert found[d.GRADIENTS][layer][source, target] == pytest.approx((both[0] - both[1]) / 2e-6, abs=1e-8)


def test_every_quantity_has_a_spread_a_layer(moment):
    rows = rows_of(moment.dataset, moment.network, "float64")
    found = d.study(moment, rows, figures=True)
    layers = parameters.layers(moment.network, moment.parameters)
    assert [len(found.spreads[quantity]) for quantity in d.QUANTITIES] == [3, 3, 3]
    for layer, spread in zip(layers, found.spreads[d.WEIGHTS], strict=True):
        assert spread.histogram.total == spread.figures.count == layer.weight.size
        assert spread.figures.mean == pytest.approx(layer.weight.mean())
        assert spread.figures.sd == pytest.approx(layer.weight.std())
        assert spread.figures.quantiles == pytest.approx(np.quantile(layer.weight, d.QUANTILES))
    assert [each.histogram.reach for each in found.spreads[d.OUTPUTS]] == [1.0, 1.0, 1.0]
    assert [each.histogram.signed for each in found.spreads[d.OUTPUTS]] == [True, True, False]
    assert (found.place, found.time) == ((2, 1), 2.1)
    assert found.rows == found.of_rows == len(moment.dataset.X_train)


def test_relu_is_counted_from_zero_and_its_zeros_are_a_share(moment):
    network = NetworkSpec(4, (LayerSpec(50, "relu"),), 3)
    rows = rows_of(moment.dataset, network, "float64")
    found = d.study(_with(moment, network=network, parameters=parameters.start_values(network, 1)), rows, figures=True)
    hidden = found.spreads[d.OUTPUTS][0]
    assert not hidden.histogram.signed
    assert 0.2 < hidden.figures.zeros < 0.8


def test_a_diverged_network_has_figures_of_what_is_finite(moment):
    flat = np.full(moment.network.parameter_count, np.nan)
    flat[:4] = 1e300, -1e300, 0.0, np.inf
    found = d.present(_with(moment, parameters=flat), Progress())
    first, second = found.spreads[d.WEIGHTS][0].figures, found.spreads[d.WEIGHTS][1].figures
    assert (first.not_finite, first.high, first.count) == (21, 1e300, 24)
    assert np.isnan(second.mean)
    assert second.not_finite == second.count


def test_equal_weights_have_no_spread():
    found = d.figures_of(np.full(1000, 0.1, np.float32))
    assert (found.sd, found.low, found.mean) == (0.0, found.high, found.high)


def test_known_moments_are_not_looked_at_again_and_a_job_can_be_stopped(moment):
    later = _with(moment, epoch=3, item=0, time=3.0)
    first, second = d.studies([moment, later], {}, Progress())
    again = d.studies([moment, later], {second.place: second}, Progress())
    assert again[1] is second
    assert again[0] is not first
    stopped = Progress()
    stopped.cancel()
    with pytest.raises(Cancelled):
        d.studies([moment], {}, stopped)


def test_moments_that_are_kept_are_spread_evenly():
    assert d.spaced([0.0, 1.0, 2.0], 5).tolist() == [0, 1, 2]
    assert d.spaced(np.arange(101.0), 5).tolist() == [0, 25, 50, 75, 100]
    assert d.spaced([0.0, 1.0, 2.0, 3.0, 100.0], 3).tolist() == [0, 3, 4]


def test_large_networks_are_measured_on_fewer_rows():
    assert how_many(NetworkSpec(4, (LayerSpec(8),), 3), 333) == 333
    assert how_many(NetworkSpec(784, (LayerSpec(256),), 10), 60_000) == 491
    assert how_many(NetworkSpec(784, (LayerSpec(2048), LayerSpec(2048)), 10), 60_000) == 64


def test_two_classes_with_one_output_are_told_of_the_second(moment):
    dataset = open_dataset("breast_cancer")
    network = default_network(dataset, (3,), loss="binary_cross_entropy")
    rows = rows_of(dataset, network, "float32", 10)
    assert rows.Y.shape == (10, 1)
    assert rows.Y[:, 0].tolist() == dataset.Y_train[np.linspace(0, rows.of - 1, 10).round().astype(int), 1].tolist()
    assert not rows.all
    config = TrainingConfig(loss=Rule("binary_cross_entropy"))
    assert d.values_of(network, config, parameters.start_values(network, 0).astype("float32"), rows)[d.OUTPUTS][
        -1
    ].shape == (10, 1)


def _with(moment, **changes):
    return types.SimpleNamespace(**(vars(moment) | changes))
