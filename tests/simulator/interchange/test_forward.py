import math
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engines.threads import blas_threads
from simulator.errors import ConfigError
from simulator.interchange.forward import BLOCK_ROWS, block_rows
from simulator.nn.activations import ACTIVATIONS
from simulator.progress import Cancelled, Progress
from simulator.spec import LayerSpec, NetworkSpec

SHAPES = [(), ((8, "tanh"), (8, "tanh")), ((33, "gelu"),), ((1, "relu"), (7, "mish"), (130, "silu"))]


@pytest.mark.parametrize("hidden", SHAPES, ids=str)
@pytest.mark.parametrize("link", ["softmax", "sigmoid", "linear"])
def test_a_row_has_the_same_outputs_alone_in_any_block_and_shuffled(make_model, hidden, link):
    model = make_model(hidden, link=link)
    draw = np.random.default_rng(1)
    X = draw.normal(size=(2 * BLOCK_ROWS + 77, 4))
    together = model.outputs(X)
    order = draw.permutation(len(X))
    assert np.array_equal(model.outputs(X[order]), together[order])
    for row in [0, 1, 2, 3, 5, BLOCK_ROWS - 1, BLOCK_ROWS, len(X) - 1]:
        assert np.array_equal(model.outputs(X[row : row + 1])[0], together[row])
    for start in [1, 3, 500, BLOCK_ROWS]:
        assert np.array_equal(model.outputs(X[start:]), together[start:])


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_every_activation_gives_a_row_the_same_outputs_wherever_it_stands(make_model, activation):
    model = make_model(((19, activation), (3, activation)), classes=())
    X = np.random.default_rng(2).normal(size=(BLOCK_ROWS + 5, 4)) * 3
    order = np.random.default_rng(3).permutation(len(X))
    assert np.array_equal(model.outputs(X[order]), model.outputs(X)[order])


@given(st.integers(0, 2**32), st.integers(1, 3000), st.integers(1, 200), st.booleans())
@settings(max_examples=15, deadline=None)
def test_any_width_and_any_number_of_rows_give_the_same_bits(make_model, seed, rows, units, value):
    model = make_model(((units, "elu"),), classes=() if value else ("a", "b"), seed=seed % 1000)
    X = np.random.default_rng(seed).normal(size=(rows, 4))
    row = seed % rows
    assert np.array_equal(model.outputs(X[row : row + 1])[0], model.outputs(X)[row])


def test_the_number_of_threads_that_others_use_does_not_matter(make_model):
    model = make_model(((400, "relu"), (400, "relu")))
    X = np.random.default_rng(0).normal(size=(BLOCK_ROWS, 4))
    with blas_threads(1):
        one = model.outputs(X)
    with blas_threads(2):
        np.ones((300, 300)) @ np.ones((300, 300))
    assert np.array_equal(model.outputs(X), one)


def test_several_threads_may_predict_at_the_same_time(make_model):
    model = make_model()
    X = np.random.default_rng(0).normal(size=(3000, 4))
    expected = model.outputs(X)
    results: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: results.append(model.outputs(X))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all(np.array_equal(each, expected) for each in results)


def test_the_outputs_are_those_of_a_pass_written_out(make_model):
    model = make_model(((5, "tanh"), (3, "sigmoid")), dtype="float64")
    x = [0.3, -1.2, 1.0, 0.0]
    a = x
    for layer, f in zip(model.layers, [math.tanh, lambda z: 1 / (1 + math.exp(-z)), lambda z: z], strict=True):
        fan_in, fan_out = layer.weight.shape
        a = [f(sum(a[i] * layer.weight[i, j] for i in range(fan_in)) + layer.bias[j]) for j in range(fan_out)]
    powers = [math.exp(z) for z in a]
    assert model.outputs(np.array([x]))[0] == pytest.approx([p / sum(powers) for p in powers], rel=1e-12)


def test_float32_parameters_are_calculated_with_in_float64(make_model):
    model = make_model(dtype="float32")
    wide = make_model(dtype="float64")
    exact = type(wide)(wide.network, wide.config, model.parameters.astype(np.float64), wide.recipe, wide.epoch)
    X = np.random.default_rng(5).normal(size=(10, 4))
    assert np.array_equal(model.outputs(X), exact.outputs(X))
    assert model.outputs(X).dtype == np.float64


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_row_with_a_missing_or_infinite_input_is_empty_and_harms_no_other(make_model, bad):
    model = make_model()
    X = np.random.default_rng(0).normal(size=(5, 4))
    clean = model.outputs(X)
    X[2, 1] = bad
    outputs = model.outputs(X)
    assert np.isnan(outputs[2]).all()
    others = [0, 1, 3, 4]
    assert np.array_equal(outputs[others], clean[others])


def test_no_rows_give_no_outputs(make_model):
    assert make_model().outputs(np.empty((0, 4))).shape == (0, 3)


@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 5), (2, 2, 4)], ids=str)
def test_rows_of_another_shape_are_refused_with_both_numbers(make_model, shape):
    with pytest.raises(ConfigError, match="4 inputs") as refused:
        make_model().outputs(np.zeros(shape))
    assert str(shape) in refused.value.message
    assert "(rows, 4)" in refused.value.hint


def test_progress_is_told_block_by_block_and_can_stop_the_pass(make_model):
    fractions = []
    X = np.zeros((2 * BLOCK_ROWS + 1, 4))
    make_model().outputs(X, Progress(lambda fraction, text: fractions.append(fraction)))
    assert fractions == pytest.approx([1024 / 2049, 2048 / 2049, 1.0])
    progress = Progress(lambda fraction, text: progress.cancel())
    with pytest.raises(Cancelled):
        make_model().outputs(X, progress)


def test_enormous_weights_give_infinities_without_a_warning(make_model):
    model = make_model(((5, "relu"), (3, "linear")), classes=(), dtype="float64")
    huge = type(model)(model.network, model.config, np.full_like(model.parameters, 1e200), model.recipe, 1)
    assert np.isinf(huge.outputs(np.ones((1, 4)))).all()


def test_a_very_wide_layer_is_calculated_a_few_rows_at_a_time():
    assert block_rows(NetworkSpec(4, (LayerSpec(32_768),), 3)) == 1024
    assert block_rows(NetworkSpec(4, (LayerSpec(1_000_000),), 3)) == 32
    assert block_rows(NetworkSpec(10_000_000, (), 1, "linear")) == 2
