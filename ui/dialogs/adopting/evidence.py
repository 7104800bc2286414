"""What the rows say: every activation with its figures, and some predictions, to judge by eye."""

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.dialogs.adopting.ways import Evidence
from ui.dialogs.tints import theme_of
from ui.dialogs.wording import count

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NAME = Qt.ItemDataRole.UserRole


class EvidenceView(QWidget):
    """Two tables; a click on an activation, or the arrow keys, choose it.

    Signals
    -------
    chosen
        str: the name of an activation.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._evidence = Evidence()
        self._activation = ""
        self.head = QLabel(wordWrap=True)
        self.head.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.head.setProperty("tone", "quiet")
        self.table = _table("adopt.candidates", "Activations", ["Activation", "Accuracy", "Loss"])
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setToolTip("How well the network does with each activation; a click chooses it.")
        self.table.currentItemChanged.connect(self._choose)
        self.predictions_head = QLabel("Predictions")
        self.predictions_head.setProperty("tone", "quiet")
        self.predictions = _table("adopt.predictions", "Predictions", ["In the data", "Predicted", "Probability"])
        self.predictions.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.head)
        layout.addWidget(self.table, 3)
        layout.addWidget(self.predictions_head)
        layout.addWidget(self.predictions, 2)
        layout.addStretch(0)

    def show_evidence(self, evidence: Evidence, *, open_question: bool) -> None:
        """Show what was found.

        Parameters
        ----------
        open_question
            Whether the file leaves an activation open.
        """
        self._evidence = evidence
        known = bool(evidence.candidates)
        for part in (self.table, self.predictions, self.predictions_head):
            part.setVisible(known)
        self.head.setText(_said(evidence, open_question=open_question))
        self.table.blockSignals(True)
        self.table.clear()
        self.table.headerItem().setText(1, "R²" if evidence.value else "Accuracy")
        for each in evidence.candidates:
            name = each.activation.replace("_", " ") or "as the file says"
            item = QTreeWidgetItem([name, _score(each.score, value=evidence.value), _number(each.loss)])
            item.setData(0, _NAME, each.activation)
            item.setTextAlignment(1, _RIGHT)
            item.setTextAlignment(2, _RIGHT)
            self.table.addTopLevelItem(item)
        self._mark_best()
        self.table.blockSignals(False)
        self.show_activation(self._activation)

    def show_activation(self, name: str) -> None:
        """Let an activation stand out, with its predictions."""
        self._activation = name
        predictions = dict(self._evidence.predictions)
        own = name if name in predictions else next(iter(predictions), "")
        self.table.blockSignals(True)
        for place in range(self.table.topLevelItemCount()):
            item = self.table.topLevelItem(place)
            if item is not None and item.data(0, _NAME) == own:
                self.table.setCurrentItem(item)
        self.table.blockSignals(False)
        self.predictions.clear()
        theme = theme_of(self)
        rows = predictions.get(own, ())
        self.predictions.setColumnHidden(2, all(math.isnan(row.share) for row in rows))
        for row in rows:
            share = "" if math.isnan(row.share) else f"{100.0 * row.share:.1f} %"
            item = QTreeWidgetItem([row.actual, row.predicted, share])
            item.setTextAlignment(2, _RIGHT)
            if not self._evidence.value and row.actual != row.predicted:
                item.setForeground(1, theme.color("bad"))
                item.setText(1, f"{row.predicted}  ✗")
            self.predictions.addTopLevelItem(item)

    def _mark_best(self) -> None:
        """Write the best figures in bold."""
        scores = [each.score for each in self._evidence.candidates if not math.isnan(each.score)]
        for place, each in enumerate(self._evidence.candidates):
            item = self.table.topLevelItem(place)
            if item is not None and len(scores) > 1 and each.score == max(scores):
                font = item.font(1)
                font.setBold(True)
                item.setFont(1, font)

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        if item is not None and item.data(0, _NAME):
            self.chosen.emit(str(item.data(0, _NAME)))


def _said(evidence: Evidence, *, open_question: bool) -> str:
    if not evidence.candidates:
        return (
            "There is no data to judge by: open a data set with these inputs and outputs, or look at the network with "
            "rows of its own."
        )
    rows = count(evidence.rows, "row")
    if not open_question:
        return f"How well it does on {rows} of the data, prepared so."
    return (
        f"On {rows} of the data, prepared so, with each activation. Bold is what fits this data best of those tried; "
        "several may tie, and the one that it was trained with need not be among them."
    )


def _score(score: float, *, value: bool) -> str:
    if math.isnan(score):
        return "–"
    return f"{score:.3f}".replace("-", "−") if value else f"{100.0 * score:.1f} %"


def _number(loss: float) -> str:
    return f"{loss:.4g}" if math.isfinite(loss) else "–"


def _table(name: str, accessible: str, heads: list[str]) -> QTreeWidget:
    table = QTreeWidget()
    table.setObjectName(name)
    table.setAccessibleName(accessible)
    table.setHeaderLabels(heads)
    table.setRootIsDecorated(False)
    table.setUniformRowHeights(True)
    table.setProperty("tone", "roomy")
    table.setAllColumnsShowFocus(True)
    header = table.header()
    header.setStretchLastSection(False)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
    header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
    for section in range(1 if len(heads) > 1 and heads[0] == "Activation" else 2, len(heads)):
        table.headerItem().setTextAlignment(section, _RIGHT)
    return table
