"""Generated data sets, and points drawn by mouse: the plane, its tools, and the shapes to choose from."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from simulator.errors import SimulatorError
from simulator.progress import Progress
from ui.jobs import Failure, Job
from ui.panels.panel import Context, Panel, text_label
from ui.panels.points_ground import Ground
from ui.panels.points_past import Past
from ui.panels.points_picture import MOST_DRAWN, thinned
from ui.panels.points_plane import TIP, Plane
from ui.panels.points_sending import Sender
from ui.panels.points_shapes import EMPTY, Shapes
from ui.panels.points_spread import Spread
from ui.panels.points_tools import MOST_CLASSES, Tools
from ui.theme import Theme

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.data.drawn import Sheet
    from simulator.data.generators import Shape
    from ui.panels.exports import Export

_STARVED = "Draw two training points at least; until then training goes on with the points from before."


class PointsPanel(Panel):
    """The plane beside its tools and the shapes, or above them where there is little room.

    Signals
    -------
    save_wanted
        (a table, its name): the points are to be written to a file.
    """

    save_wanted = Signal(object, str)

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.plane, self.tools, self.shapes = Plane(theme), Tools(theme), Shapes(theme)
        self.sending = Sender(context.bridge, self)
        self.ground = Ground(context.bridge, self)
        self.past = Past()
        self._unseen: Dataset | None = None
        self._job: Job | None = None
        self.note = text_label(role="quiet")
        self.note.setObjectName("points.note")
        self.note.setToolTip(TIP)
        self._build()
        self.sending.replaced.connect(self._replaced)
        self.sending.starved.connect(lambda hungry: self._say(_STARVED if hungry else ""))
        plane, tools = self.plane, self.tools
        plane.began.connect(self._begin)
        plane.drawn.connect(self._draw)
        plane.erased.connect(self._erase)
        plane.ended.connect(self._end)
        plane.undo_wanted.connect(self.undo)
        plane.redo_wanted.connect(self.redo)
        plane.chosen.connect(tools.choose)
        plane.eraser_wanted.connect(tools.toggle_eraser)
        plane.size_wanted.connect(lambda by: tools.hold(size=min(40, max(0, tools.brush.size + by))))
        tools.brush_changed.connect(plane.hold)
        tools.class_wanted.connect(self._add_class)
        tools.clear_wanted.connect(self._clear)
        tools.undo_wanted.connect(self.undo)
        tools.redo_wanted.connect(self.redo)
        tools.save_wanted.connect(self._save)
        tools.ground.toggled.connect(lambda _on: self._look())
        self.ground.changed.connect(self._show_ground)
        context.selection.row_changed.connect(lambda _row: self._mark())
        self.shapes.wanted.connect(self._generate)
        self.shapes.empty_wanted.connect(self._begin_empty)

    def _build(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.plane, 1)
        column.addWidget(self.note)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(Spread(left, self.tools, self.shapes))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.plane.set_theme(theme)
        self.tools.set_theme(theme, self.plane.inks)
        self._look()
        self.shapes.set_theme(theme)

    def exports(self) -> "Export | None":
        """Return the plane and its points."""
        from ui.panels.exports import shown
        from ui.panels.numbers import of_points
        from ui.writing import lines

        sheet = self.sheet
        return super().exports() if sheet is None else shown("points", self.plane, lines(lambda: of_points(sheet)))

    # -- the sheet ----------------------------------------------------------------------------------------------

    @property
    def sheet(self) -> "Sheet | None":
        """The points that are shown."""
        return self.plane.sheet

    def _replaced(self, dataset: "Dataset") -> None:
        """Show what somebody else opened or went back to; who does not look is told later."""
        if self.isVisible():
            self._adopt(dataset)
        else:
            self._unseen = dataset

    def _adopt(self, dataset: "Dataset") -> None:
        from simulator.data.drawn import sheet_of

        self._unseen = None
        self.past.forget()
        try:
            sheet, words = sheet_of(dataset), ("", "")
        except SimulatorError as error:
            sheet, words = None, (f"{error.message}.", error.hint)
        self._show(sheet, words)
        self._name_shape(dataset)

    def _show(self, sheet: "Sheet | None", words: tuple[str, str] = ("", ""), *, fresh: bool = True) -> None:
        """Show a sheet, with what can be done to it."""
        if sheet is not None:
            words = sheet.refusal
        self.plane.show_sheet(sheet, words, fresh=fresh)
        self.tools.setVisible(sheet is not None)
        inks = self.plane.inks
        if fresh or sheet is None or sheet.classes != self.tools.classes_shown:
            self.tools.show_targets(() if sheet is None else sheet.classes, inks.span, inks)
            self.plane.hold(self.tools.brush)
        self.tools.allow(
            drawing=self.plane.drawable,
            undo=bool(self.past.undone),
            redo=bool(self.past.redone),
            points=sheet is not None and len(sheet.points) > 0,
            reason=words[0] or "There are no points.",
        )
        self._look()
        self._mark()
        self._say("")

    def _say(self, text: str) -> None:
        """Write below the plane how many points there are, or what is wrong."""
        sheet = self.sheet
        if not text and sheet is not None:
            test = int(sheet.points.test.sum())
            train = len(sheet.points) - test
            text = f"● {train:,} training   ○ {test:,} test"
            if len(sheet.points) > MOST_DRAWN:
                text += f"   ({len(thinned(len(sheet.points))):,} of them are drawn)"
            if sheet.refusal[0]:
                text = f"{text}. {' '.join(sheet.refusal)}"
        if text != self.note.text():
            self.note.setText(text)
        self.note.setVisible(bool(text))

    def _mark(self) -> None:
        """Mark the chosen row, also one that was changed to ask what if."""
        chosen, dataset, sheet = self.context.selection.chosen, self.context.bridge.dataset, self.sheet
        place = None
        # While one data set follows another, the chosen row may still be of the one before.
        real = () if chosen is None else chosen.real[:2]
        if len(real) == 2 and dataset is not None and sheet is not None and dataset.recipe.used == sheet.axes:
            x, y = real
            place = (x, y) if isinstance(x, float) and isinstance(y, float) else None
        self.plane.mark(place)

    def _look(self) -> None:
        """Say what is seen of the plane, whose ground shows what the network says."""
        sheet = self.sheet
        if sheet is None or not self.isVisible() or not self.tools.ground.isChecked():
            self.ground.look(None)
            self._show_ground()
        else:
            self.ground.look(self.plane.axes, sheet.axes, self.plane.inks)

    def _show_ground(self) -> None:
        self.plane.ground = self.ground.image
        self.plane.update()

    def _put(self, sheet: "Sheet", *, fresh: bool = False) -> None:
        """Show a changed sheet at once, and train on it."""
        self._show(sheet, fresh=fresh)
        self.sending.send(sheet)

    # -- strokes ------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self.sheet is not None:
            self.past.keep(self.sheet)

    def _draw(self, places: NDArray[np.float64]) -> None:
        if self.sheet is not None:
            target = np.full(len(places), self.tools.brush.target)
            self._put(self.sheet.with_points(places[:, 0], places[:, 1], target))

    def _erase(self, gone: NDArray[np.bool_]) -> None:
        if self.sheet is not None:
            self._put(self.sheet.without(gone))

    def _end(self) -> None:
        self.sending.flush()
        if self.sheet is not None:
            self.past.settle(self.sheet)
            self._show(self.sheet, fresh=False)

    def _clear(self) -> None:
        if self.sheet is not None:
            self.past.keep(self.sheet)
            self._put(self.sheet.without(np.ones(len(self.sheet.points), dtype=bool)))

    def _add_class(self) -> None:
        if self.sheet is not None and len(self.sheet.classes) < MOST_CLASSES:
            self.past.keep(self.sheet)
            self._put(self.sheet.with_class())
            self.tools.choose(len(self.sheet.classes) - 1)

    def undo(self) -> None:
        """Take the last stroke or shape back."""
        if self.sheet is not None and self.past.undone:
            self._bring_back(self.sheet, self.past.back(self.sheet))

    def redo(self) -> None:
        """Draw again what was taken back."""
        if self.sheet is not None and self.past.redone:
            self._bring_back(self.sheet, self.past.again(self.sheet))

    def _bring_back(self, now: "Sheet", sheet: "Sheet") -> None:
        self._put(sheet, fresh=sheet.base is not now.base)
        if sheet.base is not now.base:
            self._name_shape(sheet.base)

    def _name_shape(self, dataset: "Dataset") -> None:
        """Show by which shape and settings a data set was made, as far as that is known."""
        from simulator.data.generators import recall

        self.shapes.show_shape(*(recall(dataset.report.notes) or ("", None)))

    def _save(self) -> None:
        dataset = None if self.sheet is None else self.sheet.dataset()
        if dataset is not None:
            self.save_wanted.emit(dataset.raw, dataset.name)

    # -- shapes -------------------------------------------------------------------------------------------------

    def _generate(self, name: str, shape: "Shape") -> None:
        self._make(name, shape, self._take)

    def _begin_empty(self) -> None:
        """Begin with a plane without points; its network comes with the first ones."""
        from simulator.data.generators import GENERATORS

        self._make("gaussians", GENERATORS["gaussians"].shape(), self._take_empty)

    def _make(self, name: str, shape: "Shape", take: Any) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = self.context.bridge.run_job(_made, name, shape, on_done=take, on_failed=self._refuse)

    def _take(self, dataset: "Dataset") -> None:
        from simulator.data.drawn import sheet_of

        self._job = None
        self.shapes.refuse("")
        self._keep_before()
        self._show(sheet_of(dataset))
        self.sending.give(dataset)

    def _take_empty(self, dataset: "Dataset") -> None:
        from simulator.data.drawn import empty_sheet

        self._job = None
        self._keep_before()
        self._put(empty_sheet(dataset), fresh=True)
        self.shapes.show_shape(EMPTY, None)

    def _keep_before(self) -> None:
        if self.sheet is not None:
            self.past.keep(self.sheet)

    def _refuse(self, failure: Failure) -> None:
        self._job = None
        self.shapes.refuse(f"{failure.message[:1].upper()}{failure.message[1:]}. {failure.hint}")

    # -- Qt's events --------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.shapes.fill()
        if self._unseen is not None:
            self._adopt(self._unseen)
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._look()


def _made(name: str, shape: Any, progress: Progress) -> "Dataset":
    """Make the data set of a shape; the job behind the form."""
    from simulator.data.choices import choose
    from simulator.data.dataset import prepare
    from simulator.data.generators import GENERATORS, make

    return prepare(make(name, shape), choose(GENERATORS[name].choices), progress, name)
