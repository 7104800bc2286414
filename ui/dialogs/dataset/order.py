"""A list of names whose order can be changed: dragged by the mouse, moved by Alt with the arrow keys."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QWidget

_SHOWN = 6


class Order(QListWidget):
    """The names from the first to the last.

    Attributes
    ----------
    ordered
        Emitted with the names when the user moved one.
    """

    ordered = Signal(tuple)

    def __init__(self, name: str, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setToolTip(f"{label}. Drag a line to another place, or press Alt+Up and Alt+Down.")
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setUniformItemSizes(True)
        self.setAlternatingRowColors(False)
        self.setProperty("tone", "roomy")
        self.setTabKeyNavigation(False)
        self.model().rowsMoved.connect(lambda *_: self.ordered.emit(self.names))

    @property
    def names(self) -> tuple[str, ...]:
        """The names in their order now."""
        return tuple(self.item(row).text() for row in range(self.count()))

    def show_names(self, names: Sequence[str]) -> None:
        """Show names without reporting it."""
        if tuple(names) != self.names:
            at = self.currentItem().text() if self.currentItem() is not None else None
            self.clear()
            self.addItems(list(names))
            if at is not None and at in names:
                self.setCurrentRow(list(names).index(at))
        line = self.sizeHintForRow(0) if self.count() else self.fontMetrics().height() + 6
        self.setFixedHeight(line * min(max(self.count(), 2), _SHOWN) + 2 * self.frameWidth() + 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        row = self.currentRow()
        if step and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            to = row + step
            if row >= 0 and 0 <= to < self.count():
                self.insertItem(to, self.takeItem(row))
                self.setCurrentRow(to)
                self.ordered.emit(self.names)
            return
        super().keyPressEvent(event)
