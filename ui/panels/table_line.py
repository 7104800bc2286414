"""The line above the rows: how many are shown, how the network fares with them, and what was refused or changed."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ui.panels.panel import style_label
from ui.panels.table_answers import Summary
from ui.panels.table_cells import fixed, small
from ui.panels.what_if_line import Elided
from ui.theme import Theme, base_pixel_size, icon

_SPARE = 9.5
"""The room for gaps and for the way back, over the font's height."""


class Chip(QToolButton):
    """The name of rows that another view wanted to be shown; a click shows all rows again."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("table.chip")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(11, 11))
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.setIcon(icon("close", theme, "link"))
        self.setStyleSheet(
            f"QToolButton {{ border: 1px solid {theme.accent}; border-radius: 8px; padding: 0 8px;"
            f" color: {theme.link}; }}"
        )

    def show_title(self, title: str) -> None:
        """Show a name, shortened where it is long; none hides the chip."""
        metrics = QFontMetrics(self.font())
        self.setText(metrics.elidedText(title, Qt.TextElideMode.ElideRight, 18 * metrics.averageCharWidth() + 60))
        self.setToolTip(f"{title}\nClick to show all rows again")
        self.setAccessibleName(f"Only {title}: show all rows again")
        self.setVisible(bool(title))


class TableLine(QWidget):
    """How many rows are shown and how the network fares with them; what is refused or was changed stands behind.

    Signals
    -------
    back_wanted
        A change is to be taken back.
    """

    back_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.chip = Chip()
        self.text = QLabel()
        self.text.setObjectName("table.summary")
        self.text.setAccessibleName("How the network fares with the rows that are shown")
        style_label(self.text, "quiet")
        self.note = Elided()
        self.note.setObjectName("table.note")
        self.note.setAccessibleName("Note about the table")
        self.note.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.back = QToolButton()
        self.back.setObjectName("table.back")
        self.back.setText("Take back")
        self.back.setToolTip("Look at the row of the file again (Esc)")
        self.back.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.back.setIconSize(QSize(13, 13))
        self.back.setStyleSheet("QToolButton { padding: 0 6px; }")
        self.back.hide()
        self._passing = False
        self.back.clicked.connect(self.back_wanted)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(10)
        for widget in (self.chip, self.text):
            line.addWidget(widget)
        line.addWidget(self.note, 1)
        line.addWidget(self.back)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(9, 0, 8, 4)
        whole.addLayout(line)
        self.setFixedHeight(round(1.85 * base_pixel_size(self.font())))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.chip.set_theme(theme)
        self.back.setIcon(icon("undo", theme))

    def show_summary(self, found: Summary, total: int, *, classes: bool, decimals: int) -> None:
        """Say how many rows are shown of how many, and how good the network is on them."""
        rows = f"{found.rows:,}" if found.rows == total else f"{found.rows:,} of {total:,}"
        said = [f"{rows} {'row' if total == 1 else 'rows'}"]
        if found.known:
            said.append(f"mean loss {small(found.loss)}")
            said.append(
                f"accuracy {100.0 * found.accuracy:.1f} %"
                if classes
                else f"typical error {fixed(found.rmse, decimals)}"
            )
        self.text.setText("  ·  ".join(said))
        self._make_room()
        unseen = found.rows - found.known
        tip = f"About {unseen:,} of them the network says nothing: they are not used" if unseen and found.known else ""
        if not classes and found.known:
            tip = f"Typical error: the root of the mean of (y − ŷ)²\n{tip}".strip()
        self.text.setToolTip(tip)

    def show_note(self, text: str, field: str = "quiet", *, back: bool = False, passing: bool = True) -> None:
        """Say something about the table.

        Parameters
        ----------
        field
            The colour of the theme that it has.
        back
            Whether there is something to take back.
        passing
            Whether it will go away: then it is worth more than the figures where there is little room.
        """
        self.note.show_parts("", text)
        self._passing = passing
        self._make_room()
        palette = self.note.palette()
        palette.setColor(palette.ColorRole.WindowText, self._theme.color(field))
        self.note.setPalette(palette)
        self.back.setVisible(back)

    def _make_room(self) -> None:
        """Let one of the two have the line for itself where there is no room for both."""
        metrics, base = self.note.fontMetrics(), base_pixel_size(self.font())
        taken = 0 if self.chip.isHidden() else self.chip.sizeHint().width()
        both = metrics.horizontalAdvance(self.text.text()) + metrics.horizontalAdvance(self.note.text())
        crowded = bool(self.note.text()) and taken + both > self.width() - _SPARE * base
        self.text.setVisible(not (crowded and self._passing))
        self.note.setVisible(not crowded or self._passing)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._make_room()
