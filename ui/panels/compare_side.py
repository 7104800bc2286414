"""A network of a comparison with what stands above it: whose it is, and how good it was."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.canvas.view import NetworkView
from ui.panels.slow_motion import Line
from ui.panels.timeline import square
from ui.theme import Theme, base_pixel_size, font

_LEAST = (140, 110)
_DOT = "  ·  "


class Side(QWidget):
    """A picture without editing, below a name in the colour of its branch and a line of figures.

    Parameters
    ----------
    name, title
        Its object name, and what a screen reader calls it.
    theme
        Colours.
    """

    def __init__(self, name: str, title: str, theme: Theme) -> None:
        super().__init__()
        self.view = NetworkView(theme)
        self.view.setObjectName(f"compare.{name}")
        self.view.setAccessibleName(title)
        self.view.setMinimumSize(*_LEAST)
        self.view.set_editing(shown=False)
        self._colour, self._parts = "", ()
        self.mark = QLabel()
        self.mark.setFixedWidth(18)
        self.mark.hide()
        self.name = Line(theme, f"compare.{name}.name", f"{title}: which moment", bold=True)
        self.about = Line(theme, f"compare.{name}.about", f"{title}: figures")
        head = QHBoxLayout()
        head.setContentsMargins(8, 2, 8, 0)
        head.setSpacing(4)
        head.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self.name, 2)
        head.addWidget(self.about, 3)
        head.addStretch(0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(self.view, 1)

    def show_words(self, colour: str, name: str, about: tuple[str, ...]) -> None:
        """Say whose network it is, and as many figures as there is room for; without a colour there is no mark."""
        if colour != self._colour:
            self._colour = colour
            self.mark.setVisible(bool(colour))
            if colour:
                self.mark.setPixmap(square(colour).pixmap(18, 18))
        self.name.show_text(name)
        self._parts = about
        self._fit()

    def _fit(self) -> None:
        """Write what there is room for; where a sentence needs the whole line, the name steps back."""
        metrics, room = QFontMetricsF(self.about.font()), self.width() - 40
        named = QFontMetricsF(font(base_pixel_size(self.font()), bold=True)).horizontalAdvance(self.name.text) + 24
        parts = list(self._parts)
        while len(parts) > 1 and named + metrics.horizontalAdvance(_DOT.join(parts)) > room:
            parts.pop()
        text = _DOT.join(parts)
        crowded = bool(text) and named + metrics.horizontalAdvance(text) > room
        self.name.setVisible(not (crowded and not self._colour))
        self.name.setFixedWidth(
            round(min(named, room if not text else max(0.6 * room, room - metrics.horizontalAdvance(text))))
        )
        self.about.setVisible(bool(text))
        self.about.show_text(text)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.view.set_theme(theme)
        self.name.set_theme(theme)
        self.about.set_theme(theme)
