"""A quiet sentence below a picture, which takes the lines that it needs but never the picture's room."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from ui.panels.panel import style_label
from ui.theme import font


class Note(QLabel):
    """Text that wraps; where a panel is too small for it, its last lines are cut off and stand in the tooltip.

    A label of Qt asks for its height at every width, and so makes a whole panel higher than somebody wants it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        style_label(self, "quiet")

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        return False

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        super().setText(text)
        self.setToolTip(text)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(120, self.heightForWidth(max(40, self.width())) if self.text() else 0)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(40, self.fontMetrics().height() if self.text() else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def fit(self, size: float, room: int) -> None:
        """Write with a font of so many pixels, and take at most so much height, but two lines."""
        self.setFont(font(size))
        line = self.fontMetrics().lineSpacing()
        self.setMaximumHeight(line * max(2, room // line))  # whole lines
