"""What the canvas shows and how it is drawn, chosen in a real window."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QSlider, QToolButton

from ui.actions import ACTIONS
from ui.canvas.look import Look
from ui.canvas.modes import MODES
from ui.slots import LOOKS


def choose(guest, mode):
    combo = guest.find("canvas.mode", QComboBox)
    combo.setCurrentIndex(combo.findData(mode))
    combo.activated.emit(combo.currentIndex())


def shown(guest, layer=0):
    return guest.window.canvas.picture.edge_numbers(layer)


def test_every_mode_shows_the_numbers_it_names_and_follows_the_timeline(guest):
    window, bridge = guest.window, guest.bridge
    choose(guest, "update")
    assert "updated yet" in window.stage.note.text()
    guest.advance_to(2)
    guest.wait(lambda: shown(guest)[1].name == MODES["update"].edges)
    assert window.stage.note.text() == ""
    account = window.asking.account
    guest.wait(lambda: window.asking.fresh)
    account = window.asking.account
    step = account.last.explanation.update.step
    guest.wait(lambda: np.array_equal(shown(guest)[0].ravel(), step[: shown(guest)[0].size]))
    choose(guest, "gradients")
    np.testing.assert_array_equal(shown(guest)[0], account.batch.explanation.backward.layers[0].weight)
    assert shown(guest)[1].ramp == "gradient"
    choose(guest, "importance")
    assert (shown(guest)[0] >= 0.0).all()
    choose(guest, "contributions")
    assert not window.asking._wanting or id(window.stage.showing) not in window.asking._wanting
    plain = window.canvas.picture
    np.testing.assert_allclose(shown(guest)[0], plain.weights[0] * plain.activations[0][:, None])
    window.selection.choose_row(20)
    assert not np.array_equal(shown(guest)[0], plain.edge_values[0])
    start = bridge.snapshot
    choose(guest, "difference")
    guest.wait(lambda: shown(guest)[1].name == MODES["difference"].edges)
    assert guest.find("canvas.then", QComboBox).currentText().startswith("to start weights")
    assert np.abs(shown(guest)[0]).max() > 0.0
    bridge.go_to(0)
    guest.wait(lambda: bridge.snapshot is not start and bridge.snapshot.epoch == 0)
    assert np.abs(shown(guest)[0]).max() == 0.0
    assert window.stage._rest.edge_scale.name == MODES["difference"].edges
    window.motion.start()
    guest.wait(lambda: window.motion.phase is not None)
    assert window.stage._rest.edge_scale.name == "Weight"
    assert not guest.find("canvas.mode", QComboBox).isEnabled()
    window.motion.stop()
    assert guest.find("canvas.mode", QComboBox).isEnabled()
    window.filing.load("iris")
    guest.wait(lambda: bridge.dataset.name == "iris" and window.canvas.picture.sizes == bridge.snapshot.network.sizes)
    guest.wait(lambda: shown(guest)[1].name == MODES["difference"].edges)


def test_choices_are_actions_boxes_and_preferences(guest):
    window = guest.window
    assert window.canvas.look == Look()
    for name in LOOKS:
        before = getattr(window.canvas.look, name)
        guest.trigger(name)
        assert getattr(window.canvas.look, name) is not before
        assert window.stage.bar.choices.boxes[name].isChecked() is not before
        assert window.preferences.choice(name, default=before) is not before
        assert not window.canvas.grab().isNull()
        assert ACTIONS[name].keys[0] in window.stage.bar.choices.boxes[name].toolTip()
    window.stage.bar.choices.boxes["upright"].click()
    assert not window.canvas.look.upright
    assert not guest.action("upright").isChecked()


def test_the_slider_hides_weak_edges_and_counts_what_is_left(guest):
    window = guest.window
    guest.find("canvas.look", QToolButton).click()
    choices = window.stage.bar.choices
    guest.wait(choices.isVisible)
    count, slider = guest.find("canvas.count", QLabel), guest.find("canvas.weakest", QSlider)
    assert count.text() == "all 120 edges"
    slider.setValue(20)
    assert window.canvas.look.weakest == window.preferences.weakest == 0.2
    weights = np.concatenate([layer.weight.ravel() for layer in guest.bridge.snapshot.layers])
    left = int((np.abs(weights) >= 0.2 * 2.0).sum())
    assert count.text() == f"{left} of 120 edges"
    assert 0 < left < 120
    guest.bot.keyClick(choices, Qt.Key.Key_Escape)
    assert not choices.isVisible()


def test_the_controls_leave_the_title_its_room_and_take_every_theme(guest):
    window = guest.window
    bar, view = window.stage.bar, window.canvas
    assert view._page().corner > bar.width()
    assert bar.geometry().right() <= view.width()
    assert bar.geometry().bottom() <= view._page().header.height
    guest.trigger("theme")
    for widget in (bar.modes, bar.then, bar.look):
        assert widget.accessibleName()
        assert widget.toolTip()
    assert not view.grab().isNull()
