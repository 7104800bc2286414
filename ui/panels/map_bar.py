"""The choices of the decision map: its axes, where all else is held, what is drawn."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from ui.canvas.picture import pretty_name
from ui.forms import NoWheel
from ui.panels.map_source import ALONE, COMPONENTS, MEAN, ROW
from ui.theme import Theme, icon

if TYPE_CHECKING:
    from simulator.insight.input_plane_space import Space

_HELD = {
    ROW: ("rest: row", "All other features are those of the chosen row; the map follows the row"),
    MEAN: ("rest: mean", "All other features are at the mean of the training rows, or the usual category"),
    COMPONENTS: (
        "components",
        "The plane in which the training rows differ most, through their mean: x = mean + a·PC1 + b·PC2",
    ),
}
_SHOWN = {
    "rows": ("&Rows", "Draw the rows of the data set"),
    "fade": (
        "&Fade rows that lie far off",
        "Rows are the fainter the more they differ from the plane in other features",
    ),
    "contours": ("&Contours", "Draw where the winner changes, and where it has 50 %, 70 % and 90 %"),
}


class MapBar(QWidget):
    """Two lines of choices.

    Signals
    -------
    axes_wanted
        (name or None, name or None) of the first and of the second axis; None where it stays.
    held_wanted
        "row", "mean" or "components".
    shown_changed
        Something else is to be drawn.
    """

    axes_wanted = Signal(object, object)
    held_wanted = Signal(str)
    shown_changed = Signal()

    def __init__(self, theme: Theme, neurons: QAction) -> None:
        super().__init__()
        wheel = NoWheel(self)
        self.across, self.up, self.held = (_box(name) for name in ("x", "y", "held"))
        self.across.setAccessibleName("Feature along the map")
        self.up.setAccessibleName("Feature up the map")
        self.held.setAccessibleName("Where all other features are held")
        for box in (self.across, self.up, self.held):
            box.installEventFilter(wheel)
        for key, (text, tip) in _HELD.items():
            self.held.addItem(text, key)
            self.held.setItemData(self.held.count() - 1, tip, 3)
        self.neurons = QCheckBox("Neurons")
        self.neurons.setObjectName("map.neurons")
        self.neurons.setToolTip(f"{neurons.toolTip()}")
        self.neurons.setChecked(neurons.isChecked())
        self.neurons.toggled.connect(neurons.setChecked)
        neurons.toggled.connect(self.neurons.setChecked)
        self.more = QToolButton()
        self.more.setObjectName("map.more")
        self.more.setAccessibleName("What is drawn")
        self.more.setToolTip("What is drawn: rows, contours")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setAutoRaise(True)
        menu = QMenu(self.more)
        menu.setToolTipsVisible(True)
        self.shown: dict[str, QAction] = {}
        for key, (text, tip) in _SHOWN.items():
            each = menu.addAction(text)
            each.setObjectName(f"map.{key}")
            each.setToolTip(tip)
            each.setCheckable(True)
            each.setChecked(key != "fade")
            each.toggled.connect(lambda _on: self.shown_changed.emit())
            self.shown[key] = each
        self.more.setMenu(menu)
        times = QLabel("×")
        first, second = QHBoxLayout(), QHBoxLayout()
        for line in (first, second):
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(6)
        first.addWidget(self.across, 1)
        first.addWidget(times)
        first.addWidget(self.up, 1)
        second.addWidget(self.held, 1)
        second.addWidget(self.neurons)
        second.addWidget(self.more)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(first)
        whole.addLayout(second)
        self.across.activated.connect(lambda _index: self.axes_wanted.emit(self.across.currentData(), None))
        self.up.activated.connect(lambda _index: self.axes_wanted.emit(None, self.up.currentData()))
        self.held.activated.connect(lambda _index: self.held_wanted.emit(self.held.currentData()))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.more.setIcon(icon("settings", theme))
        self.more.setIconSize(QSize(16, 16))

    def shows(self, key: str) -> bool:
        """Whether "rows", "fade" or "contours" are wanted."""
        return self.shown[key].isChecked()

    def show_space(self, space: "Space") -> None:
        """Offer the directions of a data set."""
        self.across.clear()
        self.up.clear()
        for each in space.directions:
            for box in (self.across, self.up):
                box.addItem(pretty_name(each.name)[0], each.name)
                box.setItemData(box.count() - 1, each.name, 3)
        self.up.addItem("(curve)", ALONE)
        model = self.held.model()
        place = self.held.findData(COMPONENTS)
        model.setData(model.index(place, 0), None if space.components else 0, 32)  # 0 disables an item of a box

    def show_choice(self, names: tuple[str, str], held: str) -> None:
        """Show what is chosen, without reporting it."""
        for box, name in ((self.across, names[0]), (self.up, names[1])):
            box.setCurrentIndex(box.findData(name))
            free = held != COMPONENTS
            box.setEnabled(free)
            what = "along" if box is self.across else "up"
            box.setToolTip(f"The feature {what} the map" if free else "Principal components have no features as axes")
        self.held.setCurrentIndex(self.held.findData(held))
        self.held.setToolTip(_HELD[held][1])


def _box(name: str) -> QComboBox:
    box = QComboBox()
    box.setObjectName(f"map.{name}")
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(5)
    return box
