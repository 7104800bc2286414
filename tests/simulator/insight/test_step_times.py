"""The same update in several ways: all come to the same numbers, and to those of the engine."""

import dataclasses
import sys

import numpy as np
import pytest

from simulator.engines import ENGINES, TrainingData, devices
from simulator.errors import DeviceError
from simulator.explain import explain, moment_of
from simulator.insight import step_times as timing
from simulator.insight.array_step import ArrayStep
from simulator.insight.engine_step import EngineStep, masks_of
from simulator.insight.step_times import COPIES, CPU, GPU, MATRIX, ROWS, step_times
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.progress import Cancelled, Progress
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

SMALL = NetworkSpec(3, (LayerSpec(4, "tanh"), LayerSpec(5, "gelu")), 2)


def run(network=SMALL, batches=4, rows=22, frozen=None, held=None, **changes):
    """An engine somewhere in an epoch, and the moment before its next update."""
    config = TrainingConfig(**({"batch_size": 8, "dtype": "float64"} | changes))
    rng = np.random.default_rng(rows)
    X = rng.normal(size=(rows, network.inputs))
    classes = network.link != "linear"
    Y = np.eye(max(2, network.outputs))[rng.integers(0, max(2, network.outputs), rows)][:, : network.outputs]
    data = TrainingData(X, Y if classes else rng.normal(size=(rows, network.outputs)), X[:0], Y[:0], classes)
    engine = ENGINES["reference"](network, config, data, "cpu")
    engine.restore(dataclasses.replace(engine.state(), frozen=frozen, held=held))
    engine.advance(10**6, 0, batches)
    return engine, moment_of(network, config, engine.state(), data)


def outcomes(moment, copies=1):
    step = ArrayStep(moment, len(moment.X), copies)
    return step.row_by_row(Progress()), step.at_once(Progress()), trained(moment, copies)


def trained(moment, copies=1, device="cpu"):
    """What the engine of a device makes of the update."""
    step = EngineStep(moment, len(moment.X), copies, device, 1)
    step.prepare(Progress())
    return step.outcome()


@pytest.fixture(scope="module")
def measured():
    return step_times(run()[1], seconds=0.001)


def test_one_row_at_a_time_comes_first_and_the_rows_grow(measured):
    ways = [(time.way, time.copies, time.rows) for time in measured.times if time.way != GPU]
    assert ways == [(ROWS, 1, 8), *((way, copies, 8 * copies) for way in (MATRIX, CPU) for copies in COPIES)]
    assert (measured.rows, measured.batch_rows, measured.dtype) == (8, 8, "float64")


def test_every_way_was_run_and_timed(measured):
    for time in measured.times:
        assert time.runs >= 1
        assert time.seconds > 0
        assert time.rows_per_second == pytest.approx(time.rows / time.seconds)


def test_the_ways_differ_by_rounding_only(measured):
    assert measured.times[0].gradient_difference == measured.times[0].parameter_difference == 0.0
    for time in measured.times:
        assert time.gradient_difference < 1e-13
        assert time.parameter_difference < 1e-7  # Adam divides by the root of a gradient that may be near zero


@pytest.mark.parametrize("copies", [1, 8])
def test_every_way_makes_the_update_that_the_engine_makes(copies):
    engine, moment = run(l1=0.01, l2=0.02, clip_norm=0.3, schedule=Rule("exponential"))
    found = outcomes(moment, copies)
    engine.advance(10**6, 0, 1)
    explained = explain(moment)
    for outcome in found:
        assert outcome.parameters == pytest.approx(engine.parameters(), rel=1e-9, abs=1e-12)
        assert outcome.gradient == pytest.approx(explained.backward.gradient, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_with_every_optimizer(optimizer):
    engine, moment = run(optimizer=Rule(optimizer))
    engine.advance(10**6, 0, 1)
    for outcome in outcomes(moment):
        assert outcome.parameters == pytest.approx(engine.parameters(), rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_with_every_activation(activation):
    engine, moment = run(NetworkSpec(3, (LayerSpec(4, activation),), 2), optimizer=Rule("sgd"))
    engine.advance(10**6, 0, 1)
    for outcome in outcomes(moment):
        assert outcome.parameters == pytest.approx(engine.parameters(), rel=1e-10, abs=1e-13)


@pytest.mark.parametrize("loss", LOSSES)
def test_with_every_loss(loss):
    link = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}.get(loss, "linear")
    network = NetworkSpec(3, (LayerSpec(4, "tanh"),), 2 if link == "softmax" else 1, link)
    engine, moment = run(network, loss=Rule(loss), optimizer=Rule("sgd"))
    engine.advance(10**6, 0, 1)
    for outcome in outcomes(moment):
        assert outcome.parameters == pytest.approx(engine.parameters(), rel=1e-10, abs=1e-13)


def test_dropout_leaves_out_what_it_leaves_out_in_the_run():
    network = NetworkSpec(3, (LayerSpec(6, "tanh", dropout=0.5), LayerSpec(5, "relu")), 2)
    engine, moment = run(network, optimizer=Rule("sgd"))
    engine.advance(10**6, 0, 1)
    for outcome in outcomes(moment, copies=8)[:2]:
        assert outcome.parameters == pytest.approx(engine.parameters(), rel=1e-10, abs=1e-13)


@pytest.mark.parametrize("copies", [1, 8])
def test_an_engine_drops_by_the_places_in_an_epoch_that_begins_with_these_rows(copies):
    network = NetworkSpec(3, (LayerSpec(6, "tanh", dropout=0.5), LayerSpec(5, "relu")), 2)
    moment = run(network, optimizer=Rule("sgd"))[1]
    rows = copies * len(moment.X)
    masked = ArrayStep(moment, len(moment.X), copies, masks_of(moment, rows)).at_once(Progress())
    assert trained(moment, copies).parameters == pytest.approx(masked.parameters, rel=1e-10, abs=1e-13)
    times = step_times(moment, seconds=0.0)
    assert max(time.gradient_difference for time in times.times if time.way == CPU) < 1e-13


def test_without_dropout_at_the_moment_an_engine_has_none_either():
    network = NetworkSpec(3, (LayerSpec(6, "tanh", dropout=0.5),), 2)
    moment = dataclasses.replace(run(network)[1], dropping=False)
    assert max(time.gradient_difference for time in step_times(moment, seconds=0.0).times) < 1e-13


def test_what_is_frozen_or_held_stays_so():
    frozen = np.arange(SMALL.parameter_count) % 3 == 0
    held = np.full(3 + 4 + 5, np.nan)
    held[[1, 4]] = 0.5, 0.0
    engine, moment = run(frozen=frozen, held=held, optimizer=Rule("sgd"))
    engine.advance(10**6, 0, 1)
    for outcome in outcomes(moment):
        assert outcome.parameters == pytest.approx(engine.parameters(), rel=1e-10, abs=1e-13)
        assert np.array_equal(outcome.parameters[frozen], moment.parameters[frozen])


def test_a_network_without_hidden_layers_has_times_too():
    assert step_times(run(NetworkSpec(3, (), 2))[1], seconds=0.0).times[0].way == ROWS


def test_single_precision_shows_its_rounding():
    times = step_times(run(dtype="float32", optimizer=Rule("sgd"))[1], seconds=0.0)
    assert times.dtype == "float32"
    assert 0.0 < max(time.gradient_difference for time in times.times) < 1e-6


def test_a_gradient_that_is_off_is_seen_in_the_difference():
    _, moment = run()
    right = outcomes(moment)[0]
    wrong = dataclasses.replace(right, gradient=right.gradient.copy())
    wrong.gradient[7] += 0.25
    assert wrong.differences(right) == (pytest.approx(0.25), 0.0)


def test_numbers_that_are_not_finite_give_a_difference_that_is_not_known():
    _, moment = run(NetworkSpec(3, (LayerSpec(4, "relu"),), 1, "linear"), loss=Rule("mse"))
    moment = dataclasses.replace(moment, parameters=np.full_like(moment.parameters, 1e200))
    times = step_times(moment, seconds=0.0)
    assert np.isnan(times.times[1].gradient_difference)


def test_of_a_large_batch_the_first_rows_stand_for_all(monkeypatch):
    monkeypatch.setattr(timing, "_MOST_ROWS", 5)
    times = step_times(run()[1], seconds=0.0)
    assert (times.rows, times.batch_rows) == (5, 8)
    assert times.times[0].rows == 5


def test_a_large_network_is_not_repeated_beyond_what_fits(monkeypatch):
    monkeypatch.setattr(timing, "_MOST_NUMBERS", 8 * 8 * sum(SMALL.sizes))
    times = step_times(run()[1], seconds=0.0).times
    assert [time.copies for time in times if time.way in (MATRIX, CPU)] == [1, 8, 1, 8]


@pytest.mark.parametrize("after", range(1, 9))
def test_it_can_be_cancelled_at_every_report(after):
    reports = []

    def report(_fraction, _text):
        reports.append(_fraction)
        if len(reports) == after:
            progress.cancel()

    progress = Progress(report)
    with pytest.raises(Cancelled):
        step_times(run()[1], seconds=10.0, progress=progress)
    assert len(reports) == after


def test_an_engine_makes_many_updates_at_a_time_from_the_same_moment():
    moment = run()[1]
    step = EngineStep(moment, len(moment.X), 1, "cpu", 1)
    step.prepare(Progress())
    before = step.outcome()
    took, made = step.chunk(37)
    assert made == 37
    assert took > 0
    assert step.chunk_length() >= 1
    assert np.array_equal(step.outcome().parameters, before.parameters)


def test_a_chunk_whose_loss_stops_being_finite_counts_what_was_made():
    network = NetworkSpec(3, (LayerSpec(4, "relu"),), 1, "linear")
    moment = run(network, loss=Rule("mse"), optimizer=Rule("sgd", learning_rate=1e30), batches=0)[1]
    step = EngineStep(moment, len(moment.X), 1, "cpu", 1)
    step.prepare(Progress())
    assert 1 <= step.chunk(500)[1] < 50


def test_it_says_what_it_measures():
    reports = []
    step_times(run()[1], seconds=0.0, progress=Progress(lambda fraction, text: reports.append((fraction, text))))
    said = [text for fraction, text in reports if fraction is not None]
    wanted = ["row by row", "8 rows as a matrix", "8 rows as in training, on the CPU"]
    assert [said[0], said[1], said[4]] == wanted


def test_without_cupy_it_says_so_and_how_it_is_had(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    times = step_times(run()[1], seconds=0.0)
    with pytest.raises(DeviceError) as caught:
        devices.resolve("cuda")
    assert (times.missing, times.advice) == (caught.value.message, caught.value.hint)
    assert all(time.way != GPU for time in times.times)


@pytest.fixture(scope="module")
def hosted():
    """The times of an update with L1, L2, clipping and Adam, and with a device that is this processor."""
    host_machine = pytest.importorskip("host_machine")
    if host_machine.compiler() is None:
        pytest.skip("needs g++")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(devices, "driver", host_machine.HostDriver())
        return step_times(run(l1=0.01, l2=0.02, clip_norm=0.3)[1], seconds=0.001)


def test_the_gpus_engine_makes_the_same_update(hosted):
    assert (hosted.missing, hosted.advice, hosted.refused) == ("", "", ())
    assert (hosted.cpu_engine, hosted.gpu_engine) == ("compiled", "cuda")
    assert hosted.gpu
    times = [time for time in hosted.times if time.way == GPU]
    assert [time.copies for time in times] == list(COPIES)
    for time in times:
        assert time.gradient_difference < 1e-13
        assert time.parameter_difference < 1e-7
        assert time.seconds > 0


def test_the_two_engines_are_compared_with_each_other(hosted):
    assert [(each.copies, each.rows) for each in hosted.between] == [(copies, 8 * copies) for copies in COPIES]
    assert all(0 <= each.gradient < 1e-13 for each in hosted.between)
    assert all(0 <= each.parameters < 1e-7 for each in hosted.between)


def test_dropout_on_the_gpu_is_that_of_the_cpu(host_gpu):
    network = NetworkSpec(3, (LayerSpec(6, "tanh", dropout=0.5),), 2)
    times = step_times(run(network, dtype="float32")[1], seconds=0.0)
    assert all(each.gradient < 1e-6 for each in times.between)
    assert all(time.gradient_difference < 1e-6 for time in times.times if time.way == GPU)


def test_what_the_gpu_has_no_room_for_is_said_with_the_bytes_and_the_rest_is_timed(host_gpu):
    host_gpu.open(0).limit = 300_000
    times = step_times(run()[1], seconds=0.0)
    assert times.missing == ""
    assert [time.copies for time in times.times if time.way == GPU] == [1, 8]
    assert [each.copies for each in times.refused] == [64]
    for each in times.refused:
        assert (each.way, each.rows) == (GPU, 8 * each.copies)
        assert each.needed > each.free
        assert each.message
    assert len([time for time in times.times if time.way == CPU]) == len(COPIES)


def test_a_gpu_that_breaks_down_leaves_the_others_and_says_why(host_gpu, monkeypatch):
    def broken(name):
        raise DeviceError("the device fell off the bus", "Put it back.")

    monkeypatch.setattr(devices, "open_machine", broken)
    times = step_times(run()[1], seconds=0.0)
    assert (times.missing, times.advice) == ("the device fell off the bus", "Put it back.")
    assert {time.way for time in times.times} == {ROWS, MATRIX, CPU}


def test_another_gpu_can_be_asked_for(host_gpu):
    assert "cuda device 7" in step_times(run()[1], seconds=0.0, device="cuda:7").missing.lower()


@pytest.mark.gpu
def test_a_real_gpu_makes_the_same_update():
    times = step_times(run()[1], seconds=0.01)
    assert times.missing == ""
    assert [time.copies for time in times.times if time.way == GPU] == list(COPIES)
    assert all(time.gradient_difference < 1e-12 for time in times.times)
