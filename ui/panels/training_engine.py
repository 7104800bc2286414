"""How batches are run: by what suits the shapes, or by what somebody wants to compare."""

from typing import Any

from PySide6.QtWidgets import QComboBox, QWidget

from ui.forms import NoWheel, form_label, form_layout
from ui.panels.panel import Context


class EngineChooser(QWidget):
    """The engines of the device that the session is on, and "automatic"."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._bridge, self._computing = context.bridge, context.computing
        self.box = QComboBox()
        self.box.setObjectName("training.engine")
        self.box.setAccessibleName("Engine")
        self.box.addItem("automatic", "auto")
        self.box.installEventFilter(NoWheel(self))
        self.box.activated.connect(self._choose)
        form_layout(self).addRow(form_label("Engine", "How batches are run", self.box), self.box)
        self._bridge.opened.connect(lambda _event: self._show())
        self._bridge.moved.connect(lambda _event: self._show())
        self._bridge.moving_changed.connect(lambda _device: self._show())

    def _choose(self, index: int) -> None:
        engine = self.box.itemData(index)
        if engine != self._bridge.engine_choice:
            self._bridge.move(self._bridge.device_choice, None if engine == "auto" else engine)

    def _show(self) -> None:
        """Show what holds; a refused choice goes back to it."""
        from simulator.engines.table import ENGINES

        if self.box.count() == 1:
            for name in ENGINES:
                self.box.addItem(name, name)
        model: Any = self.box.model()
        kind = self._bridge.device.partition(":")[0]
        for place, row in enumerate(ENGINES.values(), 1):
            fits = kind in row.runs_on
            model.item(place).setEnabled(fits)
            model.item(place).setToolTip(
                "" if fits else f"It does not run on {self._computing.title(self._bridge.device)}."
            )
        self.box.setCurrentIndex(self.box.findData(self._bridge.engine_choice))
        self.box.setToolTip(
            f"How batches are run: now by the {self._bridge.engine} engine. Automatic follows from the shapes: "
            "compiled for small and middle-sized networks, blas for very wide ones, cuda on a GPU; reference is "
            "readable array code, and slow. Another engine goes on where this one stands."
        )
