"""How a picture is to be: the choices beside its preview."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.dialogs.chooser import chooser
from ui.forms import NumberLine, form_layout
from ui.pictures import View, size_in_pixels
from ui.portrait import Portrait
from ui.preferences import Preferences
from ui.theme import THEMES

FORMATS = {
    ".png": ("PNG", "PNG picture (*.png)", "Pixels, for any program; it can be transparent"),
    ".svg": ("SVG", "Scalable vector graphics (*.svg)", "Curves and text that stay sharp, for the web and for drawing"),
    ".pdf": ("PDF", "PDF document (*.pdf)", "Curves and text that stay sharp, for papers and for printing"),
}
"""What a picture can be, by its suffix: a name, the filter of the question for a file, and what it is for."""

_DIALOG = "picture"
_LARGEST, _LEAST, _MOST = 8_192, 0.5, 8.0
_ELSEWHERE = QSize(640, 520)


class PictureChoices(QWidget):
    """Of what, as what, how large, in which colours.

    Parameters
    ----------
    views
        What pictures can be made of.
    theme
        The name of the window's theme, which is chosen at first.

    Signals
    -------
    changed
        Something else is chosen.
    """

    changed = Signal()

    def __init__(self, views: Mapping[str, View], theme: str) -> None:
        super().__init__()
        self._views = views
        self._make()
        self.theme.setCurrentIndex(self.theme.findData(theme))
        self.what.currentIndexChanged.connect(lambda _place: self._take_size())
        for changed in (self.format.currentIndexChanged, self.theme.currentIndexChanged, self.wide.value_changed,
                        self.high.value_changed, self.scale.valueChanged, self.clear.toggled):  # fmt: skip
            changed.connect(lambda _news: self._change())

    def _make(self) -> None:
        self.what = chooser("picture.what", "Of what", {key: each.title for key, each in self._views.items()})
        self.format = chooser("picture.format", "Format", {suffix: row[0] for suffix, row in FORMATS.items()})
        self.format.setToolTip("\n".join(f"{row[0]}: {row[2]}." for row in FORMATS.values()))
        self.theme = chooser("picture.theme", "Colours", {key: key.capitalize() for key in THEMES})
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
        self.setFixedWidth(round(21 * self.fontMetrics().averageCharWidth() * 1.8))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self.facts, 1)

    def _number(self, name: str, title: str) -> NumberLine:
        line = NumberLine(64, _LARGEST)
        line.setObjectName(f"picture.{name}")
        line.setAccessibleName(title)
        line.setToolTip(f"{title} in pixels, before they are multiplied by the scale")
        return line

    def recall(self, preferences: Preferences) -> None:
        """Begin as the last time."""
        kept = preferences.answers(_DIALOG)
        for combo, key in ((self.what, "what"), (self.format, "format")):
            combo.setCurrentIndex(max(0, combo.findData(kept.get(key, ""))))
        try:
            self.scale.setValue(float(kept.get("scale", "2")))
        except ValueError:
            self.scale.setValue(2.0)
        self.clear.setChecked(kept.get("transparent") == "yes")
        self._take_size()

    def remember(self, preferences: Preferences) -> None:
        """Keep what is chosen for the next time."""
        preferences.set_answers(_DIALOG, {
            "what": self.what.currentData(), "format": self.suffix, "scale": f"{self.scale.value():g}",
            "transparent": "yes" if self.clear.isChecked() else "no",
        })  # fmt: skip

    def show_subject(self, name: str) -> None:
        """Choose what the picture is of."""
        self.what.setCurrentIndex(max(0, self.what.findData(name)))

    def _take_size(self) -> None:
        """Begin with the size that the subject has on the screen."""
        seen = self.view.seen()
        size = _ELSEWHERE if seen is None else seen[0]
        self.wide.show_value(size.width())
        self.high.show_value(size.height())
        self._change()

    @property
    def view(self) -> View:
        """What the picture is of."""
        return self._views[self.what.currentData()]

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

    def arguments(self, portrait: Portrait) -> tuple[str, ...]:
        """Return what ``nodeglow render`` is told to make such a picture."""
        size = self.size_chosen
        arguments = ("--view", self.what.currentData(), "--theme", self.theme.currentData(), "--size",
                     f"{size.width()}x{size.height()}", "--scale", f"{portrait.sharp:g}", "--force")  # fmt: skip
        return arguments if portrait.ground else (*arguments, "--transparent")

    def say(self, anew: bool, more: str = "") -> None:
        """Say what it will be, whether it is drawn anew, and what else there is to say."""
        row = FORMATS[self.suffix]
        size = size_in_pixels(self.size_chosen, self.portrait().sharp)
        lines = [f"{size.width():,} × {size.height():,} pixels." if self.suffix == ".png" else f"{row[2]}."]
        if anew:
            lines.append("Drawn anew, as the view opens in this size and in these colours.")
        self.facts.setText("\n\n".join(filter(None, [*lines, more])))

    def _change(self) -> None:
        self.scale.setEnabled(self.suffix == ".png")
        self.changed.emit()
