"""The architecture as a list of layers: neurons, activation and dropout of each, and the start weights."""

import dataclasses
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from simulator.nn.choices import CHOICES
from simulator.spec import LayerSpec, NetworkSpec
from ui.editing import Plan
from ui.forms import Form
from ui.panels.panel import Context, ScrolledPanel, text_label
from ui.theme import Theme, icon

if TYPE_CHECKING:
    from ui.panels.exports import Export


class LayerForm(QWidget):
    """One hidden layer."""

    def __init__(self, panel: "NetworkPanel", number: int) -> None:
        super().__init__()
        self.setObjectName(f"network.layer{number}")
        title = text_label(f"Hidden {number}", role="heading")
        self.remove = QToolButton()
        self.remove.setObjectName(f"network.layer{number}.remove")
        self.remove.setAccessibleName(f"Remove hidden layer {number}")
        self.remove.setToolTip("Remove this layer. The network starts anew.")
        self.remove.clicked.connect(lambda: panel.context.editor.remove_layer(number))
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self.remove)
        self.form = Form(LayerSpec, tables=CHOICES)
        self.form.changed.connect(lambda layer: panel.set_layer(number, layer))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.form)


class NetworkPanel(ScrolledPanel):
    """Layers from left to right, and the initializer."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.summary = text_label(role="quiet")
        self.column.addWidget(self.summary)
        self.layers: list[LayerForm] = []
        self._stack = QVBoxLayout()
        self._stack.setSpacing(8)
        self.column.addLayout(self._stack)
        self.add = QToolButton()
        self.add.setObjectName("network.add")
        self.add.setText("Add a layer")
        self.add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add.setIcon(icon("plus", theme))
        self.add.setToolTip("Add a hidden layer before the outputs. The network starts anew.")
        self.add.clicked.connect(lambda: context.editor.add_layer())
        self.column.addWidget(self.add)
        self.start = Form(NetworkSpec, ("initializer",), CHOICES)
        self.start.changed.connect(lambda network: context.editor.edit(f"initializer {network.initializer}", network))
        self.column.addWidget(self.start)
        self.column.addStretch(1)
        self.setEnabled(False)
        context.editor.plan_changed.connect(self._show)

    def exports(self) -> "Export | None":
        """Return the panel, and every layer."""
        from itertools import chain

        from simulator.insight.facts import LAYERS, layer_rows
        from ui.panels.exports import shown
        from ui.writing import lines

        network = self.context.bridge.network
        if network is None:
            return super().exports()
        return shown("layers", self, lines(lambda: chain([LAYERS], layer_rows(network))))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.add.setIcon(icon("plus", theme))
        for layer in self.layers:
            layer.remove.setIcon(icon("close", theme))

    def set_layer(self, number: int, layer: LayerSpec) -> None:
        """Carry a change of a form into the plan."""
        plan = self.context.editor.plan
        if plan is None:
            return
        before = plan.network.hidden[number - 1]
        changes: dict[str, Any] = {
            field.name: getattr(layer, field.name)
            for field in dataclasses.fields(layer)
            if getattr(layer, field.name) != getattr(before, field.name)
        }
        if changes:
            self.context.editor.set_layer(number, **changes)

    def _show(self, plan: Plan) -> None:
        network = plan.network
        self.setEnabled(True)
        sizes = " – ".join(f"{size:,}" for size in network.sizes)
        self.summary.setText(f"{sizes}: {network.parameter_count:,} weights and biases, {network.link} outputs.")
        while len(self.layers) > len(network.hidden):
            layer = self.layers.pop()
            layer.hide()
            layer.deleteLater()
        while len(self.layers) < len(network.hidden):
            layer = LayerForm(self, len(self.layers) + 1)
            layer.remove.setIcon(icon("close", self.theme))
            self.layers.append(layer)
            self._stack.addWidget(layer)
        for layer, spec in zip(self.layers, network.hidden, strict=True):
            layer.form.show_value(spec)
        self.start.show_value(network)
