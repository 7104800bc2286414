"""The panel Distributions: ridgelines, histograms, and the neurons that are in trouble."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QListWidget

from simulator.insight.health import Ailment, Health
from simulator.spec import Rule
from ui.panels.distributions_ailments import sentence
from ui.panels.distributions_content import axis_text
from ui.panels.distributions_now import count_text
from ui.panels.distributions_ridges import epoch_text, short_epoch


@pytest.fixture
def shown(guest):
    """A window whose panel has looked at a run of twenty epochs."""
    guest.advance_to(20)
    panel = guest.window.panels["distributions"]
    guest.window.show_panel("distributions")
    guest.wait(lambda: panel.built and len(panel.studying.all) > 10 and panel.studying.present is not None)
    guest.wait(lambda: panel.ridges.content is not None and len(panel.ridges.content.studies) > 10)
    guest.wait(lambda: panel.ridges.content.present is not None)
    return guest, panel


def test_opened_late_it_shows_the_whole_branch_and_a_click_goes_to_an_epoch(shown):
    guest, panel = shown
    times = [study.time for study in panel.ridges.content.studies]
    assert (times[0], times[-1]) == (0.0, 20.0)
    assert panel.ridges.content.names == ("Hidden 1", "Hidden 2", "Output")
    room = panel.ridges.rooms()[1]
    first = panel.ridges._lines(room)[0]
    place = QPoint(round(room.center().x()), round(first) - 2)
    QTest.mouseMove(panel.ridges, place)
    said = guest.find("distributions.reading", QLabel)
    guest.wait(lambda: said.text().startswith("Hidden 2 · epoch 0 · weight"))
    QTest.mouseClick(panel.ridges, Qt.MouseButton.LeftButton, pos=place)
    guest.wait(lambda: guest.epoch == 0)
    guest.wait(lambda: panel.ridges.content.present is not None and panel.ridges.content.present.place == (0, 0))
    assert [study.time for study in panel.ridges.content.studies][-1] == 20.0

    # With the keys: down to the next moment, and there.
    panel.ridges.setFocus()
    QTest.mouseMove(panel.ridges, QPoint(1, 1))
    panel.ridges._on = None
    QTest.keyClick(panel.ridges, Qt.Key.Key_End)
    assert "epoch 20" in said.text()
    QTest.keyClick(panel.ridges, Qt.Key.Key_Return)
    guest.wait(lambda: guest.epoch == 20)

    # Another run is another branch: what was known of the old one is forgotten.
    guest.trigger("new_weights")
    guest.wait(lambda: guest.epoch == 0)
    guest.wait(lambda: [study.time for study in panel.studying.all] == [0.0])


def test_the_histogram_of_now_has_the_figures_of_the_weights(shown):
    guest, panel = shown
    guest.find("distributions.extent.now").click()
    guest.wait(lambda: panel.now.isVisible())
    weights = np.asarray(guest.bridge.snapshot.layers[1].weight, np.float64)
    figures = panel.now.content.present.spreads["weights"][1].figures
    assert figures.mean == pytest.approx(weights.mean())
    assert figures.count == weights.size
    guest.find("distributions.size").click()
    panel.now.grab()
    assert panel.now.content.by_size
    guest.find("distributions.size").click()
    guest.find("distributions.quantity.activations").click()
    assert panel.now.content.quantity == "activations"
    assert panel.now.content.sizes[0] == f"tanh · {len(guest.bridge.dataset.X_train)} rows"
    guest.find("distributions.layer", QComboBox).setCurrentIndex(3)
    panel._draw()
    assert panel.now.content.layers == (2,)
    panel.now.grab()
    room = panel.now.rooms()[2]
    QTest.mouseMove(panel.now, panel.now.area(room).center().toPoint())
    guest.wait(lambda: guest.find("distributions.reading", QLabel).text().startswith("Output · "))
    guest.window.selection.choose_neuron((3, 0))
    assert panel.now.content.lit == 2
    guest.trigger("theme")
    panel.grab()


def test_other_networks_and_a_diverged_one_are_shown_as_they_are(shown):
    guest, panel = shown
    config = dataclasses.replace(guest.bridge.config, optimizer=Rule("sgd", learning_rate=1e4))
    network = dataclasses.replace(
        guest.bridge.network,
        hidden=tuple(dataclasses.replace(layer, activation="relu") for layer in guest.bridge.network.hidden),
    )
    guest.bridge.failed.disconnect(guest.window.show_failure)
    guest.bridge.open(guest.bridge.dataset, network, config)
    guest.wait(lambda: guest.bridge.snapshot.network == network)
    guest.bridge.advance(30)
    guest.wait_for_rest()
    neurons = guest.find("distributions.neurons", QListWidget)
    guest.wait(lambda: neurons.count() > 0)
    panel.grab()
    chosen = neurons.item(0).data(Qt.ItemDataRole.UserRole)
    neurons.itemClicked.emit(neurons.item(0))
    assert guest.window.selection.neuron == chosen
    assert guest.find("distributions.health", QLabel).text().endswith("rows).")


def test_what_ails_a_network_is_one_sentence():
    assert sentence(Health((), 274, 274)) == "No silent, saturated or exploding neuron (274 rows)."
    ailments = (Ailment(1, 0, "silent", 1.0, ()), Ailment(1, 1, "silent", 1.0, ()), Ailment(2, 0, "saturated", 1.0, ()))
    assert sentence(Health(ailments, 64, 9000)) == "2 silent and 1 saturated neurons (64 of 9,000 rows)."


def test_numbers_at_axes_are_short():
    assert [axis_text(value) for value in (0.0, -0.5, 2e-9, -5e7, 0.01)] == ["0", "−0.5", "2e−9", "−5e7", "0.01"]
    assert [count_text(value) for value in (0, 739, 1000, 12_345, 2e7)] == ["0", "739", "1k", "12k", "20M"]
    assert [epoch_text(time) for time in (3.0, 3.25, 12_000.0)] == ["3", "3.2", "12,000"]


@pytest.mark.parametrize(
    ("time", "text"), [(3.0, "3"), (3.5, "3.5"), (1_450.2, "1,450"), (27_591.0, "27,591"), (217_400.0, "217k")]
)
def test_an_epoch_is_written_as_short_as_the_margin_is_narrow(time, text):
    assert short_epoch(time) == text
