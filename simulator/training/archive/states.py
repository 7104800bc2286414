"""Engine states and records as tensors, and back: rows of states of one kind lie together in a block."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines import EngineState
from simulator.engines.engine import read_only
from simulator.errors import SessionFileError
from simulator.interchange.tensor_streams import Tensor
from simulator.snapshot import RECORD

DAMAGED = "The file is damaged or was changed by hand: take a copy of it, if there is one."
_FIGURES = tuple(name for name in RECORD.names or () if name != "epoch")
_FIGURES_BEFORE_VERSION_3 = 5
_ARRAYS = ("parameters", "memory", "scalars", "sums")
_NUMBERS = ("learning_rate", "gradient_norm")
_PLACES = 3


def state_tensors(prefix: str, states: Sequence[EngineState]) -> dict[str, Tensor]:
    """Return states, in their order, as tensors whose names begin with a prefix."""
    tensors: dict[str, Tensor] = {}
    for nth, (_, group) in enumerate(itertools.groupby(states, _kind)):
        block, name = list(group), f"{prefix}.{nth}"
        for field in _ARRAYS:
            tensors[f"{name}.{field}"] = Tensor.stacked([getattr(state, field) for state in block])
        places = np.array([(state.epoch, state.item, state.updates) for state in block], dtype=np.int64)
        tensors[f"{name}.places"] = Tensor.of(places)
        for field in _NUMBERS:
            tensors[f"{name}.{field}"] = Tensor.of(np.array([getattr(state, field) for state in block]))
        if block[0].frozen is not None:
            masks = [state.frozen for state in block if state.frozen is not None]
            tensors[f"{name}.frozen"] = Tensor.stacked([mask.view(np.uint8) for mask in masks])
        if block[0].held is not None:
            tensors[f"{name}.held"] = Tensor.stacked([state.held for state in block if state.held is not None])
    return tensors


def read_states(prefix: str, tensors: dict[str, NDArray[Any]]) -> list[EngineState]:
    """Take the states of a prefix out of the tensors; those of files before version 3 know no norm of a gradient.

    Raises
    ------
    SessionFileError
        When there are none, or their tensors do not go together.
    """
    found: list[EngineState] = []
    for nth in itertools.count():
        name = f"{prefix}.{nth}"
        if f"{name}.places" not in tensors:
            break
        found += _block(name, tensors)
    if not found:
        raise SessionFileError(f"the states of {prefix} are missing", DAMAGED)
    return found


def record_tensor(records: NDArray[Any]) -> Tensor:
    """Return records as one tensor (figures, epochs): the epochs' numbers follow from their order."""
    return Tensor.stacked([np.ascontiguousarray(records[name]) for name in _FIGURES])


def read_records(array: NDArray[Any], first: int) -> NDArray[Any]:
    """Return records from epoch `first` on; what files before version 3 do not know is NaN.

    Raises
    ------
    SessionFileError
        When they are something else.
    """
    known = len(array) if array.ndim == 2 else 0
    if known not in (_FIGURES_BEFORE_VERSION_3, len(_FIGURES)) or array.dtype != np.float64:
        raise SessionFileError("the records of a branch are not what they should be", DAMAGED)
    records = np.zeros(array.shape[1], dtype=RECORD)
    records["epoch"] = np.arange(first, first + array.shape[1])
    for place, name in enumerate(_FIGURES):
        records[name] = array[place] if place < known else np.nan
    return read_only(records)


def _kind(state: EngineState) -> tuple[object, ...]:
    """Return what states of one block have in common."""
    return state.memory.shape, state.scalars.shape, state.frozen is None, state.held is None


def _block(name: str, tensors: dict[str, NDArray[Any]]) -> Iterator[EngineState]:
    places = tensors.pop(f"{name}.places")
    if places.ndim != 2 or places.shape[1] != _PLACES or places.dtype != np.int64:
        raise SessionFileError(f"{name}.places are no moments", DAMAGED)
    count = len(places)
    tensors.setdefault(f"{name}.gradient_norm", np.full(count, np.nan))
    parts = {field: _rows(f"{name}.{field}", tensors, count) for field in (*_ARRAYS, *_NUMBERS)}
    if any(parts[field].dtype != np.float64 for field in ("scalars", "sums", *_NUMBERS)):
        raise SessionFileError(f"the numbers of {name} have another format than they should", DAMAGED)
    for field in _NUMBERS:
        if parts[field].ndim != 1:
            raise SessionFileError(f"{name}.{field} is not one number a moment", DAMAGED)
    options: Mapping[str, NDArray[Any]] = {
        field: _rows(f"{name}.{field}", tensors, count) for field in ("frozen", "held") if f"{name}.{field}" in tensors
    }
    frozen = options.get("frozen")
    for nth, (epoch, item, updates) in enumerate(places.tolist()):
        yield EngineState(
            epoch,
            item,
            updates,
            parts["parameters"][nth],
            parts["memory"][nth],
            parts["scalars"][nth],
            parts["sums"][nth],
            float(parts["learning_rate"][nth]),
            None if frozen is None else read_only(frozen[nth] != 0),
            options["held"][nth] if "held" in options else None,
            float(parts["gradient_norm"][nth]),
        )


def _rows(name: str, tensors: dict[str, NDArray[Any]], count: int) -> NDArray[Any]:
    array = tensors.pop(name, None)
    if array is None or array.ndim < 1 or len(array) != count:
        raise SessionFileError(f"{name} is missing, or has another length than it should", DAMAGED)
    return array
