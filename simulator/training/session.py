"""One run: a data set, a network, its settings, the engine that trains it, and what was recorded. No thread."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from simulator.data import Dataset
from simulator.engines import Engine, devices
from simulator.errors import ConfigError, DeviceError
from simulator.interchange import Model
from simulator.nn import choices
from simulator.progress import Progress
from simulator.snapshot import Floats
from simulator.spec import NetworkSpec, TrainingConfig
from simulator.training.computing import Computing, begin, computing
from simulator.training.conditions import Conditions, conditions
from simulator.training.continuing import Origin, origin_of
from simulator.training.course import CHUNK_SECONDS, Course
from simulator.training.defaults import default_config, default_network
from simulator.training.history import History
from simulator.training.looking import Looking
from simulator.training.preparation import check_width, first_record, start_parameters, training_data
from simulator.training.session_record import SessionRecord, branch_records
from simulator.training.timeline import BUDGET_BYTES, Branch, Change, Place, Timeline, place_of

UNITS = ("row", "batch", "epoch")
"""What a session can be advanced by."""


class Session(Looking):
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
        "cpu", "cuda", "cuda:N" or "auto", which takes what is predicted to be faster (see
        `simulator.engines.choosing`).
    threads
        How many threads compute. None takes one for small batches, else all cores but `spare`. Fixed for the run:
        another number gives other bits.
    start
        What to start from instead of the parameters that the seed draws: other ones, (parameter_count,), or a model.
        With a model, `network` and `config` are its own where None is given, and training goes on from its epoch with
        its optimizer's memory, to the same bits as if it had never been saved; with the weights alone, from epoch 0,
        where it holds no memory. Settings that are given hold from then on: another optimizer begins with an empty
        memory.
    progress
        Told how far the first evaluation is, and what is measured for "auto"; it can cancel.
    spare
        How many cores are left to others, as a window that draws beside the training.
    budget
        How many bytes the keyframes of the timeline may take.

    Attributes
    ----------
    network, config, wanted_dataset
        What was asked for last: another batch size and other data hold from the next epoch on.
    engine_name, device, threads
        What it computes with.
    device_reason
        Of a device that was chosen: which one and why, in a sentence. Of one that somebody named: that the CPU is
        predicted to be faster, where it is; else empty.
    timeline
        All runs from the start on.

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
        start: Floats | Model | None = None,
        progress: Progress | None = None,
        spare: int = 0,
        budget: int = BUDGET_BYTES,
    ) -> None:
        if isinstance(start, Model):
            network, config = network or start.network, config or start.config
        config = config or default_config(dataset)
        network = network or default_network(dataset, loss=config.loss.name)
        choices.check(network, config)
        self.network, self.config, self.wanted_dataset = network, config, dataset
        check_width(dataset, network)
        self._threads_asked, self._spare = threads, spare
        self._set_up(self._computing(device, engine, progress), budget)
        self._begin(start, progress or Progress())

    def _computing(self, device: str, engine: str, progress: Progress | None) -> Computing:
        work = self.network, self.config, len(self.wanted_dataset.X_train)
        return computing(device, engine, self._threads_asked, work, progress, self._spare)

    def _set_up(self, wanted: Computing, budget: int) -> None:
        """Make the engine, with the rows of the data set, and an empty timeline."""
        dataset = self.wanted_dataset
        data = training_data(dataset, self.network, self.config)
        self._take(*begin(wanted, self.network, self.config, data, self._spare))
        self.timeline = Timeline(budget)
        self._course = Course(self._engine, self.timeline, dataset, data)
        self._made_under: tuple[Conditions, ...] = ()
        self._layout: Mapping[str, Any] = {}

    def _take(self, engine: Engine, about: Computing) -> None:
        self._engine, self.device_reason = engine, about.reason
        self.engine_name, self.device, self.threads = about.engine, about.device, about.threads or 1

    @classmethod
    def of_record(
        cls,
        record: SessionRecord,
        engine: str | None = None,
        device: str | None = None,
        threads: int | None = None,
        budget: int = BUDGET_BYTES,
        spare: int = 0,
        progress: Progress | None = None,
    ) -> "Session":
        """Return a session that stands where a recorded one stood, with the same bits and branches, and goes on so.

        Parameters
        ----------
        record
            What `record` returned, or `simulator.training.session_file.read_session`.
        engine, device, threads
            What it computes with from now on; None for what the recorded one computed with, or the nearest to it that
            this machine has (see `simulator.training.session_record.SessionRecord.computing`).
        budget
            How many bytes the keyframes may take; the others are forgotten, and can be repeated.
        spare, progress
            As in `Session`.

        Raises
        ------
        ConfigError
            When the record's parts do not go together.
        DeviceError
            When the device that was asked for cannot be used.
        """
        settings = record.settings
        choices.check(settings.network, settings.config)
        session = cls.__new__(cls)
        session.network, session.config, session.wanted_dataset = settings.network, settings.config, settings.dataset
        session._threads_asked, session._spare = threads, spare
        session._set_up(record.computing(engine, device, threads, progress, spare), budget)
        session._made_under, session._layout = record.made_under, record.layout
        session.timeline.adopt(record.tree())
        now = session._conditions()
        session._course.mixed = any(then != now for then in record.made_under)
        session._course.stand(session._branch(record.current), record.present)
        session._row = record.row
        session._follow()
        return session

    def record(self, layout: Mapping[str, Any] | None = None) -> SessionRecord:
        """Return all that the session is, to be written to a file: copies, so that it can go on meanwhile.

        Parameters
        ----------
        layout
            How the window is arranged, as JSON values; None for what was said before.
        """
        if layout is not None:
            self._layout = layout
        present = self._course.present()
        return SessionRecord(
            self.engine_name,
            self.device,
            self.threads,
            self._all_conditions(),
            branch_records(self.timeline, self.branch if self.live else None, present),
            self.branch.number,
            present,
            self._row,
            self._layout,
        )

    def _conditions(self) -> Conditions:
        return conditions(self.engine_name, self.device, self.config.dtype, self.threads)

    def _all_conditions(self) -> tuple[Conditions, ...]:
        """Return all conditions under which numbers of the session were computed, those of now last."""
        now = self._conditions()
        return (*(each for each in self._made_under if each != now), now)

    def move(self, device: str, engine: str = "auto", progress: Progress | None = None) -> int:
        """Go on computing on another device, or with another engine, from the moment where the session stands.

        Parameters, optimizer memory, row order, timeline, records, branches and settings that wait stay as they are.
        What is computed from now on agrees with what the old device would have computed but for rounding; so it is
        where the past is repeated, which goes through the states that were kept of it.

        Parameters
        ----------
        device, engine
            As in `Session`; the number of threads is what was asked for, or what suits the work.
        progress
            Told what is measured for "auto"; it can cancel.

        Returns
        -------
        How many updates are to be made again: 0, but where the old device has failed. Then the session goes on from the
        last state that it had copied.

        Raises
        ------
        ConfigError
            When the device or engine does not exist; nothing has changed.
        DeviceError
            When the device cannot be used, or has no room; nothing has changed.
        Cancelled
            When the progress was cancelled; nothing has changed.
        """
        course = self._course
        wanted = self._computing(device, engine, progress)
        state, holds = course.whereabouts()
        made, about = begin(wanted, holds.network, holds.config, course.data_of(holds), self._spare)
        made.restore(state)
        before = self._all_conditions()
        lost = course.move(made, state, holds)
        self._made_under = before
        self._take(made, about)
        if lost:
            self._row = 0
        self._follow()
        return lost

    def rescue(self, error: DeviceError) -> int | None:
        """Move to the CPU if the device does not answer any more; return what `move` does, None where it answers."""
        failed = self.device
        try:
            self._engine.parameters()
        except DeviceError:
            lost = self.move(devices.CPU)
            self.device_reason = f"cpu, since {failed} failed: {error.message}"
            return lost
        return None

    def settle(self) -> None:
        """Copy the present moment from a device, so that hardly anything is lost if that fails; the CPU does not."""
        if self.device != devices.CPU:
            self._course.settle()

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
        DeviceMemoryError
            When settings or rows that waited find no room on the device (see `check_refused`).
        DeviceError
            When the device failed; `rescue` goes on from the last state that was copied from it.
        Cancelled
            When the progress was cancelled; the session is whole, and can go on.
        """
        _check_unit(n, unit)
        self.prepare(progress)
        left = n
        while left > 0:
            left -= self.work(unit, left)
            self.check_refused()
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
        try:
            self._course.work(goal, seconds)
        finally:
            self._follow()
        if unit == "epoch":
            return engine.epoch - epoch
        # The next epoch may have another number of batches.
        return batches - batch if engine.epoch > epoch else self.batch - batch

    def check_refused(self) -> None:
        """Tell once that settings or rows which waited were given up when their moment came; `work` does not.

        Raises
        ------
        DeviceMemoryError
            When the device has no room for them. What held before holds on and is what is wanted; the session is whole.
        """
        refused, self._course.refused = self._course.refused, None
        try:
            if refused is not None:
                raise refused
        finally:
            del refused  # its traceback refers to this frame

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
        self._change(network, config, self.wanted_dataset)

    def change_data(self, dataset: Dataset) -> None:
        """Train on another data set from the next epoch on, with the same parameters, memory and settings.

        The number of its rows may be another one. Before the first update of a run it holds at once, and the record of
        epoch 0 is its own.

        Raises
        ------
        ConfigError
            When it has another task, or another number of inputs or outputs; nothing has changed.
        """
        before = self.wanted_dataset
        if dataset.task != before.task:
            raise ConfigError(
                f"{dataset.name} is for {dataset.task}, and this network was made for {before.task}",
                "Open it as a new session.",
            )
        try:
            check_width(dataset, self.network)
        except ConfigError as error:
            raise ConfigError(error.message, f"{error.hint} Open it as a new session.") from error
        self._change(self.network, self.config, dataset)

    def _change(self, network: NetworkSpec, config: TrainingConfig, dataset: Dataset) -> None:
        """Let settings and data hold as soon as they can; in the past, that begins a branch."""
        self._course.check()
        (epoch, item), holds = self.place, self._course.settings
        wanted = Change(epoch + (item > 0), 0, network, config, dataset, self.place)
        if item == 0:
            changes = [wanted]
        else:
            held = dataclasses.replace(config, batch_size=holds.config.batch_size)
            now = Change(epoch, item, network, held, holds.dataset, self.place)
            changes = [now] if now.is_like(wanted) else [now, wanted]
        self._course.change(changes)
        same = (network, config.loss) == (holds.network, holds.config.loss) and dataset is holds.dataset
        if self.end == (0, 0) and self.branch.parent is None and not same:
            self._measure_start()
        self._row = max(0, min(self._row, self._rows_of(self.place) - 1))
        self._follow()

    def _measure_start(self) -> None:
        """Evaluate epoch 0 anew, which no update has followed yet, for all branches that begin with it."""
        record = first_record(self._engine, self._course.data, Progress())
        for branch in self.timeline.branches.values():
            if self.branch in branch.line:
                branch.history.begin(record)

    def reset(self) -> None:
        """Go back to the start of the run, under the settings of now; what was trained is kept.

        That is epoch 0 with the same start parameters, or the moment at which a run began that goes on from a model.
        """
        root = self.branch.root
        if root.fork == (0, 0):
            self._begin(self.branch.start, Progress())
            return
        record = root.history.since(root.fork[0])[:1]
        self._go_on(Origin(root.keyframes[0], root.settings(root.fork), record), Progress())

    def new_weights(self, seed: int | None = None) -> None:
        """Go to epoch 0 with the start parameters and row order of another seed (None: the next number)."""
        seed = (self.config.seed + 1) % 2**64 if seed is None else seed
        self.config = dataclasses.replace(self.config, seed=seed)
        self._begin(None, Progress())

    # -- the timeline -------------------------------------------------------------------------------------------

    def go_to(self, epoch: int, item: int = 0, progress: Progress | None = None) -> None:
        """Go to any moment of the branch, before or after: the numbers are those that training had there, to the bit.

        The run is repeated from the nearest keyframe. What was trained stays: training on from here repeats it, until
        it ends or a setting is changed, which begins a branch of its own.

        Parameters
        ----------
        epoch, item
            How many epochs are complete, and how many batches of the next one are done; beyond the branch's end, its
            end; before the start of its run, that.

        Raises
        ------
        ConfigError
            When there is no such moment.
        Cancelled
            When the progress was cancelled; the session is then whole, at a moment on the way.
        """
        self._travel(self._course.go_to, self._moment(epoch, item), progress or Progress())

    def back(self, n: int = 1, unit: str = "epoch", progress: Progress | None = None) -> None:
        """Undo `n` rows, batches or epochs; of one that has begun, its beginning is the first to go back to.

        Raises
        ------
        ConfigError
            When the unit does not exist or n is not positive.
        """
        _check_unit(n, unit)
        course, row = self._course, self._row
        epoch, item = place = self._engine.epoch, min(self._engine.item, self._engine.batches)
        if unit == "epoch":
            place, row = max(self.branch.first, (epoch - n + (item + row > 0), 0)), 0
        elif unit == "batch":
            place, row = course.before(place, n - (row > 0)), 0
        else:
            while n > row and place > self.branch.first:
                n -= row + 1
                place = course.before(place)
                row = self._rows_of(place) - 1
            row = max(0, row - n)
        self._travel(course.go_to, place, progress or Progress())
        self._row = row

    def switch(self, number: int, epoch: int | None = None, item: int = 0, progress: Progress | None = None) -> None:
        """Look at another branch: at its end, or at a moment of it.

        Raises
        ------
        ConfigError
            When there is no such branch or moment.
        """
        branch = self._branch(number)
        if branch is self.branch:
            self.go_to(*(self.end if epoch is None else (epoch, item)), progress)
            return
        goal = branch.end if epoch is None else (epoch, item)
        self._travel(lambda place, told: self._course.switch(branch, place, told), goal, progress or Progress())

    def rename(self, number: int, name: str) -> None:
        """Give a branch another name.

        Raises
        ------
        ConfigError
            When there is no such branch, or no name.
        """
        if not name.strip():
            raise ConfigError("a branch needs a name", "Give it a few words.")
        self._branch(number).name = name.strip()

    def fork(self, name: str = "") -> Branch:
        """Begin a branch at the present moment, under the settings of now, and return it."""
        self._course.fork(name)
        self._follow()
        return self.branch

    def _travel(self, go: Callable[[Place, Progress], None], place: Place, progress: Progress) -> None:
        try:
            go(place, progress)
        finally:
            self._row = 0
            self._follow()

    def _follow(self) -> None:
        """Take over the settings that had been asked for at the moment that was reached."""
        wanted = self._course.wanted
        self.network, self.config, self.wanted_dataset = wanted.network, wanted.config, wanted.dataset

    # -- work ---------------------------------------------------------------------------------------------------

    def _begin(self, given: Floats | Model | None, progress: Progress) -> None:
        """Begin a run where a model stands, or at epoch 0 with given weights or those that the seed draws."""
        if isinstance(given, Model):
            origin = origin_of(given, self.wanted_dataset, self.network, self.config)
            if origin is not None and place_of(origin.state) > (0, 0):
                self._go_on(origin, progress)
                return
            given = given.parameters
        self._row = 0
        drawn = start_parameters(self.network, self.config, None)
        start = drawn if given is None else start_parameters(self.network, self.config, given)
        self._course.prepare(start, Change(0, 0, self.network, self.config, self.wanted_dataset, (0, 0)))
        history = History()
        history.append(first_record(self._engine, self._course.data, progress))
        self._course.begin(history, given is None or start.tobytes() == drawn.tobytes())

    def _go_on(self, origin: Origin, progress: Progress) -> None:
        """Begin a run where another one stood; what is to be another setting than there is changed after that."""
        self._row = 0
        course, wanted = self._course, (self.network, self.config, self.wanted_dataset)
        course.prepare_at(origin.state, origin.holds)
        history = History(origin.state.epoch)
        record = first_record(self._engine, course.data, progress) if origin.record is None else origin.record
        history.append(record)
        course.begin(history, drawn=False)
        holds = origin.holds
        if (holds.network, holds.config) != wanted[:2] or holds.dataset is not wanted[2]:
            self._change(*wanted)
        self._follow()

    def _work_rows(self, most: int) -> int:
        rows = self._rows_of((self.epoch, self.batch))
        if self._row + most < rows:
            self._row += most
            return most
        left = rows - self._row
        while not self.work("batch", 1):
            pass
        return left


def _check_unit(n: int, unit: str) -> None:
    if unit not in UNITS:
        raise ConfigError(f"cannot advance by {unit!r}", f"Advance by one of {', '.join(UNITS)}.")
    if n < 1:
        raise ConfigError(f"cannot advance by {n} {unit}s", "Give a whole number from 1 on.")
