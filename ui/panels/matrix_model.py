"""A matrix for Qt's tables: colours, figures and names, read straight from the array."""

import dataclasses
import functools
import math
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from ui.canvas.act import GRADIENT
from ui.canvas.colour import Ramp, ramp, steady_clamp
from ui.canvas.picture import short_number
from ui.panels.matrix_values import Matrix
from ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex


@functools.lru_cache(8)
def ramp_of(theme: Theme, name: str) -> Ramp:
    """Return the colours of values or of gradients, and of the text on them."""
    ends = (theme.gradient_negative, theme.gradient_positive) if name == GRADIENT else (theme.negative, theme.positive)
    return ramp(ends[0], theme.zero, ends[1], theme.node_dark, theme.node_light)


@functools.lru_cache(8)
def colours(theme: Theme, name: str) -> tuple[tuple[QColor, QColor], ...]:
    """Return the 256 backgrounds with the text on each."""
    found = ramp_of(theme, name)
    dark, light = theme.color("node_dark"), theme.color("node_light")
    pairs = zip(found.rgb.tolist(), found.dark_text.tolist(), strict=True)
    return tuple((QColor(*each), dark if is_dark else light) for each, is_dark in pairs)


@dataclasses.dataclass(frozen=True)
class Span:
    """What the colours and figures of a matrix stand for.

    Attributes
    ----------
    clamp
        Colours reach their ends at ± this.
    power
        Figures are multiples of 10^power, so that small gradients are not all 0.00.
    """

    clamp: float = 1.0
    power: int = 0

    @property
    def text(self) -> str:
        """The scale in words, in the unit of the figures: ``±2``."""
        return f"±{self.clamp / 10.0**self.power:g}"

    @property
    def factor(self) -> str:
        """The unit of the figures: ``in 10⁻³``; empty for 1."""
        digits = str(self.power).replace("-", "⁻").translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"in 10{digits}" if self.power else ""


def span_of(matrix: Matrix, before: Span | None) -> Span:
    """Return the span of a matrix, the one before while it still fits; gradients are often small."""
    values = matrix.values
    if values.size > 4096:  # a quantile of a large matrix takes longer than a frame
        values = values.ravel()[:: values.size // 4096 + 1]
    clamp = steady_clamp(values, None if before is None else before.clamp)
    power = 0 if (1.0 if matrix.ramp == GRADIENT else 0.2) <= clamp <= 500.0 else 3 * math.floor(math.log10(clamp) / 3)
    return Span(clamp, power)


class MatrixModel(QAbstractTableModel):
    """A matrix, its span, and which of its cells are lit.

    Attributes
    ----------
    matrix, scale, lit
        What is shown; lit is (row or None, column or None).

    Parameters
    ----------
    matrix
        What is shown.
    roomy
        Whether the rows are named at length.
    """

    def __init__(self, matrix: Matrix, parent: QObject | None = None, *, roomy: bool = True) -> None:
        super().__init__(parent)
        self.roomy = roomy
        self.matrix, self.scale = matrix, span_of(matrix, None)
        self.lit: tuple[int | None, int | None] = (None, None)

    def show_matrix(self, matrix: Matrix) -> None:
        """Show other values; the view stays where it is."""
        before = self.matrix
        same = before.values.shape == matrix.values.shape
        if not same:
            self.beginResetModel()
        fresh = (before.name, before.of, before.down, before.across) != (
            matrix.name, matrix.of, matrix.down, matrix.across,
        )  # fmt: skip
        self.matrix, self.scale = matrix, span_of(matrix, None if fresh else self.scale)
        if not same:
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        return 0 if parent.isValid() else self.matrix.values.shape[0]

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        return 0 if parent.isValid() else self.matrix.values.shape[1]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802 - Qt's name
        axis = self.matrix.across if orientation == Qt.Orientation.Horizontal else self.matrix.down
        if not 0 <= section < len(axis.labels):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (axis.labels if self.roomy and axis is self.matrix.down else axis.short)[section]
        return axis.names[section] if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: Index, role: int = 0) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            # What is read out is where the number stands and the number itself, without the factor in the head.
            place = self.matrix.place_name(index.row(), index.column())
            return f"{place} {_spoken(self.value(index.row(), index.column()))}"
        return None

    def value(self, row: int, column: int) -> float:
        """Return a number."""
        return float(self.matrix.values[row, column])

    def text(self, row: int, column: int) -> str:
        """Return a number as it stands in its cell."""
        return short_number(self.value(row, column) / 10.0**self.scale.power)


def _spoken(value: float) -> str:
    """Return a number with four digits that count."""
    return f"{value:.4g}".replace("-", "−")
