"""Makes a picture of anything: which view, as what, how large, in which colours; what is seen is what is made."""

import dataclasses
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from simulator.errors import SimulatorError
from ui.dialogs.files import ChooseToWrite
from ui.dialogs.picture_choices import FORMATS, PictureChoices
from ui.dialogs.picture_preview import Preview
from ui.jobs import Failure
from ui.pictures import View, content, image, write
from ui.preferences import Preferences
from ui.theme import THEMES

if TYPE_CHECKING:
    from ui.darkroom import Darkroom

_PAUSE = 250


class PictureDialog(QDialog):
    """The choices beside a preview; it stays open, so that several pictures can be made.

    What looks as on the screen is drawn at once; in another theme or size it is drawn beside the window, by a process
    that opens the session as it is now.

    Parameters
    ----------
    views
        What pictures can be made of, by the names that ``nodeglow render --view`` takes.
    darkroom
        Draws what does not look as on the screen.
    theme
        The name of the window's theme.
    name
        What a file is called at first.
    """

    def __init__(
        self,
        views: Mapping[str, View],
        darkroom: "Darkroom",
        preferences: Preferences,
        theme: str,
        name: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("dialog.picture")
        self.setWindowTitle("Picture")
        self.setAccessibleName("Picture")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.choose: ChooseToWrite | None = None
        self._darkroom, self._preferences = darkroom, preferences
        self._window_theme, self._name = theme, name
        self._folder = tempfile.TemporaryDirectory(prefix="nodeglow-")
        self._drafts = 0
        self._preview_job: Any = None
        self._file_job: Any = None
        self.choices = PictureChoices(views, theme)
        self._make()
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_PAUSE)
        self._delay.timeout.connect(self._draw_preview)
        self.finished.connect(lambda _result: self._end())
        self.choices.changed.connect(self._changed)
        self.choices.recall(preferences)

    def _make(self) -> None:
        self.preview = Preview()
        upper = QHBoxLayout()
        upper.setSpacing(16)
        upper.addWidget(self.choices)
        upper.addWidget(self.preview, 1)
        self.buttons = QDialogButtonBox()
        self.copy = QPushButton("&Copy")
        self.copy.setObjectName("picture.copy")
        self.copy.setToolTip("Puts the picture on the clipboard")
        self.save = QPushButton("&Save …")
        self.save.setObjectName("picture.save")
        self.save.setToolTip("Asks for a file, and writes the picture to it")
        self.save.setDefault(True)
        self.copy.setAutoDefault(False)
        self.buttons.addButton(self.copy, QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.addButton(self.save, QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Close)
        self.buttons.rejected.connect(self.reject)
        self.copy.clicked.connect(self.copy_picture)
        self.save.clicked.connect(self.save_picture)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 14)
        whole.setSpacing(14)
        whole.addLayout(upper, 1)
        whole.addWidget(self.buttons)
        self.resize(980, 600)

    def show_subject(self, name: str) -> None:
        """Choose what the picture is of."""
        self.choices.show_subject(name)

    def at_once(self) -> Callable[[QPainter], None] | None:
        """Return what draws the picture if it looks as on the screen, else None."""
        seen = self.choices.view.seen()
        if (
            seen is None
            or self.choices.theme.currentData() != self._window_theme
            or seen[0] != self.choices.size_chosen
        ):
            return None
        return seen[1]

    def _changed(self) -> None:
        self._say_what()
        self._delay.start()

    def _say_what(self, more: str = "") -> None:
        self.choices.say(self.at_once() is None, more)

    # -- making it ----------------------------------------------------------------------------------------------

    def _draw_preview(self) -> None:
        """Draw what would be made; small on the screen, but the same."""
        if self._preview_job is not None:
            self._preview_job.cancel()
            self._preview_job = None
        paint, portrait = self.at_once(), dataclasses.replace(self.choices.portrait(), sharp=1.0)
        self.preview.theme = THEMES[self.choices.theme.currentData()]
        if paint is not None:
            sharp = (
                min(2.0, max(0.5, self.preview.room / max(1, self.choices.size_chosen.width())))
                * self.devicePixelRatioF()
            )
            self.preview.show_image(image(self.choices.size_chosen, paint, dataclasses.replace(portrait, sharp=sharp)))
            return
        self.preview.wait("Drawing …")
        draft = self._draft(".png")
        self._preview_job = self._darkroom.develop(
            self.choices.arguments(portrait), draft,
            on_done=lambda written: self._show_draft(written),
            on_failed=lambda failure: self.preview.wait(f"{failure.message}.\n{failure.hint}"),
        )  # fmt: skip

    def _show_draft(self, path: Path) -> None:
        self._preview_job = None
        self.preview.show_image(QImage(str(path)))

    def _draft(self, suffix: str) -> Path:
        self._drafts += 1
        return Path(self._folder.name) / f"{self._drafts}{suffix}"

    def _make_file(self, path: Path, then: Callable[[Path], object]) -> None:
        """Draw into a file, and say what is done with it."""
        self.choices.remember(self._preferences)
        paint, portrait = self.at_once(), self.choices.portrait()
        if paint is not None:
            try:
                then(write(path, self.choices.size_chosen, paint, portrait=portrait))
            except SimulatorError as error:
                self._fail(Failure(error.message, error.hint, error.kind))
            return
        self._be_busy(busy=True)
        self._file_job = self._darkroom.develop(
            self.choices.arguments(portrait), path, then, self._fail,
            lambda _fraction, text: self._say_what(f"{text} …" if text else ""),
        )  # fmt: skip

    def _be_busy(self, *, busy: bool) -> None:
        for button in (self.copy, self.save):
            button.setEnabled(not busy)
            button.setToolTip("A picture is being drawn." if busy else "")
        if not busy:
            self._file_job = None

    def _fail(self, failure: Failure) -> None:
        from ui.dialogs.failure import show_failure

        self._be_busy(busy=False)
        self._say_what()
        show_failure(self, failure.message, failure.hint, failure.kind)

    def save_picture(self) -> None:
        """Ask for a file, and write the picture to it."""
        from ui.dialogs.save_file import ask_where_to_save

        name = f"{self._name}-{self.choices.what.currentData()}"
        first = {FORMATS[self.choices.suffix][1]: self.choices.suffix}
        filters = first | {row[1]: suffix for suffix, row in FORMATS.items()}
        path = ask_where_to_save(
            self,
            self._preferences,
            "pictures",
            name,
            "Save picture",
            filters,
            self.choose,
        )
        if path is not None:
            self.choices.format.setCurrentIndex(self.choices.format.findData(path.suffix.lower()))
            self._make_file(path, self._saved)

    def _saved(self, path: Path) -> None:
        self._be_busy(busy=False)
        self._say_what(f"Saved to {path}")

    def copy_picture(self) -> None:
        """Put the picture on the clipboard: as pixels, and as SVG besides where that is chosen."""
        paint = self.at_once()
        if paint is not None:
            self.choices.remember(self._preferences)
            self._put_on_clipboard(
                image(
                    self.choices.size_chosen,
                    paint,
                    dataclasses.replace(self.choices.portrait(), sharp=self.choices.scale.value()),
                ),
                content(".svg", self.choices.size_chosen, paint, self.choices.portrait())
                if self.choices.suffix == ".svg"
                else b"",
            )
            return
        path = self._draft(".svg" if self.choices.suffix == ".svg" else ".png")
        self._make_file(path, lambda written: self._copy_file(written))

    def _copy_file(self, path: Path) -> None:
        self._be_busy(busy=False)
        self._put_on_clipboard(QImage(str(path)), path.read_bytes() if path.suffix == ".svg" else b"")

    def _put_on_clipboard(self, picture: QImage, svg: bytes) -> None:
        held = QMimeData()
        held.setImageData(picture)
        if svg:
            held.setData("image/svg+xml", svg)
        QGuiApplication.clipboard().setMimeData(held)
        self._say_what("The picture is on the clipboard.")

    def _end(self) -> None:
        """Give up what is being drawn."""
        self._delay.stop()
        for job in (self._preview_job, self._file_job):
            if job is not None:
                job.cancel()
        self._folder.cleanup()
