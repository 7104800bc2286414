"""The proof of all gradients: every weight is moved a little to both sides, and the loss must change as explained."""

import time

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from simulator.explain import Ancestry, Number, address_of, figure
from simulator.explain.check import Checks, check_all
from ui.bridge import Bridge
from ui.dialogs.proof_picture import ProofPicture
from ui.dialogs.sizing import fit
from ui.dialogs.tints import theme_of
from ui.dialogs.wording import count, sentence
from ui.jobs import Failure, Job

_SECONDS = 0.2
_MOST = 2048
_HOW = (
    "Every weight and bias is moved by a small h to both sides, and the loss must change as its gradient says: "
    "∂f/∂w = (f(w + h) − f(w − h))/2h, with f the loss and the penalty of {batch}, in float64."
)


class GradientsDialog(QDialog):
    """Checks all gradients of a batch, and shows what comes of it while it goes on.

    Parameters
    ----------
    bridge
        What runs the checks beside the window.
    ancestry
        Of the moment whose batch is used.

    Attributes
    ----------
    checks
        What was found so far; None before the first of them.
    running
        Whether it goes on.
    """

    def __init__(self, bridge: Bridge, ancestry: Ancestry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.gradients")
        self.setWindowTitle("Check all gradients")
        self.setAccessibleName(self.windowTitle())
        self._bridge, self._ancestry = bridge, ancestry
        moment = ancestry.explanation.moment
        # In random order, so that what is found before a stop tells of all.
        self._places = np.random.default_rng(0).permutation(moment.network.parameter_count)
        self._parts: list[Checks] = []
        self._job: Job | None = None
        self._began, self._next, self._size = 0.0, 0, 1
        self._pace = 0.0
        self.checks: Checks | None = None
        self.running = False
        self._make(_HOW.format(batch=f"batch {moment.batch + 1:,} of epoch {moment.epoch + 1:,}"))
        self._go_on()

    def _make(self, how: str) -> None:
        self.how = _label(how, "gradients.how")
        self.how.setForegroundRole(self.how.palette().ColorRole.PlaceholderText)
        self.picture = ProofPicture()
        self.verdict = _label("", "gradients.verdict")
        self.verdict.setAlignment(Qt.AlignmentFlag.AlignTop)
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        bold.setPixelSize(round(1.12 * self.fontInfo().pixelSize()))
        self.verdict.setFont(bold)
        line = self.fontMetrics().lineSpacing()
        self.verdict.setMinimumHeight(round(2.5 * line))  # room is kept for what will be said
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.verdict)
        self.facts: dict[str, QLabel] = {}
        for name, lines in (("Checked", 2), ("Furthest apart", 4), ("At a kink", 2)):
            key = QLabel(name)
            key.setForegroundRole(key.palette().ColorRole.PlaceholderText)
            value = _label("–", f"gradients.{name.lower().replace(' ', '_')}")
            value.setAlignment(Qt.AlignmentFlag.AlignTop)
            value.setMinimumHeight(lines * line)
            words.addSpacing(9)
            words.addWidget(key)
            words.addWidget(value)
            self.facts[name] = value
        words.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(18)
        middle.addWidget(self.picture, 5)
        middle.addLayout(words, 4)
        self.progress = QProgressBar(textVisible=False)
        self.progress.setObjectName("gradients.progress")
        self.progress.setAccessibleName("How many gradients are checked")
        self.progress.setFixedHeight(6)
        self.progress.setRange(0, len(self._places))
        buttons = QDialogButtonBox()
        self.stop = buttons.addButton("&Stop", QDialogButtonBox.ButtonRole.ActionRole)
        self.stop.setObjectName("gradients.stop")
        self.stop.setAutoDefault(False)
        self.stop.clicked.connect(self._stop_or_go_on)
        self.closing = buttons.addButton(QDialogButtonBox.StandardButton.Close)
        self.closing.setObjectName("gradients.close")
        self.closing.setDefault(True)
        self.closing.setToolTip("Closes this window, and ends the check (Esc).")
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(14)
        layout.addWidget(self.how)
        layout.addLayout(middle, 1)
        layout.addWidget(self.progress)
        layout.addWidget(buttons)
        em = self.fontMetrics().horizontalAdvance("m")
        self.setMinimumWidth(min(44 * em, 620))
        fit(self, min(56 * em, 760))

    # -- working ------------------------------------------------------------------------------------------------

    def _stop_or_go_on(self) -> None:
        if self.running:
            self._halt()
        else:
            self._go_on()

    def _halt(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job, self.running = None, False
        self._show()

    def _go_on(self) -> None:
        """Check the next few."""
        places = self._places[self._next : self._next + self._size].tolist()
        self.running, self._began = True, time.perf_counter()
        self._job = self._bridge.run_job(
            check_all, self._ancestry.explanation, places, on_done=self._found, on_failed=self._failed
        )
        self._show()

    def _found(self, checks: Checks) -> None:
        self._parts.append(checks)
        self._next += len(checks.places)
        took = time.perf_counter() - self._began
        self._pace = took / len(checks.places)
        self._size = max(1, min(_MOST, round(self._size * min(4.0, _SECONDS / max(took, 1e-3)))))
        self.checks = Checks.joined(self._parts)
        self._parts = [self.checks]
        if self._next < len(self._places):
            self._go_on()
        else:
            self._halt()

    def _failed(self, failure: Failure) -> None:
        self._job, self.running = None, False
        self._show()
        self.verdict.setText(f"{sentence(failure.message)} {failure.hint}".strip())

    # -- showing ------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        total, checks = len(self._places), self.checks
        self.progress.setValue(self._next)
        done = self._next >= total
        self.stop.setText("&Stop" if self.running else "&Go on")
        tip = "Stops here; what is found so far stays (Alt+S)." if self.running else "Goes on with the others (Alt+G)."
        self.stop.setEnabled(not done)
        self.stop.setToolTip("All of them are checked." if done else tip)
        if checks is None:
            self.verdict.setText("Checking …")
            return
        self.picture.show_checks(checks)
        self.facts["Checked"].setText(f"{self._next:,} of {count(total, 'gradient')}{self._left}")
        kinked = int(checks.kinked.sum())
        self.facts["At a kink"].setText(f"{kinked:,}, where both may differ: not counted" if kinked else "none")
        if checks.worst >= 0:
            worst = checks.worst
            layer, source, unit = address_of(self._ancestry.explanation.moment.network, int(checks.places[worst]))
            name = self._ancestry.label(Number("parameter", layer, unit, source=source))
            explained, measured = float(checks.explained[worst]), float(checks.measured[worst])
            self.facts["Furthest apart"].setText(
                f"{figure(float(checks.errors[worst]), 2)} of their size, at {name}: "
                f"explained {figure(explained, 7)}, measured {figure(measured, 7)}"
            )
        text, field = self._said(checks, done)
        self.verdict.setText(text)
        self.verdict.setStyleSheet(f"color: {getattr(theme_of(self), field)};")

    @property
    def _left(self) -> str:
        """How long the others take, where one has to wait for them."""
        minutes = self._pace * (len(self._places) - self._next) / 60.0
        return f", about {count(round(minutes), 'minute')} more" if self.running and minutes > 1.0 else ""

    def _said(self, checks: Checks, done: bool) -> tuple[str, str]:
        """Return the verdict, and the colour that it is written in."""
        off = int(checks.differing.sum())
        if off:
            return f"{count(off, 'gradient')} {'differs' if off == 1 else 'differ'} by more than rounding.", "bad"
        if done:
            return "Explained and measured agree: every gradient is right.", "good"
        return "So far, explained and measured agree.", "text"

    def done(self, result: int) -> None:
        """Close the window, and end the check."""
        self._halt()
        super().done(result)


def check_gradients(bridge: Bridge, ancestry: Ancestry, parent: QWidget | None = None) -> GradientsDialog:
    """Check all gradients without waiting; the dialog forgets itself when it is closed."""
    dialog = GradientsDialog(bridge, ancestry, parent)
    dialog.finished.connect(lambda _: QTimer.singleShot(0, dialog.deleteLater))
    dialog.open()
    return dialog


def _label(text: str, name: str) -> QLabel:
    label = QLabel(text, wordWrap=True)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label
