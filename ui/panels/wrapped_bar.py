"""Choosers in one line, or in as many as it takes; and a row of buttons of which one is pressed."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

_GAP, _BETWEEN, _SIDE, _TOP = 10, 3, 10, 5


class WrappedBar(QWidget):
    """Widgets side by side; those for which there is no room begin another line."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[QWidget] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def add(self, widget: QWidget) -> None:
        """Put a widget at the end."""
        widget.setParent(self)
        self.parts.append(widget)

    def wrap(self) -> None:
        """Put everything in its place: called when a widget was shown, hidden, or has another text."""
        left, top, high, room = _SIDE, _TOP, 0, self.width() - _SIDE
        line: list[QWidget] = []
        for widget in [each for each in self.parts if not each.isHidden()]:
            size = widget.sizeHint()
            if line and left + size.width() > room:
                left, top, high, line = _SIDE, top + high + _BETWEEN, 0, []
            high = max(high, size.height())
            line.append(widget)
            wide = min(size.width(), max(20, room - left))
            widget.setGeometry(left, top, wide, size.height())
            for each in line:
                each.move(each.x(), top + (high - each.height()) // 2)
            left += size.width() + _GAP
        if self.height() != top + high + _BETWEEN:
            self.setFixedHeight(top + high + _BETWEEN)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.wrap()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(0, self.height())


def segments(
    name: str, rows: Mapping[Any, tuple[str, str]], chosen: Callable[[Any], object]
) -> tuple[QWidget, dict[Hashable, QToolButton]]:
    """Return buttons side by side, the first one pressed.

    Parameters
    ----------
    name
        Of the objects: a button is called ``name.key``.
    rows
        Key → text and tooltip.
    chosen
        Called with the key of a button that was pressed.
    """
    holder, made = QWidget(), {}
    group = QButtonGroup(holder)
    line = QHBoxLayout(holder)
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
        button.setChecked(not made)
        button.clicked.connect(lambda _on=False, key=key: chosen(key))
        group.addButton(button)
        line.addWidget(button)
        made[key] = button
    return holder, made
