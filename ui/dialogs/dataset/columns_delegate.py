"""Draws the cells of the table of columns: ticks, choosers and spreads, in the theme's colours."""

from PySide6.QtCore import QAbstractItemModel, QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.dialogs.dataset.bars import bar_colours, draw_bars
from ui.dialogs.dataset.columns_model import COLUMN_ROLE, DECIDED, KIND, MISSING, NAME, PORTRAIT, ROLE, SPREAD, Index
from ui.dialogs.dataset.ticks import draw_tick
from ui.dialogs.tints import blend, theme_of


class ColumnDelegate(QStyledItemDelegate):
    """Draws ticks, choosers and spreads in the theme's colours; the row that is looked at has a quiet ground."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        widget: QWidget = option.widget  # pyright: ignore[reportAttributeAccessIssue]
        theme = theme_of(widget)
        full = QStyleOptionViewItem(option)
        self.initStyleOption(full, index)
        room = QRectF(full.rect)  # pyright: ignore[reportAttributeAccessIssue]
        state = full.state  # pyright: ignore[reportAttributeAccessIssue]
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if selected:
            painter.fillRect(room, blend(theme.surface, theme.accent, 0.16))
        elif index.data(COLUMN_ROLE) == "target":
            painter.fillRect(room, blend(theme.surface, theme.accent, 0.06))
        if selected and index.column() == NAME:
            painter.fillRect(QRectF(room.left(), room.top(), 3, room.height()), theme.color("accent"))
        section = index.column()
        if section == SPREAD:
            self._spread(painter, room, index, widget)
        elif section == NAME:
            self._name(painter, room, full, index, widget)
        else:
            self._words(painter, room, full, index, widget)
        if state & QStyle.StateFlag.State_HasFocus and widget.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(room.adjusted(1.5, 1.5, -1.5, -1.5), 4, 4)
        painter.restore()

    def editorEvent(  # noqa: N802
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        return False  # the view ticks by itself: its box stands elsewhere than a style's

    def _name(self, painter: QPainter, room: QRectF, full: QStyleOptionViewItem, index: Index, widget: QWidget) -> None:
        theme = theme_of(widget)
        box = tick_box(room, widget)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        what_for = index.data(COLUMN_ROLE)
        if what_for == "target":
            painter.setPen(QPen(theme.color("accent"), 1.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(box.center(), 5.5, 5.5)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(box.center(), 2.4, 2.4)
        else:
            draw_tick(painter, box, widget, on=what_for == "feature")
        text = room.adjusted(box.right() - room.left() + 8, 0, -6, 0)
        if index.data(DECIDED):
            _dot(painter, QRectF(room.right() - 10, room.top(), 8, room.height()), widget)
            text.adjust(0, 0, -8, 0)
        font = QFont(full.font)  # pyright: ignore[reportAttributeAccessIssue]
        if what_for == "target":
            font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(theme.color("quiet" if what_for == "ignored" else "text"))
        name = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, int(text.width()))
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, name)

    def _words(
        self, painter: QPainter, room: QRectF, full: QStyleOptionViewItem, index: Index, widget: QWidget
    ) -> None:
        theme, section = theme_of(widget), index.column()
        text = room.adjusted(6, 0, -6, 0)
        side = Qt.AlignmentFlag.AlignRight if section == MISSING else Qt.AlignmentFlag.AlignLeft
        loud = index.data(COLUMN_ROLE) != "ignored" and section in (KIND, ROLE)
        painter.setPen(theme.color("text" if loud else "quiet"))
        if section in (KIND, ROLE):
            _chevron(painter, QRectF(room.right() - 16, room.top(), 10, room.height()), widget)
            text.adjust(0, 0, -10, 0)
        metrics = full.fontMetrics  # pyright: ignore[reportAttributeAccessIssue]
        shown = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, int(text.width()))
        painter.drawText(text, side | Qt.AlignmentFlag.AlignVCenter, shown)
        if index.data(DECIDED):
            left = text.left() + metrics.horizontalAdvance(shown) + 4
            _dot(painter, QRectF(left, room.top(), 8, room.height()), widget)

    def _spread(self, painter: QPainter, room: QRectF, index: Index, widget: QWidget) -> None:
        shown = index.data(PORTRAIT)
        if shown is None:
            return
        theme = theme_of(widget)
        colours = bar_colours(theme, str(index.data(COLUMN_ROLE)), labels=bool(shown.labels))
        draw_bars(painter, room.adjusted(6, 4, -6, -4), shown, colours, theme)


def _dot(painter: QPainter, room: QRectF, widget: QWidget) -> None:
    """Mark what the user overruled."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme_of(widget).color("accent"))
    painter.drawEllipse(room.center(), 2.5, 2.5)
    painter.restore()


def _chevron(painter: QPainter, room: QRectF, widget: QWidget) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(blend(theme_of(widget).surface, theme_of(widget).quiet, 0.6), 1.3))
    centre = room.center()
    painter.drawPolyline(QPolygonF([centre + QPointF(x, y) for x, y in ((-3, -1), (0, 2), (3, -1))]))
    painter.restore()


def tick_box(room: QRectF, widget: QWidget) -> QRectF:
    """Return where in the cell of a name its tick stands."""
    side = round(widget.fontMetrics().height() * 0.85)
    return QRectF(room.left() + 9, room.center().y() - side / 2, side, side)
