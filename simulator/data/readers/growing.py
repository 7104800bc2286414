"""A raw column that grows chunk by chunk without ever being in memory twice."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


class GrowingColumn:
    """Collects the chunks of one column.

    Numbers are written into one array that is as long as the file suggests (pages that nobody writes to cost nothing)
    and doubles where that was too short; texts are kept chunk by chunk.

    Parameters
    ----------
    expected
        How many rows there will be, as far as one can guess.
    """

    def __init__(self, expected: int) -> None:
        self._expected = max(64, expected)
        self._numbers: NDArray[Any] | None = None
        self._texts: list[pd.Series[Any]] = []
        self._count = 0
        self._present = False
        self.mixed = False

    def add(self, part: "pd.Series[Any]") -> None:
        """Append a chunk; `mixed` says afterwards whether the chunks are of one kind."""
        present = bool(part.notna().any())
        if part.dtype.kind in "iuf":
            if self._texts:
                self.mixed = self.mixed or present
                self._texts.append(part.astype("str"))
            else:
                self._write(part.to_numpy())
        else:
            self.mixed = self.mixed or part.dtype.kind == "b" or part.dtype == object or self._present_numbers()
            if not self._texts and self._count:
                self._texts.append(pd.Series(np.full(self._count, np.nan), dtype="str"))
            self._numbers = None
            self._texts.append(part)
        self._count += len(part)
        self._present = self._present or present

    def joined(self) -> Any:
        """Return the whole column, an array of numbers or a series of texts, and forget it."""
        numbers, texts = self._numbers, self._texts
        self._numbers, self._texts = None, []
        if texts:
            return pd.concat(texts, ignore_index=True)
        if numbers is None:
            return np.empty(0)
        return numbers[: self._count] if 2 * self._count >= len(numbers) else numbers[: self._count].copy()

    def _present_numbers(self) -> bool:
        return self._numbers is not None and self._present

    def _write(self, values: NDArray[Any]) -> None:
        end = self._count + len(values)
        if self._numbers is None:
            self._numbers = np.empty(max(self._expected, end), dtype=values.dtype)
        dtype = np.result_type(self._numbers.dtype, values.dtype)
        if end > len(self._numbers) or dtype != self._numbers.dtype:
            larger = np.empty(
                max(2 * len(self._numbers), end) if end > len(self._numbers) else len(self._numbers), dtype
            )
            larger[: self._count] = self._numbers[: self._count]
            self._numbers = larger
        self._numbers[self._count : end] = values
