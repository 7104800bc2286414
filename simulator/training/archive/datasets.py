"""The data sets of a session: each with its recipe and its rows, their raw tables inside the file or by path."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data import Dataset, Recipe, RecipeChoices, Report, assemble, read_table
from simulator.data.complete import copies_count
from simulator.data.stored import json_count
from simulator.errors import DatasetError, ExportError, SessionFileError
from simulator.interchange.tensor_streams import Tensor
from simulator.progress import Progress
from simulator.training.archive.members import check_memory
from simulator.training.archive.states import DAMAGED
from simulator.training.archive.table import path_of, read_inside, read_path, read_source, source_of, table_inside

_READING = ("delimiter", "decimal", "thousands", "header", "sheet", "ragged")
"""The choices that decide which table a file gives."""


@dataclasses.dataclass(frozen=True)
class DatasetDocument:
    """A data set without its numbers; `where` says where its table is."""

    name: str
    recipe: Recipe
    report: Report
    where: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Stored:
    """What a session file holds of its data sets.

    Attributes
    ----------
    described
        What `session.json` says of each, JSON values.
    tables
        What `data.json` says of every table that is inside.
    tensors
        What `data.safetensors` holds: the columns of the tables, and the rows of the data sets.
    """

    described: list[dict[str, Any]]
    tables: list[dict[str, Any]]
    tensors: dict[str, Tensor]


def store(datasets: Sequence[Dataset], data: str, progress: Progress) -> Stored:
    """Return data sets as a file holds them; a table that several of them share, or have alike, is there once.

    Parameters
    ----------
    data
        "inside", or "path" for the path of the file where it gives the table back.

    Raises
    ------
    ExportError
        When paths are wished for and no data set has a file, or a file cannot be read any more.
    """
    if data == "path" and all(dataset.path is None for dataset in datasets):
        raise ExportError(
            f"the data set {datasets[0].name} has no file that a path could name",
            "Save the session with the data inside.",
        )
    stored, shelf, files = Stored([], [], {}), _Shelf(datasets), _Files(progress)
    for nth, dataset in enumerate(datasets):
        named = files.path_of(dataset) if data == "path" and dataset.path is not None else None
        if named is not None and files.give_back(dataset):
            where = {"kind": "path", **named}
        else:
            where = {"kind": "inside", **source_of(dataset), "table": shelf.place(dataset.raw, stored)}
        about = {"recipe": dataset.recipe.to_json(), "report": dataset.report.to_json()}
        stored.described.append({"name": dataset.name, **where, **about})
        rows = {"train_rows": dataset.train_rows, "test_rows": dataset.test_rows}
        stored.tensors.update({f"data.{nth}.{name}": Tensor.of(array) for name, array in rows.items()})
    return stored


class _Shelf:
    """Where the tables stand that were stored already."""

    def __init__(self, datasets: Sequence[Dataset]) -> None:
        self._several = len({id(dataset.raw) for dataset in datasets}) > 1
        self._by_object: dict[int, int] = {}
        self._by_content: dict[bytes, int] = {}

    def place(self, frame: pd.DataFrame, stored: Stored) -> int:
        """Return the number of a table, after storing it where it is a new one."""
        if id(frame) not in self._by_object:
            self._by_object[id(frame)] = self._stored(frame, stored)
        return self._by_object[id(frame)]

    def _stored(self, frame: pd.DataFrame, stored: Stored) -> int:
        described, tensors = table_inside(frame)
        number = len(stored.tables)
        if self._several:
            known = self._by_content.setdefault(_content(described, tensors), number)
            if known < number:
                return known
        stored.tables.append(described)
        stored.tensors.update({f"table.{number}.{name}": tensor for name, tensor in tensors.items()})
        return number


def _content(described: dict[str, Any], tensors: Mapping[str, Tensor]) -> bytes:
    found = hashlib.sha256(json.dumps(described).encode())
    for tensor in tensors.values():
        found.update(str(tensor.dtype).encode())
        for piece in tensor.pieces:
            found.update(np.ascontiguousarray(piece).data)
    return found.digest()


class _Files:
    """What the files of data sets are and hold now; the table that was read last is remembered."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._known: dict[Path | None, dict[str, Any]] = {}
        self._read: tuple[object, pd.DataFrame | None] = (None, None)

    def path_of(self, dataset: Dataset) -> dict[str, Any]:
        """Return which file a data set comes from (see `simulator.training.archive.table.path_of`)."""
        if dataset.path not in self._known:
            self._known[dataset.path] = path_of(dataset, self._progress)
        return self._known[dataset.path]

    def give_back(self, dataset: Dataset) -> bool:
        """Return whether the table of a data set is still what its file gives: drawn or edited rows stand nowhere."""
        assert dataset.path is not None
        which = dataset.path, _reading(dataset.choices)
        if self._read[0] != which:
            try:
                self._read = which, read_table(dataset.path, self._progress, dataset.choices).frame
            except DatasetError:
                self._read = which, None
        frame = self._read[1]
        return frame is not None and dataset.raw.equals(frame)


def _reading(choices: RecipeChoices) -> tuple[object, ...]:
    return tuple(getattr(choices, name) for name in _READING)


def read_stored(
    documents: Sequence[DatasetDocument],
    tables: Any,
    tensors: dict[str, NDArray[Any]],
    folder: Path,
    given: Path | None,
    progress: Progress,
) -> tuple[Dataset, ...]:
    """Read what `store` made; its tensors are taken out.

    Parameters
    ----------
    folder, given
        Where the session file lies, and where the user says that the data lies (see `read_path`).

    Raises
    ------
    SessionFileError
        When it is something else.
    SessionDataError
        When a file that a path names is not there, or not the same.
    """
    parts = _grouped(tensors)
    frames = [read_inside(table, parts.get(("table", nth), {})) for nth, table in enumerate(tables)]
    inside = [json_count(each.where["table"]) for each in documents if each.where["kind"] != "path"]
    if {*inside} != {*range(len(frames))}:
        raise SessionFileError("the tables are not those of the data sets", DAMAGED)
    check_memory(sum(_bytes(each.recipe, parts["data", nth]) for nth, each in enumerate(documents)))
    alone = len({each.where["sha256"] for each in documents if each.where["kind"] == "path"}) < 2
    read: dict[object, tuple[pd.DataFrame, Path]] = {}
    found: list[Dataset] = []
    for nth, document in enumerate(documents):
        where, choices = document.where, document.recipe.choices
        if where["kind"] == "path":
            which = where["sha256"], _reading(choices)
            if which not in read:
                read[which] = read_path(where, choices, folder, given, progress, alone=alone)
            frame, path = read[which]
        else:
            frame, path = frames[where["table"]], read_source(where)
        found.append(_assembled(document, frame, path, parts.pop(("data", nth)), progress))
    if any(parts.values()):  # what is read is taken out
        raise SessionFileError("there are tables or rows that belong to nothing", DAMAGED)
    return tuple(found)


def _grouped(tensors: dict[str, NDArray[Any]]) -> dict[tuple[str, int], dict[str, NDArray[Any]]]:
    """Take the tensors out, by whose they are and the rest of their names; one of another name stays."""
    found: dict[tuple[str, int], dict[str, NDArray[Any]]] = {}
    for name in list(tensors):
        kind, _, rest = name.partition(".")
        number, _, rest = rest.partition(".")
        if kind in ("table", "data") and number.isdecimal() and len(number) < 10 and rest:
            found.setdefault((kind, int(number)), {})[rest] = tensors.pop(name)
    return found


def of_version_1(table: Any, tensors: dict[str, NDArray[Any]]) -> tuple[list[Any], dict[str, NDArray[Any]]]:
    """Return what a file of the first version holds of its one data set as `read_stored` wants it."""
    owner = {"train_rows": "data.0", "test_rows": "data.0"}
    renamed = {f"{owner.get(name, 'table.0')}.{name}": tensor for name, tensor in tensors.items()}
    return [] if table is None else [table], renamed


def _bytes(recipe: Recipe, rows: Mapping[str, NDArray[Any]]) -> int:
    return (rows["train_rows"].size + rows["test_rows"].size) * (recipe.inputs + recipe.outputs) * 8


def _assembled(
    document: DatasetDocument,
    frame: pd.DataFrame,
    path: Path | None,
    tensors: dict[str, NDArray[Any]],
    progress: Progress,
) -> Dataset:
    count = len(frame) + copies_count(len(frame), document.recipe.choices.duplicates)
    rows = _rows(tensors, "train_rows", count), _rows(tensors, "test_rows", count)
    if not len(rows[0]) or np.intersect1d(*rows).size or tensors:
        raise SessionFileError("rows for training and for testing are not told apart", DAMAGED)
    dataset = assemble(document.name, frame, document.recipe, rows, document.report, path, progress)
    for array in (dataset.X_train, dataset.X_test, dataset.Y_train, dataset.Y_test):
        if not np.isfinite(array).all():
            raise SessionFileError("the data holds values that are missing", DAMAGED)
    return dataset


def _rows(tensors: dict[str, NDArray[Any]], name: str, count: int) -> NDArray[np.int64]:
    rows = tensors.pop(name)
    if rows.ndim != 1 or rows.dtype != np.int64 or (np.diff(rows) <= 0).any():
        raise SessionFileError(f"{name} are no rising rows", DAMAGED)
    if len(rows) and not 0 <= rows[0] <= rows[-1] < count:
        raise SessionFileError(f"{name} are rows that the table does not have", DAMAGED)
    return rows
