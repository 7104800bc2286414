"""What is chosen and pointed at in the decision map, and what that means in all other views."""

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QPointF, Qt, Signal

from simulator.engines.passes import forward
from ui.panels.map_source import PlaneSource
from ui.panels.map_view import MapView
from ui.panels.map_words import answer_text, place_text, row_text
from ui.panels.panel import Context
from ui.selection import Pointed

_NEAR = 11.0
"""A row this near to the pointer, in pixels, is meant."""


class MapPointing(QObject):
    """Carries clicks and the pointer to the selection, and marks in the map what is selected.

    Signals
    -------
    moved
        Something else is pointed at.
    """

    moved = Signal()

    def __init__(self, context: Context, source: PlaneSource, view: MapView) -> None:
        super().__init__(view)
        self.context, self.source, self.view = context, source, view
        self._at: QPointF | None = None
        self._before: Any = None
        view.pointed.connect(self._point)
        view.clicked.connect(self._click)
        view.double_clicked.connect(self._unclick)
        context.selection.row_changed.connect(lambda _row: self.mark())
        context.selection.pointed_changed.connect(lambda _pointed: self._ring())

    def mark(self) -> None:
        """Mark the chosen row."""
        chosen, plane, view = self.context.selection.chosen, self.source.plane, self.view
        place = None
        inputs = None if chosen is None else chosen.inputs
        if chosen is not None and inputs is not None and plane is not None and len(inputs) == len(plane.base):
            x, *rest = plane.coordinates(np.asarray(inputs, np.float64)[None])[0].tolist()
            mine = np.flatnonzero(self.view.rows.raw == chosen.row) if self.view.rows is not None else []
            if view.is_single:
                place = self._on_curve(x)
            elif len(mine) and chosen.split != "changed" and len(view.places) > mine[0]:
                place = tuple(view.places[mine[0]].tolist())
            else:
                place = x, rest[0]
        view.mark(place)

    def _on_curve(self, x: float) -> tuple[float, float] | None:
        found = self.view.drawn
        if found is None or found.lines is None:
            return None
        span, count = found.wish.x, len(found.lines)
        at = span.low + (np.arange(count) + 0.5) / count * span.length
        return x, float(np.interp(x, at, found.lines.max(axis=1)))

    def _near(self, at: QPointF) -> int | None:
        """Return the drawn row under a pixel, by its place among the drawn ones, or None."""
        view, axes = self.view, self.view.axes
        if self.view.rows is None or not view.shows_rows or not len(view.places):
            return None
        places = view.standing()
        away = np.hypot(axes.across(places[:, 0]) - at.x(), axes.down(places[:, 1]) - at.y())
        away[~np.isfinite(away)] = np.inf
        nearest = int(np.argmin(away))
        return nearest if away[nearest] <= _NEAR else None

    def _point(self, at: QPointF | None) -> None:
        self._at = at
        near = None if at is None else self._near(at)
        row = None if near is None or self.view.rows is None else int(self.view.rows.raw[near])
        self.context.selection.point_at(None if row is None else Pointed(row=row))
        self.view.setCursor(Qt.CursorShape.CrossCursor if near is None else Qt.CursorShape.PointingHandCursor)
        self._ring()
        self.moved.emit()

    def _ring(self) -> None:
        pointed = self.context.selection.pointed
        row = None if pointed is None else pointed.row
        found = np.flatnonzero(self.view.rows.raw == row) if self.view.rows is not None and row is not None else []
        self.view.ring(int(found[0]) if len(found) else None)

    def _click(self, at: QPointF) -> None:
        selection, plane = self.context.selection, self.source.plane
        near = self._near(at)
        self._before = selection.chosen if near is None else None
        if near is not None and self.view.rows is not None:
            selection.choose_row(int(self.view.rows.raw[near]))
        elif plane is not None and selection.chosen is not None:
            selection.change_inputs(self._inputs_at(at))

    def _unclick(self) -> None:
        """Take back the question that the first click of a double click has asked: the second one only fits."""
        before, self._before = self._before, None
        if before is None:
            return
        if before.split == "changed" and before.inputs is not None:
            self.context.selection.change_inputs(before.inputs)
        else:
            self.context.selection.choose_row(before.row)

    def _coordinates(self, at: QPointF) -> tuple[Any, Any]:
        x, y = self.view.axes.real(np.array([at.x()]), np.array([at.y()]))
        return x, None if self.view.is_single else y

    def _inputs_at(self, at: QPointF) -> Any:
        assert self.source.plane is not None
        return self.source.plane.inputs(*self._coordinates(at))[0]

    def under(self) -> str:
        """Return in words what is under the pointer; nothing where it is elsewhere."""
        at = self._at
        snapshot, plane = self.context.bridge.snapshot, self.source.plane
        if (
            at is None
            or snapshot is None
            or plane is None
            or self.view.rows is None
            or snapshot.network.inputs != len(plane.base)
        ):
            return ""
        inputs = self._inputs_at(at)
        with np.errstate(all="ignore"):
            outputs = forward(snapshot.network, snapshot.layers, inputs[None]).outputs[0]
        near = self._near(at)
        coordinates = [each for each in self._coordinates(at) if each is not None]
        place = "   ".join(place_text(axis, float(each[0])) for axis, each in zip(plane.axes, coordinates, strict=True))
        wrong = near is not None and bool(self.view.wrong[near])
        where = place if near is None else row_text(self.view.rows, near, wrong=wrong)
        said = answer_text(plane, np.asarray(outputs, np.float64))
        return f"{where}\n{said if near is None else f'here: {said}'}"
