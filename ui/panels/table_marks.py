"""What is peculiar about a row: why it is not used, a wrong target that was put in, a copy. No Qt."""

from typing import TYPE_CHECKING

import numpy as np

from ui.panels.table_answers import Rows, targets_of
from ui.panels.table_cells import exact, is_empty

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset

_SPLIT_TIPS = {
    1: "A training row: the network learns from it",
    -1: "A test row: the network never learns from it",
}


class Marks:
    """Knows the rows of a data set that are not like the others."""

    def __init__(self, dataset: "Dataset", where: Rows) -> None:
        self._dataset, self._where = dataset, where
        self.noisy = frozenset(dataset.noisy_rows.tolist())
        self._copies = dataset.copies
        self._first_copy = len(where) - len(self._copies)
        self._dropped = {each.row: each for each in dataset.report.dropped}
        self._target = [str(name) for name in dataset.table.columns].index(dataset.recipe.target)

    def copy_of(self, row: int) -> int | None:
        """Return the row that a row is a copy of, or None."""
        return int(self._copies[row - self._first_copy]) if row >= self._first_copy else None

    def told(self, row: int) -> str | None:
        """Return what the network is told in place of the file's target, or None where it is told the truth."""
        if row not in self.noisy or not self._where[row]:
            return None
        target = targets_of(self._dataset, self._where[row : row + 1])
        if self._dataset.class_names:
            return self._dataset.class_names[int(target[0].argmax())]
        return exact(float(f"{float(self._dataset.recipe.value(target)[0, 0]):.6g}"))

    def told_tip(self, row: int) -> str:
        """Return in a sentence what is wrong about a target."""
        truth = self._dataset.table.iloc[row, self._target]
        return f"Label noise: the file says {truth}, the network is told {self.told(row)}"

    def row_tip(self, row: int) -> str:
        """Return what can be said of a row as a whole."""
        said = [f"Row {row + 1:,} of the table"]
        dropped = self._dropped.get(row)
        if dropped is not None and dropped.line is not None:
            said[0] += f", line {dropped.line:,} of the file"
        return "\n".join([*said, self.split_tip(row)])

    def split_tip(self, row: int) -> str:
        """Return what a row is for, and what is peculiar about it."""
        said = [_SPLIT_TIPS.get(int(np.sign(self._where[row])), "") or self._why_not(row)]
        original = self.copy_of(row)
        if original is not None:
            said.append(f"A copy of row {original + 1:,}, which is {_kind(self._where, original)}")
        if self.told(row) is not None:
            said.append(self.told_tip(row))
        return "\n".join(said)

    def _why_not(self, row: int) -> str:
        dropped = self._dropped.get(row)
        if dropped is not None:
            return f"Not used: {dropped.reason}"
        # Only the first of many are listed in the report.
        table, recipe = self._dataset.table, self._dataset.recipe
        empty = [name for name in (*recipe.used, recipe.target) if name in table and is_empty(table[name].iloc[row])]
        return f"Not used: {', '.join(empty[:4])} missing" if empty else "Not used: left out by the recipe"


def _kind(where: Rows, row: int) -> str:
    return {1: "a training row", -1: "a test row", 0: "not used"}[int(np.sign(where[row]))]
