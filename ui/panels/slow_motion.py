"""The strip below the network: where the slow motion is, what happens there in one line, how finely and how fast."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextLayout,
)
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ui.motion.phase import GRAINS, STEPS
from ui.motion.player import SPEEDS, Motion
from ui.theme import Theme, base_pixel_size, font, icon

_WAITING = "Working the next update out …"
_CUTS = {"neuron": "neuron by neuron", "layer": "layer by layer", "pass": "a pass at once"}
_NARROW = 46.0
_AIR = 1.3


class SlowMotion(QWidget):
    """The strip; hidden while the slow motion is off."""

    def __init__(self, motion: Motion, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("motion.strip")
        self.setAccessibleName("Slow motion")
        self._motion, self.theme, self._narrow = motion, theme, False
        self.way = Way(theme)
        self.head = Line(theme, "motion.title", "Phase", bold=True)
        self.text = Line(theme, "motion.text", "What happens")
        self.back = self._button("back", "The phase before (Left)", lambda: motion.turn(-1))
        self.auto = self._button("auto", "", lambda: motion.play(not motion.auto))
        self.next = self._button("next", "The next phase (Right); behind the last one the update is made",
                                 lambda: motion.turn(1))  # fmt: skip
        self.close_button = self._button("close", "Leave the slow motion (Ctrl+2)", motion.stop)
        self.grain = self._box("grain", "How finely", "How finely the ways forward and back are cut into phases")
        self.speed = self._box("speed", "Speed of the slow motion", "How fast the phases go")
        for speed in SPEEDS:
            self.speed.addItem({0.25: "¼", 0.5: "½"}.get(speed, f"{speed:g}") + " ×", speed)
        self.grain.activated.connect(lambda _nth: motion.choose_grain(self.grain.currentData()))
        self.speed.activated.connect(lambda _nth: motion.choose_speed(self.speed.currentData()))
        self._lay_out()
        self.set_theme(theme)
        self._name_grains()
        self.setVisible(motion.on)
        motion.switched.connect(self.setVisible)
        motion.turned.connect(lambda _phase: self._show())
        motion.moved.connect(self._show_way)
        motion.played.connect(lambda _on: self._dress_auto())
        motion.changed.connect(self._follow)

    def _button(self, name: str, tip: str, clicked: Callable[[], Any]) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"motion.{name}")
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(" (")[0])
        button.clicked.connect(lambda: clicked())
        return button

    def _box(self, name: str, title: str, tip: str) -> QComboBox:
        box = QComboBox()
        box.setObjectName(f"motion.{name}")
        box.setAccessibleName(title)
        box.setToolTip(tip)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        return box

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(12, 6, 8, 0)
        top.setSpacing(4)
        top.addWidget(self.head, 1)
        for widget in (self.back, self.auto, self.next):
            top.addWidget(widget)
        top.addSpacing(6)
        for widget in (self.grain, self.speed, self.close_button):
            top.addWidget(widget)
        below = QHBoxLayout()
        below.setContentsMargins(12, 2, 12, 4)
        below.addWidget(self.text)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.way)
        whole.addLayout(top)
        whole.addLayout(below)

    def _name_grains(self) -> None:
        """Write the grains as long as there is room for; the box would stay as wide as its widest entry ever was."""
        self.grain.clear()
        for grain in GRAINS:
            self.grain.addItem(grain if self._narrow else _CUTS[grain], grain)
        self.grain.setFixedWidth(self.grain.sizeHint().width())
        self._follow()

    # -- showing ------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        motion, phase = self._motion, self._motion.phase
        self._show_way()
        if phase is None:
            self.head.show_text("", "")
            self.text.show_text(motion.trouble or (_WAITING if motion.on else ""))
            return
        self.head.show_text(phase.title, f"{phase.step}/{STEPS}" if self._narrow else f"{phase.step} of {STEPS}")
        if self.text.show_text(phase.text) and self.isVisible():
            event = QAccessibleAnnouncementEvent(self.text, f"Step {phase.step}, {phase.title}. {phase.text}")
            QAccessible.updateAccessibility(event)

    def _show_way(self) -> None:
        phase, (nth, count) = self._motion.phase, self._motion.place
        if phase is not None:
            self.way.show_share((nth + self._motion.share) / max(1, count))

    def _follow(self) -> None:
        self.grain.setCurrentIndex(self.grain.findData(self._motion.grain))
        self.speed.setCurrentIndex(self.speed.findData(self._motion.speed))

    def _dress_auto(self) -> None:
        on = self._motion.auto
        self.auto.setIcon(icon("pause" if on else "play", self.theme))
        self.auto.setToolTip("Stop here (Space)" if on else "Go on by itself, phase after phase (Space)")
        self.auto.setAccessibleName("Stop here" if on else "Go on by itself")

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        for button, name in ((self.back, "previous"), (self.next, "next"), (self.close_button, "close")):
            button.setIcon(icon(name, theme))
        self._dress_auto()
        side = round(1.35 * base_pixel_size(self.font()))
        for button in (self.back, self.auto, self.next, self.close_button):
            button.setIconSize(QSize(side, side))
        for part in (self.way, self.head, self.text):
            part.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW * base_pixel_size(self.font())
        if narrow != self._narrow:
            self._narrow = narrow
            self._name_grains()
            self._show()
        self.text.reserve(3 if narrow else 2)


class Way(QWidget):
    """How far the update is: a hair of a line that grows from left to right."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme, self._share = theme, 0.0
        self.setFixedHeight(2)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self.update()

    def show_share(self, share: float) -> None:
        """Show how much of the update has been seen, 0 … 1."""
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.color("track"))
        painter.fillRect(QRectF(0, 0, self._share * self.width(), self.height()), self.theme.color("accent"))
        painter.end()


class Line(QWidget):
    """Text in a room of its own that does not change: what does not fit ends in dots, and is in the tooltip."""

    def __init__(self, theme: Theme, name: str, title: str, *, bold: bool = False) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.theme, self.text, self._mark, self._bold, self._lines = theme, "", "", bold, 1
        self.reserve(1)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme, and the application's font."""
        self.theme = theme
        self.reserve(self._lines)
        self.update()

    def show_text(self, text: str, mark: str = "") -> bool:
        """Show another text, with a mark before it; return whether it is another one."""
        if (text, mark) == (self.text, self._mark):
            return False
        self.text, self._mark = text, mark
        self.setAccessibleDescription(" ".join(filter(None, (mark.replace("/", " of "), text))))
        self.setToolTip(text)
        self.update()
        return True

    def reserve(self, lines: int) -> None:
        """Take the room of so many lines."""
        self._lines = lines
        pitch = QFontMetricsF(self._font()).height() * _AIR
        height = round(lines * pitch) + 2
        if height != self.minimumHeight():
            self.setFixedHeight(height)

    def _font(self) -> Any:
        return font(base_pixel_size(self.font()), bold=self._bold)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = self._paint_mark(painter) if self._mark else 0.0
        style = self._font()
        metrics = QFontMetricsF(style)
        pitch, room = metrics.height() * _AIR, self.width() - left
        painter.setFont(style)
        painter.setPen(self.theme.color("text"))
        for nth, line in enumerate(wrapped(self.text, style, metrics, room, self._lines)):
            painter.drawText(QRectF(left, nth * pitch, room, pitch), Qt.AlignmentFlag.AlignVCenter, line)
        painter.end()

    def _paint_mark(self, painter: QPainter) -> float:
        """Draw a badge, and return where the text begins."""
        style = font(0.86 * base_pixel_size(self.font()), bold=True)
        metrics = QFontMetricsF(style)
        box = QRectF(0.5, 0.0, metrics.horizontalAdvance(self._mark) + 1.2 * metrics.height(), 1.35 * metrics.height())
        box.moveTop(0.5 * (self.height() - box.height()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("accent"))
        painter.drawRoundedRect(box, 0.5 * box.height(), 0.5 * box.height())
        painter.setPen(self.theme.color("on_accent"))
        painter.setFont(style)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._mark)
        return box.right() + 9.0


def wrapped(text: str, style: Any, metrics: QFontMetricsF, room: float, most: int) -> list[str]:
    """Return a text in lines, the last of which ends in dots where there is more."""
    layout = QTextLayout(text, style)
    layout.beginLayout()
    lines: list[str] = []
    while len(lines) < most:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(1.0, room))
        start = line.textStart()
        part = text[start : start + line.textLength()] if len(lines) + 1 < most else text[start:]
        lines.append(metrics.elidedText(part.strip(), Qt.TextElideMode.ElideRight, room))
    layout.endLayout()
    return lines
