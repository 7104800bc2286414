"""A GPU that has no room or failed: what was needed and what is there, and how to go on without losing anything."""

import dataclasses
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialogButtonBox, QSizePolicy, QWidget

from ui.bridge import Bridge
from ui.computing import Computing
from ui.device_words import CPU, hint_here, memory_text
from ui.dialogs.failure import FailureDialog
from ui.dialogs.sizing import fit
from ui.dialogs.tabbing import reach_all
from ui.dialogs.tints import theme_of
from ui.dialogs.wording import count, sentence


@dataclasses.dataclass(frozen=True)
class WayOut:
    """What the dialog offers.

    Attributes
    ----------
    text, tip, do
        The button that is chosen by Enter, and what it does; no text where there is nothing to do.
    stay, stay_tip
        The button that is chosen by Esc.
    after
        What holds now, as a sentence.
    """

    stay: str
    stay_tip: str
    after: str
    text: str = ""
    tip: str = ""
    do: Callable[[], object] = lambda: None


def way_out(bridge: Bridge, computing: Computing) -> WayOut:
    """Return how to go on after what just failed on a device: a move, opening something, or the training."""
    here = "the CPU" if bridge.device == CPU else computing.title(bridge.device)
    if bridge.moving:
        goes_on = "and trains on" if bridge.playing else "as it was"
        return WayOut("&Close", "Closes this message (Esc).", f"The network stays on {here}, {goes_on}.")
    if bridge.refused is not None and bridge.refused.device != CPU:
        return WayOut(
            "&Stay",
            "Closes this message; what is open stays as it is (Esc).",
            "What was open before is still there." if bridge.snapshot is not None else "",
            "Open on the C&PU",
            "Opens the same on the processor (Enter).",
            lambda: bridge.open_elsewhere(CPU),
        )
    return _after_training(bridge, here)


def _after_training(bridge: Bridge, here: str) -> WayOut:
    """Return how to go on after training failed: it may be on the CPU already, where the device does not answer."""
    plays = bridge.interrupted
    if bridge.device == CPU and bridge.lost is None:
        return WayOut("&Close", "Closes this message (Esc).", "")

    def go_on() -> None:
        bridge.move(CPU)
        if plays:
            bridge.play()

    if bridge.lost is None:
        stay, after = "&Stay", "Nothing is lost: on the CPU the network goes on from where it stands."
        tip = f"Closes this message; the network stays on {here}, and is paused (Esc)."
    else:
        stay, tip = "&Stay paused", "Closes this message; the network waits on the CPU (Esc)."
        after = "The network is on the CPU now, as it was copied last"
        after += f": {count(bridge.lost, 'update')} will be made again." if bridge.lost else "; nothing is lost."
    kept = "Goes on where it stands, with the same parameters, optimizer memory and history"
    kept += ", and plays on (Enter)." if plays else " (Enter)."
    return WayOut(stay, tip, after, "Continue on the C&PU", kept, go_on)


class DeviceFailureDialog(FailureDialog):
    """Says what happened on a device, with the bytes where memory was short, and offers to go on.

    Parameters
    ----------
    failure
        With `message`, `hint`, `kind`, and where memory was short `needed` and `free`, in bytes.
    way
        How to go on.
    """

    def __init__(self, failure: Any, way: WayOut, parent: QWidget | None = None) -> None:
        hint = hint_here(failure.hint)
        said = "\n".join(filter(None, (way.after, sentence(hint))))
        super().__init__(failure.message, said, failure.kind, parent=parent)
        needed, free = getattr(failure, "needed", 0), getattr(failure, "free", 0)
        if needed:
            self.words.insertWidget(1, MemoryBars(needed, free))
        stay = self.buttons.button(QDialogButtonBox.StandardButton.Close)
        stay.setText(way.stay)
        stay.setToolTip(way.stay_tip)
        if way.text:
            go_on = self.offer(way.text, way.tip, way.do)
            stay.setDefault(False)
            stay.setAutoDefault(False)
            go_on.setDefault(True)
            go_on.setFocus()
            reach_all(self.buttons)
        fit(self, self.width())


class MemoryBars(QWidget):
    """How much memory was needed, beside how much is free, as bars of one scale."""

    def __init__(self, needed: int, free: int) -> None:
        super().__init__()
        self._lines = (("Needed", needed, "bad"), ("Free", free, "accent"))
        self.setObjectName("failure.memory")
        self.setAccessibleName(f"Needed {memory_text(needed)}, free {memory_text(free)}")
        self.setToolTip(f"{needed:,} bytes needed, {free:,} free")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(320, round(2 * self._pitch))

    @property
    def _pitch(self) -> float:
        return 1.55 * self.fontInfo().pixelSize()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics, theme = QFontMetricsF(self.font()), theme_of(self)
        most = max(size for _, size, _ in self._lines)
        names = max(metrics.horizontalAdvance(name) for name, _, _ in self._lines)
        sizes = max(metrics.horizontalAdvance(memory_text(size)) for _, size, _ in self._lines)
        left, gap, thick = names + 12.0, 12.0, 0.5 * self.fontInfo().pixelSize()
        room = max(0.0, self.width() - left - sizes - gap)
        for nth, (name, size, field) in enumerate(self._lines):
            line = QRectF(0.0, nth * self._pitch, self.width(), self._pitch)
            painter.setPen(theme.color("quiet"))
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(theme.color("text"))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, memory_text(size))
            bar = QRectF(left, line.center().y() - 0.5 * thick, room, thick)
            painter.setPen(Qt.PenStyle.NoPen)
            for share, tint in ((1.0, "track"), (size / most if most else 0.0, field)):
                bar.setWidth(max(thick, room * share))
                painter.setBrush(theme.color(tint))
                painter.drawRoundedRect(bar, 0.5 * thick, 0.5 * thick)
        painter.end()


def show_device_failure(parent: QWidget | None, failure: Any, way: WayOut) -> DeviceFailureDialog:
    """Show it without waiting for the user; the dialog forgets itself when it is closed."""
    dialog = DeviceFailureDialog(failure, way, parent)
    dialog.finished.connect(lambda _: QTimer.singleShot(0, dialog.deleteLater))
    dialog.open()
    return dialog
