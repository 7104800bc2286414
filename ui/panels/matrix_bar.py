"""What chooses a matrix product: the layer, the product, the rows; and beside them the shapes. It wraps if it must."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from ui.forms import NoWheel
from ui.panels.panel import MARGIN

FORWARD, GRADIENT, BACKWARD, TIMES = "forward", "gradient", "backward", "times"
_PAGES = {
    FORWARD: ("Forward", "X · W + b = Z, and the activation: what goes into the layer and what comes out"),
    GRADIENT: ("Gradient", "Xᵀ · δ / n = dW: how the loss changes with the weights of the layer"),
    BACKWARD: ("Backward", "δ · Wᵀ ⊙ f′(Z): how δ flows back to the layer before"),
    TIMES: ("Timing", "The same update row by row, as matrices, and on a GPU"),
}
_EXTENTS = {True: ("Batch", "All rows of the next batch"), False: ("Row", "The shown row alone, as a batch of one")}
_GAP, _TOP, _BELOW = 12, 6, 2


class MatrixBar(QWidget):
    """Choosers in one line, or in as many as it takes.

    Signals
    -------
    layer_chosen
        int: a linear layer, from 0.
    product_chosen
        str: a key of the pages.
    extent_chosen
        bool: the whole batch, or one row.
    """

    layer_chosen = Signal(int)
    product_chosen = Signal(str)
    extent_chosen = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.chooser = QComboBox(self)
        self.chooser.setObjectName("matrices.layer")
        self.chooser.setAccessibleName("Layer")
        self.chooser.setToolTip("The layer whose matrices are shown")
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.chooser.addItem("Hidden 1")
        self.chooser.installEventFilter(NoWheel(self))
        self.chooser.activated.connect(self.layer_chosen)
        self._extents, self.extents = self._group("extent", _EXTENTS, self.extent_chosen.emit)
        self._pages, self.products = self._group("product", _PAGES, self.product_chosen.emit)
        self.shapes = QLabel(self)
        self.shapes.setObjectName("matrices.shapes")
        self.shapes.setAccessibleName("Shapes")
        self.shapes.setProperty("role", "quiet")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def _group(
        self, name: str, rows: Mapping[Any, tuple[str, str]], chosen: Callable[[Any], None]
    ) -> tuple[QWidget, dict[Any, QToolButton]]:
        holder = QWidget(self)
        group, made = QButtonGroup(holder), {}
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        for key, (text, tip) in rows.items():
            button = QToolButton()
            button.setObjectName(f"matrices.{name}.{key}".lower())
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(text)
            button.setAccessibleDescription(tip)
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setChecked(not made)
            button.clicked.connect(lambda _on=False, key=key: chosen(key))
            group.addButton(button)
            line.addWidget(button)
            made[key] = button
        return holder, made

    def show_choice(self, product: str, layer: int, whole: bool) -> None:
        """Show what is chosen; the times are of no layer."""
        self.products[product].setChecked(True)
        self.extents[whole].setChecked(True)
        if self.chooser.currentIndex() != layer:
            self.chooser.setCurrentIndex(layer)
        for widget in (self.chooser, *self.extents.values()):
            widget.setEnabled(product != TIMES)

    def name_layers(self, hidden: int) -> None:
        """Name the layers of a network with so many hidden ones."""
        names = [*(f"Hidden {number}" for number in range(1, hidden + 1)), "Output"]
        if [self.chooser.itemText(nth) for nth in range(self.chooser.count())] != names:
            self.chooser.clear()
            self.chooser.addItems(names)
            self._wrap()

    def name_row(self, row: int, rows: int) -> None:
        """Name the shown row, from 0, of so many."""
        button = self.extents[False]
        button.setText(f"Row {row + 1}")
        width = round(QFontMetricsF(button.font()).horizontalAdvance(f"Row {rows}")) + 14
        if button.minimumWidth() != width:
            button.setMinimumWidth(width)
            self._wrap()

    def show_shapes(self, letters: str, shapes: str) -> None:
        """Show the shapes of an equation."""
        if shapes != self.shapes.text():
            self.shapes.setText(shapes)
            self.shapes.setToolTip(f"{letters}\n{shapes}".strip())
            self._wrap()

    def _wrap(self) -> None:
        """Put everything in lines; the shapes stand at the right end of theirs if they are not alone."""
        room, lines = self.width() - 2 * MARGIN, [[]]
        used = 0
        for widget in (self.chooser, self._extents, self._pages, self.shapes):
            wide = widget.sizeHint().width()
            if lines[-1] and used + _GAP + wide > room:
                lines.append([])
                used = 0
            used += wide + _GAP * bool(lines[-1])
            lines[-1].append(widget)
        top = _TOP
        for line in lines:
            high, left = max(widget.sizeHint().height() for widget in line), MARGIN
            for widget in line:
                wide = widget.sizeHint().width()
                if widget is self.shapes and len(line) > 1:
                    left = self.width() - MARGIN - wide
                tall = widget.sizeHint().height()
                widget.setGeometry(left, top + (high - tall) // 2, wide, tall)
                left += wide + _GAP
            top += high + _BELOW
        if top != self.height():
            self.setFixedHeight(top)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._wrap()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, self.height())
