"""A line above the network that says something and offers a choice; nothing waits for it, and nothing is covered."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy

_WIDE = 140


class Banner(QFrame):
    """A text, how far something is, and buttons; hidden until there is something to say.

    Parameters
    ----------
    name
        The object name, from which those of its parts are made.
    title
        What it is called for screen readers.
    """

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.Base)
        self.text = QLabel()
        self.text.setObjectName(f"{name}.text")
        self.text.setAccessibleName(title)
        # What is said may name a file: it is never read as markup.
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.progress = QProgressBar(textVisible=False)
        self.progress.setObjectName(f"{name}.progress")
        self.progress.setAccessibleName("How far it is")
        self.progress.setFixedSize(_WIDE, 6)
        self.progress.hide()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 6, 12, 6)
        self._row.setSpacing(10)
        self._row.addWidget(self.text, 1)
        self._row.addWidget(self.progress)
        self.hide()

    def add_button(self, name: str, text: str, tip: str, do: Callable[[], object]) -> QPushButton:
        """Add a button at the right end."""
        button = QPushButton(text)
        button.setObjectName(f"{self.objectName()}.{name}")
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: do())
        self._row.addWidget(button)
        return button

    def say(self, text: str) -> None:
        """Show a text."""
        self.text.setText(text)
        self.text.setToolTip(text)
        self.show()

    def tell(self, fraction: float | None) -> None:
        """Show how far it is, 0 … 1; None for a bar that only says that something happens."""
        self.progress.setRange(0, 0 if fraction is None else 1000)
        self.progress.setValue(0 if fraction is None else round(1000 * fraction))
        self.progress.show()

    def finish(self, text: str) -> None:
        """Say how it ended: the bar is gone, and so are the buttons that there were for it."""
        for button in self.findChildren(QPushButton):
            button.hide()
            button.deleteLater()
        self.progress.hide()
        self.say(text)
