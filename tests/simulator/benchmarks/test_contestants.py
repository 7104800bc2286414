import dataclasses

import numpy as np
import pytest

from simulator.benchmarks.contestants import engine_contestant, engines
from simulator.benchmarks.workloads import WORKLOADS
from simulator.engines import ENGINES, TrainingData
from simulator.engines.reference import ReferenceEngine
from simulator.errors import DivergenceError
from simulator.nn import random
from simulator.spec import Rule

PENGUINS = WORKLOADS["penguins"]


def test_every_engine_of_the_table_that_runs_on_the_processor_is_a_contestant():
    assert list(engines()) == [name for name, row in ENGINES.items() if "cpu" in row.runs_on]


@pytest.mark.parametrize("name", engines())
def test_an_engine_starts_again_from_the_same_parameters(name):
    whole = dataclasses.replace(PENGUINS, batch_size=PENGUINS.rows)
    contestant = engines()[name](whole, whole.data(), 1)
    first = contestant.run(1)
    assert contestant.run(5) < first
    contestant.start()
    assert contestant.run(1) == pytest.approx(first, rel=1e-5)


def test_no_turn_begins_with_a_row_order_that_was_drawn_before(monkeypatch):
    data, drawn = PENGUINS.data(), []
    permutation = random.permutation

    def watched(seed: int, stream: int, epoch: int, count: int):
        drawn.append(epoch)
        return permutation(seed, stream, epoch, count)

    monkeypatch.setattr(random, "permutation", watched)
    contestant = engines()["reference"](PENGUINS, data, 1)
    for _ in range(3):
        contestant.start()
        contestant.run(2)
    assert drawn == [1, 2, 3, 4, 5, 6]


def test_an_engine_that_diverges_says_so_instead_of_being_fast():
    steep = dataclasses.replace(PENGUINS, optimizer=Rule("sgd", learning_rate=1e9), activation="relu")
    contestant = engine_contestant(ReferenceEngine, steep.network, steep.config, with_nan(steep.data()), 1)
    with pytest.raises(DivergenceError, match="epoch 1"):
        contestant.run(3)


def with_nan(data: TrainingData) -> TrainingData:
    X = data.X_train.copy()
    X[7] = np.nan
    return dataclasses.replace(data, X_train=X)
