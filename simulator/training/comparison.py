"""Goes on with a run beside itself: the next epochs' losses, and the PyTorch script that checks them."""

import numpy as np

from simulator.data import Dataset
from simulator.engines import Engine, choose
from simulator.engines.engine import EngineState, TrainingData
from simulator.engines.threads import blas_threads, thread_count
from simulator.errors import ConfigError, DivergenceError
from simulator.explain import Moment
from simulator.explain.torch_script import torch_script
from simulator.progress import Progress
from simulator.training.preparation import training_data

_REPORTS = 50
"""How often an epoch is interrupted to say how far it is."""


def next_losses(
    moment: Moment,
    dataset: Dataset,
    epochs: int,
    progress: Progress | None = None,
    *,
    engine: str = "auto",
    device: str = "cpu",
    threads: int | None = None,
) -> list[float]:
    """Return the train losses of the epochs that follow a moment; the run that it comes from is not touched.

    Parameters
    ----------
    moment
        The moment before the first batch of an epoch.
    dataset
        The data set of the run.
    epochs
        How many epochs.
    engine, device, threads
        What the run computes with, as in `simulator.training.session.Session`: then the losses are those that it will
        record, bit for bit.

    Raises
    ------
    ConfigError
        In the middle of an epoch, or when the number of epochs is not positive.
    DivergenceError
        When a loss or a parameter stops being finite on the way.
    Cancelled
        When the progress was cancelled.
    """
    return _losses(moment, training_data(dataset, moment.network, moment.config), epochs, progress or Progress(),
                   engine, device, threads)  # fmt: skip


def comparison(
    moment: Moment,
    dataset: Dataset,
    epochs: int,
    progress: Progress | None = None,
    *,
    engine: str = "auto",
    device: str = "cpu",
    threads: int | None = None,
) -> str:
    """Return a Python script that trains the next epochs with PyTorch and compares their losses with ours.

    Parameters and errors are those of `next_losses`; `ConfigError` is raised, too, where PyTorch has nothing like a
    part of the network.
    """
    progress = progress or Progress()
    data = training_data(dataset, moment.network, moment.config)
    losses = _losses(moment, data, epochs, progress, engine, device, threads)
    progress.report(None, "writing the script")
    return torch_script(moment, data, losses)


def _losses(
    moment: Moment, data: TrainingData, epochs: int, progress: Progress, engine: str, device: str, threads: int | None
) -> list[float]:
    if moment.batch or moment.first:
        raise ConfigError(
            f"batch {moment.batch + 1} of the epoch is next", "Compare from the start of an epoch: advance to its end."
        )
    if epochs < 1:
        raise ConfigError(f"cannot compare {epochs} epochs", "Give a whole number from 1 on.")
    runner = _runner(moment, data, engine, device, threads)
    progress.report(None, "preparing")
    runner.prepare(progress)
    losses: list[float] = []
    most = max(1, runner.items // _REPORTS)
    with blas_threads(runner.blas_threads):
        while len(losses) < epochs:
            done = (len(losses) + runner.item / runner.items) / epochs
            progress.report(done, f"training {len(losses) + 1} of {epochs} epochs")
            losses += runner.advance(moment.epoch + epochs, 0, most)["train_loss"].tolist()
            if not runner.loss_finite:
                break
    if not runner.finite or not np.isfinite(losses).all():
        raise DivergenceError(
            f"training diverges in epoch {runner.epoch + 1}, so that there is no loss to compare",
            "Compare fewer epochs, or try a smaller learning rate.",
        )
    return losses


def _runner(moment: Moment, data: TrainingData, engine: str, device: str, threads: int | None) -> Engine:
    """Return an engine of its own that stands where the moment stands."""
    network, config = moment.network, moment.config
    row = choose(engine, network, device)
    made = row(network, config, data, device, threads or thread_count(network, config, device))
    # A moment is written in float64, of which the run's own format is a part: nothing is rounded on the way back.
    made.restore(
        EngineState(
            moment.epoch,
            0,
            moment.updates,
            moment.parameters.astype(config.dtype),
            moment.memory.astype(config.dtype),
            np.array(moment.scalars),
            np.zeros(4),
            0.0,
            moment.frozen,
            None if moment.held is None else moment.held.astype(config.dtype),
        )
    )
    return made
