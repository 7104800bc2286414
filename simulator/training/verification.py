"""Whether a session is what training makes of its seed: it is trained again, and every kept number is compared."""

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines import EngineState, devices
from simulator.engines.choosing import AUTO
from simulator.engines.engine import read_only
from simulator.errors import DivergenceError
from simulator.nn import choices
from simulator.progress import Progress
from simulator.snapshot import RECORD
from simulator.training.computing import begin
from simulator.training.conditions import conditions
from simulator.training.course import CHUNK_SECONDS, Course
from simulator.training.preparation import first_record, start_parameters, training_data
from simulator.training.session_record import BranchRecord, SessionRecord, same_state
from simulator.training.timeline import Branch, Place, Timeline, place_of

SAME, ROUNDING, DIFFERENT = "same", "rounding", "different"
"""The verdicts: the same bits; no more than rounding makes, where conditions are others; more than that."""

_ROUNDINGS = 16.0
"""So many rounding errors an update, all in one direction, are believed: a bound, not an estimate."""


_TF32_EPSILON = 2.0**-11
"""By how much a factor is rounded that keeps 10 bits behind its first."""


@dataclasses.dataclass(frozen=True)
class Change:
    """A condition that is another one than when the session was trained."""

    name: str
    then: str
    now: str


@dataclasses.dataclass(frozen=True)
class BranchResult:
    """What became of a branch that was trained again.

    Attributes
    ----------
    number, name
        Which it is.
    epochs, moments
        How many epochs were trained, and how many kept moments compared.
    same
        Whether every number is the same to the bit.
    parameter, loss
        The largest difference of a parameter, and of a loss of an epoch; infinite where training left the finite
        numbers.
    rounding
        Whether rounding alone can have led from each kept moment to the next one.
    differs_at
        The first moment at which something is another; None when nothing is.
    """

    number: int
    name: str
    epochs: int
    moments: int
    same: bool
    parameter: float
    loss: float
    rounding: bool
    differs_at: Place | None


@dataclasses.dataclass(frozen=True)
class Verification:
    """What came of training a session again.

    Attributes
    ----------
    branches
        One result a branch.
    changes
        Which conditions are others now.
    device, reason
        Where it was trained again, and why there, in a sentence, where nobody named that device; else empty.
    """

    branches: tuple[BranchResult, ...]
    changes: tuple[Change, ...]
    device: str = devices.CPU
    reason: str = ""

    @property
    def verdict(self) -> str:
        """`SAME`, `ROUNDING` or `DIFFERENT`."""
        if all(branch.same for branch in self.branches):
            return SAME
        if self.changes and all(branch.rounding for branch in self.branches):
            return ROUNDING
        return DIFFERENT


def verify(record: SessionRecord, progress: Progress | None = None, device: str | None = None) -> Verification:
    """Train all branches of a session again, every run from its seed and every branch from its fork, and compare.

    Nothing that is compared goes into the training. A run that did not begin with the weights of its seed begins with
    those that the record holds, and one that goes on from a model with the state and the figures of that moment.

    Where the bits are not the same and the conditions are others, differences grow from one update to the next, and say
    little after thousands of them. So every piece of the way, from one kept moment to the next one, is trained a second
    time by itself: that it differs by no more than rounding can be told of a piece.

    Parameters
    ----------
    record
        What was read from a file.
    progress
        What is told how far it is; it can cancel.
    device
        As in `Session`; None for the one that the session computed on, or the CPU where it is not to be had.

    Raises
    ------
    DeviceError
        When the device that was asked for cannot be used.
    Cancelled
        When the progress was cancelled.
    """
    again = _Again(record, progress or Progress(), device)
    results = tuple(again.train(branch) for branch in record.branches)
    changes = _changes(record, again.conditions)
    if changes and not all(result.same for result in results):
        pieces = _Again(record, progress or Progress(), device, by_pieces=True)
        pairs = zip(results, record.branches, strict=True)
        results = tuple(dataclasses.replace(result, rounding=pieces.train(kept).rounding) for result, kept in pairs)
    about = again.computing
    return Verification(results, changes, about.device, about.reason if device in (None, AUTO) else "")


def _changes(record: SessionRecord, now: dict[str, str]) -> tuple[Change, ...]:
    """Return what is another now than at any time when the session was trained."""
    found: dict[str, Change] = {}
    for then in record.made_under:
        for name in (*now, *(name for name in then if name not in now)):
            if then.get(name) != now.get(name):
                found[name] = Change(name, then.get(name, "–"), now.get(name, "–"))
    return tuple(found.values())


class _Again:
    """Trains the branches of a record in their order; a child begins where its parent stood when it was left."""

    def __init__(
        self, record: SessionRecord, progress: Progress, device: str | None, *, by_pieces: bool = False
    ) -> None:
        self._by_pieces = by_pieces
        settings = record.settings
        self._record, self._progress = record, progress
        data = training_data(settings.dataset, settings.network, settings.config)
        wanted = record.computing(device=device)
        self._engine, about = begin(wanted, settings.network, settings.config, data)
        self.computing = about
        self.conditions = conditions(about.engine, about.device, settings.config.dtype, about.threads or 1)
        self._engine.prepare(progress)
        self._course = Course(self._engine, Timeline(), settings.dataset, data)
        self._branches = {branch.number: branch for branch in record.tree()}
        self._forks: dict[tuple[int, Place], EngineState] = {}
        self._done = 0

    def train(self, kept: BranchRecord) -> BranchResult:
        """Train a branch again, and compare it with what was kept of it."""
        branch, course = self._branches[kept.number], self._course
        compared = _Compared(kept, max(change.batches for change in branch.all_changes))
        states = self._states(branch, kept)
        rows: list[NDArray[Any]] = []
        try:
            rows.append(self._begin(branch, kept))
            compared.state(kept.keyframes[0], self._engine.state())
            left = {each.fork for each in self._record.branches if each.parent == kept.number}
            for goal in sorted({*states, *left} - {kept.fork}):
                rows.extend(self._go(goal))
                found = self._engine.state()
                if goal in left:
                    self._forks[kept.number, goal] = found
                for state in states.get(goal, ()):
                    compared.state(state, found)
                    if self._by_pieces:
                        course.put(state)
        except DivergenceError:
            compared.diverged(course.place)
        self._done += kept.end[0] - kept.fork[0]
        compared.records(np.concatenate(rows) if rows else np.zeros(0, RECORD))
        return compared.result()

    def _begin(self, branch: Branch, kept: BranchRecord) -> NDArray[Any]:
        """Bring the engine to the start or the fork of a branch; return the record of its first epoch, if any."""
        course, engine = self._course, self._engine
        if branch.parent is None and kept.fork != (0, 0):
            course.branch = branch
            course.put(kept.keyframes[0])
            self._forks[kept.number, kept.fork] = engine.state()
            return kept.records[:1]
        if branch.parent is None:
            first = kept.changes[0]
            given = None if kept.drawn else kept.keyframes[0].parameters
            course.branch = branch
            course.prepare(start_parameters(first.network, first.config, given), first)
            course.apply(change for change in kept.changes[1:] if change.place == kept.fork)
            self._forks[kept.number, kept.fork] = engine.state()
            return first_record(engine, course.data, self._progress)
        left = self._forks.get((branch.parent.number, kept.fork))
        if left is None:
            raise DivergenceError("its parent did not come so far")
        for emptied in (False, True):
            course.branch = branch.parent
            course.put(self._emptied(left) if emptied else left)
            course.branch = branch
            course.apply(change for change in branch.changes if change.place == branch.fork)
            # An optimizer that was chosen and given up again before the fork leaves no trace but an empty memory.
            if same_state(engine.state(), kept.keyframes[0]):
                break
        self._forks[kept.number, kept.fork] = engine.state()
        return np.zeros(0, dtype=RECORD)

    def _emptied(self, state: EngineState) -> EngineState:
        rule = choices.optimizer(self._course.branch.settings(place_of(state)).config)
        scalars = np.array([*rule.scalars.values()], dtype=np.float64)
        return dataclasses.replace(
            state, updates=0, memory=read_only(np.zeros_like(state.memory)), scalars=read_only(scalars)
        )

    def _go(self, goal: Place) -> Iterator[NDArray[Any]]:
        """Train up to a moment, and return the records of the epochs that are completed on the way."""
        course, engine = self._course, self._engine
        whole = max(1, self._record.epochs)
        while course.place < goal:
            yield course.step(goal, CHUNK_SECONDS)
            if not engine.loss_finite:
                raise DivergenceError("training left the finite numbers")
            done = self._done + course.place[0] - course.branch.fork[0]
            self._progress.report(min(1.0, done / whole), f"{course.branch.name}: epoch {course.place[0]:,}")

    def _states(self, branch: Branch, kept: BranchRecord) -> dict[Place, list[EngineState]]:
        """Return what was kept of a branch by its moments, the moment that is looked at among them."""
        found: dict[Place, list[EngineState]] = {}
        for state in (*kept.keyframes, *(() if kept.tip is kept.keyframes[-1] else (kept.tip,))):
            found.setdefault(place_of(state), []).append(state)
        present = self._record.present
        if self._branches[self._record.current].owner(place_of(present)) is branch:
            found.setdefault(place_of(present), []).append(present)
        return found


class _Compared:
    """Collects in what a branch that was trained again differs from what was kept of it.

    Parameters
    ----------
    kept
        The branch.
    batches
        How many updates an epoch has at most.
    """

    def __init__(self, kept: BranchRecord, batches: int) -> None:
        self._kept, self._batches = kept, batches
        rounded = any(each.config.tf32 and each.config.dtype == "float32" for each in kept.changes)
        self._factor_epsilon = _TF32_EPSILON if rounded else 0.0
        self._moments, self._since = 0, kept.fork
        self._rounding = True
        self._parameter = self._loss = 0.0
        self._differs_at: list[Place] = []

    def state(self, kept: EngineState, found: EngineState) -> None:
        """Compare a moment."""
        since, self._since = self._since, place_of(kept)
        self._moments += 1
        if same_state(kept, found):
            return
        self._differs_at.append(place_of(kept))
        apart = np.abs(kept.parameters.astype(np.float64) - found.parameters.astype(np.float64))
        largest = float(apart.max(initial=0.0))
        self._parameter = max(self._parameter, largest)
        updates = 1 + (kept.epoch - since[0]) * self._batches + kept.item
        scale = max(1.0, float(np.abs(kept.parameters).max(initial=0.0)))
        epsilon = max(float(np.finfo(kept.parameters.dtype).eps), self._factor_epsilon)
        self._rounding = self._rounding and largest <= _ROUNDINGS * epsilon * scale * updates

    def records(self, found: NDArray[Any]) -> None:
        """Compare the scalars of the epochs."""
        kept = self._kept.records
        count = min(len(kept), len(found))
        found = found.copy()
        for name in ("gradient_norm", "weight_norm"):  # files from before they were kept do not know them
            found[name][:count][np.isnan(kept[name][:count])] = np.nan
        pairs = zip(kept["epoch"].tolist(), kept, found, strict=False)
        other = next((epoch for epoch, one, two in pairs if one.tobytes() != two.tobytes()), None)
        if other is not None:
            self._differs_at.append((other, 0))
        for name in ("train_loss", "test_loss"):
            with np.errstate(invalid="ignore"):
                apart = np.abs(kept[name][:count] - found[name][:count])
            self._loss = max(self._loss, float(np.fmax.reduce(apart, initial=0.0)))

    def diverged(self, place: Place) -> None:
        """Note that training left the finite numbers, or that there was nothing to go on from."""
        self._differs_at.append(place)
        self._parameter = self._loss = math.inf
        self._rounding = False

    def result(self) -> BranchResult:
        """Return what was found."""
        kept = self._kept
        return BranchResult(
            kept.number,
            kept.name,
            kept.end[0] - kept.fork[0],
            self._moments,
            not self._differs_at,
            self._parameter,
            self._loss,
            self._rounding,
            min(self._differs_at, default=None),
        )
