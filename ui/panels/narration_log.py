"""The narrator's log: a line a sentence with its epoch; below it, folded, what to try and the evidence."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QBrush, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
)

from ui.panels.narration_line import ICONS, SPOKEN
from ui.theme import Theme, base_pixel_size, font, icon

if TYPE_CHECKING:
    from simulator.insight.narrator import Sentence

_PAD = 8
Index = QModelIndex | QPersistentModelIndex


class _Wrapping(QStyledItemDelegate):
    """Gives a row the height that its words take in the width of their column."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        view = self.parent()
        assert isinstance(view, QTreeWidget)
        metrics = view.fontMetrics()
        room = view.columnWidth(1) - 2 * _PAD - (view.iconSize().width() + 4 if not index.parent().isValid() else 0)
        text = index.sibling(index.row(), 1).data() or ""
        box = metrics.boundingRect(QRect(0, 0, max(60, room), 10_000), Qt.TextFlag.TextWordWrap, text)
        return QSize(60, box.height() + _PAD)


class Log(QTreeWidget):
    """The sentences of a story; what is folded and selected stays while their numbers go on."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("narrator.log")
        self.setAccessibleName("What happened")
        self.setToolTip(
            "A click, or Enter, goes to the moment that a sentence is about and lights its neurons; the arrow, or the "
            "right arrow key, unfolds the evidence."
        )
        self.theme = theme
        self.sentences: tuple[Sentence, ...] = ()
        self._keys: list[tuple[str, int]] = []
        self.setColumnCount(2)
        self.setHeaderLabels(["Epoch", "What happens"])
        self.headerItem().setToolTip(0, "The epoch from which this can be told; a click goes to the one it is about.")
        self.setWordWrap(True)
        self.setRootIsDecorated(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIndentation(14)
        self.setAllColumnsShowFocus(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setItemDelegate(_Wrapping(self))
        head = self.header()
        head.setStretchLastSection(True)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        head.setMinimumSectionSize(30)
        self._fit()

    def _fit(self) -> None:
        style = font(base_pixel_size(self.font()))
        self.setFont(style)
        side = round(1.25 * base_pixel_size(self.font()))
        self.setIconSize(QSize(side, side))
        self.setColumnWidth(0, 24 + round(4.2 * base_pixel_size(self.font())))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        self._fit()
        shown, self._keys = self.sentences, []
        self.show_sentences(shown, None)

    def show_sentences(self, sentences: "tuple[Sentence, ...]", shown: int | None) -> None:
        """Show sentences; those that became known after epoch `shown` step back."""
        keys = [(each.rule, each.epoch) for each in sentences]
        chosen = self.chosen
        if keys != self._keys:
            unfolded = {
                key for nth, key in enumerate(self._keys)
                if (item := self.topLevelItem(nth)) is not None and item.isExpanded()
            }  # fmt: skip
            at_end = self.verticalScrollBar().value() >= self.verticalScrollBar().maximum() - 4
            self.clear()
            self._keys, self.sentences = keys, sentences
            for sentence in sentences:
                self.addTopLevelItem(self._item(sentence))
            for nth, key in enumerate(keys):
                item = self.topLevelItem(nth)
                if item is not None and key in unfolded:
                    item.setExpanded(True)
                if item is not None and chosen is not None and key == (chosen.rule, chosen.epoch):
                    self.setCurrentItem(item)
            if at_end or chosen is None:
                self.scrollToBottom()
        else:
            for nth, sentence in enumerate(sentences):
                item = self.topLevelItem(nth)
                if item is not None and sentence != self.sentences[nth]:
                    self._fill(item, sentence)
            self.sentences = sentences
        self._dim(shown)

    def _item(self, sentence: "Sentence") -> QTreeWidgetItem:
        item = QTreeWidgetItem([f"{sentence.epoch:,}", sentence.text])
        name, ink = ICONS[sentence.tone]
        item.setIcon(1, icon(name, self.theme, ink, selected="on_accent"))
        self._fill(item, sentence)
        return item

    def _fill(self, item: QTreeWidgetItem, sentence: "Sentence") -> None:
        item.setText(1, sentence.text)
        item.setToolTip(1, sentence.how)
        item.setData(1, Qt.ItemDataRole.AccessibleTextRole, f"{SPOKEN[sentence.tone]}{sentence.text}")
        lines = details(sentence)
        while item.childCount() > len(lines):
            item.takeChild(item.childCount() - 1)
        for nth, line in enumerate(lines):
            child = item.child(nth)
            if child is None:
                child = QTreeWidgetItem(["", ""])
                child.setForeground(1, QBrush(self.theme.color("quiet")))
                item.addChild(child)
            if child.text(1) != line:
                child.setText(1, line)

    def _dim(self, shown: int | None) -> None:
        for nth, sentence in enumerate(self.sentences):
            item = self.topLevelItem(nth)
            if item is None:
                continue
            later = shown is not None and sentence.epoch > shown
            ink = QBrush(self.theme.color("quiet" if later else "text"))
            if item.foreground(1) != ink:
                item.setForeground(1, ink)
                item.setForeground(0, QBrush(self.theme.color("quiet")))

    @property
    def chosen(self) -> "Sentence | None":
        """The sentence whose line, or whose evidence, is selected."""
        selected = self.selectedItems()
        if not selected:
            return None
        item = selected[0].parent() or selected[0]
        nth = self.indexOfTopLevelItem(item)
        return self.sentences[nth] if 0 <= nth < len(self.sentences) else None

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()


def details(sentence: "Sentence") -> list[str]:
    """Return what is folded below a sentence: what to try, the numbers, how it was found."""
    lines = [sentence.advice] if sentence.advice else []
    lines += [f"{what}: {value}" for what, value in sentence.evidence]
    return [*lines, f"The rule: {sentence.how}"] if sentence.how else lines


def as_text(sentences: "tuple[Sentence, ...]") -> str:
    """Return sentences with their evidence as text, to be copied."""
    blocks: list[Any] = []
    for each in sentences:
        blocks.append(f"Epoch {each.epoch}: {each.text}")
        blocks += [f"    {line}" for line in details(each)]
    return "\n".join(blocks)
