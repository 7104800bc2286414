"""The middle of the window: the network, and below it the row that is sent through it."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from simulator.insight.health import Health
from ui.asking import Asking
from ui.bridge import Bridge
from ui.canvas.contrast import with_contrast
from ui.canvas.look_bar import LookBar
from ui.canvas.picture import Picture
from ui.canvas.showing import Showing
from ui.canvas.view import NetworkView
from ui.editing import Editor
from ui.forms import NumberLine
from ui.health import Checkup
from ui.motion.player import Motion
from ui.narrating import Narrating
from ui.panels.exporting import Exporting
from ui.panels.moment_picture import picture
from ui.panels.narration_line import NarrationLine
from ui.panels.slow_motion import Line, SlowMotion
from ui.panels.timeline import Timeline
from ui.selection import ChosenRow, Pointed, Selection
from ui.theme import Theme, base_pixel_size

if TYPE_CHECKING:
    from ui.panels.exports import Export

_PHASES = "In slow motion the phases say what edges and neurons show."
_SPLITS = {"train": "training row", "test": "test row", "unused": "not used: a value is missing",
           "changed": "changed by hand: what if?"}  # fmt: skip


class Stage(Exporting):
    """The canvas with the row controls; it tells the bridge when a moment is on the screen.

    Signals
    -------
    painted
        The canvas was painted for the first time.

    Parameters
    ----------
    bridge, selection, editor, asking, motion, checkup, narrating
        What is followed.
    actions
        For the buttons.
    theme
        Colours.
    """

    painted = Signal()

    def __init__(
        self,
        bridge: Bridge,
        selection: Selection,
        editor: Editor,
        asking: Asking,
        motion: Motion,
        checkup: Checkup,
        narrating: Narrating,
        actions: Mapping[str, QAction],
        theme: Theme,
    ) -> None:
        super().__init__()
        self._bridge, self._selection, self._motion, self._checkup = bridge, selection, motion, checkup
        self._seen = False
        self._rest: Picture | None = None
        self._own: Pointed | None = None
        self._narrating, self.narrator = narrating, NarrationLine(theme)
        self.narrator.installEventFilter(self)
        self._trouble = ""
        self.view = NetworkView(theme)
        self.view.installEventFilter(self)
        self.view.menu_opened.connect(self.fill_menu)
        self.showing = Showing(bridge, asking, self)
        self.bar = LookBar(self.showing, self.view, actions, theme)
        self.view.put_in_corner(self.bar)
        self.row = NumberLine(1, 1)
        self.row.setObjectName("row.number")
        self.row.setAccessibleName("Row number")
        self.row.setToolTip("The row of the file that is sent through the network")
        self.row.setFixedWidth(round(6.0 * base_pixel_size(self.row.font())))
        self.row.value_changed.connect(lambda number: selection.choose_row(number - 1))
        self.about = Line(theme, "row.about", "Which row it is")
        self.note = QLabel()
        self.note.setObjectName("note")
        self.note.setAccessibleName("Note")
        self.note.setForegroundRole(self.note.palette().ColorRole.PlaceholderText)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        strip = QHBoxLayout()
        strip.setContentsMargins(12, 4, 12, 6)
        strip.setSpacing(6)
        for name in ("previous_row", "next_row"):
            button = QToolButton()
            button.setObjectName(f"row.{name}")
            button.setDefaultAction(actions[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            strip.addWidget(button)
        label = QLabel("Row")
        label.setBuddy(self.row)
        strip.addWidget(label)
        strip.addWidget(self.row)
        strip.addWidget(self.about, 1)
        strip.addWidget(self.note)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.view, 1)
        whole.addWidget(self.narrator)
        narrating.told.connect(lambda story: self.narrator.show_story(story.foremost, story.newest))
        bridge.opened.connect(lambda _event: self.narrator.show_story(None, None))
        self.strip = SlowMotion(motion, theme)
        whole.addWidget(self.strip)
        self.timeline = Timeline(bridge, actions, theme)
        whole.addWidget(self.timeline)
        motion.switched.connect(lambda on: self.timeline.setVisible(not on))
        whole.addLayout(strip)
        self.view.units_changed.connect(editor.change_units)
        self.view.layer_added.connect(editor.add_layer)
        self.view.layer_removed.connect(editor.remove_layer)
        self.view.neuron_clicked.connect(lambda layer, unit: selection.choose_neuron((layer, unit)))
        self.view.edge_clicked.connect(lambda layer, one, other: selection.choose_edge((layer, one, other)))
        self.view.bias_clicked.connect(self._choose_bias)
        self.view.neuron_hovered.connect(lambda layer, unit: self._point(Pointed(neuron=(layer, unit))))
        self.view.edge_hovered.connect(lambda layer, one, other: self._point(Pointed(edge=(layer, one, other))))
        self.view.hover_ended.connect(lambda: self._point(None))
        for changed in (selection.neuron_changed, selection.edge_changed, selection.number_changed):
            changed.connect(lambda _chosen: self.view.show_chosen(selection.neuron, selection.edge))
        selection.pointed_changed.connect(self._pointed)
        selection.lit_changed.connect(self.view.show_lit)
        bridge.snapshot_changed.connect(lambda _snapshot: self.show_moment())
        selection.row_changed.connect(self._row_changed)
        checkup.examined.connect(self._mark_ailing)
        motion.turned.connect(lambda _phase: self._show())
        motion.moved.connect(self._show)
        motion.switched.connect(self._switched)
        self.showing.changed.connect(self.show_moment)
        self.showing.told.connect(self._told)

    def put_above(self, widget: QWidget) -> None:
        """Put a widget above the network."""
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(0, widget)

    # -- being taken elsewhere ----------------------------------------------------------------------------------

    def exports(self) -> "Export | None":
        """Return the network, and the value of every neuron and edge as it is shown; None before there is one."""
        from ui.panels.exports import Export
        from ui.panels.numbers import of_network
        from ui.writing import lines

        view, shown = self.view, self.view.picture
        if shown is None:
            return None
        size = view.size()
        return Export(
            "network", size, lambda painter: view.paint(painter, QRectF(QPointF(), size)),
            lines(lambda: of_network(shown)),
        )  # fmt: skip

    @property
    def owner(self) -> str:
        """Menu entries are the canvas's."""
        return "canvas"

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.view.set_theme(theme)
        self.bar.set_theme(theme)
        self.strip.set_theme(theme)
        self.about.set_theme(theme)
        self.narrator.set_theme(theme)
        self.timeline.set_theme(theme)

    def show_moment(self) -> None:
        """Draw the newest snapshot with the chosen row."""
        snapshot, dataset, chosen = self._bridge.snapshot, self._bridge.dataset, self._selection.chosen
        if snapshot is None or dataset is None:
            return
        if chosen is not None and chosen.inputs is not None and len(chosen.inputs) != snapshot.network.inputs:
            return  # a moment between two data sets
        plain = self._with_ailments(picture(snapshot, dataset, chosen))
        # In slow motion the phases say what edges show.
        dress = with_contrast if self._motion.on else self.showing.dress
        self._rest = dress(plain, self._rest)
        self._show()
        if self.view.isVisible():
            self._bridge.await_paint(lambda: self.view.drawing)

    def _with_ailments(self, shown: Picture) -> Picture:
        health = self._checkup.health
        if health is None or not health.ailments or self._checkup.sizes != shown.sizes:
            return shown
        return dataclasses.replace(shown, ailments=health.ailments)

    def _mark_ailing(self, health: Health) -> None:
        """Mark the neurons that ail; what was drawn meanwhile has those of the moment before."""
        if self._rest is not None and (health.ailments or self._rest.ailments):
            fitting = health.ailments if self._checkup.sizes == self._rest.sizes else ()
            if fitting != self._rest.ailments:
                self._rest = dataclasses.replace(self._rest, ailments=fitting)
                self._show()

    def _show(self) -> None:
        """Draw the present moment, in slow motion as it looks in the phase that stands."""
        if self._rest is not None:
            self.view.set_picture(self._motion.picture(self._rest))

    def _switched(self, on: bool) -> None:
        self.bar.refuse(_PHASES if on else "")
        self.show_moment()

    def _told(self, trouble: str) -> None:
        """Say why the mode shows the weights, and no longer once it does what it says."""
        if trouble or self.note.text() == self._trouble:
            self.say(trouble)
        self._trouble = trouble

    def _point(self, pointed: Pointed | None) -> None:
        """Tell the other views what the pointer is on here."""
        self._own = pointed
        self._selection.point_at(pointed)

    def _pointed(self, pointed: Pointed | None) -> None:
        """Mark what the pointer is on in another view; the canvas marks its own."""
        elsewhere = None if pointed is self._own else pointed
        self.view.show_pointed(elsewhere and elsewhere.neuron, elsewhere and elsewhere.edge)

    def _choose_bias(self, layer: int, unit: int) -> None:
        from simulator.explain import Number

        self._selection.choose_number(Number("parameter", layer - 1, unit))
        self.view.inspected.emit(True)

    def say(self, text: str) -> None:
        """Show a short note at the right of the row's line."""
        self.note.setText(text)

    def _row_changed(self, chosen: ChosenRow | None) -> None:
        if chosen is None:
            return
        self.row.set_range(1, max(1, self._selection.rows))
        self.row.show_value(chosen.row + 1)
        dataset = self._bridge.dataset
        text = f"of {self._selection.rows:,}  ·  {_SPLITS[chosen.split]}"
        if dataset is not None and chosen.actual is not None:
            text += f"  ·  {dataset.class_names[chosen.actual]}"
        self.about.show_text(text)
        self.show_moment()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint and watched is self.view:
            # The view paints in this event: what the bridge sends now comes back after it. Where its edges are still
            # being drawn, another event follows that paints them.
            if not self.view.drawing:
                self._bridge.painted()
            if not self._seen:
                self._seen = True
                self.painted.emit()
        elif watched is self.narrator and event.type() in {QEvent.Type.Show, QEvent.Type.Hide}:
            self._narrating.want(self.narrator, wanted=event.type() == QEvent.Type.Show)
        return False
