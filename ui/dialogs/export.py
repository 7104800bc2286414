"""Exports a model: a format with its limits, options and a preview, a place, and what was written."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from simulator.interchange import FORMATS, Model
from ui.bridge import Bridge
from ui.dialogs.exporting.contents import Contents, as_text
from ui.dialogs.exporting.formats import FormatList
from ui.dialogs.exporting.looking import Looking
from ui.dialogs.exporting.memory import recall, remember
from ui.dialogs.exporting.page import FormatPage
from ui.dialogs.exporting.place import Place, Question
from ui.dialogs.exporting.saying import facts, show_written
from ui.dialogs.exporting.writing import Wish, Written, write
from ui.dialogs.files import ChooseToWrite, choose_file_to_write
from ui.dialogs.foot import Foot
from ui.dialogs.sizing import scrolled
from ui.dialogs.wording import sentence
from ui.jobs import Failure, Job
from ui.preferences import Preferences

TITLE = "Export the model"
_PATIENCE_MS = 200


class ExportDialog(QDialog):
    """Asks what a model is written as, and where to; writes it.

    Parameters
    ----------
    bridge
        What runs the jobs.
    model
        What is exported.
    moment
        Which moment of the training it is, in words.
    preferences
        Where format, options and folder are remembered.
    name
        What the file is called at first.
    choose
        Asks for a file: (parent, title, suggested path, filters with suffixes) to (path, filter) or None.
    path
        The file that was asked for already; its suffix chooses the format.

    Signals
    -------
    written
        `Written`, once the file is there; the dialog is closed then.
    looked
        `Contents` of the format that stands out.

    Attributes
    ----------
    contents
        What the file would hold; None while that is worked out.
    """

    written = Signal(object)
    looked = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        model: Model,
        moment: str = "",
        parent: QWidget | None = None,
        *,
        preferences: Preferences | None = None,
        name: str = "model",
        choose: ChooseToWrite = choose_file_to_write,
        path: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.export")
        self.setWindowTitle(TITLE)
        self.setAccessibleName(TITLE)
        self._bridge, self._preferences, self._model = bridge, preferences, model
        self._looking = Looking(bridge, model, self)
        self._writing: Job | None = None
        self.contents: Contents | None = None
        format_name, options, folder = recall(preferences)
        self.formats = FormatList()
        self.page = FormatPage(facts(model, moment))
        self.page.set_options(options)
        self.place = Place(name, folder, FORMATS[format_name], choose)
        self.question = Question()
        self.foot = Foot("export", "&Write", "Close")
        self.write, self.shut, self.note = self.foot.do, self.foot.leave, self.foot.note
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(lambda: self._show_progress(on=True))
        self._build()
        self.formats.chosen.connect(self._choose)
        self._looking.found.connect(self._found)
        self.page.options_changed.connect(lambda _: self._look())
        self.page.preview.whole_wanted.connect(lambda: self._look(whole=True))
        self.page.preview.copy_wanted.connect(self._copy)
        self.place.meant.connect(lambda row: self.formats.choose(row.name))
        self.place.changed.connect(self._place_changed)
        self.question.answered.connect(self._answered)
        self.write.clicked.connect(lambda: self._write(overwrite=self.place.agreed))
        self.shut.clicked.connect(self._stop_or_close)
        self.formats.choose(format_name)
        if path is not None:
            self.place.put(path)
        self.formats.setFocus()

    @property
    def running(self) -> bool:
        """Whether a job works on the contents or writes the file."""
        return self._looking.running or self._writing is not None

    def accept(self) -> None:
        """Write, as Enter in a line of text asks for."""
        if self.write.isEnabled():
            self.write.click()

    def done(self, result: int) -> None:
        """Close; what still runs is cancelled, and nothing is left half written."""
        self._looking.drop()
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        self._patience.stop()
        super().done(result)

    # -- what the file would hold -------------------------------------------------------------------------------

    def _choose(self, name: str) -> None:
        row = FORMATS[name]
        self.place.show_format(row)
        self.page.show_format(row)
        self._place_changed()
        self._look()

    def _look(self, *, whole: bool = False) -> None:
        name = self.formats.name
        self.contents = None
        self.foot.tell(None, "")
        self._patience.start()
        self._looking.ask(name, self.page.heeded(name), whole=whole)
        self._show_controls()

    def _found(self, contents: Contents) -> None:
        self.contents = contents
        self._show_progress(on=False)
        self.page.show_contents(contents)
        self._show_controls()
        self.looked.emit(contents)

    def _copy(self) -> None:
        if self.contents is not None and self.contents.content is not None:
            QGuiApplication.clipboard().setText(as_text(self.contents.content))
            self.page.preview.copied()

    # -- writing ------------------------------------------------------------------------------------------------

    def _write(self, *, overwrite: bool) -> None:
        path = self.place.path
        if path is None:
            return
        if not overwrite and _exists(path):
            self.question.ask(path)
            self._show_controls()
            return
        self.foot.say("")
        name = self.formats.name
        options = self.page.heeded(name)
        remember(self._preferences, name, self.page.options, path)
        self._patience.start()
        self._writing = self._bridge.run_job(
            write, self._model, Wish(path, name, options, overwrite),
            on_done=self._was_written, on_failed=self._was_not_written,
            on_progress=self.foot.tell,
        )  # fmt: skip
        self._show_controls()

    def _answered(self, yes: bool) -> None:
        self.question.hide()
        self._show_controls()
        if yes:
            self._write(overwrite=True)
        else:
            self.place.name.setFocus()
            self.place.name.selectAll()

    def _was_written(self, written: Written) -> None:
        self._writing = None
        self.done(int(QDialog.DialogCode.Accepted))
        self.written.emit(written)

    def _was_not_written(self, failure: Failure) -> None:
        self._writing = None
        self.foot.say(f"{sentence(failure.message)} {sentence(failure.hint)}", bad=True)
        self._show_progress(on=False)
        self._show_controls()

    def _stop_or_close(self) -> None:
        if self._writing is None:
            self.reject()
            return
        self._writing.cancel()
        self._writing = None
        self.foot.say("Writing was stopped.")
        self._show_progress(on=False)
        self._show_controls()

    # -- what can be done now -----------------------------------------------------------------------------------

    def _place_changed(self) -> None:
        self.question.hide()
        self.foot.say("")
        self._show_controls()

    def _show_controls(self) -> None:
        writing, asking = self._writing is not None, not self.question.isHidden()
        found = self.contents
        reason = ""
        if writing:
            reason = "The file is being written."
        elif self.place.path is None:
            reason = "Give the file a name first."
        elif found is None:
            reason = "Wait until it is clear what the file holds."
        elif found.refused:
            reason = "This format cannot hold the model, as is said above."
        elif asking:
            reason = "Answer the question first."
        self.write.setEnabled(not reason)
        self.write.setToolTip(reason or "Writes the file, whole or not at all (Enter).")
        self.write.setDefault(not asking)
        self.shut.setText("Stop" if writing else "Close")
        self.shut.setToolTip("Stops writing; nothing is left behind." if writing else "Writes nothing (Esc).")
        for part in (self.formats, self.page, self.place):
            part.setEnabled(not writing)

    def _show_progress(self, *, on: bool) -> None:
        self._patience.stop()
        self.foot.progress.setVisible(on and self.running)

    def _build(self) -> None:
        em = self.fontMetrics().horizontalAdvance("m")
        self.formats.setFixedWidth(max(300, 24 * em))
        self.question.hide()
        line = QFrame()
        line.setProperty("tone", "line")
        line.setFixedHeight(1)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(scrolled(self.page), 1)
        right.addWidget(line)
        right.addWidget(self.place)
        right.addWidget(self.question)
        middle = QHBoxLayout()
        middle.setSpacing(16)
        middle.addWidget(self.formats)
        middle.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(12)
        layout.addLayout(middle, 1)
        layout.addWidget(self.foot)
        self.setMinimumSize(720, 520)
        room = self.screen().availableGeometry()
        self.resize(min(1000, max(760, room.width() - 60)), min(740, max(560, room.height() - 60)))


def export_model(
    parent: QWidget | None,
    model: Model,
    preferences: Preferences | None = None,
    *,
    bridge: Bridge,
    moment: str = "",
    name: str = "model",
    choose: ChooseToWrite = choose_file_to_write,
    on_written: Callable[[Written], object] | None = None,
    path: Path | None = None,
) -> ExportDialog:
    """Show the dialog that exports a model, without waiting; it forgets itself when it is closed.

    Parameters
    ----------
    on_written
        Told what was written; without it a notice says so.
    parent, model, preferences, bridge, moment, name, choose, path
        As for `ExportDialog`.
    """
    dialog = ExportDialog(bridge, model, moment, parent, preferences=preferences, name=name, choose=choose, path=path)
    dialog.written.connect(on_written if on_written is not None else lambda written: show_written(parent, written))
    dialog.finished.connect(lambda _: QTimer.singleShot(0, dialog.deleteLater))
    dialog.open()
    return dialog


def _exists(path: Path) -> bool:
    try:
        return path.exists() and not path.is_dir()
    except (OSError, ValueError):
        return False  # writing says what is wrong with it
