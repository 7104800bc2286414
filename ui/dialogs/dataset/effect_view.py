"""Shows what a stage does to the selected column: before, an arrow, after."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ui.dialogs.dataset.bars import Arrow, Bars
from ui.dialogs.dataset.effects import Effect


class EffectView(QWidget):
    """Two pictures with the first cells below them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataset.effect")
        self.line = QFrame()
        self.line.setFixedHeight(1)
        self.line.setProperty("tone", "line")
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.said = QLabel(wordWrap=True)
        self.said.setObjectName("dataset.effect_formula")
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.before, self.after = Bars("Values before"), Bars("Values after")
        self.arrow = Arrow()
        self.captions = QLabel(), QLabel()
        self.cells = QLabel(), QLabel(), QLabel()
        for label in (*self.captions, *self.cells):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for label in (self.said, *self.captions, *self.cells[:2]):
            label.setProperty("tone", "quiet")
        self.cells[1].setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.cells[1].setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for label in (self.cells[0], self.cells[2]):
            label.setAccessibleName("First values")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        pictures = QGridLayout()
        pictures.setHorizontalSpacing(8)
        pictures.setVerticalSpacing(4)
        for place, (caption, bars, cells) in enumerate(
            zip(self.captions, (self.before, self.after), (self.cells[0], self.cells[2]), strict=True)
        ):
            pictures.addWidget(caption, 0, 2 * place)
            pictures.addWidget(bars, 1, 2 * place)
            pictures.addWidget(cells, 2, 2 * place)
            pictures.setColumnStretch(2 * place, 1)
        pictures.addWidget(self.arrow, 1, 1)
        pictures.addWidget(self.cells[1], 2, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.line)
        layout.addLayout(head)
        layout.addWidget(self.said)
        layout.addLayout(pictures)
        self._dress()

    def show_effect(self, shown: Effect | None) -> None:
        """Show what is done, or nothing."""
        self.setVisible(shown is not None)
        if shown is None:
            return
        self.title.setText(self.title.fontMetrics().elidedText(shown.title, Qt.TextElideMode.ElideMiddle, 340))
        self.title.setToolTip(shown.title)
        self.said.setText(shown.said)
        self.said.setVisible(bool(shown.said))
        both = shown.after is not None
        self.before.show_portrait(shown.before, shown.role)
        self.after.show_portrait(shown.after, shown.role)
        for widget in (self.after, self.arrow, self.captions[1], self.cells[1], self.cells[2]):
            widget.setVisible(both)
        self.arrow.show_arrow(shown.follows)
        for label, text in zip(self.captions, shown.captions, strict=True):
            label.setText(text)
        metrics = self.fontMetrics()
        room = 150 if both else 320
        left, right = (
            [metrics.elidedText(cells[side], Qt.TextElideMode.ElideRight, room) for cells in shown.cells]
            for side in (0, 1)
        )
        self.cells[0].setText("\n".join(left))
        self.cells[0].setVisible(bool(left))
        if both:
            self.cells[1].setText("\n".join("→" for _ in left))
            self.cells[2].setText("\n".join(right))
            for label in self.cells[1:]:
                label.setVisible(bool(left))
        self.cells[2].setToolTip("\n".join(second for _, second in shown.cells))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "cells"):
            self._dress()

    def _dress(self) -> None:
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        self.title.setFont(bold)
