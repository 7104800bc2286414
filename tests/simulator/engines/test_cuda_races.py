"""Neither the turns that threads and blocks take nor how far the device is behind the host changes a bit of a run.

A missing `__syncthreads` is silent while all threads run up to it in ascending order; what lacks one here has other
numbers when they run in descending order. And whoever reads too early, or writes where is still to be read, has other
numbers when all work is done at once than when it waits until somebody asks.
"""

import numpy as np
import pytest

from simulator.engines import TrainingData
from simulator.engines.cuda import choosing
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
