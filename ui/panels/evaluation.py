"""How good the predictions are: confusion matrix, scores of the classes, curves; or residuals."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QSizePolicy, QStackedWidget, QToolButton, QVBoxLayout

from simulator.progress import Progress
from ui.canvas.picture import grouped, percent_text, pretty_name
from ui.forms import NoWheel
from ui.jobs import Job
from ui.panels.panel import Context, MomentPanel, style_label
from ui.selection import Pointed
from ui.theme import Theme, icon

if TYPE_CHECKING:
    from ui.panels.exports import Export

_AT_ONCE = 8_000
"""So many outputs are judged in the frame, about two milliseconds; more is a job."""

_FIRST = {"classification": "matrix", "regression": "predicted"}


class EvaluationPanel(MomentPanel):
    """One page at a time about the predictions for training, test or all rows."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("evaluation")
        self.split = ""
        self.page = ""
        self.found: Any = None
        self._pages = dict(_FIRST)
        self._key: tuple[Any, ...] = ()
        self._job: Job | None = None
        self.views: dict[str, Any] = {}
        context.predicting.answered.connect(lambda _predictions: self.renew())
        context.bridge.opened.connect(self._opened)
        context.selection.pointed_changed.connect(lambda _pointed: self._mark())
        context.selection.row_changed.connect(lambda _row: self._mark())

    # -- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        from ui.panels.bar import Segments
        from ui.panels.evaluation_bar import MODES, PAGES, SPLIT_CHOICES
        from ui.panels.evaluation_calibration import CalibrationPlot
        from ui.panels.evaluation_curves import CurvesPlot
        from ui.panels.evaluation_matrix import ConfusionMatrix
        from ui.panels.evaluation_scatter import Scatter
        from ui.panels.evaluation_sheet import Sheet
        from ui.panels.exports import fill_menu
        from ui.panels.what_if_line import Elided

        theme = self.theme
        self.views = {
            "matrix": ConfusionMatrix(theme),
            "scores": Sheet("evaluation.scores", "Scores of the classes", theme),
            "roc": CurvesPlot("roc", theme),
            "pr": CurvesPlot("pr", theme),
            "calibration": CalibrationPlot(theme),
            "predicted": Scatter("predicted", theme),
            "residuals": Scatter("residuals", theme),
            "figures": Sheet("evaluation.figures", "Figures", theme),
        }
        self.tabs = {task: Segments(f"evaluation.{task}", "Page", pages) for task, pages in PAGES.items()}
        self.splits = Segments("evaluation.split", "Rows", SPLIT_CHOICES, self.show_split, folds=False)
        self.modes = Segments("evaluation.mode", "What the cells say", MODES, self._show_mode)
        self.modes.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.classes = QComboBox()
        self.classes.setObjectName("evaluation.class")
        self.classes.setAccessibleName("Calibration of")
        self.classes.setToolTip("What is said of the predicted class of every row, or of one class alone")
        self.classes.setMaximumWidth(160)
        self.classes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.classes.installEventFilter(NoWheel(self))
        self.classes.activated.connect(lambda nth: self._show_class(nth - 1))
        self.export = QToolButton()
        self.export.setObjectName("evaluation.export")
        self.export.setAccessibleName("Copy or save")
        self.export.setToolTip("Copy or save the picture or the numbers of this page")
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.export)
        fill_menu(menu, "evaluation", self.take_elsewhere)
        self.export.setMenu(menu)
        self.headline, self.reading = Elided(), Elided()
        self.headline.setObjectName("evaluation.headline")
        self.reading.setObjectName("evaluation.reading")
        self.reading.setAccessibleName("What is under the pointer")
        style_label(self.reading, "quiet")
        self._arrange()
        self._connect()
        self._dress()

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 4)
        column.setSpacing(5)
        first, second = QHBoxLayout(), QHBoxLayout()
        for line in (first, second):
            line.setSpacing(4)
        for tabs in self.tabs.values():
            first.addWidget(tabs, 1)
        first.addWidget(self.export)
        second.addWidget(self.splits)
        second.addStretch(1)
        second.addWidget(self.modes)
        second.addWidget(self.classes)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.headline)
        self._stack = QStackedWidget()
        self._stack.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        for view in self.views.values():
            self._stack.addWidget(view)
        column.addWidget(self._stack, 1)
        column.addWidget(self.reading)

    def _connect(self) -> None:
        for tabs in self.tabs.values():
            tabs.chosen.connect(self.show_page)
        for view in self.views.values():
            view.said.connect(self._say)
            view.rows_wanted.connect(self._show_rows)
        self.views["matrix"].pointed.connect(self._point_at_class)
        for name in ("predicted", "residuals"):
            self.views[name].row_chosen.connect(self.context.selection.choose_row)
            self.views[name].row_pointed.connect(self._point_at_row)
        self.views["figures"].row_chosen.connect(self.context.selection.choose_row)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for view in self.views.values():
            view.set_theme(theme)
        if self.built:
            self._dress()

    def _dress(self) -> None:
        self.export.setIcon(icon("export", self.theme, "quiet"))

    # -- what is shown ------------------------------------------------------------------------------------------

    def _opened(self, _event: Any) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job, self.found, self._key, self.split = None, None, (), ""

    def show_page(self, page: str) -> None:
        """Show a page: a key of `ui.panels.evaluation_bar.PAGES`."""
        dataset = self.context.bridge.dataset
        if dataset is not None:
            self._pages[dataset.task] = page
            self._say("")
            self._now()

    def show_split(self, split: str) -> None:
        """Judge the rows of "train", "test" or "all"."""
        self.split = split
        self._now()

    def _now(self) -> None:
        self.renew()
        if self.isVisible():
            self._show_now()

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        from ui.panels.evaluation_values import judged, work

        predictions = self.context.predicting.predictions
        self._offer(dataset)
        if predictions is None or predictions.dataset is not dataset:
            return  # they are being worked out
        key = (predictions, self.split, self.page)
        if key == self._key or self._job is not None:
            return
        self._key = key
        if work(predictions) <= _AT_ONCE:
            self._take(judged(predictions, self.split, self.page, Progress()), self.page)
        else:
            page = self.page
            self._job = self.context.bridge.run_job(
                judged, predictions, self.split, page,
                on_done=lambda found: self._done(found, page), on_failed=lambda _failure: self._done(None, page),
            )  # fmt: skip

    def _offer(self, dataset: Any) -> None:
        """Offer the pages of the task and the splits that have rows."""
        tested = bool(len(dataset.X_test))
        if not self.split or (self.split == "test" and not tested):
            self.split = "test" if tested else "train"
        self.page = self._pages[dataset.task]
        for task, tabs in self.tabs.items():
            tabs.setVisible(task == dataset.task)
        self.tabs[dataset.task].choose(self.page)
        self.splits.choose(self.split)
        self.splits.allow("test", "" if tested else "This data set has no test rows")
        self.modes.setVisible(self.page == "matrix")
        self.classes.setVisible(self.page == "calibration")

    def _done(self, found: Any, page: str) -> None:
        self._job = None
        if found is not None and page == self.page and found.split == self.split:
            self._take(found, page)
        self.renew()  # another moment may have come

    def _take(self, found: Any, page: str) -> None:
        """Show what was worked out."""
        self.found = found
        view = self.views[page]
        view.show_judged(found)
        self._stack.setCurrentWidget(view)
        if page == "calibration":
            names = ["Predicted class", *found.names]
            if [self.classes.itemText(nth) for nth in range(self.classes.count())] != names:
                self.classes.clear()
                self.classes.addItems(names)
            self.classes.setCurrentIndex(view.of + 1)
        self._write_headline()
        self._mark()

    def _write_headline(self) -> None:
        found, view = self.found, self.views[self.page]
        from ui.panels.evaluation_values import SPLITS, Classes

        count = len(found.rows)
        rows = f"{grouped(count)} {SPLITS[found.split].removeprefix('all ')}"
        if isinstance(found, Classes):
            parts = [f"{grouped(found.mistakes)} {'mistake' if found.mistakes == 1 else 'mistakes'}"]
            parts.append(view.headline() if hasattr(view, "headline") else f"{percent_text(found.accuracy)} right")
        else:
            from ui.panels.evaluation_figures import real

            unit = pretty_name(found.predictions.dataset.recipe.target)[1]
            r2 = found.figures["R²"]
            parts = [f"R² {'–' if r2 != r2 else f'{r2:.3f}'.replace('-', '−')}"]
            parts += [f"{name} {real(found.figures[name], unit)}" for name in ("RMSE", "MAE")]
        self.headline.show_parts(f"{rows} · ", " · ".join(part for part in parts if part))

    def _show_mode(self, mode: str) -> None:
        self.modes.choose(mode)
        self.views["matrix"].show_mode(mode)

    def _show_class(self, of: int) -> None:
        view = self.views["calibration"]
        view.show_class(of)
        if self.found is not None:
            self._write_headline()

    def _say(self, text: str) -> None:
        self.reading.show_parts("", text)

    def exports(self) -> "Export | None":
        """Return the page that is shown."""
        from ui.panels.evaluation_export import table_of
        from ui.panels.exports import shown
        from ui.writing import lines

        found, page = self.found, self.page
        if found is None:
            return None
        of = self.views["calibration"].of
        return shown(f"{page}-{found.split}", self.views[page], lines(lambda: table_of(found, page, of)))

    # -- rows ---------------------------------------------------------------------------------------------------

    def _show_rows(self, rows: Any, title: str) -> None:
        from ui.panels.evaluation_values import SPLITS

        if self.found is None or self.found.predictions.dataset is not self.context.bridge.dataset:
            return  # the rows of now may be others
        self.context.show_rows(rows, f"{title} · {SPLITS[self.found.split]}")

    def _mark(self) -> None:
        """Mark the chosen row, and the one that a pointer is on in whatever view."""
        if self.found is None or not self.isVisible():
            return
        selection = self.context.selection
        chosen = None if selection.chosen is None else selection.chosen.row
        view = self.views[self.page]
        if hasattr(view, "mark"):
            view.mark(chosen, None if selection.pointed is None else selection.pointed.row)

    def _point_at_class(self, place: int) -> None:
        snapshot = self.context.bridge.snapshot
        if place < 0 or snapshot is None:
            self.context.selection.point_at(None)
            return
        layer = len(snapshot.network.sizes) - 1
        self.context.selection.point_at(Pointed(neuron=(layer, min(place, snapshot.network.outputs - 1))))

    def _point_at_row(self, row: int) -> None:
        self.context.selection.point_at(None if row < 0 else Pointed(row=row))

    # -- Qt's events --------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        self.context.predicting.want(self)
        super().showEvent(event)
        self._mark()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self.context.predicting.want(self, wanted=False)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(220, 180)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(340, 380)
