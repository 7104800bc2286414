"""The loss along two directions through the weights, and the path that training took."""

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QVBoxLayout

from ui.forms import NoWheel
from ui.panels.note import Note
from ui.panels.panel import MARGIN, Context, MomentPanel
from ui.panels.surface_charting import Charting
from ui.panels.surface_jobs import RANDOM, WEIGHTS, Request
from ui.theme import Theme, font

if TYPE_CHECKING:
    from ui.panels.exports import Export


class SurfacePanel(MomentPanel):
    """Chooses the plane; the surface is worked out beside the window, and while training runs only the path moves."""

    pause = 0.05

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.setObjectName("surface")
        self._shown_ground: Any = None
        self._draw_number = 0
        self._told: Any = None

    def _build(self) -> None:
        from ui.panels.bar import Bar, Segments
        from ui.panels.surface_view import SurfaceView
        from ui.panels.surface_words import KINDS

        self.kind = Segments("surface.kind", "Plane", KINDS, lambda _key: self._choose())
        self.split = self._box(
            "surface.split", "Rows", "Whose loss is drawn: that of the training rows or of the test rows"
        )
        for text, key in (("Training", "train"), ("Test", "test")):
            self.split.addItem(text, key)
        self.split.activated.connect(lambda _nth: self.ask())
        self.first = self._box("surface.first", "First weight", "The weight along the horizontal axis")
        self.second = self._box("surface.second", "Second weight", "The weight along the vertical axis")
        for box in (self.first, self.second):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(15)
            box.activated.connect(lambda _nth: self.ask())
            box.hide()
        self.again = QPushButton("Recompute")
        self.again.setObjectName("surface.recompute")
        self.again.clicked.connect(self._ask_or_stop)
        self.bar = Bar(self.kind, self.split, self.again, self.first, self.second)
        self.view = SurfaceView(self.theme)
        self.reading = QLabel()
        self.reading.setObjectName("surface.reading")
        self.reading.setAccessibleName("Under the pointer")
        self.reading.setMinimumWidth(1)
        self.said = Note()
        self.said.setObjectName("surface.said")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addWidget(self.bar)
        column.addWidget(self.view, 1)
        words = QVBoxLayout()  # a label's own margins do not survive a change of theme
        words.setContentsMargins(MARGIN, 0, MARGIN, 0)
        words.setSpacing(2)
        words.addWidget(self.reading)
        words.addWidget(self.said)
        column.addLayout(words)
        bridge = self.context.bridge
        self.charting = Charting(bridge, self)
        self.charting.watched = self.isVisible()
        self.charting.changed.connect(self._draw)
        self.view.looked.connect(self.charting.zoom)
        self.view.sought.connect(lambda moment: bridge.go_to(*moment))
        self.view.read.connect(self._read)
        bridge.opened.connect(lambda _event: self._opened())
        bridge.branched.connect(lambda _event: self._look_again())
        bridge.playing_changed.connect(lambda playing: None if playing else self._look_again())
        bridge.configured.connect(lambda _event: self.renew())
        self.context.selection.edge_changed.connect(self._take_edge)

    def _box(self, name: str, title: str, tip: str) -> QComboBox:
        box = QComboBox()
        box.setObjectName(name)
        box.setAccessibleName(title)
        box.setToolTip(tip)
        box.installEventFilter(NoWheel(self))
        return box

    def _tick(self, now: float) -> None:
        super()._tick(now)
        if self.built and self.isVisible():
            self.charting.look()

    # -- asking -------------------------------------------------------------------------------------------------

    def _choose(self) -> None:
        self._draw_number = 0
        self._offer_weights()
        self.ask()

    def _ask_or_stop(self) -> None:
        if self.charting.busy:
            self.charting.cancel()
            return
        self._draw_number += self.kind.choice == RANDOM
        self.ask()

    def ask(self) -> None:
        """Have the surface worked out through the network of now."""
        snapshot, dataset = self.context.bridge.snapshot, self.context.bridge.dataset
        if snapshot is None or dataset is None:
            return
        weights = self.first.currentData() or 0, self.second.currentData() or 0
        self.charting.ask(
            Request(
                self.kind.choice, snapshot.network, snapshot.config, dataset, self.split.currentData(),
                snapshot.parameters, weights, self._draw_number,
            )
        )  # fmt: skip

    def _offer_weights(self) -> None:
        """Offer the parameters that moved most, when two of them are to be chosen."""
        wanted, snapshot, dataset = (
            self.kind.choice == WEIGHTS,
            self.context.bridge.snapshot,
            self.context.bridge.dataset,
        )
        for box in (self.first, self.second):
            box.setVisible(wanted)
        if not wanted or snapshot is None or dataset is None:
            return
        from ui.panels.surface_words import candidates, parameter_name

        start = self.charting.ground.request.origin if self.charting.ground is not None else None
        usable = start is not None and len(start) == len(snapshot.parameters)
        places = candidates(snapshot.parameters, [start] if usable else [])
        names = [parameter_name(snapshot.network, place, tuple(dataset.feature_names)) for place in places]
        for nth, box in enumerate((self.first, self.second)):
            kept = box.currentData()
            box.clear()
            for name, place in zip(names, places, strict=True):
                box.addItem(name, place)
            found = box.findData(kept) if kept is not None else -1
            box.setCurrentIndex(found if found >= 0 else min(nth, len(places) - 1))
        self._take_edge(self.context.selection.edge, ask=False)

    def _take_edge(self, edge: tuple[int, int, int] | None, *, ask: bool = True) -> None:
        """Make an edge that somebody chose the first weight, and what was the first one the second."""
        snapshot, dataset = self.context.bridge.snapshot, self.context.bridge.dataset
        if edge is None or snapshot is None or dataset is None or not self.built or self.kind.choice != WEIGHTS:
            return
        from simulator.errors import SimulatorError
        from simulator.explain import place_of
        from ui.panels.surface_words import parameter_name

        try:
            place = place_of(snapshot.network, *edge)
        except SimulatorError:
            return  # an edge of another network
        if place == self.first.currentData():
            return
        name = parameter_name(snapshot.network, place, tuple(dataset.feature_names))
        before = self.first.currentData()
        for box in (self.first, self.second):
            if box.findData(place) < 0:
                box.addItem(name, place)
        self.first.setCurrentIndex(self.first.findData(place))
        self.second.setCurrentIndex(max(0, self.second.findData(before)))
        if ask and self.isVisible():
            self.ask()

    def _opened(self) -> None:
        """Begin anew with another network: its weights are others."""
        self.charting.forget()
        self._shown_ground = self._told = None
        if self.isVisible():
            self._offer_weights()
            self.renew()

    def _look_again(self) -> None:
        """See where the path goes by now; where there was none before, there may be one."""
        if not self.isVisible():
            return
        if self.charting.ground is None and self.charting.trouble:
            self.ask()
        else:
            self.charting.look_again()

    # -- showing ------------------------------------------------------------------------------------------------

    def _show_moment(self, snapshot: Any, dataset: Any) -> None:
        has_test = len(dataset.X_test) > 0
        model: Any = self.split.model()
        model.item(1).setEnabled(has_test)
        if not has_test and self.split.currentIndex() == 1:
            self.split.setCurrentIndex(0)
        charting = self.charting
        if charting.ground is None and not charting.busy and not charting.trouble:
            self.ask()
        charting.follow(snapshot)
        self._draw()

    def _draw(self) -> None:
        """Show what is known."""
        bridge, charting = self.context.bridge, self.charting
        snapshot, dataset = bridge.snapshot, bridge.dataset
        if snapshot is None or dataset is None or not self.isVisible():
            return
        from ui.panels.surface_words import STALE, axes, verdict

        ground = charting.ground
        if ground is not self._shown_ground:
            self._shown_ground, self._told = ground, ""
            names = ("", "") if ground is None else axes(ground, tuple(dataset.feature_names))
            self.view.show_ground(None if ground is None else ground.window, names)
        if ground is not None and charting.present is None:
            charting.follow(snapshot)
            return  # it draws when it knows the place
        stale = ground is not None and not ground.request.holds(snapshot.network, bridge.config, dataset)
        words = charting.trouble or charting.busy or "Stopped: recompute to draw the surface."
        self.view.show_chart(charting.chart, words, stale=stale)
        self.view.show_path(charting.path, charting.present)
        busy = bool(charting.busy)
        self.again.setText("Stop" if busy else "Another" if self.kind.choice == RANDOM else "Recompute")
        self.again.setToolTip(
            "Stops; what is drawn stays."
            if busy
            else "Draws two other random directions through the network of now."
            if self.kind.choice == RANDOM
            else "Works the plane out again, through the network of now and for the path of now."
        )
        if ground is None:
            self.said.setText("")
        elif stale:
            self.said.setText(STALE)
        else:
            words = verdict(ground, charting.path, charting.present)
            self.said.setText(words + ("" if self.view.holds_present() else " The network has left the picture."))
        self._read(self._told or "")

    def _read(self, text: str) -> None:
        self._told = text
        self.reading.setText(text or self.charting.busy)

    def exports(self) -> "Export | None":
        """Return the picture, and the loss at every place of the plane."""
        from ui.panels.exports import shown
        from ui.panels.surface_jobs import table_of
        from ui.writing import lines

        chart = self.charting.chart if self.built else None
        return None if chart is None else shown("loss-surface", self.view, lines(lambda: table_of(chart)))

    # -- being seen ---------------------------------------------------------------------------------------------

    def _fit(self) -> None:
        if self.built:
            small = max(9.0, 0.85 * self.fontInfo().pixelSize())
            self.said.fit(small, self.height() // 7)
            self.reading.setFont(font(small))

    def resizeEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._fit()
        self.charting.watched = True
        self.charting.resume()
        self._look_again()

    def hideEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        if self.built:
            self.charting.watched = False
            self.charting.cancel()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        if self.built:
            self.view.set_theme(theme)
