"""The scalars of every epoch, in one array that grows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.snapshot import RECORD, EpochRecord


class History:
    """Rows of `RECORD` in the order of their epochs, from epoch 0; appending a row costs a constant time on average.

    Parameters
    ----------
    unknown
        How many epochs there were before the first one that is appended; of these, all figures are NaN.
    """

    def __init__(self, unknown: int = 0) -> None:
        self._rows = np.zeros(64, dtype=RECORD)
        self._count = 0
        if unknown:
            rows = np.full(unknown, np.nan, dtype=[(name, np.float64) for name in RECORD.names or ()])
            rows["epoch"] = np.arange(unknown)
            self.append(rows.astype(RECORD))

    def __len__(self) -> int:
        return self._count

    def append(self, block: NDArray[Any]) -> None:
        """Add the rows of a block."""
        needed = self._count + len(block)
        if needed > len(self._rows):
            grown = np.zeros(max(needed, 2 * len(self._rows)), dtype=RECORD)
            grown[: self._count] = self._rows[: self._count]
            self._rows = grown
        self._rows[self._count : needed] = block
        self._count = needed

    def begin(self, block: NDArray[Any]) -> None:
        """Put other rows in place of the first ones."""
        self._rows[: len(block)] = block

    def cut(self, count: int) -> None:
        """Forget all rows but the first `count`."""
        self._count = min(self._count, count)

    def until(self, count: int) -> "History":
        """Return a history of its own that begins with the first `count` rows."""
        made = History()
        made.append(self._rows[: min(count, self._count)])
        return made

    def row(self, epoch: int) -> EpochRecord:
        """Return the row of an epoch."""
        return EpochRecord(*self._rows[min(epoch, self._count - 1)].item())

    def since(self, first: int) -> NDArray[Any]:
        """Return a read-only copy of the rows from `first` on."""
        rows = self._rows[first : self._count].copy()
        rows.flags.writeable = False
        return rows

    @property
    def last(self) -> EpochRecord:
        """The newest row."""
        return EpochRecord(*self._rows[self._count - 1].item())
