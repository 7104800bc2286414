"""A raw column that comes chunk by chunk: what it is, and its cells without ever being in memory twice."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


class ColumnKind:
    """What a column is, judged chunk by chunk.

    Attributes
    ----------
    dtype
        The type that holds the numbers of all chunks; None while there are none.
    is_text
        Whether a chunk was not of numbers.
    present
        Whether any cell holds something.
    mixed
        Whether the chunks are not of one kind: the column must be read again as texts.
    """

    def __init__(self) -> None:
        self.dtype: np.dtype[Any] | None = None
        self.is_text = False
        self.present = False
        self.mixed = False

    def add(self, part: "pd.Series[Any]") -> None:
        """Judge one more chunk."""
        present = bool(part.notna().any())
        if part.dtype.kind in "iuf":
            dtype: np.dtype[Any] = part.to_numpy().dtype
            self.dtype = dtype if self.dtype is None else np.result_type(self.dtype, dtype)
            self.mixed = self.mixed or (self.is_text and present)
        else:
            of_two_minds = not self.is_text and self.present
            self.mixed = self.mixed or part.dtype.kind == "b" or part.dtype == object or of_two_minds
            self.is_text = True
        self.present = self.present or present


class GrowingColumn(ColumnKind):
    """Collects the chunks of one column.

    Numbers are written into one array that is as long as the file suggests (pages that nobody writes to cost nothing)
    and doubles where that was too short; texts are kept chunk by chunk.

    Parameters
    ----------
    expected
        How many rows there will be, as far as one can guess.
    """

    def __init__(self, expected: int) -> None:
        super().__init__()
        self._expected = max(64, expected)
        self._numbers: NDArray[Any] | None = None
        self._texts: list[pd.Series[Any]] = []
        self._count = 0

    def add(self, part: "pd.Series[Any]") -> None:
        """Append a chunk; `mixed` says afterwards whether the chunks are of one kind."""
        super().add(part)
        if not self.is_text:
            self._write(part.to_numpy())
        else:
            if not self._texts and self._count:
                self._texts.append(pd.Series(np.full(self._count, np.nan), dtype="str"))
            self._numbers = None
            self._texts.append(part.astype("str") if part.dtype.kind in "iuf" else part)
        self._count += len(part)

    def joined(self) -> Any:
        """Return the whole column, an array of numbers or a series of texts, and forget it."""
        numbers, texts = self._numbers, self._texts
        self._numbers, self._texts = None, []
        if texts:
            return pd.concat(texts, ignore_index=True)
        if numbers is None:
            return np.empty(0)
        return numbers[: self._count] if 2 * self._count >= len(numbers) else numbers[: self._count].copy()

    def _write(self, values: NDArray[Any]) -> None:
        end = self._count + len(values)
        if self._numbers is None:
            self._numbers = np.empty(max(self._expected, end), dtype=values.dtype)
        if end > len(self._numbers) or self.dtype != self._numbers.dtype:
            larger = np.empty(
                max(2 * len(self._numbers), end) if end > len(self._numbers) else len(self._numbers), self.dtype
            )
            larger[: self._count] = self._numbers[: self._count]
            self._numbers = larger
        self._numbers[self._count : end] = values
