"""The curves as text: for the clipboard, and as a CSV file."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.progress import Progress
from ui.panels.curves_series import FIELDS
from ui.writing import Numbers

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    import pandas as pd

Branches = Sequence[tuple[str, NDArray[Any]]]
"""The name of every branch, and its rows of `RECORD`."""

_BLOCK = 50_000


def numbers(branches: Branches) -> Numbers:
    """Return epochs of all branches as an export writes them; what is not known is left empty."""
    total = max(1, sum(len(rows) for _, rows in branches))

    def text(separator: str, progress: Progress) -> Iterator[str]:
        done = 0
        for nth, (name, rows) in enumerate(branches):
            for start in range(0, max(1, len(rows)), _BLOCK):
                part = _frame(name, rows[start : start + _BLOCK])
                yield part.to_csv(sep=separator, index=False, header=nth + start == 0, lineterminator="\n")
                done += len(part)
                progress.report(done / total, "writing the curves")

    return text


def _frame(name: str, rows: NDArray[Any]) -> "pd.DataFrame":
    import pandas as pd

    branch = np.full(len(rows), name, dtype=object)
    return pd.DataFrame({"epoch": rows["epoch"], "branch": branch, **{field: rows[field] for field in FIELDS}})
