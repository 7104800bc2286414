"""The window: menus, the bar at the top, the network in the middle, panels around it."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QLineEdit,
    QTabBar,
    QToolBar,
    QWidget,
)  # fmt: skip

from ui import theme as themes
from ui.actions import ACTIONS, MENUS, make_actions, refuse, tint
from ui.arrangement import Arrangement
from ui.asking import Asking
from ui.bridge import SPEEDS, Bridge
from ui.canvas.view import NetworkView
from ui.carrying import Carrying
from ui.computing import Computing
from ui.darkroom import Darkroom
from ui.desk import Loading
from ui.developing import Developing
from ui.docking import places, put, size
from ui.editing import Editor
from ui.failing import Failing
from ui.filing import Filing
from ui.filming import Filming
from ui.health import Checkup
from ui.menu_keys import MenuKeys
from ui.models import Models
from ui.motion.player import Motion
from ui.narrating import Narrating
from ui.panels import PANELS, Context, Panel
from ui.panels.compare import ComparePanel
from ui.panels.decision_map import DecisionMapPanel
from ui.panels.inspector import InspectorPanel
from ui.panels.points import PointsPanel
from ui.panels.table import TablePanel
from ui.panels.transport import Transport
from ui.predicting import Predicting
from ui.preferences import Preferences
from ui.recovery import Recovery
from ui.selection import Selection, training_row
from ui.sessions import Sessions
from ui.slots import LOOKS, Slots
from ui.stage import Stage
from ui.status import StatusBar

_PLAYABLE = ("save", "save_as", "export", "picture", "film", "numbers", "report", "add_layer", "remove_layer",
             "previous_row", "next_row", "play", "advance", "reset", "new_weights", "unit_phase", "fork", "keep_moment",
             "device", "device_memory",
             "check_gradients", "compare_with_torch", "ask_loss",
             *(f"lesson_{step}" for step in range(1, 8)))  # fmt: skip
_INPUTS = (QLineEdit, QComboBox, QAbstractSpinBox, QAbstractSlider, QAbstractItemView, QAbstractButton, QTabBar)
_TYPED = {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Space}
_LAYOUT_VERSION = 1
_NARROWEST = 236
_BESIDE = (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea)


class MainWindow(Slots):
    """Everything that is seen.

    Parameters
    ----------
    preferences
        What is remembered; None for the platform's place.

    Attributes
    ----------
    bridge, selection, editor
        The simulator, what is chosen, and what is wanted.
    filing, models, carrying
        Data sets and sessions, models, and what views show: into the window and out of it.
    darkroom, developing, filming
        Where files of the session are made beside the window, what says how far they are, and films of the training.
    computing
        Where the numbers are computed.
    failing
        What says that something went wrong, and how to go on.
    asking, predicting, motion
        The account of the present moment, what the network says about every row, and the next update in slow motion.
    actions_by_id, panels, docks
        Everything that can be done, and the panels with their docks, by their ids.
    """

    def __init__(self, preferences: Preferences | None = None) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Nodeglow")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.preferences = preferences or Preferences()
        self.bridge = Bridge(self)
        self.selection = Selection(self)
        self.editor = Editor(self.bridge, self)
        self.computing = Computing(self.bridge, self.preferences, self)
        self.asking = Asking(self.bridge, self.selection, self)
        self.predicting = Predicting(self.bridge, self)
        self.checkup = Checkup(self.bridge, self)
        self.narrating = Narrating(self.bridge, self)
        self.motion = Motion(self.bridge, self.selection, self.asking, self)
        self.sessions = Sessions(self.bridge, self.preferences, self.layout_now, self)
        self.darkroom = Darkroom(self.bridge, self.preferences, self.layout_now, self)
        loading = Loading(self.sessions)
        self.models = Models(self.bridge, self.preferences, loading, self)
        self.carrying = Carrying(self.bridge, self.preferences, self)
        self.filing = Filing(self.bridge, self.preferences, self.sessions, self.models, loading, self)
        self.developing = Developing(self.darkroom, self)
        self.filming = Filming(
            self.bridge, self.preferences, self.selection, self.developing, self.views, lambda: self.theme.name, self
        )
        self.recovery = Recovery(self.bridge, self.sessions, self.preferences.recovery, self.layout_now, self)
        self.failing = Failing(self.bridge, self.computing, self.editor, self)
        self.theme = themes.THEMES[self._wanted_theme()]
        self._clothe()
        self.actions_by_id = make_actions(self, self.theme)
        MenuKeys(self, self.actions_by_id.values())
        self.addActions(list(self.actions_by_id.values()))
        self._make_bar()
        self.stage = Stage(
            self.bridge, self.selection, self.editor, self.asking, self.motion, self.checkup, self.narrating,
            self.actions_by_id, self.theme,
        )  # fmt: skip
        for banner in (self.sessions.banner, self.recovery.banner):
            self.stage.put_above(banner)
        self.setCentralWidget(self.stage)
        self.status = StatusBar(self.bridge, self.computing)
        self.setStatusBar(self.status)
        self.panels: dict[str, Panel] = {}
        self.docks: dict[str, QDockWidget] = {}
        self._make_panels()
        self._make_menus()
        self._unit, self._met = "epoch", False
        self._title = ""
        self.actions_by_id["unit_epoch"].setChecked(True)
        self._connect()
        self.bridge.speed = self.preferences.speed
        self.bridge.limit(self.preferences.timeline_megabytes * 1_000_000)
        for name in ("dashed", "heat_maps", "narrator_line"):
            self.actions_by_id[name].setChecked(getattr(self.preferences, name))
        for name in LOOKS:
            self.actions_by_id[name].setChecked(self.preferences.choice(name, default=getattr(self.canvas.look, name)))
        self.canvas.set_look(weakest=self.preferences.weakest)
        self.dress(self.theme)
        self.resize(1400, 900)
        self.setMinimumSize(640, 480)
        self.put_panels()
        self._remember()

    # -- building -----------------------------------------------------------------------------------------------

    def _make_bar(self) -> None:
        self.transport = Transport(self.bridge, self.actions_by_id, self.theme)
        bar = QToolBar("Transport")
        bar.setObjectName("bar.transport")
        bar.setMovable(False)
        bar.setFloatable(False)
        bar.toggleViewAction().setVisible(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        bar.addWidget(self.transport)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)

    def _make_panels(self) -> None:
        for corner, area in (
            (Qt.Corner.TopLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
            (Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
            (Qt.Corner.TopRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
            (Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
        ):
            self.setCorner(corner, area)
        context = Context(
            self.bridge, self.selection, self.editor, self.asking, self.predicting, self.narrating, self.motion,
            self.computing, self.actions_by_id,
            self.filing.load, self.show_panel, self.show_rows,
        )  # fmt: skip
        for name, row in PANELS.items():
            dock = QDockWidget(row.title, self)
            dock.setObjectName(f"panel.{name}")
            dock.setAccessibleName(row.title)
            dock.setAccessibleDescription(row.help)
            self.panels[name] = row.make(context, self.theme)
            self.panels[name].setObjectName(self.panels[name].objectName() or name)
            dock.setWidget(self.panels[name])
            self.docks[name] = dock
            place = len(self.docks)
            key = f"Alt+{place % 10}" if place <= 10 else f"Alt+Shift+{place % 10}"
            show = dock.toggleViewAction()
            show.setObjectName(f"show.{name}")
            show.setShortcut(key)
            show.setToolTip(f"{row.help} ({key})")
            dock.setToolTip(f"{row.help} ({key})")
            show.triggered.connect(lambda on, name=name: self.show_panel(name) if on else None)
            self.addDockWidget(row.area, dock)

    def _make_menus(self) -> None:
        menus = {name: self.menuBar().addMenu(title) for name, title in MENUS.items()}
        for name, row in ACTIONS.items():
            menu = menus[row.menu]
            if row.starts_group:
                menu.addSeparator()
            menu.addAction(self.actions_by_id[name])
            if name == "import":
                self.recent = menu.addMenu("Open &recent")
                self.recent.setToolTipsVisible(True)
                self.recent.aboutToShow.connect(lambda: self.filing.fill_recent(self.recent))
        menus["View"].insertSeparator(self.actions_by_id["first_screen"])
        for dock in self.docks.values():
            menus["View"].insertAction(self.actions_by_id["first_screen"], dock.toggleViewAction())
        for menu in menus.values():
            menu.setToolTipsVisible(True)

    def _connect(self) -> None:
        self.bridge.opened.connect(self._opened)
        self.bridge.dataset_changed.connect(self._replaced)
        self.bridge.failed.connect(self.show_failure)
        self.editor.refused.connect(self.show_failure)
        self.bridge.playing_changed.connect(self._show_playing)
        self.bridge.snapshot_changed.connect(self._follow_training_row)
        self.bridge.snapshot_changed.connect(self._allow_travel)
        self.editor.plan_changed.connect(lambda plan: self._allow("remove_layer", bool(plan.network.hidden)))
        stack = self.editor.stack
        stack.canUndoChanged.connect(lambda can: self._allow("undo", can))
        stack.canRedoChanged.connect(lambda can: self._allow("redo", can))
        stack.undoTextChanged.connect(lambda text: self._name("undo", text))
        stack.redoTextChanged.connect(lambda text: self._name("redo", text))
        for teller in (self.filing, self.models, self.carrying, self.developing):
            teller.noted.connect(self.stage.say)
        self.developing.banner_made.connect(self.stage.put_above)
        self.developing.failed.connect(self.show_failure)
        self.sessions.changed.connect(self._name_window)
        self.canvas.inspected.connect(self.inspect)
        self.stage.export_wanted.connect(self.take_elsewhere)
        self.status.device_wanted.connect(self.choose_device)
        self.stage.narrator.clicked.connect(lambda: self.show_panel("narrator"))
        self.narrating.diagnosed.connect(self.failing.explain)
        inspector = self.panels["inspector"]
        assert isinstance(inspector, InspectorPanel)
        inspector.check_all_wanted.connect(self.check_gradients)
        inspector.comparison_wanted.connect(self.compare_with_torch)
        table = self.panels["table"]
        assert isinstance(table, TablePanel)
        table.copies.save_wanted.connect(self.carrying.save_rows)
        compare = self.panels["compare"]
        assert isinstance(compare, ComparePanel)
        self.stage.bar.moments = compare.moments
        self.stage.bar.weakest_changed.connect(self.hide_weak)
        points = self.panels["points"]
        assert isinstance(points, PointsPanel)
        points.save_wanted.connect(self.carrying.write_table)
        decision_map = self.panels["map"]
        assert isinstance(decision_map, DecisionMapPanel)
        decision_map.neurons.changed.connect(self.canvas.show_heat_maps)
        for panel in self.panels.values():
            panel.inspected.connect(self.inspect)
            panel.export_wanted.connect(self.take_elsewhere)
        self.motion.switched.connect(self._switch_motion)
        self.motion.played.connect(lambda _on: self._show_playing(self.bridge.playing))

    # -- looks --------------------------------------------------------------------------------------------------

    def _wanted_theme(self) -> str:
        wanted = self.preferences.theme
        return themes.system_theme() if wanted == "system" else wanted

    def dress(self, theme: themes.Theme) -> None:
        """Take the colours of a theme, everywhere."""
        self.theme = theme
        self._clothe()
        tint(self.actions_by_id, theme)
        self._show_playing(self.bridge.playing)
        self.stage.set_theme(theme)
        self.transport.set_theme(theme)
        for panel in self.panels.values():
            panel.set_theme(theme)

    def _clothe(self) -> None:
        """Dress the application; the widgets that are made afterwards measure their font."""
        app = QApplication.instance()
        if isinstance(app, QApplication) and app.property("theme") != self.theme.name:
            app.setProperty("theme", self.theme.name)
            themes.apply(app, self.theme, themes.font_scale(app))

    def put_panels(self) -> None:
        """Put every panel where it is at the first start."""
        for name, row in PANELS.items():
            dock = self.docks[name]
            dock.setFloating(False)
            self.removeDockWidget(dock)
            self.addDockWidget(row.area, dock)
            if row.beside:
                self.tabifyDockWidget(self.docks[row.beside], dock)
            dock.setVisible(row.opened)
        for area, wide in ((Qt.DockWidgetArea.LeftDockWidgetArea, 0.19), (Qt.DockWidgetArea.RightDockWidgetArea, 0.23)):
            docks = [self.docks[name] for name, row in PANELS.items() if row.area == area and row.opened]
            shares = [row.share for row in PANELS.values() if row.area == area and row.opened]
            width = min(340, max(_NARROWEST, round(wide * self.width())))
            self.resizeDocks(docks, [width] * len(docks), Qt.Orientation.Horizontal)
            self.resizeDocks(docks, [100 * share for share in shares], Qt.Orientation.Vertical)

    def _narrow_panels(self, share: float) -> None:
        """Narrow what stands beside the network as the window narrows; the network alone would pay for every pixel."""
        docks = [dock for dock in self.docks.values() if dock.isVisible() and not dock.isFloating()]
        beside = [dock for dock in docks if self.dockWidgetArea(dock) in _BESIDE]
        widths = [min(dock.width(), max(_NARROWEST, round(share * dock.width()))) for dock in beside]
        self.resizeDocks(beside, widths, Qt.Orientation.Horizontal)

    def _remember(self) -> None:
        """Take the size and the places of the last time, as far as they make sense."""
        if not self.preferences.geometry.isEmpty():
            self.restoreGeometry(self.preferences.geometry)
        if not self.preferences.state.isEmpty():
            self.restoreState(self.preferences.state, _LAYOUT_VERSION)

    # -- what happens -------------------------------------------------------------------------------------------

    def _title_of(self, dataset: Any) -> None:
        from simulator.data import BUNDLED

        row = BUNDLED.get(dataset.name)
        self._title = row.title if row else dataset.name
        self._name_window()
        self._allow("lesson_bird", self.bird() is not None)

    def _replaced(self, dataset: Any) -> None:
        """Follow other data of the same session; all that is looked at stays."""
        self.selection.replace(dataset)
        self._title_of(dataset)

    def _opened(self, event: Any) -> None:
        self.selection.follow(event.dataset)
        self._title_of(event.dataset)
        for name in _PLAYABLE:
            self._allow(name, allowed=name != "remove_layer" or bool(event.snapshot.network.hidden))
        if not self._met:
            # Qt would give the keyboard to the first button, and Space would press Reset.
            self._met = True
            self.transport.play.setFocus(Qt.FocusReason.OtherFocusReason)

        if event.layout is not None:
            arrangement = Arrangement.from_json(event.layout)
            if arrangement.docks:
                self.put_panels()
                put(self, self.docks, arrangement.docks)
            # Once the moment is drawn, and the canvas has its size.
            QTimer.singleShot(0, self, lambda: self._arrange(arrangement))

    def layout_now(self) -> dict[str, Any]:
        """Return how the window is arranged, for a session file."""
        selection, chosen = self.selection, self.selection.chosen
        return Arrangement(
            places(self, self.docks),
            None if chosen is None else chosen.row,
            selection.neuron,
            selection.edge,
            self._unit,
            self.bridge.speed or 0,
            self.canvas.sight,
        ).to_json()

    def _arrange(self, arrangement: Arrangement) -> None:
        """Look at what a session's file says, as far as there is such a thing."""
        if self.bridge.snapshot is None:
            return
        size(self, self.docks, arrangement.docks)
        if arrangement.row is not None and arrangement.row < self.selection.rows:
            self.selection.choose_row(arrangement.row)
        neuron, edge = arrangement.selected_in(self.bridge.snapshot.network.sizes)
        if edge is not None:
            self.selection.choose_edge(edge)
        elif neuron is not None:
            self.selection.choose_neuron(neuron)
        speed = arrangement.speed or None
        if arrangement.speed is not None and speed in SPEEDS:
            self.bridge.speed = speed
        if arrangement.unit:
            self._choose_unit(arrangement.unit)
        if arrangement.sight is not None:
            self.canvas.look_at(*arrangement.sight)

    def _name_window(self) -> None:
        """Say whose session it is, and whether it is to be saved."""
        path = self.sessions.origin.path
        name = (self._title if path is None else path.stem).replace("[*]", "[*][*]")
        if self.bridge.dataset is not None:
            self.setWindowTitle(f"{name}[*] – Nodeglow")
            self.setWindowModified(self.sessions.modified)

    def show_failure(self, failure: Any) -> None:
        """Show what went wrong."""
        self.failing.show(failure)

    def _allow(self, name: str, allowed: bool) -> None:
        reasons = {"remove_layer": "There is no hidden layer."}
        refuse(self.actions_by_id[name], "" if allowed else reasons.get(name, ACTIONS[name].refusal))

    def _name(self, name: str, what: str) -> None:
        text = ACTIONS[name].text
        self.actions_by_id[name].setText(f"{text}: {what}" if what else text)

    def _switch_motion(self, on: bool) -> None:
        """In slow motion, back and forth go by phases."""
        if self.bridge.snapshot is not None:
            self._allow_travel(self.bridge.snapshot)
        if on != (self._unit == "phase"):
            self._choose_unit("phase" if on else "batch")

    def _allow_travel(self, snapshot: Any) -> None:
        """Allow what goes elsewhere on the timeline."""
        begun = (snapshot.epoch, snapshot.batch, snapshot.row) > (*snapshot.first, 0)
        for name, allowed in (("back", begun or self.motion.on), ("first", begun), ("live", not snapshot.live)):
            if self.actions_by_id[name].isEnabled() != allowed:
                self._allow(name, allowed)

    def _show_playing(self, on: bool) -> None:
        on = on or self.motion.auto
        self.transport.play.show_playing(on)
        action = self.actions_by_id["play"]
        action.setText("&Pause" if on else "&Play")
        action.setIconText("Pause" if on else "Play")
        action.setIcon(themes.icon("pause" if on else "play", self.theme))

    def _follow_training_row(self, snapshot: Any) -> None:
        """While advancing by rows, look at the row that the run has come to."""
        dataset = self.bridge.dataset
        if (
            self._unit == "row"
            and dataset is not None
            and not self.bridge.playing
            and snapshot.epoch + snapshot.row + snapshot.batch
        ):
            row = training_row(snapshot, dataset)
            if self.selection.chosen is None or row != self.selection.chosen.row:
                self.selection.choose_row(row)

    # -- Qt's events --------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # A key that means something where the focus is goes there, and is no shortcut of the window.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain_key = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if plain_key and event.key() in _TYPED and takes(QApplication.focusWidget(), Qt.Key(event.key())):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == Qt.Key.Key_Escape:
            self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)  # out of a panel, back to the network
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        before, now = event.oldSize().width(), event.size().width()
        if now < before:
            self._narrow_panels(now / before)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        if self.filing.dropped(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        path = self.filing.dropped(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.open_path(path)

    def open_path(self, path: Path) -> None:
        """Open a data set, a session or a model."""
        self.filing.open_path(path)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        if self.sessions.busy:  # the file is to be whole: the window closes after it
            self.sessions.then(lambda: QTimer.singleShot(0, self, self.close))
            event.ignore()
            return
        self.preferences.geometry = self.saveGeometry()
        self.preferences.state = self.saveState(_LAYOUT_VERSION)
        self.preferences.speed = self.bridge.speed
        self.preferences.sync()
        self.recovery.close()
        self.darkroom.close()
        self.bridge.close()
        super().closeEvent(event)


def takes(widget: QWidget | None, key: Qt.Key) -> bool:
    """Return whether a focused widget has its own use for a plain arrow or space."""
    if isinstance(widget, NetworkView):
        return key != Qt.Key.Key_Space
    if isinstance(widget, QAbstractButton):
        return key == Qt.Key.Key_Space
    return isinstance(widget, _INPUTS)
