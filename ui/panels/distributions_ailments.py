"""The list of neurons that cannot learn or are out of bounds; a click chooses one."""

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QListView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from simulator.explain import figure
from ui.panels.distributions_content import layer_names
from ui.panels.note import Note
from ui.panels.panel import MARGIN
from ui.theme import Theme

_MOST = 400
_FIELDS = {"exploding": "bad"}
_ROLE = Qt.ItemDataRole.UserRole


class Ailments(QWidget):
    """A sentence, and below it the neurons that it is about.

    Signals
    -------
    chosen, pointed
        (layer, unit) of a neuron; layer 1 is the first hidden one. Pointed: None when the pointer left.
    """

    chosen = Signal(object)
    pointed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._health: Any = None
        self.sentence = Note()
        self.sentence.setObjectName("distributions.health")
        self.list = QListWidget()
        self.list.setObjectName("distributions.neurons")
        self.list.setAccessibleName("Neurons in trouble")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFlow(QListView.Flow.LeftToRight)
        self.list.setWrapping(True)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._chose)
        self.list.itemActivated.connect(self._chose)
        self.list.itemEntered.connect(lambda item: self.pointed.emit(item.data(_ROLE)))
        self.list.viewport().installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 2, MARGIN, 4)
        column.setSpacing(2)
        column.addWidget(self.sentence)
        column.addWidget(self.list)
        self.list.hide()

    def show_health(self, health: Any, hidden: int) -> None:
        """Show what was found of a network with so many hidden layers; None where nothing is known yet."""
        before, self._health = self._health, health
        if health is None:
            self.sentence.setText("")
            self.list.hide()
            return
        if before is not None and before == health and self.list.isHidden() == (not health.ailments):
            return
        from simulator.insight.health import KINDS

        self.sentence.setText(sentence(health))
        self.sentence.setToolTip("\n".join(f"{kind.title}: {kind.rule}." for kind in KINDS.values()))
        names = layer_names(hidden)
        self.list.clear()
        for ailment in health.ailments[:_MOST]:
            kind = KINDS[ailment.kind]
            item = QListWidgetItem(f"{names[ailment.layer - 1]} · {ailment.unit + 1} {kind.title.split()[0]}")
            item.setData(_ROLE, (ailment.layer, ailment.unit))
            item.setForeground(self.theme.color(_FIELDS.get(ailment.kind, "warning")))
            evidence = "\n".join(f"{what}: {figure(value, 3)}" for what, value in ailment.evidence)
            item.setToolTip(f"{kind.meaning}\nFor {100 * ailment.share:.3g} % of the rows.\n{evidence}")
            self.list.addItem(item)
        if self.list.count():
            metrics = self.list.fontMetrics()
            wide = max(metrics.horizontalAdvance(self.list.item(nth).text()) for nth in range(self.list.count()))
            self.list.setGridSize(QSize(wide + 16, metrics.height() + 6))
        self.list.setVisible(bool(health.ailments))
        self._limit()

    def choose(self, neuron: tuple[int, int] | None) -> None:
        """Mark the chosen neuron, where it is in the list."""
        for nth in range(self.list.count()):
            if self.list.item(nth).data(_ROLE) == neuron:
                self.list.setCurrentRow(nth)
                return
        self.list.clearSelection()
        self.list.setCurrentRow(-1)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        for nth in range(self.list.count()):
            self.list.item(nth).setForeground(theme.color(_FIELDS.get(self._health.ailments[nth].kind, "warning")))

    def fit(self, room: int) -> None:
        """Take at most so much height for the list."""
        self._room = room
        self._limit()

    def _limit(self) -> None:
        high = max(1, self.list.gridSize().height())
        columns = max(1, self.list.viewport().width() // max(1, self.list.gridSize().width()))
        rows = -(-self.list.count() // columns)
        most = max(1, int(getattr(self, "_room", 100) // high))
        self.list.setFixedHeight(high * min(rows, most) + 4)

    def _chose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(_ROLE))

    def eventFilter(self, watched: Any, event: Any) -> bool:  # noqa: N802 - Qt's name
        if event.type() == event.Type.Leave:
            self.pointed.emit(None)
        return super().eventFilter(watched, event)


def sentence(health: Any) -> str:
    """Return what was found, in one sentence."""
    from simulator.insight.health import KINDS

    rows = f"{health.rows:,} rows" if health.whole else f"{health.rows:,} of {health.of:,} rows"
    counts = {kind: len(health.units(kind)) for kind in KINDS}
    found = [f"{count:,} {KINDS[kind].plural}" for kind, count in counts.items() if count]
    if not found:
        return f"No silent, saturated or exploding neuron ({rows})."
    many = sum(counts.values())
    more = f" The first {_MOST} are listed." if many > _MOST else ""
    return f"{' and '.join(found)} neuron{'s' if many > 1 else ''} ({rows}).{more}"
