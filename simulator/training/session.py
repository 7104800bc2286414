"""One run: a data set, a network, its settings, the engine that trains it, and what was recorded. No thread."""

import dataclasses
import math
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.engines import EVALUATION_ROWS, Engine, EngineState, choose, devices
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
from simulator.training.timeline import BUDGET_BYTES, Branch, Change, Place, Timeline, place_of

UNITS = ("row", "batch", "epoch")
"""What a session can be advanced by."""

CHUNK_SECONDS = 0.005
"""How long a chunk of work should take: the time a command waits at most, where a batch is not longer."""

_KEYFRAME_SECONDS = 0.25
_SMALL = 100_000


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
    budget
        How many bytes the keyframes of the timeline may take.

    Attributes
    ----------
    timeline, branch
        All runs from the start on, and the one that is looked at.

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
        budget: int = BUDGET_BYTES,
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
        self.timeline = Timeline(budget)
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
        return self.branch.history.since(0)

    def records_since(self, count: int) -> NDArray[Any]:
        """Return the records after the first `count` of them."""
        return self.branch.history.since(count)

    @property
    def place(self) -> Place:
        """The present moment: epochs that are complete, and work items of the next one that are done."""
        return self._engine.epoch, self._engine.item

    @property
    def end(self) -> Place:
        """How far the branch was trained."""
        return self.place if self.live else self.branch.end

    @property
    def changes(self) -> list[Change]:
        """The settings that were changed on the way of this branch."""
        return self.branch.all_changes[1:]

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
            self._running_config.batch_size,
            self._engine.updates,
            flat,
            parameters.layers(self.network, flat),
            self.branch.history.row(self.epoch),
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
        # A new batch size waits for the next epoch, which may be the one that the moment belongs to.
        config = self._running_config if state.item > 0 else self.config
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
        if last < 0 and present.epoch == 0:
            return None
        if last >= 0:
            goal = present.epoch, last
        else:
            size = self.branch.settings((present.epoch - 1, 0)).config.batch_size
            goal = present.epoch - 1, -(-self._data.rows("train") // size) - 1
        items = self._items_to(goal)
        if items * self._item_seconds > patience:
            return None
        live = self.live
        try:
            self._seek(goal, Progress())
            return moment_of(self.network, self._running_config, engine.state(), self._data)
        finally:
            self._put(present)
            self.live = live

    @property
    def _running_config(self) -> TrainingConfig:
        """The settings of the epoch that has begun: a new batch size waits for the next one."""
        return self._settings.config

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
        _check_unit(n, unit)
        self.prepare(progress)
        left = n
        while left > 0:
            left -= self.work(unit, left)
            if progress is not None:
                done = n - left + (self._engine.item / self._engine.items if unit == "epoch" else 0)
                progress.report(done / n, f"epoch {self.epoch}, train loss {self.branch.history.last.train_loss:.4g}")

    def work(self, unit: str, most: int, seconds: float = CHUNK_SECONDS) -> int:
        """Do one chunk of work, about so many seconds and at most so many units; return how many units it completed."""
        if unit == "row":
            return self._work_rows(most)
        engine, epoch, batch, batches = self._engine, self._engine.epoch, self.batch, self._engine.batches
        if unit == "batch" and batch + most < batches:
            goal = (epoch, batch + most)
        else:
            goal = (epoch + (most if unit == "epoch" else 1), 0)
        self._row = 0
        self._run(goal, seconds)
        if unit == "epoch":
            return engine.epoch - epoch
        # The next epoch may have another number of batches.
        return batches - batch if engine.epoch > epoch else self.batch - batch

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
        epoch, item = self.place
        held, later = config, []
        if item > 0 and config.batch_size != self._running_config.batch_size:
            held = dataclasses.replace(config, batch_size=self._running_config.batch_size)
            later = [Change(epoch + 1, 0, network, config, self.place)]
        changes = [Change(epoch, item, network, held, self.place), *later]
        self.network, self.config = network, config
        self._settings = changes[0]
        self._engine.configure(network, held)
        if self.live:
            self.branch.change(*changes)
            self.timeline.keep(self.branch, self._engine.state())
        else:
            self._leave(changes)
        # What is repeated after a divergence must run under the settings that held.
        self._keep(alone=True)

    def reset(self) -> None:
        """Go back to epoch 0 with the same start parameters and the settings of now; what was trained is kept."""
        self._begin(Progress())

    def new_weights(self, seed: int | None = None) -> None:
        """Go back to epoch 0 with the start parameters and row order of another seed (None: the next number)."""
        seed = (self.config.seed + 1) % 2**64 if seed is None else seed
        self.config = dataclasses.replace(self.config, seed=seed)
        self._start = start_parameters(self.network, self.config, None)
        self._begin(Progress())

    # -- the timeline -------------------------------------------------------------------------------------------

    def go_to(self, epoch: int, item: int = 0, progress: Progress | None = None) -> None:
        """Go to any moment of the branch, before or after: the numbers are those that training had there, to the bit.

        The run is repeated from the nearest keyframe. What was trained stays: training on from here repeats it, until
        it ends or a setting is changed, which begins a branch of its own.

        Parameters
        ----------
        epoch, item
            How many epochs are complete, and how many batches of the next one are done; beyond the branch's end, its
            end.

        Raises
        ------
        ConfigError
            When there is no such moment.
        Cancelled
            When the progress was cancelled; the session is then whole, at a moment on the way.
        """
        if epoch < 0 or item < 0:
            raise ConfigError(f"there is no batch {item} of epoch {epoch}", "Moments are counted from 0.")
        goal = min((epoch, item), self.end)
        if item > 0 and goal == (epoch, item) and item >= self._items_at(goal):
            raise ConfigError(f"epoch {epoch + 1} has no batch {item}", f"It has {self._items_at(goal)} of them.")
        self._note_tip()
        self.live = False
        try:
            self._seek(goal, progress or Progress())
        finally:
            self._arrived()

    def back(self, n: int = 1, unit: str = "epoch", progress: Progress | None = None) -> None:
        """Undo `n` rows, batches or epochs; in the middle of an epoch, the first one is what was begun of it.

        Raises
        ------
        ConfigError
            When the unit does not exist or n is not positive.
        """
        _check_unit(n, unit)
        epoch, item = self._engine.epoch, min(self._engine.item, self._engine.batches)
        if unit == "epoch":
            whole = n - 1 if item + self._row > 0 else n
            self.go_to(max(0, epoch - whole), 0, progress)
            return
        rows = self._data.rows("train")
        if unit == "row":
            row = self._row
            while n > row:
                n -= row + 1
                if (epoch, item) == (0, 0):
                    row = n = 0
                    break
                epoch, item = self._batch_before(epoch, item)
                size = self.branch.settings((epoch, 0)).config.batch_size
                row = min(size, rows - item * size) - 1
            self.go_to(epoch, item, progress)
            self._row = row - n
            return
        left = n - 1 if self._row > 0 else n
        while left > 0 and (epoch, item) > (0, 0):
            whole = min(left, item) if item else 1
            epoch, item = (epoch, item - whole) if item else self._batch_before(epoch, item)
            left -= whole
        self.go_to(epoch, item, progress)

    def switch(self, number: int, epoch: int | None = None, item: int = 0, progress: Progress | None = None) -> None:
        """Look at another branch: at its end, or at a moment of it.

        Raises
        ------
        ConfigError
            When there is no such branch.
        """
        branch = self.timeline.branches.get(number)
        if branch is None:
            known = ", ".join(str(each) for each in self.timeline.branches)
            raise ConfigError(f"there is no branch {number}", f"There are {known}.")
        self._note_tip()
        before, self.branch, self.live = self.branch, branch, False
        self._drop(before)
        self._put(branch.tip)
        self.go_to(*(branch.end if epoch is None else (epoch, item)), progress)

    def fork(self, name: str = "") -> Branch:
        """Begin a branch at the present moment, whose settings are those of now."""
        self._stay_finite()
        self._note_tip()
        epoch, item = self.place
        held = dataclasses.replace(self._settings, epoch=epoch, item=item, asked=self.place)
        later = self.branch.next_change(self.place)
        waits = later is not None and later.asked <= self.place
        self._leave([held, *([later] if waits and later else [])], name)
        self._keep(alone=True)
        return self.branch

    def _leave(self, changes: list[Change], name: str = "") -> None:
        self._note_tip()
        before, owner = self.branch, self.branch.owner(self.place)
        if owner.fork == self.place and owner.parent is not None:
            owner = owner.parent  # two branches that leave at the same moment are sisters
        self.branch = self.timeline.leave(owner, name, self._engine.state(), changes)
        self.live = True
        self._drop(before)

    def _drop(self, branch: Branch) -> None:
        """Forget a branch that nothing was trained on."""
        children = any(each.parent is branch for each in self.timeline.branches.values())
        if branch is not self.branch and branch.parent is not None and branch.end == branch.fork and not children:
            self.timeline.forget(branch)

    def _note_tip(self) -> None:
        if self.live:
            self.branch.tip = self._engine.state()

    def _batch_before(self, epoch: int, item: int) -> Place:
        if item > 0:
            return epoch, item - 1
        size = self.branch.settings((epoch - 1, 0)).config.batch_size
        return epoch - 1, -(-self._data.rows("train") // size) - 1

    def _items_at(self, place: Place) -> int:
        """Return how many batches the epoch of a moment has."""
        return -(-self._data.rows("train") // self.branch.settings((place[0], 0)).config.batch_size)

    def _items_to(self, goal: Place) -> int:
        """Return about how many items have to be repeated to get to a moment."""
        epoch, item = place_of(self.branch.owner(goal).nearest(goal))
        return (goal[0] - epoch) * self._engine.items + goal[1] - item

    def _seek(self, goal: Place, progress: Progress) -> None:
        """Bring the engine to a moment of the branch, from where it stands or from a keyframe."""
        engine = self._engine
        kept = self.branch.owner(goal).nearest(goal)
        if not place_of(kept) <= self.place <= goal:
            self._put(kept)
        first = max(1, self._items_to(goal))
        while self.place < goal:
            progress.report(1.0 - self._items_from(goal) / first, f"repeating epoch {engine.epoch + 1:,}")
            self._step(goal, CHUNK_SECONDS)

    def _items_from(self, goal: Place) -> int:
        return max(0, (goal[0] - self._engine.epoch) * self._engine.items + goal[1] - self._engine.item)

    def _put(self, state: EngineState) -> None:
        """Bring the engine to a kept state, under the settings that held."""
        settings = self.branch.settings(place_of(state))
        self._engine.start(self.branch.start)
        self._engine.configure(settings.network, settings.config)
        self._engine.restore(state)
        self._settings = settings

    def _arrived(self) -> None:
        """Take over the settings of the moment that was reached."""
        self.live = self.place >= self.branch.end
        wanted = self.branch.wanted(self.place)
        self.network, self.config, self._start = wanted.network, wanted.config, self.branch.start
        self._row = 0
        self._keep(alone=True)

    def _step(self, goal: Place, seconds: float) -> NDArray[Any]:
        """Let the engine work towards a moment for about so long, under the settings that hold on the way."""
        engine, began = self._engine, time.perf_counter()
        change = self.branch.next_change(self.place)
        until = goal if change is None else min(goal, change.place)
        first = engine.epoch * engine.items + engine.item
        with blas_threads(engine.blas_threads):
            block = engine.advance(*until, self._chunk)
        took, done = time.perf_counter() - began, engine.epoch * engine.items + engine.item - first
        # A chunk's length changes no bit: it only decides how soon somebody looks. What counts is how much was done,
        # since a moment that is near may have cut the chunk short.
        self._chunk = max(1, int(done * min(2.0, max(0.25, seconds / max(took, 1e-9)))))
        self._item_seconds = took / max(1, done)
        if change is not None and self.place == change.place:
            self._settings = change
            self._engine.configure(change.network, change.config)
        return block

    # -- work ---------------------------------------------------------------------------------------------------

    def _begin(self, progress: Progress) -> None:
        """Begin a run at epoch 0, and evaluate that."""
        engine, change = self._engine, Change(0, 0, self.network, self.config, (0, 0))
        if hasattr(self, "branch"):
            self._note_tip()
        engine.start(self._start)
        engine.configure(self.network, self.config)
        engine.start(self._start)
        self._settings = change
        self._row = 0
        self._chunk, self._item_seconds = 1, 0.0
        scores = [self._evaluate(split, progress) for split in ("train", "test")]
        (train_loss, train_accuracy), (test_loss, test_accuracy) = scores
        history = History()
        row = (0, train_loss, test_loss, train_accuracy, test_accuracy, np.nan)
        history.append(np.array([row], dtype=RECORD))
        self.branch, self.live = self.timeline.begin("", engine.state(), [change], history), True
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
        first = self.batch * self._running_config.batch_size
        rows = min(self._running_config.batch_size, self._data.rows("train") - first)
        if self._row + most < rows:
            self._row += most
            return most
        left = rows - self._row
        while not self.work("batch", 1):
            pass
        return left

    def _run(self, goal: tuple[int, int], seconds: float) -> None:
        """Train, or repeat what was trained, for about so long, and look whether the numbers are still finite."""
        engine, began = self._engine, time.perf_counter()
        if not self.live:
            self._step(min(goal, self.branch.end), seconds)
            wanted = self.branch.wanted(self.place)
            self.network, self.config = wanted.network, wanted.config
            if self.place >= self.branch.end:
                self.live = True
                self._keep(alone=True)
            return
        before = self._settings
        block = self._step(goal, seconds)
        due = began - self._kept_at > _KEYFRAME_SECONDS
        arrived = self.place >= goal
        # Reading all numbers of a large net after every chunk would cost more than a tenth of its speed.
        doubtful = due or arrived or self._start.size < _SMALL or not np.isfinite(block["test_loss"]).all()
        if not engine.loss_finite or (doubtful and not engine.finite):
            self._recover()
        self.branch.history.append(block)
        if due:
            self._keep(alone=self._settings is not before)
        if doubtful and self.timeline.due(time.perf_counter() - began):
            copied = time.perf_counter()
            state = engine.state()
            self.timeline.keep(self.branch, state, time.perf_counter() - copied)

    def _keep(self, alone: bool = False) -> None:
        """Keep this state, and the one kept before it unless it ran under other settings."""
        earlier = [] if alone else self._kept[-1:]
        self._kept, self._kept_at = [*earlier, self._engine.state()], time.perf_counter()

    def _recover(self) -> None:
        """Repeat the work since a kept state, up to the last state whose parameters and loss are finite, and say so."""
        state = before = self._kept[0]
        self._engine.restore(state)
        self.branch.history.cut(state.epoch + 1)
        while True:
            with blas_threads(self._engine.blas_threads):
                block = self._engine.advance(state.epoch + 1, 0, 1)
            if not self._engine.finite:
                break
            self.branch.history.append(block)
            before, state = state, self._engine.state()
        if not self._engine.loss_finite:
            # The parameters are finite but their loss is not: the update that led to them is the one to take back.
            state = before
        self._engine.restore(state)
        self.timeline.cut(self.branch, state)
        self._keep(alone=True)
        rate = choices.optimizer(self.config).learning_rate
        raise DivergenceError(
            f"training diverged in epoch {self.epoch + 1}, batch {self.batch + 1}: its numbers are no longer finite",
            f"The last finite state is kept. Try a learning rate below {rate:g}, or clip the gradient.",
        )

    def _stay_finite(self) -> None:
        """Refuse to change settings on a state that is not finite: what led to it could not be repeated after."""
        if not self._engine.finite:
            self._recover()


def _check_unit(n: int, unit: str) -> None:
    if unit not in UNITS:
        raise ConfigError(f"cannot advance by {unit!r}", f"Advance by one of {', '.join(UNITS)}.")
    if n < 1:
        raise ConfigError(f"cannot advance by {n} {unit}s", "Give a whole number from 1 on.")
