"""The list of formats, under their headings."""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from simulator.interchange import FORMATS, GROUPS
from ui.dialogs.tints import blend, theme_of

_NAME = Qt.ItemDataRole.UserRole
_SIDE, _GAP = 10, 6

Index = QModelIndex | QPersistentModelIndex


class FormatList(QListWidget):
    """Every format that can be written, a heading a group; the arrow keys go from one to the next.

    Signals
    -------
    chosen
        str: the name of the format that stands out now.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("export.formats")
        self.setAccessibleName("Formats")
        self.setToolTip("The format of the file; the arrow keys go through the list.")
        self.setItemDelegate(_Delegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self._items: dict[str, QListWidgetItem] = {}
        for group, heading in GROUPS.items():
            rows = [row for row in FORMATS.values() if row.group == group]
            if not rows:
                continue
            head = QListWidgetItem(heading)
            head.setFlags(Qt.ItemFlag.NoItemFlags)
            self.addItem(head)
            for row in rows:
                item = QListWidgetItem(row.called)
                item.setData(_NAME, row.name)
                item.setToolTip(f"{row.called} ({row.suffix})\n{row.description}.")
                item.setData(
                    Qt.ItemDataRole.AccessibleTextRole, f"{row.called}, {row.suffix}: {row.description}; {heading}"
                )
                self.addItem(item)
                self._items[row.name] = item
        self.currentItemChanged.connect(self._changed)

    @property
    def name(self) -> str:
        """The format that stands out."""
        item = self.currentItem()
        return str(item.data(_NAME)) if item is not None else ""

    def choose(self, name: str) -> None:
        """Let a format stand out."""
        self.setCurrentItem(self._items[name])
        self.scrollToItem(self._items[name])

    def moveCursor(  # noqa: N802
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Go where a key leads; the first row is a heading, where Qt would stay where it was."""
        found = super().moveCursor(action, modifiers)
        if found.isValid() and found.data(_NAME) is None:
            first = next(iter(self._items.values()))
            return self.indexFromItem(first)
        return found

    def _changed(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(_NAME):
            self.chosen.emit(str(item.data(_NAME)))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.scheduleDelayedItemsLayout()


class _Delegate(QStyledItemDelegate):
    """Draws a heading, or a format's name and suffix above what it is."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        title, quiet = _fonts(option.font)
        lines = QFontMetrics(title).height() + QFontMetrics(quiet).height()
        if index.data(_NAME) is None:
            return QSize(0, QFontMetrics(quiet).height() + (20 if index.row() else 12))
        return QSize(0, lines + 2 * _GAP + 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view = option.widget
        assert isinstance(view, QWidget)
        theme = theme_of(view)
        title, quiet = _fonts(option.font)
        upper, lower = QFontMetrics(title), QFontMetrics(quiet)
        room = option.rect.adjusted(_SIDE, 0, -_SIDE, 0)
        name = index.data(_NAME)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if name is None:
            painter.setFont(quiet)
            painter.setPen(theme.color("quiet"))
            text = lower.elidedText(index.data(), Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room.adjusted(0, 0, 0, -4), Qt.AlignmentFlag.AlignBottom, text)
            painter.restore()
            return
        row = FORMATS[str(name)]
        current = bool(option.state & QStyle.StateFlag.State_Selected)
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        box = option.rect.adjusted(3, 1, -3, -1)
        if current or over:
            painter.setPen(
                QPen(theme.color("accent"), 1.4 if view.hasFocus() else 1.0) if current else Qt.PenStyle.NoPen
            )
            painter.setBrush(blend(theme.surface, theme.accent, 0.13 if current else 0.05))
            painter.drawRoundedRect(box, 6, 6)
        first = QRect(room.left(), option.rect.top() + _GAP, room.width(), upper.height())
        second = QRect(room.left(), first.bottom() + 2, room.width(), lower.height())
        painter.setFont(quiet)
        painter.setPen(theme.color("quiet"))
        painter.drawText(first, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, row.suffix)
        text = lower.elidedText(row.description, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(second, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setFont(title)
        painter.setPen(theme.color("text"))
        width = room.width() - lower.horizontalAdvance(row.suffix) - 8
        text = upper.elidedText(row.called, Qt.TextElideMode.ElideRight, width)
        painter.drawText(first, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()


def _fonts(base: QFont) -> tuple[QFont, QFont]:
    title, quiet = QFont(base), QFont(base)
    title.setWeight(QFont.Weight.DemiBold)
    quiet.setPixelSize(max(11, round(0.9 * base.pixelSize())) if base.pixelSize() > 0 else 12)
    return title, quiet
