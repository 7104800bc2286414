"""The first rows of a table as they stand in the file; above each column its kind and what it is for."""

from typing import Any

import numpy as np
import pandas as pd
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QTableView, QVBoxLayout, QWidget

from ui.dialogs.reading import Cells, Column, Reading
from ui.dialogs.tints import blend, theme_of
from ui.dialogs.wording import count

_MEASURED, _MEASURED_ROWS = 40, 12
_Index = QModelIndex | QPersistentModelIndex


class PreviewModel(QAbstractTableModel):
    """The first rows of a `Reading`."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self._reading: Reading | None = None
        self._reasons: dict[str, str] = {}
        self._dropped: dict[int, tuple[str, ...]] = {}
        self._values: tuple[Cells, ...] = ()

    def show(self, reading: Reading | None) -> None:
        """Show another reading, or nothing."""
        self.beginResetModel()
        self._reading = reading
        report = reading.dataset.report if reading is not None and reading.dataset is not None else None
        self._reasons = dict(report.ignored) if report else {}
        self._dropped = {each.row: each.columns for each in report.dropped} if report else {}
        self._values = reading.head if reading is not None else ()
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() or self._reading is None else self._reading.shown

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: N802, B008
        return 0 if parent.isValid() else len(self._values)

    def column(self, section: int) -> tuple[Column, str] | None:
        """Return a column and its role."""
        if self._reading is None or not 0 <= section < len(self._reading.columns):
            return None
        column = self._reading.columns[section]
        return column, self._reading.role(column.name)

    def side(self, section: int) -> Qt.AlignmentFlag:
        """Return to which side a column is set: numbers to the right."""
        numeric = self._reading is not None and self._reading.columns[section].numeric
        return Qt.AlignmentFlag.AlignRight if numeric else Qt.AlignmentFlag.AlignLeft

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self._reading is None:
            return None
        value = self._values[index.column()][index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(value)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(self.side(index.column()) | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._cell_tip(index.row(), value)
        if role in (Qt.ItemDataRole.ForegroundRole, Qt.ItemDataRole.BackgroundRole):
            return self._colour(index.row(), index.column(), value, role)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return "missing" if _is_missing(value) else _text(value)
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return str(section + 1) if role == Qt.ItemDataRole.DisplayRole else None
        found = self.column(section)
        if found is None:
            return None
        column, what_for = found
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{column.name}\n{column.kind} · {what_for}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.name}, {column.kind}, {what_for}"
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = [column.name, f"{column.kind}, {what_for}", f"{count(column.missing, 'missing value')}"]
            if what_for == "ignored" and column.name in self._reasons:
                lines.append(f"ignored: {self._reasons[column.name]}")
            return "\n".join(lines)
        return None

    def _cell_tip(self, row: int, value: Any) -> str:
        said = ["missing"] if _is_missing(value) else [_text(value)]
        if row in self._dropped:
            said.append(f"this row is not used: {', '.join(self._dropped[row][:4])} missing")
        return "\n".join(said)

    def _colour(self, row: int, section: int, value: Any, role: int) -> Any:
        found, theme = self.column(section), theme_of(self._view)
        what_for = found[1] if found else "ignored"
        if role == Qt.ItemDataRole.BackgroundRole:
            return blend(theme.surface, theme.accent, 0.10) if what_for == "target" else None
        faint = what_for == "ignored" or row in self._dropped or _is_missing(value)
        return theme.color("quiet") if faint else None


class PreviewHeader(QHeaderView):
    """The head of a column: its name, and under it in smaller letters its kind and role."""

    def __init__(self, view: QTableView, model: PreviewModel) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._columns = model
        self.setSectionsClickable(False)
        self.setHighlightSections(False)

    def sectionSizeFromContents(self, section: int) -> QSize:  # noqa: N802
        name, quiet = self._fonts()
        found = self._columns.column(section)
        first, second = (found[0].name, f"{found[0].kind} · {found[1]}") if found else ("", "")
        upper, lower = QFontMetrics(name), QFontMetrics(quiet)
        width = max(upper.horizontalAdvance(first), lower.horizontalAdvance(second)) + 22
        return QSize(width, upper.height() + lower.height() + 14)

    def sizeHint(self) -> QSize:  # noqa: N802
        # Of the fonts alone: Qt would measure the first columns only, and jump.
        name, quiet = self._fonts()
        return QSize(super().sizeHint().width(), QFontMetrics(name).height() + QFontMetrics(quiet).height() + 14)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:  # noqa: N802
        found = self._columns.column(section)
        theme = theme_of(self)
        painter.save()
        is_target = found is not None and found[1] == "target"
        painter.fillRect(rect, blend(theme.window, theme.accent, 0.14) if is_target else theme.color("window"))
        painter.fillRect(rect.right(), rect.top(), 1, rect.height(), theme.color("hairline"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("hairline"))
        if is_target:
            painter.fillRect(rect.left(), rect.bottom() - 2, rect.width(), 3, theme.color("accent"))
        if found is not None:
            column, what_for = found
            name, quiet = self._fonts()
            upper, lower = QFontMetrics(name), QFontMetrics(quiet)
            inner, side = rect.adjusted(6, 5, -6, -6), self._columns.side(section)
            painter.setFont(name)
            painter.setPen(theme.color("quiet" if what_for == "ignored" else "text"))
            text = upper.elidedText(column.name, Qt.TextElideMode.ElideMiddle, inner.width())
            painter.drawText(inner, int(side | Qt.AlignmentFlag.AlignTop), text)
            painter.setFont(quiet)
            painter.setPen(theme.color("text" if is_target else "quiet"))
            text = lower.elidedText(f"{column.kind} · {what_for}", Qt.TextElideMode.ElideRight, inner.width())
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

    def show_reading(self, reading: Reading | None) -> None:
        """Show the first rows of a reading, or nothing; the same columns stay where they were scrolled to."""
        before = self._names()
        place = self.horizontalScrollBar().value()
        self.rows.show(reading)
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
        return [found[0].name for found in map(self.rows.column, sections) if found is not None]


class FirstRows(QWidget):
    """The preview under a line that says how much of the table it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.caption = QLabel("First rows")
        self.caption.setObjectName("dataset.caption")
        self.table = Preview()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 6)
        layout.setSpacing(6)
        layout.addWidget(self.caption)
        layout.addWidget(self.table, 1)

    def show_reading(self, reading: Reading | None) -> None:
        """Show a reading, or nothing."""
        self.table.show_reading(reading)
        text = "First rows"
        if reading is not None and reading.shown:
            part, rows = reading.shown, reading.rows
            text = f"The first {part:,} of {rows:,} rows" if part < rows else f"All {rows:,} rows"
            text = f"{text}, {count(len(reading.columns), 'column')}"
        self.caption.setText(text)


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def _text(value: Any) -> str:
    if _is_missing(value):
        return "–"
    if isinstance(value, float | np.floating):
        return f"{value:.12g}"
    text = str(value)
    return text if len(text) <= 300 else text[:299] + "…"
