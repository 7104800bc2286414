"""What the window's actions do: one method each; `ui.actions` says which."""

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QInputDialog, QMainWindow

from ui import theme as themes
from ui.asking import Account, Asking
from ui.bridge import SPEEDS, Bridge
from ui.canvas.view import NetworkView
from ui.carrying import Carrying
from ui.darkroom import Darkroom
from ui.developing import Developing
from ui.editing import Editor
from ui.filing import Filing
from ui.filming import Filming
from ui.models import Models
from ui.motion.player import Motion
from ui.panels import Panel
from ui.panels.compare import ComparePanel
from ui.panels.curves import CurvesPanel
from ui.panels.decision_map import DecisionMapPanel
from ui.panels.table import TablePanel
from ui.panels.training import TrainingPanel
from ui.panels.transport import Transport
from ui.pictures import View
from ui.preferences import MOST_MEGABYTES, Preferences
from ui.selection import Selection
from ui.stage import Stage
from ui.taking import told, view_of, views

_BESIDE_STEP = {1: "table", 7: "matrices"}
_BIRD = {"bill_length_mm": 37.3, "bill_depth_mm": 16.8, "flipper_length_mm": 192, "body_mass_g": 3000}
_BELOW = 0.36
LOOKS = ("widths", "curved", "edge_numbers", "node_numbers", "upright")
"""The actions that change the choice of the canvas that is called like them."""


class Slots(QMainWindow):
    """The part of the window that obeys; the attributes are those of `ui.main_window.MainWindow`."""

    bridge: Bridge
    selection: Selection
    editor: Editor
    filing: Filing
    models: Models
    carrying: Carrying
    filming: Filming
    asking: Asking
    darkroom: Darkroom
    developing: Developing
    motion: Motion
    preferences: Preferences
    stage: Stage
    transport: Transport
    theme: themes.Theme
    actions_by_id: dict[str, QAction]
    panels: dict[str, Panel]
    docks: dict[str, QDockWidget]
    _unit: str

    def dress(self, theme: themes.Theme) -> None:
        """Take the colours of a theme, everywhere."""
        raise NotImplementedError

    def put_panels(self) -> None:
        """Put every panel where it is at the first start."""
        raise NotImplementedError

    def open_dataset(self) -> None:
        """Ask for a data set."""
        self.filing.ask_for_dataset()

    def generate(self) -> None:
        """Show the plane, where data are generated and drawn."""
        self.show_panel("points")
        self.panels["points"].setFocus(Qt.FocusReason.OtherFocusReason)

    def open_session(self) -> None:
        """Ask for a session."""
        self.filing.open_session()

    def save(self) -> None:
        """Write the session to its file."""
        self.filing.save()

    def save_as(self) -> None:
        """Write the session to another file."""
        self.filing.save_as()

    def export(self) -> None:
        """Write the model in a format of the user's choice."""
        self.models.export()

    def picture(self, view: str = "") -> None:
        """Make a picture of the network, of a panel or of the window."""
        from ui.dialogs.picture import PictureDialog

        name = self.bridge.dataset.name if self.bridge.dataset is not None else "nodeglow"
        dialog = PictureDialog(self.views(), self.darkroom, self.preferences, self.theme.name, name, self)
        if view:
            dialog.show_subject(view)
        dialog.open()

    def views(self) -> dict[str, View]:
        """Return everything that can be drawn by itself, by its name."""
        return views(self, self.stage, self.panels)

    def take_elsewhere(self, what: str, export: Any) -> None:
        """Copy or save what a view shows; for a picture that is to be a file, there is more to choose."""
        if what == "save_picture":
            self.picture(view_of(self.sender(), self.panels))
        else:
            self.carrying.take(what, export)

    def numbers(self) -> None:
        """Write the numbers behind the views."""
        from ui.dialogs.numbers import NumbersDialog

        curves = self.panels["curves"]
        assert isinstance(curves, CurvesPanel)

        def show(account: Account) -> None:
            self.asking.want(self, wanted=False)
            NumbersDialog(told(self.bridge, account, curves.branches()), self.bridge, self.preferences, self).open()

        self.asking.want(self)
        self.asking.once(show)

    def report(self) -> None:
        """Ask for a file, and write all of it down there beside the window."""
        from ui.dialogs.save_file import REPORTS, ask_where_to_save

        name = self.bridge.dataset.name if self.bridge.dataset is not None else "nodeglow"
        path = ask_where_to_save(self, self.preferences, "reports", f"{name}-report", "Save the report", REPORTS)
        if path is not None:
            self.developing.begin(("--force",), path, "The report")

    def make_film(self) -> None:
        """Ask how a film of the training is to be, and make it."""
        self.filming.ask()

    def import_model(self) -> None:
        """Open a model."""
        self.models.import_model()

    def undo(self) -> None:
        """Take the last edit back."""
        self.editor.stack.undo()

    def redo(self) -> None:
        """Make the edit that was taken back again."""
        self.editor.stack.redo()

    def add_layer(self) -> None:
        """Add a hidden layer."""
        self.editor.add_layer()

    def remove_layer(self) -> None:
        """Remove the last hidden layer."""
        self.editor.remove_layer()

    def previous_row(self) -> None:
        """Choose the row before."""
        self.selection.step(-1)

    def next_row(self) -> None:
        """Choose the next row."""
        self.selection.step(1)

    def play_or_pause(self) -> None:
        """Train on, or stop."""
        if self._unit == "phase":
            self.motion.play(not self.motion.auto)
        elif self.bridge.playing:
            self.bridge.pause()
        else:
            self.bridge.play()

    def advance(self) -> None:
        """Go on by the chosen count and unit."""
        n, unit = self.transport.steps
        if unit == "phase":
            self.motion.turn(n)
        else:
            self.bridge.advance(n, unit)

    def back(self) -> None:
        """Go back by the chosen count and unit."""
        n, unit = self.transport.steps
        if unit == "phase":
            self.motion.turn(-n)
        else:
            self.bridge.back(n, unit)

    def go_to_start(self) -> None:
        """Go to the start of the branch's run."""
        self.bridge.go_to(0)

    def go_live(self) -> None:
        """Go to the end of the branch."""
        snapshot = self.bridge.snapshot
        if snapshot is not None:
            self.bridge.switch(snapshot.branch)

    def limit_timeline(self) -> None:
        """Ask how much memory the timeline may take."""
        now = self.preferences.timeline_megabytes
        text = "Memory for the keyframes of the timeline, in MB.\nThe fewer there are, the longer it takes to go back."
        wanted, sure = QInputDialog.getInt(self, "Memory of the timeline", text, now, 1, MOST_MEGABYTES, 64)
        if sure:
            self.preferences.timeline_megabytes = wanted
            self.bridge.limit(wanted * 1_000_000)

    def choose_device(self) -> None:
        """Show the list of devices."""
        training = self._training()
        QTimer.singleShot(0, training, training.device.open)  # once the panel has its place

    def limit_device(self) -> None:
        """Go to where a limit of the GPU's memory is typed."""
        training = self._training()
        training.more.setChecked(True)
        QTimer.singleShot(0, training, training.show_memory)

    def _training(self) -> TrainingPanel:
        self.show_panel("training")
        training = self.panels["training"]
        assert isinstance(training, TrainingPanel)
        return training

    def fork(self) -> None:
        """Begin a branch at this moment."""
        self.bridge.fork()

    def keep_moment(self) -> None:
        """Keep the present moment to compare with."""
        compare = self.panels["compare"]
        assert isinstance(compare, ComparePanel)
        name = compare.keep()
        self.stage.say(f"Kept: {name}")
        if not compare.isVisible():
            self.show_panel("compare")

    def reset(self) -> None:
        """Go back to the same start weights."""
        self.bridge.reset()

    def new_weights(self) -> None:
        """Go back to other start weights."""
        self.bridge.new_weights()

    def choose_phase(self) -> None:
        """Go through the next update in slow motion."""
        self._choose_unit("phase")

    def choose_row(self) -> None:
        """Advance by rows."""
        self._choose_unit("row")

    def choose_batch(self) -> None:
        """Advance by batches."""
        self._choose_unit("batch")

    def choose_epoch(self) -> None:
        """Advance by epochs."""
        self._choose_unit("epoch")

    def _choose_unit(self, unit: str) -> None:
        self._unit = unit
        self.actions_by_id[f"unit_{unit}"].setChecked(True)
        self.transport.show_unit(unit)
        if unit == "phase":
            self.motion.start()
        else:
            self.motion.stop()

    def teach(self, step: int) -> None:
        """Show a step of the lesson: its page, what belongs beside it, and its phase in slow motion."""
        unread = self.docks["lesson"].isHidden()
        for name in filter(None, ("lesson", _BESIDE_STEP.get(step))):
            self.show_panel(name)
        if unread:  # its pages are longer than what is beside it
            self.resizeDocks([self.docks["lesson"], self.docks["training"]], [700, 250], Qt.Orientation.Vertical)
        self._choose_unit("phase")
        self.motion.jump(step)

    def choose_bird(self) -> None:
        """Send the lesson's penguin through the network."""
        bird = self.bird()
        if bird is not None:
            self.selection.choose_row(bird)

    def slower(self) -> None:
        """Show fewer epochs a second."""
        self._change_speed(-1)

    def faster(self) -> None:
        """Show more epochs a second."""
        self._change_speed(1)

    def _change_speed(self, by: int) -> None:
        place = SPEEDS.index(self.bridge.speed) if self.bridge.speed in SPEEDS else len(SPEEDS) - 1
        self.bridge.speed = SPEEDS[min(max(0, place + by), len(SPEEDS) - 1)]

    def toggle_theme(self) -> None:
        """Change between dark and light."""
        name = "light" if self.theme.dark else "dark"
        self.preferences.theme = name
        self.dress(themes.THEMES[name])

    def show_narrator_line(self, on: bool) -> None:
        """Show the narrator's newest sentence below the network, or not."""
        self.preferences.narrator_line = on
        self.stage.narrator.setVisible(on)

    def dash(self, on: bool) -> None:
        """Draw negative weights dashed, or not."""
        self.preferences.dashed = on
        self.canvas.set_look(dashed=on)

    def map_neurons(self, on: bool) -> None:
        """Draw maps in the neurons, or not."""
        self.preferences.heat_maps = on
        decision_map = self.panels["map"]
        assert isinstance(decision_map, DecisionMapPanel)
        decision_map.neurons.turn(on)
        self.canvas.set_look(heat_maps=on)

    def choose_look(self, name: str, on: bool) -> None:
        """Change a choice of the canvas."""
        self.preferences.choose(name, on)
        self.canvas.set_look(**{name: on})

    def hide_weak(self, weakest: float) -> None:
        """Hide edges below a share of their scale's end."""
        self.preferences.weakest = weakest
        self.canvas.set_look(weakest=weakest)

    def look(self) -> None:
        """Open the choices of the canvas."""
        self.stage.bar.open()

    def fit(self) -> None:
        """Show the whole network."""
        self.canvas.fit()

    def zoom_in(self) -> None:
        """Come closer."""
        self.canvas.zoom_by(1.25)

    def zoom_out(self) -> None:
        """See more."""
        self.canvas.zoom_by(0.8)

    def first_screen(self) -> None:
        """Put all panels where they were at the first start."""
        self.put_panels()
        self.canvas.fit()

    def inspect(self, by_keyboard: bool) -> None:
        """Show the arithmetic of what is selected; who came by keyboard goes on there."""
        self.show_panel("inspector")
        if by_keyboard:
            self.panels["inspector"].setFocus(Qt.FocusReason.OtherFocusReason)

    def check_gradients(self) -> None:
        """Check every gradient of the next batch by small changes."""
        from ui.dialogs.proof_gradients import check_gradients

        self.show_panel("inspector")
        self.asking.once(lambda account: check_gradients(self.bridge, account.batch, self))

    def ask_loss(self) -> None:
        """Show where the loss of the batch comes from."""
        from simulator.explain import Number

        self.selection.choose_number(Number("batch_loss"))
        self.inspect(by_keyboard=False)

    def compare_with_torch(self) -> None:
        """Train the next epochs with PyTorch, too."""
        from ui.dialogs.proof_torch import compare_with_torch

        self.show_panel("inspector")
        self.asking.once(lambda _account: compare_with_torch(self.bridge, self.asking, self.preferences, self))

    def show_panel(self, name: str) -> None:
        """Show a panel, before those that it shares a place with."""
        dock, bottom = self.docks[name], Qt.DockWidgetArea.BottomDockWidgetArea
        below = [each for each in self.docks.values() if not each.isHidden() and self.dockWidgetArea(each) == bottom]
        dock.show()
        dock.raise_()
        if not below and self.dockWidgetArea(dock) == bottom and not dock.isFloating():
            # Qt would share the height between the network and what comes below it.
            self.resizeDocks([dock], [round(_BELOW * self.height())], Qt.Orientation.Vertical)

    def show_rows(self, rows: Any, title: str) -> None:
        """Show some rows of the raw table, under a name, in the panel Table."""
        table = self.panels["table"]
        assert isinstance(table, TablePanel)
        self.show_panel("table")
        table.show_rows(rows, title)

    def help(self) -> None:
        """Show the keys and the mouse."""
        from ui.dialogs.help import show_help

        show_help(self, [*self.actions_by_id.values(), *(dock.toggleViewAction() for dock in self.docks.values())])

    def about(self) -> None:
        """Show what the program is."""
        from ui.dialogs.help import show_about

        show_about(self)

    @property
    def canvas(self) -> NetworkView:
        """The network."""
        return self.stage.view

    def bird(self) -> int | None:
        """Return the row of the lesson's penguin, or None."""
        table = None if self.bridge.dataset is None else self.bridge.dataset.table
        if table is None or not set(_BIRD) <= set(table.columns):
            return None
        found = (table[list(_BIRD)] == list(_BIRD.values())).all(axis=1).to_numpy().nonzero()[0]
        return int(found[0]) if len(found) else None
