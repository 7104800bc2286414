"""All that a session is, as one frozen value: what a session file holds, and what a session can be made of again."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.data import Dataset
from simulator.engines import EngineState, devices
from simulator.engines.choosing import AUTO
from simulator.engines.threads import available
from simulator.errors import DeviceError
from simulator.progress import Progress
from simulator.training.computing import Computing, computing
from simulator.training.conditions import Conditions
from simulator.training.history import History
from simulator.training.timeline import Branch, Change, Place, Timeline, place_of, size_of


@dataclasses.dataclass(frozen=True, eq=False)
class BranchRecord:
    """A branch of the timeline; the fields are those of `simulator.training.timeline.Branch`.

    Attributes
    ----------
    parent
        The number of the branch that it left, which is smaller than its own; None for a run from start weights, or one
        that goes on from a model.
    records
        The scalars of its own epochs, rows of `simulator.snapshot.RECORD`: those before the fork are the parent's.
    """

    number: int
    name: str
    parent: int | None
    changes: tuple[Change, ...]
    keyframes: tuple[EngineState, ...]
    tip: EngineState
    records: NDArray[Any]
    drawn: bool

    @property
    def fork(self) -> Place:
        """When it left its parent, or began."""
        return place_of(self.keyframes[0])

    @property
    def end(self) -> Place:
        """How far it was trained."""
        return place_of(self.tip)

    @property
    def first_epoch(self) -> int:
        """The epoch of its first record: that of its beginning, or the one in which it left its parent."""
        return first_epoch(self.parent, self.fork)


def first_epoch(parent: int | None, fork: Place) -> int:
    """Return the epoch of the first record that is a branch's own."""
    return fork[0] + (parent is not None)


@dataclasses.dataclass(frozen=True, eq=False)
class SessionRecord:
    """A session; all arrays are read-only.

    Attributes
    ----------
    engine, device, threads
        What it computed with.
    made_under
        All conditions under which its numbers were computed, the last ones last; several where a session was saved,
        and went on elsewhere.
    branches
        By rising numbers, so that a parent stands before its children.
    current
        The number of the branch that is looked at.
    present
        The moment that is looked at.
    row
        How far the cursor is in the batch that comes next.
    layout
        How the window is arranged, as JSON values that mean something to the window alone.
    """

    engine: str
    device: str
    threads: int
    made_under: tuple[Conditions, ...]
    branches: tuple[BranchRecord, ...]
    current: int
    present: EngineState
    row: int = 0
    layout: Mapping[str, Any] = dataclasses.field(default_factory=dict[str, Any])

    @property
    def settings(self) -> Change:
        """The settings with which the first run began."""
        return self.branches[0].changes[0]

    @property
    def dataset(self) -> Dataset:
        """What is trained on at the moment that is looked at."""
        looked_at = next(branch for branch in self.tree() if branch.number == self.current)
        return looked_at.settings(place_of(self.present)).dataset

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """What some branch was trained on, or will be, in the order of their first use."""
        return tuple(dict.fromkeys(change.dataset for branch in self.branches for change in branch.changes))

    @property
    def epochs(self) -> int:
        """How many epochs were trained on all branches together."""
        return sum(branch.end[0] - branch.fork[0] for branch in self.branches)

    def tree(self) -> list[Branch]:
        """Return the branches as a timeline holds them: lists of their own, and the same states."""
        made: dict[int, Branch] = {}
        for each in self.branches:
            parent = None if each.parent is None else made[each.parent]
            history = History(each.first_epoch) if parent is None else parent.history.until(each.first_epoch)
            history.append(each.records)
            first, *later = each.keyframes
            branch = Branch(each.number, each.name, first, each.changes, history, parent, each.drawn)
            branch.keyframes += later
            branch.tip = each.tip
            made[each.number] = branch
        return list(made.values())

    def computing(
        self,
        engine: str | None = None,
        device: str | None = None,
        threads: int | None = None,
        progress: Progress | None = None,
        spare: int = 0,
    ) -> Computing:
        """Return what a session of this record computes with here.

        What is asked for holds. Else it is what the recorded session computed with: its device, or the processor where
        this machine has no such device, or no room on it; its number of threads, or as many as there are cores where
        that is less.

        Raises
        ------
        ConfigError
            When what was asked for does not exist.
        DeviceError
            When the device that was asked for cannot be used.
        Cancelled
            When the progress was cancelled.
        """
        threads = threads or min(self.threads, available())
        if device is not None:
            now = self.settings
            work = now.network, now.config, len(now.dataset.X_train)
            found = computing(device, engine or AUTO, threads, work, progress, spare)
            same = engine is None and found.device == self.device
            return dataclasses.replace(found, engine=self.engine) if same else found
        try:
            return Computing(engine or self.engine, devices.resolve(self.device), threads, automatic=True)
        except DeviceError as error:
            reason = f"cpu, since {self.device}, on which it was trained, cannot be used: {error.message}"
            return Computing(engine or AUTO, devices.CPU, threads, reason)

    def thinned(self, most: int) -> "SessionRecord":
        """Return the record with as few keyframes as fit into so many bytes; starts, forks and ends stay.

        Every moment can still be gone to: the way there is repeated from further back.
        """
        kept = [branch.keyframes for branch in self.branches]
        while sum(size_of(state) for each in kept for state in each) > most and any(len(each) > 1 for each in kept):
            kept = [(each[0], *each[2::2]) for each in kept]
        pairs = zip(self.branches, kept, strict=True)
        branches = tuple(dataclasses.replace(branch, keyframes=keyframes) for branch, keyframes in pairs)
        return dataclasses.replace(self, branches=branches)


def branch_records(timeline: Timeline, live: Branch | None, present: EngineState) -> tuple[BranchRecord, ...]:
    """Return the branches of a timeline.

    Parameters
    ----------
    live
        The branch whose end is the present moment, where there is one: its newest state is `present`.
    """
    return tuple(_recorded(branch, present if branch is live else branch.tip) for branch in _ordered(timeline))


def _ordered(timeline: Timeline) -> Sequence[Branch]:
    return [timeline.branches[number] for number in sorted(timeline.branches)]


def _recorded(branch: Branch, tip: EngineState) -> BranchRecord:
    parent = None if branch.parent is None else branch.parent.number
    records = branch.history.since(first_epoch(parent, branch.fork))
    keyframes = tuple(branch.keyframes)
    changes = tuple(branch.changes)
    return BranchRecord(branch.number, branch.name, parent, changes, keyframes, tip, records, branch.drawn)


def same_state(one: EngineState, other: EngineState) -> bool:
    """Return whether two states are the same to the bit; a number that one of them does not know says nothing."""
    return all(_same(getattr(one, field.name), getattr(other, field.name)) for field in dataclasses.fields(EngineState))


def _same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, float) and isinstance(other, float):
        return one == other or math.isnan(one) or math.isnan(other)
    return type(one) is type(other) and one == other
