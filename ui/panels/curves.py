"""Loss and accuracy of every epoch, on training and on test rows."""

from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout

from ui.panels.panel import Context, Panel
from ui.panels.thinning import Thinned
from ui.theme import Theme, font

SERIES = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
_SECONDS = 1 / 10
_LEAST = 1e-12
_POINTS = 500


class CurvesPanel(Panel):
    """Two plots above each other with one epoch axis; pyqtgraph is loaded after the first frame."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("curves")
        self.log = QCheckBox("Log scale")
        self.log.setObjectName("curves.log")
        self.log.setToolTip("Draw the loss on a logarithmic scale: a straight line is then an exponential fall.")
        self.log.toggled.connect(self._rescale)
        self.reading = QLabel()
        self.reading.setObjectName("curves.reading")
        self.reading.setAccessibleName("Values under the pointer")
        self.reading.setTextFormat(Qt.TextFormat.PlainText)
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 12, 0)
        head.addWidget(self.log)
        head.addStretch(1)
        head.addWidget(self.reading)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 6)
        self._column.setSpacing(2)
        self._column.addLayout(head)
        self._column.addStretch(1)
        self.series: dict[str, Thinned] = {name: Thinned() for name in SERIES}
        self.view: Any = None
        self._drawn_at = 0.0
        self._stale = False
        self._accuracy = True
        self._others: tuple[Any, ...] = ()
        context.bridge.recorded.connect(self._record)
        context.bridge.opened.connect(self._opened)
        context.bridge.ticked.connect(self._tick)
        context.bridge.branched.connect(self._branched)
        context.bridge.snapshot_changed.connect(self._follow)

    def _load(self) -> None:
        """Make the plots; a window that is not yet on the screen comes first."""
        if self.view is not None:
            return
        from ui.panels.plots import Plots

        self.view = Plots(self.theme, self._hover)
        self._column.takeAt(self._column.count() - 1)
        self._column.addWidget(self.view, 1)
        self.view.moved.connect(self._draw)
        self.view.show_accuracy(self._accuracy)
        self._show_branches()
        self._draw()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        if self.view is not None:
            self.view.set_theme(theme)
            self._show_branches()
            self._draw()

    def _opened(self, event: Any) -> None:
        self._accuracy = event.dataset.task == "classification"
        if self.view is not None:
            self.view.show_accuracy(self._accuracy)
        else:
            QTimer.singleShot(0, self, self._load)

    def _record(self, rows: Any) -> None:
        first = int(rows["epoch"][0])
        if first < len(self.series["train_loss"]):
            # Another run, or epochs taken back after a divergence: begin anew from all that the bridge has.
            self.series = {name: Thinned() for name in SERIES}
            rows = self.context.bridge.records
            if first == 0 and self.view is not None:
                self.view.follow()
        for name, series in self.series.items():
            series.append(np.ascontiguousarray(rows[name]))
        self._stale = True

    def _branched(self, event: Any) -> None:
        self._others = tuple(branch for branch in event.branches if branch.number != event.current)
        self._show_branches()

    def _show_branches(self) -> None:
        """Draw the other branches as far as they are their own; a changed one is drawn again when it is left."""
        if self.view is None:
            return
        shown = []
        for branch in self._others:
            first = branch.fork[0] if branch.parent is not None else 0
            which = "test" if np.isfinite(branch.records["test_loss"][:1]).all() else "train"
            lines = []
            for what in ("loss", "accuracy"):
                series = Thinned()
                series.append(np.ascontiguousarray(branch.records[f"{which}_{what}"]))
                lines.append(series.look(first, len(series), _POINTS))
            (x, loss), (_, accuracy) = lines
            colour = self.theme.classes[branch.number % len(self.theme.classes)]
            shown.append((colour, x, loss, accuracy))
        self.view.show_branches(shown)

    def _follow(self, snapshot: Any) -> None:
        if self.view is not None:
            self.view.show_now(None if snapshot.live else snapshot.epoch + snapshot.batch / snapshot.batches)

    def _tick(self, now: float) -> None:
        if self._stale and now - self._drawn_at >= _SECONDS and self.isVisible():
            self._drawn_at = now
            self._draw()

    def _rescale(self, log: bool) -> None:
        if self.view is not None:
            self.view.set_log(log)
            self._draw()

    def _draw(self) -> None:
        if self.view is None:
            return
        self._stale = False
        count = len(self.series["train_loss"])
        first, last, points = self.view.stretch(count)
        for name, series in self.series.items():
            x, y = series.look(first, last, points)
            if self.log.isChecked() and name.endswith("loss"):
                y = np.maximum(y, _LEAST)  # NaN stays NaN
            self.view.draw(name, x, y)
        self.view.settle(count)

    def _hover(self, epoch: float | None) -> None:
        records = self.context.bridge.records
        if epoch is None or not len(records):
            self.reading.setText("")
            return
        row = records[int(min(max(round(epoch), 0), len(records) - 1))]
        text = f"epoch {int(row['epoch']):,}   loss {_number(row['train_loss'])} / {_number(row['test_loss'])}"
        if self._accuracy:
            text += f"   {_share(row['train_accuracy'])} / {_share(row['test_accuracy'])}"
        self.reading.setText(text)

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.reading.setFont(font(max(10, self.fontInfo().pixelSize() - 2)))
        self._stale = True


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.4g}"


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.1f} %"
