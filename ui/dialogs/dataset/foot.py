"""The foot of the dialog: how far the reading is, and the buttons."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)


class Foot(QWidget):
    """Progress on the left, buttons on the right; nothing moves when the progress comes and goes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.progress = QProgressBar(textVisible=False)
        self.progress.setObjectName("dataset.progress")
        self.progress.setAccessibleName("How far the reading is")
        self.progress.setFixedHeight(6)
        self.progress_text = QLabel()
        self.progress_text.setObjectName("dataset.progress_text")
        for widget in (self.progress, self.progress_text):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(policy)
        self.again = QPushButton()
        self.again.setObjectName("dataset.stop")
        self.again.setAutoDefault(False)
        self.guess = QPushButton("&Guess again")
        self.guess.setObjectName("dataset.guess")
        self.guess.setAutoDefault(False)
        self.guess.setToolTip("Forgets your answers, and guesses all of them from the file (Alt+G).")
        self.recipe = QPushButton("Reci&pe")
        self.recipe.setObjectName("dataset.recipe_menu")
        self.recipe.setAutoDefault(False)
        self.recipe.setToolTip("Writes your answers to a file, or takes them from one (Alt+P).")
        menu = QMenu(self.recipe)
        self.export = menu.addAction("E&xport recipe…")
        self.export.setObjectName("dataset.export_recipe")
        self.use = menu.addAction("&Use recipe…")
        self.use.setObjectName("dataset.use_recipe")
        self.recipe.setMenu(menu)
        self.buttons = QDialogButtonBox()
        self.load = self.buttons.addButton("&Load", QDialogButtonBox.ButtonRole.AcceptRole)
        self.load.setObjectName("dataset.load")
        self.load.setDefault(True)
        cancel = self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        cancel.setObjectName("dataset.cancel")
        cancel.setAutoDefault(False)
        cancel.setToolTip("Leaves everything as it is (Esc).")
        told = QVBoxLayout()
        told.setSpacing(4)
        told.addStretch(1)
        told.addWidget(self.progress_text)
        told.addWidget(self.progress)
        told.addStretch(1)
        foot = QHBoxLayout(self)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(10)
        foot.addLayout(told, 1)
        foot.addWidget(self.recipe)
        foot.addWidget(self.again)
        foot.addWidget(self.guess)
        foot.addWidget(self.buttons)

    def tell(self, fraction: float | None, text: str) -> None:
        """Show how far it is; None for a bar that only says that something happens."""
        self.progress.setRange(0, 0 if fraction is None else 1000)
        self.progress.setValue(0 if fraction is None else round(1000 * fraction))
        metrics = self.progress_text.fontMetrics()
        room = max(self.progress_text.width(), 120)
        self.progress_text.setText(metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room))

    def note(self, text: str) -> None:
        """Say in passing what was done; the next reading takes it away."""
        self.progress_text.setText(text)
        self.progress_text.setVisible(True)

    def show_state(
        self, *, busy: bool, chosen: bool, overruled: bool, refused: bool, valid: bool, waiting: bool
    ) -> None:
        """Enable what can be pressed now, and say why the rest cannot.

        Parameters
        ----------
        busy
            Whether a reading takes long enough to be announced.
        chosen
            Whether there is a source.
        overruled
            Whether an answer of the user can be forgotten.
        refused
            Whether something is typed that cannot be used.
        valid, waiting
            Whether there is a data set to load, or soon may be one.
        """
        for widget in (self.progress, self.progress_text):
            widget.setVisible(busy)
        self.again.setText("St&op" if busy else "Read &again")
        self.again.setToolTip("Stops reading (Alt+O)." if busy else "Reads the source once more, as it is now (Alt+A).")
        self.again.setEnabled(chosen)
        self.recipe.setEnabled(chosen)
        self.export.setEnabled(valid)
        self.guess.setEnabled(overruled)
        self.load.setEnabled(valid)
        why = "There is no data set yet: choose a source, or correct what is said above."
        if valid:
            why = "Load this data set; the network's input and output layers follow (Enter)."
        elif refused:
            why = "Correct what is typed and refused first."
        elif waiting:
            why = "Wait until the table is read."
        self.load.setToolTip(why)
