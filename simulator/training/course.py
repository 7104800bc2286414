"""An engine on its way along a timeline: at a branch's end it trains on, before that it repeats what was trained."""

import contextlib
import dataclasses
import itertools
import time
from collections.abc import Generator, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.engines import Engine, EngineState, TrainingData
from simulator.engines.threads import blas_threads
from simulator.errors import DeviceError, DeviceMemoryError, DivergenceError, TrainingDivergedError
from simulator.nn import choices
from simulator.progress import Progress
from simulator.snapshot import Floats
from simulator.training.history import History
from simulator.training.preparation import training_data
from simulator.training.timeline import Branch, Change, Place, Timeline, place_of

CHUNK_SECONDS = 0.008
"""How long a chunk of work should take: the time a command waits at most, where a batch is not longer."""

_KEYFRAME_SECONDS = 0.25
_SMALL = 100_000


class Course:
    """Where an engine stands on a timeline, and how it gets elsewhere.

    Parameters
    ----------
    engine
        What computes; nobody else may move it.
    timeline
        Where what it does is kept.
    dataset, data
        What it holds, and the rows of that in the run's number format.

    Attributes
    ----------
    data
        The rows that hold now.
    branch
        What is looked at.
    live
        Whether the engine stands at the end of the branch, where work makes new numbers.
    settings
        What holds now: of the epoch that has begun.
    mixed
        Whether parts of the past were computed under other conditions than those of now, so that repeating them has
        other bits. Then the way leads through the states that were kept of it.
    refused
        Why settings or rows that waited for a moment were given up when it came: the device has no room for them. None
        where there is nothing to be told; whoever tells it sets it to None.
    """

    branch: Branch
    settings: Change
    refused: DeviceMemoryError | None

    def __init__(self, engine: Engine, timeline: Timeline, dataset: Dataset, data: TrainingData) -> None:
        self.engine, self.timeline = engine, timeline
        self.live = self.mixed = False
        self._dataset, self.data = dataset, data
        self._chunk, self._item_seconds = 1, 0.0
        self._kept: list[EngineState] = []
        self._stranded: EngineState | None = None
        self.refused = None
        self._reached: Place = (0, 0)
        self._kept_at = 0.0

    @property
    def place(self) -> Place:
        """The present moment."""
        return self.engine.epoch, self.engine.item

    @property
    def end(self) -> Place:
        """How far the branch was trained."""
        return self.place if self.live else self.branch.end

    @property
    def wanted(self) -> Change:
        """The settings that had been asked for until now."""
        return self.branch.wanted(self.place)

    def batches(self, epoch: int) -> int:
        """Return how many batches an epoch has, after so many complete ones."""
        return self.branch.settings((epoch, 0)).batches

    @property
    def updates(self) -> int:
        """How many updates lie between the start weights and the present moment.

        Of a run that goes on from a model, those before it count as far as its optimizer had counted them.
        """
        return self._updates_at(self.place)

    def _updates_at(self, place: Place) -> int:
        epoch, item = place
        root = self.branch.root
        # Another batch size, and other rows, hold from the beginning of an epoch on.
        begun, *later = self.branch.all_changes
        firsts = ((change.epoch + (change.item > 0), change.batches) for change in later)
        batches = {begun.epoch: begun.batches} | {first: count for first, count in firsts if first <= epoch}
        whole = sum((until - since) * batches[since] for since, until in itertools.pairwise([*batches, epoch]))
        before = root.keyframes[0].updates - min(root.fork[1], begun.batches)
        return before + whole + min(item, batches[max(batches)])

    def data_of(self, change: Change) -> TrainingData:
        """Return the rows that hold with some settings."""
        if change.dataset is self._dataset:
            return self.data
        return training_data(change.dataset, change.network, change.config)

    def before(self, place: Place, batches: int = 1) -> Place:
        """Return the moment so many batches before another one, the start at most."""
        epoch, item = place
        while batches > item and epoch > self.branch.first[0]:
            batches -= item + 1
            epoch -= 1
            item = self.batches(epoch) - 1
        return max(self.branch.first, (epoch, max(0, item - batches)))

    # -- beginnings ---------------------------------------------------------------------------------------------

    def prepare(self, start: Floats, change: Change) -> None:
        """Bring the engine to start weights, so that epoch 0 can be evaluated; `begin` follows."""
        self._rest()
        self.engine.start(start)
        self._obey(change)
        self.engine.start(start)
        self.live = False

    def prepare_at(self, state: EngineState, change: Change) -> None:
        """Bring the engine to a state that no branch has, under the settings of that moment; `begin` follows."""
        self._rest()
        self.engine.start(state.parameters)
        self._obey(change)
        self.engine.restore(state)
        self.live = False

    def begin(self, history: History, drawn: bool) -> None:
        """Begin a run where the engine stands; `drawn` says whether the start weights are the seed's."""
        self.branch = self.timeline.begin("", self.engine.state(), [self.settings], history, drawn)
        self.live = True
        self._keep(alone=True)

    def present(self) -> EngineState:
        """Return the present moment; where it is not finite, after going back to the last one that was."""
        if self.live and not self.engine.finite:
            self._recover()
        return self.engine.state()

    def stand(self, branch: Branch, state: EngineState) -> None:
        """Stand at a state of a branch that was trained before."""
        self.branch = branch
        self.put(state)
        self._arrive()

    def change(self, changes: list[Change]) -> None:
        """Take settings from now on, and those that wait; in the past, that begins a branch."""
        self.check()
        now, *waiting = changes
        if not self.live:
            self._obey(now)
            self._leave(changes, "")
        elif waiting and now.is_like(self.settings):
            self.branch.change(*waiting)
        else:
            self._obey(now)
            self.branch.change(*changes)
            self.timeline.keep(self.branch, self.engine.state())
            self._keep(alone=True)  # what is repeated after a divergence must run under the settings that held

    def fork(self, name: str) -> None:
        """Begin a branch here, under the settings of now."""
        self.check()
        epoch, item = self.place
        waiting = self.branch.next_change(self.place)
        waits = waiting is not None and waiting.asked <= self.place
        here = dataclasses.replace(self.settings, epoch=epoch, item=item, asked=self.place)
        self._leave([here, *([waiting] if waits and waiting else [])], name)

    def _leave(self, changes: list[Change], name: str) -> None:
        self._rest()
        before, owner = self.branch, self.branch.owner(self.place)
        if owner.fork == self.place and owner.parent is not None:
            owner = owner.parent  # branches that leave at the same moment are sisters
        self.branch, self.live = self.timeline.leave(owner, name, self.engine.state(), changes), True
        self.timeline.tidy(before)
        self._keep(alone=True)

    # -- moving -------------------------------------------------------------------------------------------------

    def go_to(self, goal: Place, progress: Progress) -> None:
        """Go to a moment of the branch, its end at most; when that is cancelled, the engine stands on the way."""
        goal = min(goal, self.end)
        self._rest()
        try:
            self.seek(goal, progress)
        finally:
            self._arrive()

    def switch(self, branch: Branch, goal: Place, progress: Progress) -> None:
        """Go to a moment of another branch."""
        self._rest()
        before, self.branch = self.branch, branch
        self.timeline.tidy(before)
        self._kept = []  # of the other branch
        self.put(branch.tip)
        self.go_to(goal, progress)

    @contextlib.contextmanager
    def away(self, branch: Branch | None = None) -> Generator[None]:
        """Look at a branch, and let the engine go anywhere on it; afterwards everything is as it was before."""
        before, present, live, settings = self.branch, self.engine.state(), self.live, self.settings
        kept, kept_at, reached = self._kept, self._kept_at, self._reached
        if live and self.engine.finite:
            before.tip = present  # else what lies before it would be repeated from an old end
        try:
            self.live = False
            if branch is not None and branch is not before:
                self.branch = branch
                self.put(branch.tip)
            yield
        finally:
            gone = self.branch is not before or self.place != place_of(present)
            self.branch = before
            try:
                if gone:
                    self.put(present)
            finally:  # also where the device has failed
                self.settings = settings
                self.live, self._kept, self._kept_at, self._reached = live, kept, kept_at, reached

    def seconds_to(self, goal: Place) -> float:
        """Return about how long it takes to repeat the run up to a moment."""
        return self.seconds_between(place_of(self.branch.owner(goal).nearest(goal)), goal)

    def seconds_between(self, since: Place, until: Place) -> float:
        """Return about how long it takes to repeat the run from one moment to another."""
        return self._items(since, until) * self._item_seconds

    def seek(self, goal: Place, progress: Progress) -> None:
        """Bring the engine to a moment of the branch that was trained, from where it stands or from a keyframe."""
        kept = self.branch.owner(goal).nearest(goal)
        if not place_of(kept) <= self.place <= goal:
            self.put(kept)
        whole = max(1, self._items(self.place, goal))
        while self.place < goal:
            done = max(0.0, 1.0 - self._items(self.place, goal) / whole)  # epochs of other data have other lengths
            progress.report(done, f"repeating epoch {self.engine.epoch + 1:,} of {goal[0] + 1:,}")
            self.step(goal, CHUNK_SECONDS)
            self._check_repeated(kept)

    def _check_repeated(self, kept: EngineState) -> None:
        """Go back to a kept state where repeating what was trained leaves the finite numbers, as it may elsewhere."""
        if not self.engine.loss_finite:
            self.put(kept)
            raise DivergenceError(
                "this moment cannot be repeated: its numbers are no longer finite here",
                "The run was trained on another machine, or its file was changed: go to another moment.",
            )

    def put(self, state: EngineState) -> None:
        """Bring the engine to a state, under the settings that held."""
        self._stranded = state  # from where it goes on elsewhere if the device fails meanwhile
        self.engine.start(self.branch.start)
        self._obey(self.branch.settings(place_of(state)))
        self.engine.restore(state)
        self._stranded = None

    def _items(self, since: Place, until: Place) -> int:
        """Return about how many items lie between two moments."""
        return max(0, (until[0] - since[0]) * self.engine.items + until[1] - since[1])

    def _rest(self) -> None:
        """Remember the end of the branch before the engine leaves it."""
        if self.live:
            if not self.engine.finite:
                self._recover()
            self.branch.tip = self.engine.state()
            self.live = False

    def _arrive(self) -> None:
        self.live = self.place >= self.branch.end
        if self.live and self.mixed and self.place == self.branch.end:
            self.engine.restore(self.branch.tip)  # what is trained on from is what was trained
        self._keep(alone=True)

    # -- another engine -----------------------------------------------------------------------------------------

    def whereabouts(self) -> tuple[EngineState, Change]:
        """Return where another engine is to go on: the present moment and what holds there.

        Where the device does not answer any more, that is the newest state before it that was copied.
        """
        try:
            return self.present(), self.settings
        except DeviceError:
            state = self._stranded or self._newest()
            return state, self.branch.settings(place_of(state))

    def settle(self) -> None:
        """Copy the present moment from the device, so that no more than an instant's work is lost if that fails.

        Of a large network no copy is made just after another one: a window may stop after every epoch.
        """
        due = time.perf_counter() - self._kept_at > _KEYFRAME_SECONDS
        if (due or self._kept[-1].parameters.size < _SMALL) and self.engine.finite:
            self._keep()

    def _newest(self) -> EngineState:
        place, branch = self.place, self.branch
        kept = [branch.tip, branch.keyframes[-1]] if self.live else [branch.owner(place).nearest(place)]
        recorded = branch.history.last.epoch
        usable = (each for each in (*kept, *self._kept) if place_of(each) <= place and each.epoch <= recorded)
        return max(usable, key=place_of, default=branch.tip)

    def move(self, engine: Engine, state: EngineState, holds: Change) -> int:
        """Go on with another engine, which stands at what `whereabouts` returned.

        Returns
        -------
        How many updates are to be made again.
        """
        lost = 0
        if self.live and place_of(state) < max(self._reached, self.branch.end):
            lost = max(0, self._updates_at(self._reached) - self._updates_at(place_of(state)))
            self.timeline.cut(self.branch, state)
        self.data, self._dataset, self.settings = self.data_of(holds), holds.dataset, holds
        self.engine, self.mixed, self._stranded = engine, True, None
        self._chunk, self._item_seconds = 1, 0.0
        if self.live:
            self.timeline.keep(self.branch, state)
        self._keep(alone=True)
        return lost

    # -- work ---------------------------------------------------------------------------------------------------

    def work(self, goal: Place, seconds: float) -> None:
        """Train, or repeat what was trained, for about so long, and look whether the numbers are still finite.

        Raises
        ------
        DivergenceError
            When they are not; the engine is then at the last state at which they were.
        """
        began, engine = time.perf_counter(), self.engine
        if not self.live:
            self.step(min(goal, self.branch.end), seconds)
            self._check_repeated(self._kept[-1])
            if self.place >= self.branch.end:
                self._arrive()
            return
        block = self.step(goal, seconds)
        due = began - self._kept_at > _KEYFRAME_SECONDS
        # Reading all numbers of a large net after every chunk would cost more than a tenth of its speed. A device looks
        # by itself, and is not kept from its work by the question; what it saw is of the chunk before.
        seen = engine.seen_finite
        small = seen is None and self._kept[0].parameters.size < _SMALL
        frame_due = self.timeline.due(time.perf_counter() - began)
        looked = due or frame_due or small or self.place >= goal or not np.isfinite(block["test_loss"]).all()
        if not engine.loss_finite or seen is False or (looked and not engine.finite):
            raise self._recover()
        self.branch.history.append(block)
        self._reached = self.place
        if due:
            self._keep()
        if frame_due:
            copying = time.perf_counter()
            state = engine.state()
            self.timeline.keep(self.branch, state, time.perf_counter() - copying)

    def check(self) -> None:
        """Refuse to go on from a state that is not finite: what led to it could not be repeated after a change."""
        if not self.engine.finite:
            raise self._recover()

    def step(self, goal: Place, seconds: float) -> NDArray[Any]:
        """Let the engine work towards a moment for about so long, under the settings that hold on the way."""
        engine, began = self.engine, time.perf_counter()
        due = self.branch.settings(self.place)
        if not due.is_like(self.settings):  # of the past, and there was no room for them when they came
            self._obey(due)
            self._keep(alone=True)
        change = self.branch.next_change(self.place)
        kept = self.branch.kept_after(self.place) if self.mixed and not self.live else None
        since, until = self.place, goal if change is None else min(goal, change.place)
        if kept is not None:
            until = min(until, place_of(kept))
        with blas_threads(engine.blas_threads):
            block = engine.advance(*until, self._chunk)
        took, done = time.perf_counter() - began, max(1, self._items(since, self.place))
        # A chunk's length changes no bit: it only decides how soon somebody looks. What counts is how much was done,
        # since a moment that is near may have cut the chunk short.
        self._chunk = max(1, int(done * min(2.0, max(0.25, seconds / max(took, 1e-9)))))
        self._item_seconds = took / done
        if change is not None and self.place == change.place:
            if self.live:
                self.check()
            self._take_up(self.place)
            self._keep(alone=True)
        if kept is not None and self.place == place_of(kept):
            engine.restore(kept)
        return block

    def _take_up(self, place: Place) -> None:
        """Let the settings hold that waited for a moment; those that a device has no room for are given up."""
        for change in [each for each in self.branch.all_changes if each.place == place]:
            try:
                self._obey(change)
            except DeviceMemoryError as error:
                if not self.live:  # they did hold, and what was trained cannot be repeated without them
                    raise
                self.branch.give_up(change)
                self.refused = error.with_traceback(None)

    def apply(self, changes: Iterable[Change]) -> None:
        """Let settings hold from now on, one after the other: another optimizer in between empties the memory."""
        for change in changes:
            self._obey(change)

    def _obey(self, change: Change) -> None:
        """Let settings hold; rows are only brought to the engine where they are others."""
        other, data = change.dataset is not self._dataset, self.data_of(change)
        self.engine.configure(change.network, change.config, data if other else None)  # a device may have no room
        self.data, self._dataset, self.settings = data, change.dataset, change

    def _keep(self, alone: bool = False) -> None:
        """Keep this state, and the one kept before it unless it ran under other settings."""
        earlier = [] if alone else self._kept[-1:]
        self._kept, self._kept_at = [*earlier, self.engine.state()], time.perf_counter()
        self._reached = self.place

    def _recover(self) -> TrainingDivergedError:
        """Repeat the work since a kept state, up to the last state whose parameters and loss are finite."""
        engine, history, seen = self.engine, self.branch.history, self.place
        state = before = self._kept[0]
        engine.restore(state)
        history.cut(state.epoch + 1)
        while place_of(state) <= seen:  # beyond it nothing was done: a device that errs once must not go on for ever
            with blas_threads(engine.blas_threads):
                block = engine.advance(state.epoch + 1, 0, 1)
            if not engine.finite:
                break
            history.append(block)
            before, state = state, engine.state()
        if not engine.loss_finite:
            # The parameters are finite but their loss is not: the update that led to them is the one to take back.
            state = before
        engine.restore(state)
        self.timeline.cut(self.branch, state)
        self._keep(alone=True)
        rate = choices.optimizer(self.settings.config).learning_rate
        batch = min(state.item, engine.batches - 1) + 1
        return TrainingDivergedError(
            f"training diverged in epoch {state.epoch + 1}, batch {batch}: its numbers are no longer finite",
            f"The last finite state is kept. Try a learning rate below {rate:g}, or clip the gradient.",
        )
