"""The panel Rate finder: the curve, the mark, and one click that takes the rate."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton

from ui.panels.rate_finder_words import Subject, rounded


@pytest.fixture
def finder(guest):
    guest.window.show_panel("rate_finder")
    panel = guest.window.panels["rate_finder"]
    guest.wait(lambda: panel.built and panel.plot.present is not None)
    return guest, panel


def _rate(guest):
    return dict(guest.bridge.config.optimizer.settings)["learning_rate"]


def test_a_run_suggests_a_rate_and_one_click_takes_it_with_undo(finder):
    guest, panel = finder
    use, said = guest.find("rate_finder.use", QPushButton), guest.find("rate_finder.said", QLabel)
    before, parameters = _rate(guest), guest.parameters.copy()
    assert not use.isEnabled()
    guest.find("rate_finder.run", QPushButton).click()
    guest.wait(lambda: panel.result is not None)
    suggested = rounded(panel.result.suggestions["steepest"])
    assert use.isEnabled()
    assert "At epoch 0," in said.text()
    assert np.array_equal(guest.parameters, parameters)
    assert guest.epoch == 0
    panel.plot.grab()

    # Another rule, then a mark that is dragged, then one moved by keys.
    rule = guest.find("rate_finder.rule", QComboBox)
    rule.setCurrentIndex(1)
    rule.activated.emit(1)
    assert panel.plot.chosen == panel.result.suggestions["minimum"]
    rule.setCurrentIndex(0)
    rule.activated.emit(0)
    y = round(panel.plot.area.center().y())
    QTest.mousePress(panel.plot, Qt.MouseButton.LeftButton, pos=QPoint(round(panel.plot.across(1e-3)), y))
    QTest.mouseMove(panel.plot, QPoint(round(panel.plot.across(0.05)), y))
    QTest.mouseRelease(panel.plot, Qt.MouseButton.LeftButton, pos=QPoint(round(panel.plot.across(0.05)), y))
    assert 0.04 < panel.plot.chosen < 0.06
    assert panel.plot.reading.startswith("0.05")
    QTest.keyClick(panel.plot, Qt.Key.Key_Right)
    dragged = rounded(panel.plot.chosen)
    assert use.text() == f"Use {dragged:g}"
    use.click()
    guest.wait(lambda: _rate(guest) == dragged)
    guest.wait(lambda: panel.plot.present == dragged)
    assert use.isEnabled(), "another rate does not make the test one of another network"
    guest.trigger("undo")
    guest.wait(lambda: _rate(guest) == before)
    assert suggested != before

    # Another batch size does; the start weights can be asked for.
    editor = guest.window.editor
    editor.edit("batch", config=dataclasses.replace(editor.plan.config, batch_size=32))
    guest.wait(lambda: panel.plot.stale)
    assert not use.isEnabled()
    assert "run the test again" in said.text()
    guest.trigger("theme")
    panel.grab()
    guest.advance_to(3)
    guest.find("rate_finder.place", QComboBox).setCurrentIndex(1)
    guest.find("rate_finder.run", QPushButton).click()
    guest.wait(lambda: not panel.plot.stale)
    assert panel._subject.epoch == 0.0
    assert panel.result.suggestions


def test_a_running_test_can_be_stopped(finder):
    guest, panel = finder
    run = guest.find("rate_finder.run", QPushButton)
    panel.settings = dataclasses.replace(panel.settings, updates=10_000)
    run.click()
    assert run.text().startswith("Stop")
    run.click()
    assert run.text() == "Run"
    guest.wait(lambda: len(guest.bridge._jobs) == 0)
    assert panel.result is None


def test_a_result_is_of_its_network_data_and_settings_but_for_the_rate(guest):
    network, config, dataset = guest.bridge.network, guest.bridge.config, guest.bridge.dataset
    subject = Subject(network, config, dataset, 0.0)
    other = config.optimizer.having(learning_rate=0.5)
    assert subject.holds(network, dataclasses.replace(config, optimizer=other), dataset)
    assert not subject.holds(network, dataclasses.replace(config, l2=0.1), dataset)
    assert not subject.holds(network, dataclasses.replace(config, optimizer=other.having(beta1=0.5)), dataset)
    assert not subject.holds(dataclasses.replace(network, hidden=()), config, dataset)
