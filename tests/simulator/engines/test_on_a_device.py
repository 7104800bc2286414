"""The machine and the large path on a real CUDA device, from what is simplest on: `pytest -m gpu`."""

import dataclasses
import gc
import threading

import numpy as np
import pytest

from simulator.engines import TrainingData, devices
from simulator.engines.cuda import choosing
from simulator.engines.cuda.engine import CudaEngine
from simulator.engines.cuda.machine import Machine
from simulator.engines.reference import ReferenceEngine
from simulator.errors import DeviceMemoryError
from simulator.nn.activations import ACTIVATIONS
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

pytestmark = pytest.mark.gpu
both = pytest.mark.parametrize("dtype", ["float32", "float64"])


@pytest.fixture(scope="module")
def machine() -> Machine:
    return devices.open_machine(devices.resolve("cuda"))


def sent(machine: Machine, values: np.ndarray):
    block = machine.allocate(values.nbytes)
    machine.write(block.address, values)
    return block


def test_01_the_devices_say_what_they_are():
    found = devices.survey()
    assert found.trouble == ""
    for device in found.devices:
        assert 0 < device.free <= device.total
        assert float(device.driver) >= 12
        assert float(device.capability) >= 5


def test_02_numbers_go_there_and_come_back(machine):
    for count in (1, 1000, 100_000, 30_000_000):
        values = np.random.default_rng(count).random(count, dtype=np.float32)
        block = sent(machine, values)
        assert np.array_equal(machine.read(block.address, np.float32, (count,)).get(), values)
        machine.clear(block.address, 4 * count)
        assert not machine.read(block.address, np.float32, (count,)).get().any()


def test_03_memory_is_counted_and_comes_back(machine):
    gc.collect()
    before = machine.memory()
    block = machine.allocate(256 << 20)
    assert machine.memory().held == before.held + (256 << 20)
    assert machine.memory().free <= before.free - (200 << 20)
    del block
    assert machine.memory().held == before.held
    assert machine.memory().free >= before.free - (16 << 20)


def test_04_more_memory_than_there_is_is_refused_and_nothing_is_lost(machine):
    values = np.arange(1000, dtype=np.float32)
    block = sent(machine, values)
    with pytest.raises(DeviceMemoryError) as caught:
        machine.allocate(2 * machine.memory().total)
    assert caught.value.free > 0
    assert np.array_equal(machine.read(block.address, np.float32, (1000,)).get(), values)


@both
def test_05_the_kernels_are_compiled(machine, dtype):
    machine.load(dtype)
    assert machine.ready(dtype)


@both
@pytest.mark.parametrize("turned", [(a, b) for a in (False, True) for b in (False, True)])
def test_06_products_are_products(machine, dtype, turned):
    rng = np.random.default_rng(0)
    for rows, inner, columns in ((3, 5, 4), (1, 7, 1), (512, 784, 2048), (33, 1000, 10)):
        A, B = rng.normal(size=(rows, inner)).astype(dtype), rng.normal(size=(inner, columns)).astype(dtype)
        a = sent(machine, np.ascontiguousarray(A.T if turned[0] else A))
        b = sent(machine, np.ascontiguousarray(B.T if turned[1] else B))
        c = machine.allocate(rows * columns * A.itemsize)
        machine.multiply(dtype, (rows, inner, columns), a.address, b.address, c.address, turned)
        found = machine.read(c.address, dtype, (rows, columns)).get()
        wanted = A.astype(np.float64) @ B.astype(np.float64)
        tolerance = (2e-6 if dtype == "float32" else 1e-14) * inner**0.5 * 4
        np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance * max(1, np.abs(wanted).max()))


def test_07_tf32_is_coarser_and_only_when_asked_for(machine):
    rng = np.random.default_rng(1)
    A, B = rng.normal(size=(512, 512)).astype(np.float32), rng.normal(size=(512, 512)).astype(np.float32)
    a, b, c = sent(machine, A), sent(machine, B), machine.allocate(A.nbytes)
    wanted, off = A.astype(np.float64) @ B, {}
    for tf32 in (False, True):
        machine.multiply("float32", (512, 512, 512), a.address, b.address, c.address, tf32=tf32)
        found = machine.read(c.address, np.float32, (512, 512)).get()
        off[tf32] = np.abs(found - wanted).max() / np.abs(wanted).max()
    assert off[False] < 3e-6
    assert off[True] < 3e-3
    if float(machine.device.capability) >= 8:
        assert off[True] > 5 * off[False]


def test_08_readings_have_the_numbers_of_their_place_while_work_goes_on(machine):
    size, readings = 1024, []
    ones = sent(machine, np.eye(size, dtype=np.float32) * 2)
    x, y = sent(machine, np.ones((size, size), np.float32)), machine.allocate(4 * size * size)
    for _ in range(10):
        machine.multiply("float32", (size, size, size), x.address, ones.address, y.address)
        readings.append(machine.read(y.address, np.float32, (size, size)))
        x, y = y, x
    for place, reading in enumerate(readings):
        assert (reading.get() == 2.0 ** (place + 1)).all()


def test_09_a_graph_with_products_is_captured_and_repeats(machine, caplog):
    size = 64
    double = sent(machine, np.eye(size, dtype=np.float32) * 2)
    x, y = sent(machine, np.ones((size, size), np.float32)), machine.allocate(4 * size * size)

    def work() -> None:
        machine.multiply("float32", (size, size, size), x.address, double.address, y.address)
        machine.multiply("float32", (size, size, size), y.address, double.address, x.address)

    work()
    taken = machine.take_down(work)
    assert not caplog.records, caplog.text  # it was no fall-back
    for _ in range(5):
        taken.give()
    assert (machine.read(x.address, np.float32, (size, size)).get() == 2.0**12).all()


def test_10_marks_tell_the_time(machine):
    size = 4096
    a, c = machine.allocate(4 * size * size), machine.allocate(4 * size * size)
    machine.clear(a.address, 4 * size * size)
    machine.multiply("float32", (size, size, size), a.address, a.address, c.address)
    first = machine.mark()
    machine.multiply("float32", (size, size, size), a.address, a.address, c.address)
    last = machine.mark()
    last.wait()
    assert first.done
    assert last.seconds_since(first) > 0


def test_11_two_threads_may_give_work(machine):
    wrong: list[str] = []

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for _ in range(50):
            A = rng.normal(size=(100, 100)).astype(np.float32)
            a, c = sent(machine, A), machine.allocate(A.nbytes)
            machine.multiply("float32", (100, 100, 100), a.address, a.address, c.address)
            if not np.allclose(machine.read(c.address, np.float32, (100, 100)).get(), A @ A, atol=1e-3):
                wrong.append(f"of seed {seed}")

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


NETWORK = NetworkSpec(
    97, (LayerSpec(200, "gelu", 0.1), LayerSpec(131, "tanh"), LayerSpec(64, "relu")), 10, "softmax", "he_normal"
)


def run(device: str, network: NetworkSpec, config: TrainingConfig, rows: int = 1000):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows + 300, network.inputs)).astype(config.dtype)
    Y = np.eye(network.outputs)[rng.integers(0, network.outputs, rows + 300)].astype(config.dtype)
    data = TrainingData(X[:rows], Y[:rows], X[rows:], Y[rows:], True)
    if device == "cpu":
        return ReferenceEngine(network, config, data, "cpu")
    return CudaEngine(network, config, data, device)


@pytest.fixture
def on_the_large_path(monkeypatch):
    monkeypatch.setattr(choosing, "LARGE_WORK", 0)


@pytest.mark.usefixtures("on_the_large_path")
@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_12_an_epoch_is_the_readable_engines(activation):
    hidden = tuple(dataclasses.replace(layer, activation=activation) for layer in NETWORK.hidden)
    network = dataclasses.replace(NETWORK, hidden=hidden)
    config = TrainingConfig(optimizer=Rule("sgd", learning_rate=0.01, momentum=0.9), batch_size=96, dtype="float64")
    found, wanted = run("cuda:0", network, config), run("cpu", network, config)
    records = [each.advance(1, 0, 10**9) for each in (found, wanted)]
    np.testing.assert_allclose(found.parameters(), wanted.parameters(), rtol=0, atol=1e-10)
    for name in records[0].dtype.names:
        np.testing.assert_allclose(records[0][name], records[1][name], rtol=1e-10)


@pytest.mark.usefixtures("on_the_large_path")
@both
def test_13_two_runs_have_the_same_bits_however_they_are_divided(dtype):
    config = TrainingConfig(optimizer=Rule("adam", learning_rate=1e-3), batch_size=96, dtype=dtype, clip_norm=1.0)
    whole, pieces = run("cuda:0", NETWORK, config), run("cuda:0", NETWORK, config)
    whole.advance(3, 0, 10**9)
    while (pieces.epoch, pieces.item) < (3, 0):
        pieces.advance(3, 0, 5)
    assert np.array_equal(whole.state().parameters, pieces.state().parameters)
    assert np.array_equal(whole.state().memory, pieces.state().memory)


@pytest.mark.usefixtures("on_the_large_path")
def test_14_a_loss_that_is_not_finite_stops_the_device():
    config = TrainingConfig(optimizer=Rule("sgd", learning_rate=1e30), batch_size=96)
    engine = run("cuda:0", NETWORK, config)
    engine.advance(50, 0, 10**9)
    engine.state()
    assert not engine.loss_finite
    assert engine.epoch < 50


def test_15_a_wide_network_trains_and_captures_its_updates(caplog):
    network = NetworkSpec(784, (LayerSpec(2048, "relu"), LayerSpec(2048, "relu")), 10, "softmax", "he_normal")
    engine = run("cuda:0", network, TrainingConfig(batch_size=512), rows=4096)
    records = engine.advance(10, 0, 10**9)
    assert records["train_loss"][-1] < 0.5 * records["train_loss"][0]
    assert "piece by piece" not in caplog.text


def test_16_no_memory_stays_behind(machine):
    gc.collect()
    before = machine.memory().held
    engine = run("cuda:0", NETWORK, TrainingConfig(batch_size=96))
    engine.advance(1, 0, 10**9)
    assert machine.memory().held > before
    del engine
    gc.collect()
    assert machine.memory().held - before <= 64 << 20  # places in which numbers are set aside stay for the next run
