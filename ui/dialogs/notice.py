"""A quiet dialog that says what was done, as a short table of facts."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.dialogs.code_box import CodeBox
from ui.dialogs.sizing import fit
from ui.dialogs.tints import sign


class NoticeDialog(QDialog):
    """A sentence and facts.

    Parameters
    ----------
    facts
        Names and values, shown one below the other.
    path
        What "Copy path" copies.
    code, about_code
        Some lines of a program, and what they are for; shown with a button that copies them.
    """

    def __init__(
        self,
        title: str,
        said: str,
        facts: list[tuple[str, str]],
        path: str = "",
        parent: QWidget | None = None,
        *,
        code: str = "",
        about_code: str = "",
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.notice")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        mark = sign(self, "check", "good")
        self.said = QLabel(said, wordWrap=True)
        self.said.setObjectName("notice.said")
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        bold.setPixelSize(round(1.12 * self.fontInfo().pixelSize()))
        self.said.setFont(bold)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        self.values: dict[str, QLabel] = {}
        for row, (name, value) in enumerate(facts):
            key = QLabel(name)
            key.setForegroundRole(key.palette().ColorRole.PlaceholderText)
            label = QLabel(_breakable(value), wordWrap=True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            label.setAccessibleName(f"{name}: {value}")
            grid.addWidget(key, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(label, row, 1)
            self.values[name] = label
        words = QVBoxLayout()
        words.setSpacing(10)
        words.addWidget(self.said)
        words.addLayout(grid)
        lines = 0
        if code:
            box = CodeBox(code, about_code)
            words.addSpacing(4)
            words.addWidget(box)
            lines = box.whole_width + mark.sizeHint().width() + 50
        words.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(14)
        upper.addWidget(mark)
        upper.addLayout(words, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setToolTip("Closes this message (Enter).")
        buttons.accepted.connect(self.accept)
        if path:
            copy = buttons.addButton("&Copy path", QDialogButtonBox.ButtonRole.ActionRole)
            copy.setObjectName("notice.copy")
            copy.setToolTip("Copies the file's whole path (Alt+C).")
            copy.setAutoDefault(False)
            copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(path))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(16)
        layout.addLayout(upper, 1)
        layout.addWidget(buttons)
        em = self.fontMetrics().horizontalAdvance("m")
        self.setMinimumWidth(min(36 * em, 700))
        fit(self, min(max(40 * em, lines), 900))


def show_notice(
    parent: QWidget | None,
    title: str,
    said: str,
    facts: list[tuple[str, str]],
    path: str = "",
    code: str = "",
    about_code: str = "",
) -> NoticeDialog:
    """Show a notice without waiting; it forgets itself when it is closed."""
    dialog = NoticeDialog(title, said, facts, path, parent, code=code, about_code=about_code)
    dialog.finished.connect(lambda _: QTimer.singleShot(0, dialog.deleteLater))
    dialog.open()
    return dialog


def _breakable(text: str) -> str:
    # A long path has no blanks where a line could end: let it end after a slash or an underscore.
    for mark in "/\\_":
        text = text.replace(mark, f"{mark}\u200b")
    return text
