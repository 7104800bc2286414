"""Large networks: batches of several blocks, products divided by columns, and threads that fail."""

import dataclasses

import numpy as np
import pytest

from simulator.engines import ENGINES, Engine, TrainingData, blas
from simulator.engines.threads import blas_threads
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

ENDLESS = 10**9
WIDE = NetworkSpec(70, (LayerSpec(150, "tanh"), LayerSpec(90, "silu", dropout=0.2)), 40)
NARROW = NetworkSpec(6, (LayerSpec(12, "tanh"), LayerSpec(5, "silu")), 3)


def rows_of(network: NetworkSpec, rows: int, test_rows: int = 5) -> TrainingData:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows + test_rows, network.inputs))
    Y = np.eye(network.outputs)[rng.integers(0, network.outputs, rows + test_rows)]
    return TrainingData(X[:rows], Y[:rows], X[rows:], Y[rows:], True)


def trained(name: str, threads: int, network: NetworkSpec, config: TrainingConfig, data: TrainingData) -> Engine:
    engine = ENGINES[name](network, config, data, "cpu", threads)
    with blas_threads(engine.blas_threads):
        engine.advance(2, 0, ENDLESS)
    return engine


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("batch_size", [blas.BLOCK_ROWS + 1, 5 * blas.BLOCK_ROWS // 2])
def test_a_batch_of_several_blocks_is_one_batch(threads, batch_size):
    config = TrainingConfig(Rule("cross_entropy"), batch_size=batch_size, dtype="float64", l2=0.01, clip_norm=0.1)
    data = rows_of(NARROW, 3 * blas.BLOCK_ROWS, 2 * blas.BLOCK_ROWS + 1)
    truth, engine = (trained(name, threads, NARROW, config, data) for name in ("reference", "blas"))
    assert np.allclose(engine.parameters(), truth.parameters(), rtol=1e-9, atol=1e-12)
    for each in (truth, engine):
        each.restore(dataclasses.replace(each.state(), sums=np.zeros(4)))
    records = [each.advance(3, 0, ENDLESS) for each in (truth, engine)]
    for name in records[0].dtype.names:
        assert np.allclose(records[1][name], records[0][name], rtol=1e-9), name


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["compiled", "blas"])
def test_a_number_of_threads_repeats_its_bits_and_another_one_agrees_to_rounding(name, dtype):
    config = TrainingConfig(Rule("cross_entropy"), batch_size=32, dtype=dtype, clip_norm=1.0)
    data, ends = rows_of(WIDE, 200), {}
    for threads in (1, 2, 3):
        first, second = (trained(name, threads, WIDE, config, data).state() for _ in range(2))
        for each in ("parameters", "memory", "sums"):
            assert np.array_equal(getattr(first, each), getattr(second, each)), each
        ends[threads] = first.parameters
    tolerance = 1e-9 if dtype == "float64" else 1e-3
    for threads in (2, 3):
        assert np.allclose(ends[threads], ends[1], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("thread", [0, 1, 2])
@pytest.mark.timeout(20)
def test_a_thread_that_fails_is_waited_for_by_nobody_and_the_engine_can_be_restored(thread, monkeypatch):
    config = TrainingConfig(Rule("cross_entropy"), batch_size=32)
    data = rows_of(WIDE, 200)
    engine = ENGINES["blas"](WIDE, config, data, "cpu", 3)
    start = engine.state()

    def failing(worker, *args, **how):
        if worker.thread == thread:
            raise MemoryError("no more")
        return backward(worker, *args, **how)

    backward = blas._Worker.backward
    with blas_threads(1):
        engine.advance(0, 3, ENDLESS)
        monkeypatch.setattr(blas._Worker, "backward", failing)
        with pytest.raises(MemoryError, match="no more"):
            engine.advance(2, 0, ENDLESS)
        monkeypatch.undo()
        engine.restore(start)
        engine.advance(2, 0, ENDLESS)
    assert np.array_equal(engine.parameters(), trained("blas", 3, WIDE, config, data).parameters())
