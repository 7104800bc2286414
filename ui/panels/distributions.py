"""How weights, gradients and activations of every layer are spread, over time and as now."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QVBoxLayout

from ui.forms import NoWheel
from ui.panels.distributions_studying import Studying
from ui.panels.panel import MARGIN, Context, MomentPanel
from ui.selection import Pointed
from ui.theme import Theme, font

if TYPE_CHECKING:
    from ui.panels.exports import Export

_QUANTITIES = {
    "weights": ("Weights", "The weights of every layer, without biases"),
    "gradients": (
        "Gradients",
        "∂L/∂w of every weight: L is the mean data loss over training rows, without dropout and penalties",
    ),
    "activations": ("Activations", "What the neurons of every layer put out for training rows, without dropout"),
}
_TIME, _NOW = "time", "now"
_VIEWS = {
    _TIME: ("Time", "A ridge for moments along the branch, the oldest at the back"),
    _NOW: ("Now", "A histogram of the present moment, with its figures"),
}


class DistributionsPanel(MomentPanel):
    """Ridgelines or histograms, one a layer, and below them the neurons that are in trouble."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("distributions")
        self._readings: dict[str, str] = {}

    def _build(self) -> None:
        from ui.panels.bar import Bar, Segments
        from ui.panels.distributions_ailments import Ailments
        from ui.panels.distributions_facets import FacetArea
        from ui.panels.distributions_now import NowView
        from ui.panels.distributions_ridges import RidgeView

        self.quantity = Segments("distributions.quantity", "Quantity", _QUANTITIES, lambda _key: self._draw())
        self.extent = Segments("distributions.extent", "Moments", _VIEWS, lambda _key: self._draw())
        self.layer = QComboBox()
        self.layer.setObjectName("distributions.layer")
        self.layer.setAccessibleName("Layer")
        self.layer.setToolTip("All layers side by side, or one of them alone")
        self.layer.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.layer.addItem("All layers", None)
        self.layer.installEventFilter(NoWheel(self))
        self.layer.activated.connect(lambda _nth: self._draw())
        self.log = QCheckBox("Log")
        self.log.setObjectName("distributions.log")
        self.log.setAccessibleName("Logarithm of counts")
        self.log.setToolTip("Heights are log(1 + count): rare values beside common ones can be seen.")
        self.log.toggled.connect(lambda _on: self._draw())
        self.sizes = QCheckBox("|x|")
        self.sizes.setObjectName("distributions.size")
        self.sizes.setAccessibleName("Sizes on a logarithmic axis")
        self.sizes.setToolTip(
            "The axis is log₁₀ |x|, without zeros:\n"
            "gradients that vanish go to the left, those that explode to the right."
        )
        self.sizes.toggled.connect(lambda _on: self._draw())
        self.bar = Bar(self.quantity, self.extent, self.layer, self.log, self.sizes)
        self.ridges, self.now = RidgeView(self.theme), NowView(self.theme)
        self.areas = {_TIME: FacetArea(self.ridges), _NOW: FacetArea(self.now)}
        self.reading = QLabel()
        self.reading.setObjectName("distributions.reading")
        self.reading.setAccessibleName("Under the pointer")
        self.reading.setTextFormat(Qt.TextFormat.PlainText)
        self.reading.setContentsMargins(MARGIN, 0, MARGIN, 0)
        self.reading.setForegroundRole(self.reading.palette().ColorRole.PlaceholderText)
        self.reading.setMinimumWidth(1)
        self.ailments = Ailments(self.theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(0)
        column.addWidget(self.bar)
        for area in self.areas.values():
            column.addWidget(area, 1)
        column.addWidget(self.reading)
        column.addWidget(self.ailments)
        self.studying = Studying(self.context.bridge, self)
        self.studying.changed.connect(self._draw)
        selection = self.context.selection
        self.ailments.chosen.connect(selection.choose_neuron)
        self.ailments.pointed.connect(lambda it: selection.point_at(None if it is None else Pointed(neuron=it)))
        selection.neuron_changed.connect(self._light)
        selection.pointed_changed.connect(lambda _pointed: self._light(selection.neuron))
        for view in (self.ridges, self.now):
            view.read.connect(self._read)
            view.opened.connect(self._open)
        self.ridges.sought.connect(lambda study: self.context.bridge.go_to(*study.place))
        self._read("")

    # -- what is shown ------------------------------------------------------------------------------------------

    def _tick(self, now: float) -> None:
        super()._tick(now)
        if self.built and self.isVisible():
            self.studying.look(now)

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        from ui.panels.distributions_content import layer_names

        names = ["All layers", *layer_names(len(snapshot.network.hidden))]
        if [self.layer.itemText(nth) for nth in range(self.layer.count())] != names:
            self.layer.clear()
            for nth, name in enumerate(names):
                self.layer.addItem(name, nth - 1 if nth else None)

    def _draw(self) -> None:
        """Show what is known."""
        snapshot = self.context.bridge.snapshot
        if snapshot is None or not self.built or not self.isVisible():
            return
        from ui.panels.distributions_content import Content, layer_names

        view = self.extent.choice
        for key, area in self.areas.items():
            area.setVisible(key == view)
        network = snapshot.network
        count = len(network.shapes)
        studies = tuple(each for each in self.studying.all if len(each.spreads["weights"]) == count)
        present = self.studying.present if self.studying.present in studies else None
        quantity = self.quantity.choice
        sizes = [f"{fan_in:,} × {fan_out:,}" for fan_in, fan_out in network.shapes]
        if quantity == "activations":
            sizes = self._activations(network, present)
        chosen = self.layer.currentData()
        layers = tuple(range(count)) if chosen is None or chosen >= count else (chosen,)
        names = tuple(layer_names(count - 1))
        flags = self.log.isChecked(), self.sizes.isChecked()
        content = Content(studies, present, quantity, layers, names, tuple(sizes), *flags, self._lit())
        (self.ridges if view == _TIME else self.now).show_content(content)
        self.ailments.show_health(self.studying.health, count - 1)
        self.ailments.choose(self.context.selection.neuron)
        self._read(self._readings.get(view, ""))

    def _activations(self, network: Any, present: Any) -> list[str]:
        """Return what stands beside the layers' names: activation functions, and on how many rows."""
        functions = [*(each.activation.replace("_", " ") for each in network.hidden), network.link]
        rows = f" · {present.rows:,} rows" if present is not None else ""
        return [f"{name}{rows}" for name in functions]

    def _lit(self) -> int | None:
        """Return the linear layer of the neuron that is pointed at, or chosen."""
        selection = self.context.selection
        pointed = selection.pointed
        neuron = pointed.neuron if pointed is not None and pointed.neuron is not None else selection.neuron
        return None if neuron is None else neuron[0] - 1

    def _light(self, neuron: tuple[int, int] | None) -> None:
        if not self.built or not self.isVisible():
            return
        self.ailments.choose(neuron)
        view = self.ridges if self.extent.choice == _TIME else self.now
        if view.content is not None and view.content.lit != self._lit():
            self._draw()

    def _read(self, text: str) -> None:
        """Say what the pointer is on, or else on which rows things were measured."""
        view = self.extent.choice
        self._readings[view] = text
        if not text:
            study, fraction = self.studying.present, self.studying.fraction
            if fraction is not None:
                text = f"looking at the branch … {100 * fraction:.0f} %"
            elif study is not None and self.quantity.choice != "weights":
                rows = "all" if study.rows == study.of_rows else f"{study.rows:,} of"
                text = f"measured on {rows} {study.of_rows:,} training rows"
        self.reading.setText(text)

    def _open(self, layer: int) -> None:
        """Show a layer alone, or all of them again."""
        alone = self.layer.currentData() is not None
        self.layer.setCurrentIndex(0 if alone else layer + 1)
        self._draw()

    def exports(self) -> "Export | None":
        """Return the picture, and every histogram in it."""
        from ui.panels.distributions_content import table_of
        from ui.panels.exports import shown
        from ui.writing import lines

        view = (self.ridges if self.extent.choice == _TIME else self.now) if self.built else None
        content = None if view is None else view.content
        if view is None or content is None or not content.studies:
            return None
        return shown(f"{content.quantity}-histograms", view, lines(lambda: table_of(content)))

    # -- being seen ---------------------------------------------------------------------------------------------

    def _fit(self) -> None:
        if self.built:
            small = font(max(9.0, 0.85 * self.fontInfo().pixelSize()))
            for label in (self.reading, self.ailments.sentence):
                label.setFont(small)
            self.ailments.fit(max(30, self.height() // 6))

    def resizeEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.studying.ask()
        self._fit()
        self._draw()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        if self.built:
            for view in (self.ridges, self.now, self.ailments):
                view.set_theme(theme)
