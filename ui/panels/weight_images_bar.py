"""What chooses which weights are seen, and how: pictures or a heat map, the layer, the quantity, order and size."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QSlider, QToolButton

from ui.forms import NoWheel
from ui.panels.bar import Bar, Segments
from ui.panels.weight_images_gallery import LARGEST, SMALLEST, USUAL
from ui.panels.weight_images_values import QUANTITIES

PICTURES, MAP = "pictures", "map"
_PAGES = {
    PICTURES: ("Pictures", "What every neuron of the first layer looks for: its incoming weights, a pixel each"),
    MAP: ("Heat map", "A layer's matrix of weights, a cell each: wheel to zoom, drag to move, click to choose"),
}
_ORDERS = {"number": ("By number", "The neurons as they stand in the network"),
           "norm": ("By norm", "Neurons with the longest weight vector ‖w‖ first")}  # fmt: skip
_NO_PICTURES = "The inputs are no picture: it would take a square number of pixels, 16 or more"


class WeightsBar(Bar):
    """Choosers.

    Signals
    -------
    turned
        str: `PICTURES` or `MAP`.
    layer_chosen
        int: a linear layer, from 0.
    quantity_chosen
        str: a key of `QUANTITIES`.
    order_chosen
        str: "number" or "norm".
    own_chosen
        bool: whether every picture has its own scale of colours.
    sized
        int: the size of the pictures.
    fitted
        All cells are to be seen.
    """

    turned = Signal(str)
    layer_chosen = Signal(int)
    quantity_chosen = Signal(str)
    order_chosen = Signal(str)
    own_chosen = Signal(bool)
    sized = Signal(int)
    fitted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.pages = Segments("weights.page", "Page", _PAGES, self.turned.emit)
        self.layers = _chooser("weights.layer", "Layer", "The layer whose matrix is shown")
        self.layers.activated.connect(self.layer_chosen)
        self.quantities = _chooser("weights.quantity", "Quantity", "What is shown of every weight", QUANTITIES)
        keys = list(QUANTITIES)
        self.quantities.activated.connect(lambda nth: self.quantity_chosen.emit(keys[nth]))
        self.fit = QToolButton()
        self.fit.setObjectName("weights.fit")
        self.fit.setText("Fit")
        self.fit.setAccessibleName("Show all cells")
        self.fit.setToolTip("Show all cells (0, or a double click); + and − zoom, arrows walk from cell to cell")
        self.fit.clicked.connect(self.fitted)
        self.orders = _chooser("weights.order", "Order", "In which order the neurons are shown", _ORDERS)
        orders = list(_ORDERS)
        self.orders.activated.connect(lambda nth: self.order_chosen.emit(orders[nth]))
        self.own = QToolButton()
        self.own.setObjectName("weights.own")
        self.own.setText("Own scale")
        self.own.setAccessibleName("Own scale")
        self.own.setToolTip("Let the colours of each picture end at its own largest |w|: shows form, hides strength")
        self.own.setCheckable(True)
        self.own.clicked.connect(self.own_chosen)
        for button in (self.fit, self.own):
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.size_slider = QSlider(Qt.Orientation.Horizontal)
        self.size_slider.setObjectName("weights.size")
        self.size_slider.setAccessibleName("Size of the pictures")
        self.size_slider.setToolTip("How large the pictures are; also + and −, or Ctrl and the wheel")
        self.size_slider.setRange(SMALLEST, LARGEST)
        self.size_slider.setValue(USUAL)
        self.size_slider.setFixedWidth(90)
        self.size_slider.installEventFilter(NoWheel(self))
        self.size_slider.valueChanged.connect(self.sized)
        self._of_page = {PICTURES: (self.orders, self.own, self.size_slider), MAP: (self.layers, self.fit)}
        self.add(self.pages, self.layers, self.quantities, self.orders, self.own, self.size_slider, self.fit)

    def show_page(self, page: str, *, possible: bool) -> None:
        """Show which page is seen, and whether there can be pictures."""
        self.pages.allow(PICTURES, "" if possible else _NO_PICTURES)
        self.pages.choose(page)
        for name, widgets in self._of_page.items():
            for widget in widgets:
                widget.setVisible(name == page)

    def name_layers(self, names: Sequence[str], chosen: int) -> None:
        """Offer the layers of a network."""
        if [self.layers.itemText(nth) for nth in range(self.layers.count())] != list(names):
            self.layers.clear()
            self.layers.addItems(list(names))
        if self.layers.currentIndex() != chosen:
            self.layers.setCurrentIndex(chosen)


def _chooser(name: str, title: str, tip: str, rows: Mapping[Any, tuple[str, str]] | None = None) -> QComboBox:
    made = QComboBox()
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setToolTip(tip)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    made.installEventFilter(NoWheel(made))
    for text, help_ in (rows or {}).values():
        made.addItem(text)
        made.setItemData(made.count() - 1, help_, Qt.ItemDataRole.ToolTipRole)
    return made
