"""Neither the turns that threads and blocks take nor how far the device is behind the host changes a bit of a run.

A missing `__syncthreads` is silent while all threads run up to it in ascending order; what lacks one here has other
numbers when they run in descending order. And whoever reads too early, or writes where is still to be read, has other
numbers when all work is done at once than when it waits until somebody asks. What no turn shows, the search for races
does (races.cpp): it knows of every access to shared and to the device's memory which thread it was since when.
"""

import numpy as np
import pytest

from simulator.engines import TrainingData
from simulator.engines.cuda import choosing, tiling
from simulator.engines.cuda.engine import CudaEngine
from simulator.engines.cuda.large import LargePath
from simulator.engines.cuda.small import SmallPath
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

WAYS = [
    {"ahead": 0},
    {"ahead": 0, "backwards": True},
    {"ahead": 1000},
    {"ahead": 1000, "backwards": True},
]
HEADS = [(name, link) for name, row in LOSSES.items() for link in row.links]


def bits_of(driver, network: NetworkSpec, config: TrainingConfig, data: TrainingData) -> bytes:
    engine = CudaEngine(network, config, data, "cuda:0")
    rng = np.random.default_rng(config.seed)
    records = [engine.advance(1, 0, 1000), engine.advance(2, 0, 2)]
    state = engine.state()
    records.append(engine.advance(2, 0, 1000))
    units = network.inputs + sum(layer.units for layer in network.hidden)
    held = np.where(rng.random(units) < 0.2, 0.5, np.nan).astype(config.dtype)
    engine.restore(type(state)(**vars(state) | {"held": held, "frozen": rng.random(state.parameters.size) < 0.3}))
    records.append(engine.advance(2, 0, 1000))
    found = engine.state()
    parts = [*records, found.parameters, found.memory, found.scalars, found.sums, engine.evaluate("train", 1, 20)]
    return b"".join(np.ascontiguousarray(part).tobytes() for part in parts)


@pytest.mark.parametrize(("path", "multiprocessors"), [(SmallPath, 1), (SmallPath, 3), (LargePath, 3)])
@pytest.mark.parametrize("number", [0, *(pytest.param(number, marks=pytest.mark.slow) for number in range(1, 8))])
def test_a_run_has_the_same_bits_whichever_thread_is_first(host_gpu, monkeypatch, path, multiprocessors, number):
    monkeypatch.setattr(choosing, "path_for", lambda *_: path)
    monkeypatch.setattr("simulator.engines.cuda.residence.path_for", lambda *_: path)
    rng = np.random.default_rng(number)
    sizes = rng.integers(1, 60, 5)
    hidden = tuple(
        LayerSpec(int(units), str(rng.choice(list(ACTIVATIONS))), float(rng.choice([0.0, 0.3])))
        for units in sizes[1:-1]
    )
    loss, link = HEADS[int(rng.integers(len(HEADS)))]
    network = NetworkSpec(int(sizes[0]), hidden[: int(rng.integers(4))], int(sizes[-1]), link)
    config = TrainingConfig(
        loss=Rule(loss), optimizer=Rule(str(rng.choice(list(OPTIMIZERS)))), batch_size=int(rng.integers(9, 40)),
        l2=float(rng.choice([0.0, 0.01])), clip_norm=[None, 0.1][int(rng.integers(2))], seed=number,
        dtype=["float32", "float64"][number % 2],
    )  # fmt: skip
    X = rng.normal(size=(60, network.inputs)).astype(config.dtype)
    Y = np.eye(network.outputs)[rng.integers(0, network.outputs, 60)].astype(config.dtype)
    data = TrainingData(X[:50], Y[:50], X[50:], Y[50:], True)
    found = set()
    for way in WAYS:
        machine = host_gpu.again(0, **way)
        machine.multiprocessors = multiprocessors
        found.add(bits_of(host_gpu, network, config, data))
    assert len(found) == 1


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(5, 12, 7, 3), (3, 1)])
@pytest.mark.parametrize(
    ("path", "multiprocessors", "clip", "optimizer"),
    [
        *((SmallPath, count, clip, name) for count in (1, 3) for clip in (None, 0.1) for name in ("adam", "nadam")),
        (LargePath, 3, 0.1, "adam"),
    ],
)
def test_no_two_threads_race_for_the_same_memory(host_gpu, monkeypatch, path, multiprocessors, clip, optimizer, sizes):
    monkeypatch.setattr("simulator.engines.cuda.residence.path_for", lambda *_: path)
    machine = host_gpu.again(0, races=True)
    machine.multiprocessors = multiprocessors
    monkeypatch.setattr(tiling, "MOST_ROWS", 2)  # a block takes its rows one tile after the other
    if multiprocessors > 1:  # the smallest batch is shared by all blocks
        monkeypatch.setattr(tiling, "ALONE", 0)
        monkeypatch.setattr(tiling, "EACH", 1)
    rng = np.random.default_rng(0)
    network = NetworkSpec(sizes[0], tuple(LayerSpec(units, "tanh", 0.3) for units in sizes[1:-1]), sizes[-1])
    config = TrainingConfig(optimizer=Rule(optimizer), batch_size=9, l2=0.01, clip_norm=clip, dtype="float32")
    X = rng.normal(size=(27, network.inputs)).astype(np.float32)
    Y = np.eye(network.outputs, dtype=np.float32)[rng.integers(0, network.outputs, 27)]
    train = 12 if path is LargePath else 25  # many blocks of many threads take their time
    engine = CudaEngine(network, config, TrainingData(X[:train], Y[:train], X[25:], Y[25:], True), "cuda:0")
    epochs = 1 if path is LargePath else 3
    assert len(engine.advance(epochs, 0, 1000)) == epochs  # the two test rows leave a block without any
    assert engine.finite
    assert np.isfinite(engine.evaluate("test", 0, 2)[0])
    assert np.isfinite(engine.evaluate("train", 0, train)[0])
