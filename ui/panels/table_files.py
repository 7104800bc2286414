"""Rows of the table as text: for the clipboard, and as a CSV file with all that the network says. No Qt."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from simulator.progress import Progress
from ui.panels.table_answers import Rows, answers, fits, outputs_of
from ui.panels.table_cells import Cells
from ui.panels.table_columns import CORRECT, ERROR, LOSS, OF_NETWORK, PREDICTION, PREPARED, RAW, SCORE, SPLIT, Column
from ui.panels.table_search import SPLITS

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    import pandas as pd

    from simulator.data import Dataset
    from simulator.snapshot import Snapshot

_BLOCK = 4096
ROW = "row"


def all_columns(columns: tuple[Column, ...], raw: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return what a file holds: the network's columns, all raw ones, and the inputs where those are shown."""
    own = tuple(column for column in columns if column.kind not in (RAW, PREPARED))
    return (*own, *(c for c in raw if c.kind == RAW), *(c for c in columns if c.kind == PREPARED))


def frame_of(
    dataset: "Dataset",
    where: Rows,
    snapshot: "Snapshot | None",
    rows: Rows,
    columns: tuple[Column, ...],
    *,
    every: bool,
) -> "pd.DataFrame":
    """Return some rows of the table as they are written.

    Parameters
    ----------
    columns
        What is written of them, in this order.
    every
        Whether the outputs of all classes are written, in place of that of the predicted one.
    """
    import pandas as pd

    taken = {str(name) for name in dataset.table.columns}
    parts: dict[str, Any] = {_free(ROW, taken): rows + 1}
    found = outputs = None
    if snapshot is not None and fits(dataset, snapshot):
        found = answers(dataset, snapshot, where[rows])
        if every and dataset.class_names:
            outputs = np.where(where[rows, None] != 0, outputs_of(dataset, snapshot, where[rows])[1], np.nan)
            outputs = np.concatenate([1.0 - outputs, outputs], axis=1) if outputs.shape[1] == 1 else outputs
    inputs = None
    for column in columns:
        if column.kind == SPLIT:
            parts[_free(SPLIT, taken)] = [SPLITS[int(each)] for each in np.sign(where[rows])]
        elif column.kind == SCORE and outputs is not None:
            for place, name in enumerate(dataset.class_names):
                parts[_free(f"{column.name}_{name}", taken)] = outputs[:, place]
        elif column.kind in OF_NETWORK:
            parts[_free(column.name if column.kind != CORRECT else CORRECT, taken)] = (
                np.full(len(rows), np.nan) if found is None else _said(dataset, found, column)
            )
        elif column.kind == RAW:
            parts[column.name] = dataset.table.iloc[rows, column.place].to_numpy()
        else:
            inputs = _inputs(dataset, where, rows) if inputs is None else inputs
            parts[_free(f"prepared {column.name}", taken)] = inputs[:, column.place]
    return pd.DataFrame(parts)


def tsv(
    dataset: "Dataset",
    where: Rows,
    snapshot: "Snapshot | None",
    rows: Rows,
    columns: tuple[Column, ...],
    progress: Progress | None = None,
) -> str:
    """Return rows as text with tabs, as spreadsheets take it from the clipboard."""
    text = io.StringIO()
    for start in range(0, max(len(rows), 1), _BLOCK):
        part = frame_of(dataset, where, snapshot, rows[start : start + _BLOCK], columns, every=False)
        part.to_csv(text, sep="\t", index=False, header=start == 0, lineterminator="\n")
        if progress is not None:
            progress.report(start / max(len(rows), 1), "copying")
    return text.getvalue()


def write_csv(
    path: Path,
    dataset: "Dataset",
    where: Rows,
    snapshot: "Snapshot | None",
    rows: Rows,
    columns: tuple[Column, ...],
    progress: Progress,
) -> Path:
    """Write rows as CSV in UTF-8, whole or not at all.

    Raises
    ------
    ExportError
        When the file cannot be written; what stood there before stays.
    Cancelled
        When the job was cancelled; likewise.
    """
    from simulator.interchange.whole_files import fill_whole

    def fill(file: BinaryIO) -> None:
        for start in range(0, max(len(rows), 1), _BLOCK):
            part = frame_of(dataset, where, snapshot, rows[start : start + _BLOCK], columns, every=True)
            file.write(part.to_csv(index=False, header=start == 0, lineterminator="\n").encode())
            progress.report(min(1.0, (start + _BLOCK) / max(len(rows), 1)), f"writing {path.name}")

    return fill_whole(path, fill)


def _said(dataset: "Dataset", found: Any, column: Column) -> Any:
    if column.kind == PREDICTION and dataset.class_names:
        return np.array([*dataset.class_names, None], dtype=object)[found.predicted]
    if column.kind == CORRECT:
        return np.array(["no", "yes", None], dtype=object)[np.nan_to_num(found.right, nan=2.0).astype(np.int64)]
    return {PREDICTION: found.score, SCORE: found.score, LOSS: found.loss, ERROR: found.error}[column.kind]


def _inputs(dataset: "Dataset", where: Rows, rows: Rows) -> Any:
    cells = Cells(dataset, where)
    return np.array([cells.inputs(int(row)) for row in rows]).reshape(len(rows), dataset.X_train.shape[1])


def _free(name: str, taken: set[str]) -> str:
    """Return the name of a column of the network that no raw column has."""
    while name in taken:
        name = f"network_{name}"
    return name
