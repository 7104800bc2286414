"""What a file says of a network, and what is asked because it leaves it open."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHeaderView,
    QLabel,
    QRadioButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from simulator.interchange import Assumptions, Foreign
from simulator.nn.choices import CHOICES
from ui.dialogs.adopting.ways import Way, pairs
from ui.dialogs.wording import count
from ui.forms import Form

_MOST_SIZES, _MOST_NOTES = 9, 8


class Questions(QWidget):
    """The chain of layers, a form for what is open, and the ways to make inputs.

    Signals
    -------
    answered
        `Assumptions`, as the form has them.
    way_chosen
        `Way`.
    """

    answered = Signal(object)
    way_chosen = Signal(object)

    def __init__(self, foreign: Foreign, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._foreign = foreign
        self.way: Way | None = None
        self.buttons: dict[str, QRadioButton] = {}
        self._group = QButtonGroup(self)
        self.facts = QGridLayout()
        self.facts.setHorizontalSpacing(14)
        self.facts.setVerticalSpacing(4)
        self.facts.setColumnStretch(1, 1)
        self.values: dict[str, QLabel] = {}
        for name, value in facts(foreign):
            self._add_fact(name, value)
        names = [
            name for name, open_ in (("activation", None in foreign.activations), ("link", foreign.link_open)) if open_
        ]
        self.form: Form | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(7)
        layout.addLayout(self.facts)
        if names:
            layout.addWidget(_heading("What the file leaves open", self))
            self.form = Form(Assumptions(), names, CHOICES)
            self.form.setObjectName("adopt.assumptions")
            self.form.changed.connect(self.answered)
            layout.addWidget(self.form)
        layout.addWidget(_heading("What goes in", self))
        self._ways = QVBoxLayout()
        self._ways.setSpacing(2)
        layout.addLayout(self._ways)
        self.about = QLabel(wordWrap=True)
        self.about.setObjectName("adopt.about_way")
        self.about.setProperty("tone", "quiet")
        layout.addWidget(self.about)
        self.names = QTreeWidget()
        self.names.setObjectName("adopt.names")
        self.names.setAccessibleName("Inputs and outputs, in the file and here")
        self.names.setHeaderLabels(["In the file", "Here"])
        self.names.setRootIsDecorated(False)
        self.names.setUniformRowHeights(True)
        self.names.setProperty("tone", "roomy")
        self.names.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        layout.addWidget(self.names, 1)
        self.names.setMinimumHeight(4 * self.fontMetrics().lineSpacing())

    def show_ways(self, ways: tuple[Way, ...]) -> None:
        """Offer ways, the first of them chosen."""
        for button in self.buttons.values():
            self._group.removeButton(button)
            self._ways.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = {}
        for way in ways:
            button = QRadioButton(way.label)
            button.setObjectName(f"adopt.way_{way.id}")
            button.setToolTip(way.about)
            button.toggled.connect(lambda on, way=way: self._choose(way) if on else None)
            self._group.addButton(button)
            self._ways.addWidget(button)
            self.buttons[way.id] = button
        self.buttons[ways[0].id].setChecked(True)

    def show_assumptions(self, assumed: Assumptions) -> None:
        """Show what is taken for granted."""
        if self.form is not None:
            self.form.show_value(assumed)

    def _choose(self, way: Way) -> None:
        self.way = way
        self.about.setText(way.about)
        self.names.clear()
        self.names.addTopLevelItems([QTreeWidgetItem(list(each)) for each in pairs(self._foreign, way)])
        self.way_chosen.emit(way)

    def _add_fact(self, name: str, value: str) -> None:
        key, label = QLabel(name), QLabel(value, wordWrap=True)
        key.setProperty("tone", "quiet")
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setObjectName(f"adopt.fact_{name.lower()}")
        row = self.facts.rowCount()
        self.facts.addWidget(key, row, 0, Qt.AlignmentFlag.AlignTop)
        self.facts.addWidget(label, row, 1)
        self.values[name] = label


def facts(foreign: Foreign) -> list[tuple[str, str]]:
    """Return what a file says, as names and values."""
    sizes = [f"{size:,}" for size in foreign.sizes]
    if len(sizes) > _MOST_SIZES:
        sizes = [*sizes[:4], "…", *sizes[-3:]]
    numbers = sum(layer.weight.size + layer.bias.size for layer in foreign.layers)
    dtypes = sorted({str(array.dtype) for layer in foreign.layers for array in (layer.weight, layer.bias)})
    said = [each.replace("_", " ") for each in dict.fromkeys(each or "not said" for each in foreign.activations)]
    found = [
        ("Layers", " – ".join(sizes)),
        ("Numbers", f"{count(numbers, 'weight and bias', 'weights and biases')}, {' and '.join(dtypes)}"),
    ]
    if foreign.activations:
        found.append(("Activation", ", ".join(said[:6])))
    found.append(("Output", foreign.link or "not said"))
    if any(foreign.dropout):
        found.append(("Dropout", ", ".join(f"{rate:g}" for rate in foreign.dropout[:6])))
    if foreign.notes:
        notes = foreign.notes[:_MOST_NOTES]
        found.append(("Notes", "\n".join([*notes, "…"] if len(foreign.notes) > _MOST_NOTES else notes)))
    return found


def _heading(text: str, beside: QWidget) -> QLabel:
    label = QLabel(text)
    font = QFont(beside.font())
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)
    label.setContentsMargins(0, 6, 0, 0)
    return label
