"""The row of controls above the curves: what is shown, how smooth, on which scales, and what becomes of it."""

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QSlider, QToolButton, QWidget

from ui.forms import NoWheel
from ui.panels.curves_series import KINDS
from ui.panels.exports import fill_menu
from ui.theme import Theme, icon

_STEPS = 60
_LAST = 0.999
_ROOMY = 20
"""From so many times the height of its font on the row has room for a word."""

_SMOOTH = (
    "Smooth the lines: m = β·m + (1 − β)·x, shown as m/(1 − β^t)\n"
    "so that the start is not pulled to zero; the raw line stays faint. Now β = {}"
)


class CurvesBar(QWidget):
    """The controls.

    Signals
    -------
    kinds_changed, smoothing_changed, scales_changed
        What is to be read from here is another.
    fit_wanted
        All epochs are to be in sight.
    file_wanted
        str: a key of `ui.panels.exports.OFFERS`.
    """

    kinds_changed = Signal()
    smoothing_changed = Signal()
    scales_changed = Signal()
    fit_wanted = Signal()
    file_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.show_menu = QMenu(self)
        self.show_menu.setObjectName("curves.kinds")
        self.show_menu.setToolTipsVisible(True)
        self.choices: dict[str, QAction] = {}
        for name, kind in KINDS.items():
            action = self.show_menu.addAction(kind.title)
            action.setCheckable(True)
            action.setChecked(kind.opened)
            action.setToolTip(kind.help)
            action.setObjectName(f"curves.show.{name}")
            action.toggled.connect(lambda _on: self.kinds_changed.emit())
            self.choices[name] = action
        self.shown = _button("shown", "Shown curves", "Which curves are shown, and what they are")
        self.shown.setMenu(self.show_menu)
        self.shown.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("curves.smoothing")
        self.slider.setAccessibleName("Smoothing")
        self.slider.setRange(0, _STEPS)
        self.slider.setPageStep(10)
        self.slider.setMinimumWidth(44)
        self.slider.setMaximumWidth(120)
        self.slider.installEventFilter(NoWheel(self))
        self.slider.valueChanged.connect(self._smoothed)
        self.log = _button("log", "Logarithmic values", "Values on a logarithmic scale: a straight line is then an\n"
                           "exponential fall. A share of rows stays on its plain scale.", "log y")  # fmt: skip
        self.log_x = _button("log_x", "Logarithmic epochs", "Epochs on a logarithmic scale: the beginning, where most\n"
                             "happens, gets room. Epoch 0 has no place there.", "log x")  # fmt: skip
        for button in (self.log, self.log_x):
            button.setCheckable(True)
            button.toggled.connect(lambda _on: self.scales_changed.emit())
        self.fit = _button("fit", "All epochs", "Show all epochs again (0)")
        self.fit.clicked.connect(self.fit_wanted)
        self.fit.setEnabled(False)
        self.files_menu = QMenu(self)
        self.files_menu.setObjectName("curves.files_menu")
        fill_menu(self.files_menu, "curves", self.file_wanted.emit)
        self.files = _button("files", "Copy or save", "Copy or save the curves, as numbers or as a picture")
        self.files.setMenu(self.files_menu)
        self.files.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 0)
        row.setSpacing(2)
        self.smooth = QLabel("Smooth")
        self.smooth.setProperty("tone", "quiet")
        self.smooth.setBuddy(self.slider)
        for widget in (self.shown, self.smooth, self.slider, self.log, self.log_x):
            row.addWidget(widget, 1 if widget is self.slider else 0)
        row.addStretch(1)
        row.addWidget(self.fit)
        row.addWidget(self.files)
        self._smoothed(0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.smooth.setVisible(self.width() >= _ROOMY * self.fontMetrics().height())

    @property
    def kinds(self) -> tuple[str, ...]:
        """The plots that are wanted."""
        return tuple(name for name, action in self.choices.items() if action.isChecked())

    @property
    def weight(self) -> float:
        """What the past counts in the average, 0 for no average; finer towards 1, where it makes a difference."""
        share = self.slider.value() / _STEPS
        return float(np.round(1.0 - (1.0 - _LAST) ** share, 4))

    def _smoothed(self, _value: int) -> None:
        tip = _SMOOTH.format(f"{self.weight:.3g}")
        self.slider.setToolTip(tip)
        self.slider.setAccessibleDescription(tip)
        self.smoothing_changed.emit()

    def offer_accuracy(self, on: bool) -> None:
        """Let the accuracy be chosen, which a predicted value does not have."""
        self.choices["accuracy"].setVisible(on)

    def open_menu(self, place: QPoint) -> None:
        """Show what can be done with the curves, at a place of the screen."""
        self.files_menu.popup(place)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for button, name in ((self.shown, "eye"), (self.fit, "fit"), (self.files, "export")):
            button.setIcon(icon(name, theme))


def _button(name: str, called: str, tip: str, text: str = "") -> QToolButton:
    made = QToolButton()
    made.setObjectName(f"curves.{name}")
    made.setText(text)
    made.setAccessibleName(called)
    made.setToolTip(tip)
    made.setAccessibleDescription(tip)
    made.setAutoRaise(True)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return made
