import dataclasses

import numpy as np
import pytest
import sklearn.neural_network  # noqa: F401 - loads SciPy's BLAS before the first number of threads is set

from simulator.benchmarks.contestants import engines
from simulator.benchmarks.rivals import RIVALS, Rival
from simulator.benchmarks.workloads import WORKLOADS, Workload
from simulator.errors import SimulatorError
from simulator.nn import parameters
from simulator.spec import Rule

LIBRARIES = [
    pytest.param(name, marks=pytest.mark.skipif(row.missing() is not None, reason=f"{name} is not installed"))
    for name, row in RIVALS.items()
    if row.module
]
FEWER = {"mnist": 300, "wide": 512, "million": 2500}


def small(name: str) -> Workload:
    workload = WORKLOADS[name]
    return dataclasses.replace(workload, rows=FEWER.get(name, workload.rows))


def losses(prepare, workload: Workload, turns: tuple[int, ...]) -> list[float]:
    """Return the loss after so many epochs, for every number of them."""
    contestant = prepare(workload, workload.data(), 1)
    found: list[float] = []
    for epochs in turns:
        contestant.start()
        found.append(contestant.run(epochs))
    return found


@pytest.mark.parametrize("workload_name", WORKLOADS)
@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_trains_every_workload(name, workload_name):
    first, second = losses(RIVALS[name].prepare, small(workload_name), (1, 2))
    assert 0 < second < first < 10


@pytest.mark.parametrize("workload_name", ["penguins", "spiral", "digits"])
@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_does_the_same_work_its_losses_are_ours_when_an_update_sees_all_rows(name, workload_name):
    workload = WORKLOADS[workload_name]
    workload = dataclasses.replace(workload, batch_size=workload.rows)
    theirs = losses(RIVALS[name].prepare, workload, (1, 2, 3, 9))
    assert theirs == pytest.approx(losses(engines()["reference"], workload, (1, 2, 3, 9)), rel=1e-4)


@pytest.mark.parametrize("name", LIBRARIES)
def test_in_batches_a_library_learns_as_we_do(name):
    prepared = engines()["reference"], RIVALS[name].prepare
    ours, theirs = (losses(prepare, WORKLOADS["penguins"], (1, 2, 4)) for prepare in prepared)
    assert theirs == pytest.approx(ours, rel=0.25), "only the order of the rows differs"


@pytest.mark.parametrize("workload_name", ["penguins", "spiral"])
@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_sees_every_row_of_an_epoch_also_those_of_a_smaller_last_batch(name, workload_name):
    # With a rate of almost nothing, the epoch's loss is that of the start parameters, whatever the order.
    still = dataclasses.replace(WORKLOADS[workload_name], batch_size=90, optimizer=Rule("sgd", learning_rate=1e-12))
    (theirs,) = losses(RIVALS[name].prepare, still, (1,))
    assert theirs == pytest.approx(losses(engines()["reference"], still, (1,))[0], rel=1e-5)


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_starts_again_from_the_same_parameters(name):
    workload = dataclasses.replace(WORKLOADS["penguins"], batch_size=333)
    contestant = RIVALS[name].prepare(workload, workload.data(), 1)
    first = contestant.run(1)
    assert contestant.run(5) < first
    contestant.start()
    assert contestant.run(1) == pytest.approx(first, rel=1e-5)


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_refuses_what_it_has_no_counterpart_for(name):
    for change in ({"activation": "gelu"}, {"optimizer": Rule("nadam")}, {"loss": "mse"}):
        workload = dataclasses.replace(WORKLOADS["penguins"], **change)
        with pytest.raises(SimulatorError, match=r"gelu|nadam|mse"):
            RIVALS[name].prepare(workload, workload.data(), 1)


def test_a_missing_rival_is_named_with_the_way_to_get_it():
    rival = Rival(RIVALS["products"].make, "no_such_module", "no-such-package")
    assert rival.missing() == "no-such-package is not installed (pip install no-such-package)"
    with pytest.raises(SimulatorError, match="pip install no-such-package"):
        rival.prepare(WORKLOADS["penguins"], WORKLOADS["penguins"].data(), 1)


def test_a_rival_that_cannot_be_loaded_is_refused_with_the_reason():
    def broken(*_):
        raise OSError("libbroken.so is missing")

    with pytest.raises(SimulatorError, match=r"json .* libbroken\.so"):
        Rival(broken, "json", "json").prepare(WORKLOADS["penguins"], WORKLOADS["penguins"].data(), 1)


def test_the_limit_is_every_product_of_every_batch_and_nothing_else(monkeypatch):
    workload = dataclasses.replace(WORKLOADS["digits"], rows=70)  # two batches of 32 and one of 6
    multiplied: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    matmul = np.matmul

    def watched(one, two, out):
        multiplied.append((one.shape, two.shape))
        return matmul(one, two, out=out)

    contestant = RIVALS["products"].prepare(workload, workload.data(), 1)
    monkeypatch.setattr(np, "matmul", watched)
    assert np.isnan(contestant.run(2))
    forward = [((32, 64), (64, 128)), ((32, 128), (128, 64)), ((32, 64), (64, 10))]
    last_first = [((64, 32), (32, 10)), ((32, 10), (10, 64)), ((128, 32), (32, 64)), ((32, 64), (64, 128))]
    batch = [*forward, *last_first, ((64, 32), (32, 128))]
    rest = [tuple(tuple(6 if n == 32 else n for n in shape) for shape in pair) for pair in batch]
    assert multiplied == [*batch, *batch, *rest] * 2


def test_the_limit_multiplies_what_a_backward_pass_does(monkeypatch):
    workload = dataclasses.replace(WORKLOADS["digits"], rows=32)
    data, network = workload.data(), workload.network
    kept: list[np.ndarray] = []
    matmul = np.matmul

    def watched(one, two, out):
        kept.append(matmul(one, two, out=out).copy())
        return out

    contestant = RIVALS["products"].prepare(workload, data, 1)
    monkeypatch.setattr(np, "matmul", watched)
    contestant.run(1)
    one, two, three = (layer.weight for layer in parameters.layers(network, parameters.start_values(network, 0)))
    outputs = data.X_train @ one @ two @ three
    assert np.allclose(kept[2], outputs, atol=1e-3)
    assert np.allclose(kept[-1], data.X_train.T @ (outputs @ three.T @ two.T), rtol=1e-3, atol=1e-1)


def test_there_is_no_limit_where_the_call_takes_longer_than_the_product():
    with pytest.raises(SimulatorError, match="too small"):
        RIVALS["products"].prepare(WORKLOADS["penguins"], WORKLOADS["penguins"].data(), 1)
