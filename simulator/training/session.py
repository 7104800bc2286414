"""One run: a data set, a network, its settings, the engine that trains it, and what was recorded. No thread."""

import dataclasses
import math
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.engines import EVALUATION_ROWS, Engine, choose, devices
from simulator.engines.threads import blas_threads
from simulator.errors import ConfigError, DivergenceError
from simulator.explain import Moment, moment_of
from simulator.interchange import Model
from simulator.nn import choices, parameters
from simulator.progress import Progress
from simulator.snapshot import RECORD, Floats, Snapshot
from simulator.spec import NetworkSpec, TrainingConfig
from simulator.training.defaults import default_config, default_network
from simulator.training.history import History
from simulator.training.preparation import start_parameters, thread_count, training_data

UNITS = ("row", "batch", "epoch")
"""What a session can be advanced by."""

CHUNK_SECONDS = 0.005
"""How long a chunk of work should take: the time a command waits at most, where a batch is not longer."""

_KEYFRAME_SECONDS = 0.25
_SMALL = 100_000


@dataclasses.dataclass(frozen=True)
class Change:
    """A change of settings in the middle of a run, and from which moment it holds.

    Attributes
    ----------
    epoch, item
        How many epochs, and how many work items of the next one, were done.
    network, config
        What holds from then on.
    """

    epoch: int
    item: int
    network: NetworkSpec
    config: TrainingConfig


class Session:
    """Trains a network on a data set, as far as it is told to.

    Parameters
    ----------
    dataset
        The prepared rows.
    network, config
        What is trained, and how; None for the defaults of the data set.
    engine
        A name of `simulator.engines.ENGINES`, or "auto".
    device
        "cpu", "cuda", "cuda:N" or "auto".
    threads
        How many threads compute. None takes one for small batches, else all cores but `spare`. Fixed for the run:
        another number gives other bits.
    start
        Parameters to start from, (parameter_count,), instead of those that the seed draws.
    progress
        Told how far the first evaluation is.
    spare
        How many cores are left to others, as a window that draws beside the training.

    Raises
    ------
    ConfigError
        When the network, the settings and the data set do not go together.
    DeviceError
        When the device cannot be used.
    """

    def __init__(
        self,
        dataset: Dataset,
        network: NetworkSpec | None = None,
        config: TrainingConfig | None = None,
        engine: str = "auto",
        device: str = "cpu",
        threads: int | None = None,
        start: Floats | None = None,
        progress: Progress | None = None,
        spare: int = 0,
    ) -> None:
        config = config or default_config(dataset)
        network = network or default_network(dataset, loss=config.loss.name)
        choices.check(network, config)
        self.dataset, self.network, self.config = dataset, network, config
        self.device = devices.resolve(device)
        if threads is not None and threads < 1:
            raise ConfigError(f"threads cannot be {threads}", "Give a whole number from 1 on.")
        self.threads = threads or thread_count(network, config, self.device, spare)
        self._data = training_data(dataset, network, config)
        row = choose(engine, network, self.device)
        self.engine_name = row.name
        self._start = start_parameters(network, config, start)
        self._engine: Engine = row(network, config, self._data, self.device, self.threads)
        self._begin(progress or Progress())

    @property
    def epoch(self) -> int:
        """How many epochs are complete."""
        return self._engine.epoch

    @property
    def batch(self) -> int:
        """The next batch of the epoch that has begun, from 0."""
        return min(self._engine.item, self._engine.batches - 1)

    @property
    def ready(self) -> bool:
        """Whether `work` can begin at once: the engine's kernels are compiled."""
        return self._engine.ready

    @property
    def preparing(self) -> str:
        """What is being prepared in the background, in words for a status bar; empty when nothing is."""
        return self._engine.preparing

    @property
    def records(self) -> NDArray[Any]:
        """A read-only copy of the scalars of every epoch from 0, rows of `simulator.snapshot.RECORD`."""
        return self._history.since(0)

    def records_since(self, count: int) -> NDArray[Any]:
        """Return the records after the first `count` of them."""
        return self._history.since(count)

    def snapshot(self) -> Snapshot:
        """Return the present moment."""
        flat = self._engine.parameters()
        return Snapshot(
            self.network,
            self.config,
            self.epoch,
            self.batch,
            self._row,
            self._engine.batches,
            self._running_batch_size,
            self._engine.updates,
            flat,
            parameters.layers(self.network, flat),
            self._history.last,
        )

    def moment(self, batch: int | None = None) -> Moment:
        """Return all that the next update follows from, to be explained.

        Parameters
        ----------
        batch
            Another batch of the epoch that has begun, from 0, as it would run with the present parameters.

        Raises
        ------
        ConfigError
            When the epoch has no such batch.
        """
        state = self._engine.state()
        if state.item >= self._engine.batches:  # only test rows are left
            state = dataclasses.replace(state, epoch=state.epoch + 1, item=0)
        config = self.config
        if state.item > 0:  # a new batch size waits for the next epoch
            config = self._running_config
        return moment_of(self.network, config, state, self._data, batch)

    def last_moment(self, patience: float = math.inf) -> Moment | None:
        """Return all that the last update followed from, to be explained: the run is repeated from a kept state.

        Parameters
        ----------
        patience
            How many seconds that may take, as far as it can be told before.

        Returns
        -------
        None where there was no update since the start or since the settings changed, or where it would take longer.
        """
        engine, present = self._engine, self._engine.state()
        last = min(present.item, engine.batches) - 1
        goal = (present.epoch, last) if last >= 0 else (present.epoch - 1, engine.batches - 1)
        kept = next((state for state in reversed(self._kept) if (state.epoch, state.item) <= goal), None)
        if kept is None:
            return None
        items = (goal[0] - kept.epoch) * engine.items + goal[1] - kept.item
        if items * self._item_seconds > patience:
            return None
        engine.restore(kept)
        try:
            with blas_threads(engine.blas_threads):
                while (engine.epoch, engine.item) < goal:
                    engine.advance(*goal, items)
            return moment_of(self.network, self._running_config, engine.state(), self._data)
        finally:
            engine.restore(present)

    @property
    def _running_config(self) -> TrainingConfig:
        """The settings of the epoch that has begun: a new batch size waits for the next one."""
        return dataclasses.replace(self.config, batch_size=self._running_batch_size)

    def model(self) -> Model:
        """Return the network as it is now, with all that predictions on raw tables need."""
        return Model(self.network, self.config, self._engine.parameters(), self.dataset.recipe, self.epoch)

    def prepare(self, progress: Progress | None = None) -> None:
        """Wait until the session is ready. No other engine steps in meanwhile: a run must repeat.

        Raises
        ------
        Cancelled
            When the progress was cancelled; the preparation goes on in the background.
        DeviceError
            When the engine's kernels cannot be compiled.
        """
        self._engine.prepare(progress or Progress())

    def advance(self, n: int = 1, unit: str = "epoch", progress: Progress | None = None) -> None:
        """Go on by `n` rows, batches or epochs, as soon as the session is ready.

        A row moves a cursor through the batch; the batch runs, and weights change, at its last row. In the middle of an
        epoch, one epoch is what is left of it.

        Raises
        ------
        ConfigError
            When the unit does not exist or n is not positive.
        DivergenceError
            When a loss or a parameter is no longer finite; the session is then at its last finite state.
        Cancelled
            When the progress was cancelled; the session is whole, and can go on.
        """
        if unit not in UNITS:
            raise ConfigError(f"cannot advance by {unit!r}", f"Advance by one of {', '.join(UNITS)}.")
        if n < 1:
            raise ConfigError(f"cannot advance by {n} {unit}s", "Give a whole number from 1 on.")
        self.prepare(progress)
        left = n
        while left > 0:
            left -= self.work(unit, left)
            if progress is not None:
                done = n - left + (self._engine.item / self._engine.items if unit == "epoch" else 0)
                progress.report(done / n, f"epoch {self.epoch}, train loss {self._history.last.train_loss:.4g}")

    def work(self, unit: str, most: int, seconds: float = CHUNK_SECONDS) -> int:
        """Do one chunk of work, about so many seconds and at most so many units; return how many units it completed."""
        if unit == "row":
            return self._work_rows(most)
        self._obey_pending()
        engine, epoch, batch = self._engine, self._engine.epoch, self.batch
        if unit == "batch" and batch + most < engine.batches:
            goal = (epoch, batch + most)
        else:
            whole = most if unit == "epoch" and self._pending is None else 1
            goal = (epoch + whole, 0)
        self._row = 0
        self._run(goal, seconds)
        if unit == "epoch":
            return engine.epoch - epoch
        return engine.batches - batch if engine.epoch > epoch else self.batch - batch

    def configure(self, config: TrainingConfig | None = None, network: NetworkSpec | None = None) -> None:
        """Change settings while the run goes on.

        They hold from the next update, the batch size from the next epoch. A network of the same shape may change its
        activations and its dropout. Another optimizer starts with an empty memory.

        Raises
        ------
        ConfigError
            When the change needs a new run (shape, seed, number format) or does not go together; nothing has changed.
        """
        config, network = config or self.config, network or self.network
        choices.check(network, config)
        if network.shapes != self.network.shapes:
            raise ConfigError(f"a network of the shape {network.sizes} needs new weights", "Start a new session.")
        if (config.seed, config.dtype) != (self.config.seed, self.config.dtype):
            raise ConfigError("the seed and the number format are fixed when a run starts", "Start a new session.")
        self._stay_finite()
        self.network, self.config = network, config
        self._pending = None
        held = config
        if self._engine.item > 0 and config.batch_size != self._running_batch_size:
            held = dataclasses.replace(config, batch_size=self._running_batch_size)
            self._pending = config
        self._hand_over(held)

    def reset(self) -> None:
        """Go back to epoch 0 with the same start parameters and the settings of now."""
        self._engine.start(self._start)
        self._engine.configure(self.network, self.config)
        self._begin(Progress())

    def new_weights(self, seed: int | None = None) -> None:
        """Go back to epoch 0 with the start parameters and row order of another seed (None: the next number)."""
        seed = (self.config.seed + 1) % 2**64 if seed is None else seed
        self.config = dataclasses.replace(self.config, seed=seed)
        self._start = start_parameters(self.network, self.config, None)
        self.reset()

    def _begin(self, progress: Progress) -> None:
        """Set everything that belongs to epoch 0, and evaluate it."""
        self._engine.start(self._start)
        self._pending: TrainingConfig | None = None
        self._running_batch_size = self.config.batch_size
        self._row = 0
        self._chunk, self._item_seconds = 1, 0.0
        self._history = History()
        self.changes: list[Change] = []
        scores = [self._evaluate(split, progress) for split in ("train", "test")]
        (train_loss, train_accuracy), (test_loss, test_accuracy) = scores
        row = (0, train_loss, test_loss, train_accuracy, test_accuracy, np.nan)
        self._history.append(np.array([row], dtype=RECORD))
        self._keep(alone=True)

    def _evaluate(self, split: str, progress: Progress) -> tuple[float, float]:
        rows = self._data.rows(split)
        loss, hits = 0.0, 0
        for first in range(0, rows, EVALUATION_ROWS):
            progress.report(first / rows, f"evaluating the {split} rows")
            with blas_threads(self._engine.blas_threads):
                block_loss, block_hits = self._engine.evaluate(split, first, min(first + EVALUATION_ROWS, rows))
            loss, hits = loss + block_loss, hits + block_hits
        return loss / (rows or np.nan), hits / (rows or np.nan) if self._data.classification else np.nan

    def _work_rows(self, most: int) -> int:
        first = self.batch * self._running_batch_size
        rows = min(self._running_batch_size, self._data.rows("train") - first)
        if self._row + most < rows:
            self._row += most
            return most
        left = rows - self._row
        while not self.work("batch", 1):
            pass
        return left

    def _run(self, goal: tuple[int, int], seconds: float) -> None:
        """Let the engine work towards a moment for about so long, and look whether the numbers are still finite."""
        engine, began = self._engine, time.perf_counter()
        first = engine.epoch * engine.items + engine.item
        with blas_threads(engine.blas_threads):
            block = engine.advance(*goal, self._chunk)
        took, done = time.perf_counter() - began, engine.epoch * engine.items + engine.item - first
        # A chunk's length changes no bit: it only decides how soon somebody looks. What counts is how much was done,
        # since a moment that is near may have cut the chunk short.
        self._chunk = max(1, int(done * min(2.0, max(0.25, seconds / max(took, 1e-9)))))
        self._item_seconds = took / max(1, done)
        due = began - self._kept_at > _KEYFRAME_SECONDS
        arrived = (self._engine.epoch, self._engine.item) >= goal
        # Reading all numbers of a large net after every chunk would cost more than a tenth of its speed.
        doubtful = due or arrived or self._start.size < _SMALL or not np.isfinite(block["test_loss"]).all()
        if not self._engine.loss_finite or (doubtful and not self._engine.finite):
            self._recover()
        self._history.append(block)
        if due:
            self._keep()

    def _keep(self, alone: bool = False) -> None:
        """Keep this state, and the one kept before it unless it ran under other settings."""
        earlier = [] if alone else self._kept[-1:]
        self._kept, self._kept_at = [*earlier, self._engine.state()], time.perf_counter()

    def _recover(self) -> None:
        """Repeat the work since a kept state, up to the last state whose parameters and loss are finite, and say so."""
        state = before = self._kept[0]
        self._engine.restore(state)
        self._history.cut(state.epoch + 1)
        while True:
            with blas_threads(self._engine.blas_threads):
                block = self._engine.advance(state.epoch + 1, 0, 1)
            if not self._engine.finite:
                break
            self._history.append(block)
            before, state = state, self._engine.state()
        if not self._engine.loss_finite:
            # The parameters are finite but their loss is not: the update that led to them is the one to take back.
            state = before
        self._engine.restore(state)
        self._history.cut(state.epoch + 1)
        self._keep(alone=True)
        rate = choices.optimizer(self.config).learning_rate
        raise DivergenceError(
            f"training diverged in epoch {self.epoch + 1}, batch {self.batch + 1}: its numbers are no longer finite",
            f"The last finite state is kept. Try a learning rate below {rate:g}, or clip the gradient.",
        )

    def _obey_pending(self) -> None:
        if self._pending is not None and self._engine.item == 0:
            self._stay_finite()
            config, self._pending = self._pending, None
            self._hand_over(config)

    def _stay_finite(self) -> None:
        """Refuse to change settings on a state that is not finite: what led to it could not be repeated after."""
        if not self._engine.finite:
            self._recover()

    def _hand_over(self, config: TrainingConfig) -> None:
        self._engine.configure(self.network, config)
        self._running_batch_size = config.batch_size
        self.changes.append(Change(self._engine.epoch, self._engine.item, self.network, config))
        # What is repeated after a divergence must run under the settings that held.
        self._keep(alone=True)
