"""The dialog "Load a data set": a source, its columns, the recipe stage by stage, and what follows from it."""

import dataclasses
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QSplitter, QTabWidget, QVBoxLayout, QWidget

from simulator.data import BUNDLED
from ui.bridge import Bridge
from ui.dialogs.dataset.answers import Answers
from ui.dialogs.dataset.columns import ColumnList
from ui.dialogs.dataset.exchange import Exchange
from ui.dialogs.dataset.findings import Findings
from ui.dialogs.dataset.foot import Foot
from ui.dialogs.dataset.formats import filters
from ui.dialogs.dataset.preview import FirstRows, Preview
from ui.dialogs.dataset.reading import Raw, Reading, Source, read
from ui.dialogs.dataset.recipe import Recipe
from ui.dialogs.dataset.sources import Sources
from ui.dialogs.files import ChooseToOpen, choose_file_to_open
from ui.jobs import Failure, Job
from ui.preferences import Preferences

_PATIENCE_MS = 200
"""A reading that takes less than this is not announced: most answers come at once, and nothing should flicker."""


class OpenDatasetDialog(QDialog):
    """Asks for a data set.

    Reading is a job of the bridge. While one runs, and after a refusal, nothing can be accepted; another answer
    cancels the job that still runs, and what a cancelled job found is dropped.

    Parameters
    ----------
    bridge
        What runs the jobs.
    path
        A file, or the name of a bundled set, to begin with.
    preferences
        Where the last folder is remembered.
    choose
        Asks for a file: (parent, title, folder, filters) to a path or None.

    Attributes
    ----------
    accepted_dataset
        Emitted once with the `Dataset` when the user accepts it.
    settled
        Emitted when a reading has come to its end and is shown; also when it was stopped.
    """

    accepted_dataset = Signal(object)
    settled = Signal()

    def __init__(
        self,
        bridge: Bridge,
        path: Source | None = None,
        parent: QWidget | None = None,
        *,
        preferences: Preferences | None = None,
        choose: ChooseToOpen = choose_file_to_open,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.open_dataset")
        self.setWindowTitle("Load a data set")
        self.setAccessibleName("Load a data set")
        self.setAcceptDrops(True)
        self._bridge, self._preferences, self._choose = bridge, preferences, choose
        self._source: Source | None = None
        self._job: Job | None = None
        self._raw: Raw | None = None
        self._turn = 0
        self._busy = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._show_busy)
        self._redress = QTimer(self)
        self._redress.setSingleShot(True)
        self._redress.setInterval(0)
        self._redress.timeout.connect(lambda: self.recipe.show_reading(self.reading))
        self.reading: Reading | None = None
        self.answers = Answers(self)
        self.sources = Sources(self._browse)
        self.columns = ColumnList(self.answers)
        self.first_rows = FirstRows()
        self.recipe = Recipe(self.answers)
        self.findings = Findings()
        self.foot = Foot()
        self.load, self.again, self.guess = self.foot.load, self.foot.again, self.foot.guess
        self.exchange = Exchange(self.answers, self, choose)
        self._build()
        self._connect()
        self._show_controls()
        if path is not None:
            self.open_source(path if isinstance(path, str) and path in BUNDLED else Path(path))
        else:
            self.sources.path.setFocus()

    @property
    def preview(self) -> Preview:
        """The table of the first rows."""
        return self.first_rows.table

    @property
    def running(self) -> bool:
        """Whether a job reads the source now."""
        return self._job is not None

    @property
    def source(self) -> Source | None:
        """What is shown: a path, or the name of a bundled set."""
        return self._source

    def open_source(self, source: Source) -> None:
        """Read a file or a bundled set, with fresh guesses."""
        self._source = source
        self.sources.show_source(source)
        self._raw = None
        self._forget_answers()
        self._show_reading(None)
        self._reread()

    def stop(self) -> None:
        """Stop reading; the answers stay as they are."""
        if self._job is not None:
            self._drop_job()
            self._busy = False
            self.findings.say("Reading was stopped.", "Press Read again, or change an answer.")
            self._show_controls()
            self.settled.emit()

    def accept(self) -> None:
        """Hand over the data set, if there is one that fits the answers on the screen."""
        typed = self.sources.pending()
        if typed is not None:  # a path that was typed but not yet read is not what the screen shows
            self.open_source(typed)
            return
        if not self.load.isEnabled() or self.reading is None or self.reading.dataset is None:
            return
        dataset = self.reading.dataset
        if self._preferences is not None and isinstance(self._source, Path):
            self._preferences.set_folder("dataset", self._source)
            self._preferences.add_recent(self._source)
        super().accept()
        self.accepted_dataset.emit(dataset)

    def done(self, result: int) -> None:
        """Close; a job that still runs is cancelled."""
        self._drop_job()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        # Enter ends the typing; it loads nothing by the way.
        typing = isinstance(self.focusWidget(), QLineEdit)
        if typing and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        local = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if local:
            event.acceptProposedAction()
            self.open_source(Path(local[0]))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "foot"):
            self._redress.start()  # icons are drawn anew once all widgets have the new colours

    def _build(self) -> None:
        self.tabs = QTabWidget()
        self.tabs.setObjectName("dataset.tables")
        self.tabs.setAccessibleName("The table")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        for page, title, tip in (
            (self.columns, "&Columns", "What the columns hold, and which of them the network sees (Alt+C)."),
            (self.first_rows, "Ro&ws", "The first rows, raw or as the network gets them (Alt+W)."),
        ):
            holder = QWidget()
            inside = QVBoxLayout(holder)
            inside.setContentsMargins(0, 8, 0, 0)
            inside.addWidget(page)
            self.tabs.setTabToolTip(self.tabs.addTab(holder, title), tip)
        left = QSplitter(Qt.Orientation.Vertical)
        left.addWidget(self.tabs)
        left.addWidget(self.findings)
        left.setChildrenCollapsible(False)
        left.setStretchFactor(0, 3)
        left.setStretchFactor(1, 1)
        line = self.fontMetrics().height()
        left.setSizes([22 * line, 8 * line])
        middle = QHBoxLayout()
        middle.setSpacing(14)
        middle.addWidget(left, 1)
        self.recipe.setFixedWidth(max(380, 27 * self.fontMetrics().horizontalAdvance("m")))
        middle.addWidget(self.recipe)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(self.sources)
        layout.addLayout(middle, 1)
        layout.addWidget(self.foot)
        self._left = left
        self.setMinimumSize(820, 460)
        room = self.screen().availableGeometry()
        self.resize(min(1280, max(1000, round(0.86 * room.width()))), min(860, max(700, round(0.88 * room.height()))))

    def _connect(self) -> None:
        self.sources.chosen.connect(self.open_source)
        self.answers.changed.connect(self._reread)
        self.answers.refused_changed.connect(self._show_refusal)
        self.columns.looked_at.connect(self.recipe.look_at)
        self.columns.studied.connect(self._study)
        self.findings.taken.connect(self.answers.take)
        self.again.clicked.connect(self._stop_or_read)
        self.guess.clicked.connect(self._guess_again)
        self.foot.export.triggered.connect(lambda: self.exchange.export(self.reading, self._folder()))
        self.foot.use.triggered.connect(lambda: self.exchange.use(self._folder()))
        self.exchange.refused.connect(self.findings.refuse)
        self.exchange.written.connect(lambda path: self.foot.note(f"Wrote {path.name}."))
        self.foot.buttons.accepted.connect(self.accept)
        self.foot.buttons.rejected.connect(self.reject)

    def _study(self, name: str) -> None:
        """Open the stage that makes something of a column, unless one is open already."""
        if not self.recipe.open_stage:
            self.recipe.open(self.recipe.stage_for(name))

    def _reread(self) -> None:
        if self._source is None:
            return
        self._drop_job()
        turn = self._turn
        self.foot.tell(None, "reading")
        self._job = self._bridge.run_job(
            read,
            self._source,
            self.answers.choices(),
            self._raw,
            on_done=lambda reading: self._finished(turn, reading),
            on_failed=lambda failure: self._failed(turn, failure),
            on_progress=lambda fraction, text: self._progressed(turn, fraction, text),
        )
        if self._busy or self.reading is None:
            self._show_busy()
        else:
            self._patience.start()
            self._show_controls()

    def _show_busy(self) -> None:
        self._busy = True
        self.findings.busy("Reading …")
        self._show_controls()

    def _drop_job(self) -> None:
        # Whatever the cancelled job still says belongs to an older turn.
        self._turn += 1
        self._patience.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _finished(self, turn: int, reading: Reading) -> None:
        if turn != self._turn:
            return
        self._raw = reading.raw
        self._ended()
        self.answers.note_guess(reading.features if reading.dataset is not None else None)
        self._show_reading(reading)
        self.findings.show_reading(reading)
        self._show_refusal()
        self.settled.emit()

    def _show_reading(self, reading: Reading | None) -> None:
        self.reading = reading
        self.columns.show_reading(reading)
        self.first_rows.show_reading(reading)
        self.recipe.show_reading(reading)

    def _ended(self) -> None:
        self._job, self._busy = None, False
        self._patience.stop()

    def _failed(self, turn: int, failure: Failure) -> None:
        if turn != self._turn:
            return
        self._ended()
        if self.reading is not None:
            self.reading = dataclasses.replace(self.reading, dataset=None)
        self.findings.refuse(failure.message, failure.hint)
        self._show_controls()
        self.settled.emit()

    def _progressed(self, turn: int, fraction: float | None, text: str) -> None:
        if turn == self._turn and self._job is not None:
            self.foot.tell(fraction, text)

    def _show_refusal(self) -> None:
        """Say what is typed and cannot be used, or again what follows from the answers."""
        refused = list(self.answers.refused.values())
        if refused:
            self.findings.refuse(refused[0], "Nothing is loaded before this is corrected.")
        elif self.reading is not None and not self.running:
            self.findings.show_reading(self.reading)
        self._show_controls()

    def _show_controls(self) -> None:
        running, reading = self.running, self.reading
        refused = bool(self.answers.refused)
        valid = not running and not refused and reading is not None and reading.dataset is not None
        self.foot.show_state(
            busy=self._busy,
            chosen=self._source is not None,
            overruled=bool(self.answers),
            refused=refused,
            valid=valid and self.findings.state == "good",
            waiting=running,
        )
        self.recipe.setEnabled(self._source is not None)
        # A file that is no table leaves the whole room to the reason.
        if not running:
            self.tabs.setVisible(reading is not None and bool(reading.columns))

    def _stop_or_read(self) -> None:
        if self._busy:
            self.stop()
        else:
            self._raw = None
            self._reread()

    def _guess_again(self) -> None:
        self._forget_answers()
        self._reread()

    def _forget_answers(self) -> None:
        """Forget all answers without reading once more for that alone."""
        self.answers.blockSignals(True)
        self.answers.clear()
        self.answers.blockSignals(False)
        self.recipe.forget()

    def _folder(self) -> Path:
        if isinstance(self._source, Path) and self._source.parent.is_dir():
            return self._source.parent
        return Path.home() if self._preferences is None else self._preferences.folder("dataset")

    def _browse(self) -> Path | None:
        return self._choose(self, "Load a data set", self._folder(), filters())


def show_open_dataset(dialog: OpenDatasetDialog) -> None:
    """Show the dialog without waiting for it, and forget it once it is closed."""
    dialog.finished.connect(lambda _: QTimer.singleShot(0, dialog.deleteLater))
    dialog.open()
