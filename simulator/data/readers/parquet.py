"""Reads Parquet, row group by row group."""

import importlib
from pathlib import Path

from simulator.data.choices import RecipeChoices
from simulator.data.readers.arrow import Gathered, library, translated
from simulator.data.readers.beginning import Beginning
from simulator.data.readers.gathering import refuse_a_flood
from simulator.data.readers.seekable import unpacked_file
from simulator.data.table import Table
from simulator.errors import DatasetError
from simulator.progress import Progress

_ROWS = 1 << 16


def recognises(beginning: Beginning) -> bool:
    """Whether a file begins as Parquet does, and is no text that begins with these letters."""
    return beginning.head.startswith((b"PAR1", b"PARE")) and not beginning.is_text


def read(path: Path, choices: RecipeChoices, progress: Progress) -> Table:
    """Read a Parquet file.

    Parameters
    ----------
    path
        The file.
    choices
        Nothing of it is asked.
    progress
        What is told how far the reading is.

    Raises
    ------
    DatasetError
        When pyarrow is not installed, or the file is damaged or encrypted.
    Cancelled
        When the job was cancelled.
    """
    pyarrow = library(path)
    parquet = importlib.import_module("pyarrow.parquet")
    with unpacked_file(path, progress) as plain_path, translated(path, "Parquet"), plain_path.open("rb") as raw:
        if raw.read(4) == b"PARE":
            raise DatasetError("the Parquet file is encrypted", "Save it without a key.", path)
        raw.seek(0)
        size = plain_path.stat().st_size
        with parquet.ParquetFile(raw) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
            gathered = Gathered(pyarrow, path, schema, size)
            refuse_a_flood(rows, len(gathered.places), 4 * size, path)
            whole = len(gathered.places) == len(schema)
            names = None if whole else [schema.field(place).name for place in gathered.places]
            done = 0
            for batch in file.iter_batches(batch_size=_ROWS, columns=names, use_threads=False):
                progress.report(min(1.0, done / max(1, rows)), f"reading {path.name}")
                gathered.add(batch, narrowed=True)
                done += batch.num_rows
        return gathered.table("a Parquet file")
