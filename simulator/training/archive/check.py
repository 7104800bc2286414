"""Whether the parts of a session that was read go together, so that no engine meets what it does not expect."""

import itertools
import math

import numpy as np

from simulator.engines import EVALUATION_ROWS, EngineState
from simulator.errors import SessionFileError
from simulator.nn import choices
from simulator.training.archive.states import DAMAGED
from simulator.training.preparation import check_width
from simulator.training.session_record import SessionRecord
from simulator.training.timeline import MOST_EPOCHS, Branch, Change, place_of

_MOST_UPDATES = 2**62
_SUMS = 4


def check_record(record: SessionRecord) -> None:
    """Refuse a record whose branches, settings, states and data do not fit one another.

    Raises
    ------
    SessionFileError
        For the first thing that does not.
    """
    settings = record.settings
    for each in record.branches:
        begun = each.parent is None and each.fork != (0, 0)
        if begun and (each.drawn or not 0 <= each.fork[0] <= MOST_EPOCHS):
            raise SessionFileError(f"the branch {each.name[:60]!r} cannot begin where it does", DAMAGED)
    if len({dataset.task for dataset in record.datasets}) > 1:
        raise SessionFileError("the data sets are for different tasks", DAMAGED)
    for dataset in record.datasets:
        check_width(dataset, settings.network)
    branches = {branch.number: branch for branch in record.tree()}
    for branch in branches.values():
        _check_changes(branch, settings)
        _check_moments(branch)
        for state in (*branch.keyframes, branch.tip):
            _check_state(branch, state)
    looked_at = branches.get(record.current)
    if looked_at is None or place_of(record.present) > looked_at.end:
        raise SessionFileError("the moment that is looked at belongs to no branch", DAMAGED)
    _check_state(looked_at, record.present)
    holds = looked_at.settings(place_of(record.present))
    size = holds.config.batch_size
    rows = min(size, len(holds.dataset.X_train) - record.present.item * size)
    if not 0 <= record.row < max(1, rows):
        raise SessionFileError(f"the batch that is looked at has no row {record.row}", DAMAGED)


def _check_changes(branch: Branch, start: Change) -> None:
    """Check that settings follow one another as a run permits it."""
    first, place = branch.changes[0], branch.fork
    if first.place != place or first.asked != place:
        raise _wrong(branch, "does not begin where its first settings do")
    if branch.parent is not None and place > branch.parent.end:
        raise _wrong(branch, "leaves another one after its end")
    before = branch.parent.settings(place) if branch.parent is not None else first
    for change in branch.changes:
        fixed = (start.network.shapes, start.config.dtype, branch.changes[0].config.seed)
        if (change.network.shapes, change.config.dtype, change.config.seed) != fixed:
            raise _wrong(branch, "changes what cannot change while a run goes on")
        if change.place < before.place or change.asked > change.place:
            raise _wrong(branch, "has settings in the wrong order")
        if change.item > 0 and change.config.batch_size != before.config.batch_size:
            raise _wrong(branch, "changes the batch size in the middle of an epoch")
        if change.item > 0 and change.dataset is not before.dataset:
            raise _wrong(branch, "changes the data in the middle of an epoch")
        before = change
    if branch.parent is not None and first.config.seed != branch.parent.changes[0].config.seed:
        raise _wrong(branch, "has another seed than what it left")


def _check_moments(branch: Branch) -> None:
    places = [place_of(state) for state in branch.keyframes]
    if any(one >= two for one, two in itertools.pairwise(places)) or places[-1] > branch.end:
        raise _wrong(branch, "has its moments in the wrong order")
    if len(branch.history) != branch.end[0] + 1:
        raise _wrong(branch, "has not one record an epoch")


def _check_state(branch: Branch, state: EngineState) -> None:
    """Check a state against the settings that held: an engine takes it as it is."""
    change = branch.settings(place_of(state))
    network, config = change.network, change.config
    optimizer, dtype, count = choices.optimizer(config), np.dtype(config.dtype), network.parameter_count
    items = change.batches + math.ceil(len(change.dataset.X_test) / EVALUATION_ROWS)
    if not (0 <= state.item < items and state.epoch >= 0 and 0 <= state.updates < _MOST_UPDATES):
        raise _wrong(branch, f"has no moment {state.item} of epoch {state.epoch}")
    shapes = {
        "parameters": (count,),
        "memory": (len(optimizer.memory), count),
        "scalars": (len(optimizer.scalars),),
        "sums": (_SUMS,),
        "frozen": (count,),
        "held": (sum(network.sizes[:-1]),),
    }
    for name, shape in shapes.items():
        array = getattr(state, name)
        if array is None:
            continue
        if array.shape != shape:
            raise _wrong(branch, f"holds {name} of the shape {array.shape}, and needs {shape}")
        if name in ("parameters", "memory", "held") and array.dtype != dtype:
            raise _wrong(branch, f"holds {name} as {array.dtype}, and needs {dtype}")
        if name in ("parameters", "memory", "scalars") and not np.isfinite(array).all():
            raise _wrong(branch, f"holds {name} that are not finite numbers")
    if not math.isfinite(state.learning_rate):
        raise _wrong(branch, "holds a learning rate that is no finite number")


def _wrong(branch: Branch, what: str) -> SessionFileError:
    return SessionFileError(f"the branch {branch.name[:60]!r} {what}", DAMAGED)
