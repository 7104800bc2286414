"""The seven steps of the lesson as a list, or as a row of numbers where there is little room."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QSizePolicy

from ui.theme import base_pixel_size

_INSET = 8


class Steps(QListWidget):
    """The seven steps.

    Signals
    -------
    entered
        int: a step, from 1, was clicked, or Enter was pressed on it.
    """

    entered = Signal(int)

    def __init__(self, titles: list[str]) -> None:
        super().__init__()
        self.setObjectName("lesson.steps")
        self.setAccessibleName("Steps of the lesson")
        self.setToolTip("A click or Enter goes to the step in slow motion (Ctrl+Shift+1 … 7)")
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setUniformItemSizes(True)
        self.setViewportMargins(_INSET, _INSET, _INSET, 0)
        self._titles, self._low = titles, False
        for title in titles:
            item = QListWidgetItem(title)
            item.setToolTip(title)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, title)
            self.addItem(item)
        self.setCurrentRow(0)
        self.size_items()
        self.itemClicked.connect(lambda _item: self.entered.emit(self.currentRow() + 1))

    def set_low(self, low: bool) -> None:
        """Stand in a row, as numbers alone, where there is no room for a list."""
        if low != self._low:
            self._low = low
            self.setFlow(QListWidget.Flow.LeftToRight if low else QListWidget.Flow.TopToBottom)
            self.size_items()

    def size_items(self) -> None:
        """Follow the room and the application's font."""
        high = round(2.0 * base_pixel_size(self.font()))
        for nth, title in enumerate(self._titles):
            item = self.item(nth)
            item.setSizeHint(QSize(self.viewport().width() // len(self._titles) if self._low else 0, high))
            item.setText(str(nth + 1) if self._low else title)
            item.setTextAlignment(Qt.AlignmentFlag.AlignCenter if self._low else
                                  Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)  # fmt: skip
        self.setFixedHeight((1 if self._low else self.count()) * high + _INSET + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        if self._low:
            self.size_items()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit(self.currentRow() + 1)
        else:
            super().keyPressEvent(event)
