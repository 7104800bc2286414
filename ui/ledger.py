"""The scalars of every epoch as the window has seen them: one array that grows, read without a copy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.snapshot import RECORD


class Ledger:
    """Rows of `RECORD`; the row of epoch n stands at place n."""

    def __init__(self) -> None:
        self._rows = np.zeros(1024, dtype=RECORD)
        self._count = 0

    def write(self, block: NDArray[Any]) -> None:
        """Add rows in the order of their epochs; an epoch that is already there is begun anew from that row on."""
        first = int(block["epoch"][0])
        self._count = min(self._count, first)
        needed = self._count + len(block)
        if needed > len(self._rows) or (first == 0 and self._count == 0):
            # A new array for a new history: views of the old one, that somebody may hold, stay what they were.
            grown = np.zeros(max(1024, needed, 2 * self._count), dtype=RECORD)
            grown[: self._count] = self._rows[: self._count]
            self._rows = grown
        self._rows[self._count : needed] = block
        self._count = needed

    def cut(self, count: int) -> None:
        """Forget all rows but the first `count`."""
        self._count = min(self._count, count)

    @property
    def rows(self) -> NDArray[Any]:
        """All rows from epoch 0 on: a read-only view."""
        view = self._rows[: self._count]
        view.flags.writeable = False
        return view
