"""What the network says at every place of a plane of two features, or of two principal components."""

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout

from ui.jobs import Failure, Job
from ui.panels.map_bar import MapBar
from ui.panels.map_neurons import NeuronMaps
from ui.panels.map_picture import Drawn, Wish, drawn
from ui.panels.map_pointing import MapPointing
from ui.panels.map_points import SHADES, Rows, mistaken, rows_of, shades_of, standing
from ui.panels.map_source import ROW, PlaneSource
from ui.panels.map_view import MapView
from ui.panels.map_words import legend_text, state_text
from ui.panels.panel import Context, MomentPanel, text_label
from ui.panels.points_picture import Inks, value_span
from ui.predicting import Predictions
from ui.theme import Theme

if TYPE_CHECKING:
    from ui.panels.exports import Export

_LOW = 280
_WORDS = "A map needs a feature that is a number or a category."


class DecisionMapPanel(MomentPanel):
    """The map, with its choices above and what it says below; it is worked out beside the window.

    Attributes
    ----------
    source
        Which plane is looked at.
    neurons
        The same plane in every neuron of the drawing.
    """

    pause = 0.0

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("map")
        self.source = PlaneSource(context.bridge, context.selection, self)
        self.neurons = NeuronMaps(context.bridge, self.source, self)
        self.rows: Rows | None = None
        self._job: Job | None = None
        self._kept: Any = None

    def _build(self) -> None:
        self.bar = MapBar(self.theme, self.context.actions["heat_maps"])
        self.view = MapView(self.theme)
        self.view.words = _WORDS
        self.pointing = MapPointing(self.context, self.source, self.view)
        self.pointing.moved.connect(self._read)
        self.legend = text_label()
        self.legend.setObjectName("map.legend")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setAccessibleName("Colours of the classes")
        self.legend.setToolTip("The colour of the most probable class, the stronger the surer the network is")
        self.reading = text_label(role="quiet")
        self.reading.setObjectName("map.reading")
        self.reading.setAccessibleName("What the network says at a place")
        self.reading.setToolTip("What is drawn; under the pointer, the place and what the network says there")
        self.reading.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.reading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(10, 8, 10, 6)
        whole.setSpacing(5)
        whole.addWidget(self.bar)
        whole.addWidget(self.view, 1)
        whole.addWidget(self.legend)
        whole.addWidget(self.reading)
        self._make_room()
        source, bar, view = self.source, self.bar, self.view
        source.space_changed.connect(self._space_changed)
        source.plane_changed.connect(self._lay)
        source.sight_changed.connect(self._look)
        bar.axes_wanted.connect(lambda x, y: source.choose(x=x, y=y))
        bar.held_wanted.connect(lambda held: source.choose(held=held))
        bar.shown_changed.connect(self._lay)
        view.sight_wanted.connect(source.look_at)
        view.fit_wanted.connect(source.fit)
        view.resized.connect(self.renew)
        self.context.predicting.answered.connect(self._predicted)
        if source.space is not None:
            self._space_changed()
            self._lay()

    # -- the plane ----------------------------------------------------------------------------------------------

    def _space_changed(self) -> None:
        if self.source.space is not None:
            self.bar.show_space(self.source.space)

    def _lay(self) -> None:
        """Show the plane that is looked at, with the rows and their distances from it."""
        source, space = self.source, self.source.space
        self.bar.show_choice(source.names, source.held)
        if space is None or space.dataset is not self.context.bridge.dataset:
            return
        dataset, plane = space.dataset, source.plane
        if self.rows is None or self.rows.dataset is not dataset:
            self.rows = rows_of(dataset)
        self.legend.setText(legend_text(self.theme, dataset.class_names))
        self._look()
        if plane is not None:
            shades = shades_of(self.rows, plane, space.spread)
            if not self.bar.shows("fade"):
                shades = np.full_like(shades, SHADES - 1)
            self.view.show_rows(self.rows, standing(self.rows, plane), shades, shown=self.bar.shows("rows"))
        self._make_room()
        if self.context.predicting.predictions is not None:
            self._predicted(self.context.predicting.predictions)
        self.pointing.mark()

    def _look(self) -> None:
        self.view.show_plane(self.source.plane, self.source.sight, self._inks())
        self.renew()

    def _inks(self) -> Inks:
        rows = self.rows
        if rows is None or rows.dataset.class_names:
            return Inks(self.theme, 2 if rows is None else len(rows.dataset.class_names))
        return Inks(self.theme, 0, value_span(rows.target))

    # -- the map ------------------------------------------------------------------------------------------------

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        source, view = self.source, self.view
        plane = source.plane
        if plane is None or source.space is None or source.space.dataset is not dataset or self.rows is None:
            return  # the plane comes at once, and asks for its map
        if self._job is not None and self._job.running:
            self.renew()
            return
        axes = view.axes
        size = round(axes.width), round(axes.height)
        wish = Wish(
            snapshot, plane, axes.x, axes.y, *size, view.devicePixelRatioF(), view.inks,
            self.bar.shows("contours"), self._kept,
        )  # fmt: skip
        self._job = self.context.bridge.run_job(drawn, wish, on_done=self._arrive, on_failed=self._fail)

    def _arrive(self, found: Drawn) -> None:
        self._job = None
        self._kept = found.kept
        dataset = self.context.bridge.dataset
        if dataset is not None and found.wish.plane.recipe is dataset.recipe:
            if found.wish.inks.theme is self.theme:
                self.view.show_drawn(found)
            if self.view.is_single:
                self.pointing.mark()
            self._read()

    def _fail(self, _failure: Failure) -> None:
        self._job = None

    def _predicted(self, predictions: Predictions) -> None:
        rows = self.rows
        if rows is not None and predictions.dataset is rows.dataset and self.isVisible():
            self.view.show_wrong(mistaken(rows, predictions))
            self._read()

    # -- what is said -------------------------------------------------------------------------------------------

    def _read(self) -> None:
        """Say what is under the pointer, or what is drawn."""
        text = self.pointing.under()
        rows, view = self.rows, self.view
        if not text and rows is not None:
            known = self.context.predicting.predictions
            wrong = int(view.wrong.sum()) if known is not None and known.dataset is rows.dataset else None
            note = ""
            if self.source.held == ROW and not self.source.row_is_held:
                note = "The row lacks a value: others are at the mean."
            text = state_text(rows, wrong, view.drawn, single=view.is_single, shown=view.shows_rows, note=note)
        if not self.reading.wordWrap():
            text = "   ".join(line for line in text.split("\n") if line)
            text = self.reading.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self.reading.width())
        if text != self.reading.text():
            self.reading.setText(text)

    def exports(self) -> "Export | None":
        """Return the map, and where the rows stand in it."""
        from ui.panels.exports import shown
        from ui.panels.map_axes import axis_title
        from ui.panels.numbers import of_places
        from ui.writing import lines

        if not self.built:
            return super().exports()
        view = self.view
        if view.rows is None or view.plane is None or len(view.wrong) != len(view.rows.raw):
            return shown("map", view, legend=self.legend)
        rows, places, wrong = view.rows, view.places, view.wrong.copy()
        axes = [axis_title(axis) for axis in view.plane.axes]
        return shown("map", view, lines(lambda: of_places(rows, places, axes, wrong)), self.legend)

    # -- the rest -----------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        if self.built:
            self.bar.set_theme(theme)
            self._lay()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.source.want(self)
        self.context.predicting.want(self)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        if self.built:
            self._make_room()

    def _make_room(self) -> None:
        """Give what is said one line instead of two, and the legend none, where the map would get too little."""
        low = self.height() < _LOW
        self.reading.setWordWrap(not low)
        self.reading.setFixedHeight((1 if low else 2) * self.reading.fontMetrics().lineSpacing() + 2)
        self.legend.setVisible(not low and bool(self.legend.text()))
        self._read()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self.source.want(self, wanted=False)
        self.context.predicting.want(self, wanted=False)
