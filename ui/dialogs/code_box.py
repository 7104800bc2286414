"""Some lines of a program, to be read and copied."""

from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

_MOST_LINES = 12


class CodeBox(QWidget):
    """What the lines are for, a button that copies them, and the lines.

    Attributes
    ----------
    whole_width
        How wide it must be to show the longest line whole, in pixels.
    """

    def __init__(self, code: str, about: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.code = code
        head = QLabel(about)
        head.setProperty("tone", "quiet")
        self.copy = QPushButton("C&opy lines")
        self.copy.setObjectName("code.copy")
        self.copy.setToolTip("Copies these lines (Alt+O).")
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(self._copy)
        self.text = QPlainTextEdit(code, readOnly=True)
        self.text.setObjectName("code.text")
        self.text.setAccessibleName(about)
        self.text.setTabChangesFocus(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        font = fixed_font(self.font())
        self.text.setFont(font)
        lines = min(max(code.count("\n") + 1, 2), _MOST_LINES)
        longest = max(code.splitlines(), key=len, default="")
        self.whole_width = QFontMetrics(font).horizontalAdvance(longest) + 2 * self.text.frameWidth() + 30
        # A long line has its scroll bar below the last one.
        self.text.setFixedHeight(lines * QFontMetrics(font).lineSpacing() + 26)
        line = QHBoxLayout()
        line.addWidget(head, 1)
        line.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(line)
        layout.addWidget(self.text)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code)
        self.copy.setText("Copied")


def fixed_font(beside: QFont) -> QFont:
    """Return the system's font of equally wide letters, in the size of the letters beside it."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(max(10, round(0.92 * beside.pixelSize())) if beside.pixelSize() > 0 else 12)
    return font
