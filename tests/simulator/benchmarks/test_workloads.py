import dataclasses

import numpy as np
import pytest

from simulator.benchmarks.contestants import engines
from simulator.benchmarks.workloads import WORKLOADS, Workload
from simulator.nn import choices

FEWER = {"mnist": 2000, "wide": 512, "million": 20_000}


def small(name: str) -> Workload:
    workload = WORKLOADS[name]
    return dataclasses.replace(workload, rows=FEWER.get(name, workload.rows))


def test_the_workloads_are_those_of_the_bar():
    shapes = {
        name: (row.rows, row.network.sizes, row.batch_size, row.optimizer.name) for name, row in WORKLOADS.items()
    }
    assert shapes == {
        "penguins": (333, (4, 8, 8, 3), 10, "adam"),
        "spiral": (500, (2, 8, 8, 8, 1), 10, "sgd"),
        "digits": (1797, (64, 128, 64, 10), 32, "adam"),
        "mnist": (60_000, (784, 256, 128, 10), 128, "adam"),
        "wide": (8192, (784, 2048, 2048, 10), 512, "adam"),
        "million": (1_000_000, (28, 64, 64, 1), 1024, "adam"),
    }


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_can_be_trained_and_its_rows_fit_its_network(name):
    workload = small(name)
    choices.check(workload.network, workload.config)
    data = workload.data()
    assert data.X_train.shape == (workload.rows, workload.inputs)
    assert data.Y_train.shape == (workload.rows, workload.outputs)
    assert data.X_train.dtype == data.Y_train.dtype == np.float32
    assert data.rows("test") == 0
    assert np.isfinite(data.X_train).all()
    kinds = data.Y_train if workload.outputs == 1 else data.Y_train.argmax(axis=1)
    assert len(np.unique(kinds)) == max(2, workload.outputs)


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_has_the_same_rows_every_time(name):
    one, two = small(name).data(), small(name).data()
    assert np.array_equal(one.X_train, two.X_train)
    assert np.array_equal(one.Y_train, two.Y_train)


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_loss_of_a_workload_is_finite_and_falls_from_epoch_to_epoch(name):
    workload = small(name)
    contestant = engines()["reference"](workload, workload.data(), 1)
    first = contestant.run(1)
    assert 0 < contestant.run(1) < first < 10


def test_fewer_penguins_are_of_every_species():
    few = dataclasses.replace(WORKLOADS["penguins"], rows=30).data()
    assert (few.Y_train.sum(axis=0) >= 5).all()
