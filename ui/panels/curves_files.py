"""The curves as text: for the clipboard, and as a CSV file. No Qt."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from simulator.progress import Progress
from ui.panels.curves_series import FIELDS

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    import pandas as pd

Branches = Sequence[tuple[str, NDArray[Any]]]
"""The name of every branch, and its rows of `RECORD`."""

_BLOCK = 50_000


def tsv(branches: Branches, progress: Progress | None = None) -> str:
    """Return epochs of all branches as text with tabs, as spreadsheets take it from the clipboard."""
    text = io.StringIO()
    for nth, (name, rows) in enumerate(branches):
        _frame(name, rows).to_csv(text, sep="\t", index=False, header=nth == 0, lineterminator="\n")
        if progress is not None:
            progress.report(nth / len(branches), "copying")
    return text.getvalue()


def write_csv(path: Path, branches: Branches, progress: Progress) -> Path:
    """Write every epoch of every branch as CSV in UTF-8, whole or not at all; what is not known is left empty.

    Raises
    ------
    ExportError
        When the file cannot be written; what stood there before stays.
    Cancelled
        When the job was cancelled; likewise.
    """
    from simulator.interchange.whole_files import fill_whole

    total = max(1, sum(len(rows) for _, rows in branches))

    def fill(file: BinaryIO) -> None:
        done = 0
        for nth, (name, rows) in enumerate(branches):
            for start in range(0, max(1, len(rows)), _BLOCK):
                part = _frame(name, rows[start : start + _BLOCK])
                file.write(part.to_csv(index=False, header=nth + start == 0, lineterminator="\n").encode())
                done += len(part)
                progress.report(done / total, f"writing {path.name}")

    return fill_whole(path, fill)


def _frame(name: str, rows: NDArray[Any]) -> "pd.DataFrame":
    import pandas as pd

    branch = np.full(len(rows), name, dtype=object)
    return pd.DataFrame({"epoch": rows["epoch"], "branch": branch, **{field: rows[field] for field in FIELDS}})
