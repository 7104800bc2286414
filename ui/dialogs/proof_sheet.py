"""The widgets of the comparison with PyTorch, and what they say."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ui.dialogs.sizing import fit
from ui.dialogs.tints import theme_of
from ui.forms import NumberLine

_WHAT = (
    "A script is written with the network, its weights, the optimizer's memory, the rows and their order as they are "
    "now. It trains the next epochs with PyTorch, and compares the loss of every epoch with that which training here "
    "comes to. Your run stays where it is."
)
_EPOCHS, _MOST_EPOCHS = 3, 1000


class ProofSheet:
    """What stands in the dialog; a signal of a button is the dialog's to answer."""

    def __init__(self, dialog: QDialog) -> None:
        self.what = _label(_WHAT, "torch.what")
        self.epochs = NumberLine(1, _MOST_EPOCHS)
        self.epochs.show_value(_EPOCHS)
        self.epochs.setObjectName("torch.epochs")
        self.epochs.setAccessibleName("Next epochs")
        self.epochs.setToolTip("How many epochs are trained and compared; Up and Down change it.")
        self.epochs.setFixedWidth(dialog.fontMetrics().horizontalAdvance("0000000000"))
        self.since = _label("", "torch.since", quiet=True)
        self.path = _label("", "torch.path")
        self.choose_path = self._button("torch.choose_path", "Choose …", "Chooses where the script is written.")
        self.choose_path.setAccessibleName("Choose the file")
        self.python = _label("", "torch.python")
        self.choose_python = self._button("torch.choose_python", "Choose …", "Chooses the Python that runs the script.")
        self.choose_python.setAccessibleName("Choose the Python")
        self.has_torch = _label("", "torch.has_torch", quiet=True)
        self.inside = _label("", "torch.inside")
        self.to_end = self._button(
            "torch.to_end",
            "Advance to its end",
            "Trains what is left of this epoch, so that the next one can be compared.",
        )
        self.output = QPlainTextEdit(readOnly=True)
        self.output.setObjectName("torch.output")
        self.output.setAccessibleName("What the script says")
        self.output.setTabChangesFocus(True)
        self.output.setPlaceholderText("What the script says stands here while it runs.")
        self.output.setFont(_even(dialog))
        self.output.setMinimumHeight(7 * dialog.fontMetrics().lineSpacing())
        self.progress = QProgressBar(textVisible=False)
        self.progress.setObjectName("torch.progress")
        self.progress.setAccessibleName("How far it is")
        self.progress.setFixedHeight(6)
        policy = self.progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(policy)
        self.verdict = _label("", "torch.verdict")
        bold = QFont(dialog.font())
        bold.setWeight(QFont.Weight.DemiBold)
        self.verdict.setFont(bold)
        self._lay_out(dialog)

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        made = QPushButton(text)
        made.setObjectName(name)
        made.setAutoDefault(False)
        made.setToolTip(tip)
        return made

    def _lay_out(self, dialog: QDialog) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        first = QHBoxLayout()
        first.setSpacing(10)
        first.addWidget(self.epochs)
        first.addWidget(self.since, 1)
        for row, (text, content) in enumerate((("Next epochs", first), ("Script", self.path), ("Python", self.python))):
            key = QLabel(text)
            key.setForegroundRole(key.palette().ColorRole.PlaceholderText)
            grid.addWidget(key, 2 * row, 0)
            if isinstance(content, QWidget):
                grid.addWidget(content, 2 * row, 1)
            else:
                grid.addLayout(content, 2 * row, 1)
        grid.addWidget(self.choose_path, 2, 2)
        grid.addWidget(self.choose_python, 4, 2)
        grid.addWidget(self.has_torch, 5, 1, 1, 2)
        inside = QHBoxLayout()
        inside.setSpacing(10)
        inside.addWidget(self.inside, 1)
        inside.addWidget(self.to_end)
        buttons = QDialogButtonBox()
        self.stop = buttons.addButton("S&top", QDialogButtonBox.ButtonRole.ActionRole)
        self.write = buttons.addButton("&Write the script", QDialogButtonBox.ButtonRole.ActionRole)
        self.run = buttons.addButton("Write and &run", QDialogButtonBox.ButtonRole.ActionRole)
        close = buttons.addButton(QDialogButtonBox.StandardButton.Close)
        for button, name in ((self.stop, "stop"), (self.write, "write"), (self.run, "run"), (close, "close")):
            button.setObjectName(f"torch.{name}")
            button.setAutoDefault(False)
        close.setToolTip("Closes this window, and ends what is under way (Esc).")
        self.stop.setToolTip("Ends what is under way (Alt+T).")
        buttons.rejected.connect(dialog.reject)
        whole = QVBoxLayout(dialog)
        whole.setContentsMargins(18, 16, 18, 14)
        whole.setSpacing(12)
        whole.addWidget(self.what)
        whole.addLayout(grid)
        whole.addLayout(inside)
        whole.addWidget(self.output, 1)
        whole.addWidget(self.progress)
        whole.addWidget(self.verdict)
        whole.addWidget(buttons)
        em = dialog.fontMetrics().horizontalAdvance("m")
        dialog.setMinimumWidth(min(46 * em, 660))
        fit(dialog, min(56 * em, 780))

    # -- showing ------------------------------------------------------------------------------------------------

    def say_since(self, text: str) -> None:
        """Say from which moment on."""
        self.since.setText(text)

    def say_path(self, path: Path) -> None:
        """Show where the script is written."""
        self.path.setText(_breakable(str(path)))
        self.path.setAccessibleName(f"Script: {path}")

    def say_python(self, python: str, torch: str) -> None:
        """Show which Python runs it, and whether that has PyTorch."""
        self.python.setText(_breakable(python))
        self.python.setAccessibleName(f"Python: {python}")
        self.has_torch.setText(torch)

    def allow(self, *, busy: bool, why: str, why_not_run: str, inside: bool) -> None:
        """Enable what can be pressed now, and say why the rest cannot.

        Parameters
        ----------
        busy
            Whether something is under way.
        why
            Why no script can be written now, or "".
        why_not_run
            Why it could not be run here, or "".
        inside
            Whether the end of the epoch would help.
        """
        self.inside.setVisible(bool(why))
        self.inside.setText(why)
        self.to_end.setVisible(inside)
        self.to_end.setEnabled(not busy)
        self.stop.setEnabled(busy)
        self.progress.setVisible(busy)
        self.write.setEnabled(not busy and not why)
        self.run.setEnabled(not busy and not why and not why_not_run)
        hold = "Wait for what is under way, or stop it." if busy else why
        self.write.setToolTip(hold or "Writes the script, to be run by yourself (Alt+W).")
        self.run.setToolTip(hold or why_not_run or "Writes the script and runs it here (Alt+R).")
        for widget in (self.epochs, self.choose_path, self.choose_python):
            widget.setEnabled(not busy)

    def clear(self) -> None:
        """Begin anew."""
        self.output.clear()
        self.verdict.setText("")

    def tell(self, fraction: float | None, text: str) -> None:
        """Show how far it is; None for a bar that only says that something happens."""
        self.progress.setRange(0, 0 if fraction is None else 1000)
        self.progress.setValue(0 if fraction is None else round(1000 * fraction))
        self.verdict.setStyleSheet("")
        self.verdict.setText(text[:1].upper() + text[1:])

    def add(self, text: str) -> None:
        """Write what the script says, below what it said before."""
        self.output.moveCursor(self.output.textCursor().MoveOperation.End)
        self.output.insertPlainText(text)
        self.output.ensureCursorVisible()

    def conclude(self, agrees: bool | None, text: str) -> None:
        """Say how it ended."""
        field = "text" if agrees is None else "good" if agrees else "bad"
        self.verdict.setStyleSheet(f"color: {getattr(theme_of(self.output), field)};")
        self.verdict.setText(text)


def _even(widget: QWidget) -> QFont:
    """Return a font whose letters are all as wide, of the size of a widget's own."""
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    made.setPixelSize(round(0.92 * widget.fontInfo().pixelSize()))
    return made


def _label(text: str, name: str, *, quiet: bool = False) -> QLabel:
    label = QLabel(text, wordWrap=True)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    if quiet:
        label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
    return label


def _breakable(text: str) -> str:
    # A long path has no blanks where a line could end: let it end after a slash or an underscore.
    for mark in "/\\_":
        text = text.replace(mark, f"{mark}\u200b")
    return text
