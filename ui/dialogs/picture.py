"""Makes a picture of anything: which view, as what, how large, in which colours; what is seen is what is made."""

import dataclasses
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from simulator.errors import SimulatorError
from ui.dialogs.files import ChooseToWrite
from ui.dialogs.picture_preview import Preview
from ui.dialogs.tabbing import reach_all
from ui.forms import NumberLine, form_layout
from ui.jobs import Failure
from ui.pictures import content, image, size_in_pixels, write
from ui.portrait import Portrait
from ui.preferences import Preferences
from ui.theme import THEMES

if TYPE_CHECKING:
    from ui.darkroom import Darkroom

FORMATS = {
    ".png": ("PNG", "PNG picture (*.png)", "Pixels, for any program; it can be transparent"),
    ".svg": ("SVG", "Scalable vector graphics (*.svg)", "Curves and text that stay sharp, for the web and for drawing"),
    ".pdf": ("PDF", "PDF document (*.pdf)", "Curves and text that stay sharp, for papers and for printing"),
}
"""What a picture can be, by its suffix: a name, the filter of the question for a file, and what it is for."""

_LARGEST, _LEAST, _MOST = 8_192, 0.5, 8.0
_PAUSE = 250
_ELSEWHERE = QSize(640, 520)


@dataclasses.dataclass(frozen=True)
class Subject:
    """Something that a picture can be made of.

    Attributes
    ----------
    title
        What it is called.
    seen
        Returns (size, what draws it) as it stands on the screen, or None while it is not shown.
    """

    title: str
    seen: Callable[[], tuple[QSize, Callable[[QPainter], None]] | None]


class PictureDialog(QDialog):
    """The choices beside a preview; it stays open, so that several pictures can be made.

    What looks as on the screen is drawn at once; in another theme or size it is drawn beside the window, by a process
    that opens the session as it is now.

    Parameters
    ----------
    subjects
        By the names that ``nodeglow render --view`` takes.
    darkroom
        Draws what does not look as on the screen.
    theme
        The name of the window's theme.
    name
        What a file is called at first.
    """

    def __init__(
        self,
        subjects: Mapping[str, Subject],
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
        self._subjects, self._darkroom, self._preferences = subjects, darkroom, preferences
        self._window_theme, self._name = theme, name
        self._folder = tempfile.TemporaryDirectory(prefix="nodeglow-")
        self._drafts = 0
        self._preview_job: Any = None
        self._file_job: Any = None
        self._make()
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_PAUSE)
        self._delay.timeout.connect(self._draw_preview)
        self.finished.connect(lambda _result: self._end())
        self._recall()

    # -- building -----------------------------------------------------------------------------------------------

    def _make(self) -> None:
        self.what = self._combo("what", "Of what", {key: each.title for key, each in self._subjects.items()})
        self.format = self._combo("format", "Format", {suffix: row[0] for suffix, row in FORMATS.items()})
        self.format.setToolTip("\n".join(f"{row[0]}: {row[2]}." for row in FORMATS.values()))
        self.theme = self._combo("theme", "Colours", {key: key.capitalize() for key in THEMES})
        self.wide, self.high = (self._number(*each) for each in (("width", "Width"), ("height", "Height")))
        self.scale = QDoubleSpinBox()
        self.scale.setObjectName("picture.scale")
        self.scale.setAccessibleName("Scale")
        self.scale.setRange(_LEAST, _MOST)
        self.scale.setSingleStep(0.5)
        self.scale.setDecimals(2)
        self.scale.setValue(2.0)
        self.scale.setPrefix("× ")
        self.scale.setToolTip("Pixels of the PNG for each pixel of the size: 2 for a sharp screen, 4 for a poster")
        self.clear = QCheckBox("Transparent ground")
        self.clear.setObjectName("picture.transparent")
        self.clear.setToolTip("Leaves what is behind the view out: for a slide or a page of its own colour")
        size = QHBoxLayout()
        size.setSpacing(6)
        for widget in (self.wide, QLabel("×"), self.high):
            size.addWidget(widget, 0 if isinstance(widget, QLabel) else 1)
        form = form_layout(None)
        for title, field in (("&Of", self.what), ("&Format", self.format), ("&Colours", self.theme)):
            form.addRow(title, field)
        label = QLabel("Si&ze")
        label.setBuddy(self.wide)
        form.addRow(label, size)
        form.addRow("Sca&le", self.scale)
        form.addRow("", self.clear)
        self.facts = QLabel(wordWrap=True)
        self.facts.setObjectName("picture.facts")
        self.facts.setForegroundRole(self.facts.palette().ColorRole.PlaceholderText)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.facts.setAlignment(Qt.AlignmentFlag.AlignTop)
        choices = QWidget()
        choices.setFixedWidth(round(21 * self.fontMetrics().averageCharWidth() * 1.8))
        column = QVBoxLayout(choices)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self.facts, 1)
        self.preview = Preview()
        upper = QHBoxLayout()
        upper.setSpacing(16)
        upper.addWidget(choices)
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
        reach_all(self.buttons)
        self.resize(980, 600)
        self.what.currentIndexChanged.connect(lambda _place: self._take_size())
        for changed in (self.format.currentIndexChanged, self.theme.currentIndexChanged, self.wide.value_changed,
                        self.high.value_changed, self.scale.valueChanged, self.clear.toggled):  # fmt: skip
            changed.connect(lambda _news: self._changed())

    def _combo(self, name: str, title: str, entries: Mapping[str, str]) -> QComboBox:
        combo = QComboBox()
        combo.setObjectName(f"picture.{name}")
        combo.setAccessibleName(title)
        for key, text in entries.items():
            combo.addItem(text, key)
        return combo

    def _number(self, name: str, title: str) -> NumberLine:
        line = NumberLine(64, _LARGEST)
        line.setObjectName(f"picture.{name}")
        line.setAccessibleName(title)
        line.setToolTip(f"{title} in pixels, before they are multiplied by the scale")
        return line

    # -- what is chosen -----------------------------------------------------------------------------------------

    def _recall(self) -> None:
        """Begin as the last time."""
        kept = self._preferences.choices("picture")
        for combo, key in ((self.what, "what"), (self.format, "format")):
            combo.setCurrentIndex(max(0, combo.findData(kept.get(key, ""))))
        self.theme.setCurrentIndex(self.theme.findData(self._window_theme))
        try:
            self.scale.setValue(float(kept.get("scale", "2")))
        except ValueError:
            self.scale.setValue(2.0)
        self.clear.setChecked(kept.get("transparent") == "yes")
        self._take_size()

    def _remember(self) -> None:
        self._preferences.remember("picture", {
            "what": self.what.currentData(), "format": self.suffix, "scale": f"{self.scale.value():g}",
            "transparent": "yes" if self.clear.isChecked() else "no",
        })  # fmt: skip

    def show_subject(self, name: str) -> None:
        """Choose what the picture is of."""
        self.what.setCurrentIndex(max(0, self.what.findData(name)))

    def _take_size(self) -> None:
        """Begin with the size that the subject has on the screen."""
        seen = self._subjects[self.what.currentData()].seen()
        size = _ELSEWHERE if seen is None else seen[0]
        self.wide.show_value(size.width())
        self.high.show_value(size.height())
        self._changed()

    @property
    def suffix(self) -> str:
        """The chosen format's suffix."""
        return str(self.format.currentData())

    @property
    def size_chosen(self) -> QSize:
        """The size of the picture before it is scaled."""
        return QSize(self.wide.value, self.high.value)

    def portrait(self) -> Portrait:
        """How the picture is drawn."""
        return Portrait(self.scale.value() if self.suffix == ".png" else 1.0, ground=not self.clear.isChecked())

    def at_once(self) -> Callable[[QPainter], None] | None:
        """Return what draws the picture if it looks as on the screen, else None."""
        seen = self._subjects[self.what.currentData()].seen()
        if seen is None or self.theme.currentData() != self._window_theme or seen[0] != self.size_chosen:
            return None
        return seen[1]

    def _changed(self) -> None:
        pixels = self.suffix == ".png"
        self.scale.setEnabled(pixels)
        self._say_what()
        self._delay.start()

    def _say_what(self, more: str = "") -> None:
        row = FORMATS[self.suffix]
        size = size_in_pixels(self.size_chosen, self.portrait().sharp)
        lines = [f"{size.width():,} × {size.height():,} pixels." if self.suffix == ".png" else f"{row[2]}."]
        if self.at_once() is None:
            lines.append("Drawn anew, as the view opens in this size and in these colours.")
        self.facts.setText("\n\n".join(filter(None, [*lines, more])))

    # -- making it ----------------------------------------------------------------------------------------------

    def _draw_preview(self) -> None:
        """Draw what would be made; small on the screen, but the same."""
        if self._preview_job is not None:
            self._preview_job.cancel()
            self._preview_job = None
        paint, portrait = self.at_once(), dataclasses.replace(self.portrait(), sharp=1.0)
        self.preview.theme = THEMES[self.theme.currentData()]
        if paint is not None:
            sharp = min(2.0, max(0.5, self.preview.room / max(1, self.size_chosen.width()))) * self.devicePixelRatioF()
            self.preview.show_image(image(self.size_chosen, paint, dataclasses.replace(portrait, sharp=sharp)))
            return
        self.preview.wait("Drawing …")
        draft = self._draft(".png")
        self._preview_job = self._darkroom.develop(
            self._arguments(portrait), draft,
            on_done=lambda written: self._show_draft(written),
            on_failed=lambda failure: self.preview.wait(f"{failure.message}.\n{failure.hint}"),
        )  # fmt: skip

    def _show_draft(self, path: Path) -> None:
        self._preview_job = None
        self.preview.show_image(QImage(str(path)))

    def _draft(self, suffix: str) -> Path:
        self._drafts += 1
        return Path(self._folder.name) / f"{self._drafts}{suffix}"

    def _arguments(self, portrait: Portrait) -> tuple[str, ...]:
        size = self.size_chosen
        arguments = ("--view", self.what.currentData(), "--theme", self.theme.currentData(), "--size",
                     f"{size.width()}x{size.height()}", "--scale", f"{portrait.sharp:g}", "--force")  # fmt: skip
        return arguments if portrait.ground else (*arguments, "--transparent")

    def _make_file(self, path: Path, then: Callable[[Path], object]) -> None:
        """Draw into a file, and say what is done with it."""
        self._remember()
        paint, portrait = self.at_once(), self.portrait()
        if paint is not None:
            try:
                then(write(path, self.size_chosen, paint, portrait=portrait))
            except SimulatorError as error:
                self._fail(Failure(error.message, error.hint, error.kind))
            return
        self._be_busy(busy=True)
        self._file_job = self._darkroom.develop(
            self._arguments(portrait), path, then, self._fail,
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

        name = f"{self._name}-{self.what.currentData()}"
        first = {FORMATS[self.suffix][1]: self.suffix}
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
            self.format.setCurrentIndex(self.format.findData(path.suffix.lower()))
            self._make_file(path, self._saved)

    def _saved(self, path: Path) -> None:
        self._be_busy(busy=False)
        self._say_what(f"Saved to {path}")

    def copy_picture(self) -> None:
        """Put the picture on the clipboard: as pixels, and as SVG besides where that is chosen."""
        paint = self.at_once()
        if paint is not None:
            self._remember()
            self._put_on_clipboard(
                image(self.size_chosen, paint, dataclasses.replace(self.portrait(), sharp=self.scale.value())),
                content(".svg", self.size_chosen, paint, self.portrait()) if self.suffix == ".svg" else b"",
            )
            return
        path = self._draft(".svg" if self.suffix == ".svg" else ".png")
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
