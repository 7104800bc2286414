"""What stands above the evaluation: which page, which rows, and what a page lets one choose."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QStackedWidget, QWidget

from ui.forms import NoWheel


class Segments(QWidget):
    """One of some, side by side; a chooser to be opened where there is no room for that.

    Signals
    -------
    chosen
        str: the key of what somebody chose.
    """

    chosen = Signal(str)

    def __init__(self, name: str, title: str, offered: Mapping[str, tuple[str, str]], *, folds: bool = False) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._folds = folds
        self.buttons: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        self._box = QComboBox()
        self._box.setObjectName(f"{name}.box")
        self._box.setAccessibleName(title)
        self._box.installEventFilter(NoWheel(self))
        for key, (text, tip) in offered.items():
            button = QPushButton(text)
            button.setObjectName(f"{name}.{key}")
            button.setProperty("tone", "segment")
            button.setAccessibleName(f"{title}: {text}")
            button.setToolTip(tip)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(lambda _on=False, key=key: self.chosen.emit(key))
            group.addButton(button)
            line.addWidget(button)
            self.buttons[key] = button
            self._box.addItem(text, key)
            self._box.setItemData(self._box.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self._box.activated.connect(lambda nth: self.chosen.emit(self._box.itemData(nth)))
        line.addStretch(1)
        self._row = QWidget()
        self._row.setLayout(line)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._row)
        self._stack.addWidget(self._box)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)
        self.setSizePolicy(QSizePolicy.Policy.Ignored if folds else QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_chosen(self, key: str) -> None:
        """Show which one it is."""
        self.buttons[key].setChecked(True)
        self._box.setCurrentIndex(self._box.findData(key))

    @property
    def wanted(self) -> int:
        """How wide all buttons are."""
        return sum(button.sizeHint().width() for button in self.buttons.values())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self.wanted, max(self._row.sizeHint().height(), self._box.sizeHint().height()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(90 if self._folds else self.wanted, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._stack.setCurrentIndex(int(self._folds and self.width() < self.wanted))


PAGES: dict[str, dict[str, tuple[str, str]]] = {
    "classification": {
        "matrix": ("Matrix", "Confusion matrix: how often each class was taken for each class"),
        "scores": ("Scores", "Precision, recall and F1 of every class, and scores of all together"),
        "roc": ("ROC", "Receiver operating characteristic: the true positive rate over the false positive rate"),
        "pr": ("PR", "Precision over recall, for every threshold"),
        "calibration": ("Calibration", "Whether what is said to be 80 % probable is so in 80 % of the rows"),
    },
    "regression": {
        "predicted": ("Predicted", "Predicted values against the true ones"),
        "residuals": ("Residuals", "What is left over, y − ŷ, against the predicted value, and how often"),
        "figures": ("Figures", "R², RMSE, MAE and others, with their formulas"),
    },
}
"""Every page of a task by its key: its name and what it shows."""

SPLIT_CHOICES = {
    "test": ("Test", "The rows that the network was never trained on"),
    "train": ("Train", "The rows that the network is trained on"),
    "all": ("All", "Training and test rows together"),
}

MODES = {
    "count": ("n", "Counts: how many rows"),
    "row": ("Row %", "Shares of the rows that are of a class: each line adds up to 100 %, the diagonal is the recall"),
    "column": (
        "Col %", "Shares of the rows that were called so: each column adds up to 100 %, the diagonal is the precision"
    ),
}  # fmt: skip
