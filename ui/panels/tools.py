"""The quiet row of buttons above the inspector's formulas: which update is told of, and the proofs."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QToolButton, QWidget

from ui.panels.inspection import BATCH, LAST, Page
from ui.theme import Theme, base_pixel_size, palette

_GAP, _APART = 4, 14
_NOT_KNOWN = "The last update is not known now: there was none yet, or training goes on too fast."
_CHECK = (
    "Moves the weight a little to both sides: the loss must change as the gradient says\n"
    "∂f/∂w = (f(w + h) − f(w − h))/2h, f the loss and the penalty of the batch"
)
_CHECK_ALL = (
    "Does that with every weight and bias, one after the other\n|explained − measured| is to be 0 but for rounding"
)
_COMPARE = (
    "Writes a script that trains the next epochs with PyTorch, and runs it where PyTorch is installed\n"
    "|our loss − PyTorch's loss| is to be 0 but for rounding"
)


class Tools(QWidget):
    """Buttons that stand in a row, or in several where there is little room.

    Signals
    -------
    turned
        str: LAST or BATCH, whichever update the page is to tell of.
    check_wanted, check_all_wanted, comparison_wanted
        A proof was asked for.
    """

    turned = Signal(str)
    check_wanted = Signal()
    check_all_wanted = Signal()
    comparison_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.last = self._button("last", "Last update", "Tell of the update that made the weight what it is now")
        self.next = self._button("next", "Next update", "Tell of the update that comes: w + Δw = new w")
        self._turns = QButtonGroup(self)
        for button, rows in ((self.last, LAST), (self.next, BATCH)):
            button.setCheckable(True)
            self._turns.addButton(button)
            button.clicked.connect(lambda _checked, rows=rows: self.turned.emit(rows))
        self.check = self._button("check", "Check", _CHECK)
        self.check_all = self._button("check_all", "Check all …", _CHECK_ALL)
        self.compare = self._button("compare", "PyTorch …", _COMPARE)
        self.compare.setAccessibleName("Compare with PyTorch")
        self.check.clicked.connect(self.check_wanted)
        self.check_all.clicked.connect(self.check_all_wanted)
        self.compare.clicked.connect(self.comparison_wanted)
        self._last_tip = self.last.toolTip()

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        made = QToolButton(self)
        made.setObjectName(f"inspector.{name}")
        made.setText(text)
        made.setAccessibleName(text.removesuffix(" …"))
        made.setToolTip(tip)
        made.setAccessibleDescription(tip)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setAutoRaise(True)
        return made

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme: the buttons step back behind the figures."""
        faded = palette(theme).color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText).name()
        self.setStyleSheet(
            f"QToolButton {{ padding: 1px 7px; color: {theme.quiet}; }}"
            f"QToolButton:hover, QToolButton:checked, QToolButton:focus {{ color: {theme.text}; }}"
            f"QToolButton:disabled {{ color: {faded}; }}"
        )
        self._flow()

    @property
    def buttons(self) -> tuple[QToolButton, ...]:
        """All of them, in the order of reading."""
        return self.last, self.next, self.check, self.check_all, self.compare

    def show_page(self, page: Page, *, last_known: bool, ready: bool) -> None:
        """Offer what fits a page.

        Parameters
        ----------
        last_known
            Whether the last update can be told of.
        ready
            Whether there is a moment to prove anything about.
        """
        for button, rows in ((self.last, LAST), (self.next, BATCH)):
            button.setVisible(bool(page.turn))
            button.setChecked(page.turn == rows)
        self.last.setEnabled(last_known)
        self.last.setToolTip(self._last_tip if last_known else _NOT_KNOWN)
        self.check.setEnabled(page.place is not None)
        self.check.setToolTip(_CHECK if page.place is not None else f"Choose a weight or a bias first.\n{_CHECK}")
        for button in (self.check_all, self.compare):
            button.setEnabled(ready)
        self._flow()

    def _flow(self) -> None:
        """Put the buttons side by side, and what does not fit into the next row."""
        x, y, row = 0, 0, 0
        for button in self.buttons:
            if button.isHidden():
                continue
            size = button.sizeHint()
            if x and x + size.width() > self.width():
                x, y = 0, y + row + _GAP
            button.setGeometry(x, y, min(size.width(), self.width()), size.height())
            x, row = x + size.width() + (_APART if button is self.next else _GAP), size.height()
        height = y + row
        if height != self.minimumHeight():
            self.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._flow()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(round(20 * base_pixel_size(self.font())), self.minimumHeight())
