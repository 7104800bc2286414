import dataclasses

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit

from simulator.spec import Rule
from simulator.training.defaults import default_config, default_network
from ui.canvas import speech
from ui.canvas.cards import neuron_card
from ui.main_window import MainWindow


def _told(guest, rule):
    story = guest.window.narrating.story
    return story is not None and any(each.rule == rule for each in story.sentences)


def _reopen(guest, activation, rule, dataset=None):
    before = guest.bridge.snapshot
    dataset = dataset or guest.bridge.dataset
    config = dataclasses.replace(default_config(dataset), optimizer=rule)
    guest.bridge.open(dataset, default_network(dataset, (8, 8), activation), config)
    guest.wait(lambda: guest.bridge.snapshot is not before and guest.window.narrating.story is not None)


def test_the_line_says_the_newest_and_the_log_goes_to_the_moment(guest):
    window, line = guest.window, guest.window.stage.narrator
    height = window.height()
    guest.wait(lambda: _told(guest, "start"))
    guest.wait(lambda: line.sentence is not None)
    assert line.text().startswith("Nothing is learned yet")
    guest.advance_to(12)
    guest.wait(lambda: _told(guest, "solved"))
    assert line.text().startswith("Solved")
    assert line.accessibleDescription() == line.text()

    line.click()  # shows the log
    panel = window.panels["narrator"]
    guest.wait(lambda: panel.isVisible() and panel.built and panel.log.topLevelItemCount() >= 3)
    solved = panel.log.topLevelItem(panel.log.topLevelItemCount() - 1)
    assert solved.text(1).startswith("Solved")
    assert solved.childCount() >= 2
    about = panel.log.sentences[-1].about
    panel.log.setCurrentItem(solved)
    panel.log.itemActivated.emit(solved, 1)
    guest.wait(lambda: guest.epoch == about)

    # Earlier moments say what was known then; the log keeps the whole branch.
    guest.bridge.go_to(0)
    guest.wait(lambda: guest.epoch == 0 and line.text().startswith("Nothing is learned yet"))
    assert panel.log.topLevelItemCount() >= 3

    filter_ = guest.find("narrator.filter", QLineEdit)
    filter_.setText("solved")
    assert [each.rule for each in panel.log.sentences] == ["solved"]
    panel.copy.click()
    assert QGuiApplication.clipboard().text().startswith("Epoch ")
    assert "The rule: " in QGuiApplication.clipboard().text()
    filter_.setText("")
    panel.trouble.click()
    assert not panel.log.sentences
    assert panel.empty.isVisible()
    panel.trouble.click()

    guest.trigger("narrator_line")
    assert not line.isVisible()
    assert not window.preferences.narrator_line
    guest.trigger("narrator_line")
    assert line.isVisible()
    assert window.height() == height
    guest.trigger("theme")
    assert panel.log.topLevelItemCount() >= 3


def test_the_same_data_that_is_opened_again_is_told_of_again(guest):
    line = guest.window.stage.narrator
    for _ in range(2):
        guest.wait(lambda: line.sentence is not None)
        assert line.text().startswith("Nothing is learned yet")
        before = guest.bridge.snapshot
        guest.bridge.open(guest.bridge.dataset)
        guest.wait(lambda before=before: guest.bridge.snapshot is not before)


def test_silent_neurons_are_marked_told_and_lit(guest):
    window = guest.window
    window.show_panel("narrator")
    panel = window.panels["narrator"]
    _reopen(guest, "relu", Rule("adam", learning_rate=0.3))
    guest.advance_to(25)
    guest.wait(lambda: _told(guest, "silent_2"))
    guest.wait(lambda: bool(window.canvas.picture.ailments))
    picture = window.canvas.picture
    ill = next(each for each in picture.ailments if each.kind == "silent")
    assert picture.ailment(ill.layer, ill.unit) is ill
    assert ("silent", "every row") in neuron_card(picture, ill.layer, ill.unit).results
    assert "silent for every training row" in speech.neuron_sentence(picture, ill.layer, ill.unit)

    # At rest it is found out to the epoch since when, and the line tells of trouble that goes on.
    guest.wait(lambda: any(each.rule == "silent_2" and each.unsure is None for each in panel.log.sentences))
    assert window.stage.narrator.sentence.holds
    nth = next(nth for nth, each in enumerate(panel.log.sentences) if each.rule == "silent_2")
    item = panel.log.topLevelItem(nth)
    sentence = panel.log.sentences[nth]
    panel.log.setCurrentItem(item)
    panel.log.scrollToItem(item)
    place = panel.log.visualItemRect(item).center()
    guest.bot.mouseClick(panel.log.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, place.y()))
    guest.wait(lambda: guest.epoch == sentence.about)
    lit = window.selection.neuron if len(sentence.neurons) == 1 else window.selection.lit
    assert lit in (sentence.neurons, sentence.neurons[0])
    window.selection.choose_neuron((0, 0))
    assert window.selection.lit == ()

    # Another network has other neurons: no mark stays behind.
    _reopen(guest, "tanh", Rule("adam", learning_rate=0.01))
    guest.wait(lambda: not window.canvas.picture.ailments)


def test_after_a_divergence_the_message_says_why_and_a_button_goes_on(make_window):
    guest = make_window("diabetes")
    window: MainWindow = guest.window
    _reopen(guest, "leaky_relu", Rule("sgd", learning_rate=3.0))
    guest.bridge.advance(40)
    guest.wait(lambda: window.narrating.divergence is not None)
    found = window.narrating.divergence
    assert found.advised is not None
    dialog = window.failing.diverged
    assert dialog is not None
    assert "times too high for this network" in dialog.message.text()
    guest.wait(lambda: _told(guest, "divergence"))
    guest.wait(lambda: window.stage.narrator.text().startswith("Diverged"))
    button = next(each for each in dialog.findChildren(type(dialog.copy)) if each.objectName() == "failure.way_1")
    button.click()
    guest.wait(lambda: guest.bridge.playing and guest.epoch > found.from_epoch + 3)
    guest.bridge.pause()
    guest.wait_for_rest()
    assert dict(guest.bridge.config.optimizer.settings)["learning_rate"] == pytest.approx(found.advised)
    assert window.narrating.divergence is None
