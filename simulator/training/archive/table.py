"""The data of a session: the raw table inside the file, or the path of a file with its SHA-256."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data import BUNDLED, Dataset, RecipeChoices, read_table
from simulator.data.stored import json_count, json_names, json_text
from simulator.errors import DatasetError, ExportError, ModelFileError, SessionDataError, SessionFileError
from simulator.interchange.tensor_streams import Tensor
from simulator.interchange.whole_files import open_regular, printable
from simulator.progress import Progress
from simulator.training.archive.states import DAMAGED

_PIECE = 2**20
_WHOLE = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64)
_NUMBERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64")


def table_inside(frame: pd.DataFrame) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return a raw table as JSON values and tensors, without any loss.

    A column of numbers is a tensor, whole numbers in the shortest format that holds them; a column of texts is a list
    of its different texts and a tensor of their places in it, −1 where one is missing.
    """
    described: list[dict[str, Any]] = []
    tensors: dict[str, Tensor] = {}
    for place, name in enumerate(frame.columns):
        column = frame.iloc[:, place]
        if column.dtype.kind in "iuf":
            values = column.to_numpy()
            known = values.dtype if values.dtype.name in _NUMBERS else np.dtype(np.float64)
            described.append({"name": str(name), "kind": known.name})
            tensors[f"column.{place}"] = Tensor.of(_shortest(values.astype(known, copy=False)))
        else:
            codes, texts = pd.factorize(column.astype(object))
            described.append({"name": str(name), "kind": "text", "texts": [str(text) for text in texts]})
            tensors[f"column.{place}"] = Tensor.of(_shortest(codes))
    return {"rows": len(frame), "columns": described}, tensors


def read_inside(value: Mapping[str, Any], tensors: dict[str, NDArray[Any]]) -> pd.DataFrame:
    """Read what `table_inside` made.

    Raises
    ------
    SessionFileError
        When it is something else.
    """
    rows, columns = json_count(value["rows"]), value["columns"]
    names = json_names([each["name"] for each in columns])
    made: dict[str, Any] = {}
    for place, (name, each) in enumerate(zip(names, columns, strict=True)):
        array = tensors.pop(f"column.{place}", None)
        if array is None or array.shape != (rows,):
            raise SessionFileError(f"the column {name[:60]!r} has not as many rows as the table", DAMAGED)
        made[name] = _text_column(name, each, array) if each["kind"] == "text" else _number_column(name, each, array)
    return pd.DataFrame(made)


def path_of(dataset: Dataset, progress: Progress) -> dict[str, Any]:
    """Return where the file of a data set lies and which it is, as JSON values.

    Raises
    ------
    ExportError
        When the data set has no file, or it cannot be read any more.
    """
    if dataset.path is None:
        raise ExportError(
            f"the data set {dataset.name} has no file that a path could name", "Save the session with the data inside."
        )
    try:
        digest, size = _digest(dataset.path, progress)
    except ModelFileError as error:
        raise ExportError(error.message, "Save the session with the data inside.") from error
    return {**source_of(dataset), "size": size, "sha256": digest}


def source_of(dataset: Dataset) -> dict[str, Any]:
    """Return where a data set came from, as JSON values: the path of its file, and the bundled set's name if it is one.

    A bundled set lies elsewhere on every machine.
    """
    bundled = next((name for name, row in BUNDLED.items() if row.path == dataset.path), None)
    return {"path": None if dataset.path is None else str(dataset.path.absolute()), "bundled": bundled}


def read_source(value: Mapping[str, Any]) -> Path | None:
    """Read what `source_of` returned; nothing is looked for."""
    bundled = BUNDLED.get(str(value["bundled"]))
    if bundled is not None:
        return bundled.path
    return None if value["path"] is None else Path(json_text(value["path"]))


def read_path(
    value: Mapping[str, Any],
    choices: RecipeChoices,
    folder: Path,
    given: Path | None,
    progress: Progress,
    *,
    alone: bool = True,
) -> tuple[pd.DataFrame, Path]:
    """Read the table that a session file names.

    Parameters
    ----------
    value
        What `path_of` returned.
    choices
        How it was read.
    folder
        Where the session file lies: a data file beside it is found too.
    given
        Where the user says that the data lies; None to look where it lay.
    progress
        What is told how far it is; it can cancel.
    alone
        Whether the session has no other file, so that `given` must be this one.

    Raises
    ------
    SessionDataError
        When there is no such file, or none with the same content.
    """
    named, size, sha256 = json_text(value["path"]), json_count(value["size"]), json_text(value["sha256"])
    name = named.replace("\\", "/").rsplit("/", 1)[-1]
    bundled = BUNDLED.get(str(value["bundled"]))
    told = [] if given is None else [given] if alone else [given, given.with_name(name)]
    lay = [*([bundled.path] if bundled else []), *_local(named), folder / name]
    places = told if told and alone else [*told, *lay]
    other = None
    for path in places:
        try:
            with open_regular(path) as (_, found):
                same = found == size
            if same and _digest(path, progress)[0] == sha256:
                return read_table(path, progress, choices).frame, path
            other = other or path
        except ModelFileError:
            continue  # it does not lie here
        except DatasetError as error:
            raise SessionFileError(f"the data of this session cannot be read: {error}", error.hint) from error
    if other is not None:
        raise SessionDataError(
            f"{printable(other)} is not the file that this session was trained on: its content is another",
            "Find the file as it was, or open that file as a new data set.",
        )
    raise SessionDataError(
        f"the data of this session is not there: {printable(named)}",
        f"Put {printable(name, 80)} beside the session file, or say where it is.",
    )


def _local(named: str) -> list[Path]:
    """Return the path itself, unless it leads to another computer: a file's word is not enough to go there."""
    return [] if named.replace("\\", "/").startswith("//") else [Path(named)]


def _digest(path: Path, progress: Progress) -> tuple[str, int]:
    found, done = hashlib.sha256(), 0
    with open_regular(path) as (file, size):
        while piece := file.read(_PIECE):
            found.update(piece)
            done += len(piece)
            progress.report(min(1.0, done / max(1, size)), "looking whether the data is the same")
    return found.hexdigest(), size


def _shortest(values: NDArray[Any]) -> NDArray[Any]:
    """Return whole numbers in the shortest format that holds them, others as they are."""
    if values.dtype.kind == "f":
        return values
    lowest, highest = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    fitting = (dtype for dtype in _WHOLE if np.iinfo(dtype).min <= lowest and highest <= np.iinfo(dtype).max)
    return values.astype(next(fitting, values.dtype), copy=False)


def _number_column(name: str, described: Mapping[str, Any], array: NDArray[Any]) -> NDArray[Any]:
    kind = described["kind"]
    fraction = array.dtype.kind == "f"
    if kind not in _NUMBERS or (np.dtype(kind).kind == "f") != fraction or (fraction and array.dtype != kind):
        raise SessionFileError(f"the column {name[:60]!r} is of no known kind", DAMAGED)
    values = array.astype(kind)
    if not fraction and not np.array_equal(values, array):
        raise SessionFileError(f"the column {name[:60]!r} holds numbers that do not fit into it", DAMAGED)
    return values


def _text_column(name: str, described: Mapping[str, Any], array: NDArray[Any]) -> "pd.Series[Any]":
    texts = described["texts"]
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts) or array.dtype.kind not in "iu":
        raise SessionFileError(f"the column {name[:60]!r} is not made of texts", DAMAGED)
    if array.size and not -1 <= int(array.min()) <= int(array.max()) < len(texts):
        raise SessionFileError(f"the column {name[:60]!r} names texts that there are not", DAMAGED)
    return pd.Series(np.array([*texts, np.nan], dtype=object)[array], dtype="str")
