"""The loss while the learning rate grows, and which rate that suggests."""

import dataclasses
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidgetAction

from simulator.progress import Progress
from ui.forms import Form, NoWheel
from ui.panels.note import Note
from ui.panels.panel import MARGIN, Context, MomentPanel
from ui.theme import Theme

if TYPE_CHECKING:
    from ui.panels.exports import Export

_PLACES = {
    "now": ("From now", "The test begins with the weights of the moment on the timeline"),
    "start": ("From the start", "The test begins with the start weights of this branch"),
}


def tested(subject: Any, start: Any, settings: Any, threads: int, progress: Progress) -> Any:
    """Run a range test on all training rows: a job."""
    from simulator.insight.rate_finder import range_test
    from simulator.insight.rows import rows_of

    dataset, network, config = subject.dataset, subject.network, subject.config
    progress.report(0.0, "taking the rows")
    rows = rows_of(dataset, network, config.dtype, len(dataset.X_train))
    return range_test(network, config, start, rows, settings, dataset.task == "classification", threads, progress)


class RateFinderPanel(MomentPanel):
    """Runs the range test beside the session, and takes the rate that it suggests with one click."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("rate_finder")
        self.result: Any = None
        self._subject: Any = None
        self._waiting: Any = None
        self._job: Any = None

    def _build(self) -> None:
        from simulator.insight.rate_finder import RangeSettings
        from ui.panels.bar import Bar
        from ui.panels.rate_finder_plot import RatePlot
        from ui.panels.rate_finder_words import BEFORE, RULES

        self.settings = RangeSettings()
        self.run = QPushButton("Run")
        self.run.setObjectName("rate_finder.run")
        self.run.setAccessibleName("Run the range test")
        self.run.clicked.connect(self._run_or_stop)
        self.place = self._chooser("rate_finder.place", "Begin with", _PLACES)
        self.rule = self._chooser("rate_finder.rule", "Suggest by", {key: row[:2] for key, row in RULES.items()})
        self.rule.activated.connect(lambda _nth: self._suggest())
        self.form = Form(self.settings)
        self.form.setObjectName("rate_finder.settings")
        self.form.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.form.setMinimumWidth(250)
        self.form.changed.connect(lambda settings: setattr(self, "settings", settings))
        self.more = QPushButton("Range")
        self.more.setObjectName("rate_finder.range")
        self.more.setAccessibleName("Range of the test")
        self.more.setToolTip("From which rate to which, in how many updates, and how the loss is smoothed")
        menu = QMenu(self.more)
        content = QWidgetAction(menu)
        content.setDefaultWidget(self.form)
        menu.addAction(content)
        self.more.setMenu(menu)
        self.bar = Bar(self.run, self.place, self.rule, self.more)
        self.plot = RatePlot(self.theme)
        self.plot.show_result(None, BEFORE)
        self.plot.moved.connect(lambda _rate: self._offer())
        self.plot.accepted.connect(self._use)
        self.said = Note()
        self.said.setObjectName("rate_finder.said")
        self.use = QPushButton("Use")
        self.use.setObjectName("rate_finder.use")
        self.use.clicked.connect(self._use)
        foot = QHBoxLayout()
        foot.setContentsMargins(MARGIN, 0, MARGIN, 0)
        foot.setSpacing(10)
        foot.addWidget(self.said, 1)
        foot.addWidget(self.use, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(2)
        column.addWidget(self.bar)
        column.addWidget(self.plot, 1)
        column.addLayout(foot)
        bridge = self.context.bridge
        bridge.peeked.connect(self._peeked)
        bridge.opened.connect(lambda _event: self._opened())
        bridge.configured.connect(lambda _event: self.renew())
        self._rest()
        self._offer()

    def _chooser(self, name: str, title: str, rows: dict[str, Any]) -> QComboBox:
        box = QComboBox()
        box.setObjectName(name)
        box.setAccessibleName(title)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for key, (text, tip) in rows.items():
            box.addItem(text, key)
            box.setItemData(box.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        box.setToolTip(f"{title}:\n" + "\n".join(f"{text}: {tip}." for text, tip in rows.values()))
        box.installEventFilter(NoWheel(self))
        return box

    # -- running -------------------------------------------------------------------------------------------------

    def _run_or_stop(self) -> None:
        if self._job is not None or self._waiting is not None:
            self._stop()
            self._write()
            return
        bridge = self.context.bridge
        snapshot, dataset = bridge.snapshot, bridge.dataset
        if snapshot is None or dataset is None:
            return
        from ui.panels.rate_finder_words import Subject

        moment = snapshot.epoch + snapshot.batch / max(1, snapshot.batches)
        subject = Subject(snapshot.network, snapshot.config, dataset, moment)
        if self.place.currentData() == "start":
            self._waiting = snapshot.branch, dataclasses.replace(subject, epoch=0.0)
            self._busy("looking for the start weights")
            bridge.peek(snapshot.branch, 0)
        else:
            self._begin(subject, snapshot.parameters)

    def _peeked(self, event: Any) -> None:
        """Begin with the start weights, where they were asked for."""
        from simulator.training.commands import Peek

        if self._waiting is None or event.asked != Peek(self._waiting[0], 0):
            return
        subject, self._waiting = self._waiting[1], None
        if len(event.snapshot.parameters) == subject.network.parameter_count:
            self._begin(subject, event.snapshot.parameters)
        else:
            self._stop()

    def _begin(self, subject: Any, start: Any) -> None:
        self._busy("")
        self._job = self.context.bridge.run_job(
            tested, subject, start, self.settings, self.context.bridge.threads,
            on_done=lambda result: self._done(subject, result),
            on_failed=self._failed,
            on_progress=lambda fraction, text: self._busy(text, fraction),
        )  # fmt: skip

    def _busy(self, text: str, fraction: float | None = None) -> None:
        self.run.setText("Stop")
        self.run.setToolTip("Stops the test; nothing has changed.")
        self.said.setText(text + ("" if fraction is None else f" … {100 * fraction:.0f} %"))

    def _rest(self) -> None:
        self.run.setText("Run")
        self.run.setToolTip(
            "Trains a copy: after every update the learning rate η is multiplied by (to/from)^(1/(n − 1)).\n"
            "Smith's range test (2017); it ends where the loss exceeds four times its best. The session is not touched."
        )

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = self._waiting = None
        self._rest()

    def _done(self, subject: Any, result: Any) -> None:
        self._job = None
        self._rest()
        self.result, self._subject = result, subject
        self._suggest()
        self.renew()

    def _failed(self, failure: Any) -> None:
        self._job = None
        self._rest()
        self.said.setText(f"{failure.message}. {failure.hint}".strip())

    def _opened(self) -> None:
        self._stop()
        self.renew()

    def exports(self) -> "Export | None":
        """Return the curve of the last test."""
        from ui.panels.exports import shown
        from ui.panels.numbers import of_range_test
        from ui.writing import lines

        result = self.result
        if not self.built or result is None:
            return super().exports()
        return shown("range-test", self.plot, lines(lambda: of_range_test(result)))

    # -- showing ------------------------------------------------------------------------------------------------

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        """Mark the present rate, and say where the result is of another network."""
        from ui.panels.rate_finder_words import rate_of

        config = self.context.bridge.config or snapshot.config
        stale = self._subject is not None and not self._subject.holds(snapshot.network, config, dataset)
        if stale != self.plot.stale:
            self.plot.show_result(self.result, stale=stale)
            self._write()
        self.plot.mark(self.plot.chosen, rate_of(config))
        self._offer()

    def _suggest(self) -> None:
        """Put the mark where the rule says."""
        if self.result is None:
            return
        self.plot.show_result(self.result, stale=self.plot.stale)
        self.plot.mark(self.result.suggestions.get(self.rule.currentData()), self.plot.present)
        self._write()
        self._offer()

    def _write(self) -> None:
        from ui.panels.rate_finder_words import STALE, verdict

        if self._job is not None or self._waiting is not None:
            return
        if self.result is None:
            self.said.setText("")
        else:
            found = verdict(self.result, self.rule.currentData(), self._subject)
            self.said.setText(STALE if self.plot.stale else found)

    def _offer(self) -> None:
        """Say on the button which rate it takes."""
        from simulator.explain import figure
        from ui.panels.rate_finder_words import rounded

        rate = None if self.plot.stale or self.result is None else self.plot.chosen
        self.use.setEnabled(rate is not None)
        self.use.setText("Use" if rate is None else f"Use {figure(rounded(rate), 2)}")
        self.use.setAccessibleName("Use this learning rate")
        self.use.setToolTip(
            "Makes it the optimizer's learning rate, from the next update; it can be undone."
            if rate is not None
            else "There is no rate to take: run the test first, or drag a mark into its curve."
        )

    def _use(self) -> None:
        from simulator.explain import figure
        from ui.panels.rate_finder_words import rounded

        plan, rate = self.context.editor.plan, self.plot.chosen
        if plan is None or rate is None or not self.use.isEnabled():
            return
        value = rounded(rate)
        optimizer = plan.config.optimizer.having(learning_rate=value)
        config = dataclasses.replace(plan.config, optimizer=optimizer)
        self.context.editor.edit(f"learning rate {figure(value, 2)}", config=config)

    def _fit(self) -> None:
        if self.built:
            self.said.fit(max(9.0, 0.85 * self.fontInfo().pixelSize()), self.height() // 7)

    def resizeEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._fit()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        if self.built:
            self.plot.set_theme(theme)
