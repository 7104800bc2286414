"""What comes out for the chosen row: the probability of every class, or the predicted value beside the true one."""

import dataclasses
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from simulator.engines.passes import forward
from ui.panels.panel import Context, ScrolledPanel, style_label, text_label
from ui.panels.what_if import WhatIf
from ui.panels.what_if_line import Elided
from ui.selection import ChosenRow
from ui.theme import Theme, base_pixel_size, font

_KINDS = {
    "train": "a training row",
    "test": "a test row, never trained on",
    "unused": "not used",
    "changed": "what if?",
}


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a network says about a row.

    Attributes
    ----------
    names, shares
        The classes and their probabilities; nothing for a value.
    predicted, actual
        Index of the predicted and of the true class.
    value, truth
        In real units, for a value.
    """

    names: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    predicted: int | None = None
    actual: int | None = None
    value: float | None = None
    truth: float | None = None


def answer(snapshot: Any, dataset: Any, chosen: ChosenRow) -> Answer:
    """Return what the network of a snapshot says about a row, computed in float64."""
    if chosen.inputs is None:
        return Answer(dataset.class_names)
    with np.errstate(all="ignore"):
        outputs = forward(snapshot.network, snapshot.layers, chosen.inputs[None, :]).outputs[0]
        if not dataset.class_names:
            return Answer(value=float(dataset.recipe.value(outputs)[0]), truth=chosen.truth)
    scores = (1.0 - outputs[0], outputs[0]) if len(outputs) == 1 else tuple(outputs)
    shares = tuple(float(score) for score in scores)
    return Answer(dataset.class_names, shares, int(np.argmax(shares)), chosen.actual)


class Bars(QWidget):
    """A bar for every class, with its probability; the true class and the predicted one are marked by words."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("output.bars")
        self.setAccessibleName("Class probabilities")
        self.setToolTip("How probable the network thinks each class is: ŷₖ = exp(zₖ) / Σⱼ exp(zⱼ) for a softmax.")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.theme = theme
        self.answer = Answer()

    def show_answer(self, shown: Answer) -> None:
        """Show other probabilities."""
        grown = len(shown.names) != len(self.answer.names)
        self.answer = shown
        if grown:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        base, count = base_pixel_size(self.font()), len(self.answer.names)
        return QSize(180, round(count * self._pitch - (0.75 * base if self._pitch > 2.5 * base else 0.0)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(120, self.sizeHint().height())

    @property
    def _pitch(self) -> float:
        # Many classes stand closer together; ten fit into the first screen.
        return base_pixel_size(self.font()) * (2.7 if len(self.answer.names) <= 4 else 2.1)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        base, shown = base_pixel_size(self.font()), self.answer
        thick = 0.5 * base if self._pitch > 2.5 * base else 0.32 * base
        for index, name in enumerate(shown.names):
            share = shown.shares[index] if index < len(shown.shares) else 0.0
            self._paint_row(
                painter, QRectF(0.5, index * self._pitch, self.width() - 1.0, self._pitch), thick, name, share, index
            )
        painter.end()

    def _paint_row(self, painter: QPainter, row: QRectF, thick: float, name: str, share: float, index: int) -> None:
        theme, base, shown = self.theme, base_pixel_size(self.font()), self.answer
        chosen, true = index == shown.predicted, index == shown.actual
        style = font(base, bold=chosen)
        metrics = QFontMetricsF(style)
        number = f"{100.0 * share:.1f} %" if shown.shares else "–"
        room = metrics.horizontalAdvance("100.0 %") + 0.6 * base
        mark, field = ("  ✓ true class", "good") if true else ("", "quiet")
        small = font(0.88 * base)
        words = QFontMetricsF(small).horizontalAdvance(mark)
        if words > 0.45 * (row.width() - room):
            mark = "  ✓"
            words = QFontMetricsF(small).horizontalAdvance(mark)
        painter.setFont(style)
        painter.setPen(theme.color("text" if chosen or true else "quiet"))
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, row.width() - room - words)
        baseline = row.y() + metrics.ascent()
        painter.drawText(QRectF(row.x(), row.y(), row.width(), metrics.height()), Qt.AlignmentFlag.AlignLeft, text)
        painter.drawText(QRectF(row.x(), row.y(), row.width(), metrics.height()), Qt.AlignmentFlag.AlignRight, number)
        if mark:
            painter.setFont(small)
            painter.setPen(theme.color(field))
            painter.drawText(QPointF(row.x() + metrics.horizontalAdvance(text), baseline), mark)
        bar = QRectF(row.x(), row.y() + metrics.height() + 0.15 * base, row.width(), thick)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("track"))
        painter.drawRoundedRect(bar, 0.5 * thick, 0.5 * thick)
        if share >= 0.002:
            painter.setBrush(theme.color("accent" if chosen else "quiet"))
            bar.setWidth(max(thick, bar.width() * min(1.0, share)))
            painter.drawRoundedRect(bar, 0.5 * thick, 0.5 * thick)


class OutputPanel(ScrolledPanel):
    """The network's answer for the chosen row."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.row = Elided()
        style_label(self.row, "quiet")
        self.row.setObjectName("output.row")
        self.bars = Bars(theme)
        self.sentence = text_label()
        self.sentence.setObjectName("output.sentence")
        # What Qt takes for the least height of a text that wraps is that of a narrow column.
        self.sentence.setMinimumHeight(self.sentence.fontMetrics().lineSpacing())
        self.what_if = WhatIf(context, theme)
        for widget in (self.row, self.bars, self.sentence, self.what_if):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        context.bridge.snapshot_changed.connect(lambda _snapshot: self._show())
        context.selection.row_changed.connect(lambda _row: self._show())

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.bars.theme = theme
        self.bars.update()
        self.what_if.set_theme(theme)

    @property
    def settled(self) -> bool:
        return not self.what_if.waiting

    def _show(self) -> None:
        bridge, chosen = self.context.bridge, self.context.selection.chosen
        snapshot, dataset = bridge.snapshot, bridge.dataset
        if snapshot is None or dataset is None or chosen is None or not self.isVisible():
            return
        if chosen.inputs is not None and len(chosen.inputs) != snapshot.network.inputs:
            return  # a moment between two data sets
        shown = answer(snapshot, dataset, chosen)
        self.bars.setVisible(bool(shown.names))
        self.bars.show_answer(shown)
        self._write(self.sentence, sentence(shown, dataset.recipe.target))
        self.what_if.show_moment(snapshot, dataset, chosen, shown.predicted)
        draft = self.what_if.draft
        if draft is None:
            self.row.show_parts(f"Row {chosen.row + 1:,} of {self.context.selection.rows:,}: ", _KINDS[chosen.split])
        else:
            self.row.show_parts(*draft.line(), tip=draft.lines())

    def _write(self, label: Any, text: str) -> None:
        if label.text() != text:
            label.setText(text)

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._show()


def sentence(shown: Answer, target: str) -> str:
    """Return in one sentence what the network says, and whether that is right."""
    if shown.value is not None:
        text = f"The network predicts {target} {shown.value:,.4g}"
        if shown.truth is None:
            return text + "."
        return f"{text}; it is {shown.truth:,.4g}, so it is {abs(shown.value - shown.truth):,.3g} off."
    if shown.predicted is None:
        return "A value is missing in this row: the network cannot see it."
    said = f"The network says {shown.names[shown.predicted]}"
    if shown.actual is None:
        return said + "."
    if shown.actual == shown.predicted:
        return f"{said}: right."
    return f"{said}, but it is {shown.names[shown.actual]}."
