"""The history of what is selected: a weight, or a neuron's bias and weights, over the epochs, with their gradients."""

import html
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout

from ui.canvas.picture import pretty_name
from ui.panels.panel import Context, Panel, text_label
from ui.theme import Theme

if TYPE_CHECKING:
    from ui.panels.exports import Export

_MOST = 5
_SECONDS, _DUTY = 0.5, 8.0
_NOTHING = "Click a neuron or an edge of the network to see how it came to be what it is."


class HistoryPanel(Panel):
    """Asks for the way of the selected parameters, and draws it; a click goes to an epoch."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("history")
        self.title = text_label(_NOTHING)
        self.title.setTextFormat(Qt.TextFormat.RichText)
        self.title.setObjectName("history.title")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 6, 12, 6)
        self._column.addWidget(self.title)
        self._column.addStretch(1)
        self.plot: Any = None
        self.trace: Any = None
        self._names: tuple[str, ...] = ()
        self._asked: tuple[int, ...] = ()
        self._asked_at, self._pause, self._stale = 0.0, _SECONDS, True
        bridge, selection = context.bridge, context.selection
        selection.neuron_changed.connect(lambda _neuron: self._choose())
        selection.edge_changed.connect(lambda _edge: self._choose())
        selection.number_changed.connect(lambda _number: self._choose())
        bridge.opened.connect(lambda _event: self._choose())
        bridge.dataset_changed.connect(lambda _dataset: self._age())
        bridge.branched.connect(lambda _event: self._age())
        bridge.recorded.connect(lambda _rows: self._age())
        bridge.snapshot_changed.connect(self._follow)
        bridge.traced.connect(self._show)
        bridge.ticked.connect(self._look)

    # -- asking -------------------------------------------------------------------------------------------------

    def _age(self) -> None:
        self._stale = True

    def _choose(self) -> None:
        """Look at the parameters of what is selected: the bias and the strongest weights of a neuron, or one weight."""
        self._names, self._asked, self.trace = (), (), None
        snapshot = self.context.bridge.snapshot
        if snapshot is None:
            return
        chosen = chosen_parameters(self.context.selection, snapshot, _features(self.context.bridge.dataset))
        self._names, self._asked = tuple(chosen), tuple(chosen.values())
        self._write()
        if self.plot is not None:
            self.plot.setVisible(bool(chosen))
        self._stale = True
        self._asked_at = 0.0

    def _write(self) -> None:
        """Name the lines in their colours."""
        colours = self.theme.classes
        dots = (
            f'<span style="color:{colours[nth % len(colours)]}">●</span>&nbsp;{html.escape(name)}'
            for nth, name in enumerate(self._names)
        )
        self.title.setText("&ensp; ".join(dots) if self._names else _NOTHING)

    def _look(self, now: float) -> None:
        if not self._stale or not self._asked or not self.isVisible():
            return
        if now - self._asked_at < (self._pause if self.context.bridge.playing else 0.05):
            return
        self._stale, self._asked_at = False, now
        self.context.bridge.follow(self._asked)

    # -- showing ------------------------------------------------------------------------------------------------

    def _show(self, trace: Any) -> None:
        if trace.places != self._asked:
            return
        self._pause = max(_SECONDS, _DUTY * (time.perf_counter() - self._asked_at))
        self.trace = trace
        if self.plot is None:
            QTimer.singleShot(0, self, self._load)
        else:
            self._draw()

    def _load(self) -> None:
        if self.plot is None:
            from ui.panels.history_plot import HistoryPlot

            self.plot = HistoryPlot(self.theme)
            self.plot.sought.connect(self.context.bridge.go_to)
            self._column.takeAt(self._column.count() - 1)
            self._column.addWidget(self.plot, 1)
        self._draw()

    def _draw(self) -> None:
        if self.trace is None or self.plot is None:
            return
        self.plot.show_trace(self.trace)
        if self.context.bridge.snapshot is not None:
            self._follow(self.context.bridge.snapshot)

    def _follow(self, snapshot: Any) -> None:
        if self.plot is not None:
            self.plot.show_now(snapshot.epoch + snapshot.batch / max(1, snapshot.batches))

    def exports(self) -> "Export | None":
        """Return the way of the parameters; nothing is selected at first."""
        from ui.panels.exports import shown
        from ui.panels.numbers import of_trace
        from ui.writing import lines

        trace, names = self.trace, self._names
        if trace is None:
            return super().exports()
        return shown("history", self, lines(lambda: of_trace(trace, names)))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._write()
        if self.plot is not None:
            self.plot.set_theme(theme)
            self._draw()

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._choose()


def chosen_parameters(selection: Any, snapshot: Any, features: tuple[str, ...] = ()) -> dict[str, int]:
    """Return the places of what is selected in the flat vector, by their names; the bias first, then by size."""
    from simulator.explain import place_of

    network = snapshot.network
    sizes = network.sizes
    if selection.edge is not None:
        layer, source, target = selection.edge
        if layer < len(sizes) - 1 and source < sizes[layer] and target < sizes[layer + 1]:
            return {"weight": place_of(network, layer, source, target)}
    number = selection.number
    neuron = selection.neuron
    if number is not None and number.kind == "parameter" and number.layer >= 0:
        return {"bias" if number.source is None else "weight": place_of(
            network, number.layer, number.source, number.unit
        )}  # fmt: skip
    if neuron is None or not 0 < neuron[0] < len(sizes) or neuron[1] >= sizes[neuron[0]]:
        return {}
    layer, unit = neuron[0] - 1, neuron[1]
    weights = np.abs(np.asarray(snapshot.layers[layer].weight)[:, unit])
    strongest = np.argsort(-np.nan_to_num(weights), kind="stable")[:_MOST]
    found = {"bias": place_of(network, layer, None, unit)}
    return found | {
        _name(features, layer, source): place_of(network, layer, source, unit) for source in strongest.tolist()
    }


def _name(features: tuple[str, ...], layer: int, source: int) -> str:
    """Return what a weight is called: its column for the first layer, else the neuron that it comes from."""
    known = layer == 0 and source < len(features)
    return f"w of {pretty_name(features[source])[0]}" if known else f"w of neuron {source + 1}"


def _features(dataset: Any) -> tuple[str, ...]:
    return () if dataset is None else tuple(dataset.feature_names)
