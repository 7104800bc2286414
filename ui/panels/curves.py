"""Loss, accuracy, learning rate and norms of every epoch: of this branch, and of the others as thin lines."""

from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCursor, QPainter
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout

from ui.panels.curves_bar import CurvesBar
from ui.panels.curves_files import numbers
from ui.panels.curves_picture import draw_picture, picture_size
from ui.panels.curves_reading import Entry, Legend, Reading, Row
from ui.panels.curves_series import FIELDS, KINDS, NAMES, TEST, TRAIN, Line, Run, figure, parted
from ui.panels.exports import Export
from ui.panels.panel import Context, Panel
from ui.theme import Theme

_SECONDS = 1 / 10
_POINTS = 500
_AT_ONCE = 32_768
"""So many epochs of a line are smoothed at most before the window goes on."""

_MOST_READ = 4
_SINGLE = 5
"""Which colour of the theme's classes the lines have of which there is one."""


class CurvesPanel(Panel):
    """Plots above each other with one epoch axis; pyqtgraph is loaded after the first frame."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("curves")
        self.bar = CurvesBar()
        self.bar.set_theme(theme)
        self.legend = Legend()
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addWidget(self.bar)
        column.addWidget(self.legend)
        column.addWidget(self.area, 1)
        self.reading = Reading(self)
        self.run = Run(0, "", 0, context.bridge.records)
        self.others: tuple[Run, ...] = ()
        self.view: Any = None
        self._drawn_at, self._stale, self._accuracy = 0.0, False, True
        self.bar.kinds_changed.connect(self._arrange)
        self.bar.smoothing_changed.connect(self._age)
        self.bar.scales_changed.connect(self._rescale)
        self.bar.fit_wanted.connect(self._fit)
        self.bar.file_wanted.connect(self.take_elsewhere)
        bridge = context.bridge
        bridge.recorded.connect(self._record)
        bridge.opened.connect(self._opened)
        bridge.ticked.connect(self._tick)
        bridge.branched.connect(self._branched)
        bridge.snapshot_changed.connect(self._follow)

    # -- plots --------------------------------------------------------------------------------------------------

    def _load(self) -> None:
        """Make the plots; a window that is not yet on the screen comes first."""
        if self.view is not None:
            return
        from ui.panels.plots import Plots

        self.view = Plots(self.theme)
        self.area.setWidget(self.view)
        self.view.moved.connect(self._draw)
        self.view.pointed.connect(self._hover)
        self.view.sought.connect(self.context.bridge.go_to)
        self.view.menu_wanted.connect(self.bar.open_menu)
        self._arrange()
        if self.context.bridge.snapshot is not None:
            self._follow(self.context.bridge.snapshot)

    def _arrange(self) -> None:
        """Show the plots that are wanted, and that there are."""
        if self.view is not None:
            self.view.show_kinds(self.kinds)
            self.view.show_forks(self._forks())
            self._draw()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The plots that are shown, from the top down."""
        return tuple(kind for kind in self.bar.kinds if self._accuracy or kind != "accuracy")

    @property
    def count(self) -> int:
        """How many epochs the longest branch has, the start among them."""
        return max([len(self.run), *(len(run) for run in self.others)])

    @property
    def begin(self) -> int:
        """The first epoch that is known of any branch."""
        return min(run.begin for run in (self.run, *self.others))

    @property
    def series(self) -> dict[str, Any]:
        """Every figure of the epochs of this branch."""
        return {field: self.run.series(field) for field in FIELDS}

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.bar.set_theme(theme)
        if self.view is not None:
            self.view.set_theme(theme)
            self._draw()

    # -- news ---------------------------------------------------------------------------------------------------

    def _opened(self, event: Any) -> None:
        self._accuracy = event.dataset.task == "classification"
        self.bar.offer_accuracy(self._accuracy)
        if self.view is not None:
            self._arrange()
        elif self.isVisible():
            QTimer.singleShot(0, self, self._load)

    def _record(self, rows: Any) -> None:
        first, records = int(rows["epoch"][0]), self.context.bridge.records
        if first < len(self.run):
            # Another run, or epochs taken back after a divergence: begin anew from all that the bridge has.
            self.run = Run(self.run.number, self.run.name, 0, records)
            if first == 0 and self.view is not None:
                self.view.follow()
        else:
            self.run.grow(records)
        self._age()

    def _branched(self, event: Any) -> None:
        runs = {branch.number: branch for branch in event.branches}
        self.run.number, self.run.name = event.current, runs[event.current].name
        known = {run.number: run for run in self.others}
        self.others = tuple(
            known[number]
            if number in known and known[number].has(branch.records)
            else Run(number, "", 0, branch.records)
            for number, branch in runs.items()
            if number != event.current
        )
        for run in self.others:
            run.name, run.first = runs[run.number].name, parted(runs, run.number, event.current)
        if self.view is not None:
            self.view.show_forks(self._forks())
        self._age()

    def _forks(self) -> tuple[int, ...]:
        branches = self.context.bridge.branches.values()
        return tuple(sorted({branch.fork[0] for branch in branches if branch.parent is not None}))

    def _follow(self, snapshot: Any) -> None:
        if self.view is not None:
            self.view.show_now(None if snapshot.live else snapshot.epoch + snapshot.batch / snapshot.batches)

    def _age(self) -> None:
        self._stale = True

    def _tick(self, now: float) -> None:
        if self._stale and now - self._drawn_at >= _SECONDS and self.isVisible():
            self._drawn_at = now
            self._draw()

    def _rescale(self) -> None:
        if self.view is not None:
            self.view.set_log(x=self.bar.log_x.isChecked(), y=self.bar.log.isChecked())
            self._draw()

    def _fit(self) -> None:
        if self.view is not None:
            self.view.follow()
            self._draw()

    # -- drawing ------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        if self.view is None:
            return
        self._stale = False
        count = self.count
        self.view.settle(count, self.begin)
        for kind in self.kinds:
            lines = [line for run in self.others for line in self._of_other(kind, run, count)]
            self.view.plots[kind].draw([*lines, *self._own(kind, count)])
        self.bar.fit.setEnabled(not self.view.following)
        self.legend.show_entries(self._entries(), self.theme)

    def _own(self, kind: str, count: int) -> list[Line]:
        lines = []
        for field in KINDS[kind].fields:
            colour, width = self._colour(field), 1.0 if field.startswith(TRAIN) else 1.6
            raw = self._look(self.run.series(field), count, 0)
            if self.bar.weight:
                lines.append(Line(f"{field}.raw", colour, 1.0, *raw, faint=True))
                raw = self._look(self._average(self.run, field), count, 0)
            lines.append(Line(field, colour, width, *raw))
        return lines

    def _of_other(self, kind: str, run: Run, count: int) -> list[Line]:
        field = run.shown(KINDS[kind].fields[0])
        series = self._average(run, field) if self.bar.weight else run.series(field)
        x, y = self._look(series, count, run.first, _POINTS)
        return [Line(f"branch {run.number}", self._branch_colour(run), 1.0, x, y, dotted=True)]

    def _average(self, run: Run, field: str) -> Any:
        """Return the moving average of a figure, as far as it is worked out; the rest follows."""
        average, whole = run.average(field, self.bar.weight, _AT_ONCE)
        self._stale = self._stale or not whole
        return average

    def _look(self, series: Any, count: int, start: int, most: int = 10**9) -> tuple[Any, Any]:
        first, last, points = self.view.stretch(count)
        look = series.look_by_octaves if self.bar.log_x.isChecked() else series.look
        return look(max(first, start), last, min(points, most))

    def _colour(self, field: str) -> str:
        place = 0 if field.startswith(TRAIN) else 1 if field.startswith(TEST) else _SINGLE
        return self.theme.classes[place]

    def _branch_colour(self, run: Run) -> str:
        return self.theme.classes[run.number % len(self.theme.classes)]

    def _entries(self) -> tuple[Entry, ...]:
        own = [Entry("Train", self._colour(TRAIN)), Entry("Test", self._colour(TEST))]
        if not np.isfinite(self.run.records["test_loss"][-1:]).all():
            own.pop()
        return (*own, *(Entry(run.name, self._branch_colour(run), dotted=True) for run in self.others))

    # -- the read-out -------------------------------------------------------------------------------------------

    def _hover(self, epoch: float | None) -> None:
        last = self.count - 1
        if epoch is None or last < 0:
            self.reading.clear()
            self._mark(None)
            return
        at = int(min(max(round(epoch), self.begin), last))
        runs = [self.run, *self.others[: _MOST_READ - 1]]
        fields = [field for kind in self.kinds for field in KINDS[kind].fields]
        rows = [
            Row(NAMES[field], tuple((_read(run, field, at), self._head_colour(run)) for run in runs))
            for field in fields
            if any(_read(run, field, at) != "–" for run in runs)
        ]
        heads = tuple((run.name or "this run", self._head_colour(run)) for run in runs) if self.others else ()
        more = len(self.others) - (_MOST_READ - 1)
        title = f"epoch {at:,} of {last:,}" + (f", {more} more branches" if more > 0 else "")
        self.reading.show_rows(title, heads, tuple(rows), self.theme)
        self._mark(at)

    def _head_colour(self, run: Run) -> str:
        return self.theme.text if run is self.run else self._branch_colour(run)

    def _mark(self, epoch: int | None) -> None:
        if self.view is None:
            return
        self.view.show_epoch(epoch)
        if epoch is not None:
            place = self.mapFromGlobal(QCursor.pos())
            if self.view.hasFocus() and not self.area.geometry().contains(place):
                place = self.view.mapTo(self, self.view.mark())
            self.reading.stand_by(place, self.rect())

    # -- files --------------------------------------------------------------------------------------------------

    def branches(self, first: int = 0, last: int | None = None) -> tuple[tuple[str, Any], ...]:
        """Return the name of every branch and its rows of `RECORD` that are known, this one first, each a copy."""
        runs = (self.run, *self.others)
        return tuple((run.name or "run", run.records[max(first, run.begin) : last].copy()) for run in runs)

    def exports(self) -> Export | None:
        """Return the plots and the epochs in sight; a file holds every epoch."""
        if self.count < 1:
            return None
        first, last = (0, self.count) if self.view is None else self.view.stretch(self.count)[:2]
        seen, every = numbers(self.branches(first, last)), numbers(self.branches())
        if self.view is None:
            return Export("curves", QSize(), None, seen, every)
        if self._stale:  # the picture has the epochs that the numbers have
            self._draw()
        return Export("curves", picture_size(self.view, self.legend), self.draw_picture, seen, every)

    def draw_picture(self, painter: QPainter) -> None:
        """Draw the plots as they are in sight, and the names of the lines above them."""
        draw_picture(painter, self.view, self.legend, self.theme)

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._stale = True
        if self.view is None and self.context.bridge.snapshot is not None:
            QTimer.singleShot(0, self, self._load)


def _read(run: Run, field: str, epoch: int) -> str:
    return figure(field, float(run.records[field][epoch])) if epoch < len(run) else "–"
