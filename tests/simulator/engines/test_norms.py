"""The norms in an epoch's record are those of the explained update, whichever engine made it."""

import dataclasses

import numpy as np
import pytest

from simulator.engines import ENGINES, Engine, TrainingData
from simulator.engines.threads import blas_threads
from simulator.explain import explain, moment_of
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

NETWORK = NetworkSpec(3, (LayerSpec(7, "tanh", dropout=0.2), LayerSpec(5, "gelu")), 2)
SETTINGS = {
    "plain": {},
    "penalties": {"l1": 0.02, "l2": 0.3},
    "weight decay, which is no part of the gradient": {"optimizer": Rule("adam", weight_decay=0.5)},
    "shortened": {"clip_norm": 0.05},
    "hardly shortened": {"clip_norm": 1e6},
    "one batch": {"batch_size": 1000},
    "float32": {"dtype": "float32"},
}


PAIRS = [(name, threads) for name in ENGINES if name != "cuda" for threads in (1, 2)]
ON_A_DEVICE = [
    pytest.param("cuda", 1, id="cuda on this processor"),
    pytest.param("cuda", 1, id="cuda", marks=pytest.mark.gpu),
]


def made(engine_name: str, config: TrainingConfig, threads: int) -> Engine:
    return ENGINES[engine_name](NETWORK, config, data(), "cuda:0" if engine_name == "cuda" else "cpu", threads)


def data(rows: int = 22, tests: int = 5) -> TrainingData:
    rng = np.random.default_rng(rows)
    X, Y = rng.normal(size=(rows + tests, 3)), np.eye(2)[rng.integers(0, 2, rows + tests)]
    return TrainingData(X[:rows], Y[:rows], X[rows:], Y[rows:], True)


@pytest.mark.parametrize(("engine_name", "threads"), [*PAIRS, *ON_A_DEVICE])
@pytest.mark.parametrize("freezes", [False, True], ids=["free", "frozen"])
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_the_recorded_norms_are_those_of_the_epochs_last_update(engine_name, threads, settings, freezes):
    config = TrainingConfig(**({"batch_size": 8, "dtype": "float64"} | settings))
    with blas_threads(1):
        engine = made(engine_name, config, threads)
        if freezes:
            frozen = np.arange(NETWORK.parameter_count) % 3 == 0
            engine.restore(dataclasses.replace(engine.state(), frozen=frozen))
        assert np.isnan(engine.state().gradient_norm)
        for epoch in range(3):
            engine.advance(epoch, engine.batches - 1, 10**6)
            norm = explain(moment_of(NETWORK, config, engine.state(), data())).update.norm
            engine.advance(epoch, engine.batches, 1)
            waiting = engine.state()
            (record,) = engine.advance(epoch + 1, 0, 10**6)
            assert record["gradient_norm"] == waiting.gradient_norm == engine.state().gradient_norm
            tolerance = 1e-12 if config.dtype == "float64" else 1e-5
            assert record["gradient_norm"] == pytest.approx(norm, rel=tolerance)
            length = np.linalg.norm(engine.parameters().astype(np.float64))
            assert record["weight_norm"] == pytest.approx(length, rel=tolerance)
            engine.restore(waiting)
            assert engine.advance(epoch + 1, 0, 10**6)[0] == record


@pytest.mark.parametrize(("engine_name", "threads"), [*PAIRS, *((name, 3) for name, _ in PAIRS[::2]), *ON_A_DEVICE])
def test_records_are_the_same_bits_however_the_epochs_are_divided_into_calls(engine_name, threads):
    with blas_threads(1):
        engine = made(engine_name, TrainingConfig(batch_size=5), threads)
        start = engine.state()
        whole = engine.advance(6, 0, 10**6)
        engine.restore(start)
        pieces = [engine.advance(6, 0, 1) for _ in range(6 * engine.items)]
        assert np.concatenate(pieces).tobytes() == whole.tobytes()
