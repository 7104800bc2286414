"""The bar at the top: reset, play, advance, pace, and what has been reached."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QFocusEvent, QFontMetricsF, QPainter, QPaintEvent, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ui.bridge import SPEEDS, Bridge
from ui.forms import NumberLine
from ui.theme import Theme, base_pixel_size, font

UNITS = ("phase", "row", "batch", "epoch")
_SPEED = "Epochs a second: each one is shown, so a slow network runs slower; max shows the newest"


class PlayButton(QAbstractButton):
    """The big round button: a triangle while paused, two bars while it trains."""

    def __init__(self, action: QAction, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("transport.play")
        self.theme = theme
        self.playing = False
        self._by_key = False
        self._action = action
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(self._action.toolTip())
        self.setAccessibleName(self._action.iconText())

    def show_playing(self, on: bool) -> None:
        """Show what a click would do next."""
        self.playing = on
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        side = round(3.2 * base_pixel_size(self.font()))
        return QSize(side, side)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        # A ring only for those who come by the keyboard: at the start the button has the focus too.
        self._by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(self.width(), self.height()) - 4.0
        box = QRectF(0.5 * (self.width() - side), 0.5 * (self.height() - side), side, side)
        colour = self.theme.color("accent" if self.isEnabled() else "border")
        if self.isEnabled() and self.underMouse():
            colour = colour.lighter(112)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour.darker(112) if self.isDown() else colour)
        painter.drawEllipse(box)
        if self.hasFocus() and self._by_key:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self.theme.color("text"))
            painter.drawEllipse(box.adjusted(-1.5, -1.5, 1.5, 1.5))
            painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("on_accent"))
        middle, unit = box.center(), side / 100.0
        if self.playing:
            for left in (-17.0, 5.0):
                painter.drawRoundedRect(
                    QRectF(middle.x() + left * unit, middle.y() - 19 * unit, 12 * unit, 38 * unit), 2, 2
                )
        else:
            corners = ((-13.0, -21.0), (-13.0, 21.0), (23.0, 0.0))
            painter.drawPolygon(QPolygonF([QPointF(middle.x() + x * unit, middle.y() + y * unit) for x, y in corners]))
        painter.end()


class Readout(QWidget):
    """A caption with a number below it, as wide as its widest number, so that nothing jumps."""

    def __init__(self, name: str, caption: str, widest: str, tip: str) -> None:
        super().__init__()
        self._widest = widest
        self.caption = QLabel(caption)
        self.caption.setForegroundRole(self.caption.palette().ColorRole.PlaceholderText)
        self.number = QLabel("–")
        self.number.setObjectName(f"readout.{name}")
        self.number.setAccessibleName(caption)
        self.number.setToolTip(tip)
        self.caption.setToolTip(tip)
        self.number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(self.caption)
        column.addWidget(self.number)
        column.addStretch(1)
        self.resize_text()

    def resize_text(self) -> None:
        """Follow the application's font."""
        base = base_pixel_size(self.font())
        self.caption.setFont(font(0.85 * base))
        style = font(1.15 * base, bold=True)
        self.number.setFont(style)
        wide = max(
            QFontMetricsF(style).horizontalAdvance(self._widest),
            QFontMetricsF(self.caption.font()).horizontalAdvance(self.caption.text()),
        )
        self.setFixedWidth(round(wide) + 4)

    def show_number(self, text: str) -> None:
        """Show another number."""
        if self.number.text() != text:
            self.number.setText(text)


class Transport(QWidget):
    """The bar.

    Parameters
    ----------
    bridge
        What plays.
    actions
        Reset, new weights, back, play, advance and the units.
    theme
        Colours.
    """

    def __init__(self, bridge: Bridge, actions: Mapping[str, QAction], theme: Theme) -> None:
        super().__init__()
        self.setObjectName("transport")
        self._bridge = bridge
        self._actions = actions
        self._classes = True
        self.play = PlayButton(actions["play"], theme)
        self.buttons = [self._button(actions[name], name) for name in ("reset", "new_weights", "back", "advance")]
        self.unit = QComboBox()
        self.unit.setObjectName("transport.unit")
        self.unit.setAccessibleName("What Advance goes on by")
        keys = ", ".join(actions[f"unit_{unit}"].shortcut().toString() for unit in UNITS)
        self.unit.setToolTip(f"What Advance goes on by: a phase in slow motion, a row, a batch or an epoch ({keys})")
        self.unit.addItems(UNITS)
        self.unit.activated.connect(lambda index: actions[f"unit_{UNITS[index]}"].trigger())
        self.times = QLabel("×")
        self.count = NumberLine(1, 1_000_000)
        self.count.setObjectName("transport.count")
        self.count.setAccessibleName("How many")
        self.count.setToolTip("How many phases, rows, batches or epochs Advance goes on by")
        self.count.setFixedWidth(round(4.6 * base_pixel_size(self.font())))
        self.speed = QSlider(Qt.Orientation.Horizontal)
        self.speed.setObjectName("transport.speed")
        self.speed.setAccessibleName("Speed")
        self.speed.setRange(0, len(SPEEDS) - 1)
        self.speed.setPageStep(1)
        self.speed.setMinimumWidth(70)
        self.speed.setMaximumWidth(170)
        self.speed.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.speed.valueChanged.connect(self._choose_speed)
        self.pace = QLabel()
        self.pace.setObjectName("transport.pace")
        self.pace.setAccessibleName("Epochs a second")
        self.readouts = {
            "epoch": Readout("epoch", "Epoch", "0,000,000", "How often all training rows were gone through"),
            "train_loss": Readout("train_loss", "Train loss", "0.00e-00", "The mean loss of the training rows"),
            "test_loss": Readout("test_loss", "Test loss", "0.00e-00", "The mean loss of the test rows"),
            "accuracy": Readout("accuracy", "Test accuracy", "100.0 %", "The share of test rows predicted right"),
        }
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(4, 0, 4, 0)
        self._line.setSpacing(6)
        self._fill()
        self._droppable: list[QWidget] = [
            self.buttons[1],
            self.speed,
            self.count,
            self.times,
            self.readouts["accuracy"],
            self.unit,
        ]
        bridge.playing_changed.connect(self.play.show_playing)
        bridge.snapshot_changed.connect(self._show)
        bridge.speed_changed.connect(lambda _speed: self._show_speed())
        bridge.opened.connect(self._opened)
        self._show_speed()
        self.show_unit("epoch")

    def _button(self, action: QAction, name: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"transport.{name}")
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        side = round(1.5 * base_pixel_size(self.font()))
        button.setIconSize(QSize(side, side))
        return button

    def _fill(self) -> None:
        reset, new_weights, back, advance = self.buttons
        for widget in (reset, new_weights, back, self.play, advance, self.unit, self.times, self.count):
            self._line.addWidget(widget)
        self._line.addSpacing(10)
        self._line.addWidget(self.speed, 3)
        self._line.addWidget(self.pace)
        self._line.addStretch(1)
        for readout in self.readouts.values():
            self._line.addSpacing(8)
            self._line.addWidget(readout)

    # -- what is shown ------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.play.theme = theme
        self.play.update()
        for readout in self.readouts.values():
            readout.resize_text()

    def show_unit(self, unit: str) -> None:
        """Show what Advance goes on by."""
        self.unit.setCurrentIndex(UNITS.index(unit))
        slow = unit == "phase"
        self.speed.setEnabled(not slow)
        self.speed.setToolTip(
            f"{_SPEED}\nIn slow motion the strip below the network has its own speed." if slow else _SPEED
        )

    @property
    def steps(self) -> tuple[int, str]:
        """How much Advance goes on by: a number and a unit."""
        return self.count.value, UNITS[self.unit.currentIndex()]

    def _opened(self, event: Any) -> None:
        self._classes = event.dataset.task == "classification"
        self.readouts["accuracy"].setVisible(self._classes)
        self._make_room()

    def _show(self, snapshot: Any) -> None:
        record = snapshot.record
        self.readouts["epoch"].show_number(f"{snapshot.epoch:,}" + self._within(snapshot))
        self.readouts["train_loss"].show_number(_loss(record.train_loss))
        self.readouts["test_loss"].show_number(_loss(record.test_loss))
        accuracy = record.test_accuracy
        self.readouts["accuracy"].show_number("–" if np.isnan(accuracy) else f"{100 * accuracy:.1f} %")

    def _within(self, snapshot: Any) -> str:
        """Say in the tooltip where inside the epoch the run stands; the number itself stays a number."""
        text = (
            f"How often all training rows were gone through; next is batch {snapshot.batch + 1} of {snapshot.batches}"
        )
        self.readouts["epoch"].number.setToolTip(text + (f", row {snapshot.row + 1}" if snapshot.row else ""))
        return ""

    def _show_speed(self) -> None:
        speed = self._bridge.speed
        self.speed.blockSignals(True)
        self.speed.setValue(SPEEDS.index(speed) if speed in SPEEDS else len(SPEEDS) - 1)
        self.speed.blockSignals(False)
        self.pace.setText("max" if speed is None else f"{speed} / s")
        self.pace.setFixedWidth(round(QFontMetricsF(self.pace.font()).horizontalAdvance("60 / s")) + 4)

    def _choose_speed(self, place: int) -> None:
        self._bridge.speed = SPEEDS[place]

    # -- room ---------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._make_room()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(320, self._line.minimumSize().height())

    def _make_room(self) -> None:
        """Hide what is least needed while the bar is too narrow for everything; the menus have all of it."""
        for widget in self._droppable:
            widget.setVisible(widget is not self.readouts["accuracy"] or self._classes)
        self.pace.show()
        self._line.activate()
        for widget in self._droppable:
            if self._line.minimumSize().width() <= self.width():
                return
            widget.hide()
            if widget is self.speed:
                self.pace.hide()
            self._line.invalidate()


def _loss(value: float) -> str:
    if np.isnan(value):
        return "–"
    if value == 0.0 or 1e-3 <= abs(value) < 1e3:
        return f"{value:.4f}"
    return f"{value:.2e}".replace("e-0", "e−").replace("e-", "e−")
