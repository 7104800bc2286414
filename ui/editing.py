"""Edits of the network and of its training: each a (before, after) pair of frozen specs, with undo and redo."""

import dataclasses
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from simulator.errors import SimulatorError
from simulator.nn import choices
from simulator.nn.losses import LOSSES
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig
from ui.bridge import Bridge
from ui.jobs import Failure

if TYPE_CHECKING:
    from simulator.data import Dataset

LARGEST_UNITS = 100_000


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is trained, and how."""

    network: NetworkSpec
    config: TrainingConfig


class Replacement(QUndoCommand):
    """One edit: a plan in the place of another."""

    def __init__(self, editor: "Editor", text: str, before: Plan, after: Plan) -> None:
        super().__init__(text)
        self._editor, self._before, self._after = editor, before, after

    def redo(self) -> None:
        self._editor.carry_out(self._after)

    def undo(self) -> None:
        self._editor.carry_out(self._before)


class Editor(QObject):
    """Turns wishes into plans, and plans into commands; only what needs a new network starts one.

    Signals
    -------
    plan_changed
        A `Plan`: what is wanted now, or what the running session has.
    refused
        A `ui.jobs.Failure`: a wish that cannot be carried out; nothing has changed.
    """

    plan_changed = Signal(object)
    refused = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.plan: Plan | None = None
        self.stack = QUndoStack(self)
        self.stack.setUndoLimit(200)
        self._dataset: Dataset | None = None
        self._awaited: Plan | None = None
        bridge.opened.connect(self._opened)
        for changed in (bridge.dataset_changed, bridge.dataset_waiting):
            changed.connect(lambda _dataset: setattr(self, "_dataset", bridge.wanted_dataset))
        bridge.configured.connect(lambda event: self._confirm(Plan(event.network, event.config)))
        bridge.failed.connect(lambda _failure: self._fall_back())

    # -- wishes -------------------------------------------------------------------------------------------------

    def edit(self, text: str, network: NetworkSpec | None = None, config: TrainingConfig | None = None) -> None:
        """Replace the network or the settings; `text` names the edit for the menu."""
        before = self.plan
        if before is None:
            return
        after = Plan(network or before.network, config or before.config)
        if after == before:
            return
        try:
            choices.check(after.network, after.config)
        except SimulatorError as error:
            self.refused.emit(Failure(error.message, error.hint, type(error).__name__))
            self.plan_changed.emit(before)
            return
        self.stack.push(Replacement(self, text, before, after))

    def change_units(self, layer: int, by: int) -> None:
        """Give hidden layer `layer` (from 1) more or fewer neurons."""
        if self.plan is None or not 0 < layer <= len(self.plan.network.hidden):
            return
        units = self.plan.network.hidden[layer - 1].units
        self.set_layer(layer, units=min(LARGEST_UNITS, max(1, units + by)))

    def set_layer(self, layer: int, **settings: Any) -> None:
        """Replace settings of hidden layer `layer` (from 1)."""
        if self.plan is None:
            return
        hidden = list(self.plan.network.hidden)
        hidden[layer - 1] = dataclasses.replace(hidden[layer - 1], **settings)
        what = ", ".join(f"{name} {value}" for name, value in settings.items())
        self.edit(f"hidden layer {layer}: {what}", dataclasses.replace(self.plan.network, hidden=tuple(hidden)))

    def add_layer(self, layer: int | None = None) -> None:
        """Add a hidden layer that becomes number `layer` (from 1), or the last one; it is like its neighbour."""
        if self.plan is None:
            return
        hidden = list(self.plan.network.hidden)
        place = len(hidden) if layer is None else min(max(layer - 1, 0), len(hidden))
        like = hidden[max(0, place - 1)] if hidden else LayerSpec()
        hidden.insert(place, dataclasses.replace(like, units=min(like.units, 8)))
        self.edit("add a layer", dataclasses.replace(self.plan.network, hidden=tuple(hidden)))

    def remove_layer(self, layer: int | None = None) -> None:
        """Remove hidden layer `layer` (from 1), or the last one."""
        if self.plan is None or not self.plan.network.hidden:
            return
        hidden = list(self.plan.network.hidden)
        del hidden[(len(hidden) if layer is None else layer) - 1]
        self.edit("remove a layer", dataclasses.replace(self.plan.network, hidden=tuple(hidden)))

    def set_loss(self, loss: Rule) -> None:
        """Choose a loss; the output link, and where it must the number of outputs, follow."""
        plan, dataset = self.plan, self._dataset
        if plan is None or dataset is None:
            return
        row = LOSSES[loss.name]
        network = plan.network
        classes = len(dataset.class_names)
        link = network.link if network.link in row.links else row.links[0]
        outputs = network.outputs
        if classes == 2:
            outputs = 1 if loss.name == "binary_cross_entropy" else outputs
            if outputs == 1 and link == "softmax":
                outputs = 2
            if loss.name == "cross_entropy":
                outputs = 2
        network = dataclasses.replace(network, link=link, outputs=outputs)
        self.edit(f"loss {loss.name}", network, dataclasses.replace(plan.config, loss=loss))

    # -- deeds --------------------------------------------------------------------------------------------------

    def carry_out(self, after: Plan) -> None:
        """Send the command that a plan needs (for the undo stack)."""
        running, dataset = self._running(), self._bridge.wanted_dataset
        if running is None or dataset is None:
            return
        self.plan = self._awaited = after
        self.plan_changed.emit(after)
        if needs_new_network(running, after):
            self._bridge.open(dataset, after.network, after.config)
        elif after.config.seed != running.config.seed:
            self._bridge.configure(dataclasses.replace(after.config, seed=running.config.seed), after.network)
            self._bridge.new_weights(after.config.seed)
        else:
            self._bridge.configure(after.config, after.network)

    def _running(self) -> Plan | None:
        """Return what the worker has, or will have when it has obeyed what was sent."""
        if self._awaited is not None:
            return self._awaited
        network, config = self._bridge.network, self._bridge.config
        return None if network is None or config is None else Plan(network, config)

    def _opened(self, event: Any) -> None:
        if event.dataset is not self._dataset:
            self._dataset, self._awaited = event.dataset, None
            self.stack.clear()
        self._confirm(Plan(event.snapshot.network, event.snapshot.config))

    def _confirm(self, plan: Plan) -> None:
        if self._awaited is not None and plan != self._awaited:
            return  # a later wish is on its way
        self._awaited = None
        if plan != self.plan:
            self.plan = plan
            self.plan_changed.emit(plan)

    def _fall_back(self) -> None:
        """After a failure show what the session has; an edit that failed leaves the list of edits."""
        if self._awaited is None:
            return
        self._awaited = None
        running = self._running()
        if running is not None and running != self.plan:
            self.plan = running
            self.stack.clear()
            self.plan_changed.emit(running)


def needs_new_network(running: Plan, wanted: Plan) -> bool:
    """Return whether a plan needs a new session: another shape, start weights of another kind, or another dtype."""
    before, after = running.network, wanted.network
    return (
        before.shapes != after.shapes
        or before.link != after.link
        or before.initializer != after.initializer
        or running.config.dtype != wanted.config.dtype
    )


def rule_of(name: str, row: Any) -> Rule:
    """Return the rule that a row of a table stands for, with the settings that differ from the row's defaults."""
    fields = {field.name: field.default for field in dataclasses.fields(row)}
    settings = {key: getattr(row, key) for key, default in fields.items() if getattr(row, key) != default}
    if "learning_rate" in fields:
        settings["learning_rate"] = row.learning_rate  # said even where it is the default, as `default_config` does
    return Rule(name, **settings)
