"""CPU or GPU: the list of devices, why there is no GPU, and the command that helps."""

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFontMetrics, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QStyleOptionComboBox, QVBoxLayout, QWidget

from ui.computing import Computing
from ui.device_words import AUTO, CPU, hardware_of, line_of, no_gpu, reason_text, short, threads_text
from ui.forms import NoWheel, form_label, form_layout
from ui.panels.command_line import CommandLine
from ui.panels.panel import Context, text_label
from ui.theme import Theme

_SHORT = Qt.ItemDataRole.UserRole + 1
_LOOKING = "Looking for GPUs …"
_NONE = "GPU (not available)"
_GOES_ON = (
    "Another device goes on where this one stands: with the same parameters, optimizer memory, order of rows and "
    "history; what runs goes on."
)
_AUTO = "CPU or GPU, whichever is faster for the shapes of this network and its batches, by a measured rule"


class DeviceChooser(QWidget):
    """Automatic, the CPU and every GPU; what the computer has is looked up beside the window when the list is opened.

    Parameters
    ----------
    context
        What panels share.
    theme
        For the icon.
    """

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__()
        self._bridge, self._computing = context.bridge, context.computing
        self.box = DeviceBox(self._computing)
        self.box.activated.connect(self._choose)
        self.reason = text_label(role="quiet")
        self.reason.setObjectName("training.device_reason")
        self.reason.setAccessibleName("Why this device")
        self.command = CommandLine("training.device", theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        row = form_layout(None)
        row.addRow(form_label("Device", "Where the numbers are computed", self.box), self.box)
        column.addLayout(row)
        column.addWidget(self.reason)
        column.addWidget(self.command)
        self._computing.surveyed.connect(self._show)
        self._computing.changed.connect(self._show)
        self._bridge.opened.connect(lambda _event: self._show())
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.command.set_theme(theme)

    def open(self) -> None:
        """Open the list."""
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.box.showPopup()

    def _choose(self, _index: int) -> None:
        wanted = self.box.currentData()
        if wanted:
            self._computing.choose(wanted)
        self._show()

    def _show(self) -> None:
        """Show what holds, or is on its way, and why."""
        bridge, computing = self._bridge, self._computing
        self.box.show_devices()
        self.box.show_choice(bridge.moving or bridge.device_choice)
        where = "the CPU" if bridge.device == CPU else computing.title(bridge.device)
        now = f"now {where}"
        if bridge.engine:
            now += f", by the {bridge.engine} engine with {threads_text(bridge.threads)}"
        if bridge.moving:
            now += f"; on the way to {short(bridge.moving, alone=computing.alone)}"
        self.box.setToolTip(f"Where the numbers are computed: {now}.\n{_GOES_ON}")
        why, command = "", ""
        trouble = "" if computing.survey is None else computing.survey.trouble
        if computing.survey is not None and trouble:
            why, command = no_gpu(trouble, computing.survey.hint)
        chosen = ""
        if not bridge.moving:
            chosen = reason_text(bridge.device_reason, bridge.device_choice, alone=computing.alone)
        if trouble and bridge.device_reason.endswith(trouble):  # which is said below
            chosen = "Automatic: CPU." if bridge.device_choice == AUTO else chosen.rpartition(": ")[0] + "."
        self.reason.setText("\n".join(filter(None, (chosen, why))))
        self.reason.setVisible(bool(self.reason.text()))
        self.command.show_command(command)


class DeviceBox(QComboBox):
    """The list; it asks what there is when it is opened, and is filled while it stands open."""

    def __init__(self, computing: Computing) -> None:
        super().__init__()
        self._computing = computing
        self._open = False
        self.setObjectName("training.device")
        self.setAccessibleName("Device")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.installEventFilter(NoWheel(self))
        self.setModel(QStandardItemModel(self))
        self._lines: tuple[tuple[str, str, str, str], ...] = ()
        self._put(self._wanted())

    def show_devices(self) -> None:
        """Show what is known of the computer; the list that stands open grows."""
        wanted = self._wanted()
        if wanted == self._lines:
            return
        self._put(wanted)
        if self._open:
            QTimer.singleShot(0, self, self._reopen)

    def show_choice(self, device: str) -> None:
        """Show what is chosen, also a device that nobody has looked for yet."""
        if self.findData(device) < 0:
            self._put((*self._lines, (short(device), short(device), device, "")))
        index = self.findData(device)
        if index != self.currentIndex() and not (self._open and self.view().isVisible()):
            self.setCurrentIndex(index)

    def _wanted(self) -> tuple[tuple[str, str, str, str], ...]:
        """Return (text, short text, device, tooltip) of every line; a line without a device cannot be chosen."""
        lines = [("Automatic", "Automatic", AUTO, _AUTO), ("CPU", "CPU", CPU, "This computer's processor")]
        survey = self._computing.survey
        if survey is not None:
            found = survey.devices
            lines += [
                (line_of(each, found), _title(each, found), each.name, f"{hardware_of(each)}\n{_GOES_ON}")
                for each in found
            ]
            if not found:
                lines.append((_NONE, _NONE, "", no_gpu(survey.trouble, survey.hint)[0]))
        elif self._computing.looking:
            lines.append((_LOOKING, _LOOKING, "", "The first time this takes some seconds"))
        return tuple(lines)

    def _put(self, lines: tuple[tuple[str, str, str, str], ...]) -> None:
        self._lines = lines
        chosen, model = self.currentData(), self.model()
        assert isinstance(model, QStandardItemModel)
        self.blockSignals(True)
        model.clear()
        for text, title, device, tip in lines:
            item = QStandardItem(text)
            item.setData(device, Qt.ItemDataRole.UserRole)
            item.setData(title, _SHORT)
            item.setToolTip(tip)
            item.setEnabled(bool(device))
            model.appendRow(item)
        self.setCurrentIndex(max(0, self.findData(chosen or CPU)))
        self.blockSignals(False)
        widest = max(self.fontMetrics().horizontalAdvance(text) for text, *_ in lines)
        self.view().setMinimumWidth(widest + 4 * self.fontMetrics().horizontalAdvance("m"))

    def _reopen(self) -> None:
        """Let the list that stands open take the room that it needs now."""
        if self._open:
            self.hidePopup()
            self._show_list()

    def _show_list(self) -> None:
        self._open = True
        super().showPopup()

    def showPopup(self) -> None:  # noqa: N802 - Qt's name
        self._computing.look()
        self._show_list()

    def hidePopup(self) -> None:  # noqa: N802 - Qt's name
        self._open = False
        super().hidePopup()

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:  # noqa: N802 - Qt's name
        super().initStyleOption(option)
        text: Any = self.currentData(_SHORT) or self.currentText()
        room = self.width() - 2 * self.fontMetrics().horizontalAdvance("m") - 14
        option.currentText = fitting(str(text), self.fontMetrics(), room)


def fitting(text: str, metrics: QFontMetrics, room: int) -> str:
    """Return a device's name as far as there is room: first goes the maker's name, last what tells two apart."""
    for shorter in (text, text.removeprefix("NVIDIA "), text.removeprefix("NVIDIA ").removeprefix("GeForce ")):
        if metrics.horizontalAdvance(shorter) <= room:
            return shorter
    head, between, number = shorter.rpartition(" · ")
    tail = between + number if between else ""
    kept = room - metrics.horizontalAdvance(tail)
    return metrics.elidedText(head if tail else shorter, Qt.TextElideMode.ElideRight, kept) + tail


def _title(device: Any, devices: Any) -> str:
    return f"{device.title} · {device.name}" if len(devices) > 1 else device.title
