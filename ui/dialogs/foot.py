"""The foot of a dialog that works beside the window: a note, how it goes, and the two buttons."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget


class Foot(QWidget):
    """Nothing moves when the progress comes and goes.

    Parameters
    ----------
    name
        What the names of the parts begin with.
    does, leaves
        What the two buttons say.
    """

    def __init__(self, name: str, does: str, leaves: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.note = QLabel(wordWrap=True)
        self.note.setObjectName(f"{name}.note")
        # What stands in a message may come from a file: it is never read as markup.
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.hide()
        self.progress = QProgressBar(textVisible=False)
        self.progress.setObjectName(f"{name}.progress")
        self.progress.setAccessibleName("Something is being worked out")
        self.progress.setRange(0, 0)
        self.progress.setFixedHeight(6)
        policy = self.progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(policy)
        self.progress.hide()
        self.do, self.leave = QPushButton(does), QPushButton(leaves)
        self.do.setObjectName(f"{name}.do")
        self.do.setDefault(True)
        self.leave.setObjectName(f"{name}.leave")
        self.leave.setAutoDefault(False)
        self._line = QHBoxLayout()
        self._line.setSpacing(10)
        self._line.addWidget(self.progress, 1)
        self._line.addWidget(self.do)
        self._line.addWidget(self.leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.note)
        layout.addLayout(self._line)

    def add_left(self, button: QPushButton) -> None:
        """Put a button at the left end."""
        button.setAutoDefault(False)
        self._line.insertWidget(0, button)

    def tell(self, fraction: float | None, text: str) -> None:
        """Show how far it is; None for a bar that only says that something happens."""
        self.progress.setRange(0, 0 if fraction is None else 1000)
        self.progress.setValue(0 if fraction is None else round(1000 * fraction))
        if text:
            self.say(f"{text[:1].upper()}{text[1:]} …")

    def say(self, text: str, *, bad: bool = False) -> None:
        """Say something above the buttons; nothing where the text is empty."""
        self.note.setText(text)
        self.note.setVisible(bool(text))
        tone = "bad" if bad else "quiet"
        if self.note.property("tone") != tone:
            self.note.setProperty("tone", tone)
            self.note.style().polish(self.note)
