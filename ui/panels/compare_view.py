"""What a comparison shows: two networks and their difference, and a table; linked with every other view."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.canvas.picture import Picture
from ui.panels import compare_words as words
from ui.panels.compare_bar import BESIDE, DIFFERENCE
from ui.panels.compare_moments import Moment, moment_name
from ui.panels.compare_pictures import largest, terse
from ui.panels.compare_side import Side
from ui.panels.compare_table import ComparisonTable
from ui.panels.panel import Context
from ui.selection import Pointed
from ui.theme import Theme

_MOST_WEIGHTS = 10
_TABLE = {BESIDE: 1000, DIFFERENCE: 640}
_TABLE_WIDTH, _NARROW = 380, 460
_TITLES = {"then": "The network then", "now": "The network now", "difference": "The difference"}


class ComparisonView(QWidget):
    """Three pictures, of which a page shows one or two, and the table where there is room.

    Signals
    -------
    inspected
        bool, by keyboard: the inspector is to show what was chosen.

    Attributes
    ----------
    sides
        The pictures by "then", "now" and "difference".
    pictures
        What they show, in this order; None before there is anything.
    """

    inspected = Signal(bool)

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__()
        self.context, self.theme = context, theme
        self.page = DIFFERENCE
        self.pictures: tuple[Picture, Picture, Picture] | None = None
        self._then: Moment | None = None
        self._snapshot: Any = None
        self._hovering: QWidget | None = None
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(1)
        selection = context.selection
        self.sides: dict[str, Side] = {}
        for name, title in _TITLES.items():
            side = self.sides[name] = Side(name, title, theme)
            view = side.view
            view.neuron_clicked.connect(lambda layer, unit: selection.choose_neuron((layer, unit)))
            view.edge_clicked.connect(lambda *edge: selection.choose_edge(edge))
            view.bias_clicked.connect(self._choose_bias)
            view.neuron_hovered.connect(self._hovers(view, lambda *place: Pointed(neuron=place)))
            view.edge_hovered.connect(self._hovers(view, lambda *place: Pointed(edge=place)))
            view.hover_ended.connect(self._hovers(view, lambda: None))
            view.inspected.connect(self.inspected)
            line.addWidget(side, 1)
        self.table = ComparisonTable(theme)
        self.table.chosen.connect(selection.choose_edge)
        self.table.pointed.connect(lambda edge: self._point(None, None if edge is None else Pointed(edge=edge)))
        line.addWidget(self.table)
        for changed in (selection.neuron_changed, selection.edge_changed, selection.number_changed):
            changed.connect(lambda _chosen: self._mark())
        selection.pointed_changed.connect(self._light)
        self.turn(self.page)

    # -- what is shown ------------------------------------------------------------------------------------------

    def turn(self, page: str) -> None:
        """Show the parts of a page; the table beside the pictures where there is room."""
        self.page = page
        seen = {BESIDE: ("then", "now"), DIFFERENCE: ("difference",)}.get(page, ())
        for name, side in self.sides.items():
            side.setVisible(name in seen)
        self.table.setVisible(self.width() >= _TABLE.get(page, 0))
        self.table.setMaximumWidth(_TABLE_WIDTH if seen else 16_777_215)
        self.table.setMinimumWidth(min(_TABLE_WIDTH, max(200, self.width() // 3)) if seen else 0)

    def show_comparison(self, then: Moment, now: Any, pictures: tuple[Picture, Picture, Picture], given: Any) -> None:
        """Show a moment and a snapshot: how they are drawn, and how differently they answer, None while not known."""
        self._then, self._snapshot, self.pictures = then, now, pictures
        for side, drawn in zip(self.sides.values(), pictures, strict=True):
            if side.isVisibleTo(self):
                side.view.set_picture(terse(drawn) if side.view.width() < _NARROW else drawn)
        self._mark()
        self._write_names()
        if self.table.isVisibleTo(self):
            self._write_table(given)

    def forget(self) -> None:
        """There is nothing to compare any more."""
        self._then = self._snapshot = self.pictures = None

    def _write_names(self) -> None:
        if self.pictures is None or self._then is None:
            return
        classes, now = self.theme.classes, moment_name(self._snapshot, self.context.bridge.branches)
        pairs = ("then", self._then.snapshot, self._then.name), ("now", self._snapshot, now)
        for (name, snapshot, called), drawn in zip(pairs, self.pictures[:2], strict=True):
            about = words.about(snapshot, drawn)
            self.sides[name].show_words(classes[snapshot.branch % len(classes)], called, about)

    def _write_table(self, given: Any) -> None:
        if self.pictures is None or self._then is None:
            return
        then, now, gap = self.pictures
        old, new, chosen = self._then.snapshot, self._snapshot, self.context.selection.chosen
        row = "This row" if chosen is None or chosen.split == "changed" else f"Row {chosen.row + 1:,}"
        changed = words.settings(old, new)
        heaviest = [words.weight_line(then, now, edge) for edge in largest(gap, _MOST_WEIGHTS)]
        self.table.show_lines([
            *words.figures(old, new, (then, now), row, given),
            words.Line("Settings that differ" if changed else "No setting differs"), *changed,
            words.Line("Largest changes of weights" if heaviest else "No weight differs"), *heaviest,
        ])  # fmt: skip

    def _explain(self, pointed: Pointed | None) -> None:
        """Write the numbers of what a pointer is on, in whatever view, beside the difference."""
        if self.pictures is None or self._then is None:
            return
        then, now, _ = self.pictures
        chosen = self.context.selection
        neuron, edge = (chosen.neuron, chosen.edge) if pointed is None else (pointed.neuron, pointed.edge)
        text = words.pointed_text(then, now, neuron, edge)
        name = f"{self._then.name}  →  {moment_name(self._snapshot, self.context.bridge.branches)}"
        self.sides["difference"].show_words("", name, (text,) if text else ())

    # -- linking ------------------------------------------------------------------------------------------------

    def _hovers(self, view: QWidget, about: Callable[..., Pointed | None]) -> Callable[..., None]:
        return lambda *place: self._point(view, about(*place))

    def _point(self, view: QWidget | None, pointed: Pointed | None) -> None:
        self._hovering = view if pointed is not None else None
        self.context.selection.point_at(pointed)

    def _light(self, pointed: Pointed | None) -> None:
        """Mark what a pointer is on in another view; the one it is in marks its own."""
        for side in self.sides.values():
            told = None if side.view is self._hovering else pointed
            side.view.show_pointed(told and told.neuron, told and told.edge)
        if self.isVisible():
            self._explain(pointed)

    def _mark(self) -> None:
        selection = self.context.selection
        for side in self.sides.values():
            side.view.show_chosen(selection.neuron, selection.edge)
        self._explain(selection.pointed)

    def _choose_bias(self, layer: int, unit: int) -> None:
        from simulator.explain import Number

        self.context.selection.choose_number(Number("parameter", layer - 1, unit))
        self.inspected.emit(True)

    def leave(self) -> None:
        """Point at nothing any more."""
        if self._hovering is not None:
            self._point(None, None)

    # -- looks --------------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.theme = theme
        for side in self.sides.values():
            side.set_theme(theme)
        self.table.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.turn(self.page)
