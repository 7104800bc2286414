"""What chooses a matrix product: the layer, the product, the rows; and beside them the shapes. It wraps if it must."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QComboBox, QLabel

from ui.forms import NoWheel
from ui.panels.bar import Bar, Segments

FORWARD, GRADIENT, BACKWARD, TIMES = "forward", "gradient", "backward", "times"
_PAGES = {
    FORWARD: ("Forward", "X · W + b = Z, and the activation: what goes into the layer and what comes out"),
    GRADIENT: ("Gradient", "Xᵀ · δ / n = dW: how the loss changes with the weights of the layer"),
    BACKWARD: ("Backward", "δ · Wᵀ ⊙ f′(Z): how δ flows back to the layer before"),
    TIMES: ("Timing", "The same update row by row, as matrices, and on a GPU"),
}
_EXTENTS = {True: ("Batch", "All rows of the next batch"), False: ("Row", "The shown row alone, as a batch of one")}


class MatrixBar(Bar):
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
        self.chooser = QComboBox()
        self.chooser.setObjectName("matrices.layer")
        self.chooser.setAccessibleName("Layer")
        self.chooser.setToolTip("The layer whose matrices are shown")
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.chooser.addItem("Hidden 1")
        self.chooser.installEventFilter(NoWheel(self))
        self.chooser.activated.connect(self.layer_chosen)
        self.extents = Segments("matrices.extent", "Rows", _EXTENTS, self.extent_chosen.emit)
        self.products = Segments("matrices.product", "Product", _PAGES, self.product_chosen.emit)
        self.shapes = QLabel()
        self.shapes.setObjectName("matrices.shapes")
        self.shapes.setAccessibleName("Shapes")
        self.shapes.setProperty("role", "quiet")
        self.add(self.chooser, self.extents, self.products)
        self.add(self.shapes, last=True)

    def show_choice(self, product: str, layer: int, whole: bool) -> None:
        """Show what is chosen; the times are of no layer."""
        self.products.choose(product)
        self.extents.choose(whole)
        if self.chooser.currentIndex() != layer:
            self.chooser.setCurrentIndex(layer)
        for widget in (self.chooser, self.extents):
            widget.setEnabled(product != TIMES)

    def name_layers(self, hidden: int) -> None:
        """Name the layers of a network with so many hidden ones."""
        names = [*(f"Hidden {number}" for number in range(1, hidden + 1)), "Output"]
        if [self.chooser.itemText(nth) for nth in range(self.chooser.count())] != names:
            self.chooser.clear()
            self.chooser.addItems(names)

    def name_row(self, row: int, rows: int) -> None:
        """Name the shown row, from 0, of so many."""
        self.extents.rename(False, f"Row {row + 1}")
        button = self.extents.buttons[False]
        width = round(QFontMetricsF(button.font()).horizontalAdvance(f"Row {rows}")) + 14
        if button.minimumWidth() != width:
            button.setMinimumWidth(width)

    def show_shapes(self, letters: str, shapes: str) -> None:
        """Show the shapes of an equation."""
        if shapes != self.shapes.text():
            self.shapes.setText(shapes)
            self.shapes.setToolTip(f"{letters}\n{shapes}".strip())
