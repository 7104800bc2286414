"""The bar above a view: controls in one line, or in as many as they need; and buttons of which one is pressed."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QStackedWidget, QWidget

from ui.forms import NoWheel

_SIDE, _TOP, _GAP, _BETWEEN = 12, 6, 10, 3
_NARROW = 90


class Segments(QWidget):
    """One of some, side by side; where there is no room for that, a chooser to be opened.

    Parameters
    ----------
    name
        Of the objects: a button is called ``name.key``.
    title
        What it is that one chooses.
    rows
        For every key the text and the tooltip; the first one is chosen at first.
    chosen
        Called with the key that somebody chose.
    folds
        Whether it may be narrower than its buttons.

    Signals
    -------
    chosen
        The key of what somebody chose.
    """

    chosen = Signal(object)

    def __init__(
        self,
        name: str,
        title: str,
        rows: Mapping[Any, tuple[str, str]],
        chosen: Callable[[Any], object] | None = None,
        *,
        folds: bool = True,
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._folds = folds
        self.buttons: dict[Any, QPushButton] = {}
        group = QButtonGroup(self)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        self._box = QComboBox()
        self._box.setObjectName(f"{name}.box")
        self._box.setAccessibleName(title)
        self._box.installEventFilter(NoWheel(self))
        for key, (text, tip) in rows.items():
            button = QPushButton(text)
            button.setObjectName(f"{name}.{key}".lower())
            button.setProperty("tone", "segment")
            button.setAccessibleName(f"{title}: {text}")
            button.setToolTip(tip)
            button.setAccessibleDescription(tip)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setChecked(not self.buttons)
            button.clicked.connect(lambda _on=False, key=key: self._take(key))
            group.addButton(button)
            line.addWidget(button)
            self.buttons[key] = button
            self._box.addItem(text)
            self._box.setItemData(self._box.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self._keys = list(self.buttons)
        self._box.activated.connect(lambda nth: self._take(self._keys[nth]))
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
        if chosen is not None:
            self.chosen.connect(chosen)

    def _take(self, key: Any) -> None:
        self.choose(key)
        self.chosen.emit(key)

    @property
    def choice(self) -> Any:
        """The key of what is chosen."""
        return next(key for key, button in self.buttons.items() if button.isChecked())

    def choose(self, key: Any) -> None:
        """Show another choice without telling anybody."""
        self.buttons[key].setChecked(True)
        self._box.setCurrentIndex(self._keys.index(key))

    def allow(self, key: Any, why_not: str = "") -> None:
        """Let a choice be made, or say why it cannot be."""
        button, tip = self.buttons[key], why_not or self.buttons[key].accessibleDescription()
        if button.isEnabled() == bool(why_not):
            button.setEnabled(not why_not)
            button.setToolTip(tip)
            model: Any = self._box.model()
            item = model.item(self._keys.index(key))
            item.setEnabled(not why_not)
            item.setToolTip(tip)

    def rename(self, key: Any, text: str) -> None:
        """Give a choice another text."""
        button = self.buttons[key]
        if button.text() != text:
            button.setText(text)
            button.setAccessibleName(f"{self.accessibleName()}: {text}")
            self._box.setItemText(self._keys.index(key), text)

    @property
    def wanted(self) -> int:
        """How wide all buttons are."""
        return sum(button.sizeHint().expandedTo(button.minimumSize()).width() for button in self.buttons.values())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self.wanted, max(self._row.sizeHint().height(), self._box.sizeHint().height()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(_NARROW if self._folds else self.wanted, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._stack.setCurrentIndex(int(self._folds and self.width() < self.wanted))


class Bar(QWidget):
    """Controls side by side; those for which there is no room begin another line.

    It lays itself out again when a control was shown, hidden or has another size.

    Parameters
    ----------
    widgets
        The controls, from left to right.
    """

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.parts: list[QWidget] = []
        self._last: QWidget | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.add(*widgets)

    def add(self, *widgets: QWidget, last: bool = False) -> None:
        """Put controls behind those that there are; the last one can stand at the right end of its line."""
        for widget in widgets:
            widget.setParent(self)
            self.parts.append(widget)
            self._last = widget if last else None
        self.wrap()  # a widget is 480 pixels high until somebody says otherwise

    def wrap(self) -> None:
        """Put everything in its place."""
        room = self.width() - 2 * _SIDE
        lines: list[list[tuple[QWidget, int, int]]] = [[]]
        used = 0
        for widget in self.parts:
            if widget.isHidden():
                continue
            hint = widget.sizeHint().expandedTo(widget.minimumSize()).boundedTo(widget.maximumSize())
            wide = min(hint.width(), max(40, room))
            if lines[-1] and used + _GAP + wide > room:
                lines.append([])
                used = 0
            used += wide + _GAP * bool(lines[-1])
            lines[-1].append((widget, wide, hint.height()))
        top = _TOP
        for line in lines:
            high, left = max((tall for _, _, tall in line), default=0), _SIDE
            for widget, wide, tall in line:
                if widget is self._last and len(line) > 1:
                    left = self.width() - _SIDE - wide
                widget.setGeometry(left, top + (high - tall) // 2, wide, tall)
                left += wide + _GAP
            top += high + _BETWEEN
        if top != self.height():
            self.setFixedHeight(top)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.wrap()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.wrap()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, self.height())
