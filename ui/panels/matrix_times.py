"""The page that times the next update: a button that starts and stops, a table with bars, and what it says."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.device_words import CPU, no_gpu
from ui.jobs import Failure, Job
from ui.panels.command_line import CommandLine
from ui.panels.matrix_bars import TimesTable, bars_of
from ui.panels.matrix_words import comparison, conclusion, refusals, why_gpus, why_matrices
from ui.panels.panel import MARGIN, text_label
from ui.theme import Theme

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.explain import Moment
    from simulator.insight.step_times import StepTimes

_ABOUT = "The next update, made again and again in every way there is; the training is not touched."


class TimesPage(QWidget):
    """The page: a button that starts and stops, the table, and what it says.

    Attributes
    ----------
    running
        Whether it is being timed now.
    """

    def __init__(self, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self._bridge = bridge
        self._moment: Moment | None = None
        self._job: Job | None = None
        self.button = QPushButton()
        self.button.setObjectName("matrices.time")
        self.button.clicked.connect(self._pressed)
        self.progress = text_label(role="quiet")
        self.progress.setObjectName("matrices.time_progress")
        self.progress.setAccessibleName("What is timed")
        self.table = TimesTable(theme)
        self.result, self.comparison, self.gpu = text_label(), text_label(), text_label(role="quiet")
        self.matrices, self.gpus = text_label(role="quiet"), text_label(role="quiet")
        self.command = CommandLine("matrices.gpu", theme)
        for name, label in (
            ("result", self.result),
            ("comparison", self.comparison),
            ("gpu", self.gpu),
            ("why_matrix", self.matrices),
            ("why_gpu", self.gpus),
        ):
            label.setObjectName(f"matrices.time_{name}")
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self.button)
        line.addWidget(self.progress, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 4, MARGIN, MARGIN)
        column.setSpacing(6)
        column.addLayout(line)
        for widget in (
            self.table, self.result, self.comparison, self.gpu, self.command, self.matrices, self.gpus
        ):  # fmt: skip
            column.addWidget(widget)
        column.addStretch(1)
        self._show_state()

    @property
    def running(self) -> bool:
        """Whether it is being timed now."""
        return self._job is not None

    def follow(self, moment: "Moment") -> None:
        """Take the update that is to be timed."""
        self._moment = moment
        self.button.setEnabled(True)
        self._say(self.matrices, why_matrices(moment))
        self._say(self.gpus, why_gpus(moment))

    def forget(self) -> None:
        """Stop, and show nothing: it was about another network."""
        self._stop()
        self._moment = None
        self._show_state()
        self.table.show_bars(())
        self.command.show_command("")
        for label in (self.result, self.comparison, self.gpu, self.matrices, self.gpus):
            self._say(label, "")

    def _say(self, label: QLabel, text: str) -> None:
        if text != label.text():
            label.setText(text)
        label.setVisible(bool(text))

    def _pressed(self) -> None:
        if self.running:
            self._stop()
        elif self._moment is not None:
            self._start(self._moment)

    def _start(self, moment: "Moment") -> None:
        from simulator.insight.step_times import SECONDS, step_times

        playing = self._bridge.playing
        self._job = self._bridge.run_job(
            step_times,
            moment,
            self._bridge.threads,
            SECONDS,
            self._bridge.device if self._bridge.device != CPU else "cuda",
            on_done=lambda times: self._done(times, playing),
            on_failed=self._failed,
            on_progress=self._progressed,
        )
        self._show_state()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._show_state()

    def _show_state(self) -> None:
        self.button.setText("Cancel" if self.running else "Time it")
        tip = "Make the next update again and again in every way, for about two seconds"
        self.button.setToolTip("Stop timing" if self.running else tip)
        self.button.setAccessibleName("Stop timing" if self.running else "Time the next update")
        self.button.setEnabled(self._moment is not None)
        if not self.running:
            self.progress.setText(_ABOUT)

    def _progressed(self, _fraction: float | None, text: str) -> None:
        if text:
            self.progress.setText(f"Timing: {text} …")

    def _done(self, times: "StepTimes", playing: bool) -> None:
        self._job = None
        self._show_state()
        self.table.show_bars(bars_of(times))
        note = "Training went on meanwhile: pause it for steadier times." if playing else ""
        self._say(self.result, conclusion(times))
        self._say(self.comparison, " ".join(filter(None, (comparison(times), refusals(times), note))))
        why, command = no_gpu(times.missing, times.advice) if times.missing else ("", "")
        self._say(self.gpu, why)
        self.command.show_command(command)

    def _failed(self, failure: Failure) -> None:
        self._job = None
        self._show_state()
        self.progress.setText(f"{failure.message}. {failure.hint}")

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.command.set_theme(theme)
        self.table.theme = theme
        self.table.update()
