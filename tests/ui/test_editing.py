"""Edits of the network and its settings, with undo and redo."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QToolButton

from simulator.fields import settings_of
from simulator.nn.choices import CHOICES
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig
from ui.editing import Plan, needs_new_network, rule_of


@pytest.fixture
def guest(lasting):
    return lasting()


def sizes(guest):
    return guest.bridge.network.sizes


def test_plus_above_a_layer_adds_a_neuron_and_undo_takes_it_back(guest):
    guest.advance_to(3)
    start = guest.bridge.dataset
    guest.window.canvas.units_changed.emit(1, 1)
    guest.wait(lambda: sizes(guest) == (4, 9, 8, 3))
    assert guest.epoch == 0
    assert guest.bridge.dataset is start
    guest.trigger("undo")
    guest.wait(lambda: sizes(guest) == (4, 8, 8, 3))
    guest.trigger("redo")
    guest.wait(lambda: sizes(guest) == (4, 9, 8, 3))
    assert not guest.action("redo").isEnabled()


def test_quick_clicks_all_count(guest):
    for _ in range(5):
        guest.window.canvas.units_changed.emit(2, 1)
    guest.wait(lambda: sizes(guest) == (4, 8, 13, 3))
    for _ in range(5):
        guest.trigger("undo")
    guest.wait(lambda: sizes(guest) == (4, 8, 8, 3))


def test_a_layer_keeps_one_neuron_at_least(guest):
    guest.window.canvas.units_changed.emit(1, -100)
    guest.wait(lambda: sizes(guest) == (4, 1, 8, 3))


def test_layers_come_and_go_down_to_none(guest):
    guest.window.canvas.layer_added.emit(1)
    guest.wait(lambda: len(sizes(guest)) == 5)
    for left in (2, 1, 0):
        guest.trigger("remove_layer")
        guest.wait(lambda left=left: len(guest.bridge.network.hidden) == left)
    assert not guest.action("remove_layer").isEnabled()
    assert "no hidden layer" in guest.action("remove_layer").toolTip()
    guest.trigger("add_layer")
    guest.wait(lambda: sizes(guest) == (4, 8, 3))
    guest.advance_to(2)


def test_the_learning_rate_changes_while_it_runs(guest):
    guest.bridge.speed = 60
    guest.trigger("play")
    guest.wait(lambda: guest.epoch >= 3)
    config = guest.window.editor.plan.config
    guest.window.editor.edit("rate", config=dataclasses.replace(config, optimizer=Rule("adam", learning_rate=0.002)))
    guest.wait(lambda: guest.bridge.config.optimizer == Rule("adam", learning_rate=0.002))
    assert guest.bridge.playing
    before = guest.epoch
    assert before >= 3
    guest.wait(lambda: guest.epoch > before)
    guest.wait(lambda: guest.bridge.records["learning_rate"][-1] == 0.002)


def test_a_rate_is_typed_and_undone(guest, qtbot):
    line = guest.find("field.learning_rate", QLineEdit)
    line.selectAll()
    line.setFocus()
    qtbot.keyClicks(line, "1e-8")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    guest.wait(lambda: dict(guest.bridge.config.optimizer.settings)["learning_rate"] == 1e-8)
    assert line.text() == "1e-8"
    guest.trigger("undo")
    guest.wait(lambda: dict(guest.bridge.config.optimizer.settings)["learning_rate"] == 0.01)
    guest.wait(lambda: line.text() == "0.01")


def test_a_refused_rate_says_so_while_it_is_typed_and_changes_nothing(guest, qtbot):
    field = guest.window.panels["training"].optimizer.form.fields["learning_rate"]
    field.line.selectAll()
    field.line.setFocus()
    qtbot.keyClicks(field.line, "-1")
    assert "at least 0" in field.refusal
    qtbot.keyClick(field.line, Qt.Key.Key_Return)
    assert field.line.text() == "0.01"
    assert field.refusal == ""
    assert not guest.window.editor.stack.canUndo()


def test_every_optimizer_can_be_chosen_and_trains(guest):
    box = guest.find("field.optimizer", QComboBox)
    for name, rule in CHOICES["optimizer"].items():
        box.setCurrentIndex(box.findData(name))
        box.activated.emit(box.currentIndex())
        guest.wait(lambda name=name: guest.bridge.config.optimizer.name == name)
        guest.advance_to(guest.epoch + 2)
        for setting in settings_of(rule):
            assert guest.find(f"field.{setting.name}").accessibleName() == setting.label, name


def test_every_schedule_can_be_chosen_and_trains(guest):
    box = guest.find("field.schedule", QComboBox)
    for name in CHOICES["schedule"]:
        box.setCurrentIndex(box.findData(name))
        box.activated.emit(box.currentIndex())
        guest.wait(lambda name=name: guest.bridge.config.schedule.name == name)
        guest.advance_to(guest.epoch + 2)


@pytest.mark.parametrize("name", CHOICES["loss"])
def test_every_loss_can_be_chosen_and_the_outputs_follow(guest, name):
    box = guest.find("field.loss", QComboBox)
    box.setCurrentIndex(box.findData(name))
    box.activated.emit(box.currentIndex())
    guest.wait(lambda: guest.bridge.config.loss.name == name)
    assert guest.bridge.network.link in CHOICES["loss"][name].links
    guest.advance_to(2)


def test_another_seed_means_other_start_weights_and_undo_brings_the_old_ones(guest):
    start = guest.parameters
    config = guest.window.editor.plan.config
    guest.window.editor.edit("seed", config=dataclasses.replace(config, seed=7))
    guest.wait(lambda: guest.bridge.config.seed == 7 and not np.array_equal(guest.parameters, start))
    guest.trigger("undo")
    guest.wait(lambda: guest.bridge.config.seed == 0 and np.array_equal(guest.parameters, start))


def test_another_number_format_starts_anew(guest):
    guest.advance_to(2)
    config = guest.window.editor.plan.config
    guest.window.editor.edit("dtype", config=dataclasses.replace(config, dtype="float64"))
    guest.wait(lambda: guest.parameters.dtype == np.float64)
    assert guest.epoch == 0


def test_an_activation_changes_without_a_new_network(guest):
    guest.advance_to(3)
    guest.window.editor.set_layer(1, activation="relu")
    guest.wait(lambda: guest.bridge.network.hidden[0].activation == "relu")
    assert guest.epoch == 3


def test_the_network_panel_edits_layers(guest):
    guest.window.docks["network"].show()
    panel = guest.window.panels["network"]
    assert len(panel.layers) == 2
    guest.find("network.add", QToolButton).click()
    guest.wait(lambda: len(sizes(guest)) == 5)
    assert len(panel.layers) == 3
    panel.layers[0].form.fields["units"].committed.emit(5)
    guest.wait(lambda: sizes(guest)[1] == 5)
    panel.layers[1].form.fields["dropout"].committed.emit(0.25)
    guest.wait(lambda: guest.bridge.network.hidden[1].dropout == 0.25)
    guest.find("network.layer3.remove", QToolButton).click()
    guest.wait(lambda: len(sizes(guest)) == 4)
    panel.start.fields["initializer"].committed.emit("he_normal")
    guest.wait(lambda: guest.bridge.network.initializer == "he_normal")


def test_a_plan_that_does_not_go_together_is_refused_and_nothing_changes(guest):
    refusals = []
    guest.window.editor.refused.connect(refusals.append)
    plan = guest.window.editor.plan
    guest.window.editor.edit("nonsense", config=dataclasses.replace(plan.config, loss=Rule("binary_cross_entropy")))
    assert refusals[0].kind == "ConfigError"
    assert guest.window.editor.plan == plan
    assert not guest.window.editor.stack.canUndo()
    guest.find("dialog.failure").close()


def test_a_new_data_set_forgets_the_edits_of_the_old_one(guest):
    guest.window.editor.add_layer()
    guest.wait(lambda: len(sizes(guest)) == 5)
    guest.window.filing.load("iris")
    guest.wait(lambda: guest.bridge.dataset.name == "iris")
    assert not guest.action("undo").isEnabled()


def test_only_what_needs_a_new_network_asks_for_one():
    network, config = NetworkSpec(), TrainingConfig()
    plan = Plan(network, config)
    assert not needs_new_network(plan, Plan(network, dataclasses.replace(config, batch_size=4, l2=0.1, seed=3)))
    relu = dataclasses.replace(network, hidden=(LayerSpec(8, "relu"), LayerSpec(8, dropout=0.5)))
    assert not needs_new_network(plan, Plan(relu, config))
    assert needs_new_network(plan, Plan(dataclasses.replace(network, hidden=()), config))
    assert needs_new_network(plan, Plan(dataclasses.replace(network, initializer="he_normal"), config))
    assert needs_new_network(plan, Plan(network, dataclasses.replace(config, dtype="float64")))


@pytest.mark.parametrize("what", ["optimizer", "schedule", "loss"])
def test_a_rule_keeps_what_differs_from_its_row(what):
    for name, row in CHOICES[what].items():
        instance = row()
        again = row(**dict(rule_of(name, instance).settings)) if dataclasses.is_dataclass(row) else instance
        assert again == instance or type(again) is type(instance)
