"""What chooses a comparison: the moment, and how it is shown. It takes two lines where it must."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from ui.forms import NoWheel
from ui.panels.bar import Segments
from ui.panels.compare_moments import Moment
from ui.panels.panel import MARGIN
from ui.panels.timeline import square
from ui.theme import Theme

BESIDE, DIFFERENCE, FIGURES = "beside", "difference", "figures"
PAGES = {
    BESIDE: ("Side by side", "The network then and now, with the same row and the same colours"),
    DIFFERENCE: (
        "Difference",
        "One network: its edges show w now − w then, its neurons a now − a then for the shown row",
    ),
    FIGURES: ("Figures", "Losses, settings that differ, and the weights that changed most"),
}
OTHER_EPOCH = "Another epoch …"
_WIDE = 620


class CompareBar(QWidget):
    """Choosers in one line, or in two.

    Signals
    -------
    chosen
        `Moment`: what is to be compared with.
    epoch_wanted
        Another epoch is to be asked for.
    removed
        The chosen moment is to be forgotten.
    turned
        str: a key of `PAGES`.
    """

    chosen = Signal(object)
    epoch_wanted = Signal()
    removed = Signal()
    turned = Signal(str)

    def __init__(self, actions: Mapping[str, QAction], theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._offered: list[Moment] = []
        self.chooser = QComboBox()
        self.chooser.setObjectName("compare.with")
        self.chooser.setAccessibleName("Compare with")
        self.chooser.setToolTip("The moment that the present one is compared with")
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.chooser.setMinimumContentsLength(14)
        self.chooser.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.chooser.setPlaceholderText("Choose a moment")
        self.chooser.installEventFilter(NoWheel(self))
        self.chooser.activated.connect(self._choose)
        self.remove = self._tool("compare.remove", "Forget", "Forget this kept moment", "✕")
        self.remove.clicked.connect(self.removed)
        self.keep = QToolButton()
        self.keep.setObjectName("compare.keep")
        self.keep.setDefaultAction(actions["keep_moment"])
        self.keep.setText("Keep")
        self.keep.setAccessibleName("Keep this moment")
        self.keep.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        label = QLabel("Compare with")
        label.setBuddy(self.chooser)
        left = QHBoxLayout()
        left.setSpacing(6)
        left.addWidget(label)
        left.addWidget(self.chooser, 1)
        left.addWidget(self.remove)
        left.addWidget(self.keep)
        self.pages = Segments("compare", "Page", PAGES, self.turned.emit, folds=False)
        right = QHBoxLayout()
        right.addWidget(self.pages)
        right.addStretch(1)
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lines.setContentsMargins(MARGIN, 5, MARGIN, 2)
        self._lines.setSpacing(6)
        self._lines.addLayout(left, 3)
        self._lines.addStretch(1)
        self._lines.addLayout(right)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def _tool(self, name: str, title: str, tip: str, text: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setText(text)
        button.setAccessibleName(title)
        button.setToolTip(tip)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def show_page(self, page: str) -> None:
        """Show which page is seen."""
        self.pages.choose(page)

    def show_moments(self, moments: Sequence[Moment], chosen: Moment | None, *, ready: bool) -> None:
        """Offer moments; without a network there is nothing to offer."""
        self._offered = list(moments)
        self.chooser.clear()
        for moment in moments:
            self.chooser.addItem(square(self.theme.classes[moment.branch % len(self.theme.classes)]), moment.name)
        if ready:
            if moments:
                self.chooser.insertSeparator(len(moments))
            self.chooser.addItem(OTHER_EPOCH)
        at = next((nth for nth, each in enumerate(moments) if each is chosen), -1)
        self.chooser.setCurrentIndex(at)
        self.chooser.setEnabled(ready)
        self.remove.setEnabled(chosen is not None and chosen.kept)

    def _choose(self, nth: int) -> None:
        if nth < len(self._offered):
            self.chosen.emit(self._offered[nth])
        else:
            self.epoch_wanted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        self._lines.setDirection(direction.LeftToRight if self.width() >= _WIDE else direction.TopToBottom)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, super().sizeHint().height())
