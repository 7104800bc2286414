"""What a session remembers of its runs: a tree of branches with their settings, records and keyframes."""

import bisect
import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence

from simulator.data import Dataset
from simulator.engines import EngineState
from simulator.snapshot import Floats
from simulator.spec import NetworkSpec, TrainingConfig
from simulator.training.history import History

Place = tuple[int, int]
"""How many epochs are complete, and how many work items of the next one are done."""

MOST_EPOCHS = 10_000_000
"""From a later epoch no run begins: a file could ask for any memory with one number."""

BUDGET_BYTES = 256_000_000
"""How much memory the keyframes of a session take at most, unless it is told otherwise."""

_LEAST_SECONDS, _MOST_SECONDS = 0.01, 0.25
_COPIES = 50.0
"""So many times what copying a state takes lies between two keyframes at least: they cost two percent."""


@dataclasses.dataclass(frozen=True)
class Change:
    """Settings and data, and from which moment they hold.

    Attributes
    ----------
    epoch, item
        How many epochs, and how many work items of the next one, are done when they begin to hold.
    network, config, dataset
        What holds from then on.
    asked
        When they were asked for: a new batch size and other data wait for the next epoch.
    """

    epoch: int
    item: int
    network: NetworkSpec
    config: TrainingConfig
    dataset: Dataset
    asked: Place

    @property
    def place(self) -> Place:
        """The moment from which they hold."""
        return self.epoch, self.item

    @property
    def batches(self) -> int:
        """How many batches an epoch has that begins under them."""
        return -(-len(self.dataset.X_train) // self.config.batch_size)

    def is_like(self, other: "Change") -> bool:
        """Return whether the same holds, whenever that begins."""
        mine, others = ((each.network, each.config) for each in (self, other))
        return mine == others and self.dataset is other.dataset


class Branch:
    """A line of training: what happened from the moment on at which it left its parent.

    Attributes
    ----------
    number, name
        Its place in the tree, which never changes, and what people call it.
    parent
        What it left; None for a run from start weights, or from a model.
    fork
        When it left its parent; without one (0, 0), or where the run begins that goes on from a model.
    changes
        The settings in the order in which they hold; the first hold from `fork` on.
    keyframes
        Whole states in the order of their moments; the first is that of the fork, which is never thinned out.
    history
        The scalars of every epoch; those before `fork` are the parent's.
    tip
        The newest state.
    drawn
        Whether its run began with the weights that the seed draws.
    """

    def __init__(
        self,
        number: int,
        name: str,
        tip: EngineState,
        changes: Sequence[Change],
        history: History,
        parent: "Branch | None" = None,
        drawn: bool = True,
    ) -> None:
        self.number, self.name, self.parent = number, name, parent
        self.fork = place_of(tip)
        self.changes = list(changes)
        self.keyframes = [tip]
        self.history = history
        self.tip = tip
        self.drawn = drawn

    @property
    def root(self) -> "Branch":
        """The run that it belongs to: the last of its line."""
        return list(self.line)[-1]

    @property
    def start(self) -> Floats:
        """The start weights of its run, (parameter_count,)."""
        return self.root.keyframes[0].parameters

    @property
    def first(self) -> Place:
        """The first moment of its run: before it there is nothing to go to."""
        return self.root.fork

    @property
    def end(self) -> Place:
        """How far it was trained."""
        return place_of(self.tip)

    @property
    def line(self) -> Iterator["Branch"]:
        """The branch, its parent, and so on up to a start."""
        branch: Branch | None = self
        while branch is not None:
            yield branch
            branch = branch.parent

    def owner(self, place: Place) -> "Branch":
        """Return who of its line was trained at a moment; a fork belongs to the younger one."""
        return next(branch for branch in self.line if branch.parent is None or branch.fork <= place)

    @property
    def all_changes(self) -> list[Change]:
        """The settings of its whole line, in the order in which they hold."""
        if self.parent is None:
            return self.changes
        before = (each for each in self.parent.all_changes if each.place < self.fork and each.asked < self.fork)
        return [*before, *self.changes]

    def settings(self, place: Place) -> Change:
        """Return the settings that hold at a moment."""
        changes = self.all_changes
        return changes[max(0, bisect.bisect_right(changes, place, key=lambda change: change.place) - 1)]

    def wanted(self, place: Place) -> Change:
        """Return the settings that had been asked for at a moment, whether they held already or not."""
        return next((each for each in reversed(self.all_changes) if each.asked <= place), self.all_changes[0])

    def next_change(self, place: Place) -> Change | None:
        """Return the settings that begin to hold first after a moment."""
        return next((each for each in self.all_changes if each.place > place), None)

    def change(self, *changes: Change) -> None:
        """Take settings that are asked for at the end of the branch; those that still wait are given up."""
        first = changes[0]
        self.changes = [*_that_stay(self.changes, first), *changes]

    def give_up(self, change: Change) -> None:
        """Forget settings that waited, and cannot hold."""
        self.changes = [each for each in self.changes if each is not change]

    def nearest(self, place: Place) -> EngineState:
        """Return the last state that is kept at or before a moment that is not before the fork."""
        if self.end <= place:
            return self.tip
        return self.keyframes[max(0, bisect.bisect_right(self.keyframes, place, key=place_of) - 1)]

    def kept_after(self, place: Place) -> EngineState | None:
        """Return the first state on its way that is kept after a moment; None where there is none before its end."""
        found: EngineState | None = None
        until = self.end
        for branch in self.line:
            nth = bisect.bisect_right(branch.keyframes, place, key=place_of)
            if nth < len(branch.keyframes) and place_of(branch.keyframes[nth]) <= until:
                found = branch.keyframes[nth]
            until = branch.fork
        return found


class Timeline:
    """The branches of a session, and how many keyframes they may keep.

    Attributes
    ----------
    branches
        By their numbers.
    budget
        How many bytes the keyframes take at most; the forks are kept in any case.
    """

    def __init__(self, budget: int = BUDGET_BYTES) -> None:
        self.branches: dict[int, Branch] = {}
        self.budget = budget
        self._numbers = itertools.count()
        self._spacing = _LEAST_SECONDS
        self._worked = 0.0
        self._bytes = 0

    @property
    def bytes(self) -> int:
        """How much memory the keyframes take."""
        return self._bytes

    def begin(
        self, name: str, tip: EngineState, changes: Sequence[Change], history: History, drawn: bool = True
    ) -> Branch:
        """Add a run from start weights."""
        number = next(self._numbers)
        return self._add(Branch(number, name or f"run {number + 1}", tip, changes, history, drawn=drawn))

    def leave(self, parent: Branch, name: str, tip: EngineState, changes: Sequence[Change]) -> Branch:
        """Add a branch that leaves another one at the moment of a state."""
        inherited = parent.history.until(tip.epoch + 1)
        number = next(self._numbers)
        return self._add(Branch(number, name or f"branch {number + 1}", tip, changes, inherited, parent, parent.drawn))

    def adopt(self, branches: Sequence[Branch]) -> None:
        """Take over branches that were trained before, in the order of their numbers, in place of all others."""
        self.branches = {branch.number: branch for branch in branches}
        self._numbers = itertools.count(max(self.branches) + 1)
        self._bytes = sum(size_of(state) for branch in branches for state in branch.keyframes)
        self._worked = 0.0
        self.limit(self.budget)

    def limit(self, budget: int) -> None:
        """Let keyframes take so many bytes at most from now on; those that are too many are thinned out."""
        self.budget = budget
        while self._bytes > self.budget and self._thin():
            self._spacing *= 2.0

    def _add(self, branch: Branch) -> Branch:
        self.branches[branch.number] = branch
        self._bytes += size_of(branch.tip)
        self._worked = 0.0
        return branch

    def tidy(self, branch: Branch) -> None:
        """Forget a branch that was left before anything was trained on it."""
        children = any(each.parent is branch for each in self.branches.values())
        if branch.parent is not None and branch.end == branch.fork and not children:
            self._bytes -= sum(size_of(state) for state in branch.keyframes)
            del self.branches[branch.number]

    def due(self, seconds: float) -> bool:
        """Count work, and return whether it is time for another keyframe."""
        self._worked += seconds
        return self._worked >= self._spacing

    def keep(self, branch: Branch, state: EngineState, took: float = 0.0) -> None:
        """Keep a state, which took so many seconds to copy, as a keyframe; thin them out when there are too many."""
        self._worked = 0.0
        nth = bisect.bisect_left(branch.keyframes, place_of(state), key=place_of)
        known = nth < len(branch.keyframes) and place_of(branch.keyframes[nth]) == place_of(state)
        self._bytes += size_of(state) - (size_of(branch.keyframes[nth]) if known else 0)
        branch.keyframes[nth : nth + known] = [state]
        self._spacing = max(self._spacing, min(_MOST_SECONDS, _COPIES * took))
        while self._bytes > self.budget and self._thin():
            self._spacing *= 2.0

    def cut(self, branch: Branch, state: EngineState) -> None:
        """Let a branch end at an earlier state."""
        place = place_of(state)
        branch.tip = state
        last = bisect.bisect_right(branch.keyframes, place, key=place_of)
        self._bytes -= sum(size_of(each) for each in branch.keyframes[last:])
        del branch.keyframes[last:]
        branch.changes = [change for change in branch.changes if change.asked <= place or change is branch.changes[0]]
        branch.history.cut(state.epoch + 1)

    def _thin(self) -> bool:
        """Forget every other keyframe; return whether there was one."""
        found = False
        for branch in self.branches.values():
            found = found or len(branch.keyframes) > 1
            self._bytes -= sum(size_of(state) for state in branch.keyframes[1::2])
            branch.keyframes[1:] = branch.keyframes[2::2]
        return found


def _that_stay(changes: Iterable[Change], new: Change) -> Iterator[Change]:
    """Yield the changes that are still to be made when the run is repeated, now that another one was asked for.

    What was replaced before any update was made with it had no effect, unless it emptied the optimizer's memory; its
    data is forgotten in any case.
    """
    for each in changes:
        if each.place < new.place and each.place <= new.asked:
            yield each
        elif each.place == new.place and each.config.optimizer.name != new.config.optimizer.name:
            yield dataclasses.replace(each, dataset=new.dataset)


def place_of(state: EngineState) -> Place:
    """Return the moment of a state."""
    return state.epoch, state.item


def size_of(state: EngineState) -> int:
    """Return how many bytes a state takes, about."""
    arrays = (state.parameters, state.memory, state.scalars, state.sums, state.frozen, state.held)
    return 256 + sum(0 if array is None else array.nbytes for array in arrays)
