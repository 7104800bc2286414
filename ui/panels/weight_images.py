"""Weights as pictures: what the first layer looks for in image data, and any matrix as a heat map."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from ui.panels.panel import Context, MomentPanel
from ui.selection import Pointed
from ui.theme import Theme

if TYPE_CHECKING:
    from ui.panels.exports import Export

Cell = tuple[int | None, int | None]
_NOTHING: Cell = (None, None)


class WeightImagesPanel(MomentPanel):
    """A gallery of pictures, and a heat map, of the shown moment."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("weights")
        self.page = ""
        self.layer, self.quantity, self.order, self.own = 0, "weights", "number", False
        self._sheet: Any = None
        self._start: Any = None
        self._start_of: Any = None
        self._clamps: dict[tuple[int, str], float] = {}
        self._own_clamps: Any = None
        self._picture: tuple[Any, tuple[int, int] | None, bool] = (None, None, False)

    def _build(self) -> None:
        from ui.panels.weight_images_bar import WeightsBar
        from ui.panels.weight_images_gallery import Gallery
        from ui.panels.weight_images_map import HeatMap
        from ui.panels.weight_images_paint import Foot

        self.bar, self.foot = WeightsBar(), Foot(self.theme)
        self.gallery, self.map = Gallery(self.theme), HeatMap(self.theme)
        self.stack = QStackedWidget()
        for page in (self.gallery, self.map):
            self.stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        for widget, stretch in ((self.bar, 0), (self.stack, 1), (self.foot, 0)):
            column.addWidget(widget, stretch)
        self.bar.turned.connect(self.turn)
        self.bar.layer_chosen.connect(self.choose_layer)
        self.bar.quantity_chosen.connect(self.choose_quantity)
        self.bar.order_chosen.connect(lambda order: self._set("order", order))
        self.bar.own_chosen.connect(lambda own: self._set("own", own))
        self.bar.sized.connect(self.gallery.set_side)
        self.bar.fitted.connect(self.map.fit)
        self.gallery.sized.connect(self.bar.size_slider.setValue)
        self.gallery.pointed.connect(lambda at: self._point(None if at is None else (at[1], at[0])))
        self.gallery.chosen.connect(lambda at: self._choose((at[1], at[0])))
        self.map.pointed.connect(self._point)
        self.map.chosen.connect(self._choose)
        bridge, selection = self.context.bridge, self.context.selection
        for signal in (selection.neuron_changed, selection.edge_changed, selection.number_changed,
                       selection.pointed_changed):  # fmt: skip
            signal.connect(lambda _news: self._mark())
        bridge.opened.connect(lambda _event: self._forget())
        bridge.peeked.connect(self._peeked)
        self.context.asking.answered.connect(lambda _account: self.renew())

    # -- what is chosen -----------------------------------------------------------------------------------------

    def turn(self, page: str) -> None:
        """Show the pictures or the heat map."""
        self._set("page", page)

    def choose_layer(self, layer: int) -> None:
        """Show the matrix of another linear layer, from 0."""
        self._set("layer", layer)

    def choose_quantity(self, quantity: str) -> None:
        """Show weights, their gradient, or their change."""
        self._set("quantity", quantity)
        self._want()

    def _set(self, name: str, value: Any) -> None:
        setattr(self, name, value)
        self._show_now()

    @property
    def _shown_layer(self) -> int:
        """The layer that is seen: pictures are always of the first one."""
        return 0 if self.page == "pictures" else self.layer

    def _point(self, cell: Any) -> None:
        """Let all views light the edge or the neuron under the pointer: (source, target), no source on a caption."""
        self.context.selection.point_at(None if cell is None else self._pointed(cell))

    def _pointed(self, cell: Any) -> Pointed | None:
        source, target = cell
        snapshot, layer = self.context.bridge.snapshot, self._shown_layer
        if snapshot is None or layer >= len(snapshot.layers):
            return None
        if source is None or source >= snapshot.network.sizes[layer]:
            return Pointed(neuron=(layer + 1, target))
        return Pointed(edge=(layer, source, target))

    def _choose(self, cell: Any) -> None:
        from simulator.explain import Number

        pointed, selection = self._pointed(cell), self.context.selection
        if pointed is None:
            return
        if pointed.edge is not None:
            selection.choose_edge(pointed.edge)
        elif cell[0] is None:
            selection.choose_neuron(pointed.neuron)
        else:
            selection.choose_number(Number("parameter", self._shown_layer, cell[1]))

    # -- what is shown ------------------------------------------------------------------------------------------

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        from ui.panels.weight_images_values import QUANTITIES, picture_of, sheet_of

        if self._picture[0] is not dataset.recipe:
            self._picture = dataset.recipe, *picture_of(dataset)
        _, shape, sure = self._picture
        if not self.page or (self.page == "pictures" and shape is None):
            self.page = "pictures" if shape is not None and sure else "map"
        self.layer = min(self.layer, len(snapshot.layers) - 1)
        self.bar.show_page(self.page, possible=shape is not None)
        names = [f"Hidden {number}" for number in range(1, len(snapshot.layers))]
        self.bar.name_layers([*names, "Output"], self.layer)
        self.bar.quantities.setCurrentIndex(list(QUANTITIES).index(self.quantity))
        self._find_start(snapshot)
        sheet = sheet_of(snapshot, dataset, self._shown_layer, self.quantity, self._start, self._gradient(snapshot))
        self._sheet = sheet
        if sheet is None:
            self.foot.say("This is being worked out …")
            return
        if self.page == "pictures" and shape is not None:
            self._show_pictures(sheet, shape)
        else:
            self._show_map(sheet)
        self.stack.setCurrentWidget(self.gallery if self.page == "pictures" else self.map)
        self._mark()

    def exports(self) -> "Export | None":
        """Return what is in sight of the pictures or of the heat map, and the whole matrix."""
        from ui.panels.exports import shown
        from ui.writing import lines

        if self._sheet is None:
            return None
        view = self.gallery if self.page == "pictures" else self.map
        return shown(f"{self._sheet.quantity}-layer-{self._sheet.layer + 1}", view, lines(self._sheet.table))

    def _clamp(self, sheet: Any) -> float:
        key = sheet.layer, sheet.quantity
        self._clamps[key] = sheet.clamp(self._clamps.get(key))
        return self._clamps[key]

    def _show_pictures(self, sheet: Any, shape: tuple[int, int]) -> None:
        from ui.panels.weight_images_values import order_of, own_clamps

        whole = sheet.block(slice(None), slice(None))
        clamp: Any = self._clamp(sheet)
        if self.own:
            clamp = self._own_clamps = own_clamps(whole, self._own_clamps)
        self.gallery.show_sheet(sheet, shape, clamp, order_of(whole, self.order == "norm"))
        self._show_scale(sheet, None if self.own else float(clamp))

    def _show_map(self, sheet: Any) -> None:
        clamp = self._clamp(sheet)
        self.map.show_sheet(sheet, clamp)
        self._show_scale(sheet, clamp)

    def _show_scale(self, sheet: Any, clamp: float | None) -> None:
        from ui.panels.weight_images_paint import ramp_for
        from ui.panels.weight_images_values import LETTERS

        letter = LETTERS[sheet.quantity]
        text = f"{letter}: each its own" if clamp is None else f"{letter} clamped at ±{clamp:g}".replace("e-0", "e−")
        tip = "The colours of each picture end at its own largest |w|." if clamp is None else (
            f"The colours end at −{clamp:g} and {clamp:g}, which hold 95 % of all values: what lies beyond is clamped."
        )  # fmt: skip
        self.foot.show_scale(ramp_for(self.theme, sheet.quantity), text, tip)

    def _mark(self) -> None:
        """Mark what is chosen and what a pointer is on, here or in any view, and say its number."""
        if not self.built or not self.isVisible():
            return
        selection, layer = self.context.selection, self._shown_layer
        number = selection.number
        chosen = cell_of(layer, selection.neuron, selection.edge)
        if number is not None and number.kind == "parameter" and number.layer == layer:
            chosen = (number.source, number.unit)
        pointed = selection.pointed
        lit = _NOTHING if pointed is None else cell_of(layer, pointed.neuron, pointed.edge)
        self.gallery.mark((chosen[1], chosen[0]), (lit[1], lit[0]))
        self.map.mark(chosen, lit)
        self.foot.say(self._sentence(lit) or self._sentence(chosen) or self._hint())

    def _sentence(self, cell: Cell) -> str:
        page = self.gallery if self.page == "pictures" else self.map
        sheet = page.sheet
        if sheet is None or cell == _NOTHING:
            return ""
        rows, columns = sheet.shape
        row, column = cell
        if column is None:
            return f"{sheet.source_name(row)}" if row is not None and row < rows and sheet.sources else ""
        if column >= columns:
            return ""
        return sheet.sentence(rows if row is None or row > rows else row, column)

    def _hint(self) -> str:
        lens, shown = getattr(self.map, "lens", None), self.page == "map"
        if shown and lens is not None and max(lens.strides) > 1:
            down, across = lens.strides
            return f"A pixel is 1 of {down * across} weights: zoom in to see all"
        return ""

    # -- gradients and the start --------------------------------------------------------------------------------

    def _want(self) -> None:
        """Ask for the account of the moment while the gradient is seen; it costs a pass through the network."""
        self.context.asking.want(self, wanted=self.quantity == "gradient" and self.isVisible())

    def _gradient(self, snapshot: Any) -> Any:
        account = self.context.asking.account
        if self.quantity != "gradient" or account is None or account.moment.network.sizes != snapshot.network.sizes:
            return None
        return account.batch.explanation.backward.layers

    def _find_start(self, snapshot: Any) -> None:
        """Ask for the weights of epoch 0, once a branch."""
        if self.quantity != "change" or self._start_of == snapshot.branch:
            return
        self._start, self._start_of = None, snapshot.branch
        self.context.bridge.peek(snapshot.branch, 0)

    def _peeked(self, event: Any) -> None:
        if (event.asked.branch, event.asked.epoch, event.asked.item) == (self._start_of, 0, 0):
            self._start = event.snapshot
            self.renew()

    def _forget(self) -> None:
        """Another session runs: its pictures may be none, and its start is another one."""
        self.page, self._start, self._start_of, self._own_clamps = "", None, None, None
        self._clamps.clear()

    # -- Qt's events --------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        if self.built:
            self.foot.theme = theme
            self.gallery.set_theme(theme)
            self.map.set_theme(theme)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(520, 220)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._want()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self.context.asking.want(self, wanted=False)


def cell_of(layer: int, neuron: tuple[int, int] | None, edge: tuple[int, int, int] | None) -> Cell:
    """Return which cell of a layer's matrix an edge is, or which row or column a neuron: (source, target)."""
    if edge is not None:
        return edge[1:] if edge[0] == layer else _NOTHING
    if neuron is None:
        return _NOTHING
    return (None, neuron[1]) if neuron[0] == layer + 1 else (neuron[1], None) if neuron[0] == layer else _NOTHING
