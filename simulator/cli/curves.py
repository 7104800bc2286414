"""The record of every epoch as a CSV file."""

from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
from numpy.typing import NDArray

from simulator.interchange.csv_text import csv_text
from simulator.interchange.whole_files import fill_whole

_BLOCK = 16_384


def write_curves(records: NDArray[Any], path: Path, overwrite: bool) -> Path:
    """Write records as CSV, whole or not at all.

    Parameters
    ----------
    records
        Rows of `simulator.snapshot.RECORD`, whose fields are the columns; what is not known is left empty.
    path, overwrite
        As for `simulator.interchange.write_whole`.

    Raises
    ------
    ExportError
        When the file cannot be written.
    """

    def fill(file: BinaryIO) -> None:
        for start in range(0, max(1, len(records)), _BLOCK):
            rows = records[start : start + _BLOCK]
            frame = pd.DataFrame({name: rows[name] for name in rows.dtype.names or ()})
            file.write(csv_text(frame, header=not start).encode())

    return fill_whole(path, fill, overwrite)
