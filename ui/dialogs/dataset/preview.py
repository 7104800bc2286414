"""The first rows of a table as they stand in the file, or as the network gets them; above each column what it is."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ui.dialogs.dataset.preview_model import PreviewModel
from ui.dialogs.dataset.reading import Reading
from ui.dialogs.dataset.ticks import Tick
from ui.dialogs.tints import blend, theme_of
from ui.dialogs.wording import count

_MEASURED, _MEASURED_ROWS = 40, 12


class PreviewHeader(QHeaderView):
    """The head of a column: its name, and under it in smaller letters its kind and role."""

    def __init__(self, view: QTableView, model: PreviewModel) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._columns = model
        self.setSectionsClickable(False)
        self.setHighlightSections(False)

    def sectionSizeFromContents(self, section: int) -> QSize:  # noqa: N802
        name, quiet = self._fonts()
        found = self._columns.head(section)
        first, second = found[:2] if found else ("", "")
        upper, lower = QFontMetrics(name), QFontMetrics(quiet)
        width = max(upper.horizontalAdvance(first), lower.horizontalAdvance(second)) + 22
        return QSize(width, upper.height() + lower.height() + 14)

    def sizeHint(self) -> QSize:  # noqa: N802
        # Of the fonts alone: Qt would measure the first columns only, and jump.
        name, quiet = self._fonts()
        return QSize(super().sizeHint().width(), QFontMetrics(name).height() + QFontMetrics(quiet).height() + 14)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:  # noqa: N802
        found = self._columns.head(section)
        theme = theme_of(self)
        painter.save()
        is_target = found is not None and found[2] == "target"
        painter.fillRect(rect, blend(theme.window, theme.accent, 0.14) if is_target else theme.color("window"))
        painter.fillRect(rect.right(), rect.top(), 1, rect.height(), theme.color("hairline"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("hairline"))
        if is_target:
            painter.fillRect(rect.left(), rect.bottom() - 2, rect.width(), 3, theme.color("accent"))
        if found is not None:
            title, below, what_for = found
            name, quiet = self._fonts()
            upper, lower = QFontMetrics(name), QFontMetrics(quiet)
            inner, side = rect.adjusted(6, 5, -6, -6), self._columns.side(section)
            painter.setFont(name)
            painter.setPen(theme.color("quiet" if what_for == "ignored" else "text"))
            text = upper.elidedText(title, Qt.TextElideMode.ElideMiddle, inner.width())
            painter.drawText(inner, int(side | Qt.AlignmentFlag.AlignTop), text)
            painter.setFont(quiet)
            painter.setPen(theme.color("text" if is_target else "quiet"))
            text = lower.elidedText(below, Qt.TextElideMode.ElideRight, inner.width())
            painter.drawText(inner, int(side | Qt.AlignmentFlag.AlignBottom), text)
        painter.restore()

    def _fonts(self) -> tuple[QFont, QFont]:
        name, quiet = QFont(self.font()), QFont(self.font())
        name.setWeight(QFont.Weight.DemiBold)
        quiet.setPixelSize(max(11, round(0.88 * QFontMetrics(self.font()).height() / 1.21)))
        return name, quiet


class Preview(QTableView):
    """The table of the first rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataset.preview")
        self.setAccessibleName("The first rows of the table")
        self.rows = PreviewModel(self)
        self.head = PreviewHeader(self, self.rows)
        self.setHorizontalHeader(self.head)
        self.setModel(self.rows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.verticalHeader().setHighlightSections(False)

    def show_reading(self, reading: Reading | None, *, prepared: bool = False) -> None:
        """Show the first rows of a reading, or nothing; the same columns stay where they were scrolled to."""
        before = self._names()
        place = self.horizontalScrollBar().value()
        self.rows.show(reading, prepared=prepared)
        line = self.fontMetrics().height() + 8
        self.verticalHeader().setDefaultSectionSize(line)
        if before == self._names():
            self.horizontalScrollBar().setValue(place)
        else:
            self._widen()

    def _widen(self) -> None:
        """Give the first columns the width of what stands in them; what is further to the right has the usual one."""
        metrics = self.fontMetrics()
        em = metrics.horizontalAdvance("m")
        self.head.setDefaultSectionSize(10 * em)
        for section in range(min(_MEASURED, self.rows.columnCount())):
            wanted = self.head.sectionSizeFromContents(section).width()
            for row in range(min(_MEASURED_ROWS, self.rows.rowCount())):
                text = str(self.rows.data(self.rows.index(row, section)))
                wanted = max(wanted, metrics.horizontalAdvance(text[:60]) + 20)
            self.setColumnWidth(section, min(max(wanted, 6 * em), 20 * em))

    def _names(self) -> list[str]:
        sections = range(self.rows.columnCount())
        return [found[0] for found in map(self.rows.head, sections) if found is not None]


class FirstRows(QWidget):
    """The preview under a line that says how much of the table it is, with a switch between raw and prepared."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading: Reading | None = None
        self.caption = QLabel("First rows")
        self.caption.setObjectName("dataset.caption")
        self.caption.setForegroundRole(self.caption.palette().ColorRole.PlaceholderText)
        self.table = Preview()
        self.prepared = Tick("As the network gets them")
        self.prepared.setObjectName("dataset.prepared")
        self.prepared.setToolTip("Shows the inputs and outputs that the rows become, instead of the cells of the file.")
        self.prepared.toggled.connect(self._show)
        above = QHBoxLayout()
        above.setContentsMargins(0, 0, 0, 0)
        above.addWidget(self.caption, 1)
        above.addWidget(self.prepared)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(above)
        layout.addWidget(self.table, 1)

    def show_reading(self, reading: Reading | None) -> None:
        """Show a reading, or nothing."""
        self._reading = reading
        self._show()

    def _show(self) -> None:
        reading = self._reading
        dataset = reading.dataset if reading is not None else None
        self.prepared.setEnabled(dataset is not None)
        self.table.show_reading(reading, prepared=self.prepared.isChecked())
        text = "First rows"
        if reading is not None and reading.shown:
            part, rows = reading.shown, reading.rows
            text = f"The first {part:,} of {rows:,} rows" if part < rows else f"All {rows:,} rows"
            if self.table.rows.prepared and dataset is not None:
                text = f"{text}: {count(dataset.recipe.inputs, 'input')}, {count(dataset.recipe.outputs, 'output')}"
            else:
                text = f"{text}, {count(len(reading.columns), 'column')}"
        self.caption.setText(text)
