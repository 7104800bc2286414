"""Which plane is looked at: the two axes, where all else is held, and what is in sight. No widget."""

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from simulator.progress import Progress
from ui.bridge import Bridge
from ui.jobs import Failure, Job
from ui.panels.points_axes import Span
from ui.selection import ChosenRow, Selection

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.insight.input_plane_space import Space
    from simulator.insight.input_planes import Direction, Plane

ROW, MEAN, COMPONENTS = "row", "mean", "components"
ALONE = ""
"""The second axis where there is none: answers are curves along the first."""

_ROOM = 0.05


class PlaneSource(QObject):
    """The plane, for the decision map and for the small maps in the neurons.

    Nothing is worked out before somebody wants it.

    Signals
    -------
    space_changed
        Another data set, with other directions.
    plane_changed
        Other axes, or all else is held elsewhere.
    sight_changed
        Another part of the plane is in sight.

    Attributes
    ----------
    space
        What planes there are, or None while nobody knows.
    plane
        The one that is looked at, or None.
    held
        "row", "mean" or "components".
    names
        The axes that are wanted for features.
    sight
        What is in sight, a span an axis.
    fitted
        Whether that is all of the data.
    """

    space_changed = Signal()
    plane_changed = Signal()
    sight_changed = Signal()

    def __init__(self, bridge: Bridge, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._selection = bridge, selection
        self.space: Space | None = None
        self.plane: Plane | None = None
        self.held = MEAN
        self.names: tuple[str, str] = (ALONE, ALONE)
        self.sight: tuple[Span, Span] = (Span(0.0, 1.0), Span(0.0, 1.0))
        self.fitted = True
        self._wanting: set[Any] = set()
        self._job: Job | None = None
        self._asked: Dataset | None = None
        bridge.opened.connect(lambda _event: self._look())
        bridge.dataset_changed.connect(lambda _dataset: self._look())
        selection.row_changed.connect(self._row_changed)

    def want(self, view: Any, *, wanted: bool = True) -> None:
        """Say that a view wants the plane, from now on or no longer."""
        (self._wanting.add if wanted else self._wanting.discard)(view)
        self._look()

    def choose(self, *, x: str | None = None, y: str | None = None, held: str | None = None) -> None:
        """Choose other axes, or where all else is held; an axis that the other one has changes places with it."""
        first, second = self.names
        if x is not None and x != first:
            first, second = x, first if x == second else second
        if y is not None and y != second:
            first, second = second if y == first and second != ALONE else first, y
        if first == second:
            second = ALONE
        self.names, self.held = (first, second), held or self.held
        self._lay(fit=True)

    def look_at(self, x: Span, y: Span) -> None:
        """Look at another part of the plane."""
        self.sight, self.fitted = (x, y), False
        self.sight_changed.emit()

    def fit(self) -> None:
        """Look at all of the data again."""
        self._fit()
        self.sight_changed.emit()

    @property
    def row_is_held(self) -> bool:
        """Whether all else is held at the chosen row, which has all its values."""
        chosen = self._selection.chosen
        return self.held == ROW and chosen is not None and chosen.inputs is not None

    # -- following ----------------------------------------------------------------------------------------------

    def _look(self) -> None:
        dataset = self._bridge.dataset
        if not self._wanting or dataset is None or dataset is self._asked:
            return
        if self._job is not None:
            self._job.cancel()
        self._asked = dataset
        if dataset.X_train.size <= 200_000:
            self._arrive(_space(dataset, Progress()))
        else:
            self._job = self._bridge.run_job(_space, dataset, on_done=self._arrive, on_failed=self._fail)

    def _fail(self, _failure: Failure) -> None:
        self._job = None

    def _arrive(self, space: "Space") -> None:
        self._job = None
        before, self.space = self.space, space
        known = {each.name for each in space.directions}
        same = before is not None and [each.name for each in before.directions] == [
            each.name for each in space.directions
        ]
        if not same or self.names[0] not in known:
            first, *rest = (*space.best, ALONE) if space.best else (ALONE, ALONE)
            self.names = first, rest[0] if rest else ALONE
            if space.prefers_components:
                self.held = COMPONENTS
            elif self.held == COMPONENTS:
                self.held = MEAN
        if self.held == COMPONENTS and not space.components:
            self.held = MEAN
        self.space_changed.emit()
        self._lay(fit=self.fitted or not same)

    def _row_changed(self, _chosen: ChosenRow | None) -> None:
        if self.held == ROW and self._wanting and self.space is not None:
            self._lay(fit=False)

    def _lay(self, *, fit: bool) -> None:
        """Lay the plane through what is known now."""
        space, chosen = self.space, self._selection.chosen
        if space is None or space.dataset is not self._bridge.dataset:
            return
        if self.held == COMPONENTS and space.components:
            plane = space.principal()
        else:
            names = [name for name in self.names if name != ALONE]
            row = chosen.inputs if chosen is not None and self.held == ROW else None
            inputs = None if row is None else np.asarray(row, np.float64)
            if inputs is not None and len(inputs) != len(space.means):
                return  # a moment between two data sets: the row of this one comes at once
            plane = space.plane(names, inputs, None if chosen is None else chosen.row)
        self.plane = plane if plane.axes else None
        if fit:
            self._fit()
        self.plane_changed.emit()

    def _fit(self) -> None:
        if self.plane is not None:
            spans = [span_along(axis) for axis in self.plane.axes]
            self.sight = spans[0], spans[1] if len(spans) > 1 else Span(0.0, 1.0)
        self.fitted = True


def span_along(axis: "Direction") -> Span:
    """Return what is in sight of an axis at first: all rows with a little room, and half a step beside categories."""
    if axis.categories:
        return Span(axis.low - 0.5, axis.high + 0.5)
    room = _ROOM * (axis.high - axis.low) or max(1.0, 0.1 * abs(axis.high))
    return Span(axis.low - room, axis.high + room)


def _space(dataset: "Dataset", progress: Progress) -> "Space":
    from simulator.insight.input_plane_space import space_of

    return space_of(dataset, progress)
