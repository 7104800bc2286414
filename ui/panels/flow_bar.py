"""A bar of controls that stand in one line, or in as many as they need; the last one may stand at the right end."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from ui.panels.panel import MARGIN

_GAP, _TOP, _BETWEEN = 10, 6, 3


class Segments(QWidget):
    """Some buttons of which one is pressed.

    Parameters
    ----------
    name
        Buttons are called ``name.key``.
    rows
        For every key the button's text and its tooltip.
    chosen
        Called with the key that somebody chose.
    """

    def __init__(self, name: str, rows: Mapping[str, tuple[str, str]], chosen: Callable[[str], None]) -> None:
        super().__init__()
        group, self.buttons = QButtonGroup(self), {}
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        for key, (text, tip) in rows.items():
            button = QToolButton()
            button.setObjectName(f"{name}.{key}")
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(text)
            button.setAccessibleDescription(tip)
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setChecked(not self.buttons)
            button.clicked.connect(lambda _on=False, key=key: chosen(key))
            group.addButton(button)
            line.addWidget(button)
            self.buttons[key] = button

    @property
    def chosen(self) -> str:
        """The key of the pressed button."""
        return next(key for key, button in self.buttons.items() if button.isChecked())

    def choose(self, key: str) -> None:
        """Press a button without telling anybody."""
        self.buttons[key].setChecked(True)


class FlowBar(QWidget):
    """Controls side by side, which wrap when there is too little room."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self._widgets = widgets
        for widget in widgets:
            widget.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.wrap()  # a widget is 480 pixels high until somebody says otherwise

    def wrap(self) -> None:
        """Put everything in lines; called when a control changed its size."""
        room = self.width() - 2 * MARGIN
        lines: list[list[tuple[QWidget, int, int]]] = [[]]
        used = 0
        for widget in self._widgets:
            if widget.isHidden():
                continue
            hint = widget.sizeHint().expandedTo(widget.minimumSize())
            wide = min(hint.width(), max(40, room))
            if lines[-1] and used + _GAP + wide > room:
                lines.append([])
                used = 0
            used += wide + _GAP * bool(lines[-1])
            lines[-1].append((widget, wide, hint.height()))
        top = _TOP
        for line in lines:
            high, left = max((tall for _, _, tall in line), default=0), MARGIN
            for widget, wide, tall in line:
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
