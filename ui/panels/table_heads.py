"""The heads of the table: of a column its name and what it is, of a row its number."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QHeaderView, QTableView

from ui.panels.table_columns import IGNORED, OF_NETWORK, PREPARED, SPLIT
from ui.panels.table_model import RowsModel
from ui.theme import base_pixel_size, font, mixed

_AIR, _ARROW = 8, 15
_SMALL = 0.84


class ColumnHead(QHeaderView):
    """Two lines a column: its name, and in small letters what it is; an arrow where the table is sorted by it."""

    def __init__(self, view: QTableView, model: RowsModel) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._columns = model
        self.sorted_by: tuple[str, int] | None = None
        self.descending = False
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(36)

    def show_sort(self, key: tuple[str, int] | None, *, descending: bool) -> None:
        """Show by which column the table is sorted."""
        self.sorted_by, self.descending = key, descending
        self.viewport().update()

    def width_for(self, section: int) -> int:
        """Return how wide a section must be for all that its head says."""
        name, small = self._fonts()
        column = self._columns.columns[section]
        wanted = QFontMetrics(name).horizontalAdvance(column.name) + _ARROW
        return max(wanted, QFontMetrics(small).horizontalAdvance(column.note)) + 2 * _AIR + 4

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        # Of the fonts alone: Qt would measure the first columns only, and jump.
        name, small = self._fonts()
        return QSize(super().sizeHint().width(), QFontMetrics(name).height() + QFontMetrics(small).height() + 10)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:  # noqa: N802 - Qt's name
        if not 0 <= section < len(self._columns.columns):
            return
        column, theme = self._columns.columns[section], self._columns.theme
        ground = theme.window
        if column.kind == PREPARED:
            ground = mixed(theme.window, theme.raised, 0.7).name()
        elif column.is_target:
            ground = mixed(theme.window, theme.accent, 0.12).name()
        painter.save()
        painter.setClipRect(rect)
        painter.fillRect(rect, theme.color("window") if ground == theme.window else ground)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("hairline"))
        if column.is_target:
            painter.fillRect(rect.left(), rect.bottom() - 1, rect.width(), 2, theme.color("accent"))
        is_last_own = column.kind in (SPLIT, *OF_NETWORK) and self._begins_data(section + 1)
        if is_last_own:
            painter.fillRect(rect.right(), rect.top() + 5, 1, rect.height() - 10, theme.color("border"))
        inner = rect.adjusted(_AIR, 4, -_AIR, -5)
        name, small = self._fonts()
        side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
        is_sorted = column.key == self.sorted_by
        top = inner.adjusted(0, 0, 0, 0)
        if is_sorted:
            self._arrow(painter, top, right=column.numeric)
            top = top.adjusted(0, 0, -_ARROW, 0) if column.numeric else top.adjusted(_ARROW, 0, 0, 0)
        painter.setFont(name)
        painter.setPen(theme.color("link" if is_sorted else "quiet" if column.note == IGNORED else "text"))
        text = QFontMetrics(name).elidedText(column.name, Qt.TextElideMode.ElideMiddle, top.width())
        painter.drawText(top, int(side | Qt.AlignmentFlag.AlignTop), text)
        painter.setFont(small)
        painter.setPen(theme.color("quiet"))
        text = QFontMetrics(small).elidedText(column.note, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(side | Qt.AlignmentFlag.AlignBottom), text)
        painter.restore()

    def _begins_data(self, section: int) -> bool:
        columns = self._columns.columns
        return section < len(columns) and columns[section].kind not in (SPLIT, *OF_NETWORK)

    def _arrow(self, painter: QPainter, rect: QRect, *, right: bool) -> None:
        theme = self._columns.theme
        painter.setFont(font(_SMALL * base_pixel_size(self.font())))
        painter.setPen(theme.color("link"))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, int(side | Qt.AlignmentFlag.AlignTop), "▼" if self.descending else "▲")

    def _fonts(self) -> tuple[QFont, QFont]:
        base = base_pixel_size(self.font())
        return font(base, bold=True), font(_SMALL * base)


class RowHead(QHeaderView):
    """The numbers of the rows; that of the chosen row stands out, and a dot marks a mistake."""

    def __init__(self, view: QTableView, model: RowsModel) -> None:
        super().__init__(Qt.Orientation.Vertical, view)
        self._rows = model
        self.chosen: int | None = None
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def show_chosen(self, row: int | None) -> None:
        """Show which row of the table goes through the network."""
        self.chosen = row
        self.viewport().update()

    def fit(self, rows: int) -> None:
        """Make room for the numbers of so many rows."""
        self.setFixedWidth(QFontMetrics(self._font(bold=True)).horizontalAdvance(f"{max(rows, 100):,}") + 26)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:  # noqa: N802 - Qt's name
        if not 0 <= section < self._rows.rowCount():
            return
        theme, row = self._rows.theme, int(self._rows.rows[section])
        is_chosen = row == self.chosen
        painter.save()
        painter.fillRect(rect, theme.color("hairline" if row == self._rows.pointed else "window"))
        if is_chosen:
            painter.fillRect(rect.left(), rect.top(), 3, rect.height(), theme.color("accent"))
        if self._rows.is_mistaken(section):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("bad"))
            painter.drawEllipse(rect.left() + 8, rect.center().y() - 2, 5, 5)
        painter.setFont(self._font(bold=is_chosen))
        painter.setPen(theme.color("text" if is_chosen else "quiet"))
        painter.drawText(
            rect.adjusted(0, 0, -8, 0), int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), f"{row + 1:,}"
        )
        painter.restore()

    def _font(self, *, bold: bool) -> QFont:
        return font(0.92 * base_pixel_size(self.font()), bold=bold)
