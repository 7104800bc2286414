"""What the canvas shows and how it is drawn: a chooser of modes, and a button that opens all other choices."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.canvas.contrast import count_left
from ui.canvas.modes import MODES, MOMENT
from ui.canvas.picture import Picture, grouped
from ui.canvas.showing import Showing
from ui.canvas.view import NetworkView
from ui.forms import NoWheel
from ui.theme import Theme, icon

CHOICES = ("widths", "curved", "dashed", "edge_numbers", "node_numbers", "upright")
"""The actions that change a choice of `Look` of the same name, in the order in which the button offers them."""

_COUNT_MS = 200
_FINEST = 100


class LookBar(QWidget):
    """The controls at the canvas' upper right corner.

    Signals
    -------
    weakest_changed
        float: edges below this share of their scale's end are to be hidden.

    Parameters
    ----------
    showing, view
        What chooses modes, and the canvas.
    actions
        Those of `CHOICES`, and "look", which opens the choices.
    theme
        Colours.

    Attributes
    ----------
    moments
        Returns what a difference can be to; each has `name`, `branch`, `epoch` and `snapshot`.
    """

    weakest_changed = Signal(float)

    def __init__(self, showing: Showing, view: NetworkView, actions: Mapping[str, QAction], theme: Theme) -> None:
        super().__init__(view)
        self._showing, self._view, self._theme = showing, view, theme
        self.moments: Callable[[], Sequence[Any]] = list
        self._offered: list[Any] = []
        self.setObjectName("canvas.bar")
        self.setAccessibleName("What the network shows")
        self.modes = self._combo("canvas.mode", "What edges show", 11)
        for name, row in MODES.items():
            self.modes.addItem(row.title, name)
            self.modes.setItemData(self.modes.count() - 1, row.help, Qt.ItemDataRole.ToolTipRole)
        self.modes.activated.connect(lambda _place: showing.choose(self.modes.currentData()))
        self.then = self._combo("canvas.then", "Difference to", 19, Offering(self.offer))
        self.then.setToolTip("The moment that the present weights are compared with")
        self.then.activated.connect(self._compare)
        self.look = QToolButton()
        self.look.setObjectName("canvas.look")
        self.look.setText("Look")
        self.look.setAccessibleName("How the network is drawn")
        self.look.setToolTip(actions["look"].toolTip())
        self.look.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.look.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.look.clicked.connect(actions["look"].trigger)
        self.choices = Choices(view, actions, self)
        self.choices.weakest_changed.connect(self.weakest_changed)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        for widget in (self.then, self.modes, self.look):
            line.addWidget(widget)
        self.set_theme(theme)
        self.follow()
        showing.changed.connect(self.follow)
        showing.unchosen.connect(self._take_first)
        showing.told.connect(lambda _text: self._explain())

    def _combo(self, name: str, title: str, letters: int, combo: QComboBox | None = None) -> QComboBox:
        combo = combo or QComboBox()
        combo.setObjectName(name)
        combo.setAccessibleName(title)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(letters)
        combo.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        combo.installEventFilter(NoWheel(self))
        return combo

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.look.setIcon(icon("settings", theme))

    def refuse(self, reason: str) -> None:
        """Disable the modes and say why; an empty reason enables them."""
        self.modes.setEnabled(not reason)
        self.then.setEnabled(not reason)
        self._explain(reason)

    def follow(self) -> None:
        """Show which mode is on, and what its difference is to."""
        self.modes.setCurrentIndex(self.modes.findData(self._showing.mode))
        differs = MODES[self._showing.mode].needs == MOMENT
        if differs:
            self.offer()
        self.then.setVisible(differs)
        self._explain()
        self.adjustSize()
        self._view.place_corner()

    def _take_first(self) -> None:
        if self._showing.then is None and MODES[self._showing.mode].needs == MOMENT:
            self.offer()

    def offer(self) -> None:
        """Offer what a difference can be to, and take the first where nothing was chosen yet."""
        moments = list(self.moments())
        known = self._showing.then
        if known is not None and all(each.name != known.name for each in moments):
            moments.insert(0, known)
        self._offered = moments
        names = [f"to {each.name}" for each in moments]
        if names != [self.then.itemText(place) for place in range(self.then.count())]:
            self.then.clear()
            self.then.addItems(names)
        if known is None and moments:
            self._showing.compare_with(moments[0])
        elif known is not None:
            self.then.setCurrentIndex(next(place for place, each in enumerate(moments) if each.name == known.name))

    def open(self) -> None:
        """Open the choices below their button."""
        self.choices.open(self.look.mapToGlobal(QPoint(self.look.width(), self.look.height() + 4)))

    def _compare(self, place: int) -> None:
        if 0 <= place < len(self._offered):
            self._showing.compare_with(self._offered[place])

    def _explain(self, reason: str = "") -> None:
        row = MODES[self._showing.mode]
        words = "\n".join(filter(None, (f"{row.title}: {row.help}.", self._showing.trouble, reason)))
        self.modes.setToolTip(words)
        self.modes.setAccessibleDescription(words)


class Offering(QComboBox):
    """A chooser whose choices are looked up when it opens."""

    def __init__(self, offer: Callable[[], None]) -> None:
        super().__init__()
        self._offer = offer

    def showPopup(self) -> None:  # noqa: N802 - Qt's name
        self._offer()
        super().showPopup()


class Choices(QFrame):
    """The choices of `Look`, in a window that closes when something else is clicked.

    Signals
    -------
    weakest_changed
        float: edges below this share of their scale's end are to be hidden.
    """

    weakest_changed = Signal(float)

    def __init__(self, view: NetworkView, actions: Mapping[str, QAction], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._view = view
        self.setObjectName("canvas.choices")
        self.setAccessibleName("How the network is drawn")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(7)
        title = QLabel("Hide weak edges")
        self.count = QLabel()
        self.count.setObjectName("canvas.count")
        self.count.setAccessibleName("Edges that are left")
        self.count.setProperty("role", "quiet")
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight)
        head = QHBoxLayout()
        head.setSpacing(18)
        head.addWidget(title)
        head.addWidget(self.count, 1)
        column.addLayout(head)
        self.weakest = QSlider(Qt.Orientation.Horizontal)
        self.weakest.setObjectName("canvas.weakest")
        self.weakest.setAccessibleName("Hide weak edges")
        self.weakest.setToolTip("Edges whose |value| is below this share of the end of their scale are not drawn")
        self.weakest.setRange(0, _FINEST)
        self.weakest.valueChanged.connect(self._hide_below)
        title.setBuddy(self.weakest)
        column.addWidget(self.weakest)
        self.boxes = {name: self._box(actions[name]) for name in CHOICES}
        for box in self.boxes.values():
            column.addWidget(box)
        self.forms = QToolButton()
        self.forms.setObjectName("canvas.forms_of_layers")
        self.forms.setText("Forms of the layers  ▸")
        self.forms.setToolTip("Draw a layer as a column, a grid or a strip; a right click on a layer offers it too")
        self.forms.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.forms.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.forms.clicked.connect(self._offer_forms)
        column.addWidget(self.forms)
        self._clock = QTimer(self)
        self._clock.setInterval(_COUNT_MS)
        self._clock.timeout.connect(self.tell_count)

    def _box(self, action: QAction) -> QCheckBox:
        """Return a box that is the action."""
        box = QCheckBox(action.text().replace("&", ""))
        box.setObjectName(f"canvas.{action.objectName().removeprefix('action.')}")
        box.setToolTip(action.toolTip())
        box.setChecked(action.isChecked())
        box.toggled.connect(action.setChecked)
        action.toggled.connect(box.setChecked)
        return box

    def open(self, corner: QPoint) -> None:
        """Show the choices with their upper right corner at a point of the screen."""
        self.weakest.setValue(round(self._view.look.weakest * _FINEST))
        self.tell_count()
        self.adjustSize()
        self.move(corner - QPoint(self.width(), 0))
        self.show()
        self.weakest.setFocus(Qt.FocusReason.PopupFocusReason)

    def tell_count(self) -> None:
        """Say how many edges are left."""
        picture = self._view.picture
        self.count.setText("" if picture is None else count_text(picture, self._view.look.weakest))

    def _hide_below(self, value: int) -> None:
        self.weakest_changed.emit(value / _FINEST)
        self.tell_count()

    def _offer_forms(self) -> None:
        menu = self._view.forms_menu(None)
        if menu is not None:
            menu.popup(self.forms.mapToGlobal(QPoint(0, self.forms.height())))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._clock.stop()


def count_text(picture: Picture, weakest: float) -> str:
    """Return how many edges are left: ``87 of 1 234 edges``."""
    left, total = count_left(picture, weakest)
    edges = f"{grouped(total)} edge{'s' if total != 1 else ''}"
    return f"all {edges}" if left == total else f"{grouped(left)} of {edges}"
