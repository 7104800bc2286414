"""Who trains a workload, in a form that can be measured: the engines of `simulator.engines.ENGINES` are here."""

import dataclasses
from collections.abc import Callable

import numpy as np

from simulator.benchmarks.workloads import Workload
from simulator.engines import ENGINES, Engine, TrainingData, devices
from simulator.engines.threads import blas_threads, thread_count
from simulator.errors import DivergenceError
from simulator.nn import parameters
from simulator.progress import Progress
from simulator.spec import NetworkSpec, TrainingConfig

_ENDLESS = 10**9


@dataclasses.dataclass(frozen=True)
class Contestant:
    """Something that trains, made ready. A turn is one `start` and one `run`.

    Attributes
    ----------
    start
        Go back to the start parameters and an empty optimizer's memory; the time this takes does not count.
    run
        Train so many epochs with all that belongs to them (a new row order, the optimizer, the loss), and return the
        last epoch's mean loss; NaN where there is none.
    """

    start: Callable[[], None]
    run: Callable[[int], float]


Prepare = Callable[[Workload, TrainingData, int], Contestant]
"""Makes a contestant for a workload, its rows and a number of threads; a `SimulatorError` says why it cannot."""


def engines() -> dict[str, Prepare]:
    """Return every engine of the table that runs on the processor, as something that can be measured."""
    return {name: _engine_runner(name) for name, row in ENGINES.items() if devices.CPU in row.runs_on}


def _engine_runner(name: str) -> Prepare:
    def prepare(workload: Workload, data: TrainingData, threads: int) -> Contestant:
        # As many as a session would take of them: more would only wait for each other.
        threads = min(threads, thread_count(workload.network, workload.config, devices.CPU))
        return engine_contestant(ENGINES[name], workload.network, workload.config, data, threads)

    return prepare


def engine_contestant(
    row: type[Engine],
    network: NetworkSpec,
    config: TrainingConfig,
    data: TrainingData,
    threads: int,
    device: str = devices.CPU,
) -> Contestant:
    """Make a contestant of an engine, without a session around it.

    Raises
    ------
    SimulatorError
        When the engine does not take this network.
    """
    engine = row(network, config, data, device, threads)
    engine.prepare(Progress())
    engine.start(parameters.start_values(network, config.seed).astype(config.dtype))
    first = engine.state()

    def start() -> None:
        # The count of epochs goes on: an epoch that is run twice might find its row order drawn already.
        engine.restore(dataclasses.replace(first, epoch=engine.epoch))
        engine.parameters()  # a device has them before the clock starts

    def run(epochs: int) -> float:
        goal = engine.epoch + epochs
        loss = np.nan
        with blas_threads(engine.blas_threads):
            while engine.epoch < goal and engine.loss_finite:
                block = engine.advance(goal, 0, _ENDLESS)
                loss = float(block["train_loss"][-1]) if len(block) else loss
        if not engine.loss_finite:
            raise DivergenceError(f"the loss is no longer finite in epoch {engine.epoch + 1}", "Take a smaller rate.")
        return loss

    return Contestant(start, run)
