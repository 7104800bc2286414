"""Draws the cells of the table, and lets a raw cell be typed into."""

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QCompleter, QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.panels.table_columns import IGNORED, PREPARED, Column
from ui.panels.table_model import Cell, RowsModel
from ui.panels.table_what_if import Changes
from ui.theme import Theme, base_pixel_size, font, mixed

Index = QModelIndex | QPersistentModelIndex
_AIR = 8
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
# Python's flags are slow to combine, and thousands of cells are drawn while somebody scrolls.
_SELECTED, _FOCUSED = QStyle.StateFlag.State_Selected.value, QStyle.StateFlag.State_HasFocus.value
_KEYS = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab}


class CellLine(QLineEdit):
    """What is typed into a cell; red while it cannot be taken."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self.setObjectName("table.editor")
        self.setFrame(False)
        self._theme, self._refusal = theme, ""
        self.say("")

    def say(self, refusal: str) -> None:
        """Show whether what is typed can be taken, and why not."""
        self._refusal = refusal
        theme = self._theme
        edge, ink = (theme.bad, theme.bad) if refusal else (theme.accent, theme.text)
        self.setStyleSheet(
            f"QLineEdit {{ border: 1px solid {edge}; border-radius: 0; padding: 0 6px; background: {theme.surface};"
            f" color: {ink}; }}"
        )
        self.setToolTip(refusal)
        self.setAccessibleDescription(refusal)


class CellDelegate(QStyledItemDelegate):
    """Draws cells as the model describes them; typed values are checked while they are typed.

    Signals
    -------
    refused
        Why what is typed cannot be taken; empty when it can.
    """

    refused = Signal(str)

    def __init__(self, model: RowsModel, changes: Changes, parent: QObject) -> None:
        super().__init__(parent)
        self._rows, self._changes = model, changes
        self._theme: Theme | None = None
        self._fonts: tuple[QFont, QFontMetrics, QFont, QFontMetrics] | None = None
        self._tints: dict[str, QColor] = {}
        self._inks: dict[str, QColor] = {}
        self._widest = 0

    def dress(self, theme: Theme, base: QFont) -> None:
        """Take the colours of a theme, and the letters of the view."""
        self._theme = theme
        size = base_pixel_size(base)
        plain, faint = font(size), font(size)
        faint.setItalic(True)
        self._widest = QFontMetrics(plain).horizontalAdvance("W")
        self._fonts = plain, QFontMetrics(plain), faint, QFontMetrics(faint)
        self._tints = {
            "chosen": mixed(theme.surface, theme.accent, 0.18),
            "target": mixed(theme.surface, theme.accent, 0.06),
            "prepared": mixed(theme.surface, theme.window, 0.6),
            "changed": mixed(theme.surface, theme.warning, 0.16),
        }
        inks = ("text", "quiet", "link", "good", "bad", "warning", "accent", "hairline", "track")
        self._inks = {field: theme.color(field) for field in inks}

    # -- drawing ------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._rows.theme
        if theme is not self._theme or self._fonts is None:
            self.dress(theme, option.font)  # type: ignore[attr-defined]
        assert self._fonts is not None
        plain, metrics, faint, faint_metrics = self._fonts
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state: int = option.state.value  # type: ignore[attr-defined]
        cell, column = self._rows.cell(index.row(), index.column()), self._rows.columns[index.column()]
        ground = self._ground(cell, column, index.row(), chosen=bool(state & _SELECTED))
        if ground is not None:
            painter.fillRect(rect, ground)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, self._inks["hairline"])
        if cell.is_changed:
            painter.fillRect(rect.left(), rect.top(), 3, rect.height() - 1, self._inks["warning"])
        inner = rect.adjusted(_AIR, 0, -_AIR, -1)
        if cell.share is not None:
            self._bar(painter, inner, cell.share)
        painter.setFont(faint if cell.is_missing else plain)
        painter.setPen(self._inks[cell.ink])
        used = faint_metrics if cell.is_missing else metrics
        text = cell.text
        if len(text) * self._widest > inner.width() and used.horizontalAdvance(text) > inner.width():
            text = used.elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, _RIGHT if cell.right else _LEFT, text)
        if state & _FOCUSED:
            painter.setPen(self._inks["accent"])
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(0, 0, -1, -2))

    def _ground(self, cell: Cell, column: Column, place: int, *, chosen: bool) -> QColor | None:
        if cell.is_changed:
            return self._tints["changed"]
        if chosen:
            return self._tints["chosen"]
        if int(self._rows.rows[place]) == self._rows.pointed:
            return self._inks["hairline"]
        if column.is_target:
            return self._tints["target"]
        return self._tints["prepared"] if column.kind == PREPARED or column.note == IGNORED else None

    def _bar(self, painter: QPainter, rect: QRect, share: float) -> None:
        line = QRect(rect.left(), rect.bottom() - 3, rect.width(), 2)
        painter.fillRect(line, self._inks["track"])
        line.setWidth(round(rect.width() * min(max(share, 0.0), 1.0)))
        painter.fillRect(line, self._inks["accent"])

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        metrics = option.fontMetrics  # type: ignore[attr-defined]
        cell = self._rows.cell(index.row(), index.column())
        return QSize(metrics.horizontalAdvance(cell.text) + 2 * _AIR + 2, metrics.height() + 8)

    # -- typing -------------------------------------------------------------------------------------------------

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: N802
        column = self._rows.columns[index.column()]
        line = CellLine(parent, self._rows.theme)
        line.setAccessibleName(f"What if {column.name} were")
        line.setAlignment(Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft)
        categories = self._changes.categories(column)
        if categories:
            completer = QCompleter(list(categories), line)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            line.setCompleter(completer)
        line.textEdited.connect(lambda text: self._say(line, self._changes.read(text, column)[1]))
        return line

    def setEditorData(self, editor: QWidget, index: Index) -> None:  # noqa: N802 - Qt's name
        if isinstance(editor, CellLine) and not editor.isModified():
            cell = self._rows.cell(index.row(), index.column())
            text = "" if cell.is_missing else cell.text
            if self._rows.cells is not None and self._rows.cells.dataset.recipe.decimal == "," and cell.right:
                text = text.replace(".", ",")
            editor.setText(text)
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:  # noqa: N802
        if not isinstance(editor, CellLine) or not editor.isModified():
            return
        column = self._rows.columns[index.column()]
        value, refusal = self._changes.read(editor.text(), column)
        editor.setModified(False)
        if value is None:
            self.refused.emit(f"{refusal} The cell is as it was.")
        else:
            self._changes.commit(int(self._rows.rows[index.row()]), column, value)

    def _say(self, line: CellLine, refusal: str) -> None:
        line.say(refusal)
        self.refused.emit(refusal)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        # What cannot be taken stays where it was typed, so that it can be corrected.
        if isinstance(editor, CellLine) and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _KEYS and editor.isModified() and editor.toolTip():
                editor.selectAll()
                return True
            if event.key() == Qt.Key.Key_Escape:
                editor.setModified(False)
                self.refused.emit("")
        return super().eventFilter(editor, event)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        rect: QRect = option.rect  # type: ignore[attr-defined]
        editor.setGeometry(rect.adjusted(0, 0, 0, -1))
