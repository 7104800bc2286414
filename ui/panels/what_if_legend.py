"""What the bars show: which of two ways to share an output out among the features, and which output."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QLabel, QSizePolicy, QWidget

from ui.forms import NoWheel
from ui.panels.what_if_shares import KINDS


class Legend(QWidget):
    """Two choices in a line.

    Signals
    -------
    changed
        Another way, or another output, was chosen.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._kind, self._output, self._for = QComboBox(), QComboBox(), QLabel("for")
        self._kind.setObjectName("what_if.kind")
        self._kind.setAccessibleName("How contributions are worked out")
        for name, said in KINDS.items():
            self._kind.addItem(name, name)
            self._kind.setItemData(self._kind.count() - 1, said, Qt.ItemDataRole.ToolTipRole)
        self._output.setObjectName("what_if.output")
        self._output.setAccessibleName("Output that is shared out")
        self._output.setToolTip("Which output the bars share out among the features")
        bars = QLabel("Bars:")
        bars.setBuddy(self._kind)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget, stretch in ((bars, 0), (self._kind, 3), (self._for, 0), (self._output, 2)):
            row.addWidget(widget, stretch)
        for label in (bars, self._for):
            label.setProperty("role", "quiet")
        wheel = NoWheel(self)
        for box in (self._kind, self._output):
            box.setMinimumContentsLength(3)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.installEventFilter(wheel)
        self._kind.activated.connect(lambda _index: self._choose_kind())
        self._output.activated.connect(lambda _index: self.changed.emit())
        self._kind.setToolTip(KINDS[self.kind])

    @property
    def kind(self) -> str:
        """The way: a key of `KINDS`."""
        return str(self._kind.currentData())

    @property
    def output(self) -> int | None:
        """The class by its index, or None for whichever is predicted."""
        return self._output.currentData()

    def take(self, classes: Sequence[str]) -> None:
        """Offer other classes; nothing is offered for a value."""
        self._output.clear()
        self._output.addItem("its answer", None)
        for index, name in enumerate(classes):
            self._output.addItem(name, index)
        for widget in (self._for, self._output):
            widget.setVisible(bool(classes))

    def make_narrow(self, narrow: bool) -> None:
        """Put one choice below the other where they do not fit beside each other."""
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    def _choose_kind(self) -> None:
        self._kind.setToolTip(KINDS[self.kind])
        self.changed.emit()
