"""A model asked about a table that need not fit into memory."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from simulator.data import Pieces
from simulator.data.cells import CellError
from simulator.data.recipe import columns_of
from simulator.errors import ConfigError
from simulator.interchange.model import SLICE_ROWS, Model
from simulator.progress import Progress


def answers_in_pieces(
    model: Model, pieces: Pieces, progress: Progress, layer: int | None = None, with_data: bool = False
) -> Iterator[pd.DataFrame]:
    """Yield a model's answers to the rows of a table, piece by piece.

    Parameters
    ----------
    model
        Who is asked.
    pieces
        The raw table.
    progress
        What is told how far it is; it can cancel.
    layer
        The layer whose activations are wanted instead of answers, counted as in `Model.activations`.
    with_data
        Whether all columns of the table stand before the answers.

    Yields
    ------
    The rows that `Model.predict` gives for the whole table, to the bit, or a column a unit of the layer; the index
    counts on. ``attrs["unpredicted"]`` says how many of them are left empty.

    Raises
    ------
    DatasetError
        When a column is missing, or a cell cannot be read; with its row and line in the whole file.
    ConfigError
        When there is no such layer, or a column of the table has the name of an answer.
    """
    recipe = model.recipe
    columns_of(pd.DataFrame(columns=list(pieces.names)), recipe.needed)
    none = np.empty((0, model.network.outputs))
    names = tuple(model.answers(none)) if layer is None else model.unit_names(layer)
    taken = [name for name in names if name in pieces.names]
    if with_data and taken:
        what = f"the table has a column {taken[0]!r} already"
        raise ConfigError(what, "Rename it, or write the answers without the data.")
    done = 0
    for piece in pieces.read(SLICE_ROWS, None if with_data else recipe.needed):
        try:
            answer = _answer(model, piece, layer)
        except CellError as error:
            row = done + error.row
            raise error.later(done, pieces.path, pieces.line(row)) from error
        unpredicted = answer.attrs["unpredicted"]
        if with_data:
            answer = pd.concat([piece, answer], axis=1)
            answer.attrs["unpredicted"] = unpredicted
        yield answer
        done += len(piece)
        progress.report(done / pieces.rows, f"{done:,} of {pieces.rows:,} rows")


def _answer(model: Model, piece: pd.DataFrame, layer: int | None) -> pd.DataFrame:
    if layer is None:
        return model.predict(piece)
    values = model.activations(model.prepare(piece), layer)
    answer = pd.DataFrame(values, piece.index, list(model.unit_names(layer)))
    answer.attrs["unpredicted"] = int(np.isnan(values).any(axis=1).sum())
    return answer
